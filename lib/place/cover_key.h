/* cover_key.h — what a hand-made assignment of an address is learnt under (alias.h): its door, its
 * estate.
 */
#ifndef CLOSEDLOOP_PLACE_COVER_KEY_H
#define CLOSEDLOOP_PLACE_COVER_KEY_H

#include "cover.h"

/* Fill the door_key and estate_key of OUT from what cover_read found. */
void cover_write_keys(const struct cover *cover, struct match *out);

#endif
