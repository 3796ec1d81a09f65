/* test_store.c — what was committed comes back, what was rolled back does not, and a sick disk is
 * said and survived. Neighbours: lib/store. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "closedloop/journey.h"
#include "store/store_private.h"

#define T0 INT64_C(1583690000000)

struct fixture {
	char dir[64];
	char path[96];
	struct store *store;
	struct arena arena;
	struct err err;
};

#define OK(call)                                                                                   \
	do {                                                                                       \
		int ok_rc = (call);                                                                \
		if (ok_rc != 0)                                                                    \
			print_error("%s\n", f->err.text);                                          \
		assert_int_equal(ok_rc, 0);                                                        \
	} while (0)
#define DO(verb, ...) f->store->ops->verb(f->store, __VA_ARGS__, &f->err)
#define BEGIN()	      OK(f->store->ops->begin(f->store, &f->err))
#define COMMIT()      OK(f->store->ops->commit(f->store, &f->err))
#define ROLLBACK()    f->store->ops->rollback(f->store)

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/test_store.XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "%s/loop.db", f->dir);
	if (store_sqlite_open(&f->store, f->path, NULL, &f->err) < 0) {
		print_error("%s\n", f->err.text);
		return -1;
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	DIR *dir;

	if (f->store)
		f->store->ops->close(f->store);
	arena_release(&f->arena);
	dir = opendir(f->dir);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
	rmdir(f->dir);
	mem_free(f);
	return 0;
}

static void reopen(struct fixture *f)
{
	if (f->store)
		f->store->ops->close(f->store);
	f->store = NULL;
	OK(store_sqlite_open(&f->store, f->path, NULL, &f->err));
}

/* --- What rows leave behind ---------------------------------------------------------------- */

/* Every row adds "word " here. */
struct heard {
	char words[4000];
	int rows;
};

static void hear(struct heard *heard, const char *word)
{
	size_t len = strlen(heard->words);

	(void)snprintf(heard->words + len, sizeof(heard->words) - len, "%s ", word);
	heard->rows++;
}

static void hear_id(void *context, const void *row)
{
	hear(context, row);
}

static void hear_journey(void *context, const void *row)
{
	const struct store_journey *journey = row;

	hear(context, journey->id);
}

static void hear_rider(void *context, const void *row)
{
	const struct store_rider *rider = row;
	char word[80];

	(void)snprintf(word, sizeof(word), "%s/%d/%d", rider->journey, rider->stop, rider->off);
	hear(context, word);
}

static void hear_pair(void *context, const void *row)
{
	const char *const *pair = row;
	char word[80];

	(void)snprintf(word, sizeof(word), "%s/%s", pair[0], pair[1]);
	hear(context, word);
}

static void hear_fact(void *context, const void *row)
{
	const struct fact *fact = row;
	char word[200];

	(void)snprintf(word, sizeof(word), "%s/%s/%s/%lld/%s", fact_type_word(fact->type),
		       fact->stamp.source, fact->stamp.id, (long long)fact->stamp.at, fact->body);
	assert_int_equal(fact->body_len, strlen(fact->body));
	hear(context, word);
}

static void hear_reject(void *context, const void *row)
{
	const struct store_reject *reject = row;
	char word[200];

	(void)snprintf(word, sizeof(word), "%s/%s/%s/%zu", reject->feed, reject->event_id,
		       reject->code, reject->body_len);
	hear(context, word);
}

static void hear_step(void *context, const void *row)
{
	const struct store_step *step = row;
	char word[200];

	(void)snprintf(word, sizeof(word), "%s/%s/%s/%s", step->what, step->note, step->event_id,
		       step->body);
	hear(context, word);
}

static void hear_alert(void *context, const void *row)
{
	const struct alert *alert = row;
	char word[200];

	(void)snprintf(word, sizeof(word), "%s/%s", alert_traits(alert->kind)->word,
		       alert->subject);
	hear(context, word);
}

static void hear_notice(void *context, const void *row)
{
	const struct notice *notice = row;

	hear(context, notice->id);
}

static void hear_waiting(void *context, const void *row)
{
	const struct notice *notice = row;
	char word[80];

	(void)snprintf(word, sizeof(word), "%s%s@%lld", notice->endpoint, notice->urgent ? "!" : "",
		       (long long)(notice->due_at - T0));
	hear(context, word);
}

/* --- What is put in ------------------------------------------------------------------------ */

static struct store_journey traveller(const char *id)
{
	return (struct store_journey){.id = id,
				      .open = true,
				      .stage = STAGE_REGISTERED,
				      .unit = "310115007001",
				      .holder = "310115",
				      .flight = "XX363-PVG-2020-03-08",
				      .transfer = "",
				      .disposition = "home",
				      .next_due = T0 + WHEN_HOUR,
				      .updated_at = T0,
				      .record = "rec\0ord",
				      .record_len = 7,
				      .person = "somebody",
				      .person_len = 8,
				      .person_changed = true};
}

static struct alert warning(enum alert_kind kind, const char *subject)
{
	struct alert alert = {.kind = kind,
			      .opened_at = T0,
			      .since = T0,
			      .due = T0 + 1,
			      .eta = WHEN_UNKNOWN,
			      .eta_before = WHEN_UNKNOWN,
			      .next_at = T0 + WHEN_MINUTE,
			      .acked_at = WHEN_NEVER,
			      .resolved_at = WHEN_NEVER};

	text_copy(alert.subject, sizeof(alert.subject), subject);
	text_copy(alert.unit, sizeof(alert.unit), "310115007001");
	return alert;
}

static struct notice message(const char *id, const char *endpoint)
{
	return (struct notice){.id = id,
			       .endpoint = endpoint,
			       .alert = 1,
			       .urgent = true,
			       .type = "alert.raised",
			       .kind = "arrival",
			       .unit = "310115007001",
			       .created_at = T0,
			       .due_at = T0,
			       .expires_at = WHEN_NEVER,
			       .title = "一车四人",
			       .text = "03:05 到",
			       .url = "https://example/a",
			       .data = "{}",
			       .group = ""};
}

static struct fact happening(const char *id)
{
	struct fact fact = {.type = FACT_REGISTERED,
			    .stamp = {.at = T0, .source = "desk", .id = id},
			    .body = "{\"id\":1}",
			    .body_len = 8};

	memset(fact.hash, 7, sizeof(fact.hash));
	return fact;
}

static int rows_in(struct fixture *f, const char *table)
{
	char sql[96];
	sqlite3_stmt *stmt;
	int count;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	assert_int_equal(sqlite3_prepare_v2(sqlite_of(f->store)->db, sql, -1, &stmt, NULL), 0);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	count = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return count;
}

/* --- Verbs --------------------------------------------------------------------------------- */

static void every_statement_is_prepared_and_every_verb_is_there(void **state)
{
	struct fixture *f = *state;

	store_check_ops(f->store->ops);
	for (size_t i = 0; i < SQL_STATEMENTS; i++)
		assert_non_null(sqlite_of(f->store)->sql[i]);
}

static void a_fact_is_found_by_source_and_id(void **state)
{
	struct fixture *f = *state;
	struct fact fact = happening("e1");
	struct heard heard = {.rows = 0};
	uint8_t hash[DIGEST_KEY_LEN] = {0};
	int64_t seq = 9;
	int64_t found;

	OK(DO(fact_find, "desk", "e1", &found, hash));
	assert_int_equal(found, 0);
	BEGIN();
	OK(DO(fact_save, &fact, T0, &seq));
	COMMIT();
	OK(DO(fact_find, "desk", "e1", &found, hash));
	assert_int_equal(found, seq);
	assert_memory_equal(hash, fact.hash, sizeof(hash));
	OK(DO(fact_find, "gate", "e1", &found, hash));
	assert_int_equal(found, 0);
	OK(DO(facts_each, 0, hear_fact, &heard));
	assert_string_equal(heard.words, "traveler.registered/desk/e1/1583690000000/{\"id\":1} ");
	OK(DO(facts_each, seq, hear_fact, &heard));
	assert_int_equal(heard.rows, 1);
}

static void every_type_of_fact_comes_back(void **state)
{
	struct fixture *f = *state;
	struct heard heard = {.rows = 0};

	BEGIN();
	for (int type = 0; type < FACT_TYPES; type++) {
		char id[16];
		int64_t seq;
		struct fact fact = happening(id);

		(void)snprintf(id, sizeof(id), "e%d", type);
		fact.type = (enum fact_type)type;
		OK(DO(fact_save, &fact, T0, &seq));
	}
	COMMIT();
	OK(DO(facts_each, 0, hear_fact, &heard));
	assert_int_equal(heard.rows, FACT_TYPES);
}

