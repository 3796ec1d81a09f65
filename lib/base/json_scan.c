/* json_scan.c — the byte scanner: JSON from outside is exactly one strict value, or is refused.
 * Neighbours: json.c parses what passes, json_member.c finds two keys of one name, text.c knows
 * UTF-8. */
#include <assert.h>
#include <string.h>

#include "base/json_member.h"
#include "closedloop/json.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

#define DEPTH_CAP  64 /* The most json_limits.depth_max may say. */
#define NUMBER_CAP 63 /* cJSON cuts longer numbers. */

enum wants {
	WANTS_VALUE,
	WANTS_VALUE_OR_END,
	WANTS_KEY,
	WANTS_KEY_OR_END,
	WANTS_COMMA_OR_END
};

struct open_one {
	bool is_object;
	size_t keys_from; /* Its own keys are keys[keys_from..keys_len). */
};

struct scan {
	const char *bytes;
	size_t len;
	size_t at;
	const struct json_limits *limits;
	unsigned nodes;
	unsigned depth;
	enum wants wants;
	struct open_one open[DEPTH_CAP];
	struct json_member *keys; /* A stack: the keys of all open objects. */
	size_t keys_len;
	size_t keys_cap;
	struct err *err;
};

static int refuse(const struct scan *scan, size_t at, const char *rule)
{
	return err_set(scan->err, CL_EINVAL, "JSON byte %zu: %s", at, rule);
}

/* The byte at hand, or NUL at the end; NUL itself is legal nowhere. */
static char peek(const struct scan *scan)
{
	return scan->at < scan->len ? scan->bytes[scan->at] : '\0';
}

static void skip_blanks(struct scan *scan)
{
	for (;; scan->at++) {
		char c = peek(scan);

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return;
	}
}

