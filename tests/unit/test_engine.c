/* test_engine.c — facts through the real engine and SQLite: order, repetition, identity, vehicles,
 * the invariant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"

#define FACTS_MAX 40

static const struct {
	const char *file, *source, *now;
	const char *refs[4];
} stories[] = {
	{"s1_bus_to_compound.ndjson", "/pvg/t2/minhang", "2020-03-09T10:00", {"P0001", "P0002"}},
	{"s3_redirect_after_departure.ndjson",
	 "/pvg/t2/qingpu",
	 "2020-03-13T22:00",
	 {"Q0001", "Q0002", "Q0003"}},
	{"s4_relay_two_vehicles.ndjson", "/pvg/hongkou", "2020-03-10T23:00", {"HK-77"}},
	{"s5_short_notice_unknown_nationality.ndjson",
	 "/pvg/t1/yangpu",
	 "2020-03-07T06:00",
	 {"YP-1"}},
};

static bool near(const char *left, const char *right, const char *suffix)
{
	size_t len = right ? strlen(right) : 0, tail = strlen(suffix);
	if (!left || !right || len < tail || strcmp(right + len - tail, suffix) != 0)
		return text_equal(left, right);
	return strlen(left) == len - tail && strncmp(left, right, len - tail) == 0;
}

static void same_journey(const struct journey *left, const struct journey *right,
			 const char *suffix)
{
	assert_int_equal(left->stage, right->stage);
	assert_true(text_equal(left->disposition, right->disposition));
	assert_true(text_equal(left->unit, right->unit));
	assert_true(text_equal(left->holder, right->holder));
	assert_int_equal(left->handed_over_at, right->handed_over_at);
	assert_int_equal(left->last_check, right->last_check);
	assert_int_equal(left->eta, right->eta);
	assert_int_equal(left->arrived_at, right->arrived_at);
	assert_int_equal(left->in_transfer_at, right->in_transfer_at);
	assert_int_equal(left->day0, right->day0);
	assert_int_equal(left->checked[0], right->checked[0]);
	assert_int_equal(left->checked[1], right->checked[1]);
	assert_int_equal(left->flight.status, right->flight.status);
	for (size_t i = 0; i < FIELDS; i++)
		assert_true(near(left->field[i], right->field[i], suffix));
}

static void every_permutation_of_a_story_ends_in_the_same_journeys(void **state)
{
	(void)state;
	struct night night;
	struct entropy dice;
	uint64_t seed = 1;

	night_open(&night);
	dice = entropy_seeded(&seed);
	for (size_t story = 0; story < ARRAY_LEN(stories); story++) {
		struct feed_batch batch;
		int64_t now = at(stories[story].now);
		night_read(&night, stories[story].file, now, &batch);
		for (size_t i = 0; i < batch.len; i++) {
			assert_int_equal(batch.events[i].reject, REJECT_NONE);
			struct fact_result result = night_submit(&night, batch.events[i].fact, now);
			assert_int_equal(result.code, CL_OK);
		}
		for (int round = 0; round < 200; round++) {
			size_t order[FACTS_MAX];
			char suffix[16], source[64];
			snprintf(suffix, sizeof(suffix), "_%d", round);
			snprintf(source, sizeof(source), "%s%s", stories[story].source, suffix);
			for (size_t i = 0; i < batch.len; i++)
				order[i] = i;
			for (size_t i = batch.len; i > 1; i--) {
				uint32_t roll;
				dice.fill(dice.context, &roll, sizeof(roll));
				size_t kept = order[i - 1];
				order[i - 1] = order[roll % i];
				order[roll % i] = kept;
			}
			struct fact *told[FACTS_MAX];
			for (size_t i = 0; i < batch.len; i++)
				told[i] = night_retell(&night, batch.events[order[i]].fact, suffix);
			night_submit_all(&night, told, batch.len, now);
			for (size_t i = 0; i < 4 && stories[story].refs[i]; i++) {
				struct journey *first = arena_alloc(&night.arena, sizeof(*first));
				struct journey *other = arena_alloc(&night.arena, sizeof(*other));
				night_journey(&night, stories[story].source, stories[story].refs[i],
					      first);
				night_journey(&night, source, stories[story].refs[i], other);
				same_journey(first, other, suffix);
			}
		}
		assert_int_equal(night_violations(&night, now), 0);
	}
	night_close(&night);
}

static void same_fact_again_is_a_duplicate_and_another_body_is_id_reuse(void **state)
{
	(void)state;
	struct night night;
	struct feed_batch batch;
	int64_t now = at("2020-03-09T10:00");
	night_open(&night);
	night_read(&night, stories[0].file, now, &batch);
	assert_false(night_submit(&night, batch.events[0].fact, now).duplicate);
	struct fact_result again = night_submit(&night, batch.events[0].fact, now);
	assert_true(again.duplicate);
	assert_int_equal(again.reject, REJECT_NONE);
	struct fact other = *batch.events[0].fact;
	other.hash[0] ^= 1;
	assert_int_equal(night_submit(&night, &other, now).reject, REJECT_ID_REUSE);
	/* And the operator hears of it. */
	struct alert alert;
	bool found;
	assert_int_equal(night.store->ops->alert_find(night.store, ALERT_ID_REUSE,
						      other.stamp.source, "", &alert, &found, NULL),
			 0);
	assert_true(found);
	night_close(&night);
}

