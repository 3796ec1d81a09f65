/* conf_geojson.c — outlines as map programs write them (RFC 7946), made WGS-84.
 * Neighbours: conf_coverage_file.c has the files; place/geo.c converts.
 *
 * RFC 7946 knows only WGS-84. What says that it is drawn in another datum, by a member "crs" of the
 * older edition or of our own ("gcj02", "bd09"), is converted or refused: taken as it stands it
 * would be some hundred metres beside. */
#include "conf_coverage.h"

#include <string.h>

#include "closedloop/geo.h"
#include "closedloop/json.h"
#include "closedloop/text.h"

struct outlines {
	struct loader *loader;
	const char *file;
	const char *code; /* Of all, or NULL. */
	enum geo_crs crs;
	struct geo_point *points;
	size_t cap;
};

static void refuse(const struct outlines *outlines, const char *where, const char *why)
{
	conf_problem(outlines->loader->report, outlines->file, 0, 0, false, "%s: %s", where, why);
}

/* The datum that OBJECT says it is in. False after a report. */
static bool read_crs(struct outlines *outlines, const cJSON *object)
{
	static const char *const same[] = {"urn:ogc:def:crs:OGC:1.3:CRS84",
					   "urn:ogc:def:crs:OGC::CRS84",
					   "urn:ogc:def:crs:EPSG::4326", "EPSG:4326",
					   "http://www.opengis.net/def/crs/OGC/1.3/CRS84"};
	const cJSON *crs = json_get(object, "crs");
	const char *name = cJSON_IsString(crs) ? crs->valuestring
					       : json_string(json_get(crs, "properties"), "name");

	if (!crs || cJSON_IsNull(crs))
		return true;
	for (size_t i = 0; name && i < ARRAY_LEN(same); i++) {
		if (text_equal(name, same[i]))
			return true;
	}
	if (name && geo_crs_of(name, &outlines->crs))
		return true;
	refuse(outlines, "crs", "only WGS-84, or \"gcj02\" and \"bd09\", which are converted");
	return false;
}

static const char *read_point(struct outlines *outlines, const cJSON *pair, size_t at)
{
	const cJSON *lon = cJSON_GetArrayItem(pair, 0), *lat = cJSON_GetArrayItem(pair, 1);

	if (!cJSON_IsNumber(lon) || !cJSON_IsNumber(lat))
		return "a corner is a list of longitude and latitude";
	if (at == outlines->cap) {
		outlines->cap = outlines->cap ? outlines->cap * 2 : 256;
		outlines->points =
			mem_grow(outlines->points, outlines->cap * sizeof(*outlines->points));
	}
	if (!geo_point(lon->valuedouble, lat->valuedouble, outlines->crs, &outlines->points[at]))
		return "a corner is no place on earth: longitude comes first";
	return NULL;
}

static const char *read_ring(struct outlines *outlines, const cJSON *ring, struct err *err)
{
	size_t len = 0;
	const cJSON *pair;

	if (!cJSON_IsArray(ring))
		return "a ring is a list of corners";
	cJSON_ArrayForEach(pair, ring)
	{
		const char *why = read_point(outlines, pair, len);

		if (why)
			return why;
		if (++len > COVERAGE_POINTS_MAX)
			return "too many corners";
	}
	if (coverage_add_ring(outlines->loader->conf->coverage_rules, outlines->points, len, err) <
	    0)
		return err->text;
	return NULL;
}

static const char *read_polygon(struct outlines *outlines, const cJSON *rings, struct err *err)
{
	const cJSON *ring;

	if (!cJSON_IsArray(rings) || cJSON_GetArraySize(rings) == 0)
		return "a polygon is a list of rings";
	cJSON_ArrayForEach(ring, rings)
	{
		const char *why = read_ring(outlines, ring, err);

		if (why)
			return why;
	}
	return NULL;
}

