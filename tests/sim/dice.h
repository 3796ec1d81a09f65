/* dice.h — everything the simulator leaves to chance: one SplitMix64 stream for each subsystem, so
 * that a draw more in one of them does not disturb the others, and a seed is the whole story.
 *
 * Only integers: the same dice on every machine.
 */
#ifndef TESTS_SIM_DICE_H
#define TESTS_SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* The stream NAME of SEED. */
struct dice dice_of(uint64_t seed, const char *name);
uint64_t dice_next(struct dice *dice);
/* 0 … SIDES - 1; SIDES at least 1. */
unsigned dice_roll(struct dice *dice, unsigned sides);
/* LEAST … MOST, both included. */
int64_t dice_span(struct dice *dice, int64_t least, int64_t most);
/* True PERMILL times in a thousand. */
bool dice_chance(struct dice *dice, unsigned permill);
/* A waiting time: half of them below TYPICAL, a few up to sixteen times as long; at least 1. */
int64_t dice_wait(struct dice *dice, int64_t typical);

#endif
