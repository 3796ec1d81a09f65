/* trial.c — POST /v1/admin/policy-diff: what another policy would change is worked out a slice a
 * turn, so that the night goes on meanwhile. Neighbours: engine's policy_diff.c compares;
 * api_policy.c reads the policy and writes the answer; reactor.c calls trial_step once a turn. */
#include "daemon/reactor_private.h"

/* Journeys in one turn: some ten milliseconds. */
#define SLICE 200

static void forget(struct reactor *reactor)
{
	policy_trial_free(reactor->trial.work);
	conf_free(reactor->trial.with);
	reactor->trial = (struct trial){.call = NULL};
}

static void refuse(struct reactor *reactor, int rc, const struct err *err)
{
	struct http_call *call = reactor->trial.call;

	forget(reactor);
	api_reply_err(call, rc, err);
}

void trial_begin(void *context, struct http_call *call, struct conf *with,
		 const struct policy *tried)
{
	struct reactor *reactor = context;
	struct err err = ERR_INIT;

	if (reactor->trial.call) {
		int rc = err_set(&err, CL_ECONFLICT,
				 "another policy is being tried already; wait for its answer");
		conf_free(with);
		api_reply_err(call, rc, &err);
		return;
	}
	reactor->trial = (struct trial){.call = call, .with = with, .tried = tried};
	int rc = policy_trial_begin(&reactor->trial.work, reactor->engine, with, tried,
				    clock_now(&reactor->clock), &err);
	if (rc < 0)
		refuse(reactor, rc, &err);
}

bool trial_step(struct reactor *reactor)
{
	struct trial *trial = &reactor->trial;
	struct err err = ERR_INIT;
	bool done = false;

	if (!trial->call)
		return false;
	int rc = policy_trial_step(trial->work, SLICE, &done, &err);
	if (rc < 0) {
		refuse(reactor, rc, &err);
	} else if (done) {
		api_reply_diff(trial->call, reactor->conf, trial->tried,
			       policy_trial_diff(trial->work));
		forget(reactor);
	}
	return true;
}

void trial_abandon(struct reactor *reactor, const char *why)
{
	struct err err = ERR_INIT;

	if (!reactor->trial.call)
		return;
	int rc = err_set(&err, CL_ECONFLICT, "%s", why);
	refuse(reactor, rc, &err);
}
