/* index.c — sort names and lay them out as a trie whose nodes are numbered breadth first.
 *
 * Neighbours: gazetteer_build.c feeds it, image.h describes the arrays it leaves behind.
 */
#include "index.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"

/* The entries LOW .. HIGH - 1 share their first DEPTH symbols: one node. */
struct span {
	uint32_t low, high, depth;
};

void index_init(struct index *index)
{
	memset(index, 0, sizeof(*index));
}

void index_release(struct index *index)
{
	mem_free(index->pool);
	mem_free(index->entries);
	mem_free(index->labels);
	mem_free(index->children);
	mem_free(index->posts);
	mem_free(index->postings);
	index_init(index);
}

void index_add(struct index *index, const uint32_t *symbols, size_t len, uint32_t posting)
{
	assert(len > 0);
	if (index->pool_len + len > index->pool_cap) {
		index->pool_cap = (index->pool_cap + len) * 2;
		index->pool = mem_grow(index->pool, index->pool_cap * sizeof(*index->pool));
	}
	if (index->entries_len == index->entries_cap) {
		index->entries_cap = (index->entries_cap + 512) * 2;
		index->entries =
			mem_grow(index->entries, index->entries_cap * sizeof(*index->entries));
	}
	memcpy(index->pool + index->pool_len, symbols, len * sizeof(*symbols));
	index->entries[index->entries_len++] = (struct index_entry){
		.start = (uint32_t)index->pool_len,
		.len = (uint32_t)len,
		.posting = posting,
	};
	index->pool_len += len;
}

static int compare(const struct index *index, const struct index_entry *left,
		   const struct index_entry *right)
{
	size_t len = left->len < right->len ? left->len : right->len;

	for (size_t i = 0; i < len; i++) {
		uint32_t a = index->pool[left->start + i], b = index->pool[right->start + i];
		if (a != b)
			return a < b ? -1 : 1;
	}
	if (left->len != right->len)
		return left->len < right->len ? -1 : 1;
	return left->posting < right->posting ? -1 : left->posting > right->posting;
}

/* Merge the sorted runs FROM[LOW..MIDDLE) and FROM[MIDDLE..HIGH) into TO. */
static void merge(const struct index *index, const struct index_entry *from, struct index_entry *to,
		  size_t low, size_t middle, size_t high)
{
	size_t left = low, right = middle;

	for (size_t i = low; i < high; i++) {
		if (right >= high ||
		    (left < middle && compare(index, &from[left], &from[right]) <= 0))
			to[i] = from[left++];
		else
			to[i] = from[right++];
	}
}

/* Bottom-up merge sort: stable, and the same on every C library. */
static void sort(struct index *index)
{
	size_t len = index->entries_len;
	struct index_entry *from = index->entries;
	struct index_entry *to = mem_alloc((len + 1) * sizeof(*to));

	for (size_t run = 1; run < len; run *= 2) {
		for (size_t low = 0; low < len; low += 2 * run) {
			size_t middle = low + run < len ? low + run : len;
			size_t high = low + 2 * run < len ? low + 2 * run : len;
			merge(index, from, to, low, middle, high);
		}
		struct index_entry *swap = from;
		from = to;
		to = swap;
	}
	index->entries = from;
	mem_free(to);
}

/* Write the postings of the names that end at SPAN's node; returns the first entry that goes
 * deeper. */
static uint32_t add_postings(struct index *index, const struct span *span)
{
	uint32_t i = span->low;
	size_t first = index->postings_len;

	for (; i < span->high && index->entries[i].len == span->depth; i++) {
		uint32_t posting = index->entries[i].posting;
		if (index->postings_len == first ||
		    index->postings[index->postings_len - 1] != posting)
			index->postings[index->postings_len++] = posting;
	}
	return i;
}

void index_build(struct index *index)
{
	sort(index);
	/* Every symbol of every name starts at most one node; besides them there is the root. */
	size_t cap = index->pool_len + 2, tail = 0;
	struct span *queue = mem_alloc(cap * sizeof(*queue));

	index->labels = mem_alloc(cap * sizeof(uint32_t));
	index->children = mem_alloc(cap * sizeof(uint32_t));
	index->posts = mem_alloc(cap * sizeof(uint32_t));
	index->postings = mem_alloc((index->entries_len + 1) * sizeof(uint32_t));
	queue[tail++] = (struct span){0, (uint32_t)index->entries_len, 0};
	for (size_t node = 0; node < tail; node++) {
		struct span span = queue[node];
		index->posts[node] = (uint32_t)index->postings_len;
		index->children[node] = (uint32_t)tail;
		for (uint32_t i = add_postings(index, &span); i < span.high;) {
			uint32_t label = index->pool[index->entries[i].start + span.depth];
			uint32_t low = i;
			while (i < span.high &&
			       index->pool[index->entries[i].start + span.depth] == label)
				i++;
			index->labels[tail] = label;
			queue[tail++] = (struct span){low, i, span.depth + 1};
		}
	}
	index->nodes = tail;
	index->children[tail] = (uint32_t)tail;
	index->posts[tail] = (uint32_t)index->postings_len;
	mem_free(queue);
}

uint32_t index_child(const struct index *index, uint32_t node, uint32_t label)
{
	uint32_t low = index->children[node], high = index->children[node + 1];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (index->labels[middle] < label)
			low = middle + 1;
		else
			high = middle;
	}
	return low < index->children[node + 1] && index->labels[low] == label ? low : 0;
}
