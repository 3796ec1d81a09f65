/* store_sql_people.h — statements of the store: facts, refusals, who is who, keys. Neighbours:
 * store_sql.h joins them, and says how they are written. */
#ifndef CLOSEDLOOP_STORE_SQL_PEOPLE_H
#define CLOSEDLOOP_STORE_SQL_PEOPLE_H

/* clang-format off */

#define STORE_SQL_PEOPLE(X) \
	X(BEGIN, "BEGIN IMMEDIATE") \
	X(COMMIT, "COMMIT") \
	X(ROLLBACK, "ROLLBACK") \
	\
	/* Facts, refusals, who is who. */ \
	X(FACT_FIND, \
	  "SELECT seq, hash FROM facts WHERE source = $1 AND id = $2") \
	X(FACT_SAVE, \
	  "INSERT INTO facts (" SQL_FACT_STORED ") " \
	  "VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING seq") \
	X(FACTS_EACH, \
	  "SELECT source, id, type, at, body FROM facts WHERE seq > $1 ORDER BY seq") \
	X(REJECT_SAVE, \
	  "INSERT INTO rejects (at, feed, source, event_id, code, detail, body) " \
	  "VALUES ($1, $2, $3, $4, $5, $6, $7)") \
	X(REJECTS_ALL, \
	  "SELECT seq, at, feed, source, event_id, code, detail, body FROM rejects " \
	  "WHERE seq < $1 ORDER BY seq DESC LIMIT $2") \
	X(REJECTS_OF, \
	  "SELECT seq, at, feed, source, event_id, code, detail, body FROM rejects " \
	  "WHERE seq < $1 AND feed = $2 ORDER BY seq DESC LIMIT $3") \
	X(REJECTS_PRUNE, "DELETE FROM rejects WHERE at < $1") \
	X(REF_FIND, "SELECT journey FROM refs WHERE source = $1 AND ref = $2") \
	X(REF_SAVE, \
	  "INSERT INTO refs (source, ref, journey, sealed) VALUES ($1, $2, $3, $4) " \
	  "ON CONFLICT (ref, source) DO UPDATE SET journey = excluded.journey, sealed = excluded.sealed") \
	X(REFS_OF, "SELECT source, ref, sealed FROM refs WHERE journey = $1 ORDER BY source, ref") \
	X(DOCUMENT_FIND, "SELECT journey FROM documents WHERE document = $1") \
	X(DOCUMENT_SAVE, \
	  "INSERT INTO documents (document, journey) VALUES ($1, $2) " \
	  "ON CONFLICT (document) DO UPDATE SET journey = excluded.journey") \
	X(REPOINT_REFS, "UPDATE refs SET journey = $1 WHERE journey = $2") \
	X(REPOINT_DOCUMENTS, "UPDATE documents SET journey = $1 WHERE journey = $2") \
	X(REPOINT_RIDERS, \
	  "INSERT INTO riders (transfer, journey, stop, off) " \
	  "SELECT transfer, $1, stop, off FROM riders WHERE journey = $2 " \
	  "ON CONFLICT (transfer, journey) DO UPDATE SET " \
	  "stop = CASE WHEN riders.off > excluded.off THEN excluded.stop " \
	  "WHEN riders.off < excluded.off THEN riders.stop ELSE MIN(riders.stop, excluded.stop) END, " \
	  "off = MIN(riders.off, excluded.off)") \
	X(UNPOINT_RIDERS, "DELETE FROM riders WHERE journey = $1") \
	/* Members of open alerts only: who was in a resolved one is history. */ \
	X(REPOINT_MEMBERS, \
	  "INSERT INTO members (alert, journey) " \
	  "SELECT alert, $1 FROM members WHERE journey = $2 " \
	  "AND alert IN (SELECT id FROM alerts WHERE state < 2) " \
	  "ON CONFLICT (alert, journey) DO NOTHING") \
	X(REPOINT_ABOUT, \
	  "INSERT INTO about (journey, alert) SELECT $1, alert FROM about WHERE journey = $2 " \
	  "ON CONFLICT (journey, alert) DO NOTHING") \
	X(UNPOINT_MEMBERS, \
	  "DELETE FROM members WHERE journey = $1 " \
	  "AND alert IN (SELECT id FROM alerts WHERE state < 2)") \
	\
	/* Keys. */ \
	X(JOURNEY_KEY, "SELECT key FROM journeys WHERE id = $1") \
	X(TRANSFER_KEY, "SELECT key FROM transfers WHERE id = $1") \
	X(DAY_KEY, "SELECT key FROM days WHERE day = $1") \
	X(DAY_SAVE, "INSERT INTO days (day, key) VALUES ($1, $2)")

/* clang-format on */

#endif
