/* erasing.c — what is personal of a journey goes, some time after its end or because somebody
 * ordered it. Neighbours: loop/journey_erase.c says when, and what is left; the store takes the
 * rest away and, after the commit, destroys the key that the facts are sealed under.
 *
 * Nobody under watch is erased, and nobody about whom a question is still asked. A record that was
 * merged into another goes with it. References stay until she is history, so that a late fact is
 * refused and no new journey begins with it. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

#define RETENTION "retention"

static void count_fact(void *context, const void *row)
{
	const struct store_step *step = row;

	*(int *)context += step->fact > 0;
}

/* The line of history that says what went, why, and by whom. */
static int write_receipt(struct engine *engine, const struct journey *journey,
			 const struct store_erased *gone, const char *who, int64_t seq, int64_t now,
			 struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	int facts = 0;
	int rc = ops->steps_list(engine->store, journey->id, &engine->arena, count_fact, &facts,
				 err);
	struct store_step line = {.at = now, .fact = seq, .what = fact_type_word(FACT_ERASED)};

	if (rc < 0)
		return rc;
	line.note = arena_printf(&engine->arena,
				 "%s; erased: the person, %d facts, %d notices, %d alerts, %d "
				 "addresses, %d lessons; policy %s; by %s",
				 stage_word(journey->stage), facts, gone->notices, gone->alerts,
				 gone->places, gone->lessons, journey->policy, who);
	log_info("journey.erased", "journey=%s facts=%d", journey->id, facts);
	return ops->step_save(engine->store, journey->id, &line, err);
}

/* JOURNEY, settled, as it is in the store, becomes what is left of her. HOME: household_of. */
static int erase(struct engine *engine, const struct journey *journey, const char *home,
		 const char *who, int64_t seq, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct journey *left = arena_alloc(&engine->arena, sizeof(*left));
	struct store_erased gone;
	const uint8_t *record, *person;
	size_t person_len;
	struct store_erasure erasure = {.id = journey->id,
					.stage = (int)journey->stage,
					.unit = journey->unit,
					.holder = journey->holder,
					.disposition = journey->disposition,
					.now = now,
					.forget_at = journey_forget_at(journey)};

	journey_reduce(journey, left);
	journey_pack(left, &engine->arena, &record, &erasure.record_len, &person, &person_len);
	erasure.record = record;
	int rc = *home ? ops->home_remove(engine->store, home, journey->id, err) : 0;
	if (rc == 0)
		rc = ops->journey_erase(engine->store, &erasure, &gone, err);
	if (rc == 0)
		rc = ops->transfers_erase(engine->store, journey->id, err);
	if (rc == 0)
		rc = write_receipt(engine, journey, &gone, who, seq, now, err);
	engine->erased_at = now;
	return rc;
}

struct alert_list {
	size_t len;
	struct alert alerts[JOURNEY_OPEN_MAX];
};

static void collect_alert(void *context, const void *row)
{
	struct alert_list *list = context;

	if (list->len < ARRAY_LEN(list->alerts))
		list->alerts[list->len++] = *(const struct alert *)row;
}

/* She leaves the alerts she is in; which, only the alerts know any more. */
static int leave_unknown(struct engine *engine, const char *id, int64_t now, struct err *err)
{
	struct alert_list *list = arena_alloc(&engine->arena, sizeof(*list));
	int rc = engine->store->ops->alerts_about(engine->store, id, collect_alert, list, err);

	for (size_t i = 0; i < list->len && rc == 0; i++) {
		const struct alert *alert = &list->alerts[i];
		const struct joined joined = {.kind = alert->kind,
					      .subject = alert->subject,
					      .unit = alert->unit};

		rc = alarm_leave(engine, &joined, id, now, err);
	}
	return rc;
}

/* A destroyed key whose row knows nothing of it: somebody restored a backup from before. She was
 * erased, whatever she was then. */
int erasing_bury(struct engine *engine, const char *id, int64_t now, struct err *err)
{
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	int rc = held_load(engine, id, held, err);

	if (rc != CL_EGONE || held->journey.erased_at > 0)
		return rc == CL_EGONE ? 0 : rc;
	rc = leave_unknown(engine, id, now, err);
	if (rc < 0)
		return rc;
	return erase(engine, &held->journey, "", "a backup from before the erasure", 0, now, err);
}

/* Whose shell ID is goes with her; so do the shells of shells. */
static int erase_shells(struct engine *engine, const char *id, const char *who, int64_t now,
			struct err *err)
{
	struct id_list list = {.arena = &engine->arena};
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	int rc = engine->store->ops->shells_of(engine->store, id, id_collect, &list, err);

	for (size_t i = 0; i < list.len && rc == 0; i++) {
		rc = held_load(engine, list.ids[i], held, err);
		if (rc == CL_EGONE)
			rc = erasing_bury(engine, list.ids[i], now, err);
		else if (rc == 0)
			rc = erase(engine, &held->journey, held->home, who, 0, now, err);
		if (rc == 0)
			rc = engine->store->ops->shells_of(engine->store, list.ids[i], id_collect,
							   &list, err);
	}
	return rc;
}

static bool is_asked_about(const struct journey *journey, struct joined *which)
{
	for (size_t i = 0; i < journey->joined_len; i++) {
		if (alert_traits(journey->joined[i].kind)->informative)
			continue;
		*which = journey->joined[i];
		return true;
	}
	return false;
}

