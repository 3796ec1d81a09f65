/* vault.c — see vault.h. Neighbours: night.c, tests/sim/house.c and the tests of the store. */
#include "tests/unit/vault.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"

static int open_ring(struct vault *vault, const char *path, const char *vfs, struct err *err)
{
	struct master_keys masters = {.len = 1};
	uint8_t key[SEAL_KEY_LEN];
	char beside[512];

	memset(key, 0x4D, sizeof(key));
	master_key_make(&masters.keys[0], key);
	vault->entropy = entropy_seeded(&vault->seed);
	snprintf(beside, sizeof(beside), "%s%s", path, text_equal(path, ":memory:") ? "" : ".keys");
	int rc = digest_init(err);
	if (rc == 0)
		rc = keyring_open(&vault->ring, beside, vfs, &masters, &vault->entropy, err);
	if (rc == 0)
		rc = keyring_secret(vault->ring, "index", NULL, vault->index, err);
	if (rc < 0)
		vault_close(vault);
	return rc;
}

int vault_store(struct vault *vault, struct store **out, const char *path, const char *vfs,
		struct err *err)
{
	int rc = vault->ring ? 0 : open_ring(vault, path, vfs, err);

	*out = NULL;
	return rc < 0 ? rc : store_sqlite_open(out, path, vfs, vault->ring, &vault->entropy, err);
}

void vault_close(struct vault *vault)
{
	keyring_close(vault->ring);
	vault->ring = NULL;
}

static void opened(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	struct vault *vault = sqlite3_user_data(context);
	const uint8_t *sealed = sqlite3_value_blob(argv[2]);
	size_t len = (size_t)sqlite3_value_bytes(argv[2]);
	uint8_t key[SEAL_KEY_LEN];
	char where[512];
	int64_t id;

	(void)argc;
	if (len == 0) {
		sqlite3_result_text(context, "", 0, SQLITE_STATIC);
		return;
	}
	snprintf(where, sizeof(where), "%s %s", (const char *)sqlite3_value_text(argv[0]),
		 (const char *)sqlite3_value_text(argv[1]));
	if (!vault->ring || seal_key_of(sealed, len, &id, NULL) < 0 ||
	    keyring_find(vault->ring, id, key, NULL, NULL) < 0)
		return;
	uint8_t *clear = mem_alloc(len);
	if (seal_open(key, where, sealed, len, clear, NULL) == 0)
		sqlite3_result_text(context, (const char *)clear, (int)(len - SEAL_OVERHEAD),
				    SQLITE_TRANSIENT);
	mem_free(clear);
}

int vault_lend(struct vault *vault, sqlite3 *db)
{
	return sqlite3_create_function_v2(db, "opened", 3, SQLITE_UTF8, vault, opened, NULL, NULL,
					  NULL);
}

void vault_fact_hash(const struct vault *vault, const uint8_t hash[DIGEST_KEY_LEN],
		     uint8_t out[SEAL_BLIND_LEN])
{
	seal_blind(vault->index, "fact", hash, DIGEST_KEY_LEN, out);
}
