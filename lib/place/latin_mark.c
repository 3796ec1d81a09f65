/* latin_mark.c — how a name is written where it stands, and whom it can mean: province to
 * committee.
 *
 * Neighbours: latin_mention.c found the letters and their nodes; latin_affix.c has the level words.
 * How a name goes on (District, Hotel, Road) decides what it is worth, or that it is none.
 */
#include "latin_mark.h"

#include <string.h>

#include "closedloop/text.h"

#include "affix.h"
#include "latin_key.h"
#include "latin_level.h"

/* Is there a comma or the like between letters START and END? */
static bool is_cut(const struct latin_text *text, size_t start, size_t end)
{
	for (size_t at = start + 1; at < end; at++)
		if (latin_is_break(text, at))
			return true;
	return false;
}

/* The mention of LEVEL at START .. END in FORM, made when it is new; its index, or SIZE_MAX when
 * there is no room. */
static size_t place(struct latin_mentions *mentions, const struct latin_span *span, size_t end,
		    enum unit_level level, enum latin_form form)
{
	for (size_t i = mentions->places_len; i > 0; i--) {
		const struct latin_mention *known = &mentions->places[i - 1];
		if (known->start != span->start)
			break;
		if (known->end == end && known->level == level && known->form == form &&
		    known->core_end == span->end)
			return i - 1;
	}
	if (mentions->places_len == LATIN_PLACES_MAX) {
		mentions->cut = true;
		return SIZE_MAX;
	}
	mentions->places[mentions->places_len] = (struct latin_mention){
		.start = (uint16_t)span->start,
		.core_end = (uint16_t)span->end,
		.end = (uint16_t)end,
		.level = (uint8_t)level,
		.form = (uint8_t)form,
		.weak = span->weak,
		.inner = !latin_is_start(mentions->text, end),
	};
	return mentions->places_len++;
}

static void mark(struct latin_mentions *mentions, const struct latin_span *span, size_t end,
		 enum unit_level level, enum latin_form form, uint32_t unit)
{
	size_t index = place(mentions, span, end, level, form);
	struct latin_mark *at = &mentions->marks[unit];

	if (index == SIZE_MAX)
		return;
	if (at->epoch != mentions->epoch) {
		if (mentions->units_len == LATIN_UNITS_MAX) {
			mentions->cut = true;
			return;
		}
		mentions->units[mentions->units_len++] = unit;
		__builtin_prefetch(&mentions->gazetteer->admin_parents[unit]);
		at->epoch = mentions->epoch;
		at->mask = 0;
	}
	at->mask |= (uint64_t)1 << index;
	if (form >= LATIN_FORM_NEAR)
		mentions->reach[end] = true;
}

static const char *name_of(const struct latin_mentions *mentions, uint32_t unit)
{
	return mentions->gazetteer->names + mentions->gazetteer->admin_names[unit];
}

static bool ends(const char *name, const char *word)
{
	size_t len = strlen(name), size = strlen(word);

	return size <= len && strcmp(name + len - size, word) == 0;
}

/* Does a name that ends like NAME's get the level word LETTERS[0..LEN)? */
static bool level_fits(const char *name, const char *letters, size_t len)
{
	static const struct {
		const char *letters, *word;
	} rows[] = {
		{"sheng", "省"},  {"shi", "市"},  {"qu", "区"},	  {"xinqu", "新区"},
		{"diqu", "地区"}, {"xian", "县"}, {"xian", "旗"}, {"qi", "旗"},
		{"meng", "盟"},	  {"zhou", "州"}, {"zhou", "盟"}, {"zhou", "地区"},
		{"diqu", "盟"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].letters) == len && memcmp(rows[i].letters, letters, len) == 0 &&
		    ends(name, rows[i].word))
			return true;
	return false;
}

/* After a short name: where "Zhuang Autonomous Region" ends, or 0. */
static size_t autonomous_end(const struct latin_mentions *mentions, size_t at)
{
	const struct latin_text *text = mentions->text;
	size_t token = latin_next(text, at), skipped = 0;

	for (; token < text->tokens_len && !text->tokens[token].hard && skipped < 4; skipped++) {
		at = text->tokens[token].start;
		if (strncmp(text->letters + at, "zizhi", 5) == 0 && mentions->admin_len[at] > 5)
			return at + mentions->admin_len[at];
		const struct latin_token *people = &text->tokens[token++];
		bool zu = people->end >= people->start + 4 &&
			  memcmp(text->letters + people->end - 2, "zu", 2) == 0;
		if (people->word != LATIN_PEOPLE && people->word != LATIN_FILLER && !zu)
			return 0;
	}
	return 0;
}

