/* list_words.h — a committee's list of doors cut into its words: names, numbers with what they
 * count, and the small words between them.
 *
 * Neighbour: coverage_list.c reads the words as rules. Private to lib/place.
 */
#ifndef CLOSEDLOOP_PLACE_LIST_WORDS_H
#define CLOSEDLOOP_PLACE_LIST_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIST_TEXT_MAX (64u << 10) /* Bytes; the longest lists known have 4 KiB. */
#define LIST_LONG     UINT32_MAX  /* A number with more digits than any door. */

enum list_kind {
	LIST_END,     /* Of the text. */
	LIST_BREAK,   /* ； 。 a blank, a new line: what follows may be about something else. */
	LIST_COMMA,   /* ， */
	LIST_AND,     /* 、 . / 和 及 */
	LIST_COLON,   /* ： */
	LIST_OPEN,    /* （ */
	LIST_CLOSE,   /* ） */
	LIST_TO,      /* - — ～ 至 到 between two numbers */
	LIST_ORDINAL, /* ① 1. （1） 一、 before an entry */
	LIST_NUMBER,
	LIST_PARITY, /* 单 双号 奇数 */
	LIST_ALL,    /* 全部 */
	LIST_NOT,    /* 除 不含 */
	LIST_OUT,    /* 外 除外 */
	LIST_ON,     /* 以上 起 */
	LIST_DOWN,   /* 以下 止 */
	LIST_SO_ON,  /* 等 */
	LIST_ALSO,   /* 含 又名 原名 */
	LIST_NAME,   /* Anything else. */
};

/* What a number counts, or a word of parity speaks of. */
enum {
	LIST_LANES = 1,	    /* 弄 巷 */
	LIST_HOUSES = 2,    /* 号 */
	LIST_BUILDINGS = 4, /* 号楼 幢 栋 座 */
	LIST_ROOMS = 8,	    /* 室 单元: nothing that a rule could say */
};

struct list_word {
	enum list_kind kind;
	size_t start, end; /* Bytes of the text. */
	int line;	   /* From 1. */
	bool glued;	   /* Nothing stands between it and the word before. */
	bool road;	   /* LIST_NAME: 路 街 道 …, not an estate. */
	bool odd, even;	   /* LIST_PARITY */
	unsigned counts;   /* LIST_NUMBER, LIST_PARITY: bits above; 0: not said. */
	uint32_t value;	   /* LIST_NUMBER */
};

/* Cut TEXT[0..LEN), well-formed UTF-8, into WORDS[0..MAX), the last of which is LIST_END. MAX of
 * LEN + 1 is always enough. Returns how many. */
size_t list_words(const char *text, size_t len, struct list_word *words, size_t max);

/* True when TEXT[0..LEN) ends as estates are called: 花园 新村 公寓 …. */
bool list_is_estate(const char *text, size_t len);

#endif
