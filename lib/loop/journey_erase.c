/* journey_erase.c — when what is personal of a journey may go, and what is left of her then: stage,
 * unit, times, counts, the policy. Pure. Neighbours: journey.c settles what is left exactly as it
 * settled the whole; lib/engine/erasing.c does it. */
#include "closedloop/journey.h"

#include <string.h>

#include "closedloop/text.h"

static int64_t later(int64_t left, int64_t right)
{
	return left > right ? left : right;
}

static int64_t known(int64_t at)
{
	return at == WHEN_NEVER ? WHEN_UNKNOWN : at;
}

/* The flight that never flew says it, or somebody did. */
static int64_t withdrawn_at(const struct journey *journey)
{
	int64_t at = journey->withdrawn.stamp.at;

	return at != WHEN_UNKNOWN ? at : journey->flight.status_stamp.at;
}

static int64_t sent_elsewhere_at(const struct journey *journey)
{
	int64_t at = later(journey->stamp[FIELD_DISPOSITION].at, journey->delivered_last);

	at = later(at, journey->resolved_at[ALERT_NOT_DELIVERED]);
	if (journey->leg)
		at = later(at, later(journey->leg->departed_at, known(journey->leg->reached_at)));
	return at;
}

int64_t journey_ended_at(const struct journey *journey, int64_t heard_at)
{
	switch (journey->stage) {
	case STAGE_RELEASED:
		return journey->released.stamp.at;
	case STAGE_CLOSED:
		return journey->closed.stamp.at != WHEN_UNKNOWN ? journey->closed.stamp.at
								: heard_at;
	case STAGE_WITHDRAWN:
		return withdrawn_at(journey);
	case STAGE_REDIRECTED:
		return sent_elsewhere_at(journey);
	case STAGE_ANNOUNCED:
	case STAGE_TRIAGED:
	case STAGE_REGISTERED:
	case STAGE_IN_TRANSFER:
	case STAGE_ARRIVED:
	case STAGE_ISOLATING:
	case STAGES:
		break;
	}
	return heard_at; /* History: it was over before we heard of it. */
}

/* What belongs together comes together: so long after a fact nothing is erased, or the first of a
 * late batch would be gone before the last. */
#define ERASE_REST WHEN_DAY

int64_t journey_erase_at(const struct journey *journey, const struct policy *policy,
			 int64_t heard_at)
{
	return later(journey_ended_at(journey, heard_at) + policy->erase_after,
		     heard_at + ERASE_REST);
}

int64_t journey_forget_at(const struct journey *journey)
{
	return later(known(journey->first_at), journey->seen_at) + HISTORY_AFTER;
}

/* --- What is left --- */

static struct stamp only_when(const struct stamp *stamp)
{
	return (struct stamp){.at = stamp->at, .rank = stamp->rank};
}

static struct mark bare(const struct mark *mark)
{
	return (struct mark){.stamp = only_when(&mark->stamp)};
}

/* A code of ours, not what somebody wrote there. */
static const char *code_or_null(const char *code)
{
	return code && text_is_digits(code, strlen(code)) ? code : NULL;
}

static void keep_field(struct journey *left, enum field field, const char *value,
		       const struct stamp *stamp)
{
	left->field[field] = value;
	left->stamp[field] = only_when(stamp);
}

/* Her unit is kept as if an officer had named it: the address that led to it goes. */
static void keep_fields(const struct journey *from, struct journey *left)
{
	static const enum field kept[] = {FIELD_DISPOSITION, FIELD_STICKER, FIELD_DISTRICT,
					  FIELD_EXTENSION};

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		if (from->field[kept[i]])
			keep_field(left, kept[i], from->field[kept[i]], &from->stamp[kept[i]]);
	}
	if (from->field[FIELD_FLIGHT]) /* That there was one, and when it was said. */
		keep_field(left, FIELD_FLIGHT, FIELD_NOTHING, &from->stamp[FIELD_FLIGHT]);
	if (from->unit)
		keep_field(left, FIELD_ASSIGNED, from->unit,
			   &(const struct stamp){.at = from->unit_at});
}

