/* digest.h — hashes, signatures and base 64: a thin layer over libsodium, so that no other room
 * names it. Call digest_init once before anything else here. */
#ifndef CLOSEDLOOP_DIGEST_H
#define CLOSEDLOOP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"

#define DIGEST_HMAC_LEN 32
#define DIGEST_KEY_LEN	16 /* Bytes of the fact hash: BLAKE2b, 128 bit. */
#define DIGEST_SHA_LEN	32

#define DIGEST_PRIVATE_LEN 64 /* Ed25519: the seed, and the public half behind it. */
#define DIGEST_PUBLIC_LEN  32
#define DIGEST_SIGN_LEN	   64

int digest_init(struct err *err);

void digest_hmac_sha256(const void *key, size_t key_len, const void *message, size_t len,
			uint8_t out[DIGEST_HMAC_LEN]);
void digest_sha256(const void *message, size_t len, uint8_t out[DIGEST_SHA_LEN]);

/* Ed25519. The key that SEED (the first half of it) stands for. */
void digest_private(const uint8_t seed[DIGEST_PRIVATE_LEN / 2], uint8_t key[DIGEST_PRIVATE_LEN]);
/* Does the second half of KEY belong to the first? */
bool digest_is_private(const uint8_t key[DIGEST_PRIVATE_LEN]);
void digest_sign(const uint8_t key[DIGEST_PRIVATE_LEN], const void *message, size_t len,
		 uint8_t out[DIGEST_SIGN_LEN]);
bool digest_signed(const uint8_t key[DIGEST_PUBLIC_LEN], const void *message, size_t len,
		   const uint8_t signature[DIGEST_SIGN_LEN]);

/* BLAKE2b of OUT_LEN bytes (16..64); KEY may be NULL. */
void digest_blake2b(const void *key, size_t key_len, const void *message, size_t len, uint8_t *out,
		    size_t out_len);
/* Equal in constant time. */
bool digest_equal(const void *left, const void *right, size_t len);

/* Standard base 64 with padding, or the URL alphabet without. OUT_CAP counts the NUL; returns the
 * text's length, or CL_ELIMIT when it does not fit. */
int digest_base64(const void *bytes, size_t len, char *out, size_t out_cap);
int digest_base64_url(const void *bytes, size_t len, char *out, size_t out_cap);
/* Strict decoders: no white space, nothing after the end. Return the number of bytes or CL_EINVAL /
 * CL_ELIMIT. */
int digest_unbase64(const char *text, size_t len, void *out, size_t out_cap);
int digest_unbase64_url(const char *text, size_t len, void *out, size_t out_cap);

/* Lower-case hex; OUT_CAP ≥ 2 × LEN + 1. */
void digest_hex(const void *bytes, size_t len, char *out, size_t out_cap);

/* A running BLAKE2b, for hashing something piece by piece. */
struct digest_stream {
	_Alignas(64) uint8_t opaque[384];
};
void digest_stream_begin(struct digest_stream *stream, size_t out_len);
void digest_stream_add(struct digest_stream *stream, const void *bytes, size_t len);
void digest_stream_end(struct digest_stream *stream, uint8_t *out, size_t out_len);

#endif
