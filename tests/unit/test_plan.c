/* test_plan.c — what is owed when: one test for each rule of the table, driven by facts and by the
 * clock alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "closedloop/text.h"
#include "closedloop/transfer.h"

static struct leg bus_to(const char *committee, const char *eta)
{
	return (struct leg){.transfer = "MH-07",
			    .departed_at = at("2020-03-08T16:30"),
			    .stop = 1,
			    .kind = STOP_COMPOUND,
			    .eta = at(eta),
			    .reached_at = WHEN_NEVER,
			    .committee = committee};
}

static struct fact *registered(struct world *world, const char *committee)
{
	struct fact *fact = make_fact(world, FACT_REGISTERED, "2020-03-08T14:19");
	fact->field[FIELD_ADDRESS] = "somewhere";
	fact->field[FIELD_COMMITTEE] = committee;
	fact->field[FIELD_DISTRICT] = "310112";
	return fact;
}

static const struct want *opened(const struct decision *decision, enum alert_kind kind)
{
	for (size_t i = 0; i < decision->opens_len; i++) {
		if (decision->opens[i].kind == kind)
			return &decision->opens[i];
	}
	return NULL;
}

static int64_t ahead(const struct decision *decision, const char *rule)
{
	for (size_t i = 0; i < decision->plan.deadlines_len; i++) {
		if (text_equal(decision->plan.deadlines[i].rule, rule))
			return decision->plan.deadlines[i].at;
	}
	return WHEN_NEVER;
}

/* Handed over and accepted on 8 March. */
static void settle_at_home(struct world *world, struct journey *journey)
{
	struct fact *handed = make_fact(world, FACT_HANDED_OVER, "2020-03-08T18:06");
	handed->to_role = "committee";
	handed->to_code = COMMITTEE;
	journey_init(journey, "jny_1", "");
	step_at(world, journey, registered(world, COMMITTEE), NULL, "2020-03-08T14:19");
	step_at(world, journey, handed, NULL, "2020-03-08T18:06");
	struct fact *accepted = make_fact(world, FACT_ACCEPTED, "2020-03-08T18:10");
	accepted->by = "gate";
	step_at(world, journey, accepted, NULL, "2020-03-08T18:10");
}

static void check(struct world *world, struct journey *journey, const char *local, int tenths)
{
	struct fact *fact = make_fact(world, FACT_CHECKED, local);
	fact->temp_tenths = tenths;
	step_at(world, journey, fact, NULL, local);
}

static void committee_is_told_as_soon_as_it_is_known(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	const struct decision *decision =
		step_at(&world, &journey, registered(&world, COMMITTEE), NULL, "2020-03-08T14:19");
	assert_non_null(opened(decision, ALERT_EXPECTED));
	assert_string_equal(opened(decision, ALERT_EXPECTED)->unit, COMMITTEE);
	assert_int_equal(journey.told_len, 1);
	world_close(&world);
}

static void vehicle_on_its_way_is_an_arrival_with_its_eta(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus_to(COMMITTEE, "2020-03-08T17:50");
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	step_at(&world, &journey, registered(&world, COMMITTEE), NULL, "2020-03-08T14:19");
	const struct decision *decision =
		step_at(&world, &journey, make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30"),
			&leg, "2020-03-08T16:30");
	assert_string_equal(opened(decision, ALERT_ARRIVAL)->subject, "MH-07");
	assert_int_equal(opened(decision, ALERT_ARRIVAL)->eta, at("2020-03-08T17:50"));
	assert_true(closes(decision, ALERT_EXPECTED));
	assert_int_equal(ahead(decision, "transfer_overdue_after"), at("2020-03-08T18:10"));

	/* The ETA moves: the alert moves with it. */
	leg.eta = at("2020-03-08T18:03");
	decision = step_at(&world, &journey, make_fact(&world, FACT_ETA, "2020-03-08T17:10"), &leg,
			   "2020-03-08T17:10");
	assert_int_equal(decision->moves_len, 1);
	assert_int_equal(ahead(decision, "transfer_overdue_after"), at("2020-03-08T18:23"));

	/* And nobody at the gate 20 minutes after it: overdue. */
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-08T18:23");
	assert_true(opens(decision, ALERT_TRANSFER_OVERDUE));
	world_close(&world);
}

