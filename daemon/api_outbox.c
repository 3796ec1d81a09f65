/* api_outbox.c — single notices for operators: one and what has become of it, the dead ones, trying
 * them again, a test. Neighbours: courier.c delivers; api_admin.c shows how the endpoints do;
 * api_callout.c says whom an alert would reach. */
#include "daemon/api_private.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 500

static cJSON *letter_json(const struct view *view, const struct store_letter *letter)
{
	static const char *const states[] = {
		[NOTICE_READY] = "ready",     [NOTICE_DONE] = "delivered",
		[NOTICE_DEAD] = "dead",	      [NOTICE_SUPERSEDED] = "superseded",
		[NOTICE_EXPIRED] = "expired", [NOTICE_MERGED] = "merged",
	};
	const struct notice *notice = &letter->notice;
	cJSON *item = cJSON_CreateObject();
	char number[24];

	cJSON_AddStringToObject(item, "id", notice->id);
	cJSON_AddStringToObject(item, "endpoint", notice->endpoint);
	cJSON_AddStringToObject(item, "state", states[letter->state]);
	view_text(item, "alert", notice->alert > 0 ? alert_number(notice->alert, number) : NULL);
	view_text(item, "type", notice->type);
	view_text(item, "kind", notice->kind);
	view_text(item, "unit", notice->unit);
	cJSON_AddBoolToObject(item, "urgent", notice->urgent);
	view_time(view, item, "created_at", notice->created_at);
	view_time(view, item, "ended_at", letter->ended_at);
	view_time(view, item, "next_try",
		  letter->state == NOTICE_READY ? notice->due_at : WHEN_NEVER);
	cJSON_AddNumberToObject(item, "attempts", notice->attempts);
	cJSON_AddStringToObject(item, "error", notice->error);
	return item;
}

void api_notice(struct visit *visit)
{
	const struct view view = visit_view(visit);
	struct store *store = visit->api->store;
	struct store_letter letter;
	struct err err = ERR_INIT;
	int rc = store->ops->notice_load(store, visit->part[0], &visit->arena, &letter, &err);

	if (rc < 0)
		reply_error(visit, rc, &err);
	else
		reply_json(visit, 200, letter_json(&view, &letter));
}

/* --- Dead letters --- */

struct letters {
	struct view view;
	cJSON *items;
};

static void add_letter(void *context, const void *row)
{
	struct letters *letters = context;

	cJSON_AddItemToArray(letters->items, letter_json(&letters->view, row));
}

/* Letters outlive their endpoints, so only who finds none is told that there is no such endpoint.
 */
static void explain_none(struct visit *visit, const char *endpoint)
{
	const struct conf *conf = visit->api->conf;
	struct nearest nearest = {.word = endpoint};

	for (size_t i = 0; i < conf->endpoints_len; i++)
		nearest_offer(&nearest, conf->endpoints[i].name);
	reply_problem(visit, 404, "not_found",
		      arena_printf(&visit->arena, "endpoint %.64s: there is none of that name%s",
				   endpoint, nearest_hint(&nearest)));
}

void api_dead_letters(struct visit *visit)
{
	struct letters letters = {.view = visit_view(visit), .items = cJSON_CreateArray()};
	const char *query = visit->call->request->query;
	char endpoint[PART_CAP] = "", limit[16] = "";
	struct store *store = visit->api->store;
	struct err err = ERR_INIT;

	(void)http_query(query, "endpoint", endpoint, sizeof(endpoint));
	(void)http_query(query, "limit", limit, sizeof(limit));
	unsigned most = text_is_digits(limit, strlen(limit)) && *limit && strlen(limit) < 6
				? (unsigned)strtoul(limit, NULL, 10)
				: LIST_MAX;
	int rc = store->ops->letters_list(store, *endpoint ? endpoint : NULL,
					  most < LIST_MAX ? most : LIST_MAX, &visit->arena,
					  add_letter, &letters, &err);
	bool unknown = *endpoint && cJSON_GetArraySize(letters.items) == 0 &&
		       !conf_endpoint(visit->api->conf, endpoint);
	cJSON *out = cJSON_CreateObject();

	cJSON_AddItemToObject(out, "dead_letters", letters.items);
	if (rc == 0 && !unknown) {
		reply_json(visit, 200, out);
		return;
	}
	cJSON_Delete(out);
	if (rc < 0)
		reply_error(visit, rc, &err);
	else
		explain_none(visit, endpoint);
}