/* Letters that END in a short name of UNIT: how it goes on decides what they are worth. */
static void mark_short(struct latin_mentions *mentions, const struct latin_span *span,
		       enum unit_level level, uint32_t unit)
{
	const struct latin_text *text = mentions->text;
	size_t end = span->end, word = mentions->admin_len[end];
	size_t token = latin_next(text, end);

	if (!latin_is_start(text, end) && word == 0)
		return;
	if (word > 0 && !is_cut(text, span->start, end + word) &&
	    latin_is_start(text, end + word) && !latin_is_hard(text, end)) {
		bool fits = level_fits(name_of(mentions, unit), text->letters + end, word);
		mark(mentions, span, end + word, level, fits ? LATIN_FORM_NEAR : LATIN_FORM_OTHER,
		     unit);
		return;
	}
	if (!latin_is_start(text, end))
		return;
	size_t autonomous = autonomous_end(mentions, end);
	if (autonomous > 0 && strstr(name_of(mentions, unit), "自治")) {
		mark(mentions, span, autonomous, level, LATIN_FORM_NEAR, unit);
		return;
	}
	bool goes_on = token < text->tokens_len && !text->tokens[token].hard;
	if (goes_on && (text->tokens[token].word == LATIN_SERVICE ||
			text->tokens[token].word == LATIN_BUILDING ||
			text->tokens[token].word == LATIN_LEVEL || latin_road_follows(text, token)))
		return;
	mark(mentions, span, end, level, LATIN_FORM_SHORT, unit);
}

/* Postings rise by role: provinces, cities and counties come first. */
void latin_mark_uppers(struct latin_mentions *mentions, const struct latin_span *span,
		       uint32_t node)
{
	static const struct {
		enum unit_level level;
		bool full;
	} roles[] = {
		[ROLE_PROVINCE_FULL] = {LEVEL_PROVINCE, true},
		[ROLE_PROVINCE_SHORT] = {LEVEL_PROVINCE, false},
		[ROLE_CITY_FULL] = {LEVEL_CITY, true},
		[ROLE_CITY_SHORT] = {LEVEL_CITY, false},
		[ROLE_COUNTY_FULL] = {LEVEL_COUNTY, true},
		[ROLE_COUNTY_SHORT] = {LEVEL_COUNTY, false},
	};
	const struct gazetteer *gazetteer = mentions->gazetteer;

	for (uint32_t i = gazetteer->posts[node]; i < gazetteer->posts[node + 1]; i++) {
		uint32_t role = POSTING_ROLE(gazetteer->postings[i]);
		uint32_t unit = POSTING_UNIT(gazetteer->postings[i]);
		if (role >= ROLE_STREET)
			break;
		if (roles[role].full)
			mark(mentions, span, span->end, roles[role].level, LATIN_FORM_FULL, unit);
		else
			mark_short(mentions, span, roles[role].level, unit);
	}
}

/* English has one word for 镇 and 乡 in many mouths, and none for 地区 and the farms and parks that
 * are streets. */
static enum latin_form street_form(uint8_t written, uint8_t kind, bool english)
{
	if (written == kind)
		return LATIN_FORM_FULL;
	if (kind == STREET_WHOLE)
		return LATIN_FORM_NEAR;
	if (english && ((written == STREET_TOWN && kind == STREET_TOWNSHIP) ||
			(written == STREET_TOWNSHIP && kind == STREET_TOWN) ||
			(written == STREET_SUBDISTRICT && kind == STREET_AREA)))
		return LATIN_FORM_NEAR;
	return LATIN_FORM_OTHER;
}

/* "Hongqiao Street" is 虹桥街道 to some: its length when a road word of that kind stands at AT and
 * no house follows. */
static size_t bare_street_at(const struct latin_text *text, size_t at)
{
	const struct latin_token *token = latin_token_at(text, at);

	return at == token->start && token->word == LATIN_ROAD && token->end == at + 3 &&
			       memcmp(text->letters + at, "jie", 3) == 0 &&
			       latin_is_hard(text, token->end)
		       ? 3
		       : 0;
}

