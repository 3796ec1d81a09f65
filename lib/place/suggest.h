/* suggest.h — committees for the officer to choose from when none fits what is written.
 *
 * They never become an answer: each is only called something like the letters in the text.
 */
#ifndef CLOSEDLOOP_PLACE_SUGGEST_H
#define CLOSEDLOOP_PLACE_SUGGEST_H

#include "below.h"
#include "judge.h"

struct suggestions {
	uint32_t committees[MATCH_CANDIDATES_MAX]; /* Best first. */
	size_t len;
	uint32_t scope; /* What holds them all, or IMAGE_NONE. */
	enum match_why why;
	size_t start,
		end; /* The name that was looked for, in the text; empty when there is none. */
};

/* Find committees of the settled street, or else of the settled county, whose names hold what is
 * written (宝林 for 宝林一村 … 九村, 荣华 for 古北荣华第一), or committees called as is written in
 * another street of the county. BELOW is scratch space. */
void suggest_find(const struct judge *judge, struct below *below, struct suggestions *out);

#endif
