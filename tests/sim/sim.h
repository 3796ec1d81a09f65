/* sim.h — one run of the world under one seed, and what came of it. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "world.h"

struct sim_order {
	uint64_t seed;
	uint32_t mask;	     /* of troubles; TROUBLE_ALL */
	unsigned travellers; /* 0: drawn from the seed */
	unsigned days;	     /* 0: drawn from the seed */
	uint64_t steps;	     /* at most; 0: to the end */
	bool trace;
};

struct sim_result {
	char broken[400]; /* "" when nothing was */
	uint64_t hash;
	struct world_size size;
	struct world_counts counts;
	uint64_t writes, syncs, bytes, kept, undone, torn, disk_size;
	uint64_t turns, fired, orders;
	int64_t virtual_ms;
};

/* Read the configurations of DIR (tests/sim/conf) once: good.*.yaml are run, bad.yaml must be
 * refused. Ends the program with a sentence when that is not so. */
void sim_load(const char *dir);
void sim_unload(void);
void sim_run(const struct sim_order *order, struct sim_result *out);

#endif
