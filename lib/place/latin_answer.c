/* latin_answer.c — an answer or a question as a match: verdict, candidates, and the words for it.
 *
 * Neighbours: latin_judge.c has what was found, latin_way.c what it is worth; latin.c decides which
 * of the two it is. match_why.h holds the sentences.
 */
#include "latin_answer.h"

#include <string.h>

#include "match_why.h"

/* Bytes of the letter, digit, apostrophe or hyphen at BYTES; 0 when there is something else. */
static size_t shown(const char *bytes, size_t len)
{
	unsigned char lead = (unsigned char)bytes[0];
	size_t used, wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

	if (lead < 0x80)
		return (lead >= '0' && lead <= '9') || (lead >= 'A' && lead <= 'Z') ||
		       (lead >= 'a' && lead <= 'z') || lead == '\'' || lead == '-';
	if (wanted > len || !text_is_utf8(bytes, wanted))
		return 0;
	return text_is_unseen(text_decode(bytes, wanted, &used)) ? 0 : used;
}

/* Letters START .. END - 1 as the source spells them, a space for everything else between: they go
 * into logs and pages. */
void latin_add_source(const struct latin_text *text, size_t start, size_t end, struct text *out)
{
	const struct latin_token *from = &text->tokens[text->token_at[start]];
	const struct latin_token *until = &text->tokens[text->token_at[end - 1]];
	bool gap = false;

	for (size_t at = from->from; at < until->until;) {
		size_t len = shown(text->source + at, (size_t)(until->until - at));
		if (len > 0 && gap)
			text_add(out, " ");
		text_add_bytes(out, text->source + at, len);
		gap = len == 0;
		at += len > 0 ? len : 1;
	}
}

void latin_keep_words(const struct latin_text *text, const struct latin_mention *mention,
		      struct match *out)
{
	struct text words = TEXT_OVER(out->words[mention->level]);

	latin_add_source(text, mention->start, mention->end, &words);
}

/* Say WHY, and which words name COMMITTEE (an index, SIZE_MAX: none) and the places above it. */
static void explain(const struct latin_judge *judge, size_t committee, enum match_why why,
		    struct match *out)
{
	const struct latin_mentions *mentions = judge->mentions;
	struct text reason = TEXT_OVER(out->reason);
	const char *before = ": ";

	out->why = why;
	memset(out->words, 0, sizeof(out->words));
	text_add(&reason, match_why_sentence(why));
	if (committee != SIZE_MAX) {
		const struct latin_mention *own = &mentions->committees[committee];
		latin_keep_words(judge->mentions->text, own, out);
		text_add(&reason, before);
		latin_add_source(judge->mentions->text, own->start, own->end, &reason);
		before = ", ";
	}
	for (int level = LEVEL_STREET; level >= LEVEL_PROVINCE; level--) {
		const struct latin_mention *best = NULL;
		for (size_t i = 0; i < mentions->places_len; i++) {
			const struct latin_mention *mention = &mentions->places[i];
			if (mention->level == level && latin_is_explained(judge, i) &&
			    (!best || mention->form > best->form))
				best = mention;
		}
		if (!best)
			continue;
		latin_keep_words(judge->mentions->text, best, out);
		text_add(&reason, before);
		latin_add_source(judge->mentions->text, best->start, best->end, &reason);
		before = ", ";
	}
}

static void add_candidate(const struct latin_judge *judge, uint32_t committee, double score,
			  struct match *out)
{
	if (out->candidates_len == MATCH_CANDIDATES_MAX)
		return;
	struct match_candidate *candidate = &out->candidates[out->candidates_len++];
	gazetteer_committee_code(judge->mentions->gazetteer, committee, candidate->code);
	candidate->score = score;
}

void latin_answer(const struct latin_judge *judge, enum latin_way way, uint32_t committee,
		  size_t mention, struct match *out)
{
	const struct latin_worth *worth = latin_way_worth(way);

	out->verdict = worth->verdict;
	out->confidence = worth->confidence;
	out->candidates_len = 0;
	add_candidate(judge, committee, out->confidence, out);
	memcpy(out->code, out->candidates[0].code, sizeof(out->code));
	explain(judge, mention, worth->why, out);
}

/* Is a place written that is one beyond doubt: with its level word, or at the beginning of a part
 * of the address? */
static bool is_place_written(const struct latin_mentions *mentions)
{
	for (size_t i = 0; i < mentions->places_len; i++)
		if (mentions->places[i].solid ||
		    (mentions->places[i].form == LATIN_FORM_SHORT && !mentions->places[i].weak))
			return true;
	return false;
}

void latin_ask(const struct latin_judge *judge, struct match *out)
{
	size_t len = judge->candidates_len;
	bool place = is_place_written(judge->mentions);
	enum match_why why = judge->torn && len > 0	  ? MATCH_WHY_CONTRADICTED
			     : judge->torn		  ? MATCH_WHY_TORN
			     : len > 1			  ? MATCH_WHY_SEVERAL
			     : len == 1			  ? MATCH_WHY_LITTLE
			     : !place			  ? MATCH_WHY_NOTHING
			     : judge->scope == IMAGE_NONE ? MATCH_WHY_PLACES
							  : MATCH_WHY_PLACE;

	out->verdict = place ? MATCH_AMBIGUOUS : MATCH_UNMATCHED;
	out->confidence = 0;
	out->candidates_len = 0;
	out->code[0] = '\0';
	if (place && judge->scope != IMAGE_NONE)
		gazetteer_admin_code(judge->mentions->gazetteer, judge->scope, out->code);
	for (size_t i = 0; place && i < len; i++)
		add_candidate(judge, judge->candidates[i].committee,
			      len == 1 ? 0.5 : 1.0 / (double)len, out);
	explain(judge, place && len > 0 ? judge->candidates[0].mention : SIZE_MAX,
		place ? why : MATCH_WHY_NOTHING, out);
}
