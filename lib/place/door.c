/* door.c — read roads' ends and the numbers behind them, as people in cities of lanes write them.
 *
 * Neighbours: fold.c made numbers symbols of their own, whatever digits they were written in, and
 * 衖 and 號 the common characters; cover.c asks for every place in the text where a door may be.
 */
#include "door.h"

#include <string.h>
#include <uchar.h>

#include "closedloop/text.h"

#include "affix.h"

static size_t begins(const uint32_t *at, const char32_t *word)
{
	size_t i = 0;

	while (word[i] && at[i] == word[i])
		i++;
	return word[i] ? 0 : i;
}

static bool is_one_of(uint32_t symbol, const char32_t *set)
{
	for (size_t i = 0; set[i]; i++)
		if (set[i] == symbol)
			return true;
	return false;
}

/* Do the letters before AT end in a road word: 路, 街, 道, 巷 …? */
static bool after_road(const struct folded *text, size_t at)
{
	const uint32_t *symbols = text->symbols;

	static const uint64_t lasts = SYMBOL_MARK('路') | SYMBOL_MARK('街') | SYMBOL_MARK('道') |
				      SYMBOL_MARK('巷') | SYMBOL_MARK('径') | SYMBOL_MARK('同');

	if (at < 2 || !symbol_may_be(symbols[at - 1], lasts))
		return false;
	if (!is_one_of(symbols[at - 1], U"路街道巷径"))
		return at >= 3 && symbols[at - 2] == U'胡' && symbols[at - 1] == U'同';
	/* 虹桥街道 is no road. */
	return symbols[at - 1] != U'道' || symbols[at - 2] != U'街';
}

bool door_may_be(const struct folded *text, size_t at)
{
	if (at < 2 || at > text->len || symbol_is_number(text->symbols[at - 1]))
		return false;
	if (at < text->len && symbol_is_number(text->symbols[at]) &&
	    !(text->flags[at + 1] & FOLD_GAP)) {
		/* 天山一路, 中山路三段: the number belongs to a name. */
		const uint32_t *next = text->symbols + at + 1;
		if (is_one_of(next[0], U"段村期区纬经") ||
		    (affix_road_at(next, true) && next[0] != U'弄' && next[0] != U'里' &&
		     next[0] != U'巷' && !begins(next, U"支弄")))
			return false;
		return true;
	}
	return after_road(text, at) || (at < text->len && symbol_is_number(text->symbols[at]));
}

/* What stands after a number. */
enum unit_word {
	WORD_NONE,
	WORD_LANE,
	WORD_SUBLANE,
	WORD_HOUSE,
	WORD_BUILDING,
	WORD_OTHER, /* 室, 层 …: not a number of the road. */
};

static enum unit_word word_at(const struct folded *text, size_t at, size_t *used)
{
	static const struct {
		const char32_t *word;
		enum unit_word meaning;
	} words[] = {
		/* Longer words stand before the shorter ones they contain. */
		{U"支弄", WORD_SUBLANE}, {U"里弄", WORD_LANE},	 {U"弄堂", WORD_LANE},
		{U"弄", WORD_LANE},	 {U"巷", WORD_LANE},	 {U"号楼", WORD_BUILDING},
		{U"号院", WORD_HOUSE},	 {U"号", WORD_HOUSE},	 {U"幢", WORD_BUILDING},
		{U"栋", WORD_BUILDING},	 {U"座", WORD_BUILDING}, {U"室", WORD_OTHER},
		{U"房", WORD_OTHER},	 {U"层", WORD_OTHER},	 {U"楼", WORD_OTHER},
		{U"单元", WORD_OTHER},	 {U"组", WORD_OTHER},	 {U"队", WORD_OTHER},
		{U"米", WORD_OTHER},	 {U"公里", WORD_OTHER},	 {U"月", WORD_OTHER},
		{U"年", WORD_OTHER},	 {U"日", WORD_OTHER},	 {U"线", WORD_OTHER},
	};

	*used = 0;
	/* 16 号: only the plainest words stand behind a space. */
	if (text->flags[at] & FOLD_GAP) {
		bool lane = text->symbols[at] == U'弄', house = text->symbols[at] == U'号';
		*used = lane || house ? 1 : 0;
		return lane ? WORD_LANE : house ? WORD_HOUSE : WORD_NONE;
	}
	/* 16甲号, 16A号: the same house number. */
	size_t skip = is_one_of(text->symbols[at], U"甲乙丙丁") ||
		      (text->symbols[at] >= 'a' && text->symbols[at] <= 'z');
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = begins(text->symbols + at + skip, words[i].word);
		if (len == 0)
			continue;
		*used = skip + len;
		return words[i].meaning;
	}
	return WORD_NONE;
}

/* One number with its word, and the second number of a span (12-14号, 410弄—500弄). */
struct count {
	uint32_t value, last;
	enum unit_word word;
	size_t end;
};

