/* test_gazetteer.c — a good image answers by code, a damaged one is refused before anything is
 * read.
 *
 * Neighbours: lib/place/image.c and gazetteer.c. The image is the one CLOSEDLOOP_GAZETTEER names,
 * or build/gazetteer.img.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/gazetteer.h"
#include "closedloop/mem.h"

#include "../../lib/place/edges.h"
#include "../../lib/place/image.h"

static char *image;
static size_t image_len;

static int read_image(void **state)
{
	const char *path = getenv("CLOSEDLOOP_GAZETTEER");
	FILE *file = fopen(path ? path : "build/gazetteer.img", "rb");
	size_t got;

	(void)state;
	if (!file)
		return -1;
	image = mem_alloc(IMAGE_MAX_SIZE);
	while ((got = fread(image + image_len, 1, IMAGE_MAX_SIZE - image_len, file)) > 0)
		image_len += got;
	return fclose(file);
}

static int drop_image(void **state)
{
	(void)state;
	mem_free(image);
	return 0;
}

static struct gazetteer *opened(void)
{
	struct gazetteer *gazetteer = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(gazetteer_open(&gazetteer, image, image_len, &err), 0);
	assert_non_null(gazetteer);
	return gazetteer;
}

/* Opening BYTES[0..LEN) must fail with CL_ECORRUPT and a sentence, and leave nothing behind. */
static void assert_refused(const char *bytes, size_t len)
{
	struct gazetteer *gazetteer = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(gazetteer_open(&gazetteer, bytes, len, &err), CL_ECORRUPT);
	assert_null(gazetteer);
	assert_int_equal(err.code, CL_ECORRUPT);
	assert_memory_equal(err.text, "gazetteer image: ", 17);
}

/* Write the checksum anew, as somebody would who damages an image on purpose. */
static void seal(void)
{
	struct image_header *header = (struct image_header *)(void *)image;

	header->checksum = image_checksum(image + IMAGE_SUMMED, image_len - IMAGE_SUMMED);
}

static void the_image_is_the_edition_it_says(void **state)
{
	struct gazetteer *gazetteer = opened();

	(void)state;
	assert_string_equal(gazetteer_edition(gazetteer), "china-division 2.7.0");
	assert_int_equal(gazetteer_committees(gazetteer), 620573);
	assert_true(image_len <= (size_t)40 << 20);
	gazetteer_close(gazetteer);
}

static void every_level_is_found_by_code(void **state)
{
	static const struct {
		const char *code, *name;
	} rows[] = {
		{"31", "上海市"},
		{"3101", "市辖区"},
		{"310112", "闵行区"},
		{"310112101", "莘庄镇"},
		{"310112101007", "莘松三村居委会"},
		{"110101001001", "多福巷社区居委会"},
	};
	struct gazetteer *gazetteer = opened();
	char name[96];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(gazetteer_has(gazetteer, rows[i].code));
		assert_int_equal(gazetteer_name(gazetteer, rows[i].code, name, sizeof(name)), 0);
		assert_string_equal(name, rows[i].name);
	}
	gazetteer_close(gazetteer);
}

static void what_is_no_code_names_nothing(void **state)
{
	static const char *const codes[] = {
		"",
		"3",
		"99",
		"310",
		"31011",
		"310199",
		"310112999",
		"31011210100",
		"310112101999",
		"3101121010071",
		"31011210100x",
		"31 112101007",
		"莘庄",
		"-1",
	};
	struct gazetteer *gazetteer = opened();
	char name[8] = "before";

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_false(gazetteer_has(gazetteer, codes[i]));
		assert_int_equal(gazetteer_name(gazetteer, codes[i], name, sizeof(name)),
				 CL_ENOENT);
		assert_int_equal(gazetteer_chain(gazetteer, codes[i], name, sizeof(name)),
				 CL_ENOENT);
	}
	assert_string_equal(name, "");
	gazetteer_close(gazetteer);
}

static void a_chain_reads_as_on_an_envelope(void **state)
{
	static const struct {
		const char *code, *chain;
	} rows[] = {
		{"310112101007", "上海市闵行区莘庄镇莘松三村居委会"},
		{"310112", "上海市闵行区"},
		{"3101", "上海市"},
		{"441900", "广东省东莞市"},
		{"429021101206", "湖北省神农架林区阳日镇太阳村委会"},
	};
	struct gazetteer *gazetteer = opened();
	char chain[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(gazetteer_chain(gazetteer, rows[i].code, chain, sizeof(chain)), 0);
		assert_string_equal(chain, rows[i].chain);
	}
	gazetteer_close(gazetteer);
}

