/* reload.c — a new configuration: read aside, checked whole, swapped between two turns; or the old
 * one stays and the log says why. Neighbour: reactor.c. */
#include "daemon/reactor_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

static const char *environment(const char *name)
{
	return getenv(name);
}

/* Keys that are only read at the start. NULL when none changed. */
static const char *needs_restart(const struct conf *old, const struct conf *new)
{
	if (!text_equal(old->state_dir, new->state_dir))
		return "state_dir";
	if (!text_equal(old->gazetteer, new->gazetteer))
		return "gazetteer";
	if (!text_equal(old->time_zone, new->time_zone))
		return "time_zone";
	if (old->listen_len != new->listen_len)
		return "listen";
	for (size_t i = 0; i < old->listen_len; i++) {
		if (!text_equal(old->listen[i].address, new->listen[i].address) ||
		    old->listen[i].port != new->listen[i].port ||
		    old->listen[i].kind != new->listen[i].kind)
			return "listen";
	}
	return NULL;
}

static void log_problems(const struct conf_report *report)
{
	for (size_t i = 0; i < report->len; i++) {
		const struct conf_problem *problem = &report->problems[i];
		log_line(problem->warning ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "reload.problem",
			 "at=%s:%d:%d text=\"%s\"", problem->file, problem->line, problem->column,
			 problem->text);
	}
}

/* TLS is what CONF asks for, made before anything was changed. */
static void swap(struct reactor *reactor, struct conf *conf, struct tls *tls)
{
	trial_abandon(reactor, "the configuration was reloaded meanwhile; ask again");
	engine_reconfigure(reactor->engine, conf);
	courier_reconfigure(reactor->courier, conf);
	api_reconfigure(reactor->api, conf);
	http_in_limits(reactor->in, &conf->limits);
	https_serve(reactor, tls);
	http_out_limit(reactor->out, conf->limits.in_flight);
	reactor->retired = reactor->conf;
	reactor->conf = conf;
	reactor->rules_wanted = true;
	reactor->feeds_watched = false;
}

/* The configuration as it lies there now, whole and checked. */
static int read_aside(struct reactor *reactor, struct conf **out, struct err *err)
{
	struct conf_world world = {.environment = environment,
				   .zoneinfo_dir = "/usr/share/zoneinfo",
				   .now = clock_now(&reactor->clock)};
	struct clock wall = {.drill = false};
	struct conf_report report = {0};
	struct conf *conf = NULL;

	int rc = conf_load(&conf, reactor->config, &world, &report);
	if (rc == 0)
		rc = conf_check_units(conf, reactor->startup->gazetteer, &report);
	if (rc == 0)
		rc = tls_check(conf, clock_now(&wall), &report);
	log_problems(&report);
	if (rc < 0) {
		size_t first = 0;
		while (first < report.len && report.problems[first].warning)
			first++;
		if (first < report.len)
			err_set(err, CL_EINVAL,
				"%s:%d:%d: %s (%zu errors; the old configuration stays)",
				report.problems[first].file, report.problems[first].line,
				report.problems[first].column, report.problems[first].text,
				report.errors);
		else
			err_set(err, CL_EINVAL, "%s: cannot be read; the old configuration stays",
				reactor->config);
		rc = CL_EINVAL;
	}
	conf_report_free(&report);
	if (rc < 0)
		conf_free(conf);
	else
		*out = conf;
	return rc;
}

static int reload(struct reactor *reactor, struct err *err)
{
	struct conf *conf = NULL;
	struct tls *tls = NULL;

	int rc = read_aside(reactor, &conf, err);
	if (rc == 0 && needs_restart(reactor->conf, conf))
		rc = err_set(err, CL_EINVAL,
			     "%s: a change of it needs a restart; the old "
			     "configuration stays",
			     needs_restart(reactor->conf, conf));
	if (rc == 0 && conf->tls.certificate)
		rc = tls_open(&tls, &conf->tls, err);
	if (rc < 0) {
		conf_free(conf);
		return rc;
	}
	swap(reactor, conf, tls);
	return 0;
}

int reload_master(struct reactor *reactor, struct err *err)
{
	struct conf *conf = NULL;

	int rc = read_aside(reactor, &conf, err);
	if (rc < 0)
		return rc;
	/* The directory is the one we run on, whatever the file says by now. */
	struct keys_setup setup = startup_keys_setup(conf, reactor->clock.drill);
	rc = keys_rotate_master(&reactor->startup->keys, &setup, err);
	conf_free(conf);
	return rc;
}

void reload_ask(void *context, struct http_call *call, const char *by)
{
	struct reactor *reactor = context;
	struct err err = ERR_INIT;
	if (reactor->reload_call) {
		int rc = err_set(&err, CL_EBUSY, "a reload is under way already");
		api_reply_err(call, rc, &err);
		return;
	}
	reactor->reload_call = call;
	(void)text_copy(reactor->reload_by, sizeof(reactor->reload_by), by);
	reactor->reload_wanted = true;
}

/* The new one is in force by now: what cannot be written down is said in the log. */
static void write_down(struct reactor *reactor)
{
	struct err err = ERR_INIT;
	char note[96];

	/* Names of tokens have neither quotes nor backslashes. */
	(void)snprintf(note, sizeof(note), "{\"who\":\"%s\"}",
		       reactor->reload_call ? reactor->reload_by : "signal");
	if (engine_note(reactor->engine, "", "conf.reloaded", note, clock_now(&reactor->clock),
			&err) < 0)
		log_error("reload.not_written_down", "error=%s", err.text);
}

void reload_now(struct reactor *reactor)
{
	struct err err = ERR_INIT;
	reactor->reload_wanted = false;
	int rc = reload(reactor, &err);
	if (rc < 0)
		log_error("reload.refused", "reason=\"%s\"", err.text);
	else
		log_info("reload.done", "file=%s", reactor->config);
	if (rc == 0)
		write_down(reactor);
	if (reactor->reload_call && rc < 0)
		api_reply_err(reactor->reload_call, rc, &err);
	else if (reactor->reload_call)
		api_reply_ok(reactor->reload_call, "{\"reloaded\":true}");
	reactor->reload_call = NULL;
}
