/* conf_override.c — what a policy says differently for travellers from some countries or to some
 * districts: each override becomes a whole policy of its own. Neighbours: conf_ruleset.c reads the
 * policy first; conf_lookup.c asks which override is whose. */
#include "conf_private.h"

#include <string.h>

#include "closedloop/text.h"

#define OVERRIDES_MAX 99 /* So that a name ends in at most two digits. */

static bool is_country(const char *text)
{
	return strlen(text) == 3 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

/* LIST as texts, each of which passes; NULL when the key is absent. Empty, it would match nobody.
 */
static const char *const *read_list(struct loader *loader, const struct node *list, const char *who,
				    bool (*passes)(const char *), const char *shape, size_t *len)
{
	const struct node **nodes;
	const char **texts;
	size_t nodes_len;

	*len = 0;
	if (!list)
		return NULL;
	if (list->kind == NODE_LIST && list->len == 0)
		conf_error(loader, list, "%s: an empty list would match nobody", who);
	nodes_len = conf_texts(loader, list, who, &nodes);
	texts = arena_alloc(loader->arena, (nodes_len + 1) * sizeof(*texts));
	for (size_t i = 0; i < nodes_len; i++) {
		if (!passes(nodes[i]->text))
			conf_error(loader, nodes[i], "%s: \"%.64s\" is not %s", who, nodes[i]->text,
				   shape);
		else
			texts[(*len)++] = nodes[i]->text;
	}
	return texts;
}

static void refer_codes(struct loader *loader, const struct node *list, const char *who)
{
	if (list->kind != NODE_LIST && conf_is_code(list->text))
		conf_refer(loader, REFER_CODE, list, who);
	for (const struct node *item = list->first; item; item = item->next) {
		if (item->kind == NODE_SCALAR && conf_is_code(item->text))
			conf_refer(loader, REFER_CODE, item, who);
	}
}

static void read_override(struct loader *loader, const struct node *map, const struct policy *base,
			  size_t number, struct conf_override *out)
{
	const char *who =
		arena_printf(loader->arena, "policy %s: override %zu", base->name, number);
	const struct node *countries = conf_child(map, "countries");
	const struct node *districts = conf_child(map, "districts");

	if (!conf_is_kind(loader, map, NODE_MAP, who))
		return;
	out->policy = *base;
	(void)snprintf(out->policy.name, sizeof(out->policy.name), "%.*s/%zu", POLICY_NAME_CAP - 1,
		       base->name, number);
	if (!countries && !districts)
		conf_error(loader, map,
			   "%s is for everybody: it needs \"countries\" or \"districts\"", who);
	out->countries =
		read_list(loader, countries, arena_printf(loader->arena, "%s: countries", who),
			  is_country, "a country: write its three capital letters, as in KOR",
			  &out->countries_len);
	out->districts =
		read_list(loader, districts, arena_printf(loader->arena, "%s: districts", who),
			  conf_is_code, "a unit's code: it has 2, 4, 6, 9 or 12 digits",
			  &out->districts_len);
	if (districts)
		refer_codes(loader, districts, arena_printf(loader->arena, "%s: districts", who));
	conf_read_map(loader, map, &override_schema, who, &out->policy);
	conf_policy_sections(loader, map, who, &out->policy);
}

void conf_read_overrides(struct loader *loader, const struct node *list, const struct policy *base,
			 struct conf_overrides *out)
{
	struct conf_override *items;

	*out = (struct conf_overrides){.len = 0};
	if (!list || !conf_is_kind(loader, list, NODE_LIST,
				   arena_printf(loader->arena, "policy %s: overrides", base->name)))
		return;
	if (list->len > OVERRIDES_MAX) {
		conf_error(loader, list, "policy %s: overrides: at most %d", base->name,
			   OVERRIDES_MAX);
		return;
	}
	items = arena_alloc(loader->arena, (list->len + 1) * sizeof(*items));
	for (const struct node *map = list->first; map; map = map->next) {
		read_override(loader, map, base, out->len + 1, &items[out->len]);
		out->len++;
	}
	out->items = items;
}
