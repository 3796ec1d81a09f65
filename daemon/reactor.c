/* reactor.c — the turn: collect, read the clock once, submit all facts in one transaction, fire
 * what is due, hand out what is committed, answer, sleep until the next thing. Neighbours: api.c
 * (the inbox), drill.c, reload.c, https.c, deadman.c; main.c owns the life. */
#include "daemon/reactor_private.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "closedloop/log.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

#define SLEEP_MAX    WHEN_SECOND /* A turn comes at least so often, whatever clocks do. */
#define AUDIT_REST   20		 /* Between two slices of our own check. */
#define CENSUS_EVERY WHEN_MINUTE
#define CLOCK_STEP   WHEN_SECOND       /* More than this between two turns is no drift. */
#define STORE_REST   WHEN_SECOND       /* After the store failed. */
#define STOP_WITHIN  (4 * WHEN_SECOND) /* SIGTERM to exit, with a second to spare. */

/* --- Callbacks: they only mark
 * ------------------------------------------------------------------------------ */

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
}

static void on_stop(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	((struct reactor *)context)->stopping = true;
}

static void on_hangup(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	((struct reactor *)context)->reload_wanted = true;
}

static void on_report(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	((struct reactor *)context)->report_wanted = true;
}

static void on_reply(void *context, const char *notice, const struct reply *reply)
{
	struct reactor *reactor = context;
	courier_reply(reactor->courier, notice, reply, clock_now(&reactor->clock));
}

/* A key that may be known to others, or is old enough: asked for between two turns, like all that
 * api_collect calls. */
static int rotate_key(void *context, bool links, bool master, bool keep, struct err *err)
{
	struct reactor *reactor = context;
	struct keys *keys = &reactor->startup->keys;
	int rc = master ? keys_may_rotate_master(keys, err) : 0;
	if (rc == 0 && links)
		rc = keys_rotate_links(keys, keep, clock_now(&reactor->clock), err);
	if (rc == 0 && master)
		rc = reload_master(reactor, err);
	if (rc == 0)
		log_info("key.rotated", "links=%d master=%d kept=%d", links, master, keep);
	else
		log_warn("key.not_rotated", "reason=\"%s\"", err->text);
	return rc;
}

/* --- Birth
 * ----------------------------------------------------------------------------------------------------
 */

static int open_loop(struct reactor *reactor, struct err *err)
{
	reactor->base = event_base_new();
	if (!reactor->base)
		return err_set(err, CL_EIO, "event loop: cannot be made");
	reactor->timer = evtimer_new(reactor->base, on_timer, reactor);
	reactor->term = evsignal_new(reactor->base, SIGTERM, on_stop, reactor);
	reactor->interrupt = evsignal_new(reactor->base, SIGINT, on_stop, reactor);
	reactor->hangup = evsignal_new(reactor->base, SIGHUP, on_hangup, reactor);
	reactor->report = evsignal_new(reactor->base, SIGUSR1, on_report, reactor);
	evsignal_add(reactor->term, NULL);
	evsignal_add(reactor->interrupt, NULL);
	evsignal_add(reactor->hangup, NULL);
	evsignal_add(reactor->report, NULL);
	return 0;
}

static int open_rooms(struct reactor *reactor, struct err *err)
{
	const struct startup *startup = reactor->startup;
	const struct conf *conf = reactor->conf;
	struct engine_setup engine = {.store = reactor->store,
				      .conf = conf,
				      .gazetteer = startup->gazetteer,
				      .entropy = &reactor->entropy,
				      .ack = &startup->keys.ack,
				      .drill = reactor->clock.drill};
	memcpy(engine.home_key, startup->keys.home, sizeof(engine.home_key));
	memcpy(engine.ledger_seed, startup->keys.ledger, sizeof(engine.ledger_seed));
	reactor->engine = engine_new(&engine);
	int rc = http_out_open(&reactor->out, reactor->base, conf->limits.in_flight, on_reply,
			       reactor, err);
	if (rc < 0)
		return rc;
	rc = deadman_open(reactor, err);
	if (rc < 0)
		return rc;
	struct transport transport = http_out_transport(reactor->out);
	struct courier_setup courier = {.store = reactor->store,
					.conf = conf,
					.gazetteer = startup->gazetteer,
					.transport = &transport,
					.entropy = &reactor->entropy,
					.ack = &startup->keys.ack,
					.drill = reactor->clock.drill};
	reactor->courier = courier_new(&courier);
	rc = courier_refresh(reactor->courier, clock_now(&reactor->clock), err);
	if (rc < 0)
		return rc;
	struct api_setup api = {
		.engine = reactor->engine,
		.courier = reactor->courier,
		.store = reactor->store,
		.conf = conf,
		.gazetteer = startup->gazetteer,
		.entropy = &reactor->entropy,
		.ack = &startup->keys.ack,
		.keys = &startup->keys,
		.drill = reactor->clock.drill,
		.hooks = {.context = reactor,
			  .drill_clock = reactor->clock.drill ? drill_begin : NULL,
			  .reload = reload_ask,
			  .policy_diff = trial_begin,
			  .verify_ledger = audit_begin,
			  .rotate_key = rotate_key},
	};
	return api_open(&reactor->api, &api, err);
}

