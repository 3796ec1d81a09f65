/* api.h — the routes: what an HTTP call means, who may make it, and how it is answered.
 *
 * http_in's callbacks only put calls into the inbox (api_head, api_call). Once per turn the reactor
 *empties it:
 *
 *	struct api_batch batch;
 *	struct err err = ERR_INIT;
 *	if (api_collect(api, now, &batch)) {
 *		rc = engine_turn(engine, &batch.turn, now, batch.results, &err);
 *		api_answer(api, &batch, now, rc, &err);
 *		courier_wake(courier);
 *	}
 *
 * api_collect answers reads at once, from committed state, and hands out the facts of all writes;
 *what shows personal data waits, too, until it stands in the ledger that somebody looked.
 *api_answer tells their senders, after the commit and never before. A call that waits owns its
 *facts in an arena of its own, so nothing borrows from a configuration or a request that may go.
 *Admin verbs that write (redrive, send-test) make their own transaction inside api_collect: none
 *may be open then.
 */
#ifndef DAEMON_API_H
#define DAEMON_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/courier.h"
#include "closedloop/engine.h"
#include "daemon/http_in.h"

struct api;

/* What only the reactor can do. Each answers CALL itself, once, between turns or later (api_reply_*
 * help); it is called from api_collect. NULL: the route is not there (404). */
struct api_hooks {
	void *context;
	/* POST /v1/drill/clock: run the virtual clock forward to TARGET. */
	void (*drill_clock)(void *context, struct http_call *call, int64_t target);
	/* POST /v1/admin/reload. Must not swap the configuration before api_collect has returned.
	 */
	void (*reload)(void *context, struct http_call *call, const char *by);
	/* POST /v1/admin/policy-diff: compare with what would be owed under WITH, which becomes the
	 * hook's; TRIED is the policy in it that was sent. Answered by api_reply_diff. */
	void (*policy_diff)(void *context, struct http_call *call, struct conf *with,
			    const struct policy *tried);
	/* POST /v1/admin/rotate-key: a new key for LINKS, which KEEPs what the present one signed,
	 * a new MASTER key, or both. Answered by the caller. */
	int (*rotate_key)(void *context, bool links, bool master, bool keep, struct err *err);
	/* POST /v1/admin/verify-ledger: look at every row, and at KEPT, heads that were kept
	 * outside and are signed by us, by number; they become the hook's (mem_free). Answered by
	 * api_reply_ledger. */
	void (*verify_ledger)(void *context, struct http_call *call, struct ledger_head *kept,
			      size_t kept_len);
};

struct api_setup {
	struct engine *engine;
	struct courier *courier;
	struct store *store;
	const struct conf *conf;
	const struct gazetteer *gazetteer;
	const struct entropy *entropy;
	const struct ack_ring *ack; /* Reads the links; may be turned between two turns. */
	const struct keys *keys;    /* Shown by status. */
	bool drill;		    /* Shown by status and the console. */
	struct api_hooks hooks;
};

int api_open(struct api **out, const struct api_setup *setup, struct err *err);
/* All calls still waiting are answered 503 first. */
void api_close(struct api *api);
/* A new configuration, between two turns. */
void api_reconfigure(struct api *api, const struct conf *conf);

/* http_in_handler's callbacks; their context is the struct api. */
long api_head(void *context, const struct http_request *request);
void api_call(void *context, struct http_call *call);

/* Calls that wait in the inbox: the reactor must not sleep. */
size_t api_waiting(const struct api *api);

struct visit;

struct api_batch {
	struct turn turn; /* For engine_turn; made of these: */
	struct fact **facts;
	struct refusal *refusals;
	struct look *looks;
	struct fact_result *results; /* One per fact, for engine_turn to fill. */
	struct visit *visits;	     /* Whom to answer. Private. */
};

/* Empty the inbox as far as limits.turn_facts allows. True when BATCH has something to submit; then
 * api_answer must follow. */
bool api_collect(struct api *api, int64_t now, struct api_batch *batch);
/* Tell the senders what became of BATCH: RC and ERR are engine_turn's. */
void api_answer(struct api *api, struct api_batch *batch, int64_t now, int rc,
		const struct err *err);

/* For hooks: answer CALL. ok: 200 with the JSON object TEXT; refuse: the problem that RC and ERR
 * stand for. */
void api_reply_ok(struct http_call *call, const char *text);
void api_reply_err(struct http_call *call, int rc, const struct err *err);
/* 200 with what TRIED would change; times by CONF's zone. */
void api_reply_diff(struct http_call *call, const struct conf *conf, const struct policy *tried,
		    const struct policy_diff *diff);

/* 200 with what CHECK, which is done, has found. */
void api_reply_ledger(struct http_call *call, const struct conf *conf,
		      const struct ledger_check *check);

/* When the ledger was last looked at whole, WHEN_UNKNOWN before that, and with what result; for
 * whoever looks to fill in. */
struct api_audit {
	int64_t at;
	bool whole;
};
struct api_audit *api_audit(struct api *api);

/* --- What is counted --- */

struct api_feed {
	const char *name;
	uint64_t accepted, duplicates, rejected;
};
/* The feed's row, made when it is new. Pointers stay good until api_close. Spool and poll count
 * here too. */
struct api_feed *api_feed(struct api *api, const char *name);

struct api_counters {
	uint64_t transactions, facts, duplicates, refusals, fired;
	uint64_t deadman_sent, deadman_withheld, deadman_failed;
	uint64_t handshakes, handshakes_failed;
	int64_t tls_expires_at; /* Real time; WHEN_UNKNOWN: no https is served. */
};
/* For the reactor to count what passes api_collect by (deadlines, courier). */
struct api_counters *api_counters(struct api *api);
/* Whether the store takes writes. While it does, the last commit says so; after one failed, a try
 * as large as a turn of events does, at most once a second. */
bool api_writable(struct api *api);

#endif
