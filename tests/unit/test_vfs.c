/* test_vfs.c — the simulator's disk: what was synced survives a power cut, what was not may be
 * kept, lost or torn, and SQLite over it keeps what it acknowledged, but only with
 * synchronous=FULL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/vfs.h"

#define PAGE 4096

static sqlite3_file *open_file(sqlite3_file *file)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(VFS_NAME);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;

	assert_int_equal(vfs->xOpen(vfs, "file", file, flags, NULL), SQLITE_OK);
	return file;
}

static void fill(sqlite3_file *file, int value)
{
	uint8_t page[PAGE];

	memset(page, value, sizeof(page));
	assert_int_equal(file->pMethods->xWrite(file, page, PAGE, 0), SQLITE_OK);
}

/* How many bytes of the file's first page are VALUE. */
static int count(sqlite3_file *file, int value)
{
	uint8_t page[PAGE];
	int sum = 0;

	file->pMethods->xRead(file, page, PAGE, 0);
	for (int i = 0; i < PAGE; i++)
		sum += page[i] == value;
	return sum;
}

static void *room[64];

static void what_was_synced_survives(void **state)
{
	sqlite3_file *file = (sqlite3_file *)(void *)room;

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		vfs_open(seed);
		open_file(file);
		fill(file, 1);
		assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_FULL), SQLITE_OK);
		file->pMethods->xClose(file);
		vfs_crash(VFS_POWER_CUT);
		open_file(file);
		assert_int_equal(count(file, 1), PAGE);
		file->pMethods->xClose(file);
		vfs_close();
	}
}

static void an_unsynced_write_may_be_kept_lost_or_torn(void **state)
{
	sqlite3_file *file = (sqlite3_file *)(void *)room;
	int mixed = 0, torn = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		vfs_open(seed);
		open_file(file);
		fill(file, 1);
		file->pMethods->xSync(file, SQLITE_SYNC_FULL);
		fill(file, 2);
		fill(file, 3);
		file->pMethods->xClose(file);
		vfs_crash(VFS_POWER_CUT);
		open_file(file);
		int old = count(file, 1), newer = count(file, 2), newest = count(file, 3);
		assert_int_equal(old + newer + newest, PAGE);
		mixed += old && newer && newest;
		torn += newest % VFS_SECTOR != 0;
		file->pMethods->xClose(file);
		vfs_close();
	}
	assert_true(mixed > 25);
	assert_true(torn > 25);
}

static void drop_all_goes_back_to_the_last_sync(void **state)
{
	sqlite3_file *file = (sqlite3_file *)(void *)room;
	sqlite3_int64 size;

	(void)state;
	vfs_open(1);
	open_file(file);
	fill(file, 1);
	file->pMethods->xSync(file, SQLITE_SYNC_FULL);
	file->pMethods->xTruncate(file, 100);
	file->pMethods->xWrite(file, "abc", 3, 9000);
	file->pMethods->xClose(file);
	vfs_crash(VFS_DROP_ALL);
	open_file(file);
	file->pMethods->xFileSize(file, &size);
	assert_int_equal(size, PAGE);
	assert_int_equal(count(file, 1), PAGE);
	file->pMethods->xClose(file);
	vfs_close();
}

static void a_killed_process_leaves_the_page_cache(void **state)
{
	sqlite3_file *file = (sqlite3_file *)(void *)room;

	(void)state;
	vfs_open(1);
	open_file(file);
	fill(file, 1);
	file->pMethods->xClose(file);
	vfs_crash(VFS_KILL);
	open_file(file);
	assert_int_equal(count(file, 1), PAGE);
	file->pMethods->xClose(file);
	/* … and a power cut after it still takes what nobody has synced. */
	vfs_crash(VFS_DROP_ALL);
	open_file(file);
	assert_int_equal(count(file, 1), 0);
	file->pMethods->xClose(file);
	vfs_close();
}

/* --- SQLite over it ----------------------------------------------------------------------------
 */

/* One that is made anew under the name of a removed one is the only one of that name, wherever it
 * lies: the old one does not come back. */
