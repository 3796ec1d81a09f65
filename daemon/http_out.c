/* http_out.c — requests out: libcurl's multi interface on the libevent loop, as a `struct
 * transport`. Neighbours: the courier sends through it, http_order.c is one request, http_address.c
 * says whom it may reach. */
#include "daemon/http_out.h"

#include <assert.h>
#include <signal.h>

#include "closedloop/log.h"
#include "daemon/http_order.h"

/* A socket that curl wants watched. */
struct http_watch {
	LIST_ENTRY(http_watch) link;
	struct http_out *out;
	struct event *event;
	short wants; /* What the event waits for. */
};

LIST_HEAD(http_watches, http_watch);

struct http_out {
	struct event_base *base;
	CURLM *multi;
	struct event *timer;
	unsigned in_flight, in_flight_max;
	transport_done *done;
	void *context;
	struct http_orders orders, spare;
	struct http_watches watches;
};

/* --- orders --- */

static void order_spare(struct http_out *out, struct http_order *order)
{
	order_clear(order);
	LIST_INSERT_HEAD(&out->spare, order, link);
}

static int send_order(void *self, const struct transport_order *what, struct err *err)
{
	struct http_out *out = self;
	struct http_order *order;

	assert(what->connect_ms > 0);
	assert(what->total_ms > 0);
	if (out->in_flight >= out->in_flight_max)
		return err_set(err, CL_ELIMIT, "notice %s: %u requests are under way already",
			       what->notice, out->in_flight);
	if (!order_is_sound(what->request))
		return err_set(err, CL_EINVAL, "notice %s: a header is not one line", what->notice);
	order = LIST_FIRST(&out->spare);
	if (order)
		LIST_REMOVE(order, link);
	else
		order = order_new();
	if (!order_fill(order, what) ||
	    curl_multi_add_handle(out->multi, order->easy) != CURLM_OK) {
		order_spare(out, order);
		return err_set(err, CL_EIO, "notice %s: curl does not take the request",
			       what->notice);
	}
	LIST_INSERT_HEAD(&out->orders, order, link);
	out->in_flight++;
	return 0;
}

/* ORDER came to its end with CODE. It is out of the books before DONE is called, which may send the
 * next. */
static void order_end(struct http_out *out, struct http_order *order, CURLcode code)
{
	struct reply reply;

	order_reply(order, code, &reply);
	curl_multi_remove_handle(out->multi, order->easy);
	LIST_REMOVE(order, link);
	out->in_flight--;
	out->done(out->context, order->notice, &reply);
	order_spare(out, order);
}

static void collect(struct http_out *out)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(out->multi, &left)) != NULL) {
		char *order = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &order);
		order_end(out, (void *)order, code);
	}
}

/* --- curl on the loop --- */

static void act(struct http_out *out, curl_socket_t fd, int what)
{
	int running;
	CURLMcode code = curl_multi_socket_action(out->multi, fd, what, &running);

	if (code != CURLM_OK)
		log_error("http_out.multi", "curl=%d", (int)code);
	collect(out);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	act(context, CURL_SOCKET_TIMEOUT, 0);
}

