/* courier_report.c — how each endpoint does, for those who ask and for those who count. Neighbours:
 * daemon/api_admin.c shows it, daemon/api_health.c makes metrics of it. */
#include "engine/courier_private.h"

#include <string.h>

#include "closedloop/text.h"

static const char *const words[] = {
	[HEALTH_WELL] = "ok",
	[HEALTH_BROKEN] = "broken",
	[HEALTH_SICK] = "sick",
	[HEALTH_DISABLED] = "disabled",
};

static void add_tries(const struct way *way, struct courier_endpoint *out)
{
	for (int urgent = 0; urgent < 2; urgent++) {
		for (int outcome = 0; outcome < OUTCOMES; outcome++) {
			uint64_t tries = way->tries[urgent][outcome];

			out->tries[urgent][outcome] += tries;
			if (outcome == OUTCOME_OK)
				out->delivered += tries;
			else if (outcome != OUTCOME_PAUSE)
				out->failed += tries;
		}
	}
	out->unknown_codes += way->unknown;
}

static struct courier_endpoint way_report(const struct way *way, int64_t now)
{
	const struct health *health = &way->health;
	bool paused = health->pause_until > now;
	struct courier_endpoint out = {
		.name = way->name,
		.state = health->is == HEALTH_WELL && paused ? "paused" : words[health->is],
		.breaker = health->is != HEALTH_WELL,
		.until = health->is == HEALTH_WELL && !paused ? WHEN_NEVER : health_next(health),
		.in_flight = way->in_flight,
		.tokens = paused ? 0 : meter_room(&way->meter, true, now),
	};

	add_tries(way, &out);
	text_copy(out.hint, sizeof(out.hint), health->hint);
	return out;
}

/* As its best member is. */
static struct courier_endpoint pool_report(const struct queue *queue, int64_t now)
{
	struct courier_endpoint out = {.until = WHEN_NEVER};
	const struct way *best = queue->ways[0];

	for (size_t i = 0; i < queue->ways_len; i++) {
		const struct way *way = queue->ways[i];
		bool better = way->health.is < best->health.is ||
			      (way->health.is == best->health.is &&
			       way->health.pause_until < best->health.pause_until);

		best = better ? way : best;
		out.in_flight += way->in_flight;
		out.tokens +=
			way->health.pause_until > now ? 0 : meter_room(&way->meter, true, now);
		add_tries(way, &out);
	}
	struct courier_endpoint well = way_report(best, now);
	out.name = queue->name;
	out.pool = true;
	out.state = well.state;
	out.breaker = well.breaker;
	out.until = well.until;
	text_copy(out.hint, sizeof(out.hint), well.hint);
	return out;
}

void courier_endpoints(const struct courier *courier,
		       void (*each)(void *context, const struct courier_endpoint *), void *context)
{
	for (const struct queue *queue = courier->queues; queue; queue = queue->next) {
		struct courier_endpoint report;

		if (queue->ways_len == 0)
			continue;
		report = queue->endpoint->pool_len ? pool_report(queue, courier->now)
						   : way_report(queue->ways[0], courier->now);
		each(context, &report);
	}
}
