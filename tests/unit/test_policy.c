/* test_policy.c — the built-in numbers are those of the rules table, and the questions about health
 * answer as it says. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "closedloop/journey.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

static struct policy policy;

static int begin(void **state)
{
	(void)state;
	memset(&policy, 0xA5, sizeof(policy)); /* Defaults must not depend on what was there. */
	policy_defaults(&policy);
	return 0;
}

static void defaults_are_the_rules_of_march_2020(void **state)
{
	(void)state;
	assert_string_equal(policy.name, "national-2020-03");
	assert_string_equal(policy.hash, "0000000000000000");
	assert_int_equal(policy.in_force_from, when_day_of(2020, 1, 1));
	assert_int_equal(policy.isolation_days, 14);
	assert_int_equal(policy.count, COUNT_CALENDAR);
	assert_true(policy.household_clock);
	assert_false(policy.applies_to_open);
	assert_int_equal(policy.morning.from, 6 * WHEN_HOUR);
	assert_int_equal(policy.morning.to, 12 * WHEN_HOUR);
	assert_int_equal(policy.evening.from, 17 * WHEN_HOUR);
	assert_int_equal(policy.evening.to, 23 * WHEN_HOUR);
	assert_int_equal(policy.remind_after_open, 2 * WHEN_HOUR);
	assert_int_equal(policy.remind_before_end, WHEN_HOUR);
	assert_int_equal(policy.check_edit_within, WHEN_DAY);
	assert_int_equal(policy.landing_to_gate, 5 * WHEN_HOUR);
	assert_int_equal(policy.eta_earlier_notify, 10 * WHEN_MINUTE);
	assert_int_equal(policy.arrival_stale_after, 12 * WHEN_HOUR);
	assert_int_equal(policy.register_within, 8 * WHEN_HOUR);
	assert_int_equal(policy.board_within, 4 * WHEN_HOUR);
	assert_int_equal(policy.transfer_overdue_after, 20 * WHEN_MINUTE);
	assert_int_equal(policy.transfer_without_eta, 3 * WHEN_HOUR);
	assert_int_equal(policy.gate_accept_within, 15 * WHEN_MINUTE);
	assert_int_equal(policy.private_car_within, 3 * WHEN_HOUR);
	assert_int_equal(policy.delivered_within, 6 * WHEN_HOUR);
	assert_int_equal(policy.no_show_after, 24 * WHEN_HOUR);
	assert_int_equal(policy.leave_longest, 12 * WHEN_HOUR);
	assert_int_equal(policy.leave_grace, 15 * WHEN_MINUTE);
	assert_int_equal(policy.inhibit_at_most, 60 * WHEN_MINUTE);
	assert_int_equal(policy.address_resolve_within, 15 * WHEN_MINUTE);
	assert_int_equal(policy.address_before_eta, 60 * WHEN_MINUTE);
	assert_int_equal(policy.release_at, 9 * WHEN_HOUR);
	assert_int_equal(policy.release_full_days, 3);
	assert_int_equal(policy.ack_expires, 30 * WHEN_MINUTE);
	assert_int_equal(policy.recheck_after, 60 * WHEN_MINUTE);
	assert_int_equal(policy.group_wait, 60 * WHEN_SECOND);
	assert_int_equal(policy.erase_after, 30 * WHEN_DAY);
}

static void checklist_comes_in_order_of_its_lead_times(void **state)
{
	static const char *const names[] = {"verify_address", "inspect_home", "disinfect",
					    "welcome_kit",    "tell_doctor",  "gate_team"};
	static const int64_t minutes[] = {120, 90, 60, 45, 45, 10};

	(void)state;
	assert_int_equal(policy.tasks_len, ARRAY_LEN(names));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_string_equal(policy.tasks[i].name, names[i]);
		assert_int_equal(policy.tasks[i].before_eta, minutes[i] * WHEN_MINUTE);
	}
}