/* The operator's own door is always there, beside the configured ones. */
static int open_doors(struct reactor *reactor, struct err *err)
{
	const struct conf *conf = reactor->conf;
	struct http_in_handler handler = {.head = api_head,
					  .call = api_call,
					  .context = reactor->api};
	char path[4096];
	struct conf_listen control = {.kind = LISTEN_UNIX, .address = path};
	int port;

	int rc = http_in_open(&reactor->in, reactor->base, &conf->limits, &handler, err);
	if (rc < 0)
		return rc;
	rc = https_open(reactor, err);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "%s/control.sock", conf->state_dir);
	rc = http_in_listen(reactor->in, &control, -1, &port, err);
	for (size_t i = 0; i < conf->listen_len && rc == 0; i++) {
		rc = http_in_listen(reactor->in, &conf->listen[i], -1, &port, err);
		if (rc == 0)
			log_info("listen", "address=%s port=%d", conf->listen[i].address, port);
	}
	return rc;
}

int reactor_open(struct reactor **out, const struct reactor_setup *setup, struct err *err)
{
	struct reactor *reactor = mem_alloc(sizeof(*reactor));
	*out = reactor;
	reactor->config = setup->config;
	reactor->conf = setup->conf;
	reactor->startup = setup->startup;
	reactor->store = setup->store;
	reactor->clock = setup->clock;
	reactor->entropy = startup_entropy();
	reactor->clock_was = WHEN_UNKNOWN;
	reactor->rules_wanted = true;
	int rc = open_loop(reactor, err);
	if (rc == 0)
		rc = open_rooms(reactor, err);
	return rc == 0 ? open_doors(reactor, err) : rc;
}

/* --- The turn
 * ------------------------------------------------------------------------------------------------
 */

static void store_failed(struct reactor *reactor, const char *where, const struct err *err)
{
	log_error("store.failed", "where=%s reason=\"%s\"", where, err->text);
	reactor->store_rest = clock_monotonic() + STORE_REST;
}

static bool work_inbox(struct reactor *reactor, int64_t now)
{
	struct api_batch batch;
	struct err err = ERR_INIT;
	if (!api_collect(reactor->api, now, &batch))
		return false;
	int rc = engine_turn(reactor->engine, &batch.turn, now, batch.results, &err);
	if (rc < 0)
		store_failed(reactor, "submit", &err);
	api_answer(reactor->api, &batch, now, rc, &err);
	courier_wake(reactor->courier);
	return true;
}

int reactor_due(struct reactor *reactor, int64_t now, unsigned *fired)
{
	struct err err = ERR_INIT;
	*fired = 0;
	if (clock_monotonic() < reactor->store_rest)
		return 0;
	int64_t next;
	int rc = reactor->rules_wanted ? engine_rules(reactor->engine, now, &err) : 0;
	if (rc == 0) {
		reactor->rules_wanted = false;
		rc = engine_next(reactor->engine, &next, &err);
	}
	if (rc == 0 && next > now) {
		reactor->turned = reactor->deadman.turned = true;
		return 0;
	}
	if (rc == 0)
		rc = engine_due(reactor->engine, now, reactor->conf->limits.turn_due, fired, &err);
	if (rc < 0) {
		store_failed(reactor, "due", &err);
		return rc;
	}
	reactor->turned = reactor->deadman.turned = true;
	api_counters(reactor->api)->fired += *fired;
	api_counters(reactor->api)->transactions++;
	if (*fired)
		courier_wake(reactor->courier);
	return 0;
}

/* What this turn has written leaves first; what was answered is written while that is on its way.
 */
