/* test_channel.c — what machines get: signed CloudEvents, PagerDuty's events, Alertmanager's
 * alerts. Neighbours: lib/wire/channel.c, channel_generic.c, channel_labels.c, channel_pagerduty.c,
 * channel_alertmanager.c; test_channel_chat.c has the chats. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "channel_fixture.h"
#include "closedloop/alert.h"
#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/channel_labels.h"

#define NEW_SECRET "whsec_Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM="
#define OLD_SECRET "whsec_Y2xvc2VkbG9vcGQtb2xkLS1zZWNyZXQtMzItYnl0ZXM="
#define KEY_32	   "0123456789abcdef0123456789abcdef"

static void take_secret(const char *text)
{
	struct conf_endpoint *endpoint = &made.endpoint;

	assert_int_equal(
		webhook_secret_parse(&endpoint->secrets[endpoint->secrets_len++], text, NULL), 0);
}

static int begin(void **state)
{
	if (channel_begin(state) < 0)
		return -1;
	take_secret(NEW_SECRET);
	take_secret(OLD_SECRET);
	return 0;
}

/* --- generic --- */

static void published_signatures_come_out_byte_for_byte(void **state)
{
	const cJSON *vector;
	int count = 0;

	(void)state;
	cJSON_ArrayForEach(vector, node_at(load_data("channel_vectors.json"), "standard_webhooks"))
	{
		const char *body = at_path(vector, "body");
		const char *expected = "";
		const cJSON *item;

		made.endpoint.secrets_len = 0;
		cJSON_ArrayForEach(item, node_at(vector, "secrets")) take_secret(item->valuestring);
		cJSON_ArrayForEach(item, node_at(vector, "signatures")) expected =
			arena_printf(&made.arena, "%s%s%s", expected, *expected ? " " : "",
				     item->valuestring);
		made.request = (struct channel_request){.body = body, .body_len = strlen(body)};
		assert_int_equal(channel_sign(&made.endpoint, at_path(vector, "id"),
					      (int64_t)node_at(vector, "timestamp_s")->valuedouble *
							      WHEN_SECOND +
						      999,
					      &made.arena, &made.request, NULL),
				 0);
		assert_string_equal(header("webhook-signature"), expected);
		count++;
	}
	assert_int_equal(count, 4);
}

static void the_generic_body_is_a_cloudevent(void **state)
{
	const cJSON *tree = build(CHANNEL_GENERIC, FORM_USUAL, &plain_notice);

	(void)state;
	assert_string_equal(made.request.url, "https://sink.example/x");
	assert_string_equal(header("Content-Type"), "application/cloudevents+json; charset=utf-8");
	assert_string_equal(at_path(tree, "specversion"), "1.0");
	assert_string_equal(at_path(tree, "id"), plain_notice.id);
	assert_string_equal(at_path(tree, "source"), "https://cl.example");
	assert_string_equal(at_path(tree, "type"), "org.closedloopd.alert.raised.v1");
	assert_string_equal(at_path(tree, "time"), "2020-03-23T19:04:59.999Z");
	assert_string_equal(at_path(tree, "datacontenttype"), "application/json");
	assert_string_equal(at_path(tree, "data.alert"), "A-000045");
	assert_string_equal(at_path(tree, "data.kind"), "arrival");
	assert_string_equal(at_path(tree, "data.unit"), "310104008012");
	assert_true(cJSON_IsTrue(node_at(tree, "data.urgent")));
	assert_string_equal(at_path(tree, "data.title"), plain_notice.title);
	assert_string_equal(at_path(tree, "data.text"), plain_notice.text);
	assert_string_equal(at_path(tree, "data.url"), plain_notice.url);
	assert_int_equal(node_at(tree, "data.count")->valueint, 2);
}

static void what_is_sent_verifies_at_the_receiver(void **state)
{
	(void)state;
	build(CHANNEL_GENERIC, FORM_USUAL, &plain_notice);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(webhook_verify(&made.endpoint.secrets[i], header("webhook-id"),
						header("webhook-timestamp"),
						header("webhook-signature"), made.request.body,
						made.request.body_len, NOW / WHEN_SECOND + 5, NULL),
				 0);
	}
	made.endpoint.secrets_len = 1;
	build(CHANNEL_GENERIC, FORM_USUAL, &plain_notice);
	assert_null(strchr(header("webhook-signature"), ' '));
}

