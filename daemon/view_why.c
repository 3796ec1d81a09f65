/* view_why.c — why a journey owes what it owes: each rule's arithmetic in plain English words.
 * Neighbours: loop/plan.c made the plan; closedloopctl why prints what is made here. */
#include "daemon/view.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

/* How a rule comes to its time: BASE plus or minus a span of the policy. */
static const struct rule_row {
	const char *rule;
	size_t span; /* offset of an int64_t in struct policy */
	bool before; /* The span counts backwards from the base. */
	const char *base;
	const char *then;
} rules[] = {
#define SPAN(name) offsetof(struct policy, name)
	{"register_within", SPAN(register_within), false, "the landing",
	 "if no desk has registered her by then, she is missing between two desks"},
	{"board_within", SPAN(board_within), false, "the registration",
	 "if she is on no vehicle by then, the desk is asked where she is"},
	{"relay_within", SPAN(transfer_without_eta), false, "reaching the relay point",
	 "if no other vehicle has taken her by then, she is asked for"},
	{"transfer_overdue_after", SPAN(transfer_overdue_after), false, "the expected arrival",
	 "if the vehicle is not there by then, it is overdue"},
	{"gate_accept_within", SPAN(gate_accept_within), false, "being at the gate",
	 "if the committee has not accepted her by then, the street is told"},
	{"address_resolve_within", SPAN(address_resolve_within), false, "the address being stated",
	 "if no committee is known by then, an officer is asked"},
	{"no_show_after", SPAN(no_show_after), false, "the landing",
	 "if nobody has seen her by then, a human is asked whether she boarded"},
	{"delivered_within", SPAN(delivered_within), false, "the order to take her elsewhere",
	 "if no place has confirmed her by then, whoever held her is asked where she is"},
	{"leave_grace", SPAN(leave_grace), false, "the end of her leave",
	 "if she is not back by then, the committee is told"},
	{"remind_after_open", SPAN(remind_after_open), false, "the slot's beginning",
	 "the committee is reminded of those not asked yet"},
	{"remind_before_end", SPAN(remind_before_end), true, "the slot's end",
	 "the committee is reminded for the last time"},
#undef SPAN
};

/* Rules whose time is a time of day. */
static const struct {
	const char *rule, *words;
} clocks[] = {
	{"morning_slot_end", "the morning slot ends; without an entry the check counts as missed"},
	{"evening_slot_end", "the evening slot ends; without an entry the check counts as missed"},
	{"release_at", "the release is judged on the last day of isolation"},
	{"policy_change", "another policy takes over everybody whose journey is open, and she is "
			  "planned again by it"},
	{"isolation_end", "the last day of isolation ends; an unsigned release slip is an alert"},
};

const char *view_not_releasable(const struct view *view, const struct plan *plan)
{
	const char *code = plan->not_releasable;
	char slot[16];
	int day;

	if (!code)
		return NULL;
	if (sscanf(code, "entry_missing %d %15s", &day, slot) == 2)
		return arena_printf(view->arena, "no %s entry on day %d", slot, day);
	if (strcmp(code, "fever_open") == 0)
		return "a fever or symptom nobody has cleared";
	if (strcmp(code, "not_accepted") == 0)
		return "no committee has accepted her";
	return code;
}

static const char *words_of(const struct view *view, const struct policy *policy, const char *rule,
			    int64_t at)
{
	char base[WHEN_CAP], due[WHEN_CAP], span[WHEN_CAP];

	when_text(at, view->conf->zone, due);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		const struct rule_row *row = &rules[i];
		int64_t ms;

		if (strcmp(row->rule, rule) != 0)
			continue;
		memcpy(&ms, (const char *)policy + row->span, sizeof(ms));
		return arena_printf(
			view->arena, "%s at %s %s %s (%s of policy %s) is %s: %s.", row->base,
			when_text(row->before ? at + ms : at - ms, view->conf->zone, base),
			row->before ? "minus" : "plus", when_duration_text(ms, span), rule,
			policy->name, due, row->then);
	}
	for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
		if (strcmp(clocks[i].rule, rule) == 0)
			return arena_printf(view->arena, "At %s %s (policy %s).", due,
					    clocks[i].words, policy->name);
	}
	return arena_printf(view->arena, "%s is due at %s by policy %s.", rule, due, policy->name);
}

static cJSON *reason(const struct view *view, const char *what, const char *rule, int64_t at,
		     const struct policy *policy, const char *words)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "what", what);
	cJSON_AddStringToObject(out, "rule", rule);
	view_time(view, out, "at", at);
	cJSON_AddStringToObject(out, "policy", policy->hash);
	cJSON_AddStringToObject(out, "policy_name", policy->name);
	cJSON_AddStringToObject(out, "words", words);
	return out;
}

