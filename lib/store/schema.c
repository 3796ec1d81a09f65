/* schema.c — the tables, as numbered migrations that are never edited: a change is a new row at the
 * end. Neighbours: store_sqlite.c runs them at open; store_sql.h is what uses the tables.
 *
 * A table whose rows are small and whose key is text has no rowid: one tree instead of two. Tables
 * with records keep the rowid, because SQLite puts more than a quarter of a page of a row without
 * rowid into a page of its own. Indexes are partial on what is open, so that ended rows leave the
 * hot pages. */
#include "store/store_private.h"

#include <stdio.h>

/* The migration that makes the ledger. */
#define ADOPTS_LEDGER 6
#define SEALS	      6

static const char *const migrations[] = {
	[0] =
		/* Everything that happened, in the order in which it was taken in. */
	"CREATE TABLE facts ("
	"seq INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, "
	"at INTEGER NOT NULL, received_at INTEGER NOT NULL, hash BLOB NOT NULL, "
	"body TEXT NOT NULL, UNIQUE (source, id));"
	"CREATE TABLE rejects ("
	"seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, feed TEXT NOT NULL, "
	"source TEXT NOT NULL, event_id TEXT NOT NULL, code TEXT NOT NULL, "
	"detail TEXT NOT NULL, body BLOB NOT NULL);"
	"CREATE INDEX rejects_feed ON rejects (feed, seq);"
	"CREATE INDEX rejects_at ON rejects (at);"

	"CREATE TABLE journeys ("
	"id TEXT NOT NULL PRIMARY KEY, open INTEGER NOT NULL, stage INTEGER NOT NULL, "
	"unit TEXT NOT NULL, holder TEXT NOT NULL, flight TEXT NOT NULL, "
	"transfer TEXT NOT NULL, disposition TEXT NOT NULL, next_due INTEGER NOT NULL, "
	"updated_at INTEGER NOT NULL, alerts INTEGER NOT NULL, record BLOB NOT NULL);"
	"CREATE INDEX journeys_due ON journeys (next_due, id) WHERE open = 1;"
	"CREATE INDEX journeys_unit ON journeys (unit, id) WHERE open = 1;"
	"CREATE INDEX journeys_unit_ended ON journeys (unit, id) WHERE open = 0;"
	"CREATE INDEX journeys_flight ON journeys (flight, id) WHERE flight <> '';"
	/* Apart, so that who she is can be sealed and destroyed alone. */
	"CREATE TABLE people (journey TEXT NOT NULL PRIMARY KEY, record BLOB NOT NULL);"
	/* Kept by commit: how many journeys are in a stage, without looking at them. */
	"CREATE TABLE tally ("
	"stage INTEGER PRIMARY KEY, known INTEGER NOT NULL, open INTEGER NOT NULL);"
	"CREATE TABLE steps ("
	"journey TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, "
	"fact INTEGER NOT NULL, what TEXT NOT NULL, note TEXT NOT NULL, "
	"PRIMARY KEY (journey, seq)) WITHOUT ROWID;"

	"CREATE TABLE refs ("
	"ref TEXT NOT NULL, source TEXT NOT NULL, journey TEXT NOT NULL, "
	"PRIMARY KEY (ref, source)) WITHOUT ROWID;"
	"CREATE INDEX refs_journey ON refs (journey);"
	"CREATE TABLE documents ("
	"document TEXT NOT NULL PRIMARY KEY, journey TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX documents_journey ON documents (journey);"

	"CREATE TABLE transfers (id TEXT NOT NULL PRIMARY KEY, record BLOB NOT NULL);"
	"CREATE TABLE flights (key TEXT NOT NULL PRIMARY KEY, record BLOB NOT NULL);"
	"CREATE TABLE riders ("
	"transfer TEXT NOT NULL, journey TEXT NOT NULL, stop INTEGER NOT NULL, "
	"off INTEGER NOT NULL, PRIMARY KEY (transfer, journey)) WITHOUT ROWID;"
	"CREATE INDEX riders_journey ON riders (journey);"

	"CREATE TABLE alerts ("
	"id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, "
	"unit TEXT NOT NULL, state INTEGER NOT NULL, opened_at INTEGER NOT NULL, "
	"since INTEGER NOT NULL, due INTEGER NOT NULL, eta INTEGER NOT NULL, eta_before INTEGER "
	"NOT NULL, "
	"step INTEGER NOT NULL, next_at INTEGER NOT NULL, changed INTEGER NOT NULL, "
	"loud INTEGER NOT NULL, taken_by TEXT NOT NULL, acked_at INTEGER NOT NULL, "
	"resolved_at INTEGER NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL, "
	"gravity INTEGER NOT NULL, informative INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject, unit) WHERE state < 2;"
	"CREATE INDEX alerts_due ON alerts (next_at) "
	"WHERE next_at < 9223372036854775807 AND state < 2;"
	"CREATE INDEX alerts_changed ON alerts (changed) WHERE changed = 1 AND state < 2;"
	"CREATE TABLE members ("
	"alert INTEGER NOT NULL, journey TEXT NOT NULL, "
	"PRIMARY KEY (alert, journey)) WITHOUT ROWID;"

	"CREATE TABLE notices ("
	"id TEXT NOT NULL PRIMARY KEY, endpoint TEXT NOT NULL, alert INTEGER NOT NULL, "
	"urgent INTEGER NOT NULL, type TEXT NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL, "
	"created_at INTEGER NOT NULL, due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, "
	"attempts INTEGER NOT NULL, title TEXT NOT NULL, words TEXT NOT NULL, "
	"url TEXT NOT NULL, data TEXT NOT NULL, grp TEXT NOT NULL, state INTEGER NOT NULL, "
	"ended_at INTEGER NOT NULL, error TEXT NOT NULL);"
	"CREATE INDEX notices_ready ON notices (endpoint, urgent, due_at, id) WHERE state = 0;"
	"CREATE INDEX notices_due ON notices (due_at, state) WHERE state = 0;"
	"CREATE INDEX notices_group ON notices (endpoint, grp) "
	"WHERE state = 0 AND grp <> '';"
	"CREATE INDEX notices_alert ON notices (alert) WHERE state = 0 AND alert <> 0;"
	"CREATE INDEX notices_ended ON notices (state, id) WHERE state >= 2;"

	"CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;",

	[1] = /* Who isolates with whom. */
	"CREATE TABLE homes ("
	"home TEXT NOT NULL, journey TEXT NOT NULL, PRIMARY KEY (home, journey)) WITHOUT ROWID;"
	/* Ids of one millisecond are in no order; what was written first goes first. */
	"DROP INDEX notices_ready;"
	"CREATE INDEX notices_ready ON notices (endpoint, urgent, due_at) WHERE state = 0;",

	[2] =
		/* What keeps alerts from speaking for a while, and when each feed was heard. */
	"ALTER TABLE alerts ADD COLUMN hold_until INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE alerts ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE alerts ADD COLUMN held_by INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX alerts_held ON alerts (hold) WHERE hold > 0 AND state < 2;"
	"DROP INDEX alerts_changed;"
	"CREATE INDEX alerts_changed ON alerts (hold_until) WHERE changed = 1 AND state < 2;"
	"CREATE TABLE silences ("
	"id INTEGER PRIMARY KEY, kind TEXT NOT NULL, unit TEXT NOT NULL, subject TEXT NOT NULL, "
	"author TEXT NOT NULL, reason TEXT NOT NULL, made_at INTEGER NOT NULL, "
	"ends_at INTEGER NOT NULL, force INTEGER NOT NULL, ended_at INTEGER NOT NULL, "
	"ended_by TEXT NOT NULL);"
	"CREATE INDEX silences_end ON silences (ends_at);"
	"CREATE TABLE feeds ("
	"name TEXT NOT NULL PRIMARY KEY, heard_at INTEGER NOT NULL, due_at INTEGER NOT NULL, "
	"alert INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX feeds_due ON feeds (due_at);",

	[3] =
		/* Notices told together in a digest; how each endpoint does, over a restart. */
	"ALTER TABLE notices ADD COLUMN digest TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE notices ADD COLUMN handed_on INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX notices_digest ON notices (digest) WHERE state = 5;"
	/* An alert's notices to one endpoint go in their order; those in a digest that has not
	 * arrived count. */
	"DROP INDEX notices_alert;"
	"CREATE INDEX notices_alert ON notices (alert, endpoint) "
	"WHERE state IN (0, 5) AND alert <> 0;"
	"DROP INDEX notices_group;"
	"DROP INDEX notices_due;"
	"CREATE INDEX notices_due ON notices (due_at, created_at, grp) WHERE state = 0;"
	"CREATE INDEX notices_digests ON notices (state) WHERE alert = 0 AND state IN (0, 2);"
	"CREATE INDEX notices_lines ON notices (digest) "
	"WHERE state = 5 AND urgent = 1 AND alert <> 0 AND handed_on = 0;"
	/* Who has not heard yet, who was tried in vain, and who will never hear. */
	"CREATE INDEX notices_unheard ON notices (endpoint, created_at) "
	"WHERE state = 0 AND urgent = 1 AND alert <> 0 AND handed_on = 0;"
	"CREATE INDEX notices_failing ON notices (created_at, attempts) "
	"WHERE state = 0 AND urgent = 1 AND alert <> 0 AND handed_on = 0 "
	"AND (attempts > 0 OR error <> '');"
	"CREATE INDEX notices_lost ON notices (created_at) "
	"WHERE state = 2 AND urgent = 1 AND alert <> 0 AND handed_on = 0;"
	/* Who was told of an alert, ended notices too. */
	"CREATE INDEX notices_told ON notices (alert, created_at) WHERE alert <> 0;"
	"CREATE TABLE endpoints ("
	"name TEXT NOT NULL PRIMARY KEY, health INTEGER NOT NULL, until INTEGER NOT NULL, "
	"record BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX endpoints_unwell ON endpoints (name, health, until) "
	"WHERE health <> 0 OR (until > 0 AND until < 9223372036854775807);",

	[4] =
		/* What an address that is a question can be learnt under, by journey and statement:
		 * of the whole only a keyed hash. */
	"CREATE TABLE places ("
	"journey TEXT NOT NULL, at INTEGER NOT NULL, fact TEXT NOT NULL, address TEXT NOT NULL, "
	"door TEXT NOT NULL, estate TEXT NOT NULL, "
	"PRIMARY KEY (journey, at, fact)) WITHOUT ROWID;"
	"CREATE INDEX places_address ON places (address) WHERE address <> '';"
	"CREATE INDEX places_door ON places (door) WHERE door <> '';"
	"CREATE INDEX places_estate ON places (estate) WHERE estate <> '';"
	/* What officers taught: of each journey the latest assignment, under each key of the
	 * address it was about. In force while at > undone_at. */
	"CREATE TABLE aliases ("
	"id INTEGER PRIMARY KEY, journey TEXT NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, "
	"code TEXT NOT NULL, at INTEGER NOT NULL, fact TEXT NOT NULL, author TEXT NOT NULL, "
	"undone_at INTEGER NOT NULL, undone_by TEXT NOT NULL, UNIQUE (journey, kind));"
	"CREATE INDEX aliases_key ON aliases (kind, key) WHERE key <> '';",

	[5] =
		/* When next_at and due_at were last set, by the clock of then: after it was set
		 * back, what waits for a time of before is known by a set_at that has not come. */
	"ALTER TABLE alerts ADD COLUMN set_at INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE notices ADD COLUMN set_at INTEGER NOT NULL DEFAULT 0;"
	/* Since when a telling counts as said: created_at, which its words bear and no try may
	 * change, until the clock is set back. Of one telling all have the same. */
	"ALTER TABLE notices ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0;"
	"UPDATE notices SET told_at = created_at;"
	"DROP INDEX notices_unheard;"
	"CREATE INDEX notices_unheard ON notices (endpoint, told_at) "
	"WHERE state = 0 AND urgent = 1 AND alert <> 0 AND handed_on = 0;"
	"DROP INDEX notices_failing;"
	"CREATE INDEX notices_failing ON notices (told_at, attempts) "
	"WHERE state = 0 AND urgent = 1 AND alert <> 0 AND handed_on = 0 "
	"AND (attempts > 0 OR error <> '');"
	"DROP INDEX notices_lost;"
	"CREATE INDEX notices_lost ON notices (told_at) "
	"WHERE state = 2 AND urgent = 1 AND alert <> 0 AND handed_on = 0;"
	"DROP INDEX notices_told;"
	"CREATE INDEX notices_told ON notices (alert, told_at) WHERE alert <> 0;",

	[6] =
		/* In the order of writing they become the first rows of the ledger. */
	"CREATE INDEX steps_order ON steps (seq);"
	/* What happened, what was decided, who looked at whom, what was erased:
	 * append-only, each row bound to the one before it. DIGEST is that of the row of
	 * facts it is about.
	 */
	"CREATE TABLE ledger ("
	"n INTEGER PRIMARY KEY, at INTEGER NOT NULL, journey TEXT NOT NULL, "
	"fact INTEGER NOT NULL, what TEXT NOT NULL, note TEXT NOT NULL, digest BLOB NOT NULL, "
	"link BLOB NOT NULL);"
	"CREATE INDEX ledger_journey ON ledger (journey, n) WHERE journey <> '';"
	/* The signed heads: what the ledger was at a time, and whether somebody outside has it. */
	"CREATE TABLE heads ("
	"n INTEGER PRIMARY KEY, at INTEGER NOT NULL, link BLOB NOT NULL, signature BLOB NOT NULL);"

	/* Callers made while we run: of a token only its hash. */
	"CREATE TABLE tokens ("
	"name TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL, scope TEXT NOT NULL, "
	"hash BLOB NOT NULL UNIQUE, made_at INTEGER NOT NULL, made_by TEXT NOT NULL, "
	"expires_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL, revoked_by TEXT NOT NULL) "
	"WITHOUT ROWID;"

	/* Numbers of data keys in the key ring; 0: none yet. */
	"ALTER TABLE journeys ADD COLUMN key INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE transfers ADD COLUMN key INTEGER NOT NULL DEFAULT 0;"
	/* Who is who, where and what was taught: found by blind values, and sealed beside them what
	 * is to be read again. What was in the clear is copied by store_reseal.c, which drops it.
	 */
	"DROP INDEX refs_journey;"
	"ALTER TABLE refs RENAME TO clear_refs;"
	"CREATE TABLE refs ("
	"ref BLOB NOT NULL, source TEXT NOT NULL, journey TEXT NOT NULL, sealed BLOB NOT NULL, "
	"PRIMARY KEY (ref, source)) WITHOUT ROWID;"
	"CREATE INDEX refs_journey ON refs (journey);"
	"DROP INDEX documents_journey;"
	"ALTER TABLE documents RENAME TO clear_documents;"
	"CREATE TABLE documents ("
	"document BLOB NOT NULL PRIMARY KEY, journey TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX documents_journey ON documents (journey);"
	"DROP INDEX places_address;"
	"DROP INDEX places_door;"
	"DROP INDEX places_estate;"
	"ALTER TABLE places RENAME TO clear_places;"
	"CREATE TABLE places ("
	"journey TEXT NOT NULL, at INTEGER NOT NULL, fact TEXT NOT NULL, address BLOB NOT NULL, "
	"door BLOB NOT NULL, estate BLOB NOT NULL, sealed_address BLOB NOT NULL, "
	"sealed_door BLOB NOT NULL, sealed_estate BLOB NOT NULL, "
	"PRIMARY KEY (journey, at, fact)) WITHOUT ROWID;"
	"CREATE INDEX places_address ON places (address) WHERE address <> '';"
	"CREATE INDEX places_door ON places (door) WHERE door <> '';"
	"CREATE INDEX places_estate ON places (estate) WHERE estate <> '';"
	"ALTER TABLE aliases ADD COLUMN sealed BLOB NOT NULL DEFAULT x'';"
	/* The key of what a day left behind that belongs to no journey. */
	"CREATE TABLE days (day INTEGER PRIMARY KEY, key INTEGER NOT NULL);"

	/* Whose a journey is, for those who may see only their own. */
	"CREATE INDEX journeys_seen ON journeys ("
	"CASE WHEN unit <> '' THEN unit ELSE holder END, id) WHERE open = 1;"
	"CREATE INDEX journeys_seen_ended ON journeys ("
	"CASE WHEN unit <> '' THEN unit ELSE holder END, id) WHERE open = 0;"

	/* When what is personal of an ended journey is erased, after that when nobody needs to know
	 * any more under which references she was known; and when it was erased. */
	"ALTER TABLE journeys ADD COLUMN erase_at INTEGER NOT NULL DEFAULT " SQL_NEVER ";"
	"ALTER TABLE journeys ADD COLUMN erased_at INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX journeys_erase ON journeys (erase_at) WHERE erase_at < " SQL_NEVER ";"
	/* Of a record that turned out to be another's: whose. It goes with that one. */
	"ALTER TABLE journeys ADD COLUMN merged TEXT NOT NULL DEFAULT '';"
	"CREATE INDEX journeys_merged ON journeys (merged) WHERE merged <> '';"
	/* Who ended before is looked at at once. */
	"UPDATE journeys SET erase_at = 0 WHERE open = 0;"
	/* That she has a fever is told; how high it was is nobody's who reads alerts. */
	"UPDATE alerts SET detail = 'temperature' WHERE detail LIKE 'temperature %';"
	/* Every alert she ever was in: what was said in it may be about her. */
	"CREATE TABLE about (journey TEXT NOT NULL, alert INTEGER NOT NULL, "
	"PRIMARY KEY (journey, alert)) WITHOUT ROWID;"
	"INSERT INTO about SELECT journey, alert FROM members;"
	"CREATE INDEX silences_subject ON silences (subject) WHERE subject <> '';"
	/* Data keys of what was erased: until they are destroyed, and below zero after that. */
	"CREATE TABLE doomed (key INTEGER PRIMARY KEY);",
};

