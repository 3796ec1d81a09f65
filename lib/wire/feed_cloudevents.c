/* feed_cloudevents.c — reads the CloudEvents 1.0 envelope and makes the fact.
 * Neighbours: feed.c hands over the bytes of one event, feed_binary.c one that came in headers;
 * feed_check.c and feed_data.c take care of `data`. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/json.h"
#include "closedloop/when.h"
#include "wire/feed_event.h"

#define FUTURE_MAX   (10 * WHEN_MINUTE) /* feeds.md §3, clock */
#define WARNINGS_CAP 1024
#define DETAIL_CAP   400
#define ECHO_MAX     256 /* Bytes of a source or id that is shown although it was refused. */

/* What is known of the event under way. */
struct reading {
	const struct feed_context *context;
	struct arena *arena;
	struct feed_event *out;
	cJSON *event; /* The whole in structured form. */
	struct text warnings;
};

enum reject feed_refuse(struct feed_event *out, struct arena *arena, enum reject reject,
			const char *format, ...)
{
	char room[DETAIL_CAP];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(room, sizeof(room), format, args);
	va_end(args);
	out->reject = reject;
	out->detail =
		arena_copy_bytes(arena, room, text_cut_at(room, strlen(room), DETAIL_CAP - 5));
	out->fact = NULL;
	return reject;
}

enum reject feed_parse(const char *bytes, size_t len, struct arena *arena, struct feed_event *out,
		       cJSON **tree)
{
	static const struct json_limits limits = JSON_LIMITS_EVENT;
	struct err err = ERR_INIT;

	*tree = NULL;
	if (json_parse(tree, bytes, len, &limits, &err) < 0) {
		*tree = NULL;
		return feed_refuse(out, arena, REJECT_BAD_JSON, "%s", err.text);
	}
	return REJECT_NONE;
}

/* --- attributes --- */

static const struct attribute {
	const char *name;
	size_t max; /* characters */
	bool required;
} attributes[] = {
	{.name = "id", .max = 128, .required = true},
	{.name = "source", .max = 256, .required = true},
	{.name = "type", .max = SIZE_MAX, .required = true}, /* Too long is unknown. */
	{.name = "time", .max = SIZE_MAX, .required = true}, /* Too long is no time. */
	{.name = "subject", .max = 128},
	{.name = "sequence", .max = 64},
	{.name = "datacontenttype", .max = 256},
};

static bool has_control(const char *string)
{
	for (; *string; string++) {
		if ((unsigned char)*string < 0x20 || *string == 0x7f)
			return true;
	}
	return false;
}

/* As much of a source or id as may be shown, whatever the verdict. */
const char *feed_echo(struct arena *arena, const cJSON *event, const char *name)
{
	const char *string = json_string(event, name);

	if (!string)
		return "";
	return arena_copy_bytes(arena, string, text_cut_at(string, strlen(string), ECHO_MAX));
}

static enum reject read_required(struct reading *r, const struct attribute *attribute,
				 const cJSON *value)
{
	if (!value || cJSON_IsNull(value))
		return feed_refuse(r->out, r->arena, REJECT_MISSING_ATTRIBUTE, "$.%s is missing",
				   attribute->name);
	if (!cJSON_IsString(value))
		return feed_refuse(r->out, r->arena,
				   strcmp(attribute->name, "time") == 0 ? REJECT_BAD_TIME
									: REJECT_BAD_VALUE,
				   "$.%s is not a text", attribute->name);
	if (!*value->valuestring)
		return feed_refuse(r->out, r->arena, REJECT_MISSING_ATTRIBUTE, "$.%s is empty",
				   attribute->name);
	if (text_count(value->valuestring) > attribute->max)
		return feed_refuse(r->out, r->arena, REJECT_TOO_LONG,
				   "$.%s is longer than %zu characters", attribute->name,
				   attribute->max);
	if (has_control(value->valuestring))
		return feed_refuse(r->out, r->arena, REJECT_BAD_VALUE,
				   "$.%s holds a control character", attribute->name);
	return REJECT_NONE;
}

/* An optional attribute that is not what it should be is as good as absent. */
static enum reject read_optional(struct reading *r, const struct attribute *attribute,
				 const cJSON *value)
{
	char sentence[80];

	if (!value || cJSON_IsNull(value))
		return REJECT_NONE;
	if (cJSON_IsString(value) && text_count(value->valuestring) > attribute->max)
		return feed_refuse(r->out, r->arena, REJECT_TOO_LONG,
				   "$.%s is longer than %zu characters", attribute->name,
				   attribute->max);
	if (!cJSON_IsString(value) || !*value->valuestring || has_control(value->valuestring)) {
		(void)snprintf(sentence, sizeof(sentence), "$.%s is not a text, ignored",
			       attribute->name);
		feed_warn(&r->warnings, sentence);
	}
	return REJECT_NONE;
}

static enum reject read_attributes(struct reading *r)
{
	const cJSON *version = json_get(r->event, "specversion");

