/* deadman.h — our own heartbeat: a call to an address outside, made only while all that keeps
 * people watched goes on. Whoever is called there tells a human when the calls stop; so silence is
 * our one message that needs nothing of us.
 *
 * A call goes out each `heartbeat.every` of real time, and only if since the last one deadlines
 * were looked at, nothing lies in the outbox that could have gone, the last census found everybody
 * watched and no alert is forgotten, and the store takes a commit now. Otherwise it is withheld,
 * which is logged once per cause, and tried again each second. */
#ifndef DAEMON_DEADMAN_H
#define DAEMON_DEADMAN_H

#include <stdbool.h>
#include <stdint.h>

struct reactor;
struct http_out;

struct deadman {
	struct http_out *out; /* its own: a full courier must not make us look dead */
	int64_t next_at;      /* monotonic: the next call */
	int64_t count_at;     /* monotonic: when a call withheld counts again */
	bool under_way;
	bool turned;	   /* deadlines were looked at since the last call */
	bool census_clean; /* the last census found everybody watched */
	bool failed;	   /* the last call was not answered well */
	const char *cause; /* why it is withheld, or NULL */
};

/* About once a second; NOW is the loop's time. */
void deadman_tick(struct reactor *reactor, int64_t now);
/* Open its way out. */
struct err;
int deadman_open(struct reactor *reactor, struct err *err);

#endif
