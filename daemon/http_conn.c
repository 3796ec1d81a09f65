/* http_conn.c — one connection's life: read a request, wait for its answer, send it, linger, end.
 * Neighbours: http_in.c counts and times connections, http_tls.c is asked by those that speak TLS,
 * lib/wire/http_request reads, http_answer.c words the answers. */
#include "daemon/http_private.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "closedloop/log.h"

#define BIT(state) (1u << (state))

_Static_assert(offsetof(struct http_conn, call) == 0, "http_answer takes the call for the whole");

/* Which states may follow. */
static const unsigned may_follow[CONN_STATES] = {
	[CONN_READING] = BIT(CONN_WAITING) | BIT(CONN_SENDING) | BIT(CONN_OVER),
	[CONN_WAITING] = BIT(CONN_SENDING) | BIT(CONN_ORPHANED),
	[CONN_SENDING] = BIT(CONN_READING) | BIT(CONN_LINGERING) | BIT(CONN_OVER),
	[CONN_LINGERING] = BIT(CONN_OVER),
	[CONN_ORPHANED] = 0,
	[CONN_OVER] = 0,
};

static void conn_move(struct http_conn *conn, enum conn_state state)
{
	assert(may_follow[conn->state] & BIT(state));
	conn->state = state;
	conn->since = conn->in->now;
}

static struct evbuffer *input_of(struct http_conn *conn)
{
	return bufferevent_get_input(conn->bev);
}

static size_t unsent(struct http_conn *conn)
{
	return evbuffer_get_length(bufferevent_get_output(conn->bev));
}

/* --- sending --- */

/* Give the kernel what it takes now and keep the rest for later: most answers go out whole, without
 * one turn through the loop for "is it writable?". False when the connection broke. */
static bool conn_send(struct http_conn *conn, const void *head, size_t head_len, const void *body,
		      size_t body_len)
{
	struct iovec parts[2] = {
		{.iov_base = (void *)(uintptr_t)head, .iov_len = head_len},
		{.iov_base = (void *)(uintptr_t)body, .iov_len = body_len},
	};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = body_len > 0 ? 2 : 1};
	size_t sent = 0;

	if (unsent(conn) == 0 && !conn->call.https) {
		ssize_t took = sendmsg(bufferevent_getfd(conn->bev), &message,
				       MSG_NOSIGNAL | MSG_DONTWAIT);

		if (took < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			return false;
		sent = took > 0 ? (size_t)took : 0;
	}
	for (size_t i = 0; i < message.msg_iovlen; i++) {
		size_t skip = sent < parts[i].iov_len ? sent : parts[i].iov_len;

		sent -= skip;
		if (parts[i].iov_len > skip &&
		    bufferevent_write(conn->bev, (const char *)parts[i].iov_base + skip,
				      parts[i].iov_len - skip) < 0)
			return false;
	}
	return true;
}

static void linger_drain(struct http_conn *conn)
{
	size_t len = evbuffer_get_length(input_of(conn));

	evbuffer_drain(input_of(conn), len);
	conn->drained += len;
	if (conn->drained > LINGER_BYTES || conn->client_done)
		conn_move(conn, CONN_OVER);
}

/* The whole answer is with the kernel. Closing at once while bytes of the client lie unread would
 * make the kernel send a reset, and the client might lose the answer: so shut our side only, and
 * read on for a while. */
static void conn_sent(struct http_conn *conn)
{
	bufferevent_enable(conn->bev, EV_READ);
	if (conn->close_after) {
		if (conn->call.https)
			tls_bye(conn);
		shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
		conn_move(conn, CONN_LINGERING);
		linger_drain(conn);
		return;
	}
	http_request_next(&conn->request);
	conn_move(conn, CONN_READING);
}

void conn_answer(struct http_conn *conn, struct http_bytes *answer)
{
	char room[ANSWER_HEAD_CAP];
	struct text head = TEXT_OVER(room);
	const struct http_request *request = &conn->request;

	answer->minor = request->minor;
	answer->head_only = text_equal(request->method, "HEAD");
	answer->https = conn->call.https;
	answer->close |= !request->keep_alive || conn->in->draining || conn->retired;
	if (!answer_head(&head, answer)) {
		log_error("http.head_too_large", "call=%llu status=%d",
			  (unsigned long long)conn->call.id, answer->status);
		*answer = (struct http_bytes){.status = 500,
					      .close = true,
					      .https = conn->call.https};
		answer_head(&head, answer);
	}
	if (answer->head_only || status_is_bodiless(answer->status))
		answer->len = 0;
	conn->close_after = answer->close;
	conn_move(conn, CONN_SENDING);
	if (!conn_send(conn, head.data, head.len, answer->body, answer->len))
		conn_move(conn, CONN_OVER);
	else if (unsent(conn) == 0)
		conn_sent(conn);
}

