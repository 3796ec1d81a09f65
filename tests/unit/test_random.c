/* test_random.c — random sets of facts through the real engine: any order ends in the same journeys
 * as the API shows them, and no sequence of facts, answers and time leaves anybody unwatched. What
 * fails is made small and printed. Seeds are fixed; CLOSEDLOOP_SEED, CLOSEDLOOP_ROUNDS and
 * CLOSEDLOOP_LOOP_ROUNDS choose others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"
#include "daemon/view.h"
#include "engine/engine_private.h"

/* Nobody follows a link here. */
static const struct ack_ring links;

#define SET_MAX 14
#define PEOPLE	3
#define SUFFIX	"~"
#define BASE	"2020-03-08T08:00"

static uint64_t state_of_dice;

static unsigned roll(unsigned sides)
{
	struct entropy dice = entropy_seeded(&state_of_dice);
	uint32_t value;
	dice.fill(dice.context, &value, sizeof(value));
	return value % sides;
}

static unsigned long from_environment(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);
	return text ? strtoul(text, NULL, 10) : otherwise;
}

/* --- Facts at random --- */

static const char *const sources[] = {"/airport", "/district"};
static const char *const feed_units[] = {"310112", "310107"};
static const char *const refs[] = {"P1", "P2", "P3"};

static const char *pick(const char *const *words, size_t len)
{
	return words[roll((unsigned)len)];
}
#define PICK(...)                                                                                  \
	pick((const char *const[]){__VA_ARGS__},                                                   \
	     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void state_person(struct fact *fact, struct arena *arena, unsigned person)
{
	if (roll(2)) {
		fact->field[FIELD_DOC_TYPE] = "passport";
		fact->field[FIELD_DOC_ISSUER] = "KOR";
		fact->field[FIELD_DOC_NUMBER] = arena_printf(arena, "M%u", person);
	}
	if (roll(2))
		fact->field[FIELD_NAME] = PICK("KIM", "LEE");
}

static void state_flight(struct fact *fact)
{
	fact->field[FIELD_FLIGHT] = PICK("XX1-PVG-2020-03-08", "XX2-PVG-2020-03-08");
	fact->flight_sched = at(PICK("2020-03-08T10:00", "2020-03-08T11:00"));
}

static void state_home(struct fact *fact)
{
	fact->field[FIELD_ADDRESS] = PICK("nowhere at all", "also nowhere");
	fact->field[FIELD_COMMITTEE] = PICK(COMMITTEE, OTHER_COMMITTEE, FIELD_NOTHING);
}

static void state_stops(struct fact *fact, struct arena *arena, bool departed)
{
	fact->stops = arena_alloc(arena, 2 * sizeof(*fact->stops));
	fact->stops_len = 1 + roll(2);
	for (size_t i = 0; i < fact->stops_len; i++) {
		fact->stops[i] = (struct fact_stop){
			.seq = (int)i + 1,
			.kind = departed && roll(4) == 0 ? STOP_RELAY : STOP_COMPOUND,
			.eta = roll(3) ? fact->stamp.at + (int64_t)(1 + roll(3)) * WHEN_HOUR
				       : WHEN_UNKNOWN};
	}
}

static void state_riders(struct fact *fact, struct arena *arena)
{
	fact->riders = arena_alloc(arena, PEOPLE * sizeof(*fact->riders));
	for (unsigned i = 0; i < PEOPLE; i++) {
		if (roll(2))
			fact->riders[fact->riders_len++] = (struct fact_rider){
				.ref = refs[i], .stop = 1 + (int)roll((unsigned)fact->stops_len)};
	}
	if (fact->riders_len == 0)
		fact->riders[fact->riders_len++] = (struct fact_rider){.ref = refs[0], .stop = 1};
}

static void state_health(struct fact *fact)
{
	if (roll(2))
		fact->temp_tenths = (int)(360 + roll(20));
	if (roll(5) == 0)
		fact->symptoms = PICK("fever", "headache");
}

static struct fact *random_fact(struct arena *arena, unsigned number, int64_t base)
{
	static const enum fact_type types[] = {
		FACT_ANNOUNCED,	  FACT_ANNOUNCED,  FACT_TRIAGED,       FACT_REGISTERED,
		FACT_DEPARTED,	  FACT_DEPARTED,   FACT_ETA,	       FACT_STOP_REACHED,
		FACT_HANDED_OVER, FACT_REDIRECTED, FACT_CORRECTED,     FACT_WITHDRAWN,
		FACT_CHECKED,	  FACT_CHECKED,	   FACT_FLIGHT_UPDATED};
	struct fact *fact = arena_alloc(arena, sizeof(*fact));
	unsigned source = roll(2), person = roll(PEOPLE);

	fact->type = types[roll(ARRAY_LEN(types))];
	fact->stamp = (struct stamp){.at = base + (int64_t)roll(24) * 30 * WHEN_MINUTE,
				     .rank = fact_rank(fact->type, NULL),
				     .sequence = "",
				     .id = arena_printf(arena, "f%03u", number),
				     .source = sources[source]};
	fact->feed_unit = feed_units[source];
	fact->body = "{}";
	fact->body_len = 2;
	fact->warnings = "";
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->day = fact->n_off = -1;
	switch ((int)fact->type) {
	case FACT_FLIGHT_UPDATED:
		state_flight(fact);
		fact->flight_status = roll(2) ? FLIGHT_LANDED : FLIGHT_CANCELLED;
		if (roll(2))
			fact->flight_act = fact->stamp.at;
		return fact;
	case FACT_DEPARTED:
	case FACT_ETA:
		fact->transfer = PICK("bus1", "bus2");
		state_stops(fact, arena, fact->type == FACT_DEPARTED);
		if (fact->type == FACT_DEPARTED)
			state_riders(fact, arena);
		if (roll(2))
			fact->plate = PICK("A1", "B2");
		return fact;
	case FACT_STOP_REACHED:
		fact->transfer = PICK("bus1", "bus2");
		fact->seq = 1 + (int)roll(2);
		fact->n_off = (int)roll(4);
		return fact;
	default:
		break;
	}
	fact->ref = refs[person];
	switch ((int)fact->type) {
	case FACT_ANNOUNCED:
		state_person(fact, arena, person);
		if (roll(2))
			state_flight(fact);
		if (roll(3) == 0)
			state_home(fact);
		break;
	case FACT_TRIAGED:
		fact->field[FIELD_DISPOSITION] = PICK("home", "home", "central");
		state_health(fact);
		break;
	case FACT_REGISTERED:
		state_home(fact);
		fact->field[FIELD_DISTRICT] = "310112";
		break;
	case FACT_HANDED_OVER:
		fact->to_role = PICK("committee", "committee", "driver");
		fact->to_code = roll(2) ? PICK(COMMITTEE, OTHER_COMMITTEE) : NULL;
		state_health(fact);
		break;
	case FACT_REDIRECTED:
		fact->field[FIELD_DISPOSITION] = PICK("hospital", "home", "central");
		fact->reason = "fever";
		break;
	case FACT_CORRECTED:
		if (roll(2))
			state_person(fact, arena, person);
		if (roll(3) == 0)
			fact->field[FIELD_FLIGHT] = FIELD_NOTHING;
		else if (roll(2))
			state_flight(fact);
		if (roll(2))
			state_home(fact);
		break;
	case FACT_WITHDRAWN:
		fact->reason = PICK("no_show", "duplicate");
		break;
	case FACT_CHECKED:
		fact->day = roll(2) ? (int)roll(3) : -1;
		state_health(fact);
		break;
	default:
		break;
	}
	return fact;
}

static void print_fact(const struct fact *fact)
{
	char time[WHEN_CAP];
	struct zone *zone = zone_fixed(8 * 3600);
	fprintf(stderr, "  %s %-18s %s %s", fact->stamp.id, fact_type_word(fact->type),
		when_text(fact->stamp.at, zone, time), fact->stamp.source);
	if (fact->ref)
		fprintf(stderr, " %s", fact->ref);
	if (fact->transfer)
		fprintf(stderr, " %s", fact->transfer);
	for (size_t i = 0; i < fact->riders_len; i++)
		fprintf(stderr, " [%s@%d]", fact->riders[i].ref, fact->riders[i].stop);
	for (size_t i = 0; i < fact->stops_len; i++)
		fprintf(stderr, " stop%d:%d%s", fact->stops[i].seq, (int)fact->stops[i].kind,
			fact->stops[i].eta == WHEN_UNKNOWN ? "" : "+eta");
	if (fact->type == FACT_STOP_REACHED)
		fprintf(stderr, " seq=%d n_off=%d", fact->seq, fact->n_off);
	for (size_t i = 0; i < FIELDS; i++) {
		if (fact->field[i])
			fprintf(stderr, " %s=\"%s\"", field_word((enum field)i), fact->field[i]);
	}
	if (fact->temp_tenths)
		fprintf(stderr, " temp=%d", fact->temp_tenths);
	if (fact->symptoms)
		fprintf(stderr, " symptoms=%s", fact->symptoms);
	if (fact->to_code)
		fprintf(stderr, " to=%s", fact->to_code);
	if (fact->to_role)
		fprintf(stderr, " role=%s", fact->to_role);
	if (fact->type == FACT_CHECKED)
		fprintf(stderr, " day=%d", fact->day);
	if (fact->plate)
		fprintf(stderr, " plate=%s", fact->plate);
	fprintf(stderr, "\n");
	zone_free(zone);
}

/* --- Any order --- */

static int told_so_far;

/* Tell FACTS in ORDER under names of their own; what the API then shows of everybody, without the
 * names. */
static const char *tell(struct night *night, struct fact *const *facts, const size_t *order,
			size_t len, int64_t now)
{
	struct fact *told[SET_MAX];
	char suffix[24], source[64];
	struct err err = ERR_INIT;
	const char *all = "";
	struct view view = {.engine = night->engine,
			    .store = night->store,
			    .conf = night->conf,
			    .now = now,
			    .arena = &night->arena};

	snprintf(suffix, sizeof(suffix), SUFFIX "%06d", told_so_far++);
	for (size_t i = 0; i < len; i++)
		told[i] = night_retell(night, facts[order[i]], suffix);
	night_submit_all(night, told, len, now);
	for (size_t s = 0; s < ARRAY_LEN(sources); s++) {
		snprintf(source, sizeof(source), "%s%s", sources[s], suffix);
		for (size_t p = 0; p < PEOPLE; p++) {
			char id[IDENT_CAP];
			struct journey *journey = arena_alloc(&night->arena, sizeof(*journey));
			const struct policy *policy;
			if (night->store->ops->ref_find(night->store, source, refs[p], id, &err) <
				    0 ||
			    !*id)
				continue;
			if (engine_journey(night->engine, id, &night->arena, journey, &policy,
					   &err) < 0)
				fail_msg("%s", err.text);
			cJSON *json = view_journey(&view, journey, policy, true);
			cJSON_DeleteItemFromObject(json, "id");
			cJSON_DeleteItemFromObject(json, "alerts");
			cJSON_DeleteItemFromObject(json, "open_alerts");
			cJSON_AddNumberToObject(json, "last_temp", journey->last_temp_tenths);
			cJSON_AddNumberToObject(json, "fever_temp", journey->fever_tenths);
			cJSON_AddNumberToObject(json, "seen_at", (double)journey->seen_at);
			char *text = cJSON_Print(json);
			for (char *at = text; (at = strstr(at, suffix));)
				memmove(at, at + strlen(suffix), strlen(at + strlen(suffix)) + 1);
			all = arena_printf(&night->arena, "%s%s %s\n%s\n", all, sources[s], refs[p],
					   text);
			cJSON_free(text);
			cJSON_Delete(json);
		}
	}
	return all;
}

static void shuffle(size_t *order, size_t len)
{
	for (size_t i = len; i > 1; i--) {
		unsigned other = roll((unsigned)i);
		size_t kept = order[i - 1];
		order[i - 1] = order[other];
		order[other] = kept;
	}
}

static size_t without(const size_t *order, size_t len, size_t fact, size_t *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < len; i++) {
		if (order[i] != fact)
			out[kept++] = order[i];
	}
	return kept;
}