static bool read_count(const struct folded *text, size_t at, struct count *out)
{
	static const char32_t before[] = U"甲乙丙丁附";
	size_t used;

	if (at < text->len && is_one_of(text->symbols[at], before))
		at++;
	if (at >= text->len || !symbol_is_number(text->symbols[at]))
		return false;
	out->value = out->last = text->symbols[at++] - SYMBOL_NUMBER;
	out->word = word_at(text, at, &used);
	/* 16之1号 */
	if (out->word == WORD_NONE && text->symbols[at] == U'之' &&
	    symbol_is_number(text->symbols[at + 1])) {
		at += 2;
		out->word = word_at(text, at, &used);
	}
	at += used;
	out->end = at;
	/* A span, or a list of the same kind. 至 and 到 stand for the dash. */
	size_t next = at;
	if (next < text->len && is_one_of(text->symbols[next], U"至到"))
		next++;
	else if (next < text->len && !(text->flags[next] & FOLD_GAP))
		return true;
	if (next >= text->len || !symbol_is_number(text->symbols[next]))
		return true;
	enum unit_word word = word_at(text, next + 1, &used);
	uint32_t value = text->symbols[next] - SYMBOL_NUMBER;
	bool same = word == out->word || out->word == WORD_NONE;
	if (!same || (word != WORD_LANE && word != WORD_HOUSE))
		return true;
	/* 16-1号 is a part of house 16, 1398-16号 perhaps house 16 of a lane. */
	if (value > out->value) {
		out->last = value;
		out->word = word;
	}
	out->end = next + 1 + used;
	return true;
}

struct door door_read(const struct folded *text, size_t at)
{
	struct door door = {
		.road_end = (uint16_t)at,
		.end = (uint16_t)at,
		.kind = DOOR_ROAD,
		.number = DOOR_NO_NUMBER,
		.last = DOOR_NO_NUMBER,
		.house = DOOR_NO_NUMBER,
	};
	struct count count;

	if (!read_count(text, at, &count) || count.word == WORD_OTHER || count.word == WORD_SUBLANE)
		return door;
	door.number = count.value;
	door.last = count.last;
	door.end = (uint16_t)count.end;
	door.kind = count.word == WORD_LANE    ? DOOR_LANE
		    : count.word == WORD_HOUSE ? DOOR_HOUSE
					       : DOOR_BARE;
	if (door.kind != DOOR_LANE)
		return door;
	while (read_count(text, door.end, &count)) {
		if (count.word == WORD_SUBLANE || count.word == WORD_LANE) {
			door.sublane = true;
		} else if (count.word != WORD_OTHER) {
			door.house = count.value;
			door.end = (uint16_t)count.end;
			break;
		} else {
			break;
		}
		door.end = (uint16_t)count.end;
	}
	return door;
}

uint32_t door_building(const struct folded *text, size_t at)
{
	struct count count;

	if (!read_count(text, at, &count))
		return DOOR_NO_NUMBER;
	return count.word == WORD_HOUSE || count.word == WORD_BUILDING || count.word == WORD_NONE
		       ? count.value
		       : DOOR_NO_NUMBER;
}

/* Does a place's name end before AT, one that begins where a name may begin? STRICT: a street in
 * short is none, 仙霞 may begin 仙霞新村路. */
static bool after_place(const struct folded *text, const struct mentions *mentions, size_t at,
			bool strict)
{
	for (size_t i = 0; i < mentions->admin_len; i++) {
		const struct mention *mention = &mentions->admin[i];
		bool begun = mention->start == 0 ||
			     (mentions->reach[mention->start] & REACH_EDGE) ||
			     (text->flags[mention->start] & FOLD_GAP);
		if (mention->end != at || (!mention->solid && !begun))
			continue;
		/* 中山 in 中山西路 */
		if (mention->form == FORM_SHORT && affix_road_at(text->symbols + at, false))
			continue;
		if (!strict || mention->form != FORM_SHORT || mention->level != LEVEL_STREET)
			return true;
	}
	for (size_t i = 0; i < mentions->committee_len; i++)
		if (mentions->committee[i].end == at && mentions->committee[i].form != FORM_SHORT)
			return true;
	return false;
}

bool door_is_near(const struct folded *text, size_t start, size_t end)
{
	const uint32_t *next = text->symbols + end;

	if (start > 0 && is_one_of(text->symbols[start - 1], U"近靠"))
		return true;
	return is_one_of(next[0], U"口旁对斜") || begins(next, U"附近") > 0;
}

static bool is_edge(const struct folded *text, const struct mentions *mentions, size_t at,
		    bool strict)
{
	if (at == 0 || (text->flags[at] & FOLD_GAP))
		return true;
	/* 住 and 在 begin an address, 号 and 室 end one of the other order; what ends in 区, 镇, 村
	 * or 居委会 is a place, known or not; a road, a lane or an estate ends a part of it. */
	if (at > 1 && text->symbols[at - 1] == U'会' && is_one_of(text->symbols[at - 2], U"委员"))
		return true;
	if (is_one_of(text->symbols[at - 1], U"住在址于至近为是省市区县旗镇乡村委路街道巷弄号室房幢"
					     U"栋座层楼苑园庭厦场邸院寓"))
		return true;
	return after_place(text, mentions, at, strict);
}

bool door_is_edge(const struct folded *text, const struct mentions *mentions, size_t at)
{
	return is_edge(text, mentions, at, false);
}

size_t door_road(const struct folded *text, const struct mentions *mentions, size_t at)
{
	if (!after_road(text, at))
		return at;
	for (size_t start = at - 2; at - start <= DOOR_ROAD_MAX; start--) {
		if (symbol_is_number(text->symbols[start]) && start + 2 < at)
			return at;
		if (is_edge(text, mentions, start, true))
			return start;
		if (start == 0)
			break;
	}
	return at;
}
