/* store_sql_journeys.h — statements of the store: journeys, what somebody may see, places, lessons,
 * the ledger. Neighbours: store_sql.h joins them, and says how they are written. */
#ifndef CLOSEDLOOP_STORE_SQL_JOURNEYS_H
#define CLOSEDLOOP_STORE_SQL_JOURNEYS_H

/* clang-format off */

#define STORE_SQL_JOURNEYS(X) \
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
	  "ORDER BY ledger.n")

/* clang-format on */

#endif
