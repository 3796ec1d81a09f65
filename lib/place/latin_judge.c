/* latin_judge.c — the place that explains what is written, and the committees that fit in it.
 *
 * Neighbours: latin_mention.c found the names, latin.c answers or asks.
 */
#include "latin_judge.h"

#include <limits.h>
#include <string.h>

#include "closedloop/text.h"

#include "affix.h"
#include "latin_key.h"
#include "latin_word.h"

/* A place that is written and not explained costs more than any that is explained is worth. */
#define WORTH_AGAINST 24

static uint64_t bit(size_t index)
{
	return (uint64_t)1 << index;
}

static size_t length(const struct latin_mention *mention)
{
	return (size_t)(mention->end - mention->start);
}

static bool overlaps(const struct latin_mention *left, const struct latin_mention *right)
{
	return left->start < right->end && right->start < left->end;
}

static void find_overlaps(struct latin_judge *judge)
{
	const struct latin_mentions *mentions = judge->mentions;

	for (size_t i = 0; i < mentions->places_len; i++) {
		judge->overlap[i] = 0;
		for (size_t j = 0; j < mentions->places_len; j++)
			if (i != j && overlaps(&mentions->places[i], &mentions->places[j]))
				judge->overlap[i] |= bit(j);
	}
}

static uint64_t explained_by(const struct latin_mentions *mentions, uint32_t unit)
{
	uint64_t mask = 0;

	for (; unit != IMAGE_NONE; unit = mentions->gazetteer->admin_parents[unit])
		mask |= latin_marked(mentions, unit);
	return mask;
}

/* Is LEFT no worse a reading of the letters it shares with RIGHT? Zhangzhen Town is 张镇, its level
 * said twice, as much as 张镇镇; but Guang'an District is never the city with a wrong level word.
 */
static bool outweighs(const struct latin_mention *left, const struct latin_mention *right)
{
	if (length(left) != length(right))
		return length(left) > length(right) ||
		       (left->form >= LATIN_FORM_NEAR && left->start == right->start &&
			left->end == right->core_end);
	return left->form != LATIN_FORM_OTHER || left->level == right->level;
}

/* Solid mentions that EXPLAINED leaves over, and that it does not read better. */
static uint64_t against(const struct latin_judge *judge, uint64_t explained)
{
	const struct latin_mention *places = judge->mentions->places;
	uint64_t left = 0;

	for (size_t i = 0; i < judge->mentions->places_len; i++) {
		if (!places[i].solid || (explained & bit(i)))
			continue;
		uint64_t shared = judge->overlap[i] & explained;
		bool away = false;
		for (size_t j = 0; shared >> j && !away; j++)
			away = (shared & bit(j)) && outweighs(&places[j], &places[i]);
		if (!away)
			left |= bit(i);
	}
	return left;
}

int latin_form_of(const struct latin_mentions *mentions, uint32_t unit)
{
	uint64_t mask = latin_marked(mentions, unit);
	int best = -1;

	for (size_t i = 0; i < mentions->places_len && mask >> i; i++)
		if ((mask & bit(i)) && mentions->places[i].form > best)
			best = mentions->places[i].form;
	return best;
}

/* The best form in which the mentions MASK are written, outside of the letters of CHOSEN; adds the
 * mention to CHOSEN. -1: there is none. */
static int choose(const struct latin_judge *judge, uint64_t mask, uint64_t *chosen)
{
	const struct latin_mention *places = judge->mentions->places;
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < judge->mentions->places_len && mask >> i; i++)
		if ((mask & bit(i)) && !((judge->overlap[i] | bit(i)) & *chosen) &&
		    (best == SIZE_MAX || places[i].form > places[best].form))
			best = i;
	if (best == SIZE_MAX)
		return -1;
	*chosen |= bit(best);
	return places[best].form;
}

/* How well UNIT explains the text. The same letters count for one level, the uppermost: Chaoyang
 * alone is the city, not the county in it. */
static int worth(const struct latin_judge *judge, uint32_t unit)
{
	uint32_t chain[UNIT_CHAIN_MAX];
	size_t len = 0;
	uint64_t chosen = 0;
	int score = 0;

	for (uint64_t left = against(judge, explained_by(judge->mentions, unit)); left;
	     left &= left - 1)
		score -= WORTH_AGAINST;
	for (; unit != IMAGE_NONE; unit = judge->mentions->gazetteer->admin_parents[unit])
		chain[len++] = unit;
	while (len-- > 0)
		score += choose(judge, latin_marked(judge->mentions, chain[len]), &chosen) + 1;
	return score;
}

