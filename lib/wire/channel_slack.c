/* channel_slack.c — a notice as a message of a Slack incoming webhook (alerts.md §1.5).
 * Neighbours: channel.c dispatches, channel_words.c cuts, reply_service.c classifies the answer. */
#include <string.h>

#include "closedloop/text.h"
#include "wire/channel_words.h"

#define SECTION_MAX 3000  /* Characters of one block of text. */
#define TEXT_MAX    40000 /* Of a message without blocks. */

/* The three that Slack wants escaped, and what it would read as markup. */
static const struct disarm disarms[] = {
	{.found = "&", .becomes = "&amp;"},
	{.found = "<", .becomes = "&lt;"}, /* <!channel> */
	{.found = ">", .becomes = "&gt;"},
	{.found = "@", .becomes = "＠"},
	{.found = "://", .becomes = "：//"},
	{.found = "www.", .becomes = "www．"},
	{.found = "*", .becomes = "＊"},
	{.found = "_", .becomes = "＿"},
	{.found = "~", .becomes = "～"},
	{.found = "`", .becomes = "｀"},
	{.found = NULL},
};

static const struct tongue tongue = {disarms, MEASURE_CHARS};

const struct tongue *channel_tongue_slack(const struct conf_endpoint *endpoint)
{
	(void)endpoint;
	return &tongue;
}

size_t channel_room_slack(const struct conf_endpoint *endpoint)
{
	return words_room(endpoint, endpoint->form == FORM_TEXT ? TEXT_MAX : SECTION_MAX);
}

static const char *mention(struct arena *arena, const char *who)
{
	if (strcmp(who, "all") == 0)
		return "<!channel>";
	if (strcmp(who, "here") == 0)
		return "<!here>";
	return arena_printf(arena, *who == 'S' ? "<!subteam^%s>" : "<@%s>", who);
}

static const char *mentions_of(const struct channel_try *try)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	const char *said = "";

	for (size_t i = 0; words_mentions(try) && i < endpoint->mention_len; i++)
		said = arena_printf(try->arena, "%s%s%s", said, *said ? " " : "",
				    mention(try->arena, endpoint->mention[i]));
	return said;
}

/* A button would call an application that a webhook does not have: a link in the text works. */
static const char *tail_of(const struct channel_try *try)
{
	const char *url = try->notice->url ? try->notice->url : "";
	const char *mentions = mentions_of(try), *number = words_number(try);
	const char *link = "";

	if (*url)
		link = arena_printf(try->arena, "\n<%s|%s>", url, words_link(try, &tongue));
	return arena_printf(try->arena, "%s%s%s%s%s", *mentions ? "\n" : "", mentions, link,
			    *number ? "\n" : "", number);
}

int channel_build_slack(const struct channel_try *try, struct channel_request *out, struct err *err)
{
	const bool blocks = try->endpoint->form != FORM_TEXT;
	const struct words_frame frame = {
		.before = "*",
		.title = try->notice->title,
		.after = "*",
		.text = try->notice->text,
		.tail = tail_of(try),
		.max = blocks ? SECTION_MAX : TEXT_MAX,
	};
	const char *words;
	cJSON *message, *section, *text;
	int rc = channel_check_link(try, err);

	if (rc < 0)
		return rc;
	words = words_message(try, &tongue, &frame);
	message = cJSON_CreateObject();
	/* What a notification shows, and what is read where blocks are not. */
	cJSON_AddStringToObject(message, "text", words);
	if (blocks) {
		section = cJSON_CreateObject();
		cJSON_AddStringToObject(section, "type", "section");
		text = cJSON_AddObjectToObject(section, "text");
		cJSON_AddStringToObject(text, "type", "mrkdwn");
		cJSON_AddStringToObject(text, "text", words);
		cJSON_AddBoolToObject(text, "verbatim",
				      true); /* Nothing becomes a link by itself. */
		cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "blocks"), section);
	}
	channel_set_message(out, try->arena, message);
	return 0;
}
