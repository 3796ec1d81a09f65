/* cover.c — rules and boundaries meet the verdict by names.
 *
 * A rule answers where names do not. A committee whose letters are only a part of the road's or the
 * estate's name resembles it and gives way; one that is written for itself must agree, or a human
 * is asked. Neighbours: match.c calls it last, cover_claim.c finds what the rules say,
 * cover_key.c what an assignment by hand is learnt under.
 */
#include "cover.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

#include "cover_key.h"
#include "match_why.h"

#define RULE_CONFIDENCE	     0.99
#define RULE_LESS_CONFIDENCE 0.90 /* Something beside the rule is not quite as it should be. */
#define OTHER_CONFIDENCE     0.80

/* The committees the text names for themselves. */
struct named {
	uint64_t units[COVER_UNITS];
	size_t len;
};

static bool is_in(const uint64_t *units, size_t len, uint64_t unit)
{
	for (size_t i = 0; i < len; i++)
		if (units[i] == unit)
			return true;
	return false;
}

/* Does the mention lie inside the letters of a road with its number, or of an estate? */
static bool resembles(const struct cover *cover, const struct mention *mention)
{
	for (size_t i = 0; i < cover->doors_len; i++)
		if (mention->start >= cover->doors[i].start &&
		    mention->end <= cover->doors[i].door.end)
			return true;
	for (size_t i = 0; i < cover->estates_len; i++)
		if (mention->start >= cover->estates[i].spot.start &&
		    mention->end <= cover->estates[i].spot.end)
			return true;
	return false;
}

static uint64_t committee_number(const struct cover *cover, uint32_t committee)
{
	char code[UNIT_CODE_CAP];

	gazetteer_committee_code(cover->gazetteer, committee, code);
	return coverage_number_of(code);
}

static void find_named(const struct cover *cover, const struct match *out, struct named *named)
{
	const struct judge *judge = cover->judge;
	bool answered = out->verdict >= MATCH_PROBABLE, explained = false;
	uint64_t answer = answered ? coverage_number_of(out->code) : 0;

	named->len = 0;
	for (size_t i = 0; i < judge->fitting_len; i++) {
		const struct candidate *candidate = &judge->fitting[i];
		const struct mention *mention = &cover->mentions->committee[candidate->mention];
		uint64_t unit = committee_number(cover, candidate->committee);
		bool part = resembles(cover, mention);
		explained = explained || (part && unit == answer);
		if (candidate->dropped || part || is_in(named->units, named->len, unit) ||
		    named->len == COVER_UNITS)
			continue;
		named->units[named->len++] = unit;
	}
	/* Found in another way than by its own letters: by a repaired name, say. */
	if (answered && !explained && !is_in(named->units, named->len, answer)) {
		named->units[0] = answer;
		named->len = 1;
	}
}

static void add_candidate(struct match *out, uint64_t unit, double score)
{
	char code[UNIT_CODE_CAP];

	coverage_code_of(unit, code);
	for (size_t i = 0; i < out->candidates_len; i++)
		if (strcmp(out->candidates[i].code, code) == 0)
			return;
	if (out->candidates_len == MATCH_CANDIDATES_MAX)
		return;
	struct match_candidate *candidate = &out->candidates[out->candidates_len++];
	memcpy(candidate->code, code, sizeof(code));
	candidate->score = score;
}

/* Say WHY, with the rule ID. */
static void say(struct match *out, enum match_why why, const char *id, const char *name)
{
	struct text reason = TEXT_OVER(out->reason);

	out->why = why;
	text_add(&reason, match_why_sentence(why));
	if (!id)
		return;
	(void)text_copy(out->rule, sizeof(out->rule), id);
	text_addf(&reason, ": %s", id);
	if (name)
		text_addf(&reason, " (%s)", name);
}

static void say_claim(const struct cover *cover, struct match *out, enum match_why why,
		      const struct claim *claim)
{
	say(out, why, coverage_word(cover->coverage, claim->id),
	    coverage_word(cover->coverage, cover->coverage->places[claim->place].name));
}

/* Keep the words for the units above CODE, where the text has them. */
static void keep_words(const struct cover *cover, const char *code, struct match *out)
{
	const struct gazetteer *gazetteer = cover->gazetteer;
	char above[UNIT_CODE_CAP];

	for (size_t i = 0; i < cover->mentions->admin_len; i++) {
		const struct mention *mention = &cover->mentions->admin[i];
		struct text words = TEXT_OVER(out->words[mention->level]);
		for (uint32_t k = 0; k < mention->count && k < 64; k++) {
			uint32_t unit = POSTING_UNIT(gazetteer->postings[mention->first + k]);
			gazetteer_admin_code(gazetteer, unit, above);
			if (!text_starts(code, above))
				continue;
			text_clear(&words);
			fold_write(cover->text, mention->start, mention->end, &words);
			break;
		}
	}
}

