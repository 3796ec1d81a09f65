/* alert.h — what stays open until a human answers, and who is told next.
 *
 * An alert is about one (subject, kind, unit): the passengers of one vehicle for one committee, the
 * people one committee has not asked this morning, one feverish resident. Journeys join and leave
 * it; when the last one leaves, it is resolved by itself, unless the kind is sticky: then only a
 * human with a coded outcome ends it. Informative kinds tell the unit once and never escalate. All
 * of it is level-triggered: a journey's plan says which alerts it wants now (plan.h), the
 * difference to those it has joined is the decision.
 */
#ifndef CLOSEDLOOP_ALERT_H
#define CLOSEDLOOP_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/gazetteer.h"
#include "closedloop/policy.h"
#include "closedloop/when.h"

enum alert_kind {
	ALERT_EXPECTED,	  /* Informative: who is coming to this unit, as early as anything is known.
			   */
	ALERT_ARRIVAL,	  /* A vehicle is on its way to the gate. */
	ALERT_STAND_DOWN, /* A unit that was told must be told that they do not come; one
			     acknowledgement ends it. */
	ALERT_NOT_REGISTERED,	/* Landed, and at no desk. */
	ALERT_NOT_BOARDED,	/* At a desk or a relay point, and on no vehicle. */
	ALERT_TRANSFER_OVERDUE, /* The vehicle is not where it should be. */
	ALERT_NOT_ACCEPTED,	/* At the gate or claimed handed over, and the committee has not
				   accepted. */
	ALERT_TASK_OVERDUE,	/* A checklist item is late. */
	ALERT_HOME_UNFIT,	/* The home is not fit to isolate in. */
	ALERT_ADDRESS,		/* No committee is known for the address. */
	ALERT_REMIND,	    /* Informative: these people have not been asked yet in this slot. */
	ALERT_REMIND_LAST,  /* Informative: the same, before the slot's end. */
	ALERT_MISSED_CHECK, /* The slot ended without an entry. */
	ALERT_FEVER,	    /* Fever or a listed symptom. Never ends by itself. */
	ALERT_RELEASE,	    /* Informative: the release slip is due for signature. */
	ALERT_NOT_RELEASED, /* The end came and she cannot be, or was not, released. */
	ALERT_CONFLICT,	    /* Two sources contradict each other about where she is. */
	ALERT_HANDOVER_REFUSED, /* The committee did not take her over: she is back with the
				   sender. */
	ALERT_NO_SHOW, /* Landed long ago and seen by nobody: a human says whether she came. */
	ALERT_NOT_DELIVERED,  /* Sent to central isolation or hospital, and nobody there has her. */
	ALERT_HEAD_COUNT,     /* Another number got off than was to get off. */
	ALERT_NOT_RETURNED,   /* Away from home longer than allowed, or without leave. */
	ALERT_END_MOVED,      /* Informative: the isolation ends on another day than was said. */
	ALERT_STALE_ARRIVALS, /* Informative: arrivals nobody was told of in time, as one summary.
			       */
	ALERT_SHIFT_HANDOVER, /* A shift ends: what is open, for those who leave and those who come;
				 one acknowledgement ends it. */
	/* About the system; subject is the feed, the endpoint or the source. */
	ALERT_ID_REUSE,
	ALERT_FEED_SILENT,
	ALERT_ENDPOINT_SICK,
	ALERT_LEDGER_BROKEN, /* The history is not as it was written. */
	ALERT_LOOP_BROKEN,
	ALERT_KINDS,
};

struct alert_traits {
	const char *word;
	bool urgent;	  /* A human is woken; an acknowledgement expires. */
	bool sticky;	  /* Only a human ends it. */
	bool informative; /* Told once, never escalates, not counted as open. */
	bool ack_ends;	  /* The acknowledgement itself is the answer. */
	int gravity;	  /* Higher fires first after downtime. */
};

const struct alert_traits *alert_traits(enum alert_kind kind);
/* About the system itself, not about people. */
bool alert_is_ours(enum alert_kind kind);
/* -1 when WORD is none. */
int alert_kind_of(const char *word);

enum alert_state {
	ALERT_OPEN,
	ALERT_ACKED,
	ALERT_RESOLVED,
};

/* Why an alert that is due does not speak yet (silence.h). */
enum alert_hold {
	HOLD_NONE,
	HOLD_SILENCE, /* A human asked for quiet, by name and with an end. */
	HOLD_ALERT,   /* A graver alert explains it. */
};

