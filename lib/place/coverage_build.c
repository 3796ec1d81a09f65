/* coverage_build.c — compile collected rules: one place per area and name, its claims in order.
 *
 * Neighbours: coverage_source.c checked each rule; here they meet the gazetteer, whose codes and
 * folding they must share with the addresses. cover_read.c and cover_claim.c read
 * what is laid out.
 */
#include "cover_latin.h"
#include "hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One rule on its way to its place. */
struct item {
	const struct coverage_rule *rule;
	const uint32_t *name; /* Folded. */
	uint32_t len, area;
	uint32_t id, word; /* Offsets into words. */
	uint32_t place;
	uint8_t level;
};

struct builder {
	struct coverage *coverage;
	const struct gazetteer *gazetteer;
	struct fold_table *table;
	struct folded *folded;
	struct item *items;
	uint32_t *names; /* Of all items, one after the other. */
	size_t len, names_len, words_len;
};

static uint8_t level_of(const struct coverage_rule *rule)
{
	bool whole = rule->from == 0 && rule->to == COVERAGE_OPEN && rule->parity == COVERAGE_ALL;

	switch (rule->kind) {
	case COVERAGE_ROAD:
		return CLAIM_ROAD;
	case COVERAGE_RANGE:
		return rule->from == rule->to ? CLAIM_SINGLE : CLAIM_RANGE;
	case COVERAGE_SUB:
		return CLAIM_SUB;
	case COVERAGE_ESTATE:
		return whole ? CLAIM_ESTATE : CLAIM_BUILDING;
	case COVERAGE_EXCEPT:
		return CLAIM_EXCEPT;
	case COVERAGE_NOT_OURS:
	case COVERAGE_KINDS:
		break;
	}
	return CLAIM_NOT_OURS;
}

static int compare_names(const struct item *left, const struct item *right)
{
	for (uint32_t i = 0; i < left->len && i < right->len; i++)
		if (left->name[i] != right->name[i])
			return left->name[i] < right->name[i] ? -1 : 1;
	return left->len < right->len ? -1 : left->len > right->len;
}

/* By area, name, and whether it is an estate: rules of one place are neighbours. */
static int compare_places(const void *a, const void *b)
{
	const struct item *left = a, *right = b;

	if (left->area != right->area)
		return left->area < right->area ? -1 : 1;
	if (left->rule->estate != right->rule->estate)
		return left->rule->estate ? 1 : -1;
	return compare_names(left, right);
}

static int compare_numbers(uint64_t left, uint64_t right)
{
	return left < right ? -1 : left > right;
}

