/* test_http_out.c — requests out, against servers in the same process and loop, and the judge of
 * addresses as a table. Neighbours: daemon/http_out.h is under test, with http_order.c and
 * http_address.c; http_in.c plays the endpoint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/listener.h>

#include "closedloop/err.h"
#include "closedloop/text.h"
#include "daemon/http_in.h"
#include "daemon/http_out.h"

#define CALLS_MOST  64
#define LARGE	    ((size_t)2 << 20) /* Above 1 MiB curl would ask "Expect: 100-continue". */
#define WAIT_MOST_S 20 /* No test waits that long; a hang becomes a failure instead. */

static const char *const local_only[] = {"127.0.0.0/8"};

struct outcome_of {
	char notice[24];
	int status;
	char error[40];
	char retry_after[64];
	bool has_retry_after;
	size_t body_len;
	char body[64];
	bool terminated;
};

struct world {
	struct event_base *base;
	struct http_in *in;
	struct http_out *out;
	struct transport transport;
	int port;
	int raw_port;
	struct evconnlistener *raw;
	const char *raw_answer; /* NULL: reset at once. */
	char *large;
	struct http_call *held[CALLS_MOST];
	size_t held_len;
	size_t calls;
	char seen_type[64], seen_agent[32], seen_path[32];
	bool seen_expect;
	size_t seen_body_len;
	bool sending; /* Inside transport.send: done must not be called. */
	struct outcome_of done[CALLS_MOST];
	size_t done_len;
	unsigned chain; /* Orders that done sends after the first. */
	unsigned turns; /* Of the loop, while waiting. */
};

static int order(struct world *world, const char *notice, const char *url,
		 const struct transport_order *changes);

/* --- the endpoint --- */

static long allow_any(void *context, const struct http_request *request)
{
	(void)context;
	(void)request;
	return 4 << 20;
}

static void note_request(struct world *world, const struct http_request *request)
{
	const char *type = http_header(request, "Content-Type");
	const char *agent = http_header(request, "User-Agent");

	world->calls++;
	text_copy(world->seen_type, sizeof(world->seen_type), type ? type : "");
	text_copy(world->seen_agent, sizeof(world->seen_agent), agent ? agent : "");
	text_copy(world->seen_path, sizeof(world->seen_path), request->path);
	world->seen_expect = http_header(request, "Expect") != NULL;
	world->seen_body_len = request->body_len;
	assert_string_equal(request->method, "POST");
}

static void on_call(void *context, struct http_call *call)
{
	static const struct http_extra elsewhere = {"Location", "/moved"};
	static const struct http_extra seconds = {"Retry-After", "  120\t"};
	static const struct http_extra date = {"retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"};
	struct world *world = context;
	const char *path = call->request->path;

	note_request(world, call->request);
	if (text_equal(path, "/hang"))
		world->held[world->held_len++] = call;
	else if (text_equal(path, "/302"))
		http_answer(call, 302, NULL, NULL, 0, &elsewhere, 1);
	else if (text_equal(path, "/429"))
		http_answer(call, 429, NULL, NULL, 0, &seconds, 1);
	else if (text_equal(path, "/503"))
		http_answer(call, 503, NULL, NULL, 0, &date, 1);
	else if (text_equal(path, "/large"))
		http_answer(call, 200, "text/plain", world->large, LARGE, NULL, 0);
	else if (text_equal(path, "/ok"))
		http_answer(call, 200, "application/json", "{\"errcode\":0}", 13, NULL, 0);
	else
		http_answer(call, 204, NULL, NULL, 0, NULL, 0);
}

static void on_raw(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		   int len, void *context)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	struct world *world = context;

	(void)listener;
	(void)address;
	(void)len;
	if (world->raw_answer)
		assert_true(send(fd, world->raw_answer, strlen(world->raw_answer), 0) > 0);
	else
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	shutdown(fd, SHUT_WR);
	close(fd);
}

static void open_raw(struct world *world)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	world->raw = evconnlistener_new_bind(world->base, on_raw, world, LEV_OPT_CLOSE_ON_FREE, -1,
					     (struct sockaddr *)&at, sizeof(at));
	assert_non_null(world->raw);
	assert_int_equal(
		getsockname(evconnlistener_get_fd(world->raw), (struct sockaddr *)&at, &len), 0);
	world->raw_port = ntohs(at.sin_port);
}

