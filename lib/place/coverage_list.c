/* coverage_list.c — reads the list of doors a committee writes down as rules.
 *
 * Neighbours: list_words.c cuts the text into words; coverage_source.c keeps the rules. A list is
 * about one subject after the other: a road or an estate, then numbers, then what is said of them
 * （双号、弄）. A number may get its meaning from words that follow (79、80、102弄), so numbers
 * wait until the subject changes. A rule that claims too much sends a traveller to the wrong
 * committee: what a remark restricts in words we do not know is complained of and becomes no rule.
 */
#include "closedloop/coverage.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "list_words.h"

#define ITEMS_MAX 512
#define DEPTH_MAX 4
#define NAME_MAX  24 /* Characters of a road or an estate. */

/* Numbers of a subject. */
struct item {
	uint32_t from, to;
	unsigned counts;
	uint32_t lane;
	bool odd, even;
	bool out;	/* Taken out of the others. */
	bool withheld;	/* A remark restricts it. */
	unsigned entry; /* Units are looked for within one entry only. */
	const struct list_word *first, *last;
};

struct subject {
	const struct list_word *name; /* NULL: nothing has been named. */
	bool due;		      /* The whole of it, as nothing narrower has been said. */
	bool out;		      /* The whole of it is taken out. */
	bool odd, even;
	unsigned counts;
	size_t items; /* Where its numbers begin. */
};

struct reader {
	struct coverage_source *source;
	const char *prefix, *code, *text;
	coverage_complain *complain;
	void *context;
	const struct list_word *words, *at;
	struct subject subject;
	const struct list_word *road; /* The last one named. */
	struct item items[ITEMS_MAX];
	size_t len;
	uint32_t lane; /* House numbers that follow are in it. */
	bool out;
	const struct list_word *out_until; /* The 外 that ends it, or NULL. */
	bool not_ours;			   /* What the entry names is somebody else's. */
	unsigned entry, added, depth;
	size_t refused;
};

static void read_until(struct reader *reader, enum list_kind end);

static void complain(struct reader *reader, const struct list_word *first,
		     const struct list_word *last, const char *why)
{
	size_t len = last->end - first->start;
	char sentence[512];

	len = text_cut_at(reader->text + first->start, len, 200);
	(void)snprintf(sentence, sizeof(sentence), "\"%.*s\": %s", (int)len,
		       reader->text + first->start, why);
	reader->refused++;
	reader->complain(reader->context, first->line, sentence);
}

/* The last word of the clause that WORD stands in. */
static const struct list_word *clause_end(const struct list_word *word)
{
	while (word[1].kind != LIST_END && word[1].kind != LIST_BREAK &&
	       word[1].kind != LIST_ORDINAL && word[1].kind != LIST_CLOSE)
		word++;
	return word;
}

static bool contains(const char *text, size_t len, const char *const *list)
{
	for (; *list; list++) {
		size_t part = strlen(*list);

		for (size_t i = 0; i + part <= len; i++) {
			if (memcmp(text + i, *list, part) == 0)
				return true;
		}
	}
	return false;
}

static bool ends_with(const char *text, size_t len, const char *const *list)
{
	for (; *list; list++) {
		size_t part = strlen(*list);

		if (part <= len && memcmp(text + len - part, *list, part) == 0)
			return true;
	}
	return false;
}

/* --- rules --- */

static void emit(struct reader *reader, struct coverage_rule *rule, const struct list_word *name,
		 const struct list_word *first, const struct list_word *last)
{
	char id[MATCH_RULE_CAP], road[COVERAGE_NAME_CAP];
	struct err err = ERR_INIT;
	size_t len = name->end - name->start;

	if (len >= sizeof(road)) {
		complain(reader, first, last, "the name is too long");
		return;
	}
	memcpy(road, reader->text + name->start, len);
	road[len] = '\0';
	if (snprintf(id, sizeof(id), "%s.%u", reader->prefix, reader->added + 1) >=
	    (int)sizeof(id)) {
		complain(reader, first, last, "its rule's name would be too long");
		return;
	}
	rule->id = id;
	rule->code = reader->code;
	rule->name = road;
	if (coverage_add_rule(reader->source, rule, &err) < 0)
		complain(reader, first, last, err.text);
	else
		reader->added++;
}