static void a_removed_file_made_again_is_another_one(void **state)
{
	sqlite3_file *file = (sqlite3_file *)(void *)room;

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		sqlite3_vfs *vfs;
		char other[1024];
		sqlite3_file *before = (sqlite3_file *)(void *)other;
		int there;

		vfs_open(seed);
		vfs = sqlite3_vfs_find(VFS_NAME);
		assert_true((size_t)vfs->szOsFile <= sizeof(other));
		/* Its place is free again when the second one is made. */
		assert_int_equal(vfs->xOpen(vfs, NULL, before,
					    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
						    SQLITE_OPEN_DELETEONCLOSE | SQLITE_OPEN_TEMP_DB,
					    NULL),
				 SQLITE_OK);
		open_file(file);
		fill(file, 1);
		assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_FULL), SQLITE_OK);
		file->pMethods->xClose(file);
		before->pMethods->xClose(before);
		assert_int_equal(vfs->xDelete(vfs, "file", 0), SQLITE_OK);
		open_file(file);
		fill(file, 2);
		file->pMethods->xClose(file);
		vfs_crash(VFS_POWER_CUT);
		open_file(file);
		assert_int_equal(count(file, 1), 0);
		file->pMethods->xClose(file);
		assert_int_equal(vfs->xDelete(vfs, "file", 0), SQLITE_OK);
		assert_int_equal(vfs->xAccess(vfs, "file", SQLITE_ACCESS_EXISTS, &there),
				 SQLITE_OK);
		assert_false(there);
		vfs_close();
	}
}

static void run(sqlite3 *db, const char *sql)
{
	(void)sqlite3_exec(db, sql, NULL, NULL, NULL); /* Fails when the disk does. */
}

static int rows(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	int count = -1;

	if (sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		count = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return count;
}

static bool is_whole(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	bool whole =
		sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW &&
		strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;

	sqlite3_finalize(stmt);
	return whole;
}

/* Insert until the disk dies at a write by dice; how many were acknowledged and are gone. */
static int lost_in_a_crash(uint64_t seed, const char *synchronous)
{
	sqlite3 *db;
	int acknowledged = 0, found;

	vfs_open(seed);
	assert_int_equal(sqlite3_open("t.db", &db), SQLITE_OK);
	run(db, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=20;");
	run(db, synchronous);
	run(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)");
	vfs_crash_at(1 + seed * 7 % 300);
	while (!vfs_is_dead()) {
		if (sqlite3_exec(db, "INSERT INTO t (b) VALUES (randomblob(1500))", NULL, NULL,
				 NULL) == SQLITE_OK)
			acknowledged++;
	}
	sqlite3_close(db);
	vfs_crash(seed % 2 ? VFS_POWER_CUT : VFS_DROP_ALL);
	assert_int_equal(sqlite3_open("t.db", &db), SQLITE_OK);
	found = rows(db);
	assert_true(is_whole(db));
	sqlite3_close(db);
	vfs_close();
	/* One more may be there: committed, but not answered. */
	assert_true(found <= acknowledged + 1);
	return acknowledged > found ? acknowledged - found : 0;
}

static void full_loses_nothing_and_normal_does(void **state)
{
	int with_full = 0, with_normal = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		with_full += lost_in_a_crash(seed, "PRAGMA synchronous=FULL");
		with_normal += lost_in_a_crash(seed, "PRAGMA synchronous=NORMAL");
	}
	assert_int_equal(with_full, 0);
	assert_true(with_normal > 100);
}

static void a_failed_call_fails_once(void **state)
{
	sqlite3 *db;

	(void)state;
	vfs_open(3);
	assert_int_equal(sqlite3_open("t.db", &db), SQLITE_OK);
	run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (a)");
	vfs_fail_at(VFS_SYNC, 1, 1, false);
	assert_int_not_equal(sqlite3_exec(db, "INSERT INTO t VALUES (1)", NULL, NULL, NULL),
			     SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES (1)", NULL, NULL, NULL), SQLITE_OK);
	vfs_fail_at(VFS_WRITE, 1, 1, true);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES (1)", NULL, NULL, NULL),
			 SQLITE_FULL);
	assert_int_equal(vfs_counts()->failed, 2);
	sqlite3_close(db);
	vfs_close();
}

static void two_connections_see_each_others_commits_only(void **state)
{
	sqlite3 *writer, *reader;

	(void)state;
	vfs_open(4);
	assert_int_equal(sqlite3_open("t.db", &writer), SQLITE_OK);
	run(writer, "PRAGMA journal_mode=WAL; CREATE TABLE t (a)");
	assert_int_equal(sqlite3_open("t.db", &reader), SQLITE_OK);
	run(writer, "BEGIN; INSERT INTO t VALUES (1)");
	assert_int_equal(rows(reader), 0);
	run(writer, "COMMIT");
	assert_int_equal(rows(reader), 1);
	sqlite3_close(reader);
	sqlite3_close(writer);
	vfs_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_synced_survives),
		cmocka_unit_test(an_unsynced_write_may_be_kept_lost_or_torn),
		cmocka_unit_test(drop_all_goes_back_to_the_last_sync),
		cmocka_unit_test(a_killed_process_leaves_the_page_cache),
		cmocka_unit_test(a_removed_file_made_again_is_another_one),
		cmocka_unit_test(full_loses_nothing_and_normal_does),
		cmocka_unit_test(a_failed_call_fails_once),
		cmocka_unit_test(two_connections_see_each_others_commits_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
