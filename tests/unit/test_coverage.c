/* test_coverage.c — the most specific rule decides whose door it is, and every doubt is asked.
 *
 * Neighbours: place/coverage_*.c, door.c, cover*.c. The image is the one CLOSEDLOOP_GAZETTEER
 * names, or build/gazetteer.img; labelled cases are in tests/data/places. Rules here are made up;
 * the codes are 虹桥街道's committees 古北荣华第一 … 第四居委会.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/coverage.h"
#include "closedloop/match.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "place/cover_latin.h"

#include "match_fixture.h"

#define IMAGE_CAP ((size_t)64 << 20)
#define HONGQIAO  "310105009"
#define FIRST	  "310105009018"
#define SECOND	  "310105009019"
#define THIRD	  "310105009020"
#define FOURTH	  "310105009021"
#define CHANGNING "上海市长宁区"

static struct coverage *coverage;
static struct match match;
static char complaints[4096];

static char *read_whole(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *bytes = mem_alloc(IMAGE_CAP);
	size_t got;

	*len = 0;
	while (file && (got = fread(bytes + *len, 1, IMAGE_CAP - *len, file)) > 0)
		*len += got;
	if (!file)
		print_message("%s cannot be read\n", path);
	else
		fclose(file);
	return bytes;
}

static int drop_rules(void **state)
{
	(void)state;
	match_use_coverage(fixture_matcher, NULL);
	coverage_free(coverage);
	coverage = NULL;
	return 0;
}

static void note(void *context, int line, const char *text)
{
	struct text *out = context;

	text_addf(out, "%d: %s\n", line, text);
}

static void use(struct coverage_source *source)
{
	struct err err = ERR_INIT;

	if (coverage_build(&coverage, source, fixture_gazetteer, &err) < 0)
		fail_msg("%s", err.text);
	coverage_source_free(source);
	match_use_coverage(fixture_matcher, coverage);
}

/* Judge by ROWS: code,kind,name,lane,type,parity,from,to and what else HEAD names. */
static void use_rows(const char *rows)
{
	struct coverage_source *source = coverage_source_new();
	struct text said = TEXT_OVER(complaints);
	char table[4096];

	snprintf(table, sizeof(table), "code,kind,name,lane,type,parity,from,to,rule_id,estate\n%s",
		 rows);
	text_clear(&said);
	assert_int_equal(coverage_read_rules(source, table, strlen(table), note, &said), 0);
	use(source);
}

static void tell(const char *address)
{
	print_message("%s: %s %s (%s), %s\n", address, match_verdict_word(match.verdict),
		      match.code, match.rule, match.reason);
	for (size_t i = 0; i < match.candidates_len; i++)
		print_message("  %s\n", match.candidates[i].code);
}

static void answers_as(enum match_verdict verdict, const char *address, const char *code,
		       const char *rule)
{
	match_address(fixture_matcher, address, &match);
	if (match.verdict != verdict || strcmp(match.code, code) != 0)
		tell(address);
	assert_int_equal(match.verdict, verdict);
	assert_string_equal(match.code, code);
	assert_int_equal(match.candidates_len, 1);
	assert_string_equal(match.candidates[0].code, code);
	if (rule)
		assert_string_equal(match.rule, rule);
}

static void answers(const char *address, const char *code, const char *rule)
{
	answers_as(MATCH_EXACT, address, code, rule);
}

static void guesses(const char *address, const char *code, const char *rule)
{
	answers_as(MATCH_PROBABLE, address, code, rule);
	assert_true(match.confidence < 0.95);
}

/* A question with these candidates, in any order; up to the first NULL. */
static void asks(const char *address, enum match_why why, const char *one, const char *two)
{
	const char *wanted[] = {one, two};

	match_address(fixture_matcher, address, &match);
	if (match.verdict != MATCH_AMBIGUOUS || match.why != why ||
	    match.candidates_len != (size_t)((one != NULL) + (two != NULL)))
		tell(address);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_int_equal(match.why, why);
	assert_int_equal(match.candidates_len, (one != NULL) + (two != NULL));
	for (size_t i = 0; i < 2 && wanted[i]; i++) {
		bool found = false;
		for (size_t k = 0; k < match.candidates_len; k++)
			found = found || strcmp(match.candidates[k].code, wanted[i]) == 0;
		assert_true(found);
	}
}

