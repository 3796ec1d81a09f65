/* test_keyring.c — store/keyring: a key that was handed out is never lost, one that was destroyed
 * never comes back, and nothing opens without the master key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closedloop/digest.h"
#include "closedloop/keyring.h"
#include "closedloop/mem.h"
#include "tests/sim/vfs.h"

#define NOW    INT64_C(1583690000000)
#define MANY   1500
#define PIECE  16 /* Bytes of a secret that nobody would meet by chance. */
#define KEYS_A 1

struct bare {
	int64_t id;
	uint8_t key[SEAL_KEY_LEN];
	bool asked, destroyed;
};

struct room {
	char dir[64], path[96];
	struct master_keys masters;
	uint64_t seed;
	struct entropy entropy;
	struct keyring *ring;
	struct err err;
};

static struct master_keys masters_of(int first, int other)
{
	struct master_keys masters = {.len = other ? 2 : 1};
	uint8_t key[SEAL_KEY_LEN];

	memset(key, first, sizeof(key));
	master_key_make(&masters.keys[0], key);
	memset(key, other, sizeof(key));
	master_key_make(&masters.keys[1], key);
	return masters;
}

static int open_with(struct room *room, struct master_keys masters)
{
	room->masters = masters;
	return keyring_open(&room->ring, room->path, NULL, &room->masters, &room->entropy,
			    &room->err);
}

static void open_room(struct room *room)
{
	assert_int_equal(digest_init(NULL), 0);
	*room = (struct room){.dir = "/tmp/keyring-XXXXXX", .seed = 7, .err = ERR_INIT};
	assert_non_null(mkdtemp(room->dir));
	snprintf(room->path, sizeof(room->path), "%s/keys.db", room->dir);
	room->entropy = entropy_seeded(&room->seed);
	assert_int_equal(open_with(room, masters_of(KEYS_A, 0)), 0);
}

static void reopen(struct room *room)
{
	keyring_close(room->ring);
	assert_int_equal(open_with(room, room->masters), 0);
}

static void close_room(struct room *room)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[128];

	keyring_close(room->ring);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", room->path, ends[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(room->dir), 0);
}

static struct bare take(struct room *room)
{
	struct bare bare = {0};

	assert_int_equal(keyring_take(room->ring, &bare.id, bare.key, &room->err), 0);
	assert_true(bare.id > 0);
	return bare;
}

static void assert_there(struct room *room, const struct bare *bare)
{
	uint8_t key[SEAL_KEY_LEN];

	assert_int_equal(keyring_find(room->ring, bare->id, key, NULL, &room->err), 0);
	assert_memory_equal(key, bare->key, SEAL_KEY_LEN);
}

static void assert_gone(struct room *room, int64_t id, int64_t when)
{
	uint8_t key[SEAL_KEY_LEN];
	int64_t at = 0;

	assert_int_equal(keyring_find(room->ring, id, key, &at, &room->err), CL_EGONE);
	assert_int_equal(at, when);
}

/* All of a file, or nothing when there is none. */
static uint8_t *slurp(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	struct stat stat = {0};
	uint8_t *bytes;

	*len = 0;
	if (!file)
		return mem_alloc(1);
	assert_int_equal(fstat(fileno(file), &stat), 0);
	bytes = mem_alloc((size_t)stat.st_size + 1);
	*len = fread(bytes, 1, (size_t)stat.st_size, file);
	fclose(file);
	return bytes;
}

/* Whether the file or its log hold these bytes. */
static bool on_disk(const struct room *room, const void *bytes, size_t len)
{
	static const char *const ends[] = {"", "-wal"};
	bool found = false;

	for (size_t i = 0; i < 2; i++) {
		char path[128];
		size_t size;

		snprintf(path, sizeof(path), "%s%s", room->path, ends[i]);
		uint8_t *all = slurp(path, &size);
		found = found || memmem(all, size, bytes, len);
		mem_free(all);
	}
	return found;
}

/* How a key stands in the file: the end of its row. */
static void wrapped_of(const struct room *room, int64_t id, uint8_t piece[PIECE])
{
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(room->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT wrapped FROM keys WHERE id = ?", -1, &stmt,
					    NULL),
			 SQLITE_OK);
	sqlite3_bind_int64(stmt, 1, id);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	const uint8_t *bytes = sqlite3_column_blob(stmt, 0);
	memcpy(piece, bytes + sqlite3_column_bytes(stmt, 0) - PIECE, PIECE);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

