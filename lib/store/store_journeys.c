/* store_journeys.c — journeys, and who isolates with whom.
 * Neighbours: store_list.c pages through them, store_census.c counts them, store_ledger.c keeps
 * their history; the records are
 * journey.h's business. */
#include "store/store_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/journey.h"

_Static_assert((int)STAGES <= STORE_STAGES, "store_census has too few stages");

/* --- Journeys ------------------------------------------------------------------------------ */

struct loaded {
	struct sqlite_store *self;
	struct arena *arena;
	struct store_journey *out;
};

/* An erased one is a skeleton in the clear. */
static int take_records(sqlite3_stmt *row, struct loaded *loaded, struct err *err)
{
	struct store_journey *out = loaded->out;
	int rc;

	if (sqlite3_column_int64(row, 13) == 0 && sqlite3_column_int64(row, 14) > 0) {
		out->record = sql_column_bytes_copy(row, 11, loaded->arena, &out->record_len);
		return 0;
	}
	rc = sql_open(loaded->self, row, 11, "journeys.record", out->id, loaded->arena,
		      &out->record, &out->record_len, err);
	if (rc == 0)
		rc = sql_open(loaded->self, row, 12, "people.record", out->id, loaded->arena,
			      &out->person, &out->person_len, err);
	if (rc == CL_EGONE)
		return err_set(err, CL_EGONE, "journey %s was erased", out->id);
	return rc;
}

static int take_journey(sqlite3_stmt *row, void *context, struct err *err)
{
	struct loaded *loaded = context;
	struct store_journey *out = loaded->out;
	struct arena *arena = loaded->arena;

	*out = (struct store_journey){.id = sql_column_copy(row, 0, arena),
				      .open = sql_column_bool(row, 1),
				      .stage = sql_column_int(row, 2),
				      .unit = sql_column_copy(row, 3, arena),
				      .holder = sql_column_copy(row, 4, arena),
				      .flight = sql_column_copy(row, 5, arena),
				      .transfer = sql_column_copy(row, 6, arena),
				      .disposition = sql_column_copy(row, 7, arena),
				      .next_due = sqlite3_column_int64(row, 8),
				      .updated_at = sqlite3_column_int64(row, 9),
				      .alerts = sql_column_int(row, 10),
				      .record = "",
				      .person = "",
				      .erased_at = sqlite3_column_int64(row, 14),
				      .erase_at = sqlite3_column_int64(row, 15),
				      .merged = sql_column_copy(row, 16, arena)};
	return take_records(row, loaded, err);
}

int sqlite_journey_load(struct store *store, const char *id, struct arena *arena,
			struct store_journey *out, struct err *err)
{
	struct loaded loaded = {.self = sqlite_of(store), .arena = arena, .out = out};
	int rc = sql_each(loaded.self, SQL_JOURNEY_LOAD, SQL_WITH(sql_text(id)), take_journey,
			  &loaded, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "journey %s is not known", id);
	return sql_done(rc);
}

struct was {
	bool open;
	int stage;
};

static int take_was(sqlite3_stmt *row, void *context, struct err *err)
{
	struct was *was = context;

	was->open = sql_column_bool(row, 0);
	was->stage = sql_column_int(row, 1);
	if (was->stage < 0 || was->stage >= STORE_STAGES)
		return err_set(err, CL_ECORRUPT, "store: a journey is in stage %d", was->stage);
	return 0;
}

/* JOURNEY_INSERT or JOURNEY_UPDATE: they take the same values. */
static int write_row(struct sqlite_store *self, enum sql_id id, const struct store_journey *journey,
		     struct err *err)
{
	return sql_run(self, id,
		       SQL_WITH(sql_number(journey->open), sql_number(journey->stage),
				sql_text(journey->unit), sql_text(journey->holder),
				sql_text(journey->flight), sql_text(journey->transfer),
				sql_text(journey->disposition), sql_number(journey->next_due),
				sql_number(journey->updated_at), sql_number(journey->alerts),
				sql_sealed(self, "journeys.record", journey->id, journey->record,
					   journey->record_len),
				sql_number(self->sealing.id), sql_number(journey->erase_at),
				sql_text(journey->merged), sql_text(journey->id)),
		       err);
}

