/* conf_coverage.c — which doors a unit covers, as units.yaml says it.
 * Neighbours: conf_unit.c has the units; conf_coverage_file.c reads tables and boundaries;
 * conf_coverage_check.c compiles all of it once the gazetteer is there. */
#include "conf_coverage.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

/* One entry as written. */
struct coverage_entry {
	const char *road, *estate, *area;
	const struct node *also, *numbers, *houses, *lanes, *lane, *buildings;
	const struct node *except, *not_ours, *list;
	int side;
};

#define AT(member) offsetof(struct coverage_entry, member)
#define ONE	   ALLOW(NODE_SCALAR)
#define MANY	   ALLOW(NODE_LIST)
#define MAP	   ALLOW(NODE_MAP)

static const struct choice sides[] = {
	{"both", COVERAGE_ALL}, {"odd", COVERAGE_ODD}, {"even", COVERAGE_EVEN}, {NULL, 0}};

static const struct field coverage_fields[] = {
	{.key = "road", .type = FIELD_TEXT, .offset = AT(road), .says = "a road by its name"},
	{.key = "numbers",
	 .type = FIELD_NODE,
	 .offset = AT(numbers),
	 .allowed = ONE,
	 .says = "lanes and houses of the road: \"90-500, 612\""},
	{.key = "houses",
	 .type = FIELD_NODE,
	 .offset = AT(houses),
	 .allowed = ONE,
	 .says = "houses (号) only"},
	{.key = "lanes",
	 .type = FIELD_NODE,
	 .offset = AT(lanes),
	 .allowed = ONE,
	 .says = "lanes (弄) only"},
	{.key = "lane",
	 .type = FIELD_NODE,
	 .offset = AT(lane),
	 .allowed = ONE,
	 .says = "the lane whose houses are meant"},
	{.key = "side",
	 .type = FIELD_WORD,
	 .offset = AT(side),
	 .choices = sides,
	 .says = "odd or even numbers only"},
	{.key = "estate",
	 .type = FIELD_TEXT,
	 .offset = AT(estate),
	 .says = "an estate by its name"},
	{.key = "also",
	 .type = FIELD_NODE,
	 .offset = AT(also),
	 .allowed = ONE | MANY,
	 .says = "what else the estate is called"},
	{.key = "buildings",
	 .type = FIELD_NODE,
	 .offset = AT(buildings),
	 .allowed = ONE,
	 .says = "some of its buildings only"},
	{.key = "area",
	 .type = FIELD_TEXT,
	 .offset = AT(area),
	 .says = "another county than the unit's own"},
	{.key = "except",
	 .type = FIELD_NODE,
	 .offset = AT(except),
	 .allowed = MAP,
	 .says = "taken out of the unit's other entries"},
	{.key = "not_ours",
	 .type = FIELD_NODE,
	 .offset = AT(not_ours),
	 .allowed = MAP,
	 .says = "not the unit's, whatever its name resembles"},
	{.key = "list",
	 .type = FIELD_NODE,
	 .offset = AT(list),
	 .allowed = ONE,
	 .says = "a list as the committee wrote it"},
};
static SCHEMA(coverage, "an entry of coverage");

/* An entry being read. */
struct draft {
	struct loader *loader;
	const struct node *map;
	const char *who;
	struct coverage_rule rule; /* What all its rules share. */
};

/* --- numbers --- */

static void add_rule(const struct draft *draft, const struct coverage_rule *rule,
		     const struct node *at)
{
	struct err err = ERR_INIT;

	conf_coverage_here(draft->loader, draft->map);
	if (coverage_add_rule(draft->loader->conf->coverage_rules, rule, &err) < 0)
		conf_error(draft->loader, at, "%s: %s", draft->who, err.text);
}

/* Skip what people put between numbers. */
static const char *skip(const char *at, const char *const *marks)
{
	for (size_t i = 0; marks[i]; i++) {
		size_t len = strlen(marks[i]);

		if (strncmp(at, marks[i], len) == 0) {
			at += len;
			i = SIZE_MAX; /* From the first mark again. */
		}
	}
	return at;
}

/* A number of at most five digits; NULL when there is none. */
static const char *read_number(const char *at, uint32_t *value)
{
	size_t len = strspn(at, "0123456789");

	if (len == 0 || len > 5)
		return NULL;
	*value = (uint32_t)strtoul(at, NULL, 10);
	return at + len;
}

