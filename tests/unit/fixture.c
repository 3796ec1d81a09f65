/* fixture.c — see fixture.h. */
#include "fixture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

void world_open(struct world *world)
{
	memset(world, 0, sizeof(*world));
	policy_defaults(&world->policy);
	text_copy(world->policy.hash, sizeof(world->policy.hash), "0123456789abcdef");
	world->zone = zone_fixed(8 * 3600);
}

void world_close(struct world *world)
{
	zone_free(world->zone);
	arena_release(&world->arena);
}

int64_t at(const char *local)
{
	char full[40];
	int64_t when;
	snprintf(full, sizeof(full), "%s:00+08:00", local);
	int rc = when_parse(full, &when, NULL);
	assert(rc == 0);
	(void)rc;
	return when;
}

struct fact *make_fact(struct world *world, enum fact_type type, const char *local)
{
	struct fact *fact = arena_alloc(&world->arena, sizeof(*fact));
	fact->type = type;
	fact->stamp.at = at(local);
	fact->stamp.rank = fact_rank(type, NULL);
	fact->stamp.sequence = "";
	fact->stamp.id = arena_printf(&world->arena, "f%03d", world->facts++);
	fact->stamp.source = "/test";
	fact->body = "{}";
	fact->feed_unit = "";
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->day = -1;
	fact->n_off = -1;
	return fact;
}

const struct decision *step_at(struct world *world, struct journey *journey,
			       const struct fact *fact, const struct leg *leg, const char *now)
{
	struct decision *decision = arena_alloc(&world->arena, sizeof(*decision));
	struct step_context context = {.policy = &world->policy,
				       .zone = world->zone,
				       .now = at(now),
				       .leg = leg,
				       .arena = &world->arena};
	journey_settle(journey, &world->policy, world->zone);
	int rc = decide(journey, fact, &context, decision, NULL);
	assert(rc == 0);
	(void)rc;
	*journey = decision->after;
	journey_settle(journey, &world->policy, world->zone);
	return decision;
}

bool opens(const struct decision *decision, enum alert_kind kind)
{
	for (size_t i = 0; i < decision->opens_len; i++) {
		if (decision->opens[i].kind == kind)
			return true;
	}
	return false;
}

bool closes(const struct decision *decision, enum alert_kind kind)
{
	for (size_t i = 0; i < decision->closes_len; i++) {
		if (decision->closes[i].kind == kind)
			return true;
	}
	return false;
}

bool joined(const struct journey *journey, enum alert_kind kind)
{
	for (size_t i = 0; i < journey->joined_len; i++) {
		if (journey->joined[i].kind == kind)
			return true;
	}
	return false;
}
