/* api_silences.c — silences: made with an author, a reason and an end; listed with how many alerts
 * each hides; ended early. Neighbours: loop/silence.c has the rules, engine's hold.c does what is
 * asked; view.c shows them at their alerts. */
#include "daemon/api_private.h"

#include <stdlib.h>
#include <string.h>

#define REASON_MAX 200
#define LIST_MAX   1000000u /* All open alerts. */

static int64_t number_of(const char *text)
{
	if (text_starts(text, "S-"))
		text += 2;
	if (!text_is_digits(text, strlen(text)) || strlen(text) > 12)
		return -1;
	return strtoll(text, NULL, 10);
}

/* --- Shown --- */

struct hidden {
	const struct silence *silences;
	size_t len;
	const char *fallback;
	int64_t now;
	int64_t *counts;
};

static void count_hidden(void *context, const void *row)
{
	struct hidden *hidden = context;

	for (size_t i = 0; i < hidden->len; i++)
		hidden->counts[i] +=
			silence_hides(&hidden->silences[i], row, hidden->fallback, hidden->now);
}

static cJSON *silence_json(const struct view *view, const struct silence *silence, int64_t hides)
{
	cJSON *out = cJSON_CreateObject();
	char number[24];

	cJSON_AddStringToObject(out, "id", view_silence_number(silence->id, number));
	view_text(out, "kind", silence->kind);
	view_text(out, "unit", silence->unit);
	view_text(out, "subject", silence->subject);
	cJSON_AddStringToObject(out, "by", silence->author);
	view_text(out, "reason", view->coded ? NULL : silence->reason);
	view_time(view, out, "made_at", silence->made_at);
	view_time(view, out, "until", silence->ends_at);
	cJSON_AddBoolToObject(out, "force", silence->force);
	view_time(view, out, "ended_at", silence->ended_at);
	view_text(out, "ended_by", silence->ended_by);
	cJSON_AddNumberToObject(out, "hides", (double)hides);
	return out;
}

/* How many of the open alerts she may see each of SILENCES hides now. */
static int count_all(struct visit *visit, const struct silence *silences, size_t len,
		     int64_t *counts, struct err *err)
{
	struct hidden hidden = {.silences = silences,
				.len = len,
				.fallback = visit->api->conf->fallback,
				.now = visit->now,
				.counts = counts};
	struct store *store = visit->api->store;

	return store->ops->alerts_see(store, visit->caller.scope, NULL, true, LIST_MAX,
				      count_hidden, &hidden, err);
}

struct listing {
	struct arena *arena;
	struct silence *silences;
	size_t len, cap;
};

static void list_row(void *context, const void *row)
{
	struct listing *listing = context;
	const struct silence *silence = row;

	if (listing->len == listing->cap) {
		size_t cap = listing->cap ? 2 * listing->cap : 16;
		struct silence *silences = arena_alloc(listing->arena, cap * sizeof(*silences));

		if (listing->len)
			memcpy(silences, listing->silences, listing->len * sizeof(*silences));
		listing->silences = silences;
		listing->cap = cap;
	}
	listing->silences[listing->len++] = *silence;
}

void api_silences(struct visit *visit)
{
	const struct view view = visit_view(visit);
	struct listing listing = {.arena = &visit->arena};
	struct store *store = visit->api->store;
	struct err err = ERR_INIT;
	int rc = store->ops->silences_see(store, visit->caller.scope, visit->now, list_row,
					  &listing, &err);
	int64_t *counts = arena_alloc(&visit->arena, (listing.len + 1) * sizeof(*counts));

	if (rc == 0)
		rc = count_all(visit, listing.silences, listing.len, counts, &err);
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	cJSON *out = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(out, "silences");

	for (size_t i = 0; i < listing.len; i++)
		cJSON_AddItemToArray(list, silence_json(&view, &listing.silences[i], counts[i]));
	reply_json(visit, 200, out);
}

static void reply_silence(struct visit *visit, int64_t id, int status)
{
	const struct view view = visit_view(visit);
	struct store *store = visit->api->store;
	struct silence silence;
	struct err err = ERR_INIT;
	int64_t hides = 0;
	int rc = store->ops->silence_see(store, visit->caller.scope, id, &silence, &err);

	if (rc == 0)
		rc = count_all(visit, &silence, 1, &hides, &err);
	if (rc < 0)
		reply_error(visit, rc, &err);
	else
		reply_json(visit, status, silence_json(&view, &silence, hides));
}

/* --- Made --- */

static bool refuse(struct visit *visit, const char *detail)
{
	reply_problem(visit, 400, "bad_value", detail);
	return false;
}

/* A text member into BUF; what is misread as absent would hide more than was meant. */
static bool take_text(struct visit *visit, const cJSON *body, const char *name, char *buf,
		      size_t cap)
{
	const cJSON *member = json_get(body, name);

	if (!member || cJSON_IsNull(member))
		return true;
	if (!cJSON_IsString(member))
		return refuse(visit, arena_printf(&visit->arena, "$.%s is no text", name));
	const char *value = body_text(visit, body, name, REASON_MAX);

	if (value && !text_copy(buf, cap, value))
		return refuse(visit, arena_printf(&visit->arena, "$.%s is longer than %zu bytes",
						  name, cap - 1));
	return true;
}

