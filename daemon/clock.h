/* clock.h — the only place that reads a clock. In a drill the wall clock is virtual: it starts
 * where it was told and runs at the given speed (0 stands still), and may be moved forward by hand.
 */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	bool drill;
	double speed;
	int64_t base;	   /* virtual time … */
	int64_t base_mono; /* … at this monotonic one */
};

void clock_real(struct clock *clock);
void clock_drill(struct clock *clock, int64_t start, double speed);
/* UTC ms, and monotonic ms. */
int64_t clock_now(const struct clock *clock);
int64_t clock_monotonic(void);
/* Move a drill's clock forward to AT; never back. */
void clock_advance(struct clock *clock, int64_t at);
/* How many real ms until the clock shows AT; at least 0, and a large number when it stands still.
 */
int64_t clock_until(const struct clock *clock, int64_t at);

#endif
