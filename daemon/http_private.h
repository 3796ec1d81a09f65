/* http_private.h — what the rooms of the HTTP server share: http_in.c (caps, deadlines),
 * http_listen.c (listening sockets), http_conn.c (one connection's life), http_tls.c (what TLS adds
 * to it) and http_answer.c (answers as bytes). Nobody else includes it. */
#ifndef DAEMON_HTTP_PRIVATE_H
#define DAEMON_HTTP_PRIVATE_H

#include <sys/queue.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <event2/util.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "daemon/http_in.h"

#define HEAD_LINES_MAX	100
#define REFUSED_MAX	64   /* Connections turned away that may still read why. */
#define PEER_BUCKETS	1024 /* Power of two, about limits.connections. */
#define UNIX_RESERVE	16   /* Places above limits.connections that only unix peers may take. */
#define READ_AHEAD	((size_t)32 * 1024)  /* Bytes taken from a socket before they are wanted. */
#define LINGER_MS	((int64_t)2000)	     /* What a client gets to read the last answer … */
#define BREATH_MS	((int64_t)100)	     /* So many ms are a breath … */
#define BREATH_TLS	25		     /* … and so many TLS connections are taken in one. */
#define LINGER_BYTES	((size_t)64 * 1024)  /* … and may still send us meanwhile. */
#define SAY_AGAIN_MS	((int64_t)60 * 1000) /* A standing trouble is logged this often. */
#define ANSWER_HEAD_CAP ((size_t)8 * 1024)
#define PROBLEM_CAP	((size_t)4 * 1024)

enum conn_state {
	CONN_READING,	/* Between two requests, or in the middle of one. */
	CONN_WAITING,	/* A whole request is with the handler; nothing more is looked at. */
	CONN_SENDING,	/* The answer is on its way. */
	CONN_LINGERING, /* All is said; the client is given time to read it before the door shuts.
			 */
	CONN_ORPHANED,	/* The client went while its call is pending; only http_answer can come. */
	CONN_OVER,	/* To be freed before its callback returns. */
	CONN_STATES,
};

struct http_peer;

struct http_conn {
	struct http_call call; /* First: the handler's call is the connection. */
	struct http_in *in;
	LIST_ENTRY(http_conn) link; /* in->conns, or in->orphans. */
	struct bufferevent *bev;    /* NULL once orphaned. */
	struct http_request request;
	struct http_peer *peer; /* NULL for unix peers and for those turned away. */
	enum conn_state state;	/* Written by conn_move alone. */
	bool busy;	  /* One of its callbacks is running: it must not be freed under it. */
	bool fresh;	  /* No whole request came yet. */
	bool client_done; /* The client shut its side; it may still read. */
	bool close_after; /* The answer under way is the last. */
	bool handshaking; /* TLS has not agreed yet; in in->handshakes. */
	bool in_tls_len;  /* Counted there. */
	bool retired;	  /* Its certificate was judged by rules that are gone. */
	TAILQ_ENTRY(http_conn) handshake;
	bool refused;	/* Turned away at the door: lives outside the caps. */
	int64_t since;	/* When the present wait began, by the tick's clock. */
	size_t drained; /* Bytes thrown away while lingering. */
};

LIST_HEAD(http_conns, http_conn);
TAILQ_HEAD(http_handshakes, http_conn);

struct http_listener {
	struct http_listener *next;
	struct http_in *in;
	struct evconnlistener *ev;
	char *path; /* Of a unix socket that we made and shall remove, or NULL. */
	bool is_unix, is_tls;
};

