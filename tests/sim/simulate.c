/* simulate.c — the program: runs seeds in one or more processes, prints what they found, makes a
 * failing one small, and says how to repeat it. Neighbour: sim.c runs one.
 *
 *	simulate --seed N | --seeds A-B | --saved FILE | --minutes M [--from N]
 *	         [--jobs J] [--travellers T] [--days D] [--mask HEX] [--steps S] [--trace] [--small]
 *
 * Exit: 0 nothing was broken; 1 something was; 2 the call makes no sense. */
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"
#include "closedloop/log.h"
#include "closedloop/text.h"

#define JOBS_MAX 64

struct options {
	struct sim_order order;
	uint64_t from, to;
	const char *saved;
	unsigned minutes, jobs;
	bool one, small;
};

/* What all runs of a process came to; sent to the parent through a pipe. */
struct sum {
	uint64_t seeds, failed, travellers;
	struct world_counts counts;
	uint64_t writes, syncs, kept, undone, torn, turns, fired, orders;
	int64_t virtual_ms;
};

static void usage(const char *why, const char *what)
{
	fprintf(stderr, "simulate: %s %s\n", why, what);
	exit(2);
}

static uint64_t number(const char *text, const char **rest, int base)
{
	char *end;

	errno = 0;
	uint64_t value = strtoull(text, &end, base);
	if (errno || end == text || (!rest && *end))
		usage("no number:", text);
	if (rest)
		*rest = end;
	return value;
}

static void read_range(const char *text, struct options *out)
{
	const char *rest;

	out->from = number(text, &rest, 10);
	if (*rest != '-')
		usage("no range A-B:", text);
	out->to = number(rest + 1, NULL, 10);
	if (out->to < out->from)
		usage("an empty range:", text);
}

static void read_options(int argc, char **argv, struct options *out)
{
	*out = (struct options){.order = {.mask = TROUBLE_ALL}, .jobs = 1, .to = UINT64_MAX};
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i];
		if (text_equal(name, "--trace")) {
			out->order.trace = true;
			continue;
		}
		if (text_equal(name, "--small")) {
			out->small = true;
			continue;
		}
		if (i + 1 == argc)
			usage("no value for", name);
		const char *value = argv[++i];
		if (text_equal(name, "--seed")) {
			out->from = out->to = number(value, NULL, 10);
			out->one = true;
		} else if (text_equal(name, "--seeds")) {
			read_range(value, out);
		} else if (text_equal(name, "--from")) {
			out->from = number(value, NULL, 10);
		} else if (text_equal(name, "--saved")) {
			out->saved = value;
		} else if (text_equal(name, "--minutes")) {
			out->minutes = (unsigned)number(value, NULL, 10);
		} else if (text_equal(name, "--jobs")) {
			out->jobs = (unsigned)number(value, NULL, 10);
		} else if (text_equal(name, "--travellers")) {
			out->order.travellers = (unsigned)number(value, NULL, 10);
		} else if (text_equal(name, "--days")) {
			out->order.days = (unsigned)number(value, NULL, 10);
		} else if (text_equal(name, "--mask")) {
			out->order.mask = (uint32_t)number(value, NULL, 16);
		} else if (text_equal(name, "--steps")) {
			out->order.steps = number(value, NULL, 10);
		} else {
			usage("unknown:", name);
		}
	}
	if (out->jobs == 0 || out->jobs > JOBS_MAX)
		usage("--jobs is 1 to 64", "");
	if (!out->saved && !out->minutes && out->to == UINT64_MAX)
		usage("which seed?", "--seed N, --seeds A-B, --saved FILE or --minutes M");
}

/* --- One seed ------------------------------------------------------------------------------- */

static void print_command(const struct sim_order *order, const struct sim_result *result)
{
	printf("    make sim SEED=%" PRIu64 " TRAVELLERS=%u DAYS=%u MASK=%x", order->seed,
	       result->size.travellers, result->size.days, order->mask);
	if (order->steps)
		printf(" STEPS=%" PRIu64, order->steps);
	printf("\n");
}

static const char *rule_of(const struct sim_result *result, char out[24])
{
	size_t len = strcspn(result->broken, ":");
	snprintf(out, 24, "%.*s", (int)(len < 23 ? len : 23), result->broken);
	return out;
}

/* ORDER still breaks the same rule: keep it. */
static bool still(const struct sim_order *order, const char *rule, struct sim_order *best,
		  struct sim_result *result)
{
	struct sim_result now;
	char word[24];

	sim_run(order, &now);
	if (!text_equal(rule_of(&now, word), rule))
		return false;
	*best = *order;
	*result = now;
	return true;
}

