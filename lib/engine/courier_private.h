/* courier_private.h — what the rooms of the courier share: courier.c (its life, and questions),
 * courier_plan.c (what may go), courier_claim.c (it goes out), courier_answer.c (what came of it),
 * courier_state.c (what outlives a crash) and, below them, courier_queue.h (one endpoint). Nobody
 * else includes it. */
#ifndef ENGINE_COURIER_PRIVATE_H
#define ENGINE_COURIER_PRIVATE_H

#include "closedloop/courier.h"
#include "engine/courier_names.h"
#include "engine/courier_queue.h"
#include "engine/digest_note.h"

/* When the store failed, or the transport is full. */
#define LOOK_AGAIN WHEN_SECOND

/* An errand stands in the table from the moment its notice is handed out until its result is
 * committed, and its notice stays ready in the store all that time: a crash in between sends it
 * again under the same id, a failed commit is written again. */
struct errand {
	char notice[IDENT_CAP];
	struct queue *queue;
	struct way *way;	   /* NULL: there was none, and it never left. */
	unsigned era;		   /* Of the way, when it left; */
	enum conf_channel channel; /* and the tongue its answer speaks. */
	int64_t alert;		   /* Order key: one at a time to one endpoint; 0 = none. */
	size_t alerts_len;
	int64_t *alerts; /* Those of a digest's members. */
	bool urgent, probe, digest;
	bool left;    /* It is with the transport: the meter counts it until an answer. */
	int attempts; /* This one included. */
	int64_t expires_at, sent_at;
	bool answered; /* What follows is to be written. */
	enum notice_state state;
	int64_t due_at;
	char error[120];
};

/* One notice about to leave: reserved, and not yet with the transport. */
struct sending {
	struct queue *queue;
	struct way *way;
	bool probe;
	struct notice notice;
};

/* A digest about to be made: its notice, and the ids of its members. */
struct merging {
	struct notice digest;
	size_t len;
	const char *ids[DIGEST_MAX];
};

struct courier {
	struct store *store;
	const struct conf *conf;
	struct transport transport;
	struct entropy entropy;
	const struct gazetteer *gazetteer;
	const struct ack_ring *ack;
	bool drill;
	struct queue *queues; /* By name. */
	struct names queues_named;
	struct queue *first; /* Is asked first this turn, so that all get their share. */
	struct way *ways, **ways_end;
	struct names ways_named;
	struct names kept; /* Endpoints on which somebody relies as the last who is told. */
	bool clock_moved;  /* What is kept of the ways must be written, whether or not any is used.
			    */
	bool looked_up;	   /* No way is left whose row has not been looked for. */
	struct errand *errands;
	size_t errands_len, errands_cap;
	int64_t refresh_at; /* Read the waiting then; WHEN_UNKNOWN: at once, WHEN_NEVER: no need. */
	int64_t now;	    /* The latest we were told. */
	/* The plan of one claim; ARENA owns what it points to. */
	struct arena arena;
	struct sending *sendings;
	size_t sendings_len, sendings_cap;
	struct merging **mergings;
	size_t mergings_len, mergings_cap;
};

/* courier.c */
/* Remember NOW; a step backwards moves what is to come. */
void courier_tell_time(struct courier *courier, int64_t now);
struct queue *courier_queue(struct courier *courier, const char *name);
/* How many more may be under way to QUEUE. Its place is never taken by those that hang. */
size_t courier_room(const struct courier *courier, const struct queue *queue, bool urgent);

/* courier_plan.c */
/* Fill the plan: sendings, with their places reserved, and the digests among them. */
int courier_plan(struct courier *courier, int64_t now, struct err *err);
/* When the night ends that has come over NOTICE while it waited or was tried in vain, or while we
 * were down; WHEN_UNKNOWN: it may go. What was written at night to go at once has no group. */
int64_t courier_night_end(const struct courier *courier, const struct queue *queue,
			  const struct notice *notice, int64_t now);
/* Give back what SENDING had reserved. */
void courier_unplan(struct sending *sending);
/* What the words of a digest are made of. */
struct digest_world courier_world(const struct courier *courier);

/* courier_answer.c */
/* What is to be written about ERRAND: STATE and, for one that stays ready, when it is due again. */
void errand_end(struct errand *errand, enum notice_state state, int64_t due_at, const char *why);
/* The notice could not be handed out at all. */
void errand_fail(struct courier *courier, struct errand *errand, enum outcome outcome,
		 const char *why, int64_t now);
void errand_forget(struct errand *errand);

/* courier_state.c: inside a transaction. After its commit, courier_saved. */
bool courier_unsaved(const struct courier *courier);
int courier_save(struct courier *courier, int64_t now, struct err *err);
void courier_saved(struct courier *courier);
/* How each way was left by the run before, where nobody has looked yet. */
int courier_look_up(struct courier *courier, int64_t now, struct err *err);

#endif
