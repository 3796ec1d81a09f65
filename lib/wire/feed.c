/* feed.c — takes what a feed posted apart into events: by media type, out of a batch, line by line.
 * Neighbours: feed_cloudevents.c judges each event; http_in and the spool call here. */
#include <assert.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "wire/feed_event.h"

static const char *const reject_words[] = {
	[REJECT_NONE] = "none",
	[REJECT_BAD_JSON] = "bad_json",
	[REJECT_NOT_AN_EVENT] = "not_an_event",
	[REJECT_BAD_SPECVERSION] = "bad_specversion",
	[REJECT_MISSING_ATTRIBUTE] = "missing_attribute",
	[REJECT_TOO_LONG] = "too_long",
	[REJECT_UNKNOWN_TYPE] = "unknown_type",
	[REJECT_BAD_TIME] = "bad_time",
	[REJECT_TIME_IN_FUTURE] = "time_in_future",
	[REJECT_MISSING_FIELD] = "missing_field",
	[REJECT_BAD_VALUE] = "bad_value",
	[REJECT_ID_REUSE] = "id_reuse",
	[REJECT_CHARSET] = "charset",
	[REJECT_TOO_LARGE] = "too_large",
	[REJECT_SOURCE_NOT_ALLOWED] = "source_not_allowed",
	[REJECT_GONE] = "gone",
};
_Static_assert(ARRAY_LEN(reject_words) == REJECT_GONE + 1, "the last reject lacks its word");

const char *reject_word(enum reject reject)
{
	assert(reject < ARRAY_LEN(reject_words));
	return reject_words[reject];
}

/* One body under way. */
struct body {
	const char *bytes;
	size_t len;
	const struct http_request *request; /* NULL when it came from a file. */
	const struct feed_context *context;
	struct arena *arena;
	struct feed_batch *out;
	enum reject *whole;
	struct err *err;
};

static int refuse_whole(const struct body *body, int status, enum reject reject, const char *why)
{
	*body->whole = reject;
	(void)err_set(body->err, status == 413 ? CL_ELIMIT : CL_EINVAL, "%s", why);
	return status;
}

/* Room for COUNT events. */
static void make_room(const struct body *body, size_t count)
{
	body->out->len = 0;
	body->out->single = false;
	body->out->events = arena_alloc(body->arena, count * sizeof(*body->out->events) + 1);
}

static void judge_slice(const struct body *body, size_t index, const char *bytes, size_t len)
{
	struct feed_event *event = &body->out->events[body->out->len++];

	event->index = (unsigned)index;
	event->raw = bytes;
	event->raw_len = len;
	feed_read_structured(body->context, body->arena, event);
}

/* --- one event --- */

static int read_single(const struct body *body)
{
	if (body->len > body->context->event_max)
		return refuse_whole(body, 413, REJECT_TOO_LARGE, "the event is too large");
	make_room(body, 1);
	body->out->single = true;
	judge_slice(body, 0, body->bytes, body->len);
	return 0;
}

static int read_binary(const struct body *body)
{
	struct feed_event *event;

	if (!http_header(body->request, "ce-specversion"))
		return refuse_whole(body, 400, REJECT_NOT_AN_EVENT,
				    "application/json needs the ce- headers of a CloudEvent; send "
				    "application/cloudevents+json for the structured mode");
	if (body->len > body->context->event_max)
		return refuse_whole(body, 413, REJECT_TOO_LARGE, "the event is too large");
	make_room(body, 1);
	body->out->single = true;
	event = &body->out->events[body->out->len++];
	event->raw = body->bytes;
	event->raw_len = body->len;
	feed_read_binary(body->request, body->context, body->arena, event);
	return 0;
}

/* --- a batch --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks(const struct body *body, size_t at)
{
	while (at < body->len && is_blank(body->bytes[at]))
		at++;
	return at;
}

/* Where the JSON value that begins at AT ends, judged by quotes and brackets alone. What lies
 * between is scanned for itself later, so that a value with a fault inside does not sink its
 * neighbours. */
