/* audit.c — the loop invariant for one journey, from the rules of the policy: each question has one
 * due time; before it, the journey must wake by then, and from that very instant on its alert must
 * be joined. Neighbour: oracle.c hands over rows. */
#include "oracle.h"

#include <string.h>

#include "closedloop/journey.h"
#include "closedloop/text.h"
#include "closedloop/transfer.h"

struct auditor {
	struct world *world;
	const struct oracle_journey *row;
	const struct journey *journey;
	const struct policy *policy;
	const struct zone *zone;
	int64_t now;
};

#define KIND(kind) (UINT64_C(1) << (kind))
/* An ETA so long after the departure is a slip of the pen. */
#define RUN_MAX	   (12 * WHEN_HOUR)

static bool joined_any(const struct journey *journey, uint64_t kinds)
{
	for (size_t i = 0; i < journey->joined_len; i++) {
		if (kinds & KIND(journey->joined[i].kind))
			return true;
	}
	return false;
}

/* A human resolved it and it may rest. Not asked whether it was about the same subject: that is
 * the program's business, and only makes the oracle milder for an hour. */
static bool rests(const struct auditor *auditor, uint64_t kinds)
{
	for (size_t i = 0; i < ALERT_KINDS; i++) {
		if (kinds & KIND(i) && auditor->journey->resolved_at[i] != WHEN_UNKNOWN &&
		    auditor->journey->resolved_at[i] + auditor->policy->recheck_after >
			    auditor->now)
			return true;
	}
	return false;
}

/* The rule itself: RULE is due at DUE, and then one of KINDS is joined. */
static void must(const struct auditor *auditor, const char *rule, int64_t due, uint64_t kinds)
{
	const struct journey *journey = auditor->journey;

	if (joined_any(journey, kinds) || rests(auditor, kinds) ||
	    journey->joined_len == JOURNEY_OPEN_MAX)
		return;
	if (due <= auditor->now)
		oracle_fail(auditor->world, "loop",
			    "journey %s (%s): %s was due %lld s ago and nobody is told",
			    journey->id, stage_word(journey->stage), rule,
			    (long long)(auditor->now - due) / 1000);
	else if (auditor->row->next_due > due)
		oracle_fail(auditor->world, "loop",
			    "journey %s (%s): %s is due in %lld s and nothing wakes by then",
			    journey->id, stage_word(journey->stage), rule,
			    (long long)(due - auditor->now) / 1000);
}

static bool is_between(const struct leg *leg)
{
	return leg->kind == STOP_RELAY || leg->kind == STOP_TEST_CENTRE;
}

/* With a car of her own no vehicle of ours says when she comes. */
static void audit_registered(const struct auditor *auditor)
{
	const struct journey *journey = auditor->journey;
	const struct policy *policy = auditor->policy;

	if (text_equal(journey->field[FIELD_TRANSPORT], "private_car"))
		must(auditor, "private_car_within",
		     journey->registered_at + policy->private_car_within +
			     policy->transfer_overdue_after,
		     KIND(ALERT_TRANSFER_OVERDUE));
	else
		must(auditor, "board_within", journey->registered_at + policy->board_within,
		     KIND(ALERT_NOT_BOARDED));
}

static void audit_before(const struct auditor *auditor)
{
	const struct journey *journey = auditor->journey;
	const struct policy *policy = auditor->policy;
	int64_t landing = flight_arrival(&journey->flight);
	bool known = true;

	if (landing == WHEN_UNKNOWN)
		landing = journey->flight_sched;
	if (landing == WHEN_UNKNOWN) {
		landing = journey->first_at + 12 * WHEN_HOUR;
		known = false;
	}
	if (landing > journey->first_at + 60 * WHEN_DAY)
		return;
	if (landing < journey->first_at)
		landing = journey->first_at;
	must(auditor, "register_within", landing + policy->register_within,
	     KIND(ALERT_NOT_REGISTERED) | KIND(ALERT_NO_SHOW));
	if (known && journey->stage == STAGE_ANNOUNCED && journey->flight.status != FLIGHT_DIVERTED)
		must(auditor, "no_show_after", landing + policy->no_show_after,
		     KIND(ALERT_NO_SHOW));
}

