/* main.c — closedloopd: reads its options and configuration, brings the rooms to life in order and
 * buries them in reverse. Neighbours: startup.c (what must be in hand), reactor.c (the turn). */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <event2/event.h>

#include "closedloop/log.h"
#include "closedloop/mem.h"
#include "closedloop/callout.h"
#include "closedloop/store.h"
#include "closedloop/text.h"
#include "daemon/reactor.h"
#include "daemon/route_test.h"
#include "daemon/startup.h"
#include "daemon/tls.h"

enum {
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_CORRUPT = 65, /* EX_DATAERR: the database is damaged; it was not touched */
};

struct options {
	const char *config;
	bool check, print, json;
	bool route;			  /* Whom an alert would reach: */
	struct callout_question question; /* this one. */
	const char *drill;
	int64_t start; /* The drill's. */
	double speed;
	enum log_level level;
};

static const char usage_text[] =
	"usage: closedloopd --config FILE [--check | --print-config] [--drill TIME [--speed N]]\n"
	"                   [--log-level error|warn|info|debug] [--version] [--help]\n"
	"       closedloopd --config FILE --route-test unit=CODE kind=KIND [at=TIME] [--json]\n";

static int usage(const char *why, const char *what)
{
	fprintf(stderr, "closedloopd: %s%s\n%s", why, what, usage_text);
	return EXIT_USAGE;
}

static void log_stderr(void *context, enum log_level level, const char *line)
{
	(void)context;
	fprintf(stderr, "<%d>%s\n", (int)level, line);
}

/* Returns -1 to go on, or the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
	enum {
		CONFIG = 1,
		CHECK,
		PRINT,
		DRILL,
		SPEED,
		LEVEL,
		ROUTE,
		JSON,
		VERSION,
		HELP
	};
	static const struct option table[] = {
		{"config", required_argument, NULL, CONFIG},
		{"check", no_argument, NULL, CHECK},
		{"print-config", no_argument, NULL, PRINT},
		{"drill", required_argument, NULL, DRILL},
		{"speed", required_argument, NULL, SPEED},
		{"log-level", required_argument, NULL, LEVEL},
		{"route-test", no_argument, NULL, ROUTE},
		{"json", no_argument, NULL, JSON},
		{"version", no_argument, NULL, VERSION},
		{"help", no_argument, NULL, HELP},
		{0},
	};
	struct err err = ERR_INIT;
	char *end;
	int option, level;

	*options = (struct options){.speed = 1, .level = LOG_LEVEL_INFO};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case CONFIG:
			options->config = optarg;
			break;
		case CHECK:
			options->check = true;
			break;
		case PRINT:
			options->print = true;
			break;
		case DRILL:
			options->drill = optarg;
			if (when_parse(optarg, &options->start, &err) < 0)
				return usage("--drill takes an RFC 3339 time: ", err.text);
			break;
		case SPEED:
			options->speed = strtod(optarg, &end);
			if (*end || end == optarg || options->speed < 0 || options->speed > 100000)
				return usage("--speed takes a number from 0 to 100000, not ",
					     optarg);
			break;
		case LEVEL:
			level = log_level_of(optarg);
			if (level < 0)
				return usage("--log-level knows error, warn, info, debug, not ",
					     optarg);
			options->level = (enum log_level)level;
			break;
		case ROUTE:
			options->route = true;
			break;
		case JSON:
			options->json = true;
			break;
		case VERSION:
			puts("closedloopd " CLOSEDLOOP_VERSION);
			return 0;
		case HELP:
			fputs(usage_text, stdout);
			return 0;
		default:
			return usage("", "");
		}
	}
	if (options->route &&
	    callout_question((const char *const *)argv + optind, (size_t)(argc - optind),
			     &options->question, &err) < 0)
		return usage("--route-test: ", err.text);
	if (!options->route && optind < argc)
		return usage("takes no argument ", argv[optind]);
	if (!options->config)
		return usage("--config FILE is needed", "");
	return -1;
}

static const char *environment(const char *name)
{
	return getenv(name);
}

/* Load and check everything; all problems are printed. */
static struct conf *load(const struct options *options, struct startup *startup)
{
	struct clock wall = {.drill = false};
	struct conf_world world = {.environment = environment,
				   .zoneinfo_dir = "/usr/share/zoneinfo",
				   .now = options->drill ? options->start : clock_now(&wall),
				   .gap_warns = !options->check};
	struct conf_report report = {0};
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	int rc = conf_load(&conf, options->config, &world, &report);
	if (rc == 0) {
		rc = startup_gazetteer(startup, conf->gazetteer, &err);
		if (rc < 0)
			fprintf(stderr, "%s: %s\n", options->config, err.text);
		else
			rc = conf_check_units(conf, startup->gazetteer, &report);
		if (rc == 0)
			rc = tls_check(conf, clock_now(&wall), &report);
	}
	conf_report_print(&report, stderr);
	conf_report_free(&report);
	if (rc == 0)
		return conf;
	conf_free(conf);
	return NULL;
}

