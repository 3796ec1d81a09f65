/* api_fleet.c — vehicles and flights with their conservation counts; units.
 * Neighbours: loop/transfer.c unpacks the records, view.c has the words. */
#include "daemon/api_private.h"

#include <string.h>

#include "closedloop/transfer.h"

#define UNIT_ROWS_MAX 5000

/* Who became of whom: boarded = handed over + redirected + missing + on the way + ended otherwise.
 */
struct conservation {
	unsigned announced, landed, no_show, boarded, handed_over, redirected, missing, on_the_way,
		ended;
};

static void add_counts(cJSON *out, const struct conservation *counts, bool flight)
{
	if (flight) {
		cJSON_AddNumberToObject(out, "announced", counts->announced);
		cJSON_AddNumberToObject(out, "landed", counts->landed);
		cJSON_AddNumberToObject(out, "no_show", counts->no_show);
	}
	cJSON_AddNumberToObject(out, "boarded", counts->boarded);
	cJSON_AddNumberToObject(out, "handed_over", counts->handed_over);
	cJSON_AddNumberToObject(out, "redirected", counts->redirected);
	cJSON_AddNumberToObject(out, "missing", counts->missing);
	cJSON_AddNumberToObject(out, "on_the_way", counts->on_the_way);
	cJSON_AddNumberToObject(out, "ended", counts->ended);
}

static bool is_handed(const struct journey *journey)
{
	return journey->handed_over_at != WHEN_NEVER || journey->accepted_at != WHEN_NEVER ||
	       journey->checks_len > 0;
}

/* Rows collected before anything else is asked of the store. */
struct riders {
	struct arena *arena;
	struct store_rider *rows;
	size_t len, cap;
};

static void note_rider(void *context, const void *row)
{
	struct riders *riders = context;
	const struct store_rider *rider = row;

	if (riders->len == riders->cap) {
		size_t cap = riders->cap ? 2 * riders->cap : 64;
		struct store_rider *rows = arena_alloc(riders->arena, cap * sizeof(*rows));

		if (riders->len)
			memcpy(rows, riders->rows, riders->len * sizeof(*rows));
		riders->rows = rows;
		riders->cap = cap;
	}
	riders->rows[riders->len] = *rider;
	riders->rows[riders->len++].journey = arena_copy(riders->arena, rider->journey);
}

static void note_journey(void *context, const void *row)
{
	note_rider(context, &(const struct store_rider){.journey = row});
}

/* --- Transfers --- */

static const struct transfer_stop *stop_of(const struct transfer *transfer, int seq)
{
	for (size_t i = 0; i < transfer->stops_len; i++) {
		if (transfer->stops[i].seq == seq)
			return &transfer->stops[i];
	}
	return NULL;
}

static void count_rider(struct conservation *counts, const struct journey *journey,
			const struct transfer_stop *stop)
{
	counts->boarded++;
	/* Whoever reached a relay has not reached a home; the next vehicle counts her. */
	if (is_handed(journey))
		counts->handed_over++;
	else if (journey->stage == STAGE_REDIRECTED)
		counts->redirected++;
	else if (stage_ended(journey->stage))
		counts->ended++;
	else if (stop && stop->reached_at != WHEN_NEVER && stop->kind == STOP_COMPOUND)
		counts->missing++;
	else
		counts->on_the_way++;
}

/* Whether STOP is one of the caller's units, or where one of those she may see gets off. */
static bool sees_stop(const struct visit *visit, const struct riders *riders,
		      const struct transfer_stop *stop)
{
	if (stop->committee && *stop->committee && caller_covers(&visit->caller, stop->committee))
		return true;
	for (size_t i = 0; i < riders->len; i++) {
		if (riders->rows[i].stop == stop->seq)
			return true;
	}
	return !*visit->caller.scope;
}

static void add_stops(const struct visit *visit, const struct view *view,
		      const struct riders *riders, const struct transfer *transfer, cJSON *out)
{
	cJSON *stops = cJSON_AddArrayToObject(out, "stops");

	for (size_t i = 0; i < transfer->stops_len; i++) {
		const struct transfer_stop *stop = &transfer->stops[i];
		bool all = caller_covers(&visit->caller, stop->committee);

		if (!sees_stop(visit, riders, stop))
			continue;
		cJSON *item = cJSON_CreateObject();

		cJSON_AddNumberToObject(item, "seq", stop->seq);
		cJSON_AddStringToObject(item, "kind", stop_kind_word(stop->kind));
		view_text(item, "committee_code", stop->committee);
		view_time(view, item, "eta", stop->eta);
		view_time(view, item, "reached_at", stop->reached_at);
		/* At a place for many, others got off, too. */
		if (stop->n_off >= 0 && all)
			cJSON_AddNumberToObject(item, "n_off", stop->n_off);
		else
			cJSON_AddNullToObject(item, "n_off");
		cJSON_AddItemToArray(stops, item);
	}
}

