/* gazetteer_build.c — the tool that turns the gazetteer's table into the image the daemon maps.
 *
 *	gazetteer_build IN.tsv.gz [TRAD.tsv] OUT.img
 *
 * IN has rows `code<TAB>name`, every parent present, codes of one level rising; lines that begin
 * with # are comments. TRAD has rows `variant<TAB>character`. The same input gives the same bytes.
 * Neighbours: index.c (the trie), affix.c and fold.c (how names are cut and folded), image.h (the
 *layout). This is the only file of lib/place that touches the outside world.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <zlib.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#include "affix.h"
#include "fold.h"
#include "image.h"
#include "index.h"

#define EDITION	   "china-division 2.7.0"
#define LINE_CAP   1024
#define NAME_SLOTS (1u << 20) /* Hash slots for distinct names; there are about 375,000. */

#define WHOLE_MIN                                                                                  \
	3 /* Names without kind word that are shorter (街道, 社区, 中国) would be found      \
	     everywhere. */

struct unit {
	uint64_t code;
	uint32_t name;	 /* Offset into names. */
	uint32_t parent; /* Number of the unit above, among all of its level. */
};

struct level {
	struct unit *units;
	uint32_t len, cap;
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
};

_Noreturn static void die(const char *what, const char *why)
{
	fprintf(stderr, "gazetteer_build: %s: %s\n", what, why);
	exit(1);
}

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
		die(code, "a code has 2, 4, 6, 9 or 12 digits");
	if (!name[0] || !text_is_utf8(name, strlen(name)))
		die(code, "its name is empty or not UTF-8");
	struct level *at = &build->levels[level];
	if (at->len == at->cap) {
		at->cap = (at->cap + 64) * 2;
		at->units = mem_grow(at->units, at->cap * sizeof(*at->units));
	}
	struct unit unit = {.code = strtoull(code, NULL, 10), .name = add_name(build, name)};
	if (at->len > 0 && at->units[at->len - 1].code >= unit.code)
		die(code, "codes of one level must rise");
	at->units[at->len++] = unit;
}

/* Split LINE at its first tab. Returns false for comments and empty lines. */
static bool split(char *line, char **right)
{
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '#' || line[0] == '\0')
		return false;
	*right = strchr(line, '\t');
	if (!*right)
		die(line, "no tab in this line");
	*(*right)++ = '\0';
	return true;
}

static void read_units(struct build *build, const char *path)
{
	char line[LINE_CAP], *name;
	gzFile file = gzopen(path, "rb");

	if (!file)
		die(path, strerror(errno));
	gzbuffer(file, 1u << 18);
	while (gzgets(file, line, sizeof(line)))
		if (split(line, &name))
			add_unit(build, line, name);
	if (!gzeof(file) || gzclose(file) != Z_OK)
		die(path, "cannot be read to its end");
	if (build->levels[LEVEL_COMMITTEE].len == 0)
		die(path, "holds no committees");
}

static uint32_t only_point(const char *text)
{
	size_t used, len = strlen(text);

	if (len == 0 || !text_is_utf8(text, len))
		die(text, "not a character");
	uint32_t point = text_decode(text, len, &used);
	if (used != len)
		die(text, "more than one character");
	return point;
}

static void read_variants(struct build *build, const char *path)
{
	char line[LINE_CAP], *right;
	FILE *file = fopen(path, "r");
	uint32_t cap = 0;

	if (!file)
		die(path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		if (!split(line, &right))
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
		die(path, strerror(errno));
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
				die(build->names + at->units[i].name, "the unit above is missing");
			at->units[i].parent = parent;
		}
	}
}

static const char *name_of(const struct build *build, size_t level, uint32_t unit)
{
	return build->names + build->levels[level].units[unit].name;
}

/* Number of admin unit UNIT of LEVEL among all levels. */
static uint32_t admin_number(const struct build *build, size_t level, uint32_t unit)
{
	for (size_t i = 0; i < level; i++)
		unit += build->levels[i].len;
	return unit;
}

/* Fold NAME up to its first bracket: （含红星村村委） is a remark. 中国（上海）… needs all of it.
 */
static void fold_name(const struct build *build, const char *name, struct folded *out)
{
	size_t len = strlen(name);
	const char *wide = strstr(name, "（"), *narrow = strchr(name, '(');

	if (wide && (size_t)(wide - name) < len)
		len = (size_t)(wide - name);
	if (narrow && (size_t)(narrow - name) < len)
		len = (size_t)(narrow - name);
	fold(&build->table, name, len, out);
	if (out->len < 3)
		fold(&build->table, name, strlen(name), out);
}

