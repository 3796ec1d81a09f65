/* journey.h — one traveller's way through the loop, and what a fact changes in it.
 *
 * A journey is a set of registers that only join: a field keeps the statement with the greatest
 * stamp, a milestone its earliest time, a day of checks its bits. Everything else — stage,
 * committee, holder, ETA, what is owed next — is computed from the registers by journey_settle and
 * plan_make. So the same facts in any order, any number of times, end in the same journey, and
 * there is no transition to forget: "a later stage implies the earlier ones" is arithmetic.
 *
 * PURE: no clock, no I/O. All strings belong to the arena given.
 */
#ifndef CLOSEDLOOP_JOURNEY_H
#define CLOSEDLOOP_JOURNEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/alert.h"
#include "closedloop/err.h"
#include "closedloop/fact.h"
#include "closedloop/ident.h"
#include "closedloop/mem.h"
#include "closedloop/policy.h"
#include "closedloop/when.h"

enum stage {
	STAGE_ANNOUNCED,   /* Somebody said she will come. */
	STAGE_TRIAGED,	   /* Customs has looked at her. */
	STAGE_REGISTERED,  /* A district desk has her address. */
	STAGE_IN_TRANSFER, /* On a vehicle, or between two. */
	STAGE_ARRIVED,	   /* The vehicle stands at her gate. */
	STAGE_ISOLATING,   /* Handed over (a claim) or accepted (a fact). */
	STAGE_RELEASED,	   /* The committee signed. */
	STAGE_REDIRECTED,  /* Another disposition than home: somebody else's loop. */
	STAGE_WITHDRAWN,   /* She does not come. */
	STAGE_CLOSED,	   /* Ended by a human with a code. */
	STAGES,
};

const char *stage_word(enum stage stage);
int stage_of(const char *word);
/* True for the four stages in which nothing is owed any more. */
bool stage_ended(enum stage stage);

/* Bounds of a journey: more vehicles, told units or open alerts than these do not happen to one
 * person; the last to come gives way, and among alerts the least grave. */
#define JOURNEY_LEGS_MAX   4
#define JOURNEY_TOLD_MAX   6
#define JOURNEY_OPEN_MAX   20
#define JOURNEY_DAYS_MAX   60
#define JOURNEY_CHECKS_MAX 160
#define JOURNEY_PILLS_MAX  16

/* One vehicle's part of the way, as the transfer record says (transfer.h). */
struct leg {
	const char *transfer;
	const char *plate;
	int64_t departed_at; /* WHEN_UNKNOWN while only stops are known */
	int stop;
	enum stop_kind kind;
	int64_t eta;	    /* or WHEN_UNKNOWN */
	int64_t reached_at; /* or WHEN_NEVER */
	const char *address, *committee;
	bool off;	       /* A newer list of the same vehicle no longer names her. */
	int expected, counted; /* Who was to get off at her stop, and how many did; -1 unknown. */
	int64_t counted_at;
};

struct flight {
	const char *key;
	enum flight_status status;
	struct stamp status_stamp;
	int64_t sched, est, act; /* or WHEN_UNKNOWN */
	struct stamp sched_stamp, est_stamp, act_stamp;
};

/* An end or a turn of the way stated by somebody. at == WHEN_UNKNOWN: never. */
struct mark {
	struct stamp stamp;
	const char *reason;
	const char *by;
};

struct task_mark {
	const char *name;
	struct stamp stamp;
	bool failed;
	const char *outcome, *by;
	const char *home; /* Of which home it was said (FIELD_HOME then), or NULL. */
};

/* Out of the home. stamp.at == WHEN_UNKNOWN: never. */
struct leave {
	struct stamp stamp;
	int64_t until; /* WHEN_UNKNOWN: without leave */
	const char *by;
};

/* A unit that was told about her, and so must be told if she does not come. */
struct told {
	const char *unit;
	const char *subject;
	int64_t eta;
};

struct joined {
	enum alert_kind kind;
	const char *subject;
	const char *unit;
	int64_t eta; /* as told, or WHEN_UNKNOWN */
};

/* One health check, as a set member: when it was made, in civil days, and which day and slot it
 * says it is for. */
struct check_entry {
	int64_t at;	/* WHEN_UNKNOWN in records of an older program */
	int32_t day;	/* civil day it was made on; of an older program: of its slot */
	int32_t time;	/* time of that day, in ms; -1 of an older program */
	int8_t stated;	/* day of isolation as stated, or -1 */
	int8_t evening; /* 0 morning, 1 evening: as stated, or by an older program */
	bool slot_stated;
	bool sign; /* of fever: an assessment whatever was taken before */
};

struct journey {
	char id[IDENT_CAP];
	const char *feed_unit; /* of the earliest fact whose feed names one */
	struct stamp feed_stamp;
	bool current; /* some fact was not yet history when it came; else she is kept, and nobody is
			 woken */
	int64_t erased_at; /* Since when what is personal is gone, 0 while it is there. Not packed:
			      the store keeps it beside the records. */

