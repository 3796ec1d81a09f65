/* list_words.c — cuts a committee's list of doors into words. Neighbour: coverage_list.c reads them
 * as rules.
 *
 * Such lists are typed by many hands: full width beside half width, ranges with six kinds of
 * dashes, entries numbered ①, 1., （1） or not at all. So a word is known by what stands around
 * it: 双 before a full stop of any kind is the even side, 双泾村 is a village. */
#include "list_words.h"

#include <assert.h>
#include <string.h>

#include "closedloop/coverage.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

/* The text as code points, and where each begins. */
struct tape {
	uint32_t *points;
	uint32_t *at;
	size_t len;
	struct list_word *words;
	size_t words_len, words_max;
	int line;
};

static uint32_t point(const struct tape *tape, size_t at)
{
	return at < tape->len ? tape->points[at] : 0;
}

/* How many code points of TAPE from AT on are LITERAL; 0 when they are not. */
static size_t literal_at(const struct tape *tape, size_t at, const char *literal)
{
	size_t len = strlen(literal), used, count = 0;

	for (size_t i = 0; i < len; i += used) {
		if (point(tape, at + count) != text_decode(literal + i, len - i, &used))
			return 0;
		count++;
	}
	return count;
}

/* The same of the first in LIST, words set apart by '|', that stands there. */
static size_t any_at(const struct tape *tape, size_t at, const char *list)
{
	char word[32];

	while (*list) {
		size_t len = strcspn(list, "|"), found;

		assert(len < sizeof(word));
		memcpy(word, list, len);
		word[len] = '\0';
		found = literal_at(tape, at, word);
		if (found)
			return found;
		list += len + (list[len] == '|');
	}
	return 0;
}

static bool is_one_of(uint32_t code_point, const char *set)
{
	size_t len = strlen(set), used;

	for (size_t i = 0; i < len; i += used) {
		if (text_decode(set + i, len - i, &used) == code_point)
			return true;
	}
	return false;
}

static bool is_digit(uint32_t code_point)
{
	return code_point >= '0' && code_point <= '9';
}

static bool is_numeral(uint32_t code_point)
{
	return code_point && is_one_of(code_point, "〇零一二两三四五六七八九十百千");
}

/* What a single mark is; LIST_NAME: none. */
static enum list_kind mark(uint32_t code_point)
{
	if (code_point == 0)
		return LIST_END;
	if (code_point <= ' ' || is_one_of(code_point, ";；。|！!“”\"　\u00a0\u2028"))
		return LIST_BREAK;
	if (is_one_of(code_point, ",，"))
		return LIST_COMMA;
	if (is_one_of(code_point, "、./&+．"))
		return LIST_AND;
	if (is_one_of(code_point, ":：︰"))
		return LIST_COLON;
	if (is_one_of(code_point, "(（[【〔｛{"))
		return LIST_OPEN;
	if (is_one_of(code_point, ")）]】〕｝}"))
		return LIST_CLOSE;
	if (is_one_of(code_point, "-–—―‐‑−－﹣~～〜∼"))
		return LIST_TO;
	return LIST_NAME;
}

static bool is_boundary(uint32_t code_point)
{
	return mark(code_point) != LIST_NAME || is_digit(code_point);
}

