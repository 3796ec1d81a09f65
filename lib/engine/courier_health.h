/* courier_health.h — how well one address answers: its breaker, its pause, whether it is ill.
 *
 * Messages are never thrown away for it: they stay in the outbox, and now and then one goes as a
 * probe. Private to lib/engine; knows no store and no rate.
 */
#ifndef ENGINE_COURIER_HEALTH_H
#define ENGINE_COURIER_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "closedloop/channel.h"
#include "closedloop/ident.h"
#include "closedloop/pack.h"

/* The numbers are in the store. */
enum health_is {
	HEALTH_WELL,	 /* Messages go as fast as the limits allow. */
	HEALTH_BROKEN,	 /* The breaker is open: all messages wait, one goes as a probe. */
	HEALTH_SICK,	 /* As broken, and a human has to mend it: somebody is told another way. */
	HEALTH_DISABLED, /* As sick for so long that not even probes go, until somebody asks. */
};

#define HEALTH_SPANS 10 /* Together the five minutes the breaker looks back on. */

/* What came of the tries of half a minute. */
struct health_span {
	int64_t number; /* Half minutes since the beginning of time; another one: long ago. */
	unsigned well, bad;
};

struct health {
	enum health_is is;
	int64_t pause_until;   /* Nothing goes before. */
	int64_t probe_at;      /* Not WELL: nothing goes before, then one. */
	int64_t broken_since;  /* BROKEN. */
	int64_t failing_since; /* The first failure since it was last well, or WHEN_UNKNOWN; */
	int64_t failed_at;     /* and the last one. */
	int64_t paused_since;  /* The first of its pauses one after the other. */
	int64_t backoff;
	unsigned failures; /* RETRYs in a row. */
	unsigned slow;	   /* Those among them that look like a mistake in the configuration. */
	unsigned pauses;   /* In a row. */
	struct health_span spans[HEALTH_SPANS];
	char hint[96];
};

void health_init(struct health *health);
/* An answer came, or none. May sharpen VERDICT: RETRY to SICK, a pause to one within bounds. NAME
 * for the log; PROBE: it was the only one let through; GONE: the address says so itself; KEPT: may
 * never be disabled. */
struct health_news {
	const char *name;
	bool probe, gone, kept;
};
void health_heard(struct health *health, struct verdict *verdict, const struct health_news *news,
		  int64_t now);
/* Somebody wants to know now: one probe goes as soon as the limits allow. */
void health_ask(struct health *health);
/* Another address: what the old one suffered from says nothing. */
void health_renew(struct health *health);
/* When something may go again as far as health is concerned, or WHEN_UNKNOWN: at once. */
int64_t health_next(const struct health *health);
/* Somebody must be told: it is ill, or has been broken, or asks to wait, for long; *AT, when not
 * NULL, is when that will be so. */
bool health_is_ill(const struct health *health, int64_t now, int64_t *at);
/* The clock was set by BY. */
void health_shift(struct health *health, int64_t by);
void health_pack(const struct health *health, int64_t now, struct pack *pack);
void health_unpack(struct health *health, int64_t now, struct unpack *unpack, struct arena *arena);

/* How long to wait after try number ATTEMPTS (from 1) failed, with jitter; negative: no further
 * try. */
int64_t retry_delay(bool urgent, int attempts, const struct entropy *entropy);

#endif
