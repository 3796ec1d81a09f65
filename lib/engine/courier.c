/* courier.c — the courier's life: its queues and ways as configured, what waits, its clock, and how
 * it does. Neighbours: courier_plan.c chooses, courier_claim.c hands out, courier_answer.c writes,
 * courier_state.c keeps what outlives a crash. */
#include "engine/courier_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

#define STUCK_AFTER (2 * WHEN_MINUTE) /* Beyond the time a whole try may take. */

/* --- Life ----------------------------------------------------------------------------------- */

struct courier *courier_new(const struct courier_setup *setup)
{
	struct courier *courier = mem_alloc(sizeof(*courier));

	assert(setup->store);
	assert(setup->transport);
	assert(setup->ack);
	courier->store = setup->store;
	courier->transport = *setup->transport;
	courier->entropy = *setup->entropy;
	courier->gazetteer = setup->gazetteer;
	courier->ack = setup->ack;
	courier->drill = setup->drill;
	courier->now = WHEN_UNKNOWN;
	courier->refresh_at = WHEN_UNKNOWN;
	courier->ways_end = &courier->ways;
	courier_reconfigure(courier, setup->conf);
	return courier;
}

void courier_free(struct courier *courier)
{
	if (!courier)
		return;
	while (courier->queues) {
		struct queue *queue = courier->queues;
		courier->queues = queue->next;
		queue_free(queue);
	}
	while (courier->ways) {
		struct way *way = courier->ways;
		courier->ways = way->next;
		way_free(way);
	}
	for (size_t i = 0; i < courier->errands_len; i++)
		errand_forget(&courier->errands[i]);
	names_release(&courier->queues_named);
	names_release(&courier->ways_named);
	names_release(&courier->kept);
	arena_release(&courier->arena);
	mem_free(courier->errands);
	mem_free(courier->sendings);
	mem_free(courier->mergings);
	mem_free(courier);
}

static void keep(struct courier *courier, const char *name)
{
	if (name && !names_find(&courier->kept, name))
		names_add(&courier->kept, name, courier);
}

/* Whom STEP may reach: the endpoint it names, or any unit's of that level, or of one above that is
 * asked in its place. */
static void keep_step(struct courier *courier, const struct conf_step *step)
{
	const struct conf *conf = courier->conf;

	if (step->target == STEP_ENDPOINT) {
		keep(courier, step->endpoint);
		return;
	}
	for (size_t i = 0; i < conf->units_len; i++) {
		if (strlen(conf->units[i].code) <= (size_t)step->target)
			keep(courier, conf->units[i].endpoint);
	}
}

/* Those of the last steps and the fallback; of a pool, its robots. */
static void find_kept(struct courier *courier)
{
	const struct conf *conf = courier->conf;

	names_clear(&courier->kept);
	keep(courier, conf->fallback);
	for (size_t i = 0; i < conf->escalations_len; i++) {
		const struct conf_escalation *ladder = &conf->escalations[i];
		if (ladder->len > 0)
			keep_step(courier, &ladder->steps[ladder->len - 1]);
	}
	for (size_t i = 0; i < conf->endpoints_len; i++) {
		const struct conf_endpoint *pool = &conf->endpoints[i];
		if (pool->pool_len == 0 || !names_find(&courier->kept, pool->name))
			continue;
		for (size_t k = 0; k < pool->pool_len; k++)
			keep(courier, pool->pool[k]);
	}
}

static bool is_kept(const struct courier *courier, const char *name)
{
	return names_find(&courier->kept, name) != NULL;
}

static struct way *way_of(struct courier *courier, const char *name)
{
	struct way *way = names_find(&courier->ways_named, name);

	if (way)
		return way;
	way = way_new(name);
	names_add(&courier->ways_named, way->name, way);
	*courier->ways_end = way;
	courier->ways_end = &way->next;
	way_configure(way, conf_endpoint(courier->conf, name), is_kept(courier, name));
	courier->looked_up = false;
	return way;
}

