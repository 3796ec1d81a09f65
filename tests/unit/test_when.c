/* test_when.c — instants, days and zones: past daylight time, future rules, gaps, overlaps, and
 * what is refused. Neighbours: lib/base/when.c and zone.c. Zone files come from the system's
 * zoneinfo. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define ZONEINFO "/usr/share/zoneinfo/"

static unsigned char tzif[65536];

static size_t slurp(const char *name)
{
	char path[128];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), ZONEINFO "%s", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(tzif, 1, sizeof(tzif), file);
	fclose(file);
	return len;
}

static struct zone *open_zone(const char *name)
{
	struct zone *zone = NULL;

	assert_int_equal(zone_parse(&zone, name, tzif, slurp(name), NULL), 0);
	assert_string_equal(zone_name(zone), name);
	return zone;
}

static int64_t at(const char *text)
{
	int64_t instant;

	assert_int_equal(when_parse(text, &instant, NULL), 0);
	return instant;
}

static void an_instant_reads_as_rfc_3339_says(void **state)
{
	(void)state;
	assert_true(at("1970-01-01T00:00:00Z") == 0);
	assert_true(at("2020-03-08T17:30:00+08:00") == INT64_C(1583659800000));
	assert_true(at("2020-03-08t09:30:00.25z") == INT64_C(1583659800250));
	assert_true(at("2020-03-08T09:30:00.123456789Z") == INT64_C(1583659800123));
	assert_true(at("2020-03-08T00:00:00-00:30") == at("2020-03-08T00:30:00Z"));
	assert_true(at("2016-12-31T23:59:60Z") == at("2016-12-31T23:59:59.999Z"));
	assert_true(at("2017-01-01T07:59:60.5+08:00") == at("2016-12-31T23:59:59.999Z"));
	assert_true(at("1900-01-01T00:00:00Z") == INT64_C(-2208988800000));
	assert_true(at("2999-12-31T23:59:59Z") == INT64_C(32503679999000));
	assert_true(at("2000-02-29T00:00:00Z") == INT64_C(951782400000));
}

static void what_is_no_instant_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"2020-03-08",
		"2020-03-08T17:30:00",
		"2020-03-08 17:30:00Z",
		"2020-03-08T17:30Z",
		"2020-03-08T17:30:00Zx",
		"2020-03-08T17:30:00Z ",
		" 2020-03-08T17:30:00Z",
		"2020-3-8T17:30:00Z",
		"2020-02-30T00:00:00Z",
		"2021-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2020-13-01T00:00:00Z",
		"2020-00-01T00:00:00Z",
		"2020-01-00T00:00:00Z",
		"2020-01-01T24:00:00Z",
		"2020-01-01T00:60:00Z",
		"2020-01-01T00:00:61Z",
		"2020-01-01T12:00:60Z",
		"2020-01-01T00:00:00.Z",
		"2020-01-01T00:00:00.1234567890Z",
		"2020-01-01T00:00:00+0800",
		"2020-01-01T00:00:00+08",
		"2020-01-01T00:00:00+24:00",
		"2020-01-01T00:00:00+08:60",
		"1899-12-31T00:00:00Z",
		"3000-01-01T00:00:00Z",
		"+2020-01-01T00:00:00Z",
		"2020-01-01T00:00:00,5Z",
	};
	int64_t instant = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		if (when_parse(bad[i], &instant, &err) != CL_EINVAL)
			fail_msg("accepted: %s", bad[i]);
		assert_true(err.text[0]);
	}
	assert_int_equal(when_parse(NULL, &instant, NULL), CL_EINVAL);
	assert_true(instant == 7);
}

static void an_instant_is_written_as_it_is_read(void **state)
{
	struct zone *east = zone_fixed(8 * 3600);
	struct zone *west = zone_fixed(-(3 * 3600 + 1800));
	char buf[WHEN_CAP];

	(void)state;
	assert_string_equal(when_text(0, NULL, buf), "1970-01-01T00:00:00Z");
	assert_string_equal(when_text(-1, NULL, buf), "1969-12-31T23:59:59.999Z");
	assert_string_equal(when_text(INT64_C(1583659800250), east, buf),
			    "2020-03-08T17:30:00.250+08:00");
	assert_string_equal(when_text(0, west, buf), "1969-12-31T20:30:00-03:30");
	assert_string_equal(when_clock_text(INT64_C(1583659800250), east, buf), "17:30");
	assert_string_equal(when_clock_text(WHEN_NEVER, east, buf), "--:--");
	assert_string_equal(when_text(WHEN_NEVER, east, buf), "never");
	assert_string_equal(when_text(WHEN_UNKNOWN, NULL, buf), "unknown");
	when_text(INT64_MAX - 1, east, buf); /* Nonsense, but no overflow. */
	when_text(INT64_MIN + 1, west, buf);
	zone_free(east);
	zone_free(west);
}

