/* house.c — see house.h. Neighbours: post.c is the world behind the endpoints; daemon/reactor.c and
 * daemon/drill.c are what this is a model of. */
#include "house.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closedloop/text.h"

/* Nobody follows a link here. */
static const struct ack_ring links;

#define STORE_REST WHEN_SECOND /* As the reactor's, after the store failed. */
#define STUCK	   100000      /* So many turns in one minute are no progress. */

_Noreturn static void fail(const char *what, const char *why)
{
	fprintf(stderr, "house: %s: %s\n", what, why);
	abort();
}

/* --- Files --- */

void house_make_dir(char *dir, size_t cap)
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp || !*tmp)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir;
	snprintf(dir, cap, "%s/house.XXXXXX", tmp);
	if (!mkdtemp(dir))
		fail(dir, "cannot be made");
}

void house_remove_dir(const char *dir)
{
	DIR *listing = opendir(dir);
	char path[512];

	for (struct dirent *entry; listing && (entry = readdir(listing));) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	if (listing)
		closedir(listing);
	rmdir(dir);
}

/* Mapped once: any number of houses look at the same pages. */
static struct gazetteer *shared_gazetteer(const char *path)
{
	static struct gazetteer *gazetteer;
	static char mapped[512];
	struct err err = ERR_INIT;
	struct stat info;

	if (!path)
		path = getenv("CLOSEDLOOP_GAZETTEER");
	if (!path)
		path = "build/gazetteer.img";
	if (gazetteer && strcmp(mapped, path) == 0)
		return gazetteer;
	if (gazetteer)
		fail(path, "another gazetteer is in use");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info) < 0)
		fail(path, "no image: make all first");
	void *image = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (image == MAP_FAILED || digest_init(&err) < 0 ||
	    gazetteer_open(&gazetteer, image, (size_t)info.st_size, &err) < 0)
		fail(path, err.text);
	text_copy(mapped, sizeof(mapped), path);
	return gazetteer;
}

static const char *no_environment(const char *name)
{
	(void)name;
	return NULL;
}

int house_conf(struct conf **out, const char *dir, const char *yaml, struct conf_report *report)
{
	struct conf_world world = {.environment = no_environment,
				   .zoneinfo_dir = "/usr/share/zoneinfo"};
	struct err err = ERR_INIT;
	char path[512];

	*out = NULL;
	if (digest_init(&err) < 0)
		fail("digest", err.text);
	snprintf(path, sizeof(path), "%s/closedloopd.yaml", dir);
	FILE *file = fopen(path, "w");
	if (!file || fputs(yaml, file) < 0 || fclose(file) != 0)
		fail(path, "cannot be written");
	int rc = conf_load(out, path, &world, report);
	if (rc == 0)
		rc = conf_check_units(*out, shared_gazetteer(NULL), report);
	if (rc < 0) {
		conf_free(*out);
		*out = NULL;
	}
	return rc;
}

/* --- Birth and death --- */

int house_start(struct house *house)
{
	assert(!house->store);
	int rc =
		vault_store(&house->vault, &house->store, house->db, house->setup.vfs, &house->err);
	if (rc < 0) {
		vault_close(&house->vault);
		house->failures++;
		return rc;
	}
	struct transport transport = post_transport(&house->post);
	struct engine_setup setup = {.store = house->store,
				     .conf = house->conf,
				     .gazetteer = house->gazetteer,
				     .ack = &links,
				     .entropy = &house->entropy};
	house->engine = engine_new(&setup);
	struct courier_setup courier = {.store = house->store,
					.conf = house->conf,
					.gazetteer = house->gazetteer,
					.transport = &transport,
					.ack = &links,
					.entropy = &house->entropy};
	house->courier = courier_new(&courier);
	house->store_rest = WHEN_UNKNOWN;
	house->feeds_watched = house->rules_asked = house->clock_told = false;
	house->clock_was = WHEN_UNKNOWN;
	return 0;
}

void house_open(struct house *house, const struct house_setup *setup)
{
	assert(setup->conf);
	*house = (struct house){.setup = *setup, .conf = setup->conf, .now = setup->now};
	house->gazetteer = shared_gazetteer(setup->gazetteer);
	house->entropy_state = setup->seed;
	/* A stream of its own: what is sealed changes no ids. */
	house->vault.seed = setup->seed + 1;
	house->entropy = entropy_seeded(&house->entropy_state);
	house->own_dir = setup->dir == NULL;
	if (house->own_dir)
		house_make_dir(house->dir, sizeof(house->dir));
	else
		text_copy(house->dir, sizeof(house->dir), setup->dir);
	snprintf(house->db, sizeof(house->db), "%s/closedloop.db", house->dir);
	post_init(&house->post);
	house->post.now = house->now;
	post_configure(&house->post, house->conf);
	if (house_start(house) < 0)
		fail(house->db, house->err.text);
}

