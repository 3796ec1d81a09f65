/* view.c — journeys and alerts as JSON, in the words of the contract.
 * Neighbours: view_why.c explains what is owed; api_read.c and api_alerts.c send what is made here.
 */
#include "daemon/view.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

#define MEMBERS_MAX 500

void view_time(const struct view *view, cJSON *object, const char *name, int64_t at)
{
	char text[WHEN_CAP];

	if (at == WHEN_NEVER || at == WHEN_UNKNOWN)
		cJSON_AddNullToObject(object, name);
	else
		cJSON_AddStringToObject(object, name, when_text(at, view->conf->zone, text));
}

void view_text(cJSON *object, const char *name, const char *value)
{
	if (value && *value)
		cJSON_AddStringToObject(object, name, value);
	else
		cJSON_AddNullToObject(object, name);
}

const char *stop_kind_word(enum stop_kind kind)
{
	static const char *const words[] = {
		[STOP_RELAY] = "relay",	      [STOP_TEST_CENTRE] = "test_centre",
		[STOP_COMPOUND] = "compound", [STOP_CENTRAL_SITE] = "central_site",
		[STOP_HOSPITAL] = "hospital",
	};

	assert(kind < ARRAY_LEN(words));
	return words[kind];
}

const char *alert_state_word(enum alert_state state)
{
	static const char *const words[] = {
		[ALERT_OPEN] = "open", [ALERT_ACKED] = "acked", [ALERT_RESOLVED] = "resolved"};

	assert(state < ARRAY_LEN(words));
	return words[state];
}

int view_unpack(const struct view *view, const struct store_journey *row, struct journey *out,
		const struct policy **policy, struct err *err)
{
	return engine_journey_of(view->conf, row, view->arena, out, policy, err);
}

const struct plan *view_plan(const struct view *view, const struct journey *journey,
			     const struct policy *policy)
{
	struct plan *plan = arena_alloc(view->arena, sizeof(*plan));

	plan_make(journey, policy, view->conf->zone, view->now, view->arena, plan);
	engine_policy_ahead(view->conf, journey, view->now, plan);
	return plan;
}

/* --- Parts of a journey --- */

/* What is known of her under FIELD, as far as who asks may know whom it is about. This is the one
 * way a field of hers comes into an answer; documents and the day of birth have none: they
 * identify, nobody needs them to act, and api_reveal.c shows them one at a time. */
static const char *field_of(const struct view *view, const struct journey *journey,
			    enum field field)
{
	return view->coded ? NULL : journey->field[field];
}

/* "ko,zh" → ["ko","zh"] */
static cJSON *split(const char *list)
{
	cJSON *array = cJSON_CreateArray();
	char item[128];

	while (list && *list) {
		size_t len = strcspn(list, ",");

		if (len > 0 && len < sizeof(item)) {
			memcpy(item, list, len);
			item[len] = '\0';
			cJSON_AddItemToArray(array, cJSON_CreateString(item));
		}
		list += len + (list[len] == ',');
	}
	return array;
}

static void note_ref(void *context, const void *row)
{
	const char *const *pair = row;
	cJSON *ref = cJSON_CreateObject();

	cJSON_AddStringToObject(ref, "source", pair[0]);
	cJSON_AddStringToObject(ref, "ref", pair[1]);
	cJSON_AddItemToArray(context, ref);
}

static cJSON *match_of(const struct journey *journey)
{
	const struct matched matched = journey_matched(journey);
	cJSON *match;

	if (!*matched.verdict)
		return cJSON_CreateNull();
	match = cJSON_CreateObject();
	cJSON_AddStringToObject(match, "verdict", matched.verdict);
	cJSON_AddNumberToObject(match, "score", matched.score);
	view_text(match, "why", matched.why);
	return match;
}

static int today_of(const struct view *view, const struct journey *journey)
{
	return (int)(when_day(view->conf->zone, view->now) - journey->day0);
}

static cJSON *isolation_of(const struct view *view, const struct journey *journey)
{
	char date[WHEN_CAP];
	cJSON *isolation;

	if (journey->day0 == INT32_MIN)
		return cJSON_CreateNull();
	isolation = cJSON_CreateObject();
	cJSON_AddStringToObject(isolation, "start", when_day_text(journey->day0, date));
	cJSON_AddStringToObject(isolation, "end",
				when_day_text(journey->day0 + journey->days, date));
	cJSON_AddNumberToObject(isolation, "day", today_of(view, journey));
	cJSON_AddNumberToObject(isolation, "length", journey->days);
	view_time(view, isolation, "ends_at", journey->ends_at);
	view_text(isolation, "moved", journey->moved);
	return isolation;
}

