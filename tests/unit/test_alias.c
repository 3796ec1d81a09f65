/* test_alias.c — what officers taught answers questions, and never overrules what is written.
 *
 * Neighbours: test_learning.c, the same through the engine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/alias.h"

#define HERE	  "310105008038"
#define THERE	  "310105008039"
#define ELSEWHERE "310104013001"

static struct match asked(enum match_why why, const char *scope)
{
	struct match match = {.verdict = MATCH_AMBIGUOUS, .why = why};

	text_copy(match.code, sizeof(match.code), scope);
	return match;
}

static void add_candidate(struct match *match, const char *code)
{
	text_copy(match->candidates[match->candidates_len++].code, UNIT_CODE_CAP, code);
}

static struct alias_taught taught(enum match_key_kind kind, const char *code, const char *other)
{
	struct alias_taught taught = {.keys[0].len = 0};

	alias_learn(&taught.keys[kind], code);
	if (other)
		alias_learn(&taught.keys[kind], other);
	return taught;
}

static void the_same_words_again_are_an_answer(void **state)
{
	(void)state;
	struct match match = asked(MATCH_WHY_NOTHING, "");
	const struct alias_taught one = taught(MATCH_KEY_ADDRESS, HERE, NULL);

	match.verdict = MATCH_UNMATCHED;
	alias_judge(&one, &match);
	assert_int_equal(match.verdict, MATCH_EXACT);
	assert_int_equal(match.why, MATCH_WHY_ALIAS);
	assert_string_equal(match.code, HERE);
	assert_true(match.confidence >= 0.95);
	assert_int_equal(match.candidates_len, 1);
}

static void the_same_lane_is_a_probable_answer(void **state)
{
	(void)state;
	struct match match = asked(MATCH_WHY_NO_RULE, "310105");
	const struct alias_taught one = taught(MATCH_KEY_DOOR, HERE, NULL);

	alias_judge(&one, &match);
	assert_int_equal(match.verdict, MATCH_PROBABLE);
	assert_string_equal(match.code, HERE);
	assert_true(match.confidence >= 0.9 && match.confidence < 0.95);
}

static void one_home_of_an_estate_says_less_than_two(void **state)
{
	(void)state;
	const struct alias_taught once = taught(MATCH_KEY_ESTATE, HERE, NULL);
	const struct alias_taught twice = taught(MATCH_KEY_ESTATE, HERE, HERE);
	struct match match = asked(MATCH_WHY_PLACE, "310105"), sure = match;

	alias_judge(&once, &match);
	alias_judge(&twice, &sure);
	assert_int_equal(match.verdict, MATCH_PROBABLE);
	assert_true(match.confidence < 0.9);
	assert_true(sure.confidence >= 0.9);
}

static void officers_who_disagree_make_it_a_question_with_both(void **state)
{
	(void)state;
	for (int kind = 0; kind < MATCH_KEYS; kind++) {
		const struct alias_taught both = taught((enum match_key_kind)kind, THERE, HERE);
		struct match match = asked(MATCH_WHY_PLACE, "310105");

		alias_judge(&both, &match);
		assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
		assert_int_equal(match.why, MATCH_WHY_ALIASES);
		assert_string_equal(match.code, "310105");
		assert_int_equal(match.candidates_len, 2);
		assert_string_equal(match.candidates[0].code, HERE);
		assert_string_equal(match.candidates[1].code, THERE);
	}
}

static void a_committee_that_is_written_stands(void **state)
{
	(void)state;
	for (int kind = 0; kind < MATCH_KEYS; kind++) {
		const struct alias_taught one = taught((enum match_key_kind)kind, THERE, NULL);
		struct match match = asked(MATCH_WHY_CHAIN, HERE);

		match.verdict = MATCH_EXACT;
		match.confidence = 1;
		assert_false(alias_may_help(&match));
		alias_judge(&one, &match);
		assert_int_equal(match.verdict, MATCH_EXACT);
		assert_string_equal(match.code, HERE);
		assert_int_equal(match.why, MATCH_WHY_CHAIN);
	}
}

static void a_rule_stands_and_so_does_one_for_the_other_kind_of_number(void **state)
{
	(void)state;
	const struct alias_taught one = taught(MATCH_KEY_ADDRESS, THERE, NULL);
	struct match match = asked(MATCH_WHY_RULE_OTHER, HERE);

	match.verdict = MATCH_PROBABLE;
	alias_judge(&one, &match);
	assert_int_equal(match.why, MATCH_WHY_RULE_OTHER);
	assert_string_equal(match.code, HERE);
}

static void against_a_probable_answer_the_same_words_ask(void **state)
{
	(void)state;
	const struct alias_taught other = taught(MATCH_KEY_ADDRESS, THERE, NULL);
	const struct alias_taught same = taught(MATCH_KEY_ADDRESS, HERE, NULL);
	struct match match = asked(MATCH_WHY_TYPO, HERE), agreed;

	match.verdict = MATCH_PROBABLE;
	add_candidate(&match, HERE);
	agreed = match;
	alias_judge(&other, &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_int_equal(match.candidates_len, 2);
	assert_string_equal(match.code, "310105008");
	alias_judge(&same, &agreed);
	assert_int_equal(agreed.verdict, MATCH_EXACT);
	assert_string_equal(agreed.code, HERE);
}

static void a_lane_does_not_contradict_what_is_written(void **state)
{
	(void)state;
	static const enum match_why closed[] = {MATCH_WHY_CONTRADICTED, MATCH_WHY_TORN,
						MATCH_WHY_RULES, MATCH_WHY_RULE_AGAINST};
	const struct alias_taught one = taught(MATCH_KEY_DOOR, HERE, NULL);

	for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
		struct match match = asked(closed[i], "310105");

		alias_judge(&one, &match);
		assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
		assert_int_equal(match.why, closed[i]);
		/* … but who answers sees what was answered before. */
		assert_string_equal(match.candidates[0].code, HERE);
	}
}

