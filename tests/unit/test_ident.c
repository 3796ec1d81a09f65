/* test_ident.c — ids sort by time, differ by chance, and repeat under one seed.
 * Neighbours: lib/base/ident.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/ident.h"
#include "closedloop/when.h"

static void fill_same(void *context, void *bytes, size_t len)
{
	memset(bytes, *(const int *)context, len);
}

static void the_ulid_is_written_as_published(void **state)
{
	int byte = 0;
	struct entropy entropy = {.fill = fill_same, .context = &byte};
	char id[IDENT_CAP];

	(void)state;
	/* The example of the ULID specification: 1469918176385 is 01ARYZ6S41. */
	ident_make(id, "ntc", INT64_C(1469918176385), &entropy);
	assert_string_equal(id, "ntc_01ARYZ6S410000000000000000");
	byte = 0xFF;
	ident_make(id, "fact", (INT64_C(1) << 48) - 1, &entropy);
	assert_string_equal(id, "fact_7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
	ident_make(id, "j", -5, &entropy);
	assert_string_equal(id, "j_0000000000ZZZZZZZZZZZZZZZZ");
}

static void later_ids_sort_later(void **state)
{
	uint64_t seed = 1;
	struct entropy entropy = entropy_seeded(&seed);
	int64_t now = INT64_C(1583604700000);
	char before[IDENT_CAP] = "";
	char id[IDENT_CAP];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		ident_make(id, "jny", now, &entropy);
		assert_int_equal(strlen(id), 30);
		assert_true(strcmp(before, id) < 0);
		memcpy(before, id, sizeof(id));
		now += 1 + i % 7 * WHEN_HOUR;
	}
}

static void one_seed_repeats_and_another_differs(void **state)
{
	uint64_t seeds[3] = {42, 42, 43};
	char ids[3][IDENT_CAP];

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct entropy entropy = entropy_seeded(&seeds[i]);

		ident_make(ids[i], "jny", 0, &entropy);
	}
	assert_string_equal(ids[0], ids[1]);
	assert_string_not_equal(ids[0], ids[2]);
}

static void the_seeded_stream_is_splitmix64(void **state)
{
	uint64_t seed = 1234567;
	struct entropy entropy = entropy_seeded(&seed);
	uint8_t bytes[8];
	uint64_t value = 0;

	(void)state;
	entropy.fill(entropy.context, bytes, sizeof(bytes));
	for (size_t i = 8; i > 0; i--)
		value = value << 8 | bytes[i - 1];
	assert_true(value == UINT64_C(6457827717110365317)); /* Published first output. */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ulid_is_written_as_published),
		cmocka_unit_test(later_ids_sort_later),
		cmocka_unit_test(one_seed_repeats_and_another_differs),
		cmocka_unit_test(the_seeded_stream_is_splitmix64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
