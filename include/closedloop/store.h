/* store.h — what is kept: facts, journeys, alerts, the outbox. Verbs of our domain, never SQL.
 *
 * Everything is written inside begin … commit; commit returns only when the bytes are durable (WAL,
 * synchronous=FULL), and only then may anybody outside be told. After any error the caller rolls
 * back; nothing of the transaction remains. CL_EFULL and CL_EIO mean "refuse and try later": the
 * store mends itself (reopening after a failed sync) without a restart.
 *
 * Rows are keyed with the journey's id first, so that a journey stays in one place when the body is
 * sharded. Strings that come back belong to the arena given. One body today: SQLite
 * (store_sqlite_open).
 *
 * A row function collects. It may call verbs that read (not the one it is called from), never one
 * that writes: that is asserted. What its row points to lasts with the arena given; at verbs
 * without one, only until the row function returns.
 *
 * What is personal is sealed on its way in (seal.h) under a key of the ring: one per journey, one
 * per transfer, one per UTC day for what belongs to nobody. Text whose key was destroyed comes back
 * as ""; a journey or a transfer whose key was is CL_EGONE, and lists leave it out. A key that
 * should be there and is not is CL_ECORRUPT.
 */
#ifndef CLOSEDLOOP_STORE_H
#define CLOSEDLOOP_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/alert.h"
#include "closedloop/channel.h"
#include "closedloop/err.h"
#include "closedloop/fact.h"
#include "closedloop/ident.h"
#include "closedloop/keyring.h"
#include "closedloop/ledger.h"
#include "closedloop/match.h"
#include "closedloop/mem.h"
#include "closedloop/silence.h"

struct store {
	const struct store_ops *ops;
};

struct store_journey {
	const char *id;
	bool open; /* watched: not ended, not history */
	int stage;
	const char *unit, *holder, *flight, *transfer; /* "" when none */
	const char *disposition;
	int64_t next_due; /* WHEN_NEVER when none */
	int64_t updated_at;
	int alerts; /* open ones that are not informative */
	const void *record, *person;
	size_t record_len, person_len;
	bool person_changed; /* save the person record too */
	int64_t erase_at;   /* when what is personal is to go; once it has, when she is forgotten */
	int64_t erased_at;  /* 0: not; reading only */
	const char *merged; /* whose shell this is, or "" */
};

/* What is left of a journey whose personal data goes. */
struct store_erasure {
	const char *id;
	int stage;
	const char *unit, *holder, *disposition;
	const void *record; /* nothing personal in it */
	size_t record_len;
	int64_t now, forget_at;
};
struct store_erased { /* what went with her, for the receipt */
	int notices, alerts, lessons, places;
};

/* Whose a fact is, hence under which key its body is sealed: a journey's, or else a vehicle's, or
 * (both NULL) the day's. */
struct store_owner {
	const char *journey, *transfer;
};

struct store_rider {
	const char *journey;
	int stop;
	bool off;
};

struct store_step {		       /* one line of a journey's history */
	int64_t seq, at;	       /* its number in the ledger, from 1 without a gap */
	int64_t fact;		       /* facts.seq, or 0 when only time passed */
	const char *what;	       /* "traveler.registered", "journey.due" … */
	const char *note;	       /* the decision in words, no personal data */
	const char *source, *event_id; /* of the fact; reading only */
	int64_t fact_at;
	const char *body;
	const char *journey; /* "" when about nobody; only of ledger_back */
};

struct store_reject {
	int64_t seq, at;
	const char *feed, *source, *event_id, *code, *detail;
	const char *body;
	size_t body_len;
};

struct store_feed {
	const char *name;
	int64_t heard_at; /* or WHEN_UNKNOWN */
	int64_t due_at;	  /* when its silence is an alert; WHEN_NEVER when nobody waits for it */
	int64_t alert;	  /* the alert about its silence, or 0 */
};

/* Some telling that did not arrive: which alert, and when. */
struct store_undelivered {
	int64_t alert, told_at;
};

/* One notice of an alert, as far as it has come. */
struct store_told {
	const char *endpoint, *type;
	int64_t told_at, due_at;
	int state;  /* enum notice_state, never NOTICE_MERGED: a digest's stands for its lines */
	bool tried; /* at least once, by itself or as a line of a digest */
};

