/* repair.h — the one slip that would make a name of what is written.
 *
 * Only inside a settled place: a committee's name among those of one street, a street's among those
 * of one county, a county's among those of one city. The result is a mention like any other, in
 * FORM_TYPO, so that the same judging decides whether everything else agrees.
 */
#ifndef CLOSEDLOOP_PLACE_REPAIR_H
#define CLOSEDLOOP_PLACE_REPAIR_H

#include "judge.h"
#include "typo.h"

#define REPAIRS_MAX	 10
#define REPAIR_UNITS_MAX 640
#define REPAIR_NAME_MAX	 24

/* A name that could be meant. */
struct repair_name {
	uint32_t unit;
	uint8_t len, kind;
	uint32_t core[REPAIR_NAME_MAX];
};

struct repair {
	struct mention mention;
	enum typo typo;
	bool common; /* The letters written are a name elsewhere. */
};

struct repairs {
	struct repair list[REPAIRS_MAX]; /* Equally believable; only a single one is an answer. */
	size_t len;
	/* Scratch space. */
	struct repair_name names[REPAIR_UNITS_MAX];
	size_t names_len;
	struct folded name;
};

/* Find what may be meant instead of what is written in the text JUDGE has weighed, of which
 * judge_place settled the scope. TABLE is the matcher's. */
void repair_find(const struct judge *judge, const struct fold_table *table, struct repairs *out);

#endif
