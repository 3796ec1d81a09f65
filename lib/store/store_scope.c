/* store_scope.c — what somebody may see who answers for a part of the country only. Each verb asks
 * by a statement with the scope in it, so that what is another's is not found, as what never was.
 * Neighbours: store_list.c has the pages of journeys; the files of the rows load what was found. */
#include "store/store_private.h"

#define SCOPE_CAP (2 * UNIT_CODE_CAP)

/* The scope as its two bounds. No byte of UTF-8 sorts after 0xFF, so END is above everything that
 * begins with it. */
struct scope {
	const char *from;
	char end[SCOPE_CAP];
};

static int scope_of(struct scope *scope, const char *prefix, struct err *err)
{
	struct text end = TEXT_OVER(scope->end);

	scope->from = prefix ? prefix : "";
	text_clear(&end);
	text_add(&end, scope->from);
	text_add_bytes(&end, "\xff", 1);
	return end.cut ? err_set(err, CL_EINVAL, "unit %.40s…: longer than any unit code",
				 scope->from)
		       : 0;
}

/* How many rows statement ID has for what VALUE names, within PREFIX. */
static int seen(struct store *store, enum sql_id id, const char *prefix, struct sql_value value,
		sql_row_fn *each, void *context, struct err *err)
{
	struct scope scope = {.from = ""};
	int rc = scope_of(&scope, prefix, err);

	if (rc < 0)
		return rc;
	return sql_each(sqlite_of(store), id,
			SQL_WITH(sql_text(scope.from), sql_text(scope.end), value), each, context,
			err);
}

/* --- Journeys, vehicles, flights ----------------------------------------------------------- */

int sqlite_journey_see(struct store *store, const char *prefix, const char *id, struct arena *arena,
		       struct store_journey *out, struct err *err)
{
	int rc = seen(store, SQL_SEE_JOURNEY, prefix, sql_text(id), NULL, NULL, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "journey %s is not known", id);
	return rc < 0 ? rc : sqlite_journey_load(store, id, arena, out, err);
}

int sqlite_transfer_see(struct store *store, const char *prefix, const char *id,
			struct arena *arena, const void **data, size_t *len, struct err *err)
{
	int rc = seen(store, SQL_SEE_TRANSFER, prefix, sql_text(id), NULL, NULL, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "transfer %s is not known", id);
	return rc < 0 ? rc : sqlite_transfer_load(store, id, arena, data, len, err);
}

int sqlite_riders_see(struct store *store, const char *prefix, const char *transfer,
		      store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(seen(store, SQL_SEE_RIDERS, prefix, sql_text(transfer), sql_walk_rider,
			     &walk, err));
}

int sqlite_flight_see(struct store *store, const char *prefix, const char *key, struct arena *arena,
		      const void **data, size_t *len, struct err *err)
{
	int rc = seen(store, SQL_SEE_FLIGHT, prefix, sql_text(key), NULL, NULL, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "flight %s is not known", key);
	return rc < 0 ? rc : sqlite_flight_load(store, key, arena, data, len, err);
}

int sqlite_passengers_see(struct store *store, const char *prefix, const char *flight,
			  store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(
		seen(store, SQL_SEE_PASSENGERS, prefix, sql_text(flight), sql_walk_id, &walk, err));
}

/* --- Alerts -------------------------------------------------------------------------------- */

int sqlite_alert_see(struct store *store, const char *prefix, int64_t id, struct alert *out,
		     struct err *err)
{
	int rc = seen(store, SQL_SEE_ALERT, prefix, sql_number(id), NULL, NULL, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "alert %lld is not known", (long long)id);
	return rc < 0 ? rc : sqlite_alert_load(store, id, out, err);
}

struct alert_walk {
	struct store *store;
	store_row_fn *each;
	void *context;
};

static int walk_alert_number(sqlite3_stmt *row, void *context, struct err *err)
{
	struct alert_walk *walk = context;
	struct alert alert;
	int rc = sqlite_alert_load(walk->store, sqlite3_column_int64(row, 0), &alert, err);

	if (rc == 0)
		walk->each(walk->context, &alert);
	return rc;
}

