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
	static const char *const names[] = {"home.key", "ledger.key", "ack.key",
					    "ack.old",	"drill.key",  "drill.old"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return rmdir(dir);
}

static struct keys opened(bool drill)
{
	struct keys keys;
	struct err err = ERR_INIT;

	assert_int_equal(keys_open(&keys, dir, drill, &err), 0);
	return keys;
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
	assert_memory_equal(first.home, second.home, ACK_KEY_LEN);
	assert_memory_equal(first.ledger, second.ledger, ACK_KEY_LEN);
	assert_memory_not_equal(first.ledger, first.home, ACK_KEY_LEN);
	assert_memory_equal(&first.ack, &second.ack, sizeof(first.ack));
	assert_memory_not_equal(first.ack.key, first.home, ACK_KEY_LEN);
	assert_int_equal(first.ack.old_until, 0);
	snprintf(path, sizeof(path), "%s/ack.key", dir);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

static void both_keys_of_the_ring_outlive_a_restart(void **state)
{
	struct keys keys = opened(false), again;
	struct err err = ERR_INIT;
	uint8_t first[ACK_KEY_LEN], home[ACK_KEY_LEN];

	(void)state;
	memcpy(first, keys.ack.key, ACK_KEY_LEN);
	memcpy(home, keys.home, ACK_KEY_LEN);
	assert_int_equal(keys_rotate(&keys, true, NOW, &err), 0);
	assert_memory_not_equal(keys.ack.key, first, ACK_KEY_LEN);
	again = opened(false);
	assert_memory_equal(&again.ack, &keys.ack, sizeof(keys.ack));
	assert_memory_equal(again.ack.old, first, ACK_KEY_LEN);
	assert_int_equal(again.ack.old_until, NOW + ACK_MOST);
	assert_memory_equal(again.home, home, ACK_KEY_LEN);
}

static void a_key_whose_links_hold_is_not_dropped_in_passing(void **state)
{
	struct keys keys = opened(false);
	struct err err = ERR_INIT;
	struct ack_ring before;

	(void)state;
	assert_int_equal(keys_rotate(&keys, true, NOW, &err), 0);
	before = keys.ack;
	assert_int_equal(keys_rotate(&keys, true, NOW + ACK_MOST - 1, &err), CL_ECONFLICT);
	assert_non_null(strstr(err.text, "--forget"));
	assert_memory_equal(&keys.ack, &before, sizeof(before));
	assert_int_equal(keys_rotate(&keys, true, NOW + ACK_MOST, &err), 0);
	assert_memory_equal(keys.ack.old, before.key, ACK_KEY_LEN);
}

static void forgetting_leaves_one_key(void **state)
{
	static const uint8_t zeros[ACK_KEY_LEN];
	struct keys keys = opened(false);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(keys_rotate(&keys, true, NOW, &err), 0);
	assert_int_equal(keys_rotate(&keys, false, NOW + 1, &err), 0);
	keys = opened(false);
	assert_int_equal(keys.ack.old_until, 0);
	assert_memory_equal(keys.ack.old, zeros, ACK_KEY_LEN);
}

static void a_drill_signs_with_its_own(void **state)
{
	struct keys night = opened(false), drill = opened(true);
	struct err err = ERR_INIT;

	(void)state;
	assert_memory_not_equal(night.ack.key, drill.ack.key, ACK_KEY_LEN);
	assert_memory_equal(night.home, drill.home, ACK_KEY_LEN);
	assert_int_equal(keys_rotate(&drill, true, NOW, &err), 0);
	assert_int_equal(opened(false).ack.old_until, 0);
	assert_int_equal(opened(true).ack.old_until, NOW + ACK_MOST);
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
	assert_int_equal(keys_rotate(&keys, true, NOW, &err), 0);
	keys = opened(false);
	assert_memory_equal(keys.home, key, ACK_KEY_LEN);
	assert_memory_not_equal(keys.ack.key, key, ACK_KEY_LEN);
}

static void a_damaged_key_is_no_key(void **state)
{
	struct keys keys;
	struct err err = ERR_INIT;

	(void)state;
	(void)opened(false);
	write_file("ack.key", "short", 5);
	assert_int_equal(keys_open(&keys, dir, false, &err), CL_ECORRUPT);
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
		cmocka_unit_test_setup_teardown(a_damaged_key_is_no_key, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
