/* conf_roster.c — the rosters: who is on duty when, as written by the wall clock.
 * Neighbours: loop/roster.c answers for a minute; conf_roster_time.c reads times and periods and
 * looks for minutes that nobody covers; conf_roster_print.c writes them; conf_unit names the roster
 * of a unit. */
#include "conf_roster.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

#define ONE  ALLOW(NODE_SCALAR)
#define MANY ALLOW(NODE_LIST)

/* A roster as written. */
struct roster_entry {
	const char *name;
	const struct node *time_zone, *members, *holidays, *layers, *overrides;
	int64_t handover_before;
	bool allow_gap;
};

#define AT(member) offsetof(struct roster_entry, member)

static const struct field roster_fields[] = {
	{.key = "name",
	 .type = FIELD_NAME,
	 .offset = AT(name),
	 .required = true,
	 .says = "what units call the roster"},
	{.key = "time_zone",
	 .type = FIELD_NODE,
	 .offset = AT(time_zone),
	 .allowed = ONE,
	 .says = "whose wall clock counts; the configuration's when absent"},
	{.key = "handover_before",
	 .type = FIELD_DURATION,
	 .offset = AT(handover_before),
	 .most = WHEN_HOUR,
	 .otherwise = 5 * WHEN_MINUTE,
	 .says = "so long before a change both shifts are told what is open"},
	{.key = "members",
	 .type = FIELD_NODE,
	 .offset = AT(members),
	 .allowed = MANY,
	 .required = true,
	 .says = "who can be on duty, each with a name and an endpoint"},
	{.key = "holidays",
	 .type = FIELD_NODE,
	 .offset = AT(holidays),
	 .allowed = MANY,
	 .says = "dates that restrictions may leave out or mean only"},
	{.key = "layers",
	 .type = FIELD_NODE,
	 .offset = AT(layers),
	 .allowed = MANY,
	 .required = true,
	 .says = "whose turn it is; the first layer that has somebody answers"},
	{.key = "overrides",
	 .type = FIELD_NODE,
	 .offset = AT(overrides),
	 .allowed = MANY,
	 .says = "spans with others on duty than the layers say"},
	{.key = "allow_gap",
	 .type = FIELD_BOOL,
	 .offset = AT(allow_gap),
	 .says = "true: minutes with nobody on duty are meant"},
};
static SCHEMA(roster, "roster");

struct member_entry {
	const char *name;
	const struct node *endpoint;
};

static const struct field member_fields[] = {
	{.key = "name",
	 .type = FIELD_NAME,
	 .offset = offsetof(struct member_entry, name),
	 .required = true,
	 .says = "what rotations and overrides call the member"},
	{.key = "endpoint",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct member_entry, endpoint),
	 .allowed = ONE,
	 .says = "where the member is reached on duty"},
};
static SCHEMA(member, "member");

struct layer_entry {
	const char *name;
	const struct node *rotation, *restrictions;
};

static const struct field layer_fields[] = {
	{.key = "name",
	 .type = FIELD_NAME,
	 .offset = offsetof(struct layer_entry, name),
	 .required = true,
	 .says = "what messages about it call the layer"},
	{.key = "rotation",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct layer_entry, rotation),
	 .allowed = ALLOW(NODE_MAP),
	 .required = true,
	 .says = "who has a turn, and how long"},
	{.key = "restrictions",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct layer_entry, restrictions),
	 .allowed = MANY,
	 .says = "when the layer holds at all; always when absent"},
};
static SCHEMA(layer, "layer");

struct rotation_entry {
	const struct node *every, *begins, *members;
};

static const struct field rotation_fields[] = {
	{.key = "every",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct rotation_entry, every),
	 .allowed = ONE,
	 .required = true,
	 .says = "how long a turn is, as in 12 hours, 1 day, 2 weeks, 1 month"},
	{.key = "begins",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct rotation_entry, begins),
	 .allowed = ONE,
	 .required = true,
	 .says = "when the first member's turn begins, as in 2020-03-02 20:00"},
	{.key = "members",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct rotation_entry, members),
	 .allowed = MANY,
	 .required = true,
	 .says = "the members in turn; a list in the list is several at once"},
};
static SCHEMA(rotation, "rotation");