static void every_try_is_signed_anew_with_the_same_id(void **state)
{
	const char *first, *id;

	(void)state;
	build(CHANNEL_GENERIC, FORM_USUAL, &plain_notice);
	first = header("webhook-signature");
	id = header("webhook-id");
	assert_int_equal(channel_build(&made.endpoint, &plain_notice, NULL, "https://cl.example",
				       NOW + 400 * WHEN_SECOND, &made.arena, &made.request, NULL),
			 0);
	assert_string_equal(header("webhook-id"), id);
	assert_string_equal(header("webhook-timestamp"), "1584990700");
	assert_string_not_equal(header("webhook-signature"), first);
}

static void a_notice_without_alert_has_no_number(void **state)
{
	struct notice notice = plain_notice;
	const cJSON *tree;

	(void)state;
	notice.alert = 0;
	notice.urgent = false;
	notice.data = "";
	tree = build(CHANNEL_GENERIC, FORM_USUAL, &notice);
	assert_null(at_path(tree, "data.alert"));
	assert_null(at_path(tree, "subject"));
}

static void data_of_a_notice_cannot_pass_for_its_words(void **state)
{
	struct notice notice = plain_notice;
	const cJSON *tree;

	(void)state;
	notice.data = "{\"title\":\"false\",\"url\":\"http://evil/\",\"extra\":\"x\"}";
	tree = build(CHANNEL_GENERIC, FORM_USUAL, &notice);
	assert_string_equal(at_path(tree, "data.title"), plain_notice.title);
	assert_string_equal(at_path(tree, "data.url"), plain_notice.url);
	assert_string_equal(at_path(tree, "data.extra"), "x");
	notice.data = "[1,2";
	build(CHANNEL_GENERIC, FORM_USUAL, &notice);
	notice.data = "[1,2]";
	build(CHANNEL_GENERIC, FORM_USUAL, &notice);
}

