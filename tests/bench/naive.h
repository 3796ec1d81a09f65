/* naive.h — the matcher that anybody would write first, to be measured beside ours.
 *
 * Every official name of the country in one sorted list; of all names that occur in the address the
 * longest one wins, and of equally long ones the first. No folding, no counting, no questions.
 */
#ifndef CLOSEDLOOP_TESTS_NAIVE_H
#define CLOSEDLOOP_TESTS_NAIVE_H

#include "closedloop/gazetteer.h"

struct naive;

struct naive *naive_new(const struct gazetteer *gazetteer);
void naive_free(struct naive *naive);

/* Write the code of the committee that ADDRESS seems to name to CODE, "" when none is found. */
void naive_match(const struct naive *naive, const char *address, char code[UNIT_CODE_CAP]);

#endif