static bool is_below(const struct gazetteer *gazetteer, uint32_t unit, uint32_t above)
{
	while (unit != IMAGE_NONE && unit != above)
		unit = gazetteer->admin_parents[unit];
	return unit == above;
}

static void add_scope(struct latin_judge *judge, uint32_t unit)
{
	const struct gazetteer *gazetteer = judge->mentions->gazetteer;

	/* 朝阳 alone is the city and a county in it: the wider one stands for both. */
	for (size_t i = 0; i < judge->scopes_len; i++) {
		if (is_below(gazetteer, unit, judge->scopes[i]))
			return;
		if (is_below(gazetteer, judge->scopes[i], unit)) {
			judge->scopes[i] = unit;
			return;
		}
	}
	if (judge->scopes_len == LATIN_SCOPES_MAX)
		judge->cut = true;
	else
		judge->scopes[judge->scopes_len++] = unit;
}

/* UNIT as far as it can be meant when WITHIN is settled already: IMAGE_NONE when it lies elsewhere.
 */
static uint32_t narrow(const struct gazetteer *gazetteer, uint32_t unit, uint32_t within)
{
	if (within == IMAGE_NONE || is_below(gazetteer, unit, within))
		return unit;
	return is_below(gazetteer, within, unit) ? within : IMAGE_NONE;
}

static void find_scopes(struct latin_judge *judge, uint32_t within)
{
	const struct latin_mentions *mentions = judge->mentions;
	int best = INT_MIN;

	judge->scopes_len = 0;
	judge->scope = IMAGE_NONE;
	judge->explained = 0;
	for (size_t i = 0; i < mentions->units_len; i++) {
		uint32_t unit = narrow(mentions->gazetteer, mentions->units[i], within);
		if (unit == IMAGE_NONE)
			continue;
		int score = worth(judge, unit);
		if (score < best)
			continue;
		if (score > best) {
			best = score;
			judge->scopes_len = 0;
			judge->cut = mentions->cut;
		}
		add_scope(judge, unit);
	}
	if (judge->scopes_len == 0 && within != IMAGE_NONE)
		judge->scopes[judge->scopes_len++] = within;
	if (judge->scopes_len == 0)
		return;
	judge->explained = explained_by(mentions, judge->scopes[0]);
	judge->torn = against(judge, judge->explained) != 0;
	judge->scope = judge->scopes[0];
	for (size_t i = 1; i < judge->scopes_len; i++)
		judge->scope =
			gazetteer_common(mentions->gazetteer, judge->scope, judge->scopes[i]);
}

/* Are the letters of COMMITTEE those of a place that is explained, or a part of them? */
static bool is_taken(const struct latin_judge *judge, const struct latin_mention *committee)
{
	const struct latin_mention *places = judge->mentions->places;

	for (size_t i = 0; i < judge->mentions->places_len; i++) {
		if (!(judge->explained & bit(i)) || !overlaps(&places[i], committee))
			continue;
		if (length(&places[i]) >= length(committee) || places[i].start < committee->start ||
		    places[i].end > committee->end)
			return true;
	}
	return false;
}

/* Does the core itself end in cun, as 莘松三村 does? Nobody adds 居委会 to that. */
static bool ends_in_cun(const struct latin_text *text, const struct latin_mention *mention)
{
	return mention->core_end >= mention->start + 6 &&
	       memcmp(text->letters + mention->core_end - 3, "cun", 3) == 0;
}

static enum latin_rank rank_of(const struct latin_judge *judge, const struct latin_mention *mention,
			       uint8_t kind)
{
	if (mention->kind != KIND_BARE)
		return (mention->kind & kind) != 0 ? LATIN_RANK_FULL : LATIN_RANK_KIND;
	return kind == KIND_WHOLE || ends_in_cun(judge->mentions->text, mention) ? LATIN_RANK_FULL
										 : LATIN_RANK_BARE;
}

