/* test_phrase.c — templates are found, filled, and never lost for want of a word. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "closedloop/phrase.h"

static const struct phrase phrases[] = {
	{"a", "first"},	 {"brace", "loose { and } and {open"},
	{"empty", ""},	 {"notice.arrival", "{chain}：{count}人{eta}到达，{count}人。"},
	{"z", "{x}{y}"},
};

static const struct phrasebook book = {
	.language = "zh-CN",
	.len = ARRAY_LEN(phrases),
	.phrases = phrases,
};

static void check(const char *key, const struct phrase_arg *args, size_t len, const char *wanted)
{
	char room[200];
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	phrase_fill(&book, key, args, len, &out);
	assert_string_equal(room, wanted);
}

static void every_key_is_found_and_no_other(void **state)
{
	static const struct phrasebook nothing = {.language = "en"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		assert_ptr_equal(phrase_find(&book, phrases[i].key), phrases[i].words);
	assert_null(phrase_find(&book, ""));
	assert_null(phrase_find(&book, "notice"));
	assert_null(phrase_find(&book, "zz"));
	assert_null(phrase_find(&nothing, "a"));
}

static void placeholders_are_replaced_wherever_they_stand(void **state)
{
	static const struct phrase_arg args[] = {
		{"count", "8"}, {"eta", "04:30"}, {"chain", "莘庄镇"}, {"unused", "?"}};

	(void)state;
	check("notice.arrival", args, ARRAY_LEN(args), "莘庄镇：8人04:30到达，8人。");
	check("empty", args, ARRAY_LEN(args), "");
}

static void an_unknown_placeholder_stays_as_written(void **state)
{
	static const struct phrase_arg args[] = {{"y", "why"}, {"xx", "no"}, {"", "no"}};
	static const struct phrase_arg absent[] = {{"x", NULL}};

	(void)state;
	check("z", args, ARRAY_LEN(args), "{x}why");
	check("z", NULL, 0, "{x}{y}");
	check("z", absent, ARRAY_LEN(absent), "{x}{y}");
	check("brace", args, ARRAY_LEN(args), "loose { and } and {open");
}

static void values_are_not_read_as_templates(void **state)
{
	static const struct phrase_arg args[] = {{"x", "{y}"}, {"y", "<b>{x}"}};

	(void)state;
	check("z", args, ARRAY_LEN(args), "{y}<b>{x}");
}

static void a_missing_word_becomes_its_key(void **state)
{
	(void)state;
	check("notice.unheard_of", NULL, 0, "notice.unheard_of");
}

static void words_are_appended_and_cut_on_a_character(void **state)
{
	static const struct phrase_arg args[] = {{"x", "莘庄"}, {"y", "镇"}};
	char room[9];
	struct text out = TEXT_OVER(room);

	(void)state;
	text_clear(&out);
	text_add(&out, "-");
	phrase_fill(&book, "z", args, ARRAY_LEN(args), &out);
	assert_true(out.cut);
	assert_string_equal(room, "-莘庄");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_found_and_no_other),
		cmocka_unit_test(placeholders_are_replaced_wherever_they_stand),
		cmocka_unit_test(an_unknown_placeholder_stays_as_written),
		cmocka_unit_test(values_are_not_read_as_templates),
		cmocka_unit_test(a_missing_word_becomes_its_key),
		cmocka_unit_test(words_are_appended_and_cut_on_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