/* --- the courier --- */

static void on_done(void *context, const char *notice, const struct reply *reply)
{
	struct world *world = context;
	struct outcome_of *slot = &world->done[world->done_len++];
	char url[64];

	assert_false(world->sending);
	assert_true(world->done_len <= CALLS_MOST);
	assert_true((reply->status == 0) == (reply->error != NULL));
	text_copy(slot->notice, sizeof(slot->notice), notice);
	slot->status = reply->status;
	text_copy(slot->error, sizeof(slot->error), reply->error ? reply->error : "");
	slot->has_retry_after = reply->retry_after != NULL;
	text_copy(slot->retry_after, sizeof(slot->retry_after),
		  reply->retry_after ? reply->retry_after : "");
	slot->body_len = reply->body_len;
	slot->terminated = reply->body[reply->body_len] == '\0';
	text_copy(slot->body, sizeof(slot->body), reply->body);
	if (world->chain > 0) {
		world->chain--;
		snprintf(url, sizeof(url), "http://127.0.0.1:%d/chained", world->port);
		assert_int_equal(order(world, "chained", url, NULL), 0);
	}
}

static int order(struct world *world, const char *notice, const char *url,
		 const struct transport_order *changes)
{
	/* All on the stack, and gone when send returns. */
	char type[] = "Content-Type: application/json; charset=utf-8";
	char body[] = "{\"words\":\"\xE6\x97\x85\xE5\xAE\xA2\"}";
	char id[24];
	struct channel_request request = {
		.url = url,
		.body = body,
		.body_len = strlen(body),
		.headers_len = 1,
		.headers = {type},
	};
	struct transport_order what = {
		.allow_len = 1, .allow = local_only, .connect_ms = 3000, .total_ms = 10000};
	struct err err = ERR_INIT;
	int rc;

	if (changes)
		what = *changes;
	if (!what.request)
		what.request = &request;
	text_copy(id, sizeof(id), notice);
	what.notice = id;
	world->sending = true;
	rc = world->transport.send(world->transport.self, &what, &err);
	world->sending = false;
	memset(body, 'X', sizeof(body));
	memset(type, 'X', sizeof(type));
	memset(id, 'X', sizeof(id));
	return rc;
}

static int order_path(struct world *world, const char *path)
{
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", world->port, path);
	return order(world, path, url, NULL);
}

static void too_long(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
	fail_msg("nothing came back within %d s", WAIT_MOST_S);
}

/* Run the loop until COUNT orders are done. */
static void wait_done(struct world *world, size_t count)
{
	const struct timeval most = {.tv_sec = WAIT_MOST_S};
	struct event *guard = evtimer_new(world->base, too_long, NULL);

	evtimer_add(guard, &most);
	for (; world->done_len < count; world->turns++)
		event_base_loop(world->base, EVLOOP_ONCE);
	event_free(guard);
}

static const struct outcome_of *outcome_of(struct world *world, const char *notice)
{
	for (size_t i = 0; i < world->done_len; i++) {
		if (strcmp(world->done[i].notice, notice) == 0)
			return &world->done[i];
	}
	fail_msg("%s is not done", notice);
	return NULL;
}

/* What the endpoint says at PATH. */
static const struct outcome_of *outcome(struct world *world, const char *path)
{
	assert_int_equal(order_path(world, path), 0);
	wait_done(world, world->done_len + 1);
	return outcome_of(world, path);
}

static const struct outcome_of *outcome_of_url(struct world *world, const char *notice,
					       const char *url, size_t allow_len)
{
	const struct transport_order what = {
		.allow_len = allow_len, .allow = local_only, .connect_ms = 3000, .total_ms = 10000};

	assert_int_equal(order(world, notice, url, &what), 0);
	wait_done(world, world->done_len + 1);
	return outcome_of(world, notice);
}

static void open_out(struct world *world, unsigned in_flight_max)
{
	struct err err = ERR_INIT;

	http_out_close(world->out);
	assert_int_equal(
		http_out_open(&world->out, world->base, in_flight_max, on_done, world, &err), 0);
	world->transport = http_out_transport(world->out);
}

