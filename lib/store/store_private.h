/* store_private.h — what the files of the SQLite body share: the open store, values to bind, and
 * the one way to run a statement. Neighbours: store_sqlite.c opens and commits, store_statement.c
 * runs, the others are the verbs. */
#ifndef CLOSEDLOOP_STORE_PRIVATE_H
#define CLOSEDLOOP_STORE_PRIVATE_H

#include <sqlite3.h>

#include "closedloop/ledger.h"
#include "closedloop/keyring.h"
#include "closedloop/store.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#include "store/store_sql.h"

#define STORE_APPLICATION_ID 0x434C5044 /* "CLPD" */
#define STORE_STAGES	     16		/* as many as struct store_census has */

/* Where the ledger ends: the number and the link of its last row; zero when there is none. */
struct ledger_end {
	int64_t n;
	uint8_t link[LEDGER_LINK_LEN];
};

/* The key that values of the row at hand are sealed under, and their sealed bytes until they are
 * written. */
struct sealing {
	int64_t id; /* 0: none */
	uint8_t key[SEAL_KEY_LEN];
	struct arena arena;
};

/* A key that the row it belongs to does not name yet. */
struct waiting_key {
	enum sql_id whose; /* the statement that asks that row */
	char *name;
	int64_t id;
};

struct sqlite_store {
	struct store store; /* first: a struct store * is one of these */
	char *path;
	char *vfs;    /* NULL: the operating system's files */
	bool looking; /* only reads */
	sqlite3 *db;  /* NULL when opening it again has failed so far */
	sqlite3_stmt *sql[SQL_STATEMENTS];
	bool writing;	  /* between begin and commit or rollback */
	bool failed;	  /* a write of this transaction failed: only rollback is left */
	bool broken;	  /* an I/O error: what SQLite holds is not to be trusted, open again */
	bool scrub;	  /* something was erased: the log still holds what it was */
	unsigned walking; /* row functions on the stack; while one runs, nothing is written */

	struct keyring *ring; /* not ours to close */
	struct entropy entropy;
	uint8_t index[SEAL_KEY_LEN]; /* what is looked up is blinded with it */
	struct sealing sealing;
	struct waiting_key *waiting;
	size_t waiting_len, waiting_cap;
	int64_t day, day_key;  /* of the day sealed under last; key 0: none */
	struct err reseal_err; /* why sealing an older database failed */

	struct ledger_end ledger, ledger_before; /* now, and when this transaction began */
	/* What this transaction changes in tally. */
	int64_t known[STORE_STAGES], open[STORE_STAGES];
};

/* The body behind STORE. */
struct sqlite_store *sqlite_of(struct store *store);
/* Close the connection and open it anew. Not inside a transaction. */
int sqlite_reopen(struct sqlite_store *self, struct err *err);

/* --- schema.c ------------------------------------------------------------------------------ */

int sqlite_schema_version(void);
/* What leads from VERSION to the next one, as far as it is SQL. */
const char *sqlite_schema_sql(int version);
/* CL_ENEWER naming both numbers when VERSION is beyond this program. */
int sqlite_schema_check(int version, const char *path, struct err *err);
/* CL_EINVAL when PATH, with this application id and so many tables, is a database of another
 * program; else as sqlite_schema_check. An empty one is nobody's. */
int sqlite_schema_owner(const char *path, int64_t application, int64_t version, int64_t tables,
			struct err *err);
/* From VERSION to the newest; an SQLite code, *FAILED the number of the migration that failed. */
int sqlite_schema_migrate(struct sqlite_store *self, int version, int *failed);

/* --- store_reseal.c ------------------------------------------------------------------------ */

/* Seal what older schemas kept in the clear; inside the migration's transaction, after its SQL. An
 * SQLite code; what the key ring said, if it was that, is in self->reseal_err. */
int sqlite_reseal(struct sqlite_store *self);
/* When something was: nothing of it stays in free pages or the log. An SQLite code. */
int sqlite_reseal_clean(struct sqlite_store *self);

/* --- store_statement.c --------------------------------------------------------------------- */

enum sql_kind {
	SQL_IS_NULL,
	SQL_IS_NUMBER,
	SQL_IS_TEXT,
	SQL_IS_BYTES
};

/* One value for one parameter. Borrowed: it lives until the statement is reset, which is before
 * sql_each returns. */
struct sql_value {
	enum sql_kind kind;
	int64_t number;
	const void *bytes;
	size_t len;
};

