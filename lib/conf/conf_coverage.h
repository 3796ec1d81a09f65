/* conf_coverage.h — what the files of the coverage section share: conf_coverage.c reads what
 * units.yaml says, conf_coverage_file.c tables and boundaries, conf_geojson.c outlines as maps
 * write them, conf_coverage_check.c compiles and judges. Private to lib/conf. */
#ifndef CLOSEDLOOP_CONF_COVERAGE_H
#define CLOSEDLOOP_CONF_COVERAGE_H

#include "closedloop/coverage.h"
#include "conf_private.h"

#define CONF_TABLE_MAX	  (64u << 20) /* 500,000 rules. */
#define CONF_OUTLINES_MAX (32u << 20)

/* Where rules from FIRST on were written. */
struct coverage_origin {
	size_t first;
	const char *file;
	int line, column; /* 0: a table, whose rules know their lines. */
};

/* Rules and boundaries that follow are from MAP. */
void conf_coverage_here(struct loader *loader, const struct node *map);
/* A name for people: "units.yaml:12". */
void conf_coverage_id(const char *file, int line, char id[MATCH_RULE_CAP]);
void conf_coverage_print(const struct conf *conf, FILE *out);

/* The rules of a unit's coverage: NODE, a list. */
void conf_read_coverage(struct loader *loader, const struct node *node, const char *code);
/* The boundary of unit CODE in the file NODE names. */
void conf_read_boundary(struct loader *loader, const struct node *node, const char *code);
/* Tables of rules, and of boundaries. */
void conf_read_coverage_files(struct loader *loader, const struct node *paths);
void conf_read_boundary_files(struct loader *loader, const struct node *paths);

/* GeoJSON in BYTES[0..LEN), as file FILE: one geometry or feature, of CODE; or, when CODE is NULL,
 * a collection of features that name theirs. Problems go to the report. */
void conf_read_geojson(struct loader *loader, const char *file, const char *bytes, size_t len,
		       const char *code);

/* Compile what WHOLE has collected; adds to REPORT. */
void conf_coverage_build(struct conf_whole *whole, const struct gazetteer *gazetteer,
			 struct conf_report *report);
void conf_coverage_release(struct conf_whole *whole);

#endif
