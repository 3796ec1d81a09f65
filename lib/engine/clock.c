/* clock.c — the wall clock was set back: what was to come "in ten minutes" by a clock that ran
 * ahead comes in ten minutes, not in an hour and ten. Neighbours: the reactor notices the step,
 * feeds.c and the store know what waits for times that have moved away.
 *
 * Nothing is told again, and deadlines that facts state stay where they are: those are times of the
 * world, not ours. Doing it twice is doing it once, so a start may do it by what is written alone:
 * whatever bears a time that has not come was written by a clock that was set back since. */
#include "engine/engine_private.h"

#include "closedloop/log.h"

int engine_clock_set(struct engine *engine, int64_t was, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	int64_t latest;
	int rc = ops->latest(engine->store, &latest, err);

	heads_clock_set(engine, now);
	if (rc < 0)
		return rc;
	if (was == WHEN_UNKNOWN || latest > was)
		was = latest;
	if (was <= now)
		return 0;
	rc = engine_begin(engine, err);
	if (rc < 0)
		return rc;
	rc = ops->clock_set(engine->store, was, now, alert_longest_wait(engine), err);
	if (rc == 0)
		rc = feeds_clock_set(engine, now, err);
	rc = engine_finish(engine, rc, err);
	if (rc == 0) {
		engine->shifts_known = false;
		log_warn("clock.back", "by_ms=%lld", (long long)(was - now));
	}
	return rc;
}
