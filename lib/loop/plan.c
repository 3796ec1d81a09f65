/* plan.c — what is owed for a journey now: the rules of product.md as one question per stage.
 * Every rule is level-triggered: either its deadline lies ahead, or its alert is wanted.
 * Neighbours: checklist.c, isolation.c (the calendar); decide.c takes the difference. */
#include "closedloop/plan.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"
#include "closedloop/transfer.h"
#include "loop/checklist.h"
#include "loop/planner.h"

const char *task_state_word(enum task_state state)
{
	static const char *const words[] = {"open", "done", "failed", "lapsed"};
	assert(state < ARRAY_LEN(words));
	return words[state];
}

void planner_ahead(struct planner *planner, const char *rule, int64_t at)
{
	struct plan *plan = planner->plan;
	if (at <= planner->now || plan->deadlines_len == PLAN_DEADLINES_MAX)
		return;
	plan->deadlines[plan->deadlines_len++] = (struct deadline){.rule = rule, .at = at};
}

/* Until when an alert that a human resolved stays silent although its cause still holds. Those with
 * a rule of their own (fever, an unfit home, a conflict: a new sign is a new alert; a missed slot:
 * the next one is) are not asked here. */
static int64_t silent_until(const struct planner *planner, enum alert_kind kind,
			    const char *subject)
{
	const struct journey *journey = planner->journey;
	if (alert_traits(kind)->sticky || kind == ALERT_MISSED_CHECK ||
	    journey->resolved_at[kind] == WHEN_UNKNOWN ||
	    !text_equal(journey->resolved_subject[kind], subject))
		return WHEN_UNKNOWN;
	return journey->resolved_at[kind] + planner->policy->recheck_after;
}

static void want_due(struct planner *planner, const struct want *want)
{
	struct plan *plan = planner->plan;
	int64_t silent = silent_until(planner, want->kind, want->subject);
	if (silent > planner->now) {
		planner_ahead(planner, "recheck_after", silent);
		return;
	}
	if (plan->wants_len < PLAN_WANTS_MAX)
		plan->wants[plan->wants_len++] = *want;
}

void planner_want(struct planner *planner, enum alert_kind kind, const char *subject, int64_t since,
		  int64_t eta, const char *detail)
{
	want_due(planner, &(struct want){.kind = kind,
					 .subject = subject,
					 .unit = planner->unit,
					 .since = since,
					 .due = since,
					 .eta = eta,
					 .detail = detail ? detail : ""});
}

void planner_level_for(struct planner *planner, const char *unit, enum alert_kind kind,
		       const char *rule, const char *subject, int64_t since, int64_t within,
		       const char *detail)
{
	int64_t due = since + within;
	int64_t silent = silent_until(planner, kind, subject);
	if (silent > due)
		due = silent;
	if (due > planner->now) {
		planner_ahead(planner, rule, due);
		return;
	}
	want_due(planner, &(struct want){.kind = kind,
					 .subject = subject,
					 .unit = unit,
					 .since = since,
					 .due = due,
					 .eta = WHEN_UNKNOWN,
					 .detail = detail ? detail : ""});
}

void planner_level(struct planner *planner, enum alert_kind kind, const char *rule,
		   const char *subject, int64_t since, int64_t within, const char *detail)
{
	planner_level_for(planner, planner->unit, kind, rule, subject, since, within, detail);
}

/* The flight, else herself: people who come together are told of together, and boarding a bus does
 * not begin it anew. */
static const char *party(const struct journey *journey)
{
	const char *flight = journey->field[FIELD_FLIGHT];
	return flight && *flight ? flight : journey->id;
}

/* Who has her while no committee does: the desk's district, else the unit of the feed. */
static const char *sender(const struct journey *journey)
{
	const char *district = journey->field[FIELD_DISTRICT];
	return district && *district ? district : journey->feed_unit;
}

/* Once there is a vehicle, its passengers are one company. */
static const char *company(const struct journey *journey)
{
	return journey->leg ? journey->leg->transfer : party(journey);
}

