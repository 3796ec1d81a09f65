/* engine_private.h — what the rooms of lib/engine share. One transaction is open whenever these are
 * called. */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "closedloop/engine.h"
#include "closedloop/transfer.h"

#define SCRATCH_DEPTH 8

struct engine {
	struct store *store;
	const struct conf *conf;
	const struct gazetteer *gazetteer;
	struct matcher *matcher;
	struct entropy entropy;
	const struct ack_ring *ack;
	uint8_t home_key[ACK_KEY_LEN];
	bool drill;
	uint8_t ledger_key[DIGEST_PRIVATE_LEN];
	bool heads_known; /* heads_at is when the next head is due. */
	int64_t heads_at;
	int64_t heads_from; /* No head counts as made later: the clock was set then. */
	bool shifts_known;  /* shifts_at is when shift_due has something to do again. */
	int64_t shifts_at;
	int64_t deaf_until; /* our start: no feed was heard before; WHEN_UNKNOWN: not begun */
	struct arena arena; /* lives for one transaction, or for one scratch inside it */
	struct arena spare[SCRATCH_DEPTH];
	int depth;
	int64_t erased_at;	  /* now, when this transaction erases something; else 0 */
	int64_t destroy_again_at; /* keys that could not be destroyed are not tried before */
	struct engine_counters counters, counters_before; /* … before this transaction */
	unsigned behind; /* turns in a row that could not look at all that is due */
};

/* What engine->arena gives out between begin and end dies at end: one fact, one person of a fact,
 * one alert. So the memory of a turn does not grow with the number of people it touches. Nests
 * SCRATCH_DEPTH deep. */
struct arena scratch_begin(struct engine *engine);
void scratch_end(struct engine *engine, struct arena kept);

/* engine.c — a transaction; RC negative rolls it back. */
int engine_begin(struct engine *engine, struct err *err);
int engine_finish(struct engine *engine, int rc, struct err *err);

/* Name of a unit for people: configured, else the GAZETTEER's chain, else the code. */
void unit_name(const struct conf *conf, const struct gazetteer *gazetteer, const char *code,
	       char *buf, size_t cap);

/* A journey in hand: as loaded, settled, with its policy. */
struct held {
	struct journey journey;
	const struct policy *policy;
	bool fresh;
	const void *record, *person; /* as stored, to see whether anything changed */
	size_t record_len, person_len;
	int64_t heard_at; /* when it was written */
	bool open;
	/* as loaded, to see who else is touched by a change */
	const char *home; /* household_of */
	int64_t start;
	bool gone; /* headcount_is_gone */
};

/* step.c */
/* CL_EGONE when she was erased: OUT is what is left of her then, to be looked at and never decided
 * about. */
int held_load(struct engine *engine, const char *id, struct held *out, struct err *err);
void held_fresh(struct engine *engine, const struct fact *fact, int64_t now, struct held *out);
/* Decide FACT (NULL: time passed) for HELD and write everything it causes; SEQ is the fact's number
 * in the ledger, or 0 when it has none yet: then *SEQ is filled by saving it first (only once the
 * decision stands). */
struct step {
	const struct fact *fact;
	const struct leg *leg;
	const struct flight *flight;
	int64_t now;
	int64_t *seq; /* NULL when only time passed */
	const char
		*what; /* the word of the line of history when FACT is NULL; NULL: "journey.due" */
};
int step_apply(struct engine *engine, struct held *held, const struct step *step, struct err *err);
/* Make sure the fact has its number. */
int step_keep_fact(struct engine *engine, const struct step *step, const struct store_owner *owner,
		   struct err *err);
/* Write HELD's journey as it is, with a line of history. */
int step_write(struct engine *engine, const struct held *held, const struct step *step,
	       const struct plan *plan, const char *what, const char *note, struct err *err);

/* ruling.c — the policy JOURNEY goes by on civil day TODAY, whatever it went by before; in ARENA
 * where her earlier days went by another. */
const struct policy *ruling_of(const struct conf *conf, const struct journey *journey,
			       int32_t today, struct arena *arena);
bool ruling_same(const struct policy *left, const struct policy *right);
/* The policy for what is not about one traveller: that of today's arrivals. */
const struct policy *policy_today(const struct engine *engine, int64_t now);
/* Whether the loaded policies are those every journey was planned by; make all open ones due when
 * they are not. */