static enum coverage_number number_kind(unsigned counts)
{
	bool lanes = counts & LIST_LANES, houses = counts & (LIST_HOUSES | LIST_BUILDINGS);

	return lanes && houses ? COVERAGE_ANY : lanes ? COVERAGE_LANE : COVERAGE_HOUSE;
}

static enum coverage_parity parity_of(bool odd, bool even)
{
	return odd == even ? COVERAGE_ALL : odd ? COVERAGE_ODD : COVERAGE_EVEN;
}

/* 79、80、102弄: a bare number is what the next one is, else what the one before is, else what the
 * side speaks of (双弄). Bare altogether it is a house: a lane is always called one. */
static void settle_counts(struct reader *reader, size_t at)
{
	struct item *item = &reader->items[at];

	if (item->counts || item->lane)
		return;
	for (size_t i = at + 1; i < reader->len && !item->counts; i++) {
		if (reader->items[i].entry != item->entry)
			break;
		if (!reader->items[i].lane)
			item->counts = reader->items[i].counts;
	}
	if (!item->counts && at > reader->subject.items && !reader->items[at - 1].lane &&
	    reader->items[at - 1].entry == item->entry)
		item->counts = reader->items[at - 1].counts;
	if (!item->counts)
		item->counts = reader->subject.counts ? reader->subject.counts : LIST_HOUSES;
}

static void emit_item(struct reader *reader, struct item *item)
{
	const struct list_word *name = reader->subject.name;
	struct coverage_rule rule = {.kind = COVERAGE_RANGE,
				     .lane = item->lane,
				     .parity = parity_of(item->odd, item->even),
				     .from = item->from,
				     .to = item->to};

	if (item->withheld)
		return;
	if (item->from == item->to && rule.parity != COVERAGE_ALL) {
		if ((item->from % 2 == 1) != (rule.parity == COVERAGE_ODD)) {
			complain(reader, item->first, item->last,
				 "is not on the side it is said to be on");
			return;
		}
		rule.parity = COVERAGE_ALL;
	}
	if (!name->road) {
		rule.kind = COVERAGE_ESTATE;
		rule.estate = true;
	} else if (item->lane) {
		rule.kind = COVERAGE_SUB;
		rule.number = COVERAGE_HOUSE;
	} else {
		rule.number = number_kind(item->counts);
		if (item->counts == LIST_BUILDINGS) {
			complain(reader, item->first, item->last,
				 "is a building, and no estate or lane is named for it");
			return;
		}
	}
	if (reader->not_ours || item->out)
		rule.kind = reader->not_ours ? COVERAGE_NOT_OURS : COVERAGE_EXCEPT;
	emit(reader, &rule, name, item->first, item->last);
}

static void emit_whole(struct reader *reader)
{
	const struct subject *subject = &reader->subject;
	const struct list_word *name = subject->name;
	enum coverage_parity parity = parity_of(subject->odd, subject->even);
	struct coverage_rule rule = {.kind = name->road ? COVERAGE_ROAD : COVERAGE_ESTATE,
				     .estate = !name->road,
				     .to = COVERAGE_OPEN};

	if (name->road && reader->depth > 0 && !subject->out) {
		complain(reader, name, name, "where it is says no door: give its numbers");
		return;
	}
	if (subject->out) {
		rule.kind = COVERAGE_EXCEPT;
	} else if (parity != COVERAGE_ALL && !name->road) {
		complain(reader, name, name, "one side of an estate cannot be told");
		return;
	} else if (parity != COVERAGE_ALL) {
		/* 天山路（单）: one side of all of it. */
		rule.kind = COVERAGE_RANGE;
		rule.parity = parity;
		rule.number = subject->counts ? number_kind(subject->counts) : COVERAGE_ANY;
		rule.from = 1;
	}
	if (reader->not_ours)
		rule.kind = COVERAGE_NOT_OURS;
	emit(reader, &rule, name, name, name);
}