static int set_up(void **state)
{
	static const struct conf_listen at = {.kind = LISTEN_HTTP, .address = "127.0.0.1"};
	static const struct conf_limits limits = {.head = 16384,
						  .event = 4 << 20,
						  .batch = 4 << 20,
						  .connections = 200,
						  .per_address = 200,
						  .request = 30000,
						  .idle = 60000};
	struct world *world = calloc(1, sizeof(*world));
	struct http_in_handler handler = {.head = allow_any, .call = on_call, .context = world};
	struct err err = ERR_INIT;

	world->base = event_base_new();
	world->large = calloc(1, LARGE);
	memset(world->large, 'L', LARGE);
	assert_int_equal(http_in_open(&world->in, world->base, &limits, &handler, &err), 0);
	assert_int_equal(http_in_listen(world->in, &at, -1, &world->port, &err), 0);
	open_raw(world);
	open_out(world, 32);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	http_out_close(world->out);
	http_in_close(world->in);
	evconnlistener_free(world->raw);
	event_base_free(world->base);
	free(world->large);
	free(world);
	return 0;
}

/* --- addresses --- */

static bool may_connect(const char *address, const char *allow)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (strchr(address, ':')) {
		assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
		return http_out_may_connect((struct sockaddr *)&v6, &allow, allow ? 1 : 0);
	}
	assert_int_equal(inet_pton(AF_INET, address, &v4.sin_addr), 1);
	return http_out_may_connect((struct sockaddr *)&v4, &allow, allow ? 1 : 0);
}

/* Who may be reached: without an allowed block, then with one. */
static const struct {
	const char *address;
	const char *allow;
	bool may;
} addresses[] = {
	{"8.8.8.8", NULL, true},
	{"1.1.1.1", NULL, true},
	{"101.226.129.158", NULL, true},
	{"223.255.255.255", NULL, true},
	{"0.0.0.0", NULL, false},
	{"0.1.2.3", NULL, false},
	{"0.255.255.255", NULL, false},
	{"1.0.0.0", NULL, true},
	{"9.255.255.255", NULL, true},
	{"10.0.0.0", NULL, false},
	{"10.255.255.255", NULL, false},
	{"11.0.0.0", NULL, true},
	{"100.63.255.255", NULL, true},
	{"100.64.0.0", NULL, false},
	{"100.127.255.255", NULL, false},
	{"100.128.0.0", NULL, true},
	{"126.255.255.255", NULL, true},
	{"127.0.0.1", NULL, false},
	{"127.0.0.0", NULL, false},
	{"127.255.255.254", NULL, false},
	{"128.0.0.0", NULL, true},
	{"169.253.255.255", NULL, true},
	{"169.254.169.254", NULL, false},
	{"169.255.0.0", NULL, true},
	{"172.15.255.255", NULL, true},
	{"172.16.0.1", NULL, false},
	{"172.31.255.255", NULL, false},
	{"172.32.0.0", NULL, true},
	{"191.255.255.255", NULL, true},
	{"192.0.0.8", NULL, false},
	{"192.0.0.170", NULL, false},
	{"192.0.1.0", NULL, true},
	{"192.167.255.255", NULL, true},
	{"192.168.0.1", NULL, false},
	{"192.168.255.255", NULL, false},
	{"192.169.0.0", NULL, true},
	{"198.17.255.255", NULL, true},
	{"198.18.0.0", NULL, false},
	{"198.19.255.255", NULL, false},
	{"198.20.0.0", NULL, true},
	{"224.0.0.1", NULL, false},
	{"239.255.255.250", NULL, false},
	{"240.0.0.1", NULL, false},
	{"255.255.255.255", NULL, false},
	{"2606:4700:4700::1111", NULL, true},
	{"2400:3200::1", NULL, true},
	{"::", NULL, false},
	{"::1", NULL, false},
	{"::127.0.0.1", NULL, false},
	{"::8.8.8.8", NULL, false},
	{"::ffff:127.0.0.1", NULL, false},
	{"::ffff:7f00:1", NULL, false},
	{"::ffff:10.0.0.1", NULL, false},
	{"::ffff:169.254.169.254", NULL, false},
	{"::ffff:8.8.8.8", NULL, false},
	{"::ffff:0:7f00:1", NULL, false},
	{"100::1", NULL, false},
	{"192.88.99.1", NULL, false},
	{"192.88.100.0", NULL, true},
	{"64:ff9b::", NULL, false},
	{"64:ff9b::7f00:1", NULL, false},
	{"64:ff9b::8.8.8.8", NULL, false},
	{"64:ff9b:1::a00:1", NULL, false},
	{"64:ff9c::1", NULL, true},
	{"2001::1", NULL, false},
	{"2001:0:4136:e378:8000:63bf:3fff:fdd2", NULL, false},
	{"2001:da8::1", NULL, true},
	{"2002:7f00:1::", NULL, false},
	{"2002:a9fe:a9fe::1", NULL, false},
	{"2003::1", NULL, true},
	{"fbff::1", NULL, true},
	{"fc00::1", NULL, false},
	{"fd12:3456::1", NULL, false},
	{"fdff:ffff::1", NULL, false},
	{"fe00::1", NULL, true},
	{"fe7f::1", NULL, true},
	{"fe80::1", NULL, false},
	{"febf::1", NULL, false},
	{"fec0::1", NULL, false},
	{"ff02::1", NULL, false},
	{"ff0e::1", NULL, false},
	/* What an endpoint allows besides. */
	{"127.0.0.1", "127.0.0.0/8", true},
	{"127.0.0.1", "127.0.0.1", true},
	{"127.0.0.2", "127.0.0.1", false},
	{"127.0.0.1", "127.0.0.1/32", true},
	{"127.0.0.1", "10.0.0.0/8", false},
	{"127.0.0.1", "0.0.0.0/0", true},
	{"127.0.0.1", "::/0", false},
	{"127.0.0.1", "127.0.0.0/33", false},
	{"127.0.0.1", "127.0.0.0/", false},
	{"127.0.0.1", "127.0.0.0/8x", false},
	{"127.0.0.1", "127.0.0.0/-1", false},
	{"127.0.0.1", "127.0.0.0/0008", false},
	{"127.0.0.1", "127.0.0/8", false},
	{"127.0.0.1", "", false},
	{"127.0.0.1", "*", false},
	{"10.20.30.41", "10.20.30.40/30", true},
	{"10.20.30.44", "10.20.30.40/30", false},
	{"10.127.0.1", "10.64.0.0/10", true},
	{"10.128.0.1", "10.64.0.0/10", false},
	{"8.8.8.8", "10.0.0.0/8", true},
	{"::1", "::1", true},
	{"::1", "::1/128", true},
	{"::1", "127.0.0.0/8", false},
	{"fd12::1", "fd00::/8", true},
	{"fc12::1", "fd00::/8", false},
	{"fd12::1", "fd00::/129", false},
	{"::ffff:127.0.0.1", "127.0.0.0/8", true},
	{"::ffff:10.0.0.1", "127.0.0.0/8", false},
	{"::ffff:127.0.0.1", "::ffff:0:0/96", true},
	{"64:ff9b::7f00:1", "127.0.0.0/8", false},
	{"64:ff9b::7f00:1", "64:ff9b::/96", true},
	{"2002:7f00:1::", "127.0.0.0/8", false},
};

