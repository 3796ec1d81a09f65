/* test_conf_roster.c — rosters as configuration: what is written is what is on duty, what is
 * printed can be read again, bounds hold, and a gap is refused or warned of. The fixtures of
 * tests/conf say what else is wrong; test_conf.c judges those. */
#define _XOPEN_SOURCE 700 /* P_tmpdir */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/conf.h"
#include "closedloop/digest.h"
#include "closedloop/text.h"

#define YAML_CAP ((size_t)1 << 20)

static char fixtures[512];
static char scratch[128];

static const char *environment(const char *name)
{
	if (strcmp(name, "PVG_TOKEN") == 0)
		return "pvg-token-of-a-test-0000";
	if (strcmp(name, "SINK_SECRET") == 0)
		return "whsec_Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM=";
	if (strcmp(name, "ROBOT_URL") == 0)
		return "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=robot-of-a-test";
	return NULL;
}

static struct conf_world world = {.environment = environment,
				  .zoneinfo_dir = "/usr/share/zoneinfo"};

static int64_t at(const char *text)
{
	int64_t when;

	assert_int_equal(when_parse(text, &when, NULL), 0);
	return when;
}

/* Load the healthy parts with BODY after them. */
static int load_body(const char *body, struct conf **conf, struct conf_report *report)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/main.yaml", scratch);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	(void)fprintf(file, "include: [\"%s/parts/core.yaml\", \"%s/parts/people.yaml\"]\n%s",
		      fixtures, fixtures, body);
	assert_int_equal(fclose(file), 0);
	int rc = conf_load(conf, path, &world, report);
	(void)unlink(path);
	return rc;
}

static struct conf *load_fixture(const char *name)
{
	struct conf_report report;
	struct conf *conf;
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/%s", fixtures, name);
	if (conf_load(&conf, path, &world, &report) < 0)
		conf_report_print(&report, stderr);
	conf_report_free(&report);
	assert_non_null(conf);
	return conf;
}

static const char *on_duty(const struct conf *conf, const char *roster, const char *when,
			   char buf[64])
{
	const struct roster *found = conf_roster(conf, roster);
	struct text out;

	assert_non_null(found);
	uint64_t set = roster_on_duty(found, at(when), NULL);
	text_init(&out, buf, 64);
	for (size_t i = 0; i < found->members_len; i++) {
		if (set >> i & 1)
			text_addf(&out, "%s%s", out.len ? "," : "", found->members[i].name);
	}
	return buf;
}

static void what_is_written_is_who_is_on_duty(void **state)
{
	static const struct {
		const char *when, *who;
	} rows[] = {
		{"2020-03-02T20:00:00Z", "anna"}, /* The week of the first turn. */
		{"2020-03-03T07:59:00Z", "anna"},
		{"2020-03-03T08:00:00Z", "bert"}, /* Two days each by day. */
		{"2020-03-05T08:00:00Z", "anna"},
		{"2020-03-07T12:00:00Z", "anna"}, /* Friday's span goes on to Saturday evening. */
		{"2020-03-07T21:00:00Z", "bert"},
		{"2020-03-08T12:00:00Z", "anna"},
		{"2020-03-08T21:00:00Z", "carl"}, /* Replaced. */
		{"2020-03-09T21:00:00Z", "bert,carl"},
		{"2020-03-10T21:00:00Z", "anna,carl"}, /* One added, one away. */
		{"2020-04-04T12:00:00+01:00", "carl"}, /* A holiday, by the clock of summer. */
		{"2020-04-05T00:00:00+01:00", "bert"},
	};
	struct conf *conf = load_fixture("good.rosters.yaml");
	const struct roster *roster = conf_roster(conf, "ganquan");
	char buf[64];

	(void)state;
	assert_int_equal(conf->rosters_len, 4);
	assert_string_equal(zone_name(roster->zone), "Europe/London");
	assert_int_equal(roster->handover_before, 10 * WHEN_MINUTE);
	assert_int_equal(conf_roster(conf, "hourly")->handover_before, 5 * WHEN_MINUTE);
	assert_ptr_equal(conf_roster(conf, "hourly")->zone, conf->zone);
	assert_true(conf_roster(conf, "gappy")->allow_gap);
	assert_false(roster->allow_gap);
	assert_string_equal(conf_unit(conf, "310107016")->roster, "ganquan");
	assert_null(conf_unit(conf, "310107")->roster);
	assert_null(conf_roster(conf, "nobody"));
	assert_null(conf_roster(conf, NULL));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(on_duty(conf, "ganquan", rows[i].when, buf), rows[i].who) != 0)
			print_error("%s\n", rows[i].when);
		assert_string_equal(buf, rows[i].who);
	}
	conf_free(conf);
}

