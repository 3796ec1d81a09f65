/* vehicles.c — a fact about one vehicle or flight reaches everybody on it. Neighbours:
 * loop/transfer.c joins the record; step.c decides for each rider. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/text.h"

void rider_collect(void *context, const void *row)
{
	struct rider_list *list = context;
	if (list->len == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 32;
		struct store_rider *riders = arena_alloc(list->arena, cap * sizeof(*riders));
		if (list->len)
			memcpy(riders, list->riders, list->len * sizeof(*riders));
		list->riders = riders;
		list->cap = cap;
	}
	const struct store_rider *rider = row;
	list->riders[list->len] = *rider;
	list->riders[list->len++].journey = arena_copy(list->arena, rider->journey);
}

static struct store_rider *rider_find(struct rider_list *list, const char *journey)
{
	for (size_t i = 0; i < list->len; i++) {
		if (text_equal(list->riders[i].journey, journey))
			return &list->riders[i];
	}
	return NULL;
}

int vehicle_load(struct engine *engine, const char *id, struct transfer *out, struct err *err)
{
	const void *data;
	size_t len;
	int rc = engine->store->ops->transfer_load(engine->store, id, &engine->arena, &data, &len,
						   err);
	transfer_init(out, id);
	if (rc == CL_ENOENT)
		return 0;
	if (rc < 0)
		return rc;
	return transfer_unpack(out, id, data, len, &engine->arena, err);
}

int vehicle_save(struct engine *engine, const struct transfer *transfer, struct err *err)
{
	const uint8_t *data;
	size_t len;
	transfer_pack(transfer, &engine->arena, &data, &len);
	return engine->store->ops->transfer_save(engine->store, transfer->id, data, len, err);
}

/* What board and tell_others work on. */
struct run {
	const struct fact *fact;
	struct transfer *transfer;
	bool new_list;
	struct rider_list known;
	struct held *held;
	int64_t now;
	int64_t *seq;
};

/* One rider's journey learns where her vehicle is. A rider taken off a newer list was not seen on
 * it. */
static int ride(struct engine *engine, struct run *run, const struct store_rider *rider, bool named,
		struct err *err)
{
	struct fact unseen = *run->fact;
	struct leg leg;

	unseen.type = FACT_ETA;
	transfer_leg(run->transfer, rider->stop, &leg);
	leg.off = rider->off;
	struct step step = {
		.fact = named ? run->fact : &unseen, .leg = &leg, .now = run->now, .seq = run->seq};
	return step_apply(engine, run->held, &step, err);
}

/* One rider a departure names: found or made, with her stop. */
static int board_one(struct engine *engine, struct run *run, const struct fact_rider *named,
		     struct err *err)
{
	int rc = identity_find(engine, run->fact, named->ref, run->now, run->held, err);
	/* Of one who was erased nothing is kept; the others have left all the same. */
	if (rc == CL_EGONE)
		return 0;
	if (rc < 0)
		return rc;
	struct store_rider *old = rider_find(&run->known, run->held->journey.id);
	char id[IDENT_CAP];
	text_copy(id, sizeof(id), run->held->journey.id);
	struct store_rider rider = {.journey = id, .stop = named->stop, .off = !run->new_list};
	/* An older list than the one in force adds nobody and moves nobody. */
	if (old && !run->new_list)
		rider = *old;
	rc = ride(engine, run, &rider, true, err);
	if (rc == 0)
		rc = identity_keep(engine, run->fact, named->ref, id, err);
	if (rc == 0)
		rc = engine->store->ops->rider_save(engine->store, run->transfer->id, &rider, err);
	if (old)
		old->journey = NULL;
	return rc;
}

static int board(struct engine *engine, struct run *run, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; i < run->fact->riders_len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		rc = board_one(engine, run, &run->fact->riders[i], err);
		scratch_end(engine, kept);
	}
	return rc;
}

/* True when FACT says something about the stop of RIDER. */
static bool concerns(const struct fact *fact, const struct store_rider *rider)
{
	if (fact->type == FACT_STOP_REACHED)
		return fact->seq == rider->stop;
	if (fact->type != FACT_ETA)
		return true;
	for (size_t i = 0; i < fact->stops_len; i++) {
		if (fact->stops[i].seq == rider->stop)
			return true;
	}
	return false;
}

/* Those known before and not named by the fact: taken off by a newer list, or just told of the
 * news. */
static int tell_one_rider(struct engine *engine, struct run *run, struct store_rider *rider,
			  struct err *err)
{
	int rc = 0;
	if (run->new_list && !rider->off) {
		rider->off = true;
		rc = engine->store->ops->rider_save(engine->store, run->transfer->id, rider, err);
	}
	if (rc == 0)
		rc = held_load(engine, rider->journey, run->held, err);
	if (rc == CL_EGONE)
		return 0;
	return rc == 0 ? ride(engine, run, rider, false, err) : rc;
}