int rules_known(struct engine *engine, bool *known, struct err *err);
int rules_take(struct engine *engine, int64_t now, struct err *err);

/* placing.c */
/* What FACT says of a home, and whether a stated committee exists at all. */
void place_fact(struct engine *engine, struct fact *fact);
/* By the words and the rules alone; engine_match asks what officers taught too. */
void place_words(struct engine *engine, const struct dwelling *place, struct match *out);
/* Under what MATCH, made of PLACE, is learnt; "" where under nothing. */
void place_keys(struct engine *engine, const struct dwelling *place, const struct match *match,
		struct arena *arena, const char *keys[MATCH_KEYS]);
/* BEFORE, which is to become AFTER, is matched by what holds now. *CHANGED: decide once more. */
int place_follow(struct engine *engine, struct journey *before, const struct journey *after,
		 bool *changed, struct err *err);

/* learning.c */
/* JOURNEY has joined FACT: an address that can be learnt, or an officer's assignment. */
int learning_follow(struct engine *engine, const struct fact *fact, const char *journey,
		    int64_t now, struct err *err);
/* FROM turned out to be the same person as INTO. */
int learning_merge(struct engine *engine, const char *into, const char *from, int64_t now,
		   struct err *err);
int learning_undo(struct engine *engine, const struct fact *fact, int64_t now,
		  struct fact_result *result, struct err *err);

/* erasing.c — whose time has come is erased, at most MAX; adds to *FIRED. And when that has
 * something to do. */
int erasing_due(struct engine *engine, int64_t now, unsigned max, unsigned *fired, struct err *err);
int erasing_next(const struct engine *engine, int64_t *at, struct err *err);
/* What was erased is durable: destroy the keys. */
void erasing_finish(struct engine *engine);
int erasing_submit(struct engine *engine, const struct fact *fact, int64_t now,
		   struct fact_result *result, struct err *err);
/* ID cannot be read: her key is destroyed and the row, from an older backup, does not know it. */
int erasing_bury(struct engine *engine, const char *id, int64_t now, struct err *err);

/* identity.c */
/* Load ID, or the record it was merged into. As held_load. */
int identity_follow(struct engine *engine, const char *id, struct held *out, struct err *err);
/* identity.c — the journey FACT is about, made when nobody knows her; merges two records of one
 * person. */
int identity_find(struct engine *engine, const struct fact *fact, const char *ref, int64_t now,
		  struct held *out, struct err *err);
/* Remember that the source's REF and the fact's document mean this journey. */
int identity_keep(struct engine *engine, const struct fact *fact, const char *ref,
		  const char *journey, struct err *err);

/* household.c */
/* The home JOURNEY isolates in, as a key of the store; "" while nobody knows. */
const char *household_of(struct engine *engine, const struct journey *journey);
/* HELD has been written: when her isolation began or her home changed, everybody of it is planned
 * anew. */
int household_follow(struct engine *engine, struct held *held, int64_t now, struct err *err);

/* headcount.c */
bool headcount_is_gone(const struct journey *journey);
/* Somebody counted at stop SEQ of the transfer ID, or who was to get off there has changed. CAUSE:
 * the fact that says so, or NULL. */
int headcount_settle(struct engine *engine, const char *id, int seq, const struct fact *cause,
		     int64_t now, struct err *err);
int headcount_follow(struct engine *engine, struct held *held, const struct step *step,
		     struct err *err);

/* vehicles.c */
struct rider_list {
	struct arena *arena;
	struct store_rider *riders;
	size_t len, cap;
};
void rider_collect(void *context, const void *row); /* store_row_fn into a struct rider_list */
/* The transfer's record, empty when there is none. */
int vehicle_load(struct engine *engine, const char *id, struct transfer *out, struct err *err);
int vehicle_save(struct engine *engine, const struct transfer *transfer, struct err *err);
int vehicle_submit(struct engine *engine, const struct fact *fact, int64_t now, struct err *err);
int flight_submit(struct engine *engine, const struct fact *fact, int64_t now, struct err *err);
/* The record of the flight FACT names into *FLIGHT (arena); NULL when it names none or none is
 * known. */
int flight_current(struct engine *engine, const struct fact *fact, struct flight **flight,
		   struct err *err);

/* alarms.c */
int alarm_open(struct engine *engine, const struct want *want, const char *journey,
	       const struct policy *policy, int64_t now, struct err *err);
