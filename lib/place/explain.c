/* explain.c — quote the text: the words that settled each level, and those that are not so.
 *
 * Neighbours: judge.c knows what a candidate explains, match_why.c has the sentences.
 */
#include "explain.h"

#include "match_why.h"
#include "path.h"

/* Is mention INDEX the beginning of another one in MASK, or the same words again? */
static bool is_repeated(const struct judge *judge, uint64_t mask, size_t index)
{
	const struct mention *admin = judge->mentions->admin;
	const uint32_t *symbols = judge->text->symbols;
	size_t len = (size_t)(admin[index].end - admin[index].start);

	for (size_t i = 0; i < judge->mentions->admin_len; i++) {
		size_t other = (size_t)(admin[i].end - admin[i].start), same = 0;
		if (i == index || !(mask >> i & 1) || other < len || (other == len && i > index))
			continue;
		while (same < len &&
		       symbols[admin[i].start + same] == symbols[admin[index].start + same])
			same++;
		if (same == len)
			return true;
	}
	return false;
}

/* Keep the symbols START .. END - 1 as the words that settled LEVEL, and name them in REASON after
 * BEFORE. Of several for one level the last is kept. */
static void quote(const struct judge *judge, const struct mention *mention, const char *before,
		  struct text *reason, struct match *out)
{
	struct text words = TEXT_OVER(out->words[mention->level]);

	fold_write(judge->text, mention->start, mention->end, &words);
	text_add(reason, before);
	text_add(reason, words.data);
}

void explain(const struct judge *judge, const struct candidate *candidate, enum match_why why,
	     struct match *out)
{
	const struct mentions *mentions = judge->mentions;
	struct text reason = TEXT_OVER(out->reason), warning = TEXT_OVER(out->warning);
	const char *before = ": ";
	size_t start, end;

	out->why = why;
	text_add(&reason, match_why_sentence(why));
	/* Of a place above a committee, what settles that place. */
	uint64_t explained = candidate			  ? candidate->explained
			     : judge->scope != IMAGE_NONE ? judge_explained(judge, judge->scope)
							  : 0;
	for (size_t i = 0; i < mentions->admin_len; i++) {
		if (!(explained >> i & 1) || is_repeated(judge, explained, i))
			continue;
		quote(judge, &mentions->admin[i], before, &reason, out);
		before = ", ";
	}
	if (!candidate)
		return;
	quote(judge, &mentions->committee[candidate->mention], before, &reason, out);
	if (path_warning(judge, candidate, &start, &end))
		fold_write(judge->text, start, end, &warning);
}