/* One of "79", "90-500", "1350-", "-200" into FROM and TO; NULL when it is none. */
static const char *read_range(const char *at, uint32_t *from, uint32_t *to)
{
	static const char *const dashes[] = {"-", "–", "—", "～", "~", " ", NULL};
	static const char *const blanks[] = {" ", NULL};
	const char *dash;
	bool open = true;

	*from = 0;
	*to = COVERAGE_OPEN;
	if (*at >= '0' && *at <= '9') {
		at = read_number(at, from);
		if (!at)
			return NULL;
		open = false;
	}
	dash = skip(at, dashes);
	if (skip(at, blanks) == dash) {
		*to = *from;
		return open ? NULL : at;
	}
	if (*dash < '0' || *dash > '9')
		return open ? NULL : dash;
	return read_number(dash, to);
}

/* Each range of NODE as a rule like DRAFT's. */
static void read_numbers(const struct draft *draft, const struct node *node,
			 const struct coverage_rule *like)
{
	static const char *const commas[] = {",", "，", "、", ";", "；", " ", NULL};
	struct coverage_rule rule = *like;
	const char *at;

	if (!conf_text(draft->loader, node, draft->who))
		return;
	at = skip(node->text, commas);
	do {
		const char *rest = read_range(at, &rule.from, &rule.to);

		if (!rest || (*rest && skip(rest, commas) == rest)) {
			conf_error(draft->loader, node,
				   "%s: \"%.*s\" is no number or range such as \"90-500\"",
				   draft->who, (int)text_cut_at(at, strlen(at), 32), at);
			return;
		}
		add_rule(draft, &rule, node);
		at = skip(rest, commas);
	} while (*at);
}

/* --- entries --- */

static bool is_taken_away(const struct draft *draft)
{
	return draft->rule.kind == COVERAGE_EXCEPT || draft->rule.kind == COVERAGE_NOT_OURS;
}

static void read_estate(struct draft *draft, const struct coverage_entry *entry)
{
	struct coverage_rule rule = draft->rule;
	const struct node **also = NULL;
	size_t also_len =
		entry->also ? conf_texts(draft->loader, entry->also, draft->who, &also) : 0;

	rule.estate = true;
	if (!is_taken_away(draft))
		rule.kind = COVERAGE_ESTATE;
	if (entry->side && !entry->buildings)
		conf_error(draft->loader, conf_child(draft->map, "side"),
			   "%s: a side needs buildings", draft->who);
	for (size_t i = 0; i <= also_len; i++) {
		rule.name = i == 0 ? entry->estate : also[i - 1]->text;
		rule.to = COVERAGE_OPEN;
		if (entry->buildings)
			read_numbers(draft, entry->buildings, &rule);
		else
			add_rule(draft, &rule, i == 0 ? draft->map : also[i - 1]);
	}
}

static void read_lane(struct draft *draft, const struct coverage_entry *entry)
{
	struct coverage_rule rule = draft->rule;
	uint32_t lane;
	const char *rest = read_number(entry->lane->text, &lane);

	if (!conf_text(draft->loader, entry->lane, draft->who))
		return;
	if (!rest || *rest || lane == 0) {
		conf_error(draft->loader, entry->lane,
			   "%s: lane is one number; several are \"lanes\"", draft->who);
		return;
	}
	rule.name = entry->road;
	if (!entry->houses) {
		rule.number = COVERAGE_LANE;
		rule.from = rule.to = lane;
		if (!is_taken_away(draft))
			rule.kind = COVERAGE_RANGE;
		add_rule(draft, &rule, draft->map);
		return;
	}
	rule.lane = lane;
	rule.number = COVERAGE_HOUSE;
	if (!is_taken_away(draft))
		rule.kind = COVERAGE_SUB;
	read_numbers(draft, entry->houses, &rule);
}

static void read_road(struct draft *draft, const struct coverage_entry *entry)
{
	struct coverage_rule rule = draft->rule;

	if (entry->lane) {
		read_lane(draft, entry);
		return;
	}
	rule.name = entry->road;
	if (!is_taken_away(draft))
		rule.kind = COVERAGE_RANGE;
	if (entry->numbers)
		read_numbers(draft, entry->numbers, &rule);
	rule.number = COVERAGE_HOUSE;
	if (entry->houses)
		read_numbers(draft, entry->houses, &rule);
	rule.number = COVERAGE_LANE;
	if (entry->lanes)
		read_numbers(draft, entry->lanes, &rule);
	if (entry->numbers || entry->houses || entry->lanes)
		return;
	rule.number = COVERAGE_ANY;
	/* One side of all of it are its numbers from the first on. */
	if (rule.parity != COVERAGE_ALL)
		rule.from = 1;
	else if (!is_taken_away(draft))
		rule.kind = COVERAGE_ROAD;
	add_rule(draft, &rule, draft->map);
}

