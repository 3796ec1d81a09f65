/* text.c — UTF-8 text in bytes that somebody else owns; it never allocates and never overruns.
 * Neighbours: err.c, log.c and json.c build and check their text here. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

#define REPLACEMENT 0xFFFDu

static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xC0u) == 0x80u;
}

/* Bytes the code point beginning with LEAD wants; 1 for what cannot begin one. */
static size_t wanted(char lead)
{
	unsigned char byte = (unsigned char)lead;

	if (byte >= 0xF0)
		return byte <= 0xF4 ? 4 : 1;
	if (byte >= 0xE0)
		return 3;
	return byte >= 0xC2 ? 2 : 1;
}

/* LEN without the code point that snprintf cut in the middle, if it did. */
static size_t without_torn_end(const char *bytes, size_t len)
{
	size_t back = 1;

	while (back < 4 && back < len && is_continuation(bytes[len - back]))
		back++;
	if (back <= len && wanted(bytes[len - back]) > back)
		return len - back;
	return len;
}

void text_init(struct text *text, char *data, size_t cap)
{
	assert(data);
	assert(cap >= 1);
	text->data = data;
	text->cap = cap;
	text_clear(text);
}

void text_clear(struct text *text)
{
	assert(text->cap >= 1);
	text->len = 0;
	text->cut = false;
	text->data[0] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_bytes(struct text *text, const char *bytes, size_t len)
{
	size_t room = text->cap - 1 - text->len;

	assert(text->len < text->cap);
	if (text->cut || len == 0)
		return; /* What follows a cut would read as if nothing were missing. */
	if (len > room) {
		text->cut = true;
		len = text_cut_at(bytes, len, room);
	}
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void text_addf(struct text *text, const char *format, ...)
{
	size_t room = text->cap - text->len; /* With the NUL. */
	va_list args;
	int wrote;

	assert(text->len < text->cap);
	if (text->cut)
		return;
	va_start(args, format);
	wrote = vsnprintf(text->data + text->len, room, format, args);
	va_end(args);
	if (wrote < 0) {
		text->data[text->len] = '\0';
		text->cut = true;
		return;
	}
	if ((size_t)wrote >= room) {
		text->cut = true;
		text->len += without_torn_end(text->data + text->len, room - 1);
		text->data[text->len] = '\0';
		return;
	}
	text->len += (size_t)wrote;
}

bool text_copy(char *data, size_t cap, const char *string)
{
	size_t len = strlen(string);
	size_t keep;

	assert(cap >= 1);
	keep = text_cut_at(string, len, cap - 1);
	memmove(data, string, keep);
	data[keep] = '\0';
	return keep == len;
}

/* Bytes of the well-formed code point at BYTES[0..LEN), or 0. The table is RFC 3629, section 4. */
static size_t whole_at(const unsigned char *bytes, size_t len)
{
	unsigned char lead = bytes[0];
	unsigned char low = 0x80;
	unsigned char high = 0xBF;
	size_t want;

	if (lead < 0x80)
		return 1;
	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	want = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (len < want)
		return 0;
	if (lead == 0xE0)
		low = 0xA0; /* Shorter forms exist. */
	else if (lead == 0xED)
		high = 0x9F; /* Surrogates. */
	else if (lead == 0xF0)
		low = 0x90;
	else if (lead == 0xF4)
		high = 0x8F; /* Beyond U+10FFFF. */
	if (bytes[1] < low || bytes[1] > high)
		return 0;
	for (size_t i = 2; i < want; i++) {
		if (bytes[i] < 0x80 || bytes[i] > 0xBF)
			return 0;
	}
	return want;
}

bool text_is_utf8(const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t used = whole_at((const unsigned char *)bytes + at, len - at);

		if (used == 0)
			return false;
		at += used;
	}
	return true;
}

size_t text_cut_at(const char *bytes, size_t len, size_t max)
{
	size_t cut = max;

	if (len <= max)
		return len;
	while (cut > 0 && max - cut < 4 && is_continuation(bytes[cut]))
		cut--;
	return max - cut < 4 ? cut
			     : max; /* Four in a row are no code point: not UTF-8, cut anywhere. */
}

uint32_t text_decode(const char *bytes, size_t len, size_t *used)
{
	const unsigned char *byte = (const unsigned char *)bytes;
	uint32_t code_point;

	assert(len >= 1);
	*used = whole_at(byte, len);
	if (*used == 0) {
		*used = 1;
		return REPLACEMENT;
	}
	if (*used == 1)
		return byte[0];
	code_point = byte[0] & (0xFFu >> (*used + 1));
	for (size_t i = 1; i < *used; i++)
		code_point = (code_point << 6) | (byte[i] & 0x3Fu);
	return code_point;
}

size_t text_encode(uint32_t code_point, char out[4])
{
	assert(code_point <= 0x10FFFF);
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		out[0] = (char)(0xC0 | (code_point >> 6));
		out[1] = (char)(0x80 | (code_point & 0x3F));
		return 2;
	}
	if (code_point < 0x10000) {
		out[0] = (char)(0xE0 | (code_point >> 12));
		out[1] = (char)(0x80 | ((code_point >> 6) & 0x3F));
		out[2] = (char)(0x80 | (code_point & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | (code_point >> 18));
	out[1] = (char)(0x80 | ((code_point >> 12) & 0x3F));
	out[2] = (char)(0x80 | ((code_point >> 6) & 0x3F));
	out[3] = (char)(0x80 | (code_point & 0x3F));
	return 4;
}

static const struct {
	uint32_t from, to;
} unseen[] = {
	{0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x061C, 0x061C},	  {0x115F, 0x1160},
	{0x180B, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},	  {0x3164, 0x3164},
	{0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
};

bool text_is_unseen(uint32_t code_point)
{
	for (size_t i = 0; i < ARRAY_LEN(unseen); i++) {
		if (code_point <= unseen[i].to)
			return code_point >= unseen[i].from;
	}
	return false;
}

size_t text_count(const char *string)
{
	size_t count = 0;

	for (; *string; string++) {
		if (!is_continuation(*string))
			count++;
	}
	return count;
}

bool text_is_digits(const char *string, size_t len)
{
	size_t i;

	if (!string)
		return false;
	for (i = 0; i < len; i++) {
		if (string[i] < '0' || string[i] > '9')
			return false; /* The NUL of a shorter string too. */
	}
	return string[i] == '\0';
}

int text_compare(const char *left, const char *right)
{
	if (!left || !right)
		return (left ? 1 : 0) - (right ? 1 : 0);
	return strcmp(left, right);
}

bool text_equal(const char *left, const char *right)
{
	return text_compare(left, right) == 0;
}

bool text_starts(const char *string, const char *prefix)
{
	return string && strncmp(string, prefix, strlen(prefix)) == 0;
}

#define EDITS_MAX 64

static size_t least_of(size_t left, size_t right)
{
	return left < right ? left : right;
}

size_t text_edits(const char *left, const char *right)
{
	size_t rows[3][EDITS_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	size_t left_len = strlen(left), right_len = strlen(right);

	if (left_len > EDITS_MAX || right_len > EDITS_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= right_len; j++)
		above[j] = j;
	for (size_t i = 1; i <= left_len; i++) {
		size_t *spare;

		row[0] = i;
		for (size_t j = 1; j <= right_len; j++) {
			size_t cost = left[i - 1] == right[j - 1] ? 0 : 1;

			row[j] = least_of(least_of(row[j - 1], above[j]) + 1, above[j - 1] + cost);
			if (i > 1 && j > 1 && left[i - 1] == right[j - 2] &&
			    left[i - 2] == right[j - 1])
				row[j] = least_of(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[right_len];
}
