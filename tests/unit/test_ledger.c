/* test_ledger.c — whatever is done to the history behind our back is found, and the row is named.
 * Neighbours: lib/store/store_verify.c, lib/base/ledger.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_private.h"
#include "tests/unit/vault.h"

#define T0    INT64_C(1583690000000)
#define FACTS 4
#define ROWS  (3 * FACTS)

struct fixture {
	struct vault vault;
	char dir[64];
	char path[96];
	struct store *store;
	sqlite3 *knife; /* another's connection to the same file */
	uint8_t key[DIGEST_PRIVATE_LEN];
	struct ledger_head heads[2];
	struct ledger_check check;
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

/* --- The ledger that is tampered with ------------------------------------------------------ */

static void sign(struct fixture *f, struct ledger_head *head)
{
	OK(DO(ledger_end, &head->n, head->link));
	head->at = T0 + head->n;
	ledger_sign(head, f->key);
	OK(DO(head_save, head));
}

/* Row 3i + 1 is fact i, 3i + 2 what came of it, 3i + 3 somebody who looked. */
static void write_rows(struct fixture *f)
{
	for (int i = 0; i < FACTS; i++) {
		char id[8], body[32], journey[8];
		struct fact fact = {.type = FACT_REGISTERED,
				    .stamp = {.source = "/desk/", .id = id, .at = T0 + i},
				    .body = body};
		struct store_step step = {.at = T0 + i,
					  .what = "traveler.registered",
					  .note = "expected -> home"};

		(void)snprintf(id, sizeof(id), "e%d", i);
		(void)snprintf(journey, sizeof(journey), "jny_%d", i % 2);
		fact.body_len = (size_t)snprintf(body, sizeof(body), "{\"i\":%d}", i);
		memset(fact.hash, i, sizeof(fact.hash));
		OK(f->store->ops->begin(f->store, &f->err));
		OK(DO(fact_save, &fact, NULL, T0 + i, &step.fact));
		OK(DO(step_save, journey, &step));
		OK(DO(ledger_save, journey, "read", "duty wang", T0 + i));
		if (i % 2)
			sign(f, &f->heads[i / 2]);
		OK(f->store->ops->commit(f->store, &f->err));
	}
}