static void on_socket(evutil_socket_t fd, short what, void *context)
{
	struct http_watch *watch = context; /* May be gone after act. */

	act(watch->out, fd,
	    (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

/* Curl says when it wants to be woken at the latest; negative: not at all. It must not be called
 * from here. */
static int on_wants_timer(CURLM *multi, long timeout_ms, void *context)
{
	struct http_out *out = context;
	struct timeval wait = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};

	(void)multi;
	if (timeout_ms < 0)
		evtimer_del(out->timer);
	else
		evtimer_add(out->timer, &wait);
	return 0;
}

static void watch_free(struct http_watch *watch)
{
	LIST_REMOVE(watch, link);
	event_free(watch->event);
	mem_free(watch);
}

/* Curl says what it waits for on FD. */
static int on_wants_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *mine)
{
	struct http_out *out = context;
	struct http_watch *watch = mine;
	short wants = (short)((what & CURL_POLL_IN ? EV_READ : 0) |
			      (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch)
			watch_free(watch);
		return 0;
	}
	if (watch && watch->wants == wants)
		return 0;
	if (!watch) {
		watch = mem_alloc(sizeof(*watch));
		watch->out = out;
		LIST_INSERT_HEAD(&out->watches, watch, link);
		curl_multi_assign(out->multi, fd, watch);
	} else {
		event_free(watch->event);
	}
	watch->wants = wants;
	watch->event = event_new(out->base, fd, wants, on_socket, watch);
	if (!watch->event)
		mem_exhausted(sizeof(*watch));
	event_add(watch->event, NULL);
	return 0;
}

/* --- the contract --- */

void http_out_flush(struct http_out *out)
{
	act(out, CURL_SOCKET_TIMEOUT, 0);
}

size_t http_out_in_flight(const struct http_out *out)
{
	return out->in_flight;
}

void http_out_limit(struct http_out *out, unsigned in_flight_max)
{
	out->in_flight_max = in_flight_max;
	if (curl_multi_setopt(out->multi, CURLMOPT_MAXCONNECTS, (long)in_flight_max) != CURLM_OK)
		log_error("http_out.limit", "in_flight=%u", in_flight_max);
}

struct transport http_out_transport(struct http_out *out)
{
	return (struct transport){.send = send_order, .self = out};
}

int http_out_open(struct http_out **result, struct event_base *base, unsigned in_flight_max,
		  transport_done *done, void *context, struct err *err)
{
	struct http_out *out;
	bool ok = true;

	assert(done);
	*result = NULL;
	/* OpenSSL writes without MSG_NOSIGNAL, and curl was told to leave signals alone. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_set(err, CL_EIO, "SIGPIPE cannot be ignored");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, CL_EIO, "libcurl cannot be started");
	out = mem_alloc(sizeof(*out));
	out->base = base;
	out->in_flight_max = in_flight_max;
	out->done = done;
	out->context = context;
	LIST_INIT(&out->orders);
	LIST_INIT(&out->spare);
	LIST_INIT(&out->watches);
	out->multi = curl_multi_init();
	out->timer = evtimer_new(base, on_timer, out);
	if (!out->multi || !out->timer)
		mem_exhausted(sizeof(*out));
	ok &= !curl_multi_setopt(out->multi, CURLMOPT_SOCKETFUNCTION, on_wants_socket);
	ok &= !curl_multi_setopt(out->multi, CURLMOPT_SOCKETDATA, out);
	ok &= !curl_multi_setopt(out->multi, CURLMOPT_TIMERFUNCTION, on_wants_timer);
	ok &= !curl_multi_setopt(out->multi, CURLMOPT_TIMERDATA, out);
	ok &= !curl_multi_setopt(out->multi, CURLMOPT_MAXCONNECTS, (long)in_flight_max);
	if (!ok) {
		http_out_close(out);
		return err_set(err, CL_EIO, "libcurl does not take its settings");
	}
	*result = out;
	return 0;
}

void http_out_close(struct http_out *out)
{
	if (!out)
		return;
	while (!LIST_EMPTY(&out->orders)) {
		struct http_order *order = LIST_FIRST(&out->orders);

		curl_multi_remove_handle(out->multi, order->easy);
		LIST_REMOVE(order, link);
		order_free(order);
	}
	while (!LIST_EMPTY(&out->spare)) {
		struct http_order *order = LIST_FIRST(&out->spare);

		LIST_REMOVE(order, link);
		order_free(order);
	}
	/* Before the sockets are closed below: an event must not outlive its descriptor. */
	curl_multi_setopt(out->multi, CURLMOPT_SOCKETFUNCTION, NULL);
	while (!LIST_EMPTY(&out->watches))
		watch_free(LIST_FIRST(&out->watches));
	curl_multi_cleanup(out->multi);
	event_free(out->timer);
	mem_free(out);
	curl_global_cleanup();
}