static void bodies_are_clean_json_whatever_the_text(void **state)
{
	struct notice notice = plain_notice;
	const cJSON *tree;

	(void)state;
	notice.title = "a\xe2\x80\xa8\xe2\x80\xa9\"\\\x01\xff\xe2\x80";
	tree = build(CHANNEL_GENERIC, FORM_USUAL, &notice);
	assert_non_null(strstr(made.request.body, "a\\u2028\\u2029\\\"\\\\\\u0001"));
	assert_null(strstr(made.request.body, "\xe2\x80\xa8"));
	assert_string_equal(
		at_path(tree, "data.title"),
		"a\xe2\x80\xa8\xe2\x80\xa9\"\\\x01\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

/* --- labels --- */

static void labels_from(const cJSON *object, struct labels *out)
{
	const cJSON *label;

	*out = (struct labels){.len = 0};
	cJSON_ArrayForEach(label, object) labels_add(out, label->string, label->valuestring);
}

static void fingerprints_and_keys_are_alertmanagers(void **state)
{
	const cJSON *vectors = load_data("channel_vectors.json"), *vector;
	struct labels labels;

	(void)state;
	cJSON_ArrayForEach(vector, node_at(vectors, "fingerprints"))
	{
		char print[20];

		labels_from(node_at(vector, "labels"), &labels);
		snprintf(print, sizeof(print), "%016" PRIx64, labels_fingerprint(&labels));
		assert_string_equal(print, at_path(vector, "fingerprint"));
	}
	cJSON_ArrayForEach(vector, node_at(vectors, "group_keys"))
	{
		uint8_t hash[DIGEST_SHA_LEN];
		char hex[2 * DIGEST_SHA_LEN + 1];
		const char *key;

		labels_from(node_at(vector, "labels"), &labels);
		key = labels_group_key(&labels, at_path(vector, "route"), &made.arena);
		assert_string_equal(key, at_path(vector, "key"));
		digest_sha256(key, strlen(key), hash);
		digest_hex(hash, sizeof(hash), hex, sizeof(hex));
		assert_string_equal(hex, at_path(vector, "sha256"));
	}
}

static void labels_are_sorted_and_quoted(void **state)
{
	struct labels labels = {.len = 0};

	(void)state;
	labels_add(&labels, "b", "2");
	labels_add(&labels, "c", "a\"\\\n\x01");
	labels_add(&labels, "a", "旅");
	assert_string_equal(labels_group_key(&labels, "{}", &made.arena),
			    "{}:{a=\"旅\", b=\"2\", c=\"a\\\"\\\\\\n\\x01\"}");
}

static void every_kind_of_alert_has_a_lasting_severity(void **state)
{
	(void)state;
	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		const struct alert_traits *traits = alert_traits((enum alert_kind)kind);
		const struct notice notice = {.kind = traits->word, .urgent = !traits->urgent};

		assert_string_equal(labels_severity(&notice), traits->informative ? "info"
							      : traits->urgent	  ? "critical"
										  : "warning");
	}
	assert_string_equal(labels_severity(&(struct notice){.kind = "test", .urgent = true}),
			    "info");
}

/* --- alertmanager --- */

static struct notice told(const char *type)
{
	struct notice notice = plain_notice;

	notice.type = type;
	notice.kind = "not_accepted";
	notice.urgent = strcmp(type, "alert.raised") == 0;
	notice.data = "{\"opened_at\":\"2020-03-24T03:00:00+08:00\","
		      "\"eta\":\"2020-03-24T02:50:00+08:00\"}";
	return notice;
}

static void the_webhook_is_version_4_to_the_byte(void **state)
{
	struct notice notice = told("alert.raised");

	(void)state;
	build(CHANNEL_ALERTMANAGER, FORM_USUAL, &notice);
	assert_string_equal(header("Content-Type"), "application/json");
#define LABELS                                                                                     \
	"{\"alert\":\"A-000045\",\"alertname\":\"NotAccepted\",\"severity\":\"critical\","         \
	"\"unit\":\"310104008012\"}"
#define NOTES                                                                                      \
	"{\"summary\":\"到达提醒\",\"description\":\"2 人 17:50 到达\","                    \
	"\"eta\":\"2020-03-24T02:50:00+08:00\"}"
	assert_string_equal(
		made.request.body,
		"{\"receiver\":\"ganquan\",\"status\":\"firing\",\"alerts\":[{\"status\":"
		"\"firing\",\"labels\":" LABELS ",\"annotations\":" NOTES
		",\"startsAt\":\"2020-03-23T19:00:00Z\",\"endsAt\":\"0001-01-01T00:00:00Z\","
		"\"generatorURL\":\"https://cl.example/a/abc\",\"fingerprint\":"
		"\"4426fadf1f61b921\"}],\"groupLabels\":" LABELS ",\"commonLabels\":" LABELS
		",\"commonAnnotations\":" NOTES
		",\"externalURL\":\"https://cl.example\",\"version\":\"4\",\"groupKey\":"
		"\"{}:{alert=\\\"A-000045\\\", alertname=\\\"NotAccepted\\\", "
		"severity=\\\"critical\\\", unit=\\\"310104008012\\\"}\",\"truncatedAlerts\":0}");
}

static void a_push_fires_until_it_is_resolved(void **state)
{
	struct notice notice = told("alert.raised");
	const cJSON *tree = build(CHANNEL_ALERTMANAGER, FORM_PUSH, &notice);

	(void)state;
	assert_int_equal(cJSON_GetArraySize(tree), 1);
	assert_string_equal(at_path(tree, "0.labels.alertname"), "NotAccepted");
	assert_string_equal(at_path(tree, "0.startsAt"), "2020-03-23T19:00:00Z");
	assert_string_equal(at_path(tree, "0.endsAt"), "2020-03-24T19:05:00Z");
	assert_null(at_path(tree, "0.status"));
	notice = told("alert.acked");
	tree = build(CHANNEL_ALERTMANAGER, FORM_PUSH, &notice);
	assert_string_equal(at_path(tree, "0.endsAt"), "2020-03-24T19:05:00Z");
	assert_string_equal(at_path(tree, "0.annotations.acknowledged"), "true");
	notice = told("alert.resolved");
	tree = build(CHANNEL_ALERTMANAGER, FORM_PUSH, &notice);
	assert_string_equal(at_path(tree, "0.endsAt"), "2020-03-23T19:05:00Z");
	/* What nobody will resolve ends when it is pointless. */
	notice = told("notice.expected");
	notice.expires_at = NOW + WHEN_HOUR;
	tree = build(CHANNEL_ALERTMANAGER, FORM_PUSH, &notice);
	assert_string_equal(at_path(tree, "0.endsAt"), "2020-03-23T20:05:00Z");
}

static void an_alert_is_one_alert_as_long_as_it_lives(void **state)
{
	static const char *const types[] = {"alert.raised",	 "alert.changed", "alert.escalated",
					    "alert.asked_again", "alert.acked",	  "alert.resolved"};
	const char *first = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct notice notice = told(types[i]);
		const bool over = i == ARRAY_LEN(types) - 1;
		const cJSON *tree;

		notice.id = arena_printf(&made.arena, "ntc_%zu", i);
		tree = build(CHANNEL_ALERTMANAGER, FORM_WEBHOOK, &notice);
		assert_string_equal(at_path(tree, "status"), over ? "resolved" : "firing");
		assert_string_equal(at_path(tree, "alerts.0.status"), over ? "resolved" : "firing");
		assert_string_equal(at_path(tree, "alerts.0.startsAt"), "2020-03-23T19:00:00Z");
		if (!first)
			first = at_path(tree, "alerts.0.fingerprint");
		assert_string_equal(at_path(tree, "alerts.0.fingerprint"), first);
	}
}

