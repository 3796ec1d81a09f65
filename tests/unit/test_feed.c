/* test_feed.c — what feeds send becomes facts; what cannot is refused by its code, what is odd is
 * kept with a warning. Neighbours: lib/wire/feed*.c; tests/data/http_requests.json and s1 to s6. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "closedloop/digest.h"
#include "closedloop/feed.h"
#include "closedloop/text.h"

#define NOW  "2020-03-08T10:00:00+08:00"
#define EAST (8 * 3600)

static struct arena arena;
static struct zone *zone;
static struct feed_context context;
static struct feed_batch batch;
static enum reject whole;
static struct err err;

static int begin(void **state)
{
	(void)state;
	arena = (struct arena)ARENA_INIT;
	zone = zone_fixed(EAST);
	context = (struct feed_context){
		.zone = zone, .event_max = 65536, .events_max = 1000, .unit = "31"};
	err = (struct err)ERR_INIT;
	if (digest_init(NULL) < 0 || when_parse(NOW, &context.now, NULL) < 0)
		return -1;
	return 0;
}

static int end(void **state)
{
	(void)state;
	zone_free(zone);
	arena_release(&arena);
	return 0;
}

static int64_t at(const char *text)
{
	int64_t instant;

	assert_int_equal(when_parse(text, &instant, NULL), 0);
	return instant;
}

/* --- data files --- */

static char *load(const char *name, size_t *len)
{
	const char *dir = getenv("CLOSEDLOOP_TEST_DATA");
	const size_t cap = 65536;
	char path[512];
	char *bytes = arena_alloc(&arena, cap);
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests/data", name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("cannot open %s", path);
	*len = fread(bytes, 1, cap - 1, file);
	(void)fclose(file);
	assert_true(*len < cap - 1);
	bytes[*len] = '\0';
	return bytes;
}

static cJSON *load_json(const char *name)
{
	size_t len;
	cJSON *tree = cJSON_Parse(load(name, &len));

	assert_non_null(tree);
	return tree;
}

/* --- posting --- */

static int post(const char *body, size_t len, size_t headers_len, const struct http_header *headers)
{
	struct http_header copy[12];
	struct http_request request = {.method = "POST",
				       .path = "/v1/events",
				       .query = "",
				       .headers = copy,
				       .headers_len = headers_len,
				       .body = arena_copy_bytes(&arena, body, len),
				       .body_len = len};

	assert_true(headers_len <= ARRAY_LEN(copy));
	if (headers_len)
		memcpy(copy, headers, headers_len * sizeof(*headers));
	return feed_read_http(&request, &context, &arena, &batch, &whole, &err);
}

static int post_as(const char *type, const char *body)
{
	const struct http_header header = {"Content-Type", type};

	return post(body, strlen(body), 1, &header);
}

/* The status a single POST is answered with. */
static int status_of(int rc)
{
	if (rc)
		return rc;
	return batch.single && batch.events[0].reject ? 400 : 202;
}

static const char *event_of(const char *type, const char *data)
{
	return arena_printf(
		&arena,
		"{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/pvg/t2\",\"type\":"
		"\"org.closedloopd.%s.v1\",\"time\":\"" NOW "\",\"data\":%s}",
		type, data);
}

/* Judge one structured event. */
static const struct feed_event *judge(const char *event)
{
	assert_int_equal(post_as("application/cloudevents+json", event), 0);
	assert_true(batch.single);
	assert_int_equal(batch.len, 1);
	return &batch.events[0];
}

static const struct fact *accept(const char *type, const char *data)
{
	const struct feed_event *event = judge(event_of(type, data));

	if (event->reject)
		fail_msg("%s: %s (%s)", type, reject_word(event->reject), event->detail);
	assert_non_null(event->fact);
	return event->fact;
}

static void refuse(enum reject reject, const char *type, const char *data)
{
	const struct feed_event *event = judge(event_of(type, data));

	if (event->reject != reject)
		fail_msg("%s: %s (%s), not %s", data, reject_word(event->reject), event->detail,
			 reject_word(reject));
	assert_null(event->fact);
	assert_true(strlen(event->detail) > 0);
	assert_string_equal(event->id, "e1");
	assert_string_equal(event->source, "/pvg/t2");
}

#define TRAVELER(members)                                                                          \
	"{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"LI GUANG\"}" members                   \
	"},\"basis\":\"api\"}"
#define FLIGHT                                                                                     \
	"{\"carrier\":\"XX\",\"number\":\"363\",\"arrival\":\"PVG\","                              \
	"\"sched_arr\":\"2020-03-08T11:40:00+08:00\"}"

/* --- requests from the data files --- */

static int post_recorded(const cJSON *recorded)
{
	const cJSON *headers = cJSON_GetObjectItemCaseSensitive(recorded, "headers");
	const char *body = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(recorded, "body"));
	struct http_header list[12];
	size_t len = 0;
	const cJSON *header;

	cJSON_ArrayForEach(header, headers)
	{
		assert_true(len < ARRAY_LEN(list));
		list[len++] = (struct http_header){header->string, header->valuestring};
	}
	return post(body, strlen(body), len, list);
}

static void every_recorded_request_gets_its_status(void **state)
{
	cJSON *requests = load_json("http_requests.json");
	const cJSON *recorded;
	int seen = 0;

	(void)state;
	cJSON_ArrayForEach(recorded, requests)
	{
		int expect = cJSON_GetObjectItemCaseSensitive(recorded, "expect")->valueint;
		int status = status_of(post_recorded(recorded));

		if (status != expect)
			fail_msg("%s: %d, not %d",
				 cJSON_GetObjectItemCaseSensitive(recorded, "name")->valuestring,
				 status, expect);
		seen++;
	}
	assert_int_equal(seen, 10);
	cJSON_Delete(requests);
}

static void one_event_has_one_hash_in_every_mode(void **state)
{
	cJSON *requests = load_json("http_requests.json");
	uint8_t hash[DIGEST_KEY_LEN];
	const cJSON *recorded;
	int same = 0;

	(void)state;
	cJSON_ArrayForEach(recorded, requests)
	{
		if (status_of(post_recorded(recorded)) != 202 || batch.len == 0)
			continue;
		for (size_t i = 0; i < batch.len; i++) {
			assert_int_equal(batch.events[i].reject, REJECT_NONE);
			assert_int_equal(batch.events[i].index, i);
			if (same++ == 0)
				memcpy(hash, batch.events[i].fact->hash, sizeof(hash));
			assert_memory_equal(batch.events[i].fact->hash, hash, sizeof(hash));
		}
	}
	assert_int_equal(same, 6); /* structured, binary, two in the batch, percent, base64 */
	cJSON_Delete(requests);
}

static const cJSON *find_recorded(const cJSON *requests, const char *name)
{
	const cJSON *recorded;

	cJSON_ArrayForEach(recorded, requests)
	{
		if (strcmp(cJSON_GetObjectItemCaseSensitive(recorded, "name")->valuestring, name) ==
		    0)
			return recorded;
	}
	fail_msg("no request %s", name);
	return NULL;
}

static void header_values_are_percent_decoded(void **state)
{
	cJSON *requests = load_json("http_requests.json");
	cJSON *body;

	(void)state;
	assert_int_equal(post_recorded(find_recorded(requests, "header value percent-encoded")), 0);
	body = cJSON_Parse(batch.events[0].fact->body);
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(body, "subject")->valuestring,
			    "Euro € 😀");
	cJSON_Delete(body);
	cJSON_Delete(requests);
}

