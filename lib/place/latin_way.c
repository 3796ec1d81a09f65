/* latin_way.c — by which way the only committee that fits is reached, and what that is worth.
 *
 * Neighbours: latin_judge.c has counted, latin_doubt.c doubts, latin.c answers or asks. A romanised
 * name is less than a written one, so that only street and committee below a stated place, or a
 * committee found once in its stated county, are exact; every doubt about the words around the name
 * makes an exact answer a probable one, and a probable one a question.
 */
#include "latin_way.h"

#include <string.h>

#include "closedloop/text.h"

#include "affix.h"
#include "latin_doubt.h"
#include "latin_key.h"

/* Confidences: on generated addresses of all provinces (tests/unit/test_latin.c) and the
 * development rows no answer was wrong; the figures stay below what so many trials support. */
static const struct latin_worth ways[] = {
	[LATIN_WAY_CHAIN] = {MATCH_EXACT, 0.98, MATCH_WHY_CHAIN},
	[LATIN_WAY_COUNTY] = {MATCH_EXACT, 0.96, MATCH_WHY_COUNTY},
	[LATIN_WAY_CITY] = {MATCH_PROBABLE, 0.90, MATCH_WHY_CITY},
	[LATIN_WAY_STREET] = {MATCH_PROBABLE, 0.90, MATCH_WHY_STREET},
	[LATIN_WAY_SHORT] = {MATCH_PROBABLE, 0.90, MATCH_WHY_SHORT},
	[LATIN_WAY_KIND] = {MATCH_PROBABLE, 0.85, MATCH_WHY_KIND},
	[LATIN_WAY_REPAIRED] = {MATCH_PROBABLE, 0.85, MATCH_WHY_REPAIRED},
	[LATIN_WAY_TYPO] = {MATCH_PROBABLE, 0.85, MATCH_WHY_TYPO},
	[LATIN_WAY_NONE] = {MATCH_AMBIGUOUS, 0.5, MATCH_WHY_LITTLE},
};
_Static_assert(ARRAY_LEN(ways) == LATIN_WAYS, "the last way lacks its row");

const struct latin_worth *latin_way_worth(enum latin_way way)
{
	return &ways[way];
}

/* 北京市 is province and city in one. */
static bool is_municipality(const struct gazetteer *gazetteer, uint32_t city)
{
	const char *name = gazetteer->names + gazetteer->admin_names[city];

	return strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0;
}

struct latin_levels latin_levels_above(const struct latin_judge *judge, uint32_t committee,
				       uint32_t within)
{
	const struct gazetteer *gazetteer = judge->mentions->gazetteer;
	uint32_t street = gazetteer->committee_streets[committee];
	uint32_t county = gazetteer->admin_parents[street];
	uint32_t city = gazetteer->admin_parents[county];
	uint32_t province = gazetteer->admin_parents[city];
	struct latin_levels levels = {
		.street = latin_form_of(judge->mentions, street),
		.county = latin_form_of(judge->mentions, county),
		.city = latin_form_of(judge->mentions, city),
	};

	if (levels.city < 0 && is_municipality(gazetteer, city))
		levels.city = latin_form_of(judge->mentions, province);
	/* What Chinese characters have settled is written, too. */
	if (within == street)
		levels.street = LATIN_FORM_FULL;
	if (within == street || within == county)
		levels.county = LATIN_FORM_FULL;
	if (within == street || within == county || within == city || within == province)
		levels.city = LATIN_FORM_FULL;
	return levels;
}

/* Community and Village are also what estates are called in English (小区, 新村, a compound). */
static bool is_vague(const struct latin_text *text, const struct latin_mention *committee)
{
	const struct latin_token *word = &text->tokens[text->token_at[committee->end - 1]];
	size_t len = (size_t)(word->end - word->start);

	return word->word == LATIN_LEVEL &&
	       ((len == 3 && memcmp(text->letters + word->start, "cun", 3) == 0) ||
		(len == 5 && memcmp(text->letters + word->start, "shequ", 5) == 0));
}

