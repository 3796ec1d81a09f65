/* hash.h — small hashes of coverage: whether two tables say the same, nothing that an enemy would
 * want to forge. FNV-1a, with a finish after which sums of hashes still tell their parts apart. */
#ifndef CLOSEDLOOP_PLACE_HASH_H
#define CLOSEDLOOP_PLACE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xCBF29CE484222325)

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001B3);
	return hash;
}

static inline uint64_t hash_finish(uint64_t hash)
{
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xFF51AFD7ED558CCD);
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xC4CEB9FE1A85EC53);
	return hash ^ (hash >> 33);
}

#endif
