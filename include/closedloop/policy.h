/* policy.h — the numbers of the rules: days, windows, thresholds, the checklist.
 *
 * A policy is plain values, read from config/policy/NAME.yaml by conf, identified by the hash of
 * its text; each decision is stamped with that hash. Durations are milliseconds; times of day are
 * milliseconds after midnight by the wall clock of the configured zone. Where each default comes
 * from stands in config/policy/national-2020-03.yaml.
 */
#ifndef CLOSEDLOOP_POLICY_H
#define CLOSEDLOOP_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_TASKS_MAX    12
#define POLICY_SYMPTOMS_MAX 24
#define POLICY_NAME_CAP	    40
#define POLICY_TITLE_CAP    (POLICY_NAME_CAP + 4) /* An override's: "NAME/99". */
#define POLICY_HASH_CAP	    17			  /* 16 hex digits and NUL. */
#define POLICY_WORD_CAP	    16 /* A disposition: "other_province" is the longest. */

/* How the length of isolation is counted. */
enum count_mode {
	COUNT_CALENDAR, /* Day 0 is the day of arrival; it ends at 24:00 of day N. */
	COUNT_HOURS,	/* N × 24 h from the hand-over, to the minute. */
};

/* What customs puts on her passport. */
enum sticker {
	STICKER_GREEN,
	STICKER_YELLOW,
	STICKER_RED,
	STICKER_NONE,
	STICKERS,
};

/* One item of the pre-arrival checklist (四提前). */
struct policy_task {
	char name[POLICY_NAME_CAP]; /* "verify_address"; its words are phrase "task.NAME". */
	int64_t before_eta;	    /* Due so long before the traveller is at the gate. */
};

struct policy_slot {
	int64_t from; /* Time of day the slot opens. */
	int64_t to;   /* Time of day it ends; an entry missing then is a missed check. */
};

struct policy {
	char name[POLICY_TITLE_CAP]; /* "NAME", or "NAME/2" for its second override. */
	char hash[POLICY_HASH_CAP];
	int32_t in_force_from; /* Civil day from which journeys whose day 0 it is use this policy.
				*/
	bool applies_to_open;  /* From that day on for everybody whose loop is open, whenever she
				  came; false: only for those whose day 0 it is or later. */

	enum count_mode count;
	bool household_clock; /* A newcomer in a home under isolation begins everybody's days anew.
			       */
	int isolation_days; /* N: day 0 is the day of arrival, isolation ends at 24:00 of day N. At
			       most 60. */

	struct policy_slot morning, evening;
	int64_t remind_after_open; /* One digest per committee so long after a slot opened … */
	int64_t remind_before_end; /* … and again so long before its end. */
	int64_t antipyretic_hides; /* A normal reading so long after an antipyretic says nothing. */
	int64_t check_edit_within; /* An entry may be replaced for so long. */

	int fever_above_tenths; /* 373 = 37.3 °C. */
	bool fever_inclusive;	/* false: > 37.3; true: ≥ 37.3. */
	size_t symptoms_len;
	char symptoms[POLICY_SYMPTOMS_MAX][20]; /* Any of these counts like fever. */

	size_t tasks_len;
	struct policy_task tasks[POLICY_TASKS_MAX];

	int64_t landing_to_gate; /* Guess of the ETA at the gate while no vehicle has one: arrival +
				    this. */
	int64_t eta_earlier_notify;  /* An ETA so much earlier than told is told again at once. */
	int64_t arrival_stale_after; /* Arrival notices are not fired once the ETA is so far past.
				      */
	int64_t register_within;     /* Landed and not at a desk. */
	int64_t board_within;	     /* At a desk and on no vehicle. */
	int64_t transfer_overdue_after; /* After the ETA, not at the stop. */
	int64_t transfer_without_eta;	/* Stands in for an ETA nobody gave: departure + this. */
	int64_t gate_accept_within; /* At the gate, or claimed handed over, and the committee has
				       not accepted. */
	int64_t private_car_within; /* Registered to come in a car of her own: at the gate so much
				       later. */
	int64_t delivered_within;   /* Sent elsewhere while on the way: the other place has her
				       within this. */
	int64_t no_show_after;	    /* Landed and seen by nobody for so long: she may not have come
				       at all. */
	int64_t address_resolve_within; /* An address nobody could place, from when it was stated …
					 */
	int64_t address_before_eta;	/* … or so long before the ETA if that is sooner. */
	double probable_from; /* A probable match assigns a committee from this confidence on. */

	int64_t release_at;    /* Time of day on the end date when release is judged. */
	int release_full_days; /* So many days before it must have every slot entered. */
	int64_t ack_expires;   /* An acknowledged urgent alert without progress asks again. */
	int64_t recheck_after; /* An alert resolved by a human whose cause still holds returns after
				  this. */
	int64_t group_wait;    /* Notices that need nobody at once wait so long for their like. */
	int64_t inhibit_at_most; /* An alert that a graver one explains is told at the latest so
				    long after it was due. */
	int64_t leave_longest;	 /* An approved leave ends within this … */
	int64_t leave_grace; /* … and she is expected back so long after its end at the latest.
			      */
	int64_t erase_after; /* Personal data of an ended journey. */
	char stickers[STICKERS][POLICY_WORD_CAP]; /* Disposition a sticker means while nobody
						     stated one; "" = it says nothing. */
	const struct policy *before; /* Whose days end where this one's begin, for somebody whose
					loop was open then; NULL: it holds for all her days. */
};

/* The built-in national defaults of March 2020, as in the shipped YAML; also what tests start from.
 */
void policy_defaults(struct policy *policy);

/* True when TENTHS (°C × 10) is fever under POLICY. */
bool policy_is_fever(const struct policy *policy, int tenths);
/* True when SYMPTOM counts like fever under POLICY. */
bool policy_is_symptom(const struct policy *policy, const char *symptom);
/* The disposition that STICKER ("yellow") means under POLICY; NULL when it says nothing, or when
 * there is no such sticker. */
const char *policy_sticker(const struct policy *policy, const char *sticker);
/* The policy whose windows isolation day DAY (a civil day) goes by: POLICY, or the one before it,
 * so that new windows never judge a slot that had ended. */
const struct policy *policy_on(const struct policy *policy, int32_t day);
/* "green" … "none". */
const char *sticker_word(enum sticker sticker);

#endif
