/* cover.h — what coverage says about one address, and how that meets what its names say.
 *
 * Rooms in a row: cover_read.c finds doors and estates of rules in the text, cover_claim.c asks
 * which units claim them, cover.c joins the finding with the verdict by names, and cover_point.c
 * with the boundaries that hold a point. Nothing is allocated; everything lies in struct cover.
 */
#ifndef CLOSEDLOOP_PLACE_COVER_H
#define CLOSEDLOOP_PLACE_COVER_H

#include "coverage_table.h"
#include "door.h"
#include "judge.h"
#include "latin_door.h"

#define COVER_AREAS   8
#define COVER_ESTATES 8
#define COVER_ALSO    3
#define COVER_UNITS   MATCH_CANDIDATES_MAX
#define COVER_HITS    64

/* How well the text says that it speaks of a county. */
enum area_fit {
	AREA_NO,
	AREA_ABOVE,   /* Only a city or a province above it is settled. */
	AREA_NAMED,   /* A name is written that it shares with others. */
	AREA_SETTLED, /* The county is settled: its rules hold. */
};

struct cover_areas {
	uint32_t list[COVER_AREAS];
	uint8_t fit[COVER_AREAS];
	size_t len;
	uint32_t above, scale; /* The city or province settled, and what divides an area by to it;
				  SCALE 0: none. */
};

/* A name of a rule where it stands in the text. */
struct cover_spot {
	uint32_t place;
	uint16_t start, end;
	uint8_t fit; /* enum area_fit */
	uint8_t also_len;
	uint32_t also[COVER_ALSO]; /* The same name in other areas of the same fit: a question. */
};

struct cover_door {
	struct door door;
	struct cover_spot spot;
	uint16_t start; /* Where the road's name begins. */
	bool known;	/* SPOT is a road of rules. */
	bool clean;	/* Nothing unexplained stands before it. */
	bool backward;	/* The number stands before the road. */
	bool latin;	/* Found by its sound; START and the ends in DOOR are 0. */
};

struct cover_estate {
	struct cover_spot spot;
	uint32_t building; /* DOOR_NO_NUMBER: none is written. */
	bool clean;
};

struct cover_finding {
	uint64_t units[COVER_UNITS]; /* The units of the most specific rules, distinct. */
	const struct claim *claims[COVER_UNITS];
	size_t len;
	int rank;		    /* The least specific of them (cover_rank). */
	uint64_t open[COVER_UNITS]; /* Units that could claim it if more were written; or, when no
				       rule fits, that claim the number of the other kind. */
	const struct claim *open_claims[COVER_UNITS];
	size_t open_len;
	bool other_kind;	    /* OPEN are those of the other kind. */
	bool sure;		    /* Every winner is from a clean spot in a settled area. */
	bool agreed;		    /* A door and an estate both say so. */
	bool partial;		    /* A part of it, which is not written, is taken out. */
	bool unknown;		    /* Another door in the text has no rule. */
	const struct claim *street; /* A street's own rule, when no committee's fits. */
	uint64_t refused; /* A unit that would have it, and says that it is not its own. */
	const struct claim *refusal;
};

struct cover {
	const struct coverage *coverage; /* or NULL */
	const struct gazetteer *gazetteer;
	const struct folded *text;
	const struct mentions *mentions;
	const struct judge *judge;
	const struct folded *extra; /* Estate and building as a feed says them beside; or NULL. */
	const struct geo_point *point;	/* or NULL */
	const struct latin_door *latin; /* or NULL */
	struct cover_areas areas;
	struct cover_door doors[DOORS_MAX];
	struct cover_estate estates[COVER_ESTATES];
	size_t doors_len, estates_len;
	struct cover_finding finding;
};

/* Fill AREAS from OUT, the verdict by names, and from the names of counties in the text. */
void cover_find_areas(struct cover *cover, const struct match *out);
/* Find doors and, when there are rules, their roads and estates. */
void cover_read(struct cover *cover);
/* Fill COVER's finding from its doors and estates. */
void cover_claim(struct cover *cover);
/* How specific CLAIM is: 0 is the most. */
int cover_rank(const struct claim *claim);
/* Is COMMITTEE, as a number, said to be not the unit of this door, by itself? */
const struct claim *cover_refusal(const struct cover *cover, uint64_t unit);

/* Judge OUT by the boundaries that hold COVER's point. */
void cover_judge_point(const struct cover *cover, struct match *out);
/* Judge OUT, as names left it, once more. COVER's inputs (up to POINT) are filled in. */
void cover_judge(struct cover *cover, struct match *out);

#endif
