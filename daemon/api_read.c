/* api_read.c — journeys: the list, the record, its history and why it owes what it owes.
 * Neighbours: view.c makes the JSON; the store answers from committed state. */
#include "daemon/api_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LIST_DEFAULT 100
#define LIST_MOST    500
#define SCAN_MOST    2000 /* Rows looked at for one answer when names are compared. */

bool visit_journey(struct visit *visit, const char *id, struct journey **out,
		   const struct policy **policy)
{
	struct journey *journey = arena_alloc(&visit->arena, sizeof(*journey));
	struct err err = ERR_INIT;
	int rc = CL_ENOENT;

	if (text_starts(id, "jny_") && strlen(id) < IDENT_CAP)
		rc = engine_journey_see(visit->api->engine, visit->caller.scope, id, &visit->arena,
					journey, policy, &err);
	if (rc < 0 && rc != CL_ENOENT) {
		reply_error(visit, rc, &err);
		return false;
	}
	/* Not hers and not there look alike. */
	if (rc < 0) {
		reply_problem(visit, 404, "not_found", "There is no such journey.");
		return false;
	}
	*out = journey;
	return true;
}

void reply_journey(struct visit *visit, const char *id)
{
	const struct view view = visit_view(visit);
	struct journey *journey = arena_alloc(&visit->arena, sizeof(*journey));
	const struct policy *policy;
	struct err err = ERR_INIT;
	int rc = engine_journey_see(visit->api->engine, visit->caller.scope, id, &visit->arena,
				    journey, &policy, &err);

	if (rc == CL_ENOENT) {
		/* What was done to her made her another's: that it was done is all there is to
		 * say. */
		cJSON *out = cJSON_CreateObject();

		cJSON_AddStringToObject(out, "id", visit->part[0]);
		cJSON_AddBoolToObject(out, "gone", true);
		reply_json(visit, 200, out);
	} else if (rc < 0) {
		reply_error(visit, rc, &err);
	} else {
		reply_json(visit, 200, view_journey(&view, journey, policy, true));
	}
}

void api_journey(struct visit *visit)
{
	const struct policy *policy;
	struct journey *journey;

	if (visit_journey(visit, visit->part[0], &journey, &policy)) {
		const struct view view = visit_view(visit);

		if (!view.coded)
			visit_look(visit, journey->id, NULL);
		reply_json(visit, 200, view_journey(&view, journey, policy, true));
	}
}

/* --- The list --- */

struct listing {
	struct view view;
	struct arena arena; /* Of one journey at a time. */
	cJSON *journeys;
	const char *name; /* Prefix, or "". */
	unsigned taken, wanted, seen;
	char last[IDENT_CAP];
	struct journey *journey;
	struct err err;
	int rc;
};

/* Names are compared from their beginning, or from the beginning of a word in them, whatever the
 * case of ASCII letters. */
static bool name_fits(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	for (bool start = true; name && *name; name++) {
		if (start && strncasecmp(name, prefix, len) == 0)
			return true;
		start = *name == ' ';
	}
	return false;
}

static void list_row(void *context, const void *data)
{
	struct listing *listing = context;
	const struct store_journey *row = data;
	const struct policy *policy;

	if (listing->rc < 0 || listing->taken == listing->wanted)
		return;
	arena_clear(&listing->arena);
	listing->seen++;
	text_copy(listing->last, sizeof(listing->last), row->id);
	listing->rc = view_unpack(&listing->view, row, listing->journey, &policy, &listing->err);
	if (listing->rc < 0)
		return;
	if (listing->journey->merged_into) /* A shell; the person is in the other list entry. */
		return;
	if (*listing->name && !name_fits(listing->journey->field[FIELD_NAME], listing->name) &&
	    !name_fits(listing->journey->field[FIELD_NAME_NATIVE], listing->name))
		return;
	cJSON_AddItemToArray(listing->journeys,
			     view_journey(&listing->view, listing->journey, policy, false));
	listing->taken++;
}

/* A parameter that was given, in the visit's arena; NULL when not. */
static const char *parameter(struct visit *visit, const char *name)
{
	char value[256];

	if (!http_query(visit->call->request->query, name, value, sizeof(value)) || !*value)
		return NULL;
	return arena_copy(&visit->arena, value);
}

/* Who may not know names or numbers may not ask for them one after the other either. */
static bool may_ask(struct visit *visit)
{
	if (caller_knows(&visit->caller) || (!parameter(visit, "q") && !parameter(visit, "ref")))
		return true;
	reply_problem(visit, 403, "forbidden",
		      "q and ref look for somebody: the token does not "
		      "allow this.");
	return false;
}

/* Fill in the filter; false after having answered. */
static bool read_filter(struct visit *visit, struct store_filter *filter)
{
	const char *state = parameter(visit, "state");
	const char *limit = parameter(visit, "limit");

	*filter = (struct store_filter){
		.unit = parameter(visit, "unit"),
		.stage = -1,
		.flight = parameter(visit, "flight"),
		.transfer = parameter(visit, "transfer"),
		.source = parameter(visit, "source"),
		.ref = parameter(visit, "ref"),
		.scope = visit->caller.scope,
		.after = parameter(visit, "after"),
		.limit = LIST_DEFAULT,
	};
	if (text_equal(state, "open")) {
		filter->open_only = true;
	} else if (state) {
		filter->stage = stage_of(state);
		if (filter->stage < 0) {
			reply_problem(visit, 400, "bad_value", "state is none of the states");
			return false;
		}
	}
	if (limit) {
		char *end;
		unsigned long number = strtoul(limit, &end, 10);

		if (*end || number == 0 || number > LIST_MOST || *limit == '-') {
			reply_problem(visit, 400, "bad_value", "limit is not from 1 to 500");
			return false;
		}
		filter->limit = (unsigned)number;
	}
	return true;
}