static void the_ledger_gets_the_event_in_structured_form(void **state)
{
	static const char *const names[] = {"structured", "binary", "data_base64 holding json"};
	cJSON *requests = load_json("http_requests.json");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct fact *fact;
		cJSON *body;

		assert_int_equal(post_recorded(find_recorded(requests, names[i])), 0);
		fact = batch.events[0].fact;
		assert_int_equal(strlen(fact->body), fact->body_len);
		body = cJSON_Parse(fact->body);
		assert_string_equal(cJSON_GetObjectItem(body, "specversion")->valuestring, "1.0");
		assert_string_equal(cJSON_GetObjectItem(body, "id")->valuestring,
				    "pvg-t2-minhang-0001");
		assert_string_equal(cJSON_GetObjectItem(body, "datacontenttype")->valuestring,
				    "application/json");
		assert_true(cJSON_IsObject(cJSON_GetObjectItem(body, "data")));
		assert_null(cJSON_GetObjectItem(body, "data_base64"));
		cJSON_Delete(body);
	}
	cJSON_Delete(requests);
}

/* What the store would say to this event after those before it. */
static const char *verdict_of(const struct feed_batch *events, size_t index)
{
	const struct feed_event *event = &events->events[index];

	if (event->reject)
		return reject_word(event->reject);
	for (size_t i = 0; i < index; i++) {
		const struct fact *before = events->events[i].fact;

		if (before && strcmp(before->stamp.id, event->fact->stamp.id) == 0 &&
		    strcmp(before->stamp.source, event->fact->stamp.source) == 0)
			return memcmp(before->hash, event->fact->hash, DIGEST_KEY_LEN) == 0
				       ? "duplicate"
				       : "id_reuse";
	}
	return "accepted";
}

static void every_bad_line_gets_its_code(void **state)
{
	cJSON *expected = load_json("s6_rejects.expected.json");
	const cJSON *line;
	size_t len, index = 0;
	const char *body = load("s6_rejects.ndjson", &len);

	(void)state;
	context.now = at(cJSON_GetObjectItemCaseSensitive(expected, "clock")->valuestring);
	assert_int_equal(feed_read_ndjson(body, len, &context, &arena, &batch, &err), 0);
	cJSON_ArrayForEach(line, cJSON_GetObjectItemCaseSensitive(expected, "lines"))
	{
		const char *code = cJSON_GetObjectItemCaseSensitive(line, "code")->valuestring;

		assert_true(index < batch.len);
		assert_int_equal(batch.events[index].index, index);
		if (strcmp(verdict_of(&batch, index), code) != 0)
			fail_msg("line %zu: %s, not %s", index + 1, verdict_of(&batch, index),
				 code);
		index++;
	}
	assert_int_equal(index, batch.len);
	assert_string_equal(batch.events[9].fact->field[FIELD_NATIONALITY], "KOR");
	assert_non_null(strstr(batch.events[9].fact->warnings, "$.data.traveler.nationality"));
	cJSON_Delete(expected);
}

static void every_line_of_the_scenarios_is_taken_without_a_warning(void **state)
{
	static const char *const names[] = {"s1_bus_to_compound", "s2_shuffled_duplicates",
					    "s3_redirect_after_departure", "s4_relay_two_vehicles",
					    "s5_short_notice_unknown_nationality"};

	(void)state;
	context.now = at("2020-03-31T00:00:00Z");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len, accepted = 0, duplicates = 0;
		const char *body = load(arena_printf(&arena, "%s.ndjson", names[i]), &len);
		cJSON *expected = load_json(arena_printf(&arena, "%s.expected.json", names[i]));
		const cJSON *events = cJSON_GetObjectItemCaseSensitive(expected, "events");

		assert_int_equal(feed_read_ndjson(body, len, &context, &arena, &batch, &err), 0);
		for (size_t line = 0; line < batch.len; line++) {
			const char *verdict = verdict_of(&batch, line);

			accepted += strcmp(verdict, "accepted") == 0;
			duplicates += strcmp(verdict, "duplicate") == 0;
			if (batch.events[line].reject || *batch.events[line].fact->warnings)
				fail_msg("%s line %zu: %s", names[i], line + 1,
					 batch.events[line].reject
						 ? batch.events[line].detail
						 : batch.events[line].fact->warnings);
		}
		assert_int_equal(accepted,
				 cJSON_GetObjectItemCaseSensitive(events, "accepted")->valueint);
		assert_int_equal(duplicates,
				 cJSON_GetObjectItemCaseSensitive(events, "duplicates")->valueint);
		cJSON_Delete(expected);
	}
}

/* --- media types --- */

