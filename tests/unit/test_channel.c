/* test_channel.c — requests have the vendor's form to the byte, and every answer lands in its
 * class. Neighbours: lib/wire/channel*.c, reply.c. */
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
#include "closedloop/when.h"
#include "wire/channel_row.h"

#define NEW_SECRET "whsec_Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM="
#define OLD_SECRET "whsec_Y2xvc2VkbG9vcGQtb2xkLS1zZWNyZXQtMzItYnl0ZXM="
#define NEW_SIGN   "v1,GA9lpL8/WYbf3mHlRJZ/DKf+KlK2CwFnOCC4Ah3b+WQ="
#define OLD_SIGN   "v1,8ZcR+fJzd6S14XTT9mzV03gMiP8XLVY79afICrK732k="
#define NOW	   (INT64_C(1584990300) * WHEN_SECOND) /* 2020-03-23T19:05:00Z */

static struct arena arena;
static struct conf_endpoint endpoint;
static struct channel_request request;

static const struct notice plain = {
	.id = "ntc_01E48R0V7K8Q3N5T2YJ6ZB4C9D",
	.endpoint = "ganquan",
	.alert = 45,
	.urgent = true,
	.type = "alert.raised",
	.kind = "arrival",
	.unit = "310104008012",
	.created_at = NOW - 1,
	.title = "到达提醒",
	.text = "2 人 17:50 到达",
	.url = "https://cl.example/a/abc",
	.data = "{\"eta\":\"2020-03-08T17:50:00+08:00\",\"count\":2}",
	.group = "",
};

static int begin(void **state)
{
	(void)state;
	arena = (struct arena)ARENA_INIT;
	endpoint = (struct conf_endpoint){.name = "ganquan",
					  .channel = CHANNEL_GENERIC,
					  .url = "https://sink.example/x",
					  .language = "zh-CN",
					  .secrets_len = 2};
	if (digest_init(NULL) < 0 ||
	    webhook_secret_parse(&endpoint.secrets[0], NEW_SECRET, NULL) < 0 ||
	    webhook_secret_parse(&endpoint.secrets[1], OLD_SECRET, NULL) < 0)
		return -1;
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const char *header(const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < request.headers_len; i++) {
		if (strncmp(request.headers[i], name, len) == 0 && request.headers[i][len] == ':')
			return request.headers[i] + len + 2;
	}
	return NULL;
}

static cJSON *build(enum conf_channel channel, const struct notice *notice)
{
	cJSON *tree;

	endpoint.channel = channel;
	assert_int_equal(channel_build(&endpoint, notice, "https://cl.example", NOW, &arena,
				       &request, NULL),
			 0);
	assert_int_equal(strlen(request.body), request.body_len);
	tree = cJSON_Parse(request.body);
	assert_non_null(tree);
	return tree;
}

