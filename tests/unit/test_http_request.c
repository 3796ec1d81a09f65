/* test_http_request.c — one byte stream has one reading, however it is cut, and every oddity is
 * refused. Neighbours: lib/wire/http_request.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/http.h"
#include "closedloop/text.h"

#define HOST "Host: h\r\n"

static const struct http_limits limits = {.head_max = 1024, .body_max = 2000, .lines_max = 20};

struct result {
	enum http_progress progress;
	int heads; /* How often HTTP_HEAD_DONE was said. */
	size_t used;
};

/* Feed BYTES in pieces of STEP, each with its own end for ASan, until the reader is done with the
 * request. */
static struct result feed(struct http_request *request, const char *bytes, size_t len, size_t step)
{
	struct result result = {.progress = HTTP_NEED_MORE};

	while (result.used < len) {
		size_t piece = len - result.used < step ? len - result.used : step;
		char *exact = mem_alloc(piece);
		size_t used;

		memcpy(exact, bytes + result.used, piece);
		result.progress = http_request_feed(request, exact, piece, &used);
		mem_free(exact);
		assert_true(used <= piece);
		result.used += used;
		if (result.progress == HTTP_HEAD_DONE)
			result.heads++;
		if (result.progress == HTTP_DONE || result.progress == HTTP_BAD)
			break;
		if (result.progress == HTTP_NEED_MORE)
			assert_int_equal(used, piece);
	}
	return result;
}

static int status_of(const char *bytes, size_t step)
{
	struct http_request request;
	struct result result;
	int status;

	http_request_init(&request, &limits);
	result = feed(&request, bytes, strlen(bytes), step);
	status = result.progress == HTTP_DONE  ? 200
		 : result.progress == HTTP_BAD ? request.status
					       : 0;
	if (result.progress == HTTP_BAD) {
		size_t used = 9;

		assert_non_null(request.why);
		assert_int_equal(http_request_feed(&request, "x", 1, &used), HTTP_BAD);
		assert_int_equal(used, 0);
	}
	http_request_release(&request);
	return status;
}

static void answers(const char *bytes, int status)
{
	for (size_t step = 1; step < 5000; step = step * 3 + 1) {
		int got = status_of(bytes, step);

		if (got != status)
			fail_msg("%s\nin steps of %zu: %d, not %d", bytes, step, got, status);
	}
}

/* Read the one request in BYTES into REQUEST, which the caller releases. */
static void reads(struct http_request *request, const char *bytes, size_t step)
{
	http_request_init(request, &limits);
	if (feed(request, bytes, strlen(bytes), step).progress != HTTP_DONE)
		fail_msg("%s: %d %s", bytes, request->status, request->why ? request->why : "");
}

static void a_plain_request_is_read(void **state)
{
	struct http_request request;

	(void)state;
	reads(&request,
	      "GET /api/v1/journeys/jny%5F1?a=b&c=%20 HTTP/1.1\r\nHost: h:8080\r\n"
	      "X-Name: \t \xE5\xBC\xA0 x \t\r\nx-name: second\r\nEmpty:\r\n\r\n",
	      1000);
	assert_string_equal(request.method, "GET");
	assert_string_equal(request.path, "/api/v1/journeys/jny_1");
	assert_string_equal(request.query, "a=b&c=%20");
	assert_int_equal(request.minor, 1);
	assert_true(request.keep_alive);
	assert_false(request.expect_continue);
	assert_int_equal(request.headers_len, 4);
	assert_string_equal(http_header(&request, "X-NAME"), "\xE5\xBC\xA0 x");
	assert_string_equal(http_header(&request, "empty"), "");
	assert_null(http_header(&request, "X-Nam"));
	assert_null(http_header(&request, "X-Names"));
	assert_string_equal(request.headers[2].name, "x-name");
	assert_int_equal(request.body_len, 0);
	assert_string_equal(request.body, "");
	http_request_release(&request);
}

