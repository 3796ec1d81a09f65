/* shown.c — as much of an address as names a place: what may stand on a page that a whole group can
 * open. Neighbours: match.c says which words are places; home.c goes down to the room, this room
 * stops before it.
 *
 * Whoever types an address adds names, telephones and rooms before it and after it. So it begins
 * with the first place the match recognised and ends with the first lane, house or building; and
 * where no place is known, only a road or an estate is shown, with the few characters that name it.
 */
#include "closedloop/match.h"

#include <string.h>

#include "closedloop/text.h"

#define NAME_POINTS 4 /* So many characters before 路 name the road: 荣华东道, 北京西路. */

static const char *const doors[] = {"弄", "号", "幢", "栋", "座", "村", "支弄"};
static const char *const roads[] = {"路", "街", "道", "巷", "苑", "园", "小区", "公寓", "大厦"};

static bool starts_with_any(const char *text, const char *const *words, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text_starts(text, words[i]))
			return true;
	}
	return false;
}

static const char *first_place(const struct match *match)
{
	const char *first = NULL;

	for (int level = 0; level < UNIT_CHAIN_MAX; level++) {
		const char *at = *match->words[level]
					 ? strstr(match->normalized, match->words[level])
					 : NULL;
		if (at && (!first || at < first))
			first = at;
	}
	return first;
}

/* Where the name of the first road or estate begins; NULL when there is none. */
static const char *first_road(const char *text)
{
	const char *starts[NAME_POINTS];
	size_t points = 0, used;

	for (const char *at = text; *at; at += used) {
		(void)text_decode(at, strlen(at), &used);
		if (points > 0 && starts_with_any(at, roads, ARRAY_LEN(roads)))
			return starts[0];
		if (points == NAME_POINTS) {
			memmove(starts, starts + 1, (NAME_POINTS - 1) * sizeof(starts[0]));
			points--;
		}
		starts[points++] = at;
		if (*at == ' ' || *at == ',')
			points = 0;
	}
	return NULL;
}

/* How long the door after AT is: a number and its word, or "lane 375". 0: the number is none. */
static size_t door_len(const char *from, const char *at)
{
	size_t digits = strspn(at, "0123456789"), gap = strspn(at + digits, " ");
	const char *after = at + digits + gap;
	size_t used;

	if (starts_with_any(after, doors, ARRAY_LEN(doors))) {
		(void)text_decode(after, strlen(after), &used);
		return digits + gap + used;
	}
	static const char *const before[] = {"lane ", "no ", "no.", "no. "};
	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		size_t len = strlen(before[i]);
		if ((size_t)(at - from) >= len && memcmp(at - len, before[i], len) == 0)
			return digits;
	}
	return 0;
}

/* Where the last place, road or estate before END ends. */
static const char *named_end(const struct match *match, const char *from, const char *end)
{
	const char *last = from;
	size_t used;

	for (int level = 0; level < UNIT_CHAIN_MAX; level++) {
		const char *words = match->words[level];
		const char *at = *words ? strstr(from, words) : NULL;
		if (at && at + strlen(words) <= end && at + strlen(words) > last)
			last = at + strlen(words);
	}
	for (const char *at = from; at < end; at += used) {
		(void)text_decode(at, strlen(at), &used);
		for (size_t i = 0; i < ARRAY_LEN(roads); i++) {
			if (text_starts(at, roads[i]) && at + strlen(roads[i]) > last)
				last = at + strlen(roads[i]);
		}
	}
	return last;
}

void match_shown(const struct match *match, struct text *out)
{
	const char *from = first_place(match);

	if (!from)
		from = first_road(match->normalized);
	if (!from)
		return;
	const char *number = from + strcspn(from, "0123456789");
	size_t door = *number ? door_len(from, number) : 0;
	const char *end = door ? number + door : named_end(match, from, number);

	text_add_bytes(out, from, (size_t)(end - from));
}
