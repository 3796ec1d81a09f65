/* digest.c — hashes, signatures and base 64: with seal.c the only room that names libsodium.
 * Neighbours: json.c hashes trees with it, lib/wire signs, lib/store chains its audit. */
#include <assert.h>
#include <limits.h>
#include <sodium.h>
#include <string.h>

#include "closedloop/digest.h"

_Static_assert(sizeof(struct digest_stream) >= sizeof(crypto_generichash_state),
	       "libsodium's state outgrew ours");
_Static_assert(_Alignof(struct digest_stream) >= _Alignof(crypto_generichash_state),
	       "libsodium's state wants more alignment");
_Static_assert(DIGEST_HMAC_LEN == crypto_auth_hmacsha256_BYTES, "HMAC-SHA256 is 32 bytes");
_Static_assert(DIGEST_SHA_LEN == crypto_hash_sha256_BYTES, "SHA-256 is 32 bytes");
_Static_assert(DIGEST_PRIVATE_LEN == crypto_sign_ed25519_SECRETKEYBYTES, "seed and public half");
_Static_assert(DIGEST_PUBLIC_LEN == crypto_sign_ed25519_PUBLICKEYBYTES, "a public key is 32 bytes");
_Static_assert(DIGEST_SIGN_LEN == crypto_sign_ed25519_BYTES, "an Ed25519 signature is 64 bytes");

int digest_init(struct err *err)
{
	if (sodium_init() < 0)
		return err_set(err, CL_EIO, "libsodium did not start");
	return 0;
}

void digest_hmac_sha256(const void *key, size_t key_len, const void *message, size_t len,
			uint8_t out[DIGEST_HMAC_LEN])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, key_len);
	crypto_auth_hmacsha256_update(&state, message, len);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof(state));
}

void digest_sha256(const void *message, size_t len, uint8_t out[DIGEST_SHA_LEN])
{
	(void)crypto_hash_sha256(out, message, len);
}

void digest_private(const uint8_t seed[DIGEST_PRIVATE_LEN / 2], uint8_t key[DIGEST_PRIVATE_LEN])
{
	uint8_t public[DIGEST_PUBLIC_LEN];

	(void)crypto_sign_ed25519_seed_keypair(public, key, seed);
}

bool digest_is_private(const uint8_t key[DIGEST_PRIVATE_LEN])
{
	uint8_t made[DIGEST_PRIVATE_LEN], public[DIGEST_PUBLIC_LEN];
	bool same;

	/* The seed comes first: libsodium reads as many bytes as it needs. */
	(void)crypto_sign_ed25519_seed_keypair(public, made, key);
	same = sodium_memcmp(made, key, sizeof(made)) == 0;
	sodium_memzero(made, sizeof(made));
	return same;
}

void digest_sign(const uint8_t key[DIGEST_PRIVATE_LEN], const void *message, size_t len,
		 uint8_t out[DIGEST_SIGN_LEN])
{
	(void)crypto_sign_ed25519_detached(out, NULL, message, len, key);
}

bool digest_signed(const uint8_t key[DIGEST_PUBLIC_LEN], const void *message, size_t len,
		   const uint8_t signature[DIGEST_SIGN_LEN])
{
	return crypto_sign_ed25519_verify_detached(signature, message, len, key) == 0;
}

void digest_blake2b(const void *key, size_t key_len, const void *message, size_t len, uint8_t *out,
		    size_t out_len)
{
	int rc;

	assert(out_len >= 16);
	assert(out_len <= crypto_generichash_BYTES_MAX);
	assert(key_len <= crypto_generichash_KEYBYTES_MAX);
	rc = crypto_generichash(out, out_len, message, len, key, key ? key_len : 0);
	assert(rc == 0);
	(void)rc;
}

bool digest_equal(const void *left, const void *right, size_t len)
{
	return sodium_memcmp(left, right, len) == 0;
}

static int encode(const void *bytes, size_t len, char *out, size_t out_cap, int variant)
{
	size_t need;

	if (len > INT_MAX / 2)
		return CL_ELIMIT;
	need = sodium_base64_encoded_len(len, variant); /* With the NUL. */
	if (need > out_cap)
		return CL_ELIMIT;
	sodium_bin2base64(out, out_cap, bytes, len, variant);
	return (int)need - 1;
}

int digest_base64(const void *bytes, size_t len, char *out, size_t out_cap)
{
	return encode(bytes, len, out, out_cap, sodium_base64_VARIANT_ORIGINAL);
}

int digest_base64_url(const void *bytes, size_t len, char *out, size_t out_cap)
{
	return encode(bytes, len, out, out_cap, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static int decode(const char *text, size_t len, void *out, size_t out_cap, int variant)
{
	size_t used = 0;
	size_t chars = len;

	/* libsodium's errno does not tell a full buffer from bad text, so the room is counted
	 * first. */
	while (chars > 0 && len - chars < 2 && text[chars - 1] == '=')
		chars--;
	if (len > INT_MAX / 2 || chars * 3 / 4 > out_cap)
		return CL_ELIMIT;
	/* Without an end pointer libsodium refuses anything after the last character. */
	if (sodium_base642bin(out, out_cap, text, len, NULL, &used, NULL, variant) != 0)
		return CL_EINVAL;
	return (int)used;
}

int digest_unbase64(const char *text, size_t len, void *out, size_t out_cap)
{
	return decode(text, len, out, out_cap, sodium_base64_VARIANT_ORIGINAL);
}

int digest_unbase64_url(const char *text, size_t len, void *out, size_t out_cap)
{
	return decode(text, len, out, out_cap, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void digest_hex(const void *bytes, size_t len, char *out, size_t out_cap)
{
	assert(out_cap > 2 * len);
	sodium_bin2hex(out, out_cap, bytes, len);
}

/* libsodium works on the caller's bytes, aligned by the struct itself. */
static crypto_generichash_state *state_of(struct digest_stream *stream)
{
	return (void *)stream->opaque;
}

void digest_stream_begin(struct digest_stream *stream, size_t out_len)
{
	int rc;

	assert(out_len >= 16);
	assert(out_len <= crypto_generichash_BYTES_MAX);
	rc = crypto_generichash_init(state_of(stream), NULL, 0, out_len);
	assert(rc == 0);
	(void)rc;
}

void digest_stream_add(struct digest_stream *stream, const void *bytes, size_t len)
{
	crypto_generichash_update(state_of(stream), bytes, len);
}

void digest_stream_end(struct digest_stream *stream, uint8_t *out, size_t out_len)
{
	int rc = crypto_generichash_final(state_of(stream), out, out_len);

	assert(rc == 0);
	(void)rc;
}
