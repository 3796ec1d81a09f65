/* test_conf.c — the configuration room judged by fixtures: each bad.*.yaml says in its head what
 * must be found, where, and nothing else may be found. Neighbours: tests/conf holds the fixtures;
 * config/ is the shipped sample. */
#define _XOPEN_SOURCE 700 /* P_tmpdir, nftw */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closedloop/conf.h"
#include "closedloop/digest.h"
#include "closedloop/text.h"

#include "lib/conf/conf_coverage.h"

#define WANTED_MAX 64
#define SECRET	   "whsec_Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM="

static char fixtures[512] = "tests/conf";
static char credentials[600];
static char scratch[512]; /* A directory of our own, removed at the end. */

static const char *environment(const char *name)
{
	static const char *const values[][2] = {
		{"PVG_TOKEN", "pvg-token-of-a-test-0000"},
		{"SHA_TOKEN", "sha-token-of-a-test-0000"},
		{"MASTER_NEW", "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"},
		{"MASTER_OLD", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="},
		{"DUTY_TOKEN", "duty-token-of-a-test-0000"},
		{"BOSS_TOKEN", "boss-token-of-a-test-0000"},
		{"WANG_TOKEN", "wang-token-of-a-test-0000"},
		{"AUDIT_TOKEN", "audit-token-of-a-test-0000"},
		{"SHORT_TOKEN", "short"},
		{"BLANK_TOKEN", "a token with blanks in it"},
		{"SINK_SECRET", SECRET},
		{"ROBOT_URL",
		 "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=robot-of-a-test"},
		{"FEISHU_URL", "https://open.feishu.cn/open-apis/bot/v2/hook/robot-of-a-test"},
		{"ROBOT_SECRET", "SECrobot-of-a-test"},
		{"ROUTING_KEY", "0123456789abcdef0123456789abcdef"},
		{"PRIVATE_KEY",
		 "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+"
		 "TWMJulDV8d3IZkElUxuA=="},
		{"PUBLIC_KEY", "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="},
		{"CREDENTIALS_DIRECTORY", credentials},
	};

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		if (strcmp(values[i][0], name) == 0)
			return values[i][1];
	}
	return NULL;
}

static const struct conf_world world = {
	.environment = environment,
	.zoneinfo_dir = "/usr/share/zoneinfo",
	.now = INT64_C(1583654400000), /* 2020-03-08T16:00 in Shanghai */
};

static const char *join(char buf[1024], const char *dir, const char *name)
{
	int len = snprintf(buf, 1024, "%s/%s", dir, name);

	assert_in_range(len, 1, 1023);
	return buf;
}

/* What a fixture expects: "# expect: [FILE:]LINE:COL: substring" and "# warn: …" */

struct wanted {
	char file[64]; /* Base name. */
	int line, column;
	bool warning, found;
	char text[200];
};

static bool read_wanted(const char *line, const char *fixture, struct wanted *out)
{
	const char *at;
	size_t len = 0;

	*out = (struct wanted){.line = 0};
	if (strncmp(line, "# expect: ", 10) == 0) {
		at = line + 10;
	} else if (strncmp(line, "# warn: ", 8) == 0) {
		at = line + 8;
		out->warning = true;
	} else {
		return false;
	}
	if (*at < '0' || *at > '9') {
		len = strcspn(at, ":");
		(void)snprintf(out->file, sizeof(out->file), "%.*s", (int)len, at);
		at += len + 1;
	} else {
		(void)text_copy(out->file, sizeof(out->file), fixture);
	}
	assert_int_equal(sscanf(at, "%d:%d: %199[^\n]", &out->line, &out->column, out->text), 3);
	return true;
}

static size_t read_all_wanted(const char *path, const char *fixture, struct wanted *wanted)
{
	char line[512];
	size_t len = 0;
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		assert_true(len < WANTED_MAX);
		if (read_wanted(line, fixture, &wanted[len]))
			len++;
	}
	(void)fclose(file);
	return len;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool matches(const struct wanted *wanted, const struct conf_problem *problem)
{
	return !wanted->found && wanted->warning == problem->warning &&
	       wanted->line == problem->line && wanted->column == problem->column &&
	       strcmp(wanted->file, base_of(problem->file)) == 0 &&
	       strstr(problem->text, wanted->text) != NULL;
}

static void check_report(const char *fixture, struct wanted *wanted, size_t wanted_len,
			 const struct conf_report *report)
{
	size_t misses = 0;

	for (size_t i = 0; i < report->len; i++) {
		const struct conf_problem *problem = &report->problems[i];
		size_t k = 0;

		while (k < wanted_len && !matches(&wanted[k], problem))
			k++;
		if (k < wanted_len) {
			wanted[k].found = true;
			continue;
		}
		print_error("%s: not expected: %s%s:%d:%d: %s\n", fixture,
			    problem->warning ? "warning " : "", problem->file, problem->line,
			    problem->column, problem->text);
		misses++;
	}
	for (size_t k = 0; k < wanted_len; k++) {
		if (wanted[k].found)
			continue;
		print_error("%s: not found: %s:%d:%d: %s\n", fixture, wanted[k].file,
			    wanted[k].line, wanted[k].column, wanted[k].text);
		misses++;
	}
	assert_int_equal(misses, 0);
}

static void judge(const char *fixture, bool good)
{
	struct wanted wanted[WANTED_MAX];
	struct conf_report report;
	struct conf *conf;
	char path[1024];
	size_t wanted_len = read_all_wanted(join(path, fixtures, fixture), fixture, wanted);
	int rc = conf_load(&conf, path, &world, &report);

	check_report(fixture, wanted, wanted_len, &report);
	assert_int_equal(rc, good ? 0 : CL_EINVAL);
	assert_true(good ? conf != NULL : conf == NULL);
	assert_int_equal(report.errors == 0, good);
	conf_free(conf);
	conf_report_free(&report);
}

static size_t judge_all(const char *prefix, bool good)
{
	DIR *dir = opendir(fixtures);
	const struct dirent *file;
	size_t count = 0;

	assert_non_null(dir);
	while ((file = readdir(dir))) {
		if (strncmp(file->d_name, prefix, strlen(prefix)) != 0)
			continue;
		judge(file->d_name, good);
		count++;
	}
	(void)closedir(dir);
	return count;
}

static void every_bad_fixture_shows_all_its_problems_and_no_other(void **state)
{
	(void)state;
	assert_true(judge_all("bad.", false) >= 12);
}

