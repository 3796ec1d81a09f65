/* api_look.c — looks at personal data are facts: each is a line of the ledger, committed before the
 * answer leaves. Whose line cannot be written gets no data. Neighbours: api.c brings the lines into
 * the turn's transaction, api_reply.c makes the answers.
 *
 * Who looks at the same thing again within access.read_again is not written down again; the memory
 * for that is small, and what falls out of it is only written once more. */
#include "daemon/api_private.h"

#include <string.h>

#define PURPOSE_MAX 120 /* Characters. */
#define DIGITS_MAX  5	/* In a row: more are somebody's number. */
#define GROUPED_MAX 8	/* In groups: as many as a date has. */

static const char *role_word(enum conf_role role)
{
	static const char *const words[] = {[ROLE_FEED] = "feed",
					    [ROLE_COMMITTEE] = "committee",
					    [ROLE_DUTY] = "duty",
					    [ROLE_AUDITOR] = "auditor",
					    [ROLE_OPERATOR] = "operator"};

	return (size_t)role < ARRAY_LEN(words) && words[role] ? words[role] : "link";
}

/* The digit that TEXT begins with, its bytes to LEN, one of full width too; 0: none. */
static size_t digit_at(const char *text)
{
	if (*text >= '0' && *text <= '9')
		return 1;
	/* U+FF10 to U+FF19 */
	return strncmp(text, "\xef\xbc", 2) == 0 && (unsigned char)text[2] >= 0x90 &&
			       (unsigned char)text[2] <= 0x99
		       ? 3
		       : 0;
}

/* How much of TEXT, which begins with a digit, is one number as people write it: in a row, or in
 * groups. DIGITS of them. */
static size_t number_len(const char *text, unsigned *digits, unsigned *row)
{
	size_t len = 0, end = 0;
	unsigned in_row = 0;

	*digits = *row = 0;
	while (text[len]) {
		size_t digit = digit_at(text + len);

		if (digit == 0 && !strchr(" -.()/", text[len]))
			break;
		in_row = digit ? in_row + 1 : 0;
		*digits += digit ? 1 : 0;
		if (in_row > *row)
			*row = in_row;
		len += digit ? digit : 1;
		end = digit ? len : end;
	}
	return end;
}

/* Whatever looks like a phone's or a document's number is made unreadable: the ledger is for
 * ever. A date may stay. */
static void mask_numbers(char *text)
{
	char *to = text;

	while (*text) {
		unsigned digits, row;
		size_t len = digit_at(text) ? number_len(text, &digits, &row) : 0;
		bool hers = len > 0 && (row > DIGITS_MAX || digits > GROUPED_MAX);
		char *end = text + (len > 0 ? len : 1);

		while (text < end) {
			size_t digit = digit_at(text);

			if (hers && digit) {
				*to++ = '#';
				text += digit;
			} else {
				*to++ = *text++;
			}
		}
	}
	*to = '\0';
}

const char *visit_purpose(struct visit *visit)
{
	const char *said = http_header(visit->call->request, "x-purpose");

	if (!said || !text_is_utf8(said, strlen(said)))
		return "";
	char *purpose = arena_copy(&visit->arena, said + strspn(said, " "));

	while (text_count(purpose) > PURPOSE_MAX)
		purpose[text_cut_at(purpose, strlen(purpose), strlen(purpose) - 1)] = '\0';
	for (char *c = purpose; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	}
	mask_numbers(purpose);
	return purpose;
}

/* {"who":"ganquan","role":"committee","route":"GET /v1/aliases","what":"2 lessons …","why":""} */
static const char *note_of(struct visit *visit, const char *what)
{
	const struct http_request *request = visit->call->request;
	cJSON *note = cJSON_CreateObject();

	cJSON_AddStringToObject(note, "who", visit->caller.name);
	cJSON_AddStringToObject(note, "role", role_word(visit->caller.role));
	cJSON_AddStringToObject(note, "route",
				arena_printf(&visit->arena, "%s %s", request->method,
					     visit->route->path));
	if (what)
		cJSON_AddStringToObject(note, "what", what);
	cJSON_AddStringToObject(note, "why", visit_purpose(visit));
	char *printed = cJSON_PrintUnformatted(note);

	if (!printed)
		mem_exhausted(0);
	const char *copy = arena_copy(&visit->arena, printed);

	cJSON_free(printed);
	cJSON_Delete(note);
	return copy;
}