static const char *alert_words(const struct view *view, const struct joined *joined,
			       const struct alert *alert)
{
	char opened[WHEN_CAP], next[WHEN_CAP], taken[WHEN_CAP], number[24];

	when_text(alert->opened_at, view->conf->zone, opened);
	when_text(alert->next_at, view->conf->zone, next);
	if (alert->state == ALERT_ACKED)
		return arena_printf(view->arena, "%s is open since %s; %s took it at %s%s%s.",
				    alert_number(alert->id, number), opened,
				    *alert->by ? alert->by : "somebody",
				    when_text(alert->acked_at, view->conf->zone, taken),
				    alert->next_at == WHEN_NEVER ? "" : " and is asked again at ",
				    alert->next_at == WHEN_NEVER ? "" : next);
	if (alert->next_at == WHEN_NEVER)
		return arena_printf(view->arena, "%s is open since %s%s.",
				    alert_number(alert->id, number),
				    when_text(alert->opened_at, view->conf->zone, opened),
				    alert_traits(joined->kind)->informative
					    ? "; it informs, nobody has to answer"
					    : "; nobody further is told");
	return arena_printf(view->arena,
			    "%s is open since %s; step %d of its escalation is told at %s unless "
			    "somebody takes it.",
			    alert_number(alert->id, number),
			    when_text(alert->opened_at, view->conf->zone, opened), alert->step + 1,
			    when_text(alert->next_at, view->conf->zone, next));
}

static void add_alerts(const struct view *view, const struct journey *journey,
		       const struct policy *policy, cJSON *out)
{
	for (size_t i = 0; i < journey->joined_len; i++) {
		const struct joined *joined = &journey->joined[i];
		struct alert alert;
		bool found = false;

		if (view->store->ops->alert_find(view->store, joined->kind, joined->subject,
						 joined->unit, &alert, &found, NULL) < 0 ||
		    !found)
			continue;
		cJSON *item = reason(view, "alert", alert_traits(joined->kind)->word, alert.next_at,
				     policy, alert_words(view, joined, &alert));
		char number[24];

		cJSON_AddStringToObject(item, "alert", alert_number(alert.id, number));
		view_text(item, "unit", alert.unit);
		cJSON_AddItemToArray(out, item);
	}
}

/* Wanted, and not joined yet: the next turn opens it. */
static void add_wants(const struct view *view, const struct journey *journey,
		      const struct plan *plan, const struct policy *policy, cJSON *out)
{
	for (size_t i = 0; i < plan->wants_len; i++) {
		const struct want *want = &plan->wants[i];
		bool joined = false;

		for (size_t k = 0; k < journey->joined_len; k++)
			joined = joined || journey->joined[k].kind == want->kind;
		if (!joined)
			cJSON_AddItemToArray(
				out,
				reason(view, "wanted", alert_traits(want->kind)->word, want->since,
				       policy,
				       "its condition holds; it is opened with the next turn."));
	}
}

/* Why the end is not where the rule alone would put it. */
static void add_end(const struct view *view, const struct journey *journey,
		    const struct policy *policy, cJSON *out)
{
	char ends[WHEN_CAP], cause[WHEN_CAP];
	const char *words;

	if (!journey->moved)
		return;
	when_text(journey->ends_at, view->conf->zone, ends);
	if (text_equal(journey->moved, "household"))
		words = arena_printf(view->arena,
				     "somebody's isolation began in her home at %s: %d days from "
				     "that day end at %s (policy %s).",
				     when_text(journey->household_at, view->conf->zone, cause),
				     policy->isolation_days, ends, policy->name);
	else if (text_equal(journey->moved, "exposed"))
		words = arena_printf(view->arena,
				     "she was exposed again at %s: %d days from that day end at "
				     "%s (policy %s).",
				     when_text(journey->exposed_at, view->conf->zone, cause),
				     policy->isolation_days, ends, policy->name);
	else
		words = arena_printf(view->arena, "extended by hand by %s days: it ends at %s.",
				     journey->field[FIELD_EXTENSION], ends);
	cJSON_AddItemToArray(out,
			     reason(view, "end", journey->moved, journey->ends_at, policy, words));
}

static void note_lesson(void *context, const void *row)
{
	*(struct store_alias *)context = *(const struct store_alias *)row;
}

