/* engine.h — one fact = one decision; many facts = one transaction.
 *
 * Every change enters through engine_submit or engine_due. The daemon collects facts during a turn
 * and submits them all: they are applied in order inside ONE transaction with everything they cause
 * (journeys, alerts, notices, ledger), and when the call returns 0 all of it is durable and the
 * senders may be told. When it returns an error nothing happened at all.
 */
#ifndef CLOSEDLOOP_ENGINE_H
#define CLOSEDLOOP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/conf.h"
#include "closedloop/feed.h"
#include "closedloop/match.h"
#include "closedloop/plan.h"
#include "closedloop/store.h"

struct engine;

/* Since the start. */
struct engine_counters {
	uint64_t tellings, late_ms;  /* alerts that spoke, and how late they did altogether */
	uint64_t answers, answer_ms; /* alerts told and then taken, and from their opening on */
	uint64_t handed_on;	     /* tellings that did not arrive, and called the next */
	uint64_t nowhere;	     /* words that no endpoint was left for */
	uint64_t heads;		     /* heads of the ledger, signed */
	uint64_t matches[MATCH_VERDICTS]; /* addresses judged, by verdict, first or anew */
};

struct engine_setup {
	struct store *store;
	const struct conf *conf;
	const struct gazetteer *gazetteer;
	const struct entropy *entropy;
	const struct ack_ring *ack;    /* signs the links; may be turned between two turns */
	uint8_t home_key[ACK_KEY_LEN]; /* homes are kept as hashes under it: never changes */
	/* Signs the heads of the ledger: an Ed25519 seed, which never changes. */
	uint8_t ledger_seed[DIGEST_PUBLIC_LEN];
	bool drill; /* every outgoing word is marked 【演练】 */
};

struct engine *engine_new(const struct engine_setup *setup);
void engine_free(struct engine *engine);
/* A new configuration between two turns. */
void engine_reconfigure(struct engine *engine, const struct conf *conf);

/* Sign what the ledger is at NOW, keep it, and owe it to whoever is configured to get it. HEAD gets
 * it; its n is 0, and nothing was signed, when there is no row yet. Due by itself at midnight and
 * as often as configured. */
int engine_head(struct engine *engine, int64_t now, struct ledger_head *head, struct err *err);
/* The key that heads are checked with; it lives as long as ENGINE. */
const uint8_t *engine_ledger_public(const struct engine *engine);

/* What became of one fact. */
struct fact_result {
	bool duplicate;
	enum reject reject; /* REJECT_ID_REUSE; refusals of people's facts are in `code` */
	enum cl_error code; /* CL_OK, CL_EGONE for what is about somebody erased, or CL_ECONFLICT /
			       CL_ENOENT / CL_EINVAL for facts from people */
	char detail[200];
	char journey[IDENT_CAP]; /* the journey it touched, when it was one */
};

/* A refused event, to be kept. */
struct refusal {
	const char *feed;
	const struct feed_event *event;
};

/* Somebody is going to see personal data, which is to stand in the ledger before she does. */
struct look {
	const char *journey; /* whose; "" when they are many, or none in particular */
	const char *what;    /* "read", or another coded word; NULL: nobody looks */
	const char *note;    /* who looks at what, and why */
};

/* What one transaction is about. */
struct turn {
	struct fact *const *facts;
	size_t facts_len;
	const struct refusal *refusals;
	size_t refusals_len;
	const struct look *looks;
	size_t looks_len;
};

/* Apply the facts, keep the refusals and write the looks down in one transaction at NOW; RESULTS[i]
 * tells of fact i. A fact about what is not within its scope: CL_ENOENT in its result. */
int engine_turn(struct engine *engine, const struct turn *turn, int64_t now,
		struct fact_result *results, struct err *err);
/* engine_turn without looks. */
int engine_submit(struct engine *engine, struct fact *const *facts, size_t len,
		  const struct refusal *refusals, size_t refusals_len, int64_t now,
		  struct fact_result *results, struct err *err);

/* Turn what became due by NOW into decisions, at most MAX of each sort, gravest first, in one
 * transaction. *FIRED counts deadlines and alerts. */
int engine_due(struct engine *engine, int64_t now, unsigned max, unsigned *fired, struct err *err);
/* When engine_due has something to do again; WHEN_NEVER when nothing is owed. */
int engine_next(struct engine *engine, int64_t *at, struct err *err);

/* Call once after engine_new and after each engine_reconfigure, again until it returns 0: when the
 * policies are not those that open journeys were planned by, all of them become due at NOW, and
 * engine_due works them off. */
int engine_rules(struct engine *engine, int64_t now, struct err *err);

/* Settle JOURNEY as it was decided last: by the policy whose hash it bears, or, when that is not
 * loaded any more, by the one of its day. What is returned may live in ARENA. */
const struct policy *engine_settle(const struct conf *conf, struct journey *journey,
				   struct arena *arena);
/* Add to PLAN the midnight at which another policy will take JOURNEY over, if one will. */
void engine_policy_ahead(const struct conf *conf, const struct journey *journey, int64_t now,
			 struct plan *plan);
/* Wait for every feed by the configuration in force: at start, and after each engine_reconfigure.
 * At the first call silence counts from NOW, because before it we were deaf. */
int engine_watch_feeds(struct engine *engine, int64_t now, struct err *err);

/* The clock shows NOW, and showed WAS, which is later; at start WHEN_UNKNOWN: what is written
 * tells. What waits for a time set by then is brought back to now and its own wait; nothing is told
 * again. Before anything else that is done at NOW, again until it returns 0. */
int engine_clock_set(struct engine *engine, int64_t was, int64_t now, struct err *err);

