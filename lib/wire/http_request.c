/* http_request.c — the one reader of HTTP/1.1 requests: bytes in, a whole request or a refusal out.
 * Neighbours: mem.c holds the strings; the daemon brings the socket and the deadline. */
#include <assert.h>
#include <string.h>

#include "closedloop/http.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

#define METHOD_MOST	   16
#define CHUNK_DIGITS_MOST  16
#define LENGTH_DIGITS_MOST 18 /* What fits 64 bits for certain. */
#define BODY_FIRST	   ((size_t)4096)
#define BODY_KEEP	   ((size_t)65536) /* A larger buffer is given back between requests. */

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

struct http_reader {
	struct http_limits limits;
	enum reading reading;
	bool skipped_line; /* The one empty line before a request was seen. */
	bool saw_cr;	   /* The last byte of a line was CR; only LF may follow. */
	char *line;	   /* The line being read, without CRLF. */
	size_t line_len;
	size_t line_cap;
	size_t head_left; /* Bytes the head (later: chunk extensions and trailers) may still take.
			   */
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

/* --- characters --- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_token_char(char c)
{
	if (is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'))
		return true;
	return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_token_char(text[i]))
			return false;
	}
	return len > 0;
}

/* Equal but for ASCII case. */
static bool same_word(const char *text, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++) {
		if (lower(text[i]) != lower(word[i])) /* WORD's NUL ends it too: text has none. */
			return false;
	}
	return word[len] == '\0';
}

/* --- refusing --- */

static enum http_progress refuse(struct http_request *request, int status, const char *why)
{
	request->status = status;
	request->why = why;
	request->reader->reading = READING_REFUSED;
	return HTTP_BAD;
}

/* --- percent-encoding --- */

/* The byte that "%XX" at TEXT[0..LEN) stands for, or -1. */
static int percent_byte(const char *text, size_t len)
{
	int high = len >= 3 ? hex_digit(text[1]) : -1;
	int low = len >= 3 ? hex_digit(text[2]) : -1;

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool is_dots(const char *segment, size_t len)
{
	return (len == 1 && segment[0] == '.') ||
	       (len == 2 && segment[0] == '.' && segment[1] == '.');
}

/* Decode the path TEXT[0..LEN) into the arena. Encoded slashes, NUL, controls and dot segments are
 * ways to make two readers see two paths, so they are refused rather than resolved. */
static bool take_path(struct http_request *request, const char *text, size_t len)
{
	char *path = arena_alloc(&request->arena, len + 1);
	size_t used = 0;
	size_t segment = 0; /* Where the present one begins, behind its slash. */

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '/') {
			if (is_dots(path + segment, used - segment))
				return false;
			path[used++] = c;
			segment = used;
			continue;
		}
		if (c == '%') {
			int byte = percent_byte(text + i, len - i);

			if (byte < 0x20 || byte == 0x7F || byte == '/')
				return false;
			c = (char)byte;
			i += 2;
		}
		path[used++] = c;
	}
	path[used] = '\0';
	request->path = path;
	return !is_dots(path + segment, used - segment) && text_is_utf8(path, used);
}

/* --- the request line --- */

/* What a URI is made of (RFC 3986), '#' excepted: a fragment never travels. Quotes, braces and the
 * like are let through, clients send them and they mean nothing to us. */
static bool is_target_char(char c)
{
	return c > 0x20 && c < 0x7F && c != '#' && c != '<' && c != '>' && c != '\\';
}

/* Step over "http://host" in *TEXT; false when there is no host, or a user before it. */
static bool skip_authority(const char **text, size_t *len)
{
	const size_t scheme_len = strlen("http://");
	size_t host_len = 0;

	if (*len < scheme_len || !same_word(*text, scheme_len, "http://"))
		return false;
	*text += scheme_len;
	*len -= scheme_len;
	while (host_len < *len && (*text)[host_len] != '/' && (*text)[host_len] != '?') {
		if ((*text)[host_len] == '@' || (*text)[host_len] == '%')
			return false;
		host_len++;
	}
	*text += host_len;
	*len -= host_len;
	return host_len > 0;
}