static void a_range_holds_its_ends_and_its_side_of_the_road(void **state)
{
	(void)state;
	use_rows(FIRST ",range,仙霞路,,号,odd,101,199,odd,\n" SECOND
		       ",range,仙霞路,,号,even,102,200,even,\n" THIRD
		       ",range,仙霞路,,号,all,300,,open,\n" FOURTH
		       ",range,茅台路,,号,all,,50,below,\n");
	answers(CHANGNING "仙霞路101号", FIRST, "odd");
	answers(CHANGNING "仙霞路199号502室", FIRST, "odd");
	answers(CHANGNING "仙霞路102号", SECOND, "even");
	answers(CHANGNING "仙霞路200号", SECOND, "even");
	asks(CHANGNING "仙霞路100号", MATCH_WHY_NO_RULE, NULL, NULL);
	assert_string_equal(match.code, "310105");
	asks(CHANGNING "仙霞路201号", MATCH_WHY_NO_RULE, NULL, NULL);
	asks(CHANGNING "仙霞路299号", MATCH_WHY_NO_RULE, NULL, NULL);
	answers(CHANGNING "仙霞路300号", THIRD, "open");
	answers(CHANGNING "仙霞路98765号", THIRD, "open");
	answers(CHANGNING "茅台路1号", FOURTH, "below");
	asks(CHANGNING "茅台路51号", MATCH_WHY_NO_RULE, NULL, NULL);
}

static void numbers_count_however_they_are_written(void **state)
{
	static const char *const ways[] = {
		"古北路1398弄2号",
		"古北路１３９８弄２号",
		"古北路一三九八弄二号",
		"古北路一千三百九十八弄",
		"古北路1398衖2號",
		"古北路 1398 弄 2 号",
		"古北路1398弄甲2号",
		"古北路第1398弄",
		"古北路（1398弄）",
		"虹桥街道古北路1398弄",
		"虹桥街道古北荣华小区古北路1398弄",
		"住古北路1398弄5支弄2号",
	};
	char address[256];

	(void)state;
	use_rows(FIRST ",range,古北路,,弄,all,1398,1398,lane,\n" SECOND
		       ",range,古北路,,号,all,16,16,house,\n");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		snprintf(address, sizeof(address), CHANGNING "%s", ways[i]);
		answers(address, FIRST, "lane");
	}
	answers(CHANGNING "古北路甲16号", SECOND, "house");
	answers(CHANGNING "古北路16号甲", SECOND, "house");
	answers(CHANGNING "古北路16A号", SECOND, "house");
	answers(CHANGNING "古北路16之2号", SECOND, "house");
	answers("上海長寧區古北路16號", SECOND, "house");
	/* The other way round; behind another road the number is that road's. */
	guesses("2号1398弄古北路，长宁区，上海市", FIRST, "lane");
	guesses("502室16号古北路长宁区上海市", SECOND, "house");
	match_address(fixture_matcher, CHANGNING "仙霞路16号古北路", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
	/* Without its word a number is a house's, most likely. */
	guesses(CHANGNING "古北路16", SECOND, "house");
	guesses(CHANGNING "古北路16-1号", SECOND, "house");
}

static void a_number_of_the_other_kind_is_never_certain(void **state)
{
	(void)state;
	use_rows(FIRST ",range,古北路,,弄,all,100,200,lanes,\n" SECOND
		       ",range,古北路,,号,all,88,88,one,\n" THIRD
		       ",range,古北路,,any,all,300,400,any,\n");
	asks(CHANGNING "古北路150号", MATCH_WHY_RULE_OTHER, FIRST, NULL);
	asks(CHANGNING "古北路150", MATCH_WHY_RULE_OTHER, FIRST, NULL);
	guesses(CHANGNING "古北路88弄", SECOND, "one");
	assert_int_equal(match.why, MATCH_WHY_RULE_OTHER);
	asks(CHANGNING "古北路88弄5号", MATCH_WHY_RULE_OTHER, SECOND, NULL);
	answers(CHANGNING "古北路310号", THIRD, "any");
	answers(CHANGNING "古北路310弄", THIRD, "any");
}

static void the_more_specific_rule_wins(void **state)
{
	(void)state;
	use_rows(FIRST
		 ",road,古北路,,,,,,road,\n" SECOND ",range,古北路,,弄,all,100,200,range,\n" THIRD
		 ",range,古北路,,弄,all,150,150,single,\n" FOURTH
		 ",estate,伦敦广场,,,,,,estate,\n" FOURTH ",sub,古北路,160,号,all,1,9,sub,\n");
	answers(CHANGNING "古北路5号", FIRST, "road");
	answers(CHANGNING "古北路120弄", SECOND, "range");
	answers(CHANGNING "古北路150弄", THIRD, "single");
	answers(CHANGNING "伦敦广场", FOURTH, "estate");
	answers(CHANGNING "伦敦广场古北路5号", FOURTH, "estate");
	answers(CHANGNING "伦敦广场古北路120弄", SECOND, "range");
	answers(CHANGNING "马赛花园古北路120弄", SECOND, "range");
	answers(CHANGNING "古北路160弄9号", FOURTH, "sub");
	answers(CHANGNING "古北路160弄10号", SECOND, "range");
	/* The lane's own houses are divided, and which is meant is not written. */
	asks(CHANGNING "古北路160弄", MATCH_WHY_RULES, SECOND, FOURTH);
	asks(CHANGNING "古北路160弄3支弄9号", MATCH_WHY_RULES, SECOND, FOURTH);
}

