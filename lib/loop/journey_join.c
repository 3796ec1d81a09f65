/* journey_join.c — a fact's statements enter a journey's registers. Every register only joins
 * (greatest stamp, earliest time, union), so order and repetition of facts cannot matter.
 * Neighbours: journey.c adds the registers up. */
#include "closedloop/journey.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

static void join_field(struct journey *journey, enum field field, const char *value,
		       const struct stamp *stamp)
{
	if (!value)
		return;
	if (journey->field[field] && stamp_compare(stamp, &journey->stamp[field]) <= 0)
		return;
	journey->field[field] = value;
	journey->stamp[field] = *stamp;
}

static void join_min(int64_t *at, int64_t other)
{
	if (other < *at)
		*at = other;
}

static void join_max(int64_t *at, int64_t other)
{
	if (other > *at)
		*at = other;
}

static void join_mark(struct mark *mark, const struct mark *other)
{
	if (other->stamp.at == WHEN_UNKNOWN)
		return;
	if (mark->stamp.at == WHEN_UNKNOWN || stamp_compare(&other->stamp, &mark->stamp) > 0)
		*mark = *other;
}

static void join_leg(struct journey *journey, const struct leg *leg)
{
	struct leg *place = NULL;
	for (size_t i = 0; i < journey->legs_len; i++) {
		if (text_equal(journey->legs[i].transfer, leg->transfer))
			place = &journey->legs[i];
	}
	if (!place && journey->legs_len < JOURNEY_LEGS_MAX)
		place = &journey->legs[journey->legs_len++];
	if (!place) {
		/* More vehicles than anybody rides: the oldest is history. */
		place = &journey->legs[0];
		for (size_t i = 1; i < journey->legs_len; i++) {
			if (journey->legs[i].departed_at < place->departed_at)
				place = &journey->legs[i];
		}
		if (leg->departed_at <= place->departed_at)
			return;
	}
	*place = *leg;
}

static int check_order(const struct check_entry *left, const struct check_entry *right)
{
	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	if (left->evening != right->evening)
		return left->evening - right->evening;
	if (left->stated != right->stated)
		return left->stated - right->stated;
	if (left->slot_stated != right->slot_stated)
		return (int)left->slot_stated - (int)right->slot_stated;
	if (left->sign != right->sign)
		return (int)left->sign - (int)right->sign;
	return left->at < right->at ? -1 : left->at > right->at;
}

/* Insert ENTRY into the sorted set. A full set keeps what it has: 160 entries are five weeks of
 * honest checking. */
static void join_check(struct journey *journey, const struct check_entry *entry)
{
	size_t at = 0;
	while (at < journey->checks_len && check_order(&journey->checks[at], entry) < 0)
		at++;
	if (at < journey->checks_len && check_order(&journey->checks[at], entry) == 0)
		return;
	if (journey->checks_len == JOURNEY_CHECKS_MAX)
		return;
	memmove(&journey->checks[at + 1], &journey->checks[at],
		(journey->checks_len - at) * sizeof(*entry));
	journey->checks[at] = *entry;
	journey->checks_len++;
}

/* Insert AT into the sorted set; a full one gives up the oldest. */
static void join_pill(struct journey *journey, int64_t at)
{
	size_t place = journey->pills_len;
	while (place > 0 && journey->pills[place - 1] > at)
		place--;
	if (place > 0 && journey->pills[place - 1] == at)
		return;
	if (journey->pills_len == JOURNEY_PILLS_MAX) {
		if (place == 0)
			return;
		memmove(&journey->pills[0], &journey->pills[1],
			(place - 1) * sizeof(journey->pills[0]));
		journey->pills[place - 1] = at;
		return;
	}
	memmove(&journey->pills[place + 1], &journey->pills[place],
		(journey->pills_len - place) * sizeof(journey->pills[0]));
	journey->pills[place] = at;
	journey->pills_len++;
}

static void join_task(struct journey *journey, const struct task_mark *mark)
{
	for (size_t i = 0; i < journey->tasks_len; i++) {
		struct task_mark *old = &journey->tasks[i];
		if (!text_equal(old->name, mark->name))
			continue;
		if (stamp_compare(&mark->stamp, &old->stamp) > 0)
			*old = *mark;
		return;
	}
	if (journey->tasks_len < POLICY_TASKS_MAX)
		journey->tasks[journey->tasks_len++] = *mark;
}

