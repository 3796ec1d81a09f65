/* latin_word.h — what the words of an address in Latin letters do, and what they are in pinyin.
 *
 * "Fuling District" and "Fulingqu" are one thing: every English word that can be part of a name or
 * of its level word is replaced by its pinyin (district: qu, East: dong), and from there on only
 * letters are compared. The class of the word stays beside it.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_WORD_H
#define CLOSEDLOOP_PLACE_LATIN_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum latin_class {
	LATIN_NAME,	/* No English word we know: pinyin, or somebody's name. */
	LATIN_NUMBER,	/* Digits, or first, second … */
	LATIN_WORD,	/* English, in names: East, New, Garden. */
	LATIN_LEVEL,	/* Level and kind words: District, Town, Village, Committee. */
	LATIN_PEOPLE,	/* Of an autonomous place: Zhuang, Tibetan; syllables of names too. */
	LATIN_ROAD,	/* Road, Street, Avenue. */
	LATIN_LANE,	/* Lane, Alley: 弄 */
	LATIN_NO,	/* No. */
	LATIN_BUILDING, /* Building, Block, Tower. */
	LATIN_INSIDE,	/* Unit, Floor, Room: inside of a building. */
	LATIN_COUNTRY,	/* China, PRC. */
	LATIN_ABROAD,	/* Another country, or Hong Kong, Macau, Taiwan. */
	LATIN_NEAR,	/* Near, opposite: the place named is not the one meant. */
	LATIN_SERVICE,	/* Hospital, School: named after a place, not the place itself. */
	LATIN_PERSON,	/* Mr., Attn.: whom to ask for, and the name behind it. */
	LATIN_FILLER,	/* The, of, address. */
};

#define LATIN_WORD_CAP 16 /* Of an English word. */

struct latin_word {
	char word[LATIN_WORD_CAP]; /* Lower case. */
	const char *pinyin; /* What it is in a name; "" when it is never part of one, or is one by
			       itself (peoples). */
	uint8_t class;	    /* enum latin_class */
	uint16_t number;    /* LATIN_NUMBER: first, second … */
};

/* The word that is spelled LETTERS, or NULL. */
const struct latin_word *latin_word_find(const char *letters);

#endif