/* The first line in which two answers differ: what depends on order. */
static void differing(const char *left, const char *right, char *name, size_t cap)
{
	while (*left && *right) {
		size_t a = strcspn(left, "\n"), b = strcspn(right, "\n");
		if (a != b || memcmp(left, right, a) != 0) {
			const char *colon = memchr(left, ':', a);
			size_t len = colon ? (size_t)(colon - left) : a;
			snprintf(name, cap, "%.*s", (int)(len < 60 ? len : 60), left);
			return;
		}
		left += a + (left[a] == '\n');
		right += b + (right[b] == '\n');
	}
	snprintf(name, cap, "length");
}

static bool differ(struct night *night, struct fact *const *facts, const size_t *left,
		   const size_t *right, size_t len, int64_t now, char *name, size_t cap)
{
	const char *a = tell(night, facts, left, len, now);
	const char *b = tell(night, facts, right, len, now);
	if (strcmp(a, b) == 0)
		return false;
	differing(a, b, name, cap);
	return true;
}

static void make_small(struct night *night, struct fact *const *facts, size_t *left, size_t *right,
		       size_t *len, int64_t now, char *name, size_t cap)
{
	for (size_t i = 0; i < *len;) {
		size_t fewer_left[SET_MAX], fewer_right[SET_MAX];
		size_t fewer = without(left, *len, left[i], fewer_left);
		without(right, *len, left[i], fewer_right);
		if (fewer > 0 &&
		    differ(night, facts, fewer_left, fewer_right, fewer, now, name, cap)) {
			memcpy(left, fewer_left, sizeof(fewer_left));
			memcpy(right, fewer_right, sizeof(fewer_right));
			*len = fewer;
			i = 0;
		} else {
			i++;
		}
	}
}

