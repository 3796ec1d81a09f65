/* mention_starts.c — what the search of the trie wants to know before it looks into the image.
 *
 * Neighbours: mention.c walks with it. An address is read in a few microseconds, and a look into
 * the image, which no cache holds, costs a tenth of one.
 */
#include "mention.h"

#include <string.h>

#include "closedloop/mem.h"

static void set(uint64_t *bits, uint32_t at)
{
	bits[at / 64] |= bit(at % 64);
}

/* Note what the search wants to know of NODE. */
static void note_node(const struct gazetteer *gazetteer, uint32_t node,
		      struct mention_starts *starts)
{
	uint32_t first = gazetteer->posts[node], end = gazetteer->posts[node + 1];

	if (first < end)
		set(starts->named, node);
	if (gazetteer->children[node] == gazetteer->children[node + 1])
		set(starts->leaf, node);
	for (uint32_t i = first; i < end; i++)
		if (POSTING_ROLE(gazetteer->postings[i]) != ROLE_COMMITTEE) {
			set(starts->upper, node);
			return;
		}
}

/* Note the names that begin with the two letters that lead to NODE, under AT. The nodes are
 * numbered breadth first: the descendants of one are one run per level. */
static void note_pair(const struct gazetteer *gazetteer, uint32_t node, uint32_t at,
		      struct mention_starts *starts)
{
	uint32_t low = node, end = node + 1;
	bool upper = false;

	set(starts->pairs, at);
	while (low < end && !upper) {
		for (uint32_t i = low; i < end && !upper; i++)
			upper = mention_has(starts->upper, i);
		low = gazetteer->children[low];
		end = gazetteer->children[end];
	}
	if (upper)
		set(starts->upper_pairs, at);
}

void mention_starts_init(const struct gazetteer *gazetteer, struct mention_starts *starts)
{
	size_t words = gazetteer->nodes / 64 + 1;

	memset(starts, 0, sizeof(*starts));
	starts->named = mem_alloc(words * 3 * sizeof(uint64_t));
	starts->upper = starts->named + words;
	starts->leaf = starts->upper + words;
	memset(starts->named, 0, words * 3 * sizeof(uint64_t));
	for (uint32_t node = 0; node < gazetteer->nodes; node++)
		note_node(gazetteer, node, starts);
	for (uint32_t node = gazetteer->children[0]; node < gazetteer->children[1]; node++) {
		uint32_t first = gazetteer->labels[node], second = gazetteer->children[node];
		if (first < MENTION_ROOTS)
			starts->roots[first] = node;
		for (; second < gazetteer->children[node + 1]; second++)
			note_pair(gazetteer, second, mention_pair(first, gazetteer->labels[second]),
				  starts);
	}
}

void mention_starts_release(struct mention_starts *starts)
{
	mem_free(starts->named);
	starts->named = NULL;
}
