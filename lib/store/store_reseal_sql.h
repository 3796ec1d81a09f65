/* store_reseal_sql.h — the statements that seal an older database, run once inside its migration
 * and never prepared at open. Neighbours: store_reseal.c runs them, store_sql.h has all others. */
#ifndef CLOSEDLOOP_STORE_RESEAL_SQL_H
#define CLOSEDLOOP_STORE_RESEAL_SQL_H

/* clang-format off */

/* What was kept before it was sealed: run once, inside the migration. Column 0 is the number of the key, -1 for a new one,
 * 0 or NULL for that of the day of column 1. The clear_ tables are those the migration has put aside. */
#define SQL_RESEAL_KEY_OF(journey) "(SELECT key FROM journeys WHERE id = " journey ")"
#define SQL_RESEAL_BEGIN "CREATE INDEX steps_fact ON steps (fact)"
#define SQL_RESEAL_JOURNEYS "SELECT -1, 0, id, record FROM journeys ORDER BY rowid"
#define SQL_RESEAL_JOURNEY "UPDATE journeys SET record = $1, key = $2 WHERE id = $3"
#define SQL_RESEAL_TRANSFERS "SELECT -1, 0, id, record FROM transfers ORDER BY rowid"
#define SQL_RESEAL_TRANSFER "UPDATE transfers SET record = $1, key = $2 WHERE id = $3"
#define SQL_RESEAL_PEOPLE \
	"SELECT " SQL_RESEAL_KEY_OF("people.journey") ", 0, journey, record FROM people ORDER BY rowid"
#define SQL_RESEAL_PERSON "UPDATE people SET record = $1 WHERE journey = $2"
#define SQL_RESEAL_FACTS \
	"SELECT " SQL_RESEAL_KEY_OF("(SELECT CASE WHEN min(journey) = max(journey) THEN min(journey) END FROM steps " \
	"WHERE steps.fact = facts.seq AND steps.what = facts.type)") ", " \
	"received_at, seq, source, id, hash, body FROM facts ORDER BY seq"
#define SQL_RESEAL_FACT "UPDATE facts SET hash = $1, body = $2 WHERE seq = $3"
#define SQL_RESEAL_REJECTS "SELECT 0, at, seq, source, event_id, detail, body FROM rejects ORDER BY seq"
#define SQL_RESEAL_REJECT "UPDATE rejects SET detail = $1, body = $2 WHERE seq = $3"
#define SQL_RESEAL_NOTICES "SELECT 0, created_at, id, title, words, url, data FROM notices ORDER BY rowid"
#define SQL_RESEAL_NOTICE "UPDATE notices SET title = $1, words = $2, url = $3, data = $4 WHERE id = $5"
#define SQL_RESEAL_SILENCES "SELECT 0, made_at, id, reason FROM silences ORDER BY id"
#define SQL_RESEAL_SILENCE "UPDATE silences SET reason = $1 WHERE id = $2"
#define SQL_RESEAL_REFS \
	"SELECT " SQL_RESEAL_KEY_OF("clear_refs.journey") ", 0, source, ref, journey FROM clear_refs"
#define SQL_RESEAL_REF "INSERT INTO refs (source, ref, journey, sealed) VALUES ($1, $2, $3, $4)"
#define SQL_RESEAL_DOCUMENTS "SELECT 0, 0, document, journey FROM clear_documents"
#define SQL_RESEAL_DOCUMENT "INSERT INTO documents (document, journey) VALUES ($1, $2)"
#define SQL_RESEAL_PLACES \
	"SELECT " SQL_RESEAL_KEY_OF("clear_places.journey") ", at, journey, fact, address, door, estate FROM clear_places"
#define SQL_RESEAL_PLACE \
	"INSERT INTO places (journey, at, fact, address, door, estate, sealed_address, sealed_door, sealed_estate) " \
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
#define SQL_RESEAL_ALIASES \
	"SELECT " SQL_RESEAL_KEY_OF("aliases.journey") ", at, id, journey, kind, key FROM aliases ORDER BY id"
#define SQL_RESEAL_ALIAS "UPDATE aliases SET key = $1, sealed = $2 WHERE id = $3"
#define SQL_RESEAL_DAY "INSERT INTO days (day, key) VALUES ($1, $2)"
#define SQL_RESEAL_END \
	"DROP TABLE clear_refs; DROP TABLE clear_documents; DROP TABLE clear_places; DROP INDEX steps_fact"
#define SQL_RESEAL_DIRTY "INSERT INTO meta (key, value) VALUES ('clear_pages', '1')"
#define SQL_RESEAL_IS_DIRTY "SELECT count(*) FROM meta WHERE key = 'clear_pages'"
/* A copy of the whole file is a file for so long, not memory. */
#define SQL_RESEAL_CLEAN \
	"PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY; PRAGMA wal_checkpoint(TRUNCATE); " \
	"DELETE FROM meta WHERE key = 'clear_pages'"

/* clang-format on */

#endif