int sqlite_journey_save(struct store *store, const struct store_journey *journey, bool fresh,
			struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct was was = {.open = false, .stage = 0};
	int rc = 1;

	assert(journey->stage >= 0);
	assert(journey->stage < STORE_STAGES);
	if (!fresh)
		rc = sql_each(self, SQL_JOURNEY_WAS, SQL_WITH(sql_text(journey->id)), take_was,
			      &was, err);
	if (rc == 0)
		return err_set(err, CL_ENOENT, "journey %s is not known", journey->id);
	if (rc > 0)
		rc = sql_seal_under(self, SQL_JOURNEY_KEY, journey->id, err);
	if (rc >= 0)
		rc = write_row(self, fresh ? SQL_JOURNEY_INSERT : SQL_JOURNEY_UPDATE, journey, err);
	if (rc >= 0 && journey->person_changed)
		rc = sql_run(self, SQL_PERSON_SAVE,
			     SQL_WITH(sql_text(journey->id),
				      sql_sealed(self, "people.record", journey->id,
						 journey->person, journey->person_len)),
			     err);
	if (rc < 0)
		return rc;
	sql_key_written(self, SQL_JOURNEY_KEY, journey->id);
	if (!fresh) {
		self->known[was.stage]--;
		self->open[was.stage] -= was.open;
	}
	self->known[journey->stage]++;
	self->open[journey->stage] += journey->open;
	return 0;
}

int sqlite_journey_end(struct sqlite_store *self, const char *id, int stage, struct err *err)
{
	struct was was = {.open = false, .stage = 0};
	int rc = sql_each(self, SQL_JOURNEY_WAS, SQL_WITH(sql_text(id)), take_was, &was, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "journey %s is not known", id);
	if (rc < 0)
		return rc;
	self->known[was.stage]--;
	self->open[was.stage] -= was.open;
	self->known[stage]++;
	return 0;
}

int sqlite_tally_save(struct sqlite_store *self, struct err *err)
{
	for (int stage = 0; stage < STORE_STAGES; stage++) {
		int rc;

		if (self->known[stage] == 0 && self->open[stage] == 0)
			continue;
		rc = sql_run(self, SQL_TALLY_ADD,
			     SQL_WITH(sql_number(stage), sql_number(self->known[stage]),
				      sql_number(self->open[stage])),
			     err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int sqlite_journeys_due(struct store *store, int64_t now, unsigned limit, store_row_fn *each,
			void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_JOURNEYS_DUE,
				 SQL_WITH(sql_number(now), sql_number(limit)), sql_walk_id, &walk,
				 err));
}

int sqlite_journeys_recheck(struct store *store, int64_t now, struct err *err)
{
	return sql_done(
		sql_run(sqlite_of(store), SQL_JOURNEYS_RECHECK, SQL_WITH(sql_number(now)), err));
}

int sqlite_journey_postpone(struct store *store, const char *id, int64_t at, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_JOURNEY_POSTPONE,
				SQL_WITH(sql_number(at), sql_text(id)), err));
}

int sqlite_journeys_on_flight(struct store *store, const char *flight, store_row_fn *each,
			      void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_JOURNEYS_ON_FLIGHT,
				 SQL_WITH(sql_text(flight)), sql_walk_id, &walk, err));
}

/* --- Homes --------------------------------------------------------------------------------- */

int sqlite_home_save(struct store *store, const char *home, const char *journey, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_HOME_SAVE,
				SQL_WITH(sql_text(home), sql_text(journey)), err));
}

int sqlite_home_remove(struct store *store, const char *home, const char *journey, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_HOME_REMOVE,
				SQL_WITH(sql_text(home), sql_text(journey)), err));
}

int sqlite_homes_of(struct store *store, const char *home, store_row_fn *each, void *context,
		    struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_HOMES_OF, SQL_WITH(sql_text(home)),
				 sql_walk_id, &walk, err));
}