static void any_order_ends_alike(const char *policy, const char *newer)
{
	struct night night;
	unsigned long rounds = from_environment("CLOSEDLOOP_ROUNDS", 160);
	int failures = 0;
	char seen[40][64];
	int seen_len = 0;

	night_open(&night);
	if (policy)
		night_policies(&night, "Asia/Shanghai", policy, newer, at(BASE));
	for (unsigned long round = 0; round < rounds; round++) {
		struct fact *facts[SET_MAX];
		size_t left[SET_MAX], right[SET_MAX], len = 2 + round % (SET_MAX - 1);
		int64_t now = at("2020-03-09T10:00");
		char name[64];

		state_of_dice = from_environment("CLOSEDLOOP_SEED", 1) * 1000003 + round;
		for (size_t i = 0; i < len; i++) {
			facts[i] = random_fact(&night.arena, (unsigned)i, at(BASE));
			left[i] = right[i] = i;
		}
		for (int turn = 0; turn < 4; turn++) {
			shuffle(right, len);
			if (!differ(&night, facts, left, right, len, now, name, sizeof(name)))
				continue;
			make_small(&night, facts, left, right, &len, now, name, sizeof(name));
			failures++;
			bool known = false;
			for (int i = 0; i < seen_len; i++)
				known = known || (strcmp(seen[i], name) == 0);
			if (known || seen_len == 40)
				break;
			snprintf(seen[seen_len++], sizeof(seen[0]), "%s", name);
			fprintf(stderr, "round %lu: %s depends on order:\n", round, name);
			for (size_t i = 0; i < len; i++)
				print_fact(facts[left[i]]);
			fprintf(stderr, "  against");
			for (size_t i = 0; i < len; i++)
				fprintf(stderr, " %s", facts[right[i]]->stamp.id);
			fprintf(stderr, "\n");
			if (getenv("CLOSEDLOOP_SHOW")) {
				const char *a = tell(&night, facts, left, len, now);
				const char *b = tell(&night, facts, right, len, now);
				fprintf(stderr, "<<<\n%s>>>\n%s", a, b);
			}
			break;
		}
		arena_clear(&night.arena);
	}
	assert_int_equal(night_violations(&night, at("2020-03-09T10:00")), 0);
	night_close(&night);
	assert_int_equal(failures, 0);
}

