/* engine.c — many facts, one transaction: submit, due, next. Neighbours: identity.c (who), step.c
 * (decide and write), vehicles.c (fan-out), alarms.c (alerts), feeds.c (who is
 * heard), placing.c and learning.c (addresses), words.c (notices), submit.c (one fact). */
#include "engine/engine_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

struct engine *engine_new(const struct engine_setup *setup)
{
	struct engine *engine = mem_alloc(sizeof(*engine));

	assert(setup->ack);
	engine->store = setup->store;
	engine->conf = setup->conf;
	engine->gazetteer = setup->gazetteer;
	engine->matcher = match_new(setup->gazetteer);
	match_use_coverage(engine->matcher, setup->conf->coverage);
	engine->entropy = *setup->entropy;
	engine->drill = setup->drill;
	engine->deaf_until = WHEN_UNKNOWN;
	engine->ack = setup->ack;
	memcpy(engine->home_key, setup->home_key, sizeof(engine->home_key));
	ledger_key(setup->ledger_seed, engine->ledger_key);
	engine->heads_from = WHEN_NEVER;
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	match_free(engine->matcher);
	arena_release(&engine->arena);
	for (size_t i = 0; i < SCRATCH_DEPTH; i++)
		arena_release(&engine->spare[i]);
	mem_free(engine);
}

void engine_reconfigure(struct engine *engine, const struct conf *conf)
{
	engine->conf = conf;
	match_use_coverage(engine->matcher, conf->coverage);
	engine->shifts_known = false;
	engine->heads_known = false;
}

struct arena scratch_begin(struct engine *engine)
{
	struct arena kept = engine->arena;

	assert(engine->depth < SCRATCH_DEPTH);
	engine->arena = engine->spare[engine->depth++];
	arena_clear(&engine->arena);
	return kept;
}

void scratch_end(struct engine *engine, struct arena kept)
{
	assert(engine->depth > 0);
	engine->spare[--engine->depth] = engine->arena;
	engine->arena = kept;
}

void id_collect(void *context, const void *row)
{
	struct id_list *list = context;
	if (list->len == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 32;
		const char **ids = arena_alloc(list->arena, cap * sizeof(*ids));
		if (list->len)
			memcpy(ids, list->ids, list->len * sizeof(*ids));
		list->ids = ids;
		list->cap = cap;
	}
	list->ids[list->len++] = arena_copy(list->arena, row);
}

