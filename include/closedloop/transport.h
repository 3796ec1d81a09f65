/* transport.h — the seam between the courier and whatever carries a request away.
 *
 * The daemon's body is libcurl; tests have bodies that delay, fail, or accept and lose the answer.
 * A result comes back by notice id, never by pointer: the notice may be gone by then, and that is
 * allowed.
 */
#ifndef CLOSEDLOOP_TRANSPORT_H
#define CLOSEDLOOP_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/channel.h"

struct transport_order {
	const char *notice; /* id, echoed with the result */
	const struct channel_request *request;
	size_t allow_len;
	const char *const *allow; /* CIDR blocks that may be reached besides the public internet */
	const char *proxy;	  /* "http://HOST:PORT" to go through: then it is the one that is
				     reached. NULL: none, whatever the environment says. */
	const char *ca_file;	  /* Authorities trusted beside the system's, or NULL. */
	int64_t connect_ms, total_ms;
};

/* Called once per order, later, never from inside send. REPLY is borrowed for the call. */
typedef void transport_done(void *context, const char *notice, const struct reply *reply);

struct transport {
	/* Take ORDER (everything is copied). CL_ELIMIT when no more can be under way. */
	int (*send)(void *self, const struct transport_order *order, struct err *err);
	void *self;
};

#endif