static void arrival_without_acceptance_is_an_alert_after_a_quarter_hour(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus_to(COMMITTEE, "2020-03-08T17:50");
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	step_at(&world, &journey, make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30"), &leg,
		"2020-03-08T16:30");
	leg.reached_at = at("2020-03-08T18:02");
	const struct decision *decision =
		step_at(&world, &journey, make_fact(&world, FACT_STOP_REACHED, "2020-03-08T18:02"),
			&leg, "2020-03-08T18:02");
	assert_int_equal(journey.stage, STAGE_ARRIVED);
	assert_true(closes(decision, ALERT_ARRIVAL));
	assert_int_equal(decision->plan.next_due, at("2020-03-08T18:17"));

	/* The escort's hand-over is a claim: it does not take the committee's duty away. */
	struct fact *claim = make_fact(&world, FACT_HANDED_OVER, "2020-03-08T18:06");
	step_at(&world, &journey, claim, NULL, "2020-03-08T18:06");
	assert_int_equal(journey.stage, STAGE_ISOLATING);
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-08T18:17");
	assert_true(opens(decision, ALERT_NOT_ACCEPTED));
	decision = step_at(&world, &journey, make_fact(&world, FACT_ACCEPTED, "2020-03-08T18:20"),
			   NULL, "2020-03-08T18:20");
	assert_true(closes(decision, ALERT_NOT_ACCEPTED));
	assert_string_equal(journey.holder, COMMITTEE);
	world_close(&world);
}

static void short_notice_compresses_the_checklist_and_drops_nothing(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus_to(COMMITTEE, "2020-03-08T17:10");
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	const struct decision *decision =
		step_at(&world, &journey, make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30"),
			&leg, "2020-03-08T16:30");
	assert_int_equal(decision->plan.tasks_len, world.policy.tasks_len);
	int64_t before = at("2020-03-08T16:30");
	for (size_t i = 0; i < decision->plan.tasks_len; i++) {
		assert_true(decision->plan.tasks[i].due > at("2020-03-08T16:30"));
		assert_true(decision->plan.tasks[i].due < at("2020-03-08T17:10"));
		assert_true(decision->plan.tasks[i].due >= before);
		before = decision->plan.tasks[i].due;
	}
	world_close(&world);
}

static void unknown_committee_asks_the_district_at_once(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	const struct decision *decision =
		step_at(&world, &journey, registered(&world, FIELD_NOTHING), NULL,
			"2020-03-08T14:19");
	assert_string_equal(opened(decision, ALERT_ADDRESS)->unit, "310112");

	struct fact *assigned = make_fact(&world, FACT_ASSIGNED, "2020-03-08T14:30");
	assigned->field[FIELD_ASSIGNED] = COMMITTEE;
	decision = step_at(&world, &journey, assigned, NULL, "2020-03-08T14:30");
	assert_true(closes(decision, ALERT_ADDRESS));
	assert_true(opens(decision, ALERT_EXPECTED));
	world_close(&world);
}

static void moved_address_stands_the_old_committee_down(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	step_at(&world, &journey, registered(&world, COMMITTEE), NULL, "2020-03-08T14:19");
	struct fact *corrected = make_fact(&world, FACT_CORRECTED, "2020-03-08T15:00");
	corrected->field[FIELD_ADDRESS] = "elsewhere";
	corrected->field[FIELD_COMMITTEE] = OTHER_COMMITTEE;
	const struct decision *decision =
		step_at(&world, &journey, corrected, NULL, "2020-03-08T15:00");
	assert_string_equal(opened(decision, ALERT_STAND_DOWN)->unit, COMMITTEE);
	assert_string_equal(opened(decision, ALERT_EXPECTED)->unit, OTHER_COMMITTEE);
	world_close(&world);
}

