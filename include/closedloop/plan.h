/* plan.h — what is owed for a journey now, and what a fact changes: the decision.
 *
 * plan_make looks at a settled journey and the time and says which alerts should be open, which
 * deadlines lie ahead, and how the checklist stands. It remembers nothing: called again at any
 * later time it says what is right then, so a restart, a late timer or three days of downtime need
 * no special case. decide() joins a fact, settles, plans, and returns the difference to what the
 * journey had.
 */
#ifndef CLOSEDLOOP_PLAN_H
#define CLOSEDLOOP_PLAN_H

#include "closedloop/journey.h"

#define PLAN_WANTS_MAX	   18
#define PLAN_DEADLINES_MAX 20

struct want {
	enum alert_kind kind;
	const char *subject;
	const char *unit;
	int64_t since;	    /* when its cause began */
	int64_t due;	    /* when it became an alert */
	int64_t eta;	    /* or WHEN_UNKNOWN */
	const char *detail; /* the word of phrase "why.WORD" and its values, or a task's name; ""
			       for none */
};

struct deadline {
	const char *rule; /* "register_within", "checklist.inspect_home", "morning check day 3" … */
	int64_t at;
};

enum task_state {
	TASK_OPEN,
	TASK_DONE,
	TASK_FAILED,
	TASK_LAPSED, /* Its time is over: she is here. */
};

struct plan_task {
	const char *name;
	int64_t due;
	enum task_state state;
	const struct task_mark *mark; /* or NULL */
};

struct plan {
	size_t wants_len;
	struct want wants[PLAN_WANTS_MAX];
	size_t deadlines_len;
	struct deadline deadlines[PLAN_DEADLINES_MAX]; /* unordered */
	size_t tasks_len;
	struct plan_task tasks[POLICY_TASKS_MAX + 2];
	int64_t next_due; /* earliest deadline, WHEN_NEVER when there is none */
	const char *next_rule;
	bool releasable;	    /* the release conditions hold now */
	const char *not_releasable; /* or why not: a detail ("entry_missing 13 evening",
				       "fever_open" …) */
	bool history;		    /* too old to wake anybody: kept, not watched */
};

const char *task_state_word(enum task_state state);

void plan_make(const struct journey *journey, const struct policy *policy, const struct zone *zone,
	       int64_t now, struct arena *arena, struct plan *out);

/* --- The decision
 * ------------------------------------------------------------------------------------------- */

struct step_context {
	const struct policy *policy;
	const struct zone *zone;
	int64_t now;
	const struct leg *leg;	     /* of the transfer the fact is about, or NULL */
	const struct flight *flight; /* of the flight the fact or the journey is about, or NULL */
	struct arena *arena;
};

struct decision {
	struct journey after;
	struct plan plan;
	enum stage stage_before;
	bool unit_changed;
	size_t opens_len, closes_len, moves_len;
	struct want opens[PLAN_WANTS_MAX +
			  JOURNEY_TOLD_MAX];	    /* alerts to join (made when nobody has) */
	struct joined closes[2 * JOURNEY_OPEN_MAX]; /* alerts to leave */
	struct want moves[PLAN_WANTS_MAX];	    /* alerts already joined whose ETA changed */
};

/* Decide what FACT means for JOURNEY (FACT NULL: only time has passed). Pure: same inputs, same
 * decision, on any machine. OUT borrows from CONTEXT's arena and from JOURNEY. Returns 0, or
 * CL_ECONFLICT when a human asked for what cannot be. */
int decide(const struct journey *journey, const struct fact *fact,
	   const struct step_context *context, struct decision *out, struct err *err);

#endif
