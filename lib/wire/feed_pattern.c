/* feed_pattern.c — the forms codes and numbers from feeds may have: references, flights, seats.
 * Neighbours: feed_rules.c names the forms, feed_check.c asks whether a text has one. */
#include <assert.h>
#include <string.h>

#include "wire/feed_event.h"

enum letters {
	DIGIT = 1,
	DIGIT_1_9 = 2,
	UPPER = 4,
	PLUS = 8,
	GRAPH = 16, /* \x21-\x7e */
	NO_COMMA = 32,
	LETTER_X = 64,
};

static bool is_one_of(char c, unsigned letters)
{
	bool digit = c >= '0' && c <= '9';

	return ((letters & DIGIT) && digit) || ((letters & DIGIT_1_9) && digit && c != '0') ||
	       ((letters & UPPER) && c >= 'A' && c <= 'Z') || ((letters & PLUS) && c == '+') ||
	       ((letters & LETTER_X) && c == 'X') || ((letters & GRAPH) && c >= '!' && c <= '~') ||
	       ((letters & NO_COMMA) && c >= '!' && c <= '~' && c != ',');
}

struct part {
	unsigned letters;
	size_t min, max;
};

/* Parts are taken greedily from left to right; no part may begin with what the one before could
 * still take. */
static const struct pattern_row {
	const char *form; /* "it does not have the form …" */
	struct part parts[3];
} patterns[] = {
	[PATTERN_NONE] = {"none", {{0, 0, 0}}},
	[PATTERN_REF] = {"1 to 64 ASCII characters without blanks", {{GRAPH, 1, 64}}},
	[PATTERN_LISTED_REF] = {"1 to 64 ASCII characters without blanks and commas",
				{{NO_COMMA, 1, 64}}},
	[PATTERN_CARRIER] = {"2 or 3 letters and digits", {{UPPER | DIGIT, 2, 3}}},
	[PATTERN_FLIGHT] = {"1 to 4 digits and at most one letter",
			    {{DIGIT_1_9, 1, 1}, {DIGIT, 0, 3}, {UPPER, 0, 1}}},
	[PATTERN_AIRPORT] = {"3 letters", {{UPPER, 3, 3}}},
	[PATTERN_DOCUMENT] = {"1 to 35 letters and digits", {{UPPER | DIGIT, 1, 35}}},
	[PATTERN_CN_ID] = {"17 digits and a digit or X",
			   {{DIGIT, 17, 17}, {DIGIT | LETTER_X, 1, 1}}},
	[PATTERN_LAST4] = {"4 digits or X", {{DIGIT | LETTER_X, 4, 4}}},
	[PATTERN_SEAT] = {"1 to 3 digits and a letter", {{DIGIT, 1, 3}, {UPPER, 1, 1}}},
	[PATTERN_PNR] = {"5 to 8 letters and digits", {{UPPER | DIGIT, 5, 8}}},
	[PATTERN_E164] = {"+ and 6 to 15 digits",
			  {{PLUS, 1, 1}, {DIGIT_1_9, 1, 1}, {DIGIT, 5, 14}}},
	[PATTERN_DISTRICT] = {"6 digits", {{DIGIT, 6, 6}}},
	[PATTERN_COMMITTEE] = {"12 digits", {{DIGIT, 12, 12}}},
	[PATTERN_UNIT] = {"2 to 12 digits", {{DIGIT, 2, 12}}},
};
_Static_assert(ARRAY_LEN(patterns) == PATTERNS, "the last pattern lacks its row");

bool feed_matches(const char *string, enum pattern pattern)
{
	const struct pattern_row *row = &patterns[pattern];

	assert(pattern < PATTERNS);
	for (size_t i = 0; i < ARRAY_LEN(row->parts); i++) {
		size_t taken = 0;

		while (taken < row->parts[i].max && is_one_of(*string, row->parts[i].letters)) {
			string++;
			taken++;
		}
		if (taken < row->parts[i].min)
			return false;
	}
	return *string == '\0';
}

const char *feed_pattern_form(enum pattern pattern)
{
	assert(pattern < PATTERNS);
	return patterns[pattern].form;
}

/* [A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})* */
bool feed_is_language(const char *string)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char both[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t len = strspn(string, letters);

	if (len < 2 || len > 3)
		return false;
	for (string += len; *string == '-'; string += len) {
		string++;
		len = strspn(string, both);
		if (len < 2 || len > 8)
			return false;
	}
	return *string == '\0';
}
