/* reading.h — which characters sound alike; people type by sound.
 */
#ifndef CLOSEDLOOP_PLACE_READING_H
#define CLOSEDLOOP_PLACE_READING_H

#include <stdbool.h>

#include "image.h"

/* True when the folded characters LEFT and RIGHT have a toneless reading in common. */
bool reading_alike(const struct gazetteer *gazetteer, uint32_t left, uint32_t right);

#endif
