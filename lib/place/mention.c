/* mention.c — walk the trie from every symbol of an address and keep the names that could be meant.
 *
 * Neighbours: fold.c made the symbols, affix.c knows the words around a core, judge.c weighs what
 * is found here.
 */
#include "mention.h"

#include <assert.h>
#include <string.h>
#include <uchar.h>

#include "affix.h"
#include "edges.h"

struct finder {
	const struct gazetteer *gazetteer;
	const struct mention_starts *starts;
	const struct folded *text;
	struct mentions *out;
};

static bool gap_at(const struct folded *text, size_t at)
{
	return at >= text->len || (text->flags[at] & FOLD_GAP) != 0;
}

static bool is_one_of(uint32_t symbol, const char32_t *list)
{
	for (size_t i = 0; list[i]; i++)
		if (list[i] == symbol)
			return true;
	return false;
}

/* Does the name that ends at END go on as a road with houses: 法华镇路983号, but not 新市镇路家村?
 */
static bool is_house_road(const struct folded *text, size_t end)
{
	return affix_road_at(text->symbols + end, true) &&
	       (gap_at(text, end + 1) || symbol_is_number(text->symbols[end + 1]));
}

/* Is the name that ends at END the beginning of a road's: 北仑大道59号, 山西路? 上饶路亭山村 may go
 * on as a committee. */
static bool begins_road(const struct folded *text, size_t end)
{
	size_t len = gap_at(text, end) ? 0 : affix_road_at(text->symbols + end, false);

	return len > 0 && (gap_at(text, end + len) || symbol_is_number(text->symbols[end + len]));
}

static bool has_arabic(const struct folded *text, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (text->flags[i] & FOLD_ARABIC)
			return true;
	return false;
}

enum mention_next mention_next_at(const struct folded *text, size_t end)
{
	const uint32_t *at = text->symbols + end;

	if (gap_at(text, end))
		return NEXT_CLEAR;
	if (affix_road_at(at, false))
		return NEXT_ROAD;
	if (symbol_is_number(*at) || (*at >= 'a' && *at <= 'z'))
		return NEXT_CLEAR;
	return affix_estate_at(at) ? NEXT_ESTATE : NEXT_GLUED;
}

static void add_admin(struct finder *finder, const struct mention *mention)
{
	struct mentions *out = finder->out;

	if (out->admin_len == MENTIONS_ADMIN) {
		out->cut = true;
		return;
	}
	out->reach[mention->end] |= mention->level == LEVEL_STREET && mention->form == FORM_SHORT
					    ? REACH_STREET
					    : REACH_EDGE;
	out->admin[out->admin_len++] = *mention;
}

/* Does SYMBOL say that what stands before it is a unit of another level than LEVEL? */
static bool other_level(uint32_t symbol, enum unit_level level)
{
	switch (symbol) {
	case U'省':
		return level != LEVEL_PROVINCE;
	case U'市':
		return level == LEVEL_PROVINCE;
	case U'区':
	case U'县':
	case U'旗':
	case U'镇':
	case U'乡':
		return true;
	default:
		return false;
	}
}

/* 高淳县 stands for 高淳区, unless there is a 高淳县: then add_full takes its place. */
static void add_renamed(struct finder *finder, struct mention mention)
{
	mention.form = FORM_OTHER;
	mention.end++;
	add_admin(finder, &mention);
}

static void add_full(struct finder *finder, const struct mention *mention)
{
	struct mentions *out = finder->out;

	for (size_t i = 0; i < out->admin_len; i++) {
		struct mention *other = &out->admin[i];
		if (other->form == FORM_OTHER && other->level == mention->level &&
		    other->start == mention->start && other->end == mention->end) {
			*other = *mention;
			return;
		}
	}
	add_admin(finder, mention);
}

