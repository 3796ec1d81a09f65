/* api_export.c — GET /v1/journeys/ID/export: everything that is kept about one traveller, for
 * herself: the record with her documents, what was said about her as it came, her history, who
 * looked. Of others nothing: of a vehicle's facts only what names her. Neighbours: view.c makes the
 * record; api_erase.c is the other thing she may ask for. */
#include "daemon/api_private.h"

#include <string.h>

#define SHELLS_MAX 32 /* Records that turned out to be hers. */

/* --- What she is --- */

static void add_person(const struct journey *journey, cJSON *out)
{
	static const struct {
		const char *name;
		enum field field;
	} rows[] = {
		{"name", FIELD_NAME},
		{"name_native", FIELD_NAME_NATIVE},
		{"sex", FIELD_SEX},
		{"dob", FIELD_DOB},
		{"nationality", FIELD_NATIONALITY},
		{"document_type", FIELD_DOC_TYPE},
		{"document_number", FIELD_DOC_NUMBER},
		{"document_issuer", FIELD_DOC_ISSUER},
		{"languages", FIELD_LANGUAGES},
		{"phones", FIELD_PHONES},
		{"seat", FIELD_SEAT},
		{"needs", FIELD_NEEDS},
		{"countries_14d", FIELD_COUNTRIES},
		{"address", FIELD_ADDRESS},
		{"compound", FIELD_COMPOUND},
		{"building", FIELD_BUILDING},
		{"point", FIELD_POINT},
		{"plate", FIELD_PLATE},
	};
	cJSON *person = cJSON_AddObjectToObject(out, "person");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		view_text(person, rows[i].name, journey->field[rows[i].field]);
}

/* --- What was said of her --- */

struct copy {
	struct visit *visit;
	struct view view;
	cJSON *facts, *history, *looks;
	cJSON *refs; /* hers, so that others' are known */
	int64_t last_fact;
};

static void note_ref(void *context, const void *row)
{
	const char *const *pair = row;
	cJSON *ref = cJSON_CreateObject();

	cJSON_AddStringToObject(ref, "source", pair[0]);
	cJSON_AddStringToObject(ref, "ref", pair[1]);
	cJSON_AddItemToArray(context, ref);
}

static bool is_hers(const cJSON *refs, const char *source, const char *ref)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, refs)
	{
		if (text_equal(json_string(item, "source"), source) &&
		    text_equal(json_string(item, "ref"), ref))
			return true;
	}
	return false;
}

/* Of the list of a vehicle her own line, and the stop it names. */
static void keep_ride(const struct copy *copy, const cJSON *event, const cJSON *data, cJSON *out)
{
	cJSON *stops = cJSON_AddArrayToObject(out, "stops");
	const cJSON *rider, *stop;
	const cJSON *seq = NULL;

	cJSON_ArrayForEach(rider, json_get(data, "travelers"))
	{
		if (!is_hers(copy->refs, json_string(event, "source"), json_string(rider, "ref")))
			continue;
		cJSON_AddItemToObject(out, "traveler", cJSON_Duplicate(rider, true));
		seq = json_get(rider, "stop");
		break;
	}
	cJSON_ArrayForEach(stop, json_get(data, "stops"))
	{
		if (cJSON_IsNumber(seq) && cJSON_Compare(seq, json_get(stop, "seq"), true))
			cJSON_AddItemToArray(stops, cJSON_Duplicate(stop, true));
	}
}

/* A fact about a vehicle tells of all on it: what is hers is taken out of it, by a list of what may
 * be. */
static cJSON *of_vehicle(const struct copy *copy, const cJSON *event)
{
	static const char *const head[] = {"specversion", "id", "source", "type", "time"};
	static const char *const rest[] = {"transfer", "plate", "mode", "seq"};
	const cJSON *data = json_get(event, "data");
	cJSON *out = cJSON_CreateObject();
	cJSON *kept;

	for (size_t i = 0; i < ARRAY_LEN(head); i++) {
		if (json_get(event, head[i]))
			cJSON_AddItemToObject(out, head[i],
					      cJSON_Duplicate(json_get(event, head[i]), true));
	}
	kept = cJSON_AddObjectToObject(out, "data");
	for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
		if (json_get(data, rest[i]))
			cJSON_AddItemToObject(kept, rest[i],
					      cJSON_Duplicate(json_get(data, rest[i]), true));
	}
	keep_ride(copy, event, data, kept);
	return out;
}

/* Who travels with her, and who brought her, is named wherever a feed likes. */
static void drop_others(cJSON *tree)
{
	cJSON *child = tree ? tree->child : NULL;

	while (child) {
		cJSON *next = child->next;

		if (text_equal(child->string, "companions") || text_equal(child->string, "crew") ||
		    text_equal(child->string, "from"))
			cJSON_Delete(cJSON_DetachItemViaPointer(tree, child));
		else
			drop_others(child);
		child = next;
	}
}

