/* api_aliases.c — what officers taught by assigning addresses: listed, with who and when, and
 * undone. Neighbours: alias.h says what a lesson means, engine's learning.c keeps it. */
#include "daemon/api_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/alias.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX     500
#define REASON_MAX   200

static int64_t number_of(const char *text)
{
	if (text_starts(text, "L-"))
		text += 2;
	if (!text_is_digits(text, strlen(text)) || !*text || strlen(text) > 12)
		return -1;
	return strtoll(text, NULL, 10);
}

static const char *alias_number(int64_t id, char buf[24])
{
	(void)snprintf(buf, 24, "L-%06lld", (long long)id);
	return buf;
}

static cJSON *alias_json(struct visit *visit, const struct store_alias *alias)
{
	const struct view view = visit_view(visit);
	bool undone = alias->undone_at >= alias->at;
	cJSON *out = cJSON_CreateObject();
	char number[24], name[256];

	cJSON_AddStringToObject(out, "id", alias_number(alias->id, number));
	cJSON_AddStringToObject(out, "kind", alias_kind_word(alias->kind));
	/* Of a whole address there is only a hash, which nobody can read. */
	view_text(out, "key", alias->kind == MATCH_KEY_ADDRESS ? NULL : alias->key);
	cJSON_AddStringToObject(out, "committee_code", alias->code);
	engine_unit_name(visit->api->engine, alias->code, name, sizeof(name));
	cJSON_AddStringToObject(out, "committee", name);
	view_text(out, "by", alias->by);
	view_time(&view, out, "at", alias->at);
	view_text(out, "journey", alias->journey);
	view_text(out, "undone_by", undone ? alias->undone_by : NULL);
	view_time(&view, out, "undone_at", undone ? alias->undone_at : WHEN_NEVER);
	return out;
}

/* --- Listed --- */

struct listing {
	struct visit *visit;
	cJSON *list;
	int64_t last;
	unsigned len;
};

static void list_row(void *context, const void *row)
{
	struct listing *listing = context;
	const struct store_alias *alias = row;

	cJSON_AddItemToArray(listing->list, alias_json(listing->visit, alias));
	listing->last = alias->id;
	listing->len++;
}

/* The part of the country that is asked for. False after having answered. */
static bool read_unit(struct visit *visit, char unit[UNIT_CODE_CAP])
{
	const char *scope = visit->caller.scope;

	unit[0] = '\0';
	(void)http_query(visit->call->request->query, "unit", unit, UNIT_CODE_CAP);
	if (!text_is_digits(unit, strlen(unit))) {
		reply_problem(visit, 400, "bad_value", "unit is no prefix of a unit code");
		return false;
	}
	if (!text_starts(unit, scope) && !text_starts(scope, unit)) {
		reply_problem(visit, 403, "forbidden", "unit is not within what the token is for.");
		return false;
	}
	return true;
}

void api_aliases(struct visit *visit)
{
	const char *query = visit->call->request->query;
	char unit[UNIT_CODE_CAP], after[32], limit[16] = "", undone[8] = "", next[24];
	struct arena rows = ARENA_INIT;
	struct err err = ERR_INIT;
	unsigned most = PAGE_DEFAULT;
	int64_t before = INT64_MAX;

	if (!read_unit(visit, unit))
		return;
	if (http_query(query, "after", after, sizeof(after)))
		before = number_of(after);
	if (http_query(query, "limit", limit, sizeof(limit)) &&
	    text_is_digits(limit, strlen(limit)))
		most = (unsigned)strtoul(limit, NULL, 10);
	(void)http_query(query, "undone", undone, sizeof(undone));
	if (before < 0 || most == 0 || most > PAGE_MAX) {
		reply_problem(visit, 400, "bad_value",
			      "after is an id of the list, limit is from 1 to 500");
		return;
	}
	struct listing listing = {.visit = visit, .list = cJSON_CreateArray()};
	int rc = visit->api->store->ops->aliases_see(visit->api->store, visit->caller.scope, unit,
						     strcmp(undone, "true") == 0, before, most,
						     &rows, list_row, &listing, &err);

	arena_release(&rows);
	if (rc < 0) {
		cJSON_Delete(listing.list);
		reply_error(visit, rc, &err);
		return;
	}
	cJSON *out = cJSON_CreateObject();

	cJSON_AddItemToObject(out, "aliases", listing.list);
	view_text(out, "next", listing.len == most ? alias_number(listing.last, next) : NULL);
	/* A door is somebody's. */
	if (listing.len > 0)
		visit_look(visit, "",
			   arena_printf(&visit->arena, "%u lessons of unit %s", listing.len,
					*unit ? unit : visit->caller.scope));
	reply_json(visit, 200, out);
}

/* --- Undone --- */

/* False after having answered. */
static bool load_alias(struct visit *visit, int64_t id, struct store_alias *alias)
{
	struct err err = ERR_INIT;
	int rc = id > 0 ? visit->api->store->ops->alias_see(visit->api->store, visit->caller.scope,
							    id, &visit->arena, alias, &err)
			: CL_ENOENT;

	if (rc == CL_ENOENT)
		reply_problem(visit, 404, "not_found", "There is no such alias.");
	else if (rc < 0)
		reply_error(visit, rc, &err);
	else
		return true;
	return false;
}

static void answer_undone(struct visit *visit, const struct fact_result *results)
{
	struct store_alias alias;

	if (visit_accepted(visit, results) && load_alias(visit, visit->facts[0]->alias, &alias))
		reply_json(visit, 200, alias_json(visit, &alias));
}

void api_alias_undo(struct visit *visit)
{
	int64_t id = number_of(visit->part[0]);
	struct store_alias alias;
	struct fact *fact;
	char number[24];
	cJSON *body;

	if (!load_alias(visit, id, &alias))
		return;
	body = visit_body(visit);
	if (!body)
		return;
	if (visit_fact(visit, FACT_ALIAS_UNDONE,
		       arena_printf(&visit->arena, "alias/%s", alias_number(id, number)), body,
		       &fact)) {
		fact->alias = id;
		fact->reason = body_text(visit, body, "reason", REASON_MAX);
		visit_look(visit, alias.journey, "a lesson");
		visit_submit(visit, fact, answer_undone);
	}
	cJSON_Delete(body);
}