static void only_public_or_allowed_addresses_are_reached(void **state)
{
	const struct sockaddr other = {.sa_family = AF_UNIX};
	const char *everything[] = {"0.0.0.0/0", "::/0"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		if (may_connect(addresses[i].address, addresses[i].allow) != addresses[i].may)
			fail_msg("%s, allow %s", addresses[i].address,
				 addresses[i].allow ? addresses[i].allow : "nothing");
	}
	assert_false(http_out_may_connect(&other, everything, 2));
}

/* What leads inside, in every way that curl, the resolver or the kernel might still understand it.
 */
static const char *const inside[] = {
	/* This host. */
	"127.0.0.1",
	"127.1",
	"127.0.1",
	"2130706433",
	"0x7f.1",
	"0x7f000001",
	"0X7F000001",
	"0x7f.0x0.0x0.0x1",
	"0177.0.0.1",
	"0177.0.0.01",
	"0000000177.0.0.1",
	"017700000001",
	"0x7f.0.01",
	"127.0.0.1.",
	"127.255.255.254",
	"127.0.0.1%2e",
	"%31%32%37.0.0.1",
	"0",
	"0.0.0.0",
	"0x0",
	"00",
	"0.1.2.3",
	"[::1]",
	"[0:0:0:0:0:0:0:1]",
	"[::]",
	"[::127.0.0.1]",
	"[::ffff:127.0.0.1]",
	"[::FFFF:7f00:1]",
	"[0:0:0:0:0:ffff:7f00:0001]",
	"[::ffff:0:127.0.0.1]",
	"localhost",
	"LOCALHOST",
	"localhost.",
	"a.localhost",
	"ip6-localhost",
	/* The cloud's secrets. */
	"169.254.169.254",
	"2852039166",
	"0xa9fea9fe",
	"0xa9.0xfe.0xa9.0xfe",
	"0251.0376.0251.0376",
	"0251.254.169.254",
	"169.254.43518",
	"169.16689662",
	"025177524776",
	"[::ffff:169.254.169.254]",
	"[::ffff:a9fe:a9fe]",
	"[64:ff9b::169.254.169.254]",
	"[64:ff9b:1::a9fe:a9fe]",
	"[2002:a9fe:a9fe::1]",
	"[::169.254.169.254]",
	"[fd00:ec2::254]",
	"[fe80::a9fe:a9fe%25lo]",
	/* Our own nets. */
	"10.1",
	"10.0.0.1",
	"012.0.0.1",
	"0xa000001",
	"167772161",
	"172.16.0.1",
	"172.31.255.255",
	"0xac.0x10.1",
	"2886729729",
	"192.168.1.1",
	"192.168.257",
	"0xc0a80101",
	"3232235777",
	"0300.0250.1.1",
	"100.64.0.1",
	"100.100.100.200",
	"1681915905",
	"192.0.0.170",
	"198.18.0.1",
	"[::ffff:10.0.0.1]",
	"[::ffff:c0a8:101]",
	"[64:ff9b::a00:1]",
	"[2002:c0a8:101::]",
	"[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
	"[fc00::1]",
	"[fd12:3456:789a::1]",
	"[fec0::1]",
	/* Many at once, or nobody. */
	"224.0.0.1",
	"239.255.255.250",
	"0xe0000001",
	"240.0.0.1",
	"255.255.255.255",
	"4294967295",
	"0xffffffff",
	"[ff02::1]",
	"[ff05::2]",
	"[100::1]",
};

