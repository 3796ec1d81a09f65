/* channel.c — which channels there are, and what all of them need to build a request.
 * Neighbours: the channel_x.c build, channel_words.c has their words, reply.c reads answers; the
 * courier calls. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "wire/channel_words.h"

#define SIGNATURES_CAP (CONF_SECRETS_MAX * (WEBHOOK_SIGNATURE_CAP + 1))

static const struct channel_row {
	const char *word;
	channel_build_fn *build;
	reply_classify_fn *classify;
	bool group;		   /* People read it together. */
	channel_tongue_fn *tongue; /* A chat's; a machine reads what we wrote. */
	channel_room_fn *room;	   /* For a digest; NULL: takes none. */
} channels[] = {
	[CHANNEL_GENERIC] = {.word = "generic",
			     .build = channel_build_generic,
			     .classify = reply_classify_generic},
	[CHANNEL_WECOM] = {.word = "wecom",
			   .build = channel_build_wecom,
			   .classify = reply_classify_wecom,
			   .group = true,
			   .tongue = channel_tongue_wecom,
			   .room = channel_room_wecom},
	[CHANNEL_DINGTALK] = {.word = "dingtalk",
			      .build = channel_build_dingtalk,
			      .classify = reply_classify_dingtalk,
			      .group = true,
			      .tongue = channel_tongue_dingtalk,
			      .room = channel_room_dingtalk},
	[CHANNEL_FEISHU] = {.word = "feishu",
			    .build = channel_build_feishu,
			    .classify = reply_classify_feishu,
			    .group = true,
			    .tongue = channel_tongue_feishu,
			    .room = channel_room_feishu},
	[CHANNEL_SLACK] = {.word = "slack",
			   .build = channel_build_slack,
			   .classify = reply_classify_slack,
			   .group = true,
			   .tongue = channel_tongue_slack,
			   .room = channel_room_slack},
	[CHANNEL_PAGERDUTY] = {.word = "pagerduty",
			       .build = channel_build_pagerduty,
			       .classify = reply_classify_pagerduty},
	[CHANNEL_ALERTMANAGER] = {.word = "alertmanager",
				  .build = channel_build_alertmanager,
				  .classify = reply_classify_generic},
};
_Static_assert(ARRAY_LEN(channels) == CHANNELS, "the last channel lacks its row");

static const char *const outcomes[] = {
	[OUTCOME_OK] = "ok",	 [OUTCOME_RETRY] = "retry", [OUTCOME_PAUSE] = "pause",
	[OUTCOME_DEAD] = "dead", [OUTCOME_SICK] = "sick",
};
_Static_assert(ARRAY_LEN(outcomes) == OUTCOME_SICK + 1, "the last outcome lacks its word");

const char *channel_word(enum conf_channel channel)
{
	assert(channel < CHANNELS);
	return channels[channel].word;
}

const char *outcome_word(enum outcome outcome)
{
	assert(outcome < ARRAY_LEN(outcomes));
	return outcomes[outcome];
}

bool channel_is_group(enum conf_channel channel)
{
	assert(channel < CHANNELS);
	return channels[channel].group;
}

int channel_build(const struct conf_endpoint *endpoint, const struct notice *notice,
		  const struct phrasebook *book, const char *public_url, int64_t now,
		  struct arena *arena, struct channel_request *out, struct err *err)
{
	const struct channel_try try = {endpoint, notice, book, public_url, now, arena};

	assert(endpoint->channel < CHANNELS);
	assert(notice->id);
	memset(out, 0, sizeof(*out));
	out->url = endpoint->url;
	return channels[endpoint->channel].build(&try, out, err);
}

size_t channel_room(const struct conf_endpoint *endpoint)
{
	assert(endpoint->channel < CHANNELS);
	return channels[endpoint->channel].room ? channels[endpoint->channel].room(endpoint) : 0;
}

size_t channel_weight(const struct conf_endpoint *endpoint, const char *string)
{
	assert(endpoint->channel < CHANNELS);
	if (!channels[endpoint->channel].tongue)
		return strlen(string);
	return words_weight(channels[endpoint->channel].tongue(endpoint), string);
}

void channel_classify(enum conf_channel channel, const struct reply *reply, int64_t now,
		      struct verdict *out)
{
	assert(channel < CHANNELS);
	memset(out, 0, sizeof(*out));
	channels[channel].classify(reply, now, out);
}

