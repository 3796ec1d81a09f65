/* list_reader.h — a committee's list as it is read: the subject it is about, and the numbers that
 * wait until the subject changes. coverage_list.c reads, list_rule.c makes rules of what has been
 * read. Private to lib/place. */
#ifndef CLOSEDLOOP_PLACE_LIST_READER_H
#define CLOSEDLOOP_PLACE_LIST_READER_H

#include "closedloop/coverage.h"

#include "list_words.h"

#define ITEMS_MAX 512

/* Numbers of a subject. */
struct item {
	uint32_t from, to;
	unsigned counts;
	uint32_t lane;
	bool odd, even;
	bool out;	/* Taken out of the others. */
	bool withheld;	/* A remark restricts it. */
	unsigned entry; /* Units are looked for within one entry only. */
	const struct list_word *first, *last;
};

struct subject {
	const struct list_word *name; /* NULL: nothing has been named. */
	bool due;		      /* The whole of it, as nothing narrower has been said. */
	bool out;		      /* The whole of it is taken out. */
	bool odd, even;
	unsigned counts;
	size_t items; /* Where its numbers begin. */
};

struct reader {
	struct coverage_source *source;
	const char *prefix, *code, *text;
	coverage_complain *complain;
	void *context;
	const struct list_word *words, *at;
	struct subject subject;
	const struct list_word *road; /* The last one named. */
	struct item items[ITEMS_MAX];
	size_t len;
	uint32_t lane; /* House numbers that follow are in it. */
	bool out;
	const struct list_word *out_until; /* The 外 that ends it, or NULL. */
	bool not_ours;			   /* What the entry names is somebody else's. */
	unsigned entry, added, depth;
	size_t refused;
};

/* Complain of the words FIRST .. LAST. */
void list_complain(struct reader *reader, const struct list_word *first,
		   const struct list_word *last, const char *why);
/* Add RULE about NAME, complaining of FIRST .. LAST when it cannot be. */
void list_emit(struct reader *reader, const struct coverage_rule *rule,
	       const struct list_word *name, const struct list_word *first,
	       const struct list_word *last);
/* The subject is over: what was said of it becomes rules. */
void list_finish(struct reader *reader);

#endif
