/* cover_claim.c — which units claim the doors and estates of a text, and with what right.
 *
 * Within an area the most specific rule that fits wins: a single number, or houses inside one lane
 * > a range > an estate > a whole road. Two units at the same level are a question. Neighbours:
 * cover_read.c found the spots, cover.c makes a verdict of the finding.
 */
#include "cover.h"

#include <string.h>

#define STEPS_MAX 256 /* Claims looked at for one number; more are a question. */

struct hit {
	const struct claim *claim;
	bool sure;
	uint8_t fit; /* enum area_fit */
};

/* What claims one door, beside what claims the text's estates. */
struct hits {
	struct hit list[COVER_HITS];
	size_t len;
	bool cut;
};

static void add_hit(struct hits *hits, const struct claim *claim, bool sure, uint8_t fit)
{
	if (hits->len == COVER_HITS)
		hits->cut = true;
	else
		hits->list[hits->len++] = (struct hit){claim, sure, fit};
}

static bool add_unit(uint64_t *units, const struct claim **claims, size_t *len,
		     const struct claim *claim)
{
	for (size_t i = 0; i < *len; i++)
		if (units[i] == claim->unit)
			return true;
	if (*len == COVER_UNITS)
		return false;
	claims[*len] = claim;
	units[(*len)++] = claim->unit;
	return true;
}

static void add_open(struct cover_finding *finding, const struct claim *claim)
{
	(void)add_unit(finding->open, finding->open_claims, &finding->open_len, claim);
}

static bool has_number(const struct claim *claim, uint32_t number)
{
	return number >= claim->from && number <= claim->to &&
	       (claim->parity == COVERAGE_ALL ||
		(number % 2 == 1) == (claim->parity == COVERAGE_ODD));
}

/* Is CLAIM about numbers of the kind that is written? Without a word a number is a house's. */
static bool has_kind(const struct claim *claim, enum door_kind kind)
{
	return claim->number == COVERAGE_ANY ||
	       (claim->number == COVERAGE_LANE) == (kind == DOOR_LANE);
}

/* The claims of LEVEL (and LANE) on NUMBER at PLACE: those of KIND become hits, others open. */
static void claim_number(const struct cover *cover, const struct cover_spot *spot,
			 enum claim_level level, uint32_t lane, uint32_t number,
			 enum door_kind kind, bool sure, struct hits *hits, struct hits *others)
{
	const struct coverage_place *place = &cover->coverage->places[spot->place];
	uint32_t first = place->starts[level], low = first, high = place->starts[level + 1];

