/* channel_row.h — what a channel has to offer, and what channels share; private to lib/wire.
 *
 * A new channel is one file with a build function, one classify function in reply_robot.c or
 * reply_service.c and one row in channel.c.
 */
#ifndef WIRE_CHANNEL_ROW_H
#define WIRE_CHANNEL_ROW_H

#include <cjson/cJSON.h>

#include "closedloop/channel.h"

/* What a channel is told about one try. */
struct channel_try {
	const struct conf_endpoint *endpoint;
	const struct notice *notice;
	const struct phrasebook *book; /* NULL: none. */
	const char *public_url;
	int64_t now;
	struct arena *arena;
};

typedef int channel_build_fn(const struct channel_try *try, struct channel_request *out,
			     struct err *err);
channel_build_fn channel_build_generic, channel_build_wecom, channel_build_dingtalk,
	channel_build_feishu, channel_build_slack, channel_build_pagerduty,
	channel_build_alertmanager;

typedef void reply_classify_fn(const struct reply *reply, int64_t now, struct verdict *out);
reply_classify_fn reply_classify_generic, reply_classify_wecom, reply_classify_dingtalk,
	reply_classify_feishu, reply_classify_slack, reply_classify_pagerduty;

/* How ENDPOINT speaks, and how much title and text one of its messages holds. */
typedef const struct tongue *channel_tongue_fn(const struct conf_endpoint *endpoint);
channel_tongue_fn channel_tongue_wecom, channel_tongue_dingtalk, channel_tongue_feishu,
	channel_tongue_slack;
typedef size_t channel_room_fn(const struct conf_endpoint *endpoint);
channel_room_fn channel_room_wecom, channel_room_dingtalk, channel_room_feishu, channel_room_slack;

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
/* The same as plain JSON with its header. */
void channel_set_message(struct channel_request *out, struct arena *arena, cJSON *tree);
/* How many bytes channel_set_json would make of TREE, which is freed. */
size_t channel_json_len(cJSON *tree);
/* The notice's own data as an object, or NULL; the caller's. */
cJSON *channel_data(const struct notice *notice);
/* Refuse a link that would leave no room for words. */
int channel_check_link(const struct channel_try *try, struct err *err);

/* The value of DingTalk's parameter "sign" at MS, and of Feishu's member "sign" at SECONDS. */
#define CHANNEL_SIGN_CAP 160
void channel_sign_dingtalk(const char *secret, int64_t ms, char out[CHANNEL_SIGN_CAP]);
void channel_sign_feishu(const char *secret, int64_t seconds, char out[CHANNEL_SIGN_CAP]);

#endif
