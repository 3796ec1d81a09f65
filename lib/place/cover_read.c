/* cover_read.c — the doors and estates of a text, as far as rules know their names.
 *
 * Neighbours: door.c reads numbers, coverage_table.h holds the names' tries. Names that begin in
 * the middle of unexplained letters (天山路 in 东天山路) are found, but marked.
 */
#include "cover.h"

#include <string.h>
#include <uchar.h>

#include "affix.h"

#define POSTINGS_SEEN 64 /* Areas that share a road's name, looked at without a settled one. */

static uint32_t step(const struct index *trie, uint32_t node, uint32_t label)
{
	uint32_t low = trie->children[node], high = trie->children[node + 1];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (trie->labels[middle] < label)
			low = middle + 1;
		else
			high = middle;
	}
	return low < trie->children[node + 1] && trie->labels[low] == label ? low : 0;
}

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
		spot->several = fit == spot->fit;
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
		node = step(trie, node, cover->text->symbols[start - 1]);
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
		node = step(trie, node, text->symbols[end]);
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

/* 近仙霞路100号, 仙霞路口: a road that is only near. */
static bool is_near(const struct folded *text, size_t start, size_t end)
{
	static const char32_t after[] = U"口旁附";

	if (start > 0 && (text->symbols[start - 1] == U'近' || text->symbols[start - 1] == U'靠'))
		return true;
	for (size_t i = 0; after[i]; i++)
		if (text->symbols[end] == after[i])
			return true;
	return false;
}

static void read_door(struct cover *cover, size_t at)
{
	struct cover_door door = {.door = door_read(cover->text, at), .start = (uint16_t)at};

	if (cover->coverage)
		door.known = find_road(cover, at, &door.spot);
	door.start = door.known ? door.spot.start
				: (uint16_t)door_road(cover->text, cover->mentions, at);
	bool numbered = door.door.kind != DOOR_ROAD;
	if (door.start == at || (!door.known && !numbered) ||
	    is_near(cover->text, door.start, door.door.end))
		return;
	door.clean = door_is_edge(cover->text, cover->mentions, door.start);
	cover->doors[cover->doors_len++] = door;
}

/* What stands behind an estate's name may make another name of it: 伦敦广场大酒店, 巴黎花园路. */
static bool is_cut_short(const struct folded *text, size_t end)
{
	if (end >= text->len || (text->flags[end] & FOLD_GAP) ||
	    symbol_is_number(text->symbols[end]))
		return false;
	return affix_estate_at(text->symbols + end) || affix_road_at(text->symbols + end, false);
}

/* 巴黎花园二期: a part of it, which a rule may or may not mean. */
static bool is_phase(const struct folded *text, size_t end)
{
	return end + 1 < text->len && symbol_is_number(text->symbols[end]) &&
	       text->symbols[end + 1] == U'期';
}

static void read_estates(struct cover *cover, const struct folded *text)
{
	for (size_t at = 0; at < text->len && cover->estates_len < COVER_ESTATES;) {
		struct cover_estate estate;
		if (!find_estate(cover, text, at, &estate.spot)) {
			at++;
			continue;
		}
		at = estate.spot.end;
		bool edge = text != cover->text
				    ? estate.spot.start == 0 ||
					      (text->flags[estate.spot.start] & FOLD_GAP)
				    : door_is_edge(text, cover->mentions, estate.spot.start);
		if (affix_road_at(text->symbols + at, true))
			continue;
		estate.clean = edge && !is_cut_short(text, at) && !is_phase(text, at);
		estate.building = is_phase(text, at) ? DOOR_NO_NUMBER : door_building(text, at);
		cover->estates[cover->estates_len++] = estate;
	}
}

void cover_read(struct cover *cover)
{
	for (size_t at = 2; at <= cover->text->len && cover->doors_len < DOORS_MAX; at++)
		if (door_may_be(cover->text, at))
			read_door(cover, at);
	if (!cover->coverage)
		return;
	read_estates(cover, cover->text);
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
