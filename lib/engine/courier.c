/* courier.c — the outbox goes out: finds what is due and hands it to the transport.
 * Neighbours: courier_answer.c writes what came of it, courier_queue.c knows how each endpoint
 * does; the store keeps the outbox. */
#include "engine/courier_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

#define STUCK_AFTER (2 * WHEN_MINUTE) /* Beyond the time a whole try may take. */
#define ORDER_SLACK 8 /* Read so many more: some may wait for another of their alert. */

static struct queue *queue_find(struct courier *courier, const char *name)
{
	struct queue **link = &courier->queues;

	for (; *link; link = &(*link)->next) {
		if (strcmp((*link)->name, name) == 0)
			return *link;
	}
	*link = mem_alloc(sizeof(**link));
	queue_init(*link, name);
	queue_configure(*link, conf_endpoint(courier->conf, name));
	return *link;
}

struct courier *courier_new(struct store *store, const struct conf *conf,
			    const struct transport *transport, const struct entropy *entropy)
{
	struct courier *courier = mem_alloc(sizeof(*courier));

	assert(store);
	assert(transport);
	courier->store = store;
	courier->transport = *transport;
	courier->entropy = *entropy;
	courier->now = WHEN_UNKNOWN;
	courier->refresh_at = WHEN_UNKNOWN;
	courier_reconfigure(courier, conf);
	return courier;
}

void courier_free(struct courier *courier)
{
	if (!courier)
		return;
	while (courier->queues) {
		struct queue *queue = courier->queues;
		courier->queues = queue->next;
		mem_free(queue->name);
		mem_free(queue);
	}
	mem_free(courier->errands);
	mem_free(courier);
}

void courier_reconfigure(struct courier *courier, const struct conf *conf)
{
	courier->conf = conf;
	for (struct queue *queue = courier->queues; queue; queue = queue->next)
		queue_configure(queue, conf_endpoint(conf, queue->name));
	for (size_t i = 0; i < conf->endpoints_len; i++)
		(void)queue_find(courier, conf->endpoints[i].name);
	courier_wake(courier);
}

void courier_wake(struct courier *courier)
{
	courier->refresh_at = WHEN_UNKNOWN;
}

static void note_waiting(void *context, const void *row)
{
	const struct notice *notice = row;
	queue_find(context, notice->endpoint)->waiting_at = notice->due_at;
}

int courier_refresh(struct courier *courier, struct err *err)
{
	for (struct queue *queue = courier->queues; queue; queue = queue->next)
		queue->waiting_at = WHEN_NEVER;
	int rc = courier->store->ops->notices_waiting(courier->store, note_waiting, courier, err);
	courier->refresh_at = rc < 0 ? courier->now + LOOK_AGAIN : WHEN_NEVER;
	return rc;
}

/* --- Claiming --- */

/* The rows of one notices_ready. */
struct picking {
	struct arena arena;
	struct notice *notices;
	size_t len, cap;
};

static void pick(void *context, const void *row)
{
	struct picking *picking = context;
	const struct notice *notice = row;

	if (picking->len < picking->cap)
		picking->notices[picking->len++] = *notice;
}

static struct errand *errand_add(struct courier *courier, struct queue *queue,
				 const struct notice *notice)
{
	if (courier->errands_len == courier->errands_cap) {
		courier->errands_cap = courier->errands_cap ? 2 * courier->errands_cap : 16;
		courier->errands = mem_grow(courier->errands,
					    courier->errands_cap * sizeof(*courier->errands));
	}
	struct errand *errand = &courier->errands[courier->errands_len++];
	*errand = (struct errand){
		.queue = queue,
		.alert = notice->alert,
		.urgent = notice->urgent,
		.probe = queue->health != QUEUE_WELL,
		.attempts = notice->attempts + 1,
		.expires_at = notice->expires_at,
		.sent_at = courier->now,
	};
	text_copy(errand->notice, sizeof(errand->notice), notice->id);
	return errand;
}

/* Hand NOTICE to the transport. CL_ELIMIT: it takes no more now. */
static int hand_out(struct courier *courier, struct queue *queue, const struct notice *notice,
		    struct arena *arena, int64_t now)
{
	const struct conf_limits *limits = &courier->conf->limits;
	const struct conf_endpoint *endpoint = queue->endpoint;
	struct channel_request request;
	struct err err = ERR_INIT;
	bool sendable = endpoint && notice->expires_at > now;
	int built = 0, rc = 0;

