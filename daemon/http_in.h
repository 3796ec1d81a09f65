/* http_in.h — connections in: listeners, caps, deadlines, answers. Requests are read by
 * wire/http_request; this room owns the sockets (libevent bufferevents) and knows no route.
 * Callbacks only collect: the handler must not work, it queues. */
#ifndef DAEMON_HTTP_IN_H
#define DAEMON_HTTP_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "closedloop/conf.h"
#include "closedloop/http.h"

struct http_in;
struct tls;

/* One whole request that waits for its answer. It stays valid until http_answer, even when the
 * client has gone. */
struct http_call {
	uint64_t id;			    /* Counts up from 1. */
	const struct http_request *request; /* Valid until http_answer. */
	bool unix_peer;			    /* Came over a unix socket; then uid is the caller's. */
	unsigned uid;
	bool loopback; /* Came from 127.0.0.0/8 or ::1 (or a unix socket). */
	char peer[64]; /* Numeric address, for throttles and logs. */
	bool https;    /* Came over TLS. */
	/* Of the client's certificate, as a feed's settings write it; "" when it showed none. Its
	 * owner has its key. The subject is also "" while no authority vouches for it. */
	char certificate[72]; /* "sha256:HEX" */
	char subject[272];    /* "subject:CN=…" */
	void *user;	      /* The handler's own. */
	char set_cookie[192]; /* The handler's: goes with the answer, whatever it is; "": none. */
};

struct http_in_handler {
	/* The head is whole: how many body bytes may follow? 0 is a good answer for GET. Return a
	 * negative HTTP status to refuse now (-413, -415, -404 …). */
	long (*head)(void *context, const struct http_request *request);
	/* The request is whole. Keep CALL and answer it later, in this turn or another, exactly
	 * once. */
	void (*call)(void *context, struct http_call *call);
	void *context;
};

struct http_extra {
	const char *name, *value;
};

int http_in_open(struct http_in **out, struct event_base *base, const struct conf_limits *limits,
		 const struct http_in_handler *handler, struct err *err);
/* Serve https with TLS from now on; it stays the caller's and lives until the next one is given.
 * Open connections go on with theirs, but one that showed a certificate ends after its next answer:
 * who may vouch for it may have changed. Must be given before the first https listener. */
void http_in_tls(struct http_in *in, const struct tls *tls);
/* Listen as configured; FD ≥ 0 is an inherited listening socket (socket activation) used instead of
 * binding. *PORT gets the real TCP port (0 for unix). A stale unix socket file is removed first;
 * the socket's mode is 0660. */
int http_in_listen(struct http_in *in, const struct conf_listen *listen, int fd, int *port,
		   struct err *err);
/* Answer CALL and forget it. CONTENT_TYPE may be NULL when LEN is 0. EXTRA headers are copied.
 * Bytes are copied. */
void http_answer(struct http_call *call, int status, const char *content_type, const void *body,
		 size_t len, const struct http_extra *extra, size_t extra_len);
/* An application/problem+json answer (RFC 9457) with the stable CODE and DETAIL; RETRY_AFTER_S > 0
 * adds the header. */
void http_problem(struct http_call *call, int status, const char *code, const char *detail,
		  int retry_after_s);
/* 405 with the Allow header that RFC 9110, 15.5.6 asks for: METHODS such as "GET, HEAD". */
void http_not_allowed(struct http_call *call, const char *methods);
/* Cut what is over its deadline. Call about once a second with the MONOTONIC clock in ms. */
void http_in_tick(struct http_in *in, int64_t monotonic_ms);
/* Calls not answered yet, and open connections. */
size_t http_in_waiting(const struct http_in *in);
size_t http_in_connections(const struct http_in *in);
/* TLS handshakes that succeeded, and that did not, since the start. */
uint64_t http_in_handshakes(const struct http_in *in);
uint64_t http_in_handshakes_failed(const struct http_in *in);
/* Stop accepting; connections that are idle are closed, others after their answer. */
void http_in_drain(struct http_in *in);
void http_in_close(struct http_in *in);
/* New limits after a reload. */
void http_in_limits(struct http_in *in, const struct conf_limits *limits);

#endif
