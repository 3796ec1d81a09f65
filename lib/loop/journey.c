/* journey.c — what a journey's registers add up to: stage, committee, holder, ETA, the days of
 * isolation. Neighbours: journey_join.c fills the registers, journey_pack.c keeps them, plan.c says
 * what is owed. */
#include "closedloop/journey.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"
#include "closedloop/transfer.h"

struct stage_row {
	const char *word;
	bool ended; /* Nothing is owed any more. */
};

static const struct stage_row stages[] = {
	[STAGE_ANNOUNCED] = {"announced", false},   [STAGE_TRIAGED] = {"triaged", false},
	[STAGE_REGISTERED] = {"registered", false}, [STAGE_IN_TRANSFER] = {"in_transfer", false},
	[STAGE_ARRIVED] = {"arrived", false},	    [STAGE_ISOLATING] = {"isolating", false},
	[STAGE_RELEASED] = {"released", true},	    [STAGE_REDIRECTED] = {"redirected", true},
	[STAGE_WITHDRAWN] = {"withdrawn", true},    [STAGE_CLOSED] = {"closed", true},
};
_Static_assert(ARRAY_LEN(stages) == STAGES, "the last stage lacks its row");

const char *stage_word(enum stage stage)
{
	assert(stage < STAGES);
	return stages[stage].word;
}

int stage_of(const char *word)
{
	for (size_t i = 0; i < STAGES; i++) {
		if (text_equal(stages[i].word, word))
			return (int)i;
	}
	return -1;
}

bool stage_ended(enum stage stage)
{
	assert(stage < STAGES);
	return stages[stage].ended;
}

void journey_init(struct journey *journey, const char *id, const char *feed_unit)
{
	memset(journey, 0, sizeof(*journey));
	text_copy(journey->id, sizeof(journey->id), id);
	journey->feed_unit = feed_unit ? feed_unit : "";
	journey->first_at = WHEN_NEVER;
	journey->seen_at = WHEN_UNKNOWN;
	journey->triaged_at = journey->registered_at = WHEN_NEVER;
	journey->handed_over_at = journey->accepted_at = WHEN_NEVER;
	journey->handed_over_last = journey->accepted_last = WHEN_UNKNOWN;
	journey->at_home_last = journey->delivered_last = WHEN_UNKNOWN;
	journey->exposed_at = journey->household_at = WHEN_UNKNOWN;
	journey->refused.stamp.at = journey->left.stamp.at = journey->returned_at = WHEN_UNKNOWN;
	journey->left.until = WHEN_UNKNOWN;
	journey->flight_sched = WHEN_UNKNOWN;
	journey->flight.sched = journey->flight.est = journey->flight.act = WHEN_UNKNOWN;
	journey->withdrawn.stamp.at = WHEN_UNKNOWN;
	journey->released.stamp.at = WHEN_UNKNOWN;
	journey->closed.stamp.at = WHEN_UNKNOWN;
	journey->last_check = WHEN_UNKNOWN;
	journey->fever_at = WHEN_UNKNOWN;
	for (size_t i = 0; i < ALERT_KINDS; i++)
		journey->resolved_at[i] = WHEN_UNKNOWN;
	journey->feed_stamp.at = WHEN_UNKNOWN;
	journey->conflict_at = WHEN_UNKNOWN;
	journey->day0 = INT32_MIN;
	journey->in_transfer_at = journey->arrived_at = WHEN_NEVER;
	journey->eta = journey->eta_guess = WHEN_UNKNOWN;
	journey->start = journey->ends_at = journey->judged_at = journey->sent_on_at = WHEN_NEVER;
	journey->holder = "";
}

/* The field's value, or NULL when nobody stated one. */
static const char *stated(const struct journey *journey, enum field field)
{
	const char *value = journey->field[field];
	return value && *value ? value : NULL;
}

/* The current leg is the one that left last: a second departure supersedes the first (feeds.md §3).
 */
static void settle_legs(struct journey *journey)
{
	journey->leg = NULL;
	journey->in_transfer_at = journey->arrived_at = WHEN_NEVER;
	for (size_t i = 0; i < journey->legs_len; i++) {
		const struct leg *leg = &journey->legs[i];
		if (leg->off || leg->departed_at == WHEN_UNKNOWN)
			continue;
		if (leg->departed_at < journey->in_transfer_at)
			journey->in_transfer_at = leg->departed_at;
		if (!journey->leg || leg->departed_at > journey->leg->departed_at ||
		    (leg->departed_at == journey->leg->departed_at &&
		     strcmp(leg->transfer, journey->leg->transfer) > 0))
			journey->leg = leg;
	}
	const struct leg *leg = journey->leg;
	bool gate = leg && leg->kind != STOP_RELAY && leg->kind != STOP_TEST_CENTRE;
	if (gate)
		journey->arrived_at = leg->reached_at;
}