static void media_types_are_read_as_http_means_them(void **state)
{
	static const struct {
		const char *type;
		int status;
		enum reject whole;
	} rows[] = {
		{"application/cloudevents+json", 202, REJECT_NONE},
		{"Application/CloudEvents+JSON", 202, REJECT_NONE},
		{"application/cloudevents+json;charset=utf-8", 202, REJECT_NONE},
		{"application/cloudevents+json ; charset=\"UTF-8\"", 202, REJECT_NONE},
		{"application/cloudevents+json; profile=\"a;b\"; Charset=Utf-8", 202, REJECT_NONE},
		{"application/cloudevents+json; charset=gb18030", 415, REJECT_CHARSET},
		{"application/cloudevents+json; charset=\"utf-16\"", 415, REJECT_CHARSET},
		{"application/cloudevents+json; charset=utf-8; charset=gbk", 415, REJECT_CHARSET},
		{"application/cloudevents+json; charset=utf-88", 415, REJECT_CHARSET},
		{"application/cloudevents+json; charset=", 415, REJECT_CHARSET},
		{"application/cloudevents+xml", 415, REJECT_NOT_AN_EVENT},
		{"application/cloudevents", 415, REJECT_NOT_AN_EVENT},
		{"application/cloudevents+jsonx", 415, REJECT_NOT_AN_EVENT},
		{"text/plain", 415, REJECT_NOT_AN_EVENT},
		{"", 415, REJECT_NOT_AN_EVENT},
		{"application/json", 400, REJECT_NOT_AN_EVENT},
		{"application/edifact", 415, REJECT_NOT_AN_EVENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int status = status_of(post_as(rows[i].type, event_of("feed.heartbeat", "{}")));

		if (status != rows[i].status || whole != rows[i].whole)
			fail_msg("%s: %d %s", rows[i].type, status, reject_word(whole));
	}
	assert_int_equal(post("{}", 2, 0, NULL), 415);
}

static void edifact_is_refused_with_a_reason(void **state)
{
	(void)state;
	assert_int_equal(post_as("application/edifact", "UNA:+.? '"), 415);
	assert_non_null(strstr(err.text, "does not read EDIFACT"));
}

/* --- binary mode --- */

static struct http_header binary[] = {
	{"Content-Type", "application/json"},
	{"CE-SpecVersion", "1.0"},
	{"ce-id", "e1"},
	{"ce-source", "/pvg/t2"},
	{"ce-type", "org.closedloopd.traveler.withdrawn.v1"},
	{"ce-time", NOW},
	{"ce-traceparent", "00-abc"},
};

static const struct feed_event *judge_binary(const char *body)
{
	assert_int_equal(post(body, strlen(body), ARRAY_LEN(binary), binary), 0);
	assert_true(batch.single);
	return &batch.events[0];
}

static void unknown_extensions_are_kept(void **state)
{
	static const char body[] = "{\"ref\":\"P1\",\"reason\":\"no_show\"}";

	(void)state;
	assert_int_equal(judge_binary(body)->reject, REJECT_NONE);
	assert_non_null(strstr(batch.events[0].fact->body, "\"traceparent\":\"00-abc\""));
	assert_int_equal(batch.events[0].raw_len, strlen(body));
}

static void bad_binary_events_are_refused_and_named(void **state)
{
	(void)state;
	assert_int_equal(judge_binary("{\"ref\":")->reject, REJECT_BAD_JSON);
	assert_string_equal(batch.events[0].id, "e1");
	assert_int_equal(judge_binary("")->reject, REJECT_MISSING_ATTRIBUTE);
	assert_int_equal(judge_binary("[]")->reject, REJECT_BAD_VALUE);
	binary[6] = (struct http_header){"ce-id", "e2"};
	assert_int_equal(judge_binary("{}")->reject, REJECT_BAD_VALUE);
	binary[6] = (struct http_header){"ce-x", "%ff"};
	assert_int_equal(judge_binary("{}")->reject, REJECT_BAD_VALUE);
	binary[6] = (struct http_header){"ce-x", "a%00b"};
	assert_int_equal(judge_binary("{}")->reject, REJECT_BAD_VALUE);
	binary[6] = (struct http_header){"ce-data", "x"};
	assert_int_equal(judge_binary("{}")->reject, REJECT_BAD_VALUE);
	binary[6] = (struct http_header){"ce-traceparent", "00-abc"};
}

static void stray_percent_signs_and_quotes_are_read_leniently(void **state)
{
	(void)state;
	binary[6] = (struct http_header){"ce-subject", "\"100% \\\"a\\\" %e5%bc%a0\""};
	assert_int_equal(judge_binary("{\"ref\":\"P1\",\"reason\":\"other\"}")->reject,
			 REJECT_NONE);
	assert_non_null(strstr(batch.events[0].fact->body, "\"subject\":\"100% \\\"a\\\" 张\""));
	binary[6] = (struct http_header){"ce-traceparent", "00-abc"};
}

static void a_heartbeat_needs_neither_body_nor_media_type(void **state)
{
	struct http_header headers[] = {
		{"ce-specversion", "1.0"}, {"ce-id", "h1"},
		{"ce-source", "/pvg/t2"},  {"ce-type", "org.closedloopd.feed.heartbeat.v1"},
		{"ce-time", NOW},
	};

	(void)state;
	assert_int_equal(post("", 0, ARRAY_LEN(headers), headers), 0);
	assert_int_equal(batch.events[0].reject, REJECT_NONE);
	assert_int_equal(batch.events[0].fact->type, FACT_HEARTBEAT);
}

/* --- batches and lines --- */

static void one_bad_event_does_not_sink_its_neighbours(void **state)
{
	const char *good = event_of("feed.heartbeat", "{}");
	const char *body = arena_printf(
		&arena, " [ %s , {\"a\":1,\"a\":2}, 7, [%s], {\"x\":} , {\"s\":\"],[\\\"\"},%s ] ",
		good, good, good);
	static const enum reject expect[] = {REJECT_NONE,	  REJECT_BAD_JSON,
					     REJECT_NOT_AN_EVENT, REJECT_NOT_AN_EVENT,
					     REJECT_BAD_JSON,	  REJECT_MISSING_ATTRIBUTE,
					     REJECT_NONE};

	(void)state;
	assert_int_equal(post_as("application/cloudevents-batch+json", body), 0);
	assert_false(batch.single);
	assert_int_equal(batch.len, ARRAY_LEN(expect));
	for (size_t i = 0; i < batch.len; i++)
		assert_int_equal(batch.events[i].reject, expect[i]);
	assert_int_equal(batch.events[6].raw_len, strlen(good));
	assert_memory_equal(batch.events[6].raw, good, strlen(good));
}

static void a_batch_that_is_not_whole_is_refused_whole(void **state)
{
	static const struct {
		const char *body;
		enum reject whole;
	} rows[] = {
		{"", REJECT_BAD_JSON},	       {"[", REJECT_BAD_JSON},
		{"[{}", REJECT_BAD_JSON},      {"[{},", REJECT_BAD_JSON},
		{"[{},]", REJECT_BAD_JSON},    {"[,{}]", REJECT_BAD_JSON},
		{"[{}]x", REJECT_BAD_JSON},    {"[]]", REJECT_BAD_JSON},
		{"[{]", REJECT_BAD_JSON},      {"[}]", REJECT_BAD_JSON},
		{"[\"a]", REJECT_BAD_JSON},    {"[\"\\", REJECT_BAD_JSON},
		{"nonsense", REJECT_BAD_JSON}, {"{}", REJECT_NOT_AN_EVENT},
		{"7", REJECT_NOT_AN_EVENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int rc = post_as("application/cloudevents-batch+json", rows[i].body);

		if (rc != 400 || whole != rows[i].whole)
			fail_msg("%s: %d %s", rows[i].body, rc, reject_word(whole));
	}
}

static void empty_bodies_hold_no_event(void **state)
{
	(void)state;
	assert_int_equal(post_as("application/cloudevents-batch+json", " [ ] "), 0);
	assert_int_equal(batch.len, 0);
	assert_int_equal(post_as("application/x-ndjson", ""), 0);
	assert_int_equal(batch.len, 0);
	assert_int_equal(post_as("application/x-ndjson", "\n \r\n"), 0);
	assert_int_equal(batch.len, 0);
	assert_int_equal(post_as("application/cloudevents+json", ""), 0);
	assert_int_equal(batch.events[0].reject, REJECT_BAD_JSON);
}

static void lines_count_from_nought_and_blank_ones_count(void **state)
{
	const char *good = event_of("feed.heartbeat", "{}");

	(void)state;
	assert_int_equal(post_as("application/x-ndjson",
				 arena_printf(&arena, "\n%s\r\n\n{\n%s", good, good)),
			 0);
	assert_int_equal(batch.len, 3);
	assert_int_equal(batch.events[0].index, 1);
	assert_int_equal(batch.events[1].index, 3);
	assert_int_equal(batch.events[1].reject, REJECT_BAD_JSON);
	assert_int_equal(batch.events[2].index, 4);
	assert_int_equal(batch.events[2].reject, REJECT_NONE);
}

static void sizes_have_bounds(void **state)
{
	const char *good = event_of("feed.heartbeat", "{}");
	const char *big = event_of("feed.heartbeat", arena_printf(&arena, "{\"x\":\"%0300d\"}", 0));

	(void)state;
	context.event_max = 300;
	context.events_max = 2;
	assert_int_equal(post_as("application/cloudevents+json", big), 413);
	assert_int_equal(whole, REJECT_TOO_LARGE);
	binary[6] = (struct http_header){"ce-traceparent", "00-abc"};
	assert_int_equal(post(big, strlen(big), ARRAY_LEN(binary), binary), 413);
	assert_int_equal(post_as("application/cloudevents-batch+json",
				 arena_printf(&arena, "[%s,%s]", big, good)),
			 0);
	assert_int_equal(batch.events[0].reject, REJECT_TOO_LARGE);
	assert_int_equal(batch.events[1].reject, REJECT_NONE);
	assert_int_equal(post_as("application/cloudevents-batch+json",
				 arena_printf(&arena, "[%s,%s,%s]", good, good, good)),
			 413);
	assert_int_equal(whole, REJECT_TOO_LARGE);
	assert_int_equal(post_as("application/x-ndjson",
				 arena_printf(&arena, "%s\n%s\n%s", good, good, good)),
			 413);
	assert_int_equal(feed_read_ndjson("{\n{\n{", 5, &context, &arena, &batch, &err), CL_ELIMIT);
}

/* --- envelope --- */

#define ENVELOPE(id, source, type, time, rest)                                                     \
	"{\"specversion\":\"1.0\",\"id\":" id ",\"source\":" source ",\"type\":" type              \
	",\"time\":" time rest "}"
#define BEAT "\"org.closedloopd.feed.heartbeat.v1\""
#define SAID "\"org.closedloopd.traveler.withdrawn.v1\""
#define DATA ",\"data\":{\"ref\":\"P1\",\"reason\":\"no_show\"}"

static void envelopes_are_judged_by_their_codes(void **state)
{
	static const struct {
		const char *event;
		enum reject reject;
	} rows[] = {
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"", DATA), REJECT_NONE},
		{ENVELOPE("\"a\"", "\"/s\"", BEAT, "\"" NOW "\"", ""), REJECT_NONE},
		{ENVELOPE("\"a\"", "\"/s\"", BEAT, "\"" NOW "\"", ",\"data\":null"), REJECT_NONE},
		{ENVELOPE("\"a\"", "\"/s\"", BEAT, "\"" NOW "\"", ",\"data\":[1]"), REJECT_NONE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"", ""), REJECT_MISSING_ATTRIBUTE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"", ",\"data\":null"),
		 REJECT_MISSING_ATTRIBUTE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"", ",\"data\":\"x\""),
		 REJECT_BAD_VALUE},
		{ENVELOPE("\"\"", "\"/s\"", SAID, "\"" NOW "\"", DATA), REJECT_MISSING_ATTRIBUTE},
		{ENVELOPE("null", "\"/s\"", SAID, "\"" NOW "\"", DATA), REJECT_MISSING_ATTRIBUTE},
		{ENVELOPE("7", "\"/s\"", SAID, "\"" NOW "\"", DATA), REJECT_BAD_VALUE},
		{ENVELOPE("\"a\\nb\"", "\"/s\"", SAID, "\"" NOW "\"", DATA), REJECT_BAD_VALUE},
		{ENVELOPE("\"a\"", "\"\"", SAID, "\"" NOW "\"", DATA), REJECT_MISSING_ATTRIBUTE},
		{ENVELOPE("\"a\"", "\"/s\"", "\"\"", "\"" NOW "\"", DATA),
		 REJECT_MISSING_ATTRIBUTE},
		{ENVELOPE("\"a\"", "\"/s\"", "\"x\"", "\"" NOW "\"", DATA), REJECT_UNKNOWN_TYPE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"\"", DATA), REJECT_MISSING_ATTRIBUTE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "7", DATA), REJECT_BAD_TIME},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"2020-03-08T10:00:00\"", DATA),
		 REJECT_BAD_TIME},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"2020-03-08\"", DATA), REJECT_BAD_TIME},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"2020-03-08T10:10:00+08:00\"", DATA),
		 REJECT_NONE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"2020-03-08T10:10:01+08:00\"", DATA),
		 REJECT_TIME_IN_FUTURE},
		{ENVELOPE("\"a\"", "\"/s\"", BEAT, "\"2030-03-08T10:10:01+08:00\"", ""),
		 REJECT_NONE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"",
			  DATA ",\"datacontenttype\":\"text/xml\""),
		 REJECT_BAD_VALUE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"",
			  DATA ",\"datacontenttype\":\"application/vnd.x+JSON; a=b\""),
		 REJECT_NONE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"", ",\"data_base64\":\"e30=\"" DATA),
		 REJECT_BAD_VALUE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"", ",\"data_base64\":\"e30\""),
		 REJECT_BAD_VALUE},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"", ",\"data_base64\":\"e3s=\""),
		 REJECT_BAD_JSON},
		{ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"", ",\"data_base64\":\"e30=\""),
		 REJECT_MISSING_FIELD},
		{"{\"id\":\"a\"}", REJECT_MISSING_ATTRIBUTE},
		{"{\"specversion\":1.0}", REJECT_BAD_SPECVERSION},
		{"{\"specversion\":\"1.0.2\"}", REJECT_BAD_SPECVERSION},
		{"\"text\"", REJECT_NOT_AN_EVENT},
		{"null", REJECT_NOT_AN_EVENT},
		{"{} {}", REJECT_BAD_JSON},
		{"{\"a\":\"\\u0000\"}", REJECT_BAD_JSON},
		{"{\"a\":\"\xff\"}", REJECT_BAD_JSON},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct feed_event *event = judge(rows[i].event);

		if (event->reject != rows[i].reject)
			fail_msg("%s: %s (%s)", rows[i].event, reject_word(event->reject),
				 event->detail);
		assert_true((event->fact != NULL) == (event->reject == REJECT_NONE));
	}
}

