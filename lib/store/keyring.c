/* keyring.c — see keyring.h: taking, finding, destroying, wrapping anew. Neighbours:
 * keyring_file.c opens the file and runs the statements. */
#include "store/keyring_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/mem.h"

#define NAME_MAX_LEN 16
/* Numbers of a new process begin somewhere beyond the last: were an old copy of the file put back,
 * a number that was given away since would else be given away again. */
#define GAP_BITS     32

static const struct master_key nobody; /* What a tombstone is wrapped by. */

void master_key_make(struct master_key *master, const uint8_t key[SEAL_KEY_LEN])
{
	uint8_t id[SEAL_BLIND_LEN];

	seal_blind(key, "master key", "", 0, id);
	memcpy(master->id, id, MASTER_ID_LEN);
	memcpy(master->key, key, SEAL_KEY_LEN);
}

static void lock(struct keyring *ring)
{
	seal_lock(&ring->masters, sizeof(ring->masters));
	seal_lock(ring->block, sizeof(ring->block));
	seal_lock(ring->remembered, sizeof(ring->remembered));
}

static void release(struct keyring *ring)
{
	seal_unlock(&ring->masters, sizeof(ring->masters));
	seal_unlock(ring->block, sizeof(ring->block));
	seal_unlock(ring->remembered, sizeof(ring->remembered));
	mem_free(ring->path);
	mem_free(ring->vfs);
	mem_free(ring);
}

int keyring_open(struct keyring **out, const char *path, const char *vfs,
		 const struct master_keys *masters, const struct entropy *entropy, struct err *err)
{
	struct keyring *ring = mem_alloc(sizeof(*ring));

	assert(masters->len > 0);
	assert(masters->len <= MASTERS_MAX);
	lock(ring);
	ring->path = mem_copy(path);
	ring->vfs = vfs ? mem_copy(vfs) : NULL;
	ring->masters = *masters;
	ring->entropy = *entropy;
	ring->block_len = BLOCK_FIRST;
	int rc = keyring_connect(ring, err);
	if (rc < 0) {
		release(ring);
		ring = NULL;
	}
	*out = ring;
	return rc;
}

void keyring_close(struct keyring *ring)
{
	if (!ring)
		return;
	keyring_disconnect(ring, true);
	release(ring);
}

/* --- Wrapping ------------------------------------------------------------------------------ */

/* WHERE a wrapped key belongs, so that no two can be exchanged. */
static const char *place_of_key(char place[40], int64_t id)
{
	(void)snprintf(place, 40, "data key %lld", (long long)id);
	return place;
}

static const char *place_of_secret(char place[40], const char *name)
{
	(void)snprintf(place, 40, "secret %s", name);
	return place;
}

static void wrap(const struct keyring *ring, const char *place, const uint8_t key[SEAL_KEY_LEN],
		 uint8_t wrapped[WRAPPED_LEN])
{
	/* A master key is known by its fingerprint, which stands beside; its number is 1. */
	seal_bytes(ring->masters.keys[0].key, 1, &ring->entropy, place, key, SEAL_KEY_LEN, wrapped);
}

/* A row as it stands in the file. */
struct wrapped_row {
	uint8_t master[MASTER_ID_LEN];
	uint8_t wrapped[WRAPPED_LEN];
};

/* Columns FROM and FROM + 1 of ROW, whose lengths never differ. */
static int take_row(sqlite3_stmt *row, int from, struct wrapped_row *out, struct err *err)
{
	const void *master = sqlite3_column_blob(row, from);
	const void *wrapped = sqlite3_column_blob(row, from + 1);

	if (!master || sqlite3_column_bytes(row, from) != MASTER_ID_LEN || !wrapped ||
	    sqlite3_column_bytes(row, from + 1) != WRAPPED_LEN)
		return err_set(err, CL_ECORRUPT, "key ring: a row is not as it was written");
	memcpy(out->master, master, MASTER_ID_LEN);
	memcpy(out->wrapped, wrapped, WRAPPED_LEN);
	return 0;
}

static int take_found(sqlite3_stmt *row, void *context, struct err *err)
{
	return take_row(row, 0, context, err);
}

static int unwrap(const struct keyring *ring, const struct wrapped_row *row, const char *place,
		  uint8_t key[SEAL_KEY_LEN], struct err *err)
{
	for (size_t i = 0; i < ring->masters.len; i++) {
		const struct master_key *master = &ring->masters.keys[i];

		if (memcmp(master->id, row->master, MASTER_ID_LEN) == 0)
			return seal_open(master->key, place, row->wrapped, WRAPPED_LEN, key, err);
	}
	return err_set(err, CL_ENOENT, "key ring %s: %s is wrapped by an unknown master key",
		       ring->path, place);
}

