/* image.h — the layout of the gazetteer image, shared by the tool that writes it
 * (gazetteer_build.c), the code that checks it (image.c) and the code that reads it (gazetteer.c,
 * mention.c, judge.c).
 *
 * One file, native byte order, every section aligned to 8 bytes. Units of the four upper levels
 * ("admin units") are numbered province by province, then cities, counties and streets, each level
 * in code order; committees are numbered separately, in code order, so that everything below any
 * unit is one range. Names found in addresses hang in a trie whose nodes are numbered breadth
 * first: the children of node N are the nodes children[N] .. children[N + 1] - 1, in rising order
 * of their label, and its postings are postings[posts[N]] .. postings[posts[N + 1] - 1]. The same
 * steps stand in a table by node and label (edges.h), which is how they are walked.
 */
#ifndef CLOSEDLOOP_PLACE_IMAGE_H
#define CLOSEDLOOP_PLACE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/gazetteer.h"

#define IMAGE_MAGIC    "CLPLACE\n"
#define IMAGE_FORMAT   5u
#define IMAGE_ORDER    0x01020304u
#define IMAGE_NONE     0xFFFFFFFFu /* The parent of a province. */
#define IMAGE_MAX_SIZE ((size_t)64 << 20)

enum unit_level {
	LEVEL_PROVINCE,
	LEVEL_CITY,
	LEVEL_COUNTY,
	LEVEL_STREET,
	LEVEL_COMMITTEE,
	UNIT_LEVELS,
};

enum image_section_id {
	IMAGE_LEVELS,	     /* u32: first admin unit of each level; the fifth is their number. */
	IMAGE_ADMIN_CODES,   /* u32: the code as a number. */
	IMAGE_ADMIN_PARENTS, /* u32: admin unit above, IMAGE_NONE for a province. */
	IMAGE_ADMIN_NAMES,   /* u32: offset into names. */
	IMAGE_ADMIN_FIRST,   /* u32: first committee below. */
	IMAGE_ADMIN_KINDS,   /* u8: enum street_kind, for streets. */
	IMAGE_COMMITTEE_STREETS, /* u32: admin unit above. */
	IMAGE_COMMITTEE_LOCALS,	 /* u16: the last three digits. */
	IMAGE_COMMITTEE_NAMES,	 /* u32: offset into names. */
	IMAGE_COMMITTEE_KINDS,	 /* u8: bits of enum committee_kind. */
	IMAGE_NAMES,		 /* u8: NUL-terminated UTF-8, each name once. */
	IMAGE_FOLD_FROM,	 /* u32: traditional and variant characters, rising … */
	IMAGE_FOLD_TO,		 /* u32: … and what the gazetteer writes for them. */
	IMAGE_LABELS,	/* u32: the symbol (fold.h) that leads to each node; node 0 is the root. */
	IMAGE_CHILDREN, /* u32: first child of each node, and one more. */
	IMAGE_POSTS,	/* u32: first posting of each node, and one more. */
	IMAGE_POSTINGS, /* u32: POSTING(role, unit), rising within a node. */
	IMAGE_EDGES,	/* u64: the steps of the trie by node and symbol: edges.h. */
	IMAGE_READING_CHARS,   /* u32: folded characters whose sound is known, rising … */
	IMAGE_READINGS,	       /* struct image_readings: … and how each is read. */
	IMAGE_SYLLABLES,       /* u8: NUL-terminated toneless syllables ("lv" for 吕), rising. */
	IMAGE_SYLLABLE_STARTS, /* u32: where each syllable begins in them. */
	IMAGE_LATIN_STARTS,    /* u32: first key of each bucket (latin_key.h), and one more. */
	IMAGE_LATIN_TAILS,     /* u32: the lower half of each key, rising within a bucket … */
	IMAGE_LATIN_NODES, /* u32: … and the node of the trie it leads to, with LATIN_HAS bits. */
	IMAGE_SECTIONS,
};

#define IMAGE_LATIN_BUCKETS 0x10000u
#define IMAGE_LINE	    64 /* Bytes of a line of a processor's cache. */

/* What a name in Latin letters can stand for: most are looked up in vain, and these bits say so
 * without a look at the postings. */
enum latin_has {
	LATIN_HAS_UPPER = 1,	 /* A province, city or county. */
	LATIN_HAS_STREET = 2,	 /* A street with a level word, */
	LATIN_HAS_WHOLE = 4,	 /* or without. */
	LATIN_HAS_COMMITTEE = 8, /* A committee. */
};

#define LATIN_ENTRY(has, node) ((uint32_t)(has) << 28 | (node))
#define LATIN_HAS(entry)       ((entry) >> 28)
#define LATIN_NODE(entry)      ((entry)&0x0FFFFFFFu)

#define READINGS_MAX 6
#define READING_NONE 0xFFFFu

