/* plan_isolation.c — the days at home: what is asked when, what was missed, who is out, who may be
 * released. Neighbours: plan.c plans the way before, isolation.c knows the calendar. */
#include "loop/planner.h"

#include "closedloop/text.h"

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
		planner_ahead(planner, "remind_after_open", first);
	else if (planner->now < last)
		planner_want(planner, ALERT_REMIND, name, first, WHEN_UNKNOWN, NULL);
	if (planner->now < last)
		planner_ahead(planner, "remind_before_end", last);
	else
		planner_want(planner, ALERT_REMIND_LAST, name, last, WHEN_UNKNOWN, NULL);
	planner_ahead(planner, evening ? "evening_slot_end" : "morning_slot_end", to);
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
		if (to > planner->now || from >= journey->ends_at)
			break;
		if (to <= from_when || is_checked(journey, index / 2, index % 2))
			continue;
		if (to < first)
			first = to;
		last = to;
	}
	if (first != WHEN_NEVER)
		planner_want(planner, ALERT_MISSED_CHECK, "checks", first, last, NULL);
}

/* The slots around now: the open one is asked for, and the next one gives the deadline. No row per
 * future check: the next slot only. */
void plan_slots(struct planner *planner)
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
		if (to <= planner->now || from >= journey->ends_at)
			continue;
		if (from <= planner->now)
			plan_open_slot(planner, day, evening, from, to);
		else
			planner_ahead(planner, "remind_after_open",
				      from + planner->policy->remind_after_open);
		ahead_found = true;
	}
	/* Every slot near now is entered: look again when the day after tomorrow's first is due. */
	if (!ahead_found && today + 2 <= journey->days)
		planner_ahead(planner, "remind_after_open",
			      when_at(planner->zone, journey->day0 + today + 2,
				      planner->policy->morning.from +
					      planner->policy->remind_after_open));
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

bool plan_fever_open(const struct journey *journey)
{
	return journey->fever_at != WHEN_UNKNOWN &&
	       journey->fever_at > journey->resolved_at[ALERT_FEVER];
}

void plan_release(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	struct plan *plan = planner->plan;
	int64_t judged = journey->judged_at;
	char buf[WHEN_CAP];
	/* All of one committee whose days end together are one matter. */
	const char *group =
		arena_copy(planner->arena, when_day_text(journey->day0 + journey->days, buf));

	plan->not_releasable = plan_fever_open(journey) ? "fever_open" : missing_entry(planner);
	if (!plan->not_releasable && !journey->accepted_now)
		plan->not_releasable = "not_accepted";
	plan->releasable = planner->now >= judged && !plan->not_releasable;
	planner_ahead(planner, "release_at", judged);
	if (planner->now < judged)
		return;
	plan->tasks[plan->tasks_len++] =
		(struct plan_task){.name = "release", .due = journey->ends_at, .state = TASK_OPEN};
	if (plan->not_releasable) {
		planner_level(planner, ALERT_NOT_RELEASED, "release_at", group, judged, 0,
			      plan->not_releasable);
		return;
	}
	planner_want(planner, ALERT_RELEASE, group, judged, WHEN_UNKNOWN, NULL);
	/* Nobody is released by silence: at the end of the last day an unsigned slip is an alert.
	 */
	planner_level(planner, ALERT_NOT_RELEASED, "isolation_end", group, journey->ends_at, 0,
		      "unsigned");
}

/* Leave is for a time (dialysis); without leave there is no time to wait for. */
void plan_leave(struct planner *planner)
{
	const struct journey *journey = planner->journey;
	const struct leave *left = &journey->left;
	bool approved = left->until != WHEN_UNKNOWN;

	if (!journey->away)
		return;
	planner_level(planner, ALERT_NOT_RETURNED, "leave_grace", journey->id, left->stamp.at,
		      approved ? left->until + planner->policy->leave_grace - left->stamp.at : 0,
		      approved ? "leave_over" : "without_leave");
}
