/* test_roster.c — who is on duty: by the wall clock, without a gap and without two where the clocks
 * change; and a second, slow way of asking that must agree minute by minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/ident.h"
#include "closedloop/mem.h"
#include "closedloop/roster.h"
#include "closedloop/text.h"

#define A 1u
#define B 2u
#define C 4u

static struct zone *zone_of(const char *name)
{
	static char bytes[65536];
	char path[128];
	struct zone *zone;

	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_int_equal(zone_parse(&zone, name, bytes, len, NULL), 0);
	return zone;
}

/* "2020-03-08 20:00" by the wall clock of ZONE. */
static int64_t wall(const struct zone *zone, const char *text)
{
	char date[11];
	int hours, minutes;
	int32_t day;

	text_copy(date, sizeof(date), text);
	assert_int_equal(when_parse_day(date, &day, NULL), 0);
	assert_int_equal(sscanf(text + 11, "%d:%d", &hours, &minutes), 2);
	return when_at(zone, day, hours * WHEN_HOUR + minutes * WHEN_MINUTE);
}

static struct roster_rotation rotation(enum roster_period period, int every, const char *begins,
				       const uint64_t *turns, size_t len)
{
	struct roster_rotation out = {
		.period = period, .every = every, .turns = turns, .turns_len = len};
	char date[11];
	int hours, minutes;

	text_copy(date, sizeof(date), begins);
	assert_int_equal(when_parse_day(date, &out.day, NULL), 0);
	assert_int_equal(sscanf(begins + 11, "%d:%d", &hours, &minutes), 2);
	out.time = hours * WHEN_HOUR + minutes * WHEN_MINUTE;
	return out;
}

static const uint64_t two[] = {A, B}, three[] = {A, B, C}, one_a[] = {A}, one_b[] = {B},
		      one_c[] = {C};

static struct roster plain(struct zone *zone, const struct roster_layer *layers, size_t len)
{
	static const struct roster_member members[] = {{"a", "a"}, {"b", "b"}, {"c", "c"}};

	return (struct roster){.name = "test",
			       .zone = zone,
			       .members = members,
			       .members_len = 3,
			       .layers = layers,
			       .layers_len = len};
}

/* --- The clocks change --- */

/* Every turn from FROM to TO is LEN long but the one named, which is SPECIAL; together they leave
 * nothing out. */
static void turns_meet(const char *from, const char *special_at, int64_t special)
{
	struct zone *london = zone_of("Europe/London");
	struct roster_layer layer = {.rotation =
					     rotation(ROSTER_DAYS, 1, "2020-01-01 20:00", two, 2)};
	struct roster roster = plain(london, &layer, 1);
	int64_t begins = wall(london, from);
	uint64_t last = 0;

	for (int i = 0; i < 10; i++) {
		int64_t until;
		uint64_t set = roster_on_duty(&roster, begins, &until);
		bool named = begins == wall(london, special_at);

		assert_true(set == A || set == B);
		assert_true(set != last);
		assert_int_equal(roster_on_duty(&roster, begins - 1, NULL) == set, false);
		assert_int_equal(until - begins, named ? special : WHEN_DAY);
		assert_int_equal(when_time_of_day(london, until), 20 * WHEN_HOUR);
		last = set;
		begins = until;
	}
	zone_free(london);
}

static void a_turn_from_eight_to_eight_has_23_hours_in_spring(void **state)
{
	(void)state;
	turns_meet("2020-03-25 20:00", "2020-03-28 20:00", 23 * WHEN_HOUR);
}

static void a_turn_from_eight_to_eight_has_25_hours_in_autumn(void **state)
{
	(void)state;
	turns_meet("2020-10-20 20:00", "2020-10-24 20:00", 25 * WHEN_HOUR);
}

