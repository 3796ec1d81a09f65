/* store_ledger.c — the history: one row for each fact, each decision about a journey, each look at
 * personal data, each erasure; written once, each bound to the one before it.
 * Neighbours: store_verify.c finds what was changed afterwards, store_adopt.c brings in what older
 * schemas kept elsewhere, store_facts.c saves the facts.
 *
 * A row's link is a hash over the link before it and the row as it is stored, each value with its
 * type and its length, so that no two rows look alike. Of a fact the row holds a hash over the row
 * of facts as it is stored: what is sealed there can lose its key, and the chain stays whole. */
#include "store/store_private.h"

#include <assert.h>
#include <string.h>

/* --- The chain ----------------------------------------------------------------------------- */

static void add_number(struct digest_stream *stream, uint64_t number)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
	digest_stream_add(stream, bytes, sizeof(bytes));
}

static void add_value(struct digest_stream *stream, const struct sql_value *value)
{
	static const char kinds[] = {[SQL_IS_NULL] = 'n',
				     [SQL_IS_NUMBER] = 'i',
				     [SQL_IS_TEXT] = 't',
				     [SQL_IS_BYTES] = 'b'};

	digest_stream_add(stream, &kinds[value->kind], 1);
	if (value->kind == SQL_IS_NUMBER)
		add_number(stream, (uint64_t)value->number);
	if (value->kind != SQL_IS_TEXT && value->kind != SQL_IS_BYTES)
		return;
	add_number(stream, value->len);
	digest_stream_add(stream, value->bytes, value->len);
}

void ledger_hash(const char *tag, const uint8_t *before, const struct sql_value *values, size_t len,
		 uint8_t out[LEDGER_LINK_LEN])
{
	struct digest_stream stream;

	digest_stream_begin(&stream, LEDGER_LINK_LEN);
	digest_stream_add(&stream, tag, strlen(tag) + 1);
	if (before)
		digest_stream_add(&stream, before, LEDGER_LINK_LEN);
	for (size_t i = 0; i < len; i++)
		add_value(&stream, &values[i]);
	digest_stream_end(&stream, out, LEDGER_LINK_LEN);
}

void ledger_follow(const struct ledger_end *end, const struct sql_value row[LEDGER_VALUES],
		   struct ledger_end *next)
{
	next->n = row[0].number;
	ledger_hash(LEDGER_ROW_TAG, end->link, row, LEDGER_VALUES, next->link);
}

void ledger_fact_digest(sqlite3_stmt *row, uint8_t out[LEDGER_LINK_LEN])
{
	struct sql_value stored[LEDGER_FACT_VALUES];

	for (int i = 0; i < LEDGER_FACT_VALUES; i++)
		stored[i] = sql_value_at(row, i + 1);
	ledger_hash(LEDGER_FACT_TAG, NULL, stored, LEDGER_FACT_VALUES, out);
}

static int take_end(sqlite3_stmt *row, void *context, struct err *err)
{
	struct ledger_end *end = context;

	(void)err;
	end->n = sqlite3_column_int64(row, 0);
	/* A link that is none was altered: watching goes on, and verifying names the row. */
	if (sqlite3_column_bytes(row, 1) == LEDGER_LINK_LEN)
		memcpy(end->link, sqlite3_column_blob(row, 1), LEDGER_LINK_LEN);
	return 0;
}

int sqlite_ledger_resume(struct sqlite_store *self, struct err *err)
{
	self->ledger = (struct ledger_end){.n = 0};
	int rc = sql_done(
		sql_each(self, SQL_LEDGER_END, SQL_WITH_NOTHING, take_end, &self->ledger, err));

	if (rc == 0 && (self->ledger.n < 0 || self->ledger.n == INT64_MAX))
		return err_set(err, CL_ECORRUPT, "store %s: the ledger's last row has number %lld",
			       self->path, (long long)self->ledger.n);
	return rc;
}

/* --- Writing ------------------------------------------------------------------------------- */

