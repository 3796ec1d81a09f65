/* match.c — decide by counting: one fitting committee is an answer, several or none are a question.
 *
 * Neighbours: fold.c, mention.c, judge.c and path.c in that order; this file turns what they leave
 * into a verdict, a confidence and a sentence for the duty officer.
 */
#include "closedloop/match.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#include "cover.h"
#include "latin.h"
#include "match_why.h"
#include "path.h"

struct matcher {
	const struct gazetteer *gazetteer;
	struct fold_table table;
	uint32_t roots[MENTION_ROOTS];
	struct folded folded;
	struct mentions mentions;
	struct judge judge;
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
	mention_roots(gazetteer, matcher->roots);
	judge_init(&matcher->judge, gazetteer);
	matcher->latin = latin_new(gazetteer);
	return matcher;
}

void match_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	judge_release(&matcher->judge);
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

/* Is mention INDEX the beginning of another one in MASK, or the same words again? */
static bool is_repeated(const struct matcher *matcher, uint64_t mask, size_t index)
{
	const struct mention *admin = matcher->mentions.admin;
	const uint32_t *symbols = matcher->folded.symbols;
	size_t len = (size_t)(admin[index].end - admin[index].start);

	for (size_t i = 0; i < matcher->mentions.admin_len; i++) {
		size_t other = (size_t)(admin[i].end - admin[i].start);
		if (i != index && (mask >> i & 1) && (other > len || (other == len && i < index)) &&
		    memcmp(symbols + admin[i].start, symbols + admin[index].start,
			   len * sizeof(*symbols)) == 0)
			return true;
	}
	return false;
}

/* Keep the symbols START .. END - 1 as the words that settled LEVEL: of several, the last. */
static void keep_words(const struct matcher *matcher, enum unit_level level, size_t start,
		       size_t end, struct match *out)
{
	struct text words = TEXT_OVER(out->words[level]);

	fold_write(&matcher->folded, start, end, &words);
}

/* Say WHY, and which words CANDIDATE (nothing, when NULL) explains: upper names, then its own. */
static void explain(const struct matcher *matcher, const struct candidate *candidate,
		    enum match_why why, struct match *out)
{
	const struct mentions *mentions = &matcher->mentions;
	struct text reason = TEXT_OVER(out->reason);
	const char *before = ": ";

	out->why = why;
	text_add(&reason, match_why_sentence(why));
	if (!candidate)
		return;
	for (size_t i = 0; i < mentions->admin_len; i++) {
		const struct mention *mention = &mentions->admin[i];
		if (!(candidate->explained >> i & 1) ||
		    is_repeated(matcher, candidate->explained, i))
			continue;
		keep_words(matcher, mention->level, mention->start, mention->end, out);
		text_add(&reason, before);
		fold_write(&matcher->folded, mention->start, mention->end, &reason);
		before = ", ";
	}
	const struct mention *own = &mentions->committee[candidate->mention];
	keep_words(matcher, LEVEL_COMMITTEE, own->start, own->end, out);
	text_add(&reason, before);
	fold_write(&matcher->folded, own->start, own->end, &reason);
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

/* Nobody or several fit: hand over what is known. */
static void ask(const struct matcher *matcher, const struct candidate *const *list, size_t len,
		enum match_why why, struct match *out)
{
	const struct judge *judge = &matcher->judge;

	out->verdict = judge->solid || len > 0 ? MATCH_AMBIGUOUS : MATCH_UNMATCHED;
	if (judge->scope != IMAGE_NONE)
		gazetteer_admin_code(matcher->gazetteer, judge->scope, out->code);
	for (size_t i = 0; i < len; i++)
		add_candidate(matcher, list[i]->committee, len == 1 ? 0.5 : 1.0 / (double)len, out);
	explain(matcher, len > 0 ? list[0] : NULL, why, out);
}

/* The only fitting committee, by a path that is good enough. False when there is none. */
static bool answer(const struct matcher *matcher, const struct candidate *const *list, size_t len,
		   struct match *out)
{
	enum path path = len == 1 ? path_find(&matcher->judge, list[0]) : PATH_NONE;
	const struct path_row *row = path_row(path);

	if (path == PATH_NONE)
		return false;
	out->verdict = row->verdict;
	out->confidence = row->confidence;
	add_candidate(matcher, list[0]->committee, out->confidence, out);
	memcpy(out->code, out->candidates[0].code, sizeof(out->code));
	explain(matcher, list[0], row->why, out);
	return true;
}

static void decide(struct matcher *matcher, struct match *out)
{
	struct judge *judge = &matcher->judge;
	const struct candidate *list[CANDIDATES_MAX];
	size_t len = count_fitting(judge, list);

	if (answer(matcher, list, len, out))
		return;
	judge_place(judge);

	if (len == 0 && judge->contradicted_len > 0) {
		for (; len < judge->contradicted_len; len++)
			list[len] = &judge->contradicted[len];
		ask(matcher, list, len, MATCH_WHY_CONTRADICTED, out);
		return;
	}
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
	mentions_find(matcher->gazetteer, matcher->roots, &matcher->folded, &matcher->mentions);
	judge_text(&matcher->judge, &matcher->folded, &matcher->mentions);
	decide(matcher, out);
	latin_match(matcher->latin, address, out);
	judge_cover(matcher, query, out);
}

void match_address(struct matcher *matcher, const char *address, struct match *out)
{
	match_query(matcher, &(struct match_query){.address = address}, out);
}
