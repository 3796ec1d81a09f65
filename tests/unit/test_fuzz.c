/* test_fuzz.c — what fuzzing found, and what it learnt, is tried again at every test.
 *
 * Neighbours: tests/fuzz. Each file of tests/fuzz/corpus/X is given to fuzz_X, whose asserts end
 * this program when a promise is broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/mem.h"

#include "tests/fuzz/fuzz.h"

#define SEED_MAX ((size_t)1 << 16)

static void replay(const char *corpus, int (*target)(const uint8_t *data, size_t size))
{
	static uint8_t bytes[SEED_MAX];
	DIR *folder = opendir(corpus);
	size_t tried = 0;

	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		char path[512];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", corpus, entry->d_name);
		FILE *file = fopen(path, "rb");
		assert_non_null(file);
		size_t len = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		assert_int_equal(target(bytes, len), 0);
		tried++;
	}
	closedir(folder);
	assert_true(tried >= 5);
	assert_int_equal(target(bytes, 0), 0);
}

static void addresses_of_the_corpus_are_judged(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/match", fuzz_match);
}

static void damaged_images_of_the_corpus_are_refused_or_harmless(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/image", fuzz_image);
}

static void rules_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/rules", fuzz_rules);
}

static void lists_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/list", fuzz_list);
}

static void outlines_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/geojson", fuzz_geojson);
}

static void queries_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/form", fuzz_form);
}

static void connections_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/request", fuzz_request);
}

static void bodies_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/event", fuzz_event);
}

static void answers_of_the_corpus_are_classified(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/reply", fuzz_reply);
}

static void tokens_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/link", fuzz_link);
}

static void records_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/record", fuzz_record);
}

static void words_of_the_corpus_are_harmless(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/words", fuzz_words);
}

static void configurations_of_the_corpus_are_read_or_refused(void **state)
{
	(void)state;
	replay("tests/fuzz/corpus/yaml", fuzz_yaml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_the_corpus_are_judged),
		cmocka_unit_test(damaged_images_of_the_corpus_are_refused_or_harmless),
		cmocka_unit_test(rules_of_the_corpus_are_read_or_refused),
		cmocka_unit_test(lists_of_the_corpus_are_read_or_refused),
		cmocka_unit_test(outlines_of_the_corpus_are_read_or_refused),
		cmocka_unit_test(queries_of_the_corpus_are_read_or_refused),
		cmocka_unit_test(connections_of_the_corpus_are_read_or_refused),
		cmocka_unit_test(bodies_of_the_corpus_are_read_or_refused),
		cmocka_unit_test(answers_of_the_corpus_are_classified),
		cmocka_unit_test(tokens_of_the_corpus_are_read_or_refused),
		cmocka_unit_test(records_of_the_corpus_are_read_or_refused),
		cmocka_unit_test(words_of_the_corpus_are_harmless),
		cmocka_unit_test(configurations_of_the_corpus_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