static bool is_home(const struct journey *journey)
{
	return !journey->disposition || text_equal(journey->disposition, "home");
}

/* Where she is to go: as ordered last. A vehicle that takes her to a central site or a hospital is
 * such an order by itself; a sticker is one by the policy's table while nobody has said more.
 * *ORDERED_AT: when. */
static const char *settle_disposition(struct journey *journey, const struct policy *policy,
				      int64_t *ordered_at)
{
	const struct leg *leg = journey->leg;
	const char *disposition = stated(journey, FIELD_DISPOSITION);
	const char *sticker = stated(journey, FIELD_STICKER);

	*ordered_at = journey->stamp[FIELD_DISPOSITION].at;
	if (leg && (leg->kind == STOP_CENTRAL_SITE || leg->kind == STOP_HOSPITAL) &&
	    (!disposition || *ordered_at < leg->departed_at)) {
		*ordered_at = leg->departed_at;
		return leg->kind == STOP_HOSPITAL ? "hospital" : "central";
	}
	if (!disposition && sticker) {
		*ordered_at = journey->stamp[FIELD_STICKER].at;
		return policy_sticker(policy, sticker);
	}
	return disposition;
}

/* When LEG should be at its stop; an ETA that no vehicle needs (a wrong day, a wrong year) is none.
 */
static int64_t leg_eta(const struct leg *leg, const struct policy *policy, bool *stated_one)
{
	*stated_one = leg->eta != WHEN_UNKNOWN && leg->eta <= leg->departed_at + TRANSFER_RUN_MAX;
	return *stated_one ? leg->eta : leg->departed_at + policy->transfer_without_eta;
}

/* A vehicle may be so much early at the gate. */
#define ACCEPT_EARLY (30 * WHEN_MINUTE)

/* A committee that says "we take her" while the vehicle is far away is ready, but does not have
 * her: until she is at the gate she stays on the road, and the road is watched. */
static bool is_accepted_early(const struct journey *journey, const struct policy *policy)
{
	const struct leg *leg = journey->leg;
	bool stated_one;

	return leg && leg->kind != STOP_RELAY && leg->kind != STOP_TEST_CENTRE &&
	       leg->reached_at == WHEN_NEVER && journey->handed_over_at == WHEN_NEVER &&
	       journey->accepted_last < leg_eta(leg, policy, &stated_one) - ACCEPT_EARLY;
}

static int64_t latest(int64_t left, int64_t right)
{
	return left > right ? left : right;
}

/* The committee's refusal holds until it accepts after all, somebody claims another hand-over, or
 * another committee is hers. */
static bool is_refused(const struct journey *journey)
{
	int64_t at = journey->refused.stamp.at;

	return at != WHEN_UNKNOWN && at > journey->accepted_last &&
	       at >= journey->handed_over_last &&
	       (!journey->refused_unit || text_equal(journey->refused_unit, journey->unit));
}

/* Ordered elsewhere while she was in our hand, or on a vehicle of ours: until the place says that
 * it has her, or she stands at its gate, nobody else holds her. What the airport sends elsewhere
 * by itself never was ours. */
static int64_t sent_on(const struct journey *journey, int64_t ordered_at)
{
	const struct leg *leg = journey->leg;
	bool ours =
		leg || journey->handed_over_at != WHEN_NEVER || journey->accepted_at != WHEN_NEVER;
	bool there = leg && (leg->kind == STOP_CENTRAL_SITE || leg->kind == STOP_HOSPITAL) &&
		     leg->reached_at != WHEN_NEVER && leg->reached_at >= ordered_at;

	if (!ours || there || journey->delivered_last >= ordered_at ||
	    journey->resolved_at[ALERT_NOT_DELIVERED] >= ordered_at ||
	    (!text_equal(journey->disposition, "central") &&
	     !text_equal(journey->disposition, "hospital")))
		return WHEN_NEVER;
	return ordered_at;
}

static bool is_off_course(const struct journey *journey)
{
	const struct flight *flight = &journey->flight;

	return journey->stage == STAGE_ANNOUNCED && flight->key &&
	       flight->status == FLIGHT_DIVERTED &&
	       flight->status_stamp.at >= journey->stamp[FIELD_FLIGHT].at;
}

