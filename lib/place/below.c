/* below.c — fold the names of all units of one level below a place.
 *
 * Neighbours: repair.c looks for slips among them, suggest.c for names that are written in part.
 */
#include "below.h"

#include <assert.h>
#include <string.h>

#include "affix.h"

void below_init(struct below *below, const struct gazetteer *gazetteer,
		const struct fold_table *table)
{
	below->gazetteer = gazetteer;
	below->table = table;
	below->place = IMAGE_NONE;
	below->len = 0;
}

static void add_name(struct below *below, uint32_t offset, uint32_t unit)
{
	const char *name = below->gazetteer->names + offset;
	struct folded *folded = &below->name;
	size_t len;

	if (below->len == BELOW_MAX) {
		below->full = true;
		return;
	}
	struct below_name *to = &below->names[below->len];
	to->kind = 0;
	fold(below->table, name, strlen(name), folded);
	if (below->level == LEVEL_COMMITTEE)
		len = affix_committee_core(folded->symbols, folded->len, &to->kind);
	else if (below->level == LEVEL_STREET)
		len = affix_street_core(folded->symbols, folded->len, &to->kind);
	else
		len = folded->len;
	if (len == 0 || len > BELOW_NAME_MAX)
		return;
	memcpy(to->core, folded->symbols, len * sizeof(*to->core));
	to->unit = unit;
	to->len = (uint8_t)len;
	below->len++;
}

/* The first unit of LEVEL with CODE or a later one. */
static uint32_t first_from(const struct gazetteer *gazetteer, enum unit_level level, uint32_t code)
{
	uint32_t low = gazetteer->levels[level], high = gazetteer->levels[level + 1];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (gazetteer->admin_codes[middle] < code)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void below_gather(struct below *below, uint32_t place, enum unit_level level)
{
	const struct gazetteer *gazetteer = below->gazetteer;
	uint32_t low, end;

	assert(place < gazetteer->admins);
	if (below->place == place && below->level == level)
		return;
	below->place = place;
	below->level = level;
	below->len = 0;
	below->full = false;
	if (level == LEVEL_COMMITTEE) {
		gazetteer_range(gazetteer, place, &low, &end);
		for (; low < end; low++)
			add_name(below, gazetteer->committee_names[low], low);
		return;
	}
	/* The units of a level stand in code order, and a code begins with the one above. */
	static const uint32_t width[UNIT_LEVELS] = {1, 100, 100, 1000, 1000};
	uint32_t code = gazetteer->admin_codes[place];
	uint32_t codes = 1;
	for (enum unit_level at = level; at > gazetteer_level(gazetteer, place); at--)
		codes *= width[at];
	low = first_from(gazetteer, level, code * codes);
	end = first_from(gazetteer, level, (code + 1) * codes);
	for (; low < end; low++)
		add_name(below, gazetteer->admin_names[low], low);
}
