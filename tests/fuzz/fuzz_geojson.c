/* fuzz_geojson.c — any bytes for an outline as a map program writes it: refused or used. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "lib/conf/conf_coverage.h"

#define CODE "310105009018"

static void read_as(const uint8_t *data, size_t size, const char *code)
{
	static struct match match;
	struct conf_whole whole = {.conf = {.coverage_rules = coverage_source_new()}};
	struct conf_report report = {0};
	struct loader loader = {
		.whole = &whole, .arena = &whole.arena, .conf = &whole.conf, .report = &report};
	const struct geo_point point = {121360000, 31200000};
	const struct match_query query = {.address = "古北路1398弄", .point = &point};
	struct coverage *coverage;
	struct err err = ERR_INIT;

	conf_read_geojson(&loader, "a.geojson", (const char *)data, size, code);
	for (size_t i = 0; i < report.len; i++)
		assert(text_is_utf8(report.problems[i].text, strlen(report.problems[i].text)));
	if (coverage_build(&coverage, whole.conf.coverage_rules, fuzz_small(), &err) == 0) {
		struct matcher *matcher = match_new(fuzz_small());
		fuzz_examine(coverage);
		match_use_coverage(matcher, coverage);
		fuzz_judge(matcher, fuzz_small(), &query, &match);
		match_free(matcher);
		coverage_free(coverage);
	} else {
		/* Of one committee that is known, nothing is left to be wrong. */
		assert(!code && text_is_utf8(err.text, strlen(err.text)));
	}
	coverage_source_free(whole.conf.coverage_rules);
	conf_report_free(&report);
	arena_release(&whole.arena);
	arena_release(&loader.nodes);
}

int fuzz_geojson(const uint8_t *data, size_t size)
{
	read_as(data, size, NULL);
	read_as(data, size, CODE);
	return 0;
}
