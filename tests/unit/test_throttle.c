/* test_throttle.c — so many a minute, and no more. Neighbours: daemon/throttle.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "closedloop/mem.h"
#include "closedloop/when.h"
#include "daemon/throttle.h"

#define T0 (5 * WHEN_HOUR)

static unsigned passed(struct throttle *throttle, uint64_t key, unsigned tries, int64_t now)
{
	unsigned count = 0;

	while (tries-- > 0)
		count += throttle_ask(throttle, key, 60, now) == 0;
	return count;
}

static void so_many_at_once_and_then_one_by_one(void **state)
{
	struct throttle *throttle = mem_alloc(sizeof(*throttle));

	(void)state;
	assert_int_equal(passed(throttle, 7, 1000, T0), 60);
	assert_int_equal(throttle_ask(throttle, 7, 60, T0), WHEN_SECOND);
	assert_int_equal(throttle_ask(throttle, 7, 60, T0 + 300), 700);
	assert_int_equal(passed(throttle, 7, 1000, T0 + WHEN_SECOND), 1);
	assert_int_equal(passed(throttle, 7, 1000, T0 + 11 * WHEN_SECOND), 10);
	assert_int_equal(passed(throttle, 7, 1000, T0 + WHEN_HOUR), 60);
	mem_free(throttle);
}

static void one_does_not_use_up_anothers(void **state)
{
	struct throttle *throttle = mem_alloc(sizeof(*throttle));

	(void)state;
	passed(throttle, 7, 1000, T0);
	assert_int_equal(passed(throttle, 8, 1000, T0), 60);
	mem_free(throttle);
}

static void more_keys_than_places_forget_whom_they_hinder_least(void **state)
{
	struct throttle *throttle = mem_alloc(sizeof(*throttle));

	(void)state;
	passed(throttle, 0, 1000, T0);
	/* All of one set, each asking once. */
	for (uint64_t i = 1; i < 100; i++)
		assert_int_equal(throttle_ask(throttle, i * THROTTLE_SETS, 60, T0), 0);
	assert_true(throttle_ask(throttle, 0, 60, T0) > 0);
	mem_free(throttle);
}

static void any_bound_that_can_be_configured_holds(void **state)
{
	struct throttle *throttle = mem_alloc(sizeof(*throttle));

	(void)state;
	assert_int_equal(throttle_ask(throttle, 1, 1, T0), 0);
	assert_int_equal(throttle_ask(throttle, 1, 1, T0), WHEN_MINUTE);
	for (int i = 0; i < 60000; i++)
		assert_int_equal(throttle_ask(throttle, 2, 60000, T0), 0);
	assert_true(throttle_ask(throttle, 2, 60000, T0) > 0);
	mem_free(throttle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_once_and_then_one_by_one),
		cmocka_unit_test(one_does_not_use_up_anothers),
		cmocka_unit_test(more_keys_than_places_forget_whom_they_hinder_least),
		cmocka_unit_test(any_bound_that_can_be_configured_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
