/* pack.h — small values packed into bytes and back, for records the store keeps as one column.
 *
 * Integers are LEB128 varints (signed ones zigzag), strings a length and bytes. The reader never
 * runs past its bytes: after the first fault it returns zeros and empty strings, and `bad` is set,
 * so a record is checked once at its end.
 */
#ifndef CLOSEDLOOP_PACK_H
#define CLOSEDLOOP_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/mem.h"

struct pack {
	struct arena *arena; /* Owner of the growing bytes. */
	uint8_t *data;
	size_t len, cap;
};

struct unpack {
	const uint8_t *data;
	size_t len, at;
	bool bad;
};

void pack_init(struct pack *pack, struct arena *arena);
void pack_uint(struct pack *pack, uint64_t value);
void pack_int(struct pack *pack, int64_t value);
void pack_bytes(struct pack *pack, const void *bytes, size_t len); /* as they are, no length */
void pack_text(struct pack *pack, const char *string);		   /* NULL is kept apart from "". */

void unpack_init(struct unpack *unpack, const void *data, size_t len);
uint64_t unpack_uint(struct unpack *unpack);
int64_t unpack_int(struct unpack *unpack);
/* A copy in ARENA, or NULL where NULL was packed. */
const char *unpack_text(struct unpack *unpack, struct arena *arena);

#endif
