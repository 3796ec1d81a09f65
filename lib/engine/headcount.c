/* headcount.c — who was to get off at a stop, once somebody has counted who did. Neighbours:
 * vehicles.c brings the count, step.c tells who went elsewhere before the stop; loop/plan.c
 * compares the two numbers for each rider. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/text.h"

/* Sent elsewhere, or known not to come, before the vehicle stood at her stop. */
bool headcount_is_gone(const struct journey *journey)
{
	const struct leg *leg = journey->leg;
	int64_t at = WHEN_NEVER;

	if (journey->stage == STAGE_REDIRECTED)
		at = journey->stamp[FIELD_DISPOSITION].at;
	else if (journey->stage == STAGE_WITHDRAWN)
		at = journey->withdrawn.stamp.at;
	else if (journey->stage == STAGE_CLOSED)
		at = journey->closed.stamp.at;
	return leg && at < leg->reached_at;
}

static int count_riders(struct engine *engine, const struct rider_list *riders, int seq,
			struct held *held, int *count, struct err *err)
{
	int rc = 0;
	*count = 0;
	for (size_t i = 0; i < riders->len && rc == 0; i++) {
		const struct store_rider *rider = &riders->riders[i];
		if (rider->off || rider->stop != seq)
			continue;
		struct arena kept = scratch_begin(engine);
		rc = held_load(engine, rider->journey, held, err);
		rc = rc == CL_EGONE ? 0 : rc; /* What is left of her says whether she got off. */
		if (rc == 0 && !headcount_is_gone(&held->journey))
			(*count)++;
		scratch_end(engine, kept);
	}
	return rc;
}

static bool knows(const struct journey *journey, const struct leg *news)
{
	for (size_t i = 0; i < journey->legs_len; i++) {
		const struct leg *leg = &journey->legs[i];
		if (text_equal(leg->transfer, news->transfer))
			return leg->expected == news->expected && leg->counted == news->counted;
	}
	return false;
}

/* Each rider of the stop who does not know it yet learns the number. It is no fact of its own:
 * nothing of her way is stated by it. */
static int tell_riders(struct engine *engine, const struct transfer *transfer,
		       const struct rider_list *riders, int seq, const struct fact *cause,
		       struct held *held, int64_t now, struct err *err)
{
	struct fact news = {.type = FACT_STOP_REACHED,
			    .stamp = cause ? cause->stamp : (struct stamp){.at = now},
			    .warnings = "",
			    .feed_unit = "",
			    .flight_sched = WHEN_UNKNOWN,
			    .day = -1,
			    .n_off = -1};
	int rc = 0;

	for (size_t i = 0; i < riders->len && rc == 0; i++) {
		const struct store_rider *rider = &riders->riders[i];
		struct leg leg;
		if (rider->off || rider->stop != seq)
			continue;
		struct arena kept = scratch_begin(engine);
		transfer_leg(transfer, seq, &leg);
		struct step step = {.fact = &news, .leg = &leg, .now = now};
		rc = held_load(engine, rider->journey, held, err);
		if (rc == 0 && !knows(&held->journey, &leg))
			rc = step_apply(engine, held, &step, err);
		rc = rc == CL_EGONE ? 0 : rc;
		scratch_end(engine, kept);
	}
	return rc;
}

int headcount_settle(struct engine *engine, const char *id, int seq, const struct fact *cause,
		     int64_t now, struct err *err)
{
	struct transfer *transfer = arena_alloc(&engine->arena, sizeof(*transfer));
	struct rider_list riders = {.arena = &engine->arena};
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	struct transfer_stop *stop = NULL;
	int count = 0;

	int rc = vehicle_load(engine, id, transfer, err);
	for (size_t i = 0; rc == 0 && i < transfer->stops_len; i++) {
		if (transfer->stops[i].seq == seq)
			stop = &transfer->stops[i];
	}
	if (rc < 0 || !stop || stop->n_off < 0 || transfer->departed.at == WHEN_UNKNOWN)
		return rc;
	rc = engine->store->ops->riders_of(engine->store, id, rider_collect, &riders, err);
	if (rc == 0)
		rc = count_riders(engine, &riders, seq, held, &count, err);
	if (rc < 0)
		return rc;
	/* The number may be known while somebody was told an older one: who was boarded since. */
	if (count != stop->expected) {
		stop->expected = count;
		rc = vehicle_save(engine, transfer, err);
	}
	return rc < 0 ? rc : tell_riders(engine, transfer, &riders, seq, cause, held, now, err);
}

int headcount_follow(struct engine *engine, struct held *held, const struct step *step,
		     struct err *err)
{
	const struct leg *leg = held->journey.leg;
	bool gone = headcount_is_gone(&held->journey);

	if (gone == held->gone || !leg || leg->counted < 0)
		return 0;
	held->gone = gone;
	const char *transfer = arena_copy(&engine->arena, leg->transfer);
	return headcount_settle(engine, transfer, leg->stop, step->fact, step->now, err);
}
