/* store_sql_erase.h — statements of the store: erasing, and the tally. Neighbours:
 * store_sql.h joins them, and says how they are written. */
#ifndef CLOSEDLOOP_STORE_SQL_ERASE_H
#define CLOSEDLOOP_STORE_SQL_ERASE_H

/* clang-format off */

#define STORE_SQL_ERASE(X) \
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
	  "open = open + excluded.open")

/* clang-format on */

#endif