static enum stage settle_stage(struct journey *journey, const struct policy *policy)
{
	bool accepted = journey->accepted_at != WHEN_NEVER && !is_accepted_early(journey, policy);
	bool handed = journey->handed_over_at != WHEN_NEVER || accepted || journey->checks_len > 0;
	bool withdrawn = journey->withdrawn.stamp.at != WHEN_UNKNOWN;
	int64_t ordered_at;

	journey->disposition = settle_disposition(journey, policy, &ordered_at);
	bool elsewhere = !is_home(journey);
	bool redirected = elsewhere;

	/* Where her body is beats what was ordered: handed over at a home after the order, she is
	 * in our loop, and the contradiction is an alert. */
	if (elsewhere &&
	    (journey->at_home_last > ordered_at || journey->accepted_last > ordered_at))
		redirected = false;
	journey->conflict = (elsewhere && !redirected) || (withdrawn && handed);
	journey->conflict_at = latest(journey->handed_over_last, journey->accepted_last);
	if (elsewhere && !redirected)
		journey->conflict_at = latest(journey->conflict_at, ordered_at);
	if (withdrawn && handed)
		journey->conflict_at = latest(journey->conflict_at, journey->withdrawn.stamp.at);
	journey->sent_on_at = WHEN_NEVER;
	journey->refused_now = false;

	if (journey->closed.stamp.at != WHEN_UNKNOWN || journey->merged_into)
		return STAGE_CLOSED;
	if (journey->released.stamp.at != WHEN_UNKNOWN)
		return STAGE_RELEASED;
	if (redirected) {
		journey->sent_on_at = sent_on(journey, ordered_at);
		return STAGE_REDIRECTED;
	}
	journey->refused_now = is_refused(journey);
	if (journey->refused_now && journey->last_check <= journey->refused.stamp.at) {
		/* At the gate, and not taken in. */
		if (journey->handed_over_at != WHEN_NEVER || journey->arrived_at != WHEN_NEVER)
			return STAGE_ARRIVED;
		handed = false;
	}
	if (handed)
		return STAGE_ISOLATING;
	if (withdrawn && journey->withdrawn.stamp.at >= journey->seen_at)
		return STAGE_WITHDRAWN;
	if (journey->arrived_at != WHEN_NEVER)
		return STAGE_ARRIVED;
	if (journey->leg)
		return STAGE_IN_TRANSFER;
	if (journey->registered_at != WHEN_NEVER)
		return STAGE_REGISTERED;
	if (journey->triaged_at != WHEN_NEVER)
		return STAGE_TRIAGED;
	if (journey->flight.key && journey->flight.status == FLIGHT_CANCELLED &&
	    journey->flight.status_stamp.at >= journey->stamp[FIELD_FLIGHT].at)
		return STAGE_WITHDRAWN;
	return STAGE_ANNOUNCED;
}

/* A committee that has taken her in since she stated her address keeps her, whatever rules or
 * lessons make of the words later: who has been accepted is moved by people, not by a table. */
static const char *accepted_code(const struct journey *journey)
{
	if (journey->accepted_last == WHEN_UNKNOWN || !journey->accepted_unit ||
	    journey->refused.stamp.at > journey->accepted_last ||
	    journey->accepted_last < journey->stamp[FIELD_ADDRESS].at ||
	    !text_is_digits(journey->accepted_unit, UNIT_CODE_MAX))
		return NULL;
	return journey->accepted_unit;
}

/* The code place found, when good enough. */
static const char *matched_code(const struct journey *journey, const struct policy *policy)
{
	const struct matched matched = journey_matched(journey);

	if (!matched_settles(&matched, policy))
		return NULL;
	/* The field's own last word, which lives as long as the journey. */
	return strrchr(journey->field[FIELD_MATCHED], ' ') + 1;
}

static void settle_unit(struct journey *journey, const struct policy *policy)
{
	const struct stamp *assigned = &journey->stamp[FIELD_ASSIGNED];
	const struct stamp *address = &journey->stamp[FIELD_ADDRESS];
	static const enum field stating[] = {FIELD_ASSIGNED, FIELD_COMMITTEE, FIELD_MATCHED};
	const char *codes[ARRAY_LEN(stating)] = {NULL, stated(journey, FIELD_COMMITTEE),
						 matched_code(journey, policy)};

	/* An officer's word holds until a later address is stated. */
	if (!journey->field[FIELD_ADDRESS] || assigned->at >= address->at)
		codes[0] = stated(journey, FIELD_ASSIGNED);
	if (stated(journey, FIELD_ADDRESS) && accepted_code(journey))
		codes[2] = accepted_code(journey);
	journey->unit_at = WHEN_UNKNOWN;
	journey->doubted = false;
	for (size_t i = 0; i < ARRAY_LEN(stating); i++) {
		if (!codes[i])
			continue;
		journey->unit = codes[i];
		journey->unit_at = journey->stamp[stating[i]].at;
		return;
	}
	int64_t said = journey->leg ? journey->leg->departed_at : WHEN_UNKNOWN;

	journey->unit = journey->leg ? journey->leg->committee : NULL;
	if (!journey->unit && journey->handed_to &&
	    text_is_digits(journey->handed_to, UNIT_CODE_MAX)) {
		journey->unit = journey->handed_to;
		said = journey->handed_over_last;
	}
	journey->doubted = journey->unit && stated(journey, FIELD_ADDRESS) && address->at > said;
}