struct sql_value sql_number(int64_t number);
/* NULL counts as "". */
struct sql_value sql_text(const char *text);
struct sql_value sql_text_or_null(const char *text);
struct sql_value sql_text_bytes(const char *text, size_t len);
struct sql_value sql_bytes(const void *bytes, size_t len);

/* What a column holds, by the type it is stored as; a type we never write is NULL. It lasts until
 * the next row. */
struct sql_value sql_value_at(sqlite3_stmt *row, int column);

#define SQL_WITH(...)                                                                              \
	(const struct sql_value[]){__VA_ARGS__},                                                   \
		ARRAY_LEN(((const struct sql_value[]){__VA_ARGS__}))
#define SQL_WITH_NOTHING NULL, 0

/* Bind VALUES to all parameters of STMT; an SQLite code. */
int sql_bind(sqlite3_stmt *stmt, const struct sql_value *values, size_t len);
/* Assert that STMT's parameters are numbered in order. */
void sql_check_numbers(sqlite3_stmt *stmt);
/* The first column of the first row of PRAGMA, a text of ours, into *ANSWER, which stays when there
 * is none; an SQLite code. */
int sql_ask(sqlite3 *db, const char *pragma, int64_t *answer);

/* Called for each row; a negative answer ends the walk with that error. */
typedef int sql_row_fn(sqlite3_stmt *row, void *context, struct err *err);

/* Run statement ID with VALUES and call EACH (or NULL) for its rows; the statement is reset on
 * every path. Returns the number of rows, or a negative code with a sentence. */
int sql_each(struct sqlite_store *self, enum sql_id id, const struct sql_value *values, size_t len,
	     sql_row_fn *each, void *context, struct err *err);
/* Run a write; returns the number of rows changed. */
int sql_run(struct sqlite_store *self, enum sql_id id, const struct sql_value *values, size_t len,
	    struct err *err);
/* Run BEGIN, COMMIT or ROLLBACK. */
int sql_control(struct sqlite_store *self, enum sql_id id, struct err *err);
/* Prepare every statement; an SQLite code, *FAILED the one that failed. */
int sql_prepare(struct sqlite_store *self, enum sql_id *failed);
void sql_finalize(struct sqlite_store *self);
/* A file of SQLite's, as its errors name it: "store" or "key ring". */
struct sql_file {
	const char *kind;
	const char *path;
	sqlite3 *db;  /* NULL while it is not open */
	bool *broken; /* set when what SQLite holds is not to be trusted any more */
};
/* Translate SQLite's RC into our code and a sentence; notes whether the connection is still good.
 */
int sql_explain(const struct sql_file *file, int rc, const char *doing, struct err *err);
/* The same of the store. */
int sql_refuse(struct sqlite_store *self, int rc, const char *doing, struct err *err);

/* What a verb returns from the count of sql_each or sql_run. */
static inline int sql_done(int rc)
{
	return rc < 0 ? rc : 0;
}

/* Columns. Text and bytes are never NULL and last until the next row; _copy lasts with ARENA. */
const char *sql_column_text(sqlite3_stmt *row, int column);
char *sql_column_copy(sqlite3_stmt *row, int column, struct arena *arena);
const void *sql_column_bytes_copy(sqlite3_stmt *row, int column, struct arena *arena, size_t *len);
bool sql_column_bool(sqlite3_stmt *row, int column);
int sql_column_int(sqlite3_stmt *row, int column);

/* --- store_seal.c -------------------------------------------------------------------------- */

/* A row's name where its values are sealed: they open nowhere else. */
#define SQL_ROW_CAP 512

/* From here on values are sealed under the key of the row called NAME, which WHOSE (SQL_JOURNEY_KEY
 * or SQL_TRANSFER_KEY) asks for its number: taken from the ring when there is none yet, and then to
 * be written with that row as self->sealing.id, which sql_key_written is told. CL_EGONE when it was
 * destroyed. Values sealed before lose their bytes. */
int sql_seal_under(struct sqlite_store *self, enum sql_id whose, const char *name, struct err *err);
void sql_key_written(struct sqlite_store *self, enum sql_id whose, const char *name);
/* The same under the key of the UTC day in which AT is. */
int sql_seal_under_day(struct sqlite_store *self, int64_t at, struct err *err);
int64_t sql_day(int64_t at);
/* The same under key ID of the ring. */
int sql_seal_with(struct sqlite_store *self, int64_t id, struct err *err);
/* The transaction has ended, one way or the other. */
void sql_seal_forget(struct sqlite_store *self);