static bool take_target(struct http_request *request, const char *text, size_t len)
{
	const char *question;
	size_t path_len;

	for (size_t i = 0; i < len; i++) {
		if (!is_target_char(text[i]))
			return false;
	}
	if (len == 1 && text[0] == '*') { /* RFC 9112, 3.2.4: only for a server-wide OPTIONS. */
		request->path = "*";
		return text_equal(request->method, "OPTIONS");
	}
	if (len > 0 && text[0] != '/' && !skip_authority(&text, &len))
		return false;
	question = len > 0 ? memchr(text, '?', len) : NULL;
	path_len = question ? (size_t)(question - text) : len;
	if (question)
		request->query =
			arena_copy_bytes(&request->arena, question + 1, len - path_len - 1);
	if (path_len == 0) { /* "http://host" alone; the origin form never is empty. */
		request->path = "/";
		return true;
	}
	return take_path(request, text, path_len);
}

static enum http_progress take_version(struct http_request *request, const char *text, size_t len)
{
	bool is_version = len == 8 && memcmp(text, "HTTP/", 5) == 0 && is_digit(text[5]) &&
			  text[6] == '.' && is_digit(text[7]);

	if (!is_version)
		return refuse(request, 400, "The request line has no HTTP version.");
	if (text[5] != '1' || text[7] > '1')
		return refuse(request, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
	request->minor = text[7] - '0';
	request->reader->reading = READING_HEADERS;
	return HTTP_NEED_MORE;
}

static enum http_progress take_request_line(struct http_request *request)
{
	const char *line = request->reader->line;
	const char *end = line + request->reader->line_len;
	const char *target = memchr(line, ' ', (size_t)(end - line));
	const char *version;
	size_t method_len;

	if (!target)
		return refuse(request, 400, "The request line has no target.");
	method_len = (size_t)(target - line);
	if (method_len > METHOD_MOST || !is_token(line, method_len))
		return refuse(request, 400, "The method is not a token of at most 16 characters.");
	request->method = arena_copy_bytes(&request->arena, line, method_len);
	target++;
	version = memchr(target, ' ', (size_t)(end - target));
	if (!version || version == target)
		return refuse(request, 400, "The request line has no HTTP version.");
	if (!take_target(request, target, (size_t)(version - target)))
		return refuse(request, 400, "The request target is not acceptable.");
	version++;
	return take_version(request, version, (size_t)(end - version));
}

/* --- header lines --- */

static const char *take_host(struct http_request *request, const char *value)
{
	if (++request->reader->hosts > 1)
		return "There are two Host headers.";
	for (; *value; value++) {
		if (!is_target_char(*value) || strchr("/?@,\"", *value))
			return "The Host header is not a host.";
	}
	return NULL;
}

static const char *take_length(struct http_request *request, const char *value)
{
	struct http_reader *reader = request->reader;
	size_t len = strlen(value);

	if (reader->has_length)
		return "There are two Content-Length headers.";
	if (len == 0 || !text_is_digits(value, len))
		return "Content-Length is not a plain number.";
	reader->has_length = true;
	reader->length = 0;
	while (len > 1 && *value == '0') {
		value++;
		len--;
	}
	if (len > LENGTH_DIGITS_MOST)
		reader->length = UINT64_MAX; /* Refused as too large, whatever it is. */
	for (; *value && len <= LENGTH_DIGITS_MOST; value++)
		reader->length = reader->length * 10 + (uint64_t)(*value - '0');
	return NULL;
}

/* Note "close" and "keep-alive" in a comma-separated list. */
static void take_connection(struct http_reader *reader, const char *value)
{
	while (*value) {
		size_t len;
		size_t trimmed;

		value += strspn(value, ", \t");
		len = strcspn(value, ",");
		for (trimmed = len; trimmed > 0; trimmed--) {
			if (value[trimmed - 1] != ' ' && value[trimmed - 1] != '\t')
				break;
		}
		if (same_word(value, trimmed, "close"))
			reader->says_close = true;
		if (same_word(value, trimmed, "keep-alive"))
			reader->says_keep_alive = true;
		value += len;
	}
}

/* Act on a header that decides how this request is read. */
static enum http_progress heed(struct http_request *request, const struct http_header *header)
{
	size_t len = strlen(header->name);
	const char *wrong = NULL;

