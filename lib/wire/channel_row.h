/* channel_row.h — what a channel has to offer, and what channels share; private to lib/wire.
 *
 * A new channel is one file with a build function, one classify function in reply.c and one row in
 * channel.c.
 */
#ifndef WIRE_CHANNEL_ROW_H
#define WIRE_CHANNEL_ROW_H

#include <cjson/cJSON.h>

#include "closedloop/channel.h"

/* What a channel is told about one try. */
struct channel_try {
	const struct conf_endpoint *endpoint;
	const struct notice *notice;
	const char *public_url;
	int64_t now;
	struct arena *arena;
};

int channel_build_generic(const struct channel_try *try, struct channel_request *out,
			  struct err *err);
int channel_build_wecom(const struct channel_try *try, struct channel_request *out,
			struct err *err);

void reply_classify_generic(const struct reply *reply, int64_t now, struct verdict *out);
void reply_classify_wecom(const struct reply *reply, int64_t now, struct verdict *out);

/* What STRING weighs in a WeCom message. */
size_t channel_weight_wecom(const char *string);

/* Append "NAME: VALUE". */
void channel_add_header(struct channel_request *out, struct arena *arena, const char *name,
			const char *value);
/* Append the Standard Webhooks headers for the body in OUT at NOW: one signature per secret of
 * ENDPOINT, newest first. */
int channel_sign(const struct conf_endpoint *endpoint, const char *id, int64_t now,
		 struct arena *arena, struct channel_request *out, struct err *err);
/* STRING with what is not UTF-8 replaced by U+FFFD; NULL reads as "". */
const char *channel_utf8(struct arena *arena, const char *string);
/* Print TREE into OUT as body, U+2028 and U+2029 escaped, and free it. */
void channel_set_json(struct channel_request *out, struct arena *arena, cJSON *tree);

#endif