static void an_alert_never_ends_before_it_starts(void **state)
{
	struct notice notice = told("alert.resolved");
	const cJSON *tree;

	(void)state;
	notice.data = "{\"opened_at\":\"2020-03-25T03:00:00+08:00\"}";
	tree = build(CHANNEL_ALERTMANAGER, FORM_PUSH, &notice);
	assert_string_equal(at_path(tree, "0.startsAt"), at_path(tree, "0.endsAt"));
	notice.data = "{\"opened_at\":\"soon\"}";
	tree = build(CHANNEL_ALERTMANAGER, FORM_PUSH, &notice);
	assert_string_equal(at_path(tree, "0.startsAt"), "2020-03-23T19:04:59.999Z");
}

static void annotations_carry_no_mention_and_no_link(void **state)
{
	struct notice notice = told("alert.raised");
	const cJSON *tree;

	(void)state;
	notice.text = "<!channel> <at id=all> [x](http://evil.example) @13800000000";
	tree = build(CHANNEL_ALERTMANAGER, FORM_WEBHOOK, &notice);
	assert_null(strpbrk(at_path(tree, "alerts.0.annotations.description"), "<>[]@"));
	assert_null(strstr(at_path(tree, "alerts.0.annotations.description"), "://"));
}

/* --- pagerduty --- */

static void a_trigger_says_everything_and_has_alertmanagers_key(void **state)
{
	struct notice notice = told("alert.raised");
	const cJSON *tree;
	uint8_t hash[DIGEST_SHA_LEN];
	char hex[2 * DIGEST_SHA_LEN + 1];
	const char *key;

	(void)state;
	made.endpoint.keys[made.endpoint.keys_len++] = KEY_32;
	key = at_path(build(CHANNEL_ALERTMANAGER, FORM_WEBHOOK, &notice), "groupKey");
	digest_sha256(key, strlen(key), hash);
	digest_hex(hash, sizeof(hash), hex, sizeof(hex));
	tree = build(CHANNEL_PAGERDUTY, FORM_USUAL, &notice);
	assert_string_equal(header("Content-Type"), "application/json");
	assert_string_equal(at_path(tree, "routing_key"), KEY_32);
	assert_string_equal(at_path(tree, "event_action"), "trigger");
	assert_string_equal(at_path(tree, "dedup_key"), hex);
	assert_string_equal(at_path(tree, "payload.summary"), "到达提醒 2 人 17:50 到达 #A-000045");
	assert_string_equal(at_path(tree, "payload.source"), "https://cl.example");
	assert_string_equal(at_path(tree, "payload.severity"), "critical");
	assert_string_equal(at_path(tree, "payload.timestamp"), "2020-03-23T19:04:59.999Z");
	assert_string_equal(at_path(tree, "payload.group"), "310104008012");
	assert_string_equal(at_path(tree, "payload.class"), "not_accepted");
	assert_string_equal(at_path(tree, "payload.custom_details.text"), notice.text);
	assert_string_equal(at_path(tree, "payload.custom_details.data.opened_at"),
			    "2020-03-24T03:00:00+08:00");
	assert_string_equal(at_path(tree, "links.0.href"), notice.url);
	assert_string_equal(at_path(tree, "links.0.text"), "查看并确认");
	assert_string_equal(at_path(tree, "client"), "closedloopd");
	assert_string_equal(at_path(tree, "client_url"), "https://cl.example");
}

