/* test_together.c — people who touch each other's journeys: one home has one clock, and a stop has
 * one head count, in whatever order the facts come. Through the real engine and store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"

#define HOME	     "上海市闵行区莘庄镇莘松三村12号402室"
#define HOME_IN_FULL "闵行区莘松三村居委会 莘松三村 12号 402室"
#define NEXT_DOOR    "上海市闵行区莘庄镇莘松三村12号401室"

static struct fact *home_of(struct night *night, const char *ref, const char *address,
			    const char *local)
{
	struct fact *fact = night_person(night, FACT_REGISTERED, "/desk", ref, NULL, local);
	fact->field[FIELD_ADDRESS] = address;
	fact->field[FIELD_DISTRICT] = "310112";
	return fact;
}

static struct fact *accepted(struct night *night, const char *ref, const char *local)
{
	struct fact *fact = night_person(night, FACT_HANDED_OVER, "/desk", ref, NULL, local);
	fact->to_role = "committee";
	fact->to_code = COMMITTEE;
	return fact;
}

static struct journey *look(struct night *night, const char *ref)
{
	struct journey *journey = arena_alloc(&night->arena, sizeof(*journey));
	night_journey(night, "/desk", ref, journey);
	return journey;
}

/* P1 home on the 8th, P2 to the same home on the 12th, P3 next door on the 14th: in the order ORDER
 * says. */
static void tell_household(struct night *night, const int order[6])
{
	struct fact *facts[] = {
		home_of(night, "P1", HOME, "2020-03-08T14:00"),
		accepted(night, "P1", "2020-03-08T18:00"),
		home_of(night, "P2", HOME_IN_FULL, "2020-03-12T14:00"),
		accepted(night, "P2", "2020-03-12T18:00"),
		home_of(night, "P3", NEXT_DOOR, "2020-03-14T14:00"),
		accepted(night, "P3", "2020-03-14T18:00"),
	};
	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		night_submit(night, facts[order[i]], at("2020-03-14T20:00"));
}

static void newcomer_moves_the_end_of_everybody_in_the_home_in_any_order(void **state)
{
	(void)state;
	static const int orders[][6] = {{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {2, 3, 4, 5, 0, 1},
					{1, 3, 5, 0, 2, 4}, {3, 2, 1, 0, 5, 4}, {4, 0, 3, 1, 5, 2}};
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct night night;
		night_open(&night);
		tell_household(&night, orders[i]);
		struct journey *first = look(&night, "P1"), *second = look(&night, "P2");
		assert_string_equal(first->unit, COMMITTEE);
		assert_int_equal(first->ends_at, at("2020-03-27T00:00"));
		assert_string_equal(first->moved, "household");
		assert_int_equal(second->ends_at, at("2020-03-27T00:00"));
		assert_null(second->moved);
		/* Next door is another home. */
		assert_int_equal(look(&night, "P3")->ends_at, at("2020-03-29T00:00"));
		assert_true(joined(first, ALERT_END_MOVED));
		assert_int_equal(night_violations(&night, at("2020-03-14T20:00")), 0);
		night_close(&night);
	}
}

static void same_day_changes_nothing_and_who_came_after_the_end_neither(void **state)
{
	(void)state;
	struct night night;
	night_open(&night);
	night_submit(&night, home_of(&night, "P1", HOME, "2020-03-08T14:00"),
		     at("2020-03-08T14:00"));
	night_submit(&night, accepted(&night, "P1", "2020-03-08T18:00"), at("2020-03-08T18:00"));
	night_submit(&night, home_of(&night, "P2", HOME, "2020-03-08T14:00"),
		     at("2020-03-08T19:00"));
	night_submit(&night, accepted(&night, "P2", "2020-03-08T20:00"), at("2020-03-08T20:00"));
	assert_null(look(&night, "P1")->moved);
	night_submit(&night, home_of(&night, "P4", HOME, "2020-03-23T14:00"),
		     at("2020-03-23T14:00"));
	night_submit(&night, accepted(&night, "P4", "2020-03-23T18:00"), at("2020-03-23T18:00"));
	assert_null(look(&night, "P1")->moved);
	assert_int_equal(look(&night, "P1")->ends_at, at("2020-03-23T00:00"));
	night_close(&night);
}

static void corrected_address_takes_her_out_of_the_household(void **state)
{
	(void)state;
	static const int order[] = {0, 1, 2, 3, 4, 5};
	struct night night;
	night_open(&night);
	tell_household(&night, order);
	struct fact *corrected =
		night_person(&night, FACT_CORRECTED, "/desk", "P2", NULL, "2020-03-14T20:10");
	corrected->field[FIELD_ADDRESS] = NEXT_DOOR;
	night_submit(&night, corrected, at("2020-03-14T20:10"));
	assert_null(look(&night, "P1")->moved);
	assert_int_equal(look(&night, "P1")->ends_at, at("2020-03-23T00:00"));
	/* And into another, where P3 came after her. */
	assert_int_equal(look(&night, "P2")->ends_at, at("2020-03-29T00:00"));
	night_close(&night);
}