static void every_good_fixture_loads(void **state)
{
	(void)state;
	assert_true(judge_all("good.", true) >= 3);
}

/* What comes out */

static struct conf *load(const char *fixture)
{
	struct conf_report report;
	struct conf *conf;
	char path[1024];

	if (conf_load(&conf, join(path, fixtures, fixture), &world, &report) < 0)
		conf_report_print(&report, stderr);
	conf_report_free(&report);
	assert_non_null(conf);
	return conf;
}

static void defaults_are_those_of_the_contract(void **state)
{
	struct conf *conf = load("good.smallest.yaml");

	(void)state;
	assert_string_equal(conf->time_zone, "Asia/Shanghai");
	assert_int_equal(zone_offset_s(conf->zone, 0), 8 * 3600);
	assert_int_equal(conf->limits.head, 16 << 10);
	assert_int_equal(conf->limits.event, 64 << 10);
	assert_int_equal(conf->limits.batch, 1 << 20);
	assert_int_equal(conf->limits.batch_events, 1000);
	assert_int_equal(conf->limits.connections, 1000);
	assert_int_equal(conf->limits.per_address, 50);
	assert_int_equal(conf->limits.request, 30 * WHEN_SECOND);
	assert_int_equal(conf->limits.inbox, 64 << 20);
	assert_int_equal(conf->limits.rejects_keep, 14 * WHEN_DAY);
	assert_int_equal(conf->limits.link_address, 600);
	assert_int_equal(conf->limits.link_token, 300);
	assert_int_equal(conf->feeds[0].heartbeat, 15 * WHEN_MINUTE);
	assert_string_equal(conf->feeds[0].unit, "");
	assert_string_equal(conf->endpoints[0].language, "zh-CN");
	assert_int_equal(conf->endpoints[0].rate_per_minute, 0);
	assert_true(conf->loopback_operator);
	assert_int_equal(conf->access.read_again, 10 * WHEN_MINUTE);
	assert_int_equal(conf->tokens_len, 0);
	assert_int_equal(conf->state_dir[0], '/');
	conf_free(conf);
}

static void every_key_reaches_its_member(void **state)
{
	struct conf *conf = load("good.everything.yaml");
	const struct conf_endpoint *sink = conf_endpoint(conf, "sink");

	(void)state;
	assert_int_equal(conf->listen_len, 5);
	assert_int_equal(conf->listen[3].kind, LISTEN_HTTPS);
	assert_int_equal(conf->tls.clients, CLIENTS_OPTIONAL);
	assert_non_null(strstr(conf->tls.key, "PRIVATE KEY"));
	assert_non_null(strstr(conf->tls.client_ca, "CERTIFICATE"));
	assert_int_equal(conf->feeds[3].certificates_len, 2);
	assert_string_equal(
		conf->feeds[3].certificates[0],
		"sha256:abcdfedcba9876543210fedcba9876543210fedcba9876543210fedcba987654");
	assert_string_equal(conf->feeds[3].certificates[1], "subject:CN=gate,O=Airport");
	assert_string_equal(conf->listen[0].address, "::1");
	assert_int_equal(conf->listen[0].port, 8481);
	assert_int_equal(conf->listen[1].kind, LISTEN_UNIX);
	assert_int_equal(conf->listen[1].address[0], '/');
	assert_string_equal(conf->time_zone, "Europe/London");
	assert_int_equal(conf->feeds[0].secrets_len, 2);
	assert_int_equal(conf->feeds[0].sources_len, 2);
	assert_int_equal(conf->feeds[0].heartbeat, 0);
	assert_string_equal(conf->feeds[0].unit, "3101");
	assert_null(conf->feeds[1].token);
	assert_int_equal(conf->feeds[1].secrets_len, 1);
	assert_int_equal(conf->feeds[1].heartbeat_night, 40 * WHEN_MINUTE);
	assert_int_equal(conf->feeds[1].night_from, 22 * WHEN_HOUR + 30 * WHEN_MINUTE);
	assert_int_equal(conf->feeds[1].night_to, 5 * WHEN_HOUR + 45 * WHEN_MINUTE);
	assert_int_equal(conf->master_keys_len, 2);
	assert_int_equal(conf->master_keys[0][31], 0xff);
	assert_int_equal(conf->master_keys[0][1], 0x11);
	assert_int_equal(conf->master_keys[1][0], 1);
	assert_int_equal(conf->master_keys[1][31], 32);
	assert_non_null(conf->heartbeat.url);
	assert_int_equal(conf->heartbeat.every, 30 * WHEN_SECOND);
	assert_int_equal(conf->heartbeat.allow_len, 1);
	assert_true(conf->heartbeat.drill);
	assert_int_equal(sink->allow_len, 2);
	assert_string_equal(sink->language, "en");
	assert_int_equal(sink->rate_per_minute, 120);
	assert_int_equal(sink->quiet_from, 22 * WHEN_HOUR + 30 * WHEN_MINUTE);
	assert_int_equal(sink->quiet_to, 6 * WHEN_HOUR);
	assert_true(sink->resolved);
	assert_false(conf_endpoint(conf, "robot")->resolved);
	assert_int_equal(conf->limits.hand_on_after, 45 * WHEN_SECOND);
	assert_int_equal(conf->limits.hand_on_tries, 2);
	assert_int_equal(conf->limits.quiet_bypass, 90 * WHEN_MINUTE);
	assert_null(sink->ack_pin);
	assert_string_equal(conf_endpoint(conf, "robot")->ack_pin, "2468");
	assert_int_equal(conf->limits.link_address, 7);
	assert_int_equal(conf->limits.link_token, 6);
	assert_int_equal(sink->secrets_len, 1);
	assert_non_null(strstr(conf_endpoint(conf, "chief")->url, "credential-of-a-test"));
	assert_int_equal(conf->tokens_len, 5);
	assert_int_equal(conf->tokens[3].expires_at, WHEN_NEVER);
	assert_int_equal(conf->tokens[4].hash[0], 0x0e);
	assert_int_equal(conf->tokens[4].hash[31], 0xa8);
	assert_int_equal(conf->tokens[4].expires_at,
			 when_at(conf->zone, when_day_of(2020, 4, 1), 0));
	assert_int_equal(conf->access.token_life, 30 * WHEN_DAY);
	assert_int_equal(conf->access.sessions, 20);
	assert_int_equal(conf->access.session_idle, WHEN_HOUR);
	assert_int_equal(conf->access.session_life, 10 * WHEN_HOUR);
	assert_int_equal(conf->access.failures, 3);
	assert_int_equal(conf->tokens[2].role, ROLE_COMMITTEE);
	assert_string_equal(conf->tokens[3].scope, "");
	assert_false(conf->loopback_operator);
	assert_int_equal(conf->access.read_again, 90 * WHEN_SECOND);
	assert_int_equal(conf->limits.event, 32768);
	assert_int_equal(conf->limits.inbox, 1 << 30);
	assert_int_equal(conf->limits.connect, 500);
	conf_free(conf);
}