static struct sql_value master_value(const struct master_key *master)
{
	return sql_bytes(master->id, MASTER_ID_LEN);
}

/* --- Data keys ----------------------------------------------------------------------------- */

static struct bare_key *place_in_memory(struct keyring *ring, int64_t id)
{
	return &ring->remembered[(uint64_t)id % REMEMBERED];
}

static void remember(struct keyring *ring, int64_t id, const uint8_t key[SEAL_KEY_LEN])
{
	struct bare_key *place = place_in_memory(ring, id);

	place->id = id;
	memcpy(place->key, key, SEAL_KEY_LEN);
}

static int make_key(struct keyring *ring, struct bare_key *bare, int64_t id, struct err *err)
{
	uint8_t wrapped[WRAPPED_LEN];
	char place[40];

	bare->id = id;
	ring->entropy.fill(ring->entropy.context, bare->key, SEAL_KEY_LEN);
	wrap(ring, place_of_key(place, id), bare->key, wrapped);
	return sql_done(keyring_each(ring, RING_MAKE,
				     SQL_WITH(sql_number(id), master_value(&ring->masters.keys[0]),
					      sql_bytes(wrapped, sizeof(wrapped))),
				     NULL, NULL, err));
}

static int64_t gap(struct keyring *ring)
{
	uint64_t bits;

	ring->entropy.fill(ring->entropy.context, &bits, sizeof(bits));
	return (int64_t)(bits >> (64 - GAP_BITS));
}

static int make_block(struct keyring *ring, struct err *err)
{
	int64_t last = 0;
	int rc = keyring_begin(ring, err);

	if (rc < 0)
		return rc;
	rc = sql_done(keyring_each(ring, RING_LAST, SQL_WITH_NOTHING, sql_take_number, &last, err));
	if (!ring->begun)
		last += gap(ring);
	for (size_t i = 0; i < ring->block_len && rc == 0; i++)
		rc = make_key(ring, &ring->block[i], ++last, err);
	rc = keyring_end(ring, rc, err);
	if (rc < 0) {
		seal_wipe(ring->block, sizeof(ring->block));
		return rc;
	}
	ring->begun = true;
	ring->made = ring->block_len;
	ring->given = 0;
	ring->block_len = ring->block_len * 2 > BLOCK_MAX ? BLOCK_MAX : ring->block_len * 2;
	return 0;
}

int keyring_take(struct keyring *ring, int64_t *id, uint8_t key[SEAL_KEY_LEN], struct err *err)
{
	int rc = ring->given == ring->made ? make_block(ring, err) : 0;

	if (rc < 0)
		return rc;
	struct bare_key *next = &ring->block[ring->given++];
	*id = next->id;
	memcpy(key, next->key, SEAL_KEY_LEN);
	remember(ring, next->id, next->key);
	seal_wipe(next, sizeof(*next));
	return 0;
}

/* A tombstone: no key, but when; a wrapped key begins with another byte. */
static void tombstone(uint8_t wrapped[WRAPPED_LEN], int64_t now)
{
	memset(wrapped, 0, WRAPPED_LEN);
	for (size_t i = 0; i < 8; i++)
		wrapped[1 + i] = (uint8_t)((uint64_t)now >> (56 - 8 * i));
}

static int64_t destroyed_at(const uint8_t wrapped[WRAPPED_LEN])
{
	uint64_t at = 0;

	for (size_t i = 0; i < 8; i++)
		at = at << 8 | wrapped[1 + i];
	return (int64_t)at;
}

int keyring_find(struct keyring *ring, int64_t id, uint8_t key[SEAL_KEY_LEN], int64_t *at,
		 struct err *err)
{
	const struct bare_key *known = place_in_memory(ring, id);
	struct wrapped_row row = {0};
	char place[40];

	if (id > 0 && known->id == id) {
		memcpy(key, known->key, SEAL_KEY_LEN);
		return 0;
	}
	int rc = keyring_ready(ring, err);
	if (rc == 0)
		rc = keyring_each(ring, RING_FIND, SQL_WITH(sql_number(id)), take_found, &row, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(err, CL_ENOENT, "key ring %s: there never was a key %lld",
			       ring->path, (long long)id);
	if (memcmp(row.master, nobody.id, MASTER_ID_LEN) == 0) {
		if (at)
			*at = destroyed_at(row.wrapped);
		return err_set(err, CL_EGONE, "key %lld was destroyed: what it sealed was erased",
			       (long long)id);
	}
	rc = unwrap(ring, &row, place_of_key(place, id), key, err);
	if (rc == 0)
		remember(ring, id, key);
	return rc;
}

int keyring_destroy(struct keyring *ring, const int64_t *ids, size_t len, int64_t now,
		    struct err *err)
{
	uint8_t wrapped[WRAPPED_LEN];
	int rc = keyring_begin(ring, err);

