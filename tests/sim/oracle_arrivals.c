/* oracle_arrivals.c — what arrives at each endpoint: an alert's words in the order in which they
 * were written, no notice by two digests, at night only what may ring (oracle.h: order, digests,
 * quiet). Neighbours: oracle_notices.c reads the rows; the house is asked for nothing. */
#include "oracle_private.h"

#include <string.h>

#include "closedloop/text.h"

/* The latest word about one alert that arrived at one endpoint. */
struct latest {
	uint64_t key; /* of alert and endpoint; 0: free */
	int64_t row;
};

struct arrivals {
	size_t len, cap;
	struct latest *latest; /* open addressing */
	size_t digests_len;
	uint64_t *digests; /* by row of the notice: hash of the digest it arrived in, or 0 */
};

static struct arrivals *arrivals_of(struct oracle *oracle)
{
	if (!oracle->arrivals)
		oracle->arrivals = mem_alloc(sizeof(*oracle->arrivals));
	return oracle->arrivals;
}

void arrivals_free(struct oracle *oracle)
{
	if (!oracle->arrivals)
		return;
	mem_free(oracle->arrivals->latest);
	mem_free(oracle->arrivals->digests);
	mem_free(oracle->arrivals);
}

/* --- Order ---------------------------------------------------------------------------------- */

static struct latest *slot_of(struct latest *table, size_t cap, uint64_t key)
{
	size_t at = (size_t)key & (cap - 1);

	while (table[at].key && table[at].key != key)
		at = (at + 1) & (cap - 1);
	return &table[at];
}

static struct latest *latest_of(struct arrivals *arrivals, uint64_t key)
{
	if (2 * (arrivals->len + 1) > arrivals->cap) {
		size_t cap = arrivals->cap ? 2 * arrivals->cap : 1024;
		struct latest *table = mem_alloc(cap * sizeof(*table));
		for (size_t i = 0; i < arrivals->cap; i++) {
			if (arrivals->latest[i].key)
				*slot_of(table, cap, arrivals->latest[i].key) = arrivals->latest[i];
		}
		mem_free(arrivals->latest);
		arrivals->latest = table;
		arrivals->cap = cap;
	}
	struct latest *latest = slot_of(arrivals->latest, arrivals->cap, key);
	arrivals->len += latest->key == 0;
	latest->key = key;
	return latest;
}

/* Rows are numbered as they are written; the clock may have been set. */
static void check_order(struct world *world, const struct arrival *arrival)
{
	uint64_t key = hash_text(HASH_BEGIN ^ (uint64_t)arrival->alert, arrival->endpoint) | 1;
	struct latest *latest = latest_of(arrivals_of(world->oracle), key);

	if (arrival->row < latest->row)
		oracle_fail(world, "order",
			    "notice %s of A-%06lld (%s) arrives at %s after a newer word",
			    arrival->id, (long long)arrival->alert, arrival->type,
			    arrival->endpoint);
	if (arrival->row > latest->row)
		latest->row = arrival->row;
}

/* --- Digests -------------------------------------------------------------------------------- */

static void check_once(struct world *world, const struct arrival *arrival)
{
	struct arrivals *arrivals = arrivals_of(world->oracle);
	size_t row = (size_t)arrival->row;
	uint64_t digest = hash_text(HASH_BEGIN, arrival->message);

	/* Tried alone it may still be told by a digest, and never the other way round. */
	if (text_equal(arrival->message, arrival->id)) {
		if (row < arrivals->digests_len && arrivals->digests[row])
			oracle_fail(world, "digests",
				    "notice %s is told by itself after a digest told it",
				    arrival->id);
		return;
	}
	if (row >= arrivals->digests_len) {
		size_t len = 2 * row + 64;
		arrivals->digests = mem_grow(arrivals->digests, len * sizeof(*arrivals->digests));
		memset(arrivals->digests + arrivals->digests_len, 0,
		       (len - arrivals->digests_len) * sizeof(*arrivals->digests));
		arrivals->digests_len = len;
	}
	if (arrivals->digests[row] && arrivals->digests[row] != digest)
		oracle_fail(world, "digests", "notice %s is told by a second digest, %s",
			    arrival->id, arrival->message);
	arrivals->digests[row] = digest;
}

/* --- Quiet hours ---------------------------------------------------------------------------- */

static bool is_quiet(const struct conf *conf, const struct conf_endpoint *endpoint, int64_t at)
{
	int64_t from = endpoint->quiet_from, to = endpoint->quiet_to;
	int64_t into = at - when_at(conf->zone, (int32_t)when_day(conf->zone, at), 0);

	if (from == to)
		return false;
	return from < to ? into >= from && into < to : into >= from || into < to;
}

/* Under every configuration: what was written under one is not judged again under the next. */
static bool always_quiet(const struct world *world, const char *name, int64_t at)
{
	for (size_t i = 0; i < world->confs_len; i++) {
		const struct conf_endpoint *endpoint = conf_endpoint(world->confs[i], name);
		if (endpoint && !is_quiet(world->confs[i], endpoint, at))
			return false;
	}
	return true;
}

/* As config/phrases says it. */
#define ARRIVES_SOON "【夜间急件·即将到达】"

/* Nothing that need not ring does at night, whatever its age and its tries. Who arrives soon is
 * told of, and the words say why. */
static void check_night(struct world *world, const struct arrival *arrival,
			const struct delivery *delivery)
{
	const struct conf *conf = world->house.conf;
	const struct conf_endpoint *endpoint = conf_endpoint(conf, arrival->endpoint);
	int kind = alert_kind_of(arrival->kind);

	if (!endpoint || kind < 0 || alert_traits((enum alert_kind)kind)->urgent ||
	    text_starts(arrival->title, ARRIVES_SOON) || !is_quiet(conf, endpoint, delivery->at))
		return;
	/* An end that was written by day is on its way at once, and is gone before the night. */
	if (!always_quiet(world, arrival->endpoint, delivery->at) ||
	    (arrival->urgent && !is_quiet(conf, endpoint, arrival->created_at)))
		return;
	oracle_fail(world, "quiet", "notice %s (%s, %s) of %lld rings at %s", arrival->id,
		    arrival->kind, arrival->type, (long long)arrival->created_at,
		    arrival->endpoint);
}

void arrivals_note(struct world *world, const struct arrival *arrival,
		   const struct delivery *delivery)
{
	check_order(world, arrival);
	check_once(world, arrival);
	check_night(world, arrival, delivery);
}
