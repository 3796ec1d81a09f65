/* gazetteer_build_edges.c — the trie's steps as a table by node and symbol.
 *
 * Neighbours: index.c laid the trie out, edges.h reads the table, gazetteer_build_image.c writes
 * it.
 */
#include "gazetteer_build.h"

#include <string.h>

#include "closedloop/mem.h"

#include "edges.h"

/* What a walk wants to know of NODE. */
static unsigned has(const struct index *index, uint32_t node)
{
	unsigned bits = index->children[node] == index->children[node + 1] ? EDGE_LEAF : 0;

	for (uint32_t i = index->posts[node]; i < index->posts[node + 1]; i++)
		bits |= POSTING_ROLE(index->postings[i]) == ROLE_COMMITTEE
				? EDGE_NAMED
				: EDGE_NAMED | EDGE_UPPER;
	return bits;
}

size_t build_edges_len(const struct index *index)
{
	size_t len = EDGES_GROUP;

	if (index->nodes > (size_t)1 << EDGES_NODE_BITS)
		build_die("names", "more than a table of steps holds");
	while (len * 4 / 5 < index->nodes)
		len *= 2;
	return len;
}

void build_edges(const struct index *index, uint64_t *edges, size_t len)
{
	memset(edges, 0, len * sizeof(*edges));
	for (uint32_t node = 0; node < index->nodes; node++)
		for (uint32_t child = index->children[node]; child < index->children[node + 1];
		     child++) {
			uint64_t key = edge_key(node, index->labels[child]);
			size_t at = edge_group(key, len);
			while (edges[at])
				at = (at + 1) & (len - 1);
			edges[at] = EDGE(key, child, has(index, child));
		}
}