static cJSON *checks_of(const struct view *view, const struct journey *journey)
{
	cJSON *checks = cJSON_CreateArray();
	int last = journey->day0 == INT32_MIN ? -1 : today_of(view, journey);

	if (last > journey->days)
		last = journey->days;
	for (int day = 0; day <= last; day++) {
		for (int evening = 0; evening < 2; evening++) {
			bool entered = journey->checked[evening] >> day & 1;
			cJSON *check;

			if (day == 0 && !entered) /* Nobody is asked on the day of arrival. */
				continue;
			check = cJSON_CreateObject();
			cJSON_AddNumberToObject(check, "day", day);
			cJSON_AddStringToObject(check, "slot", evening ? "evening" : "morning");
			cJSON_AddBoolToObject(check, "entered", entered);
			cJSON_AddItemToArray(checks, check);
		}
	}
	return checks;
}

static cJSON *tasks_of(const struct view *view, const struct plan *plan)
{
	cJSON *tasks = cJSON_CreateArray();

	for (size_t i = 0; i < plan->tasks_len; i++) {
		const struct plan_task *task = &plan->tasks[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "name", task->name);
		view_time(view, item, "due", task->due);
		cJSON_AddStringToObject(item, "state", task_state_word(task->state));
		view_text(item, "outcome", task->mark ? task->mark->outcome : NULL);
		view_text(item, "by", task->mark ? task->mark->by : NULL);
		view_time(view, item, "at", task->mark ? task->mark->stamp.at : WHEN_NEVER);
		cJSON_AddItemToArray(tasks, item);
	}
	return tasks;
}

static cJSON *next_of(const struct view *view, const struct plan *plan)
{
	cJSON *next;

	if (plan->next_due == WHEN_NEVER || plan->history)
		return cJSON_CreateNull();
	next = cJSON_CreateObject();
	cJSON_AddStringToObject(next, "rule", plan->next_rule);
	view_time(view, next, "at", plan->next_due);
	return next;
}

static int open_alerts(const struct journey *journey)
{
	int count = 0;

	for (size_t i = 0; i < journey->joined_len; i++)
		count += !alert_traits(journey->joined[i].kind)->informative;
	return count;
}

static void add_times(const struct view *view, const struct journey *journey, cJSON *out)
{
	view_time(view, out, "announced_at", journey->first_at);
	view_time(view, out, "triaged_at", journey->triaged_at);
	view_time(view, out, "registered_at", journey->registered_at);
	view_time(view, out, "in_transfer_at", journey->in_transfer_at);
	view_time(view, out, "arrived_at", journey->arrived_at);
	view_time(view, out, "handed_over_at", journey->handed_over_at);
	view_time(view, out, "accepted_at", journey->accepted_at);
	view_time(view, out, "released_at", journey->released.stamp.at);
	view_time(view, out, "withdrawn_at", journey->withdrawn.stamp.at);
	view_time(view, out, "closed_at", journey->closed.stamp.at);
	view_time(view, out, "last_check", journey->last_check);
}

/* Who travels with her may be another's: whoever has a scope is told how many they are. */
static void add_companions(const struct view *view, const struct journey *journey, cJSON *out)
{
	cJSON *all = split(field_of(view, journey, FIELD_COMPANIONS));

	if (view->coded)
		cJSON_AddNullToObject(out, "companions_count");
	else
		cJSON_AddNumberToObject(out, "companions_count", cJSON_GetArraySize(all));
	if (view->scope && *view->scope) {
		cJSON_Delete(all);
		all = cJSON_CreateArray();
	}
	cJSON_AddItemToObject(out, "companions", all);
}

