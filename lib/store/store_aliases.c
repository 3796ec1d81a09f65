/* store_aliases.c — what addresses can be learnt under, and what officers taught.
 * Neighbours: alias.h says what a lesson means, engine's learning.c when there is one;
 * store_journeys.c has the journeys that become due. */
#include "store/store_private.h"

/* --- Places -------------------------------------------------------------------------------- */

const struct sql_key_words sql_key_words[MATCH_KEYS] = {
	[MATCH_KEY_ADDRESS] = {"address", "places.address"},
	[MATCH_KEY_DOOR] = {"door", "places.door"},
	[MATCH_KEY_ESTATE] = {"estate", "places.estate"},
};

int sqlite_place_save(struct store *store, const struct store_place *place, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct sql_value values[3 + 2 * MATCH_KEYS] = {sql_text(place->journey),
						       sql_number(place->at),
						       sql_text(place->fact)};
	uint8_t rooms[MATCH_KEYS][SEAL_BLIND_LEN];
	char name[SQL_ROW_CAP];
	int rc = sql_seal_under(self, SQL_JOURNEY_KEY, place->journey, err);

	if (rc < 0)
		return rc;
	/* Without the journey: where two become one, its places become the other's. */
	sql_time_row(name, place->at, place->fact);
	for (int kind = 0; kind < MATCH_KEYS; kind++) {
		values[3 + kind] =
			sql_blind(self, sql_key_words[kind].blind, place->keys[kind], rooms[kind]);
		values[3 + MATCH_KEYS + kind] =
			sql_sealed_text(self, sql_key_words[kind].place, name, place->keys[kind]);
	}
	return sql_done(sql_run(self, SQL_PLACE_SAVE, values, ARRAY_LEN(values), err));
}

struct found_place {
	struct sqlite_store *self;
	struct arena *arena;
	struct store_place *out;
	const char *journey;
};

static int take_place(sqlite3_stmt *row, void *context, struct err *err)
{
	struct found_place *found = context;
	char name[SQL_ROW_CAP];
	int rc = 0;

	found->out->journey = found->journey;
	sql_time_row(name, sqlite3_column_int64(row, 3), sql_column_text(row, 4));
	for (int kind = 0; kind < MATCH_KEYS && rc == 0; kind++)
		rc = sql_open_text(found->self, row, kind, sql_key_words[kind].place, name,
				   found->arena, &found->out->keys[kind], err);
	return rc;
}

int sqlite_place_at(struct store *store, const char *journey, int64_t at, struct arena *arena,
		    struct store_place *out, struct err *err)
{
	struct found_place found = {
		.self = sqlite_of(store), .arena = arena, .out = out, .journey = journey};

	*out = (struct store_place){.keys = {"", "", ""}};
	return sql_done(sql_each(found.self, SQL_PLACE_AT,
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

	struct sqlite_store *self = sqlite_of(store);
	uint8_t blind[SEAL_BLIND_LEN];

	return sql_done(sql_run(self, statements[kind],
				SQL_WITH(sql_number(now),
					 sql_blind(self, sql_key_words[kind].blind, key, blind)),
				err));
}

/* --- Aliases ------------------------------------------------------------------------------- */

/* By journey and kind, which stay; the id comes later. */
static const char *alias_row(char room[SQL_ROW_CAP], const char *journey, int kind)
{
	return sql_time_row(room, kind, journey);
}

static int alias_of(struct sqlite_store *self, sqlite3_stmt *row, struct arena *arena,
		    struct store_alias *out, struct err *err)
{
	char name[SQL_ROW_CAP];

	*out = (struct store_alias){.id = sqlite3_column_int64(row, 0),
				    .journey = sql_column_copy(row, 1, arena),
				    .kind = (enum match_key_kind)sql_column_int(row, 2),
				    .code = sql_column_copy(row, 4, arena),
				    .at = sqlite3_column_int64(row, 5),
				    .fact = sql_column_copy(row, 6, arena),
				    .by = sql_column_copy(row, 7, arena),
				    .undone_at = sqlite3_column_int64(row, 8),
				    .undone_by = sql_column_copy(row, 9, arena)};
	if ((unsigned)out->kind >= MATCH_KEYS)
		return err_set(err, CL_ECORRUPT, "store: alias %lld is of kind %d",
			       (long long)out->id, (int)out->kind);
	alias_row(name, out->journey, (int)out->kind);
	return sql_open_text(self, row, 3, "aliases.key", name, arena, &out->key, err);
}

static int walk_alias(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_alias alias;
	int rc = alias_of(walk->self, row, walk->arena, &alias, err);

	if (rc == 0)
		walk->each(walk->context, &alias);
	return rc;
}

int sqlite_alias_save(struct store *store, const struct store_alias *alias, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	uint8_t blind[SEAL_BLIND_LEN];
	char name[SQL_ROW_CAP];
	int rc = sql_seal_under(self, SQL_JOURNEY_KEY, alias->journey, err);

	if (rc < 0)
		return rc;
	alias_row(name, alias->journey, (int)alias->kind);
	return sql_done(sql_run(self, SQL_ALIAS_SAVE,
				SQL_WITH(sql_text(alias->journey), sql_number((int)alias->kind),
					 sql_blind(self, sql_key_words[alias->kind].blind,
						   alias->key, blind),
					 sql_sealed_text(self, "aliases.key", name, alias->key),
					 sql_text(alias->code), sql_number(alias->at),
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
	struct sql_walk walk = {
		.each = keep_alias, .context = out, .arena = arena, .self = sqlite_of(store)};
	int rc = sql_each(sqlite_of(store), SQL_ALIAS_LOAD, SQL_WITH(sql_number(id)), walk_alias,
			  &walk, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "alias %lld is not known", (long long)id);
	return sql_done(rc);
}

int sqlite_aliases_of(struct store *store, const char *journey, struct arena *arena,
		      store_row_fn *each, void *context, struct err *err)
{
	struct sql_walk walk = {
		.each = each, .context = context, .arena = arena, .self = sqlite_of(store)};

	return sql_done(sql_each(sqlite_of(store), SQL_ALIASES_OF, SQL_WITH(sql_text(journey)),
				 walk_alias, &walk, err));
}

struct under {
	struct sql_walk walk;
	const char *key;
};

/* What they are asked for by is known, also when whoever it was taught about is erased. */
static int walk_under(sqlite3_stmt *row, void *context, struct err *err)
{
	struct under *under = context;
	struct store_alias alias;
	int rc = alias_of(under->walk.self, row, under->walk.arena, &alias, err);

	alias.key = under->key;
	if (rc == 0)
		under->walk.each(under->walk.context, &alias);
	return rc;
}

int sqlite_aliases_under(struct store *store, enum match_key_kind kind, const char *key,
			 struct arena *arena, store_row_fn *each, void *context, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	struct under under = {
		.walk = {.each = each, .context = context, .arena = arena, .self = self},
		.key = arena_copy(arena, key)};
	uint8_t blind[SEAL_BLIND_LEN];

	return sql_done(sql_each(self, SQL_ALIASES_UNDER,
				 SQL_WITH(sql_number((int)kind),
					  sql_blind(self, sql_key_words[kind].blind, key, blind)),
				 walk_under, &under, err));
}