static void random_facts_in_any_order_end_in_the_same_journeys(void **unused)
{
	(void)unused;
	any_order_ends_alike(NULL, NULL);
}

/* Facts that say where she goes and on which day she comes move her from one policy to another. */
static void the_same_under_policies_that_differ_by_day_and_district(void **unused)
{
	(void)unused;
	any_order_ends_alike(
		"{policy: old, in_force_from: 2020-03-01, overrides: [{districts: "
		"['310112101007'], isolation: {days: 10}, transfer: {without_eta: 30m}}, "
		"{districts: ['310112'], isolation: {days: 21}, arrival: {landing_to_gate: 9h}}]}",
		"{policy: newer, in_force_from: 2020-03-09, isolation: {days: 7}, arrival: "
		"{landing_to_gate: 2h}, transfer: {board_within: 1h}}");
}

/* --- No sequence leaves anybody unwatched --- */

#define STEPS_MAX 30

struct act {
	enum {
		ACT_FACT,
		ACT_TIME,
		ACT_ACK,
		ACT_RESOLVE,
		ACT_RULES /* other policies are loaded */
	} what;
	struct fact *fact;
	int64_t ahead; /* of the fact's stamp before now, or time to pass */
	unsigned which;
};

struct watch {
	const char *why;
	char id[IDENT_CAP];
	char more[160];
};