void channel_add_header(struct channel_request *out, struct arena *arena, const char *name,
			const char *value)
{
	assert(out->headers_len < ARRAY_LEN(out->headers));
	out->headers[out->headers_len++] = arena_printf(arena, "%s: %s", name, value);
}

int channel_sign(const struct conf_endpoint *endpoint, const char *id, int64_t now,
		 struct arena *arena, struct channel_request *out, struct err *err)
{
	const int64_t seconds = now / WHEN_SECOND;
	char room[SIGNATURES_CAP];
	struct text signatures = TEXT_OVER(room);
	char number[24];

	room[0] = '\0';
	for (size_t i = 0; i < endpoint->secrets_len; i++) {
		char signature[WEBHOOK_SIGNATURE_CAP];
		int rc = webhook_sign(&endpoint->secrets[i], id, seconds, out->body, out->body_len,
				      signature, err);

		if (rc < 0)
			return rc;
		text_addf(&signatures, "%s%s", i ? " " : "", signature);
	}
	(void)snprintf(number, sizeof(number), "%lld", (long long)seconds);
	channel_add_header(out, arena, "webhook-id", id);
	channel_add_header(out, arena, "webhook-timestamp", number);
	if (signatures.len)
		channel_add_header(out, arena, "webhook-signature", room);
	return 0;
}

const char *channel_utf8(struct arena *arena, const char *string)
{
	const size_t len = string ? strlen(string) : 0;
	struct text text;

	if (!string)
		return "";
	if (text_is_utf8(string, len))
		return string;
	text_init(&text, arena_alloc(arena, 3 * len + 1), 3 * len + 1);
	for (size_t at = 0, used; at < len; at += used) {
		char bytes[4];
		uint32_t code_point = text_decode(string + at, len - at, &used);

		text_add_bytes(&text, bytes, text_encode(code_point, bytes));
	}
	return text.data;
}

/* JavaScript readers of old take the two separators for the end of a line inside a string. */
static size_t escape_separators(const char *json, size_t len, char *out)
{
	size_t to = 0;

	for (size_t at = 0; at < len; at++) {
		bool separator = len - at >= 3 && memcmp(json + at, "\xE2\x80", 2) == 0 &&
				 (json[at + 2] == '\xA8' || json[at + 2] == '\xA9');

		if (separator) {
			memcpy(out + to, json[at + 2] == '\xA8' ? "\\u2028" : "\\u2029", 6);
			to += 6;
			at += 2;
		} else {
			out[to++] = json[at];
		}
	}
	return to;
}

static char *print(cJSON *tree)
{
	char *printed = cJSON_PrintUnformatted(tree);

	if (!printed)
		mem_exhausted(sizeof(*tree));
	cJSON_Delete(tree);
	return printed;
}

void channel_set_json(struct channel_request *out, struct arena *arena, cJSON *tree)
{
	char *printed = print(tree);
	const size_t len = strlen(printed);
	char *body = arena_alloc(arena, 2 * len + 1);

	out->body = body;
	out->body_len = escape_separators(printed, len, body);
	cJSON_free(printed);
}

void channel_set_message(struct channel_request *out, struct arena *arena, cJSON *tree)
{
	channel_set_json(out, arena, tree);
	channel_add_header(out, arena, "Content-Type", "application/json; charset=utf-8");
}

size_t channel_json_len(cJSON *tree)
{
	char *printed = print(tree);
	const size_t len = strlen(printed);
	char *escaped = mem_alloc(2 * len + 1);
	const size_t escaped_len = escape_separators(printed, len, escaped);

	cJSON_free(printed);
	mem_free(escaped);
	return escaped_len;
}

cJSON *channel_data(const struct notice *notice)
{
	static const struct json_limits limits = JSON_LIMITS_EVENT;
	cJSON *data = NULL;

	if (!notice->data || !*notice->data ||
	    json_parse(&data, notice->data, strlen(notice->data), &limits, NULL) < 0)
		return NULL; /* We made it; a notice is not lost for want of its trimmings. */
	if (cJSON_IsObject(data))
		return data;
	cJSON_Delete(data);
	return NULL;
}

int channel_check_link(const struct channel_try *try, struct err *err)
{
	if (try->notice->url && words_measure(MEASURE_JSON, try->notice->url) > WORDS_LINK_MAX)
		return err_set(err, CL_ELIMIT, "notice %s: its link is too long for a message",
			       try->notice->id);
	return 0;
}
