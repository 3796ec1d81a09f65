/* latin_solid.c — what the words around a mention make it worth.
 *
 * Neighbours: latin_mention.c asks before it looks a name up (weak) and when all are found (solid);
 * latin_judge.c weighs by both.
 */
#include "latin_solid.h"

#include "affix.h"
#include "latin_level.h"

/* Can the word before letter AT belong to a name that begins there? */
bool latin_is_weak(const struct latin_mentions *mentions, size_t at)
{
	const struct latin_text *text = mentions->text;
	size_t token = text->token_at[at];

	if (text->tokens[token].hard || mentions->reach[at])
		return false;
	/* Nei No. 6 is one name. */
	if (text->tokens[token].word == LATIN_NUMBER && text->tokens[token - 1].word == LATIN_NO &&
	    !text->tokens[token - 1].hard)
		token--;
	switch ((enum latin_class)text->tokens[token - 1].word) {
	case LATIN_NAME:
		return !latin_is_door_word(text, token - 1);
	case LATIN_WORD:
	case LATIN_PEOPLE:
	case LATIN_SERVICE:
		return true;
	case LATIN_NEAR:
	case LATIN_NUMBER:
	case LATIN_LEVEL:
	case LATIN_ROAD:
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

/* Is MENTION alone in its part of the address? */
static bool is_alone(const struct latin_text *text, const struct latin_mention *mention)
{
	return latin_token_at(text, mention->start)->hard &&
	       text->tokens[latin_next(text, mention->end)].hard;
}

/* Does a mention with a level or kind word begin at letter END? */
static bool goes_on(const struct latin_mentions *mentions, size_t end)
{
	for (size_t i = 0; i < mentions->places_len; i++)
		if (mentions->places[i].start == end)
			return true;
	for (size_t i = 0; i < mentions->committees_len; i++)
		if (mentions->committees[i].start == end &&
		    mentions->committees[i].kind != KIND_BARE)
			return true;
	return false;
}

/* Does a place with its own level word begin at letter END? Nandajie is no road in Nandajie Jiedao,
 * nor Zhongxiang a lane in Zhongxiang Shi. */
static bool place_follows(const struct latin_mentions *mentions, size_t end)
{
	for (size_t i = 0; i < mentions->places_len; i++)
		if (mentions->places[i].start == end && mentions->places[i].form >= LATIN_FORM_NEAR)
			return true;
	return false;
}

/* 郏县 in Jiaxian Village: the letters are those of a committee, too. */
static bool is_in_committee(const struct latin_mentions *mentions,
			    const struct latin_mention *place)
{
	for (size_t i = 0; i < mentions->committees_len; i++) {
		const struct latin_mention *committee = &mentions->committees[i];
		if (committee->kind != KIND_BARE && committee->start <= place->start &&
		    committee->end >= place->end)
			return true;
	}
	return false;
}

/* A place with its level word contradicts places elsewhere, and so does one that stands alone; but
 * not one that may be a part of something else: of a word, a committee's name, a road's (Sixiang
 * Road). */
bool latin_is_solid(const struct latin_mentions *mentions, const struct latin_mention *place)
{
	const struct latin_text *text = mentions->text;

	if (is_in_committee(mentions, place))
		return false;
	if (place->form == LATIN_FORM_SHORT)
		return is_alone(text, place);
	if (place->weak)
		return false;
	if (place->inner)
		return goes_on(mentions, place->end);
	return latin_is_hard(text, place->end) || place_follows(mentions, place->end) ||
	       !latin_road_follows(text, latin_next(text, place->end));
}
