/* startup.h — what must be in hand before the loop runs: the state directory and its lock, the
 * gazetteer's image, the keys. All of it is given back by startup_release. */
#ifndef DAEMON_STARTUP_H
#define DAEMON_STARTUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/conf.h"
#include "closedloop/err.h"
#include "closedloop/gazetteer.h"
#include "closedloop/ident.h"
#include "daemon/keys.h"

struct startup {
	int lock_fd;
	void *image;
	size_t image_len;
	struct gazetteer *gazetteer;
	struct keys keys;
};

/* What is in our memory stays there: no core dump, no debugger of the same user. */
void startup_harden(void);
/* What CONF says about the keys; borrowed from it. */
struct keys_setup startup_keys_setup(const struct conf *conf, bool drill);
/* Make CONF's state_dir if need be (0700) and lock it: CL_EBUSY when another daemon holds it. Read
 * or make its keys, those of a DRILL apart. */
int startup_state(struct startup *startup, const struct conf *conf, bool drill, struct err *err);
/* Map and check the image at PATH. */
int startup_gazetteer(struct startup *startup, const char *path, struct err *err);
void startup_release(struct startup *startup);
/* getrandom. */
struct entropy startup_entropy(void);

#endif
