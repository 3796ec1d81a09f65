/* test_turns.c — the turns a way may take: refused at the gate, sent elsewhere, a car of her own,
 * nobody seen, out and back, exposed again. One claim a test; time and facts drive it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "fixture.h"
#include "closedloop/text.h"
#include "closedloop/transfer.h"

static struct leg bus(enum stop_kind kind, const char *eta, const char *reached)
{
	return (struct leg){.transfer = "B1",
			    .departed_at = at("2020-03-08T16:30"),
			    .stop = 1,
			    .kind = kind,
			    .eta = at(eta),
			    .reached_at = reached ? at(reached) : WHEN_NEVER,
			    .committee = kind == STOP_COMPOUND ? COMMITTEE : NULL,
			    .expected = -1,
			    .counted = -1,
			    .counted_at = WHEN_UNKNOWN};
}

static const struct want *opened(const struct decision *decision, enum alert_kind kind)
{
	for (size_t i = 0; i < decision->opens_len; i++) {
		if (decision->opens[i].kind == kind)
			return &decision->opens[i];
	}
	return NULL;
}

static struct fact *registered(struct world *world)
{
	struct fact *fact = make_fact(world, FACT_REGISTERED, "2020-03-08T14:00");
	fact->field[FIELD_ADDRESS] = "somewhere";
	fact->field[FIELD_COMMITTEE] = COMMITTEE;
	fact->field[FIELD_DISTRICT] = "310112";
	return fact;
}

/* At the gate at 18:00, by bus. */
static void come_to_the_gate(struct world *world, struct journey *journey)
{
	struct leg there = bus(STOP_COMPOUND, "2020-03-08T18:00", "2020-03-08T18:00");
	journey_init(journey, "jny_1", "");
	step_at(world, journey, registered(world), NULL, "2020-03-08T14:00");
	step_at(world, journey, make_fact(world, FACT_STOP_REACHED, "2020-03-08T18:00"), &there,
		"2020-03-08T18:00");
}

/* Handed over and accepted at 18:05. */
static void settle(struct world *world, struct journey *journey)
{
	come_to_the_gate(world, journey);
	step_at(world, journey, make_fact(world, FACT_ACCEPTED, "2020-03-08T18:05"), NULL,
		"2020-03-08T18:05");
	assert_int_equal(journey->stage, STAGE_ISOLATING);
}

static void refused_at_the_gate_is_back_with_the_sender_at_once(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	come_to_the_gate(&world, &journey);
	struct fact *handed = make_fact(&world, FACT_HANDED_OVER, "2020-03-08T18:01");
	handed->to_role = "committee";
	step_at(&world, &journey, handed, NULL, "2020-03-08T18:01");
	struct fact *refused = make_fact(&world, FACT_REFUSED, "2020-03-08T18:02");
	refused->to_code = COMMITTEE;
	refused->reason = "three people in the flat";
	const struct decision *decision =
		step_at(&world, &journey, refused, NULL, "2020-03-08T18:02");
	assert_int_equal(journey.stage, STAGE_ARRIVED);
	assert_string_equal(journey.holder, "310112");
	assert_string_equal(opened(decision, ALERT_HANDOVER_REFUSED)->unit, "310112");
	/* It is not the committee that is late now. */
	step_at(&world, &journey, NULL, NULL, "2020-03-08T19:00");
	assert_false(joined(&journey, ALERT_NOT_ACCEPTED));
	decision = step_at(&world, &journey, make_fact(&world, FACT_ACCEPTED, "2020-03-08T19:10"),
			   NULL, "2020-03-08T19:10");
	assert_true(closes(decision, ALERT_HANDOVER_REFUSED));
	assert_int_equal(journey.stage, STAGE_ISOLATING);
	assert_string_equal(journey.holder, COMMITTEE);
	world_close(&world);
}

static void refusal_of_one_committee_does_not_bind_the_next(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	come_to_the_gate(&world, &journey);
	struct fact *refused = make_fact(&world, FACT_REFUSED, "2020-03-08T18:02");
	refused->to_code = COMMITTEE;
	step_at(&world, &journey, refused, NULL, "2020-03-08T18:02");
	struct fact *assigned = make_fact(&world, FACT_ASSIGNED, "2020-03-08T18:20");
	assigned->field[FIELD_ASSIGNED] = OTHER_COMMITTEE;
	const struct decision *decision =
		step_at(&world, &journey, assigned, NULL, "2020-03-08T18:20");
	assert_true(closes(decision, ALERT_HANDOVER_REFUSED));
	assert_string_equal(opened(decision, ALERT_STAND_DOWN)->unit, COMMITTEE);
	world_close(&world);
}

