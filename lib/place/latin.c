/* latin.c — decide by counting, as match.c does: one committee that fits is an answer.
 *
 * Neighbours: latin_judge.c has counted, match.c calls. A romanised name is less than a written
 * one, so that only street and committee below a stated place, or a committee found once in its
 * stated county, are exact; every doubt about the words around the name makes an exact answer a
 * probable one, and a probable one a question.
 */
#include "latin.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#include "affix.h"
#include "latin_door.h"
#include "latin_judge.h"
#include "latin_key.h"
#include "latin_level.h"
#include "latin_repair.h"
#include "latin_road.h"
#include "latin_word.h"
#include "match_why.h"

struct latin {
	const struct gazetteer *gazetteer;
	struct latin_text text;
	struct latin_mentions mentions;
	struct latin_judge judge;
	bool read; /* The three above are those of the last address; it had letters. */
};

enum way {
	WAY_CHAIN,
	WAY_COUNTY,
	WAY_CITY,
	WAY_STREET,
	WAY_SHORT,
	WAY_KIND,
	WAY_REPAIRED,
	WAY_TYPO,
	WAY_NONE,
	WAYS,
};

/* Confidences: on generated addresses of all provinces (tests/unit/test_latin.c) and the
 * development rows no answer was wrong; the figures stay below what so many trials support. */
static const struct {
	enum match_verdict verdict;
	double confidence;
	enum match_why why;
} ways[] = {
	[WAY_CHAIN] = {MATCH_EXACT, 0.98, MATCH_WHY_CHAIN},
	[WAY_COUNTY] = {MATCH_EXACT, 0.96, MATCH_WHY_COUNTY},
	[WAY_CITY] = {MATCH_PROBABLE, 0.90, MATCH_WHY_CITY},
	[WAY_STREET] = {MATCH_PROBABLE, 0.90, MATCH_WHY_STREET},
	[WAY_SHORT] = {MATCH_PROBABLE, 0.90, MATCH_WHY_SHORT},
	[WAY_KIND] = {MATCH_PROBABLE, 0.85, MATCH_WHY_KIND},
	[WAY_REPAIRED] = {MATCH_PROBABLE, 0.85, MATCH_WHY_REPAIRED},
	[WAY_TYPO] = {MATCH_PROBABLE, 0.85, MATCH_WHY_TYPO},
	[WAY_NONE] = {MATCH_AMBIGUOUS, 0.5, MATCH_WHY_LITTLE},
};
_Static_assert(ARRAY_LEN(ways) == WAYS, "the last way lacks its row");

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

/* Does the text say that it is about another country, or a place the gazetteer does not have? A
 * hotel may be called London, so the word has to stand alone. */
static bool is_abroad(const struct latin_text *text)
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
static void add_source(const struct latin_text *text, size_t start, size_t end, struct text *out)
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

static void keep_words(const struct latin *latin, const struct latin_mention *mention,
		       struct match *out)
{
	struct text words = TEXT_OVER(out->words[mention->level]);

	add_source(&latin->text, mention->start, mention->end, &words);
}

/* Say WHY, and which words name COMMITTEE (an index, SIZE_MAX: none) and the places above it. */
static void explain(const struct latin *latin, size_t committee, enum match_why why,
		    struct match *out)
{
	const struct latin_mentions *mentions = &latin->mentions;
	struct text reason = TEXT_OVER(out->reason);
	const char *before = ": ";

	out->why = why;
	memset(out->words, 0, sizeof(out->words));
	text_add(&reason, match_why_sentence(why));
	if (committee != SIZE_MAX) {
		const struct latin_mention *own = &mentions->committees[committee];
		keep_words(latin, own, out);
		text_add(&reason, before);
		add_source(&latin->text, own->start, own->end, &reason);
		before = ", ";
	}
	for (int level = LEVEL_STREET; level >= LEVEL_PROVINCE; level--) {
		const struct latin_mention *best = NULL;
		for (size_t i = 0; i < mentions->places_len; i++) {
			const struct latin_mention *mention = &mentions->places[i];
			if (mention->level == level && latin_is_explained(&latin->judge, i) &&
			    (!best || mention->form > best->form))
				best = mention;
		}
		if (!best)
			continue;
		keep_words(latin, best, out);
		text_add(&reason, before);
		add_source(&latin->text, best->start, best->end, &reason);
		before = ", ";
	}
}

