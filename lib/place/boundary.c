/* boundary.c — outlines on the map: collected, laid out under a grid, and asked.
 *
 * Neighbours: boundary.h says what is promised; wkt.c feeds rings.
 */
#include "boundary.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"

#define GRID_MAX 512 /* Cells along one side. */
#define LON_MAX	 180000000
#define LAT_MAX	 90000000

struct box {
	struct geo_point low, high;
};

struct boundary_map {
	struct boundary *list;
	struct box *boxes;
	struct boundary_ring *rings;
	struct geo_point *points;
	char *words;
	size_t len;
	struct box all;
	uint32_t side;	  /* Cells along one side of the grid. */
	uint32_t *starts; /* First of each cell's boundaries in cells, and one more. */
	uint32_t *cells;
};

void boundary_source_release(struct boundary_source *source)
{
	mem_free(source->list);
	mem_free(source->rings);
	mem_free(source->points);
	memset(source, 0, sizeof(*source));
}

/* Room for one more element of WIDTH bytes behind LIST[0..LEN). */
static void *room(void *list, size_t len, size_t more, size_t *cap, size_t width)
{
	if (len + more <= *cap)
		return list;
	*cap = (len + more) * 2;
	return mem_grow(list, *cap * width);
}

void boundary_begin(struct boundary_source *source, const char *id, const char *code)
{
	source->list = room(source->list, source->len, 1, &source->cap, sizeof(*source->list));
	source->list[source->len++] = (struct boundary){
		.id = id,
		.code = code,
		.first = (uint32_t)source->rings_len,
	};
}

void boundary_undo(struct boundary_source *source)
{
	assert(source->len > 0);
	const struct boundary *newest = &source->list[--source->len];

	if (newest->len > 0)
		source->points_len = source->rings[newest->first].first;
	source->rings_len = newest->first;
}

static bool is_same(const struct geo_point *left, const struct geo_point *right)
{
	return left->lon == right->lon && left->lat == right->lat;
}

/* Greater than 0 when C lies left of the line from A to B, 0 on it. The differences are below
 * 2^29, so the products are below 2^58. */
static int64_t side_of(const struct geo_point *a, const struct geo_point *b,
		       const struct geo_point *c)
{
	return ((int64_t)b->lon - a->lon) * ((int64_t)c->lat - a->lat) -
	       ((int64_t)b->lat - a->lat) * ((int64_t)c->lon - a->lon);
}

static bool is_flat(const struct geo_point *points, size_t len)
{
	size_t second = 1;

	while (second < len && is_same(&points[0], &points[second]))
		second++;
	for (size_t i = second + 1; i < len; i++)
		if (side_of(&points[0], &points[second], &points[i]) != 0)
			return false;
	return true;
}

