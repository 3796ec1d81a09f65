/* store_endpoints.c — how each endpoint does, as the courier packed it: a restart must neither send
 * faster than a robot allows nor forget that one is ill. Neighbours: the courier owns the record's
 * meaning. */
#include "store/store_private.h"

int sqlite_endpoint_save(struct store *store, const struct store_endpoint *endpoint,
			 struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_ENDPOINT_SAVE,
				SQL_WITH(sql_text(endpoint->name), sql_number(endpoint->health),
					 sql_number(endpoint->until),
					 sql_bytes(endpoint->record, endpoint->record_len)),
				err));
}

static int walk_endpoint(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_endpoint endpoint = {.name = sql_column_copy(row, 0, walk->arena),
					  .health = sql_column_int(row, 1),
					  .until = sqlite3_column_int64(row, 2)};

	(void)err;
	endpoint.record = sql_column_bytes_copy(row, 3, walk->arena, &endpoint.record_len);
	walk->each(walk->context, &endpoint);
	return 0;
}

int sqlite_endpoints_list(struct store *store, struct arena *arena, store_row_fn *each,
			  void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context, .arena = arena};

	return sql_done(sql_each(sqlite_of(store), SQL_ENDPOINTS_LIST, SQL_WITH_NOTHING,
				 walk_endpoint, &walk, err));
}