static void every_day_of_eleven_centuries_comes_back(void **state)
{
	int32_t first = when_day_of(1900, 1, 1);
	int32_t last = when_day_of(2999, 12, 31);
	char buf[WHEN_CAP];

	(void)state;
	assert_int_equal(when_day_of(1970, 1, 1), 0);
	assert_int_equal(when_day_of(2000, 3, 1), 11017);
	for (int32_t day = first; day <= last; day++) {
		int32_t back;
		int year;
		int month;
		int date;

		when_date_of(day, &year, &month, &date);
		assert_int_equal(when_day_of(year, month, date), day);
		assert_int_equal(when_parse_day(when_day_text(day, buf), &back, NULL), 0);
		assert_int_equal(back, day);
	}
	assert_int_equal(when_parse_day("2020-03-08x", &last, NULL), CL_EINVAL);
	assert_int_equal(when_parse_day("2020-04-31", &last, NULL), CL_EINVAL);
}

static void shanghai_had_daylight_time_until_1991(void **state)
{
	static const struct {
		const char *at;
		int hours;
	} known[] = {
		/* IANA: from the Sunday on or after 10 April (1986: 4 May), 02:00, to
		   mid-September. */
		{"1960-06-01T00:00:00Z", 8}, {"1986-05-03T17:59:59Z", 8},
		{"1986-05-03T18:00:00Z", 9}, {"1986-09-13T16:59:59Z", 9},
		{"1986-09-13T17:00:00Z", 8}, {"1988-07-01T00:00:00Z", 9},
		{"1991-04-13T18:00:00Z", 9}, {"1991-09-14T16:59:59Z", 9},
		{"1991-09-14T17:00:00Z", 8}, {"1992-07-01T00:00:00Z", 8},
		{"2020-07-01T00:00:00Z", 8}, {"2200-07-01T00:00:00Z", 8},
	};
	struct zone *zone = open_zone("Asia/Shanghai");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_int_equal(zone_offset_s(zone, at(known[i].at)), known[i].hours * 3600);
	assert_int_equal(zone_offset_s(zone, at("1900-01-01T00:00:00Z")), 8 * 3600 + 343);
	zone_free(zone);
}

/* The last Sunday of MONTH, 01:00 UTC. */
static int64_t change_of(int year, int month)
{
	int32_t day = when_day_of(year, month, 31);

	while ((day + 4) % 7 != 0)
		day--;
	return day * WHEN_DAY + WHEN_HOUR;
}

#define CLOCK(hour, minute) ((hour)*WHEN_HOUR + (minute)*WHEN_MINUTE)

static void a_daily_window_ends_next_morning_or_the_same_day(void **state)
{
	struct zone *zone = zone_fixed(8 * 3600);
	int64_t noon = at("2020-03-09T12:00:00+08:00"), day = noon - 12 * WHEN_HOUR;

	(void)state;
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(6, 0), noon), WHEN_UNKNOWN);
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(6, 0), day + CLOCK(22, 0)),
			 day + CLOCK(30, 0));
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(6, 0), day + CLOCK(22, 0) - 1),
			 WHEN_UNKNOWN);
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(6, 0), day + CLOCK(6, 0) - 1),
			 day + CLOCK(6, 0));
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(6, 0), day + CLOCK(6, 0)),
			 WHEN_UNKNOWN);
	assert_int_equal(when_window_end(zone, CLOCK(12, 0), CLOCK(14, 0), noon),
			 day + CLOCK(14, 0));
	assert_int_equal(when_window_end(zone, CLOCK(12, 0), CLOCK(12, 0), noon), WHEN_UNKNOWN);
	zone_free(zone);
}

