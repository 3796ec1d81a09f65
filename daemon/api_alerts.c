/* api_alerts.c — alerts: the list, the acknowledgement, the end.
 * Neighbours: api_link.c is the page behind a link in a message; engine's alarms.c does what is
 * asked. */
#include "daemon/api_private.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 500
#define NOTE_MAX 200

struct listing {
	struct view view;
	cJSON *alerts;
	int kind; /* or -1 */
};

static void list_row(void *context, const void *row)
{
	struct listing *listing = context;
	const struct alert *alert = row;

	if (listing->kind >= 0 && (int)alert->kind != listing->kind)
		return;
	cJSON_AddItemToArray(listing->alerts, view_alert(&listing->view, alert, true));
}

void api_alerts(struct visit *visit)
{
	struct listing listing = {.view = visit_view(visit), .kind = -1};
	const char *query = visit->call->request->query;
	char state[16], unit[UNIT_CODE_CAP] = "", kind[32] = "";
	struct err err = ERR_INIT;

	if (!http_query(query, "state", state, sizeof(state)) || !*state)
		text_copy(state, sizeof(state), "open");
	(void)http_query(query, "unit", unit, sizeof(unit));
	if (http_query(query, "kind", kind, sizeof(kind)) && *kind) {
		listing.kind = alert_kind_of(kind);
		if (listing.kind < 0) {
			reply_problem(visit, 400, "bad_value", "kind is no kind of alert");
			return;
		}
	}
	if (strcmp(state, "open") != 0 && strcmp(state, "all") != 0) {
		reply_problem(visit, 400, "bad_value", "state is neither open nor all");
		return;
	}
	listing.alerts = cJSON_CreateArray();
	int rc = visit->api->store->ops->alerts_see(visit->api->store, visit->caller.scope, unit,
						    strcmp(state, "open") == 0, LIST_MAX, list_row,
						    &listing, &err);
	cJSON *out = cJSON_CreateObject();

	cJSON_AddItemToObject(out, "alerts", listing.alerts);
	if (rc < 0) {
		cJSON_Delete(out);
		reply_error(visit, rc, &err);
		return;
	}
	reply_json(visit, 200, out);
}

/* "A-000045", or the bare number; negative when it is none. */
static int64_t number_of(const char *text)
{
	char *end;
	long long number;

	if (text_starts(text, "A-"))
		return alert_of_number(text);
	if (!text_is_digits(text, strlen(text)) || strlen(text) > 12)
		return -1;
	number = strtoll(text, &end, 10);
	return number;
}

/* Load the alert the route names, as far as the caller may see it. False after having answered. */
static bool visit_alert(struct visit *visit, struct alert *alert)
{
	int64_t id = number_of(visit->part[0]);
	struct err err = ERR_INIT;
	int rc = CL_ENOENT;

	if (id > 0)
		rc = visit->api->store->ops->alert_see(visit->api->store, visit->caller.scope, id,
						       alert, &err);
	if (rc < 0 && rc != CL_ENOENT) {
		reply_error(visit, rc, &err);
		return false;
	}
	if (rc < 0) {
		reply_problem(visit, 404, "not_found", "There is no such alert.");
		return false;
	}
	return true;
}

static void answer_alert(struct visit *visit, const struct fact_result *results)
{
	const struct view view = visit_view(visit);
	struct alert alert;

	if (visit_accepted(visit, results) && visit_alert(visit, &alert))
		reply_json(visit, 200, view_alert(&view, &alert, true));
}

/* A coded outcome. */
static bool read_outcome(struct visit *visit, const cJSON *body, const struct alert *alert,
			 struct fact *fact)
{
	const cJSON *outcome = json_get(body, "outcome");

	if (outcome && !cJSON_IsNull(outcome) &&
	    (!cJSON_IsString(outcome) ||
	     (*outcome->valuestring && !alert_is_outcome(outcome->valuestring)))) {
		reply_problem(visit, 400, "bad_value",
			      "$.outcome is no code: it begins with a to z and has at most 32 of a "
			      "to z, 0 to 9 and _, such as \"sent_to_hospital\"");
		return false;
	}
	fact->outcome = body_text(visit, body, "outcome", ALERT_OUTCOME_CAP - 1);
	if (!fact->outcome && alert_traits(alert->kind)->sticky) {
		reply_problem(visit, 400, "bad_value",
			      "$.outcome is missing: such an alert ends only with a coded outcome");
		return false;
	}
	if (!fact->outcome)
		fact->outcome = "resolved";
	return true;
}

static void submit_answer(struct visit *visit, enum fact_type type)
{
	struct alert alert;
	struct fact *fact;
	char number[24];
	cJSON *body;

	if (!visit_alert(visit, &alert))
		return;
	body = visit_body(visit);
	if (!body)
		return;
	if (visit_fact(visit, type,
		       arena_printf(&visit->arena, "alert/%s", alert_number(alert.id, number)),
		       body, &fact)) {
		fact->alert = alert.id;
		fact->reason = body_text(visit, body, "note", NOTE_MAX);
		if (type == FACT_ALERT_ACKED || read_outcome(visit, body, &alert, fact))
			visit_submit(visit, fact, answer_alert);
	}
	cJSON_Delete(body);
}

void api_alert_ack(struct visit *visit)
{
	submit_answer(visit, FACT_ALERT_ACKED);
}

void api_alert_resolve(struct visit *visit)
{
	submit_answer(visit, FACT_ALERT_RESOLVED);
}