int alarm_leave(struct engine *engine, const struct joined *joined, const char *journey,
		int64_t now, struct err *err);
int alarm_move(struct engine *engine, const struct want *want, const char *journey,
	       const struct policy *policy, int64_t now, struct err *err);
int alarm_submit(struct engine *engine, const struct fact *fact, int64_t now,
		 struct fact_result *result, struct err *err);
int alarm_system(struct engine *engine, enum alert_kind kind, const char *subject,
		 const char *detail, bool open, int64_t now, struct err *err);
/* An alert about the system: ALERT has its kind, subject, unit, detail, since and due; the rest is
 * filled in, its id too. */
int alarm_raise(struct engine *engine, struct alert *alert, int64_t now, struct err *err);
/* ALERT's cause is gone. */
int alarm_end(struct engine *engine, struct alert *alert, int64_t now, struct err *err);

/* telling.c */
/* Tell whoever is due to be told, at most MAX alerts; adds to *FIRED. */
int alarm_tell(struct engine *engine, int64_t now, unsigned max, unsigned *fired, struct err *err);

/* ends.c — WHY is TELL_TAKEN or TELL_OVER: ALERT, as saved, was taken or is over. */
int ends_tell(struct engine *engine, const struct alert *alert, enum tell_why why, int64_t now,
	      struct err *err);

/* undelivered.c — call others where urgent notices do not arrive, at most MAX; adds to *FIRED. And
 * when that has something to do. */
int undelivered_due(struct engine *engine, int64_t now, unsigned max, unsigned *fired,
		    struct err *err);
int undelivered_next(const struct engine *engine, int64_t *at, struct err *err);

/* duty.c — whom a step reaches. At most all members of one roster. */
#define DUTY_MAX ROSTER_MEMBERS_MAX
struct duty {
	size_t len;
	const struct conf_endpoint *endpoints[DUTY_MAX];
	const struct conf_unit *by; /* whose they are; NULL: named by the step itself */
};
/* The endpoints STEP of an escalation reaches for ALERT at NOW, each once; none when nobody is
 * there. */
int duty_reach(struct engine *engine, const struct conf_step *step, const struct alert *alert,
	       int64_t now, struct duty *out, struct err *err);
/* The endpoints that serve unit CODE at NOW: who is on duty by the nearest roster, else the nearest
 * endpoint. URGENT: both shifts, until a change of shifts has been acknowledged. */
int duty_at(struct engine *engine, const char *code, bool urgent, int64_t now, struct duty *out,
	    struct err *err);
/* Whom each step of ESCALATION reaches for ALERT at NOW into DUTIES, and the waits between them
 * into OUT (telling.c). */
int alarm_ladder(struct engine *engine, const struct alert *alert,
		 const struct conf_escalation *escalation, int64_t now,
		 struct duty duties[CONF_STEPS_MAX], struct ladder *out, struct err *err);
/* How long an alert of KIND waits for its like before its first word (alarms.c). */
int64_t alarm_gather(const struct engine *engine, enum alert_kind kind, int64_t now);
void duty_add(struct duty *duty, const struct conf_endpoint *endpoint);
bool duty_has(const struct duty *duty, const char *endpoint);
/* … of MEMBERS of ROSTER; of nobody: the UNIT's own. */
void duty_add_members(const struct engine *engine, const struct roster *roster, uint64_t members,
		      const struct conf_unit *unit, struct duty *out);

/* telling.c — those told last of ALERT cannot be reached, OWED are owed a word about it: tell the
 * next at once. *TOLD: somebody was. */
int telling_hand_on(struct engine *engine, struct alert *alert, const struct duty *owed,
		    int64_t now, bool *told, struct err *err);

/* resort.c */
/* Leave out of DUTY who cannot hear ALERT because it is about just that endpoint. */
void resort_avoid(const struct alert *alert, struct duty *duty);
/* Who gets what ALERT says when its steps are used up: the fallback; another where that is shut. */
int resort_find(struct engine *engine, const struct alert *alert, struct duty *out,
		struct err *err);
/* A way beside all of SHUT that is not sick: the root unit's, else the first there is; or NULL. */
int resort_other(struct engine *engine, const struct duty *shut, const struct conf_endpoint **out,
		 struct err *err);

