/* test_http_in.c — the HTTP server over real sockets, in one process and one loop, with the clock
 * in the test's hand. Neighbours: daemon/http_in.h is under test, with http_conn.c, http_listen.c,
 * http_answer.c and wire/http_request.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "closedloop/err.h"
#include "closedloop/log.h"
#include "daemon/http_private.h"

#define TURNS_MOST 20000
#define CALLS_MOST 16
#define HEARD_CAP  (256 * 1024)
#define START_MS   ((int64_t)1000000)

#define GET "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"

/* A server with a handler that answers at once, or holds its calls until the test answers them. */
struct world {
	struct event_base *base;
	struct http_in *in;
	struct conf_limits limits;
	int port;
	bool hold;
	long head_says;
	const char *answer_body; /* Instead of the path. */
	size_t answer_len;
	struct http_call *calls[CALLS_MOST];
	size_t calls_len;
	size_t calls_seen;
	size_t heads_seen;
	char last_path[64];
	size_t last_body_len;
	int logged;
};

static char heard[HEARD_CAP];
static size_t heard_len;

static void count_log(void *context, enum log_level level, const char *line)
{
	struct world *world = context;

	(void)level;
	if (strncmp(line, "http.accept ", 12) == 0)
		world->logged++;
}

static long on_head(void *context, const struct http_request *request)
{
	struct world *world = context;

	assert_non_null(request->path);
	world->heads_seen++;
	return world->head_says;
}

static void on_call(void *context, struct http_call *call)
{
	struct world *world = context;

	world->calls_seen++;
	world->last_body_len = call->request->body_len;
	text_copy(world->last_path, sizeof(world->last_path), call->request->path);
	if (world->hold) {
		assert_true(world->calls_len < CALLS_MOST);
		world->calls[world->calls_len++] = call;
	} else if (world->answer_body) {
		http_answer(call, 200, "text/plain", world->answer_body, world->answer_len, NULL,
			    0);
	} else {
		http_answer(call, 200, "text/plain", call->request->path,
			    strlen(call->request->path), NULL, 0);
	}
}

static void listen_tcp(struct world *world)
{
	const struct conf_listen at = {.kind = LISTEN_HTTP, .address = "127.0.0.1", .port = 0};
	struct err err = ERR_INIT;

	assert_int_equal(http_in_listen(world->in, &at, -1, &world->port, &err), 0);
	assert_true(world->port > 0);
}

static int set_up(void **state)
{
	static const struct http_in_handler handler = {.head = on_head, .call = on_call};
	struct world *world = calloc(1, sizeof(*world));
	struct http_in_handler mine = handler;
	struct err err = ERR_INIT;

	world->base = event_base_new();
	world->head_says = 1 << 20;
	world->limits = (struct conf_limits){
		.head = 16384,
		.event = 65536,
		.batch = 1 << 20,
		.connections = 100,
		.per_address = 100,
		.request = 30000,
		.idle = 60000,
	};
	mine.context = world;
	log_to(count_log, world, LOG_LEVEL_DEBUG);
	assert_int_equal(http_in_open(&world->in, world->base, &world->limits, &mine, &err), 0);
	listen_tcp(world);
	http_in_tick(world->in, START_MS);
	heard_len = 0;
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	http_in_close(world->in);
	event_base_free(world->base);
	log_to(NULL, NULL, LOG_LEVEL_INFO);
	free(world);
	return 0;
}

static void turn(struct world *world)
{
	event_base_loop(world->base, EVLOOP_NONBLOCK);
}

/* More turns than anything here needs. */
static void settle(struct world *world)
{
	for (int i = 0; i < 50; i++)
		turn(world);
}

static void tick(struct world *world, int64_t after_ms)
{
	http_in_tick(world->in, START_MS + after_ms);
	settle(world);
}

static int call_from(struct world *world, uint32_t source)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	struct sockaddr_in from = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	from.sin_addr.s_addr = htonl(source);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)world->port);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	turn(world);
	return fd;
}

static int dial(struct world *world)
{
	return call_from(world, INADDR_LOOPBACK);
}

static void say_bytes(struct world *world, int fd, const char *bytes, size_t len)
{
	size_t said = 0;

	for (int i = 0; i < TURNS_MOST && said < len; i++) {
		ssize_t took = send(fd, bytes + said, len - said, MSG_NOSIGNAL);

		if (took > 0)
			said += (size_t)took;
		else if (took < 0 && errno != EAGAIN)
			break; /* The server hung up: what it said before is still to be read. */
		turn(world);
	}
}

static void say(struct world *world, int fd, const char *text)
{
	say_bytes(world, fd, text, strlen(text));
}

