/* test_reply.c — every answer lands in its class: the rows of tests/data/reply_fixtures.json, which
 * the mock server of the system tests serves too. Neighbours: lib/wire/reply*.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "channel_fixture.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

static const char *string_of(const cJSON *row, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, name));
}

static int64_t number_of(const cJSON *row, const char *name, int64_t otherwise)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(row, name);

	return member ? (int64_t)member->valuedouble : otherwise;
}

static struct reply reply_of(const cJSON *row)
{
	struct reply reply = {.status = (int)number_of(row, "status", 0),
			      .error = string_of(row, "error"),
			      .body = string_of(row, "body"),
			      .retry_after = at_path(row, "headers.Retry-After")};

	if (!reply.body)
		reply.body = "";
	reply.body_len = strlen(reply.body);
	return reply;
}

static void judge_row(const cJSON *row, enum conf_channel channel)
{
	const struct reply reply = reply_of(row);
	const int64_t most = number_of(row, "pause_most_ms", -1);
	const bool sick = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "sick"));
	const bool grows = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "grows"));
	struct verdict verdict;
	bool pause_fits;

	channel_classify(channel, &reply, number_of(row, "now_ms", NOW + 777), &verdict);
	pause_fits = most < 0 ? verdict.pause == number_of(row, "pause_ms", 0)
			      : verdict.pause > 0 && verdict.pause <= most;
	if (strcmp(outcome_word(verdict.outcome), string_of(row, "outcome")) != 0 || !pause_fits ||
	    verdict.sick != sick || verdict.grows != grows ||
	    !text_starts(verdict.hint, string_of(row, "hint")))
		fail_msg("%s %s: %s %lld \"%s\" sick %d grows %d", channel_word(channel),
			 cJSON_PrintUnformatted(row), outcome_word(verdict.outcome),
			 (long long)verdict.pause, verdict.hint, verdict.sick, verdict.grows);
}

static void every_answer_lands_in_its_class(void **state)
{
	const cJSON *row;
	size_t judged[CHANNELS] = {0};

	(void)state;
	cJSON_ArrayForEach(row, node_at(load_data("reply_fixtures.json"), "rows"))
	{
		const char *word = string_of(row, "channel");

		for (int channel = 0; channel < CHANNELS; channel++) {
			bool meant = strcmp(word, "any") == 0 ||
				     strcmp(word, channel_word((enum conf_channel)channel)) == 0;

			if (!meant)
				continue;
			judge_row(row, (enum conf_channel)channel);
			judged[channel]++;
		}
	}
	for (int channel = 0; channel < CHANNELS; channel++)
		assert_true(judged[channel] > 15);
}

static void no_status_and_no_garbage_is_a_robots_success(void **state)
{
	static const char *const bodies[] = {
		"",
		"null",
		"[]",
		"[0]",
		"0",
		"\"ok\"",
		"{",
		"{\"errcode\":[]}",
		"{\"code\":{}}",
		"<html>",
		"\xff\xfe",
		"{\"ok\":1}",
		/* Numbers that wrap round to a success, or hide one. */
		"{\"errcode\":4294967296,\"code\":4294967296}",
		"{\"errcode\":18446744073709551616,\"code\":1e300,\"status\":1e300}",
		"{\"errcode\":0.4,\"code\":0.4}",
		"{\"errcode\":\"4294967296\",\"code\":\"00000000000\"}",
		"{\"errcode\":93000,\"errcode\":0,\"code\":19001,\"code\":0}",
		"{\"data\":{\"errcode\":0,\"code\":0,\"StatusCode\":0,\"status\":\"success\"}}",
		"[[[[[[[[[[[[[[[[[[[[{\"errcode\":0}]]]]]]]]]]]]]]]]]]]]",
		"{\"errcode\":0,\"code\":0,\"status\":\"success\"} {\"errcode\":1}",
	};
	static const enum conf_channel robots[] = {CHANNEL_WECOM, CHANNEL_DINGTALK, CHANNEL_FEISHU,
						   CHANNEL_SLACK, CHANNEL_PAGERDUTY};

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(robots); r++) {
		for (size_t b = 0; b < ARRAY_LEN(bodies); b++) {
			for (int status = 100; status < 600; status++) {
				const struct reply reply = {.status = status,
							    .body = bodies[b],
							    .body_len = strlen(bodies[b])};
				struct verdict verdict;

				channel_classify(robots[r], &reply, NOW, &verdict);
				assert_int_not_equal(verdict.outcome, OUTCOME_OK);
				assert_true(*verdict.hint);
			}
		}
	}
}