/* Duty never leaves the sender until the receiver accepts. */
static void settle_holder(struct journey *journey)
{
	const char *district = stated(journey, FIELD_DISTRICT);
	if (journey->accepted_now && journey->unit && journey->stage >= STAGE_ISOLATING)
		journey->holder = journey->unit;
	else if (district)
		journey->holder = district;
	else
		journey->holder = journey->feed_unit;
}

/* Nobody is announced longer before the landing; a schedule beyond that is a slip of the pen. */
#define ANNOUNCED_MAX (60 * WHEN_DAY)

static void settle_eta(struct journey *journey, const struct policy *policy)
{
	const struct leg *leg = journey->leg;
	int64_t flight = flight_arrival(&journey->flight);
	bool stated_one;

	if (flight == WHEN_UNKNOWN)
		flight = journey->flight_sched;
	if (flight == WHEN_UNKNOWN)
		flight = journey->first_at;
	if (journey->first_at != WHEN_NEVER && flight > journey->first_at + ANNOUNCED_MAX)
		flight = journey->first_at + ANNOUNCED_MAX;
	journey->landing = flight;
	/* A journey of which nothing has been joined yet has no time at all. */
	int64_t guess = flight == WHEN_NEVER ? WHEN_NEVER : flight + policy->landing_to_gate;
	if (journey->registered_at != WHEN_NEVER &&
	    guess < journey->registered_at + policy->transfer_without_eta)
		guess = journey->registered_at + policy->transfer_without_eta;

	journey->eta = WHEN_UNKNOWN;
	journey->eta_before = guess;
	journey->leg_due = WHEN_UNKNOWN;
	if (journey->by_car)
		guess = journey->eta = journey->leg_due =
			journey->registered_at + policy->private_car_within;
	if (leg) {
		journey->leg_due = leg_eta(leg, policy, &stated_one);
		if (leg->kind != STOP_RELAY && leg->kind != STOP_TEST_CENTRE) {
			guess = journey->leg_due;
			journey->eta = stated_one ? guess : WHEN_UNKNOWN;
		}
	}
	journey->eta_guess = guess;
}

/* A normal reading after something against fever was taken is not assessed: the slot stays open. */
static bool is_assessed(const struct journey *journey, const struct check_entry *entry,
			const struct policy *policy)
{
	for (size_t i = 0; i < journey->pills_len && !entry->sign; i++) {
		if (entry->at >= journey->pills[i] &&
		    entry->at < journey->pills[i] + policy->antipyretic_hides)
			return false;
	}
	return true;
}

/* The civil day and slot ENTRY belongs to by its own time, under the policy in force now: it may
 * not be the one under which it came. */
static int32_t entry_day(const struct check_entry *entry, const struct policy *policy,
			 bool *evening)
{
	bool by_time = entry->evening;
	int32_t day = entry->time < 0
			      ? entry->day
			      : isolation_slot_of(policy, entry->day, entry->time, &by_time);

	*evening = entry->slot_stated ? entry->evening : by_time;
	return day;
}

/* Bits of the days entered. A stated day earlier than the entry's own is a late entry: unless it
 * says which slot it is for, it fills the later of that day's empty slots. Entries are sorted, so
 * the result does not depend on arrival. */
static void settle_checks(struct journey *journey, const struct policy *policy)
{
	journey->checked[0] = journey->checked[1] = 0;
	for (int late = 0; late < 2; late++) {
		for (size_t i = 0; i < journey->checks_len; i++) {
			const struct check_entry *entry = &journey->checks[i];
			bool evening;
			int by_time = (int)(entry_day(entry, policy, &evening) - journey->day0);
			int day = entry->stated >= 0 ? entry->stated : by_time;
			bool is_late = entry->stated >= 0 && day < by_time && !entry->slot_stated;
			if (is_late != (late == 1) || day < 0 || day > JOURNEY_DAYS_MAX ||
			    !is_assessed(journey, entry, policy))
				continue;
			if (is_late)
				evening = !(journey->checked[1] >> day & 1);
			journey->checked[evening] |= UINT64_C(1) << day;
		}
	}
}

