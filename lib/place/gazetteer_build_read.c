/* gazetteer_build_read.c — the tables as they are shipped become units, variants, readings and
 * changes in memory.
 *
 * Every row is checked; the first that does not hold ends the tool with its text and the rule.
 * Neighbours: gazetteer_build_names.c makes keys of what is read here.
 */
#include "gazetteer_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#define NAME_SLOTS (1u << 20) /* Hash slots for distinct names; there are about 375,000. */

static uint32_t add_name(struct build *build, const char *name)
{
	uint32_t hash = 2166136261u;
	size_t len = strlen(name) + 1;

	for (size_t i = 0; name[i]; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	for (;; hash++) {
		uint32_t *slot = &build->slots[hash % NAME_SLOTS];
		if (*slot && strcmp(build->names + *slot - 1, name) == 0)
			return *slot - 1;
		if (*slot)
			continue;
		if (build->names_len + len > build->names_cap) {
			build->names_cap = (build->names_cap + len) * 2;
			build->names = mem_grow(build->names, build->names_cap);
		}
		memcpy(build->names + build->names_len, name, len);
		*slot = (uint32_t)build->names_len + 1;
		build->names_len += len;
		return *slot - 1;
	}
}

static void add_unit(struct build *build, const char *code, const char *name)
{
	static const size_t digits[UNIT_LEVELS] = {2, 4, 6, 9, 12};
	size_t level = 0;

	while (level < UNIT_LEVELS && !text_is_digits(code, digits[level]))
		level++;
	if (level == UNIT_LEVELS)
		build_die(code, "a code has 2, 4, 6, 9 or 12 digits");
	if (!name[0] || !text_is_utf8(name, strlen(name)))
		build_die(code, "its name is empty or not UTF-8");
	struct level *at = &build->levels[level];
	if (at->len == at->cap) {
		at->cap = (at->cap + 64) * 2;
		at->units = mem_grow(at->units, at->cap * sizeof(*at->units));
	}
	struct unit unit = {.code = strtoull(code, NULL, 10), .name = add_name(build, name)};
	if (at->len > 0 && at->units[at->len - 1].code >= unit.code)
		build_die(code, "codes of one level must rise");
	at->units[at->len++] = unit;
}

bool build_split(char *line, char **right)
{
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '#' || line[0] == '\0')
		return false;
	*right = strchr(line, '\t');
	if (!*right)
		build_die(line, "no tab in this line");
	*(*right)++ = '\0';
	return true;
}

static void read_units(struct build *build, const char *path)
{
	char line[BUILD_LINE_CAP], *name;
	gzFile file = gzopen(path, "rb");

	if (!file)
		build_die(path, strerror(errno));
	gzbuffer(file, 1u << 18);
	while (gzgets(file, line, sizeof(line)))
		if (build_split(line, &name))
			add_unit(build, line, name);
	if (!gzeof(file) || gzclose(file) != Z_OK)
		build_die(path, "cannot be read to its end");
	if (build->levels[LEVEL_COMMITTEE].len == 0)
		build_die(path, "holds no committees");
}

static uint32_t only_point(const char *text)
{
	size_t used, len = strlen(text);

	if (len == 0 || !text_is_utf8(text, len))
		build_die(text, "not a character");
	uint32_t point = text_decode(text, len, &used);
	if (used != len)
		build_die(text, "more than one character");
	return point;
}

static void read_variants(struct build *build, const char *path)
{
	char line[BUILD_LINE_CAP], *right;
	FILE *file = fopen(path, "r");
	uint32_t cap = 0;

	if (!file)
		build_die(path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		if (!build_split(line, &right))
			continue;
		if (build->fold_len == cap) {
			cap = (cap + 512) * 2;
			build->fold_from = mem_grow(build->fold_from, cap * sizeof(uint32_t));
			build->fold_to = mem_grow(build->fold_to, cap * sizeof(uint32_t));
		}
		build->fold_from[build->fold_len] = only_point(line);
		build->fold_to[build->fold_len++] = only_point(right);
	}
	if (ferror(file))
		build_die(path, strerror(errno));
	fclose(file);
}

