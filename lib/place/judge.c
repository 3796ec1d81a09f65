/* judge.c — weigh the mentions of one address against the hierarchy.
 *
 * Every upper mention is one bit. A unit's mark holds the bits of the mentions that can mean it, so
 * that "what of the text does this committee explain" is four ORs, and "what speaks against it" is
 * what solid mentions remain. Neighbours: mention.c finds, judge_place.c settles the place above,
 * match.c decides.
 */
#include "judge.h"

#include <assert.h>
#include <string.h>

#include "affix.h"

/* Names borne by at most so many committees are weighed one by one: wherever they are, or in the
 * city or province that is written. */
#define POSTINGS_FEW  4
#define POSTINGS_FREE 48
#define POSTINGS_MAX  4096 /* Weighed at most for one address. */

void judge_init(struct judge *judge, const struct gazetteer *gazetteer)
{
	memset(judge, 0, sizeof(*judge));
	judge->gazetteer = gazetteer;
}

/* Upper mentions whose letters are not COMMITTEE's. */
static uint64_t beside(const struct judge *judge, const struct mention *committee)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < judge->mentions->admin_len; i++)
		mask |= (uint64_t)!mention_overlaps(&judge->mentions->admin[i], committee) << i;
	return mask;
}

/* Does an explained mention end where COMMITTEE begins? */
static bool adjoins(const struct judge *judge, uint64_t explained, const struct mention *committee)
{
	for (; explained; explained &= explained - 1)
		if (judge->mentions->admin[lowest(explained)].end == committee->start)
			return true;
	return false;
}

/* Can the letters of COMMITTEE also be the short name of a street in the county of STREET? */
static bool is_street_too(const struct judge *judge, const struct mention *committee,
			  uint32_t street)
{
	const struct gazetteer *gazetteer = judge->gazetteer;

	for (size_t i = 0; i < judge->mentions->admin_len; i++) {
		const struct mention *mention = &judge->mentions->admin[i];
		if (mention->level != LEVEL_STREET || mention->form != FORM_SHORT ||
		    mention->start != committee->start || mention->end < committee->end)
			continue;
		for (uint32_t k = 0; k < mention->count; k++) {
			uint32_t unit = POSTING_UNIT(gazetteer->postings[mention->first + k]);
			if (gazetteer->admin_parents[unit] == gazetteer->admin_parents[street])
				return true;
		}
	}
	return false;
}

static enum candidate_rank rank_of(const struct mention *mention, uint8_t kind)
{
	if (mention->kind != KIND_BARE)
		return (mention->kind & kind) != 0 ? RANK_FULL : RANK_KIND;
	if (kind == KIND_WHOLE)
		return RANK_FULL;
	if (mention->form == FORM_LANE)
		return RANK_LANE;
	return mention->form == FORM_QUASI ? RANK_QUASI : RANK_SHORT;
}

/* The marks of STREET and of the units above it, by level. */
static void marks_above(const struct judge *judge, uint32_t street, uint64_t marks[LEVEL_COMMITTEE])
{
	for (int level = LEVEL_STREET; level >= LEVEL_PROVINCE; level--) {
		marks[level] = judge_mark(judge, street);
		street = judge->gazetteer->admin_parents[street];
	}
}

