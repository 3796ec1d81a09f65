/* post.h — the world behind the endpoints: a transport without a network, in virtual time.
 *
 * Every endpoint has a behaviour: how it answers, and after how long. What it accepts is recorded
 * as a delivery, whether or not its answer finds its way back. Time is told before each turn
 * (post->now); answers wait until post_bring is called at their time. The post outlives the house:
 * who was told something before a crash still knows it.
 *
 *	post_init(&post);
 *	courier = courier_new(store, conf, &transport of post_transport(&post), &entropy);
 *	post_configure(&post, conf);
 *	post_behave(&post, "huateng", &(struct post_behaviour){.way = POST_HANGS});
 *	… courier_claim … post_next … post_bring …
 *	post_read(&post, i)->title
 */
#ifndef TESTS_SIM_POST_H
#define TESTS_SIM_POST_H

#include "closedloop/conf.h"
#include "closedloop/courier.h"
#include "closedloop/mem.h"
#include "closedloop/transport.h"
#include "post_vendor.h"

enum post_way {
	POST_TAKES,   /* 200; the robot's errcode is 0. */
	POST_FAILS,   /* An HTTP status of its own, 500 when none is given; nobody reads it. */
	POST_BUSY,    /* 429 with Retry-After. */
	POST_REFUSES, /* Nobody listens at that address. */
	POST_HANGS,   /* Says nothing until the caller gives up; nobody reads it. */
	POST_LOSES,   /* Takes and reads it, and its answer is lost: the caller gives up. */
	POST_SAYS,    /* Answers with what is given; it is read when that says so. */
};

struct post_behaviour {
	enum post_way way;
	int status;		      /* POST_FAILS */
	int retry_after_s;	      /* POST_BUSY */
	const struct post_said *said; /* POST_SAYS; outlives the post. */
	int64_t latency;	      /* until the answer is back; a caller's patience is its own */
	/* Two machines answer in turn: the one at once, the other after the latency, and what it
	 * was given is read no earlier. */
	bool uneven;
};

/* What somebody behind an endpoint has read. */
struct delivery {
	int64_t at;
	const char *endpoint;
	char notice[IDENT_CAP];
	int attempt; /* how often this notice had been handed out by then, from 1 */
	const char *body;
	size_t body_len;
	/* What stands in it, once post_read has looked; of a channel without data only the text. */
	bool read;
	const char *type; /* "alert.raised" */
	const char *kind, *unit, *title, *text, *url;
	const char *data; /* the whole data object, JSON */
	bool urgent;
	int64_t alert; /* or 0 */
	/* All alerts whose numbers stand in it: a digest has many. */
	size_t alerts_len;
	const int64_t *alerts;
};

struct post {
	int64_t now; /* set by whoever turns the clock */
	const struct conf *conf;
	size_t len, cap;
	struct delivery *deliveries; /* in order; the house's memory may forget, this does not */
	struct arena arena;	     /* owns what the deliveries point to */
	uint64_t orders, refused;    /* handed out; of these not accepted */
	/* Sees every order before it goes; or NULL. */
	void (*watch)(void *context, const char *endpoint, const struct transport_order *order);
	/* Sees every answer that reaches the daemon, and whether it says that all is well; or NULL.
	 */
	void (*heard)(void *context, const char *notice, bool ok);
	/* What the vendor says to this one order, as things happen; NULL: what it always says. Or
	 * NULL. */
	const struct post_said *(*fate)(void *context, const char *endpoint);
	void *watch_context;
	/* Vendors count how often they are called, and let nobody call more often. */
	bool strict;

	struct post_mailbox *mailboxes;
	struct post_answer *answers;
	size_t answers_len, answers_cap;
	struct post_tries *tries;
	size_t tries_len, tries_cap;
};

void post_init(struct post *post);
void post_release(struct post *post);
struct transport post_transport(struct post *post);
/* The endpoints of CONF are where orders go from now on; behaviours stay with their names. */
void post_configure(struct post *post, const struct conf *conf);
/* How ENDPOINT behaves from now on; NULL: all of them. Answers under way come as they would have.
 */
void post_behave(struct post *post, const char *endpoint, const struct post_behaviour *behaviour);
/* When the next answer is back; WHEN_NEVER when none is under way. */
int64_t post_next(const struct post *post);
/* Tell COURIER the answers that are back by post->now, in order. Returns how many. */
size_t post_bring(struct post *post, struct courier *courier);
/* The caller is dead: no answer will be heard any more, and what was not read yet is dropped. */
void post_cut(struct post *post);
/* The clock jumped by BY: answers come after as long as before. */
void post_shift(struct post *post, int64_t by);
/* Delivery number I, with its contents looked at. */
const struct delivery *post_read(struct post *post, size_t i);
/* Forget all deliveries, for runs that look at each at once and go on for months. */
void post_forget(struct post *post);

#endif
