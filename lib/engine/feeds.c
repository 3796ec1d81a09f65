/* feeds.c — when each feed was heard, and the alert when one is silent beyond its heartbeat.
 * Neighbours: engine.c asks after every turn, alarms.c keeps the alert, the store the rows.
 *
 * One row per feed: heard_at, and due_at when its silence becomes an alert. Whatever a feed has
 * committed counts as hearing it, a repetition too. While we were down we were deaf: silence counts
 * from our start. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

/* A row is not written again for less. */
#define HEARD_STEP WHEN_SECOND

const struct conf_feed *feed_of_source(const struct conf *conf, const char *source)
{
	const struct conf_feed *found = NULL;
	size_t best = 0;
	bool tie = false;

	for (size_t i = 0; i < conf->feeds_len; i++) {
		const struct conf_feed *feed = &conf->feeds[i];

		for (size_t k = 0; k < feed->sources_len; k++) {
			size_t len = strlen(feed->sources[k]);

			if (!text_starts(source, feed->sources[k]) || (found && len < best))
				continue;
			tie = found && found != feed && len == best;
			found = feed;
			best = len;
		}
	}
	return tie ? NULL : found;
}

static const struct conf_feed *feed_configured(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->feeds_len; i++) {
		if (text_equal(conf->feeds[i].name, name))
			return &conf->feeds[i];
	}
	return NULL;
}

int64_t feed_deadline(const struct conf_feed *feed, const struct zone *zone, int64_t heard_at)
{
	if (feed->heartbeat == 0)
		return WHEN_NEVER;
	int64_t by_day = heard_at + feed->heartbeat;
	int64_t end = feed->heartbeat_night
			      ? when_window_end(zone, feed->night_from, feed->night_to, by_day)
			      : WHEN_UNKNOWN;

	if (end == WHEN_UNKNOWN)
		return by_day;
	/* Morning does not make a feed late at once that kept to the night's rule. */
	int64_t by_night = heard_at + feed->heartbeat_night;

	return by_night < end + feed->heartbeat ? by_night : end + feed->heartbeat;
}

/* --- Hearing ------------------------------------------------------------------------------- */

/* End the alert about FEED's silence, if it is still open. */
static int end_alert(struct engine *engine, struct store_feed *feed, int64_t now, struct err *err)
{
	struct alert alert;
	int rc = 0;

	if (feed->alert == 0)
		return 0;
	rc = engine->store->ops->alert_load(engine->store, feed->alert, &alert, err);
	if (rc == 0 && alert.state != ALERT_RESOLVED)
		rc = alarm_end(engine, &alert, now, err);
	feed->alert = 0;
	return rc;
}

static int hear(struct engine *engine, const struct conf_feed *conf, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct store_feed feed;

	int rc = ops->feed_find(engine->store, conf->name, &engine->arena, &feed, err);
	if (rc < 0)
		return rc;
	if (feed.name && feed.alert == 0 && feed.heard_at <= now &&
	    feed.heard_at > now - HEARD_STEP)
		return 0;
	if (feed.alert)
		log_info("feed.heard_again", "feed=%s", conf->name);
	rc = feed.name ? end_alert(engine, &feed, now, err) : 0;
	if (rc < 0)
		return rc;
	feed.name = conf->name;
	feed.heard_at = now;
	feed.due_at = feed_deadline(conf, engine->conf->zone, now);
	return ops->feed_save(engine->store, &feed, err);
}

int feeds_heard(struct engine *engine, struct fact *const *facts, const struct fact_result *results,
		size_t len, int64_t now, struct err *err)
{
	const struct conf *conf = engine->conf;
	bool *heard = arena_alloc(&engine->arena, (conf->feeds_len + 1) * sizeof(*heard));
	const char *last = NULL;
	int rc = 0;

	for (size_t i = 0; i < len; i++) {
		const char *name = facts[i]->feed;

		if (!name || name == last || results[i].reject || results[i].code)
			continue;
		const struct conf_feed *feed = feed_configured(conf, name);
		if (feed)
			heard[feed - conf->feeds] = true;
		last = name;
	}
	for (size_t i = 0; i < conf->feeds_len && rc == 0; i++) {
		if (heard[i])
			rc = hear(engine, &conf->feeds[i], now, err);
	}
	return rc;
}

/* --- Silence ------------------------------------------------------------------------------- */

struct feed_list {
	struct arena *arena;
	struct store_feed *feeds;
	size_t len, cap;
};

static void feed_collect(void *context, const void *row)
{
	struct feed_list *list = context;

	if (list->len == list->cap) {
		size_t cap = list->cap ? 2 * list->cap : 16;
		struct store_feed *feeds = arena_alloc(list->arena, cap * sizeof(*feeds));

		if (list->len)
			memcpy(feeds, list->feeds, list->len * sizeof(*feeds));
		list->feeds = feeds;
		list->cap = cap;
	}
	list->feeds[list->len++] = *(const struct store_feed *)row;
}

static int list_feeds(struct engine *engine, struct feed_list *list, struct err *err)
{
	*list = (struct feed_list){.arena = &engine->arena};
	return engine->store->ops->feeds_list(engine->store, &engine->arena, feed_collect, list,
					      err);
}

static int is_told(struct engine *engine, const struct store_feed *feed, bool *told,
		   struct err *err)
{
	struct alert alert;

	*told = false;
	if (feed->alert == 0)
		return 0;
	int rc = engine->store->ops->alert_load(engine->store, feed->alert, &alert, err);
	*told = rc == 0 && alert.state != ALERT_RESOLVED;
	return rc;
}