/* The fields of LINE, cut at tabs. Returns their number; 0 for comments and empty lines. */
static size_t cut_fields(char *line, char **fields, size_t max)
{
	size_t len = 0;

	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '#' || line[0] == '\0')
		return 0;
	for (char *at = line; at && len < max; len++) {
		fields[len] = at;
		at = strchr(at, '\t');
		if (at)
			*at++ = '\0';
	}
	return len;
}

/* Index of SYLLABLE in the list, added when it is new. Kept in order of appearance until
 * sort_syllables. */
static uint16_t add_syllable(struct build *build, const char *syllable)
{
	size_t len = strlen(syllable) + 1;

	if (len < 2 || len > 8 || strspn(syllable, "abcdefghijklmnopqrstuvwxyz") != len - 1)
		build_die(syllable, "a syllable is one to seven letters a to z");
	for (uint32_t i = 0; i < build->syllables_len; i++)
		if (strcmp(build->syllables[i], syllable) == 0)
			return (uint16_t)i;
	if (build->syllables_len == ARRAY_LEN(build->syllables))
		build_die(syllable, "more distinct syllables than fit");
	memcpy(build->syllables[build->syllables_len], syllable, len);
	return (uint16_t)build->syllables_len++;
}

static int compare_syllables(const void *left, const void *right)
{
	return strcmp(left, right);
}

/* Number the syllables in rising order, so that the same table always gives the same bytes and a
 * syllable can be searched for. */
static void sort_syllables(struct build *build)
{
	char before[ARRAY_LEN(build->syllables)][8];

	memcpy(before, build->syllables, sizeof(before));
	qsort(build->syllables, build->syllables_len, sizeof(build->syllables[0]),
	      compare_syllables);
	for (uint32_t i = 0; i < build->readings_len; i++)
		for (size_t k = 0; k < READINGS_MAX; k++) {
			uint16_t *at = &build->readings[i].readings.syllables[k];
			const char *found =
				*at == READING_NONE
					? NULL
					: bsearch(before[*at], build->syllables,
						  build->syllables_len, sizeof(build->syllables[0]),
						  compare_syllables);
			if (found)
				*at = (uint16_t)((size_t)(found - build->syllables[0]) /
						 sizeof(build->syllables[0]));
		}
}

int build_compare_readings(const void *left, const void *right)
{
	uint32_t a = ((const struct reading *)left)->point;
	uint32_t b = ((const struct reading *)right)->point;

	return a < b ? -1 : a > b;
}

/* One row per folded character; where two fold to one, the first row counts. */
static void read_readings(struct build *build, const char *path)
{
	char line[BUILD_LINE_CAP], *fields[2];
	FILE *file = fopen(path, "r");
	uint32_t cap = 0;

	if (!file)
		build_die(path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		size_t len = cut_fields(line, fields, ARRAY_LEN(fields)), readings = 0;
		if (len == 0)
			continue;
		if (len != 2)
			build_die(line, "a character and its readings are two fields");
		if (build->readings_len == cap) {
			cap = (cap + 512) * 2;
			build->readings = mem_grow(build->readings, cap * sizeof(*build->readings));
		}
		struct reading *reading = &build->readings[build->readings_len];
		uint32_t point = only_point(fields[0]);
		memset(reading, 0xFF, sizeof(*reading));
		reading->point = point < 0x10000 ? build->table.to[point] : point;
		bool known = false;
		for (uint32_t i = 0; i < build->readings_len && !known; i++)
			known = build->readings[i].point == reading->point;
		if (known)
			continue;
		for (char *at = fields[1]; at && readings < READINGS_MAX; readings++) {
			char *comma = strchr(at, ',');
			if (comma)
				*comma++ = '\0';
			reading->readings.syllables[readings] = add_syllable(build, at);
			at = comma;
		}
		build->readings_len++;
	}
	if (ferror(file))
		build_die(path, strerror(errno));
	fclose(file);
	sort_syllables(build);
	qsort(build->readings, build->readings_len, sizeof(*build->readings),
	      build_compare_readings);
}

static char *keep(const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = mem_alloc(len);

	memcpy(copy, text, len);
	return copy;
}