static void a_unit_without_endpoint_climbs_to_its_parent(void **state)
{
	struct conf *conf = load("good.everything.yaml");

	(void)state;
	assert_string_equal(conf_unit_endpoint(conf, "310107016013")->name, "sink");
	assert_string_equal(conf_unit_endpoint(conf, "310107")->name, "sink");
	assert_string_equal(conf_unit_endpoint(conf, "310112101007")->name, "robot");
	assert_null(conf_unit_endpoint(conf, "110101"));
	assert_null(conf_unit_endpoint(conf, ""));
	assert_string_equal(conf_unit(conf, "310107016013")->name, "王家井");
	assert_null(conf_unit(conf, "310107016"));
	assert_null(conf_unit(conf, "3"));
	conf_free(conf);
}

static void an_alert_kind_without_steps_takes_the_default(void **state)
{
	struct conf *conf = load("good.everything.yaml");
	const struct conf_escalation *otherwise = conf_escalation(conf, "arrival");

	(void)state;
	assert_string_equal(otherwise->name, "default");
	assert_int_equal(otherwise->len, 3);
	assert_int_equal(otherwise->steps[0].target, STEP_COMMITTEE);
	assert_int_equal(otherwise->steps[0].wait, 0);
	assert_int_equal(otherwise->steps[1].target, STEP_ENDPOINT);
	assert_string_equal(otherwise->steps[1].endpoint, "chief");
	assert_false(otherwise->steps[2].repeat);
	assert_int_equal(conf_escalation(conf, "fever")->steps[0].wait, 250);
	assert_string_equal(conf->fallback, "robot");
	conf_free(conf);
}

static void the_public_url_has_no_slash_at_the_end(void **state)
{
	struct conf *conf = load("good.skeleton.yaml");

	(void)state;
	assert_string_equal(conf->public_url, "http://127.0.0.1:8480");
	conf_free(conf);
}

/* The real image, where it has been built. */
static struct gazetteer *open_gazetteer(char **image)
{
	const char *path = getenv("CLOSEDLOOP_GAZETTEER");
	FILE *file = fopen(path ? path : "build/gazetteer.img", "re");
	struct gazetteer *gazetteer;
	size_t len;

	if (!file)
		return NULL;
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	len = (size_t)ftell(file);
	rewind(file);
	*image = malloc(len);
	assert_non_null(*image);
	assert_int_equal(fread(*image, 1, len, file), len);
	(void)fclose(file);
	assert_int_equal(gazetteer_open(&gazetteer, *image, len, NULL), 0);
	return gazetteer;
}

static void a_code_the_gazetteer_does_not_know_is_an_error(void **state)
{
	struct conf_report report = {.len = 0};
	char *image = NULL;
	struct gazetteer *gazetteer = open_gazetteer(&image);
	struct conf *conf;

	(void)state;
	if (!gazetteer)
		skip();
	conf = load("good.no-such-unit.yaml");
	assert_int_equal(conf_check_units(conf, gazetteer, &report), CL_EINVAL);
	assert_int_equal(report.len, 2);
	assert_int_equal(report.errors, 2);
	assert_int_equal(report.problems[0].line, 5);
	assert_int_equal(report.problems[0].column, 12);
	assert_non_null(strstr(report.problems[0].text, "310112 上海市闵行区"));
	assert_int_equal(report.problems[1].line, 6);
	conf_report_free(&report);
	conf_free(conf);
	gazetteer_close(gazetteer);
	free(image);
}

static void coverage_is_compiled_and_doors_claimed_twice_are_a_warning(void **state)
{
	struct conf_report report = {.len = 0};
	char *image = NULL;
	struct gazetteer *gazetteer = open_gazetteer(&image);
	struct conf *conf;

	(void)state;
	if (!gazetteer)
		skip();
	conf = load("good.coverage.yaml");
	assert_int_equal(coverage_source_boundaries(conf->coverage_rules), 4);
	assert_null(conf->coverage);
	assert_int_equal(conf_check_units(conf, gazetteer, &report), 0);
	assert_non_null(conf->coverage);
	assert_int_equal(strlen(conf->coverage_hash), COVERAGE_HASH_CAP - 1);
	assert_int_equal(report.len, 1);
	assert_true(report.problems[0].warning);
	assert_int_equal(report.problems[0].line, 4);
	assert_non_null(strstr(report.problems[0].file, "rules.tsv"));
	assert_non_null(strstr(report.problems[0].text, "云雾山路"));
	conf_report_free(&report);
	conf_free(conf);
	gazetteer_close(gazetteer);
	free(image);
}

/* In its own file, not in the unit's, stands the code that nobody has. */
static void a_unit_that_is_not_is_shown_where_its_rule_stands(void **state)
{
	struct conf_report report = {.len = 0};
	char *image = NULL;
	struct gazetteer *gazetteer = open_gazetteer(&image);
	struct coverage_rule rule = {
		.id = "r", .code = "310105009999", .name = "水城路", .line = 7};
	struct conf *conf;

	(void)state;
	if (!gazetteer)
		skip();
	rule.to = COVERAGE_OPEN;
	conf = load("good.coverage.yaml");
	assert_int_equal(coverage_add_rule(conf->coverage_rules, &rule, NULL), 0);
	assert_int_equal(conf_check_units(conf, gazetteer, &report), CL_EINVAL);
	assert_int_equal(report.errors, 1);
	assert_int_equal(report.problems[0].line, 7);
	assert_non_null(strstr(report.problems[0].text, "rule r: there is no unit 310105009999"));
	conf_report_free(&report);
	conf_free(conf);
	gazetteer_close(gazetteer);
	free(image);
}

static void a_rule_is_called_by_its_file_cut_between_letters(void **state)
{
	char id[MATCH_RULE_CAP];

	(void)state;
	conf_coverage_id("/etc/闵行区莘庄镇莘松三村门牌.yaml", 12, id);
	assert_string_equal(id, "闵行区莘庄镇莘松:12");
}