static size_t skip_value(const struct body *body, size_t at)
{
	size_t depth = 0;
	bool quoted = false;

	for (; at < body->len; at++) {
		char c = body->bytes[at];

		if (quoted) {
			if (c == '\\')
				at++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
			return at;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return body->len;
}

static size_t trimmed(const char *bytes, size_t len)
{
	while (len && is_blank(bytes[len - 1]))
		len--;
	return len;
}

/* Walk over the elements of the array that begins at AT; judge them when JUDGE. Returns how many
 * there are, or -1 when the array does not hold together. */
static long walk_batch(const struct body *body, size_t at, bool judge)
{
	long count = 0;

	at = skip_blanks(body, at + 1);
	if (at < body->len && body->bytes[at] == ']')
		return skip_blanks(body, at + 1) == body->len ? 0 : -1;
	while (at < body->len) {
		size_t end = skip_value(body, at);
		size_t len = trimmed(body->bytes + at, end - at);

		if (end >= body->len || body->bytes[end] == '}' || len == 0)
			return -1;
		if (judge)
			judge_slice(body, (size_t)count, body->bytes + at, len);
		count++;
		at = skip_blanks(body, end + 1);
		if (body->bytes[end] == ']')
			return at == body->len ? count : -1;
	}
	return -1;
}

static int read_batch(const struct body *body)
{
	static const struct json_limits limits = JSON_LIMITS_EVENT;
	size_t start = skip_blanks(body, 0);
	long count;

	if (start < body->len && body->bytes[start] != '[') {
		if (json_scan(body->bytes, body->len, &limits, NULL) < 0)
			return refuse_whole(body, 400, REJECT_BAD_JSON, "the batch is not JSON");
		return refuse_whole(body, 400, REJECT_NOT_AN_EVENT, "a batch is a JSON array");
	}
	count = walk_batch(body, start, false);
	if (count < 0)
		return refuse_whole(body, 400, REJECT_BAD_JSON,
				    "the batch is not a whole JSON array");
	if ((unsigned long)count > body->context->events_max)
		return refuse_whole(body, 413, REJECT_TOO_LARGE, "the batch holds too many events");
	make_room(body, (size_t)count);
	(void)walk_batch(body, start, true);
	return 0;
}

/* --- lines --- */

/* Walk over the lines that are not blank; judge them when JUDGE. Returns how many there are. */
static size_t walk_lines(const struct body *body, bool judge)
{
	size_t count = 0, index = 0;

	for (size_t at = 0; at < body->len; index++) {
		const char *line = body->bytes + at;
		const char *end = memchr(line, '\n', body->len - at);
		size_t len = end ? (size_t)(end - line) : body->len - at;

		at += len + 1;
		len = trimmed(line, len);
		if (len == 0)
			continue;
		if (judge)
			judge_slice(body, index, line, len);
		count++;
	}
	return count;
}

static int read_lines(const struct body *body)
{
	size_t count = walk_lines(body, false);

	if (count > body->context->events_max)
		return refuse_whole(body, 413, REJECT_TOO_LARGE, "the body holds too many events");
	make_room(body, count);
	(void)walk_lines(body, true);
	return 0;
}

int feed_read_ndjson(const char *bytes, size_t len, const struct feed_context *context,
		     struct arena *arena, struct feed_batch *out, struct err *err)
{
	enum reject whole = REJECT_NONE;
	const struct body body = {bytes, len, NULL, context, arena, out, &whole, err};

	assert(bytes || len == 0);
	return read_lines(&body) == 0 ? 0 : CL_ELIMIT;
}

/* --- media types --- */

static int read_edifact(const struct body *body)
{
	return refuse_whole(body, 415, REJECT_NOT_AN_EVENT,
			    "this version does not read EDIFACT; send CloudEvents as "
			    "application/cloudevents+json");
}

static const struct format {
	const char *type; /* lower case */
	int (*read)(const struct body *body);
} formats[] = {
	{.type = "application/cloudevents+json", .read = read_single},
	{.type = "application/cloudevents-batch+json", .read = read_batch},
	{.type = "application/x-ndjson", .read = read_lines},
	{.type = "application/json", .read = read_binary},
	{.type = "application/edifact", .read = read_edifact},
};

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* TEXT[0..LEN) equals WORD but for the case of letters. */
static bool is_word(const char *text, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++) {
		if (lower(text[i]) != word[i]) /* Also where the word ends. */
			return false;
	}
	return word[len] == '\0';
}

/* Look through the parameters after the media type. False when there is a charset other than UTF-8.
 */
static bool is_utf8_charset(const char *parameters)
{
	static const char stop[] = "; \t";
	const char *at = parameters;

	while (*(at += strspn(at, stop))) {
		size_t name_len = strcspn(at, "=; \t");
		const char *value = at + name_len;
		size_t len;

		if (*value != '=') {
			at = value;
			continue;
		}
		value++;
		if (*value == '"') {
			value++;
			len = strcspn(value, "\"");
		} else {
			len = strcspn(value, stop);
		}
		if (is_word(at, name_len, "charset") && !is_word(value, len, "utf-8"))
			return false;
		at = value + len;
		if (*at == '"')
			at++;
	}
	return true;
}

/* A heartbeat in binary mode needs neither body nor media type. */
static bool is_bare_binary(const struct http_request *request, const char *type)
{
	return !type && request->body_len == 0 && http_header(request, "ce-specversion");
}

int feed_read_http(const struct http_request *request, const struct feed_context *context,
		   struct arena *arena, struct feed_batch *out, enum reject *whole, struct err *err)
{
	const struct body body = {request->body ? request->body : "",
				  request->body_len,
				  request,
				  context,
				  arena,
				  out,
				  whole,
				  err};
	const char *type = http_header(request, "content-type");
	size_t len;

	*whole = REJECT_NONE;
	out->len = 0;
	out->events = NULL;
	if (is_bare_binary(request, type))
		return read_binary(&body);
	if (!type)
		return refuse_whole(&body, 415, REJECT_NOT_AN_EVENT, "Content-Type is missing");
	len = strcspn(type, "; \t");
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (!is_word(type, len, formats[i].type))
			continue;
		if (!is_utf8_charset(type + len))
			return refuse_whole(&body, 415, REJECT_CHARSET,
					    "the charset must be utf-8");
		return formats[i].read(&body);
	}
	return refuse_whole(
		&body, 415, REJECT_NOT_AN_EVENT,
		"send application/cloudevents+json, application/cloudevents-batch+json, "
		"application/x-ndjson, or application/json with ce- headers");
}
