/* zone.c — which offset from UTC is in force, by the IANA rules in the bytes of a TZif file (RFC
 * 8536). Neighbours: when.c does the arithmetic of days and texts; the daemon brings the file's
 * bytes. */
#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define OFFSET_MOST (26 * 3600) /* RFC 8536, 3.2: between -25 h and +26 h. */
#define HEADER_LEN  44
#define TZIF_MOST   ((size_t)1 << 20)
#define DAY_S	    INT64_C(86400)
#define NO_MORE	    INT64_MAX

/* When a year's change happens: POSIX Mm.w.d, Jn or n, at `second` of that day's wall clock. */
struct rule_day {
	enum {
		RULE_MONTH,
		RULE_JULIAN,
		RULE_PLAIN
	} kind;
	int month;
	int week;
	int day;
	int second; /* -167 h to 167 h: version 3 lets it leave the day. */
};

/* The footer: what goes on for ever after the last written change. */
struct rule {
	bool present;
	bool has_dst;
	int std_s;
	int dst_s;
	struct rule_day begins; /* By standard time. */
	struct rule_day ends;	/* By daylight time. */
};

struct zone {
	char name[64];
	size_t changes_len;
	int64_t *changes;   /* UTC seconds, rising. */
	int32_t *offsets_s; /* In force from changes[i] on. */
	int32_t first_s;    /* In force before the first change. */
	struct rule rule;
};

/* --- the footer's rule --- */

static int64_t rule_day_number(const struct rule_day *on, int year)
{
	int32_t new_year = when_day_of(year, 1, 1);
	bool leap = when_day_of(year + 1, 1, 1) - new_year == 366;
	int32_t first;
	int32_t day;
	int32_t after;

	if (on->kind == RULE_PLAIN)
		return new_year + on->day;
	if (on->kind == RULE_JULIAN) /* 29 February is never counted. */
		return new_year + on->day - 1 + (leap && on->day > 59 ? 1 : 0);
	first = when_day_of(year, on->month, 1);
	after = on->month == 12 ? when_day_of(year + 1, 1, 1) : when_day_of(year, on->month + 1, 1);
	/* 1970-01-01 was a Thursday: day number + 4 is 0 on Sundays. Years are ≥ 0 here or close to
	 * it. */
	day = first + (on->day - (first % 7 + 7 + 4) % 7 + 7) % 7 + (on->week - 1) * 7;
	return day < after ? day : day - 7; /* Week 5 means the last. */
}

static int year_of(int64_t second)
{
	int year;
	int month;
	int day;
	int64_t number = second / DAY_S - (second % DAY_S < 0 ? 1 : 0);

	number = number > INT32_MAX / 8 ? INT32_MAX / 8 : number;
	number = number < INT32_MIN / 8 ? INT32_MIN / 8 : number;
	when_date_of((int32_t)number, &year, &month, &day);
	return year;
}

struct change {
	int64_t at;
	int offset_s;
};

/* The changes of the years around SECOND, each year's begin before its end. */
static size_t rule_changes(const struct rule *rule, int64_t second, struct change changes[6])
{
	int year = year_of(second) - 1;
	size_t count = 0;

	for (int i = 0; i < 3; i++, year++) {
		changes[count].at = rule_day_number(&rule->ends, year) * DAY_S + rule->ends.second -
				    rule->dst_s;
		changes[count++].offset_s = rule->std_s;
		changes[count].at = rule_day_number(&rule->begins, year) * DAY_S +
				    rule->begins.second - rule->std_s;
		changes[count++].offset_s = rule->dst_s;
	}
	return count;
}

static int rule_offset_s(const struct rule *rule, int64_t second)
{
	struct change changes[6];
	int64_t latest = INT64_MIN;
	int offset_s = rule->std_s;

	if (!rule->has_dst)
		return rule->std_s;
	(void)rule_changes(rule, second, changes);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		bool newer = changes[i].at > latest;
		/* All-year daylight time ends and begins at one instant: it goes on. */
		bool tie = changes[i].at == latest && changes[i].offset_s == rule->dst_s;

		if (changes[i].at <= second && (newer || tie)) {
			latest = changes[i].at;
			offset_s = changes[i].offset_s;
		}
	}
	return offset_s;
}

static int64_t rule_next(const struct rule *rule, int64_t second)
{
	struct change changes[6];
	int64_t next = NO_MORE;

	if (!rule->has_dst)
		return NO_MORE;
	(void)rule_changes(rule, second, changes);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		if (changes[i].at > second && changes[i].at < next)
			next = changes[i].at;
	}
	return next;
}

/* --- reading the footer --- */

