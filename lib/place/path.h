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
	PATH_PROVINCE,
	PATH_SHORT,
	PATH_SHORT_GLUED,
	PATH_SHORT_COUNTY, /* Of a street that is not written. */
	PATH_LANE,
	PATH_KIND,
	PATH_REPAIRED,
	PATH_RENAMED,
	PATH_TYPO_SOUND,
	PATH_TYPO_LETTER,
	PATH_ELSEWHERE,
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

/* The same for a committee that fits but for one place above it. */
enum path path_elsewhere(const struct judge *judge, const struct candidate *candidate);

/* What between the upper names and the committee is not accounted for. */
enum stray {
	STRAY_NONE,
	STRAY_COUNTY, /* An unknown 区, 县 or 市. */
	STRAY_PLACE,  /* An unknown town, village or community: the committee may belong to it. */
};

/* Look at the letters before CANDIDATE that no upper name explains, from the first upper name on.
 * The worst of them are *START .. *END - 1. */
enum stray path_stray(const struct judge *judge, const struct candidate *candidate, size_t *start,
		      size_t *end);

/* The words that are not so, if CANDIDATE is meant: START .. END - 1 of the text. False when there
 * are none. */
bool path_warning(const struct judge *judge, const struct candidate *candidate, size_t *start,
		  size_t *end);

#endif