static void attributes_that_are_too_long_are_refused(void **state)
{
	(void)state;
	for (int len = 128; len <= 129; len++) {
		const char *event = arena_printf(
			&arena, ENVELOPE("\"%0*d\"", "\"/s\"", SAID, "\"" NOW "\"", DATA), len, 0);

		assert_int_equal(judge(event)->reject, len > 128 ? REJECT_TOO_LONG : REJECT_NONE);
	}
	for (int len = 255; len <= 256; len++) {
		const char *event = arena_printf(
			&arena, ENVELOPE("\"a\"", "\"/%0*d\"", SAID, "\"" NOW "\"", DATA), len, 0);

		assert_int_equal(judge(event)->reject, len > 255 ? REJECT_TOO_LONG : REJECT_NONE);
		assert_true(strlen(batch.events[0].source) <= 256);
	}
}

static void odd_optional_attributes_are_ignored_with_a_warning(void **state)
{
	(void)state;
	judge(ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"",
		       DATA ",\"sequence\":7,\"subject\":\"\""));
	assert_int_equal(batch.events[0].reject, REJECT_NONE);
	assert_null(batch.events[0].fact->stamp.sequence);
	assert_string_equal(batch.events[0].fact->warnings,
			    "$.subject is not a text, ignored; $.sequence is not a text, ignored");
}

static void a_heartbeat_with_a_wrong_clock_is_still_a_sign_of_life(void **state)
{
	(void)state;
	judge(ENVELOPE("\"a\"", "\"/s\"", BEAT, "\"2030-03-08T10:10:01+08:00\"", ""));
	assert_non_null(strstr(batch.events[0].fact->warnings, "future"));
}

static void a_feed_speaks_only_for_its_sources(void **state)
{
	static const char *const sources[] = {"/pvg", "/desk/"};
	static const struct {
		const char *source;
		bool allowed;
	} rows[] = {
		{"/pvg", true},	   {"/pvg/t2", true}, {"/pvgx", false}, {"/pv", false},
		{"/desk/a", true}, {"/desk/", true},  {"/desk", false}, {"/deskx", false},
		{"x/pvg", false},  {"/PVG", false},
	};

	(void)state;
	context.sources = sources;
	context.sources_len = ARRAY_LEN(sources);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct feed_event *event = judge(
			arena_printf(&arena, ENVELOPE("\"a\"", "\"%s\"", SAID, "\"" NOW "\"", DATA),
				     rows[i].source));

		assert_int_equal(event->reject,
				 rows[i].allowed ? REJECT_NONE : REJECT_SOURCE_NOT_ALLOWED);
	}
}

static void hash_means_type_instant_and_data_only(void **state)
{
	uint8_t first[DIGEST_KEY_LEN];

	(void)state;
	judge(ENVELOPE("\"a\"", "\"/s\"", SAID, "\"2020-03-08T10:00:00+08:00\"",
		       ",\"data\":{\"ref\":\"P1\",\"reason\":\"no_show\"},\"subject\":\"x\""));
	memcpy(first, batch.events[0].fact->hash, sizeof(first));
	judge(ENVELOPE("\"b\"", "\"/t\"", SAID, "\"2020-03-08T02:00:00.000Z\"",
		       ",\"ext\":\"y\",\"data\":{ \"reason\":\"no_show\", \"ref\":\"P1\"}"));
	assert_memory_equal(batch.events[0].fact->hash, first, sizeof(first));
	judge(ENVELOPE("\"a\"", "\"/s\"", SAID, "\"2020-03-08T02:00:00.001Z\"", DATA));
	assert_memory_not_equal(batch.events[0].fact->hash, first, sizeof(first));
	judge(ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"",
		       ",\"data\":{\"ref\":\"P1\",\"reason\":\"no_show\",\"x\":1}"));
	assert_memory_not_equal(batch.events[0].fact->hash, first, sizeof(first));
}

/* --- what facts state --- */