/* Bytes to bind for COLUMN ("people.record") of the row called ROW, sealed; empty ones stay so. */
struct sql_value sql_sealed(struct sqlite_store *self, const char *column, const char *row,
			    const void *bytes, size_t len);
struct sql_value sql_sealed_text(struct sqlite_store *self, const char *column, const char *row,
				 const char *text);
/* What VALUE is looked up under, in ROOM; "" stays so. */
struct sql_value sql_blind(struct sqlite_store *self, const char *what, const char *value,
			   uint8_t room[SEAL_BLIND_LEN]);
/* What the keys of a place are blinded and sealed for. */
struct sql_key_words {
	const char *blind, *place;
};
extern const struct sql_key_words sql_key_words[MATCH_KEYS];
/* Names of rows: of a fact; of what is found by a blind value; of what happened at a time. */
const char *sql_fact_row(char room[SQL_ROW_CAP], const char *source, const char *id);
const char *sql_blind_row(char room[SQL_ROW_CAP], const struct sql_value *blind);
const char *sql_time_row(char room[SQL_ROW_CAP], int64_t at, const char *name);

/* Open what sql_sealed made for WHERE and NAME: *LEN bytes and a NUL in ARENA. CL_EGONE when its
 * key was destroyed, CL_ECORRUPT when it does not open. */
int sql_open(struct sqlite_store *self, sqlite3_stmt *row, int column, const char *where,
	     const char *name, struct arena *arena, const void **out, size_t *len, struct err *err);
/* Text; "" when its key was destroyed. */
int sql_open_text(struct sqlite_store *self, sqlite3_stmt *row, int column, const char *where,
		  const char *name, struct arena *arena, const char **out, struct err *err);

/* --- shared row functions ------------------------------------------------------------------ */

/* To whom the rows of a walk go. */
struct sql_walk {
	store_row_fn *each;
	void *context;
	struct arena *arena;
	struct sqlite_store *self; /* where rows hold sealed values */
};
/* Column 0 is an id: give it to the walk. */
int sql_walk_id(sqlite3_stmt *row, void *context, struct err *err);
/* Column 0 is a number: *(int64_t *)CONTEXT. */
int sql_take_number(sqlite3_stmt *row, void *context, struct err *err);
/* Column 0 is an id: (char [IDENT_CAP])CONTEXT. */
int sql_take_ident(sqlite3_stmt *row, void *context, struct err *err);

/* --- the verbs, by file -------------------------------------------------------------------- */

/* store_transaction.c */
int sqlite_begin(struct store *, struct err *);
int sqlite_commit(struct store *, struct err *);
void sqlite_rollback(struct store *);

/* store_facts.c */
int sqlite_fact_find(struct store *, const char *, const char *, const uint8_t[DIGEST_KEY_LEN],
		     int64_t *, bool *, struct err *);
int sqlite_fact_save(struct store *, const struct fact *, const struct store_owner *, int64_t,
		     int64_t *, struct err *);
int sqlite_facts_each(struct store *, int64_t, store_row_fn *, void *, struct err *);
int sqlite_reject_save(struct store *, const struct store_reject *, struct err *);
int sqlite_rejects_list(struct store *, const char *, int64_t, unsigned, store_row_fn *, void *,
			struct err *);
int sqlite_rejects_prune(struct store *, int64_t, struct err *);
int sqlite_ref_find(struct store *, const char *, const char *, char[IDENT_CAP], struct err *);
int sqlite_ref_save(struct store *, const char *, const char *, const char *, struct err *);
int sqlite_refs_of(struct store *, const char *, store_row_fn *, void *, struct err *);
int sqlite_document_find(struct store *, const char *, char[IDENT_CAP], struct err *);
int sqlite_document_save(struct store *, const char *, const char *, struct err *);
int sqlite_journey_repoint(struct store *, const char *, const char *, struct err *);

/* store_journeys.c */
/* JOURNEY ID is about to become one that has ended in STAGE: count it so. */
int sqlite_journey_end(struct sqlite_store *self, const char *id, int stage, struct err *err);
int sqlite_erasures_due(struct store *, int64_t, unsigned, store_row_fn *, void *, struct err *);
int sqlite_erasures_next(struct store *, int64_t, int64_t *, struct err *);
int sqlite_alerts_about(struct store *, const char *, store_row_fn *, void *, struct err *);
int sqlite_erasures_recheck(struct store *, int64_t, struct err *);
int sqlite_erasure_plan(struct store *, const char *, int64_t, const char *, struct err *);
int sqlite_shells_of(struct store *, const char *, store_row_fn *, void *, struct err *);
int sqlite_journey_erase(struct store *, const struct store_erasure *, struct store_erased *,
			 struct err *);
