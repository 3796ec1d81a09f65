/* keys.h — the secrets this installation makes for itself and keeps in its state directory:
 *
 *	home.key   homes are stored as hashes under it; never changes
 *	ledger.key signs the heads of the ledger; never changes
 *	ack.key    signs the links in messages
 *	ack.old    the one before it, with the time until which links it signed may hold
 *
 * A drill signs with drill.key and drill.old, so that no link of a drill can touch the real night.
 */
#ifndef DAEMON_KEYS_H
#define DAEMON_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/channel.h"
#include "closedloop/err.h"

struct keys {
	char dir[4000];
	bool drill;
	struct ack_ring ack;
	uint8_t home[ACK_KEY_LEN];
	uint8_t ledger[ACK_KEY_LEN];
};

/* Read them from STATE_DIR, or make those that are not there. */
int keys_open(struct keys *keys, const char *state_dir, bool drill, struct err *err);
/* A new key for links at NOW. KEEP: what is signed already holds until its own end; CL_ECONFLICT
 * while a still older key would have to be dropped for that. Else every link made so far is void.
 * On disk before it returns; after an error nothing has changed. */
int keys_rotate(struct keys *keys, bool keep, int64_t now, struct err *err);
void keys_release(struct keys *keys);

#endif