static void audit_transfer(const struct auditor *auditor)
{
	const struct leg *leg = auditor->journey->leg;
	const struct policy *policy = auditor->policy;

	if (is_between(leg) && leg->reached_at != WHEN_NEVER) {
		must(auditor, "relay_within",
		     leg->reached_at + (leg->kind == STOP_RELAY
						? policy->transfer_without_eta
						: policy->register_within + policy->board_within),
		     KIND(ALERT_NOT_BOARDED));
		return;
	}
	int64_t eta = leg->eta;
	if (eta == WHEN_UNKNOWN || eta > leg->departed_at + RUN_MAX)
		eta = leg->departed_at + policy->transfer_without_eta;
	must(auditor, "transfer_overdue_after", eta + policy->transfer_overdue_after,
	     KIND(ALERT_TRANSFER_OVERDUE));
}

static void audit_acceptance(const struct auditor *auditor)
{
	const struct journey *journey = auditor->journey;
	int64_t since = journey->arrived_at < journey->handed_over_at ? journey->arrived_at
								      : journey->handed_over_at;
	if (since == WHEN_NEVER)
		since = journey->seen_at;
	/* Another committee's acceptance binds only that one: hers counts from when she was hers.
	 */
	if (journey->accepted_at != WHEN_NEVER && journey->unit_at > since)
		since = journey->unit_at;
	must(auditor, "accept_within", since + auditor->policy->gate_accept_within,
	     KIND(ALERT_NOT_ACCEPTED));
}

static void audit_away(const struct auditor *auditor)
{
	const struct leave *left = &auditor->journey->left;

	must(auditor, "leave_grace",
	     left->until == WHEN_UNKNOWN ? left->stamp.at
					 : left->until + auditor->policy->leave_grace,
	     KIND(ALERT_NOT_RETURNED));
}

static int64_t slot_end(const struct auditor *auditor, int day, int evening)
{
	const struct policy_slot *slot =
		evening ? &auditor->policy->evening : &auditor->policy->morning;
	return when_at(auditor->zone, auditor->journey->day0 + day, slot->to);
}

static void audit_days(const struct auditor *auditor)
{
	const struct journey *journey = auditor->journey;
	int64_t home = journey->handed_over_at < journey->accepted_at ? journey->handed_over_at
								      : journey->accepted_at;
	int64_t settled = journey->resolved_at[ALERT_MISSED_CHECK];

	if (home == WHEN_NEVER)
		home = journey->first_at;
	for (int day = 1; day <= journey->days; day++) {
		for (int evening = 0; evening < 2; evening++) {
			int64_t end = slot_end(auditor, day, evening);
			if (end <= home || end <= settled || journey->checked[evening] >> day & 1)
				continue;
			must(auditor, "slot_end", end, KIND(ALERT_MISSED_CHECK));
			if (end > auditor->now)
				day = journey->days + 1;
			break;
		}
	}
	must(auditor, "release_at",
	     when_at(auditor->zone, journey->day0 + journey->days, auditor->policy->release_at),
	     KIND(ALERT_RELEASE) | KIND(ALERT_NOT_RELEASED));
	must(auditor, "isolation_end", when_at(auditor->zone, journey->day0 + journey->days + 1, 0),
	     KIND(ALERT_NOT_RELEASED));
}

/* Nobody is released before each of her days is accounted for: by an entry, by an alert that said
 * it is missing, or by a reason given with the signature. */