/* Whether FACT tells of fever or a listed symptom. */
static bool is_sign(const struct fact *fact, const struct policy *policy, struct arena *arena)
{
	bool sign = fact->temp_tenths && policy_is_fever(policy, fact->temp_tenths);
	char *list = arena_copy(arena, fact->symptoms ? fact->symptoms : "");
	char *rest = list;

	while (rest && *rest) {
		char *comma = strchr(rest, ',');
		if (comma)
			*comma = '\0';
		sign = sign || policy_is_symptom(policy, rest);
		rest = comma ? comma + 1 : NULL;
	}
	return sign;
}

static void join_health(struct journey *journey, const struct fact *fact,
			const struct policy *policy, struct arena *arena)
{
	if (fact->antipyretic)
		join_pill(journey, fact->stamp.at);
	if (is_sign(fact, policy, arena) &&
	    (fact->stamp.at > journey->fever_at ||
	     (fact->stamp.at == journey->fever_at && fact->temp_tenths > journey->fever_tenths))) {
		journey->fever_at = fact->stamp.at;
		journey->fever_tenths = fact->temp_tenths;
	}
}

static void join_checked(struct journey *journey, const struct fact *fact,
			 const struct policy *policy, const struct zone *zone, struct arena *arena)
{
	struct check_entry entry = {
		.at = fact->stamp.at,
		.sign = is_sign(fact, policy, arena),
		.day = when_day(zone, fact->stamp.at),
		.time = (int32_t)when_time_of_day(zone, fact->stamp.at),
		.stated = fact->day >= 0 && fact->day <= JOURNEY_DAYS_MAX ? (int8_t)fact->day : -1,
	};
	if (fact->slot) {
		entry.evening = text_equal(fact->slot, "evening");
		entry.slot_stated = true;
	}
	join_check(journey, &entry);
	if (fact->stamp.at > journey->last_check || (fact->stamp.at == journey->last_check &&
						     fact->temp_tenths > journey->last_temp_tenths))
		journey->last_temp_tenths = fact->temp_tenths;
	join_max(&journey->last_check, fact->stamp.at);
}

/* A hand-over to an escort, a driver or a desk is one between vehicles; only one at a home starts
 * isolation. */
static bool is_home_handover(const struct fact *fact)
{
	static const char *const under_way[] = {"desk", "escort", "driver", "hospital"};
	for (size_t i = 0; i < ARRAY_LEN(under_way); i++) {
		if (text_equal(fact->to_role, under_way[i]))
			return false;
	}
	return true;
}

/* Who took her in does not say that it was a home: a hospital, or somebody named only. */
static bool may_be_elsewhere(const struct fact *fact)
{
	bool unit = fact->to_code && strlen(fact->to_code) == UNIT_CODE_MAX;
	return text_equal(fact->to_role, "hospital") || (!fact->to_role && !unit);
}

static void join_handover(struct journey *journey, const struct fact *fact)
{
	if (may_be_elsewhere(fact))
		join_max(&journey->delivered_last, fact->stamp.at);
	if (!is_home_handover(fact))
		return;
	if (!may_be_elsewhere(fact))
		join_max(&journey->at_home_last, fact->stamp.at);
	join_min(&journey->handed_over_at, fact->stamp.at);
	if (fact->stamp.at > journey->handed_over_last ||
	    (fact->stamp.at == journey->handed_over_last &&
	     text_compare(fact->to_code, journey->handed_to) > 0))
		journey->handed_to = fact->to_code;
	join_max(&journey->handed_over_last, fact->stamp.at);
}

static void join_accepted(struct journey *journey, const struct fact *fact)
{
	if (fact->stamp.at < journey->accepted_at)
		journey->accepted_by = fact->by;
	join_min(&journey->accepted_at, fact->stamp.at);
	if (fact->stamp.at >= journey->accepted_last)
		journey->accepted_unit = fact->to_code;
	join_max(&journey->accepted_last, fact->stamp.at);
}

static void join_refusal(struct journey *journey, const struct mark *mark, const char *unit)
{
	if (mark->stamp.at == WHEN_UNKNOWN ||
	    (journey->refused.stamp.at != WHEN_UNKNOWN &&
	     stamp_compare(&mark->stamp, &journey->refused.stamp) <= 0))
		return;
	journey->refused = *mark;
	journey->refused_unit = unit;
}

static void join_leave(struct journey *journey, const struct leave *leave)
{
	if (leave->stamp.at == WHEN_UNKNOWN)
		return;
	if (journey->left.stamp.at == WHEN_UNKNOWN ||
	    stamp_compare(&leave->stamp, &journey->left.stamp) > 0)
		journey->left = *leave;
}

