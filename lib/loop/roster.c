/* roster.c — who is on duty at a minute, and until when. Walks from boundary to boundary, never
 * from minute to minute. Neighbours: conf_roster.c reads rosters and refuses gaps; engine/duty.c
 * asks whom a step reaches. */
#include "closedloop/roster.h"

#include <assert.h>

/* Where no boundary is near, it is looked again after so long. */
#define LOOK_DAYS 8

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0 ? 1 : 0);
}

static void sooner(int64_t *until, int64_t candidate)
{
	if (candidate < *until)
		*until = candidate;
}

/* --- Rotations --- */

static int64_t months_of(int32_t day)
{
	int year, month, dom;

	when_date_of(day, &year, &month, &dom);
	return (int64_t)year * 12 + month - 1;
}

/* The day of the same date so many MONTHS later, or the last one of a month that is too short. */
static int32_t day_in_month(int32_t day, int64_t months)
{
	int year, month, dom;

	when_date_of(day, &year, &month, &dom);
	months += (int64_t)year * 12 + month - 1;
	year = (int)floor_div(months, 12);
	month = (int)(months - (int64_t)year * 12) + 1;
	int32_t first = when_day_of(year, month, 1);
	int32_t after = month == 12 ? when_day_of(year + 1, 1, 1) : when_day_of(year, month + 1, 1);
	int32_t wanted = first + dom - 1;

	return wanted < after ? wanted : after - 1;
}

/* How long a period is on the wall clock. */
static int64_t period_ms(enum roster_period period)
{
	static const int64_t lengths[] = {
		[ROSTER_HOURS] = WHEN_HOUR,
		[ROSTER_DAYS] = WHEN_DAY,
		[ROSTER_WEEKS] = 7 * WHEN_DAY,
	};

	assert(period < ROSTER_MONTHS);
	return lengths[period];
}

static int64_t turn_begins(const struct roster *roster, const struct roster_rotation *rotation,
			   int64_t turn)
{
	int64_t ahead = turn * rotation->every;

	if (rotation->period == ROSTER_MONTHS)
		return when_at(roster->zone, day_in_month(rotation->day, ahead), rotation->time);
	int64_t wall =
		rotation->day * WHEN_DAY + rotation->time + ahead * period_ms(rotation->period);
	int64_t day = floor_div(wall, WHEN_DAY);

	return when_at(roster->zone, (int32_t)day, wall - day * WHEN_DAY);
}

/* By the wall clock at AT; off by some where the clocks change. */
static int64_t turn_guess(const struct roster *roster, const struct roster_rotation *rotation,
			  int64_t at)
{
	int32_t day = when_day(roster->zone, at);

	if (rotation->period == ROSTER_MONTHS)
		return floor_div(months_of(day) - months_of(rotation->day), rotation->every);
	int64_t wall = day * WHEN_DAY + when_time_of_day(roster->zone, at);

	return floor_div(wall - rotation->day * WHEN_DAY - rotation->time,
			 rotation->every * period_ms(rotation->period));
}

/* Whose turn it is: the latest that has begun, so of a turn that the clocks skip nobody sees
 * anything. */
static uint64_t turn_at(const struct roster *roster, const struct roster_rotation *rotation,
			int64_t at, int64_t *until)
{
	assert(rotation->turns_len > 0);
	assert(rotation->every > 0);

	if (rotation->turns_len == 1)
		return rotation->turns[0];
	int64_t turn = turn_guess(roster, rotation, at);
	int64_t next;

	while (turn_begins(roster, rotation, turn) > at)
		turn--;
	while ((next = turn_begins(roster, rotation, turn + 1)) <= at)
		turn++;
	sooner(until, next);
	int64_t len = (int64_t)rotation->turns_len;

	return rotation->turns[turn - floor_div(turn, len) * len];
}

/* --- Restrictions --- */

