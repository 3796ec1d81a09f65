/* test_match_names.c — old names, slips, wrong places above, two homes, and what stays a question.
 *
 * Neighbours: test_match.c has what is written well. Addresses are our own; house numbers are made
 * up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "match_fixture.h"

static struct match match;

static void an_old_county_is_the_one_of_today(void **state)
{
	static const struct match_row rows[] = {
		{"上海市闸北区彭浦新村街道三泉路1015弄居委会", MATCH_PROBABLE, MATCH_WHY_RENAMED,
		 "310106020023", "闸北区"},
		{"上海市卢湾区瑞金二路街道瑞雪居委会", MATCH_PROBABLE, MATCH_WHY_RENAMED,
		 "310101023017", "卢湾区"},
		{"湖北省襄樊市樊城区牛首镇新集村", MATCH_PROBABLE, MATCH_WHY_RENAMED,
		 "420606100220", "襄樊市"},
		/* A lane is a guess already; the old short name does not take it away. */
		{"上海闸北三泉路1015弄", MATCH_PROBABLE, MATCH_WHY_LANE, "310106020023", "闸北"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void one_slip_in_a_committee_is_repaired(void **state)
{
	static const struct match_row rows[] = {
		{"上海市普陀区甘泉路街道汪加井居委会", MATCH_PROBABLE, MATCH_WHY_TYPO,
		 "310107016013", "汪加井居委会"},
		{"上海市普陀区甘泉路街道汪家家井居委会", MATCH_PROBABLE, MATCH_WHY_TYPO,
		 "310107016013", "汪家家井居委会"},
		{"上海市普陀区甘泉路街道汪井家居委会", MATCH_PROBABLE, MATCH_WHY_TYPO,
		 "310107016013", "汪井家居委会"},
		{"上海市杨浦区长海路街道事光居委会", MATCH_PROBABLE, MATCH_WHY_TYPO, "310110021002",
		 "事光居委会"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void one_slip_in_a_place_above_is_repaired(void **state)
{
	static const struct match_row rows[] = {
		{"上海市普陀区甘全路街道汪家井居委会", MATCH_PROBABLE, MATCH_WHY_TYPO,
		 "310107016013", "甘全路街道"},
		{"上海市浦陀区汪家井居委会", MATCH_PROBABLE, MATCH_WHY_TYPO, "310107016013",
		 "浦陀区"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void two_slips_are_a_question(void **state)
{
	static const struct match_row rows[] = {
		{"上海市普陀区甘全路街道汪加井居委会", MATCH_AMBIGUOUS, MATCH_WHY_PLACE, "310107",
		 NULL},
		{"上海市闸北区彭浦新村街道三全路1015弄居委会", MATCH_AMBIGUOUS, MATCH_WHY_PLACE,
		 "310106020", NULL},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void what_tells_sisters_apart_is_no_slip(void **state)
{
	static const char *const addresses[] = {
		"上海市闵行区莘庄镇莘松二十村",		  /* There are 一村 .. 九村. */
		"上海市长宁区虹桥街道古北荣华第五居委会", /* 第一 .. 第四 */
		"江苏省无锡市江阴市华士镇华西九十村",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		match_address(fixture_matcher, addresses[i], &match);
		if (match.verdict != MATCH_AMBIGUOUS)
			print_message("%s: %s\n", addresses[i], match.reason);
		assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	}
}

static void a_family_is_shown_whole(void **state)
{
	static const char *const family[] = {"310105009018", "310105009019", "310105009020",
					     "310105009021"};
	static const char *const addresses[] = {"上海市长宁区虹桥街道荣华居委会",
						"上海市长宁区荣华居委会",
						"上海长宁区虹桥街道荣华居民区"};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		match_address(fixture_matcher, addresses[i], &match);
		assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
		assert_int_equal(match.why, MATCH_WHY_NAMED_LIKE);
		assert_true(text_starts(match.words[4], "荣华居"));
		assert_string_equal(match.words[2], "长宁区");
		assert_int_equal(match.candidates_len, 4);
		for (size_t k = 0; k < 4; k++)
			assert_string_equal(match.candidates[k].code, family[k]);
	}
}

static void both_kinds_are_shown(void **state)
{
	(void)state;
	match_address(fixture_matcher, "浙江省金华市永康市石柱镇石柱", &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_string_equal(match.code, "330784105");
	assert_int_equal(match.candidates_len, 2);
}

static void a_wrong_county_is_said(void **state)
{
	static const struct match_row rows[] = {
		{"上海市青浦区长海路街道市光居委会", MATCH_PROBABLE, MATCH_WHY_ELSEWHERE,
		 "310110021002", "青浦区"},
		{"上海市浦陀区甘泉路街道汪家井居委会", MATCH_PROBABLE, MATCH_WHY_REPAIRED,
		 "310107016013", "浦陀区"},
	};

	(void)state;
	CHECK_ROWS(rows);
	match_address(fixture_matcher, rows[0].address, &match);
	assert_true(match.confidence < 0.9); /* policy's threshold: a human sees it first. */
}

static void a_wrong_street_is_a_question_with_the_other_one(void **state)
{
	(void)state;
	match_address(fixture_matcher, "上海市杨浦区五角场街道市光居委会", &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_int_equal(match.why, MATCH_WHY_CONTRADICTED);
	assert_string_equal(match.code, "310110");
	assert_string_equal(match.candidates[0].code, "310110021002");
}

static void of_two_homes_the_present_one_counts(void **state)
{
	static const struct match_row rows[] = {
		{"户籍上海市杨浦区长海路街道市光居委会，现住上海市闵行区莘庄镇莘松三村",
		 MATCH_PROBABLE, MATCH_WHY_CHAIN, "310112101007", NULL},
		{"现住上海市闵行区莘庄镇莘松三村，户籍地址：上海市杨浦区长海路街道市光居委会",
		 MATCH_PROBABLE, MATCH_WHY_CHAIN, "310112101007", NULL},
		/* Only one home is written. */
		{"王先生，现住上海市闵行区莘庄镇莘松三村", MATCH_EXACT, MATCH_WHY_CHAIN,
		 "310112101007", ""},
		/* The present one is none we know. */
		{"户籍上海市杨浦区长海路街道市光居委会，现住朋友家", MATCH_UNMATCHED,
		 MATCH_WHY_NOTHING, "", NULL},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void two_committees_are_a_question(void **state)
{
	static const struct match_row rows[] = {
		{"上海市普陀区甘泉路街道汪家井居委会与长新居委会交界处", MATCH_AMBIGUOUS,
		 MATCH_WHY_SEVERAL, "310107016", NULL},
		{"上海市普陀区甘泉路街道汪家井居委会长新居委会", MATCH_AMBIGUOUS, MATCH_WHY_SEVERAL,
		 "310107016", NULL},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void a_house_named_after_a_place_may_be_elsewhere(void **state)
{
	static const char *const addresses[] = {
		"上海市杨浦区长海路街道市光幼儿园",
		"上海市普陀区甘泉路街道汪家井菜市场3号",
		"上海市普陀区甘泉路街道汪家井派出所",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		match_address(fixture_matcher, addresses[i], &match);
		assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
		assert_string_equal(match.candidates[0].code,
				    i == 0 ? "310110021002" : "310107016013");
	}
}

static void forms_and_offices_are_read(void **state)
{
	static const struct match_row rows[] = {
		{"上 海 市 普 陀 区 甘 泉 路 街 道 汪 家 井 居 委 会", MATCH_EXACT, MATCH_WHY_CHAIN,
		 "310107016013", ""},
		{"上海市青浦区华新镇人民政府华腾社区", MATCH_EXACT, MATCH_WHY_CHAIN, "310118107003",
		 ""},
		{"上海静安共和新路黄山锦庭", MATCH_PROBABLE, MATCH_WHY_SHORT, "310106018026", ""},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void a_numeral_counts_as_it_is_written(void **state)
{
	static const struct match_row rows[] = {
		{"河南省许昌市魏都区北大街道八一社区", MATCH_EXACT, MATCH_WHY_CHAIN, "411002005001",
		 ""},
	};

	(void)state;
	CHECK_ROWS(rows);
	match_address(fixture_matcher, "河南省许昌市魏都区北大街道八十一社区", &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
}

static void each_level_has_its_words(void **state)
{
	(void)state;
	match_address(fixture_matcher, "上海市普陀區甘泉路街道汪家井居委會3号", &match);
	assert_string_equal(match.words[0], "上海市");
	assert_string_equal(match.words[1], "");
	assert_string_equal(match.words[2], "普陀区");
	assert_string_equal(match.words[3], "甘泉路街道");
	assert_string_equal(match.words[4], "汪家井居委会");
	assert_string_equal(match.warning, "");
}

static void a_border_and_a_home_that_was_left_are_questions(void **state)
{
	static const struct match_row rows[] = {
		{"湖北省黄冈市浠水县巴河镇农科所村民委员会与造化咀村交界处", MATCH_AMBIGUOUS,
		 MATCH_WHY_SEVERAL, "421125101", NULL},
		/* 东街 is a town elsewhere. */
		{"河南省周口市太康县城关回族镇东街居委会（大吕居委）", MATCH_AMBIGUOUS,
		 MATCH_WHY_SEVERAL, "411627100", NULL},
		{"上海市普陀区甘泉路街道汪家井居委会，现已搬离", MATCH_AMBIGUOUS, MATCH_WHY_LITTLE,
		 "310107016", NULL},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void a_sisters_number_is_no_house(void **state)
{
	static const struct match_row rows[] = {
		{"上海市闵行区江川路街道红旗新村第四广场720号", MATCH_AMBIGUOUS, MATCH_WHY_LITTLE,
		 "310112001", NULL},
		{"上海市闵行区江川路街道红旗新村4号", MATCH_EXACT, MATCH_WHY_CHAIN, "310112001027",
		 ""},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void names_are_left_off_as_people_do(void **state)
{
	static const struct match_row rows[] = {
		{"上海市普陀区汪家井", MATCH_PROBABLE, MATCH_WHY_SHORT, "310107016013", ""},
		{"上海市普陀区汪家井12号", MATCH_PROBABLE, MATCH_WHY_SHORT, "310107016013", ""},
		/* 甘泉路街道; a county elsewhere is called 甘泉 too. */
		{"上海普陀甘泉汪家井居委", MATCH_EXACT, MATCH_WHY_STREET_SHORT, "310107016013", ""},
		/* The county is settled although its name is short and a road follows. */
		{"上海徐汇淮海中路1857弄", MATCH_AMBIGUOUS, MATCH_WHY_PLACE, "310104", NULL},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void another_word_for_the_town_is_a_guess(void **state)
{
	static const struct match_row rows[] = {
		/* It is a 镇; there are 老城街道 elsewhere. */
		{"河南省南阳市淅川县老城街道叶沟村民委员会", MATCH_PROBABLE, MATCH_WHY_REPAIRED,
		 "411326102213", "老城街道"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void who_lives_there_is_not_where_he_came_from(void **state)
{
	static const struct match_row rows[] = {
		{"江苏省南京市高淳区务工返乡，住湖南省娄底市新化县白溪镇白岩塘村", MATCH_PROBABLE,
		 MATCH_WHY_CHAIN, "431322112224", ""},
	};

	(void)state;
	CHECK_ROWS(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_county_is_the_one_of_today),
		cmocka_unit_test(one_slip_in_a_committee_is_repaired),
		cmocka_unit_test(one_slip_in_a_place_above_is_repaired),
		cmocka_unit_test(two_slips_are_a_question),
		cmocka_unit_test(what_tells_sisters_apart_is_no_slip),
		cmocka_unit_test(a_family_is_shown_whole),
		cmocka_unit_test(both_kinds_are_shown),
		cmocka_unit_test(a_wrong_county_is_said),
		cmocka_unit_test(a_wrong_street_is_a_question_with_the_other_one),
		cmocka_unit_test(of_two_homes_the_present_one_counts),
		cmocka_unit_test(two_committees_are_a_question),
		cmocka_unit_test(a_house_named_after_a_place_may_be_elsewhere),
		cmocka_unit_test(forms_and_offices_are_read),
		cmocka_unit_test(a_numeral_counts_as_it_is_written),
		cmocka_unit_test(each_level_has_its_words),
		cmocka_unit_test(a_border_and_a_home_that_was_left_are_questions),
		cmocka_unit_test(a_sisters_number_is_no_house),
		cmocka_unit_test(names_are_left_off_as_people_do),
		cmocka_unit_test(another_word_for_the_town_is_a_guess),
		cmocka_unit_test(who_lives_there_is_not_where_he_came_from),
	};

	return cmocka_run_group_tests(tests, match_fixture_open, match_fixture_close);
}
