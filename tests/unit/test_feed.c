/* test_feed.c — whatever way an event travels it is read once and alike, and what is no event is
 * refused by its code: envelope, modes, batches, limits, recorded requests.
 * Neighbours: test_feed_data.c for what `data` says; lib/wire/feed.c, feed_binary.c and
 * feed_cloudevents.c; tests/data/http_requests.json and s1 to s6. */
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
#include "closedloop/text.h"
#include "feed_fixture.h"

/* --- data files --- */

static char *load(const char *name, size_t *len)
{
	const char *dir = getenv("CLOSEDLOOP_TEST_DATA");
	const size_t cap = 65536;
	char path[512];
	char *bytes = arena_alloc(&feed.arena, cap);
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

/* --- requests from the data files --- */

/* The status a single POST is answered with. */
static int status_of(int rc)
{
	if (rc)
		return rc;
	return feed.batch.single && feed.batch.events[0].reject ? 400 : 202;
}

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
		if (status_of(post_recorded(recorded)) != 202 || feed.batch.len == 0)
			continue;
		for (size_t i = 0; i < feed.batch.len; i++) {
			assert_int_equal(feed.batch.events[i].reject, REJECT_NONE);
			assert_int_equal(feed.batch.events[i].index, i);
			if (same++ == 0)
				memcpy(hash, feed.batch.events[i].fact->hash, sizeof(hash));
			assert_memory_equal(feed.batch.events[i].fact->hash, hash, sizeof(hash));
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
	body = cJSON_Parse(feed.batch.events[0].fact->body);
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
		fact = feed.batch.events[0].fact;
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
	feed.context.now =
		instant_of(cJSON_GetObjectItemCaseSensitive(expected, "clock")->valuestring);
	assert_int_equal(
		feed_read_ndjson(body, len, &feed.context, &feed.arena, &feed.batch, &feed.err), 0);
	cJSON_ArrayForEach(line, cJSON_GetObjectItemCaseSensitive(expected, "lines"))
	{
		const char *code = cJSON_GetObjectItemCaseSensitive(line, "code")->valuestring;

		assert_true(index < feed.batch.len);
		assert_int_equal(feed.batch.events[index].index, index);
		if (strcmp(verdict_of(&feed.batch, index), code) != 0)
			fail_msg("line %zu: %s, not %s", index + 1, verdict_of(&feed.batch, index),
				 code);
		index++;
	}
	assert_int_equal(index, feed.batch.len);
	assert_string_equal(feed.batch.events[9].fact->field[FIELD_NATIONALITY], "KOR");
	assert_non_null(strstr(feed.batch.events[9].fact->warnings, "$.data.traveler.nationality"));
	cJSON_Delete(expected);
}

static void every_line_of_the_scenarios_is_taken_without_a_warning(void **state)
{
	static const char *const names[] = {"s1_bus_to_compound", "s2_shuffled_duplicates",
					    "s3_redirect_after_departure", "s4_relay_two_vehicles",
					    "s5_short_notice_unknown_nationality"};

	(void)state;
	feed.context.now = instant_of("2020-03-31T00:00:00Z");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len, accepted = 0, duplicates = 0;
		const char *body = load(arena_printf(&feed.arena, "%s.ndjson", names[i]), &len);
		cJSON *expected =
			load_json(arena_printf(&feed.arena, "%s.expected.json", names[i]));
		const cJSON *events = cJSON_GetObjectItemCaseSensitive(expected, "events");

		assert_int_equal(feed_read_ndjson(body, len, &feed.context, &feed.arena,
						  &feed.batch, &feed.err),
				 0);
		for (size_t line = 0; line < feed.batch.len; line++) {
			const char *verdict = verdict_of(&feed.batch, line);

			accepted += strcmp(verdict, "accepted") == 0;
			duplicates += strcmp(verdict, "duplicate") == 0;
			if (feed.batch.events[line].reject ||
			    *feed.batch.events[line].fact->warnings)
				fail_msg("%s line %zu: %s", names[i], line + 1,
					 feed.batch.events[line].reject
						 ? feed.batch.events[line].detail
						 : feed.batch.events[line].fact->warnings);
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

		if (status != rows[i].status || feed.whole != rows[i].whole)
			fail_msg("%s: %d %s", rows[i].type, status, reject_word(feed.whole));
	}
	assert_int_equal(post("{}", 2, 0, NULL), 415);
}

static void edifact_is_refused_with_a_reason(void **state)
{
	(void)state;
	assert_int_equal(post_as("application/edifact", "UNA:+.? '"), 415);
	assert_non_null(strstr(feed.err.text, "does not read EDIFACT"));
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
	assert_true(feed.batch.single);
	return &feed.batch.events[0];
}

static void unknown_extensions_are_kept(void **state)
{
	static const char body[] = "{\"ref\":\"P1\",\"reason\":\"no_show\"}";

	(void)state;
	assert_int_equal(judge_binary(body)->reject, REJECT_NONE);
	assert_non_null(strstr(feed.batch.events[0].fact->body, "\"traceparent\":\"00-abc\""));
	assert_int_equal(feed.batch.events[0].raw_len, strlen(body));
}

static void bad_binary_events_are_refused_and_named(void **state)
{
	(void)state;
	assert_int_equal(judge_binary("{\"ref\":")->reject, REJECT_BAD_JSON);
	assert_string_equal(feed.batch.events[0].id, "e1");
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
	assert_non_null(
		strstr(feed.batch.events[0].fact->body, "\"subject\":\"100% \\\"a\\\" 张\""));
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
	assert_int_equal(feed.batch.events[0].reject, REJECT_NONE);
	assert_int_equal(feed.batch.events[0].fact->type, FACT_HEARTBEAT);
}

/* --- batches and lines --- */

static void one_bad_event_does_not_sink_its_neighbours(void **state)
{
	const char *good = event_of("feed.heartbeat", "{}");
	const char *body = arena_printf(
		&feed.arena,
		" [ %s , {\"a\":1,\"a\":2}, 7, [%s], {\"x\":} , {\"s\":\"],[\\\"\"},%s ] ", good,
		good, good);
	static const enum reject expect[] = {REJECT_NONE,	  REJECT_BAD_JSON,
					     REJECT_NOT_AN_EVENT, REJECT_NOT_AN_EVENT,
					     REJECT_BAD_JSON,	  REJECT_MISSING_ATTRIBUTE,
					     REJECT_NONE};

	(void)state;
	assert_int_equal(post_as("application/cloudevents-batch+json", body), 0);
	assert_false(feed.batch.single);
	assert_int_equal(feed.batch.len, ARRAY_LEN(expect));
	for (size_t i = 0; i < feed.batch.len; i++)
		assert_int_equal(feed.batch.events[i].reject, expect[i]);
	assert_int_equal(feed.batch.events[6].raw_len, strlen(good));
	assert_memory_equal(feed.batch.events[6].raw, good, strlen(good));
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

		if (rc != 400 || feed.whole != rows[i].whole)
			fail_msg("%s: %d %s", rows[i].body, rc, reject_word(feed.whole));
	}
}