static void the_same_fact_twice_is_refused_and_the_transaction_goes_on(void **state)
{
	struct fixture *f = *state;
	struct fact fact = happening("e1");
	int64_t seq;

	BEGIN();
	OK(DO(fact_save, &fact, T0, &seq));
	assert_int_equal(DO(fact_save, &fact, T0, &seq), CL_ECONFLICT);
	fact = happening("e2");
	OK(DO(fact_save, &fact, T0, &seq));
	COMMIT();
	assert_int_equal(rows_in(f, "facts"), 2);
}

static void rejects_are_listed_newest_first_and_pruned(void **state)
{
	struct fixture *f = *state;
	struct heard all = {.rows = 0};
	struct heard older = {.rows = 0};
	struct heard left = {.rows = 0};

	BEGIN();
	for (int i = 0; i < 4; i++) {
		char id[8];
		struct store_reject reject = {.at = T0 + i,
					      .feed = i % 2 ? "odd" : "even",
					      .source = "s",
					      .event_id = id,
					      .code = "bad_json",
					      .detail = "d",
					      .body = "a\0b",
					      .body_len = 3};

		(void)snprintf(id, sizeof(id), "r%d", i);
		OK(DO(reject_save, &reject));
	}
	COMMIT();
	OK(DO(rejects_list, NULL, 0, 3, hear_reject, &all));
	assert_string_equal(all.words, "odd/r3/bad_json/3 even/r2/bad_json/3 odd/r1/bad_json/3 ");
	OK(DO(rejects_list, "even", 3, 9, hear_reject, &older));
	assert_string_equal(older.words, "even/r0/bad_json/3 ");
	BEGIN();
	OK(DO(rejects_prune, T0 + 2));
	COMMIT();
	OK(DO(rejects_list, "", 0, 9, hear_reject, &left));
	assert_string_equal(left.words, "odd/r3/bad_json/3 even/r2/bad_json/3 ");
}

static void refs_and_documents_lead_to_a_journey(void **state)
{
	struct fixture *f = *state;
	char journey[IDENT_CAP] = "x";

	OK(DO(ref_find, "desk", "77", journey));
	assert_string_equal(journey, "");
	BEGIN();
	OK(DO(ref_save, "desk", "77", "jny_a"));
	OK(DO(ref_save, "list", "77", "jny_b"));
	OK(DO(document_save, "CHN/E123", "jny_a"));
	OK(DO(document_find, "CHN/E123", journey));
	assert_string_equal(journey, "jny_a");
	OK(DO(ref_save, "list", "77", "jny_c"));
	COMMIT();
	OK(DO(ref_find, "list", "77", journey));
	assert_string_equal(journey, "jny_c");
	OK(DO(document_find, "CHN/E124", journey));
	assert_string_equal(journey, "");
}

static void repointing_moves_everything_that_pointed_there(void **state)
{
	struct fixture *f = *state;
	struct alert open = warning(ALERT_ARRIVAL, "bus");
	struct alert over = warning(ALERT_FEVER, "jny_a");
	struct heard refs = {.rows = 0};
	struct heard riders = {.rows = 0};
	struct heard members = {.rows = 0};
	struct heard history = {.rows = 0};
	char journey[IDENT_CAP];

	over.state = ALERT_RESOLVED;
	BEGIN();
	OK(DO(ref_save, "desk", "1", "jny_a"));
	OK(DO(ref_save, "list", "2", "jny_b"));
	OK(DO(document_save, "d", "jny_a"));
	OK(DO(rider_save, "t1", &(struct store_rider){.journey = "jny_a", .stop = 1}));
	OK(DO(rider_save, "t1", &(struct store_rider){.journey = "jny_b", .stop = 2}));
	OK(DO(rider_save, "t2", &(struct store_rider){.journey = "jny_a", .stop = 3}));
	OK(DO(alert_save, &open, T0));
	OK(DO(alert_save, &over, T0));
	OK(DO(member_save, open.id, "jny_a"));
	OK(DO(member_save, open.id, "jny_b"));
	OK(DO(member_save, over.id, "jny_a"));
	OK(DO(journey_repoint, "jny_a", "jny_b"));
	OK(DO(journey_repoint, "jny_b", "jny_b"));
	COMMIT();
	OK(DO(refs_of, "jny_b", hear_pair, &refs));
	assert_string_equal(refs.words, "desk/1 list/2 ");
	OK(DO(document_find, "d", journey));
	assert_string_equal(journey, "jny_b");
	OK(DO(riders_of, "t1", hear_rider, &riders));
	OK(DO(riders_of, "t2", hear_rider, &riders));
	assert_string_equal(riders.words, "jny_b/1/0 jny_b/3/0 ");
	OK(DO(members_of, open.id, hear_id, &members));
	assert_string_equal(members.words, "jny_b ");
	OK(DO(members_of, over.id, hear_id, &history));
	assert_string_equal(history.words, "jny_a ");
}

static void a_journey_comes_back_as_it_was_saved(void **state)
{
	struct fixture *f = *state;
	struct store_journey journey = traveller("jny_a");
	struct store_journey back;

	assert_int_equal(DO(journey_load, "jny_a", &f->arena, &back), CL_ENOENT);
	BEGIN();
	OK(DO(journey_save, &journey, true));
	COMMIT();
	reopen(f);
	OK(DO(journey_load, "jny_a", &f->arena, &back));
	assert_string_equal(back.id, "jny_a");
	assert_true(back.open);
	assert_int_equal(back.stage, STAGE_REGISTERED);
	assert_string_equal(back.unit, journey.unit);
	assert_string_equal(back.holder, "310115");
	assert_string_equal(back.flight, journey.flight);
	assert_string_equal(back.disposition, "home");
	assert_int_equal(back.next_due, journey.next_due);
	assert_int_equal(back.record_len, 7);
	assert_memory_equal(back.record, "rec\0ord", 7);
	assert_int_equal(back.person_len, 8);
	assert_memory_equal(back.person, "somebody", 8);
}

static void a_person_is_written_only_when_changed(void **state)
{
	struct fixture *f = *state;
	struct store_journey journey = traveller("jny_a");
	struct store_journey back;

	BEGIN();
	OK(DO(journey_save, &journey, true));
	journey.person_changed = false;
	journey.person = "other";
	journey.person_len = 5;
	journey.next_due = WHEN_NEVER;
	OK(DO(journey_save, &journey, false));
	OK(DO(journey_load, "jny_a", &f->arena, &back));
	assert_int_equal(back.person_len, 8);
	assert_int_equal(back.next_due, WHEN_NEVER);
	journey.person_changed = true;
	OK(DO(journey_save, &journey, false));
	OK(DO(journey_load, "jny_a", &f->arena, &back));
	assert_memory_equal(back.person, "other", 5);
	journey.id = "jny_b";
	assert_int_equal(DO(journey_save, &journey, false), CL_ENOENT);
	journey.id = "jny_a";
	assert_int_equal(DO(journey_save, &journey, true), CL_ECONFLICT);
	COMMIT();
}

static void due_journeys_come_in_the_order_of_their_deadlines(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *id;
		int64_t due;
		bool open;
	} rows[] = {{"jny_a", T0 + 3, true},
		    {"jny_b", T0 + 1, true},
		    {"jny_c", T0 + 1, false},
		    {"jny_d", T0 + 9, true},
		    {"jny_e", WHEN_NEVER, true}};
	struct heard heard = {.rows = 0};
	int64_t journeys, alerts, notices;

	OK(DO(next_due, &journeys, &alerts, &notices));
	assert_int_equal(journeys, WHEN_NEVER);
	assert_int_equal(alerts, WHEN_NEVER);
	assert_int_equal(notices, WHEN_NEVER);
	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct store_journey journey = traveller(rows[i].id);

		journey.next_due = rows[i].due;
		journey.open = rows[i].open;
		OK(DO(journey_save, &journey, true));
	}
	COMMIT();
	OK(DO(journeys_due, T0 + 3, 10, hear_id, &heard));
	assert_string_equal(heard.words, "jny_b jny_a ");
	OK(DO(journeys_due, T0 + 3, 1, hear_id, &heard));
	assert_string_equal(heard.words, "jny_b jny_a jny_b ");
	OK(DO(next_due, &journeys, &alerts, &notices));
	assert_int_equal(journeys, T0 + 1);
	/* Asked again all at once: whoever is open is due now, and nobody later than she was. */
	BEGIN();
	OK(DO(journeys_recheck, T0 + 2));
	COMMIT();
	heard = (struct heard){.rows = 0};
	OK(DO(journeys_due, T0 + 2, 10, hear_id, &heard));
	assert_string_equal(heard.words, "jny_b jny_a jny_d jny_e ");
}