/* Printing */

static char *printed(const struct conf *conf)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	conf_print(conf, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void a_unit_covers_the_doors_that_are_written(void **state)
{
	static const char *const rules[] = {
		"covers: {estate: \"London Plaza\"}}",
		"covers: {estate: \"维也纳花园\", buildings: \"1-12\", side: odd}}",
		"covers: {road: \"荣华东道\", lanes: \"102\"}}",
		"covers: {road: \"荣华东道\", houses: \"96-98\"}}",
		"covers: {road: \"水城路\", numbers: \"90-500\", side: even}}",
		"covers: {road: \"茅台路\", lane: 200, houses: \"1-17\"}}",
		"covers: {road: \"云雾山路\"}}",
		"covers: {except: {road: \"古北路\", houses: \"1002\"}}}",
		"covers: {not_ours: {estate: \"荣华公寓\"}}}",
	};
	struct conf *conf = load("good.coverage.yaml");
	char *text = printed(conf);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (!strstr(text, rules[i]))
			fail_msg("%s is not in\n%s", rules[i], text);
	}
	free(text);
	conf_free(conf);
}

static void print_config_shows_no_secret(void **state)
{
	static const char *const secrets[] = {"a-token-of-a-test", "Y2xvc2VkbG9vcGQ",
					      "secret-of-a-test",  "credential-of-a-test",
					      "boss-token",	   "robot-of-a-test",
					      "0123456789abcdef",  "AAECAwQFBgc",
					      "13800001111",	   "sha-token"};
	struct conf *conf = load("good.everything.yaml");
	char *text = printed(conf);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		assert_null(strstr(text, secrets[i]));
	assert_non_null(strstr(text, "https://qyapi.weixin.qq.com/***"));
	assert_non_null(strstr(text, "https://open.feishu.cn/***"));
	assert_non_null(strstr(text, "    secret: [\"***\", \"***\"]\n"));
	assert_non_null(strstr(text, "form: action_card"));
	assert_non_null(strstr(text, "form: markdown"));
	assert_non_null(strstr(text, "mention: [\"***\", \"***\"]"));
	assert_non_null(strstr(text, "connect: 500ms"));
	assert_non_null(strstr(text, "inbox: 1024MiB"));
	free(text);
	conf_free(conf);
}

static void each_channel_gets_what_it_takes(void **state)
{
	struct conf *conf = load("good.everything.yaml");
	const struct conf_endpoint *ding = conf_endpoint(conf, "ding");
	const struct conf_endpoint *signer = conf_endpoint(conf, "signer");
	const struct conf_endpoint *slack = conf_endpoint(conf, "slack");
	const struct conf_endpoint *pager = conf_endpoint(conf, "pager");

	(void)state;
	assert_int_equal(signer->secrets_len, 2);
	assert_int_equal(signer->secrets[0].kind, WEBHOOK_PRIVATE);
	assert_int_equal(signer->secrets[1].kind, WEBHOOK_SHARED);
	assert_int_equal(conf_endpoint(conf, "robot")->form, FORM_USUAL);
	assert_int_equal(conf_endpoint(conf, "card")->form, FORM_CARD);
	assert_int_equal(ding->form, FORM_CARD);
	assert_int_equal(ding->keys_len, 2);
	assert_string_equal(ding->keys[0], "SECrobot-of-a-test");
	assert_int_equal(slack->mention_len, 2);
	assert_string_equal(slack->mention[1], "here");
	assert_int_equal(slack->rate_per_minute, 60000);
	assert_string_equal(pager->url, "https://events.pagerduty.com/v2/enqueue");
	assert_int_equal(strlen(pager->keys[0]), 32);
	assert_int_equal(conf_endpoint(conf, "am")->form, FORM_PUSH);
	conf_free(conf);
}

/* Policies */

static void write_file(const char *dir, const char *name, const char *bytes)
{
	char path[1024];
	FILE *file = fopen(join(path, dir, name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, strlen(bytes), file), strlen(bytes));
	assert_int_equal(fclose(file), 0);
}

/* A configuration whose policies are the YAML texts FIRST and SECOND (or NULL). */
static struct conf *load_policies(const char *first, const char *second)
{
	struct conf_report report;
	struct conf *conf;
	char path[1024], parts[4096];
	char *real = realpath(fixtures, NULL);

	assert_non_null(real);
	(void)snprintf(parts, sizeof(parts),
		       "include: [\"%s/parts/people.yaml\"]\nlisten: \"http://127.0.0.1:0\"\n"
		       "public_url: \"https://x.example\"\nstate_dir: s\ngazetteer: g\n"
		       "phrases: \"%s/parts/phrases\"\npolicy: [first.yaml%s]\n",
		       real, real, second ? ", second.yaml" : "");
	free(real);
	write_file(scratch, "main.yaml", parts);
	write_file(scratch, "first.yaml", first);
	if (second)
		write_file(scratch, "second.yaml", second);
	if (conf_load(&conf, join(path, scratch, "main.yaml"), &world, &report) < 0)
		conf_report_print(&report, stderr);
	conf_report_free(&report);
	assert_non_null(conf);
	return conf;
}

static void an_empty_policy_is_the_national_default(void **state)
{
	struct conf *conf =
		load_policies("{policy: national-2020-03, in_force_from: 2020-01-01}", NULL);
	struct policy defaults;

	(void)state;
	policy_defaults(&defaults);
	memcpy(defaults.hash, conf->policies[0].hash, sizeof(defaults.hash));
	assert_string_equal(conf->policies[0].name, defaults.name);
	assert_int_equal(conf->policies[0].in_force_from, defaults.in_force_from);
	assert_int_equal(conf->policies[0].tasks_len, defaults.tasks_len);
	assert_int_equal(conf->policies[0].symptoms_len, defaults.symptoms_len);
	assert_int_equal(conf->policies[0].erase_after, defaults.erase_after);
	assert_int_equal(strlen(conf->policies[0].hash), 16);
	conf_free(conf);
}

static void comments_and_order_do_not_change_a_policys_hash(void **state)
{
	struct conf *plain = load_policies("policy: a\nin_force_from: 2020-01-01\n"
					   "isolation: {days: 7}\nrelease: {at: \"10:00\"}\n",
					   NULL);
	struct conf *other =
		load_policies("# changed\nrelease: {full_days: 3, at: \"10:00\"} # words\n"
			      "isolation:\n  days: 7\nin_force_from: \"2020-01-01\"\n"
			      "policy: \"a\"\n",
			      NULL);

	(void)state;
	assert_string_equal(plain->policies[0].hash, other->policies[0].hash);
	conf_free(plain);
	conf_free(other);
}

