/* api_match.c — which committee an address belongs to, and why: by what is written, the rules, and
 * what officers taught. Neighbours: engine's placing.c judges; match.h has the words. */
#include "daemon/api_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/geo.h"

#define ESTATE_BYTES 400

static bool bad(struct visit *visit, const char *detail)
{
	reply_problem(visit, 400, "bad_value", detail);
	return false;
}

/* False when there is none. What is no number is no place on earth. */
static bool read_degrees(const char *query, const char *name, double *out)
{
	char text[32], *end;

	if (!http_query(query, name, text, sizeof(text)) || !*text)
		return false;
	*out = strtod(text, &end);
	if (*end)
		*out = NAN;
	return true;
}

/* "lon", "lat" and "crs", all or none. False after having answered. */
static bool read_point(struct visit *visit, struct dwelling *out)
{
	const char *query = visit->call->request->query;
	enum geo_crs crs = GEO_WGS84;
	struct geo_point point;
	double lon = 0, lat = 0;
	char word[16] = "";
	bool has_lon = read_degrees(query, "lon", &lon), has_lat = read_degrees(query, "lat", &lat);

	if (!has_lon && !has_lat)
		return true;
	if (!http_query(query, "crs", word, sizeof(word)) || !geo_crs_of(word, &crs))
		return bad(visit, "crs is none of wgs84, gcj02, bd09: coordinates need it");
	if (!has_lon || !has_lat || !geo_point(lon, lat, crs, &point))
		return bad(visit, "lon and lat are no place on earth");
	out->point = arena_printf(&visit->arena, "%d %d", (int)point.lon, (int)point.lat);
	return true;
}

const char *match_why_words(struct visit *visit, const char *language, enum match_why why)
{
	const struct phrasebook *book = conf_book(visit->api->conf, language);

	return book ? phrase_find(book,
				  arena_printf(&visit->arena, "match_why.%s", match_why_word(why)))
		    : NULL;
}

/* The words that settled each level. */
static void add_words(const struct match *match, cJSON *out)
{
	static const char *const levels[UNIT_CHAIN_MAX] = {"province", "city", "district", "street",
							   "committee"};
	cJSON *words = cJSON_AddObjectToObject(out, "words");

	for (int i = 0; i < UNIT_CHAIN_MAX; i++)
		view_text(words, levels[i], match->words[i]);
}

static void add_candidates(struct visit *visit, const struct match *match, cJSON *out)
{
	cJSON *candidates = cJSON_AddArrayToObject(out, "candidates");
	char name[256];

	for (size_t i = 0; i < match->candidates_len; i++) {
		const char *code = match->candidates[i].code;
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "code", code);
		engine_unit_name(visit->api->engine, code, name, sizeof(name));
		cJSON_AddStringToObject(item, "name", name);
		if (gazetteer_chain(visit->api->gazetteer, code, name, sizeof(name)) < 0)
			text_copy(name, sizeof(name), code);
		cJSON_AddStringToObject(item, "chain", name);
		cJSON_AddNumberToObject(item, "score", match->candidates[i].score);
		cJSON_AddItemToArray(candidates, item);
	}
}

static cJSON *match_json(struct visit *visit, const struct match *match)
{
	bool settled = match->verdict == MATCH_EXACT || match->verdict == MATCH_PROBABLE;
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "verdict", match_verdict_word(match->verdict));
	view_text(out, "committee_code", settled ? match->code : NULL);
	view_text(out, "settled_code", match->code);
	cJSON_AddNumberToObject(out, "confidence", match->confidence);
	cJSON_AddStringToObject(out, "why", match_why_word(match->why));
	view_text(out, "why_words", match_why_words(visit, "zh-CN", match->why));
	view_text(out, "why_words_en", match_why_words(visit, "en", match->why));
	add_words(match, out);
	view_text(out, "warning", match->warning);
	/* By which rule of theirs others cover a door is theirs. */
	view_text(out, "rule", caller_covers(&visit->caller, match->code) ? match->rule : NULL);
	add_candidates(visit, match, out);
	cJSON_AddStringToObject(out, "reason", match->reason);
	cJSON_AddStringToObject(out, "normalized", match->normalized);
	return out;
}

void api_match(struct visit *visit)
{
	struct match *match = arena_alloc(&visit->arena, sizeof(*match));
	char *address = arena_alloc(&visit->arena, MATCH_ADDRESS_MAX + 1);
	char *estate = arena_alloc(&visit->arena, ESTATE_BYTES);
	const char *query = visit->call->request->query;
	struct dwelling dwelling = {.address = address, .compound = estate};
	struct err err = ERR_INIT;

	if (!http_query(query, "address", address, MATCH_ADDRESS_MAX + 1)) {
		reply_problem(visit, 400, "missing_field", "address is missing or too long");
		return;
	}
	(void)http_query(query, "estate", estate, ESTATE_BYTES);
	if (!read_point(visit, &dwelling))
		return;
	int rc = engine_match_see(visit->api->engine, visit->caller.scope, &dwelling, &visit->arena,
				  match, &err);

	if (rc < 0)
		reply_error(visit, rc, &err);
	else
		reply_json(visit, 200, match_json(visit, match));
}