static void a_flight_finds_all_its_travellers_ended_ones_too(void **state)
{
	struct fixture *f = *state;
	struct heard heard = {.rows = 0};
	static const enum stage stages[] = {STAGE_ANNOUNCED, STAGE_WITHDRAWN, STAGE_RELEASED};

	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		char id[] = "jny_a";
		struct store_journey journey = traveller(id);

		id[4] = (char)('a' + i);
		journey.stage = (int)stages[i];
		journey.open = stages[i] == STAGE_ANNOUNCED;
		OK(DO(journey_save, &journey, true));
	}
	COMMIT();
	OK(DO(journeys_on_flight, "XX363-PVG-2020-03-08", hear_id, &heard));
	assert_string_equal(heard.words, "jny_a jny_b jny_c ");
	OK(DO(journeys_on_flight, "", hear_id, &heard));
	assert_int_equal(heard.rows, 3);
}

static void history_is_listed_oldest_first_with_its_facts(void **state)
{
	struct fixture *f = *state;
	struct fact fact = happening("e1");
	struct store_step step = {.at = T0, .what = "traveler.registered", .note = "new"};
	struct heard heard = {.rows = 0};

	BEGIN();
	OK(DO(fact_save, &fact, T0, &step.fact));
	OK(DO(step_save, "jny_a", &step));
	OK(DO(step_save, "jny_b", &step));
	COMMIT();
	reopen(f);
	BEGIN();
	step = (struct store_step){.at = T0 + 1, .what = "journey.due", .note = "late"};
	OK(DO(step_save, "jny_a", &step));
	COMMIT();
	OK(DO(steps_list, "jny_a", &f->arena, hear_step, &heard));
	assert_string_equal(heard.words,
			    "traveler.registered/new/e1/{\"id\":1} journey.due/late// ");
}

static void transfers_riders_and_flights_come_back(void **state)
{
	struct fixture *f = *state;
	struct heard heard = {.rows = 0};
	struct store_rider rider = {.journey = "jny_a", .stop = 2};
	const void *data;
	size_t len;

	assert_int_equal(DO(transfer_load, "t1", &f->arena, &data, &len), CL_ENOENT);
	assert_int_equal(DO(flight_load, "f1", &f->arena, &data, &len), CL_ENOENT);
	BEGIN();
	OK(DO(transfer_save, "t1", "abc", 3));
	OK(DO(transfer_save, "t1", "de", 2));
	OK(DO(flight_save, "f1", "", 0));
	OK(DO(rider_save, "t1", &rider));
	rider.off = true;
	OK(DO(rider_save, "t1", &rider));
	COMMIT();
	OK(DO(transfer_load, "t1", &f->arena, &data, &len));
	assert_int_equal(len, 2);
	assert_memory_equal(data, "de", 2);
	OK(DO(flight_load, "f1", &f->arena, &data, &len));
	assert_int_equal(len, 0);
	OK(DO(riders_of, "t1", hear_rider, &heard));
	assert_string_equal(heard.words, "jny_a/2/1 ");
}

static void one_alert_is_open_per_kind_subject_and_unit(void **state)
{
	struct fixture *f = *state;
	struct alert first = warning(ALERT_ARRIVAL, "bus");
	struct alert second = warning(ALERT_ARRIVAL, "bus");
	struct alert back;
	bool found = true;

	OK(DO(alert_find, ALERT_ARRIVAL, "bus", first.unit, &back, &found));
	assert_false(found);
	BEGIN();
	first.loud = true;
	first.eta = T0 + 5;
	text_copy(first.detail, sizeof(first.detail), "四人");
	OK(DO(alert_save, &first, T0));
	assert_int_equal(DO(alert_save, &second, T0), CL_ECONFLICT);
	OK(DO(alert_find, ALERT_ARRIVAL, "bus", first.unit, &back, &found));
	assert_true(found);
	assert_memory_equal(&back, &first, sizeof(back));
	first.state = ALERT_RESOLVED;
	first.resolved_at = T0 + 7;
	text_copy(first.by, sizeof(first.by), "officer");
	text_copy(first.outcome, sizeof(first.outcome), "no_show");
	OK(DO(alert_save, &first, T0));
	OK(DO(alert_save, &second, T0));
	COMMIT();
	assert_true(second.id > first.id);
	OK(DO(alert_load, first.id, &back));
	assert_memory_equal(&back, &first, sizeof(back));
	assert_int_equal(DO(alert_load, 99, &back), CL_ENOENT);
	second.id = 99;
	BEGIN();
	assert_int_equal(DO(alert_save, &second, T0), CL_ENOENT);
	ROLLBACK();
}

static void due_alerts_come_gravest_first(void **state)
{
	struct fixture *f = *state;
	struct heard due = {.rows = 0};
	struct heard open = {.rows = 0};
	struct heard all = {.rows = 0};
	struct heard district = {.rows = 0};
	struct heard elsewhere = {.rows = 0};
	int64_t journeys, alerts, notices;
	struct alert remind = warning(ALERT_REMIND, "a");
	struct alert fever = warning(ALERT_FEVER, "b");
	struct alert later = warning(ALERT_CONFLICT, "c");
	struct alert over = warning(ALERT_ARRIVAL, "d");

	later.next_at = T0 + WHEN_DAY;
	over.state = ALERT_RESOLVED;
	over.changed = true;
	BEGIN();
	OK(DO(alert_save, &remind, T0));
	OK(DO(alert_save, &fever, T0));
	OK(DO(alert_save, &later, T0));
	OK(DO(alert_save, &over, T0));
	OK(DO(alerts_due, T0 + WHEN_HOUR, 9, hear_alert, &due));
	assert_string_equal(due.words, "fever/b remind/a ");
	OK(DO(next_due, &journeys, &alerts, &notices));
	assert_int_equal(alerts, T0 + WHEN_MINUTE);
	later.changed = true;
	OK(DO(alert_save, &later, T0));
	OK(DO(alerts_due, T0, 9, hear_alert, &due));
	assert_string_equal(due.words, "fever/b remind/a conflict/c ");
	OK(DO(next_due, &journeys, &alerts, &notices));
	assert_true(alerts < T0);
	COMMIT();
	OK(DO(alerts_list, NULL, true, 9, hear_alert, &open));
	assert_string_equal(open.words, "fever/b conflict/c remind/a ");
	OK(DO(alerts_list, "", false, 9, hear_alert, &all));
	assert_string_equal(all.words, "fever/b conflict/c remind/a arrival/d ");
	OK(DO(alerts_list, "310115", false, 1, hear_alert, &district));
	assert_string_equal(district.words, "fever/b ");
	OK(DO(alerts_list, "310116", false, 9, hear_alert, &elsewhere));
	assert_int_equal(elsewhere.rows, 0);
}

static void the_last_member_to_leave_leaves_none(void **state)
{
	struct fixture *f = *state;
	int left = -1;

	BEGIN();
	OK(DO(member_save, 4, "jny_a"));
	OK(DO(member_save, 4, "jny_a"));
	OK(DO(member_save, 4, "jny_b"));
	OK(DO(member_save, 5, "jny_a"));
	OK(DO(member_remove, 4, "jny_a", &left));
	assert_int_equal(left, 1);
	OK(DO(member_remove, 4, "jny_x", &left));
	assert_int_equal(left, 1);
	OK(DO(member_remove, 4, "jny_b", &left));
	assert_int_equal(left, 0);
	COMMIT();
}

/* --- Outbox -------------------------------------------------------------------------------- */

static struct notice seen;
static void see_notice(void *context, const void *row)
{
	(void)context;
	seen = *(const struct notice *)row;
}

static void a_notice_comes_back_as_it_was_saved(void **state)
{
	struct fixture *f = *state;
	struct notice notice = message("ntc_1", "wecom");

	notice.group = "g";
	BEGIN();
	OK(DO(notice_save, &notice));
	COMMIT();
	OK(DO(notices_ready, "wecom", true, T0, 1, &f->arena, see_notice, NULL));
	assert_string_equal(seen.id, "ntc_1");
	assert_int_equal(seen.alert, 1);
	assert_true(seen.urgent);
	assert_string_equal(seen.type, "alert.raised");
	assert_string_equal(seen.kind, "arrival");
	assert_string_equal(seen.unit, notice.unit);
	assert_int_equal(seen.expires_at, WHEN_NEVER);
	assert_string_equal(seen.title, "一车四人");
	assert_string_equal(seen.text, "03:05 到");
	assert_string_equal(seen.url, notice.url);
	assert_string_equal(seen.data, "{}");
	assert_string_equal(seen.group, "g");
}

