/* nearest.c — see nearest.h. Neighbour: text.c counts the edits. */
#include "closedloop/nearest.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t distance = text_edits(nearest->word, candidate);

	/* Two edits turn any two-letter word into any other: no help there. */
	if (distance > 2 || distance >= strlen(nearest->word))
		return;
	if (!nearest->best || distance < nearest->distance) {
		nearest->best = candidate;
		nearest->distance = distance;
	}
}

const char *nearest_hint(struct nearest *nearest)
{
	nearest->hint[0] = '\0';
	if (nearest->best)
		(void)snprintf(nearest->hint, sizeof(nearest->hint), " (did you mean \"%s\"?)",
			       nearest->best);
	return nearest->hint;
}
