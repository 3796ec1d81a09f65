/* path.c — how far to trust the only committee that fits.
 *
 * Neighbours: judge.c found it, match.c answers with it. Here every doubt about the letters around
 * its name is a function of its own; a doubt makes an exact answer a probable one, or a question.
 * The confidences are measured: on the development addresses (6,800 rows: real notices of 2022,
 * delivery addresses, generated ones), in two halves, and on 12,550 rows that tests/place generates
 * with other noise. How often an answer reached by each path was right:
 *
 *	chain 2,546 and 3,994 of 3,995, county and street 1,379 and 801, city 25 and 239,
 *	short and renamed 217 and 333, sound 151 and 401, lane and repaired 159 and 307,
 *	kind and elsewhere 108 and 290, letter, province and glued 66 and 744: all.
 *
 * The rules grew on such rows, so each figure stays below what so many trials would support. Below
 * 0.90, policy's threshold, are the paths where something else could be meant although it never
 *was: a letter that is not a sound, a place above that is wrong, a village called once in a
 *province.
 */
#include "path.h"

#include <string.h>
#include <uchar.h>

#include "closedloop/text.h"

#include "affix.h"

static const struct path_row rows[] = {
	[PATH_CHAIN] = {MATCH_EXACT, 0.99, MATCH_WHY_CHAIN},
	[PATH_STREET] = {MATCH_EXACT, 0.97, MATCH_WHY_STREET},
	[PATH_STREET_SHORT] = {MATCH_EXACT, 0.90, MATCH_WHY_STREET_SHORT},
	[PATH_COUNTY] = {MATCH_EXACT, 0.97, MATCH_WHY_COUNTY},
	[PATH_CITY] = {MATCH_EXACT, 0.95, MATCH_WHY_CITY},
	[PATH_PROVINCE] = {MATCH_PROBABLE, 0.85, MATCH_WHY_LITTLE},
	[PATH_SHORT] = {MATCH_PROBABLE, 0.95, MATCH_WHY_SHORT},
	[PATH_SHORT_GLUED] = {MATCH_PROBABLE, 0.85, MATCH_WHY_SHORT},
	[PATH_SHORT_COUNTY] = {MATCH_PROBABLE, 0.80, MATCH_WHY_SHORT},
	[PATH_LANE] = {MATCH_PROBABLE, 0.90, MATCH_WHY_LANE},
	[PATH_KIND] = {MATCH_PROBABLE, 0.80, MATCH_WHY_KIND},
	[PATH_REPAIRED] = {MATCH_PROBABLE, 0.90, MATCH_WHY_REPAIRED},
	[PATH_RENAMED] = {MATCH_PROBABLE, 0.95, MATCH_WHY_RENAMED},
	[PATH_TYPO_SOUND] = {MATCH_PROBABLE, 0.92, MATCH_WHY_TYPO},
	[PATH_TYPO_LETTER] = {MATCH_PROBABLE, 0.85, MATCH_WHY_TYPO},
	[PATH_ELSEWHERE] = {MATCH_PROBABLE, 0.80, MATCH_WHY_ELSEWHERE},
	[PATH_NONE] = {MATCH_AMBIGUOUS, 0.5, MATCH_WHY_LITTLE},
};
_Static_assert(ARRAY_LEN(rows) == PATHS, "the last path lacks its row");

const struct path_row *path_row(enum path path)
{
	return &rows[path];
}

static bool begins(const uint32_t *at, const char32_t *word)
{
	while (*word && *at == *word) {
		at++;
		word++;
	}
	return !*word;
}

/* 某某社区附近, 某某社区医院: near the committee, not in it. */
static bool is_near(const struct folded *text, const struct mention *mention)
{
	if (affix_institution_at(text->symbols + mention->end) ||
	    begins(text->symbols + mention->end, U"中心"))
		return true;
	for (size_t i = mention->end; i + 1 < text->len && i < mention->end + 12u; i++)
		if (begins(text->symbols + i, U"附近"))
			return true;
	return false;
}

/* Does the text go on to another kind word: 小田 in 小田心村村委会, 彭浦一村 in 彭浦一村第三居委会?
 * Then a longer name is meant, one that we do not know. After a full name only a number before the
 * kind word says so. */
static bool goes_on(const struct folded *text, const struct mention *mention, bool full)
{
	/* 胡村 in 胡村殿村: one letter is not much of a name. */
	bool one = full && mention->core_end == mention->start + 1;
	size_t limit = mention->end + (one ? 3u : full ? 2u : 8u);
	uint8_t kind;

	for (size_t at = mention->end; at < limit && at < text->len; at++) {
		if (text->flags[at] & FOLD_GAP)
			return false;
		if (full && !one && at == mention->end) {
			if (!symbol_is_number(text->symbols[at]))
				return false;
			continue;
		}
		if (affix_committee_at(text->symbols + at, &kind) > 0 &&
		    !begins(text->symbols + at, U"村民小组") &&
		    !begins(text->symbols + at, U"村民组"))
			return true;
	}
	return false;
}