static void a_night_layer_and_a_day_layer_meet_on_both_nights(void **state)
{
	static const struct roster_restriction night = {0x7F, 20 * WHEN_HOUR, 8 * WHEN_HOUR, 0};
	static const struct roster_restriction day = {0x7F, 8 * WHEN_HOUR, 20 * WHEN_HOUR, 0};
	struct zone *london = zone_of("Europe/London");
	struct roster_layer layers[] = {
		{.rotation = rotation(ROSTER_DAYS, 1, "2020-01-01 20:00", one_b, 1),
		 .restrictions = &night,
		 .restrictions_len = 1},
		{.rotation = rotation(ROSTER_DAYS, 1, "2020-01-01 08:00", one_a, 1),
		 .restrictions = &day,
		 .restrictions_len = 1},
	};
	struct roster roster = plain(london, layers, 2);
	int64_t from, to;

	(void)state;
	assert_false(roster_gap(&roster, wall(london, "2020-03-01 00:00"),
				wall(london, "2020-04-05 00:00"), &from, &to));
	assert_false(roster_gap(&roster, wall(london, "2020-10-01 00:00"),
				wall(london, "2020-11-05 00:00"), &from, &to));
	for (int64_t at = wall(london, "2020-10-24 19:00"); at < wall(london, "2020-10-25 09:00");
	     at += WHEN_MINUTE) {
		bool is_day = at < wall(london, "2020-10-24 20:00") ||
			      at >= wall(london, "2020-10-25 08:00");
		assert_int_equal(roster_on_duty(&roster, at, NULL), is_day ? A : B);
	}
	zone_free(london);
}

static void a_span_that_begins_in_the_skipped_hour_begins_after_it(void **state)
{
	static const struct roster_restriction early = {0x7F, 90 * WHEN_MINUTE, 180 * WHEN_MINUTE,
							0};
	struct zone *london = zone_of("Europe/London");
	struct roster_layer layer = {.rotation =
					     rotation(ROSTER_DAYS, 1, "2020-01-01 00:00", one_a, 1),
				     .restrictions = &early,
				     .restrictions_len = 1};
	struct roster roster = plain(london, &layer, 1);
	int64_t skipped = wall(london, "2020-03-29 02:00"), until;

	(void)state;
	assert_int_equal(roster_on_duty(&roster, skipped - 1, &until), 0);
	assert_int_equal(until, skipped);
	assert_int_equal(roster_on_duty(&roster, skipped, &until), A);
	assert_int_equal(until, wall(london, "2020-03-29 03:00"));
	zone_free(london);
}

static void hours_are_the_clocks_and_the_hour_that_comes_twice_is_one_turn(void **state)
{
	struct zone *london = zone_of("Europe/London");
	struct roster_layer layer = {
		.rotation = rotation(ROSTER_HOURS, 1, "2020-10-25 00:00", three, 3)};
	struct roster roster = plain(london, &layer, 1);
	int64_t one = wall(london, "2020-10-25 01:00"), until;

	(void)state;
	assert_int_equal(roster_on_duty(&roster, one, &until), B);
	assert_int_equal(until - one, 2 * WHEN_HOUR);
	assert_int_equal(roster_on_duty(&roster, until, NULL), C);
	/* Of the hour that is skipped in spring nobody sees anything. */
	int64_t spring = wall(london, "2020-03-29 02:00");
	uint64_t before = roster_on_duty(&roster, spring - 1, &until);
	assert_int_equal(until, spring);
	uint64_t after = roster_on_duty(&roster, spring, NULL);
	assert_true(after != before);
	assert_int_equal(roster_on_duty(&roster, spring + WHEN_HOUR, NULL), before);
	zone_free(london);
}

/* --- Rotations --- */

static void weeks_go_on_before_and_after_the_first_turn(void **state)
{
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster_layer layer = {
		.rotation = rotation(ROSTER_WEEKS, 2, "2020-03-02 08:00", three, 3)};
	struct roster roster = plain(zone, &layer, 1);
	int64_t first = wall(zone, "2020-03-02 08:00");

	(void)state;
	assert_int_equal(roster_on_duty(&roster, first, NULL), A);
	assert_int_equal(roster_on_duty(&roster, first - 1, NULL), C);
	assert_int_equal(roster_on_duty(&roster, first + 14 * WHEN_DAY - 1, NULL), A);
	assert_int_equal(roster_on_duty(&roster, first + 14 * WHEN_DAY, NULL), B);
	assert_int_equal(roster_on_duty(&roster, first + 42 * WHEN_DAY, NULL), A);
	zone_free(zone);
}

static void a_month_from_the_31st_changes_on_the_last_day_of_a_shorter_one(void **state)
{
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster_layer layer = {
		.rotation = rotation(ROSTER_MONTHS, 1, "2020-01-31 08:00", three, 3)};
	struct roster roster = plain(zone, &layer, 1);

	(void)state;
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-01-31 08:00"), NULL), A);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-02-29 07:59"), NULL), A);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-02-29 08:00"), NULL), B);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-31 07:59"), NULL), B);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-31 08:00"), NULL), C);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-04-30 08:00"), NULL), A);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2019-12-31 08:00"), NULL), C);
	zone_free(zone);
}

