/* test_journey.c — registers join in any order; stage, unit, holder and calendar follow from them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "fixture.h"
#include "closedloop/text.h"
#include "closedloop/transfer.h"

#define MADE_FACTS 9

/* A whole way home, as facts. */
static void make_way(struct world *world, struct fact *facts[MADE_FACTS])
{
	facts[0] = make_fact(world, FACT_ANNOUNCED, "2020-03-08T09:45");
	facts[0]->field[FIELD_NAME] = "LI GUANG";
	facts[0]->field[FIELD_NATIONALITY] = "KOR";
	facts[0]->field[FIELD_FLIGHT] = "XX363-PVG-2020-03-08";
	facts[0]->flight_sched = at("2020-03-08T11:40");
	facts[1] = make_fact(world, FACT_TRIAGED, "2020-03-08T13:50");
	facts[1]->field[FIELD_DISPOSITION] = "home";
	facts[1]->temp_tenths = 364;
	facts[2] = make_fact(world, FACT_REGISTERED, "2020-03-08T14:19");
	facts[2]->field[FIELD_ADDRESS] = "somewhere";
	facts[2]->field[FIELD_COMMITTEE] = COMMITTEE;
	facts[2]->field[FIELD_DISTRICT] = "310112";
	facts[3] = make_fact(world, FACT_DEPARTED, "2020-03-08T16:30");
	facts[4] = make_fact(world, FACT_HANDED_OVER, "2020-03-08T18:06");
	facts[4]->to_role = "committee";
	facts[4]->to_code = COMMITTEE;
	facts[5] = make_fact(world, FACT_CHECKED, "2020-03-09T09:00");
	facts[5]->day = 1;
	facts[5]->temp_tenths = 363;
	facts[6] = make_fact(world, FACT_CORRECTED, "2020-03-08T20:00");
	facts[6]->field[FIELD_NAME] = "LI GUANG MIN";
	facts[7] = make_fact(world, FACT_ACCEPTED, "2020-03-08T18:10");
	facts[7]->by = "gate";
	facts[8] = make_fact(world, FACT_CHECKED, "2020-03-10T01:30");
	facts[8]->temp_tenths = 375;
}

static const struct leg bus = {.transfer = "MH-07",
			       .departed_at = 0,
			       .stop = 2,
			       .kind = STOP_COMPOUND,
			       .reached_at = WHEN_NEVER};

static void join_one(struct world *world, struct journey *journey, const struct fact *fact)
{
	struct leg leg = bus;
	leg.departed_at = at("2020-03-08T16:30");
	leg.eta = at("2020-03-08T17:50");
	journey_join(journey, fact, fact->type == FACT_DEPARTED ? &leg : NULL, NULL, &world->policy,
		     world->zone, &world->arena);
	journey_settle(journey, &world->policy, world->zone);
}

static void same_bytes(struct world *world, const struct journey *left, const struct journey *right)
{
	const uint8_t *record[2], *person[2];
	size_t record_len[2], person_len[2];
	journey_pack(left, &world->arena, &record[0], &record_len[0], &person[0], &person_len[0]);
	journey_pack(right, &world->arena, &record[1], &record_len[1], &person[1], &person_len[1]);
	assert_int_equal(record_len[0], record_len[1]);
	assert_memory_equal(record[0], record[1], record_len[0]);
	assert_int_equal(person_len[0], person_len[1]);
	assert_memory_equal(person[0], person[1], person_len[0]);
}