	r->out->source = feed_echo(r->arena, r->event, "source");
	r->out->id = feed_echo(r->arena, r->event, "id");
	if (!version || cJSON_IsNull(version))
		return feed_refuse(r->out, r->arena, REJECT_MISSING_ATTRIBUTE,
				   "$.specversion is missing");
	if (!cJSON_IsString(version) || strcmp(version->valuestring, "1.0") != 0)
		return feed_refuse(r->out, r->arena, REJECT_BAD_SPECVERSION,
				   "$.specversion is not \"1.0\"");
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		const struct attribute *attribute = &attributes[i];
		const cJSON *value = json_get(r->event, attribute->name);
		enum reject reject = attribute->required ? read_required(r, attribute, value)
							 : read_optional(r, attribute, value);

		if (reject)
			return reject;
	}
	return REJECT_NONE;
}

/* A prefix covers what lies under it: "/pvg" covers "/pvg" and "/pvg/t2", not "/pvgx"; "/pvg/" only
 * what follows. */
static bool is_allowed(const struct feed_context *context, const char *source)
{
	for (size_t i = 0; i < context->sources_len; i++) {
		const char *prefix = context->sources[i];
		size_t len = strlen(prefix);

		if (len && strncmp(source, prefix, len) == 0 &&
		    (prefix[len - 1] == '/' || source[len] == '\0' || source[len] == '/'))
			return true;
	}
	return context->sources_len == 0;
}

static enum reject read_time(struct reading *r, enum fact_type type, int64_t *at)
{
	if (when_parse(json_string(r->event, "time"), at, NULL) < 0)
		return feed_refuse(r->out, r->arena, REJECT_BAD_TIME,
				   "$.time is no RFC 3339 time with offset");
	if (*at <= r->context->now + FUTURE_MAX)
		return REJECT_NONE;
	if (type != FACT_HEARTBEAT)
		return feed_refuse(r->out, r->arena, REJECT_TIME_IN_FUTURE,
				   "$.time is more than 10 minutes in the future");
	/* With a wrong clock it is still a sign of life. */
	feed_warn(&r->warnings, "$.time is more than 10 minutes in the future");
	return REJECT_NONE;
}

/* --- data --- */

/* application/json or application/ANYTHING+json, with or without parameters, or none named. */
static bool is_json_type(const char *type)
{
	size_t len = type ? strcspn(type, "; \t") : 0;
	char word[128];

	if (!type)
		return true;
	if (len >= sizeof(word))
		return false;
	for (size_t i = 0; i < len; i++)
		word[i] = (char)(type[i] >= 'A' && type[i] <= 'Z' ? type[i] - 'A' + 'a' : type[i]);
	word[len] = '\0';
	return text_starts(word, "application/") &&
	       (strcmp(word, "application/json") == 0 ||
		(len > 5 && strcmp(word + len - 5, "+json") == 0));
}

/* Put what data_base64 holds in the place of `data`, so that both forms are one event. */
static enum reject unwrap_base64(struct reading *r)
{
	const cJSON *wrapped = json_get(r->event, "data_base64");
	cJSON *data;
	size_t len;
	char *bytes;
	int got;

	if (!wrapped)
		return REJECT_NONE;
	if (json_get(r->event, "data"))
		return feed_refuse(r->out, r->arena, REJECT_BAD_VALUE,
				   "$.data and $.data_base64 exclude each other");
	if (!cJSON_IsString(wrapped))
		return feed_refuse(r->out, r->arena, REJECT_BAD_VALUE,
				   "$.data_base64 is not a text");
	len = strlen(wrapped->valuestring);
	bytes = arena_alloc(r->arena, len / 4 * 3 + 4);
	got = digest_unbase64(wrapped->valuestring, len, bytes, len / 4 * 3 + 4);
	if (got < 0)
		return feed_refuse(r->out, r->arena, REJECT_BAD_VALUE,
				   "$.data_base64 is not base 64");
	if (feed_parse(bytes, (size_t)got, r->arena, r->out, &data))
		return REJECT_BAD_JSON;
	cJSON_DeleteItemFromObjectCaseSensitive(r->event, "data_base64");
	cJSON_AddItemToObject(r->event, "data", data);
	return REJECT_NONE;
}

static enum reject read_data(struct reading *r, enum fact_type type)
{
	enum reject reject = unwrap_base64(r);
	const cJSON *data = json_get(r->event, "data");

	if (reject)
		return reject;
	if (!data || cJSON_IsNull(data)) {
		if (type == FACT_HEARTBEAT)
			return REJECT_NONE;
		return feed_refuse(r->out, r->arena, REJECT_MISSING_ATTRIBUTE, "$.data is missing");
	}
	if (!is_json_type(json_string(r->event, "datacontenttype")))
		return feed_refuse(r->out, r->arena, REJECT_BAD_VALUE,
				   "$.datacontenttype is no JSON media type");
	if (cJSON_IsObject(data))
		return REJECT_NONE;
	if (type != FACT_HEARTBEAT)
		return feed_refuse(r->out, r->arena, REJECT_BAD_VALUE, "$.data is not an object");
	feed_warn(&r->warnings, "$.data is not an object, ignored");
	return REJECT_NONE;
}