static void one_turn_can_be_several_people(void **state)
{
	static const uint64_t turns[] = {A | B, C};
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster_layer layer = {
		.rotation = rotation(ROSTER_DAYS, 1, "2020-03-02 08:00", turns, 2)};
	struct roster roster = plain(zone, &layer, 1);

	(void)state;
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-02 09:00"), NULL), A | B);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-03 09:00"), NULL), C);
	zone_free(zone);
}

/* --- Restrictions, holidays, layers --- */

static void a_night_belongs_to_the_day_on_which_it_begins(void **state)
{
	/* Friday nights, but not of a holiday. */
	static const struct roster_restriction friday = {1u << 4, 20 * WHEN_HOUR, 8 * WHEN_HOUR,
							 ROSTER_NO_HOLIDAYS};
	struct zone *zone = zone_of("Asia/Shanghai");
	int32_t holidays[2];
	struct roster_layer layer = {.rotation =
					     rotation(ROSTER_DAYS, 1, "2020-03-02 20:00", one_a, 1),
				     .restrictions = &friday,
				     .restrictions_len = 1};
	struct roster roster = plain(zone, &layer, 1);

	(void)state;
	assert_int_equal(when_parse_day("2020-03-07", &holidays[0], NULL), 0); /* a Saturday */
	assert_int_equal(when_parse_day("2020-03-13", &holidays[1], NULL), 0); /* a Friday */
	roster.holidays = holidays;
	roster.holidays_len = 2;
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-06 19:59"), NULL), 0);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-06 20:00"), NULL), A);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-07 07:59"), NULL), A);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-07 08:00"), NULL), 0);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-13 21:00"), NULL), 0);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-14 07:00"), NULL), 0);
	zone_free(zone);
}

static void the_first_layer_with_somebody_answers(void **state)
{
	static const struct roster_restriction holiday = {0x7F, 0, 0, ROSTER_ONLY_HOLIDAYS};
	struct zone *zone = zone_of("Asia/Shanghai");
	int32_t day;
	struct roster_layer layers[] = {
		{.rotation = rotation(ROSTER_DAYS, 1, "2020-03-02 00:00", one_c, 1),
		 .restrictions = &holiday,
		 .restrictions_len = 1},
		{.rotation = rotation(ROSTER_DAYS, 1, "2020-03-02 00:00", two, 2)},
	};
	struct roster roster = plain(zone, layers, 2);
	int64_t until;

	(void)state;
	assert_int_equal(when_parse_day("2020-04-04", &day, NULL), 0);
	roster.holidays = &day;
	roster.holidays_len = 1;
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-04-04 12:00"), &until), C);
	assert_int_equal(until, wall(zone, "2020-04-05 00:00"));
	assert_int_not_equal(roster_on_duty(&roster, wall(zone, "2020-04-05 00:00"), NULL), C);
	zone_free(zone);
}

static void who_is_away_lets_the_next_layer_answer(void **state)
{
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster_layer layers[] = {
		{.rotation = rotation(ROSTER_DAYS, 1, "2020-03-02 00:00", two, 2)},
		{.rotation = rotation(ROSTER_DAYS, 1, "2020-03-02 00:00", one_c, 1)},
	};
	struct roster_override overrides[] = {
		{wall(zone, "2020-03-02 10:00"), wall(zone, "2020-03-02 12:00"), ROSTER_REMOVE, A},
		{wall(zone, "2020-03-02 11:00"), wall(zone, "2020-03-02 13:00"), ROSTER_ADD, B},
		{wall(zone, "2020-03-02 14:00"), wall(zone, "2020-03-02 15:00"), ROSTER_REPLACE,
		 B | C},
	};
	struct roster roster = plain(zone, layers, 2);

	(void)state;
	roster.overrides = overrides;
	roster.overrides_len = 3;
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-02 09:59"), NULL), A);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-02 10:00"), NULL), C);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-02 11:00"), NULL), C | B);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-02 12:00"), NULL), A | B);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-02 13:00"), NULL), A);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-02 14:30"), NULL), B | C);
	assert_int_equal(roster_on_duty(&roster, wall(zone, "2020-03-02 15:00"), NULL), A);
	zone_free(zone);
}

