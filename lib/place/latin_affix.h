/* latin_affix.h — the level words in pinyin: jiedao, cunweihui, qu, lu (latin_affix.c).
 *
 * Where a word begins and ends does not matter here: latin_level.h finds them in a text.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_AFFIX_H
#define CLOSEDLOOP_PLACE_LATIN_AFFIX_H

#include <stddef.h>
#include <stdint.h>

enum latin_level_kind {
	LATIN_OF_STREET,    /* jiedao, zhen; kinds of affix.h. */
	LATIN_OF_COMMITTEE, /* shequ, cunweihui; kinds of affix.h. */
	LATIN_OF_ADMIN,	    /* sheng, qu: of provinces, cities and counties. */
	LATIN_OF_ROAD,	    /* lu, dajie, nong. */
};

/* Length of the longest of those level words, at most MAX letters, that the letters at AT begin
 * with; *KIND says which kind. 0 when there is none. */
size_t latin_level_at(enum latin_level_kind which, const char *at, size_t max, uint8_t *kind);

#endif
