/* coverage_source.c — rules and boundaries as they are collected, each checked by itself.
 *
 * Neighbours: coverage_read.c fills it from tables, coverage_build.c compiles it.
 */
#include "coverage_table.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

struct coverage_source *coverage_source_new(void)
{
	struct coverage_source *source = mem_alloc(sizeof(*source));

	source->arena = (struct arena)ARENA_INIT;
	fold_table_init(&source->table, NULL, NULL, 0);
	return source;
}

void coverage_source_free(struct coverage_source *source)
{
	if (!source)
		return;
	boundary_source_release(&source->boundaries);
	mem_free(source->rules);
	arena_release(&source->arena);
	mem_free(source);
}

uint64_t coverage_number_of(const char *code)
{
	uint64_t value = 0;

	for (; *code; code++)
		value = value * 10 + (uint64_t)(*code - '0');
	return value;
}

void coverage_code_of(uint64_t unit, char code[UNIT_CODE_CAP])
{
	size_t digits = COVERAGE_UNIT_IS_STREET(unit) ? 9 : UNIT_CODE_MAX;

	for (code[digits] = '\0'; digits > 0; unit /= 10)
		code[--digits] = (char)('0' + unit % 10);
}

const char *coverage_quote(char room[COVERAGE_QUOTE_CAP], const char *value)
{
	(void)text_copy(room, COVERAGE_QUOTE_CAP, value);
	return room;
}

static int check_id(const char *id, struct err *err)
{
	char room[COVERAGE_QUOTE_CAP];

	if (!*id || strlen(id) >= MATCH_RULE_CAP)
		return err_set(err, CL_EINVAL, "id '%s': 1 to %d bytes", coverage_quote(room, id),
			       MATCH_RULE_CAP - 1);
	return 0;
}

/* Of what RULE takes: a whole road or estate, numbers, houses inside a lane. */
static int check_shape(const struct coverage_rule *rule, struct err *err)
{
	bool numbered = rule->from > 0 || rule->to != COVERAGE_OPEN;

	if (rule->to < rule->from)
		return err_set(err, CL_EINVAL, "range %lu-%lu: it ends before it begins",
			       (unsigned long)rule->from, (unsigned long)rule->to);
	if (rule->from > COVERAGE_NUMBER_MAX ||
	    (rule->to > COVERAGE_NUMBER_MAX && rule->to != COVERAGE_OPEN))
		return err_set(err, CL_EINVAL, "range %lu-%lu: numbers go to %d",
			       (unsigned long)rule->from, (unsigned long)rule->to,
			       COVERAGE_NUMBER_MAX);
	if (rule->kind == COVERAGE_ROAD && (numbered || rule->parity != COVERAGE_ALL))
		return err_set(err, CL_EINVAL, "kind road takes no numbers: that is a range");
	if (rule->kind == COVERAGE_SUB && (rule->lane == 0 || rule->lane > COVERAGE_NUMBER_MAX))
		return err_set(err, CL_EINVAL, "kind sub needs its lane, 1 to %d",
			       COVERAGE_NUMBER_MAX);
	if (rule->lane > 0 && rule->kind != COVERAGE_SUB && rule->kind != COVERAGE_EXCEPT &&
	    rule->kind != COVERAGE_NOT_OURS)
		return err_set(err, CL_EINVAL, "lane %lu: only of kind sub, except or not_ours",
			       (unsigned long)rule->lane);
	if (rule->lane > 0 && rule->estate)
		return err_set(err, CL_EINVAL, "lane %lu: an estate has none",
			       (unsigned long)rule->lane);
	return 0;
}

