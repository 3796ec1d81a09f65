/* channel_feishu.c — a notice as a message of a Feishu or Lark group bot (alerts.md §1.4).
 * Neighbours: channel.c dispatches, channel_words.c cuts, reply_robot.c classifies the answer. */
#include <stdio.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "wire/channel_words.h"

#define BODY_MAX     20000 /* Bytes of the whole request: "20 KB", read the strict way. */
#define HEADLINE_MAX 200   /* Of a card's head. */
#define ENVELOPE_MAX 1024  /* Everything in a body but the text. */

static const struct disarm marked[] = {
	{.found = "<", .becomes = "＜"}, /* <at id=all></at>, <font> */
	{.found = ">", .becomes = "＞"},
	{.found = "&", .becomes = "＆"}, /* &#60; is < again */
	{.found = "[", .becomes = "［"}, /* [here](http://…) */
	{.found = "]", .becomes = "］"},
	{.found = "://", .becomes = "：//"},
	{.found = "www.", .becomes = "www．"},
	{.found = "@", .becomes = "＠"},
	{.found = "*", .becomes = "＊"},
	{.found = "_", .becomes = "＿"},
	{.found = "~", .becomes = "～"},
	{.found = "`", .becomes = "｀"},
	{.found = "# ", .becomes = "＃ "},
	{.found = NULL},
};
static const struct disarm plain[] = {
	{.found = "<", .becomes = "＜"}, /* <at user_id="all"> */
	{.found = ">", .becomes = "＞"},
	{.found = "[", .becomes = "［"},
	{.found = "]", .becomes = "］"},
	{.found = "://", .becomes = "：//"},
	{.found = "www.", .becomes = "www．"},
	{.found = "@", .becomes = "＠"},
	{.found = NULL},
};

static const struct tongue tongues[] = {{plain, MEASURE_JSON}, {marked, MEASURE_JSON}};

const struct tongue *channel_tongue_feishu(const struct conf_endpoint *endpoint)
{
	return &tongues[endpoint->form == FORM_CARD];
}

size_t channel_room_feishu(const struct conf_endpoint *endpoint)
{
	return words_room(endpoint, BODY_MAX - ENVELOPE_MAX);
}

/* HMAC of nothing, under a key that holds the time: not DingTalk's recipe. */
void channel_sign_feishu(const char *secret, int64_t seconds, char out[CHANNEL_SIGN_CAP])
{
	uint8_t mac[DIGEST_HMAC_LEN];
	char room[512];
	struct text key = TEXT_OVER(room);

	text_addf(&key, "%lld\n%s", (long long)seconds, secret);
	digest_hmac_sha256(room, key.len, "", 0, mac);
	(void)digest_base64(mac, sizeof(mac), out, CHANNEL_SIGN_CAP);
}

static cJSON *signed_message(const struct channel_try *try, const char *type)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	const int64_t seconds = try->now / WHEN_SECOND;
	cJSON *message = cJSON_CreateObject();
	char sign[CHANNEL_SIGN_CAP];

	if (endpoint->keys_len > 0) {
		channel_sign_feishu(endpoint->keys[0], seconds, sign);
		cJSON_AddStringToObject(message, "timestamp",
					arena_printf(try->arena, "%lld", (long long)seconds));
		cJSON_AddStringToObject(message, "sign", sign);
	}
	cJSON_AddStringToObject(message, "msg_type", type);
	return message;
}

/* A card writes them otherwise than a text. */
static const char *mentions_of(const struct channel_try *try, bool card)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	const char *said = "";

	for (size_t i = 0; words_mentions(try) && i < endpoint->mention_len; i++)
		said = arena_printf(try->arena,
				    card ? "%s<at id=%s></at>" : "%s<at user_id=\"%s\"></at>", said,
				    endpoint->mention[i]);
	return said;
}

/* --- The two forms. TEXT is put in whole, so that an empty one measures the rest --- */

static cJSON *text_with(const struct channel_try *try, const char *text)
{
	cJSON *message = signed_message(try, "text");

	cJSON_AddStringToObject(cJSON_AddObjectToObject(message, "content"), "text", text);
	return message;
}

static void add_text(cJSON *object, const char *name, const char *tag, const char *content)
{
	cJSON *text = cJSON_AddObjectToObject(object, name);

	cJSON_AddStringToObject(text, "tag", tag);
	cJSON_AddStringToObject(text, "content", content);
}

static const char *headline(const struct channel_try *try)
{
	const char *title = try->notice->title;

	/* A card's head is plain text: only its length matters. */
	return words_short(&tongues[0], try->arena, title && *title ? title : "closedloopd",
			   HEADLINE_MAX);
}

static void add_button(const struct channel_try *try, cJSON *elements)
{
	cJSON *action = cJSON_CreateObject(), *button = cJSON_CreateObject();

	cJSON_AddStringToObject(action, "tag", "action");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(action, "actions"), button);
	cJSON_AddStringToObject(button, "tag", "button");
	add_text(button, "text", "plain_text",
		 words_label(try, &tongues[0],
			     words_is_list(try->notice) ? "channel.list" : "channel.button"));
	cJSON_AddStringToObject(button, "url", try->notice->url);
	cJSON_AddStringToObject(button, "type", "primary");
	cJSON_AddItemToArray(elements, action);
}

static cJSON *card_with(const struct channel_try *try, const char *text)
{
	const struct notice *notice = try->notice;
	cJSON *message = signed_message(try, "interactive");
	cJSON *card = cJSON_AddObjectToObject(message, "card");
	cJSON *head = cJSON_AddObjectToObject(card, "header");
	cJSON *elements = cJSON_AddArrayToObject(card, "elements");
	cJSON *words = cJSON_CreateObject();

	add_text(head, "title", "plain_text", headline(try));
	cJSON_AddStringToObject(head, "template", notice->urgent ? "red" : "blue");
	cJSON_AddStringToObject(words, "tag", "div");
	add_text(words, "text", "lark_md", text);
	cJSON_AddItemToArray(elements, words);
	if (notice->url && *notice->url)
		add_button(try, elements);
	return message;
}

int channel_build_feishu(const struct channel_try *try, struct channel_request *out,
			 struct err *err)
{
	const struct notice *notice = try->notice;
	const char *url = notice->url ? notice->url : "";
	const bool card = try->endpoint->form == FORM_CARD;
	const struct tongue *tongue = channel_tongue_feishu(try->endpoint);
	const char *number = words_number(try);
	const char *mentions = mentions_of(try, card);
	cJSON *(*with)(const struct channel_try *, const char *) = card ? card_with : text_with;
	struct words_frame frame = {.before = card ? "**" : "",
				    .title = notice->title,
				    .after = card ? "**" : "",
				    .text = notice->text};
	const char *link = "";
	int rc = channel_check_link(try, err);

	if (rc < 0)
		return rc;
	/* The head has it already, when it has all of it. */
	if (card && notice->title && words_weight(&tongues[0], notice->title) <= HEADLINE_MAX)
		frame.title = "";
	if (*url && !card)
		link = arena_printf(try->arena, "\n%s：%s", words_link(try, tongue), url);
	frame.tail = arena_printf(try->arena, "%s%s%s%s%s", *mentions ? "\n" : "", mentions, link,
				  *number ? "\n" : "", number);
	frame.max = BODY_MAX - channel_json_len(with(try, ""));
	channel_set_message(out, try->arena, with(try, words_message(try, tongue, &frame)));
	return 0;
}
