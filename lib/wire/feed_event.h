/* feed_event.h — the way of one event through the feed rooms; private to lib/wire.
 *
 *	feed.c              takes a body apart: media type, batch, lines
 *	feed_binary.c       puts an event together that came in headers
 *	feed_cloudevents.c  reads the envelope, keeps the body, hashes it
 *	feed_check.c        holds `data` against feed_rules.c: refuses, or drops and warns
 *	feed_data.c         turns the rest into the fields of a fact, trusting it completely
 */
#ifndef WIRE_FEED_EVENT_H
#define WIRE_FEED_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "closedloop/fact.h"
#include "closedloop/feed.h"
#include "closedloop/text.h"

/* --- rules (feed_rules.c): the schema closedloop-events-v1 as tables --- */

enum shape {
	SHAPE_TEXT,	/* min to max code points */
	SHAPE_PATTERN,	/* one of the patterns */
	SHAPE_WORD,	/* one of the words */
	SHAPE_SYMPTOM,	/* one of the words, whatever its case; any other counts as "other",
			   because an unknown complaint is still one */
	SHAPE_COUNTRY,	/* ISO 3166-1 alpha-3; alpha-2, MRZ "D" and lower case are read and noted */
	SHAPE_LANGUAGE, /* BCP 47, simple form */
	SHAPE_TIME,	/* RFC 3339 with offset */
	SHAPE_DATE,	/* 1996-04-12 */
	SHAPE_WHOLE,	/* integer from min to max */
	SHAPE_NUMBER,	/* number from min to max */
	SHAPE_DEGREES,	/* the same; "39.5" is read as the number it spells, and noted */
	SHAPE_TRUTH,
	SHAPE_OBJECT, /* members */
	SHAPE_LIST,   /* min to max items like item */
	SHAPE_WORDS,  /* the same; one text is read as a list of it, and noted */
	SHAPES,
};

enum pattern {
	PATTERN_NONE,
	PATTERN_REF,	    /* [\x21-\x7e]{1,64} */
	PATTERN_LISTED_REF, /* the same without ',', which joins them */
	PATTERN_CARRIER,    /* [A-Z0-9]{2,3} */
	PATTERN_FLIGHT,	    /* [1-9]\d{0,3}[A-Z]? */
	PATTERN_AIRPORT,    /* [A-Z]{3} */
	PATTERN_DOCUMENT,   /* [A-Z0-9]{1,35} */
	PATTERN_CN_ID,	    /* \d{17}[0-9X] */
	PATTERN_LAST4,	    /* [0-9X]{4} */
	PATTERN_SEAT,	    /* \d{1,3}[A-Z] */
	PATTERN_PNR,	    /* [A-Z0-9]{5,8} */
	PATTERN_E164,	    /* \+[1-9]\d{5,14} */
	PATTERN_DISTRICT,   /* \d{6} */
	PATTERN_COMMITTEE,  /* \d{12} */
	PATTERN_UNIT,	    /* \d{2,12} */
	PATTERNS,
};

/* What it means when a member is absent or broken. */
enum need {
	NEED_LOOSE,    /* Absent: fine. Broken: dropped with a warning. */
	NEED_HOPED,    /* Absent: a warning. Broken: dropped with a warning. */
	NEED_STRICT,   /* Absent: fine. Broken: what holds it is broken too. */
	NEED_REQUIRED, /* Absent or broken: what holds it is broken too (in a partial object: as
			  NEED_LOOSE). */
};

struct rule {
	const char *name; /* NULL ends a list of rules and names no item of a list. */
	enum shape shape;
	enum need need;
	enum pattern pattern;
	const char *const *words; /* NULL-terminated */
	double min, max;	  /* Of characters, items, members or the number itself. */
	bool upper;		  /* Lower case is read as upper case, with a warning. */
	bool unpad;		  /* Leading zeros are dropped, with a warning. */
	/* How the members of this object and of those below it are judged: */
	bool partial; /* None is required, and each stands for itself. */
	bool patch;   /* RFC 7396: partial, and null stays, meaning "nothing". */
	bool whole;   /* As at the top, although it lies inside a patch. */
	bool closed;  /* Members without a rule get a warning. */
	const struct rule *members;
	const struct rule *item;
};

/* The members of `data` for a type feeds may send. */
const struct rule *feed_rules(enum fact_type type);

/* --- checking (feed_check.c) --- */

/* Hold DATA, an object, against the rules of TYPE. Broken loose members are taken out of DATA and
 * noted in WARNINGS; what remains has the shape the rules promise. A refusal leaves its sentence in
 * DETAIL. */
enum reject feed_check(enum fact_type type, cJSON *data, struct text *warnings,
		       struct text *detail);
/* Add "SENTENCE" to WARNINGS, after "; " when it is not the first. */
void feed_warn(struct text *warnings, const char *sentence);
/* Whether STRING has the form PATTERN, and how to say that form to a human (feed_pattern.c). */
bool feed_matches(const char *string, enum pattern pattern);
const char *feed_pattern_form(enum pattern pattern);
bool feed_is_language(const char *string);
/* The alpha-3 code of an upper-case alpha-2 code, or NULL (feed_country.c). */
const char *feed_country(const char *alpha2);

/* --- stating (feed_data.c) --- */

/* Fill FACT (type and stamp are there) from checked DATA. */
void feed_state(const struct feed_context *context, const cJSON *data, struct arena *arena,
		struct fact *fact);

/* The part of it for FACT_DEPARTED, FACT_ETA and FACT_STOP_REACHED (feed_transfer.c). */
void feed_state_transfer(const cJSON *data, struct arena *arena, struct fact *fact);
/* Member NAME of checked OBJECT: as clean text or NULL; as an instant or WHEN_UNKNOWN; as a whole
 * number or OTHERWISE. */
const char *feed_text(struct arena *arena, const cJSON *object, const char *name);
int64_t feed_time(const cJSON *object, const char *name);
int feed_whole(const cJSON *object, const char *name, int otherwise);

/* --- the envelope (feed_cloudevents.c) --- */

/* Judge one event in the JSON format; OUT->raw and raw_len are its bytes. */
void feed_read_structured(const struct feed_context *context, struct arena *arena,
			  struct feed_event *out);
/* Judge EVENT, an object in structured form, and free it. */
void feed_judge(cJSON *event, const struct feed_context *context, struct arena *arena,
		struct feed_event *out);
/* Judge REQUEST as an event in HTTP's binary mode (feed_binary.c). */
void feed_read_binary(const struct http_request *request, const struct feed_context *context,
		      struct arena *arena, struct feed_event *out);

/* Note in OUT why the event is refused and return REJECT. */
enum reject feed_refuse(struct feed_event *out, struct arena *arena, enum reject reject,
			const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Read bytes within the limits of an event, or refuse it as bad JSON. The tree is the caller's. */
enum reject feed_parse(const char *bytes, size_t len, struct arena *arena, struct feed_event *out,
		       cJSON **tree);
/* As much of a source or id as may be shown, whatever the verdict; "" when there is none. */
const char *feed_echo(struct arena *arena, const cJSON *event, const char *name);

#endif