static void add_upper(struct finder *finder, struct mention mention)
{
	const struct folded *text = finder->text;
	bool edge = (finder->out->reach[mention.start] & (REACH_EDGE | REACH_WEAK)) != 0;
	uint32_t next = gap_at(text, mention.end) ? 0 : text->symbols[mention.end];

	if (has_arabic(text, mention.start, mention.end))
		return;
	if (!mention.brief) {
		/* 省 and 市 names of three symbols and more are plain even inside of other words.
		 */
		size_t len = (size_t)(mention.end - mention.start);
		edge = edge || (len >= 3 && mention.level <= LEVEL_CITY);
		if ((!edge && len < 3) || is_house_road(text, mention.end))
			return;
		mention.solid = edge;
		add_full(finder, &mention);
		return;
	}
	if (!(finder->out->reach[mention.start] & REACH_EDGE))
		return;
	if (mention.level == LEVEL_COUNTY && mention.form == FORM_SHORT &&
	    (next == U'县' || next == U'市' || next == U'区')) {
		add_renamed(finder, mention);
		return;
	}
	if (begins_road(text, mention.end) || other_level(next, mention.level))
		return;
	add_admin(finder, &mention);
}

bool mention_means(const struct gazetteer *gazetteer, const struct mention *mention, uint32_t unit)
{
	if (mention->level != LEVEL_STREET)
		return true;
	uint8_t kind = gazetteer->admin_kinds[unit];
	switch ((enum mention_form)mention->form) {
	case FORM_FULL:
		return kind == mention->kind;
	case FORM_OTHER:
		return kind != mention->kind && kind != STREET_WHOLE;
	case FORM_SHORT:
		return kind != STREET_WHOLE;
	case FORM_TYPO:
		return true;
	case FORM_QUASI:
	case FORM_LANE:
	case FORM_OLD:
	case MENTION_FORMS:
		break;
	}
	return false;
}

/* Add MENTION when one of its units can be meant by it in FORM. */
static void add_street_form(struct finder *finder, struct mention mention, enum mention_form form,
			    uint8_t kind, size_t end)
{
	mention.form = (uint8_t)form;
	mention.kind = kind;
	mention.end = (uint16_t)end;
	mention.solid = form != FORM_SHORT && (finder->out->reach[mention.start] & REACH_EDGE);
	for (uint32_t i = 0; i < mention.count; i++) {
		uint32_t unit = POSTING_UNIT(finder->gazetteer->postings[mention.first + i]);
		if (mention_means(finder->gazetteer, &mention, unit)) {
			add_admin(finder, &mention);
			return;
		}
	}
}

static void add_street(struct finder *finder, struct mention mention)
{
	const struct folded *text = finder->text;
	size_t core = mention.core_end, len = core - mention.start, word = 0;
	uint8_t kind = STREET_WHOLE;

	if (!gap_at(text, core))
		word = affix_street_at(text->symbols + core, &kind);
	if (word > 0 && !is_house_road(text, core + word)) {
		add_street_form(finder, mention, FORM_FULL, kind, core + word);
		if (len >= 2)
			add_street_form(finder, mention, FORM_OTHER, kind, core + word);
		add_street_form(finder, mention, FORM_FULL, STREET_WHOLE, core);
		return;
	}
	if (affix_road_at(text->symbols + core, true))
		return;
	add_street_form(finder, mention, FORM_FULL, STREET_WHOLE, core);
	uint32_t last = text->symbols[core - 1];
	bool road = last == U'路' || last == U'街' || last == U'道';
	/* 共和新路黄山锦庭: a road's name is a street's too when letters follow it. */
	if (len < 2 || (road && (len < 3 || mention_next_at(text, core) != NEXT_GLUED)) ||
	    has_arabic(text, mention.start, core) ||
	    !(finder->out->reach[mention.start] & REACH_EDGE) || begins_road(text, core))
		return;
	add_street_form(finder, mention, FORM_SHORT, STREET_WHOLE, core);
}