static void complain_list(void *context, int line, const char *text)
{
	const struct draft *draft = context;

	(void)line; /* Where a block of text begins is known, not where it was folded. */
	conf_error(draft->loader, draft->map, "%s: list: %s", draft->who, text);
}

static void read_list(struct draft *draft, const struct node *list)
{
	if (!conf_text(draft->loader, list, draft->who))
		return;
	conf_coverage_here(draft->loader, draft->map);
	(void)coverage_read_list(draft->loader->conf->coverage_rules, draft->rule.id,
				 draft->rule.code, list->text, complain_list, draft);
}

/* Keys that say something of another subject than the one given. */
static void refuse_stray(struct draft *draft, const struct coverage_entry *entry)
{
	static const struct stray {
		const char *key;
		size_t offset;
		bool of_road;
	} strays[] = {
		{"numbers", AT(numbers), true}, {"houses", AT(houses), true},
		{"lanes", AT(lanes), true},	{"lane", AT(lane), true},
		{"also", AT(also), false},	{"buildings", AT(buildings), false},
	};

	for (size_t i = 0; i < ARRAY_LEN(strays); i++) {
		const struct node *node;

		memcpy(&node, (const char *)entry + strays[i].offset, sizeof(node));
		if (!node || (strays[i].of_road ? entry->road : entry->estate))
			continue;
		conf_error(draft->loader, node->key, "%s: \"%s\" goes with %s", draft->who,
			   strays[i].key, strays[i].of_road ? "a road" : "an estate");
	}
	if (entry->lane && (entry->lanes || entry->numbers))
		conf_error(draft->loader, entry->lane->key,
			   "%s: \"lane\" goes with houses; several lanes are \"lanes\"",
			   draft->who);
}

static void read_entry(struct draft *draft)
{
	struct coverage_entry entry = {.side = COVERAGE_ALL};
	struct loader *loader = draft->loader;
	bool nested = is_taken_away(draft);
	size_t errors = loader->report->errors;
	int subjects;

	conf_read_map(loader, draft->map, &coverage_schema, draft->who, &entry);
	if (loader->report->errors > errors)
		return;
	subjects = !!entry.road + !!entry.estate + !!entry.except + !!entry.not_ours + !!entry.list;
	if (subjects != 1 || (nested && !entry.road && !entry.estate)) {
		conf_error(loader, draft->map, "%s needs one of road, estate%s, and only one",
			   draft->who, nested ? "" : ", except, not_ours, list");
		return;
	}
	refuse_stray(draft, &entry);
	draft->rule.parity = (enum coverage_parity)entry.side;
	if (entry.area)
		draft->rule.area = entry.area;
	if (entry.road)
		read_road(draft, &entry);
	if (entry.estate)
		read_estate(draft, &entry);
	if (entry.list)
		read_list(draft, entry.list);
	if (entry.except || entry.not_ours) {
		struct draft inner = *draft;

		inner.map = entry.except ? entry.except : entry.not_ours;
		inner.rule.kind = entry.except ? COVERAGE_EXCEPT : COVERAGE_NOT_OURS;
		read_entry(&inner);
	}
}

void conf_read_coverage(struct loader *loader, const struct node *node, const char *code)
{
	const char *who = arena_printf(loader->arena, "coverage of unit %s", code);
	char id[MATCH_RULE_CAP];

	if (strlen(code) != 9 && strlen(code) != UNIT_CODE_MAX) {
		conf_error(loader, node->key, "%s: only committees and streets cover doors", who);
		return;
	}
	for (const struct node *map = node->first; map; map = map->next) {
		struct draft draft = {.loader = loader, .map = map, .who = who};

		if (!conf_is_kind(loader, map, NODE_MAP, who))
			continue;
		conf_coverage_id(map->source->name, map->line, id);
		draft.rule = (struct coverage_rule){.id = id, .code = code, .to = COVERAGE_OPEN};
		read_entry(&draft);
	}
}