int sqlite_alerts_see(struct store *store, const char *prefix, const char *unit, bool open_only,
		      unsigned limit, store_row_fn *each, void *context, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct alert_walk walk = {.store = store, .each = each, .context = context};
	struct scope scope, asked;
	int rc = scope_of(&scope, prefix, err);

	if (rc == 0)
		rc = scope_of(&asked, unit, err);
	if (rc < 0)
		return rc;
	rc = sql_each(self, SQL_SEE_ALERTS_OPEN,
		      SQL_WITH(sql_text(scope.from), sql_text(scope.end), sql_text(asked.from),
			       sql_text(asked.end), sql_number(limit)),
		      walk_alert_number, &walk, err);
	if (rc < 0 || open_only || (unsigned)rc >= limit)
		return sql_done(rc);
	return sql_done(
		sql_each(self, SQL_SEE_ALERTS_RESOLVED,
			 SQL_WITH(sql_text(scope.from), sql_text(scope.end), sql_text(asked.from),
				  sql_text(asked.end), sql_number(ALERTS_BACK),
				  sql_number(limit - (unsigned)rc)),
			 walk_alert_number, &walk, err));
}

int sqlite_members_see(struct store *store, const char *prefix, int64_t alert, store_row_fn *each,
		       void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(
		seen(store, SQL_SEE_MEMBERS, prefix, sql_number(alert), sql_walk_id, &walk, err));
}

/* --- Silences ------------------------------------------------------------------------------ */

int sqlite_silence_see(struct store *store, const char *prefix, int64_t id, struct silence *out,
		       struct err *err)
{
	int rc = seen(store, SQL_SEE_SILENCE, prefix, sql_number(id), NULL, NULL, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "silence %lld is not known", (long long)id);
	return rc < 0 ? rc : sqlite_silence_load(store, id, out, err);
}

static int walk_silence_number(sqlite3_stmt *row, void *context, struct err *err)
{
	struct alert_walk *walk = context;
	struct silence silence;
	int rc = sqlite_silence_load(walk->store, sqlite3_column_int64(row, 0), &silence, err);

	if (rc == 0)
		walk->each(walk->context, &silence);
	return rc;
}

int sqlite_silences_see(struct store *store, const char *prefix, int64_t now, store_row_fn *each,
			void *context, struct err *err)
{
	struct alert_walk walk = {.store = store, .each = each, .context = context};

	return sql_done(seen(store, SQL_SEE_SILENCES, prefix, sql_number(now), walk_silence_number,
			     &walk, err));
}

/* --- What was taught ----------------------------------------------------------------------- */

static int take_whose(sqlite3_stmt *row, void *context, struct err *err)
{
	(void)err;
	*(bool *)context = sql_column_bool(row, 1);
	return 0;
}

int sqlite_alias_see(struct store *store, const char *prefix, int64_t id, struct arena *arena,
		     struct store_alias *out, struct err *err)
{
	bool hers = false;
	int rc = seen(store, SQL_SEE_ALIAS, prefix, sql_number(id), take_whose, &hers, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "alias %lld is not known", (long long)id);
	if (rc > 0)
		rc = sqlite_alias_load(store, id, arena, out, err);
	if (rc == 0 && !hers)
		out->journey = "";
	return rc;
}

struct alias_walk {
	struct store *store;
	const char *scope;
	struct arena *arena;
	store_row_fn *each;
	void *context;
};

static int walk_alias_number(sqlite3_stmt *row, void *context, struct err *err)
{
	struct alias_walk *walk = context;
	struct store_alias alias;
	int rc = sqlite_alias_see(walk->store, walk->scope, sqlite3_column_int64(row, 0),
				  walk->arena, &alias, err);

	if (rc == 0)
		walk->each(walk->context, &alias);
	return rc;
}

int sqlite_aliases_see(struct store *store, const char *prefix, const char *unit, bool undone_too,
		       int64_t before, unsigned limit, struct arena *arena, store_row_fn *each,
		       void *context, struct err *err)
{
	struct alias_walk walk = {
		.store = store, .scope = prefix, .arena = arena, .each = each, .context = context};
	struct scope scope, asked;
	int rc = scope_of(&scope, prefix, err);

	if (rc == 0)
		rc = scope_of(&asked, unit, err);
	if (rc < 0)
		return rc;
	return sql_done(
		sql_each(sqlite_of(store), SQL_SEE_ALIASES,
			 SQL_WITH(sql_text(scope.from), sql_text(scope.end), sql_text(asked.from),
				  sql_text(asked.end), sql_number(before), sql_number(undone_too),
				  sql_number(limit)),
			 walk_alias_number, &walk, err));
}