static int list_pages(struct visit *visit, struct listing *listing, struct store_filter *filter)
{
	const struct store_ops *ops = visit->api->store->ops;
	unsigned scanned = 0, page;

	do {
		struct arena rows = ARENA_INIT;
		int rc;

		listing->seen = 0;
		page = filter->limit;
		rc = ops->journeys_list(visit->api->store, filter, &rows, list_row, listing,
					&listing->err);
		arena_release(&rows);
		if (rc == 0)
			rc = listing->rc;
		if (rc < 0)
			return rc;
		scanned += listing->seen;
		filter->after = listing->last;
	} while (listing->seen == page && listing->taken < listing->wanted && scanned < SCAN_MOST);
	if (listing->seen < page && listing->taken < listing->wanted)
		listing->last[0] = '\0'; /* The end. */
	return 0;
}

void api_journeys(struct visit *visit)
{
	struct listing listing = {.arena = ARENA_INIT, .name = parameter(visit, "q")};
	struct store_filter filter;
	cJSON *out;

	if (!may_ask(visit) || !read_filter(visit, &filter))
		return;
	listing.view = visit_view(visit);
	listing.view.arena = &listing.arena;
	listing.name = listing.name ? listing.name : "";
	listing.wanted = filter.limit;
	listing.journeys = cJSON_CreateArray();
	listing.journey = mem_alloc(sizeof(*listing.journey));
	if (*listing.name)
		filter.limit = LIST_MOST;
	int rc = list_pages(visit, &listing, &filter);

	mem_free(listing.journey);
	arena_release(&listing.arena);
	if (rc < 0) {
		cJSON_Delete(listing.journeys);
		reply_error(visit, rc, &listing.err);
		return;
	}
	out = cJSON_CreateObject();
	cJSON_AddItemToObject(out, "journeys", listing.journeys);
	view_text(out, "next", listing.last);
	if (listing.taken > 0 && !listing.view.coded)
		visit_look(visit, "",
			   arena_printf(&visit->arena, "%u of unit %s", listing.taken,
					filter.unit ? filter.unit : visit->caller.scope));
	reply_json(visit, 200, out);
}

/* --- History and reasons --- */

struct telling {
	const struct view *view;
	cJSON *steps;
	bool bodies;
};

static void tell_step(void *context, const void *row)
{
	static const struct json_limits limits = JSON_LIMITS_EVENT;
	struct telling *telling = context;
	const struct store_step *step = row;
	cJSON *out = cJSON_CreateObject();
	cJSON *event = NULL;

	cJSON_AddNumberToObject(out, "seq", (double)step->seq);
	cJSON_AddNumberToObject(out, "n", (double)step->seq);
	view_time(telling->view, out, "at", step->at);
	cJSON_AddStringToObject(out, "what", step->what ? step->what : "");
	view_text(out, "note", step->note);
	view_text(out, "source", step->source);
	view_text(out, "event_id", step->event_id);
	view_time(telling->view, out, "fact_at", step->fact > 0 ? step->fact_at : WHEN_NEVER);
	if (telling->bodies && step->body && *step->body &&
	    json_parse(&event, step->body, strlen(step->body), &limits, NULL) == 0)
		cJSON_AddItemToObject(out, "event", event);
	cJSON_AddItemToArray(telling->steps, out);
}

void api_ledger(struct visit *visit)
{
	const struct view view = visit_view(visit);
	/* An event may name others who came with her: only those who see everything see it whole.
	 */
	struct telling telling = {.view = &view, .bodies = !*visit->caller.scope && !view.coded};
	const struct policy *policy;
	struct journey *journey;
	struct err err = ERR_INIT;

	if (!visit_journey(visit, visit->part[0], &journey, &policy))
		return;
	/* What came about all of a vehicle stays while anybody of it does. */
	telling.bodies &= journey->erased_at == 0;
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "id", journey->id);
	telling.steps = cJSON_AddArrayToObject(out, "ledger");
	int rc = visit->api->store->ops->steps_list(visit->api->store, journey->id, &visit->arena,
						    tell_step, &telling, &err);
	if (rc < 0) {
		cJSON_Delete(out);
		reply_error(visit, rc, &err);
		return;
	}
	if (telling.bodies)
		visit_look(visit, journey->id, NULL);
	reply_json(visit, 200, out);
}

void api_why(struct visit *visit)
{
	const struct view view = visit_view(visit);
	const struct policy *policy;
	struct journey *journey;

	if (!visit_journey(visit, visit->part[0], &journey, &policy))
		return;
	cJSON *out = cJSON_CreateObject();
	char now[WHEN_CAP];

	cJSON_AddStringToObject(out, "id", journey->id);
	cJSON_AddStringToObject(out, "state", stage_word(journey->stage));
	cJSON_AddStringToObject(out, "now", when_text(visit->now, view.conf->zone, now));
	cJSON_AddStringToObject(out, "holder", journey->holder);
	cJSON_AddStringToObject(out, "policy", policy->name);
	cJSON_AddItemToObject(out, "why", view_why(&view, journey, policy));
	if (!view.coded)
		visit_look(visit, journey->id, NULL);
	reply_json(visit, 200, out);
}