static const char *read_geometry(struct outlines *outlines, const cJSON *geometry, const char *id,
				 const char *code, struct err *err)
{
	const char *type = json_string(geometry, "type");
	const cJSON *coordinates = json_get(geometry, "coordinates"), *part;
	bool many = text_equal(type, "MultiPolygon");
	const char *why = NULL;

	if (!many && !text_equal(type, "Polygon"))
		return "a boundary is a Polygon or a MultiPolygon";
	if (coverage_add_boundary(outlines->loader->conf->coverage_rules, id, code, err) < 0)
		return err->text;
	if (!many)
		return read_polygon(outlines, coordinates, err);
	if (!cJSON_IsArray(coordinates) || cJSON_GetArraySize(coordinates) == 0)
		return "a MultiPolygon is a list of polygons";
	cJSON_ArrayForEach(part, coordinates)
	{
		why = why ? why : read_polygon(outlines, part, err);
	}
	return why;
}

/* The code of FEATURE, the INDEXth from 1 on; NULL after a report. */
static const char *code_of(struct outlines *outlines, const cJSON *feature, const char *where)
{
	const char *code = json_string(json_get(feature, "properties"), "code");
	struct node place = {.line = 0};
	struct conf_source *source;

	if (outlines->code)
		return outlines->code;
	if (!code || !text_is_digits(code, UNIT_CODE_MAX)) {
		refuse(outlines, where, "properties lack the code: a text of 12 digits");
		return NULL;
	}
	source = arena_alloc(outlines->loader->arena, sizeof(*source));
	source->name = arena_copy(outlines->loader->arena, outlines->file);
	place.source = source;
	place.text = arena_copy(outlines->loader->arena, code);
	conf_refer(outlines->loader, REFER_CODE, &place,
		   arena_copy(outlines->loader->arena, where));
	return place.text;
}

static void read_feature(struct outlines *outlines, const cJSON *feature, size_t index)
{
	const cJSON *geometry = text_equal(json_string(feature, "type"), "Feature")
					? json_get(feature, "geometry")
					: feature;
	const char *given = json_string(feature, "id"), *code, *why;
	struct err err = ERR_INIT;
	char where[64], id[MATCH_RULE_CAP];

	(void)snprintf(where, sizeof(where), "feature %zu", index);
	conf_coverage_id(outlines->file, (int)index, id);
	if (given && *given && strlen(given) < sizeof(id))
		(void)text_copy(id, sizeof(id), given);
	code = code_of(outlines, feature, where);
	if (!code)
		return;
	why = read_geometry(outlines, geometry, id, code, &err);
	if (why)
		refuse(outlines, where, why);
}

static void read_tree(struct outlines *outlines, const cJSON *tree)
{
	const cJSON *features = json_get(tree, "features"), *feature;
	size_t index = 0;

	if (!read_crs(outlines, tree))
		return;
	if (!text_equal(json_string(tree, "type"), "FeatureCollection")) {
		read_feature(outlines, tree, 1);
		return;
	}
	if (!cJSON_IsArray(features)) {
		refuse(outlines, "FeatureCollection", "it lacks its features");
		return;
	}
	cJSON_ArrayForEach(feature, features)
	{
		read_feature(outlines, feature, ++index);
	}
}

void conf_read_geojson(struct loader *loader, const char *file, const char *bytes, size_t len,
		       const char *code)
{
	static const struct json_limits limits = {.depth_max = 16,
						  .nodes_max = 4 * COVERAGE_POINTS_MAX};
	struct outlines outlines = {.loader = loader, .file = file, .code = code, .crs = GEO_WGS84};
	struct err err = ERR_INIT;
	cJSON *tree = NULL;

	if (json_parse(&tree, bytes, len, &limits, &err) < 0) {
		conf_problem(loader->report, file, 0, 0, false, "%s", err.text);
		return;
	}
	read_tree(&outlines, tree);
	mem_free(outlines.points);
	cJSON_Delete(tree);
}
