/* scenario_tell.c — sentences that state facts: what feeds report goes through the door they use
 * (lib/wire), what people do becomes the fact that daemon/api_fact.c would make of it.
 * Neighbours: scenario_read.c found the form; scenario_expect.c looks at what came of it. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"

#define SOURCE "/pvg/t2"

/* --- Common --- */

const char *journey_of(struct scenario *scenario, const char *person)
{
	char id[IDENT_CAP] = "";
	struct store *store = scenario->house.store;
	struct err err = ERR_INIT;

	if (store)
		(void)store->ops->ref_find(store, SOURCE, person, id, &err);
	return arena_copy(&scenario->arena, id);
}

static const char *stamp_text(struct scenario *scenario, int64_t at)
{
	char buf[WHEN_CAP];
	return arena_copy(&scenario->arena, when_text(at, scenario->conf->zone, buf));
}

/* "as of 17:30": when it happened, if not now. */
static int happened(struct scenario *scenario, const struct sentence *sentence, int64_t *at)
{
	const char *text = sentence_arg(sentence, "TIME");
	*at = scenario->house.now;
	return text ? scenario_time(scenario, sentence, text, true, at) : 0;
}

static const struct place *place_in(struct scenario *scenario, const struct sentence *sentence,
				    const char *name)
{
	const struct place *place = place_find(name);
	if (!place)
		complain(scenario, sentence, false, "no place is called %s", name);
	return place;
}

/* --- Feeds --- */

static int submit_event(struct scenario *scenario, const struct sentence *sentence,
			const char *body)
{
	struct feed_context context = {.now = scenario->house.now,
				       .zone = scenario->conf->zone,
				       .event_max = 65536,
				       .events_max = 10,
				       .unit = scenario->conf->root_unit};
	struct feed_batch batch;
	struct err err = ERR_INIT;

	if (feed_read_ndjson(body, strlen(body), &context, &scenario->arena, &batch, &err) != 0)
		return complain(scenario, sentence, false, "%s", err.text);
	if (batch.events[0].reject)
		return complain(scenario, sentence, false, "the feed's event is refused: %s: %s",
				reject_word(batch.events[0].reject), batch.events[0].detail);
	batch.events[0].fact->feed = scenario->conf->feeds[0].name;
	house_submit(&scenario->house, &batch.events[0].fact, 1);
	return 0;
}

/* One event of the feed. FORMAT makes its data. */
__attribute__((format(printf, 5, 6))) static int say(struct scenario *scenario,
						     const struct sentence *sentence,
						     const char *type, const char *subject,
						     const char *format, ...)
{
	va_list args;
	char data[8192];
	int64_t at;

	if (happened(scenario, sentence, &at) < 0)
		return CL_EINVAL;
	va_start(args, format);
	vsnprintf(data, sizeof(data), format, args);
	va_end(args);
	const char *body = arena_printf(
		&scenario->arena,
		"{\"specversion\":\"1.0\",\"id\":\"scn-%d-%u\",\"source\":\"" SOURCE "\","
		"\"type\":\"org.closedloopd.%s.v1\",\"time\":\"%s\",\"subject\":\"%s\","
		"\"datacontenttype\":\"application/json\",\"data\":{%s}}",
		sentence->line, ++scenario->facts, type, stamp_text(scenario, at), subject, data);
	if (scenario->feed_len == scenario->feed_cap) {
		scenario->feed_cap = scenario->feed_cap ? 2 * scenario->feed_cap : 64;
		scenario->feed =
			mem_grow(scenario->feed, scenario->feed_cap * sizeof(*scenario->feed));
	}
	scenario->feed[scenario->feed_len++] = body;
	return submit_event(scenario, sentence, body);
}

/* "B2" sits beside "B1": two letters of the alphabet are two passports. */
static const char *document_of(struct scenario *scenario, const char *person)
{
	return arena_printf(&scenario->arena, "E%02d%06ld", person[0] - 'A' + 10,
			    strtol(person + 1, NULL, 10));
}

static struct scenario_flight *flight_named(struct scenario *scenario, const char *name)
{
	for (size_t i = 0; i < scenario->flights_len; i++) {
		if (strcmp(scenario->flights[i].name, name) == 0)
			return &scenario->flights[i];
	}
	return NULL;
}

static const char *flight_json(struct scenario *scenario, const struct scenario_flight *flight)
{
	return arena_printf(
		&scenario->arena,
		"\"flight\":{\"carrier\":\"%.2s\",\"number\":\"%s\",\"arrival\":\"PVG\","
		"\"sched_arr\":\"%s\"}",
		flight->name, flight->name + 2, stamp_text(scenario, flight->sched));
}

static int set_flight(struct scenario *scenario, const struct sentence *sentence, const char *name,
		      const char *due, struct scenario_flight **out)
{
	*out = flight_named(scenario, name);
	if (*out)
		return 0;
	if (strlen(name) < 3)
		return complain(scenario, sentence, false, "%s is no flight number", name);
	if (!due)
		return complain(scenario, sentence, false, "when is %s due?", name);
	if (scenario->flights_len == FLIGHTS_MAX)
		return complain(scenario, sentence, false, "too many flights");
	*out = &scenario->flights[scenario->flights_len];
	(*out)->name = name;
	if (scenario_time(scenario, sentence, due, false, &(*out)->sched) < 0)
		return CL_EINVAL;
	scenario->flights_len++;
	return 0;
}

