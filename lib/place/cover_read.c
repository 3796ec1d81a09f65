/* cover_read.c — the doors and estates of a text, as far as rules know their names.
 *
 * Neighbours: door.c reads numbers, coverage_table.h holds the names' tries. Names that begin in
 * the middle of unexplained letters (天山路 in 东天山路) are found, but marked.
 */
#include "cover_latin.h"

#include <string.h>
#include <uchar.h>

#include "affix.h"

#define POSTINGS_SEEN 64 /* Areas that share a road's name, looked at without a settled one. */

static enum area_fit fit_of(const struct cover_areas *areas, uint32_t area)
{
	for (size_t i = 0; i < areas->len; i++)
		if (areas->list[i] == area)
			return (enum area_fit)areas->fit[i];
	return areas->scale > 0 && area / areas->scale == areas->above ? AREA_ABOVE : AREA_NO;
}

/* The place of NODE whose area fits best. False when none does. */
static bool best_place(const struct cover *cover, const struct index *trie, uint32_t node,
		       struct cover_spot *spot)
{
	uint32_t end = trie->posts[node + 1], i = trie->posts[node];

	spot->fit = AREA_NO;
	spot->also_len = 0;
	if (end - i > POSTINGS_SEEN && cover->areas.len > 0) {
		/* Postings rise by area. */
		uint32_t low = i, high = end;
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;
			if (cover->coverage->places[trie->postings[middle]].area <
			    cover->areas.list[0])
				low = middle + 1;
			else
				high = middle;
		}
		i = low;
		end = low < end ? low + 1 : end;
	}
	for (uint32_t seen = 0; i < end && seen < POSTINGS_SEEN; i++, seen++) {
		uint32_t place = trie->postings[i];
		enum area_fit fit = fit_of(&cover->areas, cover->coverage->places[place].area);
		if (fit == AREA_NO || fit < spot->fit)
			continue;
		if (fit == spot->fit) {
			if (spot->also_len < COVER_ALSO)
				spot->also[spot->also_len++] = place;
			continue;
		}
		spot->also_len = 0;
		spot->fit = (uint8_t)fit;
		spot->place = place;
	}
	return spot->fit != AREA_NO;
}

/* The longest road of rules that ends before AT. */
static bool find_road(const struct cover *cover, size_t at, struct cover_spot *out)
{
	const struct index *trie = &cover->coverage->roads;
	struct cover_spot spot;
	uint32_t node = 0;
	bool found = false;

	for (size_t start = at; start > 0; start--) {
		if (start < at && (cover->text->flags[start] & FOLD_GAP))
			break;
		node = index_child(trie, node, cover->text->symbols[start - 1]);
		if (node == 0)
			break;
		if (trie->posts[node] == trie->posts[node + 1] ||
		    !best_place(cover, trie, node, &spot))
			continue;
		spot.start = (uint16_t)(start - 1);
		spot.end = (uint16_t)at;
		*out = spot;
		found = true;
	}
	return found;
}

/* The longest estate of rules that begins at AT. */
static bool find_estate(const struct cover *cover, const struct folded *text, size_t at,
			struct cover_spot *out)
{
	const struct index *trie = &cover->coverage->estates;
	struct cover_spot spot;
	uint32_t node = 0;
	bool found = false;

	for (size_t end = at; end < text->len; end++) {
		if (end > at && (text->flags[end] & FOLD_GAP))
			break;
		node = index_child(trie, node, text->symbols[end]);
		if (node == 0)
			break;
		if (trie->posts[node] == trie->posts[node + 1] ||
		    !best_place(cover, trie, node, &spot))
			continue;
		spot.start = (uint16_t)at;
		spot.end = (uint16_t)(end + 1);
		*out = spot;
		found = true;
	}
	return found;
}

/* 12号415弄仙霞路，长宁区: the other way round. Reads the number before the road of DOOR, when it
 * can belong to no other road. */
