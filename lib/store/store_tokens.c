/* store_tokens.c — callers made while we run.
 * Neighbours: api_token.c makes and revokes them, api_auth.c asks at every call; a line of the
 * ledger goes with each change, in the same transaction (store_ledger.c). */
#include "store/store_private.h"

#include <string.h>

static int walk_token(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct store_token token = {.name = sql_column_copy(row, 0, walk->arena),
				    .role = sql_column_copy(row, 1, walk->arena),
				    .scope = sql_column_copy(row, 2, walk->arena),
				    .made_at = sqlite3_column_int64(row, 4),
				    .made_by = sql_column_copy(row, 5, walk->arena),
				    .expires_at = sqlite3_column_int64(row, 6),
				    .revoked_at = sqlite3_column_int64(row, 7),
				    .revoked_by = sql_column_copy(row, 8, walk->arena)};
	size_t len;
	const void *hash = sql_column_bytes_copy(row, 3, walk->arena, &len);

	if (len != sizeof(token.hash))
		return err_set(err, CL_ECORRUPT, "token %s: its hash has %zu bytes, not %zu",
			       token.name, len, sizeof(token.hash));
	memcpy(token.hash, hash, sizeof(token.hash));
	walk->each(walk->context, &token);
	return 0;
}

static void keep_token(void *context, const void *row)
{
	*(struct store_token *)context = *(const struct store_token *)row;
}

int sqlite_token_save(struct store *store, const struct store_token *token, struct err *err)
{
	return sql_done(sql_run(
		sqlite_of(store), SQL_TOKEN_SAVE,
		SQL_WITH(sql_text(token->name), sql_text(token->role), sql_text(token->scope),
			 sql_bytes(token->hash, sizeof(token->hash)), sql_number(token->made_at),
			 sql_text(token->made_by), sql_number(token->expires_at),
			 sql_number(token->revoked_at), sql_text(token->revoked_by)),
		err));
}

int sqlite_token_find(struct store *store, const uint8_t hash[STORE_TOKEN_HASH_LEN],
		      struct arena *arena, struct store_token *out, struct err *err)
{
	struct sql_walk walk = {.each = keep_token, .context = out, .arena = arena};

	*out = (struct store_token){.name = NULL};
	return sql_done(sql_each(sqlite_of(store), SQL_TOKEN_FIND,
				 SQL_WITH(sql_bytes(hash, STORE_TOKEN_HASH_LEN)), walk_token, &walk,
				 err));
}

int sqlite_token_revoke(struct store *store, const char *name, int64_t at, const char *by,
			struct err *err)
{
	int changed = sql_run(sqlite_of(store), SQL_TOKEN_REVOKE,
			      SQL_WITH(sql_number(at), sql_text(by), sql_text(name)), err);

	if (changed == 0)
		return err_set(err, CL_ENOENT, "token %.64s is not known, or revoked already",
			       name);
	return sql_done(changed);
}

int sqlite_tokens_list(struct store *store, struct arena *arena, store_row_fn *each, void *context,
		       struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context, .arena = arena};

	return sql_done(sql_each(sqlite_of(store), SQL_TOKENS_LIST, SQL_WITH_NOTHING, walk_token,
				 &walk, err));
}
