/* http_out.h — requests out: libcurl's multi interface on the libevent loop, as a `struct
 * transport`. Judges the address it really connects to, follows no redirect, verifies TLS, reads at
 * most 20 kB of an answer. */
#ifndef DAEMON_HTTP_OUT_H
#define DAEMON_HTTP_OUT_H

#include <stdbool.h>

#include <event2/event.h>

#include "closedloop/transport.h"

struct http_out;

int http_out_open(struct http_out **out, struct event_base *base, unsigned in_flight_max,
		  transport_done *done, void *context, struct err *err);
struct transport http_out_transport(struct http_out *out);
/* From now on. What is under way stays so. */
void http_out_limit(struct http_out *out, unsigned in_flight_max);
/* Let what was ordered leave now and not in the loop's next round: the caller is about to wait for
 * a disk. May call DONE. */
void http_out_flush(struct http_out *out);
/* Requests under way. */
size_t http_out_in_flight(const struct http_out *out);
void http_out_close(struct http_out *out);

/* True when a connection to ADDRESS (struct sockaddr) is public or inside one of ALLOW's CIDR
 * blocks. Pure; exposed for its table of tests. */
struct sockaddr;
bool http_out_may_connect(const struct sockaddr *address, const char *const *allow,
			  size_t allow_len);

#endif
