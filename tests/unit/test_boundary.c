/* test_boundary.c — outlines hold their points exactly, and text that is none is refused.
 *
 * Neighbours: place/boundary.c, place/wkt.c. The reference for random outlines counts crossings of
 * a ray to the north with whole 128-bit fractions: another direction and another arithmetic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/coverage.h"
#include "place/boundary.h"

#define CODE  "310105009018"
#define OTHER "310105009019"

static struct boundary_source source;
static struct boundary_map *map;

static int forget(void **state)
{
	(void)state;
	boundary_free(map);
	map = NULL;
	boundary_source_release(&source);
	return 0;
}

static void add(const char *code, const char *wkt)
{
	struct err err = ERR_INIT;

	boundary_begin(&source, code, code);
	if (wkt_read(&source, wkt, &err) < 0)
		fail_msg("%s: %s", wkt, err.text);
}

/* What the boundaries say of a point: one letter each, i inside, e edge, in the order of codes. */
static const char *ask(int32_t lon, int32_t lat)
{
	static char said[16];
	struct boundary_hit hits[8];
	struct geo_point point = {lon, lat};
	size_t len;

	if (!map)
		map = boundary_build(&source);
	len = boundary_find(map, &point, hits, 8);
	for (size_t i = 0; i < len; i++)
		said[i] = hits[i].edge ? 'e' : 'i';
	said[len] = '\0';
	return said;
}

static void a_square_holds_what_is_inside(void **state)
{
	(void)state;
	add(CODE, "POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))");
	assert_string_equal(ask(500000, 500000), "i");
	assert_string_equal(ask(999999, 1), "i");
	assert_string_equal(ask(1000001, 500000), "");
	assert_string_equal(ask(-1, 0), "");
	assert_string_equal(ask(500000, 1000000), "e");
	assert_string_equal(ask(0, 0), "e");
	assert_string_equal(ask(1000000, 300000), "e");
}

static void a_hole_is_outside_and_its_rim_is_edge(void **state)
{
	(void)state;
	add(CODE, "POLYGON((0 0,9 0,9 9,0 9),(3 3,6 3,6 6,3 6,3 3))");
	add(OTHER, "POLYGON((3 3,6 3,6 6,3 6))");
	assert_string_equal(ask(1000000, 1000000), "i");
	assert_string_equal(ask(4000000, 4000000), "i");
	assert_string_equal(ask(3000000, 4000000), "ee");
	assert_string_equal(ask(6000000, 6000000), "ee");
}

static void islands_belong_to_one_boundary(void **state)
{
	(void)state;
	add(CODE,
	    " multipolygon ( ((0 0,1 0,1 1,0 1)) , ((5 5,6 5,6 6),(5.9 5.5,5.9 5.6,5.8 5.5)) )");
	assert_string_equal(ask(500000, 500000), "i");
	assert_string_equal(ask(3000000, 3000000), "");
	assert_string_equal(ask(5700000, 5200000), "i");
	assert_string_equal(ask(5890000, 5520000), "");
}

static void a_ray_through_corners_counts_once(void **state)
{
	(void)state;
	/* A diamond, a notch whose tip lies on the ray, and a flat top on it. */
	add(CODE, "POLYGON((0 2,2 0,4 2,2 4))");
	assert_string_equal(ask(-1000000, 2000000), "");
	assert_string_equal(ask(1000000, 2000000), "i");
	assert_string_equal(ask(0, 2000000), "e");
	assert_string_equal(ask(1000000, 3000000), "e");
	assert_string_equal(ask(1000000, 3000001), "");
	assert_string_equal(ask(1000001, 3000000), "i");
}

static void neighbours_share_their_edge(void **state)
{
	(void)state;
	add(CODE, "POLYGON((0 0,1 0,1 0.3333333,0 0.7))");
	add(OTHER, "POLYGON((1 0,2 0,2 1,1 0.3333333))");
	assert_string_equal(ask(1000000, 200000), "ee");
	assert_string_equal(ask(1000000, 333333), "ee");
	assert_string_equal(ask(999999, 200000), "i");
}