	/* registers */
	const char *field[FIELDS]; /* NULL never stated; FIELD_NOTHING stated to be nothing */
	struct stamp stamp[FIELDS];
	/* FIELD_MATCHED is the one that nobody states: the engine keeps it, and computes it anew
	 * with every step from the address, the rules and what officers taught (placing.c). */
	int64_t first_at;		   /* earliest fact */
	int64_t seen_at;		   /* latest sighting of the person (not withdrawals) */
	int64_t triaged_at, registered_at; /* earliest, WHEN_NEVER when not */
	int64_t handed_over_at;		   /* earliest claim of a hand-over at a home */
	int64_t handed_over_last;
	const char *handed_to;	/* unit code of the latest claim or NULL */
	int64_t at_home_last;	/* latest claim that says it was at a home … */
	int64_t delivered_last; /* … and latest that does not: to a hospital, or to a name only */
	int64_t accepted_at;	/* earliest */
	int64_t accepted_last;	/* latest, WHEN_UNKNOWN when none */
	const char *accepted_by;
	const char *accepted_unit; /* which committee the latest acceptance was, NULL unknown */
	int64_t flight_sched;	   /* as announced with FIELD_FLIGHT */
	struct flight flight;	   /* copy of the flight's record, key NULL when none */
	size_t legs_len;
	struct leg legs[JOURNEY_LEGS_MAX];
	struct mark withdrawn, released, closed;
	struct mark refused;	  /* The committee did not take her over … */
	const char *refused_unit; /* … and which one it was, or NULL. */
	int64_t exposed_at;	  /* latest re-exposure, WHEN_UNKNOWN when none */
	struct leave left;
	int64_t returned_at; /* latest return, WHEN_UNKNOWN when none */
	size_t checks_len;
	struct check_entry checks[JOURNEY_CHECKS_MAX]; /* sorted, each once */
	size_t pills_len;
	int64_t pills[JOURNEY_PILLS_MAX]; /* when an antipyretic was taken; rising, each once */
	int64_t last_check;		  /* WHEN_UNKNOWN when none */
	int last_temp_tenths;
	int64_t fever_at; /* latest sign of fever, WHEN_UNKNOWN when none */
	int fever_tenths; /* measured then, 0 when it was a symptom */
	size_t tasks_len;
	struct task_mark tasks[POLICY_TASKS_MAX];

	/* what we did about it */
	char policy[POLICY_HASH_CAP];
	const char *merged_into; /* another journey is the same person */
	int64_t household_at;	 /* When the isolation of the last newcomer to her home began;
				    WHEN_UNKNOWN while nobody came later than she. Kept by the
				    engine (household.c). */
	size_t told_len;
	struct told told[JOURNEY_TOLD_MAX];
	size_t joined_len;
	struct joined joined[JOURNEY_OPEN_MAX];
	const char *resolved_subject[ALERT_KINDS]; /* … and which one */
	int64_t resolved_at[ALERT_KINDS];	   /* when a human last ended an alert of that kind;
						      WHEN_UNKNOWN when never */

	/* computed by journey_settle */
	enum stage stage;
	const char *disposition; /* "home" … or NULL while nobody said */
	bool homebound;		 /* she comes, or came, to a home of ours */
	const char *unit;	 /* committee code or NULL */
	int64_t unit_at;	 /* when what names it was stated; WHEN_UNKNOWN for a vehicle's or
				    a hand-over's word */
	bool doubted;		 /* the unit is a vehicle's or a hand-over's word, and an address
				    stated since is a question: its gate waits, a human is asked */
	const char *holder;	 /* the unit that answers for her now; "" = the root unit */
	const struct leg *leg;	 /* current one or NULL */
	int64_t eta;		 /* at her gate, or WHEN_UNKNOWN */
	int64_t eta_guess;	 /* eta, or what flight and policy let us expect; never unknown */
	int64_t in_transfer_at, arrived_at; /* WHEN_NEVER when not */
	bool conflict;
	int64_t conflict_at; /* when the later of the contradicting statements was made */
	bool accepted_now;   /* the committee that is hers now has accepted her */
	bool refused_now;    /* the committee's refusal stands */
	bool by_car;	     /* she comes by private car: no vehicle of ours says when */
	bool off_course;     /* her flight went elsewhere, and nobody has seen her since */
	bool away;	     /* left the home and has not returned */
	int64_t sent_on_at;  /* ordered elsewhere while in our hand, and nobody there has her yet;
				WHEN_NEVER when not so */
	int64_t landing;     /* actual, estimated, scheduled or guessed arrival of the flight */
	int64_t leg_due;     /* when the current vehicle should be at her stop, or WHEN_UNKNOWN */
	int64_t eta_before;  /* what flight and desk let us expect, whatever a vehicle says */
	int64_t start;	     /* when isolation began; WHEN_NEVER while nobody said */
	int32_t day0;	     /* civil day of isolation day 0; INT32_MIN while not isolating */
	int days;	     /* length N */
	int64_t ends_at;     /* 24:00 of day N, or N × 24 h after the hand-over */
	int64_t judged_at;   /* from when on she may be released */
	const char *moved;   /* why the end is later than by the rule alone: "household",
				"exposed", "extended"; NULL when it is not */
	uint64_t checked[2]; /* bit d: day d has a morning [0] / evening [1] entry */
};

