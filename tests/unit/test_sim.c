/* test_sim.c — the simulator itself: a seed tells one story and always the same, and what makes it
 * smaller leaves the rest as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "tests/sim/sim.h"
#include "closedloop/log.h"

static void silent(void *context, enum log_level level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

static int load(void **state)
{
	const char *dir = getenv("CLOSEDLOOP_SIM_CONF");

	(void)state;
	log_to(silent, NULL, LOG_LEVEL_ERROR);
	sim_load(dir ? dir : "tests/sim/conf");
	return 0;
}

static int unload(void **state)
{
	(void)state;
	sim_unload();
	return 0;
}

static struct sim_result run(uint64_t seed, uint32_t mask, uint64_t steps)
{
	struct sim_order order = {
		.seed = seed, .mask = mask, .travellers = 12, .days = 18, .steps = steps};
	struct sim_result result;

	sim_run(&order, &result);
	assert_string_equal(result.broken, "");
	return result;
}

static void the_same_seed_tells_the_same_story(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 4; seed++) {
		struct sim_result first = run(seed, TROUBLE_ALL, 0);
		(void)run(seed + 100, TROUBLE_ALL, 300);
		struct sim_result again = run(seed, TROUBLE_ALL, 0);

		assert_int_equal(first.hash, again.hash);
		assert_int_equal(first.counts.steps, again.counts.steps);
		assert_int_equal(first.syncs, again.syncs);
	}
}

static void another_seed_tells_another(void **state)
{
	(void)state;
	assert_int_not_equal(run(1, TROUBLE_ALL, 500).hash, run(2, TROUBLE_ALL, 500).hash);
}

static void without_trouble_nothing_breaks(void **state)
{
	(void)state;
	struct sim_result result = run(5, 0, 0);

	assert_int_equal(result.counts.kills + result.counts.cuts + result.counts.downs, 0);
	assert_int_equal(result.counts.disk_errors + result.counts.clock_steps, 0);
	assert_int_equal(result.counts.duplicates, 0);
	assert_true(result.counts.facts > 200);
	assert_true(result.counts.deliveries > 10);
	assert_true(result.counts.releases > 0);
}

static void with_all_troubles_each_happens(void **state)
{
	struct world_counts all = {.steps = 0};
	uint64_t torn = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 7; seed++) {
		struct sim_result result = run(seed, TROUBLE_ALL, 0);
		all.kills += result.counts.kills;
		all.cuts += result.counts.cuts;
		all.downs += result.counts.downs;
		all.disk_errors += result.counts.disk_errors;
		all.clock_steps += result.counts.clock_steps;
		all.reloads += result.counts.reloads;
		all.duplicates += result.counts.duplicates;
		all.io_refusals += result.counts.io_refusals;
		torn += result.torn;
	}
	assert_true(all.kills > 0);
	assert_true(all.cuts > 0);
	assert_true(all.downs > 0);
	assert_true(all.disk_errors > 0);
	assert_true(all.clock_steps > 0);
	assert_true(all.reloads > 0);
	assert_true(all.duplicates > 0);
	assert_true(all.io_refusals > 0);
	assert_true(torn > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_tells_the_same_story),
		cmocka_unit_test(another_seed_tells_another),
		cmocka_unit_test(without_trouble_nothing_breaks),
		cmocka_unit_test(with_all_troubles_each_happens),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
