/* fuzz_rules.c — any bytes for a table of coverage rules or boundaries: each row refused or used.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "closedloop/coverage.h"
#include "closedloop/mem.h"

static struct matcher *matcher;

static void count(void *context, int line, const char *text)
{
	size_t *complaints = context;

	assert(line >= 0 && *text && text_is_utf8(text, strlen(text)));
	++*complaints;
}

static void ask(void)
{
	static const char *const addresses[] = {
		"上海市长宁区古北路1398弄5号",
		"上海市长宁区仙霞路410弄",
		"长宁区伦敦广场3号楼",
		"上海市闵行区莘庄镇莘松三村",
	};
	static struct match match;
	const struct geo_point point = {121360000, 31200000};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct match_query query = {.address = addresses[i]};
		fuzz_judge(matcher, fuzz_small(), &query, &match);
		query.point = &point;
		fuzz_judge(matcher, fuzz_small(), &query, &match);
	}
}

int fuzz_rules(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memchr(data, '\f', size) : NULL;
	size_t rules_len = cut ? (size_t)(cut - data) : size, complaints = 0;
	struct coverage_source *source = coverage_source_new();
	struct coverage *coverage;

	if (!matcher)
		matcher = match_new(fuzz_small());
	size_t refused =
		coverage_read_rules(source, (const char *)data, rules_len, count, &complaints);
	if (cut)
		refused += coverage_read_boundaries(source, (const char *)cut + 1,
						    size - rules_len - 1, count, &complaints);
	assert(refused <= complaints);
	fuzz_rewrite(source, fuzz_small());
	if (coverage_build(&coverage, source, fuzz_small(), NULL) == 0) {
		coverage_source_free(source);
		fuzz_examine(coverage);
		match_use_coverage(matcher, coverage);
		ask();
		match_use_coverage(matcher, NULL);
		coverage_free(coverage);
	} else {
		coverage_source_free(source);
	}
	return 0;
}