/* shift.c — one shift hands over to the next. Begins what is due by NOW; adds to *FIRED. */
int shift_due(struct engine *engine, int64_t now, unsigned *fired, struct err *err);
/* When shift_due has something to do; 0 when that is not known yet, WHEN_NEVER without rosters. */
int64_t shift_next(const struct engine *engine);
/* The change of ROSTER that nobody has taken over yet, or WHEN_NEVER. */
int shift_pending(struct engine *engine, const struct roster *roster, int64_t *change,
		  struct err *err);
/* Only those who leave are reached at ENDPOINT by ALERT, a handover: they cannot take it. */
bool shift_leaves(const struct engine *engine, const struct alert *alert, const char *endpoint);
/* The roster of a handover, or NULL when it is configured no more. */
const struct roster *shift_roster(const struct engine *engine, const struct alert *alert);

/* heads.c — sign what the ledger is, if that is due by NOW; adds to *FIRED. */
int heads_due(struct engine *engine, int64_t now, unsigned *fired, struct err *err);
/* When heads_due has something to do; WHEN_NEVER while there is no row. */
int heads_next(struct engine *engine, int64_t *at, struct err *err);
/* The clock shows NOW; it may have run ahead. */
void heads_clock_set(struct engine *engine, int64_t now);
/* The first time behind AFTER that is a multiple of EVERY from the midnight before it, or midnight.
 */
int64_t heads_slot(const struct zone *zone, int64_t every, int64_t after);

/* shift_words.c — what a shift hands over, in words, without personal data. */
int shift_words(struct engine *engine, const struct alert *alert, const struct phrasebook *book,
		enum conf_redact redact, int64_t now, const char **words, struct err *err);
/* hold.c */
struct silence_list {
	struct arena *arena;
	struct silence *silences;
	size_t len, cap;
};
int silence_submit(struct engine *engine, const struct fact *fact, int64_t now,
		   struct fact_result *result, struct err *err);
/* The silences in force at NOW, in the engine's arena. */
int silences_load(struct engine *engine, int64_t now, struct silence_list *out, struct err *err);
/* Whether something keeps ALERT, which is due at NOW, from speaking: then it is saved with the end
 * of its hold. */
int hold_judge(struct engine *engine, const struct silence_list *silences, struct alert *alert,
	       int64_t now, bool *held, struct err *err);
/* An alert of KIND has ended, or lost somebody: what such alerts held is judged anew at NOW. */
int hold_lift(struct engine *engine, enum alert_kind kind, int64_t now, struct err *err);

/* census.c — the longest anybody waits for the next word of an open alert that climbs. */
int64_t alert_longest_wait(const struct engine *engine);

/* feeds.c */
/* The clock was set back to NOW: nobody is waited for longer than from now on. */
int feeds_clock_set(struct engine *engine, int64_t now, struct err *err);
/* Which feeds FACTS came by; their rows move. */
int feeds_heard(struct engine *engine, struct fact *const *facts, const struct fact_result *results,
		size_t len, int64_t now, struct err *err);
/* Feeds whose deadline came become alerts; adds to *FIRED. */
int feeds_due(struct engine *engine, int64_t now, unsigned *fired, struct err *err);
/* The feed with the longest prefix of SOURCE; NULL when there is none, or several have it. */
const struct conf_feed *feed_of_source(const struct conf *conf, const char *source);
/* When FEED, heard at HEARD_AT, counts as silent. */
int64_t feed_deadline(const struct conf_feed *feed, const struct zone *zone, int64_t heard_at);

/* words.c — one notice about ALERT to ENDPOINT. LATE is how late it is in ms, 0 when on time. */
int words_notice(struct engine *engine, const struct alert *alert, enum tell_why why, int step,
		 const struct conf_endpoint *endpoint, int64_t late, int64_t now, struct err *err);

/* A list of ids collected from the store before anything is written. */
struct id_list {
	struct arena *arena;
	const char **ids;
	size_t len, cap;
};
void id_collect(void *context,
		const void *row); /* store_row_fn for verbs whose row is a `const char` id */

/* --- submit.c --- */

/* Apply FACT at NOW. Returns a negative code only when the transaction is lost; what is wrong with
 * the fact itself goes to RESULT. */
int submit_one(struct engine *engine, struct fact *fact, int64_t now, struct fact_result *result,
	       struct err *err);

#endif