static void assert_inside(struct world *world, const char *host)
{
	const struct outcome_of *got;
	char url[160];

	world->done_len = 0;
	snprintf(url, sizeof(url), "http://%s:%d/ok", host, world->port);
	got = outcome_of_url(world, "spelling", url, 0);
	assert_int_equal(got->status, 0);
	if (strcmp(got->error, "address not allowed") != 0 && strcmp(got->error, "resolve") != 0)
		fail_msg("%s: %s", host, got->error);
}

static void every_spelling_of_what_is_inside_is_denied(void **state)
{
	struct world *world = *state;
	char own[64] = "";

	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		assert_inside(world, inside[i]);
	/* A name that the resolver knows and that leads to ourselves. */
	assert_int_equal(gethostname(own, sizeof(own) - 1), 0);
	assert_inside(world, own);
	assert_int_equal(world->calls, 0);
	assert_int_equal(http_in_connections(world->in), 0);
}

static void connection_of_another_endpoint_opens_no_door(void **state)
{
	struct world *world = *state;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/ok", world->port);
	assert_int_equal(outcome_of_url(world, "allowed", url, 1)->status, 200);
	assert_string_equal(outcome_of_url(world, "denied", url, 0)->error, "address not allowed");
	assert_int_equal(world->calls, 1);
	assert_int_equal(outcome_of_url(world, "again", url, 1)->status, 200);
}

/* --- answers --- */

static void notice_arrives_as_ordered(void **state)
{
	struct world *world = *state;
	const struct outcome_of *got = outcome(world, "/ok");

	assert_int_equal(got->status, 200);
	assert_string_equal(got->body, "{\"errcode\":0}");
	assert_false(got->has_retry_after);
	assert_string_equal(world->seen_type, "application/json; charset=utf-8");
	assert_string_equal(world->seen_agent, "closedloopd");
	assert_int_equal(world->seen_body_len, 18);
	assert_int_equal(http_out_in_flight(world->out), 0);
	got = outcome(world, "/204");
	assert_int_equal(got->status, 204);
	assert_string_equal(got->body, "");
}

static void connection_is_used_again(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 10; i++) {
		world->done_len = 0;
		assert_int_equal(outcome(world, "/ok")->status, 200);
		assert_int_equal(http_in_connections(world->in), 1);
	}
}

