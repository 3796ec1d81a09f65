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
	U"户籍", U"户口", U"籍贯",   U"原籍", U"老家",	 U"身份证", U"原住",
	U"曾住", U"单位", U"工作地", U"祖籍", U"出生地", U"搬离",   U"已搬",
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

/* What present_words begin with, and go on with. */
static const uint64_t present_firsts = SYMBOL_MARK('现') | SYMBOL_MARK('居') | SYMBOL_MARK('常') |
				       SYMBOL_MARK('目') | SYMBOL_MARK('实') | SYMBOL_MARK('暂') |
				       SYMBOL_MARK('搬') | SYMBOL_MARK('迁') | SYMBOL_MARK('住');
static const uint64_t present_seconds = SYMBOL_MARK('居') | SYMBOL_MARK('住') | SYMBOL_MARK('在') |
					SYMBOL_MARK('前') | SYMBOL_MARK('际') | SYMBOL_MARK('到') |
					SYMBOL_MARK('至');

/* Is a solid upper name of MENTIONS in START .. END - 1, or (OUTSIDE) beside it? */
static bool has_solid(const struct mentions *mentions, size_t start, size_t end, bool outside)
{
	for (size_t i = 0; i < mentions->admin_len; i++) {
		const struct mention *mention = &mentions->admin[i];
		bool beside = mention->end <= start || mention->start >= end;
		if (mention->solid && beside == outside)
			return true;
	}
	return false;
}

/* Where the home that begins at START ends: before the words for another one. */
static size_t end_of_home(const struct folded *text, size_t start)
{
	while (start < text->len &&
	       word_at(text->symbols + start, other_words, ARRAY_LEN(other_words)) == 0)
		start++;
	return start;
}

/* 户籍某地，住某地: 住 alone says where only at the beginning of words, and when a place follows or
 * the other home is called so. */
static bool lives_at(const struct folded *text, const struct mentions *mentions, size_t at)
{
	static const char32_t others[] = U"院宿店宾酒房户";

	if (text->symbols[at] != U'住' || at == 0 || !(text->flags[at] & FOLD_GAP))
		return false;
	for (size_t i = 0; others[i]; i++)
		if (text->symbols[at + 1] == others[i])
			return false;
	return end_of_home(text, 0) < at ||
	       has_solid(mentions, at + 1, end_of_home(text, at + 1), false);
}

bool present_find(const struct folded *text, const struct mentions *mentions, size_t *start,
		  size_t *end)
{
	bool found = false;

	for (size_t at = 0; at < text->len && !found; at++) {
		size_t len = 0;
		if (!symbol_may_be(text->symbols[at], present_firsts))
			continue;
		if (symbol_may_be(text->symbols[at + 1], present_seconds))
			len = word_at(text->symbols + at, present_words, ARRAY_LEN(present_words));
		if (len == 0 && lives_at(text, mentions, at))
			len = 1;
		*start = at + len;
		found = len > 0;
	}
	if (!found)
		return false;
	*end = end_of_home(text, *start);
	return has_solid(mentions, *start, *end, true);
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
