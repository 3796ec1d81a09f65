/* store_reseal.c — a database of before anything was sealed: each personal value is sealed where it
 * is, inside the migration, and nothing of it stays in free pages.
 * Neighbours: schema.c runs this, store_seal.c does the same from then on, store_adopt.c binds the
 * sealed rows into the ledger.
 *
 * Whose a fact is was not kept: it is whoever's history tells of it as what it is, when that is one
 * journey; else it goes under the key of its day. */
#include "store/store_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/log.h"
#include "store/store_reseal_sql.h"

#define NEW_KEY	   (-1) /* Column 0: the row gets a key of its own. */
#define VALUES_MAX 9

struct day_key {
	int64_t day, key;
};

struct reseal {
	struct sqlite_store *self;
	struct err *err;
	struct day_key *days;
	size_t days_len, days_cap;
	int64_t rows;
	/* What the row at hand is written with. */
	struct sql_value values[VALUES_MAX];
	size_t len;
	char name[SQL_ROW_CAP];
	uint8_t rooms[3][SEAL_BLIND_LEN];
};

/* --- Keys ---------------------------------------------------------------------------------- */

static int day_key(struct reseal *it, int64_t at, int64_t *key)
{
	int64_t day = sql_day(at);
	uint8_t bytes[SEAL_KEY_LEN];

	for (size_t i = it->days_len; i-- > 0;) {
		if (it->days[i].day == day) {
			*key = it->days[i].key;
			return 0;
		}
	}
	int rc = keyring_take(it->self->ring, key, bytes, it->err);

	seal_wipe(bytes, sizeof(bytes));
	if (rc < 0)
		return rc;
	if (it->days_len == it->days_cap) {
		it->days_cap = it->days_cap ? 2 * it->days_cap : 64;
		it->days = mem_grow(it->days, it->days_cap * sizeof(it->days[0]));
	}
	it->days[it->days_len++] = (struct day_key){.day = day, .key = *key};
	return 0;
}

/* Column 0 is the number of the key, 0 or NULL for that of the day of the time in column 1. */
static int seal_row_under(struct reseal *it, sqlite3_stmt *row)
{
	int64_t key = sqlite3_column_int64(row, 0);
	uint8_t bytes[SEAL_KEY_LEN];
	int rc = 0;

	if (key == NEW_KEY)
		rc = keyring_take(it->self->ring, &key, bytes, it->err);
	else if (key == 0)
		rc = day_key(it, sqlite3_column_int64(row, 1), &key);
	seal_wipe(bytes, sizeof(bytes));
	return rc < 0 ? rc : sql_seal_with(it->self, key, it->err);
}

/* --- Rows ---------------------------------------------------------------------------------- */

static void add(struct reseal *it, struct sql_value value)
{
	assert(it->len < VALUES_MAX);
	it->values[it->len++] = value;
}

static void add_same(struct reseal *it, sqlite3_stmt *row, int column)
{
	add(it, sql_value_at(row, column));
}

static void add_sealed(struct reseal *it, sqlite3_stmt *row, int column, const char *where)
{
	const void *bytes = sqlite3_column_blob(row, column);

	add(it, sql_sealed(it->self, where, it->name, bytes,
			   bytes ? (size_t)sqlite3_column_bytes(row, column) : 0));
}

static void add_blind(struct reseal *it, sqlite3_stmt *row, int column, const char *what, int room)
{
	add(it, sql_blind(it->self, what, sql_column_text(row, column), it->rooms[room]));
}

static void name_by(struct reseal *it, sqlite3_stmt *row, int column)
{
	/* Ids are short, or else stand for themselves as a hash in both places. */
	(void)text_copy(it->name, sizeof(it->name), sql_column_text(row, column));
}

static void reseal_journey(struct reseal *it, sqlite3_stmt *row)
{
	name_by(it, row, 2);
	add_sealed(it, row, 3, "journeys.record");
	add(it, sql_number(it->self->sealing.id));
	add_same(it, row, 2);
}

