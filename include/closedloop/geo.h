/* geo.h — coordinates as feeds bring them, made WGS-84.
 *
 * Maps of China are drawn in GCJ-02, a datum that shifts every place by some hundred metres, and
 * Baidu's in BD-09, a second shift on top. A boundary in WGS-84 and a point in GCJ-02 do not meet:
 * a point is converted first, or refused. Outside of China GCJ-02 is WGS-84. Pure.
 */
#ifndef CLOSEDLOOP_GEO_H
#define CLOSEDLOOP_GEO_H

#include <stdbool.h>

#include "closedloop/match.h"

enum geo_crs {
	GEO_WGS84,
	GEO_GCJ02,
	GEO_BD09,
};

/* "wgs84", "gcj02", "bd09" (schema of canonical events). False when WORD is none of them. */
bool geo_crs_of(const char *word, enum geo_crs *out);

/* LON and LAT in degrees of CRS as a WGS-84 point, exact to about a metre (tests say how exact).
 * False when they are no place on earth. */
bool geo_point(double lon, double lat, enum geo_crs crs, struct geo_point *out);

#endif