static void ready_notices_come_class_by_class_and_oldest_first(void **state)
{
	struct fixture *f = *state;
	struct heard loud = {.rows = 0};
	struct heard calm = {.rows = 0};
	struct heard few = {.rows = 0};
	struct heard waiting = {.rows = 0};
	int64_t journeys, alerts, notices, next;
	static const struct {
		const char *id, *endpoint;
		bool urgent;
		int64_t due;
	} rows[] = {{"calm_old", "a", false, 1}, {"loud_new", "a", true, 3},
		    {"loud_old", "a", true, 2},	 {"loud_later", "a", true, 99},
		    {"other", "b", false, 50},	 {"calm_new", "a", false, 3}};

	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct notice notice = message(rows[i].id, rows[i].endpoint);

		notice.alert = 0;
		notice.urgent = rows[i].urgent;
		notice.due_at = T0 + rows[i].due;
		OK(DO(notice_save, &notice));
	}
	COMMIT();
	OK(DO(notices_ready, "a", true, T0 + 10, 9, &f->arena, hear_notice, &loud));
	assert_string_equal(loud.words, "loud_old loud_new ");
	OK(DO(notices_ready, "a", false, T0 + 10, 9, &f->arena, hear_notice, &calm));
	assert_string_equal(calm.words, "calm_old calm_new ");
	OK(DO(notices_ready, "a", true, T0 + 10, 1, &f->arena, hear_notice, &few));
	assert_string_equal(few.words, "loud_old ");
	OK(DO(notices_waiting, hear_waiting, &waiting));
	assert_string_equal(waiting.words, "a!@2 a@1 b@50 ");
	OK(DO(notices_next, "a", true, T0 + 10, &next));
	assert_int_equal(next, T0 + 99);
	OK(DO(notices_next, "a", false, T0 + 10, &next));
	assert_int_equal(next, WHEN_NEVER);
	OK(DO(next_due, &journeys, &alerts, &notices));
	assert_int_equal(notices, T0 + 1);
}

static void what_waits_for_an_endpoint_is_counted_from_the_oldest_on(void **state)
{
	struct fixture *f = *state;
	int64_t count = 7, since = 0;

	OK(DO(notices_backlog, "a", &count, &since));
	assert_int_equal(count, 0);
	assert_int_equal(since, WHEN_NEVER);
	BEGIN();
	for (int i = 0; i < 5; i++) {
		char id[8];
		snprintf(id, sizeof(id), "n%d", i);
		struct notice notice = message(id, i < 4 ? "a" : "b");
		notice.alert = 0;
		notice.urgent = i % 2;
		notice.created_at = T0 + i;
		OK(DO(notice_save, &notice));
	}
	OK(DO(notice_result, "n0", NOTICE_DONE, 1, T0, T0, ""));
	COMMIT();
	OK(DO(notices_backlog, "a", &count, &since));
	assert_int_equal(count, 3);
	assert_int_equal(since, T0 + 1);
}

/* The engine writes the gravest first; an id made in the same millisecond does not know. */
static void notices_of_one_turn_go_in_the_order_they_were_written(void **state)
{
	struct fixture *f = *state;
	struct heard heard = {.rows = 0};
	static const char *const ids[] = {"n_m", "n_z", "n_a"};

	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct notice notice = message(ids[i], "a");

		notice.alert = 0;
		OK(DO(notice_save, &notice));
	}
	COMMIT();
	OK(DO(notices_ready, "a", true, T0, 9, &f->arena, hear_notice, &heard));
	assert_string_equal(heard.words, "n_m n_z n_a ");
}

static void nothing_waits_in_an_empty_outbox(void **state)
{
	struct fixture *f = *state;
	struct heard heard = {.rows = 0};

	OK(DO(notices_waiting, hear_waiting, &heard));
	assert_int_equal(heard.rows, 0);
}

static void a_result_ends_or_postpones_a_notice(void **state)
{
	struct fixture *f = *state;
	struct notice notice = message("ntc_1", "a");
	struct heard heard = {.rows = 0};

	BEGIN();
	OK(DO(notice_save, &notice));
	OK(DO(notice_result, "ntc_1", NOTICE_READY, 1, T0 + 500, T0, "http 503"));
	OK(DO(notices_ready, "a", true, T0 + 499, 9, &f->arena, hear_notice, &heard));
	assert_int_equal(heard.rows, 0);
	OK(DO(notices_ready, "a", true, T0 + 500, 9, &f->arena, see_notice, NULL));
	assert_int_equal(seen.attempts, 1);
	OK(DO(notice_result, "ntc_1", NOTICE_DONE, 2, T0 + 500, T0 + 501, ""));
	OK(DO(notices_ready, "a", true, WHEN_NEVER, 9, &f->arena, hear_notice, &heard));
	assert_int_equal(heard.rows, 0);
	OK(DO(notices_list, NOTICE_DONE, 9, &f->arena, hear_notice, &heard));
	assert_string_equal(heard.words, "ntc_1 ");
	assert_int_equal(DO(notice_result, "ntc_9", NOTICE_DONE, 1, 0, 0, ""), CL_ENOENT);
	COMMIT();
}

static void hear_ready(struct fixture *f, bool urgent, int64_t now, const char *words)
{
	struct heard heard = {.rows = 0};

	OK(DO(notices_ready, "a", urgent, now, 99, &f->arena, hear_notice, &heard));
	assert_string_equal(heard.words, words);
}

static void put_notice(struct fixture *f, const char *id, int64_t alert, bool urgent)
{
	struct notice notice = message(id, "a");

	notice.alert = alert;
	notice.urgent = urgent;
	OK(DO(notice_save, &notice));
}

static void of_one_alert_the_later_waits_for_the_earlier(void **state)
{
	struct fixture *f = *state;
	struct notice elsewhere = message("elsewhere", "b");

	BEGIN();
	OK(DO(notice_save, &elsewhere));
	put_notice(f, "first", 1, true);
	put_notice(f, "second", 1, true);
	put_notice(f, "other", 2, true);
	put_notice(f, "calm", 1, false);
	hear_ready(f, true, T0, "first other ");
	hear_ready(f, false, T0, "");
	/* While the first waits for its next try, too. */
	OK(DO(notice_result, "first", NOTICE_READY, 1, T0 + 500, T0, "http 503"));
	hear_ready(f, true, T0, "other ");
	OK(DO(notice_result, "first", NOTICE_DEAD, 1, T0 + 500, T0, "http 400"));
	hear_ready(f, true, T0, "second other ");
	OK(DO(notice_result, "second", NOTICE_DONE, 1, T0, T0, ""));
	hear_ready(f, false, T0, "calm ");
	COMMIT();
}

static void members_of_a_digest_wait_with_it(void **state)
{
	struct fixture *f = *state;
	struct heard merged = {.rows = 0};
	struct notice digest = message("ntc_d", "a");

	digest.alert = 0;
	BEGIN();
	put_notice(f, "one", 1, true);
	put_notice(f, "two", 2, true);
	OK(DO(notice_save, &digest));
	OK(DO(notice_merge, "one", "ntc_d"));
	OK(DO(notice_merge, "two", "ntc_d"));
	assert_int_equal(DO(notice_merge, "two", "ntc_d"), CL_ENOENT);
	put_notice(f, "one_later", 1, true);
	hear_ready(f, true, T0, "ntc_d ");
	OK(DO(notices_merged, "ntc_d", &f->arena, hear_notice, &merged));
	assert_string_equal(merged.words, "one two ");
	OK(DO(notice_result, "ntc_d", NOTICE_DONE, 1, T0, T0, ""));
	hear_ready(f, true, T0, "one_later ");
	COMMIT();
}

static void an_unheard_line_of_a_digest_can_be_superseded(void **state)
{
	struct fixture *f = *state;
	struct heard gone = {.rows = 0};
	struct notice digest = message("ntc_d", "a"), told = message("ntc_t", "a");

	digest.alert = told.alert = 0;
	BEGIN();
	put_notice(f, "one", 1, true);
	put_notice(f, "two", 2, true);
	put_notice(f, "told", 3, true);
	OK(DO(notice_save, &digest));
	OK(DO(notice_save, &told));
	OK(DO(notice_merge, "one", "ntc_d"));
	OK(DO(notice_merge, "two", "ntc_d"));
	OK(DO(notice_merge, "told", "ntc_t"));
	OK(DO(notice_result, "ntc_t", NOTICE_DONE, 1, T0, T0, ""));
	OK(DO(notices_supersede, 1, "a"));
	OK(DO(notices_supersede, 3, "a"));
	OK(DO(notices_list, NOTICE_SUPERSEDED, 9, &f->arena, hear_notice, &gone));
	assert_string_equal(gone.words, "one ");
	COMMIT();
}

static void members_that_expired_untold_end_so(void **state)
{
	struct fixture *f = *state;
	struct heard expired = {.rows = 0};
	struct notice digest = message("ntc_d", "a"), soon = message("soon", "a");

	digest.alert = 0;
	soon.alert = 2;
	soon.expires_at = T0 + 10;
	BEGIN();
	put_notice(f, "one", 1, true);
	OK(DO(notice_save, &soon));
	OK(DO(notice_save, &digest));
	OK(DO(notice_merge, "one", "ntc_d"));
	OK(DO(notice_merge, "soon", "ntc_d"));
	OK(DO(notices_merged_expire, "ntc_d", T0 + 9));
	OK(DO(notices_list, NOTICE_EXPIRED, 9, &f->arena, hear_notice, &expired));
	assert_int_equal(expired.rows, 0);
	OK(DO(notices_merged_expire, "ntc_d", T0 + 10));
	OK(DO(notices_list, NOTICE_EXPIRED, 9, &f->arena, hear_notice, &expired));
	assert_string_equal(expired.words, "soon ");
	COMMIT();
}

