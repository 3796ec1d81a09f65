/* match.c — decide by counting: one fitting committee is an answer, several or none are a question.
 *
 * Neighbours: fold.c, mention.c, judge.c and path.c in that order; this file turns what they leave
 * into a verdict. repair.c is asked when nothing fits, explain.c says why.
 */
#include "closedloop/match.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#include "cover.h"
#include "latin.h"
#include "explain.h"
#include "path.h"
#include "present.h"
#include "repair.h"
#include "suggest.h"

#define PLACE_CAP   256	 /* Bytes of the names of a place and those above it. */
#define CHOSEN_HOME 0.95 /* How often the home we choose of two is the one that was meant. */

struct matcher {
	const struct gazetteer *gazetteer;
	struct fold_table table;
	struct mention_starts starts;
	struct folded folded;
	struct mentions mentions;
	struct judge judge;
	/* A second look, at what may be meant. */
	struct mentions other_mentions;
	struct judge other_judge;
	struct repairs repairs;
	struct below below;
	const struct coverage *coverage; /* or NULL */
	struct cover cover;
	struct folded extra;
	struct latin *latin;
};

struct matcher *match_new(const struct gazetteer *gazetteer)
{
	struct matcher *matcher = mem_alloc(sizeof(*matcher));

	assert(gazetteer);
	matcher->gazetteer = gazetteer;
	fold_table_init(&matcher->table, gazetteer->fold_from, gazetteer->fold_to,
			gazetteer->fold_len);
	mention_starts_init(gazetteer, &matcher->starts);
	judge_init(&matcher->judge, gazetteer);
	judge_init(&matcher->other_judge, gazetteer);
	below_init(&matcher->below, gazetteer, &matcher->table);
	matcher->latin = latin_new(gazetteer);
	return matcher;
}

void match_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	latin_free(matcher->latin);
	mem_free(matcher);
}

