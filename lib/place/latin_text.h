/* latin_text.h — an address in Latin letters as one row of letters, with the words it came in.
 *
 * The letters of all words stand in a row without gaps, lower case, without accents and tone marks,
 * English words replaced by pinyin and numbers spelled (latin_word.h, latin_key.h): what is written
 * together or apart compares equal. Where a word begins, and whether it is cut off from the one
 * before by a comma, a bracket, a line's end or a Chinese character (hard), is kept beside it.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_TEXT_H
#define CLOSEDLOOP_PLACE_LATIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "latin_word.h"

#define LATIN_LETTERS_MAX 1536
#define LATIN_TOKENS_MAX  240

struct latin_token {
	uint16_t start, end;  /* Its letters; none for words that are never part of a name. */
	uint16_t from, until; /* Its bytes in the source. */
	uint32_t number;      /* LATIN_NUMBER: its value. */
	uint8_t word;	      /* enum latin_class */
	bool hard;	      /* Cut off from the word before; the first is. */
	bool glued;	      /* Nothing at all stands between it and the word before. */
};

struct latin_text {
	const char *source;			  /* Borrowed. */
	size_t letters_len, tokens_len, spelled;  /* SPELLED: letters that the source itself has. */
	bool han;				  /* There are Chinese characters in the source. */
	bool cut;				  /* The source is longer than what fits here. */
	char letters[LATIN_LETTERS_MAX + 1];	  /* Ends in NUL. */
	uint16_t token_at[LATIN_LETTERS_MAX + 1]; /* The word of each letter; of the end: the one
						     after the last, which is hard. */
	struct latin_token tokens[LATIN_TOKENS_MAX + 1];
};

/* Read SOURCE[0..LEN), which need not be UTF-8. */
void latin_text_read(struct latin_text *text, const char *source, size_t len);

/* Does a word begin at letter AT? The end counts as one. */
static inline bool latin_is_start(const struct latin_text *text, size_t at)
{
	return at >= text->letters_len || at == 0 || text->token_at[at] != text->token_at[at - 1];
}

/* The word of letter AT; of the end: the one after the last. */
static inline const struct latin_token *latin_token_at(const struct latin_text *text, size_t at)
{
	return &text->tokens[text->token_at[at]];
}

/* The first word after letter AT - 1, which ends one; it may have no letters (No., Room). */
static inline size_t latin_next(const struct latin_text *text, size_t at)
{
	return at == 0 ? 0 : text->token_at[at - 1] + 1u;
}

/* Does a word begin at letter AT that is cut off from the letters before? */
static inline bool latin_is_hard(const struct latin_text *text, size_t at)
{
	if (!latin_is_start(text, at))
		return false;
	for (size_t token = latin_next(text, at); token <= text->token_at[at]; token++)
		if (text->tokens[token].hard)
			return true;
	return false;
}

/* Does no name reach across letter AT: there is a comma or the like, or a word without letters that
 * is not just No. or the? Liping Hotel Village is not Liping Village. */
static inline bool latin_is_break(const struct latin_text *text, size_t at)
{
	if (!latin_is_start(text, at))
		return false;
	for (size_t token = latin_next(text, at); token <= text->token_at[at]; token++)
		if (text->tokens[token].hard ||
		    (token < text->token_at[at] && text->tokens[token].word != LATIN_NO &&
		     text->tokens[token].word != LATIN_FILLER))
			return true;
	return false;
}

#endif
