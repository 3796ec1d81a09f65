/* channel.h — a notice in the form an endpoint speaks, and what its answer means.
 *
 * A notice is content: kind, words, link, data. A channel builds the HTTP request from it (signing
 * anew at every try) and classifies the answer. Adding a channel is one file and one row in
 * channel.c.
 */
#ifndef CLOSEDLOOP_CHANNEL_H
#define CLOSEDLOOP_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/conf.h"
#include "closedloop/err.h"
#include "closedloop/ident.h"
#include "closedloop/mem.h"

/* One message owed to one endpoint, as stored in the outbox. */
struct notice {
	const char *id;	      /* "ntc_…"; stable over all tries: webhook-id and CloudEvents id */
	const char *endpoint; /* name */
	int64_t alert;	      /* the alert it speaks of, or 0 */
	bool urgent;
	const char *type; /* "alert.raised", "alert.escalated", "notice.expected", "task.due",
			     "notice.test" … */
	const char *kind; /* alert or notice kind: "arrival", "fever", "expected" … */
	const char *unit; /* whom it concerns */
	int64_t created_at;
	int64_t due_at;	    /* of the next try */
	int64_t expires_at; /* WHEN_NEVER, or after which it is pointless */
	int attempts;
	const char *title; /* plain text in the endpoint's language; marks 【演练】 and 【迟到】
			      already in front */
	const char *text;  /* plain text, several lines allowed */
	const char *url;   /* the ack link, or "" */
	const char *data;  /* JSON object for machines, no personal data */
	const char *error; /* what the last try came to, for operators; reading only */
	const char *group; /* "quiet:…": those of one group that are ready together are told
			      together; "" = none */
};

struct channel_request {
	const char *url;
	const char *body; /* NULL: a GET, else a POST */
	size_t body_len;
	size_t headers_len;
	const char *headers[8]; /* "Name: value" */
};

enum outcome {
	OUTCOME_OK,    /* Delivered. */
	OUTCOME_RETRY, /* This message again, later. */
	OUTCOME_PAUSE, /* The whole endpoint waits `pause`; the message is kept. */
	OUTCOME_DEAD,  /* This message can never be delivered; the endpoint is healthy. */
	OUTCOME_SICK,  /* The endpoint is gone or mis-configured; messages are kept and a human is
			  told another way. */
};

struct reply {
	int status;	   /* HTTP status, 0 when there was none */
	const char *error; /* transport error when status is 0 ("connect refused", "timeout") */
	const char *body;  /* at most 20 kB, NUL-terminated */
	size_t body_len;
	const char *retry_after; /* header, or NULL */
};

struct verdict {
	enum outcome outcome;
	int64_t pause; /* ms, for OUTCOME_PAUSE; for OUTCOME_RETRY: not before, 0 = by schedule */
	bool grows;    /* OUTCOME_PAUSE: the next one in a row is twice as long, up to four times */
	bool sick;     /* OUTCOME_DEAD: and the endpoint is mis-configured, as for OUTCOME_SICK */
	char hint[96]; /* for operators: "errcode 45009: api freq out of limit" without secrets;
			  what to look at comes first: "sign/clock: …", "unknown_code: …", "slow: …"
			*/
};

/* Build the request for NOTICE at NOW (UTC ms; the signature's time) into ARENA. BOOK (NULL: none)
 * has the few words a message needs besides its own, PUBLIC_URL names us as CloudEvents source.
 * What is too long is cut between two characters; a notice of type "notice.digest" is a list: it
 * loses whole lines, and says how many. The link, the alert's number and, from the second try on,
 * the try's are never cut. CL_ELIMIT when the link alone is too long. */
int channel_build(const struct conf_endpoint *endpoint, const struct notice *notice,
		  const struct phrasebook *book, const char *public_url, int64_t now,
		  struct arena *arena, struct channel_request *out, struct err *err);

/* How much title and text together one message to ENDPOINT holds, number, link and mentions already
 * set off; 0: this channel takes each notice by itself, never a digest. In the unit its vendor
 * counts in, which channel_weight knows. */
size_t channel_room(const struct conf_endpoint *endpoint);
/* How much of it STRING takes there: what is escaped or disarmed on the way counts as it leaves.
 * Whole lines may be weighed one by one, and "\n" for itself. */
size_t channel_weight(const struct conf_endpoint *endpoint, const char *string);

/* What REPLY means for this channel. NOW for HTTP-date Retry-After. Unknown codes are never OK. */
void channel_classify(enum conf_channel channel, const struct reply *reply, int64_t now,
		      struct verdict *out);

const char *channel_word(enum conf_channel channel);
/* A group of people reads it: whoever acts on a link has to say who it is. */
bool channel_is_group(enum conf_channel channel);
const char *outcome_word(enum outcome outcome);

/* --- Ack links: b64url("1|SUBJECT|ACTION|WHO|EXP") "." b64url(HMAC-SHA256(key, "ack." p)[0..15]).
 * The subject is an alert ("A-000045"), or for action "list" a digest's notice ("ntc_…"). --- */

#define ACK_KEY_LEN   32
#define ACK_TOKEN_CAP 256
#define ACK_MOST      (12 * WHEN_HOUR) /* A link that would hold longer is none of ours. */
/* A clock set back a little must not make a link just sent look too long. */
#define ACK_TTL	      (ACK_MOST - 10 * WHEN_MINUTE)

struct ack_token {
	int64_t alert;		/* 0 when the subject is a notice */
	char notice[IDENT_CAP]; /* "" when it is an alert */
	char action[16];	/* "ack", "list" */
	char who[64];		/* "e:ENDPOINT" or "u:NAME" */
	int64_t expires_s;
};

int ack_token_make(const uint8_t *key, size_t key_len, const struct ack_token *token,
		   char out[ACK_TOKEN_CAP]);
/* Verify in constant time. CL_EINVAL for a forged one, or one that holds longer than ACK_MOST from
 * NOW; CL_ECONFLICT for an expired one (OUT is filled then too). */
int ack_token_read(const uint8_t *key, size_t key_len, const char *text, int64_t now,
		   struct ack_token *out, struct err *err);

/* The keys of the links. The first signs; the one before it is still read, for what it had signed
 * by then: no link of it holds beyond old_until. One owner changes it, between two turns; all who
 * sign or read look at that one. */
struct ack_ring {
	uint8_t key[ACK_KEY_LEN];
	uint8_t old[ACK_KEY_LEN];
	int64_t old_until; /* 0: there is no old one */
};

/* Put KEY in front at NOW. KEEP: what the present one signed goes on to be read. */
void ack_ring_turn(struct ack_ring *ring, const uint8_t key[ACK_KEY_LEN], bool keep, int64_t now);
int ack_ring_make(const struct ack_ring *ring, const struct ack_token *token,
		  char out[ACK_TOKEN_CAP]);
/* ack_token_read by the key that made it. */
int ack_ring_read(const struct ack_ring *ring, const char *text, int64_t now, struct ack_token *out,
		  struct err *err);
/* "A-000045" for 45, and back (negative when it is none). */
const char *alert_number(int64_t alert, char buf[24]);
int64_t alert_of_number(const char *text);

#endif
