/* keyring.h — the keys that personal data is sealed under, apart from the data: an SQLite file of
 * its own (STATE_DIR/keys.db), so that a backup of the database holds no key, and what was erased
 * stays erased in old backups too.
 *
 * A *data key* has a number above 0, never used twice: each process goes on some random distance
 * beyond the last number, so that a file that was restored gives none away again. It is kept
 * wrapped (sealed) under the *master key*, which comes from outside (a file, a systemd credential).
 * Destroyed, its row stays as a tombstone without the key: whoever restores an old backup learns
 * that this was erased, not lost. A *named secret* is 32 bytes that live as long as the
 * installation: "index" (blind look-ups), "home", "ledger".
 *
 * Calling order: open → take, find, secret, destroy, rewrap → close. Everything returns only when
 * it is durable (synchronous=FULL; after a destruction the file holds no byte of the key:
 * secure_delete, and the log is truncated). Not inside the other database's transaction: a key that
 * is taken and never used is a few lost bytes, one that is used and not durable would be a loss.
 * Keys that are handed out are copies; wipe them (seal_wipe) when they are done with.
 */
#ifndef CLOSEDLOOP_KEYRING_H
#define CLOSEDLOOP_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"
#include "closedloop/ident.h"
#include "closedloop/seal.h"

#define MASTER_ID_LEN 8
#define MASTERS_MAX   4

/* The key that wraps all others, known by a fingerprint of itself (keyed BLAKE2b, 8 bytes). */
struct master_key {
	uint8_t id[MASTER_ID_LEN];
	uint8_t key[SEAL_KEY_LEN];
};
/* Fill in MASTER from KEY. */
void master_key_make(struct master_key *master, const uint8_t key[SEAL_KEY_LEN]);

/* The first wraps; the others still open what was wrapped before a rotation. */
struct master_keys {
	size_t len;
	struct master_key keys[MASTERS_MAX];
};

struct keyring;

/* Open or make PATH (":memory:" for one that nothing outlives). CL_ENOENT when a key in it is
 * wrapped by none of MASTERS, naming the fingerprint; CL_ECORRUPT, CL_ENEWER as the store. VFS as
 * store_sqlite_open. MASTERS and ENTROPY are copied. */
int keyring_open(struct keyring **out, const char *path, const char *vfs,
		 const struct master_keys *masters, const struct entropy *entropy, struct err *err);
void keyring_close(struct keyring *ring);

/* A new data key, its number in *ID, durable. They are made in blocks (16, 32 … 256), so most calls
 * write nothing; of the last block some are never handed out. */
int keyring_take(struct keyring *ring, int64_t *id, uint8_t key[SEAL_KEY_LEN], struct err *err);
/* Data key ID. CL_EGONE when it was destroyed (*AT, which may be NULL, gets when), CL_ENOENT when
 * there never was one. The last few are remembered, so asking again costs nothing. */
int keyring_find(struct keyring *ring, int64_t id, uint8_t key[SEAL_KEY_LEN], int64_t *at,
		 struct err *err);
/* Destroy IDS at NOW, all in one go; those destroyed already or never made are no error. After any
 * error, CL_EBUSY above all (somebody reads the file, so its log cannot be emptied), ask again: the
 * file may still hold them. */
int keyring_destroy(struct keyring *ring, const int64_t *ids, size_t len, int64_t now,
		    struct err *err);
/* The secret called NAME (at most 16 characters); when there is none it becomes FIRST, or random
 * bytes when FIRST is NULL. */
int keyring_secret(struct keyring *ring, const char *name, const uint8_t first[SEAL_KEY_LEN],
		   uint8_t key[SEAL_KEY_LEN], struct err *err);

/* From now on MASTERS wrap and open. CL_ENOENT, and nothing changes, when they do not open what is
 * there. */
int keyring_masters(struct keyring *ring, const struct master_keys *masters, struct err *err);
/* Wrap up to MAX keys that are under another master key anew under the first; *LEFT is how many
 * still are. Online: call it again until 0. */
int keyring_rewrap(struct keyring *ring, unsigned max, int64_t *left, struct err *err);

struct keyring_counts {
	int64_t alive, destroyed; /* data keys; alive too are those of a block not handed out */
	int64_t other_master;	  /* wrapped by a master key that is not the first */
};
int keyring_counts(struct keyring *ring, struct keyring_counts *out, struct err *err);

#endif
