/* json.c — JSON from outside, scanned strictly before cJSON sees a byte of it.
 * Neighbours: text.c knows UTF-8, digest.c hashes; lib/wire reads events through here. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

#define DEPTH_CAP  64 /* The most json_limits.depth_max may say. */
#define NUMBER_CAP 63 /* cJSON cuts longer numbers. */
#define FEW_KEYS   8  /* Up to here comparing each with each is cheaper than sorting. */

/* --- members of one object, to find two of one name and to put them in order --- */

struct member {
	const char *name; /* As it stands in the text (then escaped), or decoded. */
	size_t len;
	const cJSON *item; /* json_hash only. */
};

typedef int member_compare(const struct member *left, const struct member *right);

static void sift_down(struct member *members, size_t root, size_t count, member_compare *compare)
{
	while (2 * root + 1 < count) {
		size_t child = 2 * root + 1;
		struct member swap = members[root];

		if (child + 1 < count && compare(&members[child], &members[child + 1]) < 0)
			child++;
		if (compare(&swap, &members[child]) >= 0)
			return;
		members[root] = members[child];
		members[child] = swap;
		root = child;
	}
}

/* Heap sort: no recursion, no memory, and no order of keys makes it slow. */
static void sort_members(struct member *members, size_t count, member_compare *compare)
{
	for (size_t root = count / 2; root > 0; root--)
		sift_down(members, root - 1, count, compare);
	for (size_t end = count; end > 1; end--) {
		struct member swap = members[0];

		members[0] = members[end - 1];
		members[end - 1] = swap;
		sift_down(members, 0, end - 1, compare);
	}
}

static uint32_t hex_value(const char *digits)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		char c = digits[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : c - 'A' + 10;

		value = value << 4 | (uint32_t)digit;
	}
	return value;
}

