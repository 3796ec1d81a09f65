/* store_sqlite.c — the store's birth and death over SQLite, and the table of its verbs.
 * Neighbours: schema.c makes the tables, store_statement.c runs what store_sql.h says,
 * store_transaction.c begins and commits; the verbs are in store_facts.c, store_journeys.c,
 * store_ledger.c, store_verify.c, store_list.c, store_scope.c, store_vehicles.c, store_alerts.c,
 * store_watch.c, store_notices.c, store_letters.c and store_census.c. */
#include "store/store_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/log.h"

/* Above this the file is not read through at open, so that a start stays short at any size. */
#define QUICK_CHECK_MAX (INT64_C(64) << 20)

/* WAL, FULL: commit returns when the log is on the disk. Waiting would stall the loop, so the busy
 * timeout is none. 4,000 pages between two checkpoints: a burst rewrites hot pages once, and a
 * recovery reads at most some 16 MB. The checkpoint at open makes sure of what a killed process
 * left in the log without a sync: it is read as committed, a repetition would be acknowledged and a
 * notice sent on the strength of it, and a power cut could still take it away. */
static const char pragmas[] = "PRAGMA journal_mode = WAL;"
			      "PRAGMA synchronous = FULL;"
			      "PRAGMA busy_timeout = 0;"
			      "PRAGMA temp_store = MEMORY;"
			      "PRAGMA cache_size = -16384;"
			      "PRAGMA foreign_keys = OFF;"
			      "PRAGMA wal_autocheckpoint = 4000;"
			      "PRAGMA journal_size_limit = 67108864;"
			      "PRAGMA secure_delete = ON;"
			      "PRAGMA wal_checkpoint(TRUNCATE);";

static const struct store_ops sqlite_ops;

struct sqlite_store *sqlite_of(struct store *store)
{
	assert(store);
	assert(store->ops == &sqlite_ops);
	return (struct sqlite_store *)(void *)store;
}

/* --- Opening ------------------------------------------------------------------------------- */

/* The first column of the first row of PRAGMA, as a number. Nothing is prepared yet, and a pragma
 * takes no values. */
int sql_ask(sqlite3 *db, const char *pragma, int64_t *answer)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, pragma, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			*answer = sqlite3_column_int64(stmt, 0);
		rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	(void)sqlite3_finalize(stmt); /* Repeats the step's result. */
	return rc;
}