static void a_name_that_does_not_fit_is_cut_whole(void **state)
{
	struct gazetteer *gazetteer = opened();
	char name[8];

	(void)state;
	assert_int_equal(gazetteer_name(gazetteer, "310112101007", name, sizeof(name)), 0);
	assert_string_equal(name, "莘松");
	gazetteer_close(gazetteer);
}

static void a_short_image_is_refused(void **state)
{
	(void)state;
	assert_refused(image, 0);
	assert_refused(image, 7);
	assert_refused(image, sizeof(struct image_header) - 1);
	assert_refused(image, sizeof(struct image_header));
	assert_refused(image, image_len - 8);
	assert_refused(image, image_len - 1);
}

static void every_byte_flip_in_header_is_found(void **state)
{
	(void)state;
	/* The checksum of 23 MB takes milliseconds, more under a sanitizer: one bit of each byte.
	 */
	for (size_t i = 0; i < sizeof(struct image_header); i++) {
		image[i] = (char)(image[i] ^ (1 << (i % 8)));
		assert_refused(image, image_len);
		image[i] = (char)(image[i] ^ (1 << (i % 8)));
	}
}

static void damaged_image_is_refused(void **state)
{
	size_t step = image_len / 97;

	(void)state;
	for (size_t at = sizeof(struct image_header); at < image_len; at += step) {
		image[at] = (char)(image[at] ^ 0x40);
		assert_refused(image, image_len);
		image[at] = (char)(image[at] ^ 0x40);
	}
}

static void a_section_outside_of_the_image_is_refused(void **state)
{
	struct image_header *header = (struct image_header *)(void *)image;

	(void)state;
	for (size_t i = 0; i < IMAGE_SECTIONS; i++) {
		struct image_section good = header->sections[i];
		header->sections[i].offset = image_len + 8;
		seal();
		assert_refused(image, image_len);
		header->sections[i] = good;
		header->sections[i].count = UINT64_MAX / 2;
		seal();
		assert_refused(image, image_len);
		header->sections[i] = good;
	}
	seal();
}

static void a_section_that_is_not_laid_out_as_its_table_is_refused(void **state)
{
	struct image_header *header = (struct image_header *)(void *)image;

	(void)state;
	for (size_t i = 0; i < IMAGE_SECTIONS; i++) {
		struct image_section good = header->sections[i];
		header->sections[i].offset += 4; /* Not aligned. */
		seal();
		assert_refused(image, image_len);
		header->sections[i] = good;
		header->sections[i].offset = 0; /* The header itself. */
		seal();
		assert_refused(image, image_len);
		header->sections[i] = good;
		header->sections[i].width++;
		seal();
		assert_refused(image, image_len);
		header->sections[i] = good;
	}
	seal();
}

static void one_bit_of_each_section_is_noticed(void **state)
{
	const struct image_header *header = (const struct image_header *)(void *)image;

	(void)state;
	for (size_t i = 0; i < IMAGE_SECTIONS; i++) {
		const struct image_section *section = &header->sections[i];
		char *first = image + section->offset;
		char *last = first + section->count * section->width - 1;
		*first = (char)(*first ^ 1);
		assert_refused(image, image_len);
		*first = (char)(*first ^ 1);
		*last = (char)(*last ^ 0x80);
		assert_refused(image, image_len);
		*last = (char)(*last ^ 0x80);
	}
}

static void a_reading_outside_of_the_syllables_is_refused(void **state)
{
	struct image_header *header = (struct image_header *)(void *)image;
	const struct image_section *section = &header->sections[IMAGE_READINGS];
	struct image_readings *last =
		(struct image_readings *)(void *)(image + section->offset) + section->count - 1;
	uint16_t good = last->syllables[0];

	(void)state;
	last->syllables[0] = READING_NONE - 1;
	seal();
	assert_refused(image, image_len);
	last->syllables[0] = good;
	seal();
}

static void a_posting_just_past_the_last_unit_is_refused(void **state)
{
	struct image_header *header = (struct image_header *)(void *)image;
	const struct image_section *section = &header->sections[IMAGE_POSTINGS];
	uint32_t *first = (uint32_t *)(void *)(image + section->offset), good = *first;

	(void)state;
	*first = POSTING(ROLE_COMMITTEE, header->sections[IMAGE_COMMITTEE_STREETS].count);
	seal();
	assert_refused(image, image_len);
	*first = POSTING(ROLE_STREET, header->sections[IMAGE_ADMIN_CODES].count);
	seal();
	assert_refused(image, image_len);
	*first = good;
	seal();
}

