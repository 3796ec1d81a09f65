/* api_private.h — what the rooms of the API share:
 *
 *	api.c          the inbox and the turn
 *	api_route.c    the table of routes
 *	api_auth.c     who is calling
 *	api_certificate.c whose certificate a connection carries
 *	api_token.c    whose a token is; tokens made while we run
 *	api_session.c  browsers: a session for a token, and what it may be used for
 *	api_look.c     looks at personal data are written down before the answer leaves
 *	api_reply.c    answers as bytes
 *	api_reveal.c   one of a traveller's documents or numbers, for a purpose
 *	api_events.c   POST /v1/events
 *	api_fact.c     a call by a person becomes a fact
 *	api_write.c    what people do to a journey
 *	api_read.c     journeys and their history
 *	api_erase.c    what is personal of an ended journey goes, by order
 *	api_export.c   everything about one traveller, for herself
 *	api_alerts.c   alerts
 *	api_silences.c what keeps alerts quiet for a while
 *	api_aliases.c  what officers taught
 *	api_link.c     the page behind a link in a message; api_link_list.c that of a digest,
 *	               api_link_address.c that of an address
 *	api_fleet.c    transfers, flights, units
 *	api_match.c    which committee an address belongs to
 *	api_roster.c   who is on duty, and the calendar of it
 *	api_admin.c    census, rejects, endpoints, keys, drill
 *	api_outbox.c   single notices, dead letters, tests
 *	api_callout.c  whom an alert would reach
 *	api_ledger.c   the end of the history, its heads, whether it is whole
 *	api_policy.c   a policy that is not in force
 *	api_health.c   health, metrics, documents
 *	api_console.c  the duty desk's page
 */
#ifndef DAEMON_API_PRIVATE_H
#define DAEMON_API_PRIVATE_H

#include "closedloop/json.h"
#include "closedloop/match.h"
#include "closedloop/nearest.h"
#include "closedloop/text.h"
#include "daemon/api.h"
#include "daemon/keys.h"
#include "daemon/session.h"
#include "daemon/throttle.h"
#include "daemon/view.h"

#define BIT(n) (1u << (n))

#define ROLES_OPEN  0u /* Anybody; what is shown is no secret, or the path itself is one. */
#define ROLES_FEED  (BIT(ROLE_FEED) | BIT(ROLE_OPERATOR))
#define ROLES_READ  (BIT(ROLE_COMMITTEE) | BIT(ROLE_DUTY) | BIT(ROLE_AUDITOR) | BIT(ROLE_OPERATOR))
#define ROLES_WRITE (BIT(ROLE_COMMITTEE) | BIT(ROLE_DUTY) | BIT(ROLE_OPERATOR))
#define ROLES_DUTY  (BIT(ROLE_DUTY) | BIT(ROLE_OPERATOR))
#define ROLES_AUDIT (BIT(ROLE_AUDITOR) | BIT(ROLE_OPERATOR))
#define ROLES_ADMIN BIT(ROLE_OPERATOR)

#define PART_CAP      ACK_TOKEN_CAP
#define BODY_SMALL    ((long)16 * 1024)
#define BODY_HEADS    ((long)512 * 1024)
#define BODY_POLICY   ((long)64 * 1024)
#define RETRY_AFTER_S 2

/* Who makes a call. Strings belong to the visit's arena. */
struct caller {
	enum conf_role role;
	const char *name;	      /* Token's or feed's name; "local" for this machine. */
	const char *scope;	      /* Unit prefix; "" = everything. */
	const struct conf_feed *feed; /* ROLE_FEED; only good until the handler returns. */
};

struct route;

/* An answer that waits until it stands in the ledger that somebody looked. */
struct held_answer {
	int status;
	const char *type;
	const char *body;
	size_t len;
	struct http_extra *extra;
	size_t extra_len;
};

/* One call on its way: from api_call to its answer. */
struct visit {
	struct visit *next;
	struct api *api;
	struct http_call *call;
	const struct route *route;
	struct caller caller;
	struct session *session; /* Of the browser that calls, or NULL; good until the handler
				  * returns. */
	char part[2][PART_CAP];	 /* What the stars of the route stood for. */
	int64_t now;
	size_t bytes; /* Counted against limits.inbox. */
	struct arena arena;