void match_unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && (text[1] == 'n' || text[1] == '\\')) {
			text++;
			*to++ = *text == 'n' ? '\n' : '\\';
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static void add_candidate(const struct matcher *matcher, uint32_t committee, double score,
			  struct match *out)
{
	if (out->candidates_len == MATCH_CANDIDATES_MAX)
		return;
	struct match_candidate *candidate = &out->candidates[out->candidates_len++];
	gazetteer_committee_code(matcher->gazetteer, committee, candidate->code);
	candidate->score = score;
}

/* The fitting candidates that no better reading covers, each committee once. Returns their number.
 */
static size_t count_fitting(const struct judge *judge, const struct candidate **list)
{
	size_t len = 0;

	for (size_t i = 0; i < judge->fitting_len; i++) {
		const struct candidate *candidate = &judge->fitting[i];
		bool known = candidate->dropped;
		for (size_t j = 0; j < len && !known; j++)
			known = list[j]->committee == candidate->committee;
		if (!known)
			list[len++] = candidate;
	}
	return len;
}

/* The deepest unit above all committees of LIST. */
static uint32_t above_all(const struct gazetteer *gazetteer, const struct candidate *const *list,
			  size_t len)
{
	uint32_t unit = gazetteer->committee_streets[list[0]->committee];

	for (size_t i = 1; i < len; i++)
		unit = gazetteer_common(gazetteer, unit,
					gazetteer->committee_streets[list[i]->committee]);
	return unit;
}

/* Nobody or several fit: hand over what is known. */
static void ask(const struct matcher *matcher, const struct candidate *const *list, size_t len,
		enum match_why why, struct match *out)
{
	const struct judge *judge = &matcher->judge;
	uint32_t scope = judge->scope;

	out->verdict = judge->solid || len > 0 ? MATCH_AMBIGUOUS : MATCH_UNMATCHED;
	/* Whichever of several is meant, it lies in what they share. */
	if (why == MATCH_WHY_SEVERAL && len > 1 && !judge->cut)
		scope = above_all(matcher->gazetteer, list, len);
	if (scope != IMAGE_NONE)
		gazetteer_admin_code(matcher->gazetteer, scope, out->code);
	for (size_t i = 0; i < len; i++)
		add_candidate(matcher, list[i]->committee, len == 1 ? 0.5 : 1.0 / (double)len, out);
	explain(judge, len > 0 ? list[0] : NULL, why, out);
}

/* Show what came nearest beside the answer CANDIDATE: another reading of the same letters, or what
 * one place contradicts. */
static void add_runner_up(const struct matcher *matcher, const struct judge *judge,
			  const struct candidate *candidate, struct match *out)
{
	for (size_t i = 0; i < judge->fitting_len + judge->contradicted_len; i++) {
		const struct candidate *other =
			i < judge->fitting_len ? &judge->fitting[i]
					       : &judge->contradicted[i - judge->fitting_len];
		if (other->committee != candidate->committee) {
			add_candidate(matcher, other->committee, (1 - out->confidence) / 2, out);
			return;
		}
	}
}

/* Answer with CANDIDATE of JUDGE, reached by PATH. */
static void answer(const struct matcher *matcher, const struct judge *judge,
		   const struct candidate *candidate, enum path path, struct match *out)
{
	const struct path_row *row = path_row(path);

	out->verdict = row->verdict;
	out->confidence = row->confidence;
	add_candidate(matcher, candidate->committee, out->confidence, out);
	memcpy(out->code, out->candidates[0].code, sizeof(out->code));
	explain(judge, candidate, row->why, out);
	add_runner_up(matcher, judge, candidate, out);
}

/* Judge again with REPAIR in place of what is written. Returns the only committee that fits then,
 * or NULL. */
static const struct candidate *judge_repaired(struct matcher *matcher, const struct repair *repair)
{
	struct judge *judge = &matcher->other_judge;
	const struct candidate *list[CANDIDATES_MAX];

	mentions_find(matcher->gazetteer, &matcher->starts, &matcher->folded, &repair->mention,
		      &matcher->other_mentions);
	judge_text(judge, &matcher->folded, &matcher->other_mentions);
	return count_fitting(judge, list) == 1 && list[0]->typo ? list[0] : NULL;
}

/* Does one slip explain what is written? A single one is an answer; several committees are
 * candidates. False when there is none. */
static bool repair(struct matcher *matcher, struct match *out)
{
	struct repairs *repairs = &matcher->repairs;
	size_t found = 0;

	repair_find(&matcher->judge, &matcher->below, repairs);
	for (size_t i = 0; i < repairs->len; i++) {
		const struct repair *at = &repairs->list[i];
		const struct candidate *candidate = judge_repaired(matcher, at);
		enum path path =
			candidate ? path_find(&matcher->other_judge, candidate) : PATH_NONE;
		if (path == PATH_NONE)
			continue;
		if (at->typo == TYPO_LETTER || at->common)
			path = PATH_TYPO_LETTER;
		if (found++ == 0) {
			answer(matcher, &matcher->other_judge, candidate, path, out);
			continue;
		}
		if (found == 2)
			out->candidates_len = 1; /* No runner-up where all are equal. */
		add_candidate(matcher, candidate->committee, 0, out);
	}
	if (found < 2)
		return found == 1;
	out->verdict = MATCH_AMBIGUOUS;
	out->confidence = 0;
	out->why = MATCH_WHY_SEVERAL;
	gazetteer_admin_code(matcher->gazetteer, matcher->judge.scope, out->code);
	for (size_t i = 0; i < out->candidates_len; i++)
		out->candidates[i].score = 1.0 / (double)found;
	return true;
}

/* Nothing fits: name the committees whose names come near. False when there are none. */
static bool suggest(struct matcher *matcher, struct match *out)
{
	struct suggestions found;
	struct text words;

	suggest_find(&matcher->judge, &matcher->below, &found);
	if (found.len == 0)
		return false;
	matcher->judge.scope = found.scope;
	ask(matcher, NULL, 0, found.why, out);
	text_init(&words, out->words[LEVEL_COMMITTEE], sizeof(out->words[LEVEL_COMMITTEE]));
	fold_write(&matcher->folded, found.start, found.end, &words);
	for (size_t i = 0; i < found.len; i++)
		add_candidate(matcher, found.committees[i], 0.5 / (double)found.len, out);
	return true;
}

/* Nothing fits all that is written, but LIST would but for one place. */
static void decide_contradicted(struct matcher *matcher, struct match *out)
{
	const struct judge *judge = &matcher->judge;
	const struct candidate *list[CANDIDATES_MAX];
	size_t len = 0;

	for (size_t i = 0; i < judge->contradicted_len; i++) {
		bool known = false;
		for (size_t j = 0; j < len && !known; j++)
			known = list[j]->committee == judge->contradicted[i].committee;
		if (!known)
			list[len++] = &judge->contradicted[i];
	}
	enum path path = len == 1 ? path_elsewhere(judge, list[0]) : PATH_NONE;
	if (path != PATH_NONE)
		answer(matcher, judge, list[0], path, out);
	else
		ask(matcher, list, len, MATCH_WHY_CONTRADICTED, out);
}

static void decide(struct matcher *matcher, struct match *out)
{
	struct judge *judge = &matcher->judge;
	const struct candidate *list[CANDIDATES_MAX];
	size_t len = count_fitting(judge, list);
	enum path path = len == 1 ? path_find(judge, list[0]) : PATH_NONE;

	if (path != PATH_NONE) {
		answer(matcher, judge, list[0], path, out);
		return;
	}
	judge_place(judge);
	if (len == 0 && judge->contradicted_len > 0) {
		decide_contradicted(matcher, out);
		return;
	}
	if (len == 0 && (repair(matcher, out) || suggest(matcher, out)))
		return;
	enum match_why why = len > 1			  ? MATCH_WHY_SEVERAL
			     : len == 1			  ? MATCH_WHY_LITTLE
			     : judge->torn		  ? MATCH_WHY_TORN
			     : judge->scope != IMAGE_NONE ? MATCH_WHY_PLACE
			     : judge->solid		  ? MATCH_WHY_PLACES
							  : MATCH_WHY_NOTHING;
	ask(matcher, list, len, why, out);
}

void match_use_coverage(struct matcher *matcher, const struct coverage *coverage)
{
	matcher->coverage = coverage;
}

/* Let doors, estates and boundaries have their say, after the names. */
static void judge_cover(struct matcher *matcher, const struct match_query *query, struct match *out)
{
	struct cover *cover = &matcher->cover;
	const char *estate = query->estate ? query->estate : "";
	struct latin_door door;

	if (*estate)
		fold(&matcher->table, estate, strlen(estate), &matcher->extra);
	cover->coverage = matcher->coverage;
	cover->gazetteer = matcher->gazetteer;
	cover->text = &matcher->folded;
	cover->mentions = &matcher->mentions;
	cover->judge = &matcher->judge;
	cover->extra = *estate ? &matcher->extra : NULL;
	cover->point = query->point;
	cover->latin = cover->coverage && latin_door(matcher->latin, &door) ? &door : NULL;
	cover_judge(cover, out);
}

/* Two homes are written, and which of them counts: go on with that one. */
static bool choose_home(struct matcher *matcher)
{
	size_t start, end;

	if (!present_find(&matcher->folded, &matcher->mentions, &start, &end))
		return false;
	present_cut(&matcher->folded, start, end);
	mentions_find(matcher->gazetteer, &matcher->starts, &matcher->folded, NULL,
		      &matcher->mentions);
	return true;
}

/* Letters settle the place, and characters name the committee (市光社区, Yangpu District,
 * Shanghai): read the characters again behind the place's own name. */
static void read_below(struct matcher *matcher, uint32_t place, const char *address,
		       struct match *out)
{
	const struct gazetteer *gazetteer = matcher->gazetteer;
	char code[UNIT_CODE_CAP], chain[PLACE_CAP], bytes[MATCH_ADDRESS_MAX + PLACE_CAP];
	struct text text = TEXT_OVER(bytes);

	gazetteer_admin_code(gazetteer, place, code);
	if (gazetteer_chain(gazetteer, code, chain, sizeof(chain)) < 0)
		return;
	text_add(&text, chain);
	text_add(&text, " ");
	text_add(&text, address);
	fold(&matcher->table, text.data, strlen(text.data), &matcher->folded);
	mentions_find(gazetteer, &matcher->starts, &matcher->folded, NULL, &matcher->mentions);
	judge_text(&matcher->judge, &matcher->folded, &matcher->mentions);
	memset(out, 0, offsetof(struct match, normalized));
	decide(matcher, out);
	latin_add_words(matcher->latin, out);
}

void match_query(struct matcher *matcher, const struct match_query *query, struct match *out)
{
	const char *address = query->address;
	struct text normalized;

	assert(matcher);
	assert(address);
	memset(out, 0, offsetof(struct match, normalized));
	fold(&matcher->table, address, strlen(address), &matcher->folded);
	text_init(&normalized, out->normalized, sizeof(out->normalized));
	fold_write(&matcher->folded, 0, matcher->folded.len, &normalized);
	mentions_find(matcher->gazetteer, &matcher->starts, &matcher->folded, NULL,
		      &matcher->mentions);
	bool chosen = choose_home(matcher);
	judge_text(&matcher->judge, &matcher->folded, &matcher->mentions);
	decide(matcher, out);
	if (matcher->folded.letters < LATIN_LETTERS_MIN) {
		latin_skip(matcher->latin);
	} else {
		latin_match(matcher->latin, address, out);
		uint32_t place = chosen ? IMAGE_NONE : latin_place(matcher->latin, out);
		if (place != IMAGE_NONE)
			read_below(matcher, place, address, out);
	}
	judge_cover(matcher, query, out);
	if (chosen && out->verdict == MATCH_EXACT) {
		out->verdict = MATCH_PROBABLE;
		out->confidence *= CHOSEN_HOME;
		out->candidates[0].score = out->confidence;
	}
}

void match_address(struct matcher *matcher, const char *address, struct match *out)
{
	match_query(matcher, &(struct match_query){.address = address}, out);
}