/* Can the letters of COMMITTEE also be a street's in short, of a place written above it? Liancun,
 * Xincai may be 练村镇 as well as the village Lian. */
static bool is_street_too(const struct latin_judge *judge, const struct latin_mention *own,
			  uint32_t committee)
{
	const struct gazetteer *gazetteer = judge->mentions->gazetteer;
	uint32_t street = gazetteer->committee_streets[committee], first, last;
	uint32_t city = gazetteer->admin_parents[gazetteer->admin_parents[street]];
	const uint32_t *entries;
	uint64_t hash = LATIN_HASH_BEGIN;

	for (size_t at = own->start; at < own->end; at++)
		hash = latin_hash(hash, judge->mentions->text->letters[at]);
	size_t len = latin_entries(gazetteer, latin_key(hash), &entries);
	for (size_t i = 0; i < len; i++) {
		latin_postings(gazetteer, LATIN_NODE(entries[i]), ROLE_STREET, &first, &last);
		for (; first < last; first++) {
			uint32_t unit = POSTING_UNIT(gazetteer->postings[first]);
			if (gazetteer->admin_parents[gazetteer->admin_parents[unit]] == city)
				return true;
		}
	}
	return false;
}

/* The way by which the only CANDIDATE is reached, by what is written above it and how. */
static enum latin_way way_by_names(enum latin_rank rank, const struct latin_levels *levels)
{
	bool plain = levels->street >= LATIN_FORM_NEAR;
	bool county = levels->county >= LATIN_FORM_SHORT;
	bool upper = county || levels->city >= LATIN_FORM_SHORT;

	switch (rank) {
	case LATIN_RANK_BARE:
		return plain && upper ? LATIN_WAY_SHORT : LATIN_WAY_NONE;
	case LATIN_RANK_KIND:
		return plain && upper ? LATIN_WAY_KIND : LATIN_WAY_NONE;
	case LATIN_RANK_FULL:
		break;
	}
	if (levels->county == LATIN_FORM_OTHER || levels->street == LATIN_FORM_OTHER)
		return upper || plain ? LATIN_WAY_REPAIRED : LATIN_WAY_NONE;
	if (plain)
		return upper ? LATIN_WAY_CHAIN : LATIN_WAY_STREET;
	if (county)
		return LATIN_WAY_COUNTY;
	return levels->city >= LATIN_FORM_SHORT ? LATIN_WAY_CITY : LATIN_WAY_NONE;
}

enum latin_way latin_way_find(const struct latin_judge *judge,
			      const struct latin_candidate *candidate, uint32_t within)
{
	const struct latin_mention *own = &judge->mentions->committees[candidate->mention];
	struct latin_levels levels = latin_levels_above(judge, candidate->committee, within);
	enum latin_way way = way_by_names((enum latin_rank)candidate->rank, &levels);

	/* 隆阜四村 is not 隆阜四社区: 村 may be a part of the name, and its families are counted
	 * apart. */
	if (candidate->rank == LATIN_RANK_KIND &&
	    latin_has_numeral(judge->mentions->gazetteer, candidate->committee))
		return LATIN_WAY_NONE;
	/* Da Liping Village is not Liping Village. */
	if (way == LATIN_WAY_NONE || judge->torn || judge->cut || own->weak)
		return LATIN_WAY_NONE;
	if (way == LATIN_WAY_COUNTY && is_vague(judge->mentions->text, own))
		way = LATIN_WAY_CITY;
	if ((way == LATIN_WAY_COUNTY || way == LATIN_WAY_CITY) &&
	    is_street_too(judge, own, candidate->committee))
		return LATIN_WAY_NONE;
	if (!latin_is_blurred(judge, own) && !latin_has_stray(judge, own) &&
	    !latin_has_stray_city(judge, own))
		return way;
	/* A doubt leaves an answer only where the street holds the name, and its kind is written.
	 */
	return own->kind != KIND_BARE && ways[way].verdict == MATCH_EXACT &&
			       levels.street >= LATIN_FORM_NEAR
		       ? LATIN_WAY_REPAIRED
		       : LATIN_WAY_NONE;
}
