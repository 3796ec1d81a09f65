/* seal.h — bytes that only the holder of a key can read, and that cannot be moved to another place
 * (XChaCha20-Poly1305), and values that can be looked up without being known (keyed BLAKE2b).
 *
 * Sealed bytes name the key they are under by its number, so whoever opens them asks the key ring
 * (keyring.h) for it. WHERE says which value this is ("people.record jny_01E4…"); it is not stored,
 * but sealed bytes open only where they were sealed. An open that fails says nothing about why: a
 * wrong key, a wrong place and an altered byte look alike.
 */
#ifndef CLOSEDLOOP_SEAL_H
#define CLOSEDLOOP_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"
#include "closedloop/ident.h"

#define SEAL_KEY_LEN   32
#define SEAL_BLIND_LEN 16
/* What sealing adds: one byte of format, eight of the key's number, the nonce, the tag. */
#define SEAL_OVERHEAD  (1 + 8 + 24 + 16)

/* Write LEN + SEAL_OVERHEAD bytes to OUT: BYTES sealed under KEY, whose number is ID, for WHERE. */
void seal_bytes(const uint8_t key[SEAL_KEY_LEN], int64_t id, const struct entropy *entropy,
		const char *where, const void *bytes, size_t len, uint8_t *out);
/* The number of the key that SEALED is under; CL_ECORRUPT when these are no sealed bytes. */
int seal_key_of(const void *sealed, size_t len, int64_t *id, struct err *err);
/* Write LEN - SEAL_OVERHEAD bytes to OUT; CL_ECORRUPT when they do not open with KEY at WHERE, and
 * then OUT is zero. */
int seal_open(const uint8_t key[SEAL_KEY_LEN], const char *where, const void *sealed, size_t len,
	      uint8_t *out, struct err *err);

/* What VALUE is looked up under: the same for the same KEY, WHAT ("document", "door" …) and VALUE,
 * and nothing to whoever has not the key. */
void seal_blind(const uint8_t key[SEAL_KEY_LEN], const char *what, const void *value, size_t len,
		uint8_t out[SEAL_BLIND_LEN]);

/* Overwrite secrets; the compiler may not drop it. */
void seal_wipe(void *bytes, size_t len);
/* Keep secrets out of swap and core dumps, as far as the system lets us. */
void seal_lock(void *bytes, size_t len);
/* Wipe them and let go of their pages. */
void seal_unlock(void *bytes, size_t len);

#endif