static void moved_to_another_committee_is_not_accepted_by_the_first_ones_word(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	come_to_the_gate(&world, &journey);
	struct fact *accepted = make_fact(&world, FACT_ACCEPTED, "2020-03-08T18:05");
	accepted->to_code = COMMITTEE;
	step_at(&world, &journey, accepted, NULL, "2020-03-08T18:05");
	assert_string_equal(journey.holder, COMMITTEE);
	struct fact *assigned = make_fact(&world, FACT_ASSIGNED, "2020-03-10T10:00");
	assigned->field[FIELD_ASSIGNED] = OTHER_COMMITTEE;
	const struct decision *decision =
		step_at(&world, &journey, assigned, NULL, "2020-03-10T10:00");
	assert_string_equal(opened(decision, ALERT_STAND_DOWN)->unit, COMMITTEE);
	assert_string_equal(opened(decision, ALERT_STAND_DOWN)->detail, "moved");
	/* Until the new one says so, duty is the district's. */
	assert_string_equal(journey.holder, "310112");
	assert_int_equal(journey.stage, STAGE_ISOLATING);
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-10T10:15");
	assert_string_equal(opened(decision, ALERT_NOT_ACCEPTED)->unit, OTHER_COMMITTEE);
	accepted = make_fact(&world, FACT_ACCEPTED, "2020-03-10T10:20");
	accepted->to_code = OTHER_COMMITTEE;
	step_at(&world, &journey, accepted, NULL, "2020-03-10T10:20");
	assert_string_equal(journey.holder, OTHER_COMMITTEE);
	world_close(&world);
}

static void who_has_accepted_cannot_refuse(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct err err = ERR_INIT;
	world_open(&world);
	settle(&world, &journey);
	assert_int_equal(journey_may(&journey, make_fact(&world, FACT_REFUSED, "2020-03-08T18:30"),
				     &world.policy, world.zone, at("2020-03-08T18:30"), &err),
			 CL_ECONFLICT);
	world_close(&world);
}

static void bus_to_a_central_site_is_watched_until_it_is_there(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus(STOP_CENTRAL_SITE, "2020-03-08T17:50", NULL);
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	step_at(&world, &journey, registered(&world), NULL, "2020-03-08T14:00");
	step_at(&world, &journey, make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30"), &leg,
		"2020-03-08T16:30");
	assert_int_equal(journey.stage, STAGE_REDIRECTED);
	assert_string_equal(journey.disposition, "central");
	assert_true(journey_watched(&journey));
	/* The vehicle's own time counts when it is sooner than six hours. */
	const struct decision *decision = step_at(&world, &journey, NULL, NULL, "2020-03-08T18:10");
	assert_string_equal(opened(decision, ALERT_NOT_DELIVERED)->unit, "310112");
	leg.reached_at = at("2020-03-08T18:20");
	decision =
		step_at(&world, &journey, make_fact(&world, FACT_STOP_REACHED, "2020-03-08T18:20"),
			&leg, "2020-03-08T18:20");
	assert_true(closes(decision, ALERT_NOT_DELIVERED));
	assert_false(journey_watched(&journey));
	world_close(&world);
}

static void sent_to_hospital_from_home_stays_with_the_committee_until_there(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle(&world, &journey);
	struct fact *redirected = make_fact(&world, FACT_REDIRECTED, "2020-03-10T10:00");
	redirected->field[FIELD_DISPOSITION] = "hospital";
	step_at(&world, &journey, redirected, NULL, "2020-03-10T10:00");
	assert_int_equal(journey.stage, STAGE_REDIRECTED);
	assert_string_equal(journey.holder, COMMITTEE);
	assert_true(journey_watched(&journey));
	struct fact *there = make_fact(&world, FACT_HANDED_OVER, "2020-03-10T11:00");
	there->to_role = "hospital";
	step_at(&world, &journey, there, NULL, "2020-03-10T11:00");
	assert_false(journey_watched(&journey));
	world_close(&world);
}

static void what_the_airport_sends_elsewhere_was_never_ours(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	struct fact *triaged = make_fact(&world, FACT_TRIAGED, "2020-03-08T13:00");
	triaged->field[FIELD_DISPOSITION] = "hospital";
	step_at(&world, &journey, triaged, NULL, "2020-03-08T13:00");
	assert_int_equal(journey.stage, STAGE_REDIRECTED);
	assert_false(journey_watched(&journey));
	world_close(&world);
}