/* What one statement of an address that is a question can be learnt under; "" where nothing. */
struct store_place {
	const char *journey;
	int64_t at; /* … of the statement, and the fact that made it */
	const char *fact;
	const char *keys[MATCH_KEYS]; /* of the whole address a keyed hash */
};

/* What an officer taught: the latest assignment of JOURNEY, under one key of the address it was
 * about. In force while at > undone_at, and nothing while that address is not known (key ""). */
struct store_alias {
	int64_t id;
	const char *journey;
	enum match_key_kind kind;
	const char *key, *code;
	int64_t at;
	const char *fact, *by;
	int64_t undone_at; /* WHEN_UNKNOWN: never */
	const char *undone_by;
};

/* A caller made while we run. Of the token only its BLAKE2b-256 is kept. */
#define STORE_TOKEN_HASH_LEN 32
struct store_token {
	const char *name;
	const char *role;  /* "duty" … */
	const char *scope; /* a unit's prefix, "" = everything; of a feed's token the feed's name */
	uint8_t hash[STORE_TOKEN_HASH_LEN];
	int64_t made_at;
	const char *made_by;
	int64_t expires_at;
	int64_t revoked_at; /* WHEN_NEVER while nobody has revoked it */
	const char *revoked_by;
};

struct store_filter {	  /* NULL or negative: any */
	const char *unit; /* prefix */
	int stage;
	bool open_only;
	const char *flight, *transfer, *source, *ref;
	const char *scope; /* prefix of what who asks may see */
	const char *after; /* id of the last one seen */
	unsigned limit;
};

struct store_census {
	int64_t open;
	int64_t stages[16];
	int64_t alerts_silenced, alerts_inhibited; /* open, due, and held */
	int64_t alerts_open, notices_ready, facts, rejects;
	int64_t notices_dead;
	int64_t notices_oldest; /* when the oldest that is ready was made; WHEN_NEVER: none is */
};

/* How the courier finds an endpoint, over a restart. */
struct store_endpoint {
	const char *name;
	int health;    /* enum health_is of the courier */
	int64_t until; /* of a pause, or when it is asked again; WHEN_NEVER when neither */
	const void *record;
	size_t record_len;
};

/* Which dead letters are tried again; NULL: any. */
struct store_redrive {
	const char *id;	       /* this one, and one that expired too */
	const char *from, *to; /* ids between these two, both included */
	const char *endpoint;
};

enum notice_state {
	NOTICE_READY,
	NOTICE_DONE,
	NOTICE_DEAD,
	NOTICE_SUPERSEDED,
	NOTICE_EXPIRED,
	NOTICE_MERGED, /* Told as a line of a digest, which is a notice of its own. */
};

/* A notice and what has become of it. */
struct store_letter {
	struct notice notice;
	enum notice_state state;
	int64_t ended_at; /* WHEN_NEVER while it is ready */
};

typedef void store_row_fn(void *context, const void *row); /* row is the struct named at the verb */

struct store_ops {
	int (*begin)(struct store *, struct err *);
	int (*commit)(struct store *, struct err *);
	void (*rollback)(struct store *);
	void (*close)(struct store *);

	/* Facts. find: *SEQ > 0, and *SAME says whether that one has HASH; else *SEQ = 0. save: the
	 * body is sealed under the key of OWNER, who may be stored later in the same transaction.
	 */
	int (*fact_find)(struct store *, const char *source, const char *id,
			 const uint8_t hash[DIGEST_KEY_LEN], int64_t *seq, bool *same,
			 struct err *);
	int (*fact_save)(struct store *, const struct fact *, const struct store_owner *owner,
			 int64_t now, int64_t *seq, struct err *);
	int (*facts_each)(struct store *, int64_t after_seq, store_row_fn *, void *,
			  struct err *); /* struct fact: stamp, type, body */
	int (*reject_save)(struct store *, const struct store_reject *, struct err *);
	int (*rejects_list)(struct store *, const char *feed, int64_t before_seq, unsigned limit,
			    store_row_fn *, void *, struct err *); /* store_reject, newest first */
	int (*rejects_prune)(struct store *, int64_t before, struct err *);