/* 白庙庄路, 柏林庄东路: is MENTION the beginning of a road's name, of which fewer than two letters
 * of its own are left? */
static bool is_cut_road(const struct folded *text, const struct mention *mention)
{
	const uint32_t *at = text->symbols + mention->end;

	return mention_next_at(text, mention->end) == NEXT_GLUED && affix_road_at(at + 1, false);
}

static bool stated(const struct candidate *candidate, enum unit_level level)
{
	return (candidate->levels & 1u << level) != 0;
}

/* 北京市 is province and city in one; what lies between is a placeholder. */
static bool in_stated_municipality(const struct judge *judge, const struct candidate *candidate)
{
	const struct gazetteer *gazetteer = judge->gazetteer;
	uint32_t street = gazetteer->committee_streets[candidate->committee];
	uint32_t city = gazetteer->admin_parents[gazetteer->admin_parents[street]];
	const char *name = gazetteer->names + gazetteer->admin_names[city];

	return stated(candidate, LEVEL_PROVINCE) &&
	       (strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0);
}

/* The trie's node of MENTION's core. */
static uint32_t node_of(const struct judge *judge, const struct mention *mention)
{
	uint32_t node = 0;

	for (size_t i = mention->start; i < mention->core_end; i++)
		node = gazetteer_child(judge->gazetteer, node, judge->text->symbols[i]);
	return node;
}

/* Is MENTION, with the letter after it, the beginning of a longer name: 郭公庄北? */
static bool begins_longer(const struct judge *judge, const struct mention *mention)
{
	return gazetteer_child(judge->gazetteer, node_of(judge, mention),
			       judge->text->symbols[mention->end]) != 0;
}

/* 共和新路黄山锦庭: a street without its level word that may be only the road? */
static bool after_road(const struct folded *text, const struct mention *mention)
{
	uint32_t last = mention->start > 0 ? text->symbols[mention->start - 1] : 0;

	return last == U'路' || last == U'街' || last == U'道';
}

/* The path when only the committee's core is written. */
static enum path path_short(const struct judge *judge, const struct candidate *candidate,
			    bool upper)
{
	const struct mention *mention = &judge->mentions->committee[candidate->mention];
	enum mention_next next = mention_next_at(judge->text, mention->end);

	/* Two short names in a row need a county to hold them: 苏州斜塘车坊. */
	if (next == NEXT_ESTATE || next == NEXT_ROAD || is_cut_road(judge->text, mention) ||
	    !(stated(candidate, LEVEL_COUNTY) || (candidate->street_plain && upper)))
		return PATH_NONE;
	if (!stated(candidate, LEVEL_STREET))
		return mention->end - mention->start >= 3 ? PATH_SHORT_COUNTY : PATH_NONE;
	if (next == NEXT_GLUED)
		return begins_longer(judge, mention) ? PATH_NONE : PATH_SHORT_GLUED;
	return candidate->street_plain || !after_road(judge->text, mention) ? PATH_SHORT
									    : PATH_SHORT_GLUED;
}

/* The path by which the only fitting committee was reached, as far as its own name and its upper
 * names go. */
static enum path path_by_names(const struct judge *judge, const struct candidate *candidate)
{
	bool upper = stated(candidate, LEVEL_COUNTY) || stated(candidate, LEVEL_CITY);
	bool street = stated(candidate, LEVEL_STREET);

	switch ((enum candidate_rank)candidate->rank) {
	case RANK_KIND:
		return candidate->street_plain && upper ? PATH_KIND : PATH_NONE;
	case RANK_LANE:
		return upper || street ? PATH_LANE : PATH_NONE;
	case RANK_SHORT:
		return path_short(judge, candidate, upper);
	case RANK_QUASI:
	case RANK_FULL:
		break;
	}
	if (candidate->street_other || candidate->county_other)
		return PATH_REPAIRED;
	if (candidate->street_plain)
		return upper || stated(candidate, LEVEL_PROVINCE) ? PATH_CHAIN : PATH_STREET;
	if (street)
		return upper ? PATH_STREET_SHORT : PATH_NONE;
	if (stated(candidate, LEVEL_COUNTY))
		return PATH_COUNTY;
	if (stated(candidate, LEVEL_CITY) || in_stated_municipality(judge, candidate))
		return PATH_CITY;
	return stated(candidate, LEVEL_PROVINCE) && candidate->rank == RANK_FULL ? PATH_PROVINCE
										 : PATH_NONE;
}

