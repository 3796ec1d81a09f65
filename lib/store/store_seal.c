/* store_seal.c — personal values are sealed on their way into a row and opened on their way out;
 * what is looked up without being known is blinded.
 * Neighbours: seal.h seals bytes, keyring.h keeps the keys; store_reseal.c seals what older schemas
 * kept in the clear; the verbs say which values are personal.
 *
 * One key per journey and one per transfer, their numbers in the rows; one per UTC day for what
 * belongs to nobody. A fact may be stored before the journey or the vehicle it makes: the number of
 * a key that no row names yet waits in self->waiting until that row is written in the same
 * transaction. Sealed bytes name their key themselves, so opening asks no row.
 *
 * An empty value stays empty: that nothing was said is no secret, and what was erased looks alike.
 */
#include "store/store_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/digest.h"

#define PLACE_CAP    512
#define NAME_MAX_LEN 200

/* --- Keys to seal under -------------------------------------------------------------------- */

int sql_seal_with(struct sqlite_store *self, int64_t id, struct err *err)
{
	struct sealing *sealing = &self->sealing;
	int rc;

	/* What was sealed before is bound and written by now. */
	arena_clear(&sealing->arena);
	if (sealing->id == id)
		return 0;
	sealing->id = 0;
	rc = keyring_find(self->ring, id, sealing->key, NULL, err);
	if (rc == CL_ENOENT)
		rc = err_set(err, CL_ECORRUPT, "store %s: key %lld is not in the key ring",
			     self->path, (long long)id);
	if (rc == 0)
		sealing->id = id;
	return rc;
}

static int take_key(struct sqlite_store *self, int64_t *id, struct err *err)
{
	struct sealing *sealing = &self->sealing;
	int rc = keyring_take(self->ring, id, sealing->key, err);

	arena_clear(&sealing->arena);
	sealing->id = rc == 0 ? *id : 0;
	return rc;
}

static struct waiting_key *find_waiting(struct sqlite_store *self, enum sql_id whose,
					const char *name)
{
	for (size_t i = self->waiting_len; i-- > 0;) {
		if (self->waiting[i].whose == whose && text_equal(self->waiting[i].name, name))
			return &self->waiting[i];
	}
	return NULL;
}

static void wait_for_row(struct sqlite_store *self, enum sql_id whose, const char *name, int64_t id)
{
	if (self->waiting_len == self->waiting_cap) {
		self->waiting_cap = self->waiting_cap ? 2 * self->waiting_cap : 16;
		self->waiting =
			mem_grow(self->waiting, self->waiting_cap * sizeof(self->waiting[0]));
	}
	self->waiting[self->waiting_len++] =
		(struct waiting_key){.whose = whose, .name = mem_copy(name), .id = id};
}

void sql_key_written(struct sqlite_store *self, enum sql_id whose, const char *name)
{
	struct waiting_key *it = find_waiting(self, whose, name);

	if (!it)
		return;
	mem_free(it->name);
	*it = self->waiting[--self->waiting_len];
}

void sql_seal_forget(struct sqlite_store *self)
{
	for (size_t i = 0; i < self->waiting_len; i++)
		mem_free(self->waiting[i].name);
	self->waiting_len = 0;
	self->day_key = 0;
}

int sql_seal_under(struct sqlite_store *self, enum sql_id whose, const char *name, struct err *err)
{
	const struct waiting_key *it = find_waiting(self, whose, name);
	int64_t id = it ? it->id : 0;
	int rc = 0;

	assert(self->writing);
	if (!it)
		rc = sql_each(self, whose, SQL_WITH(sql_text(name)), sql_take_number, &id, err);
	if (rc < 0)
		return rc;
	if (id > 0)
		return sql_seal_with(self, id, err);
	rc = take_key(self, &id, err);
	if (rc == 0)
		wait_for_row(self, whose, name, id);
	return rc;
}

int64_t sql_day(int64_t at)
{
	return at / WHEN_DAY - (at % WHEN_DAY < 0);
}

int sql_seal_under_day(struct sqlite_store *self, int64_t at, struct err *err)
{
	int64_t day = sql_day(at);
	int rc;

	assert(self->writing);
	if (self->day_key > 0 && self->day == day)
		return sql_seal_with(self, self->day_key, err);
	self->day_key = 0;
	self->day = day;
	rc = sql_each(self, SQL_DAY_KEY, SQL_WITH(sql_number(day)), sql_take_number, &self->day_key,
		      err);
	if (rc < 0)
		return rc;
	if (self->day_key > 0)
		return sql_seal_with(self, self->day_key, err);
	int64_t id = 0;
	rc = take_key(self, &id, err);
	if (rc == 0)
		rc = sql_run(self, SQL_DAY_SAVE, SQL_WITH(sql_number(day), sql_number(id)), err);
	if (rc < 0)
		return rc;
	self->day_key = id;
	return 0;
}