static int keep_refusals(struct engine *engine, const struct refusal *refusals, size_t len,
			 int64_t now, struct err *err)
{
	for (size_t i = 0; i < len; i++) {
		const struct feed_event *event = refusals[i].event;
		struct store_reject reject = {.at = now,
					      .feed = refusals[i].feed,
					      .source = event->source,
					      .event_id = event->id,
					      .code = reject_word(event->reject),
					      .detail = event->detail,
					      .body = event->raw,
					      .body_len = event->raw_len};
		int rc = engine->store->ops->reject_save(engine->store, &reject, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int engine_begin(struct engine *engine, struct err *err)
{
	arena_clear(&engine->arena);
	engine->counters_before = engine->counters;
	engine->erased_at = 0;
	return engine->store->ops->begin(engine->store, err);
}

/* The one end of every transaction: durable, or as if it had never begun. */
int engine_finish(struct engine *engine, int rc, struct err *err)
{
	if (rc == 0)
		rc = engine->store->ops->commit(engine->store, err);
	if (rc < 0) {
		engine->store->ops->rollback(engine->store);
		engine->shifts_known = false;
		engine->heads_known = false;
		engine->counters = engine->counters_before;
		return rc;
	}
	/* Only now are her keys destroyed: rolled back, she would be lost. What fails here is owed
	 * still, and erasing_next says so. */
	if (engine->erased_at > 0)
		erasing_finish(engine);
	return rc;
}

/* The gravest is told first: not before all that is due has been looked at. After a downtime that
 * takes some turns, and no more than these. */
#define BEHIND_MAX 64

/* Tell, unless so much is due that a graver alert may be among what was not looked at. MORE: the
 * last look was cut short. */
static int tell(struct engine *engine, bool more, int64_t now, unsigned max, unsigned *fired,
		struct err *err)
{
	if (more && engine->behind < BEHIND_MAX) {
		engine->behind++;
		return 0;
	}
	engine->behind = 0;
	return alarm_tell(engine, now, max, fired, err);
}

/* Whether deadlines have been waiting: we were down, or there are too many for a turn. */
static int is_late(struct engine *engine, int64_t now, bool *late, struct err *err)
{
	int64_t journeys, alerts, notices;
	int rc = engine->store->ops->next_due(engine->store, &journeys, &alerts, &notices, err);

	*late = rc == 0 && journeys < now - WHEN_MINUTE;
	return rc;
}

static int keep_looks(struct engine *engine, const struct turn *turn, int64_t now, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < turn->looks_len && rc == 0; i++) {
		const struct look *look = &turn->looks[i];

		rc = engine->store->ops->ledger_save(engine->store, look->journey, look->what,
						     look->note, now, err);
	}
	return rc;
}

/* Facts of a turn that are about somebody whose record does not open: such a fact fails alone. */
#define APART_MAX 16

struct apart {
	size_t len;
	size_t facts[APART_MAX]; /* indexes */
};

static bool is_apart(const struct apart *apart, size_t fact)
{
	for (size_t i = 0; i < apart->len; i++) {
		if (apart->facts[i] == fact)
			return true;
	}
	return false;
}

/* Nothing of it is done: it is kept with the refusals, its sender is told, a human is called. */
static int keep_apart(struct engine *engine, const struct fact *fact, int64_t now,
		      struct fact_result *result, struct err *err)
{
	struct store_reject reject = {.at = now,
				      .feed = fact->feed ? fact->feed : "",
				      .source = fact->stamp.source,
				      .event_id = fact->stamp.id,
				      .code = "unreadable",
				      .detail = "the record of whom it is about does not open",
				      .body = fact->body,
				      .body_len = fact->body_len};

	result->code = CL_ECORRUPT;
	text_copy(result->detail, sizeof(result->detail), reject.detail);
	int rc = engine->store->ops->reject_save(engine->store, &reject, err);
	return rc < 0 ? rc
		      : alarm_system(engine, ALERT_LEDGER_BROKEN, "journeys", reject.detail, true,
				     now, err);
}

/* The facts of TURN, but for those APART. *FAILED is the one that could not be read, when that is
 * why. */
static int submit_all(struct engine *engine, const struct turn *turn, const struct apart *apart,
		      int64_t now, struct fact_result *results, size_t *failed, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < turn->facts_len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		rc = is_apart(apart, i) ? keep_apart(engine, turn->facts[i], now, &results[i], err)
					: submit_one(engine, turn->facts[i], now, &results[i], err);
		scratch_end(engine, kept);
		*failed = i;
	}
	return rc;
}

static int try_turn(struct engine *engine, const struct turn *turn, const struct apart *apart,
		    int64_t now, struct fact_result *results, size_t *failed, struct err *err)
{
	unsigned told = 0;
	bool late = false;

	memset(results, 0, turn->facts_len * sizeof(*results));
	int rc = engine_begin(engine, err);
	if (rc < 0)
		return rc;
	rc = submit_all(engine, turn, apart, now, results, failed, err);
	if (rc == 0) {
		*failed = turn->facts_len;
		rc = feeds_heard(engine, turn->facts, results, turn->facts_len, now, err);
	}
	if (rc == 0)
		rc = keep_refusals(engine, turn->refusals, turn->refusals_len, now, err);
	if (rc == 0)
		rc = keep_looks(engine, turn, now, err);
	if (rc == 0)
		rc = shift_due(engine, now, &told, err);
	if (rc == 0)
		rc = is_late(engine, now, &late, err);
	if (rc == 0)
		rc = tell(engine, late, now, engine->conf->limits.turn_due, &told, err);
	return engine_finish(engine, rc, err);
}

int engine_turn(struct engine *engine, const struct turn *turn, int64_t now,
		struct fact_result *results, struct err *err)
{
	struct apart apart = {.len = 0};

	for (;;) {
		size_t failed = turn->facts_len;
		int rc = try_turn(engine, turn, &apart, now, results, &failed, err);

		if (rc != CL_ECORRUPT || failed == turn->facts_len || apart.len == APART_MAX ||
		    is_apart(&apart, failed))
			return rc;
		log_error("fact.unreadable", "error=\"%s\"", err ? err->text : "");
		apart.facts[apart.len++] = failed;
	}
}

int engine_submit(struct engine *engine, struct fact *const *facts, size_t len,
		  const struct refusal *refusals, size_t refusals_len, int64_t now,
		  struct fact_result *results, struct err *err)
{
	const struct turn turn = {.facts = facts,
				  .facts_len = len,
				  .refusals = refusals,
				  .refusals_len = refusals_len};

	return engine_turn(engine, &turn, now, results, err);
}

/* --- Time
 * ---------------------------------------------------------------------------------------------------
 */

/* What cannot be read is looked at again so much later. */
#define UNREADABLE_AGAIN (10 * WHEN_MINUTE)

/* Journey ID does not open: its row was altered, or its key is not there. A human is called, and
 * everybody else's deadlines are kept. */
static int set_aside(struct engine *engine, const char *id, int64_t now, struct err *err)
{
	char detail[IDENT_CAP + 32];

	log_error("journey.unreadable", "journey=%s error=\"%s\"", id, err ? err->text : "");
	(void)snprintf(detail, sizeof(detail), "%s: unreadable", id);
	int rc = engine->store->ops->journey_postpone(engine->store, id, now + UNREADABLE_AGAIN,
						      err);

	return rc < 0 ? rc
		      : alarm_system(engine, ALERT_LEDGER_BROKEN, "journeys", detail, true, now,
				     err);
}

static int due_journeys(struct engine *engine, int64_t now, unsigned max, unsigned *fired,
			bool *more, struct err *err)
{
	struct id_list list = {.arena = &engine->arena};
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));

	int rc = engine->store->ops->journeys_due(engine->store, now, max, id_collect, &list, err);
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		struct step step = {.now = now};
		rc = held_load(engine, list.ids[i], held, err);
		if (rc == CL_EGONE)
			rc = erasing_bury(engine, list.ids[i], now, err);
		else if (rc == CL_ECORRUPT)
			rc = set_aside(engine, list.ids[i], now, err);
		else if (rc == 0)
			rc = step_apply(engine, held, &step, err);
		scratch_end(engine, kept);
		(*fired)++;
	}
	*more = list.len == max;
	return rc;
}

