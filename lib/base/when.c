/* when.c — instants and civil days as text and numbers, without a clock.
 * Neighbours: zone.c knows which offset is in force; everybody who keeps time calls here. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"
#include "closedloop/when.h"

#define YEAR_FIRST    1900
#define YEAR_LAST     2999
/* A hundred years: adding any such duration to any instant we accept cannot overflow. */
#define DURATION_MOST (INT64_C(36525) * WHEN_DAY)
/* Instants are brought within ±100 million days before arithmetic, so that WHEN_NEVER cannot
 * overflow. */
#define INSTANT_MOST  (INT64_C(100000000) * WHEN_DAY)

static int64_t bounded(int64_t at)
{
	return at > INSTANT_MOST ? INSTANT_MOST : at < -INSTANT_MOST ? -INSTANT_MOST : at;
}

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0 ? 1 : 0);
}

/* The instant at which a clock on UTC shows what ZONE's wall clock shows at AT. */
static int64_t wall(const struct zone *zone, int64_t at)
{
	at = bounded(at);
	return zone ? at + zone_offset_s(zone, at) * WHEN_SECOND : at;
}

int32_t when_day(const struct zone *zone, int64_t at)
{
	return (int32_t)floor_div(wall(zone, at), WHEN_DAY);
}

int64_t when_time_of_day(const struct zone *zone, int64_t at)
{
	int64_t shown = wall(zone, at);

	return shown - floor_div(shown, WHEN_DAY) * WHEN_DAY;
}

/* Both ways after Howard Hinnant's "chrono-compatible low-level date algorithms": years that begin
 * in March put the leap day last, and 400 years are always 146097 days. */
int32_t when_day_of(int year, int month, int day)
{
	int64_t shifted = (int64_t)year - (month <= 2 ? 1 : 0);
	int64_t era = floor_div(shifted, 400);
	int64_t year_of_era = shifted - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	assert(month >= 1);
	assert(month <= 12);
	return (int32_t)(era * 146097 + day_of_era - 719468);
}

void when_date_of(int32_t day_number, int *year, int *month, int *day)
{
	int64_t shifted = (int64_t)day_number + 719468;
	int64_t era = floor_div(shifted, 146097);
	int64_t day_of_era = shifted - era * 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

/* Read exactly COUNT digits at *AT and move on; -1 when they are not there. */
static int take_digits(const char **at, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		char digit = (*at)[i];

		if (digit < '0' || digit > '9')
			return -1;
		value = value * 10 + (digit - '0');
	}
	*at += count;
	return value;
}

static bool take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	*at += 1;
	return true;
}

/* "2020-03-08" at *AT. */
static bool take_date(const char **at, int32_t *day_number)
{
	int year = take_digits(at, 4);
	int month;
	int day;
	int back[3];

	if (year < YEAR_FIRST || year > YEAR_LAST || !take_char(at, '-'))
		return false;
	month = take_digits(at, 2);
	if (month < 1 || month > 12 || !take_char(at, '-'))
		return false;
	day = take_digits(at, 2);
	if (day < 1 || day > 31)
		return false;
	*day_number = when_day_of(year, month, day);
	when_date_of(*day_number, &back[0], &back[1], &back[2]);
	return back[1] == month; /* 31 April would come back as 1 May. */
}

/* "17:30:00.25" at *AT; a leap second sets LEAP and reads as :59.999. */
static bool take_time(const char **at, int64_t *time_of_day, bool *leap)
{
	int hour = take_digits(at, 2);
	int minute = hour >= 0 && take_char(at, ':') ? take_digits(at, 2) : -1;
	int second = minute >= 0 && take_char(at, ':') ? take_digits(at, 2) : -1;
	int64_t fraction = 0;
	int digits = 0;

	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	if (take_char(at, '.')) {
		for (; digits < 9 && **at >= '0' && **at <= '9'; digits++, (*at)++) {
			if (digits < 3)
				fraction = fraction * 10 + (**at - '0');
		}
		if (digits == 0)
			return false;
		for (; digits < 3; digits++)
			fraction *= 10;
	}
	*leap = second == 60;
	if (*leap) {
		second = 59;
		fraction = 999;
	}
	*time_of_day = hour * WHEN_HOUR + minute * WHEN_MINUTE + second * WHEN_SECOND + fraction;
	return true;
}

