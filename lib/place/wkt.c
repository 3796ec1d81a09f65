/* wkt.c — read outlines as well-known text: POLYGON and MULTIPOLYGON.
 *
 * Degrees become millionths by their digits, not by way of floating point, so that the same corner
 * written in two boundaries is the same corner. Neighbour: boundary.c takes the rings.
 */
#include "boundary.h"

#include <string.h>

#include "closedloop/mem.h"

struct reader {
	const char *text, *at;
	struct geo_point *points; /* Of the ring being read. */
	size_t len, cap;
	struct err *err;
};

static int fail(const struct reader *reader, const char *what)
{
	return err_set(reader->err, CL_EINVAL, "position %zu: %s",
		       (size_t)(reader->at - reader->text) + 1, what);
}

static void skip_space(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\r\n");
}

static bool take(struct reader *reader, char wanted)
{
	skip_space(reader);
	if (*reader->at != wanted)
		return false;
	reader->at++;
	return true;
}

static bool take_word(struct reader *reader, const char *word)
{
	size_t len = strlen(word);

	skip_space(reader);
	for (size_t i = 0; i < len; i++) {
		char letter = reader->at[i];
		if (letter != word[i] && letter != word[i] + ('a' - 'A'))
			return false;
	}
	reader->at += len;
	return true;
}

/* Degrees as a decimal, rounded to millionths. */
static int read_degrees(struct reader *reader, int32_t *out)
{
	int64_t value = 0, sign = 1;
	int digits = 0, places = -1;

	skip_space(reader);
	if (*reader->at == '-' || *reader->at == '+')
		sign = *reader->at++ == '-' ? -1 : 1;
	for (;; reader->at++) {
		char letter = *reader->at;
		if (letter == '.' && places < 0) {
			places = 0;
			continue;
		}
		if (letter < '0' || letter > '9')
			break;
		digits++;
		if (places < 6)
			value = value * 10 + (letter - '0');
		else if (places == 6 && letter >= '5')
			value++;
		places += places >= 0 && places <= 6;
		if (value > (int64_t)1000000000)
			return fail(reader, "a number that is no place on earth");
	}
	if (digits == 0)
		return fail(reader, "a number is missing");
	for (places = places < 0 ? 0 : places; places < 6; places++)
		value *= 10;
	if (value > (int64_t)180000000)
		return fail(reader, "a number that is no place on earth");
	*out = (int32_t)(sign * value);
	return 0;
}

static int read_ring(struct reader *reader, struct boundary_source *source)
{
	const char *start = reader->at;
	int rc;

	if (!take(reader, '('))
		return fail(reader, "'(' is missing");
	reader->len = 0;
	do {
		if (reader->len == COVERAGE_POINTS_MAX)
			return fail(reader, "too many corners");
		if (reader->len == reader->cap) {
			reader->cap = (reader->cap + 32) * 2;
			reader->points =
				mem_grow(reader->points, reader->cap * sizeof(*reader->points));
		}
		struct geo_point *point = &reader->points[reader->len++];
		if ((rc = read_degrees(reader, &point->lon)) < 0 ||
		    (rc = read_degrees(reader, &point->lat)) < 0)
			return rc;
	} while (take(reader, ','));
	if (!take(reader, ')'))
		return fail(reader, "',' or ')' is missing");
	rc = boundary_ring(source, reader->points, reader->len, reader->err);
	if (rc < 0)
		err_prefix(reader->err, "position %zu", (size_t)(start - reader->text) + 1);
	return rc;
}

static int read_polygon(struct reader *reader, struct boundary_source *source)
{
	int rc;

	if (!take(reader, '('))
		return fail(reader, "'(' is missing");
	do {
		if ((rc = read_ring(reader, source)) < 0)
			return rc;
	} while (take(reader, ','));
	return take(reader, ')') ? 0 : fail(reader, "',' or ')' is missing");
}

static int read_polygons(struct reader *reader, struct boundary_source *source)
{
	int rc;

	if (!take(reader, '('))
		return fail(reader, "'(' is missing");
	do {
		if ((rc = read_polygon(reader, source)) < 0)
			return rc;
	} while (take(reader, ','));
	return take(reader, ')') ? 0 : fail(reader, "',' or ')' is missing");
}

int wkt_read(struct boundary_source *source, const char *wkt, struct err *err)
{
	struct reader reader = {.text = wkt, .at = wkt, .err = err};
	int rc;

	if (take_word(&reader, "MULTIPOLYGON"))
		rc = read_polygons(&reader, source);
	else if (take_word(&reader, "POLYGON"))
		rc = read_polygon(&reader, source);
	else
		rc = fail(&reader, "neither POLYGON nor MULTIPOLYGON");
	skip_space(&reader);
	if (rc == 0 && *reader.at)
		rc = fail(&reader, "more than one outline");
	mem_free(reader.points);
	return rc;
}
