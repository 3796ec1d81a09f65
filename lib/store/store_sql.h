/* store_sql.h — every statement of the store, once: a name and its text. Neighbours:
 * store_statement.c prepares them all at open, so a typo fails at start; schema.c makes the tables.
 *
 * Parameters are $1, $2 … in the order of their first appearance, because that is how SQLite
 * numbers them. What a partial index demands is repeated as a literal: a parameter would hide it
 * from the planner. Numbers that last in the file: alerts.state 0 open, 1 acked, 2 resolved;
 * alerts.hold 0 nothing, 1 a silence, 2 another alert;
 * notices.state as enum notice_state. */
#ifndef CLOSEDLOOP_STORE_SQL_H
#define CLOSEDLOOP_STORE_SQL_H

/* One statement is read as SQL, not as C. */
/* clang-format off */

#define SQL_NEVER "9223372036854775807" /* WHEN_NEVER */

#define SQL_JOURNEY_COLUMNS \
	"journeys.id, journeys.open, journeys.stage, journeys.unit, journeys.holder, journeys.flight, " \
	"journeys.transfer, journeys.disposition, journeys.next_due, journeys.updated_at, " \
	"journeys.alerts, journeys.record, people.record, journeys.key, journeys.erased_at, journeys.erase_at, journeys.merged"

#define SQL_ALERT_COLUMNS \
	"id, kind, subject, unit, state, opened_at, since, due, eta, eta_before, step, next_at, changed, " \
	"loud, taken_by, acked_at, resolved_at, outcome, detail, hold_until, hold, held_by"

#define SQL_SILENCE_COLUMNS \
	"id, kind, unit, subject, author, reason, made_at, ends_at, force, ended_at, ended_by"

#define SQL_ALIAS_COLUMNS \
	"id, journey, kind, sealed, code, at, fact, author, undone_at, undone_by"

#define SQL_TOKEN_COLUMNS \
	"name, role, scope, hash, made_at, made_by, expires_at, revoked_at, revoked_by"

#define SQL_NOTICE_COLUMNS \
	"id, endpoint, alert, urgent, type, kind, unit, created_at, due_at, expires_at, attempts, " \
	"title, words, url, data, grp"

/* What a fact's row in the ledger holds a hash of, in this order, as it is stored. */
#define SQL_FACT_STORED "source, id, type, at, received_at, hash, body"

/* Over the whole row but the link goes the link, in this order. */
#define SQL_LEDGER_ROW "n, at, journey, fact, what, note, digest"

#define SQL_LEDGER_INSERT \
	"INSERT INTO ledger (" SQL_LEDGER_ROW ", link) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"

/* What was kept before there was a ledger: run once, inside the migration, never prepared at open. */
#define SQL_ADOPT_FACTS "SELECT seq, " SQL_FACT_STORED " FROM facts WHERE seq > $1 AND seq <= $2 ORDER BY seq"
#define SQL_ADOPT_STEPS "SELECT at, journey, fact, what, note FROM steps INDEXED BY steps_order ORDER BY seq"
#define SQL_ADOPT_SAVE SQL_LEDGER_INSERT
#define SQL_ADOPT_DONE "DROP TABLE steps; DELETE FROM meta WHERE key = 'step_seq'"

/* A notice that somebody is to be woken by, and has not been handed on yet; one that was tried in vain; an endpoint that
 * takes nothing, or not in time. Each as an index demands it. */
#define SQL_UNHEARD "urgent = 1 AND alert <> 0 AND handed_on = 0"
#define SQL_FAILING "(attempts > 0 OR error <> '')"
#define SQL_UNWELL  "(health <> 0 OR (until > 0 AND until < " SQL_NEVER "))"

/* Whose a journey is: her committee's, and while there is none, whoever's who holds her; within the scope ($1, $2) of who
 * asks. As the indexes journeys_seen have it. */
#define SQL_UNIT_OF "CASE WHEN journeys.unit <> '' THEN journeys.unit ELSE journeys.holder END"
#define SQL_SEEN    SQL_UNIT_OF " >= $1 AND " SQL_UNIT_OF " < $2 "

/* What every list of journeys has in common; ($8, $9) is the scope of who asks, $10 says whether the open or the ended ones
 * are asked for, ($11, $12) is the last row seen. Each list adds the one condition whose index leads. */
#define SQL_LIST_BEGIN "SELECT id FROM journeys " SQL_LIST_WHERE
#define SQL_LIST_WHERE \
	"WHERE ($1 IS NULL OR stage = $1) " \
	"AND ($2 IS NULL OR (unit >= $2 AND unit < $3)) " \
	"AND ($4 IS NULL OR flight = $4) " \
	"AND ($5 IS NULL OR EXISTS (SELECT 1 FROM riders " \
	"WHERE riders.transfer = $5 AND riders.journey = journeys.id AND riders.off = 0)) " \
	"AND ($6 IS NULL OR EXISTS (SELECT 1 FROM refs " \
	"WHERE refs.journey = journeys.id AND refs.source = $6)) " \
	"AND ($7 IS NULL OR EXISTS (SELECT 1 FROM refs " \
	"WHERE refs.ref = $7 AND refs.journey = journeys.id AND ($6 IS NULL OR refs.source = $6))) " \
	"AND " SQL_UNIT_OF " >= $8 AND " SQL_UNIT_OF " < $9 "

#define SQL_LIST_SMALL_END \
	"AND +open = $10 AND (+next_due, +id) > ($11, $12) ORDER BY +next_due, +id LIMIT $13"

/* Urgent notices and since when each counts as undelivered, from the few places where such can be: those tried in vain,
 * those that never will arrive, LATE, and the lines of a digest that is any of these. */