static void car_of_her_own_has_an_arrival_and_is_overdue(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	struct fact *fact = registered(&world);
	fact->field[FIELD_TRANSPORT] = "private_car";
	const struct decision *decision = step_at(&world, &journey, fact, NULL, "2020-03-08T14:00");
	assert_int_equal(journey.eta, at("2020-03-08T17:00"));
	assert_string_equal(opened(decision, ALERT_ARRIVAL)->subject, "jny_1");
	assert_int_equal(decision->plan.next_due <= at("2020-03-08T17:20"), true);
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-08T17:20");
	assert_true(opens(decision, ALERT_TRANSFER_OVERDUE));
	step_at(&world, &journey, NULL, NULL, "2020-03-09T12:00");
	assert_false(joined(&journey, ALERT_NOT_BOARDED));
	world_close(&world);
}

static void landing_nobody_saw_becomes_a_question_and_never_an_end(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "310115");
	struct fact *announced = make_fact(&world, FACT_ANNOUNCED, "2020-03-08T02:00");
	announced->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
	announced->flight_sched = at("2020-03-08T10:00");
	announced->feed_unit = "310115";
	step_at(&world, &journey, announced, NULL, "2020-03-08T02:00");
	const struct decision *decision = step_at(&world, &journey, NULL, NULL, "2020-03-08T18:00");
	assert_true(opens(decision, ALERT_NOT_REGISTERED));
	decision = step_at(&world, &journey, NULL, NULL, "2020-03-09T10:00");
	assert_true(closes(decision, ALERT_NOT_REGISTERED));
	assert_string_equal(opened(decision, ALERT_NO_SHOW)->unit, "310115");
	assert_int_equal(journey.stage, STAGE_ANNOUNCED);
	struct fact *triaged = make_fact(&world, FACT_TRIAGED, "2020-03-09T10:30");
	triaged->field[FIELD_DISPOSITION] = "home";
	decision = step_at(&world, &journey, triaged, NULL, "2020-03-09T10:30");
	assert_true(closes(decision, ALERT_NO_SHOW));
	world_close(&world);
}

static void diverted_flight_stands_its_committee_down_and_a_sighting_brings_it_back(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct decision decision;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	struct fact *announced = make_fact(&world, FACT_ANNOUNCED, "2020-03-08T02:00");
	announced->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
	announced->field[FIELD_COMMITTEE] = COMMITTEE;
	announced->flight_sched = at("2020-03-08T10:00");
	assert_true(opens(step_at(&world, &journey, announced, NULL, "2020-03-08T02:00"),
			  ALERT_EXPECTED));
	struct flight flight;
	flight_init(&flight, "XX1-PVG-2020-03-08");
	struct fact *news = make_fact(&world, FACT_FLIGHT_UPDATED, "2020-03-08T09:00");
	news->flight_status = FLIGHT_DIVERTED;
	flight_join(&flight, news);
	struct step_context context = {.policy = &world.policy,
				       .zone = world.zone,
				       .now = at("2020-03-08T09:00"),
				       .flight = &flight,
				       .arena = &world.arena};
	assert_int_equal(decide(&journey, news, &context, &decision, NULL), 0);
	assert_string_equal(opened(&decision, ALERT_STAND_DOWN)->detail, "diverted");
	assert_true(closes(&decision, ALERT_EXPECTED));
	/* She is still somebody's: nobody has said that she does not come. */
	assert_int_equal(decision.after.stage, STAGE_ANNOUNCED);
	assert_int_not_equal(decision.plan.next_due, WHEN_NEVER);
	journey = decision.after;
	struct fact *triaged = make_fact(&world, FACT_TRIAGED, "2020-03-08T16:00");
	assert_true(opens(step_at(&world, &journey, triaged, NULL, "2020-03-08T16:00"),
			  ALERT_EXPECTED));
	world_close(&world);
}