static int setup(void **state)
{
	static const uint8_t seed[DIGEST_PUBLIC_LEN] = {7};
	struct fixture *f = mem_alloc(sizeof(*f));

	assert_int_equal(digest_init(NULL), 0);
	ledger_key(seed, f->key);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/test_ledger.XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "%s/loop.db", f->dir);
	OK(vault_store(&f->vault, &f->store, f->path, NULL, &f->err));
	write_rows(f);
	assert_int_equal(sqlite3_open(f->path, &f->knife), SQLITE_OK);
	assert_int_equal(sqlite3_exec(f->knife,
				      "PRAGMA synchronous = OFF; PRAGMA wal_checkpoint(TRUNCATE)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	sqlite3_close(f->knife);
	f->store->ops->close(f->store);
	(void)snprintf(command, sizeof(command), "rm -rf %s", f->dir);
	if (system(command) != 0)
		return -1;
	vault_close(&f->vault);
	mem_free(f);
	return 0;
}

/* What is found, as if the file had just been opened, three rows at a time. */
static enum ledger_fault look(struct fixture *f, bool signatures, const struct ledger_head *kept,
			      size_t kept_len)
{
	struct sqlite_store *self = sqlite_of(f->store);
	int turns = 0;

	f->check = (struct ledger_check){.public_key = signatures ? ledger_public(f->key) : NULL,
					 .kept = kept,
					 .kept_len = kept_len};
	if (sqlite_ledger_resume(self, &f->err) < 0)
		return LEDGER_UNREADABLE;
	while (!f->check.done) {
		OK(DO(ledger_verify, &f->check, 3));
		assert_true(turns++ < 2 * ROWS);
	}
	return f->check.fault;
}

static void cut(struct fixture *f, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(f->knife, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

/* Look after SQL was run by somebody else, then undo it. */
static enum ledger_fault after(struct fixture *f, const char *sql)
{
	enum ledger_fault fault;

	cut(f, "CREATE TABLE kept_ledger AS SELECT * FROM ledger;"
	       "CREATE TABLE kept_facts AS SELECT * FROM facts;"
	       "CREATE TABLE kept_heads AS SELECT * FROM heads");
	cut(f, sql);
	fault = look(f, true, NULL, 0);
	cut(f, "DELETE FROM ledger; INSERT INTO ledger SELECT * FROM kept_ledger;"
	       "DELETE FROM facts; INSERT INTO facts SELECT * FROM kept_facts;"
	       "DELETE FROM heads; INSERT INTO heads SELECT * FROM kept_heads;"
	       "DROP TABLE kept_ledger; DROP TABLE kept_facts; DROP TABLE kept_heads");
	return fault;
}

/* Make the chain anew, as somebody does who knows how. */
static void rechain(struct fixture *f)
{
	sqlite3_stmt *read, *write;
	struct ledger_end end = {.n = 0};

	assert_int_equal(sqlite3_prepare_v2(f->knife,
					    "SELECT " SQL_LEDGER_ROW " FROM ledger ORDER BY n", -1,
					    &read, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(f->knife, "UPDATE ledger SET link = ? WHERE n = ?", -1,
					    &write, NULL),
			 SQLITE_OK);
	cut(f, "BEGIN");
	while (sqlite3_step(read) == SQLITE_ROW) {
		struct sql_value row[LEDGER_VALUES];

		for (int i = 0; i < LEDGER_VALUES; i++)
			row[i] = sql_value_at(read, i);
		ledger_follow(&end, row, &end);
		sqlite3_bind_blob(write, 1, end.link, sizeof(end.link), SQLITE_STATIC);
		sqlite3_bind_int64(write, 2, end.n);
		assert_int_equal(sqlite3_step(write), SQLITE_DONE);
		sqlite3_reset(write);
	}
	sqlite3_finalize(read);
	sqlite3_finalize(write);
	cut(f, "COMMIT");
}

/* --- Tests --------------------------------------------------------------------------------- */

static void what_was_written_is_whole(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(look(f, true, f->heads, 2), LEDGER_WHOLE);
	assert_int_equal(f->check.rows, ROWS);
	assert_int_equal(f->check.facts, FACTS);
	assert_int_equal(f->check.heads, 4);
	assert_int_equal(f->check.n, ROWS);
	assert_memory_equal(f->check.link, f->heads[1].link, LEDGER_LINK_LEN);
}

static void numbers_have_no_gap_over_rollbacks_and_restarts(void **state)
{
	struct fixture *f = *state;
	uint8_t link[LEDGER_LINK_LEN], before[LEDGER_LINK_LEN];
	int64_t n;

	OK(DO(ledger_end, &n, before));
	assert_int_equal(n, ROWS);
	OK(f->store->ops->begin(f->store, &f->err));
	OK(DO(ledger_save, "", "reload", "", T0));
	OK(DO(ledger_end, &n, link));
	assert_int_equal(n, ROWS + 1);
	f->store->ops->rollback(f->store);
	OK(DO(ledger_end, &n, link));
	assert_int_equal(n, ROWS);
	assert_memory_equal(link, before, sizeof(link));
	f->store->ops->close(f->store);
	OK(vault_store(&f->vault, &f->store, f->path, NULL, &f->err));
	OK(f->store->ops->begin(f->store, &f->err));
	OK(DO(ledger_save, "", "reload", "", T0));
	OK(f->store->ops->commit(f->store, &f->err));
	assert_int_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	assert_int_equal(f->check.n, ROWS + 1);
}

/* The value of COLUMN in row N of TABLE as bytes (a number as its eight); its type. */
static int value_of(struct fixture *f, const char *table, const char *key, const char *column,
		    int n, uint8_t *out, size_t *len)
{
	char sql[160];
	sqlite3_stmt *stmt;

	(void)snprintf(sql, sizeof(sql), "SELECT %s FROM %s WHERE %s = %d", column, table, key, n);
	assert_int_equal(sqlite3_prepare_v2(f->knife, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	int type = sqlite3_column_type(stmt, 0);
	int64_t number = sqlite3_column_int64(stmt, 0);

	if (type == SQLITE_INTEGER) {
		memcpy(out, &number, sizeof(number));
		*len = sizeof(number);
	} else {
		*len = (size_t)sqlite3_column_bytes(stmt, 0);
		if (*len > 0)
			memcpy(out, sqlite3_column_blob(stmt, 0), *len);
	}
	sqlite3_finalize(stmt);
	return type;
}

/* False when SQLite itself will not have it. */
static bool put_value(struct fixture *f, const char *table, const char *key, const char *column,
		      int n, int type, const uint8_t *bytes, size_t len)
{
	char sql[160];
	sqlite3_stmt *stmt;
	int64_t number;

	(void)snprintf(sql, sizeof(sql), "UPDATE %s SET %s = ? WHERE %s = %d", table, column, key,
		       n);
	assert_int_equal(sqlite3_prepare_v2(f->knife, sql, -1, &stmt, NULL), SQLITE_OK);
	if (type == SQLITE_INTEGER) {
		memcpy(&number, bytes, sizeof(number));
		sqlite3_bind_int64(stmt, 1, number);
	} else if (type == SQLITE_TEXT) {
		sqlite3_bind_text(stmt, 1, (const char *)bytes, (int)len, SQLITE_STATIC);
	} else {
		sqlite3_bind_blob(stmt, 1, bytes, (int)len, SQLITE_STATIC);
	}
	int rc = sqlite3_step(stmt);

	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE;
}

/* The row whose key became IS has key WAS again, unless another is there. */
static void put_back(struct fixture *f, const char *table, const char *key, int64_t was, int64_t is)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
		       "UPDATE %s SET %s = %lld WHERE %s = %lld AND NOT EXISTS (SELECT 1 FROM %s "
		       "WHERE %s = %lld)",
		       table, key, (long long)was, key, (long long)is, table, key, (long long)was);
	cut(f, sql);
}

/* Every bit of every byte of COLUMN in row N, a byte more and less, and the same bytes as another
 * type; the number of changes tried. */
static int torture(struct fixture *f, const char *table, const char *key, const char *column, int n)
{
	uint8_t bytes[256];
	size_t len;
	int tried = 0;
	int type = value_of(f, table, key, column, n, bytes, &len);
	int other = type == SQLITE_BLOB ? SQLITE_TEXT : SQLITE_BLOB;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (put_value(f, table, key, column, n, type, bytes, len)) {
			tried++;
			if (look(f, true, NULL, 0) == LEDGER_WHOLE)
				fail_msg("%s.%s of row %d, bit %zu", table, column, n, bit);
		}
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (strcmp(key, column) == 0)
			put_back(f, table, column, n, n ^ (int64_t)(UINT64_C(1) << bit));
	}
	if (strcmp(key, column) == 0)
		return tried;
	bytes[len] = 'x';
	assert_true(put_value(f, table, key, column, n, other, bytes, len));
	assert_int_not_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	if (type != SQLITE_INTEGER) {
		assert_true(put_value(f, table, key, column, n, type, bytes, len + 1));
		assert_int_not_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	}
	assert_true(put_value(f, table, key, column, n, type, bytes, len));
	assert_int_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	return tried;
}

static void every_bit_of_every_column_counts(void **state)
{
	static const char *const row[] = {"n",	  "at",	  "journey", "fact",
					  "what", "note", "digest",  "link"};
	static const char *const fact[] = {"seq", "source",	 "id",	 "type",
					   "at",  "received_at", "hash", "body"};
	static const char *const head[] = {"n", "at", "link", "signature"};
	struct fixture *f = *state;
	int tried = 0;

	for (int n = 1; n <= ROWS; n++) {
		for (size_t i = 0; i < ARRAY_LEN(row); i++)
			tried += torture(f, "ledger", "n", row[i], n);
	}
	for (int n = 1; n <= FACTS; n++) {
		for (size_t i = 0; i < ARRAY_LEN(fact); i++)
			tried += torture(f, "facts", "seq", fact[i], n);
	}
	for (int n = ROWS / 2; n <= ROWS; n += ROWS / 2) {
		for (size_t i = 0; i < ARRAY_LEN(head); i++)
			tried += torture(f, "heads", "n", head[i], n);
	}
	print_message("%d changes\n", tried);
	assert_true(tried > 10000);
}

/* All that SQL can read of TABLE, and of which types; "?" when it cannot be read. */
static char *all_of(sqlite3 *db, const char *sql)
{
	char *out = NULL;
	sqlite3_stmt *stmt;

	sqlite3_db_release_memory(db);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return strdup("?");
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0))
		out = strdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return out ? out : strdup("?");
}

#define COLUMN(name) "typeof(" name ") || quote(" name ") || '|' || "
#define ALL_ROWS                                                                                   \
	"SELECT group_concat(line, x'0a') FROM (SELECT " COLUMN("n") COLUMN("at")                  \
		COLUMN("journey") COLUMN("fact") COLUMN("what") COLUMN("note") COLUMN("digest")    \
			COLUMN("link") "'' AS line FROM ledger)"
#define ALL_FACTS                                                                                  \
	"SELECT group_concat(line, x'0a') FROM (SELECT " COLUMN("seq") COLUMN("source")            \
		COLUMN("id") COLUMN("type") COLUMN("at") COLUMN("received_at") COLUMN("hash")      \
			COLUMN("body") "'' AS line FROM facts)"

/* Flip each byte of the root page of TABLE in the file itself. Whatever makes SQLite read anything
 * else must be found. */
static void flip_page(struct fixture *f, const char *table, const char *sql)
{
	char ask[96];
	char *page = NULL, *whole = all_of(f->knife, sql);
	int fd = open(f->path, O_RDWR);
	int changed = 0, unseen = 0;

	(void)snprintf(ask, sizeof(ask), "SELECT rootpage FROM sqlite_schema WHERE name = '%s'",
		       table);
	page = all_of(f->knife, ask);
	assert_true(fd >= 0);
	off_t from = 4096 * (strtol(page, NULL, 10) - 1);

	for (off_t at = from; at < from + 4096; at++) {
		uint8_t byte, other;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		other = byte ^ 0x41;
		assert_int_equal(pwrite(fd, &other, 1, at), 1);
		sqlite3_db_release_memory(sqlite_of(f->store)->db);
		char *now = all_of(f->knife, sql);
		bool same = strcmp(now, whole) == 0;
		enum ledger_fault fault = look(f, true, NULL, 0);

		if (!same && fault == LEDGER_WHOLE)
			fail_msg("%s: byte %ld of the page: not found", table, (long)(at - from));
		changed += !same;
		unseen += same;
		free(now);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	sqlite3_db_release_memory(sqlite_of(f->store)->db);
	sqlite3_db_release_memory(f->knife);
	assert_int_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	print_message("%s: %d bytes mean something, %d nothing\n", table, changed, unseen);
	assert_true(changed > 300);
	close(fd);
	free(page);
	free(whole);
}

static void every_byte_of_the_file_that_means_something_counts(void **state)
{
	struct fixture *f = *state;

	flip_page(f, "ledger", ALL_ROWS);
	flip_page(f, "facts", ALL_FACTS);
}

static void a_row_that_is_gone_is_named(void **state)
{
	struct fixture *f = *state;

	for (int n = 1; n < ROWS; n++) {
		char sql[96];

		(void)snprintf(sql, sizeof(sql), "DELETE FROM ledger WHERE n = %d", n);
		assert_int_equal(after(f, sql), LEDGER_MISSING);
		assert_int_equal(f->check.bad_n, n);
		/* … and the others moved up, so that no number is missing. */
		(void)snprintf(sql, sizeof(sql),
			       "DELETE FROM ledger WHERE n = %d;"
			       "UPDATE ledger SET n = n - 1 WHERE n > %d",
			       n, n);
		assert_int_equal(after(f, sql), LEDGER_INSERTED);
		assert_int_equal(f->check.bad_n, n);
	}
}

static void rows_that_changed_places_are_named(void **state)
{
	struct fixture *f = *state;

	for (int n = 1; n < ROWS; n++) {
		char sql[256];

		(void)snprintf(sql, sizeof(sql),
			       "UPDATE ledger SET n = 1000 WHERE n = %d;"
			       "UPDATE ledger SET n = %d WHERE n = %d;"
			       "UPDATE ledger SET n = %d WHERE n = 1000",
			       n, n, n + 1, n + 1);
		assert_int_equal(after(f, sql), LEDGER_INSERTED);
		assert_int_equal(f->check.bad_n, n);
	}
}

static void a_row_that_was_put_in_is_named(void **state)
{
	struct fixture *f = *state;

	for (int n = 1; n <= ROWS; n++) {
		char sql[512];

		/* A copy of the one before it, what is behind moved down. */
		(void)snprintf(sql, sizeof(sql),
			       "UPDATE ledger SET n = n + 1000 WHERE n > %d;"
			       "UPDATE ledger SET n = n - 999 WHERE n > 1000;"
			       "INSERT INTO ledger SELECT n + 1, at, journey, fact, what, note, "
			       "digest, link FROM ledger WHERE n = %d",
			       n, n);
		assert_int_equal(after(f, sql), LEDGER_INSERTED);
		assert_int_equal(f->check.bad_n, n + 1);
	}
	assert_int_equal(after(f, "INSERT INTO ledger SELECT -n, at, journey, fact, what, note, "
				  "digest, link FROM ledger WHERE n = 3"),
			 LEDGER_INSERTED);
	assert_int_equal(f->check.bad_n, -3);
}

static void an_altered_row_is_named_with_what_it_is(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(after(f, "UPDATE ledger SET note = 'nobody' WHERE n = 6"), LEDGER_ALTERED);
	assert_int_equal(f->check.bad_n, 6);
	assert_int_equal(f->check.bad_at, T0 + 1);
	assert_string_equal(f->check.bad_what, "read");
	assert_string_equal(f->check.bad_journey, "jny_1");
	assert_non_null(strstr(f->check.words, "row 6 (read of jny_1, 2020-03-08T17:53:20.001Z)"));
	assert_int_equal(after(f, "UPDATE ledger SET link = randomblob(32) WHERE n = 6"),
			 LEDGER_ALTERED);
	assert_int_equal(f->check.bad_n, 6);
	assert_int_equal(after(f, "UPDATE ledger SET note = CAST(note AS BLOB) WHERE n = 6"),
			 LEDGER_ALTERED);
	assert_non_null(strstr(f->check.words, "its note is of another type"));
}

static void an_altered_fact_is_named_by_its_source_and_id(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(after(f, "UPDATE facts SET body = '{}' WHERE seq = 2"),
			 LEDGER_FACT_ALTERED);
	assert_int_equal(f->check.bad_n, 4);
	assert_string_equal(f->check.bad_source, "/desk/");
	assert_string_equal(f->check.bad_id, "e1");
	assert_int_equal(after(f, "DELETE FROM facts WHERE seq = 2"), LEDGER_FACT_MISSING);
	assert_int_equal(f->check.bad_n, 4);
	assert_int_equal(after(f, "INSERT INTO facts SELECT 5, source, 'x', type, at, received_at, "
				  "hash, body FROM facts WHERE seq = 1"),
			 LEDGER_FACT_INSERTED);
	assert_string_equal(f->check.bad_id, "x");
	assert_int_equal(after(f, "UPDATE facts SET seq = -2 WHERE seq = 2"), LEDGER_FACT_INSERTED);
	assert_string_equal(f->check.bad_id, "e1");
	/* As if it had never been: its row too, and the chain made anew. */
	cut(f, "DELETE FROM facts WHERE seq = 2; DELETE FROM ledger WHERE n = 4;"
	       "UPDATE ledger SET n = n - 1 WHERE n > 4");
	rechain(f);
	assert_int_equal(look(f, true, NULL, 0), LEDGER_REWRITTEN);
	assert_int_equal(f->check.bad_n, ROWS / 2);
}

static void a_tail_that_was_cut_off_is_found_by_a_head(void **state)
{
	struct fixture *f = *state;

	/* A chain alone cannot tell; the head it signed can. */
	assert_int_equal(after(f, "DELETE FROM ledger WHERE n > 10"), LEDGER_CUT);
	assert_int_equal(f->check.bad_n, ROWS);
	assert_int_equal(after(f, "DELETE FROM ledger WHERE n > 9"), LEDGER_FACT_INSERTED);
	cut(f, "DELETE FROM ledger WHERE n > 9; DELETE FROM facts WHERE seq > 3;"
	       "DELETE FROM heads WHERE n > 9");
	assert_int_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	assert_int_equal(look(f, true, f->heads, 2), LEDGER_CUT);
	assert_int_equal(f->check.bad_n, ROWS);
	assert_int_equal(f->check.bad_at, T0 + ROWS);
	assert_non_null(strstr(f->check.words, "the ledger ends at row 9"));
}

static void a_chain_made_anew_is_found_by_a_head_kept_outside(void **state)
{
	struct fixture *f = *state;

	cut(f, "UPDATE ledger SET note = 'nobody' WHERE n = 3");
	rechain(f);
	assert_int_equal(look(f, true, NULL, 0), LEDGER_REWRITTEN);
	assert_int_equal(f->check.bad_n, ROWS / 2);
	cut(f, "DELETE FROM heads");
	assert_int_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	assert_int_equal(look(f, true, f->heads + 1, 1), LEDGER_REWRITTEN);
	assert_int_equal(f->check.bad_n, ROWS);
}

static void a_head_that_was_not_signed_is_found(void **state)
{
	struct fixture *f = *state;

	cut(f, "UPDATE ledger SET note = 'nobody' WHERE n = 3");
	rechain(f);
	cut(f, "UPDATE heads SET link = (SELECT link FROM ledger WHERE ledger.n = heads.n)");
	assert_int_equal(look(f, false, NULL, 0), LEDGER_WHOLE);
	assert_int_equal(look(f, true, NULL, 0), LEDGER_FORGED);
	assert_int_equal(f->check.bad_n, ROWS / 2);
}

static void what_happens_while_we_run_is_found_too(void **state)
{
	struct fixture *f = *state;

	f->check = (struct ledger_check){.n = 0};
	cut(f, "DELETE FROM heads; DELETE FROM ledger WHERE n = 12");
	OK(DO(ledger_verify, &f->check, 100));
	assert_true(f->check.done);
	assert_int_equal(f->check.fault, LEDGER_CUT);
}

/* Make PATH a database of before there was a ledger, with FACTS facts, and steps of which the
 * numbers have gaps and come in the order of no journey. */
static void write_old(const char *path)
{
	static const char rows[] =
		"INSERT INTO facts VALUES (1, 's', 'a', 't', 1, 10, zeroblob(16), '{}'),"
		"(2, 's', 'b', 't', 1, 11, zeroblob(16), '{}'),"
		"(3, 's', 'c', 't', 1, 12, zeroblob(16), '{}');"
		"INSERT INTO steps VALUES ('z', 1, 10, 1, 'first', 'n1'), ('a', 2, 10, 1, "
		"'second', ''),"
		"('a', 4097, 12, 3, 'third', 'n3'), ('z', 4098, 13, 0, 'journey.due', '');"
		"INSERT INTO meta VALUES ('step_seq', '8193')";
	char set[96];
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (int version = 0; version < sqlite_schema_version() - 1; version++)
		assert_int_equal(sqlite3_exec(db, sqlite_schema_sql(version), NULL, NULL, NULL),
				 SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, rows, NULL, NULL, NULL), SQLITE_OK);
	(void)snprintf(set, sizeof(set), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		       STORE_APPLICATION_ID, sqlite_schema_version() - 1);
	assert_int_equal(sqlite3_exec(db, set, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void an_older_history_becomes_the_first_rows(void **state)
{
	static const char whole[] =
		"1 10 fact  1 | 2 10 first z 1 | 3 10 second a 1 | 4 11 fact  2 | 5 12 fact  3 | "
		"6 12 third a 3 | 7 13 journey.due z 0 | ";
	struct fixture *f = *state;
	char path[128];
	struct store *mine = f->store;

	(void)snprintf(path, sizeof(path), "%s/old.db", f->dir);
	write_old(path);
	OK(vault_store(&f->vault, &f->store, path, NULL, &f->err));
	assert_int_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	assert_int_equal(f->check.rows, 7);
	assert_int_equal(f->check.facts, 3);
	char *read = all_of(sqlite_of(f->store)->db,
			    "SELECT group_concat(line, '') FROM (SELECT n || ' ' || at || ' ' || "
			    "what || ' ' || journey || ' ' || fact || ' | ' AS line FROM ledger "
			    "ORDER BY n)");
	assert_string_equal(read, whole);
	free(read);
	read = all_of(sqlite_of(f->store)->db,
		      "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'steps%'");
	assert_string_equal(read, "0");
	free(read);
	OK(f->store->ops->begin(f->store, &f->err));
	OK(DO(ledger_save, "", "reload", "", T0));
	OK(f->store->ops->commit(f->store, &f->err));
	assert_int_equal(look(f, true, NULL, 0), LEDGER_WHOLE);
	assert_int_equal(f->check.n, 8);
	f->store->ops->close(f->store);
	f->store = mine;
}

static void an_open_that_only_looks_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct store *mine = f->store;
	char path[128];

	OK(store_sqlite_look(&f->store, f->path, false, &f->err));
	assert_int_equal(look(f, true, f->heads, 2), LEDGER_WHOLE);
	assert_true(f->store->ops->begin(f->store, &f->err) < 0 ||
		    DO(ledger_save, "", "x", "", T0) < 0);
	f->store->ops->close(f->store);
	(void)snprintf(path, sizeof(path), "%s/older?#%%.db", f->dir);
	write_old(path);
	assert_int_equal(store_sqlite_look(&f->store, path, true, &f->err), CL_EINVAL);
	assert_null(f->store);
	assert_non_null(strstr(f->err.text, "schema version"));
	f->store = mine;
}

static void a_head_is_read_as_it_was_written(void **state)
{
	struct fixture *f = *state;
	struct ledger_head head;
	uint8_t public[DIGEST_PUBLIC_LEN];
	char json[LEDGER_HEAD_CAP], notice[LEDGER_HEAD_CAP + 64];

	ledger_head_json(&f->heads[0], ledger_public(f->key), json);
	OK(ledger_head_parse(&head, public, json, strlen(json), &f->err));
	assert_int_equal(head.n, f->heads[0].n);
	assert_int_equal(head.at, f->heads[0].at);
	assert_memory_equal(head.link, f->heads[0].link, sizeof(head.link));
	assert_true(ledger_signed(&head, public));
	head.at++;
	assert_false(ledger_signed(&head, public));
	(void)snprintf(notice, sizeof(notice), "{\"type\":\"x\",\"data\":%s}", json);
	OK(ledger_head_parse(&head, public, notice, strlen(notice), &f->err));
	assert_true(ledger_signed(&head, public));
	json[5] = '-';
	assert_int_equal(ledger_head_parse(&head, public, json, strlen(json), &f->err), CL_EINVAL);
	assert_int_equal(ledger_head_parse(&head, public, "{\"n\":1}", 7, &f->err), CL_EINVAL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_whole),
		TEST(numbers_have_no_gap_over_rollbacks_and_restarts),
		TEST(every_bit_of_every_column_counts),
		TEST(every_byte_of_the_file_that_means_something_counts),
		TEST(a_row_that_is_gone_is_named),
		TEST(rows_that_changed_places_are_named),
		TEST(a_row_that_was_put_in_is_named),
		TEST(an_altered_row_is_named_with_what_it_is),
		TEST(an_altered_fact_is_named_by_its_source_and_id),
		TEST(a_tail_that_was_cut_off_is_found_by_a_head),
		TEST(a_chain_made_anew_is_found_by_a_head_kept_outside),
		TEST(a_head_that_was_not_signed_is_found),
		TEST(what_happens_while_we_run_is_found_too),
		TEST(an_older_history_becomes_the_first_rows),
		TEST(an_open_that_only_looks_writes_nothing),
		TEST(a_head_is_read_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