static void a_window_ends_once_on_the_nights_when_the_clocks_change(void **state)
{
	struct zone *zone = open_zone("Europe/London");
	int64_t spring = change_of(2020, 3), autumn = change_of(2020, 10);

	(void)state;
	/* The night of spring is an hour shorter, that of autumn an hour longer. */
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(6, 0), spring - WHEN_HOUR),
			 spring + 4 * WHEN_HOUR);
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(6, 0), autumn - WHEN_HOUR),
			 autumn + 5 * WHEN_HOUR);
	/* It ends at 01:30, which spring skips: when the clocks jump over it. */
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(1, 30), spring - 1), spring);
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(1, 30), spring), WHEN_UNKNOWN);
	/* … and which autumn shows twice: at the first, for good. */
	int64_t first = autumn - WHEN_HOUR / 2;
	assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(1, 30), first - 1), first);
	for (int64_t minute = 0; minute < 12 * 60; minute++)
		assert_int_equal(when_window_end(zone, CLOCK(22, 0), CLOCK(1, 30),
						 first + minute * WHEN_MINUTE),
				 WHEN_UNKNOWN);
	/* It begins at 01:30 of autumn, and once: its end is the same from every minute on. */
	for (int64_t minute = 0; minute < 5 * 60; minute++)
		assert_int_equal(when_window_end(zone, CLOCK(1, 30), CLOCK(6, 0),
						 first + minute * WHEN_MINUTE),
				 autumn + 5 * WHEN_HOUR);
	zone_free(zone);
}

static void london_changes_on_last_sundays_beyond_the_table(void **state)
{
	struct zone *zone = open_zone("Europe/London");

	(void)state;
	for (int year = 2020; year <= 2200; year++) {
		int64_t spring = change_of(year, 3);
		int64_t autumn = change_of(year, 10);

		assert_int_equal(zone_offset_s(zone, spring - 1), 0);
		assert_int_equal(zone_offset_s(zone, spring), 3600);
		assert_int_equal(zone_offset_s(zone, autumn - 1), 3600);
		assert_int_equal(zone_offset_s(zone, autumn), 0);
		/* 01:30 is skipped in spring and shown twice in autumn. */
		assert_true(when_at(zone, when_day(NULL, spring), 90 * WHEN_MINUTE) == spring);
		assert_true(when_at(zone, when_day(NULL, autumn), 90 * WHEN_MINUTE) ==
			    autumn - 30 * WHEN_MINUTE);
		assert_true(when_at(zone, when_day(NULL, spring), 120 * WHEN_MINUTE) == spring);
		assert_true(when_at(zone, when_day(NULL, autumn), 120 * WHEN_MINUTE) ==
			    autumn + WHEN_HOUR);
	}
	zone_free(zone);
}

static void the_south_has_its_summer_over_new_year(void **state)
{
	struct zone *zone = open_zone("Australia/Sydney");

	(void)state;
	assert_int_equal(zone_offset_s(zone, at("2060-01-01T00:00:00Z")), 11 * 3600);
	assert_int_equal(zone_offset_s(zone, at("2060-12-31T23:59:59Z")), 11 * 3600);
	assert_int_equal(zone_offset_s(zone, at("2060-07-01T00:00:00Z")), 10 * 3600);
	assert_int_equal(zone_offset_s(zone, at("2060-04-03T15:59:59Z")), 11 * 3600);
	assert_int_equal(zone_offset_s(zone, at("2060-04-03T16:00:00Z")), 10 * 3600);
	zone_free(zone);
}

static void every_hour_shows_itself_again(void **state)
{
	static const char *const names[] = {"Asia/Shanghai",	"Europe/London",
					    "America/New_York", "Australia/Lord_Howe",
					    "Pacific/Apia",	"Asia/Gaza",
					    "America/Nuuk",	"Africa/Casablanca",
					    "Europe/Dublin"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct zone *zone = open_zone(names[i]);
		int64_t last = at("2095-01-01T00:00:00Z");
		int64_t step = 7 * WHEN_HOUR + 13 * WHEN_MINUTE + 1;

		for (int64_t now = at("1985-01-01T00:00:00Z"); now < last; now += step) {
			int32_t day = when_day(zone, now);
			int64_t back = when_at(zone, day, when_time_of_day(zone, now));

			/* Exactly, or the first of an overlap. */
			if (back != now)
				assert_true(back < now && now - back <= 3 * WHEN_HOUR);
			assert_int_equal(when_day(zone, back), day);
			assert_true(when_day(zone, when_at(zone, day, 0)) == day);
		}
		zone_free(zone);
	}
}

