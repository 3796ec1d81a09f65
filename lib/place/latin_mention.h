/* latin_mention.h — every place name among the letters of a Latin address, with how it is written.
 *
 * As in Chinese (mention.h) finding is generous and judging is strict. One mention is one way to
 * read some letters at one level; the units it can mean are marked with its bit, so that what a
 * unit and those above it explain is a few ORs. Homophones need nothing special: Huangpu District
 * is one mention that can mean 黄浦区 and 黄埔区.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_MENTION_H
#define CLOSEDLOOP_PLACE_LATIN_MENTION_H

#include "image.h"
#include "latin_text.h"

#define LATIN_KEYS_MAX	     1024 /* Of words; 64 are usual. */
#define LATIN_PLACES_MAX     63
#define LATIN_COMMITTEES_MAX 64
#define LATIN_NODES_MAX	     512
#define LATIN_UNITS_MAX	     4096

enum latin_form {	  /* Best last. */
	LATIN_FORM_OTHER, /* With the level word of another kind: Putuo County. */
	LATIN_FORM_SHORT, /* Without level word. */
	LATIN_FORM_NEAR,  /* With a level word that English does not tell apart: Town for 乡. */
	LATIN_FORM_FULL,
};

struct latin_mention {
	uint16_t start, core_end, end; /* Letters. */
	uint8_t level;		       /* enum unit_level */
	uint8_t form;		       /* enum latin_form */
	uint8_t kind; /* Committees: bits of enum committee_kind; 0: not written. */
	bool solid;   /* Upper: a place elsewhere contradicts it. */
	bool weak;    /* An unexplained word stands right before it, and may belong to it. */
	bool inner;   /* It ends in the middle of a word. */
	uint32_t first, count; /* Committees: nodes that bear the name. */
};

/* Letters START .. END - 1, and the names they can be. */
struct latin_at {
	uint64_t key;
	const uint32_t *entries;
	size_t len;
	uint16_t start, end;
};

struct latin_mark {
	uint32_t epoch;
	uint64_t mask;
};

struct latin_mentions {
	const struct gazetteer *gazetteer;
	const struct latin_text *text;
	struct latin_mark *marks; /* One per admin unit. */
	uint32_t epoch;
	struct latin_mention places[LATIN_PLACES_MAX];
	struct latin_mention committees[LATIN_COMMITTEES_MAX];
	uint32_t nodes[LATIN_NODES_MAX];
	uint32_t units[LATIN_UNITS_MAX]; /* Every marked unit, once. */
	struct latin_at keys[LATIN_KEYS_MAX];
	size_t places_len, committees_len, nodes_len, units_len, keys_len;
	bool cut;				   /* There were more than fit. */
	bool reach[LATIN_LETTERS_MAX + 1];	   /* A mention ends here. */
	uint8_t street_len[LATIN_LETTERS_MAX + 1]; /* Of the level word that begins here. */
	uint8_t kind_len[LATIN_LETTERS_MAX + 1];
	uint8_t admin_len[LATIN_LETTERS_MAX + 1];
	bool stop[LATIN_LETTERS_MAX + 1]; /* A name can end here: a word ends, or a level word
					     begins or ends. */
	bool hard[LATIN_LETTERS_MAX + 1]; /* No name reaches across. */
};

void latin_mentions_init(struct latin_mentions *mentions, const struct gazetteer *gazetteer);
void latin_mentions_release(struct latin_mentions *mentions);

/* Find the mentions in TEXT, which is borrowed. */
void latin_mentions_find(struct latin_mentions *mentions, const struct latin_text *text);

/* The mentions that mean UNIT. */
static inline uint64_t latin_marked(const struct latin_mentions *mentions, uint32_t unit)
{
	const struct latin_mark *mark = &mentions->marks[unit];

	return mark->epoch == mentions->epoch ? mark->mask : 0;
}

#endif
