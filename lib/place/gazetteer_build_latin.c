/* gazetteer_build_latin.c — under which Latin letters a name is found: every way its characters are
 * read, and the names that foreigners use.
 *
 * One key leads to a node of the trie, and so to all who bear the name. Neighbours:
 * gazetteer_build_names.c filled the trie, latin_key.h says what a key is.
 */
#include "gazetteer_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/mem.h"

#include "affix.h"
#include "latin_key.h"

#define OPTIONS_MAX 4 /* Of one character. */
#define KEYS_MAX                                                                                   \
	8 /* Of one name: its commonest reading, then one character read otherwise, then two. */
#define SYMBOLS_MAX 24

/* How each symbol of a name can be spelled. */
struct spelling {
	size_t len;
	size_t options[SYMBOLS_MAX];
	char words[SYMBOLS_MAX][OPTIONS_MAX][LATIN_NUMBER_CAP + 2];
};

static void add_option(struct spelling *spelling, const char *before, const char *word)
{
	size_t at = spelling->len, *count = &spelling->options[at];

	if (*count == OPTIONS_MAX)
		return;
	struct text text;
	text_init(&text, spelling->words[at][*count], sizeof(spelling->words[at][*count]));
	text_add(&text, before);
	text_add(&text, word);
	for (size_t i = 0; i < *count; i++)
		if (strcmp(spelling->words[at][i], text.data) == 0)
			return;
	(*count)++;
}

/* 3 is san or disan: fold.h drops 第, pinyin keeps it. 61 may be 六一 or 六十一. */
static void spell_number(struct spelling *spelling, uint32_t value)
{
	char said[LATIN_NUMBER_CAP], digits[LATIN_NUMBER_CAP];

	if (value > LATIN_NUMBER_MAX)
		return;
	latin_spell(value, said);
	latin_spell_digits(value, digits);
	add_option(spelling, "", said);
	/* 六 is lu in 六安 and 六合. */
	if (value == 6)
		add_option(spelling, "", "lu");
	add_option(spelling, "di", said);
	add_option(spelling, "", digits);
	add_option(spelling, "di", digits);
}

static void spell_symbol(const struct build *build, struct spelling *spelling, uint32_t symbol)
{
	char letters[8];

	spelling->options[spelling->len] = 0;
	if (symbol_is_number(symbol)) {
		spell_number(spelling, symbol - SYMBOL_NUMBER);
	} else if (symbol >= 'a' && symbol <= 'z') {
		letters[0] = (char)symbol;
		letters[1] = '\0';
		add_option(spelling, "", letters);
	} else {
		struct reading key = {.point = symbol};
		const struct reading *reading =
			bsearch(&key, build->readings, build->readings_len,
				sizeof(*build->readings), build_compare_readings);
		for (size_t i = 0; reading && i < READINGS_MAX; i++) {
			uint16_t syllable = reading->readings.syllables[i];
			if (syllable == READING_NONE)
				break;
			latin_syllable(build->syllables[syllable], letters);
			add_option(spelling, "", letters);
		}
	}
}

/* False when a symbol has no reading, or the name is longer than any that is looked for. */
static bool spell(const struct build *build, const uint32_t *symbols, size_t len,
		  struct spelling *spelling)
{
	if (len > SYMBOLS_MAX)
		return false;
	for (spelling->len = 0; spelling->len < len; spelling->len++) {
		spell_symbol(build, spelling, symbols[spelling->len]);
		if (spelling->options[spelling->len] == 0)
			return false;
	}
	return true;
}

/* Bits of enum latin_has: whom the name at NODE stands for. */
static uint32_t has(const struct build *build, uint32_t node)
{
	const struct index *index = &build->index;
	uint32_t streets = build_admin(build, LEVEL_STREET, 0), bits = 0;

	for (uint32_t i = index->posts[node]; i < index->posts[node + 1]; i++) {
		uint32_t role = POSTING_ROLE(index->postings[i]);
		uint32_t unit = POSTING_UNIT(index->postings[i]);
		if (role == ROLE_COMMITTEE)
			bits |= LATIN_HAS_COMMITTEE;
		else if (role < ROLE_STREET)
			bits |= LATIN_HAS_UPPER;
		else if (build->street_kinds[unit - streets] == STREET_WHOLE)
			bits |= LATIN_HAS_WHOLE;
		else
			bits |= LATIN_HAS_STREET;
	}
	return bits;
}

static void add_key(struct build *build, uint64_t hash, uint32_t node)
{
	if (build->latin_len == build->latin_cap) {
		build->latin_cap = (build->latin_cap + 4096) * 2;
		build->latin = mem_grow(build->latin, build->latin_cap * sizeof(*build->latin));
	}
	build->latin[build->latin_len++] = (struct latin_entry){
		.key = latin_key(hash),
		.entry = LATIN_ENTRY(has(build, node), node),
	};
}

