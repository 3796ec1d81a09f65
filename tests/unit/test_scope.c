/* test_scope.c — what is another's is not there: for who asks, and for who acts, even when it
 * became another's a moment ago; and who looks is written down with the rest of the turn, or
 * nothing is.
 *
 * Neighbours: test_matrix.py asks every route; night.c, the engine.
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

#define SOURCE "/airport"
#define HERS   "310112101007"
#define SISTER "310112101005"
#define DAY    "2020-03-08T"

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

/* A traveller of UNIT, or while it is "", of district 310112; her id. */
static const char *arrive(const char *ref, const char *unit, const char *when)
{
	struct fact *fact = night_person(&night, FACT_REGISTERED, SOURCE, ref, NULL, when);

	fact->field[FIELD_COMMITTEE] = unit;
	fact->field[FIELD_DISTRICT] = "310112";
	assert_int_equal(night_submit(&night, fact, fact->stamp.at).code, CL_OK);
	night_journey(&night, SOURCE, ref, &journey);
	return arena_copy(&night.arena, journey.id);
}

static bool sees(const char *scope, const char *id)
{
	const struct policy *policy;
	struct err err = ERR_INIT;
	int rc = engine_journey_see(night.engine, scope, id, &night.arena, &journey, &policy, &err);

	assert_true(rc == 0 || rc == CL_ENOENT);
	return rc == 0;
}

static struct fact *by_people(enum fact_type type, const char *id, const char *scope,
			      const char *when)
{
	struct fact *fact = night_fact(&night, type, at(when), "api/duty");

	fact->journey = id;
	fact->scope = scope;
	fact->by = "Chen";
	return fact;
}

/* --- Who sees whom ------------------------------------------------------------------------- */

static void a_journey_is_her_units_and_of_all_above(void **state)
{
	const char *id = arrive("P1", HERS, DAY "20:00");

	(void)state;
	assert_true(sees(NULL, id));
	assert_true(sees("", id));
	assert_true(sees("31", id));
	assert_true(sees("310112101", id));
	assert_true(sees(HERS, id));
	assert_false(sees(SISTER, id));
	assert_false(sees("310110", id));
	/* Longer than her unit, or what only sorts beside it. */
	assert_false(sees(HERS "001", id));
	assert_false(sees("310112101007:", id));
	assert_false(sees("310112101006", id));
	assert_false(sees("310112101008", id));
}

static void who_has_no_unit_is_her_holders(void **state)
{
	const char *id = arrive("P1", FIELD_NOTHING, DAY "20:00");

	(void)state;
	assert_true(sees("310112", id));
	assert_true(sees("31", id));
	assert_false(sees(HERS, id));
	assert_false(sees("310110", id));
}

static void count_row(void *context, const void *row)
{
	(void)row;
	(*(unsigned *)context)++;
}

static unsigned listed(const struct store_filter *filter)
{
	struct err err = ERR_INIT;
	unsigned count = 0;

	assert_int_equal(night.store->ops->journeys_list(night.store, filter, &night.arena,
							 count_row, &count, &err),
			 0);
	return count;
}

/* Whichever index leads. */
static void every_list_keeps_to_its_scope(void **state)
{
	static const char *const scopes[] = {"",   "31",   "310112", "310112101",
					     HERS, SISTER, "310110"};
	static const unsigned all[] = {3, 3, 3, 2, 1, 1, 0};

	(void)state;
	arrive("P1", HERS, DAY "20:00");
	arrive("P2", SISTER, DAY "20:00");
	arrive("P3", FIELD_NOTHING, DAY "20:00");
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		struct store_filter filter = {.scope = scopes[i], .stage = -1, .limit = 100};

		assert_int_equal(listed(&filter), all[i]);
		filter.source = SOURCE;
		assert_int_equal(listed(&filter), all[i]);
		filter.open_only = true;
		assert_int_equal(listed(&filter), all[i]);
		filter.unit = HERS;
		assert_int_equal(listed(&filter), text_starts(HERS, scopes[i]) ? 1 : 0);
		filter.unit = "3101";
		filter.ref = "P2";
		assert_int_equal(listed(&filter), text_starts(SISTER, scopes[i]) ? 1 : 0);
	}
}