static void hear_endpoint(void *context, const void *row)
{
	const struct store_endpoint *endpoint = row;
	char word[80];

	(void)snprintf(word, sizeof(word), "%s=%d@%lld:%.*s", endpoint->name, endpoint->health,
		       (long long)(endpoint->until - T0), (int)endpoint->record_len,
		       (const char *)endpoint->record);
	hear(context, word);
}

static void an_endpoint_is_found_as_it_was_left(void **state)
{
	struct fixture *f = *state;
	struct heard heard = {.rows = 0};
	struct store_endpoint robot = {
		.name = "robot", .health = 2, .until = T0 + 5, .record = "abc", .record_len = 3};

	BEGIN();
	OK(DO(endpoint_save, &robot));
	robot.health = 0;
	robot.record_len = 2;
	OK(DO(endpoint_save, &robot));
	COMMIT();
	reopen(f);
	OK(DO(endpoints_list, &f->arena, hear_endpoint, &heard));
	assert_string_equal(heard.words, "robot=0@5:ab ");
}

static void a_superseded_notice_stays_so_unless_it_arrived(void **state)
{
	struct fixture *f = *state;
	struct heard gone = {.rows = 0};
	static const char *const ids[] = {"a1", "a2", "b1", "c1"};

	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		char endpoint[2] = {ids[i][0], '\0'};
		struct notice notice = message(ids[i], endpoint);

		notice.attempts = (int)i % 2;
		notice.alert = ids[i][0] == 'c' ? 2 : 1;
		OK(DO(notice_save, &notice));
	}
	OK(DO(notices_supersede, 1, "a"));
	OK(DO(notices_list, NOTICE_SUPERSEDED, 9, &f->arena, hear_notice, &gone));
	assert_string_equal(gone.words, "a2 a1 ");
	OK(DO(notices_supersede, 1, NULL));
	OK(DO(notice_result, "a1", NOTICE_READY, 3, T0, T0, "http 500"));
	OK(DO(notice_result, "a2", NOTICE_DONE, 3, T0, T0, ""));
	gone = (struct heard){.rows = 0};
	OK(DO(notices_list, NOTICE_SUPERSEDED, 9, &f->arena, hear_notice, &gone));
	assert_string_equal(gone.words, "b1 a1 ");
	COMMIT();
}

static void hear_letter(void *context, const void *row)
{
	const struct store_letter *letter = row;

	assert_int_equal(letter->state, NOTICE_DEAD);
	hear_notice(context, &letter->notice);
}

static void a_notice_says_what_became_of_it(void **state)
{
	struct fixture *f = *state;
	struct notice notice = message("ntc_1", "a");
	struct store_letter letter;

	BEGIN();
	OK(DO(notice_save, &notice));
	OK(DO(notice_load, "ntc_1", &f->arena, &letter));
	assert_int_equal(letter.state, NOTICE_READY);
	assert_int_equal(letter.ended_at, WHEN_NEVER);
	assert_string_equal(letter.notice.endpoint, "a");
	OK(DO(notice_result, "ntc_1", NOTICE_DONE, 2, T0, T0 + 5, "http 503"));
	OK(DO(notice_load, "ntc_1", &f->arena, &letter));
	assert_int_equal(letter.state, NOTICE_DONE);
	assert_int_equal(letter.ended_at, T0 + 5);
	assert_int_equal(letter.notice.attempts, 2);
	assert_string_equal(letter.notice.error, "http 503");
	assert_int_equal(DO(notice_load, "ntc_2", &f->arena, &letter), CL_ENOENT);
	COMMIT();
}

static void dead_letters_are_listed_by_endpoint_newest_first(void **state)
{
	static const char *const ids[] = {"ntc_1", "ntc_2", "ntc_3", "ntc_4"};
	static const char *const endpoints[] = {"a", "b", "a", "a"};
	struct fixture *f = *state;
	struct heard all = {.rows = 0}, one = {.rows = 0}, few = {.rows = 0}, none = {.rows = 0};

	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct notice notice = message(ids[i], endpoints[i]);
		OK(DO(notice_save, &notice));
		OK(DO(notice_result, ids[i], i == 3 ? NOTICE_DONE : NOTICE_DEAD, 1, T0, T0, ""));
	}
	COMMIT();
	OK(DO(letters_list, NULL, 9, &f->arena, hear_letter, &all));
	assert_string_equal(all.words, "ntc_3 ntc_2 ntc_1 ");
	OK(DO(letters_list, "a", 9, &f->arena, hear_letter, &one));
	assert_string_equal(one.words, "ntc_3 ntc_1 ");
	OK(DO(letters_list, NULL, 2, &f->arena, hear_letter, &few));
	assert_string_equal(few.words, "ntc_3 ntc_2 ");
	OK(DO(letters_list, "c", 9, &f->arena, hear_letter, &none));
	assert_int_equal(none.rows, 0);
}

static void dead_letters_are_redriven(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *id;
		enum notice_state end;
	} rows[] = {{"dead_1", NOTICE_DEAD},
		    {"dead_2", NOTICE_DEAD},
		    {"done", NOTICE_DONE},
		    {"expired", NOTICE_EXPIRED},
		    {"super", NOTICE_SUPERSEDED}};
	struct heard heard = {.rows = 0};
	int count = -1;

	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct notice notice = message(rows[i].id, "a");

		notice.alert = 0;
		OK(DO(notice_save, &notice));
		OK(DO(notice_result, rows[i].id, rows[i].end, 7, T0, T0, "http 400"));
	}
	OK(DO(notices_redrive, &(struct store_redrive){.id = "dead_2"}, T0 + 5, &count));
	assert_int_equal(count, 1);
	OK(DO(notices_redrive, &(struct store_redrive){.id = "done"}, T0 + 5, &count));
	assert_int_equal(count, 0);
	OK(DO(notices_redrive, &(struct store_redrive){.id = "expired"}, T0 + 6, &count));
	assert_int_equal(count, 1);
	OK(DO(notices_redrive, &(struct store_redrive){.id = NULL}, T0 + 7, &count));
	assert_int_equal(count, 1);
	OK(DO(notices_ready, "a", true, T0 + 7, 9, &f->arena, hear_notice, &heard));
	assert_string_equal(heard.words, "dead_2 expired dead_1 ");
	OK(DO(notices_ready, "a", true, T0 + 7, 1, &f->arena, see_notice, NULL));
	assert_int_equal(seen.attempts, 0);
	COMMIT();
}

static void dead_letters_are_redriven_by_range_and_endpoint(void **state)
{
	struct fixture *f = *state;
	static const char *const ids[] = {"ntc_1", "ntc_2", "ntc_3", "ntc_4", "ntc_5"};
	struct heard heard = {.rows = 0};
	int count = -1;

	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct notice notice = message(ids[i], i % 2 ? "b" : "a");

		notice.alert = 0;
		OK(DO(notice_save, &notice));
		OK(DO(notice_result, ids[i], NOTICE_DEAD, 7, T0, T0, "http 400"));
	}
	OK(DO(notices_redrive, &(struct store_redrive){.from = "ntc_2", .to = "ntc_4"}, T0,
	      &count));
	assert_int_equal(count, 3);
	OK(DO(notices_redrive, &(struct store_redrive){.endpoint = "b"}, T0 + 1, &count));
	assert_int_equal(count, 0);
	OK(DO(notices_redrive, &(struct store_redrive){.from = "ntc_5", .endpoint = "a"}, T0 + 1,
	      &count));
	assert_int_equal(count, 1);
	OK(DO(notices_ready, "a", true, T0 + 1, 9, &f->arena, hear_notice, &heard));
	assert_string_equal(heard.words, "ntc_3 ntc_5 ");
	COMMIT();
}

/* --- Pages --------------------------------------------------------------------------------- */

#define CROWD 60

/* Sixty travellers in six committees of two districts, with deadlines out of order; every fifth has
 * ended. */
static void crowd(struct fixture *f)
{
	BEGIN();
	for (int i = 0; i < CROWD; i++) {
		char id[16];
		char unit[16];
		char ref[16];
		struct store_journey journey = traveller(id);

		(void)snprintf(id, sizeof(id), "jny_%02d", i);
		(void)snprintf(unit, sizeof(unit), "31011%d00700%d", 5 + i % 2, i % 3);
		(void)snprintf(ref, sizeof(ref), "%d", i / 2);
		journey.unit = unit;
		journey.flight = i % 4 ? "F1" : "F2";
		journey.transfer = i % 7 ? "" : "T1";
		journey.open = i % 5 != 0;
		journey.stage = journey.open ? STAGE_REGISTERED : STAGE_RELEASED;
		journey.next_due = journey.open ? T0 + i * 37 % 11 : WHEN_NEVER;
		OK(DO(journey_save, &journey, true));
		OK(DO(ref_save, i % 2 ? "desk" : "list", ref, id));
		if (i % 7 == 0)
			OK(DO(rider_save, "T1", &(struct store_rider){.journey = id}));
	}
	COMMIT();
}