/* How one character is read, commonest first; READING_NONE after the last. */
struct image_readings {
	uint16_t syllables[READINGS_MAX];
};

/* As what a name in the trie stands for its unit. */
enum posting_role {
	ROLE_PROVINCE_FULL,
	ROLE_PROVINCE_SHORT,
	ROLE_CITY_FULL,
	ROLE_CITY_SHORT,
	ROLE_COUNTY_FULL,
	ROLE_COUNTY_SHORT,
	ROLE_STREET,	       /* The core of a street's name; affix.h knows what may follow. */
	ROLE_COMMITTEE,	       /* The core of a committee's name; the same. */
	ROLE_CITY_OLD,	       /* 襄樊市: what the city above a renamed county was called. */
	ROLE_COUNTY_OLD,       /* 闸北区, 余江县: the county that is, or holds, it today. */
	ROLE_COUNTY_OLD_SHORT, /* 闸北 */
	POSTING_ROLES,
};

#define POSTING(role, unit)   ((uint32_t)(role) << 28 | (unit))
#define POSTING_ROLE(posting) ((posting) >> 28)
#define POSTING_UNIT(posting) ((posting)&0x0FFFFFFFu)

struct image_section {
	uint64_t offset; /* From the start of the image; a multiple of 8. */
	uint64_t count;	 /* Elements. */
	uint64_t width;	 /* Bytes of one. */
};

struct image_header {
	char magic[8];
	uint32_t format;
	uint32_t order;	   /* IMAGE_ORDER as the writer's machine stores it. */
	uint64_t size;	   /* Of the whole image; a multiple of 8. */
	uint64_t checksum; /* image_checksum() of every byte after this field. */
	char edition[64];
	struct image_section sections[IMAGE_SECTIONS];
};

#define IMAGE_SUMMED offsetof(struct image_header, edition) /* First byte under the checksum. */

_Static_assert(sizeof(struct image_header) % 8 == 0, "sections follow the header, aligned to 8");

/* An opened image: where each section lies. */
struct gazetteer {
	const char *edition;
	const uint32_t *levels;
	const uint32_t *admin_codes, *admin_parents, *admin_names, *admin_first;
	const uint8_t *admin_kinds;
	const uint32_t *committee_streets, *committee_names;
	const uint16_t *committee_locals;
	const uint8_t *committee_kinds;
	const char *names;
	const uint32_t *fold_from, *fold_to;
	const uint32_t *labels, *children, *posts, *postings;
	const uint64_t *edges;
	const uint32_t *reading_chars;
	const struct image_readings *readings;
	const char *syllables;
	const uint32_t *syllable_starts;
	const uint32_t *latin_starts, *latin_tails, *latin_nodes;
	uint32_t admins, committees, fold_len, nodes, names_len, postings_len;
	uint32_t readings_len, syllables_len; /* Characters; distinct syllables. */
	uint32_t latin_len, edges_len;
};

/* Check IMAGE[0..LEN), aligned to 8 bytes, and fill OUT with pointers into it. CL_ECORRUPT names
 * what does not hold. */
int image_read(struct gazetteer *out, const void *image, size_t len, struct err *err);

/* Bytes of one element of section ID. */
uint64_t image_width(enum image_section_id id);

/* Mix DATA[0..LEN), LEN a multiple of 8, into 64 bits. Any change inside one 8-byte word changes
 * the result; this finds damage, it does not resist an attacker who can write the file. */
uint64_t image_checksum(const void *data, size_t len);

/* Level of admin unit UNIT. */
enum unit_level gazetteer_level(const struct gazetteer *gazetteer, uint32_t unit);
/* The committees below admin unit UNIT are *FIRST .. *END - 1. */
void gazetteer_range(const struct gazetteer *gazetteer, uint32_t unit, uint32_t *first,
		     uint32_t *end);
/* Write the code of an admin unit, of a committee. BUF holds UNIT_CODE_CAP bytes. */
void gazetteer_admin_code(const struct gazetteer *gazetteer, uint32_t unit, char *buf);
void gazetteer_committee_code(const struct gazetteer *gazetteer, uint32_t committee, char *buf);
/* The child of NODE under LABEL; 0 when there is none. */
uint32_t gazetteer_child(const struct gazetteer *gazetteer, uint32_t node, uint32_t label);
/* The deepest unit above both LEFT and RIGHT, or one of them; IMAGE_NONE when there is none. */
uint32_t gazetteer_common(const struct gazetteer *gazetteer, uint32_t left, uint32_t right);
/* First of the postings LOW .. HIGH - 1 whose unit is COMMITTEE or later. */
uint32_t gazetteer_posting(const struct gazetteer *gazetteer, uint32_t low, uint32_t high,
			   uint32_t committee);

#endif