/* A small file is read through before anything is built on it. */
static int check_whole(struct sqlite_store *self, struct err *err)
{
	int64_t pages = 0;
	int64_t page = 0;
	sqlite3_stmt *stmt = NULL;
	int refused = 0;
	int rc = sql_ask(self->db, "PRAGMA page_count", &pages);

	if (rc == SQLITE_OK)
		rc = sql_ask(self->db, "PRAGMA page_size", &page);
	if (rc == SQLITE_OK && pages * page >= QUICK_CHECK_MAX)
		return 0;
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(self->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		refused = sql_refuse(self, rc, "quick_check", err);
	else if (rc == SQLITE_ROW && !text_equal(sql_column_text(stmt, 0), "ok"))
		refused = err_set(err, CL_ECORRUPT, "store %s is damaged: %.200s", self->path,
				  sql_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt); /* Repeats the step's result. */
	return refused;
}

/* Whose file this is, and how old; nothing is written before that is known. */
static int check_owner(struct sqlite_store *self, int *version, struct err *err)
{
	int64_t application = 0;
	int64_t schema = 0;
	int64_t tables = 0;
	int rc = sql_ask(self->db, "PRAGMA application_id", &application);

	if (rc == SQLITE_OK)
		rc = sql_ask(self->db, "PRAGMA user_version", &schema);
	if (rc == SQLITE_OK)
		rc = sql_ask(self->db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (rc != SQLITE_OK)
		return sql_refuse(self, rc, "open", err);
	*version = (int)schema;
	if (application == 0 && schema == 0 && tables == 0)
		return 0;
	rc = sqlite_schema_owner(self->path, application, schema, tables, err);
	return rc < 0 ? rc : check_whole(self, err);
}

/* SQLite answers with the mode it took, which is another one where a log cannot be shared;
 * ":memory:" needs none. */
static bool keeps_a_log(struct sqlite_store *self)
{
	sqlite3_stmt *stmt = NULL;
	bool kept = false;

	if (sqlite3_prepare_v2(self->db, "PRAGMA journal_mode", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		kept = text_equal(sql_column_text(stmt, 0), "wal") ||
		       text_equal(sql_column_text(stmt, 0), "memory");
	(void)sqlite3_finalize(stmt); /* Repeats the step's result. */
	return kept;
}

/* Everything that writes: the log, the migrations, then the statements. */
static int settle_in(struct sqlite_store *self, int version, struct err *err)
{
	int failed = 0;
	enum sql_id statement = SQL_BEGIN;
	int rc = sqlite3_exec(self->db, pragmas, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return sql_refuse(self, rc, "pragmas", err);
	if (!keeps_a_log(self))
		return err_set(err, CL_EIO,
			       "store %s: the file system cannot keep a write-ahead log",
			       self->path);
	self->reseal_err = (struct err)ERR_INIT;
	rc = sqlite_schema_migrate(self, version, &failed);
	if (rc != SQLITE_OK && self->reseal_err.code < 0) {
		return err_set(err, self->reseal_err.code, "%s", self->reseal_err.text);
	}
	if (rc != SQLITE_OK) {
		int refused = sql_refuse(self, rc, "migration", err);

		err_prefix(err, "schema version %d", failed);
		return refused;
	}
	rc = sqlite_reseal_clean(self);
	if (rc != SQLITE_OK)
		return sql_refuse(self, rc, "cleaning up after the migration", err);
	rc = sql_prepare(self, &statement);
	if (rc != SQLITE_OK) {
		int refused = sql_refuse(self, rc, "prepare", err);

		err_prefix(err, "statement %d", (int)statement);
		return refused;
	}
	return sqlite_ledger_resume(self, err);
}

/* What an open that only looks does instead. */
static int look_in(struct sqlite_store *self, int version, struct err *err)
{
	enum sql_id statement = SQL_BEGIN;

	if (version != sqlite_schema_version())
		return err_set(err, CL_EINVAL,
			       "store %s has schema version %d, and this program reads %d: the "
			       "daemon migrates it when it starts",
			       self->path, version, sqlite_schema_version());
	int rc = sql_prepare(self, &statement);

	if (rc != SQLITE_OK)
		return sql_refuse(self, rc, "prepare", err);
	return sqlite_ledger_resume(self, err);
}

/* CHECKPOINT false: leave the file and its log as they are. */
static void disconnect(struct sqlite_store *self, bool checkpoint)
{
	if (!self->db)
		return;
	sql_finalize(self);
	(void)sqlite3_db_config(self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !checkpoint, NULL);
	/* Cannot be busy: every statement is finalised above. */
	(void)sqlite3_close(self->db);
	self->db = NULL;
}

static int connect(struct sqlite_store *self, struct err *err)
{
	int version = 0;
	int flags = self->looking ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
				  : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	int rc = sqlite3_open_v2(self->path, &self->db,
				 flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, self->vfs);

	self->broken = false;
	if (rc != SQLITE_OK) {
		rc = sql_refuse(self, rc, "open", err);
		disconnect(self, false);
		return rc;
	}
	(void)sqlite3_db_config(self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* Plans do not look at values. Without this a statement whose parameter might prove a
	 * partial index's condition is planned anew each time another value is bound. */
	(void)sqlite3_db_config(self->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
	rc = check_owner(self, &version, err);
	/* Whoever only looks at what is stored has no ring. */
	if (rc == 0 && self->ring)
		rc = keyring_secret(self->ring, "index", NULL, self->index, err);
	if (rc == 0)
		rc = self->looking ? look_in(self, version, err) : settle_in(self, version, err);
	if (rc < 0)
		disconnect(self, false);
	return rc;
}

int sqlite_reopen(struct sqlite_store *self, struct err *err)
{
	int rc;

	assert(!self->writing);
	assert(!self->walking);
	/* The checkpoint of closing copies committed frames only, so a transaction whose sync
	 * failed does not come back. */
	disconnect(self, true);
	rc = connect(self, err);
	if (rc == 0)
		log_info("store.reopened", "path=%s", self->path);
	return rc;
}

static void release(struct sqlite_store *self)
{
	sql_seal_forget(self);
	arena_release(&self->sealing.arena);
	mem_free(self->waiting);
	mem_free(self->path);
	mem_free(self->vfs);
	seal_wipe(self, sizeof(*self));
	mem_free(self);
}

int store_sqlite_open(struct store **out, const char *path, const char *vfs, struct keyring *ring,
		      const struct entropy *entropy, struct err *err)
{
	struct sqlite_store *self = mem_alloc(sizeof(*self));
	int rc;

	assert(ring);
	store_check_ops(&sqlite_ops);
	self->store.ops = &sqlite_ops;
	self->path = mem_copy(path);
	self->vfs = vfs ? mem_copy(vfs) : NULL;
	self->ring = ring;
	self->entropy = *entropy;
	rc = connect(self, err);
	if (rc < 0) {
		release(self);
		*out = NULL;
		return rc;
	}
	sqlite_doomed_again(&self->store);
	*out = &self->store;
	return 0;
}

/* PATH as a URI: what has a meaning there is written as its number. */
static char *uri_of(const char *path, bool alone)
{
	static const char end[] = "?immutable=1";
	size_t cap = 3 * strlen(path) + sizeof("file:") + sizeof(end);
	char *uri = mem_alloc(cap);
	struct text out;

	text_init(&out, uri, cap);
	text_add(&out, "file:");
	for (; *path; path++) {
		if (strchr("?#%", *path))
			text_addf(&out, "%%%02X", (unsigned)*path);
		else
			text_add_bytes(&out, path, 1);
	}
	text_add(&out, alone ? end : "");
	return uri;
}

int store_sqlite_look(struct store **out, const char *path, bool alone, struct err *err)
{
	struct sqlite_store *self = mem_alloc(sizeof(*self));

	self->store.ops = &sqlite_ops;
	self->path = uri_of(path, alone);
	self->looking = true;
	int rc = connect(self, err);

	*out = &self->store;
	if (rc < 0) {
		release(self);
		*out = NULL;
	}
	return rc;
}

static void sqlite_close(struct store *store)
{
	struct sqlite_store *self = sqlite_of(store);

	assert(!self->walking);
	if (self->writing)
		store->ops->rollback(store);
	disconnect(self, true);
	release(self);
}

static const struct store_ops sqlite_ops = {
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.close = sqlite_close,
	.fact_find = sqlite_fact_find,
	.fact_save = sqlite_fact_save,
	.facts_each = sqlite_facts_each,
	.reject_save = sqlite_reject_save,
	.rejects_list = sqlite_rejects_list,
	.rejects_prune = sqlite_rejects_prune,
	.ref_find = sqlite_ref_find,
	.ref_save = sqlite_ref_save,
	.refs_of = sqlite_refs_of,
	.document_find = sqlite_document_find,
	.document_save = sqlite_document_save,
	.journey_repoint = sqlite_journey_repoint,
	.journey_load = sqlite_journey_load,
	.journey_save = sqlite_journey_save,
	.journeys_due = sqlite_journeys_due,
	.journeys_recheck = sqlite_journeys_recheck,
	.journey_postpone = sqlite_journey_postpone,
	.journeys_on_flight = sqlite_journeys_on_flight,
	.journeys_list = sqlite_journeys_list,
	.erasures_due = sqlite_erasures_due,
	.erasures_next = sqlite_erasures_next,
	.erasures_recheck = sqlite_erasures_recheck,
	.erasure_plan = sqlite_erasure_plan,
	.shells_of = sqlite_shells_of,
	.journey_erase = sqlite_journey_erase,
	.journey_forget = sqlite_journey_forget,
	.transfers_erase = sqlite_transfers_erase,
	.days_erase = sqlite_days_erase,
	.doomed_destroy = sqlite_doomed_destroy,
	.step_save = sqlite_step_save,
	.steps_list = sqlite_steps_list,
	.ledger_back = sqlite_ledger_back,
	.ledger_save = sqlite_ledger_save,
	.ledger_end = sqlite_ledger_end,
	.ledger_link = sqlite_ledger_link,
	.ledger_verify = sqlite_ledger_verify,
	.head_save = sqlite_head_save,
	.head_last = sqlite_head_last,
	.heads_list = sqlite_heads_list,
	.home_save = sqlite_home_save,
	.home_remove = sqlite_home_remove,
	.homes_of = sqlite_homes_of,
	.place_save = sqlite_place_save,
	.place_at = sqlite_place_at,
	.places_recheck = sqlite_places_recheck,
	.alias_save = sqlite_alias_save,
	.alias_remove = sqlite_alias_remove,
	.alias_load = sqlite_alias_load,
	.aliases_of = sqlite_aliases_of,
	.aliases_under = sqlite_aliases_under,
	.transfer_load = sqlite_transfer_load,
	.transfer_save = sqlite_transfer_save,
	.rider_save = sqlite_rider_save,
	.riders_of = sqlite_riders_of,
	.flight_load = sqlite_flight_load,
	.flight_save = sqlite_flight_save,
	.alert_find = sqlite_alert_find,
	.alert_load = sqlite_alert_load,
	.alert_save = sqlite_alert_save,
	.alerts_due = sqlite_alerts_due,
	.alerts_list = sqlite_alerts_list,
	.alerts_release = sqlite_alerts_release,
	.alerts_forgotten = sqlite_alerts_forgotten,
	.alert_cover = sqlite_alert_cover,
	.member_save = sqlite_member_save,
	.member_remove = sqlite_member_remove,
	.alerts_about = sqlite_alerts_about,
	.members_of = sqlite_members_of,
	.silence_save = sqlite_silence_save,
	.silence_load = sqlite_silence_load,
	.silences_list = sqlite_silences_list,
	.journey_see = sqlite_journey_see,
	.transfer_see = sqlite_transfer_see,
	.riders_see = sqlite_riders_see,
	.flight_see = sqlite_flight_see,
	.passengers_see = sqlite_passengers_see,
	.alert_see = sqlite_alert_see,
	.alerts_see = sqlite_alerts_see,
	.members_see = sqlite_members_see,
	.silence_see = sqlite_silence_see,
	.silences_see = sqlite_silences_see,
	.alias_see = sqlite_alias_see,
	.aliases_see = sqlite_aliases_see,
	.feed_find = sqlite_feed_find,
	.feed_save = sqlite_feed_save,
	.feed_remove = sqlite_feed_remove,
	.feeds_list = sqlite_feeds_list,
	.feeds_next = sqlite_feeds_next,
	.notice_save = sqlite_notice_save,
	.notices_supersede = sqlite_notices_supersede,
	.notices_ready = sqlite_notices_ready,
	.notices_next = sqlite_notices_next,
	.notice_merge = sqlite_notice_merge,
	.notices_merged = sqlite_notices_merged,
	.notices_merged_expire = sqlite_notices_merged_expire,
	.notice_result = sqlite_notice_result,
	.notices_waiting = sqlite_notices_waiting,
	.notices_backlog = sqlite_notices_backlog,
	.notices_list = sqlite_notices_list,
	.notice_load = sqlite_notice_load,
	.letters_list = sqlite_letters_list,
	.notices_of_digest = sqlite_notices_of_digest,
	.notices_redrive = sqlite_notices_redrive,
	.notice_rings = sqlite_notice_rings,
	.undelivered_next = sqlite_undelivered_next,
	.undelivered_list = sqlite_undelivered_list,
	.notices_handed_on = sqlite_notices_handed_on,
	.notices_of = sqlite_notices_of,
	.endpoint_save = sqlite_endpoint_save,
	.endpoint_health = sqlite_endpoint_health,
	.endpoints_list = sqlite_endpoints_list,
	.token_save = sqlite_token_save,
	.token_find = sqlite_token_find,
	.token_revoke = sqlite_token_revoke,
	.tokens_list = sqlite_tokens_list,
	.latest = sqlite_latest,
	.clock_set = sqlite_clock_set,
	.next_due = sqlite_next_due,
	.census = sqlite_census,
	.violations = sqlite_violations,
	.meta_get = sqlite_meta_get,
	.meta_set = sqlite_meta_set,
};
