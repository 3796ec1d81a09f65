/* feed_data.c — turns checked event data into what a fact states.
 * Neighbours: feed_check.c has removed all that breaks a rule, so nothing is judged again here;
 * journey.c reads the fact. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "closedloop/geo.h"
#include "closedloop/json.h"
#include "closedloop/when.h"
#include "wire/feed_event.h"

struct stating {
	const struct feed_context *context;
	const cJSON *data;
	struct arena *arena;
	struct fact *fact;
};

static char *compose(struct arena *arena, const char *string)
{
	const char *c = string;
	utf8proc_uint8_t *composed;
	char *copy;

	while (*c && (unsigned char)*c < 0x80)
		c++;
	if (!*c) /* ASCII is composed. */
		return arena_copy(arena, string);
	composed = utf8proc_NFC((const utf8proc_uint8_t *)string);
	if (!composed) /* The scan saw well-formed UTF-8, so only memory can be missing. */
		mem_exhausted(strlen(string));
	copy = arena_copy(arena, (const char *)composed);
	free(composed);
	return copy;
}

/* STRING in Unicode NFC, without control characters: two feeds that spell a name in two normal
 * forms mean one person, and a line break in a name must not begin a new line of a notice. */
static const char *clean(struct arena *arena, const char *string)
{
	char *copy = compose(arena, string);

	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	}
	return copy;
}

/* What member NAME of OBJECT states: its text, FIELD_NOTHING for null, NULL when it is not there.
 */
static const char *stated(const struct stating *s, const cJSON *object, const char *name)
{
	const cJSON *member = json_get(object, name);

	if (!member)
		return NULL;
	if (cJSON_IsString(member))
		return clean(s->arena, member->valuestring);
	if (cJSON_IsBool(member))
		return cJSON_IsTrue(member) ? "true" : "false";
	if (cJSON_IsNumber(member))
		return arena_printf(s->arena, "%.0f", member->valuedouble);
	return FIELD_NOTHING;
}

static void state(const struct stating *s, enum field field, const cJSON *object, const char *name)
{
	const char *value = stated(s, object, name);

	if (value)
		s->fact->field[field] = value;
}

/* Items of a list of strings joined by ','. "" when there are none. */
static const char *joined(const struct stating *s, const cJSON *list)
{
	const char *line = "";
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		line = arena_printf(s->arena, "%s%s%s", line, *line ? "," : "",
				    clean(s->arena, item->valuestring));
	}
	return line;
}

/* An empty list says nothing, unless it is a correction: then it says "none". */
static void state_list(const struct stating *s, enum field field, const cJSON *object,
		       const char *name)
{
	const cJSON *list = json_get(object, name);

	if (!list || (!list->child && s->fact->type != FACT_CORRECTED))
		return;
	s->fact->field[field] = joined(s, list);
}

static void state_phones(const struct stating *s, const cJSON *object)
{
	const cJSON *list = json_get(object, "phones");
	const char *line = "";
	const cJSON *item;

	if (!list || (!list->child && s->fact->type != FACT_CORRECTED))
		return;
	cJSON_ArrayForEach(item, list)
	{
		const char *number = json_string(item, "e164");
		char *copy;

		if (!number)
			number = json_string(item, "raw");
		if (!number)
			continue;
		copy = arena_copy(s->arena, clean(s->arena, number));
		for (char *c = copy; *c; c++) {
			if (*c == ',') /* Joins the numbers. */
				*c = ' ';
		}
		line = arena_printf(s->arena, "%s%s%s", line, *line ? "," : "", copy);
	}
	if (*line || s->fact->type == FACT_CORRECTED)
		s->fact->field[FIELD_PHONES] = line;
}

/* Null for a group of members (RFC 7396) is null for each. */
static void state_nothing(const struct stating *s, const enum field *fields, size_t len)
{
	for (size_t i = 0; i < len; i++)
		s->fact->field[fields[i]] = FIELD_NOTHING;
}

static void state_name(const struct stating *s, const cJSON *traveler)
{
	static const enum field fields[] = {FIELD_NAME, FIELD_NAME_NATIVE};
	const cJSON *name = json_get(traveler, "name");

	if (cJSON_IsNull(name)) {
		state_nothing(s, fields, ARRAY_LEN(fields));
		return;
	}
	state(s, FIELD_NAME, name, "full");
	state(s, FIELD_NAME_NATIVE, name, "native");
}

