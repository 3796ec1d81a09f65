/* test_match.c — addresses that name their committee get it, all others get a question.
 *
 * Neighbours: all of lib/place. The image is the one CLOSEDLOOP_GAZETTEER names, or
 * build/gazetteer.img. Addresses and labels are our own; house numbers are made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/match.h"
#include "closedloop/mem.h"

#include "match_fixture.h"

static struct match match;

struct row {
	const char *address, *code;
};

static void tell(const char *address)
{
	print_message("%s: %s %s, %s\n", address, match_verdict_word(match.verdict), match.code,
		      match.reason);
}

/* Every address is answered, as VERDICT, with its code. */
static void assert_all(const struct row *rows, size_t len, enum match_verdict verdict)
{
	for (size_t i = 0; i < len; i++) {
		match_address(fixture_matcher, rows[i].address, &match);
		if (match.verdict != verdict || strcmp(match.code, rows[i].code) != 0)
			tell(rows[i].address);
		assert_int_equal(match.verdict, verdict);
		assert_string_equal(match.code, rows[i].code);
		if (verdict < MATCH_PROBABLE)
			continue;
		assert_true(match.confidence >= 0.8);
		assert_in_range(match.candidates_len, 1, 2);
		assert_string_equal(match.candidates[0].code, rows[i].code);
	}
}

#define ASSERT_ALL(rows, verdict) assert_all((rows), sizeof(rows) / sizeof((rows)[0]), (verdict))