/* How a committee's core without kind word is written, or -1 when such letters mean nothing. */
static int short_form(const struct folded *text, const struct mention *mention)
{
	const uint32_t *core = text->symbols + mention->start;
	size_t len = (size_t)(mention->core_end - mention->start);

	if (len >= 3 && core[len - 1] == U'弄' && symbol_is_number(core[len - 2]))
		return FORM_LANE;
	if (len < 2 || affix_is_road(core, len))
		return -1;
	if (!gap_at(text, mention->end) && affix_road_at(text->symbols + mention->end, false))
		return -1;
	return core[len - 1] == U'村' && len >= 3 &&
			       mention_next_at(text, mention->end) != NEXT_ESTATE
		       ? FORM_QUASI
		       : FORM_SHORT;
}

static void add_committee(struct finder *finder, struct mention mention)
{
	struct mentions *out = finder->out;
	const struct folded *text = finder->text;
	size_t word = 0;
	uint8_t street;
	int form = FORM_FULL;

	if (!out->reach[mention.start])
		return;
	if (!gap_at(text, mention.core_end))
		word = affix_committee_at(text->symbols + mention.core_end, &mention.kind);
	mention.end = (uint16_t)(mention.core_end + word);
	/* 何厝村路 is a road, 顾村镇 a town; after a longer kind word either is a new name, but
	 * 社区街道 is not. */
	if (!gap_at(text, mention.end) &&
	    ((word <= 1 && is_house_road(text, mention.end)) ||
	     affix_street_at(text->symbols + mention.end, &street) > (word <= 1 ? 0 : 1)))
		return;
	if (word == 0)
		form = short_form(text, &mention);
	if (form < 0)
		return;
	if (out->committee_len == MENTIONS_COMMITTEE) {
		out->cut = true;
		return;
	}
	mention.form = (uint8_t)form;
	out->committee[out->committee_len++] = mention;
	/* Judging will ask for them. */
	uint32_t unit = POSTING_UNIT(finder->gazetteer->postings[mention.first]);
	__builtin_prefetch(&finder->gazetteer->committee_streets[unit]);
	__builtin_prefetch(&finder->gazetteer->committee_kinds[unit]);
	/* Another committee may follow, with or without a word between them. */
	if (form == FORM_FULL && word > 0) {
		out->reach[mention.end] |= REACH_SISTER;
		if (!gap_at(text, mention.end) &&
		    is_one_of(text->symbols[mention.end], U"与和及跟或"))
			out->reach[mention.end + 1] |= REACH_SISTER;
	}
}

static const struct {
	uint8_t level, form;
	bool brief;
} roles[POSTING_ROLES] = {
	[ROLE_PROVINCE_FULL] = {LEVEL_PROVINCE, FORM_FULL, false},
	[ROLE_PROVINCE_SHORT] = {LEVEL_PROVINCE, FORM_SHORT, true},
	[ROLE_CITY_FULL] = {LEVEL_CITY, FORM_FULL, false},
	[ROLE_CITY_SHORT] = {LEVEL_CITY, FORM_SHORT, true},
	[ROLE_COUNTY_FULL] = {LEVEL_COUNTY, FORM_FULL, false},
	[ROLE_COUNTY_SHORT] = {LEVEL_COUNTY, FORM_SHORT, true},
	[ROLE_STREET] = {LEVEL_STREET, FORM_FULL, false},
	[ROLE_COMMITTEE] = {LEVEL_COMMITTEE, FORM_FULL, false},
	[ROLE_CITY_OLD] = {LEVEL_CITY, FORM_OLD, false},
	[ROLE_COUNTY_OLD] = {LEVEL_COUNTY, FORM_OLD, false},
	[ROLE_COUNTY_OLD_SHORT] = {LEVEL_COUNTY, FORM_OLD, true},
};