static void configure_queue(struct courier *courier, struct queue *queue)
{
	const struct conf_endpoint *endpoint = conf_endpoint(courier->conf, queue->name);

	queue->endpoint = endpoint;
	queue->ways_len = 0;
	if (!endpoint)
		return;
	for (size_t i = 0; i < endpoint->pool_len && i < QUEUE_WAYS_MAX; i++)
		queue->ways[queue->ways_len++] = way_of(courier, endpoint->pool[i]);
	if (endpoint->pool_len == 0)
		queue->ways[queue->ways_len++] = way_of(courier, queue->name);
}

struct queue *courier_queue(struct courier *courier, const char *name)
{
	struct queue *queue = names_find(&courier->queues_named, name);
	struct queue **link = &courier->queues;

	if (queue)
		return queue;
	queue = queue_new(name);
	names_add(&courier->queues_named, queue->name, queue);
	while (*link && strcmp((*link)->name, name) < 0)
		link = &(*link)->next;
	queue->next = *link;
	*link = queue;
	configure_queue(courier, queue);
	return queue;
}

void courier_reconfigure(struct courier *courier, const struct conf *conf)
{
	courier->conf = conf;
	find_kept(courier);
	for (struct way *way = courier->ways; way; way = way->next)
		way_configure(way, conf_endpoint(conf, way->name), is_kept(courier, way->name));
	for (struct queue *queue = courier->queues; queue; queue = queue->next)
		configure_queue(courier, queue);
	for (size_t i = 0; i < conf->endpoints_len; i++)
		(void)courier_queue(courier, conf->endpoints[i].name);
	courier_wake(courier);
}

/* --- What waits ------------------------------------------------------------------------------ */

void courier_wake(struct courier *courier)
{
	courier->refresh_at = WHEN_UNKNOWN;
}

/* Rows and queues both come by name: each is looked at once. */
struct waiting {
	struct courier *courier;
	struct queue *at;
};

static void note_waiting(void *context, const void *row)
{
	struct waiting *waiting = context;
	const struct notice *notice = row;
	struct queue *queue = waiting->at;

	if (!queue || strcmp(queue->name, notice->endpoint) > 0)
		queue = waiting->courier->queues;
	while (queue && strcmp(queue->name, notice->endpoint) < 0)
		queue = queue->next;
	if (!queue || strcmp(queue->name, notice->endpoint) != 0)
		queue = courier_queue(waiting->courier, notice->endpoint);
	queue->waiting_at[notice->urgent] = notice->due_at;
	waiting->at = queue;
}

int courier_refresh(struct courier *courier, int64_t now, struct err *err)
{
	struct waiting waiting = {.courier = courier};

	courier_tell_time(courier, now);
	for (struct queue *queue = courier->queues; queue; queue = queue->next)
		queue->waiting_at[0] = queue->waiting_at[1] = WHEN_NEVER;
	int rc = courier->store->ops->notices_waiting(courier->store, note_waiting, &waiting, err);
	if (rc == 0)
		rc = courier_look_up(courier, now, err);
	courier->refresh_at = rc < 0 ? now + LOOK_AGAIN : WHEN_NEVER;
	return rc;
}

void courier_ask(struct courier *courier, const char *endpoint)
{
	for (struct queue *queue = courier->queues; queue; queue = queue->next) {
		for (size_t i = 0; i < queue->ways_len; i++) {
			struct way *way = queue->ways[i];
			if (way->health.is == HEALTH_WELL)
				continue;
			if (endpoint ? strcmp(queue->name, endpoint) == 0
				     : way->health.is == HEALTH_DISABLED)
				health_ask(&way->health);
		}
	}
	courier_wake(courier);
}

/* --- Its clock ------------------------------------------------------------------------------- */

void courier_clock_set(struct courier *courier, int64_t by)
{
	for (struct way *way = courier->ways; way; way = way->next) {
		way_shift(way, by);
		/* A start would take what the clock was set by for time that passed. */
		way->dirty = way->dirty || way->known;
	}
	courier->clock_moved = true;
	for (size_t i = 0; i < courier->errands_len; i++)
		courier->errands[i].sent_at += by;
	if (courier->now != WHEN_UNKNOWN)
		courier->now += by;
	courier_wake(courier);
}

