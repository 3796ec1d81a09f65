/* courier_claim.c — what goes out this turn. Three steps: plan (which notices, by which ways, which
 * as digests), write what must be durable before anything leaves, hand out. Neighbours:
 * courier_queue.c says how many may go, digest_note.c has the words of digests, courier_answer.c
 * waits for what comes of it. */
#include "engine/courier_private.h"

#include <assert.h>
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

/* When the night ends that has come over NOTICE while it waited or was tried in vain, or while we
 * were down; WHEN_UNKNOWN: it may go. What was written at night to go at once has no group. */
static int64_t night_end(const struct courier *courier, const struct queue *queue,
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

/* Give back what the sending had reserved. */
static void unplan(struct sending *sending)
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
		    night_end(picking->courier, picking->queue, notice, now) != WHEN_UNKNOWN ||
		    !digest_takes(picking->queue->endpoint, notice) ||
		    (!all && !same_group(head, notice)))
			continue;
		where[len] = i;
		out[len++] = notice;
	}
	return len;
}

static struct digest_world world_of(const struct courier *courier)
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
	const struct digest_world world = world_of(courier);
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
	const struct digest_world world = world_of(courier);
	const struct notice *members[DIGEST_MAX];
	size_t where[DIGEST_MAX];

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

	for (size_t i = 0; i < picking->len && courier_room(courier) > 0; i++) {
		const struct notice *notice = picking->notices[i], *digest = NULL;
		struct way *way = NULL;

		if (!notice)
			continue;
		if (queue->endpoint && notice->expires_at > now &&
		    night_end(courier, queue, notice, now) == WHEN_UNKNOWN) {
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

	if (queue->waiting_at[urgent] > now || courier_room(courier) == 0 ||
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

static int plan(struct courier *courier, int64_t now, struct err *err)
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

/* --- Writing ---------------------------------------------------------------------------------- */

static int write_merging(struct courier *courier, const struct merging *merging, struct err *err)
{
	const struct store_ops *ops = courier->store->ops;
	int rc = ops->notice_save(courier->store, &merging->digest, err);

	for (size_t i = 0; i < merging->len && rc == 0; i++)
		rc = ops->notice_merge(courier->store, merging->ids[i], merging->digest.id, err);
	return rc;
}

static int write_plan(struct courier *courier, int64_t now, struct err *err)
{
	const struct store_ops *ops = courier->store->ops;

	if (courier->sendings_len == 0 || (courier->mergings_len == 0 && !courier_unsaved(courier)))
		return 0;
	int rc = ops->begin(courier->store, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < courier->mergings_len && rc == 0; i++)
		rc = write_merging(courier, courier->mergings[i], err);
	if (rc == 0)
		rc = courier_save(courier, now, err);
	if (rc == 0)
		rc = ops->commit(courier->store, err);
	if (rc < 0)
		ops->rollback(courier->store);
	else
		courier_saved(courier);
	return rc;
}

/* --- Handing out ------------------------------------------------------------------------------ */

static struct errand *errand_add(struct courier *courier, const struct sending *sending)
{
	const struct notice *notice = &sending->notice;

	if (courier->errands_len == courier->errands_cap) {
		courier->errands_cap = courier->errands_cap ? 2 * courier->errands_cap : 16;
		courier->errands = mem_grow(courier->errands,
					    courier->errands_cap * sizeof(*courier->errands));
	}
	struct errand *errand = &courier->errands[courier->errands_len++];
	*errand = (struct errand){
		.queue = sending->queue,
		.way = sending->way,
		.alert = notice->alert,
		.urgent = notice->urgent,
		.probe = sending->probe,
		.digest = text_equal(notice->kind, DIGEST_KIND),
		.left = true,
		.attempts = notice->attempts + 1,
		.expires_at = notice->expires_at,
		.sent_at = courier->now,
	};
	text_copy(errand->notice, sizeof(errand->notice), notice->id);
	return errand;
}

/* It never left: what the meter counts is given back. */
static void errand_stays(struct errand *errand)
{
	errand->left = false;
	if (errand->way)
		meter_unsent(&errand->way->meter, errand->urgent);
}

struct members {
	struct arena *arena;
	int64_t now;
	size_t len, cap;
	const struct notice **notices;
};

static void take_member(void *context, const void *row)
{
	struct members *members = context;
	struct notice *notice;

	if (((const struct notice *)row)->expires_at <= members->now)
		return;
	if (members->len == members->cap) {
		members->cap = members->cap ? 2 * members->cap : DIGEST_MAX;
		const struct notice **more =
			arena_alloc(members->arena, members->cap * sizeof(struct notice *));
		for (size_t i = 0; i < members->len; i++)
			more[i] = members->notices[i];
		members->notices = more;
	}
	notice = arena_alloc(members->arena, sizeof(*notice));
	*notice = *(const struct notice *)row;
	members->notices[members->len++] = notice;
}

/* The words of a digest, of those it still tells. CL_ENOENT when it has nothing to tell any more.
 */
static int write_digest(struct courier *courier, struct sending *sending, struct errand *errand,
			int64_t now, struct err *err)
{
	const struct digest_world world = world_of(courier);
	struct members members = {.arena = &courier->arena, .now = now};
	int rc = courier->store->ops->notices_merged(courier->store, sending->notice.id,
						     &courier->arena, take_member, &members, err);

	if (rc < 0)
		return rc;
	if (members.len == 0)
		return err_set(err, CL_ENOENT, "nothing in it is owed any more");
	digest_write(&world, sending->queue->endpoint, members.notices, members.len, now,
		     &courier->arena, &sending->notice);
	errand->alerts = mem_alloc(members.len * sizeof(*errand->alerts));
	for (size_t i = 0; i < members.len; i++)
		errand->alerts[errand->alerts_len++] = members.notices[i]->alert;
	return 0;
}

/* The endpoint as written to, reached by WAY: of a pool all but the address is the pool's. */
static struct conf_endpoint sender_of(const struct queue *queue, const struct way *way)
{
	struct conf_endpoint sender = *queue->endpoint;

	if (sender.pool_len == 0)
		return sender;
	sender.url = way->endpoint->url;
	sender.secrets_len = way->endpoint->secrets_len;
	memcpy(sender.secrets, way->endpoint->secrets, sizeof(sender.secrets));
	sender.keys_len = way->endpoint->keys_len;
	memcpy(sender.keys, way->endpoint->keys, sizeof(sender.keys));
	sender.allow_len = way->endpoint->allow_len;
	sender.allow = way->endpoint->allow;
	sender.proxy = way->endpoint->proxy;
	sender.ca_file = way->endpoint->ca_file;
	return sender;
}

/* Build and send. CL_ELIMIT: the transport takes no more now, ERRAND is not to be. */
static int send_one(struct courier *courier, struct sending *sending, struct errand *errand,
		    int64_t now, struct err *err)
{
	const struct conf_limits *limits = &courier->conf->limits;
	const struct conf_endpoint sender = sender_of(sending->queue, sending->way);
	struct channel_request request;
	int rc = channel_build(&sender, &sending->notice, conf_book(courier->conf, sender.language),
			       courier->conf->public_url, now, &courier->arena, &request, err);

	if (rc < 0) {
		errand_stays(errand);
		errand_fail(courier, errand, OUTCOME_DEAD, err->text, now);
		return 0;
	}
	const struct transport_order order = {
		.notice = sending->notice.id,
		.request = &request,
		.allow_len = sender.allow_len,
		.allow = sender.allow,
		.proxy = sender.proxy,
		.ca_file = sender.ca_file,
		.connect_ms = limits->connect,
		.total_ms =
			sending->notice.urgent ? limits->urgent_timeout : limits->normal_timeout,
	};
	rc = courier->transport.send(courier->transport.self, &order, err);
	if (rc < 0 && rc != CL_ELIMIT) {
		errand_stays(errand);
		errand_fail(courier, errand, OUTCOME_RETRY, err->text, now);
		return 0;
	}
	return rc;
}

static int hand_out(struct courier *courier, struct sending *sending, int64_t now)
{
	struct errand *errand = errand_add(courier, sending);
	struct err err = ERR_INIT;
	int rc = 0;

	if (!sending->way) {
		int64_t morning = night_end(courier, sending->queue, &sending->notice, now);

		errand->attempts--;
		errand_stays(errand);
		if (sending->notice.expires_at > now && morning != WHEN_UNKNOWN)
			errand_end(errand, NOTICE_READY, morning, sending->notice.error);
		else if (sending->notice.expires_at <= now)
			errand_end(errand, NOTICE_EXPIRED, now,
				   "expired before it could be delivered");
		else
			errand_fail(courier, errand, OUTCOME_DEAD,
				    "the endpoint is not configured any more", now);
		return 0;
	}
	if (errand->digest)
		rc = write_digest(courier, sending, errand, now, &err);
	if (rc == 0) {
		rc = send_one(courier, sending, errand, now, &err);
	} else if (rc == CL_ENOENT) {
		errand->attempts--;
		errand_stays(errand);
		errand_end(errand, NOTICE_SUPERSEDED, now, err.text);
		return 0;
	}
	if (rc < 0) {
		errand_forget(errand);
		courier->errands_len--;
	}
	return rc;
}

static void hand_out_all(struct courier *courier, int64_t now)
{
	size_t i = 0;

	while (i < courier->sendings_len && hand_out(courier, &courier->sendings[i], now) == 0)
		i++;
	for (; i < courier->sendings_len; i++) {
		struct sending *sending = &courier->sendings[i];
		unplan(sending);
		sending->queue->waiting_at[sending->notice.urgent] = now + LOOK_AGAIN;
	}
}

static void forget_plan(struct courier *courier)
{
	courier->sendings_len = courier->mergings_len = 0;
	arena_clear(&courier->arena);
}

int courier_claim(struct courier *courier, int64_t now, struct err *err)
{
	int rc = 0;

	courier_tell_time(courier, now);
	if (courier->refresh_at <= now || !courier->looked_up)
		rc = courier_refresh(courier, now, err);
	if (rc == 0)
		rc = plan(courier, now, err);
	if (rc == 0)
		rc = write_plan(courier, now, err);
	if (rc == 0)
		hand_out_all(courier, now);
	for (size_t i = 0; rc < 0 && i < courier->sendings_len; i++) {
		unplan(&courier->sendings[i]);
		courier->sendings[i].queue->waiting_at[courier->sendings[i].notice.urgent] = now;
	}
	forget_plan(courier);
	return rc;
}
