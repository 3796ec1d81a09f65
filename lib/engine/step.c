/* step.c — one decision becomes rows: the journey, its history, the alerts it joins and leaves.
 * Neighbours: loop/decide.c decides; alarms.c keeps the alerts. */
#include "engine/engine_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

int held_load(struct engine *engine, const char *id, struct held *out, struct err *err)
{
	struct store_journey row;
	memset(out, 0, sizeof(*out));
	out->home = "";
	out->start = WHEN_NEVER;
	int rc = engine->store->ops->journey_load(engine->store, id, &engine->arena, &row, err);
	if (rc == CL_EGONE)
		journey_remnant(&out->journey, id, (enum stage)row.stage, row.unit, row.disposition,
				row.updated_at);
	else if (rc == 0)
		rc = journey_unpack(&out->journey, id, row.record, row.record_len, row.person,
				    row.person_len, &engine->arena, err);
	if (rc < 0 && rc != CL_EGONE)
		return rc;
	out->journey.erased_at = row.erased_at;
	out->record = row.record;
	out->record_len = row.record_len;
	out->person = row.person;
	out->person_len = row.person_len;
	out->heard_at = row.updated_at;
	out->open = row.open;
	out->policy = engine_settle(engine->conf, &out->journey, &engine->arena);
	if (rc == CL_EGONE)
		return rc;
	if (row.erased_at > 0)
		return err_set(err, CL_EGONE, "journey %s was erased", id);
	out->home = household_of(engine, &out->journey);
	out->start = out->journey.start;
	out->gone = headcount_is_gone(&out->journey);
	return 0;
}

void held_fresh(struct engine *engine, const struct fact *fact, int64_t now, struct held *out)
{
	char id[IDENT_CAP];
	memset(out, 0, sizeof(*out));
	ident_make(id, "jny", now, &engine->entropy);
	journey_init(&out->journey, id, "");
	out->policy = conf_policy(engine->conf, when_day(engine->conf->zone, fact->stamp.at));
	out->fresh = true;
	out->home = "";
	out->start = WHEN_NEVER;
	out->journey.first_at = fact->stamp.at;
	journey_settle(&out->journey, out->policy, engine->conf->zone);
}

int step_keep_fact(struct engine *engine, const struct step *step, const struct store_owner *owner,
		   struct err *err)
{
	if (!step->fact || !step->seq || *step->seq > 0)
		return 0;
	return engine->store->ops->fact_save(engine->store, step->fact, owner, step->now, step->seq,
					     err);
}

static int loud_alerts(const struct journey *journey)
{
	int count = 0;
	for (size_t i = 0; i < journey->joined_len; i++)
		count += !alert_traits(journey->joined[i].kind)->informative;
	return count;
}

static const char *or_empty(const char *string)
{
	return string ? string : "";
}

int step_write(struct engine *engine, const struct held *held, const struct step *step,
	       const struct plan *plan, const char *what, const char *note, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	const struct journey *journey = &held->journey;
	const uint8_t *record, *person;
	struct store_journey row = {.id = journey->id};

	journey_pack(journey, &engine->arena, &record, &row.record_len, &person, &row.person_len);
	row.record = record;
	row.person = person;
	row.person_changed = held->fresh || row.person_len != held->person_len ||
			     memcmp(person, held->person, row.person_len) != 0;
	/* Time passed and nothing came of it but the next deadline. */
	row.open = journey_watched(journey) && !plan->history;
	row.stage = (int)journey->stage;
	row.disposition = or_empty(journey->disposition);
	row.unit = or_empty(journey->unit);
	row.holder = journey->holder;
	row.flight = or_empty(journey->field[FIELD_FLIGHT]);
	row.transfer = journey->leg ? journey->leg->transfer : "";
	row.next_due = row.open ? plan->next_due : WHEN_NEVER;
	row.updated_at = step->now;
	row.alerts = loud_alerts(journey);
	row.merged = or_empty(journey->merged_into);
	row.erase_at = row.open || journey->merged_into
			       ? WHEN_NEVER
			       : journey_erase_at(journey, held->policy, step->now);
	int rc = ops->journey_save(engine->store, &row, held->fresh, err);
	if (rc < 0 || !what)
		return rc;
	struct store_step line = {
		.at = step->now, .fact = step->seq ? *step->seq : 0, .what = what, .note = note};
	return ops->step_save(engine->store, journey->id, &line, err);
}