/* Riders the caller may see are listed and counted. */
static int add_riders(struct visit *visit, const struct transfer *transfer,
		      const struct riders *riders, cJSON *out, struct conservation *counts,
		      struct err *err)
{
	struct journey *journey = arena_alloc(&visit->arena, sizeof(*journey));
	cJSON *list = cJSON_AddArrayToObject(out, "riders");
	const struct policy *policy;
	int rc = 0;

	for (size_t i = 0; i < riders->len && rc == 0; i++) {
		const struct store_rider *rider = &riders->rows[i];
		struct arena arena = ARENA_INIT;

		rc = engine_journey_see(visit->api->engine, visit->caller.scope, rider->journey,
					&arena, journey, &policy, err);
		if (rc == 0 && !rider->off)
			count_rider(counts, journey, stop_of(transfer, rider->stop));
		if (rc == 0) {
			cJSON *item = cJSON_CreateObject();

			cJSON_AddStringToObject(item, "journey", rider->journey);
			cJSON_AddNumberToObject(item, "stop", rider->stop);
			cJSON_AddBoolToObject(item, "off", rider->off);
			cJSON_AddStringToObject(item, "state", stage_word(journey->stage));
			cJSON_AddItemToArray(list, item);
		}
		arena_release(&arena);
	}
	return rc;
}

void api_transfer(struct visit *visit)
{
	const struct view view = visit_view(visit);
	struct transfer *transfer = arena_alloc(&visit->arena, sizeof(*transfer));
	struct conservation counts = {0};
	struct err err = ERR_INIT;
	const void *data;
	size_t len;
	struct store *store = visit->api->store;
	struct riders riders = {.arena = &visit->arena};
	int rc = store->ops->transfer_see(store, visit->caller.scope, visit->part[0], &visit->arena,
					  &data, &len, &err);

	if (rc == 0)
		rc = transfer_unpack(transfer, visit->part[0], data, len, &visit->arena, &err);
	if (rc == 0)
		rc = store->ops->riders_see(store, visit->caller.scope, transfer->id, note_rider,
					    &riders, &err);
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "id", transfer->id);
	view_text(out, "plate", transfer->plate);
	view_time(&view, out, "departed_at", transfer->departed.at);
	add_stops(visit, &view, &riders, transfer, out);
	rc = add_riders(visit, transfer, &riders, out, &counts, &err);
	if (rc < 0) {
		cJSON_Delete(out);
		reply_error(visit, rc, &err);
		return;
	}
	add_counts(out, &counts, false);
	reply_json(visit, 200, out);
}

/* --- Flights --- */

static bool has_landed(const struct flight *flight, int64_t now)
{
	return flight->status == FLIGHT_LANDED || flight->status == FLIGHT_ONBLOCK ||
	       (flight->act != WHEN_UNKNOWN && flight->act <= now);
}

/* Landed means seen on the ground: the number of the airline and the number of the desks are to
 * meet. */
static void count_passenger(struct conservation *counts, const struct journey *journey, bool landed)
{
	bool seen = journey->triaged_at != WHEN_NEVER || journey->registered_at != WHEN_NEVER ||
		    journey->legs_len > 0 || is_handed(journey);

	counts->announced++;
	if (seen)
		counts->landed++;
	else if (journey->stage == STAGE_WITHDRAWN || journey->stage == STAGE_CLOSED)
		counts->no_show++;
	else if (landed)
		counts->missing++;
	if (journey->legs_len > 0)
		counts->boarded++;
	if (is_handed(journey))
		counts->handed_over++;
	else if (journey->stage == STAGE_REDIRECTED)
		counts->redirected++;
	else if (seen && !stage_ended(journey->stage))
		counts->on_the_way++;
	else if (seen && stage_ended(journey->stage))
		counts->ended++;
}

static const char *status_word(enum flight_status status)
{
	static const char *const words[] = {"unknown", "scheduled", "departed",	 "estimated",
					    "landed",  "onblock",   "cancelled", "diverted"};

	return (size_t)status < ARRAY_LEN(words) ? words[status] : words[0];
}

static int count_passengers(struct visit *visit, const struct flight *flight,
			    struct conservation *counts, struct err *err)
{
	struct riders riders = {.arena = &visit->arena};
	struct journey *journey = arena_alloc(&visit->arena, sizeof(*journey));
	bool landed = has_landed(flight, visit->now);
	const struct policy *policy;
	int rc = visit->api->store->ops->passengers_see(visit->api->store, visit->caller.scope,
							flight->key, note_journey, &riders, err);

	for (size_t i = 0; i < riders.len && rc == 0; i++) {
		struct arena arena = ARENA_INIT;

		rc = engine_journey_see(visit->api->engine, visit->caller.scope,
					riders.rows[i].journey, &arena, journey, &policy, err);
		if (rc == 0 && !journey->merged_into)
			count_passenger(counts, journey, landed);
		arena_release(&arena);
	}
	return rc;
}

