/* store_census.c — what is owed next, how many there are, who is not watched; and the drawer of
 * small values. Neighbours: engine asks after every turn and once a minute; nothing here reads a
 * table from end to end. */
#include "store/store_private.h"

#include <string.h>

struct owed {
	int64_t *journeys, *alerts, *notices;
};

static int take_owed(sqlite3_stmt *row, void *context, struct err *err)
{
	struct owed *owed = context;

	(void)err;
	*owed->journeys = sqlite3_column_int64(row, 0);
	*owed->alerts = sqlite3_column_int64(row, 1);
	*owed->notices = sqlite3_column_int64(row, 2);
	return 0;
}

int sqlite_next_due(struct store *store, int64_t *journeys, int64_t *alerts, int64_t *notices,
		    struct err *err)
{
	struct owed owed = {.journeys = journeys, .alerts = alerts, .notices = notices};

	return sql_done(
		sql_each(sqlite_of(store), SQL_NEXT_DUE, SQL_WITH_NOTHING, take_owed, &owed, err));
}

static int take_tally(sqlite3_stmt *row, void *context, struct err *err)
{
	struct store_census *out = context;
	int64_t stage = sqlite3_column_int64(row, 0);

	if (stage < 0 || stage >= STORE_STAGES)
		return err_set(err, CL_ECORRUPT, "store: a count of stage %lld", (long long)stage);
	out->stages[stage] = sqlite3_column_int64(row, 1);
	out->open += sqlite3_column_int64(row, 2);
	return 0;
}

static int take_counts(sqlite3_stmt *row, void *context, struct err *err)
{
	struct store_census *out = context;

	(void)err;
	out->alerts_open = sqlite3_column_int64(row, 0);
	out->notices_ready = sqlite3_column_int64(row, 1);
	/* Facts are never deleted, so the last number is their count. */
	out->facts = sqlite3_column_int64(row, 2);
	out->rejects = sqlite3_column_int64(row, 3);
	out->alerts_silenced = sqlite3_column_int64(row, 4);
	out->alerts_inhibited = sqlite3_column_int64(row, 5);
	out->notices_dead = sqlite3_column_int64(row, 6);
	out->notices_oldest = sqlite3_column_int64(row, 7);
	return 0;
}

int sqlite_census(struct store *store, struct store_census *out, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int rc;

	*out = (struct store_census){.open = 0};
	rc = sql_each(self, SQL_TALLY, SQL_WITH_NOTHING, take_tally, out, err);
	if (rc >= 0)
		rc = sql_each(self, SQL_CENSUS, SQL_WITH_NOTHING, take_counts, out, err);
	if (rc < 0)
		return rc;
	/* Inside a transaction, what it has changed so far counts too. */
	for (int stage = 0; self->writing && stage < STORE_STAGES; stage++) {
		out->stages[stage] += self->known[stage];
		out->open += self->open[stage];
	}
	return 0;
}

int sqlite_violations(struct store *store, int64_t now, int64_t grace, unsigned limit,
		      store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_VIOLATIONS,
				 SQL_WITH(sql_number(now - grace), sql_number(limit)), sql_walk_id,
				 &walk, err));
}

/* --- Meta ---------------------------------------------------------------------------------- */

struct drawer {
	const char *key;
	char *value;
	size_t cap;
};

static int take_value(sqlite3_stmt *row, void *context, struct err *err)
{
	struct drawer *drawer = context;

	if (!text_copy(drawer->value, drawer->cap, sql_column_text(row, 0)))
		return err_set(err, CL_ELIMIT, "meta %s: longer than %zu bytes", drawer->key,
			       drawer->cap);
	return 0;
}

int sqlite_meta_get(struct store *store, const char *key, char *value, size_t cap, struct err *err)
{
	struct drawer drawer = {.key = key, .value = value, .cap = cap};
	int rc = sql_each(sqlite_of(store), SQL_META_GET, SQL_WITH(sql_text(key)), take_value,
			  &drawer, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "meta %s is not set", key);
	return sql_done(rc);
}

int sqlite_meta_set(struct store *store, const char *key, const char *value, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_META_SET,
				SQL_WITH(sql_text(key), sql_text(value)), err));
}