#define ALERT_SUBJECT_CAP 80
#define ALERT_BY_CAP	  64
#define ALERT_OUTCOME_CAP 33

struct alert {
	int64_t id; /* "A-000045" for people */
	enum alert_kind kind;
	char subject[ALERT_SUBJECT_CAP]; /* transfer, flight key, journey id, slot, feed or endpoint
					  */
	char unit[UNIT_CODE_CAP];	 /* whom it concerns; "" = nobody known: the fallback */
	enum alert_state state;
	int64_t opened_at;
	int64_t since;	    /* When its cause began: landed, registered, at the gate … */
	int64_t due;	    /* When it had to be answered without us; lateness counts from here. */
	int64_t eta;	    /* As last told, or WHEN_UNKNOWN. */
	int64_t eta_before; /* As told before that, when it moved. */
	int step;	    /* Steps of the escalation already told. */
	int64_t next_at;    /* When the next step is told; WHEN_NEVER when nobody is waited for. */
	bool changed; /* Members or ETA changed since the last notice: tell the same people again.
		       */
	bool loud;    /* … and do so urgently. */
	char by[ALERT_BY_CAP];	       /* Who acknowledged or resolved it. */
	int64_t acked_at, resolved_at; /* or WHEN_NEVER */
	char outcome[ALERT_OUTCOME_CAP];
	char detail[200];     /* More words for people, no personal data. */
	int64_t hold_until;   /* Nothing is said before, and it counts as late only after; 0 = never
				 held. */
	enum alert_hold hold; /* HOLD_NONE once the hold is over. */
	int64_t held_by;      /* The silence's or the other alert's number. */
};

/* --- Escalation
 * ------------------------------------------------------------------------------------------- */

enum tell_why {
	TELL_RAISED,	  /* first word to this step */
	TELL_ESCALATED,	  /* because those before did not answer */
	TELL_REPEATED,	  /* the same step again */
	TELL_CHANGED,	  /* what it says has changed */
	TELL_ASK_AGAIN,	  /* the acknowledgement expired */
	TELL_UNDELIVERED, /* because those before could not be reached */
	TELL_TAKEN,	  /* somebody has taken it: for those who follow it */
	TELL_OVER,	  /* it is over: for those who follow it */
};

/* The words of the same tick to the same endpoint are one: the strongest is said. True when LEFT is
 * stronger than RIGHT. */
bool tell_stronger(enum tell_why left, enum tell_why right);

#define TELL_FALLBACK (-1)
#define TELL_MAX      12

struct tell {
	int step; /* index into the escalation's steps, or TELL_FALLBACK */
	enum tell_why why;
};

/* The waits of an escalation as the room above resolved them for one alert. */
struct ladder {
	size_t len;
	int64_t wait[8];
	bool reachable[8]; /* false: nobody is there at this step; the next is told in the same tick
			    */
	bool repeat;	   /* the last step goes on until a human takes it */
};

/* Nobody has taken it, and it is told again and again: what is not urgent waits as long as it has
 * been open each time, so at every second step twice as long, and at most this. */
#define ALERT_REPEAT_MOST (6 * WHEN_HOUR)

/* What is due for ALERT at NOW (its next_at has come, or it changed): writes whom to tell into OUT
 * (at most TELL_MAX), returns their number, and moves ALERT on. Pure. After the last step the
 * fallback is told, and from then on the last step and the fallback again, so no alert ends in
 * silence: at every wait where the last step repeats; else what is urgent at every wait for a day
 * and hourly then, and what is not ever more seldom. Calling late tells the current step once. */
size_t alert_escalate(struct alert *alert, const struct ladder *ladder, int64_t now,
		      struct tell out[TELL_MAX]);

/* Those told last cannot be reached: whom to tell at NOW instead, as alert_escalate does, without
 * waiting for its time. A step that only reaches who is owed the word already is not `reachable`.
 * 0: the fallback has been told, nobody is left. */
size_t alert_hand_on(struct alert *alert, const struct ladder *ladder, int64_t now,
		     struct tell out[TELL_MAX]);

/* OUTCOME is a code: ^[a-z][a-z0-9_]{0,31}$, so that ends can be counted. */
bool alert_is_outcome(const char *outcome);

/* BY takes ALERT at NOW. */
void alert_ack(struct alert *alert, const char *by, const struct policy *policy, int64_t now);

#endif
