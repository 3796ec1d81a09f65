/* home.c — which home an address means: its road and its numbers down to the room, so that two
 * wordings of one door are one home. Neighbours: match.c folds the address; engine keeps a keyed
 * hash of what is made here. */
#include "closedloop/match.h"

#include <string.h>

#include "closedloop/text.h"

#define ROAD_POINTS 3 /* So many characters before the first number tell the road: 华腾路. */
#define NUMBERS_MAX 8

/* Adds the ROAD_POINTS code points before AT, spaces left out; at most back to TEXT. */
static void add_road(const char *text, const char *at, struct text *out)
{
	const char *starts[ROAD_POINTS];
	int points = 0;

	while (points < ROAD_POINTS && at > text) {
		at--;
		if (((unsigned char)*at & 0xC0) != 0x80 && *at != ' ')
			starts[points++] = at;
	}
	while (points-- > 0) {
		size_t used;
		(void)text_decode(starts[points], strlen(starts[points]), &used);
		text_add_bytes(out, starts[points], used);
	}
}

bool match_home(const char *normalized, struct text *out)
{
	const char *first = normalized + strcspn(normalized, "0123456789");
	int numbers = 0;

	/* 5号602 names a room without the word; so do three numbers in a row (弄, 号, 室). */
	bool room = strstr(first, "\xE5\xAE\xA4") || strstr(first, "\xE6\x88\xBF") /* 室 房 */
		    || strstr(first, "room");

	add_road(normalized, first, out);
	while (*first && numbers < NUMBERS_MAX) {
		size_t len = strspn(first, "0123456789");
		text_add(out, "/");
		text_add_bytes(out, first, len);
		numbers++;
		first += len;
		first += strcspn(first, "0123456789");
	}
	return numbers >= 3 || (room && numbers >= 1);
}
