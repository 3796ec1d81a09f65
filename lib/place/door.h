/* door.h — the doors written in a folded address: where a road's name ends, and the numbers after
 * it.
 *
 * On a road the first number decides: the lane if it is a 弄, otherwise the house number. Which
 * letters before the number are the road's name is not decided here: rules know their roads
 * (cover_read.c), and door_road guesses where none do. Neighbours: fold.h; cover.c judges.
 */
#ifndef CLOSEDLOOP_PLACE_DOOR_H
#define CLOSEDLOOP_PLACE_DOOR_H

#include "mention.h"

#define DOORS_MAX      8
#define DOOR_ROAD_MAX  16 /* Symbols of a road's name at most. */
#define DOOR_NO_NUMBER UINT32_MAX

enum door_kind {
	DOOR_ROAD,  /* Only the road is written. */
	DOOR_BARE,  /* A number without a kind word: a house, most likely. */
	DOOR_HOUSE, /* 号 */
	DOOR_LANE,  /* 弄 */
};

struct door {
	uint16_t road_end; /* The symbol after the road's name. */
	uint16_t end;	   /* The symbol after what was read. */
	uint8_t kind;	   /* enum door_kind */
	bool sublane;	   /* 1398弄5支弄16号: the house is not counted in the lane itself. */
	uint32_t number, last; /* 12-14号: LAST is 14; else it is NUMBER. */
	uint32_t house;	       /* In the lane; DOOR_NO_NUMBER: none is written. */
};

/* Read the door whose road would end before symbol AT. DOOR_ROAD when no number follows. */
struct door door_read(const struct folded *text, size_t at);

/* May a road's name end before symbol AT: is there a road word, or a number that is none of a
 * road's name (天山一路)? */
bool door_may_be(const struct folded *text, size_t at);

/* The building that is written at AT (12号楼, 12幢, 12号); DOOR_NO_NUMBER when none is. */
uint32_t door_building(const struct folded *text, size_t at);

/* May a name begin at AT: after a gap, a place, a number's kind word, another road or estate? */
bool door_is_edge(const struct folded *text, const struct mentions *mentions, size_t at);

/* Is what lies at START .. END - 1 only near: 近仙霞路100号, 仙霞路口, 马赛花园附近? */
bool door_is_near(const struct folded *text, size_t start, size_t end);

/* Where the road that ends before AT begins, by what stands before it. AT when there is none. */
size_t door_road(const struct folded *text, const struct mentions *mentions, size_t at);

#endif
