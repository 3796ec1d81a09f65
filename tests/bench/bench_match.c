/* bench_match.c — how many addresses a second one core matches, how long the slow ones take, and
 * what the image costs; beside the matcher that anybody would write first.
 *
 *	bench_match [LABELS.tsv] [-- BUILDER ARGUMENTS …]
 *
 * LABELS.tsv has columns id, address, verdict, code, … and a head line (make bench-match takes the
 * development set). Without one, a dozen addresses of our own are matched over and over. What
 * follows -- is run once and timed: the building of an image. The image is the one
 * CLOSEDLOOP_GAZETTEER names, or build/gazetteer.img.
 *
 * Times are those this thread had a core, so that the figures mean the same on a busy machine; the
 * share of them that a busy neighbour costs by emptying caches remains.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "closedloop/coverage.h"
#include "closedloop/match.h"
#include "closedloop/mem.h"

#include "lib/place/image.h"
#include "tests/bench/naive.h"

#define ROUND_NS 1000000000 /* Go on for a second of each kind. */
#define RULES	 100000

struct row {
	const char *address, *verdict, *code;
};

static const struct row own[] = {
	{"上海市杨浦区长海路街道市光居委会黄兴路1800弄5号602室", "exact", "310110021002"},
	{"上海市虹口区江湾镇街道奎照路居委会奎照路800弄2号301室", "exact", "310109019001"},
	{"上海市青浦区华新镇华腾社区华腾路1号3幢501室", "exact", "310118107003"},
	{"浙江金华义乌江东街道鸡鸣山", "exact", "330782002005"},
	{"广东省东莞市虎门镇北栅社区", "exact", "441900121014"},
	{"江苏省徐州市鼓楼区琵琶街道办事处复兴北路", "ambiguous", ""},
	{"上海市普陀区甘泉路街道志丹路155弄", "ambiguous", ""},
	{"朝阳村12号楼2单元301", "ambiguous", ""},
	{"10 Downing Street, London", "unmatched", ""},
	{"Shiguang Community, Changhailu Subdistrict, Yangpu District, Shanghai", "exact",
	 "310110021002"},
};

/* --- Allocations are counted: this program's malloc stands before the library's. --- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static size_t allocations;

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	allocations++;
	return __libc_realloc(block, size);
}

static int64_t clock_ns(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t now_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

_Noreturn static void die(const char *path, const char *why)
{
	fprintf(stderr, "bench_match: %s: %s\n", path, why);
	exit(1);
}

/* --- The rows --- */

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t cap = 1u << 20, len = 0, got;
	char *bytes = mem_alloc(cap);

	if (!file)
		die(path, strerror(errno));
	while ((got = fread(bytes + len, 1, cap - 1 - len, file)) > 0)
		if ((len += got) + 1 >= cap)
			bytes = mem_grow(bytes, cap *= 2);
	fclose(file);
	bytes[len] = '\0';
	return bytes;
}

static char *field(char **rest)
{
	char *start = *rest;
	size_t len = strcspn(start, "\t\r");

	*rest = start + len + (start[len] != '\0');
	start[len] = '\0';
	return start;
}

/* Cut TABLE into its rows. Returns their number. */
static size_t rows_in(char *table, struct row **out)
{
	size_t len = 0, cap = 1024;
	struct row *rows = mem_alloc(cap * sizeof(*rows));
	char *line = strchr(table, '\n');

	while (line && line[1]) {
		char *end = strchr(++line, '\n'), *rest = line;
		if (end)
			*end = '\0';
		if (line[0] != '#') {
			field(&rest);
			char *address = field(&rest);
			match_unescape(address);
			if (len == cap)
				rows = mem_grow(rows, (cap *= 2) * sizeof(*rows));
			rows[len].address = address;
			rows[len].verdict = field(&rest);
			rows[len++].code = field(&rest);
		}
		line = end;
	}
	*out = rows;
	return len;
}

/* No Chinese character in it. */
static bool is_latin(const char *address)
{
	for (; *address; address++)
		if ((unsigned char)*address >= 0xE3 && (unsigned char)*address <= 0xE9)
			return false;
	return true;
}

static size_t of_kind(const struct row *rows, size_t len, bool latin, const char **list)
{
	size_t found = 0;

	for (size_t i = 0; i < len; i++)
		if (is_latin(rows[i].address) == latin)
			list[found++] = rows[i].address;
	return found;
}

/* --- What is measured --- */