	/* A write: what is to be submitted, and who answers afterwards. RESULTS has one entry per
	 * fact. */
	struct fact **facts;
	size_t facts_len;
	const struct refusal *refusals;
	size_t refusals_len;
	void (*answer)(struct visit *visit, const struct fact_result *results);
	void *work;	   /* The handler's own, in the arena. */
	struct look look;  /* What is written down with it; look.what NULL: nothing. */
	uint64_t look_key; /* By which it is known again; 0: never. */
	struct held_answer held;
	bool committed;		 /* The transaction is over: nothing need wait any more. */
	struct feed_batch batch; /* POST /v1/events */
	const char *feed;
};

struct route {
	const char *method;
	const char *path; /* '*' stands for one segment, "**" at the end for all the rest. */
	unsigned roles;
	long body_max; /* 0: none */
	bool proof;    /* Whose call it is must be proven: to come from this machine is no proof. */
	void (*handle)(struct visit *visit);
};

struct feed_row {
	struct feed_row *next;
	char *name;
	struct api_feed feed;
};

/* Wrong PINs at one link. */
struct pin_row {
	uint64_t key;
	unsigned wrong;
	int64_t at; /* of the last wrong one */
};
#define PIN_ROWS 128

/* Looks of late, so that one that is the same is not written down each time. */
struct look_row {
	uint64_t key;
	int64_t at;
};
#define LOOK_ROWS 4096

struct api {
	struct engine *engine;
	struct courier *courier;
	struct store *store;
	const struct conf *conf;
	const struct gazetteer *gazetteer;
	struct entropy entropy;
	const struct ack_ring *ack;
	const struct keys *keys;
	uint8_t token_key[32]; /* Tokens of feeds are compared by keyed hash. */
	bool tokens_made;      /* There is, or was, a token made while we run. */
	struct sessions sessions;
	struct throttle failures; /* Wrong tokens. */
	unsigned failed;	  /* Of them, those no line of the ledger tells of yet. */
	int64_t failed_next;	  /* When the next line may be written. */
	struct throttle link_throttle;
	struct pin_row pins[PIN_ROWS];
	struct look_row looks[LOOK_ROWS];
	bool drill;
	struct api_hooks hooks;
	struct visit *inbox, **inbox_end;
	size_t inbox_len, inbox_bytes;
	struct feed_row *feeds;
	struct api_counters counters;
	struct api_audit audit;
	int64_t started_at;
	int64_t probe_at; /* monotonic: when readiness may try a write again */
	int last_rc;	  /* Of the last transaction: whether the store takes anything. */
};

/* --- api.c --- */

/* What view.h needs to know, with the visit's arena. */
struct view visit_view(struct visit *visit);

/* --- api_route.c --- */

/* The route of METHOD and PATH, with the stars filled in (PART may be NULL); else NULL and the
 * status in *STATUS. */
/* The methods PATH takes, as an Allow header lists them. */
void route_methods(const char *path, struct text *out);
const struct route *route_find(const char *method, const char *path, char (*part)[PART_CAP],
			       int *status);

/* --- api_auth.c --- */

/* Fill in who calls; false after having answered 303, 401, 403, 429 or 503. */
bool visit_admit(struct visit *visit);
/* VISIT's caller has ROLE, NAME and SCOPE (NULL: everything); they are copied. */
void visit_be(struct visit *visit, enum conf_role role, const char *name, const char *scope);
/* FEED signed this request: with any of its secrets. */
bool visit_signed(const struct visit *visit, const struct conf_feed *feed);
/* It was sent by a page of ours. What says nothing about that (no browser, or an old one) passes
 * unless MUST_SAY. */
bool visit_same_site(const struct visit *visit, bool must_say);
/* One more that showed what opens nothing, SHOWN (or NULL). 0 while that is not too often; else the
 * seconds after which it may try again. Asked only about failures: what is valid passes always. */
