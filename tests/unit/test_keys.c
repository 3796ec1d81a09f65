/* test_keys.c — the keys outlive a restart, and a drill has its own. Neighbours: daemon/keys.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "daemon/keys.h"

#define NOW (INT64_C(1584990300) * WHEN_SECOND)

static char dir[64];

static int begin(void **state)
{
	(void)state;
	text_copy(dir, sizeof(dir), "/tmp/closedloop-keys-XXXXXX");
	return digest_init(NULL) < 0 || !mkdtemp(dir);
}

static int end(void **state)
{
	static const char *const names[] = {"home.key",		"ack.key",	    "ack.old",
					    "drill.key",	"drill.old",	    "keys.db",
					    "drill-keys.db",	"master.key",	    "master.old",
					    "drill-master.key", "drill-master.old", "closedloop.db",
					    "keys.gone"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return rmdir(dir);
}

static int open_with(struct keys *keys, bool drill, const uint8_t (*masters)[SEAL_KEY_LEN],
		     size_t len, struct err *err)
{
	const struct keys_setup setup = {
		.state_dir = dir, .drill = drill, .masters = masters, .masters_len = len};

	return keys_open(keys, &setup, err);
}

static struct keys opened(bool drill)
{
	struct keys keys;
	struct err err = ERR_INIT;

	assert_int_equal(open_with(&keys, drill, NULL, 0, &err), 0);
	return keys;
}

/* Wrap anew to the end; how many turns that took. */
static int turn_all(struct keys *keys)
{
	struct err err = ERR_INIT;
	int turns = 0, rc;

	while (keys_step(keys, &err, &rc)) {
		assert_int_equal(rc, 0);
		turns++;
	}
	return turns;
}