/* NODE's name stands at START .. END - 1: add a mention for each role it plays. */
static void add_node(struct finder *finder, uint32_t node, size_t start, size_t end)
{
	const struct gazetteer *gazetteer = finder->gazetteer;
	uint32_t last = gazetteer->posts[node + 1];

	for (uint32_t i = gazetteer->posts[node]; i < last;) {
		uint32_t role = POSTING_ROLE(gazetteer->postings[i]);
		struct mention mention = {
			.start = (uint16_t)start,
			.core_end = (uint16_t)end,
			.end = (uint16_t)end,
			.first = i,
		};
		/* They rise by role: mostly there is only one. */
		if (POSTING_ROLE(gazetteer->postings[last - 1]) == role)
			i = last;
		while (i < last && POSTING_ROLE(gazetteer->postings[i]) == role)
			i++;
		mention.count = i - mention.first;
		mention.level = roles[role].level;
		mention.form = roles[role].form;
		mention.brief = roles[role].brief;
		if (role == ROLE_COMMITTEE)
			add_committee(finder, mention);
		else if (role == ROLE_STREET)
			add_street(finder, mention);
		else
			add_upper(finder, mention);
	}
}

/* 中国 before a province says nothing. */
static bool after_china(const struct folded *text, size_t at)
{
	return at >= 2 && text->symbols[at - 1] == U'国' && text->symbols[at - 2] == U'中';
}

/* May a name begin after the symbol before AT, although it is neither gap nor name? After 602室,
 * 3号楼, 12, 现住 it may; after 钟楼 or 三 it is more likely the rest of a longer name. */
static bool weak_edge(const struct folded *text, size_t at)
{
	const uint32_t *before = text->symbols + at - 1;

	static const uint64_t words = SYMBOL_MARK('住') | SYMBOL_MARK('在') | SYMBOL_MARK('址') |
				      SYMBOL_MARK('号') | SYMBOL_MARK('室') | SYMBOL_MARK('楼') |
				      SYMBOL_MARK('栋') | SYMBOL_MARK('幢') | SYMBOL_MARK('弄') |
				      SYMBOL_MARK('组') | SYMBOL_MARK('队') | SYMBOL_MARK('元');

	if (text->flags[at - 1] & FOLD_ARABIC)
		return true;
	if (!symbol_may_be(*before, words))
		return false;
	if (is_one_of(*before, U"住在址"))
		return true;
	if (at < 2 || !is_one_of(*before, U"号室楼栋幢弄组队元"))
		return false;
	return (text->flags[at - 2] & FOLD_ARABIC) ||
	       (at >= 3 && (text->flags[at - 3] & FOLD_ARABIC));
}

/* Names go from the widest to the narrowest: right behind a town, 庆安 is no county. */
static bool follows_street(const struct mentions *mentions, const struct mention *mention)
{
	for (size_t i = 0; i < mentions->admin_len; i++)
		if (mentions->admin[i].end == mention->start &&
		    mentions->admin[i].level == LEVEL_STREET &&
		    mentions->admin[i].form == FORM_FULL)
			return true;
	return false;
}

/* A short upper name binds when another upper name follows it at once: 浙江金华义乌…, but not
 * 上海城 or 大连街. */
static void settle_short(struct mentions *out, const struct folded *text)
{
	for (size_t i = 0; i < out->admin_len; i++) {
		struct mention *mention = &out->admin[i];
		if (mention->form == FORM_FULL || mention->form == FORM_TYPO ||
		    (mention->form == FORM_OLD && !mention->brief) ||
		    mention->level == LEVEL_STREET)
			continue;
		bool binds = gap_at(text, mention->end) &&
			     !(mention->level == LEVEL_COUNTY && follows_street(out, mention));
		for (size_t j = i + 1; j < out->admin_len && !binds; j++)
			binds = out->admin[j].start == mention->end &&
				out->admin[j].level > mention->level &&
				(out->admin[j].level < LEVEL_STREET ||
				 out->admin[j].form != FORM_SHORT);
		mention->solid = binds;
	}
}

/* Find what names may begin with at each symbol of TEXT. The image does not stay in a processor's
 * cache: all that will be looked up is fetched first, in three turns, so that no walk waits for the
 * memory of one step after the other. */
