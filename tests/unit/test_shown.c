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
			    "虹桥街道长宁区");
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
		cmocka_unit_test(telephones_rooms_and_names_behind_it_are_left_out),
		cmocka_unit_test(without_a_place_only_a_road_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