static void redirect_is_not_followed(void **state)
{
	struct world *world = *state;

	assert_int_equal(outcome(world, "/302")->status, 302);
	assert_int_equal(world->calls, 1);
	assert_string_equal(world->seen_path, "/302");
}

static void retry_after_is_kept_as_said(void **state)
{
	struct world *world = *state;
	const struct outcome_of *got = outcome(world, "/429");

	assert_int_equal(got->status, 429);
	assert_string_equal(got->retry_after, "120");
	got = outcome(world, "/503");
	assert_int_equal(got->status, 503);
	assert_string_equal(got->retry_after, "Fri, 31 Dec 1999 23:59:59 GMT");
	assert_false(outcome(world, "/ok")->has_retry_after);
}

static void long_reply_is_cut_and_its_status_counts(void **state)
{
	struct world *world = *state;
	const struct outcome_of *got = outcome(world, "/large");

	assert_int_equal(got->status, 200);
	assert_int_equal(got->body_len, 20000);
	assert_true(got->terminated);
}

static void large_notice_goes_without_expectation(void **state)
{
	struct world *world = *state;
	char url[64];
	const struct channel_request request = {.url = url,
						.body = world->large,
						.body_len = LARGE};
	const struct transport_order what = {.request = &request,
					     .allow_len = 1,
					     .allow = local_only,
					     .connect_ms = 3000,
					     .total_ms = 10000};

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/ok", world->port);
	assert_int_equal(order(world, "large", url, &what), 0);
	wait_done(world, 1);
	assert_int_equal(world->done[0].status, 200);
	assert_int_equal(world->seen_body_len, LARGE);
	assert_false(world->seen_expect);
}

/* --- failures --- */

static void failures_have_their_words(void **state)
{
	struct world *world = *state;
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int closed = socket(AF_INET, SOCK_STREAM, 0); /* Bound, and nobody listens. */
	char url[64];

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(closed, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(closed, (struct sockaddr *)&at, &len), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(at.sin_port));
	assert_string_equal(outcome_of_url(world, "1", url, 1)->error, "connect refused");
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", world->raw_port);
	assert_string_equal(outcome_of_url(world, "2", url, 1)->error, "reset");
	world->raw_answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
	assert_string_equal(outcome_of_url(world, "3", url, 1)->error, "reset");
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/", world->port);
	assert_string_equal(outcome_of_url(world, "4", url, 1)->error, "tls");
	snprintf(url, sizeof(url), "ftp://127.0.0.1:%d/", world->port);
	assert_string_equal(outcome_of_url(world, "5", url, 1)->error, "other 1");
	/* What an order before met says nothing about the next in the same handle. */
	assert_int_equal(outcome(world, "/429")->status, 429);
	assert_string_equal(outcome_of_url(world, "6", "http://[::1]/", 0)->error,
			    "address not allowed");
	assert_string_equal(outcome_of_url(world, "7", "http://a..b/", 1)->error, "resolve");
	assert_false(outcome_of(world, "7")->has_retry_after);
	close(closed);
}

static void hanging_endpoint_times_out_alone(void **state)
{
	struct world *world = *state;
	struct transport_order what = {
		.allow_len = 1, .allow = local_only, .connect_ms = 50, .total_ms = 50};
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/hang", world->port);
	assert_int_equal(order(world, "hang", url, &what), 0);
	what.total_ms = 10000;
	assert_int_equal(order(world, "patient", url, &what), 0);
	wait_done(world, 1);
	assert_string_equal(world->done[0].notice, "hang");
	assert_string_equal(world->done[0].error, "timeout");
	assert_true(world->turns < 200); /* 50 ms were slept, not spun away. */
	assert_int_equal(http_out_in_flight(world->out), 1);
	for (size_t i = 0; i < world->held_len; i++)
		http_answer(world->held[i], 200, NULL, NULL, 0, NULL, 0);
	wait_done(world, 2);
	assert_int_equal(outcome_of(world, "patient")->status, 200);
}

static void one_hanging_order_does_not_delay_the_others(void **state)
{
	struct world *world = *state;

	assert_int_equal(order_path(world, "/hang"), 0);
	for (int i = 0; i < 31; i++)
		assert_int_equal(order_path(world, "/ok"), 0);
	assert_int_equal(http_out_in_flight(world->out), 32);
	wait_done(world, 31);
	for (size_t i = 0; i < 31; i++)
		assert_int_equal(world->done[i].status, 200);
	assert_int_equal(http_out_in_flight(world->out), 1);
	assert_int_equal(world->held_len, 1);
	http_answer(world->held[0], 200, NULL, NULL, 0, NULL, 0);
	wait_done(world, 32);
	assert_string_equal(world->done[31].notice, "/hang");
}

