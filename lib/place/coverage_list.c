/* coverage_list.c — reads the list of doors a committee writes down as rules.
 *
 * Neighbours: list_words.c cuts the text into words, list_name.c knows what is no name, list_rule.c
 * makes the rules. A list is
 * about one subject after the other: a road or an estate, then numbers, then what is said of them
 * （双号、弄）. A number may get its meaning from words that follow (79、80、102弄), so numbers
 * wait until the subject changes. A rule that claims too much sends a traveller to the wrong
 * committee: what a remark restricts in words we do not know is complained of and becomes no rule.
 */
#include "list_reader.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "list_name.h"

#define DEPTH_MAX 4

static void read_until(struct reader *reader, enum list_kind end);

/* The last word of the clause that WORD stands in. */
static const struct list_word *clause_end(const struct list_word *word)
{
	while (word[1].kind != LIST_END && word[1].kind != LIST_BREAK &&
	       word[1].kind != LIST_ORDINAL && word[1].kind != LIST_CLOSE)
		word++;
	return word;
}

/* The last of the words that are written in one piece with WORD: 34号附1号-附130号. */
static const struct list_word *piece_end(const struct list_word *word)
{
	while (word[1].glued &&
	       (word[1].kind == LIST_NUMBER || word[1].kind == LIST_TO ||
		word[1].kind == LIST_NAME || word[1].kind == LIST_ON || word[1].kind == LIST_DOWN))
		word++;
	return word;
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
	/* 33幢1号, 1组1号, 100号5室. */
	if (item->last[1].kind == LIST_NUMBER && item->last[1].glued)
		return "doors inside a house or building cannot be told apart by a rule";
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
	list_finish(reader);
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
		last = piece_end(last);
		list_complain(reader, first, last, fault);
		reader->at = last + 1;
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
		list_complain(reader, word, word, "it is not clear of what this is said");
		return;
	}
	take_side(reader, word[-1].kind == LIST_NUMBER && word->glued && !goes_on(word + 1),
		  word->odd, word->even, word->counts);
}

/* WORD stands behind a number, a blank may be between. */
static bool is_behind(const struct reader *reader, const struct list_word *word)
{
	while (word > reader->words + 1 && word[-1].kind == LIST_BREAK &&
	       reader->text[word[-1].start] == ' ')
		word--;
	return word > reader->words && (word[-1].kind == LIST_NUMBER || word[-1].kind == LIST_ON ||
					word[-1].kind == LIST_DOWN);
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
	take_side(reader, is_behind(reader, open) && (open->glued || !goes_on(word + 1)), odd, even,
		  counts);
	reader->at = word + 1;
	return true;
}

/* --- names --- */

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
	if (!word && !list_is_committee(text, len))
		return false;
	list_finish(reader);
	if (word && list_is_denial(text, len))
		reader->not_ours = true;
	else if (word && !list_is_label(text, len))
		list_complain(reader, name, name + 1, "what follows it is no number");
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
	fault = list_name_fault(text, name->end - name->start, name->road);
	if (!fault && reader->depth > 0 && !name->road && !also && !reader->out &&
	    !list_is_estate(text, name->end - name->start))
		fault = "not understood";
	if (fault) {
		const struct list_word *last = clause_end(name);

		/* Glued to a number it says something of that. */
		if (name->glued && name > reader->words && name[-1].kind == LIST_NUMBER &&
		    last_item(reader)) {
			last_item(reader)->withheld = true;
			last = piece_end(name);
		} else if (name->glued && name > reader->words && name[-1].kind == LIST_NAME) {
			reader->subject.due = false;
		}
		list_complain(reader, name, last, fault);
		reader->at = last + 1;
		return;
	}
	reader->at = name + 1;
	/* 古北路1398弄古北新苑、1400弄: it stands beside, the road goes on. */
	if (beside) {
		struct coverage_rule rule = {.kind = COVERAGE_ESTATE,
					     .estate = true,
					     .to = COVERAGE_OPEN};

		list_emit(reader, &rule, name, name, name);
		return;
	}
	list_finish(reader);
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
	list_complain(reader, open > reader->words ? open - 1 : open, close, "not understood");
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
	list_finish(reader);
	reader->depth--;
	reader->subject = outer;
	reader->road = road;
	reader->lane = lane;
}

static bool is_remark(const struct reader *reader, const struct list_word *word)
{
	return word->kind == LIST_NAME && word[1].kind == LIST_CLOSE && !word->road &&
	       (list_name_fault(reader->text + word->start, word->end - word->start, word->road) ||
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
		list_complain(reader, open, clause_end(open), "the bracket is not closed");
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
		list_complain(reader, word, clause_end(word), "it is not clear out of what");
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
		list_complain(reader, word, word, "it is not clear what is out");
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
		list_finish(reader);
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
		list_complain(reader, word > reader->words ? word - 1 : word, word,
			      "what else there is, is not said");
		break;
	case LIST_CLOSE:
	case LIST_TO:
	case LIST_ON:
	case LIST_DOWN:
		list_complain(reader, word, clause_end(word), "not understood");
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
	list_finish(reader);
	refused = reader->refused;
	mem_free(reader);
	mem_free(words);
	return refused;
}