int engine_due(struct engine *engine, int64_t now, unsigned max, unsigned *fired, struct err *err)
{
	bool more;

	*fired = 0;
	int rc = engine_begin(engine, err);
	if (rc < 0)
		return rc;
	rc = due_journeys(engine, now, max, fired, &more, err);
	if (rc == 0)
		rc = shift_due(engine, now, fired, err);
	if (rc == 0)
		rc = feeds_due(engine, now, fired, err);
	if (rc == 0)
		rc = undelivered_due(engine, now, max, fired, err);
	if (rc == 0)
		rc = erasing_due(engine, now, max, fired, err);
	if (rc == 0)
		rc = heads_due(engine, now, fired, err);
	if (rc == 0)
		rc = tell(engine, more, now, max, fired, err);
	return engine_finish(engine, rc, err);
}

int engine_next(struct engine *engine, int64_t *at, struct err *err)
{
	int64_t journeys, alerts, notices, feeds = WHEN_NEVER, lost = WHEN_NEVER;
	int64_t heads = WHEN_NEVER, erase = WHEN_NEVER;
	int rc = engine->store->ops->next_due(engine->store, &journeys, &alerts, &notices, err);
	if (rc == 0)
		rc = engine->store->ops->feeds_next(engine->store, &feeds, err);
	if (rc == 0)
		rc = undelivered_next(engine, &lost, err);
	if (rc == 0)
		rc = erasing_next(engine, &erase, err);
	if (rc == 0)
		rc = heads_next(engine, &heads, err);
	if (rc < 0)
		return rc;
	int64_t shifts = shift_next(engine);
	*at = journeys < alerts ? journeys : alerts;
	*at = shifts < *at ? shifts : *at;
	if (feeds < *at)
		*at = feeds;
	if (lost < *at)
		*at = lost;
	if (erase < *at)
		*at = erase;
	if (heads < *at)
		*at = heads;
	return 0;
}

