/* courier_queue.h — one endpoint as the courier sees it: how well it is, how fast it may be asked,
 * when a failed try comes again. Knows no store and no transport; courier.c moves notices,
 * courier_queue.c judges. Private to lib/engine. */
#ifndef ENGINE_COURIER_QUEUE_H
#define ENGINE_COURIER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/channel.h"
#include "closedloop/conf.h"
#include "closedloop/digest.h"
#include "closedloop/ident.h"

#define QUEUE_RATE_MAX 128 /* Sends remembered for the rate limit. */

enum queue_health {
	QUEUE_WELL,   /* Messages go as fast as the limits allow. */
	QUEUE_BROKEN, /* The breaker is open: all messages wait, one goes as a probe now and then.
		       */
	QUEUE_SICK,   /* As broken, and a human has to mend it: somebody is told another way. */
};

/* What has been reported about an endpoint to those who raise the alert. */
enum queue_told {
	TOLD_NOTHING, /* Since the start: an alert of the run before may still be open. */
	TOLD_WELL,
	TOLD_SICK,
};

struct queue {
	struct queue *next;
	char *name;
	const struct conf_endpoint *endpoint; /* NULL: no longer configured. */
	uint8_t identity[DIGEST_KEY_LEN]; /* Of its channel and URL: another one is another place.
					   */
	int64_t waiting_at;  /* Look into the outbox then; WHEN_NEVER: nothing waits. */
	unsigned in_flight;  /* Tries under way or not written yet. */
	int64_t pause_until; /* Nothing goes before. */
	enum queue_health health;
	enum queue_told told;
	int64_t probe_at; /* BROKEN, SICK: nothing goes before, then one. */
	int64_t backoff;
	unsigned failures; /* RETRYs in a row. */
	unsigned slow;	   /* Those among them that look like a mistake in the configuration. */
	int64_t sent[QUEUE_RATE_MAX]; /* A ring: when the latest went. */
	size_t sent_at;
	uint64_t delivered, failed;
	char hint[96];
};

void queue_init(struct queue *queue, const char *name);
/* The endpoint as configured now, or NULL. A new URL is asked at once, whatever the old one
 * suffered from. */
void queue_configure(struct queue *queue, const struct conf_endpoint *endpoint);
/* How many may be handed out at NOW, PER_ENDPOINT at most being under way. */
unsigned queue_room(const struct queue *queue, unsigned per_endpoint, int64_t now);
/* When queue_room is more than 0 again by the passing of time alone; WHEN_NEVER while only an
 * answer can free a place. */
int64_t queue_next(const struct queue *queue, unsigned per_endpoint);
/* One went out at NOW. */
void queue_sent(struct queue *queue, int64_t now);
/* An answer came: what it says about the endpoint. May sharpen VERDICT (RETRY to SICK). PROBE: it
 * was the only one let through. */
void queue_heard(struct queue *queue, struct verdict *verdict, bool probe, int64_t now);
/* The clock was set back by BY: what was to come comes no later for it. */
void queue_shift(struct queue *queue, int64_t by);

/* How long to wait after try number ATTEMPTS (from 1) failed, with jitter; negative: no further
 * try. */
int64_t retry_delay(bool urgent, int attempts, const struct entropy *entropy);

#endif
