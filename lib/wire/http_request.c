/* http_request.c — the one reader of HTTP/1.1 requests, byte by byte through its states: a whole
 * request comes out, or a refusal.
 * Neighbours: http_head.c judges the lines of the head, http_text.c knows characters, mem.c holds
 * the strings; the daemon brings the socket and the deadline. */
#include <assert.h>
#include <string.h>

#include "closedloop/http.h"
#include "closedloop/mem.h"
#include "wire/http_reader.h"

#define CHUNK_DIGITS_MOST 16
#define BODY_FIRST	  ((size_t)4096)
#define BODY_KEEP	  ((size_t)65536) /* A larger buffer is given back between requests. */

enum http_progress http_refuse(struct http_request *request, int status, const char *why)
{
	request->status = status;
	request->why = why;
	request->reader->reading = READING_REFUSED;
	return HTTP_BAD;
}

/* --- the body --- */

/* Bytes the body may still take; the caller may have lowered the bound in the middle. */
static size_t body_room(const struct http_request *request)
{
	size_t allow = request->reader->body_allow;

	return allow > request->body_len ? allow - request->body_len : 0;
}

static void body_reserve(struct http_reader *reader, size_t size)
{
	size_t cap = reader->body_cap ? reader->body_cap : BODY_FIRST;

	while (cap < size)
		cap *= 2;
	if (cap == reader->body_cap)
		return;
	reader->body = mem_grow(reader->body, cap);
	reader->body_cap = cap;
}

static enum http_progress finish(struct http_request *request)
{
	struct http_reader *reader = request->reader;

	if (request->body_len == 0) {
		request->body = arena_alloc(&request->arena, 1);
	} else {
		reader->body[request->body_len] = '\0'; /* take_body kept room for it. */
		request->body = reader->body;
	}
	reader->reading = READING_OVER;
	return HTTP_DONE;
}

/* The empty line came: is the head whole and honest, and does a body follow? */
static enum http_progress finish_head(struct http_request *request)
{
	struct http_reader *reader = request->reader;

	if (request->minor >= 1 && reader->hosts == 0)
		return http_refuse(request, 400, "There is no Host header.");
	/* RFC 9112, 6.1: both together is a smuggling attempt, and 1.0 knows no chunks. */
	if (reader->chunked && (reader->has_length || request->minor == 0))
		return http_refuse(request, 400,
				   "Transfer-Encoding does not fit the rest of the head.");
	if (reader->has_length && reader->length > reader->body_allow)
		return http_refuse(request, 413, "The body is too large.");
	request->keep_alive =
		!reader->says_close && (request->minor >= 1 || reader->says_keep_alive);
	reader->head_left = reader->limits.head_max; /* From here on for extensions and trailers. */
	if (reader->chunked) {
		reader->reading = READING_CHUNK_SIZE;
		return HTTP_HEAD_DONE;
	}
	if (reader->length == 0)
		return finish(request);
	reader->body_left = (size_t)reader->length;
	reader->reading = READING_BODY;
	return HTTP_HEAD_DONE;
}

/* "1a2b" or "1a2b;extension". */
static enum http_progress take_chunk_size(struct http_request *request)
{
	struct http_reader *reader = request->reader;
	uint64_t size = 0;
	size_t digits = 0;

	for (; http_hex_digit(reader->line[digits]) >= 0; digits++) {
		if (digits == CHUNK_DIGITS_MOST)
			return http_refuse(request, 400, "A chunk size has too many digits.");
		size = size << 4 | (uint64_t)http_hex_digit(reader->line[digits]);
	}
	if (digits == 0 || (reader->line[digits] != '\0' && reader->line[digits] != ';'))
		return http_refuse(request, 400, "A chunk size is not a hexadecimal number.");
	if (size > body_room(request))
		return http_refuse(request, 413, "The body is too large.");
	/* Many honest chunks must not use up what bounds extensions: give their digits and CRLF
	 * back. */
	reader->head_left += digits + 2;
	reader->body_left = (size_t)size;
	reader->reading = size > 0 ? READING_CHUNK : READING_TRAILERS;
	return HTTP_NEED_MORE;
}

static enum http_progress take_chunk_end(struct http_request *request)
{
	struct http_reader *reader = request->reader;

	assert(reader->line_len == 0); /* take_byte lets nothing else through. */
	reader->head_left += 2;
	reader->reading = READING_CHUNK_SIZE;
	return HTTP_NEED_MORE;
}

/* Copy what is there of the body or chunk. */
static enum http_progress take_body(struct http_request *request, const char *bytes, size_t len,
				    size_t *used)
{
	struct http_reader *reader = request->reader;
	size_t take = len < reader->body_left ? len : reader->body_left;

	if (reader->body_left > body_room(request))
		return http_refuse(request, 413, "The body is too large.");
	body_reserve(reader, request->body_len + take + 1);
	memcpy(reader->body + request->body_len, bytes, take);
	request->body_len += take;
	reader->body_left -= take;
	*used += take;
	if (reader->body_left > 0)
		return HTTP_NEED_MORE;
	if (reader->reading == READING_BODY)
		return finish(request);
	reader->reading = READING_CHUNK_END;
	return HTTP_NEED_MORE;
}

/* --- lines --- */

static enum http_progress take_line(struct http_request *request)
{
	struct http_reader *reader = request->reader;
	enum http_progress progress = HTTP_NEED_MORE;