static void any_order_and_repetition_of_facts_ends_in_the_same_journey(void **state)
{
	(void)state;
	struct world world;
	struct fact *facts[MADE_FACTS];
	struct journey *straight, *shuffled;
	uint64_t seed = 20200308;
	struct entropy dice = entropy_seeded(&seed);

	world_open(&world);
	make_way(&world, facts);
	straight = arena_alloc(&world.arena, sizeof(*straight));
	shuffled = arena_alloc(&world.arena, sizeof(*shuffled));
	journey_init(straight, "jny_1", "");
	for (size_t i = 0; i < MADE_FACTS; i++)
		join_one(&world, straight, facts[i]);
	assert_int_equal(straight->stage, STAGE_ISOLATING);
	assert_string_equal(straight->field[FIELD_NAME], "LI GUANG MIN");
	for (int round = 0; round < 500; round++) {
		size_t order[MADE_FACTS * 2];
		for (size_t i = 0; i < MADE_FACTS * 2; i++)
			order[i] = i % MADE_FACTS;
		for (size_t i = MADE_FACTS * 2; i > 1; i--) {
			uint32_t roll;
			dice.fill(dice.context, &roll, sizeof(roll));
			size_t other = roll % i, kept = order[i - 1];
			order[i - 1] = order[other];
			order[other] = kept;
		}
		journey_init(shuffled, "jny_1", "");
		for (size_t i = 0; i < MADE_FACTS * 2; i++)
			join_one(&world, shuffled, facts[order[i]]);
		same_bytes(&world, straight, shuffled);
	}
	world_close(&world);
}

static void merging_two_halves_equals_one_journey(void **state)
{
	(void)state;
	struct world world;
	struct fact *facts[MADE_FACTS];
	world_open(&world);
	make_way(&world, facts);
	struct journey *whole = arena_alloc(&world.arena, sizeof(*whole));
	struct journey *left = arena_alloc(&world.arena, sizeof(*left));
	struct journey *right = arena_alloc(&world.arena, sizeof(*right));
	for (unsigned mask = 0; mask < 1u << MADE_FACTS; mask++) {
		journey_init(whole, "jny_1", "");
		journey_init(left, "jny_1", "");
		journey_init(right, "jny_2", "");
		for (size_t i = 0; i < MADE_FACTS; i++) {
			join_one(&world, whole, facts[i]);
			join_one(&world, mask >> i & 1 ? left : right, facts[i]);
		}
		journey_merge(left, right);
		journey_settle(left, &world.policy, world.zone);
		assert_int_equal(left->stage, whole->stage);
		assert_string_equal(left->unit, whole->unit);
		assert_int_equal(left->handed_over_at, whole->handed_over_at);
		assert_int_equal(left->checked[0], whole->checked[0]);
		assert_int_equal(left->checked[1], whole->checked[1]);
		assert_string_equal(left->field[FIELD_NAME], whole->field[FIELD_NAME]);
	}
	world_close(&world);
}

static void packed_journey_is_the_same_journey(void **state)
{
	(void)state;
	struct world world;
	struct fact *facts[MADE_FACTS];
	const uint8_t *record, *person;
	size_t record_len, person_len;
	world_open(&world);
	make_way(&world, facts);
	struct journey *journey = arena_alloc(&world.arena, sizeof(*journey));
	struct journey *again = arena_alloc(&world.arena, sizeof(*again));
	journey_init(journey, "jny_1", "310115");
	for (size_t i = 0; i < MADE_FACTS; i++)
		join_one(&world, journey, facts[i]);
	journey->told[journey->told_len++] =
		(struct told){COMMITTEE, "MH-07", at("2020-03-08T17:50")};
	journey->joined[journey->joined_len++] =
		(struct joined){ALERT_FEVER, "jny_1", COMMITTEE, WHEN_UNKNOWN};
	journey->resolved_at[ALERT_FEVER] = at("2020-03-12T10:00");
	journey_pack(journey, &world.arena, &record, &record_len, &person, &person_len);
	assert_int_equal(journey_unpack(again, "jny_1", record, record_len, person, person_len,
					&world.arena, NULL),
			 0);
	same_bytes(&world, journey, again);
	/* What is personal is in the person record only. */
	assert_null(memmem(record, record_len, "LI GUANG", 8));
	assert_non_null(memmem(person, person_len, "LI GUANG", 8));
	world_close(&world);
}

static void damaged_record_is_refused_and_never_read_past_its_end(void **state)
{
	(void)state;
	struct world world;
	struct fact *facts[MADE_FACTS];
	const uint8_t *record, *person;
	size_t record_len, person_len;
	world_open(&world);
	make_way(&world, facts);
	struct journey *journey = arena_alloc(&world.arena, sizeof(*journey));
	journey_init(journey, "jny_1", "");
	for (size_t i = 0; i < MADE_FACTS; i++)
		join_one(&world, journey, facts[i]);
	journey_pack(journey, &world.arena, &record, &record_len, &person, &person_len);
	for (size_t cut = 0; cut < record_len; cut++)
		assert_int_equal(journey_unpack(journey, "jny_1", record, cut, person, person_len,
						&world.arena, NULL),
				 CL_ECORRUPT);
	world_close(&world);
}

