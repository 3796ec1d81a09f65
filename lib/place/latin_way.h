/* latin_way.h — the ways by which a committee is reached in Latin letters (latin_way.c).
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_WAY_H
#define CLOSEDLOOP_PLACE_LATIN_WAY_H

#include "closedloop/match.h"

#include "latin_judge.h"

enum latin_way {
	LATIN_WAY_CHAIN,
	LATIN_WAY_COUNTY,
	LATIN_WAY_CITY,
	LATIN_WAY_STREET,
	LATIN_WAY_SHORT,
	LATIN_WAY_KIND,
	LATIN_WAY_REPAIRED,
	LATIN_WAY_TYPO,
	LATIN_WAY_NONE,
	LATIN_WAYS,
};

struct latin_worth {
	enum match_verdict verdict;
	double confidence;
	enum match_why why;
};

/* What an answer reached by WAY is worth. */
const struct latin_worth *latin_way_worth(enum latin_way way);

/* The levels above COMMITTEE, as they are written (-1: not at all). */
struct latin_levels {
	int street, county, city;
};

/* WITHIN is the admin unit that Chinese characters have settled, or IMAGE_NONE: it is written, too.
 */
struct latin_levels latin_levels_above(const struct latin_judge *judge, uint32_t committee,
				       uint32_t within);

/* The way by which CANDIDATE, the only one, is reached; LATIN_WAY_NONE: ask. */
enum latin_way latin_way_find(const struct latin_judge *judge,
			      const struct latin_candidate *candidate, uint32_t within);

#endif
