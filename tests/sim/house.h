/* house.h — the daemon without its operating system: configuration, store, engine and courier under
 * a clock that the caller turns.
 *
 * What daemon/reactor.c does in a turn is done here in the same order, with facts instead of calls
 * and the post (post.h) instead of a network. Time passes as in a drill: to the next thing that is
 * due, at its own time. Nothing sleeps, nothing reads a clock, everything random comes from a seed.
 * A house may be killed and started again on its files; while nobody is at home time passes all the
 * same, and facts wait at the door.
 *
 *	conf = … house_conf(&conf, dir, yaml, &report);		shared by any number of houses
 *	house_open(&house, &(struct house_setup){.conf = conf, .now = t0, .seed = 1});
 *	house_submit(&house, facts, len);			waits for the next turn
 *	house_pass(&house, t1);					turns until then
 *	house_kill(&house); house_pass(&house, t2); house_start(&house);
 *	house_census(&house)->violations_len == 0
 *	post_read(&house.post, i)
 *
 * What our own mistake breaks (a file that cannot be made, time that does not pass) ends the
 * program with a sentence. What a faulty disk breaks is the caller's to judge: house_turn returns
 * the store's code, house_pass goes on after the rest the reactor takes, and house.failures counts.
 */
#ifndef TESTS_SIM_HOUSE_H
#define TESTS_SIM_HOUSE_H

#include "closedloop/courier.h"
#include "closedloop/engine.h"
#include "post.h"
#include "tests/unit/vault.h"

struct house_setup {
	struct conf *conf;     /* borrowed; outlives the house */
	const char *gazetteer; /* image; NULL: CLOSEDLOOP_GAZETTEER, or build/gazetteer.img */
	const char *dir;       /* where the store is; NULL: a new one, removed at close */
	const char *vfs;       /* SQLite file system, NULL: the real one */
	uint64_t seed;
	int64_t now;
	bool quiet_post; /* deliveries are not kept over turns: look at them in after_turn */
	void (*after_turn)(void *context); /* after each turn that did something; or NULL */
	void *context;
};

struct house {
	struct house_setup setup;
	char dir[96], db[128];
	bool own_dir;
	struct conf *conf;     /* in force */
	struct conf *reloaded; /* ours, when a reload made it */
	struct gazetteer *gazetteer;
	struct vault vault;
	struct store *store; /* NULL: nobody at home */
	struct engine *engine;
	struct courier *courier;
	struct post post;
	struct entropy entropy;
	uint64_t entropy_state;
	int64_t now;
	bool feeds_watched, rules_asked; /* since the start, or the last change of conf */
	bool clock_told; /* the engine knows the clock as it is, and not as clock_was any more */
	int64_t clock_was;
	int64_t store_rest; /* no due work before, after the store failed */
	struct err err;	    /* of the last failure */
	unsigned failures;
	uint64_t turns, fired;

	size_t inbox_len, inbox_cap;
	struct fact **inbox; /* borrowed until the turn that submits them is over */
	size_t results_len;
	struct fact_result *results; /* of the last turn that submitted any, in their order */
	struct census census;
};

/* Read the configuration YAML, as if it were DIR/closedloopd.yaml, against the gazetteer too. 0 and
 * *OUT (conf_free), or negative; REPORT says why and is the caller's (conf_report_free). */
int house_conf(struct conf **out, const char *dir, const char *yaml, struct conf_report *report);
/* A new directory on a file system that is fast to sync, and its removal with the files in it. */
void house_make_dir(char *dir, size_t cap);
void house_remove_dir(const char *dir);

void house_open(struct house *house, const struct house_setup *setup);
void house_close(struct house *house);

/* FACTS wait at the door for the next turn; they are submitted together, in order. */
void house_submit(struct house *house, struct fact *const *facts, size_t len);
/* One turn at house.now. 0, or the store's negative code: then the facts of this turn were refused.
 * *BUSY (or NULL): something was done, and there may be more to do at this very minute. */
int house_turn(struct house *house, bool *busy);
/* When something is due by itself. */
int64_t house_next(struct house *house);
/* Everything due by UNTIL happens, in order, each at its own time; then it is UNTIL. Returns how
 * often the store failed meanwhile. While nobody is at home only the time passes. */
unsigned house_pass(struct house *house, int64_t until);

/* SIGTERM, kill -9, and the start after either. kill: nothing is settled, answers under way are
 * lost, the store's files stay as they are (no checkpoint). */
void house_stop(struct house *house);
void house_kill(struct house *house);
/* 0, or the store's code when it cannot be opened: nobody is at home then. */
int house_start(struct house *house);
static inline bool house_up(const struct house *house)
{
	return house->store != NULL;
}
/* Stopped now, started at UNTIL: what became due meanwhile is done in the first turns. */
void house_down(struct house *house, int64_t until);
/* The wall clock is set to AT by hand: no time passes. */
void house_clock(struct house *house, int64_t at);
/* A new configuration between two turns. CONF is borrowed. */
void house_reconfigure(struct house *house, struct conf *conf);
/* SIGHUP: YAML is read and swapped in, or the old one stays and REPORT says why. */
int house_reload(struct house *house, const char *yaml, struct conf_report *report);

/* The loop invariant, asked now. Belongs to the house until the next call. */
const struct census *house_census(struct house *house);
/* The census as the reactor takes it every minute: a breach becomes an alert. */
int house_take_census(struct house *house);

#endif
