/* store_watch.c — silences, and when each feed was heard.
 * Neighbours: silence.h says what a silence hides, engine's feeds.c when a feed is late;
 * store_alerts.c keeps what is held. */
#include "store/store_private.h"

/* --- Silences ------------------------------------------------------------------------------ */

struct found_silence {
	struct sqlite_store *self;
	struct arena arena;
	struct silence silence;
	store_row_fn *each; /* or NULL */
	void *context;
};

static const char *silence_row(char room[SQL_ROW_CAP], int64_t id)
{
	return sql_time_row(room, id, "");
}

static int take_silence(sqlite3_stmt *row, void *context, struct err *err)
{
	struct found_silence *found = context;
	struct silence *silence = &found->silence;
	char name[SQL_ROW_CAP];
	const char *reason;

	*silence = (struct silence){.id = sqlite3_column_int64(row, 0),
				    .made_at = sqlite3_column_int64(row, 6),
				    .ends_at = sqlite3_column_int64(row, 7),
				    .force = sql_column_bool(row, 8),
				    .ended_at = sqlite3_column_int64(row, 9)};
	arena_clear(&found->arena);
	int rc = sql_open_text(found->self, row, 5, "silences.reason",
			       silence_row(name, silence->id), &found->arena, &reason, err);

	if (rc < 0)
		return rc;
	/* They came from such fields: nothing is cut. */
	(void)text_copy(silence->kind, sizeof(silence->kind), sql_column_text(row, 1));
	(void)text_copy(silence->unit, sizeof(silence->unit), sql_column_text(row, 2));
	(void)text_copy(silence->subject, sizeof(silence->subject), sql_column_text(row, 3));
	(void)text_copy(silence->author, sizeof(silence->author), sql_column_text(row, 4));
	(void)text_copy(silence->reason, sizeof(silence->reason), reason);
	(void)text_copy(silence->ended_by, sizeof(silence->ended_by), sql_column_text(row, 10));
	if (found->each)
		found->each(found->context, silence);
	return 0;
}

int sqlite_silence_save(struct store *store, const struct silence *silence, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	char name[SQL_ROW_CAP];
	int rc = sql_seal_under_day(self, silence->made_at, err);

	if (rc < 0)
		return rc;
	silence_row(name, silence->id);
	return sql_done(sql_run(
		self, SQL_SILENCE_SAVE,
		SQL_WITH(sql_number(silence->id), sql_text(silence->kind), sql_text(silence->unit),
			 sql_text(silence->subject), sql_text(silence->author),
			 sql_sealed_text(self, "silences.reason", name, silence->reason),
			 sql_number(silence->made_at), sql_number(silence->ends_at),
			 sql_number(silence->force), sql_number(silence->ended_at),
			 sql_text(silence->ended_by)),
		err));
}

int sqlite_silence_load(struct store *store, int64_t id, struct silence *out, struct err *err)
{
	struct found_silence found = {.self = sqlite_of(store), .arena = ARENA_INIT};
	int rc = sql_each(found.self, SQL_SILENCE_LOAD, SQL_WITH(sql_number(id)), take_silence,
			  &found, err);

	arena_release(&found.arena);
	if (rc == 0)
		return err_set(err, CL_ENOENT, "silence %lld is not known", (long long)id);
	if (rc > 0)
		*out = found.silence;
	return sql_done(rc);
}

int sqlite_silences_list(struct store *store, int64_t now, store_row_fn *each, void *context,
			 struct err *err)
{
	struct found_silence found = {
		.self = sqlite_of(store), .arena = ARENA_INIT, .each = each, .context = context};
	int rc = sql_each(found.self, SQL_SILENCES_LIST, SQL_WITH(sql_number(now)), take_silence,
			  &found, err);

	arena_release(&found.arena);
	return sql_done(rc);
}

/* --- Feeds --------------------------------------------------------------------------------- */

static int walk_feed(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_feed feed = {.name = sql_column_copy(row, 0, walk->arena),
				  .heard_at = sqlite3_column_int64(row, 1),
				  .due_at = sqlite3_column_int64(row, 2),
				  .alert = sqlite3_column_int64(row, 3)};

	(void)err;
	walk->each(walk->context, &feed);
	return 0;
}

static void keep_feed(void *context, const void *row)
{
	*(struct store_feed *)context = *(const struct store_feed *)row;
}

int sqlite_feed_find(struct store *store, const char *name, struct arena *arena,
		     struct store_feed *out, struct err *err)
{
	struct sql_walk walk = {.each = keep_feed, .context = out, .arena = arena};

	*out = (struct store_feed){.name = NULL};
	return sql_done(sql_each(sqlite_of(store), SQL_FEED_FIND, SQL_WITH(sql_text(name)),
				 walk_feed, &walk, err));
}

int sqlite_feed_save(struct store *store, const struct store_feed *feed, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_FEED_SAVE,
				SQL_WITH(sql_text(feed->name), sql_number(feed->heard_at),
					 sql_number(feed->due_at), sql_number(feed->alert)),
				err));
}

int sqlite_feed_remove(struct store *store, const char *name, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_FEED_REMOVE, SQL_WITH(sql_text(name)), err));
}

int sqlite_feeds_list(struct store *store, struct arena *arena, store_row_fn *each, void *context,
		      struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context, .arena = arena};

	return sql_done(sql_each(sqlite_of(store), SQL_FEEDS_LIST, SQL_WITH_NOTHING, walk_feed,
				 &walk, err));
}

int sqlite_feeds_next(struct store *store, int64_t *due_at, struct err *err)
{
	return sql_done(sql_each(sqlite_of(store), SQL_FEEDS_NEXT, SQL_WITH_NOTHING,
				 sql_take_number, due_at, err));
}
