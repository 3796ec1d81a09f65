/* callout.h — who would be called, and when, if an alert opened and nobody answered.
 *
 * Not a second opinion: the ladder is climbed by alert_escalate, whom a step reaches is asked of
 * the rosters as for a real alert, minute by minute. Nothing is written.
 */
#ifndef CLOSEDLOOP_CALLOUT_H
#define CLOSEDLOOP_CALLOUT_H

#include "closedloop/engine.h"

/* "unit=310107016013 kind=arrival at=2020-03-08T03:05:00+08:00": AT may be left out, and UNIT for
 * what is about the system itself. */
struct callout_question {
	const char *unit, *kind, *at; /* NULL: not given */
};
/* Read WORDS[0..LEN) of the form KEY=VALUE. CL_EINVAL names what is wrong. */
int callout_question(const char *const *words, size_t len, struct callout_question *out,
		     struct err *err);

#define CALLOUT_LINES_MAX   64
#define CALLOUT_REACHES_MAX 128
#define CALLOUT_TELLS	    12
#define CALLOUT_SPAN	    (4 * WHEN_HOUR)

/* One endpoint that is called. */
struct callout_reach {
	const struct conf_endpoint *endpoint;
	const char *unit;   /* whose endpoint or roster it is; NULL: named by the step itself */
	const char *roster; /* NULL: no roster says so */
	const char *member; /* who is on duty there; NULL: nobody is, it is the unit's own */
	bool again;	    /* has been told in the same moment already: not told twice */
	int64_t held_until; /* quiet hours end; 0: goes at once */
};

/* One step at one moment: who is called, or why nobody is. */
struct callout_line {
	int64_t at;
	int step; /* index into the escalation, or TELL_FALLBACK */
	enum tell_why why;
	size_t reaches, reaches_len; /* where in callout.reach */
	char skipped[160];	     /* why nobody is; "" when somebody is */
};

struct callout {
	enum alert_kind kind;
	char unit[UNIT_CODE_CAP];
	char unit_name[256];
	int64_t at;
	const struct conf_escalation *escalation;
	size_t lines_len, reach_len;
	struct callout_line lines[CALLOUT_LINES_MAX];
	struct callout_reach reach[CALLOUT_REACHES_MAX];
	int64_t next_at; /* when it would go on; WHEN_NEVER: it has said all */
};

/* Answer QUESTION, at NOW unless it says when. CL_EINVAL for words that mean nothing. */
int engine_callout(struct engine *engine, const struct callout_question *question, int64_t now,
		   struct callout *out, struct err *err);

#endif
