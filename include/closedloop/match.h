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
	MATCH_VERDICTS,
};

#define MATCH_CANDIDATES_MAX 10
#define MATCH_ADDRESS_MAX    1200 /* Bytes looked at; 400 Chinese characters, the schema's limit. */
#define MATCH_WORDS_CAP	     64	  /* Of the words that settled one level. */
#define MATCH_RULE_CAP	     48	  /* Of a coverage rule's name. */

/* Why a match is what it is; the phrase match_why.WORD says it to people. */
enum match_why {
	/* Answers, by what is written. */
	MATCH_WHY_CHAIN,	/* Street and committee, and a unit above them. */
	MATCH_WHY_STREET,	/* Street and committee, found once in the country. */
	MATCH_WHY_STREET_SHORT, /* Street in short, and committee. */
	MATCH_WHY_COUNTY,	/* Committee, found once in its county. */
	MATCH_WHY_CITY,		/* Committee, found once in its city. */
	MATCH_WHY_SHORT,	/* Committee without its kind word. */
	MATCH_WHY_LANE,		/* A committee is named after this lane. */
	MATCH_WHY_KIND,		/* The kind word is not the committee's own. */
	MATCH_WHY_REPAIRED,	/* One thing is not as in the gazetteer. */
	MATCH_WHY_RENAMED,	/* An old name of a county. */
	MATCH_WHY_TYPO,		/* One character is wrong, or sounds like the right one. */
	MATCH_WHY_ELSEWHERE,	/* The place above the committee is wrong: warning says which. */
	MATCH_WHY_RULE,		/* A coverage rule covers the door. */
	MATCH_WHY_RULE_OTHER,	/* A rule covers the number, but of the other kind (弄 for 号). */
	MATCH_WHY_BOUNDARY,	/* The coordinates lie inside one boundary. */
	MATCH_WHY_ALIAS,	/* An officer assigned this address, estate or lane by hand. */
	/* Questions. */
	MATCH_WHY_SEVERAL,	/* Several committees fit. */
	MATCH_WHY_NAMED_LIKE,	/* None is called as is written; these names hold it: 荣华 was
				   divided into 古北荣华第一 .. 第四. */
	MATCH_WHY_LITTLE,	/* One committee fits, but too little is written to be sure. */
	MATCH_WHY_CONTRADICTED, /* The committee is not where the text says. */
	MATCH_WHY_TORN,		/* The places written contradict each other. */
	MATCH_WHY_PLACE,	/* Only a place above a committee is written. */
	MATCH_WHY_PLACES,	/* Several places above a committee fit. */
	MATCH_WHY_NOTHING,	/* No place we know is written. */
	MATCH_WHY_RULES,	/* Two units claim this door. */
	MATCH_WHY_RULE_AGAINST, /* A rule gives the door to another committee than is written. */
	MATCH_WHY_NO_RULE,	/* A door is written, and no rule covers it. */
	MATCH_WHY_NOT_OURS,	/* The only unit that fits says that the door is not its own. */
	MATCH_WHY_EDGE,		/* The coordinates lie on a boundary, or in none. */
	MATCH_WHY_ALIASES,	/* Officers assigned it to different units. */
	MATCH_WHYS,
};

/* A place on earth in millionths of a degree, WGS-84; convert what a feed says with geo.h. */
struct geo_point {
	int32_t lon, lat;
};

/* What is known of where somebody lives. */
struct match_query {
	const char *address; /* UTF-8, need not be well formed: bad bytes are noise. */
	const char *estate;  /* What a feed says beside it: compound, building; or NULL. */
	const struct geo_point *point; /* or NULL */
};

/* What an address can be learnt under (alias.h), from the narrowest to the widest. */
enum match_key_kind {
	MATCH_KEY_ADDRESS, /* All of it as folded. Names a home: hash it before it is kept. */
	MATCH_KEY_DOOR,	   /* "310105/古北路/1398弄" */
	MATCH_KEY_ESTATE,  /* "310105/伦敦广场" */
	MATCH_KEYS,
};

#define MATCH_KEY_CAP 160

struct match_candidate {
	char code[UNIT_CODE_CAP]; /* 12 digits. */
	double score;		  /* 0..1, best first. Of an answer, its confidence. */
};

struct match {
	enum match_verdict verdict;
	enum match_why why;
	char code[UNIT_CODE_CAP]; /* 12 digits when exact or probable; else the deepest settled
				     code, or "". */
	double confidence;	  /* 0..1: how often answers reached this way are right. */
	/* Of an answer: itself, and what came nearest if anything did. Of a question: the
	 * committees that fit, or whose names come near what is written. */
	size_t candidates_len;
	struct match_candidate candidates[MATCH_CANDIDATES_MAX];
	char reason[240]; /* WHY and the words in one English sentence, for logs of programs. */
	/* Evidence: the words, as folded, that settled each level from province to committee; ""
	 * when the text does not state it. */
	char words[UNIT_CHAIN_MAX][MATCH_WORDS_CAP];
	char rule[MATCH_RULE_CAP]; /* The coverage rule or boundary that decided, or "". */
	char warning[MATCH_WORDS_CAP]; /* What is written and is not so (浦陀区, 黄浦区), or "". */
	/* What a hand-made assignment of this address is learnt under; "" = not to be had.
	 * [MATCH_KEY_ADDRESS] is NORMALIZED. */
	char door_key[MATCH_KEY_CAP], estate_key[MATCH_KEY_CAP];
	char normalized[MATCH_ADDRESS_MAX + 1]; /* The text as folded. */
};

struct matcher; /* Scratch space and the gazetteer it reads. One per thread. */

struct matcher *match_new(const struct gazetteer *gazetteer);
void match_free(struct matcher *matcher);

/* Judge QUERY and fill OUT. Never fails: what cannot be read is unmatched. */
void match_query(struct matcher *matcher, const struct match_query *query, struct match *out);
/* The same for an address alone. */
void match_address(struct matcher *matcher, const char *address, struct match *out);

/* Write to OUT what tells one home from another in an address as folded (match.normalized): the end
 * of the road's name and the numbers after it. Returns whether it goes down to a room; a building
 * alone is no home. */
bool match_home(const char *normalized, struct text *out);

/* Write to OUT as much of the address of MATCH as names a place: no person, no telephone, no room.
 * Nothing when no place can be told from the rest. */
void match_shown(const struct match *match, struct text *out);

/* Undo, in place, the escapes of a table's address column: \n becomes a line break, \\ a backslash.
 */
void match_unescape(char *text);

/* "unmatched", "ambiguous", "probable", "exact". */
const char *match_verdict_word(enum match_verdict verdict);
/* "chain", "rule_against" …: stable, for phrases and programs. */
const char *match_why_word(enum match_why why);

#endif
