/* test_alert.c — the ladder an unanswered alert climbs. The times are the timeline fixture of the
 * alert design: duty waits 5 minutes, nobody at step 2, the leader waits 5 minutes, then the
 * fallback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "fixture.h"
#include "closedloop/text.h"

static const struct ladder night = {.len = 3,
				    .wait = {5 * WHEN_MINUTE, 5 * WHEN_MINUTE, 5 * WHEN_MINUTE},
				    .reachable = {true, false, true}};

static struct alert fresh(enum alert_kind kind, const char *when)
{
	return (struct alert){.id = 45,
			      .kind = kind,
			      .opened_at = at(when),
			      .since = at(when),
			      .due = at(when),
			      .next_at = at(when),
			      .eta = WHEN_UNKNOWN,
			      .eta_before = WHEN_UNKNOWN,
			      .acked_at = WHEN_NEVER,
			      .resolved_at = WHEN_NEVER};
}

static void unanswered_alert_reaches_leader_then_fallback_and_never_falls_silent(void **state)
{
	(void)state;
	struct alert alert = fresh(ALERT_FEVER, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];

	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:05"), tells), 1);
	assert_int_equal(tells[0].step, 0);
	assert_int_equal(tells[0].why, TELL_RAISED);
	assert_int_equal(alert.next_at, at("2020-03-08T03:10"));

	/* Nobody at step 2: the leader is told in the same tick, at 03:10, not at 03:15. */
	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:10"), tells), 1);
	assert_int_equal(tells[0].step, 2);
	assert_int_equal(tells[0].why, TELL_ESCALATED);

	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:15"), tells), 1);
	assert_int_equal(tells[0].step, TELL_FALLBACK);
	for (int i = 0; i < 10; i++) {
		assert_true(alert.next_at < WHEN_NEVER);
		assert_int_equal(alert_escalate(&alert, &night, alert.next_at, tells), 1);
		assert_int_equal(tells[0].step, TELL_FALLBACK);
	}
}