bool latin_has_numeral(const struct gazetteer *gazetteer, uint32_t committee)
{
	static const char *const numerals[] = {"一", "二", "三", "四", "五", "六", "七",      "八",
					       "九", "十", "百", "零", "〇", "两", "\xEF\xBC"};
	const char *name = gazetteer->names + gazetteer->committee_names[committee];

	if (strpbrk(name, "0123456789"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(numerals); i++)
		if (strstr(name, numerals[i]))
			return true;
	return false;
}

bool latin_number_fits(const struct latin_text *text, size_t start, size_t end,
		       const struct gazetteer *gazetteer, uint32_t committee)
{
	for (size_t at = start; at < end; at++)
		if (text->tokens[text->token_at[at]].word == LATIN_NUMBER)
			return latin_has_numeral(gazetteer, committee);
	return true;
}

static void add_candidate(struct latin_judge *judge, size_t mention, uint32_t committee)
{
	const struct latin_mentions *mentions = judge->mentions;
	struct latin_candidate candidate = {
		.committee = committee,
		.mention = (uint8_t)mention,
		.rank = (uint8_t)rank_of(judge, &mentions->committees[mention],
					 mentions->gazetteer->committee_kinds[committee]),
	};

	if (!latin_number_fits(mentions->text, mentions->committees[mention].start,
			       mentions->committees[mention].core_end, mentions->gazetteer,
			       committee))
		return;
	for (size_t i = 0; i < judge->candidates_len; i++) {
		if (judge->candidates[i].committee != committee)
			continue;
		if (candidate.rank < judge->candidates[i].rank)
			judge->candidates[i] = candidate;
		return;
	}
	if (judge->candidates_len == LATIN_CANDIDATES_MAX)
		judge->cut = true;
	else
		judge->candidates[judge->candidates_len++] = candidate;
}

static void find_in_scope(struct latin_judge *judge, size_t index, uint32_t scope)
{
	const struct latin_mentions *mentions = judge->mentions;
	const struct latin_mention *mention = &mentions->committees[index];
	uint32_t first, end, i, last;

	gazetteer_range(mentions->gazetteer, scope, &first, &end);
	for (uint32_t k = 0; k < mention->count; k++) {
		latin_postings(mentions->gazetteer, mentions->nodes[mention->first + k],
			       ROLE_COMMITTEE, &i, &last);
		i = gazetteer_posting(mentions->gazetteer, i, last, first);
		for (; i < last && POSTING_UNIT(mentions->gazetteer->postings[i]) < end; i++)
			add_candidate(judge, index, POSTING_UNIT(mentions->gazetteer->postings[i]));
	}
}

/* Is what LEFT reads a part of what RIGHT reads, and no better written? */
static bool is_covered(const struct latin_judge *judge, const struct latin_candidate *left,
		       const struct latin_candidate *right)
{
	const struct latin_mention *inside = &judge->mentions->committees[left->mention];
	const struct latin_mention *around = &judge->mentions->committees[right->mention];

	if (left->rank != right->rank)
		return left->rank > right->rank;
	return inside->start >= around->start && inside->end <= around->end &&
	       length(inside) < length(around);
}

static void drop_covered(struct latin_judge *judge)
{
	bool dropped[LATIN_CANDIDATES_MAX] = {false};
	size_t len = 0;

	for (size_t i = 0; i < judge->candidates_len; i++)
		for (size_t j = 0; j < judge->candidates_len && !dropped[i]; j++)
			dropped[i] =
				is_covered(judge, &judge->candidates[i], &judge->candidates[j]);
	for (size_t i = 0; i < judge->candidates_len; i++)
		if (!dropped[i])
			judge->candidates[len++] = judge->candidates[i];
	judge->candidates_len = len;
}

/* The places contradict each other: who would fit in any of the streets that are written? */
static void find_elsewhere(struct latin_judge *judge)
{
	const struct latin_mentions *mentions = judge->mentions;

	for (size_t i = 0; i < mentions->committees_len; i++)
		for (size_t k = 0; k < mentions->units_len; k++)
			if (gazetteer_level(mentions->gazetteer, mentions->units[k]) ==
				    LEVEL_STREET &&
			    mentions->committees[i].kind != KIND_BARE)
				find_in_scope(judge, i, mentions->units[k]);
}

void latin_judge_text(struct latin_judge *judge, const struct latin_mentions *mentions,
		      uint32_t within)
{
	judge->mentions = mentions;
	judge->candidates_len = 0;
	judge->torn = false;
	judge->cut = mentions->cut;
	find_overlaps(judge);
	find_scopes(judge, within);
	for (size_t i = 0; i < mentions->committees_len; i++)
		for (size_t k = 0; k < judge->scopes_len; k++)
			if (!is_taken(judge, &mentions->committees[i]))
				find_in_scope(judge, i, judge->scopes[k]);
	if (judge->torn && judge->candidates_len == 0)
		find_elsewhere(judge);
	drop_covered(judge);
}
