/* conf.h — the operator's YAML as one checked, read-only tree.
 *
 * conf_load reads the main file and everything it names (includes, policies, phrases, secrets),
 * checks all of it and reports every problem with file, line and column, not only the first; when
 * there is no error the tree is whole and nothing in it needs to be checked again. A reload loads a
 * second tree aside and swaps it between two turns.
 *
 * Paths are relative to the file that names them. Every duration carries its unit. Secrets come
 * from a file (x_file), the environment (x_env) or a systemd credential (x_credential), inline only
 * with `insecure_inline: true`.
 */
#ifndef CLOSEDLOOP_CONF_H
#define CLOSEDLOOP_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "closedloop/coverage.h"
#include "closedloop/gazetteer.h"
#include "closedloop/mem.h"
#include "closedloop/phrase.h"
#include "closedloop/policy.h"
#include "closedloop/roster.h"
#include "closedloop/webhook.h"
#include "closedloop/when.h"

enum conf_listen_kind {
	LISTEN_HTTP,  /* "http://ADDR:PORT"; off loopback only with insecure: true. */
	LISTEN_UNIX,  /* "unix:PATH"; peer uid 0 or our own is operator. */
	LISTEN_HTTPS, /* "https://ADDR:PORT", with the certificate of struct conf_tls. */
};

struct conf_listen {
	enum conf_listen_kind kind;
	const char *address; /* Numeric host, or the socket's absolute path. */
	int port;	     /* 0 = any free port (tests); the log says which. */
};

/* Where something is written, for problems that are found when the files are read no more. */
struct conf_place {
	const char *file;
	int line, column;
};

enum conf_clients {
	CLIENTS_NONE,	  /* Nobody is asked for a certificate. */
	CLIENTS_OPTIONAL, /* Who has one may show it: browsers and feeds on one port. */
	CLIENTS_REQUIRED, /* Without one of client_ca_file nobody gets in. */
};

/* How https is spoken. The PEM texts are as they were read; whether they are any good only the
 * daemon can judge (daemon/tls.h), and reports it at their places. */
struct conf_tls {
	const char *certificate; /* Ours first, then what leads to an authority. NULL: no https. */
	const char *key;	 /* A secret. */
	const char *client_ca;	 /* Who may vouch for clients; NULL: nobody, then only
				  * fingerprints tell them. */
	enum conf_clients clients;
	const char *certificate_file, *key_file, *client_ca_file; /* Absolute, or NULL. */
	struct conf_place certificate_at, key_at, client_ca_at;
};

enum conf_feed_kind {
	FEED_PUSH,
	FEED_SPOOL,
	FEED_POLL,
};

#define CONF_SECRETS_MAX      2
#define CONF_CERTIFICATES_MAX 4
#define CONF_MASTER_LEN	      32

struct conf_feed {
	const char *name;
	enum conf_feed_kind kind;
	size_t sources_len;
	const char *const
		*sources;   /* Allowed prefixes of a fact's source; at least one for push. */
	const char *token;  /* Bearer token, or NULL when only signatures are taken. */
	size_t secrets_len; /* Standard Webhooks secrets; when there are any, calls must be signed.
			     */
	struct webhook_secret secrets[CONF_SECRETS_MAX];
	size_t certificates_len; /* When there are any, calls must come over a connection with one
				  * of them: "sha256:" and 64 small hex digits, or "subject:" and
				  * the name as RFC 2253 writes it. */
	const char *certificates[CONF_CERTIFICATES_MAX];
	int64_t heartbeat; /* Silence after which the feed counts as silent (15m); 0 = never. */
	int64_t heartbeat_night;      /* The same by night; 0 = as by day. */
	int64_t night_from, night_to; /* Time of day, by the configured zone; TO may be next
				       * morning. */
	const char *unit; /* Who holds a traveller of this feed while no district is known; "" = the
			     root unit. */
};

enum conf_channel {
	CHANNEL_GENERIC,
	CHANNEL_WECOM,
	CHANNEL_DINGTALK,
	CHANNEL_FEISHU, /* Lark is the same with another URL. */
	CHANNEL_SLACK,
	CHANNEL_PAGERDUTY,
	CHANNEL_ALERTMANAGER,
	CHANNELS, /* How many there are. */
};

/* How much a message may say of the people it is about; the page behind its link says the rest. */
enum conf_redact {
	REDACT_INITIALS, /* counts, countries, languages, flight; initials and building where a list
			    must tell people apart */
	REDACT_COUNTS,	 /* how many, where, by when and the link, nothing of any of them */
};

