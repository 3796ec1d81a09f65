/* test_erasing.c — what is personal of an ended journey goes when its time comes or by order, and
 * what is left still counts; nobody under watch is forgotten, and no late word brings the dead
 * back.
 *
 * Neighbours: night.c, the engine; test_journey.c, what a journey adds up to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "night.h"
#include "closedloop/keyring.h"
#include "closedloop/text.h"
#include "store/store_private.h"

#define SOURCE "/desk"
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

static struct fact_result tell(struct fact *fact)
{
	struct fact_result result = night_submit(&night, fact, fact->stamp.at);

	night_pass(&night, fact->stamp.at);
	return result;
}

static struct fact *about(enum fact_type type, const char *ref, const char *when)
{
	struct fact *fact = night_person(&night, type, SOURCE, ref, NULL, when);

	fact->feed_unit = "310112";
	return fact;
}

/* REF comes home and is let go at WHEN, of which day she came. */
static void come_and_go(const char *ref, const char *document, const char *when)
{
	struct fact *fact =
		night_person(&night, FACT_REGISTERED, SOURCE, ref, document, DAY "12:00");

	fact->feed_unit = "310112";
	fact->field[FIELD_NAME] = "KIM MIN JUN";
	fact->field[FIELD_PHONES] = "+8613800000000";
	fact->field[FIELD_ADDRESS] = "上海市闵行区莘庄镇莘松三村123号402室";
	fact->field[FIELD_COMMITTEE] = COMMITTEE;
	fact->field[FIELD_DISTRICT] = "310112";
	assert_int_equal(tell(fact).code, CL_OK);
	fact = about(FACT_HANDED_OVER, ref, DAY "18:00");
	fact->to_role = "committee";
	assert_int_equal(tell(fact).code, CL_OK);
	fact = about(FACT_ACCEPTED, ref, DAY "18:05");
	fact->to_code = COMMITTEE;
	assert_int_equal(tell(fact).code, CL_OK);
	fact = about(FACT_CHECKED, ref, DAY "20:00");
	fact->temp_tenths = 381;
	fact->symptoms = "fever";
	assert_int_equal(tell(fact).code, CL_OK);
	fact = about(FACT_RELEASED, ref, when);
	fact->reason = "went home early";
	fact->by = "王";
	assert_int_equal(tell(fact).code, CL_OK);
}

static const char *id_of(const char *ref)
{
	night_journey(&night, SOURCE, ref, &journey);
	return arena_copy(&night.arena, journey.id);
}

/* As it is now, by id: a reference may be forgotten. */
static void look(const char *id)
{
	const struct policy *policy;
	struct err err = ERR_INIT;

	assert_int_equal(engine_journey(night.engine, id, &night.arena, &journey, &policy, &err),
			 0);
}

static struct fact *order(const char *id, const char *when)
{
	struct fact *fact = night_fact(&night, FACT_ERASED, at(when), "api/operator");

	fact->journey = id;
	fact->reason = "she asked for it";
	fact->by = "operator";
	return fact;
}

/* Questions about her are answered, so that nothing is asked any more. */
static void take_alert(void *context, const void *row)
{
	int64_t *id = context;

	*id = ((const struct alert *)row)->id;
}

static void answer_all(const char *id, const char *when)
{
	for (;;) {
		int64_t alert = 0;
		struct err err = ERR_INIT;

		assert_int_equal(night.store->ops->alerts_about(night.store, id, take_alert, &alert,
								&err),
				 0);
		if (!alert)
			return;
		struct fact *fact =
			night_fact(&night, FACT_ALERT_RESOLVED, at(when), "api/operator");
		fact->alert = alert;
		fact->outcome = "tested_negative";
		fact->by = "王";
		assert_int_equal(tell(fact).code, CL_OK);
	}
}

static void nothing_personal_is_left(void)
{
	static const enum field personal[] = {FIELD_NAME,	FIELD_PHONES,  FIELD_ADDRESS,
					      FIELD_DOC_NUMBER, FIELD_MATCHED, FIELD_HOME,
					      FIELD_NATIONALITY};

	assert_true(journey.erased_at > 0);
	for (size_t i = 0; i < ARRAY_LEN(personal); i++)
		assert_null(journey.field[personal[i]]);
	assert_null(journey.released.reason);
	assert_null(journey.released.by);
	assert_int_equal(journey.fever_at, WHEN_UNKNOWN);
	assert_int_equal(journey.last_temp_tenths, 0);
	for (size_t i = 0; i < journey.checks_len; i++)
		assert_false(journey.checks[i].sign);
}

