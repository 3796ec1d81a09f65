/* vault.h — a store with its key ring beside it, under a master key that is no secret: for whatever
 * opens a store in a test.
 *
 * Calling order: vault_store as often as stores are opened and closed again → vault_close. It must
 * stay where it is. Zeroed, or with a SEED of its own, it is ready. */
#ifndef TESTS_VAULT_H
#define TESTS_VAULT_H

#include <sqlite3.h>

#include "closedloop/keyring.h"
#include "closedloop/store.h"

struct vault {
	uint64_t seed;
	struct entropy entropy;
	struct keyring *ring; /* NULL: closed */
	uint8_t index[SEAL_KEY_LEN];
};

/* store_sqlite_open at PATH, with the ring at PATH.keys, which is opened when it is not. */
int vault_store(struct vault *vault, struct store **out, const char *path, const char *vfs,
		struct err *err);
void vault_close(struct vault *vault);
/* DB, somebody else's connection, can say opened('people.record', journey, record): what is sealed
 * there, NULL when it does not open. */
int vault_lend(struct vault *vault, sqlite3 *db);
/* What the store keeps of a fact's HASH. */
void vault_fact_hash(const struct vault *vault, const uint8_t hash[DIGEST_KEY_LEN],
		     uint8_t out[SEAL_BLIND_LEN]);

#endif
