/* throttle.c — see throttle.h. Neighbour: api_link.c asks for every open of a link. */
#include "daemon/throttle.h"

#include <assert.h>

#include "closedloop/when.h"

static struct throttle_slot *slot_of(struct throttle *throttle, uint64_t key)
{
	struct throttle_slot *set = throttle->slots[key % THROTTLE_SETS];
	struct throttle_slot *least = set;

	for (size_t i = 0; i < THROTTLE_WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].caught_up_at < least->caught_up_at)
			least = &set[i];
	}
	*least = (struct throttle_slot){.key = key};
	return least;
}

int64_t throttle_ask(struct throttle *throttle, uint64_t key, unsigned per_minute, int64_t now)
{
	struct throttle_slot *slot = slot_of(throttle, key);
	int64_t each = WHEN_MINUTE / per_minute;

	assert(per_minute > 0);
	if (each < 1)
		each = 1;
	if (slot->caught_up_at < now)
		slot->caught_up_at = now;
	int64_t wait = slot->caught_up_at + each - (now + WHEN_MINUTE);
	if (wait > 0)
		return wait;
	slot->caught_up_at += each;
	return 0;
}