/* --- Gaps and changes --- */

static void one_uncovered_minute_is_found_from_its_first_to_its_last_moment(void **state)
{
	static const struct roster_restriction night = {0x7F, 20 * WHEN_HOUR + WHEN_MINUTE,
							8 * WHEN_HOUR, 0};
	static const struct roster_restriction day = {0x7F, 8 * WHEN_HOUR, 20 * WHEN_HOUR, 0};
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster_layer layers[] = {
		{.rotation = rotation(ROSTER_DAYS, 1, "2020-03-02 20:00", one_b, 1),
		 .restrictions = &night,
		 .restrictions_len = 1},
		{.rotation = rotation(ROSTER_DAYS, 1, "2020-03-02 08:00", one_a, 1),
		 .restrictions = &day,
		 .restrictions_len = 1},
	};
	struct roster roster = plain(zone, layers, 2);
	int64_t now = wall(zone, "2020-03-08 20:01"), from, to;

	(void)state;
	assert_true(roster_gap(&roster, now, now + 35 * WHEN_DAY, &from, &to));
	assert_int_equal(from, wall(zone, "2020-03-09 20:00"));
	assert_int_equal(to, wall(zone, "2020-03-09 20:01"));
	/* Asked from within it, it begins where the question does. */
	assert_true(roster_gap(&roster, from + 1, from + 2, &from, &to));
	assert_int_equal(to - from, 1);
	assert_false(roster_gap(&roster, now, wall(zone, "2020-03-09 20:00"), &from, &to));
	zone_free(zone);
}

static void one_uncovered_minute_in_five_weeks_is_found(void **state)
{
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster_layer layer = {
		.rotation = rotation(ROSTER_DAYS, 1, "2020-03-02 08:00", one_a, 1)};
	struct roster_override away = {wall(zone, "2020-04-11 03:17"),
				       wall(zone, "2020-04-11 03:18"), ROSTER_REMOVE, A};
	struct roster roster = plain(zone, &layer, 1);
	int64_t now = wall(zone, "2020-03-08 12:00"), from, to;

	(void)state;
	assert_false(roster_gap(&roster, now, now + 400 * WHEN_DAY, &from, &to));
	roster.overrides = &away;
	roster.overrides_len = 1;
	assert_true(roster_gap(&roster, now, now + 35 * WHEN_DAY, &from, &to));
	assert_int_equal(from, away.from);
	assert_int_equal(to, away.to);
	zone_free(zone);
}

static void nobody_at_all_is_one_gap(void **state)
{
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster roster = plain(zone, NULL, 0);
	int64_t from, to;

	(void)state;
	assert_true(roster_gap(&roster, 1000, 100 * WHEN_DAY, &from, &to));
	assert_int_equal(from, 1000);
	assert_int_equal(to, 100 * WHEN_DAY);
	zone_free(zone);
}

static void one_person_all_the_time_never_changes(void **state)
{
	static const uint64_t twice[] = {A, A};
	static const struct roster_restriction all_day = {0x7F, 0, WHEN_DAY, 0};
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster_layer layer = {.rotation =
					     rotation(ROSTER_DAYS, 1, "2020-03-02 08:00", twice, 2),
				     .restrictions = &all_day,
				     .restrictions_len = 1};
	struct roster roster = plain(zone, &layer, 1);
	int64_t now = wall(zone, "2020-03-08 12:00");

	(void)state;
	assert_int_equal(roster_change_next(&roster, now, now + 400 * WHEN_DAY), WHEN_NEVER);
	zone_free(zone);
}

static void changes_come_in_order_and_not_after_the_limit(void **state)
{
	struct zone *zone = zone_of("Asia/Shanghai");
	struct roster_layer layer = {.rotation =
					     rotation(ROSTER_DAYS, 1, "2020-03-02 08:00", two, 2)};
	struct roster roster = plain(zone, &layer, 1);
	int64_t now = wall(zone, "2020-03-08 08:00"), next = wall(zone, "2020-03-09 08:00");

	(void)state;
	assert_int_equal(roster_change_next(&roster, now, now + 2 * WHEN_DAY), next);
	assert_int_equal(roster_change_next(&roster, now, next), next);
	assert_int_equal(roster_change_next(&roster, now, next - 1), WHEN_NEVER);
	assert_int_equal(roster_change_next(&roster, next - 1, next + WHEN_DAY), next);
	zone_free(zone);
}