static void state_document(const struct stating *s, const cJSON *traveler)
{
	static const enum field fields[] = {FIELD_DOC_TYPE, FIELD_DOC_NUMBER, FIELD_DOC_ISSUER};
	const cJSON *document = json_get(traveler, "document");

	if (cJSON_IsNull(document)) {
		state_nothing(s, fields, ARRAY_LEN(fields));
		return;
	}
	state(s, FIELD_DOC_TYPE, document, "type");
	state(s, FIELD_DOC_NUMBER, document, "number");
	state(s, FIELD_DOC_ISSUER, document, "issuer");
}

static void state_traveler(const struct stating *s, const cJSON *traveler)
{
	if (!cJSON_IsObject(traveler))
		return;
	state_name(s, traveler);
	state_document(s, traveler);
	state(s, FIELD_SEX, traveler, "sex");
	state(s, FIELD_DOB, traveler, "dob");
	state(s, FIELD_NATIONALITY, traveler, "nationality");
	state(s, FIELD_SEAT, traveler, "seat");
	state_list(s, FIELD_LANGUAGES, traveler, "languages");
	state_list(s, FIELD_NEEDS, traveler, "needs");
	state_phones(s, traveler);
}

/* Compound, building, unit and room in one line. NULL when none of them is named. */
static const char *building_of(const struct stating *s, const cJSON *address)
{
	static const char *const parts[] = {"compound", "building", "unit", "room"};
	const char *line = NULL;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const char *part = stated(s, address, parts[i]);

		if (!part)
			continue;
		if (!line || !*line)
			line = part;
		else if (*part)
			line = arena_printf(s->arena, "%s %s", line, part);
	}
	return line;
}

/* Where the home is, when the feed says in which system it counts: a point of another one is some
 * hundred metres off, so without "crs" it is none. NULL when nothing is said. */
static const char *point_of(const struct stating *s, const cJSON *address)
{
	const cJSON *lon = json_get(address, "lon"), *lat = json_get(address, "lat");
	const char *word = json_string(address, "crs");
	enum geo_crs crs;
	struct geo_point point;

	if (!lon && !lat)
		return NULL;
	if (!lon || !lat || !cJSON_IsNumber(lon) || !cJSON_IsNumber(lat))
		return FIELD_NOTHING;
	if (!word || !geo_crs_of(word, &crs) ||
	    !geo_point(lon->valuedouble, lat->valuedouble, crs, &point))
		return FIELD_NOTHING;
	return arena_printf(s->arena, "%d %d", (int)point.lon, (int)point.lat);
}

/* What tells her home beside the text. A NEW address leaves nothing of the old one. */
static void state_place(const struct stating *s, const cJSON *address, bool new)
{
	const char *compound = stated(s, address, "compound");
	const char *point = point_of(s, address);

	s->fact->field[FIELD_COMPOUND] = !compound && new ? FIELD_NOTHING : compound;
	s->fact->field[FIELD_POINT] = !point && new ? FIELD_NOTHING : point;
}

/* A new address takes the old one's committee and building with it, or she would be awaited at a
 * door she never sees. */
static void state_destination(const struct stating *s, const cJSON *address)
{
	const char **field = s->fact->field;

	if (!address)
		return;
	state(s, FIELD_ADDRESS, address, "text");
	field[FIELD_COMMITTEE] = stated(s, address, "committee_code");
	field[FIELD_BUILDING] = building_of(s, address);
	if (!field[FIELD_COMMITTEE])
		field[FIELD_COMMITTEE] = FIELD_NOTHING;
	if (!field[FIELD_BUILDING])
		field[FIELD_BUILDING] = FIELD_NOTHING;
	state_place(s, address, true);
	state(s, FIELD_CO_RESIDENTS, address, "co_residents");
}