const struct engine_counters *engine_counters(const struct engine *engine);

/* Load a journey, settled, with the policy it goes by. Of one that was erased, erased_at says so
 * and what is left is there. */
int engine_journey(struct engine *engine, const char *id, struct arena *arena, struct journey *out,
		   const struct policy **policy, struct err *err);
/* The same of a ROW that the store gave. */
int engine_journey_of(const struct conf *conf, const struct store_journey *row, struct arena *arena,
		      struct journey *out, const struct policy **policy, struct err *err);
/* One line WHAT with NOTE in the ledger, about JOURNEY or "" nobody, in its own transaction. */
int engine_note(struct engine *engine, const char *journey, const char *what, const char *note,
		int64_t now, struct err *err);
/* The same for who may see the units that begin with SCOPE only: CL_ENOENT for all others. */
int engine_journey_see(struct engine *engine, const char *scope, const char *id,
		       struct arena *arena, struct journey *out, const struct policy **policy,
		       struct err *err);
/* An alert about the system itself (feed_silent, endpoint_sick, id_reuse …), inside its own
 * transaction. OPEN false ends it. */
int engine_system_alert(struct engine *engine, enum alert_kind kind, const char *subject,
			const char *detail, bool open, int64_t now, struct err *err);
/* Name of a unit for people: configured, else the gazetteer's chain, else the code. */
void engine_unit_name(struct engine *engine, const char *code, char *buf, size_t cap);
/* What is known of where somebody lives, as journeys keep it; each NULL or "" when not stated. */
struct dwelling {
	const char *address;
	const char *building; /* compound, building, unit, room in one line */
	const char *compound;
	const char *point; /* "LON LAT" in millionths of a degree, WGS-84 */
};
/* Of a journey's or a fact's fields. */
struct dwelling dwelling_stated(const char *const field[FIELDS]);
/* Judge PLACE by what is written, the rules and what officers taught, as it would be for a journey.
 * ARENA is for scratch. */
int engine_match(struct engine *engine, const struct dwelling *place, struct arena *arena,
		 struct match *out, struct err *err);
/* The same by what officers taught about committees that begin with SCOPE only: where people
 * elsewhere live is nothing to somebody who answers for one committee. */
int engine_match_see(struct engine *engine, const char *scope, const struct dwelling *place,
		     struct arena *arena, struct match *out, struct err *err);
/* The endpoints an urgent word to unit CODE reaches at NOW into OUT, at most MAX; *LEN is how many.
 */
int engine_reach(struct engine *engine, const char *code, int64_t now,
		 const struct conf_endpoint **out, size_t max, size_t *len, struct err *err);
/* What a message about ALERT says at NOW in LANGUAGE, without marks and link: for a page about it.
 * Strings belong to ARENA. */
struct alert_words {
	const char *title, *text;
};
int engine_alert_words(struct engine *engine, const struct alert *alert, const char *language,
		       int64_t now, struct arena *arena, struct alert_words *out, struct err *err);
/* One test notice to ENDPOINT through the same build-and-sign path as all others; its id to ID. */
int engine_send_test(struct engine *engine, const char *endpoint, int64_t now, char id[IDENT_CAP],
		     struct err *err);

/* --- policy_diff.c
 * ------------------------------------------------------------------------------------------------
 */

#define POLICY_EXAMPLES_MAX 20

/* One journey for which something changes; [0] as it is, [1] as it would be. */
struct policy_example {
	char journey[IDENT_CAP];
	char unit[UNIT_CODE_CAP];
	enum stage stage;
	char policy[2][POLICY_TITLE_CAP];
	int days[2];
	int64_t ends_at[2], release_at[2], next_due[2]; /* WHEN_NEVER: none */
	char alerts[120];				/* "+not_released -task_overdue" */
};

struct policy_diff {
	unsigned journeys;     /* open ones, all looked at */
	unsigned changed;      /* something is owed otherwise than now */
	unsigned other_policy; /* another policy is theirs, whether that changes anything or not */
	unsigned ends_earlier, ends_later;
	unsigned released_earlier, released_later;
	unsigned alerts_more, alerts_fewer; /* that somebody must answer, each counted once */
	unsigned next_sooner, next_later;   /* the next deadline */
	size_t examples_len;
	struct policy_example examples[POLICY_EXAMPLES_MAX];
};

/* Compare what is owed at NOW under the loaded policies with what would be owed under those of WITH
 * (conf_with_policy), as if the day of TRIED had come already. Nothing is written. Begin once, step
 * until *DONE, at most MAX journeys at a time, and read the diff then. *OUT is to be freed even
 * after an error; WITH must stay until then, and the engine's configuration too. */
struct policy_trial;
int policy_trial_begin(struct policy_trial **out, struct engine *engine, const struct conf *with,
		       const struct policy *tried, int64_t now, struct err *err);
int policy_trial_step(struct policy_trial *trial, unsigned max, bool *done, struct err *err);
const struct policy_diff *policy_trial_diff(const struct policy_trial *trial);
void policy_trial_free(struct policy_trial *trial);

/* --- census.c
 * ------------------------------------------------------------------------------------------------
 */

struct census {
	struct store_census counts;
	size_t violations_len; /* as many as were looked for, at most 100 */
	struct {
		char journey[IDENT_CAP];
		char rule[96];
	} violations[100];
};

/* Ask the loop invariant of every open journey. */
int engine_census(struct engine *engine, int64_t now, struct census *out, struct err *err);
/* Ask whether every open alert that nobody has answered will speak again within the longest wait
 * there is. *ALERT is one that will not, or 0. */
int engine_audit(struct engine *engine, int64_t now, int64_t *alert, struct err *err);

#endif
