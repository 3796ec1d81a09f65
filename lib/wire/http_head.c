/* http_head.c — the rules for the head of a request: its request line and its header lines.
 * Neighbours: http_request.c cuts the lines and decides what follows them, http_text.c knows
 * characters, mem.c holds the strings. */
#include <string.h>

#include "closedloop/http.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "wire/http_reader.h"

#define METHOD_MOST	   16
#define LENGTH_DIGITS_MOST 18 /* What fits 64 bits for certain. */

/* --- words --- */

static bool is_token_char(char c)
{
	if (http_is_digit(c) || (http_lower(c) >= 'a' && http_lower(c) <= 'z'))
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
		/* WORD's NUL ends it too: text has none. */
		if (http_lower(text[i]) != http_lower(word[i]))
			return false;
	}
	return word[len] == '\0';
}

/* --- the path --- */

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
			int byte = http_percent_byte(text + i, len - i);

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
	bool is_version = len == 8 && memcmp(text, "HTTP/", 5) == 0 && http_is_digit(text[5]) &&
			  text[6] == '.' && http_is_digit(text[7]);

	if (!is_version)
		return http_refuse(request, 400, "The request line has no HTTP version.");
	if (text[5] != '1' || text[7] > '1')
		return http_refuse(request, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
	request->minor = text[7] - '0';
	request->reader->reading = READING_HEADERS;
	return HTTP_NEED_MORE;
}

enum http_progress http_take_request_line(struct http_request *request)
{
	const char *line = request->reader->line;
	const char *end = line + request->reader->line_len;
	const char *target = memchr(line, ' ', (size_t)(end - line));
	const char *version;
	size_t method_len;

	if (!target)
		return http_refuse(request, 400, "The request line has no target.");
	method_len = (size_t)(target - line);
	if (method_len > METHOD_MOST || !is_token(line, method_len))
		return http_refuse(request, 400,
				   "The method is not a token of at most 16 characters.");
	request->method = arena_copy_bytes(&request->arena, line, method_len);
	target++;
	version = memchr(target, ' ', (size_t)(end - target));
	if (!version || version == target)
		return http_refuse(request, 400, "The request line has no HTTP version.");
	if (!take_target(request, target, (size_t)(version - target)))
		return http_refuse(request, 400, "The request target is not acceptable.");
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
			return http_refuse(request, 501,
					   "The only transfer coding read here is chunked.");
		request->reader->chunked = true;
	} else if (same_word(header->name, len, "Connection")) {
		take_connection(request->reader, header->value);
	} else if (same_word(header->name, len, "Expect")) {
		if (!same_word(header->value, strlen(header->value), "100-continue"))
			return http_refuse(request, 417,
					   "The only expectation met here is 100-continue.");
		request->expect_continue = request->minor >= 1;
	}
	return wrong ? http_refuse(request, 400, wrong) : HTTP_NEED_MORE;
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

enum http_progress http_take_header(struct http_request *request)
{
	struct http_reader *reader = request->reader;
	struct http_header header;
	const char *colon;
	const char *end = reader->line + reader->line_len;
	const char *wrong;

	if (++reader->lines > reader->limits.lines_max)
		return http_refuse(request, 431, "There are too many header lines.");
	wrong = check_line(reader, &colon);
	if (wrong)
		return http_refuse(request, 400, wrong);
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

/* --- what others ask --- */

const char *http_header(const struct http_request *request, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < request->headers_len; i++) {
		if (same_word(name, len, request->headers[i].name))
			return request->headers[i].value;
	}
	return NULL;
}
