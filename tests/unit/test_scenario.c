/* test_scenario.c — a scenario that is wrong says where and why, and one that does not hold shows
 * what was delivered: else a suite of them proves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/scenario.h"

#define HEADER "title  t\nrule   r\nstart  2020-03-13 17:00\n\n"
#define ON_THE_ROAD                                                                                \
	"17:00  P1 is registered for huateng\n"                                                    \
	"18:00  bus B1 leaves with P1 to huateng at 20:00\n"

/* Runs TEXT as a scenario; what it complains of is the caller's to free. *RC is its result. */
static char *run(const char *text, int *rc)
{
	struct scenario *scenario = mem_alloc(sizeof(*scenario));
	char dir[96], path[128], *said = NULL;
	size_t len;

	house_make_dir(dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/night.scn", dir);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	FILE *out = open_memstream(&said, &len);
	assert_non_null(out);
	*rc = scenario_load(scenario, path, out);
	if (*rc == 0)
		*rc = scenario_run(scenario);
	scenario_release(scenario);
	mem_free(scenario);
	fclose(out);
	house_remove_dir(dir);
	return said;
}

static void holds(const char *text)
{
	int rc;
	char *said = run(text, &rc);
	if (rc < 0)
		print_error("%s", said);
	assert_int_equal(rc, 0);
	assert_string_equal(said, "");
	free(said);
}

/* TEXT does not hold, and says WHY. */
static void fails(const char *text, const char *why)
{
	int rc;
	char *said = run(text, &rc);
	assert_true(rc < 0);
	if (!strstr(said, why))
		print_error("said: %s\nnot: %s\n", said, why);
	assert_non_null(strstr(said, why));
	free(said);
}

static void what_is_expected_and_happens_holds(void **state)
{
	(void)state;
	holds(HEADER ON_THE_ROAD "       expect arrival to huateng about P1 exactly 1 time\n");
}

static void every_line_not_understood_is_named(void **state)
{
	(void)state;
	fails(HEADER "17:00  P1 flies away\n17:01  expect nobody unwatched\n",
	      "night.scn:5: not understood from \"flies\" on");
	fails(HEADER "17:00  P1 is registered for huateng by\n",
	      "night.scn:5: not understood from");
	fails(HEADER ON_THE_ROAD "18:01  bus B1 will reach huateng\n",
	      "the form is: bus BUS will reach PLACE at ETA");
	fails(HEADER "P1 is registered for huateng\n", "night.scn:5: a line begins with a time");
	fails(HEADER "17:00\n", "night.scn:5: a time, and nothing happens");
	fails(HEADER "| days: 3\n17:00  time passes\n", "night.scn:5: a line of YAML without");
	fails(HEADER "17:00  P1 is registered for \"nowhere\n", "a quotation that does not end");
}

static void a_header_has_title_rule_and_start(void **state)
{
	(void)state;
	fails("rule  r\nstart  2020-03-13 17:00\n17:00  time passes\n", "a title and a rule");
	fails("title  t\nrule  r\n17:00  time passes\n", "a scenario has a start");
	fails(HEADER, "nothing happens");
	fails("title  t\nrule  r\nstart  tomorrow\n17:00  time passes\n",
	      "start tomorrow is no time");
}

static void a_policy_of_its_own_is_checked(void **state)
{
	(void)state;
	fails(HEADER "policy\n| isolation: {dayz: 3}\n17:00  time passes\n",
	      "unknown key \"dayz\"");
}

static void time_never_runs_back(void **state)
{
	(void)state;
	fails(HEADER "17:30  time passes\n17:10  time passes\n", "night.scn:6: 17:10  time passes");
	fails(HEADER "17:30  time passes\n17:10  time passes\n", "time does not run back");
}

static void what_is_expected_and_does_not_happen_fails(void **state)
{
	(void)state;
	fails(HEADER ON_THE_ROAD "       expect fever to huateng\n", "no such message");
	/* … and shows what was delivered. */
	fails(HEADER ON_THE_ROAD "       expect fever to huateng\n", "huateng     arrival");
	fails(HEADER ON_THE_ROAD "       expect no arrival to huateng\n",
	      "there is one: arrival to huateng at 18:00");
	fails(HEADER ON_THE_ROAD "       expect arrival to huateng exactly 2 times\n",
	      "1 such messages, not 2");
	fails(HEADER ON_THE_ROAD "       expect arrival to huateng about 2\n", "no such message");
	fails(HEADER ON_THE_ROAD "       expect arrival to huateng late\n", "no such message");
	fails(HEADER ON_THE_ROAD "       expect P1 is isolating\n", "P1 is in_transfer");
	fails(HEADER ON_THE_ROAD "       expect P1 is held by huateng\n", "P1 is held by 310118");
	fails(HEADER ON_THE_ROAD "       expect 2 people in_transfer\n", "there are 1");
	fails(HEADER ON_THE_ROAD "       expect no open arrival\n", "1 are open");
	fails(HEADER ON_THE_ROAD "       expect open fever\n", "0 are open");
	fails(HEADER ON_THE_ROAD "       expect P1 has fever\n", "P1 has none");
	fails(HEADER ON_THE_ROAD "       expect refused\n", "it was taken");
}

static void a_refusal_nobody_expected_fails(void **state)
{
	(void)state;
	fails(HEADER ON_THE_ROAD "18:01  P1 is released\n18:02  time passes\n",
	      "something was refused and nobody expected it");
	fails(HEADER ON_THE_ROAD "       expect nobody unwatched\n18:01  P1 is released\n",
	      "something was refused and nobody expected it");
	holds(HEADER ON_THE_ROAD "18:01  P1 is released\n       expect refused saying isolating\n");
}

static void a_name_nobody_has_is_an_error(void **state)
{
	(void)state;
	fails(HEADER ON_THE_ROAD "       expect arrival to nirgends\n",
	      "nobody is called nirgends");
	fails(HEADER ON_THE_ROAD "       expect arrivel to huateng\n",
	      "arrivel is no kind of alert");
	fails(HEADER ON_THE_ROAD "       expect P1 is happy\n", "happy is no stage");
	fails(HEADER "17:00  P7 is accepted by huateng\n", "nobody has spoken of P7 yet");
	fails(HEADER ON_THE_ROAD "18:01  huateng acknowledges fever\n",
	      "huateng has not been told of fever");
}

static void a_scenario_that_expects_nothing_fails(void **state)
{
	(void)state;
	fails(HEADER ON_THE_ROAD, "it expects nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_expected_and_happens_holds),
		cmocka_unit_test(every_line_not_understood_is_named),
		cmocka_unit_test(a_header_has_title_rule_and_start),
		cmocka_unit_test(a_policy_of_its_own_is_checked),
		cmocka_unit_test(time_never_runs_back),
		cmocka_unit_test(what_is_expected_and_does_not_happen_fails),
		cmocka_unit_test(a_refusal_nobody_expected_fails),
		cmocka_unit_test(a_name_nobody_has_is_an_error),
		cmocka_unit_test(a_scenario_that_expects_nothing_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
