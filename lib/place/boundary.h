/* boundary.h — which outlines on the map hold a point, exactly.
 *
 * Corners are integers (millionths of a degree), and so is the test: even-odd over all rings of a
 * boundary, in 64 bits, without a rounding anywhere. A point on an edge or a corner is told as
 * such. A grid of boxes keeps the look-up short among thousands of boundaries. Neighbours: wkt.c
 * reads outlines, cover.c asks.
 */
#ifndef CLOSEDLOOP_PLACE_BOUNDARY_H
#define CLOSEDLOOP_PLACE_BOUNDARY_H

#include "closedloop/coverage.h"

struct boundary_ring {
	uint32_t first, len; /* Corners. */
};

struct boundary {
	const char *id;
	const char *code;
	uint32_t first, len; /* Rings. */
};

/* Boundaries as collected. */
struct boundary_source {
	struct boundary *list;
	struct boundary_ring *rings;
	struct geo_point *points;
	size_t len, cap, rings_len, rings_cap, points_len, points_cap;
};

void boundary_source_release(struct boundary_source *source);
/* Begin a boundary; ID and CODE must outlive SOURCE. */
void boundary_begin(struct boundary_source *source, const char *id, const char *code);
/* Add a ring to the newest boundary. CL_EINVAL: fewer than three corners, no area, a place not on
 * earth; CL_ELIMIT: COVERAGE_POINTS_MAX. */
int boundary_ring(struct boundary_source *source, const struct geo_point *points, size_t len,
		  struct err *err);
/* Take back the newest boundary with its rings. */
void boundary_undo(struct boundary_source *source);

/* Read WKT as rings of the newest boundary of SOURCE. CL_EINVAL names the position. */
int wkt_read(struct boundary_source *source, const char *wkt, struct err *err);

/* Compiled: owns all of it. */
struct boundary_map;

struct boundary_map *boundary_build(const struct boundary_source *source);
void boundary_free(struct boundary_map *map);

struct boundary_hit {
	const char *id, *code;
	bool edge; /* On its outline, not inside. */
};

/* The boundaries that hold or touch POINT, at most CAP into HITS. Returns their number. */
size_t boundary_find(const struct boundary_map *map, const struct geo_point *point,
		     struct boundary_hit *hits, size_t cap);

#endif