	/* Who is who. JOURNEY gets the id, or "". */
	int (*ref_find)(struct store *, const char *source, const char *ref,
			char journey[IDENT_CAP], struct err *);
	int (*ref_save)(struct store *, const char *source, const char *ref, const char *journey,
			struct err *);
	int (*refs_of)(struct store *, const char *journey, store_row_fn *, void *,
		       struct err *); /* const char *[2]: source, ref */
	int (*document_find)(struct store *, const char *document, char journey[IDENT_CAP],
			     struct err *);
	int (*document_save)(struct store *, const char *document, const char *journey,
			     struct err *);
	/* Everything that points to journey FROM points to TO. */
	int (*journey_repoint)(struct store *, const char *from, const char *to, struct err *);

	/* Journeys. load: CL_ENOENT when there is none. */
	int (*journey_load)(struct store *, const char *id, struct arena *, struct store_journey *,
			    struct err *);
	int (*journey_save)(struct store *, const struct store_journey *, bool fresh, struct err *);
	int (*journeys_due)(struct store *, int64_t now, unsigned limit, store_row_fn *, void *,
			    struct err *); /* const char: id */
	/* Every open journey is due at NOW, if it was not sooner. */
	int (*journeys_recheck)(struct store *, int64_t now, struct err *);
	/* Journey ID, which cannot be read, is due at AT; nothing else of it is touched. */
	int (*journey_postpone)(struct store *, const char *id, int64_t at, struct err *);
	int (*journeys_on_flight)(struct store *, const char *flight, store_row_fn *, void *,
				  struct err *); /* const char: id; ended ones too: what joins must
						    join in every order */
	int (*journeys_list)(struct store *, const struct store_filter *, struct arena *,
			     store_row_fn *, void *, struct err *); /* store_journey */
	/* Erasing. due: those whose erase_at has come, erased ones too, the earliest first. next:
	 * the first of them, or when the key of a day is to go of which DAYS_KEPT others have
	 * passed; 0 while keys wait for their destruction, WHEN_NEVER when there is none. recheck:
	 * all that ended and are to be erased are due at NOW. plan: when, and whose shell it is.
	 * shells: of JOURNEY, not erased yet. */
	int (*erasures_due)(struct store *, int64_t now, unsigned limit, store_row_fn *, void *,
			    struct err *); /* const char: id */
	int (*erasures_next)(struct store *, int64_t days_kept, int64_t *at, struct err *);
	int (*erasures_recheck)(struct store *, int64_t now, struct err *);
	int (*erasure_plan)(struct store *, const char *id, int64_t at, const char *merged,
			    struct err *);
	int (*shells_of)(struct store *, const char *journey, store_row_fn *, void *,
			 struct err *); /* const char: id */
	/* The row becomes what is given, her data key is doomed, and what was said about her and is
	 * over loses its words. Her references stay, so that a late fact finds that she was here.
	 */
	int (*journey_erase)(struct store *, const struct store_erasure *, struct store_erased *,
			     struct err *);
	/* Nothing leads to erased journey ID any more. */
	int (*journey_forget)(struct store *, const char *id, struct err *);
	/* Vehicles of erased JOURNEY on which nobody is left who is not erased go, their keys too.
	 */
	int (*transfers_erase)(struct store *, const char *journey, struct err *);
	/* The keys of days before DAY (civil, as days are numbered) are doomed. */
	int (*days_erase)(struct store *, int64_t day, struct err *);
	/* Destroy the data keys that are doomed, and leave no copy of what they sealed in the log.
	 * Not inside a transaction; nothing to do is nothing done. Until it returns 0 again. */
	int (*doomed_destroy)(struct store *, int64_t now, struct err *);
	/* The ledger: append-only, each row bound to the one before it; every fact_save makes one.
	 * step: what was decided about JOURNEY. save: any other line (who looked, what was erased,
	 * whose token was made); JOURNEY is "" when it is about nobody, WHAT a coded word of ours
	 * ("read", "token.added"), NOTE bears no personal data. end: the last row's number and
	 * link, 0 and zeros when there is none; inside a transaction, as it is by then. */
	int (*ledger_save)(struct store *, const char *journey, const char *what, const char *note,
			   int64_t now, struct err *);
	int (*ledger_end)(struct store *, int64_t *n, uint8_t link[LEDGER_LINK_LEN], struct err *);
	/* When row N was written, and its link; CL_ENOENT when there is none, or it has no link. */
	int (*ledger_link)(struct store *, int64_t n, int64_t *at, uint8_t link[LEDGER_LINK_LEN],
			   struct err *);
	/* Look at up to MAX rows more: types, numbers, links, facts, heads. Goes on from where
	 * CHECK is until CHECK says done; then its fault is LEDGER_WHOLE or the first thing found.
	 * An error means that the store could not be asked, not that something was found. */
	int (*ledger_verify)(struct store *, struct ledger_check *check, unsigned max,
			     struct err *);
	/* Signed heads. save: one of a number that has one replaces it. last: of the highest
	 * number; n 0 and at WHEN_UNKNOWN when there is none. */
	int (*head_save)(struct store *, const struct ledger_head *, struct err *);
	int (*head_last)(struct store *, struct ledger_head *, struct err *);
	/* The ledger's rows before number BEFORE, the newest first; what they are about, no bodies.
	 */
	int (*ledger_back)(struct store *, int64_t before, unsigned limit, struct arena *,
			   store_row_fn *, void *, struct err *); /* store_step */
	int (*heads_list)(struct store *, unsigned limit, store_row_fn *, void *,
			  struct err *); /* struct ledger_head, newest first */
	int (*step_save)(struct store *, const char *journey, const struct store_step *,
			 struct err *);
	int (*steps_list)(struct store *, const char *journey, struct arena *, store_row_fn *,
			  void *, struct err *); /* store_step, oldest first */

