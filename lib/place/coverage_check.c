/* coverage_check.c — what a table of rules does not say by itself: doors that two units claim,
 * doors between two ranges that nobody does, and whether two tables say the same.
 *
 * Neighbours: coverage_build.c laid the claims out; units check, the configuration and the engine
 * ask. Only claims of one level can conflict: among different ones the more specific wins. */
#include "coverage_table.h"
#include "hash.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFLICTS_MAX 10000 /* Whoever has more needs no longer list. */

/* --- conflicts --- */

static bool kinds_meet(uint8_t left, uint8_t right)
{
	return left == right || left == COVERAGE_ANY || right == COVERAGE_ANY;
}

static bool has_parity(uint32_t from, uint32_t to, uint8_t parity)
{
	if (parity == COVERAGE_ALL || to > from)
		return true;
	return (from % 2 == 1) == (parity == COVERAGE_ODD);
}

/* The side both are on; where they are on different ones, they do not meet. */
static enum coverage_parity meeting_side(const struct claim *left, const struct claim *right)
{
	return (enum coverage_parity)(left->parity == COVERAGE_ALL ? right->parity : left->parity);
}

static enum coverage_number meeting_kind(const struct claim *left, const struct claim *right)
{
	if (left->lane || right->lane)
		return COVERAGE_HOUSE;
	return (enum coverage_number)(left->number == COVERAGE_ANY ? right->number : left->number);
}

/* The numbers both claim; false when there are none. */
static bool overlap(const struct claim *left, const struct claim *right, uint32_t *from,
		    uint32_t *to)
{
	*from = left->from > right->from ? left->from : right->from;
	*to = left->to < right->to ? left->to : right->to;
	if (*from > *to)
		return false;
	if (left->parity != COVERAGE_ALL && right->parity != COVERAGE_ALL &&
	    left->parity != right->parity)
		return false;
	return has_parity(*from, *to, (uint8_t)meeting_side(left, right));
}

/* UNIT takes FROM..TO out of what CLAIM claims. */
static bool is_taken_out(const struct coverage *coverage, const struct claim *claim, uint32_t from,
			 uint32_t to)
{
	const struct coverage_place *place = &coverage->places[claim->place];

	for (uint32_t i = place->starts[CLAIM_EXCEPT]; i < place->starts[CLAIM_LEVELS]; i++) {
		const struct claim *except = &coverage->claims[i];

		if (except->unit == claim->unit && except->lane == claim->lane &&
		    except->from <= from && except->to >= to &&
		    (except->number == COVERAGE_ANY || except->number == claim->number) &&
		    (except->parity == COVERAGE_ALL || except->parity == claim->parity ||
		     (from == to && has_parity(from, to, except->parity))))
			return true;
	}
	return false;
}

struct conflicts {
	const struct coverage *coverage;
	void (*each)(void *context, const struct coverage_conflict *conflict);
	void *context;
	size_t len;
};

/* A street's fallback and its committees do not compete. */
static bool compete(const struct claim *left, const struct claim *right)
{
	return left->unit != right->unit &&
	       COVERAGE_UNIT_IS_STREET(left->unit) == COVERAGE_UNIT_IS_STREET(right->unit);
}

static void tell_conflict(struct conflicts *all, const struct claim *left,
			  const struct claim *right, uint32_t from, uint32_t to)
{
	const struct coverage_place *place = &all->coverage->places[left->place];
	char left_code[UNIT_CODE_CAP], right_code[UNIT_CODE_CAP];

	if (is_taken_out(all->coverage, left, from, to) ||
	    is_taken_out(all->coverage, right, from, to))
		return;
	coverage_code_of(left->unit, left_code);
	coverage_code_of(right->unit, right_code);
	all->len++;
	if (all->each)
		all->each(all->context, &(struct coverage_conflict){
						.left = coverage_word(all->coverage, left->id),
						.right = coverage_word(all->coverage, right->id),
						.left_code = left_code,
						.right_code = right_code,
						.name = coverage_word(all->coverage, place->name),
						.estate = place->estate,
						.lane = left->lane ? left->lane : right->lane,
						.number = meeting_kind(left, right),
						.parity = meeting_side(left, right),
						.from = from,
						.to = to,
					});
}

static void compare(struct conflicts *all, const struct claim *left, const struct claim *right)
{
	uint32_t from, to;

	if (compete(left, right) && kinds_meet(left->number, right->number) &&
	    overlap(left, right, &from, &to))
		tell_conflict(all, left, right, from, to);
}

/* Claims of a level rise by lane and first number, so a claim meets those up to its last. */
static void compare_level(struct conflicts *all, uint32_t start, uint32_t end)
{
	const struct claim *claims = all->coverage->claims;

	for (uint32_t i = start; i < end; i++) {
		for (uint32_t k = i + 1; k < end && all->len < CONFLICTS_MAX; k++) {
			if (claims[k].lane != claims[i].lane || claims[k].from > claims[i].to)
				break;
			compare(all, &claims[i], &claims[k]);
		}
	}
}

