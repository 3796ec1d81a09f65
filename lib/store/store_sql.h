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

#include "store/store_sql_alerts.h"
#include "store/store_sql_census.h"
#include "store/store_sql_erase.h"
#include "store/store_sql_journeys.h"
#include "store/store_sql_notices.h"
#include "store/store_sql_people.h"

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
	STORE_SQL_PEOPLE(X) \
	STORE_SQL_JOURNEYS(X) \
	STORE_SQL_ERASE(X) \
	STORE_SQL_ALERTS(X) \
	STORE_SQL_NOTICES(X) \
	STORE_SQL_CENSUS(X)

/* clang-format on */

#define STORE_SQL_ID(name, text) SQL_##name,
enum sql_id {
	STORE_SQL(STORE_SQL_ID) SQL_STATEMENTS
};

#endif