	/* Which journeys isolate, or did, in one home (an opaque key). */
	int (*home_save)(struct store *, const char *home, const char *journey, struct err *);
	int (*home_remove)(struct store *, const char *home, const char *journey, struct err *);
	int (*homes_of)(struct store *, const char *home, store_row_fn *, void *,
			struct err *); /* const char: journey id */

	/* What addresses can be learnt under. save: the same statement again replaces. at: the last
	 * one of JOURNEY stated by AT, its journey NULL when there is none. recheck: every open
	 * journey that ever stated KEY is due at NOW, if it was not sooner. */
	int (*place_save)(struct store *, const struct store_place *, struct err *);
	int (*place_at)(struct store *, const char *journey, int64_t at, struct arena *,
			struct store_place *, struct err *);
	int (*places_recheck)(struct store *, enum match_key_kind, const char *key, int64_t now,
			      struct err *);
	/* What officers taught; at most one row per journey and kind, so they are as few as people
	 * somebody looked at. save: by journey and kind, the id stays. load: CL_ENOENT when there
	 * is none. under: those in force, by code. */
	int (*alias_save)(struct store *, const struct store_alias *, struct err *);
	int (*alias_remove)(struct store *, const char *journey, enum match_key_kind, struct err *);
	int (*alias_load)(struct store *, int64_t id, struct arena *, struct store_alias *,
			  struct err *);
	int (*aliases_of)(struct store *, const char *journey, struct arena *, store_row_fn *,
			  void *, struct err *); /* store_alias */
	int (*aliases_under)(struct store *, enum match_key_kind, const char *key, struct arena *,
			     store_row_fn *, void *, struct err *); /* store_alias */

	/* Transfers and flights: packed records. CL_ENOENT when there is none. */
	int (*transfer_load)(struct store *, const char *id, struct arena *, const void **data,
			     size_t *len, struct err *);
	int (*transfer_save)(struct store *, const char *id, const void *data, size_t len,
			     struct err *);
	int (*rider_save)(struct store *, const char *transfer, const struct store_rider *,
			  struct err *);
	int (*riders_of)(struct store *, const char *transfer, store_row_fn *, void *,
			 struct err *); /* store_rider */
	int (*flight_load)(struct store *, const char *key, struct arena *, const void **data,
			   size_t *len, struct err *);
	int (*flight_save)(struct store *, const char *key, const void *data, size_t len,
			   struct err *);