struct http_in {
	struct event_base *base;
	struct conf_limits limits;
	struct http_limits http_limits;
	struct http_in_handler handler;
	struct http_listener *listeners;
	struct http_conns conns, orphans;
	size_t conns_len;   /* In `conns`, without the refused. */
	size_t orphans_len; /* They hold a request each, so they count for the cap. */
	size_t refused_len;
	size_t waiting;
	const struct tls *tls;
	struct http_handshakes handshakes; /* The oldest first. */
	size_t handshakes_len;
	size_t tls_len;	       /* TLS connections among `conns_len`. */
	unsigned breath_taken; /* TLS connections of this breath. */
	struct event *breath;  /* Its end; NULL before the first. */
	uint64_t handshakes_done, handshakes_failed;
	int64_t tls_said_until; /* Do not log a failed handshake again before. */
	uint64_t tls_failed_since_said;
	struct http_peer *peers[PEER_BUCKETS];
	uint64_t next_id;
	int64_t now; /* Monotonic ms of the last tick. */
	bool ticked;
	bool draining;
	bool paused;		   /* The listeners rest until the next tick: no descriptors. */
	int64_t full_said_until;   /* Do not log "full" again before. */
	int64_t accept_said_until; /* Nor trouble with accept. */
	uint64_t full_since_said;  /* Turned away since it was said. */
};

/* Bytes of one answer, still unsent. */
struct http_bytes {
	int status;
	const char *content_type;
	const void *body;
	size_t len;
	const struct http_extra *extra;
	size_t extra_len;
	const char *set_cookie; /* NULL or "": none */
	int minor;		/* HTTP/1.x of the request. */
	bool close;		/* The connection ends with it. */
	bool https;		/* Browsers are told to come back only so. */
	bool head_only;		/* Answer to HEAD: the length is told, the body is not sent. */
};

/* --- http_listen.c --- */

int listener_open(struct http_in *in, const struct conf_listen *listen, int fd, int *port,
		  struct err *err);
/* Close all listeners; our unix sockets vanish from the file system first. */
void listeners_close(struct http_in *in);
void listeners_resume(struct http_in *in);
/* Let those that speak TLS rest, or go on. */
void listeners_tls(struct http_in *in, bool go_on);

/* --- http_in.c --- */

/* A listener accepted FD from ADDRESS. */
void http_in_accept(struct http_in *in, int fd, const struct sockaddr *address,
		    const struct http_listener *listener);
void peer_leave(struct http_in *in, struct http_peer *peer);

/* --- http_conn.c --- */

/* TLS: it begins with a handshake. */
struct http_conn *conn_new(struct http_in *in, int fd, bool refused, bool tls);
/* Cut CONN, whatever it is at; it may be freed. Not for one whose call waits. */
void conn_cut(struct http_conn *conn);
void conn_start(struct http_conn *conn);
void conn_free(struct http_conn *conn);
/* Do what is due for CONN; it may be freed. */
void conn_tick(struct http_conn *conn);
/* Close CONN if it rests between two requests and no byte of a new one has arrived; it may be
 * freed. */
void conn_rest(struct http_conn *conn);
/* Answer STATUS with a problem document and close. WHY may be NULL: then a common sentence stands
 * in. */
void conn_refuse(struct http_conn *conn, int status, const char *why);
/* Send ANSWER; what follows depends on it. Call between conn_enter and conn_leave. */
void conn_answer(struct http_conn *conn, struct http_bytes *answer);
/* Whoever touches a connection from outside holds it so; returns what conn_leave wants. */
bool conn_enter(struct http_conn *conn);
void conn_leave(struct http_conn *conn, bool entered);

/* --- http_tls.c --- */

/* Whether one more TLS connection may come in; makes room for its handshake. */
bool tls_admit(struct http_in *in);
/* CONN's bufferevent over FD. */
struct bufferevent *tls_bufferevent(struct http_conn *conn, int fd);
/* CONN speaks TLS from now on: it is counted. */
void tls_join(struct http_conn *conn);
/* CONN counts no more; may be called more than once. */
void tls_leave(struct http_conn *conn);
/* The handshake is done: who is it? */
void tls_agreed(struct http_conn *conn);
/* The connection broke in the middle of its handshake. */
void tls_disagreed(struct http_conn *conn);
/* We shall say nothing more. */
void tls_bye(struct http_conn *conn);

/* --- http_answer.c --- */

/* Write the head of ANSWER. An extra header that would break the head is left out; false when the
 * head does not fit. */
bool answer_head(struct text *head, const struct http_bytes *answer);
/* Write an RFC 9457 document. CODE and DETAIL may be NULL: then STATUS has its own. */
void problem_body(struct text *out, int status, const char *code, const char *detail);
/* True when an answer of STATUS has no body and no length. */
bool status_is_bodiless(int status);

#endif
