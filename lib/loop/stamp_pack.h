/* stamp_pack.h — stamps in a packed record, each distinct one once: many fields come from one fact.
 * Private to loop. */
#ifndef LOOP_STAMP_PACK_H
#define LOOP_STAMP_PACK_H

#include "closedloop/fact.h"
#include "closedloop/pack.h"

#define STAMPS_MAX 128

/* One stamp alone. */
void pack_stamp(struct pack *pack, const struct stamp *stamp);
struct stamp unpack_stamp(struct unpack *unpack, struct arena *arena);

struct stamp_set {
	size_t len;
	struct stamp stamps[STAMPS_MAX];
};

/* The index of STAMP in SET, added when new. */
size_t stamp_set_add(struct stamp_set *set, const struct stamp *stamp);
void stamp_set_pack(const struct stamp_set *set, struct pack *pack);
void stamp_set_unpack(struct stamp_set *set, struct unpack *unpack, struct arena *arena);
/* The stamp at the packed index that follows; a zero stamp and `bad` when there is none. */
struct stamp stamp_set_read(const struct stamp_set *set, struct unpack *unpack);

#endif