static void join_flight(struct journey *journey, const struct flight *flight)
{
	if (flight && text_equal(flight->key, journey->field[FIELD_FLIGHT]))
		journey->flight = *flight;
	else if (!text_equal(journey->flight.key, journey->field[FIELD_FLIGHT]))
		journey->flight = (struct flight){.sched = WHEN_UNKNOWN,
						  .est = WHEN_UNKNOWN,
						  .act = WHEN_UNKNOWN};
}

/* What the fact says about her way, by type. */
static void join_way(struct journey *journey, const struct fact *fact, const struct policy *policy,
		     const struct zone *zone, struct arena *arena)
{
	struct mark mark = {.stamp = fact->stamp, .reason = fact->reason, .by = fact->by};
	int64_t at = fact->stamp.at;

	switch (fact->type) {
	case FACT_TRIAGED:
		join_min(&journey->triaged_at, at);
		break;
	case FACT_REGISTERED:
		join_min(&journey->registered_at, at);
		break;
	case FACT_HANDED_OVER:
		join_handover(journey, fact);
		break;
	case FACT_ACCEPTED:
		join_accepted(journey, fact);
		break;
	case FACT_CHECKED:
		join_checked(journey, fact, policy, zone, arena);
		break;
	case FACT_WITHDRAWN:
		join_mark(&journey->withdrawn, &mark);
		break;
	case FACT_RELEASED:
		join_mark(&journey->released, &mark);
		break;
	case FACT_CLOSED:
		join_mark(&journey->closed, &mark);
		break;
	case FACT_REFUSED:
		join_refusal(journey, &mark, fact->to_code);
		break;
	case FACT_EXPOSED:
		join_max(&journey->exposed_at, at);
		break;
	case FACT_LEFT:
		join_leave(journey, &(struct leave){.stamp = fact->stamp,
						    .until = fact->until,
						    .by = fact->by});
		break;
	case FACT_RETURNED:
		join_max(&journey->returned_at, at);
		break;
	case FACT_TASK_ENDED:
		join_task(journey,
			  &(struct task_mark){.name = fact->task,
					      .stamp = fact->stamp,
					      .failed = text_equal(fact->outcome, "failed"),
					      .outcome = fact->outcome,
					      .by = fact->by,
					      .home = journey->field[FIELD_HOME]});
		break;
	case FACT_ANNOUNCED:
	case FACT_DEPARTED:
	case FACT_ETA:
	case FACT_STOP_REACHED:
	case FACT_REDIRECTED:
	case FACT_CORRECTED:
	case FACT_FLIGHT_UPDATED:
	case FACT_HEARTBEAT:
	case FACT_ASSIGNED:
	case FACT_EXTENDED:
	case FACT_ALERT_ACKED:
	case FACT_ALERT_RESOLVED:
	case FACT_SILENCED:
	case FACT_SILENCE_ENDED:
	case FACT_ALIAS_UNDONE:
	case FACT_ERASED:
	case FACT_HOUSEHOLD:
	case FACT_DUE:
	case FACT_TYPES:
		break;
	}
}

static bool is_sighting(enum fact_type type)
{
	return type == FACT_ANNOUNCED || type == FACT_TRIAGED || type == FACT_REGISTERED ||
	       type == FACT_DEPARTED || type == FACT_HANDED_OVER || type == FACT_ACCEPTED ||
	       type == FACT_CHECKED;
}

/* Facts about a vehicle or a flight reach whoever is known to be on it by then; they must not date
 * her. */
static bool is_about_her(enum fact_type type)
{
	return type != FACT_ETA && type != FACT_STOP_REACHED && type != FACT_FLIGHT_UPDATED;
}

/* Who answers while no district is known: the unit of the feed that spoke first, by the time of
 * what it said. */
static void join_feed_unit(struct journey *journey, const char *unit, const struct stamp *stamp)
{
	if (!unit || !*unit || stamp->at == WHEN_UNKNOWN)
		return;
	if (journey->feed_stamp.at != WHEN_UNKNOWN &&
	    stamp_compare(stamp, &journey->feed_stamp) >= 0)
		return;
	journey->feed_unit = unit;
	journey->feed_stamp = *stamp;
}

void journey_join(struct journey *journey, const struct fact *fact, const struct leg *leg,
		  const struct flight *flight, const struct policy *policy, const struct zone *zone,
		  struct arena *arena)
{
	bool flight_wins = fact->field[FIELD_FLIGHT] &&
			   (!journey->field[FIELD_FLIGHT] ||
			    stamp_compare(&fact->stamp, &journey->stamp[FIELD_FLIGHT]) > 0);