#define SQL_UNDELIVERED(late) \
	"SELECT alert, told_at, CASE WHEN attempts >= $1 THEN 0 ELSE told_at + $2 END AS since " \
	"FROM notices INDEXED BY notices_failing WHERE state = 0 AND " SQL_UNHEARD " AND " SQL_FAILING " " \
	"UNION ALL SELECT alert, told_at, 0 FROM notices INDEXED BY notices_lost WHERE state = 2 AND " SQL_UNHEARD " " \
	"UNION ALL " late " " \
	"UNION ALL SELECT line.alert, line.told_at, " \
	"CASE WHEN digests.state = 2 OR digests.attempts >= $1 THEN 0 ELSE line.told_at + $2 END " \
	"FROM notices AS digests CROSS JOIN notices AS line ON line.digest = digests.id AND line.state = 5 " \
	"AND line.urgent = 1 AND line.alert <> 0 AND line.handed_on = 0 " \
	"WHERE digests.alert = 0 AND digests.state IN (0, 2) AND (digests.state = 2 " \
	"OR digests.attempts > 0 OR digests.error <> '' OR EXISTS (SELECT 1 FROM endpoints " \
	"WHERE name = digests.endpoint AND (health <> 0 OR (until > line.told_at + $2 AND until < " SQL_NEVER "))))"
/* Those of an endpoint that takes nothing, or not in time; and of each only the oldest. */
#define SQL_LATE_ALL \
	"SELECT late.alert, late.told_at, late.told_at + $2 FROM endpoints " \
	"CROSS JOIN notices AS late INDEXED BY notices_unheard ON late.endpoint = endpoints.name AND late.state = 0 " \
	"AND late.urgent = 1 AND late.alert <> 0 AND late.handed_on = 0 " \
	"WHERE " SQL_UNWELL " AND (health <> 0 OR (until > late.told_at + $2 AND until < " SQL_NEVER "))"
#define SQL_LATE_FIRST \
	"SELECT 0, 0, oldest + $2 FROM (SELECT health, until, (SELECT min(told_at) FROM notices " \
	"WHERE endpoint = endpoints.name AND state = 0 AND " SQL_UNHEARD ") AS oldest FROM endpoints " \
	"WHERE " SQL_UNWELL ") WHERE oldest IS NOT NULL AND (health <> 0 OR (until > oldest + $2 AND until < " SQL_NEVER "))"

