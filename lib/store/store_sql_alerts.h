/* store_sql_alerts.h — statements of the store: vehicles, flights, alerts, silences, feeds.
 * Neighbours: store_sql.h joins them, and says how they are written. */
#ifndef CLOSEDLOOP_STORE_SQL_ALERTS_H
#define CLOSEDLOOP_STORE_SQL_ALERTS_H

/* clang-format off */

#define STORE_SQL_ALERTS(X) \
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
	X(MEMBERS_OF, "SELECT journey FROM members WHERE alert = $1 ORDER BY journey")

/* clang-format on */

#endif
