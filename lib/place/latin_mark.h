/* latin_mark.h — what the names of a node can mean where they stand: the mentions and their marks
 * (latin_mark.c).
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_MARK_H
#define CLOSEDLOOP_PLACE_LATIN_MARK_H

#include "latin_mention.h"

/* Letters START .. END - 1 of a name. */
struct latin_span {
	size_t start, end;
	bool weak; /* As in struct latin_mention. */
};

/* Keep the provinces, cities and counties, the streets, and the committees that bear the name of
 * NODE, as far as what follows the letters of SPAN allows. */
void latin_mark_uppers(struct latin_mentions *mentions, const struct latin_span *span,
		       uint32_t node);
void latin_mark_streets(struct latin_mentions *mentions, const struct latin_span *span,
			uint32_t node);
void latin_mark_committees(struct latin_mentions *mentions, const struct latin_span *span,
			   uint32_t node);

/* Can a committee's name stand here without its kind word? */
bool latin_can_be_bare(const struct latin_text *text, const struct latin_span *span);

#endif
