/* judge_mark.c — which mentions can mean which units, and what speaks against a unit.
 *
 * Every upper mention is one bit. Neighbours: judge.c weighs committees, judge_place.c places, both
 * with these marks.
 */
#include "judge.h"

#include <string.h>

/* Where UNIT's mark is, or would be. There is always an empty one. */
static size_t slot_of(const struct judge *judge, uint32_t unit)
{
	size_t last = UINT32_MAX >> judge->shift;
	size_t at = (unit * 0x9E3779B1u) >> judge->shift;

	while (judge->marks[at].epoch == judge->epoch && judge->marks[at].unit != unit)
		at = (at + 1) & last;
	return at;
}

/* INDEX can mean UNIT. */
static void add_mark(struct judge *judge, uint32_t unit, size_t index)
{
	struct mark *at = &judge->marks[slot_of(judge, unit)];

	if (at->epoch == judge->epoch) {
		at->mask |= bit(index);
	} else if (judge->marked == JUDGE_MARKS * 3 / 4) {
		judge->cut = true;
	} else {
		judge->marked++;
		*at = (struct mark){.unit = unit, .epoch = judge->epoch, .mask = bit(index)};
	}
}

uint64_t judge_mark(const struct judge *judge, uint32_t unit)
{
	const struct mark *at = &judge->marks[slot_of(judge, unit)];

	return at->epoch == judge->epoch ? at->mask : 0;
}

/* The shift that leaves room for four times the marks that MENTIONS can make, if there is so much. */
static uint32_t shift_for(const struct mentions *mentions)
{
	uint32_t bits = 5, marks = 0;

	for (size_t i = 0; i < mentions->admin_len; i++)
		marks += mentions->admin[i].count;
	while (bits < JUDGE_MARK_BITS && 1u << bits < 4 * marks)
		bits++;
	return 32 - bits;
}

/* Mark which mentions share letters, and which of them another one outweighs. They are in rising
 * order of their start. */
static void mark_overlaps(struct judge *judge)
{
	const struct mention *admin = judge->mentions->admin;
	size_t len = judge->mentions->admin_len;

	judge->part = 0;
	memset(judge->overlap, 0, len * sizeof(judge->overlap[0]));
	for (size_t i = 0; i < len; i++)
		for (size_t j = i + 1; j < len && admin[j].start < admin[i].end; j++) {
			judge->overlap[i] |= bit(j);
			judge->overlap[j] |= bit(i);
			if (mention_outweighs(&admin[j], &admin[i]))
				judge->part |= bit(i);
			if (mention_outweighs(&admin[i], &admin[j]))
				judge->part |= bit(j);
		}
}

void judge_mark_all(struct judge *judge)
{
	const struct mentions *mentions = judge->mentions;

	if (++judge->epoch == 0) {
		memset(judge->marks, 0, sizeof(judge->marks));
		judge->epoch = 1;
	}
	judge->solid = 0;
	judge->marked = 0;
	judge->shift = shift_for(mentions);
	memset(judge->level_mask, 0, sizeof(judge->level_mask));
	memset(judge->form_mask, 0, sizeof(judge->form_mask));
	mark_overlaps(judge);
	for (size_t i = 0; i < mentions->admin_len; i++) {
		const struct mention *mention = &mentions->admin[i];
		judge->level_mask[mention->level] |= bit(i);
		judge->form_mask[mention->form] |= bit(i);
		judge->solid |= mention->solid ? bit(i) : 0;
		judge->below[i] = UINT32_MAX;
		for (uint32_t k = 0; k < mention->count; k++) {
			uint32_t unit =
				POSTING_UNIT(judge->gazetteer->postings[mention->first + k]);
			if (!mention_means(judge->gazetteer, mention, unit))
				continue;
			add_mark(judge, unit, i);
		}
	}
}

uint64_t judge_explained(const struct judge *judge, uint32_t unit)
{
	uint64_t mask = 0;

	for (; unit != IMAGE_NONE; unit = judge->gazetteer->admin_parents[unit])
		mask |= judge_mark(judge, unit);
	return mask;
}

uint64_t judge_against(const struct judge *judge, uint64_t explained,
		       const struct mention *committee)
{
	const struct mention *admin = judge->mentions->admin;
	uint64_t left = judge->solid & ~explained;

	for (uint64_t rest = left; rest; rest &= rest - 1) {
		size_t i = lowest(rest);
		bool away = committee && admin[i].start >= committee->start &&
			    admin[i].end <= committee->end;
		uint64_t shared = judge->overlap[i] & explained;
		for (size_t j = 0; shared >> j && !away; j++)
			away = (shared & bit(j)) && mention_outweighs(&admin[j], &admin[i]);
		if (away)
			left &= ~bit(i);
	}
	return left;
}
