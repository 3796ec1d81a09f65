/* fact.h — something that happened, with its time: the only way anything enters the loop.
 *
 * Feeds, people, timers and delivery results all become a `struct fact`. A fact states values; it
 * never commands. All its strings belong to the arena of whoever made it and outlive the turn in
 * which it is submitted.
 *
 * Facts may come late, twice, in any order and with parts missing; the final state of a journey
 * depends only on the set of facts (see journey.h). What decides between two statements about the
 * same field is their stamp.
 */
#ifndef CLOSEDLOOP_FACT_H
#define CLOSEDLOOP_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/digest.h"
#include "closedloop/when.h"

struct silence;

enum fact_type {
	/* From feeds (feeds.md §3: org.closedloopd.TYPE.v1). */
	FACT_FLIGHT_UPDATED,
	FACT_ANNOUNCED,
	FACT_TRIAGED,
	FACT_REGISTERED,
	FACT_DEPARTED,
	FACT_ETA,
	FACT_STOP_REACHED,
	FACT_HANDED_OVER,
	FACT_REDIRECTED,
	FACT_CORRECTED,
	FACT_WITHDRAWN,
	FACT_CHECKED,
	FACT_HEARTBEAT,
	/* From people, through the API or a page. */
	FACT_ACCEPTED,	     /* The committee says: she is here, we hold her. */
	FACT_TASK_ENDED,     /* A checklist item done or failed. */
	FACT_ASSIGNED,	     /* An officer names the committee for an address. */
	FACT_EXTENDED,	     /* Isolation lasts longer. */
	FACT_RELEASED,	     /* The committee signed the release. */
	FACT_CLOSED,	     /* A coded end outside the rules. */
	FACT_REFUSED,	     /* The committee does not take her over. */
	FACT_EXPOSED,	     /* She was exposed again: the days count from then. */
	FACT_LEFT,	     /* She left the home, with leave until a time or without. */
	FACT_RETURNED,	     /* She is back at home. */
	FACT_ALERT_ACKED,    /* A human took the alert. */
	FACT_ALERT_RESOLVED, /* A human ended it, with a coded outcome. */
	FACT_SILENCED,	     /* A human keeps alerts from speaking until a time, with a reason. */
	FACT_SILENCE_ENDED,  /* … and lets them speak again before it. */
	FACT_ALIAS_UNDONE,   /* What an assignment taught holds for nobody else any more. */
	FACT_ERASED,	     /* What is personal of an ended journey is to go now. */
	/* From ourselves. */
	FACT_HOUSEHOLD, /* Somebody else's isolation began in her home. */
	FACT_DUE,	/* A journey's deadline passed. */
	FACT_TYPES,
};

/* What a fact may state about a person. Each is one last-writer-wins register of the journey. */
enum field {
	FIELD_NAME, /* name.full */
	FIELD_NAME_NATIVE,
	FIELD_SEX,	   /* M F X */
	FIELD_DOB,	   /* 1996-04-12 */
	FIELD_NATIONALITY, /* ISO 3166-1 alpha-3 */
	FIELD_DOC_TYPE,
	FIELD_DOC_NUMBER,
	FIELD_DOC_ISSUER, /* alpha-3 */
	FIELD_LANGUAGES,  /* BCP 47, joined by ',' */
	FIELD_PHONES,	  /* E.164 where given, else raw; joined by ',' */
	FIELD_SEAT,
	FIELD_NEEDS,	  /* joined by ',' */
	FIELD_COUNTRIES,  /* 14-day countries, alpha-3, joined by ',' */
	FIELD_COMPANIONS, /* refs of the same source, joined by ',' */
	FIELD_FLIGHT,	  /* flight key: "XX363-PVG-2020-03-08" */
	FIELD_ADDRESS,	  /* destination.text */
	FIELD_COMMITTEE,  /* destination.committee_code as stated by the feed */
	FIELD_MATCHED,	  /* what place makes of the address (struct matched), kept by the engine */
	FIELD_BUILDING,	  /* compound, building, unit, room in one line */
	FIELD_CO_RESIDENTS,
	FIELD_DISTRICT, /* district_code of the desk */
	FIELD_DESK,
	FIELD_TRANSPORT,   /* bus private_car relay */
	FIELD_PLATE,	   /* private car */
	FIELD_COMMITMENT,  /* "true" "false" */
	FIELD_STICKER,	   /* green yellow red none */
	FIELD_DISPOSITION, /* home central hospital transit other_province released */
	FIELD_REASON,	   /* reason of the redirect */
	FIELD_ASSIGNED,	   /* committee named by an officer */
	FIELD_EXTENSION,   /* days beyond the policy's */
	FIELD_HOME,	/* keyed hash of the home (committee and room), set by the engine; nothing
			   when the address does not say which room */
	FIELD_COMPOUND, /* the estate, as the feed names it beside the address */
	FIELD_POINT,	/* where the home is: "LON LAT" in millionths of a degree, WGS-84 */
	FIELDS,
};