static void approved_leave_has_an_end_and_a_return_clears_it(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle(&world, &journey);
	struct fact *left = make_fact(&world, FACT_LEFT, "2020-03-10T08:00");
	left->until = at("2020-03-10T13:00");
	step_at(&world, &journey, left, NULL, "2020-03-10T08:00");
	assert_true(journey.away);
	step_at(&world, &journey, NULL, NULL, "2020-03-10T13:14");
	assert_false(joined(&journey, ALERT_NOT_RETURNED));
	const struct decision *decision = step_at(&world, &journey, NULL, NULL, "2020-03-10T13:15");
	assert_string_equal(opened(decision, ALERT_NOT_RETURNED)->detail, "leave_over");
	decision = step_at(&world, &journey, make_fact(&world, FACT_RETURNED, "2020-03-10T13:30"),
			   NULL, "2020-03-10T13:30");
	assert_true(closes(decision, ALERT_NOT_RETURNED));
	/* And without leave nobody waits. */
	struct fact *gone = make_fact(&world, FACT_LEFT, "2020-03-11T21:00");
	gone->until = WHEN_UNKNOWN;
	decision = step_at(&world, &journey, gone, NULL, "2020-03-11T21:00");
	assert_string_equal(opened(decision, ALERT_NOT_RETURNED)->detail, "without_leave");
	world_close(&world);
}

static void leave_longer_than_the_policy_allows_is_refused(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct err err = ERR_INIT;
	world_open(&world);
	settle(&world, &journey);
	struct fact *left = make_fact(&world, FACT_LEFT, "2020-03-10T08:00");
	left->until = at("2020-03-10T20:00");
	assert_int_equal(journey_may(&journey, left, &world.policy, world.zone,
				     at("2020-03-10T08:00"), &err),
			 0);
	left->until++;
	assert_int_equal(journey_may(&journey, left, &world.policy, world.zone,
				     at("2020-03-10T08:00"), &err),
			 CL_ECONFLICT);
	world_close(&world);
}

static void another_exposure_moves_the_end_and_says_so(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle(&world, &journey);
	assert_int_equal(journey.days, 14);
	const struct decision *decision =
		step_at(&world, &journey, make_fact(&world, FACT_EXPOSED, "2020-03-13T12:00"), NULL,
			"2020-03-13T12:30");
	assert_int_equal(journey.days, 19);
	assert_int_equal(journey.ends_at, at("2020-03-28T00:00"));
	assert_string_equal(opened(decision, ALERT_END_MOVED)->subject, "2020-03-27 exposed");
	/* An exposure before she came home changes nothing. */
	step_at(&world, &journey, make_fact(&world, FACT_EXPOSED, "2020-03-08T09:00"), NULL,
		"2020-03-13T12:40");
	assert_int_equal(journey.days, 19);
	world_close(&world);
}

static void hours_are_counted_from_the_hand_over_where_the_policy_says_so(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	world.policy.count = COUNT_HOURS;
	settle(&world, &journey);
	assert_int_equal(journey.ends_at, at("2020-03-22T18:05"));
	assert_int_equal(journey.judged_at, at("2020-03-22T18:05"));
	world_close(&world);
}

static void normal_reading_after_an_antipyretic_is_no_assessment(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	settle(&world, &journey);
	struct fact *taken = make_fact(&world, FACT_CHECKED, "2020-03-09T08:00");
	taken->temp_tenths = 365;
	taken->antipyretic = true;
	struct fact *normal = make_fact(&world, FACT_CHECKED, "2020-03-09T18:00");
	normal->temp_tenths = 366;
	struct fact *later = make_fact(&world, FACT_CHECKED, "2020-03-10T08:00");
	later->temp_tenths = 366;
	/* In whatever order they come. */
	step_at(&world, &journey, later, NULL, "2020-03-10T08:00");
	step_at(&world, &journey, normal, NULL, "2020-03-10T08:01");
	assert_int_equal(journey.checked[1], 1 << 1);
	step_at(&world, &journey, taken, NULL, "2020-03-10T08:02");
	assert_int_equal(journey.checked[0], 1 << 2);
	assert_int_equal(journey.checked[1], 0);
	assert_true(joined(&journey, ALERT_MISSED_CHECK));
	/* Fever in spite of it is an assessment, and an alert. */
	struct fact *fever = make_fact(&world, FACT_CHECKED, "2020-03-09T19:00");
	fever->temp_tenths = 385;
	step_at(&world, &journey, fever, NULL, "2020-03-10T08:03");
	assert_int_equal(journey.checked[1], 1 << 1);
	assert_true(joined(&journey, ALERT_FEVER));
	world_close(&world);
}

