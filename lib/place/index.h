/* index.h — names and what they stand for, turned into the arrays of the image's trie (image.h).
 *
 * Calling order: index_init, index_add for every name, index_build once, read the arrays,
 * index_release. gazetteer_build writes it into the image, coverage_build.c keeps it as it is; the
 * same names always give the same bytes.
 */
#ifndef CLOSEDLOOP_PLACE_INDEX_H
#define CLOSEDLOOP_PLACE_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct index_entry {
	uint32_t start; /* In the pool of symbols. */
	uint32_t len;
	uint32_t posting;
};

struct index {
	uint32_t *pool;
	size_t pool_len, pool_cap;
	struct index_entry *entries;
	size_t entries_len, entries_cap;
	/* Filled by index_build. */
	uint32_t *labels, *children, *posts, *postings;
	size_t nodes, postings_len;
};

void index_init(struct index *index);
void index_release(struct index *index);

/* Let SYMBOLS[0..LEN), LEN ≥ 1, stand for POSTING. Saying it twice changes nothing. */
void index_add(struct index *index, const uint32_t *symbols, size_t len, uint32_t posting);

/* Sort what was added and lay the trie out breadth first. */
void index_build(struct index *index);

/* After index_build: the child of NODE under LABEL; 0 when there is none. */
uint32_t index_child(const struct index *index, uint32_t node, uint32_t label);

#endif
