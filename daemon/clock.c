/* clock.c — see clock.h. Read once per turn by reactor.c; everybody else is told. */
#include "daemon/clock.h"

#include <assert.h>
#include <time.h>

#include "closedloop/when.h"

static int64_t read_ms(clockid_t id)
{
	struct timespec now;
	int rc = clock_gettime(id, &now);
	assert(rc == 0);
	(void)rc;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

void clock_real(struct clock *clock)
{
	*clock = (struct clock){.drill = false, .speed = 1};
}

void clock_drill(struct clock *clock, int64_t start, double speed)
{
	*clock = (struct clock){
		.drill = true, .speed = speed, .base = start, .base_mono = clock_monotonic()};
}

int64_t clock_now(const struct clock *clock)
{
	if (!clock->drill)
		return read_ms(CLOCK_REALTIME);
	double passed = (double)(clock_monotonic() - clock->base_mono);
	return clock->base + (int64_t)(passed * clock->speed);
}

void clock_advance(struct clock *clock, int64_t at)
{
	assert(clock->drill);
	if (at <= clock_now(clock))
		return;
	clock->base = at;
	clock->base_mono = clock_monotonic();
}

int64_t clock_until(const struct clock *clock, int64_t at)
{
	int64_t now = clock_now(clock);
	if (at <= now)
		return 0;
	if (at == WHEN_NEVER || clock->speed <= 0)
		return WHEN_DAY;
	double real = (double)(at - now) / clock->speed;
	return real < (double)WHEN_DAY ? (int64_t)real + 1 : WHEN_DAY;
}
