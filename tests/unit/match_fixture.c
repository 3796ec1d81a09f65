/* match_fixture.c — open the shipped gazetteer once per test program.
 *
 * Neighbours: test_match*.c, test_latin.c, test_coverage.c.
 */
#include "match_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/mem.h"

#define IMAGE_CAP ((size_t)64 << 20)

struct gazetteer *fixture_gazetteer;
struct matcher *fixture_matcher;

static char *image;

int match_fixture_open(void **state)
{
	const char *path = getenv("CLOSEDLOOP_GAZETTEER");
	FILE *file = fopen(path ? path : "build/gazetteer.img", "rb");
	size_t len = 0, got;

	(void)state;
	if (!file)
		return -1;
	image = mem_alloc(IMAGE_CAP);
	while ((got = fread(image + len, 1, IMAGE_CAP - len, file)) > 0)
		len += got;
	fclose(file);
	if (gazetteer_open(&fixture_gazetteer, image, len, NULL) < 0)
		return -1;
	fixture_matcher = match_new(fixture_gazetteer);
	return 0;
}

int match_fixture_close(void **state)
{
	(void)state;
	match_free(fixture_matcher);
	gazetteer_close(fixture_gazetteer);
	mem_free(image);
	return 0;
}

void match_fixture_check(const struct match_row *rows, size_t len)
{
	static struct match match;

	for (size_t i = 0; i < len; i++) {
		const struct match_row *row = &rows[i];
		match_address(fixture_matcher, row->address, &match);
		if (match.verdict != row->verdict || match.why != row->why ||
		    strcmp(match.code, row->code) != 0 ||
		    (row->warning && strcmp(match.warning, row->warning) != 0))
			print_message("%s: %s (%s) %s, warning '%s', %s\n", row->address,
				      match_verdict_word(match.verdict), match_why_word(match.why),
				      match.code, match.warning, match.reason);
		assert_int_equal(match.verdict, row->verdict);
		assert_int_equal(match.why, row->why);
		assert_string_equal(match.code, row->code);
		if (row->warning)
			assert_string_equal(match.warning, row->warning);
	}
}
