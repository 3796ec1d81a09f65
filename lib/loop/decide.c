/* decide.c — one fact, one decision: join, settle, plan, and the difference to what the journey
 * had. Neighbours: journey.c, plan.c; engine applies the decision in one transaction. */
#include "closedloop/plan.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

static bool same_alert(const struct joined *joined, enum alert_kind kind, const char *subject,
		       const char *unit)
{
	if (joined->kind != kind || !text_equal(joined->subject, subject))
		return false;
	/* A sticky alert stays with the unit that got it, wherever she goes; but each unit that was
	 * told is stood down. */
	return (alert_traits(kind)->sticky && kind != ALERT_STAND_DOWN) ||
	       text_equal(joined->unit, unit);
}

static const struct want *wanted(const struct plan *plan, const struct joined *joined)
{
	for (size_t i = 0; i < plan->wants_len; i++) {
		const struct want *want = &plan->wants[i];
		if (same_alert(joined, want->kind, want->subject, want->unit))
			return want;
	}
	return NULL;
}

static void leave(struct decision *out, size_t index)
{
	struct journey *after = &out->after;
	out->closes[out->closes_len++] = after->joined[index];
	after->joined[index] = after->joined[--after->joined_len];
}

static void leave_unwanted(struct decision *out)
{
	struct journey *after = &out->after;
	for (size_t i = 0; i < after->joined_len;) {
		struct joined *joined = &after->joined[i];
		const struct want *want = wanted(&out->plan, joined);
		if (!want && !alert_traits(joined->kind)->sticky) {
			leave(out, i);
			continue;
		}
		if (want && want->eta != joined->eta) {
			joined->eta = want->eta;
			out->moves[out->moves_len++] = *want;
		}
		i++;
	}
}

/* Room for one more: a full list gives up its least grave alert. */
static bool make_room(struct decision *out, enum alert_kind kind)
{
	struct journey *after = &out->after;
	size_t least = 0;

	if (after->joined_len < JOURNEY_OPEN_MAX)
		return true;
	for (size_t i = 1; i < after->joined_len; i++) {
		if (alert_traits(after->joined[i].kind)->gravity <
		    alert_traits(after->joined[least].kind)->gravity)
			least = i;
	}
	if (alert_traits(after->joined[least].kind)->gravity >= alert_traits(kind)->gravity)
		return false;
	leave(out, least);
	return true;
}

/* False when graver alerts leave no room. */
static bool join(struct decision *out, const struct want *want)
{
	struct journey *after = &out->after;

	if (!make_room(out, want->kind))
		return false;
	after->joined[after->joined_len++] = (struct joined){
		.kind = want->kind, .subject = want->subject, .unit = want->unit, .eta = want->eta};
	out->opens[out->opens_len++] = *want;
	return true;
}

static bool has_joined(const struct journey *journey, const struct want *want)
{
	for (size_t i = 0; i < journey->joined_len; i++) {
		if (same_alert(&journey->joined[i], want->kind, want->subject, want->unit))
			return true;
	}
	return false;
}

static void join_wanted(struct decision *out)
{
	for (size_t i = 0; i < out->plan.wants_len; i++) {
		if (!has_joined(&out->after, &out->plan.wants[i]))
			join(out, &out->plan.wants[i]);
	}
}

/* Why a unit that was told is told to stand down; a phrase key. */
static const char *stand_down_reason(const struct journey *journey)
{
	if (journey->off_course)
		return "diverted";
	switch (journey->stage) {
	case STAGE_REDIRECTED:
		return journey->disposition;
	case STAGE_WITHDRAWN:
		return journey->withdrawn.reason ? journey->withdrawn.reason : "flight_cancelled";
	case STAGE_CLOSED:
		return "closed";
	case STAGE_ISOLATING:
		return "moved";
	case STAGE_ANNOUNCED:
	case STAGE_TRIAGED:
	case STAGE_REGISTERED:
	case STAGE_IN_TRANSFER:
	case STAGE_ARRIVED:
	case STAGE_RELEASED:
	case STAGES:
		break;
	}
	return "address_changed";
}

/* Every unit that was told of her and is not hers any more must be told so, and say that it heard.
 */
