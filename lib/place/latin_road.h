/* latin_road.h — where in a Latin address a road and its numbers stand.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_ROAD_H
#define CLOSEDLOOP_PLACE_LATIN_ROAD_H

#include "latin_door.h"
#include "latin_judge.h"

/* The only door in the text that JUDGE weighed; see latin_door(). */
bool latin_road_find(const struct latin_judge *judge, struct latin_door *out);

#endif