int sqlite_schema_version(void)
{
	return (int)ARRAY_LEN(migrations);
}

const char *sqlite_schema_sql(int version)
{
	return migrations[version];
}

int sqlite_schema_check(int version, const char *path, struct err *err)
{
	if (version < 0)
		return err_set(err, CL_ECORRUPT, "store %s: schema version %d", path, version);
	if (version > sqlite_schema_version())
		return err_set(
			err, CL_ENEWER,
			"store %s has schema version %d, this program knows up to %d: it was "
			"written by a newer closedloopd; nothing was touched",
			path, version, sqlite_schema_version());
	return 0;
}

int sqlite_schema_owner(const char *path, int64_t application, int64_t version, int64_t tables,
			struct err *err)
{
	if (application == 0 && version == 0 && tables == 0)
		return 0;
	if (application != STORE_APPLICATION_ID)
		return err_set(
			err, CL_EINVAL,
			"store %s is a database of another program (application id 0x%08llX, "
			"ours is 0x%08X); nothing was touched",
			path, (unsigned long long)application & 0xffffffff, STORE_APPLICATION_ID);
	return sqlite_schema_check((int)version, path, err);
}

/* One migration, all of it or nothing, with its number. */
static int apply(struct sqlite_store *self, int version)
{
	sqlite3 *db = self->db;
	char number[96];
	int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_exec(db, migrations[version], NULL, NULL, NULL);
	if (rc == SQLITE_OK && version == SEALS)
		rc = sqlite_reseal(self);
	/* After whatever else changes rows of facts: the ledger is bound to them as they are. */
	if (rc == SQLITE_OK && version == ADOPTS_LEDGER)
		rc = sqlite_ledger_adopt(db);
	if (rc == SQLITE_OK) {
		(void)snprintf(number, sizeof(number),
			       "PRAGMA application_id = %d; PRAGMA user_version = %d",
			       STORE_APPLICATION_ID, version + 1);
		rc = sqlite3_exec(db, number, NULL, NULL, NULL);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(db)) {
		/* Its own result changes nothing: the connection is closed next. */
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	}
	return rc;
}

int sqlite_schema_migrate(struct sqlite_store *self, int version, int *failed)
{
	for (; version < sqlite_schema_version(); version++) {
		int rc = apply(self, version);

		if (rc != SQLITE_OK) {
			*failed = version + 1;
			return rc;
		}
	}
	return SQLITE_OK;
}
