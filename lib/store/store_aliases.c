/* store_aliases.c — what addresses can be learnt under, and what officers taught.
 * Neighbours: alias.h says what a lesson means, engine's learning.c when there is one;
 * store_journeys.c has the journeys that become due. */
#include "store/store_private.h"

/* --- Places -------------------------------------------------------------------------------- */

int sqlite_place_save(struct store *store, const struct store_place *place, struct err *err)
{
	return sql_done(
		sql_run(sqlite_of(store), SQL_PLACE_SAVE,
			SQL_WITH(sql_text(place->journey), sql_number(place->at),
				 sql_text(place->fact), sql_text(place->keys[MATCH_KEY_ADDRESS]),
				 sql_text(place->keys[MATCH_KEY_DOOR]),
				 sql_text(place->keys[MATCH_KEY_ESTATE])),
			err));
}

struct found_place {
	struct arena *arena;
	struct store_place *out;
	const char *journey;
};

static int take_place(sqlite3_stmt *row, void *context, struct err *err)
{
	struct found_place *found = context;

	(void)err;
	found->out->journey = found->journey;
	for (int kind = 0; kind < MATCH_KEYS; kind++)
		found->out->keys[kind] = sql_column_copy(row, kind, found->arena);
	return 0;
}

int sqlite_place_at(struct store *store, const char *journey, int64_t at, struct arena *arena,
		    struct store_place *out, struct err *err)
{
	struct found_place found = {.arena = arena, .out = out, .journey = journey};

	*out = (struct store_place){.keys = {"", "", ""}};
	return sql_done(sql_each(sqlite_of(store), SQL_PLACE_AT,
				 SQL_WITH(sql_text(journey), sql_number(at)), take_place, &found,
				 err));
}

int sqlite_places_recheck(struct store *store, enum match_key_kind kind, const char *key,
			  int64_t now, struct err *err)
{
	static const enum sql_id statements[] = {
		[MATCH_KEY_ADDRESS] = SQL_RECHECK_ADDRESS,
		[MATCH_KEY_DOOR] = SQL_RECHECK_DOOR,
		[MATCH_KEY_ESTATE] = SQL_RECHECK_ESTATE,
	};

	return sql_done(sql_run(sqlite_of(store), statements[kind],
				SQL_WITH(sql_number(now), sql_text(key)), err));
}

/* --- Aliases ------------------------------------------------------------------------------- */

static struct store_alias alias_of(sqlite3_stmt *row, struct arena *arena)
{
	return (struct store_alias){.id = sqlite3_column_int64(row, 0),
				    .journey = sql_column_copy(row, 1, arena),
				    .kind = (enum match_key_kind)sql_column_int(row, 2),
				    .key = sql_column_copy(row, 3, arena),
				    .code = sql_column_copy(row, 4, arena),
				    .at = sqlite3_column_int64(row, 5),
				    .fact = sql_column_copy(row, 6, arena),
				    .by = sql_column_copy(row, 7, arena),
				    .undone_at = sqlite3_column_int64(row, 8),
				    .undone_by = sql_column_copy(row, 9, arena)};
}

static int walk_alias(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	const struct store_alias alias = alias_of(row, walk->arena);

	if ((unsigned)alias.kind >= MATCH_KEYS)
		return err_set(err, CL_ECORRUPT, "store: alias %lld is of kind %d",
			       (long long)alias.id, (int)alias.kind);
	walk->each(walk->context, &alias);
	return 0;
}

int sqlite_alias_save(struct store *store, const struct store_alias *alias, struct err *err)
{
	return sql_done(
		sql_run(sqlite_of(store), SQL_ALIAS_SAVE,
			SQL_WITH(sql_text(alias->journey), sql_number((int)alias->kind),
				 sql_text(alias->key), sql_text(alias->code), sql_number(alias->at),
				 sql_text(alias->fact), sql_text(alias->by),
				 sql_number(alias->undone_at), sql_text(alias->undone_by)),
			err));
}

int sqlite_alias_remove(struct store *store, const char *journey, enum match_key_kind kind,
			struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_ALIAS_REMOVE,
				SQL_WITH(sql_text(journey), sql_number((int)kind)), err));
}

static void keep_alias(void *context, const void *row)
{
	*(struct store_alias *)context = *(const struct store_alias *)row;
}

int sqlite_alias_load(struct store *store, int64_t id, struct arena *arena, struct store_alias *out,
		      struct err *err)
{
	struct sql_walk walk = {.each = keep_alias, .context = out, .arena = arena};
	int rc = sql_each(sqlite_of(store), SQL_ALIAS_LOAD, SQL_WITH(sql_number(id)), walk_alias,
			  &walk, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "alias %lld is not known", (long long)id);
	return sql_done(rc);
}

int sqlite_aliases_of(struct store *store, const char *journey, struct arena *arena,
		      store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context, .arena = arena};

	return sql_done(sql_each(sqlite_of(store), SQL_ALIASES_OF, SQL_WITH(sql_text(journey)),
				 walk_alias, &walk, err));
}

int sqlite_aliases_under(struct store *store, enum match_key_kind kind, const char *key,
			 struct arena *arena, store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context, .arena = arena};

	return sql_done(sql_each(sqlite_of(store), SQL_ALIASES_UNDER,
				 SQL_WITH(sql_number((int)kind), sql_text(key)), walk_alias, &walk,
				 err));
}
