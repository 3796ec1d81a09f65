/* test_fact.c — facts have their words, and of two statements always the same one wins.
 * Neighbours: lib/loop/fact.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/fact.h"
#include "closedloop/text.h"

static void every_type_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int left = 0; left < FACT_TYPES; left++) {
		assert_non_null(fact_type_word((enum fact_type)left));
		for (int right = 0; right < left; right++)
			assert_string_not_equal(fact_type_word((enum fact_type)left),
						fact_type_word((enum fact_type)right));
	}
	assert_string_equal(fact_type_word(FACT_ANNOUNCED), "traveler.announced");
	assert_string_equal(fact_type_word(FACT_ACCEPTED), "journey.accepted");
	assert_string_equal(fact_type_word(FACT_ALERT_ACKED), "alert.acked");
	assert_string_equal(fact_type_word(FACT_DUE), "journey.due");
}

static void every_field_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int left = 0; left < FIELDS; left++) {
		assert_non_null(field_word((enum field)left));
		for (int right = 0; right < left; right++)
			assert_string_not_equal(field_word((enum field)left),
						field_word((enum field)right));
	}
}

static void feeds_may_send_thirteen_types_and_no_other(void **state)
{
	int sendable = 0;

	(void)state;
	for (int type = 0; type < FACT_TYPES; type++) {
		char name[80];
		int found;

		(void)snprintf(name, sizeof(name), "org.closedloopd.%s.v1",
			       fact_type_word((enum fact_type)type));
		found = fact_type_of(name);
		assert_true(found == type || found == -1);
		sendable += found == type;
	}
	assert_int_equal(sendable, 13);
	assert_int_equal(fact_type_of("org.closedloopd.feed.heartbeat.v1"), FACT_HEARTBEAT);
}

static void names_that_are_almost_right_are_unknown(void **state)
{
	static const char *const wrong[] = {
		"",
		"org.closedloopd..v1",
		"org.closedloopd.v1",
		"traveler.announced",
		"org.closedloopd.traveler.announced",
		"org.closedloopd.traveler.announced.v2",
		"org.closedloopd.traveler.announced.v1 ",
		"org.closedloopd.traveler.announce.v1",
		"Org.closedloopd.traveler.announced.v1",
		"org.closedloopd.journey.accepted.v1",
		"org.closedloopd.journey.due.v1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(fact_type_of(wrong[i]), -1);
}

static void desk_outranks_card_outranks_list(void **state)
{
	(void)state;
	assert_int_equal(fact_rank(FACT_REGISTERED, NULL), 3);
	assert_int_equal(fact_rank(FACT_CORRECTED, NULL), 3);
	assert_int_equal(fact_rank(FACT_TRIAGED, NULL), 2);
	assert_int_equal(fact_rank(FACT_ANNOUNCED, NULL), 1);
	assert_int_equal(fact_rank(FACT_ANNOUNCED, "api"), 1);
	assert_int_equal(fact_rank(FACT_ANNOUNCED, "health_declaration"), 2);
	assert_int_equal(fact_rank(FACT_ANNOUNCED, "registration"), 3);
	assert_int_equal(fact_rank(FACT_ANNOUNCED, "something else"), 1);
	assert_int_equal(fact_rank(FACT_TRIAGED, "registration"), 2);
}

static void later_beats_better_beats_sequence_beats_id_beats_source(void **state)
{
	const struct stamp base = {100, 1, "5", "b", "/b"};
	struct stamp other = base;

	(void)state;
	assert_int_equal(stamp_compare(&base, &other), 0);
	other = (struct stamp){101, 0, "0", "a", "/a"};
	assert_true(stamp_compare(&base, &other) < 0);
	other = (struct stamp){100, 2, "0", "a", "/a"};
	assert_true(stamp_compare(&base, &other) < 0);
	other = (struct stamp){100, 1, "6", "a", "/a"};
	assert_true(stamp_compare(&base, &other) < 0);
	other = (struct stamp){100, 1, "5", "c", "/a"};
	assert_true(stamp_compare(&base, &other) < 0);
	other = (struct stamp){100, 1, "5", "b", "/c"};
	assert_true(stamp_compare(&base, &other) < 0);
	other = (struct stamp){100, 1, NULL, "z", "/z"};
	assert_true(stamp_compare(&base, &other) > 0);
}

static void sequences_count_as_numbers(void **state)
{
	const struct stamp nine = {0, 1, "9", "a", "/a"};
	const struct stamp ten = {0, 1, "10", "a", "/a"};
	const struct stamp padded = {0, 1, "0009", "a", "/a"};

	(void)state;
	assert_true(stamp_compare(&nine, &ten) < 0);
	assert_true(stamp_compare(&padded, &ten) < 0);
	assert_true(stamp_compare(&nine, &padded) != 0);
}

/* No circle and no contradiction among any three: the winner cannot depend on arrival. */
static void the_order_of_stamps_is_total(void **state)
{
	static const char *const sequences[] = {
		NULL, "",   "0",  "00", "7",  "07", "9",
		"10", "1a", "9a", "a",	"a1", "A",  "10000000000000000000000"};
	enum {
		COUNT = ARRAY_LEN(sequences)
	};
	struct stamp stamps[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++)
		stamps[i] = (struct stamp){0, 1, sequences[i], "id", "/s"};
	for (int i = 0; i < COUNT; i++) {
		for (int j = 0; j < COUNT; j++) {
			int ij = stamp_compare(&stamps[i], &stamps[j]);
			int ji = stamp_compare(&stamps[j], &stamps[i]);

			assert_true((ij > 0) == (ji < 0));
			assert_true((ij == 0) == (i == j));
			for (int k = 0; k < COUNT; k++) {
				if (ij < 0 && stamp_compare(&stamps[j], &stamps[k]) < 0)
					assert_true(stamp_compare(&stamps[i], &stamps[k]) < 0);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_word_of_its_own),
		cmocka_unit_test(every_field_has_a_word_of_its_own),
		cmocka_unit_test(feeds_may_send_thirteen_types_and_no_other),
		cmocka_unit_test(names_that_are_almost_right_are_unknown),
		cmocka_unit_test(desk_outranks_card_outranks_list),
		cmocka_unit_test(later_beats_better_beats_sequence_beats_id_beats_source),
		cmocka_unit_test(sequences_count_as_numbers),
		cmocka_unit_test(the_order_of_stamps_is_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