/* A destination: a known place by name, or an address in quotes. */
static const char *destination(struct scenario *scenario, const struct sentence *sentence,
			       const char *person, const char *where)
{
	struct arena *arena = &scenario->arena;
	const struct place *place = place_find(where);
	const char *room = sentence_arg(sentence, "ROOM");

	if (!place)
		return arena_printf(arena, "\"destination\":{\"text\":\"%s\"}", where);
	if (!place->address) {
		complain(scenario, sentence, false, "%s is no committee", where);
		return NULL;
	}
	return arena_printf(arena,
			    "\"destination\":{\"text\":\"%s%s室\",\"committee_code\":\"%s\","
			    "\"room\":\"%s\"}",
			    place->address, room ? room : person + 1, place->code,
			    room ? room : person + 1);
}

static int tell_announced(struct scenario *scenario, const struct sentence *sentence)
{
	const char *nationality = sentence_arg(sentence, "COUNTRY");
	const char *language = sentence_arg(sentence, "LANGUAGE");
	const char *where = sentence_arg(sentence, "PLACE");
	const char *transit = sentence_arg(sentence, "VIA");
	struct scenario_flight *flight;

	if (set_flight(scenario, sentence, sentence_arg(sentence, "FLIGHT"),
		       sentence_arg(sentence, "DUE"), &flight) < 0)
		return CL_EINVAL;
	for (size_t i = 0; i < sentence->people_len; i++) {
		const char *person = sentence->people[i];
		const char *bound = where ? destination(scenario, sentence, person, where) : "";
		if (!bound)
			return CL_EINVAL;
		int rc = say(scenario, sentence, "traveler.announced", person,
			     "\"traveler\":{\"ref\":\"%s\",\"name\":{\"full\":\"TEST %s\"},"
			     "\"sex\":\"F\",\"dob\":\"1990-01-01\",\"document\":{\"type\":\"P\","
			     "\"number\":\"%s\",\"issuer\":\"%s\"},\"nationality\":\"%s\","
			     "\"languages\":[\"%s\"]},\"basis\":\"manifest\",%s%s%s%s%s%s",
			     person, person, document_of(scenario, person),
			     nationality ? nationality : "CHN", nationality ? nationality : "CHN",
			     language ? language : "zh", flight_json(scenario, flight),
			     *bound ? "," : "", bound, transit ? ",\"countries_14d\":[\"" : "",
			     transit ? transit : "", transit ? "\"]" : "");
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int tell_flight(struct scenario *scenario, const struct sentence *sentence)
{
	static const struct {
		const char *word, *status, *member;
	} words[] = {{"lands", "landed", "act_arr"},
		     {"expected", "estimated", "est_arr"},
		     {"cancelled", "cancelled", NULL},
		     {"diverted", "diverted", NULL}};
	struct scenario_flight *flight;
	const char *time = sentence_arg(sentence, "AT");
	int64_t at = scenario->house.now;
	size_t i = 0;

	while (i < ARRAY_LEN(words) - 1 && !strstr(sentence->row->pattern, words[i].word))
		i++;
	if (set_flight(scenario, sentence, sentence_arg(sentence, "FLIGHT"),
		       sentence_arg(sentence, "DUE"), &flight) < 0)
		return CL_EINVAL;
	if (time && scenario_time(scenario, sentence, time, false, &at) < 0)
		return CL_EINVAL;
	if (!words[i].member)
		return say(scenario, sentence, "flight.updated", flight->name,
			   "%s,\"status\":\"%s\"", flight_json(scenario, flight), words[i].status);
	return say(scenario, sentence, "flight.updated", flight->name,
		   "%s,\"status\":\"%s\",\"%s\":\"%s\"", flight_json(scenario, flight),
		   words[i].status, words[i].member, stamp_text(scenario, at));
}

/* ,"temp_c":38.1,"symptoms":["dry_cough"] */
static const char *health_json(struct scenario *scenario, const struct sentence *sentence)
{
	const char *temp = sentence_arg(sentence, "TEMP"),
		   *with = sentence_arg(sentence, "SYMPTOM");
	return arena_printf(&scenario->arena, "%s%s%s%s%s", temp ? ",\"temp_c\":" : "",
			    temp ? temp : "", with ? ",\"symptoms\":[\"" : "", with ? with : "",
			    with ? "\"]" : "");
}

static int tell_triaged(struct scenario *scenario, const struct sentence *sentence)
{
	const char *disposition = sentence_arg(sentence, "DISPOSITION");
	const char *sticker = sentence_arg(sentence, "STICKER");
	int rc = 0;

	/* A sticker alone states no disposition: what follows from it is the policy's. */
	if (!disposition && !sticker)
		disposition = "home";
	for (size_t i = 0; i < sentence->people_len && rc == 0; i++)
		rc = say(scenario, sentence, "traveler.triaged", sentence->people[i],
			 "\"ref\":\"%s\",\"sticker\":\"%s\"%s%s%s%s", sentence->people[i],
			 sticker ? sticker : "yellow", disposition ? ",\"disposition\":\"" : "",
			 disposition ? disposition : "", disposition ? "\"" : "",
			 health_json(scenario, sentence));
	return rc;
}

static int tell_registered(struct scenario *scenario, const struct sentence *sentence)
{
	const char *where = sentence_arg(sentence, "PLACE");
	const char *transport = sentence_arg(sentence, "TRANSPORT");
	const struct place *place = place_find(where);
	const struct place *desk = place_find(sentence_arg(sentence, "DESK"));
	const char *district = desk && desk->code ? desk->code : place ? place->code : "310118";
	int rc = 0;

	for (size_t i = 0; i < sentence->people_len && rc == 0; i++) {
		const char *bound = destination(scenario, sentence, sentence->people[i], where);
		if (!bound)
			return CL_EINVAL;
		rc = say(scenario, sentence, "traveler.registered", sentence->people[i],
			 "\"ref\":\"%s\",\"desk\":\"PVG-T2\",\"district_code\":\"%.6s\",%s,"
			 "\"transport\":\"%s\",\"commitment_signed\":true",
			 sentence->people[i], district, bound, transport ? transport : "bus");
	}
	return rc;
}

/* --- Vehicles --- */

static struct scenario_bus *bus_named(struct scenario *scenario, const struct sentence *sentence)
{
	const char *name = sentence_arg(sentence, "BUS");
	for (size_t i = 0; i < scenario->buses_len; i++) {
		if (strcmp(scenario->buses[i].name, name) == 0)
			return &scenario->buses[i];
	}
	if (scenario->buses_len == BUSES_MAX)
		return NULL;
	struct scenario_bus *bus = &scenario->buses[scenario->buses_len++];
	bus->name = name;
	return bus;
}

static size_t stop_of(const struct scenario_bus *bus, const char *place)
{
	for (size_t i = 0; i < bus->stops_len; i++) {
		if (place_find(bus->stops[i]) ? place_find(bus->stops[i]) == place_find(place)
					      : strcmp(bus->stops[i], place) == 0)
			return i + 1;
	}
	return 0;
}

static const char *stop_json(struct scenario *scenario, size_t seq, const char *where,
			     const char *eta)
{
	static const struct {
		const char *word, *kind;
	} kinds[] = {{"relay", "relay"},
		     {"test_centre", "test_centre"},
		     {"central", "central_site"},
		     {"hospital", "hospital"}};
	const struct place *place = place_find(where);
	const char *kind = NULL;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].word, where) == 0)
			kind = kinds[i].kind;
	}
	if (!kind && (!place || !place->address))
		return NULL;
	return arena_printf(&scenario->arena, "{\"seq\":%zu,\"kind\":\"%s\"%s%s%s%s%s%s%s%s}", seq,
			    kind ? kind : "compound", kind ? "" : ",\"address\":{\"text\":\"",
			    kind ? "" : place->address, kind ? "" : "\",\"committee_code\":\"",
			    kind ? "" : place->code, kind ? "" : "\"}", eta ? ",\"eta\":\"" : "",
			    eta ? eta : "", eta ? "\"" : "");
}

