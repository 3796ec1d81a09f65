/* throttle.h — how often somebody may ask: so many times a minute, all at once if she likes.
 *
 * One number per key says when she has caught up (the generic cell rate algorithm). The table is
 * small and never grows: under more keys than it holds, the one nearest to having caught up is
 * forgotten, which errs towards letting people in.
 */
#ifndef DAEMON_THROTTLE_H
#define DAEMON_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

#define THROTTLE_SETS 256
#define THROTTLE_WAYS 4

struct throttle {
	struct throttle_slot {
		uint64_t key;
		int64_t caught_up_at; /* ms of the caller's clock */
	} slots[THROTTLE_SETS][THROTTLE_WAYS];
};

/* One more by KEY (a keyed hash: nobody outside can aim at a neighbour's slot) at NOW, monotonic
 * ms, where PER_MINUTE are allowed. 0: go ahead; else how many ms to wait. */
int64_t throttle_ask(struct throttle *throttle, uint64_t key, unsigned per_minute, int64_t now);

#endif
