/* test_text.c — text is never torn, never overrun, and errors and log lines keep that promise.
 * Neighbours: lib/base/text.c, err.c and log.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/err.h"
#include "closedloop/log.h"
#include "closedloop/text.h"

static void adding_keeps_the_end_marked(void **state)
{
	char room[16];
	struct text text = TEXT_OVER(room);

	(void)state;
	text_clear(&text);
	assert_string_equal(room, "");
	text_add(&text, "ab");
	text_addf(&text, "%d", 12);
	text_add_bytes(&text, "xyz", 1);
	assert_string_equal(room, "ab12x");
	assert_int_equal(text.len, 5);
	assert_false(text.cut);
}

static void a_full_text_cuts_on_a_code_point(void **state)
{
	char room[8];
	struct text text = TEXT_OVER(room);

	(void)state;
	text_add(&text, "旅旅旅");
	assert_true(text.cut);
	assert_string_equal(room, "旅旅");
	text_add(&text, "x");
	assert_string_equal(room, "旅旅");
	text_clear(&text);
	assert_false(text.cut);
	text_addf(&text, "%s", "a旅旅旅");
	assert_true(text.cut);
	assert_string_equal(room, "a旅旅");
	text_init(&text, room, 5);
	text_addf(&text, "%s", "旅é");
	assert_string_equal(room, "旅");
}

static void exact_fit_is_not_a_cut(void **state)
{
	char room[7];
	struct text text = TEXT_OVER(room);

	(void)state;
	text_addf(&text, "%s", "旅旅");
	assert_false(text.cut);
	assert_string_equal(room, "旅旅");
	assert_true(text_copy(room, sizeof(room), "旅旅"));
	assert_false(text_copy(room, sizeof(room), "旅旅!"));
	assert_string_equal(room, "旅旅");
	assert_false(text_copy(room, 1, "a"));
	assert_string_equal(room, "");
}

static void every_cut_of_a_mixed_text_is_whole(void **state)
{
	static const char mixed[] = "aé旅😀z😀旅éa";
	char room[sizeof(mixed)];

	(void)state;
	for (size_t cap = 1; cap <= sizeof(mixed); cap++) {
		struct text text;

		text_copy(room, cap, mixed);
		assert_true(text_is_utf8(room, strlen(room)));
		assert_true(strlen(room) + 4 >= cap || cap == sizeof(mixed));
		text_init(&text, room, cap);
		text_addf(&text, "%s", mixed);
		assert_true(text_is_utf8(room, strlen(room)));
		assert_int_equal(text.cut, cap < sizeof(mixed));
	}
}

static void ill_formed_utf8_is_refused(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xC0\xAF",
		"\xC1\xBF",
		"\xC3",
		"\xE0\x80\x80",
		"\xED\xA0\x80",
		"\xED\xBF\xBF",
		"\xE6\x97",
		"\xF0\x80\x80\x80",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xFF",
	};
	static const char *const good[] = {"", "a", "é", "旅", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(text_is_utf8(bad[i], strlen(bad[i])));
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(text_is_utf8(good[i], strlen(good[i])));
}

static void every_code_point_survives_both_ways(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		char bytes[4];
		size_t used;
		size_t len;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		len = text_encode(c, bytes);
		assert_true(text_is_utf8(bytes, len));
		assert_int_equal(text_decode(bytes, len, &used), c);
		assert_int_equal(used, len);
	}
}

static void cutting_ill_formed_bytes_still_ends(void **state)
{
	(void)state;
	assert_int_equal(text_cut_at("\x80\x80\x80\x80\x80\x80\x80\x80", 8, 6), 6);
	assert_int_equal(text_cut_at("abc", 3, 9), 3);
	assert_int_equal(text_cut_at("旅", 3, 2), 0);
}

static void comparing_knows_null(void **state)
{
	(void)state;
	assert_true(text_compare(NULL, "") < 0);
	assert_true(text_compare("", NULL) > 0);
	assert_true(text_equal(NULL, NULL));
	assert_false(text_equal(NULL, ""));
	assert_true(text_starts("whsec_x", "whsec_"));
	assert_false(text_starts("wh", "whsec_"));
}

static void digits_are_ascii_and_counted(void **state)
{
	(void)state;
	assert_true(text_is_digits("310104", 6));
	assert_false(text_is_digits("310104", 5));
	assert_false(text_is_digits("31010", 6));
	assert_false(text_is_digits("31０04", 6));
	assert_int_equal(text_count("a旅😀"), 3);
}

static void an_error_carries_code_and_sentence(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, CL_ELIMIT, "unit %s: %d", "31", 7), CL_ELIMIT);
	assert_string_equal(err.text, "unit 31: 7");
	err_prefix(&err, "file %s", "a.tsv");
	assert_string_equal(err.text, "file a.tsv: unit 31: 7");
	assert_int_equal(err.code, CL_ELIMIT);
	err_set(&err, CL_EINVAL, "again: %s", err.text);
	assert_string_equal(err.text, "again: file a.tsv: unit 31: 7");
	assert_int_equal(err_set(NULL, CL_EIO, "nobody listens"), CL_EIO);
	err_prefix(NULL, "nobody");
}

static void every_code_has_a_word_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(err_word(CL_EINVAL), "invalid");
	assert_string_equal(err_word(CL_ENOENT), "not_found");
	for (int one = CL_EBUSY; one <= CL_OK; one++) {
		assert_string_not_equal(err_word((enum cl_error)one), "unknown");
		for (int two = one + 1; two <= CL_OK; two++)
			assert_string_not_equal(err_word((enum cl_error)one),
						err_word((enum cl_error)two));
	}
}

static void an_overlong_error_is_cut_whole(void **state)
{
	struct err err = ERR_INIT;
	char wide[1600];
	struct text text = TEXT_OVER(wide);

	(void)state;
	for (int i = 0; i < 500; i++)
		text_add(&text, "旅");
	err_set(&err, CL_EINVAL, "x%s", wide);
	assert_true(text_is_utf8(err.text, strlen(err.text)));
	assert_true(strlen(err.text) >= sizeof(err.text) - 4);
	err_prefix(&err, "%s", "居委");
	assert_true(text_is_utf8(err.text, strlen(err.text)));
	assert_true(text_starts(err.text, "居委: x旅"));
}

struct heard {
	int lines;
	enum log_level level;
	char line[256];
};

static void hear(void *context, enum log_level level, const char *line)
{
	struct heard *heard = context;

	heard->lines++;
	heard->level = level;
	text_copy(heard->line, sizeof(heard->line), line);
}

static void a_log_line_is_one_line_at_its_level(void **state)
{
	struct heard heard = {0};

	(void)state;
	log_error("nobody.hears", "x=%d", 1);
	log_to(hear, &heard, LOG_LEVEL_WARN);
	log_info("too.quiet", "x=%d", 1);
	assert_int_equal(heard.lines, 0);
	log_warn("courier.retry", "notice=%s", "ntc_1\nforged");
	assert_int_equal(heard.lines, 1);
	assert_int_equal(heard.level, LOG_LEVEL_WARN);
	assert_string_equal(heard.line, "courier.retry notice=ntc_1_forged");
	/* What a terminal obeys, and what a reader of lines takes for an end of one. */
	log_warn("x", "%s",
		 "a\rb\x1B[31mc\xC2\x85\xC2\x9B\xE2\x80\xA8"
		 "d\xE2\x80\xAE"
		 "e旅\xFF");
	assert_string_equal(heard.line, "x a_b_[31mc___d_e旅_");
	log_to(NULL, NULL, LOG_LEVEL_INFO);
	log_error("nobody.hears", "x=%d", 1);
	assert_int_equal(heard.lines, 2);
	assert_int_equal(log_level_of("error"), LOG_LEVEL_ERROR);
	assert_int_equal(log_level_of("warn"), LOG_LEVEL_WARN);
	assert_int_equal(log_level_of("info"), LOG_LEVEL_INFO);
	assert_int_equal(log_level_of("debug"), LOG_LEVEL_DEBUG);
	assert_true(log_level_of("loud") < 0);
}

