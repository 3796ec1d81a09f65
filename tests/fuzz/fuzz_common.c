/* fuzz_common.c — what all fuzz targets need: a file, and an answer that holds its promises. */
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

static void hold(const struct gazetteer *gazetteer, const struct match *match)
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

void fuzz_judge(struct matcher *matcher, const struct gazetteer *gazetteer,
		const struct match_query *query)
{
	static struct match first, again;

	match_query(matcher, query, &first);
	hold(gazetteer, &first);
	match_query(matcher, query, &again);
	assert(first.verdict == again.verdict && first.why == again.why &&
	       strcmp(first.code, again.code) == 0 && strcmp(first.reason, again.reason) == 0);
}
