/* fold.h — a name or an address as symbols that compare equal when people mean the same.
 *
 * A symbol is a code point after folding (half width, lower case, simplified, variants joined), or
 * a number: 三七五, 375, 三百七十五 and ３７５ are all SYMBOL_NUMBER + 375, and a 第 before a
 * number is dropped. White space, punctuation, markup, emoji and control characters are no symbols;
 * they leave a gap, and no name reaches across a gap. Zero-width characters leave nothing. Both the
 * gazetteer's names (gazetteer_build.c) and addresses (match.c) are folded here, with the same
 * table: that is what makes them comparable.
 */
#ifndef CLOSEDLOOP_PLACE_FOLD_H
#define CLOSEDLOOP_PLACE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/match.h"
#include "closedloop/text.h"

#define SYMBOL_NUMBER 0x200000u /* Beyond Unicode. */
#define SYMBOL_NUMBER_MAX                                                                          \
	99999u /* Longer digit runs are telephone numbers and the like: a gap.                     \
		*/
#define FOLD_MAX MATCH_ADDRESS_MAX

struct fold_table {
	uint16_t to[0x10000];	/* What each character of the basic plane is folded to, */
	uint8_t kinds[0x10000]; /* and what that is: most need only this smaller table. */
};

enum {
	FOLD_GAP = 1,	 /* Something was left out before this symbol; or it is the first. */
	FOLD_ARABIC = 2, /* A number written with the digits 0-9. */
	FOLD_TENS = 4, /* A number written with 十: 八十一 is not 八一, although both are 81. */
	FOLD_PAIR = 8, /* A number written as two digits: 八一. */
	FOLD_NUMERAL = 16, /* While folding: a number may begin here. */
};

struct folded {
	size_t len;
	size_t letters; /* Latin letters in the text, markup included; at most so many. */
	uint32_t symbols[FOLD_MAX + 1]; /* symbols[len] is 0, which no name contains. */
	uint8_t flags[FOLD_MAX + 1];	/* flags[len] is FOLD_GAP. */
};

/* Fill TABLE with width and case folding and the LEN pairs FROM[i] -> TO[i] of characters. */
void fold_table_init(struct fold_table *table, const uint32_t *from, const uint32_t *to,
		     size_t len);

/* Fold BYTES[0..LEN), of which at most MATCH_ADDRESS_MAX bytes are looked at; bad UTF-8 is a gap.
 */
void fold(const struct fold_table *table, const char *bytes, size_t len, struct folded *out);

/* Add the symbols START .. END - 1 of FOLDED to OUT as UTF-8, one space per gap. */
void fold_write(const struct folded *folded, size_t start, size_t end, struct text *out);

/* The mark of a character in a set of 64 bits. A set says of most symbols that they are not in it;
 * of the others somebody must look. */
#define SYMBOL_MARK(character) ((uint64_t)1 << (U##character & 63u))

static inline bool symbol_may_be(uint32_t symbol, uint64_t set)
{
	return (set >> (symbol & 63u) & 1u) != 0;
}

static inline bool symbol_is_number(uint32_t symbol)
{
	return symbol >= SYMBOL_NUMBER;
}

#endif