void conn_refuse(struct http_conn *conn, int status, const char *why)
{
	static const struct http_extra bearer = {"WWW-Authenticate", "Bearer"};
	static const struct http_extra later = {"Retry-After", "5"};
	char room[PROBLEM_CAP];
	struct text body = TEXT_OVER(room);
	struct http_bytes answer = {.status = status, .close = true};

	log_debug("http.refused", "peer=%s status=%d", conn->call.peer, status);
	problem_body(&body, status, NULL, why);
	answer.content_type = "application/problem+json";
	answer.body = body.data;
	answer.len = body.len;
	if (status == 401 || status == 429 || status == 503) {
		answer.extra = status == 401 ? &bearer : &later;
		answer.extra_len = 1;
	}
	conn_answer(conn, &answer);
}

/* --- reading --- */

static bool declares_more_than(const struct http_request *request, size_t allowed)
{
	const char *length = http_header(request, "Content-Length");

	return length && strtoull(length, NULL, 10) > allowed;
}

/* The head is whole and a body wants to follow: is it wanted? */
static void conn_head(struct http_conn *conn)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const struct http_in_handler *handler = &conn->in->handler;
	long allowed = handler->head(handler->context, &conn->request);

	if (allowed < 0) {
		assert(allowed >= -599 && allowed <= -400);
		conn_refuse(conn, (int)-allowed, NULL);
		return;
	}
	http_body_allow(&conn->request, (size_t)allowed);
	if (declares_more_than(&conn->request, (size_t)allowed)) {
		conn_refuse(conn, 413, NULL); /* Before it is sent, not after. */
		return;
	}
	if (conn->request.expect_continue && !conn_send(conn, go_on, sizeof(go_on) - 1, NULL, 0))
		conn_move(conn, CONN_OVER);
}

static void conn_call(struct http_conn *conn)
{
	struct http_in *in = conn->in;

	conn->fresh = false;
	conn->call.id = ++in->next_id;
	conn->call.request = &conn->request;
	conn->call.user = NULL;
	conn->call.set_cookie[0] = '\0';
	conn_move(conn, CONN_WAITING);
	in->waiting++;
	in->handler.call(in->handler.context, &conn->call);
}

/* Read what has come, up to the end of one request; a call answered at once makes room for the
 * next. */
static void conn_read(struct http_conn *conn)
{
	struct evbuffer *input = input_of(conn);
	struct evbuffer_iovec piece;

	while (conn->state == CONN_READING && evbuffer_peek(input, -1, NULL, &piece, 1) > 0) {
		enum http_progress progress;
		size_t used;

		if (!conn->fresh && !http_request_begun(&conn->request))
			conn->since =
				conn->in->now; /* The whole-request deadline runs from here. */
		progress = http_request_feed(&conn->request, piece.iov_base, piece.iov_len, &used);
		evbuffer_drain(input, used);
		switch (progress) {
		case HTTP_NEED_MORE:
			break;
		case HTTP_HEAD_DONE:
			conn_head(conn);
			break;
		case HTTP_DONE:
			conn_call(conn);
			break;
		case HTTP_BAD:
			conn_refuse(conn, conn->request.status, conn->request.why);
			break;
		}
	}
}

/* --- ends --- */

/* The socket is of no use any more. A pending call stays valid, so its connection stays as an
 * orphan. */
static void conn_lost(struct http_conn *conn)
{
	struct http_in *in = conn->in;

	if (conn->state != CONN_WAITING) {
		conn_move(conn, CONN_OVER);
		return;
	}
	conn_move(conn, CONN_ORPHANED);
	LIST_REMOVE(conn, link);
	LIST_INSERT_HEAD(&in->orphans, conn, link);
	in->conns_len--;
	in->orphans_len++;
	tls_leave(conn);
	bufferevent_free(conn->bev);
	conn->bev = NULL;
}

void conn_free(struct http_conn *conn)
{
	struct http_in *in = conn->in;

	assert(!conn->busy);
	LIST_REMOVE(conn, link);
	if (conn->state == CONN_ORPHANED)
		in->orphans_len--;
	else if (conn->refused)
		in->refused_len--;
	else
		in->conns_len--;
	tls_leave(conn);
	if (conn->peer)
		peer_leave(in, conn->peer);
	if (conn->bev)
		bufferevent_free(conn->bev);
	http_request_release(&conn->request);
	mem_free(conn);
}

bool conn_enter(struct http_conn *conn)
{
	bool entered = !conn->busy;

	conn->busy = true;
	return entered;
}

