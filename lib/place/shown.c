/* shown.c — as much of an address as names a place: what may stand on a page that a whole group can
 * open. Neighbours: match.c says which words are places; home.c goes down to the room, this room
 * stops before it.
 *
 * Whoever types an address adds names, telephones and rooms before it, behind it and between. So
 * only what is known to be a place is shown, piece by piece: the places the match recognised, and
 * the first lane, house or building with the few characters in front of it that name its road.
 */
#include "closedloop/match.h"

#include <string.h>

#include "closedloop/text.h"

#define NAME_POINTS  4 /* So many characters before 路 name the road: 荣华东道, 北京西路. */
#define GLUED_POINTS 2 /* … where nothing says that it begins there: 金珉志古北路. */
#define PIECES_MAX   (UNIT_CHAIN_MAX + 2)

static const char *const doors[] = {"弄", "号", "幢", "栋", "座", "村", "支弄"};
static const char *const roads[] = {"路", "街",	  "道",	  "巷",	  "苑",	 "园",
				    "村", "小区", "公寓", "大厦", "广场"};
static const char *const latin_roads[] = {"road", "rd",	  "street", "st",  "avenue",
					  "ave",  "lane", "lu",	    "jie", "dadao"};
static const char *const sides[] = {"east",    "west", "north", "south", "middle",
				    "central", "e",    "w",	"n",	 "s"};
static const char *const latin_doors[] = {"lane ", "no ", "no.", "no. "};

struct piece {
	const char *start, *end;
};

/* Pieces in the order of the text; none touches another. */
struct pieces {
	size_t len;
	struct piece list[PIECES_MAX];
};

/* False when it touches what is there. */
static bool add_piece(struct pieces *pieces, const char *start, const char *end)
{
	size_t at = pieces->len;

	for (size_t i = 0; i < pieces->len; i++) {
		if (start < pieces->list[i].end && pieces->list[i].start < end)
			return false;
	}
	if (start >= end || pieces->len == PIECES_MAX)
		return false;
	while (at > 0 && pieces->list[at - 1].start > start) {
		pieces->list[at] = pieces->list[at - 1];
		at--;
	}
	pieces->list[at] = (struct piece){start, end};
	pieces->len++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool begins_with(const char *text, const char *words)
{
	size_t i = 0;

	while (words[i] && lower(text[i]) == lower(words[i]))
		i++;
	return words[i] == '\0';
}

static void add_places(const struct match *match, struct pieces *pieces)
{
	for (int level = 0; level < UNIT_CHAIN_MAX; level++) {
		const char *words = match->words[level];
		const char *at = match->normalized;

		while (*words && *at && !begins_with(at, words))
			at++;
		if (*words && *at)
			(void)add_piece(pieces, at, at + strlen(words));
	}
}

static const char *point_before(const char *from, const char *at)
{
	do
		at--;
	while (at > from && ((unsigned char)*at & 0xC0) == 0x80);
	return at;
}

/* Which word of ROADS ends before END? Its length, or 0. */
static size_t road_word(const char *from, const char *end)
{
	size_t longest = 0;

	for (size_t i = 0; i < ARRAY_LEN(roads); i++) {
		size_t len = strlen(roads[i]);
		if (len > longest && (size_t)(end - from) >= len &&
		    memcmp(end - len, roads[i], len) == 0)
			longest = len;
	}
	return longest;
}

/* 号 and 室 end a part of an address in the other order: 302室古北路. */
static bool ends_part(const char *from, const char *at)
{
	static const char *const words[] = {"号", "室", "弄"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);
		if ((size_t)(at - from) >= len && memcmp(at - len, words[i], len) == 0)
			return true;
	}
	return at == from || at[-1] == ' ' || at[-1] == ',' || is_digit(at[-1]);
}

static bool ends_piece(const struct pieces *pieces, const char *at)
{
	for (size_t i = 0; i < pieces->len; i++) {
		if (pieces->list[i].end == at)
			return true;
	}
	return false;
}

/* Where the road begins whose name ends before END: at a place, a gap or a number, or a few
 * characters before its last word. NULL when no road ends there. */
static const char *road_start(const char *from, const struct pieces *pieces, const char *end)
{
	size_t word = road_word(from, end);
	const char *at = end - word, *glued = NULL;

	for (size_t points = 0; word > 0 && points <= NAME_POINTS; points++) {
		if (points == GLUED_POINTS)
			glued = at;
		if (ends_part(from, at) || ends_piece(pieces, at))
			return points > 0 ? at : NULL;
		at = point_before(from, at);
	}
	return glued;
}