static int compare(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

/* Returns addresses a second. */
static double speed(const char *name, struct matcher *matcher, const char *const *list, size_t len)
{
	static struct match match;
	int64_t *took = mem_alloc((len + 1) * sizeof(*took)), spent;
	size_t done = 0, before = allocations;

	if (len == 0)
		return 0;
	int64_t begin = now_ns();
	do {
		for (size_t i = 0; i < len; i++)
			match_address(matcher, list[i], &match);
		done += len;
		spent = now_ns() - begin;
	} while (spent < ROUND_NS);
	size_t allocated = allocations - before;
	for (size_t i = 0; i < len; i++) {
		/* The best of three: what the text costs, not what an interrupt does. */
		took[i] = INT64_MAX;
		for (int k = 0; k < 3; k++) {
			int64_t from = now_ns();
			match_address(matcher, list[i], &match);
			int64_t this = now_ns() - from;
			took[i] = this < took[i] ? this : took[i];
		}
	}
	qsort(took, len, sizeof(*took), compare);
	double rate = (double)done * 1e9 / (double)spent;
	printf("%-28s %5zu rows  %8.0f/s  p50 %5.1f us  p99 %5.1f us  slowest %6.1f us  "
	       "%.2f allocations each\n",
	       name, len, rate, (double)took[len / 2] / 1e3, (double)took[len * 99 / 100] / 1e3,
	       (double)took[len - 1] / 1e3, (double)allocated / (double)done);
	mem_free(took);
	return rate;
}

static double naive_speed(const struct naive *naive, const char *const *list, size_t len)
{
	char code[UNIT_CODE_CAP];
	int64_t begin = now_ns(), spent = 0;
	size_t done = 0;

	while (len > 0 && spent < ROUND_NS) {
		naive_match(naive, list[done++ % len], code);
		spent = now_ns() - begin;
	}
	return spent ? (double)done * 1e9 / (double)spent : 0;
}

/* Of the rows that deserve an answer, how many get it; of all, how many get a wrong one as sure. */
static void tell_right(const char *name, const struct row *rows, size_t len, const size_t right,
		       const size_t wrong)
{
	size_t deserve = 0;

	for (size_t i = 0; i < len; i++)
		deserve += strcmp(rows[i].verdict, "exact") == 0;
	printf("%-28s %.1f %% of the exact rows right, %.2f %% of all rows wrong and sure of it\n",
	       name, 100.0 * (double)right / (double)(deserve ? deserve : 1),
	       100.0 * (double)wrong / (double)len);
}

static void compare_answers(struct matcher *matcher, const struct naive *naive,
			    const struct row *rows, size_t len)
{
	static struct match match;
	size_t right = 0, wrong = 0, naive_right = 0, naive_wrong = 0;
	char code[UNIT_CODE_CAP];

	for (size_t i = 0; i < len; i++) {
		bool deserves = strcmp(rows[i].verdict, "exact") == 0;
		bool may = deserves || strcmp(rows[i].verdict, "probable") == 0;
		match_address(matcher, rows[i].address, &match);
		naive_match(naive, rows[i].address, code);
		bool same = strcmp(match.code, rows[i].code) == 0;
		bool naive_same = strcmp(code, rows[i].code) == 0;
		right += deserves && match.verdict >= MATCH_PROBABLE && same;
		wrong += match.verdict == MATCH_EXACT && !(may && same);
		naive_right += deserves && naive_same;
		naive_wrong += *code && !(may && naive_same);
	}
	tell_right("ours", rows, len, right, wrong);
	tell_right("longest substring", rows, len, naive_right, naive_wrong);
}

/* A range of some road for every sixth committee of the country. */
static struct coverage *many_rules(const struct gazetteer *gazetteer)
{
	static const char *const roads[] = {"人民路", "解放路", "中山路", "建设路", "黄兴路",
					    "志丹路", "新华路", "和平路", "朝阳街", "复兴北路"};
	struct coverage_source *source = coverage_source_new();
	struct coverage *coverage;
	struct err err = ERR_INIT;
	char code[UNIT_CODE_CAP], id[32];
	int64_t begin = now_ns();

	for (uint32_t i = 0; i < RULES; i++) {
		uint32_t from = 1 + i % 97 * 20;
		gazetteer_committee_code(gazetteer,
					 (uint32_t)((uint64_t)i * gazetteer->committees / RULES),
					 code);
		snprintf(id, sizeof(id), "r%u", i);
		struct coverage_rule rule = {.id = id,
					     .code = code,
					     .kind = COVERAGE_RANGE,
					     .name = roads[i % ARRAY_LEN(roads)],
					     .number = (enum coverage_number)(i % 3),
					     .from = from,
					     .to = from + 30};
		if (coverage_add_rule(source, &rule, &err) < 0)
			die("rules", err.text);
	}
	if (coverage_build(&coverage, source, gazetteer, &err) < 0)
		die("rules", err.text);
	coverage_source_free(source);
	printf("%d coverage rules compiled in %.0f ms\n", RULES, (double)(now_ns() - begin) / 1e6);
	return coverage;
}

/* Kilobytes of the mapping at IMAGE under the heading WHAT ("Pss:"). */
static long mapped_kb(const void *image, const char *what)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	char line[512], *end;
	bool here = false;
	long kb = 0;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long start = strtoul(line, &end, 16);
		if (end != line && *end == '-')
			here = start == (unsigned long)image;
		else if (here && strncmp(line, what, strlen(what)) == 0)
			kb = strtol(line + strlen(what), NULL, 10);
	}
	if (file)
		fclose(file);
	return kb;
}

