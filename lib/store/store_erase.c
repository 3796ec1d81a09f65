/* store_erase.c — what is personal of an ended journey goes, in the transaction; its keys after it.
 * Neighbours: store_journeys.c keeps journeys; lib/engine/erasing.c says whose time has come, and
 * keyring.h destroys. */
#include "store/store_private.h"

#include <assert.h>

#include "closedloop/log.h"

#define DOOMED_AT_ONCE 256

int sqlite_erasures_due(struct store *store, int64_t now, unsigned limit, store_row_fn *each,
			void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_ERASE_DUE,
				 SQL_WITH(sql_number(now), sql_number(limit)), sql_walk_id, &walk,
				 err));
}

int sqlite_erasures_next(struct store *store, int64_t days_kept, int64_t *at, struct err *err)
{
	return sql_done(sql_each(sqlite_of(store), SQL_ERASE_NEXT,
				 SQL_WITH(sql_number(days_kept + 1)), sql_take_number, at, err));
}

int sqlite_erasures_recheck(struct store *store, int64_t now, struct err *err)
{
	return sql_done(
		sql_run(sqlite_of(store), SQL_ERASE_RECHECK, SQL_WITH(sql_number(now)), err));
}

int sqlite_erasure_plan(struct store *store, const char *id, int64_t at, const char *merged,
			struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_ERASE_PLAN,
				SQL_WITH(sql_number(at), sql_text(merged), sql_text(id)), err));
}

int sqlite_shells_of(struct store *store, const char *journey, store_row_fn *each, void *context,
		     struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_ERASE_SHELLS, SQL_WITH(sql_text(journey)),
				 sql_walk_id, &walk, err));
}

/* Run ID, which changes rows about JOURNEY, and add how many to *COUNT (or NULL). */
static int change(struct sqlite_store *self, enum sql_id id, const char *journey, int *count,
		  struct err *err)
{
	int rc = sql_run(self, id, SQL_WITH(sql_text(journey)), err);

	if (rc > 0 && count)
		*count += rc;
	return sql_done(rc);
}

int sqlite_journey_erase(struct store *store, const struct store_erasure *erasure,
			 struct store_erased *out, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	const char *id = erasure->id;

	assert(erasure->stage >= 0);
	assert(erasure->stage < STORE_STAGES);
	*out = (struct store_erased){.notices = 0};
	int rc = sqlite_journey_end(self, id, erasure->stage, err);

	if (rc == 0)
		rc = change(self, SQL_ERASE_DOOM, id, NULL, err);
	if (rc == 0)
		rc = sql_done(
			sql_run(self, SQL_ERASE_JOURNEY,
				SQL_WITH(sql_number(erasure->stage), sql_text(erasure->unit),
					 sql_text(erasure->holder), sql_text(erasure->disposition),
					 sql_bytes(erasure->record, erasure->record_len),
					 sql_number(erasure->now), sql_number(erasure->forget_at),
					 sql_text(id)),
				err));
	if (rc == 0)
		rc = change(self, SQL_ERASE_PERSON, id, NULL, err);
	if (rc == 0)
		rc = change(self, SQL_ERASE_PLACES, id, &out->places, err);
	if (rc == 0)
		rc = change(self, SQL_ERASE_LESSONS, id, &out->lessons, err);
	if (rc == 0)
		rc = change(self, SQL_ERASE_NOTICES, id, &out->notices, err);
	if (rc == 0)
		rc = change(self, SQL_ERASE_DIGESTS, id, &out->notices, err);
	if (rc == 0)
		rc = change(self, SQL_ERASE_ALERTS, id, &out->alerts, err);
	if (rc == 0)
		rc = sql_done(sql_run(self, SQL_ERASE_SILENCES,
				      SQL_WITH(sql_text(id), sql_number(erasure->now)), err));
	if (rc == 0)
		rc = change(self, SQL_ERASE_ABOUT, id, NULL, err);
	self->scrub = true;
	return rc;
}

int sqlite_journey_forget(struct store *store, const char *id, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int rc = change(self, SQL_FORGET_REFS, id, NULL, err);

	if (rc == 0)
		rc = change(self, SQL_FORGET_DOCUMENTS, id, NULL, err);
	return rc < 0 ? rc : sqlite_erasure_plan(store, id, WHEN_NEVER, "", err);
}

/* --- Vehicles ------------------------------------------------------------------------------ */

/* More vehicles than a journey has legs and mistakes. */
#define RIDES_MAX 16