struct boarding {
	const char *riders, *stops;
	const char *people[SENTENCE_PEOPLE_MAX];
	size_t waiting;
};

/* "to huateng at 21:40": a stop for the people named before it. */
static int board(struct scenario *scenario, const struct sentence *sentence,
		 struct scenario_bus *bus, struct boarding *boarding, const char *where,
		 const char *time)
{
	struct arena *arena = &scenario->arena;
	const char *eta = NULL;
	int64_t at;

	if (time && scenario_time(scenario, sentence, time, false, &at) < 0)
		return CL_EINVAL;
	if (time)
		eta = stamp_text(scenario, at);
	if (bus->stops_len == STOPS_MAX)
		return complain(scenario, sentence, false, "too many stops");
	bus->stops[bus->stops_len++] = where;
	const char *stop = stop_json(scenario, bus->stops_len, where, eta);
	if (!stop)
		return complain(scenario, sentence, false, "no bus stops at %s", where);
	boarding->stops =
		arena_printf(arena, "%s%s%s", boarding->stops, *boarding->stops ? "," : "", stop);
	for (size_t i = 0; i < boarding->waiting; i++)
		boarding->riders = arena_printf(arena, "%s%s{\"ref\":\"%s\",\"stop\":%zu}",
						boarding->riders, *boarding->riders ? "," : "",
						boarding->people[i], bus->stops_len);
	boarding->waiting = 0;
	return 0;
}

static void seat(struct scenario *scenario, struct boarding *boarding, const char *word)
{
	const char *dash = strchr(word, '-');
	long from = strtol(word + 1, NULL, 10), to = dash ? strtol(dash + 2, NULL, 10) : from;
	for (long i = from; i <= to && boarding->waiting < SENTENCE_PEOPLE_MAX; i++)
		boarding->people[boarding->waiting++] =
			arena_printf(&scenario->arena, "%c%ld", word[0], i);
}

