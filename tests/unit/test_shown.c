/* test_shown.c — what a page may show of an address: the place, and nobody who lives there.
 *
 * Neighbours: test_match.c has the words it begins with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/match.h"

static const char *shown(const char *normalized, const char *district, const char *street)
{
	static char room[400];
	struct text out = TEXT_OVER(room);
	struct match match = {.why = MATCH_WHY_PLACE};

	text_clear(&out);
	text_copy(match.normalized, sizeof(match.normalized), normalized);
	text_copy(match.words[2], sizeof(match.words[2]), district);
	text_copy(match.words[3], sizeof(match.words[3]), street);
	match_shown(&match, &out);
	return room;
}

static void it_ends_with_the_first_lane_or_house(void **state)
{
	(void)state;
	assert_string_equal(shown("长宁区古北路1398弄16号402室", "长宁区", ""),
			    "长宁区古北路1398弄");
	assert_string_equal(shown("长宁区荣华东道 96 号 3楼", "长宁区", ""),
			    "长宁区荣华东道 96 号");
	assert_string_equal(shown("长宁区伦敦广场7号楼1203", "长宁区", ""), "长宁区伦敦广场7号");
}

static void it_begins_with_the_first_place(void **state)
{
	(void)state;
	assert_string_equal(shown("收件人金珉志 长宁区古北路1398弄3号", "长宁区", ""),
			    "长宁区古北路1398弄");
	assert_string_equal(shown("402室16号1398弄古北路虹桥街道长宁区", "长宁区", "虹桥街道"),
			    "古北路虹桥街道长宁区");
}

static void a_name_between_the_places_is_left_out(void **state)
{
	(void)state;
	assert_string_equal(shown("长宁区金珉志 古北路1398弄5号", "长宁区", ""),
			    "长宁区 古北路1398弄");
	assert_string_equal(shown("长宁区金珉志12号402室", "长宁区", ""), "长宁区");
	assert_string_equal(shown("金珉志古北路1398弄5号302室", "", ""), "古北路1398弄");
	assert_string_equal(shown("长宁区荣华居委金道一", "长宁区", "荣华居委"), "长宁区荣华居委");
}

static void latin_letters_are_shown_like_others(void **state)
{
	(void)state;
	assert_string_equal(shown("room 302 no 5 lane 1398 gubei road changning district kim minji",
				  "Changning District", ""),
			    "lane 1398 gubei road changning district");
	assert_string_equal(shown("长宁区 kim minji ronghua west rd lane 19", "长宁区", ""),
			    "长宁区 ronghua west rd lane 19");
	assert_string_equal(shown("kim minji changning district", "Changning District", ""),
			    "changning district");
}

static void the_door_of_a_place_is_shown_with_it(void **state)
{
	(void)state;
	assert_string_equal(shown("莘庄镇莘松三村12号402室", "莘庄镇", "莘松三村"),
			    "莘庄镇莘松三村12号");
}

static void telephones_rooms_and_names_behind_it_are_left_out(void **state)
{
	(void)state;
	assert_string_equal(shown("长宁区虹桥街道金珉志13800000000", "长宁区", "虹桥街道"),
			    "长宁区虹桥街道");
	assert_string_equal(shown("长宁区虹桥街道402室", "长宁区", "虹桥街道"), "长宁区虹桥街道");
	assert_string_equal(shown("长宁区虹桥街道 金珉志收", "长宁区", "虹桥街道"),
			    "长宁区虹桥街道");
}

static void without_a_place_only_a_road_is_shown(void **state)
{
	(void)state;
	assert_string_equal(shown("金珉志, 某某路12号402室", "", ""), "某某路12号");
	assert_string_equal(shown("kim minji 13800000000", "", ""), "");
	assert_string_equal(shown("", "", ""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_with_the_first_lane_or_house),
		cmocka_unit_test(it_begins_with_the_first_place),
		cmocka_unit_test(a_name_between_the_places_is_left_out),
		cmocka_unit_test(latin_letters_are_shown_like_others),
		cmocka_unit_test(the_door_of_a_place_is_shown_with_it),
		cmocka_unit_test(telephones_rooms_and_names_behind_it_are_left_out),
		cmocka_unit_test(without_a_place_only_a_road_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