static void work_courier(struct reactor *reactor, int64_t now)
{
	struct err err = ERR_INIT;
	const char *endpoint, *hint;
	bool sick;

	if (clock_monotonic() < reactor->store_rest)
		return;
	int rc = courier_claim(reactor->courier, now, &err);
	http_out_flush(reactor->out);
	if (rc == 0)
		rc = courier_settle(reactor->courier, now, &err);
	while (rc == 0 && courier_take_change(reactor->courier, &endpoint, &sick, &hint)) {
		rc = engine_system_alert(reactor->engine, ALERT_ENDPOINT_SICK, endpoint, hint, sick,
					 now, &err);
		courier_wake(reactor->courier);
	}
	if (rc == 0)
		rc = courier_claim(reactor->courier, now, &err);
	if (rc < 0)
		store_failed(reactor, "courier", &err);
}

static void take_census(struct reactor *reactor, int64_t now)
{
	struct census *census = mem_alloc(sizeof(*census));
	struct err err = ERR_INIT;
	int rc = engine_census(reactor->engine, now, census, &err);
	if (rc == 0) {
		bool broken = census->violations_len > 0;
		if (broken)
			log_error("loop.broken", "journeys=%zu first=%s", census->violations_len,
				  census->violations[0].journey);
		rc = engine_system_alert(reactor->engine, ALERT_LOOP_BROKEN, "census",
					 broken ? census->violations[0].rule : "", broken, now,
					 &err);
	}
	reactor->deadman.census_clean = rc == 0 && census->violations_len == 0;
	if (rc < 0)
		store_failed(reactor, "census", &err);
	else
		courier_wake(reactor->courier);
	mem_free(census);
}

static void report(struct reactor *reactor, int64_t now)
{
	struct err err = ERR_INIT;
	struct store_census counts;
	char buf[WHEN_CAP];
	if (reactor->store->ops->census(reactor->store, &counts, &err) < 0) {
		store_failed(reactor, "report", &err);
		return;
	}
	log_info("status",
		 "now=%s open=%lld alerts=%lld notices=%lld connections=%zu in_flight=%zu",
		 when_text(now, reactor->conf->zone, buf), (long long)counts.open,
		 (long long)counts.alerts_open, (long long)counts.notices_ready,
		 http_in_connections(reactor->in), http_out_in_flight(reactor->out));
}

/* About once a second of real time. */
static void tick(struct reactor *reactor, int64_t now)
{
	int64_t mono = clock_monotonic();
	const char *endpoint;
	if (mono - reactor->ticked_at < WHEN_SECOND && reactor->ticked_at)
		return;
	reactor->ticked_at = mono;
	http_in_tick(reactor->in, mono);
	https_tick(reactor, mono);
	if (mono >= reactor->census_at && mono >= reactor->store_rest) {
		take_census(reactor, now);
		reactor->census_at = mono + CENSUS_EVERY;
	}
	/* What a start would mend: a loop that passes deadlines by, a courier that stands. */
	if (mono >= reactor->store_rest && (reactor->turned || reactor->drill.call) &&
	    !courier_stuck(reactor->courier, now, &endpoint))
		sd_notify(0, "WATCHDOG=1");
	reactor->turned = false;
	deadman_tick(reactor, now);
}

/* How long this turn may sleep, real ms. */
static int64_t sleep_for(struct reactor *reactor, bool busy)
{
	int64_t next = WHEN_NEVER, courier = courier_next(reactor->courier);
	struct err err = ERR_INIT;

	if (busy || api_waiting(reactor->api))
		return 0;
	if (clock_monotonic() < reactor->store_rest)
		return SLEEP_MAX / 4;
	if (reactor->rules_wanted)
		return 0;
	if (engine_next(reactor->engine, &next, &err) < 0)
		return SLEEP_MAX;
	if (courier < next)
		next = courier;
	int64_t wait = clock_until(&reactor->clock, next);
	int64_t most = reactor->audit.running ? AUDIT_REST : SLEEP_MAX;
	return wait < most ? wait : most;
}

static void sleep_turn(struct reactor *reactor, int64_t wait)
{
	struct timeval span = {.tv_sec = wait / 1000, .tv_usec = (wait % 1000) * 1000};
	if (wait > 0) {
		evtimer_add(reactor->timer, &span);
		event_base_loop(reactor->base, EVLOOP_ONCE);
	} else {
		event_base_loop(reactor->base, EVLOOP_NONBLOCK);
	}
}

/* After a start, and after each change of the configuration. */
static void watch_feeds(struct reactor *reactor, int64_t now)
{
	struct err err = ERR_INIT;

	if (reactor->feeds_watched || clock_monotonic() < reactor->store_rest)
		return;
	reactor->feeds_watched = engine_watch_feeds(reactor->engine, now, &err) == 0;
	if (!reactor->feeds_watched)
		store_failed(reactor, "feeds", &err);
}