	if (same_word(header->name, len, "Host")) {
		wrong = take_host(request, header->value);
	} else if (same_word(header->name, len, "Content-Length")) {
		wrong = take_length(request, header->value);
	} else if (same_word(header->name, len, "Transfer-Encoding")) {
		if (request->reader->chunked)
			wrong = "There are two Transfer-Encoding headers.";
		else if (!same_word(header->value, strlen(header->value), "chunked"))
			return refuse(request, 501,
				      "The only transfer coding read here is chunked.");
		request->reader->chunked = true;
	} else if (same_word(header->name, len, "Connection")) {
		take_connection(request->reader, header->value);
	} else if (same_word(header->name, len, "Expect")) {
		if (!same_word(header->value, strlen(header->value), "100-continue"))
			return refuse(request, 417,
				      "The only expectation met here is 100-continue.");
		request->expect_continue = request->minor >= 1;
	}
	return wrong ? refuse(request, 400, wrong) : HTTP_NEED_MORE;
}

static void keep_header(struct http_request *request, const struct http_header *header)
{
	struct http_reader *reader = request->reader;

	if (request->headers_len == reader->headers_cap) {
		size_t cap = reader->headers_cap ? reader->headers_cap * 2 : 16;
		struct http_header *room = arena_alloc(&request->arena, cap * sizeof(*room));

		if (request->headers_len > 0)
			memcpy(room, request->headers, request->headers_len * sizeof(*room));
		request->headers = room; /* The smaller one stays in the arena until the end. */
		reader->headers_cap = cap;
	}
	request->headers[request->headers_len++] = *header;
}

/* Check a header or trailer line: "name:", blanks, value, blanks. Fills in COLON. */
static const char *check_line(const struct http_reader *reader, const char **colon)
{
	if (reader->line[0] == ' ' || reader->line[0] == '\t')
		return "A header line is folded.";
	*colon = memchr(reader->line, ':', reader->line_len);
	if (!*colon)
		return "A header line has no colon.";
	if (!is_token(reader->line, (size_t)(*colon - reader->line)))
		return "A header name is not a token.";
	return NULL;
}

static enum http_progress take_header(struct http_request *request)
{
	struct http_reader *reader = request->reader;
	struct http_header header;
	const char *colon;
	const char *end = reader->line + reader->line_len;
	const char *wrong;