/* What is shown only with the record itself. */
static void add_whole(const struct view *view, const struct journey *journey,
		      const struct plan *plan, cJSON *out)
{
	static const struct {
		const char *name;
		enum field field;
		bool list;
	} rows[] = {
		{"sex", FIELD_SEX, false},
		{"phones", FIELD_PHONES, true},
		{"seat", FIELD_SEAT, false},
		{"needs", FIELD_NEEDS, true},
		{"countries_14d", FIELD_COUNTRIES, true},
		{"building", FIELD_BUILDING, false},
		{"co_residents", FIELD_CO_RESIDENTS, false},
		{"district_code", FIELD_DISTRICT, false},
		{"desk", FIELD_DESK, false},
		{"transport", FIELD_TRANSPORT, false},
		{"plate", FIELD_PLATE, false},
		{"sticker", FIELD_STICKER, false},
	};
	cJSON *alerts = cJSON_AddArrayToObject(out, "alerts");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *value = field_of(view, journey, rows[i].field);

		if (rows[i].list)
			cJSON_AddItemToObject(out, rows[i].name, split(value));
		else
			view_text(out, rows[i].name, value);
	}
	add_companions(view, journey, out);
	for (size_t i = 0; i < journey->joined_len; i++) {
		const struct joined *joined = &journey->joined[i];
		cJSON *alert = cJSON_CreateObject();

		cJSON_AddStringToObject(alert, "kind", alert_traits(joined->kind)->word);
		cJSON_AddStringToObject(alert, "subject", joined->subject);
		view_text(alert, "unit", joined->unit);
		cJSON_AddItemToArray(alerts, alert);
	}
	view_time(view, out, "eta_guess", journey->eta_guess);
	view_time(view, out, "fever_at", view->coded ? WHEN_NEVER : journey->fever_at);
	cJSON_AddBoolToObject(out, "conflict", journey->conflict);
	cJSON_AddBoolToObject(out, "refused", journey->refused_now);
	view_time(view, out, "sent_on_at", journey->sent_on_at);
	view_time(view, out, "left_at", journey->away ? journey->left.stamp.at : WHEN_NEVER);
	view_time(view, out, "back_by", journey->away ? journey->left.until : WHEN_NEVER);
	cJSON_AddBoolToObject(out, "releasable", plan->releasable);
	view_text(out, "not_releasable", view_not_releasable(view, plan));
	view_text(out, "policy", journey->policy);
}

/* Into whom she was merged, unless that one is another's. */
static const char *survivor_of(const struct view *view, const struct journey *journey)
{
	struct store_journey row;

	if (!journey->merged_into ||
	    view->store->ops->journey_see(view->store, view->scope, journey->merged_into,
					  view->arena, &row, NULL) < 0)
		return NULL;
	return journey->merged_into;
}

cJSON *view_journey(const struct view *view, const struct journey *journey,
		    const struct policy *policy, bool whole)
{
	const struct plan *plan = view_plan(view, journey, policy);
	bool ours = journey->stage != STAGE_REDIRECTED && journey->unit;
	cJSON *out = cJSON_CreateObject();
	cJSON *refs;

	cJSON_AddStringToObject(out, "id", journey->id);
	cJSON_AddStringToObject(out, "state", stage_word(journey->stage));
	view_text(out, "disposition", journey->disposition);
	refs = cJSON_AddArrayToObject(out, "refs");
	if (!view->coded)
		(void)view->store->ops->refs_of(view->store, journey->id, note_ref, refs, NULL);
	view_text(out, "name", field_of(view, journey, FIELD_NAME));
	view_text(out, "name_native", field_of(view, journey, FIELD_NAME_NATIVE));
	view_text(out, "nationality", field_of(view, journey, FIELD_NATIONALITY));
	cJSON_AddItemToObject(out, "languages", split(field_of(view, journey, FIELD_LANGUAGES)));
	view_text(out, "flight", journey->field[FIELD_FLIGHT]);
	view_text(out, "transfer", journey->leg ? journey->leg->transfer : NULL);
	view_text(out, "address", field_of(view, journey, FIELD_ADDRESS));
	view_text(out, "committee_code", ours ? journey->unit : NULL);
	cJSON_AddItemToObject(out, "match", match_of(journey));
	cJSON_AddStringToObject(out, "holder", *journey->holder ? journey->holder : "root");
	view_time(view, out, "eta", journey->eta);
	add_times(view, journey, out);
	view_text(out, "accepted_by", journey->accepted_by);
	cJSON_AddItemToObject(out, "isolation", isolation_of(view, journey));
	cJSON_AddNumberToObject(out, "open_alerts", open_alerts(journey));
	cJSON_AddItemToObject(out, "next_deadline", next_of(view, plan));
	cJSON_AddItemToObject(out, "tasks", tasks_of(view, plan));
	cJSON_AddItemToObject(out, "checks", checks_of(view, journey));
	view_text(out, "merged_into", survivor_of(view, journey));
	view_time(view, out, "erased_at", journey->erased_at > 0 ? journey->erased_at : WHEN_NEVER);
	if (whole)
		add_whole(view, journey, plan, out);
	return out;
}

