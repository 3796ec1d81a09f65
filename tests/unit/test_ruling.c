/* test_ruling.c — which policy a journey goes by, through the real engine: day 0, overrides, a
 * policy for open journeys, a reload, and what a change of windows at midnight must not do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"

#define SHANGHAI "Asia/Shanghai"
#define LONDON	 "Europe/London"
#define OLD	 "{policy: old, in_force_from: 2020-03-01}"
#define OLD_WITH_OVERRIDES                                                                         \
	"{policy: old, in_force_from: 2020-03-01, overrides: ["                                    \
	"{countries: [KOR], isolation: {days: 21}}, {districts: ['310112'], isolation: {days: "    \
	"10}}]}"
#define NEWER_ARRIVALS "{policy: newer, in_force_from: 2020-03-10, isolation: {days: 7}}"
#define NEWER_OPEN                                                                                 \
	"{policy: newer, in_force_from: 2020-03-10, applies_to: open_journeys, isolation: {days: " \
	"7}}"
/* So that no step of the ladder falls on midnight. */
#define OLD_EVENING                                                                                \
	"{policy: old, in_force_from: 2020-03-01, checks: {evening: {from: '17:00', to: "          \
	"'22:30'}}}"
/* The old evening ended at 22:30; by these windows it would end, and be missed, once more. */
#define NEWER_WINDOWS                                                                              \
	"{policy: newer, in_force_from: 2020-03-29, applies_to: open_journeys, checks: {morning: " \
	"{from: '05:00', to: '11:00'}, evening: {from: '18:00', to: '24:00'}}}"

static struct night night;

static int begin(void **state)
{
	(void)state;
	night_open(&night);
	return 0;
}

static int end(void **state)
{
	(void)state;
	night_close(&night);
	return 0;
}

static struct fact *person(enum fact_type type, const char *ref, int64_t when)
{
	static int count;
	struct fact *fact = arena_alloc(&night.arena, sizeof(*fact));
	fact->type = type;
	fact->stamp = (struct stamp){.at = when,
				     .rank = fact_rank(type, NULL),
				     .sequence = "",
				     .id = arena_printf(&night.arena, "r%d", count++),
				     .source = "/desk"};
	fact->body = "{}";
	fact->body_len = 2;
	fact->warnings = "";
	fact->feed_unit = "310112";
	fact->ref = ref;
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->day = fact->n_off = -1;
	return fact;
}

static void tell(struct fact *fact)
{
	night_submit(&night, fact, fact->stamp.at);
}

/* REF is handed over and accepted at WHEN. */
static void come_home(const char *ref, const char *committee, int64_t when)
{
	struct fact *over = person(FACT_HANDED_OVER, ref, when);
	struct fact *accept = person(FACT_ACCEPTED, ref, when + WHEN_MINUTE);
	over->to_role = "committee";
	over->to_code = committee;
	over->field[FIELD_COMMITTEE] = committee;
	accept->by = "committee";
	tell(over);
	tell(accept);
}

static struct journey *find(const char *ref)
{
	struct journey *journey = arena_alloc(&night.arena, sizeof(*journey));
	night_journey(&night, "/desk", ref, journey);
	return journey;
}

static const char *policy_of(const char *ref)
{
	const struct policy *policy = conf_policy_by_hash(night.conf, find(ref)->policy);
	assert_non_null(policy);
	return policy->name;
}

static int64_t in_zone(const char *local, const char *offset)
{
	char full[40];
	int64_t when;
	snprintf(full, sizeof(full), "%s:00%s", local, offset);
	assert_int_equal(when_parse(full, &when, NULL), 0);
	return when;
}

static int64_t next_due(const char *ref)
{
	struct store_journey row;
	assert_int_equal(night.store->ops->journey_load(night.store, find(ref)->id, &night.arena,
							&row, NULL),
			 0);
	return row.next_due;
}

static void day_0_decides_and_not_the_first_fact(void **state)
{
	(void)state;
	night_policies(&night, SHANGHAI, OLD, NEWER_ARRIVALS, at("2020-03-08T00:00"));
	struct fact *announced = person(FACT_ANNOUNCED, "1", at("2020-03-09T08:00"));
	announced->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-09";
	announced->flight_sched = at("2020-03-09T16:00");
	tell(announced);
	/* Expected at 21:00 of the 9th. */
	assert_string_equal(policy_of("1"), "old");
	struct fact *later = person(FACT_CORRECTED, "1", at("2020-03-09T10:00"));
	later->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-09";
	later->flight_sched = at("2020-03-09T21:00");
	tell(later);
	assert_string_equal(policy_of("1"), "newer");
	come_home("1", COMMITTEE, at("2020-03-10T03:00"));
	assert_string_equal(policy_of("1"), "newer");
	assert_int_equal(find("1")->days, 7);
	/* Whose day 0 was before keeps the old rules, whatever day it is. */
	come_home("2", COMMITTEE, at("2020-03-09T22:00"));
	night_pass(&night, at("2020-03-12T12:00"));
	assert_string_equal(policy_of("2"), "old");
	assert_int_equal(find("2")->days, 14);
}