static bool is_door_word(const char *at)
{
	for (size_t i = 0; i < ARRAY_LEN(doors); i++) {
		if (text_starts(at, doors[i]))
			return true;
	}
	return false;
}

/* The number at AT with its word, 1398弄; NULL when it is none of a door. */
static const char *door_end(const char *at)
{
	const char *after = at + strspn(at, "0123456789");

	after += *after == ' ';
	for (size_t i = 0; i < ARRAY_LEN(doors); i++) {
		if (text_starts(after, doors[i]))
			return after + strlen(doors[i]);
	}
	return NULL;
}

/* The first road with a number, or the first number right behind a place. */
static bool add_door(const char *from, struct pieces *pieces)
{
	for (const char *at = from; *at; at++) {
		const char *end =
			is_digit(*at) && (at == from || !is_digit(at[-1])) ? door_end(at) : NULL;
		if (!end)
			continue;
		const char *name_end = at > from && at[-1] == ' ' ? at - 1 : at;
		const char *start =
			ends_piece(pieces, name_end) ? at : road_start(from, pieces, name_end);

		if (start && add_piece(pieces, start, end))
			return true;
	}
	return false;
}

/* A road without a number: only where it plainly begins. */
static void add_road(const char *from, struct pieces *pieces)
{
	for (const char *at = from; *at; at++) {
		bool edge = !is_digit(*at) && !is_door_word(at) &&
			    (ends_part(from, at) || ends_piece(pieces, at));
		const char *end = at;
		size_t used;

		for (size_t points = 0; edge && *end && points <= NAME_POINTS + 1; points++) {
			(void)text_decode(end, strlen(end), &used);
			end += used;
			if (points >= 2 && road_word(at, end) > 0 && add_piece(pieces, at, end))
				return;
		}
	}
}

/* Where the word before AT begins; AT itself when there is none. */
static const char *word_before(const char *from, const char *at)
{
	while (at > from && at[-1] == ' ')
		at--;
	while (at > from && is_letter(at[-1]))
		at--;
	return at;
}

static bool is_one_of(const char *word, const char *const *words, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (begins_with(word, words[i]) && !is_letter(word[strlen(words[i])]) &&
		    !is_digit(word[strlen(words[i])]))
			return true;
	}
	return false;
}

/* lane 1398: the widest that is written. */
static void add_latin_door(const char *from, struct pieces *pieces)
{
	for (size_t i = 0; i < ARRAY_LEN(latin_doors); i++) {
		for (const char *at = from; *at; at++) {
			const char *number = at + strlen(latin_doors[i]);
			bool begun = at == from || !is_letter(at[-1]);
			if (!begun || !begins_with(at, latin_doors[i]) || !is_digit(*number))
				continue;
			(void)add_piece(pieces, at, number + strspn(number, "0123456789"));
			return;
		}
	}
}

/* gubei road, ronghua west rd. */
static void add_latin_road(const char *from, struct pieces *pieces)
{
	for (const char *at = from; *at; at++) {
		if ((at > from && (is_letter(at[-1]) || is_digit(at[-1]))) ||
		    !is_one_of(at, latin_roads, ARRAY_LEN(latin_roads)))
			continue;
		const char *start = word_before(from, at), *end = at;

		if (is_one_of(start, sides, ARRAY_LEN(sides)))
			start = word_before(from, start);
		while (is_letter(*end))
			end++;
		if (start < at && is_letter(*start) && add_piece(pieces, start, end))
			return;
	}
}

void match_shown(const struct match *match, struct text *out)
{
	struct pieces pieces = {.len = 0};
	const char *end = NULL;

	add_places(match, &pieces);
	if (!add_door(match->normalized, &pieces))
		add_road(match->normalized, &pieces);
	add_latin_door(match->normalized, &pieces);
	add_latin_road(match->normalized, &pieces);
	for (size_t i = 0; i < pieces.len; i++) {
		const struct piece *piece = &pieces.list[i];
		if (end && piece->start != end)
			text_add(out, " ");
		text_add_bytes(out, piece->start, (size_t)(piece->end - piece->start));
		end = piece->end;
	}
}