static bool is_there(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static struct keys_setup own(void)
{
	return (struct keys_setup){.state_dir = dir};
}

static void write_file(const char *name, const void *bytes, size_t len)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void keys_are_made_once_and_for_nobody_else(void **state)
{
	struct keys first = opened(false), second = opened(false);
	struct stat info;
	char path[128];

	(void)state;
	assert_true(is_there("master.key"));
	assert_false(is_there("home.key"));
	assert_memory_equal(first.home, second.home, ACK_KEY_LEN);
	assert_memory_equal(first.ledger, second.ledger, ACK_KEY_LEN);
	assert_memory_not_equal(first.ledger, first.home, ACK_KEY_LEN);
	assert_memory_equal(&first.ack, &second.ack, sizeof(first.ack));
	assert_memory_not_equal(first.ack.key, first.home, ACK_KEY_LEN);
	assert_int_equal(first.ack.old_until, 0);
	snprintf(path, sizeof(path), "%s/ack.key", dir);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	keys_release(&first);
	keys_release(&second);
}

static void both_keys_of_the_ring_outlive_a_restart(void **state)
{
	struct keys keys = opened(false), again;
	struct err err = ERR_INIT;
	uint8_t first[ACK_KEY_LEN], home[ACK_KEY_LEN];

	(void)state;
	memcpy(first, keys.ack.key, ACK_KEY_LEN);
	memcpy(home, keys.home, ACK_KEY_LEN);
	assert_int_equal(keys_rotate_links(&keys, true, NOW, &err), 0);
	assert_memory_not_equal(keys.ack.key, first, ACK_KEY_LEN);
	again = opened(false);
	assert_memory_equal(&again.ack, &keys.ack, sizeof(keys.ack));
	assert_memory_equal(again.ack.old, first, ACK_KEY_LEN);
	assert_int_equal(again.ack.old_until, NOW + ACK_MOST);
	assert_memory_equal(again.home, home, ACK_KEY_LEN);
	keys_release(&keys);
	keys_release(&again);
}

static void a_key_whose_links_hold_is_not_dropped_in_passing(void **state)
{
	struct keys keys = opened(false);
	struct err err = ERR_INIT;
	struct ack_ring before;

	(void)state;
	assert_int_equal(keys_rotate_links(&keys, true, NOW, &err), 0);
	before = keys.ack;
	assert_int_equal(keys_rotate_links(&keys, true, NOW + ACK_MOST - 1, &err), CL_ECONFLICT);
	assert_non_null(strstr(err.text, "--forget"));
	assert_memory_equal(&keys.ack, &before, sizeof(before));
	assert_int_equal(keys_rotate_links(&keys, true, NOW + ACK_MOST, &err), 0);
	assert_memory_equal(keys.ack.old, before.key, ACK_KEY_LEN);
	keys_release(&keys);
}

static void forgetting_leaves_one_key(void **state)
{
	static const uint8_t zeros[ACK_KEY_LEN];
	struct keys keys = opened(false);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(keys_rotate_links(&keys, true, NOW, &err), 0);
	assert_int_equal(keys_rotate_links(&keys, false, NOW + 1, &err), 0);
	keys_release(&keys);
	keys = opened(false);
	assert_int_equal(keys.ack.old_until, 0);
	assert_memory_equal(keys.ack.old, zeros, ACK_KEY_LEN);
	keys_release(&keys);
}

static void a_drill_signs_with_its_own(void **state)
{
	struct keys night = opened(false), drill = opened(true);
	struct err err = ERR_INIT;

	(void)state;
	assert_memory_not_equal(night.ack.key, drill.ack.key, ACK_KEY_LEN);
	assert_memory_not_equal(night.home, drill.home, ACK_KEY_LEN);
	assert_int_equal(keys_rotate_links(&drill, true, NOW, &err), 0);
	keys_release(&night);
	keys_release(&drill);
	night = opened(false);
	drill = opened(true);
	assert_int_equal(night.ack.old_until, 0);
	assert_int_equal(drill.ack.old_until, NOW + ACK_MOST);
	keys_release(&night);
	keys_release(&drill);
}

/* One key did both: homes in the store are hashed under it, and must be found again. */
static void an_older_installation_keeps_the_hashes_of_its_homes(void **state)
{
	const char key[ACK_KEY_LEN + 1] = "closedloopd-ack-key-32-bytes-000";
	struct err err = ERR_INIT;

	(void)state;
	write_file("ack.key", key, ACK_KEY_LEN);
	struct keys keys = opened(false);

	assert_memory_equal(keys.home, key, ACK_KEY_LEN);
	assert_memory_equal(keys.ack.key, key, ACK_KEY_LEN);
	assert_int_equal(keys_rotate_links(&keys, true, NOW, &err), 0);
	keys_release(&keys);
	keys = opened(false);
	assert_memory_equal(keys.home, key, ACK_KEY_LEN);
	assert_memory_not_equal(keys.ack.key, key, ACK_KEY_LEN);
	keys_release(&keys);
}

static void the_file_of_the_homes_key_moves_into_the_ring(void **state)
{
	const char key[ACK_KEY_LEN + 1] = "closedloopd-home-key-32-bytes-00";

	(void)state;
	write_file("home.key", key, ACK_KEY_LEN);
	struct keys drill = opened(true);
	assert_true(is_there("home.key")); /* It is the night's. */
	keys_release(&drill);
	struct keys keys = opened(false);
	assert_memory_equal(keys.home, key, ACK_KEY_LEN);
	assert_false(is_there("home.key"));
	keys_release(&keys);
	keys = opened(false);
	assert_memory_equal(keys.home, key, ACK_KEY_LEN);
	keys_release(&keys);
}

/* --- The master key --- */

static void assert_opens(struct keys *keys, int64_t id, const uint8_t key[SEAL_KEY_LEN])
{
	uint8_t found[SEAL_KEY_LEN];
	struct err err = ERR_INIT;

	assert_int_equal(keyring_find(keys->ring, id, found, NULL, &err), 0);
	assert_memory_equal(found, key, SEAL_KEY_LEN);
}

static void a_master_key_of_our_own_is_replaced_slice_by_slice(void **state)
{
	struct keys keys = opened(false);
	const struct keys_setup setup = own();
	uint8_t key[SEAL_KEY_LEN], other[SEAL_KEY_LEN];
	struct err err = ERR_INIT;
	int64_t id, last;
	int rc;

	(void)state;
	assert_int_equal(keyring_take(keys.ring, &id, key, &err), 0);
	for (int i = 0; i < 900; i++)
		assert_int_equal(keyring_take(keys.ring, &last, other, &err), 0);
	assert_int_equal(turn_all(&keys), 0);
	assert_int_equal(keys_rotate_master(&keys, &setup, &err), 0);
	assert_true(keys.left > 900);
	assert_int_equal(keys_rotate_master(&keys, &setup, &err), CL_ECONFLICT);
	assert_true(keys_step(&keys, &err, &rc));
	assert_int_equal(rc, 0);
	/* Stopped in the middle: it goes on at the next start. */
	keys_release(&keys);
	assert_true(is_there("master.old"));
	keys = opened(false);
	assert_true(keys.left > 500);
	assert_opens(&keys, id, key);
	assert_true(turn_all(&keys) > 1);
	assert_int_equal(keys.left, 0);
	assert_false(is_there("master.old"));
	keys_release(&keys);
	keys = opened(false);
	assert_opens(&keys, id, key);
	assert_opens(&keys, last, other);
	keys_release(&keys);
}

/* The files are written, and then the process dies: before the ring knows, or before the second. */
static void a_rotation_that_died_early_loses_no_key(void **state)
{
	struct keys keys = opened(false);
	struct err err = ERR_INIT;
	uint8_t key[SEAL_KEY_LEN], master[SEAL_KEY_LEN], next[SEAL_KEY_LEN] = {5};
	char path[128];
	int64_t id;

	(void)state;
	assert_int_equal(keyring_take(keys.ring, &id, key, &err), 0);
	keys_release(&keys);
	snprintf(path, sizeof(path), "%s/master.key", dir);
	FILE *file = fopen(path, "rb");
	assert_int_equal(fread(master, 1, sizeof(master), file), sizeof(master));
	fclose(file);
	write_file("master.old", master, sizeof(master));
	keys = opened(false);
	assert_opens(&keys, id, key);
	turn_all(&keys);
	assert_false(is_there("master.old"));
	keys_release(&keys);
	write_file("master.old", master, sizeof(master));
	write_file("master.key", next, sizeof(next));
	keys = opened(false);
	turn_all(&keys);
	keys_release(&keys);
	keys = opened(false);
	assert_opens(&keys, id, key);
	keys_release(&keys);
}

static void a_configured_master_key_takes_over_from_our_own(void **state)
{
	static const uint8_t one[][SEAL_KEY_LEN] = {{1}}, two[][SEAL_KEY_LEN] = {{2}, {1}},
			     three[][SEAL_KEY_LEN] = {{3}};
	struct keys keys = opened(false);
	struct err err = ERR_INIT;
	uint8_t key[SEAL_KEY_LEN];
	int64_t id;

	(void)state;
	assert_int_equal(keyring_take(keys.ring, &id, key, &err), 0);
	keys_release(&keys);
	assert_int_equal(open_with(&keys, false, one, 1, &err), 0);
	assert_true(turn_all(&keys) > 0);
	assert_false(is_there("master.key"));
	assert_opens(&keys, id, key);
	/* The new one before the old one; then the new one alone. */
	struct keys_setup setup = {.state_dir = dir, .masters = two, .masters_len = 2};
	assert_int_equal(keys_rotate_master(&keys, &setup, &err), 0);
	assert_true(turn_all(&keys) > 0);
	/* One that opens nothing of it, and none: refused. */
	setup.masters = three;
	setup.masters_len = 1;
	assert_int_equal(keys_rotate_master(&keys, &setup, &err), CL_ENOENT);
	setup.masters_len = 0;
	assert_int_equal(keys_rotate_master(&keys, &setup, &err), CL_EINVAL);
	keys_release(&keys);
	assert_int_equal(open_with(&keys, false, one, 1, &err), CL_ECORRUPT);
	assert_int_equal(open_with(&keys, false, NULL, 0, &err), CL_ECORRUPT);
	assert_false(is_there("master.key"));
	assert_int_equal(open_with(&keys, false, two, 1, &err), 0);
	assert_opens(&keys, id, key);
	keys_release(&keys);
}

/* Without its ring a sealed database would never open again: no new one is made. */
static void a_sealed_database_without_its_ring_is_refused(void **state)
{
	char path[128];
	struct keys keys;
	struct err err = ERR_INIT;
	sqlite3 *db;

	(void)state;
	snprintf(path, sizeof(path), "%s/closedloop.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "PRAGMA application_id = 0x434C5044; PRAGMA user_version = 7;"
				      "CREATE TABLE journeys (key INTEGER);"
				      "CREATE TABLE transfers (key INTEGER);"
				      "CREATE TABLE days (key INTEGER);",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	keys = opened(false);
	keys_release(&keys);
	snprintf(path, sizeof(path), "%s/keys.db", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO days (key) VALUES (42)", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(open_with(&keys, false, NULL, 0, &err), CL_ECORRUPT);
	assert_non_null(strstr(err.text, "keys.db"));
	assert_false(is_there("keys.db"));
}

static void a_damaged_key_is_no_key(void **state)
{
	struct keys keys;
	struct err err = ERR_INIT;

	(void)state;
	keys = opened(false);
	keys_release(&keys);
	write_file("ack.key", "short", 5);
	assert_int_equal(open_with(&keys, false, NULL, 0, &err), CL_ECORRUPT);
	assert_non_null(strstr(err.text, "ack.key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys_are_made_once_and_for_nobody_else, begin, end),
		cmocka_unit_test_setup_teardown(both_keys_of_the_ring_outlive_a_restart, begin,
						end),
		cmocka_unit_test_setup_teardown(a_key_whose_links_hold_is_not_dropped_in_passing,
						begin, end),
		cmocka_unit_test_setup_teardown(forgetting_leaves_one_key, begin, end),
		cmocka_unit_test_setup_teardown(a_drill_signs_with_its_own, begin, end),
		cmocka_unit_test_setup_teardown(an_older_installation_keeps_the_hashes_of_its_homes,
						begin, end),
		cmocka_unit_test_setup_teardown(the_file_of_the_homes_key_moves_into_the_ring,
						begin, end),
		cmocka_unit_test_setup_teardown(a_master_key_of_our_own_is_replaced_slice_by_slice,
						begin, end),
		cmocka_unit_test_setup_teardown(a_rotation_that_died_early_loses_no_key, begin,
						end),
		cmocka_unit_test_setup_teardown(a_configured_master_key_takes_over_from_our_own,
						begin, end),
		cmocka_unit_test_setup_teardown(a_sealed_database_without_its_ring_is_refused,
						begin, end),
		cmocka_unit_test_setup_teardown(a_damaged_key_is_no_key, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