/* A second departure of the same vehicle begins its list anew. */
static int tell_leaves(struct scenario *scenario, const struct sentence *sentence)
{
	struct scenario_bus *bus = bus_named(scenario, sentence);
	struct boarding boarding = {.riders = "", .stops = ""};
	const struct word *words = sentence->rest;
	size_t len = sentence->rest_len;

	if (!bus)
		return complain(scenario, sentence, false, "too many buses");
	bus->stops_len = 0;
	for (size_t i = 0; i < len; i++) {
		if (strcmp(words[i].text, "to") != 0) {
			char first[8];
			text_copy(first, sizeof(first), words[i].text);
			first[strcspn(first, "-")] = '\0';
			if (!is_person(first))
				return complain(scenario, sentence, false,
						"%s is neither a person nor \"to\"", words[i].text);
			seat(scenario, &boarding, words[i].text);
			continue;
		}
		if (i + 1 == len)
			return complain(scenario, sentence, false, "to where?");
		const char *where = words[++i].text, *time = NULL;
		if (i + 2 < len && strcmp(words[i + 1].text, "at") == 0) {
			time = words[i + 2].text;
			i += 2;
		}
		if (board(scenario, sentence, bus, &boarding, where, time) < 0)
			return CL_EINVAL;
	}
	if (boarding.waiting)
		return complain(scenario, sentence, false, "somebody goes nowhere");
	return say(scenario, sentence, "transfer.departed", bus->name,
		   "\"transfer\":\"%s\",\"plate\":\"沪A00018\",\"mode\":\"bus\",\"travelers\":[%s],"
		   "\"stops\":[%s]",
		   bus->name, boarding.riders, boarding.stops);
}

static int tell_eta(struct scenario *scenario, const struct sentence *sentence)
{
	struct scenario_bus *bus = bus_named(scenario, sentence);
	const char *where = sentence_arg(sentence, "PLACE");
	size_t stop = bus ? stop_of(bus, where) : 0;
	int64_t at;

	if (!stop)
		return complain(scenario, sentence, false, "it does not stop at %s", where);
	if (scenario_time(scenario, sentence, sentence_arg(sentence, "ETA"), false, &at) < 0)
		return CL_EINVAL;
	return say(scenario, sentence, "transfer.eta", bus->name,
		   "\"transfer\":\"%s\",\"etas\":[{\"seq\":%zu,\"eta\":\"%s\"}]", bus->name, stop,
		   stamp_text(scenario, at));
}

static int tell_reaches(struct scenario *scenario, const struct sentence *sentence)
{
	struct scenario_bus *bus = bus_named(scenario, sentence);
	const char *where = sentence_arg(sentence, "PLACE");
	const char *off = sentence_arg(sentence, "COUNT");
	size_t stop = bus ? stop_of(bus, where) : 0;

	if (!stop)
		return complain(scenario, sentence, false, "it does not stop at %s", where);
	return say(scenario, sentence, "transfer.stop_reached", bus->name,
		   "\"transfer\":\"%s\",\"seq\":%zu%s%s", bus->name, stop, off ? ",\"n_off\":" : "",
		   off ? off : "");
}

static int tell_handed_over(struct scenario *scenario, const struct sentence *sentence)
{
	const char *where = sentence_arg(sentence, "PLACE");
	const struct place *place = place_find(where);
	int rc = 0;

	for (size_t i = 0; i < sentence->people_len && rc == 0; i++)
		rc = say(scenario, sentence, "traveler.handed_over", sentence->people[i],
			 "\"ref\":\"%s\",\"from\":{\"name\":\"随车甲\",\"role\":\"escort\"},"
			 "\"to\":{\"name\":\"%s\",\"role\":\"%s\"%s%s%s}%s,\"signed\":true",
			 sentence->people[i], where, place ? "committee" : where,
			 place ? ",\"org_code\":\"" : "", place ? place->code : "",
			 place ? "\"" : "", health_json(scenario, sentence));
	return rc;
}

static int tell_redirected(struct scenario *scenario, const struct sentence *sentence)
{
	const char *reason = sentence_arg(sentence, "REASON");
	const char *where = sentence_arg(sentence, "PLACE");
	int rc = 0;

	for (size_t i = 0; i < sentence->people_len && rc == 0; i++) {
		const char *bound =
			where ? destination(scenario, sentence, sentence->people[i], where) : "";
		if (!bound)
			return CL_EINVAL;
		rc = say(scenario, sentence, "traveler.redirected", sentence->people[i],
			 "\"ref\":\"%s\",\"disposition\":\"%s\",\"reason\":\"%s\","
			 "\"ordered_by\":\"组长\"%s%s",
			 sentence->people[i], sentence_arg(sentence, "DISPOSITION"),
			 reason ? reason : "other", *bound ? "," : "", bound);
	}
	return rc;
}