/* The subject is over: what was said of it becomes rules. */
static void finish(struct reader *reader)
{
	struct subject *subject = &reader->subject;

	for (size_t i = subject->items; i < reader->len; i++)
		settle_counts(reader, i);
	if (subject->name && subject->due)
		emit_whole(reader);
	for (size_t i = subject->items; i < reader->len; i++)
		emit_item(reader, &reader->items[i]);
	reader->len = subject->items;
	*subject = (struct subject){.items = reader->len};
	reader->lane = 0;
}

/* --- numbers --- */

static struct item *last_item(struct reader *reader)
{
	return reader->len > reader->subject.items ? &reader->items[reader->len - 1] : NULL;
}

/* The end of the number that begins at FIRST: its range and 以上, 以下. */
static const struct list_word *number_end(const struct list_word *first, struct item *item)
{
	const struct list_word *last = first;

	*item = (struct item){.from = first->value, .to = first->value, .counts = first->counts};
	if (last[1].kind == LIST_TO && last[2].kind == LIST_NUMBER) {
		last += 2;
		item->to = last->value;
		item->counts |= last->counts;
	}
	if (last[1].kind == LIST_ON || last[1].kind == LIST_DOWN) {
		last++;
		if (last->kind == LIST_ON)
			item->to = COVERAGE_OPEN;
		else
			item->from = 1;
	}
	item->first = first;
	item->last = last;
	return last;
}

/* Why ITEM can be no rule; NULL when it can. */
static const char *number_fault(const struct reader *reader, const struct item *item)
{
	if (item->from == LIST_LONG || item->first->value == LIST_LONG ||
	    item->last->value == LIST_LONG)
		return "no door has such a number";
	if (item->counts & LIST_ROOMS)
		return "rooms, staircases and groups cannot be told apart by a rule";
	if (item->to < item->from)
		return "the range ends before it begins";
	if (item->last->kind == LIST_TO || item->last[1].kind == LIST_TO)
		return "the range has no end";
	if (!reader->subject.name)
		return "no road or estate is named for it";
	if (reader->len == ITEMS_MAX)
		return "too many numbers of one road";
	return NULL;
}

/* A lane is a road's: behind an estate it goes on with the road named before. */
static void back_to_road(struct reader *reader)
{
	const struct list_word *road = reader->road;

	if (!reader->subject.name || reader->subject.name->road || !road)
		return;
	finish(reader);
	reader->subject.name = road;
}

static void take_number(struct reader *reader)
{
	const struct list_word *first = reader->at;
	struct item item;
	const struct list_word *last = number_end(first, &item);
	const char *fault;

	reader->at = last + 1;
	if (item.counts & LIST_LANES) {
		reader->lane = 0;
		back_to_road(reader);
	}
	/* 200弄1-17号: houses in a lane. */
	if (item.counts == LIST_LANES && last == first && last[1].kind == LIST_NUMBER &&
	    last[1].glued && !(last[1].counts & (LIST_LANES | LIST_ROOMS))) {
		for (size_t i = reader->len; i > reader->subject.items; i--) {
			if (reader->items[i - 1].counts ||
			    reader->items[i - 1].entry != reader->entry)
				break;
			reader->items[i - 1].counts = LIST_LANES;
		}
		reader->lane = first->value;
		return;
	}
	item.lane = reader->lane;
	item.odd = reader->subject.odd;
	item.even = reader->subject.even;
	item.out = reader->out;
	item.entry = reader->entry;
	fault = number_fault(reader, &item);
	if (fault) {
		/* 100号201-305室 is a part of it. */
		if (first->glued && (item.counts & LIST_ROOMS) && last_item(reader))
			last_item(reader)->withheld = true;
		complain(reader, first, last, fault);
		if (!item.out)
			reader->subject.due = false;
		return;
	}
	reader->items[reader->len++] = item;
	if (!item.out)
		reader->subject.due = false;
}

