/* phrase.h — words for people, per language, from config/phrases/LANG.yaml.
 *
 * A phrase is a template: "{unit}:{count}名入境人员预计{eta}到达". Keys are the same in every
 * language; conf checks that no language lacks one and that placeholders agree. A word that is
 * missing falls back to Chinese, then to the key itself: a notice is never lost for want of a word.
 */
#ifndef CLOSEDLOOP_PHRASE_H
#define CLOSEDLOOP_PHRASE_H

#include <stddef.h>

#include "closedloop/text.h"

struct phrase {
	const char *key;
	const char *words;
};

struct phrasebook {
	const char *language; /* BCP 47: "zh-CN", "en". */
	size_t len;
	const struct phrase *phrases; /* Sorted by key (strcmp). */
};

/* One value for a placeholder. */
struct phrase_arg {
	const char *name;
	const char *value;
};

/* The template for KEY, or NULL. */
const char *phrase_find(const struct phrasebook *book, const char *key);

/* Append phrase KEY of BOOK to OUT with each {name} replaced from ARGS; an unknown placeholder
 * stays as written. Values are inserted as they are: escaping belongs to the channel. */
void phrase_fill(const struct phrasebook *book, const char *key, const struct phrase_arg *args,
		 size_t args_len, struct text *out);

#endif
