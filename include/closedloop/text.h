/* text.h — UTF-8 text in a buffer that somebody else owns.
 *
 * A `struct text` is a builder over the caller's bytes: it never allocates, never overruns, is
 *always terminated by NUL, and cuts on a code point when it is full (then `cut` is true). Sizes are
 *bytes.
 *
 *	char room[64];
 *	struct text line = TEXT_OVER(room);
 *	text_addf(&line, "%s %d", name, count);
 */
#ifndef CLOSEDLOOP_TEXT_H
#define CLOSEDLOOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

struct text {
	char *data; /* Caller's bytes; data[len] is NUL. */
	size_t len; /* Bytes in use, without the NUL. */
	size_t cap; /* Bytes there are, with the NUL; at least 1. */
	bool cut;   /* Something did not fit; what comes later is dropped too. Stays true until
		       text_clear. */
};

#define TEXT_OVER(array)                                                                           \
	{                                                                                          \
		.data = (array), .len = 0, .cap = sizeof(array), .cut = false                      \
	}

/* Begin an empty text over DATA[0..CAP), CAP ≥ 1. Writes the NUL. */
void text_init(struct text *text, char *data, size_t cap);
void text_clear(struct text *text);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t len);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copy STRING into DATA[0..CAP), cut on a code point if need be. Returns false when it was cut. */
bool text_copy(char *data, size_t cap, const char *string);

/* True when BYTES[0..LEN) is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, ≤
 * U+10FFFF). */
bool text_is_utf8(const char *bytes, size_t len);
/* The largest length ≤ MAX at which BYTES[0..LEN) may be cut without splitting a code point. */
size_t text_cut_at(const char *bytes, size_t len, size_t max);
/* Decode one code point at BYTES[0..LEN), LEN ≥ 1, well-formed input; *USED gets its byte count. */
uint32_t text_decode(const char *bytes, size_t len, size_t *used);
/* Encode CODE_POINT into OUT; returns 1 to 4. */
size_t text_encode(uint32_t code_point, char out[4]);

/* True for what shows nothing of its own and yet does something to its neighbours: controls, line
 * breaks of any kind, marks of no width, those that turn the direction of reading. */
bool text_is_unseen(uint32_t code_point);

/* Number of code points in a well-formed string. */
size_t text_count(const char *string);
/* True when STRING consists of LEN ASCII digits, exactly. */
bool text_is_digits(const char *string, size_t len);
/* Compare, where NULL sorts before everything and equals NULL. */
int text_compare(const char *left, const char *right);
bool text_equal(const char *left, const char *right);
bool text_starts(const char *string, const char *prefix);
/* Edits (insert, delete, replace, swap of two neighbours) that turn one short word into the other,
 * counted in bytes; SIZE_MAX for words longer than 64 bytes. */
size_t text_edits(const char *left, const char *right);

#endif