/* Pages of FILTER until one is empty; each id at most once, deadlines never going back while open.
 */
static int count_pages(struct fixture *f, struct store_filter filter)
{
	struct heard all = {.rows = 0};
	char after[16] = "";

	for (;;) {
		struct heard page = {.rows = 0};

		filter.after = after[0] ? after : NULL;
		OK(DO(journeys_list, &filter, &f->arena, hear_journey, &page));
		assert_true((unsigned)page.rows <= filter.limit);
		if (page.rows == 0)
			break;
		for (char *id = page.words; *id; id += 7) {
			char word[8];

			(void)snprintf(word, sizeof(word), "%.6s", id);
			assert_null(strstr(all.words, word));
			hear(&all, word);
			(void)snprintf(after, sizeof(after), "%s", word);
		}
	}
	return all.rows;
}

static void paging_covers_every_row_once(void **state)
{
	struct fixture *f = *state;
	struct store_filter any = {.stage = -1, .limit = 7};
	struct store_filter filter;

	crowd(f);
	assert_int_equal(count_pages(f, any), CROWD);
	for (unsigned limit = 1; limit < 20; limit += 6) {
		filter = any;
		filter.limit = limit;
		filter.open_only = true;
		assert_int_equal(count_pages(f, filter), 48);
	}
	filter = any;
	filter.limit = 0;
	assert_int_equal(count_pages(f, filter), 0);
	filter = any;
	filter.unit = "310115"; /* a district: walks the deadlines */
	assert_int_equal(count_pages(f, filter), 30);
	filter.unit = "310115007001"; /* a committee: its own index */
	assert_int_equal(count_pages(f, filter), 10);
	filter.open_only = true;
	assert_int_equal(count_pages(f, filter), 8);
	filter.unit = "31011500700";
	assert_int_equal(count_pages(f, filter), 24);
	filter.unit = "31011";
	assert_int_equal(count_pages(f, filter), 48);
	filter.unit = "310117";
	assert_int_equal(count_pages(f, filter), 0);
}

static void filters_narrow_a_list(void **state)
{
	struct fixture *f = *state;
	struct store_filter any = {.stage = -1, .limit = 4};
	struct store_filter filter;

	crowd(f);
	filter = any;
	filter.stage = STAGE_RELEASED;
	assert_int_equal(count_pages(f, filter), 12);
	filter = any;
	filter.flight = "F2";
	assert_int_equal(count_pages(f, filter), 15);
	filter.open_only = true;
	assert_int_equal(count_pages(f, filter), 12);
	filter = any;
	filter.transfer = "T1";
	assert_int_equal(count_pages(f, filter), 9);
	filter.flight = "F1";
	assert_int_equal(count_pages(f, filter), 6);
	filter = any;
	filter.ref = "3";
	assert_int_equal(count_pages(f, filter), 2);
	filter.source = "desk";
	assert_int_equal(count_pages(f, filter), 1);
	filter.ref = NULL;
	assert_int_equal(count_pages(f, filter), 30);
	filter.after = "jny_99";
	assert_int_equal(DO(journeys_list, &filter, &f->arena, hear_journey, NULL), CL_ENOENT);
	filter.after = "jny_00";
	filter.open_only = true;
	assert_int_equal(DO(journeys_list, &filter, &f->arena, hear_journey, NULL), CL_ECONFLICT);
}

static void the_oldest_deadline_comes_first(void **state)
{
	struct fixture *f = *state;
	struct heard heard = {.rows = 0};
	struct store_filter filter = {.stage = -1, .limit = 3, .open_only = true};

	crowd(f);
	OK(DO(journeys_list, &filter, &f->arena, hear_journey, &heard));
	assert_string_equal(heard.words, "jny_11 jny_22 jny_33 ");
}

/* --- Census -------------------------------------------------------------------------------- */

static void violations_are_those_that_nobody_watches(void **state)
{
	struct fixture *f = *state;
	const int64_t now = T0 + WHEN_HOUR;
	const int64_t grace = 5 * WHEN_MINUTE;
	struct heard heard = {.rows = 0};
	struct heard few = {.rows = 0};
	static const struct {
		const char *id;
		int64_t due; /* from now */
		bool open;
		int alert; /* index below, or -1 */
	} rows[] = {{"due_ahead", WHEN_HOUR, true, -1},
		    {"due_just", -WHEN_MINUTE, true, -1},
		    {"PAST", -WHEN_HOUR, true, -1},
		    {"past_told", -WHEN_HOUR, true, 0},
		    {"NEVER", 0, true, -1},
		    {"never_told", 0, true, 0},
		    {"NEVER_INFO", 0, true, 1},
		    {"NEVER_OVER", 0, true, 2},
		    {"NEVER_MUTE", 0, true, 3},
		    {"NEVER_STUCK", 0, true, 4},
		    {"ended", 0, false, -1}};
	struct alert alerts[] = {warning(ALERT_FEVER, "a"), warning(ALERT_REMIND, "b"),
				 warning(ALERT_FEVER, "c"), warning(ALERT_FEVER, "d"),
				 warning(ALERT_FEVER, "e")};

	for (size_t i = 0; i < ARRAY_LEN(alerts); i++)
		alerts[i].next_at = now + WHEN_MINUTE;
	alerts[2].state = ALERT_RESOLVED;
	alerts[3].next_at = WHEN_NEVER;
	alerts[4].next_at = now - WHEN_HOUR;
	BEGIN();
	for (size_t i = 0; i < ARRAY_LEN(alerts); i++)
		OK(DO(alert_save, &alerts[i], T0));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct store_journey journey = traveller(rows[i].id);

		journey.open = rows[i].open;
		journey.next_due = rows[i].due ? now + rows[i].due : WHEN_NEVER;
		OK(DO(journey_save, &journey, true));
		if (rows[i].alert >= 0)
			OK(DO(member_save, alerts[rows[i].alert].id, rows[i].id));
	}
	COMMIT();
	OK(DO(violations, now, grace, 99, hear_id, &heard));
	assert_string_equal(heard.words,
			    "PAST NEVER NEVER_INFO NEVER_MUTE NEVER_OVER NEVER_STUCK ");
	OK(DO(violations, now, grace, 2, hear_id, &few));
	assert_string_equal(few.words, "PAST NEVER ");
}

static void the_census_counts_what_is_there(void **state)
{
	struct fixture *f = *state;
	struct store_journey journey = traveller("jny_a");
	struct alert alert = warning(ALERT_FEVER, "x");
	struct notice notice = message("ntc_1", "a");
	struct fact fact = happening("e1");
	struct store_reject reject = {.feed = "f"};
	struct store_census census;
	int64_t seq;

	crowd(f);
	BEGIN();
	OK(DO(journey_save, &journey, true));
	journey.stage = STAGE_CLOSED;
	journey.open = false;
	OK(DO(journey_save, &journey, false));
	OK(DO(alert_save, &alert, T0));
	OK(DO(notice_save, &notice));
	OK(DO(fact_save, &fact, T0, &seq));
	OK(DO(reject_save, &reject));
	for (int pass = 0; pass < 2; pass++) { /* before and after commit */
		OK(DO(census, &census));
		assert_int_equal(census.open, 48);
		assert_int_equal(census.stages[STAGE_REGISTERED], 48);
		assert_int_equal(census.stages[STAGE_RELEASED], 12);
		assert_int_equal(census.stages[STAGE_CLOSED], 1);
		assert_int_equal(census.alerts_open, 1);
		assert_int_equal(census.notices_ready, 1);
		assert_int_equal(census.facts, 1);
		assert_int_equal(census.rejects, 1);
		if (pass == 0)
			COMMIT();
	}
}

static void meta_keeps_small_values(void **state)
{
	struct fixture *f = *state;
	char value[8];

	assert_int_equal(DO(meta_get, "k", value, sizeof(value)), CL_ENOENT);
	BEGIN();
	OK(DO(meta_set, "k", "one"));
	OK(DO(meta_set, "k", "two"));
	OK(DO(meta_set, "long", "longer than that"));
	COMMIT();
	OK(DO(meta_get, "k", value, sizeof(value)));
	assert_string_equal(value, "two");
	assert_int_equal(DO(meta_get, "long", value, sizeof(value)), CL_ELIMIT);
}

/* --- Transactions -------------------------------------------------------------------------- */

static const char *const tables[] = {"facts",  "rejects",   "journeys",	 "people",  "ledger",
				     "refs",   "documents", "transfers", "flights", "riders",
				     "alerts", "members",   "notices",	 "tally"};

