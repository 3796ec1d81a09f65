/* telling.c — alerts speak: what is due climbs its ladder, what did not arrive goes to the next.
 * Neighbours: loop/alert.c knows the ladder, duty.c whom a step reaches, resort.c whom the last
 * word does, hold.c keeps some from speaking, words.c writes the notices; undelivered.c says what
 * did not arrive. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/text.h"

/* One alert about to speak. */
struct telling {
	const struct conf_escalation *escalation;
	struct duty duties[CONF_STEPS_MAX];
	struct duty resort;
	struct ladder ladder;
	size_t len; /* of what is said, one word to each endpoint */
	struct word {
		const struct conf_endpoint *to;
		struct tell tell;
	} words[TELL_MAX * DUTY_MAX];
};

int alarm_ladder(struct engine *engine, const struct alert *alert,
		 const struct conf_escalation *escalation, int64_t now,
		 struct duty duties[CONF_STEPS_MAX], struct ladder *out, struct err *err)
{
	int rc = 0;

	memset(out, 0, sizeof(*out));
	out->len = escalation->len;
	for (size_t i = 0; i < escalation->len && rc == 0; i++) {
		out->wait[i] = escalation->steps[i].wait;
		rc = duty_reach(engine, &escalation->steps[i], alert, now, &duties[i], err);
		resort_avoid(alert, &duties[i]);
		out->reachable[i] = duties[i].len > 0;
	}
	out->repeat = escalation->len && escalation->steps[escalation->len - 1].repeat;
	return rc;
}

static bool has_deadline(enum alert_kind kind)
{
	return kind == ALERT_NO_SHOW || kind == ALERT_NOT_DELIVERED || kind == ALERT_NOT_RETURNED ||
	       kind == ALERT_NOT_REGISTERED || kind == ALERT_NOT_BOARDED ||
	       kind == ALERT_TRANSFER_OVERDUE || kind == ALERT_NOT_ACCEPTED ||
	       kind == ALERT_TASK_OVERDUE || kind == ALERT_MISSED_CHECK || kind == ALERT_REMIND ||
	       kind == ALERT_REMIND_LAST || kind == ALERT_NOT_RELEASED || kind == ALERT_RELEASE ||
	       kind == ALERT_SHIFT_HANDOVER;
}

#define LATE_FROM WHEN_MINUTE

static int64_t lateness(const struct alert *alert, int64_t now)
{
	int64_t should = alert->step > 0	     ? alert->next_at
			 : has_deadline(alert->kind) ? alert->due
						     : now;
	if (should > now || should == WHEN_UNKNOWN)
		return 0;
	/* What was held on purpose is late from the end of its hold. */
	if (alert->hold_until > should)
		should = alert->hold_until;
	return now - should >= LATE_FROM ? now - should : 0;
}

static int telling_begin(struct engine *engine, const struct alert *alert, int64_t now,
			 struct telling **out, struct err *err)
{
	struct telling *telling = arena_alloc(&engine->arena, sizeof(*telling));

	*out = telling;
	telling->escalation = conf_escalation(engine->conf, alert_traits(alert->kind)->word);
	return alarm_ladder(engine, alert, telling->escalation, now, telling->duties,
			    &telling->ladder, err);
}

/* Of several words to one endpoint in one tick the strongest is said. */
static void add_word(struct telling *telling, const struct conf_endpoint *to,
		     const struct tell *tell)
{
	for (size_t i = 0; i < telling->len; i++) {
		if (telling->words[i].to != to)
			continue;
		if (tell_stronger(tell->why, telling->words[i].tell.why))
			telling->words[i].tell = *tell;
		return;
	}
	if (telling->len < ARRAY_LEN(telling->words))
		telling->words[telling->len++] = (struct word){.to = to, .tell = *tell};
}

static int add_words(struct engine *engine, const struct alert *alert, struct telling *telling,
		     const struct tell *tells, size_t len, struct err *err)
{
	for (size_t i = 0; i < len; i++) {
		const struct duty *duty = &telling->resort;

		if (tells[i].step == TELL_FALLBACK) {
			int rc = resort_find(engine, alert, &telling->resort, err);
			if (rc < 0)
				return rc;
		} else {
			duty = &telling->duties[tells[i].step];
		}
		for (size_t k = 0; k < duty->len; k++)
			add_word(telling, duty->endpoints[k], &tells[i]);
	}
	return 0;
}