/* Fewer travellers, fewer kinds of trouble, fewer days, no step more than needed. */
static void shrink(struct sim_order *order, struct sim_result *result)
{
	char rule[24];
	struct sim_order best = *order, less;

	rule_of(result, rule);
	best.trace = false;
	best.travellers = result->size.travellers;
	best.days = result->size.days;
	for (unsigned travellers = best.travellers / 2; travellers > 0; travellers /= 2) {
		less = best;
		less.travellers = travellers;
		if (!still(&less, rule, &best, result))
			break;
	}
	for (unsigned bit = 0; bit < TROUBLE_KINDS; bit++) {
		less = best;
		less.mask &= ~(1U << bit);
		if (less.mask != best.mask)
			still(&less, rule, &best, result);
	}
	for (unsigned travellers = best.travellers / 2; travellers > 0; travellers /= 2) {
		less = best;
		less.travellers = travellers;
		if (!still(&less, rule, &best, result))
			break;
	}
	best.steps = result->counts.steps;
	*order = best;
}

static void add_up(struct sum *sum, const struct sim_result *result)
{
	const uint64_t *from = (const uint64_t *)(const void *)&result->counts;
	uint64_t *to = (uint64_t *)(void *)&sum->counts;

	_Static_assert(sizeof(struct world_counts) % sizeof(uint64_t) == 0, "counts only");
	for (size_t i = 0; i < sizeof(sum->counts) / sizeof(uint64_t); i++)
		to[i] += from[i];
	sum->seeds++;
	sum->failed += *result->broken != '\0';
	sum->travellers += result->size.travellers;
	sum->writes += result->writes;
	sum->syncs += result->syncs;
	sum->kept += result->kept;
	sum->undone += result->undone;
	sum->torn += result->torn;
	sum->turns += result->turns;
	sum->fired += result->fired;
	sum->orders += result->orders;
	sum->virtual_ms += result->virtual_ms;
}

/* The seed each job is at, seen by the parent: one that ends its process is named all the same. */
static uint64_t *at_seed;

static void run_one(const struct options *options, const struct sim_order *order, struct sum *sum)
{
	struct sim_result result;
	struct sim_order small = *order;

	*at_seed = order->seed;
	sim_run(order, &result);
	add_up(sum, &result);
	if (options->one)
		printf("seed %" PRIu64 ": %u travellers, %u days, %" PRIu64 " steps, %" PRIu64
		       " facts, hash %016" PRIx64 "\n",
		       order->seed, result.size.travellers, result.size.days, result.counts.steps,
		       result.counts.facts, result.hash);
	if (!*result.broken)
		return;
	printf("FAIL seed %" PRIu64 ": %s\n", order->seed, result.broken);
	print_command(order, &result);
	fflush(stdout);
	if (!options->small)
		return;
	shrink(&small, &result);
	printf("  smaller: %s\n", result.broken);
	print_command(&small, &result);
	fflush(stdout);
}

/* --- Many ----------------------------------------------------------------------------------- */

static int64_t seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* "SEED TRAVELLERS DAYS MASK  # why it is kept"; 0 is what the seed draws. */
static bool read_saved(FILE *file, struct sim_order *out)
{
	char line[400];

	while (fgets(line, sizeof(line), file)) {
		const char *rest = line;
		if (*line == '#' || *line == '\n')
			continue;
		out->seed = number(rest, &rest, 10);
		out->travellers = (unsigned)number(rest, &rest, 10);
		out->days = (unsigned)number(rest, &rest, 10);
		uint32_t mask = (uint32_t)number(rest, &rest, 16);
		out->mask = mask ? mask : TROUBLE_ALL;
		return true;
	}
	return false;
}

static void run_saved(const struct options *options, unsigned job, struct sum *sum)
{
	struct sim_order order = options->order;
	FILE *file = fopen(options->saved, "r");

	if (!file)
		usage("cannot be read:", options->saved);
	for (unsigned i = 0; read_saved(file, &order); i++) {
		if (i % options->jobs == job)
			run_one(options, &order, sum);
	}
	fclose(file);
}

static void run_share(const struct options *options, unsigned job, struct sum *sum)
{
	int64_t until = seconds() + 60 * (int64_t)options->minutes;
	struct sim_order order = options->order;

	if (options->saved)
		run_saved(options, job, sum);
	if (options->to == UINT64_MAX && !options->minutes)
		return;
	for (uint64_t seed = options->from; seed <= options->to; seed++) {
		/* Every tenth seed is a large one: they go round like the others. */
		if ((seed + seed / 10) % options->jobs != job)
			continue;
		if (options->minutes && seconds() >= until)
			break;
		order.seed = seed;
		run_one(options, &order, sum);
	}
}

