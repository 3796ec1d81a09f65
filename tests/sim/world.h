/* world.h — everybody and everything outside the daemon, in virtual time: travellers and what feeds
 * say of them, officers, committees, endpoints, the operator, the power supply.
 *
 * The world has the true time (world->now). The daemon's clock differs from it by world->skew while
 * somebody has set it wrong. What a sender owes is a mail: it is sent again until it is answered,
 * with the same id, whatever breaks meanwhile; answered mails are what must never be lost.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "agenda.h"
#include "dice.h"
#include "house.h"
#include "closedloop/engine.h"

/* Classes of trouble, each with its bit in MASK (all by default). */
#define TROUBLES(X)                                                                                \
	X(DUPLICATE, "facts repeated long after their answer")                                     \
	X(DELAY, "facts late and out of order")                                                    \
	X(DROP, "facts that never come")                                                           \
	X(LIE, "wrong times, wrong committees, ids used twice")                                    \
	X(ENDPOINTS, "endpoints that fail, hang, throttle, lose answers")                          \
	X(SLEEP, "officers who sleep, some for ever")                                              \
	X(KILL, "the process killed")                                                              \
	X(POWER, "power cuts at random writes, torn and unsynced sectors")                         \
	X(DISK, "I/O errors and a full disk")                                                      \
	X(DOWN, "hours and days of downtime")                                                      \
	X(CLOCK, "the daemon's clock set wrong and right again")                                   \
	X(RELOAD, "good and bad configurations")                                                   \
	X(UNEVEN, "endpoints of two machines, one of them slow")

#define TROUBLE_ENUM(name, text) TROUBLE_##name,
enum trouble {
	TROUBLES(TROUBLE_ENUM) TROUBLE_KINDS
};
#define TROUBLE_ALL ((1U << TROUBLE_KINDS) - 1)

struct world_size {
	unsigned travellers, days;
};

struct traveller {
	unsigned party, committee;
	const char *ref, *desk_ref; /* how the airport and the desk name her; may be the same */
	const char *document;
	int64_t home_at;	 /* the truth: when she came to her flat, WHEN_NEVER if not yet */
	bool gone;		 /* nobody has to ask her any more */
	char journey[IDENT_CAP]; /* as the daemon named her in its last answer */
};

struct mail {
	struct fact *fact;
	const char *json; /* sent as bytes through wire/feed when there are any */
	int64_t first_at; /* when it was due */
	uint32_t traveller;
	unsigned tries;
	bool answered, refused;	 /* refused for good: not in the ledger */
	int64_t seq;		 /* in the ledger, once the oracle has seen it there */
	int64_t received_at;	 /* by the daemon's clock */
	char journey[IDENT_CAP]; /* it touched, as answered */
};

/* What an officer does because of a notice. */
enum errand_kind {
	ERRAND_ACK,
	ERRAND_RESOLVE,
	ERRAND_ACCEPT,
	ERRAND_TASKS,
	ERRAND_CHECK,
	ERRAND_ASSIGN,
	ERRAND_UNDO,
	ERRAND_RELEASE,
	ERRAND_RELEASE_ANYWAY,
	ERRAND_CLOSE,
	ERRAND_RETURN,
};

struct errand {
	enum errand_kind kind;
	int64_t alert;
	enum alert_kind about;
	const char *via;	  /* the endpoint at which it was read */
	char journey[IDENT_CAP];  /* or "" */
	char unit[UNIT_CODE_CAP]; /* whom the notice is for */
	int64_t slot;		  /* when the check was owed, or WHEN_UNKNOWN */
};

struct world_counts {
	uint64_t steps, submits, facts, duplicates, refused, checks, acks, resolved, releases,
		deliveries, kills, cuts, downs, disk_errors, clock_steps, reloads, bad_reloads,
		starts, io_refusals, late_answers, assigned, undone;
};

struct oracle;

struct world {
	uint64_t seed;
	uint32_t mask;
	struct world_size size;
	int64_t now, skew, begin, end; /* END: no more trouble after it */
	bool calm;		       /* troubles have stopped */
	struct agenda agenda;
	struct arena arena;
	struct house house;
	struct oracle *oracle;
	struct robots *robots;	   /* robots.c; NULL until one is called */
	struct conf *const *confs; /* the good ones; [0] is what it starts with */
	size_t confs_len;
	struct {
		struct dice people, mail, officers, trouble, post, rounds, robots, fate;
	} dice;
	struct traveller *travellers;
	size_t mails_len, mails_cap;
	struct mail *mails;
	size_t errands_len, errands_cap;
	struct errand *errands;
	size_t heard_len; /* by alert's number: its kind of errand was done already */
	uint8_t *heard;
	uint64_t numbers; /* for ids of facts */
	bool all_asleep;  /* from now on nobody does anything: the fallback must hear of it */
	struct world_counts counts;
	uint64_t hash; /* of everything that happened, in order */
	bool trace;
};

static inline bool world_has(const struct world *world, enum trouble trouble)
{
	return !world->calm && world->mask >> trouble & 1;
}

/* The daemon's clock. */
static inline int64_t world_clock(const struct world *world)
{
	return world->now + world->skew;
}

/* Note what happened: into the hash, and with TRACE on stdout. */
void world_note(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* people.c — draw everybody and put on the agenda what will be said of them. */
void people_make(struct world *world);
/* Where committee I is, and how many there are. */
const char *people_committee(unsigned index);
unsigned people_committees(void);
/* The traveller whom the daemon calls JOURNEY, or NULL. */
struct traveller *people_of_journey(struct world *world, const char *journey);

/* mail.c — an empty fact of TYPE that happened at AT, said by SOURCE. */
struct fact *mail_fact(struct world *world, enum fact_type type, const char *source, int64_t at);
/* FACT leaves its sender at AT; what the feeds do to it on the way is theirs. Returns its number.
 */
uint32_t mail_send(struct world *world, struct fact *fact, uint32_t traveller, int64_t at);
/* The same, by a person at a screen: no delay, no loss. */
uint32_t mail_hand(struct world *world, struct fact *fact, uint32_t traveller, int64_t at);
/* All mails that are due at this moment reach the daemon, or not. FIRST is on the agenda's top no
 * more. */
void mail_deliver(struct world *world, const struct happening *first);
#define NOBODY UINT32_MAX

/* officers.c — a notice was delivered: who reads it, and what follows, goes on the agenda. */
void officers_read(struct world *world, const struct delivery *delivery);
void officers_do(struct world *world, const struct happening *happening);
/* A committee asks its people. */
void officers_round(struct world *world, const struct happening *happening);

/* trouble.c — draw all troubles of the run; do one; mend everything. */
void trouble_make(struct world *world);
void trouble_do(struct world *world, const struct happening *happening);
/* The disk has died under the house: bring it back after a while. */
void trouble_died(struct world *world);
/* A robot takes no more within this WINDOW: now and then the daemon is killed before it ends, and
 * back at once. */
void trouble_soon(struct world *world, int64_t window);
/* What ENDPOINT says to one order instead of what it always says, or NULL. WORLD is a struct world.
 */
const struct post_said *trouble_fate(void *world, const char *endpoint);
void trouble_end(struct world *world);

#endif