static bool check_members(struct visit *visit, const cJSON *body)
{
	static const char *const known[] = {"kind", "unit",  "subject", "reason",
					    "by",   "until", "force",	"time"};
	const cJSON *member;

	cJSON_ArrayForEach(member, body)
	{
		bool found = false;

		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			found = found || strcmp(member->string, known[i]) == 0;
		if (!found)
			return refuse(visit,
				      "a silence knows kind, unit, subject, reason, by, until and "
				      "force, nothing else");
	}
	return true;
}

static bool read_silence(struct visit *visit, const cJSON *body, struct silence *silence)
{
	const char *until = json_string(body, "until");
	const cJSON *force = json_get(body, "force");
	struct err err = ERR_INIT;

	if (!check_members(visit, body) ||
	    !take_text(visit, body, "kind", silence->kind, sizeof(silence->kind)) ||
	    !take_text(visit, body, "unit", silence->unit, sizeof(silence->unit)) ||
	    !take_text(visit, body, "subject", silence->subject, sizeof(silence->subject)) ||
	    !take_text(visit, body, "by", silence->author, sizeof(silence->author)) ||
	    !take_text(visit, body, "reason", silence->reason, sizeof(silence->reason)))
		return false;
	if (!text_is_digits(silence->unit, strlen(silence->unit)))
		return refuse(visit, "$.unit is no prefix of a unit code");
	if (force && !cJSON_IsBool(force))
		return refuse(visit, "$.force is neither true nor false");
	silence->force = cJSON_IsTrue(force);
	if (!until || when_parse(until, &silence->ends_at, &err) < 0) {
		reply_problem(visit, 400, "bad_time",
			      "$.until is no RFC 3339 time with offset: a silence has an end");
		return false;
	}
	/* As the engine will; asked here so that the answer comes before the commit. */
	int rc = silence_check(silence, visit->api->conf->fallback, visit->now, &err);

	return rc == 0 || refuse(visit, err.text);
}

static void answer_made(struct visit *visit, const struct fact_result *results)
{
	const struct fact *fact = visit->facts[0];
	struct store *store = visit->api->store;
	struct err err = ERR_INIT;
	bool same = false;
	int64_t seq = 0;

	if (!visit_accepted(visit, results))
		return;
	/* A silence has the number of the fact that made it: a repetition finds it again. */
	int rc = store->ops->fact_find(store, fact->stamp.source, fact->stamp.id, fact->hash, &seq,
				       &same, &err);
	if (rc < 0)
		reply_error(visit, rc, &err);
	else
		reply_silence(visit, seq, 201);
}

void api_silence(struct visit *visit)
{
	struct silence *silence = arena_alloc(&visit->arena, sizeof(*silence));
	cJSON *body = visit_body(visit);
	struct fact *fact;

	if (!body)
		return;
	silence->ended_at = WHEN_NEVER;
	if (read_silence(visit, body, silence)) {
		if (!caller_covers(&visit->caller, silence->unit)) {
			reply_problem(visit, 403, "forbidden",
				      "$.unit is not within what the token is for.");
		} else if (visit_fact(visit, FACT_SILENCED, "silences", body, &fact)) {
			fact->silence = silence;
			fact->reason = silence->reason;
			visit_submit(visit, fact, answer_made);
		}
	}
	cJSON_Delete(body);
}

/* --- Ended --- */

static void answer_ended(struct visit *visit, const struct fact_result *results)
{
	if (visit_accepted(visit, results))
		reply_silence(visit, visit->facts[0]->silence->id, 200);
}

void api_silence_end(struct visit *visit)
{
	struct silence *silence = arena_alloc(&visit->arena, sizeof(*silence));
	struct store *store = visit->api->store;
	int64_t id = number_of(visit->part[0]);
	struct err err = ERR_INIT;
	struct fact *fact;
	cJSON *body;
	char number[24];
	int rc = id > 0 ? store->ops->silence_see(store, visit->caller.scope, id, silence, &err)
			: CL_ENOENT;

	if (rc < 0 && rc != CL_ENOENT) {
		reply_error(visit, rc, &err);
		return;
	}
	if (rc < 0) {
		reply_problem(visit, 404, "not_found", "There is no such silence.");
		return;
	}
	body = visit_body(visit);
	if (!body)
		return;
	if (visit_fact(visit, FACT_SILENCE_ENDED,
		       arena_printf(&visit->arena, "silence/%s", view_silence_number(id, number)),
		       body, &fact)) {
		fact->silence = silence;
		fact->reason = body_text(visit, body, "reason", REASON_MAX);
		visit_submit(visit, fact, answer_ended);
	}
	cJSON_Delete(body);
}
