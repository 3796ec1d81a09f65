/* agenda.h — what happens when: one heap of happenings, earliest first, in the order in which they
 * were put in when they are simultaneous. */
#ifndef TESTS_SIM_AGENDA_H
#define TESTS_SIM_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum happening_kind {
	HAPPENS_MAIL,	 /* A sender sends fact WHAT. */
	HAPPENS_ROUND,	 /* Committee WHAT asks its people; MORE: 0 morning, 1 evening. */
	HAPPENS_OFFICER, /* An officer does errand WHAT. */
	HAPPENS_TROUBLE, /* Something breaks or is mended: see trouble.c. */
	HAPPENS_AUDIT,	 /* The oracle looks at everything. */
	HAPPENINGS,
};

struct happening {
	int64_t at;
	uint64_t order;
	enum happening_kind kind;
	uint32_t what, more;
};

struct agenda {
	struct happening *heap;
	size_t len, cap;
	uint64_t order;
};

void agenda_add(struct agenda *agenda, int64_t at, enum happening_kind kind, uint32_t what,
		uint32_t more);
/* The earliest one, or NULL when there is none. */
const struct happening *agenda_top(const struct agenda *agenda);
/* Take the earliest one away; there must be one. */
struct happening agenda_pop(struct agenda *agenda);
void agenda_release(struct agenda *agenda);

#endif
