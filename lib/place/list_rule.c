/* list_rule.c — what a list said of one road or estate becomes rules.
 *
 * Neighbours: coverage_list.c reads the list; coverage_source.c keeps the rules. */
#include "list_reader.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

void list_complain(struct reader *reader, const struct list_word *first,
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

void list_emit(struct reader *reader, const struct coverage_rule *rule,
	       const struct list_word *name, const struct list_word *first,
	       const struct list_word *last)
{
	char id[MATCH_RULE_CAP], road[COVERAGE_NAME_CAP];
	struct err err = ERR_INIT;
	size_t len = name->end - name->start;

	if (len >= sizeof(road)) {
		list_complain(reader, first, last, "the name is too long");
		return;
	}
	memcpy(road, reader->text + name->start, len);
	road[len] = '\0';
	if (snprintf(id, sizeof(id), "%s.%u", reader->prefix, reader->added + 1) >=
	    (int)sizeof(id)) {
		list_complain(reader, first, last, "its rule's name would be too long");
		return;
	}
	struct coverage_rule whole = *rule;
	whole.id = id;
	whole.code = reader->code;
	whole.name = road;
	if (coverage_add_rule(reader->source, &whole, &err) < 0)
		list_complain(reader, first, last, err.text);
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

	assert(name);
	if (item->withheld)
		return;
	if (item->from == item->to && rule.parity != COVERAGE_ALL) {
		if ((item->from % 2 == 1) != (rule.parity == COVERAGE_ODD)) {
			list_complain(reader, item->first, item->last,
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
			list_complain(reader, item->first, item->last,
				      "is a building, and no estate or lane is named for it");
			return;
		}
	}
	if (reader->not_ours || item->out)
		rule.kind = reader->not_ours ? COVERAGE_NOT_OURS : COVERAGE_EXCEPT;
	list_emit(reader, &rule, name, item->first, item->last);
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
		list_complain(reader, name, name, "where it is says no door: give its numbers");
		return;
	}
	if (subject->out) {
		rule.kind = COVERAGE_EXCEPT;
	} else if (parity != COVERAGE_ALL && !name->road) {
		list_complain(reader, name, name, "one side of an estate cannot be told");
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
	list_emit(reader, &rule, name, name, name);
}

void list_finish(struct reader *reader)
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