static void two_units_at_one_level_are_a_question(void **state)
{
	(void)state;
	use_rows(FIRST ",range,古北路,,弄,all,10,20,a,\n" SECOND
		       ",range,古北路,,弄,all,20,30,b,\n" FIRST
		       ",range,古北路,,弄,all,15,22,c,\n" THIRD ",estate,伦敦广场,,,,,,d,\n" FOURTH
		       ",estate,伦敦广场,,,,,,e,\n");
	answers(CHANGNING "古北路12弄", FIRST, "a");
	answers(CHANGNING "古北路16弄", FIRST, NULL);
	asks(CHANGNING "古北路20弄", MATCH_WHY_RULES, FIRST, SECOND);
	asks(CHANGNING "古北路22弄", MATCH_WHY_RULES, FIRST, SECOND);
	answers(CHANGNING "古北路23弄", SECOND, "b");
	asks(CHANGNING "伦敦广场3号", MATCH_WHY_RULES, THIRD, FOURTH);
	/* Both ends of a span are asked. */
	answers(CHANGNING "古北路10-14弄", FIRST, "a");
	asks(CHANGNING "古北路12-25弄", MATCH_WHY_RULES, FIRST, SECOND);
	asks(CHANGNING "古北路12弄—35弄", MATCH_WHY_LITTLE, FIRST, NULL);
}

static void an_exception_takes_out_of_its_own_unit_only(void **state)
{
	(void)state;
	use_rows(FIRST
		 ",range,古北路,,弄,all,10,50,a,\n" FIRST ",except,古北路,,弄,all,20,30,x,\n" SECOND
		 ",road,古北路,,,,,,b,\n" SECOND ",except,古北路,,弄,odd,,,y,\n" THIRD
		 ",estate,伦敦广场,,,,,,c,\n" THIRD ",except,伦敦广场,,,,7,7,z,yes\n" FOURTH
		 ",range,茅台路,,弄,all,88,88,d,\n" FOURTH ",except,茅台路,88,号,all,5,5,w,\n");
	answers(CHANGNING "古北路19弄", FIRST, "a");
	answers(CHANGNING "古北路20弄", SECOND, "b");
	asks(CHANGNING "古北路25弄", MATCH_WHY_NO_RULE, NULL, NULL);
	answers(CHANGNING "伦敦广场6号", THIRD, "c");
	asks(CHANGNING "伦敦广场7号楼", MATCH_WHY_PLACE, NULL, NULL);
	/* Most of it, but the building is not written. */
	guesses(CHANGNING "伦敦广场", THIRD, "c");
	answers(CHANGNING "茅台路88弄4号", FOURTH, "d");
	asks(CHANGNING "茅台路88弄5号", MATCH_WHY_NO_RULE, NULL, NULL);
	guesses(CHANGNING "茅台路88弄", FOURTH, "d");
}

static void what_a_unit_disowns_is_not_its_own(void **state)
{
	(void)state;
	use_rows(FIRST ",road,古北路,,,,,,a,\n" FIRST ",not_ours,古北路,,弄,all,99,99,n,\n" SECOND
		       ",not_ours,伦敦广场,,,,,,m,yes\n");
	answers(CHANGNING "古北路98弄", FIRST, "a");
	asks(CHANGNING "古北路99弄", MATCH_WHY_NOT_OURS, FIRST, NULL);
	assert_string_equal(match.rule, "n");
	/* Even when it is written. */
	asks(CHANGNING "虹桥街道古北荣华第二居委会伦敦广场", MATCH_WHY_NOT_OURS, SECOND, NULL);
	answers_as(MATCH_EXACT, CHANGNING "虹桥街道古北荣华第二居委会", SECOND, "");
}

static void a_committee_named_after_a_lane_gives_way_to_a_rule(void **state)
{
	const char *lane = "上海市静安区宝山路四九九弄";

	(void)state;
	match_address(fixture_matcher, lane, &match);
	assert_int_equal(match.verdict, MATCH_PROBABLE);
	assert_string_equal(match.code, "310106017002");
	use_rows("310106017001,range,宝山路,,弄,all,400,600,a,\n"
		 "310106017002,not_ours,芷江中路,,弄,all,294,294,b,\n"
		 "310106017010,not_ours,芷江中路,,弄,all,294,294,c,\n");
	guesses(lane, "310106017001", "a");
	asks("上海市静安区芷江中路294弄", MATCH_WHY_NOT_OURS, "310106017010", NULL);
}