int sqlite_journey_forget(struct store *, const char *, struct err *);
int sqlite_transfers_erase(struct store *, const char *, struct err *);
int sqlite_days_erase(struct store *, int64_t, struct err *);
int sqlite_doomed_destroy(struct store *, int64_t, struct err *);
/* Every key that was ever destroyed is to be destroyed once more: the ring that lies here now may
 * be a copy from before. Of a ring that knows it, nothing is written. */
void sqlite_doomed_again(struct store *);
int sqlite_journey_load(struct store *, const char *, struct arena *, struct store_journey *,
			struct err *);
int sqlite_journey_save(struct store *, const struct store_journey *, bool, struct err *);
int sqlite_journeys_due(struct store *, int64_t, unsigned, store_row_fn *, void *, struct err *);
int sqlite_journeys_recheck(struct store *, int64_t now, struct err *);
int sqlite_journey_postpone(struct store *, const char *, int64_t, struct err *);
int sqlite_journeys_on_flight(struct store *, const char *, store_row_fn *, void *, struct err *);
int sqlite_home_save(struct store *, const char *, const char *, struct err *);
int sqlite_home_remove(struct store *, const char *, const char *, struct err *);
int sqlite_homes_of(struct store *, const char *, store_row_fn *, void *, struct err *);
/* Write what this transaction changed in the counts; part of commit. */
int sqlite_tally_save(struct sqlite_store *self, struct err *err);

/* store_ledger.c */
int sqlite_step_save(struct store *, const char *, const struct store_step *, struct err *);
int sqlite_steps_list(struct store *, const char *, struct arena *, store_row_fn *, void *,
		      struct err *);
int sqlite_ledger_back(struct store *, int64_t, unsigned, struct arena *, store_row_fn *, void *,
		       struct err *);
int sqlite_ledger_save(struct store *, const char *, const char *, const char *, int64_t,
		       struct err *);
int sqlite_ledger_end(struct store *, int64_t *, uint8_t[LEDGER_LINK_LEN], struct err *);
/* The row about fact SEQ of JOURNEY ("" of nobody), whose row of facts holds STORED, the values of
 * SQL_FACT_STORED; part of saving it. */
int sqlite_ledger_fact(struct sqlite_store *self, const char *journey, int64_t seq, int64_t now,
		       const struct sql_value *stored, size_t len, struct err *err);
/* Go on where the file's ledger ends; part of opening. */
int sqlite_ledger_resume(struct sqlite_store *self, struct err *err);

#define LEDGER_ROW_TAG	     "closedloop ledger row 1"
#define LEDGER_FACT_TAG	     "closedloop ledger fact 1"
#define LEDGER_VALUES	     7 /* of SQL_LEDGER_ROW */
#define LEDGER_FACT_VALUES   7 /* of SQL_FACT_STORED … */
#define LEDGER_FACT_RECEIVED 5 /* … and where received_at is behind a number */
/* Hash VALUES, with their types and lengths, behind TAG and the link BEFORE (NULL: none). */
void ledger_hash(const char *tag, const uint8_t *before, const struct sql_value *values, size_t len,
		 uint8_t out[LEDGER_LINK_LEN]);
/* Where the ledger ends when ROW, the values of SQL_LEDGER_ROW, follows END. */
void ledger_follow(const struct ledger_end *end, const struct sql_value row[LEDGER_VALUES],
		   struct ledger_end *next);
/* The hash of a fact, from a row that is its number and SQL_FACT_STORED. */
void ledger_fact_digest(sqlite3_stmt *row, uint8_t out[LEDGER_LINK_LEN]);

/* store_verify.c */
int sqlite_ledger_verify(struct store *, struct ledger_check *, unsigned, struct err *);
int sqlite_ledger_link(struct store *, int64_t, int64_t *, uint8_t[LEDGER_LINK_LEN], struct err *);
int sqlite_head_save(struct store *, const struct ledger_head *, struct err *);
int sqlite_head_last(struct store *, struct ledger_head *, struct err *);
int sqlite_heads_list(struct store *, unsigned, store_row_fn *, void *, struct err *);

/* store_adopt.c: an SQLite code. */
int sqlite_ledger_adopt(sqlite3 *db);