/* --- sides --- */

static void take_side(struct reader *reader, bool trailing, bool odd, bool even, unsigned counts)
{
	struct item *item = last_item(reader);

	if (trailing && item) {
		item->odd = odd;
		item->even = even;
		if (!item->counts)
			item->counts = counts;
		return;
	}
	reader->subject.odd = odd;
	reader->subject.even = even;
	reader->subject.counts = counts;
}

static bool goes_on(const struct list_word *word)
{
	return word->kind == LIST_NUMBER || word->kind == LIST_COLON || word->kind == LIST_ALL;
}

/* 单号485-1395号 speaks of what follows, 485-1395号（单） of what it follows. */
static void take_parity(struct reader *reader)
{
	const struct list_word *word = reader->at++;

	if (!reader->subject.name || (!word->odd && !word->even)) {
		complain(reader, word, word, "it is not clear of what this is said");
		return;
	}
	take_side(reader, word[-1].kind == LIST_NUMBER && word->glued && !goes_on(word + 1),
		  word->odd, word->even, word->counts);
}

/* （双号、弄）: true when there is nothing else between the brackets. */
static bool take_bracketed_side(struct reader *reader)
{
	const struct list_word *open = reader->at, *word = open + 1;
	bool odd = false, even = false;
	unsigned counts = 0;

	for (; word->kind != LIST_CLOSE; word++) {
		if (word->kind == LIST_PARITY) {
			odd |= word->odd;
			even |= word->even;
			counts |= word->counts;
		} else if (word->kind != LIST_AND && word->kind != LIST_COMMA &&
			   word->kind != LIST_BREAK) {
			return false;
		}
	}
	if ((!odd && !even) || !reader->subject.name)
		return false;
	take_side(reader,
		  open->glued && (open[-1].kind == LIST_NUMBER || open[-1].kind == LIST_ON ||
				  open[-1].kind == LIST_DOWN),
		  odd, even, counts);
	reader->at = word + 1;
	return true;
}

/* --- names --- */

/* What heads a list or a part of it, and is no door. */
static const char *const labels[] = {"居委", "村委", "居民", "社区", "街道", "小区", "道路",
				     "路段", "路名", "范围", "辖区", "学区", "一期", "二期",
				     "三期", "四期", "片区", "楼盘", "弄号", "门牌", "地址",
				     "区域", "管辖", "名称", NULL};
/* 不属于本居委：天山路1号 */
static const char *const denials[] = {"不属", "非本", "不归", NULL};
/* A committee is no estate of itself. */
static const char *const committees[] = {"居委",       "居委会", "居民委员会", "村委会",
					 "村民委员会", "居民区", NULL};
/* What speaks of an area, or of something not written here. */
static const char *const phrases[] = {"东至", "西至", "南至", "北至", "路至", "街至", "道至",
				      "路到", "街到", "道到", "以东", "以西", "以南", "以北",
				      "沿线", "沿街", "两侧", "部分", "详见", "附件", "暂",
				      "其他", "其余", "其它", "不属", "同上", "待定", "商铺",
				      "划片", "协商", "东侧", "西侧", "南侧", "北侧", "不是",
				      "负责", "属于", NULL};
/* What is a kind of estate and none by itself. */
static const char *const generic[] = {"无",   "略",   "大厦", "公寓", "小区", "大楼", "新村",
				      "花园", "广场", "家园", "别墅", "住宅", NULL};

static bool is_generic(const char *text, size_t len)
{
	for (size_t i = 0; generic[i]; i++) {
		if (strlen(generic[i]) == len && memcmp(text, generic[i], len) == 0)
			return true;
	}
	return false;
}