static const char *const good[] = {
	"GET / HTTP/1.1\r\n" HOST "\r\n",
	"\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
	"GET / HTTP/1.0\r\n\r\n",
	"GET /%E5%BC%A0?q=%zz HTTP/1.1\r\n" HOST "Connection: close, x\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\n" HOST "\r\n",
	"GET http://example.com:80/p/q?x=1 HTTP/1.1\r\n" HOST "\r\n",
	"GET HTTP://example.com?x=1 HTTP/1.1\r\n" HOST "\r\n",
	"POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello",
	"POST /a HTTP/1.1\r\n" HOST "Content-Length: 0005\r\n\r\n\0ell\r",
	"POST /a HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
	"POST /a HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
	"POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"POST /a HTTP/1.1\r\n" HOST "transfer-encoding: Chunked\r\n\r\n"
	"00a;x=\"y\";z\r\n0123\r\n6789\r\n1\r\n\n\r\n000\r\nTrailer: dropped\r\nHost: z\r\n\r\n",
	"POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
};

/* The body of "0005" begins with a NUL: its length is not strlen's. */
static size_t length_of(const char *bytes)
{
	return strlen(bytes) + (strstr(bytes, "0005") ? 5 : 0);
}

static void assert_same_request(const struct http_request *one, const struct http_request *two)
{
	assert_string_equal(one->method, two->method);
	assert_string_equal(one->path, two->path);
	assert_string_equal(one->query, two->query);
	assert_int_equal(one->minor, two->minor);
	assert_int_equal(one->keep_alive, two->keep_alive);
	assert_int_equal(one->expect_continue, two->expect_continue);
	assert_int_equal(one->headers_len, two->headers_len);
	for (size_t i = 0; i < one->headers_len; i++) {
		assert_string_equal(one->headers[i].name, two->headers[i].name);
		assert_string_equal(one->headers[i].value, two->headers[i].value);
	}
	assert_int_equal(one->body_len, two->body_len);
	assert_memory_equal(one->body, two->body, one->body_len + 1);
}

static void byte_by_byte_equals_the_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		size_t len = length_of(good[i]);
		struct http_request whole;
		struct result whole_result;

		http_request_init(&whole, &limits);
		whole_result = feed(&whole, good[i], len, len);
		if (whole_result.progress != HTTP_DONE)
			fail_msg("%s: %s", good[i], whole.why);
		assert_int_equal(whole_result.used, len);
		for (size_t step = 1; step < len; step++) {
			struct http_request pieces;
			struct result result;

			http_request_init(&pieces, &limits);
			result = feed(&pieces, good[i], len, step);
			assert_int_equal(result.progress, HTTP_DONE);
			assert_int_equal(result.used, len);
			assert_int_equal(result.heads, whole_result.heads);
			assert_same_request(&whole, &pieces);
			http_request_release(&pieces);
		}
		http_request_release(&whole);
	}
}

static void nothing_short_of_the_whole_is_done(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		size_t len = length_of(good[i]);

		for (size_t cut = 0; cut < len; cut++) {
			struct http_request request;
			struct result result;

			http_request_init(&request, &limits);
			result = feed(&request, good[i], cut, cut + 1);
			assert_true(result.progress == HTTP_NEED_MORE ||
				    result.progress == HTTP_HEAD_DONE);
			http_request_release(&request);
		}
	}
}

static void bodies_arrive_whole(void **state)
{
	struct http_request request;

	(void)state;
	reads(&request, good[7], 3);
	assert_string_equal(request.body, "hello");
	http_request_release(&request);
	reads(&request, good[12], 3);
	assert_int_equal(request.body_len, 11);
	assert_string_equal(request.body, "0123\r\n6789\n");
	assert_null(http_header(&request, "Trailer"));
	assert_string_equal(http_header(&request, "host"), "h");
	http_request_release(&request);
	reads(&request, good[10], 3);
	assert_true(request.expect_continue);
	http_request_release(&request);
}

static void targets_come_down_to_a_path(void **state)
{
	struct http_request request;

	(void)state;
	reads(&request, good[5], 100);
	assert_string_equal(request.path, "/p/q");
	assert_string_equal(request.query, "x=1");
	http_request_release(&request);
	reads(&request, good[6], 100);
	assert_string_equal(request.path, "/");
	assert_string_equal(request.query, "x=1");
	http_request_release(&request);
	reads(&request, good[4], 100);
	assert_string_equal(request.path, "*");
	http_request_release(&request);
	reads(&request, good[3], 100);
	assert_string_equal(request.path, "/张");
	http_request_release(&request);
}

