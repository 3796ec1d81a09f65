/* test_ics.c — a calendar by RFC 5545: line breaks, folding, escaping, times, UIDs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/ics.h"
#include "closedloop/when.h"

static int64_t at(const char *text)
{
	int64_t when;

	assert_int_equal(when_parse(text, &when, NULL), 0);
	return when;
}

static char *calendar(const struct ics_shift *shifts, size_t len, int64_t now)
{
	size_t who = 0;
	struct text out;

	for (size_t i = 0; i < len; i++)
		who = strlen(shifts[i].who) > who ? strlen(shifts[i].who) : who;
	size_t cap = ics_room(len, who);
	char *room = malloc(cap);
	text_init(&out, room, cap);
	ics_calendar("xinzhuang", shifts, len, now, &out);
	assert_false(out.cut);
	return room;
}

static void an_empty_calendar_is_whole(void **state)
{
	char *made = calendar(NULL, 0, at("2020-03-08T20:00:00+08:00"));

	(void)state;
	assert_string_equal(made, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
				  "PRODID:-//closedloopd//rosters//EN\r\nCALSCALE:GREGORIAN\r\n"
				  "X-WR-CALNAME:xinzhuang\r\nEND:VCALENDAR\r\n");
	free(made);
}

static void times_are_utc_and_the_uid_follows_the_beginning(void **state)
{
	const struct ics_shift shift = {.from = at("2020-03-08T20:00:00+08:00"),
					.to = at("2020-03-09T08:00:00+08:00"),
					.who = "wang, li; \\ the\nnight"};
	char *made = calendar(&shift, 1, at("2020-02-29T23:59:59+08:00"));

	(void)state;
	assert_non_null(strstr(made, "BEGIN:VEVENT\r\n"
				     "UID:xinzhuang-20200308T120000Z@closedloopd\r\n"
				     "DTSTAMP:20200229T155959Z\r\n"
				     "DTSTART:20200308T120000Z\r\n"
				     "DTEND:20200309T000000Z\r\n"
				     "SUMMARY:wang\\, li\\; \\\\ the\\nnight\r\n"
				     "END:VEVENT\r\n"));
	free(made);
}

/* Lines are at most 75 octets long, whole UTF-8 each; unfolded they are what was said. */
static void long_lines_are_folded_between_characters(void **state)
{
	char who[1200] = "";

	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		char unfolded[1400] = "", *made, *line;
		struct text joined = TEXT_OVER(unfolded);
		struct text words = TEXT_OVER(who);

		text_clear(&words);
		for (size_t i = 0; i < shift; i++)
			text_add(&words, "x");
		while (words.len < 900)
			text_add(&words, "值班😀");
		const struct ics_shift one = {.from = 0, .to = WHEN_HOUR, .who = who};
		made = calendar(&one, 1, 0);
		line = strstr(made, "SUMMARY:");
		assert_non_null(line);
		text_clear(&joined);
		for (;;) {
			char *end = strstr(line, "\r\n");
			size_t len = (size_t)(end - line);

			assert_true(len <= 75);
			assert_true(text_is_utf8(line, len));
			text_add_bytes(&joined, line, len);
			line = end + 2;
			if (*line != ' ')
				break;
			line++;
		}
		assert_string_equal(unfolded + strlen("SUMMARY:"), who);
		free(made);
	}
}

static void the_room_is_enough_for_what_must_be_escaped(void **state)
{
	static char who[2600];
	struct ics_shift shifts[40];

	(void)state;
	memset(who, ';', sizeof(who) - 1);
	for (size_t i = 0; i < 40; i++)
		shifts[i] = (struct ics_shift){.from = (int64_t)i * WHEN_HOUR,
					       .to = (int64_t)(i + 1) * WHEN_HOUR,
					       .who = who};
	free(calendar(shifts, 40, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_calendar_is_whole),
		cmocka_unit_test(times_are_utc_and_the_uid_follows_the_beginning),
		cmocka_unit_test(long_lines_are_folded_between_characters),
		cmocka_unit_test(the_room_is_enough_for_what_must_be_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