static void an_announcement_states_all_it_knows(void **state)
{
	const struct fact *fact;

	(void)state;
	judge(ENVELOPE(
		"\"a\"", "\"/s\"", "\"org.closedloopd.traveler.announced.v1\"", "\"" NOW "\"",
		",\"sequence\":\"17\",\"data\":{\"traveler\":{\"ref\":\"P1\",\"name\":{"
		"\"full\":\"Jose\\u0301\",\"native\":\"何塞\"},\"sex\":\"M\",\"dob\":\"1996-04-"
		"12\",\"nationality\":\"KOR\",\"document\":{\"type\":\"P\",\"number\":"
		"\"M1\",\"issuer\":\"KOR\"},\"languages\":[\"ko\",\"zh-Hans\"],\"phones\":[{"
		"\"raw\":\"138 0000\",\"e164\":\"+8613800000001\"},{\"raw\":\"021-5,1\"}],"
		"\"seat\":\"31A\",\"needs\":[\"infant\",\"pet\"]},\"basis\":"
		"\"health_declaration\",\"flight\":" FLIGHT
		",\"destination\":{\"text\":\"莘松三村\",\"compound\":\"三村\",\"room\":\"402\","
		"\"co_residents\":2},\"companions\":[\"P2\",\"P3\"],\"countries_14d\":["
		"\"KOR\",\"JPN\"]}"));
	fact = batch.events[0].fact;
	assert_non_null(fact);
	assert_string_equal(fact->warnings, "");
	assert_int_equal(fact->type, FACT_ANNOUNCED);
	assert_int_equal(fact->stamp.at, at(NOW));
	assert_int_equal(fact->stamp.rank, 2);
	assert_string_equal(fact->stamp.sequence, "17");
	assert_string_equal(fact->stamp.id, "a");
	assert_string_equal(fact->stamp.source, "/s");
	assert_string_equal(fact->feed_unit, "31");
	assert_string_equal(fact->ref, "P1");
	assert_string_equal(fact->field[FIELD_NAME], "José"); /* composed */
	assert_string_equal(fact->field[FIELD_NAME_NATIVE], "何塞");
	assert_string_equal(fact->field[FIELD_SEX], "M");
	assert_string_equal(fact->field[FIELD_DOB], "1996-04-12");
	assert_string_equal(fact->field[FIELD_NATIONALITY], "KOR");
	assert_string_equal(fact->field[FIELD_DOC_TYPE], "P");
	assert_string_equal(fact->field[FIELD_DOC_NUMBER], "M1");
	assert_string_equal(fact->field[FIELD_DOC_ISSUER], "KOR");
	assert_string_equal(fact->field[FIELD_LANGUAGES], "ko,zh-Hans");
	assert_string_equal(fact->field[FIELD_PHONES], "+8613800000001,021-5 1");
	assert_string_equal(fact->field[FIELD_SEAT], "31A");
	assert_string_equal(fact->field[FIELD_NEEDS], "infant,pet");
	assert_string_equal(fact->field[FIELD_COUNTRIES], "KOR,JPN");
	assert_string_equal(fact->field[FIELD_COMPANIONS], "P2,P3");
	assert_string_equal(fact->field[FIELD_FLIGHT], "XX363-PVG-2020-03-08");
	assert_int_equal(fact->flight_sched, at("2020-03-08T11:40:00+08:00"));
	assert_string_equal(fact->field[FIELD_ADDRESS], "莘松三村");
	assert_string_equal(fact->field[FIELD_COMMITTEE], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_BUILDING], "三村 402");
	assert_string_equal(fact->field[FIELD_CO_RESIDENTS], "2");
	assert_null(fact->field[FIELD_STICKER]);
	assert_int_equal(fact->day, -1);
	assert_null(fact->symptoms);
}

static void an_announcement_with_a_name_alone_states_a_name_alone(void **state)
{
	const struct fact *fact = accept("traveler.announced", TRAVELER(""));

	(void)state;
	for (int field = 0; field < FIELDS; field++) {
		if (field == FIELD_NAME)
			assert_string_equal(fact->field[field], "LI GUANG");
		else
			assert_null(fact->field[field]);
	}
	assert_int_equal(fact->flight_sched, WHEN_UNKNOWN);
}

static void triage_states_sticker_and_health(void **state)
{
	const struct fact *fact =
		accept("traveler.triaged",
		       "{\"ref\":\"P1\",\"sticker\":\"yellow\",\"disposition\":\"home\","
		       "\"temp_c\":36.6,\"symptoms\":[\"none\"]}");

	(void)state;
	assert_string_equal(fact->field[FIELD_STICKER], "yellow");
	assert_string_equal(fact->field[FIELD_DISPOSITION], "home");
	assert_int_equal(fact->temp_tenths, 366);
	assert_string_equal(fact->symptoms, "");
	fact = accept("traveler.triaged",
		      "{\"ref\":\"P1\",\"sticker\":\"red\",\"disposition\":"
		      "\"hospital\",\"symptoms\":[\"none\",\"fever\",\"rash\"]}");
	assert_string_equal(fact->symptoms, "fever,rash");
	assert_int_equal(fact->temp_tenths, 0);
}

static void registration_states_the_desk_and_the_address(void **state)
{
	const struct fact *fact = accept(
		"traveler.registered",
		"{\"ref\":\"P1\",\"desk\":\"PVG-T2\",\"district_code\":\"310112\",\"destination\":{"
		"\"text\":\"x\",\"committee_code\":\"310112101007\"},\"phones\":[{\"raw\":\"1\"}],"
		"\"transport\":\"private_car\",\"plate\":\"沪A00007\",\"commitment_signed\":false,"
		"\"languages\":[\"ko\"],\"traveler\":{\"document\":{\"type\":\"p\",\"number\":"
		"\"m12\"}}}");

	(void)state;
	assert_int_equal(fact->stamp.rank, 3);
	assert_string_equal(fact->field[FIELD_DISTRICT], "310112");
	assert_string_equal(fact->field[FIELD_DESK], "PVG-T2");
	assert_string_equal(fact->field[FIELD_COMMITTEE], "310112101007");
	assert_string_equal(fact->field[FIELD_BUILDING], FIELD_NOTHING);
	assert_null(fact->field[FIELD_CO_RESIDENTS]);
	assert_string_equal(fact->field[FIELD_PHONES], "1");
	assert_string_equal(fact->field[FIELD_TRANSPORT], "private_car");
	assert_string_equal(fact->field[FIELD_PLATE], "沪A00007");
	assert_string_equal(fact->field[FIELD_COMMITMENT], "false");
	assert_string_equal(fact->field[FIELD_LANGUAGES], "ko");
	assert_string_equal(fact->field[FIELD_DOC_NUMBER], "M12");
	assert_string_equal(fact->field[FIELD_DOC_TYPE], "P");
	assert_null(fact->field[FIELD_NAME]);
}

static void a_departure_states_riders_and_stops(void **state)
{
	const struct fact *fact = accept(
		"transfer.departed",
		"{\"transfer\":\"B7\",\"plate\":\"沪A1\",\"travelers\":[{\"ref\":\"P1\",\"stop\":2}"
		",{"
		"\"ref\":\"P2\",\"stop\":1}],\"stops\":[{\"seq\":1,\"kind\":\"relay\"},{\"seq\":2,"
		"\"kind\":\"central_site\",\"address\":{\"text\":\"a\",\"committee_code\":"
		"\"310112101007\"},\"eta\":\"" NOW "\"}]}");

	(void)state;
	assert_string_equal(fact->transfer, "B7");
	assert_string_equal(fact->plate, "沪A1");
	assert_int_equal(fact->riders_len, 2);
	assert_string_equal(fact->riders[0].ref, "P1");
	assert_int_equal(fact->riders[0].stop, 2);
	assert_int_equal(fact->stops_len, 2);
	assert_int_equal(fact->stops[0].kind, STOP_RELAY);
	assert_null(fact->stops[0].address);
	assert_int_equal(fact->stops[0].eta, WHEN_UNKNOWN);
	assert_int_equal(fact->stops[1].kind, STOP_CENTRAL_SITE);
	assert_string_equal(fact->stops[1].committee, "310112101007");
	assert_int_equal(fact->stops[1].eta, at(NOW));
}

static void vehicles_state_where_they_are(void **state)
{
	const struct fact *fact =
		accept("transfer.eta", "{\"transfer\":\"B7\",\"etas\":[{\"seq\":3,\"eta\":\"" NOW
				       "\"},{\"seq\":0,\"eta\":\"" NOW "\"}]}");

	(void)state;
	assert_int_equal(fact->stops_len, 1);
	assert_int_equal(fact->stops[0].seq, 3);
	assert_int_equal(fact->stops[0].eta, at(NOW));
	fact = accept("transfer.stop_reached", "{\"transfer\":\"B7\",\"seq\":2,\"n_off\":0}");
	assert_int_equal(fact->seq, 2);
	assert_int_equal(fact->n_off, 0);
	fact = accept("transfer.stop_reached", "{\"transfer\":\"B7\",\"seq\":2}");
	assert_int_equal(fact->n_off, -1);
}