/* Which of the levels above the committee does the text state? */
static void state_levels(const struct judge *judge, struct candidate *candidate,
			 const uint64_t marks[LEVEL_COMMITTEE], uint64_t allowed,
			 const struct mention *committee)
{
	const struct mention *admin = judge->mentions->admin;

	for (int level = LEVEL_STREET; level >= LEVEL_PROVINCE; level--) {
		uint64_t mask = marks[level] & judge->level_mask[level] & allowed;
		if (mask == 0)
			continue;
		uint64_t plain = mask & judge->form_mask[FORM_FULL];
		uint64_t other = mask & judge->form_mask[FORM_OTHER];
		uint64_t brief = mask & judge->form_mask[FORM_SHORT];
		/* A street's bare core only counts when the committee follows at once. */
		for (size_t i = 0; level == LEVEL_STREET && brief >> i; i++)
			if (admin[i].end != committee->start)
				brief &= ~bit(i);
		uint64_t old = mask & judge->form_mask[FORM_OLD];
		uint64_t typo = mask & judge->form_mask[FORM_TYPO];
		if (plain | other | brief | old | typo)
			candidate->levels |= (uint8_t)(1u << level);
		candidate->typo |= typo != 0;
		candidate->old |= !(plain | brief) && old;
		if (level == LEVEL_STREET) {
			candidate->street_plain = (plain | typo) != 0;
			candidate->street_other = !plain && other;
		} else if (level == LEVEL_COUNTY) {
			candidate->county_other = !plain && !brief && other;
		}
	}
}

/* 八十一社区 is not 八一社区: is a number in MENTION written as COMMITTEE writes it? */
static bool same_numeral(const struct judge *judge, const struct mention *mention,
			 uint32_t committee)
{
	uint8_t flags = 0;

	for (size_t i = mention->start; i < mention->core_end; i++)
		flags |= judge->text->flags[i];
	if (!(flags & (FOLD_TENS | FOLD_PAIR)))
		return true;
	const char *name = judge->gazetteer->names + judge->gazetteer->committee_names[committee];
	bool digits = strpbrk(name, "0123456789") || strstr(name, "\xEF\xBC"); /* Or full width. */
	return digits || ((flags & FOLD_TENS) != 0) == (strstr(name, "十") != NULL);
}

/* The upper mentions after which COMMITTEE may be written in short: streets; and counties in full,
 * when nothing but a house number comes after it: 普陀区汪家井. */
static uint64_t short_after(const struct judge *judge, const struct mention *committee)
{
	uint64_t mask = judge->level_mask[LEVEL_STREET];
	const struct folded *text = judge->text;

	if (committee->end >= text->len || symbol_is_number(text->symbols[committee->end]))
		mask |= judge->level_mask[LEVEL_COUNTY] & judge->form_mask[FORM_FULL];
	return mask;
}

static void weigh(struct judge *judge, size_t index, uint64_t allowed, uint32_t committee)
{
	const struct gazetteer *gazetteer = judge->gazetteer;
	const struct mention *mention = &judge->mentions->committee[index];
	uint32_t street = gazetteer->committee_streets[committee];
	if (judge->weighed++ >= POSTINGS_MAX) {
		judge->cut = true;
		return;
	}
	uint64_t marks[LEVEL_COMMITTEE];
	marks_above(judge, street, marks);
	struct candidate candidate = {
		.committee = committee,
		.mention = (uint8_t)index,
		.rank = (uint8_t)rank_of(mention, gazetteer->committee_kinds[committee]),
		.explained = (marks[LEVEL_STREET] | marks[LEVEL_COUNTY] | marks[LEVEL_CITY] |
			      marks[LEVEL_PROVINCE]) &
			     allowed,
		.typo = mention->form == FORM_TYPO,
	};
	bool gap = mention->start == 0 || (judge->text->flags[mention->start] & FOLD_GAP);
	bool weak = (judge->mentions->reach[mention->start] & REACH_WEAK) != 0;
	bool joined = adjoins(judge, candidate.explained, mention);
	bool sister = (judge->mentions->reach[mention->start] & REACH_SISTER) &&
		      candidate.rank == RANK_FULL;

	if ((!gap && !weak && !joined && !sister) || !same_numeral(judge, mention, committee))
		return;
	state_levels(judge, &candidate, marks, allowed, mention);
	bool street_stated = (candidate.levels & 1u << LEVEL_STREET) != 0;
	sister = sister && street_stated;
	if (!gap && !weak && !joined && !sister)
		return;
	candidate.weak = !gap && !joined;
	/* A short name says something only right after its street, or alone after its county. */
	if (candidate.rank == RANK_SHORT &&
	    !adjoins(judge, candidate.explained & short_after(judge, mention), mention))
		return;
	/* 南阳镇【南阳镇】 repeats the street; it is not 南阳镇居委会. */
	if (candidate.rank == RANK_SHORT && (marks[LEVEL_STREET] & ~allowed))
		return;
	/* 宝山顾村菊晨苑: these letters may be the town's. */
	if (!street_stated && is_street_too(judge, mention, street))
		return;
	/* Another kind word is a repair; it needs the street too. */
	if (candidate.rank == RANK_KIND && !street_stated)
		return;
	if (judge_against(judge, candidate.explained, mention)) {
		if (candidate.rank == RANK_FULL && street_stated &&
		    judge->contradicted_len < CANDIDATES_MAX)
			judge->contradicted[judge->contradicted_len++] = candidate;
		return;
	}
	if (judge->fitting_len == CANDIDATES_MAX) {
		judge->cut = true;
		return;
	}
	judge->fitting[judge->fitting_len++] = candidate;
}