static void the_ends_of_the_earth_do_not_overflow(void **state)
{
	(void)state;
	add(CODE, "POLYGON((-180 -90,180 -90,180 90,-180 90))");
	assert_string_equal(ask(179999999, 89999999), "i");
	assert_string_equal(ask(180000000, 90000000), "e");
	assert_string_equal(ask(-180000000, 0), "e");
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* 0 outside, 1 inside, 2 edge: by a ray to the north over one ring. */
static int slow(const struct geo_point *ring, size_t len, int32_t x, int32_t y)
{
	bool in = false;

	for (size_t i = 0; i < len; i++) {
		const struct geo_point *a = &ring[i], *b = &ring[(i + 1) % len];
		const struct geo_point *west = a->lon <= b->lon ? a : b, *east = west == a ? b : a;
		if (x < west->lon || x > east->lon)
			continue;
		if (west->lon == east->lon) {
			int32_t low = a->lat < b->lat ? a->lat : b->lat;
			int32_t high = a->lat < b->lat ? b->lat : a->lat;
			if (y >= low && y <= high)
				return 2;
			continue;
		}
		/* Height of the edge above Y at X, times its width. */
		__int128 over = (__int128)(west->lat - y) * (east->lon - west->lon) +
				(__int128)(east->lat - west->lat) * (x - west->lon);
		if (over == 0)
			return 2;
		if (over > 0 && x < east->lon)
			in = !in;
	}
	return in ? 1 : 0;
}

static void random_outlines_agree_with_the_slow_reference(void **state)
{
	uint32_t seed = 20200312;
	struct geo_point rings[60][12];
	size_t lens[60];
	int seen[3] = {0, 0, 0};

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		/* Small coordinates, so that points meet edges and corners often. */
		int32_t left = (int32_t)(next(&seed) % 40), low = (int32_t)(next(&seed) % 40);
		lens[i] = 3 + next(&seed) % 10;
		for (size_t j = 0; j < lens[i]; j++)
			rings[i][j] = (struct geo_point){left + (int32_t)(next(&seed) % 12),
							 low + (int32_t)(next(&seed) % 12)};
		boundary_begin(&source, CODE, CODE);
		if (boundary_ring(&source, rings[i], lens[i], NULL) < 0) {
			boundary_undo(&source);
			lens[i] = 0;
		}
	}
	map = boundary_build(&source);
	for (int32_t x = -1; x < 54; x++) {
		for (int32_t y = -1; y < 54; y++) {
			struct boundary_hit hits[64];
			struct geo_point point = {x, y};
			size_t len = boundary_find(map, &point, hits, 64), at = 0;
			for (size_t i = 0; i < 60; i++) {
				size_t corners = lens[i];
				if (corners > 1 && rings[i][0].lon == rings[i][corners - 1].lon &&
				    rings[i][0].lat == rings[i][corners - 1].lat)
					corners--;
				int wanted = corners ? slow(rings[i], corners, x, y) : 0;
				seen[wanted]++;
				if (wanted == 0)
					continue;
				assert_true(at < len);
				assert_int_equal(hits[at].edge, wanted == 2);
				at++;
			}
			assert_int_equal(at, len);
		}
	}
	/* Enough of each, or nothing was compared. */
	assert_in_range(seen[1], 500, INT32_MAX);
	assert_in_range(seen[2], 500, INT32_MAX);
}