static void crooked_targets_are_refused(void **state)
{
	static const char *const bad[] = {
		"*",
		"a",
		"/%",
		"/%2",
		"/%zz",
		"/%00",
		"/%2f",
		"/a%2Fb",
		"/.",
		"/..",
		"/a/../b",
		"/a/./b",
		"/a/..",
		"/a/.",
		"/%2e",
		"/%2E%2e/",
		"/a/.%2e",
		"/%0a",
		"/%0D%0A",
		"/%7f",
		"/%ff",
		"/%ed%a0%80",
		"/\xE5\xBC\xA0",
		"/a#b",
		"/a\\b",
		"/<",
		"h:443",
		"http://",
		"http:///a",
		"http://u@h/a",
		"https://h/",
		"ftp://h/a",
		"http://h/../a",
		"http:/a",
		"?a",
		"/a\tb",
		"./a",
		"/a?\xFF",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char bytes[200];

		snprintf(bytes, sizeof(bytes), "GET %s HTTP/1.1\r\n" HOST "\r\n", bad[i]);
		answers(bytes, 400);
	}
	answers("GET /... HTTP/1.1\r\n" HOST "\r\n", 200);
	answers("GET /a/.b/c..d//e HTTP/1.1\r\n" HOST "\r\n", 200);
}

static void crooked_request_lines_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		int status;
	} rows[] = {
		{"GET\r\n\r\n", 400},
		{"GET /\r\n\r\n", 400},
		{"GET  / HTTP/1.1\r\n\r\n", 400},
		{"GET /  HTTP/1.1\r\n\r\n", 400},
		{"GET / HTTP/1.1 \r\n\r\n", 400},
		{" GET / HTTP/1.1\r\n\r\n", 400},
		{"\tGET / HTTP/1.1\r\n\r\n", 400},
		{" / HTTP/1.1\r\n\r\n", 400},
		{"GET\t/\tHTTP/1.1\r\n\r\n", 400},
		{"G(T / HTTP/1.1\r\n\r\n", 400},
		{"ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\n\r\n", 400},
		{"GET / http/1.1\r\n\r\n", 400},
		{"GET / HTTP/1.10\r\n\r\n", 400},
		{"GET / HTTP/1\r\n\r\n", 400},
		{"GET / HTTX/1.1\r\n\r\n", 400},
		{"GET / HTTP/2.0\r\n\r\n", 505},
		{"GET / HTTP/0.9\r\n\r\n", 505},
		{"GET / HTTP/1.2\r\n\r\n", 505},
		{"PRI * HTTP/2.0\r\n\r\n", 400},
		{"\r\n\r\nGET / HTTP/1.1\r\n\r\n", 400},
		{"\nGET / HTTP/1.1\r\n\r\n", 400},
		{"\rGET / HTTP/1.1\r\n\r\n", 400},
		{"GET / HTTP/1.1\n" HOST "\r\n", 400},
		{"GET / HTTP/1.1\r" HOST "\r\n", 400},
		{"\x16\x03\x01\x02", 400},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		answers(rows[i].bytes, rows[i].status);
	answers("ABCDEFGHIJKLMNOP / HTTP/1.1\r\n" HOST "\r\n", 200);
}