/* Rows: date, province, city and county as they were called, today's code, today's name. */
static void read_changes(struct build *build, const char *path)
{
	char line[BUILD_LINE_CAP], *fields[6];
	FILE *file = fopen(path, "r");
	size_t cap = 0;

	if (!file)
		build_die(path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		size_t len = cut_fields(line, fields, ARRAY_LEN(fields));
		if (len == 0)
			continue;
		if (len < 5 || !text_is_digits(fields[4], 6))
			build_die(line, "a change has date, province, city, county and today's "
					"code of six digits");
		if (build->changes_len == cap) {
			cap = (cap + 64) * 2;
			build->changes = mem_grow(build->changes, cap * sizeof(*build->changes));
		}
		build->changes[build->changes_len++] = (struct change){
			.province = keep(fields[1]),
			.city = keep(fields[2]),
			.county = keep(fields[3]),
			.code = strtoull(fields[4], NULL, 10),
		};
	}
	if (ferror(file))
		build_die(path, strerror(errno));
	fclose(file);
}

/* How often POINT occurs in the names. */
static size_t occurrences(const struct build *build, uint32_t point)
{
	char bytes[4];
	size_t len = text_encode(point, bytes), count = 0;

	for (size_t i = 0; i + len <= build->names_len; i++)
		count += memcmp(build->names + i, bytes, len) == 0;
	return count;
}

/* Where two characters point at each other (峰, 峯), keep the row that leads to the one the
 * gazetteer writes. */
static void settle_swaps(struct build *build)
{
	uint32_t *from = build->fold_from, *to = build->fold_to, len = 0;

	for (uint32_t i = 0; i < build->fold_len; i++)
		for (uint32_t j = i + 1; j < build->fold_len; j++) {
			if (from[i] != to[j] || to[i] != from[j])
				continue;
			uint32_t drop =
				occurrences(build, from[i]) > occurrences(build, to[i]) ? i : j;
			to[drop] = from[drop];
		}
	for (uint32_t i = 0; i < build->fold_len; i++)
		if (from[i] != to[i]) {
			from[len] = from[i];
			to[len++] = to[i];
		}
	build->fold_len = len;
}

/* Find every unit's parent: both levels rise, so one walk does it. */
static void link_parents(struct build *build)
{
	static const uint64_t width[UNIT_LEVELS] = {1, 100, 100, 1000, 1000};

	for (size_t level = LEVEL_CITY; level < UNIT_LEVELS; level++) {
		struct level *at = &build->levels[level], *above = &build->levels[level - 1];
		uint32_t parent = 0;
		for (uint32_t i = 0; i < at->len; i++) {
			uint64_t wanted = at->units[i].code / width[level];
			while (parent < above->len && above->units[parent].code < wanted)
				parent++;
			if (parent == above->len || above->units[parent].code != wanted)
				build_die(build->names + at->units[i].name,
					  "the unit above is missing");
			at->units[i].parent = parent;
		}
	}
}

void build_read(struct build *build, const struct build_paths *paths)
{
	build->slots = mem_alloc(NAME_SLOTS * sizeof(*build->slots));
	read_units(build, paths->units);
	read_variants(build, paths->variants);
	settle_swaps(build);
	fold_table_init(&build->table, build->fold_from, build->fold_to, build->fold_len);
	link_parents(build);
	read_readings(build, paths->readings);
	read_changes(build, paths->changes);
}

void build_release(struct build *build)
{
	for (size_t i = 0; i < UNIT_LEVELS; i++)
		mem_free(build->levels[i].units);
	for (size_t i = 0; i < build->changes_len; i++) {
		mem_free(build->changes[i].province);
		mem_free(build->changes[i].city);
		mem_free(build->changes[i].county);
	}
	mem_free(build->changes);
	mem_free(build->latin);
	mem_free(build->names);
	mem_free(build->slots);
	mem_free(build->fold_from);
	mem_free(build->fold_to);
	mem_free(build->readings);
	mem_free(build->street_kinds);
	mem_free(build->committee_kinds);
	index_release(&build->index);
	mem_free(build);
}
