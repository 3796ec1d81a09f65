/* courier.h — the outbox goes out: claims what is committed, hands it to the transport, keeps what
 * came of it.
 *
 * At least once, one id over all tries. Every endpoint has its own queue, and every address its own
 * bound, rate, breaker and pause, so one that hangs delays no other. Claims (leases) live in memory
 * only: after a crash every notice that was under way is ready again. What must outlive a crash is
 * in the store: how much a robot was sent in the last minute, pauses, who is ill.
 *
 * When more waits for a chat than can go within a minute, it goes as digests (digest_note.h).
 */
#ifndef CLOSEDLOOP_COURIER_H
#define CLOSEDLOOP_COURIER_H

#include "closedloop/conf.h"
#include "closedloop/store.h"
#include "closedloop/transport.h"

struct courier;

struct courier_setup {
	struct store *store;
	const struct conf *conf;
	const struct gazetteer *gazetteer; /* Names of units in digests; NULL: their codes. */
	const struct transport *transport;
	const struct entropy *entropy;
	const struct ack_ring *ack; /* Signs the link of a digest; outlives the courier. */
	bool drill;		    /* Digests are marked as all other words. */
};

struct courier *courier_new(const struct courier_setup *setup);
void courier_free(struct courier *courier);
void courier_reconfigure(struct courier *courier, const struct conf *conf);

/* Read from the store how the endpoints were left (once), and which of them have something waiting.
 * At start, and after anything else wrote to the outbox. */
int courier_refresh(struct courier *courier, int64_t now, struct err *err);
/* There are new notices in the outbox since the last refresh. */
void courier_wake(struct courier *courier);
/* Somebody wants to know now: ENDPOINT, however ill, gets one probe as soon as its limits allow;
 * NULL: all that were disabled. */
void courier_ask(struct courier *courier, const char *endpoint);
/* The wall clock was set by BY: no time passed. Whoever cannot tell leaves it, then only a step
 * back is seen. */
void courier_clock_set(struct courier *courier, int64_t by);

/* Hand out what may go at NOW. Only committed rows are seen; what must be known after a crash is
 * committed first, in one transaction. */
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

#define COURIER_OUTCOMES (OUTCOME_SICK + 1)

struct courier_endpoint {
	const char *name;
	bool pool;	   /* Sums of its members, which are told of too. */
	const char *state; /* "ok" "paused" "broken" "sick" "disabled" */
	bool breaker;	   /* Open: messages wait, but for probes. */
	int64_t until;	   /* of a pause, or of the next probe; WHEN_NEVER */
	unsigned in_flight;
	unsigned tokens; /* How many could leave now. */
	uint64_t delivered, failed;
	uint64_t tries[2][COURIER_OUTCOMES]; /* Of normal and urgent notices, by enum outcome. */
	uint64_t unknown_codes;
	char hint[96];
};
void courier_endpoints(const struct courier *courier,
		       void (*each)(void *context, const struct courier_endpoint *), void *context);
/* Endpoints that turned sick, or have been broken for long, or recovered since the last call, for
 * engine_system_alert. */
bool courier_take_change(struct courier *courier, const char **endpoint, bool *sick,
			 const char **hint);

#endif
