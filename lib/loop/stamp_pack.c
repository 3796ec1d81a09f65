/* stamp_pack.c — see stamp_pack.h. Neighbours: journey_pack.c, transfer.c. */
#include "loop/stamp_pack.h"

#include <assert.h>

void pack_stamp(struct pack *pack, const struct stamp *stamp)
{
	pack_int(pack, stamp->at);
	pack_int(pack, stamp->rank);
	pack_text(pack, stamp->sequence);
	pack_text(pack, stamp->id);
	pack_text(pack, stamp->source);
}

struct stamp unpack_stamp(struct unpack *unpack, struct arena *arena)
{
	struct stamp stamp;
	stamp.at = unpack_int(unpack);
	stamp.rank = (int)unpack_int(unpack);
	stamp.sequence = unpack_text(unpack, arena);
	stamp.id = unpack_text(unpack, arena);
	stamp.source = unpack_text(unpack, arena);
	return stamp;
}

size_t stamp_set_add(struct stamp_set *set, const struct stamp *stamp)
{
	for (size_t i = 0; i < set->len; i++) {
		if (stamp_compare(&set->stamps[i], stamp) == 0)
			return i;
	}
	assert(set->len < STAMPS_MAX);
	set->stamps[set->len] = *stamp;
	return set->len++;
}

void stamp_set_pack(const struct stamp_set *set, struct pack *pack)
{
	pack_uint(pack, set->len);
	for (size_t i = 0; i < set->len; i++)
		pack_stamp(pack, &set->stamps[i]);
}

void stamp_set_unpack(struct stamp_set *set, struct unpack *unpack, struct arena *arena)
{
	uint64_t len = unpack_uint(unpack);
	if (len > STAMPS_MAX) {
		unpack->bad = true;
		len = 0;
	}
	set->len = (size_t)len;
	for (size_t i = 0; i < set->len; i++)
		set->stamps[i] = unpack_stamp(unpack, arena);
}

struct stamp stamp_set_read(const struct stamp_set *set, struct unpack *unpack)
{
	uint64_t index = unpack_uint(unpack);
	if (index < set->len)
		return set->stamps[index];
	unpack->bad = true;
	return (struct stamp){.at = WHEN_UNKNOWN};
}