const struct choice roster_holiday_words[] = {
	{"any", ROSTER_ANY_DAY},
	{"except", ROSTER_NO_HOLIDAYS},
	{"only", ROSTER_ONLY_HOLIDAYS},
	{NULL, 0},
};

const struct choice roster_weekday_words[] = {
	{"mon", 0}, {"tue", 1}, {"wed", 2}, {"thu", 3},
	{"fri", 4}, {"sat", 5}, {"sun", 6}, {NULL, 0},
};

struct restriction_entry {
	const struct node *days;
	int64_t from, to;
	int holidays;
};

static const struct field restriction_fields[] = {
	{.key = "days",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct restriction_entry, days),
	 .allowed = MANY | ONE,
	 .says = "weekdays on which the span begins; every day when absent"},
	{.key = "from",
	 .type = FIELD_CLOCK,
	 .offset = offsetof(struct restriction_entry, from),
	 .says = "from this time of day"},
	{.key = "to",
	 .type = FIELD_CLOCK,
	 .offset = offsetof(struct restriction_entry, to),
	 .says = "to this time; on the next day when it is not later than from"},
	{.key = "holidays",
	 .type = FIELD_WORD,
	 .offset = offsetof(struct restriction_entry, holidays),
	 .choices = roster_holiday_words,
	 .says = "whether the span may, must not or must begin on a holiday"},
};
static SCHEMA(restriction, "restriction");

struct override_entry {
	const struct node *from, *to, *change[3]; /* By enum roster_change. */
};

static const struct field substitution_fields[] = {
	{.key = "from",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct override_entry, from),
	 .allowed = ONE,
	 .required = true,
	 .says = "when it begins, as in 2020-03-08 20:00"},
	{.key = "to",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct override_entry, to),
	 .allowed = ONE,
	 .required = true,
	 .says = "when it ends"},
	{.key = "add",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct override_entry, change[ROSTER_ADD]),
	 .allowed = MANY | ONE,
	 .says = "members on duty, too"},
	{.key = "remove",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct override_entry, change[ROSTER_REMOVE]),
	 .allowed = MANY | ONE,
	 .says = "members who are away"},
	{.key = "replace",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct override_entry, change[ROSTER_REPLACE]),
	 .allowed = MANY | ONE,
	 .says = "members on duty instead of all others"},
};
static SCHEMA(substitution, "override");

/* The list, cut at its bound after one report. */
static size_t bounded(struct loader *loader, const struct node *list, size_t most, const char *who)
{
	if (!list || list->bad)
		return 0;
	if (list->len <= most)
		return list->len;
	conf_error(loader, list, "%s: %zu are too many, there may be %zu", who, list->len, most);
	return most;
}

/* --- Members --- */

static void read_member(struct loader *loader, const struct node *map, const char *roster,
			struct roster_member *member)
{
	const char *who =
		arena_printf(loader->arena, "%s: %s", roster, conf_who(loader, map, "member"));
	struct member_entry entry = {.name = NULL};

	conf_read_map(loader, map, &member_schema, who, &entry);
	member->name = entry.name;
	if (!entry.endpoint) {
		if (!loader->incomplete)
			conf_error(loader, map, "%s is without a working contact: give an endpoint",
				   who);
		return;
	}
	if (conf_text(loader, entry.endpoint, who)) {
		member->endpoint = entry.endpoint->text;
		conf_refer(loader, REFER_ENDPOINT, entry.endpoint, who);
	}
}

