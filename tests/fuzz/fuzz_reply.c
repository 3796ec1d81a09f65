/* fuzz_reply.c — any bytes as what a vendor answers: the first two choose channel and status, the
 * rest is the body. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "closedloop/channel.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

int fuzz_reply(const uint8_t *data, size_t size)
{
	static const int statuses[] = {0,   200, 202, 301, 400, 401, 403,
				       404, 408, 410, 429, 500, 503};
	static const char *const after[] = {NULL, "30", "Sun, 08 Mar 2020 04:00:30 GMT", "-1", "x"};
	struct verdict verdict;

	if (size < 3)
		return 0;
	char *body = mem_alloc(size - 2);
	memcpy(body, data + 3, size - 3);
	body[size - 3] = '\0';
	const struct reply reply = {.status = statuses[data[1] % ARRAY_LEN(statuses)],
				    .error = "timeout",
				    .body = body,
				    .body_len = size - 3,
				    .retry_after = after[data[2] % ARRAY_LEN(after)]};
	channel_classify((enum conf_channel)(data[0] % CHANNELS), &reply, INT64_C(1583640000000),
			 &verdict);
	assert(verdict.outcome <= OUTCOME_SICK);
	assert(verdict.pause >= 0);
	assert(memchr(verdict.hint, '\0', sizeof(verdict.hint)));
	assert(text_is_utf8(verdict.hint, strlen(verdict.hint)));
	/* Only a status of success can be one. */
	assert(verdict.outcome != OUTCOME_OK || (reply.status >= 200 && reply.status < 300));
	mem_free(body);
	return 0;
}
