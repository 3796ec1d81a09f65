/* conf_lookup.c — the questions the program asks of a configuration that has been checked.
 * Neighbours: conf.c built it. Lists are short (policies, books) or sorted (endpoints,
 * units). */
#include "conf_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

static int compare_names(const void *left, const void *right)
{
	const struct conf_endpoint *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

static int compare_wanted(const void *name, const void *there)
{
	const struct conf_endpoint *const *endpoint = there;

	return strcmp(name, (*endpoint)->name);
}

const struct conf_endpoint *conf_endpoint(const struct conf *conf, const char *name)
{
	assert(conf);

	if (!name || conf->endpoints_len == 0)
		return NULL;
	assert(conf->endpoints_by_name);
	const struct conf_endpoint *const *found =
		bsearch(name, conf->endpoints_by_name, conf->endpoints_len,
			sizeof(*conf->endpoints_by_name), compare_wanted);
	return found ? *found : NULL;
}

void conf_index_endpoints(struct conf *conf, struct arena *arena)
{
	size_t len = conf->endpoints_len;
	const struct conf_endpoint **all = arena_alloc(arena, (len + 1) * sizeof(*all));

	for (size_t i = 0; i < len; i++)
		all[i] = &conf->endpoints[i];
	if (len > 0)
		qsort(all, len, sizeof(*all), compare_names);
	conf->endpoints_by_name = all;
}

/* The unit whose code is CODE[0..LEN). */
static const struct conf_unit *find_unit(const struct conf *conf, const char *code, size_t len)
{
	size_t low = 0, high = conf->units_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *there = conf->units[middle].code;
		int order = strncmp(code, there, len);

		if (order == 0 && there[len] != '\0')
			order = -1; /* A unit below the one wanted sorts after it. */
		if (order == 0)
			return &conf->units[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct conf_unit *conf_unit(const struct conf *conf, const char *code)
{
	assert(conf);

	return code ? find_unit(conf, code, strlen(code)) : NULL;
}

const struct roster *conf_roster(const struct conf *conf, const char *name)
{
	assert(conf);

	for (size_t i = 0; name && i < conf->rosters_len; i++) {
		if (strcmp(conf->rosters[i].name, name) == 0)
			return &conf->rosters[i];
	}
	return NULL;
}

const struct conf_endpoint *conf_unit_endpoint(const struct conf *conf, const char *code)
{
	static const size_t lengths[] = {12, 9, 6, 4, 2};
	size_t len;

	assert(conf);

	if (!code)
		return NULL;
	len = strlen(code);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		const struct conf_unit *unit =
			lengths[i] <= len ? find_unit(conf, code, lengths[i]) : NULL;

		if (unit && unit->endpoint)
			return conf_endpoint(conf, unit->endpoint);
	}
	return NULL;
}

/* Waits that the rules themselves name (product rules: fever, missed check, transfer overdue); an
 * operator who writes only a default still gets these. */
static const struct conf_escalation builtin[] = {
	/* Committee and street duty at once, the district after 15 minutes. */
	{.name = "fever",
	 .len = 3,
	 .steps = {{.target = STEP_COMMITTEE, .wait = 0},
		   {.target = STEP_STREET, .wait = 15 * WHEN_MINUTE},
		   {.target = STEP_DISTRICT, .wait = 10 * WHEN_MINUTE, .repeat = true}}},
	{.name = "missed_check",
	 .len = 3,
	 .steps = {{.target = STEP_COMMITTEE, .wait = 60 * WHEN_MINUTE},
		   {.target = STEP_STREET, .wait = 60 * WHEN_MINUTE},
		   {.target = STEP_DISTRICT, .wait = 60 * WHEN_MINUTE, .repeat = true}}},
	/* 20 minutes after the ETA the street, 60 minutes after it the district. */
	{.name = "transfer_overdue",
	 .len = 2,
	 .steps = {{.target = STEP_STREET, .wait = 40 * WHEN_MINUTE},
		   {.target = STEP_DISTRICT, .wait = 20 * WHEN_MINUTE, .repeat = true}}},
	/* Whoever should have taken the shift over has ten minutes; then those above, one by one.
	 */
	{.name = "shift_handover",
	 .len = 5,
	 .steps = {{.target = STEP_COMMITTEE, .wait = 10 * WHEN_MINUTE},
		   {.target = STEP_STREET, .wait = 10 * WHEN_MINUTE},
		   {.target = STEP_DISTRICT, .wait = 10 * WHEN_MINUTE},
		   {.target = STEP_CITY, .wait = 10 * WHEN_MINUTE},
		   {.target = STEP_PROVINCE, .wait = 10 * WHEN_MINUTE, .repeat = true}}},
	{.name = "task_overdue",
	 .len = 2,
	 .steps = {{.target = STEP_COMMITTEE, .wait = 30 * WHEN_MINUTE},
		   {.target = STEP_STREET, .wait = 60 * WHEN_MINUTE, .repeat = true}}},
};

const struct conf_escalation *conf_escalation(const struct conf *conf, const char *kind)
{
	const struct conf_escalation *otherwise = NULL;

	assert(conf);

	for (size_t i = 0; i < conf->escalations_len; i++) {
		const struct conf_escalation *escalation = &conf->escalations[i];

		if (text_equal(escalation->name, kind))
			return escalation;
		if (strcmp(escalation->name, "default") == 0)
			otherwise = escalation;
	}
	for (size_t i = 0; i < ARRAY_LEN(builtin); i++) {
		if (text_equal(builtin[i].name, kind))
			return &builtin[i];
	}
	assert(otherwise);
	return otherwise;
}

/* --- Policies ------------------------------------------------------------------------------ */

/* Where in conf.policies the one for arrivals of DAY is. */
static size_t policy_of_day(const struct conf *conf, int32_t day)
{
	size_t best = 0;

	assert(conf->policies_len > 0);
	for (size_t i = 1; i < conf->policies_len; i++) {
		if (conf->policies[i].in_force_from <= day)
			best = i;
	}
	return best;
}

const struct policy *conf_policy(const struct conf *conf, int32_t day)
{
	assert(conf);

	return &conf->policies[policy_of_day(conf, day)];
}

/* LIST is "KOR,ITA". */
static bool lists(const char *list, const char *country)
{
	size_t len = strlen(country);

	while (list && *list) {
		size_t there = strcspn(list, ",");

		if (there == len && memcmp(list, country, len) == 0)
			return true;
		list += there + (list[there] == ',');
	}
	return false;
}

static bool comes_from(const struct conf_override *override, const struct policy_case *who)
{
	for (size_t i = 0; i < override->countries_len; i++) {
		if (text_equal(override->countries[i], who->nationality) ||
		    lists(who->countries, override->countries[i]))
			return true;
	}
	return override->countries_len == 0;
}

static bool goes_to(const struct conf_override *override, const struct policy_case *who)
{
	for (size_t i = 0; i < override->districts_len; i++) {
		const char *district = override->districts[i];

		if ((who->unit && text_starts(who->unit, district)) ||
		    (who->district && text_starts(who->district, district)))
			return true;
	}
	return override->districts_len == 0;
}

const struct policy *conf_policy_for(const struct conf *conf, const struct policy_case *who)
{
	size_t best;

	assert(conf);
	assert(who);

	best = policy_of_day(conf, who->day0);
	for (size_t i = best + 1; i < conf->policies_len; i++) {
		if (conf->policies[i].applies_to_open &&
		    conf->policies[i].in_force_from <= who->today)
			best = i;
	}
	for (size_t i = 0; i < conf->overrides[best].len; i++) {
		const struct conf_override *override = &conf->overrides[best].items[i];

		if (comes_from(override, who) && goes_to(override, who))
			return &override->policy;
	}
	return &conf->policies[best];
}

const struct policy *conf_policy_next(const struct conf *conf, const struct policy_case *who)
{
	assert(conf);
	assert(who);

	for (size_t i = policy_of_day(conf, who->day0) + 1; i < conf->policies_len; i++) {
		if (conf->policies[i].applies_to_open &&
		    conf->policies[i].in_force_from > who->today)
			return &conf->policies[i];
	}
	return NULL;
}

const struct policy *conf_policy_by_hash(const struct conf *conf, const char *hash)
{
	assert(conf);

	for (size_t i = 0; i < conf->policies_len; i++) {
		if (text_equal(conf->policies[i].hash, hash))
			return &conf->policies[i];
		for (size_t k = 0; k < conf->overrides[i].len; k++) {
			if (text_equal(conf->overrides[i].items[k].policy.hash, hash))
				return &conf->overrides[i].items[k].policy;
		}
	}
	return NULL;
}

const struct phrasebook *conf_book(const struct conf *conf, const char *language)
{
	assert(conf);

	for (size_t i = 0; i < conf->books_len; i++) {
		if (text_equal(conf->books[i].language, language))
			return &conf->books[i];
	}
	return NULL;
}