/* Take in what the server says; false at its end. */
static bool take_in(struct world *world, int fd)
{
	ssize_t got;

	turn(world);
	if (heard_len ==
	    HEARD_CAP - 1) /* Only long bodies come so far; their end is what counts. */
		heard_len = HEARD_CAP / 2;
	got = recv(fd, heard + heard_len, HEARD_CAP - 1 - heard_len, 0);
	if (got > 0)
		heard_len += (size_t)got;
	heard[heard_len] = '\0';
	return got > 0 || (got < 0 && errno == EAGAIN);
}

static void forget(void)
{
	heard_len = 0;
	heard[0] = '\0';
}

/* Listen until TEXT was said. */
static void hear(struct world *world, int fd, const char *text)
{
	for (int i = 0; i < TURNS_MOST; i++) {
		bool more = take_in(world, fd);

		if (strstr(heard, text))
			return;
		if (!more)
			break;
	}
	fail_msg("\"%s\" was not said, but \"%.300s\"", text, heard);
}

/* Listen to the end; it must be an end in peace, not a reset. */
static void hear_end(struct world *world, int fd)
{
	for (int i = 0; i < TURNS_MOST; i++) {
		if (!take_in(world, fd)) {
			assert_int_equal(recv(fd, heard + heard_len, 1, 0), 0);
			return;
		}
	}
	fail_msg("the server did not hang up");
}

static void assert_silent(struct world *world, int fd)
{
	settle(world);
	forget();
	take_in(world, fd);
	assert_string_equal(heard, "");
}

static void hang_up(struct world *world, int fd)
{
	close(fd);
	settle(world);
}

/* End with a reset, as a client that is killed with data unread. */
static void vanish(struct world *world, int fd)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	hang_up(world, fd);
}

static size_t times(const char *text)
{
	size_t count = 0;

	for (const char *at = heard; (at = strstr(at, text)); at += strlen(text))
		count++;
	return count;
}

/* --- answers --- */

static void answer_carries_its_headers_and_no_others(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	say(world, fd, GET);
	hear(world, fd, "\r\n\r\n/x");
	assert_string_equal(heard, "HTTP/1.1 200 OK\r\n"
				   "Content-Type: text/plain\r\n"
				   "Content-Length: 2\r\n"
				   "X-Content-Type-Options: nosniff\r\n"
				   "Content-Security-Policy: default-src 'self'; "
				   "frame-ancestors 'none'; base-uri 'none'; "
				   "form-action 'self'\r\n"
				   "Referrer-Policy: no-referrer\r\n"
				   "Cache-Control: no-store\r\n\r\n/x");
	hang_up(world, fd);
}

static void head_tells_the_length_and_keeps_the_body(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	say(world, fd, "HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n" GET);
	hear(world, fd, "\r\n\r\n/x");
	assert_non_null(strstr(heard, "Content-Length: 4\r\n"));
	assert_null(strstr(heard, "/abc"));
	hang_up(world, fd);
}

static void extra_headers_override_but_cannot_split_the_answer(void **state)
{
	static const struct http_extra extra[] = {
		{"Cache-Control", "max-age=60"},
		{"Location", "/a\r\nSet-Cookie: x=y"},
		{"Bad Name", "v"},
		{"ETag", "\"7\""},
	};
	struct world *world = *state;
	int fd = dial(world);

	world->hold = true;
	say(world, fd, GET);
	settle(world);
	http_answer(world->calls[0], 204, NULL, NULL, 0, extra, ARRAY_LEN(extra));
	hear(world, fd, "\r\n\r\n");
	assert_string_equal(heard, "HTTP/1.1 204 No Content\r\n"
				   "X-Content-Type-Options: nosniff\r\n"
				   "Content-Security-Policy: default-src 'self'; "
				   "frame-ancestors 'none'; base-uri 'none'; "
				   "form-action 'self'\r\n"
				   "Referrer-Policy: no-referrer\r\n"
				   "Cache-Control: max-age=60\r\nETag: \"7\"\r\n\r\n");
	hang_up(world, fd);
}

static void problem_is_a_json_document_whatever_it_says(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	world->hold = true;
	say(world, fd, GET);
	settle(world);
	http_problem(world->calls[0], 503, "inbox_full", "a\"b\\c\n\x01 \xE6\x97\x85 \xFF", 7);
	hear(world, fd, "}");
	assert_non_null(strstr(heard, "HTTP/1.1 503 Service Unavailable\r\n"));
	assert_non_null(strstr(heard, "Content-Type: application/problem+json\r\n"));
	assert_non_null(strstr(heard, "Retry-After: 7\r\n"));
	assert_non_null(strstr(heard,
			       "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
			       "\"status\":503,\"code\":\"inbox_full\","
			       "\"detail\":\"a\\\"b\\\\c\\u000a\\u0001 \xE6\x97\x85 \\ufffd\"}"));
	forget();
	say(world, fd, GET); /* A refusal of ours, not of the framing: the connection lives on. */
	settle(world);
	assert_int_equal(world->calls_len, 2);
	http_problem(world->calls[1], 401, "no_token", "A token is needed.", 0);
	hear(world, fd, "}");
	assert_non_null(strstr(heard, "WWW-Authenticate: Bearer\r\n"));
	assert_null(strstr(heard, "Retry-After"));
	hang_up(world, fd);
}