static void redirect_stands_down_who_was_told_and_watches_until_she_is_there(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus_to(COMMITTEE, "2020-03-08T17:50");
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	step_at(&world, &journey, make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30"), &leg,
		"2020-03-08T16:30");
	struct fact *redirected = make_fact(&world, FACT_REDIRECTED, "2020-03-08T17:44");
	redirected->field[FIELD_DISPOSITION] = "central";
	const struct decision *decision =
		step_at(&world, &journey, redirected, NULL, "2020-03-08T17:44");
	assert_int_equal(journey.stage, STAGE_REDIRECTED);
	assert_string_equal(opened(decision, ALERT_STAND_DOWN)->unit, COMMITTEE);
	assert_string_equal(opened(decision, ALERT_STAND_DOWN)->detail, "central");
	assert_true(closes(decision, ALERT_ARRIVAL));
	/* The place she is sent to has six hours to say that it has her. */
	assert_int_equal(decision->plan.next_due, at("2020-03-08T23:44"));
	assert_true(journey_watched(&journey));
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-08T23:44");
	assert_true(opens(decision, ALERT_NOT_DELIVERED));
	struct fact *there = make_fact(&world, FACT_HANDED_OVER, "2020-03-08T23:50");
	decision = step_at(&world, &journey, there, NULL, "2020-03-08T23:50");
	assert_int_equal(journey.stage, STAGE_REDIRECTED);
	assert_true(closes(decision, ALERT_NOT_DELIVERED));
	assert_false(journey_watched(&journey));
	/* The stand-down stays until it is acknowledged. */
	step_at(&world, &journey, NULL, NULL, "2020-03-09T17:44");
	assert_true(joined(&journey, ALERT_STAND_DOWN));
	world_close(&world);
}

static void nobody_told_means_nobody_to_stand_down(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	struct fact *redirected = make_fact(&world, FACT_REDIRECTED, "2020-03-08T10:00");
	redirected->field[FIELD_DISPOSITION] = "hospital";
	const struct decision *decision =
		step_at(&world, &journey, redirected, NULL, "2020-03-08T10:00");
	assert_int_equal(decision->opens_len, 0);
	world_close(&world);
}

static void unchecked_slot_reminds_twice_then_is_missed_and_a_late_entry_clears_it(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle_at_home(&world, &journey);
	const struct decision *decision = step_at(&world, &journey, NULL, NULL, "2020-03-09T07:59");
	assert_int_equal(decision->opens_len, 0);
	assert_int_equal(decision->plan.next_due, at("2020-03-09T08:00"));
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-09T08:00");
	assert_true(opens(decision, ALERT_REMIND));
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-09T11:00");
	assert_true(opens(decision, ALERT_REMIND_LAST));
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-09T12:00");
	assert_true(opens(decision, ALERT_MISSED_CHECK));
	assert_string_equal(opened(decision, ALERT_MISSED_CHECK)->subject, "checks");
	check(&world, &journey, "2020-03-09T13:00", 365);
	assert_false(joined(&journey, ALERT_MISSED_CHECK));
	world_close(&world);
}

static void entered_slot_is_not_asked_for(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle_at_home(&world, &journey);
	check(&world, &journey, "2020-03-09T07:00", 365);
	const struct decision *decision = step_at(&world, &journey, NULL, NULL, "2020-03-09T12:00");
	assert_false(opens(decision, ALERT_REMIND));
	assert_false(opens(decision, ALERT_MISSED_CHECK));
	assert_int_equal(decision->plan.next_due, at("2020-03-09T19:00"));
	world_close(&world);
}

static void fever_is_never_cleared_by_a_normal_reading(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle_at_home(&world, &journey);
	check(&world, &journey, "2020-03-09T07:00", 373);
	assert_false(joined(&journey, ALERT_FEVER));
	check(&world, &journey, "2020-03-09T19:00", 374);
	assert_true(joined(&journey, ALERT_FEVER));
	check(&world, &journey, "2020-03-10T07:00", 365);
	assert_true(joined(&journey, ALERT_FEVER));

	struct fact *resolved = make_fact(&world, FACT_ALERT_RESOLVED, "2020-03-10T09:00");
	resolved->alert_kind = "fever";
	resolved->alert_subject = "jny_1";
	resolved->outcome = "not_infected";
	step_at(&world, &journey, resolved, NULL, "2020-03-10T09:00");
	assert_false(joined(&journey, ALERT_FEVER));
	step_at(&world, &journey, NULL, NULL, "2020-03-10T12:00");
	assert_false(joined(&journey, ALERT_FEVER));
	world_close(&world);
}

