/* latin_door.h — the door that an address in Latin letters names: "No. 5, Lane 80, Ronghua East
 * Road".
 *
 * Neighbours: latin_road.c reads it out of the words, cover_latin.c looks for the rule road that is
 * read so.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_DOOR_H
#define CLOSEDLOOP_PLACE_LATIN_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#define LATIN_ROAD_CAP 64

struct latin_door {
	char road[LATIN_ROAD_CAP]; /* In pinyin, run together, without the road word: "ronghuadong".
				    */
	char word[12];	      /* The road word in pinyin (lu, dao, dajie); "" when it is written in
				 English. */
	uint32_t lane, house; /* UINT32_MAX: none is written. */
};

struct latin;

/* The only door of the address that latin_match read last. False when there is none, or several
 * roads have numbers. */
bool latin_door(const struct latin *latin, struct latin_door *out);

#endif