static void reseal_person(struct reseal *it, sqlite3_stmt *row)
{
	name_by(it, row, 2);
	add_sealed(it, row, 3, "people.record");
	add_same(it, row, 2);
}

static void reseal_transfer(struct reseal *it, sqlite3_stmt *row)
{
	name_by(it, row, 2);
	add_sealed(it, row, 3, "transfers.record");
	add(it, sql_number(it->self->sealing.id));
	add_same(it, row, 2);
}

static void reseal_fact(struct reseal *it, sqlite3_stmt *row)
{
	const void *hash = sqlite3_column_blob(row, 5);

	sql_fact_row(it->name, sql_column_text(row, 3), sql_column_text(row, 4));
	seal_blind(it->self->index, "fact", hash ? hash : "", (size_t)sqlite3_column_bytes(row, 5),
		   it->rooms[0]);
	add(it, sql_bytes(it->rooms[0], SEAL_BLIND_LEN));
	add_sealed(it, row, 6, "facts.body");
	add_same(it, row, 2);
}

static void reseal_reject(struct reseal *it, sqlite3_stmt *row)
{
	char fact[SQL_ROW_CAP];

	sql_fact_row(fact, sql_column_text(row, 3), sql_column_text(row, 4));
	sql_time_row(it->name, sqlite3_column_int64(row, 1), fact);
	add_sealed(it, row, 5, "rejects.detail");
	add_sealed(it, row, 6, "rejects.body");
	add_same(it, row, 2);
}

static void reseal_notice(struct reseal *it, sqlite3_stmt *row)
{
	name_by(it, row, 2);
	add_sealed(it, row, 3, "notices.title");
	add_sealed(it, row, 4, "notices.words");
	add_sealed(it, row, 5, "notices.url");
	add_sealed(it, row, 6, "notices.data");
	add_same(it, row, 2);
}

static void reseal_silence(struct reseal *it, sqlite3_stmt *row)
{
	sql_time_row(it->name, sqlite3_column_int64(row, 2), "");
	add_sealed(it, row, 3, "silences.reason");
	add_same(it, row, 2);
}

static void reseal_ref(struct reseal *it, sqlite3_stmt *row)
{
	add_same(it, row, 2);
	add_blind(it, row, 3, "ref", 0);
	add_same(it, row, 4);
	sql_blind_row(it->name, &it->values[1]);
	add_sealed(it, row, 3, "refs.ref");
}

static void reseal_document(struct reseal *it, sqlite3_stmt *row)
{
	add_blind(it, row, 2, "document", 0);
	add_same(it, row, 3);
}

static void reseal_place(struct reseal *it, sqlite3_stmt *row)
{
	sql_time_row(it->name, sqlite3_column_int64(row, 1), sql_column_text(row, 3));
	add_same(it, row, 2);
	add_same(it, row, 1);
	add_same(it, row, 3);
	for (int kind = 0; kind < MATCH_KEYS; kind++)
		add_blind(it, row, 4 + kind, sql_key_words[kind].blind, kind);
	for (int kind = 0; kind < MATCH_KEYS; kind++)
		add_sealed(it, row, 4 + kind, sql_key_words[kind].place);
}

static void reseal_alias(struct reseal *it, sqlite3_stmt *row)
{
	int kind = sql_column_int(row, 4) % MATCH_KEYS;

	sql_time_row(it->name, kind, sql_column_text(row, 3));
	add_blind(it, row, 5, sql_key_words[kind < 0 ? 0 : kind].blind, 0);
	add_sealed(it, row, 5, "aliases.key");
	add_same(it, row, 2);
}

