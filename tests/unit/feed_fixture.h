/* feed_fixture.h — one body posted to a feed and judged, in one line each, for test_feed.c and
 * test_feed_data.c. Failing a step fails the cmocka test that asked for it. */
#ifndef TESTS_FEED_FIXTURE_H
#define TESTS_FEED_FIXTURE_H

#include "closedloop/feed.h"

#define NOW "2020-03-08T10:00:00+08:00"

/* An envelope of which the test says each value, quotes included. */
#define ENVELOPE(id, source, type, time, rest)                                                     \
	"{\"specversion\":\"1.0\",\"id\":" id ",\"source\":" source ",\"type\":" type              \
	",\"time\":" time rest "}"

/* What every feed test reads with, and what the last body was read as. */
struct feed_fixture {
	struct arena arena;
	struct zone *zone; /* Shanghai */
	struct feed_context context;
	struct feed_batch batch;
	enum reject whole;
	struct err err;
};

extern struct feed_fixture feed;

/* Setup and teardown of each test: it is NOW, nothing was read. */
int feed_begin(void **state);
int feed_end(void **state);
/* "2020-03-08T10:00:00+08:00" */
int64_t instant_of(const char *text);
/* Post BODY; returns what feed_read_http says. */
int post(const char *body, size_t len, size_t headers_len, const struct http_header *headers);
/* The same with one header: Content-Type TYPE. */
int post_as(const char *type, const char *body);
/* A structured event "org.closedloopd.TYPE.v1" of NOW with DATA. */
const char *event_of(const char *type, const char *data);
/* Judge one structured event. */
const struct feed_event *judge(const char *event);

#endif
