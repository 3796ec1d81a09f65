/* repair.h — the one slip that would make a name of what is written.
 *
 * Only inside a settled place: a committee's name among those of one street, a street's among those
 * of one county, a county's among those of one city. The result is a mention like any other, in
 * FORM_TYPO, so that the same judging decides whether everything else agrees.
 */
#ifndef CLOSEDLOOP_PLACE_REPAIR_H
#define CLOSEDLOOP_PLACE_REPAIR_H

#include "below.h"
#include "judge.h"
#include "typo.h"

#define REPAIRS_MAX 10

struct repair {
	struct mention mention;
	enum typo typo;
	bool common; /* The letters written are a name elsewhere. */
};

struct repairs {
	struct repair list[REPAIRS_MAX]; /* Equally believable; only a single one is an answer. */
	size_t len;
};

/* Find what may be meant instead of what is written in the text JUDGE has weighed, of which
 * judge_place settled the scope. BELOW is scratch space. */
void repair_find(const struct judge *judge, struct below *below, struct repairs *out);

#endif
