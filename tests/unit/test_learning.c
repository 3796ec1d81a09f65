/* test_learning.c — an officer's assignment teaches the next traveller's match, in whatever order
 * facts come, and undone it is as if it had never been.
 *
 * Neighbours: test_alias.c, what a lesson means; night.c, the engine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"

#define ADDRESS "某某路不知道几号"
#define SOURCE	"/airport"
#define DAY	"2020-03-08T"

static struct night night;
static struct journey journey;

static int setup(void **state)
{
	(void)state;
	night_open(&night);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	night_close(&night);
	return 0;
}

static struct fact *registered(const char *ref, const char *address, const char *when)
{
	struct fact *fact = night_person(&night, FACT_REGISTERED, SOURCE, ref, NULL, when);

	fact->field[FIELD_ADDRESS] = address;
	fact->field[FIELD_COMMITTEE] = FIELD_NOTHING;
	fact->field[FIELD_DISTRICT] = "310112";
	return fact;
}

static struct fact *assigned(const char *ref, const char *code, const char *by, const char *when)
{
	struct fact *fact = night_person(&night, FACT_ASSIGNED, SOURCE, ref, NULL, when);

	fact->field[FIELD_ASSIGNED] = code;
	fact->by = by;
	return fact;
}

static void tell(struct fact *fact)
{
	struct fact_result result = night_submit(&night, fact, fact->stamp.at);

	assert_int_equal(result.code, CL_OK);
	night_pass(&night, fact->stamp.at);
}

static const char *unit_of(const char *ref)
{
	night_journey(&night, SOURCE, ref, &journey);
	return journey.unit ? journey.unit : "";
}

static bool is_asked(const char *ref)
{
	night_journey(&night, SOURCE, ref, &journey);
	return joined(&journey, ALERT_ADDRESS);
}

struct seen {
	size_t len;
	struct store_alias rows[16];
};

static void see(void *context, const void *row)
{
	struct seen *seen = context;

	seen->rows[seen->len++] = *(const struct store_alias *)row;
}

static struct seen lessons(void)
{
	struct seen seen = {.len = 0};
	struct err err = ERR_INIT;

	assert_int_equal(night.store->ops->aliases_see(night.store, NULL, "", false, INT64_MAX, 16,
						       &night.arena, see, &seen, &err),
			 0);
	return seen;
}

static void undo(int64_t alias, const char *when)
{
	struct fact *fact = night_fact(&night, FACT_ALIAS_UNDONE, at(when), "api/duty");

	fact->alias = alias;
	fact->by = "陈";
	tell(fact);
}

static void the_next_with_the_same_address_needs_no_human(void **state)
{
	(void)state;
	tell(registered("P1", ADDRESS, DAY "12:00"));
	assert_true(is_asked("P1"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	assert_false(is_asked("P1"));
	tell(registered("P2", ADDRESS, DAY "12:10"));
	assert_string_equal(unit_of("P2"), COMMITTEE);
	assert_false(is_asked("P2"));
	assert_string_equal(journey_matched(&journey).why, "alias");
	struct seen seen = lessons();
	assert_true(seen.len >= 1);
	assert_string_equal(seen.rows[0].code, COMMITTEE);
	assert_string_equal(seen.rows[0].by, "王");
	assert_int_equal(seen.rows[0].at, at(DAY "12:05"));
}

static void the_address_itself_is_not_kept(void **state)
{
	(void)state;
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	struct seen seen = lessons();
	for (size_t i = 0; i < seen.len; i++) {
		if (seen.rows[i].kind == MATCH_KEY_ADDRESS)
			assert_int_equal(strspn(seen.rows[i].key, "0123456789abcdef"), 32);
	}
}

static void who_waits_for_the_same_answer_gets_it(void **state)
{
	(void)state;
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(registered("P2", ADDRESS, DAY "12:01"));
	assert_true(is_asked("P2"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	assert_string_equal(unit_of("P2"), COMMITTEE);
	assert_false(is_asked("P2"));
}

static void another_room_is_not_the_same_address(void **state)
{
	(void)state;
	struct fact *first = registered("P1", ADDRESS, DAY "12:00");
	struct fact *second = registered("P2", ADDRESS, DAY "12:10");

	first->field[FIELD_BUILDING] = "3 402";
	second->field[FIELD_BUILDING] = "7 101";
	tell(first);
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	tell(second);
	assert_true(is_asked("P2"));
}

static void what_says_nothing_teaches_nothing(void **state)
{
	(void)state;
	tell(registered("P1", "？？", DAY "12:00"));
	assert_true(is_asked("P1"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	tell(registered("P2", "……", DAY "12:10"));
	assert_true(is_asked("P2"));
}

static void officers_who_disagree_make_it_a_question_again(void **state)
{
	(void)state;
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(registered("P2", ADDRESS, DAY "12:01"));
	tell(registered("P3", ADDRESS, DAY "12:02"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	assert_false(is_asked("P3"));
	tell(assigned("P2", OTHER_COMMITTEE, "李", DAY "12:06"));
	assert_true(is_asked("P3"));
	assert_string_equal(journey_matched(&journey).why, "aliases");
	/* Those an officer named stay where he put them. */
	assert_string_equal(unit_of("P1"), COMMITTEE);
	assert_string_equal(unit_of("P2"), OTHER_COMMITTEE);
	const struct dwelling dwelling = {.address = ADDRESS};
	struct match match;
	struct err err = ERR_INIT;
	assert_int_equal(engine_match(night.engine, &dwelling, &night.arena, &match, &err), 0);
	assert_int_equal(match.candidates_len, 2);
}