static void plan_announced(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	int64_t landed = journey->landing;
	bool flight = flight_arrival(&journey->flight) != WHEN_UNKNOWN ||
		      journey->flight_sched != WHEN_UNKNOWN;
	/* Without a flight the announcement is all we have; it comes about half a day before the
	 * landing. */
	if (!flight)
		landed = journey->first_at + 12 * WHEN_HOUR;
	if (landed < journey->first_at)
		landed = journey->first_at;
	/* Landed, and in all this time nobody has seen her: perhaps she never boarded. A human says
	 * so; silence does not. */
	int64_t nobody = landed + planner->policy->no_show_after;
	bool unseen = flight && journey->stage == STAGE_ANNOUNCED && !journey->off_course;
	if (unseen)
		planner_level_for(planner, sender(journey), ALERT_NO_SHOW, "no_show_after",
				  party(journey), landed, planner->policy->no_show_after, NULL);
	if (!unseen || planner->now < nobody)
		planner_level(planner, ALERT_NOT_REGISTERED, "register_within", party(journey),
			      landed, planner->policy->register_within, NULL);
}

/* Arrivals that nobody was told of in time, because we were down or the news was late: one word for
 * the whole district, instead of one for each. */
static void plan_stale(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	bool told = false, said = false;

	for (size_t i = 0; i < journey->told_len; i++)
		told = told || text_equal(journey->told[i].unit, journey->unit);
	for (size_t i = 0; i < journey->joined_len; i++)
		said = said || journey->joined[i].kind == ALERT_STALE_ARRIVALS;
	if (!told || said)
		planner_level_for(planner, arena_copy_bytes(planner->arena, journey->unit, 6),
				  ALERT_STALE_ARRIVALS, "stale_after", "arrivals",
				  journey->eta_guess, planner->policy->arrival_stale_after, NULL);
}

/* The vehicle's own word about her stop, while it is not there: overdue, and before that on its
 * way. COMING: the subject, the vehicle or with a car of her own she herself. */
static void plan_coming(struct planner *planner, const char *coming, int64_t since, bool gate)
{
	const struct journey *journey = planner->journey;
	const struct policy *policy = planner->policy;
	int64_t eta = journey->leg_due;

	planner_level(planner, ALERT_TRANSFER_OVERDUE, "transfer_overdue_after", coming, eta,
		      policy->transfer_overdue_after, NULL);
	if (!gate || !journey->unit)
		return;
	if (planner->now <= eta + policy->arrival_stale_after)
		planner_want(planner, ALERT_ARRIVAL, coming, since, eta, NULL);
	else
		plan_stale(planner);
}

static void plan_in_transfer(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	const struct policy *policy = planner->policy;
	const struct leg *leg = journey->leg;
	bool gate = leg->kind != STOP_RELAY && leg->kind != STOP_TEST_CENTRE;

	if (!gate && leg->reached_at != WHEN_NEVER) {
		/* Reaching a relay stop is not a hand-over: she stands between two vehicles. */
		int64_t wait = leg->kind == STOP_RELAY
				       ? policy->transfer_without_eta
				       : policy->register_within + policy->board_within;
		planner_level(planner, ALERT_NOT_BOARDED, "relay_within", leg->transfer,
			      leg->reached_at, wait, NULL);
		return;
	}
	plan_coming(planner, leg->transfer, leg->departed_at, leg->kind == STOP_COMPOUND);
}

/* Another number got off than was to get off: everybody of that stop is asked after, until the
 * committee has each of them; one too many stays until a human says who it was. */
static void plan_head_count(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	const struct leg *leg = journey->leg;
	bool accepted = journey->accepted_now;

	if (!leg || leg->counted < 0 || leg->expected < 0 || leg->counted == leg->expected ||
	    leg->reached_at == WHEN_NEVER || (leg->counted < leg->expected && accepted) ||
	    journey->resolved_at[ALERT_HEAD_COUNT] >= leg->counted_at)
		return;
	planner_level_for(
		planner, sender(journey), ALERT_HEAD_COUNT, "head_count",
		arena_printf(planner->arena, "%s/%d", leg->transfer, leg->stop), leg->counted_at, 0,
		arena_printf(planner->arena, "counted %d %d", leg->counted, leg->expected));
}

/* Duty never leaves the sender until the receiver accepts: a refusal comes back to the sender, at
 * once. */
