/* audit.c — is the history as it was written? At the start against the last head we know of, each
 * night row by row, and when somebody asks; always a slice a turn, so that the night goes on
 * meanwhile. Neighbours: lib/store's store_verify.c looks; api_ledger.c reads the question and
 * writes the answer; reactor.c calls audit_step once a turn.
 *
 * The last head is kept in the state directory beside the database, because whoever puts back an
 * old database puts back its heads too. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/log.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "daemon/reactor_private.h"

/* Rows at a time, and how long a turn may spend on them: our own check leaves more of it to others.
 */
#define SLICE	  100
#define TURN	  5
#define TURN_OWN  2
/* What of the night is over when our own check begins: after midnight's head, before the day. */
#define OWN_AFTER (3 * WHEN_HOUR)
#define PATH_CAP  4200

/* --- The last head, in the state directory --- */

static void path_of(const struct reactor *reactor, char path[PATH_CAP])
{
	snprintf(path, PATH_CAP, "%s/%s", reactor->conf->state_dir,
		 reactor->clock.drill ? "drill.head" : "ledger.head");
}

static void keep_head(struct reactor *reactor)
{
	char path[PATH_CAP], aside[PATH_CAP + 8], line[LEDGER_HEAD_CAP];
	struct audit *audit = &reactor->audit;

	ledger_head_json(&audit->known, engine_ledger_public(reactor->engine), line);
	path_of(reactor, path);
	snprintf(aside, sizeof(aside), "%s.new", path);
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t len = (ssize_t)strlen(line);
	bool fine = fd >= 0 && write(fd, line, (size_t)len) == len && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	if (!fine || rename(aside, path) < 0)
		log_warn("ledger.head_not_kept", "path=%s error=\"%s\"", path, strerror(errno));
}

