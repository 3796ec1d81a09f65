/* http_reader.h — the way of one HTTP request through the reader's rooms; private to lib/wire.
 *
 *	http_request.c  takes the bytes, keeps the state, cuts lines and collects the body
 *	http_head.c     holds the request line and every header line against the rules
 *	http_text.c     characters, percent-decoding, parameters, reason phrases; knows no request
 */
#ifndef WIRE_HTTP_READER_H
#define WIRE_HTTP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/http.h"

enum reading {
	READING_START,	    /* Before the first byte of a request line: one empty line may come. */
	READING_FIRST_LINE, /* Method, target, version. */
	READING_HEADERS,
	READING_BODY, /* By Content-Length. */
	READING_CHUNK_SIZE,
	READING_CHUNK,
	READING_CHUNK_END, /* The CRLF behind a chunk's bytes. */
	READING_TRAILERS,
	READING_OVER,
	READING_REFUSED,
};

/* One request being read, and the buffers its connection keeps from one to the next. */
struct http_reader {
	struct http_limits limits;
	enum reading reading;
	bool skipped_line; /* The one empty line before a request was seen. */
	bool saw_cr;	   /* The last byte of a line was CR; only LF may follow. */
	char *line;	   /* The line being read, without CRLF. */
	size_t line_len;
	size_t line_cap;
	size_t head_left; /* What the head (later: chunk extensions and trailers) may still take. */
	unsigned lines;	  /* Header and trailer lines so far. */
	size_t headers_cap;

	unsigned hosts;
	bool has_length;
	uint64_t length; /* Content-Length. */
	bool chunked;
	bool says_close;
	bool says_keep_alive;

	size_t body_allow;
	size_t body_left; /* Of the body or of the present chunk. */
	char *body;
	size_t body_cap;
};

/* --- the states (http_request.c) --- */

/* Answer REQUEST with STATUS and the static sentence WHY, and read no further. Returns HTTP_BAD. */
enum http_progress http_refuse(struct http_request *request, int status, const char *why);

/* --- the head (http_head.c) --- */

/* Read the line at hand, NUL-terminated, as a request line: fills in method, path, query and minor,
 * and goes on to the headers. */
enum http_progress http_take_request_line(struct http_request *request);
/* Read the line at hand, which is not empty, as a header and heed it; or as a trailer, which is
 * checked and dropped. */
enum http_progress http_take_header(struct http_request *request);

/* --- characters (http_text.c) --- */

/* ASCII only, whatever the locale says. */
static inline bool http_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char http_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* What the hexadecimal digit C is worth, or -1. */
int http_hex_digit(char c);
/* The byte that "%XX" at TEXT[0..LEN) stands for, or -1. */
int http_percent_byte(const char *text, size_t len);

#endif
