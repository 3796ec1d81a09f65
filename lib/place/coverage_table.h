/* coverage_table.h — coverage as collected and as compiled, shared by the rooms that fill it
 * (coverage_source.c, coverage_build.c), read it (cover_read.c, cover_claim.c, boundary.c) and
 * review it (coverage_check.c).
 *
 * Compiled, every (area, folded name) of a road or an estate is one coverage_place; its rules are
 * one run of the table, ordered by level and number, so that "who claims number 410" is a search
 * per level. Names hang in tries (index.h): of estates as they are read, of roads backwards,
 * because a road is found by the number behind it, and of roads as they sound.
 */
#ifndef CLOSEDLOOP_PLACE_COVERAGE_TABLE_H
#define CLOSEDLOOP_PLACE_COVERAGE_TABLE_H

#include "closedloop/coverage.h"
#include "closedloop/mem.h"

#include "boundary.h"
#include "fold.h"
#include "image.h"
#include "index.h"

struct coverage_source {
	struct arena arena; /* Strings. */
	struct coverage_rule *rules;
	size_t rules_len, rules_cap;
	struct boundary_source boundaries;
	struct fold_table
		table; /* Without the gazetteer's variants: to see whether a name is one. */
	struct folded folded;
};

/* What a rule claims, the most specific first (claim_rank). The last two take away. */
enum claim_level {
	CLAIM_SINGLE, /* One number of the road. */
	CLAIM_SUB,    /* Houses inside one lane: as specific as a single number. */
	CLAIM_RANGE,
	CLAIM_BUILDING, /* Buildings of an estate. */
	CLAIM_ESTATE,	/* All of it: no less specific than a part. */
	CLAIM_ROAD,
	CLAIM_EXCEPT,
	CLAIM_NOT_OURS,
	CLAIM_LEVELS,
};

struct claim {
	uint32_t place; /* Index into places. */
	uint8_t level;	/* enum claim_level */
	uint8_t number; /* enum coverage_number */
	uint8_t parity; /* enum coverage_parity */
	uint32_t lane;	/* CLAIM_SUB */
	uint32_t from, to;
	uint32_t reach; /* Greatest TO of this level (and lane) up to here. */
	uint32_t id;	/* Offset into words. */
	uint64_t unit;	/* The code as a number: 9 or 12 digits. */
};

struct coverage_place {
	uint32_t area; /* The code as a number: 6 digits. */
	bool estate;
	uint32_t name;			   /* Offset into words: as first written. */
	uint64_t key;			   /* Hash of the name as folded, however it is written. */
	uint32_t starts[CLAIM_LEVELS + 1]; /* Its claims of each level, and their end. */
};

struct coverage {
	struct claim *claims;
	struct coverage_place *places; /* By area, then name. */
	size_t claims_len, places_len;
	struct index roads, estates; /* Postings are places, rising. */
	struct index sounds;	     /* Roads in pinyin (cover_latin.c). */
	char *words;
	struct boundary_map *boundaries;
};

#define COVERAGE_UNIT_IS_STREET(unit) ((unit) < 1000000000u)

/* VALUE as an error quotes it: whole letters, so many bytes at most. */
#define COVERAGE_QUOTE_CAP 64
const char *coverage_quote(char room[COVERAGE_QUOTE_CAP], const char *value);

/* The code as a number. */
uint64_t coverage_number_of(const char *code);
/* Write UNIT back as a code. */
void coverage_code_of(uint64_t unit, char code[UNIT_CODE_CAP]);
static inline const char *coverage_word(const struct coverage *coverage, uint32_t offset)
{
	return coverage->words + offset;
}

#endif
