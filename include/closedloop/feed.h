/* feed.h — what a feed sends becomes facts, or a reject with a code.
 *
 * Plain functions on bytes: no sockets, no clock, no store. A body that is not readable at all is
 * refused whole; otherwise each event is judged alone and one bad event does not sink its
 * neighbours. Missing nationality, phone or address never rejects: accept dirty, warn (feeds.md
 * §3).
 */
#ifndef CLOSEDLOOP_FEED_H
#define CLOSEDLOOP_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"
#include "closedloop/fact.h"
#include "closedloop/http.h"
#include "closedloop/mem.h"
#include "closedloop/when.h"

/* Why one event was not taken; the words are the contract's reject codes. */
enum reject {
	REJECT_NONE,
	REJECT_BAD_JSON,
	REJECT_NOT_AN_EVENT,
	REJECT_BAD_SPECVERSION,
	REJECT_MISSING_ATTRIBUTE,
	REJECT_TOO_LONG,
	REJECT_UNKNOWN_TYPE,
	REJECT_BAD_TIME,
	REJECT_TIME_IN_FUTURE,
	REJECT_MISSING_FIELD,
	REJECT_BAD_VALUE,
	REJECT_ID_REUSE,
	REJECT_CHARSET,
	REJECT_TOO_LARGE,
	REJECT_SOURCE_NOT_ALLOWED, /* The feed's token does not cover this source. */
	REJECT_GONE,		   /* It is about a journey that was erased. */
};

const char *reject_word(enum reject reject); /* "bad_json" … "source_not_allowed" */

struct feed_context {
	int64_t now;
	const struct zone *zone;
	size_t event_max;    /* bytes of one event */
	unsigned events_max; /* events of one body */
	size_t sources_len;  /* allowed source prefixes; 0 = any */
	const char *const *sources;
	const char *unit; /* becomes fact.feed_unit */
};

/* One event of a body, in order. */
struct feed_event {
	unsigned index; /* position in the batch; NDJSON: line number from 0, blank lines counted */
	enum reject reject; /* REJECT_NONE: `fact` is there */
	const char *detail; /* why, without personal data: "$.data.ref is missing" */
	const char *source; /* as far as it could be read, else "" */
	const char *id;
	struct fact *fact;
	const char *raw; /* the bytes it came from, for the reject store; borrowed from the body */
	size_t raw_len;
};

struct feed_batch {
	size_t len;
	struct feed_event *events;
	bool single; /* structured or binary mode: a reject is answered as an HTTP error of its own
		      */
};

/* Judge a POST body by its Content-Type and ce- headers. Returns 0 and fills OUT from ARENA; or an
 * HTTP status (400, 413, 415) as a positive number with the reason in ERR and the reject code in
 * *WHOLE: then the body as a whole is refused. */
int feed_read_http(const struct http_request *request, const struct feed_context *context,
		   struct arena *arena, struct feed_batch *out, enum reject *whole,
		   struct err *err);

/* NDJSON from anywhere (replay, spool). */
int feed_read_ndjson(const char *body, size_t len, const struct feed_context *context,
		     struct arena *arena, struct feed_batch *out, struct err *err);

#endif