void api_flight(struct visit *visit)
{
	const struct view view = visit_view(visit);
	struct flight *flight = arena_alloc(&visit->arena, sizeof(*flight));
	struct conservation counts = {0};
	struct err err = ERR_INIT;
	const void *data;
	size_t len;
	int rc = visit->api->store->ops->flight_see(visit->api->store, visit->caller.scope,
						    visit->part[0], &visit->arena, &data, &len,
						    &err);

	if (rc == 0)
		rc = flight_unpack(flight, visit->part[0], data, len, &visit->arena, &err);
	if (rc == 0)
		rc = count_passengers(visit, flight, &counts, &err);
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "key", visit->part[0]);
	cJSON_AddStringToObject(out, "status", status_word(flight->status));
	view_time(&view, out, "scheduled", flight->sched);
	view_time(&view, out, "estimated", flight->est);
	view_time(&view, out, "actual", flight->act);
	add_counts(out, &counts, true);
	reply_json(visit, 200, out);
}

/* --- Units --- */

struct tally {
	unsigned stages[STAGES], seen;
	char last[IDENT_CAP];
};

static void tally_row(void *context, const void *row)
{
	struct tally *tally = context;
	const struct store_journey *journey = row;

	if (journey->stage >= 0 && journey->stage < STAGES)
		tally->stages[journey->stage]++;
	tally->seen++;
	text_copy(tally->last, sizeof(tally->last), journey->id);
}

static bool is_unit(const char *code)
{
	size_t len = strlen(code);

	return (len == 2 || len == 4 || len == 6 || len == 9 || len == 12) &&
	       text_is_digits(code, len);
}

/* The units CODE lies in, from its province down to itself. */
static cJSON *chain_of(const struct gazetteer *gazetteer, const char *code)
{
	static const size_t levels[UNIT_CHAIN_MAX] = {2, 4, 6, 9, 12};
	cJSON *chain = cJSON_CreateArray();
	char prefix[UNIT_CODE_CAP], name[128];

	for (size_t i = 0; i < ARRAY_LEN(levels) && levels[i] <= strlen(code); i++) {
		text_copy(prefix, levels[i] + 1, code);
		if (!gazetteer_has(gazetteer, prefix) ||
		    gazetteer_name(gazetteer, prefix, name, sizeof(name)) < 0)
			continue;
		cJSON *unit = cJSON_CreateObject();

		cJSON_AddStringToObject(unit, "code", prefix);
		cJSON_AddStringToObject(unit, "name", name);
		cJSON_AddItemToArray(chain, unit);
	}
	return chain;
}

void api_unit(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	const char *code = visit->part[0];
	struct store_filter filter = {
		.unit = code, .scope = visit->caller.scope, .stage = -1, .limit = UNIT_ROWS_MAX};
	struct tally tally = {.seen = 0};
	struct arena rows = ARENA_INIT;
	struct err err = ERR_INIT;
	char name[256] = "";

	if (is_unit(code) && caller_covers(&visit->caller, code))
		engine_unit_name(visit->api->engine, code, name, sizeof(name));
	if (!*name || strcmp(name, code) == 0) {
		reply_problem(visit, 404, "not_found", "There is no such unit.");
		return;
	}
	int rc = visit->api->store->ops->journeys_list(visit->api->store, &filter, &rows, tally_row,
						       &tally, &err);
	arena_release(&rows);
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	const struct conf_endpoint *endpoint = conf_unit_endpoint(conf, code);
	const struct conf_endpoint *reached[ROSTER_MEMBERS_MAX];
	size_t reached_len;
	rc = engine_reach(visit->api->engine, code, visit->now, reached, ARRAY_LEN(reached),
			  &reached_len, &err);
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "code", code);
	cJSON_AddStringToObject(out, "name", name);
	cJSON_AddItemToObject(out, "chain", chain_of(visit->api->gazetteer, code));
	view_text(out, "endpoint", endpoint ? endpoint->name : NULL);
	cJSON *contacts = cJSON_AddArrayToObject(out, "contacts");

	/* On duty now; both shifts while one hands over to the other. */
	for (size_t i = 0; i < reached_len; i++)
		cJSON_AddItemToArray(contacts, cJSON_CreateString(reached[i]->name));
	view_text(out, "fallback", conf->fallback);
	cJSON_AddItemToObject(out, "coverage", unit_coverage(conf, code));
	cJSON *journeys = cJSON_AddObjectToObject(out, "journeys");

	for (size_t i = 0; i < STAGES; i++)
		cJSON_AddNumberToObject(journeys, stage_word((enum stage)i), tally.stages[i]);
	cJSON_AddBoolToObject(out, "complete", tally.seen < UNIT_ROWS_MAX);
	reply_json(visit, 200, out);
}
