/* robots.c — an address counts who calls it: more often than it allows within a second or a minute,
 * and it falls silent, for ten at the worst. It counts by true time, over every crash, restart and
 * setting of the daemon's clock, and for each robot of a group by itself. Neighbours:
 * oracle_notices.c sees every order before it goes; post_vendor.c punishes, by the vendors' own
 * numbers, which are a little higher. */
#include "oracle.h"

#include <string.h>

#include "closedloop/text.h"

#define ROBOTS_MAX 32
#define CALLS_MAX  128
#define LIMITS_MAX 2

struct limit {
	size_t calls;
	int64_t window;
};

/* What we promise each vendor where nothing else is written. */
static const struct limit promised[][LIMITS_MAX] = {
	[CHANNEL_GENERIC] = {{20, WHEN_SECOND}},
	[CHANNEL_WECOM] = {{18, WHEN_MINUTE}},
	[CHANNEL_DINGTALK] = {{18, WHEN_MINUTE}},
	[CHANNEL_FEISHU] = {{90, WHEN_MINUTE}, {4, WHEN_SECOND}},
	[CHANNEL_SLACK] = {{1, WHEN_SECOND}},
	[CHANNEL_PAGERDUTY] = {{100, WHEN_MINUTE}},
	[CHANNEL_ALERTMANAGER] = {{20, WHEN_SECOND}},
};

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

static bool is_full(const struct robot *robot, const struct limit *limit, int64_t now)
{
	return limit->calls && robot->calls >= limit->calls &&
	       robot->at[(robot->calls - limit->calls) % CALLS_MAX] > now - limit->window;
}

void robots_order(struct world *world, const char *endpoint)
{
	const struct conf_endpoint *conf = conf_endpoint(world->house.conf, endpoint);
	int64_t now = world->house.now - world->skew;
	struct robot *robot = conf ? robot_of(world, endpoint) : NULL;

	if (!robot)
		return;
	const struct limit written[LIMITS_MAX] = {{(size_t)conf->rate_per_minute, WHEN_MINUTE}};
	const struct limit *limits = conf->rate_per_minute > 0 ? written : promised[conf->channel];
	for (size_t i = 0; i < LIMITS_MAX; i++) {
		if (is_full(robot, &limits[i], now))
			oracle_fail(world, "rate", "robot %s is called more than %zu times in %d s",
				    endpoint, limits[i].calls,
				    (int)(limits[i].window / WHEN_SECOND));
	}
	robot->at[robot->calls++ % CALLS_MAX] = now;
	/* It is full: there is no worse time to forget that. */
	for (size_t i = 0; i < LIMITS_MAX; i++) {
		if (is_full(robot, &limits[i], now)) {
			trouble_soon(world, limits[i].window);
			break;
		}
	}
}

void robots_blind(struct world *world)
{
	if (world->robots)
		memset(world->robots, 0, sizeof(*world->robots));
}
