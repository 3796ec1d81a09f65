/* store_notices.c — the outbox: what is owed to an endpoint, and what came of it.
 * Neighbours: courier claims, sends and reports; a claim is not written, so after a crash a notice
 * is ready again. */
#include "store/store_private.h"

#include <assert.h>

/* The numbers are in the file and in store_sql.h. */
_Static_assert(NOTICE_READY == 0, "state 0 is ready");
_Static_assert(NOTICE_DONE == 1, "state 1 is done");
_Static_assert(NOTICE_DEAD == 2, "state 2 is dead");
_Static_assert(NOTICE_SUPERSEDED == 3, "state 3 is superseded");
_Static_assert(NOTICE_EXPIRED == 4, "state 4 is expired");
_Static_assert(NOTICE_MERGED == 5, "state 5 is merged");

/* What is said, and the link under which it is answered: who reads it is as good as the recipient.
 */
enum said {
	SAID_TITLE,
	SAID_TEXT,
	SAID_URL,
	SAID_DATA,
	SAID
};
static const char *const columns[SAID] = {"notices.title", "notices.words", "notices.url",
					  "notices.data"};

int sqlite_notice_save(struct store *store, const struct notice *notice, struct err *err)
{
	const char *said[SAID] = {notice->title, notice->text, notice->url, notice->data};
	struct sqlite_store *self = sqlite_of(store);
	struct sql_value sealed[SAID];
	int rc = sql_seal_under_day(self, notice->created_at, err);

	if (rc < 0)
		return rc;
	for (int i = 0; i < SAID; i++)
		sealed[i] = sql_sealed_text(self, columns[i], notice->id, said[i]);
	return sql_done(sql_run(self, SQL_NOTICE_SAVE,
				SQL_WITH(sql_text(notice->id), sql_text(notice->endpoint),
					 sql_number(notice->alert), sql_number(notice->urgent),
					 sql_text(notice->type), sql_text(notice->kind),
					 sql_text(notice->unit), sql_number(notice->created_at),
					 sql_number(notice->due_at), sql_number(notice->expires_at),
					 sql_number(notice->attempts), sealed[SAID_TITLE],
					 sealed[SAID_TEXT], sealed[SAID_URL], sealed[SAID_DATA],
					 sql_text(notice->group)),
				err));
}

int sqlite_notices_supersede(struct store *store, int64_t alert, const char *endpoint,
			     struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_NOTICES_SUPERSEDE,
				SQL_WITH(sql_number(alert), sql_text_or_null(endpoint)), err));
}

int sql_notice(struct sqlite_store *self, sqlite3_stmt *row, struct arena *arena,
	       struct notice *out, struct err *err)
{
	const char **said[SAID] = {&out->title, &out->text, &out->url, &out->data};
	int rc = 0;

	*out = (struct notice){.id = sql_column_copy(row, 0, arena),
			       .endpoint = sql_column_copy(row, 1, arena),
			       .alert = sqlite3_column_int64(row, 2),
			       .urgent = sql_column_bool(row, 3),
			       .type = sql_column_copy(row, 4, arena),
			       .kind = sql_column_copy(row, 5, arena),
			       .unit = sql_column_copy(row, 6, arena),
			       .created_at = sqlite3_column_int64(row, 7),
			       .due_at = sqlite3_column_int64(row, 8),
			       .expires_at = sqlite3_column_int64(row, 9),
			       .attempts = sql_column_int(row, 10),
			       .group = sql_column_copy(row, 15, arena),
			       .error = sql_column_copy(row, 16, arena)};
	for (int i = 0; i < SAID && rc == 0; i++)
		rc = sql_open_text(self, row, 11 + i, columns[i], out->id, arena, said[i], err);
	return rc;
}

static int walk_notice(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct notice notice;
	int rc = sql_notice(walk->self, row, walk->arena, &notice, err);

	if (rc == 0)
		walk->each(walk->context, &notice);
	return rc;
}

int sqlite_notices_ready(struct store *store, const char *endpoint, bool urgent, int64_t now,
			 unsigned limit, struct arena *arena, store_row_fn *each, void *context,
			 struct err *err)
{
	struct sql_walk walk = {
		.each = each, .context = context, .arena = arena, .self = sqlite_of(store)};

	return sql_done(sql_each(sqlite_of(store), SQL_NOTICES_READY,
				 SQL_WITH(sql_text(endpoint), sql_number(urgent), sql_number(now),
					  sql_number(limit)),
				 walk_notice, &walk, err));
}

int sqlite_notices_next(struct store *store, const char *endpoint, bool urgent, int64_t after,
			int64_t *due_at, struct err *err)
{
	*due_at = WHEN_NEVER;
	return sql_done(
		sql_each(sqlite_of(store), SQL_NOTICES_NEXT,
			 SQL_WITH(sql_text(endpoint), sql_number(urgent), sql_number(after)),
			 sql_take_number, due_at, err));
}

