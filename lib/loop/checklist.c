/* checklist.c — the pre-arrival checklist (四提前) on the clock: what is due when, compressed at
 * short notice, never dropped. Neighbour: plan.c. */
#include "loop/checklist.h"

#include "closedloop/text.h"

/* From when the committee's people could know of her: the statement that named the unit. */
static int64_t known_at(const struct journey *journey)
{
	static const enum field fields[] = {FIELD_ASSIGNED, FIELD_COMMITTEE, FIELD_MATCHED};
	int64_t at = WHEN_NEVER;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const char *value = journey->field[fields[i]];
		if (value && *value && journey->stamp[fields[i]].at < at)
			at = journey->stamp[fields[i]].at;
	}
	if (at == WHEN_NEVER && journey->leg)
		at = journey->leg->departed_at;
	return at == WHEN_NEVER ? journey->first_at : at;
}

/* A margin on top of the longest lead, so that even the first item of a compressed list leaves time
 * to begin. */
#define COMPRESS_MARGIN (10 * WHEN_MINUTE)

static int64_t due_at(const struct journey *journey, const struct policy *policy, int64_t before)
{
	int64_t known = known_at(journey);
	/* A vehicle that comes sooner than all the news before gave short notice when it left, not
	 * earlier. */
	if (journey->leg && journey->leg_due < journey->eta_before &&
	    journey->leg->departed_at > known)
		known = journey->leg->departed_at;
	int64_t eta = journey->eta_guess;
	int64_t longest = COMPRESS_MARGIN;

	for (size_t i = 0; i < policy->tasks_len; i++) {
		if (policy->tasks[i].before_eta + COMPRESS_MARGIN > longest)
			longest = policy->tasks[i].before_eta + COMPRESS_MARGIN;
	}
	if (eta <= known)
		return known;
	if (eta - known >= longest)
		return eta - before;
	/* Short notice: every lead shrinks by the same share. */
	return eta - before * (eta - known) / longest;
}

bool checklist_of_this_home(const struct journey *journey, const struct task_mark *mark)
{
	const char *home = journey->field[FIELD_HOME];
	return !mark->home || !*mark->home || !home || !*home || text_equal(mark->home, home);
}

/* What was done in another home does not count in this one. */
static const struct task_mark *mark_of(const struct journey *journey, const char *name)
{
	for (size_t i = 0; i < journey->tasks_len; i++) {
		const struct task_mark *mark = &journey->tasks[i];
		if (text_equal(mark->name, name) && checklist_of_this_home(journey, mark))
			return mark;
	}
	return NULL;
}

static void add(struct plan *plan, const char *name, int64_t due, enum task_state open_as,
		const struct task_mark *mark)
{
	struct plan_task *task = &plan->tasks[plan->tasks_len++];
	*task = (struct plan_task){.name = name, .due = due, .state = open_as, .mark = mark};
	if (mark)
		task->state = mark->failed ? TASK_FAILED : TASK_DONE;
}

void checklist_make(const struct journey *journey, const struct policy *policy, struct plan *plan)
{
	plan->tasks_len = 0;
	if (!journey->unit || (!journey->homebound && journey->stage != STAGE_RELEASED))
		return;
	enum task_state open_as = journey->stage >= STAGE_ISOLATING ? TASK_LAPSED : TASK_OPEN;
	for (size_t i = 0; i < policy->tasks_len; i++) {
		const struct policy_task *item = &policy->tasks[i];
		add(plan, item->name, due_at(journey, policy, item->before_eta), open_as,
		    mark_of(journey, item->name));
	}
	if (journey->stage == STAGE_ARRIVED || journey->stage == STAGE_ISOLATING) {
		int64_t since = journey->arrived_at < journey->handed_over_at
					? journey->arrived_at
					: journey->handed_over_at;
		if (since == WHEN_NEVER)
			since = journey->seen_at;
		add(plan, "accept", since + policy->gate_accept_within,
		    journey->accepted_now ? TASK_DONE : TASK_OPEN, NULL);
	}
}