static bool starts_as_part(const char *text, size_t len)
{
	static const char parts[] = "一二三四五六七八九十东西南北中";
	size_t used;

	if ((unsigned char)text[0] < 0x80)
		return true;
	for (size_t i = 0; i < sizeof(parts) - 1; i += used) {
		(void)text_decode(parts + i, sizeof(parts) - 1 - i, &used);
		if (used <= len && memcmp(parts + i, text, used) == 0)
			return true;
	}
	return false;
}

/* Why NAME is none; NULL when it may be one. */
static const char *name_fault(const struct reader *reader, const struct list_word *name)
{
	static const char *const counted[] = {"号", "弄", "幢", "栋", "座", "室", "楼", NULL};
	const char *text = reader->text + name->start;
	size_t len = name->end - name->start, count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xC0) != 0x80;
	if (contains(text, len, phrases))
		return "an area told in words is no list of doors; give numbers, or a boundary";
	if (count < 2 || count > NAME_MAX || is_generic(text, len))
		return "not understood";
	/* 二区, 东苑, A区 are parts of what was named before. */
	if (count == 2 && !name->road && starts_as_part(text, len))
		return "a part of which estate? give its whole name";
	if (text[0] >= '0' && text[0] <= '9' && ends_with(text, len, counted))
		return "not understood";
	return NULL;
}

/* The first word behind NAME that says what the colon is for. */
static const struct list_word *after_colon(const struct list_word *name)
{
	const struct list_word *word = name + 1;

	if (word->kind == LIST_BREAK && word[1].kind == LIST_COLON)
		word++;
	if (word->kind != LIST_COLON)
		return NULL;
	do
		word++;
	while (word->kind == LIST_BREAK || word->kind == LIST_ORDINAL || word->kind == LIST_OPEN);
	return word;
}

/* 荣华居委一期：①伦敦广场: the name of the list, not of a door. */
static bool take_heading(struct reader *reader)
{
	const struct list_word *name = reader->at, *word = after_colon(name);
	const char *text = reader->text + name->start;
	size_t len = name->end - name->start;

	if (word && word->kind != LIST_NAME && word->kind != LIST_END && word->kind != LIST_ALSO)
		return false;
	if (!word && !ends_with(text, len, committees))
		return false;
	finish(reader);
	if (word && contains(text, len, denials))
		reader->not_ours = true;
	else if (word && !contains(text, len, labels))
		complain(reader, name, name + 1, "what follows it is no number");
	reader->at = name + 1;
	return true;
}

/* A road or an estate; IN_BRACKETS an estate is only taken when it is called like one: it could be
 * any remark. */
static void take_name(struct reader *reader)
{
	const struct list_word *name = reader->at;
	const char *text = reader->text + name->start;
	const char *fault;
	bool also = name > reader->words && name[-1].kind == LIST_ALSO;
	bool beside = name > reader->words && name->glued && !name->road && !reader->out &&
		      name[-1].kind == LIST_NUMBER && reader->subject.name;

	if (!reader->out && take_heading(reader))
		return;
	fault = name_fault(reader, name);
	if (!fault && reader->depth > 0 && !name->road && !also && !reader->out &&
	    !list_is_estate(text, name->end - name->start))
		fault = "not understood";
	if (fault) {
		const struct list_word *last = clause_end(name);

		/* Glued to a number it says something of that. */
		if (name->glued && name > reader->words && name[-1].kind == LIST_NUMBER &&
		    last_item(reader)) {
			last_item(reader)->withheld = true;
			last = name;
		} else if (name->glued && name > reader->words && name[-1].kind == LIST_NAME) {
			reader->subject.due = false;
		}
		complain(reader, name, last, fault);
		reader->at = last + 1;
		return;
	}
	reader->at = name + 1;
	/* 古北路1398弄古北新苑、1400弄: it stands beside, the road goes on. */
	if (beside) {
		struct coverage_rule rule = {.kind = COVERAGE_ESTATE,
					     .estate = true,
					     .to = COVERAGE_OPEN};

		emit(reader, &rule, name, name, name);
		return;
	}
	finish(reader);
	reader->subject.name = name;
	reader->subject.due = true;
	reader->subject.out = reader->out;
	if (name->road)
		reader->road = name;
}