/* A wall clock that was set, not time that passed: what a minute allows must not be had twice for
 * it. The drill's clock is meant to jump. */
static void watch_clock(struct reactor *reactor, int64_t now)
{
	int64_t mono = clock_monotonic();
	int64_t step = (now - reactor->turned_at) - (mono - reactor->turned_mono);

	if (reactor->turned_mono && !reactor->clock.drill &&
	    (step > CLOCK_STEP || step < -CLOCK_STEP)) {
		log_warn("clock.set", "by_ms=%lld", (long long)step);
		courier_clock_set(reactor->courier, step);
		if (step < 0 && now - step > reactor->clock_was)
			reactor->clock_was = now - step;
		reactor->clock_told = reactor->clock_told && step > 0;
	}
	reactor->turned_at = now;
	reactor->turned_mono = mono;
}

/* After a start, and after each step back. */
static void tell_clock(struct reactor *reactor, int64_t now)
{
	struct err err = ERR_INIT;

	if (reactor->clock_told || clock_monotonic() < reactor->store_rest)
		return;
	if (engine_clock_set(reactor->engine, reactor->clock_was, now, &err) < 0) {
		store_failed(reactor, "clock", &err);
		return;
	}
	reactor->clock_told = true;
	reactor->clock_was = WHEN_UNKNOWN;
	courier_wake(reactor->courier);
}

/* A slice of what a new master key leaves to do. */
static bool work_keys(struct reactor *reactor)
{
	struct err err = ERR_INIT;
	int rc;

	if (clock_monotonic() < reactor->store_rest)
		return false;
	bool busy = keys_step(&reactor->startup->keys, &err, &rc);
	if (rc < 0)
		store_failed(reactor, "keys", &err);
	return busy;
}

static bool turn(struct reactor *reactor)
{
	unsigned fired = 0;
	int64_t now = clock_now(&reactor->clock);
	watch_clock(reactor, now);
	tell_clock(reactor, now);
	watch_feeds(reactor, now);
	bool busy = work_inbox(reactor, now);

	/* While a drill's clock is being moved by hand, deadlines fire at their own time, not at
	 * this one. */
	if (!reactor->drill.call)
		reactor_due(reactor, now, &fired);
	work_courier(reactor, now);
	busy = drill_step(reactor) || busy || fired > 0;
	busy = trial_step(reactor) || busy;
	busy = audit_step(reactor, now) || busy;
	busy = work_keys(reactor) || busy;
	if (reactor->reload_wanted)
		reload_now(reactor);
	if (reactor->report_wanted)
		report(reactor, now);
	reactor->report_wanted = false;
	tick(reactor, now);
	conf_free(reactor->retired);
	reactor->retired = NULL;
	return busy;
}

/* Nobody new; those inside are answered, what was claimed is not waited for: it goes out again
 * after the start. */
static bool may_leave(struct reactor *reactor)
{
	int64_t mono = clock_monotonic();
	if (reactor->stop_by == 0) {
		log_info("stopping", "waiting=%zu", http_in_waiting(reactor->in));
		sd_notify(0, "STOPPING=1");
		http_in_drain(reactor->in);
		reactor->stop_by = mono + STOP_WITHIN;
	}
	return mono >= reactor->stop_by ||
	       (http_in_waiting(reactor->in) == 0 && http_in_connections(reactor->in) == 0);
}

int reactor_run(struct reactor *reactor)
{
	bool busy = false;
	log_info("ready", "drill=%d", reactor->clock.drill);
	sd_notify(0, "READY=1");
	for (;;) {
		sleep_turn(reactor, reactor->stopping ? 10 : sleep_for(reactor, busy));
		busy = turn(reactor);
		if (reactor->stopping && may_leave(reactor))
			return 0;
	}
}

void reactor_close(struct reactor *reactor)
{
	struct event *events[] = {reactor->timer, reactor->term, reactor->interrupt,
				  reactor->hangup, reactor->report};
	trial_abandon(reactor, "the daemon stops");
	audit_abandon(reactor, "the daemon stops");
	if (reactor->api)
		api_close(reactor->api);
	if (reactor->in)
		http_in_close(reactor->in);
	tls_close(reactor->tls);
	http_out_close(reactor->out);
	http_out_close(reactor->deadman.out);
	courier_free(reactor->courier);
	engine_free(reactor->engine);
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		if (events[i])
			event_free(events[i]);
	}
	if (reactor->base)
		event_base_free(reactor->base);
	conf_free(reactor->retired);
	conf_free(reactor->conf);
	mem_free(reactor);
}