static const char *member(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* The content of the WeCom message made of NOTICE. */
static const char *content(const struct notice *notice)
{
	cJSON *tree = build(CHANNEL_WECOM, notice);
	const char *type = member(tree, "msgtype");
	const char *found = member(cJSON_GetObjectItemCaseSensitive(tree, type), "content");

	found = arena_copy(&arena, found);
	cJSON_Delete(tree);
	assert_non_null(found);
	assert_true(text_is_utf8(found, strlen(found)));
	return found;
}

/* --- generic --- */

static void published_signatures_come_out_byte_for_byte(void **state)
{
	static const char body[] = "{\"type\":\"traveler.landed\",\"timestamp\":"
				   "\"2020-03-24T03:05:00+08:00\",\"data\":{\"id\":\"T-000123\","
				   "\"committee\":\"310104008012\",\"name\":\"张三\"}}";

	(void)state;
	request = (struct channel_request){.body = body, .body_len = sizeof(body) - 1};
	assert_int_equal(request.body_len, 134);
	assert_int_equal(channel_sign(&endpoint, "evt_01E48R0V7K8Q3N5T2YJ6ZB4C9D", NOW + 999,
				      &arena, &request, NULL),
			 0);
	assert_string_equal(header("webhook-id"), "evt_01E48R0V7K8Q3N5T2YJ6ZB4C9D");
	assert_string_equal(header("webhook-timestamp"), "1584990300");
	assert_string_equal(header("webhook-signature"), NEW_SIGN " " OLD_SIGN);
}

static void one_secret_gives_one_signature(void **state)
{
	(void)state;
	endpoint.secrets_len = 1;
	cJSON_Delete(build(CHANNEL_GENERIC, &plain));
	assert_int_equal(strlen(header("webhook-signature")), strlen(NEW_SIGN));
}

static void the_generic_body_is_a_cloudevent(void **state)
{
	cJSON *tree = build(CHANNEL_GENERIC, &plain);
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(tree, "data");

	(void)state;
	assert_string_equal(request.url, "https://sink.example/x");
	assert_string_equal(header("Content-Type"), "application/cloudevents+json; charset=utf-8");
	assert_string_equal(member(tree, "specversion"), "1.0");
	assert_string_equal(member(tree, "id"), plain.id);
	assert_string_equal(member(tree, "source"), "https://cl.example");
	assert_string_equal(member(tree, "type"), "org.closedloopd.alert.raised.v1");
	assert_string_equal(member(tree, "time"), "2020-03-23T19:04:59.999Z");
	assert_string_equal(member(tree, "datacontenttype"), "application/json");
	assert_string_equal(member(data, "alert"), "A-000045");
	assert_string_equal(member(data, "kind"), "arrival");
	assert_string_equal(member(data, "unit"), "310104008012");
	assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(data, "urgent")));
	assert_string_equal(member(data, "title"), plain.title);
	assert_string_equal(member(data, "text"), plain.text);
	assert_string_equal(member(data, "url"), plain.url);
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(data, "count")->valueint, 2);
	cJSON_Delete(tree);
}

static void what_is_sent_verifies_at_the_receiver(void **state)
{
	(void)state;
	cJSON_Delete(build(CHANNEL_GENERIC, &plain));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(webhook_verify(&endpoint.secrets[i], header("webhook-id"),
						header("webhook-timestamp"),
						header("webhook-signature"), request.body,
						request.body_len, NOW / WHEN_SECOND + 5, NULL),
				 0);
	}
}

static void every_try_is_signed_anew_with_the_same_id(void **state)
{
	const char *first, *id;

	(void)state;
	cJSON_Delete(build(CHANNEL_GENERIC, &plain));
	first = header("webhook-signature");
	id = header("webhook-id");
	assert_int_equal(channel_build(&endpoint, &plain, "https://cl.example",
				       NOW + 400 * WHEN_SECOND, &arena, &request, NULL),
			 0);
	assert_string_equal(header("webhook-id"), id);
	assert_string_equal(header("webhook-timestamp"), "1584990700");
	assert_string_not_equal(header("webhook-signature"), first);
}

static void a_notice_without_alert_has_no_number(void **state)
{
	struct notice notice = plain;
	cJSON *tree;

	(void)state;
	notice.alert = 0;
	notice.urgent = false;
	notice.data = "";
	tree = build(CHANNEL_GENERIC, &notice);
	assert_null(member(cJSON_GetObjectItemCaseSensitive(tree, "data"), "alert"));
	assert_null(member(tree, "subject"));
	cJSON_Delete(tree);
	notice.url = "";
	assert_null(strchr(content(&notice), '#'));
}

static void data_of_a_notice_cannot_pass_for_its_words(void **state)
{
	struct notice notice = plain;
	cJSON *tree;

	(void)state;
	notice.data = "{\"title\":\"false\",\"url\":\"http://evil/\",\"extra\":\"x\"}";
	tree = build(CHANNEL_GENERIC, &notice);
	assert_string_equal(member(cJSON_GetObjectItemCaseSensitive(tree, "data"), "title"),
			    plain.title);
	assert_string_equal(member(cJSON_GetObjectItemCaseSensitive(tree, "data"), "url"),
			    plain.url);
	assert_string_equal(member(cJSON_GetObjectItemCaseSensitive(tree, "data"), "extra"), "x");
	cJSON_Delete(tree);
	notice.data = "[1,2";
	cJSON_Delete(build(CHANNEL_GENERIC, &notice));
}