static void fill(struct fixture *f)
{
	struct store_journey journey = traveller("jny_a");
	struct alert alert = warning(ALERT_FEVER, "x");
	struct notice notice = message("ntc_1", "a");
	struct fact fact = happening("e1");
	struct store_reject reject = {.feed = "f"};
	struct store_step step = {.what = "w"};
	struct store_rider rider = {.journey = "jny_a"};
	int64_t seq;

	OK(DO(fact_save, &fact, T0, &seq));
	OK(DO(reject_save, &reject));
	OK(DO(journey_save, &journey, true));
	OK(DO(step_save, "jny_a", &step));
	OK(DO(ref_save, "s", "r", "jny_a"));
	OK(DO(document_save, "d", "jny_a"));
	OK(DO(transfer_save, "t", "x", 1));
	OK(DO(flight_save, "f", "x", 1));
	OK(DO(rider_save, "t", &rider));
	OK(DO(alert_save, &alert, T0));
	OK(DO(member_save, alert.id, "jny_a"));
	OK(DO(notice_save, &notice));
}

static void rollback_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_census census;

	BEGIN();
	fill(f);
	ROLLBACK();
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		assert_int_equal(rows_in(f, tables[i]), 0);
	BEGIN();
	fill(f);
	COMMIT();
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		assert_int_equal(rows_in(f, tables[i]), text_equal(tables[i], "ledger") ? 2 : 1);
	OK(DO(census, &census));
	assert_int_equal(census.open, 1);
}

static void rollback_without_begin_is_harmless(void **state)
{
	struct fixture *f = *state;

	ROLLBACK();
	BEGIN();
	COMMIT();
	ROLLBACK();
}

static void what_was_committed_survives_a_killed_process(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t child;

	f->store->ops->close(f->store);
	f->store = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (store_sqlite_open(&f->store, f->path, NULL, &f->err) < 0)
			_exit(1);
		for (int i = 0; i < 3; i++) {
			char id[16];
			struct store_journey journey = traveller(id);

			(void)snprintf(id, sizeof(id), "jny_%d", i);
			if (f->store->ops->begin(f->store, &f->err) < 0 ||
			    DO(journey_save, &journey, true) < 0)
				_exit(1);
			if (i < 2 && f->store->ops->commit(f->store, &f->err) < 0)
				_exit(1);
		}
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	reopen(f);
	assert_int_equal(rows_in(f, "journeys"), 2);
}

static void another_writer_is_busy_at_once(void **state)
{
	struct fixture *f = *state;
	sqlite3 *other;

	assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(f->store->ops->begin(f->store, &f->err), CL_EBUSY);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	BEGIN();
	fill(f);
	COMMIT();
}

/* --- A sick disk --------------------------------------------------------------------------- */

static off_t size_of(const char *path, const char *suffix)
{
	char name[128];
	struct stat status;

	(void)snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &status) == 0 ? status.st_size : 0;
}

static void a_full_disk_is_said_and_survived(void **state)
{
	struct fixture *f = *state;
	struct rlimit before;
	struct rlimit tight;
	char *bulk = mem_alloc(1000000);
	struct store_reject reject = {.feed = "bulk", .body = bulk, .body_len = 1000000};
	int rc;

	BEGIN();
	fill(f);
	COMMIT();
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = (rlim_t)size_of(f->path, "-wal") + 8192;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	for (int i = 0; i < 3; i++) {
		rc = f->store->ops->begin(f->store, &f->err);
		if (rc == 0)
			rc = DO(reject_save, &reject);
		if (rc == 0)
			rc = f->store->ops->commit(f->store, &f->err);
		ROLLBACK();
		if (rc != CL_EFULL)
			print_error("%s\n", f->err.text);
		assert_int_equal(rc, CL_EFULL);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	BEGIN();
	OK(DO(reject_save, &reject));
	COMMIT();
	assert_int_equal(rows_in(f, "rejects"), 2);
	assert_int_equal(rows_in(f, "journeys"), 1);
	mem_free(bulk);
}

static void a_full_database_is_said_and_survived(void **state)
{
	struct fixture *f = *state;
	char bulk[100000] = "";
	struct store_reject reject = {.feed = "bulk", .body = bulk, .body_len = sizeof(bulk)};
	sqlite3 *db = sqlite_of(f->store)->db;

	assert_int_equal(sqlite3_exec(db, "PRAGMA max_page_count = 60", NULL, NULL, NULL), 0);
	BEGIN();
	fill(f);
	assert_int_equal(DO(reject_save, &reject), CL_EFULL);
	/* SQLite has rolled back by itself: nothing more may slip through without a transaction. */
	assert_true(DO(ref_save, "s", "r", "jny_b") < 0);
	assert_true(f->store->ops->commit(f->store, &f->err) < 0);
	ROLLBACK();
	assert_int_equal(rows_in(f, "refs"), 0);
	assert_int_equal(sqlite3_exec(db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL), 0);
	BEGIN();
	OK(DO(reject_save, &reject));
	COMMIT();
}

static int syncs;
static int bad_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	syncs++;
	return SQLITE_IOERR_FSYNC;
}

static int bad_read(sqlite3_file *file, void *buffer, int amount, sqlite3_int64 offset)
{
	(void)file;
	(void)offset;
	memset(buffer, 0, (size_t)amount);
	return SQLITE_IOERR_READ;
}

/* Give the file behind OP (the log or the database) other methods, until it is closed. */
static void infect(struct fixture *f, int op, sqlite3_io_methods *methods)
{
	sqlite3_file *file = NULL;

	assert_int_equal(sqlite3_file_control(sqlite_of(f->store)->db, "main", op, &file), 0);
	assert_non_null(file->pMethods);
	if (!methods->xClose)
		*methods = *file->pMethods;
	file->pMethods = methods;
}

static void a_failed_sync_refuses_the_batch_and_opens_again(void **state)
{
	struct fixture *f = *state;
	static sqlite3_io_methods methods; /* outlives a failure of this test */

	char value[8];

	BEGIN();
	OK(DO(meta_set, "kept", "1"));
	COMMIT();
	BEGIN();
	fill(f);
	infect(f, SQLITE_FCNTL_JOURNAL_POINTER, &methods);
	methods.xSync = bad_sync;
	syncs = 0;
	assert_int_equal(f->store->ops->commit(f->store, &f->err), CL_EIO);
	assert_int_equal(syncs, 1);
	assert_int_equal(DO(meta_set, "x", "1"), CL_EIO);
	ROLLBACK();
	assert_int_equal(rows_in(f, "journeys"), 0);
	OK(DO(meta_get, "kept", value, sizeof(value)));
	BEGIN();
	fill(f);
	COMMIT();
	reopen(f);
	assert_int_equal(rows_in(f, "journeys"), 1);
}

static void a_failed_read_is_an_error_and_mends_itself(void **state)
{
	struct fixture *f = *state;
	static sqlite3_io_methods methods; /* outlives a failure of this test */
	struct store_journey journey;

	BEGIN();
	fill(f);
	COMMIT();
	reopen(f); /* Nothing is in the log, … */
	assert_int_equal(sqlite3_db_release_memory(sqlite_of(f->store)->db),
			 0); /* … or in the cache. */
	infect(f, SQLITE_FCNTL_FILE_POINTER, &methods);
	methods.xRead = bad_read;
	methods.iVersion = 1; /* no mapping around it */
	assert_int_equal(DO(journey_load, "jny_a", &f->arena, &journey), CL_EIO);
	OK(DO(journey_load, "jny_a", &f->arena, &journey));
}

/* --- Other files --------------------------------------------------------------------------- */

struct bytes {
	char *data;
	size_t len;
};