/* Where the letters from AT on that MENTION reads end; AT when it reads none of them. */
static size_t read_on(const struct latin_mention *mention, size_t at)
{
	return mention->start <= at && mention->end > at ? mention->end : at;
}

/* Do what is explained and COMMITTEE account for letters START .. END - 1? */
static bool is_accounted(const struct latin *latin, const struct latin_mention *committee,
			 size_t start, size_t end)
{
	for (size_t at = start, before = SIZE_MAX; at < end && at != before;) {
		before = at;
		at = read_on(committee, at);
		for (size_t i = 0; i < latin->mentions.places_len; i++)
			if (latin_is_explained(&latin->judge, i))
				at = read_on(&latin->mentions.places[i], at);
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
static bool has_stray(const struct latin *latin, const struct latin_mention *committee)
{
	const struct latin_text *text = &latin->text;

	for (size_t i = 0; i < text->tokens_len; i++) {
		const struct latin_token *token = &text->tokens[i];
		bool place = token->word == LATIN_LEVEL ||
			     (token->word == LATIN_NAME && is_place_like(text, token));
		if (!place || is_accounted(latin, committee, token->start, token->end))
			continue;
		/* Pudongxinqu District says it twice. */
		if (token->word == LATIN_LEVEL && !token->hard && i > 0 &&
		    text->tokens[i - 1].end > text->tokens[i - 1].start &&
		    is_accounted(latin, committee, text->tokens[i - 1].end - 1u,
				 text->tokens[i - 1].end))
			continue;
		if (latin_road_follows(text, i) || latin_road_follows(text, i + 1))
			continue;
		return true;
	}
	return false;
}

/* A province or city in short that nothing accounts for. */
static bool has_stray_city(const struct latin *latin, const struct latin_mention *committee)
{
	for (size_t i = 0; i < latin->mentions.places_len; i++) {
		const struct latin_mention *place = &latin->mentions.places[i];
		if (place->level <= LEVEL_CITY && place->form == LATIN_FORM_SHORT && !place->weak &&
		    !is_accounted(latin, committee, place->start, place->end))
			return true;
	}
	return false;
}

/* Does the text say that the place is only near what it names? */
static bool is_near(const struct latin_text *text)
{
	for (size_t i = 0; i < text->tokens_len; i++)
		if (text->tokens[i].word == LATIN_NEAR)
			return true;
	return false;
}

/* Is the place named after the committee, or near it? Or does the name seem to go on? */
static bool is_blurred(const struct latin *latin, const struct latin_mention *committee)
{
	const struct latin_text *text = &latin->text;
	size_t next = latin_next(text, committee->end);

	if (committee->inner || is_near(text))
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
		       !is_accounted(latin, committee, text->tokens[next].start,
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

/* 北京市 is province and city in one. */
static bool is_municipality(const struct gazetteer *gazetteer, uint32_t city)
{
	const char *name = gazetteer->names + gazetteer->admin_names[city];

	return strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0;
}

/* The levels above COMMITTEE, as they are written (-1: not at all). */
struct levels {
	int street, county, city;
};

static struct levels levels_above(const struct latin *latin, uint32_t committee, uint32_t within)
{
	const struct gazetteer *gazetteer = latin->gazetteer;
	uint32_t street = gazetteer->committee_streets[committee];
	uint32_t county = gazetteer->admin_parents[street];
	uint32_t city = gazetteer->admin_parents[county];
	uint32_t province = gazetteer->admin_parents[city];
	struct levels levels = {
		.street = latin_form_of(&latin->mentions, street),
		.county = latin_form_of(&latin->mentions, county),
		.city = latin_form_of(&latin->mentions, city),
	};

	if (levels.city < 0 && is_municipality(gazetteer, city))
		levels.city = latin_form_of(&latin->mentions, province);
	/* What Chinese characters have settled is written, too. */
	if (within == street)
		levels.street = LATIN_FORM_FULL;
	if (within == street || within == county)
		levels.county = LATIN_FORM_FULL;
	if (within == street || within == county || within == city || within == province)
		levels.city = LATIN_FORM_FULL;
	return levels;
}

/* Community and Village are also what estates are called in English (小区, 新村, a compound). */
static bool is_vague(const struct latin_text *text, const struct latin_mention *committee)
{
	const struct latin_token *word = &text->tokens[text->token_at[committee->end - 1]];
	size_t len = (size_t)(word->end - word->start);

	return word->word == LATIN_LEVEL &&
	       ((len == 3 && memcmp(text->letters + word->start, "cun", 3) == 0) ||
		(len == 5 && memcmp(text->letters + word->start, "shequ", 5) == 0));
}

/* Can the letters of COMMITTEE also be a street's in short, of a place written above it? Liancun,
 * Xincai may be 练村镇 as well as the village Lian. */
static bool is_street_too(const struct latin *latin, const struct latin_mention *own,
			  uint32_t committee)
{
	const struct gazetteer *gazetteer = latin->gazetteer;
	uint32_t street = gazetteer->committee_streets[committee], first, last;
	uint32_t city = gazetteer->admin_parents[gazetteer->admin_parents[street]];
	const uint32_t *entries;
	uint64_t hash = LATIN_HASH_BEGIN;

	for (size_t at = own->start; at < own->end; at++)
		hash = latin_hash(hash, latin->text.letters[at]);
	size_t len = latin_entries(gazetteer, latin_key(hash), &entries);
	for (size_t i = 0; i < len; i++) {
		latin_postings(gazetteer, LATIN_NODE(entries[i]), ROLE_STREET, &first, &last);
		for (; first < last; first++) {
			uint32_t unit = POSTING_UNIT(gazetteer->postings[first]);
			if (gazetteer->admin_parents[gazetteer->admin_parents[unit]] == city)
				return true;
		}
	}
	return false;
}

/* The way by which the only CANDIDATE is reached, by what is written above it and how. */
static enum way way_by_names(enum latin_rank rank, const struct levels *levels)
{
	bool plain = levels->street >= LATIN_FORM_NEAR;
	bool county = levels->county >= LATIN_FORM_SHORT;
	bool upper = county || levels->city >= LATIN_FORM_SHORT;

	switch (rank) {
	case LATIN_RANK_BARE:
		return plain && upper ? WAY_SHORT : WAY_NONE;
	case LATIN_RANK_KIND:
		return plain && upper ? WAY_KIND : WAY_NONE;
	case LATIN_RANK_FULL:
		break;
	}
	if (levels->county == LATIN_FORM_OTHER || levels->street == LATIN_FORM_OTHER)
		return upper || plain ? WAY_REPAIRED : WAY_NONE;
	if (plain)
		return upper ? WAY_CHAIN : WAY_STREET;
	if (county)
		return WAY_COUNTY;
	return levels->city >= LATIN_FORM_SHORT ? WAY_CITY : WAY_NONE;
}

static enum way find_way(const struct latin *latin, const struct latin_candidate *candidate,
			 uint32_t within)
{
	const struct latin_mention *own = &latin->mentions.committees[candidate->mention];
	struct levels levels = levels_above(latin, candidate->committee, within);
	enum way way = way_by_names((enum latin_rank)candidate->rank, &levels);

	/* 隆阜四村 is not 隆阜四社区: 村 may be a part of the name, and its families are counted
	 * apart. */
	if (candidate->rank == LATIN_RANK_KIND &&
	    latin_has_numeral(latin->gazetteer, candidate->committee))
		return WAY_NONE;
	/* Da Liping Village is not Liping Village. */
	if (way == WAY_NONE || latin->judge.torn || latin->judge.cut || own->weak)
		return WAY_NONE;
	if (way == WAY_COUNTY && is_vague(&latin->text, own))
		way = WAY_CITY;
	if ((way == WAY_COUNTY || way == WAY_CITY) &&
	    is_street_too(latin, own, candidate->committee))
		return WAY_NONE;
	if (!is_blurred(latin, own) && !has_stray(latin, own) && !has_stray_city(latin, own))
		return way;
	/* A doubt leaves an answer only where the street holds the name, and its kind is written.
	 */
	return own->kind != KIND_BARE && ways[way].verdict == MATCH_EXACT &&
			       levels.street >= LATIN_FORM_NEAR
		       ? WAY_REPAIRED
		       : WAY_NONE;
}

static void add_candidate(const struct latin *latin, uint32_t committee, double score,
			  struct match *out)
{
	if (out->candidates_len == MATCH_CANDIDATES_MAX)
		return;
	struct match_candidate *candidate = &out->candidates[out->candidates_len++];
	gazetteer_committee_code(latin->gazetteer, committee, candidate->code);
	candidate->score = score;
}

static void answer(const struct latin *latin, enum way way, uint32_t committee, size_t mention,
		   struct match *out)
{
	out->verdict = ways[way].verdict;
	out->confidence = ways[way].confidence;
	out->candidates_len = 0;
	add_candidate(latin, committee, out->confidence, out);
	memcpy(out->code, out->candidates[0].code, sizeof(out->code));
	explain(latin, mention, ways[way].why, out);
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

static void ask(const struct latin *latin, struct match *out)
{
	const struct latin_judge *judge = &latin->judge;
	size_t len = judge->candidates_len;
	bool place = is_place_written(&latin->mentions);
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
		gazetteer_admin_code(latin->gazetteer, judge->scope, out->code);
	for (size_t i = 0; place && i < len; i++)
		add_candidate(latin, judge->candidates[i].committee,
			      len == 1 ? 0.5 : 1.0 / (double)len, out);
	explain(latin, place && len > 0 ? judge->candidates[0].mention : SIZE_MAX,
		place ? why : MATCH_WHY_NOTHING, out);
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
	struct levels levels = levels_above(latin, found.committee, within);
	const struct latin_mention own = {.start = found.start, .end = found.end};
	if (levels.street < LATIN_FORM_NEAR ||
	    (levels.county < LATIN_FORM_SHORT && levels.city < LATIN_FORM_SHORT) ||
	    has_stray(latin, &own) || has_stray_city(latin, &own) || is_blurred(latin, &own))
		return false;
	answer(latin, WAY_TYPO, found.committee, SIZE_MAX, out);
	struct text words = TEXT_OVER(out->words[LEVEL_COMMITTEE]);
	add_source(&latin->text, found.start, found.end, &words);
	text_copy(out->warning, sizeof(out->warning), words.data);
	return true;
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
	    has_stray(latin, &none) || has_stray_city(latin, &none) || is_near(&latin->text))
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
			keep_words(latin, &latin->mentions.places[i], out);
			break;
		}
	}
}

static bool settle(struct latin *latin, uint32_t within, struct match *out)
{
	const struct latin_judge *judge = &latin->judge;

	if (judge->candidates_len == 1) {
		const struct latin_candidate *only = &judge->candidates[0];
		enum way way = find_way(latin, only, within);
		if (way == WAY_NONE)
			return false;
		answer(latin, way, only->committee, only->mention, out);
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

void latin_skip(struct latin *latin)
{
	latin->read = false;
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
	if (!latin->text.han && is_abroad(&latin->text)) {
		memset(latin->judge.scopes, 0, sizeof(latin->judge.scopes));
		latin->judge.scopes_len = latin->judge.candidates_len = 0;
		latin->mentions.places_len = 0;
		ask(latin, out);
		return;
	}
	if (!is_open(latin, within, out) || settle(latin, within, out) || latin->text.han)
		return;
	ask(latin, out);
}

bool latin_door(const struct latin *latin, struct latin_door *out)
{
	assert(latin);
	return latin->read && latin_road_find(&latin->judge, out);
}