/* --- By time --- */

static void released_she_is_erased_thirty_days_later(void **state)
{
	struct store_census before, after;
	struct err err = ERR_INIT;

	(void)state;
	come_and_go("P1", "M1", "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	assert_int_equal(night.store->ops->census(night.store, &before, &err), 0);
	night_pass(&night, at("2020-04-21T09:29"));
	look(id);
	assert_string_equal(journey.field[FIELD_NAME], "KIM MIN JUN");
	night_pass(&night, at("2020-04-21T09:30"));
	look(id);
	nothing_personal_is_left();
	assert_int_equal(journey.erased_at, at("2020-04-21T09:30"));
	assert_int_equal(night.store->ops->census(night.store, &after, &err), 0);
	assert_memory_equal(before.stages, after.stages, sizeof(before.stages));
}

static void what_is_left_counts_as_she_did(void **state)
{
	struct journey was;

	(void)state;
	come_and_go("P1", "M1", "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	look(id);
	was = journey;
	night_pass(&night, at("2020-04-22T00:00"));
	look(id);
	assert_int_equal(journey.stage, was.stage);
	assert_string_equal(journey.unit, was.unit);
	assert_string_equal(journey.holder, was.holder);
	assert_int_equal(journey.registered_at, was.registered_at);
	assert_int_equal(journey.handed_over_at, was.handed_over_at);
	assert_int_equal(journey.accepted_at, was.accepted_at);
	assert_int_equal(journey.released.stamp.at, was.released.stamp.at);
	assert_int_equal(journey.day0, was.day0);
	assert_int_equal(journey.days, was.days);
	assert_int_equal(journey.checks_len, was.checks_len);
	assert_string_equal(journey.policy, was.policy);
}

struct receipt {
	int lines;
	char note[400];
};

static void read_line(void *context, const void *row)
{
	const struct store_step *step = row;
	struct receipt *receipt = context;

	if (!text_equal(step->what, "journey.erased"))
		return;
	receipt->lines++;
	text_copy(receipt->note, sizeof(receipt->note), step->note);
}

static void the_ledger_has_a_receipt(void **state)
{
	struct receipt receipt = {.lines = 0};
	struct err err = ERR_INIT;

	(void)state;
	come_and_go("P1", NULL, "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	night_pass(&night, at("2020-05-30T00:00"));
	assert_int_equal(night.store->ops->steps_list(night.store, id, &night.arena, read_line,
						      &receipt, &err),
			 0);
	assert_int_equal(receipt.lines, 1);
	assert_non_null(strstr(receipt.note, "by retention"));
	assert_non_null(strstr(receipt.note, " facts"));
	assert_null(strstr(receipt.note, "KIM"));
}

static void an_open_question_about_her_keeps_her(void **state)
{
	(void)state;
	come_and_go("P1", NULL, "2020-03-22T09:30"); /* Nobody has answered her fever. */
	const char *id = id_of("P1");
	look(id);
	assert_true(joined(&journey, ALERT_FEVER));
	night_pass(&night, at("2020-05-10T00:00"));
	look(id);
	assert_int_equal(journey.erased_at, 0);
	answer_all(id, "2020-05-10T00:01");
	night_pass(&night, at("2020-05-12T00:00"));
	look(id);
	assert_true(journey.erased_at > 0);
}

static void a_shorter_policy_erases_sooner(void **state)
{
	(void)state;
	come_and_go("P1", NULL, "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	night_pass(&night, at("2020-03-25T00:00"));
	night_policies(&night, "Asia/Shanghai",
		       "{policy: short, in_force_from: 2020-03-01, retention: {erase_after: 2d}}",
		       NULL, at("2020-03-25T00:00"));
	night_pass(&night, at("2020-03-25T00:01"));
	look(id);
	assert_int_equal(journey.erased_at, at("2020-03-25T00:00"));
}

static void after_a_downtime_it_is_done_at_once(void **state)
{
	(void)state;
	come_and_go("P1", NULL, "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	night_pass(&night, at("2020-03-30T00:00"));
	night_restart(&night);
	night.now = at("2020-06-01T00:00");
	night_pass(&night, at("2020-06-01T00:00"));
	look(id);
	assert_int_equal(journey.erased_at, at("2020-06-01T00:00"));
}

/* --- By order --- */

static void nobody_under_watch_is_erased(void **state)
{
	(void)state;
	tell(about(FACT_REGISTERED, "P1", DAY "12:00"));
	const char *id = id_of("P1");
	struct fact_result result = tell(order(id, DAY "12:05"));
	assert_int_equal(result.code, CL_ECONFLICT);
	assert_non_null(strstr(result.detail, "under watch"));
	look(id);
	assert_int_equal(journey.erased_at, 0);
}

static void who_asks_after_the_end_is_erased_at_once(void **state)
{
	(void)state;
	come_and_go("P1", "M1", "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	assert_int_equal(tell(order(id, "2020-03-23T09:00")).code, CL_OK);
	look(id);
	nothing_personal_is_left();
	assert_int_equal(tell(order(id, "2020-03-23T09:01")).code, CL_EGONE);
}

/* --- Whoever comes late --- */

static void a_late_fact_makes_no_ghost(void **state)
{
	struct store_census before, after;
	struct err err = ERR_INIT;

	(void)state;
	come_and_go("P1", "M1", "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	tell(order(id, "2020-03-23T09:00"));
	assert_int_equal(night.store->ops->census(night.store, &before, &err), 0);
	struct fact *late = about(FACT_CHECKED, "P1", "2020-03-10T09:00");
	late->temp_tenths = 366;
	assert_int_equal(night_submit(&night, late, at("2020-03-23T10:00")).code, CL_EGONE);
	/* By her passport, from a source that never named her. */
	late = night_person(&night, FACT_TRIAGED, "/customs", "C9", "M1", "2020-03-08T09:00");
	assert_int_equal(night_submit(&night, late, at("2020-03-23T10:01")).code, CL_EGONE);
	assert_int_equal(night.store->ops->census(night.store, &after, &err), 0);
	assert_int_equal(before.facts, after.facts);
	assert_memory_equal(before.stages, after.stages, sizeof(before.stages));
}

static void a_new_trip_is_a_new_journey(void **state)
{
	(void)state;
	come_and_go("P1", "M1", "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	tell(order(id, "2020-03-23T09:00"));
	struct fact *again =
		night_person(&night, FACT_TRIAGED, "/customs", "C9", "M1", "2020-04-02T09:00");
	struct fact_result result = tell(again);
	assert_int_equal(result.code, CL_OK);
	assert_string_not_equal(result.journey, id);
	look(result.journey);
	assert_int_equal(journey.erased_at, 0);
}

static void once_history_nothing_leads_to_her(void **state)
{
	char found[IDENT_CAP];
	struct err err = ERR_INIT;

	(void)state;
	come_and_go("P1", "M1", "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	night_pass(&night, at("2020-06-01T00:00"));
	assert_int_equal(night.store->ops->ref_find(night.store, SOURCE, "P1", found, &err), 0);
	assert_string_equal(found, "");
	assert_int_equal(night.store->ops->document_find(night.store, "P|KOR|M1", found, &err), 0);
	assert_string_equal(found, "");
	look(id);
	assert_int_equal(journey.stage, STAGE_RELEASED);
}

/* --- With others --- */

static void a_record_that_was_hers_goes_with_her(void **state)
{
	(void)state;
	struct fact *first =
		night_person(&night, FACT_TRIAGED, "/customs", "C1", "M1", DAY "10:00");
	first->field[FIELD_NAME] = "KIM MIN JUN";
	tell(first);
	night_journey(&night, "/customs", "C1", &journey);
	const char *other = arena_copy(&night.arena, journey.id);
	tell(about(FACT_REGISTERED, "P1", DAY "11:00"));
	come_and_go("P1", "M1", "2020-03-22T09:30"); /* Now both are one. */
	const char *id = id_of("P1");
	look(other);
	assert_string_equal(journey.merged_into, id);
	answer_all(id, "2020-03-22T10:00");
	night_pass(&night, at("2020-04-21T09:29"));
	look(other);
	assert_int_equal(journey.erased_at, 0);
	night_pass(&night, at("2020-04-21T09:30"));
	look(other);
	assert_true(journey.erased_at > 0);
	assert_null(journey.field[FIELD_NAME]);
	look(id);
	assert_true(journey.erased_at > 0);
}

/* --- Keys --- */

static int64_t key_of(const char *id)
{
	struct sqlite_store *store = sqlite_of(night.store);
	sqlite3_stmt *stmt;
	int64_t key;

	assert_int_equal(sqlite3_prepare_v2(store->db, "SELECT key FROM journeys WHERE id = ?", -1,
					    &stmt, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	key = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return key;
}

static bool is_destroyed(int64_t key)
{
	uint8_t found[SEAL_KEY_LEN];
	struct err err = ERR_INIT;

	return keyring_find(night.vault.ring, key, found, NULL, &err) == CL_EGONE;
}

static void her_key_is_destroyed_after_the_commit(void **state)
{
	(void)state;
	come_and_go("P1", NULL, "2020-03-22T09:30");
	const char *id = id_of("P1");
	answer_all(id, "2020-03-22T10:00");
	int64_t key = key_of(id);
	assert_true(key > 0);
	assert_false(is_destroyed(key));
	tell(order(id, "2020-03-23T09:00"));
	assert_true(is_destroyed(key));
	assert_int_equal(key_of(id), 0);
}

/* A crash between the two: the number still waits. */
static void what_a_crash_left_alive_is_destroyed_at_the_start(void **state)
{
	uint8_t taken[SEAL_KEY_LEN];
	int64_t key, next;
	struct err err = ERR_INIT;

	(void)state;
	night_pass(&night, at(DAY "09:00"));
	assert_int_equal(keyring_take(night.vault.ring, &key, taken, &err), 0);
	assert_int_equal(sqlite3_exec(sqlite_of(night.store)->db,
				      arena_printf(&night.arena, "INSERT INTO doomed VALUES (%lld)",
						   (long long)key),
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(engine_next(night.engine, &next, &err), 0);
	assert_int_equal(next, 0);
	night_pass(&night, at(DAY "09:01"));
	assert_true(is_destroyed(key));
	assert_int_equal(engine_next(night.engine, &next, &err), 0);
	assert_true(next > 0);
}

/* A ring of now beside a database of before: her row does not know that she was erased. */
static void an_old_backup_brings_nobody_back(void **state)
{
	struct census *census;
	struct err err = ERR_INIT;

	(void)state;
	tell(about(FACT_REGISTERED, "P1", DAY "12:00"));
	tell(about(FACT_REGISTERED, "P2", DAY "12:00"));
	const char *id = id_of("P1");
	int64_t key = key_of(id);
	assert_int_equal(keyring_destroy(night.vault.ring, &key, 1, at(DAY "12:01"), &err), 0);
	night_pass(&night, at("2020-03-10T12:00"));
	look(id);
	assert_int_equal(journey.stage, STAGE_CLOSED);
	assert_true(journey.erased_at > 0);
	look(id_of("P2"));
	assert_int_equal(journey.erased_at, 0);
	census = arena_alloc(&night.arena, sizeof(*census));
	assert_int_equal(engine_census(night.engine, at("2020-03-10T12:00"), census, &err), 0);
	assert_int_equal(census->counts.open, 1);
	assert_int_equal(census->violations_len, 0);
	int64_t alert = 0; /* Nobody is asked about her for ever. */
	assert_int_equal(night.store->ops->alerts_about(night.store, id, take_alert, &alert, &err),
			 0);
	assert_int_equal(alert, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(released_she_is_erased_thirty_days_later),
		TEST(what_is_left_counts_as_she_did),
		TEST(the_ledger_has_a_receipt),
		TEST(an_open_question_about_her_keeps_her),
		TEST(a_shorter_policy_erases_sooner),
		TEST(after_a_downtime_it_is_done_at_once),
		TEST(nobody_under_watch_is_erased),
		TEST(who_asks_after_the_end_is_erased_at_once),
		TEST(a_late_fact_makes_no_ghost),
		TEST(a_new_trip_is_a_new_journey),
		TEST(once_history_nothing_leads_to_her),
		TEST(a_record_that_was_hers_goes_with_her),
		TEST(her_key_is_destroyed_after_the_commit),
		TEST(what_a_crash_left_alive_is_destroyed_at_the_start),
		TEST(an_old_backup_brings_nobody_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
