/* test_coverage_list.c — the lists that committees write become their rules; what is not understood
 * is said; doors claimed twice and doors of nobody are found.
 *
 * Neighbours: place/list_words.c, coverage_list.c, coverage_write.c, coverage_check.c. The lists of
 * tests/data/places are real; those below are made up in the manner of others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/coverage.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

#define CODE	  "310105009018"
#define OTHER	  "310105009020"
#define IMAGE_CAP ((size_t)64 << 20)

static char *image;
static struct gazetteer *gazetteer;

static char *read_whole(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *bytes;

	*len = 0;
	if (!file)
		return NULL;
	bytes = mem_alloc(IMAGE_CAP);
	*len = fread(bytes, 1, IMAGE_CAP - 1, file);
	fclose(file);
	return bytes;
}

static int open_gazetteer(void **state)
{
	const char *path = getenv("CLOSEDLOOP_GAZETTEER");
	size_t len;

	(void)state;
	image = read_whole(path ? path : "build/gazetteer.img", &len);
	return image ? gazetteer_open(&gazetteer, image, len, NULL) : -1;
}

static int close_gazetteer(void **state)
{
	(void)state;
	gazetteer_close(gazetteer);
	mem_free(image);
	return 0;
}

/* What was complained of, one after the other. */
struct complaints {
	char text[4096];
	size_t len;
};

static void complain(void *context, int line, const char *text)
{
	struct complaints *all = context;
	struct text out;

	(void)line;
	text_init(&out, all->text + strlen(all->text), sizeof(all->text) - strlen(all->text));
	text_addf(&out, "%s\n", text);
	all->len++;
}

/* The rules of a list, as lines of units.yaml joined by a blank. */
static size_t read_list(const char *list, struct text *rules, struct complaints *complaints)
{
	struct coverage_source *source = coverage_source_new();
	size_t refused;

	*complaints = (struct complaints){.len = 0};
	text_clear(rules);
	refused = coverage_read_list(source, "t", CODE, list, complain, complaints);
	assert_int_equal(refused, complaints->len);
	for (size_t i = 0; i < coverage_source_rules(source); i++) {
		text_add(rules, i ? " " : "");
		coverage_write_yaml(coverage_source_rule(source, i), rules);
	}
	coverage_source_free(source);
	return refused;
}

struct row {
	const char *list, *rules;
};