struct alerts {
	struct alert rows[512];
	size_t len;
};

static void note_alert(void *context, const void *row)
{
	struct alerts *alerts = context;
	const struct alert *alert = row;
	if (alert->state != ALERT_RESOLVED && alerts->len < ARRAY_LEN(alerts->rows))
		alerts->rows[alerts->len++] = *alert;
}

static void note_id(void *context, const void *row)
{
	snprintf((char *)context + strlen(context), 4000 - strlen(context), "%s;",
		 (const char *)row);
}

static const char *broken(struct watch *watch, const char *why, const char *id, const char *more)
{
	watch->why = why;
	text_copy(watch->id, sizeof(watch->id), id);
	snprintf(watch->more, sizeof(watch->more), "%s", more);
	return why;
}

/* What holds after every step; NULL or what does not. */
static const char *look(struct night *night, int64_t now, struct watch *watch)
{
	struct err err = ERR_INIT;
	struct alerts *alerts = arena_alloc(&night->arena, sizeof(*alerts));
	int32_t today = when_day(night->conf->zone, now);
	char more[160];

	if (night_violations(night, now) > 0)
		return broken(watch, "census", "", "");
	night->store->ops->alerts_list(night->store, NULL, true, 512, note_alert, alerts, &err);
	for (size_t i = 0; i < alerts->len; i++) {
		const struct alert *alert = &alerts->rows[i];
		char members[4000] = "";
		const struct alert_traits *traits = alert_traits(alert->kind);
		snprintf(more, sizeof(more), "%s %s %s step=%d", traits->word, alert->subject,
			 alert->unit, alert->step);
		if (!traits->informative && alert->next_at == WHEN_NEVER)
			return broken(watch, "an open alert nobody is waited for", "", more);
		night->store->ops->members_of(night->store, alert->id, note_id, members, &err);
		if (alert->kind < ALERT_ID_REUSE && !*members)
			return broken(watch, "an open alert without members", "", more);
	}
	for (size_t s = 0; s < ARRAY_LEN(sources); s++) {
		for (size_t p = 0; p < PEOPLE; p++) {
			struct journey *journey = arena_alloc(&night->arena, sizeof(*journey));
			struct plan *plan = arena_alloc(&night->arena, sizeof(*plan));
			const struct policy *policy;
			char id[IDENT_CAP];
			if (night->store->ops->ref_find(night->store, sources[s], refs[p], id,
							&err) < 0 ||
			    !*id)
				continue;
			if (engine_journey(night->engine, id, &night->arena, journey, &policy,
					   &err) < 0)
				fail_msg("%s", err.text);
			plan_make(journey, policy, night->conf->zone, now, &night->arena, plan);
			snprintf(more, sizeof(more), "%s", stage_word(journey->stage));
			if (!stage_ended(journey->stage) && plan->history &&
			    journey->stage >= STAGE_IN_TRANSFER)
				return broken(watch, "history although not ended", id, more);
			if (!stage_ended(journey->stage) && !plan->history &&
			    !text_equal(
				    journey->policy,
				    ruling_of(night->conf, journey, today, &night->arena)->hash))
				return broken(watch, "goes by another policy than hers", id, more);
			for (size_t i = 0; i < journey->joined_len; i++) {
				struct joined *joined = &journey->joined[i];
				struct alert alert;
				char members[4000] = "";
				bool found;
				snprintf(more, sizeof(more), "%s %s %s",
					 alert_traits(joined->kind)->word, joined->subject,
					 joined->unit);
				night->store->ops->alert_find(night->store, joined->kind,
							      joined->subject, joined->unit, &alert,
							      &found, &err);
				if (!found)
					return broken(watch, "joined, and no such alert is open",
						      id, more);
				night->store->ops->members_of(night->store, alert.id, note_id,
							      members, &err);
				if (!strstr(members, id))
					return broken(watch, "joined, and not its member", id,
						      more);
			}
			for (size_t i = 0; i < plan->wants_len; i++) {
				const struct want *want = &plan->wants[i];
				bool has = false;
				for (size_t k = 0; k < journey->joined_len; k++)
					has = has || journey->joined[k].kind == want->kind;
				snprintf(more, sizeof(more), "%s %s",
					 alert_traits(want->kind)->word, want->subject);
				if (!has)
					return broken(watch, "wanted and not joined", id, more);
			}
		}
	}
	return NULL;
}

