/* ring.h — the key ring of this installation: keys.db in its state directory, under the master key
 * that lies in master.key beside it. A drill has its own. */
#ifndef DAEMON_RING_H
#define DAEMON_RING_H

#include <stdbool.h>

#include "closedloop/err.h"
#include "closedloop/keyring.h"

/* Open it, or make what is not there. */
int ring_open(struct keyring **out, const char *state_dir, bool drill, struct err *err);
/* One that nothing outlives. */
int ring_open_nowhere(struct keyring **out, struct err *err);

#endif