/* The words of the door, or else of the estate, in place of the committee's. */
static void keep_door(const struct cover *cover, struct match *out)
{
	struct text words = TEXT_OVER(out->words[LEVEL_COMMITTEE]);

	if (cover->doors_len > 0 && cover->doors[0].latin)
		text_add(&words, cover->latin->road);
	else if (cover->doors_len > 0)
		fold_write(cover->text, cover->doors[0].start, cover->doors[0].door.end, &words);
	else if (cover->estates_len > 0 && !cover->extra)
		fold_write(cover->text, cover->estates[0].spot.start, cover->estates[0].spot.end,
			   &words);
}

static void answer(const struct cover *cover, uint64_t unit, enum match_verdict verdict,
		   double confidence, struct match *out)
{
	out->verdict = verdict;
	out->confidence = confidence;
	out->candidates_len = 0;
	add_candidate(out, unit, confidence);
	memcpy(out->code, out->candidates[0].code, sizeof(out->code));
	keep_words(cover, out->code, out);
}

/* Let OUT be a question; the settled code of an answer becomes its county. */
static void ask(struct match *out)
{
	if (out->verdict >= MATCH_PROBABLE)
		out->code[6] = '\0';
	out->verdict = MATCH_AMBIGUOUS;
	out->confidence = 0;
	out->candidates_len = 0;
}

static void add_all(struct match *out, const uint64_t *units, size_t len, size_t of)
{
	for (size_t i = 0; i < len; i++)
		add_candidate(out, units[i], of == 1 ? 0.5 : 1.0 / (double)of);
}

/* Is UNIT outside of the street, or of the county, that is written? A rule may reach over the
 * border, but that must not pass in silence. */
static bool is_elsewhere(const struct match *out, uint64_t unit)
{
	char code[UNIT_CODE_CAP];
	size_t len = strlen(out->code);

	coverage_code_of(unit, code);
	return strncmp(code, out->code, len < 9 ? len : 9) != 0;
}

static void warn(const struct cover *cover, struct match *out)
{
	struct text warning = TEXT_OVER(out->warning);

	for (size_t i = 0; i < cover->mentions->admin_len; i++) {
		const struct mention *mention = &cover->mentions->admin[i];
		if (strlen(out->code) < 9 ? mention->level != LEVEL_COUNTY
					  : mention->level != LEVEL_STREET)
			continue;
		if (mention->solid && warning.len == 0)
			fold_write(cover->text, mention->start, mention->end, &warning);
	}
}

/* A number without its word or before its road, or a road known by its sound only. */
static bool has_vague(const struct cover *cover)
{
	for (size_t i = 0; i < cover->doors_len; i++)
		if (cover->doors[i].known && (cover->doors[i].door.kind == DOOR_BARE ||
					      cover->doors[i].latin || cover->doors[i].backward))
			return true;
	return false;
}

/* One unit has the most specific rule, and nothing stands against it. */
static void answer_rule(const struct cover *cover, const struct named *named, struct match *out)
{
	const struct cover_finding *finding = &cover->finding;
	uint64_t unit = finding->units[0];
	bool elsewhere = is_elsewhere(out, unit);
	bool lane_named = out->verdict >= MATCH_PROBABLE && named->len == 0 &&
			  coverage_number_of(out->code) != unit;
	bool plain = finding->sure && !finding->partial && !elsewhere && !has_vague(cover) &&
		     !lane_named;

	if (elsewhere)
		warn(cover, out);
	/* 荣华居委会 in full and its own door: the words are the better reason. */
	bool keep = out->verdict == MATCH_EXACT;
	answer(cover, unit, plain ? MATCH_EXACT : MATCH_PROBABLE,
	       plain ? RULE_CONFIDENCE : RULE_LESS_CONFIDENCE, out);
	if (keep && coverage_number_of(out->code) == unit && named->len > 0) {
		(void)text_copy(out->rule, sizeof(out->rule),
				coverage_word(cover->coverage, finding->claims[0]->id));
		return;
	}
	if (named->len == 0)
		keep_door(cover, out);
	say_claim(cover, out, MATCH_WHY_RULE, finding->claims[0]);
}

/* Names and rules disagree, or the rules among themselves. */
static void ask_rules(const struct cover *cover, const struct named *named, enum match_why why,
		      struct match *out)
{
	const struct cover_finding *finding = &cover->finding;
	const struct claim *claim = finding->len > 0 ? finding->claims[0] : finding->open_claims[0];
	size_t of = finding->len + named->len + (finding->other_kind ? 0 : finding->open_len);