static struct fact *human_fact(struct arena *arena, unsigned number)
{
	static const enum fact_type types[] = {FACT_ACCEPTED, FACT_TASK_ENDED, FACT_ASSIGNED,
					       FACT_EXTENDED, FACT_RELEASED,   FACT_CLOSED,
					       FACT_ACCEPTED, FACT_ASSIGNED};
	struct fact *fact = random_fact(arena, number, 0);
	*fact = (struct fact){
		.type = types[roll(ARRAY_LEN(types))],
		.stamp = {.rank = 3, .sequence = "", .id = fact->stamp.id, .source = sources[0]},
		.body = "{}",
		.body_len = 2,
		.warnings = "",
		.feed_unit = "",
		.ref = refs[roll(PEOPLE)],
		.by = "somebody",
		.flight_sched = WHEN_UNKNOWN,
		.flight_est = WHEN_UNKNOWN,
		.flight_act = WHEN_UNKNOWN,
		.day = -1,
		.n_off = -1};
	if (fact->type == FACT_TASK_ENDED) {
		fact->task = PICK("inspect_home", "disinfect");
		fact->outcome = PICK("done", "failed");
	}
	if (fact->type == FACT_ASSIGNED)
		fact->field[FIELD_ASSIGNED] = PICK(COMMITTEE, OTHER_COMMITTEE);
	if (fact->type == FACT_EXTENDED)
		fact->field[FIELD_EXTENSION] = "3";
	if (roll(2))
		fact->reason = "because";
	return fact;
}

static void random_act(struct arena *arena, unsigned number, struct act *act)
{
	static const int64_t spans[] = {WHEN_MINUTE,   20 * WHEN_MINUTE, WHEN_HOUR,   5 * WHEN_HOUR,
					9 * WHEN_HOUR, WHEN_DAY,	 WHEN_MINUTE, WHEN_HOUR,
					3 * WHEN_HOUR, 15 * WHEN_DAY};
	*act = (struct act){.which = roll(1000)};
	switch (roll(10)) {
	case 0:
	case 1:
		act->what = ACT_TIME;
		act->ahead = spans[roll(ARRAY_LEN(spans))];
		break;
	case 2:
	case 3:
		act->what = roll(2) ? ACT_ACK : ACT_RESOLVE;
		break;
	case 4:
		act->fact = human_fact(arena, number);
		break;
	case 5:
		act->what = ACT_RULES;
		break;
	default:
		act->fact = random_fact(arena, number, 0);
		act->ahead = roll(3) ? 0 : spans[roll(6)];
		break;
	}
}

