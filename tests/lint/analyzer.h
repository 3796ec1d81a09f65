/* analyzer.h — what the analyzer cannot see from one file. tests/lint/tidy.sh puts it in front of
 * every file but err.c.
 *
 * err_set returns the code it is given; without this the analyzer follows paths on which a refusal
 * returns 0. */
#ifndef LINT_ANALYZER_H
#define LINT_ANALYZER_H

#include "closedloop/err.h"

#define err_set(err, code, ...) (err_set((err), (code), __VA_ARGS__), (int)(code))

#endif