static void a_day_that_never_was_is_stepped_over(void **state)
{
	struct zone *zone = open_zone("Pacific/Apia"); /* Samoa had no 30 December 2011. */
	int64_t noon = when_at(zone, when_day_of(2011, 12, 30), 12 * WHEN_HOUR);

	(void)state;
	assert_true(noon == at("2011-12-30T10:00:00Z"));
	assert_int_equal(when_day(zone, noon), when_day_of(2011, 12, 31));
	zone_free(zone);
}

static void a_time_of_day_may_exceed_the_day(void **state)
{
	struct zone *zone = zone_fixed(8 * 3600);

	(void)state;
	assert_string_equal(zone_name(zone), "UTC+08:00");
	assert_true(when_at(zone, 0, 26 * WHEN_HOUR) == 18 * WHEN_HOUR);
	assert_int_equal(when_day(zone, -8 * WHEN_HOUR - 1), -1);
	assert_true(when_time_of_day(zone, -8 * WHEN_HOUR - 1) == WHEN_DAY - 1);
	assert_int_equal(when_day(NULL, WHEN_DAY), 1);
	zone_free(zone);
}

/* A version 2 file without changes, only FOOTER. */
static size_t with_footer(const char *footer)
{
	static const unsigned char block[] = {'T', 'Z', 'i', 'f', '3', 0, 0, 0, 0, 0, 0, 0, 0,
					      0,   0,	0,   0,	  0,   0, 0, 0, 0, 0, 0, 0, 0,
					      0,   0,	0,   0,	  0,   0, 0, 0, 0, 0, 0, 0, 0,
					      1,   0,	0,   0,	  1,   0, 0, 0, 0, 0, 0, 0};
	size_t len = 0;

	for (int i = 0; i < 2; i++) {
		memcpy(tzif + len, block, sizeof(block));
		len += sizeof(block);
	}
	return len + (size_t)snprintf((char *)tzif + len, 200, "\n%s\n", footer);
}

static void footers_of_every_form_are_understood(void **state)
{
	static const struct {
		const char *footer;
		const char *at;
		int offset_s;
	} rows[] = {
		{"", "2020-06-01T00:00:00Z", 0},
		{"CST-8", "2020-06-01T00:00:00Z", 28800},
		{"<+0545>-5:45", "2020-06-01T00:00:00Z", 20700},
		{"EST5EDT,M3.2.0,M11.1.0", "2020-03-08T06:59:59Z", -18000},
		{"EST5EDT,M3.2.0,M11.1.0", "2020-03-08T07:00:00Z", -14400},
		{"EST5EDT,0/0,J365/25", "2020-01-01T05:00:00Z", -14400}, /* All year. */
		{"EST5EDT,0/0,J365/25", "2020-12-31T23:00:00Z", -14400},
		{"EST5EDT,0/0,J365/25", "2021-01-01T05:00:00Z", -14400},
		{"AAA0BBB,J60,J61", "2020-03-01T02:00:00Z", 3600}, /* J60 is 1 March always. */
		{"AAA0BBB,J60,J61", "2021-03-01T02:00:00Z", 3600},
		{"AAA0BBB,59,60", "2020-02-29T02:00:00Z", 3600}, /* 59 counts leap days. */
		{"AAA0BBB,59,60", "2021-03-01T02:00:00Z", 3600},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", "2040-01-01T00:00:00Z", 0}, /* Dublin's way. */
		{"IST-1GMT0,M10.5.0,M3.5.0/1", "2040-07-01T00:00:00Z", 3600},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T00:59:59Z", -7200},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T01:00:00Z", -3600},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct zone *zone = NULL;
		size_t len = with_footer(rows[i].footer);

		if (zone_parse(&zone, "made", tzif, len, NULL) != 0)
			fail_msg("refused: %s", rows[i].footer);
		if (zone_offset_s(zone, at(rows[i].at)) != rows[i].offset_s)
			fail_msg("%s at %s: %d", rows[i].footer, rows[i].at,
				 zone_offset_s(zone, at(rows[i].at)));
		zone_free(zone);
	}
}