static void find_begins(const struct gazetteer *gazetteer, const struct mention_starts *starts,
			const struct folded *text, struct mention_begin *begins)
{
	const uint32_t *symbols = text->symbols;

	for (size_t at = 0; at < text->len; at++) {
		uint32_t first = symbols[at];
		bool two = !gap_at(text, at + 1) &&
			   mention_has(starts->pairs, mention_pair(first, symbols[at + 1]));
		begins[at] = (struct mention_begin){0, 0};
		if (!two && !mention_has(starts->named, mention_single(first)))
			continue;
		begins[at].root = first < MENTION_ROOTS ? starts->roots[first]
							: gazetteer_child(gazetteer, 0, first);
		begins[at].second = two;
		if (two)
			edge_prefetch(gazetteer, begins[at].root, symbols[at + 1]);
	}
	for (size_t at = 0; at < text->len; at++) {
		struct mention_begin *begin = &begins[at];
		if (!begin->second)
			continue;
		begin->second =
			begin->root ? edge_find(gazetteer, begin->root, symbols[at + 1]) : 0;
		if (begin->second & EDGE_NAMED)
			__builtin_prefetch(&gazetteer->posts[EDGE_NODE(begin->second)]);
		if (begin->second && !(begin->second & EDGE_LEAF) && !gap_at(text, at + 2))
			edge_prefetch(gazetteer, EDGE_NODE(begin->second), symbols[at + 2]);
	}
	for (size_t at = 0; at < text->len; at++)
		if (begins[at].second & EDGE_NAMED)
			__builtin_prefetch(&gazetteer->postings[gazetteer->posts[EDGE_NODE(
				begins[at].second)]]);
}

/* Add the names that BEGIN at START. */
static void walk(struct finder *finder, const struct mention_begin *begin, size_t start)
{
	const struct gazetteer *gazetteer = finder->gazetteer;
	const struct mention_starts *starts = finder->starts;
	const struct folded *text = finder->text;
	const uint32_t *symbols = text->symbols;
	bool any = finder->out->reach[start] != 0;
	uint64_t has = any ? EDGE_NAMED : EDGE_UPPER, edge = begin->second;

	if (mention_has(any ? starts->named : starts->upper, mention_single(symbols[start])))
		add_node(finder, begin->root, start, start + 1);
	if (!edge || (!any && !mention_has(starts->pairs,
					   mention_pair(symbols[start], symbols[start + 1]) + 1)))
		return;
	for (size_t end = start + 2;; end++) {
		uint32_t node = EDGE_NODE(edge);
		if (edge & has)
			add_node(finder, node, start, end);
		if ((edge & EDGE_LEAF) || gap_at(text, end))
			return;
		edge = edge_find(gazetteer, node, symbols[end]);
		if (edge == 0)
			return;
	}
}

static void add_extra(struct mentions *out, const struct mention *extra)
{
	if (extra->level < LEVEL_COMMITTEE && out->admin_len < MENTIONS_ADMIN) {
		out->admin[out->admin_len++] = *extra;
		out->reach[extra->end] |= REACH_EDGE;
	} else if (extra->level == LEVEL_COMMITTEE && out->committee_len < MENTIONS_COMMITTEE) {
		out->committee[out->committee_len++] = *extra;
	} else {
		out->cut = true;
	}
}

void mentions_find(const struct gazetteer *gazetteer, const struct mention_starts *starts,
		   const struct folded *text, const struct mention *extra, struct mentions *out)
{
	struct finder finder = {gazetteer, starts, text, out};

	out->admin_len = out->committee_len = 0;
	out->cut = false;
	memset(out->reach, 0, text->len + 1);
	find_begins(gazetteer, starts, text, out->begins);
	for (size_t start = 0; start < text->len; start++) {
		if (extra && extra->start == start)
			add_extra(out, extra);
		if (gap_at(text, start) || after_china(text, start))
			out->reach[start] |= REACH_EDGE;
		else if (weak_edge(text, start))
			out->reach[start] |= REACH_WEAK;
		if (out->begins[start].root)
			walk(&finder, &out->begins[start], start);
	}
	settle_short(out, text);
}