/* The decision in words for the ledger: what changed and by which policy. */
static const char *note_of(struct engine *engine, const struct decision *decision,
			   const char *policy_before)
{
	char room[480];
	struct text note = TEXT_OVER(room);
	const struct journey *after = &decision->after;

	if (decision->stage_before != after->stage)
		text_addf(&note, "%s -> %s; ", stage_word(decision->stage_before),
			  stage_word(after->stage));
	else
		text_addf(&note, "%s; ", stage_word(after->stage));
	if (decision->unit_changed)
		text_addf(&note, "unit %s; ", after->unit ? after->unit : "unknown");
	for (size_t i = 0; i < decision->opens_len; i++)
		text_addf(&note, "opens %s %s; ", alert_traits(decision->opens[i].kind)->word,
			  decision->opens[i].unit);
	for (size_t i = 0; i < decision->closes_len; i++)
		text_addf(&note, "ends %s; ", alert_traits(decision->closes[i].kind)->word);
	if (policy_before)
		text_addf(&note, "policy %s -> %s", policy_before, after->policy);
	else
		text_addf(&note, "policy %s", after->policy);
	return arena_copy(&engine->arena, room);
}

static int apply_alerts(struct engine *engine, const struct decision *decision,
			const struct policy *policy, int64_t now, struct err *err)
{
	const char *id = decision->after.id;
	int rc = 0;
	for (size_t i = 0; i < decision->closes_len && rc == 0; i++)
		rc = alarm_leave(engine, &decision->closes[i], id, now, err);
	for (size_t i = 0; i < decision->moves_len && rc == 0; i++)
		rc = alarm_move(engine, &decision->moves[i], id, policy, now, err);
	for (size_t i = 0; i < decision->opens_len && rc == 0; i++)
		rc = alarm_open(engine, &decision->opens[i], id, policy, now, err);
	return rc;
}

/* Let HELD go by the policy that is hers as of JOURNEY (what she is, or is to become); true when it
 * is another one. */
static bool take_ruling(struct engine *engine, struct held *held, const struct journey *journey,
			int64_t now)
{
	const struct conf *conf = engine->conf;
	const struct policy *ruling =
		ruling_of(conf, journey, when_day(conf->zone, now), &engine->arena);

	if (ruling_same(ruling, held->policy))
		return false;
	held->policy = ruling;
	journey_settle(&held->journey, ruling, conf->zone);
	return true;
}

/* Decide by the policy that is hers now, and once more when the fact itself makes another one hers:
 * it says where she comes from, where she goes, or when she came. */
static int decide_by_ruling(struct engine *engine, struct held *held, const struct step *step,
			    struct decision *decision, struct err *err)
{
	struct step_context context = {.zone = engine->conf->zone,
				       .now = step->now,
				       .leg = step->leg,
				       .flight = step->flight,
				       .arena = &engine->arena};

	(void)take_ruling(engine, held, &held->journey, step->now);
	context.policy = held->policy;
	int rc = decide(&held->journey, step->fact, &context, decision, err);
	if (rc < 0 || !take_ruling(engine, held, &decision->after, step->now))
		return rc;
	context.policy = held->policy;
	return decide(&held->journey, step->fact, &context, decision, err);
}

int step_apply(struct engine *engine, struct held *held, const struct step *step, struct err *err)
{
	struct decision *decision = arena_alloc(&engine->arena, sizeof(*decision));
	bool matched = false;

	int rc = decide_by_ruling(engine, held, step, decision, err);
	if (rc == 0)
		rc = place_follow(engine, &held->journey, &decision->after, &matched, err);
	if (rc == 0 && matched)
		rc = decide_by_ruling(engine, held, step, decision, err);
	if (rc < 0)
		return rc;
	engine_policy_ahead(engine->conf, &decision->after, step->now, &decision->plan);
	rc = step_keep_fact(engine, step, &(struct store_owner){.journey = held->journey.id}, err);
	if (rc < 0)
		return rc;
	rc = apply_alerts(engine, decision, held->policy, step->now, err);
	if (rc < 0)
		return rc;
	const char *before = held->journey.policy;
	before = *before && strcmp(before, decision->after.policy) != 0
			 ? arena_copy(&engine->arena, before)
			 : NULL;
	bool told = step->fact || step->what || decision->opens_len || decision->closes_len ||
		    before || matched;
	held->journey = decision->after;
	journey_settle(&held->journey, held->policy, engine->conf->zone);
	rc = step_write(engine, held, step, &decision->plan,
			!told	     ? NULL
			: step->fact ? fact_type_word(step->fact->type)
			: step->what ? step->what
			: matched    ? "journey.matched"
				     : fact_type_word(FACT_DUE),
			told ? note_of(engine, decision, before) : NULL, err);
	held->fresh = false;
	if (rc == 0)
		rc = headcount_follow(engine, held, step, err);
	return rc == 0 ? household_follow(engine, held, step->now, err) : rc;
}