static int tell_others(struct engine *engine, struct run *run, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; i < run->known.len && rc == 0; i++) {
		struct store_rider *rider = &run->known.riders[i];
		if (!rider->journey || (rider->off && !run->new_list) ||
		    !concerns(run->fact, rider))
			continue;
		struct arena kept = scratch_begin(engine);
		rc = tell_one_rider(engine, run, rider, err);
		scratch_end(engine, kept);
	}
	return rc;
}

/* Where somebody has counted, the numbers are compared anew: at the stop the fact is about, or at
 * all of them when the list is another. */
static int count_again(struct engine *engine, const struct run *run, struct err *err)
{
	const struct fact *fact = run->fact;
	int rc = 0;

	for (size_t i = 0; i < run->transfer->stops_len && rc == 0; i++) {
		const struct transfer_stop *stop = &run->transfer->stops[i];
		if (stop->n_off < 0 || fact->type == FACT_ETA ||
		    (fact->type == FACT_STOP_REACHED && fact->seq != stop->seq))
			continue;
		rc = headcount_settle(engine, run->transfer->id, stop->seq, fact, run->now, err);
	}
	return rc;
}

int vehicle_submit(struct engine *engine, const struct fact *fact, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	int64_t seq = 0;
	struct run run = {.fact = fact,
			  .transfer = arena_alloc(&engine->arena, sizeof(*run.transfer)),
			  .known = {.arena = &engine->arena},
			  .held = arena_alloc(&engine->arena, sizeof(*run.held)),
			  .now = now,
			  .seq = &seq};
	struct step step = {.fact = fact, .now = now, .seq = &seq};

	int rc = vehicle_load(engine, fact->transfer, run.transfer, err);
	if (rc == 0)
		rc = step_keep_fact(engine, &step,
				    &(struct store_owner){.transfer = run.transfer->id}, err);
	if (rc < 0)
		return rc;
	bool changed = transfer_join(run.transfer, fact, &run.new_list);
	if (changed)
		rc = vehicle_save(engine, run.transfer, err);
	if (rc == 0)
		rc = ops->riders_of(engine->store, run.transfer->id, rider_collect, &run.known,
				    err);
	if (rc == 0 && fact->type == FACT_DEPARTED)
		rc = board(engine, &run, err);
	if (rc == 0 && changed)
		rc = tell_others(engine, &run, err);
	if (rc == 0 && changed)
		rc = count_again(engine, &run, err);
	return rc;
}

/* --- Flights
 * ------------------------------------------------------------------------------------------------
 */

static int flight_load(struct engine *engine, const char *key, struct flight *out, bool *found,
		       struct err *err)
{
	const void *data;
	size_t len;
	int rc = engine->store->ops->flight_load(engine->store, key, &engine->arena, &data, &len,
						 err);
	flight_init(out, key);
	*found = rc == 0;
	if (rc == CL_ENOENT)
		return 0;
	if (rc < 0)
		return rc;
	return flight_unpack(out, key, data, len, &engine->arena, err);
}

int flight_current(struct engine *engine, const struct fact *fact, struct flight **flight,
		   struct err *err)
{
	const char *key = fact->field[FIELD_FLIGHT];
	bool found;
	*flight = NULL;
	if (!key || !*key)
		return 0;
	struct flight *record = arena_alloc(&engine->arena, sizeof(*record));
	int rc = flight_load(engine, key, record, &found, err);
	if (rc == 0 && found)
		*flight = record;
	return rc;
}

int flight_submit(struct engine *engine, const struct fact *fact, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct flight *flight = arena_alloc(&engine->arena, sizeof(*flight));
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	struct id_list list = {.arena = &engine->arena};
	int64_t seq = 0;
	bool found;

	const char *key = arena_copy(&engine->arena, fact->field[FIELD_FLIGHT]);
	int rc = flight_load(engine, key, flight, &found, err);
	struct step step = {.fact = fact, .flight = flight, .now = now, .seq = &seq};
	if (rc == 0)
		rc = step_keep_fact(engine, &step, NULL, err);
	if (rc < 0 || !flight_join(flight, fact))
		return rc;
	const uint8_t *data;
	size_t len;
	flight_pack(flight, &engine->arena, &data, &len);
	rc = ops->flight_save(engine->store, key, data, len, err);
	if (rc == 0)
		rc = ops->journeys_on_flight(engine->store, key, id_collect, &list, err);

	/* The fact is about the flight, not a statement that these people are on it. */
	struct fact news = *fact;
	memset(news.field, 0, sizeof(news.field));
	step.fact = &news;
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		rc = held_load(engine, list.ids[i], held, err);
		if (rc == 0)
			rc = step_apply(engine, held, &step, err);
		rc = rc == CL_EGONE ? 0 : rc;
		scratch_end(engine, kept);
	}
	return rc;
}
