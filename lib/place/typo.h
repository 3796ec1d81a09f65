/* typo.h — how one name may have become another under somebody's fingers.
 *
 * Two names of one street differ by one character often enough (东王村, 西王村; 第一, 第三): a
 * difference is only believed to be a slip when nobody would use it to tell two places apart.
 */
#ifndef CLOSEDLOOP_PLACE_TYPO_H
#define CLOSEDLOOP_PLACE_TYPO_H

#include <stdbool.h>
#include <stddef.h>

#include "image.h"

enum typo {	     /* From the most to the least believable. */
	TYPO_SAME,   /* No difference. */
	TYPO_SOUND,  /* One character that sounds the same: 汪加井 for 汪家井. */
	TYPO_LETTER, /* One character wrong, missing, added, or two neighbours swapped. */
	TYPO_REFUSED, /* As close, but it may well be another place: 东王 for 西王, 一村 for 三村.
		       */
	TYPO_FAR,
};

/* Compare the core WRITTEN with the core NAME. STRICT: nothing else tells that NAME is meant, as
 * the committee below it does for a street. */
enum typo typo_between(const struct gazetteer *gazetteer, bool strict, const uint32_t *written,
		       size_t written_len, const uint32_t *name, size_t name_len);

#endif
