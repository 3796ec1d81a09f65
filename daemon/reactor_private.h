/* reactor_private.h — what reactor.c, drill.c, trial.c and reload.c share. */
#ifndef DAEMON_REACTOR_PRIVATE_H
#define DAEMON_REACTOR_PRIVATE_H

#include <event2/event.h>

#include "closedloop/courier.h"
#include "closedloop/engine.h"
#include "daemon/api.h"
#include "daemon/deadman.h"
#include "daemon/http_in.h"
#include "daemon/http_out.h"
#include "daemon/reactor.h"
#include "daemon/tls.h"

struct drill {
	struct http_call *call; /* waits for the clock, or NULL */
	int64_t target;
	int64_t give_up; /* monotonic: from here on nobody is waited for */
	unsigned fired;
};

/* A policy that is being tried. */
struct trial {
	struct http_call *call; /* waits for the answer, or NULL */
	struct conf *with;
	const struct policy *tried;
	struct policy_trial *work;
};

/* The history is being looked at. */
struct audit {
	struct http_call *call; /* waits for the answer; NULL: nobody asked, or our own check */
	bool running;
	struct ledger_check check;
	struct ledger_head *kept; /* of the call */
	bool compared;		  /* the database was compared with the last head we know of */
	bool known_there;
	struct ledger_head known; /* that head */
	uint64_t heads;		  /* engine_counters when it was kept */
	bool nights;
	int32_t night; /* of our own last check */
};

struct reactor {
	const char *config;
	struct conf *conf;
	struct conf *retired; /* replaced in this turn, freed at its end */
	struct startup *startup;
	struct store *store;
	struct clock clock;
	struct entropy entropy;
	struct event_base *base;
	struct event *timer, *term, *interrupt, *hangup, *report;
	struct engine *engine;
	struct courier *courier;
	struct http_out *out;
	struct http_in *in;
	struct tls *tls;       /* what https is served with, or NULL */
	int64_t tls_warned_at; /* monotonic: when its end was last looked at */
	struct api *api;
	struct drill drill;
	struct deadman deadman;
	struct http_call *reload_call; /* asked for a reload, or NULL */
	char reload_by[64];	       /* whose call that is */
	bool reload_wanted, report_wanted, stopping;
	bool rules_wanted;		/* whether the policies are still the same is to be asked */
	bool feeds_watched;		/* the configuration in force says who is waited for */
	int64_t turned_at, turned_mono; /* the latest turn, by both clocks */
	bool clock_told;   /* the engine knows that the clock shows what it shows … */
	int64_t clock_was; /* … and not this any more; WHEN_UNKNOWN: what is written tells */
	bool turned;	   /* deadlines were looked at since the last WATCHDOG */
	struct trial trial;
	struct audit audit;
	int64_t stop_by;    /* monotonic */
	int64_t ticked_at;  /* monotonic: last once-a-second work */
	int64_t census_at;  /* monotonic: next census */
	int64_t store_rest; /* monotonic: no due work before, after the store failed */
};

/* drill.c */
void drill_begin(void *context, struct http_call *call, int64_t target);
/* Move a drill's clock one event further; true when something was done and the turn must not sleep.
 */
bool drill_step(struct reactor *reactor);

/* trial.c */
void trial_begin(void *context, struct http_call *call, struct conf *with,
		 const struct policy *tried);
/* One slice; true when there was one and the turn must not sleep. */
bool trial_step(struct reactor *reactor);
/* What it compares with is about to change: its caller is told WHY there is no answer. */
void trial_abandon(struct reactor *reactor, const char *why);

/* audit.c */
void audit_begin(void *context, struct http_call *call, struct ledger_head *kept, size_t kept_len);
/* One slice; true when somebody waits for it and the turn must not sleep. */
bool audit_step(struct reactor *reactor, int64_t now);
void audit_abandon(struct reactor *reactor, const char *why);

/* reload.c */
/* BY: who asks, a coded name. */
void reload_ask(void *context, struct http_call *call, const char *by);
void reload_now(struct reactor *reactor);
/* Read the configuration aside for its master keys, and let the first of them, or a new one of our
 * own, wrap from now on. */
int reload_master(struct reactor *reactor, struct err *err);

/* https.c */
/* The certificate of the configuration in force, before the first listener. */
int https_open(struct reactor *reactor, struct err *err);
/* Serve https with TLS (NULL: not at all), which becomes the reactor's, instead of what it was
 * served with. */
void https_serve(struct reactor *reactor, struct tls *tls);
/* Count handshakes, and once a day look whether the certificate ends. */
void https_tick(struct reactor *reactor, int64_t mono);

/* reactor.c */
/* Deadlines that came by NOW become decisions. */
int reactor_due(struct reactor *reactor, int64_t now, unsigned *fired);

#endif
