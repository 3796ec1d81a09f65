/* oracle.h — what must be true, whatever happened: asked after every step, by somebody who knows
 * the promises and not the program.
 *
 * It reads beside the store, through a connection of its own that sees committed rows only, and
 * keeps a memory of its own: which facts were answered, which notices were handed out, how far each
 * alert had climbed. Its bounds come from the policy and the escalations in force, not from the
 * plan.
 *
 *	facts		an answered fact is in the ledger, with its body's hash, after every crash
 *	notices		what is handed out is a committed row; it exists after every crash; its id
 *			and its words never change, and no two ids say the same thing
 *	repetition	a fact told again changes no row
 *	loop		every open journey has a holder, and either its rule's deadline ahead or its
 *			rule's alert joined, at the very instant it is due
 *	alerts		an alert that nobody took has a time at which it speaks again, and skips no
 *			rung of its ladder that somebody stands on
 *	release		a released journey has all its days accounted for
 *	outbox		every notice ends, a member of a digest with it; one that was answered is
 *			handed out again only by another life of the daemon; only an answer that
 *			says so makes one count as delivered
 *	rate		no address is asked more often in any second or minute than it allows
 *	order		an alert's words arrive at an endpoint as they were written
 *	digests		no notice is told by two of them, or by one and then by itself
 *	quiet		at night nothing rings that need not, or says that somebody arrives soon
 *	handed on	an urgent word that is not taken within a minute was said to somebody else
 *	incidents	one key for each alert, and none stays open when its alert is over
 *	liveness	once nothing breaks any more, every alert reaches a human or its fallback
 *			within its bound
 *	registers	joined by hand from the answered facts, they are those of the record
 *	replay		the ledger, told to an empty house, gives the same registers
 */
#ifndef TESTS_SIM_ORACLE_H
#define TESTS_SIM_ORACLE_H

#include "vfs.h"
#include "world.h"

struct oracle *oracle_new(struct world *world);
void oracle_free(struct oracle *oracle);

/* RULE is broken; the first of a run is kept, later ones are its consequences. */
void oracle_fail(struct world *world, const char *rule, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What was broken, or NULL. */
const char *oracle_broken(const struct world *world);

/* The house is up on its files again: nothing answered or sent may be missing. */
void oracle_started(struct world *world);
/* Before its store closes, however. WORLD is a struct world. */
void oracle_disconnect(void *world);
/* These mails were answered. */
void oracle_answered(struct world *world, const uint32_t *numbers, size_t len);
void oracle_before_repetition(struct world *world);
void oracle_after_repetition(struct world *world, const struct mail *mail,
			     const struct fact_result *result);
/* An order is handed out; a delivery was made. */
void oracle_order(void *world, const char *endpoint, const struct transport_order *order);
void oracle_delivered(struct world *world, const struct delivery *delivery);
/* Each notice that delivery number I tells: itself, or the members of a digest. */
void oracle_told(struct world *world, size_t i,
		 void (*each)(struct world *world, const struct delivery *delivery));
/* The daemon heard an answer to NOTICE. WORLD is a struct world. */
void oracle_heard(void *world, const char *notice, bool ok);
/* After each step: what it touched. */
void oracle_step(struct world *world);
/* Everything, whether touched or not. */
void oracle_audit(struct world *world);
/* The troubles end now; two days later, the end. */
void oracle_calm(struct world *world);
void oracle_end(struct world *world);

/* audit.c — one journey, as a row says. */
struct oracle_journey {
	const char *id, *unit, *holder;
	bool open;
	int stage;
	int64_t next_due;
	const void *record, *person;
	size_t record_len, person_len;
	int64_t updated_at, erased_at;
};
#define ORACLE_TOLD_MAX 8

/* What the oracle itself remembers of a journey. */
struct oracle_memory {
	int64_t missed_to; /* the end of the latest slot of a missed_check she was a member of */
	size_t told_len;
	char told[ORACLE_TOLD_MAX][UNIT_CODE_CAP]; /* units that heard she would come */
};
void audit_journey(struct world *world, const struct oracle_journey *row,
		   struct oracle_memory *memory);
/* A stand_down for UNIT was ever opened because of JOURNEY. */
bool oracle_stood_down(struct world *world, const char *journey, const char *unit);

/* robots.c — a message leaves for ENDPOINT. */
void robots_order(struct world *world, const char *endpoint);
/* The clock was set while nobody was at home: nobody can know how long ago the last ones were. */
void robots_blind(struct world *world);

/* registers.c — every journey's registers, joined by hand from the answered facts. */
void registers_compare(struct world *world);

/* replay.c — the ledger so far, told to an empty house in its order. FIND is the mail of a ledger
 * number, NULL when the oracle does not know it. */
void replay_ledger(struct world *world, const struct mail *(*find)(struct world *, int64_t seq),
		   int64_t last);

#endif