/* In which of its channel's forms a message goes; not every channel has a choice. */
enum conf_form {
	FORM_USUAL, /* The channel's own. */
	FORM_TEXT,
	FORM_MARKDOWN,
	FORM_CARD,    /* With a button; what a card cannot hold goes as markdown or text. */
	FORM_WEBHOOK, /* Alertmanager's webhook v4. */
	FORM_PUSH,    /* Alertmanager's API v2. */
};

#define CONF_MENTIONS_MAX    10
#define CONF_MENTION_LEN_MAX 64

struct conf_endpoint {
	const char *name;
	enum conf_channel channel;
	enum conf_form form;
	const char *url;    /* A robot's key is in it: never logged. */
	size_t secrets_len; /* Signing secrets, newest first (generic). */
	struct webhook_secret secrets[CONF_SECRETS_MAX];
	size_t keys_len; /* Secrets that are plain text, newest first (dingtalk, feishu: what signs;
			  * pagerduty: the routing key). */
	const char *keys[CONF_SECRETS_MAX];
	size_t mention_len; /* Whom an urgent message calls by name in a group: user ids, phone */
	const char *const *mention; /* numbers, "all"; as the channel names them. */
	size_t allow_len;
	const char *const *allow; /* CIDR blocks outside the public internet that may be reached:
				     "127.0.0.0/8". */
	const char *language;	  /* Phrase book: "zh-CN" by default. */
	int rate_per_minute;	  /* 0 = the channel's own limit. */
	size_t pool_len;	  /* Robots of one group, by their endpoints' names: a notice to */
	const char *const *pool;  /* this endpoint goes by whichever of them is free. */
	int64_t quiet_from, quiet_to; /* Times of day between which only what is urgent rings; equal
				       * = never. TO may be next morning. */
	bool resolved;		      /* Told also that an alert was taken, or is over. */
	enum conf_redact redact;
	const char *ack_pin; /* Asked on the page behind a link, or NULL. */
	const char *proxy;   /* "http://HOST:PORT" to go through, or NULL; none from elsewhere. */
	const char *ca_file; /* Whom to trust besides the system's authorities, or NULL. */
};

/* Where we say that we are alive, for somebody outside who notices when we stop saying it. */
struct conf_heartbeat {
	const char *url; /* NULL: nowhere. May hold a key: never logged. */
	size_t allow_len;
	const char *const *allow;
	int64_t every; /* 1m, of real time */
	bool drill;    /* In a drill, too. */
};

/* The heads of the ledger: the signed ends of its chain. */
struct conf_ledger {
	const char *head_to; /* Endpoint that gets each one, or NULL: they are only kept. */
	int64_t head_every;  /* 24h; divides a day. */
};

struct conf_unit {
	const char *code;     /* 2, 4, 6, 9 or 12 digits; a committee without its own entry uses its
				 street's, and so on. */
	const char *endpoint; /* Name, or NULL to inherit. */
	const char *roster;   /* Name, or NULL: who is on duty comes before the endpoint. */
	const char *name;     /* Overrides the gazetteer's name; or NULL. */
};

enum conf_step_target {
	STEP_COMMITTEE = 12,
	STEP_STREET = 9,
	STEP_DISTRICT = 6,
	STEP_CITY = 4,
	STEP_PROVINCE = 2,
	STEP_ENDPOINT = 0, /* A named endpoint. */
};

struct conf_step {
	enum conf_step_target target;
	const char *endpoint; /* For STEP_ENDPOINT. */
	int64_t wait;	      /* How long the one who was told has before the next is. */
	bool repeat;	      /* Last step only: again and again until a human takes it. */
};

#define CONF_STEPS_MAX 8

struct conf_escalation {
	const char *name; /* "default" or an alert kind ("fever"). */
	size_t len;
	struct conf_step steps[CONF_STEPS_MAX];
};

enum conf_role {
	ROLE_NONE,
	ROLE_FEED,
	ROLE_COMMITTEE,
	ROLE_DUTY,
	ROLE_AUDITOR,
	ROLE_OPERATOR,
};

#define CONF_TOKEN_HASH_LEN 32
#define CONF_TOKEN_LIFE_MAX (400 * WHEN_DAY) /* Of a token made while we run. */

struct conf_token {
	const char *name;
	enum conf_role role;
	const char *scope;		   /* Unit prefix, "" = everything. */
	uint8_t hash[CONF_TOKEN_HASH_LEN]; /* BLAKE2b-256 of the token: it is kept nowhere. */
	int64_t expires_at;		   /* From then on it opens nothing; or WHEN_NEVER. */
};

