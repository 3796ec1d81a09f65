/* ctl_units.c — units: the lists that committees write become rules, with a word on what is claimed
 * twice and what by nobody; and what the running configuration says.
 * Neighbours: ctl_place.c opens tables without a daemon; api_units.c answers for a running one. */
#include "daemon/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/mem.h"

#define PATH_CAP 256

/* --- Import --- */

/* What the unit of RULE is called: as its list is, else as in the gazetteer. */
static const char *unit_name(const struct ctl_place *place, const struct coverage_rule *rule,
			     bool lists, char *buf, size_t cap)
{
	const char *dot = strrchr(rule->id, '.');

	buf[0] = '\0';
	if (lists && dot)
		snprintf(buf, cap, "%.*s", (int)(dot - rule->id), rule->id);
	else
		(void)gazetteer_name(place->gazetteer, rule->code, buf, cap);
	return buf;
}

static void write_table(const struct ctl_place *place, const struct coverage_source *source,
			bool lists, FILE *out)
{
	char room[COVERAGE_ROW_CAP], name[256];
	struct text row = TEXT_OVER(room);

	fputs(COVERAGE_ROW_HEAD "\n", out);
	for (size_t i = 0; i < coverage_source_rules(source); i++) {
		const struct coverage_rule *rule = coverage_source_rule(source, i);

		text_clear(&row);
		coverage_write_row(rule, unit_name(place, rule, lists, name, sizeof(name)), &row);
		fprintf(out, "%s\n", room);
	}
}

static int compare_rules(const void *left, const void *right)
{
	const struct coverage_rule *const *a = left, *const *b = right;
	int order = strcmp((*a)->code, (*b)->code);

	/* Of one source: the order in memory is the order in which they were read. */
	return order ? order : *a < *b ? -1 : *a > *b;
}

static void write_yaml(const struct ctl_place *place, const struct coverage_source *source,
		       FILE *out)
{
	size_t len = coverage_source_rules(source);
	const struct coverage_rule **rules = mem_alloc((len + 1) * sizeof(*rules));
	char room[COVERAGE_ROW_CAP], chain[256];
	struct text line = TEXT_OVER(room);
	const char *last = "";

	for (size_t i = 0; i < len; i++)
		rules[i] = coverage_source_rule(source, i);
	qsort(rules, len, sizeof(*rules), compare_rules);
	fputs(len ? "units:\n" : "units: []\n", out);
	for (size_t i = 0; i < len; i++) {
		if (strcmp(rules[i]->code, last) != 0) {
			if (gazetteer_chain(place->gazetteer, rules[i]->code, chain,
					    sizeof(chain)) < 0)
				chain[0] = '\0';
			fprintf(out, "  - code: \"%s\" # %s\n    coverage:\n", rules[i]->code,
				chain);
		}
		last = rules[i]->code;
		text_clear(&line);
		coverage_write_yaml(rules[i], &line);
		fprintf(out, "      - %s\n", room);
	}
	mem_free(rules);
}

static void tell_conflict(void *context, const struct coverage_conflict *conflict)
{
	char room[64];
	struct text doors = TEXT_OVER(room);

	(void)context;
	text_clear(&doors);
	coverage_doors(conflict, &doors);
	fprintf(stderr, "conflict: %s%s: %s (rule %s) and %s (rule %s)\n", conflict->name, room,
		conflict->left_code, conflict->left, conflict->right_code, conflict->right);
}

static void tell_gap(void *context, const struct coverage_gap *gap)
{
	char room[COVERAGE_NAME_CAP + 64];
	struct text doors = TEXT_OVER(room);

	(void)context;
	text_clear(&doors);
	coverage_gap_doors(gap, &doors);
	fprintf(stderr, "gap: %s: nobody's, between rules %s and %s\n", room, gap->left,
		gap->right);
}

static int write_out(const struct ctl_place *place, const struct coverage_source *source,
		     const char *path, bool lists, bool yaml)
{
	FILE *file = path ? fopen(path, "w") : NULL;
	FILE *out = file ? file : stdout;
	bool failed = path && !file;

	if (!failed && yaml)
		write_yaml(place, source, out);
	else if (!failed)
		write_table(place, source, lists, out);
	if (!failed)
		failed = fflush(out) != 0;
	if (file && fclose(file) != 0)
		failed = true;
	if (failed)
		fprintf(stderr, "closedloopctl: %s: %s\n", path ? path : "stdout", strerror(errno));
	return failed ? CTL_REFUSED : CTL_DONE;
}

/* A table of lists has a column raw_text. */
static bool holds_lists(const char *path)
{
	size_t len;
	char *bytes = ctl_read_file(path, &len);
	const char *line = bytes;
	bool found = false;

	while (line && *line == '#')
		line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n');
	if (line) {
		bytes[(size_t)(line - bytes) + strcspn(line, "\n")] = '\0';
		found = strstr(line, "raw_text") != NULL;
	}
	mem_free(bytes);
	return found;
}

/* FORMAT as one of two words, or as the head of PATH says; false when it is neither. */
static bool read_format(const char *format, const char *path, bool *lists)
{
	if (!format)
		*lists = holds_lists(path);
	else if (strcmp(format, "list") == 0 || strcmp(format, "tsv") == 0)
		*lists = strcmp(format, "list") == 0;
	else
		return false;
	return true;
}

