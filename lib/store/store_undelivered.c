/* store_undelivered.c — which urgent notices do not arrive, how far those of an alert have come,
 * and how each endpoint does. Neighbours: store_notices.c keeps the outbox; the engine asks here
 * whom else to call, the courier writes how its endpoints do. */
#include "store/store_private.h"

int sqlite_undelivered_next(struct store *store, int tries, int64_t after, int64_t *since,
			    struct err *err)
{
	return sql_done(sql_each(sqlite_of(store), SQL_UNDELIVERED_NEXT,
				 SQL_WITH(sql_number(tries), sql_number(after)), sql_take_number,
				 since, err));
}

int sqlite_notice_rings(struct store *store, int64_t alert, const char *endpoint, bool *rings,
			struct err *err)
{
	int64_t found = 0;
	int rc = sql_each(sqlite_of(store), SQL_NOTICE_RINGS,
			  SQL_WITH(sql_number(alert), sql_text(endpoint)), sql_take_number, &found,
			  err);

	*rings = found != 0;
	return sql_done(rc);
}

static int walk_undelivered(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_undelivered undelivered = {.alert = sqlite3_column_int64(row, 0),
						.told_at = sqlite3_column_int64(row, 1)};

	(void)err;
	walk->each(walk->context, &undelivered);
	return 0;
}

int sqlite_undelivered_list(struct store *store, int tries, int64_t after, int64_t now,
			    unsigned limit, store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_UNDELIVERED_LIST,
				 SQL_WITH(sql_number(tries), sql_number(after), sql_number(now),
					  sql_number(limit)),
				 walk_undelivered, &walk, err));
}

int sqlite_notices_handed_on(struct store *store, int64_t alert, int64_t told_at, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_NOTICES_HANDED_ON,
				SQL_WITH(sql_number(alert), sql_number(told_at)), err));
}

static int walk_told(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_told told = {.endpoint = sql_column_copy(row, 0, walk->arena),
				  .type = sql_column_copy(row, 1, walk->arena),
				  .told_at = sqlite3_column_int64(row, 2),
				  .due_at = sqlite3_column_int64(row, 3),
				  .state = sql_column_int(row, 4),
				  .tried = sql_column_bool(row, 5)};

	(void)err;
	walk->each(walk->context, &told);
	return 0;
}

int sqlite_notices_of(struct store *store, int64_t alert, struct arena *arena, store_row_fn *each,
		      void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context, .arena = arena};

	return sql_done(sql_each(sqlite_of(store), SQL_NOTICES_OF, SQL_WITH(sql_number(alert)),
				 walk_told, &walk, err));
}

/* --- Endpoints ----------------------------------------------------------------------------- */

struct well_being {
	int *health;
	int64_t *until;
};

static int take_health(sqlite3_stmt *row, void *context, struct err *err)
{
	struct well_being *health = context;

	(void)err;
	*health->health = sql_column_int(row, 0);
	*health->until = sqlite3_column_int64(row, 1);
	return 0;
}

int sqlite_endpoint_health(struct store *store, const char *name, int *health, int64_t *until,
			   struct err *err)
{
	struct well_being out = {.health = health, .until = until};

	*health = 0;
	*until = WHEN_NEVER;
	return sql_done(sql_each(sqlite_of(store), SQL_ENDPOINT_HEALTH, SQL_WITH(sql_text(name)),
				 take_health, &out, err));
}