/* --- brackets --- */

/* The bracket that closes OPEN; NULL when none does. */
static const struct list_word *closing(const struct list_word *open)
{
	unsigned depth = 0;

	for (const struct list_word *word = open; word->kind != LIST_END; word++) {
		if (word->kind == LIST_OPEN)
			depth++;
		if (word->kind == LIST_CLOSE && --depth == 0)
			return word;
	}
	return NULL;
}

/* Something in brackets restricts what stands before them, and we do not know how. */
static void withhold(struct reader *reader, const struct list_word *open,
		     const struct list_word *close)
{
	complain(reader, open > reader->words ? open - 1 : open, close, "not understood");
	if (last_item(reader))
		last_item(reader)->withheld = true;
	else
		reader->subject.due = false;
	reader->at = close + 1;
}

/* 伦敦广场（古北路1000号）: doors of their own. */
static void take_nested(struct reader *reader)
{
	struct subject outer = reader->subject;
	const struct list_word *road = reader->road;
	uint32_t lane = reader->lane;

	reader->subject = (struct subject){.items = reader->len};
	reader->lane = 0;
	reader->depth++;
	read_until(reader, LIST_CLOSE);
	finish(reader);
	reader->depth--;
	reader->subject = outer;
	reader->road = road;
	reader->lane = lane;
}

static bool is_remark(const struct reader *reader, const struct list_word *word)
{
	return word->kind == LIST_NAME && word[1].kind == LIST_CLOSE && !word->road &&
	       (name_fault(reader, word) ||
		!list_is_estate(reader->text + word->start, word->end - word->start));
}

/* 【天山路】1-20号: they only adorn the name. */
static bool take_adorned(struct reader *reader)
{
	const struct list_word *open = reader->at;

	if (open[1].kind != LIST_NAME || open[2].kind != LIST_CLOSE ||
	    (open > reader->words && open[-1].kind != LIST_BREAK && open[-1].kind != LIST_ORDINAL))
		return false;
	reader->at = open + 1;
	take_name(reader);
	if (reader->at == open + 2)
		reader->at++;
	return true;
}

static void take_brackets(struct reader *reader)
{
	const struct list_word *open = reader->at, *close = closing(open), *word = open + 1;
	const struct item *item = last_item(reader);

	if (!close || reader->depth == DEPTH_MAX) {
		complain(reader, open, clause_end(open), "the bracket is not closed");
		reader->at = open + 1;
		return;
	}
	if (take_bracketed_side(reader) || take_adorned(reader))
		return;
	if (is_remark(reader, word)) {
		withhold(reader, open, close);
		return;
	}
	reader->at = word;
	if (word->kind == LIST_NAME || word->kind == LIST_ALSO || word->kind == LIST_ORDINAL) {
		take_nested(reader);
		return;
	}
	/* 200弄（1-17号）: houses in it, instead of all of it; 200弄（5号除外）: all but these. */
	if (open->glued && item && item->last + 1 == open && item->counts == LIST_LANES &&
	    item->from == item->to && !item->lane) {
		reader->lane = item->from;
		if (word->kind == LIST_NUMBER && !(word->counts & LIST_LANES) &&
		    close[-1].kind != LIST_OUT)
			reader->len--;
	}
	reader->depth++;
	read_until(reader, LIST_CLOSE);
	reader->depth--;
	reader->lane = 0;
	reader->out = false;
}

/* --- exceptions --- */

static void take_not(struct reader *reader)
{
	const struct list_word *word = reader->at++;
	const struct item *item = last_item(reader);

	/* 88弄除5号外: out of the lane. */
	if (word->glued && item && item->last + 1 == word && item->counts == LIST_LANES &&
	    item->from == item->to && word[1].kind == LIST_NUMBER && !(word[1].counts & LIST_LANES))
		reader->lane = item->from;
	reader->out = true;
	reader->out_until = NULL;
	if (!reader->subject.name && word[1].kind != LIST_NAME)
		complain(reader, word, clause_end(word), "it is not clear out of what");
	for (; word->kind != LIST_END && word->kind != LIST_BREAK && word->kind != LIST_CLOSE;
	     word++) {
		if (word->kind == LIST_OUT)
			reader->out_until = word;
	}
}