static void plan_acceptance(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	if (journey->refused_now)
		return;
	int64_t since = journey->arrived_at < journey->handed_over_at ? journey->arrived_at
								      : journey->handed_over_at;
	if (since == WHEN_NEVER)
		since = journey->seen_at;
	/* Moved from one committee to another: the new one is asked from when it became hers. */
	if (journey->accepted_at != WHEN_NEVER && journey->unit_at > since)
		since = journey->unit_at;
	planner_level(planner, ALERT_NOT_ACCEPTED, "gate_accept_within", company(journey), since,
		      planner->policy->gate_accept_within, NULL);
}

static void plan_before_arrival(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	struct plan *plan = planner->plan;
	int64_t earliest = WHEN_NEVER;
	const char *name = NULL;

	checklist_make(journey, planner->policy, plan);
	for (size_t i = 0; i < plan->tasks_len; i++) {
		const struct plan_task *task = &plan->tasks[i];
		if (task->state == TASK_OPEN && !text_equal(task->name, "accept") &&
		    task->due < earliest) {
			earliest = task->due;
			name = task->name;
		}
	}
	if (journey->stage >= STAGE_ARRIVED || !journey->unit || journey->off_course)
		return;
	/* One message per committee, however many are coming. */
	if (name)
		planner_level(planner, ALERT_TASK_OVERDUE,
			      arena_printf(planner->arena, "checklist.%s", name), "checklist",
			      earliest, 0, name);
	bool on_the_way = journey->leg && journey->leg->kind == STOP_COMPOUND;
	if (on_the_way || journey->by_car)
		return;
	if (planner->now <= journey->eta_guess + planner->policy->arrival_stale_after)
		planner_want(planner, ALERT_EXPECTED, party(journey), journey->first_at,
			     journey->eta_guess, NULL);
	else
		plan_stale(planner);
}

/* How many degrees is for those who may read her, not for everybody who hears of the alert. */
static const char *fever_detail(const struct planner *planner)
{
	return planner->journey->fever_tenths ? "temperature" : "symptoms";
}

/* Who is asked where she lives: the duty officer of her district. When the words settle another
 * district of the same province, or one where we know of none, it is that one's street offices that
 * know the place; from another province nobody could answer for us. */
static const char *address_unit(const struct planner *planner)
{
	const struct matched matched = journey_matched(planner->journey);
	const char *holder = sender(planner->journey);

	if (strlen(matched.code) < 6 || strncmp(holder, matched.code, 6) == 0 ||
	    (*holder && strncmp(holder, matched.code, 2) != 0))
		return holder;
	return arena_copy_bytes(planner->arena, matched.code, 6);
}

/* Why the words are a question. */
static const char *address_detail(const struct planner *planner)
{
	const struct matched matched = journey_matched(planner->journey);

	return arena_copy(planner->arena, matched.why);
}

/* What may be wrong at any stage. */
static void plan_always(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	const char *address = journey->field[FIELD_ADDRESS];

	if (plan_fever_open(journey))
		planner_want(planner, ALERT_FEVER, journey->id, journey->fever_at, WHEN_UNKNOWN,
			     fever_detail(planner));
	if (!journey->homebound)
		return;
	for (size_t i = 0; i < journey->tasks_len; i++) {
		const struct task_mark *task = &journey->tasks[i];
		if (text_equal(task->name, "inspect_home") && task->failed &&
		    checklist_of_this_home(journey, task) &&
		    task->stamp.at > journey->resolved_at[ALERT_HOME_UNFIT])
			planner_want(planner, ALERT_HOME_UNFIT, journey->id, task->stamp.at,
				     WHEN_UNKNOWN, "inspection_failed");
	}
	if (journey->conflict && journey->resolved_at[ALERT_CONFLICT] < journey->conflict_at)
		planner_want(planner, ALERT_CONFLICT, journey->id, journey->seen_at, WHEN_UNKNOWN,
			     journey->withdrawn.stamp.at != WHEN_UNKNOWN
				     ? "withdrawn_after_handover"
				     : "handed_over_after_redirect");
	if (journey->refused_now)
		planner_level_for(planner, sender(journey), ALERT_HANDOVER_REFUSED, "refused",
				  journey->id, journey->refused.stamp.at, 0, NULL);
	plan_head_count(planner);
	bool asked = (address && *address) || journey->stage >= STAGE_REGISTERED;
	if ((!journey->unit && asked) || journey->doubted) {
		int64_t since = address ? journey->stamp[FIELD_ADDRESS].at : journey->first_at;
		planner_level_for(planner, address_unit(planner), ALERT_ADDRESS,
				  "address_resolve_within", journey->id, since, 0,
				  address_detail(planner));
	}
}

