/* dice.c — see dice.h. Neighbours: everybody in tests/sim. */
#include "dice.h"

#include <assert.h>

static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
	return value ^ (value >> 31);
}

struct dice dice_of(uint64_t seed, const char *name)
{
	uint64_t state = mix(seed + UINT64_C(0x9E3779B97F4A7C15));

	for (; *name; name++)
		state = mix(state ^ (unsigned char)*name);
	return (struct dice){.state = state};
}

uint64_t dice_next(struct dice *dice)
{
	dice->state += UINT64_C(0x9E3779B97F4A7C15);
	return mix(dice->state);
}

unsigned dice_roll(struct dice *dice, unsigned sides)
{
	assert(sides > 0);
	return (unsigned)((dice_next(dice) >> 32) * sides >> 32);
}

int64_t dice_span(struct dice *dice, int64_t least, int64_t most)
{
	assert(least <= most);
	return least + (int64_t)(dice_next(dice) % (uint64_t)(most - least + 1));
}

bool dice_chance(struct dice *dice, unsigned permill)
{
	return dice_roll(dice, 1000) < permill;
}

int64_t dice_wait(struct dice *dice, int64_t typical)
{
	int64_t longest = typical;

	while (longest < 16 * typical && dice_roll(dice, 3) == 0)
		longest *= 2;
	return dice_span(dice, 1, longest);
}
