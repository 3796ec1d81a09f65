/* hold.c — what keeps a due alert from speaking: a human's silence, or a graver alert that explains
 * it. Neighbours: loop/silence.c has the rules, alarms.c tells what is not held, feeds.c knows
 * whose feed a source is. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

/* --- Silences are made and ended ----------------------------------------------------------- */

static int make_silence(struct engine *engine, const struct fact *fact, int64_t now,
			struct err *err)
{
	struct silence silence = *fact->silence;
	int64_t seq = 0;
	struct step step = {.fact = fact, .now = now, .seq = &seq};

	silence.made_at = now;
	silence.ended_at = WHEN_NEVER;
	int rc = silence_check(&silence, engine->conf->fallback, now, err);
	if (rc == 0)
		rc = step_keep_fact(engine, &step, NULL, err);
	if (rc < 0)
		return rc;
	silence.id = seq;
	log_info("silence.made", "silence=%lld kind=%s unit=%s force=%d", (long long)silence.id,
		 silence.kind, silence.unit, silence.force);
	return engine->store->ops->silence_save(engine->store, &silence, err);
}

static int end_silence(struct engine *engine, const struct fact *fact, int64_t now,
		       struct fact_result *result, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct silence silence;
	int64_t seq = 0;
	struct step step = {.fact = fact, .now = now, .seq = &seq};

	int rc = ops->silence_load(engine->store, fact->silence->id, &silence, err);
	if (rc < 0)
		return rc;
	if (silence.ended_at != WHEN_NEVER || silence.ends_at <= now) {
		text_copy(result->detail, sizeof(result->detail), "it is over already");
		return 0;
	}
	rc = step_keep_fact(engine, &step, NULL, err);
	if (rc < 0)
		return rc;
	silence.ended_at = now;
	text_copy(silence.ended_by, sizeof(silence.ended_by), fact->by ? fact->by : "");
	log_info("silence.ended", "silence=%lld", (long long)silence.id);
	rc = ops->silence_save(engine->store, &silence, err);
	/* What it kept back is due now, and judged anew: another silence may hide it. */
	return rc < 0 ? rc : ops->alerts_release(engine->store, HOLD_SILENCE, silence.id, now, err);
}

int silence_submit(struct engine *engine, const struct fact *fact, int64_t now,
		   struct fact_result *result, struct err *err)
{
	return fact->type == FACT_SILENCED ? make_silence(engine, fact, now, err)
					   : end_silence(engine, fact, now, result, err);
}

/* --- Who holds an alert -------------------------------------------------------------------- */

static void silence_collect(void *context, const void *row)
{
	struct silence_list *list = context;

	if (list->len == list->cap) {
		size_t cap = list->cap ? 2 * list->cap : 8;
		struct silence *silences = arena_alloc(list->arena, cap * sizeof(*silences));

		if (list->len)
			memcpy(silences, list->silences, list->len * sizeof(*silences));
		list->silences = silences;
		list->cap = cap;
	}
	list->silences[list->len++] = *(const struct silence *)row;
}

int silences_load(struct engine *engine, int64_t now, struct silence_list *out, struct err *err)
{
	*out = (struct silence_list){.arena = &engine->arena};
	return engine->store->ops->silences_list(engine->store, now, silence_collect, out, err);
}

/* The one that lasts longest. */
static const struct silence *hiding(const struct engine *engine, const struct silence_list *list,
				    const struct alert *alert, int64_t now)
{
	const struct silence *found = NULL;

	for (size_t i = 0; i < list->len; i++) {
		if (silence_hides(&list->silences[i], alert, engine->conf->fallback, now) &&
		    (!found || list->silences[i].ends_at > found->ends_at))
			found = &list->silences[i];
	}
	return found;
}

/* Whose feed all sources of some people are. */
struct origin {
	const struct conf *conf;
	const struct conf_feed *feed;
	size_t refs;
	bool mixed;
};

static void note_origin(void *context, const void *row)
{
	struct origin *origin = context;
	const char *const *ref = row; /* source, ref */
	const struct conf_feed *feed = feed_of_source(origin->conf, ref[0]);

	origin->refs++;
	origin->mixed = origin->mixed || !feed || (origin->feed && origin->feed != feed);
	origin->feed = feed;
}

/* The open alert about the silence of the one feed that everybody in ALERT came by; *BY 0 when they
 * came by several, or it is heard. */
static int silent_feed_of(struct engine *engine, const struct alert *alert, int64_t *by,
			  struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct id_list members = {.arena = &engine->arena};
	struct origin origin = {.conf = engine->conf};
	struct store_feed feed;
	struct alert silent;

	*by = 0;
	int rc = ops->members_of(engine->store, alert->id, id_collect, &members, err);
	for (size_t i = 0; i < members.len && rc == 0 && !origin.mixed; i++) {
		origin.refs = 0;
		rc = ops->refs_of(engine->store, members.ids[i], note_origin, &origin, err);
		origin.mixed = origin.mixed || origin.refs == 0;
	}
	if (rc < 0 || origin.mixed || !origin.feed)
		return rc;
	rc = ops->feed_find(engine->store, origin.feed->name, &engine->arena, &feed, err);
	if (rc < 0 || !feed.name || feed.alert == 0)
		return rc;
	rc = ops->alert_load(engine->store, feed.alert, &silent, err);
	if (rc == 0 && silent.state != ALERT_RESOLVED)
		*by = silent.id;
	return rc;
}

static int find_inhibitor(struct engine *engine, const struct alert *alert, int64_t now,
			  int64_t *by, struct err *err)
{
	const struct inhibition *rule = NULL;

	*by = 0;
	if (now >= inhibited_until(alert, policy_today(engine, now)))
		return 0;
	while ((rule = inhibition_of(alert->kind, rule)) != NULL) {
		int rc = rule->match == INHIBIT_FEED
				 ? silent_feed_of(engine, alert, by, err)
				 : engine->store->ops->alert_cover(engine->store, alert->id,
								   rule->source, by, err);
		if (rc < 0 || *by > 0)
			return rc;
	}
	return 0;
}

int hold_judge(struct engine *engine, const struct silence_list *silences, struct alert *alert,
	       int64_t now, bool *held, struct err *err)
{
	const struct silence *silence = hiding(engine, silences, alert, now);
	int64_t by = 0;

	*held = silence != NULL;
	if (silence) {
		alert_hold(alert, HOLD_SILENCE, silence->id, silence->ends_at, now);
	} else {
		int rc = find_inhibitor(engine, alert, now, &by, err);

		if (rc < 0)
			return rc;
		*held = by > 0;
		if (*held)
			alert_hold(alert, HOLD_ALERT, by,
				   inhibited_until(alert, policy_today(engine, now)), now);
		else
			alert_release(alert, now);
	}
	return *held ? engine->store->ops->alert_save(engine->store, alert, now, err) : 0;
}

int hold_lift(struct engine *engine, enum alert_kind kind, int64_t now, struct err *err)
{
	if (!inhibits_others(kind))
		return 0;
	return engine->store->ops->alerts_release(engine->store, HOLD_ALERT, 0, now, err);
}