static int tell_withdrawn(struct scenario *scenario, const struct sentence *sentence)
{
	int rc = 0;
	for (size_t i = 0; i < sentence->people_len && rc == 0; i++)
		rc = say(scenario, sentence, "traveler.withdrawn", sentence->people[i],
			 "\"ref\":\"%s\",\"reason\":\"%s\"", sentence->people[i],
			 sentence_arg(sentence, "REASON"));
	return rc;
}

static int tell_corrected(struct scenario *scenario, const struct sentence *sentence)
{
	int rc = 0;
	for (size_t i = 0; i < sentence->people_len && rc == 0; i++) {
		const char *bound = destination(scenario, sentence, sentence->people[i],
						sentence_arg(sentence, "PLACE"));
		if (!bound)
			return CL_EINVAL;
		rc = say(scenario, sentence, "traveler.corrected", sentence->people[i],
			 "\"ref\":\"%s\",\"patch\":{%s},\"reason\":\"address\"",
			 sentence->people[i], bound);
	}
	return rc;
}

static int tell_heartbeat(struct scenario *scenario, const struct sentence *sentence)
{
	return say(scenario, sentence, "feed.heartbeat", "feed", "\"last_sequence\":\"%s\"",
		   sentence_arg(sentence, "FEED"));
}

/* All that was said so far, again: as it was, or the last first. */
static int tell_repeats(struct scenario *scenario, const struct sentence *sentence)
{
	bool backwards = strstr(sentence->row->pattern, "backwards") != NULL;
	int rc = 0;

	for (size_t i = 0; i < scenario->feed_len && rc == 0; i++)
		rc = submit_event(scenario, sentence,
				  scenario->feed[backwards ? scenario->feed_len - 1 - i : i]);
	return rc;
}

/* Another body under the id of what it said last. */
static int tell_reuse(struct scenario *scenario, const struct sentence *sentence)
{
	static const char data[] = "\"data\":{";

	if (scenario->feed_len == 0)
		return complain(scenario, sentence, false, "the feed has said nothing yet");
	const char *body = scenario->feed[scenario->feed_len - 1];
	const char *at = strstr(body, data);
	return submit_event(scenario, sentence,
			    arena_printf(&scenario->arena, "%.*s%s\"sequel\":true,%s",
					 (int)(at - body), body, data, at + sizeof(data) - 1));
}

/* --- People --- */

/* What api_fact.c would make of a call by WHO about SUBJECT. */
static struct fact *person_fact(struct scenario *scenario, const struct sentence *sentence,
				enum fact_type type, const char *subject, const char *who)
{
	struct arena *arena = &scenario->arena;
	struct fact *fact = arena_alloc(arena, sizeof(*fact));

	fact->type = type;
	fact->stamp.at = scenario->house.now;
	fact->stamp.id = arena_printf(arena, "scn-%d-%u", sentence->line, ++scenario->facts);
	fact->stamp.source = arena_printf(arena, "api/%s", who);
	fact->stamp.rank = fact_rank(FACT_REGISTERED, NULL);
	fact->warnings = fact->feed_unit = "";
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->until = WHEN_UNKNOWN;
	fact->n_off = fact->day = -1;
	fact->by = who;
	fact->reason = sentence_arg(sentence, "REASON");
	fact->body = arena_printf(arena,
				  "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\","
				  "\"type\":\"org.closedloopd.%s.v1\",\"time\":\"%s\","
				  "\"subject\":\"%s\",\"data\":{}}",
				  fact->stamp.id, fact->stamp.source, fact_type_word(type),
				  stamp_text(scenario, fact->stamp.at), subject);
	fact->body_len = strlen(fact->body);
	digest_blake2b(NULL, 0, fact->body, fact->body_len, fact->hash, sizeof(fact->hash));
	return fact;
}

static const char *acting(struct scenario *scenario, const struct sentence *sentence)
{
	const char *who = sentence_arg(sentence, "UNIT");
	const struct place *place = who ? place_find(who) : NULL;
	(void)scenario;
	return place ? place->name : who ? who : "duty";
}

/* One fact for each of PEOPLE, filled by FILL. */
static int act(struct scenario *scenario, const struct sentence *sentence, enum fact_type type,
	       int (*fill)(struct scenario *, const struct sentence *, struct fact *))
{
	for (size_t i = 0; i < sentence->people_len; i++) {
		const char *journey = journey_of(scenario, sentence->people[i]);
		if (!*journey)
			return complain(scenario, sentence, false, "nobody has spoken of %s yet",
					sentence->people[i]);
		struct fact *fact =
			person_fact(scenario, sentence, type,
				    arena_printf(&scenario->arena, "journey/%s", journey),
				    acting(scenario, sentence));
		fact->journey = journey;
		int rc = happened(scenario, sentence, &fact->stamp.at);
		if (rc == 0 && fill)
			rc = fill(scenario, sentence, fact);
		if (rc < 0)
			return rc;
		house_submit(&scenario->house, &fact, 1);
	}
	return 0;
}