/* "Z" or "+08:00" at *AT. */
static bool take_offset(const char **at, int64_t *offset)
{
	int sign = **at == '-' ? -1 : 1;
	int hours;
	int minutes;

	*offset = 0;
	if (take_char(at, 'Z') || take_char(at, 'z'))
		return true;
	if (!take_char(at, '+') && !take_char(at, '-'))
		return false;
	hours = take_digits(at, 2);
	if (hours < 0 || hours > 23 || !take_char(at, ':'))
		return false;
	minutes = take_digits(at, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*offset = sign * (hours * WHEN_HOUR + minutes * WHEN_MINUTE);
	return true;
}

static int bad_instant(struct err *err)
{
	return err_set(err, CL_EINVAL,
		       "not an RFC 3339 instant of the years 1900 to 2999 with a zone, such as "
		       "2020-03-08T17:30:00+08:00");
}

int when_parse(const char *string, int64_t *at, struct err *err)
{
	const char *rest = string;
	int32_t day;
	int64_t time_of_day;
	int64_t offset;
	int64_t instant;
	bool leap;

	if (!string || !take_date(&rest, &day))
		return bad_instant(err);
	if (!take_char(&rest, 'T') && !take_char(&rest, 't'))
		return bad_instant(err);
	if (!take_time(&rest, &time_of_day, &leap) || !take_offset(&rest, &offset) || *rest)
		return bad_instant(err);
	instant = day * WHEN_DAY + time_of_day - offset;
	/* RFC 3339, 5.7: leap seconds are inserted at the end of a UTC day only. */
	if (leap && when_time_of_day(NULL, instant) != WHEN_DAY - 1)
		return bad_instant(err);
	*at = instant;
	return 0;
}

int when_parse_day(const char *string, int32_t *day, struct err *err)
{
	const char *rest = string;
	int32_t found;

	if (!string || !take_date(&rest, &found) || *rest)
		return err_set(err, CL_EINVAL,
			       "not a day of the years 1900 to 2999, such as 2020-03-08");
	*day = found;
	return 0;
}

const char *when_day_text(int32_t day, char buf[WHEN_CAP])
{
	int year;
	int month;
	int date;

	when_date_of(day, &year, &month, &date);
	snprintf(buf, WHEN_CAP, "%04d-%02d-%02d", year, month, date);
	return buf;
}

/* "+08:00"; seconds of old local mean times are dropped, RFC 3339 has no room for them. */
static void add_offset(struct text *text, int offset_s)
{
	int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;

	text_addf(text, "%c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

const char *when_text(int64_t at, const struct zone *zone, char buf[WHEN_CAP])
{
	struct text text;
	int offset_s = zone ? zone_offset_s(zone, bounded(at)) / 60 * 60 : 0;
	int64_t shown = bounded(at) + offset_s * WHEN_SECOND;
	int64_t day = floor_div(shown, WHEN_DAY);
	int64_t of_day = shown - day * WHEN_DAY;
	char date[WHEN_CAP];

	text_init(&text, buf, WHEN_CAP);
	if (at == WHEN_NEVER || at == WHEN_UNKNOWN) {
		text_add(&text, at == WHEN_NEVER ? "never" : "unknown");
		return buf;
	}
	text_addf(&text, "%sT%02d:%02d:%02d", when_day_text((int32_t)day, date),
		  (int)(of_day / WHEN_HOUR), (int)(of_day / WHEN_MINUTE % 60),
		  (int)(of_day / WHEN_SECOND % 60));
	if (of_day % WHEN_SECOND)
		text_addf(&text, ".%03d", (int)(of_day % WHEN_SECOND));
	if (zone)
		add_offset(&text, offset_s);
	else
		text_add(&text, "Z");
	return buf;
}

const char *when_clock_text(int64_t at, const struct zone *zone, char buf[WHEN_CAP])
{
	int64_t of_day = when_time_of_day(zone, at);

	if (at == WHEN_NEVER || at == WHEN_UNKNOWN)
		snprintf(buf, WHEN_CAP, "--:--");
	else
		snprintf(buf, WHEN_CAP, "%02d:%02d", (int)(of_day / WHEN_HOUR),
			 (int)(of_day / WHEN_MINUTE % 60));
	return buf;
}

static const struct {
	const char *unit;
	int64_t ms;
} units[] = {
	/* From long to short: the first that divides makes the shortest text. */
	{.unit = "d", .ms = WHEN_DAY},	  {.unit = "h", .ms = WHEN_HOUR},
	{.unit = "m", .ms = WHEN_MINUTE}, {.unit = "s", .ms = WHEN_SECOND},
	{.unit = "ms", .ms = 1},
};

int when_parse_duration(const char *string, int64_t *ms, struct err *err)
{
	const char *rest = string ? string : "";
	int64_t number = 0;
	char digit;

	for (; (digit = *rest) >= '0' && digit <= '9'; rest++) {
		number = number * 10 + (digit - '0');
		if (number > DURATION_MOST)
			return err_set(err, CL_EINVAL, "a duration of more than 100 years");
	}
	for (size_t i = 0; rest != string && i < ARRAY_LEN(units); i++) {
		if (!text_equal(rest, units[i].unit))
			continue;
		if (number > DURATION_MOST / units[i].ms)
			return err_set(err, CL_EINVAL, "a duration of more than 100 years");
		*ms = number * units[i].ms;
		return 0;
	}
	return err_set(err, CL_EINVAL,
		       "not a duration: a whole number and one of ms, s, m, h, d, such as 90s");
}

const char *when_duration_text(int64_t ms, char buf[WHEN_CAP])
{
	if (ms == WHEN_NEVER || ms == WHEN_UNKNOWN) {
		snprintf(buf, WHEN_CAP, "%s", ms == WHEN_NEVER ? "never" : "unknown");
		return buf;
	}
	snprintf(buf, WHEN_CAP, "0s");
	for (size_t i = 0; ms != 0 && i < ARRAY_LEN(units); i++) {
		if (ms % units[i].ms == 0) {
			snprintf(buf, WHEN_CAP, "%lld%s", (long long)(ms / units[i].ms),
				 units[i].unit);
			break;
		}
	}
	return buf;
}