static void withdrawal_after_hand_over_changes_nothing_but_raises_a_conflict(void **state)
{
	(void)state;
	struct world world;
	world_open(&world);
	for (int order = 0; order < 2; order++) {
		struct journey journey;
		struct fact *handed = make_fact(&world, FACT_HANDED_OVER, "2020-03-08T18:00");
		struct fact *gone = make_fact(&world, FACT_WITHDRAWN, "2020-03-08T19:00");
		gone->reason = "no_show";
		journey_init(&journey, "jny_1", "");
		join_one(&world, &journey, order ? gone : handed);
		join_one(&world, &journey, order ? handed : gone);
		assert_int_equal(journey.stage, STAGE_ISOLATING);
		assert_true(journey.conflict);
	}
	world_close(&world);
}

static void withdrawn_person_who_is_seen_later_is_back(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	struct fact *gone = make_fact(&world, FACT_WITHDRAWN, "2020-03-08T10:00");
	gone->reason = "no_show";
	journey_init(&journey, "jny_1", "");
	join_one(&world, &journey, make_fact(&world, FACT_ANNOUNCED, "2020-03-08T09:00"));
	join_one(&world, &journey, gone);
	assert_int_equal(journey.stage, STAGE_WITHDRAWN);
	join_one(&world, &journey, make_fact(&world, FACT_TRIAGED, "2020-03-08T13:00"));
	assert_int_equal(journey.stage, STAGE_TRIAGED);
	world_close(&world);
}

static void hand_over_between_vehicles_is_no_arrival_at_home(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	struct fact *relay = make_fact(&world, FACT_HANDED_OVER, "2020-03-08T18:00");
	relay->to_role = "escort";
	journey_init(&journey, "jny_1", "");
	join_one(&world, &journey, make_fact(&world, FACT_DEPARTED, "2020-03-08T17:00"));
	join_one(&world, &journey, relay);
	assert_int_equal(journey.stage, STAGE_IN_TRANSFER);
	world_close(&world);
}

static void holder_is_the_sender_until_the_committee_accepts(void **state)
{
	(void)state;
	struct world world;
	struct fact *facts[MADE_FACTS];
	struct journey journey;
	world_open(&world);
	make_way(&world, facts);
	journey_init(&journey, "jny_1", "310115");
	join_one(&world, &journey, facts[0]);
	assert_string_equal(journey.holder, "310115");
	join_one(&world, &journey, facts[2]);
	assert_string_equal(journey.holder, "310112");
	join_one(&world, &journey, facts[4]);
	assert_string_equal(journey.holder, "310112");
	join_one(&world, &journey, facts[7]);
	assert_string_equal(journey.holder, COMMITTEE);
	world_close(&world);
}

static void early_acceptance_is_readiness_and_leaves_her_on_the_road(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus;
	world_open(&world);
	leg.departed_at = at("2020-03-08T16:30");
	leg.eta = at("2020-03-08T19:30");
	leg.committee = COMMITTEE;
	journey_init(&journey, "jny_1", "310115");
	struct fact *departed = make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30");
	journey_join(&journey, departed, &leg, NULL, &world.policy, world.zone, &world.arena);
	join_one(&world, &journey, make_fact(&world, FACT_ACCEPTED, "2020-03-08T16:40"));
	assert_int_equal(journey.stage, STAGE_IN_TRANSFER);
	assert_string_equal(journey.holder, "310115");
	leg.reached_at = at("2020-03-08T19:20");
	struct fact *reached = make_fact(&world, FACT_STOP_REACHED, "2020-03-08T19:20");
	journey_join(&journey, reached, &leg, NULL, &world.policy, world.zone, &world.arena);
	journey_settle(&journey, &world.policy, world.zone);
	assert_int_equal(journey.stage, STAGE_ISOLATING);
	assert_string_equal(journey.holder, COMMITTEE);
	world_close(&world);
}

