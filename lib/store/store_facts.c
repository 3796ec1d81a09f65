/* store_facts.c — what was taken in, what was refused, and which journey a name in the outside
 * world means. Neighbours: store_statement.c runs; store_journeys.c keeps what the facts made of a
 * journey. */
#include "store/store_private.h"

#include <string.h>

/* --- Facts --------------------------------------------------------------------------------- */

struct found_fact {
	int64_t seq;
	uint8_t *hash;
};

static int take_fact(sqlite3_stmt *row, void *context, struct err *err)
{
	struct found_fact *found = context;

	if (sqlite3_column_bytes(row, 1) != DIGEST_KEY_LEN)
		return err_set(err, CL_ECORRUPT, "store: fact %lld has a hash of %d bytes",
			       (long long)sqlite3_column_int64(row, 0),
			       sqlite3_column_bytes(row, 1));
	found->seq = sqlite3_column_int64(row, 0);
	memcpy(found->hash, sqlite3_column_blob(row, 1), DIGEST_KEY_LEN);
	return 0;
}

int sqlite_fact_find(struct store *store, const char *source, const char *id, int64_t *seq,
		     uint8_t hash[DIGEST_KEY_LEN], struct err *err)
{
	struct found_fact found = {.seq = 0, .hash = hash};
	int rc = sql_each(sqlite_of(store), SQL_FACT_FIND, SQL_WITH(sql_text(source), sql_text(id)),
			  take_fact, &found, err);

	*seq = found.seq;
	return sql_done(rc);
}

int sqlite_fact_save(struct store *store, const struct fact *fact, int64_t now, int64_t *seq,
		     struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	/* In the order of SQL_FACT_STORED: the ledger holds a hash of exactly these. */
	struct sql_value stored[] = {sql_text(fact->stamp.source),
				     sql_text(fact->stamp.id),
				     sql_text(fact_type_word(fact->type)),
				     sql_number(fact->stamp.at),
				     sql_number(now),
				     sql_bytes(fact->hash, DIGEST_KEY_LEN),
				     sql_text_bytes(fact->body, fact->body_len)};
	int rc =
		sql_each(self, SQL_FACT_SAVE, stored, ARRAY_LEN(stored), sql_take_number, seq, err);

	if (rc < 0)
		return rc;
	return sqlite_ledger_fact(self, "", *seq, now, stored, ARRAY_LEN(stored), err);
}

/* Kept as a word: numbers of an enum move when a row is put in. */
static int type_of(const char *word)
{
	for (int type = 0; type < FACT_TYPES; type++) {
		if (text_equal(fact_type_word((enum fact_type)type), word))
			return type;
	}
	return -1;
}

static int walk_fact(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct fact fact = {.body = sql_column_text(row, 5),
			    .body_len = (size_t)sqlite3_column_bytes(row, 5),
			    .warnings = "",
			    .feed_unit = ""};
	int type = type_of(sql_column_text(row, 2));

	if (type < 0 || sqlite3_column_bytes(row, 4) != DIGEST_KEY_LEN)
		return err_set(err, CL_ECORRUPT, "store: fact %.80s of %.80s cannot be read",
			       sql_column_text(row, 1), sql_column_text(row, 0));
	fact.type = (enum fact_type)type;
	fact.stamp = (struct stamp){.source = sql_column_text(row, 0),
				    .id = sql_column_text(row, 1),
				    .at = sqlite3_column_int64(row, 3)};
	memcpy(fact.hash, sqlite3_column_blob(row, 4), DIGEST_KEY_LEN);
	walk->each(walk->context, &fact);
	return 0;
}

int sqlite_facts_each(struct store *store, int64_t after_seq, store_row_fn *each, void *context,
		      struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_FACTS_EACH, SQL_WITH(sql_number(after_seq)),
				 walk_fact, &walk, err));
}

/* --- Refusals ------------------------------------------------------------------------------ */

int sqlite_reject_save(struct store *store, const struct store_reject *reject, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_REJECT_SAVE,
				SQL_WITH(sql_number(reject->at), sql_text(reject->feed),
					 sql_text(reject->source), sql_text(reject->event_id),
					 sql_text(reject->code), sql_text(reject->detail),
					 sql_bytes(reject->body, reject->body_len)),
				err));
}

