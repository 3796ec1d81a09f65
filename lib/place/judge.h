/* judge.h — which committees, and which upper place, fit everything that is written.
 *
 * A committee fits when its name is written, the name begins where a name may begin, and no upper
 * name in the text speaks against it. Judging collects all that fit (and a few that would but for
 * one contradiction), so that match.c can decide by counting them.
 */
#ifndef CLOSEDLOOP_PLACE_JUDGE_H
#define CLOSEDLOOP_PLACE_JUDGE_H

#include "mention.h"

#define CANDIDATES_MAX 64

/* How a candidate's name is written, best first: a better way of writing at the same place wins. */
enum candidate_rank {
	RANK_FULL,
	RANK_QUASI,
	RANK_LANE,
	RANK_SHORT,
	RANK_KIND, /* 村 written where there is only a 社区, or the other way round. */
};

struct candidate {
	uint32_t committee;
	uint64_t explained; /* Upper mentions that name a unit above it. */
	uint8_t rank;	    /* enum candidate_rank */
	uint8_t levels;	    /* Bit per enum unit_level: stated in the text. */
	uint8_t mention;    /* Index into mentions.committee. */
	bool street_plain;  /* The street is written with its own level word. */
	bool street_other;  /* The street is written with another level word. */
	bool county_other;  /* The same for the county. */
	bool old;	    /* The city or county is only written as it was called before. */
	bool typo;	    /* A name with a slip in it is used. */
	bool weak;	    /* It begins right after a house number or the like. */
	bool dropped;	    /* A better reading covers it. */
};

#define JUDGE_MARK_BITS 11
#define JUDGE_MARKS	(1u << JUDGE_MARK_BITS)

struct mark {
	uint32_t unit, epoch;
	uint64_t mask;
};

struct judge {
	const struct gazetteer *gazetteer;
	const struct folded *text;
	const struct mentions *mentions;
	/* Which mentions can mean which admin units: a hash of those that any mention can mean. */
	struct mark marks[JUDGE_MARKS];
	uint32_t epoch; /* Marks of other texts are empty. */
	uint32_t shift; /* Few marks stand in a small part of MARKS, which stays in a cache. */
	size_t marked;
	uint32_t below[MENTIONS_ADMIN]; /* How many committees lie below a mention's units. */
	uint64_t solid, level_mask[LEVEL_COMMITTEE], form_mask[MENTION_FORMS];
	uint64_t overlap[MENTIONS_ADMIN];
	uint64_t part; /* Those that another reading of their letters outweighs. */
	struct candidate fitting[CANDIDATES_MAX];
	struct candidate contradicted[CANDIDATES_MAX];
	size_t fitting_len, contradicted_len, weighed;
	bool cut;	/* More candidates than fit here. */
	uint32_t scope; /* Deepest admin unit the text settles, or IMAGE_NONE. */
	bool torn;	/* The upper names contradict each other; SCOPE is what they share. */
};

void judge_init(struct judge *judge, const struct gazetteer *gazetteer);

/* Weigh MENTIONS of TEXT. The results stay in JUDGE until the next call. */
void judge_text(struct judge *judge, const struct folded *text, const struct mentions *mentions);

/* After judge_text: settle SCOPE and TORN, which only a question needs. */
void judge_place(struct judge *judge);

/* Mark what every mention of the text can mean. */
void judge_mark_all(struct judge *judge);
/* The mentions that can mean UNIT. */
uint64_t judge_mark(const struct judge *judge, uint32_t unit);
/* What UNIT and everything above it explain. */
uint64_t judge_explained(const struct judge *judge, uint32_t unit);
/* Solid mentions that EXPLAINED leaves over and that cannot be read away: 镇江 inside of
 * 温峤镇江厦村 is only a part of what was meant. COMMITTEE is the committee's own mention or NULL.
 */
uint64_t judge_against(const struct judge *judge, uint64_t explained,
		       const struct mention *committee);

#endif