static void audit_release(const struct auditor *auditor, int64_t missed_to)
{
	const struct journey *journey = auditor->journey;
	int64_t home = journey->handed_over_at < journey->accepted_at ? journey->handed_over_at
								      : journey->accepted_at;
	int64_t settled = journey->resolved_at[ALERT_MISSED_CHECK];

	if (home == WHEN_NEVER)
		home = journey->first_at;
	if (journey->released.reason || journey->day0 == INT32_MIN)
		return;
	for (int day = 1; day < journey->days; day++) {
		for (int evening = 0; evening < 2; evening++) {
			int64_t end = slot_end(auditor, day, evening);
			if (end > home && end > settled && end > missed_to &&
			    end <= journey->released.stamp.at &&
			    !(journey->checked[evening] >> day & 1))
				oracle_fail(auditor->world, "release",
					    "journey %s was released, and nobody accounted for "
					    "day %d %s",
					    journey->id, day, evening ? "evening" : "morning");
		}
	}
}

/* Another number got off than was to: fewer are asked after until each is accepted, more until a
 * human says who it was. */
static void audit_head_count(const struct auditor *auditor)
{
	const struct journey *journey = auditor->journey;
	const struct leg *leg = journey->leg;

	if (!leg || leg->reached_at == WHEN_NEVER || leg->counted < 0 || leg->expected < 0 ||
	    leg->counted == leg->expected ||
	    journey->resolved_at[ALERT_HEAD_COUNT] >= leg->counted_at)
		return;
	if (leg->counted > leg->expected || !journey->accepted_now)
		must(auditor, "head_count", leg->counted_at, KIND(ALERT_HEAD_COUNT));
}

static void audit_open(const struct auditor *auditor)
{
	const struct journey *journey = auditor->journey;

	if (!*journey->holder)
		oracle_fail(auditor->world, "loop", "journey %s (%s) has no holder", journey->id,
			    stage_word(journey->stage));
	if (journey->fever_at != WHEN_UNKNOWN &&
	    journey->fever_at > journey->resolved_at[ALERT_FEVER] &&
	    !joined_any(journey, KIND(ALERT_FEVER)))
		oracle_fail(auditor->world, "loop", "journey %s has a fever and nobody is told",
			    journey->id);
	if (!stage_ended(journey->stage))
		audit_head_count(auditor);
	if (journey->refused_now)
		must(auditor, "refused", journey->refused.stamp.at, KIND(ALERT_HANDOVER_REFUSED));
	switch (journey->stage) {
	case STAGE_ANNOUNCED:
	case STAGE_TRIAGED:
		audit_before(auditor);
		break;
	case STAGE_REGISTERED:
		audit_registered(auditor);
		break;
	case STAGE_IN_TRANSFER:
		audit_transfer(auditor);
		break;
	case STAGE_ARRIVED:
		if (!journey->refused_now)
			audit_acceptance(auditor);
		break;
	case STAGE_ISOLATING:
		if (!journey->accepted_now && !journey->refused_now)
			audit_acceptance(auditor);
		if (journey->away)
			audit_away(auditor);
		audit_days(auditor);
		break;
	case STAGE_REDIRECTED:
		/* Sent on while she was ours: ours until they say that they have her. */
		must(auditor, "delivered_within",
		     journey->sent_on_at + auditor->policy->delivered_within,
		     KIND(ALERT_NOT_DELIVERED));
		break;
	case STAGE_RELEASED:
	case STAGE_WITHDRAWN:
	case STAGE_CLOSED:
	case STAGES:
		break;
	}
}

static void remember(const struct auditor *auditor, struct oracle_memory *memory)
{
	const struct journey *journey = auditor->journey;

	for (size_t i = 0; i < journey->joined_len; i++) {
		const struct joined *joined = &journey->joined[i];
		bool known = joined->kind != ALERT_EXPECTED && joined->kind != ALERT_ARRIVAL;

		if (joined->kind == ALERT_MISSED_CHECK && joined->eta > memory->missed_to)
			memory->missed_to = joined->eta;
		for (size_t k = 0; k < memory->told_len; k++)
			known = known || text_equal(memory->told[k], joined->unit);
		if (!known && memory->told_len < ORACLE_TOLD_MAX)
			text_copy(memory->told[memory->told_len++], UNIT_CODE_CAP, joined->unit);
	}
}