/* So long after it was told, or a human ended it, silence that lasts is told anew. */
static int64_t look_again(const struct engine *engine, int64_t now)
{
	return now + policy_today(engine, now)->recheck_after;
}

static int fall_silent(struct engine *engine, struct store_feed *feed, int64_t now, struct err *err)
{
	const struct conf_feed *conf = feed_configured(engine->conf, feed->name);
	bool told;

	int rc = is_told(engine, feed, &told, err);
	if (rc == 0 && !told && conf && conf->heartbeat) {
		struct alert alert = {.kind = ALERT_FEED_SILENT,
				      .since = feed->heard_at != WHEN_UNKNOWN ? feed->heard_at
									      : engine->deaf_until,
				      .due = feed->due_at};
		text_copy(alert.subject, sizeof(alert.subject), feed->name);
		text_copy(alert.unit, sizeof(alert.unit),
			  *conf->unit ? conf->unit : engine->conf->root_unit);
		log_warn("feed.silent", "feed=%s", feed->name);
		rc = alarm_raise(engine, &alert, now, err);
		feed->alert = alert.id;
	}
	if (rc < 0)
		return rc;
	feed->due_at = conf && conf->heartbeat ? look_again(engine, now) : WHEN_NEVER;
	return engine->store->ops->feed_save(engine->store, feed, err);
}

int feeds_due(struct engine *engine, int64_t now, unsigned *fired, struct err *err)
{
	struct feed_list list;
	int64_t next;

	int rc = engine->store->ops->feeds_next(engine->store, &next, err);
	if (rc < 0 || next > now)
		return rc;
	rc = list_feeds(engine, &list, err);
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		if (list.feeds[i].due_at > now)
			continue;
		rc = fall_silent(engine, &list.feeds[i], now, err);
		(*fired)++;
	}
	return rc;
}

/* --- The clock was set back ---------------------------------------------------------------- */

int feeds_clock_set(struct engine *engine, int64_t now, struct err *err)
{
	struct feed_list list;
	bool told;
	int rc = list_feeds(engine, &list, err);

	if (engine->deaf_until > now)
		engine->deaf_until = now;
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		struct store_feed *feed = &list.feeds[i];
		const struct conf_feed *conf = feed_configured(engine->conf, feed->name);
		int64_t due = WHEN_NEVER;

		rc = is_told(engine, feed, &told, err);
		if (rc == 0 && told)
			due = look_again(engine, now);
		else if (rc == 0 && conf)
			due = feed_deadline(conf, engine->conf->zone, now);
		if (rc < 0 || (feed->heard_at <= now && feed->due_at <= due))
			continue;
		feed->heard_at = feed->heard_at < now ? feed->heard_at : now;
		feed->due_at = feed->due_at < due ? feed->due_at : due;
		rc = engine->store->ops->feed_save(engine->store, feed, err);
	}
	return rc;
}

/* --- A start, or another configuration ----------------------------------------------------- */

/* FEED's row under CONF as it is now. Who was told silent before a start is so still: that we were
 * down is no sign of life. */
static int rejudge(struct engine *engine, const struct conf_feed *conf, struct store_feed *feed,
		   int64_t now, struct err *err)
{
	const struct zone *zone = engine->conf->zone;
	int64_t start = engine->deaf_until;
	int64_t since = feed->heard_at == WHEN_UNKNOWN && now > start ? start : feed->heard_at;
	bool told, lax = conf->heartbeat == 0;

	if (since != WHEN_UNKNOWN)
		lax = feed_deadline(conf, zone, since) > now;
	int rc = is_told(engine, feed, &told, err);
	if (rc == 0 && told && lax) {
		rc = end_alert(engine, feed, now, err);
		told = false;
	}
	if (rc < 0)
		return rc;
	/* One never heard may have been put in just now: it has its whole heartbeat from here. */
	int64_t from = feed->heard_at == WHEN_UNKNOWN ? now
		       : feed->heard_at > start	      ? feed->heard_at
						      : start;
	feed->due_at = told ? look_again(engine, now) : feed_deadline(conf, zone, from);
	return engine->store->ops->feed_save(engine->store, feed, err);
}

static int watch(struct engine *engine, int64_t now, struct err *err)
{
	const struct conf *conf = engine->conf;
	struct feed_list list;

	int rc = list_feeds(engine, &list, err);
	/* A feed that is gone is waited for no more. */
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		if (feed_configured(conf, list.feeds[i].name))
			continue;
		rc = end_alert(engine, &list.feeds[i], now, err);
		if (rc == 0)
			rc = engine->store->ops->feed_remove(engine->store, list.feeds[i].name,
							     err);
	}
	for (size_t i = 0; i < conf->feeds_len && rc == 0; i++) {
		struct store_feed feed = {.name = conf->feeds[i].name, .heard_at = WHEN_UNKNOWN};

		for (size_t k = 0; k < list.len; k++) {
			if (text_equal(list.feeds[k].name, feed.name))
				feed = list.feeds[k];
		}
		rc = rejudge(engine, &conf->feeds[i], &feed, now, err);
	}
	return rc;
}

int engine_watch_feeds(struct engine *engine, int64_t now, struct err *err)
{
	if (engine->deaf_until == WHEN_UNKNOWN)
		engine->deaf_until = now;
	int rc = engine_begin(engine, err);
	if (rc < 0)
		return rc;
	return engine_finish(engine, watch(engine, now, err), err);
}