static void leave(struct house *house)
{
	courier_free(house->courier);
	engine_free(house->engine);
	house->courier = NULL;
	house->engine = NULL;
	post_cut(&house->post);
	house->store->ops->close(house->store);
	house->store = NULL;
	vault_close(&house->vault);
}

void house_stop(struct house *house)
{
	if (house->store)
		leave(house);
}

/* The last connection that closes copies the log into the file. One more that stays open a little
 * longer, and is told not to, leaves both as a killed process would. A simulated disk knows itself
 * what it forgets. */
void house_kill(struct house *house)
{
	sqlite3 *witness = NULL;
	sqlite3_stmt *look = NULL;

	if (!house->store)
		return;
	if (!house->setup.vfs) {
		if (sqlite3_open_v2(house->db, &witness, SQLITE_OPEN_READWRITE, NULL) !=
			    SQLITE_OK ||
		    sqlite3_prepare_v2(witness, "SELECT count(*) FROM sqlite_schema", -1, &look,
				       NULL) != SQLITE_OK ||
		    sqlite3_step(look) != SQLITE_ROW)
			fail(house->db, "cannot be looked at");
		sqlite3_finalize(look);
		sqlite3_db_config(witness, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	}
	leave(house);
	if (witness)
		sqlite3_close(witness);
}

void house_close(struct house *house)
{
	house_stop(house);
	post_release(&house->post);
	conf_free(house->reloaded);
	mem_free(house->inbox);
	mem_free(house->results);
	if (house->own_dir)
		house_remove_dir(house->dir);
}

/* --- The turn --- */

void house_submit(struct house *house, struct fact *const *facts, size_t len)
{
	if (house->inbox_len + len > house->inbox_cap) {
		house->inbox_cap = 2 * (house->inbox_len + len);
		house->inbox = mem_grow(house->inbox, house->inbox_cap * sizeof(*house->inbox));
		house->results =
			mem_grow(house->results, house->inbox_cap * sizeof(*house->results));
	}
	for (size_t i = 0; i < len; i++)
		house->inbox[house->inbox_len++] = facts[i];
}

static int work_inbox(struct house *house, bool *busy)
{
	size_t len = house->inbox_len;

	if (len == 0)
		return 0;
	*busy = true;
	house->inbox_len = 0;
	house->results_len = len;
	int rc = engine_submit(house->engine, house->inbox, len, NULL, 0, house->now,
			       house->results, &house->err);
	courier_wake(house->courier);
	return rc;
}

/* After a start, and after each step back. */
static int tell_clock(struct house *house)
{
	if (house->clock_told)
		return 0;
	int rc = engine_clock_set(house->engine, house->clock_was, house->now, &house->err);
	house->clock_told = rc == 0;
	if (rc == 0)
		house->clock_was = WHEN_UNKNOWN;
	courier_wake(house->courier);
	return rc;
}

/* After a start, and after each change of the configuration. */
static int watch_feeds(struct house *house)
{
	if (house->feeds_watched)
		return 0;
	int rc = engine_watch_feeds(house->engine, house->now, &house->err);
	house->feeds_watched = rc == 0;
	return rc;
}

static int work_due(struct house *house, bool *busy)
{
	unsigned fired = 0;
	int64_t next;

	int rc = house->rules_asked ? 0 : engine_rules(house->engine, house->now, &house->err);
	if (rc == 0) {
		house->rules_asked = true;
		rc = engine_next(house->engine, &next, &house->err);
	}
	if (rc < 0 || next > house->now)
		return rc;
	rc = engine_due(house->engine, house->now, house->conf->limits.turn_due, &fired,
			&house->err);
	house->fired += fired;
	if (rc == 0 && fired) {
		*busy = true;
		courier_wake(house->courier);
	}
	return rc;
}

static int work_courier(struct house *house, bool *busy)
{
	const char *endpoint, *hint;
	uint64_t orders = house->post.orders;
	bool sick;

	int rc = courier_claim(house->courier, house->now, &house->err);
	if (rc == 0)
		rc = courier_settle(house->courier, house->now, &house->err);
	while (rc == 0 && courier_take_change(house->courier, &endpoint, &sick, &hint)) {
		rc = engine_system_alert(house->engine, ALERT_ENDPOINT_SICK, endpoint, hint, sick,
					 house->now, &house->err);
		courier_wake(house->courier);
		*busy = true;
	}
	if (rc == 0)
		rc = courier_claim(house->courier, house->now, &house->err);
	*busy = *busy || house->post.orders != orders;
	return rc;
}

int house_turn(struct house *house, bool *busy)
{
	bool did = false;

	assert(house->store);
	house->post.now = house->now;
	house->turns++;
	did = post_bring(&house->post, house->courier) > 0;
	int rc = house->now >= house->store_rest ? tell_clock(house) : 0;
	if (rc == 0 && house->now >= house->store_rest)
		rc = watch_feeds(house);
	if (rc == 0)
		rc = work_inbox(house, &did);
	if (rc == 0 && house->now >= house->store_rest)
		rc = work_due(house, &did);
	if (rc == 0 && house->now >= house->store_rest)
		rc = work_courier(house, &did);
	if (rc < 0) {
		house->failures++;
		house->store_rest = house->now + STORE_REST;
	}
	if (did && house->setup.after_turn)
		house->setup.after_turn(house->setup.context);
	if (house->setup.quiet_post)
		post_forget(&house->post);
	if (busy)
		*busy = did && rc == 0;
	return rc;
}

int64_t house_next(struct house *house)
{
	int64_t next = WHEN_NEVER;

	if (!house->store)
		return WHEN_NEVER;
	bool settled = house->feeds_watched && house->rules_asked && house->clock_told;
	if (house->inbox_len > 0 || (!settled && house->now >= house->store_rest))
		return house->now;
	int64_t back = post_next(&house->post);
	if (house->now < house->store_rest)
		return back < house->store_rest ? back : house->store_rest;
	if (engine_next(house->engine, &next, &house->err) < 0)
		next = house->now + STORE_REST;
	int64_t courier = courier_next(house->courier);
	if (courier < next)
		next = courier;
	return back < next ? back : next;
}

static void move_clock(struct house *house, int64_t now)
{
	house->now = now;
	house->post.now = now;
}

unsigned house_pass(struct house *house, int64_t until)
{
	unsigned before = house->failures;

	for (int turns = 0; house->store; turns++) {
		int64_t next = house_next(house);
		if (next > until)
			break;
		if (next > house->now) {
			move_clock(house, next);
			turns = 0;
		}
		if (turns > STUCK)
			fail("time does not pass", "something stays due");
		(void)house_turn(house, NULL);
	}
	if (until > house->now)
		move_clock(house, until);
	return house->failures - before;
}

void house_down(struct house *house, int64_t until)
{
	house_stop(house);
	house_pass(house, until);
	if (house_start(house) < 0)
		fail(house->db, house->err.text);
}

void house_clock(struct house *house, int64_t at)
{
	post_shift(&house->post, at - house->now);
	if (house->courier)
		courier_clock_set(house->courier, at - house->now);
	if (at < house->now && house->now > house->clock_was)
		house->clock_was = house->now;
	house->clock_told = house->clock_told && at > house->now;
	house->now = at;
}

/* --- Configuration --- */

void house_reconfigure(struct house *house, struct conf *conf)
{
	house->conf = conf;
	post_configure(&house->post, conf);
	house->feeds_watched = house->rules_asked = false;
	if (house->store) {
		engine_reconfigure(house->engine, conf);
		courier_reconfigure(house->courier, conf);
	}
}

int house_reload(struct house *house, const char *yaml, struct conf_report *report)
{
	struct conf *conf;
	int rc = house_conf(&conf, house->dir, yaml, report);

	if (rc < 0)
		return rc;
	house_reconfigure(house, conf);
	conf_free(house->reloaded);
	house->reloaded = conf;
	return 0;
}

/* --- Questions --- */

const struct census *house_census(struct house *house)
{
	assert(house->store);
	if (engine_census(house->engine, house->now, &house->census, &house->err) < 0)
		fail("census", house->err.text);
	return &house->census;
}

int house_take_census(struct house *house)
{
	bool broken = house_census(house)->violations_len > 0;
	int rc = engine_system_alert(house->engine, ALERT_LOOP_BROKEN, "census",
				     broken ? house->census.violations[0].rule : "", broken,
				     house->now, &house->err);
	courier_wake(house->courier);
	return rc;
}