static bool take_name(const char **at)
{
	const char *from = *at;
	bool quoted = *from == '<';
	size_t len = 0;

	if (quoted)
		from++;
	for (;; len++) {
		char c = from[len];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!letter && !(quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-')))
			break;
	}
	if (len < 3 || (quoted && from[len] != '>'))
		return false;
	*at = from + len + (quoted ? 1 : 0);
	return true;
}

static bool take_number(const char **at, int most, int *value)
{
	int found = 0;
	int digits = 0;

	for (; **at >= '0' && **at <= '9' && digits < 4; digits++, (*at)++)
		found = found * 10 + (**at - '0');
	*value = found;
	return digits > 0 && found <= most;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool take_hms(const char **at, int hours_most, int *seconds)
{
	int sign = **at == '-' ? -1 : 1;
	int part[3] = {0, 0, 0};

	if (**at == '-' || **at == '+')
		(*at)++;
	if (!take_number(at, hours_most, &part[0]))
		return false;
	for (int i = 1; i < 3 && **at == ':'; i++) {
		(*at)++;
		if (!take_number(at, 59, &part[i]))
			return false;
	}
	*seconds = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
	return true;
}

/* ",M3.5.0/1", ",J60" or ",59". */
static bool take_rule_day(const char **at, struct rule_day *on)
{
	if (*(*at)++ != ',')
		return false;
	on->second = 2 * 3600;
	on->kind = RULE_PLAIN;
	if (**at == 'M') {
		(*at)++;
		on->kind = RULE_MONTH;
		if (!take_number(at, 12, &on->month) || on->month < 1 || *(*at)++ != '.')
			return false;
		if (!take_number(at, 5, &on->week) || on->week < 1 || *(*at)++ != '.')
			return false;
		if (!take_number(at, 6, &on->day))
			return false;
	} else if (**at == 'J') {
		(*at)++;
		on->kind = RULE_JULIAN;
		if (!take_number(at, 365, &on->day) || on->day < 1)
			return false;
	} else if (!take_number(at, 365, &on->day)) {
		return false;
	}
	if (**at != '/')
		return true;
	(*at)++;
	return take_hms(at, 167, &on->second);
}

static bool rule_parse(struct rule *rule, const char *footer)
{
	const char *at = footer;
	int west_s;

	if (!take_name(&at) || !take_hms(&at, 24, &west_s))
		return false;
	rule->present = true;
	rule->std_s = -west_s; /* POSIX counts west of Greenwich as positive. */
	if (!*at)
		return true;
	if (!take_name(&at))
		return false;
	rule->has_dst = true;
	rule->dst_s = rule->std_s + 3600;
	if (*at != ',') {
		if (!take_hms(&at, 24, &west_s))
			return false;
		rule->dst_s = -west_s;
	}
	return take_rule_day(&at, &rule->begins) && take_rule_day(&at, &rule->ends) && !*at;
}

/* --- reading the file --- */

struct tzif {
	const unsigned char *bytes;
	size_t len;
	unsigned version;
	size_t time_size; /* 4 in the first block, 8 in the second. */
	uint64_t utc_len, std_len, leaps_len, changes_len, types_len, chars_len;
};

static uint32_t read_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static int64_t read_time(const unsigned char *bytes, size_t size)
{
	if (size == 4)
		return (int32_t)read_u32(bytes);
	return (int64_t)((uint64_t)read_u32(bytes) << 32 | read_u32(bytes + 4));
}

/* Read the header at the front of FILE and check that its block fits. Returns the block's length,
 * header included, or 0. */
static size_t read_header(struct tzif *file)
{
	const unsigned char *at = file->bytes;
	uint64_t need;

	if (file->len < HEADER_LEN || memcmp(at, "TZif", 4) != 0)
		return 0;
	file->version = at[4] == 0 ? 1 : (unsigned)(at[4] - '0');
	file->utc_len = read_u32(at + 20);
	file->std_len = read_u32(at + 24);
	file->leaps_len = read_u32(at + 28);
	file->changes_len = read_u32(at + 32);
	file->types_len = read_u32(at + 36);
	file->chars_len = read_u32(at + 40);
	need = HEADER_LEN + file->changes_len * (file->time_size + 1) + file->types_len * 6 +
	       file->chars_len + file->leaps_len * (file->time_size + 4) + file->std_len +
	       file->utc_len;
	return need <= file->len ? (size_t)need : 0;
}

/* Read the changes of the block FILE stands on into ZONE. */
static bool read_block(struct zone *zone, const struct tzif *file)
{
	const unsigned char *times = file->bytes + HEADER_LEN;
	const unsigned char *indexes = times + file->changes_len * file->time_size;
	const unsigned char *types = indexes + file->changes_len;
	size_t count = (size_t)file->changes_len;

	if (file->types_len == 0 || file->types_len > 256 || file->leaps_len != 0)
		return false; /* Leap-second ("right/") zones count other seconds than ours. */
	for (size_t i = 0; i < file->types_len; i++) {
		int32_t offset_s = (int32_t)read_u32(types + i * 6);

		if (offset_s < -OFFSET_MOST || offset_s > OFFSET_MOST)
			return false;
	}
	zone->first_s = (int32_t)read_u32(types);
	zone->changes_len = count;
	zone->changes = mem_alloc(count * sizeof(*zone->changes));
	zone->offsets_s = mem_alloc(count * sizeof(*zone->offsets_s));
	for (size_t i = 0; i < count; i++) {
		if (indexes[i] >= file->types_len)
			return false;
		zone->changes[i] = read_time(times + i * file->time_size, file->time_size);
		zone->offsets_s[i] = (int32_t)read_u32(types + indexes[i] * 6);
		if (i > 0 && zone->changes[i] <= zone->changes[i - 1])
			return false;
	}
	return true;
}

/* The text between the two new-lines after the second block. An empty one is allowed: no rule. */
static bool read_footer(struct zone *zone, const unsigned char *bytes, size_t len)
{
	char footer[128];
	size_t used = 0;

	if (len < 2 || bytes[0] != '\n')
		return false;
	for (used = 0; used + 1 < len && bytes[used + 1] != '\n'; used++) {
		if (used + 1 >= sizeof(footer) || bytes[used + 1] == '\0')
			return false;
		footer[used] = (char)bytes[used + 1];
	}
	if (used + 1 >= len)
		return false;
	footer[used] = '\0';
	return used == 0 || rule_parse(&zone->rule, footer);
}

static bool read_tzif(struct zone *zone, const void *bytes, size_t len)
{
	struct tzif file = {.bytes = bytes, .len = len, .time_size = 4};
	size_t block = read_header(&file);

	if (block == 0 || len > TZIF_MOST)
		return false;
	if (file.version == 1)
		return read_block(zone, &file);
	if (file.version < 2 || file.version > 4)
		return false;
	/* Later versions repeat everything with 64-bit times: the first block is for old readers.
	 */
	file.bytes += block;
	file.len -= block;
	file.time_size = 8;
	block = read_header(&file);
	if (block == 0 || !read_block(zone, &file))
		return false;
	return read_footer(zone, file.bytes + block, file.len - block);
}

int zone_parse(struct zone **out, const char *name, const void *tzif, size_t len, struct err *err)
{
	struct zone *zone = mem_alloc(sizeof(*zone));

	assert(out);
	assert(name);
	text_copy(zone->name, sizeof(zone->name), name);
	if (!read_tzif(zone, tzif, len)) {
		zone_free(zone);
		return err_set(err, CL_EINVAL,
			       "time zone %s: not a TZif file (RFC 8536) without leap seconds",
			       name);
	}
	*out = zone;
	return 0;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	mem_free(zone->changes);
	mem_free(zone->offsets_s);
	mem_free(zone);
}

struct zone *zone_fixed(int offset_s)
{
	struct zone *zone = mem_alloc(sizeof(*zone));
	struct text text = TEXT_OVER(zone->name);
	int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;

	assert(offset_s >= -OFFSET_MOST);
	assert(offset_s <= OFFSET_MOST);
	text_addf(&text, "UTC%c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
	zone->first_s = offset_s;
	return zone;
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

/* --- asking --- */

/* How many changes happened at or before SECOND. */
static size_t changes_until(const struct zone *zone, int64_t second)
{
	size_t low = 0;
	size_t high = zone->changes_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle] <= second)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int offset_at(const struct zone *zone, int64_t second)
{
	size_t past = changes_until(zone, second);

	if (past == zone->changes_len && zone->rule.present)
		return rule_offset_s(&zone->rule, second);
	return past == 0 ? zone->first_s : zone->offsets_s[past - 1];
}

/* The first change after SECOND. */
static int64_t change_after(const struct zone *zone, int64_t second)
{
	size_t past = changes_until(zone, second);

	if (past < zone->changes_len)
		return zone->changes[past];
	return zone->rule.present ? rule_next(&zone->rule, second) : NO_MORE;
}

static int64_t floor_s(int64_t ms)
{
	return ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
}

int zone_offset_s(const struct zone *zone, int64_t at)
{
	return offset_at(zone, floor_s(at));
}

/* Walk the stretches of equal offset around the wanted time from early to late: the first that
 * shows it is the answer (so the first of an overlap), and one that begins too late shows that it
 * was skipped (so the end of a gap). */
int64_t when_at(const struct zone *zone, int32_t day, int64_t time_of_day)
{
	int64_t shown = day * WHEN_DAY + time_of_day;
	int64_t from = floor_s(shown) - 2 * OFFSET_MOST;

	assert(zone);
	assert(time_of_day >= 0);
	assert(time_of_day < INT64_C(1000000) * WHEN_DAY);
	for (;;) {
		int64_t until = change_after(zone, from);
		int64_t at = shown - offset_at(zone, from) * WHEN_SECOND;

		if (floor_s(at) < from)
			return from * WHEN_SECOND;
		if (until == NO_MORE || floor_s(at) < until)
			return at;
		from = until;
	}
}

int64_t when_window_end(const struct zone *zone, int64_t from, int64_t to, int64_t at)
{
	int32_t today = when_day(zone, at);

	if (from == to)
		return WHEN_UNKNOWN;
	for (int32_t day = today - 1; day <= today; day++) {
		int64_t end = when_at(zone, from < to ? day : day + 1, to);

		if (when_at(zone, day, from) <= at && at < end)
			return end;
	}
	return WHEN_UNKNOWN;
}