static void listed_symptom_counts_like_fever(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle_at_home(&world, &journey);
	struct fact *fact = make_fact(&world, FACT_CHECKED, "2020-03-09T08:00");
	fact->temp_tenths = 364;
	fact->symptoms = "headache,dry_cough";
	step_at(&world, &journey, fact, NULL, "2020-03-09T08:00");
	assert_true(joined(&journey, ALERT_FEVER));
	world_close(&world);
}

/* Enter both slots of days 1 to LAST except SKIP (day * 2 + evening, or -1). */
static void check_days(struct world *world, struct journey *journey, int last, int skip)
{
	for (int day = 1; day <= last; day++) {
		for (int evening = 0; evening < 2; evening++) {
			char local[40];
			if (day * 2 + evening == skip)
				continue;
			snprintf(local, sizeof(local), "2020-03-%02dT%s", 8 + day,
				 evening ? "18:30" : "07:30");
			check(world, journey, local, 365);
		}
	}
}

static void complete_fortnight_ends_in_a_slip_that_somebody_must_sign(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle_at_home(&world, &journey);
	check_days(&world, &journey, 13, -1);
	const struct decision *decision = step_at(&world, &journey, NULL, NULL, "2020-03-22T09:00");
	assert_true(opens(decision, ALERT_RELEASE));
	assert_false(joined(&journey, ALERT_NOT_RELEASED));
	assert_int_equal(journey.stage, STAGE_ISOLATING);

	/* Nobody is released by silence. */
	check_days(&world, &journey, 14, -1);
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-23T00:00");
	assert_true(opens(decision, ALERT_NOT_RELEASED));
	assert_int_equal(journey.stage, STAGE_ISOLATING);
	struct fact *signed_off = make_fact(&world, FACT_RELEASED, "2020-03-23T08:00");
	signed_off->by = "secretary";
	decision = step_at(&world, &journey, signed_off, NULL, "2020-03-23T08:00");
	assert_int_equal(journey.stage, STAGE_RELEASED);
	assert_int_equal(journey.joined_len, 0);
	assert_int_equal(decision->plan.next_due, WHEN_NEVER);
	world_close(&world);
}

static void missing_entry_in_the_last_days_forbids_the_slip_and_says_why(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct err err = ERR_INIT;
	world_open(&world);
	settle_at_home(&world, &journey);
	check_days(&world, &journey, 13, 12 * 2 + 1);
	const struct decision *decision = step_at(&world, &journey, NULL, NULL, "2020-03-22T09:00");
	assert_false(opens(decision, ALERT_RELEASE));
	assert_string_equal(opened(decision, ALERT_NOT_RELEASED)->detail,
			    "entry_missing 12 evening");

	struct fact *signed_off = make_fact(&world, FACT_RELEASED, "2020-03-22T09:30");
	struct decision *refused = arena_alloc(&world.arena, sizeof(*refused));
	struct step_context context = {.policy = &world.policy,
				       .zone = world.zone,
				       .now = at("2020-03-22T09:30"),
				       .arena = &world.arena};
	assert_int_equal(decide(&journey, signed_off, &context, refused, &err), CL_ECONFLICT);
	signed_off->reason = "entered on paper";
	step_at(&world, &journey, signed_off, NULL, "2020-03-22T09:30");
	assert_int_equal(journey.stage, STAGE_RELEASED);
	world_close(&world);
}

static void release_before_the_end_date_is_refused(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct err err = ERR_INIT;
	world_open(&world);
	settle_at_home(&world, &journey);
	struct fact *early = make_fact(&world, FACT_RELEASED, "2020-03-20T09:00");
	assert_int_equal(journey_may(&journey, early, &world.policy, world.zone,
				     at("2020-03-20T09:00"), &err),
			 CL_ECONFLICT);
	world_close(&world);
}

/* The invariant, at every quarter of an hour of a month in which nobody does anything: there is
 * always something ahead, or an alert that a human has not ended. */