int visit_failed(struct visit *visit, const char *shown);
/* Whether the caller may see whom a record is about: names, numbers, addresses, health. */
bool caller_knows(const struct caller *caller);
/* A unit of the configuration, or "" for nobody's, lies within the caller's scope. Of what is
 * stored, the store itself asks: its verbs that end in _see. */
bool caller_covers(const struct caller *caller, const char *unit);

/* Write down how many showed what opens nothing: the first at once, then one line an hour. */
void failures_note(struct api *api, int64_t now);

/* --- api_certificate.c --- */

/* CALL came over a connection with one of FEED's certificates, or FEED asks for none. */
bool certificate_fits(const struct http_call *call, const struct conf_feed *feed);
/* The feed that CALL's certificate alone tells: one that asks for neither token nor signature. NULL
 * when there is none. */
const struct conf_feed *certificate_feed(const struct http_call *call, const struct conf *conf);

/* --- api_token.c --- */

/* Whose TOKEN is. 1: VISIT's caller is filled in; 0: nobody's, or it has ended; else the store's
 * error. */
int token_admit(struct visit *visit, const char *token, struct err *err);
/* The same of the token whose BLAKE2b-256 is HASH, for people only. */
int token_admit_hash(struct visit *visit, const uint8_t hash[CONF_TOKEN_HASH_LEN], struct err *err);
/* Learn whether any was ever made. */
int tokens_open(struct api *api, struct err *err);
/* Add "tokens_expiring" to OUT: those that end within two weeks. */
void add_tokens_expiring(struct visit *visit, cJSON *out);

/* --- api_session.c --- */

/* As token_admit, by the cookie. */
int session_admit(struct visit *visit, struct err *err);
/* A browser's write came from a page of ours that knew the session's secret; false after having
 * answered 403. True for all that is no session. */
bool session_guard(struct visit *visit);

/* --- api_look.c --- */

/* What is answered shows personal data: of JOURNEY, or, "", of those that WHAT tells of ("unit
 * 310112, 17 journeys"; may be NULL). It is held until the look stands in the ledger, unless the
 * caller has just looked at the same thing. Call it before the answer. */
void visit_look(struct visit *visit, const char *journey, const char *what);
/* The same, whoever looked when: for what is shown one at a time. */
void visit_look_always(struct visit *visit, const char *journey, const char *what);
/* Why the caller looks, as she says: X-Purpose without controls and long numbers; "" when she does
 * not. In the visit's arena. */
const char *visit_purpose(struct visit *visit);
/* Answer, or hold the answer while a look is to be written down first. */
void visit_send(struct visit *visit, int status, const char *type, const char *body, size_t len,
		const struct http_extra *extra, size_t extra_len);
/* A line of the ledger about nobody, in its own transaction: the caller did WHAT, a coded word;
 * MORE (may be NULL) is coded, too. */
int visit_note(struct visit *visit, const char *what, const char *more, struct err *err);
/* VISIT's look is durable. */
void look_written(struct visit *visit);

/* --- api_reply.c --- */

void reply_see_other(struct visit *visit, const char *path);

/* Print, answer and delete TREE. */
void reply_json(struct visit *visit, int status, cJSON *tree);
void reply_problem(struct visit *visit, int status, const char *code, const char *detail);
/* What RC and ERR mean to a client. */
void reply_error(struct visit *visit, int rc, const struct err *err);
/* RETRY_AFTER_S > 0 adds the header. */
void reply_html(struct visit *visit, int status, const struct text *page, int retry_after_s);
/* Read the body as a JSON object, "{}" when it is empty; NULL after having answered. The tree is
 * the caller's. */
cJSON *visit_body(struct visit *visit);

/* --- api_read.c --- */

/* Load journey ID as far as the caller may see it. False after having answered. OUT is settled, in
 * the visit's arena. */
bool visit_journey(struct visit *visit, const char *id, struct journey **out,
		   const struct policy **policy);
void reply_journey(struct visit *visit, const char *id);

/* --- api_fact.c --- */

/* A fact of TYPE by the caller: stamp, hash and ledger body from the call. BODY may be NULL. False
 * after having answered (a "time" that is none, an Idempotency-Key that is too long). */
