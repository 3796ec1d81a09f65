/* bench_keyring.c — keys a second through the key ring, in a file on the disk: taken, found when
 * they are remembered and when not, destroyed, wrapped anew. Neighbours: lib/store's keyring.c.
 *
 *	bench_keyring [N]	a ring of N keys, 100,000 when not given */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "closedloop/digest.h"
#include "closedloop/keyring.h"
#include "closedloop/mem.h"

#define KEYS	 100000
#define SLICE	 256
#define DESTROYS 100

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void check(int rc, const struct err *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_keyring: %s\n", err->text);
	exit(1);
}

static void tell(const char *what, long count, double seconds)
{
	printf("%-28s %9.0f /s  (%ld in %.2f s)\n", what, (double)count / seconds, count, seconds);
}

static void take_all(struct keyring *ring, int64_t *ids, long len, struct err *err)
{
	uint8_t key[SEAL_KEY_LEN];
	double begun = now_s();

	for (long i = 0; i < len; i++)
		check(keyring_take(ring, &ids[i], key, err), err);
	tell("taken", len, now_s() - begun);
}

static void find_all(struct keyring *ring, const int64_t *ids, long len, struct err *err)
{
	uint8_t key[SEAL_KEY_LEN];
	double begun = now_s();

	for (long i = 0; i < len; i++)
		check(keyring_find(ring, ids[i * 7919 % len], key, NULL, err), err);
	tell("found", len, now_s() - begun);
	begun = now_s();
	for (long i = 0; i < len; i++)
		check(keyring_find(ring, ids[0], key, NULL, err), err);
	tell("found, remembered", len, now_s() - begun);
}

static void rewrap_all(struct keyring *ring, long len, struct err *err)
{
	double begun = now_s(), longest = 0;
	int64_t left = 1;
	long slices = 0;

	while (left > 0) {
		double from = now_s();

		check(keyring_rewrap(ring, SLICE, &left, err), err);
		double span = now_s() - from;
		longest = span > longest ? span : longest;
		slices++;
	}
	tell("wrapped anew", len, now_s() - begun);
	printf("%-28s %9.1f ms (%ld slices of %d)\n", "longest slice", longest * 1e3, slices,
	       SLICE);
}

static void destroy_some(struct keyring *ring, const int64_t *ids, long each, struct err *err)
{
	double begun = now_s();

	for (long i = 0; i < DESTROYS; i++)
		check(keyring_destroy(ring, ids + i * each, (size_t)each, 1, err), err);
	printf("%-28s %9.1f ms (%ld at a time)\n", "destroyed", (now_s() - begun) / DESTROYS * 1e3,
	       each);
}

int main(int argc, char **argv)
{
	static const uint8_t first[SEAL_KEY_LEN] = {1}, second[SEAL_KEY_LEN] = {2};
	char dir[] = "bench-keyring-XXXXXX", path[64], log[80];
	long len = argc > 1 ? strtol(argv[1], NULL, 10) : KEYS;
	int64_t *ids = mem_alloc((size_t)len * sizeof(*ids));
	struct master_keys masters = {.len = 1};
	uint64_t seed = 1;
	struct entropy entropy = entropy_seeded(&seed);
	struct keyring *ring;
	struct err err = ERR_INIT;

	check(digest_init(&err), &err);
	if (len < 2 * DESTROYS * 10 || !mkdtemp(dir))
		return 2;
	snprintf(path, sizeof(path), "%s/keys.db", dir);
	master_key_make(&masters.keys[0], first);
	check(keyring_open(&ring, path, NULL, &masters, &entropy, &err), &err);
	take_all(ring, ids, len, &err);
	find_all(ring, ids, len, &err);
	masters.len = 2;
	masters.keys[1] = masters.keys[0];
	master_key_make(&masters.keys[0], second);
	check(keyring_masters(ring, &masters, &err), &err);
	rewrap_all(ring, len, &err);
	destroy_some(ring, ids, 1, &err);
	destroy_some(ring, ids + DESTROYS, 10, &err);
	keyring_close(ring);
	mem_free(ids);
	unlink(path);
	for (const char *end = "ws"; *end; end++) {
		snprintf(log, sizeof(log), "%s-%s", path, *end == 'w' ? "wal" : "shm");
		unlink(log);
	}
	return rmdir(dir) == 0 ? 0 : 1;
}