static void read_before(const struct cover *cover, struct cover_door *door)
{
	const struct folded *text = cover->text;
	size_t at = door->start;

	if (cover->doors_len > 0 || door->door.kind != DOOR_ROAD || at < 2 ||
	    !symbol_is_number(text->symbols[at - 2]) ||
	    (text->symbols[at - 1] != U'弄' && text->symbols[at - 1] != U'号'))
		return;
	door->door.number = door->door.last = text->symbols[at - 2] - SYMBOL_NUMBER;
	door->door.kind = text->symbols[at - 1] == U'弄' ? DOOR_LANE : DOOR_HOUSE;
	door->backward = true;
	if (door->door.kind == DOOR_LANE && at >= 4 && text->symbols[at - 3] == U'号' &&
	    symbol_is_number(text->symbols[at - 4]))
		door->door.house = text->symbols[at - 4] - SYMBOL_NUMBER;
}

static void read_door(struct cover *cover, size_t at)
{
	struct cover_door door = {.door = door_read(cover->text, at), .start = (uint16_t)at};

	if (cover->coverage)
		door.known = find_road(cover, at, &door.spot);
	door.start = door.known ? door.spot.start
				: (uint16_t)door_road(cover->text, cover->mentions, at);
	if (door.known)
		read_before(cover, &door);
	bool numbered = door.door.kind != DOOR_ROAD;
	if (door.start == at || (!door.known && !numbered) ||
	    door_is_near(cover->text, door.start, door.door.end))
		return;
	door.clean = door_is_edge(cover->text, cover->mentions, door.start);
	cover->doors[cover->doors_len++] = door;
}

/* Does the estate's name end at END, and not go on to another one: 伦敦广场大酒店, 巴黎花园二期?
 * Behind it stands nothing, a building (5号楼, A座), or the door's road. */
static bool is_whole(const struct cover *cover, const struct folded *text, size_t end)
{
	uint32_t next = text->symbols[end];

	if (end >= text->len || (text->flags[end] & FOLD_GAP))
		return true;
	if (symbol_is_number(next))
		return text->symbols[end + 1] != U'期' && text->symbols[end + 1] != U'区';
	for (size_t i = 0; text == cover->text && i < cover->doors_len; i++)
		if (cover->doors[i].start == end)
			return true;
	return (next >= 'a' && next <= 'z') || next == U'甲' || next == U'乙' || next == U'丙';
}

/* 马赛花园 and 马赛花园小区 are the same. */
static size_t after_estate(const struct folded *text, size_t end)
{
	return text->symbols[end] == U'小' && text->symbols[end + 1] == U'区' ? end + 2 : end;
}

static void read_estates(struct cover *cover, const struct folded *text)
{
	for (size_t at = 0; at < text->len && cover->estates_len < COVER_ESTATES;) {
		struct cover_estate estate;
		if (!find_estate(cover, text, at, &estate.spot)) {
			at++;
			continue;
		}
		at = after_estate(text, estate.spot.end);
		bool edge = text != cover->text
				    ? estate.spot.start == 0 ||
					      (text->flags[estate.spot.start] & FOLD_GAP)
				    : door_is_edge(text, cover->mentions, estate.spot.start);
		if (affix_road_at(text->symbols + at, true) ||
		    door_is_near(text, estate.spot.start, at))
			continue;
		bool whole = is_whole(cover, text, at);
		estate.clean = edge && whole;
		estate.building = whole ? door_building(text, at) : DOOR_NO_NUMBER;
		cover->estates[cover->estates_len++] = estate;
	}
}

/* The door that is written in Latin letters, when one county is settled. */
static void read_latin(struct cover *cover)
{
	const struct latin_door *latin = cover->latin;
	bool lane = latin->lane != DOOR_NO_NUMBER, house = latin->house != DOOR_NO_NUMBER;
	struct cover_door door = {
		.door = {.kind = lane	 ? DOOR_LANE
				 : house ? DOOR_HOUSE
					 : DOOR_ROAD,
			 .number = lane ? latin->lane : latin->house,
			 .last = lane ? latin->lane : latin->house,
			 .house = lane ? latin->house : DOOR_NO_NUMBER},
		.known = true,
		.clean = true,
		.latin = true,
	};

	if (cover->areas.len == 1 && cover->areas.fit[0] == AREA_SETTLED &&
	    cover_latin_road(cover->coverage, latin, cover->areas.list[0], &door.spot))
		cover->doors[cover->doors_len++] = door;
}