	/* Behind the last claim that does not begin later. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct claim *claim = &cover->coverage->claims[middle];
		if (claim->lane < lane || (claim->lane == lane && claim->from <= number))
			low = middle + 1;
		else
			high = middle;
	}
	for (uint32_t steps = 0; low > first; steps++) {
		const struct claim *claim = &cover->coverage->claims[--low];
		if (claim->lane != lane || claim->reach < number)
			break;
		if (steps == STEPS_MAX) {
			hits->cut = true;
			break;
		}
		if (has_number(claim, number))
			add_hit(has_kind(claim, kind) ? hits : others, claim, sure, spot->fit);
	}
}

/* All claims of LEVEL at PLACE that could fit if more were written. LANE 0: of any lane. */
static void claim_all(const struct cover *cover, uint32_t place, enum claim_level level,
		      uint32_t lane, struct cover_finding *finding)
{
	const uint32_t *starts = cover->coverage->places[place].starts;

	for (uint32_t i = starts[level], steps = 0; i < starts[level + 1] && steps < STEPS_MAX;
	     i++, steps++)
		if (lane == 0 || cover->coverage->claims[i].lane == lane)
			add_open(finding, &cover->coverage->claims[i]);
}

/* Does an except or a "not ours" of UNIT take out what stands at a door or an estate? PARTIAL
 * becomes true when it would take out a part of it, and which part is meant is not written. */
static const struct claim *taken_out(const struct cover *cover, uint32_t place, uint64_t unit,
				     const struct door *door, uint32_t number, bool refusals_only,
				     bool *partial)
{
	const uint32_t *starts = cover->coverage->places[place].starts;
	uint32_t first = refusals_only ? starts[CLAIM_NOT_OURS] : starts[CLAIM_EXCEPT];

	for (uint32_t i = first; i < starts[CLAIM_LEVELS]; i++) {
		const struct claim *claim = &cover->coverage->claims[i];
		bool whole = claim->from == 0 && claim->to == COVERAGE_OPEN &&
			     claim->parity == COVERAGE_ALL && claim->lane == 0;
		if (claim->unit != unit)
			continue;
		if (whole && (!door || claim->number == COVERAGE_ANY))
			return claim;
		if (claim->lane > 0 && (!door || door->kind != DOOR_LANE || number != claim->lane))
			continue;
		uint32_t counted = claim->lane == 0 ? number
				   : door->sublane  ? DOOR_NO_NUMBER
						    : door->house;
		bool kind = !door || claim->lane > 0 || has_kind(claim, (enum door_kind)door->kind);
		*partial = *partial || counted == DOOR_NO_NUMBER;
		if (counted != DOOR_NO_NUMBER && kind && has_number(claim, counted))
			return claim;
	}
	return NULL;
}

/* The same anywhere in the text; DOOR, of which NUMBER is looked at, may be NULL. */
static const struct claim *refused_by(const struct cover *cover, uint64_t unit,
				      const struct cover_door *door, uint32_t number,
				      bool refusals_only, bool *partial)
{
	const struct claim *claim = NULL;

	if (door && door->known)
		claim = taken_out(cover, door->spot.place, unit, &door->door, number, refusals_only,
				  partial);
	for (size_t i = 0; i < cover->estates_len && !claim; i++)
		claim = taken_out(cover, cover->estates[i].spot.place, unit, NULL,
				  cover->estates[i].building, refusals_only, partial);
	return claim;
}

const struct claim *cover_refusal(const struct cover *cover, uint64_t unit)
{
	bool partial = false;
	const struct claim *claim = refused_by(cover, unit, NULL, DOOR_NO_NUMBER, true, &partial);

	for (size_t i = 0; i < cover->doors_len && !claim; i++)
		claim = refused_by(cover, unit, &cover->doors[i], cover->doors[i].door.number, true,
				   &partial);
	return claim;
}

static void claim_estate(struct cover *cover, const struct cover_estate *estate, struct hits *hits)
{
	const struct cover_spot *spot = &estate->spot;
	const uint32_t *starts = cover->coverage->places[spot->place].starts;
	bool sure = estate->clean && spot->also_len == 0;

	for (uint32_t k = starts[CLAIM_ESTATE]; k < starts[CLAIM_ESTATE + 1]; k++)
		add_hit(hits, &cover->coverage->claims[k], sure, spot->fit);
	if (estate->building == DOOR_NO_NUMBER)
		claim_all(cover, spot->place, CLAIM_BUILDING, 0, &cover->finding);
	else
		claim_number(cover, spot, CLAIM_BUILDING, 0, estate->building, DOOR_HOUSE, sure,
			     hits, hits);
}

static void claim_estates(struct cover *cover, struct hits *hits)
{
	for (size_t i = 0; i < cover->estates_len; i++) {
		struct cover_estate estate = cover->estates[i];
		claim_estate(cover, &estate, hits);
		for (uint8_t k = 0; k < estate.spot.also_len; k++) {
			estate.spot.place = estate.spot.also[k];
			claim_estate(cover, &estate, hits);
		}
	}
}

/* What claims NUMBER of DOOR; claims of numbers of the other kind go to OTHERS. */
static void claim_door(struct cover *cover, const struct cover_door *at, uint32_t number,
		       struct hits *hits, struct hits *others)
{
	const struct door *door = &at->door;
	const struct cover_spot *spot = &at->spot;
	enum door_kind kind = (enum door_kind)door->kind;
	const uint32_t *starts;
	bool sure = at->clean && spot->also_len == 0;

	starts = cover->coverage->places[spot->place].starts;
	for (uint32_t k = starts[CLAIM_ROAD]; k < starts[CLAIM_ROAD + 1]; k++)
		add_hit(hits, &cover->coverage->claims[k], sure, spot->fit);
	if (kind == DOOR_ROAD) {
		claim_all(cover, spot->place, CLAIM_SINGLE, 0, &cover->finding);
		claim_all(cover, spot->place, CLAIM_SUB, 0, &cover->finding);
		claim_all(cover, spot->place, CLAIM_RANGE, 0, &cover->finding);
		return;
	}
	claim_number(cover, spot, CLAIM_SINGLE, 0, number, kind, sure, hits, others);
	claim_number(cover, spot, CLAIM_RANGE, 0, number, kind, sure, hits, others);
	if (kind != DOOR_LANE)
		return;
	if (door->house == DOOR_NO_NUMBER || door->sublane)
		claim_all(cover, spot->place, CLAIM_SUB, number, &cover->finding);
	else
		claim_number(cover, spot, CLAIM_SUB, number, door->house, DOOR_HOUSE, sure, hits,
			     hits);
}

int cover_rank(const struct claim *claim)
{
	static const int ranks[CLAIM_LEVELS] = {
		[CLAIM_SINGLE] = 0, [CLAIM_SUB] = 0,  [CLAIM_RANGE] = 1,  [CLAIM_BUILDING] = 2,
		[CLAIM_ESTATE] = 2, [CLAIM_ROAD] = 3, [CLAIM_EXCEPT] = 4, [CLAIM_NOT_OURS] = 4,
	};

	return ranks[claim->level];
}

/* Take out what its unit takes out. */
static void drop_refused(struct cover *cover, const struct cover_door *door, uint32_t number,
			 struct hits *hits)
{
	size_t len = 0;

