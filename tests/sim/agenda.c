/* agenda.c — see agenda.h. Neighbour: sim.c pops it. */
#include "agenda.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"

static bool before(const struct happening *left, const struct happening *right)
{
	return left->at < right->at || (left->at == right->at && left->order < right->order);
}

void agenda_add(struct agenda *agenda, int64_t at, enum happening_kind kind, uint32_t what,
		uint32_t more)
{
	struct happening happening = {
		.at = at, .order = agenda->order++, .kind = kind, .what = what, .more = more};

	if (agenda->len == agenda->cap) {
		agenda->cap = agenda->cap ? 2 * agenda->cap : 256;
		agenda->heap = mem_grow(agenda->heap, agenda->cap * sizeof(*agenda->heap));
	}
	size_t hole = agenda->len++;
	while (hole > 0 && before(&happening, &agenda->heap[(hole - 1) / 2])) {
		agenda->heap[hole] = agenda->heap[(hole - 1) / 2];
		hole = (hole - 1) / 2;
	}
	agenda->heap[hole] = happening;
}

const struct happening *agenda_top(const struct agenda *agenda)
{
	return agenda->len ? &agenda->heap[0] : NULL;
}

struct happening agenda_pop(struct agenda *agenda)
{
	assert(agenda->len > 0);
	struct happening top = agenda->heap[0];
	struct happening last = agenda->heap[--agenda->len];
	size_t hole = 0;

	for (;;) {
		size_t child = 2 * hole + 1;
		if (child >= agenda->len)
			break;
		if (child + 1 < agenda->len &&
		    before(&agenda->heap[child + 1], &agenda->heap[child]))
			child++;
		if (!before(&agenda->heap[child], &last))
			break;
		agenda->heap[hole] = agenda->heap[child];
		hole = child;
	}
	if (agenda->len)
		agenda->heap[hole] = last;
	return top;
}

void agenda_release(struct agenda *agenda)
{
	mem_free(agenda->heap);
	memset(agenda, 0, sizeof(*agenda));
}