	ask(out);
	add_all(out, finding->units, finding->len, of);
	add_all(out, named->units, named->len, of);
	for (size_t i = 0; i < finding->open_len && !finding->other_kind; i++)
		if (!COVERAGE_UNIT_IS_STREET(finding->open[i]))
			add_candidate(out, finding->open[i], 1.0 / (double)of);
	say_claim(cover, out, why, claim);
}

/* Only the number of the other kind has a rule. 88弄 where only 88号 exists is a slip of one word,
 * because lanes and houses of a road share one series of numbers; inside of a range, or with a
 * house written in it (88弄5号), it may just as well be a lane that nobody listed. */
static void judge_other_kind(const struct cover *cover, struct match *out)
{
	const struct cover_finding *finding = &cover->finding;
	const struct claim *claim = finding->open_claims[0];

	if (finding->open_len == 1 && claim->level == CLAIM_SINGLE && finding->sure &&
	    cover->doors_len == 1 && cover->estates_len == 0 && cover->doors[0].clean &&
	    cover->doors[0].door.house == DOOR_NO_NUMBER && !cover->doors[0].latin &&
	    cover->doors[0].spot.fit == AREA_SETTLED && cover->doors[0].spot.also_len == 0 &&
	    !is_elsewhere(out, finding->open[0])) {
		answer(cover, finding->open[0], MATCH_PROBABLE, OTHER_CONFIDENCE, out);
		keep_door(cover, out);
	} else {
		ask(out);
		add_all(out, finding->open, finding->open_len, finding->open_len);
	}
	say_claim(cover, out, MATCH_WHY_RULE_OTHER, claim);
}

/* Could another unit than UNIT claim it if more were written? */
static bool is_open(const struct cover_finding *finding, uint64_t unit)
{
	for (size_t i = 0; i < finding->open_len; i++)
		if (finding->open[i] != unit &&
		    (finding->len == 0 || cover_rank(finding->open_claims[i]) <= finding->rank))
			return true;
	return false;
}

static bool has_number(const struct cover *cover)
{
	for (size_t i = 0; i < cover->doors_len; i++)
		if (cover->doors[i].door.kind != DOOR_ROAD)
			return true;
	return false;
}

/* No rule fits. */
static void judge_without(const struct cover *cover, const struct named *named, struct match *out)
{
	const struct cover_finding *finding = &cover->finding;
	bool silent = out->verdict < MATCH_PROBABLE && named->len == 0;

	/* Parts of the estate belong to others than the committee it gave its name to. */
	if (out->verdict >= MATCH_PROBABLE && named->len == 0 && !finding->other_kind &&
	    is_open(finding, coverage_number_of(out->code)))
		ask_rules(cover, named, MATCH_WHY_RULES, out);
	if (!silent || out->why == MATCH_WHY_CONTRADICTED || out->why == MATCH_WHY_TORN)
		return;
	if (finding->street) {
		ask(out);
		if (strlen(out->code) < 9)
			coverage_code_of(finding->street->unit, out->code);
		say_claim(cover, out, MATCH_WHY_RULE, finding->street);
	} else if (finding->other_kind) {
		judge_other_kind(cover, out);
	} else if (finding->open_len > 0) {
		ask_rules(cover, named, MATCH_WHY_LITTLE, out);
	} else if (finding->refused) {
		ask(out);
		add_candidate(out, finding->refused, 0.1);
		say_claim(cover, out, MATCH_WHY_NOT_OURS, finding->refusal);
	} else if (has_number(cover) && out->candidates_len == 0 &&
		   out->verdict == MATCH_AMBIGUOUS) {
		say(out, MATCH_WHY_NO_RULE, NULL, NULL);
	}
}

static void judge_rules(const struct cover *cover, struct match *out)
{
	const struct cover_finding *finding = &cover->finding;
	struct named named;
	uint64_t unit = finding->len > 0 ? finding->units[0] : 0;

	find_named(cover, out, &named);
	/* Names that contradict each other are not put right by a rule. */
	bool torn = out->why == MATCH_WHY_CONTRADICTED || out->why == MATCH_WHY_TORN;
	if (finding->len == 0) {
		judge_without(cover, &named, out);
		return;
	}
	bool known = is_in(named.units, named.len, unit);
	if (finding->len > 1) {
		/* The committee written decides between two that claim the door. */
		bool decided = out->verdict >= MATCH_PROBABLE && named.len > 0 &&
			       is_in(finding->units, finding->len, named.units[0]);
		if (!decided)
			ask_rules(cover, &named,
				  named.len > 0 ? MATCH_WHY_RULE_AGAINST : MATCH_WHY_RULES, out);
		return;
	}
	if (named.len > 0 && !known) {
		/* A rule that may speak of another road is no reason to doubt what is written. */
		if (finding->sure || out->verdict < MATCH_PROBABLE)
			ask_rules(cover, &named, MATCH_WHY_RULE_AGAINST, out);
		return;
	}
	if (known && (out->verdict >= MATCH_PROBABLE || !finding->sure))
		named.len = 1;
	if ((known && !torn && finding->sure) ||
	    (!torn && !is_open(finding, unit) && !finding->unknown &&
	     (finding->sure || finding->agreed)))
		answer_rule(cover, &named, out);
	else if (out->verdict < MATCH_PROBABLE || named.len == 0)
		ask_rules(cover, &named,
			  is_open(finding, unit) ? MATCH_WHY_RULES : MATCH_WHY_LITTLE, out);
}

