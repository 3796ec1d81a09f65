/* trouble.c — what breaks, when, and for how long: drawn before the run begins, class by class, so
 * that a class less leaves the others as they were. Neighbours: vfs.c is the disk, post.c the
 * endpoints, house.c the process. */
#include "world.h"

#include <assert.h>
#include <string.h>

#include "oracle.h"
#include "closedloop/text.h"

enum trouble_act {
	ACT_ENDPOINT, /* MORE: which */
	ACT_ENDPOINT_WELL,
	ACT_KILL,
	ACT_KILL_SHORT, /* and up again at once */
	ACT_CUT,	/* at a write by dice */
	ACT_CUT_NOW,	/* between two turns */
	ACT_DISK,
	ACT_DISK_WELL,
	ACT_DOWN,
	ACT_START,
	ACT_CLOCK,
	ACT_CLOCK_RIGHT,
	ACT_RELOAD,
	ACT_CALM,
};

static const struct post_behaviour well = {.way = POST_TAKES, .latency = 300};
/* As late as is in time: of two words that are both out the second is read first. */
static const struct post_behaviour uneven = {.way = POST_TAKES,
					     .latency = 9 * WHEN_SECOND,
					     .uneven = true};

static void later(struct world *world, int64_t at, enum trouble_act act, uint32_t more)
{
	agenda_add(&world->agenda, at, HAPPENS_TROUBLE, act, more);
}

/* About one every EVERY, all over the run. */
static void scatter(struct world *world, enum trouble trouble, enum trouble_act act, int64_t every)
{
	struct dice *dice = &world->dice.trouble;
	int64_t at = world->begin + dice_span(dice, 1, 2 * every);

	while (at < world->end) {
		if (world_has(world, trouble))
			later(world, at, act, (uint32_t)dice_next(dice));
		else
			(void)dice_next(dice);
		at += dice_span(dice, 1, 2 * every);
	}
}

void trouble_soon(struct world *world, int64_t window)
{
	struct dice *dice = &world->dice.robots;
	bool dies = dice_chance(dice, window < WHEN_MINUTE ? 10 : 30);
	int64_t wait = dice_span(dice, 1, window / 3);

	if (dies && world_has(world, TROUBLE_KILL))
		later(world, world->house.now - world->skew + wait, ACT_KILL_SHORT,
		      (uint32_t)(window / 12));
}

/* One in three, the same over the whole run. */
static bool is_uneven(const struct world *world, const char *endpoint)
{
	struct dice dice = dice_of(world->seed, endpoint);

	return world_has(world, TROUBLE_UNEVEN) && dice_roll(&dice, 3) == 0;
}

void trouble_make(struct world *world)
{
	const struct conf *conf = world->house.conf;

	scatter(world, TROUBLE_ENDPOINTS, ACT_ENDPOINT, 14 * WHEN_HOUR);
	scatter(world, TROUBLE_KILL, ACT_KILL, 6 * WHEN_DAY);
	scatter(world, TROUBLE_POWER, ACT_CUT, 4 * WHEN_DAY);
	scatter(world, TROUBLE_POWER, ACT_CUT_NOW, 12 * WHEN_DAY);
	scatter(world, TROUBLE_DISK, ACT_DISK, 5 * WHEN_DAY);
	scatter(world, TROUBLE_DOWN, ACT_DOWN, 9 * WHEN_DAY);
	scatter(world, TROUBLE_CLOCK, ACT_CLOCK, 9 * WHEN_DAY);
	scatter(world, TROUBLE_RELOAD, ACT_RELOAD, 4 * WHEN_DAY);
	later(world, world->end, ACT_CALM, 0);
	for (size_t i = 0; i < conf->endpoints_len; i++) {
		if (is_uneven(world, conf->endpoints[i].name))
			post_behave(&world->house.post, conf->endpoints[i].name, &uneven);
	}
}

/* --- The process and its disk --------------------------------------------------------------- */

static void start_later(struct world *world, int64_t typical)
{
	later(world, world->now + dice_wait(&world->dice.trouble, typical), ACT_START, 0);
}

/* The process is no more. */
static void end_process(struct world *world, enum vfs_crash_mode mode)
{
	vfs_die();
	oracle_disconnect(world);
	house_kill(&world->house);
	vfs_crash(mode);
	vfs_heal();
	world_note(world, "dead %d", (int)mode);
}

static enum vfs_crash_mode draw_mode(struct world *world)
{
	return dice_roll(&world->dice.trouble, 3) ? VFS_POWER_CUT : VFS_DROP_ALL;
}

