/* store_clock.c — what was written by a clock that was set back later. Neighbours: schema.c says
 * what set_at is; engine/clock.c asks, in a transaction of its own. */
#include "store/store_private.h"

int sqlite_latest(struct store *store, int64_t *at, struct err *err)
{
	*at = 0;
	return sql_done(sql_each(sqlite_of(store), SQL_LATEST, SQL_WITH_NOTHING, sql_take_number,
				 at, err));
}

int sqlite_clock_set(struct store *store, int64_t was, int64_t now, int64_t most, struct err *err)
{
	/* When an alert was opened is right before it says how long it may wait. */
	static const enum sql_id moves[] = {SQL_CLOCK_ALERTS_OPENED, SQL_CLOCK_TELLINGS,
					    SQL_CLOCK_NOTICES, SQL_CLOCK_JOURNEYS};
	struct sqlite_store *self = sqlite_of(store);
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(moves) && rc >= 0; i++)
		rc = sql_run(self, moves[i], SQL_WITH(sql_number(now), sql_number(was)), err);
	if (rc >= 0)
		rc = sql_run(self, SQL_CLOCK_ALERTS,
			     SQL_WITH(sql_number(now), sql_number(was), sql_number(most),
				      sql_number(ALERT_REPEAT_MOST)),
			     err);
	return sql_done(rc);
}
