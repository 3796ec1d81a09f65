/* match_fixture.h — the shipped gazetteer and a matcher on it, for tests of lib/place.
 */
#ifndef CLOSEDLOOP_TESTS_MATCH_FIXTURE_H
#define CLOSEDLOOP_TESTS_MATCH_FIXTURE_H

#include <stddef.h>

#include "closedloop/match.h"

/* What is written, and what it shall become. */
struct match_row {
	const char *address;
	enum match_verdict verdict;
	enum match_why why;
	const char *code;    /* Of the committee, or of the place that is settled. */
	const char *warning; /* Or NULL: not looked at. */
};

extern struct gazetteer *fixture_gazetteer;
extern struct matcher *fixture_matcher;

/* Group setup and teardown. The image is the one CLOSEDLOOP_GAZETTEER names, or
 * build/gazetteer.img. */
int match_fixture_open(void **state);
int match_fixture_close(void **state);

/* Fail with the address and what became of it when a row is not as it says. */
void match_fixture_check(const struct match_row *rows, size_t len);

#define CHECK_ROWS(rows) match_fixture_check((rows), sizeof(rows) / sizeof((rows)[0]))

#endif
