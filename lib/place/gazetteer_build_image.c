/* gazetteer_build_image.c — lay the image out and write it beside its place, then rename.
 *
 * Neighbours: image.h is the layout, image.c checks it.
 */
#include "gazetteer_build.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#define EDITION "china-division 2.7.0"

/* The image under construction: header first, sections appended. */
struct output {
	char *bytes;
	size_t len, cap;
};

static void *append(struct output *output, enum image_section_id id, size_t count)
{
	size_t size = (count * (size_t)image_width(id) + 7) / 8 * 8;

	if (output->len + size > IMAGE_MAX_SIZE)
		build_die("image", "larger than its limit");
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
		levels[i] = build_admin(build, i, 0);
}

enum admin_field {
	ADMIN_CODE,
	ADMIN_PARENT,
	ADMIN_NAME
};

static void write_admin(const struct build *build, struct output *output, enum image_section_id id,
			enum admin_field field)
{
	uint32_t *to = append(output, id, build_admin(build, LEVEL_COMMITTEE, 0));

	for (size_t level = 0; level < LEVEL_COMMITTEE; level++)
		for (uint32_t i = 0; i < build->levels[level].len; i++) {
			const struct unit *unit = &build->levels[level].units[i];
			if (field == ADMIN_CODE)
				*to++ = (uint32_t)unit->code;
			else if (field == ADMIN_NAME)
				*to++ = unit->name;
			else
				*to++ = level == 0 ? IMAGE_NONE
						   : build_admin(build, level - 1, unit->parent);
		}
}

/* Where the committees of each admin unit begin; all in code order, so one walk per level. */
static void write_first(const struct build *build, struct output *output)
{
	static const uint64_t below[] = {10000000000u, 100000000u, 1000000u, 1000u};
	const struct level *committees = &build->levels[LEVEL_COMMITTEE];
	uint32_t *to = append(output, IMAGE_ADMIN_FIRST, build_admin(build, LEVEL_COMMITTEE, 0));

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
		streets[i] = build_admin(build, LEVEL_STREET, level->units[i].parent);
	uint32_t *names = append(output, IMAGE_COMMITTEE_NAMES, level->len);
	for (uint32_t i = 0; i < level->len; i++)
		names[i] = level->units[i].name;
	uint16_t *locals = append(output, IMAGE_COMMITTEE_LOCALS, level->len);
	for (uint32_t i = 0; i < level->len; i++)
		locals[i] = (uint16_t)(level->units[i].code % 1000);
	append_copy(output, IMAGE_COMMITTEE_KINDS, build->committee_kinds, level->len);
}

static void write_edges(const struct build *build, struct output *output)
{
	size_t len = build_edges_len(&build->index);

	/* A group of slots is a line of a cache: the image is mapped at a page's beginning. */
	while (output->len % IMAGE_LINE != 0)
		append(output, IMAGE_EDGES, 1);
	build_edges(&build->index, append(output, IMAGE_EDGES, len), len);
}

static void write_readings(const struct build *build, struct output *output)
{
	uint32_t *chars = append(output, IMAGE_READING_CHARS, build->readings_len);
	uint32_t starts[ARRAY_LEN(build->syllables)];
	char text[sizeof(build->syllables)];
	size_t len = 0;

	for (uint32_t i = 0; i < build->readings_len; i++)
		chars[i] = build->readings[i].point;
	struct image_readings *readings = append(output, IMAGE_READINGS, build->readings_len);
	for (uint32_t i = 0; i < build->readings_len; i++)
		readings[i] = build->readings[i].readings;
	for (uint32_t i = 0; i < build->syllables_len; i++) {
		size_t size = strlen(build->syllables[i]) + 1;
		starts[i] = (uint32_t)len;
		memcpy(text + len, build->syllables[i], size);
		len += size;
	}
	append_copy(output, IMAGE_SYLLABLES, text, len);
	append_copy(output, IMAGE_SYLLABLE_STARTS, starts, build->syllables_len);
}

static void write_latin(const struct build *build, struct output *output)
{
	uint32_t *starts = append(output, IMAGE_LATIN_STARTS, IMAGE_LATIN_BUCKETS + 1);
	size_t at = 0;

	for (uint32_t bucket = 0; bucket <= IMAGE_LATIN_BUCKETS; bucket++) {
		while (at < build->latin_len && build->latin[at].key >> 32 < bucket)
			at++;
		starts[bucket] = (uint32_t)at;
	}
	uint32_t *tails = append(output, IMAGE_LATIN_TAILS, build->latin_len);
	for (size_t i = 0; i < build->latin_len; i++)
		tails[i] = (uint32_t)build->latin[i].key;
	uint32_t *nodes = append(output, IMAGE_LATIN_NODES, build->latin_len);
	for (size_t i = 0; i < build->latin_len; i++)
		nodes[i] = build->latin[i].entry;
}

static void write_image(const struct build *build, struct output *output)
{
	const struct index *index = &build->index;
	uint32_t admins = build_admin(build, LEVEL_COMMITTEE, 0);

	output->cap = output->len = sizeof(struct image_header);
	output->bytes = mem_alloc(output->cap);
	write_levels(build, output);
	write_admin(build, output, IMAGE_ADMIN_CODES, ADMIN_CODE);
	write_admin(build, output, IMAGE_ADMIN_PARENTS, ADMIN_PARENT);
	write_admin(build, output, IMAGE_ADMIN_NAMES, ADMIN_NAME);
	write_first(build, output);
	uint8_t *kinds = append(output, IMAGE_ADMIN_KINDS, admins);
	memcpy(kinds + build_admin(build, LEVEL_STREET, 0), build->street_kinds,
	       build->levels[LEVEL_STREET].len);
	write_committees(build, output);
	append_copy(output, IMAGE_NAMES, build->names, build->names_len);
	append_copy(output, IMAGE_FOLD_FROM, build->fold_from, build->fold_len);
	append_copy(output, IMAGE_FOLD_TO, build->fold_to, build->fold_len);
	append_copy(output, IMAGE_LABELS, index->labels, index->nodes);
	append_copy(output, IMAGE_CHILDREN, index->children, index->nodes + 1);
	append_copy(output, IMAGE_POSTS, index->posts, index->nodes + 1);
	append_copy(output, IMAGE_POSTINGS, index->postings, index->postings_len);
	write_edges(build, output);
	write_readings(build, output);
	write_latin(build, output);

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
	char beside[BUILD_LINE_CAP];
	struct text text = TEXT_OVER(beside);

	text_addf(&text, "%s.tmp", path);
	if (text.cut)
		build_die(path, "path too long");
	FILE *file = fopen(beside, "wb");
	if (!file)
		build_die(beside, strerror(errno));
	if (fwrite(output->bytes, 1, output->len, file) != output->len || fflush(file) != 0)
		build_die(beside, strerror(errno));
	if (fclose(file) != 0)
		build_die(beside, strerror(errno));
	if (rename(beside, path) != 0)
		build_die(path, strerror(errno));
}

void build_write(const struct build *build, const char *path)
{
	struct output output = {0};

	write_image(build, &output);
	save(&output, path);
	mem_free(output.bytes);
}