static void an_override_follows_what_is_known_of_her(void **state)
{
	(void)state;
	night_policies(&night, SHANGHAI, OLD_WITH_OVERRIDES, NULL, at("2020-03-08T00:00"));
	tell(person(FACT_ANNOUNCED, "1", at("2020-03-08T08:00")));
	assert_string_equal(policy_of("1"), "old");
	struct fact *desk = person(FACT_REGISTERED, "1", at("2020-03-08T12:00"));
	desk->field[FIELD_DISTRICT] = "310112";
	tell(desk);
	assert_string_equal(policy_of("1"), "old/2");
	struct fact *home = person(FACT_CORRECTED, "1", at("2020-03-08T13:00"));
	home->field[FIELD_COUNTRIES] = "JPN,KOR";
	tell(home);
	assert_string_equal(policy_of("1"), "old/1");
	come_home("1", COMMITTEE, at("2020-03-08T20:00"));
	assert_int_equal(find("1")->days, 21);
	come_home("2", "310107016013", at("2020-03-08T20:00"));
	assert_string_equal(policy_of("2"), "old");
	come_home("3", COMMITTEE, at("2020-03-08T20:00"));
	assert_string_equal(policy_of("3"), "old/2");
}

static void a_policy_for_open_journeys_takes_over_at_its_midnight(void **state)
{
	(void)state;
	int64_t midnight = at("2020-03-10T00:00");
	night_policies(&night, SHANGHAI, OLD, NEWER_OPEN, at("2020-03-08T00:00"));
	come_home("1", COMMITTEE, at("2020-03-08T20:00"));
	struct fact *closed = person(FACT_CLOSED, "1", at("2020-03-09T09:00"));
	closed->journey = find("1")->id;
	closed->ref = NULL;
	closed->reason = "other";
	come_home("2", COMMITTEE, at("2020-03-09T23:30"));
	tell(closed);
	/* Nobody's deadline lies later than the midnight at which the rules change. */
	assert_int_equal(next_due("2"), midnight);
	assert_string_equal(policy_of("2"), "old");
	night_pass(&night, midnight - 1);
	assert_string_equal(policy_of("2"), "old");
	night_pass(&night, midnight);
	assert_string_equal(policy_of("2"), "newer");
	assert_int_equal(find("2")->days, 7);
	assert_true(next_due("2") > midnight);
	/* Who has left the loop keeps what she left it by. */
	assert_string_equal(policy_of("1"), "old");
	assert_int_equal(night_violations(&night, midnight), 0);
}

static void other_policies_after_a_reload_reach_everybody_open(void **state)
{
	(void)state;
	int64_t now = at("2020-03-09T15:00");
	night_policies(&night, SHANGHAI, OLD, NULL, at("2020-03-08T00:00"));
	come_home("1", COMMITTEE, at("2020-03-08T20:00"));
	come_home("2", "310107016013", at("2020-03-08T20:00"));
	night_pass(&night, now);
	int64_t before = next_due("2");
	/* The same rules again wake nobody. */
	night_policies(&night, SHANGHAI, OLD " # the same", NULL, now);
	assert_int_equal(next_due("2"), before);
	night_policies(&night, SHANGHAI, OLD_WITH_OVERRIDES, NULL, now);
	assert_int_equal(next_due("1"), now);
	assert_int_equal(next_due("2"), now);
	night_pass(&night, now);
	assert_string_equal(policy_of("1"), "old/2");
	assert_int_equal(find("1")->days, 10);
	assert_string_equal(policy_of("2"), "old");
	assert_int_equal(next_due("2"), before);
	/* A policy that is not loaded any more gives way to the one of the day. */
	night_policies(&night, SHANGHAI, "{policy: third, in_force_from: 2020-03-01}", NULL, now);
	assert_int_equal(find("1")->days, 14);
	night_pass(&night, now);
	assert_string_equal(policy_of("1"), "third");
}

struct seen {
	int alerts, loud;
	int64_t eta;
};