static void entry_is_edited_within_a_day_and_after_that_it_is_history(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct err err = ERR_INIT;
	world_open(&world);
	settle(&world, &journey);
	struct fact *entry = make_fact(&world, FACT_CHECKED, "2020-03-10T11:00");
	entry->journey = "jny_1";
	entry->day = 1;
	entry->slot = "morning";
	step_at(&world, &journey, entry, NULL, "2020-03-10T11:30");
	assert_int_equal(journey_may(&journey, entry, &world.policy, world.zone,
				     at("2020-03-10T12:00"), &err),
			 0);
	assert_int_equal(journey_may(&journey, entry, &world.policy, world.zone,
				     at("2020-03-10T12:00") + 1, &err),
			 CL_ECONFLICT);
	/* A slot without an entry may be filled late; what a feed brings late is taken. */
	entry->slot = "evening";
	assert_int_equal(journey_may(&journey, entry, &world.policy, world.zone,
				     at("2020-03-12T12:00"), &err),
			 0);
	entry->slot = "morning";
	entry->journey = NULL;
	assert_int_equal(journey_may(&journey, entry, &world.policy, world.zone,
				     at("2020-03-12T12:00"), &err),
			 0);
	world_close(&world);
}

static void sticker_decides_while_nobody_has_said_more(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	text_copy(world.policy.stickers[2], sizeof(world.policy.stickers[2]), "hospital");
	journey_init(&journey, "jny_1", "");
	struct fact *triaged = make_fact(&world, FACT_TRIAGED, "2020-03-08T13:00");
	triaged->field[FIELD_STICKER] = "red";
	step_at(&world, &journey, triaged, NULL, "2020-03-08T13:00");
	assert_int_equal(journey.stage, STAGE_REDIRECTED);
	struct fact *said = make_fact(&world, FACT_TRIAGED, "2020-03-08T12:00");
	said->field[FIELD_DISPOSITION] = "home";
	step_at(&world, &journey, said, NULL, "2020-03-08T13:01");
	assert_int_equal(journey.stage, STAGE_TRIAGED);
	world_close(&world);
}

/* Her bus stands at her stop at 18:00, where EXPECTED were to get off and COUNTED did. */
static const struct decision *count_at_the_stop(struct world *world, struct journey *journey,
						int expected, int counted)
{
	struct leg leg = bus(STOP_COMPOUND, "2020-03-08T18:00", "2020-03-08T18:00");
	leg.expected = expected;
	leg.counted = counted;
	leg.counted_at = leg.reached_at;
	journey_init(journey, "jny_1", "");
	step_at(world, journey, registered(world), NULL, "2020-03-08T14:00");
	return step_at(world, journey, make_fact(world, FACT_STOP_REACHED, "2020-03-08T18:00"),
		       &leg, "2020-03-08T18:00");
}

static void one_missing_at_the_stop_is_asked_after_until_accepted(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	const struct decision *decision = count_at_the_stop(&world, &journey, 3, 2);
	assert_string_equal(opened(decision, ALERT_HEAD_COUNT)->subject, "B1/1");
	assert_string_equal(opened(decision, ALERT_HEAD_COUNT)->unit, "310112");
	decision = step_at(&world, &journey, make_fact(&world, FACT_ACCEPTED, "2020-03-08T18:05"),
			   NULL, "2020-03-08T18:05");
	assert_true(closes(decision, ALERT_HEAD_COUNT));
	world_close(&world);
}

static void one_too_many_at_the_stop_stays_until_a_human_says_who(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	count_at_the_stop(&world, &journey, 1, 2);
	step_at(&world, &journey, make_fact(&world, FACT_ACCEPTED, "2020-03-08T18:05"), NULL,
		"2020-03-08T18:05");
	assert_true(joined(&journey, ALERT_HEAD_COUNT));
	struct fact *resolved = make_fact(&world, FACT_ALERT_RESOLVED, "2020-03-08T18:30");
	resolved->alert_kind = "head_count";
	resolved->alert_subject = "B1/1";
	step_at(&world, &journey, resolved, NULL, "2020-03-08T18:30");
	step_at(&world, &journey, NULL, NULL, "2020-03-09T18:30");
	assert_false(joined(&journey, ALERT_HEAD_COUNT));
	world_close(&world);
}