int boundary_ring(struct boundary_source *source, const struct geo_point *points, size_t len,
		  struct err *err)
{
	assert(source->len > 0);
	if (len > 1 && is_same(&points[0], &points[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++)
		if (points[i].lon < -LON_MAX || points[i].lon > LON_MAX ||
		    points[i].lat < -LAT_MAX || points[i].lat > LAT_MAX)
			return err_set(err, CL_EINVAL, "corner %zu is no place on earth", i + 1);
	if (len < 3 || is_flat(points, len))
		return err_set(err, CL_EINVAL, "a ring of %zu corners encloses nothing", len);
	if (source->points_len + len > COVERAGE_POINTS_MAX)
		return err_set(err, CL_ELIMIT, "more than %d corners of boundaries",
			       COVERAGE_POINTS_MAX);
	source->rings = room(source->rings, source->rings_len, 1, &source->rings_cap,
			     sizeof(*source->rings));
	source->points = room(source->points, source->points_len, len, &source->points_cap,
			      sizeof(*source->points));
	source->rings[source->rings_len++] = (struct boundary_ring){
		.first = (uint32_t)source->points_len,
		.len = (uint32_t)len,
	};
	memcpy(source->points + source->points_len, points, len * sizeof(*points));
	source->points_len += len;
	source->list[source->len - 1].len++;
	return 0;
}

static void widen(struct box *box, const struct geo_point *point)
{
	box->low.lon = point->lon < box->low.lon ? point->lon : box->low.lon;
	box->low.lat = point->lat < box->low.lat ? point->lat : box->low.lat;
	box->high.lon = point->lon > box->high.lon ? point->lon : box->high.lon;
	box->high.lat = point->lat > box->high.lat ? point->lat : box->high.lat;
}

static void measure(struct boundary_map *map)
{
	const struct box nowhere = {{INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN}};

	map->all = nowhere;
	for (size_t i = 0; i < map->len; i++) {
		map->boxes[i] = nowhere;
		for (uint32_t j = 0; j < map->list[i].len; j++) {
			const struct boundary_ring *ring = &map->rings[map->list[i].first + j];
			for (uint32_t k = 0; k < ring->len; k++)
				widen(&map->boxes[i], &map->points[ring->first + k]);
		}
		if (map->list[i].len > 0) {
			widen(&map->all, &map->boxes[i].low);
			widen(&map->all, &map->boxes[i].high);
		}
	}
}

/* The row or column of VALUE among SIDE between LOW and HIGH. */
static uint32_t cell_of(int32_t value, int32_t low, int32_t high, uint32_t side)
{
	uint64_t span = (uint64_t)((int64_t)high - low) + 1;

	return (uint32_t)((uint64_t)((int64_t)value - low) * side / span);
}

/* Tell each cell that BOX reaches into: count it in STARTS, or write ITEM behind its end. */
static size_t spread(struct boundary_map *map, size_t item, bool write)
{
	const struct box *box = &map->boxes[item], *all = &map->all;
	uint32_t left = cell_of(box->low.lon, all->low.lon, all->high.lon, map->side);
	uint32_t right = cell_of(box->high.lon, all->low.lon, all->high.lon, map->side);
	uint32_t bottom = cell_of(box->low.lat, all->low.lat, all->high.lat, map->side);
	uint32_t top = cell_of(box->high.lat, all->low.lat, all->high.lat, map->side);

	for (uint32_t row = bottom; write && row <= top; row++)
		for (uint32_t column = left; column <= right; column++)
			map->cells[map->starts[row * map->side + column]++] = (uint32_t)item;
	for (uint32_t row = bottom; !write && row <= top; row++)
		for (uint32_t column = left; column <= right; column++)
			map->starts[row * map->side + column + 1]++;
	return (size_t)(right - left + 1) * (top - bottom + 1);
}

/* As many cells as boundaries, and fewer when the boundaries lie on top of one another: the lists
 * stay in proportion to the boundaries. */
static void choose_side(struct boundary_map *map)
{
	size_t entries = SIZE_MAX;

	map->side = 1;
	while (map->side < GRID_MAX && (size_t)map->side * map->side < map->len)
		map->side++;
	for (;; map->side /= 2) {
		entries = 0;
		for (size_t i = 0; i < map->len; i++) {
			const struct box *box = &map->boxes[i], *all = &map->all;
			if (map->list[i].len == 0)
				continue;
			size_t columns =
				cell_of(box->high.lon, all->low.lon, all->high.lon, map->side) -
				cell_of(box->low.lon, all->low.lon, all->high.lon, map->side) + 1;
			size_t rows =
				cell_of(box->high.lat, all->low.lat, all->high.lat, map->side) -
				cell_of(box->low.lat, all->low.lat, all->high.lat, map->side) + 1;
			entries += columns * rows;
		}
		if (map->side <= 1 || entries <= 16 * map->len + 1024)
			break;
	}
	map->starts = mem_alloc(((size_t)map->side * map->side + 2) * sizeof(*map->starts));
	map->cells = mem_alloc((entries + 1) * sizeof(*map->cells));
}

static void lay_grid(struct boundary_map *map)
{
	choose_side(map);
	size_t cells = (size_t)map->side * map->side;

	for (size_t i = 0; i < map->len; i++)
		if (map->list[i].len > 0)
			spread(map, i, false);
	for (size_t i = 1; i <= cells; i++)
		map->starts[i] += map->starts[i - 1];
	for (size_t i = 0; i < map->len; i++)
		if (map->list[i].len > 0)
			spread(map, i, true);
	/* Writing moved every start to the next one's place. */
	memmove(map->starts + 1, map->starts, cells * sizeof(*map->starts));
	map->starts[0] = 0;
}

static void copy_words(struct boundary_map *map)
{
	size_t len = 1;

	for (size_t i = 0; i < map->len; i++)
		len += strlen(map->list[i].id) + strlen(map->list[i].code) + 2;
	map->words = mem_alloc(len);
	char *at = map->words;
	for (size_t i = 0; i < map->len; i++) {
		const char **both[] = {&map->list[i].id, &map->list[i].code};
		for (size_t j = 0; j < 2; j++) {
			size_t size = strlen(*both[j]) + 1;
			memcpy(at, *both[j], size);
			*both[j] = at;
			at += size;
		}
	}
}

static void *copy(const void *from, size_t len, size_t width)
{
	void *to = mem_alloc((len + 1) * width);

	if (len > 0)
		memcpy(to, from, len * width);
	return to;
}

struct boundary_map *boundary_build(const struct boundary_source *source)
{
	struct boundary_map *map = mem_alloc(sizeof(*map));

	map->len = source->len;
	map->list = copy(source->list, source->len, sizeof(*map->list));
	map->rings = copy(source->rings, source->rings_len, sizeof(*map->rings));
	map->points = copy(source->points, source->points_len, sizeof(*map->points));
	map->boxes = mem_alloc((map->len + 1) * sizeof(*map->boxes));
	copy_words(map);
	measure(map);
	if (source->rings_len > 0)
		lay_grid(map);
	return map;
}

void boundary_free(struct boundary_map *map)
{
	if (!map)
		return;
	mem_free(map->list);
	mem_free(map->rings);
	mem_free(map->points);
	mem_free(map->boxes);
	mem_free(map->words);
	mem_free(map->starts);
	mem_free(map->cells);
	mem_free(map);
}

static bool between(int32_t value, int32_t left, int32_t right)
{
	return left <= right ? left <= value && value <= right : right <= value && value <= left;
}

static bool holds(const struct box *box, const struct geo_point *point)
{
	return point->lon >= box->low.lon && point->lon <= box->high.lon &&
	       point->lat >= box->low.lat && point->lat <= box->high.lat;
}

enum side {
	SIDE_OUT,
	SIDE_IN,
	SIDE_EDGE,
};

/* Even-odd: a ray to the east crosses the outlines of what it began in an odd number of times. An
 * edge counts its lower end and not its upper one, so a ray through a corner crosses once. */
static enum side side_in(const struct boundary_map *map, const struct boundary *boundary,
			 const struct geo_point *point)
{
	bool in = false;

	for (uint32_t i = 0; i < boundary->len; i++) {
		const struct boundary_ring *ring = &map->rings[boundary->first + i];
		const struct geo_point *corners = map->points + ring->first;
		const struct geo_point *a = &corners[ring->len - 1];
		for (uint32_t j = 0; j < ring->len; a = &corners[j++]) {
			const struct geo_point *b = &corners[j];
			if (!between(point->lat, a->lat, b->lat))
				continue;
			int64_t side = side_of(a, b, point);
			if (side == 0 && between(point->lon, a->lon, b->lon))
				return SIDE_EDGE;
			if ((a->lat > point->lat) != (b->lat > point->lat) &&
			    (side > 0) == (b->lat > a->lat))
				in = !in;
		}
	}
	return in ? SIDE_IN : SIDE_OUT;
}

size_t boundary_find(const struct boundary_map *map, const struct geo_point *point,
		     struct boundary_hit *hits, size_t cap)
{
	size_t len = 0;

	if (!map->cells || !holds(&map->all, point))
		return 0;
	uint32_t row = cell_of(point->lat, map->all.low.lat, map->all.high.lat, map->side);
	uint32_t column = cell_of(point->lon, map->all.low.lon, map->all.high.lon, map->side);
	uint32_t cell = row * map->side + column;
	for (uint32_t i = map->starts[cell]; i < map->starts[cell + 1] && len < cap; i++) {
		const struct boundary *boundary = &map->list[map->cells[i]];
		enum side side = holds(&map->boxes[map->cells[i]], point)
					 ? side_in(map, boundary, point)
					 : SIDE_OUT;
		if (side != SIDE_OUT)
			hits[len++] = (struct boundary_hit){boundary->id, boundary->code,
							    side == SIDE_EDGE};
	}
	return len;
}
