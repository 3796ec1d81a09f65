/* fuzz_common.c — what all fuzz targets need: a file, and promises that answers and rules must
 * hold. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/mem.h"

char *fuzz_file(const char *variable, const char *path, size_t *len)
{
	const char *named = getenv(variable);
	FILE *file = fopen(named ? named : path, "rb");
	size_t cap = 1u << 20, got;
	char *bytes = mem_alloc(cap);

	if (!file) {
		fprintf(stderr, "fuzz: %s: cannot be read\n", named ? named : path);
		exit(1);
	}
	for (*len = 0; (got = fread(bytes + *len, 1, cap - *len, file)) > 0;) {
		*len += got;
		if (*len == cap)
			bytes = mem_grow(bytes, cap *= 2);
	}
	fclose(file);
	return bytes;
}

const struct gazetteer *fuzz_small(void)
{
	static struct gazetteer *small;
	size_t len;

	if (small)
		return small;
	char *image = fuzz_file("CLOSEDLOOP_SMALL", "build/small.img", &len);
	int rc = gazetteer_open(&small, image, len, NULL);
	assert(rc == 0);
	return small;
}

void fuzz_hold(const struct gazetteer *gazetteer, const struct match *match)
{
	bool answered = match->verdict >= MATCH_PROBABLE;

	assert(match->verdict <= MATCH_EXACT && match->why < MATCH_WHYS);
	assert(match->confidence >= 0 && match->confidence <= 1);
	assert(match->candidates_len <= MATCH_CANDIDATES_MAX);
	assert(!answered || strlen(match->code) == UNIT_CODE_MAX);
	assert(!answered || strcmp(match->candidates[0].code, match->code) == 0);
	assert(match->verdict != MATCH_UNMATCHED || !*match->code);
	assert(!*match->code || gazetteer_has(gazetteer, match->code));
	for (size_t i = 0; i < match->candidates_len; i++)
		assert(gazetteer_has(gazetteer, match->candidates[i].code) &&
		       strlen(match->candidates[i].code) == UNIT_CODE_MAX);
	assert(text_is_utf8(match->normalized, strlen(match->normalized)));
	assert(text_is_utf8(match->reason, strlen(match->reason)));
	assert(text_is_utf8(match->warning, strlen(match->warning)));
	assert(text_is_utf8(match->door_key, strlen(match->door_key)));
	assert(text_is_utf8(match->estate_key, strlen(match->estate_key)));
	assert(strlen(match->rule) < sizeof(match->rule));
	for (size_t i = 0; i < UNIT_CHAIN_MAX; i++)
		assert(text_is_utf8(match->words[i], strlen(match->words[i])));
}

bool fuzz_same(const struct match *a, const struct match *b)
{
	bool same = a->verdict == b->verdict && a->why == b->why && strcmp(a->code, b->code) == 0 &&
		    strcmp(a->reason, b->reason) == 0 && strcmp(a->rule, b->rule) == 0 &&
		    strcmp(a->warning, b->warning) == 0 && strcmp(a->door_key, b->door_key) == 0 &&
		    strcmp(a->estate_key, b->estate_key) == 0 &&
		    strcmp(a->normalized, b->normalized) == 0 &&
		    a->candidates_len == b->candidates_len;

	for (size_t i = 0; same && i < a->candidates_len; i++)
		same = strcmp(a->candidates[i].code, b->candidates[i].code) == 0;
	for (size_t i = 0; same && i < UNIT_CHAIN_MAX; i++)
		same = strcmp(a->words[i], b->words[i]) == 0;
	return same;
}

void fuzz_judge(struct matcher *matcher, const struct gazetteer *gazetteer,
		const struct match_query *query, struct match *out)
{
	/* What is not written into it must not shine through. */
	memset(out, 0xA5, sizeof(*out));
	match_query(matcher, query, out);
	fuzz_hold(gazetteer, out);
}

static void ignore_complaint(void *context, int line, const char *text)
{
	(void)context;
	(void)line;
	(void)text;
}

static void count_conflict(void *context, const struct coverage_conflict *conflict)
{
	char room[MATCH_ADDRESS_MAX];
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	coverage_doors(conflict, &out);
	assert(text_is_utf8(room, strlen(room)) && conflict->from <= conflict->to);
	++*(size_t *)context;
}

static void count_gap(void *context, const struct coverage_gap *gap)
{
	char room[MATCH_ADDRESS_MAX];
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	coverage_gap_doors(gap, &out);
	assert(text_is_utf8(room, strlen(room)) && gap->from <= gap->to);
	++*(size_t *)context;
}

void fuzz_examine(const struct coverage *coverage)
{
	size_t told = 0;

	assert(coverage_conflicts(coverage, count_conflict, &told) == told);
	told = 0;
	assert(coverage_gaps(coverage, count_gap, &told) == told);
}

void fuzz_rewrite(const struct coverage_source *source, const struct gazetteer *gazetteer)
{
	struct coverage_source *second = coverage_source_new();
	size_t rules = coverage_source_rules(source), cap = (rules + 1) * (COVERAGE_ROW_CAP + 1);
	char *room = mem_alloc(cap), row[COVERAGE_ROW_CAP];
	struct text table = {.data = room, .cap = cap};
	struct coverage *once, *twice;
	char hash[2][COVERAGE_HASH_CAP];

	text_clear(&table);
	text_add(&table, COVERAGE_ROW_HEAD "\n");
	for (size_t i = 0; i < rules; i++) {
		struct text out = TEXT_OVER(row);

		text_clear(&out);
		coverage_write_row(coverage_source_rule(source, i), "unit", &out);
		text_addf(&table, "%s\n", row);
		text_clear(&out);
		coverage_write_yaml(coverage_source_rule(source, i), &out);
		assert(text_is_utf8(row, strlen(row)));
	}
	size_t refused = coverage_read_rules(second, room, table.len, ignore_complaint, NULL);
	assert(refused == 0 && coverage_source_rules(second) == rules);
	int rc = coverage_source_boundaries(source) == 0
			 ? coverage_build(&once, source, gazetteer, NULL)
			 : CL_ENOENT;
	if (rc == 0) {
		rc = coverage_build(&twice, second, gazetteer, NULL);
		assert(rc == 0);
		coverage_hash(once, hash[0]);
		coverage_hash(twice, hash[1]);
		assert(strcmp(hash[0], hash[1]) == 0);
		coverage_free(once);
		coverage_free(twice);
	}
	mem_free(room);
	coverage_source_free(second);
}
