/* oracle_private.h — what the rooms of the oracle share: its memory, and how it asks. oracle.c asks
 * and judges, oracle_facts.c knows the ledger, oracle_notices.c what was handed out,
 * oracle_alerts.c how alerts climb. */
#ifndef TESTS_SIM_ORACLE_PRIVATE_H
#define TESTS_SIM_ORACLE_PRIVATE_H

#include <sqlite3.h>

#include "oracle.h"

enum question {
	ASK_FACTS_AFTER,
	ASK_JOURNEY,
	ASK_JOURNEYS,
	ASK_ALERT,
	ASK_ALERTS,
	ASK_NOTICE,
	ASK_NOTICE_ROW,
	ASK_NOTICES_OPEN,
	ASK_STOOD_DOWN,
	ASK_TOLD,
	ASK_UNHEARD,
	ASK_LATE,
	ASK_ENDED,
	ASK_OWED,
	ASK_STRAYS,
	QUESTIONS,
};

/* Rows that a transaction touched, each once. */
struct touched {
	size_t len, cap;
	int64_t *rows;
};

struct seen_alert {
	enum alert_state state;
	int step;
	int64_t first_heard;	/* delivered to anybody, WHEN_NEVER when not */
	int64_t fallback_heard; /* delivered to the fallback, latest, WHEN_UNKNOWN when not */
	uint64_t told;		/* endpoints that got a notice in this step … */
	int64_t told_at;	/* … and when */
};

/* A notice that was handed out. */
struct sent {
	char id[IDENT_CAP];
	uint64_t words; /* hash of all it says */
	uint64_t mark;	/* the same, and by which setting of the clock */
	bool delivered;
	uint64_t ok_in;	  /* The life of the daemon in which it heard so, or 0. */
	int64_t first_at; /* When it was first tried. */
	bool failing;	  /* Heard that it was not taken, and is watched for that. */
};

struct oracle {
	sqlite3 *db;
	sqlite3_stmt *ask[QUESTIONS];
	char broken[400];
	/* the ledger, by seq; the hash is all zero where the store had a fact nobody was answered
	 * for */
	size_t facts_len, facts_cap;
	struct {
		uint8_t hash[DIGEST_KEY_LEN];
		int64_t received_at;
		uint32_t mail; /* NOBODY: unknown */
		bool answered;
	} * facts;
	size_t sent_len, sent_cap;
	struct sent *sent;
	size_t table_cap; /* of both tables: indexes into sent + 1, by id and by words */
	uint32_t *by_id, *by_words;
	struct touched journeys, alerts, notices;
	uint64_t writes; /* rows of journeys, people and facts touched so far */
	uint64_t writes_before;
	size_t memories_len;
	struct oracle_memory *memories; /* by rowid of the journey */
	size_t seen_len;
	struct seen_alert *seen; /* by alert id */
	size_t by_fact_cap;
	uint32_t *by_fact; /* mails by (source, id), open addressing; mail + 1 */
	size_t by_fact_len;
	int64_t clock_high; /* the latest the daemon's clock has shown since it was told of a step */
	int64_t calm_at;	     /* WHEN_NEVER while there is trouble */
	uint64_t life;		     /* how often the daemon was started */
	struct arrivals *arrivals;   /* oracle_arrivals.c */
	struct incidents *incidents; /* oracle_incidents.c */
	size_t failing_len, failing_cap;
	uint32_t *failing; /* oracle_undelivered.c: indexes into sent */
};

/* Every question begins with begin_asking and ends with end_asking. */
sqlite3_stmt *begin_asking(struct world *world, enum question question, bool *was);
void end_asking(sqlite3_stmt *stmt, bool was);
const char *text_at(sqlite3_stmt *stmt, int column);
/* CHECK each row of an answer. */
void ask_each(struct world *world, enum question question,
	      void (*check)(struct world *, sqlite3_stmt *));
/* What is touched from now on shall be known. */
void oracle_listen(struct world *world);

/* FNV-1a over TEXT and its end. */
#define HASH_BEGIN UINT64_C(1469598103934665603)
uint64_t hash_text(uint64_t hash, const char *text);

/* oracle_facts.c — learn the rows behind what is known; after a crash, every answered fact. */
void facts_read(struct world *world);
void facts_check(struct world *world);
const struct mail *facts_mail(struct world *world, int64_t seq);

/* oracle_notices.c — the notice ID as it was handed out, or NULL. */
struct sent *sent_find(struct oracle *oracle, const char *id);
void sent_check(struct world *world);
/* Those that were touched. */
void notices_check(struct world *world);
void notices_check_open(struct world *world, sqlite3_stmt *stmt);
void notices_fail_stray(struct world *world, sqlite3_stmt *stmt);

/* One notice that arrived, as its row says. */
struct arrival {
	int64_t row, alert, created_at;
	const char *id, *kind, *type, *endpoint, *title;
	const char *message; /* The notice it came as: itself, or a digest. */
	bool urgent;
};

/* oracle_arrivals.c — what arrives, endpoint by endpoint: in order, once, and not at night. */
void arrivals_note(struct world *world, const struct arrival *arrival,
		   const struct delivery *delivery);
void arrivals_free(struct oracle *oracle);

/* oracle_incidents.c — what a service that keeps incidents makes of what it is told. */
void incidents_note(struct world *world, const struct arrival *arrival,
		    const struct delivery *delivery);
void incidents_check_end(struct world *world);
void incidents_free(struct oracle *oracle);

/* oracle_undelivered.c — whoever is called in vain is not the only one who is called. */
void undelivered_note(struct oracle *oracle, struct sent *sent);
/* What was heard, and not written when the daemon died, nobody knows any more. */
void undelivered_forget(struct oracle *oracle);
void undelivered_check(struct world *world);
/* Of all that waits, tried or not. */
void undelivered_audit(struct world *world);

/* oracle_alerts.c */
struct seen_alert *seen_of(struct oracle *oracle, int64_t id);
/* The endpoints of CONF as bits. */
uint64_t endpoint_bit(const struct conf *conf, const char *endpoint);
void alerts_check(struct world *world);
void alerts_check_one(struct world *world, sqlite3_stmt *stmt);
void alerts_relearn(struct world *world, sqlite3_stmt *stmt);
void alerts_check_end(struct world *world, sqlite3_stmt *stmt);

#endif
