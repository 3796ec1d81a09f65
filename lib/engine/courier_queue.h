/* courier_queue.h — where messages wait, and the ways by which they go.
 *
 * A way is one address that is asked: how fast it may be (courier_rate.h), how well it answers
 * (courier_health.h), how many are under way to it. A queue is what is owed to one endpoint: as a
 * rule its messages go by the one way of its name, those to a pool by whichever of its robots is
 * free. Order is the queue's, limits are the way's. Knows no store and no transport; private to
 * lib/engine.
 */
#ifndef ENGINE_COURIER_QUEUE_H
#define ENGINE_COURIER_QUEUE_H

#include "closedloop/digest.h"
#include "engine/courier_health.h"
#include "engine/courier_rate.h"

#define QUEUE_WAYS_MAX 10
#define OUTCOMES       (OUTCOME_SICK + 1)

/* What has been reported about a way to those who raise the alert. */
enum way_told {
	TOLD_NOTHING, /* Since the start: an alert of the run before may still be open. */
	TOLD_WELL,
	TOLD_SICK,
};

struct way {
	struct way *next;
	char *name;
	const struct conf_endpoint *endpoint; /* NULL: no longer configured. */
	uint8_t identity[DIGEST_KEY_LEN]; /* Of channel, URL and secrets: another is another place.
					   */
	unsigned era;			  /* How often that changed: whose answer is it? */
	struct meter meter;
	struct health health;
	unsigned in_flight; /* Tries under way or not written yet. */
	bool looked_up;	    /* In the store, for how it was left. */
	bool known;	    /* The store has a row of it. */
	bool dirty;	    /* What the row says is out of date. */
	bool kept;	    /* Never disabled: somebody relies on it as the last one. */
	enum way_told told;
	uint64_t tries[2][OUTCOMES]; /* Of normal and of urgent notices, by what came of them. */
	uint64_t unknown;	     /* Answers with a code we do not know. */
};

struct queue {
	struct queue *next;
	char *name;
	const struct conf_endpoint *endpoint; /* NULL: no longer configured. */
	size_t ways_len;		      /* 0: as endpoint. */
	struct way *ways[QUEUE_WAYS_MAX];
	/* Look into the outbox then, for normal and for urgent ones; WHEN_NEVER: none waits. */
	int64_t waiting_at[2];
	bool bursting[2];   /* More waits than can go: digests. */
	unsigned in_flight; /* Tries under way or not written yet. */
};

/* --- Ways --- */

struct way *way_new(const char *name);
void way_free(struct way *way);
/* The endpoint as configured now, or NULL; KEPT: it may not be disabled. A new address is asked at
 * once, whatever the old one suffered from. */
void way_configure(struct way *way, const struct conf_endpoint *endpoint, bool kept);
/* How many may go at NOW, PER_ENDPOINT at most being under way. */
unsigned way_room(const struct way *way, bool urgent, unsigned per_endpoint, int64_t now);
/* When way_room is more than 0 by the passing of time alone; WHEN_NEVER while only an answer can
 * free a place. */
int64_t way_next(const struct way *way, bool urgent, unsigned per_endpoint, int64_t now);
/* Healthy, and not paused. */
bool way_is_open(const struct way *way, int64_t now);
/* The clock was set by BY: what was to come comes as soon as before, and no sooner. */
void way_shift(struct way *way, int64_t by);
void way_pack(const struct way *way, int64_t now, struct pack *pack);
/* As it was left by a run before; false when the record is not one of ours. */
bool way_unpack(struct way *way, int64_t now, const void *record, size_t len, struct arena *arena);

/* --- Queues --- */

struct queue *queue_new(const char *name);
void queue_free(struct queue *queue);
/* The way with most room, or NULL when none has any. */
struct way *queue_way(const struct queue *queue, bool urgent, unsigned per_endpoint, int64_t now);
/* When a notice of this class that waits can go by the passing of time alone; WHEN_NEVER when none
 * waits, or only an answer can free a place. */
int64_t queue_next(const struct queue *queue, bool urgent, unsigned per_endpoint, int64_t now);
/* Nothing is under way, and a way is there that has not failed: no reason to think that it hangs.
 */
bool queue_is_fresh(const struct queue *queue);
/* How many could go within a minute, by those ways that are open. */
unsigned queue_per_minute(const struct queue *queue, bool urgent, int64_t now);
/* Another way than WAY is open. */
bool queue_has_other(const struct queue *queue, const struct way *way, int64_t now);

#endif