/* What may be in force: one policy, one with overrides, one that takes over at a midnight ahead. */
static void load_rules(struct night *night, unsigned which, int64_t now)
{
	static const struct {
		const char *first, *second;
	} rules[] = {
		{"{policy: a, in_force_from: 2020-03-01}", NULL},
		{"{policy: a, in_force_from: 2020-03-01, overrides: [{districts: ['310112'], "
		 "isolation: {days: 2}, release: {full_days: 0}, transfer: {register_within: "
		 "1h}}]}",
		 NULL},
		{"{policy: a, in_force_from: 2020-03-01}",
		 "{policy: b, in_force_from: 2020-03-10, applies_to: open_journeys, isolation: "
		 "{days: 1}, release: {full_days: 0}, checks: {evening: {from: '16:00', to: "
		 "'24:00'}}, overrides: [{districts: ['310112101007'], checklist: []}]}"},
	};

	which %= ARRAY_LEN(rules);
	night_policies(night, "Asia/Shanghai", rules[which].first, rules[which].second, now);
}

static void print_act(const struct act *act)
{
	char span[WHEN_CAP];
	if (act->what == ACT_FACT) {
		fprintf(stderr, "  -%s", when_duration_text(act->ahead, span));
		print_fact(act->fact);
	} else {
		fprintf(stderr, "  %s %s %u\n",
			act->what == ACT_TIME	 ? "time"
			: act->what == ACT_ACK	 ? "ack"
			: act->what == ACT_RULES ? "rules"
						 : "resolve",
			act->what == ACT_TIME ? when_duration_text(act->ahead, span) : "",
			act->which);
	}
}

static const char *play(struct night *night, const struct act *acts, size_t len,
			struct watch *watch)
{
	struct err err = ERR_INIT;
	int64_t now = at("2020-03-08T12:00");
	load_rules(night, 0, now);
	for (size_t i = 0; i < len; i++) {
		const struct act *act = &acts[i];
		struct fact_result result;
		if (act->what == ACT_TIME) {
			now += act->ahead;
		} else if (act->what == ACT_RULES) {
			load_rules(night, act->which, now);
		} else if (act->what == ACT_FACT) {
			struct fact fact = *act->fact;
			struct fact *one = &fact;
			int64_t shift = now - act->ahead - fact.stamp.at;
			fact.stamp.at = now - act->ahead;
			if (fact.flight_act != WHEN_UNKNOWN)
				fact.flight_act += shift;
			if (fact.flight_sched != WHEN_UNKNOWN)
				fact.flight_sched = now;
			fact.stops = arena_alloc(&night->arena,
						 (fact.stops_len + 1) * sizeof(*fact.stops));
			for (size_t k = 0; k < fact.stops_len; k++) {
				fact.stops[k] = act->fact->stops[k];
				if (fact.stops[k].eta != WHEN_UNKNOWN)
					fact.stops[k].eta += shift;
			}
			if (!fact.ref && fact.type != FACT_DEPARTED && fact.type != FACT_ETA &&
			    fact.type != FACT_STOP_REACHED && fact.type != FACT_FLIGHT_UPDATED)
				continue;
			if (fact.type >= FACT_ACCEPTED) {
				char id[IDENT_CAP];
				if (night->store->ops->ref_find(night->store, sources[0], fact.ref,
								id, &err) < 0 ||
				    !*id)
					continue;
				fact.journey = arena_copy(&night->arena, id);
				fact.ref = NULL;
			}
			if (engine_submit(night->engine, &one, 1, NULL, 0, now, &result, &err) < 0)
				return broken(watch, "submit failed", "", err.text);
		} else {
			struct alerts *alerts = arena_alloc(&night->arena, sizeof(*alerts));
			night->store->ops->alerts_list(night->store, NULL, true, 512, note_alert,
						       alerts, &err);
			if (alerts->len == 0)
				continue;
			struct fact *answer = human_fact(&night->arena, (unsigned)i);
			answer->type =
				act->what == ACT_ACK ? FACT_ALERT_ACKED : FACT_ALERT_RESOLVED;
			answer->ref = NULL;
			answer->stamp.at = now;
			answer->stamp.id = arena_printf(&night->arena, "h%zu", i);
			memset(answer->field, 0, sizeof(answer->field));
			answer->alert = alerts->rows[act->which % alerts->len].id;
			answer->outcome = "checked";
			if (engine_submit(night->engine, &answer, 1, NULL, 0, now, &result, &err) <
			    0)
				return broken(watch, "submit failed", "", err.text);
		}
		night_pass(night, now);
		if (look(night, now, watch))
			return watch->why;
	}
	return NULL;
}