static void nothing_is_told_before_its_time(void **state)
{
	(void)state;
	struct alert alert = fresh(ALERT_FEVER, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	alert_escalate(&alert, &night, at("2020-03-08T03:05"), tells);
	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:09"), tells), 0);
	assert_int_equal(alert.next_at, at("2020-03-08T03:10"));
}

static void downtime_tells_the_current_step_once(void **state)
{
	(void)state;
	struct alert alert = fresh(ALERT_FEVER, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	alert_escalate(&alert, &night, at("2020-03-08T03:05"), tells);
	/* Down from 03:09 to 03:20: one word to the leader, the fallback at 03:25. */
	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:20"), tells), 1);
	assert_int_equal(tells[0].step, 2);
	assert_int_equal(alert.next_at, at("2020-03-08T03:25"));
}

static void repeating_step_goes_on_beside_the_fallback(void **state)
{
	(void)state;
	struct ladder ladder = {
		.len = 1, .wait = {10 * WHEN_MINUTE}, .reachable = {true}, .repeat = true};
	struct alert alert = fresh(ALERT_ARRIVAL, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	alert_escalate(&alert, &ladder, at("2020-03-08T03:05"), tells);
	assert_int_equal(alert_escalate(&alert, &ladder, at("2020-03-08T03:15"), tells), 2);
	assert_int_equal(tells[0].step, 0);
	assert_int_equal(tells[1].step, TELL_FALLBACK);
	assert_int_equal(alert.next_at, at("2020-03-08T03:25"));
}

static void steps_without_wait_are_told_in_the_same_tick(void **state)
{
	(void)state;
	struct ladder ladder = {.len = 3,
				.wait = {0, 15 * WHEN_MINUTE, 10 * WHEN_MINUTE},
				.reachable = {true, true, true},
				.repeat = true};
	struct alert alert = fresh(ALERT_FEVER, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	assert_int_equal(alert_escalate(&alert, &ladder, at("2020-03-08T03:05"), tells), 2);
	assert_int_equal(tells[1].step, 1);
	assert_int_equal(tells[1].why, TELL_RAISED);
	assert_int_equal(alert.next_at, at("2020-03-08T03:20"));
}

static void alert_nobody_can_be_reached_for_goes_to_the_fallback_at_once(void **state)
{
	(void)state;
	struct ladder nobody = {.len = 3, .wait = {1, 1, 1}};
	struct alert alert = fresh(ALERT_ADDRESS, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	assert_int_equal(alert_escalate(&alert, &nobody, at("2020-03-08T03:05"), tells), 1);
	assert_int_equal(tells[0].step, TELL_FALLBACK);
	assert_true(alert.next_at < WHEN_NEVER);
}

static void acknowledged_alert_rests_then_asks_and_begins_again(void **state)
{
	(void)state;
	struct policy policy;
	policy_defaults(&policy);
	struct alert alert = fresh(ALERT_FEVER, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	alert_escalate(&alert, &night, at("2020-03-08T03:05"), tells);
	alert_ack(&alert, "duty 1", &policy, at("2020-03-08T03:11"));
	assert_int_equal(alert.state, ALERT_ACKED);
	assert_int_equal(alert.next_at, at("2020-03-08T03:41"));
	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:20"), tells), 0);

	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:41"), tells), 1);
	assert_int_equal(tells[0].why, TELL_ASK_AGAIN);
	assert_int_equal(alert.next_at, at("2020-03-08T03:46"));
	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:46"), tells), 1);
	assert_int_equal(tells[0].step, 0);
}

static void acknowledged_arrival_rests_until_the_vehicle_is_overdue(void **state)
{
	(void)state;
	struct policy policy;
	policy_defaults(&policy);
	struct alert alert = fresh(ALERT_ARRIVAL, "2020-03-08T16:30");
	alert.eta = at("2020-03-08T17:50");
	alert_ack(&alert, "duty 1", &policy, at("2020-03-08T16:40"));
	assert_int_equal(alert.next_at, at("2020-03-08T18:10"));
}

static void stand_down_is_ended_by_its_acknowledgement(void **state)
{
	(void)state;
	struct policy policy;
	policy_defaults(&policy);
	struct alert alert = fresh(ALERT_STAND_DOWN, "2020-03-08T21:44");
	alert_ack(&alert, "gate", &policy, at("2020-03-08T21:46"));
	assert_int_equal(alert.state, ALERT_RESOLVED);
	assert_int_equal(alert.next_at, WHEN_NEVER);
}

static void informative_alert_speaks_once(void **state)
{
	(void)state;
	struct alert alert = fresh(ALERT_EXPECTED, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:05"), tells), 1);
	assert_int_equal(alert.next_at, WHEN_NEVER);
}

static void change_is_told_to_those_who_were_told_without_moving_the_ladder(void **state)
{
	(void)state;
	struct alert alert = fresh(ALERT_ARRIVAL, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	alert_escalate(&alert, &night, at("2020-03-08T03:05"), tells);
	alert.changed = true;
	assert_int_equal(alert_escalate(&alert, &night, at("2020-03-08T03:07"), tells), 1);
	assert_int_equal(tells[0].why, TELL_CHANGED);
	assert_int_equal(alert.next_at, at("2020-03-08T03:10"));
	assert_false(alert.changed);
}

static void what_cannot_be_delivered_calls_the_next_and_then_the_fallback(void **state)
{
	(void)state;
	struct alert alert = fresh(ALERT_FEVER, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];

	alert_escalate(&alert, &night, at("2020-03-08T03:05"), tells);
	assert_int_equal(alert_hand_on(&alert, &night, at("2020-03-08T03:06"), tells), 1);
	assert_int_equal(tells[0].step, 2);
	assert_int_equal(tells[0].why, TELL_UNDELIVERED);
	/* The leader has her whole time. */
	assert_int_equal(alert.next_at, at("2020-03-08T03:11"));
	assert_int_equal(alert_hand_on(&alert, &night, at("2020-03-08T03:07"), tells), 1);
	assert_int_equal(tells[0].step, TELL_FALLBACK);
	assert_int_equal(tells[0].why, TELL_UNDELIVERED);
	assert_int_equal(alert.next_at, at("2020-03-08T03:12"));
	/* Nobody is left, and the ladder stands where it stood. */
	assert_int_equal(alert_hand_on(&alert, &night, at("2020-03-08T03:08"), tells), 0);
	assert_int_equal(alert.next_at, at("2020-03-08T03:12"));
}

static void last_steps_without_a_wait_hand_on_to_the_fallback_too(void **state)
{
	(void)state;
	struct ladder ladder = {.len = 2, .wait = {5 * WHEN_MINUTE, 0}, .reachable = {true, true}};
	struct alert alert = fresh(ALERT_FEVER, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];

	alert_escalate(&alert, &ladder, at("2020-03-08T03:05"), tells);
	assert_int_equal(alert_hand_on(&alert, &ladder, at("2020-03-08T03:06"), tells), 2);
	assert_int_equal(tells[0].step, 1);
	assert_int_equal(tells[1].step, TELL_FALLBACK);
	assert_int_equal(alert.next_at, at("2020-03-08T03:07"));
}

/* How long after HOURS of being open KIND waits until it is told again. */
static int64_t repeat_after(enum alert_kind kind, int64_t hours, bool repeat)
{
	struct ladder ladder = {
		.len = 1, .wait = {10 * WHEN_MINUTE}, .reachable = {true}, .repeat = repeat};
	struct alert alert = fresh(kind, "2020-03-08T03:05");
	struct tell tells[TELL_MAX];
	int64_t now = at("2020-03-08T03:05") + hours * WHEN_HOUR;

	alert.step = 2;
	alert.next_at = now;
	alert_escalate(&alert, &ladder, now, tells);
	return alert.next_at - now;
}

static void repeats_nobody_answers_are_spaced_out(void **state)
{
	(void)state;
	assert_int_equal(repeat_after(ALERT_TASK_OVERDUE, 0, false), 10 * WHEN_MINUTE);
	assert_int_equal(repeat_after(ALERT_TASK_OVERDUE, 1, false), WHEN_HOUR);
	assert_int_equal(repeat_after(ALERT_TASK_OVERDUE, 2, false), 2 * WHEN_HOUR);
	assert_int_equal(repeat_after(ALERT_TASK_OVERDUE, 100, false), ALERT_REPEAT_MOST);
	assert_int_equal(repeat_after(ALERT_FEVER, 23, false), 10 * WHEN_MINUTE);
	assert_int_equal(repeat_after(ALERT_FEVER, 24, false), WHEN_HOUR);
	assert_int_equal(repeat_after(ALERT_FEVER, 1000, false), WHEN_HOUR);
	/* Who wrote "repeat: forever" meant it. */
	assert_int_equal(repeat_after(ALERT_TASK_OVERDUE, 100, true), 10 * WHEN_MINUTE);
	assert_int_equal(repeat_after(ALERT_FEVER, 100, true), 10 * WHEN_MINUTE);
}

static void the_stronger_of_two_words_is_said(void **state)
{
	(void)state;
	assert_true(tell_stronger(TELL_ESCALATED, TELL_CHANGED));
	assert_true(tell_stronger(TELL_RAISED, TELL_CHANGED));
	assert_true(tell_stronger(TELL_ESCALATED, TELL_REPEATED));
	assert_false(tell_stronger(TELL_CHANGED, TELL_RAISED));
	assert_false(tell_stronger(TELL_RAISED, TELL_RAISED));
}

static void every_kind_has_its_row(void **state)
{
	(void)state;
	for (int i = 0; i < ALERT_KINDS; i++) {
		const struct alert_traits *kind = alert_traits((enum alert_kind)i);
		assert_non_null(kind->word);
		assert_true(kind->gravity > 0);
		assert_int_equal(alert_kind_of(kind->word), i);
	}
	assert_int_equal(alert_kind_of("nonsense"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			unanswered_alert_reaches_leader_then_fallback_and_never_falls_silent),
		cmocka_unit_test(nothing_is_told_before_its_time),
		cmocka_unit_test(downtime_tells_the_current_step_once),
		cmocka_unit_test(repeating_step_goes_on_beside_the_fallback),
		cmocka_unit_test(steps_without_wait_are_told_in_the_same_tick),
		cmocka_unit_test(alert_nobody_can_be_reached_for_goes_to_the_fallback_at_once),
		cmocka_unit_test(acknowledged_alert_rests_then_asks_and_begins_again),
		cmocka_unit_test(acknowledged_arrival_rests_until_the_vehicle_is_overdue),
		cmocka_unit_test(stand_down_is_ended_by_its_acknowledgement),
		cmocka_unit_test(informative_alert_speaks_once),
		cmocka_unit_test(change_is_told_to_those_who_were_told_without_moving_the_ladder),
		cmocka_unit_test(what_cannot_be_delivered_calls_the_next_and_then_the_fallback),
		cmocka_unit_test(last_steps_without_a_wait_hand_on_to_the_fallback_too),
		cmocka_unit_test(repeats_nobody_answers_are_spaced_out),
		cmocka_unit_test(the_stronger_of_two_words_is_said),
		cmocka_unit_test(every_kind_has_its_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