/* Stated, and stated to be nothing (RFC 7396 null, or a destination without a code). NULL means not
 * stated. */
#define FIELD_NOTHING ""

/* Which of two statements wins: later time; at the same time the better source; then sequence, id
 * and source, so that the order is total and does not depend on arrival. */
struct stamp {
	int64_t at;
	int rank; /* desk 3 > health card 2 > manifest 1 (feeds.md §3) */
	const char *sequence;
	const char *id;
	const char *source;
};

int stamp_compare(const struct stamp *left, const struct stamp *right);

enum stop_kind {
	STOP_RELAY,
	STOP_TEST_CENTRE,
	STOP_COMPOUND,
	STOP_CENTRAL_SITE,
	STOP_HOSPITAL,
};

enum flight_status {
	FLIGHT_UNKNOWN,
	FLIGHT_SCHEDULED,
	FLIGHT_DEPARTED,
	FLIGHT_ESTIMATED,
	FLIGHT_LANDED,
	FLIGHT_ONBLOCK,
	FLIGHT_CANCELLED,
	FLIGHT_DIVERTED,
};

struct fact_stop {
	int seq;
	enum stop_kind kind;
	const char *address;   /* or NULL */
	const char *committee; /* 12 digits or NULL */
	int64_t eta;	       /* or WHEN_UNKNOWN */
};

struct fact_rider {
	const char *ref;
	int stop; /* seq */
};

struct fact {
	enum fact_type type;
	struct stamp stamp; /* stamp.source and stamp.id are the idempotency key; stamp.at when it
			       happened. */
	uint8_t hash[DIGEST_KEY_LEN]; /* Of type, time and data: what "the same body" means. */
	const char *body; /* The event as structured CloudEvents JSON, for the ledger. */
	size_t body_len;
	const char *warnings;  /* "" or what was accepted although it was odd, joined by "; ". No
				  personal data. */
	const char *feed;      /* The feed that brought it; NULL when none did. */
	const char *feed_unit; /* Who holds a traveller of this feed while no district is known, or
				  "". */

	const char *ref;     /* The person, as the source names her; or NULL. */
	const char *journey; /* The person, as we name her (facts from people); or NULL. */
	const char *scope;   /* Unit prefix within which whoever tells may act; NULL: everywhere. */
	const char *field[FIELDS]; /* NULL = not stated. */

	/* flight.updated */
	enum flight_status flight_status;
	int64_t flight_sched, flight_est,
		flight_act; /* or WHEN_UNKNOWN; sched also with announced */

	/* transfers */
	const char *transfer;
	const char *plate; /* or NULL */
	size_t stops_len;
	struct fact_stop *stops; /* departed: all; eta: seq and eta only */
	size_t riders_len;
	struct fact_rider *riders; /* departed */
	int seq;		   /* stop_reached */
	int n_off;		   /* stop_reached head count, or -1 */

	/* health: triaged, handed_over, checked */
	int temp_tenths;      /* 366 = 36.6 °C; 0 = not measured */
	bool antipyretic;     /* checked: she has taken something against fever */
	const char *symptoms; /* joined by ',', "" when none or "none"; NULL = not asked */
	int day;	      /* checked: day of isolation as stated, or -1 */
	const char *method;   /* checked */
	const char
		*slot; /* checked: "morning" or "evening" when the sender says which; else NULL */

	/* handed_over */
	const char *to_role; /* or NULL */
	const char *to_code; /* unit code or NULL */

	/* withdrawn, redirected, closed, corrected … */
	const char *reason;
	const char *by; /* who did it; or NULL */
	int64_t until;	/* left: when she is to be back; WHEN_UNKNOWN without leave */

	/* from people */
	const char *task;	       /* FACT_TASK_ENDED */
	const char *outcome;	       /* done, failed …; alert outcome */
	int64_t alert;		       /* FACT_ALERT_* */
	const char *via;	       /* … by the link sent to this endpoint; or NULL */
	const struct silence *silence; /* FACT_SILENCED; of FACT_SILENCE_ENDED only its id. */
	int64_t alias;		       /* FACT_ALIAS_UNDONE */
	/* … and of that alert, set by the engine for each journey in it. */
	const char *alert_kind, *alert_subject, *alert_unit;
};

/* "traveler.announced" for FACT_ANNOUNCED …; people's and our own: "journey.accepted",
 * "alert.acked", "journey.due". */
const char *fact_type_word(enum fact_type type);
/* The type of a CloudEvents type "org.closedloopd.WORD.v1" that feeds may send, or -1. */
int fact_type_of(const char *cloudevents_type);
/* The source rank of a fact: registered and corrected 3, triaged and health declarations 2,
 * lists 1. BASIS may be NULL. */
int fact_rank(enum fact_type type, const char *basis);
const char *field_word(enum field field);

#endif
