/* http_in.c — the doors of the HTTP server: who may come in, how many, and how long they may take.
 * Neighbours: http_listen.c accepts, http_conn.c leads each connection through its life; the
 * reactor calls the tick. */
#include "daemon/http_private.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/log.h"

/* One remote address that has connections. */
struct http_peer {
	struct http_peer *next; /* In its bucket. */
	uint8_t key[16];
	unsigned conns;
};

/* --- addresses --- */

/* KEY gets ADDRESS as 16 bytes, IPv4 as ::ffff:a.b.c.d. Of IPv6 only the /64 counts: that much
 * belongs to one subscriber, who could otherwise come from 2^64 addresses. */
static void peer_key(const struct sockaddr *address, uint8_t key[16])
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

	memset(key, 0, 16);
	if (address->sa_family == AF_INET) {
		const void *at = address;
		const struct sockaddr_in *v4 = at;

		memcpy(key, mapped, sizeof(mapped));
		memcpy(key + sizeof(mapped), &v4->sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		const void *at = address;
		const struct sockaddr_in6 *v6 = at;

		memcpy(key, &v6->sin6_addr, IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? 16 : 8);
	}
}

/* Fill in what the handler is told about where the call came from. */
static void describe_peer(struct http_call *call, const struct sockaddr *address)
{
	const void *at = address;

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = at;

		inet_ntop(AF_INET, &v4->sin_addr, call->peer, sizeof(call->peer));
		call->loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	} else if (address->sa_family == AF_INET6) {
		const struct in6_addr *v6 = &((const struct sockaddr_in6 *)at)->sin6_addr;
		bool mapped = IN6_IS_ADDR_V4MAPPED(v6); /* Only by an inherited socket. */

		inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? v6->s6_addr + 12 : v6->s6_addr,
			  call->peer, sizeof(call->peer));
		call->loopback = mapped ? v6->s6_addr[12] == 127 : IN6_IS_ADDR_LOOPBACK(v6);
	}
}

static void describe_unix_peer(struct http_call *call, int fd)
{
	struct ucred who = {.uid = UINT32_MAX};
	socklen_t len = sizeof(who);

	call->unix_peer = true;
	call->loopback = true;
	text_copy(call->peer, sizeof(call->peer), "unix");
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0)
		call->uid = who.uid; /* Else it stays nobody's. */
}

static struct http_peer **peer_bucket(struct http_in *in, const uint8_t key[16])
{
	uint32_t hash = 2166136261u; /* FNV-1a; chains are short, for connections are few. */

	for (size_t i = 0; i < 16; i++)
		hash = (hash ^ key[i]) * 16777619u;
	return &in->peers[hash & (PEER_BUCKETS - 1)];
}

/* One more connection from ADDRESS, or NULL when it has all it may have. */
static struct http_peer *peer_join(struct http_in *in, const struct sockaddr *address)
{
	uint8_t key[16];
	struct http_peer **bucket;
	struct http_peer *peer;

	peer_key(address, key);
	bucket = peer_bucket(in, key);
	for (peer = *bucket; peer; peer = peer->next) {
		if (memcmp(peer->key, key, sizeof(key)) == 0)
			break;
	}
	if (peer && peer->conns >= in->limits.per_address)
		return NULL;
	if (!peer) {
		peer = mem_alloc(sizeof(*peer));
		memcpy(peer->key, key, sizeof(key));
		peer->next = *bucket;
		*bucket = peer;
	}
	peer->conns++;
	return peer;
}

void peer_leave(struct http_in *in, struct http_peer *peer)
{
	struct http_peer **at = peer_bucket(in, peer->key);

	assert(peer->conns > 0);
	if (--peer->conns > 0)
		return;
	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	mem_free(peer);
}

/* --- the door --- */

static void say_full(struct http_in *in, int status)
{
	in->full_since_said++;
	if (in->now < in->full_said_until)
		return;
	log_warn("http.full", "status=%d turned_away=%llu connections=%zu", status,
		 (unsigned long long)in->full_since_said, in->conns_len);
	in->full_said_until = in->now + SAY_AGAIN_MS;
	in->full_since_said = 0;
}

/* Nobody has room to linger with this one: say it and shut. */
static void turn_away_at_once(int fd, int status)
{
	char head_room[ANSWER_HEAD_CAP];
	char body_room[PROBLEM_CAP];
	struct text head = TEXT_OVER(head_room);
	struct text body = TEXT_OVER(body_room);
	struct http_bytes answer = {.status = status,
				    .content_type = "application/problem+json",
				    .close = true};

	problem_body(&body, status, NULL, NULL);
	answer.len = body.len;
	answer_head(&head, &answer);
	if (send(fd, head.data, head.len, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE) > 0)
		send(fd, body.data, body.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_RDWR);
	close(fd);
}

