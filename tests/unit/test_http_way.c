/* test_http_way.c — the ways an answer can fail to come to an end, and the way through a proxy.
 * Neighbours: daemon/http_out.h is under test with http_order.c and http_word.c; test_http_out.c
 * has what a well-behaved endpoint answers. TLS is tests/system/test_outbound.py's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "closedloop/err.h"
#include "closedloop/text.h"
#include "daemon/http_out.h"

#define WAIT_MOST_S 20 /* No test waits that long; a hang becomes a failure instead. */
#define CHUNK	    ((size_t)16 * 1024)
#define SEEN_CAP    4096
#define OK_HEAD	    "HTTP/1.1 200 OK\r\n"

static const char *const local_only[] = {"127.0.0.0/8"};

/* What the other end says when the request's head has come, and then again and again. */
struct script {
	const char *once, *again;
	int64_t every_ms; /* 0: as fast as it is taken. */
};

struct world {
	struct event_base *base;
	struct evconnlistener *listener;
	struct bufferevent *peer;
	struct event *ticker;
	struct http_out *out;
	struct transport transport;
	struct script script;
	int port;
	size_t calls, sent;
	char seen[SEEN_CAP]; /* The last request. */
	bool done;
	int status;
	size_t body_len;
	char error[40];
};

/* --- the other end --- */

static void peer_free(struct world *world)
{
	if (world->ticker)
		event_free(world->ticker);
	if (world->peer)
		bufferevent_free(world->peer);
	world->ticker = NULL;
	world->peer = NULL;
}

static void say(struct world *world, const char *text)
{
	world->sent += strlen(text);
	bufferevent_write(world->peer, text, strlen(text));
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct world *world = context;

	(void)fd;
	(void)what;
	say(world, world->script.again);
}

static void on_taken(struct bufferevent *peer, void *context)
{
	struct world *world = context;

	(void)peer;
	if (!world->sent || !world->script.again || world->script.every_ms)
		return; /* Nothing was asked yet, or nothing is to be added now. */
	for (size_t len = 0; len < CHUNK; len += strlen(world->script.again))
		say(world, world->script.again);
}

static void on_request(struct bufferevent *peer, void *context)
{
	struct world *world = context;
	struct timeval every = {.tv_usec = world->script.every_ms * 1000};
	size_t len = evbuffer_get_length(bufferevent_get_input(peer));

	if (len >= SEEN_CAP)
		len = SEEN_CAP - 1;
	evbuffer_copyout(bufferevent_get_input(peer), world->seen, len);
	world->seen[len] = '\0';
	if (!strstr(world->seen, "\r\n\r\n"))
		return;
	evbuffer_drain(bufferevent_get_input(peer), len);
	world->calls++;
	say(world, world->script.once);
	if (world->script.again && world->script.every_ms) {
		world->ticker = event_new(world->base, -1, EV_PERSIST, on_tick, world);
		event_add(world->ticker, &every);
	}
}

