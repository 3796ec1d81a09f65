/* cover_answer.h — writing the verdict that coverage comes to; what cover.c and cover_point.c
 * share.
 */
#ifndef CLOSEDLOOP_PLACE_COVER_ANSWER_H
#define CLOSEDLOOP_PLACE_COVER_ANSWER_H

#include "cover.h"

/* Answer UNIT, with the words of the places above it. */
void cover_answer(const struct cover *cover, uint64_t unit, enum match_verdict verdict,
		  double confidence, struct match *out);
/* Let OUT be a question without candidates; the settled code of an answer becomes its county. */
void cover_ask(struct match *out);
/* Add UNIT to the candidates, unless it is one of them. */
void cover_add(struct match *out, uint64_t unit, double score);
/* Add LEN units, each as one of OF. */
void cover_add_all(struct match *out, const uint64_t *units, size_t len, size_t of);
/* Say WHY, with the rule ID and the NAME it speaks of; both may be NULL. */
void cover_say(struct match *out, enum match_why why, const char *id, const char *name);
void cover_say_claim(const struct cover *cover, struct match *out, enum match_why why,
		     const struct claim *claim);
/* The words of the door, or else of the estate, in place of the committee's. */
void cover_keep_door(const struct cover *cover, struct match *out);

#endif
