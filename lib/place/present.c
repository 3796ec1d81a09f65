/* present.c — words that say: this is where I live, that is where I am registered.
 *
 * Neighbours: match.c reads only the part that is left. No word, no choice: two homes without one
 * stay a question.
 */
#include "present.h"

#include <assert.h>
#include <string.h>
#include <uchar.h>

#include "closedloop/text.h"

/* Longer words stand before the shorter ones they begin with. */
static const char32_t *const present_words[] = {
	U"现居住地址", U"现居住地", U"现住地址", U"现住址", U"现住在", U"现居住", U"现居地",
	U"现住",       U"现居",	    U"居住地址", U"居住地", U"居住在", U"常住地", U"目前住",
	U"现在住",     U"实际住",   U"暂住地",	 U"暂住",   U"搬到",   U"搬至",	  U"迁至",
};

static const char32_t *const other_words[] = {
	U"户籍", U"户口", U"籍贯", U"原籍",   U"老家", U"身份证",
	U"原住", U"曾住", U"单位", U"工作地", U"祖籍", U"出生地",
};

/* Length of the first of WORDS that AT begins with; 0 when it begins with none. */
static size_t word_at(const uint32_t *at, const char32_t *const *words, size_t words_len)
{
	for (size_t i = 0; i < words_len; i++) {
		size_t len = 0;
		while (words[i][len] && at[len] == words[i][len])
			len++;
		if (!words[i][len])
			return len;
	}
	return 0;
}

/* What present_words begin with. */
static const uint64_t present_firsts = SYMBOL_MARK('现') | SYMBOL_MARK('居') | SYMBOL_MARK('常') |
				       SYMBOL_MARK('目') | SYMBOL_MARK('实') | SYMBOL_MARK('暂') |
				       SYMBOL_MARK('搬') | SYMBOL_MARK('迁');

bool present_find(const struct folded *text, const struct mentions *mentions, size_t *start,
		  size_t *end)
{
	bool found = false;

	for (size_t at = 0; at < text->len && !found; at++) {
		if (!symbol_may_be(text->symbols[at], present_firsts))
			continue;
		size_t len = word_at(text->symbols + at, present_words, ARRAY_LEN(present_words));
		*start = at + len;
		found = len > 0;
	}
	if (!found)
		return false;
	for (*end = *start; *end < text->len; ++*end)
		if (word_at(text->symbols + *end, other_words, ARRAY_LEN(other_words)) > 0)
			break;
	for (size_t i = 0; i < mentions->admin_len; i++)
		if (mentions->admin[i].solid &&
		    (mentions->admin[i].end <= *start || mentions->admin[i].start >= *end))
			return true;
	return false;
}

void present_cut(struct folded *text, size_t start, size_t end)
{
	assert(start <= end);
	assert(end <= text->len);
	memmove(text->symbols, text->symbols + start, (end - start) * sizeof(*text->symbols));
	memmove(text->flags, text->flags + start, end - start);
	text->len = end - start;
	text->symbols[text->len] = 0;
	text->flags[text->len] = FOLD_GAP;
	if (text->len > 0)
		text->flags[0] |= FOLD_GAP;
}