	if (sendable)
		built = channel_build(endpoint, notice,
				      conf_book(courier->conf, endpoint->language),
				      courier->conf->public_url, now, arena, &request, &err);
	if (sendable && built == 0) {
		const struct transport_order order = {
			.notice = notice->id,
			.request = &request,
			.allow_len = endpoint->allow_len,
			.allow = endpoint->allow,
			.proxy = endpoint->proxy,
			.ca_file = endpoint->ca_file,
			.connect_ms = limits->connect,
			.total_ms =
				notice->urgent ? limits->urgent_timeout : limits->normal_timeout,
		};
		rc = courier->transport.send(courier->transport.self, &order, &err);
	}
	if (rc == CL_ELIMIT)
		return rc;
	struct errand *errand = errand_add(courier, queue, notice);
	queue_sent(queue, now);
	if (notice->expires_at <= now) {
		errand->attempts--;
		errand_end(errand, NOTICE_EXPIRED, now, "expired before it could be delivered");
	} else if (!endpoint) {
		errand->attempts--;
		errand_fail(courier, errand, OUTCOME_DEAD,
			    "the endpoint is not configured any more", now);
	} else if (built < 0) {
		errand_fail(courier, errand, OUTCOME_DEAD, err.text, now);
	} else if (rc < 0) {
		errand_fail(courier, errand, OUTCOME_RETRY, err.text, now);
	}
	return 0;
}

/* True when NOTICE is out already, or another one of its alert is on its way to the same endpoint.
 */
static bool is_held(const struct courier *courier, const struct queue *queue,
		    const struct notice *notice)
{
	for (size_t i = 0; i < courier->errands_len; i++) {
		const struct errand *errand = &courier->errands[i];
		if (strcmp(errand->notice, notice->id) == 0)
			return true;
		if (errand->queue == queue && notice->alert && errand->alert == notice->alert)
			return true;
	}
	return false;
}

static size_t global_room(const struct courier *courier)
{
	size_t most = courier->conf->limits.in_flight;
	return courier->errands_len < most ? most - courier->errands_len : 0;
}

/* All that was due is out, or waits for an answer. What is due later shows at the next refresh;
 * what is under way hides it until then, so look again soon. */
static void wait_for_news(struct courier *courier, struct queue *queue, int64_t now)
{
	queue->waiting_at = queue->in_flight ? now + LOOK_AGAIN : WHEN_NEVER;
	if (queue->in_flight == 0 && courier->refresh_at > now + LOOK_AGAIN)
		courier->refresh_at = now + LOOK_AGAIN;
}

static void hand_out_all(struct courier *courier, struct queue *queue, struct picking *picking,
			 size_t room, int64_t now)
{
	size_t held = 0;

	for (size_t i = 0; i < picking->len && room > 0; i++) {
		if (is_held(courier, queue, &picking->notices[i])) {
			held++;
			continue;
		}
		if (hand_out(courier, queue, &picking->notices[i], &picking->arena, now) < 0)
			return;
		room--;
	}
	if (room > 0 && held == picking->len)
		wait_for_news(courier, queue, now);
}

static int claim(struct courier *courier, struct queue *queue, int64_t now, struct err *err)
{
	const struct store_ops *ops = courier->store->ops;
	size_t room = queue_room(queue, courier->conf->limits.per_endpoint, now);
	struct picking picking = {.arena = ARENA_INIT};

	if (room > global_room(courier))
		room = global_room(courier);
	if (room == 0 || queue->waiting_at > now)
		return 0;
	picking.cap = room + queue->in_flight + ORDER_SLACK;
	picking.notices = arena_alloc(&picking.arena, picking.cap * sizeof(*picking.notices));
	int rc = ops->notices_ready(courier->store, queue->name, now, (unsigned)picking.cap,
				    &picking.arena, pick, &picking, err);
	if (rc < 0)
		queue->waiting_at = now + LOOK_AGAIN;
	else
		hand_out_all(courier, queue, &picking, room, now);
	arena_release(&picking.arena);
	return rc;
}