static void bodies_are_clean_json_whatever_the_text(void **state)
{
	struct notice notice = plain;
	cJSON *tree;

	(void)state;
	notice.title = "a\xe2\x80\xa8\xe2\x80\xa9\"\\\x01\xff\xe2\x80";
	tree = build(CHANNEL_GENERIC, &notice);
	assert_true(text_is_utf8(request.body, request.body_len));
	assert_non_null(strstr(request.body, "a\\u2028\\u2029\\\"\\\\\\u0001"));
	assert_null(strstr(request.body, "\xe2\x80\xa8"));
	assert_string_equal(
		member(cJSON_GetObjectItemCaseSensitive(tree, "data"), "title"),
		"a\xe2\x80\xa8\xe2\x80\xa9\"\\\x01\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	cJSON_Delete(tree);
}

/* --- wecom --- */

static void a_link_makes_it_markdown_and_its_absence_text(void **state)
{
	struct notice notice = plain;
	cJSON *tree = build(CHANNEL_WECOM, &notice);

	(void)state;
	assert_string_equal(header("Content-Type"), "application/json; charset=utf-8");
	assert_null(header("webhook-signature"));
	assert_string_equal(member(tree, "msgtype"), "markdown");
	cJSON_Delete(tree);
	assert_string_equal(content(&notice), "**到达提醒**\n2 人 17:50 到达\n"
					      "[查看并确认](https://cl.example/a/abc)\n#A-000045");
	notice.url = "";
	assert_string_equal(content(&notice), "到达提醒\n2 人 17:50 到达\n#A-000045");
	endpoint.language = "en";
	notice.url = plain.url;
	assert_non_null(strstr(content(&notice), "[Open and confirm](https://cl.example/a/abc)"));
}

/* 旅 COUNT times. */
static const char *many(size_t count)
{
	char *text = arena_alloc(&arena, 3 * count + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(text + 3 * i, "旅", 3);
	return text;
}

static void limits_are_bytes_and_cuts_fall_between_characters(void **state)
{
	struct notice notice = {.id = "ntc_1", .type = "notice.test", .kind = "test"};
	const char *made;

	(void)state;
	notice.text = many(682);
	assert_int_equal(strlen(notice.text), 2046);
	assert_string_equal(content(&notice), notice.text);
	notice.text = many(683);
	made = content(&notice);
	assert_int_equal(strlen(made), 2046); /* 681 characters and the ellipsis. */
	assert_string_equal(made + 681 * 3, "…");
}

static void what_is_cut_is_never_the_link_or_the_number(void **state)
{
	static const char *const urls[] = {"", "https://cl.example/a/abc"};

	(void)state;
	for (size_t u = 0; u < ARRAY_LEN(urls); u++) {
		const size_t max = *urls[u] ? 4096 : 2048;

		for (size_t extra = 0; extra < 7; extra++) {
			struct notice notice = plain;
			char title[8] = "xxxxxxx";
			const char *made;
			size_t len;

			title[extra] = '\0';
			notice.title = title;
			notice.text = many(1500);
			notice.url = urls[u];
			made = content(&notice);
			len = strlen(made);
			assert_true(len <= max);
			assert_true(len > max - 4);
			assert_string_equal(made + len - 9, "#A-000045");
			assert_non_null(strstr(made, urls[u]));
			assert_non_null(strstr(made, "…\n"));
		}
	}
}

static void travellers_cannot_mention_link_or_mark_up(void **state)
{
	struct notice notice = plain;
	const char *made;

	(void)state;
	notice.title = "<@all> LI <font color=\"warning\">x</font>";
	notice.text = "[免费](http://evil.example/) @13800000000 <@zhangsan> https://evil2.example";
	for (int round = 0; round < 2; round++) {
		made = content(&notice);
		assert_null(strchr(made, '<'));
		assert_null(strchr(made, '>'));
		assert_null(strchr(made, '@'));
		assert_null(strstr(made, "http://"));
		assert_null(strstr(made, "https://evil"));
		assert_null(strstr(made, "](http:"));
		assert_non_null(strstr(made, "＜＠all＞ LI"));
		notice.url = "";
	}
	assert_null(strchr(made, '['));
	assert_null(strchr(made, ']'));
}

static void a_link_that_fills_the_message_is_refused(void **state)
{
	struct notice notice = plain;
	struct err err = ERR_INIT;

	(void)state;
	notice.url = many(900);
	endpoint.channel = CHANNEL_WECOM;
	assert_int_equal(channel_build(&endpoint, &notice, "https://cl.example", NOW, &arena,
				       &request, &err),
			 CL_ELIMIT);
	assert_non_null(strstr(err.text, plain.id));
}

/* --- answers --- */

struct answer {
	enum conf_channel channel;
	int status;
	const char *body;
	const char *retry_after;
	enum outcome outcome;
	int64_t pause; /* ms; for wecom 45009 checked as "at most" */
	const char *hint;
};

static struct verdict classify(const struct answer *answer)
{
	const struct reply reply = {
		.status = answer->status,
		.error = answer->status ? NULL : answer->body,
		.body = answer->status ? answer->body : "",
		.body_len = answer->status ? strlen(answer->body) : 0,
		.retry_after = answer->retry_after,
	};
	struct verdict verdict;

	channel_classify(answer->channel, &reply, NOW, &verdict);
	return verdict;
}

static const struct answer answers[] = {
	{CHANNEL_GENERIC, 204, "", NULL, OUTCOME_OK, 0, "HTTP 204"},
	{CHANNEL_GENERIC, 200, "anything", NULL, OUTCOME_OK, 0, "HTTP 200"},
	{CHANNEL_GENERIC, 302, "", NULL, OUTCOME_RETRY, 0, "slow: HTTP 302"},
	{CHANNEL_GENERIC, 400, "", NULL, OUTCOME_RETRY, 0, "slow: "},
	{CHANNEL_GENERIC, 401, "", NULL, OUTCOME_RETRY, 0, "slow: "},
	{CHANNEL_GENERIC, 403, "", NULL, OUTCOME_RETRY, 0, "slow: "},
	{CHANNEL_GENERIC, 404, "", NULL, OUTCOME_RETRY, 0, "slow: "},
	{CHANNEL_GENERIC, 405, "", NULL, OUTCOME_RETRY, 0, "slow: "},
	{CHANNEL_GENERIC, 415, "", NULL, OUTCOME_RETRY, 0, "slow: "},
	{CHANNEL_GENERIC, 408, "", NULL, OUTCOME_RETRY, 0, "HTTP 408"},
	{CHANNEL_GENERIC, 410, "", NULL, OUTCOME_SICK, 0, "HTTP 410 gone"},
	{CHANNEL_GENERIC, 413, "", NULL, OUTCOME_DEAD, 0, "HTTP 413"},
	{CHANNEL_GENERIC, 422, "", NULL, OUTCOME_DEAD, 0, "HTTP 422"},
	{CHANNEL_GENERIC, 429, "", "2", OUTCOME_PAUSE, 2000, "HTTP 429"},
	{CHANNEL_GENERIC, 429, "", NULL, OUTCOME_PAUSE, 30000, "HTTP 429"},
	{CHANNEL_GENERIC, 429, "", "soon", OUTCOME_PAUSE, 30000, "HTTP 429"},
	{CHANNEL_GENERIC, 429, "", "-5", OUTCOME_PAUSE, 30000, "HTTP 429"},
	{CHANNEL_GENERIC, 429, "", "0", OUTCOME_RETRY, 0, "HTTP 429"},
	{CHANNEL_GENERIC, 429, "", "999999", OUTCOME_PAUSE, 3600000, "HTTP 429"},
	{CHANNEL_GENERIC, 429, "", "99999999999999999999", OUTCOME_PAUSE, 3600000, "HTTP 429"},
	{CHANNEL_GENERIC, 503, "", "Fri, 31 Dec 1999 23:59:59 GMT", OUTCOME_RETRY, 0, "HTTP 503"},
	{CHANNEL_GENERIC, 503, "", "Mon, 23 Mar 2020 19:05:20 GMT", OUTCOME_PAUSE, 20000,
	 "HTTP 503"},
	{CHANNEL_GENERIC, 503, "", "Mon, 23 Mar 2020 19:05:20 GMT and more", OUTCOME_RETRY, 0,
	 "HTTP 503"},
	{CHANNEL_GENERIC, 503, "", "Mon, 99 Foo 2020 19:05:20 GMT", OUTCOME_RETRY, 0, "HTTP 503"},
	{CHANNEL_GENERIC, 503, "", NULL, OUTCOME_RETRY, 0, "HTTP 503"},
	{CHANNEL_GENERIC, 500, "", NULL, OUTCOME_RETRY, 0, "HTTP 500"},
	{CHANNEL_GENERIC, 502, "", NULL, OUTCOME_RETRY, 0, "HTTP 502"},
	{CHANNEL_GENERIC, 504, "", NULL, OUTCOME_RETRY, 0, "HTTP 504"},
	{CHANNEL_GENERIC, 599, "", NULL, OUTCOME_RETRY, 0, "HTTP 599"},
	{CHANNEL_GENERIC, 101, "", NULL, OUTCOME_RETRY, 0, "slow: "},
	{CHANNEL_GENERIC, 700, "", NULL, OUTCOME_RETRY, 0, "slow: "},
	{CHANNEL_GENERIC, 0, "connect refused", NULL, OUTCOME_RETRY, 0, "connect refused"},
	{CHANNEL_GENERIC, 0, "reset", NULL, OUTCOME_RETRY, 0, "reset"},
	{CHANNEL_GENERIC, 0, "TLS error", NULL, OUTCOME_RETRY, 0, "TLS error"},
	{CHANNEL_GENERIC, 0, "timeout", NULL, OUTCOME_RETRY, 0, "timeout"},
	{CHANNEL_GENERIC, 0, "", NULL, OUTCOME_RETRY, 0, "no answer"},
	{CHANNEL_GENERIC, 0, "SSL: certificate has expired", NULL, OUTCOME_RETRY, 0,
	 "slow: SSL: certificate"},

	{CHANNEL_WECOM, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", NULL, OUTCOME_OK, 0, "errcode 0"},
	{CHANNEL_WECOM, 200, "{\"errcode\":\"0\"}", NULL, OUTCOME_OK, 0, "errcode 0"},
	{CHANNEL_WECOM, 200,
	 "{\"errcode\":45009,\"errmsg\":\"api freq out of limit, hint: [1], from ip: 1.2.3.4\"}",
	 NULL, OUTCOME_PAUSE, 60000, "errcode 45009: api freq out of limit"},
	{CHANNEL_WECOM, 200, "{\"errcode\":45033,\"errmsg\":\"\"}", NULL, OUTCOME_RETRY, 0,
	 "errcode 45033"},
	{CHANNEL_WECOM, 200, "{\"errcode\":-1,\"errmsg\":\"system busy\"}", NULL, OUTCOME_RETRY, 0,
	 "errcode -1"},
	{CHANNEL_WECOM, 200, "{\"errcode\":93000,\"errmsg\":\"invalid webhook url, hint: [1]\"}",
	 NULL, OUTCOME_SICK, 0, "errcode 93000"},
	{CHANNEL_WECOM, 200, "{\"errcode\":93004}", NULL, OUTCOME_SICK, 0, "errcode 93004"},
	{CHANNEL_WECOM, 200, "{\"errcode\":93008}", NULL, OUTCOME_SICK, 0, "errcode 93008"},
	{CHANNEL_WECOM, 200,
	 "{\"errcode\":40058,\"errmsg\":\"markdown.content exceed max length 4096. invalid Request "
	 "Parameter\"}",
	 NULL, OUTCOME_DEAD, 0, "errcode 40058"},
	{CHANNEL_WECOM, 200, "{\"errcode\":45002}", NULL, OUTCOME_DEAD, 0, "errcode 45002"},
	{CHANNEL_WECOM, 200, "{\"errcode\":40008}", NULL, OUTCOME_DEAD, 0, "errcode 40008"},
	{CHANNEL_WECOM, 200, "{\"errcode\":44004}", NULL, OUTCOME_DEAD, 0, "errcode 44004"},
	{CHANNEL_WECOM, 200, "{}", NULL, OUTCOME_RETRY, 0, "the answer holds no errcode"},
	{CHANNEL_WECOM, 200, "<html>ok</html>", NULL, OUTCOME_RETRY, 0, "the answer holds no"},
	{CHANNEL_WECOM, 200, "", NULL, OUTCOME_RETRY, 0, "the answer holds no errcode"},
	{CHANNEL_WECOM, 200, "{\"errcode\":null}", NULL, OUTCOME_RETRY, 0, "the answer holds no"},
	{CHANNEL_WECOM, 200, "{\"errcode\":false}", NULL, OUTCOME_RETRY, 0, "the answer holds no"},
	{CHANNEL_WECOM, 200, "{\"errcode\":\"\"}", NULL, OUTCOME_RETRY, 0, "the answer holds no"},
	{CHANNEL_WECOM, 200, "{\"errcode\":\"0x\"}", NULL, OUTCOME_RETRY, 0, "the answer holds no"},
	{CHANNEL_WECOM, 200, "{\"errcode\":0.5}", NULL, OUTCOME_RETRY, 0, "the answer holds no"},
	{CHANNEL_WECOM, 200, "{\"errcode\":0,\"errcode\":1}", NULL, OUTCOME_RETRY, 0,
	 "the answer holds no"},
	{CHANNEL_WECOM, 200, "{\"status\":1111,\"wait\":5,\"source\":\"x5\",\"punish\":\"deny\"}",
	 NULL, OUTCOME_RETRY, 0, "the answer holds no"},
	{CHANNEL_WECOM, 200, "{\"errcode\":999999,\"errmsg\":\"?\"}", NULL, OUTCOME_RETRY, 0,
	 "unknown_code: errcode 999999"},
	{CHANNEL_WECOM, 404, "", NULL, OUTCOME_RETRY, 0, "slow: HTTP 404"},
	{CHANNEL_WECOM, 503, "", "7", OUTCOME_PAUSE, 7000, "HTTP 503"},
	{CHANNEL_WECOM, 0, "connect refused", NULL, OUTCOME_RETRY, 0, "connect refused"},
};

static void every_answer_lands_in_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct answer *answer = &answers[i];
		struct verdict verdict = classify(answer);

		if (verdict.outcome != answer->outcome || verdict.pause != answer->pause ||
		    !text_starts(verdict.hint, answer->hint))
			fail_msg("row %zu: %s %lld \"%s\"", i, outcome_word(verdict.outcome),
				 (long long)verdict.pause, verdict.hint);
	}
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
	const struct answer leaking = {CHANNEL_WECOM,
				       200,
				       "{\"errcode\":93000,\"errmsg\":\"invalid\\nurl "
				       "https://x/send?key=SECRET-KEY\"}",
				       NULL,
				       OUTCOME_SICK,
				       0,
				       ""};
	struct verdict verdict = classify(&leaking);

	(void)state;
	assert_null(strstr(verdict.hint, "SECRET"));
	assert_null(strchr(verdict.hint, '\n'));
	assert_non_null(strstr(verdict.hint, "invalid url"));
}

static void long_hints_are_cut_between_characters(void **state)
{
	struct answer answer = {CHANNEL_GENERIC, 0, NULL, NULL, OUTCOME_RETRY, 0, ""};
	struct verdict verdict;

	(void)state;
	for (size_t i = 20; i < 60; i++) {
		answer.body = many(i);
		verdict = classify(&answer);
		assert_true(text_is_utf8(verdict.hint, strlen(verdict.hint)));
	}
}

static void every_channel_and_outcome_has_a_word(void **state)
{
	(void)state;
	assert_string_equal(channel_word(CHANNEL_GENERIC), "generic");
	assert_string_equal(channel_word(CHANNEL_WECOM), "wecom");
	assert_string_equal(outcome_word(OUTCOME_OK), "ok");
	assert_string_equal(outcome_word(OUTCOME_SICK), "sick");
	for (int outcome = 0; outcome <= OUTCOME_SICK; outcome++)
		assert_non_null(outcome_word((enum outcome)outcome));
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(published_signatures_come_out_byte_for_byte),
		CASE(one_secret_gives_one_signature),
		CASE(the_generic_body_is_a_cloudevent),
		CASE(what_is_sent_verifies_at_the_receiver),
		CASE(every_try_is_signed_anew_with_the_same_id),
		CASE(a_notice_without_alert_has_no_number),
		CASE(data_of_a_notice_cannot_pass_for_its_words),
		CASE(bodies_are_clean_json_whatever_the_text),
		CASE(a_link_makes_it_markdown_and_its_absence_text),
		CASE(limits_are_bytes_and_cuts_fall_between_characters),
		CASE(what_is_cut_is_never_the_link_or_the_number),
		CASE(travellers_cannot_mention_link_or_mark_up),
		CASE(a_link_that_fills_the_message_is_refused),
		CASE(every_answer_lands_in_its_class),
		CASE(a_full_robot_waits_for_the_next_minute),
		CASE(hints_hold_no_secret_and_no_line_break),
		CASE(long_hints_are_cut_between_characters),
		CASE(every_channel_and_outcome_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
