/* plan.c — what is owed for a journey now: the rules of product.md as one question per stage.
 * Every rule is level-triggered: either its deadline lies ahead, or its alert is wanted.
 * Neighbours: checklist.c, isolation.c (the calendar); decide.c takes the difference. */
#include "closedloop/plan.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"
#include "closedloop/transfer.h"
#include "loop/checklist.h"

struct planner {
	const struct journey *journey;
	const struct policy *policy;
	const struct zone *zone;
	int64_t now;
	struct arena *arena;
	struct plan *plan;
	const char *unit; /* whom alerts concern: committee, else district, else the feed's unit */
};

const char *task_state_word(enum task_state state)
{
	static const char *const words[] = {"open", "done", "failed", "lapsed"};
	assert(state < ARRAY_LEN(words));
	return words[state];
}

static void ahead(struct planner *planner, const char *rule, int64_t at)
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
		ahead(planner, "recheck_after", silent);
		return;
	}
	if (plan->wants_len < PLAN_WANTS_MAX)
		plan->wants[plan->wants_len++] = *want;
}

static void want(struct planner *planner, enum alert_kind kind, const char *subject, int64_t since,
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

/* A rule with one due time, WITHIN after its cause: ahead of it a deadline, after it an alert. A
 * human who resolved the alert while its cause still holds has silenced it only until the recheck.
 */
static void level(struct planner *planner, enum alert_kind kind, const char *rule,
		  const char *subject, int64_t since, int64_t within, const char *detail)
{
	int64_t due = since + within;
	int64_t silent = silent_until(planner, kind, subject);
	if (silent > due)
		due = silent;
	if (due > planner->now) {
		ahead(planner, rule, due);
		return;
	}
	want_due(planner, &(struct want){.kind = kind,
					 .subject = subject,
					 .unit = planner->unit,
					 .since = since,
					 .due = due,
					 .eta = WHEN_UNKNOWN,
					 .detail = detail ? detail : ""});
}

/* The flight, else herself: people who come together are told of together, and boarding a bus does
 * not begin it anew. */
static const char *party(const struct journey *journey)
{
	const char *flight = journey->field[FIELD_FLIGHT];
	return flight && *flight ? flight : journey->id;
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
	level(planner, ALERT_NOT_REGISTERED, "register_within", party(journey), landed,
	      planner->policy->register_within, NULL);
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
		level(planner, ALERT_NOT_BOARDED, "relay_within", leg->transfer, leg->reached_at,
		      wait, NULL);
		return;
	}
	int64_t eta = journey->leg_due;
	level(planner, ALERT_TRANSFER_OVERDUE, "transfer_overdue_after", leg->transfer, eta,
	      policy->transfer_overdue_after, NULL);
	if (leg->kind == STOP_COMPOUND && journey->unit &&
	    planner->now <= eta + policy->arrival_stale_after)
		want(planner, ALERT_ARRIVAL, leg->transfer, leg->departed_at, eta, NULL);
}

static void plan_acceptance(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	int64_t since = journey->arrived_at < journey->handed_over_at ? journey->arrived_at
								      : journey->handed_over_at;
	if (since == WHEN_NEVER)
		since = journey->seen_at;
	level(planner, ALERT_NOT_ACCEPTED, "gate_accept_within", company(journey), since,
	      planner->policy->gate_accept_within, NULL);
}

static const char *slot_name(struct planner *planner, int day, bool evening)
{
	char buf[WHEN_CAP];
	return arena_printf(planner->arena, "%s %s",
			    when_day_text(planner->journey->day0 + day, buf),
			    evening ? "evening" : "morning");
}

static bool is_checked(const struct journey *journey, int day, bool evening)
{
	return journey->checked[evening] >> day & 1;
}