/* Why she belongs to her committee, or to none yet. */
static const char *unit_words(const struct view *view, const struct journey *journey,
			      const struct policy *policy, const char **rule)
{
	const struct matched matched = journey_matched(journey);
	const struct dwelling dwelling = dwelling_stated(journey->field);
	struct match *match = arena_alloc(view->arena, sizeof(*match));
	struct store_alias lesson = {.by = NULL};
	char at[WHEN_CAP];

	if (journey->unit && text_equal(journey->unit, journey->field[FIELD_ASSIGNED])) {
		*rule = "assigned";
		(void)view->store->ops->aliases_of(view->store, journey->id, view->arena,
						   note_lesson, &lesson, NULL);
		return arena_printf(
			view->arena, "%s assigned her to %s at %s.",
			lesson.by && *lesson.by ? lesson.by : "an officer", journey->unit,
			when_text(journey->stamp[FIELD_ASSIGNED].at, view->conf->zone, at));
	}
	*rule = "stated";
	if (journey->unit && text_equal(journey->unit, journey->field[FIELD_COMMITTEE]))
		return arena_printf(view->arena, "the feed stated committee %s.", journey->unit);
	*rule = "matched";
	if (!*matched.verdict)
		return journey->unit ? "her vehicle or her hand-over named the committee."
				     : "no address is known.";
	if (journey->unit && !text_equal(journey->unit, matched.code)) {
		*rule = "accepted";
		return arena_printf(view->arena, "committee %s has her; her address alone is %s.",
				    journey->unit, matched.verdict);
	}
	if (view->coded)
		return arena_printf(view->arena, "her address is %s (%.3f, %s).", matched.verdict,
				    matched.score, matched.why);
	if (engine_match(view->engine, &dwelling, view->arena, match, NULL) < 0)
		return "her address could not be looked up.";
	return arena_printf(view->arena, "her address is %s (%.3f, %s)%s%s: %s%s.", matched.verdict,
			    matched.score, matched.why, *match->rule ? ", rule " : "", match->rule,
			    match->reason,
			    journey->unit || matched.score >= policy->probable_from ||
					    !text_is_digits(matched.code, UNIT_CODE_MAX)
				    ? ""
				    : "; that is below probable_from, so an officer is asked");
}

static void add_unit(const struct view *view, const struct journey *journey,
		     const struct policy *policy, cJSON *out)
{
	const char *rule;
	const char *words = unit_words(view, journey, policy, &rule);

	cJSON_AddItemToArray(out,
			     reason(view, "unit", rule,
				    journey->unit ? journey->unit_at : WHEN_NEVER, policy, words));
}

static const char *task_words(const struct view *view, const struct journey *journey,
			      const struct policy *policy, const struct plan_task *task)
{
	char due[WHEN_CAP], eta[WHEN_CAP];

	if (text_equal(task->name, "accept"))
		return words_of(view, policy, "gate_accept_within", task->due);
	if (text_equal(task->name, "release"))
		return words_of(view, policy, "isolation_end", task->due);
	return arena_printf(view->arena,
			    "%s is to be done by %s; she is expected at the gate at %s, and short "
			    "notice shrinks every lead of policy %s alike.",
			    task->name, when_text(task->due, view->conf->zone, due),
			    when_text(journey->eta_guess, view->conf->zone, eta), policy->name);
}

static void add_tasks(const struct view *view, const struct journey *journey,
		      const struct plan *plan, const struct policy *policy, cJSON *out)
{
	for (size_t i = 0; i < plan->tasks_len; i++) {
		const struct plan_task *task = &plan->tasks[i];

		const char *words;

		if (task->state != TASK_OPEN)
			continue;
		words = task_words(view, journey, policy, task);
		if (text_equal(task->name, "release") && plan->not_releasable)
			words = arena_printf(view->arena, "%s She cannot be released yet: %s.",
					     words, view_not_releasable(view, plan));
		cJSON_AddItemToArray(out,
				     reason(view, "task", task->name, task->due, policy, words));
	}
}

cJSON *view_why(const struct view *view, const struct journey *journey, const struct policy *policy)
{
	const struct plan *plan = view_plan(view, journey, policy);
	cJSON *out = cJSON_CreateArray();

	for (size_t i = 0; i < plan->deadlines_len; i++) {
		const struct deadline *deadline = &plan->deadlines[i];
		cJSON_AddItemToArray(out,
				     reason(view, "deadline", deadline->rule, deadline->at, policy,
					    words_of(view, policy, deadline->rule, deadline->at)));
	}
	if (journey->field[FIELD_ADDRESS] || journey->unit)
		add_unit(view, journey, policy, out);
	add_alerts(view, journey, policy, out);
	add_wants(view, journey, plan, policy, out);
	add_end(view, journey, policy, out);
	add_tasks(view, journey, plan, policy, out);
	return out;
}
