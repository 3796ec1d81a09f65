/* store_sql_notices.h — statements of the store: the outbox and the endpoints. Neighbours:
 * store_sql.h joins them, and says how they are written. */
#ifndef CLOSEDLOOP_STORE_SQL_NOTICES_H
#define CLOSEDLOOP_STORE_SQL_NOTICES_H

/* clang-format off */

#define STORE_SQL_NOTICES(X) \
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
	X(ENDPOINT_HEALTH, "SELECT health, until FROM endpoints WHERE name = $1")

/* clang-format on */

#endif