static int import(struct ctl *ctl)
{
	const char *format = ctl_option(ctl, "--format"), *path = ctl_option(ctl, "--out");
	const char *image = ctl_option(ctl, "--gazetteer");
	bool yaml = ctl_flag(ctl, "--yaml"), lists, understood;
	struct coverage_source *source;
	struct ctl_place place;
	size_t conflicts = 0;
	int rc;

	if (ctl->argc != 1 || !read_format(format, ctl->argv[0], &lists))
		return CTL_USAGE;
	rc = ctl_place_open(ctl, &place, image);
	if (rc)
		return rc;
	source = coverage_source_new();
	understood = ctl_place_read(source, ctl->argv[0],
				    lists ? coverage_read_lists : coverage_read_rules);
	rc = ctl_place_cover(&place, source);
	if (rc == CTL_DONE) {
		rc = write_out(&place, source, path, lists, yaml);
		conflicts = coverage_conflicts(place.coverage, tell_conflict, NULL);
		(void)coverage_gaps(place.coverage, tell_gap, NULL);
	}
	coverage_source_free(source);
	ctl_place_close(&place);
	return rc == CTL_DONE && (conflicts > 0 || !understood) ? CTL_REFUSED : rc;
}

/* --- Of a running daemon --- */

static int list(struct ctl *ctl, const char *prefix)
{
	static const struct ctl_column columns[] = {
		{"CODE", "code"}, {"ENDPOINT", "endpoint"}, {"RULES", "rules"}, {"NAME", "name"}};
	char room[PATH_CAP];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;

	text_clear(&path);
	text_add(&path, "/v1/units");
	if (prefix) {
		text_add(&path, "?prefix=");
		ctl_encode(&path, prefix);
	}
	int rc = ctl_ask(ctl, "GET", room, NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	ctl_table(json_get(answer.tree, "units"), columns, ARRAY_LEN(columns));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static int show(struct ctl *ctl, const char *code)
{
	static const struct ctl_column columns[] = {{"RULE", "rule"}, {"COVERS", "covers"}};
	char room[PATH_CAP], name[256], endpoint[64];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;

	text_clear(&path);
	text_add(&path, "/v1/units/");
	ctl_encode(&path, code);
	int rc = ctl_ask(ctl, "GET", room, NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	printf("%s %s, told at %s\n", code, ctl_member(answer.tree, "name", name, sizeof(name)),
	       ctl_member(answer.tree, "endpoint", endpoint, sizeof(endpoint)));
	ctl_table(json_get(answer.tree, "coverage"), columns, ARRAY_LEN(columns));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static int check(struct ctl *ctl)
{
	static const struct ctl_column conflicts[] = {{"CLAIMED TWICE", "doors"},
						      {"BY", "left_code"},
						      {"RULE", "left"},
						      {"AND BY", "right_code"},
						      {"RULE", "right"}};
	static const struct ctl_column gaps[] = {{"NOBODY'S", "doors"},
						 {"AREA", "area"},
						 {"AFTER RULE", "left"},
						 {"BEFORE RULE", "right"}};
	struct ctl_answer answer;
	char hash[32];
	int rc = ctl_ask(ctl, "GET", "/v1/admin/coverage", NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	printf("%.0f rules, %.0f boundaries, %.0f conflicts, %.0f gaps, hash %s\n",
	       cJSON_GetNumberValue(json_get(answer.tree, "rules")),
	       cJSON_GetNumberValue(json_get(answer.tree, "boundaries")),
	       cJSON_GetNumberValue(json_get(answer.tree, "conflicts_len")),
	       cJSON_GetNumberValue(json_get(answer.tree, "gaps_len")),
	       ctl_member(answer.tree, "hash", hash, sizeof(hash)));
	if (cJSON_GetArraySize(json_get(answer.tree, "conflicts")) > 0) {
		ctl_table(json_get(answer.tree, "conflicts"), conflicts, ARRAY_LEN(conflicts));
		fputs("closedloopctl: doors are claimed twice\n", stderr);
		rc = CTL_REFUSED;
	}
	if (cJSON_GetArraySize(json_get(answer.tree, "gaps")) > 0)
		ctl_table(json_get(answer.tree, "gaps"), gaps, ARRAY_LEN(gaps));
	ctl_answer_release(&answer);
	return rc;
}

int ctl_units(struct ctl *ctl)
{
	const char *what = ctl->argc > 0 ? ctl->argv[0] : "";
	int rc;

	if (ctl->argc == 0)
		return CTL_USAGE;
	ctl->argv++;
	ctl->argc--;
	if (strcmp(what, "import") == 0)
		return import(ctl);
	if (strcmp(what, "list") == 0 ? ctl->argc > 1
				      : ctl->argc != (strcmp(what, "show") == 0 ? 1 : 0))
		return CTL_USAGE;
	rc = ctl_where(ctl);
	if (rc)
		return rc;
	if (strcmp(what, "list") == 0)
		return list(ctl, ctl->argc ? ctl->argv[0] : NULL);
	if (strcmp(what, "show") == 0)
		return show(ctl, ctl->argv[0]);
	return strcmp(what, "check") == 0 ? check(ctl) : CTL_USAGE;
}
