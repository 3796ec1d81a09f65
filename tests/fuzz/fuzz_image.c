/* fuzz_image.c — an image damaged on purpose, with a good checksum: refused, or harmless. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "closedloop/mem.h"

#include "lib/place/image.h"

#define PATCH	  6
#define WHOLE_MAX ((size_t)1 << 20)

static char *base;
static size_t base_len;

static void seal(char *image, size_t len)
{
	struct image_header *header = (struct image_header *)(void *)image;

	memcpy(header->magic, IMAGE_MAGIC, sizeof(header->magic));
	header->order = IMAGE_ORDER;
	header->format = IMAGE_FORMAT;
	header->size = len;
	header->checksum = image_checksum(image + IMAGE_SUMMED, len - IMAGE_SUMMED);
}

/* A copy of the base with the changes DATA asks for. */
static char *patched(const uint8_t *data, size_t size, size_t *len)
{
	char *image = mem_alloc(base_len);

	*len = base_len;
	memcpy(image, base, base_len);
	for (; size >= PATCH; data += PATCH, size -= PATCH) {
		size_t at = ((size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) * 2;
		uint32_t value = (uint32_t)data[4] | (uint32_t)data[5] << 8;
		size_t width = 1u + data[3] % 8;
		if (data[3] & 0x80)
			value = ~value;
		at = at % base_len;
		for (size_t i = 0; i < width && at + i < base_len; i++)
			image[at + i] = (char)(i < 4 ? value >> (8 * i) : value >> 31 ? 0xFF : 0);
	}
	return image;
}

static char *whole(const uint8_t *data, size_t size, size_t *len)
{
	size = size < WHOLE_MAX ? size : WHOLE_MAX;
	*len = (size < sizeof(struct image_header) ? sizeof(struct image_header) : size + 7) / 8 *
	       8;
	char *image = mem_alloc(*len);
	memset(image, 0, *len);
	memcpy(image, data, size);
	return image;
}

static void ask(const struct gazetteer *gazetteer)
{
	static const char *const codes[] = {"31",	    "3101",
					    "310105",	    "310105009",
					    "310105009018", "310101101999",
					    "441900121014", "9"};
	static const char *const addresses[] = {
		"上海市长宁区虹桥街道古北荣华第一居委会",
		"上海市静安区三泉路1015弄",
		"甘泉路街道汪家景居委会",
		"莘庄镇莘松三村123号402室，浙江义乌江东鸡鸣山",
		"Xinsong San Cun Juweihui, Xinzhuang Zhen, Minhang Qu, Shanghai",
		"No. 5, Jimingshan Community, Jiangdong Subdistrict, Yiwu City",
		"东莞市虎门镇北栅社区村",
	};
	char name[64];
	struct matcher *matcher = match_new(gazetteer);

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		gazetteer_name(gazetteer, codes[i], name, sizeof(name));
		gazetteer_chain(gazetteer, codes[i], name, sizeof(name));
	}
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		/* What a damaged image answers is its own affair, as long as it answers. */
		static struct match match;
		match_address(matcher, addresses[i], &match);
	}
	match_free(matcher);
}

int fuzz_image(const uint8_t *data, size_t size)
{
	struct gazetteer *gazetteer;
	size_t len;

	if (!base)
		base = fuzz_file("CLOSEDLOOP_SMALL", "build/small.img", &base_len);
	bool is_whole = size >= 8 && memcmp(data, IMAGE_MAGIC, 8) == 0;
	char *image = is_whole ? whole(data, size, &len) : patched(data, size, &len);
	seal(image, len);
	if (gazetteer_open(&gazetteer, image, len, NULL) == 0) {
		ask(gazetteer);
		gazetteer_close(gazetteer);
	}
	mem_free(image);
	return 0;
}