/* Small words. ALONE: only where a mark or a digit follows, else it begins a name. */
static const struct keyword {
	const char *words;
	enum list_kind kind;
	bool alone, odd, even;
	unsigned counts;
} keywords[] = {
	{.words = "单双号|单双数|单号双号",
	 .kind = LIST_PARITY,
	 .odd = true,
	 .even = true,
	 .counts = LIST_HOUSES},
	{.words = "单弄|单数弄|奇数弄|单号弄",
	 .kind = LIST_PARITY,
	 .odd = true,
	 .counts = LIST_LANES},
	{.words = "双弄|双数弄|偶数弄|双号弄",
	 .kind = LIST_PARITY,
	 .even = true,
	 .counts = LIST_LANES},
	{.words = "单号|单数号|奇数号|奇号",
	 .kind = LIST_PARITY,
	 .odd = true,
	 .counts = LIST_HOUSES},
	{.words = "双号|双数号|偶数号|偶号",
	 .kind = LIST_PARITY,
	 .even = true,
	 .counts = LIST_HOUSES},
	{.words = "单数|奇数|单侧", .kind = LIST_PARITY, .odd = true},
	{.words = "双数|偶数|双侧", .kind = LIST_PARITY, .even = true},
	{.words = "单|奇", .kind = LIST_PARITY, .alone = true, .odd = true},
	{.words = "双|偶", .kind = LIST_PARITY, .alone = true, .even = true},
	{.words = "弄", .kind = LIST_PARITY, .alone = true, .counts = LIST_LANES},
	{.words = "号", .kind = LIST_PARITY, .alone = true, .counts = LIST_HOUSES},
	{.words = "全部|全路段|全路|全段|全条|整条|全弄|全线|所有门牌|所有",
	 .kind = LIST_ALL,
	 .alone = true},
	{.words = "除了|除去|除|不含|不包括|不包含|剔除|扣除", .kind = LIST_NOT},
	{.words = "以外|之外|外全部|外均|外", .kind = LIST_OUT, .alone = true},
	{.words = "等", .kind = LIST_SO_ON, .alone = true},
	{.words = "包括|包含|又名|原名|曾用名|俗称|亦称|别名|简称|又称|也称", .kind = LIST_ALSO},
	{.words = "含", .kind = LIST_ALSO, .alone = true},
	{.words = "和|及|与|以及", .kind = LIST_AND, .alone = true},
};

/* Said of the number before them, and nowhere else. */
static const struct keyword after_number[] = {
	{.words = "及以上|以上|起|以后|开始|往后", .kind = LIST_ON, .alone = true},
	{.words = "及以下|以下|止|为止|以前|之前|以内", .kind = LIST_DOWN, .alone = true},
	{.words = "除外", .kind = LIST_OUT},
	{.words = "以及|和|及|与", .kind = LIST_AND},
	{.words = "至|到", .kind = LIST_TO},
};

static const struct keyword *keyword_in(const struct keyword *list, size_t list_len,
					const struct tape *tape, size_t at, size_t *len)
{
	for (size_t i = 0; i < list_len; i++) {
		*len = any_at(tape, at, list[i].words);
		if (*len && (!list[i].alone || is_boundary(point(tape, at + *len))))
			return &list[i];
	}
	return NULL;
}

/* --- numbers --- */

static const struct unit {
	const char *words;
	unsigned counts;
} units[] = {
	{"支弄|室|单元|层|组|队|号门", LIST_ROOMS},
	{"号楼|幢|栋|座|#楼", LIST_BUILDINGS},
	{"号院|号|#", LIST_HOUSES},
	{"弄|巷", LIST_LANES},
};

static size_t unit_at(const struct tape *tape, size_t at, unsigned *counts)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t len = any_at(tape, at, units[i].words);

		if (len) {
			*counts = units[i].counts;
			return len;
		}
	}
	*counts = 0;
	return 0;
}

/* 三百七十五 or 三七五, of LEN numerals. */
static uint32_t numeral_value(const struct tape *tape, size_t at, size_t len)
{
	static const char digits[] = "〇一二三四五六七八九";
	uint32_t total = 0, last = 0;
	bool placed = false;

	for (size_t i = at; i < at + len; i++) {
		uint32_t now = tape->points[i], digit = 0, place = 0;
		size_t used;

		if (is_one_of(now, "十"))
			place = 10;
		else if (is_one_of(now, "百"))
			place = 100;
		else if (is_one_of(now, "千"))
			place = 1000;
		for (size_t k = 0; k < sizeof(digits) - 1; k += used) {
			if (text_decode(digits + k, sizeof(digits) - 1 - k, &used) == now)
				digit = (uint32_t)(k / 3);
		}
		if (is_one_of(now, "两"))
			digit = 2;
		if (place) {
			total += (last || placed ? last : 1) * place;
			last = 0;
			placed = true;
		} else {
			last = placed ? digit : last * 10 + digit;
		}
		if (last > COVERAGE_NUMBER_MAX || total > COVERAGE_NUMBER_MAX)
			return LIST_LONG;
	}
	return total + last;
}