static char *printed_rosters(const struct conf *conf)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	conf_print(conf, out);
	assert_int_equal(fclose(out), 0);
	char *from = strstr(text, "rosters:"), *to = strstr(text, "escalation:");
	assert_true(from && to > from);
	*to = '\0';
	char *kept = strdup(from);
	free(text);
	return kept;
}

static void what_is_printed_can_be_read_again(void **state)
{
	struct conf *conf = load_fixture("good.rosters.yaml"), *again;
	struct conf_report report;
	char *first = printed_rosters(conf), *second;

	(void)state;
	assert_int_equal(load_body(first, &again, &report), 0);
	second = printed_rosters(again);
	assert_string_equal(first, second);
	free(first);
	free(second);
	conf_report_free(&report);
	conf_free(conf);
	conf_free(again);
}

/* --- Bounds --- */

struct sizes {
	int members, layers, turns, restrictions, overrides, holidays;
};

static void write_roster(const struct sizes *sizes, char *yaml)
{
	struct text out;

	text_init(&out, yaml, YAML_CAP);
	text_add(&out, "rosters:\n  - name: big\n    members:\n");
	for (int i = 0; i < sizes->members; i++)
		text_addf(&out, "      - {name: m%d, endpoint: sink}\n", i);
	text_add(&out, "    holidays: [");
	for (int i = 0; i < sizes->holidays; i++)
		text_addf(&out, "%s\"20%02d-%02d-%02d\"", i ? ", " : "", 20 + i / 300,
			  1 + i / 25 % 12, 1 + i % 25);
	text_add(&out, "]\n    layers:\n");
	for (int i = 0; i < sizes->layers; i++) {
		text_addf(
			&out,
			"      - name: l%d\n        rotation: {every: 1 day, begins: \"2020-01-01 "
			"08:00\", members: [",
			i);
		for (int k = 0; k < sizes->turns; k++)
			text_addf(&out, "%sm%d", k ? ", " : "", k % sizes->members);
		text_add(&out, "]}\n        restrictions: [");
		for (int k = 0; k < sizes->restrictions; k++)
			text_addf(&out, "%s{holidays: any}", k ? ", " : "");
		text_add(&out, "]\n");
	}
	text_add(&out, "    overrides:\n");
	for (int i = 0; i < sizes->overrides; i++)
		text_add(&out,
			 "      - {from: \"2020-03-08 20:00\", to: \"2020-03-09 08:00\", add: "
			 "m0}\n");
	assert_false(out.cut);
}

static void judge_sizes(const struct sizes *sizes, const char *refusal)
{
	char *yaml = malloc(YAML_CAP);
	struct conf_report report;
	struct conf *conf;
	size_t errors = 0;

	write_roster(sizes, yaml);
	(void)load_body(yaml, &conf, &report);
	for (size_t i = 0; i < report.len; i++) {
		if (report.problems[i].warning)
			continue;
		errors++;
		assert_non_null(strstr(report.problems[i].text, refusal ? refusal : "?"));
	}
	assert_int_equal(errors, refusal ? 1 : 0);
	conf_report_free(&report);
	conf_free(conf);
	free(yaml);
}