/* Journeys and transfers first: the others are sealed under their keys. */
static const struct {
	const char *read, *write;
	void (*row)(struct reseal *, sqlite3_stmt *);
} passes[] = {
	{SQL_RESEAL_JOURNEYS, SQL_RESEAL_JOURNEY, reseal_journey},
	{SQL_RESEAL_TRANSFERS, SQL_RESEAL_TRANSFER, reseal_transfer},
	{SQL_RESEAL_PEOPLE, SQL_RESEAL_PERSON, reseal_person},
	{SQL_RESEAL_FACTS, SQL_RESEAL_FACT, reseal_fact},
	{SQL_RESEAL_REJECTS, SQL_RESEAL_REJECT, reseal_reject},
	{SQL_RESEAL_NOTICES, SQL_RESEAL_NOTICE, reseal_notice},
	{SQL_RESEAL_SILENCES, SQL_RESEAL_SILENCE, reseal_silence},
	{SQL_RESEAL_REFS, SQL_RESEAL_REF, reseal_ref},
	{SQL_RESEAL_DOCUMENTS, SQL_RESEAL_DOCUMENT, reseal_document},
	{SQL_RESEAL_PLACES, SQL_RESEAL_PLACE, reseal_place},
	{SQL_RESEAL_ALIASES, SQL_RESEAL_ALIAS, reseal_alias},
};

/* --- The walk ------------------------------------------------------------------------------ */

static int write_values(struct reseal *it, sqlite3_stmt *write)
{
	int rc = sql_bind(write, it->values, it->len);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(write);
	(void)sqlite3_reset(write); /* Repeats the step's result. */
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int run_pass(struct reseal *it, size_t i)
{
	sqlite3 *db = it->self->db;
	sqlite3_stmt *read = NULL;
	sqlite3_stmt *write = NULL;
	int rc = sqlite3_prepare_v2(db, passes[i].read, -1, &read, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db, passes[i].write, -1, &write, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(read)) == SQLITE_ROW) {
		it->len = 0;
		it->rows++;
		if (seal_row_under(it, read) < 0) {
			rc = SQLITE_ABORT;
			break;
		}
		passes[i].row(it, read);
		rc = write_values(it, write);
	}
	/* They repeat the step's result. */
	(void)sqlite3_finalize(read);
	(void)sqlite3_finalize(write);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int keep_days(struct reseal *it)
{
	sqlite3_stmt *write = NULL;
	int rc = it->days_len == 0
			 ? SQLITE_OK
			 : sqlite3_prepare_v2(it->self->db, SQL_RESEAL_DAY, -1, &write, NULL);

	for (size_t i = 0; i < it->days_len && rc == SQLITE_OK; i++) {
		it->len = 0;
		add(it, sql_number(it->days[i].day));
		add(it, sql_number(it->days[i].key));
		rc = write_values(it, write);
	}
	(void)sqlite3_finalize(write); /* Repeats the step's result. */
	return rc;
}

int sqlite_reseal(struct sqlite_store *self)
{
	struct reseal *it = mem_alloc(sizeof(*it));
	int rc = sqlite3_exec(self->db, SQL_RESEAL_BEGIN, NULL, NULL, NULL);

	it->self = self;
	it->err = &self->reseal_err;
	for (size_t i = 0; i < ARRAY_LEN(passes) && rc == SQLITE_OK; i++)
		rc = run_pass(it, i);
	if (rc == SQLITE_OK)
		rc = keep_days(it);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(self->db, SQL_RESEAL_END, NULL, NULL, NULL);
	if (rc == SQLITE_OK && it->rows > 0)
		rc = sqlite3_exec(self->db, SQL_RESEAL_DIRTY, NULL, NULL, NULL);
	if (rc == SQLITE_OK && it->rows > 0)
		log_info("store.sealed", "rows=%lld", (long long)it->rows);
	mem_free(it->days);
	mem_free(it);
	return rc;
}

/* Noted in the database: whatever interrupts it, the next opening does it again. */
int sqlite_reseal_clean(struct sqlite_store *self)
{
	int64_t dirty = 0;
	int rc = sql_ask(self->db, SQL_RESEAL_IS_DIRTY, &dirty);

	if (rc != SQLITE_OK || !dirty)
		return rc;
	return sqlite3_exec(self->db, SQL_RESEAL_CLEAN, NULL, NULL, NULL);
}
