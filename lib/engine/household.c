/* household.c — people of one home share its clock: who comes later moves the end of all who were
 * there. Neighbours: step.c tells when somebody's isolation begins or her home changes;
 * loop/journey.c adds the newcomer's day to the end.
 *
 * Shanghai, March 2020: a new arrival in a household under isolation begins everybody's days anew.
 * When a journey's isolation began is a fact of that journey alone, so what is computed here from
 * all of a home is the same in whatever order the facts came. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/text.h"

#define HOUSEHOLD_MAX 32 /* More people in one room are no household. */

const char *household_of(struct engine *engine, const struct journey *journey)
{
	const char *home = journey->field[FIELD_HOME];
	if (journey->start == WHEN_NEVER || journey->merged_into || !journey->unit || !home ||
	    !*home)
		return "";
	return arena_printf(&engine->arena, "%s/%s", journey->unit, home);
}

struct member {
	char id[IDENT_CAP];
	int64_t start, household_at;
	int32_t day0;
	int length; /* days of the rule alone */
	bool isolating;
};

/* When the last of those began who came while SELF was still isolated, directly or through others;
 * WHEN_UNKNOWN when nobody did. */
static int64_t newest(const struct member *members, size_t len, const struct member *self)
{
	int64_t at = WHEN_UNKNOWN;
	int32_t end = self->day0 + self->length;
	bool grew = true;

	while (grew) {
		grew = false;
		for (size_t i = 0; i < len; i++) {
			const struct member *other = &members[i];
			if (other->start <= self->start || other->start <= at || other->day0 > end)
				continue;
			at = other->start;
			if (other->day0 + self->length > end)
				end = other->day0 + self->length;
			grew = true;
		}
	}
	return at;
}

static int load_members(struct engine *engine, const struct id_list *list, struct held *held,
			struct member *members, size_t *len, struct err *err)
{
	int rc = 0;
	*len = 0;
	for (size_t i = 0; i < list->len && *len < HOUSEHOLD_MAX && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		rc = held_load(engine, list->ids[i], held, err);
		const struct journey *journey = &held->journey;
		if (rc == 0 && journey->start != WHEN_NEVER && journey->day0 != INT32_MIN) {
			struct member *member = &members[(*len)++];
			text_copy(member->id, sizeof(member->id), journey->id);
			member->start = journey->start;
			member->household_at = journey->household_at;
			member->day0 = journey->day0;
			member->length = held->policy->isolation_days;
			member->isolating = journey->stage == STAGE_ISOLATING;
		}
		rc = rc == CL_EGONE ? 0 : rc;
		scratch_end(engine, kept);
	}
	return rc;
}

/* Everybody of HOME gets the clock that its people make together. SELF, in hand elsewhere, is left
 * to the caller: *OWN is what she gets. */
static int settle_home(struct engine *engine, const char *home, const char *self, int64_t *own,
		       int64_t now, struct err *err)
{
	struct id_list list = {.arena = &engine->arena};
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	struct member *members = arena_alloc(&engine->arena, HOUSEHOLD_MAX * sizeof(*members));
	size_t len;

	int rc = engine->store->ops->homes_of(engine->store, home, id_collect, &list, err);
	if (rc == 0)
		rc = load_members(engine, &list, held, members, &len, err);
	for (size_t i = 0; rc == 0 && i < len; i++) {
		int64_t at = newest(members, len, &members[i]);
		bool is_self = text_equal(members[i].id, self);
		if (is_self)
			*own = at;
		if (is_self || at == members[i].household_at || !members[i].isolating)
			continue;
		struct arena kept = scratch_begin(engine);
		struct step step = {.now = now, .what = fact_type_word(FACT_HOUSEHOLD)};
		rc = held_load(engine, members[i].id, held, err);
		held->journey.household_at = at;
		if (rc == 0)
			rc = step_apply(engine, held, &step, err);
		rc = rc == CL_EGONE ? 0 : rc;
		scratch_end(engine, kept);
	}
	return rc;
}

int household_follow(struct engine *engine, struct held *held, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	const char *home = household_of(engine, &held->journey);
	const char *id = held->journey.id;
	int64_t own = held->journey.household_at;
	int rc = 0;

	if (text_equal(home, held->home) && held->journey.start == held->start)
		return 0;
	const char *before = held->home;
	held->home = home;
	held->start = held->journey.start;
	if (*before && !text_equal(before, home)) {
		int64_t nobody;
		rc = ops->home_remove(engine->store, before, id, err);
		if (rc == 0)
			rc = settle_home(engine, before, id, &nobody, now, err);
	}
	if (rc == 0 && *home)
		rc = ops->home_save(engine->store, home, id, err);
	if (rc == 0 && *home)
		rc = settle_home(engine, home, id, &own, now, err);
	if (rc < 0 || own == held->journey.household_at)
		return rc;
	struct step step = {.now = now, .what = fact_type_word(FACT_HOUSEHOLD)};
	held->journey.household_at = own;
	return step_apply(engine, held, &step, err);
}