static void exactly_37_3_is_no_fever_unless_inclusive(void **state)
{
	(void)state;
	assert_false(policy_is_fever(&policy, 365));
	assert_false(policy_is_fever(&policy, 373));
	assert_true(policy_is_fever(&policy, 374));
	policy.fever_inclusive = true;
	assert_false(policy_is_fever(&policy, 372));
	assert_true(policy_is_fever(&policy, 373));
}

static void listed_symptoms_count_like_fever_and_others_do_not(void **state)
{
	static const char *const listed[] = {"fever",	"dry_cough",	   "short_breath",
					     "dyspnea", "chest_tightness", "sore_throat",
					     "fatigue", "diarrhea",	   "loss_of_smell"};
	static const char *const others[] = {"",     "none",   "headache", "rash",
					     "feve", "fever ", "FEVER"};

	(void)state;
	assert_int_equal(policy.symptoms_len, ARRAY_LEN(listed));
	for (size_t i = 0; i < ARRAY_LEN(listed); i++)
		assert_true(policy_is_symptom(&policy, listed[i]));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(policy_is_symptom(&policy, others[i]));
}

static void new_windows_never_judge_the_days_before_them(void **state)
{
	struct zone *zone = zone_fixed(8 * 3600);
	struct policy newer = policy;
	int32_t day0 = when_day_of(2020, 3, 1);
	int64_t from, to;
	bool evening;
	int day;

	(void)state;
	newer.in_force_from = day0 + 5;
	newer.morning = (struct policy_slot){.from = 4 * WHEN_HOUR, .to = 10 * WHEN_HOUR};
	newer.before = &policy;
	isolation_window(&newer, zone, day0, 4, false, &from, &to);
	assert_int_equal(from, when_at(zone, day0 + 4, 6 * WHEN_HOUR));
	assert_int_equal(to, when_at(zone, day0 + 4, 12 * WHEN_HOUR));
	isolation_window(&newer, zone, day0, 5, false, &from, &to);
	assert_int_equal(from, when_at(zone, day0 + 5, 4 * WHEN_HOUR));
	assert_int_equal(to, when_at(zone, day0 + 5, 10 * WHEN_HOUR));
	/* At 05:00 it was still yesterday evening, and is a morning from the new day on. */
	isolation_slot(&newer, zone, day0, when_at(zone, day0 + 4, 5 * WHEN_HOUR), &day, &evening);
	assert_int_equal(day, 3);
	assert_true(evening);
	isolation_slot(&newer, zone, day0, when_at(zone, day0 + 5, 5 * WHEN_HOUR), &day, &evening);
	assert_int_equal(day, 5);
	assert_false(evening);
	zone_free(zone);
}

static void a_sticker_says_what_the_policy_says_and_else_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < STICKERS; i++)
		assert_null(policy_sticker(&policy, sticker_word((enum sticker)i)));
	assert_true(text_copy(policy.stickers[STICKER_YELLOW], POLICY_WORD_CAP, "central"));
	assert_true(text_copy(policy.stickers[STICKER_NONE], POLICY_WORD_CAP, "other_province"));
	assert_string_equal(policy_sticker(&policy, "yellow"), "central");
	assert_string_equal(policy_sticker(&policy, "none"), "other_province");
	assert_null(policy_sticker(&policy, "green"));
	assert_null(policy_sticker(&policy, "blue"));
	assert_null(policy_sticker(&policy, ""));
	assert_null(policy_sticker(&policy, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(defaults_are_the_rules_of_march_2020, begin),
		cmocka_unit_test_setup(checklist_comes_in_order_of_its_lead_times, begin),
		cmocka_unit_test_setup(exactly_37_3_is_no_fever_unless_inclusive, begin),
		cmocka_unit_test_setup(listed_symptoms_count_like_fever_and_others_do_not, begin),
		cmocka_unit_test_setup(new_windows_never_judge_the_days_before_them, begin),
		cmocka_unit_test_setup(a_sticker_says_what_the_policy_says_and_else_nothing, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