static int fail(const struct err *err)
{
	fprintf(stderr, "closedloopd: %s\n", err->text);
	return err->code == CL_ECORRUPT ? EXIT_CORRUPT : EXIT_REFUSED;
}

static int serve(const struct options *options, struct conf *conf, struct startup *startup)
{
	struct reactor_setup setup = {.config = options->config, .conf = conf, .startup = startup};
	struct reactor *reactor = NULL;
	struct err err = ERR_INIT;
	char path[4096];
	int status;

	int rc = startup_state(startup, conf, options->drill != NULL, &err);
	/* A drill never touches the real night's database. */
	snprintf(path, sizeof(path), "%s/%s", conf->state_dir,
		 options->drill ? "drill.db" : "closedloop.db");
	if (rc == 0)
		rc = store_sqlite_open(&setup.store, path, NULL, &err);
	if (rc < 0) {
		conf_free(conf);
		return fail(&err);
	}
	if (options->drill)
		clock_drill(&setup.clock, options->start, options->speed);
	else
		clock_real(&setup.clock);
	rc = reactor_open(&reactor, &setup, &err);
	status = rc == 0 ? reactor_run(reactor) : fail(&err);
	reactor_close(reactor);
	setup.store->ops->close(setup.store);
	return status;
}

static int test_route(const struct options *options, const struct conf *conf,
		      const struct startup *startup)
{
	struct clock wall = {.drill = false};
	int64_t now = options->drill ? options->start : clock_now(&wall);
	struct err err = ERR_INIT;

	int rc = route_test(conf, startup->gazetteer, &options->question, now, options->json, &err);
	return rc < 0 ? fail(&err) : 0;
}

static void *grow_or_die(void *old, size_t size)
{
	return mem_grow(old, size);
}

static void *alloc_or_die(size_t size)
{
	return mem_grow(NULL, size);
}

/* Out of memory is fail-stop in every library that would otherwise stumble on. */
static void guard_memory(void)
{
	cJSON_Hooks hooks = {.malloc_fn = alloc_or_die, .free_fn = free};
	cJSON_InitHooks(&hooks);
	event_set_mem_functions(alloc_or_die, grow_or_die, free);
}

/* As many descriptors as we are allowed: the doors may be full, and a message must still get out.
 */
static void raise_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	struct startup startup = {.lock_fd = -1};
	struct options options;
	struct err err = ERR_INIT;

	int status = read_options(argc, argv, &options);
	if (status >= 0)
		return status;
	guard_memory();
	startup_harden();
	raise_descriptors();
	log_to(log_stderr, NULL, options.level);
	if (digest_init(&err) < 0)
		return fail(&err);
	struct conf *conf = load(&options, &startup);
	if (!conf) {
		status = EXIT_REFUSED;
	} else if (options.check) {
		status = 0;
		conf_free(conf);
	} else if (options.print) {
		conf_print(conf, stdout);
		status = 0;
		conf_free(conf);
	} else if (options.route) {
		status = test_route(&options, conf, &startup);
		conf_free(conf);
	} else {
		status = serve(&options, conf, &startup);
	}
	startup_release(&startup);
	return status;
}