static bool is_holiday(const struct roster *roster, int32_t day)
{
	size_t low = 0, high = roster->holidays_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (roster->holidays[middle] == day)
			return true;
		if (roster->holidays[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static bool begins_on(const struct roster *roster, const struct roster_restriction *restriction,
		      int32_t day)
{
	/* 1970-01-01 was a Thursday. */
	int weekday = (int)((day % 7 + 7 + 3) % 7);

	if (!(restriction->weekdays & (1U << weekday)))
		return false;
	if (restriction->holidays == ROSTER_ANY_DAY)
		return true;
	return is_holiday(roster, day) == (restriction->holidays == ROSTER_ONLY_HOLIDAYS);
}

static bool holds(const struct roster *roster, const struct roster_restriction *restriction,
		  int64_t at, int64_t *until)
{
	int32_t today = when_day(roster->zone, at);
	int64_t over = restriction->to <= restriction->from ? WHEN_DAY : 0;
	bool open = false;

	/* Begun yesterday, it may still hold; the day before, only where midnight comes twice. */
	for (int32_t day = today - 2; day <= today + LOOK_DAYS; day++) {
		if (!begins_on(roster, restriction, day))
			continue;
		int64_t from = when_at(roster->zone, day, restriction->from);
		int64_t to = when_at(roster->zone, day, restriction->to + over);

		if (from > at) {
			sooner(until, from);
			return open;
		}
		if (to > at) {
			open = true;
			sooner(until, to);
		}
	}
	sooner(until, when_at(roster->zone, today + LOOK_DAYS, 0));
	return open;
}

static bool layer_holds(const struct roster *roster, const struct roster_layer *layer, int64_t at,
			int64_t *until)
{
	bool open = layer->restrictions_len == 0;

	for (size_t i = 0; i < layer->restrictions_len; i++)
		open = holds(roster, &layer->restrictions[i], at, until) || open;
	return open;
}

/* --- The answer --- */

static uint64_t away_at(const struct roster *roster, int64_t at, int64_t *until)
{
	uint64_t away = 0;

	for (size_t i = 0; i < roster->overrides_len; i++) {
		const struct roster_override *override = &roster->overrides[i];

		if (override->from > at)
			sooner(until, override->from);
		else if (override->to > at)
			sooner(until, override->to);
		if (override->from <= at && at < override->to && override->change == ROSTER_REMOVE)
			away |= override->members;
	}
	return away;
}

static uint64_t overridden(const struct roster *roster, int64_t at, uint64_t set)
{
	for (size_t i = 0; i < roster->overrides_len; i++) {
		const struct roster_override *override = &roster->overrides[i];

		if (at < override->from || at >= override->to)
			continue;
		switch (override->change) {
		case ROSTER_ADD:
			set |= override->members;
			break;
		case ROSTER_REMOVE:
			set &= ~override->members;
			break;
		case ROSTER_REPLACE:
			set = override->members;
			break;
		}
	}
	return set;
}

uint64_t roster_on_duty(const struct roster *roster, int64_t at, int64_t *until)
{
	int64_t next = at + LOOK_DAYS * WHEN_DAY;
	uint64_t set = 0;

	assert(roster->zone);

	uint64_t away = away_at(roster, at, &next);
	for (size_t i = 0; i < roster->layers_len; i++) {
		const struct roster_layer *layer = &roster->layers[i];
		uint64_t turn = 0;

		if (layer_holds(roster, layer, at, &next))
			turn = turn_at(roster, &layer->rotation, at, &next) & ~away;
		if (set == 0)
			set = turn;
	}
	if (until)
		*until = next;
	return overridden(roster, at, set);
}

int64_t roster_change_next(const struct roster *roster, int64_t at, int64_t limit)
{
	int64_t until;

	assert(limit != WHEN_NEVER);

	uint64_t before = roster_on_duty(roster, at, &until);

	while (until <= limit) {
		int64_t from = until;

		if (roster_on_duty(roster, from, &until) != before)
			return from;
	}
	return WHEN_NEVER;
}

bool roster_gap(const struct roster *roster, int64_t from, int64_t to, int64_t *gap_from,
		int64_t *gap_to)
{
	int64_t until;

	for (int64_t at = from; at < to; at = until) {
		if (roster_on_duty(roster, at, &until))
			continue;
		*gap_from = at;
		for (at = until; at < to && !roster_on_duty(roster, at, &until);)
			at = until;
		*gap_to = at < to ? at : to;
		return true;
	}
	return false;
}