/* The length of the number at AT with its unit; 0 when none begins there. */
static size_t number_at(const struct tape *tape, size_t at, uint32_t *value, unsigned *counts)
{
	size_t len = 0, gap = 0, unit, other;

	*value = 0;
	while (is_digit(point(tape, at + len))) {
		*value = len > 5 ? LIST_LONG : *value * 10 + (tape->points[at + len] - '0');
		len++;
	}
	if (*value > COVERAGE_NUMBER_MAX)
		*value = LIST_LONG;
	if (len == 0) {
		while (is_numeral(point(tape, at + len)))
			len++;
		unit = unit_at(tape, at + len, counts);
		/* 一号公馆 and 三弄堂 are names. */
		if (len == 0 || unit == 0 || len > 12 ||
		    !(is_boundary(point(tape, at + len + unit)) ||
		      is_numeral(point(tape, at + len + unit))))
			return 0;
		*value = numeral_value(tape, at, len);
		return len + unit;
	}
	while (point(tape, at + len + gap) == ' ')
		gap++;
	unit = unit_at(tape, at + len + gap, counts);
	if (unit)
		return len + gap + unit;
	/* 88大厦 is a name. */
	if (is_boundary(point(tape, at + len)) ||
	    keyword_in(after_number, ARRAY_LEN(after_number), tape, at + len, &other) ||
	    keyword_in(keywords, ARRAY_LEN(keywords), tape, at + len, &other))
		return len;
	return 0;
}

/* --- names --- */

#define ROAD_ENDS   "路街道巷弄"
#define ESTATE_ENDS "村苑园城厦楼寓庭居墅邸阁里坊宅湾庄府轩院舍堡场心区馆都台"

/* Where estates end within a word, so that a road may follow: 伦敦广场古北路. */
#define ESTATE_WORDS "花园|公寓|大厦|广场|小区|新村|家园|大楼|公馆|花苑"

static bool is_road(const struct tape *tape, size_t start, size_t end)
{
	uint32_t last = point(tape, end - 1);

	if (end - start < 2)
		return false;
	if (end - start > 2 && literal_at(tape, end - 2, "胡同"))
		return true;
	if (literal_at(tape, end - 2, "街道"))
		return false;
	/* 人民南路四段 */
	if (is_one_of(last, "段") && end - start > 3)
		return is_one_of(point(tape, end - 3), ROAD_ENDS);
	return is_one_of(last, ROAD_ENDS);
}

bool list_is_estate(const char *text, size_t len)
{
	size_t used;

	while (len > 0 && text_decode(text, len, &used) && used < len) {
		text += used;
		len -= used;
	}
	return len > 0 && is_one_of(text_decode(text, len, &used), ESTATE_ENDS);
}

/* True when a name that has come as far as AT ends there. */
static bool name_ends(const struct tape *tape, size_t start, size_t at)
{
	uint32_t now = point(tape, at), last = point(tape, at - 1), value;
	const struct keyword *keyword;
	unsigned counts;
	size_t len;

	if (mark(now) != LIST_NAME)
		return true;
	if (is_digit(now) && !is_digit(last))
		return number_at(tape, at, &value, &counts) > 0;
	if (literal_at(tape, at, "等") && is_boundary(point(tape, at + 1)))
		return true;
	if (at - start < 2 || !(is_one_of(last, ROAD_ENDS) || is_one_of(last, ESTATE_ENDS)))
		return false;
	/* 桥东街甲1号 is another house than 1号. */
	if (is_one_of(now, "甲乙丙丁") && is_digit(point(tape, at + 1)))
		return true;
	if (is_one_of(last, ROAD_ENDS) && is_numeral(now) &&
	    number_at(tape, at, &value, &counts) > 0)
		return true;
	/* 一村和二村; 永和新城 has no such end before its 和. */
	if (any_at(tape, at, "以及|和|及|与"))
		return true;
	keyword = keyword_in(keywords, ARRAY_LEN(keywords), tape, at, &len);
	return keyword && keyword->kind != LIST_ALSO &&
	       !(keyword->kind == LIST_PARITY && !keyword->odd && !keyword->even);
}