/* At a write. Sometimes only the process died, and the power fails when it has hardly started
 * again: what it found in the page cache was never synced. */
void trouble_died(struct world *world)
{
	struct dice *dice = &world->dice.trouble;

	if (dice_roll(dice, 3)) {
		world->counts.cuts++;
		end_process(world, draw_mode(world));
		start_later(world, 3 * WHEN_MINUTE);
		return;
	}
	world->counts.kills++;
	end_process(world, VFS_KILL);
	later(world, world->now + WHEN_SECOND, ACT_START, 0);
	if (dice_roll(dice, 2))
		later(world, world->now + dice_span(dice, 2, 90) * WHEN_SECOND, ACT_CUT_NOW, 0);
}

static void tell_time(struct world *world)
{
	int64_t clock = world_clock(world);

	if (clock < world->house.now)
		house_clock(&world->house, clock);
	else
		house_pass(&world->house, clock);
}

static void start(struct world *world)
{
	if (house_up(&world->house))
		return;
	tell_time(world);
	if (house_start(&world->house) < 0) {
		/* The light goes out while it starts, or the disk does not want to. */
		oracle_disconnect(world);
		if (vfs_is_dead())
			vfs_crash(draw_mode(world));
		else if (world->calm)
			oracle_fail(world, "store", "does not open although nothing is broken: %s",
				    world->house.err.text);
		start_later(world, WHEN_MINUTE);
		return;
	}
	world->counts.starts++;
	oracle_started(world);
}

static void stop(struct world *world)
{
	oracle_disconnect(world);
	house_stop(&world->house);
	if (vfs_is_dead())
		vfs_crash(draw_mode(world));
}

static void break_disk(struct world *world)
{
	struct dice *dice = &world->dice.trouble;
	enum vfs_call call = (enum vfs_call)dice_roll(dice, VFS_CALLS);
	uint64_t after = 1 + dice_roll(dice, 300), times = 1 + dice_roll(dice, 6);

	world->counts.disk_errors++;
	vfs_fail_at(call, after, times, call == VFS_WRITE && dice_roll(dice, 2));
	later(world, world->now + dice_wait(dice, WHEN_HOUR), ACT_DISK_WELL, 0);
}

/* --- The world outside ---------------------------------------------------------------------- */

/* Ways of its own, and so many more times one of the answers of its vendor. */
#define SAYS_OR_WAYS 18

static void break_endpoint(struct world *world, uint32_t luck)
{
	static const struct post_behaviour ways[] = {
		{.way = POST_FAILS, .status = 500, .latency = 200},
		{.way = POST_FAILS, .status = 503, .latency = 200},
		{.way = POST_FAILS, .status = 404, .latency = 200},
		{.way = POST_FAILS, .status = 410, .latency = 200},
		{.way = POST_FAILS, .status = 400, .latency = 200},
		{.way = POST_BUSY, .retry_after_s = 120, .latency = 100},
		{.way = POST_REFUSES, .latency = 10},
		{.way = POST_HANGS},
		{.way = POST_LOSES},
		{.way = POST_TAKES, .latency = 8000},
	};
	const struct conf *conf = world->house.conf;
	uint32_t which = luck % (uint32_t)conf->endpoints_len, how = luck / 64 % SAYS_OR_WAYS;
	const struct conf_endpoint *endpoint = &conf->endpoints[which];
	struct post_behaviour says = {.way = POST_SAYS, .latency = 200};
	const struct post_behaviour *way = how < ARRAY_LEN(ways) ? &ways[how] : &says;

	says.said = vendor_reply(endpoint->channel, luck / 1024);
	if (way == &says && !says.said)
		return;
	world_note(world, "endpoint %s way %d luck %u", endpoint->name, (int)way->way, luck);
	post_behave(&world->house.post, endpoint->name, way);
	/* Who asks for some seconds only is asked every few seconds; that need not go on for hours.
	 */
	bool soon = way == &says && says.said->retry_after;
	later(world, world->now + dice_wait(&world->dice.post, soon ? WHEN_MINUTE : 2 * WHEN_HOUR),
	      ACT_ENDPOINT_WELL, which);
}

