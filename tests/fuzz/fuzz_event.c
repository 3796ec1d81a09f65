/* fuzz_event.c — any bytes as the body of a feed: one event, a batch, or lines, by its first byte.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "closedloop/feed.h"
#include "closedloop/http.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

static const char *const kinds[] = {
	"application/cloudevents+json",
	"application/cloudevents-batch+json",
	"application/x-ndjson",
	"application/json",
};

int fuzz_event(const uint8_t *data, size_t size)
{
	static struct zone *zone;
	struct arena arena = ARENA_INIT;
	struct feed_batch batch;
	enum reject whole = REJECT_NONE;
	struct err err = ERR_INIT;

	if (!zone)
		zone = zone_fixed(8 * 3600);
	if (size == 0)
		return 0;
	char *body = mem_alloc(size);
	memcpy(body, data + 1, size - 1);
	body[size - 1] = '\0';
	struct http_header headers[] = {
		{"Content-Type", kinds[data[0] % ARRAY_LEN(kinds)]},
		{"ce-specversion", "1.0"},
		{"ce-id", "1"},
		{"ce-source", "/pvg/"},
		{"ce-time", "2020-03-08T04:00:00Z"},
		{"ce-type", "org.closedloopd.traveler.announced.v1"},
	};
	const struct http_request request = {.method = "POST",
					     .path = "/v1/events",
					     .query = "",
					     .headers = headers,
					     .headers_len = data[0] % ARRAY_LEN(kinds) == 3
								    ? ARRAY_LEN(headers)
								    : 1,
					     .body = body,
					     .body_len = size - 1};
	const struct feed_context context = {.now = INT64_C(1583640000000),
					     .zone = zone,
					     .event_max = 65536,
					     .events_max = 100,
					     .unit = "31"};
	memset(&batch, 0, sizeof(batch));
	int status = feed_read_http(&request, &context, &arena, &batch, &whole, &err);
	assert(status == 0 || status == 400 || status == 413 || status == 415);
	assert(text_is_utf8(err.text, strlen(err.text)));
	for (size_t i = 0; status == 0 && i < batch.len; i++) {
		const struct feed_event *event = &batch.events[i];
		assert((event->reject == REJECT_NONE) == (event->fact != NULL));
		assert(text_is_utf8(event->detail, strlen(event->detail)));
		for (int field = 0; event->fact && field < FIELDS; field++) {
			const char *value = event->fact->field[field];
			assert(!value || text_is_utf8(value, strlen(value)));
		}
	}
	arena_release(&arena);
	mem_free(body);
	return 0;
}
