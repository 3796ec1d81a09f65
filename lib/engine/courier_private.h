/* courier_private.h — what the rooms of the courier share: courier.c (queues, claiming),
 * courier_answer.c (what came of a try) and, below them, courier_queue.h (one endpoint). Nobody
 * else includes it. */
#ifndef ENGINE_COURIER_PRIVATE_H
#define ENGINE_COURIER_PRIVATE_H

#include "closedloop/courier.h"
#include "engine/courier_queue.h"

/* When the store failed, or what is under way hides what comes next. */
#define LOOK_AGAIN WHEN_SECOND

/* An errand stands in the table from the moment its notice is handed out until its result is
 * committed, and its notice stays ready in the store all that time: a crash in between sends it
 * again under the same id, a failed commit is written again. */
struct errand {
	char notice[IDENT_CAP];
	struct queue *queue;
	int64_t alert; /* Order key: one at a time to one endpoint; 0 = none. */
	bool urgent, probe;
	int attempts; /* This one included. */
	int64_t expires_at, sent_at;
	bool answered; /* What follows is to be written. */
	enum notice_state state;
	int64_t due_at;
	char error[120];
};

struct courier {
	struct store *store;
	const struct conf *conf;
	struct transport transport;
	struct entropy entropy;
	struct queue *queues;
	struct queue *first; /* Is asked first this turn, so that all get their share. */
	struct errand *errands;
	size_t errands_len, errands_cap;
	int64_t refresh_at; /* Read the waiting then; WHEN_UNKNOWN: at once, WHEN_NEVER: no need. */
	int64_t now;	    /* The latest we were told. */
};

/* Remember NOW; a step backwards moves what is to come. */
void courier_tell_time(struct courier *courier, int64_t now);
/* What is to be written about ERRAND: STATE and, for one that stays ready, when it is due again. */
void errand_end(struct errand *errand, enum notice_state state, int64_t due_at, const char *why);
/* The notice could not be handed out at all. */
void errand_fail(struct courier *courier, struct errand *errand, enum outcome outcome,
		 const char *why, int64_t now);

#endif