int sqlite_notice_merge(struct store *store, const char *id, const char *digest, struct err *err)
{
	int rc = sql_run(sqlite_of(store), SQL_NOTICE_MERGE,
			 SQL_WITH(sql_text(digest), sql_text(id)), err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "notice %s is not ready any more", id);
	return sql_done(rc);
}

int sqlite_notices_merged(struct store *store, const char *digest, struct arena *arena,
			  store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {
		.each = each, .context = context, .arena = arena, .self = sqlite_of(store)};

	return sql_done(sql_each(sqlite_of(store), SQL_NOTICES_MERGED, SQL_WITH(sql_text(digest)),
				 walk_notice, &walk, err));
}

int sqlite_notices_merged_expire(struct store *store, const char *digest, int64_t at,
				 struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_NOTICES_MERGED_EXPIRE,
				SQL_WITH(sql_number(at), sql_text(digest)), err));
}

int sqlite_notice_result(struct store *store, const char *id, enum notice_state state, int attempts,
			 int64_t due_at, int64_t now, const char *error, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int64_t ended_at = state == NOTICE_READY ? WHEN_NEVER : now;
	int64_t is;
	int rc = sql_run(self, SQL_NOTICE_RESULT,
			 SQL_WITH(sql_number(state), sql_number(attempts), sql_number(due_at),
				  sql_number(ended_at), sql_text(error), sql_number(now),
				  sql_text(id)),
			 err);

	if (rc != 0)
		return sql_done(rc);
	rc = sql_each(self, SQL_NOTICE_KNOWN, SQL_WITH(sql_text(id)), sql_take_number, &is, err);
	if (rc == 0)
		return err_set(err, CL_ENOENT, "notice %s is not known", id);
	return sql_done(rc);
}

/* One row per endpoint: when its urgent and its other notices are due. */
static int walk_waiting(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;

	(void)err;
	for (int urgent = 1; urgent >= 0; urgent--) {
		struct notice notice = {.endpoint = sql_column_text(row, 0),
					.urgent = urgent,
					.due_at = sqlite3_column_int64(row, 2 - urgent)};

		if (notice.due_at != WHEN_NEVER)
			walk->each(walk->context, &notice);
	}
	return 0;
}

int sqlite_notices_waiting(struct store *store, store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_NOTICES_WAITING, SQL_WITH_NOTHING,
				 walk_waiting, &walk, err));
}

struct backlog {
	int64_t *count, *since;
};

static int take_backlog(sqlite3_stmt *row, void *context, struct err *err)
{
	struct backlog *backlog = context;

	(void)err;
	*backlog->count = sqlite3_column_int64(row, 0);
	*backlog->since = sqlite3_column_int64(row, 1);
	return 0;
}

int sqlite_notices_backlog(struct store *store, const char *endpoint, int64_t *count,
			   int64_t *since, struct err *err)
{
	struct backlog backlog = {.count = count, .since = since};

	*count = 0;
	*since = WHEN_NEVER;
	return sql_done(sql_each(sqlite_of(store), SQL_NOTICES_BACKLOG,
				 SQL_WITH(sql_text(endpoint)), take_backlog, &backlog, err));
}

int sqlite_notices_list(struct store *store, enum notice_state state, unsigned limit,
			struct arena *arena, store_row_fn *each, void *context, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct sql_walk walk = {
		.each = each, .context = context, .arena = arena, .self = sqlite_of(store)};
	struct sql_value values[] = {sql_number(state), sql_number(limit)};

	if (state == NOTICE_READY)
		return sql_done(sql_each(self, SQL_NOTICES_LIST_READY, values + 1, 1, walk_notice,
					 &walk, err));
	if (state == NOTICE_DONE)
		return sql_done(sql_each(self, SQL_NOTICES_LIST_DONE, values + 1, 1, walk_notice,
					 &walk, err));
	return sql_done(sql_each(self, SQL_NOTICES_LIST_ENDED, values, 2, walk_notice, &walk, err));
}

int sqlite_notices_redrive(struct store *store, const struct store_redrive *which, int64_t now,
			   int *count, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int rc;

	if (which->id)
		rc = sql_run(self, SQL_NOTICE_REDRIVE,
			     SQL_WITH(sql_number(now), sql_text(which->id)), err);
	else
		rc = sql_run(self, SQL_NOTICES_REDRIVE,
			     SQL_WITH(sql_number(now), sql_text(which->from),
				      sql_text_or_null(which->to),
				      sql_text_or_null(which->endpoint)),
			     err);
	*count = rc < 0 ? 0 : rc;
	return sql_done(rc);
}
