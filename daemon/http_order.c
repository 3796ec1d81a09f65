/* http_order.c — one request through its easy handle: what curl is told, whom it may reach, what
 * came back. Neighbours: http_out.c keeps the orders and the loop, http_address.c judges addresses,
 * http_word.c says why nothing came back. */
#include "daemon/http_order.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "closedloop/text.h"
#include "daemon/http_out.h"

#define RECEIVE_BUFFER 4096L
#define SEND_BUFFER    16384L /* The least curl takes. */

/* --- whom we talk to --- */

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_order *order = context;

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    !http_out_may_connect(&address->addr, order->allow, order->allow_len)) {
		order->denied = true;
		return CURL_SOCKET_BAD;
	}
	order->opened = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Asked before each request, also on a connection that is used again: another endpoint, with other
 * blocks allowed, may have opened it. */
static int on_prerequest(void *context, char *address, char *local, int port, int local_port)
{
	struct http_order *order = context;
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	const void *at = &v4;
	char numeric[64];

	(void)local;
	(void)port;
	(void)local_port;
	text_copy(numeric, sizeof(numeric), address);
	numeric[strcspn(numeric, "%")] = '\0'; /* A zone says nothing about where it leads. */
	if (inet_pton(AF_INET, numeric, &v4.sin_addr) != 1) {
		at = &v6;
		if (inet_pton(AF_INET6, numeric, &v6.sin6_addr) != 1)
			v6.sin6_family = AF_UNSPEC; /* Not an address we know: refused. */
	}
	if (http_out_may_connect(at, order->allow, order->allow_len))
		return CURL_PREREQFUNC_OK;
	order->denied = true;
	order->opened = false;
	return CURL_PREREQFUNC_ABORT;
}

/* --- what comes back --- */

static size_t on_body(char *bytes, size_t one, size_t len, void *context)
{
	struct http_order *order = context;
	size_t room = REPLY_MAX - order->body_len;
	size_t take = len < room ? len : room;

	(void)one;
	memcpy(order->body + order->body_len, bytes, take);
	order->body_len += take;
	order->capped |= take < len;
	return take; /* Less than LEN ends the transfer. */
}

static size_t on_header(char *bytes, size_t one, size_t len, void *context)
{
	static const char name[] = "retry-after:";
	struct http_order *order = context;
	struct text value = TEXT_OVER(order->retry_after);
	size_t begin = sizeof(name) - 1;
	size_t end = len;

	(void)one;
	order->head_len += len;
	order->flooded |= order->head_len > REPLY_HEAD_MAX;
	if (order->flooded)
		return 0; /* Ends the transfer. */
	if (len > 5 && strncasecmp(bytes, "HTTP/", 5) == 0)
		text_clear(&value); /* A new head: what an interim answer said is void. */
	if (len <= begin || strncasecmp(bytes, name, begin) != 0)
		return len;
	while (begin < end && (bytes[begin] == ' ' || bytes[begin] == '\t'))
		begin++;
	while (end > begin && strchr(" \t\r\n", bytes[end - 1]))
		end--;
	text_clear(&value);
	text_add_bytes(&value, bytes + begin, end - begin);
	return len;
}

/* --- what curl is told --- */

/* What is the same for all requests is set once in a handle's life. */
static bool set_for_life(struct http_order *order)
{
	CURL *easy = order->easy;
	bool ok = true;

	ok &= !curl_easy_setopt(easy, CURLOPT_PRIVATE, order);
	ok &= !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	ok &= !curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	/* What a proxy says before the endpoint does is not the endpoint's answer. */
	ok &= !curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	ok &= !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	ok &= !curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	ok &= !curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	ok &= !curl_easy_setopt(easy, CURLOPT_USERAGENT, "closedloopd");
	/* Of both curl keeps one for each handle's life; notices and answers are short. */
	ok &= !curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	ok &= !curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER);
	/* A name server that hangs must not hang us: at a timeout, leave the resolving thread to
	 * end by itself. */
	ok &= !curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	ok &= !curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, order);
	ok &= !curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_prerequest);
	ok &= !curl_easy_setopt(easy, CURLOPT_PREREQDATA, order);
	ok &= !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	ok &= !curl_easy_setopt(easy, CURLOPT_WRITEDATA, order);
	ok &= !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	ok &= !curl_easy_setopt(easy, CURLOPT_HEADERDATA, order);
	return ok;
}

