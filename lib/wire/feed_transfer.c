/* feed_transfer.c — what a vehicle's run states: who sits in it, where it stops and when.
 * Neighbours: feed_data.c does the same for people and flights; feed_check.c has checked it. */
#include "closedloop/json.h"
#include "wire/feed_event.h"

static enum stop_kind stop_kind_of(const char *word)
{
	static const char *const kinds[] = {
		[STOP_RELAY] = "relay",	      [STOP_TEST_CENTRE] = "test_centre",
		[STOP_COMPOUND] = "compound", [STOP_CENTRAL_SITE] = "central_site",
		[STOP_HOSPITAL] = "hospital",
	};
	size_t kind = 0;

	while (kind < ARRAY_LEN(kinds) - 1 && !text_equal(kinds[kind], word))
		kind++;
	return (enum stop_kind)kind;
}

/* Seq and expected time are all an ETA states; a departure says more of each stop. */
static void state_stops(struct arena *arena, struct fact *fact, const cJSON *list)
{
	const cJSON *item;

	if (!list)
		return;
	fact->stops = arena_alloc(arena, (size_t)cJSON_GetArraySize(list) * sizeof(*fact->stops));
	cJSON_ArrayForEach(item, list)
	{
		struct fact_stop *stop = &fact->stops[fact->stops_len++];
		const cJSON *address = json_get(item, "address");

		stop->seq = feed_whole(item, "seq", 0);
		stop->eta = feed_time(item, "eta");
		if (fact->type != FACT_DEPARTED)
			continue;
		stop->kind = stop_kind_of(json_string(item, "kind"));
		stop->address = feed_text(arena, address, "text");
		stop->committee = feed_text(arena, address, "committee_code");
	}
}

static void state_departed(const cJSON *data, struct arena *arena, struct fact *fact)
{
	const cJSON *list = json_get(data, "travelers");
	const cJSON *item;

	fact->plate = feed_text(arena, data, "plate");
	state_stops(arena, fact, json_get(data, "stops"));
	fact->riders = arena_alloc(arena, (size_t)cJSON_GetArraySize(list) * sizeof(*fact->riders));
	cJSON_ArrayForEach(item, list)
	{
		struct fact_rider *rider = &fact->riders[fact->riders_len++];

		rider->ref = feed_text(arena, item, "ref");
		rider->stop = feed_whole(item, "stop", 0);
	}
}

static void state_stop_reached(const cJSON *data, struct fact *fact)
{
	fact->seq = feed_whole(data, "seq", 0);
	fact->n_off = feed_whole(data, "n_off", -1);
}

void feed_state_transfer(const cJSON *data, struct arena *arena, struct fact *fact)
{
	if (fact->type == FACT_DEPARTED)
		state_departed(data, arena, fact);
	else if (fact->type == FACT_ETA)
		state_stops(arena, fact, json_get(data, "etas"));
	else
		state_stop_reached(data, fact);
}