/* --- Alerts --- */

static void note_member(void *context, const void *row)
{
	cJSON *members = context;

	if (cJSON_GetArraySize(members) < MEMBERS_MAX)
		cJSON_AddItemToArray(members, cJSON_CreateString(row));
}

const char *view_silence_number(int64_t silence, char buf[24])
{
	snprintf(buf, 24, "S-%06lld", (long long)silence);
	return buf;
}

/* The silence that hides an alert longest. */
struct hiding {
	const struct view *view;
	const struct alert *alert;
	struct silence found;
};

static void note_hiding(void *context, const void *row)
{
	struct hiding *hiding = context;
	const struct silence *silence = row;

	if (silence_hides(silence, hiding->alert, hiding->view->conf->fallback,
			  hiding->view->now) &&
	    (hiding->found.id == 0 || silence->ends_at > hiding->found.ends_at))
		hiding->found = *silence;
}

static bool sees_alert(const struct view *view, int64_t id)
{
	struct alert alert;

	return view->store->ops->alert_see(view->store, view->scope, id, &alert, NULL) == 0;
}

/* Why ALERT does not speak now: a silence, or another alert that explains it. */
static void add_hold(const struct view *view, const struct alert *alert, cJSON *out)
{
	struct hiding hiding = {.view = view, .alert = alert};
	bool inhibited = alert->state != ALERT_RESOLVED && alert->hold == HOLD_ALERT &&
			 alert->hold_until > view->now;
	char number[24];

	(void)view->store->ops->silences_list(view->store, view->now, note_hiding, &hiding, NULL);
	if (hiding.found.id > 0) {
		cJSON *by = cJSON_AddObjectToObject(out, "silenced_by");

		cJSON_AddStringToObject(by, "id", view_silence_number(hiding.found.id, number));
		cJSON_AddStringToObject(by, "by", hiding.found.author);
		view_text(by, "reason", view->coded ? NULL : hiding.found.reason);
	} else {
		cJSON_AddNullToObject(out, "silenced_by");
	}
	view_time(view, out, "silenced_until",
		  hiding.found.id > 0 ? hiding.found.ends_at : WHEN_NEVER);
	view_text(out, "inhibited_by",
		  inhibited && sees_alert(view, alert->held_by)
			  ? alert_number(alert->held_by, number)
			  : NULL);
	view_time(view, out, "inhibited_until", inhibited ? alert->hold_until : WHEN_NEVER);
}

cJSON *view_alert(const struct view *view, const struct alert *alert, bool members)
{
	const struct alert_traits *traits = alert_traits(alert->kind);
	cJSON *out = cJSON_CreateObject();
	char number[24], name[256];

	cJSON_AddStringToObject(out, "id", alert_number(alert->id, number));
	cJSON_AddStringToObject(out, "kind", traits->word);
	cJSON_AddStringToObject(out, "state", alert_state_word(alert->state));
	cJSON_AddStringToObject(out, "subject", alert->subject);
	view_text(out, "unit", alert->unit);
	engine_unit_name(view->engine, alert->unit, name, sizeof(name));
	view_text(out, "unit_name", name);
	cJSON_AddBoolToObject(out, "urgent", traits->urgent);
	cJSON_AddBoolToObject(out, "informative", traits->informative);
	view_time(view, out, "opened_at", alert->opened_at);
	view_time(view, out, "since", alert->since);
	view_time(view, out, "due", alert->due);
	view_time(view, out, "eta", alert->eta);
	view_time(view, out, "eta_before", alert->eta_before);
	cJSON_AddNumberToObject(out, "step", alert->step);
	view_time(view, out, "next_at", alert->next_at);
	add_hold(view, alert, out);
	view_text(out, "by", alert->by);
	view_time(view, out, "acked_at", alert->acked_at);
	view_time(view, out, "resolved_at", alert->resolved_at);
	view_text(out, "outcome", alert->outcome);
	view_text(out, "detail", alert->detail);
	if (members) {
		cJSON *list = cJSON_AddArrayToObject(out, "journeys");

		(void)view->store->ops->members_see(view->store, view->scope, alert->id,
						    note_member, list, NULL);
	}
	return out;
}
