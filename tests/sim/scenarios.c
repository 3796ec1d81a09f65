/* scenarios.c — runs the scenarios named on the command line, each in a process of its own, and
 * ends with "scenarios: N passed, M failed". `--forms` prints every form of sentence there is.
 * Neighbour: scenario.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "closedloop/log.h"
#include "closedloop/text.h"
#include "scenario.h"

static void print_forms(const struct sentence_row *rows, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%s\n    %s\n", rows[i].pattern, rows[i].means);
}

static void no_log(void *context, enum log_level level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

static int run(const char *path)
{
	struct scenario *scenario = mem_alloc(sizeof(*scenario));
	int rc = scenario_load(scenario, path, stdout);

	if (rc == 0)
		rc = scenario_run(scenario);
	scenario_release(scenario);
	mem_free(scenario);
	fflush(stdout);
	return rc < 0 ? 1 : 0;
}

/* A scenario that brings the program down has failed, and the next one is told all the same. */
static bool run_apart(const char *path)
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	if (child < 0)
		return false;
	if (child == 0)
		exit(run(path));
	if (waitpid(child, &status, 0) < 0)
		return false;
	if (WIFSIGNALED(status))
		printf("%s: ended by signal %d\n", path, WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;

	if (argc == 2 && strcmp(argv[1], "--forms") == 0) {
		print_forms(world_rows, world_rows_len);
		print_forms(tell_rows, tell_rows_len);
		print_forms(expect_rows, expect_rows_len);
		return 0;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: scenarios FILE.scn … | --forms\n");
		return 2;
	}
	log_to(no_log, NULL, LOG_LEVEL_ERROR);
	for (int i = 1; i < argc; i++) {
		if (run_apart(argv[i]))
			passed++;
		else
			failed++;
	}
	printf("scenarios: %d passed, %d failed\n", passed, failed);
	return failed ? 1 : 0;
}
