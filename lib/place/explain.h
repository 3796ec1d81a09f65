/* explain.h — which words of the text settled what, for the officer who reads it.
 */
#ifndef CLOSEDLOOP_PLACE_EXPLAIN_H
#define CLOSEDLOOP_PLACE_EXPLAIN_H

#include "judge.h"

/* Say WHY in OUT, with the words of the text that CANDIDATE explains, level by level, and the words
 * it cannot explain as a warning. Without one, the words that settle the judge's scope. */
void explain(const struct judge *judge, const struct candidate *candidate, enum match_why why,
	     struct match *out);

#endif