static void patch_destination(const struct stating *s, const cJSON *address)
{
	static const enum field fields[] = {FIELD_ADDRESS,	FIELD_COMMITTEE, FIELD_BUILDING,
					    FIELD_CO_RESIDENTS, FIELD_COMPOUND,	 FIELD_POINT};

	if (cJSON_IsNull(address)) {
		state_nothing(s, fields, ARRAY_LEN(fields));
		return;
	}
	state(s, FIELD_ADDRESS, address, "text");
	state(s, FIELD_COMMITTEE, address, "committee_code");
	/* Another address without a code: the old home's committee is not hers any more. */
	if (s->fact->field[FIELD_ADDRESS] && !s->fact->field[FIELD_COMMITTEE])
		s->fact->field[FIELD_COMMITTEE] = FIELD_NOTHING;
	s->fact->field[FIELD_BUILDING] = building_of(s, address);
	state_place(s, address, s->fact->field[FIELD_ADDRESS] != NULL);
	state(s, FIELD_CO_RESIDENTS, address, "co_residents");
}

int64_t feed_time(const cJSON *object, const char *name)
{
	const char *string = json_string(object, name);
	int64_t at;

	if (!string || when_parse(string, &at, NULL) < 0)
		return WHEN_UNKNOWN;
	return at;
}

/* "XX363-PVG-2020-03-08": carrier and number, arrival, local date of the scheduled arrival
 * (feeds.md §3). */
static void state_flight(const struct stating *s, const cJSON *flight)
{
	char date[WHEN_CAP];
	int64_t sched;

	if (!flight)
		return;
	if (cJSON_IsNull(flight)) {
		s->fact->field[FIELD_FLIGHT] = FIELD_NOTHING;
		return;
	}
	sched = feed_time(flight, "sched_arr");
	s->fact->flight_sched = sched;
	s->fact->field[FIELD_FLIGHT] =
		arena_printf(s->arena, "%s%s-%s-%s", json_string(flight, "carrier"),
			     json_string(flight, "number"), json_string(flight, "arrival"),
			     when_day_text(when_day(s->context->zone, sched), date));
}

int feed_whole(const cJSON *object, const char *name, int otherwise)
{
	const cJSON *member = json_get(object, name);

	return cJSON_IsNumber(member) ? (int)member->valuedouble : otherwise;
}

const char *feed_text(struct arena *arena, const cJSON *object, const char *name)
{
	const char *string = json_string(object, name);

	return string ? clean(arena, string) : NULL;
}

/* Temperature and symptoms, as triage, hand-over and the daily check state them. */
static void state_health(const struct stating *s)
{
	const cJSON *temp = json_get(s->data, "temp_c");
	cJSON *symptoms = cJSON_GetObjectItemCaseSensitive(s->data, "symptoms");
	const char *line = "";
	const cJSON *item;

	if (temp)
		s->fact->temp_tenths = (int)(temp->valuedouble * 10 + 0.5);
	if (!symptoms)
		return;
	cJSON_ArrayForEach(item, symptoms)
	{
		if (strcmp(item->valuestring, "none") != 0)
			line = arena_printf(s->arena, "%s%s%s", line, *line ? "," : "",
					    item->valuestring);
	}
	s->fact->symptoms = line;
}

/* --- one function per type --- */

static void state_flight_updated(const struct stating *s)
{
	static const struct status_row {
		const char *word;
		enum flight_status status;
	} statuses[] = {
		{"scheduled", FLIGHT_SCHEDULED}, {"departed", FLIGHT_DEPARTED},
		{"estimated", FLIGHT_ESTIMATED}, {"landed", FLIGHT_LANDED},
		{"onblock", FLIGHT_ONBLOCK},	 {"cancelled", FLIGHT_CANCELLED},
		{"diverted", FLIGHT_DIVERTED},
	};

	state_flight(s, json_get(s->data, "flight"));
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (strcmp(statuses[i].word, json_string(s->data, "status")) == 0)
			s->fact->flight_status = statuses[i].status;
	}
	s->fact->flight_est = feed_time(s->data, "est_arr");
	s->fact->flight_act = feed_time(s->data, "act_arr");
}

static void state_announced(const struct stating *s)
{
	const cJSON *traveler = json_get(s->data, "traveler");

	s->fact->ref = feed_text(s->arena, traveler, "ref");
	state_list(s, FIELD_COUNTRIES, s->data, "countries_14d");
	state_list(s, FIELD_COMPANIONS, s->data, "companions");
	state_flight(s, json_get(s->data, "flight"));
	state_destination(s, json_get(s->data, "destination"));
}

