/* path.h — the ways to an answer, and what each of them is worth.
 */
#ifndef CLOSEDLOOP_PLACE_PATH_H
#define CLOSEDLOOP_PLACE_PATH_H

#include "judge.h"

/* The ways to an answer, from the most to the least that is written. */
enum path {
	PATH_CHAIN,
	PATH_STREET,
	PATH_STREET_SHORT,
	PATH_COUNTY,
	PATH_CITY,
	PATH_SHORT,
	PATH_LANE,
	PATH_KIND,
	PATH_REPAIRED,
	PATH_NONE,
	PATHS,
};

struct path_row {
	enum match_verdict verdict;
	double confidence;
	enum match_why why;
};

const struct path_row *path_row(enum path path);

/* The path by which CANDIDATE, the only committee that fits, is reached. PATH_NONE: it is not an
 * answer. */
enum path path_find(const struct judge *judge, const struct candidate *candidate);

#endif
