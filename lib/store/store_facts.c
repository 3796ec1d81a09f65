/* store_facts.c — what was taken in, what was refused, and which journey a name in the outside
 * world means. Neighbours: store_statement.c runs; store_journeys.c keeps what the facts made of a
 * journey. */
#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/digest.h"

/* --- Facts --------------------------------------------------------------------------------- */

struct found_fact {
	int64_t *seq;
	bool *same;
	const uint8_t *hash;
};

static int take_fact(sqlite3_stmt *row, void *context, struct err *err)
{
	struct found_fact *found = context;

	if (sqlite3_column_bytes(row, 1) != SEAL_BLIND_LEN)
		return err_set(err, CL_ECORRUPT, "store: fact %lld has a hash of %d bytes",
			       (long long)sqlite3_column_int64(row, 0),
			       sqlite3_column_bytes(row, 1));
	*found->seq = sqlite3_column_int64(row, 0);
	*found->same = digest_equal(sqlite3_column_blob(row, 1), found->hash, SEAL_BLIND_LEN);
	return 0;
}

/* A hash of a body could be told from a guess at it. */
static void blind_hash(const struct sqlite_store *self, const uint8_t hash[DIGEST_KEY_LEN],
		       uint8_t out[SEAL_BLIND_LEN])
{
	seal_blind(self->index, "fact", hash, DIGEST_KEY_LEN, out);
}

int sqlite_fact_find(struct store *store, const char *source, const char *id,
		     const uint8_t hash[DIGEST_KEY_LEN], int64_t *seq, bool *same, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	uint8_t blind[SEAL_BLIND_LEN];
	struct found_fact found = {.seq = seq, .same = same, .hash = blind};

	*seq = 0;
	*same = false;
	blind_hash(self, hash, blind);
	return sql_done(sql_each(self, SQL_FACT_FIND, SQL_WITH(sql_text(source), sql_text(id)),
				 take_fact, &found, err));
}

static int seal_for(struct sqlite_store *self, const struct store_owner *owner, int64_t now,
		    struct err *err)
{
	if (owner && owner->journey)
		return sql_seal_under(self, SQL_JOURNEY_KEY, owner->journey, err);
	if (owner && owner->transfer)
		return sql_seal_under(self, SQL_TRANSFER_KEY, owner->transfer, err);
	return sql_seal_under_day(self, now, err);
}

int sqlite_fact_save(struct store *store, const struct fact *fact, const struct store_owner *owner,
		     int64_t now, int64_t *seq, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	uint8_t hash[SEAL_BLIND_LEN];
	char name[SQL_ROW_CAP];
	int rc = seal_for(self, owner, now, err);

	if (rc < 0)
		return rc;
	blind_hash(self, fact->hash, hash);
	sql_fact_row(name, fact->stamp.source, fact->stamp.id);
	/* In the order of SQL_FACT_STORED: the ledger holds a hash of exactly these. */
	struct sql_value stored[] = {sql_text(fact->stamp.source),
				     sql_text(fact->stamp.id),
				     sql_text(fact_type_word(fact->type)),
				     sql_number(fact->stamp.at),
				     sql_number(now),
				     sql_bytes(hash, sizeof(hash)),
				     sql_sealed(self, "facts.body", name, fact->body,
						fact->body_len)};

	rc = sql_each(self, SQL_FACT_SAVE, stored, ARRAY_LEN(stored), sql_take_number, seq, err);
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
	struct fact fact = {.warnings = "", .feed_unit = ""};
	int type = type_of(sql_column_text(row, 2));
	char name[SQL_ROW_CAP];
	const char *body;

	if (type < 0)
		return err_set(err, CL_ECORRUPT, "store: fact %.80s of %.80s cannot be read",
			       sql_column_text(row, 1), sql_column_text(row, 0));
	fact.type = (enum fact_type)type;
	fact.stamp = (struct stamp){.source = sql_column_text(row, 0),
				    .id = sql_column_text(row, 1),
				    .at = sqlite3_column_int64(row, 3)};
	arena_clear(walk->arena);
	sql_fact_row(name, fact.stamp.source, fact.stamp.id);
	int rc = sql_open_text(walk->self, row, 4, "facts.body", name, walk->arena, &body, err);

	if (rc < 0)
		return rc;
	fact.body = body;
	fact.body_len = strlen(body);
	walk->each(walk->context, &fact);
	return 0;
}

int sqlite_facts_each(struct store *store, int64_t after_seq, store_row_fn *each, void *context,
		      struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct sql_walk walk = {
		.each = each, .context = context, .arena = &arena, .self = sqlite_of(store)};
	int rc = sql_done(sql_each(walk.self, SQL_FACTS_EACH, SQL_WITH(sql_number(after_seq)),
				   walk_fact, &walk, err));

	arena_release(&arena);
	return rc;
}

/* --- Refusals ------------------------------------------------------------------------------ */

/* seq is known only when it is written. */
static const char *reject_row(char room[SQL_ROW_CAP], int64_t at, const char *source,
			      const char *event_id)
{
	char name[SQL_ROW_CAP];

	return sql_time_row(room, at,
			    sql_fact_row(name, source ? source : "", event_id ? event_id : ""));
}

int sqlite_reject_save(struct store *store, const struct store_reject *reject, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	char name[SQL_ROW_CAP];
	int rc = sql_seal_under_day(self, reject->at, err);

	if (rc < 0)
		return rc;
	reject_row(name, reject->at, reject->source, reject->event_id);
	return sql_done(sql_run(
		self, SQL_REJECT_SAVE,
		SQL_WITH(sql_number(reject->at), sql_text(reject->feed), sql_text(reject->source),
			 sql_text(reject->event_id), sql_text(reject->code),
			 sql_sealed_text(self, "rejects.detail", name, reject->detail),
			 sql_sealed(self, "rejects.body", name, reject->body, reject->body_len)),
		err));
}