/* store_aliases.c */
int sqlite_place_save(struct store *, const struct store_place *, struct err *);
int sqlite_place_at(struct store *, const char *, int64_t, struct arena *, struct store_place *,
		    struct err *);
int sqlite_places_recheck(struct store *, enum match_key_kind, const char *, int64_t, struct err *);
int sqlite_alias_save(struct store *, const struct store_alias *, struct err *);
int sqlite_alias_remove(struct store *, const char *, enum match_key_kind, struct err *);
int sqlite_alias_load(struct store *, int64_t, struct arena *, struct store_alias *, struct err *);
int sqlite_aliases_of(struct store *, const char *, struct arena *, store_row_fn *, void *,
		      struct err *);
int sqlite_aliases_under(struct store *, enum match_key_kind, const char *, struct arena *,
			 store_row_fn *, void *, struct err *);

/* store_list.c */
int sqlite_journeys_list(struct store *, const struct store_filter *, struct arena *,
			 store_row_fn *, void *, struct err *);

/* store_scope.c */
int sqlite_journey_see(struct store *, const char *, const char *, struct arena *,
		       struct store_journey *, struct err *);
int sqlite_transfer_see(struct store *, const char *, const char *, struct arena *, const void **,
			size_t *, struct err *);
int sqlite_riders_see(struct store *, const char *, const char *, store_row_fn *, void *,
		      struct err *);
int sqlite_flight_see(struct store *, const char *, const char *, struct arena *, const void **,
		      size_t *, struct err *);
int sqlite_passengers_see(struct store *, const char *, const char *, store_row_fn *, void *,
			  struct err *);
int sqlite_alert_see(struct store *, const char *, int64_t, struct alert *, struct err *);
int sqlite_alerts_see(struct store *, const char *, const char *, bool, unsigned, store_row_fn *,
		      void *, struct err *);
int sqlite_members_see(struct store *, const char *, int64_t, store_row_fn *, void *, struct err *);
int sqlite_silence_see(struct store *, const char *, int64_t, struct silence *, struct err *);
int sqlite_silences_see(struct store *, const char *, int64_t, store_row_fn *, void *,
			struct err *);
int sqlite_alias_see(struct store *, const char *, int64_t, struct arena *, struct store_alias *,
		     struct err *);
int sqlite_aliases_see(struct store *, const char *, const char *, bool, int64_t, unsigned,
		       struct arena *, store_row_fn *, void *, struct err *);

/* store_vehicles.c */
/* The walk of riders: journey, stop, off. */
int sql_walk_rider(sqlite3_stmt *row, void *context, struct err *err);
int sqlite_transfer_load(struct store *, const char *, struct arena *, const void **, size_t *,
			 struct err *);
int sqlite_transfer_save(struct store *, const char *, const void *, size_t, struct err *);
int sqlite_rider_save(struct store *, const char *, const struct store_rider *, struct err *);
int sqlite_riders_of(struct store *, const char *, store_row_fn *, void *, struct err *);
int sqlite_flight_load(struct store *, const char *, struct arena *, const void **, size_t *,
		       struct err *);
int sqlite_flight_save(struct store *, const char *, const void *, size_t, struct err *);

/* store_alerts.c */
/* How far back the list of resolved alerts looks. */
#define ALERTS_BACK 20000
int sqlite_alert_find(struct store *, enum alert_kind, const char *, const char *, struct alert *,
		      bool *, struct err *);
int sqlite_alert_load(struct store *, int64_t, struct alert *, struct err *);
int sqlite_alert_save(struct store *, struct alert *, int64_t, struct err *);
int sqlite_alerts_due(struct store *, int64_t, unsigned, store_row_fn *, void *, struct err *);
int sqlite_alerts_list(struct store *, const char *, bool, unsigned, store_row_fn *, void *,
		       struct err *);
int sqlite_alerts_release(struct store *, enum alert_hold, int64_t, int64_t, struct err *);
int sqlite_alerts_forgotten(struct store *, int64_t, int64_t, int64_t, int64_t *, struct err *);
int sqlite_alert_cover(struct store *, int64_t, enum alert_kind, int64_t *, struct err *);
int sqlite_member_save(struct store *, int64_t, const char *, struct err *);
int sqlite_member_remove(struct store *, int64_t, const char *, int *, struct err *);
int sqlite_members_of(struct store *, int64_t, store_row_fn *, void *, struct err *);