/* --- Taking and finding -------------------------------------------------------------------- */

static void what_is_taken_is_found_even_after_a_restart(void **state)
{
	static struct bare taken[MANY];
	struct room room;

	(void)state;
	open_room(&room);
	for (size_t i = 0; i < MANY; i++) {
		taken[i] = take(&room);
		assert_true(i == 0 || taken[i].id > taken[i - 1].id);
	}
	for (size_t i = 0; i < MANY; i++)
		assert_there(&room, &taken[i]);
	reopen(&room);
	for (size_t i = 0; i < MANY; i++)
		assert_there(&room, &taken[i]);
	close_room(&room);
}

static void no_key_stands_in_the_file_in_the_clear(void **state)
{
	struct room room;
	uint8_t piece[PIECE];

	(void)state;
	open_room(&room);
	struct bare bare = take(&room);
	wrapped_of(&room, bare.id, piece);
	assert_true(on_disk(&room, piece, PIECE));
	assert_false(on_disk(&room, bare.key, PIECE));
	assert_false(on_disk(&room, room.masters.keys[0].key, PIECE));
	close_room(&room);
}

static void nobody_finds_what_was_never_made(void **state)
{
	struct room room;
	uint8_t key[SEAL_KEY_LEN];

	(void)state;
	open_room(&room);
	struct bare bare = take(&room);
	assert_int_equal(keyring_find(room.ring, bare.id + 1000, key, NULL, &room.err), CL_ENOENT);
	assert_int_equal(keyring_find(room.ring, 0, key, NULL, &room.err), CL_ENOENT);
	assert_int_equal(keyring_find(room.ring, -1, key, NULL, &room.err), CL_ENOENT);
	close_room(&room);
}

/* The file as it was before is put back, as from a backup: no number that was given away since is
 * given away again. */
static void a_restored_copy_gives_other_numbers(void **state)
{
	struct room room;
	struct bare since[200];
	size_t len;

	(void)state;
	open_room(&room);
	take(&room);
	keyring_close(room.ring);
	uint8_t *copy = slurp(room.path, &len);
	assert_int_equal(open_with(&room, room.masters), 0);
	for (size_t i = 0; i < 200; i++)
		since[i] = take(&room);
	keyring_close(room.ring);
	FILE *file = fopen(room.path, "wb");
	assert_int_equal(fwrite(copy, 1, len, file), len);
	fclose(file);
	mem_free(copy);
	assert_int_equal(open_with(&room, room.masters), 0);
	for (size_t i = 0; i < 200; i++) {
		struct bare after = take(&room);

		for (size_t k = 0; k < 200; k++)
			assert_int_not_equal(after.id, since[k].id);
	}
	close_room(&room);
}

/* --- Destroying ---------------------------------------------------------------------------- */

static void what_is_destroyed_is_gone_for_ever(void **state)
{
	struct room room;

	(void)state;
	open_room(&room);
	struct bare doomed = take(&room), other = take(&room);
	assert_there(&room, &doomed); /* It is remembered, and forgotten then. */
	assert_int_equal(keyring_destroy(room.ring, &doomed.id, 1, NOW, &room.err), 0);
	assert_gone(&room, doomed.id, NOW);
	assert_there(&room, &other);
	/* Again, and one that never was: no error, and it was destroyed when it was. */
	int64_t ids[] = {doomed.id, other.id + 5000};
	assert_int_equal(keyring_destroy(room.ring, ids, 2, NOW + 5, &room.err), 0);
	reopen(&room);
	assert_gone(&room, doomed.id, NOW);
	assert_there(&room, &other);
	close_room(&room);
}