	if (rc < 0)
		return rc;
	tombstone(wrapped, now);
	for (size_t i = 0; i < len && rc == 0; i++)
		rc = sql_done(keyring_each(ring, RING_DESTROY,
					   SQL_WITH(sql_bytes(wrapped, sizeof(wrapped)),
						    sql_number(ids[i])),
					   NULL, NULL, err));
	rc = keyring_end(ring, rc, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < len; i++) {
		struct bare_key *known = place_in_memory(ring, ids[i]);

		if (known->id == ids[i])
			seal_wipe(known, sizeof(*known));
	}
	return keyring_settle(ring, err);
}

/* --- Named secrets ------------------------------------------------------------------------- */

static int make_secret(struct keyring *ring, const char *name, const uint8_t key[SEAL_KEY_LEN],
		       struct err *err)
{
	uint8_t wrapped[WRAPPED_LEN];
	char place[40];
	int rc = keyring_begin(ring, err);

	if (rc < 0)
		return rc;
	wrap(ring, place_of_secret(place, name), key, wrapped);
	rc = sql_done(keyring_each(ring, RING_SECRET_MAKE,
				   SQL_WITH(sql_text(name), master_value(&ring->masters.keys[0]),
					    sql_bytes(wrapped, sizeof(wrapped))),
				   NULL, NULL, err));
	return keyring_end(ring, rc, err);
}

int keyring_secret(struct keyring *ring, const char *name, const uint8_t first[SEAL_KEY_LEN],
		   uint8_t key[SEAL_KEY_LEN], struct err *err)
{
	struct wrapped_row row;
	char place[40];
	int rc = keyring_ready(ring, err);

	assert(strlen(name) <= NAME_MAX_LEN);
	if (rc == 0)
		rc = keyring_each(ring, RING_SECRET, SQL_WITH(sql_text(name)), take_found, &row,
				  err);
	if (rc < 0)
		return rc;
	if (rc > 0)
		return unwrap(ring, &row, place_of_secret(place, name), key, err);
	if (first)
		memcpy(key, first, SEAL_KEY_LEN);
	else
		ring->entropy.fill(ring->entropy.context, key, SEAL_KEY_LEN);
	rc = make_secret(ring, name, key, err);
	if (rc < 0)
		seal_wipe(key, SEAL_KEY_LEN);
	return rc;
}

/* --- Another master key -------------------------------------------------------------------- */

int keyring_masters(struct keyring *ring, const struct master_keys *masters, struct err *err)
{
	int rc = keyring_ready(ring, err);

	assert(masters->len > 0);
	assert(masters->len <= MASTERS_MAX);
	if (rc == 0)
		rc = keyring_check_masters(ring, masters, err);
	if (rc == 0)
		ring->masters = *masters;
	return rc;
}

/* Read first, written then: a row that moves in the index while it is walked might be seen twice.
 */
struct slice {
	size_t len;
	struct {
		int64_t id;
		struct wrapped_row row;
	} rows[BLOCK_MAX];
	const struct master_key *from;
};

static int take_under(sqlite3_stmt *row, void *context, struct err *err)
{
	struct slice *slice = context;
	const void *wrapped = sqlite3_column_blob(row, 1);

	if (!wrapped || sqlite3_column_bytes(row, 1) != WRAPPED_LEN)
		return err_set(err, CL_ECORRUPT, "key ring: a row is not as it was written");
	slice->rows[slice->len].id = sqlite3_column_int64(row, 0);
	memcpy(slice->rows[slice->len].row.master, slice->from->id, MASTER_ID_LEN);
	memcpy(slice->rows[slice->len].row.wrapped, wrapped, WRAPPED_LEN);
	slice->len++;
	return 0;
}

/* Wrap ROW, of PLACE, anew; written by STATEMENT under KEY. */
static int wrap_anew(struct keyring *ring, const struct wrapped_row *row, const char *place,
		     enum keyring_sql statement, struct sql_value key, struct err *err)
{
	uint8_t bare[SEAL_KEY_LEN];
	uint8_t wrapped[WRAPPED_LEN];
	int rc = unwrap(ring, row, place, bare, err);