static int walk_reject(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	/* Read as text, so that there is a NUL behind the bytes. */
	struct store_reject reject = {.seq = sqlite3_column_int64(row, 0),
				      .at = sqlite3_column_int64(row, 1),
				      .feed = sql_column_text(row, 2),
				      .source = sql_column_text(row, 3),
				      .event_id = sql_column_text(row, 4),
				      .code = sql_column_text(row, 5),
				      .detail = sql_column_text(row, 6),
				      .body = sql_column_text(row, 7),
				      .body_len = (size_t)sqlite3_column_bytes(row, 7)};

	(void)err;
	walk->each(walk->context, &reject);
	return 0;
}

int sqlite_rejects_list(struct store *store, const char *feed, int64_t before_seq, unsigned limit,
			store_row_fn *each, void *context, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct sql_walk walk = {.each = each, .context = context};
	struct sql_value before = sql_number(before_seq > 0 ? before_seq : INT64_MAX);

	if (!feed || !*feed)
		return sql_done(sql_each(self, SQL_REJECTS_ALL, SQL_WITH(before, sql_number(limit)),
					 walk_reject, &walk, err));
	return sql_done(sql_each(self, SQL_REJECTS_OF,
				 SQL_WITH(before, sql_text(feed), sql_number(limit)), walk_reject,
				 &walk, err));
}

int sqlite_rejects_prune(struct store *store, int64_t before, struct err *err)
{
	return sql_done(
		sql_run(sqlite_of(store), SQL_REJECTS_PRUNE, SQL_WITH(sql_number(before)), err));
}

/* --- Who is who ---------------------------------------------------------------------------- */

int sqlite_ref_find(struct store *store, const char *source, const char *ref,
		    char journey[IDENT_CAP], struct err *err)
{
	journey[0] = '\0';
	return sql_done(sql_each(sqlite_of(store), SQL_REF_FIND,
				 SQL_WITH(sql_text(source), sql_text(ref)), sql_take_ident, journey,
				 err));
}

int sqlite_ref_save(struct store *store, const char *source, const char *ref, const char *journey,
		    struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_REF_SAVE,
				SQL_WITH(sql_text(source), sql_text(ref), sql_text(journey)), err));
}

static int walk_ref(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	const char *pair[2] = {sql_column_text(row, 0), sql_column_text(row, 1)};

	(void)err;
	walk->each(walk->context, pair);
	return 0;
}

int sqlite_refs_of(struct store *store, const char *journey, store_row_fn *each, void *context,
		   struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_REFS_OF, SQL_WITH(sql_text(journey)),
				 walk_ref, &walk, err));
}

int sqlite_document_find(struct store *store, const char *document, char journey[IDENT_CAP],
			 struct err *err)
{
	journey[0] = '\0';
	return sql_done(sql_each(sqlite_of(store), SQL_DOCUMENT_FIND, SQL_WITH(sql_text(document)),
				 sql_take_ident, journey, err));
}

int sqlite_document_save(struct store *store, const char *document, const char *journey,
			 struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_DOCUMENT_SAVE,
				SQL_WITH(sql_text(document), sql_text(journey)), err));
}

int sqlite_journey_repoint(struct store *store, const char *from, const char *to, struct err *err)
{
	/* Riders and members are copied, then taken away: TO may be on the same vehicle already. */
	static const struct {
		enum sql_id id;
		bool to_too;
	} moves[] = {
		{SQL_REPOINT_REFS, true},    {SQL_REPOINT_DOCUMENTS, true},
		{SQL_REPOINT_RIDERS, true},  {SQL_UNPOINT_RIDERS, false},
		{SQL_REPOINT_MEMBERS, true}, {SQL_UNPOINT_MEMBERS, false},
		{SQL_REPOINT_PLACES, true},  {SQL_UNPOINT_PLACES, false},
		{SQL_REPOINT_ABOUT, true},   {SQL_ERASE_ABOUT, false},
	};
	struct sqlite_store *self = sqlite_of(store);

	if (text_equal(from, to))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		struct sql_value both[] = {sql_text(to), sql_text(from)};
		int rc = moves[i].to_too ? sql_run(self, moves[i].id, both, 2, err)
					 : sql_run(self, moves[i].id, both + 1, 1, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}