static void turn_away(struct http_in *in, int fd, int status, const struct sockaddr *address,
		      bool tls)
{
	struct http_conn *conn;
	bool entered;

	say_full(in, status);
	if (tls) { /* Nothing can be said before a handshake, and that is what it must not cost. */
		close(fd);
		return;
	}
	if (in->refused_len >= REFUSED_MAX) {
		turn_away_at_once(fd, status);
		return;
	}
	conn = conn_new(in, fd, true, false);
	describe_peer(&conn->call, address);
	conn_start(conn);
	entered = conn_enter(conn);
	conn_refuse(conn, status, NULL);
	conn_leave(conn, entered);
}

void http_in_accept(struct http_in *in, int fd, const struct sockaddr *address,
		    const struct http_listener *listener)
{
	bool is_unix = listener->is_unix;
	/* The operator at the machine itself must get in while the front door is besieged. */
	size_t most = in->limits.connections + (is_unix ? UNIX_RESERVE : 0);
	struct http_peer *peer = NULL;
	struct http_conn *conn;

	if (in->conns_len + in->orphans_len >= most || (listener->is_tls && !tls_admit(in))) {
		turn_away(in, fd, 503, address, listener->is_tls);
		return;
	}
	if (!is_unix) {
		peer = peer_join(in, address);
		if (!peer) {
			turn_away(in, fd, 429, address, listener->is_tls);
			return;
		}
	}
	conn = conn_new(in, fd, false, listener->is_tls);
	conn->peer = peer;
	if (is_unix)
		describe_unix_peer(&conn->call, fd);
	else
		describe_peer(&conn->call, address);
	conn_start(conn);
}

/* --- the contract --- */

void http_in_limits(struct http_in *in, const struct conf_limits *limits)
{
	in->limits = *limits;
	in->http_limits = (struct http_limits){
		.head_max = limits->head,
		.body_max = limits->batch > limits->event ? limits->batch : limits->event,
		.lines_max = HEAD_LINES_MAX,
	};
}

int http_in_open(struct http_in **out, struct event_base *base, const struct conf_limits *limits,
		 const struct http_in_handler *handler, struct err *err)
{
	struct http_in *in;

	assert(handler->head && handler->call);
	*out = NULL;
	/* A client that goes while it is answered must not take the daemon with it. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_set(err, CL_EIO, "SIGPIPE cannot be ignored");
	in = mem_alloc(sizeof(*in));
	in->base = base;
	in->handler = *handler;
	LIST_INIT(&in->conns);
	LIST_INIT(&in->orphans);
	TAILQ_INIT(&in->handshakes);
	http_in_limits(in, limits);
	*out = in;
	return 0;
}

int http_in_listen(struct http_in *in, const struct conf_listen *listen, int fd, int *port,
		   struct err *err)
{
	int none;

	assert(!in->draining);
	assert(listen->kind != LISTEN_HTTPS || in->tls);
	return listener_open(in, listen, fd, port ? port : &none, err);
}

void http_in_tick(struct http_in *in, int64_t monotonic_ms)
{
	struct http_conn *conn, *next;

	in->now = monotonic_ms;
	if (!in->ticked) { /* Before the first tick there was no clock to measure by. */
		in->ticked = true;
		LIST_FOREACH(conn, &in->conns, link)
		conn->since = monotonic_ms;
	}
	if (in->paused)
		listeners_resume(in);
	for (conn = LIST_FIRST(&in->conns); conn; conn = next) {
		next = LIST_NEXT(conn, link);
		conn_tick(conn);
	}
}

size_t http_in_waiting(const struct http_in *in)
{
	return in->waiting;
}

size_t http_in_connections(const struct http_in *in)
{
	return in->conns_len;
}

void http_in_drain(struct http_in *in)
{
	struct http_conn *conn, *next;

	in->draining = true;
	listeners_close(in);
	for (conn = LIST_FIRST(&in->conns); conn; conn = next) {
		next = LIST_NEXT(conn, link);
		/* A client that has only just connected gets until the next tick to ask. */
		if (!conn->fresh)
			conn_rest(conn);
	}
}

void http_in_close(struct http_in *in)
{
	if (!in)
		return;
	listeners_close(in);
	while (!LIST_EMPTY(&in->conns))
		conn_free(LIST_FIRST(&in->conns));
	while (!LIST_EMPTY(&in->orphans))
		conn_free(LIST_FIRST(&in->orphans));
	if (in->breath)
		event_free(in->breath);
	mem_free(in);
}