/* One slot that is open or lies ahead: two reminders and its end. */
static void plan_open_slot(struct planner *planner, int day, bool evening, int64_t from, int64_t to)
{
	const struct policy *policy = planner->policy;
	const char *name = slot_name(planner, day, evening);
	int64_t first = from + policy->remind_after_open;
	int64_t last = to - policy->remind_before_end;

	if (planner->now < first)
		ahead(planner, "remind_after_open", first);
	else if (planner->now < last)
		want(planner, ALERT_REMIND, name, first, WHEN_UNKNOWN, NULL);
	if (planner->now < last)
		ahead(planner, "remind_before_end", last);
	else
		want(planner, ALERT_REMIND_LAST, name, last, WHEN_UNKNOWN, NULL);
	ahead(planner, evening ? "evening_slot_end" : "morning_slot_end", to);
}

/* From when on a missing entry can be anybody's fault: she was at home, and we knew of her. */
static int64_t checkable_from(const struct journey *journey)
{
	int64_t home = journey->handed_over_at < journey->accepted_at ? journey->handed_over_at
								      : journey->accepted_at;
	return home != WHEN_NEVER ? home : journey->first_at;
}

/* Every slot that ended without an entry since a human last settled the matter: one alert, which a
 * late entry for the last of them ends, and which each further slot makes louder. Its eta is the
 * latest of them. */
static void plan_missed(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	int64_t from_when = checkable_from(journey);
	int64_t first = WHEN_NEVER, last = WHEN_UNKNOWN;

	if (journey->resolved_at[ALERT_MISSED_CHECK] > from_when)
		from_when = journey->resolved_at[ALERT_MISSED_CHECK];
	for (int index = 2; index <= journey->days * 2 + 1; index++) {
		int64_t from, to;
		isolation_window(planner->policy, planner->zone, journey->day0, index / 2,
				 index % 2, &from, &to);
		if (to > planner->now)
			break;
		if (to <= from_when || is_checked(journey, index / 2, index % 2))
			continue;
		if (to < first)
			first = to;
		last = to;
	}
	if (first != WHEN_NEVER)
		want(planner, ALERT_MISSED_CHECK, "checks", first, last, NULL);
}

/* The slots around now: the open one is asked for, and the next one gives the deadline. No row per
 * future check: the next slot only. */
static void plan_slots(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	int today = (int)(when_day(planner->zone, planner->now) - journey->day0);
	bool ahead_found = false;

	plan_missed(planner);
	for (int index = today * 2; index <= today * 2 + 3; index++) {
		int day = index / 2;
		bool evening = index % 2;
		int64_t from, to;
		if (index < 2 || day > journey->days || is_checked(journey, day, evening))
			continue;
		isolation_window(planner->policy, planner->zone, journey->day0, day, evening, &from,
				 &to);
		if (to <= planner->now)
			continue;
		if (from <= planner->now)
			plan_open_slot(planner, day, evening, from, to);
		else
			ahead(planner, "remind_after_open",
			      from + planner->policy->remind_after_open);
		ahead_found = true;
	}
	/* Every slot near now is entered: look again when the day after tomorrow's first is due. */
	if (!ahead_found && today + 2 <= journey->days)
		ahead(planner, "remind_after_open",
		      when_at(planner->zone, journey->day0 + today + 2,
			      planner->policy->morning.from + planner->policy->remind_after_open));
}

/* The first slot of the last days without an entry, as a detail for people ("entry_missing 13
 * evening"), or NULL. */
static const char *missing_entry(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	int from = journey->days - planner->policy->release_full_days;
	for (int day = from > 1 ? from : 1; day < journey->days; day++) {
		for (int evening = 0; evening < 2; evening++) {
			if (!is_checked(journey, day, evening))
				return arena_printf(planner->arena, "entry_missing %d %s", day,
						    evening ? "evening" : "morning");
		}
	}
	return NULL;
}

static bool fever_open(const struct journey *journey)
{
	return journey->fever_at != WHEN_UNKNOWN &&
	       journey->fever_at > journey->resolved_at[ALERT_FEVER];
}