	/* Alerts. find: *ID = 0 when none is open. */
	int (*alert_find)(struct store *, enum alert_kind, const char *subject, const char *unit,
			  struct alert *, bool *found, struct err *);
	int (*alert_load)(struct store *, int64_t id, struct alert *, struct err *);
	/* id 0: a new one, id is filled. That next_at was set at NOW is kept where it was. */
	int (*alert_save)(struct store *, struct alert *, int64_t now, struct err *);
	int (*alerts_due)(
		struct store *, int64_t now, unsigned limit, store_row_fn *, void *,
		struct err *); /* struct alert: next_at has come, or changed; gravest first */
	int (*alerts_list)(struct store *, const char *unit, bool open_only, unsigned limit,
			   store_row_fn *, void *,
			   struct err *); /* struct alert, gravest first;
					     then resolved ones, newest first */
	/* alert_release for all that HOLD number BY (0: any) holds. */
	int (*alerts_release)(struct store *, enum alert_hold, int64_t by, int64_t now,
			      struct err *);
	/* An open alert that nobody has answered, nothing holds, and that at NOW will not speak
	 * until after LATEST, although it has not been open for as long (or for MOST); 0 when there
	 * is none. */
	int (*alerts_forgotten)(struct store *, int64_t now, int64_t latest, int64_t most,
				int64_t *alert, struct err *);
	/* One of the open alerts of KIND that together hold everybody in ALERT; 0 when somebody in
	 * it, or nobody at all, is in any. */
	int (*alert_cover)(struct store *, int64_t alert, enum alert_kind kind, int64_t *by,
			   struct err *);
	int (*member_save)(struct store *, int64_t alert, const char *journey, struct err *);
	int (*member_remove)(struct store *, int64_t alert, const char *journey, int *left,
			     struct err *);
	/* Open alerts that JOURNEY is in. */
	int (*alerts_about)(struct store *, const char *journey, store_row_fn *, void *,
			    struct err *); /* struct alert */
	int (*members_of)(struct store *, int64_t alert, store_row_fn *, void *,
			  struct err *); /* const char: journey id */

	/* Silences: made, and saved again when ended early. */
	int (*silence_save)(struct store *, const struct silence *, struct err *);
	int (*silence_load)(struct store *, int64_t id, struct silence *, struct err *);
	int (*silences_list)(struct store *, int64_t now, store_row_fn *, void *,
			     struct err *); /* struct silence: in force at NOW, soonest end first */

	/* What who asks may see: the scope is a prefix of unit codes, NULL or "" for everything. A
	 * journey is her unit's, and while she has none her holder's; an alert and a silence are
	 * their unit's, a lesson that of its committee, a vehicle or a flight whose who is or was
	 * on it. What is not within the scope is not there: CL_ENOENT, as for what never was.
	 *
	 * journey, alert, silence, alias: as load; an alias's journey is "" when she has become
	 * another's. transfer, flight: as load. riders, passengers, members: those within. alerts:
	 * as list, in units that begin with UNIT (NULL: any). silences: in force at NOW, soonest
	 * end first; those of units above, too, when they are about nobody in particular. aliases:
	 * of committees that begin with UNIT, newest first, those before id BEFORE. */
	int (*journey_see)(struct store *, const char *scope, const char *id, struct arena *,
			   struct store_journey *, struct err *);
	int (*transfer_see)(struct store *, const char *scope, const char *id, struct arena *,
			    const void **data, size_t *len, struct err *);
	int (*riders_see)(struct store *, const char *scope, const char *transfer, store_row_fn *,
			  void *, struct err *); /* store_rider */
	int (*flight_see)(struct store *, const char *scope, const char *key, struct arena *,
			  const void **data, size_t *len, struct err *);
	int (*passengers_see)(struct store *, const char *scope, const char *flight, store_row_fn *,
			      void *, struct err *); /* const char: journey id */
	int (*alert_see)(struct store *, const char *scope, int64_t id, struct alert *,
			 struct err *);
	int (*alerts_see)(struct store *, const char *scope, const char *unit, bool open_only,
			  unsigned limit, store_row_fn *, void *, struct err *); /* struct alert */
	int (*members_see)(struct store *, const char *scope, int64_t alert, store_row_fn *, void *,
			   struct err *); /* const char: journey id */
	int (*silence_see)(struct store *, const char *scope, int64_t id, struct silence *,
			   struct err *);
	int (*silences_see)(struct store *, const char *scope, int64_t now, store_row_fn *, void *,
			    struct err *); /* struct silence */
	int (*alias_see)(struct store *, const char *scope, int64_t id, struct arena *,
			 struct store_alias *, struct err *);
	int (*aliases_see)(struct store *, const char *scope, const char *unit, bool undone_too,
			   int64_t before, unsigned limit, struct arena *, store_row_fn *, void *,
			   struct err *); /* store_alias */