/* A part of an estate is no more specific than all of it. */
static void compare_estates(struct conflicts *all, const uint32_t *starts)
{
	const struct claim *claims = all->coverage->claims;

	for (uint32_t i = starts[CLAIM_ESTATE]; i < starts[CLAIM_ESTATE + 1]; i++) {
		for (uint32_t k = starts[CLAIM_BUILDING];
		     k < starts[CLAIM_BUILDING + 1] && all->len < CONFLICTS_MAX; k++)
			compare(all, &claims[i], &claims[k]);
	}
}

/* Nor are houses of a lane more specific than the lane. Both rise by the lane's number. */
static void compare_lanes(struct conflicts *all, const uint32_t *starts)
{
	const struct claim *claims = all->coverage->claims;
	uint32_t first = starts[CLAIM_SINGLE];

	for (uint32_t i = starts[CLAIM_SUB]; i < starts[CLAIM_SUB + 1]; i++) {
		while (first < starts[CLAIM_SINGLE + 1] && claims[first].from < claims[i].lane)
			first++;
		for (uint32_t k = first;
		     k < starts[CLAIM_SINGLE + 1] && claims[k].from == claims[i].lane &&
		     all->len < CONFLICTS_MAX;
		     k++) {
			if (compete(&claims[k], &claims[i]) && claims[k].number != COVERAGE_HOUSE)
				tell_conflict(all, &claims[k], &claims[i], claims[i].from,
					      claims[i].to);
		}
	}
}

size_t coverage_conflicts(const struct coverage *coverage,
			  void (*each)(void *context, const struct coverage_conflict *conflict),
			  void *context)
{
	struct conflicts all = {.coverage = coverage, .each = each, .context = context};

	assert(coverage);
	for (size_t i = 0; i < coverage->places_len; i++) {
		const uint32_t *starts = coverage->places[i].starts;

		for (size_t level = CLAIM_SINGLE; level < CLAIM_EXCEPT; level++)
			compare_level(&all, starts[level], starts[level + 1]);
		compare_estates(&all, starts);
		compare_lanes(&all, starts);
	}
	return all.len;
}

/* --- gaps --- */

/* Numbers of one side that are claimed, or not. */
struct stretch {
	uint32_t from, to;
	const struct claim *left, *right;
};

struct side {
	struct stretch *gaps;
	size_t len;
};

static bool is_on_side(const struct claim *claim, uint8_t number, uint8_t parity)
{
	return kinds_meet(claim->number, number) &&
	       (claim->parity == COVERAGE_ALL || claim->parity == parity) &&
	       (claim->from != claim->to || has_parity(claim->from, claim->to, parity));
}

