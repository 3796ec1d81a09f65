/* test_geo.c — coordinates as maps of China have them come back to WGS-84.
 *
 * Neighbour: place/geo.c. The published pairs are the worked examples of other people's converters
 * (wandergis/coordtransform and a GCJ-02 table for 116 E 40 N), made by the way forth, which has a
 * formula; we are asked for the way back.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "closedloop/geo.h"

#define MILLIONTHS(degrees) ((int32_t)lround((degrees)*1e6))

static void assert_point(double lon, double lat, enum geo_crs crs, double wanted_lon,
			 double wanted_lat, int within)
{
	struct geo_point point;

	assert_true(geo_point(lon, lat, crs, &point));
	if (abs(point.lon - MILLIONTHS(wanted_lon)) > within ||
	    abs(point.lat - MILLIONTHS(wanted_lat)) > within)
		print_message("%.6f,%.6f became %d,%d\n", lon, lat, point.lon, point.lat);
	assert_in_range(abs(point.lon - MILLIONTHS(wanted_lon)), 0, within);
	assert_in_range(abs(point.lat - MILLIONTHS(wanted_lat)), 0, within);
}

static void published_pairs_of_gcj02_come_back(void **state)
{
	(void)state;
	assert_point(116.41024449916938, 39.91640428150164, GEO_GCJ02, 116.404, 39.915, 1);
	assert_point(116.006141221789, 40.001213650174, GEO_GCJ02, 116.0, 40.0, 1);
}

static void the_published_pair_of_bd09_meets_its_gcj02(void **state)
{
	struct geo_point wanted;

	(void)state;
	assert_true(geo_point(116.404, 39.915, GEO_GCJ02, &wanted));
	assert_point(116.41036949371029, 39.92133699351021, GEO_BD09, wanted.lon / 1e6,
		     wanted.lat / 1e6, 1);
}

static void wgs84_is_only_rounded(void **state)
{
	(void)state;
	assert_point(121.4163314, 31.2169636, GEO_WGS84, 121.416331, 31.216964, 0);
	assert_point(-0.0000014, -33.9999996, GEO_WGS84, -0.000001, -34.0, 0);
}

static void the_shift_is_some_hundred_metres_everywhere(void **state)
{
	struct geo_point point;

	(void)state;
	for (double lon = 74.0; lon < 135.0; lon += 0.7)
		for (double lat = 4.0; lat < 53.0; lat += 0.7) {
			assert_true(geo_point(lon, lat, GEO_GCJ02, &point));
			double east = (lon - point.lon / 1e6) * 111320.0 * cos(lat * 0.0174532925);
			double north = (lat - point.lat / 1e6) * 111320.0;
			assert_true(hypot(east, north) > 10.0);
			assert_true(hypot(east, north) < 1500.0);
		}
}

/* Neighbours a metre apart stay a metre apart: the way back has no steps in it. */
static void the_way_back_is_smooth(void **state)
{
	struct geo_point left, right;

	(void)state;
	for (double lon = 100.0; lon < 122.0; lon += 0.37) {
		assert_true(geo_point(lon, 31.2, GEO_BD09, &left));
		assert_true(geo_point(lon + 0.00001, 31.2, GEO_BD09, &right));
		assert_in_range(right.lon - left.lon, 8, 12);
		assert_in_range(abs(right.lat - left.lat), 0, 2);
	}
}

static void outside_of_china_nothing_is_shifted(void **state)
{
	(void)state;
	assert_point(2.3522, 48.8566, GEO_GCJ02, 2.3522, 48.8566, 0);
	assert_point(-122.4194, 37.7749, GEO_GCJ02, -122.4194, 37.7749, 0);
}

static void what_is_no_place_is_refused(void **state)
{
	struct geo_point point;

	(void)state;
	assert_false(geo_point(180.1, 0, GEO_WGS84, &point));
	assert_false(geo_point(121, 90.5, GEO_GCJ02, &point));
	assert_false(geo_point(31.2, 121.4, GEO_BD09, &point));
	assert_false(geo_point((double)NAN, 31, GEO_WGS84, &point));
	assert_false(geo_point(121, (double)INFINITY, GEO_WGS84, &point));
}

static void names_of_datums_are_read_exactly(void **state)
{
	enum geo_crs crs;

	(void)state;
	assert_true(geo_crs_of("bd09", &crs));
	assert_int_equal(crs, GEO_BD09);
	assert_true(geo_crs_of("gcj02", &crs));
	assert_int_equal(crs, GEO_GCJ02);
	assert_true(geo_crs_of("wgs84", &crs));
	assert_int_equal(crs, GEO_WGS84);
	assert_false(geo_crs_of("WGS84", &crs));
	assert_false(geo_crs_of("", &crs));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_pairs_of_gcj02_come_back),
		cmocka_unit_test(the_published_pair_of_bd09_meets_its_gcj02),
		cmocka_unit_test(wgs84_is_only_rounded),
		cmocka_unit_test(the_shift_is_some_hundred_metres_everywhere),
		cmocka_unit_test(the_way_back_is_smooth),
		cmocka_unit_test(outside_of_china_nothing_is_shifted),
		cmocka_unit_test(what_is_no_place_is_refused),
		cmocka_unit_test(names_of_datums_are_read_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