/* A clock that was set back must not turn a pause of a minute into one of an hour. */
void courier_tell_time(struct courier *courier, int64_t now)
{
	if (courier->now != WHEN_UNKNOWN && now < courier->now) {
		int64_t by = courier->now - now;
		for (struct queue *queue = courier->queues; queue; queue = queue->next)
			queue_shift(queue, by);
		courier_wake(courier);
	}
	courier->now = now;
}

int courier_claim(struct courier *courier, int64_t now, struct err *err)
{
	courier_tell_time(courier, now);
	if (courier->refresh_at <= now) {
		int rc = courier_refresh(courier, err);
		if (rc < 0)
			return rc;
	}
	if (!courier->first || !courier->first->next)
		courier->first = courier->queues;
	else
		courier->first = courier->first->next;
	struct queue *queue = courier->first;
	if (!queue)
		return 0;
	do {
		int rc = claim(courier, queue, now, err);
		if (rc < 0)
			return rc;
		queue = queue->next ? queue->next : courier->queues;
	} while (queue != courier->first);
	return 0;
}

/* --- Questions --- */

int64_t courier_next(const struct courier *courier)
{
	/* At once is the beginning of time: a caller may subtract from it. */
	int64_t next = courier->refresh_at == WHEN_UNKNOWN ? 0 : courier->refresh_at;

	if (global_room(courier) == 0)
		return next;
	for (const struct queue *queue = courier->queues; queue; queue = queue->next) {
		int64_t at = queue_next(queue, courier->conf->limits.per_endpoint);
		if (at < next)
			next = at;
	}
	return next;
}

bool courier_idle(const struct courier *courier, int64_t now)
{
	return courier->errands_len == 0 && courier_next(courier) > now;
}

bool courier_stuck(const struct courier *courier, int64_t now, const char **endpoint)
{
	const struct conf_limits *limits = &courier->conf->limits;
	int64_t before = now - STUCK_AFTER - limits->urgent_timeout - limits->normal_timeout;

	for (size_t i = 0; i < courier->errands_len; i++) {
		*endpoint = courier->errands[i].queue->name;
		if (courier->errands[i].sent_at < before)
			return true;
	}
	for (const struct queue *queue = courier->queues; queue; queue = queue->next) {
		*endpoint = queue->name;
		if (global_room(courier) > 0 && queue->health == QUEUE_WELL &&
		    queue_next(queue, limits->per_endpoint) < before)
			return true;
	}
	return false;
}

void courier_endpoints(const struct courier *courier,
		       void (*each)(void *context, const struct courier_endpoint *), void *context)
{
	static const char *const words[] = {
		[QUEUE_WELL] = "ok", [QUEUE_BROKEN] = "broken", [QUEUE_SICK] = "sick"};

	for (const struct queue *queue = courier->queues; queue; queue = queue->next) {
		struct courier_endpoint endpoint = {
			.name = queue->name,
			.state = words[queue->health],
			.until = queue->health == QUEUE_WELL ? WHEN_NEVER : queue->probe_at,
			.in_flight = queue->in_flight,
			.delivered = queue->delivered,
			.failed = queue->failed,
		};
		if (queue->health == QUEUE_WELL && queue->pause_until > courier->now) {
			endpoint.state = "paused";
			endpoint.until = queue->pause_until;
		}
		text_copy(endpoint.hint, sizeof(endpoint.hint), queue->hint);
		each(context, &endpoint);
	}
}

bool courier_take_change(struct courier *courier, const char **endpoint, bool *sick,
			 const char **hint)
{
	for (struct queue *queue = courier->queues; queue; queue = queue->next) {
		bool heard_well = queue->delivered > 0 && queue->health != QUEUE_SICK;
		enum queue_told is = queue->health == QUEUE_SICK ? TOLD_SICK
				     : heard_well		 ? TOLD_WELL
								 : queue->told;

		/* After a restart the first delivery tells that it is well: an alert of the run
		 * before may be open. */
		if (is == queue->told || (is == TOLD_WELL && queue->health != QUEUE_WELL))
			continue;
		queue->told = is;
		*endpoint = queue->name;
		*sick = is == TOLD_SICK;
		*hint = queue->hint;
		return true;
	}
	return false;
}
