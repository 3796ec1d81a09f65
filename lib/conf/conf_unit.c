/* conf_unit.c — the units: which place in the hierarchy is told where, and which doors it has.
 * Neighbours: conf_coverage reads the doors; conf_check asks the gazetteer whether the codes exist;
 * conf_lookup climbs from a committee upwards. */
#include "conf_coverage.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

#define UNIT_NAME_MAX 120

/* A unit as written, and where. */
struct unit_entry {
	struct conf_unit unit;
	const struct node *map, *endpoint, *roster, *coverage, *boundary;
};

#define AT(member) offsetof(struct unit_entry, member)

static const struct field unit_fields[] = {
	{.key = "code",
	 .type = FIELD_CODE,
	 .offset = AT(unit.code),
	 .required = true,
	 .says = "2, 4, 6, 9 or 12 digits: province, city, district, street, committee"},
	{.key = "endpoint",
	 .type = FIELD_NODE,
	 .offset = AT(endpoint),
	 .allowed = ALLOW(NODE_SCALAR),
	 .says = "where its notices go; its parent's when absent"},
	{.key = "name",
	 .type = FIELD_TEXT,
	 .offset = AT(unit.name),
	 .says = "instead of the gazetteer's name"},
	{.key = "roster",
	 .type = FIELD_NODE,
	 .offset = AT(roster),
	 .allowed = ALLOW(NODE_SCALAR),
	 .says = "who is on duty for it; the endpoint when nobody is"},
	{.key = "coverage",
	 .type = FIELD_NODE,
	 .offset = AT(coverage),
	 .allowed = ALLOW(NODE_LIST),
	 .says = "the doors it covers: roads, lanes, houses, estates"},
	{.key = "boundary",
	 .type = FIELD_NODE,
	 .offset = AT(boundary),
	 .allowed = ALLOW(NODE_SCALAR),
	 .says = "a file with its outline: GeoJSON or WKT, WGS-84"},
};
static SCHEMA(unit, "unit");

static int compare_entries(const void *left, const void *right)
{
	const struct unit_entry *a = left, *b = right;
	int order = text_compare(a->unit.code, b->unit.code);

	/* Among equals the one written first is the other's "twice"; nodes of one file rise with
	 * their lines. */
	if (order != 0 || a->map->source != b->map->source)
		return order;
	return a->map->line < b->map->line ? -1 : a->map->line > b->map->line;
}

static void read_unit(struct loader *loader, const struct node *map, struct unit_entry *entry)
{
	const char *who = conf_who(loader, map, "unit");

	conf_read_map(loader, map, &unit_schema, who, entry);
	entry->map = map;
	if (entry->endpoint && conf_text(loader, entry->endpoint, who)) {
		entry->unit.endpoint = entry->endpoint->text;
		conf_refer(loader, REFER_ENDPOINT, entry->endpoint, who);
	}
	if (entry->roster && conf_text(loader, entry->roster, who)) {
		entry->unit.roster = entry->roster->text;
		conf_refer(loader, REFER_ROSTER, entry->roster, who);
	}
	if (entry->unit.name && strlen(entry->unit.name) > UNIT_NAME_MAX)
		conf_error(loader, conf_child(map, "name"), "%s: a name has at most %d bytes", who,
			   UNIT_NAME_MAX);
}

void conf_read_units(struct loader *loader, const struct node *list)
{
	struct unit_entry *entries = mem_alloc((list->len + 1) * sizeof(*entries));
	struct conf_unit *units = arena_alloc(loader->arena, (list->len + 1) * sizeof(*units));
	size_t len = 0;

	for (const struct node *map = list->first; map; map = map->next) {
		if (!conf_is_kind(loader, map, NODE_MAP, "a unit"))
			continue;
		entries[len] = (struct unit_entry){.map = NULL};
		read_unit(loader, map, &entries[len]);
		if (!entries[len].unit.code)
			continue;
		if (entries[len].coverage && !entries[len].coverage->bad)
			conf_read_coverage(loader, entries[len].coverage, entries[len].unit.code);
		if (entries[len].boundary && !entries[len].boundary->bad)
			conf_read_boundary(loader, entries[len].boundary, entries[len].unit.code);
		conf_refer(loader, REFER_CODE, conf_child(map, "code"), "units");
		len++;
	}
	qsort(entries, len, sizeof(*entries), compare_entries);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && strcmp(entries[i].unit.code, entries[i - 1].unit.code) == 0)
			conf_error(loader, conf_child(entries[i].map, "code"),
				   "unit %s is given twice; the other is at %s:%d",
				   entries[i].unit.code, entries[i - 1].map->source->name,
				   entries[i - 1].map->line);
		units[i] = entries[i].unit;
	}
	mem_free(entries);
	loader->conf->units = units;
	loader->conf->units_len = len;
}
