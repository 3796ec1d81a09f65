/* channel_wecom.c — a notice as a message of a WeCom group robot (alerts.md §1.2).
 * Neighbours: channel.c dispatches, channel_words.c cuts, reply_robot.c classifies the answer. */
#include <string.h>

#include "closedloop/text.h"
#include "wire/channel_words.h"

#define TEXT_MAX     2048 /* Bytes, not characters. */
#define MARKDOWN_MAX 4096

/* A card's fields are counted in characters; what does not fit goes as markdown instead. */
#define CARD_TITLE_MAX	26
#define CARD_TEXT_MAX	112
#define CARD_FIELD_MAX	26
#define CARD_BUTTON_MAX 13
#define CARD_KEY_MAX	5

/* What a traveller's name must not be able to say: mentions, links, markup (W-9). */
static const struct disarm disarms[] = {
	{.found = "<", .becomes = "＜"},     /* <@all>, <font> */
	{.found = ">", .becomes = "＞"},     /* and its end; a quote at the start of a line */
	{.found = "[", .becomes = "［"},     /* [here](http://…) */
	{.found = "]", .becomes = "］"},     /* and its end */
	{.found = "://", .becomes = "：//"}, /* links without brackets */
	{.found = "www.", .becomes = "www．"},
	{.found = "@", .becomes = "＠"},   /* @13800000000 */
	{.found = "*", .becomes = "＊"},   /* bold */
	{.found = "`", .becomes = "｀"},   /* code */
	{.found = "&", .becomes = "＆"},   /* &#60; might be < again */
	{.found = "# ", .becomes = "＃ "}, /* a heading */
	{.found = NULL},
};

static const struct tongue tongue = {disarms, MEASURE_BYTES};
static const struct tongue card_tongue = {disarms, MEASURE_CHARS};

const struct tongue *channel_tongue_wecom(const struct conf_endpoint *endpoint)
{
	(void)endpoint;
	return &tongue;
}

size_t channel_room_wecom(const struct conf_endpoint *endpoint)
{
	struct conf_endpoint silent = *endpoint;

	if (endpoint->form != FORM_TEXT)
		return words_room(endpoint, MARKDOWN_MAX);
	silent.mention_len = 0; /* Mentioned beside the text. */
	return words_room(&silent, TEXT_MAX);
}

/* --- Text --- */

/* "all" is "@all" here. Phone numbers and user ids have a list each. */
static void add_mentions(const struct channel_try *try, cJSON *part)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	cJSON *users = cJSON_CreateArray(), *phones = cJSON_CreateArray();

	for (size_t i = 0; i < endpoint->mention_len; i++) {
		const char *who = endpoint->mention[i];
		bool phone = *who == '1' && text_is_digits(who, 11);

		if (strcmp(who, "all") == 0)
			who = "@all";
		cJSON_AddItemToArray(phone ? phones : users, cJSON_CreateString(who));
	}
	cJSON_AddItemToObject(part, "mentioned_list", users);
	cJSON_AddItemToObject(part, "mentioned_mobile_list", phones);
}

static cJSON *text_of(const struct channel_try *try, const char *url)
{
	const struct notice *notice = try->notice;
	const char *number = words_number(try);
	struct words_frame frame = {
		.before = "",
		.title = notice->title,
		.after = "",
		.text = notice->text,
		.max = TEXT_MAX,
	};
	cJSON *message = cJSON_CreateObject(), *part;

	frame.tail = arena_printf(try->arena, "%s%s", *number ? "\n" : "", number);
	if (*url)
		frame.tail = arena_printf(try->arena, "\n%s：%s%s", words_link(try, &tongue), url,
					  frame.tail);
	cJSON_AddStringToObject(message, "msgtype", "text");
	part = cJSON_AddObjectToObject(message, "text");
	cJSON_AddStringToObject(part, "content", words_message(try, &tongue, &frame));
	if (words_mentions(try))
		add_mentions(try, part);
	return message;
}

/* --- Markdown --- */

static const char *mentions_of(const struct channel_try *try)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	const char *said = "";

	if (!words_mentions(try))
		return said;
	for (size_t i = 0; i < endpoint->mention_len; i++)
		said = arena_printf(try->arena, "%s<@%s>", *said ? said : "\n",
				    endpoint->mention[i]);
	return said;
}