static void a_street_settles_itself_and_no_committee(void **state)
{
	(void)state;
	use_rows(HONGQIAO ",road,虹桥路,,,,,,street,\n" FIRST
			  ",range,虹桥路,,号,all,100,200,own,\n");
	asks(CHANGNING "虹桥路99号", MATCH_WHY_RULE, NULL, NULL);
	assert_string_equal(match.code, HONGQIAO);
	assert_string_equal(match.rule, "street");
	answers(CHANGNING "虹桥路150号", FIRST, "own");
}

static void a_committee_that_is_written_must_agree(void **state)
{
	(void)state;
	use_rows(FIRST ",range,古北路,,弄,all,10,50,a,\n" FIRST ",estate,天山二村,,,,,,b,\n" SECOND
		       ",range,古北路,,弄,all,50,60,c,\n");
	answers(CHANGNING "虹桥街道古北荣华第一居委会古北路12弄", FIRST, "a");
	asks(CHANGNING "虹桥街道古北荣华第四居委会古北路12弄", MATCH_WHY_RULE_AGAINST, FIRST,
	     FOURTH);
	/* It decides between two that claim the door. */
	answers(CHANGNING "虹桥街道古北荣华第二居委会古北路50弄", SECOND, NULL);
	answers(CHANGNING "虹桥街道古北荣华第四居委会古北路70弄", FOURTH, "");
	/* 天山二村居委会 is written for itself, 天山二村 is only the estate's name. */
	asks(CHANGNING "天山路街道天山二村居委会天山二村12号", MATCH_WHY_RULE_AGAINST, FIRST,
	     "310105006001");
	guesses(CHANGNING "天山二村12号", FIRST, "b");
}