/* A clock that was set back must not turn a pause of a minute into one of an hour. */
void courier_tell_time(struct courier *courier, int64_t now)
{
	if (courier->now != WHEN_UNKNOWN && now < courier->now)
		courier_clock_set(courier, now - courier->now);
	courier->now = now;
}

/* --- Questions ------------------------------------------------------------------------------- */

/* Endpoints that hang hold their places for as long as a try may take, and nobody can tell them
 * beforehand. So a quarter of all places is for those that hold none and have not failed, half of
 * that for what is urgent. */
size_t courier_room(const struct courier *courier, const struct queue *queue, bool urgent)
{
	size_t most = courier->conf->limits.in_flight, kept = most / 4;
	size_t used = courier->errands_len + courier->sendings_len;

	if (queue_is_fresh(queue))
		kept = urgent ? 0 : kept / 2;
	return used + kept < most ? most - used - kept : 0;
}

/* When the next of QUEUE may go; WHEN_NEVER: not before an answer frees a place. */
static int64_t next_of(const struct courier *courier, const struct queue *queue, int64_t now)
{
	int64_t next = WHEN_NEVER;

	for (int urgent = 0; urgent < 2; urgent++) {
		int64_t at = queue_next(queue, urgent, courier->conf->limits.per_endpoint, now);

		if (at < next && courier_room(courier, queue, urgent) > 0)
			next = at;
	}
	return next;
}

static enum way_told report_of(const struct way *way, int64_t now, int64_t *at)
{
	*at = WHEN_NEVER;
	if (!way->endpoint)
		return way->told == TOLD_SICK ? TOLD_WELL : way->told;
	if (health_is_ill(&way->health, now, at))
		return TOLD_SICK;
	/* After a restart the first delivery tells that it is well: an alert of the run before may
	 * be open. */
	if (way->health.is == HEALTH_WELL &&
	    way->tries[0][OUTCOME_OK] + way->tries[1][OUTCOME_OK] > 0)
		return TOLD_WELL;
	return way->told;
}

int64_t courier_next(const struct courier *courier)
{
	/* At once is the beginning of time: a caller may subtract from it. */
	int64_t next = courier->refresh_at == WHEN_UNKNOWN ? 0 : courier->refresh_at;
	int64_t at;

	/* What ended without leaving waits only to be written. */
	for (size_t i = 0; i < courier->errands_len; i++) {
		if (courier->errands[i].answered)
			return 0;
	}
	for (const struct way *way = courier->ways; way; way = way->next) {
		enum way_told is = report_of(way, courier->now, &at);

		/* Somebody must be told that it is ill, now or when it has been broken for long. */
		if (way->told == TOLD_SICK)
			continue;
		if (is == TOLD_SICK)
			return 0;
		next = at < next ? at : next;
	}
	for (const struct queue *queue = courier->queues; queue; queue = queue->next) {
		at = next_of(courier, queue, courier->now);
		if (at < next)
			next = at;
	}
	return next;
}

bool courier_idle(const struct courier *courier, int64_t now)
{
	return courier->errands_len == 0 && courier_next(courier) > now;
}

static bool is_well(const struct queue *queue)
{
	for (size_t i = 0; i < queue->ways_len; i++) {
		if (queue->ways[i]->health.is == HEALTH_WELL)
			return true;
	}
	return queue->ways_len == 0;
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
		if (is_well(queue) && next_of(courier, queue, WHEN_UNKNOWN) < before)
			return true;
	}
	return false;
}

bool courier_take_change(struct courier *courier, const char **endpoint, bool *sick,
			 const char **hint)
{
	for (struct way *way = courier->ways; way; way = way->next) {
		int64_t at;
		enum way_told is = report_of(way, courier->now, &at);

		if (is == way->told)
			continue;
		way->told = is;
		*endpoint = way->name;
		*sick = is == TOLD_SICK;
		*hint = way->health.hint;
		return true;
	}
	return false;
}
