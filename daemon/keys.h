/* keys.h — the secrets this installation makes for itself and keeps in its state directory:
 *
 *	keys.db     the key ring: what personal data is sealed under, homes are hashed under, and
 *	            the heads of the ledger are signed with
 *	master.key  opens the ring, unless the configuration names another;
 *	master.old  the one before it, until all is wrapped anew
 *	ack.key     signs the links in messages
 *	ack.old     the one before it, with the time until which links it signed may hold
 *
 * A drill has its own (drill-keys.db, drill-master.key, drill.key, drill.old), so that nothing of a
 * drill can touch the real night.
 */
#ifndef DAEMON_KEYS_H
#define DAEMON_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/channel.h"
#include "closedloop/err.h"
#include "closedloop/keyring.h"

struct keys {
	char dir[4000];
	bool drill;
	struct ack_ring ack;
	uint8_t home[ACK_KEY_LEN];
	uint8_t ledger[ACK_KEY_LEN];
	struct keyring *ring;
	bool configured; /* the master key comes from the configuration */
	bool turning;	 /* there is work for keys_step */
	int64_t left;	 /* keys that another master key still wraps */
};

struct keys_setup {
	const char *state_dir;
	bool drill;
	/* Of the configuration, newest first; none: our own. */
	size_t masters_len;
	const uint8_t (*masters)[SEAL_KEY_LEN];
};

/* Read them, or make those that are not there. CL_ECORRUPT, and nothing is touched, when what is
 * there does not open: another master key, or a sealed database without its ring. */
int keys_open(struct keys *keys, const struct keys_setup *setup, struct err *err);
/* A new key for links at NOW. KEEP: what is signed already holds until its own end; CL_ECONFLICT
 * while a still older key would have to be dropped for that. Else every link made so far is void.
 * On disk before it returns; after an error nothing has changed. */
int keys_rotate_links(struct keys *keys, bool keep, int64_t now, struct err *err);
/* A new master key: those of SETUP, as they were just read, or a new one of our own. The ring is
 * wrapped anew by keys_step. CL_ECONFLICT while that is not done from the last time. */
int keys_rotate_master(struct keys *keys, const struct keys_setup *setup, struct err *err);
/* CL_ECONFLICT when keys_rotate_master would say so. */
int keys_may_rotate_master(const struct keys *keys, struct err *err);
/* A slice of wrapping anew; true when there was one and the turn must not sleep. */
bool keys_step(struct keys *keys, struct err *err, int *rc);
void keys_release(struct keys *keys);

#endif