static void ack_and_resolve_name_the_same_incident(void **state)
{
	static const struct {
		const char *type, *action;
	} rows[] = {
		{"alert.raised", "trigger"},	  {"alert.changed", "trigger"},
		{"alert.escalated", "trigger"},	  {"alert.acked", "acknowledge"},
		{"alert.asked_again", "trigger"}, {"alert.resolved", "resolve"},
		{"notice.test", "trigger"},
	};
	const char *first = NULL;

	(void)state;
	made.endpoint.keys[made.endpoint.keys_len++] = KEY_32;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct notice notice = told(rows[i].type);
		const cJSON *tree = build(CHANNEL_PAGERDUTY, FORM_USUAL, &notice);

		assert_string_equal(at_path(tree, "event_action"), rows[i].action);
		if (!first)
			first = at_path(tree, "dedup_key");
		assert_string_equal(at_path(tree, "dedup_key"), first);
		assert_int_equal(strlen(first), 64);
		if (strcmp(rows[i].action, "trigger") != 0)
			assert_null(node_at(tree, "payload"));
	}
}

static void a_summary_has_1024_characters_and_one_line(void **state)
{
	struct notice notice = told("alert.raised");
	const cJSON *tree;
	const char *summary;

	(void)state;
	made.endpoint.keys[made.endpoint.keys_len++] = KEY_32;
	notice.text = many("旅\n", 600);
	tree = build(CHANNEL_PAGERDUTY, FORM_USUAL, &notice);
	summary = at_path(tree, "payload.summary");
	assert_int_equal(text_count(summary), 1024);
	assert_null(strchr(summary, '\n'));
	assert_string_equal(summary + strlen(summary) - 13, "… #A-000045");
	notice.text = many("\x01", 200000);
	notice.data = "";
	build(CHANNEL_PAGERDUTY, FORM_USUAL, &notice);
	assert_true(made.request.body_len < 512 * 1024);
}

static void without_a_routing_key_nothing_is_sent(void **state)
{
	(void)state;
	assert_int_equal(build_only(CHANNEL_PAGERDUTY, FORM_USUAL, &plain_notice), CL_EINVAL);
	assert_non_null(strstr(made.err.text, "routing key"));
}

static void every_channel_and_outcome_has_a_word(void **state)
{
	static const char *const words[] = {"generic", "wecom",	    "dingtalk",	   "feishu",
					    "slack",   "pagerduty", "alertmanager"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const struct conf_endpoint endpoint = {.channel = (enum conf_channel)i};

		assert_string_equal(channel_word(endpoint.channel), words[i]);
		/* Digests are for people. */
		assert_int_equal(channel_room(&endpoint) > 0, channel_is_group(endpoint.channel));
	}
	assert_string_equal(outcome_word(OUTCOME_OK), "ok");
	assert_string_equal(outcome_word(OUTCOME_SICK), "sick");
	for (int outcome = 0; outcome <= OUTCOME_SICK; outcome++)
		assert_non_null(outcome_word((enum outcome)outcome));
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, begin, channel_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(published_signatures_come_out_byte_for_byte),
		CASE(the_generic_body_is_a_cloudevent),
		CASE(what_is_sent_verifies_at_the_receiver),
		CASE(every_try_is_signed_anew_with_the_same_id),
		CASE(a_notice_without_alert_has_no_number),
		CASE(data_of_a_notice_cannot_pass_for_its_words),
		CASE(bodies_are_clean_json_whatever_the_text),
		CASE(fingerprints_and_keys_are_alertmanagers),
		CASE(labels_are_sorted_and_quoted),
		CASE(every_kind_of_alert_has_a_lasting_severity),
		CASE(the_webhook_is_version_4_to_the_byte),
		CASE(a_push_fires_until_it_is_resolved),
		CASE(an_alert_is_one_alert_as_long_as_it_lives),
		CASE(an_alert_never_ends_before_it_starts),
		CASE(annotations_carry_no_mention_and_no_link),
		CASE(a_trigger_says_everything_and_has_alertmanagers_key),
		CASE(ack_and_resolve_name_the_same_incident),
		CASE(a_summary_has_1024_characters_and_one_line),
		CASE(without_a_routing_key_nothing_is_sent),
		CASE(every_channel_and_outcome_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