static void plan_release(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	struct plan *plan = planner->plan;
	int64_t judged =
		when_at(planner->zone, journey->day0 + journey->days, planner->policy->release_at);

	char buf[WHEN_CAP];
	/* All of one committee whose days end together are one matter. */
	const char *group =
		arena_copy(planner->arena, when_day_text(journey->day0 + journey->days, buf));

	plan->not_releasable = fever_open(journey) ? "fever_open" : missing_entry(planner);
	if (!plan->not_releasable && journey->accepted_at == WHEN_NEVER)
		plan->not_releasable = "not_accepted";
	plan->releasable = planner->now >= judged && !plan->not_releasable;
	ahead(planner, "release_at", judged);
	if (planner->now < judged)
		return;
	plan->tasks[plan->tasks_len++] =
		(struct plan_task){.name = "release", .due = journey->ends_at, .state = TASK_OPEN};
	if (plan->not_releasable) {
		level(planner, ALERT_NOT_RELEASED, "release_at", group, judged, 0,
		      plan->not_releasable);
		return;
	}
	want(planner, ALERT_RELEASE, group, judged, WHEN_UNKNOWN, NULL);
	/* Nobody is released by silence: at the end of the last day an unsigned slip is an alert.
	 */
	level(planner, ALERT_NOT_RELEASED, "isolation_end", group, journey->ends_at, 0, "unsigned");
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
	if (journey->stage >= STAGE_ARRIVED || !journey->unit)
		return;
	/* One message per committee, however many are coming. */
	if (name)
		level(planner, ALERT_TASK_OVERDUE,
		      arena_printf(planner->arena, "checklist.%s", name), "checklist", earliest, 0,
		      name);
	bool on_the_way = journey->leg && journey->leg->kind == STOP_COMPOUND;
	if (!on_the_way &&
	    planner->now <= journey->eta_guess + planner->policy->arrival_stale_after)
		want(planner, ALERT_EXPECTED, party(journey), journey->first_at, journey->eta_guess,
		     NULL);
}

static const char *fever_detail(struct planner *planner)
{
	int tenths = planner->journey->fever_tenths;
	if (!tenths)
		return "symptoms";
	return arena_printf(planner->arena, "temperature %d.%d", tenths / 10, tenths % 10);
}

/* What may be wrong at any stage. */
static void plan_always(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	const char *address = journey->field[FIELD_ADDRESS];

	if (fever_open(journey))
		want(planner, ALERT_FEVER, journey->id, journey->fever_at, WHEN_UNKNOWN,
		     fever_detail(planner));
	if (!journey->homebound)
		return;
	for (size_t i = 0; i < journey->tasks_len; i++) {
		const struct task_mark *task = &journey->tasks[i];
		if (text_equal(task->name, "inspect_home") && task->failed &&
		    task->stamp.at > journey->resolved_at[ALERT_HOME_UNFIT])
			want(planner, ALERT_HOME_UNFIT, journey->id, task->stamp.at, WHEN_UNKNOWN,
			     "inspection_failed");
	}
	if (journey->conflict && journey->resolved_at[ALERT_CONFLICT] < journey->conflict_at)
		want(planner, ALERT_CONFLICT, journey->id, journey->seen_at, WHEN_UNKNOWN,
		     journey->withdrawn.stamp.at != WHEN_UNKNOWN ? "withdrawn_after_handover"
								 : "handed_over_after_redirect");
	bool asked = (address && *address) || journey->stage >= STAGE_REGISTERED;
	if (!journey->unit && asked) {
		int64_t since = address ? journey->stamp[FIELD_ADDRESS].at : journey->first_at;
		level(planner, ALERT_ADDRESS, "address_resolve_within", journey->id, since, 0,
		      NULL);
	}
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
		level(planner, ALERT_NOT_BOARDED, "board_within", party(journey),
		      journey->registered_at, planner->policy->board_within, NULL);
		break;
	case STAGE_IN_TRANSFER:
		plan_in_transfer(planner);
		break;
	case STAGE_ARRIVED:
		plan_acceptance(planner);
		break;
	case STAGE_ISOLATING:
		if (journey->accepted_at == WHEN_NEVER)
			plan_acceptance(planner);
		plan_slots(planner);
		plan_release(planner);
		break;
	case STAGE_RELEASED:
	case STAGE_REDIRECTED:
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