static void add_event(struct copy *copy, const struct store_step *step)
{
	static const struct json_limits limits = JSON_LIMITS_EVENT;
	cJSON *event = NULL;
	cJSON *item;

	if (step->fact <= 0 || step->fact == copy->last_fact || !step->body || !*step->body ||
	    json_parse(&event, step->body, strlen(step->body), &limits, NULL) < 0)
		return;
	copy->last_fact = step->fact; /* One fact may have had several consequences. */
	if (text_starts(step->what, "transfer.") || text_starts(step->what, "flight.")) {
		cJSON *hers = of_vehicle(copy, event);

		cJSON_Delete(event);
		event = hers;
	}
	drop_others(event);
	item = cJSON_CreateObject();
	cJSON_AddNumberToObject(item, "fact", (double)step->fact);
	view_time(&copy->view, item, "at", step->fact_at);
	view_time(&copy->view, item, "received_at", step->at);
	cJSON_AddItemToObject(item, "event", event);
	cJSON_AddItemToArray(copy->facts, item);
}

static void take_step(void *context, const void *row)
{
	struct copy *copy = context;
	const struct store_step *step = row;
	bool look = text_equal(step->what, "read") || text_equal(step->what, "export");
	cJSON *item = cJSON_CreateObject();

	view_time(&copy->view, item, "at", step->at);
	cJSON_AddStringToObject(item, "what", step->what ? step->what : "");
	view_text(item, "note", step->note);
	cJSON_AddItemToArray(look ? copy->looks : copy->history, item);
	add_event(copy, step);
}

/* --- The copy --- */

struct shells {
	size_t len;
	char ids[SHELLS_MAX][IDENT_CAP];
};

static void note_shell(void *context, const void *row)
{
	struct shells *shells = context;

	if (shells->len < SHELLS_MAX)
		text_copy(shells->ids[shells->len++], IDENT_CAP, row);
}

static int add_record(struct copy *copy, const char *id, struct err *err)
{
	struct store *store = copy->visit->api->store;

	return store->ops->steps_list(store, id, &copy->visit->arena, take_step, copy, err);
}

/* Hers, then those that turned out to be hers. */
static int add_records(struct copy *copy, const char *id, cJSON *out, struct err *err)
{
	struct store *store = copy->visit->api->store;
	struct shells *shells = arena_alloc(&copy->visit->arena, sizeof(*shells));
	cJSON *merged = cJSON_AddArrayToObject(out, "merged");
	int rc = store->ops->refs_of(store, id, note_ref, copy->refs, err);

	if (rc == 0)
		rc = store->ops->shells_of(store, id, note_shell, shells, err);
	/* Shells of shells are found on the way. */
	for (size_t i = 0; rc == 0 && i < shells->len; i++)
		rc = store->ops->shells_of(store, shells->ids[i], note_shell, shells, err);
	if (rc == 0)
		rc = add_record(copy, id, err);
	for (size_t i = 0; rc == 0 && i < shells->len; i++) {
		cJSON_AddItemToArray(merged, cJSON_CreateString(shells->ids[i]));
		rc = add_record(copy, shells->ids[i], err);
	}
	return rc;
}

static int make_copy(struct visit *visit, const struct journey *journey,
		     const struct policy *policy, cJSON *out, struct err *err)
{
	struct copy copy = {.visit = visit, .view = visit_view(visit)};
	cJSON *whole = view_journey(&copy.view, journey, policy, true);
	char now[WHEN_CAP];

	cJSON_AddStringToObject(out, "id", journey->id);
	cJSON_AddStringToObject(out, "exported_at",
				when_text(visit->now, visit->api->conf->zone, now));
	add_person(journey, out);
	drop_others(whole);
	cJSON_AddItemToObject(out, "journey", whole);
	copy.refs = cJSON_AddArrayToObject(out, "refs");
	copy.facts = cJSON_AddArrayToObject(out, "facts");
	copy.history = cJSON_AddArrayToObject(out, "history");
	copy.looks = cJSON_AddArrayToObject(out, "looks");
	return add_records(&copy, journey->id, out, err);
}

/* In the ledger before it is answered; what cannot be written down is not answered. */
static int write_down(struct visit *visit, const char *journey, const char *purpose,
		      struct err *err)
{
	cJSON *note = cJSON_CreateObject();

	cJSON_AddStringToObject(note, "who", visit->caller.name);
	cJSON_AddStringToObject(note, "why", purpose);
	char *printed = cJSON_PrintUnformatted(note);

	if (!printed)
		mem_exhausted(0);
	int rc = engine_note(visit->api->engine, journey, "export", printed, visit->now, err);

	cJSON_free(printed);
	cJSON_Delete(note);
	return rc;
}

void api_export(struct visit *visit)
{
	const char *purpose = visit_purpose(visit);
	const struct policy *policy;
	struct journey *journey;
	struct err err = ERR_INIT;

	if (!visit_journey(visit, visit->part[0], &journey, &policy))
		return;
	if (journey->merged_into) {
		reply_problem(visit, 409, "conflict",
			      arena_printf(&visit->arena, "journey %s is the same person as %s",
					   journey->id, journey->merged_into));
		return;
	}
	if (journey->erased_at > 0) {
		reply_problem(visit, 410, "gone",
			      arena_printf(&visit->arena, "journey %s was erased", journey->id));
		return;
	}
	if (!*purpose) {
		reply_problem(visit, 400, "missing_purpose",
			      "Say what for, in a header X-Purpose: it stands in the ledger.");
		return;
	}
	int rc = write_down(visit, journey->id, purpose, &err);
	cJSON *out = cJSON_CreateObject();

	if (rc == 0)
		rc = make_copy(visit, journey, policy, out, &err);
	if (rc < 0) {
		cJSON_Delete(out);
		reply_error(visit, rc, &err);
		return;
	}
	reply_json(visit, 200, out);
}
