/* feed_fixture.c — see feed_fixture.h. Neighbours: lib/wire/feed*.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "feed_fixture.h"

#define EAST (8 * 3600)

struct feed_fixture feed;

int feed_begin(void **state)
{
	(void)state;
	feed.arena = (struct arena)ARENA_INIT;
	feed.zone = zone_fixed(EAST);
	feed.context = (struct feed_context){
		.zone = feed.zone, .event_max = 65536, .events_max = 1000, .unit = "31"};
	feed.err = (struct err)ERR_INIT;
	if (digest_init(NULL) < 0 || when_parse(NOW, &feed.context.now, NULL) < 0)
		return -1;
	return 0;
}

int feed_end(void **state)
{
	(void)state;
	zone_free(feed.zone);
	arena_release(&feed.arena);
	return 0;
}

int64_t instant_of(const char *text)
{
	int64_t instant;

	assert_int_equal(when_parse(text, &instant, NULL), 0);
	return instant;
}

int post(const char *body, size_t len, size_t headers_len, const struct http_header *headers)
{
	struct http_header copy[12];
	struct http_request request = {.method = "POST",
				       .path = "/v1/events",
				       .query = "",
				       .headers = copy,
				       .headers_len = headers_len,
				       .body = arena_copy_bytes(&feed.arena, body, len),
				       .body_len = len};

	assert_true(headers_len <= ARRAY_LEN(copy));
	if (headers_len)
		memcpy(copy, headers, headers_len * sizeof(*headers));
	return feed_read_http(&request, &feed.context, &feed.arena, &feed.batch, &feed.whole,
			      &feed.err);
}

int post_as(const char *type, const char *body)
{
	const struct http_header header = {"Content-Type", type};

	return post(body, strlen(body), 1, &header);
}

const char *event_of(const char *type, const char *data)
{
	return arena_printf(
		&feed.arena,
		"{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/pvg/t2\",\"type\":"
		"\"org.closedloopd.%s.v1\",\"time\":\"" NOW "\",\"data\":%s}",
		type, data);
}

const struct feed_event *judge(const char *event)
{
	assert_int_equal(post_as("application/cloudevents+json", event), 0);
	assert_true(feed.batch.single);
	assert_int_equal(feed.batch.len, 1);
	return &feed.batch.events[0];
}