/* Sent to a central site or a hospital: watched by who held her, until somebody there has her. */
static void plan_delivery(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	const struct policy *policy = planner->policy;
	const struct leg *leg = journey->leg;
	const char *rule = "delivered_within";
	int64_t within = policy->delivered_within;

	if (journey->sent_on_at == WHEN_NEVER)
		return;
	if (leg && (leg->kind == STOP_CENTRAL_SITE || leg->kind == STOP_HOSPITAL)) {
		/* Its vehicle says more exactly when she is there. */
		int64_t there = journey->leg_due + policy->transfer_overdue_after;
		if (there > journey->sent_on_at && there < journey->sent_on_at + within) {
			rule = "transfer_overdue_after";
			within = there - journey->sent_on_at;
		}
	}
	planner_level_for(planner, journey->holder, ALERT_NOT_DELIVERED, rule,
			  leg ? leg->transfer : journey->id, journey->sent_on_at, within,
			  journey->disposition);
}

/* At a desk, and now to be on a vehicle, or in a car of her own. */
static void plan_registered(struct planner *planner)
{
	const struct journey *journey = planner->journey;

	if (journey->by_car)
		plan_coming(planner, journey->id, journey->registered_at, true);
	else
		planner_level(planner, ALERT_NOT_BOARDED, "board_within", party(journey),
			      journey->registered_at, planner->policy->board_within, NULL);
}

/* The end is another than the rule alone would have it: the committee tells her. */
static void plan_moved_end(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	char day[WHEN_CAP];

	if (!journey->moved)
		return;
	planner_want(planner, ALERT_END_MOVED,
		     arena_printf(planner->arena, "%s %s",
				  when_day_text(journey->day0 + journey->days, day),
				  journey->moved),
		     planner->now, WHEN_UNKNOWN, journey->moved);
}

static void plan_stage(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	switch (journey->stage) {
	case STAGE_ANNOUNCED:
	case STAGE_TRIAGED:
		plan_announced(planner);
		break;
	case STAGE_REGISTERED:
		plan_registered(planner);
		break;
	case STAGE_IN_TRANSFER:
		plan_in_transfer(planner);
		break;
	case STAGE_ARRIVED:
		plan_acceptance(planner);
		break;
	case STAGE_ISOLATING:
		if (!journey->accepted_now)
			plan_acceptance(planner);
		plan_slots(planner);
		plan_leave(planner);
		plan_moved_end(planner);
		plan_release(planner);
		break;
	case STAGE_REDIRECTED:
		plan_delivery(planner);
		break;
	case STAGE_RELEASED:
	case STAGE_WITHDRAWN:
	case STAGE_CLOSED:
	case STAGES:
		break;
	}
}

void plan_make(const struct journey *journey, const struct policy *policy, const struct zone *zone,
	       int64_t now, struct arena *arena, struct plan *out)
{
	struct planner planner = {.journey = journey,
				  .policy = policy,
				  .zone = zone,
				  .now = now,
				  .arena = arena,
				  .plan = out,
				  .unit = journey->unit ? journey->unit : journey->holder};

	memset(out, 0, sizeof(*out));
	plan_before_arrival(&planner);
	plan_always(&planner);
	plan_stage(&planner);
	out->next_due = WHEN_NEVER;
	for (size_t i = 0; i < out->deadlines_len; i++) {
		if (out->deadlines[i].at < out->next_due) {
			out->next_due = out->deadlines[i].at;
			out->next_rule = out->deadlines[i].rule;
		}
	}
	/* Old history wakes nobody, unless somebody is already being asked about it. */
	out->history = !journey->current && journey->joined_len == 0;
	if (out->history)
		out->wants_len = 0;
}