static void note_missed(void *context, const void *row)
{
	struct seen *seen = context;
	const struct alert *alert = row;
	if (alert->kind != ALERT_MISSED_CHECK)
		return;
	seen->alerts++;
	seen->eta = alert->eta;
	seen->loud += alert->loud && alert->changed;
}

static struct seen missed(bool open_only)
{
	struct seen seen = {.eta = WHEN_UNKNOWN};
	night.store->ops->alerts_list(night.store, NULL, open_only, 500, note_missed, &seen, NULL);
	return seen;
}

static void count_notice(void *context, const void *row)
{
	const struct notice *notice = row;
	*(int *)context += text_equal(notice->kind, "missed_check");
}

/* How often anybody was told of missed checks. */
static int told_of_missed(void)
{
	static const enum notice_state states[] = {NOTICE_READY, NOTICE_DONE, NOTICE_DEAD,
						   NOTICE_SUPERSEDED, NOTICE_EXPIRED};
	int count = 0;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		night.store->ops->notices_list(night.store, states[i], 500, &night.arena,
					       count_notice, &count, NULL);
	return count;
}

static void check_in(const char *ref, int64_t when)
{
	struct fact *check = person(FACT_CHECKED, ref, when);
	check->temp_tenths = 365;
	tell(check);
}

/* Midnight of 2020-03-29: in London the clocks go forward an hour later, at 01:00. */
static void windows_change_at_midnight(const char *zone, const char *offset, const char *after)
{
	int64_t midnight = in_zone("2020-03-29T00:00", offset);
	night_policies(&night, zone, OLD_EVENING, NEWER_WINDOWS,
		       in_zone("2020-03-26T00:00", offset));
	come_home("1", COMMITTEE, in_zone("2020-03-27T10:00", offset));
	come_home("2", COMMITTEE, in_zone("2020-03-27T10:00", offset));
	/* 1 is asked every time, 2 is missed on the evening before the change; a human settles
	 * that at 23:30. */
	for (int hour = 7; hour < 24; hour += 11) {
		char local[20];
		snprintf(local, sizeof(local), "2020-03-28T%02d:00", hour);
		night_pass(&night, in_zone(local, offset));
		check_in("1", in_zone(local, offset));
		if (hour == 7)
			check_in("2", in_zone(local, offset));
	}
	night_pass(&night, in_zone("2020-03-28T23:10", offset));
	struct seen before = missed(true);
	assert_int_equal(before.alerts, 1);
	int told = told_of_missed();
	assert_true(told > 0);
	night_pass(&night, midnight - 1);
	told = told_of_missed();
	night_pass(&night, midnight);
	assert_string_equal(policy_of("1"), "newer");
	assert_string_equal(policy_of("2"), "newer");
	/* No double page: the evening that was missed is the same one, and no other. */
	struct seen now = missed(true);
	assert_int_equal(now.alerts, 1);
	assert_int_equal(now.eta, before.eta);
	assert_int_equal(now.loud, 0);
	assert_int_equal(told_of_missed(), told);
	/* No double check: what was entered stands, and nothing of the past is asked again. */
	assert_int_equal(find("1")->checked[0] >> 1 & 1, 1);
	assert_int_equal(find("1")->checked[1] >> 1 & 1, 1);
	/* No gap: the new morning opens by the new rules, and is missed when it ends. */
	int64_t opens = in_zone("2020-03-29T05:00", after);
	assert_int_equal(next_due("1"), opens + 2 * WHEN_HOUR);
	night_pass(&night, in_zone("2020-03-29T10:59", after));
	assert_int_equal(missed(true).eta, before.eta);
	night_pass(&night, in_zone("2020-03-29T11:00", after));
	assert_int_equal(missed(true).eta, in_zone("2020-03-29T11:00", after));
	assert_int_equal(night_violations(&night, in_zone("2020-03-29T11:00", after)), 0);
}

static void new_windows_at_midnight_leave_no_gap_and_page_nobody_twice(void **state)
{
	(void)state;
	windows_change_at_midnight(SHANGHAI, "+08:00", "+08:00");
}

static void the_same_on_the_night_the_clocks_change(void **state)
{
	(void)state;
	windows_change_at_midnight(LONDON, "+00:00", "+01:00");
}