/* A committee that says itself that the door is not its own is no answer to it. */
static void judge_refusal(const struct cover *cover, struct match *out)
{
	const struct claim *refusal;
	uint64_t unit = out->verdict >= MATCH_PROBABLE ? coverage_number_of(out->code) : 0;

	if (unit == 0 || !(refusal = cover_refusal(cover, unit)))
		return;
	ask(out);
	add_candidate(out, unit, 0.5);
	say_claim(cover, out, MATCH_WHY_NOT_OURS, refusal);
}

/* The deepest code that LEFT and RIGHT share, written over LEFT. */
static void keep_common(char *left, const char *right)
{
	static const size_t lengths[] = {9, 6, 4, 2};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		if (strlen(left) > lengths[i])
			left[lengths[i]] = '\0';
		if (strncmp(left, right, strlen(left)) == 0)
			return;
	}
	left[0] = '\0';
}

/* Boundaries that answer together: one holds the point, or several touch it. */
static void judge_point(const struct cover *cover, const struct boundary_hit *hits, size_t len,
			struct match *out)
{
	bool answered = out->verdict >= MATCH_PROBABLE;
	bool agrees = false;
	char scope[UNIT_CODE_CAP];

	for (size_t i = 0; i < len && answered; i++)
		agrees = agrees || strcmp(hits[i].code, out->code) == 0;
	if (agrees)
		return;
	/* Several that fit, or nothing but a place above: the point decides between them. */
	bool fits = text_starts(hits[0].code, out->code) && out->why != MATCH_WHY_TORN &&
		    out->why != MATCH_WHY_CONTRADICTED && out->why != MATCH_WHY_RULE_AGAINST;
	for (size_t i = 0; i < out->candidates_len && fits && out->why != MATCH_WHY_RULE_OTHER; i++)
		if ((fits = strcmp(out->candidates[i].code, hits[0].code) == 0))
			break;
	if (!answered && fits && len == 1) {
		/* On an outer edge: nobody else has it, but the next one may have no boundary. */
		answer(cover, coverage_number_of(hits[0].code),
		       hits[0].edge ? MATCH_PROBABLE : MATCH_EXACT,
		       hits[0].edge ? RULE_LESS_CONFIDENCE : RULE_CONFIDENCE, out);
		say(out, MATCH_WHY_BOUNDARY, hits[0].id, NULL);
		return;
	}
	enum match_why why = answered || out->candidates_len > 0 ? MATCH_WHY_RULE_AGAINST
			     : len > 1 && !hits[0].edge		 ? MATCH_WHY_RULES
								 : MATCH_WHY_EDGE;
	memcpy(scope, answered || !*out->code ? hits[0].code : out->code, sizeof(scope));
	for (size_t i = 0; i < len; i++)
		keep_common(scope, hits[i].code);
	if (answered)
		keep_common(scope, out->code);
	uint64_t before = answered ? coverage_number_of(out->code) : 0;
	size_t of = len + (answered ? 1 : 0);
	out->verdict = MATCH_AMBIGUOUS;
	out->confidence = 0;
	if (answered)
		out->candidates_len = 0;
	for (size_t i = 0; i < len; i++)
		add_candidate(out, coverage_number_of(hits[i].code), 1.0 / (double)of);
	if (answered)
		add_candidate(out, before, 1.0 / (double)of);
	memcpy(out->code, scope, sizeof(scope));
	say(out, why, hits[0].id, NULL);
}

void cover_judge(struct cover *cover, struct match *out)
{
	struct boundary_hit hits[COVER_UNITS];
	size_t len;

	cover->doors_len = cover->estates_len = 0;
	cover_find_areas(cover, out);
	cover_read(cover);
	cover_write_keys(cover, out);
	if (!cover->coverage)
		return;
	cover_claim(cover);
	judge_rules(cover, out);
	judge_refusal(cover, out);
	if (!cover->point)
		return;
	len = boundary_find(cover->coverage->boundaries, cover->point, hits, ARRAY_LEN(hits));
	if (len > 0)
		judge_point(cover, hits, len, out);
}
