/* bench_match.c — how many addresses a second one core matches, and how long the slow ones take.
 *
 *	bench_match [ADDRESSES.tsv]
 *
 * The file has columns id, address, … and a head line. Without one, a dozen addresses of our own
 *are matched over and over. The image is the one CLOSEDLOOP_GAZETTEER names, or
 *build/gazetteer.img.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "closedloop/match.h"
#include "closedloop/mem.h"

#define ROUNDS_NS 2000000000 /* Go on for two seconds. */

static const char *const own[] = {
	"上海市杨浦区长海路街道市光居委会黄兴路1800弄5号602室",
	"上海市虹口区江湾镇街道奎照路居委会奎照路800弄2号301室",
	"上海市青浦区华新镇华腾社区华腾路1号3幢501室",
	"浙江金华义乌江东街道鸡鸣山",
	"广东省东莞市虎门镇北栅社区",
	"江苏省徐州市鼓楼区琵琶街道办事处复兴北路",
	"套里村，河南寨镇，密云区，北京市",
	"上海市普陀区甘泉路街道志丹路155弄",
	"昆明西山六合社区",
	"朝阳村12号楼2单元301",
	"上海静安三泉路1015弄",
	"10 Downing Street, London",
};

/* Time this thread has had a core: the figures mean the same on a busy machine. */
static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Read all of PATH, with a NUL after it; at 8-byte alignment, as the image needs. */
static char *read_all(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	size_t cap = 1u << 20, got;
	char *bytes = mem_alloc(cap);

	if (!file) {
		fprintf(stderr, "bench_match: %s: cannot be read\n", path);
		exit(1);
	}
	for (*len = 0; (got = fread(bytes + *len, 1, cap - 1 - *len, file)) > 0;) {
		*len += got;
		if (*len + 1 >= cap)
			bytes = mem_grow(bytes, cap *= 2);
	}
	fclose(file);
	bytes[*len] = '\0';
	return bytes;
}

/* Cut TABLE into its address column. Returns their number. */
static size_t addresses_in(char *table, char ***out)
{
	size_t len = 0, cap = 1024;
	char **list = mem_alloc(cap * sizeof(*list));
	char *line = strchr(table, '\n');

	while (line && line[1]) {
		char *end = strchr(++line, '\n'), *address = strchr(line, '\t');
		if (end)
			*end = '\0';
		if (line[0] != '#' && address) {
			address[1 + strcspn(address + 1, "\t\r")] = '\0';
			match_unescape(address + 1);
			if (len == cap)
				list = mem_grow(list, (cap *= 2) * sizeof(*list));
			list[len++] = address + 1;
		}
		line = end;
	}
	*out = list;
	return len;
}

static int compare(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

static void measure(struct matcher *matcher, const char *const *list, size_t len)
{
	static struct match match;
	int64_t *took = mem_alloc(len * sizeof(*took)), begin = now_ns(), spent;
	size_t done = 0, verdicts[4] = {0};

	do {
		for (size_t i = 0; i < len; i++)
			match_address(matcher, list[i], &match);
		done += len;
		spent = now_ns() - begin;
	} while (spent < ROUNDS_NS);
	for (size_t i = 0; i < len; i++) {
		int64_t from = now_ns();
		match_address(matcher, list[i], &match);
		took[i] = now_ns() - from;
		verdicts[match.verdict]++;
	}
	qsort(took, len, sizeof(*took), compare);
	printf("%zu addresses: %.0f/s, p50 %.1f us, p99 %.1f us, slowest %.1f us\n", len,
	       (double)done * 1e9 / (double)spent, (double)took[len / 2] / 1e3,
	       (double)took[len * 99 / 100] / 1e3, (double)took[len - 1] / 1e3);
	for (size_t i = 0; i < 4; i++)
		printf("%-10s %zu\n", match_verdict_word((enum match_verdict)i), verdicts[i]);
	mem_free(took);
}

int main(int argc, char **argv)
{
	const char *path = getenv("CLOSEDLOOP_GAZETTEER");
	struct gazetteer *gazetteer;
	struct err err = ERR_INIT;
	size_t len, count = sizeof(own) / sizeof(own[0]);
	char *image = read_all(path ? path : "build/gazetteer.img", &len), *table = NULL;
	char **list = NULL;

	int64_t begin = now_ns();
	if (gazetteer_open(&gazetteer, image, len, &err) < 0) {
		fprintf(stderr, "bench_match: %s\n", err.text);
		return 1;
	}
	printf("image %.1f MB, opened in %.1f ms\n", (double)len / 1e6,
	       (double)(now_ns() - begin) / 1e6);
	struct matcher *matcher = match_new(gazetteer);
	if (argc > 1) {
		table = read_all(argv[1], &len);
		count = addresses_in(table, &list);
	}
	if (count == 0) {
		fprintf(stderr, "bench_match: %s: holds no addresses\n", argv[1]);
		return 1;
	}
	measure(matcher, list ? (const char *const *)list : own, count);
	match_free(matcher);
	gazetteer_close(gazetteer);
	mem_free(list);
	mem_free(table);
	mem_free(image);
	return 0;
}