/* Number of committees below the units of mention INDEX. */
static uint32_t below(struct judge *judge, size_t index)
{
	const struct mention *mention = &judge->mentions->admin[index];

	if (judge->below[index] != UINT32_MAX)
		return judge->below[index];
	judge->below[index] = 0;
	for (uint32_t k = 0; k < mention->count; k++) {
		uint32_t first, end;
		gazetteer_range(judge->gazetteer,
				POSTING_UNIT(judge->gazetteer->postings[mention->first + k]),
				&first, &end);
		judge->below[index] += end - first;
	}
	return judge->below[index];
}

/* Is ADMIN only a part of the full name of another committee than COMMITTEE: 农科所 in
 * 农科所村委会?
 */
static bool is_in_sister(const struct judge *judge, const struct mention *admin,
			 const struct mention *committee)
{
	for (size_t i = 0; i < judge->mentions->committee_len; i++) {
		const struct mention *sister = &judge->mentions->committee[i];
		if (sister->kind != KIND_BARE && sister->start <= admin->start &&
		    admin->end < sister->end && !mention_overlaps(sister, committee))
			return true;
	}
	return false;
}

/* The solid mention beside COMMITTEE, of a level up to DEEPEST, that leaves the fewest committees:
 * what lies elsewhere contradicts it. */
static const struct mention *narrowest(struct judge *judge, const struct mention *committee,
				       enum unit_level deepest)
{
	const struct mention *best = NULL;
	/* What can be read away says nothing. */
	uint64_t able = judge->solid & ~judge->part & ~judge->form_mask[FORM_SHORT];
	uint32_t least = UINT32_MAX;

	for (; able; able &= able - 1) {
		size_t i = lowest(able);
		const struct mention *mention = &judge->mentions->admin[i];
		if (mention->level > deepest || mention_overlaps(mention, committee) ||
		    is_in_sister(judge, mention, committee) || below(judge, i) >= least)
			continue;
		least = below(judge, i);
		best = mention;
	}
	return best;
}

/* Most short names are no names: without a street or county right before them (AFTER) only a whole
 * name counts. */
static bool can_weigh(const struct judge *judge, const struct mention *mention, uint32_t committee,
		      bool after)
{
	return mention->form != FORM_SHORT || after ||
	       judge->gazetteer->committee_kinds[committee] == KIND_WHOLE;
}

