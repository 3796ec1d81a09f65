/* present.h — of two homes in one text, the one somebody lives in.
 */
#ifndef CLOSEDLOOP_PLACE_PRESENT_H
#define CLOSEDLOOP_PLACE_PRESENT_H

#include "mention.h"

/* Does TEXT, besides other places among MENTIONS, say where somebody lives now (户籍…，现住…)? Then
 * *START .. *END - 1 is that part. */
bool present_find(const struct folded *text, const struct mentions *mentions, size_t *start,
		  size_t *end);

/* Leave only START .. END - 1 of TEXT. */
void present_cut(struct folded *text, size_t start, size_t end);

#endif