	reader->line[reader->line_len] = '\0';
	switch (reader->reading) {
	case READING_START:
		/* RFC 9112, 2.2: one empty line before a request may be skipped. */
		if (reader->line_len == 0 && reader->skipped_line)
			return http_refuse(request, 400,
					   "There are empty lines before the request.");
		if (reader->line_len == 0)
			reader->skipped_line = true;
		break;
	case READING_FIRST_LINE:
		progress = http_take_request_line(request);
		break;
	case READING_HEADERS:
		progress = reader->line_len ? http_take_header(request) : finish_head(request);
		break;
	case READING_TRAILERS:
		progress = reader->line_len ? http_take_header(request) : finish(request);
		break;
	case READING_CHUNK_SIZE:
		progress = take_chunk_size(request);
		break;
	case READING_CHUNK_END:
		progress = take_chunk_end(request);
		break;
	case READING_BODY:
	case READING_CHUNK:
	case READING_OVER:
	case READING_REFUSED:
		assert(false); /* These are not read by lines. */
		break;
	}
	reader->line_len = 0;
	return progress;
}

static enum http_progress too_long(struct http_request *request)
{
	if (request->reader->reading == READING_FIRST_LINE)
		return http_refuse(request, 414, "The request line is too long.");
	return http_refuse(request, 431, "The head is too large.");
}

static void line_put(struct http_reader *reader, char c)
{
	if (reader->line_len + 1 >= reader->line_cap) {
		reader->line_cap = reader->line_cap ? reader->line_cap * 2 : 256;
		reader->line = mem_grow(reader->line, reader->line_cap);
	}
	reader->line[reader->line_len++] = c;
}

/* One byte of a line. */
static enum http_progress take_byte(struct http_request *request, char c)
{
	struct http_reader *reader = request->reader;

	if (reader->reading == READING_START && c != '\r' && !reader->saw_cr)
		reader->reading = READING_FIRST_LINE;
	if (reader->head_left == 0)
		return too_long(request);
	reader->head_left--;
	if (reader->saw_cr) {
		if (c != '\n')
			return http_refuse(request, 400, "A carriage return stands alone.");
		reader->saw_cr = false;
		line_put(reader, '\0'); /* Room for the NUL, even of an empty first line. */
		reader->line_len--;
		return take_line(request);
	}
	if (c == '\r') {
		reader->saw_cr = true;
		return HTTP_NEED_MORE;
	}
	if (c == '\n')
		return http_refuse(request, 400, "A line ends without a carriage return.");
	if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7F)
		return http_refuse(request, 400, "There is a control character in the head.");
	/* A chunk must end at once; a longer line would be kept for nothing. */
	if (reader->reading == READING_CHUNK_END)
		return http_refuse(request, 400, "A chunk is longer than its size.");
	line_put(reader, c);
	return HTTP_NEED_MORE;
}

/* --- what others call --- */

/* Everything that belongs to one request, and nothing that belongs to the connection. */
static void begin(struct http_request *request)
{
	struct http_reader *reader = request->reader;
	struct arena arena = request->arena;
	struct http_reader fresh = {
		.limits = reader->limits,
		.reading = READING_START,
		.line = reader->line,
		.line_cap = reader->line_cap,
		.head_left = reader->limits.head_max,
		.body_allow = reader->limits.body_max,
		.body = reader->body,
		.body_cap = reader->body_cap,
	};

	if (fresh.body_cap > BODY_KEEP) {
		mem_free(fresh.body);
		fresh.body = NULL;
		fresh.body_cap = 0;
	}
	arena_clear(&arena);
	*reader = fresh;
	*request = (struct http_request){.query = "", .arena = arena, .reader = reader};
}

void http_request_init(struct http_request *request, const struct http_limits *limits)
{
	assert(limits->head_max >= 64);
	assert(limits->body_max < SIZE_MAX / 4);
	*request = (struct http_request){.arena = ARENA_INIT};
	request->reader = mem_alloc(sizeof(*request->reader));
	request->reader->limits = *limits;
	begin(request);
}

void http_request_release(struct http_request *request)
{
	if (!request->reader)
		return;
	mem_free(request->reader->line);
	mem_free(request->reader->body);
	mem_free(request->reader);
	arena_release(&request->arena);
	*request = (struct http_request){.arena = ARENA_INIT};
}

void http_request_next(struct http_request *request)
{
	begin(request);
}

enum http_progress http_request_feed(struct http_request *request, const char *bytes, size_t len,
				     size_t *used)
{
	struct http_reader *reader = request->reader;
	enum http_progress progress = HTTP_NEED_MORE;

	*used = 0;
	if (reader->reading == READING_OVER)
		return HTTP_DONE;
	if (reader->reading == READING_REFUSED)
		return HTTP_BAD;
	while (progress == HTTP_NEED_MORE && *used < len) {
		if (reader->reading == READING_BODY || reader->reading == READING_CHUNK)
			progress = take_body(request, bytes + *used, len - *used, used);
		else
			progress = take_byte(request, bytes[(*used)++]);
	}
	return progress;
}

void http_body_allow(struct http_request *request, size_t max)
{
	size_t most = request->reader->limits.body_max;

	request->reader->body_allow = max < most ? max : most;
}

bool http_request_begun(const struct http_request *request)
{
	return request->reader->reading != READING_START &&
	       request->reader->reading != READING_OVER;
}