static void two_sources_with_one_passport_are_one_journey(void **state)
{
	(void)state;
	struct night night;
	struct journey *left, *right;
	int64_t now = at("2020-03-08T15:00");
	night_open(&night);
	left = arena_alloc(&night.arena, sizeof(*left));
	right = arena_alloc(&night.arena, sizeof(*right));
	night_submit(&night,
		     night_person(&night, FACT_ANNOUNCED, "/air", "1", "M1", "2020-03-08T09:00"),
		     now);
	/* The desk knows her first without a passport, then with it: two records become one. */
	night_submit(&night,
		     night_person(&night, FACT_TRIAGED, "/desk", "D7", NULL, "2020-03-08T13:00"),
		     now);
	night_journey(&night, "/air", "1", left);
	night_journey(&night, "/desk", "D7", right);
	assert_string_not_equal(left->id, right->id);
	night_submit(&night,
		     night_person(&night, FACT_REGISTERED, "/desk", "D7", "M1", "2020-03-08T14:00"),
		     now);
	night_journey(&night, "/air", "1", left);
	night_journey(&night, "/desk", "D7", right);
	assert_string_equal(left->id, right->id);
	assert_int_equal(left->stage, STAGE_REGISTERED);
	assert_int_equal(left->triaged_at, at("2020-03-08T13:00"));
	assert_int_equal(night_violations(&night, now), 0);
	night_close(&night);
}

static void traveller_who_comes_back_after_release_begins_a_new_journey(void **state)
{
	(void)state;
	struct night night;
	struct journey *first, *second;
	night_open(&night);
	first = arena_alloc(&night.arena, sizeof(*first));
	second = arena_alloc(&night.arena, sizeof(*second));
	night_submit(&night,
		     night_person(&night, FACT_ANNOUNCED, "/air", "1", "M1", "2020-03-08T09:00"),
		     at("2020-03-08T09:00"));
	night_journey(&night, "/air", "1", first);
	struct fact *closed =
		night_person(&night, FACT_CLOSED, "/api", NULL, NULL, "2020-03-09T09:00");
	closed->journey = first->id;
	closed->reason = "other";
	night_submit(&night, closed, at("2020-03-09T09:00"));
	night_submit(&night,
		     night_person(&night, FACT_ANNOUNCED, "/air", "2", "M1", "2020-04-08T09:00"),
		     at("2020-04-08T09:00"));
	night_journey(&night, "/air", "2", second);
	assert_string_not_equal(first->id, second->id);
	assert_int_equal(second->stage, STAGE_ANNOUNCED);
	night_close(&night);
}

static void cancelled_flight_ends_the_wait_and_a_sighting_brings_her_back(void **state)
{
	(void)state;
	struct night night;
	struct journey *journey;
	int64_t now = at("2020-03-08T15:00");
	night_open(&night);
	journey = arena_alloc(&night.arena, sizeof(*journey));
	struct fact *announced =
		night_person(&night, FACT_ANNOUNCED, "/air", "1", NULL, "2020-03-08T09:00");
	announced->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
	announced->flight_sched = at("2020-03-08T12:00");
	night_submit(&night, announced, now);
	struct fact *cancelled =
		night_person(&night, FACT_FLIGHT_UPDATED, "/ops", NULL, NULL, "2020-03-08T10:00");
	cancelled->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
	cancelled->flight_status = FLIGHT_CANCELLED;
	night_submit(&night, cancelled, now);
	night_journey(&night, "/air", "1", journey);
	assert_int_equal(journey->stage, STAGE_WITHDRAWN);
	night_submit(&night,
		     night_person(&night, FACT_TRIAGED, "/air", "1", NULL, "2020-03-08T13:00"),
		     now);
	night_journey(&night, "/air", "1", journey);
	assert_int_equal(journey->stage, STAGE_TRIAGED);
	night_close(&night);
}

static void neglected_night_stays_watched_to_the_end_and_after(void **state)
{
	(void)state;
	struct night night;
	struct feed_batch batch;
	night_open(&night);
	night_read(&night, stories[0].file, at("2020-03-09T10:00"), &batch);
	for (size_t i = 0; i < batch.len; i++) {
		struct fact *fact = batch.events[i].fact;
		night_pass(&night, fact->stamp.at);
		night_submit(&night, fact, fact->stamp.at);
		assert_int_equal(night_violations(&night, fact->stamp.at), 0);
	}
	for (int day = 0; day < 18; day++) {
		int64_t now = at("2020-03-09T10:00") + day * WHEN_DAY;
		night_pass(&night, now);
		assert_int_equal(night_violations(&night, now), 0);
	}
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_permutation_of_a_story_ends_in_the_same_journeys),
		cmocka_unit_test(same_fact_again_is_a_duplicate_and_another_body_is_id_reuse),
		cmocka_unit_test(two_sources_with_one_passport_are_one_journey),
		cmocka_unit_test(traveller_who_comes_back_after_release_begins_a_new_journey),
		cmocka_unit_test(cancelled_flight_ends_the_wait_and_a_sighting_brings_her_back),
		cmocka_unit_test(neglected_night_stays_watched_to_the_end_and_after),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