struct rides {
	size_t len;
	char ids[RIDES_MAX][256];
};

static int take_ride(sqlite3_stmt *row, void *context, struct err *err)
{
	struct rides *rides = context;

	(void)err;
	if (rides->len < RIDES_MAX)
		(void)text_copy(rides->ids[rides->len++], sizeof(rides->ids[0]),
				sql_column_text(row, 0));
	return 0;
}

int sqlite_transfers_erase(struct store *store, const char *journey, struct err *err)
{
	static const enum sql_id parts[] = {SQL_ERASE_TRANSFER_DOOM, SQL_ERASE_TRANSFER,
					    SQL_ERASE_RIDERS};
	struct sqlite_store *self = sqlite_of(store);
	struct rides rides = {.len = 0};
	int rc = sql_done(sql_each(self, SQL_ERASE_RIDES, SQL_WITH(sql_text(journey)), take_ride,
				   &rides, err));

	for (size_t i = 0; i < rides.len; i++) {
		for (size_t part = 0; part < ARRAY_LEN(parts) && rc == 0; part++)
			rc = change(self, parts[part], rides.ids[i], NULL, err);
	}
	return rc;
}

/* --- Keys ---------------------------------------------------------------------------------- */

int sqlite_days_erase(struct store *store, int64_t day, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int rc = sql_run(self, SQL_ERASE_DAYS_DOOM, SQL_WITH(sql_number(day)), err);

	if (rc >= 0)
		rc = sql_run(self, SQL_ERASE_DAYS, SQL_WITH(sql_number(day)), err);
	self->day_key = 0; /* It may be one of them. */
	return sql_done(rc);
}

struct doomed {
	size_t len;
	int64_t ids[DOOMED_AT_ONCE];
};

static int take_doomed(sqlite3_stmt *row, void *context, struct err *err)
{
	struct doomed *doomed = context;

	(void)err;
	if (doomed->len < DOOMED_AT_ONCE)
		doomed->ids[doomed->len++] = sqlite3_column_int64(row, 0);
	return 0;
}

static int forget_doomed(struct store *store, const struct doomed *doomed, struct err *err)
{
	int rc = store->ops->begin(store, err);

	for (size_t i = 0; i < doomed->len && rc >= 0; i++)
		rc = sql_run(sqlite_of(store), SQL_DOOMED_DONE,
			     SQL_WITH(sql_number(doomed->ids[i])), err);
	if (rc >= 0)
		rc = store->ops->commit(store, err);
	if (rc < 0)
		store->ops->rollback(store);
	return sql_done(rc);
}

/* The log holds what rows were before. A checkpoint that cannot be finished now is tried again with
 * the next call. */
static int scrub(struct sqlite_store *self, struct err *err)
{
	int rc;

	if (!self->scrub || !self->db)
		return 0;
	rc = sqlite3_wal_checkpoint_v2(self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (rc != SQLITE_OK)
		return sql_refuse(self, rc, "checkpoint", err);
	self->scrub = false;
	return 0;
}

void sqlite_doomed_again(struct store *store)
{
	struct err err = ERR_INIT;
	int rc = store->ops->begin(store, &err);

	if (rc >= 0)
		rc = sql_run(sqlite_of(store), SQL_DOOMED_AGAIN, SQL_WITH_NOTHING, &err);
	if (rc >= 0)
		rc = store->ops->commit(store, &err);
	if (rc >= 0)
		return;
	store->ops->rollback(store);
	/* A full disk keeps nobody from being watched; the next start asks again. */
	log_warn("erasure.not_asked_again", "error=\"%s\"", err.text);
}

/* The keys are gone for good before it is forgotten that they were to go: a crash between the two
 * destroys them again, which is nothing. */
int sqlite_doomed_destroy(struct store *store, int64_t now, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct doomed doomed = {.len = 0};
	int rc = sql_each(self, SQL_DOOMED, SQL_WITH(sql_number(DOOMED_AT_ONCE)), take_doomed,
			  &doomed, err);

	assert(!self->writing);
	/* Nor in our memory: the one sealed under last may be among them. */
	self->sealing.id = 0;
	seal_wipe(self->sealing.key, sizeof(self->sealing.key));
	if (rc > 0)
		rc = keyring_destroy(self->ring, doomed.ids, doomed.len, now, err);
	if (rc >= 0 && doomed.len > 0)
		rc = forget_doomed(store, &doomed, err);
	return rc < 0 ? rc : scrub(self, err);
}