/* --- the fact --- */

/* Type, instant and data: what makes two bodies the same, whichever way they were sent (feeds.md
 * §3, idempotency). */
static void hash_event(struct reading *r, struct fact *fact)
{
	const cJSON *data = json_get(r->event, "data");
	cJSON *same = cJSON_CreateObject();
	char at[24];

	(void)snprintf(at, sizeof(at), "%lld", (long long)fact->stamp.at);
	cJSON_AddStringToObject(same, "type", fact_type_word(fact->type));
	cJSON_AddStringToObject(same, "time", at);
	if (data && !cJSON_IsNull(data))
		cJSON_AddItemReferenceToObject(same, "data",
					       cJSON_GetObjectItemCaseSensitive(r->event, "data"));
	json_hash(same, fact->hash);
	cJSON_Delete(same);
}

static void keep_body(struct reading *r, struct fact *fact)
{
	char *printed = cJSON_PrintUnformatted(r->event);

	if (!printed)
		mem_exhausted(r->out->raw_len);
	fact->body_len = strlen(printed);
	fact->body = arena_copy_bytes(r->arena, printed, fact->body_len);
	cJSON_free(printed);
}

/* The attribute as a fact keeps it, or NULL when it is absent or was ignored. */
static const char *attribute_of(struct reading *r, const char *name)
{
	const char *string = json_string(r->event, name);

	return string && *string && !has_control(string) ? arena_copy(r->arena, string) : NULL;
}

/* Everything is read but `data`: keep the body, then check and state. */
static enum reject make_fact(struct reading *r, enum fact_type type, int64_t at)
{
	struct fact *fact = arena_alloc(r->arena, sizeof(*fact));
	cJSON *data = cJSON_GetObjectItemCaseSensitive(r->event, "data");
	const char *basis;

	fact->type = type;
	fact->stamp.at = at;
	fact->stamp.id = attribute_of(r, "id");
	fact->stamp.source = attribute_of(r, "source");
	fact->stamp.sequence = attribute_of(r, "sequence");
	hash_event(r, fact);
	keep_body(r, fact); /* Before the check takes the broken parts out of the tree. */
	if (cJSON_IsObject(data)) {
		char room[DETAIL_CAP];
		struct text detail = TEXT_OVER(room);
		enum reject reject = feed_check(type, data, &r->warnings, &detail);

		if (reject)
			return feed_refuse(r->out, r->arena, reject, "%s", room);
	}
	basis = json_string(data, "basis");
	fact->stamp.rank = fact_rank(type, basis);
	feed_state(r->context, data, r->arena, fact);
	fact->warnings = r->warnings.data;
	r->out->fact = fact;
	return REJECT_NONE;
}

/* Judge R->event, which holds the event in structured form. */
static enum reject judge(struct reading *r)
{
	enum reject reject = read_attributes(r);
	int64_t at = 0;
	int type;

	if (reject)
		return reject;
	if (!is_allowed(r->context, json_string(r->event, "source")))
		return feed_refuse(r->out, r->arena, REJECT_SOURCE_NOT_ALLOWED,
				   "$.source is not among the sources this feed may speak for");
	type = fact_type_of(json_string(r->event, "type"));
	if (type < 0)
		return feed_refuse(r->out, r->arena, REJECT_UNKNOWN_TYPE,
				   "$.type is no event type of version 1");
	reject = read_time(r, (enum fact_type)type, &at);
	if (!reject)
		reject = read_data(r, (enum fact_type)type);
	if (!reject)
		reject = make_fact(r, (enum fact_type)type, at);
	return reject;
}

void feed_judge(cJSON *event, const struct feed_context *context, struct arena *arena,
		struct feed_event *out)
{
	struct reading r = {context, arena, out, event, {NULL, 0, 0, false}};

	assert(cJSON_IsObject(event));
	assert(context->zone);
	text_init(&r.warnings, arena_alloc(arena, WARNINGS_CAP), WARNINGS_CAP);
	out->reject = judge(&r);
	cJSON_Delete(event);
}

void feed_read_structured(const struct feed_context *context, struct arena *arena,
			  struct feed_event *out)
{
	cJSON *event;

	assert(out->raw || out->raw_len == 0);
	out->source = out->id = out->detail = "";
	if (out->raw_len > context->event_max) {
		(void)feed_refuse(out, arena, REJECT_TOO_LARGE, "the event has more than %zu bytes",
				  context->event_max);
		return;
	}
	if (feed_parse(out->raw, out->raw_len, arena, out, &event))
		return;
	if (!cJSON_IsObject(event)) {
		(void)feed_refuse(out, arena, REJECT_NOT_AN_EVENT, "$ is not an object");
		cJSON_Delete(event);
		return;
	}
	feed_judge(event, context, arena, out);
}
