/* session.h — browsers that have shown a token: a bounded table of what they show instead.
 *
 * A session is named by 256 random bits, of which only a hash is kept, and stands for the token it
 * was begun with: whoever asks looks that token up again each time, so that it ends with it. The
 * name changes every quarter of an hour; the one before it is good for half a minute more, for what
 * was on its way. Knows no HTTP; neighbour: api_session.c.
 *
 * Times are those of the daemon's clock, as a token's end is: in a drill an idle night passes in a
 * second, and a clock that is set back gives nobody more than a whole life from then on.
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/ident.h"
#include "closedloop/when.h"

#define SESSION_TEXT_CAP 44 /* 43 characters of base 64 (url) and NUL */
#define SESSION_HASH_LEN 32
#define SESSION_TURN	 (15 * WHEN_MINUTE)
#define SESSION_GRACE	 (30 * WHEN_SECOND)

struct session_rules {
	size_t most;	    /* at the same time; at least 1 */
	int64_t idle, life; /* ms */
};

struct session {
	uint8_t id[SESSION_HASH_LEN], before[SESSION_HASH_LEN];
	int64_t before_until; /* … BEFORE is good; 0 when there is none */
	uint8_t token[SESSION_HASH_LEN];
	char csrf[SESSION_TEXT_CAP];
	int64_t begun_at, used_at, turned_at;
};

struct sessions {
	struct session *rows; /* mem.h's */
	size_t len, cap;
};

/* Of all sessions there may be, one token may have an eighth, and these at least: whoever signs in
 * again and again ends her own, and nobody else's. */
#define SESSION_SHARE 8

/* Begin one at NOW for the token whose hash is TOKEN; ID gets its name. When there are as many as
 * RULES allow, or TOKEN has its share, the one of all or of TOKEN that was used longest ago ends.
 * The pointer is good until the next begin or end. */
struct session *session_begin(struct sessions *sessions, const struct session_rules *rules,
			      const uint8_t token[SESSION_HASH_LEN], int64_t now,
			      const struct entropy *entropy, char id[SESSION_TEXT_CAP]);
/* The one named ID, or NULL; one that is over is taken out. */
struct session *session_find(struct sessions *sessions, const struct session_rules *rules,
			     const char *id, int64_t now);
/* SESSION, found under ID, was used at NOW, BY_HUMAN or by a page that renews itself, which keeps
 * nobody from being idle. True when it has a new name from now on, written to ID. */
bool session_use(struct session *session, bool by_human, int64_t now, const struct entropy *entropy,
		 char id[SESSION_TEXT_CAP]);
/* When it will end if nobody uses it. */
int64_t session_ends(const struct session *session, const struct session_rules *rules);
void session_end(struct sessions *sessions, struct session *session);
/* All of them; the table is empty then. */
void sessions_end(struct sessions *sessions);

#endif
