/* fuzz_request.c — any bytes on a connection: requests, however they are cut, and what a feed's
 * body then makes of them. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "closedloop/feed.h"
#include "closedloop/http.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

#define READS_MAX 64

static void read_feed(const struct http_request *request)
{
	static struct zone *zone;
	static const char *const sources[] = {"/pvg/"};
	struct feed_batch batch;
	struct arena arena = ARENA_INIT;
	enum reject whole = REJECT_NONE;
	struct err err = ERR_INIT;

	if (!zone)
		zone = zone_fixed(8 * 3600);
	const struct feed_context context = {.now = INT64_C(1583640000000),
					     .zone = zone,
					     .event_max = 2048,
					     .events_max = 20,
					     .sources_len = 1,
					     .sources = sources,
					     .unit = "31"};
	memset(&batch, 0, sizeof(batch));
	int status = feed_read_http(request, &context, &arena, &batch, &whole, &err);
	assert(status == 0 || status == 400 || status == 413 || status == 415);
	assert(text_is_utf8(err.text, strlen(err.text)));
	for (size_t i = 0; status == 0 && i < batch.len; i++) {
		const struct feed_event *event = &batch.events[i];
		assert((event->reject == REJECT_NONE) == (event->fact != NULL));
		assert(event->reject == REJECT_NONE || *event->detail);
		assert(text_is_utf8(event->detail, strlen(event->detail)));
		assert(text_is_utf8(event->source, strlen(event->source)));
		assert(event->raw_len <= request->body_len + 4096);
	}
	arena_release(&arena);
}

static void hold(const struct http_request *request)
{
	char value[64];

	assert(request->path && (*request->path == '/' || *request->path == '*'));
	assert(text_is_utf8(request->path, strlen(request->path)));
	assert(!strstr(request->path, "/../"));
	for (const char *c = request->path; *c; c++)
		assert((unsigned char)*c >= 0x20 && *c != 0x7F);
	for (size_t i = 0; i < request->headers_len; i++)
		for (const char *c = request->headers[i].value; *c; c++)
			assert(*c == '\t' || ((unsigned char)*c >= 0x20 && *c != 0x7F));
	assert(request->body_len <= 8192);
	(void)http_query(request->query, "token", value, sizeof(value));
	(void)http_form(request->body ? request->body : "", "name", value, sizeof(value));
}

/* The same bytes in pieces of PIECE end in the same way, whatever PIECE is; how many requests, and
 * the last status. */
static void read_all(const char *bytes, size_t size, size_t piece, bool feeds, size_t *requests,
		     int *status)
{
	const struct http_limits limits = {.head_max = 2048, .body_max = 8192, .lines_max = 20};
	struct http_request request;
	enum http_progress progress = HTTP_NEED_MORE;
	size_t at = 0;

	http_request_init(&request, &limits);
	*requests = 0;
	*status = 0;
	while (at < size && progress != HTTP_BAD && *requests < READS_MAX) {
		size_t used = 0, len = size - at < piece ? size - at : piece;
		progress = http_request_feed(&request, bytes + at, len, &used);
		assert(used <= len);
		assert(progress != HTTP_NEED_MORE || used == len);
		at += used;
		if (progress != HTTP_DONE)
			continue;
		hold(&request);
		if (feeds)
			read_feed(&request);
		++*requests;
		http_request_next(&request);
	}
	if (progress == HTTP_BAD) {
		assert(request.status >= 400 && request.status < 600 && request.why);
		*status = request.status;
	}
	http_request_release(&request);
}

int fuzz_request(const uint8_t *data, size_t size)
{
	size_t whole, torn;
	int whole_status, torn_status;
	char *bytes = mem_alloc(size + 1);

	if (size)
		memcpy(bytes, data, size);
	read_all(bytes, size, size + 1, true, &whole, &whole_status);
	read_all(bytes, size, 1, false, &torn, &torn_status);
	assert(whole == torn && whole_status == torn_status);
	mem_free(bytes);
	return 0;
}