struct http_order *order_new(void)
{
	struct http_order *order = mem_alloc(sizeof(*order));

	order->easy = curl_easy_init();
	if (!order->easy || !set_for_life(order))
		mem_exhausted(sizeof(*order));
	curl_easy_getinfo(order->easy, CURLINFO_CAINFO, &order->system_ca_file);
	return order;
}

void order_free(struct http_order *order)
{
	curl_easy_cleanup(order->easy);
	curl_slist_free_all(order->headers);
	arena_release(&order->arena);
	mem_free(order);
}

void order_clear(struct http_order *order)
{
	curl_slist_free_all(order->headers);
	order->headers = NULL;
	arena_clear(&order->arena);
	order->denied = order->opened = order->capped = order->flooded = false;
	order->head_len = order->body_len = 0;
	order->retry_after[0] = '\0';
}

static bool is_one_line(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			return false;
	}
	return true;
}

bool order_is_sound(const struct channel_request *request)
{
	for (size_t i = 0; i < request->headers_len; i++) {
		if (!is_one_line(request->headers[i]))
			return false;
	}
	return true;
}

static void add_header(struct http_order *order, const char *header)
{
	struct curl_slist *longer = curl_slist_append(order->headers, header);

	if (!longer)
		mem_exhausted(strlen(header));
	order->headers = longer;
}

static bool set_body(struct http_order *order, const struct channel_request *request)
{
	const char *body = arena_copy_bytes(&order->arena, request->body, request->body_len);
	CURL *easy = order->easy;
	bool ok = true;

	ok &= !curl_easy_setopt(easy, CURLOPT_POST, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	ok &= !curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	return ok;
}

/* The way to the endpoint: through the proxy that is configured, never one of the environment's; an
 * own authority is trusted beside those of the system, which curl reads from the directory too. */
static bool set_way(struct http_order *order, const struct transport_order *what)
{
	CURL *easy = order->easy;
	bool ok = true;

	ok &= !curl_easy_setopt(easy, CURLOPT_PROXY, what->proxy ? what->proxy : "");
	ok &= !curl_easy_setopt(easy, CURLOPT_CAINFO,
				what->ca_file ? what->ca_file : order->system_ca_file);
	return ok;
}

bool order_fill(struct http_order *order, const struct transport_order *what)
{
	const struct channel_request *request = what->request;
	CURL *easy = order->easy;
	bool ok = true;

	order->notice = arena_copy(&order->arena, what->notice);
	order->allow_len = what->allow_len;
	order->allow = arena_alloc(&order->arena, what->allow_len * sizeof(*order->allow));
	for (size_t i = 0; i < what->allow_len; i++)
		order->allow[i] = arena_copy(&order->arena, what->allow[i]);
	for (size_t i = 0; i < request->headers_len; i++)
		add_header(order, request->headers[i]);
	add_header(order, "Expect:"); /* None: robots behind old proxies answer 417. */
	ok &= !curl_easy_setopt(easy, CURLOPT_URL, request->url);
	ok &= set_way(order, what);
	if (request->body)
		ok &= set_body(order, request);
	else
		ok &= !curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, order->headers);
	ok &= !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)what->connect_ms);
	ok &= !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)what->total_ms);
	return ok;
}

void order_reply(struct http_order *order, CURLcode code, struct reply *reply)
{
	long status = 0;

	order->body[order->body_len] = '\0';
	*reply = (struct reply){.body = order->body, .body_len = order->body_len};
	if (order->retry_after[0])
		reply->retry_after = order->retry_after;
	/* An answer we stopped reading has said what it means; one that broke off has not. */
	if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && order->capped)) {
		reply->error = order_error_word(order, code);
		return;
	}
	curl_easy_getinfo(order->easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
}
