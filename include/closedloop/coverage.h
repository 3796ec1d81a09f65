/* coverage.h — whose door is it: roads, lanes, houses, estates and boundaries that committees
 * cover.
 *
 * A house address alone (road and number) decides no committee; the committees' own lists do. Rules
 * come from units.yaml, from tables (TSV or CSV with the columns rule_id, unit, code, area, kind,
 * name, lane, type, parity, from, to), and from lists as committees write them ("仙霞路:410弄—500弄
 * （双号）"). Within an area the most specific rule that fits wins: a single number, or houses
 * inside one lane > a range > an estate > a whole road. Two units at the same level are a question
 * with both as candidates. A rule beats a committee whose name only resembles the road; against a
 * committee that is written it is a question.
 *
 * Calling order: coverage_source_new, any number of coverage_add_* and coverage_read_*,
 * coverage_build, match_use_coverage; coverage_source_free may come any time after
 * coverage_build. Compiled coverage never changes: a reload builds another one and swaps. Pure.
 */
#ifndef CLOSEDLOOP_COVERAGE_H
#define CLOSEDLOOP_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"
#include "closedloop/match.h"

#define COVERAGE_RULES_MAX                                                                         \
	500000			    /* Of one source; a city of 6,000 committees has some 100,000. \
				     */
#define COVERAGE_POINTS_MAX 1000000 /* Corners of all boundaries. */
#define COVERAGE_NUMBER_MAX 99999
#define COVERAGE_OPEN	    UINT32_MAX /* No upper end: "from 100 on". */
#define COVERAGE_NAME_CAP   96

enum coverage_kind {
	COVERAGE_ROAD,	   /* The whole road. */
	COVERAGE_RANGE,	   /* Numbers of the road, from … to. */
	COVERAGE_SUB,	   /* House numbers inside one lane: 茅台路200弄1-17号. */
	COVERAGE_ESTATE,   /* An estate by name, or its buildings from … to. */
	COVERAGE_EXCEPT,   /* Taken out of the same unit's other rules. */
	COVERAGE_NOT_OURS, /* Said by a unit of what is not its own, whatever its name resembles;
			      shaped like a road, a range, or an estate (estate is true). */
	COVERAGE_KINDS,
};

enum coverage_number {
	COVERAGE_ANY,	/* Lanes and houses. */
	COVERAGE_LANE,	/* 弄 */
	COVERAGE_HOUSE, /* 号 */
};

enum coverage_parity {
	COVERAGE_ALL,
	COVERAGE_ODD,
	COVERAGE_EVEN,
};

struct coverage_rule {
	const char *id;	  /* Names the rule to people: "r017", "units.yaml:12"; shorter than
			     MATCH_RULE_CAP. */
	const char *code; /* Whose: 12 digits, or 9: a street's own fallback, which settles the
			     street and leaves the committee to its officer. */
	const char *area; /* The county (6 digits) it holds in; NULL: that of CODE. */
	enum coverage_kind kind;
	bool estate;	  /* COVERAGE_EXCEPT, COVERAGE_NOT_OURS: NAME is an estate, no road. */
	const char *name; /* Road or estate as people write it. */
	uint32_t lane;	  /* COVERAGE_SUB: the lane; else 0. */
	enum coverage_number number;
	enum coverage_parity parity;
	uint32_t from, to; /* 0, COVERAGE_OPEN where the whole is meant. */
	int line;	   /* Of the file it was read from; 0: nobody knows. */
};

/* Rules and boundaries as collected; owns copies of what is added. */
struct coverage_source;
struct coverage; /* Compiled. */

struct coverage_source *coverage_source_new(void);
void coverage_source_free(struct coverage_source *source);

/* Add RULE. CL_EINVAL names what is wrong with it: a code that is none, a range that ends before it
 * begins, a name that folds to nothing, one more than COVERAGE_RULES_MAX. */
int coverage_add_rule(struct coverage_source *source, const struct coverage_rule *rule,
		      struct err *err);
/* Number of rules and of boundaries, and rule INDEX as added. */
size_t coverage_source_rules(const struct coverage_source *source);
size_t coverage_source_boundaries(const struct coverage_source *source);
const struct coverage_rule *coverage_source_rule(const struct coverage_source *source,
						 size_t index);

/* Add the boundary ID of CODE from WKT (POLYGON or MULTIPOLYGON, "longitude latitude" in degrees,
 * WGS-84); or ring by ring, each closed or not, holes and several outlines alike (even-odd). */