static void state_triaged(const struct stating *s)
{
	state(s, FIELD_STICKER, s->data, "sticker");
	state(s, FIELD_DISPOSITION, s->data, "disposition");
	state_health(s);
}

static void state_registered(const struct stating *s)
{
	state_destination(s, json_get(s->data, "destination"));
	state(s, FIELD_DISTRICT, s->data, "district_code");
	state(s, FIELD_DESK, s->data, "desk");
	state(s, FIELD_TRANSPORT, s->data, "transport");
	state(s, FIELD_PLATE, s->data, "plate");
	state(s, FIELD_COMMITMENT, s->data, "commitment_signed");
	state_phones(s, s->data);
	state_list(s, FIELD_LANGUAGES, s->data, "languages");
}

static void state_transfer(const struct stating *s)
{
	feed_state_transfer(s->data, s->arena, s->fact);
}

static void state_handed_over(const struct stating *s)
{
	const cJSON *to = json_get(s->data, "to");

	s->fact->to_role = feed_text(s->arena, to, "role");
	s->fact->to_code = feed_text(s->arena, to, "org_code");
	s->fact->by = feed_text(s->arena, json_get(s->data, "from"), "name");
	state_health(s);
}

static void state_redirected(const struct stating *s)
{
	state(s, FIELD_DISPOSITION, s->data, "disposition");
	state(s, FIELD_REASON, s->data, "reason");
	s->fact->by = feed_text(s->arena, s->data, "ordered_by");
	state_destination(s, json_get(s->data, "destination"));
}

static void state_corrected(const struct stating *s)
{
	const cJSON *patch = json_get(s->data, "patch");

	state_traveler(s, json_get(patch, "traveler"));
	patch_destination(s, json_get(patch, "destination"));
	state_flight(s, json_get(patch, "flight"));
}

static void state_checked(const struct stating *s)
{
	s->fact->day = feed_whole(s->data, "day", -1);
	s->fact->method = feed_text(s->arena, s->data, "method");
	s->fact->by = feed_text(s->arena, s->data, "by");
	s->fact->antipyretic = cJSON_IsTrue(json_get(s->data, "antipyretic"));
	state_health(s);
}

static void (*const states[])(const struct stating *s) = {
	[FACT_FLIGHT_UPDATED] = state_flight_updated,
	[FACT_ANNOUNCED] = state_announced,
	[FACT_TRIAGED] = state_triaged,
	[FACT_REGISTERED] = state_registered,
	[FACT_DEPARTED] = state_transfer,
	[FACT_ETA] = state_transfer,
	[FACT_STOP_REACHED] = state_transfer,
	[FACT_HANDED_OVER] = state_handed_over,
	[FACT_REDIRECTED] = state_redirected,
	[FACT_CORRECTED] = state_corrected,
	[FACT_CHECKED] = state_checked,
	[FACT_HEARTBEAT] = NULL, /* It came: that is all it says. Withdrawn says no more than ref
				    and reason. */
};

/* Only members that have a rule were checked; a stray "ref" elsewhere is not ours to read. */
static bool is_ruled(enum fact_type type, const char *name)
{
	const struct rule *rule = feed_rules(type);

	while (rule->name && strcmp(rule->name, name) != 0)
		rule++;
	return rule->name != NULL;
}

void feed_state(const struct feed_context *context, const cJSON *data, struct arena *arena,
		struct fact *fact)
{
	const struct stating s = {context, data, arena, fact};

	assert(context->zone);
	assert(fact->type <= FACT_HEARTBEAT);
	fact->feed_unit = context->unit ? context->unit : "";
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->n_off = -1;
	fact->day = -1;
	if (is_ruled(fact->type, "ref"))
		fact->ref = feed_text(arena, data, "ref");
	if (is_ruled(fact->type, "transfer"))
		fact->transfer = feed_text(arena, data, "transfer");
	if (is_ruled(fact->type, "reason"))
		fact->reason = feed_text(arena, data, "reason");
	if (is_ruled(fact->type, "traveler"))
		state_traveler(&s, json_get(data, "traveler"));
	if (states[fact->type])
		states[fact->type](&s);
}
