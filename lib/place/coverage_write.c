/* coverage_write.c — a rule as a row of a table, and as a line of units.yaml.
 *
 * Neighbours: coverage_read.c reads the rows back, lib/conf the lines: what is written here means
 * the same when it is read again. */
#include "closedloop/coverage.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

static const char *const kinds[] = {
	[COVERAGE_ROAD] = "road",     [COVERAGE_RANGE] = "range",
	[COVERAGE_SUB] = "sub",	      [COVERAGE_ESTATE] = "estate",
	[COVERAGE_EXCEPT] = "except", [COVERAGE_NOT_OURS] = "not_ours",
};

static const char *const types[] = {
	[COVERAGE_ANY] = "any", [COVERAGE_LANE] = "弄", [COVERAGE_HOUSE] = "号"};

static const char *const parities[] = {
	[COVERAGE_ALL] = "all", [COVERAGE_ODD] = "odd", [COVERAGE_EVEN] = "even"};

_Static_assert(ARRAY_LEN(kinds) == COVERAGE_KINDS, "a kind lacks its word");

static const char *kind_word(enum coverage_kind kind)
{
	assert((size_t)kind < ARRAY_LEN(kinds));
	return kinds[kind];
}

static bool is_whole(const struct coverage_rule *rule)
{
	return rule->from == 0 && rule->to == COVERAGE_OPEN;
}

/* A field can hold neither a TAB nor a line's end. */
static void add_field(struct text *out, const char *field)
{
	for (; *field; field++)
		text_add_bytes(out, (unsigned char)*field < ' ' ? " " : field, 1);
	text_add(out, "\t");
}

void coverage_write_row(const struct coverage_rule *rule, const char *unit, struct text *out)
{
	bool numbered = !rule->estate && (!is_whole(rule) || rule->kind == COVERAGE_RANGE ||
					  rule->number != COVERAGE_ANY);

	add_field(out, rule->id);
	add_field(out, unit);
	add_field(out, rule->code);
	text_addf(out, "%.6s\t%s\t", rule->area ? rule->area : rule->code, kind_word(rule->kind));
	add_field(out, rule->name);
	if (rule->lane)
		text_addf(out, "%u", (unsigned)rule->lane);
	text_addf(out, "\t%s\t%s\t", numbered ? types[rule->number] : "", parities[rule->parity]);
	if (!is_whole(rule))
		text_addf(out, "%u", (unsigned)rule->from);
	text_add(out, "\t");
	if (rule->to != COVERAGE_OPEN)
		text_addf(out, "%u", (unsigned)rule->to);
	text_addf(out, "\t%s", rule->estate && rule->kind != COVERAGE_ESTATE ? "yes" : "");
}

static void add_quoted(struct text *out, const char *string)
{
	text_add(out, "\"");
	for (; *string; string++) {
		if (*string == '"' || *string == '\\')
			text_add(out, "\\");
		text_add_bytes(out, (unsigned char)*string < ' ' ? " " : string, 1);
	}
	text_add(out, "\"");
}

static void add_numbers(struct text *out, const char *key, const struct coverage_rule *rule)
{
	text_addf(out, ", %s: \"%u", key, (unsigned)rule->from);
	if (rule->to == COVERAGE_OPEN)
		text_add(out, "-");
	else if (rule->to != rule->from)
		text_addf(out, "-%u", (unsigned)rule->to);
	text_add(out, "\"");
}

void coverage_write_yaml(const struct coverage_rule *rule, struct text *out)
{
	static const char *const keys[] = {
		[COVERAGE_ANY] = "numbers", [COVERAGE_LANE] = "lanes", [COVERAGE_HOUSE] = "houses"};
	bool estate = rule->estate || rule->kind == COVERAGE_ESTATE;
	bool inner = rule->kind == COVERAGE_EXCEPT || rule->kind == COVERAGE_NOT_OURS;

	text_add(out, "{");
	if (inner)
		text_addf(out, "%s: {", kind_word(rule->kind));
	text_add(out, estate ? "estate: " : "road: ");
	add_quoted(out, rule->name);
	if (rule->lane)
		text_addf(out, ", lane: %u", (unsigned)rule->lane);
	if (!is_whole(rule) || rule->parity != COVERAGE_ALL ||
	    (rule->number != COVERAGE_ANY && !rule->lane))
		add_numbers(out,
			    estate	 ? "buildings"
			    : rule->lane ? "houses"
					 : keys[rule->number],
			    rule);
	if (rule->parity != COVERAGE_ALL)
		text_addf(out, ", side: %s", parities[rule->parity]);
	if (rule->area && strncmp(rule->area, rule->code, 6) != 0)
		text_addf(out, ", area: \"%.6s\"", rule->area);
	text_add(out, inner ? "}}" : "}");
}

/* "501–576弄 (odd)" */
static void add_doors(struct text *out, uint32_t from, uint32_t to, enum coverage_number number,
		      enum coverage_parity parity)
{
	text_addf(out, " %u", (unsigned)from);
	if (to == COVERAGE_OPEN)
		text_add(out, "–");
	else if (to != from)
		text_addf(out, "–%u", (unsigned)to);
	if (number != COVERAGE_ANY)
		text_add(out, types[number]);
	if (parity != COVERAGE_ALL && to != from)
		text_addf(out, " (%s)", parities[parity]);
}

void coverage_doors(const struct coverage_conflict *conflict, struct text *out)
{
	if (conflict->lane)
		text_addf(out, " %u弄", (unsigned)conflict->lane);
	if (conflict->from > 0 || conflict->to != COVERAGE_OPEN)
		add_doors(out, conflict->from, conflict->to, conflict->number, conflict->parity);
}

void coverage_gap_doors(const struct coverage_gap *gap, struct text *out)
{
	text_add(out, gap->name);
	add_doors(out, gap->from, gap->to, gap->number, gap->parity);
}