static void rules_hold_in_their_area_only(void **state)
{
	(void)state;
	use_rows(FIRST ",range,天山路,,号,all,1,99,a,\n" SECOND ",estate,罗马花园,,,,,,b,\n" SECOND
		       ",range,荣华东道,,弄,all,8,8,c,\n"
		       "310104003001,range,天山路,,号,all,50,300,d,\n");
	answers(CHANGNING "天山路60号", FIRST, "a");
	answers("上海市徐汇区天山路60号", "310104003001", "d");
	asks("上海市闵行区天山路60号", MATCH_WHY_NO_RULE, NULL, NULL);
	/* 长宁 is also a county of Sichuan; under 上海 it is settled. */
	answers("上海长宁天山路60号", FIRST, "a");
	asks("上海市天山路60号", MATCH_WHY_RULES, FIRST, "310104003001");
	asks("上海市天山路20号", MATCH_WHY_LITTLE, FIRST, NULL);
	/* A door and an estate that agree tell which 长宁 is meant. */
	guesses("长宁罗马花园荣华东道8弄", SECOND, "c");
	match_address(fixture_matcher, "长宁荣华东道8弄", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
	match_address(fixture_matcher, "四川省宜宾市长宁县天山路60号", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
	assert_int_equal(match.candidates_len, 0);
	/* Another street is written than the rule's: never in silence. */
	guesses(CHANGNING "新泾镇天山路60号", FIRST, "a");
	assert_string_equal(match.warning, "新泾镇");
}

static void an_area_may_differ_from_the_county_of_the_code(void **state)
{
	struct coverage_source *source = coverage_source_new();
	const struct coverage_rule rule = {
		.id = "beyond",
		.code = FIRST,
		.area = "310104",
		.kind = COVERAGE_ROAD,
		.name = "天山路",
		.to = COVERAGE_OPEN,
	};

	(void)state;
	assert_int_equal(coverage_add_rule(source, &rule, NULL), 0);
	use(source);
	asks(CHANGNING "天山路60号", MATCH_WHY_NO_RULE, NULL, NULL);
	guesses("上海市徐汇区天山路60号", FIRST, "beyond");
}

static void names_that_only_contain_the_rules_name_are_asked(void **state)
{
	(void)state;
	use_rows(FIRST ",range,天山路,,号,all,1,99,a,\n" SECOND ",estate,马赛花园,,,,,,b,\n" THIRD
		       ",range,东天山路,,号,all,1,99,c,\n");
	answers(CHANGNING "东天山路60号", THIRD, "c");
	asks(CHANGNING "西天山路60号", MATCH_WHY_LITTLE, FIRST, NULL);
	asks(CHANGNING "新马赛花园5号", MATCH_WHY_LITTLE, SECOND, NULL);
	asks(CHANGNING "马赛花园大酒店", MATCH_WHY_LITTLE, SECOND, NULL);
	asks(CHANGNING "马赛花园二期5号", MATCH_WHY_LITTLE, SECOND, NULL);
	match_address(fixture_matcher, CHANGNING "马赛花园路5号", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
	answers(CHANGNING "马赛花园小区5号", SECOND, "b");
	answers(CHANGNING "马赛花园A座", SECOND, "b");
	/* What is near is not it. */
	match_address(fixture_matcher, CHANGNING "近天山路60号", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
	match_address(fixture_matcher, CHANGNING "马赛花园附近", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
	answers(CHANGNING "马赛花园5号（近天山路60号）", SECOND, "b");
	answers(CHANGNING "天山路60号（仙霞路口）", FIRST, "a");
}

static void roads_with_numbers_in_their_names_are_roads(void **state)
{
	(void)state;
	use_rows(FIRST ",range,中山一路,,弄,all,5,5,a,\n" SECOND ",range,中山路,,号,all,1,9,b,\n");
	answers(CHANGNING "中山一路5弄", FIRST, "a");
	answers(CHANGNING "中山1路5弄", FIRST, "a");
	answers(CHANGNING "中山路1号", SECOND, "b");
	match_address(fixture_matcher, CHANGNING "中山路一段5号", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
	match_address(fixture_matcher, CHANGNING "中山路1街5号", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
}

static void two_doors_are_a_question(void **state)
{
	(void)state;
	use_rows(FIRST ",range,仙霞路,,号,all,1,99,a,\n" SECOND ",range,古北路,,号,all,1,99,b,\n");
	asks("上海市长宁区仙霞路33号，上海市长宁区古北路34号", MATCH_WHY_RULES, FIRST, SECOND);
	asks("上海市长宁区仙霞路33号，上海市长宁区古北路340号", MATCH_WHY_LITTLE, FIRST, NULL);
	/* The text says where she lives now. */
	guesses("户籍：上海市长宁区仙霞路33号，现住：上海市长宁区古北路34号", SECOND, "b");
	answers(CHANGNING "仙霞路33号，" CHANGNING "仙霞路33号", FIRST, "a");
}

static void estates_have_buildings(void **state)
{
	(void)state;
	use_rows(FIRST ",estate,天山二村,,,,1,150,a,\n" SECOND ",estate,天山二村,,,,151,,b,\n" THIRD
		       ",estate,88大厦,,,,,,c,\n");
	guesses(CHANGNING "天山二村150号301室", FIRST, "a");
	guesses(CHANGNING "天山2村151幢", SECOND, "b");
	asks(CHANGNING "天山二村", MATCH_WHY_RULES, FIRST, SECOND);
	answers(CHANGNING "88大厦8号294室", THIRD, "c");
	match_address(fixture_matcher, CHANGNING "188大厦8号", &match);
	assert_true(match.verdict < MATCH_PROBABLE);
}

static void what_a_feed_says_of_the_estate_counts(void **state)
{
	struct match_query query = {.address = CHANGNING, .estate = "天山二村 151号楼"};

	(void)state;
	use_rows(FIRST ",estate,天山二村,,,,1,150,a,\n" SECOND ",estate,天山二村,,,,151,,b,\n");
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_EXACT);
	assert_string_equal(match.code, SECOND);
	assert_string_equal(match.estate_key, "310105/天山二村");
}

static void a_point_decides_where_names_leave_it_open(void **state)
{
	struct coverage_source *source = coverage_source_new();
	struct geo_point inside = {121400000, 31200000}, rim = {121410000, 31200000};
	struct geo_point corner = {121390000, 31190000}, outside = {121500000, 31200000};
	struct match_query query = {.address = "", .point = &inside};

	(void)state;
	assert_int_equal(coverage_add_wkt(source, "left", FIRST,
					  "POLYGON((121.39 31.19,121.41 31.19,121.41 31.21,"
					  "121.39 31.21))",
					  NULL),
			 0);
	assert_int_equal(coverage_add_wkt(source, "right", SECOND,
					  "POLYGON((121.41 31.19,121.43 31.19,121.43 31.21,"
					  "121.41 31.21))",
					  NULL),
			 0);
	use(source);
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_EXACT);
	assert_int_equal(match.why, MATCH_WHY_BOUNDARY);
	assert_string_equal(match.code, FIRST);
	assert_string_equal(match.rule, "left");
	query.point = &rim;
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_int_equal(match.why, MATCH_WHY_EDGE);
	assert_int_equal(match.candidates_len, 2);
	assert_string_equal(match.code, HONGQIAO);
	query.point = &corner;
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_PROBABLE);
	query.point = &outside;
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_UNMATCHED);
	/* With a county that is written it decides, against one it asks. */
	query = (struct match_query){.address = CHANGNING "仙霞路33号", .point = &inside};
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_EXACT);
	assert_string_equal(match.code, FIRST);
	query.address = "上海市徐汇区仙霞路33号";
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_string_equal(match.candidates[0].code, FIRST);
	/* A committee that is written and holds the point: nothing to say. */
	query.address = CHANGNING "虹桥街道古北荣华第一居委会";
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_EXACT);
	assert_string_equal(match.rule, "");
	/* One that does not. */
	query.address = CHANGNING "虹桥街道古北荣华第四居委会";
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_int_equal(match.why, MATCH_WHY_RULE_AGAINST);
	assert_int_equal(match.candidates_len, 2);
	/* On the rim of its own. */
	query = (struct match_query){.address = CHANGNING "虹桥街道古北荣华第一居委会",
				     .point = &rim};
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_EXACT);
}

