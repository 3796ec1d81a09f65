/* latin_level.c — level words, roads and doors among the words of a text.
 *
 * Neighbours: latin_affix.c has the words, latin_text.c says where one begins; latin_mark.c,
 * latin_solid.c and latin_doubt.c ask what a name is followed by.
 */
#include "latin_level.h"

#include <string.h>

#include "latin_key.h"

/* Can a level word be letters AT .. END - 1? It is a part of a word, or made of whole words: she
 * qu, but not the xiang of xian ganzhou. */
static bool is_word_of(const struct latin_text *text, size_t at, size_t end)
{
	return text->token_at[at] == text->token_at[end - 1] ||
	       (latin_is_start(text, at) && latin_is_start(text, end));
}

size_t latin_level_word(const struct latin_text *text, enum latin_level_kind which, size_t at,
			uint8_t *kind)
{
	size_t len = latin_level_at(which, text->letters + at, LATIN_KEY_MAX, kind);

	while (len > 0 && !is_word_of(text, at, at + len))
		len = latin_level_at(which, text->letters + at, len - 1, kind);
	return len;
}

/* Directions and order before a road word: xi, nanzhong, er. */
static size_t direction_at(const char *at)
{
	static const char *const words[] = {"dong", "xi",  "nan", "bei", "zhong", "yi",
					    "er",   "san", "si",  "wu",	 "liu",	  "qi",
					    "ba",   "jiu", "shi", "zhi", "huan"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(at, words[i], strlen(words[i])) == 0)
			return strlen(words[i]);
	return 0;
}

bool latin_road_follows(const struct latin_text *text, size_t token)
{
	const struct latin_token *tokens = text->tokens;

	for (size_t i = 0; i < 4 && token < text->tokens_len; i++, token++) {
		if (i > 0 && tokens[token].hard)
			return false;
		if (tokens[token].word == LATIN_ROAD || tokens[token].word == LATIN_LANE)
			return true;
		if (tokens[token].word != LATIN_NAME && tokens[token].word != LATIN_WORD &&
		    tokens[token].word != LATIN_NUMBER)
			return false;
		size_t at = tokens[token].start, step = 1;
		uint8_t kind;
		for (size_t k = 0; k < 3 && step > 0; k++) {
			size_t road = latin_level_word(text, LATIN_OF_ROAD, at, &kind);
			if (road > 0 && latin_is_start(text, at + road))
				return true;
			step = direction_at(text->letters + at);
			at += step;
		}
		if (at != tokens[token].end)
			return false;
	}
	return false;
}

bool latin_is_door_word(const struct latin_text *text, size_t index)
{
	static const char *const words[] = {"nong",   "hao", "shi",	"lou", "dong",	 "ceng",
					    "zhuang", "zu",  "danyuan", "dui", "haolou", "shequ"};
	const struct latin_token *token = &text->tokens[index];
	size_t len = (size_t)(token->end - token->start);

	if (index == 0 || token->hard || text->tokens[index - 1].word != LATIN_NUMBER)
		return false;
	if (index > 1 && !token[-1].hard && token[-2].word != LATIN_NAME &&
	    token[-2].word != LATIN_ROAD)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == len &&
		    memcmp(words[i], text->letters + token->start, len) == 0)
			return true;
	return false;
}