static void read_members(struct loader *loader, const struct node *list, struct roster_draft *draft)
{
	size_t most = bounded(loader, list, ROSTER_MEMBERS_MAX,
			      arena_printf(loader->arena, "%s: members", draft->who));
	struct roster_member *members = arena_alloc(loader->arena, (most + 1) * sizeof(*members));
	size_t len = 0;

	draft->roster->members = members;
	if (list && !list->bad && list->len == 0)
		conf_error(loader, list, "%s: members: at least one is needed", draft->who);
	for (const struct node *map = most ? list->first : NULL; map && len < most;
	     map = map->next) {
		if (!conf_is_kind(loader, map, NODE_MAP, "a member"))
			continue;
		read_member(loader, map, draft->who, &members[len]);
		for (size_t i = 0; i < len; i++) {
			if (members[len].name && text_equal(members[i].name, members[len].name))
				conf_error(loader, conf_child(map, "name"),
					   "%s: member %s is given twice", draft->who,
					   members[len].name);
		}
		if (members[len].name)
			draft->roster->members_len = ++len;
	}
}

/* The bit of the member NODE names; 0 after a report. */
static uint64_t member_bit(struct loader *loader, const struct node *node,
			   const struct roster_draft *draft, const char *who)
{
	const struct roster *roster = draft->roster;
	struct nearest nearest = {.word = node->text};

	for (size_t i = 0; i < roster->members_len; i++) {
		if (strcmp(roster->members[i].name, node->text) == 0)
			return UINT64_C(1) << i;
		nearest_offer(&nearest, roster->members[i].name);
	}
	conf_error(loader, node, "%s: \"%.64s\" is not a member of the roster%s", who, node->text,
		   nearest_hint(&nearest));
	return 0;
}

/* One name or a list of names. */
static uint64_t member_set(struct loader *loader, const struct node *node,
			   const struct roster_draft *draft, const char *who)
{
	const struct node **nodes;
	size_t len = conf_texts(loader, node, who, &nodes);
	uint64_t set = 0;

	for (size_t i = 0; i < len; i++)
		set |= member_bit(loader, nodes[i], draft, who);
	if (node->kind == NODE_LIST && node->len == 0)
		conf_error(loader, node, "%s: at least one member is needed", who);
	return set;
}

/* --- Layers --- */

static void read_rotation(struct loader *loader, const struct node *map,
			  const struct roster_draft *draft, const char *layer,
			  struct roster_rotation *rotation)
{
	const char *who = arena_printf(loader->arena, "%s: rotation", layer);
	struct rotation_entry entry = {.every = NULL};

	rotation->every = 1;
	conf_read_map(loader, map, &rotation_schema, who, &entry);
	if (entry.every)
		roster_read_period(loader, entry.every, who, rotation);
	if (entry.begins)
		(void)roster_read_wall(loader, entry.begins, who, &rotation->day, &rotation->time);
	if (!entry.members || entry.members->bad)
		return;
	if (entry.members->len == 0)
		conf_error(loader, entry.members, "%s has no members: nobody would ever be on duty",
			   who);
	size_t most = bounded(loader, entry.members, ROSTER_TURNS_MAX, who);
	uint64_t *turns = arena_alloc(loader->arena, (most + 1) * sizeof(*turns));

	for (const struct node *turn = entry.members->first; turn && rotation->turns_len < most;
	     turn = turn->next)
		turns[rotation->turns_len++] = member_set(loader, turn, draft, who);
	rotation->turns = turns;
}

static unsigned read_weekdays(struct loader *loader, const struct node *node, const char *who)
{
	const struct node **nodes;
	size_t len = conf_texts(loader, node, who, &nodes);
	unsigned weekdays = 0;

	for (size_t i = 0; i < len; i++) {
		const struct field field = {.key = "days",
					    .type = FIELD_WORD,
					    .choices = roster_weekday_words};
		int day = -1;

		conf_scalar(loader, nodes[i], &field, who, &day);
		if (day >= 0)
			weekdays |= 1U << (unsigned)day;
	}
	return weekdays;
}