/* Does trie node CHILD name a committee of STREET? */
static bool names_one_of(const struct gazetteer *gazetteer, uint32_t child, uint32_t street)
{
	for (uint32_t i = gazetteer->posts[child]; i < gazetteer->posts[child + 1]; i++) {
		uint32_t posting = gazetteer->postings[i];
		if (POSTING_ROLE(posting) == ROLE_COMMITTEE &&
		    gazetteer->committee_streets[POSTING_UNIT(posting)] == street)
			return true;
	}
	return false;
}

/* Is a number written after MENTION's core that makes it a sister's name: 红旗新村第四 after
 * 红旗新村? 红旗新村4号 is a house. */
static bool is_sister_number(const struct judge *judge, const struct candidate *candidate)
{
	static const char32_t units[] = U"号弄幢栋楼组队室座院";
	const struct mention *mention = &judge->mentions->committee[candidate->mention];
	const struct folded *text = judge->text;
	size_t at = mention->end;

	if (mention->end != mention->core_end || at >= text->len || (text->flags[at] & FOLD_GAP) ||
	    !symbol_is_number(text->symbols[at]))
		return false;
	uint32_t child =
		gazetteer_child(judge->gazetteer, node_of(judge, mention), text->symbols[at]);
	for (size_t i = 0; units[i]; i++)
		if ((text->flags[at] & FOLD_ARABIC) && text->symbols[at + 1] == units[i])
			return false;
	return child != 0 &&
	       names_one_of(judge->gazetteer, child,
			    judge->gazetteer->committee_streets[candidate->committee]);
}

/* Is one of WORDS written in TEXT from START on? */
static bool says(const struct folded *text, size_t start, const char32_t *const *words, size_t len)
{
	for (size_t i = start; i + 1 < text->len; i++)
		for (size_t k = 0; k < len; k++)
			if (begins(text->symbols + i, words[k]))
				return true;
	return false;
}

/* 某村与某村交界处 is a place between two; who has 已搬离 lives elsewhere. */
static bool is_denied(const struct folded *text, const struct mention *mention)
{
	static const char32_t *const border[] = {U"交界", U"交汇", U"之间", U"接壤"};
	static const char32_t *const gone[] = {U"搬离", U"搬走", U"搬出", U"不住", U"不再住"};

	return says(text, mention->end, border, ARRAY_LEN(border)) ||
	       says(text, 0, gone, ARRAY_LEN(gone));
}

/* Do the numbered sisters of CANDIDATE's core stand in its street (新新一, 新新二)? Then the text
 * lost a number. */
static bool has_numbered(const struct judge *judge, const struct candidate *candidate)
{
	const struct gazetteer *gazetteer = judge->gazetteer;
	const struct mention *mention = &judge->mentions->committee[candidate->mention];
	uint32_t node = node_of(judge, mention);
	uint32_t street = gazetteer->committee_streets[candidate->committee];

	for (uint32_t child = gazetteer->children[node]; child < gazetteer->children[node + 1];
	     child++) {
		if (symbol_is_number(gazetteer->labels[child]) &&
		    names_one_of(gazetteer, child, street))
			return true;
	}
	return false;
}

/* What the letters after 某村 make of it. */
enum village_next {
	VILLAGE_PLAIN,
	VILLAGE_HOUSE, /* 大街, 前街, 公寓: in the village, probably. */
	VILLAGE_OTHER, /* 北路, 小区: a road or an estate that may lie elsewhere; 张村庙: perhaps
			  another name. */
};

static enum village_next village_next(const struct folded *text, const struct mention *mention)
{
	const uint32_t *at = text->symbols + mention->end;
	size_t core = (size_t)(mention->core_end - mention->start);

	if (mention->kind != KIND_VILLAGE)
		return VILLAGE_PLAIN;
	enum mention_next next = mention_next_at(text, mention->end);
	if (next == NEXT_CLEAR)
		return VILLAGE_PLAIN;
	if (next == NEXT_GLUED)
		return core == 1 && mention->end == mention->core_end + 1 ? VILLAGE_OTHER
									  : VILLAGE_PLAIN;
	if (next == NEXT_ESTATE)
		return core >= 3 ? VILLAGE_HOUSE : VILLAGE_OTHER;
	while (*at && *at != U'街' && *at != U'巷' && *at != U'路' && *at != U'道' && *at != U'弄')
		at++;
	return *at == U'街' || *at == U'巷' ? VILLAGE_HOUSE : VILLAGE_OTHER;
}