	for (size_t i = 0; i < FIELDS; i++)
		join_field(journey, (enum field)i, fact->field[i], &fact->stamp);
	if (flight_wins)
		journey->flight_sched = fact->flight_sched;
	if (leg)
		join_leg(journey, leg);
	join_flight(journey, flight);
	join_health(journey, fact, policy, arena);
	join_way(journey, fact, policy, zone, arena);
	if (is_about_her(fact->type))
		join_min(&journey->first_at, fact->stamp.at);
	if (is_sighting(fact->type))
		join_max(&journey->seen_at, fact->stamp.at);
	if (is_about_her(fact->type))
		join_feed_unit(journey, fact->feed_unit, &fact->stamp);
}

/* One person under two names on one list: on the vehicle is who is on it under either. */
static void merge_leg(struct journey *journey, const struct leg *leg)
{
	for (size_t i = 0; i < journey->legs_len; i++) {
		const struct leg *ours = &journey->legs[i];
		if (!text_equal(ours->transfer, leg->transfer))
			continue;
		if (ours->off == leg->off ? leg->stop >= ours->stop : leg->off)
			return;
	}
	join_leg(journey, leg);
}

static void merge_told(struct journey *journey, const struct told *told)
{
	for (size_t i = 0; i < journey->told_len; i++) {
		if (text_equal(journey->told[i].unit, told->unit))
			return;
	}
	if (journey->told_len < JOURNEY_TOLD_MAX)
		journey->told[journey->told_len++] = *told;
}

void journey_merge(struct journey *journey, const struct journey *other)
{
	bool flight_wins =
		other->field[FIELD_FLIGHT] &&
		(!journey->field[FIELD_FLIGHT] ||
		 stamp_compare(&other->stamp[FIELD_FLIGHT], &journey->stamp[FIELD_FLIGHT]) > 0);

	for (size_t i = 0; i < FIELDS; i++)
		join_field(journey, (enum field)i, other->field[i], &other->stamp[i]);
	if (flight_wins) {
		journey->flight_sched = other->flight_sched;
		journey->flight = other->flight;
	}
	for (size_t i = 0; i < other->legs_len; i++)
		merge_leg(journey, &other->legs[i]);
	for (size_t i = 0; i < other->checks_len; i++)
		join_check(journey, &other->checks[i]);
	for (size_t i = 0; i < other->pills_len; i++)
		join_pill(journey, other->pills[i]);
	for (size_t i = 0; i < other->tasks_len; i++)
		join_task(journey, &other->tasks[i]);
	for (size_t i = 0; i < other->told_len; i++)
		merge_told(journey, &other->told[i]);
	join_mark(&journey->withdrawn, &other->withdrawn);
	join_mark(&journey->released, &other->released);
	join_mark(&journey->closed, &other->closed);
	join_refusal(journey, &other->refused, other->refused_unit);
	join_leave(journey, &other->left);
	join_max(&journey->returned_at, other->returned_at);
	join_max(&journey->exposed_at, other->exposed_at);
	join_max(&journey->delivered_last, other->delivered_last);
	join_max(&journey->at_home_last, other->at_home_last);
	join_min(&journey->first_at, other->first_at);
	join_max(&journey->seen_at, other->seen_at);
	join_min(&journey->triaged_at, other->triaged_at);
	join_min(&journey->registered_at, other->registered_at);
	join_min(&journey->handed_over_at, other->handed_over_at);
	if (other->handed_over_last > journey->handed_over_last && other->handed_to)
		journey->handed_to = other->handed_to;
	join_max(&journey->handed_over_last, other->handed_over_last);
	if (other->accepted_at < journey->accepted_at)
		journey->accepted_by = other->accepted_by;
	join_min(&journey->accepted_at, other->accepted_at);
	if (other->accepted_last > journey->accepted_last)
		journey->accepted_unit = other->accepted_unit;
	join_max(&journey->accepted_last, other->accepted_last);
	if (other->last_check > journey->last_check ||
	    (other->last_check == journey->last_check &&
	     other->last_temp_tenths > journey->last_temp_tenths))
		journey->last_temp_tenths = other->last_temp_tenths;
	join_max(&journey->last_check, other->last_check);
	if (other->fever_at > journey->fever_at)
		journey->fever_tenths = other->fever_tenths;
	join_max(&journey->fever_at, other->fever_at);
	for (size_t i = 0; i < ALERT_KINDS; i++) {
		if (other->resolved_at[i] > journey->resolved_at[i])
			journey->resolved_subject[i] = other->resolved_subject[i];
		join_max(&journey->resolved_at[i], other->resolved_at[i]);
	}
	join_feed_unit(journey, other->feed_unit, &other->feed_stamp);
	journey->current = journey->current || other->current;
}