/* --- Dice: a slow way of asking, minute by minute --- */

struct dice {
	uint64_t seed;
	struct entropy entropy;
};

static unsigned roll(struct dice *dice, unsigned sides)
{
	uint32_t rolled;

	dice->entropy.fill(dice->entropy.context, &rolled, sizeof(rolled));
	return rolled % sides;
}

/* Whose turn: count the turns from the first one, forwards or backwards, one by one. */
static uint64_t slow_turn(const struct roster *roster, const struct roster_rotation *rotation,
			  int64_t at)
{
	int64_t wall_ms = rotation->day * WHEN_DAY + rotation->time;
	int64_t step = rotation->every * (rotation->period == ROSTER_HOURS  ? WHEN_HOUR
					  : rotation->period == ROSTER_DAYS ? WHEN_DAY
									    : 7 * WHEN_DAY);
	size_t index = 0, len = rotation->turns_len;

	while (when_at(roster->zone, (int32_t)(wall_ms / WHEN_DAY), wall_ms % WHEN_DAY) > at) {
		wall_ms -= step;
		index = (index + len - 1) % len;
	}
	while (when_at(roster->zone, (int32_t)((wall_ms + step) / WHEN_DAY),
		       (wall_ms + step) % WHEN_DAY) <= at) {
		wall_ms += step;
		index = (index + 1) % len;
	}
	return rotation->turns[index];
}

static bool slow_holiday(const struct roster *roster, int32_t day)
{
	for (size_t i = 0; i < roster->holidays_len; i++) {
		if (roster->holidays[i] == day)
			return true;
	}
	return false;
}

static bool slow_holds(const struct roster *roster, const struct roster_restriction *one,
		       int64_t at)
{
	for (int32_t day = when_day(roster->zone, at) - 3; day <= when_day(roster->zone, at) + 1;
	     day++) {
		int64_t from = when_at(roster->zone, day, one->from);
		int64_t to = when_at(roster->zone, day + (one->to <= one->from), one->to);
		bool weekday = one->weekdays >> (unsigned)((day + 3) % 7) & 1;
		bool right = one->holidays == ROSTER_ANY_DAY ||
			     slow_holiday(roster, day) == (one->holidays == ROSTER_ONLY_HOLIDAYS);

		if (weekday && right && from <= at && at < to)
			return true;
	}
	return false;
}

static uint64_t slow_on_duty(const struct roster *roster, int64_t at)
{
	uint64_t away = 0, set = 0;

	for (size_t i = 0; i < roster->overrides_len; i++) {
		const struct roster_override *one = &roster->overrides[i];
		if (one->change == ROSTER_REMOVE && one->from <= at && at < one->to)
			away |= one->members;
	}
	for (size_t i = 0; i < roster->layers_len && !set; i++) {
		const struct roster_layer *layer = &roster->layers[i];
		bool open = layer->restrictions_len == 0;

		for (size_t k = 0; k < layer->restrictions_len; k++)
			open = open || slow_holds(roster, &layer->restrictions[k], at);
		if (open)
			set = slow_turn(roster, &layer->rotation, at) & ~away;
	}
	for (size_t i = 0; i < roster->overrides_len; i++) {
		const struct roster_override *one = &roster->overrides[i];
		if (at < one->from || at >= one->to)
			continue;
		set = one->change == ROSTER_ADD	     ? set | one->members
		      : one->change == ROSTER_REMOVE ? set & ~one->members
						     : one->members;
	}
	return set;
}

