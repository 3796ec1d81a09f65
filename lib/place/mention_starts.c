/* mention_starts.c — what the search of the trie wants to know before it looks into the image.
 *
 * Neighbours: mention.c walks with it. An address is read in a few microseconds, and a look into
 * the image, which no cache holds, costs a tenth of one.
 */
#include "mention.h"

#include <string.h>

#include "closedloop/mem.h"

#include "edges.h"

static void set(uint64_t *bits, uint32_t at)
{
	bits[at / 64] |= bit(at % 64);
}

static bool is_upper(const struct gazetteer *gazetteer, uint32_t node)
{
	for (uint32_t i = gazetteer->posts[node]; i < gazetteer->posts[node + 1]; i++)
		if (POSTING_ROLE(gazetteer->postings[i]) != ROLE_COMMITTEE)
			return true;
	return false;
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
			upper = is_upper(gazetteer, i);
		low = gazetteer->children[low];
		end = gazetteer->children[end];
	}
	if (upper)
		set(starts->pairs, at + 1);
}

/* Note the names that begin with the letter that leads to NODE. */
static void note_root(const struct gazetteer *gazetteer, uint32_t node,
		      struct mention_starts *starts)
{
	uint32_t first = gazetteer->labels[node], second = gazetteer->children[node];

	if (first < MENTION_ROOTS)
		starts->roots[first] = node;
	if (gazetteer->posts[node] < gazetteer->posts[node + 1])
		set(starts->named, mention_single(first));
	if (is_upper(gazetteer, node))
		set(starts->upper, mention_single(first));
	for (; second < gazetteer->children[node + 1]; second++)
		note_pair(gazetteer, second, mention_pair(first, gazetteer->labels[second]),
			  starts);
}

void mention_starts_init(const struct gazetteer *gazetteer, struct mention_starts *starts)
{
	memset(starts, 0, sizeof(*starts));
	for (uint32_t node = gazetteer->children[0]; node < gazetteer->children[1]; node++)
		note_root(gazetteer, node, starts);
}