static int redrive(struct visit *visit, const struct store_redrive *which, int *count,
		   struct err *err)
{
	struct store *store = visit->api->store;
	int rc = store->ops->begin(store, err);

	if (rc < 0)
		return rc;
	rc = store->ops->notices_redrive(store, which, visit->now, count, err);
	if (rc == 0)
		rc = store->ops->commit(store, err);
	if (rc < 0)
		store->ops->rollback(store);
	return rc;
}

/* {"id":…}, {"from":…,"to":…}, {"endpoint":…} or {"all":true} ("id":"all" too): exactly one. */
static bool read_which(struct visit *visit, const cJSON *body, struct store_redrive *which)
{
	const char *id = json_string(body, "id");
	bool all = cJSON_IsTrue(json_get(body, "all")) || text_equal(id, "all");

	*which = (struct store_redrive){.id = all ? NULL : id,
					.from = json_string(body, "from"),
					.to = json_string(body, "to"),
					.endpoint = json_string(body, "endpoint")};
	if (all + (which->id != NULL) + (which->from != NULL) + (which->endpoint != NULL) == 1 &&
	    (which->from != NULL) == (which->to != NULL))
		return true;
	reply_problem(visit, 400, "missing_field",
		      "Say which: $.id, $.from and $.to, $.endpoint, or $.all: true; one of them.");
	return false;
}

void api_redrive(struct visit *visit)
{
	struct err err = ERR_INIT;
	struct store_redrive which;
	int count = 0;
	cJSON *body = visit_body(visit);

	if (!body)
		return;
	if (read_which(visit, body, &which)) {
		int rc = redrive(visit, &which, &count, &err);

		if (rc < 0) {
			reply_error(visit, rc, &err);
		} else if (count == 0 && which.id) {
			reply_problem(visit, 404, "not_found",
				      "There is no dead letter of that id.");
		} else if (count == 0 && which.endpoint &&
			   !conf_endpoint(visit->api->conf, which.endpoint)) {
			explain_none(visit, which.endpoint);
		} else {
			cJSON *out = cJSON_CreateObject();

			courier_ask(visit->api->courier, which.endpoint);
			cJSON_AddNumberToObject(out, "redriven", count);
			reply_json(visit, 200, out);
		}
	}
	cJSON_Delete(body);
}

/* --- A test --- */

/* Answers at once with the notice's id and how long one try of it may take: who asked looks at the
 * notice until then. */
void api_send_test(struct visit *visit)
{
	const struct conf_limits *limits = &visit->api->conf->limits;
	struct err err = ERR_INIT;
	char id[IDENT_CAP];
	cJSON *body = visit_body(visit);

	if (!body)
		return;
	const char *endpoint = json_string(body, "endpoint");
	int rc =
		endpoint ? engine_send_test(visit->api->engine, endpoint, visit->now, id, &err) : 0;

	if (!endpoint) {
		reply_problem(visit, 400, "missing_field", "$.endpoint is missing");
	} else if (rc < 0) {
		reply_error(visit, rc, &err);
	} else {
		cJSON *out = cJSON_CreateObject();

		courier_ask(visit->api->courier, endpoint);
		cJSON_AddStringToObject(out, "queued", endpoint);
		cJSON_AddStringToObject(out, "id", id);
		cJSON_AddNumberToObject(out, "answers_within_ms",
					(double)(limits->urgent_timeout + WHEN_SECOND));
		reply_json(visit, 202, out);
	}
	cJSON_Delete(body);
}