/* The next code point of a checked, still escaped string; moves *AT on. */
static uint32_t unescape(const char **at, const char *end)
{
	static const char plain[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	size_t used;
	uint32_t code_point = text_decode(*at, (size_t)(end - *at), &used);

	*at += used;
	if (code_point != '\\')
		return code_point;
	code_point = (unsigned char)*(*at)++;
	if (code_point != 'u')
		return (unsigned char)means[strchr(plain, (int)code_point) - plain];
	code_point = hex_value(*at);
	*at += 4;
	if (code_point >= 0xD800 && code_point <= 0xDBFF) {
		code_point =
			0x10000 + ((code_point - 0xD800) << 10) + (hex_value(*at + 2) - 0xDC00);
		*at += 6;
	}
	return code_point;
}

static int compare_escaped(const struct member *left, const struct member *right)
{
	const char *at = left->name;
	const char *other = right->name;
	const char *end = at + left->len;
	const char *other_end = other + right->len;

	while (at < end && other < other_end) {
		uint32_t one = unescape(&at, end);
		uint32_t two = unescape(&other, other_end);

		if (one != two)
			return one < two ? -1 : 1;
	}
	return (at < end ? 1 : 0) - (other < other_end ? 1 : 0);
}

static int compare_decoded(const struct member *left, const struct member *right)
{
	return strcmp(left->name, right->name);
}

/* The second of two members of one name among MEMBERS[0..COUNT), or NULL. May sort them. */
static const struct member *find_twin(struct member *members, size_t count)
{
	if (count <= FEW_KEYS) {
		for (size_t i = 1; i < count; i++) {
			for (size_t j = 0; j < i; j++) {
				if (compare_escaped(&members[i], &members[j]) == 0)
					return &members[i];
			}
		}
		return NULL;
	}
	sort_members(members, count, compare_escaped);
	for (size_t i = 1; i < count; i++) {
		if (compare_escaped(&members[i - 1], &members[i]) == 0)
			return members[i].name > members[i - 1].name ? &members[i]
								     : &members[i - 1];
	}
	return NULL;
}

/* --- the scanner --- */

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
	struct member *keys; /* A stack: the keys of all open objects. */
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
	*unit = hex_value(scan->bytes + scan->at + 1);
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
	const struct member *twin;

	scan->at++;
	scan->wants = WANTS_COMMA_OR_END;
	/* An object without a key has no list to look at; NULL must not be added to. */
	if (!closing->is_object || scan->keys_len == closing->keys_from)
		return 0;
	twin = find_twin(scan->keys + closing->keys_from, scan->keys_len - closing->keys_from);
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
	scan->keys[scan->keys_len++] = (struct member){.name = scan->bytes + from + 1,
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

int json_parse(cJSON **out, const char *bytes, size_t len, const struct json_limits *limits,
	       struct err *err)
{
	cJSON *tree;
	int rc = json_scan(bytes, len, limits, err);

	if (rc < 0)
		return rc;
	tree = cJSON_ParseWithLengthOpts(bytes, len, NULL, 0);
	if (!tree)
		return err_set(err, CL_EINVAL, "JSON: the parser refuses what the scan passed");
	*out = tree;
	return 0;
}

const cJSON *json_get(const cJSON *object, const char *name)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *json_string(const cJSON *object, const char *name)
{
	const cJSON *member = json_get(object, name);

	return cJSON_IsString(member) ? member->valuestring : NULL;
}

/* --- the hash --- */

/* A tag and a length before every piece, so that no two trees write the same bytes. */
static void hash_piece(struct digest_stream *stream, char tag, const char *bytes, size_t len)
{
	char head[32];
	int head_len = snprintf(head, sizeof(head), "%c%zu:", tag, len);

	digest_stream_add(stream, head, (size_t)head_len);
	digest_stream_add(stream, bytes, len);
}

static void hash_count(struct digest_stream *stream, char tag, size_t count)
{
	char head[32];
	int head_len = snprintf(head, sizeof(head), "%c%zu:", tag, count);

	digest_stream_add(stream, head, (size_t)head_len);
}

static void hash_number(struct digest_stream *stream, double number)
{
	char text[40];
	int len = snprintf(text, sizeof(text), "%.17g", number);

	hash_piece(stream, 'n', text, (size_t)len);
}

static size_t count_children(const cJSON *parent)
{
	size_t count = 0;

	for (const cJSON *child = parent->child; child; child = child->next)
		count++;
	return count;
}

static void hash_item(struct digest_stream *stream, const cJSON *item);

static void hash_object(struct digest_stream *stream, const cJSON *object)
{
	size_t count = count_children(object);
	struct member *members = mem_alloc(count * sizeof(*members));
	size_t i = 0;

	for (const cJSON *child = object->child; child; child = child->next)
		members[i++] = (struct member){.name = child->string, .item = child};
	sort_members(members, count, compare_decoded);
	hash_count(stream, 'o', count);
	for (i = 0; i < count; i++) {
		hash_piece(stream, 'k', members[i].name, strlen(members[i].name));
		hash_item(stream, members[i].item);
	}
	mem_free(members);
}

/* Recursion is bounded: trees come from json_parse (at most DEPTH_CAP deep) or were built by us. */
static void hash_item(struct digest_stream *stream, const cJSON *item)
{
	if (cJSON_IsObject(item)) {
		hash_object(stream, item);
	} else if (cJSON_IsArray(item)) {
		hash_count(stream, 'a', count_children(item));
		for (const cJSON *child = item->child; child; child = child->next)
			hash_item(stream, child);
	} else if (cJSON_IsString(item)) {
		hash_piece(stream, 's', item->valuestring, strlen(item->valuestring));
	} else if (cJSON_IsNumber(item)) {
		hash_number(stream, item->valuedouble);
	} else if (cJSON_IsBool(item)) {
		hash_count(stream, 'b', cJSON_IsTrue(item) ? 1 : 0);
	} else {
		hash_count(stream, 'z', 0); /* null */
	}
}

void json_hash(const cJSON *tree, uint8_t out[DIGEST_KEY_LEN])
{
	struct digest_stream stream;

	assert(tree);
	digest_stream_begin(&stream, DIGEST_KEY_LEN);
	hash_item(&stream, tree);
	digest_stream_end(&stream, out, DIGEST_KEY_LEN);
}
