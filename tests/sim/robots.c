/* robots.c — a robot counts who calls it: more often than it allows in any minute, and it falls
 * silent for ten. It counts by true time, over every crash, restart and setting of the daemon's
 * clock. Neighbours: oracle.c sees every order before it goes. */
#include "oracle.h"

#include <string.h>

#include "closedloop/text.h"

#define ROBOTS_MAX 32
#define CALLS_MAX  18 /* A minute, where nothing else is written. */

struct robots {
	size_t len;
	struct robot {
		char name[32];
		size_t calls;	       /* so many in all; the latest of them: */
		int64_t at[CALLS_MAX]; /* a ring, by true time */
	} robots[ROBOTS_MAX];
};

static struct robot *robot_of(struct world *world, const char *name)
{
	struct robots *robots = world->robots;

	if (!robots)
		world->robots = robots = mem_alloc(sizeof(*robots));
	for (size_t i = 0; i < robots->len; i++) {
		if (text_equal(robots->robots[i].name, name))
			return &robots->robots[i];
	}
	if (robots->len == ROBOTS_MAX)
		return NULL;
	text_copy(robots->robots[robots->len].name, sizeof(robots->robots[0].name), name);
	return &robots->robots[robots->len++];
}

void robots_order(struct world *world, const char *endpoint)
{
	const struct conf_endpoint *conf = conf_endpoint(world->house.conf, endpoint);
	int64_t now = world->house.now - world->skew;

	if (!conf || conf->channel == CHANNEL_GENERIC)
		return;
	struct robot *robot = robot_of(world, endpoint);
	size_t most = conf->rate_per_minute > 0 && conf->rate_per_minute < CALLS_MAX
			      ? (size_t)conf->rate_per_minute
			      : CALLS_MAX;
	if (!robot)
		return;
	if (robot->calls >= most &&
	    robot->at[(robot->calls - most) % CALLS_MAX] > now - WHEN_MINUTE)
		oracle_fail(world, "rate", "robot %s is called more than %zu times in a minute",
			    endpoint, most);
	robot->at[robot->calls++ % CALLS_MAX] = now;
	/* Its minute is full: there is no worse time to forget that. */
	if (robot->calls >= most &&
	    robot->at[(robot->calls - most) % CALLS_MAX] > now - WHEN_MINUTE)
		trouble_soon(world);
}

void robots_blind(struct world *world)
{
	if (world->robots)
		memset(world->robots, 0, sizeof(*world->robots));
}