/* Where a road begins within the name START .. END - 1; START when there is no estate before it. */
static size_t road_begins(const struct tape *tape, size_t start, size_t end)
{
	for (size_t i = start + 1; i + 5 <= end; i++) {
		size_t len = any_at(tape, i, ESTATE_WORDS);

		/* 世纪广场东路 is one road. */
		if (len && end - i - len >= 3 && !is_numeral(point(tape, i + len)) &&
		    !is_one_of(point(tape, i + len), "东西南北中支前后大"))
			return i + len;
	}
	return start;
}

/* --- words --- */

static struct list_word *put(struct tape *tape, enum list_kind kind, size_t start, size_t end)
{
	const struct list_word *last = tape->words_len ? &tape->words[tape->words_len - 1] : NULL;
	struct list_word *word = &tape->words[tape->words_len++];

	assert(tape->words_len <= tape->words_max);
	*word = (struct list_word){.kind = kind,
				   .start = tape->at[start],
				   .end = tape->at[end],
				   .line = tape->line,
				   .glued = last && last->end == tape->at[start]};
	return word;
}

static enum list_kind last_kind(const struct tape *tape)
{
	return tape->words_len ? tape->words[tape->words_len - 1].kind : LIST_BREAK;
}

/* The length of an entry's number at AT, or 0. */
static size_t ordinal_at(const struct tape *tape, size_t at)
{
	uint32_t now = point(tape, at);
	enum list_kind before = last_kind(tape);
	bool entry = before == LIST_BREAK || before == LIST_ORDINAL;
	size_t len = 0;

	if ((now >= 0x2460 && now <= 0x249B) || (now >= 0x3220 && now <= 0x3229) ||
	    (now >= 0x2776 && now <= 0x2793))
		return is_one_of(point(tape, at + 1), "、.") ? 2 : 1;
	/* 天山五村（3）: a number behind a name is that name's. */
	if (before != LIST_NAME && mark(now) == LIST_OPEN) {
		while (is_digit(point(tape, at + 1 + len)) || is_numeral(point(tape, at + 1 + len)))
			len++;
		return len > 0 && len <= 2 && mark(point(tape, at + 1 + len)) == LIST_CLOSE &&
				       (entry || mark(point(tape, at + 2 + len)) == LIST_NAME)
			       ? len + 2
			       : 0;
	}
	if (entry && is_numeral(now)) {
		while (is_numeral(point(tape, at + len)))
			len++;
		return len <= 3 && is_one_of(point(tape, at + len), "、.") &&
				       !is_numeral(point(tape, at + len + 1))
			       ? len + 1
			       : 0;
	}
	while (is_digit(point(tape, at + len)))
		len++;
	if (len == 0 || len > 2)
		return 0;
	/* A digit, a mark, and a name. After a name, a range or 、 the digit is a door's. */
	now = point(tape, at + len);
	if (before == LIST_NAME || before == LIST_TO || before == LIST_AND ||
	    (before == LIST_COLON && !(len == 1 && point(tape, at) == '1')))
		return 0;
	if (is_one_of(now, "、") && !entry && before != LIST_COLON)
		return 0;
	if (!is_one_of(now, "、.．") && !(entry && mark(now) == LIST_CLOSE))
		return 0;
	while (point(tape, at + len + 1) == ' ')
		len++;
	return is_digit(point(tape, at + len + 1)) || mark(point(tape, at + len + 1)) == LIST_END
		       ? 0
		       : len + 1;
}