static struct bytes slurp(const char *path)
{
	struct bytes bytes = {.data = mem_alloc(1 << 20)};
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	bytes.len = fread(bytes.data, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

/* Opening PATH is refused with CODE, and its bytes stay as they are. */
static void refused(struct fixture *f, enum cl_error code, const char *word)
{
	struct bytes before = slurp(f->path);
	struct bytes after;

	assert_int_equal(store_sqlite_open(&f->store, f->path, NULL, &f->err), code);
	assert_null(f->store);
	assert_non_null(strstr(f->err.text, word));
	assert_non_null(strstr(f->err.text, f->path));
	after = slurp(f->path);
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.data, before.data, before.len);
	mem_free(before.data);
	mem_free(after.data);
}

static void run_alone(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void a_newer_schema_is_refused_untouched(void **state)
{
	struct fixture *f = *state;
	char version[16];

	f->store->ops->close(f->store);
	run_alone(f->path, "PRAGMA user_version = 4711");
	refused(f, CL_ENEWER, "4711");
	(void)snprintf(version, sizeof(version), "up to %d", sqlite_schema_version());
	assert_non_null(strstr(f->err.text, version));
}

static void a_foreign_database_is_refused_untouched(void **state)
{
	struct fixture *f = *state;

	f->store->ops->close(f->store);
	unlink(f->path);
	run_alone(f->path, "CREATE TABLE t (x); PRAGMA application_id = 17");
	refused(f, CL_EINVAL, "another program");
}

static void a_damaged_file_is_refused_untouched(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	BEGIN();
	fill(f);
	COMMIT();
	f->store->ops->close(f->store);
	file = fopen(f->path, "r+b");
	assert_non_null(file);
	for (long page = 2; page < 12; page++) {
		assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
		for (int i = 0; i < 4096; i++)
			assert_int_not_equal(fputc(0x5a, file), EOF);
	}
	fclose(file);
	refused(f, CL_ECORRUPT, "damaged");
	file = fopen(f->path, "wb");
	assert_non_null(file);
	assert_true(fputs("This is a letter to my grandmother, not a database.", file) >= 0);
	fclose(file);
	refused(f, CL_ECORRUPT, "no SQLite database");
}

static void a_missing_folder_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct store *store;

	assert_int_equal(store_sqlite_open(&store, "/nowhere/at/all.db", NULL, &f->err), CL_EIO);
	assert_null(store);
}

/* --- Tokens -------------------------------------------------------------------------------- */

static void count_token(void *context, const void *row)
{
	const struct store_token *token = row;

	assert_true(token->name && token->role && token->scope);
	++*(int *)context;
}

static struct store_token token_of(const char *name, uint8_t byte)
{
	struct store_token token = {.name = name,
				    .role = "duty",
				    .scope = "310112",
				    .made_at = T0,
				    .made_by = "local",
				    .expires_at = T0 + WHEN_DAY,
				    .revoked_at = WHEN_NEVER,
				    .revoked_by = ""};

	memset(token.hash, byte, sizeof(token.hash));
	return token;
}

static void a_token_is_found_by_its_hash_until_its_name_has_another(void **state)
{
	struct fixture *f = *state;
	const struct store_ops *ops = f->store->ops;
	const struct store_token first = token_of("night", 1), second = token_of("night", 2);
	struct store_token found;
	int count = 0;

	BEGIN();
	OK(ops->token_save(f->store, &first, &f->err));
	COMMIT();
	reopen(f);
	ops = f->store->ops;
	OK(ops->token_find(f->store, first.hash, &f->arena, &found, &f->err));
	assert_string_equal(found.name, "night");
	assert_string_equal(found.role, "duty");
	assert_string_equal(found.scope, "310112");
	assert_memory_equal(found.hash, first.hash, sizeof(first.hash));
	assert_int_equal(found.made_at, T0);
	assert_string_equal(found.made_by, "local");
	assert_int_equal(found.expires_at, T0 + WHEN_DAY);
	assert_int_equal(found.revoked_at, WHEN_NEVER);
	OK(ops->token_find(f->store, second.hash, &f->arena, &found, &f->err));
	assert_null(found.name);
	BEGIN();
	OK(ops->token_save(f->store, &second, &f->err));
	COMMIT();
	OK(ops->token_find(f->store, first.hash, &f->arena, &found, &f->err));
	assert_null(found.name);
	OK(ops->token_find(f->store, second.hash, &f->arena, &found, &f->err));
	assert_string_equal(found.name, "night");
	OK(ops->tokens_list(f->store, &f->arena, count_token, &count, &f->err));
	assert_int_equal(count, 1);
}

static void a_token_is_revoked_once_and_stays_so(void **state)
{
	struct fixture *f = *state;
	const struct store_ops *ops = f->store->ops;
	const struct store_token token = token_of("night", 1);
	struct store_token found;

	BEGIN();
	OK(ops->token_save(f->store, &token, &f->err));
	COMMIT();
	BEGIN();
	OK(ops->token_revoke(f->store, "night", T0 + 5, "boss", &f->err));
	assert_int_equal(ops->token_revoke(f->store, "night", T0 + 9, "other", &f->err), CL_ENOENT);
	assert_int_equal(ops->token_revoke(f->store, "day", T0 + 9, "other", &f->err), CL_ENOENT);
	COMMIT();
	OK(ops->token_find(f->store, token.hash, &f->arena, &found, &f->err));
	assert_int_equal(found.revoked_at, T0 + 5);
	assert_string_equal(found.revoked_by, "boss");
}

/* --- Plans --------------------------------------------------------------------------------- */

/* Nothing that a turn asks may read a whole table; an index walked to its first row is a "SCAN …
 * USING". */
static void no_statement_reads_a_table_from_end_to_end(void **state)
{
	struct fixture *f = *state;
	struct sqlite_store *self = sqlite_of(f->store);

	for (size_t i = SQL_ROLLBACK + 1; i < SQL_STATEMENTS; i++) {
		char sql[4096];
		sqlite3_stmt *stmt;

		(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s",
			       sqlite3_sql(self->sql[i]));
		assert_int_equal(sqlite3_prepare_v2(self->db, sql, -1, &stmt, NULL), SQLITE_OK);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			const char *detail = sql_column_text(stmt, 3);
			bool scan = text_starts(detail, "SCAN") && !strstr(detail, " USING ") &&
				    !text_equal(detail, "SCAN CONSTANT ROW") &&
				    !text_equal(detail, "SCAN names") &&
				    !text_equal(detail, "SCAN lost") &&
				    !text_equal(detail, "SCAN (subquery-2)") && i != SQL_TALLY &&
				    i != SQL_FEEDS_LIST &&     /* A row per feed, … */
				    i != SQL_ENDPOINTS_LIST && /* … per endpoint … */
				    i != SQL_TOKENS_LIST;      /* … and per token ever made. */

			if (scan)
				print_error("%s: %s\n", detail, sqlite3_sql(self->sql[i]));
			assert_false(scan);
		}
		sqlite3_finalize(stmt);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_statement_is_prepared_and_every_verb_is_there),
		TEST(a_fact_is_found_by_source_and_id),
		TEST(every_type_of_fact_comes_back),
		TEST(the_same_fact_twice_is_refused_and_the_transaction_goes_on),
		TEST(rejects_are_listed_newest_first_and_pruned),
		TEST(refs_and_documents_lead_to_a_journey),
		TEST(repointing_moves_everything_that_pointed_there),
		TEST(a_journey_comes_back_as_it_was_saved),
		TEST(a_person_is_written_only_when_changed),
		TEST(due_journeys_come_in_the_order_of_their_deadlines),
		TEST(a_flight_finds_all_its_travellers_ended_ones_too),
		TEST(history_is_listed_oldest_first_with_its_facts),
		TEST(transfers_riders_and_flights_come_back),
		TEST(one_alert_is_open_per_kind_subject_and_unit),
		TEST(due_alerts_come_gravest_first),
		TEST(the_last_member_to_leave_leaves_none),
		TEST(a_notice_comes_back_as_it_was_saved),
		TEST(ready_notices_come_class_by_class_and_oldest_first),
		TEST(what_waits_for_an_endpoint_is_counted_from_the_oldest_on),
		TEST(notices_of_one_turn_go_in_the_order_they_were_written),
		TEST(nothing_waits_in_an_empty_outbox),
		TEST(a_result_ends_or_postpones_a_notice),
		TEST(of_one_alert_the_later_waits_for_the_earlier),
		TEST(members_of_a_digest_wait_with_it),
		TEST(an_unheard_line_of_a_digest_can_be_superseded),
		TEST(members_that_expired_untold_end_so),
		TEST(an_endpoint_is_found_as_it_was_left),
		TEST(a_superseded_notice_stays_so_unless_it_arrived),
		TEST(a_notice_says_what_became_of_it),
		TEST(dead_letters_are_listed_by_endpoint_newest_first),
		TEST(dead_letters_are_redriven),
		TEST(dead_letters_are_redriven_by_range_and_endpoint),
		TEST(paging_covers_every_row_once),
		TEST(filters_narrow_a_list),
		TEST(the_oldest_deadline_comes_first),
		TEST(violations_are_those_that_nobody_watches),
		TEST(the_census_counts_what_is_there),
		TEST(meta_keeps_small_values),
		TEST(rollback_leaves_nothing),
		TEST(rollback_without_begin_is_harmless),
		TEST(what_was_committed_survives_a_killed_process),
		TEST(another_writer_is_busy_at_once),
		TEST(a_full_disk_is_said_and_survived),
		TEST(a_full_database_is_said_and_survived),
		TEST(a_failed_sync_refuses_the_batch_and_opens_again),
		TEST(a_failed_read_is_an_error_and_mends_itself),
		TEST(a_newer_schema_is_refused_untouched),
		TEST(a_foreign_database_is_refused_untouched),
		TEST(a_damaged_file_is_refused_untouched),
		TEST(a_missing_folder_is_an_error),
		TEST(a_token_is_found_by_its_hash_until_its_name_has_another),
		TEST(a_token_is_revoked_once_and_stays_so),
		TEST(no_statement_reads_a_table_from_end_to_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
