/* courier_queue.c — see courier_queue.h. Neighbours: courier_rate.c and courier_health.c hold each
 * way back; courier_plan.c chooses notices. */
#include "engine/courier_queue.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/when.h"

#define RECORD_VERSION 2

/* --- Ways ----------------------------------------------------------------------------------- */

struct way *way_new(const char *name)
{
	struct way *way = mem_alloc(sizeof(*way));

	way->name = mem_copy(name);
	health_init(&way->health);
	return way;
}

void way_free(struct way *way)
{
	mem_free(way->name);
	mem_free(way);
}

static void identify(const struct conf_endpoint *endpoint, uint8_t identity[DIGEST_KEY_LEN])
{
	struct digest_stream stream;

	digest_stream_begin(&stream, DIGEST_KEY_LEN);
	digest_stream_add(&stream, &endpoint->channel, sizeof(endpoint->channel));
	if (endpoint->url)
		digest_stream_add(&stream, endpoint->url, strlen(endpoint->url));
	for (size_t i = 0; i < endpoint->secrets_len; i++)
		digest_stream_add(&stream, endpoint->secrets[i].bytes, endpoint->secrets[i].len);
	for (size_t i = 0; i < endpoint->keys_len; i++)
		digest_stream_add(&stream, endpoint->keys[i], strlen(endpoint->keys[i]) + 1);
	/* Another way to the same address may be the mended one. */
	if (endpoint->proxy)
		digest_stream_add(&stream, endpoint->proxy, strlen(endpoint->proxy));
	if (endpoint->ca_file)
		digest_stream_add(&stream, endpoint->ca_file, strlen(endpoint->ca_file));
	digest_stream_end(&stream, identity, DIGEST_KEY_LEN);
}

void way_configure(struct way *way, const struct conf_endpoint *endpoint, bool kept)
{
	uint8_t identity[DIGEST_KEY_LEN] = {0};

	way->endpoint = endpoint;
	way->kept = kept;
	meter_configure(&way->meter, endpoint);
	if (endpoint)
		identify(endpoint, identity);
	if (memcmp(identity, way->identity, sizeof(identity)) != 0)
		way->era++;
	if (memcmp(identity, way->identity, sizeof(identity)) != 0 && way->looked_up) {
		health_renew(&way->health);
		way->dirty = true;
	}
	memcpy(way->identity, identity, sizeof(identity));
	/* Whoever loads a configuration wants to know what it does. */
	if (way->health.is == HEALTH_DISABLED)
		health_ask(&way->health);
}

unsigned way_room(const struct way *way, bool urgent, unsigned per_endpoint, int64_t now)
{
	/* While it fails, or nobody knows, one is enough to find out. */
	unsigned most = way->health.is != HEALTH_WELL || way->health.failures ? 1 : per_endpoint;

	if (health_next(&way->health) > now || way->in_flight >= most)
		return 0;
	unsigned room = meter_room(&way->meter, urgent, now);
	return room < most - way->in_flight ? room : most - way->in_flight;
}

int64_t way_next(const struct way *way, bool urgent, unsigned per_endpoint, int64_t now)
{
	unsigned most = way->health.is != HEALTH_WELL || way->health.failures ? 1 : per_endpoint;
	int64_t well = health_next(&way->health);

	if (well == WHEN_NEVER || way->in_flight >= most)
		return WHEN_NEVER;
	return meter_next(&way->meter, urgent, well > now ? well : now);
}

bool way_is_open(const struct way *way, int64_t now)
{
	return way->health.is == HEALTH_WELL && way->health.pause_until <= now;
}

void way_shift(struct way *way, int64_t by)
{
	health_shift(&way->health, by);
	meter_shift(&way->meter, by);
}

void way_pack(const struct way *way, int64_t now, struct pack *pack)
{
	pack_uint(pack, RECORD_VERSION);
	pack_bytes(pack, way->identity, sizeof(way->identity));
	health_pack(&way->health, now, pack);
	meter_pack(&way->meter, now, pack);
}

bool way_unpack(struct way *way, int64_t now, const void *record, size_t len, struct arena *arena)
{
	struct unpack unpack;

	unpack_init(&unpack, record, len);
	if (unpack_uint(&unpack) != RECORD_VERSION || unpack.len - unpack.at < DIGEST_KEY_LEN) {
		meter_fill(&way->meter, now);
		return false;
	}
	bool same = memcmp(unpack.data + unpack.at, way->identity, DIGEST_KEY_LEN) == 0;
	unpack.at += DIGEST_KEY_LEN;
	health_unpack(&way->health, now, &unpack, arena);
	meter_unpack(&way->meter, now, &unpack);
	if (unpack.bad) {
		health_init(&way->health);
		meter_fill(&way->meter, now);
		return false;
	}
	if (!same)
		health_renew(&way->health);
	return true;
}

/* --- Queues --------------------------------------------------------------------------------- */

struct queue *queue_new(const char *name)
{
	struct queue *queue = mem_alloc(sizeof(*queue));

	queue->name = mem_copy(name);
	queue->waiting_at[0] = queue->waiting_at[1] = WHEN_NEVER;
	return queue;
}

void queue_free(struct queue *queue)
{
	mem_free(queue->name);
	mem_free(queue);
}

struct way *queue_way(const struct queue *queue, bool urgent, unsigned per_endpoint, int64_t now)
{
	struct way *best = NULL;
	unsigned most = 0, left = 0;

	for (size_t i = 0; i < queue->ways_len; i++) {
		struct way *way = queue->ways[i];
		unsigned room = way_room(way, urgent, per_endpoint, now);

		/* Of those that are as free now, the one that has sent least. */
		if (room == 0 || room < most)
			continue;
		unsigned tokens = meter_room(&way->meter, urgent, now);
		if (!best || room > most || tokens > left) {
			best = way;
			most = room;
			left = tokens;
		}
	}
	return best;
}

int64_t queue_next(const struct queue *queue, bool urgent, unsigned per_endpoint, int64_t now)
{
	int64_t at = queue->waiting_at[urgent], next = WHEN_NEVER;

	if (at == WHEN_NEVER || !queue->endpoint)
		return at;
	if (at < now)
		at = now;
	for (size_t i = 0; i < queue->ways_len; i++) {
		int64_t free_at = way_next(queue->ways[i], urgent, per_endpoint, at);
		if (free_at < next)
			next = free_at;
	}
	return next;
}

bool queue_is_fresh(const struct queue *queue)
{
	bool fresh = queue->ways_len == 0;

	for (size_t i = 0; i < queue->ways_len; i++) {
		const struct health *health = &queue->ways[i]->health;
		fresh = fresh || (health->is == HEALTH_WELL && health->failures == 0);
	}
	return fresh && queue->in_flight == 0;
}

unsigned queue_per_minute(const struct queue *queue, bool urgent, int64_t now)
{
	unsigned sum = 0;

	for (size_t i = 0; i < queue->ways_len; i++) {
		if (way_is_open(queue->ways[i], now))
			sum += meter_per_minute(&queue->ways[i]->meter, urgent);
	}
	return sum;
}

bool queue_has_other(const struct queue *queue, const struct way *way, int64_t now)
{
	for (size_t i = 0; i < queue->ways_len; i++) {
		if (queue->ways[i] != way && way_is_open(queue->ways[i], now))
			return true;
	}
	return false;
}
