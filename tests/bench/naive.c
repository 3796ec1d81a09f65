/* naive.c — longest substring over a sorted list of names. */
#include "tests/bench/naive.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/mem.h"

#include "lib/place/image.h"

#define NAME_MAX_BYTES 90

struct entry {
	const char *name;
	uint32_t committee;
};

struct naive {
	const struct gazetteer *gazetteer;
	struct entry *entries;
};

static int compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : a->committee < b->committee ? -1 : a->committee > b->committee;
}

struct naive *naive_new(const struct gazetteer *gazetteer)
{
	struct naive *naive = mem_alloc(sizeof(*naive));

	naive->gazetteer = gazetteer;
	naive->entries = mem_alloc(gazetteer->committees * sizeof(*naive->entries));
	for (uint32_t i = 0; i < gazetteer->committees; i++)
		naive->entries[i] =
			(struct entry){gazetteer->names + gazetteer->committee_names[i], i};
	qsort(naive->entries, gazetteer->committees, sizeof(*naive->entries), compare);
	return naive;
}

void naive_free(struct naive *naive)
{
	mem_free(naive->entries);
	mem_free(naive);
}

/* The first committee called TEXT[0..LEN), or NULL. */
static const struct entry *find(const struct naive *naive, const char *text, size_t len)
{
	size_t low = 0, high = naive->gazetteer->committees;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strncmp(naive->entries[middle].name, text, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	const struct entry *entry = &naive->entries[low];
	return low < naive->gazetteer->committees && strncmp(entry->name, text, len) == 0 &&
			       entry->name[len] == '\0'
		       ? entry
		       : NULL;
}

static bool is_start(char byte)
{
	return ((unsigned char)byte & 0xC0) != 0x80;
}

void naive_match(const struct naive *naive, const char *address, char code[UNIT_CODE_CAP])
{
	size_t len = strlen(address), longest = 0;

	code[0] = '\0';
	for (size_t start = 0; start < len; start++) {
		for (size_t end = start + 1;
		     is_start(address[start]) && end <= len && end - start <= NAME_MAX_BYTES;
		     end++) {
			const struct entry *entry =
				is_start(address[end]) && end - start > longest
					? find(naive, address + start, end - start)
					: NULL;
			if (!entry)
				continue;
			longest = end - start;
			gazetteer_committee_code(naive->gazetteer, entry->committee, code);
		}
	}
}