static void print_sum(const struct sum *sum, int64_t took)
{
	const struct world_counts *counts = &sum->counts;
	double seeds = sum->seeds ? (double)sum->seeds : 1;

	printf("per seed: %.0f travellers, %.0f days, %.0f steps, %.0f facts (%.0f told again, "
	       "%.0f "
	       "refused), %.0f turns, %.0f syncs, %.0f deliveries of %.0f tries\n",
	       (double)sum->travellers / seeds, (double)sum->virtual_ms / seeds / 86400000,
	       (double)counts->steps / seeds, (double)counts->facts / seeds,
	       (double)counts->duplicates / seeds, (double)counts->refused / seeds,
	       (double)sum->turns / seeds, (double)sum->syncs / seeds,
	       (double)counts->deliveries / seeds, (double)sum->orders / seeds);
	printf("per seed: %.1f kills, %.1f power cuts, %.1f stops, %.1f disk errors (%.1f turns "
	       "refused), %.1f clock steps, %.1f reloads; %.0f acknowledged, %.0f resolved, %.0f "
	       "checks, %.0f releases\n",
	       (double)counts->kills / seeds, (double)counts->cuts / seeds,
	       (double)counts->downs / seeds, (double)counts->disk_errors / seeds,
	       (double)counts->io_refusals / seeds, (double)counts->clock_steps / seeds,
	       (double)(counts->reloads + counts->bad_reloads) / seeds,
	       (double)counts->acks / seeds, (double)counts->resolved / seeds,
	       (double)counts->checks / seeds, (double)counts->releases / seeds);
	printf("in all: %" PRIu64 " syncs, %" PRIu64 " crashes, sectors kept %" PRIu64
	       ", lost %" PRIu64 ", torn %" PRIu64 "; %" PRId64 " s, %.0f seeds a minute\n",
	       sum->syncs, counts->kills + counts->cuts, sum->kept, sum->undone, sum->torn, took,
	       60.0 * (double)sum->seeds / (double)(took ? took : 1));
	printf("sim: %" PRIu64 " passed, %" PRIu64 " failed\n", sum->seeds - sum->failed,
	       sum->failed);
}

static void merge(struct sum *into, const struct sum *from)
{
	uint64_t *to = (uint64_t *)(void *)into;
	const uint64_t *more = (const uint64_t *)(const void *)from;

	for (size_t i = 0; i < sizeof(*into) / sizeof(uint64_t); i++)
		to[i] += more[i];
}

/* Each job its own process: a seed that ends it is that seed's failure, not the others'. */
static void run_jobs(const struct options *options, struct sum *sum)
{
	int pipes[JOBS_MAX][2], status;
	pid_t children[JOBS_MAX];

	fflush(stdout);
	for (unsigned job = 0; job < options->jobs; job++) {
		struct sum mine = {.seeds = 0};
		if (pipe(pipes[job]) < 0 || (children[job] = fork()) < 0)
			usage("no process:", strerror(errno));
		if (children[job] > 0) {
			close(pipes[job][1]);
			continue;
		}
		close(pipes[job][0]);
		at_seed += job;
		run_share(options, job, &mine);
		fflush(stdout);
		_exit(write(pipes[job][1], &mine, sizeof(mine)) != sizeof(mine));
	}
	for (unsigned job = 0; job < options->jobs; job++) {
		struct sum mine;
		if (read(pipes[job][0], &mine, sizeof(mine)) == (ssize_t)sizeof(mine)) {
			merge(sum, &mine);
		} else {
			printf("FAIL seed %" PRIu64 ": ended its process\n"
			       "    make sim SEED=%" PRIu64 "\n",
			       at_seed[job], at_seed[job]);
			sum->failed++;
			sum->seeds++;
		}
		close(pipes[job][0]);
		waitpid(children[job], &status, 0);
	}
}

static void silent(void *context, enum log_level level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

int main(int argc, char **argv)
{
	struct options options;
	struct sum sum = {.seeds = 0};
	const char *dir = getenv("CLOSEDLOOP_SIM_CONF");
	int64_t began = seconds();

	read_options(argc, argv, &options);
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	log_to(silent, NULL, LOG_LEVEL_ERROR);
	sim_load(dir ? dir : "tests/sim/conf");
	at_seed = mmap(NULL, JOBS_MAX * sizeof(*at_seed), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (at_seed == MAP_FAILED)
		usage("no memory:", strerror(errno));
	if (options.jobs == 1)
		run_share(&options, 0, &sum);
	else
		run_jobs(&options, &sum);
	print_sum(&sum, seconds() - began);
	sim_unload();
	return sum.failed ? 1 : 0;
}