/* Callers that are made while we run, browsers, and who guesses. */
struct conf_access {
	int64_t token_life;   /* 90 d: of a token made without an end */
	unsigned sessions;    /* 1,000 browsers at the same time */
	int64_t session_idle; /* 30 m without a human's step end one … */
	int64_t session_life; /* … and 12 h do anyway */
	unsigned failures;    /* 5 wrong tokens a minute by one address, or with one token */
	int64_t read_again;   /* 10 m in which looking at the same record again is the same look */
};

struct conf_limits {
	size_t head;		/* 16 KiB */
	size_t event;		/* 64 KiB */
	size_t batch;		/* 1 MiB */
	unsigned batch_events;	/* 1,000 */
	unsigned connections;	/* 1,000 */
	unsigned per_address;	/* 50 */
	int64_t request;	/* 30 s for a whole request */
	int64_t idle;		/* 60 s between requests on one connection */
	size_t inbox;		/* 64 MiB of facts waiting for one transaction */
	unsigned turn_facts;	/* 2,000 facts in one transaction */
	unsigned turn_due;	/* 1,000 deadlines in one turn */
	unsigned in_flight;	/* 64 notices under way, all endpoints */
	unsigned per_endpoint;	/* 2 under way to one endpoint */
	int64_t connect;	/* 3 s */
	int64_t urgent_timeout; /* 10 s for an urgent notice's whole try */
	int64_t normal_timeout; /* 20 s */
	int64_t hand_on_after; /* 60 s until an undelivered urgent notice calls the next step … */
	int hand_on_tries;     /* … or so many failed tries: 3 */
	int64_t quiet_bypass;  /* 3 h: who arrives within is told of in quiet hours too */
	int64_t rejects_keep;  /* 14 d */
	unsigned link_address; /* 600 opens of links a minute by one address */
	unsigned link_token;   /* 300 of one link */
};

/* A policy for some of its travellers only: a whole one, made of its base and what is written
 * differently. */
struct conf_override {
	size_t countries_len; /* 0: of any. */
	const char *const *countries;
	size_t districts_len; /* 0: to any. */
	const char *const *districts;
	struct policy policy;
};

struct conf_overrides {
	size_t len;
	const struct conf_override *items; /* The first that matches holds. */
};

struct conf {
	const char *file;
	size_t listen_len;
	const struct conf_listen *listen;
	struct conf_tls tls;
	const char *public_url; /* No slash at the end. */
	const char *state_dir;	/* Absolute. */
	/* What wraps the data keys, newest first; none: the daemon keeps its own in state_dir. */
	size_t master_keys_len;
	uint8_t master_keys[CONF_SECRETS_MAX][CONF_MASTER_LEN];
	const char *time_zone;
	struct zone *zone;
	const char *gazetteer; /* Path of the image. */
	size_t policies_len;
	const struct policy *policies;		/* By in_force_from, oldest first; at least one. */
	const struct conf_overrides *overrides; /* As policies: those of each. */
	char rules[POLICY_HASH_CAP]; /* Hash of all of them, and of the zone they count days in. */
	size_t books_len;
	const struct phrasebook *books; /* "zh-CN" is always there. */
	size_t feeds_len;
	const struct conf_feed *feeds;
	size_t endpoints_len;
	const struct conf_endpoint *endpoints;
	const struct conf_endpoint **endpoints_by_name; /* The same, sorted. */
	size_t units_len;
	const struct conf_unit *units;		/* Sorted by code. */
	struct coverage_source *coverage_rules; /* Whose doors are whose, as written … */
	struct coverage
		*coverage; /* … and compiled by conf_check_units. NULL: nothing is written. */
	char coverage_hash[COVERAGE_HASH_CAP]; /* Of that, "0" when there is none. */
	const char *root_unit; /* The smallest unit above all of them; "" when there is none. Who
				* answers for a traveller of whom nothing else is known, unless her
				* feed names a unit. */
	size_t rosters_len;
	const struct roster *rosters;
	size_t escalations_len;
	const struct conf_escalation *escalations; /* "default" is always there. */
	struct conf_heartbeat heartbeat;
	struct conf_ledger ledger;
	const char *fallback; /* Endpoint that gets what nobody answered. */
	size_t tokens_len;
	const struct conf_token *tokens;
	bool loopback_operator;	 /* Callers from this machine without a token are operators
				  * (access.loopback). Default: true while no token is configured,
				  * false from the first one on. */
	bool loopback_by_tokens; /* Nothing is written about it: tokens made while we run count,
				  * too. */
	struct conf_access access;
	struct conf_limits limits;
};

