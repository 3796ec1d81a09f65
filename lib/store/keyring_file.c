/* keyring_file.c — the key ring's file: whose it is, its tables, its statements. Neighbours:
 * keyring.c is the verbs; store_sqlite.c and store_statement.c do the same for the store. */
#include "store/keyring_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define RING_APPLICATION_ID 0x434C4B52 /* "CLKR" */
#define RING_VERSION	    1

/* secure_delete ON: a page that falls free is zeroed. Few rows are written, and each must be on the
 * disk before anything is sealed under it. */
static const char pragmas[] = "PRAGMA journal_mode = WAL;"
			      "PRAGMA synchronous = FULL;"
			      "PRAGMA busy_timeout = 0;"
			      "PRAGMA temp_store = MEMORY;"
			      "PRAGMA cache_size = -4096;"
			      "PRAGMA secure_delete = ON;"
			      "PRAGMA wal_checkpoint(TRUNCATE);";

static const char tables[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE keys (id INTEGER PRIMARY KEY, master BLOB NOT NULL, wrapped BLOB NOT NULL);"
	"CREATE INDEX keys_master ON keys (master);"
	"CREATE TABLE secrets (name TEXT NOT NULL UNIQUE, master BLOB NOT NULL, "
	"wrapped BLOB NOT NULL);"
	/* RING_APPLICATION_ID and RING_VERSION. */
	"PRAGMA application_id = 1129073490;"
	"PRAGMA user_version = 1;"
	"COMMIT;";

_Static_assert(RING_APPLICATION_ID == 1129073490, "the tables' application id");
_Static_assert(RING_VERSION == 1, "the tables' version");

#define STATEMENT_ROW(name, sql) [RING_##name] = {#name, sql},
static const struct {
	const char *name;
	const char *text;
} statements[] = {KEYRING_SQL(STATEMENT_ROW)};

static int refuse(struct keyring *ring, int rc, const char *doing, struct err *err)
{
	struct sql_file file = {"key ring", ring->path, ring->db, &ring->broken};

	return sql_explain(&file, rc, doing, err);
}

/* --- Opening ------------------------------------------------------------------------------- */

/* *FRESH: there is nothing in it yet. */
static int check_owner(struct keyring *ring, bool *fresh, struct err *err)
{
	int64_t application = 0;
	int64_t version = 0;
	int64_t made = 0;
	int rc = sql_ask(ring->db, "PRAGMA application_id", &application);

	if (rc == SQLITE_OK)
		rc = sql_ask(ring->db, "PRAGMA user_version", &version);
	if (rc == SQLITE_OK)
		rc = sql_ask(ring->db, "SELECT count(*) FROM sqlite_schema", &made);
	if (rc != SQLITE_OK)
		return refuse(ring, rc, "open", err);
	*fresh = application == 0 && version == 0 && made == 0;
	if (*fresh)
		return 0;
	if (application != RING_APPLICATION_ID)
		return err_set(err, CL_EINVAL,
			       "key ring %s is a database of another program (application id "
			       "0x%08llX, ours is 0x%08X); nothing was touched",
			       ring->path, (unsigned long long)application & 0xffffffff,
			       RING_APPLICATION_ID);
	if (version < 1)
		return err_set(err, CL_ECORRUPT, "key ring %s: schema version %lld", ring->path,
			       (long long)version);
	if (version > RING_VERSION)
		return err_set(err, CL_ENEWER,
			       "key ring %s has schema version %lld, this program knows up to %d: "
			       "it was written by a newer closedloopd; nothing was touched",
			       ring->path, (long long)version, RING_VERSION);
	return 0;
}

static int prepare(struct keyring *ring, struct err *err)
{
	for (size_t i = 0; i < RING_STATEMENTS; i++) {
		int rc = sqlite3_prepare_v3(ring->db, statements[i].text, -1,
					    SQLITE_PREPARE_PERSISTENT, &ring->sql[i], NULL);

		if (rc != SQLITE_OK)
			return refuse(ring, rc, statements[i].name, err);
		sql_check_numbers(ring->sql[i]);
	}
	return 0;
}

/* Which master keys wrap what is in it is asked before the first write: with a wrong one the file
 * stays as it was. */
static int settle_in(struct keyring *ring, bool fresh, struct err *err)
{
	int rc = fresh ? 0 : prepare(ring, err);

	if (rc == 0 && !fresh)
		rc = keyring_check_masters(ring, &ring->masters, err);
	if (rc < 0)
		return rc;
	rc = sqlite3_exec(ring->db, pragmas, NULL, NULL, NULL);
	if (rc == SQLITE_OK && fresh)
		rc = sqlite3_exec(ring->db, tables, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return refuse(ring, rc, "open", err);
	return fresh ? prepare(ring, err) : 0;
}

void keyring_disconnect(struct keyring *ring, bool checkpoint)
{
	if (!ring->db)
		return;
	for (size_t i = 0; i < RING_STATEMENTS; i++) {
		/* Repeats the last error of the statement, which was reported then. */
		(void)sqlite3_finalize(ring->sql[i]);
		ring->sql[i] = NULL;
	}
	(void)sqlite3_db_config(ring->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !checkpoint, NULL);
	/* Cannot be busy: every statement is finalised above. */
	(void)sqlite3_close(ring->db);
	ring->db = NULL;
}

int keyring_connect(struct keyring *ring, struct err *err)
{
	bool fresh = false;
	int rc = sqlite3_open_v2(ring->path, &ring->db,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
					 SQLITE_OPEN_EXRESCODE,
				 ring->vfs);

	ring->broken = false;
	if (rc != SQLITE_OK) {
		rc = refuse(ring, rc, "open", err);
		keyring_disconnect(ring, false);
		return rc;
	}
	(void)sqlite3_db_config(ring->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(ring->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	rc = check_owner(ring, &fresh, err);
	if (rc == 0)
		rc = settle_in(ring, fresh, err);
	if (rc < 0)
		keyring_disconnect(ring, false);
	return rc;
}

int keyring_ready(struct keyring *ring, struct err *err)
{
	if (ring->db && !ring->broken)
		return 0;
	keyring_disconnect(ring, true);
	return keyring_connect(ring, err);
}

struct check {
	struct keyring *ring;
	const struct master_keys *masters;
};

static int check_master(sqlite3_stmt *row, void *context, struct err *err)
{
	const struct check *check = context;
	const uint8_t *id = sqlite3_column_blob(row, 0);

	if (!id || sqlite3_column_bytes(row, 0) != MASTER_ID_LEN)
		return err_set(err, CL_ECORRUPT, "key ring %s: a master key without a fingerprint",
			       check->ring->path);
	for (size_t i = 0; i < check->masters->len; i++)
		if (memcmp(check->masters->keys[i].id, id, MASTER_ID_LEN) == 0)
			return 0;
	return err_set(err, CL_ENOENT,
		       "key ring %s: keys in it are wrapped by master key "
		       "%02x%02x%02x%02x%02x%02x%02x%02x, which is not among the %zu given; "
		       "nothing was touched",
		       check->ring->path, id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7],
		       check->masters->len);
}

int keyring_check_masters(struct keyring *ring, const struct master_keys *masters, struct err *err)
{
	struct check check = {ring, masters};
	int rc = keyring_each(ring, RING_MASTERS, SQL_WITH_NOTHING, check_master, &check, err);

	return sql_done(rc);
}

/* --- Running ------------------------------------------------------------------------------- */

int keyring_each(struct keyring *ring, enum keyring_sql id, const struct sql_value *values,
		 size_t len, sql_row_fn *each, void *context, struct err *err)
{
	sqlite3_stmt *stmt = ring->sql[id];
	int refused = 0;
	int rows = 0;
	int rc = sql_bind(stmt, values, len);

	while (rc == SQLITE_OK && refused == 0) {
		rc = sqlite3_step(stmt);
		if (rc != SQLITE_ROW)
			break;
		rc = SQLITE_OK;
		rows++;
		if (each)
			refused = each(stmt, context, err);
	}
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		refused = refuse(ring, rc, statements[id].name, err);
	(void)sqlite3_reset(stmt);	    /* Repeats the step's result. */
	(void)sqlite3_clear_bindings(stmt); /* What was bound is the caller's and goes. */
	return refused < 0 ? refused : rows;
}

int keyring_begin(struct keyring *ring, struct err *err)
{
	int rc = keyring_ready(ring, err);

	return rc < 0 ? rc
		      : sql_done(keyring_each(ring, RING_BEGIN, SQL_WITH_NOTHING, NULL, NULL, err));
}

int keyring_end(struct keyring *ring, int rc, struct err *err)
{
	if (rc == 0)
		rc = sql_done(keyring_each(ring, RING_COMMIT, SQL_WITH_NOTHING, NULL, NULL, err));
	/* After some errors SQLite has rolled back by itself. */
	if (rc < 0 && !sqlite3_get_autocommit(ring->db) &&
	    keyring_each(ring, RING_ROLLBACK, SQL_WITH_NOTHING, NULL, NULL, NULL) < 0)
		ring->broken = true;
	return rc;
}

int keyring_settle(struct keyring *ring, struct err *err)
{
	int64_t busy = 0;
	int rc = keyring_each(ring, RING_CHECKPOINT, SQL_WITH_NOTHING, sql_take_number, &busy, err);

	if (rc < 0)
		return rc;
	if (busy)
		return err_set(err, CL_EBUSY,
			       "key ring %s: somebody else is reading it, so its log cannot be "
			       "emptied: what was destroyed may still stand there",
			       ring->path);
	return 0;
}