static cJSON *markdown_of(const struct channel_try *try, const char *url)
{
	const struct notice *notice = try->notice;
	const char *number = words_number(try);
	struct words_frame frame = {
		.before = "**",
		.title = notice->title,
		.after = "**",
		.text = notice->text,
		.max = MARKDOWN_MAX,
	};
	cJSON *message = cJSON_CreateObject(), *part;

	frame.tail = arena_printf(try->arena, "%s%s", *number ? "\n" : "", number);
	if (*url)
		frame.tail = arena_printf(try->arena, "\n[%s](%s)%s", words_link(try, &tongue), url,
					  frame.tail);
	frame.tail = arena_printf(try->arena, "%s%s", mentions_of(try), frame.tail);
	cJSON_AddStringToObject(message, "msgtype", "markdown");
	part = cJSON_AddObjectToObject(message, "markdown");
	cJSON_AddStringToObject(part, "content", words_message(try, &tongue, &frame));
	return message;
}

/* --- Card --- */

static bool fits(const char *string, size_t max)
{
	return words_weight(&card_tongue, string ? string : "") <= max;
}

static void add_link(cJSON *object, const char *url)
{
	cJSON_AddNumberToObject(object, "type", 1);
	cJSON_AddStringToObject(object, "url", url);
}

static void add_field(const struct channel_try *try, cJSON *list, const char *key,
		      const char *value)
{
	cJSON *field = cJSON_CreateObject();

	cJSON_AddStringToObject(field, "keyname",
				words_short(&card_tongue, try->arena,
					    words_label(try, &card_tongue, key), CARD_KEY_MAX));
	cJSON_AddStringToObject(field, "value",
				words_short(&card_tongue, try->arena, value, CARD_FIELD_MAX));
	cJSON_AddItemToArray(list, field);
}

/* A card shows a few words and a button; without a link it cannot be sent, and what it cannot hold
 * whole is better read as markdown. */
static bool makes_card(const struct notice *notice, const char *url)
{
	return *url && notice->title && *notice->title && fits(notice->title, CARD_TITLE_MAX) &&
	       fits(notice->text, CARD_TEXT_MAX);
}

static cJSON *card_of(const struct channel_try *try, const char *url)
{
	const struct notice *notice = try->notice;
	const struct tongue *speak = &card_tongue;
	cJSON *message = cJSON_CreateObject(), *card, *part;

	cJSON_AddStringToObject(message, "msgtype", "template_card");
	card = cJSON_AddObjectToObject(message, "template_card");
	cJSON_AddStringToObject(card, "card_type", "text_notice");
	part = cJSON_AddObjectToObject(card, "source");
	cJSON_AddStringToObject(part, "desc",
				words_short(speak, try->arena,
					    words_label(try, speak, "channel.source"),
					    CARD_BUTTON_MAX));
	part = cJSON_AddObjectToObject(card, "main_title");
	cJSON_AddStringToObject(part, "title", words_harmless(speak, try->arena, notice->title));
	cJSON_AddStringToObject(part, "desc", words_number(try));
	cJSON_AddStringToObject(card, "sub_title_text",
				words_harmless(speak, try->arena, notice->text));
	if (notice->unit && *notice->unit) {
		part = cJSON_AddArrayToObject(card, "horizontal_content_list");
		add_field(try, part, "channel.unit", notice->unit);
	}
	part = cJSON_CreateObject();
	add_link(part, url);
	cJSON_AddStringToObject(part, "title",
				words_short(speak, try->arena,
					    words_label(try, speak,
							words_is_list(notice) ? "channel.list"
									      : "channel.button"),
					    CARD_BUTTON_MAX));
	cJSON_AddItemToArray(cJSON_AddArrayToObject(card, "jump_list"), part);
	add_link(cJSON_AddObjectToObject(card, "card_action"), url);
	return message;
}

int channel_build_wecom(const struct channel_try *try, struct channel_request *out, struct err *err)
{
	const struct notice *notice = try->notice;
	const char *url = notice->url ? notice->url : "";
	const enum conf_form form = try->endpoint->form;
	int rc = channel_check_link(try, err);

	if (rc < 0)
		return rc;
	if (form == FORM_TEXT)
		channel_set_message(out, try->arena, text_of(try, url));
	else if (form == FORM_CARD && makes_card(notice, url))
		channel_set_message(out, try->arena, card_of(try, url));
	else
		channel_set_message(out, try->arena, markdown_of(try, url));
	return 0;
}
