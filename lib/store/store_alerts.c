/* store_alerts.c — alerts and which journeys are in them.
 * Neighbours: alert.h says what a kind is and when it speaks; store_census.c asks whether anybody
 * still will. */
#include "store/store_private.h"

#include <assert.h>

static int take_alert(sqlite3_stmt *row, void *context, struct err *err)
{
	struct alert *alert = context;
	/* Kept as a word: numbers of an enum move when a row is put in. */
	int kind = alert_kind_of(sql_column_text(row, 1));
	int state = sql_column_int(row, 4);

	if (kind < 0 || state < ALERT_OPEN || state > ALERT_RESOLVED)
		return err_set(err, CL_ECORRUPT, "store: alert %lld is of kind \"%.40s\", state %d",
			       (long long)sqlite3_column_int64(row, 0), sql_column_text(row, 1),
			       state);
	*alert = (struct alert){.id = sqlite3_column_int64(row, 0),
				.kind = (enum alert_kind)kind,
				.state = (enum alert_state)state,
				.opened_at = sqlite3_column_int64(row, 5),
				.since = sqlite3_column_int64(row, 6),
				.due = sqlite3_column_int64(row, 7),
				.eta = sqlite3_column_int64(row, 8),
				.eta_before = sqlite3_column_int64(row, 9),
				.step = sql_column_int(row, 10),
				.next_at = sqlite3_column_int64(row, 11),
				.changed = sql_column_bool(row, 12),
				.loud = sql_column_bool(row, 13),
				.acked_at = sqlite3_column_int64(row, 15),
				.resolved_at = sqlite3_column_int64(row, 16),
				.hold_until = sqlite3_column_int64(row, 19),
				.hold = (enum alert_hold)sql_column_int(row, 20),
				.held_by = sqlite3_column_int64(row, 21)};
	/* They came from such fields: nothing is cut. */
	(void)text_copy(alert->subject, sizeof(alert->subject), sql_column_text(row, 2));
	(void)text_copy(alert->unit, sizeof(alert->unit), sql_column_text(row, 3));
	(void)text_copy(alert->by, sizeof(alert->by), sql_column_text(row, 14));
	(void)text_copy(alert->outcome, sizeof(alert->outcome), sql_column_text(row, 17));
	(void)text_copy(alert->detail, sizeof(alert->detail), sql_column_text(row, 18));
	return 0;
}

static int walk_alert(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct alert alert;
	int rc = take_alert(row, &alert, err);

	if (rc == 0)
		walk->each(walk->context, &alert);
	return rc;
}

int sqlite_alert_find(struct store *store, enum alert_kind kind, const char *subject,
		      const char *unit, struct alert *out, bool *found, struct err *err)
{
	int rc = sql_each(sqlite_of(store), SQL_ALERT_FIND,
			  SQL_WITH(sql_text(alert_traits(kind)->word), sql_text(subject),
				   sql_text(unit)),
			  take_alert, out, err);

	*found = rc > 0;
	if (rc == 0)
		out->id = 0;
	return sql_done(rc);
}

int sqlite_alert_load(struct store *store, int64_t id, struct alert *out, struct err *err)
{
	int rc = sql_each(sqlite_of(store), SQL_ALERT_LOAD, SQL_WITH(sql_number(id)), take_alert,
			  out, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "alert %lld is not known", (long long)id);
	return sql_done(rc);
}

#define ALERT_VALUES 24

/* ALERT_INSERT takes these, ALERT_UPDATE the id after them. */
static void alert_values(const struct alert *alert, int64_t now,
			 struct sql_value values[ALERT_VALUES])
{
	const struct alert_traits *kind = alert_traits(alert->kind);
	struct sql_value all[] = {
		sql_text(kind->word),	       sql_text(alert->subject),
		sql_text(alert->unit),	       sql_number(alert->state),
		sql_number(alert->opened_at),  sql_number(alert->since),
		sql_number(alert->due),	       sql_number(alert->eta),
		sql_number(alert->eta_before), sql_number(alert->step),
		sql_number(alert->next_at),    sql_number(alert->changed),
		sql_number(alert->loud),       sql_text(alert->by),
		sql_number(alert->acked_at),   sql_number(alert->resolved_at),
		sql_text(alert->outcome),      sql_text(alert->detail),
		sql_number(alert->hold_until), sql_number(alert->hold),
		sql_number(alert->held_by),    sql_number(kind->gravity),
		sql_number(kind->informative), sql_number(now),
	};

	_Static_assert(ARRAY_LEN(all) == ALERT_VALUES, "the statements take as many");
	for (size_t i = 0; i < ALERT_VALUES; i++)
		values[i] = all[i];
}