/* False when there is none, or none of ours. */
static bool read_head(struct reactor *reactor, struct ledger_head *head)
{
	char path[PATH_CAP], line[LEDGER_HEAD_CAP];
	uint8_t public[DIGEST_PUBLIC_LEN];

	path_of(reactor, path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t len = read(fd, line, sizeof(line));

	close(fd);
	return len > 0 && ledger_head_parse(head, public, line, (size_t)len, NULL) == 0 &&
	       ledger_signed(head, engine_ledger_public(reactor->engine));
}

/* --- What was found --- */

static void raise_alert(struct reactor *reactor, enum ledger_fault fault, int64_t n, int64_t now)
{
	struct err err = ERR_INIT;
	char detail[64];

	snprintf(detail, sizeof(detail), "row %lld: %s", (long long)n, ledger_fault_word(fault));
	log_error("ledger.broken", "row=%lld fault=%s", (long long)n, ledger_fault_word(fault));
	if (engine_system_alert(reactor->engine, ALERT_LEDGER_BROKEN, "ledger", detail, true, now,
				&err) < 0)
		log_error("ledger.not_told", "reason=\"%s\"", err.text);
	courier_wake(reactor->courier);
}

/* The database that was found at the start against the last head that was made of it. */
static void compare(struct reactor *reactor, int64_t now)
{
	const struct store_ops *ops = reactor->store->ops;
	struct audit *audit = &reactor->audit;
	uint8_t link[LEDGER_LINK_LEN];
	int64_t n, at;

	audit->known_there = read_head(reactor, &audit->known);
	if (!audit->known_there || ops->ledger_end(reactor->store, &n, link, NULL) < 0)
		return;
	if (n < audit->known.n)
		raise_alert(reactor, LEDGER_CUT, audit->known.n, now);
	else if (ops->ledger_link(reactor->store, audit->known.n, &at, link, NULL) < 0 ||
		 memcmp(link, audit->known.link, sizeof(link)) != 0)
		raise_alert(reactor, LEDGER_REWRITTEN, audit->known.n, now);
}

/* --- Checking --- */

static void forget(struct audit *audit)
{
	mem_free(audit->kept);
	audit->kept = NULL;
	audit->call = NULL;
	audit->running = false;
}

static void begin(struct audit *audit, const uint8_t *public_key, const struct ledger_head *kept,
		  size_t kept_len)
{
	audit->running = true;
	audit->check =
		(struct ledger_check){.public_key = public_key, .kept = kept, .kept_len = kept_len};
}

/* KEPT, in which the head we know of ourselves has its place too: whoever has not kept one must not
 * be told that a ledger is whole which is not for us. */
static struct ledger_head *with_known(const struct audit *audit, struct ledger_head *kept,
				      size_t *len)
{
	struct ledger_head *all = mem_alloc((*len + 1) * sizeof(*all));
	size_t at = 0;

	while (at < *len && kept[at].n < audit->known.n)
		at++;
	bool add = audit->known_there && !(at < *len && memcmp(kept[at].link, audit->known.link,
							       sizeof(kept[at].link)) == 0);

	for (size_t i = 0; i < at; i++)
		all[i] = kept[i];
	if (add)
		all[at] = audit->known;
	for (size_t i = at; i < *len; i++)
		all[i + add] = kept[i];
	*len += add;
	mem_free(kept);
	return all;
}

void audit_begin(void *context, struct http_call *call, struct ledger_head *kept, size_t kept_len)
{
	struct reactor *reactor = context;
	struct audit *audit = &reactor->audit;
	struct err err = ERR_INIT;

	if (audit->call) {
		int rc = err_set(&err, CL_ECONFLICT,
				 "the ledger is being verified already; wait for its answer");
		mem_free(kept);
		api_reply_err(call, rc, &err);
		return;
	}
	/* One of our own that is under way begins anew another time. */
	forget(audit);
	audit->call = call;
	audit->kept = with_known(audit, kept, &kept_len);
	begin(audit, engine_ledger_public(reactor->engine), audit->kept, kept_len);
}

static void begin_own(struct reactor *reactor, int64_t now)
{
	struct audit *audit = &reactor->audit;
	int32_t night = when_day(reactor->conf->zone, now - OWN_AFTER);

	if (audit->running || (audit->nights && night == audit->night))
		return;
	audit->nights = true;
	audit->night = night;
	begin(audit, engine_ledger_public(reactor->engine), &audit->known, audit->known_there);
}

static void end(struct reactor *reactor, int64_t now)
{
	struct audit *audit = &reactor->audit;
	const struct ledger_check *check = &audit->check;
	struct api_audit *last = api_audit(reactor->api);

	last->at = now;
	last->whole = check->fault == LEDGER_WHOLE;
	if (last->whole)
		log_info("ledger.whole", "rows=%lld facts=%lld heads=%lld", (long long)check->rows,
			 (long long)check->facts, (long long)check->heads);
	else
		raise_alert(reactor, check->fault, check->bad_n, now);
	if (audit->call)
		api_reply_ledger(audit->call, reactor->conf, check);
	forget(audit);
}

static void follow_heads(struct reactor *reactor)
{
	struct audit *audit = &reactor->audit;
	uint64_t made = engine_counters(reactor->engine)->heads;
	struct ledger_head head;

	if (made == audit->heads || reactor->store->ops->head_last(reactor->store, &head, NULL) < 0)
		return;
	audit->heads = made;
	/* Our own check holds on to the one that was known when it began. */
	if (audit->running && !audit->call)
		forget(audit);
	audit->known = head;
	audit->known_there = true;
	keep_head(reactor);
}

static int look(struct reactor *reactor, int64_t span, struct err *err)
{
	struct ledger_check *check = &reactor->audit.check;
	int64_t until = clock_monotonic() + span;
	int rc = 0;

	while (rc == 0 && !check->done && clock_monotonic() < until)
		rc = reactor->store->ops->ledger_verify(reactor->store, check, SLICE, err);
	return rc;
}

bool audit_step(struct reactor *reactor, int64_t now)
{
	struct audit *audit = &reactor->audit;
	struct http_call *call = audit->call;
	struct err err = ERR_INIT;

	if (clock_monotonic() < reactor->store_rest)
		return call != NULL;
	if (!audit->compared)
		compare(reactor, now);
	audit->compared = true;
	follow_heads(reactor);
	begin_own(reactor, now);
	if (!audit->running)
		return false;
	int rc = look(reactor, call ? TURN : TURN_OWN, &err);

	if (rc < 0) {
		log_error("ledger.not_verified", "reason=\"%s\"", err.text);
		forget(audit);
		if (call)
			api_reply_err(call, rc, &err);
	} else if (audit->check.done) {
		end(reactor, now);
	}
	return call != NULL;
}

void audit_abandon(struct reactor *reactor, const char *why)
{
	struct http_call *call = reactor->audit.call;
	struct err err = ERR_INIT;

	forget(&reactor->audit);
	if (!call)
		return;
	int rc = err_set(&err, CL_ECONFLICT, "%s", why);
	api_reply_err(call, rc, &err);
}