/* --- Head counts --- */

static struct fact *bus_with(struct night *night, size_t riders)
{
	static const char *const refs[] = {"P1", "P2", "P3"};
	struct fact *fact =
		night_person(night, FACT_DEPARTED, "/desk", NULL, NULL, "2020-03-08T16:30");
	fact->transfer = "B1";
	fact->stops = arena_alloc(&night->arena, sizeof(*fact->stops));
	fact->stops_len = 1;
	fact->stops[0] = (struct fact_stop){.seq = 1,
					    .kind = STOP_COMPOUND,
					    .committee = COMMITTEE,
					    .eta = at("2020-03-08T18:00")};
	fact->riders = arena_alloc(&night->arena, riders * sizeof(*fact->riders));
	for (size_t i = 0; i < riders; i++)
		fact->riders[fact->riders_len++] = (struct fact_rider){.ref = refs[i], .stop = 1};
	return fact;
}

static struct fact *stopped(struct night *night, int off, const char *local)
{
	struct fact *fact = night_person(night, FACT_STOP_REACHED, "/desk", NULL, NULL, local);
	fact->transfer = "B1";
	fact->seq = 1;
	fact->n_off = off;
	return fact;
}

static struct fact *sent_elsewhere(struct night *night, const char *ref, const char *local)
{
	struct fact *fact = night_person(night, FACT_REDIRECTED, "/desk", ref, NULL, local);
	fact->field[FIELD_DISPOSITION] = "central";
	return fact;
}

static void who_was_sent_elsewhere_before_the_stop_is_not_missed_there(void **state)
{
	(void)state;
	/* In both orders: the redirect is known before the count, or comes late. */
	for (int late = 0; late < 2; late++) {
		struct night night;
		int64_t now = at("2020-03-08T18:01");
		night_open(&night);
		night_submit(&night, bus_with(&night, 3), now);
		struct fact *facts[] = {sent_elsewhere(&night, "P2", "2020-03-08T17:40"),
					stopped(&night, 2, "2020-03-08T18:00")};
		night_submit(&night, facts[late], now);
		if (late)
			assert_true(joined(look(&night, "P1"), ALERT_HEAD_COUNT));
		night_submit(&night, facts[!late], now);
		assert_int_equal(look(&night, "P1")->leg->expected, 2);
		assert_false(joined(look(&night, "P1"), ALERT_HEAD_COUNT));
		assert_false(joined(look(&night, "P3"), ALERT_HEAD_COUNT));
		assert_int_equal(night_violations(&night, now), 0);
		night_close(&night);
	}
}

static void missing_rider_remains_by_name_when_the_others_are_accepted(void **state)
{
	(void)state;
	struct night night;
	int64_t now = at("2020-03-08T18:01");
	struct alert alert;
	bool found;
	night_open(&night);
	night_submit(&night, bus_with(&night, 3), now);
	night_submit(&night, stopped(&night, 2, "2020-03-08T18:00"), now);
	for (int i = 1; i <= 2; i++) {
		struct fact *fact = night_person(&night, FACT_ACCEPTED, "/desk",
						 i == 1 ? "P1" : "P3", NULL, "2020-03-08T18:05");
		night_submit(&night, fact, at("2020-03-08T18:05"));
	}
	assert_false(joined(look(&night, "P1"), ALERT_HEAD_COUNT));
	assert_true(joined(look(&night, "P2"), ALERT_HEAD_COUNT));
	assert_int_equal(night.store->ops->alert_find(night.store, ALERT_HEAD_COUNT, "B1/1", "",
						      &alert, &found, NULL),
			 0);
	assert_true(found);
	/* Counted again, and all were there. */
	night_submit(&night, stopped(&night, 3, "2020-03-08T18:20"), at("2020-03-08T18:20"));
	assert_false(joined(look(&night, "P2"), ALERT_HEAD_COUNT));
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newcomer_moves_the_end_of_everybody_in_the_home_in_any_order),
		cmocka_unit_test(same_day_changes_nothing_and_who_came_after_the_end_neither),
		cmocka_unit_test(corrected_address_takes_her_out_of_the_household),
		cmocka_unit_test(who_was_sent_elsewhere_before_the_stop_is_not_missed_there),
		cmocka_unit_test(missing_rider_remains_by_name_when_the_others_are_accepted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
