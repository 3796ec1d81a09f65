/* geo.c — GCJ-02 and BD-09 become WGS-84.
 *
 * GCJ-02 adds to every place of China a shift that is a known smooth function of the place: a
 * polynomial of the distances to 105° E 35° N, with waves on it, laid on the ellipsoid of Krasovsky
 * 1940. The way back has no formula, but the shift changes by less than a hundredth of what the
 * place does, so guessing the place and correcting by what the guess misses comes nearer by two
 * digits each time. BD-09 moves GCJ-02 once more; its publisher gives both ways, of which the way
 * back is off by up to a metre, so it is corrected in the same manner.
 *
 * Neighbours: the edges call it before a point enters; boundary.c sees WGS-84 only.
 */
#include "closedloop/geo.h"

#include <math.h>
#include <string.h>

#include "closedloop/text.h"

#define PI	     3.14159265358979323846
#define AXIS	     6378245.0 /* Krasovsky 1940: the greater half axis, in metres … */
#define ECCENTRICITY 0.00669342162296594323 /* … and the square of its eccentricity. */
#define ROUNDS	     12
#define CLOSE_ENOUGH 1e-9 /* Degrees: a tenth of a millimetre. */

struct place {
	double lon, lat;
};

bool geo_crs_of(const char *word, enum geo_crs *out)
{
	static const char *const words[] = {
		[GEO_WGS84] = "wgs84",
		[GEO_GCJ02] = "gcj02",
		[GEO_BD09] = "bd09",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i], word) != 0)
			continue;
		*out = (enum geo_crs)i;
		return true;
	}
	return false;
}

/* The box inside of which the datum is shifted, as its users have it. */
static bool is_shifted(struct place at)
{
	return at.lon >= 72.004 && at.lon <= 137.8347 && at.lat >= 0.8293 && at.lat <= 55.8271;
}

/* Three waves, of WIDTHS in X, that ride on both shifts. */
static double waves(double x, double high, double first, double middle, double second)
{
	return (high * sin(first * PI * x) + middle * sin(second * PI * x)) * 2.0 / 3.0;
}

static double ripple(double x)
{
	return waves(x, 20.0, 6.0, 20.0, 2.0);
}

/* WGS-84 to GCJ-02. */
static struct place shift(struct place at)
{
	double x = at.lon - 105.0, y = at.lat - 35.0;
	double north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x));
	double east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x));

	if (!is_shifted(at))
		return at;
	north += ripple(x) + waves(y, 20.0, 1.0, 40.0, 1.0 / 3.0) +
		 waves(y, 160.0, 1.0 / 12.0, 320.0, 1.0 / 30.0);
	east += ripple(x) + waves(x, 20.0, 1.0, 40.0, 1.0 / 3.0) +
		waves(x, 150.0, 1.0 / 12.0, 300.0, 1.0 / 30.0);
	double sine = sin(at.lat * PI / 180.0);
	double flat = 1.0 - ECCENTRICITY * sine * sine;
	double meridian = AXIS * (1.0 - ECCENTRICITY) / (flat * sqrt(flat));
	double parallel = AXIS / sqrt(flat) * cos(at.lat * PI / 180.0);
	return (struct place){at.lon + east * 180.0 / (parallel * PI),
			      at.lat + north * 180.0 / (meridian * PI)};
}

/* GCJ-02 to BD-09. */
static struct place shift_again(struct place at)
{
	double turns = PI * 3000.0 / 180.0;
	double far = sqrt(at.lon * at.lon + at.lat * at.lat) + 0.00002 * sin(at.lat * turns);
	double angle = atan2(at.lat, at.lon) + 0.000003 * cos(at.lon * turns);

	return (struct place){far * cos(angle) + 0.0065, far * sin(angle) + 0.006};
}

static struct place to_bd09(struct place at)
{
	return shift_again(shift(at));
}

/* The place that SHIFTING moves to WANTED. */
static struct place undo(struct place (*shifting)(struct place at), struct place wanted)
{
	struct place at = wanted;

	for (int i = 0; i < ROUNDS; i++) {
		struct place moved = shifting(at);
		double lon = wanted.lon - moved.lon, lat = wanted.lat - moved.lat;
		at.lon += lon;
		at.lat += lat;
		if (fabs(lon) < CLOSE_ENOUGH && fabs(lat) < CLOSE_ENOUGH)
			break;
	}
	return at;
}

/* Degrees as the nearest millionth. */
static int32_t millionths(double degrees)
{
	double value = degrees * 1e6;

	return (int32_t)(value < 0 ? value - 0.5 : value + 0.5);
}

bool geo_point(double lon, double lat, enum geo_crs crs, struct geo_point *out)
{
	struct place at = {lon, lat};

	/* Not a number compares as false. */
	if (!(lon >= -180.0 && lon <= 180.0 && lat >= -90.0 && lat <= 90.0))
		return false;
	if (crs != GEO_WGS84)
		at = undo(crs == GEO_BD09 ? to_bd09 : shift, at);
	out->lon = millionths(at.lon);
	out->lat = millionths(at.lat);
	return true;
}
