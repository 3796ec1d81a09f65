/* courier_plan.c — what may go out this turn: which notices, by which ways, which of them as
 * digests. Nothing is written and nothing leaves here. Neighbours: courier_queue.c says how many
 * may go, digest_note.c how many fit one message; courier_claim.c writes and hands out what is
 * planned. */
#include "engine/courier_private.h"

#include <string.h>

#include "closedloop/text.h"

#define ORDER_SLACK 8 /* Read so many more: some may wait for another of their alert. */

/* --- Reading ---------------------------------------------------------------------------------- */

/* The rows of one notices_ready, those that may go. */
struct picking {
	struct courier *courier;
	struct queue *queue;
	bool urgent;
	size_t rows, cap; /* Read, and to be read. */
	size_t len;
	const struct notice **notices; /* NULL: taken already. */
};

static bool is_of_digest(const struct errand *errand, int64_t alert)
{
	for (size_t i = 0; i < errand->alerts_len; i++) {
		if (errand->alerts[i] == alert)
			return true;
	}
	return false;
}

/* True when NOTICE is out already, or another one of its alert is on its way to the same endpoint:
 * superseded in the store, and perhaps arriving all the same. */
static bool is_held(const struct courier *courier, const struct queue *queue,
		    const struct notice *notice)
{
	for (size_t i = 0; i < courier->errands_len; i++) {
		const struct errand *errand = &courier->errands[i];
		if (errand->queue != queue)
			continue;
		if (strcmp(errand->notice, notice->id) == 0)
			return true;
		if (notice->alert &&
		    (errand->alert == notice->alert || is_of_digest(errand, notice->alert)))
			return true;
	}
	return false;
}

static void pick(void *context, const void *row)
{
	struct picking *picking = context;
	struct notice *notice;

	picking->rows++;
	if (is_held(picking->courier, picking->queue, row))
		return;
	notice = arena_alloc(&picking->courier->arena, sizeof(*notice));
	*notice = *(const struct notice *)row;
	picking->notices[picking->len++] = notice;
}

static int read_ready(struct courier *courier, struct queue *queue, bool urgent, size_t cap,
		      int64_t now, struct picking *out, struct err *err)
{
	*out = (struct picking){.courier = courier, .queue = queue, .urgent = urgent, .cap = cap};
	out->notices = arena_alloc(&courier->arena, cap * sizeof(struct notice *));
	return courier->store->ops->notices_ready(courier->store, queue->name, urgent, now,
						  (unsigned)cap, &courier->arena, pick, out, err);
}

/* --- Nights ----------------------------------------------------------------------------------- */

int64_t courier_night_end(const struct courier *courier, const struct queue *queue,
			  const struct notice *notice, int64_t now)
{
	const struct conf_endpoint *endpoint = queue->endpoint;
	const struct zone *zone = courier->conf->zone;

	if (!endpoint || notice->urgent || endpoint->quiet_from == endpoint->quiet_to)
		return WHEN_UNKNOWN;
	if (!text_starts(notice->group, QUIET_GROUP) &&
	    when_window_end(zone, endpoint->quiet_from, endpoint->quiet_to, notice->created_at) !=
		    WHEN_UNKNOWN)
		return WHEN_UNKNOWN;
	return when_window_end(zone, endpoint->quiet_from, endpoint->quiet_to, now);
}

/* --- Planning --------------------------------------------------------------------------------- */

static struct sending *plan_sending(struct courier *courier, struct queue *queue, struct way *way,
				    const struct notice *notice)
{
	if (courier->sendings_len == courier->sendings_cap) {
		courier->sendings_cap = courier->sendings_cap ? 2 * courier->sendings_cap : 16;
		courier->sendings = mem_grow(courier->sendings,
					     courier->sendings_cap * sizeof(*courier->sendings));
	}
	struct sending *sending = &courier->sendings[courier->sendings_len++];
	*sending = (struct sending){.queue = queue, .way = way, .notice = *notice};
	queue->in_flight++;
	if (!way)
		return sending;
	sending->probe = way->health.is != HEALTH_WELL;
	way->in_flight++;
	meter_sent(&way->meter, notice->urgent);
	/* Where seconds are counted it is enough to know that there was anything at all. */
	if (meter_is_durable(&way->meter) || !way->known)
		way->dirty = true;
	return sending;
}