static void a_corrected_assignment_teaches_only_its_last(void **state)
{
	(void)state;
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(assigned("P1", OTHER_COMMITTEE, "王", DAY "12:05"));
	tell(registered("P2", ADDRESS, DAY "12:06"));
	assert_string_equal(unit_of("P2"), OTHER_COMMITTEE);
	tell(assigned("P1", COMMITTEE, "王", DAY "12:07"));
	assert_string_equal(unit_of("P1"), COMMITTEE);
	assert_string_equal(unit_of("P2"), COMMITTEE);
}

static void undone_it_is_as_if_it_had_never_been(void **state)
{
	(void)state;
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	tell(registered("P2", ADDRESS, DAY "12:06"));
	struct seen seen = lessons();
	for (size_t i = 0; i < seen.len; i++)
		undo(seen.rows[i].id, DAY "12:07");
	assert_int_equal(lessons().len, 0);
	assert_true(is_asked("P2"));
	assert_string_equal(unit_of("P1"), COMMITTEE);
	/* A later assignment teaches again. */
	tell(assigned("P1", COMMITTEE, "李", DAY "12:08"));
	assert_string_equal(unit_of("P2"), COMMITTEE);
}

static void undoing_one_of_two_settles_it(void **state)
{
	(void)state;
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(registered("P2", ADDRESS, DAY "12:01"));
	tell(registered("P3", ADDRESS, DAY "12:02"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	tell(assigned("P2", OTHER_COMMITTEE, "李", DAY "12:06"));
	struct seen seen = lessons();
	for (size_t i = 0; i < seen.len; i++) {
		if (strcmp(seen.rows[i].code, OTHER_COMMITTEE) == 0)
			undo(seen.rows[i].id, DAY "12:07");
	}
	assert_string_equal(unit_of("P3"), COMMITTEE);
	assert_false(is_asked("P3"));
}

static void a_lesson_is_about_the_address_the_officer_saw(void **state)
{
	(void)state;
	struct fact *moved = night_person(&night, FACT_CORRECTED, SOURCE, "P1", NULL, DAY "12:30");

	moved->field[FIELD_ADDRESS] = "另一条不认识的路";
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	tell(moved);
	tell(registered("P2", ADDRESS, DAY "12:40"));
	assert_string_equal(unit_of("P2"), COMMITTEE);
	assert_true(is_asked("P1"));
}

/* Two records turn out to be one person: her latest assignment teaches, once. */
static void of_two_records_of_one_person_the_later_assignment_teaches(void **state)
{
	(void)state;
	struct fact *one = night_person(&night, FACT_ANNOUNCED, SOURCE, "P1", "M1", DAY "12:20");
	struct fact *other = night_person(&night, FACT_ANNOUNCED, SOURCE, "P2", "M1", DAY "12:21");

	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(registered("P2", ADDRESS, DAY "12:01"));
	tell(registered("P3", ADDRESS, DAY "12:02"));
	tell(assigned("P1", OTHER_COMMITTEE, "王", DAY "12:05"));
	tell(assigned("P2", COMMITTEE, "李", DAY "12:06"));
	assert_true(is_asked("P3"));
	tell(one);
	tell(other);
	assert_string_equal(unit_of("P1"), COMMITTEE);
	struct seen seen = lessons();
	assert_true(seen.len > 0);
	for (size_t i = 0; i < seen.len; i++)
		assert_string_equal(seen.rows[i].code, COMMITTEE);
	assert_string_equal(unit_of("P3"), COMMITTEE);
}

/* Another gazetteer or other rules: whoever is open is matched again. */
static void changed_rules_match_everybody_again(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	int64_t journeys, alerts, notices, now = at(DAY "12:10");

	tell(registered("P1", ADDRESS, DAY "12:00"));
	assert_int_equal(engine_rules(night.engine, now, &err), 0);
	night_pass(&night, now);
	assert_int_equal(engine_rules(night.engine, now, &err), 0);
	assert_int_equal(
		night.store->ops->next_due(night.store, &journeys, &alerts, &notices, &err), 0);
	assert_true(journeys > now);
	assert_int_equal(night.store->ops->begin(night.store, &err), 0);
	assert_int_equal(night.store->ops->meta_set(night.store, "rules", "others", &err), 0);
	assert_int_equal(night.store->ops->commit(night.store, &err), 0);
	assert_int_equal(engine_rules(night.engine, now, &err), 0);
	assert_int_equal(
		night.store->ops->next_due(night.store, &journeys, &alerts, &notices, &err), 0);
	assert_int_equal(journeys, now);
}

static void lessons_outlive_a_restart(void **state)
{
	(void)state;
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	night_restart(&night);
	tell(registered("P2", ADDRESS, DAY "12:10"));
	assert_string_equal(unit_of("P2"), COMMITTEE);
}

static void who_was_accepted_stays_where_she_is(void **state)
{
	(void)state;
	struct fact *accepted =
		night_person(&night, FACT_ACCEPTED, SOURCE, "P3", NULL, DAY "12:10");

	accepted->to_code = COMMITTEE;
	accepted->by = "committee";
	tell(registered("P1", ADDRESS, DAY "12:00"));
	tell(registered("P2", ADDRESS, DAY "12:01"));
	tell(registered("P3", ADDRESS, DAY "12:02"));
	tell(assigned("P1", COMMITTEE, "王", DAY "12:05"));
	tell(accepted);
	tell(assigned("P2", OTHER_COMMITTEE, "李", DAY "12:20"));
	assert_string_equal(unit_of("P3"), COMMITTEE);
	assert_false(is_asked("P3"));
	assert_string_equal(journey_matched(&journey).verdict, "ambiguous");
}

/* Both sides of probable_from: what an estate teaches once is below it. */
static void below_the_threshold_a_probable_answer_asks(void **state)
{
	(void)state;
	struct matched matched = {.verdict = "probable", .code = COMMITTEE, .score = 0.899};
	const struct policy *policy = &night.conf->policies[0];

	assert_false(matched_settles(&matched, policy));
	matched.score = 0.9;
	assert_true(matched_settles(&matched, policy));
	text_copy(matched.verdict, sizeof(matched.verdict), "ambiguous");
	assert_false(matched_settles(&matched, policy));
}

/* The same facts in every order end alike: addresses, corrections, assignments that disagree and
 * one that is made again. */
static void any_order_teaches_the_same(void **state)
{
	(void)state;
	enum {
		FACTS = 7
	};
	const char *first = NULL;
	uint64_t dice = 7;

	for (int round = 0; round < 60; round++) {
		/* Each round has an address of its own. */
		const char *address = arena_printf(&night.arena, ADDRESS "%d", round);
		const char *refs[3];
		struct fact *facts[FACTS];
		struct entropy entropy = entropy_seeded(&dice);
		const char *shown = "";

		for (int i = 0; i < 3; i++)
			refs[i] = arena_printf(&night.arena, "P%d-%d", i, round);
		facts[0] = registered(refs[0], address, DAY "12:00");
		facts[1] = registered(refs[1], address, DAY "12:01");
		facts[2] = registered(refs[2], address, DAY "12:02");
		facts[3] = assigned(refs[0], OTHER_COMMITTEE, "王", DAY "12:05");
		facts[4] = assigned(refs[0], COMMITTEE, "王", DAY "12:06");
		facts[5] = assigned(refs[1], COMMITTEE, "李", DAY "12:07");
		facts[6] = night_person(&night, FACT_CORRECTED, SOURCE, refs[1], NULL, DAY "12:30");
		facts[6]->field[FIELD_ADDRESS] = "另一条不认识的路";
		for (int i = 0; i < FACTS; i++)
			facts[i]->stamp.id = arena_printf(&night.arena, "r%d-%d", round, i);
		for (size_t i = FACTS; round > 0 && i > 1; i--) {
			uint32_t value;
			entropy.fill(entropy.context, &value, sizeof(value));
			size_t other = value % i;
			struct fact *kept = facts[i - 1];
			facts[i - 1] = facts[other];
			facts[other] = kept;
		}
		int64_t now = at(DAY "13:00");
		for (int i = 0; i < FACTS; i++) {
			assert_int_equal(night_submit(&night, facts[i], now).code, CL_OK);
			if (round % 2)
				night_pass(&night, now);
		}
		night_pass(&night, now);
		for (int i = 0; i < 3; i++) {
			night_journey(&night, SOURCE, refs[i], &journey);
			shown = arena_printf(&night.arena, "%s%s %s %d; ", shown,
					     journey.unit ? journey.unit : "-",
					     journey.field[FIELD_MATCHED],
					     joined(&journey, ALERT_ADDRESS));
		}
		if (!first)
			first = shown;
		assert_string_equal(shown, first);
	}
	assert_non_null(strstr(first, COMMITTEE));
	assert_int_equal(night_violations(&night, at(DAY "13:00")), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_next_with_the_same_address_needs_no_human),
		TEST(the_address_itself_is_not_kept),
		TEST(who_waits_for_the_same_answer_gets_it),
		TEST(another_room_is_not_the_same_address),
		TEST(what_says_nothing_teaches_nothing),
		TEST(officers_who_disagree_make_it_a_question_again),
		TEST(a_corrected_assignment_teaches_only_its_last),
		TEST(undone_it_is_as_if_it_had_never_been),
		TEST(undoing_one_of_two_settles_it),
		TEST(a_lesson_is_about_the_address_the_officer_saw),
		TEST(of_two_records_of_one_person_the_later_assignment_teaches),
		TEST(changed_rules_match_everybody_again),
		TEST(lessons_outlive_a_restart),
		TEST(who_was_accepted_stays_where_she_is),
		TEST(below_the_threshold_a_probable_answer_asks),
		TEST(any_order_teaches_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