/* Weigh what mention INDEX can mean; only where nothing solid contradicts it, or also ELSEWHERE. */
static void weigh_all(struct judge *judge, size_t index, bool elsewhere)
{
	const struct gazetteer *gazetteer = judge->gazetteer;
	const struct mention *mention = &judge->mentions->committee[index];
	uint64_t allowed = beside(judge, mention);
	bool after = adjoins(judge, short_after(judge, mention), mention);
	uint32_t last = mention->first + mention->count;
	const struct mention *within = NULL;

	if (!elsewhere || mention->count > POSTINGS_FEW)
		within = narrowest(judge, mention,
				   !elsewhere || mention->count > POSTINGS_FREE ? LEVEL_STREET
										: LEVEL_CITY);
	if (!within) {
		for (uint32_t i = mention->first; i < last; i++)
			if (can_weigh(judge, mention, POSTING_UNIT(gazetteer->postings[i]), after))
				weigh(judge, index, allowed, POSTING_UNIT(gazetteer->postings[i]));
		return;
	}
	for (uint32_t k = 0; k < within->count; k++) {
		uint32_t low, end;
		gazetteer_range(gazetteer, POSTING_UNIT(gazetteer->postings[within->first + k]),
				&low, &end);
		uint32_t i = gazetteer_posting(gazetteer, mention->first, last, low);
		for (; i < last && POSTING_UNIT(gazetteer->postings[i]) < end; i++)
			if (can_weigh(judge, mention, POSTING_UNIT(gazetteer->postings[i]), after))
				weigh(judge, index, allowed, POSTING_UNIT(gazetteer->postings[i]));
	}
}

/* Does candidate BETTER cover what candidate WORSE reads? */
static bool covers(const struct judge *judge, const struct candidate *better,
		   const struct candidate *worse)
{
	const struct mention *left = &judge->mentions->committee[better->mention];
	const struct mention *right = &judge->mentions->committee[worse->mention];

	if (better->rank <= RANK_QUASI && worse->rank > RANK_QUASI)
		return true; /* A short name beside a full one is not an address of its own. */
	if (!mention_overlaps(left, right))
		return false;
	if (better->rank != worse->rank)
		return better->rank < worse->rank;
	return left->end - left->start > right->end - right->start;
}

static void drop_covered(struct judge *judge)
{
	for (size_t i = 0; i < judge->fitting_len; i++)
		for (size_t j = 0; j < judge->fitting_len && !judge->fitting[i].dropped; j++)
			judge->fitting[i].dropped =
				covers(judge, &judge->fitting[j], &judge->fitting[i]);
}

/* Does nothing speak against candidate RIGHT but what is a part of LEFT's own name, in the same
 * street: 大吕居委 beside 东街居委会, where 东街 is a town elsewhere? */
static bool are_sisters(const struct judge *judge, const struct candidate *left,
			const struct candidate *right)
{
	const uint32_t *streets = judge->gazetteer->committee_streets;
	const struct mention *own = &judge->mentions->committee[left->mention];
	const struct mention *other = &judge->mentions->committee[right->mention];
	uint64_t against = judge_against(judge, right->explained, other);

	if (left->dropped || left->rank != RANK_FULL || mention_overlaps(own, other) ||
	    left->committee == right->committee ||
	    streets[left->committee] != streets[right->committee])
		return false;
	for (size_t i = 0; against >> i && i < judge->mentions->admin_len; i++)
		if ((against & bit(i)) && (judge->mentions->admin[i].start < own->start ||
					   judge->mentions->admin[i].end > own->end))
			return false;
	return true;
}

/* Two committees of one street are written: both fit. */
static void add_sisters(struct judge *judge)
{
	size_t known = judge->fitting_len;

	for (size_t i = 0; i < judge->contradicted_len; i++)
		for (size_t j = 0; j < known && judge->fitting_len < CANDIDATES_MAX; j++)
			if (are_sisters(judge, &judge->fitting[j], &judge->contradicted[i])) {
				judge->fitting[judge->fitting_len++] = judge->contradicted[i];
				break;
			}
}

void judge_text(struct judge *judge, const struct folded *text, const struct mentions *mentions)
{
	judge->text = text;
	judge->mentions = mentions;
	judge->fitting_len = judge->contradicted_len = judge->weighed = 0;
	judge->cut = mentions->cut;
	judge_mark_all(judge);
	for (size_t i = 0; i < mentions->committee_len; i++)
		weigh_all(judge, i, false);
	if (judge->fitting_len == 0 && judge->contradicted_len == 0)
		for (size_t i = 0; i < mentions->committee_len; i++)
			weigh_all(judge, i, true);
	drop_covered(judge);
	add_sisters(judge);
}
