/* latin_road.c — read the road, the lane and the house out of the words of an address.
 *
 * "No. 5, Lane 80, Ronghua East Road" and "Ronghua Donglu 80 Nong 5 Hao" are the same door; people
 * say West Ronghua Road, too, so directions in front move behind the name, where Chinese has them.
 * Neighbours: latin_text.c has the words, latin_judge.c knows which of them are places; latin.c
 * hands the door on.
 */
#include "latin_road.h"

#include <string.h>

#include "closedloop/text.h"

#include "latin_word.h"

#define NUMBERLESS UINT32_MAX

/* A road: the words FIRST .. LAST of its name and its road word. */
struct road {
	size_t first, last;
	size_t name_end; /* Letters of the name end here; the road word follows. */
	bool english;	 /* The road word is. */
};

static const struct latin_token *token_of(const struct latin_judge *judge, size_t index)
{
	return &judge->mentions->text->tokens[index];
}

/* Is word INDEX, which need not exist, of class WORD and in the same part as the one before? */
static bool follows(const struct latin_judge *judge, size_t index, enum latin_class word)
{
	return index < judge->mentions->text->tokens_len && token_of(judge, index)->word == word;
}

static bool is_spelled(const struct latin_judge *judge, size_t index, const char *letters)
{
	const struct latin_text *text = judge->mentions->text;
	const struct latin_token *token = &text->tokens[index];
	size_t len = (size_t)(token->end - token->start);

	return index < text->tokens_len && token->word == LATIN_NAME && strlen(letters) == len &&
	       memcmp(text->letters + token->start, letters, len) == 0;
}

/* Do the letters of TOKEN belong to a place that is explained, or to a committee that fits? */
static bool is_place(const struct latin_judge *judge, const struct latin_token *token)
{
	const struct latin_mentions *mentions = judge->mentions;

	for (size_t i = 0; i < mentions->places_len; i++)
		if (latin_is_explained(judge, i) && mentions->places[i].start <= token->start &&
		    mentions->places[i].end >= token->end)
			return true;
	for (size_t i = 0; i < judge->candidates_len; i++) {
		const struct latin_mention *own =
			&mentions->committees[judge->candidates[i].mention];
		if (own->start <= token->start && own->end >= token->end)
			return true;
	}
	return false;
}

/* Length of the road word that the letters of TOKEN end with, and that leaves a name; the whole
 * token counts when ALONE. 0 when there is none. */
static size_t road_word(const struct latin_text *text, const struct latin_token *token, bool alone)
{
	static const char *const words[] = {"dadao", "dajie", "gonglu", "malu", "lu", "jie", "dao"};
	size_t len = (size_t)(token->end - token->start);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t size = strlen(words[i]);
		if ((alone ? len == size : len >= size + 2) &&
		    memcmp(text->letters + token->end - size, words[i], size) == 0)
			return size;
	}
	return 0;
}

/* Does the door go on after word INDEX: with a number, with the next part, or not at all? A lone lu
 * is a road word only then. */
static bool is_name_over(const struct latin_judge *judge, size_t index)
{
	return index >= judge->mentions->text->tokens_len || token_of(judge, index)->hard ||
	       follows(judge, index, LATIN_NUMBER) || follows(judge, index, LATIN_NO) ||
	       follows(judge, index, LATIN_LANE);
}

/* Does a road's name and word end with word INDEX? */
static bool road_at(const struct latin_judge *judge, size_t index, struct road *out)
{
	const struct latin_text *text = judge->mentions->text;
	const struct latin_token *token = token_of(judge, index);
	bool begins = index == 0 || token->hard;
	size_t word = 0;

	*out = (struct road){.first = index, .last = index, .name_end = token->start};
	if (is_place(judge, token))
		return false;
	if (token->word == LATIN_ROAD) {
		out->english = true;
		if (begins || (follows(judge, index + 1, LATIN_LEVEL) && !token[1].hard))
			return false;
	} else if (token->word != LATIN_NAME || !is_name_over(judge, index + 1)) {
		return false;
	} else if (road_word(text, token, true) > 0) {
		if (begins)
			return false;
	} else if ((word = road_word(text, token, false)) > 0) {
		out->name_end = (size_t)token->end - word;
	} else {
		return false;
	}
	/* The name goes back to where its part of the address, or another kind of word, begins. */
	while (out->first > 0 && !token_of(judge, out->first)->hard) {
		const struct latin_token *before = token_of(judge, out->first - 1);
		bool ordinal = before->word == LATIN_NUMBER && out->first > 1 && !before->hard &&
			       before[-1].word == LATIN_NAME && !is_place(judge, &before[-1]);
		if ((before->word != LATIN_NAME && before->word != LATIN_WORD && !ordinal) ||
		    is_place(judge, before))
			break;
		out->first--;
	}
	return token_of(judge, out->first)->start < out->name_end;
}