static void add_key(struct build *build, const uint32_t *symbols, size_t len,
		    enum posting_role role, uint32_t unit)
{
	if (len > 0)
		index_add(&build->index, symbols, len, POSTING(role, unit));
}

/* Length of the name of admin unit UNIT of LEVEL when NAME begins with it and something is left;
 * else 0. */
static size_t repeats(const struct build *build, size_t level, uint32_t unit,
		      const struct folded *name)
{
	struct folded above;

	fold(&build->table, name_of(build, level, unit), strlen(name_of(build, level, unit)),
	     &above);
	if (above.len == 0 || above.len + 2 > name->len ||
	    memcmp(above.symbols, name->symbols, above.len * sizeof(*above.symbols)) != 0)
		return 0;
	return above.len;
}

static bool is_placeholder(const char *name)
{
	return strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0 || strstr(name, "直辖");
}

/* The ways to write a province, city or county. */
static void index_upper(struct build *build, size_t level, uint32_t unit, enum posting_role full)
{
	const char *name = name_of(build, level, unit);
	uint32_t number = admin_number(build, level, unit);
	enum posting_role brief = full + 1;
	struct folded folded;

	if (is_placeholder(name))
		return;
	fold_name(build, name, &folded);
	add_key(build, folded.symbols, folded.len, full, number);
	size_t core = affix_admin_short(folded.symbols, folded.len);
	if (core >= folded.len)
		return;
	add_key(build, folded.symbols, core, brief, number);
	add_key(build, folded.symbols, affix_without_level(folded.symbols, folded.len), brief,
		number);
	/* 澜沧拉祜族自治县 is called 澜沧县, 延边朝鲜族自治州 延边州. */
	uint32_t last = folded.symbols[folded.len - 1];
	if (core + 1 < folded.len && (last == U'县' || last == U'州' || last == U'旗')) {
		folded.symbols[core] = last;
		add_key(build, folded.symbols, core + 1, full, number);
	}
	/* 岳阳市屈原管理区 is called 屈原管理区. */
	fold_name(build, name, &folded);
	size_t cut = level == LEVEL_COUNTY
			     ? repeats(build, LEVEL_CITY, build->levels[level].units[unit].parent,
				       &folded)
			     : 0;
	if (cut > 0)
		add_key(build, folded.symbols + cut, folded.len - cut, full, number);
}

static void index_street(struct build *build, uint32_t unit)
{
	const char *name = name_of(build, LEVEL_STREET, unit);
	uint32_t county = build->levels[LEVEL_STREET].units[unit].parent;
	uint32_t number = admin_number(build, LEVEL_STREET, unit);
	struct folded folded;

	if (is_placeholder(name))
		return;
	fold_name(build, name, &folded);
	size_t core = affix_street_core(folded.symbols, folded.len, &build->street_kinds[unit]);
	if (build->street_kinds[unit] == STREET_WHOLE && core < WHOLE_MIN)
		return;
	add_key(build, folded.symbols, core, ROLE_STREET, number);
	if (build->street_kinds[unit] == STREET_TOWNSHIP)
		add_key(build, folded.symbols, affix_without_peoples(folded.symbols, core),
			ROLE_STREET, number);
	/* 济源市王屋镇, 端州区城西街道 repeat the county in their name. */
	size_t cut = repeats(build, LEVEL_COUNTY, county, &folded);
	bool whole = build->street_kinds[unit] == STREET_WHOLE;
	if (cut > 0 && cut + (whole ? WHOLE_MIN : 1) <= core)
		add_key(build, folded.symbols + cut, core - cut, ROLE_STREET, number);
}

static void index_committee(struct build *build, uint32_t unit)
{
	const char *name = name_of(build, LEVEL_COMMITTEE, unit);
	uint32_t street = build->levels[LEVEL_COMMITTEE].units[unit].parent;
	struct folded folded;

	fold_name(build, name, &folded);
	if (folded.len == 0)
		return;
	size_t core =
		affix_committee_core(folded.symbols, folded.len, &build->committee_kinds[unit]);
	if (build->committee_kinds[unit] == KIND_WHOLE && core < WHOLE_MIN)
		return;
	add_key(build, folded.symbols, core, ROLE_COMMITTEE, unit);
	/* 泾渭街道泾渭中路社区居民委员会 repeats its street. */
	size_t cut = repeats(build, LEVEL_STREET, street, &folded);
	if (cut > 0 && cut < core)
		add_key(build, folded.symbols + cut, core - cut, ROLE_COMMITTEE, unit);
}

