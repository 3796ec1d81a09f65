/* phrase.c — finds a template in a phrase book and fills its placeholders.
 * Neighbours: conf builds and checks the books; engine/words.c and wire/page.c ask for words. */
#include "closedloop/phrase.h"

#include <assert.h>
#include <string.h>

const char *phrase_find(const struct phrasebook *book, const char *key)
{
	size_t low = 0, high;

	assert(book);
	assert(key);

	high = book->len;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(key, book->phrases[middle].key);

		if (order == 0)
			return book->phrases[middle].words;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static const struct phrase_arg *find_arg(const struct phrase_arg *args, size_t args_len,
					 const char *name, size_t name_len)
{
	for (size_t i = 0; i < args_len; i++) {
		if (strlen(args[i].name) == name_len && memcmp(args[i].name, name, name_len) == 0)
			return &args[i];
	}
	return NULL;
}

void phrase_fill(const struct phrasebook *book, const char *key, const struct phrase_arg *args,
		 size_t args_len, struct text *out)
{
	const char *at;

	assert(args || args_len == 0);
	assert(out);

	at = phrase_find(book, key);
	if (!at) {
		/* Somebody must still be told: the key says at least what it is about. */
		text_add(out, key);
		return;
	}
	while (*at) {
		size_t plain = strcspn(at, "{");
		const char *end;
		const struct phrase_arg *arg;

		text_add_bytes(out, at, plain);
		at += plain;
		if (*at == '\0')
			break;
		end = strchr(at, '}');
		arg = end ? find_arg(args, args_len, at + 1, (size_t)(end - at - 1)) : NULL;
		if (arg && arg->value) {
			text_add(out, arg->value);
			at = end + 1;
		} else {
			/* As written: a reader can tell what is missing, and the rest still
			 * arrives. */
			text_add_bytes(out, at, 1);
			at++;
		}
	}
}