static void any_value_changes_a_policys_hash(void **state)
{
	static const char *const changes[] = {
		"isolation: {days: 13}",	  "checks: {morning: {from: \"05:59\"}}",
		"fever: {above_c: 37.2}",	  "fever: {inclusive: true}",
		"fever: {symptoms: [fever]}",	  "checklist: []",
		"address: {probable_from: 0.91}", "alerts: {group_wait: 61s}",
		"retention: {erase_after: 31d}",  "transfer: {accept_within: 16m}",
		"isolation: {count: hours}",	  "isolation: {household: false}",
		"applies_to: open_journeys",	  "stickers: {yellow: central}",
		"stickers: {red: central}",	  "transfer: {no_show_after: 25h}",
		"leave: {longest: 11h}",	  "alerts: {inhibit_at_most: 61m}",
	};
	char hashes[ARRAY_LEN(changes)][POLICY_HASH_CAP];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct conf *conf;
		char text[256];

		(void)snprintf(text, sizeof(text), "policy: a\nin_force_from: 2020-01-01\n%s\n",
			       changes[i]);
		conf = load_policies(text, NULL);
		memcpy(hashes[i], conf->policies[0].hash, POLICY_HASH_CAP);
		conf_free(conf);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(hashes[i], hashes[k]);
	}
}

static void the_newest_policy_not_later_than_the_day_holds(void **state)
{
	struct conf *conf = load_policies("{policy: late, in_force_from: 2020-04-01}",
					  "{policy: early, in_force_from: 2020-02-01}");

	(void)state;
	assert_string_equal(conf_policy(conf, when_day_of(2019, 1, 1))->name, "early");
	assert_string_equal(conf_policy(conf, when_day_of(2020, 2, 1))->name, "early");
	assert_string_equal(conf_policy(conf, when_day_of(2020, 3, 31))->name, "early");
	assert_string_equal(conf_policy(conf, when_day_of(2020, 4, 1))->name, "late");
	assert_ptr_equal(conf_policy_by_hash(conf, conf->policies[1].hash), &conf->policies[1]);
	assert_null(conf_policy_by_hash(conf, "ffffffffffffffff"));
	conf_free(conf);
}

static const struct policy *policy_of(const struct conf *conf, int32_t day0, int32_t today,
				      const char *nationality, const char *countries,
				      const char *unit, const char *district)
{
	struct policy_case who = {day0, today, nationality, countries, unit, district};

	return conf_policy_for(conf, &who);
}

#define FIRST  when_day_of(2020, 3, 1)
#define SECOND when_day_of(2020, 3, 10)
#define THIRD  when_day_of(2020, 3, 20)

static struct conf *load_overrides(void)
{
	return load_policies(
		"{policy: a, in_force_from: 2020-03-01, stickers: {red: hospital},\n"
		" overrides: [\n"
		"  {countries: [KOR, ITA], districts: ['310112'], isolation: {days: 21}},\n"
		"  {countries: [KOR], isolation: {days: 15}, stickers: {yellow: central}},\n"
		"  {districts: ['3101'], isolation: {days: 16}, checklist: []}]}\n",
		"{policy: b, in_force_from: 2020-03-10, applies_to: open_journeys,\n"
		" overrides: [{countries: IRN, checks: {evening: {from: '16:00'}}}]}\n");
}

static void the_first_override_that_matches_holds(void **state)
{
	struct conf *conf = load_overrides();
	const struct policy *whole = policy_of(conf, FIRST, FIRST, "USA", "JPN,FRA", NULL, NULL);

	(void)state;
	assert_string_equal(whole->name, "a");
	assert_string_equal(policy_of(conf, FIRST, FIRST, NULL, NULL, NULL, NULL)->name, "a");
	assert_string_equal(policy_of(conf, FIRST, FIRST, "KOR", NULL, "310112101007", NULL)->name,
			    "a/1");
	assert_string_equal(policy_of(conf, FIRST, FIRST, "CHN", "JPN,ITA", NULL, "310112")->name,
			    "a/1");
	assert_string_equal(policy_of(conf, FIRST, FIRST, "CHN", "JPN,KOR", NULL, NULL)->name,
			    "a/2");
	assert_string_equal(policy_of(conf, FIRST, FIRST, "CHN", "ITALY,JPN", NULL, NULL)->name,
			    "a");
	assert_string_equal(policy_of(conf, FIRST, FIRST, "CHN", NULL, "310107016013", NULL)->name,
			    "a/3");
	assert_string_equal(policy_of(conf, FIRST, FIRST, "CHN", NULL, NULL, "31")->name, "a");
	conf_free(conf);
}

static void an_override_is_a_whole_policy_with_its_own_hash(void **state)
{
	struct conf *conf = load_overrides();
	const struct policy *base = &conf->policies[0];
	const struct policy *korea = policy_of(conf, FIRST, FIRST, "KOR", NULL, NULL, NULL);

	(void)state;
	assert_int_equal(korea->isolation_days, 15);
	assert_int_equal(korea->in_force_from, FIRST);
	assert_int_equal(korea->tasks_len, base->tasks_len);
	assert_string_equal(policy_sticker(korea, "yellow"), "central");
	assert_string_equal(policy_sticker(korea, "red"), "hospital");
	assert_null(policy_sticker(base, "yellow"));
	assert_string_not_equal(korea->hash, base->hash);
	assert_ptr_equal(conf_policy_by_hash(conf, korea->hash), korea);
	assert_int_equal(policy_of(conf, FIRST, FIRST, NULL, NULL, "310107016013", NULL)->tasks_len,
			 0);
	conf_free(conf);
}

static void a_policy_for_open_journeys_takes_over_on_its_day(void **state)
{
	struct conf *conf = load_overrides();
	struct policy_case who = {.day0 = FIRST, .today = SECOND - 1, .nationality = "IRN"};

	(void)state;
	assert_string_equal(conf_policy_for(conf, &who)->name, "a");
	assert_string_equal(conf_policy_next(conf, &who)->name, "b");
	who.today = SECOND;
	assert_string_equal(conf_policy_for(conf, &who)->name, "b/1");
	assert_null(conf_policy_next(conf, &who));
	/* Whose day 0 is its day or later needs nobody to take her over. */
	who = (struct policy_case){.day0 = SECOND, .today = SECOND - 3};
	assert_string_equal(conf_policy_for(conf, &who)->name, "b");
	assert_null(conf_policy_next(conf, &who));
	conf_free(conf);
}