static void add_spelled(struct build *build, const struct spelling *spelling, const size_t *choice,
			uint32_t node)
{
	uint64_t hash = LATIN_HASH_BEGIN;

	for (size_t i = 0; i < spelling->len; i++)
		for (const char *at = spelling->words[i][choice[i]]; *at; at++)
			hash = latin_hash(hash, *at);
	add_key(build, hash, node);
}

/* The commonest reading first, then one symbol read otherwise, then two. */
static void add_spellings(struct build *build, const struct spelling *spelling, uint32_t node)
{
	size_t choice[SYMBOLS_MAX] = {0}, keys = 1;

	add_spelled(build, spelling, choice, node);
	for (size_t k = 1; k < OPTIONS_MAX; k++)
		for (size_t i = 0; i < spelling->len && keys < KEYS_MAX; i++) {
			if (k >= spelling->options[i])
				continue;
			choice[i] = k;
			add_spelled(build, spelling, choice, node);
			choice[i] = 0;
			keys++;
		}
	for (size_t i = 0; i < spelling->len; i++)
		for (size_t j = i + 1; j < spelling->len && keys < KEYS_MAX; j++) {
			if (spelling->options[i] < 2 || spelling->options[j] < 2)
				continue;
			choice[i] = choice[j] = 1;
			add_spelled(build, spelling, choice, node);
			choice[i] = choice[j] = 0;
			keys++;
		}
}

/* The child of NODE under LABEL in the trie as built; 0 when there is none. */
static uint32_t child(const struct index *index, uint32_t node, uint32_t label)
{
	uint32_t low = index->children[node], high = index->children[node + 1], end = high;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (index->labels[middle] < label)
			low = middle + 1;
		else
			high = middle;
	}
	return low < end && index->labels[low] == label ? low : 0;
}

static uint32_t find(const struct index *index, const uint32_t *symbols, size_t len)
{
	uint32_t node = 0;

	for (size_t i = 0; i < len; i++) {
		node = child(index, node, symbols[i]);
		if (node == 0)
			return 0;
	}
	return node;
}

static void add_names(struct build *build)
{
	const struct index *index = &build->index;
	struct spelling spelling;

	for (size_t i = 0; i < index->entries_len; i++) {
		const struct index_entry *entry = &index->entries[i];
		const uint32_t *symbols = index->pool + entry->start;
		/* Entries are sorted: the same name again is the same node. */
		if (i > 0 && entry[-1].len == entry->len &&
		    memcmp(index->pool + entry[-1].start, symbols, entry->len * sizeof(*symbols)) ==
			    0)
			continue;
		if (spell(build, symbols, entry->len, &spelling))
			add_spellings(build, &spelling, find(index, symbols, entry->len));
	}
}

/* The unit's name without its level word, as it hangs in the trie. */
static uint32_t node_of(const struct build *build, const char *code)
{
	uint64_t number = strtoull(code, NULL, 10);
	struct folded name;

	for (size_t level = 0; level <= LEVEL_COUNTY; level++)
		for (uint32_t i = 0; i < build->levels[level].len; i++) {
			if (build->levels[level].units[i].code != number)
				continue;
			const char *text = build_name(build, level, i);
			fold(&build->table, text, strlen(text), &name);
			return find(&build->index, name.symbols,
				    affix_admin_short(name.symbols, name.len));
		}
	build_die(code, "no province, city or county has this code");
}

/* Rows `name<TAB>code`: how foreigners call a place. */
static void add_foreign(struct build *build, const char *path)
{
	char line[BUILD_LINE_CAP];
	FILE *file = fopen(path, "r");

	if (!file)
		build_die(path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		uint64_t hash = LATIN_HASH_BEGIN;
		char *code;
		if (!build_split(line, &code))
			continue;
		for (const char *at = line; *at; at++) {
			if (*at != ' ' && (*at < 'a' || *at > 'z'))
				build_die(line, "a foreign name has the letters a to z");
			if (*at != ' ')
				hash = latin_hash(hash, *at);
		}
		uint32_t node = node_of(build, code);
		if (node == 0)
			build_die(line, "its place has no short name");
		add_key(build, hash, node);
	}
	if (ferror(file))
		build_die(path, strerror(errno));
	fclose(file);
}

static int compare(const void *left, const void *right)
{
	const struct latin_entry *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->entry < b->entry ? -1 : a->entry > b->entry;
}

void build_latin(struct build *build, const char *path)
{
	size_t len = 0;

	add_names(build);
	add_foreign(build, path);
	qsort(build->latin, build->latin_len, sizeof(*build->latin), compare);
	for (size_t i = 0; i < build->latin_len; i++)
		if (len == 0 || compare(&build->latin[i], &build->latin[len - 1]) != 0)
			build->latin[len++] = build->latin[i];
	build->latin_len = len;
}
