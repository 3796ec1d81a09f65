/* cover_key.c — doors and estates as keys: "310105/古北路/1398弄", "310105/伦敦广场".
 *
 * A key stands for every address of that lane or estate, so it is only made when the county is
 * settled and one door, one estate is written. Neighbours: cover_read.c found the doors.
 */
#include "cover_key.h"

#include <string.h>
#include <uchar.h>

#include "closedloop/text.h"

#include "affix.h"

#define ESTATE_MIN 3 /* Symbols of an estate's name with its last word. */
#define ESTATE_MAX 12

/* Words that end estates' names and nothing else's. */
static const char32_t *const estate_ends[] = {
	U"小区", U"花园", U"花苑", U"公寓", U"大厦", U"广场", U"家园", U"佳苑", U"名苑", U"雅苑",
	U"新苑", U"华庭", U"豪庭", U"名邸", U"别墅", U"山庄", U"新村", U"豪园", U"苑",
};

static size_t ends(const struct folded *text, size_t end, const char32_t *word)
{
	size_t len = 0;

	while (word[len])
		len++;
	for (size_t i = 0; i < len; i++)
		if (end < len || text->symbols[end - len + i] != word[i] ||
		    (i > 0 && (text->flags[end - len + i] & FOLD_GAP)))
			return 0;
	return len;
}

/* The door of the text: the only one with a number. NULL when there is none, or several. */
static const struct cover_door *only_door(const struct cover *cover)
{
	const struct cover_door *only = NULL;

	for (size_t i = 0; i < cover->doors_len; i++) {
		const struct cover_door *door = &cover->doors[i];
		if (door->door.kind == DOOR_ROAD || !door->clean)
			continue;
		/* 金道一: without 弄 or 号 it is a door only of a road that is known, and otherwise
		 * may be somebody's name. */
		if (door->door.kind == DOOR_BARE && !door->known)
			continue;
		if (only &&
		    (only->door.number != door->door.number || only->door.kind != door->door.kind))
			return NULL;
		only = only ? only : door;
	}
	return only;
}

static void write_door(const struct cover *cover, struct match *out)
{
	const struct cover_door *door = only_door(cover);
	struct text key = TEXT_OVER(out->door_key);

	if (!door || door->door.last != door->door.number)
		return;
	text_addf(&key, "%06lu/", (unsigned long)cover->areas.list[0]);
	if (door->latin)
		text_add(&key, coverage_word(cover->coverage,
					     cover->coverage->places[door->spot.place].name));
	else
		fold_write(cover->text, door->start, door->door.road_end, &key);
	text_addf(&key, "/%lu%s", (unsigned long)door->door.number,
		  door->door.kind == DOOR_LANE ? "弄" : "号");
	if (key.cut)
		text_clear(&key);
}

/* Does the estate's name end before END, and the text not go on to another one's? */
static bool is_estate_end(const struct folded *text, size_t end)
{
	static const uint64_t last = SYMBOL_MARK('区') | SYMBOL_MARK('园') | SYMBOL_MARK('苑') |
				     SYMBOL_MARK('寓') | SYMBOL_MARK('厦') | SYMBOL_MARK('场') |
				     SYMBOL_MARK('庭') | SYMBOL_MARK('邸') | SYMBOL_MARK('墅') |
				     SYMBOL_MARK('庄') | SYMBOL_MARK('村');
	static const uint64_t before = SYMBOL_MARK('小') | SYMBOL_MARK('花') | SYMBOL_MARK('公') |
				       SYMBOL_MARK('大') | SYMBOL_MARK('广') | SYMBOL_MARK('家') |
				       SYMBOL_MARK('佳') | SYMBOL_MARK('名') | SYMBOL_MARK('雅') |
				       SYMBOL_MARK('新') | SYMBOL_MARK('华') | SYMBOL_MARK('豪') |
				       SYMBOL_MARK('别') | SYMBOL_MARK('山');
	bool ended = false;
	uint8_t kind;

	if (!symbol_may_be(text->symbols[end - 1], last) ||
	    (text->symbols[end - 1] != U'苑' && !symbol_may_be(text->symbols[end - 2], before)))
		return false;
	for (size_t k = 0; k < ARRAY_LEN(estate_ends) && !ended; k++)
		ended = ends(text, end, estate_ends[k]) > 0;
	return ended && !affix_road_at(text->symbols + end, false) &&
	       !affix_estate_at(text->symbols + end) &&
	       affix_committee_at(text->symbols + end, &kind) == 0;
}

/* Where the estate's name begins that ends before END; END when nothing says so. */
static size_t estate_start(const struct cover *cover, const struct folded *text, size_t end)
{
	bool own = text == cover->text;

	for (size_t start = end - 1; end - start <= ESTATE_MAX; start--) {
		bool edge = own ? door_is_edge(text, cover->mentions, start)
				: start == 0 || (text->flags[start] & FOLD_GAP);
		if (edge && end - start >= ESTATE_MIN)
			return start;
		if (edge || start == 0)
			break;
	}
	return end;
}

/* The one estate that TEXT names; false when there is none, or several. */
static bool find_estate(const struct cover *cover, const struct folded *text, size_t *start,
			size_t *end)
{
	bool found = false;

	for (size_t at = ESTATE_MIN; at <= text->len; at++) {
		if (!is_estate_end(text, at))
			continue;
		size_t from = estate_start(cover, text, at);
		if (from == at)
			continue;
		if (found && (at - from != *end - *start ||
			      memcmp(text->symbols + from, text->symbols + *start,
				     (at - from) * sizeof(*text->symbols)) != 0))
			return false;
		*start = found ? *start : from;
		*end = found ? *end : at;
		found = true;
	}
	return found;
}

/* 5号楼, 5幢, and 5 at the end; 天山二村 goes on. */
static bool is_building(const struct folded *text, size_t at)
{
	static const char32_t words[] = U"号幢栋座楼室单弄期";

	if (!symbol_is_number(text->symbols[at]))
		return false;
	for (size_t i = 0; words[i]; i++)
		if (text->symbols[at + 1] == words[i])
			return true;
	return (text->flags[at + 1] & FOLD_GAP) != 0;
}

static void write_estate(const struct cover *cover, struct match *out)
{
	struct text key = TEXT_OVER(out->estate_key);
	const struct folded *text = cover->extra ? cover->extra : cover->text;
	size_t start = 0, end = 0;

	/* What a feed calls the compound is one, whatever its last word. */
	while (cover->extra && end < text->len && !is_building(text, end) &&
	       (end == 0 || !(text->flags[end] & FOLD_GAP)))
		end++;
	if (end < 2 && !find_estate(cover, text, &start, &end))
		return;
	text_addf(&key, "%06lu/", (unsigned long)cover->areas.list[0]);
	fold_write(text, start, end, &key);
	if (key.cut)
		text_clear(&key);
}

void cover_write_keys(const struct cover *cover, struct match *out)
{
	if (cover->areas.len != 1 || cover->areas.fit[0] != AREA_SETTLED)
		return;
	write_door(cover, out);
	write_estate(cover, out);
}