/* Words to whoever is told of her only end with her. */
static int leave_all(struct engine *engine, const struct journey *journey, int64_t now,
		     struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < journey->joined_len && rc == 0; i++)
		rc = alarm_leave(engine, &journey->joined[i], journey->id, now, err);
	return rc;
}

static int erase_whole(struct engine *engine, const struct held *held, const char *who, int64_t seq,
		       int64_t now, struct err *err)
{
	int rc = leave_all(engine, &held->journey, now, err);

	if (rc == 0)
		rc = erase(engine, &held->journey, held->home, who, seq, now, err);
	return rc == 0 ? erase_shells(engine, held->journey.id, who, now, err) : rc;
}

/* --- By time --- */

/* A shell waits for whom it was merged into. */
static int look_at_shell(struct engine *engine, const struct held *shell, int64_t now,
			 struct err *err)
{
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	int rc = identity_follow(engine, shell->journey.id, held, err);

	if (rc == CL_EGONE)
		return erase(engine, &shell->journey, shell->home, RETENTION, 0, now, err);
	return rc < 0 ? rc
		      : engine->store->ops->erasure_plan(engine->store, shell->journey.id,
							 WHEN_NEVER, shell->journey.merged_into,
							 err);
}

/* Computed anew: the policy may be another one by now, and what came late moves it. */
static int look_at(struct engine *engine, const char *id, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	struct joined asked;
	int rc = held_load(engine, id, held, err);

	if (rc == CL_EGONE)
		return held->journey.erased_at > 0 ? ops->journey_forget(engine->store, id, err)
						   : erasing_bury(engine, id, now, err);
	if (rc < 0)
		return rc;
	if (held->journey.merged_into)
		return look_at_shell(engine, held, now, err);
	int64_t at = held->open ? WHEN_NEVER
				: journey_erase_at(&held->journey, held->policy, held->heard_at);
	if (at <= now && is_asked_about(&held->journey, &asked))
		at = now + WHEN_DAY;
	if (at > now)
		return ops->erasure_plan(engine->store, id, at, "", err);
	return erase_whole(engine, held, RETENTION, 0, now, err);
}

/* Of whole days; what a day left behind that is nobody's lives as long as the longest retention,
 * and a day. */
static int64_t days_kept(const struct conf *conf)
{
	int64_t longest = 0;

	for (size_t i = 0; i < conf->policies_len; i++) {
		if (conf->policies[i].erase_after > longest)
			longest = conf->policies[i].erase_after;
		for (size_t k = 0; k < conf->overrides[i].len; k++) {
			if (conf->overrides[i].items[k].policy.erase_after > longest)
				longest = conf->overrides[i].items[k].policy.erase_after;
		}
	}
	return (longest + WHEN_DAY - 1) / WHEN_DAY + 1;
}

int erasing_due(struct engine *engine, int64_t now, unsigned max, unsigned *fired, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct id_list list = {.arena = &engine->arena};
	int64_t next;
	int rc = erasing_next(engine, &next, err);

	if (rc < 0 || next > now)
		return rc;
	/* A key that could not be destroyed is tried again behind this transaction. */
	engine->erased_at = now;
	rc = ops->erasures_due(engine->store, now, max, id_collect, &list, err);
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		rc = look_at(engine, list.ids[i], now, err);
		scratch_end(engine, kept);
		(*fired)++;
	}
	if (rc == 0)
		rc = ops->days_erase(engine->store, now / WHEN_DAY - days_kept(engine->conf), err);
	return rc;
}

int erasing_next(const struct engine *engine, int64_t *at, struct err *err)
{
	int rc = engine->store->ops->erasures_next(engine->store, days_kept(engine->conf), at, err);

	if (rc == 0 && *at < engine->destroy_again_at)
		*at = engine->destroy_again_at;
	return rc;
}

/* Keys that could not be destroyed are tried so much later again. */
#define DESTROY_AGAIN (10 * WHEN_SECOND)

void erasing_finish(struct engine *engine)
{
	struct err err = ERR_INIT;
	int64_t now = engine->erased_at;
	int rc = engine->store->ops->doomed_destroy(engine->store, now, &err);

	engine->destroy_again_at = rc < 0 ? now + DESTROY_AGAIN : 0;
	if (rc < 0)
		log_warn("erasure.pending", "error=\"%s\"", err.text);
}

/* --- By order --- */

int erasing_submit(struct engine *engine, const struct fact *fact, int64_t now,
		   struct fact_result *result, struct err *err)
{
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	struct joined asked;
	int64_t seq = 0;
	int rc = identity_follow(engine, fact->journey, held, err);

	if (rc < 0)
		return rc;
	const struct journey *journey = &held->journey;
	if (held->open)
		return err_set(err, CL_ECONFLICT,
			       "journey %s is %s: nobody under watch may be forgotten; release, "
			       "withdraw or close it first",
			       journey->id, stage_word(journey->stage));
	if (is_asked_about(journey, &asked))
		return err_set(
			err, CL_ECONFLICT,
			"journey %s: alert %s about it is open; somebody must answer it first",
			journey->id, alert_traits(asked.kind)->word);
	/* Not under her key: why she was erased outlives her. */
	rc = step_keep_fact(engine, &(struct step){.fact = fact, .now = now, .seq = &seq}, NULL,
			    err);
	if (rc < 0)
		return rc;
	text_copy(result->journey, sizeof(result->journey), journey->id);
	return erase_whole(engine, held, fact->by ? fact->by : "order", seq, now, err);
}