static void unfit_home_is_answered_by_another_home_where_all_begins_anew(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	struct fact *fact = registered(&world);
	fact->field[FIELD_HOME] = "home1";
	step_at(&world, &journey, fact, NULL, "2020-03-08T14:00");
	struct fact *verified = make_fact(&world, FACT_TASK_ENDED, "2020-03-08T14:10");
	verified->task = "verify_address";
	verified->outcome = "done";
	step_at(&world, &journey, verified, NULL, "2020-03-08T14:10");
	struct fact *failed = make_fact(&world, FACT_TASK_ENDED, "2020-03-08T14:30");
	failed->task = "inspect_home";
	failed->outcome = "failed";
	assert_true(opens(step_at(&world, &journey, failed, NULL, "2020-03-08T14:30"),
			  ALERT_HOME_UNFIT));
	struct fact *corrected = make_fact(&world, FACT_CORRECTED, "2020-03-08T15:00");
	corrected->field[FIELD_ADDRESS] = "another flat";
	corrected->field[FIELD_HOME] = "home2";
	const struct decision *decision =
		step_at(&world, &journey, corrected, NULL, "2020-03-08T15:00");
	assert_true(closes(decision, ALERT_HOME_UNFIT));
	for (size_t i = 0; i < decision->plan.tasks_len; i++)
		assert_int_equal(decision->plan.tasks[i].state, TASK_OPEN);
	world_close(&world);
}

static void arrivals_out_of_date_are_one_word_for_the_district(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus(STOP_COMPOUND, "2020-03-08T18:00", NULL);
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	const struct decision *decision =
		step_at(&world, &journey, make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30"),
			&leg, "2020-03-09T07:00");
	assert_false(opens(decision, ALERT_ARRIVAL));
	assert_false(opens(decision, ALERT_EXPECTED));
	assert_string_equal(opened(decision, ALERT_STALE_ARRIVALS)->unit, "310112");
	/* What is graver than an old notice is said all the same. */
	assert_true(opens(decision, ALERT_TRANSFER_OVERDUE));
	world_close(&world);
}

static void told_in_time_is_not_told_again_when_out_of_date(void **state)
{
	(void)state;
	struct world world;
	struct journey journey;
	struct leg leg = bus(STOP_COMPOUND, "2020-03-08T18:00", NULL);
	world_open(&world);
	journey_init(&journey, "jny_1", "");
	step_at(&world, &journey, make_fact(&world, FACT_DEPARTED, "2020-03-08T16:30"), &leg,
		"2020-03-08T16:30");
	step_at(&world, &journey, NULL, NULL, "2020-03-09T07:00");
	assert_false(joined(&journey, ALERT_STALE_ARRIVALS));
	assert_false(joined(&journey, ALERT_ARRIVAL));
	assert_true(joined(&journey, ALERT_TRANSFER_OVERDUE));
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_at_the_gate_is_back_with_the_sender_at_once),
		cmocka_unit_test(refusal_of_one_committee_does_not_bind_the_next),
		cmocka_unit_test(moved_to_another_committee_is_not_accepted_by_the_first_ones_word),
		cmocka_unit_test(who_has_accepted_cannot_refuse),
		cmocka_unit_test(bus_to_a_central_site_is_watched_until_it_is_there),
		cmocka_unit_test(sent_to_hospital_from_home_stays_with_the_committee_until_there),
		cmocka_unit_test(what_the_airport_sends_elsewhere_was_never_ours),
		cmocka_unit_test(car_of_her_own_has_an_arrival_and_is_overdue),
		cmocka_unit_test(landing_nobody_saw_becomes_a_question_and_never_an_end),
		cmocka_unit_test(
			diverted_flight_stands_its_committee_down_and_a_sighting_brings_it_back),
		cmocka_unit_test(approved_leave_has_an_end_and_a_return_clears_it),
		cmocka_unit_test(leave_longer_than_the_policy_allows_is_refused),
		cmocka_unit_test(another_exposure_moves_the_end_and_says_so),
		cmocka_unit_test(hours_are_counted_from_the_hand_over_where_the_policy_says_so),
		cmocka_unit_test(normal_reading_after_an_antipyretic_is_no_assessment),
		cmocka_unit_test(entry_is_edited_within_a_day_and_after_that_it_is_history),
		cmocka_unit_test(sticker_decides_while_nobody_has_said_more),
		cmocka_unit_test(one_missing_at_the_stop_is_asked_after_until_accepted),
		cmocka_unit_test(one_too_many_at_the_stop_stays_until_a_human_says_who),
		cmocka_unit_test(unfit_home_is_answered_by_another_home_where_all_begins_anew),
		cmocka_unit_test(arrivals_out_of_date_are_one_word_for_the_district),
		cmocka_unit_test(told_in_time_is_not_told_again_when_out_of_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
