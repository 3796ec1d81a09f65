/* repair.c — compare what is written with the names below the settled place.
 *
 * Neighbours: judge_place.c settled the place, typo.c says which differences are slips, match.c
 * judges again with what is found here.
 */
#include "repair.h"

#include <uchar.h>

#include "affix.h"

/* Letters that may be a wrong name: START .. CORE_END - 1, with its kind word up to END. */
struct segment {
	size_t start, core_end, end;
	uint8_t kind;
	bool bare; /* No kind word is written. */
};

struct search {
	const struct judge *judge;
	struct below *below;
	struct repairs *out;
	enum unit_level level;
	bool full;    /* There are more names than are compared. */
	bool refused; /* A name is as close that may well be another place. */
};

/* The trie's node of SYMBOLS[0..LEN); 0 when they begin no name. */
static uint32_t node_of(const struct gazetteer *gazetteer, const uint32_t *symbols, size_t len)
{
	uint32_t node = 0;

	for (size_t i = 0; i < len; i++) {
		node = gazetteer_child(gazetteer, node, symbols[i]);
		if (node == 0)
			return 0;
	}
	return node;
}

static enum posting_role role_of(enum unit_level level)
{
	return level == LEVEL_COMMITTEE ? ROLE_COMMITTEE
	       : level == LEVEL_STREET	? ROLE_STREET
	       : level == LEVEL_COUNTY	? ROLE_COUNTY_FULL
					: ROLE_CITY_FULL;
}

/* The unit of LEVEL and at most COUNTY's depth above committee or street UNIT. */
static uint32_t above(const struct gazetteer *gazetteer, enum unit_level level, uint32_t unit)
{
	if (level == LEVEL_COMMITTEE)
		return gazetteer->admin_parents[gazetteer->committee_streets[unit]];
	return gazetteer->admin_parents[gazetteer->admin_parents[unit]];
}

/* Is what SEGMENT says a name as it is? *NEAR: of a unit in the same county (of committees) or city
 * (of streets), which then is as likely meant. */
static bool is_name(const struct search *search, const struct segment *segment, uint32_t unit,
		    bool *near)
{
	const struct gazetteer *gazetteer = search->judge->gazetteer;
	uint32_t node = node_of(gazetteer, search->judge->text->symbols + segment->start,
				segment->core_end - segment->start);
	bool found = false;

	*near = false;
	for (uint32_t i = gazetteer->posts[node]; node > 0 && i < gazetteer->posts[node + 1]; i++) {
		uint32_t posting = gazetteer->postings[i];
		if (POSTING_ROLE(posting) != role_of(search->level))
			continue;
		found = true;
		if (search->level >= LEVEL_STREET &&
		    above(gazetteer, search->level, POSTING_UNIT(posting)) ==
			    above(gazetteer, search->level, unit))
			*near = true;
	}
	return found;
}

/* Remember that SEGMENT may mean NAME: of several, only the most believable ones are kept. */
static void keep(struct search *search, const struct segment *segment,
		 const struct below_name *name, enum typo typo)
{
	const struct gazetteer *gazetteer = search->judge->gazetteer;
	struct repairs *out = search->out;
	uint32_t node = node_of(gazetteer, name->core, name->len);
	uint32_t wanted = POSTING(role_of(search->level), name->unit), at;
	bool near, common = is_name(search, segment, name->unit, &near);

	for (at = gazetteer->posts[node]; at < gazetteer->posts[node + 1]; at++)
		if (gazetteer->postings[at] == wanted)
			break;
	/* A village may be called so without being in the gazetteer. */
	if (typo == TYPO_LETTER && common && search->level == LEVEL_COMMITTEE)
		near = true;
	if (node == 0 || at == gazetteer->posts[node + 1] || near ||
	    (out->len > 0 && out->list[0].typo < typo))
		return;
	if (out->len > 0 && out->list[0].typo > typo)
		out->len = 0;
	for (size_t i = 0; i < out->len; i++)
		if (out->list[i].mention.first == at)
			return;
	if (out->len == REPAIRS_MAX)
		return;
	out->list[out->len++] = (struct repair){
		.mention =
			{
				.start = (uint16_t)segment->start,
				.core_end = (uint16_t)segment->core_end,
				.end = (uint16_t)segment->end,
				.level = (uint8_t)search->level,
				.form = FORM_TYPO,
				.kind = segment->kind,
				.solid = true,
				.first = at,
				.count = 1,
			},
		.typo = typo,
		.common = common,
	};
}

