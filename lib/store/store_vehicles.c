/* store_vehicles.c — transfers, who rides in them, and flights. Neighbours: transfer.h packs the
 * records, store_journeys.c keeps what they mean for a traveller. */
#include "store/store_private.h"

struct record {
	struct arena *arena;
	const void **data;
	size_t *len;
};

static int take_record(sqlite3_stmt *row, void *context, struct err *err)
{
	struct record *record = context;

	(void)err;
	*record->data = sql_column_bytes_copy(row, 0, record->arena, record->len);
	return 0;
}

struct sealed_record {
	struct sqlite_store *self;
	const char *id;
	struct record out;
};

static int take_transfer(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sealed_record *it = context;
	int rc = sql_open(it->self, row, 0, "transfers.record", it->id, it->out.arena, it->out.data,
			  it->out.len, err);

	if (rc == CL_EGONE)
		return err_set(err, CL_EGONE, "transfer %s was erased", it->id);
	return rc;
}

int sqlite_transfer_load(struct store *store, const char *id, struct arena *arena,
			 const void **data, size_t *len, struct err *err)
{
	struct sealed_record it = {.self = sqlite_of(store),
				   .id = id,
				   .out = {.arena = arena, .data = data, .len = len}};
	int rc = sql_each(it.self, SQL_TRANSFER_LOAD, SQL_WITH(sql_text(id)), take_transfer, &it,
			  err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "transfer %s is not known", id);
	return sql_done(rc);
}

int sqlite_transfer_save(struct store *store, const char *id, const void *data, size_t len,
			 struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int rc = sql_seal_under(self, SQL_TRANSFER_KEY, id, err);

	if (rc == 0)
		rc = sql_run(self, SQL_TRANSFER_SAVE,
			     SQL_WITH(sql_text(id),
				      sql_sealed(self, "transfers.record", id, data, len),
				      sql_number(self->sealing.id)),
			     err);
	if (rc < 0)
		return rc;
	sql_key_written(self, SQL_TRANSFER_KEY, id);
	return 0;
}

int sqlite_rider_save(struct store *store, const char *transfer, const struct store_rider *rider,
		      struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_RIDER_SAVE,
				SQL_WITH(sql_text(transfer), sql_text(rider->journey),
					 sql_number(rider->stop), sql_number(rider->off)),
				err));
}

int sql_walk_rider(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_rider rider = {.journey = sql_column_text(row, 0),
				    .stop = sql_column_int(row, 1),
				    .off = sql_column_bool(row, 2)};

	(void)err;
	walk->each(walk->context, &rider);
	return 0;
}

int sqlite_riders_of(struct store *store, const char *transfer, store_row_fn *each, void *context,
		     struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_RIDERS_OF, SQL_WITH(sql_text(transfer)),
				 sql_walk_rider, &walk, err));
}

int sqlite_flight_load(struct store *store, const char *key, struct arena *arena, const void **data,
		       size_t *len, struct err *err)
{
	struct record record = {.arena = arena, .data = data, .len = len};
	int rc = sql_each(sqlite_of(store), SQL_FLIGHT_LOAD, SQL_WITH(sql_text(key)), take_record,
			  &record, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "flight %s is not known", key);
	return sql_done(rc);
}

int sqlite_flight_save(struct store *store, const char *key, const void *data, size_t len,
		       struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_FLIGHT_SAVE,
				SQL_WITH(sql_text(key), sql_bytes(data, len)), err));
}
