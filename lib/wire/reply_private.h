/* reply_private.h — what the readers of answers share: reply.c (HTTP), reply_robot.c (a code in the
 * body), reply_service.c (a word in the body). Nobody else includes it. */
#ifndef WIRE_REPLY_PRIVATE_H
#define WIRE_REPLY_PRIVATE_H

#include "wire/channel_row.h"

/* The verdict in one line; HINT is cleaned of line breaks and of what could be a secret. */
void reply_decide(struct verdict *out, enum outcome outcome, int64_t pause, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The body as JSON, the caller's; NULL when it is none. */
cJSON *reply_tree(const struct reply *reply);
/* How long the endpoint asks us to wait: 0 for "now" and for the past, -1 when it does not say. */
int64_t reply_wait(const struct reply *reply, int64_t now);
static inline bool reply_is_success(const struct reply *reply)
{
	return reply->status >= 200 && reply->status <= 299;
}

#endif