static void fast_and_slow_agree_on_every_minute_of_any_roster(void **state)
{
	/* Where clocks change at one, at midnight, by half an hour, and never. */
	static const struct {
		const char *zone, *from;
	} places[] = {
		{"Europe/London", "2020-03-27 00:00"},
		{"Europe/London", "2020-10-23 00:00"},
		{"America/Sao_Paulo", "2018-11-02 00:00"},
		{"America/Sao_Paulo", "2018-02-15 00:00"},
		{"Australia/Lord_Howe", "2020-04-03 00:00"},
		{"Asia/Shanghai", "2020-02-27 00:00"},
	};
	struct dice dice = {.seed = 20200308};

	(void)state;
	dice.entropy = entropy_seeded(&dice.seed);
	for (int round = 0; round < 60; round++) {
		size_t place = (size_t)round % ARRAY_LEN(places);
		struct zone *zone = zone_of(places[place].zone);
		int64_t start = wall(zone, places[place].from), until = 0;
		struct roster_layer layers[3] = {{.name = "x"}};
		struct roster_restriction restrictions[3][2];
		struct roster_override overrides[4];
		uint64_t turns[3][3], answer = 0;
		int32_t holidays[] = {when_day(zone, start) + 1, when_day(zone, start) + 3};
		struct roster roster = plain(zone, layers, 1 + roll(&dice, 3));

		for (size_t i = 0; i < 3; i++) {
			for (size_t k = 0; k < 3; k++)
				turns[i][k] = 1u << roll(&dice, 3);
			for (size_t k = 0; k < 2; k++)
				restrictions[i][k] = (struct roster_restriction){
					.weekdays = roll(&dice, 2) ? 0x7F : roll(&dice, 128),
					.from = roll(&dice, 49) * 30 * WHEN_MINUTE,
					.to = roll(&dice, 49) * 30 * WHEN_MINUTE,
					.holidays = (enum roster_holidays)roll(&dice, 3)};
			layers[i] = (struct roster_layer){
				.rotation = {.period = (enum roster_period)roll(&dice, 3),
					     .every = 1 + (int)roll(&dice, 13),
					     .day = when_day(zone, start) - 20 +
						    (int32_t)roll(&dice, 40),
					     .time = roll(&dice, 48) * 30 * WHEN_MINUTE,
					     .turns = turns[i],
					     .turns_len = 1 + roll(&dice, 3)},
				.restrictions = restrictions[i],
				.restrictions_len = roll(&dice, 3)};
		}
		for (size_t i = 0; i < 4; i++) {
			overrides[i].from = start + roll(&dice, 5 * 24 * 60) * WHEN_MINUTE;
			overrides[i].to = overrides[i].from + (1 + roll(&dice, 2000)) * WHEN_MINUTE;
			overrides[i].change = (enum roster_change)roll(&dice, 3);
			overrides[i].members = 1u << roll(&dice, 3);
		}
		roster.overrides = overrides;
		roster.overrides_len = roll(&dice, 5);
		roster.holidays = holidays;
		roster.holidays_len = 2;
		for (int64_t at = start; at < start + 6 * WHEN_DAY; at += WHEN_MINUTE) {
			int64_t next;
			uint64_t set = roster_on_duty(&roster, at, &next);

			assert_int_equal(set, slow_on_duty(&roster, at));
			assert_true(next > at);
			/* Until the instant that was named, nothing changed. */
			if (at < until)
				assert_int_equal(set, answer);
			assert_true(next >= until);
			until = next;
			answer = set;
		}
		zone_free(zone);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn_from_eight_to_eight_has_23_hours_in_spring),
		cmocka_unit_test(a_turn_from_eight_to_eight_has_25_hours_in_autumn),
		cmocka_unit_test(a_night_layer_and_a_day_layer_meet_on_both_nights),
		cmocka_unit_test(a_span_that_begins_in_the_skipped_hour_begins_after_it),
		cmocka_unit_test(hours_are_the_clocks_and_the_hour_that_comes_twice_is_one_turn),
		cmocka_unit_test(weeks_go_on_before_and_after_the_first_turn),
		cmocka_unit_test(a_month_from_the_31st_changes_on_the_last_day_of_a_shorter_one),
		cmocka_unit_test(one_turn_can_be_several_people),
		cmocka_unit_test(a_night_belongs_to_the_day_on_which_it_begins),
		cmocka_unit_test(the_first_layer_with_somebody_answers),
		cmocka_unit_test(who_is_away_lets_the_next_layer_answer),
		cmocka_unit_test(one_uncovered_minute_is_found_from_its_first_to_its_last_moment),
		cmocka_unit_test(one_uncovered_minute_in_five_weeks_is_found),
		cmocka_unit_test(nobody_at_all_is_one_gap),
		cmocka_unit_test(one_person_all_the_time_never_changes),
		cmocka_unit_test(changes_come_in_order_and_not_after_the_limit),
		cmocka_unit_test(fast_and_slow_agree_on_every_minute_of_any_roster),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