static void keep_way(const struct journey *from, struct journey *left)
{
	left->first_at = from->first_at;
	left->seen_at = from->seen_at;
	left->triaged_at = from->triaged_at;
	left->registered_at = from->registered_at;
	left->handed_over_at = from->handed_over_at;
	left->handed_over_last = from->handed_over_last;
	left->handed_to = code_or_null(from->handed_to);
	left->at_home_last = from->at_home_last;
	left->delivered_last = from->delivered_last;
	left->accepted_at = from->accepted_at;
	left->accepted_last = from->accepted_last;
	left->accepted_unit = code_or_null(from->accepted_unit);
	left->withdrawn = bare(&from->withdrawn);
	left->released = bare(&from->released);
	left->closed = bare(&from->closed);
	left->refused = bare(&from->refused);
	left->refused_unit = code_or_null(from->refused_unit);
	left->exposed_at = from->exposed_at;
	left->left.stamp = only_when(&from->left.stamp);
	left->left.until = from->left.until;
	left->returned_at = from->returned_at;
	left->resolved_at[ALERT_NOT_DELIVERED] = from->resolved_at[ALERT_NOT_DELIVERED];
	left->flight_sched = from->flight_sched;
	if (from->flight.key) {
		left->flight = from->flight;
		left->flight.key = "";
		left->flight.status_stamp = only_when(&from->flight.status_stamp);
		left->flight.sched_stamp = left->flight.est_stamp = left->flight.act_stamp =
			(struct stamp){.at = WHEN_UNKNOWN};
	}
	/* When she was on the road, not on which vehicle. */
	left->legs_len = from->legs_len;
	for (size_t i = 0; i < from->legs_len; i++) {
		const struct leg *leg = &from->legs[i];

		left->legs[i] = (struct leg){.transfer = "",
					     .departed_at = leg->departed_at,
					     .stop = leg->stop,
					     .kind = leg->kind,
					     .eta = leg->eta,
					     .reached_at = leg->reached_at,
					     .off = leg->off,
					     .expected = -1,
					     .counted = -1,
					     .counted_at = WHEN_UNKNOWN};
	}
}

/* That she was asked and that things were done, not what was found. */
static void keep_care(const struct journey *from, struct journey *left)
{
	left->checks_len = from->checks_len;
	memcpy(left->checks, from->checks, sizeof(left->checks));
	for (size_t i = 0; i < left->checks_len; i++)
		left->checks[i].sign = false;
	left->last_check = from->last_check;
	left->tasks_len = from->tasks_len;
	for (size_t i = 0; i < from->tasks_len; i++)
		left->tasks[i] = (struct task_mark){.name = from->tasks[i].name,
						    .stamp = only_when(&from->tasks[i].stamp),
						    .failed = from->tasks[i].failed};
}

/* By a list of what stays, so that what is added to a journey later goes unless somebody says that
 * it may stay. */
void journey_reduce(const struct journey *from, struct journey *left)
{
	journey_init(left, from->id, from->feed_unit);
	left->feed_stamp = only_when(&from->feed_stamp);
	left->current = from->current;
	left->merged_into = from->merged_into;
	left->household_at = from->household_at;
	text_copy(left->policy, sizeof(left->policy), from->policy);
	keep_fields(from, left);
	keep_way(from, left);
	keep_care(from, left);
}

void journey_remnant(struct journey *out, const char *id, enum stage stage, const char *unit,
		     const char *disposition, int64_t at)
{
	const struct stamp stamp = {.at = at};

	journey_init(out, id, "");
	out->first_at = out->seen_at = at;
	if (unit && *unit)
		keep_field(out, FIELD_ASSIGNED, unit, &stamp);
	if (disposition && *disposition)
		keep_field(out, FIELD_DISPOSITION, disposition, &stamp);
	if (stage == STAGE_RELEASED)
		out->released.stamp = stamp;
	else if (stage == STAGE_WITHDRAWN)
		out->withdrawn.stamp = stamp;
	else if (stage != STAGE_REDIRECTED)
		out->closed.stamp = stamp;
	out->delivered_last = stage == STAGE_REDIRECTED ? at : WHEN_UNKNOWN;
}