static int walk_reject(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_reject reject = {.seq = sqlite3_column_int64(row, 0),
				      .at = sqlite3_column_int64(row, 1),
				      .feed = sql_column_text(row, 2),
				      .source = sql_column_text(row, 3),
				      .event_id = sql_column_text(row, 4),
				      .code = sql_column_text(row, 5)};
	char name[SQL_ROW_CAP];
	const void *body = NULL;

	arena_clear(walk->arena);
	reject_row(name, reject.at, reject.source, reject.event_id);
	int rc = sql_open_text(walk->self, row, 6, "rejects.detail", name, walk->arena,
			       &reject.detail, err);

	if (rc == 0)
		rc = sql_open(walk->self, row, 7, "rejects.body", name, walk->arena, &body,
			      &reject.body_len, err);
	if (rc < 0 && rc != CL_EGONE)
		return rc;
	reject.body = body;
	walk->each(walk->context, &reject);
	return 0;
}

int sqlite_rejects_list(struct store *store, const char *feed, int64_t before_seq, unsigned limit,
			store_row_fn *each, void *context, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct arena arena = ARENA_INIT;
	struct sql_walk walk = {.each = each, .context = context, .arena = &arena, .self = self};
	struct sql_value before = sql_number(before_seq > 0 ? before_seq : INT64_MAX);
	int rc;

	if (!feed || !*feed)
		rc = sql_each(self, SQL_REJECTS_ALL, SQL_WITH(before, sql_number(limit)),
			      walk_reject, &walk, err);
	else
		rc = sql_each(self, SQL_REJECTS_OF,
			      SQL_WITH(before, sql_text(feed), sql_number(limit)), walk_reject,
			      &walk, err);
	arena_release(&arena);
	return sql_done(rc);
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
	struct sqlite_store *self = sqlite_of(store);
	uint8_t blind[SEAL_BLIND_LEN];

	journey[0] = '\0';
	return sql_done(sql_each(self, SQL_REF_FIND,
				 SQL_WITH(sql_text(source), sql_blind(self, "ref", ref, blind)),
				 sql_take_ident, journey, err));
}

int sqlite_ref_save(struct store *store, const char *source, const char *ref, const char *journey,
		    struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	uint8_t room[SEAL_BLIND_LEN];
	char name[SQL_ROW_CAP];
	struct sql_value blind = sql_blind(self, "ref", ref, room);
	int rc = sql_seal_under(self, SQL_JOURNEY_KEY, journey, err);

	if (rc < 0)
		return rc;
	return sql_done(sql_run(self, SQL_REF_SAVE,
				SQL_WITH(sql_text(source), blind, sql_text(journey),
					 sql_sealed_text(self, "refs.ref",
							 sql_blind_row(name, &blind), ref)),
				err));
}

#define REFS_MAX 512

/* What is found by blind values comes in no order. */
struct refs {
	struct sqlite_store *self;
	struct arena arena;
	size_t len;
	const char *pairs[REFS_MAX][2];
};

static int collect_ref(sqlite3_stmt *row, void *context, struct err *err)
{
	struct refs *refs = context;
	struct sql_value blind = sql_value_at(row, 1);
	char name[SQL_ROW_CAP];

	/* More than anybody has; the rest is still found by name. */
	if (refs->len == REFS_MAX)
		return 0;
	const char **pair = refs->pairs[refs->len];
	int rc = sql_open_text(refs->self, row, 2, "refs.ref", sql_blind_row(name, &blind),
			       &refs->arena, &pair[1], err);

	if (rc < 0)
		return rc;
	pair[0] = sql_column_copy(row, 0, &refs->arena);
	refs->len++;
	return 0;
}

static int in_order(const void *left, const void *right)
{
	const char *const *a = left;
	const char *const *b = right;
	int source = strcmp(a[0], b[0]);

	return source ? source : strcmp(a[1], b[1]);
}

int sqlite_refs_of(struct store *store, const char *journey, store_row_fn *each, void *context,
		   struct err *err)
{
	struct refs *refs = mem_alloc(sizeof(*refs));

	refs->self = sqlite_of(store);
	int rc = sql_done(sql_each(refs->self, SQL_REFS_OF, SQL_WITH(sql_text(journey)),
				   collect_ref, refs, err));

	qsort(refs->pairs, refs->len, sizeof(refs->pairs[0]), in_order);
	for (size_t i = 0; i < refs->len && rc == 0; i++)
		each(context, refs->pairs[i]);
	arena_release(&refs->arena);
	mem_free(refs);
	return rc;
}

int sqlite_document_find(struct store *store, const char *document, char journey[IDENT_CAP],
			 struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	uint8_t blind[SEAL_BLIND_LEN];

	journey[0] = '\0';
	return sql_done(sql_each(self, SQL_DOCUMENT_FIND,
				 SQL_WITH(sql_blind(self, "document", document, blind)),
				 sql_take_ident, journey, err));
}

int sqlite_document_save(struct store *store, const char *document, const char *journey,
			 struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	uint8_t blind[SEAL_BLIND_LEN];

	return sql_done(sql_run(
		self, SQL_DOCUMENT_SAVE,
		SQL_WITH(sql_blind(self, "document", document, blind), sql_text(journey)), err));
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
