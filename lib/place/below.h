/* below.h — the names below one place, folded and cut, to compare with what is written.
 */
#ifndef CLOSEDLOOP_PLACE_BELOW_H
#define CLOSEDLOOP_PLACE_BELOW_H

#include "fold.h"
#include "image.h"

#define BELOW_MAX      700
#define BELOW_NAME_MAX 20

struct below_name {
	uint32_t unit; /* Committee or admin unit. */
	uint8_t len;   /* Of the core; of the whole name for cities and counties. */
	uint8_t kind;  /* Of committees and streets. */
	uint32_t core[BELOW_NAME_MAX];
};

struct below {
	const struct gazetteer *gazetteer;
	const struct fold_table *table;
	uint32_t place;
	enum unit_level level;
	bool full; /* There are more than fit: nobody is the only one. */
	size_t len;
	struct below_name names[BELOW_MAX];
	struct folded name; /* Scratch space. */
};

void below_init(struct below *below, const struct gazetteer *gazetteer,
		const struct fold_table *table);

/* Gather the names of LEVEL below admin unit PLACE; nothing is done when they are there already. */
void below_gather(struct below *below, uint32_t place, enum unit_level level);

#endif
