/* latin_doubt.c — what in a text casts doubt on a place or committee found in it.
 *
 * Neighbours: latin_judge.c has explained what it could; latin_way.c and latin.c ask whether
 * something else is written that may change the answer.
 */
#include "latin_doubt.h"

#include <string.h>

#include "closedloop/text.h"

#include "latin_level.h"

/* Does the text say that it is about another country, or a place the gazetteer does not have? A
 * hotel may be called London, so the word has to stand alone. */
bool latin_is_abroad(const struct latin_text *text)
{
	for (size_t i = 0; i < text->tokens_len; i++) {
		const struct latin_token *token = &text->tokens[i];
		size_t next = i + 1;
		bool hong_kong = text->letters_len >= token->start + 8u &&
				 memcmp(text->letters + token->start, "hongkong", 8) == 0;
		if (token->word != LATIN_ABROAD && !hong_kong)
			continue;
		if (hong_kong && token->end == token->start + 4 && next < text->tokens_len)
			next++;
		enum latin_class after = (enum latin_class)text->tokens[next].word;
		if ((token->hard || hong_kong || i + 1 == text->tokens_len) &&
		    (text->tokens[next].hard || after == LATIN_NUMBER || after == LATIN_ABROAD ||
		     after == LATIN_COUNTRY))
			return true;
	}
	return false;
}

/* Where the letters from AT on that MENTION reads end; AT when it reads none of them. */
static size_t read_on(const struct latin_mention *mention, size_t at)
{
	return mention->start <= at && mention->end > at ? mention->end : at;
}

/* Do what is explained and COMMITTEE account for letters START .. END - 1? */
static bool is_accounted(const struct latin_judge *judge, const struct latin_mention *committee,
			 size_t start, size_t end)
{
	for (size_t at = start, before = SIZE_MAX; at < end && at != before;) {
		before = at;
		at = read_on(committee, at);
		for (size_t i = 0; i < judge->mentions->places_len; i++)
			if (latin_is_explained(judge, i))
				at = read_on(&judge->mentions->places[i], at);
		if (at >= end)
			return true;
	}
	return false;
}

/* Does a pinyin word end as a place does, and none as a road does? */
static bool is_place_like(const struct latin_text *text, const struct latin_token *token)
{
	static const char *const words[] = {"zhen",  "xiang",	 "jiedao", "qu", "xian",
					    "shequ", "juweihui", "cun",	   "qi"};
	size_t len = (size_t)(token->end - token->start);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t size = strlen(words[i]);
		if (len >= size + 2 &&
		    memcmp(text->letters + token->end - size, words[i], size) == 0)
			return true;
	}
	return false;
}

/* A place is written that nothing accounts for: the committee may belong to it. */
bool latin_has_stray(const struct latin_judge *judge, const struct latin_mention *committee)
{
	const struct latin_text *text = judge->mentions->text;

	for (size_t i = 0; i < text->tokens_len; i++) {
		const struct latin_token *token = &text->tokens[i];
		bool place = token->word == LATIN_LEVEL ||
			     (token->word == LATIN_NAME && is_place_like(text, token));
		if (!place || is_accounted(judge, committee, token->start, token->end))
			continue;
		/* Pudongxinqu District says it twice. */
		if (token->word == LATIN_LEVEL && !token->hard && i > 0 &&
		    text->tokens[i - 1].end > text->tokens[i - 1].start &&
		    is_accounted(judge, committee, text->tokens[i - 1].end - 1u,
				 text->tokens[i - 1].end))
			continue;
		if (latin_road_follows(text, i) || latin_road_follows(text, i + 1))
			continue;
		return true;
	}
	return false;
}

/* A province or city in short that nothing accounts for. */
bool latin_has_stray_city(const struct latin_judge *judge, const struct latin_mention *committee)
{
	for (size_t i = 0; i < judge->mentions->places_len; i++) {
		const struct latin_mention *place = &judge->mentions->places[i];
		if (place->level <= LEVEL_CITY && place->form == LATIN_FORM_SHORT && !place->weak &&
		    !is_accounted(judge, committee, place->start, place->end))
			return true;
	}
	return false;
}

/* Does the text say that the place is only near what it names? */
bool latin_is_near(const struct latin_text *text)
{
	for (size_t i = 0; i < text->tokens_len; i++)
		if (text->tokens[i].word == LATIN_NEAR)
			return true;
	return false;
}

/* Is the place named after the committee, or near it? Or does the name seem to go on? */
bool latin_is_blurred(const struct latin_judge *judge, const struct latin_mention *committee)
{
	const struct latin_text *text = judge->mentions->text;
	size_t next = latin_next(text, committee->end);

	if (committee->inner || latin_is_near(text))
		return true;
	if (next >= text->tokens_len || text->tokens[next].hard)
		return false;
	switch ((enum latin_class)text->tokens[next].word) {
	case LATIN_SERVICE:
	case LATIN_NEAR:
		return true;
	case LATIN_NAME:
	case LATIN_WORD:
	case LATIN_PEOPLE:
		return !latin_road_follows(text, next) &&
		       !is_accounted(judge, committee, text->tokens[next].start,
				     text->tokens[next].start + 1u);
	case LATIN_ROAD:
		return true;
	case LATIN_NUMBER:
	case LATIN_LEVEL:
	case LATIN_LANE:
	case LATIN_NO:
	case LATIN_BUILDING:
	case LATIN_INSIDE:
	case LATIN_COUNTRY:
	case LATIN_ABROAD:
	case LATIN_PERSON:
	case LATIN_FILLER:
		break;
	}
	return false;
}