static void stand_down(struct decision *out, int64_t now)
{
	struct journey *after = &out->after;
	bool ours = after->homebound && after->unit && !after->off_course;

	for (size_t i = 0; i < after->told_len;) {
		const struct told told = after->told[i];
		if (ours && text_equal(told.unit, after->unit)) {
			i++;
			continue;
		}
		if (after->homebound && !after->unit) {
			/* Her unit is in doubt, not gone: they stay told until it is settled. */
			i++;
			continue;
		}
		if (after->stage == STAGE_RELEASED || after->merged_into) {
			after->told[i] = after->told[--after->told_len];
			continue;
		}
		struct want want = {.kind = ALERT_STAND_DOWN,
				    .subject = told.subject,
				    .unit = told.unit,
				    .since = now,
				    .due = now,
				    .eta = told.eta,
				    .detail = stand_down_reason(after)};
		/* Not forgotten before somebody is really told. */
		if (has_joined(after, &want) || join(out, &want))
			after->told[i] = after->told[--after->told_len];
		else
			i++;
	}
}

static void remember_told(struct journey *after)
{
	const struct joined *word = NULL;
	struct told *told = NULL;

	if (!after->homebound || !after->unit || after->off_course)
		return;
	for (size_t i = 0; i < after->joined_len; i++) {
		const struct joined *joined = &after->joined[i];
		if (text_equal(joined->unit, after->unit) && joined->kind != ALERT_STAND_DOWN)
			word = joined;
	}
	for (size_t i = 0; i < after->told_len; i++) {
		if (text_equal(after->told[i].unit, after->unit))
			told = &after->told[i];
	}
	if (!word && !told)
		return;
	if (!told && after->told_len == JOURNEY_TOLD_MAX)
		return;
	if (!told) {
		told = &after->told[after->told_len++];
		*told = (struct told){.unit = after->unit, .subject = word->subject};
	}
	if (word && (word->kind == ALERT_EXPECTED || word->kind == ALERT_ARRIVAL))
		told->subject = word->subject;
	told->eta = after->eta_guess;
}

static void end_by_human(struct decision *out, const struct fact *fact)
{
	struct journey *after = &out->after;
	int kind = alert_kind_of(fact->alert_kind);

	assert(kind >= 0);
	if (after->resolved_at[kind] < fact->stamp.at) {
		after->resolved_at[kind] = fact->stamp.at;
		after->resolved_subject[kind] = fact->alert_subject;
	}
	for (size_t i = 0; i < after->joined_len; i++) {
		struct joined *joined = &after->joined[i];
		if (joined->kind == (enum alert_kind)kind &&
		    text_equal(joined->subject, fact->alert_subject) &&
		    (!fact->alert_unit || text_equal(joined->unit, fact->alert_unit))) {
			after->joined[i] = after->joined[--after->joined_len];
			break;
		}
	}
}

static int may(const struct journey *journey, const struct fact *fact,
	       const struct step_context *context, struct err *err)
{
	int rc = journey_may(journey, fact, context->policy, context->zone, context->now, err);
	if (rc < 0 || fact->type != FACT_RELEASED || fact->reason)
		return rc;
	struct plan *plan = arena_alloc(context->arena, sizeof(*plan));
	plan_make(journey, context->policy, context->zone, context->now, context->arena, plan);
	if (plan->not_releasable)
		return err_set(
			err, CL_ECONFLICT,
			"journey %s is not releasable: %s; a reason releases her all the same",
			journey->id, plan->not_releasable);
	return 0;
}

int decide(const struct journey *journey, const struct fact *fact,
	   const struct step_context *context, struct decision *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (fact) {
		int rc = may(journey, fact, context, err);
		if (rc < 0)
			return rc;
	}
	out->stage_before = journey->stage;
	out->after = *journey;
	if (fact && context->now - fact->stamp.at <= HISTORY_AFTER)
		out->after.current = true;
	if (fact)
		journey_join(&out->after, fact, context->leg, context->flight, context->policy,
			     context->zone, context->arena);
	if (fact && fact->type == FACT_ALERT_RESOLVED)
		end_by_human(out, fact);
	text_copy(out->after.policy, sizeof(out->after.policy), context->policy->hash);
	journey_settle(&out->after, context->policy, context->zone);
	out->unit_changed = !text_equal(journey->unit, out->after.unit);
	plan_make(&out->after, context->policy, context->zone, context->now, context->arena,
		  &out->plan);
	leave_unwanted(out);
	join_wanted(out);
	stand_down(out, context->now);
	remember_told(&out->after);
	return 0;
}