	/* Feeds: when each was heard. find: the row in ARENA, name NULL when there is none. */
	int (*feed_find)(struct store *, const char *name, struct arena *, struct store_feed *,
			 struct err *);
	int (*feed_save)(struct store *, const struct store_feed *, struct err *);
	int (*feed_remove)(struct store *, const char *name, struct err *);
	int (*feeds_list)(struct store *, struct arena *, store_row_fn *, void *,
			  struct err *); /* store_feed, by name */
	int (*feeds_next)(struct store *, int64_t *due_at, struct err *);

	/* Outbox. */
	int (*notice_save)(struct store *, const struct notice *, struct err *);
	/* What ENDPOINT (NULL: anybody) has not been told of ALERT yet is not told any more, be it
	 * ready or a line of a digest that has not arrived. */
	int (*notices_supersede)(struct store *, int64_t alert, const char *endpoint, struct err *);
	/* Due at NOW, in the order they became so. One of an alert waits for those of the same
	 * alert that were written before it, until each of them has ended. */
	int (*notices_ready)(struct store *, const char *endpoint, bool urgent, int64_t now,
			     unsigned limit, struct arena *, store_row_fn *, void *,
			     struct err *); /* struct notice */
	/* When the next one after AFTER is due; WHEN_NEVER when there is none. */
	int (*notices_next)(struct store *, const char *endpoint, bool urgent, int64_t after,
			    int64_t *due_at, struct err *);
	/* Ready notice ID is told as a line of DIGEST, itself a notice. CL_ENOENT when it is not
	 * ready any more. */
	int (*notice_merge)(struct store *, const char *id, const char *digest, struct err *);
	/* Those that DIGEST still tells, in their order. */
	int (*notices_merged)(struct store *, const char *digest, struct arena *, store_row_fn *,
			      void *, struct err *); /* struct notice */
	/* Those of DIGEST that had expired by AT were not told. */
	int (*notices_merged_expire)(struct store *, const char *digest, int64_t at, struct err *);
	int (*notice_result)(struct store *, const char *id, enum notice_state, int attempts,
			     int64_t due_at, int64_t now, const char *error, struct err *);
	int (*notices_waiting)(struct store *, store_row_fn *, void *,
			       struct err *); /* struct notice: endpoint, urgent and the earliest
						 due_at only */
	/* How many wait for ENDPOINT, and since when; 0 and WHEN_NEVER when none does. */
	int (*notices_backlog)(struct store *, const char *endpoint, int64_t *count, int64_t *since,
			       struct err *);
	int (*notices_list)(struct store *, enum notice_state, unsigned limit, struct arena *,
			    store_row_fn *, void *, struct err *); /* struct notice */
	/* load: CL_ENOENT when there is none. */
	int (*notice_load)(struct store *, const char *id, struct arena *, struct store_letter *,
			   struct err *);
	int (*letters_list)(struct store *, const char *endpoint, unsigned limit, struct arena *,
			    store_row_fn *, void *,
			    struct err *); /* store_letter: dead ones, newest first */
	int (*notices_of_digest)(struct store *, const char *digest, struct arena *, store_row_fn *,
				 void *, struct err *); /* struct notice, as they were written */
	/* Those of WHICH are ready again under their ids, as if never tried; *COUNT is how many. */
	int (*notices_redrive)(struct store *, const struct store_redrive *which, int64_t now,
			       int *count, struct err *);

	/* Endpoints, as the courier left them. */
	int (*endpoint_save)(struct store *, const struct store_endpoint *, struct err *);
	int (*endpoints_list)(struct store *, struct arena *, store_row_fn *, void *,
			      struct err *); /* store_endpoint */