static void empty_bodies_hold_no_event(void **state)
{
	(void)state;
	assert_int_equal(post_as("application/cloudevents-batch+json", " [ ] "), 0);
	assert_int_equal(feed.batch.len, 0);
	assert_int_equal(post_as("application/x-ndjson", ""), 0);
	assert_int_equal(feed.batch.len, 0);
	assert_int_equal(post_as("application/x-ndjson", "\n \r\n"), 0);
	assert_int_equal(feed.batch.len, 0);
	assert_int_equal(post_as("application/cloudevents+json", ""), 0);
	assert_int_equal(feed.batch.events[0].reject, REJECT_BAD_JSON);
}

static void lines_count_from_nought_and_blank_ones_count(void **state)
{
	const char *good = event_of("feed.heartbeat", "{}");

	(void)state;
	assert_int_equal(post_as("application/x-ndjson",
				 arena_printf(&feed.arena, "\n%s\r\n\n{\n%s", good, good)),
			 0);
	assert_int_equal(feed.batch.len, 3);
	assert_int_equal(feed.batch.events[0].index, 1);
	assert_int_equal(feed.batch.events[1].index, 3);
	assert_int_equal(feed.batch.events[1].reject, REJECT_BAD_JSON);
	assert_int_equal(feed.batch.events[2].index, 4);
	assert_int_equal(feed.batch.events[2].reject, REJECT_NONE);
}