static void broken_footers_are_refused(void **state)
{
	static const char *const bad[] = {
		"X",
		"CST",
		"CST-",
		"CST-8X",
		"CST-99",
		"EST5EDT",
		"EST5EDT,M3.2.0",
		"EST5EDT,M13.2.0,M11.1.0",
		"EST5EDT,M3.6.0,M11.1.0",
		"EST5EDT,M3.2.7,M11.1.0",
		"EST5EDT,M3.2.0,M11.1.0,",
		"EST5EDT,J0,J5",
		"EST5EDT,366,5",
		"EST5EDT,M3.2.0/168,M11.1.0",
		"<+08-8",
		"CST-8:60",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct zone *zone = NULL;
		struct err err = ERR_INIT;

		if (zone_parse(&zone, "made", tzif, with_footer(bad[i]), &err) != CL_EINVAL)
			fail_msg("accepted: %s", bad[i]);
		assert_non_null(strstr(err.text, "made"));
	}
}

static void a_version_1_block_stands_alone(void **state)
{
	struct zone *zone = NULL;
	size_t len = slurp("Asia/Shanghai");

	(void)state;
	tzif[4] = 0;
	assert_int_equal(zone_parse(&zone, "old", tzif, len, NULL), 0);
	zone_free(zone);
}

static void no_cut_or_flipped_file_does_harm(void **state)
{
	size_t len = slurp("Europe/London");
	struct zone *zone;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		unsigned char *copy =
			mem_alloc(cut); /* Its own bytes, so that ASan sees an overrun. */

		memcpy(copy, tzif, cut);
		assert_int_equal(zone_parse(&zone, "cut", copy, cut, NULL), CL_EINVAL);
		mem_free(copy);
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char kept = tzif[i];

		for (int bit = 0; bit < 8; bit++) {
			tzif[i] = (unsigned char)(kept ^ 1u << bit);
			if (zone_parse(&zone, "flipped", tzif, len, NULL) < 0)
				continue;
			when_at(zone, when_day_of(2038, 1, 19), 3 * WHEN_HOUR);
			zone_offset_s(zone, WHEN_NEVER);
			zone_offset_s(zone, WHEN_UNKNOWN);
			zone_free(zone);
		}
		tzif[i] = kept;
	}
}

static void durations_read_and_write(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *shortest;
	} rows[] = {
		{"0s", 0, "0s"},
		{"250ms", 250, "250ms"},
		{"90s", 90000, "90s"},
		{"10m", 600000, "10m"},
		{"60m", WHEN_HOUR, "1h"},
		{"36h", 36 * WHEN_HOUR, "36h"},
		{"336h", 14 * WHEN_DAY, "14d"},
		{"14d", 14 * WHEN_DAY, "14d"},
		{"1500ms", 1500, "1500ms"},
		{"007s", 7000, "7s"},
	};
	static const char *const bad[] = {"",
					  "5",
					  "s",
					  "-5s",
					  "5 s",
					  "5S",
					  "5w",
					  "1h30m",
					  "1.5h",
					  "5ss",
					  "+5s",
					  " 5s",
					  "99999999999999999999s",
					  "36526d"};
	char buf[WHEN_CAP];
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(when_parse_duration(rows[i].text, &ms, NULL), 0);
		assert_true(ms == rows[i].ms);
		assert_string_equal(when_duration_text(ms, buf), rows[i].shortest);
	}
	ms = 7;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(when_parse_duration(bad[i], &ms, NULL), CL_EINVAL);
	assert_int_equal(when_parse_duration(NULL, &ms, NULL), CL_EINVAL);
	assert_true(ms == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instant_reads_as_rfc_3339_says),
		cmocka_unit_test(what_is_no_instant_is_refused),
		cmocka_unit_test(an_instant_is_written_as_it_is_read),
		cmocka_unit_test(every_day_of_eleven_centuries_comes_back),
		cmocka_unit_test(shanghai_had_daylight_time_until_1991),
		cmocka_unit_test(london_changes_on_last_sundays_beyond_the_table),
		cmocka_unit_test(the_south_has_its_summer_over_new_year),
		cmocka_unit_test(every_hour_shows_itself_again),
		cmocka_unit_test(a_day_that_never_was_is_stepped_over),
		cmocka_unit_test(a_time_of_day_may_exceed_the_day),
		cmocka_unit_test(footers_of_every_form_are_understood),
		cmocka_unit_test(broken_footers_are_refused),
		cmocka_unit_test(a_daily_window_ends_next_morning_or_the_same_day),
		cmocka_unit_test(a_window_ends_once_on_the_nights_when_the_clocks_change),
		cmocka_unit_test(a_version_1_block_stands_alone),
		cmocka_unit_test(no_cut_or_flipped_file_does_harm),
		cmocka_unit_test(durations_read_and_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