static void entry_at_two_at_night_belongs_to_yesterday_evening(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	join_one(&world, &journey, make_fact(&world, FACT_HANDED_OVER, "2020-03-08T18:00"));
	join_one(&world, &journey, make_fact(&world, FACT_CHECKED, "2020-03-11T02:00"));
	assert_int_equal(journey.checked[1], UINT64_C(1) << 2);
	assert_int_equal(journey.checked[0], 0);
	world_close(&world);
}

static void late_entry_for_a_stated_day_fills_its_missing_slot(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	join_one(&world, &journey, make_fact(&world, FACT_HANDED_OVER, "2020-03-08T18:00"));
	join_one(&world, &journey, make_fact(&world, FACT_CHECKED, "2020-03-10T08:00"));
	struct fact *late = make_fact(&world, FACT_CHECKED, "2020-03-11T08:10");
	late->day = 2;
	join_one(&world, &journey, late);
	assert_int_equal(journey.checked[0], UINT64_C(1) << 2);
	assert_int_equal(journey.checked[1], UINT64_C(1) << 2);
	world_close(&world);
}

static void second_vehicle_supersedes_the_first(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg relay = {.transfer = "HK-3", .kind = STOP_RELAY, .stop = 1};
	struct leg van = {.transfer = "JW-1",
			  .kind = STOP_COMPOUND,
			  .stop = 1,
			  .reached_at = WHEN_NEVER,
			  .committee = COMMITTEE};
	world_open(&world);
	relay.departed_at = at("2020-03-10T20:30");
	relay.reached_at = at("2020-03-10T21:40");
	relay.eta = at("2020-03-10T21:30");
	van.departed_at = at("2020-03-10T21:50");
	van.eta = at("2020-03-10T22:15");
	journey_init(&journey, "jny_1", "");
	struct fact *departed = make_fact(&world, FACT_DEPARTED, "2020-03-10T20:30");
	journey_join(&journey, departed, &relay, NULL, &world.policy, world.zone, &world.arena);
	journey_settle(&journey, &world.policy, world.zone);
	assert_int_equal(journey.stage, STAGE_IN_TRANSFER);
	journey_join(&journey, departed, &van, NULL, &world.policy, world.zone, &world.arena);
	journey_settle(&journey, &world.policy, world.zone);
	assert_string_equal(journey.leg->transfer, "JW-1");
	assert_int_equal(journey.eta, at("2020-03-10T22:15"));
	assert_string_equal(journey.unit, COMMITTEE);
	world_close(&world);
}

static void isolation_ends_at_midnight_after_its_last_day(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	join_one(&world, &journey, make_fact(&world, FACT_HANDED_OVER, "2020-03-08T18:06"));
	assert_int_equal(journey.day0, when_day_of(2020, 3, 8));
	assert_int_equal(journey.days, 14);
	assert_int_equal(journey.ends_at, at("2020-03-23T00:00"));
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_and_repetition_of_facts_ends_in_the_same_journey),
		cmocka_unit_test(merging_two_halves_equals_one_journey),
		cmocka_unit_test(packed_journey_is_the_same_journey),
		cmocka_unit_test(damaged_record_is_refused_and_never_read_past_its_end),
		cmocka_unit_test(withdrawal_after_hand_over_changes_nothing_but_raises_a_conflict),
		cmocka_unit_test(withdrawn_person_who_is_seen_later_is_back),
		cmocka_unit_test(hand_over_between_vehicles_is_no_arrival_at_home),
		cmocka_unit_test(holder_is_the_sender_until_the_committee_accepts),
		cmocka_unit_test(early_acceptance_is_readiness_and_leaves_her_on_the_road),
		cmocka_unit_test(entry_at_two_at_night_belongs_to_yesterday_evening),
		cmocka_unit_test(late_entry_for_a_stated_day_fills_its_missing_slot),
		cmocka_unit_test(second_vehicle_supersedes_the_first),
		cmocka_unit_test(isolation_ends_at_midnight_after_its_last_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