static void no_more_than_the_limit_is_under_way(void **state)
{
	struct world *world = *state;

	open_out(world, 2);
	assert_int_equal(order_path(world, "/ok"), 0);
	assert_int_equal(order_path(world, "/ok"), 0);
	assert_int_equal(order_path(world, "/ok"), CL_ELIMIT);
	wait_done(world, 2);
	assert_int_equal(order_path(world, "/ok"), 0);
	wait_done(world, 3);
	assert_int_equal(world->calls, 3);
	/* As a reload may say. */
	http_out_limit(world->out, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(order_path(world, "/ok"), 0);
	assert_int_equal(order_path(world, "/ok"), CL_ELIMIT);
	wait_done(world, 6);
}

static void done_may_send_the_next(void **state)
{
	struct world *world = *state;

	open_out(world, 1); /* The place of the one that is done is free already. */
	world->chain = 20;
	assert_int_equal(order_path(world, "/ok"), 0);
	wait_done(world, 21);
	assert_int_equal(world->calls, 21);
	assert_string_equal(world->seen_path, "/chained");
}

static void flushed_order_leaves_before_the_loop_turns(void **state)
{
	struct world *world = *state;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct pollfd caller = {.fd = listener, .events = POLLIN};
	const struct transport_order what = {
		.allow_len = 1, .allow = local_only, .connect_ms = 3000, .total_ms = 10000};
	char url[64];

	assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(at.sin_port));
	assert_int_equal(order(world, "now", url, &what), 0);
	assert_int_equal(poll(&caller, 1, 0), 0);
	http_out_flush(world->out);
	assert_int_equal(poll(&caller, 1, WAIT_MOST_S * 1000), 1);
	close(listener);
}

static void header_of_two_lines_is_refused(void **state)
{
	struct world *world = *state;
	struct channel_request request = {.url = "http://127.0.0.1/",
					  .body = "",
					  .headers_len = 1,
					  .headers = {"A: b\r\nHost: elsewhere"}};
	struct transport_order what = {.request = &request, .connect_ms = 1000, .total_ms = 1000};

	assert_int_equal(order(world, "split", request.url, &what), CL_EINVAL);
	assert_int_equal(http_out_in_flight(world->out), 0);
}

static void environment_adds_no_proxy(void **state)
{
	struct world *world = *state;
	char proxy[64];

	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", world->raw_port);
	setenv("http_proxy", proxy, 1);
	setenv("ALL_PROXY", proxy, 1);
	assert_int_equal(outcome(world, "/ok")->status, 200);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

static void closing_ends_what_is_under_way_in_silence(void **state)
{
	struct world *world = *state;

	assert_int_equal(order_path(world, "/hang"), 0);
	assert_int_equal(order_path(world, "/ok"), 0);
	wait_done(world, 1);
	assert_int_equal(order_path(world, "/ok"), 0); /* Not even begun. */
	http_out_close(world->out);
	world->out = NULL;
	for (int i = 0; i < 100; i++)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
	assert_int_equal(world->done_len, 1);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_public_or_allowed_addresses_are_reached),
		CLAIM(every_spelling_of_what_is_inside_is_denied),
		CLAIM(connection_of_another_endpoint_opens_no_door),
		CLAIM(notice_arrives_as_ordered),
		CLAIM(connection_is_used_again),
		CLAIM(redirect_is_not_followed),
		CLAIM(retry_after_is_kept_as_said),
		CLAIM(long_reply_is_cut_and_its_status_counts),
		CLAIM(large_notice_goes_without_expectation),
		CLAIM(failures_have_their_words),
		CLAIM(hanging_endpoint_times_out_alone),
		CLAIM(one_hanging_order_does_not_delay_the_others),
		CLAIM(no_more_than_the_limit_is_under_way),
		CLAIM(done_may_send_the_next),
		CLAIM(flushed_order_leaves_before_the_loop_turns),
		CLAIM(header_of_two_lines_is_refused),
		CLAIM(environment_adds_no_proxy),
		CLAIM(closing_ends_what_is_under_way_in_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