static void crooked_headers_are_refused(void **state)
{
	static const struct {
		const char *lines;
		int status;
	} rows[] = {
		{"", 400}, /* No Host. */
		{HOST "Host: h\r\n", 400},
		{HOST "hOST: other\r\n", 400},
		{"Host: a b\r\n", 400},
		{"Host: a,b\r\n", 400},
		{"Host: a/b\r\n", 400},
		{"Host: u@b\r\n", 400},
		{HOST "Content-Length: 1\r\nContent-Length: 1\r\n", 400},
		{HOST "Content-Length: 1\r\ncontent-length: 2\r\n", 400},
		{HOST "Content-Length: 1, 1\r\n", 400},
		{HOST "Content-Length: +1\r\n", 400},
		{HOST "Content-Length: -1\r\n", 400},
		{HOST "Content-Length: 0x1\r\n", 400},
		{HOST "Content-Length: 1 1\r\n", 400},
		{HOST "Content-Length:\r\n", 400},
		{HOST "Content-Length: 2001\r\n", 413},
		{HOST "Content-Length: 18446744073709551617\r\n", 413},
		{HOST "Content-Length: 999999999999999999\r\n", 413},
		{HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400},
		{HOST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", 400},
		{HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
		{HOST "Transfer-Encoding: gzip, chunked\r\n", 501},
		{HOST "Transfer-Encoding: chunked, chunked\r\n", 501},
		{HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", 400},
		{HOST "Transfer-Encoding: identity\r\n", 501},
		{HOST "Transfer-Encoding: xchunked\r\n", 501},
		{HOST "Transfer-Encoding: \x0b"
		      "chunked\r\n",
		 400},
		{HOST "Transfer-Encoding : chunked\r\n", 400},
		{HOST "Transfer-Encoding:\r\n", 501},
		{HOST "Expect: 200-ok\r\n", 417},
		{HOST "X\r\n", 400},
		{HOST ": x\r\n", 400},
		{HOST "X : y\r\n", 400},
		{HOST "X\t: y\r\n", 400},
		{HOST "X Y: z\r\n", 400},
		{HOST "X\xC3\xA9: z\r\n", 400},
		{HOST "X(: z\r\n", 400},
		{HOST "X: a\r\n b\r\n", 400},
		{HOST "X: a\r\n\tb\r\n", 400},
		{" X: a\r\n" HOST, 400},
		{HOST "X: a\rb\r\n", 400},
		{HOST "X: a\r\r\n", 400},
		{HOST "X: a\nY: b\r\n", 400},
		{HOST "X: a\n", 400},
		{HOST "X: \x01\r\n", 400},
		{HOST "X: \x7F\r\n", 400},
		{HOST "X: \x1B[2J\r\n", 400},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char bytes[400];

		snprintf(bytes, sizeof(bytes), "POST / HTTP/1.1\r\n%s\r\n", rows[i].lines);
		answers(bytes, rows[i].status);
	}
	answers("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
	answers("POST / HTTP/1.0\r\n" HOST HOST "\r\n", 400);
}

static void a_nul_anywhere_in_the_head_is_refused(void **state)
{
	static const char head[] = "GET /a HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n";

	(void)state;
	for (size_t at = 0; at < sizeof(head) - 1; at++) {
		struct http_request request;
		char bytes[sizeof(head)];

		memcpy(bytes, head, sizeof(head));
		bytes[at] = '\0';
		http_request_init(&request, &limits);
		assert_int_equal(feed(&request, bytes, sizeof(head) - 1, 100).progress, HTTP_BAD);
		assert_int_equal(request.status, 400);
		http_request_release(&request);
	}
}

static void crooked_chunks_are_refused(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{"\r\n", 400},
		{";x\r\n", 400},
		{"g\r\n", 400},
		{"-1\r\n", 400},
		{"0x5\r\nhello\r\n0\r\n\r\n", 400},
		{" 5\r\nhello\r\n0\r\n\r\n", 400},
		{"5 \r\nhello\r\n0\r\n\r\n", 400},
		{"5\nhello\r\n0\r\n\r\n", 400},
		{"5\r\nhelloo\r\n0\r\n\r\n", 400},
		{"5\r\nhello0\r\n\r\n", 400},
		{"5\r\nhello\n0\r\n\r\n", 400},
		{"5\r\nhell\r\n0\r\n\r\n", 400},
		{"5;a\x01\r\nhello\r\n0\r\n\r\n", 400},
		{"5;a\rb\r\nhello\r\n0\r\n\r\n", 400},
		{"00000000000000005\r\n", 400},
		{"FFFFFFFFFFFFFFFF\r\n", 413},
		{"7D1\r\n", 413},
		{"1\r\nx\r\n7D0\r\n", 413},
		{"0\r\nno colon\r\n\r\n", 400},
		{"0\r\n X: folded\r\n\r\n", 400},
		{"0\r\nX : y\r\n\r\n", 400},
		{"0\r\nX: y\n\r\n", 400},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char bytes[400];

		snprintf(bytes, sizeof(bytes),
			 "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%s",
			 rows[i].body);
		answers(bytes, rows[i].status);
	}
}

static void the_head_limit_counts_every_byte(void **state)
{
	char room[2000];

	(void)state;
	for (int over = 0; over < 2; over++) {
		struct text bytes = TEXT_OVER(room);

		text_clear(&bytes);
		text_add(&bytes, "\r\nGET / HTTP/1.1\r\n" HOST "X: ");
		while (bytes.len < limits.head_max - 4 + (size_t)over)
			text_add(&bytes, "x");
		text_add(&bytes, "\r\n\r\n");
		answers(room, over ? 431 : 200);
	}
	memset(room, 'a', sizeof(room));
	memcpy(room, "GET /", 5);
	room[1500] = '\0';
	answers(room, 414);
}

static void header_lines_are_counted(void **state)
{
	char room[2000];

	(void)state;
	for (unsigned lines = 20; lines <= 21; lines++) {
		struct text bytes = TEXT_OVER(room);

		text_clear(&bytes);
		text_add(&bytes, "GET / HTTP/1.1\r\n" HOST);
		for (unsigned i = 1; i < lines; i++)
			text_addf(&bytes, "X%u: y\r\n", i);
		text_add(&bytes, "\r\n");
		answers(room, lines > 20 ? 431 : 200);
	}
}

static void chunk_extensions_and_trailers_are_bounded(void **state)
{
	char room[9000];
	struct text bytes = TEXT_OVER(room);

	(void)state;
	text_clear(&bytes);
	text_add(&bytes, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 60; i++)
		text_add(&bytes, "1;aaaaaaaaaaaaaaaaaaa\r\nx\r\n");
	text_add(&bytes, "0\r\n\r\n");
	answers(room, 431); /* 60 × 20 bytes of extensions. */

	text_clear(&bytes);
	text_add(&bytes, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 1000; i++)
		text_add(&bytes, "1\r\nx\r\n"); /* Small honest chunks are no extensions. */
	text_add(&bytes, "0\r\n\r\n");
	assert_false(bytes.cut);
	answers(room, 200);

	text_clear(&bytes);
	text_add(&bytes, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: ");
	for (int i = 0; i < 1024; i++)
		text_add(&bytes, "x");
	text_add(&bytes, "\r\n\r\n");
	answers(room, 431);
}

static void pipelined_requests_come_one_by_one(void **state)
{
	static const char pipe[] = "POST /1 HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\none"
				   "POST /2 HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
				   "3\r\ntwo\r\n0\r\n\r\n\r\n"
				   "GET /3 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
	static const char *const bodies[] = {"one", "two", ""};

	(void)state;
	for (size_t step = 1; step < sizeof(pipe); step++) {
		struct http_request request;
		size_t at = 0;

		http_request_init(&request, &limits);
		for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
			struct result result;
			char path[] = {'/', (char)('1' + i), '\0'};
			size_t used = 1;

			assert_false(http_request_begun(&request));
			result = feed(&request, pipe + at, sizeof(pipe) - 1 - at, step);
			assert_int_equal(result.progress, HTTP_DONE);
			assert_string_equal(request.path, path);
			assert_string_equal(request.body, bodies[i]);
			assert_int_equal(request.keep_alive, i < 2);
			assert_int_equal(http_request_feed(&request, "x", 1, &used), HTTP_DONE);
			assert_int_equal(used, 0);
			at += result.used;
			http_request_next(&request);
			assert_null(request.path);
			assert_int_equal(request.headers_len, 0);
		}
		assert_int_equal(at, sizeof(pipe) - 1);
		http_request_release(&request);
	}
}

static void connections_stay_only_when_both_wish(void **state)
{
	static const struct {
		const char *bytes;
		bool keep;
	} rows[] = {
		{"GET / HTTP/1.1\r\n" HOST "\r\n", true},
		{"GET / HTTP/1.1\r\n" HOST "Connection: Close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\n" HOST "Connection: x , close\t,y\r\n\r\n", false},
		{"GET / HTTP/1.1\r\n" HOST "Connection: x\r\nConnection: close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n", true},
		{"GET / HTTP/1.1\r\n" HOST "Connection: , ,\r\n\r\n", true},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
		{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_request request;

		reads(&request, rows[i].bytes, 1000);
		assert_int_equal(request.keep_alive, rows[i].keep);
		http_request_release(&request);
	}
}

static void a_route_may_allow_less(void **state)
{
	static const char head[] = "POST / HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\n";
	static const char chunks[] =
		"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n";
	struct http_request request;
	size_t used;

	(void)state;
	http_request_init(&request, &limits);
	assert_int_equal(feed(&request, head, sizeof(head) - 1, 1000).progress, HTTP_HEAD_DONE);
	assert_true(http_request_begun(&request));
	http_body_allow(&request, 99);
	assert_int_equal(http_request_feed(&request, "x", 1, &used), HTTP_BAD);
	assert_int_equal(request.status, 413);
	assert_string_equal(request.path, "/");
	http_request_release(&request);

	http_request_init(&request, &limits);
	feed(&request, chunks, sizeof(chunks) - 1, 1000);
	http_body_allow(&request, 1000000); /* Never above limits.body_max. */
	assert_int_equal(http_request_feed(&request, "7D1\r\n", 5, &used), HTTP_BAD);
	http_request_release(&request);

	http_request_init(&request, &limits);
	feed(&request, chunks, sizeof(chunks) - 1, 1000);
	assert_int_equal(http_request_feed(&request, "3\r\nabc\r\n", 8, &used), HTTP_NEED_MORE);
	http_body_allow(&request, 2); /* Less than is there already. */
	assert_int_equal(http_request_feed(&request, "1\r\n", 3, &used), HTTP_BAD);
	assert_int_equal(request.status, 413);
	http_request_release(&request);
	http_request_release(&request);
}

static void a_large_body_is_read_and_given_back(void **state)
{
	const struct http_limits wide = {.head_max = 1024, .body_max = 300000, .lines_max = 20};
	static char bytes[300100];
	struct text text = TEXT_OVER(bytes);
	size_t steps[] = {1, 4095, 4096, 70000, sizeof(bytes)};

	(void)state;
	text_clear(&text);
	text_add(&text, "POST / HTTP/1.1\r\n" HOST "Content-Length: 300000\r\n\r\n");
	for (size_t i = 0; i < 300000; i++)
		bytes[text.len + i] = (char)(i * 31 >> 4);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct http_request request;
		struct result result;

		http_request_init(&request, &wide);
		result = feed(&request, bytes, text.len + 300000, steps[i]);
		assert_int_equal(result.progress, HTTP_DONE);
		assert_int_equal(request.body_len, 300000);
		assert_memory_equal(request.body, bytes + text.len, 300000);
		assert_int_equal(request.body[300000], 0);
		http_request_next(&request);
		assert_null(request.body);
		assert_int_equal(feed(&request, good[0], strlen(good[0]), 9).progress, HTTP_DONE);
		assert_string_equal(request.body, "");
		http_request_release(&request);
	}
}

static void begun_means_within_a_request(void **state)
{
	struct http_request request;
	size_t used;

	(void)state;
	http_request_init(&request, &limits);
	assert_int_equal(http_request_feed(&request, "", 0, &used), HTTP_NEED_MORE);
	assert_false(http_request_begun(&request));
	http_request_feed(&request, "\r\n", 2, &used);
	assert_false(http_request_begun(&request));
	http_request_feed(&request, "G", 1, &used);
	assert_true(http_request_begun(&request));
	feed(&request, "ET / HTTP/1.0\r\n\r\n", 17, 99);
	assert_false(http_request_begun(&request));
	http_request_release(&request);
}

static void query_parameters_are_decoded_strictly(void **state)
{
	char buf[8];

	(void)state;
	assert_true(http_query("a=1&b=x%20y&c=p+q", "b", buf, sizeof(buf)));
	assert_string_equal(buf, "x y");
	assert_true(http_query("a=1&b=x%20y&c=p+q", "c", buf, sizeof(buf)));
	assert_string_equal(buf, "p q");
	assert_true(http_query("%61=1", "a", buf, sizeof(buf)));
	assert_true(http_query("a=1&a=2", "a", buf, sizeof(buf)));
	assert_string_equal(buf, "1");
	assert_true(http_query("&&a&b=", "a", buf, sizeof(buf)));
	assert_string_equal(buf, "");
	assert_true(http_query("a=b=c", "a", buf, sizeof(buf)));
	assert_string_equal(buf, "b=c");
	assert_true(http_query("%zz=1&a=%E6%97%85", "a", buf, sizeof(buf)));
	assert_string_equal(buf, "旅");
	assert_false(http_query("", "a", buf, sizeof(buf)));
	assert_false(http_query("ab=1&A=1", "a", buf, sizeof(buf)));
	assert_false(http_query("a=%", "a", buf, sizeof(buf)));
	assert_false(http_query("a=%4", "a", buf, sizeof(buf)));
	assert_false(http_query("a=%00", "a", buf, sizeof(buf)));
	assert_false(http_query("a=%FF", "a", buf, sizeof(buf)));
	assert_false(http_query("a=12345678", "a", buf, sizeof(buf)));
	assert_string_equal(buf, "");
	assert_true(http_query("a=1234567", "a", buf, sizeof(buf)));
	assert_true(http_form("note=%E5%BC%A0&x=1%0A2", "x", buf, sizeof(buf)));
	assert_string_equal(buf, "1\n2");
}

static void reasons_are_the_registered_ones(void **state)
{
	(void)state;
	assert_string_equal(http_reason(200), "OK");
	assert_string_equal(http_reason(431), "Request Header Fields Too Large");
	assert_string_equal(http_reason(799), "Unknown");
}

static void random_damage_never_confuses_the_reader(void **state)
{
	uint64_t dice = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const char *from = good[(size_t)round % ARRAY_LEN(good)];
		size_t len = length_of(from);
		char bytes[300];
		struct http_request one;
		struct http_request two;
		struct result whole;
		struct result pieces;

		memcpy(bytes, from, len);
		for (int i = 0; i < 2; i++) {
			dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			bytes[(dice >> 33) % len] = "\r\n \t:;0a%/\0\xFF"[(dice >> 20) % 12];
		}
		http_request_init(&one, &limits);
		http_request_init(&two, &limits);
		whole = feed(&one, bytes, len, len);
		pieces = feed(&two, bytes, len, 1);
		assert_int_equal(whole.used, pieces.used);
		assert_int_equal(whole.progress == HTTP_BAD, pieces.progress == HTTP_BAD);
		assert_int_equal(one.status, two.status);
		if (whole.progress == HTTP_DONE)
			assert_same_request(&one, &two);
		http_request_release(&one);
		http_request_release(&two);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_request_is_read),
		cmocka_unit_test(byte_by_byte_equals_the_whole),
		cmocka_unit_test(nothing_short_of_the_whole_is_done),
		cmocka_unit_test(bodies_arrive_whole),
		cmocka_unit_test(targets_come_down_to_a_path),
		cmocka_unit_test(crooked_targets_are_refused),
		cmocka_unit_test(crooked_request_lines_are_refused),
		cmocka_unit_test(crooked_headers_are_refused),
		cmocka_unit_test(a_nul_anywhere_in_the_head_is_refused),
		cmocka_unit_test(crooked_chunks_are_refused),
		cmocka_unit_test(the_head_limit_counts_every_byte),
		cmocka_unit_test(header_lines_are_counted),
		cmocka_unit_test(chunk_extensions_and_trailers_are_bounded),
		cmocka_unit_test(pipelined_requests_come_one_by_one),
		cmocka_unit_test(connections_stay_only_when_both_wish),
		cmocka_unit_test(a_route_may_allow_less),
		cmocka_unit_test(a_large_body_is_read_and_given_back),
		cmocka_unit_test(begun_means_within_a_request),
		cmocka_unit_test(query_parameters_are_decoded_strictly),
		cmocka_unit_test(reasons_are_the_registered_ones),
		cmocka_unit_test(random_damage_never_confuses_the_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
