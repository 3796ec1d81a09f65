/* deadman.c — see deadman.h. Neighbours: reactor.c calls once a second and notes what went on,
 * http_out.c carries the call under the same rules as every other. */
#include "daemon/deadman.h"

#include "closedloop/log.h"
#include "closedloop/text.h"
#include "daemon/reactor_private.h"

#define CONNECT_MAX (3 * WHEN_SECOND)
#define CALL_MAX    (10 * WHEN_SECOND)
#define OVERDUE_MAX WHEN_MINUTE /* A deadline older than this is not being looked at. */

/* One small commit: that the last one succeeded does not say that the next will. */
static bool touch(struct reactor *reactor, int64_t now)
{
	struct store *store = reactor->store;
	struct err err = ERR_INIT;
	char value[WHEN_CAP];

	if (!api_writable(reactor->api))
		return false;
	int rc = store->ops->begin(store, &err);
	if (rc == 0)
		rc = store->ops->meta_set(store, "heartbeat", when_text(now, NULL, value), &err);
	if (rc == 0)
		rc = store->ops->commit(store, &err);
	if (rc < 0)
		store->ops->rollback(store);
	return rc == 0;
}

static bool timers_go(struct reactor *reactor, int64_t now)
{
	struct err err = ERR_INIT;
	int64_t next;

	if (reactor->drill.call) /* Deadlines fire at the clock that is being moved. */
		return true;
	return reactor->deadman.turned && engine_next(reactor->engine, &next, &err) == 0 &&
	       next > now - OVERDUE_MAX;
}

static bool nobody_forgotten(struct reactor *reactor, int64_t now)
{
	struct err err = ERR_INIT;
	int64_t alert;

	return engine_audit(reactor->engine, now, &alert, &err) == 0 && alert == 0;
}

/* What does not go on; NULL when all does. */
static const char *what_stands(struct reactor *reactor, int64_t now)
{
	const char *endpoint;

	if (clock_monotonic() < reactor->store_rest)
		return "store";
	if (!timers_go(reactor, now))
		return "timers";
	if (courier_stuck(reactor->courier, now, &endpoint))
		return "courier";
	if (!reactor->deadman.census_clean)
		return "census";
	if (!nobody_forgotten(reactor, now))
		return "audit";
	return touch(reactor, now) ? NULL : "store";
}

static void withhold(struct reactor *reactor, const char *cause, int64_t mono)
{
	struct deadman *deadman = &reactor->deadman;

	if (mono >= deadman->count_at) {
		api_counters(reactor->api)->deadman_withheld++;
		deadman->count_at = mono + reactor->conf->heartbeat.every;
	}
	if (!text_equal(deadman->cause, cause))
		log_error("deadman.withheld", "cause=%s", cause);
	deadman->cause = cause;
}

static void call(struct reactor *reactor)
{
	const struct conf_heartbeat *heartbeat = &reactor->conf->heartbeat;
	struct deadman *deadman = &reactor->deadman;
	const struct channel_request request = {.url = heartbeat->url};
	const struct transport_order order = {.notice = "heartbeat",
					      .request = &request,
					      .allow_len = heartbeat->allow_len,
					      .allow = heartbeat->allow,
					      .connect_ms = CONNECT_MAX,
					      .total_ms = CALL_MAX};
	struct transport transport = http_out_transport(deadman->out);
	struct err err = ERR_INIT;

	if (deadman->cause)
		log_info("deadman.resumed", "after=%s", deadman->cause);
	deadman->cause = NULL;
	deadman->turned = false;
	deadman->under_way = transport.send(transport.self, &order, &err) == 0;
	if (!deadman->under_way)
		log_error("deadman.not_sent", "reason=\"%s\"", err.text);
}

void deadman_tick(struct reactor *reactor, int64_t now)
{
	const struct conf_heartbeat *heartbeat = &reactor->conf->heartbeat;
	struct deadman *deadman = &reactor->deadman;
	int64_t mono = clock_monotonic();

	/* A drill that calls would hide that the real night has ended. */
	if (!heartbeat->url || (reactor->clock.drill && !heartbeat->drill))
		return;
	if (mono < deadman->next_at || deadman->under_way)
		return;
	const char *cause = what_stands(reactor, now);
	if (cause) {
		withhold(reactor, cause, mono);
		return;
	}
	call(reactor);
	deadman->next_at = deadman->count_at = mono + heartbeat->every;
}

static void on_answer(void *context, const char *notice, const struct reply *reply)
{
	struct reactor *reactor = context;
	struct deadman *deadman = &reactor->deadman;
	bool well = reply->status >= 200 && reply->status < 300;

	(void)notice;
	deadman->under_way = false;
	if (well)
		api_counters(reactor->api)->deadman_sent++;
	else
		api_counters(reactor->api)->deadman_failed++;
	if (!well && !deadman->failed)
		log_error("deadman.unheard", "status=%d error=\"%s\"", reply->status,
			  reply->error ? reply->error : "");
	if (well && deadman->failed)
		log_info("deadman.heard", "status=%d", reply->status);
	deadman->failed = !well;
}

int deadman_open(struct reactor *reactor, struct err *err)
{
	return http_out_open(&reactor->deadman.out, reactor->base, 1, on_answer, reactor, err);
}