/* store_watch.c */
int sqlite_silence_save(struct store *, const struct silence *, struct err *);
int sqlite_silence_load(struct store *, int64_t, struct silence *, struct err *);
int sqlite_silences_list(struct store *, int64_t, store_row_fn *, void *, struct err *);
int sqlite_feed_find(struct store *, const char *, struct arena *, struct store_feed *,
		     struct err *);
int sqlite_feed_save(struct store *, const struct store_feed *, struct err *);
int sqlite_feed_remove(struct store *, const char *, struct err *);
int sqlite_feeds_list(struct store *, struct arena *, store_row_fn *, void *, struct err *);
int sqlite_feeds_next(struct store *, int64_t *, struct err *);

/* store_letters.c */
int sqlite_notice_load(struct store *, const char *, struct arena *, struct store_letter *,
		       struct err *);
int sqlite_letters_list(struct store *, const char *, unsigned, struct arena *, store_row_fn *,
			void *, struct err *);
int sqlite_notices_of_digest(struct store *, const char *, struct arena *, store_row_fn *, void *,
			     struct err *);

/* store_notices.c */
/* A row that begins with SQL_NOTICE_COLUMNS and error. */
int sql_notice(struct sqlite_store *self, sqlite3_stmt *row, struct arena *arena,
	       struct notice *out, struct err *err);
int sqlite_notice_save(struct store *, const struct notice *, struct err *);
int sqlite_notices_supersede(struct store *, int64_t, const char *, struct err *);
int sqlite_notices_ready(struct store *, const char *, bool, int64_t, unsigned, struct arena *,
			 store_row_fn *, void *, struct err *);
int sqlite_notices_next(struct store *, const char *, bool, int64_t, int64_t *, struct err *);
int sqlite_notice_merge(struct store *, const char *, const char *, struct err *);
int sqlite_notices_merged(struct store *, const char *, struct arena *, store_row_fn *, void *,
			  struct err *);
int sqlite_notices_merged_expire(struct store *, const char *, int64_t, struct err *);
int sqlite_notice_result(struct store *, const char *, enum notice_state, int, int64_t, int64_t,
			 const char *, struct err *);
int sqlite_notices_waiting(struct store *, store_row_fn *, void *, struct err *);
int sqlite_notices_backlog(struct store *, const char *, int64_t *, int64_t *, struct err *);
int sqlite_notices_list(struct store *, enum notice_state, unsigned, struct arena *, store_row_fn *,
			void *, struct err *);
int sqlite_notices_redrive(struct store *, const struct store_redrive *, int64_t, int *,
			   struct err *);

/* store_endpoints.c */
int sqlite_endpoint_save(struct store *, const struct store_endpoint *, struct err *);
int sqlite_endpoints_list(struct store *, struct arena *, store_row_fn *, void *, struct err *);

/* store_undelivered.c */
int sqlite_notice_rings(struct store *, int64_t, const char *, bool *, struct err *);
int sqlite_undelivered_next(struct store *, int, int64_t, int64_t *, struct err *);
int sqlite_undelivered_list(struct store *, int, int64_t, int64_t, unsigned, store_row_fn *, void *,
			    struct err *);
int sqlite_notices_handed_on(struct store *, int64_t, int64_t, struct err *);
int sqlite_notices_of(struct store *, int64_t, struct arena *, store_row_fn *, void *,
		      struct err *);
int sqlite_endpoint_health(struct store *, const char *, int *, int64_t *, struct err *);

/* store_tokens.c */
int sqlite_token_save(struct store *, const struct store_token *, struct err *);
int sqlite_token_find(struct store *, const uint8_t[STORE_TOKEN_HASH_LEN], struct arena *,
		      struct store_token *, struct err *);
int sqlite_token_revoke(struct store *, const char *, int64_t, const char *, struct err *);
int sqlite_tokens_list(struct store *, struct arena *, store_row_fn *, void *, struct err *);

/* store_clock.c */
int sqlite_latest(struct store *, int64_t *, struct err *);
int sqlite_clock_set(struct store *, int64_t, int64_t, int64_t, struct err *);

/* store_census.c */
int sqlite_next_due(struct store *, int64_t *, int64_t *, int64_t *, struct err *);
int sqlite_census(struct store *, struct store_census *, struct err *);
int sqlite_violations(struct store *, int64_t, int64_t, unsigned, store_row_fn *, void *,
		      struct err *);
int sqlite_meta_get(struct store *, const char *, char *, size_t, struct err *);
int sqlite_meta_set(struct store *, const char *, const char *, struct err *);

#endif
