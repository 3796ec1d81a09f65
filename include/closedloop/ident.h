/* ident.h — identifiers that sort by the time they were made.
 *
 * An id is a prefix and a ULID: 48 bits of UTC milliseconds and 80 random bits in Crockford's base
 * 32, so that rows made together lie together in the store's key order, and nobody can guess a
 * neighbour's id. Randomness is an argument.
 */
#ifndef CLOSEDLOOP_IDENT_H
#define CLOSEDLOOP_IDENT_H

#include <stddef.h>
#include <stdint.h>

#define IDENT_CAP 32 /* "ntc_" + 26 + NUL, with room. */

/* Where random bytes come from: getrandom in the daemon, a seeded stream in tests. */
struct entropy {
	void (*fill)(void *context, void *bytes, size_t len);
	void *context;
};

/* Make an id such as "jny_01E48R0V7K8Q3N5T2YJ6ZB4C9D" for instant NOW; PREFIX has at most 4
 * letters. */
void ident_make(char id[IDENT_CAP], const char *prefix, int64_t now, const struct entropy *entropy);

/* SplitMix64 as an entropy source: the same SEED, the same ids. STATE must outlive the entropy. */
struct entropy entropy_seeded(uint64_t *state);

#endif