static void a_cleaned_value_cannot_forge_a_line(void **state)
{
	char buf[24];

	(void)state;
	assert_string_equal(log_clean(buf, sizeof(buf), "a b\"c\n\x7F"), "a_b_c__");
	assert_string_equal(log_clean(buf, sizeof(buf), "旅\xC2\x85\xE2\x80\xA8x"), "旅__x");
	assert_string_equal(log_clean(buf, sizeof(buf), "\xFFz\xE6\x97"), "_z__");
	assert_string_equal(log_clean(buf, sizeof(buf), NULL), "-");
	assert_string_equal(log_clean(buf, 6, "旅旅旅"), "旅");
}

static void what_is_unseen_is_told_from_what_is_read(void **state)
{
	static const uint32_t hidden[] = {0,	  '\n',	  0x1B,	  0x7F,	  0x9B,	  0xAD,	  0x200B,
					  0x200F, 0x2028, 0x202E, 0x2066, 0xFEFF, 0xE0041};
	static const uint32_t read[] = {' ',	'a',	0xA0,	 0x4E00, 0x2026,
					0x3000, 0xFF20, 0x1F600, 0xFE0F};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		assert_true(text_is_unseen(hidden[i]));
	for (size_t i = 0; i < ARRAY_LEN(read); i++)
		assert_false(text_is_unseen(read[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adding_keeps_the_end_marked),
		cmocka_unit_test(a_full_text_cuts_on_a_code_point),
		cmocka_unit_test(exact_fit_is_not_a_cut),
		cmocka_unit_test(every_cut_of_a_mixed_text_is_whole),
		cmocka_unit_test(ill_formed_utf8_is_refused),
		cmocka_unit_test(every_code_point_survives_both_ways),
		cmocka_unit_test(cutting_ill_formed_bytes_still_ends),
		cmocka_unit_test(comparing_knows_null),
		cmocka_unit_test(digits_are_ascii_and_counted),
		cmocka_unit_test(an_error_carries_code_and_sentence),
		cmocka_unit_test(every_code_has_a_word_of_its_own),
		cmocka_unit_test(an_overlong_error_is_cut_whole),
		cmocka_unit_test(a_log_line_is_one_line_at_its_level),
		cmocka_unit_test(a_cleaned_value_cannot_forge_a_line),
		cmocka_unit_test(what_is_unseen_is_told_from_what_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