static void add_letters(const struct latin_text *text, size_t start, size_t end, struct text *out)
{
	if (end > start)
		text_add_bytes(out, text->letters + start, end - start);
}

static void name_road(const struct latin_judge *judge, const struct road *road,
		      struct latin_door *out)
{
	const struct latin_text *text = judge->mentions->text;
	struct text name = TEXT_OVER(out->road), word = TEXT_OVER(out->word);
	size_t first = road->first;

	while (first < road->last && token_of(judge, first)->word == LATIN_WORD)
		first++;
	bool moved = token_of(judge, first)->start < road->name_end;
	if (!moved)
		first = road->first;
	add_letters(text, token_of(judge, first)->start, road->name_end, &name);
	if (moved)
		add_letters(text, token_of(judge, road->first)->start,
			    token_of(judge, first)->start, &name);
	if (!road->english)
		add_letters(text, road->name_end, token_of(judge, road->last)->end, &word);
}

/* The number at word INDEX is a lane's: Lane 80, Lane No. 80, 80 nong. */
static bool is_lane(const struct latin_judge *judge, size_t index)
{
	size_t before = index;

	if (before > 0 && follows(judge, before - 1, LATIN_NO))
		before--;
	return (before > 0 && follows(judge, before - 1, LATIN_LANE)) ||
	       is_spelled(judge, index + 1, "nong") ||
	       (follows(judge, index + 1, LATIN_LANE) && !token_of(judge, index + 1)->hard &&
		!follows(judge, index + 2, LATIN_NUMBER));
}

/* It is a house's: No. 5, 5 hao; or it stands right beside ROAD: 1398 Gubei Road, Gubei Road 1398.
 */
static bool is_house(const struct latin_judge *judge, size_t index, const struct road *road)
{
	bool numbered = index > 0 && follows(judge, index - 1, LATIN_NO);
	size_t before = numbered ? index - 1 : index;

	/* Building No. 5, Room 5, No. 5 Building. */
	if (before > 0 && !token_of(judge, before)->hard &&
	    (follows(judge, before - 1, LATIN_BUILDING) ||
	     follows(judge, before - 1, LATIN_INSIDE)))
		return false;
	if (follows(judge, index + 1, LATIN_BUILDING) && !token_of(judge, index + 1)->hard)
		return false;
	if (numbered || is_spelled(judge, index + 1, "hao"))
		return true;
	return index == road->last + 1 ||
	       (index + 1 == road->first && !token_of(judge, road->first)->hard);
}

static bool read_numbers(const struct latin_judge *judge, const struct road *road,
			 struct latin_door *out)
{
	size_t houses = 0;

	out->lane = out->house = NUMBERLESS;
	for (size_t i = 0; i < judge->mentions->text->tokens_len; i++) {
		uint32_t number = token_of(judge, i)->number;
		if (token_of(judge, i)->word != LATIN_NUMBER ||
		    (i >= road->first && i <= road->last))
			continue;
		if (is_lane(judge, i)) {
			if (out->lane != NUMBERLESS && out->lane != number)
				return false;
			out->lane = number;
		} else if (is_house(judge, i, road) && out->house != number) {
			houses++;
			out->house = number;
		}
	}
	return houses <= 1;
}

bool latin_road_find(const struct latin_judge *judge, struct latin_door *out)
{
	struct road road, found = {0};
	size_t roads = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < judge->mentions->text->tokens_len; i++) {
		if (!road_at(judge, i, &road))
			continue;
		roads++;
		found = road;
	}
	if (roads != 1 || !read_numbers(judge, &found, out))
		return false;
	name_road(judge, &found, out);
	return out->lane != NUMBERLESS || out->house != NUMBERLESS;
}
