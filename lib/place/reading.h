/* reading.h — how characters are read, and which sound alike; people type by sound.
 */
#ifndef CLOSEDLOOP_PLACE_READING_H
#define CLOSEDLOOP_PLACE_READING_H

#include <stdbool.h>

#include "image.h"

/* How the folded character SYMBOL is read; NULL when that is not known. */
const struct image_readings *reading_find(const struct gazetteer *gazetteer, uint32_t symbol);

/* True when the folded characters LEFT and RIGHT have a toneless reading in common. */
bool reading_alike(const struct gazetteer *gazetteer, uint32_t left, uint32_t right);

#endif
