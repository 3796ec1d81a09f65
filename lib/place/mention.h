/* mention.h — every place name that occurs in a folded address, with how it is written and where it
 * stands.
 *
 * Finding is generous, judging (judge.h) is strict: a mention only says that the letters are there
 * and that they are not obviously something else, such as a road. One mention may stand for many
 * units of one level (鼓楼区 for four counties); which of them is meant is not decided here.
 */
#ifndef CLOSEDLOOP_PLACE_MENTION_H
#define CLOSEDLOOP_PLACE_MENTION_H

#include "fold.h"
#include "image.h"

#define MENTIONS_ADMIN	   63 /* One bit each in a uint64_t, and never a shift by 64. */
#define MENTIONS_COMMITTEE 96
#define MENTION_ROOTS	   0x10000 /* The basic plane; rare characters are searched for. */
#define MENTION_PAIR_BITS  20

enum mention_form {
	FORM_FULL, /* With its level or kind word. */
	FORM_QUASI, /* Committees: without kind word, but the core itself ends in 村: 莘松三村. */
	FORM_LANE,  /* Committees: a core that is a lane with its number, 三泉路1015弄. */
	FORM_SHORT, /* Without level or kind word. */
	FORM_OTHER, /* With a level or kind word that is not the unit's own: 高淳市 for 高淳区. */
	FORM_OLD,  /* As it was called before: 闸北区. */
	FORM_TYPO, /* One character is wrong: repair.h. */
	MENTION_FORMS,
};

/* What follows a mention; decides whether a short form can be trusted. */
enum mention_next {
	NEXT_CLEAR,  /* A gap, a number, or nothing. */
	NEXT_GLUED,  /* More letters. */
	NEXT_ROAD,   /* 东街, 一路: the name may belong to a road. */
	NEXT_ESTATE, /* 小区, 花园, 医院: the name may belong to an estate or a house. */
};

enum mention_reach {	  /* Why a name may begin here; bits. */
	REACH_EDGE = 1,	  /* Start of the text, a gap, or an upper name ended here. */
	REACH_STREET = 2, /* A street without its level word ended here. */
	REACH_WEAK =
		4, /* After a house number or 住, 在: the text goes backwards or begins late. */
	REACH_SISTER = 8, /* After another committee: 安民村与花园村. */
};

struct mention {
	uint16_t start, core_end, end;
	uint8_t level; /* enum unit_level */
	uint8_t form;  /* enum mention_form; for committees it is settled per unit, by kind. */
	uint8_t kind;  /* Street or committee kind written. */
	bool brief;    /* Upper names: without its level word. */
	bool solid;    /* Written so clearly that a place elsewhere contradicts it. */
	uint32_t first, count; /* Its postings. */
};

static inline bool mention_overlaps(const struct mention *left, const struct mention *right)
{
	return (left->start < right->end) & (right->start < left->end);
}

/* Is LEFT the better reading of the letters it shares with RIGHT? */
static inline bool mention_outweighs(const struct mention *left, const struct mention *right)
{
	size_t left_len = (size_t)(left->end - left->start);
	size_t right_len = (size_t)(right->end - right->start);

	return left_len > right_len || (left_len == right_len && left->form <= right->form);
}

/* What names that begin at a symbol begin with in the trie. */
struct mention_begin {
	uint64_t second; /* The step by the second symbol (edges.h), or 0. */
	uint32_t root;	 /* The first symbol's node, or 0. */
};

struct mentions {
	struct mention admin[MENTIONS_ADMIN];
	struct mention committee[MENTIONS_COMMITTEE];
	size_t admin_len, committee_len;
	bool cut; /* There were more than fit: nothing in this text is certain. */
	uint8_t reach[FOLD_MAX + 1];
	struct mention_begin begins[FOLD_MAX + 1];
};

/* How names begin: looking that up is most of the work otherwise. */
struct mention_starts {
	uint32_t roots[MENTION_ROOTS]; /* The trie's node for each first symbol. */
	/* Two bits for every two first symbols: of names of any place, of an upper one. */
	uint64_t pairs[(2u << MENTION_PAIR_BITS) / 64];
	/* A bit for every symbol that is a name by itself; one of an upper place. */
	uint64_t named[MENTION_ROOTS / 64], upper[MENTION_ROOTS / 64];
};

static inline uint64_t bit(size_t index)
{
	return (uint64_t)1 << index;
}

/* The number of the lowest bit of MASK, which has one. */
static inline size_t lowest(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask);
}

static inline bool mention_has(const uint64_t *bits, uint32_t at)
{
	return (bits[at / 64] & bit(at % 64)) != 0;
}

/* The first bit of the pair FIRST, SECOND, the second is the next one; a few pairs share them. */
static inline uint32_t mention_pair(uint32_t first, uint32_t second)
{
	return (first * 0x9E3779B1u ^ second * 0x85EBCA6Bu) >> (32 - MENTION_PAIR_BITS) << 1;
}

/* Bit of the symbol FIRST; a few rare ones share one. */
static inline uint32_t mention_single(uint32_t first)
{
	return first % MENTION_ROOTS;
}

void mention_starts_init(const struct gazetteer *gazetteer, struct mention_starts *starts);

/* Find the mentions in TEXT, in rising order of their start. EXTRA (or NULL) is taken for found. */
void mentions_find(const struct gazetteer *gazetteer, const struct mention_starts *starts,
		   const struct folded *text, const struct mention *extra, struct mentions *out);

/* What follows a name that ends at END. */
enum mention_next mention_next_at(const struct folded *text, size_t end);

/* True when MENTION, as it is written, can stand for admin unit UNIT, one of its postings. */
bool mention_means(const struct gazetteer *gazetteer, const struct mention *mention, uint32_t unit);

#endif
