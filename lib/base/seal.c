/* seal.c — see seal.h: a thin layer over libsodium's AEAD. Neighbours: digest.c; the key ring
 * decides which key a number means. */
#include "closedloop/seal.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define FORMAT	  1
#define HEAD_LEN  (1 + 8)
#define NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_LEN	  crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(HEAD_LEN + NONCE_LEN + TAG_LEN == SEAL_OVERHEAD, "SEAL_OVERHEAD is wrong");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == SEAL_KEY_LEN, "SEAL_KEY_LEN");
_Static_assert(crypto_generichash_BYTES_MIN <= SEAL_BLIND_LEN, "SEAL_BLIND_LEN");

#define WHERE_MAX 512

/* The head and WHERE: what is not secret and must not be changed. */
static size_t bind(uint8_t out[HEAD_LEN + WHERE_MAX], const uint8_t *head, const char *where)
{
	size_t len = strlen(where);

	assert(len < WHERE_MAX);
	memcpy(out, head, HEAD_LEN);
	memcpy(out + HEAD_LEN, where, len);
	return HEAD_LEN + len;
}

void seal_bytes(const uint8_t key[SEAL_KEY_LEN], int64_t id, const struct entropy *entropy,
		const char *where, const void *bytes, size_t len, uint8_t *out)
{
	uint8_t bound[HEAD_LEN + WHERE_MAX];
	uint64_t number = (uint64_t)id;

	assert(id > 0);
	out[0] = FORMAT;
	for (size_t i = 0; i < 8; i++)
		out[1 + i] = (uint8_t)(number >> (56 - 8 * i));
	entropy->fill(entropy->context, out + HEAD_LEN, NONCE_LEN);
	size_t bound_len = bind(bound, out, where);
	int rc = crypto_aead_xchacha20poly1305_ietf_encrypt(out + HEAD_LEN + NONCE_LEN, NULL,
							    len ? bytes : (const uint8_t *)"", len,
							    bound, bound_len, NULL, out + HEAD_LEN,
							    key);
	assert(rc == 0);
	(void)rc;
}

int seal_key_of(const void *sealed, size_t len, int64_t *id, struct err *err)
{
	const uint8_t *bytes = sealed;
	uint64_t number = 0;

	*id = 0;
	if (len < SEAL_OVERHEAD || bytes[0] != FORMAT)
		return err_set(err, CL_ECORRUPT, "%zu bytes that are not sealed", len);
	for (size_t i = 0; i < 8; i++)
		number = number << 8 | bytes[1 + i];
	if (number == 0 || number > INT64_MAX)
		return err_set(err, CL_ECORRUPT, "sealed under a key without a number");
	*id = (int64_t)number;
	return 0;
}

int seal_open(const uint8_t key[SEAL_KEY_LEN], const char *where, const void *sealed, size_t len,
	      uint8_t *out, struct err *err)
{
	const uint8_t *bytes = sealed;
	uint8_t bound[HEAD_LEN + WHERE_MAX];
	int64_t id;

	int rc = seal_key_of(sealed, len, &id, err);
	if (rc < 0)
		return rc;
	size_t bound_len = bind(bound, bytes, where);
	rc = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
							bytes + HEAD_LEN + NONCE_LEN,
							len - HEAD_LEN - NONCE_LEN, bound,
							bound_len, bytes + HEAD_LEN, key);
	if (rc == 0)
		return 0;
	seal_wipe(out, len - SEAL_OVERHEAD);
	return err_set(err, CL_ECORRUPT,
		       "%s does not open with key %lld: it was altered, moved, or sealed under "
		       "another key",
		       where, (long long)id);
}

void seal_blind(const uint8_t key[SEAL_KEY_LEN], const char *what, const void *value, size_t len,
		uint8_t out[SEAL_BLIND_LEN])
{
	crypto_generichash_state state;

	int rc = crypto_generichash_init(&state, key, SEAL_KEY_LEN, SEAL_BLIND_LEN);
	/* With its NUL, so that no two kinds run into each other. */
	rc |= crypto_generichash_update(&state, (const uint8_t *)what, strlen(what) + 1);
	rc |= crypto_generichash_update(&state, value, len);
	rc |= crypto_generichash_final(&state, out, SEAL_BLIND_LEN);
	assert(rc == 0);
	(void)rc;
	sodium_memzero(&state, sizeof(state));
}

void seal_wipe(void *bytes, size_t len)
{
	sodium_memzero(bytes, len);
}

void seal_lock(void *bytes, size_t len)
{
	/* A limit on locked memory is no reason not to run. */
	(void)sodium_mlock(bytes, len);
}

void seal_unlock(void *bytes, size_t len)
{
	(void)sodium_munlock(bytes, len);
}