/* An exact path stays exact only when nothing around the name is doubtful. */
static enum path doubt(const struct judge *judge, const struct candidate *candidate, enum path path,
		       enum stray stray)
{
	const struct mention *mention = &judge->mentions->committee[candidate->mention];
	enum village_next next = village_next(judge->text, mention);

	if (stray == STRAY_COUNTY && !stated(candidate, LEVEL_COUNTY))
		return candidate->street_plain ? PATH_REPAIRED : PATH_NONE;
	if (next == VILLAGE_OTHER && !candidate->street_plain)
		return PATH_NONE;
	if (next != VILLAGE_PLAIN || candidate->weak || is_near(judge->text, mention))
		return PATH_REPAIRED;
	return path;
}

enum path path_find(const struct judge *judge, const struct candidate *candidate)
{
	const struct mention *mention = &judge->mentions->committee[candidate->mention];
	enum path path = path_by_names(judge, candidate);
	size_t start, end;
	enum stray stray = path_stray(judge, candidate, &start, &end);

	if (path == PATH_NONE || stray == STRAY_PLACE || judge->cut ||
	    goes_on(judge->text, mention, candidate->rank <= RANK_LANE) ||
	    is_denied(judge->text, mention) || is_sister_number(judge, candidate))
		return PATH_NONE;
	if ((path == PATH_KIND || path == PATH_SHORT_COUNTY) && has_numbered(judge, candidate))
		return PATH_NONE;
	if (rows[path].verdict == MATCH_EXACT)
		path = doubt(judge, candidate, path, stray);
	else if (stray != STRAY_NONE)
		return PATH_NONE;
	/* One thing may be wrong, not two. */
	if (candidate->old && !candidate->typo)
		return rows[path].verdict == MATCH_EXACT ? PATH_RENAMED : path;
	if (candidate->typo)
		return rows[path].verdict == MATCH_EXACT && !candidate->old ? PATH_TYPO_SOUND
									    : PATH_NONE;
	return path;
}

/* Is a unit of MENTION in the county of STREET? */
static bool is_in_county_of(const struct gazetteer *gazetteer, const struct mention *mention,
			    uint32_t street)
{
	for (uint32_t i = mention->first; i < mention->first + mention->count; i++)
		if (gazetteer->admin_parents[POSTING_UNIT(gazetteer->postings[i])] ==
			    gazetteer->admin_parents[street] &&
		    mention_means(gazetteer, mention, POSTING_UNIT(gazetteer->postings[i])))
			return true;
	return false;
}

/* 淅川县老城街道: there is only a 老城镇 in the county, however many 老城街道 there are elsewhere.
 * Is that all that speaks AGAINST CANDIDATE? */
static bool only_street_word(const struct judge *judge, const struct candidate *candidate,
			     uint64_t against)
{
	const struct gazetteer *gazetteer = judge->gazetteer;
	const struct mention *admin = judge->mentions->admin;
	uint64_t other = candidate->explained & judge->form_mask[FORM_OTHER] &
			 judge->level_mask[LEVEL_STREET];

	if (!stated(candidate, LEVEL_COUNTY) || !candidate->street_other || candidate->county_other)
		return false;
	for (size_t i = 0; against >> i; i++) {
		bool same = false;
		for (size_t j = 0; (against & bit(i)) && j < judge->mentions->admin_len; j++)
			same |= (other & bit(j)) && admin[j].start == admin[i].start &&
				admin[j].end == admin[i].end;
		if ((against & bit(i)) &&
		    (!same || is_in_county_of(gazetteer, &admin[i],
					      gazetteer->committee_streets[candidate->committee])))
			return false;
	}
	return true;
}

enum path path_elsewhere(const struct judge *judge, const struct candidate *candidate)
{
	const struct mention *mention = &judge->mentions->committee[candidate->mention];
	uint64_t against = judge_against(judge, candidate->explained, mention);
	size_t start, end;

	if (candidate->rank != RANK_FULL || candidate->weak || candidate->old || candidate->typo ||
	    judge->cut || is_near(judge->text, mention) || goes_on(judge->text, mention, true) ||
	    is_denied(judge->text, mention))
		return PATH_NONE;
	if (only_street_word(judge, candidate, against))
		return path_stray(judge, candidate, &start, &end) == STRAY_NONE ? PATH_REPAIRED
										: PATH_NONE;
	/* The city agrees, street and committee are written in full, only the county is another. */
	if ((against & ~judge->level_mask[LEVEL_COUNTY]) != 0 || !candidate->street_plain ||
	    !(stated(candidate, LEVEL_CITY) || in_stated_municipality(judge, candidate)))
		return PATH_NONE;
	return PATH_ELSEWHERE;
}