static int count_node(struct scan *scan)
{
	if (++scan->nodes > scan->limits->nodes_max)
		return err_set(scan->err, CL_ELIMIT, "JSON byte %zu: more than %u values and keys",
			       scan->at, scan->limits->nodes_max);
	return 0;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "uXXXX" at hand; *UNIT is the UTF-16 code unit. */
static bool take_unit(struct scan *scan, uint32_t *unit)
{
	if (peek(scan) != 'u' || scan->len - scan->at < 5)
		return false;
	for (size_t i = 1; i <= 4; i++) {
		if (!is_hex(scan->bytes[scan->at + i]))
			return false;
	}
	*unit = json_hex_value(scan->bytes + scan->at + 1);
	scan->at += 5;
	return true;
}

/* What follows a backslash. */
static int scan_escape(struct scan *scan)
{
	size_t from = scan->at - 1;
	uint32_t unit;
	char c = peek(scan);

	if (c != 'u') {
		if (c == '\0' || !strchr("\"\\/bfnrt", c))
			return refuse(scan, from, "no such escape");
		scan->at++;
		return 0;
	}
	if (!take_unit(scan, &unit))
		return refuse(scan, from, "\\u wants four hexadecimal digits");
	if (unit == 0)
		return refuse(scan, from, "\\u0000 is not accepted");
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		return refuse(scan, from, "half of a surrogate pair");
	if (unit < 0xD800 || unit > 0xDBFF)
		return 0;
	if (peek(scan) != '\\')
		return refuse(scan, from, "half of a surrogate pair");
	scan->at++;
	if (!take_unit(scan, &unit) || unit < 0xDC00 || unit > 0xDFFF)
		return refuse(scan, from, "half of a surrogate pair");
	return 0;
}

/* A string with its quotes. */
static int scan_string(struct scan *scan)
{
	size_t from = scan->at++;

	while (scan->at < scan->len) {
		unsigned char byte = (unsigned char)scan->bytes[scan->at];
		size_t size;
		int rc;

		if (byte < 0x20)
			return refuse(scan, scan->at, "a raw control character in a string");
		if (byte >= 0x80) {
			size = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
			if (scan->len - scan->at < size ||
			    !text_is_utf8(scan->bytes + scan->at, size))
				return refuse(scan, scan->at, "not UTF-8");
			scan->at += size;
			continue;
		}
		scan->at++;
		if (byte == '"')
			return 0;
		if (byte != '\\')
			continue;
		rc = scan_escape(scan);
		if (rc < 0)
			return rc;
	}
	return refuse(scan, from, "a string without its end");
}

/* Skip digits; returns how many. */
static size_t take_digits(struct scan *scan)
{
	size_t from = scan->at;

	while (peek(scan) >= '0' && peek(scan) <= '9')
		scan->at++;
	return scan->at - from;
}

/* Does DIGITS "." … "e" EXPONENT, checked number text of at most NUMBER_CAP bytes, stay below
 * infinity? The largest double is 1.797693134862315708…e308; what lies between it
 * and 1.797693134862315806e308 rounds down to it. */
static bool is_finite(const char *number, size_t len)
{
	uint64_t lead = 0; /* The first 19 significant digits. */
	int lead_len = 0;
	int power = -1; /* Decimal exponent of the first significant digit. */
	bool fraction = false;
	size_t i;
	int exponent = 0;

	for (i = number[0] == '-' ? 1 : 0; i < len && (number[i] | 0x20) != 'e'; i++) {
		if (number[i] == '.') {
			fraction = true;
			continue;
		}
		if (lead_len > 0 || number[i] != '0') {
			if (lead_len < 19) {
				lead = lead * 10 + (uint64_t)(number[i] - '0');
				lead_len++;
			}
			power += fraction ? 0 : 1;
		} else if (fraction) {
			power--;
		}
	}
	if (lead_len == 0)
		return true; /* Zero, whatever the exponent. */
	for (; lead_len < 19; lead_len++)
		lead *= 10;
	if (i < len) {
		bool minus = number[i + 1] == '-';

		for (i += minus || number[i + 1] == '+' ? 2 : 1; i < len; i++)
			exponent = exponent < 100000 ? exponent * 10 + (number[i] - '0') : exponent;
		power += minus ? -exponent : exponent;
	}
	return power < 308 || (power == 308 && lead <= UINT64_C(1797693134862315806));
}

/* Integers beyond ±(2^53 - 1) come out of a double as other integers (RFC 7493, section 2.2). */
static bool is_exact(const char *digits, size_t len)
{
	static const char most[] = "9007199254740991";

	if (len != sizeof(most) - 1)
		return len < sizeof(most) - 1;
	return memcmp(digits, most, len) <= 0;
}

static int scan_number(struct scan *scan)
{
	size_t from = scan->at;
	size_t integer_from;
	size_t integer_len;
	bool is_integer = true;

	if (peek(scan) == '-')
		scan->at++;
	integer_from = scan->at;
	integer_len = take_digits(scan);
	if (integer_len == 0)
		return refuse(scan, from, "a value was expected");
	if (integer_len > 1 && scan->bytes[integer_from] == '0')
		return refuse(scan, from, "a number with a leading zero");
	if (peek(scan) == '.') {
		is_integer = false;
		scan->at++;
		if (take_digits(scan) == 0)
			return refuse(scan, from, "a number without digits after its point");
	}
	if (peek(scan) == 'e' || peek(scan) == 'E') {
		is_integer = false;
		scan->at++;
		if (peek(scan) == '+' || peek(scan) == '-')
			scan->at++;
		if (take_digits(scan) == 0)
			return refuse(scan, from, "a number without digits in its exponent");
	}
	if (scan->at - from > NUMBER_CAP)
		return refuse(scan, from, "a number of more than 63 characters");
	if (is_integer && !is_exact(scan->bytes + integer_from, integer_len))
		return refuse(scan, from,
			      "an integer beyond 9007199254740991; send it as a string");
	if (!is_finite(scan->bytes + from, scan->at - from))
		return refuse(scan, from, "a number too large");
	return 0;
}

static int scan_word(struct scan *scan)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);

		if (scan->len - scan->at >= len &&
		    memcmp(scan->bytes + scan->at, words[i], len) == 0) {
			scan->at += len;
			return 0;
		}
	}
	return refuse(scan, scan->at, "a value was expected");
}

