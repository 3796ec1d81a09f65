/* silence.h — what keeps an alert that is due from speaking for a while: a human's silence, or a
 * graver alert that explains it.
 *
 * Neither ends an alert. A silence is somebody's decision, with a name, a reason and an end at most
 * SILENCE_MAX ahead; it hides all alerts it matches, known and to come, and when it ends those that
 * are still open speak. An inhibitor is an open alert of a graver kind that is the cause: a late
 * bus explains that nobody has boarded it. An alert it covers waits for it, and not longer than the
 * policy's alerts.inhibit_at_most after its own due time, so that one alert nobody answers cannot
 * hide another for ever. While an alert is held, its next_at is where the hold ends: the invariant
 * that every open alert will speak again stands.
 */
#ifndef CLOSEDLOOP_SILENCE_H
#define CLOSEDLOOP_SILENCE_H

#include "closedloop/alert.h"
#include "closedloop/err.h"

#define SILENCE_MAX	   (24 * WHEN_HOUR)
#define SILENCE_REASON_CAP 808

/* What is empty matches everything; one of kind, unit and subject is not. */
struct silence {
	int64_t id;		  /* the number of the fact that made it: "S-000017" for people */
	char kind[24];		  /* word of an alert kind */
	char unit[UNIT_CODE_CAP]; /* prefix */
	char subject[ALERT_SUBJECT_CAP];
	char author[ALERT_BY_CAP];
	char reason[SILENCE_REASON_CAP];
	int64_t made_at, ends_at;
	bool force;	  /* urgent kinds too */
	int64_t ended_at; /* when somebody ended it early, or WHEN_NEVER */
	char ended_by[ALERT_BY_CAP];
};

/* Whether SILENCE may be made at NOW: author, reason, an end within SILENCE_MAX, something to
 * match, a kind that exists and may be silenced. FALLBACK is the endpoint that gets what nobody
 * answered. */
int silence_check(const struct silence *silence, const char *fallback, int64_t now,
		  struct err *err);
/* SILENCE keeps ALERT from speaking at NOW. Never true for loop_broken and ledger_broken, nor for
 * the sickness of FALLBACK; for an urgent kind only by force. */
bool silence_hides(const struct silence *silence, const struct alert *alert, const char *fallback,
		   int64_t now);

/* --- Inhibition ---------------------------------------------------------------------------- */

enum inhibit_match {
	INHIBIT_MEMBERS, /* Everybody in the target is in an open alert of the source kind. */
	INHIBIT_FEED, /* Everybody in the target is known from the silent feed's sources alone. */
};

struct inhibition {
	enum alert_kind source, target;
	enum inhibit_match match;
};

/* The rules for which TARGET is the target, one after the other: begin with AFTER NULL. NULL when
 * there is no more. */
const struct inhibition *inhibition_of(enum alert_kind target, const struct inhibition *after);
/* An end of an alert of KIND may set others free. */
bool inhibits_others(enum alert_kind kind);
/* Until when an inhibitor may keep ALERT from speaking under POLICY. */
int64_t inhibited_until(const struct alert *alert, const struct policy *policy);

/* --- Holding ------------------------------------------------------------------------------- */

/* ALERT does not speak before UNTIL, because of HOLD number BY. */
void alert_hold(struct alert *alert, enum alert_hold hold, int64_t by, int64_t until, int64_t now);
/* Its hold is over, or must be judged anew: what was postponed is due at NOW. */
void alert_release(struct alert *alert, int64_t now);

#endif
