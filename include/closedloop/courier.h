/* courier.h — the outbox goes out: claims what is committed, hands it to the transport, keeps what
 * came of it.
 *
 * At least once, one id over all tries. Every endpoint has its own queue, bound, breaker and pause,
 * so one that hangs delays no other. Claims live in memory only: after a crash every notice that
 * was under way is ready again.
 */
#ifndef CLOSEDLOOP_COURIER_H
#define CLOSEDLOOP_COURIER_H

#include "closedloop/conf.h"
#include "closedloop/store.h"
#include "closedloop/transport.h"

struct courier;

struct courier *courier_new(struct store *store, const struct conf *conf,
			    const struct transport *transport, const struct entropy *entropy);
void courier_free(struct courier *courier);
void courier_reconfigure(struct courier *courier, const struct conf *conf);

/* Read from the outbox which endpoints have something waiting. At start, and after anything else
 * wrote to it. */
int courier_refresh(struct courier *courier, struct err *err);
/* There are new notices in the outbox since the last refresh. */
void courier_wake(struct courier *courier);

/* Hand out what may go at NOW. Only committed rows are seen. */
int courier_claim(struct courier *courier, int64_t now, struct err *err);
/* An answer came (transport_done's arguments). Collected; courier_settle writes. */
void courier_reply(struct courier *courier, const char *notice, const struct reply *reply,
		   int64_t now);
/* Write all collected answers in one transaction. */
int courier_settle(struct courier *courier, int64_t now, struct err *err);

/* When courier_claim has something to do again by itself. */
int64_t courier_next(const struct courier *courier);
/* Nothing under way and nothing that may go at NOW. */
bool courier_idle(const struct courier *courier, int64_t now);

/* Something lies there that should have moved long since: a try without an end, or notices for an
 * endpoint that is well. *ENDPOINT says where. */
bool courier_stuck(const struct courier *courier, int64_t now, const char **endpoint);

struct courier_endpoint {
	const char *name;
	const char *state; /* "ok" "paused" "broken" "sick" */
	int64_t until;	   /* of a pause, or WHEN_NEVER */
	unsigned in_flight;
	uint64_t delivered, failed;
	char hint[96];
};
void courier_endpoints(const struct courier *courier,
		       void (*each)(void *context, const struct courier_endpoint *), void *context);
/* Endpoints that turned sick or recovered since the last call, for engine_system_alert. */
bool courier_take_change(struct courier *courier, const char **endpoint, bool *sick,
			 const char **hint);

#endif
