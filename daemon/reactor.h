/* reactor.h — the turn. One thread, one timer, one reading of the clock; callbacks collect, the
 * turn works. */
#ifndef DAEMON_REACTOR_H
#define DAEMON_REACTOR_H

#include "closedloop/conf.h"
#include "daemon/clock.h"
#include "daemon/startup.h"

struct reactor;

struct reactor_setup {
	const char *config; /* path, for reload */
	struct conf *conf;  /* becomes the reactor's */
	struct startup *startup;
	struct store *store;
	struct clock clock;
};

/* Build everything that turns: engine, courier, doors in and out, signals. SETUP's conf belongs to
 * the reactor from here on. */
int reactor_open(struct reactor **out, const struct reactor_setup *setup, struct err *err);
/* Turn until SIGTERM or SIGINT; returns the exit status. */
int reactor_run(struct reactor *reactor);
void reactor_close(struct reactor *reactor);

#endif