static void who_has_ended_is_listed_to_her_own_alone(void **state)
{
	const char *id = arrive("P1", HERS, DAY "20:00");
	struct fact *end = by_people(FACT_CLOSED, id, NULL, DAY "20:10");

	(void)state;
	end->reason = "a test";
	assert_int_equal(night_submit(&night, end, end->stamp.at).code, CL_OK);
	assert_int_equal(listed(&(const struct store_filter){
				 .scope = HERS, .stage = STAGE_CLOSED, .limit = 9}),
			 1);
	assert_int_equal(listed(&(const struct store_filter){
				 .scope = SISTER, .stage = STAGE_CLOSED, .limit = 9}),
			 0);
	assert_int_equal(listed(&(const struct store_filter){
				 .scope = HERS, .unit = SISTER, .stage = -1, .limit = 9}),
			 0);
}

static void a_page_after_somebody_elses_is_as_after_nobodys(void **state)
{
	const char *id = arrive("P1", SISTER, DAY "20:00");
	struct store_filter filter = {.scope = HERS, .stage = -1, .after = id, .limit = 9};
	struct err err = ERR_INIT;
	unsigned count = 0;

	(void)state;
	assert_int_equal(night.store->ops->journeys_list(night.store, &filter, &night.arena,
							 count_row, &count, &err),
			 CL_ENOENT);
}

/* --- Who acts ------------------------------------------------------------------------------ */

/* She was seen when the call was judged; the fact before it in the same turn made her another's. */
static void what_became_anothers_in_the_same_turn_is_not_acted_upon(void **state)
{
	const char *id = arrive("P1", HERS, DAY "20:00");
	struct fact *move = by_people(FACT_ASSIGNED, id, NULL, DAY "20:10");
	struct fact *close = by_people(FACT_CLOSED, id, HERS, DAY "20:11");
	struct fact *facts[] = {move, close};
	struct fact_result results[2];
	struct err err = ERR_INIT;

	(void)state;
	move->field[FIELD_ASSIGNED] = SISTER;
	close->reason = "a test";
	assert_int_equal(
		engine_submit(night.engine, facts, 2, NULL, 0, at(DAY "20:11"), results, &err), 0);
	assert_int_equal(results[0].code, CL_OK);
	assert_int_equal(results[1].code, CL_ENOENT);
	assert_true(sees(SISTER, id));
	assert_int_not_equal(journey.stage, STAGE_CLOSED);
}

static void who_may_acts(void **state)
{
	const char *id = arrive("P1", HERS, DAY "20:00");
	struct fact *close = by_people(FACT_CLOSED, id, "310112", DAY "20:10");

	(void)state;
	close->reason = "a test";
	assert_int_equal(night_submit(&night, close, close->stamp.at).code, CL_OK);
	assert_true(sees(HERS, id));
	assert_int_equal(journey.stage, STAGE_CLOSED);
}

static void keep_alert(void *context, const void *row)
{
	*(struct alert *)context = *(const struct alert *)row;
}

static void an_alert_of_others_is_neither_seen_nor_taken(void **state)
{
	struct err err = ERR_INIT;
	struct alert alert = {.id = 0}, again;
	struct fact *take = night_fact(&night, FACT_ALERT_ACKED, at(DAY "20:10"), "api/duty");

	(void)state;
	arrive("P1", HERS, DAY "20:00");
	assert_int_equal(night.store->ops->alerts_see(night.store, "310112", NULL, true, 9,
						      keep_alert, &alert, &err),
			 0);
	assert_true(alert.id > 0);
	assert_int_equal(night.store->ops->alert_see(night.store, "310110", alert.id, &again, &err),
			 CL_ENOENT);
	take->alert = alert.id;
	take->by = "Chen";
	take->scope = "310110";
	assert_int_equal(night_submit(&night, take, take->stamp.at).code, CL_ENOENT);
	assert_int_equal(night.store->ops->alert_load(night.store, alert.id, &again, &err), 0);
	assert_int_equal(again.state, ALERT_OPEN);
}