static void a_rule_and_a_boundary_that_disagree_are_asked(void **state)
{
	struct coverage_source *source = coverage_source_new();
	const char *rules = "code,kind,name\n" SECOND ",road,仙霞路\n";
	struct geo_point inside = {121400000, 31200000};
	struct match_query query = {.address = CHANGNING "仙霞路33号", .point = &inside};

	(void)state;
	assert_int_equal(coverage_read_rules(source, rules, strlen(rules), NULL, NULL), 0);
	assert_int_equal(coverage_add_wkt(source, "left", FIRST,
					  "POLYGON((121.39 31.19,121.41 31.19,121.41 31.21))",
					  NULL),
			 0);
	use(source);
	match_query(fixture_matcher, &query, &match);
	assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	assert_int_equal(match.candidates_len, 2);
}

static void doors_and_estates_become_keys_of_a_settled_county(void **state)
{
	static const struct {
		const char *address, *door, *estate;
	} rows[] = {
		{CHANGNING "古北路1398弄16号502室", "310105/古北路/1398弄", ""},
		{CHANGNING "虹桥街道古北路１３９８弄", "310105/古北路/1398弄", ""},
		{"上海长宁荣华东道一一九号", "310105/荣华东道/119号", ""},
		{CHANGNING "中山西路340号", "310105/中山西路/340号", ""},
		{CHANGNING "马赛花园5号楼", "", "310105/马赛花园"},
		{CHANGNING "荣华东道79弄马赛花园", "310105/荣华东道/79弄", "310105/马赛花园"},
		{CHANGNING "虹桥街道古北荣华第一居委会古北路12号", "310105/古北路/12号", ""},
		{"上海市古北路1398弄", "", ""},
		{"古北路1398弄", "", ""},
		{CHANGNING "古北路", "", ""},
		{CHANGNING "仙霞路33号，古北路34号", "", ""},
		{CHANGNING "马赛花园路5号", "310105/马赛花园路/5号", ""},
		{CHANGNING "马赛花园、巴黎花园", "", ""},
		{CHANGNING "近古北路1398弄", "", ""},
		/* A name behind a committee, and a number without its word. */
		{CHANGNING "荣华居委金道一", "", ""},
		{CHANGNING "古北路1398", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		match_address(fixture_matcher, rows[i].address, &match);
		if (strcmp(match.door_key, rows[i].door) ||
		    strcmp(match.estate_key, rows[i].estate))
			print_message("%s: %s %s\n", rows[i].address, match.door_key,
				      match.estate_key);
		assert_string_equal(match.door_key, rows[i].door);
		assert_string_equal(match.estate_key, rows[i].estate);
	}
}

static void rule_roads_are_known_by_their_sound(void **state)
{
	struct latin_door door = {.road = "ronghuadong", .lane = 80, .house = 5};
	struct cover_spot spot;

	(void)state;
	use_rows(FIRST ",road,荣华东道,,,,,,a,\n" FIRST ",road,长乐路,,,,,,b,\n" FIRST
		       ",road,中山一路,,,,,,c,\n" FIRST ",road,昌乐路,,,,,,d,\n");
	assert_true(cover_latin_road(coverage, &door, 310105, &spot));
	assert_int_equal(spot.also_len, 0);
	assert_false(cover_latin_road(coverage, &door, 310104, &spot));
	guesses("No. 5, Lane 80, Ronghua East Road, Changning, Shanghai", FIRST, "a");
	text_copy(door.word, sizeof(door.word), "dao");
	assert_true(cover_latin_road(coverage, &door, 310105, &spot));
	text_copy(door.word, sizeof(door.word), "lu");
	assert_false(cover_latin_road(coverage, &door, 310105, &spot));
	text_copy(door.road, sizeof(door.road), "zhongshanyi");
	assert_true(cover_latin_road(coverage, &door, 310105, &spot));
	text_copy(door.road, sizeof(door.road), "zhangle");
	assert_true(cover_latin_road(coverage, &door, 310105, &spot));
	assert_int_equal(spot.also_len, 0);
	text_copy(door.road, sizeof(door.road), "changle");
	assert_true(cover_latin_road(coverage, &door, 310105, &spot));
	assert_int_equal(spot.also_len, 1);
}

static void a_table_tells_every_mistake_with_its_line(void **state)
{
	const char *table = "\xEF\xBB\xBF# rules\r\n"
			    "rule_id,code,kind,name,lane,type,parity,from,to\r\n"
			    "a,310105009018,range,古北路,,弄,all,1,2\r\n"
			    "b,310105,road,古北路,,,,,\n"
			    "c,310105009018,lane,古北路,,,,,\n"
			    "\n"
			    "d,310105009018,range,古北路,,弄,all,9,2\n"
			    "e,310105009018,range,古北路,,弄,all,x,2\n"
			    "f,310105009018,sub,古北路,,号,all,1,2\n"
			    "\"g, quoted\",310105009018,estate,\"马赛\n花园\",,,,,\n"
			    "h,310105009018,road,……,,,,,\n"
			    "i,310105009018,range,古北路,,弄,left,1,2\n"
			    "j,310105009018,road,古北路,,,,5,\n"
			    "k,310105009018,range,古北路,,弄,all,1,100000\n"
			    ",310105009018,range,古北路,,弄,all,1,3";
	struct coverage_source *source = coverage_source_new();
	struct text said = TEXT_OVER(complaints);

	(void)state;
	text_clear(&said);
	assert_int_equal(coverage_read_rules(source, table, strlen(table), note, &said), 9);
	assert_string_equal(complaints,
			    "4: code '310105': 12 digits, or the 9 of a street\n"
			    "5: kind 'lane': road, range, sub, estate, except, not_ours\n"
			    "7: range 9-2: it ends before it begins\n"
			    "8: from 'x': a number, 0 to 99999\n"
			    "9: kind sub needs its lane, 1 to 99999\n"
			    "12: name '……': 1 to 95 bytes, with a letter in it\n"
			    "13: parity 'left': all, odd, even\n"
			    "14: kind road takes no numbers: that is a range\n"
			    "15: to '100000': a number, 0 to 99999\n");
	assert_int_equal(coverage_source_rules(source), 3);
	assert_string_equal(coverage_source_rule(source, 1)->id, "g, quoted");
	assert_string_equal(coverage_source_rule(source, 2)->id, "line 16");
	text_clear(&said);
	assert_int_equal(coverage_read_rules(source, "code,kind\n", 10, note, &said), 1);
	assert_int_equal(coverage_read_rules(source, "", 0, note, &said), 1);
	assert_int_equal(coverage_read_rules(source, "code\0", 5, note, &said), 1);
	assert_string_equal(complaints, "1: column 'name' is missing\n1: the table is empty\n"
					"1: the table is not UTF-8\n");
	/* A quote too many swallows what follows: that must not be silent. */
	table = "code,kind,name\n310105009018,road,古北路\n"
		"310105009018,estate,\"马赛花园\n310105009018,road,水城路\n";
	text_clear(&said);
	assert_int_equal(coverage_read_rules(source, table, strlen(table), note, &said), 1);
	assert_string_equal(complaints, "3: a quote is opened that nothing closes\n");
	/* What is quoted is cut between letters. */
	table = "code,kind,name\n"
		"县县县县县县县县县县县县县县县县县县县县县县县县县县县县,road,古北路\n";
	text_clear(&said);
	assert_int_equal(coverage_read_rules(source, table, strlen(table), note, &said), 1);
	assert_true(text_is_utf8(complaints, strlen(complaints)));
	coverage_source_free(source);
}

static void a_code_that_names_nothing_is_refused(void **state)
{
	struct coverage_source *source = coverage_source_new();
	const char *table = "rule_id,code,kind,name\nz9,310105009999,road,古北路\n";
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(coverage_read_rules(source, table, strlen(table), NULL, NULL), 0);
	assert_int_equal(coverage_build(&coverage, source, fixture_gazetteer, &err), CL_ENOENT);
	assert_string_equal(err.text, "rule z9: no unit has the code 310105009999");
	assert_null(coverage);
	coverage_source_free(source);
}

static void many_rules_on_one_road_stay_bounded(void **state)
{
	struct coverage_source *source = coverage_source_new();
	char id[24];
	struct coverage_rule rule = {
		.id = id,
		.kind = COVERAGE_RANGE,
		.name = "古北路",
		.number = COVERAGE_HOUSE,
	};

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		snprintf(id, sizeof(id), "n%u", i);
		rule.code = i % 2 ? FIRST : SECOND;
		rule.from = i;
		rule.to = i < 10 ? COVERAGE_OPEN : i + 1;
		assert_int_equal(coverage_add_rule(source, &rule, NULL), 0);
	}
	use(source);
	asks(CHANGNING "古北路15000号", MATCH_WHY_RULES, FIRST, SECOND);
}