void courier_unplan(struct sending *sending)
{
	sending->queue->in_flight--;
	if (!sending->way)
		return;
	sending->way->in_flight--;
	meter_unsent(&sending->way->meter, sending->notice.urgent);
}

static bool same_group(const struct notice *left, const struct notice *right)
{
	return text_starts(left->group, QUIET_GROUP) && text_equal(left->group, right->group);
}

/* Those from number FIRST on that can stand in one digest with it: all, or those of its group. */
static size_t candidates(const struct picking *picking, size_t first, bool all,
			 const struct notice **out, size_t *where)
{
	const struct notice *head = picking->notices[first];
	size_t len = 0;

	for (size_t i = first; i < picking->len && len < DIGEST_MAX; i++) {
		const struct notice *notice = picking->notices[i];
		int64_t now = picking->courier->now;
		if (!notice || notice->expires_at <= now ||
		    courier_night_end(picking->courier, picking->queue, notice, now) !=
			    WHEN_UNKNOWN ||
		    !digest_takes(picking->queue->endpoint, notice) ||
		    (!all && !same_group(head, notice)))
			continue;
		where[len] = i;
		out[len++] = notice;
	}
	return len;
}

struct digest_world courier_world(const struct courier *courier)
{
	return (struct digest_world){.conf = courier->conf,
				     .gazetteer = courier->gazetteer,
				     .ack = courier->ack,
				     .drill = courier->drill};
}

static struct merging *plan_merging(struct courier *courier)
{
	if (courier->mergings_len == courier->mergings_cap) {
		courier->mergings_cap = courier->mergings_cap ? 2 * courier->mergings_cap : 4;
		courier->mergings = mem_grow(courier->mergings,
					     courier->mergings_cap * sizeof(*courier->mergings));
	}
	struct merging *merging = arena_alloc(&courier->arena, sizeof(*merging));
	courier->mergings[courier->mergings_len++] = merging;
	return merging;
}

/* The notice of a digest of MEMBERS[0..LEN). Its words are written anew at every try; these are for
 * who reads the outbox. */
static const struct notice *digest_of(struct courier *courier, const struct queue *queue,
				      const struct notice *const *members, size_t len, int64_t now)
{
	const struct digest_world world = courier_world(courier);
	struct merging *merging = plan_merging(courier);
	char *id = arena_alloc(&courier->arena, IDENT_CAP);

	ident_make(id, "ntc", now, &courier->entropy);
	merging->digest = (struct notice){.id = id,
					  .endpoint = queue->name,
					  .urgent = members[0]->urgent,
					  .type = DIGEST_TYPE,
					  .kind = DIGEST_KIND,
					  .unit = "",
					  .created_at = now,
					  .due_at = now,
					  .expires_at = WHEN_NEVER,
					  .data = "{}",
					  .group = ""};
	digest_write(&world, queue->endpoint, members, len, now, &courier->arena, &merging->digest);
	merging->len = len;
	for (size_t i = 0; i < len; i++)
		merging->ids[i] = members[i]->id;
	return &merging->digest;
}

/* Number FIRST and what goes with it as a digest; NULL when it goes alone. */
static const struct notice *plan_digest(struct picking *picking, size_t first, bool all,
					int64_t now)
{
	struct courier *courier = picking->courier;
	const struct digest_world world = courier_world(courier);
	const struct notice *members[DIGEST_MAX];
	size_t where[DIGEST_MAX] = {0};

	if (!digest_takes(picking->queue->endpoint, picking->notices[first]))
		return NULL;
	size_t len = candidates(picking, first, all, members, where);
	if (len < 2)
		return NULL;
	len = digest_fits(&world, picking->queue->endpoint, members, len, now, &courier->arena);
	if (len < 2)
		return NULL;
	for (size_t i = 0; i < len; i++)
		picking->notices[where[i]] = NULL;
	return digest_of(courier, picking->queue, members, len, now);
}

