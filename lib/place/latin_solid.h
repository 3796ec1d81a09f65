/* latin_solid.h — whether a mention stands for itself among the words around it (latin_solid.c).
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_SOLID_H
#define CLOSEDLOOP_PLACE_LATIN_SOLID_H

#include "latin_mention.h"

/* Can the word before letter AT belong to a name that begins there? */
bool latin_is_weak(const struct latin_mentions *mentions, size_t at);

/* Does PLACE, one of MENTIONS, which are complete, contradict places elsewhere? */
bool latin_is_solid(const struct latin_mentions *mentions, const struct latin_mention *place);

#endif