static int check(struct coverage_source *source, const struct coverage_rule *rule, struct err *err)
{
	struct folded *folded = &source->folded;
	size_t digits = strlen(rule->code);
	char room[COVERAGE_QUOTE_CAP];
	int rc;

	if ((rc = check_id(rule->id, err)) < 0 || (rc = check_shape(rule, err)) < 0)
		return rc;
	if ((digits != 9 && digits != UNIT_CODE_MAX) || !text_is_digits(rule->code, digits))
		return err_set(err, CL_EINVAL, "code '%s': 12 digits, or the 9 of a street",
			       coverage_quote(room, rule->code));
	if (rule->area && !text_is_digits(rule->area, 6))
		return err_set(err, CL_EINVAL, "area '%s': the 6 digits of a county",
			       coverage_quote(room, rule->area));
	if (rule->area && strncmp(rule->area, rule->code, 2) != 0)
		return err_set(err, CL_EINVAL, "area %s: another province than code %s", rule->area,
			       rule->code);
	fold(&source->table, rule->name, strlen(rule->name), folded);
	if (folded->len == 0 || strlen(rule->name) >= COVERAGE_NAME_CAP)
		return err_set(err, CL_EINVAL, "name '%s': 1 to %d bytes, with a letter in it",
			       coverage_quote(room, rule->name), COVERAGE_NAME_CAP - 1);
	if (folded->len < 2)
		return err_set(err, CL_EINVAL, "name '%s': one letter is found everywhere",
			       rule->name);
	if (source->rules_len == COVERAGE_RULES_MAX)
		return err_set(err, CL_ELIMIT, "more than %d rules", COVERAGE_RULES_MAX);
	return 0;
}

int coverage_add_rule(struct coverage_source *source, const struct coverage_rule *rule,
		      struct err *err)
{
	int rc = check(source, rule, err);

	if (rc < 0)
		return rc;
	if (source->rules_len == source->rules_cap) {
		source->rules_cap = (source->rules_cap + 32) * 2;
		source->rules = mem_grow(source->rules, source->rules_cap * sizeof(*source->rules));
	}
	struct coverage_rule *copy = &source->rules[source->rules_len++];
	*copy = *rule;
	copy->id = arena_copy(&source->arena, rule->id);
	copy->code = arena_copy(&source->arena, rule->code);
	copy->name = arena_copy(&source->arena, rule->name);
	copy->area = arena_copy_bytes(&source->arena, rule->area ? rule->area : rule->code, 6);
	copy->estate = rule->kind == COVERAGE_ESTATE || rule->estate;
	/* An estate counts buildings, a whole road nothing: neither 弄 nor 号 says anything there.
	 */
	if (copy->estate || copy->kind == COVERAGE_ROAD)
		copy->number = COVERAGE_ANY;
	return 0;
}

size_t coverage_source_rules(const struct coverage_source *source)
{
	return source->rules_len;
}

size_t coverage_source_boundaries(const struct coverage_source *source)
{
	return source->boundaries.len;
}

const struct coverage_rule *coverage_source_rule(const struct coverage_source *source, size_t index)
{
	assert(index < source->rules_len);
	return &source->rules[index];
}

int coverage_add_boundary(struct coverage_source *source, const char *id, const char *code,
			  struct err *err)
{
	char room[COVERAGE_QUOTE_CAP];
	int rc = check_id(id, err);

	if (rc < 0)
		return rc;
	if (!text_is_digits(code, UNIT_CODE_MAX))
		return err_set(err, CL_EINVAL, "code '%s': 12 digits", coverage_quote(room, code));
	boundary_begin(&source->boundaries, arena_copy(&source->arena, id),
		       arena_copy(&source->arena, code));
	return 0;
}

int coverage_add_ring(struct coverage_source *source, const struct geo_point *points, size_t len,
		      struct err *err)
{
	return boundary_ring(&source->boundaries, points, len, err);
}

int coverage_add_wkt(struct coverage_source *source, const char *id, const char *code,
		     const char *wkt, struct err *err)
{
	int rc = coverage_add_boundary(source, id, code, err);

	if (rc < 0)
		return rc;
	rc = wkt_read(&source->boundaries, wkt, err);
	if (rc < 0)
		boundary_undo(&source->boundaries);
	return rc;
}
