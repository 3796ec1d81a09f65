/* cover.c — coverage rules meet the verdict by names.
 *
 * A rule answers where names do not. A committee whose letters are only a part of the road's or the
 * estate's name resembles it and gives way; one that is written for itself must agree, or a human
 * is asked. Neighbours: match.c calls it last, cover_claim.c finds what the rules say,
 * cover_point.c what outlines say, cover_answer.c writes the verdict, cover_key.c what an
 * assignment by hand is learnt under.
 */
#include "cover_answer.h"

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
	uint64_t code = answered ? coverage_number_of(out->code) : 0;

	named->len = 0;
	for (size_t i = 0; i < judge->fitting_len; i++) {
		const struct candidate *candidate = &judge->fitting[i];
		const struct mention *mention = &cover->mentions->committee[candidate->mention];
		uint64_t unit = committee_number(cover, candidate->committee);
		bool part = resembles(cover, mention);
		explained = explained || (part && unit == code);
		if (candidate->dropped || part || is_in(named->units, named->len, unit) ||
		    named->len == COVER_UNITS)
			continue;
		named->units[named->len++] = unit;
	}
	/* Found in another way than by its own letters: by a repaired name, say. */
	if (answered && !explained && !is_in(named->units, named->len, code)) {
		named->units[0] = code;
		named->len = 1;
	}
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
	cover_answer(cover, unit, plain ? MATCH_EXACT : MATCH_PROBABLE,
		     plain ? RULE_CONFIDENCE : RULE_LESS_CONFIDENCE, out);
	if (keep && coverage_number_of(out->code) == unit && named->len > 0) {
		(void)text_copy(out->rule, sizeof(out->rule),
				coverage_word(cover->coverage, finding->claims[0]->id));
		return;
	}
	if (named->len == 0)
		cover_keep_door(cover, out);
	cover_say_claim(cover, out, MATCH_WHY_RULE, finding->claims[0]);
}

/* Names and rules disagree, or the rules among themselves. */
static void ask_rules(const struct cover *cover, const struct named *named, enum match_why why,
		      struct match *out)
{
	const struct cover_finding *finding = &cover->finding;
	const struct claim *claim = finding->len > 0 ? finding->claims[0] : finding->open_claims[0];
	size_t of = finding->len + named->len + (finding->other_kind ? 0 : finding->open_len);

	cover_ask(out);
	cover_add_all(out, finding->units, finding->len, of);
	cover_add_all(out, named->units, named->len, of);
	for (size_t i = 0; i < finding->open_len && !finding->other_kind; i++)
		if (!COVERAGE_UNIT_IS_STREET(finding->open[i]))
			cover_add(out, finding->open[i], 1.0 / (double)of);
	cover_say_claim(cover, out, why, claim);
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
		cover_answer(cover, finding->open[0], MATCH_PROBABLE, OTHER_CONFIDENCE, out);
		cover_keep_door(cover, out);
	} else {
		cover_ask(out);
		cover_add_all(out, finding->open, finding->open_len, finding->open_len);
	}
	cover_say_claim(cover, out, MATCH_WHY_RULE_OTHER, claim);
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
		cover_ask(out);
		if (strlen(out->code) < 9)
			coverage_code_of(finding->street->unit, out->code);
		cover_say_claim(cover, out, MATCH_WHY_RULE, finding->street);
	} else if (finding->other_kind) {
		judge_other_kind(cover, out);
	} else if (finding->open_len > 0) {
		ask_rules(cover, named, MATCH_WHY_LITTLE, out);
	} else if (finding->refused) {
		cover_ask(out);
		cover_add(out, finding->refused, 0.1);
		cover_say_claim(cover, out, MATCH_WHY_NOT_OURS, finding->refusal);
	} else if (has_number(cover) && out->candidates_len == 0 &&
		   out->verdict == MATCH_AMBIGUOUS) {
		cover_say(out, MATCH_WHY_NO_RULE, NULL, NULL);
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
	cover_ask(out);
	cover_add(out, unit, 0.5);
	cover_say_claim(cover, out, MATCH_WHY_NOT_OURS, refusal);
}

void cover_judge(struct cover *cover, struct match *out)
{
	cover->doors_len = cover->estates_len = 0;
	cover_find_areas(cover, out);
	cover_read(cover);
	cover_write_keys(cover, out);
	if (!cover->coverage)
		return;
	cover_claim(cover);
	judge_rules(cover, out);
	judge_refusal(cover, out);
	if (cover->point)
		cover_judge_point(cover, out);
}
