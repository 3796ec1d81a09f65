/* cover_latin.h — rule roads as they sound (cover_latin.c).
 */
#ifndef CLOSEDLOOP_PLACE_COVER_LATIN_H
#define CLOSEDLOOP_PLACE_COVER_LATIN_H

#include "cover.h"

/* Let the road PLACE, whose folded name is NAME[0..LEN), be found by its sound. */
void cover_add_sounds(struct coverage *coverage, const struct gazetteer *gazetteer,
		      const uint32_t *name, size_t len, uint32_t place);

/* The road of AREA that sounds like DOOR's. False when there is none. */
bool cover_latin_road(const struct coverage *coverage, const struct latin_door *door, uint32_t area,
		      struct cover_spot *spot);

#endif