#define STORE_SQL(X) \
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
	X(DAY_SAVE, "INSERT INTO days (day, key) VALUES ($1, $2)") \
	\
	/* Journeys. */ \
	X(JOURNEY_LOAD, \
	  "SELECT " SQL_JOURNEY_COLUMNS " FROM journeys " \
	  "LEFT JOIN people ON people.journey = journeys.id WHERE journeys.id = $1") \
	X(JOURNEY_WAS, "SELECT open, stage FROM journeys WHERE id = $1") \
	X(JOURNEY_INSERT, \
	  "INSERT INTO journeys (open, stage, unit, holder, flight, transfer, disposition, next_due, " \
	  "updated_at, alerts, record, key, erase_at, merged, id) " \
	  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)") \
	X(JOURNEY_UPDATE, \
	  "UPDATE journeys SET open = $1, stage = $2, unit = $3, holder = $4, flight = $5, " \
	  "transfer = $6, disposition = $7, next_due = $8, updated_at = $9, alerts = $10, " \
	  "record = $11, key = $12, erase_at = $13, merged = $14 WHERE id = $15") \
	X(PERSON_SAVE, \
	  "INSERT INTO people (journey, record) VALUES ($1, $2) " \
	  "ON CONFLICT (journey) DO UPDATE SET record = excluded.record") \
	X(JOURNEYS_DUE, \
	  "SELECT id FROM journeys WHERE open = 1 AND next_due <= $1 " \
	  "ORDER BY next_due, id LIMIT $2") \
	X(JOURNEYS_RECHECK, \
	  "UPDATE journeys SET next_due = $1 WHERE open = 1 AND next_due > $1") \
	X(JOURNEY_POSTPONE, "UPDATE journeys SET next_due = $1 WHERE id = $2") \
	X(JOURNEYS_ON_FLIGHT, \
	  "SELECT id FROM journeys WHERE flight = $1 AND flight <> '' ORDER BY id") \
	X(LIST_DUE, \
	  SQL_LIST_BEGIN "AND open = 1 AND $10 = 1 AND (next_due, id) > ($11, $12) " \
	  "ORDER BY next_due, id LIMIT $13") \
	X(LIST_UNIT, \
	  SQL_LIST_BEGIN "AND open = 1 AND unit >= $2 AND unit < $3 AND $10 = 1 " \
	  "AND (+next_due, +id) > ($11, $12) ORDER BY +next_due, +id LIMIT $13") \
	X(LIST_SEEN, \
	  "SELECT id FROM journeys INDEXED BY journeys_seen " SQL_LIST_WHERE "AND open = 1 AND $10 = 1 " \
	  "AND (+next_due, +id) > ($11, $12) ORDER BY +next_due, +id LIMIT $13") \
	X(LIST_FLIGHT, \
	  SQL_LIST_BEGIN "AND flight = $4 AND flight <> '' " SQL_LIST_SMALL_END) \
	X(LIST_TRANSFER, \
	  SQL_LIST_BEGIN "AND id IN (SELECT journey FROM riders WHERE transfer = $5) " \
	  SQL_LIST_SMALL_END) \
	X(LIST_REF, \
	  SQL_LIST_BEGIN "AND id IN (SELECT journey FROM refs WHERE ref = $7) " \
	  SQL_LIST_SMALL_END) \
	X(LIST_ENDED, \
	  SQL_LIST_BEGIN "AND +open = 0 AND $10 = 0 AND $11 IS NOT NULL AND id > $12 " \
	  "ORDER BY id LIMIT $13") \
	X(LIST_ENDED_UNIT, \
	  SQL_LIST_BEGIN "AND open = 0 AND unit >= $2 AND unit < $3 AND $10 = 0 AND $11 IS NOT NULL " \
	  "AND +id > $12 ORDER BY +id LIMIT $13") \
	X(LIST_ENDED_SEEN, \
	  "SELECT id FROM journeys INDEXED BY journeys_seen_ended " SQL_LIST_WHERE \
	  "AND open = 0 AND $10 = 0 AND $11 IS NOT NULL AND +id > $12 ORDER BY +id LIMIT $13") \
	\
	/* What somebody with the scope ($1, $2) may see. What is not hers is not there. */ \
	X(SEE_JOURNEY, "SELECT id FROM journeys WHERE " SQL_SEEN "AND id = $3") \
	X(SEE_TRANSFER, \
	  "SELECT id FROM transfers WHERE ($1 = '' OR EXISTS (SELECT 1 FROM riders CROSS JOIN journeys " \
	  "WHERE " SQL_SEEN "AND riders.transfer = transfers.id AND journeys.id = riders.journey)) " \
	  "AND id = $3") \
	X(SEE_RIDERS, \
	  "SELECT riders.journey, riders.stop, riders.off FROM riders CROSS JOIN journeys " \
	  "WHERE " SQL_SEEN "AND riders.transfer = $3 AND journeys.id = riders.journey " \
	  "ORDER BY riders.journey") \
	X(SEE_FLIGHT, \
	  "SELECT key FROM flights WHERE ($1 = '' OR EXISTS (SELECT 1 FROM journeys " \
	  "WHERE " SQL_SEEN "AND journeys.flight = flights.key AND journeys.flight <> '')) AND key = $3") \
	X(SEE_PASSENGERS, \
	  "SELECT id FROM journeys WHERE " SQL_SEEN "AND flight = $3 AND flight <> '' ORDER BY id") \
	X(SEE_ALERT, "SELECT id FROM alerts WHERE unit >= $1 AND unit < $2 AND id = $3") \
	X(SEE_ALERTS_OPEN, \
	  "SELECT id FROM alerts WHERE id IN (SELECT id FROM alerts WHERE unit >= $1 AND unit < $2 " \
	  "AND unit >= $3 AND unit < $4 AND state < 2) ORDER BY gravity DESC, due, id LIMIT $5") \
	X(SEE_ALERTS_RESOLVED, \
	  "SELECT id FROM alerts WHERE unit >= $1 AND unit < $2 AND unit >= $3 AND unit < $4 " \
	  "AND state = 2 AND id > (SELECT max(id) FROM alerts) - $5 ORDER BY id DESC LIMIT $6") \
	X(SEE_MEMBERS, \
	  "SELECT members.journey FROM members CROSS JOIN journeys " \
	  "WHERE " SQL_SEEN "AND members.alert = $3 AND journeys.id = members.journey " \
	  "ORDER BY members.journey") \
	X(SEE_SILENCE, "SELECT id FROM silences WHERE unit >= $1 AND unit < $2 AND id = $3") \
	/* One of a unit above hides hers, too; one about somebody says of whom. */ \
	X(SEE_SILENCES, \
	  "SELECT id FROM silences WHERE ((unit >= $1 AND unit < $2) " \
	  "OR (subject = '' AND substr($1, 1, length(unit)) = unit)) " \
	  "AND ends_at > $3 AND ended_at > $3 ORDER BY ends_at, id") \
	/* What was taught stays the unit's; whom it was about may have become another's. */ \
	X(SEE_ALIAS, \
	  "SELECT id, EXISTS (SELECT 1 FROM journeys WHERE " SQL_SEEN "AND journeys.id = aliases.journey) " \
	  "FROM aliases WHERE code >= $1 AND code < $2 AND id = $3") \
	X(SEE_ALIASES, \
	  "SELECT id FROM aliases WHERE code >= $1 AND code < $2 AND code >= $3 AND code < $4 " \
	  "AND id < $5 AND key <> '' AND ($6 = 1 OR at > undone_at) ORDER BY id DESC LIMIT $7") \
	\
	X(HOME_SAVE, \
	  "INSERT INTO homes (home, journey) VALUES ($1, $2) " \
	  "ON CONFLICT (home, journey) DO NOTHING") \
	X(HOME_REMOVE, "DELETE FROM homes WHERE home = $1 AND journey = $2") \
	X(HOMES_OF, "SELECT journey FROM homes WHERE home = $1 ORDER BY journey") \
	X(PLACE_SAVE, \
	  "INSERT INTO places (journey, at, fact, address, door, estate, sealed_address, sealed_door, sealed_estate) " \
	  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) " \
	  "ON CONFLICT (journey, at, fact) DO UPDATE SET address = excluded.address, door = excluded.door, " \
	  "estate = excluded.estate, sealed_address = excluded.sealed_address, " \
	  "sealed_door = excluded.sealed_door, sealed_estate = excluded.sealed_estate") \
	X(PLACE_AT, \
	  "SELECT sealed_address, sealed_door, sealed_estate, at, fact FROM places WHERE journey = $1 AND at <= $2 " \
	  "ORDER BY at DESC, fact DESC LIMIT 1") \
	X(RECHECK_ADDRESS, \
	  "UPDATE journeys SET next_due = $1 WHERE open = 1 AND next_due > $1 AND id IN (" \
	  "SELECT journey FROM places WHERE address = $2 AND address <> '')") \
	X(RECHECK_DOOR, \
	  "UPDATE journeys SET next_due = $1 WHERE open = 1 AND next_due > $1 AND id IN (" \
	  "SELECT journey FROM places WHERE door = $2 AND door <> '')") \
	X(RECHECK_ESTATE, \
	  "UPDATE journeys SET next_due = $1 WHERE open = 1 AND next_due > $1 AND id IN (" \
	  "SELECT journey FROM places WHERE estate = $2 AND estate <> '')") \
	X(REPOINT_PLACES, \
	  "INSERT INTO places (journey, at, fact, address, door, estate, sealed_address, sealed_door, sealed_estate) " \
	  "SELECT $1, at, fact, address, door, estate, sealed_address, sealed_door, sealed_estate " \
	  "FROM places WHERE journey = $2 " \
	  "ON CONFLICT (journey, at, fact) DO NOTHING") \
	X(UNPOINT_PLACES, "DELETE FROM places WHERE journey = $1") \
	X(ALIAS_SAVE, \
	  "INSERT INTO aliases (journey, kind, key, sealed, code, at, fact, author, undone_at, undone_by) " \
	  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (journey, kind) DO UPDATE SET " \
	  "key = excluded.key, sealed = excluded.sealed, code = excluded.code, at = excluded.at, fact = excluded.fact, " \
	  "author = excluded.author, undone_at = excluded.undone_at, undone_by = excluded.undone_by") \
	X(ALIAS_REMOVE, "DELETE FROM aliases WHERE journey = $1 AND kind = $2") \
	X(ALIAS_LOAD, "SELECT " SQL_ALIAS_COLUMNS " FROM aliases WHERE id = $1") \
	X(ALIASES_OF, \
	  "SELECT " SQL_ALIAS_COLUMNS " FROM aliases WHERE journey = $1 ORDER BY kind") \
	X(ALIASES_UNDER, \
	  "SELECT " SQL_ALIAS_COLUMNS " FROM aliases WHERE kind = $1 AND key = $2 AND key <> '' " \
	  "AND at > undone_at ORDER BY code, id") \
	X(LEDGER_SAVE, SQL_LEDGER_INSERT) \
	X(LEDGER_END, "SELECT n, link FROM ledger WHERE n = (SELECT max(n) FROM ledger)") \
	X(LEDGER_FROM, "SELECT " SQL_LEDGER_ROW ", link FROM ledger WHERE n >= $1 ORDER BY n LIMIT $2") \
	X(LEDGER_BACK, \
	  "SELECT n, at, journey, fact, what, note FROM ledger WHERE n < $1 ORDER BY n DESC LIMIT $2") \
	X(LEDGER_AT, "SELECT " SQL_LEDGER_ROW ", link FROM ledger WHERE n = $1") \
	X(LEDGER_OF_FACT, "SELECT seq, " SQL_FACT_STORED " FROM facts WHERE seq = $1") \
	/* Facts that have no row: between two that follow each other in the ledger, or behind the last. */ \
	X(LEDGER_STRAY, \
	  "SELECT seq, source, id, received_at FROM facts WHERE seq > $1 AND seq < $2 ORDER BY seq LIMIT 1") \
	X(HEAD_SAVE, \
	  "INSERT INTO heads (n, at, link, signature) VALUES ($1, $2, $3, $4) " \
	  "ON CONFLICT (n) DO UPDATE SET at = excluded.at, link = excluded.link, signature = excluded.signature") \
	X(HEADS_FROM, "SELECT n, at, link, signature FROM heads WHERE n >= $1 ORDER BY n LIMIT 1") \
	X(HEADS_LIST, "SELECT n, at, link, signature FROM heads WHERE n <= " SQL_NEVER " ORDER BY n DESC LIMIT $1") \
	X(HEAD_LAST, "SELECT n, at, link, signature FROM heads WHERE n = (SELECT max(n) FROM heads)") \
	X(STEPS_LIST, \
	  "SELECT ledger.n, ledger.at, ledger.fact, ledger.what, ledger.note, facts.source, facts.id, " \
	  "facts.at, facts.body FROM ledger LEFT JOIN facts ON facts.seq = ledger.fact " \
	  "WHERE ledger.journey = $1 AND ledger.journey <> '' AND ledger.what <> 'fact' " \
	  "ORDER BY ledger.n") \
	\
	/* Erasing. What a row says of her way stays; the rest is overwritten. */ \
	X(ERASE_DUE, \
	  "SELECT id FROM journeys WHERE erase_at <= $1 AND erase_at < " SQL_NEVER " " \
	  "ORDER BY erase_at LIMIT $2") \
	X(ERASE_NEXT, \
	  "SELECT CASE WHEN (SELECT key FROM doomed WHERE key > 0 ORDER BY key LIMIT 1) IS NOT NULL THEN 0 ELSE min(" \
	  "coalesce((SELECT erase_at FROM journeys WHERE erase_at < " SQL_NEVER " ORDER BY erase_at LIMIT 1), " SQL_NEVER "), " \
	  "coalesce((SELECT (day + $1) * 86400000 FROM days WHERE day > 0 ORDER BY day LIMIT 1), " SQL_NEVER ")) END") \
	X(ERASE_RECHECK, \
	  "UPDATE journeys SET erase_at = $1 WHERE open = 0 AND erased_at = 0 AND erase_at > $1 " \
	  "AND erase_at < " SQL_NEVER) \
	X(ERASE_PLAN, "UPDATE journeys SET erase_at = $1, merged = $2 WHERE id = $3") \
	X(ERASE_SHELLS, \
	  "SELECT id FROM journeys WHERE merged = $1 AND merged <> '' AND erased_at = 0 ORDER BY id") \
	X(ERASE_DOOM, "INSERT OR IGNORE INTO doomed SELECT key FROM journeys WHERE id = $1 AND key > 0") \
	X(ERASE_JOURNEY, \
	  "UPDATE journeys SET open = 0, stage = $1, unit = $2, holder = $3, flight = '', transfer = '', " \
	  "disposition = $4, next_due = " SQL_NEVER ", alerts = 0, record = $5, key = 0, erased_at = $6, " \
	  "erase_at = $7 WHERE id = $8") \
	X(ERASE_PERSON, "DELETE FROM people WHERE journey = $1") \
	X(ERASE_PLACES, "DELETE FROM places WHERE journey = $1") \
	X(ERASE_LESSONS, \
	  "UPDATE aliases SET journey = 'erased/' || id, fact = '' WHERE journey = $1") \
	/* What was said and is over. A dead letter of an alert that is not over may be told again, so it stays; what has no words any more is not. */ \
	X(ERASE_NOTICES, \
	  "UPDATE notices SET title = '', words = '', url = '', data = '', error = '' " \
	  "WHERE alert IN (SELECT alert FROM about WHERE journey = $1) AND alert <> 0 AND title <> '' " \
	  "AND (state IN (1, 3, 4) OR (state = 2 AND (SELECT state FROM alerts WHERE alerts.id = notices.alert) = 2) " \
	  "OR (state = 5 AND (SELECT state FROM notices AS whole WHERE whole.id = notices.digest) IN (1, 3, 4)))") \
	/* A digest of many alerts is text about her too. */ \
	X(ERASE_DIGESTS, \
	  "UPDATE notices SET title = '', words = '', url = '', data = '', error = '' WHERE title <> '' AND state IN (1, 3, 4) " \
	  "AND id IN (SELECT line.digest FROM about JOIN notices AS line ON line.alert = about.alert " \
	  "AND line.alert <> 0 WHERE about.journey = $1 AND line.digest <> '' AND line.title = '')") \
	X(ERASE_ALERTS, \
	  "UPDATE alerts SET detail = '' WHERE state = 2 AND detail <> '' " \
	  "AND id IN (SELECT alert FROM about WHERE journey = $1)") \
	X(ERASE_ABOUT, "DELETE FROM about WHERE journey = $1") \
	X(ERASE_SILENCES, \
	  "UPDATE silences SET reason = '' WHERE subject = $1 AND subject <> '' AND (ends_at <= $2 OR ended_at <= $2)") \
	X(ERASE_RIDES, "SELECT transfer FROM riders WHERE journey = $1 ORDER BY transfer") \
	/* Nobody of this vehicle is left whom it is about. */ \
	X(ERASE_TRANSFER_DOOM, \
	  "INSERT OR IGNORE INTO doomed SELECT key FROM transfers WHERE id = $1 AND key > 0 " \
	  "AND NOT EXISTS (SELECT 1 FROM riders JOIN journeys ON journeys.id = riders.journey " \
	  "WHERE riders.transfer = $1 AND journeys.erased_at = 0)") \
	X(ERASE_TRANSFER, \
	  "DELETE FROM transfers WHERE id = $1 " \
	  "AND NOT EXISTS (SELECT 1 FROM riders JOIN journeys ON journeys.id = riders.journey " \
	  "WHERE riders.transfer = $1 AND journeys.erased_at = 0)") \
	X(ERASE_RIDERS, \
	  "DELETE FROM riders WHERE transfer = $1 AND NOT EXISTS (SELECT 1 FROM transfers WHERE id = $1)") \
	X(FORGET_REFS, "DELETE FROM refs WHERE journey = $1") \
	X(FORGET_DOCUMENTS, "DELETE FROM documents WHERE journey = $1") \
	X(ERASE_DAYS_DOOM, "INSERT OR IGNORE INTO doomed SELECT key FROM days WHERE day < $1 AND key > 0") \
	X(ERASE_DAYS, "DELETE FROM days WHERE day < $1") \
	X(DOOMED, "SELECT key FROM doomed WHERE key > 0 ORDER BY key LIMIT $1") \
	/* Below zero: it was destroyed. It is not forgotten, because an old copy of the ring has it still. */ \
	X(DOOMED_DONE, "UPDATE OR REPLACE doomed SET key = -key WHERE key = $1") \
	X(DOOMED_AGAIN, "UPDATE OR REPLACE doomed SET key = -key WHERE key < 0") \
	X(TALLY_ADD, \
	  "INSERT INTO tally (stage, known, open) VALUES ($1, $2, $3) " \
	  "ON CONFLICT (stage) DO UPDATE SET known = known + excluded.known, " \
	  "open = open + excluded.open") \
	\
	/* Vehicles and flights. */ \
	X(TRANSFER_LOAD, "SELECT record FROM transfers WHERE id = $1") \
	X(TRANSFER_SAVE, \
	  "INSERT INTO transfers (id, record, key) VALUES ($1, $2, $3) " \
	  "ON CONFLICT (id) DO UPDATE SET record = excluded.record, key = excluded.key") \
	X(RIDER_SAVE, \
	  "INSERT INTO riders (transfer, journey, stop, off) VALUES ($1, $2, $3, $4) " \
	  "ON CONFLICT (transfer, journey) DO UPDATE SET stop = excluded.stop, off = excluded.off") \
	X(RIDERS_OF, \
	  "SELECT journey, stop, off FROM riders WHERE transfer = $1 ORDER BY journey") \
	X(FLIGHT_LOAD, "SELECT record FROM flights WHERE key = $1") \
	X(FLIGHT_SAVE, \
	  "INSERT INTO flights (key, record) VALUES ($1, $2) " \
	  "ON CONFLICT (key) DO UPDATE SET record = excluded.record") \
	\
	/* Alerts. */ \
	X(ALERT_FIND, \
	  "SELECT " SQL_ALERT_COLUMNS " FROM alerts " \
	  "WHERE kind = $1 AND subject = $2 AND unit = $3 AND state < 2") \
	X(ALERT_LOAD, "SELECT " SQL_ALERT_COLUMNS " FROM alerts WHERE id = $1") \
	X(ALERT_INSERT, \
	  "INSERT INTO alerts (kind, subject, unit, state, opened_at, since, due, eta, eta_before, step, " \
	  "next_at, changed, loud, taken_by, acked_at, resolved_at, outcome, detail, hold_until, " \
	  "hold, held_by, gravity, informative, set_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, " \
	  "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) RETURNING id") \
	X(ALERT_UPDATE, \
	  "UPDATE alerts SET kind = $1, subject = $2, unit = $3, state = $4, opened_at = $5, " \
	  "since = $6, due = $7, eta = $8, eta_before = $9, step = $10, next_at = $11, changed = $12, " \
	  "loud = $13, taken_by = $14, acked_at = $15, resolved_at = $16, outcome = $17, " \
	  "detail = $18, hold_until = $19, hold = $20, held_by = $21, gravity = $22, " \
	  "informative = $23, set_at = CASE WHEN next_at = $11 THEN set_at ELSE $24 END WHERE id = $25") \
	X(ALERTS_DUE, \
	  "SELECT " SQL_ALERT_COLUMNS " FROM alerts WHERE id IN (" \
	  "SELECT id FROM alerts WHERE next_at <= $1 AND next_at < " SQL_NEVER " AND state < 2 " \
	  "UNION SELECT id FROM alerts WHERE changed = 1 AND state < 2 AND hold_until <= $1) " \
	  "ORDER BY gravity DESC, next_at, id LIMIT $2") \
	/* As alert_release does it; $3 0 = whoever holds it. */ \
	X(ALERTS_RELEASE, \
	  "UPDATE alerts SET " \
	  "next_at = CASE WHEN next_at = hold_until THEN min(next_at, $1) ELSE next_at END, " \
	  "hold_until = min(hold_until, $1), hold = 0, held_by = 0, set_at = $1 " \
	  "WHERE hold = $2 AND hold > 0 AND state < 2 AND ($3 = 0 OR held_by = $3)") \
	/* Open, answered by nobody, held by nothing, and silent beyond $1 and at $2 for longer than it has been open; $3 at
	 * most. */ \
	X(ALERTS_FORGOTTEN, \
	  "SELECT coalesce(min(id), 0) FROM alerts WHERE state < 2 AND state = 0 " \
	  "AND informative = 0 AND hold = 0 AND next_at > $1 " \
	  "AND next_at - $2 > min($3, $2 - opened_at)") \
	/* How many are in alert $2, how many of them are in an open alert of kind $1, and one of those \
	 * alerts. */ \
	X(ALERT_COVER, \
	  "SELECT count(*), count(cover), coalesce(max(cover), 0) FROM (SELECT (" \
	  "SELECT graver.id FROM alerts AS graver JOIN members AS other ON other.alert = graver.id " \
	  "WHERE graver.kind = $1 AND graver.state < 2 AND other.journey = members.journey LIMIT 1) " \
	  "AS cover FROM members WHERE members.alert = $2)") \
	X(SILENCE_SAVE, \
	  "INSERT INTO silences (" SQL_SILENCE_COLUMNS ") " \
	  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) " \
	  "ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, ended_by = excluded.ended_by") \
	X(SILENCE_LOAD, "SELECT " SQL_SILENCE_COLUMNS " FROM silences WHERE id = $1") \
	X(SILENCES_LIST, \
	  "SELECT " SQL_SILENCE_COLUMNS " FROM silences WHERE ends_at > $1 AND ended_at > $1 " \
	  "ORDER BY ends_at, id") \
	\
	/* Feeds. */ \
	X(FEED_FIND, "SELECT name, heard_at, due_at, alert FROM feeds WHERE name = $1") \
	X(FEED_SAVE, \
	  "INSERT INTO feeds (name, heard_at, due_at, alert) VALUES ($1, $2, $3, $4) " \
	  "ON CONFLICT (name) DO UPDATE SET heard_at = excluded.heard_at, due_at = excluded.due_at, " \
	  "alert = excluded.alert") \
	X(FEED_REMOVE, "DELETE FROM feeds WHERE name = $1") \
	X(FEEDS_LIST, "SELECT name, heard_at, due_at, alert FROM feeds ORDER BY name") \
	X(FEEDS_NEXT, "SELECT coalesce(min(due_at), " SQL_NEVER ") FROM feeds") \
	X(ALERTS_OPEN, \
	  "SELECT " SQL_ALERT_COLUMNS " FROM alerts WHERE id IN (" \
	  "SELECT id FROM alerts WHERE state < 2 AND unit >= $1 AND unit < $2) " \
	  "ORDER BY gravity DESC, due, id LIMIT $3") \
	/* Only the newest are looked at: history may be long, and nobody waits for it. */ \
	X(ALERTS_RESOLVED, \
	  "SELECT " SQL_ALERT_COLUMNS " FROM alerts WHERE state = 2 AND unit >= $1 AND unit < $2 " \
	  "AND id > (SELECT max(id) FROM alerts) - $3 ORDER BY id DESC LIMIT $4") \
	X(MEMBER_SAVE, \
	  "INSERT INTO members (alert, journey) VALUES ($1, $2) " \
	  "ON CONFLICT (alert, journey) DO NOTHING") \
	X(ALERTS_ABOUT, \
	  "SELECT " SQL_ALERT_COLUMNS " FROM alerts WHERE state < 2 " \
	  "AND id IN (SELECT alert FROM about WHERE journey = $1) AND EXISTS (SELECT 1 FROM members " \
	  "WHERE members.alert = alerts.id AND members.journey = $1) ORDER BY id") \
	X(ABOUT_SAVE, \
	  "INSERT INTO about (alert, journey) VALUES ($1, $2) ON CONFLICT (journey, alert) DO NOTHING") \
	X(MEMBER_REMOVE, "DELETE FROM members WHERE alert = $1 AND journey = $2") \
	X(MEMBERS_LEFT, "SELECT count(*) FROM members WHERE alert = $1") \
	X(MEMBERS_OF, "SELECT journey FROM members WHERE alert = $1 ORDER BY journey") \
	\
	/* Outbox. */ \
	X(NOTICE_SAVE, \
	  "INSERT INTO notices (" SQL_NOTICE_COLUMNS ", state, ended_at, error, set_at, told_at) " \
	  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, " \
	  SQL_NEVER ", '', $8, $8)") \
	/* A line of a digest that has not arrived is as good as unsaid. */ \
	X(NOTICES_SUPERSEDE, \
	  "UPDATE notices SET state = 3 " \
	  "WHERE alert = $1 AND alert <> 0 AND state IN (0, 5) AND ($2 IS NULL OR endpoint = $2) " \
	  "AND (state = 0 OR (SELECT state FROM notices AS whole WHERE whole.id = notices.digest) <> 1)") \
	/* Of those written in one turn the gravest first, as they were written: ids of one \
	 * millisecond say nothing. */ \
	X(NOTICES_READY, \
	  "SELECT " SQL_NOTICE_COLUMNS ", error FROM notices WHERE state = 0 AND endpoint = $1 " \
	  "AND urgent = $2 AND due_at <= $3 AND NOT EXISTS (" \
	  "SELECT 1 FROM notices AS before WHERE before.alert = notices.alert AND before.alert <> 0 " \
	  "AND before.endpoint = notices.endpoint AND before.rowid < notices.rowid " \
	  "AND before.state IN (0, 5) AND (before.state = 0 OR " \
	  "(SELECT state FROM notices AS whole WHERE whole.id = before.digest) = 0)) " \
	  "ORDER BY due_at, rowid LIMIT $4") \
	X(NOTICES_NEXT, \
	  "SELECT due_at FROM notices WHERE state = 0 AND endpoint = $1 AND urgent = $2 " \
	  "AND due_at > $3 ORDER BY due_at LIMIT 1") \
	X(NOTICE_MERGE, "UPDATE notices SET state = 5, digest = $1 WHERE id = $2 AND state = 0") \
	X(NOTICES_MERGED, \
	  "SELECT " SQL_NOTICE_COLUMNS ", error FROM notices WHERE digest = $1 AND state = 5 " \
	  "ORDER BY due_at, rowid") \
	X(NOTICES_MERGED_EXPIRE, \
	  "UPDATE notices SET state = 4, ended_at = $1 " \
	  "WHERE digest = $2 AND state = 5 AND expires_at <= $1") \
	/* What was superseded while it was under way stays so, unless it did arrive. */ \
	X(NOTICE_RESULT, \
	  "UPDATE notices SET state = $1, attempts = $2, due_at = $3, ended_at = $4, error = $5, set_at = $6 " \
	  "WHERE id = $7 AND (state = 0 OR $1 = 1)") \
	X(NOTICE_KNOWN, "SELECT state FROM notices WHERE id = $1") \
	X(NOTICES_WAITING, \
	  "WITH RECURSIVE names (endpoint) AS (" \
	  "SELECT (SELECT endpoint FROM notices WHERE state = 0 ORDER BY endpoint LIMIT 1) " \
	  "UNION ALL SELECT (SELECT more.endpoint FROM notices AS more " \
	  "WHERE more.state = 0 AND more.endpoint > names.endpoint ORDER BY more.endpoint LIMIT 1) " \
	  "FROM names WHERE names.endpoint IS NOT NULL) " \
	  "SELECT endpoint, " \
	  "coalesce((SELECT due_at FROM notices AS loud WHERE loud.state = 0 " \
	  "AND loud.endpoint = names.endpoint AND loud.urgent = 1 ORDER BY due_at LIMIT 1), " \
	  SQL_NEVER "), " \
	  "coalesce((SELECT due_at FROM notices AS calm WHERE calm.state = 0 " \
	  "AND calm.endpoint = names.endpoint AND calm.urgent = 0 ORDER BY due_at LIMIT 1), " \
	  SQL_NEVER ") FROM names WHERE endpoint IS NOT NULL") \
	X(NOTICES_BACKLOG, \
	  "SELECT count(*), coalesce(min(created_at), " SQL_NEVER ") FROM notices " \
	  "WHERE state = 0 AND endpoint = $1") \
	X(NOTICES_LIST_READY, \
	  "SELECT " SQL_NOTICE_COLUMNS ", error FROM notices WHERE state = 0 " \
	  "ORDER BY due_at LIMIT $1") \
	X(NOTICES_LIST_DONE, \
	  "SELECT " SQL_NOTICE_COLUMNS ", error FROM notices WHERE state = 1 ORDER BY id DESC LIMIT $1") \
	X(NOTICES_LIST_ENDED, \
	  "SELECT " SQL_NOTICE_COLUMNS ", error FROM notices WHERE state = $1 AND state >= 2 " \
	  "ORDER BY id DESC LIMIT $2") \
	X(NOTICE_LOAD, \
	  "SELECT " SQL_NOTICE_COLUMNS ", error, state, ended_at FROM notices WHERE id = $1") \
	X(LETTERS_LIST, \
	  "SELECT " SQL_NOTICE_COLUMNS ", error, state, ended_at FROM notices WHERE state = 2 " \
	  "AND state >= 2 AND ($1 IS NULL OR endpoint = $1) ORDER BY id DESC LIMIT $2") \
	X(NOTICES_OF_DIGEST, \
	  "SELECT " SQL_NOTICE_COLUMNS ", error FROM notices WHERE state = 5 AND digest = $1 " \
	  "ORDER BY rowid") \
	X(NOTICE_REDRIVE, \
	  "UPDATE notices SET state = 0, attempts = 0, due_at = $1, set_at = $1, " \
	  "expires_at = " SQL_NEVER ", ended_at = " SQL_NEVER ", error = '' " \
	  "WHERE id = $2 AND state IN (2, 4) AND title <> ''") \
	X(NOTICES_REDRIVE, \
	  "UPDATE notices SET state = 0, attempts = 0, due_at = $1, set_at = $1, " \
	  "expires_at = " SQL_NEVER ", ended_at = " SQL_NEVER ", error = '' " \
	  "WHERE state = 2 AND state >= 2 AND title <> '' AND id >= $2 AND ($3 IS NULL OR id <= $3) " \
	  "AND ($4 IS NULL OR endpoint = $4)") \
	\
	/* Endpoints. */ \
	X(ENDPOINT_SAVE, \
	  "INSERT INTO endpoints (name, health, until, record) VALUES ($1, $2, $3, $4) " \
	  "ON CONFLICT (name) DO UPDATE SET health = excluded.health, until = excluded.until, " \
	  "record = excluded.record") \
	X(ENDPOINTS_LIST, "SELECT name, health, until, record FROM endpoints ORDER BY name") \
	\
	/* Urgent notices that do not arrive; $1 failed tries, or $2 ms in vain. Rows: alert, when it was told, since when it
	 * counts as undelivered. */ \
	X(UNDELIVERED_NEXT, "SELECT coalesce(min(since), " SQL_NEVER ") FROM (" SQL_UNDELIVERED(SQL_LATE_FIRST) ") AS lost") \
	X(UNDELIVERED_LIST, \
	  "SELECT DISTINCT lost.alert, lost.told_at FROM (" SQL_UNDELIVERED(SQL_LATE_ALL) ") AS lost " \
	  "LEFT JOIN alerts ON alerts.id = lost.alert WHERE lost.since <= $3 " \
	  "ORDER BY alerts.gravity DESC, lost.told_at, lost.alert LIMIT $4") \
	X(NOTICE_RINGS, \
	  "SELECT EXISTS (SELECT 1 FROM notices WHERE alert = $1 AND alert <> 0 AND endpoint = $2 " \
	  "AND state = 0 AND urgent = 1)") \
	X(NOTICES_HANDED_ON, \
	  "UPDATE notices SET handed_on = 1 WHERE alert = $1 AND alert <> 0 AND told_at = $2") \
	/* What stands in a digest is as far as the digest is. In the order of writing: a clock that was set back makes the \
	 * first word the one with the latest time. */ \
	X(NOTICES_OF, \
	  "SELECT notices.endpoint, notices.type, notices.told_at, notices.due_at, " \
	  "CASE WHEN notices.state = 5 THEN coalesce(digests.state, 0) ELSE notices.state END, " \
	  "notices.attempts > 0 OR notices.error <> '' OR coalesce(digests.attempts > 0 OR digests.error <> '', 0) " \
	  "FROM notices LEFT JOIN notices AS digests ON notices.state = 5 AND digests.id = notices.digest " \
	  "WHERE notices.alert = $1 AND notices.alert <> 0 ORDER BY notices.rowid") \
	X(ENDPOINT_HEALTH, "SELECT health, until FROM endpoints WHERE name = $1") \
	\
	/* What is owed, how many there are, who is not watched. */ \
	X(NEXT_DUE, \
	  "SELECT coalesce((SELECT next_due FROM journeys WHERE open = 1 ORDER BY next_due LIMIT 1), " \
	  SQL_NEVER "), " \
	  /* What changed is due at 0, or when nothing holds it any more. */ \
	  "min(coalesce((SELECT hold_until FROM alerts WHERE changed = 1 AND state < 2 " \
	  "ORDER BY hold_until LIMIT 1), " SQL_NEVER "), " \
	  "coalesce((SELECT next_at FROM alerts WHERE next_at < " SQL_NEVER " AND state < 2 " \
	  "ORDER BY next_at LIMIT 1), " SQL_NEVER ")), " \
	  "coalesce((SELECT due_at FROM notices WHERE state = 0 ORDER BY due_at LIMIT 1), " \
	  SQL_NEVER ")") \
	X(TALLY, "SELECT stage, known, open FROM tally") \
	X(CENSUS, \
	  "SELECT (SELECT count(*) FROM alerts WHERE state < 2), " \
	  "(SELECT count(*) FROM notices WHERE state = 0), " \
	  "(SELECT coalesce(max(seq), 0) FROM facts), (SELECT count(*) FROM rejects), " \
	  "(SELECT count(*) FROM alerts WHERE hold > 0 AND state < 2 AND hold = 1), " \
	  "(SELECT count(*) FROM alerts WHERE hold > 0 AND state < 2 AND hold = 2), " \
	  "(SELECT count(*) FROM notices WHERE state = 2 AND state >= 2), " \
	  /* What was kept back for the quiet hours is as old as they are over. */ \
	  "coalesce((SELECT min(CASE WHEN grp = '' THEN created_at ELSE due_at END) FROM notices " \
	  "WHERE state = 0), " SQL_NEVER ")") \
	/* Two ends of the order of deadlines: those that passed unheeded, and those that have none. */ \
	X(VIOLATIONS, \
	  "SELECT id FROM (" \
	  "SELECT id, next_due FROM journeys WHERE open = 1 AND next_due < $1 UNION ALL " \
	  "SELECT id, next_due FROM journeys WHERE open = 1 AND next_due = " SQL_NEVER ") " \
	  "WHERE id NOT IN (" \
	  "SELECT members.journey FROM alerts JOIN members ON members.alert = alerts.id " \
	  "WHERE alerts.state < 2 AND alerts.informative = 0 AND alerts.next_at < " SQL_NEVER " " \
	  "AND alerts.next_at >= $1) ORDER BY next_due, id LIMIT $2") \
	/* After the clock was set back from $2 to $1; what was set by then waits on as it did. What something holds is judged \
	 * anew. An alert nobody has answered waits at most $3, or as long as it has been open, and that at most $4. */ \
	X(LATEST, \
	  "SELECT max(coalesce((SELECT received_at FROM facts WHERE seq = (SELECT max(seq) FROM facts)), 0), " \
	  "coalesce((SELECT set_at FROM alerts WHERE id = (SELECT max(id) FROM alerts)), 0), " \
	  "coalesce((SELECT set_at FROM notices WHERE rowid = (SELECT max(rowid) FROM notices)), 0))") \
	X(CLOCK_ALERTS_OPENED, \
	  "UPDATE alerts SET opened_at = CASE WHEN opened_at > $1 THEN min($1, opened_at - $2 + $1) ELSE opened_at END, " \
	  "acked_at = CASE WHEN acked_at > $1 AND acked_at < " SQL_NEVER " THEN min($1, acked_at - $2 + $1) ELSE acked_at END " \
	  "WHERE state < 2 AND (opened_at > $1 OR (acked_at > $1 AND acked_at < " SQL_NEVER "))") \
	X(CLOCK_ALERTS, \
	  "UPDATE alerts SET next_at = CASE WHEN hold > 0 AND next_at = hold_until THEN $1 " \
	  "WHEN state = 0 AND informative = 0 " \
	  "THEN min(next_at - max($2, set_at) + $1, $1 + max($3, min($4, $1 - opened_at))) " \
	  "ELSE next_at - max($2, set_at) + $1 END, set_at = $1 " \
	  "WHERE state < 2 AND set_at > $1 AND next_at < " SQL_NEVER) \
	X(CLOCK_NOTICES, \
	  "UPDATE notices SET due_at = $1 + due_at - max($2, set_at), set_at = $1 " \
	  "WHERE state = 0 AND set_at > $1 AND due_at > $1 AND grp = ''") \
	/* Of one telling all, so that they stay one. */ \
	X(CLOCK_TELLINGS, \
	  "UPDATE notices SET told_at = min($1, told_at - $2 + $1) " \
	  "WHERE alert IN (SELECT id FROM alerts WHERE state < 2) AND alert <> 0 AND told_at > $1") \
	/* Due already, and not looked at before the clock was set. */ \
	X(CLOCK_JOURNEYS, \
	  "UPDATE journeys SET next_due = $1 WHERE open = 1 AND next_due > $1 AND next_due <= $2") \
	X(TOKEN_SAVE, \
	  "INSERT INTO tokens (name, role, scope, hash, made_at, made_by, expires_at, revoked_at, revoked_by) " \
	  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO UPDATE SET role = excluded.role, " \
	  "scope = excluded.scope, hash = excluded.hash, made_at = excluded.made_at, made_by = excluded.made_by, " \
	  "expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, revoked_by = excluded.revoked_by") \
	X(TOKEN_FIND, "SELECT " SQL_TOKEN_COLUMNS " FROM tokens WHERE hash = $1") \
	X(TOKENS_LIST, "SELECT " SQL_TOKEN_COLUMNS " FROM tokens ORDER BY name") \
	X(TOKEN_REVOKE, \
	  "UPDATE tokens SET revoked_at = $1, revoked_by = $2 WHERE name = $3 AND revoked_at = " SQL_NEVER) \
	X(META_GET, "SELECT value FROM meta WHERE key = $1") \
	X(META_SET, \
	  "INSERT INTO meta (key, value) VALUES ($1, $2) " \
	  "ON CONFLICT (key) DO UPDATE SET value = excluded.value")

/* clang-format on */

#define STORE_SQL_ID(name, text) SQL_##name,
enum sql_id {
	STORE_SQL(STORE_SQL_ID) SQL_STATEMENTS
};

#endif