static void huge_answer_head_becomes_a_500(void **state)
{
	struct world *world = *state;
	struct http_extra extra = {"X-Long", NULL};
	char *value = malloc(ANSWER_HEAD_CAP);
	int fd = dial(world);

	memset(value, 'v', ANSWER_HEAD_CAP);
	value[ANSWER_HEAD_CAP - 1] = '\0';
	extra.value = value;
	world->hold = true;
	say(world, fd, GET);
	settle(world);
	http_answer(world->calls[0], 200, "text/plain", "abc", 3, &extra, 1);
	hear_end(world, fd);
	assert_non_null(strstr(heard, "HTTP/1.1 500 "));
	assert_non_null(strstr(heard, "Content-Length: 0\r\n"));
	free(value);
	hang_up(world, fd);
}

static void large_answer_arrives_whole(void **state)
{
	struct world *world = *state;
	size_t len = 8 << 20;
	char *body = malloc(len);
	int fd = dial(world);

	memset(body, 'b', len);
	memcpy(body + len - 7, "the end", 7);
	world->answer_body = body;
	world->answer_len = len;
	say(world, fd, GET);
	hear(world, fd, "the end");
	free(body);
	world->answer_body = NULL;
	forget();
	say(world, fd, GET);
	hear(world, fd, "\r\n\r\n/x");
	hang_up(world, fd);
}

/* --- connections --- */

static void connection_is_kept_for_the_next_request(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	for (int i = 0; i < 20; i++) {
		forget();
		say(world, fd, GET);
		hear(world, fd, "\r\n\r\n/x");
	}
	assert_int_equal(http_in_connections(world->in), 1);
	assert_int_equal(world->calls_seen, 20);
	hang_up(world, fd);
	assert_int_equal(http_in_connections(world->in), 0);
}