static void index_names(struct build *build)
{
	static const enum posting_role roles[] = {ROLE_PROVINCE_FULL, ROLE_CITY_FULL,
						  ROLE_COUNTY_FULL};

	index_init(&build->index);
	build->street_kinds = mem_alloc(build->levels[LEVEL_STREET].len + 1);
	build->committee_kinds = mem_alloc(build->levels[LEVEL_COMMITTEE].len + 1);
	for (size_t level = LEVEL_PROVINCE; level <= LEVEL_COUNTY; level++)
		for (uint32_t i = 0; i < build->levels[level].len; i++)
			index_upper(build, level, i, roles[level]);
	for (uint32_t i = 0; i < build->levels[LEVEL_STREET].len; i++)
		index_street(build, i);
	for (uint32_t i = 0; i < build->levels[LEVEL_COMMITTEE].len; i++)
		index_committee(build, i);
	index_build(&build->index);
}

/* The image under construction: header first, sections appended. */
struct output {
	char *bytes;
	size_t len, cap;
};

static void *append(struct output *output, enum image_section_id id, size_t count)
{
	size_t size = (count * (size_t)image_width(id) + 7) / 8 * 8;

	if (output->len + size > IMAGE_MAX_SIZE)
		die("image", "larger than its limit");
	if (output->len + size > output->cap) {
		output->cap = (output->cap + size) * 2;
		output->bytes = mem_grow(output->bytes, output->cap);
	}
	memset(output->bytes + output->len, 0, size);
	((struct image_header *)(void *)output->bytes)->sections[id] = (struct image_section){
		.offset = output->len,
		.count = count,
		.width = image_width(id),
	};
	output->len += size;
	return output->bytes + output->len - size;
}

static void append_copy(struct output *output, enum image_section_id id, const void *data,
			size_t count)
{
	void *to = append(output, id, count);

	if (count > 0)
		memcpy(to, data, count * (size_t)image_width(id));
}

static void write_levels(const struct build *build, struct output *output)
{
	uint32_t *levels = append(output, IMAGE_LEVELS, UNIT_LEVELS);

	for (size_t i = 0; i < UNIT_LEVELS; i++)
		levels[i] = admin_number(build, i, 0);
}

enum admin_field {
	ADMIN_CODE,
	ADMIN_PARENT,
	ADMIN_NAME
};

static void write_admin(const struct build *build, struct output *output, enum image_section_id id,
			enum admin_field field)
{
	uint32_t *to = append(output, id, admin_number(build, LEVEL_COMMITTEE, 0));

	for (size_t level = 0; level < LEVEL_COMMITTEE; level++)
		for (uint32_t i = 0; i < build->levels[level].len; i++) {
			const struct unit *unit = &build->levels[level].units[i];
			if (field == ADMIN_CODE)
				*to++ = (uint32_t)unit->code;
			else if (field == ADMIN_NAME)
				*to++ = unit->name;
			else
				*to++ = level == 0 ? IMAGE_NONE
						   : admin_number(build, level - 1, unit->parent);
		}
}

/* Where the committees of each admin unit begin; all in code order, so one walk per level. */
static void write_first(const struct build *build, struct output *output)
{
	static const uint64_t below[] = {10000000000u, 100000000u, 1000000u, 1000u};
	const struct level *committees = &build->levels[LEVEL_COMMITTEE];
	uint32_t *to = append(output, IMAGE_ADMIN_FIRST, admin_number(build, LEVEL_COMMITTEE, 0));

	for (size_t level = 0; level < LEVEL_COMMITTEE; level++)
		for (uint32_t i = 0, at = 0; i < build->levels[level].len; i++) {
			uint64_t code = build->levels[level].units[i].code * below[level];
			while (at < committees->len && committees->units[at].code < code)
				at++;
			*to++ = at;
		}
}

