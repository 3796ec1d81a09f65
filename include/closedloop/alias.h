/* alias.h — what officers taught by assigning an address by hand.
 *
 * When a human names the committee of an address that place could not settle, the address, its door
 * (road and lane) and its estate become aliases of that unit: the next traveller with the same
 * place needs no human. All of it is a question of a set: the same assignments in any order give
 * the same book. Two officers who disagree make the place a question again, with both as
 * candidates. An undone assignment is as if it had never been. Pure; the store keeps the rows, the
 * engine the book.
 *
 * A key is MATCH_KEY_DOOR's or MATCH_KEY_ESTATE's text (match.h); of MATCH_KEY_ADDRESS, which names
 * a home, only a keyed hash is ever kept.
 */
#ifndef CLOSEDLOOP_ALIAS_H
#define CLOSEDLOOP_ALIAS_H

#include <stddef.h>

#include "closedloop/match.h"

struct alias_book;

struct alias_book *alias_book_new(void);
void alias_book_free(struct alias_book *book);

/* One more assignment, one fewer, of KEY to CODE. Taking away what is not there does nothing. */
void alias_book_add(struct alias_book *book, enum match_key_kind kind, const char *key,
		    const char *code);
void alias_book_remove(struct alias_book *book, enum match_key_kind kind, const char *key,
		       const char *code);

/* The distinct codes KEY is assigned to, rising, at most CAP into CODES. Returns their number. */
size_t alias_book_find(const struct alias_book *book, enum match_key_kind kind, const char *key,
		       const char **codes, size_t cap);

/* Judge OUT, as match_query left it, once more by what officers taught. ADDRESS_KEY is the hash of
 * the whole address or NULL. The whole address again is an answer; a door or an estate is a
 * probable one, and never against a committee that is written or a rule that covers the door. */
void alias_judge(const struct alias_book *book, const char *address_key, struct match *out);

#endif
