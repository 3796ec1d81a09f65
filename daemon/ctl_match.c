/* ctl_match.c — match: which committee an address belongs to; asked of the daemon, or of a
 * gazetteer image without one, then with tables of coverage rules and boundaries if they are given.
 * Neighbours: place/match.c judges; with --tsv a whole table is judged and printed as predictions.
 */
#include "daemon/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/coverage.h"
#include "closedloop/geo.h"
#include "closedloop/match.h"
#include "closedloop/mem.h"

struct place {
	struct ctl_place tables;
	struct matcher *matcher;
};

/* Let PLACE judge by the tables of RULES and of POLYGONS too; each may be NULL. */
static int place_cover(struct place *place, const char *rules, const char *polygons)
{
	struct coverage_source *source = coverage_source_new();
	int rc = CTL_REFUSED;

	if (ctl_place_read(source, rules, coverage_read_rules) &&
	    ctl_place_read(source, polygons, coverage_read_boundaries))
		rc = ctl_place_cover(&place->tables, source);
	if (rc == CTL_DONE)
		match_use_coverage(place->matcher, place->tables.coverage);
	coverage_source_free(source);
	return rc;
}

/* Read TEXT as "longitude,latitude" in degrees, WGS-84. */
static bool read_point(const char *text, struct geo_point *out)
{
	char *end;
	double lon = strtod(text, &end);

	if (end == text || *end != ',')
		return false;
	text = end + 1;
	double lat = strtod(text, &end);
	return end != text && !*end && geo_point(lon, lat, GEO_WGS84, out);
}

/* Judge ADDRESS, which is a point when boundaries are given and it reads as one. */
static void judge(struct place *place, bool points, const char *address, struct match *out)
{
	struct geo_point point;
	struct match_query query = {.address = address};

	if (points && read_point(address, &point)) {
		query.address = "";
		query.point = &point;
	}
	match_query(place->matcher, &query, out);
}

static void print_prediction(const char *id, const struct match *match)
{
	printf("%s\t%s\t%s\t%.3f\t", id, match_verdict_word(match->verdict), match->code,
	       match->confidence);
	for (size_t i = 0; i < match->candidates_len; i++)
		printf("%s%s", i ? "|" : "", match->candidates[i].code);
	putchar('\n');
}

/* Cut the field that begins at *REST off at the next TAB. */
static char *field(char **rest)
{
	char *start = *rest;
	size_t len = strcspn(start, "\t");

	*rest = start + len + (start[len] == '\t');
	start[len] = '\0';
	return start;
}

static int match_table(struct place *place, bool points, const char *path)
{
	struct match *match = mem_alloc(sizeof(*match));
	size_t len;
	char *bytes = ctl_read_file(path, &len);
	char *line = bytes;

	while (line && line < bytes + len) {
		char *next = line + strcspn(line, "\n");
		char *rest = line, *id, *address;

		if (*next == '\n')
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		if (*line && *line != '#') {
			id = field(&rest);
			address = field(&rest);
			match_unescape(address);
			judge(place, points, address, match);
			print_prediction(id, match);
		}
		line = next;
	}
	mem_free(match);
	mem_free(bytes);
	return bytes ? CTL_DONE : CTL_REFUSED;
}

/* What was judged: verdict and code, why, and what is written that is not so. */
static void print_verdict(const char *verdict, const char *code, double confidence,
			  const char *reason, const char *warning)
{
	printf("%s %s %.3f\n%s\n", verdict, *code ? code : "-", confidence, reason);
	if (*warning && strcmp(warning, "-") != 0)
		printf("warning: written, and not so: %s\n", warning);
}

static int match_here(struct place *place, bool points, const char *address)
{
	struct match *match = mem_alloc(sizeof(*match));
	char chain[256];

	judge(place, points, address, match);
	print_verdict(match_verdict_word(match->verdict), match->code, match->confidence,
		      match->reason, match->warning);
	for (size_t i = 0; i < match->candidates_len; i++) {
		if (gazetteer_chain(place->tables.gazetteer, match->candidates[i].code, chain,
				    sizeof(chain)) < 0)
			chain[0] = '\0';
		printf("  %s  %.3f  %s\n", match->candidates[i].code, match->candidates[i].score,
		       chain);
	}
	mem_free(match);
	return CTL_DONE;
}

static int match_there(struct ctl *ctl, const char *address)
{
	static const struct ctl_column columns[] = {{"CODE", "code"},
						    {"SCORE", "score"},
						    {"NAME", "name"}};
	char room[8192], verdict[32], code[32], reason[300], warning[300];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;
	int rc = ctl_where(ctl);

	if (rc)
		return rc;
	text_clear(&path);
	text_add(&path, "/v1/match?address=");
	ctl_encode(&path, address);
	rc = ctl_ask(ctl, "GET", room, NULL, &answer);
	if (rc || !answer.tree)
		return rc;
	print_verdict(ctl_member(answer.tree, "verdict", verdict, sizeof(verdict)),
		      ctl_member(answer.tree, "settled_code", code, sizeof(code)),
		      cJSON_GetNumberValue(json_get(answer.tree, "confidence")),
		      ctl_member(answer.tree, "reason", reason, sizeof(reason)),
		      ctl_member(answer.tree, "warning", warning, sizeof(warning)));
	ctl_table(json_get(answer.tree, "candidates"), columns, ARRAY_LEN(columns));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

int ctl_match(struct ctl *ctl)
{
	const char *table = ctl_option(ctl, "--tsv");
	const char *image = ctl_option(ctl, "--gazetteer");
	const char *rules = ctl_option(ctl, "--coverage");
	const char *polygons = ctl_option(ctl, "--polygons");
	struct place place;
	int rc;

	if (ctl->argc != (table ? 0 : 1))
		return CTL_USAGE;
	if (!table && !image && !rules && !polygons)
		return match_there(ctl, ctl->argv[0]);
	rc = ctl_place_open(ctl, &place.tables, image);
	if (rc)
		return rc;
	place.matcher = match_new(place.tables.gazetteer);
	rc = rules || polygons ? place_cover(&place, rules, polygons) : CTL_DONE;
	if (rc == CTL_DONE)
		rc = table ? match_table(&place, polygons != NULL, table)
			   : match_here(&place, polygons != NULL, ctl->argv[0]);
	match_free(place.matcher);
	ctl_place_close(&place.tables);
	return rc;
}
