/* latin_answer.h — fill a match with what was found among Latin letters (latin_answer.c).
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_ANSWER_H
#define CLOSEDLOOP_PLACE_LATIN_ANSWER_H

#include "closedloop/match.h"
#include "closedloop/text.h"

#include "latin_judge.h"
#include "latin_way.h"

/* COMMITTEE is the answer, reached by WAY; MENTION is the index of the mention that names it, or
 * SIZE_MAX. */
void latin_answer(const struct latin_judge *judge, enum latin_way way, uint32_t committee,
		  size_t mention, struct match *out);

/* Ask a human: say why, and what can be meant. */
void latin_ask(const struct latin_judge *judge, struct match *out);

/* Letters START .. END - 1 as the source spells them; what MENTION spells goes to its level. */
void latin_add_source(const struct latin_text *text, size_t start, size_t end, struct text *out);
void latin_keep_words(const struct latin_text *text, const struct latin_mention *mention,
		      struct match *out);

#endif