static int say_words(struct engine *engine, const struct alert *alert,
		     const struct telling *telling, int64_t late, int64_t now, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < telling->len && rc == 0; i++)
		rc = words_notice(engine, alert, telling->words[i].tell.why,
				  telling->words[i].tell.step, telling->words[i].to, late, now,
				  err);
	return rc;
}

static int tell_one(struct engine *engine, struct alert *alert, int64_t now, struct err *err)
{
	struct telling *telling;
	struct tell tells[TELL_MAX];

	int rc = telling_begin(engine, alert, now, &telling, err);
	if (rc < 0)
		return rc;
	int64_t late = lateness(alert, now);
	struct alert before = *alert;
	size_t len = alert_escalate(alert, &telling->ladder, now, tells);
	rc = add_words(engine, &before, telling, tells, len, err);
	if (rc == 0)
		rc = say_words(engine, &before, telling, late, now, err);
	if (len > 0) {
		engine->counters.tellings++;
		engine->counters.late_ms += (uint64_t)late;
	}
	return rc < 0 ? rc : engine->store->ops->alert_save(engine->store, alert, now, err);
}

/* --- Handing on ---------------------------------------------------------------------------- */

/* Who is owed a word about it already is not called by another one. */
static void leave_out(struct telling *telling, const struct duty *owed)
{
	size_t kept = 0;

	for (size_t i = 0; i < telling->len; i++) {
		if (!duty_has(owed, telling->words[i].to->name))
			telling->words[kept++] = telling->words[i];
	}
	telling->len = kept;
}

int telling_hand_on(struct engine *engine, struct alert *alert, const struct duty *owed,
		    int64_t now, bool *told, struct err *err)
{
	static const struct tell last = {.step = TELL_FALLBACK, .why = TELL_UNDELIVERED};
	struct telling *telling;
	struct tell tells[TELL_MAX];

	*told = false;
	int rc = telling_begin(engine, alert, now, &telling, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < telling->ladder.len; i++) {
		bool fresh = false;
		for (size_t k = 0; k < telling->duties[i].len; k++)
			fresh = fresh || !duty_has(owed, telling->duties[i].endpoints[k]->name);
		telling->ladder.reachable[i] = fresh;
	}
	struct alert before = *alert;
	size_t len = alert_hand_on(alert, &telling->ladder, now, tells);
	rc = add_words(engine, &before, telling, tells, len, err);
	leave_out(telling, owed);
	/* Not even the last word: by whatever way there is. */
	if (rc == 0 && telling->len == 0) {
		const struct conf_endpoint *way;

		rc = resort_other(engine, owed, &way, err);
		if (rc == 0 && way)
			add_word(telling, way, &last);
	}
	*told = telling->len > 0;
	if (rc == 0)
		rc = say_words(engine, &before, telling, 0, now, err);
	return rc < 0 ? rc : engine->store->ops->alert_save(engine->store, alert, now, err);
}

/* --- All that is due ----------------------------------------------------------------------- */

struct alert_list {
	struct arena *arena;
	struct alert *alerts;
	size_t len, cap;
};

static void alert_collect(void *context, const void *row)
{
	struct alert_list *list = context;
	if (list->len == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 8;
		struct alert *alerts = arena_alloc(list->arena, cap * sizeof(*alerts));
		if (list->len)
			memcpy(alerts, list->alerts, list->len * sizeof(*alerts));
		list->alerts = alerts;
		list->cap = cap;
	}
	list->alerts[list->len++] = *(const struct alert *)row;
}

int alarm_tell(struct engine *engine, int64_t now, unsigned max, unsigned *fired, struct err *err)
{
	struct alert_list list = {.arena = &engine->arena};
	int rc = engine->store->ops->alerts_due(engine->store, now, max < 256 ? max : 256,
						alert_collect, &list, err);
	struct silence_list silences = {.len = 0};
	if (rc == 0 && list.len > 0)
		rc = silences_load(engine, now, &silences, err);
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		bool held;
		rc = hold_judge(engine, &silences, &list.alerts[i], now, &held, err);
		if (rc == 0 && !held)
			rc = tell_one(engine, &list.alerts[i], now, err);
		scratch_end(engine, kept);
		(*fired)++;
	}
	return rc;
}