static void judge(const struct row *rows, size_t len, bool understood)
{
	static char room[8192];
	struct text rules = TEXT_OVER(room);
	struct complaints complaints;
	size_t wrong = 0;

	for (size_t i = 0; i < len; i++) {
		size_t refused = read_list(rows[i].list, &rules, &complaints);

		if (strcmp(room, rows[i].rules) == 0 && (refused == 0) == understood)
			continue;
		print_error("%s:\n  %s\n  wanted %s\n  %s", rows[i].list, room, rows[i].rules,
			    complaints.text);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void numbers_are_lanes_houses_and_ranges_of_both(void **state)
{
	static const struct row rows[] = {
		{"仙霞路：410弄—500弄", "{road: \"仙霞路\", lanes: \"410-500\"}"},
		{"龙溪路１－２１９號", "{road: \"龙溪路\", houses: \"1-219\"}"},
		{"荣华东道79、80、102弄",
		 "{road: \"荣华东道\", lanes: \"79\"} {road: \"荣华东道\", "
		 "lanes: \"80\"} {road: \"荣华东道\", lanes: \"102\"}"},
		{"荣华东道96.98号", "{road: \"荣华东道\", houses: \"96\"} {road: \"荣华东道\", "
				    "houses: \"98\"}"},
		{"临汾路三七五弄、三百八十号",
		 "{road: \"临汾路\", lanes: \"375\"} {road: \"临汾路\", houses: \"380\"}"},
		{"北渔路：82弄，115弄至135弄",
		 "{road: \"北渔路\", lanes: \"82\"} {road: \"北渔路\", lanes: \"115-135\"}"},
		{"虹桥路1350号以上、200号以下",
		 "{road: \"虹桥路\", houses: \"1350-\"} {road: \"虹桥路\", houses: \"1-200\"}"},
		{"玉屏南路 340、342 弄",
		 "{road: \"玉屏南路\", lanes: \"340\"} {road: \"玉屏南路\", lanes: \"342\"}"},
		{"天山路：12-50", "{road: \"天山路\", houses: \"12-50\"}"},
	};

	(void)state;
	judge(rows, ARRAY_LEN(rows), true);
}

static void a_side_is_said_before_or_behind(void **state)
{
	static const struct row rows[] = {
		{"哈密路（单）:1713-2079号 哈密路（双）:1800-2054号",
		 "{road: \"哈密路\", houses: \"1713-2079\", side: odd} "
		 "{road: \"哈密路\", houses: \"1800-2054\", side: even}"},
		{"芙蓉江路：62弄—150弄（双弄）",
		 "{road: \"芙蓉江路\", lanes: \"62-150\", side: even}"},
		{"水城路：90号—500弄（双号、弄）",
		 "{road: \"水城路\", numbers: \"90-500\", side: even}"},
		{"天山路1—99号(单)，2—100号(双)",
		 "{road: \"天山路\", houses: \"1-99\", side: odd} "
		 "{road: \"天山路\", houses: \"2-100\", side: even}"},
		{"延安西路 单号：485-1395号，双号：902-1146号",
		 "{road: \"延安西路\", houses: \"485-1395\", side: odd} "
		 "{road: \"延安西路\", houses: \"902-1146\", side: even}"},
		{"天山路（单号）", "{road: \"天山路\", houses: \"1-\", side: odd}"},
		{"天山路：680 弄、750 弄-840 弄 （双号）；850弄",
		 "{road: \"天山路\", lanes: \"680\"} {road: \"天山路\", lanes: \"750-840\", "
		 "side: even} {road: \"天山路\", lanes: \"850\"}"},
		{"中山西路：934-1432（双号）、945-1251（单号）",
		 "{road: \"中山西路\", houses: \"934-1432\", side: even} "
		 "{road: \"中山西路\", houses: \"945-1251\", side: odd}"},
		/* A village may begin with the word. */
		{"双泾村、单家宅", "{estate: \"双泾村\"} {estate: \"单家宅\"}"},
	};

	(void)state;
	judge(rows, ARRAY_LEN(rows), true);
}

static void whole_roads_estates_and_their_buildings(void **state)
{
	static const struct row rows[] = {
		{"云雾山路（全路）；曹家堰路", "{road: \"云雾山路\"} {road: \"曹家堰路\"}"},
		{"新泾二村；新泾三村", "{estate: \"新泾二村\"} {estate: \"新泾三村\"}"},
		{"天山五村:1-147号", "{estate: \"天山五村\", buildings: \"1-147\"}"},
		{"①伦敦广场（古北路1000号）；②88大厦",
		 "{road: \"古北路\", houses: \"1000\"} {estate: \"伦敦广场\"} {estate: "
		 "\"88大厦\"}"},
		{"天山路651号（天山大厦）",
		 "{estate: \"天山大厦\"} {road: \"天山路\", houses: \"651\"}"},
		{"古北路1398弄古北新苑、1402号",
		 "{estate: \"古北新苑\"} {road: \"古北路\", lanes: \"1398\"} "
		 "{road: \"古北路\", houses: \"1402\"}"},
		{"巴黎花园（又名巴黎公寓）", "{estate: \"巴黎公寓\"} {estate: \"巴黎花园\"}"},
		{"荣华居委一期：1.马赛花园 2.巴黎经典",
		 "{estate: \"马赛花园\"} {estate: \"巴黎经典\"}"},
		{"永和新城和天山一村", "{estate: \"永和新城\"} {estate: \"天山一村\"}"},
	};

	(void)state;
	judge(rows, ARRAY_LEN(rows), true);
}

static void houses_inside_a_lane(void **state)
{
	static const struct row rows[] = {
		{"茅台路200弄1-17号、210弄",
		 "{road: \"茅台路\", lane: 200, houses: \"1-17\"} {road: \"茅台路\", lanes: "
		 "\"210\"}"},
		{"茅台路：200弄（1-17号）", "{road: \"茅台路\", lane: 200, houses: \"1-17\"}"},
		{"建国路88弄（除5号外）、90弄",
		 "{road: \"建国路\", lanes: \"88\"} {except: {road: \"建国路\", lane: 88, "
		 "houses: \"5\"}} {road: \"建国路\", lanes: \"90\"}"},
	};

	(void)state;
	judge(rows, ARRAY_LEN(rows), true);
}

static void exceptions_are_taken_out(void **state)
{
	static const struct row rows[] = {
		{"天山路（除651号外）",
		 "{road: \"天山路\"} {except: {road: \"天山路\", houses: \"651\"}}"},
		{"天山路除651-681号外全部",
		 "{road: \"天山路\"} {except: {road: \"天山路\", houses: \"651-681\"}}"},
		{"天山路1-99号，5号、7号除外",
		 "{road: \"天山路\", houses: \"1-99\"} {except: {road: \"天山路\", houses: "
		 "\"5\"}} {except: {road: \"天山路\", houses: \"7\"}}"},
		{"天山路:1-999号（不含100-120号）；仙霞路",
		 "{road: \"天山路\", houses: \"1-999\"} {except: {road: \"天山路\", houses: "
		 "\"100-120\"}} {road: \"仙霞路\"}"},
		{"不属于本居委：天山路1号；仙霞路1号",
		 "{not_ours: {road: \"天山路\", houses: \"1\"}} {road: \"仙霞路\", houses: "
		 "\"1\"}"},
	};

	(void)state;
	judge(rows, ARRAY_LEN(rows), true);
}

/* A rule that claims too much is worse than none. */
static void what_is_not_understood_is_said_and_becomes_no_rule(void **state)
{
	static const struct row rows[] = {
		{"古北路（部分）", ""},
		{"天山路1-50号（部分）、60号", "{road: \"天山路\", houses: \"60\"}"},
		{"东至江苏路，西至定西路", ""},
		{"江苏路以东", ""},
		{"天山大厦（天山路）", "{estate: \"天山大厦\"}"},
		{"238弄", ""},
		{"天山路99-1号", ""},
		{"长宁路9999999号", ""},
		{"虹桥路100号201-305室", ""},
		{"和平里一区、二区", "{estate: \"和平里一区\"}"},
		{"天山路（单）：2号", ""},
		{"天山路1号（", "{road: \"天山路\", houses: \"1\"}"},
		{"天山路3幢", ""},
		{"桥东街甲1号", ""},
		{"沫江社区：33幢1号-16号", ""},
		{"永丰村1组1号-41号", ""},
		{"福兴街34号附1号-附130号、36号", "{road: \"福兴街\", houses: \"36\"}"},
		{"复兴路：2-1、5", "{road: \"复兴路\", houses: \"5\"}"},
		{"天山一村等", "{estate: \"天山一村\"}"},
		{"马赛花园（单）", ""},
		{"天山路5室", ""},
		{"无", ""},
	};

	(void)state;
	judge(rows, ARRAY_LEN(rows), false);
}

static void a_complaint_quotes_the_words(void **state)
{
	static char room[1024];
	struct text rules = TEXT_OVER(room);
	struct complaints complaints;

	(void)state;
	(void)read_list("天山路1号；东至江苏路；仙霞路", &rules, &complaints);
	assert_non_null(strstr(complaints.text, "\"东至江苏路\""));
	assert_int_equal(complaints.len, 1);
}

/* A rule as one line, without what it is called; a side says nothing of a single number. */
static void describe(const struct coverage_rule *rule, struct text *out)
{
	struct coverage_rule plain = *rule;

	if (plain.from == plain.to)
		plain.parity = COVERAGE_ALL;
	text_clear(out);
	text_add(out, plain.code);
	coverage_write_yaml(&plain, out);
}

static bool has_rule(const struct coverage_source *source, const struct coverage_rule *wanted)
{
	char left[COVERAGE_ROW_CAP], right[COVERAGE_ROW_CAP];
	struct text a = TEXT_OVER(left), b = TEXT_OVER(right);

	describe(wanted, &a);
	for (size_t i = 0; i < coverage_source_rules(source); i++) {
		describe(coverage_source_rule(source, i), &b);
		if (strcmp(left, right) == 0)
			return true;
	}
	return false;
}

static struct coverage_source *
read_table(const char *path, size_t (*read)(struct coverage_source *source, const char *bytes,
					    size_t len, coverage_complain *complain, void *context))
{
	struct coverage_source *source = coverage_source_new();
	struct complaints complaints = {.len = 0};
	size_t len;
	char *bytes = read_whole(path, &len);

	assert_non_null(bytes);
	assert_int_equal(read(source, bytes, len, complain, &complaints), 0);
	mem_free(bytes);
	return source;
}

/* The structured table leaves out estates that are committees of their own; else it is the same. */
static void real_lists_give_the_rules_that_people_read_in_them(void **state)
{
	struct coverage_source *lists =
		read_table("tests/data/places/coverage-rawtext-dev.tsv", coverage_read_lists);
	struct coverage_source *rules =
		read_table("tests/data/places/coverage-rules-dev.tsv", coverage_read_rules);
	size_t missing = 0;

	(void)state;
	assert_true(coverage_source_rules(rules) > 150);
	for (size_t i = 0; i < coverage_source_rules(rules); i++) {
		const struct coverage_rule *rule = coverage_source_rule(rules, i);

		if (!has_rule(lists, rule)) {
			print_error("%s %s\n", rule->id, rule->name);
			missing++;
		}
	}
	for (size_t i = 0; i < coverage_source_rules(lists); i++) {
		const struct coverage_rule *rule = coverage_source_rule(lists, i);

		if (rule->kind != COVERAGE_ESTATE && !has_rule(rules, rule)) {
			print_error("too much: %s %s\n", rule->id, rule->name);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
	coverage_source_free(lists);
	coverage_source_free(rules);
}

static struct coverage_source *of_lists(const char *left, const char *right)
{
	struct coverage_source *source = coverage_source_new();
	struct complaints complaints = {.len = 0};

	assert_int_equal(coverage_read_list(source, "L", CODE, left, complain, &complaints), 0);
	assert_int_equal(coverage_read_list(source, "R", OTHER, right, complain, &complaints), 0);
	return source;
}

static struct coverage *build(const struct coverage_source *source)
{
	struct coverage *coverage = NULL;

	assert_int_equal(coverage_build(&coverage, source, gazetteer, NULL), 0);
	return coverage;
}

static void a_row_that_was_written_reads_the_same(void **state)
{
	struct coverage_source *source =
		of_lists("水城路：90号—500弄（双号、弄）；茅台路200弄1-17号；云雾山路；天山五村:1-"
			 "147号；马赛花园；"
			 "建国路88弄（除5号外）；天山路（单）；虹桥路1350号起（除伦敦广场外）",
			 "不属于本居委：天山路1号、天山大厦");
	struct coverage_source *again = coverage_source_new();
	struct complaints complaints = {.len = 0};
	static char table[65536];
	struct text out = TEXT_OVER(table);

	(void)state;
	text_clear(&out);
	text_add(&out, COVERAGE_ROW_HEAD "\n");
	for (size_t i = 0; i < coverage_source_rules(source); i++) {
		coverage_write_row(coverage_source_rule(source, i), "a unit", &out);
		text_add(&out, "\n");
	}
	assert_int_equal(coverage_read_rules(again, out.data, out.len, complain, &complaints), 0);
	assert_int_equal(coverage_source_rules(again), coverage_source_rules(source));
	for (size_t i = 0; i < coverage_source_rules(source); i++)
		assert_true(has_rule(again, coverage_source_rule(source, i)));
	coverage_source_free(source);
	coverage_source_free(again);
}

/* --- Two units --- */

static void add_conflict(void *context, const struct coverage_conflict *conflict)
{
	struct text *out = context;

	text_addf(out, "%s", conflict->name);
	coverage_doors(conflict, out);
	text_addf(out, " %s %s;", conflict->left_code, conflict->right_code);
}

static void add_gap(void *context, const struct coverage_gap *gap)
{
	coverage_gap_doors(gap, context);
	text_add(context, ";");
}

static void check_conflicts(const char *left, const char *right, const char *wanted)
{
	struct coverage_source *source = of_lists(left, right);
	struct coverage *coverage = build(source);
	char room[1024];
	struct text out = TEXT_OVER(room);
	size_t len;

	text_clear(&out);
	len = coverage_conflicts(coverage, add_conflict, &out);
	assert_string_equal(room, wanted);
	assert_int_equal(len > 0, *wanted != '\0');
	coverage_free(coverage);
	coverage_source_free(source);
}

static void a_door_claimed_twice_at_one_level_is_a_conflict(void **state)
{
	(void)state;
	check_conflicts("仙霞路1-100号", "仙霞路90-200号", "仙霞路 90–100号 " CODE " " OTHER ";");
	check_conflicts("仙霞路8弄", "仙霞路8弄", "仙霞路 8弄 " CODE " " OTHER ";");
	check_conflicts("云雾山路", "云雾山路", "云雾山路 " CODE " " OTHER ";");
	check_conflicts("马赛花园", "马赛花园:1-5号", "马赛花园 1–5 " CODE " " OTHER ";");
	check_conflicts("茅台路200弄", "茅台路200弄1-17号",
			"茅台路 200弄 1–17号 " CODE " " OTHER ";");
	check_conflicts("仙霞路（双）：2-100号", "仙霞路90-200号",
			"仙霞路 90–100号 (even) " CODE " " OTHER ";");
}

static void doors_of_another_level_side_or_kind_are_no_conflict(void **state)
{
	(void)state;
	check_conflicts("仙霞路1-100号", "仙霞路50号", "");
	check_conflicts("仙霞路", "仙霞路1-100号", "");
	check_conflicts("仙霞路（双）：2-100号", "仙霞路（单）：1-99号", "");
	check_conflicts("仙霞路1-100号", "仙霞路1-100弄", "");
	check_conflicts("仙霞路1-100号（除90-100号外）", "仙霞路90-200号", "");
	check_conflicts("茅台路200弄1-17号", "茅台路200弄18-30号", "");
	check_conflicts("仙霞路1-100号、50-120号", "仙霞路121-200号", "");
}

static void check_gaps(const char *left, const char *right, const char *wanted)
{
	struct coverage_source *source = of_lists(left, right);
	struct coverage *coverage = build(source);
	char room[1024];
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	(void)coverage_gaps(coverage, add_gap, &out);
	assert_string_equal(room, wanted);
	coverage_free(coverage);
	coverage_source_free(source);
}

static void what_nobody_claims_between_two_ranges_is_a_gap(void **state)
{
	(void)state;
	check_gaps("仙霞路1-500弄", "仙霞路577-700弄", "仙霞路 501–576弄;");
	check_gaps("仙霞路（单）：1-99号", "仙霞路（单）：105-199号", "仙霞路 101–103号 (odd);");
	check_gaps("仙霞路1-99号", "仙霞路100-200号", "");
	/* Single numbers say nothing of their neighbours; who has the road has all of it. */
	check_gaps("仙霞路1弄、5弄", "仙霞路19弄", "");
	check_gaps("仙霞路1-99号、150-200号", "仙霞路", "");
}

static void hash_of(const char *left, const char *right, char out[COVERAGE_HASH_CAP])
{
	struct coverage_source *source = of_lists(left, right);
	struct coverage *coverage = build(source);

	coverage_hash(coverage, out);
	assert_int_equal(strlen(out), COVERAGE_HASH_CAP - 1);
	coverage_free(coverage);
	coverage_source_free(source);
}

static void same_rules_have_the_same_hash_in_any_order(void **state)
{
	char first[COVERAGE_HASH_CAP], second[COVERAGE_HASH_CAP];

	(void)state;
	hash_of("仙霞路1-100号；天山路；马赛花园", "云雾山路", first);
	hash_of("马赛花园；天山路；仙霞路1-100号", "云雾山路", second);
	assert_string_equal(first, second);
	hash_of("马赛花园；天山路；仙霞路1-101号", "云雾山路", second);
	assert_string_not_equal(first, second);
	hash_of("云雾山路", "仙霞路1-100号；天山路；马赛花园", second);
	assert_string_not_equal(first, second);
}

static void one_road_by_two_spellings_has_one_hash(void **state)
{
	char first[COVERAGE_HASH_CAP], second[COVERAGE_HASH_CAP];

	(void)state;
	hash_of("仙霞路1-9号", "國順路", first);
	hash_of("仙霞路1-9号", "国顺路", second);
	assert_string_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_lanes_houses_and_ranges_of_both),
		cmocka_unit_test(a_side_is_said_before_or_behind),
		cmocka_unit_test(whole_roads_estates_and_their_buildings),
		cmocka_unit_test(houses_inside_a_lane),
		cmocka_unit_test(exceptions_are_taken_out),
		cmocka_unit_test(what_is_not_understood_is_said_and_becomes_no_rule),
		cmocka_unit_test(a_complaint_quotes_the_words),
		cmocka_unit_test(real_lists_give_the_rules_that_people_read_in_them),
		cmocka_unit_test(a_row_that_was_written_reads_the_same),
		cmocka_unit_test(a_door_claimed_twice_at_one_level_is_a_conflict),
		cmocka_unit_test(doors_of_another_level_side_or_kind_are_no_conflict),
		cmocka_unit_test(what_nobody_claims_between_two_ranges_is_a_gap),
		cmocka_unit_test(same_rules_have_the_same_hash_in_any_order),
		cmocka_unit_test(one_road_by_two_spellings_has_one_hash),
	};

	return cmocka_run_group_tests(tests, open_gazetteer, close_gazetteer);
}