static int open_one(struct scan *scan, bool is_object)
{
	if (scan->depth >= scan->limits->depth_max)
		return err_set(scan->err, CL_ELIMIT, "JSON byte %zu: nested deeper than %u",
			       scan->at, scan->limits->depth_max);
	scan->open[scan->depth].is_object = is_object;
	scan->open[scan->depth].keys_from = scan->keys_len;
	scan->depth++;
	scan->at++;
	scan->wants = is_object ? WANTS_KEY_OR_END : WANTS_VALUE_OR_END;
	return 0;
}

static int close_one(struct scan *scan)
{
	const struct open_one *closing = &scan->open[--scan->depth];
	const struct json_member *twin;

	scan->at++;
	scan->wants = WANTS_COMMA_OR_END;
	/* An object without a key has no list to look at; NULL must not be added to. */
	if (!closing->is_object || scan->keys_len == closing->keys_from)
		return 0;
	twin = json_find_twin(scan->keys + closing->keys_from, scan->keys_len - closing->keys_from);
	scan->keys_len = closing->keys_from;
	if (twin)
		return refuse(scan, (size_t)(twin->name - scan->bytes) - 1,
			      "the same key twice in one object");
	return 0;
}

static int scan_value(struct scan *scan)
{
	char c = peek(scan);
	int rc = count_node(scan);

	if (rc < 0)
		return rc;
	if (c == '{' || c == '[')
		return open_one(scan, c == '{');
	scan->wants = WANTS_COMMA_OR_END;
	if (c == '"')
		return scan_string(scan);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(scan);
	return scan_word(scan);
}

static int scan_key(struct scan *scan)
{
	size_t from = scan->at;
	int rc = count_node(scan);

	if (rc < 0)
		return rc;
	if (peek(scan) != '"')
		return refuse(scan, from, "a key in quotes was expected");
	rc = scan_string(scan);
	if (rc < 0)
		return rc;
	if (scan->keys_len == scan->keys_cap) {
		scan->keys_cap = scan->keys_cap ? scan->keys_cap * 2 : 32;
		scan->keys = mem_grow(scan->keys, scan->keys_cap * sizeof(*scan->keys));
	}
	scan->keys[scan->keys_len++] = (struct json_member){.name = scan->bytes + from + 1,
							    .len = scan->at - from - 2,
							    .item = NULL};
	skip_blanks(scan);
	if (peek(scan) != ':')
		return refuse(scan, scan->at, "a colon was expected");
	scan->at++;
	scan->wants = WANTS_VALUE;
	return 0;
}

static int scan_next(struct scan *scan)
{
	bool in_object = scan->depth > 0 && scan->open[scan->depth - 1].is_object;
	char end = in_object ? '}' : ']';

	switch (scan->wants) {
	case WANTS_VALUE_OR_END:
		return peek(scan) == end ? close_one(scan) : scan_value(scan);
	case WANTS_VALUE:
		return scan_value(scan);
	case WANTS_KEY_OR_END:
		return peek(scan) == end ? close_one(scan) : scan_key(scan);
	case WANTS_KEY:
		return scan_key(scan);
	case WANTS_COMMA_OR_END:
		break;
	}
	if (peek(scan) == end)
		return close_one(scan);
	if (peek(scan) != ',')
		return refuse(scan, scan->at,
			      in_object ? "a comma or } was expected"
					: "a comma or ] was expected");
	scan->at++;
	scan->wants = in_object ? WANTS_KEY : WANTS_VALUE;
	return 0;
}

int json_scan(const char *bytes, size_t len, const struct json_limits *limits, struct err *err)
{
	struct scan scan = {
		.bytes = bytes, .len = len, .limits = limits, .wants = WANTS_VALUE, .err = err};
	int rc = 0;

	assert(limits->depth_max >= 1);
	assert(limits->depth_max <= DEPTH_CAP);
	if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		return refuse(&scan, 0, "a byte order mark");
	do {
		skip_blanks(&scan);
		rc = scan_next(&scan);
	} while (rc == 0 && (scan.depth > 0 || scan.wants != WANTS_COMMA_OR_END));
	mem_free(scan.keys);
	if (rc < 0)
		return rc;
	skip_blanks(&scan);
	if (scan.at < scan.len)
		return refuse(&scan, scan.at, "something after the value");
	return 0;
}
