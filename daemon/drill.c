/* drill.c — POST /v1/drill/clock: the virtual clock runs forward, and everything due on the way
 * happens in order at its own time, with its messages delivered before time goes on. Neighbour:
 * reactor.c calls drill_step once a turn. */
#include "daemon/reactor_private.h"

#include <stdio.h>

#define WAIT_MAX (30 * WHEN_SECOND) /* real time, for endpoints that do not answer */

void drill_begin(void *context, struct http_call *call, int64_t target)
{
	struct reactor *reactor = context;
	struct err err = ERR_INIT;
	char buf[WHEN_CAP];

	if (reactor->drill.call) {
		int rc = err_set(&err, CL_EBUSY, "the drill's clock is being moved already");
		api_reply_err(call, rc, &err);
		return;
	}
	if (target < clock_now(&reactor->clock)) {
		when_text(clock_now(&reactor->clock), reactor->conf->zone, buf);
		int rc = err_set(&err, CL_EINVAL,
				 "now: the drill's clock shows %s and never runs back", buf);
		api_reply_err(call, rc, &err);
		return;
	}
	reactor->drill = (struct drill){.call = call,
					.target = target,
					.give_up = clock_monotonic() + WAIT_MAX};
}

static void answer(struct reactor *reactor)
{
	struct err err = ERR_INIT;
	struct store_census counts;
	char buf[WHEN_CAP], body[200];
	struct http_call *call = reactor->drill.call;

	reactor->drill.call = NULL;
	int rc = reactor->store->ops->census(reactor->store, &counts, &err);
	if (rc < 0) {
		api_reply_err(call, rc, &err);
		return;
	}
	snprintf(body, sizeof(body), "{\"now\":\"%s\",\"fired\":%u,\"pending_notices\":%lld}",
		 when_text(clock_now(&reactor->clock), reactor->conf->zone, buf),
		 reactor->drill.fired, (long long)counts.notices_ready);
	api_reply_ok(call, body);
}

bool drill_step(struct reactor *reactor)
{
	struct drill *drill = &reactor->drill;
	struct err err = ERR_INIT;
	int64_t next = WHEN_NEVER;
	unsigned fired = 0;

	if (!drill->call)
		return false;
	bool patient = clock_monotonic() < drill->give_up;
	int64_t now = clock_now(&reactor->clock);
	if (reactor_due(reactor, now, &fired) < 0)
		return false;
	drill->fired += fired;
	if (fired)
		return true;
	/* What may go at this minute goes before the next begins. */
	if (patient && !courier_idle(reactor->courier, now))
		return courier_next(reactor->courier) <= now;
	if (engine_next(reactor->engine, &next, &err) < 0)
		return false;
	int64_t courier = courier_next(reactor->courier);
	if (patient && courier < next)
		next = courier;
	if (next > drill->target) {
		clock_advance(&reactor->clock, drill->target);
		answer(reactor);
		return true;
	}
	clock_advance(&reactor->clock, next);
	return true;
}