static void a_flight_states_its_key_and_times(void **state)
{
	const struct fact *fact =
		accept("flight.updated",
		       "{\"flight\":{\"carrier\":\"xx\",\"number\":\"0363\",\"arrival\":\"PVG\","
		       "\"sched_arr\":\"2020-03-08T23:30:00Z\"},\"status\":\"landed\",\"act_arr\":"
		       "\"2020-03-08T23:40:00Z\",\"est_arr\":\"soon\"}");

	(void)state;
	assert_string_equal(fact->field[FIELD_FLIGHT], "XX363-PVG-2020-03-09"); /* by our clock */
	assert_int_equal(fact->flight_status, FLIGHT_LANDED);
	assert_int_equal(fact->flight_act, at("2020-03-08T23:40:00Z"));
	assert_int_equal(fact->flight_est, WHEN_UNKNOWN);
	assert_non_null(strstr(fact->warnings, "$.data.flight.number"));
	assert_non_null(strstr(fact->warnings, "$.data.est_arr"));
}

static void hand_over_check_redirect_and_withdrawal_state_their_own(void **state)
{
	const struct fact *fact =
		accept("traveler.handed_over", "{\"ref\":\"P1\",\"transfer\":\"B7\",\"from\":{"
					       "\"name\":\"甲\"},\"to\":{\"name\":\"居\","
					       "\"role\":\"committee\",\"org_code\":"
					       "\"310112101005\"},\"temp_c\":38,\"symptoms\":[]}");

	(void)state;
	assert_string_equal(fact->to_role, "committee");
	assert_string_equal(fact->to_code, "310112101005");
	assert_string_equal(fact->transfer, "B7");
	assert_string_equal(fact->by, "甲");
	assert_int_equal(fact->temp_tenths, 380);
	assert_string_equal(fact->symptoms, "");
	fact = accept("health.checked",
		      "{\"ref\":\"P1\",\"day\":0,\"method\":\"phone\",\"by\":\"乙\"}");
	assert_int_equal(fact->day, 0);
	assert_string_equal(fact->method, "phone");
	assert_string_equal(fact->by, "乙");
	assert_null(fact->symptoms);
	fact = accept("traveler.redirected",
		      "{\"ref\":\"P1\",\"disposition\":\"central\",\"reason\":"
		      "\"同航班\",\"destination\":{\"text\":\"A\"}}");
	assert_string_equal(fact->field[FIELD_DISPOSITION], "central");
	assert_string_equal(fact->field[FIELD_REASON], "同航班");
	assert_string_equal(fact->field[FIELD_COMMITTEE], FIELD_NOTHING);
	fact = accept("traveler.withdrawn", "{\"ref\":\"P1\",\"reason\":\"no_show\"}");
	assert_string_equal(fact->reason, "no_show");
	assert_null(fact->field[FIELD_REASON]);
}

static void a_correction_states_only_what_it_names(void **state)
{
	const struct fact *fact =
		accept("traveler.corrected",
		       "{\"ref\":\"P1\",\"reason\":\"现场\",\"patch\":{\"traveler\":{"
		       "\"nationality\":\"CN\","
		       "\"dob\":null,\"name\":{\"full\":\"张三\"},\"document\":null,\"phones\":[],"
		       "\"seat\":"
		       "\"bad seat\"},\"destination\":{\"room\":\"501\"},\"stage\":\"x\"}}");

	(void)state;
	assert_string_equal(fact->field[FIELD_NATIONALITY], "CHN");
	assert_string_equal(fact->field[FIELD_DOB], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_NAME], "张三");
	assert_null(fact->field[FIELD_NAME_NATIVE]);
	assert_string_equal(fact->field[FIELD_DOC_NUMBER], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_DOC_ISSUER], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_PHONES], FIELD_NOTHING);
	assert_null(fact->field[FIELD_SEAT]);
	assert_null(fact->field[FIELD_ADDRESS]);
	assert_null(fact->field[FIELD_COMMITTEE]);
	assert_string_equal(fact->field[FIELD_BUILDING], "501");
	assert_non_null(strstr(fact->warnings, "$.data.patch has members"));
	assert_non_null(strstr(fact->warnings, "$.data.patch.traveler.seat"));

	fact = accept("traveler.corrected", "{\"ref\":\"P1\",\"reason\":\"r\",\"patch\":{"
					    "\"destination\":null,\"flight\":null}}");
	assert_string_equal(fact->field[FIELD_ADDRESS], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_COMMITTEE], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_FLIGHT], FIELD_NOTHING);

	fact = accept("traveler.corrected",
		      "{\"ref\":\"P1\",\"reason\":\"r\",\"patch\":{\"flight\":{"
		      "\"number\":\"7\"},\"destination\":{\"text\":\"b\"}}}");
	assert_null(fact->field[FIELD_FLIGHT]); /* Half a flight names none. */
	assert_string_equal(fact->field[FIELD_ADDRESS], "b");
	/* The new home is not the old one's committee. */
	assert_string_equal(fact->field[FIELD_COMMITTEE], FIELD_NOTHING);
}

static void members_without_a_rule_are_never_read(void **state)
{
	const struct fact *fact =
		accept("transfer.eta",
		       "{\"transfer\":\"B7\",\"ref\":5,\"traveler\":{\"languages\":[7],"
		       "\"name\":[]},\"reason\":\"x\"}");

	(void)state;
	assert_null(fact->ref);
	assert_null(fact->reason);
	assert_null(fact->field[FIELD_LANGUAGES]);
	fact = accept("traveler.withdrawn",
		      "{\"ref\":\"P1\",\"reason\":\"other\",\"transfer\":\"B7\",\"symptoms\":[7]}");
	assert_null(fact->transfer);
	assert_null(fact->symptoms);
}

/* --- dirty data --- */

