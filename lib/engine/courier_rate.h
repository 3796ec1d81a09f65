/* courier_rate.h — how fast one address may be asked, exactly.
 *
 * At most N sends in ANY window, seen from the other end: a send counts from the moment it leaves
 * until a window after its answer, for its request may have arrived at any time in between. A ring
 * of times keeps that exactly, where a bucket of the same size would let twice as many through at
 * a window's edge, and a robot that is asked 21 times in a minute falls silent for ten.
 *
 * Of every limit a part is kept for urgent notices. Where a minute is counted, what is sent must be
 * durable before it leaves (meter_is_durable, meter_pack). Private to lib/engine; knows no store.
 */
#ifndef ENGINE_COURIER_RATE_H
#define ENGINE_COURIER_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/conf.h"
#include "closedloop/pack.h"

#define RATE_MAX	128 /* Sends in one window at most. */
#define RATE_LIMITS_MAX 2

/* SENDS in any WINDOW, KEPT of them for what is urgent. */
struct rate {
	unsigned sends;
	unsigned kept;
	int64_t window;
};

/* Sends of one class: those not answered yet, and when the others were. */
struct sends {
	unsigned open;
	size_t len, next; /* A ring, oldest first. */
	int64_t at[RATE_MAX];
};

struct meter {
	size_t limits_len;
	struct rate limits[RATE_LIMITS_MAX];
	int64_t shift;		/* After :00 and :30 nothing that is not urgent goes for so long. */
	struct sends all, calm; /* What is not urgent stands in both. */
};

/* The limits of ENDPOINT: its channel's, or its own. What was sent stays known. */
void meter_configure(struct meter *meter, const struct conf_endpoint *endpoint);
/* A minute is counted: a restart must know of every send. */
bool meter_is_durable(const struct meter *meter);

/* How many may go at NOW. */
unsigned meter_room(const struct meter *meter, bool urgent, int64_t now);
/* When, from NOW on, meter_room is more than 0 by the passing of time alone; WHEN_NEVER while only
 * an answer can free a place. */
int64_t meter_next(const struct meter *meter, bool urgent, int64_t now);
/* How many could go within a minute. */
unsigned meter_per_minute(const struct meter *meter, bool urgent);

void meter_sent(struct meter *meter, bool urgent);
/* It did not leave after all. */
void meter_unsent(struct meter *meter, bool urgent);
/* Its answer came, or will not come any more. */
void meter_answered(struct meter *meter, bool urgent, int64_t now);
/* As if everything allowed had just been sent: nobody knows what was. */
void meter_fill(struct meter *meter, int64_t now);
/* The clock was set by BY: no time passed. */
void meter_shift(struct meter *meter, int64_t by);

/* What still counts at NOW. */
void meter_pack(const struct meter *meter, int64_t now, struct pack *pack);
/* What was under way then has been answered by NOW, as far as anybody can know. */
void meter_unpack(struct meter *meter, int64_t now, struct unpack *unpack);

#endif