/* Two processes that map the same image and have used all of it: what each is charged for. */
static void tell_shared(const void *image, struct matcher *matcher, const char *const *list,
			size_t len)
{
	static struct match match;
	int pipes[2];
	char done;

	if (pipe(pipes) < 0)
		die("pipe", strerror(errno));
	pid_t child = fork();
	if (child == 0) {
		for (size_t i = 0; i < len; i++)
			match_address(matcher, list[i], &match);
		if (write(pipes[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	if (child > 0 && read(pipes[0], &done, 1) == 1)
		printf("mapped by two processes: %.1f MB resident, %.1f MB charged to each\n",
		       (double)mapped_kb(image, "Rss:") / 1e3,
		       (double)mapped_kb(image, "Pss:") / 1e3);
	if (child > 0 && kill(child, SIGKILL) == 0)
		waitpid(child, NULL, 0);
	close(pipes[0]);
	close(pipes[1]);
}

static const void *map(const char *path, size_t *len)
{
	struct stat stat;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &stat) < 0)
		die(path, strerror(errno));
	*len = (size_t)stat.st_size;
	const void *image = mmap(NULL, *len, PROT_READ, MAP_SHARED, fd, 0);
	if (image == MAP_FAILED)
		die(path, strerror(errno));
	close(fd);
	return image;
}

static void time_builder(char **command)
{
	struct rusage usage;
	int status;
	pid_t child = fork();

	if (child == 0) {
		execv(command[0], command);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
		die(command[0], "the building of an image failed");
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("image built in %.2f s of CPU time\n",
	       (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

/* Without a baseline figure there is no ratio. */
static void tell_ratio(const char *name, double ours, double theirs)
{
	if (theirs > 0)
		printf("%-28s %12.0f/s; ours is %.0f times as fast\n", name, theirs, ours / theirs);
}

int main(int argc, char **argv)
{
	const char *path = getenv("CLOSEDLOOP_GAZETTEER");
	bool has_table = argc > 1 && strcmp(argv[1], "--") != 0;
	struct row *rows = NULL;
	char *table = NULL;
	size_t len, count = ARRAY_LEN(own);
	struct gazetteer *gazetteer;
	struct err err = ERR_INIT;
	static struct match match;

	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "--") == 0) {
			time_builder(argv + i + 1);
			break;
		}
	if (has_table) {
		table = read_all(argv[1]);
		count = rows_in(table, &rows);
		if (count == 0)
			die(argv[1], "holds no addresses");
	}
	const struct row *all = rows ? rows : own;

	int64_t begin = clock_ns(CLOCK_MONOTONIC), cpu = now_ns();
	const void *image = map(path ? path : "build/gazetteer.img", &len);
	if (gazetteer_open(&gazetteer, image, len, &err) < 0)
		die(path ? path : "build/gazetteer.img", err.text);
	struct matcher *matcher = match_new(gazetteer);
	match_address(matcher, own[0].address, &match);
	printf("image %.1f MB; from nothing to the first answer %.1f ms (%.1f ms of CPU time)\n",
	       (double)len / 1e6, (double)(clock_ns(CLOCK_MONOTONIC) - begin) / 1e6,
	       (double)(now_ns() - cpu) / 1e6);

	const char **chinese = mem_alloc(count * sizeof(*chinese));
	const char **latin = mem_alloc(count * sizeof(*latin));
	size_t chinese_len = of_kind(all, count, false, chinese);
	size_t latin_len = of_kind(all, count, true, latin);
	double rate = speed("Chinese", matcher, chinese, chinese_len);
	double latin_rate = speed("Latin", matcher, latin, latin_len);
	struct coverage *coverage = many_rules(gazetteer);
	match_use_coverage(matcher, coverage);
	speed("Chinese, 100,000 rules", matcher, chinese, chinese_len);
	speed("Latin, 100,000 rules", matcher, latin, latin_len);
	match_use_coverage(matcher, NULL);
	coverage_free(coverage);

	struct naive *naive = naive_new(gazetteer);
	tell_ratio("longest substring, Chinese", rate, naive_speed(naive, chinese, chinese_len));
	tell_ratio("longest substring, Latin", latin_rate, naive_speed(naive, latin, latin_len));
	compare_answers(matcher, naive, all, count);
	naive_free(naive);
	tell_shared(image, matcher, chinese, chinese_len);

	match_free(matcher);
	gazetteer_close(gazetteer);
	mem_free(chinese);
	mem_free(latin);
	mem_free(rows);
	mem_free(table);
	return 0;
}