static void dirty_members_are_dropped_and_the_traveller_is_kept(void **state)
{
	static const struct {
		const char *members;
		enum field field;
	} rows[] = {
		{",\"sex\":\"male\"", FIELD_SEX},
		{",\"dob\":\"12.04.1996\"", FIELD_DOB},
		{",\"dob\":\"1996-02-30\"", FIELD_DOB},
		{",\"nationality\":\"Korea\"", FIELD_NATIONALITY},
		{",\"nationality\":\"XQ\"", FIELD_NATIONALITY},
		{",\"nationality\":7", FIELD_NATIONALITY},
		{",\"languages\":\"ko\"", FIELD_LANGUAGES},
		{",\"languages\":[\"korean language\"]", FIELD_LANGUAGES},
		{",\"phones\":[\"138\"]", FIELD_PHONES},
		{",\"phones\":{\"raw\":\"1\"}", FIELD_PHONES},
		{",\"seat\":\"A31\"", FIELD_SEAT},
		{",\"email\":\"\"", FIELD_NAME_NATIVE},
		{",\"needs\":[\"kosher\"]", FIELD_NEEDS},
		{",\"document\":{\"type\":\"P\",\"number\":\"护照\"}", FIELD_DOC_NUMBER},
		{",\"document\":\"M123\"", FIELD_DOC_NUMBER},
		{",\"document\":{\"type\":\"passport\",\"number\":\"M1\"}", FIELD_DOC_TYPE},
		{",\"document\":{\"number\":\"M1\",\"issuer\":\"K\"}", FIELD_DOC_ISSUER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fact *fact =
			accept("traveler.announced",
			       arena_printf(&arena,
					    "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":"
					    "\"LI\"}%s},\"basis\":\"api\"}",
					    rows[i].members));

		if (fact->field[rows[i].field] || !strstr(fact->warnings, "dropped"))
			fail_msg("%s: warnings \"%s\"", rows[i].members, fact->warnings);
		assert_string_equal(fact->field[FIELD_NAME], "LI");
		/* The ledger keeps what was sent. */
		assert_non_null(strstr(fact->body, "\"LI\""));
		assert_true(strlen(fact->body) > 200);
	}
}

static void what_has_one_reading_is_read(void **state)
{
	static const struct {
		const char *members;
		enum field field;
		const char *value;
	} rows[] = {
		{",\"nationality\":\"KR\"", FIELD_NATIONALITY, "KOR"},
		{",\"nationality\":\"kr\"", FIELD_NATIONALITY, "KOR"},
		{",\"nationality\":\"D\"", FIELD_NATIONALITY, "DEU"},
		{",\"nationality\":\"deu\"", FIELD_NATIONALITY, "DEU"},
		{",\"sex\":\"f\"", FIELD_SEX, "F"},
		{",\"seat\":\"31a\"", FIELD_SEAT, "31A"},
		{",\"languages\":[\"ko\",7,\"zh\"]", FIELD_LANGUAGES, "ko,zh"},
		{",\"needs\":[\"infant\",\"kosher\"]", FIELD_NEEDS, "infant"},
		{",\"document\":{\"type\":\"P\",\"number\":\"m12345678\",\"issuer\":\"KOR\"}",
		 FIELD_DOC_NUMBER, "M12345678"},
		{",\"document\":{\"type\":\"P\",\"number\":\"M1\",\"issuer\":\"KR\"}",
		 FIELD_DOC_ISSUER, "KOR"},
		{",\"phones\":[{\"raw\":\"138\",\"e164\":\"138\"}]", FIELD_PHONES, "138"},
		{",\"phones\":[{\"e164\":\"+8613800000001\"},7]", FIELD_PHONES, "+8613800000001"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fact *fact =
			accept("traveler.announced",
			       arena_printf(&arena,
					    "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":"
					    "\"LI\"}%s},\"basis\":\"api\"}",
					    rows[i].members));

		if (!text_equal(fact->field[rows[i].field], rows[i].value) || !*fact->warnings)
			fail_msg("%s: \"%s\", warnings \"%s\"", rows[i].members,
				 fact->field[rows[i].field] ? fact->field[rows[i].field] : "(none)",
				 fact->warnings);
	}
}

static void all_249_countries_are_known(void **state)
{
	int known = 0;

	(void)state;
	for (char a = 'A'; a <= 'Z'; a++) {
		for (char b = 'A'; b <= 'Z'; b++) {
			const struct fact *fact = accept(
				"traveler.announced",
				arena_printf(
					&arena,
					"{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"},"
					"\"nationality\":\"%c%c\"},\"basis\":\"api\"}",
					a, b));

			known += fact->field[FIELD_NATIONALITY] != NULL;
		}
	}
	assert_int_equal(known, 249);
}

static void a_complaint_nobody_listed_is_still_a_complaint(void **state)
{
	const struct fact *fact = accept(
		"health.checked",
		"{\"ref\":\"P1\",\"method\":\"app\",\"symptoms\":[\"Fever!\"],\"temp_c\":385}");

	(void)state;
	assert_string_equal(fact->symptoms, "other");
	assert_int_equal(fact->temp_tenths, 0);
	assert_non_null(strstr(fact->warnings, "kept as \"other\""));
	assert_non_null(strstr(fact->warnings, "$.data.temp_c"));
	fact = accept("health.checked", "{\"ref\":\"P1\",\"method\":\"app\",\"symptoms\":[7]}");
	assert_null(fact->symptoms); /* Not the same as "none". */
}

static void a_broken_flight_or_address_does_not_cost_the_traveller(void **state)
{
	const struct fact *fact = accept(
		"traveler.announced",
		"{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"LI\"}},\"basis\":\"list\","
		"\"flight\":{\"carrier\":\"XX\",\"number\":\"363\"},\"destination\":{},"
		"\"countries_14d\":[\"KR\",\"Nowhere\"],\"companions\":[\"a b\",\"P,2\",\"P3\"]}");

	(void)state;
	assert_null(fact->field[FIELD_FLIGHT]);
	assert_null(fact->field[FIELD_ADDRESS]);
	assert_null(fact->field[FIELD_COMMITTEE]);
	assert_string_equal(fact->field[FIELD_COUNTRIES], "KOR");
	assert_string_equal(fact->field[FIELD_COMPANIONS], "P3");
	assert_non_null(strstr(fact->warnings, "$.data.flight.arrival is missing, dropped"));
	assert_non_null(strstr(fact->warnings, "$.data.destination.text is missing, dropped"));
	assert_non_null(strstr(fact->warnings, "$.data.companions[0]"));
}

static void warnings_and_details_hold_no_personal_data(void **state)
{
	const struct fact *fact = accept(
		"traveler.announced",
		"{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"CANARY\",\"native\":7},\"dob\":"
		"\"CANARY\",\"nationality\":\"CANARY\",\"seat\":\"CANARY\",\"document\":{"
		"\"number\":"
		"\"CANARY#\"},\"phones\":[{\"raw\":\"CANARY\",\"e164\":\"CANARY\"}]},\"basis\":"
		"\"api\"}");

	(void)state;
	assert_null(strstr(fact->warnings, "CANARY"));
	assert_true(strlen(fact->warnings) > 100);
	refuse(REJECT_BAD_VALUE, "traveler.triaged",
	       "{\"ref\":\"P1\",\"sticker\":\"CANARY\",\"disposition\":\"home\"}");
	assert_null(strstr(batch.events[0].detail, "CANARY"));
}

static void many_warnings_are_bounded(void **state)
{
	char room[60000];
	struct text data = TEXT_OVER(room);
	const struct fact *fact;

	(void)state;
	text_clear(&data);
	text_add(&data,
		 "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"}},\"basis\":\"api\","
		 "\"countries_14d\":[");
	for (int i = 0; i < 500; i++)
		text_addf(&data, "%s\"??\"", i ? "," : "");
	text_add(&data, "]}");
	fact = accept("traveler.announced", room);
	assert_true(strlen(fact->warnings) < 1100);
	assert_null(fact->field[FIELD_COUNTRIES]);
}

static void control_characters_cannot_break_a_line(void **state)
{
	const struct fact *fact =
		accept("traveler.announced", "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":"
					     "\"LI\\n【演练】\\tGUANG\"}},\"basis\":\"api\"}");

	(void)state;
	assert_string_equal(fact->field[FIELD_NAME], "LI 【演练】 GUANG");
}

/* --- refusals --- */

static void what_the_loop_hangs_on_is_required(void **state)
{
	static const char *const rows[][2] = {
		{"flight.updated", "{\"status\":\"landed\"}"},
		{"flight.updated", "{\"flight\":" FLIGHT "}"},
		{"flight.updated", "{\"flight\":{},\"status\":\"landed\"}"},
		{"traveler.announced", "{\"basis\":\"api\"}"},
		{"traveler.announced", "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"}}}"},
		{"traveler.announced", "{\"traveler\":{\"ref\":\"P1\"},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"P1\",\"name\":{}},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":null,\"name\":{\"full\":\"L\"}},\"basis\":\"api\"}"},
		{"traveler.triaged", "{\"ref\":\"P1\",\"disposition\":\"home\"}"},
		{"traveler.triaged", "{\"ref\":\"P1\",\"sticker\":\"red\"}"},
		{"traveler.registered", "{\"ref\":\"P1\",\"transport\":\"bus\"}"},
		{"traveler.registered", "{\"ref\":\"P1\",\"destination\":{\"text\":\"x\"}}"},
		{"traveler.registered",
		 "{\"ref\":\"P1\",\"transport\":\"bus\",\"destination\":{\"room\":\"1\"}}"},
		{"transfer.departed",
		 "{\"travelers\":[{\"ref\":\"P1\",\"stop\":1}],\"stops\":[{\"seq\":"
		 "1,\"kind\":\"relay\"}]}"},
		{"transfer.departed",
		 "{\"transfer\":\"B\",\"stops\":[{\"seq\":1,\"kind\":\"relay\"}]}"},
		{"transfer.departed",
		 "{\"transfer\":\"B\",\"travelers\":[{\"ref\":\"P1\"}],\"stops\":"
		 "[{\"seq\":1,\"kind\":\"relay\"}]}"},
		{"transfer.eta", "{}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\"}"},
		{"traveler.handed_over", "{\"ref\":\"P1\"}"},
		{"traveler.handed_over", "{\"ref\":\"P1\",\"to\":{\"role\":\"committee\"}}"},
		{"traveler.redirected", "{\"ref\":\"P1\",\"disposition\":\"central\"}"},
		{"traveler.corrected", "{\"ref\":\"P1\",\"reason\":\"r\"}"},
		{"traveler.withdrawn", "{\"ref\":\"P1\"}"},
		{"health.checked", "{\"ref\":\"P1\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refuse(REJECT_MISSING_FIELD, rows[i][0], rows[i][1]);
}