	for (size_t i = 0; i < hits->len; i++) {
		const struct claim *refusal = refused_by(cover, hits->list[i].claim->unit, door,
							 number, false, &cover->finding.partial);
		if (!refusal) {
			hits->list[len++] = hits->list[i];
		} else if (refusal->level == CLAIM_NOT_OURS) {
			cover->finding.refused = refusal->unit;
			cover->finding.refusal = refusal;
		}
	}
	hits->len = len;
}

static int best_rank(const struct hits *hits, bool streets)
{
	int best = CLAIM_LEVELS;

	for (size_t i = 0; i < hits->len; i++)
		if (COVERAGE_UNIT_IS_STREET(hits->list[i].claim->unit) == streets &&
		    cover_rank(hits->list[i].claim) < best)
			best = cover_rank(hits->list[i].claim);
	return best;
}

/* Do a road and an estate both give the text to UNIT? */
static bool agree(const struct cover *cover, const struct hits *hits, uint64_t unit)
{
	bool road = false, estate = false;

	for (size_t i = 0; i < hits->len; i++) {
		const struct hit *hit = &hits->list[i];
		if (hit->claim->unit != unit || !hit->sure)
			continue;
		if (cover->coverage->places[hit->claim->place].estate)
			estate = true;
		else
			road = true;
	}
	return road && estate;
}

/* Let the most specific of HITS win. Returns whether any did. */
static bool settle(struct cover *cover, const struct hits *hits)
{
	struct cover_finding *finding = &cover->finding;
	int best = best_rank(hits, false), street = best_rank(hits, true);

	finding->sure = finding->sure && !hits->cut;
	for (size_t i = 0; i < hits->len; i++) {
		const struct hit *hit = &hits->list[i];
		if (COVERAGE_UNIT_IS_STREET(hit->claim->unit)) {
			if (cover_rank(hit->claim) == street && !finding->street)
				finding->street = hit->claim;
			continue;
		}
		if (cover_rank(hit->claim) != best)
			continue;
		finding->rank = best > finding->rank ? best : finding->rank;
		if (!add_unit(finding->units, finding->claims, &finding->len, hit->claim))
			finding->sure = false;
		/* The same unit may be found by a clean spot and by another. */
		bool sure = false;
		for (size_t k = 0; k < hits->len && !sure; k++)
			sure = hits->list[k].claim->unit == hit->claim->unit &&
			       cover_rank(hits->list[k].claim) == best && hits->list[k].sure &&
			       hits->list[k].fit == AREA_SETTLED;
		finding->sure = finding->sure && sure;
		finding->agreed = finding->agreed || agree(cover, hits, hit->claim->unit);
	}
	/* A street that is named more closely than the committee's rule, and is another one. */
	if (finding->len > 0 && finding->street && street < best &&
	    finding->street->unit != finding->units[0] / 1000)
		finding->sure = false;
	return best < CLAIM_LEVELS || street < CLAIM_LEVELS;
}

/* Is DOOR what an earlier one already said? */
static bool is_repeated(const struct cover *cover, size_t index)
{
	const struct cover_door *door = &cover->doors[index];

	for (size_t i = 0; i < index; i++) {
		const struct cover_door *other = &cover->doors[i];
		if (other->door.kind == door->door.kind &&
		    other->door.number == door->door.number &&
		    other->door.house == door->door.house && other->known && door->known &&
		    other->spot.place == door->spot.place)
			return true;
	}
	return false;
}

static void claim_one(struct cover *cover, const struct cover_door *door, uint32_t number)
{
	struct hits hits = {.len = 0}, others = {.len = 0};

	claim_estates(cover, &hits);
	if (door && door->known)
		claim_door(cover, door, number, &hits, &others);
	for (uint8_t i = 0; door && door->known && i < door->spot.also_len; i++) {
		struct cover_door also = *door;
		also.spot.place = door->spot.also[i];
		claim_door(cover, &also, number, &hits, &others);
	}
	drop_refused(cover, door, number, &hits);
	drop_refused(cover, door, number, &others);
	if (settle(cover, &hits))
		return;
	cover->finding.unknown = true;
	for (size_t i = 0; i < others.len; i++) {
		if (COVERAGE_UNIT_IS_STREET(others.list[i].claim->unit))
			continue;
		add_open(&cover->finding, others.list[i].claim);
		cover->finding.other_kind = true;
	}
}

void cover_claim(struct cover *cover)
{
	struct cover_finding *finding = &cover->finding;
	bool numbered = false;
	size_t asked = 0;

	memset(finding, 0, sizeof(*finding));
	finding->sure = true;
	for (size_t i = 0; i < cover->doors_len; i++)
		numbered = numbered || cover->doors[i].door.kind != DOOR_ROAD;
	for (size_t i = 0; i < cover->doors_len; i++) {
		const struct cover_door *door = &cover->doors[i];
		/* Beside a door, a road without a number only says where that is. */
		if ((numbered && door->door.kind == DOOR_ROAD) || is_repeated(cover, i))
			continue;
		claim_one(cover, door, door->door.number);
		if (door->door.last != door->door.number)
			claim_one(cover, door, door->door.last);
		asked++;
	}
	if (asked == 0 && cover->estates_len > 0)
		claim_one(cover, NULL, DOOR_NO_NUMBER);
}