static void a_policy_for_arrivals_takes_nobody_over(void **state)
{
	struct conf *conf = load_policies("{policy: a, in_force_from: 2020-03-01}",
					  "{policy: b, in_force_from: 2020-03-10}");
	struct policy_case who = {.day0 = FIRST, .today = THIRD};

	(void)state;
	assert_string_equal(conf_policy_for(conf, &who)->name, "a");
	assert_null(conf_policy_next(conf, &who));
	conf_free(conf);
}

static void the_rules_hash_sees_whom_an_override_is_for(void **state)
{
	struct conf *one = load_policies("{policy: a, in_force_from: 2020-03-01, overrides: "
					 "[{countries: KOR, isolation: {days: 15}}]}",
					 NULL);
	struct conf *other = load_policies("{policy: a, in_force_from: 2020-03-01, overrides: "
					   "[{countries: ITA, isolation: {days: 15}}]}",
					   NULL);

	(void)state;
	assert_int_equal(strlen(one->rules), 16);
	assert_string_equal(one->policies[0].hash, other->policies[0].hash);
	assert_string_not_equal(one->rules, other->rules);
	conf_free(one);
	conf_free(other);
}

static int try_policy(const struct conf *base, const char *text, struct conf **out,
		      struct conf_report *report)
{
	char *image = NULL;
	struct gazetteer *gazetteer = open_gazetteer(&image);
	const struct policy *tried = NULL;
	int rc;

	if (!gazetteer)
		skip();
	rc = conf_with_policy(out, base, "new.yaml", text, strlen(text), gazetteer, &tried, report);
	assert_true(rc < 0 ||
		    text_starts(text, arena_printf(&report->arena, "{policy: %s", tried->name)));
	gazetteer_close(gazetteer);
	free(image);
	return rc;
}

static void one_more_policy_can_be_tried_beside_the_others(void **state)
{
	struct conf *base = load_overrides(), *with;
	struct conf_report report;

	(void)state;
	assert_int_equal(try_policy(base, "{policy: c, in_force_from: 2020-03-05}", &with, &report),
			 0);
	assert_int_equal(with->policies_len, 3);
	assert_string_equal(with->policies[1].name, "c");
	assert_string_equal(policy_of(with, SECOND, SECOND, "IRN", NULL, NULL, NULL)->name, "b/1");
	assert_string_not_equal(with->rules, base->rules);
	conf_free(with);
	conf_report_free(&report);
	assert_int_equal(try_policy(base, "{policy: a, in_force_from: 2020-03-11}", &with, &report),
			 0);
	assert_int_equal(with->policies_len, 2);
	assert_string_equal(with->policies[0].name, "b");
	assert_string_equal(policy_of(with, THIRD, THIRD, "KOR", NULL, NULL, NULL)->name, "a");
	conf_free(with);
	conf_report_free(&report);
	assert_int_equal(base->policies_len, 2);
	assert_string_equal(policy_of(base, FIRST, FIRST, "KOR", NULL, NULL, NULL)->name, "a/2");
	conf_free(base);
}

static void a_policy_that_is_tried_is_checked_like_a_file(void **state)
{
	struct conf *base = load_overrides(), *with;
	struct conf_report report;

	(void)state;
	assert_int_equal(try_policy(base,
				    "policy: c\nin_force_from: 2020-03-10\n"
				    "isolation: {dais: 3}\n"
				    "overrides: [{districts: ['310199']}]\n",
				    &with, &report),
			 CL_EINVAL);
	assert_null(with);
	assert_int_equal(report.errors, 2);
	assert_string_equal(report.problems[0].file, "new.yaml");
	assert_int_equal(report.problems[0].line, 1);
	assert_int_equal(report.problems[0].column, 9);
	assert_int_equal(report.problems[1].line, 3);
	conf_report_free(&report);
	assert_int_equal(try_policy(base,
				    "policy: c\nin_force_from: 2020-03-05\n"
				    "overrides: [{districts: ['310199']}]\n",
				    &with, &report),
			 CL_EINVAL);
	assert_int_equal(report.problems[0].line, 3);
	assert_int_equal(report.problems[0].column, 26);
	conf_report_free(&report);
	assert_int_equal(try_policy(base, "", &with, &report), CL_EINVAL);
	conf_report_free(&report);
	assert_int_equal(try_policy(base, "policy: [", &with, &report), CL_EINVAL);
	conf_report_free(&report);
	conf_free(base);
}

/* The lines of the sample that begin with a key behind "# ", or with an item, as if the operator
 * had taken the mark away. */
static void uncomment(const char *path, char *out, size_t cap)
{
	FILE *file = fopen(path, "re");
	char line[512];
	size_t len = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		const char *text = line;

		if (text_starts(line, "# stickers:") || text_starts(line, "# applies_to:") ||
		    text_starts(line, "# overrides:") || text_starts(line, "#   - {"))
			text += 2;
		len += (size_t)snprintf(out + len, cap - len, "%s", text);
		assert_true(len < cap);
	}
	(void)fclose(file);
}

static void what_the_sample_policy_shows_in_comments_is_right(void **state)
{
	static char text[32768];
	struct conf *conf;

	(void)state;
	uncomment("config/policy/national-2020-03.yaml", text, sizeof(text));
	conf = load_policies(text, NULL);
	assert_true(conf->policies[0].applies_to_open);
	assert_string_equal(policy_sticker(&conf->policies[0], "yellow"), "central");
	assert_int_equal(conf->overrides[0].len, 2);
	assert_int_equal(conf->overrides[0].items[0].countries_len, 3);
	assert_int_equal(conf->overrides[0].items[0].policy.morning.from, 5 * WHEN_HOUR);
	assert_int_equal(conf->overrides[0].items[1].policy.release_at, 8 * WHEN_HOUR);
	conf_free(conf);
}

/* Hostile files */