struct conf_problem {
	const char *file;
	int line, column; /* From 1; 0 when the file as a whole is meant. */
	bool warning;	  /* Does not refuse the configuration. */
	const char *text;
};

struct conf_report {
	size_t len, errors;
	struct conf_problem *problems; /* File by file, each from top to bottom. */
	struct arena arena;	       /* Owns the texts: a report outlives the tree it judges. */
};

/* What conf needs from outside besides files. */
struct conf_world {
	const char *(*environment)(const char *name); /* getenv in the daemon. */
	const char *zoneinfo_dir;		      /* "/usr/share/zoneinfo" */
	/* Rosters must cover every minute of the 35 days from here; 0: nobody looks. */
	int64_t now;
	/* A gap is only a warning: at a start it is better to be up than to be whole, the unit's
	 * endpoint gets what nobody on duty would. */
	bool gap_warns;
};

/* Load PATH. REPORT is begun anew and always gets the list of problems. Returns 0 and *OUT when
 * there was no error, else CL_EINVAL. */
int conf_load(struct conf **out, const char *path, const struct conf_world *world,
	      struct conf_report *report);
/* What can only be judged with the gazetteer: codes that exist, and which doors are whose; compiles
 * the coverage. Adds to REPORT, two units that claim one door as warnings; CL_EINVAL when any was
 * an error. */
int conf_check_units(struct conf *conf, const struct gazetteer *gazetteer,
		     struct conf_report *report);
void conf_free(struct conf *conf);
/* BASE as it would be with the policy written in TEXT[0..LEN): instead of the one of that name, or
 * beside the others. Problems are reported as of a file called NAME, codes are checked with
 * GAZETTEER. Returns 0, *OUT, which borrows everything else from BASE and is freed by conf_free
 * before it, and *TRIED, the policy in it; else CL_EINVAL. */
int conf_with_policy(struct conf **out, const struct conf *base, const char *name, const char *text,
		     size_t len, const struct gazetteer *gazetteer, const struct policy **tried,
		     struct conf_report *report);
/* Add what somebody else found wrong to REPORT, at PLACE; its order stays that of the files. */
void conf_report_at(struct conf_report *report, const struct conf_place *place, bool warning,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));
void conf_report_free(struct conf_report *report);
/* "FILE:LINE:COL: message" lines, warnings marked. */
void conf_report_print(const struct conf_report *report, FILE *out);
/* The configuration in force, as YAML, secrets masked. */
void conf_print(const struct conf *conf, FILE *out);

/* What is behind CHANNEL opens incidents of its own, and must hear when they are over. */
bool conf_keeps_incidents(enum conf_channel channel);

/* Look-ups. All return NULL when there is none. */
const struct conf_endpoint *conf_endpoint(const struct conf *conf, const char *name);
/* The endpoint that serves CODE: the longest configured prefix that has one. */
const struct conf_endpoint *conf_unit_endpoint(const struct conf *conf, const char *code);
const struct conf_unit *conf_unit(const struct conf *conf, const char *code);
const struct roster *conf_roster(const struct conf *conf, const char *name);
/* The escalation for an alert kind: the configured one, else the built-in one of the kinds whose
 * waits the rules name (fever, missed_check, transfer_overdue, shift_handover …), else the
 * configured "default". Never NULL. */
const struct conf_escalation *conf_escalation(const struct conf *conf, const char *kind);
/* The policy in force for arrivals of DAY, whoever they are: the newest not later; before all of
 * them, the oldest. */
const struct policy *conf_policy(const struct conf *conf, int32_t day);

/* What about a traveller decides which policy is hers. */
struct policy_case {
	int32_t day0;		 /* Civil day of isolation day 0, as far as it can be known. */
	int32_t today;		 /* Civil day of now. */
	const char *nationality; /* "KOR", or NULL */
	const char *countries;	 /* "KOR,ITA", or NULL */
	const char *unit;	 /* Code of her committee, or NULL */
	const char *district;	 /* Code of the desk's district, or NULL */
};
/* The policy of WHO: the one in force on her day 0, or a newer one that applies to open journeys
 * and is in force today; then the first of its overrides that matches. Never NULL. */
const struct policy *conf_policy_for(const struct conf *conf, const struct policy_case *who);
/* The next one that will take her over although her day 0 is past: the earliest that applies to
 * open journeys and comes into force after today; NULL when none will. Its overrides begin with it.
 */
const struct policy *conf_policy_next(const struct conf *conf, const struct policy_case *who);
/* Of overrides too. */
const struct policy *conf_policy_by_hash(const struct conf *conf, const char *hash);
const struct phrasebook *conf_book(const struct conf *conf, const char *language);

#endif