static int compare_claims(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;
	const int order[] = {
		compare_numbers(left->place, right->place),
		compare_numbers(left->level, right->level),
		compare_numbers(left->lane, right->lane),
		compare_numbers(left->from, right->from),
		compare_numbers(left->to, right->to),
		compare_numbers(left->unit, right->unit),
		compare_numbers(left->id, right->id),
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (order[i] != 0)
			return order[i];
	return 0;
}

/* Keep STRING among the words of the coverage; returns where. */
static uint32_t keep(struct builder *builder, const char *string)
{
	size_t size = strlen(string) + 1, at = builder->words_len;

	memcpy(builder->coverage->words + at, string, size);
	builder->words_len += size;
	return (uint32_t)at;
}

static void add_item(struct builder *builder, const struct coverage_rule *rule)
{
	struct folded *folded = builder->folded;
	struct item *item = &builder->items[builder->len++];

	fold(builder->table, rule->name, strlen(rule->name), folded);
	memcpy(builder->names + builder->names_len, folded->symbols,
	       folded->len * sizeof(*folded->symbols));
	*item = (struct item){
		.rule = rule,
		.name = builder->names + builder->names_len,
		.len = (uint32_t)folded->len,
		.area = (uint32_t)coverage_number_of(rule->area),
		.id = keep(builder, rule->id),
		.word = keep(builder, rule->name),
		.level = level_of(rule),
	};
	builder->names_len += folded->len;
}

static void add_place(struct builder *builder, const struct item *item)
{
	struct coverage *coverage = builder->coverage;
	uint32_t index = (uint32_t)coverage->places_len++;
	uint32_t reversed[COVERAGE_NAME_CAP];

	coverage->places[index] = (struct coverage_place){
		.area = item->area,
		.estate = item->rule->estate,
		.name = item->word,
		.key = hash_bytes(HASH_START, item->name, item->len * sizeof(*item->name)),
	};
	if (item->rule->estate) {
		index_add(&coverage->estates, item->name, item->len, index);
		return;
	}
	assert(item->len < COVERAGE_NAME_CAP);
	for (uint32_t i = 0; i < item->len; i++)
		reversed[i] = item->name[item->len - 1 - i];
	index_add(&coverage->roads, reversed, item->len, index);
	cover_add_sounds(coverage, builder->gazetteer, item->name, item->len, index);
}

static void add_claims(struct builder *builder)
{
	struct coverage *coverage = builder->coverage;

	for (size_t i = 0; i < builder->len; i++) {
		const struct item *item = &builder->items[i];
		if (i == 0 || compare_places(item - 1, item) != 0)
			add_place(builder, item);
		coverage->claims[coverage->claims_len++] = (struct claim){
			.place = (uint32_t)coverage->places_len - 1,
			.level = item->level,
			.number = (uint8_t)item->rule->number,
			.parity = (uint8_t)item->rule->parity,
			.lane = item->rule->lane,
			.from = item->rule->from,
			.to = item->rule->to,
			.id = item->id,
			.unit = coverage_number_of(item->rule->code),
		};
	}
	qsort(coverage->claims, coverage->claims_len, sizeof(*coverage->claims), compare_claims);
}

/* Where each level of each place begins, and how far the claims up to each one reach. */
static void lay_out(struct coverage *coverage)
{
	size_t at = 0;

	for (uint32_t place = 0; place < coverage->places_len; place++) {
		for (size_t level = 0; level < CLAIM_LEVELS; level++) {
			coverage->places[place].starts[level] = (uint32_t)at;
			while (at < coverage->claims_len && coverage->claims[at].place == place &&
			       coverage->claims[at].level == level)
				at++;
		}
		coverage->places[place].starts[CLAIM_LEVELS] = (uint32_t)at;
	}
	for (size_t i = 0; i < coverage->claims_len; i++) {
		struct claim *claim = &coverage->claims[i];
		bool goes_on = i > 0 && claim[-1].place == claim->place &&
			       claim[-1].level == claim->level && claim[-1].lane == claim->lane;
		claim->reach = goes_on && claim[-1].reach > claim->to ? claim[-1].reach : claim->to;
	}
}

static int check_codes(const struct coverage_source *source, const struct gazetteer *gazetteer,
		       struct err *err)
{
	for (size_t i = 0; i < source->rules_len; i++) {
		const struct coverage_rule *rule = &source->rules[i];
		if (!gazetteer_has(gazetteer, rule->code))
			return err_set(err, CL_ENOENT, "rule %s: no unit has the code %s", rule->id,
				       rule->code);
		if (!gazetteer_has(gazetteer, rule->area))
			return err_set(err, CL_ENOENT, "rule %s: no county has the code %s",
				       rule->id, rule->area);
	}
	for (size_t i = 0; i < source->boundaries.len; i++) {
		const struct boundary *boundary = &source->boundaries.list[i];
		if (!gazetteer_has(gazetteer, boundary->code))
			return err_set(err, CL_ENOENT, "boundary %s: no unit has the code %s",
				       boundary->id, boundary->code);
	}
	return 0;
}

static void compile(struct coverage *coverage, const struct coverage_source *source,
		    const struct gazetteer *gazetteer)
{
	size_t len = source->rules_len, words = 1;
	struct builder builder = {.coverage = coverage, .gazetteer = gazetteer};

	for (size_t i = 0; i < len; i++)
		words += strlen(source->rules[i].id) + strlen(source->rules[i].name) + 2;
	builder.table = mem_alloc(sizeof(*builder.table));
	builder.folded = mem_alloc(sizeof(*builder.folded));
	builder.items = mem_alloc((len + 1) * sizeof(*builder.items));
	builder.names = mem_alloc(words * sizeof(*builder.names));
	coverage->words = mem_alloc(words);
	coverage->places = mem_alloc((len + 1) * sizeof(*coverage->places));
	coverage->claims = mem_alloc((len + 1) * sizeof(*coverage->claims));
	fold_table_init(builder.table, gazetteer->fold_from, gazetteer->fold_to,
			gazetteer->fold_len);
	for (size_t i = 0; i < len; i++)
		add_item(&builder, &source->rules[i]);
	qsort(builder.items, builder.len, sizeof(*builder.items), compare_places);
	add_claims(&builder);
	lay_out(coverage);
	index_build(&coverage->roads);
	index_build(&coverage->estates);
	index_build(&coverage->sounds);
	mem_free(builder.table);
	mem_free(builder.folded);
	mem_free(builder.items);
	mem_free(builder.names);
}

int coverage_build(struct coverage **out, const struct coverage_source *source,
		   const struct gazetteer *gazetteer, struct err *err)
{
	int rc = check_codes(source, gazetteer, err);

	assert(out);
	*out = NULL;
	if (rc < 0)
		return rc;
	struct coverage *coverage = mem_alloc(sizeof(*coverage));
	index_init(&coverage->roads);
	index_init(&coverage->estates);
	index_init(&coverage->sounds);
	compile(coverage, source, gazetteer);
	coverage->boundaries = boundary_build(&source->boundaries);
	*out = coverage;
	return 0;
}

void coverage_free(struct coverage *coverage)
{
	if (!coverage)
		return;
	index_release(&coverage->roads);
	index_release(&coverage->estates);
	index_release(&coverage->sounds);
	boundary_free(coverage->boundaries);
	mem_free(coverage->places);
	mem_free(coverage->claims);
	mem_free(coverage->words);
	mem_free(coverage);
}
