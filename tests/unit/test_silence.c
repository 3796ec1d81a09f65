/* test_silence.c — which alerts a silence hides, which silences may be made, what being held does
 * to an alert. Neighbours: test_hold.c, the same through the engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "closedloop/silence.h"
#include "closedloop/text.h"

#define NOW INT64_C(1583690000000)

static struct silence silence_of(const char *kind, const char *unit, const char *subject)
{
	struct silence silence = {.made_at = NOW,
				  .ends_at = NOW + WHEN_HOUR,
				  .ended_at = WHEN_NEVER,
				  .author = "张",
				  .reason = "演练"};

	text_copy(silence.kind, sizeof(silence.kind), kind);
	text_copy(silence.unit, sizeof(silence.unit), unit);
	text_copy(silence.subject, sizeof(silence.subject), subject);
	return silence;
}

static struct alert alert_of(enum alert_kind kind, const char *unit, const char *subject)
{
	struct alert alert = {.id = 7, .kind = kind, .next_at = NOW, .due = NOW, .opened_at = NOW};

	text_copy(alert.unit, sizeof(alert.unit), unit);
	text_copy(alert.subject, sizeof(alert.subject), subject);
	return alert;
}

static bool hides(const struct silence *silence, const struct alert *alert, int64_t now)
{
	return silence_hides(silence, alert, "robot", now);
}

static void silence_hides_what_matches_all_it_names_and_only_until_its_end(void **state)
{
	(void)state;
	struct alert missed = alert_of(ALERT_MISSED_CHECK, "310112101007", "2020-03-09 evening");
	static const struct {
		const char *kind, *unit, *subject;
		bool hidden;
	} rows[] = {
		{"missed_check", "", "", true},
		{"task_overdue", "", "", false},
		{"", "310112", "", true},
		{"", "310112101007", "", true},
		{"", "310110", "", false},
		{"", "310112101008", "", false},
		{"", "", "2020-03-09 evening", true},
		{"", "", "2020-03-09", false},
		{"missed_check", "3101", "2020-03-09 evening", true},
		{"missed_check", "3102", "2020-03-09 evening", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct silence silence = silence_of(rows[i].kind, rows[i].unit, rows[i].subject);

		assert_int_equal(hides(&silence, &missed, NOW), rows[i].hidden);
		assert_false(hides(&silence, &missed, silence.ends_at));
		silence.ended_at = NOW + WHEN_MINUTE;
		assert_false(hides(&silence, &missed, NOW + WHEN_MINUTE));
	}
}

static void urgent_kinds_are_hidden_by_force_alone_and_two_never(void **state)
{
	(void)state;
	struct silence all = silence_of("", "31", "");
	struct silence system = silence_of("endpoint_sick", "", "");
	struct alert fever = alert_of(ALERT_FEVER, "310112101007", "jny_1");
	struct alert broken = alert_of(ALERT_LOOP_BROKEN, "", "census");
	struct alert robot = alert_of(ALERT_ENDPOINT_SICK, "", "robot");
	struct alert other = alert_of(ALERT_ENDPOINT_SICK, "", "gate");

	assert_false(hides(&all, &fever, NOW));
	all.force = system.force = true;
	assert_true(hides(&all, &fever, NOW));
	assert_true(hides(&system, &other, NOW));
	assert_false(hides(&system, &robot, NOW));
	system.kind[0] = '\0';
	assert_false(hides(&system, &broken, NOW));
	assert_false(hides(&system, &robot, NOW));
}

static void no_silence_without_author_reason_end_and_something_to_match(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct silence good = silence_of("missed_check", "310112", "");
	struct silence bad;
	static const char *const urgent[] = {"fever", "stand_down", "feed_silent"};

	assert_int_equal(silence_check(&good, "robot", NOW, &err), 0);
#define REFUSED(change, word)                                                                      \
	do {                                                                                       \
		bad = good;                                                                        \
		change;                                                                            \
		assert_int_equal(silence_check(&bad, "robot", NOW, &err), CL_EINVAL);              \
		assert_non_null(strstr(err.text, word));                                           \
	} while (0)
	REFUSED(bad.author[0] = '\0', "by is missing");
	REFUSED(bad.reason[0] = '\0', "reason is missing");
	REFUSED(bad.kind[0] = bad.unit[0] = '\0', "kind, unit and subject");
	REFUSED(bad.ends_at = NOW, "not in the future");
	REFUSED(bad.ends_at = NOW + SILENCE_MAX + 1, "24 h");
	REFUSED(text_copy(bad.kind, sizeof(bad.kind), "missed_chek"),
		"did you mean \"missed_check\"?");
	REFUSED(text_copy(bad.kind, sizeof(bad.kind), "weather"), "no kind of alert");
	REFUSED(text_copy(bad.kind, sizeof(bad.kind), "loop_broken"), "never silenced");
	bad.force = true;
	assert_int_equal(silence_check(&bad, "robot", NOW, &err), CL_EINVAL);
	for (size_t i = 0; i < ARRAY_LEN(urgent); i++) {
		REFUSED(text_copy(bad.kind, sizeof(bad.kind), urgent[i]), "force: true");
		bad.force = true;
		assert_int_equal(silence_check(&bad, "robot", NOW, &err), 0);
	}
	bad = silence_of("endpoint_sick", "", "robot");
	bad.force = true;
	assert_int_equal(silence_check(&bad, "robot", NOW, &err), CL_EINVAL);
	good.ends_at = NOW + SILENCE_MAX;
	assert_int_equal(silence_check(&good, "robot", NOW, &err), 0);
}

static void held_alert_is_due_at_the_end_of_its_hold_and_a_longer_ack_is_not_cut(void **state)
{
	(void)state;
	struct alert alert = alert_of(ALERT_TASK_OVERDUE, "310112101007", "jny_1");

	alert_hold(&alert, HOLD_SILENCE, 3, NOW + WHEN_HOUR, NOW);
	assert_int_equal(alert.next_at, NOW + WHEN_HOUR);
	alert_release(&alert, NOW + WHEN_MINUTE);
	assert_int_equal(alert.next_at, NOW + WHEN_MINUTE);
	assert_int_equal(alert.hold, HOLD_NONE);
	assert_int_equal(alert.hold_until, NOW + WHEN_MINUTE);

	alert.next_at = NOW + 5 * WHEN_HOUR; /* Acknowledged, then changed. */
	alert_hold(&alert, HOLD_SILENCE, 3, NOW + WHEN_HOUR, NOW);
	assert_int_equal(alert.next_at, NOW + 5 * WHEN_HOUR);
	alert_release(&alert, NOW + WHEN_MINUTE);
	assert_int_equal(alert.next_at, NOW + 5 * WHEN_HOUR);
}