static void the_story_finds_its_committees(void **state)
{
	static const struct row rows[] = {
		{"上海市杨浦区长海路街道市光居委会黄兴路1800弄5号602室", "310110021002"},
		{"上海市虹口区江湾镇街道奎照路居委会奎照路800弄2号301室", "310109019001"},
		{"上海市青浦区华新镇华腾社区华腾路1号3幢501室", "310118107003"},
		{"上海市青浦区华新镇西郊半岛社区7号", "310118107004"},
		{"上海市青浦区华新镇凤溪社区新府路9号201室", "310118107002"},
		{"上海市闵行区莘庄镇莘松三村123号402室", "310112101007"},
		{"上海市闵行区莘庄镇莘松一村8号101室", "310112101005"},
		{"上海市普陀区甘泉路街道汪家井居委会", "310107016013"},
		{"义乌鸡鸣山社区居委会", "330782002005"},
		{"云南昆明西山区棕树营六合社区居委会3幢2单元502", "530112007009"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void kind_words_may_vary(void **state)
{
	static const struct row rows[] = {
		{"上海市杨浦区长海路街道市光社区", "310110021002"},
		{"上海市杨浦区长海路街道市光居委", "310110021002"},
		{"上海市杨浦区长海路街道办事处市光社区居民委员会", "310110021002"},
		{"杨浦区长海路街办市光居委会", "310110021002"},
		{"上海杨浦长海路街道市光居民委员会", "310110021002"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void writing_may_vary(void **state)
{
	static const struct row rows[] = {
		{"上海市普陀區甘泉路街道汪家井居委會", "310107016013"},
		{"上海市，普陀区，甘泉路街道，汪家井居委会", "310107016013"},
		{"上海市\n普陀区\n甘泉路街道\n汪家井居委会", "310107016013"},
		{"上海市普陀区甘泉路街道汪家\xE2\x80\x8B井居委会", "310107016013"},
		{"<b>上海市普陀区</b>&nbsp;甘泉路街道汪家井居委会", "310107016013"},
		{"上海市闵行区莘庄镇莘松３村１２３号", "310112101007"},
		{"汪家井居委会，甘泉路街道，普陀区，上海市", "310107016013"},
		{"上海普陀区上海市普陀区甘泉路街道甘泉路街道汪家井居委会", "310107016013"},
		{"王先生 13800000000 上海市普陀区甘泉路街道汪家井居委会", "310107016013"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void numerals_are_numbers_however_written(void **state)
{
	static const struct row rows[] = {
		{"江苏省无锡市江阴市华士镇华西9村村委会", "320281107209"},
		{"江苏省无锡市江阴市华士镇华西九村", "320281107209"},
		{"上海市静安区彭浦新村街道三泉路1015弄居委会", "310106020023"},
		{"上海市静安区彭浦新村街道三泉路一零一五弄居委会", "310106020023"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void a_lane_gives_its_name_to_a_guess_only(void **state)
{
	static const struct row rows[] = {
		{"上海静安三泉路1015弄", "310106020023"},
		{"上海市静安区三泉路１０１５弄3号", "310106020023"},
	};
	static const struct row neighbours[] = {
		{"上海市静安区三泉路1013弄", "310106"},
		{"上海市静安区共和新路970弄", "310106"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_PROBABLE);
	ASSERT_ALL(neighbours, MATCH_AMBIGUOUS);
}

static void cross_boundary_name_is_no_place(void **state)
{
	static const struct row places[] = {
		{"浙江省温岭市温峤镇江厦村12号", "331081107224"}, /* 镇江 */
	};
	static const struct row rows[] = {
		{"上海杨浦", "310110"},				  /* 海杨 */
		{"重庆市九龙坡区", "500107"},			  /* 九龙 */
		{"伊宁市上海城徐汇苑", "654002"},		  /* 上海徐汇 */
		{"南昌市东湖区江西师范大学青山湖校区", "360102"}, /* 青山湖 */
	};

	(void)state;
	ASSERT_ALL(places, MATCH_EXACT);
	ASSERT_ALL(rows, MATCH_AMBIGUOUS);
}

static void a_road_is_no_place(void **state)
{
	static const struct row rows[] = {
		{"上海市普陀区甘泉路街道志丹路155弄", "310107016"}, /* 志丹居委会 */
		{"上海市山西路12号", "31"},
		{"东兴市北仑大道59号", "450681"},
		{"上海市长宁区玉屏南路560弄", "310105"},
		{"福建省厦门市思明区莲前街道何厝路159弄70号", "350203010"}, /* 何厝社区 */
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_AMBIGUOUS);
}

static void a_town_named_like_a_village_is_a_town(void **state)
{
	static const struct row rows[] = {
		{"上海市宝山区顾村镇宝菊路22弄", "310113109"}, /* 顾村村委会 */
		{"上海宝山顾村菊泉苑", "310113"},
		{"江苏南通启东市南阳镇【南阳镇】", "320681106"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_AMBIGUOUS);
}

static void same_county_names_stay_open(void **state)
{
	static const struct row rows[] = {
		{"江苏省鼓楼区云山路66号", "32"},
		{"江苏省徐州市鼓楼区琵琶街道办事处复兴北路", "320302003"},
		{"朝阳区", ""},
		{"朝阳村12号楼2单元301", ""},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_AMBIGUOUS);
}

static void several_that_fit_are_all_shown(void **state)
{
	(void)state;
	match_address(fixture_matcher, "河南省郑州市新郑市岳庄村", &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_string_equal(match.code, "410184");
	assert_int_equal(match.candidates_len, 2);
	match_address(fixture_matcher, "湖北省荆门市东宝区子陵铺镇子陵", &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_string_equal(match.code, "420802101");
	assert_int_equal(match.candidates_len, 2);
}

static void the_kind_word_decides_between_namesakes(void **state)
{
	static const struct row rows[] = {
		{"浙江省金华市永康市石柱镇石柱村200号", "330784105200"},
		{"浙江省金华市永康市石柱镇石柱社区", "330784105001"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void a_numbered_family_is_not_one_of_them(void **state)
{
	static const struct row rows[] = {
		{"广东省广州市南沙区大岗镇南顺社区", "440115104"},   /* 南顺一村, 二村 */
		{"上海市长宁区虹桥街道古北荣华居委会", "310105009"}, /* 第一 .. 第四 */
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_AMBIGUOUS);
}

static void a_contradiction_is_a_question(void **state)
{
	static const char *const addresses[] = {
		"重庆市大足区雍溪镇倒庙村3组",	  /* 倒庙村 is in 宝顶镇. */
		"上海市杨浦区某某街道市光居委会", /* There is no such street. */
		"上海市杨浦区长海路街道市光居委会，上海市闵行区莘庄镇莘松三村",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		match_address(fixture_matcher, addresses[i], &match);
		if (match.verdict != MATCH_AMBIGUOUS)
			tell(addresses[i]);
		assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	}
}

static void the_rest_of_a_longer_name_is_no_name(void **state)
{
	static const struct row rows[] = {
		{"湖南省岳阳市湘阴县三塘镇李钱花苑村3组8号", "430624110"},
		{"上海市杨浦区长海路街道大市光居委会", "310110021"},
		{"湖南省永州市东安县新圩江镇小田心村村委会", "431122109"}, /* 小田村 */
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_AMBIGUOUS);
}

static void an_unknown_county_makes_it_a_guess(void **state)
{
	static const struct row rows[] = {
		{"上海市某某区长海路街道市光居委会", "310110021002"},
		{"上海市卢湾区瑞金二路街道瑞雪居委会",
		 "310101023017"}, /* Merged into 黄浦区 in 2011. */
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_PROBABLE);
}

static void places_without_county_level_work(void **state)
{
	static const struct row rows[] = {
		{"广东省东莞市虎门镇北栅社区", "441900121014"},
		{"湖北神农架太阳村10组", "429021101206"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void what_is_no_address_is_unmatched(void **state)
{
	static const char *const addresses[] = {
		"",
		" ",
		"\n",
		"0",
		"test",
		"家里",
		"朋友家",
		"酒店",
		"同上",
		"假县",
		"%s%n%x",
		"'; DROP TABLE journey; --",
		"<script>alert(1)</script>",
		"10 Downing Street, London",
		"大阪府大阪市西区江戸堀1丁目18番21号",
		"澳门氹仔大连街45号",
		"\xff\xfe\x80",
		"\xE4\xB8",
		"🏠🏠🏠",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		match_address(fixture_matcher, addresses[i], &match);
		if (match.verdict != MATCH_UNMATCHED)
			tell(addresses[i]);
		assert_int_equal(match.verdict, MATCH_UNMATCHED);
		assert_string_equal(match.code, "");
		assert_int_equal(match.candidates_len, 0);
	}
}

/* A small generator of our own, so that a failure can be repeated. */
static uint32_t dice(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void any_bytes_are_survived(void **state)
{
	static const char *const pieces[] = {
		"上海市", "新村", "太平镇",	  "社区", "一",	   "路", "12",
		"弄",	  "村",	  "\xE2\x80\x8B", "朝阳", "和平",  "区", "\xff",
		" ",	  "街道", "镇",		  "<",	  "&amp;", "第",
	};
	char address[4096];
	uint32_t seed = 20200308;

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		size_t len = 0, want = dice(&seed) % 3000;
		while (len < want) {
			const char *piece =
				pieces[dice(&seed) % (sizeof(pieces) / sizeof(pieces[0]))];
			memcpy(address + len, piece, strlen(piece));
			len += strlen(piece);
		}
		address[len] = '\0';
		match_address(fixture_matcher, address, &match);
		assert_true(strlen(match.normalized) <= MATCH_ADDRESS_MAX);
		assert_true(match.candidates_len <= MATCH_CANDIDATES_MAX);
		assert_true((match.verdict >= MATCH_PROBABLE) == (strlen(match.code) == 12));
	}
}

static void the_same_text_gets_the_same_answer(void **state)
{
	static struct match again;

	(void)state;
	match_address(fixture_matcher, "上海市杨浦区长海路街道市光居委会", &match);
	match_address(fixture_matcher, "朝阳村", &again);
	match_address(fixture_matcher, "上海市杨浦区长海路街道市光居委会", &again);
	assert_string_equal(match.code, again.code);
	assert_string_equal(match.reason, again.reason);
	assert_string_equal(match.normalized, again.normalized);
}

static void the_reason_names_the_words_used(void **state)
{
	(void)state;
	match_address(fixture_matcher, "四川省成都市蒲江县鹤山街道飞龙社区12栋", &match);
	assert_int_equal(match.verdict, MATCH_EXACT);
	assert_string_equal(match.reason,
			    "street and committee are written: 四川省, 成都市, 蒲江县, "
			    "鹤山街道, 飞龙社区");
	assert_string_equal(match.normalized, "四川省成都市蒲江县鹤山街道飞龙社区12栋");
}

static void escapes_are_undone_in_place(void **state)
{
	char text[] = "a\\nb\\\\n\\x\\";

	(void)state;
	match_unescape(text);
	assert_string_equal(text, "a\nb\\n\\x\\");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_story_finds_its_committees),
		cmocka_unit_test(kind_words_may_vary),
		cmocka_unit_test(writing_may_vary),
		cmocka_unit_test(numerals_are_numbers_however_written),
		cmocka_unit_test(a_lane_gives_its_name_to_a_guess_only),
		cmocka_unit_test(cross_boundary_name_is_no_place),
		cmocka_unit_test(a_road_is_no_place),
		cmocka_unit_test(a_town_named_like_a_village_is_a_town),
		cmocka_unit_test(same_county_names_stay_open),
		cmocka_unit_test(several_that_fit_are_all_shown),
		cmocka_unit_test(the_kind_word_decides_between_namesakes),
		cmocka_unit_test(a_numbered_family_is_not_one_of_them),
		cmocka_unit_test(a_contradiction_is_a_question),
		cmocka_unit_test(the_rest_of_a_longer_name_is_no_name),
		cmocka_unit_test(an_unknown_county_makes_it_a_guess),
		cmocka_unit_test(places_without_county_level_work),
		cmocka_unit_test(what_is_no_address_is_unmatched),
		cmocka_unit_test(any_bytes_are_survived),
		cmocka_unit_test(the_same_text_gets_the_same_answer),
		cmocka_unit_test(the_reason_names_the_words_used),
		cmocka_unit_test(escapes_are_undone_in_place),
	};

	return cmocka_run_group_tests(tests, match_fixture_open, match_fixture_close);
}