static int load_journey(struct scenario *scenario, const struct sentence *sentence,
			const char *person, struct journey *journey)
{
	const struct policy *policy;
	struct err err = ERR_INIT;
	if (engine_journey(scenario->house.engine, journey_of(scenario, person), &scenario->arena,
			   journey, &policy, &err) < 0)
		return complain(scenario, sentence, false, "%s: %s", person, err.text);
	return 0;
}

/* Whose word it is: it counts while she is that committee's. */
static int fill_unit(struct scenario *scenario, const struct sentence *sentence, struct fact *fact)
{
	struct journey *journey = arena_alloc(&scenario->arena, sizeof(*journey));
	const struct policy *policy;
	struct err err = ERR_INIT;

	if (engine_journey(scenario->house.engine, fact->journey, &scenario->arena, journey,
			   &policy, &err) < 0)
		return complain(scenario, sentence, false, "%s", err.text);
	fact->to_code = journey->unit;
	return 0;
}

static int tell_accepted(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_ACCEPTED, fill_unit);
}

static int tell_refused(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_REFUSED, fill_unit);
}

static int tell_exposed(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_EXPOSED, NULL);
}

/* Without a time she simply walked out. */
static int fill_leave(struct scenario *scenario, const struct sentence *sentence, struct fact *fact)
{
	const char *until = sentence_arg(sentence, "UNTIL");
	return until ? scenario_time(scenario, sentence, until, false, &fact->until) : 0;
}

static int tell_leaves_home(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_LEFT, fill_leave);
}

static int tell_returned(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_RETURNED, NULL);
}

static int tenths_of(struct scenario *scenario, const struct sentence *sentence, const char *text,
		     int *tenths)
{
	char *end;
	double value = strtod(text, &end);
	if (*end || value < 30 || value > 45)
		return complain(scenario, sentence, false, "%s is no temperature", text);
	*tenths = (int)(value * 10 + 0.5);
	return 0;
}

static int fill_check(struct scenario *scenario, const struct sentence *sentence, struct fact *fact)
{
	const char *temp = sentence_arg(sentence, "TEMP");
	const char *day = sentence_arg(sentence, "DAY");
	const char *symptom = sentence_arg(sentence, "SYMPTOM");
	int64_t number = -1;

	if (temp && tenths_of(scenario, sentence, temp, &fact->temp_tenths) < 0)
		return CL_EINVAL;
	if (day && scenario_number(scenario, sentence, day, &number) < 0)
		return CL_EINVAL;
	fact->day = (int)number;
	fact->symptoms = symptom ? symptom : "";
	fact->slot = sentence_arg(sentence, "SLOT");
	fact->method = "phone";
	fact->antipyretic = sentence_has(sentence, "antipyretic");
	return 0;
}

static int tell_checked(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_CHECKED, fill_check);
}

/* Every slot at 08:00 and 18:00, until the evening of the day named. */
static int tell_rounds(struct scenario *scenario, const struct sentence *sentence)
{
	struct journey *journey = arena_alloc(&scenario->arena, sizeof(*journey));
	const struct zone *zone = scenario->conf->zone;
	int64_t last;

	if (scenario_number(scenario, sentence, sentence_arg(sentence, "DAY"), &last) < 0 ||
	    load_journey(scenario, sentence, sentence->people[0], journey) < 0)
		return CL_EINVAL;
	if (journey->day0 == INT32_MIN)
		return complain(scenario, sentence, false, "%s is not isolating",
				sentence->people[0]);
	struct sentence once = *sentence;
	once.args_len = 1;
	once.args[0].name = "TEMP";
	once.args[0].value = "36.6";
	for (int half = 0; half < 2 * (int)last + 2; half++) {
		int64_t at =
			when_at(zone, journey->day0 + half / 2, (half % 2 ? 18 : 8) * WHEN_HOUR);
		if (at < scenario->house.now || half < 2)
			continue;
		scenario_pass(scenario, at);
		int rc = act(scenario, &once, FACT_CHECKED, fill_check);
		if (rc < 0)
			return rc;
		scenario_pass(scenario, at);
	}
	return 0;
}

static int fill_task(struct scenario *scenario, const struct sentence *sentence, struct fact *fact)
{
	const char *outcome = sentence_arg(sentence, "done|failed");
	(void)scenario;
	fact->task = sentence_arg(sentence, "TASK");
	fact->outcome = outcome;
	return 0;
}

static int tell_task(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_TASK_ENDED, fill_task);
}

static int fill_assign(struct scenario *scenario, const struct sentence *sentence,
		       struct fact *fact)
{
	const struct place *place = place_in(scenario, sentence, sentence_arg(sentence, "PLACE"));
	if (!place)
		return CL_EINVAL;
	fact->field[FIELD_ASSIGNED] = place->code;
	return 0;
}

static int tell_assigned(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_ASSIGNED, fill_assign);
}

static int fill_extend(struct scenario *scenario, const struct sentence *sentence,
		       struct fact *fact)
{
	int64_t days;
	if (scenario_number(scenario, sentence, sentence_arg(sentence, "COUNT"), &days) < 0)
		return CL_EINVAL;
	fact->field[FIELD_EXTENSION] = arena_printf(&scenario->arena, "%d", (int)days);
	return 0;
}