void conn_leave(struct http_conn *conn, bool entered)
{
	if (!entered)
		return; /* The callback further out looks after it. */
	conn->busy = false;
	if (conn->state == CONN_READING) {
		/* Requests sent ahead wait for their own turn: the caller may be the handler,
		 * walking through its calls. */
		if (evbuffer_get_length(input_of(conn)) > 0)
			bufferevent_trigger(conn->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
		else if (conn->client_done)
			conn_move(conn, CONN_OVER);
	}
	if (conn->state == CONN_OVER)
		conn_free(conn);
}

/* --- callbacks --- */

/* Nobody takes the bytes before the answer is out: when enough lie there, reading rests until then.
 * libevent's own mark is no use for that: past it the callback is called again and again until
 * somebody takes them, and the loop never turns. */
static void stop_ahead(struct http_conn *conn)
{
	bool taken = conn->state == CONN_READING || conn->state == CONN_LINGERING;

	if (conn->bev && !taken && evbuffer_get_length(input_of(conn)) >= READ_AHEAD)
		bufferevent_disable(conn->bev, EV_READ);
}

static void on_read(struct bufferevent *bev, void *context)
{
	struct http_conn *conn = context;
	bool entered = conn_enter(conn);

	(void)bev;
	if (conn->state == CONN_READING)
		conn_read(conn);
	else if (conn->state == CONN_LINGERING)
		linger_drain(conn);
	stop_ahead(conn);
	conn_leave(conn, entered);
}

static void on_write(struct bufferevent *bev, void *context)
{
	struct http_conn *conn = context;
	bool entered = conn_enter(conn);

	(void)bev;
	if (conn->state == CONN_SENDING && unsent(conn) == 0)
		conn_sent(conn);
	conn_leave(conn, entered);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
	struct http_conn *conn = context;
	bool entered = conn_enter(conn);

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		tls_agreed(conn);
	else if (conn->handshaking && (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		tls_disagreed(conn);
	/* TLS calls it an end, too, when nothing can be written any more after the client's last
	 * word. */
	if (what & BEV_EVENT_ERROR ||
	    (what & (BEV_EVENT_EOF | BEV_EVENT_WRITING)) == (BEV_EVENT_EOF | BEV_EVENT_WRITING)) {
		conn_lost(conn);
	} else if (what & BEV_EVENT_EOF) {
		conn->client_done =
			true; /* It may have shut one side only, and wait for its answer. */
		if (conn->state == CONN_LINGERING)
			conn_move(conn, CONN_OVER);
		else if (conn->call.https) /* TLS stops writing when the client does. */
			bufferevent_enable(conn->bev, EV_WRITE);
	}
	conn_leave(conn, entered);
}

struct http_conn *conn_new(struct http_in *in, int fd, bool refused, bool tls)
{
	struct http_conn *conn = mem_alloc(sizeof(*conn));

	conn->in = in;
	conn->state = CONN_READING;
	conn->fresh = true;
	conn->refused = refused;
	conn->since = in->now;
	conn->call.uid = UINT32_MAX; /* Nobody. */
	http_request_init(&conn->request, &in->http_limits);
	conn->bev = tls ? tls_bufferevent(conn, fd)
			: bufferevent_socket_new(in->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!conn->bev)
		mem_exhausted(sizeof(*conn));
	LIST_INSERT_HEAD(&in->conns, conn, link);
	if (refused)
		in->refused_len++;
	else
		in->conns_len++;
	if (tls)
		tls_join(conn);
	return conn;
}

/* Reading stays on while a call waits: that is how a reset is noticed. READ_AHEAD bounds what piles
 * up (stop_ahead). */
void conn_start(struct http_conn *conn)
{
	bufferevent_setcb(conn->bev, on_read, on_write, on_event, conn);
	bufferevent_set_max_single_read(conn->bev, READ_AHEAD);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
}

/* --- time --- */

static bool is_resting(struct http_conn *conn)
{
	char byte;

	if (conn->state != CONN_READING || http_request_begun(&conn->request) ||
	    evbuffer_get_length(input_of(conn)) > 0)
		return false;
	/* A request that came since the last turn must not die with the connection it came on. */
	return recv(bufferevent_getfd(conn->bev), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

void conn_rest(struct http_conn *conn)
{
	bool entered = conn_enter(conn);

	if (is_resting(conn))
		conn_move(conn, CONN_OVER);
	conn_leave(conn, entered);
}

void conn_cut(struct http_conn *conn)
{
	bool entered = conn_enter(conn);

	conn_move(conn, CONN_OVER);
	conn_leave(conn, entered);
}

static void reading_tick(struct http_conn *conn, int64_t waited)
{
	const struct conf_limits *limits = &conn->in->limits;
	bool begun = http_request_begun(&conn->request);

	if (conn->in->draining && is_resting(conn))
		conn_move(conn, CONN_OVER);
	else if (begun && waited > limits->request)
		conn_refuse(conn, 408, NULL);
	else if (!begun && waited > (conn->fresh ? limits->request : limits->idle))
		conn_move(conn, CONN_OVER);
}

void conn_tick(struct http_conn *conn)
{
	int64_t waited = conn->in->now - conn->since;
	bool entered = conn_enter(conn);

	switch (conn->state) {
	case CONN_READING:
		reading_tick(conn, waited);
		break;
	case CONN_SENDING:
		if (waited > conn->in->limits.request)
			conn_move(conn, CONN_OVER); /* The client does not read. */
		break;
	case CONN_LINGERING:
		if (waited > LINGER_MS)
			conn_move(conn, CONN_OVER);
		break;
	case CONN_WAITING:
	case CONN_ORPHANED:
	case CONN_OVER:
	case CONN_STATES:
		break;
	}
	conn_leave(conn, entered);
}
