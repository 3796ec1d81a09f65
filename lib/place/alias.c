/* alias.c — see alias.h. Neighbours: match.c judges what is written, and comes first; the engine
 * looks up what was taught. */
#include "closedloop/alias.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

#include "match_why.h"

/* How often each sort of lesson is right. The same words again were looked at by a human. A lane
 * lies in one committee, but for the longest; of an estate, one home says little about its other
 * end, two say more. */
#define SURE_ADDRESS	 0.99
#define SURE_DOOR	 0.92
#define SURE_ESTATE	 0.85
#define SURE_ESTATE_BOTH 0.92

const char *alias_kind_word(enum match_key_kind kind)
{
	static const char *const words[] = {
		[MATCH_KEY_ADDRESS] = "address",
		[MATCH_KEY_DOOR] = "door",
		[MATCH_KEY_ESTATE] = "estate",
	};

	assert((size_t)kind < ARRAY_LEN(words));
	return words[kind];
}

void alias_learn(struct alias_codes *codes, const char *code)
{
	size_t at = 0;

	while (at < codes->len && strcmp(codes->of[at].code, code) < 0)
		at++;
	if (at < codes->len && strcmp(codes->of[at].code, code) == 0) {
		codes->of[at].times++;
		return;
	}
	if (codes->len == ALIAS_CODES_MAX)
		return;
	memmove(&codes->of[at + 1], &codes->of[at], (codes->len - at) * sizeof(codes->of[0]));
	(void)text_copy(codes->of[at].code, sizeof(codes->of[at].code), code);
	codes->of[at].times = 1;
	codes->len++;
}

bool alias_may_help(const struct match *match)
{
	return match->verdict != MATCH_EXACT && match->why != MATCH_WHY_RULE_OTHER;
}

static bool is_candidate(const struct match *match, const char *code)
{
	for (size_t i = 0; i < match->candidates_len; i++) {
		if (strcmp(match->candidates[i].code, code) == 0)
			return true;
	}
	return false;
}

static bool is_within(const struct match *match, const char *code)
{
	return text_starts(code, match->code);
}

/* Whether what was taught of the door or the estate may answer the question MATCH is: only where
 * CODE is among what the text leaves open. */
static bool fits(const struct match *match, const char *code)
{
	switch ((int)match->why) {
	case MATCH_WHY_SEVERAL:
	case MATCH_WHY_NAMED_LIKE:
	case MATCH_WHY_LITTLE:
		return is_candidate(match, code);
	case MATCH_WHY_EDGE:
		return match->candidates_len > 0 ? is_candidate(match, code)
						 : is_within(match, code);
	case MATCH_WHY_NOT_OURS:
		return !is_candidate(match, code) && is_within(match, code);
	case MATCH_WHY_PLACE:
	case MATCH_WHY_PLACES:
	case MATCH_WHY_NO_RULE:
	case MATCH_WHY_NOTHING:
		return is_within(match, code);
	default:
		/* The text contradicts itself, or a rule speaks: its officer looks at this one. */
		return false;
	}
}

static void say(struct match *out, enum match_why why, enum match_key_kind kind)
{
	struct text reason = TEXT_OVER(out->reason);

	out->why = why;
	text_addf(&reason, "%s (%s)", match_why_sentence(why), alias_kind_word(kind));
}

static void answer(struct match *out, enum match_verdict verdict, const char *code,
		   double confidence, enum match_key_kind kind)
{
	out->verdict = verdict;
	out->confidence = confidence;
	(void)text_copy(out->code, sizeof(out->code), code);
	out->candidates_len = 1;
	(void)text_copy(out->candidates[0].code, sizeof(out->candidates[0].code), code);
	out->candidates[0].score = confidence;
	out->rule[0] = '\0';
	say(out, MATCH_WHY_ALIAS, kind);
}

/* The codes taught go in front of what the text left open: somebody has been asked before. */
static void offer(struct match *out, const struct alias_codes *codes)
{
	const struct match before = *out;

	out->candidates_len = 0;
	for (size_t i = 0; i < codes->len + before.candidates_len; i++) {
		const char *code =
			i < codes->len ? codes->of[i].code : before.candidates[i - codes->len].code;
		if (out->candidates_len == MATCH_CANDIDATES_MAX || is_candidate(out, code))
			continue;
		struct match_candidate *candidate = &out->candidates[out->candidates_len++];
		(void)text_copy(candidate->code, sizeof(candidate->code), code);
	}
	for (size_t i = 0; i < out->candidates_len; i++)
		out->candidates[i].score = 1.0 / (double)(out->candidates_len + i);
}

/* The deepest unit that all candidates lie in. */
static void common_scope(struct match *out)
{
	static const size_t levels[] = {9, 6, 4, 2, 0};
	const char *first = out->candidates[0].code;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		bool common = true;
		for (size_t k = 1; k < out->candidates_len && common; k++)
			common = strncmp(first, out->candidates[k].code, levels[i]) == 0;
		if (!common)
			continue;
		memcpy(out->code, first, levels[i]);
		out->code[levels[i]] = '\0';
		return;
	}
}

static void ask(struct match *out, const struct alias_codes *codes, enum match_key_kind kind)
{
	bool answered = out->verdict == MATCH_PROBABLE;

	offer(out, codes);
	if (answered)
		common_scope(out);
	out->verdict = MATCH_AMBIGUOUS;
	out->confidence = 0;
	say(out, MATCH_WHY_ALIASES, kind);
}

/* The same words again. What the text only probably says yields to nobody silently. */
static void judge_address(const struct alias_codes *codes, struct match *out)
{
	const char *code = codes->of[0].code;

	if (codes->len == 1 && (out->verdict != MATCH_PROBABLE || strcmp(out->code, code) == 0))
		answer(out, MATCH_EXACT, code, SURE_ADDRESS, MATCH_KEY_ADDRESS);
	else
		ask(out, codes, MATCH_KEY_ADDRESS);
}

static void judge_place(const struct alias_codes *codes, enum match_key_kind kind,
			struct match *out)
{
	double sure = kind == MATCH_KEY_DOOR   ? SURE_DOOR
		      : codes->of[0].times > 1 ? SURE_ESTATE_BOTH
					       : SURE_ESTATE;

	if (out->verdict == MATCH_PROBABLE)
		return;
	if (codes->len > 1)
		ask(out, codes, kind);
	else if (fits(out, codes->of[0].code))
		answer(out, MATCH_PROBABLE, codes->of[0].code, sure, kind);
	else
		offer(out, codes);
}

void alias_judge(const struct alias_taught *taught, struct match *out)
{
	if (!alias_may_help(out))
		return;
	for (int kind = 0; kind < MATCH_KEYS; kind++) {
		const struct alias_codes *codes = &taught->keys[kind];
		if (codes->len == 0)
			continue;
		if (kind == MATCH_KEY_ADDRESS)
			judge_address(codes, out);
		else
			judge_place(codes, (enum match_key_kind)kind, out);
		return;
	}
}