static int tell_extended(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_EXTENDED, fill_extend);
}

static int tell_released(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_RELEASED, NULL);
}

static int tell_closed(struct scenario *scenario, const struct sentence *sentence)
{
	return act(scenario, sentence, FACT_CLOSED, NULL);
}

/* --- Answers to alerts: to the latest message of that kind which came to the one who answers ---
 */

static int64_t alert_heard(struct scenario *scenario, const char *endpoint, const char *kind,
			   const char *journey)
{
	struct post *post = &scenario->house.post;
	for (size_t i = post->len; i-- > 0;) {
		const struct delivery *delivery = post_read(post, i);
		if (delivery->alert && text_equal(delivery->endpoint, endpoint) &&
		    text_equal(delivery->kind, kind) &&
		    (!journey || strstr(delivery->data, journey)))
			return delivery->alert;
	}
	return 0;
}

static int answer(struct scenario *scenario, const struct sentence *sentence, enum fact_type type)
{
	const char *who = acting(scenario, sentence), *kind = sentence_arg(sentence, "KIND");
	const char *journey =
		sentence->people_len ? journey_of(scenario, sentence->people[0]) : NULL;
	char number[24];
	int64_t alert = alert_heard(scenario, who, kind, journey);

	if (!alert)
		return complain(scenario, sentence, true, "%s has not been told of %s", who, kind);
	struct fact *fact =
		person_fact(scenario, sentence, type,
			    arena_printf(&scenario->arena, "alert/%s", alert_number(alert, number)),
			    who);
	fact->alert = alert;
	fact->outcome = sentence_arg(sentence, "OUTCOME");
	if (type == FACT_ALERT_RESOLVED && !fact->outcome)
		fact->outcome = "resolved";
	house_submit(&scenario->house, &fact, 1);
	return 0;
}

static int tell_acks(struct scenario *scenario, const struct sentence *sentence)
{
	return answer(scenario, sentence, FACT_ALERT_ACKED);
}

static int tell_resolves(struct scenario *scenario, const struct sentence *sentence)
{
	return answer(scenario, sentence, FACT_ALERT_RESOLVED);
}

/* --- Silences --- */

static int tell_silences(struct scenario *scenario, const struct sentence *sentence)
{
	const char *kind = sentence_arg(sentence, "KIND"), *who = acting(scenario, sentence);
	const struct place *place = place_in(scenario, sentence, sentence_arg(sentence, "PLACE"));
	struct silence *silence = arena_alloc(&scenario->arena, sizeof(*silence));

	if (!place || scenario_time(scenario, sentence, sentence_arg(sentence, "UNTIL"), false,
				    &silence->ends_at) < 0)
		return CL_EINVAL;
	if (strcmp(kind, "everything") != 0)
		text_copy(silence->kind, sizeof(silence->kind), kind);
	text_copy(silence->unit, sizeof(silence->unit), place->code ? place->code : "");
	text_copy(silence->author, sizeof(silence->author), who);
	text_copy(silence->reason, sizeof(silence->reason), sentence_arg(sentence, "REASON"));
	silence->force = sentence_has(sentence, "forced");
	silence->ended_at = WHEN_NEVER;
	struct fact *fact = person_fact(scenario, sentence, FACT_SILENCED, "silences", who);
	fact->silence = silence;
	house_submit(&scenario->house, &fact, 1);
	return 0;
}

struct silence_search {
	const char *author;
	int64_t id;
};

static void note_silence(void *context, const void *row)
{
	struct silence_search *search = context;
	const struct silence *silence = row;
	if (text_equal(silence->author, search->author) && silence->id > search->id)
		search->id = silence->id;
}

/* The latest of UNIT's that is in force. */
static int tell_silence_ends(struct scenario *scenario, const struct sentence *sentence)
{
	struct store *store = scenario->house.store;
	struct silence_search search = {.author = acting(scenario, sentence)};
	struct silence *silence = arena_alloc(&scenario->arena, sizeof(*silence));
	struct err err = ERR_INIT;

	if (store->ops->silences_list(store, scenario->house.now, note_silence, &search, &err) < 0)
		return complain(scenario, sentence, false, "%s", err.text);
	if (!search.id)
		return complain(scenario, sentence, false, "%s silences nothing", search.author);
	silence->id = search.id;
	struct fact *fact =
		person_fact(scenario, sentence, FACT_SILENCE_ENDED,
			    arena_printf(&scenario->arena, "silence/%lld", (long long)search.id),
			    search.author);
	fact->silence = silence;
	house_submit(&scenario->house, &fact, 1);
	return 0;
}

