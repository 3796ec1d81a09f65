/* channel_wecom.c — a notice as a message of a WeCom group robot (alerts.md §1.2).
 * Neighbours: channel.c dispatches, reply.c classifies the answer. */
#include <string.h>

#include "closedloop/text.h"
#include "wire/channel_row.h"

#define TEXT_MAX     2048 /* Bytes, not characters. */
#define MARKDOWN_MAX 4096
#define ELLIPSIS     "…"

/* What a traveller's name must not be able to say: mentions, links, markup (W-9). None grows more
 * than threefold. */
static const struct disarm {
	const char *found;
	const char *becomes;
} disarms[] = {
	{.found = "<", .becomes = "＜"},     /* <@all>, <font> */
	{.found = ">", .becomes = "＞"},     /* and its end; a quote at the start of a line */
	{.found = "[", .becomes = "［"},     /* [here](http://…) */
	{.found = "]", .becomes = "］"},     /* and its end */
	{.found = "://", .becomes = "：//"}, /* links without brackets */
	{.found = "@", .becomes = "＠"},     /* @13800000000 */
	{.found = "\r", .becomes = ""},	     /* half of a line break */
};

static const struct disarm *disarm_at(const char *string)
{
	for (size_t i = 0; i < ARRAY_LEN(disarms); i++) {
		if (text_starts(string, disarms[i].found))
			return &disarms[i];
	}
	return NULL;
}

/* STRING, harmless. */
static const char *disarmed(const struct channel_try *try, const char *string)
{
	const char *from = channel_utf8(try->arena, string);
	const size_t cap = 3 * strlen(from) + 1;
	struct text to;

	text_init(&to, arena_alloc(try->arena, cap), cap);
	while (*from) {
		const struct disarm *disarm = disarm_at(from);

		if (disarm) {
			text_add(&to, disarm->becomes);
			from += strlen(disarm->found);
		} else {
			size_t used;

			(void)text_decode(from, strlen(from), &used);
			text_add_bytes(&to, from, used);
			from += used;
		}
	}
	return to.data;
}

/* Title and text, then TAIL, which is never cut: what gives way is the end of the text. */
static const char *compose(const struct channel_try *try, const char *mark, const char *tail,
			   size_t max)
{
	const char *title = disarmed(try, try->notice->title);
	const char *text = disarmed(try, try->notice->text);
	const size_t room = max - strlen(tail);
	char *message = arena_printf(try->arena, "%s%s%s%s%s", *title ? mark : "", title,
				     *title ? mark : "", *title && *text ? "\n" : "", text);
	size_t len = strlen(message);

	if (len > room) {
		len = text_cut_at(message, len, room - strlen(ELLIPSIS));
		message[len] = '\0';
		return arena_printf(try->arena, "%s%s%s", message, ELLIPSIS, tail);
	}
	/* A tail alone does not begin with an empty line. */
	return arena_printf(try->arena, "%s%s", message,
			    *message || *tail != '\n' ? tail : tail + 1);
}

size_t channel_weight_wecom(const char *string)
{
	size_t weight = 0;

	while (*string) {
		const struct disarm *disarm = disarm_at(string);

		weight += disarm ? strlen(disarm->becomes) : 1;
		string += disarm ? strlen(disarm->found) : 1;
	}
	return weight;
}

static const char *link_word(const struct conf_endpoint *endpoint)
{
	return text_starts(endpoint->language, "en") ? "Open and confirm" : "查看并确认";
}

int channel_build_wecom(const struct channel_try *try, struct channel_request *out, struct err *err)
{
	const struct notice *notice = try->notice;
	const char *url = notice->url ? notice->url : "";
	const bool markdown = *url != '\0';
	const char *type = markdown ? "markdown" : "text";
	const size_t max = markdown ? MARKDOWN_MAX : TEXT_MAX;
	char number[24];
	const char *tail = "";
	cJSON *message, *part;

	if (notice->alert > 0)
		tail = arena_printf(try->arena, "\n#%s", alert_number(notice->alert, number));
	if (markdown)
		tail = arena_printf(try->arena, "\n[%s](%s)%s", link_word(try->endpoint), url,
				    tail);
	if (strlen(tail) > max / 2)
		return err_set(err, CL_ELIMIT, "notice %s: its link is too long for WeCom",
			       notice->id);
	message = cJSON_CreateObject();
	cJSON_AddStringToObject(message, "msgtype", type);
	part = cJSON_AddObjectToObject(message, type);
	cJSON_AddStringToObject(part, "content", compose(try, markdown ? "**" : "", tail, max));
	channel_set_json(out, try->arena, message);
	channel_add_header(out, try->arena, "Content-Type", "application/json; charset=utf-8");
	return 0;
}
