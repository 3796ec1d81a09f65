/* channel_dingtalk.c — a notice as a message of a DingTalk group robot (alerts.md §1.3).
 * Neighbours: channel.c dispatches, channel_words.c cuts, reply_robot.c classifies the answer. */
#include <stdio.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "wire/channel_words.h"

#define BODY_MAX     20000 /* Bytes of the whole request. */
#define HEADLINE_MAX 200   /* What a phone shows of it before it is opened. */
#define ENVELOPE_MAX 1024  /* Everything in a body but the text, with names and buttons. */

/* Markdown takes one line break for a blank. */
static const struct disarm marked[] = {
	{.found = "\n", .becomes = "  \n"},
	{.found = "<", .becomes = "＜"},
	{.found = ">", .becomes = "＞"},     /* a quote */
	{.found = "[", .becomes = "［"},     /* [here](http://…) */
	{.found = "]", .becomes = "］"},     /* and its end */
	{.found = "://", .becomes = "：//"}, /* links without brackets, dingtalk:// */
	{.found = "www.", .becomes = "www．"},
	{.found = "@", .becomes = "＠"}, /* @13800000000 */
	{.found = "&", .becomes = "＆"}, /* &#60; might be < again */
	{.found = "*", .becomes = "＊"},
	{.found = "_", .becomes = "＿"},
	{.found = "`", .becomes = "｀"},
	{.found = "# ", .becomes = "＃ "},
	{.found = NULL},
};
static const struct disarm plain[] = {
	{.found = "<", .becomes = "＜"},     {.found = ">", .becomes = "＞"},
	{.found = "[", .becomes = "［"},     {.found = "]", .becomes = "］"},
	{.found = "://", .becomes = "：//"}, {.found = "www.", .becomes = "www．"},
	{.found = "@", .becomes = "＠"},     {.found = NULL},
};

static const struct tongue tongues[] = {{marked, MEASURE_JSON}, {plain, MEASURE_JSON}};

const struct tongue *channel_tongue_dingtalk(const struct conf_endpoint *endpoint)
{
	return &tongues[endpoint->form == FORM_TEXT];
}

size_t channel_room_dingtalk(const struct conf_endpoint *endpoint)
{
	return words_room(endpoint, BODY_MAX - ENVELOPE_MAX);
}

/* --- Mentions: the number must stand in the text, too --- */

static bool is_phone(const char *who)
{
	return who[strspn(who, "+-0123456789")] == '\0';
}

static const char *mentions_of(const struct channel_try *try)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	const char *said = "";

	for (size_t i = 0; words_mentions(try) && i < endpoint->mention_len; i++) {
		if (strcmp(endpoint->mention[i], "all") != 0)
			said = arena_printf(try->arena, "%s%s@%s", said, *said ? " " : "",
					    endpoint->mention[i]);
	}
	return said;
}

static void add_at(const struct channel_try *try, cJSON *message)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	cJSON *at = cJSON_AddObjectToObject(message, "at");
	cJSON *phones = cJSON_AddArrayToObject(at, "atMobiles");
	cJSON *users = cJSON_AddArrayToObject(at, "atUserIds");
	bool all = false;

	for (size_t i = 0; words_mentions(try) && i < endpoint->mention_len; i++) {
		const char *who = endpoint->mention[i];

		if (strcmp(who, "all") == 0)
			all = true;
		else
			cJSON_AddItemToArray(is_phone(who) ? phones : users,
					     cJSON_CreateString(who));
	}
	cJSON_AddBoolToObject(at, "isAtAll", all);
}

/* --- The three forms. TEXT is put in whole, so that an empty one measures the rest --- */

static const char *headline(const struct channel_try *try)
{
	const struct notice *notice = try->notice;
	const char *title = notice->title && *notice->title ? notice->title : "closedloopd";

	return words_short(&tongues[1], try->arena, title, HEADLINE_MAX);
}

static cJSON *text_with(const struct channel_try *try, const char *text)
{
	cJSON *message = cJSON_CreateObject();

	cJSON_AddStringToObject(message, "msgtype", "text");
	cJSON_AddStringToObject(cJSON_AddObjectToObject(message, "text"), "content", text);
	add_at(try, message);
	return message;
}

