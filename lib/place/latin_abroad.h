/* latin_abroad.h — the words that say an address is about another country (latin_abroad.c).
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_ABROAD_H
#define CLOSEDLOOP_PLACE_LATIN_ABROAD_H

#include "latin_word.h"

/* All of them, sorted by word; *LEN says how many. */
const struct latin_word *latin_abroad_words(size_t *len);

#endif
