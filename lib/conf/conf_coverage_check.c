/* conf_coverage_check.c — compiles the coverage once the gazetteer is there, warns of doors that
 * two units claim, and prints it all. Neighbours: conf_check.c calls; place/coverage_build.c
 * compiles. */
#include "conf_coverage.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

#define CONFLICTS_SHOWN 50 /* closedloopctl units check shows all. */

/* Where rule INDEX was written. */
static const struct coverage_origin *origin_of(const struct conf_whole *whole, size_t index)
{
	const struct coverage_origin *found = NULL;

	for (size_t i = 0; i < whole->origins_len && whole->origins[i].first <= index; i++)
		found = &whole->origins[i];
	assert(found);
	return found;
}

/* Codes of tables that the gazetteer does not know; each once, however many rows have it. */
static void check_codes(const struct conf_whole *whole, const struct gazetteer *gazetteer,
			struct conf_report *report)
{
	const struct coverage_source *source = whole->conf.coverage_rules;
	const char *last = "", *last_area = "";

	for (size_t i = 0; i < coverage_source_rules(source); i++) {
		const struct coverage_rule *rule = coverage_source_rule(source, i);
		const struct coverage_origin *origin;

		if (text_equal(rule->code, last) && text_equal(rule->area, last_area))
			continue;
		last = rule->code;
		last_area = rule->area;
		if (gazetteer_has(gazetteer, rule->code) && gazetteer_has(gazetteer, rule->area))
			continue;
		origin = origin_of(whole, i);
		/* The unit's own code has been reported where it stands. */
		if (origin->line > 0 && !gazetteer_has(gazetteer, rule->code))
			continue;
		conf_problem(report, origin->file, rule->line, 1, false,
			     "rule %s: there is no unit %s in the gazetteer (%s)", rule->id,
			     gazetteer_has(gazetteer, rule->code) ? rule->area : rule->code,
			     gazetteer_edition(gazetteer));
	}
}

struct conflict_report {
	const struct conf_whole *whole;
	struct conf_report *report;
	size_t len;
};

/* Where the rule called ID was written: only who has conflicts pays for the search. */
static struct coverage_origin origin_by_id(const struct conf_whole *whole, const char *id)
{
	const struct coverage_source *source = whole->conf.coverage_rules;
	struct coverage_origin origin = {.file = whole->conf.file};

	for (size_t i = 0; i < coverage_source_rules(source); i++) {
		const struct coverage_rule *rule = coverage_source_rule(source, i);

		if (strcmp(rule->id, id) != 0)
			continue;
		origin = *origin_of(whole, i);
		if (origin.line == 0) {
			origin.line = rule->line;
			origin.column = 1;
		}
		break;
	}
	return origin;
}

static void warn_conflict(void *context, const struct coverage_conflict *conflict)
{
	struct conflict_report *all = context;
	struct coverage_origin origin;
	char room[64];
	struct text doors = TEXT_OVER(room);

	if (all->len++ >= CONFLICTS_SHOWN)
		return;
	origin = origin_by_id(all->whole, conflict->right);
	text_clear(&doors);
	coverage_doors(conflict, &doors);
	conf_problem(all->report, origin.file, origin.line, origin.column, true,
		     "%s%s is claimed by %s (rule %s) and %s (rule %s): its travellers become "
		     "questions",
		     conflict->name, room, conflict->left_code, conflict->left,
		     conflict->right_code, conflict->right);
}

void conf_coverage_build(struct conf_whole *whole, const struct gazetteer *gazetteer,
			 struct conf_report *report)
{
	struct conf *conf = &whole->conf;
	struct conflict_report all = {.whole = whole, .report = report};
	struct err err = ERR_INIT;
	size_t errors = report->errors;

	(void)text_copy(conf->coverage_hash, sizeof(conf->coverage_hash), "0");
	if (coverage_source_rules(conf->coverage_rules) == 0 &&
	    coverage_source_boundaries(conf->coverage_rules) == 0)
		return;
	check_codes(whole, gazetteer, report);
	if (report->errors > errors)
		return;
	if (coverage_build(&conf->coverage, conf->coverage_rules, gazetteer, &err) < 0) {
		conf_problem(report, conf->file, 0, 0, false, "coverage: %s", err.text);
		return;
	}
	coverage_hash(conf->coverage, conf->coverage_hash);
	(void)coverage_conflicts(conf->coverage, warn_conflict, &all);
	if (all.len > CONFLICTS_SHOWN)
		conf_problem(report, conf->file, 0, 0, true,
			     "%zu doors are claimed twice; closedloopctl units check shows all",
			     all.len);
}

void conf_coverage_release(struct conf_whole *whole)
{
	coverage_free(whole->conf.coverage);
	coverage_source_free(whole->conf.coverage_rules);
	mem_free(whole->origins);
}

void conf_coverage_print(const struct conf *conf, FILE *out)
{
	size_t len = coverage_source_rules(conf->coverage_rules);
	size_t boundaries = coverage_source_boundaries(conf->coverage_rules);
	char room[COVERAGE_ROW_CAP];
	struct text line = TEXT_OVER(room);

	if (len > 0)
		(void)fprintf(out, "coverage: # %zu rules\n", len);
	for (size_t i = 0; i < len; i++) {
		const struct coverage_rule *rule = coverage_source_rule(conf->coverage_rules, i);

		text_clear(&line);
		coverage_write_yaml(rule, &line);
		(void)fprintf(out, "  - {unit: \"%s\", rule: \"%s\", covers: %s}\n", rule->code,
			      rule->id, room);
	}
	if (boundaries > 0)
		(void)fprintf(out, "boundaries: %zu # outlines\n", boundaries);
}