/* What was, stays the unit's; whom it was about may have become another's since. */
static void a_resolved_alert_is_its_units_and_names_hers_only(void **state)
{
	const char *id = arrive("P1", HERS, DAY "20:00");
	struct fact *move = by_people(FACT_ASSIGNED, id, NULL, DAY "20:10");
	struct store *store = night.store;
	struct err err = ERR_INIT;
	unsigned alerts = 0, members = 0;
	struct alert alert = {.id = 0};

	(void)state;
	assert_int_equal(
		store->ops->alerts_see(store, HERS, NULL, true, 9, keep_alert, &alert, &err), 0);
	assert_true(alert.id > 0);
	assert_int_equal(store->ops->begin(store, &err), 0);
	alert.state = ALERT_RESOLVED;
	alert.resolved_at = at(DAY "20:05");
	alert.next_at = WHEN_NEVER;
	assert_int_equal(store->ops->alert_save(store, &alert, at(DAY "20:05"), &err), 0);
	assert_int_equal(store->ops->commit(store, &err), 0);
	assert_int_equal(store->ops->members_see(store, HERS, alert.id, count_row, &members, &err),
			 0);
	assert_int_equal(members, 1);
	move->field[FIELD_ASSIGNED] = SISTER;
	assert_int_equal(night_submit(&night, move, move->stamp.at).code, CL_OK);
	members = 0;
	assert_int_equal(store->ops->members_see(store, HERS, alert.id, count_row, &members, &err),
			 0);
	assert_int_equal(members, 0);
	assert_int_equal(store->ops->members_see(store, NULL, alert.id, count_row, &members, &err),
			 0);
	assert_int_equal(members, 1);
	assert_int_equal(store->ops->alerts_see(store, "310110", NULL, false, 99, count_row,
						&alerts, &err),
			 0);
	assert_int_equal(alerts, 0);
	struct alert found = {.id = 0};

	assert_int_equal(
		store->ops->alerts_see(store, HERS, "31", false, 99, keep_alert, &found, &err), 0);
	assert_int_equal(found.id, alert.id);
}

/* --- Who looks ----------------------------------------------------------------------------- */

static void count_look(void *context, const void *row)
{
	const struct store_step *step = row;

	*(unsigned *)context += text_equal(step->what, "read") && text_equal(step->note, "who");
}

static unsigned looks(const char *id)
{
	struct err err = ERR_INIT;
	unsigned count = 0;

	assert_int_equal(night.store->ops->steps_list(night.store, id, &night.arena, count_look,
						      &count, &err),
			 0);
	return count;
}

static void a_look_is_a_line_of_the_turn(void **state)
{
	const char *id = arrive("P1", HERS, DAY "20:00");
	const struct look all[] = {{.journey = id, .what = "read", .note = "who"},
				   {.journey = "", .what = "read", .note = "many"}};
	const struct turn turn = {.looks = all, .looks_len = 2};
	struct fact_result none[1];
	struct err err = ERR_INIT;
	int64_t before, after;
	uint8_t link[LEDGER_LINK_LEN];

	(void)state;
	assert_int_equal(night.store->ops->ledger_end(night.store, &before, link, &err), 0);
	assert_int_equal(engine_turn(night.engine, &turn, at(DAY "20:10"), none, &err), 0);
	assert_int_equal(night.store->ops->ledger_end(night.store, &after, link, &err), 0);
	assert_int_equal(after, before + 2);
	assert_int_equal(looks(id), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_journey_is_her_units_and_of_all_above),
		TEST(who_has_no_unit_is_her_holders),
		TEST(every_list_keeps_to_its_scope),
		TEST(who_has_ended_is_listed_to_her_own_alone),
		TEST(a_page_after_somebody_elses_is_as_after_nobodys),
		TEST(what_became_anothers_in_the_same_turn_is_not_acted_upon),
		TEST(who_may_acts),
		TEST(an_alert_of_others_is_neither_seen_nor_taken),
		TEST(a_resolved_alert_is_its_units_and_names_hers_only),
		TEST(a_look_is_a_line_of_the_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