/* A word that only this order hears: the vendor has a bad moment, or what is before it has. */
const struct post_said *trouble_fate(void *context, const char *endpoint)
{
	struct world *world = context;
	struct dice *dice = &world->dice.fate;
	bool bad = dice_chance(dice, 12);
	uint32_t luck = (uint32_t)dice_next(dice);
	const struct conf *conf = world->house.conf;
	const struct conf_endpoint *there = conf_endpoint(conf, endpoint);

	if (!bad || !there || !world_has(world, TROUBLE_ENDPOINTS))
		return NULL;
	const struct post_said *said = vendor_reply(there->channel, luck);
	/* Somebody has to look after it. */
	if (said && said->ill)
		later(world, world->house.now - world->skew + WHEN_HOUR, ACT_ENDPOINT_WELL,
		      (uint32_t)(there - conf->endpoints));
	world_note(world, "fate of %s %u", endpoint, luck);
	return said;
}

/* Whoever repaired it sends a test. */
static void mend_endpoint(struct world *world, const char *name)
{
	post_behave(&world->house.post, name, is_uneven(world, name) ? &uneven : &well);
	if (house_up(&world->house))
		courier_ask(world->house.courier, name);
}

static void set_clock(struct world *world, int64_t skew)
{
	int64_t by = skew - world->skew;

	world->counts.clock_steps++;
	world->skew = skew;
	if (!house_up(&world->house))
		robots_blind(world);
	house_clock(&world->house, world->house.now + by);
	world_note(world, "clock %lld", (long long)skew);
}

static int64_t draw_skew(struct dice *dice)
{
	static const int64_t sizes[] = {WHEN_MINUTE, 20 * WHEN_MINUTE, WHEN_HOUR, WHEN_DAY};
	int64_t skew = dice_span(dice, 1, sizes[dice_roll(dice, 4)]);
	return dice_roll(dice, 2) ? skew : -skew;
}

static void reload(struct world *world, uint32_t luck)
{
	/* A bad one was refused when it was read: nothing happens at all. */
	if (luck % 4 == 0) {
		world->counts.bad_reloads++;
		return;
	}
	world->counts.reloads++;
	house_reconfigure(&world->house, world->confs[luck / 4 % world->confs_len]);
}

void trouble_end(struct world *world)
{
	struct dice *dice = &world->dice.trouble;

	world->calm = true;
	vfs_heal();
	post_behave(&world->house.post, NULL, &well);
	if (world->skew)
		set_clock(world, 0);
	start(world);
	if (house_up(&world->house))
		courier_ask(world->house.courier, NULL);
	world->all_asleep = dice_roll(dice, 3) == 0;
	world_note(world, "calm asleep=%d", world->all_asleep);
	oracle_calm(world);
}

void trouble_do(struct world *world, const struct happening *happening)
{
	struct dice *dice = &world->dice.trouble;
	const struct conf *conf = world->house.conf;
	bool up = house_up(&world->house);

	switch ((enum trouble_act)happening->what) {
	case ACT_ENDPOINT:
		if (!world->calm)
			break_endpoint(world, happening->more);
		break;
	case ACT_ENDPOINT_WELL:
		if (happening->more < conf->endpoints_len)
			mend_endpoint(world, conf->endpoints[happening->more].name);
		break;
	case ACT_KILL:
	case ACT_CUT_NOW:
		if (!up)
			break;
		if (happening->what == ACT_KILL)
			world->counts.kills++;
		else
			world->counts.cuts++;
		end_process(world, happening->what == ACT_KILL ? VFS_KILL : draw_mode(world));
		start_later(world, WHEN_MINUTE);
		break;
	case ACT_KILL_SHORT:
		if (!up || world->calm)
			break;
		world->counts.kills++;
		end_process(world, VFS_KILL);
		later(world, world->now + dice_span(&world->dice.robots, 1, happening->more),
		      ACT_START, 0);
		break;
	case ACT_CUT:
		vfs_crash_at(1 + dice_roll(dice, 400));
		break;
	case ACT_DISK:
		break_disk(world);
		break;
	case ACT_DISK_WELL:
		vfs_heal();
		break;
	case ACT_DOWN:
		if (!up)
			break;
		world->counts.downs++;
		stop(world);
		start_later(world, dice_roll(dice, 3) ? 2 * WHEN_HOUR : WHEN_DAY);
		break;
	case ACT_START:
		start(world);
		break;
	case ACT_CLOCK:
		set_clock(world, draw_skew(dice));
		later(world, world->now + dice_wait(dice, 2 * WHEN_HOUR), ACT_CLOCK_RIGHT, 0);
		break;
	case ACT_CLOCK_RIGHT:
		if (world->skew)
			set_clock(world, 0);
		break;
	case ACT_RELOAD:
		reload(world, happening->more);
		break;
	case ACT_CALM:
		trouble_end(world);
		break;
	}
}