static int compare_claims(const void *left, const void *right)
{
	const struct claim *a = *(const struct claim *const *)left;
	const struct claim *b = *(const struct claim *const *)right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

/* The claims of PLACE on one side, rising. */
static size_t collect(const struct coverage *coverage, const struct coverage_place *place,
		      uint8_t number, uint8_t parity, const struct claim **out)
{
	size_t len = 0;

	for (uint32_t i = place->starts[CLAIM_SINGLE]; i < place->starts[CLAIM_BUILDING]; i++) {
		const struct claim *claim = &coverage->claims[i];

		if (claim->level != CLAIM_SUB && is_on_side(claim, number, parity))
			out[len++] = claim;
	}
	qsort(out, len, sizeof(*out), compare_claims);
	return len;
}

/* Only what lies between two ranges is a gap: single numbers say nothing of their neighbours. */
static void find_gaps(const struct claim *const *claims, size_t len, uint8_t parity,
		      struct side *side)
{
	uint32_t reach = 0;
	size_t last_range = 0;
	const struct claim *widest = NULL;
	bool begun = false;

	for (size_t i = 0; i < len; i++) {
		if (claims[i]->level == CLAIM_RANGE)
			last_range = i;
	}
	for (size_t i = 0; i < len; i++) {
		uint32_t from = reach + 1, to = claims[i]->from - 1;

		if (begun && i <= last_range && claims[i]->from > 1 && reach != COVERAGE_OPEN) {
			from += (from % 2 == 1) != (parity == COVERAGE_ODD);
			if (from <= to)
				to -= (to % 2 == 1) != (parity == COVERAGE_ODD);
			if (from <= to)
				side->gaps[side->len++] = (struct stretch){
					.from = from, .to = to, .left = widest, .right = claims[i]};
		}
		begun = begun || claims[i]->level == CLAIM_RANGE;
		if (!widest || claims[i]->to >= reach) {
			reach = claims[i]->to;
			widest = claims[i];
		}
	}
}

struct gaps {
	const struct coverage *coverage;
	void (*each)(void *context, const struct coverage_gap *gap);
	void *context;
	size_t len;
};

static void tell_gap(struct gaps *all, const struct coverage_place *place, uint8_t number,
		     uint8_t parity, const struct stretch *gap)
{
	char area[UNIT_CODE_CAP];

	(void)snprintf(area, sizeof(area), "%06u", (unsigned)place->area);
	all->len++;
	if (all->each)
		all->each(all->context,
			  &(struct coverage_gap){
				  .area = area,
				  .name = coverage_word(all->coverage, place->name),
				  .number = (enum coverage_number)number,
				  .parity = (enum coverage_parity)parity,
				  .from = gap->from,
				  .to = gap->to,
				  .left = coverage_word(all->coverage, gap->left->id),
				  .right = coverage_word(all->coverage, gap->right->id),
			  });
}

/* Gaps of both sides in rising order; the same stretch of both is one gap. */
static void tell_sides(struct gaps *all, const struct coverage_place *place, uint8_t number,
		       const struct side *odd, const struct side *even)
{
	size_t i = 0, k = 0;

	while (i < odd->len || k < even->len) {
		const struct stretch *left = i < odd->len ? &odd->gaps[i] : NULL;
		const struct stretch *right = k < even->len ? &even->gaps[k] : NULL;

		if (left && right && left->from <= right->from + 1 &&
		    right->from <= left->from + 1 && left->to <= right->to + 1 &&
		    right->to <= left->to + 1) {
			struct stretch both = *left;

			both.from = left->from < right->from ? left->from : right->from;
			both.to = left->to > right->to ? left->to : right->to;
			tell_gap(all, place, number, COVERAGE_ALL, &both);
			i++;
			k++;
		} else if (left && (!right || left->from < right->from)) {
			tell_gap(all, place, number, COVERAGE_ODD, left);
			i++;
		} else {
			assert(right);
			tell_gap(all, place, number, COVERAGE_EVEN, right);
			k++;
		}
	}
}

static void find_place_gaps(struct gaps *all, const struct coverage_place *place)
{
	static const uint8_t numbers[] = {COVERAGE_LANE, COVERAGE_HOUSE};
	size_t most = place->starts[CLAIM_BUILDING] - place->starts[CLAIM_SINGLE];
	const struct claim **claims;
	struct side odd, even;

	/* Who covers the whole road leaves no gap. */
	if (place->estate || place->starts[CLAIM_ROAD + 1] > place->starts[CLAIM_ROAD] || most < 2)
		return;
	claims = mem_alloc(most * sizeof(*claims));
	odd.gaps = mem_alloc(most * sizeof(*odd.gaps));
	even.gaps = mem_alloc(most * sizeof(*even.gaps));
	for (size_t i = 0; i < sizeof(numbers); i++) {
		size_t len = collect(all->coverage, place, numbers[i], COVERAGE_ODD, claims);

		odd.len = even.len = 0;
		find_gaps(claims, len, COVERAGE_ODD, &odd);
		len = collect(all->coverage, place, numbers[i], COVERAGE_EVEN, claims);
		find_gaps(claims, len, COVERAGE_EVEN, &even);
		tell_sides(all, place, numbers[i], &odd, &even);
	}
	mem_free(claims);
	mem_free(odd.gaps);
	mem_free(even.gaps);
}

size_t coverage_gaps(const struct coverage *coverage,
		     void (*each)(void *context, const struct coverage_gap *gap), void *context)
{
	struct gaps all = {.coverage = coverage, .each = each, .context = context};

	assert(coverage);
	for (size_t i = 0; i < coverage->places_len; i++)
		find_place_gaps(&all, &coverage->places[i]);
	return all.len;
}

/* --- hash --- */

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return hash_bytes(hash, &number, sizeof(number));
}

static uint64_t hash_claim(const struct coverage *coverage, const struct claim *claim)
{
	const struct coverage_place *place = &coverage->places[claim->place];
	uint64_t hash = HASH_START;

	hash = hash_number(hash, place->key);
	hash = hash_number(hash, place->area * 2u + place->estate);
	hash = hash_number(hash, claim->unit);
	hash = hash_number(hash, ((uint64_t)claim->from << 32) | claim->to);
	hash = hash_number(hash, ((uint64_t)claim->lane << 24) | (uint64_t)claim->level << 16 |
					 (uint64_t)claim->number << 8 | claim->parity);
	return hash_finish(hash);
}

void coverage_hash(const struct coverage *coverage, char out[COVERAGE_HASH_CAP])
{
	uint64_t sum = boundary_hash(coverage->boundaries);

	/* A sum: the order in which rules were written is nobody's business. */
	for (size_t i = 0; i < coverage->claims_len; i++)
		sum += hash_claim(coverage, &coverage->claims[i]);
	(void)snprintf(out, COVERAGE_HASH_CAP, "%016llx", (unsigned long long)sum);
}
