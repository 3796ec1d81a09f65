/* ctl.h — what the rooms of closedloopctl share:
 *
 *	ctl.c        options and the table of verbs
 *	ctl_where.c  where the daemon is: option, configuration, default
 *	ctl_http.c   one call to the daemon
 *	ctl_table.c  rows in columns
 *	ctl_show.c   verbs that ask
 *	ctl_do.c     verbs that do
 *	ctl_outbox.c dead letters, a test, whom an alert would reach, keys
 *	ctl_silence.c silences: add, list, end
 *	ctl_alias.c  aliases: list, undo
 *	ctl_erase.c  erase, export person, incident-report
 *	ctl_csv.c    export journeys
 *	ctl_token.c  tokens: add, list, revoke
 *	ctl_policy.c policy diff
 *	ctl_ledger.c verify-ledger, ledger-head
 *	ctl_replay.c replay
 *	ctl_place.c  the gazetteer and tables of coverage, without a daemon
 *	ctl_match.c  match, with and without a daemon
 *	ctl_units.c  units: import lists, list, check, show
 */
#ifndef DAEMON_CTL_H
#define DAEMON_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "closedloop/coverage.h"
#include "closedloop/json.h"
#include "closedloop/text.h"

enum ctl_exit {
	CTL_DONE = 0,
	CTL_REFUSED = 1, /* Or the answer is no; the reason is on stderr. */
	CTL_USAGE = 2,
	CTL_UNREACHABLE = 3,
};

struct ctl {
	const char *config, *socket, *url, *token_file; /* As given, or NULL. */
	const char *purpose; /* Why personal data is asked for: X-Purpose; or NULL. */
	bool json;
	int argc; /* Words after the verb, options of the verb included. */
	char **argv;
	char socket_path[4096]; /* Found by ctl_where. */
};

/* Fill in where the daemon is. CTL_USAGE after having said what is wrong. */
int ctl_where(struct ctl *ctl);
/* The value of a top-level KEY in the configuration, as a path; false when it cannot be found. */
bool ctl_setting(const struct ctl *ctl, const char *key, char *path, size_t cap);
/* Read a whole file; NULL after having said why. The bytes end with NUL and belong to the caller.
 */
char *ctl_read_file(const char *path, size_t *len);

struct ctl_answer {
	int status;
	char *body; /* NUL-terminated, mem.h's. */
	size_t len;
	int retry_after_s; /* 0: none was named. */
	cJSON *tree;	   /* NULL when it is no JSON. */
};

/* Call METHOD PATH. BODY may be NULL. Returns CTL_DONE with an answer of any status, or
 * CTL_UNREACHABLE. */
int ctl_call(const struct ctl *ctl, const char *method, const char *path, const char *type,
	     const char *body, size_t len, struct ctl_answer *answer);
void ctl_answer_release(struct ctl_answer *answer);
/* ctl_call, for an answer of 2xx; else what the daemon said goes to stderr and CTL_REFUSED is
 * returned. With --json the body is printed and answer->tree is NULL. */
int ctl_ask(const struct ctl *ctl, const char *method, const char *path, const char *json,
	    struct ctl_answer *answer);
/* POST BODY to PATH as ctl_ask does; BODY is freed. */
int ctl_post(const struct ctl *ctl, const char *path, cJSON *body, struct ctl_answer *answer);

/* The value of option NAME among the verb's words, taken out of them; NULL when it is not there. */
const char *ctl_option(struct ctl *ctl, const char *name);
bool ctl_flag(struct ctl *ctl, const char *name);

/* Percent-encode VALUE onto PATH. */
void ctl_encode(struct text *path, const char *value);

/* --- ctl_table.c --- */

#define CTL_COLUMNS_MAX 12

struct ctl_column {
	const char *title;
	const char *member; /* Of each item; "a.b" reaches into an object. */
};

/* Print the objects of LIST as columns as wide as their widest value. */
void ctl_table(const cJSON *list, const struct ctl_column *columns, size_t len);
/* MEMBER ("a.b") of ITEM as text in BUF: "-" when it is null or absent. */
const char *ctl_member(const cJSON *item, const char *member, char *buf, size_t cap);

/* --- ctl_show.c --- */

/* Take the options that choose journeys out of the words, and add them to QUERY ("&unit=…"). */
void ctl_journey_filter(struct ctl *ctl, struct text *query);

/* --- ctl_place.c --- */

struct ctl_place {
	void *image;
	size_t len;
	struct gazetteer *gazetteer;
	struct coverage *coverage; /* or NULL */
};

/* Open the gazetteer at IMAGE, or where the configuration says when it is NULL. Anything but
 * CTL_DONE has been explained. */
int ctl_place_open(const struct ctl *ctl, struct ctl_place *place, const char *image);
void ctl_place_close(struct ctl_place *place);
/* coverage_read_rules and its like. */
typedef size_t ctl_place_reader(struct coverage_source *source, const char *bytes, size_t len,
				coverage_complain *complain, void *context);
/* Read the table at PATH (NULL: none) by READ; false when a row of it was refused, which has been
 * explained. */
bool ctl_place_read(struct coverage_source *source, const char *path, ctl_place_reader *read);
/* Compile SOURCE into PLACE. */
int ctl_place_cover(struct ctl_place *place, const struct coverage_source *source);

/* --- Verbs --- */

int ctl_status(struct ctl *ctl);
int ctl_journeys(struct ctl *ctl);
int ctl_why(struct ctl *ctl);
int ctl_reveal(struct ctl *ctl);
int ctl_census(struct ctl *ctl);
int ctl_feeds(struct ctl *ctl);
int ctl_rejects(struct ctl *ctl);
int ctl_endpoints(struct ctl *ctl);
int ctl_roster(struct ctl *ctl);
int ctl_dead_letters(struct ctl *ctl);
int ctl_send_test(struct ctl *ctl);
int ctl_route_test(struct ctl *ctl);
int ctl_rotate_key(struct ctl *ctl);
int ctl_reload(struct ctl *ctl);
int ctl_silences(struct ctl *ctl);
int ctl_aliases(struct ctl *ctl);
int ctl_token(struct ctl *ctl);
int ctl_policy(struct ctl *ctl);
int ctl_erase(struct ctl *ctl);
int ctl_export(struct ctl *ctl);
int ctl_export_journeys(struct ctl *ctl);
int ctl_incident_report(struct ctl *ctl);
int ctl_verify_ledger(struct ctl *ctl);
int ctl_ledger_head(struct ctl *ctl);
int ctl_replay(struct ctl *ctl);
int ctl_match(struct ctl *ctl);
int ctl_units(struct ctl *ctl);

#endif
