/* courier_state.c — what the courier must know after a crash: how much was sent in the last minute,
 * pauses, who is ill. Neighbours: store/store_endpoints.c keeps the rows; courier_claim.c and
 * courier_answer.c save in their transactions. */
#include "engine/courier_private.h"

#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

bool courier_unsaved(const struct courier *courier)
{
	for (const struct way *way = courier->ways; way; way = way->next) {
		if (way->dirty)
			return true;
	}
	return false;
}

/* A pool does as well as the best of its robots. */
static int save_pool(struct courier *courier, const struct queue *queue, struct err *err)
{
	struct store_endpoint row = {.name = queue->name, .until = WHEN_NEVER};
	bool dirty = false;

	for (size_t i = 0; i < queue->ways_len; i++) {
		const struct way *way = queue->ways[i];
		int health = (int)way->health.is;
		int64_t until = health_next(&way->health);

		dirty = dirty || way->dirty;
		if (i == 0 || health < row.health || (health == row.health && until < row.until)) {
			row.health = health;
			row.until = until;
		}
	}
	return dirty ? courier->store->ops->endpoint_save(courier->store, &row, err) : 0;
}

int courier_save(struct courier *courier, int64_t now, struct err *err)
{
	struct arena arena = ARENA_INIT;
	int rc = 0;

	for (const struct way *way = courier->ways; way && rc == 0; way = way->next) {
		struct pack pack;

		if (!way->dirty)
			continue;
		pack_init(&pack, &arena);
		way_pack(way, now, &pack);
		const struct store_endpoint row = {.name = way->name,
						   .health = (int)way->health.is,
						   .until = health_next(&way->health),
						   .record = pack.data,
						   .record_len = pack.len};
		rc = courier->store->ops->endpoint_save(courier->store, &row, err);
	}
	for (const struct queue *queue = courier->queues; queue && rc == 0; queue = queue->next) {
		if (queue->endpoint && queue->endpoint->pool_len)
			rc = save_pool(courier, queue, err);
	}
	arena_release(&arena);
	return rc;
}

void courier_saved(struct courier *courier)
{
	courier->clock_moved = false;
	for (struct way *way = courier->ways; way; way = way->next) {
		way->known = way->known || way->dirty;
		way->dirty = false;
	}
}

/* --- Reading -------------------------------------------------------------------------------- */

struct reading {
	struct courier *courier;
	struct arena arena;
	int64_t now;
};

static void take_row(void *context, const void *row)
{
	struct reading *reading = context;
	const struct store_endpoint *endpoint = row;
	struct way *way = reading->courier->ways;

	while (way && strcmp(way->name, endpoint->name) != 0)
		way = way->next;
	if (!way || way->looked_up)
		return;
	way->known = true;
	if (!way_unpack(way, reading->now, endpoint->record, endpoint->record_len, &reading->arena))
		log_warn("courier.unreadable", "endpoint=%s", way->name);
	/* Not every send is written where seconds are counted: it may have been all of them. Only a
	 * vendor's own limit is worth a start that waits. */
	if (!meter_is_durable(&way->meter) && way->endpoint && channel_room(way->endpoint) > 0 &&
	    way->endpoint->rate_per_minute == 0)
		meter_fill(&way->meter, reading->now);
}

int courier_look_up(struct courier *courier, int64_t now, struct err *err)
{
	struct reading reading = {.courier = courier, .arena = ARENA_INIT, .now = now};

	if (courier->looked_up)
		return 0;
	int rc = courier->store->ops->endpoints_list(courier->store, &reading.arena, take_row,
						     &reading, err);
	arena_release(&reading.arena);
	if (rc < 0)
		return rc;
	for (struct way *way = courier->ways; way; way = way->next)
		way->looked_up = true;
	courier->looked_up = true;
	return 0;
}
