/* api_units.c — the configured units, the doors each covers, and what is wrong with the coverage.
 * Neighbours: api_fleet.c answers for one unit, api_match.c for an address; place/coverage_check.c
 * finds conflicts and gaps. */
#include "daemon/api_private.h"

#include <stdlib.h>
#include <string.h>

#define RULES_SHOWN 2000 /* Of one unit. */
#define UNITS_SHOWN 10000
#define FLAWS_SHOWN 1000 /* Conflicts, and gaps. */

cJSON *unit_coverage(const struct conf *conf, const char *code)
{
	cJSON *list = cJSON_CreateArray();
	char room[COVERAGE_ROW_CAP];
	struct text line = TEXT_OVER(room);
	size_t shown = 0;

	for (size_t i = 0; i < coverage_source_rules(conf->coverage_rules); i++) {
		const struct coverage_rule *rule = coverage_source_rule(conf->coverage_rules, i);

		if (strcmp(rule->code, code) != 0 || shown++ >= RULES_SHOWN)
			continue;
		cJSON *item = cJSON_CreateObject();

		text_clear(&line);
		coverage_write_yaml(rule, &line);
		cJSON_AddStringToObject(item, "rule", rule->id);
		cJSON_AddStringToObject(item, "covers", room);
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

static int compare_code(const void *code, const void *unit)
{
	return strcmp(code, ((const struct conf_unit *)unit)->code);
}

/* How many rules each configured unit has, in one walk over all of them. */
static const unsigned *count_rules(struct visit *visit, const struct conf *conf)
{
	unsigned *counts = arena_alloc(&visit->arena, (conf->units_len + 1) * sizeof(*counts));
	const struct conf_unit *unit = NULL;

	for (size_t i = 0; i < coverage_source_rules(conf->coverage_rules); i++) {
		const char *code = coverage_source_rule(conf->coverage_rules, i)->code;

		/* Rules of one unit mostly stand together. */
		if (!unit || strcmp(unit->code, code) != 0)
			unit = bsearch(code, conf->units, conf->units_len, sizeof(*conf->units),
				       compare_code);
		if (unit)
			counts[unit - conf->units]++;
	}
	return counts;
}

void api_units(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	const unsigned *counts = count_rules(visit, conf);
	char prefix[UNIT_CODE_CAP] = "", name[256];
	size_t shown = 0;

	if (!http_query(visit->call->request->query, "prefix", prefix, sizeof(prefix)))
		prefix[0] = '\0';
	cJSON *out = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(out, "units");

	for (size_t i = 0; i < conf->units_len && shown < UNITS_SHOWN; i++) {
		const struct conf_unit *unit = &conf->units[i];

		if (!text_starts(unit->code, prefix) || !caller_covers(&visit->caller, unit->code))
			continue;
		const struct conf_endpoint *endpoint = conf_unit_endpoint(conf, unit->code);
		cJSON *item = cJSON_CreateObject();

		shown++;
		engine_unit_name(visit->api->engine, unit->code, name, sizeof(name));
		cJSON_AddStringToObject(item, "code", unit->code);
		cJSON_AddStringToObject(item, "name", name);
		view_text(item, "endpoint", endpoint ? endpoint->name : NULL);
		cJSON_AddNumberToObject(item, "rules", counts[i]);
		cJSON_AddItemToArray(list, item);
	}
	cJSON_AddBoolToObject(out, "complete", shown < UNITS_SHOWN);
	reply_json(visit, 200, out);
}

/* --- What is wrong with it --- */

static void add_conflict(void *context, const struct coverage_conflict *conflict)
{
	cJSON *list = context;
	char room[COVERAGE_NAME_CAP + 64];
	struct text doors = TEXT_OVER(room);

	if (cJSON_GetArraySize(list) >= FLAWS_SHOWN)
		return;
	text_clear(&doors);
	text_add(&doors, conflict->name);
	coverage_doors(conflict, &doors);
	cJSON *item = cJSON_CreateObject();

	cJSON_AddStringToObject(item, "doors", room);
	cJSON_AddStringToObject(item, "left", conflict->left);
	cJSON_AddStringToObject(item, "left_code", conflict->left_code);
	cJSON_AddStringToObject(item, "right", conflict->right);
	cJSON_AddStringToObject(item, "right_code", conflict->right_code);
	cJSON_AddItemToArray(list, item);
}

static void add_gap(void *context, const struct coverage_gap *gap)
{
	cJSON *list = context;
	char room[COVERAGE_NAME_CAP + 64];
	struct text doors = TEXT_OVER(room);

	if (cJSON_GetArraySize(list) >= FLAWS_SHOWN)
		return;
	text_clear(&doors);
	coverage_gap_doors(gap, &doors);
	cJSON *item = cJSON_CreateObject();

	cJSON_AddStringToObject(item, "doors", room);
	cJSON_AddStringToObject(item, "area", gap->area);
	cJSON_AddStringToObject(item, "left", gap->left);
	cJSON_AddStringToObject(item, "right", gap->right);
	cJSON_AddItemToArray(list, item);
}

void api_coverage(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	cJSON *out = cJSON_CreateObject();
	cJSON *conflicts = cJSON_CreateArray(), *gaps = cJSON_CreateArray();
	size_t conflicts_len = 0, gaps_len = 0;

	if (conf->coverage) {
		conflicts_len = coverage_conflicts(conf->coverage, add_conflict, conflicts);
		gaps_len = coverage_gaps(conf->coverage, add_gap, gaps);
	}
	cJSON_AddNumberToObject(out, "rules", (double)coverage_source_rules(conf->coverage_rules));
	cJSON_AddNumberToObject(out, "boundaries",
				(double)coverage_source_boundaries(conf->coverage_rules));
	cJSON_AddStringToObject(out, "hash", conf->coverage_hash);
	cJSON_AddNumberToObject(out, "conflicts_len", (double)conflicts_len);
	cJSON_AddNumberToObject(out, "gaps_len", (double)gaps_len);
	cJSON_AddItemToObject(out, "conflicts", conflicts);
	cJSON_AddItemToObject(out, "gaps", gaps);
	reply_json(visit, 200, out);
}
