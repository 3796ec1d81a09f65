/* ics.c — see ics.h. Neighbour: api_roster.c in the daemon says which shifts there are. */
#include "closedloop/ics.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/when.h"

#define LINE_MAX_OCTETS 75 /* RFC 5545, 3.1: without the line break. */
#define EVENT_FRAME	400
#define CALENDAR_FRAME	600

/* --- Lines --- */

/* NAME:VALUE, folded: a line break and a blank before what does not fit, never inside a code point.
 */
static void add_line(struct text *out, const char *name, const char *value)
{
	size_t room = LINE_MAX_OCTETS - strlen(name) - 1, len = strlen(value);

	text_add(out, name);
	text_add(out, ":");
	for (;;) {
		size_t cut = text_cut_at(value, len, room);

		text_add_bytes(out, value, cut);
		text_add(out, "\r\n");
		value += cut;
		len -= cut;
		if (len == 0)
			return;
		text_add(out, " ");
		room = LINE_MAX_OCTETS - 1;
	}
}

/* TEXT values, RFC 5545, 3.3.11. */
static void escape(const char *value, struct text *out)
{
	for (; *value; value++) {
		if (*value == '\n')
			text_add(out, "\\n");
		else if (*value == '\\' || *value == ';' || *value == ',')
			text_addf(out, "\\%c", *value);
		else if ((unsigned char)*value >= 0x20 && *value != 0x7F)
			text_add_bytes(out, value, 1);
	}
}

static void add_text(struct text *out, const char *name, const char *value)
{
	struct arena arena = ARENA_INIT;
	size_t cap = 2 * strlen(value) + 1;
	struct text escaped;

	text_init(&escaped, arena_alloc(&arena, cap), cap);
	escape(value, &escaped);
	add_line(out, name, escaped.data);
	arena_release(&arena);
}

static const char *utc(int64_t at, char buf[WHEN_CAP])
{
	int64_t second = when_time_of_day(NULL, at) / WHEN_SECOND;
	int year, month, day;
	struct text out;

	when_date_of(when_day(NULL, at), &year, &month, &day);
	text_init(&out, buf, WHEN_CAP);
	text_addf(&out, "%04d%02d%02dT%02d%02d%02dZ", year, month, day, (int)(second / 3600),
		  (int)(second / 60 % 60), (int)(second % 60));
	return buf;
}

/* --- The calendar --- */

size_t ics_room(size_t len, size_t who)
{
	/* Escaping at most doubles a text, folding adds three bytes to at least 70. */
	return CALENDAR_FRAME + len * (EVENT_FRAME + 3 * who);
}

static void add_shift(const char *name, const struct ics_shift *shift, int64_t now,
		      struct text *out)
{
	char room[160], buf[WHEN_CAP];
	struct text uid = TEXT_OVER(room);

	text_clear(&uid);
	text_addf(&uid, "%s-%s@closedloopd", name, utc(shift->from, buf));
	add_line(out, "BEGIN", "VEVENT");
	add_text(out, "UID", room);
	add_line(out, "DTSTAMP", utc(now, buf));
	add_line(out, "DTSTART", utc(shift->from, buf));
	add_line(out, "DTEND", utc(shift->to, buf));
	add_text(out, "SUMMARY", shift->who);
	add_line(out, "END", "VEVENT");
}

void ics_calendar(const char *name, const struct ics_shift *shifts, size_t len, int64_t now,
		  struct text *out)
{
	assert(name);

	add_line(out, "BEGIN", "VCALENDAR");
	add_line(out, "VERSION", "2.0");
	add_line(out, "PRODID", "-//closedloopd//rosters//EN");
	add_line(out, "CALSCALE", "GREGORIAN");
	add_text(out, "X-WR-CALNAME", name);
	for (size_t i = 0; i < len; i++)
		add_shift(name, &shifts[i], now, out);
	add_line(out, "END", "VCALENDAR");
}
