/* channel.c — which channels there are, and what all of them need to build a request.
 * Neighbours: channel_generic.c and channel_wecom.c build, reply.c reads answers; the courier
 * calls. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"
#include "wire/channel_row.h"

#define SIGNATURES_CAP (CONF_SECRETS_MAX * (WEBHOOK_SIGNATURE_CAP + 1))

static const struct channel_row {
	const char *word;
	int (*build)(const struct channel_try *try, struct channel_request *out, struct err *err);
	void (*classify)(const struct reply *reply, int64_t now, struct verdict *out);
	size_t room; /* For a digest's words; 0: takes none. */
	size_t (*weight)(const char *string);
} channels[] = {
	[CHANNEL_GENERIC] = {.word = "generic",
			     .build = channel_build_generic,
			     .classify = reply_classify_generic},
	[CHANNEL_WECOM] = {.word = "wecom",
			   .build = channel_build_wecom,
			   .classify = reply_classify_wecom,
			   .room = 3584,
			   .weight = channel_weight_wecom},
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

int channel_build(const struct conf_endpoint *endpoint, const struct notice *notice,
		  const char *public_url, int64_t now, struct arena *arena,
		  struct channel_request *out, struct err *err)
{
	const struct channel_try try = {endpoint, notice, public_url, now, arena};

	assert(endpoint->channel < CHANNELS);
	assert(notice->id);
	memset(out, 0, sizeof(*out));
	out->url = endpoint->url;
	return channels[endpoint->channel].build(&try, out, err);
}

size_t channel_room(const struct conf_endpoint *endpoint)
{
	assert(endpoint->channel < CHANNELS);
	return channels[endpoint->channel].room;
}

size_t channel_weight(const struct conf_endpoint *endpoint, const char *string)
{
	assert(endpoint->channel < CHANNELS);
	return channels[endpoint->channel].weight ? channels[endpoint->channel].weight(string)
						  : strlen(string);
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

void channel_set_json(struct channel_request *out, struct arena *arena, cJSON *tree)
{
	char *printed = cJSON_PrintUnformatted(tree);
	size_t len;
	char *body;

	if (!printed)
		mem_exhausted(sizeof(*tree));
	len = strlen(printed);
	body = arena_alloc(arena, 2 * len + 1);
	out->body = body;
	out->body_len = escape_separators(printed, len, body);
	cJSON_free(printed);
	cJSON_Delete(tree);
}
