/* roster.h — who is on duty when. Pure: the minute is an argument, the wall clock is the roster's.
 *
 * A roster has members and layers. Each layer says who of them has a turn (a rotation) and when the
 * layer holds at all (its restrictions); the first layer that has somebody at a minute answers, so
 * what stands on top is the exception and what stands below is the rule. Overrides change the
 * answer for one span of time. All of it is said in wall-clock time and turned into instants here:
 * a turn that begins at 20:00 begins at 20:00 on the night the clocks change, too, and that night's
 * turn has 11 or 13 hours. One turn ends at the very instant at which the next begins, so between
 * two turns there is neither a gap nor a minute with both.
 *
 * Members are counted in the order in which they are written; a set of them is one number whose bit
 * I stands for members[I].
 */
#ifndef CLOSEDLOOP_ROSTER_H
#define CLOSEDLOOP_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/when.h"

#define ROSTER_MEMBERS_MAX	64
#define ROSTER_LAYERS_MAX	8
#define ROSTER_TURNS_MAX	64
#define ROSTER_RESTRICTIONS_MAX 8
#define ROSTER_OVERRIDES_MAX	200
#define ROSTER_HOLIDAYS_MAX	400

struct roster_member {
	const char *name;
	const char *endpoint; /* Where the member is reached on duty. */
};

enum roster_period {
	ROSTER_HOURS,
	ROSTER_DAYS,
	ROSTER_WEEKS,
	ROSTER_MONTHS, /* From a 31st: on the last day of a shorter month. */
};

/* Turn 0 begins when the wall clock shows DAY and TIME, every further one EVERY periods later; the
 * turns before it count backwards, so a rotation has no beginning. */
struct roster_rotation {
	enum roster_period period;
	int every;
	int32_t day;
	int64_t time; /* ms after midnight */
	size_t turns_len;
	const uint64_t *turns; /* Sets of members, in turn. */
};

enum roster_holidays {
	ROSTER_ANY_DAY,
	ROSTER_NO_HOLIDAYS,
	ROSTER_ONLY_HOLIDAYS,
};

/* A span of the day on some days. Not later than FROM, TO is on the next day. Weekday and holiday
 * are those of the day on which the span begins. */
struct roster_restriction {
	unsigned weekdays; /* Bit 0 is Monday. */
	int64_t from, to;  /* ms after midnight */
	enum roster_holidays holidays;
};

struct roster_layer {
	const char *name;
	struct roster_rotation rotation;
	size_t restrictions_len; /* 0: at all times; else while any of them holds. */
	const struct roster_restriction *restrictions;
};

enum roster_change {
	ROSTER_ADD,	/* … to those the layers name */
	ROSTER_REMOVE,	/* These are away; a layer left with nobody lets the next one answer. */
	ROSTER_REPLACE, /* These and nobody else. */
};

/* Among overrides of the same minute a later one in the list sees what the earlier ones made. */
struct roster_override {
	int64_t from, to; /* instants */
	enum roster_change change;
	uint64_t members;
};

struct roster {
	const char *name;
	struct zone *zone;
	size_t members_len;
	const struct roster_member *members;
	size_t layers_len;
	const struct roster_layer *layers;
	size_t overrides_len;
	const struct roster_override *overrides;
	size_t holidays_len;
	const int32_t *holidays; /* Days, rising. */
	int64_t handover_before; /* So long before a change both shifts are told. */
	bool allow_gap;		 /* Minutes with nobody on duty are meant. */
};

/* The members on duty at AT; 0 when nobody is. *UNTIL (may be NULL) is when the answer may be
 * another: later than AT, at most about a week ahead. */
uint64_t roster_on_duty(const struct roster *roster, int64_t at, int64_t *until);
/* The first instant after AT and not after LIMIT at which others are on duty than just before it;
 * WHEN_NEVER when there is none. */
int64_t roster_change_next(const struct roster *roster, int64_t at, int64_t limit);
/* The first span in [FROM, TO) with nobody on duty. False when there is none. */
bool roster_gap(const struct roster *roster, int64_t from, int64_t to, int64_t *gap_from,
		int64_t *gap_to);

#endif
