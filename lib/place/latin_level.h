/* latin_level.h — what a name among Latin letters is followed by: a level word, a road's, a door's.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_LEVEL_H
#define CLOSEDLOOP_PLACE_LATIN_LEVEL_H

#include "latin_affix.h"
#include "latin_text.h"

/* Length of the longest level word at letter AT, and its kind; 0 when there is none. It is a part
 * of one word, or made of whole words. */
size_t latin_level_word(const struct latin_text *text, enum latin_level_kind which, size_t at,
			uint8_t *kind);

/* Does token INDEX begin with, or is it followed by, what makes a road of the name before it: Road,
 * East Road, Xilu, 2nd Street? */
bool latin_road_follows(const struct latin_text *text, size_t token);

/* Is token INDEX a pinyin word of a door after its number: 1398 nong, 5 hao, 602 shi? What English
 * has said already is not said again: Bldg 13 Dong is followed by a name in the east. */
bool latin_is_door_word(const struct latin_text *text, size_t index);

#endif