/* Cut the field at *REST off. */
static char *field(char **rest)
{
	char *start = *rest;

	*rest += strcspn(start, "\t\n");
	if (**rest)
		*(*rest)++ = '\0';
	return start;
}

/* Run a labelled table; address column as a point with POINTS. Returns the exact rows that got no
 * answer; a wrong answer fails at once. */
static size_t run_cases(const char *path, bool points, size_t *exact)
{
	size_t len, missed = 0;
	char *bytes = read_whole(path, &len), *rest = bytes;

	*exact = 0;
	while (*rest) {
		char *next = rest + strcspn(rest, "\n");
		char *line = rest;
		next += *next == '\n';
		char *id = field(&line), *address = field(&line), *verdict = field(&line);
		char *code = field(&line);
		rest = next;
		if (*id == '#' || strcmp(id, "id") == 0)
			continue;
		struct geo_point point;
		struct match_query query = {.address = address};
		if (points) {
			char *lat = strchr(address, ',');
			point.lon = (int32_t)(strtod(address, NULL) * 1e6 + 0.5);
			point.lat = (int32_t)(strtod(lat + 1, NULL) * 1e6 + 0.5);
			query = (struct match_query){.address = "", .point = &point};
		}
		match_query(fixture_matcher, &query, &match);
		bool answered = match.verdict >= MATCH_PROBABLE;
		bool right = answered && strcmp(match.code, code) == 0;
		if ((answered && !right) ||
		    (match.verdict == MATCH_EXACT && strcmp(verdict, "exact") != 0)) {
			tell(address);
			fail_msg("%s: wrong", id);
		}
		if (strcmp(verdict, "exact") != 0)
			continue;
		++*exact;
		missed += !right;
		if (!right && coverage)
			tell(address);
	}
	mem_free(bytes);
	return missed;
}

