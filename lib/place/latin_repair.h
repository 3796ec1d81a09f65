/* latin_repair.h — a committee's name with one wrong letter, in a street that is settled.
 *
 * Everybody mistypes pinyin: a letter too many or too few, two swapped, n for ng, l for n, s for
 * sh. Inside of one street (15 committees on average) the one name that differs by so little is
 * probably meant; when two do, nobody knows.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_REPAIR_H
#define CLOSEDLOOP_PLACE_LATIN_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "image.h"
#include "latin_text.h"

struct latin_repair {
	uint32_t committee;
	uint16_t start, end; /* The letters as written, with their kind word. */
};

/* Find the only committee of STREET whose name TEXT writes with one wrong letter. */
bool latin_repair_find(const struct latin_text *text, const struct gazetteer *gazetteer,
		       uint32_t street, struct latin_repair *out);

#endif
