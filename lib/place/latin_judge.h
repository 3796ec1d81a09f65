/* latin_judge.h — which place, and which committees in it, fit what is written in Latin letters.
 *
 * The place comes first: the deepest units that explain every solid mention. Committees are then
 * looked for only below them, so a name that hundreds bear costs no more than a rare one.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_JUDGE_H
#define CLOSEDLOOP_PLACE_LATIN_JUDGE_H

#include "latin_mention.h"

#define LATIN_SCOPES_MAX     24
#define LATIN_CANDIDATES_MAX 48

enum latin_rank {	 /* How a committee's name is written, best first. */
	LATIN_RANK_FULL, /* With its kind word, or a name that has none; 莘松三村 without 居委会. */
	LATIN_RANK_BARE, /* Without. */
	LATIN_RANK_KIND, /* With that of another kind. */
};

struct latin_candidate {
	uint32_t committee;
	uint8_t mention; /* Index into mentions.committees. */
	uint8_t rank;	 /* enum latin_rank */
};

struct latin_judge {
	const struct latin_mentions *mentions;
	uint32_t scopes[LATIN_SCOPES_MAX]; /* The deepest units that fit best. */
	size_t scopes_len;
	uint32_t scope;	    /* The unit above all of them, or IMAGE_NONE. */
	uint64_t explained; /* Mentions that the first of them explains. */
	bool torn;	    /* Not even they explain every solid mention. */
	bool cut;	    /* There were more than fit. */
	struct latin_candidate candidates[LATIN_CANDIDATES_MAX]; /* Each committee once. */
	size_t candidates_len;
	uint64_t overlap[LATIN_PLACES_MAX];
};

/* Weigh MENTIONS; WITHIN is the admin unit that Chinese characters beside them have settled, or
 * IMAGE_NONE. */
void latin_judge_text(struct latin_judge *judge, const struct latin_mentions *mentions,
		      uint32_t within);

/* Does SCOPE, or a unit above it, explain mention INDEX? */
static inline bool latin_is_explained(const struct latin_judge *judge, size_t index)
{
	return (judge->explained >> index & 1) != 0;
}

/* Is a number in the name of COMMITTEE? */
bool latin_has_numeral(const struct gazetteer *gazetteer, uint32_t committee);
/* Can letters START .. END - 1 name COMMITTEE as far as numbers go? Nei No. 6 Jia is 内六甲, never
 * 内刘家. */
bool latin_number_fits(const struct latin_text *text, size_t start, size_t end,
		       const struct gazetteer *gazetteer, uint32_t committee);

/* Best form in which UNIT itself is written, or -1: it is not. */
int latin_form_of(const struct latin_mentions *mentions, uint32_t unit);

#endif