/* 5号、7号除外: without a 除 before them, what stands since the last comma or bracket is out. */
static void take_out(struct reader *reader)
{
	const struct list_word *word = reader->at++, *from = word;
	size_t i = reader->len;

	if (reader->out) {
		reader->out = false;
		return;
	}
	if (!last_item(reader)) {
		complain(reader, word, word, "it is not clear what is out");
		return;
	}
	while (from > reader->words && from[-1].kind != LIST_COMMA && from[-1].kind != LIST_OPEN &&
	       from[-1].kind != LIST_BREAK)
		from--;
	while (i > reader->subject.items && reader->items[i - 1].first >= from)
		reader->items[--i].out = true;
	/* Nothing of the road is left but what was taken out: the rest of it is meant. */
	if (i == reader->subject.items)
		reader->subject.due = true;
}

static void end_entry(struct reader *reader)
{
	if (reader->not_ours)
		finish(reader);
	reader->not_ours = false;
	reader->lane = 0;
	reader->out = false;
	reader->entry++;
}

static void take_word(struct reader *reader)
{
	const struct list_word *word = reader->at;

	switch (word->kind) {
	case LIST_NUMBER:
		take_number(reader);
		return;
	case LIST_NAME:
		take_name(reader);
		return;
	case LIST_OPEN:
		take_brackets(reader);
		return;
	case LIST_PARITY:
		take_parity(reader);
		return;
	case LIST_NOT:
		take_not(reader);
		return;
	case LIST_OUT:
		take_out(reader);
		return;
	case LIST_BREAK:
	case LIST_ORDINAL:
		end_entry(reader);
		break;
	case LIST_COMMA:
		reader->lane = 0;
		reader->out = reader->out && reader->out_until;
		break;
	case LIST_SO_ON:
		complain(reader, word > reader->words ? word - 1 : word, word,
			 "what else there is, is not said");
		break;
	case LIST_CLOSE:
	case LIST_TO:
	case LIST_ON:
	case LIST_DOWN:
		complain(reader, word, clause_end(word), "not understood");
		break;
	case LIST_END:
	case LIST_AND:
	case LIST_COLON:
	case LIST_ALL:
	case LIST_ALSO:
		break;
	}
	reader->at++;
}

/* Read words until END, which is taken too, or the end of all. */
static void read_until(struct reader *reader, enum list_kind end)
{
	while (reader->at->kind != LIST_END && reader->at->kind != end)
		take_word(reader);
	if (reader->at->kind != LIST_END)
		reader->at++;
}

size_t coverage_read_list(struct coverage_source *source, const char *prefix, const char *code,
			  const char *text, coverage_complain *complain_to, void *context)
{
	size_t len = strlen(text);
	struct list_word *words;
	struct reader *reader;
	size_t refused;

	assert(source);
	assert(prefix);
	assert(complain_to);

	if (len > LIST_TEXT_MAX || !text_is_utf8(text, len)) {
		complain_to(context, 1,
			    len > LIST_TEXT_MAX ? "the list is too long" : "the list is no UTF-8");
		return 1;
	}
	words = mem_alloc((len + 1) * sizeof(*words));
	reader = mem_alloc(sizeof(*reader));
	*reader = (struct reader){.source = source,
				  .prefix = prefix,
				  .code = code,
				  .text = text,
				  .complain = complain_to,
				  .context = context,
				  .words = words,
				  .at = words};
	(void)list_words(text, len, words, len + 1);
	read_until(reader, LIST_END);
	finish(reader);
	refused = reader->refused;
	mem_free(reader);
	mem_free(words);
	return refused;
}
