/* scenario.h — a night in plain sentences, told to a house and held against what it did.
 *
 * A scenario (tests/scenarios/README.md) is a header and sentences, each at a time. scenario_load
 * reads a file and knows every sentence before any is told; scenario_run opens a house, tells them
 * one after the other and stops at the first that does not hold. The loop invariant is asked after
 * each.
 *
 * The rooms: scenario_read.c (lines, words, the table of sentences and how one is matched),
 * scenario_world.c (configuration, the units' names, endpoints, the daemon's life), scenario_tell.c
 * (facts from feeds and from people), scenario_expect.c (what must have come of it), scenario.c
 * (one run from beginning to end).
 */
#ifndef TESTS_SIM_SCENARIO_H
#define TESTS_SIM_SCENARIO_H

#include <stdarg.h>

#include "house.h"

#define SENTENCE_WORDS_MAX  120
#define SENTENCE_ARGS_MAX   40
#define SENTENCE_PEOPLE_MAX 200
#define POLICIES_MAX	    6
#define FLIGHTS_MAX	    8
#define BUSES_MAX	    8
#define STOPS_MAX	    8

struct scenario;
struct sentence;

/* One form of sentence. PATTERN: small words stand for themselves ("is|are": either); a word in
 * capitals takes one word, PEOPLE one or more persons, WHOM persons or a number, REST all that is
 * left; a group in [brackets] may be there or not, groups in any order. */
struct sentence_row {
	const char *pattern;
	int (*tell)(struct scenario *scenario, const struct sentence *sentence);
	const char *means;
};

struct word {
	const char *text;
	bool quoted;
};

/* Raw YAML after a "policy" or "config" line. */
struct block {
	bool policy;
	const char *from; /* in_force_from of a policy, NULL: of all days */
	const char *yaml; /* NULL: none */
};

struct sentence {
	int line;
	const char *raw;
	/* When: a time of day, a date before it, a day of isolation before it, or a span. */
	const char *date, *time, *span;
	int day; /* or -1 */
	size_t words_len;
	struct word words[SENTENCE_WORDS_MAX];
	size_t blocks_len;
	struct block blocks[POLICIES_MAX];

	const struct sentence_row *row;
	size_t args_len;
	struct {
		const char *name, *value;
	} args[SENTENCE_ARGS_MAX];
	size_t people_len;
	const char *people[SENTENCE_PEOPLE_MAX];
	const struct word *rest;
	size_t rest_len;
	struct sentence *next;
};

struct scenario_bus {
	const char *name;
	size_t stops_len;
	const char *stops[STOPS_MAX]; /* place of stop i + 1 */
};

struct scenario_flight {
	const char *name;
	int64_t sched;
};

struct scenario {
	const char *path;
	struct arena arena;
	const char *title, *rule, *zone_name, *start_text;
	struct sentence header; /* its blocks */
	struct sentence *sentences, **last;
	int64_t start;

	/* of a run */
	struct house house;
	char dir[96];
	struct conf *conf;
	const char *config;
	size_t policies_len;
	struct block policies[POLICIES_MAX];
	size_t flights_len;
	struct scenario_flight flights[FLIGHTS_MAX];
	size_t buses_len;
	struct scenario_bus buses[BUSES_MAX];
	unsigned facts;
	size_t feed_len, feed_cap; /* what the feed said, for repetition */
	const char **feed;
	size_t mark;	     /* deliveries before the last sentence that told something */
	const char *refused; /* why the last fact from people was not taken, or NULL */
	int64_t told_at;     /* when the last sentence that told something was told */
	size_t expectations;
	FILE *out; /* where failures go */
};

/* Read PATH. Negative when anything in it is not understood; every such line is written to OUT. */
int scenario_load(struct scenario *scenario, const char *path, FILE *out);
/* Run it; negative when an expectation failed, and OUT has file, line, what was expected and what
 * was delivered. */
int scenario_run(struct scenario *scenario);
void scenario_release(struct scenario *scenario);

/* --- scenario_read.c --- */

/* Match SENTENCE against ROWS; negative when none fits, and WHY says how far the best one went. */
int sentence_match(struct scenario *scenario, struct sentence *sentence,
		   const struct sentence_row *const *tables, const size_t *lens, size_t tables_len,
		   struct err *why);
/* The word that stands at NAME, or NULL. */
const char *sentence_arg(const struct sentence *sentence, const char *name);
bool sentence_has(const struct sentence *sentence, const char *name);
/* "P7", and not "PVG". */
bool is_person(const char *word);

/* --- what all rooms use (scenario.c) --- */

/* Something in SENTENCE does not hold or cannot be: said once, with the deliveries around it when
 * DELIVERIES. Returns negative. */
int complain(struct scenario *scenario, const struct sentence *sentence, bool deliveries,
	     const char *format, ...) __attribute__((format(printf, 4, 5)));
/* "21:40" near now, in the zone of the scenario: not more than half a day ago. PAST: not after
 * now. */
int scenario_time(struct scenario *scenario, const struct sentence *sentence, const char *text,
		  bool past, int64_t *at);
int scenario_span(struct scenario *scenario, const struct sentence *sentence, const char *text,
		  int64_t *ms);
int scenario_number(struct scenario *scenario, const struct sentence *sentence, const char *text,
		    int64_t *number);
/* Let time pass until AT. */
void scenario_pass(struct scenario *scenario, int64_t at);

/* --- scenario_world.c --- */

struct place {
	const char *name;  /* as scenarios write it, and the endpoint's */
	const char *other; /* … or so */
	const char *code;
	const char *address; /* of a committee */
};

const struct place *place_find(const char *name);
/* Read the configuration in force from header and reloads. */
int world_configure(struct scenario *scenario, const struct sentence *sentence);
extern const struct sentence_row world_rows[];
extern const size_t world_rows_len;

/* --- scenario_tell.c --- */

/* The journey of PERSON: its id, or "" when nobody has spoken of her. */
const char *journey_of(struct scenario *scenario, const char *person);
extern const struct sentence_row tell_rows[];
extern const size_t tell_rows_len;

/* --- scenario_expect.c --- */

extern const struct sentence_row expect_rows[];
extern const size_t expect_rows_len;

#endif