/* Does SEGMENT's kind word suit NAME? */
static bool suits(const struct search *search, const struct segment *segment,
		  const struct below_name *name)
{
	switch (search->level) {
	case LEVEL_COMMITTEE:
		return segment->bare ? name->len >= 3 : (segment->kind & name->kind) != 0;
	case LEVEL_STREET:
		return segment->kind == name->kind;
	case LEVEL_PROVINCE:
	case LEVEL_CITY:
	case LEVEL_COUNTY:
	case UNIT_LEVELS:
		break;
	}
	return search->judge->text->symbols[segment->end - 1] == name->core[name->len - 1];
}

static void compare(struct search *search, const struct segment *segment)
{
	const uint32_t *written = search->judge->text->symbols + segment->start;
	size_t len = segment->core_end - segment->start;

	below_gather(search->below, search->judge->scope, search->level);
	search->full = search->below->full;
	for (size_t i = 0; i < search->below->len; i++) {
		const struct below_name *name = &search->below->names[i];
		if (name->len + 1u < len || len + 1u < name->len)
			continue;
		/* The level word of an upper name is not one of its letters. */
		size_t tail = search->level < LEVEL_STREET ? 1 : 0;
		enum typo typo =
			typo_between(search->judge->gazetteer, search->level == LEVEL_COMMITTEE,
				     written, len - tail, name->core, name->len - tail);
		if (typo == TYPO_FAR)
			continue;
		if (suits(search, segment, name) &&
		    (typo == TYPO_SOUND || (typo == TYPO_LETTER && !segment->bare)))
			keep(search, segment, name, typo);
		else
			search->refused = true;
	}
}

/* Length of the word at AT that says a name of LEVEL ends here; 0 when there is none. */
static size_t word_at(const uint32_t *at, enum unit_level level, uint8_t *kind)
{
	if (level == LEVEL_COMMITTEE)
		return affix_committee_at(at, kind);
	if (level == LEVEL_STREET)
		return affix_street_at(at, kind);
	*kind = 0;
	return *at == U'区' || *at == U'县' || *at == U'市' || *at == U'旗' || *at == U'州';
}

/* Compare every segment that begins at START. */
static void compare_from(struct search *search, size_t start)
{
	const struct folded *text = search->judge->text;

	for (size_t at = start + 1; at < start + BELOW_NAME_MAX && at <= text->len; at++) {
		struct segment segment = {.start = start, .core_end = at, .end = at};
		bool gap = at == text->len || (text->flags[at] & FOLD_GAP);
		size_t word = gap ? 0 : word_at(text->symbols + at, search->level, &segment.kind);
		segment.end += word;
		if (search->level < LEVEL_STREET)
			segment.core_end = segment.end;
		segment.bare = word == 0;
		bool clear = gap || symbol_is_number(text->symbols[at]);
		if (word > 0 || (search->level == LEVEL_COMMITTEE && at >= start + 3 && clear &&
				 !affix_is_road(text->symbols + start, at - start)))
			compare(search, &segment);
		if (gap)
			return;
	}
}

/* The level whose names may hold the slip. */
static enum unit_level level_below(const struct judge *judge)
{
	enum unit_level level = gazetteer_level(judge->gazetteer, judge->scope) + 1;

	return level == LEVEL_CITY ? LEVEL_COUNTY : level;
}

/* May a name of the settled place begin at START: after a gap, or after one of the place's own? */
static bool may_begin(const struct judge *judge, uint64_t explained, size_t start)
{
	if (judge->text->flags[start] & FOLD_GAP)
		return true;
	for (size_t i = 0; explained >> i && i < judge->mentions->admin_len; i++)
		if ((explained & bit(i)) && judge->mentions->admin[i].end == start)
			return true;
	return false;
}

void repair_find(const struct judge *judge, struct below *below, struct repairs *out)
{
	struct search search = {.judge = judge, .below = below, .out = out};

	out->len = 0;
	if (judge->scope == IMAGE_NONE || judge->torn || judge->cut)
		return;
	search.level = level_below(judge);
	uint64_t explained = judge_explained(judge, judge->scope);
	for (size_t start = 0; start < judge->text->len; start++) {
		if (!may_begin(judge, explained, start))
			continue;
		compare_from(&search, start);
	}
	if (search.full || (out->len > 0 && out->list[0].typo == TYPO_LETTER && search.refused))
		out->len = 0;
}