int coverage_add_wkt(struct coverage_source *source, const char *id, const char *code,
		     const char *wkt, struct err *err);
int coverage_add_boundary(struct coverage_source *source, const char *id, const char *code,
			  struct err *err);
int coverage_add_ring(struct coverage_source *source, const struct geo_point *points, size_t len,
		      struct err *err);

/* One problem of a table or a list, with the line it stands in (from 1). */
typedef void coverage_complain(void *context, int line, const char *text);

/* Read a whole table of rules, or of boundaries (columns code, wkt). All problems are complained
 * of, rows without one are added. Returns how many rows were refused. */
size_t coverage_read_rules(struct coverage_source *source, const char *bytes, size_t len,
			   coverage_complain *complain, void *context);
size_t coverage_read_boundaries(struct coverage_source *source, const char *bytes, size_t len,
				coverage_complain *complain, void *context);
/* Read one committee's list as it writes it down. What cannot be understood is complained of with
 * its words, the rest is added under IDs "PREFIX.1", "PREFIX.2" …. */
size_t coverage_read_list(struct coverage_source *source, const char *prefix, const char *code,
			  const char *text, coverage_complain *complain, void *context);

/* A whole table of such lists (columns unit, code, raw_text); IDs are "UNIT.1" …. */
size_t coverage_read_lists(struct coverage_source *source, const char *bytes, size_t len,
			   coverage_complain *complain, void *context);

/* Write RULE to OUT as a row of a table, without a line's end (UNIT is what people call its unit),
 * or as a line of units.yaml: {road: "仙霞路", lanes: "410-500", side: even}. What is written means
 * the same when it is read. */
#define COVERAGE_ROW_HEAD                                                                          \
	"rule_id\tunit\tcode\tarea\tkind\tname\tlane\ttype\tparity\tfrom\tto\testate"
#define COVERAGE_ROW_CAP 512
void coverage_write_row(const struct coverage_rule *rule, const char *unit, struct text *out);
void coverage_write_yaml(const struct coverage_rule *rule, struct text *out);

/* Compile SOURCE for GAZETTEER, whose folding and codes it uses. A code that the gazetteer does not
 * know is CL_ENOENT and names the rule. *OUT is freed by coverage_free. */
int coverage_build(struct coverage **out, const struct coverage_source *source,
		   const struct gazetteer *gazetteer, struct err *err);
void coverage_free(struct coverage *coverage);

/* What COVERAGE claims, as 16 hex digits: same rules and boundaries, same hash, whatever they are
 * called and in whichever order they were added. */
#define COVERAGE_HASH_CAP 17
void coverage_hash(const struct coverage *coverage, char out[COVERAGE_HASH_CAP]);

/* Two units that claim the same door at the same level. */
struct coverage_conflict {
	const char *left, *right;	    /* IDs of the two rules. */
	const char *left_code, *right_code; /* Whose they are. */
	const char *name;		    /* The road … */
	bool estate;			    /* … or estate. */
	uint32_t lane;			    /* Houses inside this lane; 0: of the road. */
	enum coverage_number number;	    /* What both claim of it … */
	enum coverage_parity parity;
	uint32_t from, to; /* … and which; 0, COVERAGE_OPEN = all. */
};

/* Numbers between two ranges of a road that nobody claims: "仙霞路 501–576". */
struct coverage_gap {
	const char *area, *name;
	enum coverage_number number;
	enum coverage_parity parity;
	uint32_t from, to;
	const char *left, *right; /* IDs of the rules on both sides. */
};

/* Write the numbers of CONFLICT as they follow its name: " 501–576弄 (odd)", " 200弄 1–17号",
 * nothing for all. */
void coverage_doors(const struct coverage_conflict *conflict, struct text *out);
/* Write the doors of GAP: "仙霞路 501–576弄 (odd)". */
void coverage_gap_doors(const struct coverage_gap *gap, struct text *out);

/* Tell EACH of the conflicts (at most ten thousand), of the gaps. In rising order of area and name.
 */
size_t coverage_conflicts(const struct coverage *coverage,
			  void (*each)(void *context, const struct coverage_conflict *conflict),
			  void *context);
size_t coverage_gaps(const struct coverage *coverage,
		     void (*each)(void *context, const struct coverage_gap *gap), void *context);

/* Let MATCHER judge by COVERAGE from now on; NULL: by names alone. COVERAGE must outlive its use.
 */
void match_use_coverage(struct matcher *matcher, const struct coverage *coverage);

#endif