void latin_mark_streets(struct latin_mentions *mentions, const struct latin_span *span,
			uint32_t node)
{
	const struct latin_text *text = mentions->text;
	const struct gazetteer *gazetteer = mentions->gazetteer;
	size_t at = span->end, word = mentions->street_len[at];
	bool english = latin_token_at(text, at)->word == LATIN_LEVEL;
	uint8_t written = STREET_WHOLE;
	uint32_t i, end;

	if (word > 0 && is_cut(text, span->start, at + word))
		word = 0;
	if (latin_is_break(text, at))
		word = 0;
	if (word > 0)
		latin_level_word(text, LATIN_OF_STREET, at, &written);
	size_t bare = word == 0 && latin_is_start(text, at) && !latin_is_break(text, at)
			      ? bare_street_at(text, at)
			      : 0;
	latin_postings(gazetteer, node, ROLE_STREET, &i, &end);
	for (; i < end; i++) {
		uint32_t unit = POSTING_UNIT(gazetteer->postings[i]);
		uint8_t kind = gazetteer->admin_kinds[unit];
		if (word > 0)
			mark(mentions, span, at + word, LEVEL_STREET,
			     street_form(written, kind, english), unit);
		else if (kind == STREET_WHOLE && latin_is_start(text, at))
			mark(mentions, span, at, LEVEL_STREET, LATIN_FORM_FULL, unit);
		else if (bare > 0 && kind == STREET_SUBDISTRICT)
			mark(mentions, span, at + bare, LEVEL_STREET, LATIN_FORM_OTHER, unit);
	}
}

static void keep_committee(struct latin_mentions *mentions, const struct latin_span *span,
			   size_t end, uint8_t kind, uint32_t node)
{
	struct latin_mention *last = mentions->committees_len > 0
					     ? &mentions->committees[mentions->committees_len - 1]
					     : NULL;

	if (!last || last->start != span->start || last->core_end != span->end) {
		if (mentions->committees_len == LATIN_COMMITTEES_MAX) {
			mentions->cut = true;
			return;
		}
		last = &mentions->committees[mentions->committees_len++];
		*last = (struct latin_mention){
			.start = (uint16_t)span->start,
			.core_end = (uint16_t)span->end,
			.end = (uint16_t)end,
			.level = LEVEL_COMMITTEE,
			.form = LATIN_FORM_FULL,
			.kind = kind,
			.weak = span->weak,
			.inner = !latin_is_start(mentions->text, end),
			.first = (uint32_t)mentions->nodes_len,
		};
	}
	if (mentions->nodes_len == LATIN_NODES_MAX) {
		mentions->cut = true;
		return;
	}
	mentions->nodes[mentions->nodes_len++] = node;
	last->count++;
}

/* Does the word at letter START stand in a bracket? Vienna Hotel (Litun) tells which hotel. */
static bool is_bracketed(const struct latin_text *text, size_t start)
{
	const struct latin_token *token = latin_token_at(text, start);
	size_t from = token > text->tokens ? token[-1].until : 0;

	for (size_t at = from; at < token->from; at++)
		if (text->source[at] == '(' || strncmp(text->source + at, "（", 3) == 0)
			return true;
	return false;
}

/* Can a committee's name stand here without its kind word? It has to be alone in its part of the
 * address, but for the number of a house: Zhidan Road is a road. A name that ends in cun itself
 * (莘松 三村) needs none. */
bool latin_can_be_bare(const struct latin_text *text, const struct latin_span *span)
{
	bool village = span->end >= span->start + 6 &&
		       memcmp(text->letters + span->end - 3, "cun", 3) == 0;

	if (!latin_is_start(text, span->end))
		return false;
	if (village && !span->weak)
		return true;
	if (!latin_token_at(text, span->start)->hard || is_bracketed(text, span->start))
		return false;
	const struct latin_token *next = &text->tokens[latin_next(text, span->end)];
	return next->hard || next->word == LATIN_NO;
}

void latin_mark_committees(struct latin_mentions *mentions, const struct latin_span *span,
			   uint32_t node)
{
	const struct latin_text *text = mentions->text;
	size_t end = span->end;
	uint8_t kind = KIND_BARE, more;

	while (mentions->kind_len[end] > 0 && !latin_is_break(text, end) &&
	       !is_cut(text, span->start, end + mentions->kind_len[end])) {
		size_t len = latin_level_word(text, LATIN_OF_COMMITTEE, end, &more);
		if (kind != KIND_BARE && !latin_is_start(text, end + len))
			break;
		kind = more; /* 南口村居委会: the last word says it. */
		end += len;
	}
	if (kind == KIND_BARE && !latin_can_be_bare(text, span))
		return;
	keep_committee(mentions, span, end, kind, node);
	if (kind != KIND_BARE && latin_is_start(text, end))
		mentions->reach[end] = true;
}
