/* undelivered.c — urgent notices that do not arrive: the person matters, not the URL, so the next
 * step is called without waiting for its time. Neighbours: the store says which, telling.c calls;
 * the courier goes on trying the first way, and its success there changes nothing here.
 *
 * Level-triggered: all of it is computed from the outbox and from what the courier wrote about its
 * endpoints, so a crash forgets nothing. Every telling that is looked at is marked, whatever comes
 * of it, in the same transaction: it calls others once. */
#include "engine/engine_private.h"

#include "closedloop/log.h"

#define LOOKED_AT_MAX 256 /* In one turn, as of alerts. */

struct lost_list {
	size_t len;
	struct store_undelivered rows[LOOKED_AT_MAX];
};

static void lost_collect(void *context, const void *row)
{
	struct lost_list *list = context;

	if (list->len < LOOKED_AT_MAX)
		list->rows[list->len++] = *(const struct store_undelivered *)row;
}

/* What became of one telling, and of those after it. */
struct fate {
	const struct engine *engine;
	int64_t told_at;
	bool arrived; /* somebody else of the same telling has it */
	bool reached; /* its own rows have been seen … */
	bool passed;  /* … and others have been told since: that is what counts now */
	struct duty owed;
};

static void note_fate(void *context, const void *row)
{
	struct fate *fate = context;
	const struct store_told *told = row;
	bool own = told->told_at == fate->told_at;

	fate->arrived = fate->arrived || (own && told->state == NOTICE_DONE);
	/* Since is what was written after it, not what bears a later time: the clock may have been
	 * set back between the two. */
	fate->passed = fate->reached && !own;
	fate->reached = fate->reached || own;
	/* Dead ones too: they would refuse it again. */
	if (told->state == NOTICE_READY ||
	    (told->state == NOTICE_DEAD && told->told_at == fate->told_at))
		duty_add(&fate->owed, conf_endpoint(fate->engine->conf, told->endpoint));
}

static int hand_on(struct engine *engine, const struct silence_list *silences,
		   const struct store_undelivered *lost, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct fate *fate = arena_alloc(&engine->arena, sizeof(*fate));
	struct alert alert = {.state = ALERT_RESOLVED};
	bool held, told;

	fate->engine = engine;
	fate->told_at = lost->told_at;
	int rc = ops->notices_handed_on(engine->store, lost->alert, lost->told_at, err);
	if (rc == 0)
		rc = ops->alert_load(engine->store, lost->alert, &alert, err);
	/* One bad row must not stop the turn for all others. */
	if (rc == CL_ENOENT)
		return 0;
	if (rc < 0 || alert.state != ALERT_OPEN)
		return rc;
	rc = ops->notices_of(engine->store, alert.id, &engine->arena, note_fate, fate, err);
	if (rc < 0 || fate->arrived || fate->passed)
		return rc;
	rc = hold_judge(engine, silences, &alert, now, &held, err);
	if (rc < 0 || held)
		return rc;
	rc = telling_hand_on(engine, &alert, &fate->owed, now, &told, err);
	if (rc < 0 || !told)
		return rc;
	engine->counters.handed_on++;
	log_warn("alert.handed_on", "alert=%lld kind=%s step=%d", (long long)alert.id,
		 alert_traits(alert.kind)->word, alert.step);
	return 0;
}

int undelivered_due(struct engine *engine, int64_t now, unsigned max, unsigned *fired,
		    struct err *err)
{
	const struct conf_limits *limits = &engine->conf->limits;
	struct silence_list silences = {.len = 0};
	struct lost_list *list = arena_alloc(&engine->arena, sizeof(*list));

	int rc = engine->store->ops->undelivered_list(engine->store, limits->hand_on_tries,
						      limits->hand_on_after, now,
						      max < LOOKED_AT_MAX ? max : LOOKED_AT_MAX,
						      lost_collect, list, err);
	if (rc == 0 && list->len > 0)
		rc = silences_load(engine, now, &silences, err);
	for (size_t i = 0; i < list->len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);

		rc = hand_on(engine, &silences, &list->rows[i], now, err);
		scratch_end(engine, kept);
		(*fired)++;
	}
	return rc;
}

int undelivered_next(const struct engine *engine, int64_t *at, struct err *err)
{
	const struct conf_limits *limits = &engine->conf->limits;

	return engine->store->ops->undelivered_next(engine->store, limits->hand_on_tries,
						    limits->hand_on_after, at, err);
}