static void write_committees(const struct build *build, struct output *output)
{
	const struct level *level = &build->levels[LEVEL_COMMITTEE];
	uint32_t *streets = append(output, IMAGE_COMMITTEE_STREETS, level->len);

	for (uint32_t i = 0; i < level->len; i++)
		streets[i] = admin_number(build, LEVEL_STREET, level->units[i].parent);
	uint32_t *names = append(output, IMAGE_COMMITTEE_NAMES, level->len);
	for (uint32_t i = 0; i < level->len; i++)
		names[i] = level->units[i].name;
	uint16_t *locals = append(output, IMAGE_COMMITTEE_LOCALS, level->len);
	for (uint32_t i = 0; i < level->len; i++)
		locals[i] = (uint16_t)(level->units[i].code % 1000);
	append_copy(output, IMAGE_COMMITTEE_KINDS, build->committee_kinds, level->len);
}

static void write_image(const struct build *build, struct output *output)
{
	const struct index *index = &build->index;
	uint32_t admins = admin_number(build, LEVEL_COMMITTEE, 0);

	output->cap = output->len = sizeof(struct image_header);
	output->bytes = mem_alloc(output->cap);
	write_levels(build, output);
	write_admin(build, output, IMAGE_ADMIN_CODES, ADMIN_CODE);
	write_admin(build, output, IMAGE_ADMIN_PARENTS, ADMIN_PARENT);
	write_admin(build, output, IMAGE_ADMIN_NAMES, ADMIN_NAME);
	write_first(build, output);
	uint8_t *kinds = append(output, IMAGE_ADMIN_KINDS, admins);
	memcpy(kinds + admin_number(build, LEVEL_STREET, 0), build->street_kinds,
	       build->levels[LEVEL_STREET].len);
	write_committees(build, output);
	append_copy(output, IMAGE_NAMES, build->names, build->names_len);
	append_copy(output, IMAGE_FOLD_FROM, build->fold_from, build->fold_len);
	append_copy(output, IMAGE_FOLD_TO, build->fold_to, build->fold_len);
	append_copy(output, IMAGE_LABELS, index->labels, index->nodes);
	append_copy(output, IMAGE_CHILDREN, index->children, index->nodes + 1);
	append_copy(output, IMAGE_POSTS, index->posts, index->nodes + 1);
	append_copy(output, IMAGE_POSTINGS, index->postings, index->postings_len);

	struct image_header *header = (struct image_header *)(void *)output->bytes;
	memcpy(header->magic, IMAGE_MAGIC, sizeof(header->magic));
	header->format = IMAGE_FORMAT;
	header->order = IMAGE_ORDER;
	header->size = output->len;
	text_copy(header->edition, sizeof(header->edition), EDITION);
	header->checksum = image_checksum(output->bytes + IMAGE_SUMMED, output->len - IMAGE_SUMMED);
}

/* Write beside PATH and rename, so that nobody ever maps half an image. */
static void save(const struct output *output, const char *path)
{
	char beside[LINE_CAP];
	struct text text = TEXT_OVER(beside);

	text_addf(&text, "%s.tmp", path);
	if (text.cut)
		die(path, "path too long");
	FILE *file = fopen(beside, "wb");
	if (!file)
		die(beside, strerror(errno));
	if (fwrite(output->bytes, 1, output->len, file) != output->len || fflush(file) != 0)
		die(beside, strerror(errno));
	if (fclose(file) != 0)
		die(beside, strerror(errno));
	if (rename(beside, path) != 0)
		die(path, strerror(errno));
}

static void release(struct build *build)
{
	for (size_t i = 0; i < UNIT_LEVELS; i++)
		mem_free(build->levels[i].units);
	mem_free(build->names);
	mem_free(build->slots);
	mem_free(build->fold_from);
	mem_free(build->fold_to);
	mem_free(build->street_kinds);
	mem_free(build->committee_kinds);
	index_release(&build->index);
	mem_free(build);
}

int main(int argc, char **argv)
{
	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: gazetteer_build IN.tsv.gz [TRAD.tsv] OUT.img\n");
		return 2;
	}
	struct build *build = mem_alloc(sizeof(*build));
	struct output output = {0};

	build->slots = mem_alloc(NAME_SLOTS * sizeof(*build->slots));
	read_units(build, argv[1]);
	if (argc == 4)
		read_variants(build, argv[2]);
	settle_swaps(build);
	fold_table_init(&build->table, build->fold_from, build->fold_to, build->fold_len);
	link_parents(build);
	index_names(build);
	write_image(build, &output);
	save(&output, argv[argc - 1]);
	mem_free(output.bytes);
	release(build);
	return 0;
}