const struct sentence_row tell_rows[] = {
	{"PEOPLE is|are announced on FLIGHT [due DUE] [for PLACE] [from COUNTRY] [speaking "
	 "LANGUAGE] "
	 "[via VIA] [as of TIME]",
	 tell_announced, "The list of a flight names them; due is needed once per flight."},
	{"flight FLIGHT lands [at AT] [due DUE] [as of TIME]", tell_flight, "It has landed."},
	{"flight FLIGHT is expected at AT [due DUE] [as of TIME]", tell_flight,
	 "Another arrival time."},
	{"flight FLIGHT is cancelled [due DUE] [as of TIME]", tell_flight, "It does not fly."},
	{"flight FLIGHT is diverted [due DUE] [as of TIME]", tell_flight, "It lands elsewhere."},
	{"PEOPLE is|are triaged [for DISPOSITION] [at TEMP] [with SYMPTOM] [sticker STICKER] [as "
	 "of "
	 "TIME]",
	 tell_triaged, "Customs looked at them; for home unless said otherwise."},
	{"PEOPLE is|are registered for PLACE [room ROOM] [by TRANSPORT] [desk DESK] [as of TIME]",
	 tell_registered,
	 "A district desk has the address: a committee's name, or \"an address in quotes\"."},
	{"bus BUS leaves with REST", tell_leaves,
	 "… P1 P2 to huateng at 21:40, P3 to fengxi at 22:10; or to relay, test_centre, central, "
	 "hospital; without \"at\" nobody gave a time."},
	{"bus BUS left at TIME with REST", tell_leaves, "The same, told late."},
	{"bus BUS will reach PLACE at ETA [as of TIME]", tell_eta, "A new estimate."},
	{"bus BUS reaches PLACE [with COUNT off] [as of TIME]", tell_reaches,
	 "It stands there; so many got off."},
	{"PEOPLE is|are handed over to PLACE [at TEMP] [with SYMPTOM] [as of TIME]",
	 tell_handed_over, "The escort says so: to a committee, or to hospital, family, hotel."},
	{"PEOPLE is|are redirected to DISPOSITION [in PLACE] [reason REASON] [as of TIME]",
	 tell_redirected, "central, hospital, transit, other_province, released, home."},
	{"PEOPLE is|are withdrawn reason REASON [as of TIME]", tell_withdrawn,
	 "no_show, flight_cancelled, diverted, duplicate, sent_in_error, other."},
	{"PEOPLE is|are corrected to PLACE [room ROOM] [as of TIME]", tell_corrected,
	 "The address was another one."},
	{"feed FEED beats [as of TIME]", tell_heartbeat, "A heartbeat: it lives."},
	{"the feed repeats everything backwards", tell_repeats,
	 "All it ever said, the last word first."},
	{"the feed repeats everything", tell_repeats, "All it ever said, once more."},
	{"the feed uses its last id again", tell_reuse, "… for something else."},
	{"PEOPLE is|are accepted [by UNIT] [as of TIME]", tell_accepted,
	 "The committee has them, and says so."},
	{"PEOPLE is|are refused [by UNIT] [reason REASON] [as of TIME]", tell_refused,
	 "The committee does not take them."},
	{"PEOPLE is|are exposed again [reason REASON] [by UNIT] [as of TIME]", tell_exposed,
	 "The days count from then."},
	{"PEOPLE leaves|leave until UNTIL [reason REASON] [by UNIT] [as of TIME]", tell_leaves_home,
	 "With leave, to be back by then."},
	{"PEOPLE walks|walk out [reason REASON] [by UNIT] [as of TIME]", tell_leaves_home,
	 "Without leave."},
	{"PEOPLE is|are back [by UNIT] [as of TIME]", tell_returned,
	 "At home again after a leave."},
	{"PEOPLE is|are checked twice a day until day DAY", tell_rounds,
	 "08:00 and 18:00, 36.6; time passes."},
	{"PEOPLE is|are checked [at TEMP] [with SYMPTOM] [after antipyretic] [for day DAY] [slot "
	 "SLOT] [by UNIT] [as "
	 "of "
	 "TIME]",
	 tell_checked, "An entry of the committee."},
	{"PEOPLE task TASK done|failed [by UNIT] [as of TIME]", tell_task,
	 "verify_address inspect_home disinfect welcome_kit tell_doctor gate_team."},
	{"PEOPLE is|are assigned to PLACE [by UNIT]", tell_assigned,
	 "An officer names the committee."},
	{"PEOPLE is|are extended by COUNT days reason REASON [by UNIT]", tell_extended,
	 "Isolation lasts longer."},
	{"PEOPLE is|are released [reason REASON] [by UNIT]", tell_released,
	 "The committee signed; against the rules only with a reason."},
	{"PEOPLE is|are closed reason REASON [by UNIT]", tell_closed, "An end outside the rules."},
	{"UNIT silences KIND at PLACE until UNTIL reason REASON [forced]", tell_silences,
	 "Kept back until then; urgent kinds only when forced. KIND may be everything."},
	{"UNIT ends its silence", tell_silence_ends, "The latest it made."},
	{"UNIT acknowledges KIND [about PEOPLE]", tell_acks,
	 "\"I have it\": the latest message of that kind which came there."},
	{"UNIT resolves KIND [about PEOPLE] [outcome OUTCOME]", tell_resolves,
	 "A human ends the alert."},
};
const size_t tell_rows_len = ARRAY_LEN(tell_rows);