static void many_boundaries_are_found_one_by_one(void **state)
{
	struct geo_point point;
	struct boundary_hit hits[4];

	(void)state;
	for (int32_t i = 0; i < 3000; i++) {
		int32_t x = i % 60 * 100, y = i / 60 * 100;
		const struct geo_point ring[] = {
			{x, y}, {x + 100, y}, {x + 100, y + 100}, {x, y + 100}};
		boundary_begin(&source, CODE, CODE);
		assert_int_equal(boundary_ring(&source, ring, 4, NULL), 0);
	}
	map = boundary_build(&source);
	for (int32_t i = 0; i < 3000; i++) {
		point = (struct geo_point){i % 60 * 100 + 50, i / 60 * 100 + 50};
		assert_int_equal(boundary_find(map, &point, hits, 4), 1);
		assert_false(hits[0].edge);
	}
	point = (struct geo_point){100, 100};
	assert_int_equal(boundary_find(map, &point, hits, 4), 4);
	point = (struct geo_point){6001, 100};
	assert_int_equal(boundary_find(map, &point, hits, 4), 0);
}

static void bad_text_is_refused_with_its_position(void **state)
{
	static const struct {
		const char *wkt, *said;
	} rows[] = {
		{"", "position 1: neither POLYGON nor MULTIPOLYGON"},
		{"POINT (1 1)", "position 1: neither POLYGON nor MULTIPOLYGON"},
		{"POLYGON 0 0", "position 9: '(' is missing"},
		{"POLYGON ((0 0, 1 0, 1 1, 0 1)", "position 30: ',' or ')' is missing"},
		{"POLYGON ((0 0, 1 0, 1 x))", "position 23: a number is missing"},
		{"POLYGON ((0 0, 1 0, 1))", "position 22: a number is missing"},
		{"POLYGON ((0 0, 1 0, 1 1, 0 1)) x", "position 32: more than one outline"},
		{"POLYGON ((0 0 0, 1 0 0, 1 1 0))", "position 15: ',' or ')' is missing"},
		{"POLYGON ((0 0, 1 0))", "position 10: a ring of 2 corners encloses nothing"},
		{"POLYGON ((0 0, 1 1, 2 2, 0 0))",
		 "position 10: a ring of 3 corners encloses nothing"},
		{"POLYGON ((0 0, 181 0, 1 1))", "position 19: a number that is no place on earth"},
		{"POLYGON ((31 121, 31 122, 32 122))",
		 "position 10: corner 1 is no place on earth"},
		{"POLYGON ((0 0, 99999999999999999999 0, 1 1))",
		 "position 25: a number that is no place on earth"},
		{"MULTIPOLYGON ((0 0, 1 0, 1 1))", "position 16: '(' is missing"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		boundary_begin(&source, CODE, CODE);
		assert_int_equal(wkt_read(&source, rows[i].wkt, &err), CL_EINVAL);
		assert_string_equal(err.text, rows[i].said);
		boundary_undo(&source);
	}
	assert_int_equal(source.rings_len, 0);
	assert_int_equal(source.points_len, 0);
}

static void a_refused_boundary_leaves_nothing_behind(void **state)
{
	struct coverage_source *rules = coverage_source_new();
	struct err err;

	(void)state;
	assert_int_equal(coverage_add_wkt(rules, "a", CODE, "POLYGON((0 0,1 0,1 1))", &err), 0);
	assert_true(coverage_add_wkt(rules, "b", CODE, "POLYGON((0 0,1 0,1 1),(2 2))", &err) < 0);
	assert_true(coverage_add_wkt(rules, "c", "310105", "POLYGON((0 0,1 0,1 1))", &err) < 0);
	assert_int_equal(coverage_source_boundaries(rules), 1);
	coverage_source_free(rules);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_square_holds_what_is_inside),
		TEST(a_hole_is_outside_and_its_rim_is_edge),
		TEST(islands_belong_to_one_boundary),
		TEST(a_ray_through_corners_counts_once),
		TEST(neighbours_share_their_edge),
		TEST(the_ends_of_the_earth_do_not_overflow),
		TEST(random_outlines_agree_with_the_slow_reference),
		TEST(many_boundaries_are_found_one_by_one),
		TEST(bad_text_is_refused_with_its_position),
		TEST(a_refused_boundary_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
