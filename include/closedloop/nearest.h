/* nearest.h — the known word nearest to one that is not known, for "did you mean …?".
 *
 *	struct nearest nearest = {.word = given};
 *	nearest_offer(&nearest, "arrival"); … every word there is
 *	err_set(err, CL_EINVAL, "kind \"%s\" is none%s", given, nearest_hint(&nearest));
 */
#ifndef CLOSEDLOOP_NEAREST_H
#define CLOSEDLOOP_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word;
	const char *best; /* NULL while nothing is near enough */
	size_t distance;
	char hint[96];
};

void nearest_offer(struct nearest *nearest, const char *candidate);
/* " (did you mean "X"?)" or "". */
const char *nearest_hint(struct nearest *nearest);

#endif