static void a_mark_of_the_byte_order_hides_no_answer(void **state)
{
	static const char *const bodies[] = {"\xEF\xBB\xBF{\"errcode\":0}",
					     "\xEF\xBB\xBF{\"errcode\":93000}", "\xEF\xBB\xBF",
					     "\xEF\xBB"};
	static const enum outcome outcomes[] = {OUTCOME_OK, OUTCOME_SICK, OUTCOME_RETRY,
						OUTCOME_RETRY};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		const struct reply reply = {.status = 200,
					    .body = bodies[i],
					    .body_len = strlen(bodies[i])};
		struct verdict verdict;

		channel_classify(CHANNEL_WECOM, &reply, NOW, &verdict);
		assert_int_equal(verdict.outcome, outcomes[i]);
	}
}

static void a_hint_moves_no_cursor(void **state)
{
	static const char body[] = "{\"errcode\":7,\"errmsg\":\"a\\u009b2Jb\\u202ec\\u0007d\"}";
	const struct reply reply = {.status = 200, .body = body, .body_len = sizeof(body) - 1};
	struct verdict verdict;

	(void)state;
	channel_classify(CHANNEL_WECOM, &reply, NOW, &verdict);
	assert_string_equal(verdict.hint, "unknown_code: errcode 7: a  2Jb   c d");
}

static void a_full_robot_waits_for_the_next_minute(void **state)
{
	static const char body[] = "{\"errcode\":45009}";
	const struct reply reply = {.status = 200, .body = body, .body_len = sizeof(body) - 1};
	struct verdict verdict;

	(void)state;
	for (int64_t now = NOW; now < NOW + WHEN_MINUTE; now += 777) {
		channel_classify(CHANNEL_WECOM, &reply, now, &verdict);
		assert_int_equal(verdict.outcome, OUTCOME_PAUSE);
		assert_int_equal((now + verdict.pause) % WHEN_MINUTE, 0);
		assert_true(verdict.pause > 0);
		assert_true(verdict.pause <= WHEN_MINUTE);
	}
}

static void hints_hold_no_secret_and_no_line_break(void **state)
{
	static const struct {
		enum conf_channel channel;
		int status;
		const char *body;
	} leaking[] = {
		{CHANNEL_WECOM, 200,
		 "{\"errcode\":93000,\"errmsg\":\"invalid\\nurl https://x/send?key=SECRET\"}"},
		{CHANNEL_DINGTALK, 200,
		 "{\"errcode\":7,\"errmsg\":\"invalid\\nurl access_token=SECRET&sign=SECRET\"}"},
		{CHANNEL_FEISHU, 200,
		 "{\"code\":7,\"msg\":\"invalid\\nurl https://x/bot/v2/hook/SECRET\"}"},
		{CHANNEL_PAGERDUTY, 400, "{\"errors\":[\"invalid\\nurl routing_key=SECRET\"]}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(leaking); i++) {
		const struct reply reply = {.status = leaking[i].status,
					    .body = leaking[i].body,
					    .body_len = strlen(leaking[i].body)};
		struct verdict verdict;

		channel_classify(leaking[i].channel, &reply, NOW, &verdict);
		assert_null(strstr(verdict.hint, "SECRET"));
		assert_null(strchr(verdict.hint, '\n'));
		assert_non_null(strstr(verdict.hint, "invalid url"));
	}
}

static void long_hints_are_cut_between_characters(void **state)
{
	struct verdict verdict;

	(void)state;
	for (size_t i = 20; i < 300; i++) {
		const struct reply reply = {.error = many("旅", i), .body = ""};

		channel_classify(CHANNEL_GENERIC, &reply, NOW, &verdict);
		assert_true(text_is_utf8(verdict.hint, strlen(verdict.hint)));
	}
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, channel_begin, channel_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_answer_lands_in_its_class),
		CASE(no_status_and_no_garbage_is_a_robots_success),
		CASE(a_mark_of_the_byte_order_hides_no_answer),
		CASE(a_hint_moves_no_cursor),
		CASE(a_full_robot_waits_for_the_next_minute),
		CASE(hints_hold_no_secret_and_no_line_break),
		CASE(long_hints_are_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