static void on_gone(struct bufferevent *peer, short what, void *context)
{
	(void)peer;
	(void)what;
	peer_free(context);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		      int len, void *context)
{
	struct world *world = context;

	(void)listener;
	(void)address;
	(void)len;
	peer_free(world);
	world->peer = bufferevent_socket_new(world->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(world->peer, on_request, on_taken, on_gone, world);
	bufferevent_enable(world->peer, EV_READ | EV_WRITE);
}

/* --- the courier --- */

static void on_done(void *context, const char *notice, const struct reply *reply)
{
	struct world *world = context;

	assert_string_equal(notice, "ntc_1");
	assert_false(world->done);
	assert_true((reply->status == 0) == (reply->error != NULL));
	world->done = true;
	world->status = reply->status;
	world->body_len = reply->body_len;
	text_copy(world->error, sizeof(world->error), reply->error ? reply->error : "");
}

static void too_long(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
	fail_msg("nothing came back within %d s", WAIT_MOST_S);
}

/* Send to URL by WAY and wait for what becomes of it. */
static void ask(struct world *world, const char *url, const struct transport_order *way)
{
	const struct timeval most = {.tv_sec = WAIT_MOST_S};
	struct event *guard = evtimer_new(world->base, too_long, NULL);
	const struct channel_request request = {.url = url, .body = "{}", .body_len = 2};
	struct transport_order order = *way;
	struct err err = ERR_INIT;

	order.notice = "ntc_1";
	order.request = &request;
	order.connect_ms = 3000;
	if (!order.total_ms)
		order.total_ms = 10000;
	world->done = false;
	assert_int_equal(world->transport.send(world->transport.self, &order, &err), 0);
	evtimer_add(guard, &most);
	while (!world->done)
		event_base_loop(world->base, EVLOOP_ONCE);
	event_free(guard);
}

static const char *here(struct world *world)
{
	static char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d", world->port);
	return url;
}

static void play(struct world *world, const char *once, const char *again, int64_t every_ms,
		 int64_t total_ms)
{
	const struct transport_order way = {.allow_len = 1,
					    .allow = local_only,
					    .total_ms = total_ms};

	world->script = (struct script){once, again, every_ms};
	world->sent = 0;
	ask(world, here(world), &way);
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	struct err err = ERR_INIT;

	world->base = event_base_new();
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	world->listener =
		evconnlistener_new_bind(world->base, on_accept, world, LEV_OPT_CLOSE_ON_FREE, -1,
					(struct sockaddr *)&at, sizeof(at));
	assert_non_null(world->listener);
	assert_int_equal(getsockname(evconnlistener_get_fd(world->listener), (struct sockaddr *)&at,
				     &len),
			 0);
	world->port = ntohs(at.sin_port);
	assert_int_equal(http_out_open(&world->out, world->base, 4, on_done, world, &err), 0);
	world->transport = http_out_transport(world->out);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	http_out_close(world->out);
	peer_free(world);
	evconnlistener_free(world->listener);
	event_base_free(world->base);
	free(world);
	return 0;
}

/* --- answers without end --- */

static void endless_answer_is_cut_and_its_status_counts(void **state)
{
	struct world *world = *state;

	play(world, OK_HEAD "\r\n", "0123456789abcdef", 0, 0);
	assert_int_equal(world->status, 200);
	assert_int_equal(world->body_len, 20000);
	play(world, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n", 0,
	     0);
	assert_int_equal(world->status, 200);
	assert_int_equal(world->body_len, 20000);
}

static void endless_head_is_given_up(void **state)
{
	struct world *world = *state;

	play(world, OK_HEAD, "X-More: and more and more and more\r\n", 0, 0);
	assert_string_equal(world->error, "endless head");
	play(world, "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", 0, 0);
	assert_string_equal(world->error, "endless head");
	/* And the next one is read as if nothing had been. */
	play(world, OK_HEAD "Content-Length: 0\r\n\r\n", NULL, 0, 0);
	assert_int_equal(world->status, 200);
}

static void one_endless_line_is_given_up(void **state)
{
	struct world *world = *state;

	play(world, OK_HEAD "X-Line: ", "0123456789abcdef", 0, 0);
	assert_int_equal(world->status, 0);
	assert_string_not_equal(world->error, "timeout");
}

/* Each byte comes in good time; all of them never do. */
static void dripping_answer_has_the_total_time_and_no_more(void **state)
{
	struct world *world = *state;

	play(world, OK_HEAD "Content-Length: 1000000\r\n\r\n", "x", 10, 150);
	assert_string_equal(world->error, "timeout");
	assert_true(world->sent < 1000);
	play(world, OK_HEAD, "X-Slow: 1\r\n", 10, 150);
	assert_string_equal(world->error, "timeout");
}

static void what_is_no_http_is_no_answer(void **state)
{
	static const char *const noises[] = {
		"SSH-2.0-OpenSSH_9.2\r\n",	   "<html>200 OK</html>\r\n\r\n",
		"HTTP/9.9 200 OK\r\n\r\n",	   "HTTP/1.1 \r\n\r\n",
		"HTTP/1.1 99999999999 OK\r\n\r\n", "\r\n\r\n\r\n",
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_LEN(noises); i++) {
		play(world, noises[i], NULL, 0, 150);
		assert_int_equal(world->status, 0);
	}
}

/* --- proxies --- */

/* The host has no address anywhere: only the proxy can have been asked. */
static void proxy_is_what_is_reached(void **state)
{
	struct world *world = *state;
	struct transport_order way = {.allow_len = 1, .allow = local_only, .proxy = here(world)};

	world->script = (struct script){.once = OK_HEAD "Content-Length: 2\r\n\r\n{}"};
	ask(world, "http://robot.invalid/send", &way);
	assert_int_equal(world->status, 200);
	assert_true(text_starts(world->seen, "POST http://robot.invalid/send HTTP/1.1\r\n"));
	assert_non_null(strstr(world->seen, "\r\nHost: robot.invalid\r\n"));
}

static void proxy_on_a_private_address_must_be_allowed(void **state)
{
	struct world *world = *state;
	struct transport_order way = {.proxy = here(world)};

	ask(world, "http://robot.invalid/send", &way);
	assert_string_equal(world->error, "address not allowed");
	ask(world, "https://robot.invalid/send", &way);
	assert_string_equal(world->error, "address not allowed");
	assert_int_equal(world->calls, 0);
}

static void https_goes_through_a_proxy_by_connect(void **state)
{
	struct world *world = *state;
	struct transport_order way = {.allow_len = 1, .allow = local_only, .proxy = here(world)};

	world->script = (struct script){.once = "HTTP/1.1 403 Forbidden\r\nRetry-After: 1\r\n"
						"Content-Length: 0\r\n\r\n"};
	ask(world, "https://robot.invalid/send?key=secret", &way);
	assert_true(text_starts(world->seen, "CONNECT robot.invalid:443 HTTP/1.1\r\n"));
	assert_null(strstr(world->seen, "secret"));
	assert_string_equal(world->error, "proxy refuses: HTTP 403");
	world->script = (struct script){.once = "HTTP/1.1 200 Connected\r\n\r\nnoise, not TLS"};
	ask(world, "https://robot.invalid/send", &way);
	assert_string_equal(world->error, "tls");
}

/* The handle is used again; the proxy of the one before is not. */
static void proxy_of_another_endpoint_is_not_used(void **state)
{
	struct world *world = *state;
	struct transport_order way = {.allow_len = 1, .allow = local_only, .proxy = here(world)};

	world->script = (struct script){.once = OK_HEAD "Content-Length: 2\r\n\r\n{}"};
	ask(world, "http://robot.invalid/send", &way);
	assert_int_equal(world->status, 200);
	way.proxy = NULL;
	ask(world, "http://a..b/send", &way); /* No name: nobody is asked about it. */
	assert_string_equal(world->error, "resolve");
	ask(world, here(world), &way);
	assert_int_equal(world->status, 200);
	assert_true(text_starts(world->seen, "POST / HTTP/1.1\r\n"));
}

static void proxy_without_an_address_is_told_apart(void **state)
{
	struct world *world = *state;
	struct transport_order way = {.allow_len = 1,
				      .allow = local_only,
				      .proxy = "http://a..b:3128"};

	ask(world, "http://robot.invalid/send", &way);
	assert_string_equal(world->error, "resolve proxy");
}

/* --- names --- */

/* The name says nothing: where it leads at this moment counts. */
static void name_that_leads_into_our_own_house_is_refused(void **state)
{
	struct world *world = *state;
	const struct transport_order way = {.allow_len = 0};
	char url[64];

	snprintf(url, sizeof(url), "http://localhost:%d/", world->port);
	ask(world, url, &way);
	assert_string_equal(world->error, "address not allowed");
	assert_int_equal(world->calls, 0);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(endless_answer_is_cut_and_its_status_counts),
		CLAIM(endless_head_is_given_up),
		CLAIM(one_endless_line_is_given_up),
		CLAIM(dripping_answer_has_the_total_time_and_no_more),
		CLAIM(what_is_no_http_is_no_answer),
		CLAIM(proxy_is_what_is_reached),
		CLAIM(proxy_on_a_private_address_must_be_allowed),
		CLAIM(https_goes_through_a_proxy_by_connect),
		CLAIM(proxy_of_another_endpoint_is_not_used),
		CLAIM(proxy_without_an_address_is_told_apart),
		CLAIM(name_that_leads_into_our_own_house_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