/* Load BYTES: some problem must stand on LINE and say TEXT. */
static void refuse_bytes(const void *bytes, size_t len, int line, const char *text)
{
	struct conf_report report;
	struct conf *conf;
	char path[1024];
	bool found = false;
	FILE *file = fopen(join(path, scratch, "hostile.yaml"), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(conf_load(&conf, path, &world, &report), CL_EINVAL);
	assert_null(conf);
	for (size_t i = 0; i < report.len; i++)
		found = found ||
			(report.problems[i].line == line && strstr(report.problems[i].text, text));
	if (!found)
		conf_report_print(&report, stderr);
	assert_true(found);
	conf_report_free(&report);
}

static void a_file_that_is_not_there_is_named(void **state)
{
	struct conf_report report;
	struct conf *conf;

	(void)state;
	assert_int_equal(conf_load(&conf, "no/such/file.yaml", &world, &report), CL_EINVAL);
	assert_int_equal(report.len, 1);
	assert_string_equal(report.problems[0].file, "no/such/file.yaml");
	assert_int_equal(report.problems[0].line, 0);
	conf_report_free(&report);
}

static void hostile_files_are_refused_within_bounds(void **state)
{
	size_t big = (4u << 20) + 1, many = 60000;
	char *bytes = malloc(big + many * 2);

	(void)state;
	assert_non_null(bytes);
	refuse_bytes("", 0, 1, "empty");
	refuse_bytes("a: \"\xff\"\n", 7, 1, "not UTF-8");
	refuse_bytes("\n\nb: \x01\n", 7, 3, "control character");
	refuse_bytes("a: \"x\\0y\"\n", 10, 1, "NUL");
	refuse_bytes("[a, b]: c\n", 10, 1, "key must be a plain word");
	refuse_bytes("- a\n", 4, 1, "needs keys and values");
	memset(bytes, '#', big);
	refuse_bytes(bytes, big, 0, "more than 4194304 bytes");
	bytes[0] = '[';
	for (size_t i = 0; i < many; i++)
		memcpy(bytes + 1 + i * 2, "1,", 2);
	bytes[1 + many * 2] = ']';
	refuse_bytes(bytes, 2 + many * 2, 1, "more than 50000 values");
	memset(bytes, '[', 100000);
	refuse_bytes(bytes, 100000, 1, "levels deep");
	/* The laughs: nine levels of nine, were they ever expanded. */
	refuse_bytes("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", 40, 1, "anchors");
	free(bytes);
}

static void problems_are_counted_beyond_what_is_kept(void **state)
{
	struct conf_report report;
	struct conf *conf;
	char path[1024];
	FILE *file = fopen(join(path, scratch, "wrong.yaml"), "we");

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 3000; i++)
		(void)fprintf(file, "unknown_%d: x\n", i);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(conf_load(&conf, path, &world, &report), CL_EINVAL);
	assert_int_equal(report.len, 1001);
	assert_true(report.errors > 3000);
	conf_report_free(&report);
}

/* The shipped sample */

static void copy_file(const char *from_dir, const char *to_dir, const char *name)
{
	char from[1024], to[1024];
	FILE *in = fopen(join(from, from_dir, name), "re");
	FILE *out = fopen(join(to, to_dir, name), "we");
	int byte;

	assert_non_null(in);
	assert_non_null(out);
	while ((byte = fgetc(in)) != EOF)
		assert_int_equal(fputc(byte, out), byte);
	(void)fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void copy_dir(const char *from_dir, const char *to_dir)
{
	DIR *dir = opendir(from_dir);
	const struct dirent *file;

	assert_non_null(dir);
	assert_int_equal(mkdir(to_dir, 0700), 0);
	while ((file = readdir(dir))) {
		if (strlen(file->d_name) > 5 &&
		    strcmp(file->d_name + strlen(file->d_name) - 5, ".yaml") == 0)
			copy_file(from_dir, to_dir, file->d_name);
	}
	(void)closedir(dir);
}

/* `make run` creates the secrets; here each "../build/run/NAME" gets one by what its name ends
 * with. */
static void make_secrets(const char *config, const char *run)
{
	char path[1024], line[512];
	FILE *file = fopen(config, "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *name = strstr(line, "_file: \"../build/run/");
		const char *dot;

		if (!name)
			continue;
		name += strlen("_file: \"../build/run/");
		name[strcspn(name, "\"")] = '\0';
		dot = strrchr(name, '.');
		assert_non_null(dot);
		write_file(run, name,
			   strcmp(dot, ".secret") == 0	? SECRET "\n"
			   : strcmp(dot, ".token") == 0 ? "token-of-the-sample-0000\n"
			   : strcmp(dot, ".url") == 0	? "http://127.0.0.1:8481/fallback\n"
							: "tokens: []\n");
	}
	(void)fclose(file);
	assert_true(strlen(join(path, run, "")) > 0);
}

static void check_sample(const struct conf *conf, const struct conf_report *report)
{
	assert_int_equal(report->len, 0);
	assert_int_equal(conf->endpoints_len, 19);
	assert_int_equal(conf->units_len, 18);
	assert_int_equal(conf->books_len, 2);
	assert_string_equal(conf->fallback, "fallback");
	assert_int_equal(conf_endpoint(conf, "fallback")->channel, CHANNEL_WECOM);
	assert_string_equal(conf_unit_endpoint(conf, "310112101007")->name, "xinsong-3");
	assert_string_equal(conf_unit_endpoint(conf, "310112101099")->name, "xinzhuang-duty");
	assert_string_equal(conf_unit_endpoint(conf, "310118999")->name, "qingpu-duty");
}

static void check_sample_units(struct conf *conf)
{
	struct conf_report report = {.len = 0};
	char *image = NULL;
	struct gazetteer *gazetteer = open_gazetteer(&image);

	if (!gazetteer)
		return;
	assert_int_equal(conf_check_units(conf, gazetteer, &report), 0);
	assert_int_equal(report.len, 0);
	assert_non_null(conf->coverage);
	conf_report_free(&report);
	gazetteer_close(gazetteer);
	free(image);
}

