/* match.h — an address as typed becomes a committee, or a question for a human.
 *
 * A confident wrong answer sends a traveller to the wrong gate at 2 a.m.: it is the worst outcome,
 * worse than asking. So the verdict is reached by counting which committees fit everything that is
 * written, never by the best score alone. Pure: same image, same text, same answer; no allocation
 * after match_new.
 */
#ifndef CLOSEDLOOP_MATCH_H
#define CLOSEDLOOP_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "closedloop/gazetteer.h"
#include "closedloop/text.h"

enum match_verdict {
	MATCH_UNMATCHED, /* Nothing in the text names a place we know. A human is asked. */
	MATCH_AMBIGUOUS, /* Several committees fit, or only a street or county is settled. A human
			    is asked. */
	MATCH_PROBABLE,	 /* One committee fits after repairing one thing; used when policy's
			    threshold allows. */
	MATCH_EXACT,	 /* Exactly one committee fits everything that is written. */
};

#define MATCH_CANDIDATES_MAX 10
#define MATCH_ADDRESS_MAX    1200 /* Bytes looked at; 400 Chinese characters, the schema's limit. */

struct match_candidate {
	char code[UNIT_CODE_CAP]; /* 12 digits. */
	double score;		  /* 0..1, best first. */
};

struct match {
	enum match_verdict verdict;
	char code[UNIT_CODE_CAP]; /* 12 digits when exact or probable; else the deepest settled
				     code, or "". */
	double confidence;	  /* 0..1: how often answers reached this way are right. */
	size_t candidates_len;
	struct match_candidate candidates[MATCH_CANDIDATES_MAX];
	char reason[240]; /* Which words settled which level; English, for officers. */
	char normalized[MATCH_ADDRESS_MAX + 1]; /* The text as folded. */
};

struct matcher; /* Scratch space and the gazetteer it reads. One per thread. */

struct matcher *match_new(const struct gazetteer *gazetteer);
void match_free(struct matcher *matcher);

/* Judge ADDRESS (UTF-8, need not be well formed: bad bytes are noise) and fill OUT. Never fails:
 * what cannot be read is unmatched. */
void match_address(struct matcher *matcher, const char *address, struct match *out);

/* Write to OUT what tells one home from another in an address as folded (match.normalized): the end
 * of the road's name and the numbers after it. Returns whether it goes down to a room; a building
 * alone is no home. */
bool match_home(const char *normalized, struct text *out);

/* Undo, in place, the escapes of a table's address column: \n becomes a line break, \\ a backslash.
 */
void match_unescape(char *text);

/* "unmatched", "ambiguous", "probable", "exact". */
const char *match_verdict_word(enum match_verdict verdict);

#endif