static size_t take_keyword(struct tape *tape, size_t at)
{
	const struct keyword *keyword = NULL;
	struct list_word *word;
	size_t len = 0;
	enum list_kind before = last_kind(tape);

	if (before == LIST_NUMBER || before == LIST_CLOSE || before == LIST_NAME)
		keyword = keyword_in(after_number, ARRAY_LEN(after_number), tape, at, &len);
	if (!keyword)
		keyword = keyword_in(keywords, ARRAY_LEN(keywords), tape, at, &len);
	if (!keyword)
		return 0;
	word = put(tape, keyword->kind, at, at + len);
	word->odd = keyword->odd;
	word->even = keyword->even;
	word->counts = keyword->counts;
	return len;
}

static size_t take_name(struct tape *tape, size_t at)
{
	size_t begin = at, end = at + 1, road;

	while (!name_ends(tape, at, end))
		end++;
	/* （原北新泾二村） is what it was called. */
	if (last_kind(tape) == LIST_OPEN && is_one_of(point(tape, at), "原即") && end - at > 3 &&
	    !is_road(tape, at, end)) {
		(void)put(tape, LIST_ALSO, at, at + 1);
		at++;
	}
	road = is_road(tape, at, end) ? road_begins(tape, at, end) : at;
	if (road > at)
		(void)put(tape, LIST_NAME, at, road);
	put(tape, LIST_NAME, road, end)->road = is_road(tape, road, end);
	return end - begin;
}

static size_t take_word(struct tape *tape, size_t at)
{
	enum list_kind kind = mark(point(tape, at));
	struct list_word *word;
	unsigned counts;
	uint32_t value;
	size_t len = ordinal_at(tape, at);

	if (len) {
		(void)put(tape, LIST_ORDINAL, at, at + len);
		return len;
	}
	if (kind != LIST_NAME) {
		/* —— is one dash. */
		if (kind != LIST_TO || last_kind(tape) != LIST_TO)
			(void)put(tape, kind, at, at + 1);
		if (point(tape, at) == '\n')
			tape->line++;
		return 1;
	}
	len = number_at(tape, at, &value, &counts);
	if (len) {
		word = put(tape, LIST_NUMBER, at, at + len);
		word->value = value;
		word->counts = counts;
		return len;
	}
	len = take_keyword(tape, at);
	return len ? len : take_name(tape, at);
}

/* Widths and the old forms of the two words that count doors; names are folded by who keeps them.
 */
static uint32_t plain(uint32_t code_point)
{
	if (code_point >= 0xFF01 && code_point <= 0xFF5E && mark(code_point) == LIST_NAME)
		return code_point - 0xFEE0;
	if (is_one_of(code_point, "號"))
		return 0x53F7; /* 号 */
	if (is_one_of(code_point, "衖"))
		return 0x5F04; /* 弄 */
	return code_point;
}

size_t list_words(const char *text, size_t len, struct list_word *words, size_t max)
{
	struct tape tape = {.words = words, .words_max = max, .line = 1};
	size_t used;

	assert(len <= LIST_TEXT_MAX);
	tape.points = mem_alloc((len + 1) * sizeof(*tape.points));
	tape.at = mem_alloc((len + 1) * sizeof(*tape.at));
	for (size_t i = 0; i < len; i += used) {
		tape.at[tape.len] = (uint32_t)i;
		tape.points[tape.len++] = plain(text_decode(text + i, len - i, &used));
	}
	tape.at[tape.len] = (uint32_t)len;
	for (size_t at = 0; at < tape.len;)
		at += take_word(&tape, at);
	(void)put(&tape, LIST_END, tape.len, tape.len);
	mem_free(tape.points);
	mem_free(tape.at);
	return tape.words_len;
}