static void check_sample_policy(const struct policy *policy)
{
	struct policy defaults;

	policy_defaults(&defaults);
	/* Field by field a copy of the built-in numbers: the file documents them, it does not
	 * change them. */
	memcpy(defaults.hash, policy->hash, sizeof(defaults.hash));
	assert_memory_equal(policy->tasks, defaults.tasks, sizeof(defaults.tasks));
	assert_memory_equal(policy->symptoms, defaults.symptoms, sizeof(defaults.symptoms));
	assert_memory_equal(&policy->landing_to_gate, &defaults.landing_to_gate,
			    offsetof(struct policy, probable_from) -
				    offsetof(struct policy, landing_to_gate));
	assert_memory_equal(&policy->morning, &defaults.morning,
			    offsetof(struct policy, fever_above_tenths) -
				    offsetof(struct policy, morning));
	assert_int_equal(policy->isolation_days, defaults.isolation_days);
	assert_int_equal(policy->count, defaults.count);
	assert_int_equal(policy->household_clock, defaults.household_clock);
	assert_int_equal(policy->applies_to_open, defaults.applies_to_open);
	assert_memory_equal(policy->stickers, defaults.stickers, sizeof(defaults.stickers));
	assert_int_equal(policy->fever_above_tenths, defaults.fever_above_tenths);
	assert_int_equal(policy->fever_inclusive, defaults.fever_inclusive);
	assert_true(policy->probable_from > 0.899 && policy->probable_from < 0.901);
	assert_int_equal(policy->release_at, defaults.release_at);
	assert_int_equal(policy->release_full_days, defaults.release_full_days);
	assert_int_equal(policy->ack_expires, defaults.ack_expires);
	assert_int_equal(policy->recheck_after, defaults.recheck_after);
	assert_int_equal(policy->group_wait, defaults.group_wait);
	assert_int_equal(policy->inhibit_at_most, defaults.inhibit_at_most);
	assert_int_equal(policy->leave_longest, defaults.leave_longest);
	assert_int_equal(policy->leave_grace, defaults.leave_grace);
	assert_int_equal(policy->erase_after, defaults.erase_after);
}

static void check_sample_words(const struct conf *conf)
{
	static const char *const keys[] = {
		"mark.drill",
		"mark.late",
		"notice.expected",
		"notice.arrival",
		"notice.arrival_moved",
		"notice.arrival_changed",
		"notice.stand_down",
		"notice.reminder",
		"notice.undelivered",
		"notice.release",
		"notice.test",
		"notice.escalated",
		"notice.ask_again",
		"alert.fever.title",
		"alert.ledger_broken.text",
		"ledger.head",
		"alert.loop_broken.text",
		"task.verify_address",
		"task.accept",
		"slot.morning",
		"stage.isolating",
		"disposition.home",
		"reason.no_show",
		"reason.address_changed",
		"page.ack.button",
		"page.home.title",
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		assert_non_null(phrase_find(conf_book(conf, "zh-CN"), keys[i]));
		assert_non_null(phrase_find(conf_book(conf, "en"), keys[i]));
	}
}

static void the_shipped_sample_passes_without_a_warning(void **state)
{
	static const char *const dirs[] = {"sample", "sample/build", "sample/build/run"};
	struct conf_report report;
	struct conf *conf;
	char config[1024], run[1024], path[1024], sub[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		assert_int_equal(mkdir(join(path, scratch, dirs[i]), 0700), 0);
	(void)join(run, scratch, "sample/build/run");
	(void)join(config, scratch, "sample/config");
	copy_dir("config", config);
	copy_dir("config/policy", join(sub, config, "policy"));
	copy_dir("config/phrases", join(sub, config, "phrases"));
	make_secrets(join(path, config, "closedloopd.yaml"), run);
	make_secrets(join(path, config, "units.yaml"), run);
	make_secrets(join(path, config, "rosters.yaml"), run);
	if (conf_load(&conf, join(path, config, "closedloopd.yaml"), &world, &report) < 0 ||
	    report.len > 0)
		conf_report_print(&report, stderr);
	assert_non_null(conf);
	check_sample(conf, &report);
	check_sample_units(conf);
	check_sample_policy(&conf->policies[0]);
	check_sample_words(conf);
	conf_free(conf);
	conf_report_free(&report);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static int begin(void **state)
{
	const char *dir = getenv("CLOSEDLOOP_TEST_CONF");
	const char *temporary = getenv("TMPDIR");

	(void)state;
	if (dir)
		(void)text_copy(fixtures, sizeof(fixtures), dir);
	(void)snprintf(credentials, sizeof(credentials), "%s/parts/credentials", fixtures);
	(void)snprintf(scratch, sizeof(scratch), "%s/closedloop-test-XXXXXX",
		       temporary && *temporary ? temporary : P_tmpdir);
	return mkdtemp(scratch) ? digest_init(NULL) : -1;
}

static int end(void **state)
{
	(void)state;
	return nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bad_fixture_shows_all_its_problems_and_no_other),
		cmocka_unit_test(every_good_fixture_loads),
		cmocka_unit_test(defaults_are_those_of_the_contract),
		cmocka_unit_test(every_key_reaches_its_member),
		cmocka_unit_test(a_unit_without_endpoint_climbs_to_its_parent),
		cmocka_unit_test(an_alert_kind_without_steps_takes_the_default),
		cmocka_unit_test(the_public_url_has_no_slash_at_the_end),
		cmocka_unit_test(a_code_the_gazetteer_does_not_know_is_an_error),
		cmocka_unit_test(coverage_is_compiled_and_doors_claimed_twice_are_a_warning),
		cmocka_unit_test(a_unit_that_is_not_is_shown_where_its_rule_stands),
		cmocka_unit_test(a_rule_is_called_by_its_file_cut_between_letters),
		cmocka_unit_test(a_unit_covers_the_doors_that_are_written),
		cmocka_unit_test(print_config_shows_no_secret),
		cmocka_unit_test(each_channel_gets_what_it_takes),
		cmocka_unit_test(an_empty_policy_is_the_national_default),
		cmocka_unit_test(comments_and_order_do_not_change_a_policys_hash),
		cmocka_unit_test(any_value_changes_a_policys_hash),
		cmocka_unit_test(the_newest_policy_not_later_than_the_day_holds),
		cmocka_unit_test(the_first_override_that_matches_holds),
		cmocka_unit_test(what_the_sample_policy_shows_in_comments_is_right),
		cmocka_unit_test(an_override_is_a_whole_policy_with_its_own_hash),
		cmocka_unit_test(a_policy_for_open_journeys_takes_over_on_its_day),
		cmocka_unit_test(a_policy_for_arrivals_takes_nobody_over),
		cmocka_unit_test(the_rules_hash_sees_whom_an_override_is_for),
		cmocka_unit_test(one_more_policy_can_be_tried_beside_the_others),
		cmocka_unit_test(a_policy_that_is_tried_is_checked_like_a_file),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
		cmocka_unit_test(hostile_files_are_refused_within_bounds),
		cmocka_unit_test(problems_are_counted_beyond_what_is_kept),
		cmocka_unit_test(the_shipped_sample_passes_without_a_warning),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