static void read_restriction(struct loader *loader, const struct node *map, const char *layer,
			     struct roster_restriction *restriction)
{
	const char *who = arena_printf(loader->arena, "%s: restriction", layer);
	struct restriction_entry entry = {.from = 0};

	conf_read_map(loader, map, &restriction_schema, who, &entry);
	*restriction = (struct roster_restriction){
		.weekdays = entry.days && !entry.days->bad
				    ? read_weekdays(loader, entry.days,
						    arena_printf(loader->arena, "%s: days", who))
				    : 0x7F,
		.from = entry.from,
		.to = entry.to,
		.holidays = (enum roster_holidays)entry.holidays,
	};
	/* One of the two alone would be read as midnight, which nobody has written. */
	if (!conf_child(map, "from") != !conf_child(map, "to"))
		conf_error(loader, map, "%s: from and to belong together", who);
}

static void read_layer(struct loader *loader, const struct node *map,
		       const struct roster_draft *draft, struct roster_layer *layer)
{
	const char *who =
		arena_printf(loader->arena, "%s: %s", draft->who, conf_who(loader, map, "layer"));
	struct layer_entry entry = {.name = NULL};

	conf_read_map(loader, map, &layer_schema, who, &entry);
	layer->name = entry.name;
	if (entry.rotation && !entry.rotation->bad)
		read_rotation(loader, entry.rotation, draft, who, &layer->rotation);
	size_t most = bounded(loader, entry.restrictions, ROSTER_RESTRICTIONS_MAX,
			      arena_printf(loader->arena, "%s: restrictions", who));
	struct roster_restriction *all = arena_alloc(loader->arena, (most + 1) * sizeof(*all));

	for (const struct node *item = most ? entry.restrictions->first : NULL;
	     item && layer->restrictions_len < most; item = item->next) {
		if (conf_is_kind(loader, item, NODE_MAP, "a restriction"))
			read_restriction(loader, item, who, &all[layer->restrictions_len++]);
	}
	layer->restrictions = all;
}

static void read_layers(struct loader *loader, const struct node *list, struct roster_draft *draft)
{
	size_t most = bounded(loader, list, ROSTER_LAYERS_MAX,
			      arena_printf(loader->arena, "%s: layers", draft->who));
	struct roster_layer *layers = arena_alloc(loader->arena, (most + 1) * sizeof(*layers));
	size_t len = 0;

	if (list && !list->bad && list->len == 0)
		conf_error(loader, list, "%s: layers: at least one is needed", draft->who);

	for (const struct node *map = most ? list->first : NULL; map && len < most;
	     map = map->next) {
		if (!conf_is_kind(loader, map, NODE_MAP, "a layer"))
			continue;
		read_layer(loader, map, draft, &layers[len]);
		for (size_t i = 0; i < len; i++) {
			if (layers[len].name && text_equal(layers[i].name, layers[len].name))
				conf_error(loader, conf_child(map, "name"),
					   "%s: layer %s is given twice", draft->who,
					   layers[len].name);
		}
		len++;
	}
	draft->roster->layers = layers;
	draft->roster->layers_len = len;
}

/* --- Overrides and holidays --- */

static void read_override(struct loader *loader, const struct node *map,
			  const struct roster_draft *draft, struct roster_override *override)
{
	const char *who = arena_printf(loader->arena, "%s: override", draft->who);
	struct override_entry entry = {.from = NULL};
	int changes = 0;

	conf_read_map(loader, map, &substitution_schema, who, &entry);
	bool timed = entry.from && roster_read_at(loader, entry.from, who, draft, &override->from);
	timed = entry.to && roster_read_at(loader, entry.to, who, draft, &override->to) && timed;
	if (timed && override->to <= override->from)
		conf_error(loader, entry.to, "%s ends at %s, which is not after it begins (%s)",
			   who, entry.to->text, entry.from->text);
	for (int change = ROSTER_ADD; change <= ROSTER_REPLACE; change++) {
		if (!entry.change[change])
			continue;
		override->change = (enum roster_change)change;
		if (!entry.change[change]->bad)
			override->members = member_set(loader, entry.change[change], draft, who);
		changes++;
	}
	if (changes != 1 && !loader->incomplete)
		conf_error(loader, map, "%s needs exactly one of add, remove and replace", who);
}