static struct look_row *row_of(struct api *api, uint64_t key)
{
	return &api->looks[key % LOOK_ROWS];
}

/* What makes a look the same: who, at whom, by which route, why, and of a list what was asked for.
 */
static uint64_t key_of(struct visit *visit, const struct look *look)
{
	const struct http_request *request = visit->call->request;
	/* Of one record the query shows nobody else: another one each time would fill the disk. */
	bool list = !*look->journey && request->query;
	const char *said = arena_printf(&visit->arena, "%s\n%s\n%s", look->journey, look->note,
					list ? request->query : "");
	uint8_t hash[16];
	uint64_t key;

	digest_blake2b(visit->api->token_key, sizeof(visit->api->token_key), said, strlen(said),
		       hash, sizeof(hash));
	memcpy(&key, hash, sizeof(key));
	return key;
}

static struct look look_of(struct visit *visit, const char *journey, const char *what)
{
	return (struct look){.journey = arena_copy(&visit->arena, journey),
			     .what = "read",
			     .note = note_of(visit, what)};
}

void visit_look(struct visit *visit, const char *journey, const char *what)
{
	const struct look look = look_of(visit, journey, what);
	uint64_t key = key_of(visit, &look);
	const struct look_row *row = row_of(visit->api, key);

	/* A clock that was set back knows nothing of what it has seen since. */
	if (row->key == key && row->at <= visit->now &&
	    visit->now - row->at < visit->api->conf->access.read_again)
		return;
	visit->look = look;
	visit->look_key = key;
}

void visit_look_always(struct visit *visit, const char *journey, const char *what)
{
	visit->look = look_of(visit, journey, what);
	visit->look_key = 0;
}

int visit_note(struct visit *visit, const char *what, const char *more, struct err *err)
{
	cJSON *note = cJSON_CreateObject();

	cJSON_AddStringToObject(note, "who", visit->caller.name);
	if (more)
		cJSON_AddStringToObject(note, "what", more);
	char *printed = cJSON_PrintUnformatted(note);

	if (!printed)
		mem_exhausted(0);
	int rc = engine_note(visit->api->engine, "", what, printed, visit->now, err);

	cJSON_free(printed);
	cJSON_Delete(note);
	return rc;
}

void look_written(struct visit *visit)
{
	if (visit->look.what && visit->look_key)
		*row_of(visit->api, visit->look_key) =
			(struct look_row){.key = visit->look_key, .at = visit->now};
}

/* --- The answer ---------------------------------------------------------------------------- */

static void send_held(struct visit *visit, const struct fact_result *results)
{
	const struct held_answer *held = &visit->held;

	(void)results;
	http_answer(visit->call, held->status, held->type, held->body, held->len, held->extra,
		    held->extra_len);
}

void visit_send(struct visit *visit, int status, const char *type, const char *body, size_t len,
		const struct http_extra *extra, size_t extra_len)
{
	struct held_answer *held = &visit->held;

	if (!visit->look.what || visit->committed) {
		http_answer(visit->call, status, type, body, len, extra, extra_len);
		return;
	}
	*held = (struct held_answer){.status = status,
				     .type = type,
				     .body = arena_copy_bytes(&visit->arena, body, len),
				     .len = len,
				     .extra_len = extra_len};
	held->extra = arena_alloc(&visit->arena, (extra_len + 1) * sizeof(*held->extra));
	for (size_t i = 0; i < extra_len; i++)
		held->extra[i] =
			(struct http_extra){.name = extra[i].name,
					    .value = arena_copy(&visit->arena, extra[i].value)};
	visit->answer = send_held;
}
