/* http_text.c — the text around a request: hexadecimal digits and percent-encoding, query and form
 * parameters, reason phrases; it knows no reader and no state.
 * Neighbours: http_head.c decodes the path with it, http_request.c reads chunk sizes. */
#include <assert.h>
#include <string.h>

#include "closedloop/http.h"
#include "closedloop/text.h"
#include "wire/http_reader.h"

/* --- percent-encoding --- */

int http_hex_digit(char c)
{
	if (http_is_digit(c))
		return c - '0';
	c = http_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int http_percent_byte(const char *text, size_t len)
{
	int high = len >= 3 ? http_hex_digit(text[1]) : -1;
	int low = len >= 3 ? http_hex_digit(text[2]) : -1;

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* --- parameters --- */

/* Decode the form text TEXT[0..LEN) into BUF; false when malformed or too long. */
static bool form_decode(const char *text, size_t len, char *buf, size_t cap)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		int byte = (unsigned char)text[i];

		if (byte == '+') {
			byte = ' ';
		} else if (byte == '%') {
			byte = http_percent_byte(text + i, len - i);
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

/* --- reason phrases --- */

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