bool visit_fact(struct visit *visit, enum fact_type type, const char *subject, const cJSON *body,
		struct fact **out);
/* Have FACT submitted with this turn; ANSWER is called after the commit. */
void visit_submit(struct visit *visit, struct fact *fact,
		  void (*answer)(struct visit *, const struct fact_result *));
/* True when RESULT is a success; else the refusal is answered. */
bool visit_accepted(struct visit *visit, const struct fact_result *result);
/* A text member of BODY without controls, at most MAX characters; NULL when absent or empty. */
const char *body_text(struct visit *visit, const cJSON *body, const char *name, size_t max);

/* --- api_match.c --- */

/* WHY in LANGUAGE's phrases, or NULL. */
const char *match_why_words(struct visit *visit, const char *language, enum match_why why);

/* --- api_policy.c --- */

/* Add the loaded policies and their overrides to OUT. */
void add_policies(const struct conf *conf, cJSON *out);

/* --- api_ledger.c --- */

/* Add how long the ledger is, who gets its heads, and when it was last looked at, to OUT. */
void add_ledger(struct visit *visit, cJSON *out);

/* --- api_units.c --- */

/* The rules of CODE's own coverage, as a list. */
cJSON *unit_coverage(const struct conf *conf, const char *code);

/* --- Handlers --- */

void api_events(struct visit *visit);

void api_journeys(struct visit *visit);
void api_journey(struct visit *visit);
void api_ledger(struct visit *visit);
void api_why(struct visit *visit);
void api_reveal(struct visit *visit);

void api_accept(struct visit *visit);
void api_handover(struct visit *visit);
void api_checks(struct visit *visit);
void api_task(struct visit *visit);
void api_assign(struct visit *visit);
void api_redirect(struct visit *visit);
void api_extend(struct visit *visit);
void api_refuse(struct visit *visit);
void api_expose(struct visit *visit);
void api_leave(struct visit *visit);
void api_return(struct visit *visit);
void api_release(struct visit *visit);
void api_end(struct visit *visit);
void api_erase(struct visit *visit);
void api_export(struct visit *visit);

void api_alerts(struct visit *visit);
void api_alert_ack(struct visit *visit);
void api_alert_resolve(struct visit *visit);
void api_silences(struct visit *visit);
void api_silence(struct visit *visit);
void api_silence_end(struct visit *visit);
void api_aliases(struct visit *visit);
void api_alias_undo(struct visit *visit);
void api_link_show(struct visit *visit);
void api_link_take(struct visit *visit);

void api_transfer(struct visit *visit);
void api_flight(struct visit *visit);
void api_units(struct visit *visit);
void api_coverage(struct visit *visit);
void api_unit(struct visit *visit);
void api_match(struct visit *visit);

void api_rosters(struct visit *visit);
void api_roster_calendar(struct visit *visit);

void api_tokens(struct visit *visit);
void api_token_add(struct visit *visit);
void api_token_revoke(struct visit *visit);
void api_session(struct visit *visit);
void api_login_show(struct visit *visit);
void api_login(struct visit *visit);
void api_logout(struct visit *visit);

void api_census(struct visit *visit);
void api_status(struct visit *visit);
void api_rejects(struct visit *visit);
void api_ledger_lines(struct visit *visit);
void api_endpoints(struct visit *visit);
void api_feeds(struct visit *visit);
void api_dead_letters(struct visit *visit);
void api_redrive(struct visit *visit);
void api_send_test(struct visit *visit);
void api_notice(struct visit *visit);
void api_route_test(struct visit *visit);
void api_rotate_key(struct visit *visit);
void api_reload(struct visit *visit);
void api_policy_diff(struct visit *visit);
void api_admin_ledger(struct visit *visit);
void api_ledger_head(struct visit *visit);
void api_verify_ledger(struct visit *visit);
void api_drill_clock(struct visit *visit);

void api_healthz(struct visit *visit);
void api_readyz(struct visit *visit);
void api_metrics(struct visit *visit);
void api_openapi(struct visit *visit);
void api_static(struct visit *visit);
void api_console(struct visit *visit);

#endif
