/* alias.h — what officers taught by assigning an address by hand.
 *
 * When a human names the committee of an address that place could not settle, the address, its door
 * (road and lane) and its estate become aliases of that unit: the next traveller with the same
 * place needs no human. All of it is a question of a set: the same assignments in any order teach
 * the same. Two officers who disagree make the place a question again, with both as candidates. An
 * undone assignment is as if it had never been.
 *
 * Pure: the store keeps the lessons under their keys (store.h), whoever asks looks up what was
 * taught under the keys of a match, and alias_judge says what that means. Nothing is kept in
 * memory, so there is nothing to bound, and nothing to take back when a transaction fails.
 *
 * A key is match.door_key or match.estate_key; of the whole address, which names a home, only a
 * keyed hash is ever kept.
 */
#ifndef CLOSEDLOOP_ALIAS_H
#define CLOSEDLOOP_ALIAS_H

#include <stddef.h>

#include "closedloop/match.h"

/* The distinct units one key was assigned to: as many as a question shows. */
#define ALIAS_CODES_MAX MATCH_CANDIDATES_MAX

struct alias_codes {
	size_t len;
	struct {
		char code[UNIT_CODE_CAP];
		unsigned times; /* so many journeys were assigned so */
	} of[ALIAS_CODES_MAX];	/* in rising order of code */
};

/* What was taught under each key of one address. */
struct alias_taught {
	struct alias_codes keys[MATCH_KEYS];
};

/* "address", "door", "estate". */
const char *alias_kind_word(enum match_key_kind kind);

/* One more assignment to CODE. More distinct ones than fit are left out: ten are a question like
 * eleven. */
void alias_learn(struct alias_codes *codes, const char *code);

/* Whether anything that was taught could change MATCH; when not, nobody need look it up. A
 * committee that is written and a rule that covers the door stand, whatever an officer did: he may
 * have sent somebody elsewhere for reasons that are not in the address. */
bool alias_may_help(const struct match *match);

/* Judge OUT, as match_query left it, once more by what officers TAUGHT. The narrowest key that
 * anything was taught under decides. The whole address again is an answer; a door or an estate is a
 * probable one, and only where it contradicts nothing that is written. */
void alias_judge(const struct alias_taught *taught, struct match *out);

#endif