static void a_lane_answers_only_inside_what_the_text_settles(void **state)
{
	(void)state;
	const struct alias_taught one = taught(MATCH_KEY_DOOR, ELSEWHERE, NULL);
	struct match match = asked(MATCH_WHY_PLACE, "310105");

	alias_judge(&one, &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_string_equal(match.code, "310105");
}

static void of_several_the_lane_picks_one_of_them_or_none(void **state)
{
	(void)state;
	const struct alias_taught in = taught(MATCH_KEY_DOOR, THERE, NULL);
	const struct alias_taught out = taught(MATCH_KEY_DOOR, ELSEWHERE, NULL);
	struct match match = asked(MATCH_WHY_SEVERAL, "310105"), other;

	add_candidate(&match, HERE);
	add_candidate(&match, THERE);
	other = match;
	alias_judge(&in, &match);
	assert_int_equal(match.verdict, MATCH_PROBABLE);
	assert_string_equal(match.code, THERE);
	alias_judge(&out, &other);
	assert_int_equal(other.verdict, MATCH_AMBIGUOUS);
	assert_int_equal(other.why, MATCH_WHY_SEVERAL);
	assert_int_equal(other.candidates_len, 3);
}

static void who_says_it_is_not_theirs_does_not_get_it(void **state)
{
	(void)state;
	const struct alias_taught theirs = taught(MATCH_KEY_DOOR, HERE, NULL);
	const struct alias_taught others = taught(MATCH_KEY_DOOR, THERE, NULL);
	struct match match = asked(MATCH_WHY_NOT_OURS, "310105008"), other;

	add_candidate(&match, HERE);
	other = match;
	alias_judge(&theirs, &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	alias_judge(&others, &other);
	assert_int_equal(other.verdict, MATCH_PROBABLE);
	assert_string_equal(other.code, THERE);
}

static void the_narrowest_key_decides(void **state)
{
	(void)state;
	struct alias_taught both = taught(MATCH_KEY_DOOR, HERE, NULL);
	struct match match = asked(MATCH_WHY_PLACE, "310105");

	alias_learn(&both.keys[MATCH_KEY_ESTATE], THERE);
	alias_judge(&both, &match);
	assert_string_equal(match.code, HERE);
}

static void more_codes_than_fit_are_still_a_question(void **state)
{
	(void)state;
	struct alias_codes codes = {.len = 0};
	char code[UNIT_CODE_CAP] = "310105008000";

	for (int i = 0; i < 2 * ALIAS_CODES_MAX; i++) {
		code[10] = (char)('0' + i / 10);
		code[11] = (char)('0' + i % 10);
		alias_learn(&codes, code);
		alias_learn(&codes, code);
	}
	assert_int_equal(codes.len, ALIAS_CODES_MAX);
	assert_int_equal(codes.of[0].times, 2);
	for (size_t i = 1; i < codes.len; i++)
		assert_true(strcmp(codes.of[i - 1].code, codes.of[i].code) < 0);
}

static void nothing_taught_changes_nothing(void **state)
{
	(void)state;
	const struct alias_taught nothing = {.keys[0].len = 0};
	struct match match = asked(MATCH_WHY_PLACE, "310105");
	const struct match before = match;

	alias_judge(&nothing, &match);
	assert_memory_equal(&match, &before, sizeof(match));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_words_again_are_an_answer),
		cmocka_unit_test(the_same_lane_is_a_probable_answer),
		cmocka_unit_test(one_home_of_an_estate_says_less_than_two),
		cmocka_unit_test(officers_who_disagree_make_it_a_question_with_both),
		cmocka_unit_test(a_committee_that_is_written_stands),
		cmocka_unit_test(a_rule_stands_and_so_does_one_for_the_other_kind_of_number),
		cmocka_unit_test(against_a_probable_answer_the_same_words_ask),
		cmocka_unit_test(a_lane_does_not_contradict_what_is_written),
		cmocka_unit_test(a_lane_answers_only_inside_what_the_text_settles),
		cmocka_unit_test(of_several_the_lane_picks_one_of_them_or_none),
		cmocka_unit_test(who_says_it_is_not_theirs_does_not_get_it),
		cmocka_unit_test(the_narrowest_key_decides),
		cmocka_unit_test(more_codes_than_fit_are_still_a_question),
		cmocka_unit_test(nothing_taught_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