static void bounds_are_reached_and_not_passed(void **state)
{
	const struct sizes most = {64, 8, 64, 8, 200, 400};
	struct sizes more = most;

	(void)state;
	world.now = at("2020-03-08T12:00:00+08:00");
	judge_sizes(&most, NULL);
	more.members++;
	judge_sizes(&more, "roster big: members: 65 are too many, there may be 64");
	more = most;
	more.layers++;
	judge_sizes(&more, "roster big: layers: 9 are too many, there may be 8");
	more = most;
	more.layers = 1;
	more.turns++;
	judge_sizes(&more, "rotation: 65 are too many, there may be 64");
	more = most;
	more.layers = 1;
	more.restrictions++;
	judge_sizes(&more, "restrictions: 9 are too many, there may be 8");
	more = most;
	more.overrides++;
	judge_sizes(&more, "roster big: overrides: 201 are too many, there may be 200");
	more = most;
	more.holidays++;
	judge_sizes(&more, "roster big: holidays: 401 are too many, there may be 400");
	world.now = 0;
}

/* --- Gaps --- */

static const char gap[] =
	"rosters:\n"
	"  - name: one-gap\n"
	"    time_zone: Europe/London\n"
	"    members: [{name: a, endpoint: sink}]\n"
	"    layers: [{name: all, rotation: {every: 1 day, begins: \"2020-01-01 00:00\", members: "
	"[a]}}]\n"
	"    overrides: [{from: \"2020-04-11 03:17\", to: \"2020-04-11 03:18\", remove: a}]\n"
	"units: [{code: \"310107\", roster: one-gap}]\n";

static void expect_gap(const char *now, bool found, bool refused)
{
	struct conf_report report;
	struct conf *conf;

	world.now = now ? at(now) : 0;
	assert_int_equal(load_body(gap, &conf, &report), refused ? CL_EINVAL : 0);
	assert_int_equal(report.len, found ? 1 : 0);
	if (found) {
		assert_int_equal(report.problems[0].warning, !refused);
		assert_non_null(strstr(report.problems[0].text,
				       "roster one-gap: nobody is on duty from 2020-04-11 03:17 to "
				       "2020-04-11 03:18 (Europe/London)"));
	}
	conf_report_free(&report);
	conf_free(conf);
	world.now = 0;
}

static void the_next_35_days_are_looked_at_and_no_others(void **state)
{
	(void)state;
	expect_gap(NULL, false, false);
	expect_gap("2020-03-07T02:17:00+00:00", false, false);
	expect_gap("2020-03-07T02:17:01+00:00", true, true);
	expect_gap("2020-04-11T03:17:59+01:00", true, true);
	expect_gap("2020-04-11T03:18:00+01:00", false, false);
}

static void a_gap_is_refused_or_warned_of(void **state)
{
	(void)state;
	expect_gap("2020-03-08T12:00:00+00:00", true, true);
	world.gap_warns = true;
	expect_gap("2020-03-08T12:00:00+00:00", true, false);
	world.gap_warns = false;
}

static int begin(void **state)
{
	const char *dir = getenv("CLOSEDLOOP_TEST_CONF");
	char *real = realpath(dir ? dir : "tests/conf", NULL);

	(void)state;
	if (!real || !text_copy(fixtures, sizeof(fixtures), real) || digest_init(NULL) < 0)
		return -1;
	free(real);
	(void)text_copy(scratch, sizeof(scratch), P_tmpdir "/rosters.XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return rmdir(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_who_is_on_duty),
		cmocka_unit_test(what_is_printed_can_be_read_again),
		cmocka_unit_test(bounds_are_reached_and_not_passed),
		cmocka_unit_test(the_next_35_days_are_looked_at_and_no_others),
		cmocka_unit_test(a_gap_is_refused_or_warned_of),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