static void what_the_loop_hangs_on_must_be_right(void **state)
{
	static const char *const rows[][2] = {
		{"flight.updated", "{\"flight\":" FLIGHT ",\"status\":\"late\"}"},
		{"flight.updated", "{\"flight\":\"XX363\",\"status\":\"landed\"}"},
		{"traveler.announced", "{\"traveler\":[],\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"P 1\",\"name\":{\"full\":\"L\"}},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"\",\"name\":{\"full\":\"L\"}},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":7}},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"}},\"basis\":\"rumour\"}"},
		{"traveler.triaged", "{\"ref\":7,\"sticker\":\"red\",\"disposition\":\"home\"}"},
		{"traveler.triaged",
		 "{\"ref\":\"P1\",\"sticker\":\"blue\",\"disposition\":\"home\"}"},
		{"traveler.triaged",
		 "{\"ref\":\"P1\",\"sticker\":\"red\",\"disposition\":\"moon\"}"},
		{"traveler.registered",
		 "{\"ref\":\"P1\",\"transport\":\"plane\",\"destination\":{\"text\":\"x\"}}"},
		{"transfer.departed", "{\"transfer\":\"B\",\"travelers\":[],\"stops\":[{\"seq\":1,"
				      "\"kind\":\"relay\"}]}"},
		{"transfer.departed",
		 "{\"transfer\":\"B\",\"travelers\":[{\"ref\":\"P 1\",\"stop\":1}],"
		 "\"stops\":[{\"seq\":1,\"kind\":\"relay\"}]}"},
		{"transfer.departed",
		 "{\"transfer\":\"B\",\"travelers\":[{\"ref\":\"P1\",\"stop\":1}],"
		 "\"stops\":[{\"seq\":1,\"kind\":\"pub\"}]}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\",\"seq\":0}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\",\"seq\":1.5}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\",\"seq\":1e300}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\",\"seq\":\"1\"}"},
		{"traveler.handed_over",
		 "{\"ref\":\"P1\",\"transfer\":\"\",\"to\":{\"name\":\"x\"}}"},
		{"traveler.corrected", "{\"ref\":\"P1\",\"reason\":\"r\",\"patch\":{}}"},
		{"traveler.corrected", "{\"ref\":\"P1\",\"reason\":\"r\",\"patch\":7}"},
		{"traveler.withdrawn", "{\"ref\":\"P1\",\"reason\":\"bored\"}"},
		{"health.checked", "{\"ref\":\"P1\",\"method\":\"guess\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refuse(REJECT_BAD_VALUE, rows[i][0], rows[i][1]);
}

static void what_is_required_has_a_length(void **state)
{
	(void)state;
	refuse(REJECT_TOO_LONG, "traveler.redirected",
	       arena_printf(&arena,
			    "{\"ref\":\"P1\",\"disposition\":\"central\",\"reason\":\"%0201d\"}",
			    0));
	accept("traveler.redirected",
	       arena_printf(&arena,
			    "{\"ref\":\"P1\",\"disposition\":\"central\",\"reason\":\"%0200d\"}",
			    0));
}

/* A feed of noise: whatever single byte is broken, there is a verdict and no crash. */
static void no_broken_byte_breaks_the_reader(void **state)
{
	size_t len;
	char *body = load("s1_bus_to_compound.ndjson", &len);
	static const char noise[] = "\"{}[],:\\0\x01\xff";

	(void)state;
	for (size_t i = 0; i < len; i += 7) {
		const char kept = body[i];

		body[i] = noise[i % (sizeof(noise) - 1)];
		assert_int_equal(feed_read_ndjson(body, len, &context, &arena, &batch, &err), 0);
		for (size_t line = 0; line < batch.len; line++)
			assert_true((batch.events[line].fact != NULL) ==
				    (batch.events[line].reject == REJECT_NONE));
		body[i] = kept;
		if (i % 70 == 0) {
			char *copy = malloc(len + 1);

			assert_non_null(copy);
			memcpy(copy, body, len + 1);
			arena_clear(&arena);
			body = arena_copy_bytes(&arena, copy, len);
			free(copy);
		}
	}
}

static void every_reject_has_its_word(void **state)
{
	(void)state;
	for (int reject = 0; reject <= REJECT_SOURCE_NOT_ALLOWED; reject++)
		assert_non_null(reject_word((enum reject)reject));
	assert_string_equal(reject_word(REJECT_SOURCE_NOT_ALLOWED), "source_not_allowed");
	assert_string_equal(reject_word(REJECT_ID_REUSE), "id_reuse");
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_recorded_request_gets_its_status),
		CASE(one_event_has_one_hash_in_every_mode),
		CASE(header_values_are_percent_decoded),
		CASE(the_ledger_gets_the_event_in_structured_form),
		CASE(every_bad_line_gets_its_code),
		CASE(every_line_of_the_scenarios_is_taken_without_a_warning),
		CASE(media_types_are_read_as_http_means_them),
		CASE(edifact_is_refused_with_a_reason),
		CASE(unknown_extensions_are_kept),
		CASE(bad_binary_events_are_refused_and_named),
		CASE(stray_percent_signs_and_quotes_are_read_leniently),
		CASE(a_heartbeat_needs_neither_body_nor_media_type),
		CASE(one_bad_event_does_not_sink_its_neighbours),
		CASE(a_batch_that_is_not_whole_is_refused_whole),
		CASE(empty_bodies_hold_no_event),
		CASE(lines_count_from_nought_and_blank_ones_count),
		CASE(sizes_have_bounds),
		CASE(envelopes_are_judged_by_their_codes),
		CASE(attributes_that_are_too_long_are_refused),
		CASE(odd_optional_attributes_are_ignored_with_a_warning),
		CASE(a_heartbeat_with_a_wrong_clock_is_still_a_sign_of_life),
		CASE(a_feed_speaks_only_for_its_sources),
		CASE(hash_means_type_instant_and_data_only),
		CASE(an_announcement_states_all_it_knows),
		CASE(an_announcement_with_a_name_alone_states_a_name_alone),
		CASE(triage_states_sticker_and_health),
		CASE(registration_states_the_desk_and_the_address),
		CASE(a_departure_states_riders_and_stops),
		CASE(vehicles_state_where_they_are),
		CASE(a_flight_states_its_key_and_times),
		CASE(hand_over_check_redirect_and_withdrawal_state_their_own),
		CASE(a_correction_states_only_what_it_names),
		CASE(members_without_a_rule_are_never_read),
		CASE(dirty_members_are_dropped_and_the_traveller_is_kept),
		CASE(what_has_one_reading_is_read),
		CASE(all_249_countries_are_known),
		CASE(a_complaint_nobody_listed_is_still_a_complaint),
		CASE(a_broken_flight_or_address_does_not_cost_the_traveller),
		CASE(warnings_and_details_hold_no_personal_data),
		CASE(many_warnings_are_bounded),
		CASE(control_characters_cannot_break_a_line),
		CASE(what_the_loop_hangs_on_is_required),
		CASE(what_the_loop_hangs_on_must_be_right),
		CASE(what_is_required_has_a_length),
		CASE(no_broken_byte_breaks_the_reader),
		CASE(every_reject_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
