/* submit.c — one fact by its type: whom it is about, what it changes, or why it is refused.
 * Neighbours: engine.c puts many into one transaction; identity.c, vehicles.c, alarms.c, learning.c
 * and erasing.c do the work. */
#include "engine/engine_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

/* An answer to a question that somebody else has answered meanwhile changes nothing. */
static int still_asked(struct engine *engine, const struct fact *fact, struct err *err)
{
	struct alert alert;

	if (fact->type != FACT_ASSIGNED || fact->alert == 0)
		return 0;
	int rc = engine->store->ops->alert_load(engine->store, fact->alert, &alert, err);
	if (rc == 0 && alert.state == ALERT_RESOLVED)
		return err_set(err, CL_ECONFLICT, "alert %lld is settled already",
			       (long long)fact->alert);
	return rc;
}

static int submit_person(struct engine *engine, const struct fact *fact, int64_t now,
			 struct fact_result *result, struct err *err)
{
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	struct flight *flight = NULL;
	int64_t seq = 0;

	int rc = still_asked(engine, fact, err);
	if (rc == 0)
		rc = identity_find(engine, fact, fact->ref, now, held, err);
	if (rc < 0)
		return rc;
	rc = flight_current(engine, fact, &flight, err);
	if (rc < 0)
		return rc;
	struct step step = {.fact = fact, .flight = flight, .now = now, .seq = &seq};
	rc = step_apply(engine, held, &step, err);
	if (rc == 0)
		rc = learning_follow(engine, fact, held->journey.id, now, err);
	if (rc < 0)
		return rc;
	text_copy(result->journey, sizeof(result->journey), held->journey.id);
	return identity_keep(engine, fact, fact->ref, held->journey.id, err);
}

static int submit_by_type(struct engine *engine, const struct fact *fact, int64_t now,
			  struct fact_result *result, struct err *err)
{
	int64_t seq;
	switch (fact->type) {
	case FACT_HEARTBEAT:
		return engine->store->ops->fact_save(engine->store, fact, NULL, now, &seq, err);
	case FACT_FLIGHT_UPDATED:
		return flight_submit(engine, fact, now, err);
	case FACT_DEPARTED:
	case FACT_ETA:
	case FACT_STOP_REACHED:
		return vehicle_submit(engine, fact, now, err);
	case FACT_ALERT_ACKED:
	case FACT_ALERT_RESOLVED:
		return alarm_submit(engine, fact, now, result, err);
	case FACT_SILENCED:
	case FACT_SILENCE_ENDED:
		return silence_submit(engine, fact, now, result, err);
	case FACT_ALIAS_UNDONE:
		return learning_undo(engine, fact, now, result, err);
	case FACT_ERASED:
		return erasing_submit(engine, fact, now, result, err);
	case FACT_ANNOUNCED:
	case FACT_TRIAGED:
	case FACT_REGISTERED:
	case FACT_HANDED_OVER:
	case FACT_REDIRECTED:
	case FACT_CORRECTED:
	case FACT_WITHDRAWN:
	case FACT_CHECKED:
	case FACT_ACCEPTED:
	case FACT_TASK_ENDED:
	case FACT_ASSIGNED:
	case FACT_EXTENDED:
	case FACT_RELEASED:
	case FACT_CLOSED:
	case FACT_REFUSED:
	case FACT_EXPOSED:
	case FACT_LEFT:
	case FACT_RETURNED:
		return submit_person(engine, fact, now, result, err);
	case FACT_HOUSEHOLD:
	case FACT_DUE:
	case FACT_TYPES:
		break;
	}
	assert(false && "a fact of a type nobody may submit");
	return err_set(err, CL_EINVAL, "fact type %d", (int)fact->type);
}

/* The same (source, id): a repetition, or another body under a used key. Both bodies are kept, a
 * human is told. */
static int submit_again(struct engine *engine, const struct fact *fact, bool same, int64_t now,
			struct fact_result *result, struct err *err)
{
	if (same) {
		result->duplicate = true;
		return 0;
	}
	result->reject = REJECT_ID_REUSE;
	text_copy(result->detail, sizeof(result->detail),
		  "this source has used this id with another body");
	struct store_reject reject = {.at = now,
				      .feed = "",
				      .source = fact->stamp.source,
				      .event_id = fact->stamp.id,
				      .code = reject_word(REJECT_ID_REUSE),
				      .detail = result->detail,
				      .body = fact->body,
				      .body_len = fact->body_len};
	int rc = engine->store->ops->reject_save(engine->store, &reject, err);
	if (rc < 0)
		return rc;
	return alarm_system(engine, ALERT_ID_REUSE, fact->stamp.source, "", true, now, err);
}

/* Whoever tells may have seen what it is about when she asked; a fact of the same turn can have
 * made it another's since. */
static int within_scope(struct engine *engine, const struct fact *fact, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	int rc = 0;

	if (!fact->scope || !*fact->scope)
		return 0;
	if (fact->journey) {
		struct store_journey row;

		rc = ops->journey_see(engine->store, fact->scope, fact->journey, &engine->arena,
				      &row, err);
	} else if (fact->alert > 0) {
		struct alert alert;

		rc = ops->alert_see(engine->store, fact->scope, fact->alert, &alert, err);
	} else if (fact->alias > 0) {
		struct store_alias alias;

		rc = ops->alias_see(engine->store, fact->scope, fact->alias, &engine->arena, &alias,
				    err);
	} else if (fact->type == FACT_SILENCE_ENDED) {
		struct silence silence;

		rc = ops->silence_see(engine->store, fact->scope, fact->silence->id, &silence, err);
	}
	return rc;
}

int submit_one(struct engine *engine, struct fact *fact, int64_t now, struct fact_result *result,
	       struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	bool same = false;
	int64_t seq = 0;

	int rc = ops->fact_find(engine->store, fact->stamp.source, fact->stamp.id, fact->hash, &seq,
				&same, err);
	if (rc < 0)
		return rc;
	if (seq > 0)
		return submit_again(engine, fact, same, now, result, err);
	place_fact(engine, fact);
	rc = within_scope(engine, fact, err);
	if (rc == 0)
		rc = submit_by_type(engine, fact, now, result, err);
	if (rc == CL_ECONFLICT || rc == CL_ENOENT || rc == CL_EINVAL || rc == CL_EGONE) {
		result->code = (enum cl_error)rc;
		text_copy(result->detail, sizeof(result->detail), err->text);
		return 0;
	}
	return rc;
}
