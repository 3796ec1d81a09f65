/* courier_names.c — see courier_names.h. Neighbour: courier.c looks up its queues and ways. */
#include "engine/courier_names.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"

/* Where NAME is, or where it would be put. */
static size_t place_of(const struct names *names, const char *name)
{
	size_t low = 0, high = names->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names->rows[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *names_find(const struct names *names, const char *name)
{
	size_t at = place_of(names, name);

	return at < names->len && strcmp(names->rows[at].name, name) == 0 ? names->rows[at].thing
									  : NULL;
}

void names_add(struct names *names, const char *name, void *thing)
{
	size_t at = place_of(names, name);

	assert(thing);
	assert(!names_find(names, name));
	if (names->len == names->cap) {
		names->cap = names->cap ? 2 * names->cap : 16;
		names->rows = mem_grow(names->rows, names->cap * sizeof(*names->rows));
	}
	memmove(&names->rows[at + 1], &names->rows[at], (names->len - at) * sizeof(*names->rows));
	names->rows[at] = (struct named){.name = name, .thing = thing};
	names->len++;
}

void names_clear(struct names *names)
{
	names->len = 0;
}

void names_release(struct names *names)
{
	mem_free(names->rows);
	*names = (struct names){.rows = NULL};
}