static void every_kind_that_inhibits_is_known_by_its_targets(void **state)
{
	(void)state;
	int targets = 0, sources = 0;

	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		const struct inhibition *rule = NULL;

		sources += inhibits_others((enum alert_kind)kind);
		while ((rule = inhibition_of((enum alert_kind)kind, rule)) != NULL) {
			assert_true(inhibits_others(rule->source));
			assert_int_equal(rule->target, kind);
			/* Two that hide each other would be told by nobody. */
			assert_false(inhibits_others(rule->target));
			targets++;
		}
	}
	assert_int_equal(targets, 3);
	assert_int_equal(sources, 2);
}

static void outcome_is_a_code(void **state)
{
	(void)state;
	static const char *const codes[] = {"a", "seen_by_doctor", "x9_",
					    "abcdefghijklmnopqrstuvwxyz012345"};
	static const char *const others[] = {"",	"9x",
					     "_x",	"Seen",
					     "seen by", "病好了",
					     "a-b",	"abcdefghijklmnopqrstuvwxyz0123456"};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		assert_true(alert_is_outcome(codes[i]));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(alert_is_outcome(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_hides_what_matches_all_it_names_and_only_until_its_end),
		cmocka_unit_test(urgent_kinds_are_hidden_by_force_alone_and_two_never),
		cmocka_unit_test(no_silence_without_author_reason_end_and_something_to_match),
		cmocka_unit_test(
			held_alert_is_due_at_the_end_of_its_hold_and_a_longer_ack_is_not_cut),
		cmocka_unit_test(every_kind_that_inhibits_is_known_by_its_targets),
		cmocka_unit_test(outcome_is_a_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
