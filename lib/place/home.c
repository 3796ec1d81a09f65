/* home.c — which home an address means: its road and its numbers down to the room, so that two
 * wordings of one door are one home. Neighbours: match.c folds the address; engine keeps a keyed
 * hash of what is made here. */
#include "closedloop/match.h"

#include <string.h>

#include "closedloop/text.h"

#define ROAD_POINTS 3 /* So many characters before the first number tell the road: 华腾路. */
#define NUMBERS_MAX 8

/* The start of the ROAD_POINTS code points before AT that are not spaces; at most back to TEXT. */
static const char *road_before(const char *text, const char *at)
{
	for (int points = 0; points < ROAD_POINTS && at > text; points++) {
		const char *before = at - 1;
		while (before > text && ((unsigned char)*before & 0xC0) == 0x80)
			before--;
		if (*before == ' ')
			break;
		at = before;
	}
	return at;
}

bool match_home(const char *normalized, struct text *out)
{
	const char *first = normalized + strcspn(normalized, "0123456789");
	const char *road = road_before(normalized, first);
	int numbers = 0;

	/* 5号602 names a room without the word; so do three numbers in a row (弄, 号, 室). */
	bool room = strstr(first, "\xE5\xAE\xA4") || strstr(first, "\xE6\x88\xBF") /* 室 房 */
		    || strstr(first, "room");

	text_add_bytes(out, road, (size_t)(first - road));
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
