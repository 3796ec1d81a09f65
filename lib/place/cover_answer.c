/* cover_answer.c — writing the verdict that coverage comes to: the answer, or the question with its
 * candidates, the words it rests on, and the rule that says so.
 * Neighbours: cover.c and cover_point.c decide.
 */
#include "cover_answer.h"

#include <string.h>

#include "closedloop/text.h"

#include "match_why.h"

void cover_add(struct match *out, uint64_t unit, double score)
{
	char code[UNIT_CODE_CAP];

	coverage_code_of(unit, code);
	for (size_t i = 0; i < out->candidates_len; i++)
		if (strcmp(out->candidates[i].code, code) == 0)
			return;
	if (out->candidates_len == MATCH_CANDIDATES_MAX)
		return;
	struct match_candidate *candidate = &out->candidates[out->candidates_len++];
	memcpy(candidate->code, code, sizeof(code));
	candidate->score = score;
}

void cover_say(struct match *out, enum match_why why, const char *id, const char *name)
{
	struct text reason = TEXT_OVER(out->reason);

	out->why = why;
	text_add(&reason, match_why_sentence(why));
	if (!id)
		return;
	(void)text_copy(out->rule, sizeof(out->rule), id);
	text_addf(&reason, ": %s", id);
	if (name)
		text_addf(&reason, " (%s)", name);
}

void cover_say_claim(const struct cover *cover, struct match *out, enum match_why why,
		     const struct claim *claim)
{
	cover_say(out, why, coverage_word(cover->coverage, claim->id),
		  coverage_word(cover->coverage, cover->coverage->places[claim->place].name));
}

/* Keep the words for the units above CODE, where the text has them. */
static void keep_words(const struct cover *cover, const char *code, struct match *out)
{
	const struct gazetteer *gazetteer = cover->gazetteer;
	char above[UNIT_CODE_CAP];

	for (size_t i = 0; i < cover->mentions->admin_len; i++) {
		const struct mention *mention = &cover->mentions->admin[i];
		struct text words = TEXT_OVER(out->words[mention->level]);
		for (uint32_t k = 0; k < mention->count && k < 64; k++) {
			uint32_t unit = POSTING_UNIT(gazetteer->postings[mention->first + k]);
			gazetteer_admin_code(gazetteer, unit, above);
			if (!text_starts(code, above))
				continue;
			text_clear(&words);
			fold_write(cover->text, mention->start, mention->end, &words);
			break;
		}
	}
}

void cover_keep_door(const struct cover *cover, struct match *out)
{
	struct text words = TEXT_OVER(out->words[LEVEL_COMMITTEE]);

	if (cover->doors_len > 0 && cover->doors[0].latin)
		text_add(&words, cover->latin->road);
	else if (cover->doors_len > 0)
		fold_write(cover->text, cover->doors[0].start, cover->doors[0].door.end, &words);
	else if (cover->estates_len > 0 && !cover->extra)
		fold_write(cover->text, cover->estates[0].spot.start, cover->estates[0].spot.end,
			   &words);
}

void cover_answer(const struct cover *cover, uint64_t unit, enum match_verdict verdict,
		  double confidence, struct match *out)
{
	out->verdict = verdict;
	out->confidence = confidence;
	out->candidates_len = 0;
	cover_add(out, unit, confidence);
	memcpy(out->code, out->candidates[0].code, sizeof(out->code));
	keep_words(cover, out->code, out);
}

void cover_ask(struct match *out)
{
	if (out->verdict >= MATCH_PROBABLE)
		out->code[6] = '\0';
	out->verdict = MATCH_AMBIGUOUS;
	out->confidence = 0;
	out->candidates_len = 0;
}

void cover_add_all(struct match *out, const uint64_t *units, size_t len, size_t of)
{
	for (size_t i = 0; i < len; i++)
		cover_add(out, units[i], of == 1 ? 0.5 : 1.0 / (double)of);
}
