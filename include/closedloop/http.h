/* http.h — HTTP/1.1 as bytes: one strict request reader, no sockets.
 *
 * Two readers that disagree on one byte stream are how requests are smuggled, so there is one, and
 * it refuses what RFC 9112 lets a server refuse: two Content-Length (even equal ones),
 * Content-Length with a sign or beside Transfer-Encoding, any transfer coding but a single final
 * "chunked", white space before the colon, folded lines, bare CR, bare LF in headers, NUL or other
 * controls anywhere in the head, no or two Host in 1.1, header names that are no token.
 *
 * Feed it bytes as they come; it says how many it used. Not thread-bound, no clock: the caller
 * keeps the deadline.
 */
#ifndef CLOSEDLOOP_HTTP_H
#define CLOSEDLOOP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/mem.h"

struct http_limits {
	size_t head_max;    /* Request line and all header lines, bytes (16 KiB). */
	size_t body_max;    /* Body bytes, for any content type; routes may allow less
			       (http_body_allow). */
	unsigned lines_max; /* Header lines (100). */
};

enum http_progress {
	HTTP_NEED_MORE, /* Everything given was used; the request is not whole. */
	HTTP_HEAD_DONE, /* Said once per request, when the head is whole and a body follows: the
			 * caller may look at the route, set body_max, answer 100-continue, or
			 * answer and close. Feed on to go on. */
	HTTP_DONE, /* The request is whole. Bytes after it were not used. http_request_next makes
		      room for the next. */
	HTTP_BAD,  /* Refused: `status` and `why` say how to answer; then close. Nothing more is
		      read. */
};

struct http_header {
	const char *name;  /* As sent. */
	const char *value; /* Trimmed of blanks; free of controls; not necessarily ASCII. */
};

struct http_request {
	/* Filled in as the head is read; all strings belong to the request's arena. */
	const char *method; /* "GET", "POST" … as sent. */
	const char *path;  /* Percent-decoded path, begins with '/', well-formed UTF-8, no controls,
			    * no dot segments.
			    * "*" for OPTIONS * only. */
	const char *query; /* Raw text after '?', or "". */
	int minor;	   /* HTTP/1.x */
	struct http_header *headers;
	size_t headers_len;
	bool keep_alive;
	bool expect_continue;
	char *body; /* body_len bytes and a NUL; valid once HTTP_DONE. */
	size_t body_len;
	/* When HTTP_BAD. */
	int status;	 /* 400, 413, 414, 431, 501, 505, 417 */
	const char *why; /* One static sentence for the client. */

	struct arena arena;
	struct http_reader *reader; /* Private. */
};

void http_request_init(struct http_request *request, const struct http_limits *limits);
void http_request_release(struct http_request *request);
/* Forget the finished request; ready for the next one on the same connection. */
void http_request_next(struct http_request *request);
/* Read from BYTES[0..LEN); *USED says how many were taken. */
enum http_progress http_request_feed(struct http_request *request, const char *bytes, size_t len,
				     size_t *used);
/* After HTTP_HEAD_DONE: allow a body of at most MAX bytes, and never more than limits.body_max. A
 * body announced as larger is refused with 413 at the next byte fed. */
void http_body_allow(struct http_request *request, size_t max);
/* True from the first byte of a request until it is whole: what the whole-request deadline
 * measures. */
bool http_request_begun(const struct http_request *request);

/* Header NAME (any case), or NULL; the first one when there are several. */
const char *http_header(const struct http_request *request, const char *name);
/* Copy the percent-decoded query parameter NAME into BUF; false when absent, malformed or too long.
 * '+' is a blank. */
bool http_query(const char *query, const char *name, char *buf, size_t cap);
/* The same over an application/x-www-form-urlencoded body. */
bool http_form(const char *body, const char *name, char *buf, size_t cap);
/* Standard reason phrase of STATUS. */
const char *http_reason(int status);

#endif
