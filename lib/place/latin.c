/* latin.c — decide by counting, as match.c does: one committee that fits is an answer.
 *
 * Neighbours: match.c calls; latin_judge.c has counted, latin_way.c says what the only one is
 * worth, latin_answer.c says it. Here is who speaks: the letters alone, or with the Chinese
 * characters beside them.
 */
#include "latin.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#include "latin_answer.h"
#include "latin_door.h"
#include "latin_doubt.h"
#include "latin_judge.h"
#include "latin_repair.h"
#include "latin_road.h"
#include "latin_way.h"
#include "match_why.h"

struct latin {
	const struct gazetteer *gazetteer;
	struct latin_text text;
	struct latin_mentions mentions;
	struct latin_judge judge;
	bool read; /* The three above are those of the last address; it had letters. */
};

struct latin *latin_new(const struct gazetteer *gazetteer)
{
	struct latin *latin = mem_alloc(sizeof(*latin));

	assert(gazetteer);
	latin->gazetteer = gazetteer;
	latin->read = false;
	latin_mentions_init(&latin->mentions, gazetteer);
	return latin;
}

void latin_free(struct latin *latin)
{
	if (!latin)
		return;
	latin_mentions_release(&latin->mentions);
	mem_free(latin);
}

/* One letter is wrong in the name of a committee of a settled street. */
static bool repair(struct latin *latin, uint32_t within, struct match *out)
{
	const struct latin_judge *judge = &latin->judge;
	struct latin_repair found;

	if (judge->candidates_len > 0 || judge->torn || judge->cut || judge->scopes_len != 1 ||
	    gazetteer_level(latin->gazetteer, judge->scopes[0]) != LEVEL_STREET ||
	    !latin_repair_find(&latin->text, latin->gazetteer, judge->scopes[0], &found))
		return false;
	struct latin_levels levels = latin_levels_above(judge, found.committee, within);
	const struct latin_mention own = {.start = found.start, .end = found.end};
	if (levels.street < LATIN_FORM_NEAR ||
	    (levels.county < LATIN_FORM_SHORT && levels.city < LATIN_FORM_SHORT) ||
	    latin_has_stray(judge, &own) || latin_has_stray_city(judge, &own) ||
	    latin_is_blurred(judge, &own))
		return false;
	latin_answer(judge, LATIN_WAY_TYPO, found.committee, SIZE_MAX, out);
	struct text words = TEXT_OVER(out->words[LEVEL_COMMITTEE]);
	latin_add_source(&latin->text, found.start, found.end, &words);
	text_copy(out->warning, sizeof(out->warning), words.data);
	return true;
}

static bool settle(struct latin *latin, uint32_t within, struct match *out)
{
	const struct latin_judge *judge = &latin->judge;

	if (judge->candidates_len == 1) {
		const struct latin_candidate *only = &judge->candidates[0];
		enum latin_way way = latin_way_find(judge, only, within);
		if (way == LATIN_WAY_NONE)
			return false;
		latin_answer(judge, way, only->committee, only->mention, out);
		return true;
	}
	return repair(latin, within, out);
}

/* The admin unit with CODE, or IMAGE_NONE. */
static uint32_t find_unit(const struct gazetteer *gazetteer, const char *code)
{
	static const size_t digits[] = {2, 4, 6, 9};
	size_t len = strlen(code);
	uint32_t number = 0;

	for (size_t i = 0; i < len; i++)
		number = number * 10 + (uint32_t)(code[i] - '0');
	for (size_t level = 0; level < LEVEL_COMMITTEE; level++) {
		if (len != digits[level])
			continue;
		uint32_t low = gazetteer->levels[level], high = gazetteer->levels[level + 1];
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;
			if (gazetteer->admin_codes[middle] < number)
				low = middle + 1;
			else
				high = middle;
		}
		return low < gazetteer->levels[level + 1] && gazetteer->admin_codes[low] == number
			       ? low
			       : IMAGE_NONE;
	}
	return IMAGE_NONE;
}