/* More waits for a chat than can go within a minute, and until all of that is told. Its first goes
 * as itself: the sooner somebody looks, the better. */
static bool is_burst(struct picking *picking, int64_t now, bool *begins)
{
	struct queue *queue = picking->queue;
	size_t waiting = 0;

	for (size_t i = 0; i < picking->len; i++)
		waiting += digest_takes(queue->endpoint, picking->notices[i]);
	bool was = queue->bursting[picking->urgent];
	bool burst =
		waiting > 1 && (was || waiting > queue_per_minute(queue, picking->urgent, now));
	*begins = burst && !was;
	queue->bursting[picking->urgent] = burst;
	return burst;
}

static void plan_all(struct picking *picking, int64_t now)
{
	struct courier *courier = picking->courier;
	struct queue *queue = picking->queue;
	unsigned most = courier->conf->limits.per_endpoint;
	bool begins = false;
	bool chat = queue->endpoint && channel_room(queue->endpoint) > 0;
	bool burst = chat && is_burst(picking, now, &begins);

	for (size_t i = 0; i < picking->len && courier_room(courier, queue, picking->urgent) > 0;
	     i++) {
		const struct notice *notice = picking->notices[i], *digest = NULL;
		struct way *way = NULL;

		if (!notice)
			continue;
		if (queue->endpoint && notice->expires_at > now &&
		    courier_night_end(courier, queue, notice, now) == WHEN_UNKNOWN) {
			way = queue_way(queue, picking->urgent, most, now);
			if (!way)
				return;
			if (chat && !begins)
				digest = plan_digest(picking, i, burst, now);
			begins = false;
		}
		picking->notices[i] = NULL;
		plan_sending(courier, queue, way, digest ? digest : notice);
	}
}

/* All that may go is planned; what is due later shows when it is due, what an answer frees when the
 * answer is written. */
static int look_ahead(struct picking *picking, int64_t now, struct err *err)
{
	struct courier *courier = picking->courier;

	for (size_t i = 0; i < picking->len; i++) {
		if (picking->notices[i])
			return 0;
	}
	if (picking->rows == picking->cap && picking->len > 0)
		return 0;
	return courier->store->ops->notices_next(courier->store, picking->queue->name,
						 picking->urgent, now,
						 &picking->queue->waiting_at[picking->urgent], err);
}

static int plan_class(struct courier *courier, struct queue *queue, bool urgent, int64_t now,
		      struct err *err)
{
	unsigned most = courier->conf->limits.per_endpoint;
	struct picking picking;

	if (queue->waiting_at[urgent] > now || courier_room(courier, queue, urgent) == 0 ||
	    (queue->endpoint && !queue_way(queue, urgent, most, now)))
		return 0;
	size_t cap =
		most * (queue->ways_len ? queue->ways_len : 1) + queue->in_flight + ORDER_SLACK;
	if (queue->endpoint && channel_room(queue->endpoint) > 0 && cap < 2 * DIGEST_MAX)
		cap = 2 * DIGEST_MAX;
	int rc = read_ready(courier, queue, urgent, cap, now, &picking, err);
	if (rc < 0) {
		queue->waiting_at[urgent] = now + LOOK_AGAIN;
		return rc;
	}
	plan_all(&picking, now);
	return look_ahead(&picking, now, err);
}

int courier_plan(struct courier *courier, int64_t now, struct err *err)
{
	if (!courier->first || !courier->first->next)
		courier->first = courier->queues;
	else
		courier->first = courier->first->next;
	struct queue *queue = courier->first;
	if (!queue)
		return 0;
	do {
		/* The gravest first. */
		for (int urgent = 1; urgent >= 0; urgent--) {
			int rc = plan_class(courier, queue, urgent, now, err);
			if (rc < 0)
				return rc;
		}
		queue = queue->next ? queue->next : courier->queues;
	} while (queue != courier->first);
	return 0;
}
