/* store_letters.c — single notices for people: what has become of one, the dead ones, those that a
 * digest tells of. Neighbour: store_notices.c is the outbox the courier works from. */
#include "store/store_private.h"

static int take_letter(struct sqlite_store *self, sqlite3_stmt *row, struct arena *arena,
		       struct store_letter *out, struct err *err)
{
	int state = sql_column_int(row, 17);

	if (state < NOTICE_READY || state > NOTICE_MERGED)
		return err_set(err, CL_ECORRUPT, "store: notice %.40s has state %d",
			       sql_column_text(row, 0), state);
	out->state = (enum notice_state)state;
	out->ended_at = sqlite3_column_int64(row, 18);
	return sql_notice(self, row, arena, &out->notice, err);
}

struct loading {
	struct sqlite_store *self;
	struct arena *arena;
	struct store_letter *out;
};

static int load_letter(sqlite3_stmt *row, void *context, struct err *err)
{
	struct loading *loading = context;

	return take_letter(loading->self, row, loading->arena, loading->out, err);
}

int sqlite_notice_load(struct store *store, const char *id, struct arena *arena,
		       struct store_letter *out, struct err *err)
{
	struct loading loading = {.self = sqlite_of(store), .arena = arena, .out = out};
	int rc = sql_each(sqlite_of(store), SQL_NOTICE_LOAD, SQL_WITH(sql_text(id)), load_letter,
			  &loading, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "notice %.40s is not known", id);
	return sql_done(rc);
}

static int walk_letter(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_letter letter;
	int rc = take_letter(walk->self, row, walk->arena, &letter, err);

	if (rc == 0)
		walk->each(walk->context, &letter);
	return rc;
}

int sqlite_letters_list(struct store *store, const char *endpoint, unsigned limit,
			struct arena *arena, store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {
		.each = each, .context = context, .arena = arena, .self = sqlite_of(store)};

	return sql_done(sql_each(sqlite_of(store), SQL_LETTERS_LIST,
				 SQL_WITH(sql_text_or_null(endpoint), sql_number(limit)),
				 walk_letter, &walk, err));
}

static int walk_member(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct notice notice;
	int rc = sql_notice(walk->self, row, walk->arena, &notice, err);

	if (rc == 0)
		walk->each(walk->context, &notice);
	return rc;
}

int sqlite_notices_of_digest(struct store *store, const char *digest, struct arena *arena,
			     store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {
		.each = each, .context = context, .arena = arena, .self = sqlite_of(store)};

	return sql_done(sql_each(sqlite_of(store), SQL_NOTICES_OF_DIGEST,
				 SQL_WITH(sql_text(digest)), walk_member, &walk, err));
}