static const char *play_fresh(const struct act *acts, size_t len, struct watch *watch)
{
	static struct night night;
	static bool open;
	struct err err = ERR_INIT;
	char path[128];
	if (!open)
		night_open(&night);
	open = true;
	/* A new store each time; conf and gazetteer stay. */
	static int stores;
	engine_free(night.engine);
	night.store->ops->close(night.store);
	vault_close(&night.vault);
	snprintf(path, sizeof(path), "/dev/shm/rnd%d_%d.db", (int)getpid(), stores++);
	if (vault_store(&night.vault, &night.store, path, NULL, &err) < 0)
		fail_msg("%s", err.text);
	struct engine_setup setup = {.store = night.store,
				     .conf = night.conf,
				     .gazetteer = night.gazetteer,
				     .ack = &links,
				     .entropy = &night.entropy};
	night.engine = engine_new(&setup);
	const char *why = play(&night, acts, len, watch);
	arena_clear(&night.arena);
	static const char *const ends[] = {"", "-wal", "-shm", ".keys", ".keys-wal", ".keys-shm"};
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char file[160];
		snprintf(file, sizeof(file), "%s%s", path, ends[i]);
		unlink(file);
	}
	return why;
}

static void no_random_sequence_leaves_anybody_unwatched(void **unused)
{
	(void)unused;
	unsigned long rounds = from_environment("CLOSEDLOOP_LOOP_ROUNDS", 8);
	struct arena arena = ARENA_INIT;
	char seen[20][200];
	int seen_len = 0, failures = 0;

	for (unsigned long round = 0; round < rounds; round++) {
		struct act acts[STEPS_MAX];
		size_t len = STEPS_MAX;
		struct watch watch = {0};
		state_of_dice = from_environment("CLOSEDLOOP_SEED", 1) * 7000003 + round;
		for (size_t i = 0; i < len; i++)
			random_act(&arena, (unsigned)i, &acts[i]);
		const char *why = play_fresh(acts, len, &watch);
		if (!why)
			continue;
		failures++;
		char key[200];
		snprintf(key, sizeof(key), "%s %.12s", why, watch.more);
		bool known = false;
		for (int i = 0; i < seen_len; i++)
			known = known || strcmp(seen[i], key) == 0;
		if (known || seen_len == 20)
			continue;
		snprintf(seen[seen_len++], sizeof(seen[0]), "%s", key);
		for (size_t i = 0; i < len;) {
			struct act fewer[STEPS_MAX];
			struct watch again = {0};
			memcpy(fewer, acts, sizeof(acts));
			memmove(&fewer[i], &fewer[i + 1], (len - i - 1) * sizeof(fewer[0]));
			const char *still = play_fresh(fewer, len - 1, &again);
			if (still && strcmp(still, why) == 0) {
				memcpy(acts, fewer, sizeof(acts));
				len--;
				watch = again;
			} else {
				i++;
			}
		}
		fprintf(stderr, "round %lu: %s: %s %s\n", round, watch.why, watch.id, watch.more);
		for (size_t i = 0; i < len; i++)
			print_act(&acts[i]);
	}
	arena_release(&arena);
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_facts_in_any_order_end_in_the_same_journeys),
		cmocka_unit_test(the_same_under_policies_that_differ_by_day_and_district),
		cmocka_unit_test(no_random_sequence_leaves_anybody_unwatched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
