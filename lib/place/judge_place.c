/* judge_place.c — which upper place the text settles, committee or not.
 *
 * Neighbours: judge.c weighed the mentions; only a question and a repair need to know the place.
 */
#include "judge.h"

#include <limits.h>

/* How well UNIT explains the upper names: what it explains counts, every contradiction counts more.
 */
static int worth(const struct judge *judge, uint32_t unit)
{
	uint64_t explained = judge_explained(judge, unit);
	int score = 0;

	for (int level = 0; level < LEVEL_COMMITTEE; level++) {
		uint64_t mask = explained & judge->level_mask[level];
		if (mask & judge->form_mask[FORM_FULL])
			score += 3;
		else if (mask)
			score += 2;
	}
	for (uint64_t left = judge_against(judge, explained, NULL); left; left &= left - 1)
		score -= 6;
	return score;
}

/* Does the short name of county UNIT, mention INDEX, stand right behind the name of what UNIT lies
 * in: 上海徐汇淮海中路? It contradicts nothing, but it says where to ask. */
static bool follows_above(const struct judge *judge, size_t index, uint32_t unit)
{
	const struct mention *admin = judge->mentions->admin;

	if (admin[index].level != LEVEL_COUNTY || admin[index].form != FORM_SHORT)
		return false;
	for (size_t i = 0; i < index; i++)
		if (admin[i].end == admin[index].start && admin[i].level < LEVEL_COUNTY &&
		    (judge_explained(judge, unit) & bit(i)))
			return true;
	return false;
}

/* The place the upper names settle: the best reading, or what the equally good ones share. */
static uint32_t best_place(const struct judge *judge)
{
	const struct gazetteer *gazetteer = judge->gazetteer;
	uint32_t scope = IMAGE_NONE;
	int best = INT_MIN;

	for (size_t i = 0; i < judge->mentions->admin_len; i++) {
		const struct mention *mention = &judge->mentions->admin[i];
		for (uint32_t k = 0; k < mention->count; k++) {
			uint32_t unit = POSTING_UNIT(gazetteer->postings[mention->first + k]);
			if (!(judge_mark(judge, unit) & bit(i)) ||
			    (!mention->solid && !follows_above(judge, i, unit)))
				continue;
			int score = worth(judge, unit);
			if (score > best) {
				best = score;
				scope = unit;
			} else if (score == best && scope != unit) {
				scope = gazetteer_common(gazetteer, scope, unit);
			}
		}
	}
	return scope;
}

static bool is_below(const struct gazetteer *gazetteer, uint32_t unit, uint32_t above)
{
	while (unit != IMAGE_NONE && unit != above)
		unit = gazetteer->admin_parents[unit];
	return unit == above;
}

/* Can everything solid that SCOPE does not explain lie below it? */
static bool holds(const struct judge *judge, uint32_t scope)
{
	const struct gazetteer *gazetteer = judge->gazetteer;
	uint64_t left = judge_against(judge, judge_explained(judge, scope), NULL);

	for (size_t i = 0; i < judge->mentions->admin_len; i++) {
		const struct mention *mention = &judge->mentions->admin[i];
		bool below = false;
		for (uint32_t k = 0; (left & bit(i)) && k < mention->count && !below; k++)
			below = is_below(gazetteer,
					 POSTING_UNIT(gazetteer->postings[mention->first + k]),
					 scope);
		if ((left & bit(i)) && !below)
			return false;
	}
	return true;
}

void judge_place(struct judge *judge)
{
	judge->scope = best_place(judge);
	judge->torn = judge->scope != IMAGE_NONE && !holds(judge, judge->scope);
	while (judge->scope != IMAGE_NONE && !holds(judge, judge->scope))
		judge->scope = judge->gazetteer->admin_parents[judge->scope];
}