void cover_read(struct cover *cover)
{
	for (size_t at = 2; at <= cover->text->len && cover->doors_len < DOORS_MAX; at++)
		if (door_may_be(cover->text, at))
			read_door(cover, at);
	if (!cover->coverage)
		return;
	if (cover->latin && cover->doors_len == 0)
		read_latin(cover);
	read_estates(cover, cover->text);
	/* A road may begin where an estate ends. */
	for (size_t i = 0; i < cover->estates_len; i++)
		for (size_t k = 0; k < cover->doors_len; k++)
			if (cover->doors[k].start == cover->estates[i].spot.end)
				cover->doors[k].clean = true;
	if (cover->extra)
		read_estates(cover, cover->extra);
}

static void add_area(struct cover_areas *areas, uint32_t area, enum area_fit fit)
{
	for (size_t i = 0; i < areas->len; i++)
		if (areas->list[i] == area)
			return;
	if (areas->len == COVER_AREAS)
		return;
	areas->list[areas->len] = area;
	areas->fit[areas->len++] = (uint8_t)fit;
}

/* 东莞 and 嘉峪关 have one county, which nobody writes. 0 when CITY has several. */
static uint32_t only_county(const struct gazetteer *gazetteer, uint32_t city)
{
	uint32_t low = gazetteer->levels[LEVEL_COUNTY], end = gazetteer->levels[LEVEL_COUNTY + 1];
	uint32_t high = end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (gazetteer->admin_codes[middle] < city * 100)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == end || gazetteer->admin_codes[low] / 100 != city ||
	    (low + 1 < end && gazetteer->admin_codes[low + 1] / 100 == city))
		return 0;
	return gazetteer->admin_codes[low];
}

/* The counties that names in the text can mean, below what is settled. */
static void add_named(struct cover *cover)
{
	struct cover_areas *areas = &cover->areas;
	const struct gazetteer *gazetteer = cover->gazetteer;

	for (size_t i = 0; i < cover->mentions->admin_len; i++) {
		const struct mention *mention = &cover->mentions->admin[i];
		if (mention->level != LEVEL_COUNTY ||
		    !door_is_edge(cover->text, cover->mentions, mention->start) ||
		    affix_road_at(cover->text->symbols + mention->end, false))
			continue;
		for (uint32_t k = 0; k < mention->count && k < 2 * COVER_AREAS; k++) {
			uint32_t unit = POSTING_UNIT(gazetteer->postings[mention->first + k]);
			uint32_t area = gazetteer->admin_codes[unit];
			if (!mention_means(gazetteer, mention, unit) ||
			    (areas->scale > 0 && area / areas->scale != areas->above))
				continue;
			add_area(areas, area, areas->scale > 0 ? AREA_SETTLED : AREA_NAMED);
		}
	}
	/* Two counties are written: neither is settled. */
	for (size_t i = 0; areas->len > 1 && i < areas->len; i++)
		areas->fit[i] = AREA_NAMED;
}

void cover_find_areas(struct cover *cover, const struct match *out)
{
	struct cover_areas *areas = &cover->areas;
	size_t digits = strlen(out->code);
	char county[UNIT_CODE_CAP];

	areas->len = 0;
	areas->scale = 0;
	if (digits >= 6) {
		memcpy(county, out->code, 6);
		county[6] = '\0';
		add_area(areas, (uint32_t)coverage_number_of(county), AREA_SETTLED);
		return;
	}
	if (digits > 0) {
		areas->above = (uint32_t)coverage_number_of(out->code);
		areas->scale = digits == 2 ? 10000 : 100;
	}
	uint32_t only = digits == 4 ? only_county(cover->gazetteer, areas->above) : 0;
	if (only > 0)
		add_area(areas, only, AREA_SETTLED);
	else if (out->why != MATCH_WHY_TORN)
		add_named(cover);
}