/* Of those who heard that she would come, whoever does not get her hears that too. */
static void audit_told(const struct auditor *auditor, struct oracle_memory *memory)
{
	const struct journey *journey = auditor->journey;
	bool ended = stage_ended(journey->stage);

	for (size_t i = 0; i < memory->told_len;) {
		const char *unit = memory->told[i];
		if (!ended && (!journey->unit || text_equal(unit, journey->unit))) {
			i++;
			continue;
		}
		if (journey->stage != STAGE_RELEASED && !journey->merged_into &&
		    journey->joined_len < JOURNEY_OPEN_MAX &&
		    !oracle_stood_down(auditor->world, journey->id, unit))
			oracle_fail(auditor->world, "stand_down",
				    "journey %s (%s): unit %s was told of her and not stood down",
				    journey->id, stage_word(journey->stage), unit);
		memory->told_len--;
		if (i != memory->told_len)
			memcpy(memory->told[i], memory->told[memory->told_len], UNIT_CODE_CAP);
	}
}

/* Longer than this nobody who is to be erased waits for it: a turn may fail, and the daemon be down
 * for days; time that passes while it is is not counted by the caller. */
#define ERASE_SLACK WHEN_DAY

/* Of whom is erased nothing is left that says who she was; and who is to be, is. */
static void audit_erasure(const struct auditor *auditor)
{
	static struct journey left;
	const struct oracle_journey *row = auditor->row;
	const struct journey *journey = auditor->journey;
	bool asked = false;

	for (size_t i = 0; i < journey->joined_len; i++)
		asked = asked || !alert_traits(journey->joined[i].kind)->informative;
	if (row->erased_at > 0) {
		journey_reduce(journey, &left);
		if (row->open || row->person_len > 0)
			oracle_fail(auditor->world, "erased", "journey %s is erased and %s",
				    row->id, row->open ? "open" : "has a person");
		for (size_t i = 0; i < FIELDS; i++) {
			if (journey->field[i] && !text_equal(journey->field[i], left.field[i]))
				oracle_fail(auditor->world, "erased",
					    "journey %s is erased and still says %s", row->id,
					    field_word((enum field)i));
		}
	} else if (!row->open && !asked && !journey->merged_into &&
		   journey_erase_at(journey, auditor->policy, row->updated_at) + 2 * ERASE_SLACK <
			   auditor->now) {
		oracle_fail(auditor->world, "erased", "journey %s (%s) should have been erased",
			    row->id, stage_word(journey->stage));
	}
}

void audit_journey(struct world *world, const struct oracle_journey *row,
		   struct oracle_memory *memory)
{
	static struct journey journey;
	const struct conf *conf = world->house.conf;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;

	if (journey_unpack(&journey, row->id, row->record, row->record_len, row->person,
			   row->person_len, &arena, &err) < 0) {
		oracle_fail(world, "loop", "journey %s cannot be read: %s", row->id, err.text);
		return;
	}
	const struct policy *policy = conf_policy_by_hash(conf, journey.policy);
	struct auditor auditor = {.world = world,
				  .row = row,
				  .journey = &journey,
				  .policy = policy ? policy : &conf->policies[0],
				  .zone = conf->zone,
				  .now = world->house.now};

	journey_settle(&journey, auditor.policy, conf->zone);
	remember(&auditor, memory);
	if ((int)journey.stage != row->stage || !text_equal(journey.holder, row->holder) ||
	    !text_equal(journey.unit ? journey.unit : "", row->unit))
		oracle_fail(world, "loop", "journey %s: its row says %s, its record %s", row->id,
			    stage_word((enum stage)row->stage), stage_word(journey.stage));
	if (row->open)
		audit_open(&auditor);
	audit_erasure(&auditor);
	audit_told(&auditor, memory);
	/* Erased, the reason of the signature is gone; she was asked about while it was there. */
	if (journey.stage == STAGE_RELEASED && row->erased_at <= 0)
		audit_release(&auditor, memory->missed_to);
	arena_release(&arena);
}
