/* store_sql_census.h — statements of the store: what is owed, what a clock set back moves, tokens,
 * the rest. Neighbours: store_sql.h joins them, and says how they are written. */
#ifndef CLOSEDLOOP_STORE_SQL_CENSUS_H
#define CLOSEDLOOP_STORE_SQL_CENSUS_H

/* clang-format off */

#define STORE_SQL_CENSUS(X) \
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

#endif
