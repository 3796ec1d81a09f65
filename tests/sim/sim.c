/* sim.c — see sim.h: the main loop. It pops the earliest of what the world has on its agenda and
 * what the house has due, lets it happen, and asks the oracle. Neighbours: world.h says who is who;
 * simulate.c is the program. */
#include "sim.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "closedloop/text.h"

#define AUDIT_EVERY (6 * WHEN_HOUR)
#define AFTER_CALM  (2 * WHEN_DAY)
/* 2020-02-20T00:00 in Shanghai: a leap day and the first bus nights are near. */
#define EPOCH	    INT64_C(1582128000000)

void world_note(struct world *world, const char *format, ...)
{
	char line[400];
	char at[WHEN_CAP];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (const char *c = line; *c; c++)
		world->hash = (world->hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	world->hash ^= (uint64_t)world->now;
	if (world->trace)
		printf("%s %s\n", when_text(world->now, world->house.conf->zone, at), line);
}

/* --- Configurations ------------------------------------------------------------------------- */

#define GOOD_MAX 4

static struct conf *goods[GOOD_MAX];
static size_t goods_len;

static const char *no_environment(const char *name)
{
	(void)name;
	return NULL;
}

static int read_conf(const char *path, struct conf **out, struct conf_report *report)
{
	struct conf_world world = {.environment = no_environment,
				   .zoneinfo_dir = "/usr/share/zoneinfo"};
	return conf_load(out, path, &world, report);
}

void sim_load(const char *dir)
{
	struct conf_report report = {0};
	struct conf *bad = NULL;
	struct err err = ERR_INIT;
	char path[300];

	if (digest_init(&err) < 0)
		abort();
	snprintf(path, sizeof(path), "%s/../../data/reply_fixtures.json", dir);
	vendor_load(path);
	for (; goods_len < GOOD_MAX; goods_len++) {
		snprintf(path, sizeof(path), "%s/good.%zu.yaml", dir, goods_len);
		FILE *file = fopen(path, "r");
		if (!file)
			break;
		fclose(file);
		if (read_conf(path, &goods[goods_len], &report) < 0) {
			conf_report_print(&report, stderr);
			fprintf(stderr, "simulate: %s: does not load\n", path);
			exit(2);
		}
		conf_report_free(&report);
	}
	snprintf(path, sizeof(path), "%s/bad.yaml", dir);
	int rc = read_conf(path, &bad, &report);
	conf_report_free(&report);
	if (goods_len == 0 || rc == 0) {
		fprintf(stderr, "simulate: %s: %s\n", dir,
			rc == 0 ? "bad.yaml loads" : "no good.0.yaml");
		exit(2);
	}
}

void sim_unload(void)
{
	while (goods_len)
		conf_free(goods[--goods_len]);
	vendor_unload();
}

/* --- The world ------------------------------------------------------------------------------ */

static void read_one(struct world *world, const struct delivery *delivery)
{
	oracle_delivered(world, delivery);
	/* That it was taken, or is over, needs nobody. */
	if (!text_equal(delivery->type, "alert.acked") &&
	    !text_equal(delivery->type, "alert.resolved"))
		officers_read(world, delivery);
}

static void after_turn(void *context)
{
	struct world *world = context;
	struct post *post = &world->house.post;

	world->now = world->house.now - world->skew;
	for (size_t i = 0; i < post->len; i++) {
		const struct delivery *delivery = &post->deliveries[i];
		world_note(world, "deliver %s %s %d", delivery->endpoint, delivery->notice,
			   delivery->attempt);
		oracle_delivered(world, delivery);
		oracle_told(world, i, read_one);
	}
}

static struct world_size draw_size(const struct sim_order *order)
{
	struct dice dice = dice_of(order->seed, "size");
	/* One seed in ten is as large as the acceptance asks; the small ones find most. */
	struct world_size size = {.travellers = 10 + dice_roll(&dice, 41),
				  .days = 18 + dice_roll(&dice, 13)};

	if (order->seed % 10 == 0)
		size = (struct world_size){.travellers = 200, .days = 30};
	if (order->travellers)
		size.travellers = order->travellers;
	if (order->days)
		size.days = order->days;
	return size;
}

static void open_world(struct world *world, const struct sim_order *order)
{
	struct house_setup setup = {.conf = goods[0],
				    .dir = "disk",
				    .vfs = VFS_NAME,
				    .seed = order->seed,
				    .quiet_post = true,
				    .after_turn = after_turn,
				    .context = world};
	struct dice day = dice_of(order->seed, "calendar");

	*world = (struct world){.seed = order->seed,
				.mask = order->mask,
				.size = draw_size(order),
				.confs = goods,
				.confs_len = goods_len,
				.trace = order->trace};
	world->begin = world->now = EPOCH + (int64_t)dice_roll(&day, 365) * WHEN_DAY;
	world->end = world->begin + (int64_t)world->size.days * WHEN_DAY;
	world->dice.people = dice_of(order->seed, "people");
	world->dice.mail = dice_of(order->seed, "mail");
	world->dice.officers = dice_of(order->seed, "officers");
	world->dice.trouble = dice_of(order->seed, "trouble");
	world->dice.post = dice_of(order->seed, "post");
	world->dice.rounds = dice_of(order->seed, "rounds");
	world->dice.robots = dice_of(order->seed, "robots");
	world->dice.fate = dice_of(order->seed, "fate");
	vfs_open(order->seed);
	setup.now = world->now;
	house_open(&world->house, &setup);
	world->house.post.watch = oracle_order;
	world->house.post.heard = oracle_heard;
	world->house.post.fate = trouble_fate;
	world->house.post.watch_context = world;
	world->house.post.strict = true;
	oracle_new(world);
	oracle_started(world);
	people_make(world);
	trouble_make(world);
	for (unsigned i = 0; i < people_committees(); i++) {
		/* Half past eight and half past seven in the evening, by the zone's clock. */
		int64_t day0 = when_day(goods[0]->zone, world->begin);
		agenda_add(&world->agenda,
			   when_at(goods[0]->zone, (int32_t)day0, (510 + 7 * i) * WHEN_MINUTE),
			   HAPPENS_ROUND, i, 0);
		agenda_add(&world->agenda,
			   when_at(goods[0]->zone, (int32_t)day0, (1170 + 5 * i) * WHEN_MINUTE),
			   HAPPENS_ROUND, i, 1);
	}
	agenda_add(&world->agenda, world->begin + AUDIT_EVERY, HAPPENS_AUDIT, 0, 0);
}

static void close_world(struct world *world)
{
	vfs_heal();
	oracle_disconnect(world);
	house_close(&world->house);
	oracle_free(world->oracle);
	mem_free(world->robots);
	agenda_release(&world->agenda);
	mem_free(world->mails);
	mem_free(world->errands);
	mem_free(world->heard);
	arena_release(&world->arena);
	vfs_close();
}

/* --- The loop ------------------------------------------------------------------------------- */

static void audit(struct world *world)
{
	agenda_add(&world->agenda, world->now + AUDIT_EVERY, HAPPENS_AUDIT, 0, 0);
	if (!house_up(&world->house))
		return;
	(void)house_take_census(&world->house);
	(void)house_pass(&world->house, world->house.now);
	if (!vfs_is_dead())
		oracle_audit(world);
}

static void happen(struct world *world, const struct happening *happening)
{
	switch (happening->kind) {
	case HAPPENS_MAIL:
		mail_deliver(world, happening);
		break;
	case HAPPENS_ROUND:
		officers_round(world, happening);
		break;
	case HAPPENS_OFFICER:
		officers_do(world, happening);
		break;
	case HAPPENS_TROUBLE:
		trouble_do(world, happening);
		break;
	case HAPPENS_AUDIT:
		audit(world);
		break;
	case HAPPENINGS:
		break;
	}
}

/* When the house has something to do by itself, in true time. */
static int64_t house_due(struct world *world)
{
	int64_t next = house_next(&world->house);

	if (next == WHEN_NEVER)
		return WHEN_NEVER;
	if (next < world->house.now)
		next = world->house.now;
	return next - world->skew;
}

static void step(struct world *world)
{
	const struct happening *top = agenda_top(&world->agenda);
	int64_t due = house_due(world);

	world->counts.steps++;
	if (due <= top->at) {
		world->now = due;
		house_pass(&world->house, world_clock(world));
	} else {
		struct happening happening = agenda_pop(&world->agenda);
		world->now = happening.at;
		/* Nothing is due until then: only the clock moves. */
		house_pass(&world->house, world_clock(world));
		happen(world, &happening);
	}
	if (vfs_is_dead())
		trouble_died(world);
	oracle_step(world);
}

static void report(struct world *world, struct sim_result *out)
{
	const struct vfs_counts *disk = vfs_counts();
	const char *broken = oracle_broken(world);

	*out = (struct sim_result){.hash = world->hash,
				   .size = world->size,
				   .counts = world->counts,
				   .writes = disk->calls[VFS_WRITE],
				   .syncs = disk->calls[VFS_SYNC],
				   .bytes = disk->bytes_written,
				   .kept = disk->kept,
				   .undone = disk->undone,
				   .torn = disk->torn,
				   .disk_size = vfs_size(),
				   .turns = world->house.turns,
				   .fired = world->house.fired,
				   .orders = world->house.post.orders,
				   .virtual_ms = world->now - world->begin};
	text_copy(out->broken, sizeof(out->broken), broken ? broken : "");
}

void sim_run(const struct sim_order *order, struct sim_result *out)
{
	struct world *world = mem_alloc(sizeof(*world));

	open_world(world, order);
	while (!oracle_broken(world) && agenda_top(&world->agenda) &&
	       world->now < world->end + AFTER_CALM &&
	       (!order->steps || world->counts.steps < order->steps))
		step(world);
	if (!oracle_broken(world) && world->now >= world->end + AFTER_CALM)
		oracle_end(world);
	report(world, out);
	close_world(world);
	mem_free(world);
}