	if (++reader->lines > reader->limits.lines_max)
		return refuse(request, 431, "There are too many header lines.");
	wrong = check_line(reader, &colon);
	if (wrong)
		return refuse(request, 400, wrong);
	if (reader->reading == READING_TRAILERS)
		return HTTP_NEED_MORE; /* Trailers are read and dropped: nothing here depends on
					  one. */
	header.name =
		arena_copy_bytes(&request->arena, reader->line, (size_t)(colon - reader->line));
	colon++;
	while (colon < end && (*colon == ' ' || *colon == '\t'))
		colon++;
	while (end > colon && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	header.value = arena_copy_bytes(&request->arena, colon, (size_t)(end - colon));
	keep_header(request, &header);
	return heed(request, &header);
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
		return refuse(request, 400, "There is no Host header.");
	/* RFC 9112, 6.1: both together is a smuggling attempt, and 1.0 knows no chunks. */
	if (reader->chunked && (reader->has_length || request->minor == 0))
		return refuse(request, 400, "Transfer-Encoding does not fit the rest of the head.");
	if (reader->has_length && reader->length > reader->body_allow)
		return refuse(request, 413, "The body is too large.");
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

	for (; hex_digit(reader->line[digits]) >= 0; digits++) {
		if (digits == CHUNK_DIGITS_MOST)
			return refuse(request, 400, "A chunk size has too many digits.");
		size = size << 4 | (uint64_t)hex_digit(reader->line[digits]);
	}
	if (digits == 0 || (reader->line[digits] != '\0' && reader->line[digits] != ';'))
		return refuse(request, 400, "A chunk size is not a hexadecimal number.");
	if (size > body_room(request))
		return refuse(request, 413, "The body is too large.");
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
		return refuse(request, 413, "The body is too large.");
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
			return refuse(request, 400, "There are empty lines before the request.");
		if (reader->line_len == 0)
			reader->skipped_line = true;
		break;
	case READING_FIRST_LINE:
		progress = take_request_line(request);
		break;
	case READING_HEADERS:
		progress = reader->line_len ? take_header(request) : finish_head(request);
		break;
	case READING_TRAILERS:
		progress = reader->line_len ? take_header(request) : finish(request);
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
		return refuse(request, 414, "The request line is too long.");
	return refuse(request, 431, "The head is too large.");
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
			return refuse(request, 400, "A carriage return stands alone.");
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
		return refuse(request, 400, "A line ends without a carriage return.");
	if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7F)
		return refuse(request, 400, "There is a control character in the head.");
	/* A chunk must end at once; a longer line would be kept for nothing. */
	if (reader->reading == READING_CHUNK_END)
		return refuse(request, 400, "A chunk is longer than its size.");
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

const char *http_header(const struct http_request *request, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < request->headers_len; i++) {
		if (same_word(name, len, request->headers[i].name))
			return request->headers[i].value;
	}
	return NULL;
}

/* Decode the form text TEXT[0..LEN) into BUF; false when malformed or too long. */
static bool form_decode(const char *text, size_t len, char *buf, size_t cap)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		int byte = (unsigned char)text[i];

		if (byte == '+') {
			byte = ' ';
		} else if (byte == '%') {
			byte = percent_byte(text + i, len - i);
			i += 2;
		}
		if (byte <= 0 || used + 1 >= cap)
			return false; /* %00 would cut the value short for whoever reads it. */
		buf[used++] = (char)byte;
	}
	buf[used] = '\0';
	return text_is_utf8(buf, used);
}

bool http_query(const char *query, const char *name, char *buf, size_t cap)
{
	char found[128]; /* Longer names are none of ours. */

	assert(cap >= 1);
	assert(strlen(name) < sizeof(found));
	buf[0] = '\0';
	while (*query) {
		size_t pair_len = strcspn(query, "&");
		size_t name_len = strcspn(query, "&=");

		if (form_decode(query, name_len, found, sizeof(found)) && text_equal(found, name)) {
			size_t skip = name_len < pair_len ? name_len + 1 : name_len;

			if (form_decode(query + skip, pair_len - skip, buf, cap))
				return true;
			buf[0] = '\0';
			return false;
		}
		query += pair_len;
		query += *query == '&' ? 1 : 0;
	}
	return false;
}

bool http_form(const char *body, const char *name, char *buf, size_t cap)
{
	return http_query(body, name, buf, cap);
}

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{100, "Continue"},
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{206, "Partial Content"},
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{304, "Not Modified"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{411, "Length Required"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{417, "Expectation Failed"},
	{421, "Misdirected Request"},
	{422, "Unprocessable Content"},
	{426, "Upgrade Required"},
	{428, "Precondition Required"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
	{505, "HTTP Version Not Supported"},
	{507, "Insufficient Storage"},
};

const char *http_reason(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Unknown";
}