static void neglected_journey_is_never_unwatched(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus_to(COMMITTEE, "2020-03-08T17:50");
	world_open(&world);
	for (int ways = 0; ways < 4; ways++) {
		journey_init(&journey, "jny_1", "");
		step_at(&world, &journey, make_fact(&world, FACT_ANNOUNCED, "2020-03-08T09:00"),
			NULL, "2020-03-08T09:00");
		if (ways >= 1)
			step_at(&world, &journey, registered(&world, COMMITTEE), NULL,
				"2020-03-08T14:19");
		if (ways >= 2)
			step_at(&world, &journey,
				make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30"), &leg,
				"2020-03-08T16:30");
		if (ways >= 3)
			step_at(&world, &journey,
				make_fact(&world, FACT_HANDED_OVER, "2020-03-08T18:06"), NULL,
				"2020-03-08T18:06");
		int64_t now = at("2020-03-08T18:10");
		for (int quarter = 0; quarter < 30 * 96; quarter++) {
			struct plan plan;
			bool alarmed = false;
			struct arena scratch = ARENA_INIT;
			now += 15 * WHEN_MINUTE;
			plan_make(&journey, &world.policy, world.zone, now, &scratch, &plan);
			for (size_t i = 0; i < plan.wants_len; i++)
				alarmed = alarmed || !alert_traits(plan.wants[i].kind)->informative;
			assert_true(alarmed || plan.next_due < WHEN_NEVER);
			assert_true(plan.next_due > now);
			arena_release(&scratch);
		}
	}
	world_close(&world);
}

static void old_history_wakes_nobody(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	const struct decision *decision =
		step_at(&world, &journey, registered(&world, COMMITTEE), NULL, "2020-06-08T14:19");
	assert_int_equal(decision->opens_len, 0);
	assert_true(decision->plan.history);
	world_close(&world);
}

static void resolved_alert_whose_cause_holds_comes_back_after_the_recheck(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	step_at(&world, &journey, registered(&world, COMMITTEE), NULL, "2020-03-08T14:19");
	const struct decision *decision = step_at(&world, &journey, NULL, NULL, "2020-03-08T18:19");
	assert_int_equal(opened(decision, ALERT_NOT_BOARDED)->since, at("2020-03-08T14:19"));
	assert_int_equal(opened(decision, ALERT_NOT_BOARDED)->due, at("2020-03-08T18:19"));
	struct fact *resolved = make_fact(&world, FACT_ALERT_RESOLVED, "2020-03-08T18:30");
	resolved->alert_kind = "not_boarded";
	resolved->alert_subject = opened(decision, ALERT_NOT_BOARDED)->subject;
	decision = step_at(&world, &journey, resolved, NULL, "2020-03-08T18:30");
	assert_false(joined(&journey, ALERT_NOT_BOARDED));
	assert_int_equal(ahead(decision, "board_within"), at("2020-03-08T19:30"));
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-08T19:30");
	assert_true(opens(decision, ALERT_NOT_BOARDED));
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(committee_is_told_as_soon_as_it_is_known),
		cmocka_unit_test(vehicle_on_its_way_is_an_arrival_with_its_eta),
		cmocka_unit_test(arrival_without_acceptance_is_an_alert_after_a_quarter_hour),
		cmocka_unit_test(short_notice_compresses_the_checklist_and_drops_nothing),
		cmocka_unit_test(unknown_committee_asks_the_district_at_once),
		cmocka_unit_test(moved_address_stands_the_old_committee_down),
		cmocka_unit_test(redirect_stands_down_who_was_told_and_watches_until_she_is_there),
		cmocka_unit_test(nobody_told_means_nobody_to_stand_down),
		cmocka_unit_test(
			unchecked_slot_reminds_twice_then_is_missed_and_a_late_entry_clears_it),
		cmocka_unit_test(entered_slot_is_not_asked_for),
		cmocka_unit_test(fever_is_never_cleared_by_a_normal_reading),
		cmocka_unit_test(listed_symptom_counts_like_fever),
		cmocka_unit_test(complete_fortnight_ends_in_a_slip_that_somebody_must_sign),
		cmocka_unit_test(missing_entry_in_the_last_days_forbids_the_slip_and_says_why),
		cmocka_unit_test(release_before_the_end_date_is_refused),
		cmocka_unit_test(neglected_journey_is_never_unwatched),
		cmocka_unit_test(old_history_wakes_nobody),
		cmocka_unit_test(resolved_alert_whose_cause_holds_comes_back_after_the_recheck),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