	/* An urgent notice about ALERT waits for ENDPOINT. */
	int (*notice_rings)(struct store *, int64_t alert, const char *endpoint, bool *rings,
			    struct err *);
	/* Urgent notices about an alert that do not arrive: AFTER ms old, at an endpoint that does
	 * not take them, or failed TRIES times, or dead; not handed on yet. Since when the first of
	 * them does, WHEN_NEVER when none ever will by time alone; and those by NOW, the gravest
	 * first, one row a telling. */
	int (*undelivered_next)(struct store *, int tries, int64_t after, int64_t *since,
				struct err *);
	int (*undelivered_list)(struct store *, int tries, int64_t after, int64_t now,
				unsigned limit, store_row_fn *, void *,
				struct err *); /* struct store_undelivered */
	/* What ALERT said at TOLD_AT has been told to others, or need not be. */
	int (*notices_handed_on)(struct store *, int64_t alert, int64_t told_at, struct err *);
	int (*notices_of)(struct store *, int64_t alert, struct arena *, store_row_fn *, void *,
			  struct err *); /* struct store_told, as they were written */
	/* HEALTH 0 and UNTIL WHEN_NEVER of one that nothing is known of. */
	int (*endpoint_health)(struct store *, const char *name, int *health, int64_t *until,
			       struct err *);

	/* Tokens made while we run. save: by name, what had that name is gone. find: that of HASH,
	 * ended ones too; its name NULL when there is none. revoke: CL_ENOENT when NAME is not
	 * known or is revoked. Rows are never deleted, so that one tells that there ever was one.
	 */
	int (*token_save)(struct store *, const struct store_token *, struct err *);
	int (*token_find)(struct store *, const uint8_t hash[STORE_TOKEN_HASH_LEN], struct arena *,
			  struct store_token *, struct err *);
	int (*token_revoke)(struct store *, const char *name, int64_t at, const char *by,
			    struct err *);
	int (*tokens_list)(struct store *, struct arena *, store_row_fn *, void *,
			   struct err *); /* store_token, by name */

	/* By what clock the last fact, alert and notice were written: the latest of them, or 0. */
	int (*latest)(struct store *, int64_t *at, struct err *);
	/* The clock, which showed WAS, was set back to NOW. What waits for a time that was set
	 * after NOW waits for it no longer than it had still to wait at WAS, an alert nobody has
	 * answered no longer than MOST or as long as it has been open (at most
	 * ALERT_REPEAT_MOST); when such was opened, told and taken moves along. What was due and
	 * not done stays due. Nothing is due a second time. */
	int (*clock_set)(struct store *, int64_t was, int64_t now, int64_t most, struct err *);

	/* When something is owed next: the earliest of journeys, alerts and notices; WHEN_NEVER
	 * when nothing is. A changed alert counts as due at 0. */
	int (*next_due)(struct store *, int64_t *journeys, int64_t *alerts, int64_t *notices,
			struct err *);
	int (*census)(struct store *, struct store_census *, struct err *);
	/* Ids of open journeys that nobody watches at NOW: no future deadline within
	 * GRACE and no alert that will still speak. */
	int (*violations)(struct store *, int64_t now, int64_t grace, unsigned limit,
			  store_row_fn *, void *, struct err *); /* const char: id */
	int (*meta_get)(struct store *, const char *key, char *value, size_t cap, struct err *);
	int (*meta_set)(struct store *, const char *key, const char *value, struct err *);
};

/* Open the SQLite file PATH (made when absent), migrate it, prepare every statement. CL_ENEWER when
 * its schema is newer than this program, CL_ECORRUPT when it is damaged, CL_EINVAL when it is
 * another program's: the file is untouched then. VFS names the SQLite file system that keeps it,
 * NULL for the operating system's; a simulated disk has its own. What is personal is sealed under
 * keys of RING, which stays the caller's and must outlive the store; ENTROPY, copied, makes nonces.
 */
int store_sqlite_open(struct store **out, const char *path, const char *vfs, struct keyring *ring,
		      const struct entropy *entropy, struct err *err);
/* Open PATH, a database of this program's schema or a backup of one, to look at: nothing is
 * written, made or migrated (CL_EINVAL when it would have to be), and begin fails. ALONE: nobody
 * has it open and there is no log beside it, so that it can be read where nothing may be written.
 */
int store_sqlite_look(struct store **out, const char *path, bool alone, struct err *err);
/* Whether the database at PATH, which is not opened yet, has rows that are sealed; reads only.
 * CL_EINVAL when it is another program's, CL_ENEWER as store_sqlite_open. */
int store_sqlite_sealed(const char *path, const char *vfs, bool *sealed, struct err *err);
/* Every verb of OPS has a body; asserts otherwise. */
void store_check_ops(const struct store_ops *ops);

#endif
