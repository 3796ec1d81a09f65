/* suggest.c — the committees whose names hold the letters where a committee should be.
 *
 * Neighbours: judge.c found none that fits, below.c has the names of the settled place.
 */
#include "suggest.h"

#include <string.h>
#include <uchar.h>

#include "affix.h"

/* The letters where a committee's name should be. */
struct stem {
	size_t start, len;
	size_t end;  /* Of the kind word, or of the letters. */
	bool worded; /* A kind word follows. */
};

/* 荣华居民区: people's word for what one committee looks after. */
static bool begins_area(const uint32_t *at)
{
	return at[0] == U'居' && at[1] == U'民' && at[2] == U'区';
}

/* The letters from START to the first kind word, number or gap; of a village's own 村
 * before a longer kind word only what comes before it. */
static struct stem stem_at(const struct folded *text, size_t start)
{
	struct stem stem = {.start = start};
	size_t word = 0;
	uint8_t kind;

	for (size_t at = start; at < text->len && at < start + BELOW_NAME_MAX; at++) {
		if ((at > start && (text->flags[at] & FOLD_GAP)) ||
		    (at > start && symbol_is_number(text->symbols[at])))
			break;
		/* A road with houses names no committee. */
		size_t road = at > start ? affix_road_at(text->symbols + at, true) : 0;
		if (road > 0 && at + road < text->len &&
		    affix_committee_at(text->symbols + at + road, &kind) == 0) {
			stem.len = 0;
			break;
		}
		if (at > start)
			word = affix_committee_at(text->symbols + at, &kind);
		if (at > start && word == 0 && begins_area(text->symbols + at))
			word = 3;
		if (word > 0) {
			stem.worded = true;
			break;
		}
		stem.len++;
	}
	stem.end = start + stem.len + word;
	return stem;
}

/* How well NAME holds WRITTEN[0..LEN): 0 is the same, 1 begins with it, 2 holds it, -1 not. */
static int holds_letters(const struct below_name *name, const uint32_t *written, size_t len)
{
	for (size_t at = 0; at + len <= name->len; at++)
		if (memcmp(name->core + at, written, len * sizeof(*written)) == 0)
			return at > 0 ? 2 : name->len == len ? 0 : 1;
	return -1;
}

static void add(struct suggestions *out, uint32_t committee)
{
	for (size_t i = 0; i < out->len; i++)
		if (out->committees[i] == committee)
			return;
	if (out->len < MATCH_CANDIDATES_MAX)
		out->committees[out->len++] = committee;
}

/* Add the committees of PLACE that hold STEM, the closest first. */
static void add_holding(const struct judge *judge, uint32_t place, const struct stem *stem,
			struct below *below, struct suggestions *out)
{
	const uint32_t *written = judge->text->symbols + stem->start;

	if (stem->len < 2)
		return;
	below_gather(below, place, LEVEL_COMMITTEE);
	for (int grade = 0; grade <= 2; grade++)
		for (size_t i = 0; i < below->len; i++)
			if (holds_letters(&below->names[i], written, stem->len) == grade)
				add(out, below->names[i].unit);
}

/* Add the committees written in full, wherever in COUNTY they are. */
static void add_elsewhere(const struct judge *judge, uint32_t county, struct suggestions *out)
{
	const struct gazetteer *gazetteer = judge->gazetteer;
	uint32_t first, end;

	gazetteer_range(gazetteer, county, &first, &end);
	for (size_t i = 0; i < judge->mentions->committee_len; i++) {
		const struct mention *mention = &judge->mentions->committee[i];
		if (mention->form != FORM_FULL)
			continue;
		uint32_t at = gazetteer_posting(gazetteer, mention->first,
						mention->first + mention->count, first);
		for (; at < mention->first + mention->count &&
		       POSTING_UNIT(gazetteer->postings[at]) < end;
		     at++)
			if (gazetteer->committee_kinds[POSTING_UNIT(gazetteer->postings[at])] &
			    mention->kind)
				add(out, POSTING_UNIT(gazetteer->postings[at]));
	}
}

void suggest_find(const struct judge *judge, struct below *below, struct suggestions *out)
{
	const struct gazetteer *gazetteer = judge->gazetteer;

	out->len = out->start = out->end = 0;
	out->why = MATCH_WHY_NAMED_LIKE;
	out->scope = judge->scope;
	if (judge->scope == IMAGE_NONE || judge->cut)
		return;
	enum unit_level level = gazetteer_level(gazetteer, judge->scope);
	if (level < LEVEL_COUNTY)
		return;
	for (size_t i = 0; i < judge->mentions->admin_len; i++) {
		const struct mention *mention = &judge->mentions->admin[i];
		if (mention->level != level || !(judge_mark(judge, judge->scope) & bit(i)))
			continue;
		struct stem stem = stem_at(judge->text, mention->end);
		size_t before = out->len;
		if (level == LEVEL_STREET || stem.worded)
			add_holding(judge, judge->scope, &stem, below, out);
		if (out->len > before) {
			out->start = stem.start;
			out->end = stem.end;
		}
	}
	if (out->len > 0 || level != LEVEL_STREET)
		return;
	add_elsewhere(judge, gazetteer->admin_parents[judge->scope], out);
	if (out->len > 0) {
		out->why = MATCH_WHY_CONTRADICTED;
		out->scope = gazetteer->admin_parents[judge->scope];
	}
}