/* The end by what happened at AT, in days from day 0: N days after the day of AT. */
static int days_from(const struct journey *journey, const struct policy *policy,
		     const struct zone *zone, int64_t at)
{
	if (at == WHEN_UNKNOWN || at <= journey->start)
		return 0;
	return (int)(when_day(zone, at) - journey->day0) + policy->isolation_days;
}

/* How long: by the rule, moved by who came later into the home and by another exposure, and then
 * extended by hand. journey->moved names the last of them that counts. */
static int settle_days(struct journey *journey, const struct policy *policy,
		       const struct zone *zone)
{
	const char *extension = stated(journey, FIELD_EXTENSION);
	int household = policy->household_clock
				? days_from(journey, policy, zone, journey->household_at)
				: 0;
	int exposed = days_from(journey, policy, zone, journey->exposed_at);
	int days = policy->isolation_days;

	journey->moved = NULL;
	if (household > days) {
		days = household;
		journey->moved = "household";
	}
	if (exposed > days) {
		days = exposed;
		journey->moved = "exposed";
	}
	if (extension && strtol(extension, NULL, 10) > 0) {
		days += (int)strtol(extension, NULL, 10);
		journey->moved = "extended";
	}
	return days < JOURNEY_DAYS_MAX ? days : JOURNEY_DAYS_MAX;
}

static void settle_isolation(struct journey *journey, const struct policy *policy,
			     const struct zone *zone)
{
	int64_t accepted = journey->accepted_at;
	/* Accepted beforehand, she is at home from when she is there. */
	if (accepted != WHEN_NEVER && journey->arrived_at != WHEN_NEVER &&
	    journey->arrived_at > accepted)
		accepted = journey->arrived_at;
	int64_t start = journey->handed_over_at < accepted ? journey->handed_over_at : accepted;
	if (journey->stage < STAGE_ISOLATING)
		start = WHEN_NEVER;

	journey->start = start;
	journey->day0 = INT32_MIN;
	journey->days = policy->isolation_days;
	journey->ends_at = journey->judged_at = WHEN_NEVER;
	journey->moved = NULL;
	if (start != WHEN_NEVER) {
		journey->day0 = when_day(zone, start);
	} else if (journey->checks_len > 0) {
		/* Nobody told us of the hand-over; the first check that names its day dates it,
		 * else it is day 1. */
		const struct check_entry *first = &journey->checks[0];
		for (size_t i = 0; i < journey->checks_len && first->stated < 0; i++) {
			if (journey->checks[i].stated >= 0)
				first = &journey->checks[i];
		}
		bool evening;
		journey->day0 = entry_day(first, policy, &evening) -
				(first->stated >= 0 ? first->stated : 1);
		journey->start = when_at(zone, journey->day0, 0);
	} else {
		return;
	}
	journey->days = settle_days(journey, policy, zone);
	journey->ends_at = when_at(zone, journey->day0 + journey->days + 1, 0);
	journey->judged_at = when_at(zone, journey->day0 + journey->days, policy->release_at);
	if (policy->count == COUNT_HOURS) {
		/* N × 24 hours from the hand-over, to the minute. */
		journey->ends_at = journey->start + journey->days * WHEN_DAY;
		journey->judged_at = journey->ends_at;
	}
	settle_checks(journey, policy);
}

void journey_settle(struct journey *journey, const struct policy *policy, const struct zone *zone)
{
	settle_legs(journey);
	settle_unit(journey, policy);
	journey->stage = settle_stage(journey, policy);
	journey->homebound = !stage_ended(journey->stage);
	/* Another committee's acceptance binds nobody but that one. */
	journey->accepted_now =
		journey->accepted_at != WHEN_NEVER && !journey->refused_now &&
		(!journey->accepted_unit || text_equal(journey->accepted_unit, journey->unit));
	journey->off_course = is_off_course(journey);
	journey->by_car = journey->stage == STAGE_REGISTERED &&
			  text_equal(stated(journey, FIELD_TRANSPORT), "private_car");
	journey->away =
		journey->stage == STAGE_ISOLATING &&
		journey->left.stamp.at > journey->returned_at &&
		journey->left.stamp.at >= latest(journey->accepted_last, journey->handed_over_last);
	settle_holder(journey);
	settle_eta(journey, policy);
	settle_isolation(journey, policy, zone);
}

bool journey_watched(const struct journey *journey)
{
	return !stage_ended(journey->stage) || journey->sent_on_at != WHEN_NEVER;
}
