/* gazetteer_build.h — what the rooms of the tool gazetteer_build share: the tables as read, and the
 * keys made of them.
 *
 * Calling order: build_read, build_names, build_latin, build_write, build_release; any problem ends
 * the program with one line that names it. Neighbours: index.h (the trie), image.h (what is
 * written).
 */
#ifndef CLOSEDLOOP_PLACE_GAZETTEER_BUILD_H
#define CLOSEDLOOP_PLACE_GAZETTEER_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fold.h"
#include "image.h"
#include "index.h"

#define BUILD_LINE_CAP 1024

struct unit {
	uint64_t code;
	uint32_t name;	 /* Offset into names. */
	uint32_t parent; /* Number of the unit above, among all of its level. */
};

struct level {
	struct unit *units;
	uint32_t len, cap;
};

/* A folded character and its sounds. */
struct reading {
	uint32_t point;
	struct image_readings readings;
};

/* Letters, as a key (latin_key.h), and what they lead to. */
struct latin_entry {
	uint64_t key;
	uint32_t entry; /* LATIN_ENTRY */
};

/* A county as it was called before. */
struct change {
	char *province, *city, *county; /* As written then. */
	uint64_t code;			/* Of the county it is today. */
};

struct build {
	struct level levels[UNIT_LEVELS];
	char *names;
	size_t names_len, names_cap;
	uint32_t *slots; /* Offset + 1 of the name in each hash slot. */
	uint32_t *fold_from, *fold_to;
	uint32_t fold_len;
	struct fold_table table;
	struct index index;
	uint8_t *street_kinds, *committee_kinds;
	struct reading *readings; /* Rising by character. */
	uint32_t readings_len;
	char syllables[512][8]; /* Rising, each once. */
	uint32_t syllables_len;
	struct change *changes;
	size_t changes_len;
	struct latin_entry *latin; /* Rising by key. */
	size_t latin_len, latin_cap;
};

/* The five tables in, by path. */
struct build_paths {
	const char *units, *variants, *readings, *changes, *latin;
};

_Noreturn void build_die(const char *what, const char *why);

/* Read the tables and link every unit to the one above. */
void build_read(struct build *build, const struct build_paths *paths);
/* Make the keys under which units are found. */
void build_names(struct build *build);
/* Make the keys under which units are found in Latin letters; PATH names what foreigners call them.
 */
void build_latin(struct build *build, const char *path);
/* How many slots the steps of INDEX want; and fill them. */
size_t build_edges_len(const struct index *index);
void build_edges(const struct index *index, uint64_t *edges, size_t len);
/* Write the image to PATH, whole or not at all. */
void build_write(const struct build *build, const char *path);
void build_release(struct build *build);

/* Split LINE at its first tab. Returns false for comments and empty lines. */
bool build_split(char *line, char **right);
/* Compare two struct reading by character. */
int build_compare_readings(const void *left, const void *right);

/* Name of unit UNIT of LEVEL, and its number among the admin units of all levels. */
const char *build_name(const struct build *build, size_t level, uint32_t unit);
uint32_t build_admin(const struct build *build, size_t level, uint32_t unit);

#endif