static cJSON *markdown_with(const struct channel_try *try, const char *text)
{
	cJSON *message = cJSON_CreateObject(), *part;

	cJSON_AddStringToObject(message, "msgtype", "markdown");
	part = cJSON_AddObjectToObject(message, "markdown");
	cJSON_AddStringToObject(part, "title", headline(try));
	cJSON_AddStringToObject(part, "text", text);
	add_at(try, message);
	return message;
}

static cJSON *card_with(const struct channel_try *try, const char *text)
{
	cJSON *message = cJSON_CreateObject(), *part, *button;

	cJSON_AddStringToObject(message, "msgtype", "actionCard");
	part = cJSON_AddObjectToObject(message, "actionCard");
	cJSON_AddStringToObject(part, "title", headline(try));
	cJSON_AddStringToObject(part, "text", text);
	cJSON_AddStringToObject(part, "btnOrientation", "0");
	button = cJSON_CreateObject();
	cJSON_AddStringToObject(button, "title",
				words_label(try, &tongues[1],
					    words_is_list(try->notice) ? "channel.list"
								       : "channel.button"));
	cJSON_AddStringToObject(button, "actionURL", try->notice->url);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(part, "btns"), button);
	return message;
}

/* Mentions, link and number, each on its own line. */
static const char *tail_of(const struct channel_try *try, enum conf_form form, const char *url)
{
	const char *line = form == FORM_TEXT ? "\n" : "  \n";
	const char *mentions = form == FORM_CARD ? "" : mentions_of(try);
	const char *number = words_number(try);
	const char *link = "";

	if (*url && form == FORM_TEXT)
		link = arena_printf(try->arena, "%s%s：%s", line, words_link(try, &tongues[1]),
				    url);
	else if (*url && form != FORM_CARD)
		link = arena_printf(try->arena, "%s[%s](%s)", line, words_link(try, &tongues[0]),
				    url);
	return arena_printf(try->arena, "%s%s%s%s%s", *mentions ? line : "", mentions, link,
			    *number ? line : "", number);
}

/* --- Signing --- */

void channel_sign_dingtalk(const char *secret, int64_t ms, char out[CHANNEL_SIGN_CAP])
{
	uint8_t mac[DIGEST_HMAC_LEN];
	char content[512], base64[64];
	struct text message = TEXT_OVER(content), to;

	text_addf(&message, "%lld\n%s", (long long)ms, secret);
	digest_hmac_sha256(secret, strlen(secret), content, message.len, mac);
	(void)digest_base64(mac, sizeof(mac), base64, sizeof(base64));
	text_init(&to, out, CHANNEL_SIGN_CAP);
	for (const char *c = base64; *c; c++) {
		if (strchr("+/=", *c))
			text_addf(&to, "%%%02X", (unsigned)*c);
		else
			text_add_bytes(&to, c, 1);
	}
}

static const char *signed_url(const struct channel_try *try)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	char sign[CHANNEL_SIGN_CAP];

	if (endpoint->keys_len == 0)
		return endpoint->url;
	channel_sign_dingtalk(endpoint->keys[0], try->now, sign);
	return arena_printf(try->arena, "%s%stimestamp=%lld&sign=%s", endpoint->url,
			    strchr(endpoint->url, '?') ? "&" : "?", (long long)try->now, sign);
}

int channel_build_dingtalk(const struct channel_try *try, struct channel_request *out,
			   struct err *err)
{
	const struct notice *notice = try->notice;
	const char *url = notice->url ? notice->url : "";
	enum conf_form form = try->endpoint->form;
	struct words_frame frame = {
		.before = "### ", .title = notice->title, .after = "", .text = notice->text};
	cJSON *(*with)(const struct channel_try *, const char *) = markdown_with;
	int rc = channel_check_link(try, err);

	if (rc < 0)
		return rc;
	if (form == FORM_CARD && !*url) /* It would have no button. */
		form = FORM_MARKDOWN;
	if (form == FORM_TEXT) {
		with = text_with;
		frame.before = "";
	} else if (form == FORM_CARD) {
		with = card_with;
	}
	frame.tail = tail_of(try, form, url);
	frame.max = BODY_MAX - channel_json_len(with(try, ""));
	channel_set_message(out, try->arena,
			    with(try, words_message(try, channel_tongue_dingtalk(try->endpoint),
						    &frame)));
	out->url = signed_url(try);
	return 0;
}