/* Pages were split and filled on the way here; half of the rows go, in no order. */
static void the_file_holds_no_byte_of_a_destroyed_key(void **state)
{
	static struct bare taken[MANY];
	static uint8_t pieces[MANY][PIECE];
	static int64_t ids[MANY];
	struct room room;
	size_t len = 0;
	struct keyring_counts counts;

	(void)state;
	open_room(&room);
	for (size_t i = 0; i < MANY; i++)
		taken[i] = take(&room);
	for (size_t i = 0; i < MANY; i++) {
		wrapped_of(&room, taken[i].id, pieces[i]);
		if (i * 7919 % 13 < 6)
			ids[len++] = taken[i].id;
	}
	for (size_t i = 0; i < len; i += 50)
		assert_int_equal(keyring_destroy(room.ring, ids + i, len - i < 50 ? len - i : 50,
						 NOW, &room.err),
				 0);
	for (size_t i = 0; i < MANY; i++) {
		bool gone = i * 7919 % 13 < 6;

		assert_int_equal(on_disk(&room, pieces[i], PIECE), !gone);
		if (gone)
			assert_gone(&room, taken[i].id, NOW);
		else
			assert_there(&room, &taken[i]);
	}
	assert_int_equal(keyring_counts(room.ring, &counts, &room.err), 0);
	assert_int_equal(counts.destroyed, len);
	assert_true(counts.alive >= (int64_t)(MANY - len));
	close_room(&room);
}