	if (rc < 0)
		return rc;
	wrap(ring, place, bare, wrapped);
	seal_wipe(bare, sizeof(bare));
	return sql_done(keyring_each(ring, statement,
				     SQL_WITH(master_value(&ring->masters.keys[0]),
					      sql_bytes(wrapped, sizeof(wrapped)), key),
				     NULL, NULL, err));
}

/* Up to MAX data keys from under FROM; how many. */
static int rewrap_keys(struct keyring *ring, const struct master_key *from, unsigned max,
		       struct err *err)
{
	struct slice slice = {.from = from};
	char place[40];
	size_t most = max < BLOCK_MAX ? max : BLOCK_MAX;
	int rc = keyring_each(ring, RING_UNDER,
			      SQL_WITH(master_value(from), sql_number((int64_t)most)), take_under,
			      &slice, err);

	for (size_t i = 0; i < slice.len && rc >= 0; i++)
		rc = wrap_anew(ring, &slice.rows[i].row, place_of_key(place, slice.rows[i].id),
			       RING_WRAP, sql_number(slice.rows[i].id), err);
	return rc < 0 ? rc : (int)slice.len;
}

struct named_row {
	char name[NAME_MAX_LEN + 1];
	struct wrapped_row row;
};

static int take_named(sqlite3_stmt *row, void *context, struct err *err)
{
	struct named_row *named = context;
	const void *wrapped = sqlite3_column_blob(row, 1);

	if (!text_copy(named->name, sizeof(named->name), sql_column_text(row, 0)) || !wrapped ||
	    sqlite3_column_bytes(row, 1) != WRAPPED_LEN)
		return err_set(err, CL_ECORRUPT, "key ring: a secret is not as it was written");
	memcpy(named->row.wrapped, wrapped, WRAPPED_LEN);
	return 0;
}

/* There are only a few. */
static int rewrap_secrets(struct keyring *ring, const struct master_key *from, struct err *err)
{
	struct named_row named;
	char place[40];
	int rc;

	memcpy(named.row.master, from->id, MASTER_ID_LEN);
	while ((rc = keyring_each(ring, RING_SECRET_UNDER, SQL_WITH(master_value(from)), take_named,
				  &named, err)) > 0) {
		rc = wrap_anew(ring, &named.row, place_of_secret(place, named.name),
			       RING_SECRET_WRAP, sql_text(named.name), err);
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int count(struct keyring *ring, enum keyring_sql id, const struct master_key *master,
		 int64_t *sum, struct err *err)
{
	int64_t more = 0;
	int rc =
		keyring_each(ring, id, SQL_WITH(master_value(master)), sql_take_number, &more, err);

	*sum += more;
	return sql_done(rc);
}

static bool is_first(const struct keyring *ring, size_t i)
{
	return memcmp(ring->masters.keys[i].id, ring->masters.keys[0].id, MASTER_ID_LEN) == 0;
}

static int count_left(struct keyring *ring, int64_t *left, struct err *err)
{
	int rc = 0;

	*left = 0;
	for (size_t i = 1; i < ring->masters.len && rc == 0; i++) {
		if (is_first(ring, i))
			continue;
		rc = count(ring, RING_COUNT, &ring->masters.keys[i], left, err);
		if (rc == 0)
			rc = count(ring, RING_SECRET_COUNT, &ring->masters.keys[i], left, err);
	}
	return rc;
}

int keyring_rewrap(struct keyring *ring, unsigned max, int64_t *left, struct err *err)
{
	unsigned done = 0;
	int rc = keyring_begin(ring, err);

	if (rc < 0)
		return rc;
	for (size_t i = 1; i < ring->masters.len && rc >= 0; i++) {
		if (is_first(ring, i))
			continue;
		rc = rewrap_secrets(ring, &ring->masters.keys[i], err);
		while (rc >= 0 && done < max) {
			rc = rewrap_keys(ring, &ring->masters.keys[i], max - done, err);
			if (rc <= 0)
				break;
			done += (unsigned)rc;
		}
	}
	rc = keyring_end(ring, rc < 0 ? rc : 0, err);
	if (rc == 0)
		rc = count_left(ring, left, err);
	/* What was wrapped by the old one goes from the log too: it may have been stolen. */
	if (rc == 0 && *left == 0)
		rc = keyring_settle(ring, err);
	return rc;
}

int keyring_counts(struct keyring *ring, struct keyring_counts *out, struct err *err)
{
	int64_t all = 0;
	int rc = keyring_ready(ring, err);

	*out = (struct keyring_counts){0};
	if (rc == 0)
		rc = sql_done(keyring_each(ring, RING_COUNT_ALL, SQL_WITH_NOTHING, sql_take_number,
					   &all, err));
	if (rc == 0)
		rc = count(ring, RING_COUNT, &nobody, &out->destroyed, err);
	if (rc == 0)
		rc = count_left(ring, &out->other_master, err);
	out->alive = all - out->destroyed;
	return rc;
}