/* A fact that comes later than this after it happened is history (feeds.md §3). */
#define HISTORY_AFTER (45 * WHEN_DAY)

/* An empty journey with ID. */
void journey_init(struct journey *journey, const char *id, const char *feed_unit);

/* Join what FACT states into JOURNEY (registers only). LEG and FLIGHT are the current records of
 * the transfer or flight that the fact touches, or NULL. POLICY says what counts as fever; ZONE, to
 * which slot a check belongs. */
void journey_join(struct journey *journey, const struct fact *fact, const struct leg *leg,
		  const struct flight *flight, const struct policy *policy, const struct zone *zone,
		  struct arena *arena);
/* Join OTHER, another record of the same person, into JOURNEY. */
void journey_merge(struct journey *journey, const struct journey *other);
/* Compute the computed part. */
void journey_settle(struct journey *journey, const struct policy *policy, const struct zone *zone);
/* Somebody answers for her now: she has not ended, or is on her way to a place that must say it has
 * her. For a settled journey. */
bool journey_watched(const struct journey *journey);
/* Whether a human's FACT is possible now: 0, or CL_ECONFLICT with the reason for the person who
 * tried. */
int journey_may(const struct journey *journey, const struct fact *fact, const struct policy *policy,
		const struct zone *zone, int64_t now, struct err *err);

/* When JOURNEY, settled and not watched, had ended; HEARD_AT, when something of her was last
 * written, where her own way does not say. */
int64_t journey_ended_at(const struct journey *journey, int64_t heard_at);
/* When what is personal of JOURNEY, settled and not watched, is erased under POLICY, unless more is
 * heard of her. */
int64_t journey_erase_at(const struct journey *journey, const struct policy *policy,
			 int64_t heard_at);
/* Until when a late fact about JOURNEY would wake somebody if nobody knew any more whom it is
 * about: as long is remembered under which references she was known. */
int64_t journey_forget_at(const struct journey *journey);
/* What is left of FROM, settled, when what is personal is erased, into LEFT: stage, unit, holder,
 * days and times settle to what they were. Who she is, her health, what people wrote, her flight
 * and vehicles are not in it. LEFT borrows from FROM. */
void journey_reduce(const struct journey *from, struct journey *left);
/* The same when FROM cannot be read any more: what is known of it beside its records. It had come
 * to STAGE by AT; one that had not ended is closed. OUT borrows. */
void journey_remnant(struct journey *out, const char *id, enum stage stage, const char *unit,
		     const char *disposition, int64_t at);

/* What place makes of her address, as FIELD_MATCHED keeps it: "VERDICT SCORE WHY CODE". */
struct matched {
	char verdict[12]; /* "" when nobody has looked, or there is no address */
	double score;
	char code[UNIT_CODE_CAP]; /* of the committee, else the deepest unit settled, or "" */
	char why[20];		  /* match_why_word; "" in records of an older program */
};
struct matched journey_matched(const struct journey *journey);
const char *matched_text(const struct matched *matched, struct arena *arena);
/* It names a committee, and surely enough for POLICY. */
bool matched_settles(const struct matched *matched, const struct policy *policy);

/* The day of isolation at AT, and which slot an entry made at AT belongs to (02:00 is yesterday
 * evening). */
void isolation_slot(const struct policy *policy, const struct zone *zone, int32_t day0, int64_t at,
		    int *day, bool *evening);
/* The same by civil day and time of day: returns the civil day of the slot. */
int32_t isolation_slot_of(const struct policy *policy, int32_t civil, int64_t time, bool *evening);
/* From when to when slot EVENING of isolation day DAY is. */
void isolation_window(const struct policy *policy, const struct zone *zone, int32_t day0, int day,
		      bool evening, int64_t *from, int64_t *to);

/* Records for the store: what is personal is packed apart from the rest, so that it can be sealed
 * and destroyed alone. PERSON may be absent when unpacking (length 0): she was erased. */
void journey_pack(const struct journey *journey, struct arena *arena, const uint8_t **record,
		  size_t *record_len, const uint8_t **person, size_t *person_len);
int journey_unpack(struct journey *journey, const char *id, const void *record, size_t record_len,
		   const void *person, size_t person_len, struct arena *arena, struct err *err);

#endif