static void settled_by_a_human_an_evening_stays_settled_under_new_windows(void **state)
{
	(void)state;
	night_policies(&night, SHANGHAI, OLD, NEWER_WINDOWS, at("2020-03-26T00:00"));
	come_home("1", COMMITTEE, at("2020-03-27T10:00"));
	night_pass(&night, at("2020-03-28T07:00"));
	check_in("1", at("2020-03-28T07:00"));
	night_pass(&night, at("2020-03-28T23:30"));
	struct alert alert;
	bool found;
	assert_int_equal(night.store->ops->alert_find(night.store, ALERT_MISSED_CHECK, "checks",
						      COMMITTEE, &alert, &found, NULL),
			 0);
	assert_true(found);
	struct fact *resolved = person(FACT_ALERT_RESOLVED, NULL, at("2020-03-28T23:30"));
	resolved->alert = alert.id;
	resolved->outcome = "reached";
	resolved->by = "duty";
	tell(resolved);
	assert_int_equal(missed(true).alerts, 0);
	/* By the new windows that evening would have ended at midnight, after the answer. */
	night_pass(&night, at("2020-03-29T00:00"));
	assert_string_equal(policy_of("1"), "newer");
	night_pass(&night, at("2020-03-29T10:59"));
	assert_int_equal(missed(true).alerts, 0);
}

/* The policy TEXT tried at NOW, a journey at a time. */
static const struct policy_diff *try_policy(const char *text, int64_t now)
{
	struct policy_diff *diff = arena_alloc(&night.arena, sizeof(*diff));
	struct conf_report report;
	struct policy_trial *trial;
	const struct policy *tried;
	struct err err = ERR_INIT;
	struct conf *with;
	bool done = false;
	int steps = 0;

	assert_int_equal(conf_with_policy(&with, night.conf, "new", text, strlen(text),
					  night.gazetteer, &tried, &report),
			 0);
	assert_int_equal(policy_trial_begin(&trial, night.engine, with, tried, now, &err), 0);
	for (; !done; steps++)
		assert_int_equal(policy_trial_step(trial, 1, &done, &err), 0);
	*diff = *policy_trial_diff(trial);
	assert_in_range(steps, diff->journeys, diff->journeys + 1);
	policy_trial_free(trial);
	conf_free(with);
	conf_report_free(&report);
	return diff;
}

static void a_diff_counts_journeys_one_by_one_and_alerts_once_each(void **state)
{
	(void)state;
	int64_t now = at("2020-03-08T12:00");
	night_policies(&night, SHANGHAI, OLD, NULL, at("2020-03-08T00:00"));
	for (int i = 0; i < 30; i++) {
		struct fact *desk = person(FACT_REGISTERED, arena_printf(&night.arena, "%d", i),
					   at("2020-03-08T10:00"));
		desk->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
		desk->field[FIELD_COMMITTEE] = i < 20 ? COMMITTEE : OTHER_COMMITTEE;
		desk->flight_sched = at("2020-03-08T08:00");
		tell(desk);
	}
	come_home("home", COMMITTEE, at("2020-03-08T09:00"));
	const struct policy_diff *diff =
		try_policy("{policy: old, in_force_from: 2020-03-01, transfer: {board_within: 1h}}",
			   now);
	assert_int_equal(diff->journeys, 31);
	assert_int_equal(diff->other_policy, 31);
	assert_int_equal(diff->changed, 30);
	/* Thirty people, one flight, two committees. */
	assert_int_equal(diff->alerts_more, 2);
	assert_int_equal(diff->alerts_fewer, 0);
	assert_int_equal(diff->examples_len, POLICY_EXAMPLES_MAX);
	assert_string_equal(diff->examples[0].alerts, "+not_boarded");
	diff = try_policy("{policy: old, in_force_from: 2020-03-01, isolation: {days: 20}}", now);
	assert_int_equal(diff->changed, 31);
	assert_int_equal(diff->ends_later, 31);
	assert_int_equal(diff->released_later, 1);
	assert_int_equal(diff->released_earlier + diff->ends_earlier, 0);
	/* Nobody was touched. */
	assert_string_equal(policy_of("home"), "old");
	assert_int_equal(find("home")->days, 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(day_0_decides_and_not_the_first_fact, begin, end),
		cmocka_unit_test_setup_teardown(an_override_follows_what_is_known_of_her, begin,
						end),
		cmocka_unit_test_setup_teardown(
			a_policy_for_open_journeys_takes_over_at_its_midnight, begin, end),
		cmocka_unit_test_setup_teardown(other_policies_after_a_reload_reach_everybody_open,
						begin, end),
		cmocka_unit_test_setup_teardown(
			new_windows_at_midnight_leave_no_gap_and_page_nobody_twice, begin, end),
		cmocka_unit_test_setup_teardown(the_same_on_the_night_the_clocks_change, begin,
						end),
		cmocka_unit_test_setup_teardown(
			settled_by_a_human_an_evening_stays_settled_under_new_windows, begin, end),
		cmocka_unit_test_setup_teardown(
			a_diff_counts_journeys_one_by_one_and_alerts_once_each, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