int sqlite_alert_save(struct store *store, struct alert *alert, int64_t now, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct sql_value values[ALERT_VALUES + 1];
	int rc;

	alert_values(alert, now, values);
	if (alert->id == 0)
		return sql_done(sql_each(self, SQL_ALERT_INSERT, values, ALERT_VALUES,
					 sql_take_number, &alert->id, err));
	values[ALERT_VALUES] = sql_number(alert->id);
	rc = sql_run(self, SQL_ALERT_UPDATE, values, ALERT_VALUES + 1, err);
	if (rc == 0)
		return err_set(err, CL_ENOENT, "alert %lld is not known", (long long)alert->id);
	return sql_done(rc);
}

int sqlite_alerts_due(struct store *store, int64_t now, unsigned limit, store_row_fn *each,
		      void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_ALERTS_DUE,
				 SQL_WITH(sql_number(now), sql_number(limit)), walk_alert, &walk,
				 err));
}

int sqlite_alerts_list(struct store *store, const char *unit, bool open_only, unsigned limit,
		       store_row_fn *each, void *context, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct sql_walk walk = {.each = each, .context = context};
	char end[UNIT_CODE_CAP + 1];
	struct text text = TEXT_OVER(end);
	int rc;

	text_add(&text, unit ? unit : "");
	text_add_bytes(&text, "\xff", 1);
	if (text.cut)
		return err_set(err, CL_EINVAL, "unit %.40s…: longer than any unit code", unit);
	rc = sql_each(self, SQL_ALERTS_OPEN,
		      SQL_WITH(sql_text(unit), sql_text(end), sql_number(limit)), walk_alert, &walk,
		      err);
	if (rc < 0 || open_only || (unsigned)rc >= limit)
		return sql_done(rc);
	return sql_done(sql_each(self, SQL_ALERTS_RESOLVED,
				 SQL_WITH(sql_text(unit), sql_text(end), sql_number(ALERTS_BACK),
					  sql_number(limit - (unsigned)rc)),
				 walk_alert, &walk, err));
}

int sqlite_alerts_release(struct store *store, enum alert_hold hold, int64_t by, int64_t now,
			  struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_ALERTS_RELEASE,
				SQL_WITH(sql_number(now), sql_number(hold), sql_number(by)), err));
}

int sqlite_alerts_forgotten(struct store *store, int64_t now, int64_t latest, int64_t most,
			    int64_t *alert, struct err *err)
{
	return sql_done(sql_each(sqlite_of(store), SQL_ALERTS_FORGOTTEN,
				 SQL_WITH(sql_number(latest), sql_number(now), sql_number(most)),
				 sql_take_number, alert, err));
}

static int take_cover(sqlite3_stmt *row, void *context, struct err *err)
{
	int64_t *by = context;

	(void)err;
	*by = sqlite3_column_int64(row, 0) == sqlite3_column_int64(row, 1)
		      ? sqlite3_column_int64(row, 2)
		      : 0;
	return 0;
}

int sqlite_alert_cover(struct store *store, int64_t alert, enum alert_kind kind, int64_t *by,
		       struct err *err)
{
	*by = 0;
	return sql_done(sql_each(sqlite_of(store), SQL_ALERT_COVER,
				 SQL_WITH(sql_text(alert_traits(kind)->word), sql_number(alert)),
				 take_cover, by, err));
}

/* --- Members ------------------------------------------------------------------------------- */

int sqlite_member_save(struct store *store, int64_t alert, const char *journey, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int rc =
		sql_run(self, SQL_MEMBER_SAVE, SQL_WITH(sql_number(alert), sql_text(journey)), err);

	if (rc > 0)
		rc = sql_run(self, SQL_ABOUT_SAVE, SQL_WITH(sql_number(alert), sql_text(journey)),
			     err);
	return sql_done(rc);
}

int sqlite_alerts_about(struct store *store, const char *journey, store_row_fn *each, void *context,
			struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_ALERTS_ABOUT, SQL_WITH(sql_text(journey)),
				 walk_alert, &walk, err));
}

int sqlite_member_remove(struct store *store, int64_t alert, const char *journey, int *left,
			 struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int64_t count = 0;
	int rc = sql_run(self, SQL_MEMBER_REMOVE, SQL_WITH(sql_number(alert), sql_text(journey)),
			 err);

	if (rc >= 0)
		rc = sql_each(self, SQL_MEMBERS_LEFT, SQL_WITH(sql_number(alert)), sql_take_number,
			      &count, err);
	*left = (int)count;
	return sql_done(rc);
}

int sqlite_members_of(struct store *store, int64_t alert, store_row_fn *each, void *context,
		      struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_MEMBERS_OF, SQL_WITH(sql_number(alert)),
				 sql_walk_id, &walk, err));
}