static void read_overrides(struct loader *loader, const struct node *list,
			   struct roster_draft *draft)
{
	size_t most = bounded(loader, list, ROSTER_OVERRIDES_MAX,
			      arena_printf(loader->arena, "%s: overrides", draft->who));
	struct roster_override *all = arena_alloc(loader->arena, (most + 1) * sizeof(*all));
	size_t len = 0;

	for (const struct node *map = most ? list->first : NULL; map && len < most;
	     map = map->next) {
		if (conf_is_kind(loader, map, NODE_MAP, "an override"))
			read_override(loader, map, draft, &all[len++]);
	}
	draft->roster->overrides = all;
	draft->roster->overrides_len = len;
}

static int compare_days(const void *left, const void *right)
{
	int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;

	return (a > b) - (a < b);
}

static void read_holidays(struct loader *loader, const struct node *list,
			  struct roster_draft *draft)
{
	static const struct field field = {.key = "holidays", .type = FIELD_DAY};
	const char *who = arena_printf(loader->arena, "%s: holidays", draft->who);
	size_t most = bounded(loader, list, ROSTER_HOLIDAYS_MAX, who);
	int32_t *days = arena_alloc(loader->arena, (most + 1) * sizeof(*days));
	size_t len = 0;

	for (const struct node *day = most ? list->first : NULL; day && len < most; day = day->next)
		conf_scalar(loader, day, &field, who, &days[len++]);
	qsort(days, len, sizeof(*days), compare_days);
	draft->roster->holidays = days;
	draft->roster->holidays_len = len;
}

/* --- Rosters --- */

static void read_roster(struct loader *loader, const struct node *map, struct roster *roster)
{
	struct roster_draft draft = {.roster = roster,
				     .map = map,
				     .who = conf_who(loader, map, "roster"),
				     .errors = loader->report->errors};
	struct roster_entry entry = {.name = NULL};

	conf_defaults(&roster_schema, &entry);
	conf_read_map(loader, map, &roster_schema, draft.who, &entry);
	roster->name = entry.name;
	roster->handover_before = entry.handover_before;
	roster->allow_gap = entry.allow_gap;
	roster->zone = loader->conf->zone;
	if (entry.time_zone && !entry.time_zone->bad)
		roster->zone = conf_read_zone_named(loader, entry.time_zone,
						    arena_printf(loader->arena, "%s: time_zone",
								 draft.who));
	/* Members first: everything else names them. */
	read_members(loader, entry.members, &draft);
	read_holidays(loader, entry.holidays, &draft);
	read_layers(loader, entry.layers, &draft);
	read_overrides(loader, entry.overrides, &draft);
	roster_check_covered(loader, &draft);
}

void conf_read_rosters(struct loader *loader, const struct node *list)
{
	struct roster *rosters = arena_alloc(loader->arena, (list->len + 1) * sizeof(*rosters));

	loader->conf->rosters = rosters;
	loader->roster_nodes =
		arena_alloc(loader->arena, (list->len + 1) * sizeof(*loader->roster_nodes));
	for (const struct node *map = list->first; map; map = map->next) {
		const struct node *name = conf_child(map, "name");
		size_t at = loader->conf->rosters_len;

		if (!conf_is_kind(loader, map, NODE_MAP, "a roster"))
			continue;
		/* Counted at once, so that its zone is freed whatever is wrong with it. */
		loader->roster_nodes[at] = name;
		loader->conf->rosters_len++;
		read_roster(loader, map, &rosters[at]);
		for (size_t i = 0; i < at; i++) {
			if (name && text_equal(rosters[i].name, rosters[at].name))
				conf_error(loader, name, "roster %s is given twice",
					   rosters[at].name);
		}
	}
}