static void sizes_have_bounds(void **state)
{
	const char *good = event_of("feed.heartbeat", "{}");
	const char *big =
		event_of("feed.heartbeat", arena_printf(&feed.arena, "{\"x\":\"%0300d\"}", 0));

	(void)state;
	feed.context.event_max = 300;
	feed.context.events_max = 2;
	assert_int_equal(post_as("application/cloudevents+json", big), 413);
	assert_int_equal(feed.whole, REJECT_TOO_LARGE);
	binary[6] = (struct http_header){"ce-traceparent", "00-abc"};
	assert_int_equal(post(big, strlen(big), ARRAY_LEN(binary), binary), 413);
	assert_int_equal(post_as("application/cloudevents-batch+json",
				 arena_printf(&feed.arena, "[%s,%s]", big, good)),
			 0);
	assert_int_equal(feed.batch.events[0].reject, REJECT_TOO_LARGE);
	assert_int_equal(feed.batch.events[1].reject, REJECT_NONE);
	assert_int_equal(post_as("application/cloudevents-batch+json",
				 arena_printf(&feed.arena, "[%s,%s,%s]", good, good, good)),
			 413);
	assert_int_equal(feed.whole, REJECT_TOO_LARGE);
	assert_int_equal(post_as("application/x-ndjson",
				 arena_printf(&feed.arena, "%s\n%s\n%s", good, good, good)),
			 413);
	assert_int_equal(feed_read_ndjson("{\n{\n{", 5, &feed.context, &feed.arena, &feed.batch,
					  &feed.err),
			 CL_ELIMIT);
}

/* --- envelope --- */

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
		const char *event =
			arena_printf(&feed.arena,
				     ENVELOPE("\"%0*d\"", "\"/s\"", SAID, "\"" NOW "\"", DATA), len,
				     0);

		assert_int_equal(judge(event)->reject, len > 128 ? REJECT_TOO_LONG : REJECT_NONE);
	}
	for (int len = 255; len <= 256; len++) {
		const char *event =
			arena_printf(&feed.arena,
				     ENVELOPE("\"a\"", "\"/%0*d\"", SAID, "\"" NOW "\"", DATA), len,
				     0);

		assert_int_equal(judge(event)->reject, len > 255 ? REJECT_TOO_LONG : REJECT_NONE);
		assert_true(strlen(feed.batch.events[0].source) <= 256);
	}
}

static void odd_optional_attributes_are_ignored_with_a_warning(void **state)
{
	(void)state;
	judge(ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"",
		       DATA ",\"sequence\":7,\"subject\":\"\""));
	assert_int_equal(feed.batch.events[0].reject, REJECT_NONE);
	assert_null(feed.batch.events[0].fact->stamp.sequence);
	assert_string_equal(feed.batch.events[0].fact->warnings,
			    "$.subject is not a text, ignored; $.sequence is not a text, ignored");
}

static void a_heartbeat_with_a_wrong_clock_is_still_a_sign_of_life(void **state)
{
	(void)state;
	judge(ENVELOPE("\"a\"", "\"/s\"", BEAT, "\"2030-03-08T10:10:01+08:00\"", ""));
	assert_non_null(strstr(feed.batch.events[0].fact->warnings, "future"));
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
	feed.context.sources = sources;
	feed.context.sources_len = ARRAY_LEN(sources);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct feed_event *event =
			judge(arena_printf(&feed.arena,
					   ENVELOPE("\"a\"", "\"%s\"", SAID, "\"" NOW "\"", DATA),
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
	memcpy(first, feed.batch.events[0].fact->hash, sizeof(first));
	judge(ENVELOPE("\"b\"", "\"/t\"", SAID, "\"2020-03-08T02:00:00.000Z\"",
		       ",\"ext\":\"y\",\"data\":{ \"reason\":\"no_show\", \"ref\":\"P1\"}"));
	assert_memory_equal(feed.batch.events[0].fact->hash, first, sizeof(first));
	judge(ENVELOPE("\"a\"", "\"/s\"", SAID, "\"2020-03-08T02:00:00.001Z\"", DATA));
	assert_memory_not_equal(feed.batch.events[0].fact->hash, first, sizeof(first));
	judge(ENVELOPE("\"a\"", "\"/s\"", SAID, "\"" NOW "\"",
		       ",\"data\":{\"ref\":\"P1\",\"reason\":\"no_show\",\"x\":1}"));
	assert_memory_not_equal(feed.batch.events[0].fact->hash, first, sizeof(first));
}

/* --- noise and words --- */

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
		assert_int_equal(feed_read_ndjson(body, len, &feed.context, &feed.arena,
						  &feed.batch, &feed.err),
				 0);
		for (size_t line = 0; line < feed.batch.len; line++)
			assert_true((feed.batch.events[line].fact != NULL) ==
				    (feed.batch.events[line].reject == REJECT_NONE));
		body[i] = kept;
		if (i % 70 == 0) {
			char *copy = malloc(len + 1);

			assert_non_null(copy);
			memcpy(copy, body, len + 1);
			arena_clear(&feed.arena);
			body = arena_copy_bytes(&feed.arena, copy, len);
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

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, feed_begin, feed_end)

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
		CASE(no_broken_byte_breaks_the_reader),
		CASE(every_reject_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