/* Somebody who reads the file keeps its log: whoever destroys learns it, and asks again. */
static void a_reader_in_the_way_is_told_of(void **state)
{
	struct room room;
	sqlite3 *db;
	uint8_t piece[PIECE];

	(void)state;
	open_room(&room);
	struct bare doomed = take(&room);
	wrapped_of(&room, doomed.id, piece);
	assert_int_equal(sqlite3_open(room.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT * FROM keys", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(keyring_destroy(room.ring, &doomed.id, 1, NOW, &room.err), CL_EBUSY);
	assert_true(on_disk(&room, piece, PIECE));
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(keyring_destroy(room.ring, &doomed.id, 1, NOW + 1, &room.err), 0);
	assert_false(on_disk(&room, piece, PIECE));
	assert_gone(&room, doomed.id, NOW);
	close_room(&room);
}

/* --- Secrets ------------------------------------------------------------------------------- */

static void a_secret_stays_what_it_was_first(void **state)
{
	static const uint8_t first[SEAL_KEY_LEN] = {1, 2, 3}, later[SEAL_KEY_LEN] = {9};
	uint8_t key[SEAL_KEY_LEN], index[SEAL_KEY_LEN], again[SEAL_KEY_LEN];
	struct room room;

	(void)state;
	open_room(&room);
	assert_int_equal(keyring_secret(room.ring, "home", first, key, &room.err), 0);
	assert_memory_equal(key, first, SEAL_KEY_LEN);
	assert_int_equal(keyring_secret(room.ring, "index", NULL, index, &room.err), 0);
	assert_memory_not_equal(index, first, SEAL_KEY_LEN);
	reopen(&room);
	assert_int_equal(keyring_secret(room.ring, "home", later, key, &room.err), 0);
	assert_memory_equal(key, first, SEAL_KEY_LEN);
	assert_int_equal(keyring_secret(room.ring, "index", NULL, again, &room.err), 0);
	assert_memory_equal(again, index, SEAL_KEY_LEN);
	assert_false(on_disk(&room, index, PIECE));
	close_room(&room);
}

/* --- Master keys --------------------------------------------------------------------------- */

static void without_its_master_key_it_does_not_open_and_stays_as_it_is(void **state)
{
	struct room room;
	size_t before_len, after_len;

	(void)state;
	open_room(&room);
	struct bare bare = take(&room);
	keyring_close(room.ring);
	uint8_t *before = slurp(room.path, &before_len);
	assert_int_equal(open_with(&room, masters_of(2, 0)), CL_ENOENT);
	assert_null(room.ring);
	assert_non_null(strstr(room.err.text, "master key"));
	uint8_t *after = slurp(room.path, &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	mem_free(before);
	mem_free(after);
	assert_int_equal(open_with(&room, masters_of(2, KEYS_A)), 0);
	assert_there(&room, &bare);
	close_room(&room);
}

static void a_ring_is_wrapped_anew_while_its_keys_are_read(void **state)
{
	static struct bare taken[300];
	static uint8_t pieces[300][PIECE];
	struct master_keys both = masters_of(2, KEYS_A), wrong = masters_of(3, 0);
	uint8_t secret[SEAL_KEY_LEN], again[SEAL_KEY_LEN];
	struct keyring_counts counts;
	struct room room;
	int64_t left, before;
	int slices = 0;

	(void)state;
	open_room(&room);
	for (size_t i = 0; i < 300; i++) {
		taken[i] = take(&room);
		wrapped_of(&room, taken[i].id, pieces[i]);
	}
	assert_int_equal(keyring_secret(room.ring, "index", NULL, secret, &room.err), 0);
	assert_int_equal(keyring_destroy(room.ring, &taken[5].id, 1, NOW, &room.err), 0);
	/* One that does not open what is there changes nothing. */
	assert_int_equal(keyring_masters(room.ring, &wrong, &room.err), CL_ENOENT);
	take(&room);
	assert_int_equal(keyring_masters(room.ring, &both, &room.err), 0);
	assert_int_equal(keyring_counts(room.ring, &counts, &room.err), 0);
	before = counts.other_master;
	assert_true(before >= 300);
	do {
		assert_int_equal(keyring_rewrap(room.ring, 70, &left, &room.err), 0);
		assert_true(left < before);
		before = left;
		slices++;
		assert_there(&room, &taken[0]);
		assert_there(&room, &taken[299]);
		if (slices == 2) { /* It goes on after a restart. */
			room.masters = both;
			reopen(&room);
		}
	} while (left);
	assert_true(slices >= 5);
	/* Nothing of the old wrapping is left: the old master key opens nothing in the file. */
	for (size_t i = 0; i < 300; i++)
		assert_false(on_disk(&room, pieces[i], PIECE));
	keyring_close(room.ring);
	assert_int_equal(open_with(&room, masters_of(KEYS_A, 0)), CL_ENOENT);
	assert_int_equal(open_with(&room, masters_of(2, 0)), 0);
	for (size_t i = 0; i < 300; i++)
		if (i == 5)
			assert_gone(&room, taken[i].id, NOW);
		else
			assert_there(&room, &taken[i]);
	assert_int_equal(keyring_secret(room.ring, "index", NULL, again, &room.err), 0);
	assert_memory_equal(again, secret, SEAL_KEY_LEN);
	close_room(&room);
}

static void a_wrapped_key_cannot_be_moved_to_another_number(void **state)
{
	struct room room;
	uint8_t key[SEAL_KEY_LEN];
	sqlite3 *db;
	char sql[200];

	(void)state;
	open_room(&room);
	struct bare one = take(&room), two = take(&room);
	keyring_close(room.ring);
	assert_int_equal(sqlite3_open(room.path, &db), SQLITE_OK);
	snprintf(sql, sizeof(sql),
		 "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE id = %lld) "
		 "WHERE id = %lld",
		 (long long)one.id, (long long)two.id);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(open_with(&room, room.masters), 0);
	assert_there(&room, &one);
	assert_int_equal(keyring_find(room.ring, two.id, key, NULL, &room.err), CL_ECORRUPT);
	close_room(&room);
}

/* --- Whose file it is ---------------------------------------------------------------------- */

static void open_stranger(const char *sql, int expected)
{
	struct room room;
	sqlite3 *db;

	open_room(&room);
	keyring_close(room.ring);
	assert_int_equal(sqlite3_open(room.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(open_with(&room, room.masters), expected);
	close_room(&room);
}

static void the_file_of_another_is_not_touched(void **state)
{
	(void)state;
	open_stranger("PRAGMA application_id = 5", CL_EINVAL);
	open_stranger("PRAGMA user_version = 99", CL_ENEWER);
}

/* --- A disk that fails --------------------------------------------------------------------- */

/* A life: keys are taken, some destroyed, and all wrapped anew in the middle. Ends when the disk
 * dies; what was answered stands in ALL. */
static void live(struct room *room, struct bare *all, size_t len)
{
	struct master_keys both = masters_of(2, KEYS_A);
	int64_t left;

	for (size_t i = 0; i < len && !vfs_is_dead(); i++) {
		struct bare *bare = &all[i];

		if (keyring_take(room->ring, &bare->id, bare->key, NULL) < 0)
			bare->id = 0;
		if (i % 5 == 4 && all[i - 3].id) {
			all[i - 3].asked = true;
			all[i - 3].destroyed =
				keyring_destroy(room->ring, &all[i - 3].id, 1, NOW, NULL) == 0;
		}
		if (i == len / 2)
			(void)keyring_masters(room->ring, &both, NULL);
		if (i > len / 2)
			(void)keyring_rewrap(room->ring, 10, &left, NULL);
	}
}

static void check_life(struct room *room, const struct bare *all, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t key[SEAL_KEY_LEN];

		if (!all[i].id)
			continue;
		int rc = keyring_find(room->ring, all[i].id, key, NULL, &room->err);
		if (all[i].destroyed)
			assert_int_equal(rc, CL_EGONE);
		else if (!all[i].asked || rc != CL_EGONE)
			assert_there(room, &all[i]);
	}
}

static void a_crash_at_any_write_loses_no_key_and_brings_none_back(void **state)
{
	uint64_t writes = 0;
	bool died = true;

	(void)state;
	assert_int_equal(digest_init(NULL), 0);
	for (uint64_t k = 1; died; k++) {
		for (enum vfs_crash_mode mode = VFS_POWER_CUT; mode <= VFS_KILL; mode++) {
			struct bare all[60] = {0};
			struct room room = {.path = "keys.db", .seed = k};

			room.entropy = entropy_seeded(&room.seed);
			vfs_open(k);
			assert_int_equal(open_with(&room, masters_of(KEYS_A, 0)), 0);
			vfs_crash_at(k);
			live(&room, all, 60);
			keyring_close(room.ring);
			died = vfs_is_dead();
			if (died)
				vfs_crash(mode);
			else
				vfs_heal();
			if (open_with(&room, masters_of(2, KEYS_A)) < 0)
				fail_msg("write %llu, mode %d: %s", (unsigned long long)k,
					 (int)mode, room.err.text);
			check_life(&room, all, 60);
			keyring_close(room.ring);
			vfs_close();
			writes = k;
		}
	}
	assert_true(writes > 60);
}

/* Refused at first, and well again at the next call. */
static void after_a_failed_write_it_works_again(void **state)
{
	(void)state;
	assert_int_equal(digest_init(NULL), 0);
	for (uint64_t at = 1; at < 12; at++) {
		for (enum vfs_call call = VFS_WRITE; call <= VFS_SYNC; call++) {
			struct room room = {.path = "keys.db", .seed = at, .err = ERR_INIT};

			room.entropy = entropy_seeded(&room.seed);
			vfs_open(at);
			assert_int_equal(open_with(&room, masters_of(KEYS_A, 0)), 0);
			struct bare first = take(&room);
			vfs_fail_at(call, at, 1, at % 2);
			int rc = keyring_destroy(room.ring, &first.id, 1, NOW, &room.err);
			assert_true(rc == 0 || rc == CL_EIO || rc == CL_EFULL);
			assert_int_equal(keyring_destroy(room.ring, &first.id, 1, NOW, &room.err),
					 0);
			assert_gone(&room, first.id, NOW);
			struct bare next = take(&room);
			assert_there(&room, &next);
			vfs_heal();
			reopen(&room);
			assert_gone(&room, first.id, NOW);
			assert_there(&room, &next);
			keyring_close(room.ring);
			vfs_close();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_is_found_even_after_a_restart),
		cmocka_unit_test(no_key_stands_in_the_file_in_the_clear),
		cmocka_unit_test(nobody_finds_what_was_never_made),
		cmocka_unit_test(a_restored_copy_gives_other_numbers),
		cmocka_unit_test(what_is_destroyed_is_gone_for_ever),
		cmocka_unit_test(the_file_holds_no_byte_of_a_destroyed_key),
		cmocka_unit_test(a_reader_in_the_way_is_told_of),
		cmocka_unit_test(a_secret_stays_what_it_was_first),
		cmocka_unit_test(without_its_master_key_it_does_not_open_and_stays_as_it_is),
		cmocka_unit_test(a_ring_is_wrapped_anew_while_its_keys_are_read),
		cmocka_unit_test(a_wrapped_key_cannot_be_moved_to_another_number),
		cmocka_unit_test(the_file_of_another_is_not_touched),
		cmocka_unit_test(a_crash_at_any_write_loses_no_key_and_brings_none_back),
		cmocka_unit_test(after_a_failed_write_it_works_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
