/* edges.h — the steps of the trie as a table by node and symbol: one line of memory a step, and
 * what a walk wants to know of the node it comes to in the same eight bytes.
 *
 * Slots stand in groups of eight, a line of a processor's cache; a step is in the group its key is
 * hashed to, or, when that is full, in one of those behind it. Neighbours: gazetteer_build_edges.c
 * fills the table, image.c checks it, mention.c walks.
 */
#ifndef CLOSEDLOOP_PLACE_EDGES_H
#define CLOSEDLOOP_PLACE_EDGES_H

#include "fold.h"
#include "image.h"

#define EDGES_GROUP	  8
#define EDGES_NODE_BITS	  20 /* A trie of more nodes does not fit. */
#define EDGES_SYMBOL_BITS 19
#define EDGES_NUMBERS	  0x40000u /* What numbers begin at; Unicode's names end before. */

_Static_assert(EDGES_NUMBERS + SYMBOL_NUMBER_MAX < 1u << EDGES_SYMBOL_BITS, "a symbol fits");

enum edge_has {
	EDGE_NAMED = 1, /* A name ends at the node, */
	EDGE_UPPER = 2, /* one of a province, city, county or street; */
	EDGE_LEAF = 4,	/* no name goes on. */
};

#define EDGE(key, node, has) ((uint64_t)(key) << 23 | (uint64_t)(node) << 3 | (uint64_t)(has))
#define EDGE_KEY(edge)	     ((edge) >> 23)
#define EDGE_NODE(edge)	     ((uint32_t)((edge) >> 3) & ((1u << EDGES_NODE_BITS) - 1))
#define EDGE_FROM(edge)	     ((uint32_t)((edge) >> (23 + EDGES_SYMBOL_BITS)))

/* The key of the step from NODE by SYMBOL. */
static inline uint64_t edge_key(uint32_t node, uint32_t symbol)
{
	if (symbol >= SYMBOL_NUMBER)
		symbol = symbol - SYMBOL_NUMBER + EDGES_NUMBERS;
	return (uint64_t)node << EDGES_SYMBOL_BITS | symbol;
}

/* The first slot of KEY's group in a table of LEN slots, a power of two. */
static inline size_t edge_group(uint64_t key, size_t len)
{
	return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (len - EDGES_GROUP);
}

/* The step from NODE by SYMBOL; 0 when there is none. */
static inline uint64_t edge_find(const struct gazetteer *gazetteer, uint32_t node, uint32_t symbol)
{
	uint64_t key = edge_key(node, symbol);
	size_t last = gazetteer->edges_len - 1;

	for (size_t at = edge_group(key, gazetteer->edges_len);; at = (at + 1) & last) {
		uint64_t edge = gazetteer->edges[at];
		if (edge == 0 || EDGE_KEY(edge) == key)
			return edge;
	}
}

static inline void edge_prefetch(const struct gazetteer *gazetteer, uint32_t node, uint32_t symbol)
{
	__builtin_prefetch(&gazetteer->edges[edge_group(edge_key(node, symbol),
							gazetteer->edges_len)]);
}

#endif