static void old_or_closing_clients_are_closed(void **state)
{
	static const char *const last[] = {
		"GET /x HTTP/1.0\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
	};
	struct world *world = *state;
	int fd;

	for (size_t i = 0; i < ARRAY_LEN(last); i++) {
		forget();
		fd = dial(world);
		say(world, fd, last[i]);
		hear_end(world, fd);
		assert_non_null(strstr(heard, "200 OK"));
		assert_non_null(strstr(heard, "Connection: close\r\n"));
		hang_up(world, fd);
	}
	forget();
	fd = dial(world);
	say(world, fd, "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	hear(world, fd, "\r\n\r\n/x");
	assert_non_null(strstr(heard, "Connection: keep-alive\r\n"));
	say(world, fd, GET);
	hear(world, fd, "no-store\r\n\r\n/x");
	hang_up(world, fd);
}

static void request_may_come_byte_by_byte(void **state)
{
	static const char request[] = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
	struct world *world = *state;
	int fd = dial(world);

	for (size_t i = 0; i < sizeof(request) - 1; i++)
		say_bytes(world, fd, request + i, 1);
	hear(world, fd, "\r\n\r\n/p");
	assert_int_equal(world->last_body_len, 3);
	hang_up(world, fd);
}

static void large_body_is_read_whole(void **state)
{
	struct world *world = *state;
	size_t len = 1 << 20;
	char *body = malloc(len);
	int fd = dial(world);

	memset(body, 'b', len);
	say(world, fd, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n");
	say_bytes(world, fd, body, len);
	hear(world, fd, "\r\n\r\n/p");
	assert_int_equal(world->last_body_len, len);
	free(body);
	hang_up(world, fd);
}

static void requests_sent_ahead_wait_for_the_answer_before(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	world->hold = true;
	say(world, fd,
	    "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
	    "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
	for (size_t i = 0; i < 3; i++) {
		char text[8];

		settle(world);
		assert_int_equal(world->calls_len, i + 1);
		assert_int_equal(http_in_waiting(world->in), 1);
		snprintf(text, sizeof(text), "/%zu", i + 1);
		assert_string_equal(world->calls[i]->request->path, text);
		assert_int_equal(world->calls[i]->id, i + 1);
		http_answer(world->calls[i], 200, "text/plain", text, strlen(text), NULL, 0);
		/* The next call comes from the loop, never from inside the answer. */
		assert_int_equal(world->calls_len, i + 1);
		forget();
		hear(world, fd, text);
	}
	hang_up(world, fd);
}

static void hundreds_of_requests_in_one_piece_are_answered_in_order(void **state)
{
	struct world *world = *state;
	static char all[400 * 48];
	struct text text = TEXT_OVER(all);
	const char *at = heard;
	int fd = dial(world);

	text_clear(&text);
	for (int i = 0; i < 300; i++)
		text_addf(&text, "GET /%d HTTP/1.1\r\nHost: h\r\n\r\n", i);
	say(world, fd, all);
	hear(world, fd, "\r\n\r\n/299");
	for (int i = 0; i < 300; i++) {
		char path[16];

		snprintf(path, sizeof(path), "\n/%d", i);
		at = strstr(at, path);
		assert_non_null(at);
	}
	assert_int_equal(times("HTTP/1.1 200 OK"), 300);
	hang_up(world, fd);
}

/* The loop must turn while more waits than is read ahead; it once did not, and one client could
 * stop the daemon. */
static void requests_far_ahead_do_not_hold_the_loop(void **state)
{
	struct world *world = *state;
	size_t asked = 4 * READ_AHEAD / strlen(GET);
	int fd = dial(world);
	size_t answered = 0;

	world->hold = true;
	for (size_t i = 0; i < asked; i++)
		say(world, fd, GET);
	settle(world);
	assert_int_equal(world->calls_len, 1);
	world->hold = false;
	http_answer(world->calls[0], 204, NULL, NULL, 0, NULL, 0);
	for (int i = 0; i < TURNS_MOST && answered < asked; i++) {
		forget();
		assert_true(take_in(world, fd));
		answered = world->calls_seen;
	}
	assert_int_equal(answered, asked);
	hang_up(world, fd);
}

static void half_closed_client_still_gets_its_answers(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	world->hold = true;
	say(world, fd, GET GET);
	shutdown(fd, SHUT_WR);
	settle(world);
	http_answer(world->calls[0], 200, "text/plain", "one", 3, NULL, 0);
	settle(world);
	assert_int_equal(world->calls_len, 2);
	http_answer(world->calls[1], 200, "text/plain", "two", 3, NULL, 0);
	hear_end(world, fd);
	assert_non_null(strstr(heard, "one"));
	assert_non_null(strstr(heard, "two"));
	assert_int_equal(http_in_connections(world->in), 0);
	close(fd);
}

static void client_gone_before_the_answer_hurts_nobody(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	world->hold = true;
	say(world, fd, "POST /gone HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
	settle(world);
	vanish(world, fd);
	assert_int_equal(http_in_connections(world->in), 0);
	assert_int_equal(http_in_waiting(world->in), 1);
	assert_string_equal(world->calls[0]->request->path, "/gone");
	assert_string_equal(world->calls[0]->request->body, "abc");
	http_answer(world->calls[0], 200, "text/plain", "late", 4, NULL, 0);
	assert_int_equal(http_in_waiting(world->in), 0);
	/* Gone in peace: that looks like a half-closed client, until the answer is sent. */
	fd = dial(world);
	say(world, fd, GET);
	hang_up(world, fd);
	assert_int_equal(http_in_waiting(world->in), 1);
	http_answer(world->calls[1], 200, "text/plain", "late", 4, NULL, 0);
	settle(world);
	assert_int_equal(http_in_connections(world->in), 0);
}

static void unanswered_calls_die_with_the_server(void **state)
{
	struct world *world = *state;
	int stays = dial(world);
	int goes = dial(world);

	world->hold = true;
	say(world, stays, GET);
	say(world, goes, GET);
	settle(world);
	vanish(world, goes);
	assert_int_equal(http_in_waiting(world->in), 2);
	close(stays); /* tear_down closes the server; the sanitizers watch. */
}

/* --- what is refused --- */

static void expectation_is_met_before_the_body(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	say(world, fd,
	    "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
	hear(world, fd, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_int_equal(world->calls_seen, 0);
	forget();
	say(world, fd, "abc");
	hear(world, fd, "HTTP/1.1 200 OK\r\n");
	assert_int_equal(world->heads_seen, 1);
	hang_up(world, fd);
}

static void body_is_refused_before_it_is_sent(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	world->head_says = 2;
	say(world, fd,
	    "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
	hear_end(world, fd);
	assert_int_equal(times("HTTP/1.1 "), 1);
	assert_non_null(strstr(heard, "HTTP/1.1 413 "));
	assert_non_null(strstr(heard, "\"code\":\"too_large\""));
	hang_up(world, fd);
	forget();
	fd = dial(world);
	say(world, fd,
	    "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	hear_end(world, fd);
	assert_non_null(strstr(heard, "HTTP/1.1 413 "));
	hang_up(world, fd);
	forget();
	fd = dial(world);
	world->head_says = -415;
	say(world, fd, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" GET);
	hear_end(world, fd);
	assert_non_null(strstr(heard, "HTTP/1.1 415 "));
	assert_non_null(strstr(heard, "Connection: close\r\n"));
	assert_int_equal(world->calls_seen, 0);
	hang_up(world, fd);
}

static void bad_framing_is_refused_and_closed(void **state)
{
	static const struct {
		const char *request;
		const char *status;
	} bad[] = {
		{"GET / HTTP/1.1\r\n\r\n", "400"},
		{"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", "400"},
		{"GET / HTTP/1.1\nHost: h\n\n", "400"},
		{"GET / HTTP/1.1\r\nHost : h\r\n\r\n", "400"},
		{"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", "400"},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na", "400"},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
		 "400"},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: "
		 "chunked\r\n\r\n",
		 "400"},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
		{"GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"},
		{"GET /../etc HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", "413"},
		{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400"},
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int fd = dial(world);
		char line[16];

		forget();
		say(world, fd, bad[i].request);
		say(world, fd, GET); /* Must not be taken for a request of its own. */
		hear_end(world, fd);
		snprintf(line, sizeof(line), "HTTP/1.1 %s ", bad[i].status);
		assert_non_null(strstr(heard, line));
		assert_int_equal(times("HTTP/1.1 "), 1 + times("Only HTTP/1.0 and HTTP/1.1 "));
		assert_non_null(strstr(heard, "Connection: close\r\n"));
		assert_non_null(strstr(heard, "application/problem+json"));
		hang_up(world, fd);
	}
	assert_int_equal(world->calls_seen, 0);
	assert_int_equal(http_in_connections(world->in), 0);
}

static void refusal_is_read_although_the_body_goes_on(void **state)
{
	struct world *world = *state;
	static char body[48 * 1024];
	int fd = dial(world);

	memset(body, 'b', sizeof(body));
	world->head_says = -413;
	say(world, fd, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 49152\r\n\r\n");
	say_bytes(world, fd, body, sizeof(body));
	hear_end(world, fd); /* In peace: no reset threw the answer away. */
	assert_non_null(strstr(heard, "HTTP/1.1 413 "));
	hang_up(world, fd);
	assert_int_equal(http_in_connections(world->in), 0);
}

static void lingering_has_an_end(void **state)
{
	struct world *world = *state;
	static char flood[256 * 1024];
	int fd = dial(world);

	say(world, fd, "junk\r\n\r\n");
	hear_end(world, fd);
	assert_int_equal(http_in_connections(world->in), 1);
	tick(world, LINGER_MS);
	assert_int_equal(http_in_connections(world->in), 1);
	tick(world, LINGER_MS + 1);
	assert_int_equal(http_in_connections(world->in), 0);
	close(fd);
	fd = dial(world);
	say(world, fd, "junk\r\n\r\n");
	memset(flood, 'f', sizeof(flood));
	say_bytes(world, fd, flood, sizeof(flood));
	settle(world);
	assert_int_equal(http_in_connections(world->in), 0);
	close(fd);
}

/* --- deadlines --- */

static void slow_request_is_cut_at_its_deadline(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	say(world, fd, "GET /slow HTTP/1.1\r\n");
	for (int64_t at = 1000; at <= 30000; at += 1000) {
		say(world, fd, "A: b\r\n"); /* Dripping buys no time. */
		tick(world, at);
	}
	assert_silent(world, fd);
	tick(world, 30001);
	hear_end(world, fd);
	assert_non_null(strstr(heard, "HTTP/1.1 408 "));
	assert_non_null(strstr(heard, "\"code\":\"request_timeout\""));
	hang_up(world, fd);
	assert_int_equal(http_in_connections(world->in), 0);
}

static void slow_second_request_has_a_deadline_of_its_own(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	say(world, fd, GET);
	hear(world, fd, "\r\n\r\n/x");
	tick(world, 50000);
	say(world, fd, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
	tick(world, 80000);
	assert_silent(world, fd);
	tick(world, 80001);
	hear_end(world, fd);
	assert_non_null(strstr(heard, "HTTP/1.1 408 "));
	hang_up(world, fd);
}

static void silent_connections_are_closed(void **state)
{
	struct world *world = *state;
	int fresh = dial(world);
	int idle = dial(world);

	say(world, idle, GET);
	hear(world, idle, "\r\n\r\n/x");
	tick(world, 30000);
	assert_int_equal(http_in_connections(world->in), 2);
	tick(world, 30001);
	assert_int_equal(http_in_connections(world->in), 1);
	forget();
	hear_end(world, fresh);
	assert_string_equal(heard, "");
	tick(world, 60000);
	assert_int_equal(http_in_connections(world->in), 1);
	tick(world, 60001);
	hear_end(world, idle);
	assert_int_equal(http_in_connections(world->in), 0);
	close(fresh);
	close(idle);
}

static void waiting_call_is_never_cut(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	world->hold = true;
	say(world, fd, GET);
	settle(world);
	tick(world, 3600000);
	assert_int_equal(http_in_waiting(world->in), 1);
	http_answer(world->calls[0], 200, "text/plain", "at last", 7, NULL, 0);
	hear(world, fd, "at last");
	hang_up(world, fd);
}

static void answer_nobody_reads_is_cut(void **state)
{
	struct world *world = *state;
	size_t len = 32 << 20;
	char *body = calloc(1, len);
	int fd = dial(world);

	world->answer_body = body;
	world->answer_len = len;
	say(world, fd, GET);
	settle(world);
	tick(world, 30000);
	assert_int_equal(http_in_connections(world->in), 1);
	tick(world, 30001);
	assert_int_equal(http_in_connections(world->in), 0);
	free(body);
	hang_up(world, fd);
}

static void clock_begins_with_the_first_tick(void **state)
{
	struct world *world = *state;
	int fd;

	http_in_close(world->in);
	{
		struct http_in_handler mine = {.head = on_head, .call = on_call, .context = world};
		struct err err = ERR_INIT;

		assert_int_equal(http_in_open(&world->in, world->base, &world->limits, &mine, &err),
				 0);
	}
	listen_tcp(world);
	fd = dial(world);
	tick(world, 0);
	assert_int_equal(http_in_connections(world->in), 1);
	hang_up(world, fd);
}

/* --- caps --- */

static void one_connection_too_many_is_told_so(void **state)
{
	struct world *world = *state;
	int inside[3];
	int fd;

	world->limits.connections = 3;
	http_in_limits(world->in, &world->limits);
	for (size_t i = 0; i < 3; i++)
		inside[i] = dial(world);
	assert_int_equal(http_in_connections(world->in), 3);
	fd = dial(world);
	say(world, fd, GET);
	hear_end(world, fd);
	assert_non_null(strstr(heard, "HTTP/1.1 503 Service Unavailable\r\n"));
	assert_non_null(strstr(heard, "Connection: close\r\n"));
	assert_non_null(strstr(heard, "Retry-After: "));
	assert_int_equal(http_in_connections(world->in), 3);
	hang_up(world, fd);
	hang_up(world, inside[0]);
	fd = dial(world);
	forget();
	say(world, fd, GET);
	hear(world, fd, "HTTP/1.1 200 OK\r\n");
	hang_up(world, fd);
	hang_up(world, inside[1]);
	hang_up(world, inside[2]);
}

static void orphaned_calls_count_for_the_cap(void **state)
{
	struct world *world = *state;
	int fd = dial(world);

	world->limits.connections = 1;
	http_in_limits(world->in, &world->limits);
	world->hold = true;
	say(world, fd, GET);
	settle(world);
	vanish(world, fd);
	fd = dial(world);
	hear_end(world, fd);
	assert_non_null(strstr(heard, "HTTP/1.1 503 "));
	hang_up(world, fd);
	http_answer(world->calls[0], 200, NULL, NULL, 0, NULL, 0);
	fd = dial(world);
	assert_silent(world, fd);
	hang_up(world, fd);
}

static void one_address_has_its_share(void **state)
{
	struct world *world = *state;
	int mine[2];
	int fd;

	world->limits.per_address = 2;
	http_in_limits(world->in, &world->limits);
	for (size_t i = 0; i < 2; i++)
		mine[i] = dial(world);
	fd = dial(world);
	hear_end(world, fd);
	assert_non_null(strstr(heard, "HTTP/1.1 429 Too Many Requests\r\n"));
	hang_up(world, fd);
	forget();
	fd = call_from(world, INADDR_LOOPBACK + 1);
	say(world, fd, GET);
	hear(world, fd, "HTTP/1.1 200 OK\r\n");
	hang_up(world, fd);
	hang_up(world, mine[0]);
	forget();
	fd = dial(world);
	say(world, fd, GET);
	hear(world, fd, "HTTP/1.1 200 OK\r\n");
	hang_up(world, fd);
	hang_up(world, mine[1]);
}

static void siege_leaves_nothing_behind(void **state)
{
	struct world *world = *state;
	int fds[REFUSED_MAX + 40];

	world->limits.connections = 1;
	http_in_limits(world->in, &world->limits);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = dial(world);
	assert_int_equal(http_in_connections(world->in), 1);
	assert_int_equal(world->in->refused_len, REFUSED_MAX);
	hear_end(world, fds[ARRAY_LEN(fds) - 1]); /* Even those nobody lingers with are told. */
	assert_non_null(strstr(heard, "HTTP/1.1 503 "));
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	settle(world);
	assert_int_equal(http_in_connections(world->in), 0);
	assert_int_equal(world->in->refused_len, 0);
}

static void running_out_of_descriptors_is_survived(void **state)
{
	struct world *world = *state;
	struct rlimit before, none;
	struct sockaddr_in at = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)world->port);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)fd; /* All below are taken. */
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	settle(world);
	assert_true(world->in->paused);
	tick(world, 1000);
	tick(world, 2000);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(world->logged, 1);
	assert_int_equal(http_in_connections(world->in), 0);
	tick(world, 3000);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	assert_int_equal(http_in_connections(world->in), 1);
	say(world, fd, GET);
	hear(world, fd, "HTTP/1.1 200 OK\r\n");
	hang_up(world, fd);
}

/* --- ends --- */

static void drain_answers_what_is_asked_and_takes_no_more(void **state)
{
	struct world *world = *state;
	struct sockaddr_in at = {.sin_family = AF_INET};
	int idle = dial(world);
	int waiting = dial(world);
	int half = dial(world);
	int asked = dial(world);
	int late = socket(AF_INET, SOCK_STREAM, 0);

	say(world, idle, GET);
	hear(world, idle, "\r\n\r\n/x");
	say(world, asked, GET);
	hear(world, asked, "\r\n\r\n/x");
	world->hold = true;
	say(world, waiting, GET GET);
	say(world, half, "GET /half HTTP/1.1\r\n");
	settle(world);
	assert_true(send(asked, GET, strlen(GET), 0) > 0); /* Not read yet when the drain begins. */
	http_in_drain(world->in);
	forget();
	hear_end(world, idle);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)world->port);
	assert_int_equal(connect(late, (struct sockaddr *)&at, sizeof(at)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	settle(world);
	assert_int_equal(world->calls_len, 2);
	http_answer(world->calls[0], 200, "text/plain", "last", 4, NULL, 0);
	hear_end(world, waiting);
	assert_non_null(strstr(heard, "Connection: close\r\n"));
	http_answer(world->calls[1], 200, "text/plain", "last", 4, NULL, 0);
	hear_end(world, asked);
	say(world, half, "Host: h\r\n\r\n");
	settle(world);
	assert_int_equal(world->calls_len, 3); /* The second of `waiting` is not among them. */
	http_answer(world->calls[2], 200, "text/plain", "last", 4, NULL, 0);
	hear_end(world, half);
	close(idle);
	close(waiting);
	close(asked);
	close(half);
	close(late);
	settle(world);
	assert_int_equal(http_in_connections(world->in), 0);
}

static void fresh_connection_may_still_ask_during_the_drain(void **state)
{
	struct world *world = *state;
	int asks = dial(world);
	int silent = dial(world);

	http_in_drain(world->in);
	settle(world);
	assert_int_equal(http_in_connections(world->in), 2);
	say(world, asks, GET);
	hear_end(world, asks);
	assert_non_null(strstr(heard, "HTTP/1.1 200 OK\r\n"));
	close(asks);
	tick(world, 1000);
	assert_int_equal(http_in_connections(world->in), 0);
	close(silent);
}

/* --- unix and inherited sockets --- */

static int dial_unix(struct world *world, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	text_copy(at.sun_path, sizeof(at.sun_path), path);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		close(fd);
		return -1;
	}
	settle(world);
	return fd;
}

static void unix_peers_are_known_by_uid_and_exempt_from_shares(void **state)
{
	struct world *world = *state;
	char dir[] = "/tmp/http_in.XXXXXX";
	char path[64];
	struct conf_listen at = {.kind = LISTEN_UNIX, .address = path};
	struct stat there;
	struct err err = ERR_INIT;
	int port = -1;
	int first, second;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	world->limits.per_address = 1;
	world->limits.connections = 1;
	http_in_limits(world->in, &world->limits);
	assert_int_equal(http_in_listen(world->in, &at, -1, &port, &err), 0);
	assert_int_equal(port, 0);
	assert_int_equal(stat(path, &there), 0);
	assert_int_equal(there.st_mode & 0777, 0660);
	world->hold = true;
	first = dial_unix(world, path);
	second = dial_unix(world, path); /* Over the cap, but the operator gets in. */
	say(world, second, GET);
	settle(world);
	assert_int_equal(world->calls_len, 1);
	assert_true(world->calls[0]->unix_peer);
	assert_true(world->calls[0]->loopback);
	assert_int_equal(world->calls[0]->uid, getuid());
	assert_string_equal(world->calls[0]->peer, "unix");
	http_answer(world->calls[0], 200, NULL, NULL, 0, NULL, 0);
	hear(world, second, "HTTP/1.1 200 OK\r\n");
	hang_up(world, first);
	hang_up(world, second);
	http_in_drain(world->in);
	assert_int_equal(stat(path, &there), -1);
	assert_int_equal(rmdir(dir), 0);
}

static void only_a_dead_unix_socket_is_replaced(void **state)
{
	struct world *world = *state;
	char dir[] = "/tmp/http_in.XXXXXX";
	char path[64];
	struct conf_listen at = {.kind = LISTEN_UNIX, .address = path};
	struct sockaddr_un dead = {.sun_family = AF_UNIX};
	struct err err = ERR_INIT;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	text_copy(dead.sun_path, sizeof(dead.sun_path), path);
	assert_int_equal(bind(fd, (struct sockaddr *)&dead, sizeof(dead)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(http_in_listen(world->in, &at, -1, NULL, &err), CL_EBUSY);
	close(fd);
	assert_int_equal(http_in_listen(world->in, &at, -1, NULL, &err), 0);
	fd = dial_unix(world, path);
	assert_true(fd >= 0);
	hang_up(world, fd);
	http_in_drain(world->in);
	world->in->draining = false; /* For one more try to listen. */
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(http_in_listen(world->in, &at, -1, NULL, &err), CL_ECONFLICT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void inherited_socket_is_served(void **state)
{
	struct world *world = *state;
	const struct conf_listen at = {.kind = LISTEN_HTTP, .address = "127.0.0.1", .port = 1};
	struct sockaddr_in any = {.sin_family = AF_INET};
	struct err err = ERR_INIT;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int fd;

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(http_in_listen(world->in, &at, listener, NULL, &err), CL_EINVAL);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(http_in_listen(world->in, &at, listener, &world->port, &err), 0);
	assert_true(world->port > 1);
	fd = dial(world);
	world->hold = true;
	say(world, fd, GET);
	settle(world);
	assert_string_equal(world->calls[0]->peer, "127.0.0.1");
	assert_true(world->calls[0]->loopback);
	assert_false(world->calls[0]->unix_peer);
	http_answer(world->calls[0], 200, "text/plain", "ok", 2, NULL, 0);
	hear(world, fd, "\r\n\r\nok");
	hang_up(world, fd);
}

static void wrong_addresses_are_refused(void **state)
{
	struct world *world = *state;
	struct conf_listen at = {.kind = LISTEN_HTTP, .address = "localhost", .port = 0};
	struct err err = ERR_INIT;

	assert_int_equal(http_in_listen(world->in, &at, -1, NULL, &err), CL_EINVAL);
	at.address = "127.0.0.1";
	at.port = world->port;
	assert_int_equal(http_in_listen(world->in, &at, -1, NULL, &err), CL_EBUSY);
	assert_non_null(strstr(err.text, "127.0.0.1"));
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(answer_carries_its_headers_and_no_others),
		CLAIM(head_tells_the_length_and_keeps_the_body),
		CLAIM(extra_headers_override_but_cannot_split_the_answer),
		CLAIM(problem_is_a_json_document_whatever_it_says),
		CLAIM(huge_answer_head_becomes_a_500),
		CLAIM(large_answer_arrives_whole),
		CLAIM(connection_is_kept_for_the_next_request),
		CLAIM(old_or_closing_clients_are_closed),
		CLAIM(request_may_come_byte_by_byte),
		CLAIM(large_body_is_read_whole),
		CLAIM(requests_sent_ahead_wait_for_the_answer_before),
		CLAIM(hundreds_of_requests_in_one_piece_are_answered_in_order),
		CLAIM(requests_far_ahead_do_not_hold_the_loop),
		CLAIM(half_closed_client_still_gets_its_answers),
		CLAIM(client_gone_before_the_answer_hurts_nobody),
		CLAIM(unanswered_calls_die_with_the_server),
		CLAIM(expectation_is_met_before_the_body),
		CLAIM(body_is_refused_before_it_is_sent),
		CLAIM(bad_framing_is_refused_and_closed),
		CLAIM(refusal_is_read_although_the_body_goes_on),
		CLAIM(lingering_has_an_end),
		CLAIM(slow_request_is_cut_at_its_deadline),
		CLAIM(slow_second_request_has_a_deadline_of_its_own),
		CLAIM(silent_connections_are_closed),
		CLAIM(waiting_call_is_never_cut),
		CLAIM(answer_nobody_reads_is_cut),
		CLAIM(clock_begins_with_the_first_tick),
		CLAIM(one_connection_too_many_is_told_so),
		CLAIM(orphaned_calls_count_for_the_cap),
		CLAIM(one_address_has_its_share),
		CLAIM(siege_leaves_nothing_behind),
		CLAIM(running_out_of_descriptors_is_survived),
		CLAIM(drain_answers_what_is_asked_and_takes_no_more),
		CLAIM(fresh_connection_may_still_ask_during_the_drain),
		CLAIM(unix_peers_are_known_by_uid_and_exempt_from_shares),
		CLAIM(only_a_dead_unix_socket_is_replaced),
		CLAIM(inherited_socket_is_served),
		CLAIM(wrong_addresses_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
