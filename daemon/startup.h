/* startup.h — what must be in hand before the loop runs: the state directory and its lock, the
 * gazetteer's image, the key of the ack links. All of it is given back by startup_release. */
#ifndef DAEMON_STARTUP_H
#define DAEMON_STARTUP_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/channel.h"
#include "closedloop/err.h"
#include "closedloop/gazetteer.h"
#include "closedloop/ident.h"

struct startup {
	int lock_fd;
	void *image;
	size_t image_len;
	struct gazetteer *gazetteer;
	uint8_t ack_key[ACK_KEY_LEN];
};

/* Make STATE_DIR if need be (0700) and lock it: CL_EBUSY when another daemon holds it. Read or make
 * its ack.key. */
int startup_state(struct startup *startup, const char *state_dir, struct err *err);
/* Map and check the image at PATH. */
int startup_gazetteer(struct startup *startup, const char *path, struct err *err);
void startup_release(struct startup *startup);
/* getrandom. */
struct entropy startup_entropy(void);

#endif