/* --- Sealing ------------------------------------------------------------------------------- */

#define SHORT_CAP (2 * DIGEST_SHA_LEN + 1)

/* A name that is too long stands for itself as a hash. */
static const char *shorten(const char *name, char room[SHORT_CAP])
{
	uint8_t hash[DIGEST_SHA_LEN];
	size_t len = strlen(name);

	if (len <= NAME_MAX_LEN)
		return name;
	digest_sha256(name, len, hash);
	digest_hex(hash, sizeof(hash), room, SHORT_CAP);
	return room;
}

/* Where a value belongs: its column and its row's name, which may be anything. */
static const char *place_of(char place[PLACE_CAP], const char *column, const char *row)
{
	char room[SHORT_CAP];

	(void)snprintf(place, PLACE_CAP, "%s %s", column, shorten(row, room));
	return place;
}

struct sql_value sql_sealed(struct sqlite_store *self, const char *column, const char *row,
			    const void *bytes, size_t len)
{
	struct sealing *sealing = &self->sealing;
	char place[PLACE_CAP];
	uint8_t *out;

	assert(sealing->id > 0);
	if (len == 0)
		return sql_bytes(NULL, 0);
	out = arena_alloc(&sealing->arena, len + SEAL_OVERHEAD);
	seal_bytes(sealing->key, sealing->id, &self->entropy, place_of(place, column, row), bytes,
		   len, out);
	return sql_bytes(out, len + SEAL_OVERHEAD);
}

struct sql_value sql_sealed_text(struct sqlite_store *self, const char *column, const char *row,
				 const char *text)
{
	return sql_sealed(self, column, row, text, text ? strlen(text) : 0);
}

struct sql_value sql_blind(struct sqlite_store *self, const char *what, const char *value,
			   uint8_t room[SEAL_BLIND_LEN])
{
	if (!value || !*value)
		return sql_text("");
	seal_blind(self->index, what, value, strlen(value), room);
	return sql_bytes(room, SEAL_BLIND_LEN);
}

const char *sql_fact_row(char room[SQL_ROW_CAP], const char *source, const char *id)
{
	char rooms[2][SHORT_CAP];

	(void)snprintf(room, SQL_ROW_CAP, "%zu %s %s", strlen(source), shorten(source, rooms[0]),
		       shorten(id, rooms[1]));
	return room;
}

const char *sql_blind_row(char room[SQL_ROW_CAP], const struct sql_value *blind)
{
	if (blind->kind == SQL_IS_BYTES)
		digest_hex(blind->bytes, blind->len, room, SQL_ROW_CAP);
	else
		room[0] = '\0';
	return room;
}

const char *sql_time_row(char room[SQL_ROW_CAP], int64_t at, const char *name)
{
	char short_name[SHORT_CAP];

	(void)snprintf(room, SQL_ROW_CAP, "%lld %s", (long long)at, shorten(name, short_name));
	return room;
}

/* --- Opening ------------------------------------------------------------------------------- */

int sql_open(struct sqlite_store *self, sqlite3_stmt *row, int column, const char *where,
	     const char *name, struct arena *arena, const void **out, size_t *len, struct err *err)
{
	const void *sealed = sqlite3_column_blob(row, column);
	size_t sealed_len = sealed ? (size_t)sqlite3_column_bytes(row, column) : 0;
	uint8_t key[SEAL_KEY_LEN];
	char place[PLACE_CAP];
	int64_t id = 0;
	uint8_t *clear;
	int rc;

	*out = "";
	*len = 0;
	if (sealed_len == 0)
		return 0;
	place_of(place, where, name);
	rc = seal_key_of(sealed, sealed_len, &id, err);
	if (rc == 0)
		rc = keyring_find(self->ring, id, key, NULL, err);
	if (rc == CL_ENOENT)
		rc = err_set(err, CL_ECORRUPT,
			     "store %s: sealed under key %lld, which is not in the key ring",
			     self->path, (long long)id);
	if (rc < 0)
		return rc;
	/* A NUL behind it, so that it can be read as text. */
	clear = arena_alloc(arena, sealed_len - SEAL_OVERHEAD + 1);
	rc = seal_open(key, place, sealed, sealed_len, clear, err);
	seal_wipe(key, sizeof(key));
	if (rc < 0)
		return rc;
	*out = clear;
	*len = sealed_len - SEAL_OVERHEAD;
	return 0;
}

int sql_open_text(struct sqlite_store *self, sqlite3_stmt *row, int column, const char *where,
		  const char *name, struct arena *arena, const char **out, struct err *err)
{
	const void *bytes;
	size_t len;
	int rc = sql_open(self, row, column, where, name, arena, &bytes, &len, err);

	*out = bytes;
	return rc == CL_EGONE ? 0 : rc;
}
