/* cover_point.c — the outlines that hold a point meet the verdict by names and rules.
 *
 * A point decides between committees that fit already; it never overrules one that is written or
 * ruled, and on an edge between two a human is asked. Neighbours: cover.c calls it last, boundary.c
 * finds the outlines.
 */
#include "cover_answer.h"

#include <string.h>

#include "closedloop/text.h"

#include "boundary.h"
#include "match_why.h"

#define POINT_CONFIDENCE 0.99
#define EDGE_CONFIDENCE	 0.90 /* Nobody else has it, but the next one may have no outline. */

/* The deepest code that LEFT and RIGHT share, written over LEFT. */
static void keep_common(char *left, const char *right)
{
	static const size_t lengths[] = {9, 6, 4, 2};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		if (strlen(left) > lengths[i])
			left[lengths[i]] = '\0';
		if (strncmp(left, right, strlen(left)) == 0)
			return;
	}
	left[0] = '\0';
}

/* The point and what is written do not agree, or the point does not decide. */
static void ask_point(const struct boundary_hit *hits, size_t len, struct match *out)
{
	bool answered = out->verdict >= MATCH_PROBABLE;
	enum match_why why = answered || out->candidates_len > 0 ? MATCH_WHY_RULE_AGAINST
			     : len > 1 && !hits[0].edge		 ? MATCH_WHY_RULES
								 : MATCH_WHY_EDGE;
	size_t of = len + (answered ? 1 : 0);
	uint64_t before = answered ? coverage_number_of(out->code) : 0;
	char scope[UNIT_CODE_CAP];

	memcpy(scope, answered || !*out->code ? hits[0].code : out->code, sizeof(scope));
	for (size_t i = 0; i < len; i++)
		keep_common(scope, hits[i].code);
	if (answered) {
		keep_common(scope, out->code);
		out->candidates_len = 0;
	}
	out->verdict = MATCH_AMBIGUOUS;
	out->confidence = 0;
	for (size_t i = 0; i < len; i++)
		cover_add(out, coverage_number_of(hits[i].code), 1.0 / (double)of);
	if (answered)
		cover_add(out, before, 1.0 / (double)of);
	memcpy(out->code, scope, sizeof(scope));
	cover_say(out, why, hits[0].id, NULL);
}

/* Does HIT name one of several that fit, or lie in a place that nothing else divides? */
static bool decides(const struct boundary_hit *hit, const struct match *out)
{
	if (!text_starts(hit->code, out->code) || out->why == MATCH_WHY_TORN ||
	    out->why == MATCH_WHY_CONTRADICTED || out->why == MATCH_WHY_RULE_AGAINST)
		return false;
	for (size_t i = 0; i < out->candidates_len; i++)
		if (strcmp(out->candidates[i].code, hit->code) == 0)
			return true;
	return out->candidates_len == 0 || out->why == MATCH_WHY_RULE_OTHER;
}

void cover_judge_point(const struct cover *cover, struct match *out)
{
	struct boundary_hit hits[COVER_UNITS];
	size_t len;

	/* Those that answer together: one holds the point, or several touch it. */
	len = boundary_find(cover->coverage->boundaries, cover->point, hits, ARRAY_LEN(hits));
	if (len == 0)
		return;
	if (out->verdict < MATCH_PROBABLE && len == 1 && decides(&hits[0], out)) {
		cover_answer(cover, coverage_number_of(hits[0].code),
			     hits[0].edge ? MATCH_PROBABLE : MATCH_EXACT,
			     hits[0].edge ? EDGE_CONFIDENCE : POINT_CONFIDENCE, out);
		cover_say(out, MATCH_WHY_BOUNDARY, hits[0].id, NULL);
		return;
	}
	if (out->verdict >= MATCH_PROBABLE)
		for (size_t i = 0; i < len; i++)
			if (strcmp(hits[i].code, out->code) == 0)
				return;
	ask_point(hits, len, out);
}
