/* ends.c — an alert has been taken, or is over: what still waits about it is cancelled, and whoever
 * was told of it and follows alerts to their end hears so. Neighbours: alarms.c and shift.c end
 * alerts, words.c writes the notices. */
#include "engine/engine_private.h"

#include "closedloop/text.h"

struct followers {
	struct engine *engine;
	int64_t now;
	bool informs; /* the alert only did */
	struct duty told;
};

/* Claims are not written: what was due may be on its way at this very moment, unless its endpoint
 * rests; alerts speak last in a transaction, so it has been committed. An end too many is harmless,
 * one too few leaves an incident open for ever. */
static bool may_be_out(struct followers *followers, const struct store_told *told)
{
	struct store *store = followers->engine->store;
	int64_t until;
	int health;

	return told->state == NOTICE_READY && told->due_at <= followers->now &&
	       store->ops->endpoint_health(store, told->endpoint, &health, &until, NULL) == 0 &&
	       (until <= followers->now || until == WHEN_NEVER);
}

/* That something is no longer to be expected says the next word anyway; it is an end only where an
 * incident was opened for it. */
static bool follows(const struct conf_endpoint *endpoint, bool informs)
{
	return endpoint->resolved && (!informs || conf_keeps_incidents(endpoint->channel));
}

static void note_told(void *context, const void *row)
{
	struct followers *followers = context;
	const struct store_told *told = row;
	const struct conf_endpoint *endpoint =
		conf_endpoint(followers->engine->conf, told->endpoint);

	if (endpoint && follows(endpoint, followers->informs) &&
	    (told->state == NOTICE_DONE || told->tried || may_be_out(followers, told)))
		duty_add(&followers->told, endpoint);
}

static bool anybody_follows(const struct conf *conf, bool informs)
{
	for (size_t i = 0; i < conf->endpoints_len; i++) {
		if (follows(&conf->endpoints[i], informs))
			return true;
	}
	return false;
}

int ends_tell(struct engine *engine, const struct alert *alert, enum tell_why why, int64_t now,
	      struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct followers *followers = arena_alloc(&engine->arena, sizeof(*followers));
	int rc = 0;

	followers->engine = engine;
	followers->now = now;
	followers->informs = alert_traits(alert->kind)->informative;
	if (anybody_follows(engine->conf, followers->informs))
		rc = ops->notices_of(engine->store, alert->id, &engine->arena, note_told, followers,
				     err);
	/* What was not sent yet has lost its cause. */
	if (rc == 0)
		rc = ops->notices_supersede(engine->store, alert->id, NULL, err);
	for (size_t i = 0; i < followers->told.len && rc == 0; i++)
		rc = words_notice(engine, alert, why, 0, followers->told.endpoints[i], 0, now, err);
	return rc;
}