static void labelled_cases_are_all_right(void **state)
{
	struct coverage_source *source = coverage_source_new();
	struct text said = TEXT_OVER(complaints);
	size_t len, exact;
	char *rules = read_whole("tests/data/places/coverage-rules-dev.tsv", &len);

	(void)state;
	text_clear(&said);
	assert_int_equal(coverage_read_rules(source, rules, len, note, &said), 0);
	assert_int_equal(coverage_source_rules(source), 172);
	mem_free(rules);
	use(source);
	assert_int_equal(run_cases("tests/data/places/coverage-cases-dev.tsv", false, &exact), 0);
	assert_int_equal(exact, 372);
}

static void without_rules_the_same_cases_are_questions(void **state)
{
	size_t exact;

	(void)state;
	assert_int_equal(run_cases("tests/data/places/coverage-cases-dev.tsv", false, &exact), 372);
}

static void labelled_points_are_all_right(void **state)
{
	struct coverage_source *source = coverage_source_new();
	struct text said = TEXT_OVER(complaints);
	size_t len, exact;
	char *polygons = read_whole("tests/data/places/coverage-polygons-dev.tsv", &len);

	(void)state;
	text_clear(&said);
	assert_int_equal(coverage_read_boundaries(source, polygons, len, note, &said), 0);
	assert_int_equal(coverage_source_boundaries(source), 26);
	mem_free(polygons);
	use(source);
	assert_int_equal(run_cases("tests/data/places/coverage-points-dev.tsv", true, &exact), 0);
	assert_int_equal(exact, 367);
}

#define TEST(name) cmocka_unit_test_teardown(name, drop_rules)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_range_holds_its_ends_and_its_side_of_the_road),
		TEST(numbers_count_however_they_are_written),
		TEST(a_number_of_the_other_kind_is_never_certain),
		TEST(the_more_specific_rule_wins),
		TEST(two_units_at_one_level_are_a_question),
		TEST(an_exception_takes_out_of_its_own_unit_only),
		TEST(what_a_unit_disowns_is_not_its_own),
		TEST(a_committee_named_after_a_lane_gives_way_to_a_rule),
		TEST(a_street_settles_itself_and_no_committee),
		TEST(a_committee_that_is_written_must_agree),
		TEST(rules_hold_in_their_area_only),
		TEST(an_area_may_differ_from_the_county_of_the_code),
		TEST(names_that_only_contain_the_rules_name_are_asked),
		TEST(roads_with_numbers_in_their_names_are_roads),
		TEST(two_doors_are_a_question),
		TEST(estates_have_buildings),
		TEST(what_a_feed_says_of_the_estate_counts),
		TEST(a_point_decides_where_names_leave_it_open),
		TEST(a_rule_and_a_boundary_that_disagree_are_asked),
		TEST(doors_and_estates_become_keys_of_a_settled_county),
		TEST(rule_roads_are_known_by_their_sound),
		TEST(a_table_tells_every_mistake_with_its_line),
		TEST(a_code_that_names_nothing_is_refused),
		TEST(many_rules_on_one_road_stay_bounded),
		TEST(labelled_cases_are_all_right),
		TEST(without_rules_the_same_cases_are_questions),
		TEST(labelled_points_are_all_right),
	};

	return cmocka_run_group_tests(tests, match_fixture_open, match_fixture_close);
}