static void an_index_outside_of_its_table_is_refused(void **state)
{
	static const enum image_section_id ids[] = {
		IMAGE_ADMIN_PARENTS,   IMAGE_ADMIN_NAMES,
		IMAGE_ADMIN_FIRST,     IMAGE_COMMITTEE_STREETS,
		IMAGE_COMMITTEE_NAMES, IMAGE_CHILDREN,
		IMAGE_POSTS,	       IMAGE_POSTINGS,
		IMAGE_LEVELS,	       IMAGE_SYLLABLE_STARTS,
	};
	struct image_header *header = (struct image_header *)(void *)image;

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct image_section *section = &header->sections[ids[i]];
		uint32_t *last = (uint32_t *)(void *)(image + section->offset) + section->count - 1;
		uint32_t good = *last;
		*last = 0x7FFFFFFFu;
		seal();
		assert_refused(image, image_len);
		*last = good;
	}
	seal();
	gazetteer_close(opened());
}

static void a_step_outside_of_the_trie_is_refused(void **state)
{
	struct image_header *header = (struct image_header *)(void *)image;
	const struct image_section *section = &header->sections[IMAGE_EDGES];
	uint64_t *edge = (uint64_t *)(void *)(image + section->offset);

	(void)state;
	while (*edge == 0)
		edge++;
	uint64_t good = *edge;
	/* It leads nowhere, back to where it comes from, or is one too few. */
	*edge = EDGE(EDGE_KEY(good), (1u << EDGES_NODE_BITS) - 1, 0);
	seal();
	assert_refused(image, image_len);
	*edge = EDGE(EDGE_KEY(good), EDGE_FROM(good), 0);
	seal();
	assert_refused(image, image_len);
	*edge = 0;
	seal();
	assert_refused(image, image_len);
	*edge = good;
	seal();
	gazetteer_close(opened());
}

/* A search for what is not there ends at an empty slot. */
static void a_table_of_steps_without_room_is_refused(void **state)
{
	struct image_header *header = (struct image_header *)(void *)image;
	struct image_section *section = &header->sections[IMAGE_EDGES];
	uint64_t good = section->count;

	(void)state;
	section->count = EDGES_GROUP;
	seal();
	assert_refused(image, image_len);
	section->count = good - 1;
	seal();
	assert_refused(image, image_len);
	section->count = good;
	seal();
	gazetteer_close(opened());
}

static void another_format_is_named(void **state)
{
	struct image_header *header = (struct image_header *)(void *)image;
	struct gazetteer *gazetteer;
	struct err err = ERR_INIT;

	(void)state;
	header->format++;
	assert_int_equal(gazetteer_open(&gazetteer, image, image_len, &err), CL_ECORRUPT);
	assert_non_null(strstr(err.text, "build it again"));
	header->format--;
}

static void another_byte_order_is_named(void **state)
{
	struct image_header *header = (struct image_header *)(void *)image;
	struct gazetteer *gazetteer;
	struct err err = ERR_INIT;
	uint32_t good = header->order;

	(void)state;
	header->order = good >> 24 | (good >> 8 & 0xFF00) | (good << 8 & 0xFF0000) | good << 24;
	assert_int_equal(gazetteer_open(&gazetteer, image, image_len, &err), CL_ECORRUPT);
	assert_non_null(strstr(err.text, "byte order"));
	header->order = good;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_image_is_the_edition_it_says),
		cmocka_unit_test(every_level_is_found_by_code),
		cmocka_unit_test(what_is_no_code_names_nothing),
		cmocka_unit_test(a_chain_reads_as_on_an_envelope),
		cmocka_unit_test(a_name_that_does_not_fit_is_cut_whole),
		cmocka_unit_test(a_short_image_is_refused),
		cmocka_unit_test(every_byte_flip_in_header_is_found),
		cmocka_unit_test(damaged_image_is_refused),
		cmocka_unit_test(a_section_outside_of_the_image_is_refused),
		cmocka_unit_test(a_section_that_is_not_laid_out_as_its_table_is_refused),
		cmocka_unit_test(one_bit_of_each_section_is_noticed),
		cmocka_unit_test(a_reading_outside_of_the_syllables_is_refused),
		cmocka_unit_test(a_posting_just_past_the_last_unit_is_refused),
		cmocka_unit_test(an_index_outside_of_its_table_is_refused),
		cmocka_unit_test(a_step_outside_of_the_trie_is_refused),
		cmocka_unit_test(a_table_of_steps_without_room_is_refused),
		cmocka_unit_test(another_format_is_named),
		cmocka_unit_test(another_byte_order_is_named),
	};

	return cmocka_run_group_tests(tests, read_image, drop_image);
}