static int append(struct sqlite_store *self, const char *journey, int64_t fact, const char *what,
		  const char *note, struct sql_value digest, int64_t now, struct err *err)
{
	struct sql_value row[LEDGER_VALUES + 1] = {sql_number(self->ledger.n + 1),
						   sql_number(now),
						   sql_text(journey),
						   sql_number(fact),
						   sql_text(what),
						   sql_text(note),
						   digest};
	struct ledger_end next;

	ledger_follow(&self->ledger, row, &next);
	row[LEDGER_VALUES] = sql_bytes(next.link, sizeof(next.link));
	int rc = sql_run(self, SQL_LEDGER_SAVE, row, ARRAY_LEN(row), err);

	if (rc < 0)
		return rc;
	self->ledger = next;
	return 0;
}

int sqlite_ledger_fact(struct sqlite_store *self, const char *journey, int64_t seq, int64_t now,
		       const struct sql_value *stored, size_t len, struct err *err)
{
	uint8_t digest[LEDGER_LINK_LEN];

	ledger_hash(LEDGER_FACT_TAG, NULL, stored, len, digest);
	return append(self, journey, seq, LEDGER_FACT, "", sql_bytes(digest, sizeof(digest)), now,
		      err);
}

int sqlite_step_save(struct store *store, const char *journey, const struct store_step *step,
		     struct err *err)
{
	assert(!text_equal(step->what, LEDGER_FACT));
	return append(sqlite_of(store), journey, step->fact, step->what, step->note,
		      sql_bytes(NULL, 0), step->at, err);
}

int sqlite_ledger_save(struct store *store, const char *journey, const char *what, const char *note,
		       int64_t now, struct err *err)
{
	struct store_step line = {.at = now, .what = what, .note = note};

	return sqlite_step_save(store, journey, &line, err);
}

/* --- Reading ------------------------------------------------------------------------------- */

static int walk_step(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_step step = {.seq = sqlite3_column_int64(row, 0),
				  .at = sqlite3_column_int64(row, 1),
				  .fact = sqlite3_column_int64(row, 2),
				  .what = sql_column_copy(row, 3, walk->arena),
				  .note = sql_column_copy(row, 4, walk->arena),
				  .source = sql_column_copy(row, 5, walk->arena),
				  .event_id = sql_column_copy(row, 6, walk->arena),
				  .fact_at = sqlite3_column_int64(row, 7)};
	char name[SQL_ROW_CAP];
	int rc = sql_open_text(walk->self, row, 8, "facts.body",
			       sql_fact_row(name, step.source, step.event_id), walk->arena,
			       &step.body, err);

	if (rc == 0)
		walk->each(walk->context, &step);
	return rc;
}

static int walk_line(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_step step = {.seq = sqlite3_column_int64(row, 0),
				  .at = sqlite3_column_int64(row, 1),
				  .journey = sql_column_copy(row, 2, walk->arena),
				  .fact = sqlite3_column_int64(row, 3),
				  .what = sql_column_copy(row, 4, walk->arena),
				  .note = sql_column_copy(row, 5, walk->arena)};

	(void)err;
	walk->each(walk->context, &step);
	return 0;
}

int sqlite_ledger_back(struct store *store, int64_t before, unsigned limit, struct arena *arena,
		       store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context, .arena = arena};

	return sql_done(sql_each(sqlite_of(store), SQL_LEDGER_BACK,
				 SQL_WITH(sql_number(before), sql_number(limit)), walk_line, &walk,
				 err));
}

int sqlite_steps_list(struct store *store, const char *journey, struct arena *arena,
		      store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {
		.each = each, .context = context, .arena = arena, .self = sqlite_of(store)};

	return sql_done(sql_each(walk.self, SQL_STEPS_LIST, SQL_WITH(sql_text(journey)), walk_step,
				 &walk, err));
}

int sqlite_ledger_end(struct store *store, int64_t *n, uint8_t link[LEDGER_LINK_LEN],
		      struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);

	if (!self->db || self->broken) {
		int rc = self->writing ? err_set(err, CL_EIO, "store %s is closed", self->path)
				       : sqlite_reopen(self, err);

		if (rc < 0)
			return rc;
	}
	*n = self->ledger.n;
	memcpy(link, self->ledger.link, LEDGER_LINK_LEN);
	return 0;
}