int engine_rules(struct engine *engine, int64_t now, struct err *err)
{
	bool known;
	int rc = rules_known(engine, &known, err);
	if (rc < 0 || known)
		return rc;
	rc = engine_begin(engine, err);
	if (rc < 0)
		return rc;
	rc = engine_finish(engine, rules_take(engine, now, err), err);
	if (rc == 0)
		log_info("policy.changed", "rules=%s", engine->conf->rules);
	return rc;
}

/* --- For others
 * --------------------------------------------------------------------------------------------- */

int engine_journey(struct engine *engine, const char *id, struct arena *arena, struct journey *out,
		   const struct policy **policy, struct err *err)
{
	return engine_journey_see(engine, NULL, id, arena, out, policy, err);
}

int engine_journey_see(struct engine *engine, const char *scope, const char *id,
		       struct arena *arena, struct journey *out, const struct policy **policy,
		       struct err *err)
{
	struct store_journey row;
	int rc = engine->store->ops->journey_see(engine->store, scope, id, arena, &row, err);
	if (rc < 0 && rc != CL_EGONE)
		return rc;
	return engine_journey_of(engine->conf, &row, arena, out, policy, err);
}

int engine_journey_of(const struct conf *conf, const struct store_journey *row, struct arena *arena,
		      struct journey *out, const struct policy **policy, struct err *err)
{
	int rc = 0;

	if (row->record_len == 0)
		journey_remnant(out, row->id, (enum stage)row->stage, row->unit, row->disposition,
				row->updated_at);
	else
		rc = journey_unpack(out, row->id, row->record, row->record_len, row->person,
				    row->person_len, arena, err);
	if (rc < 0)
		return rc;
	out->erased_at =
		row->erased_at > 0 || row->record_len > 0 ? row->erased_at : row->updated_at;
	*policy = engine_settle(conf, out, arena);
	return 0;
}

int engine_note(struct engine *engine, const char *journey, const char *what, const char *note,
		int64_t now, struct err *err)
{
	int rc = engine_begin(engine, err);
	if (rc < 0)
		return rc;
	rc = engine->store->ops->ledger_save(engine->store, journey, what, note, now, err);
	return engine_finish(engine, rc, err);
}

int engine_system_alert(struct engine *engine, enum alert_kind kind, const char *subject,
			const char *detail, bool open, int64_t now, struct err *err)
{
	unsigned told = 0;
	int rc = engine_begin(engine, err);
	if (rc < 0)
		return rc;
	rc = alarm_system(engine, kind, subject, detail, open, now, err);
	if (rc == 0)
		rc = alarm_tell(engine, now, engine->conf->limits.turn_due, &told, err);
	return engine_finish(engine, rc, err);
}

void unit_name(const struct conf *conf, const struct gazetteer *gazetteer, const char *code,
	       char *buf, size_t cap)
{
	const struct conf_unit *unit = conf_unit(conf, code);
	if (unit && unit->name)
		text_copy(buf, cap, unit->name);
	else if (!*code || !gazetteer || gazetteer_chain(gazetteer, code, buf, cap) < 0)
		text_copy(buf, cap, code);
}

const struct engine_counters *engine_counters(const struct engine *engine)
{
	return &engine->counters;
}

void engine_unit_name(struct engine *engine, const char *code, char *buf, size_t cap)
{
	unit_name(engine->conf, engine->gazetteer, code, buf, cap);
}

int engine_reach(struct engine *engine, const char *code, int64_t now,
		 const struct conf_endpoint **out, size_t max, size_t *len, struct err *err)
{
	struct duty duty;
	int rc = duty_at(engine, code, true, now, &duty, err);

	*len = 0;
	for (size_t i = 0; rc == 0 && i < duty.len && i < max; i++)
		out[(*len)++] = duty.endpoints[i];
	return rc;
}