/* Chinese characters have answered: do the letters name another place? */
static void contradict(struct latin *latin, struct match *out)
{
	const struct latin_judge *judge = &latin->judge;
	char code[UNIT_CODE_CAP];

	if (judge->scope == IMAGE_NONE || judge->torn || judge->scopes_len != 1)
		return;
	gazetteer_admin_code(latin->gazetteer, judge->scope, code);
	if (strncmp(code, out->code, strlen(code)) == 0 ||
	    latin_form_of(&latin->mentions, judge->scope) < LATIN_FORM_NEAR)
		return;
	out->verdict = MATCH_AMBIGUOUS;
	out->confidence = 0;
	out->candidates[0].score = 0.5;
	out->why = MATCH_WHY_TORN;
	struct text reason = TEXT_OVER(out->reason);
	text_add(&reason, match_why_sentence(out->why));
	/* What is settled is what both agree on. */
	size_t same = 0;
	while (code[same] && code[same] == out->code[same])
		same++;
	out->code[same >= 9 ? 9 : same >= 6 ? 6 : same >= 4 ? 4 : same >= 2 ? 2 : 0] = '\0';
}

/* May letters answer what Chinese characters beside them left open? Not when those name places that
 * contradict each other, or a 东城区 that may be one of several: who knows which they mean. */
static bool is_open(const struct latin *latin, uint32_t within, const struct match *out)
{
	if (!latin->text.han || out->verdict == MATCH_UNMATCHED)
		return true;
	return within != IMAGE_NONE && out->why != MATCH_WHY_TORN &&
	       out->why != MATCH_WHY_CONTRADICTED && out->why != MATCH_WHY_PLACES;
}

void latin_match(struct latin *latin, const char *address, struct match *out)
{
	size_t len = strlen(address);
	uint32_t within = IMAGE_NONE;

	assert(latin);
	latin_text_read(&latin->text, address, len);
	latin->read = latin->text.spelled >= LATIN_LETTERS_MIN;
	if (!latin->read)
		return;
	latin_mentions_find(&latin->mentions, &latin->text);
	if (latin->text.han && out->verdict < MATCH_PROBABLE)
		within = find_unit(latin->gazetteer, out->code);
	latin_judge_text(&latin->judge, &latin->mentions, within);
	if (out->verdict >= MATCH_PROBABLE) {
		contradict(latin, out);
		return;
	}
	if (!latin->text.han && latin_is_abroad(&latin->text)) {
		memset(latin->judge.scopes, 0, sizeof(latin->judge.scopes));
		latin->judge.scopes_len = latin->judge.candidates_len = 0;
		latin->mentions.places_len = 0;
		latin_ask(&latin->judge, out);
		return;
	}
	if (!is_open(latin, within, out) || settle(latin, within, out) || latin->text.han)
		return;
	latin_ask(&latin->judge, out);
}

void latin_skip(struct latin *latin)
{
	latin->read = false;
}

uint32_t latin_place(const struct latin *latin, const struct match *out)
{
	const struct latin_judge *judge = &latin->judge;
	const struct latin_mention none = {0};
	bool question = out->verdict < MATCH_PROBABLE && out->why != MATCH_WHY_TORN &&
			out->why != MATCH_WHY_CONTRADICTED && out->why != MATCH_WHY_PLACES;
	char code[UNIT_CODE_CAP];

	if (!latin->read || !latin->text.han || !question || judge->scopes_len != 1 ||
	    judge->torn || judge->cut || judge->candidates_len > 0 ||
	    latin_form_of(&latin->mentions, judge->scope) < LATIN_FORM_NEAR ||
	    latin_has_stray(judge, &none) || latin_has_stray_city(judge, &none) ||
	    latin_is_near(&latin->text))
		return IMAGE_NONE;
	gazetteer_admin_code(latin->gazetteer, judge->scope, code);
	return strlen(code) > strlen(out->code) ? judge->scope : IMAGE_NONE;
}

void latin_add_words(const struct latin *latin, struct match *out)
{
	uint32_t unit = latin->judge.scope;

	for (; unit != IMAGE_NONE; unit = latin->gazetteer->admin_parents[unit]) {
		uint64_t mask = latin_marked(&latin->mentions, unit);
		for (size_t i = 0; mask >> i; i++) {
			if (!(mask >> i & 1))
				continue;
			out->words[latin->mentions.places[i].level][0] = '\0';
			latin_keep_words(&latin->text, &latin->mentions.places[i], out);
			break;
		}
	}
}

bool latin_door(const struct latin *latin, struct latin_door *out)
{
	assert(latin);
	return latin->read && latin_road_find(&latin->judge, out);
}
