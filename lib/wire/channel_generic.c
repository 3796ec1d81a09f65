/* channel_generic.c — a notice as a signed CloudEvent in structured mode, for any machine.
 * Neighbours: channel.c dispatches and signs, reply.c classifies the answer. */
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/channel_row.h"

#define TYPE_PREFIX "org.closedloopd."
#define TYPE_SUFFIX ".v1"

static void add(const struct channel_try *try, cJSON *object, const char *name, const char *value)
{
	cJSON_AddStringToObject(object, name, channel_utf8(try->arena, value));
}

/* Members of the notice's own data beside ours; ours win, so that a feed's word cannot pass for a
 * title. */
static void merge(cJSON *data, const struct notice *notice)
{
	cJSON *own = channel_data(notice), *member, *next;

	for (member = own ? own->child : NULL; member; member = next) {
		next = member->next;
		if (json_get(data, member->string))
			continue;
		cJSON_DetachItemViaPointer(own, member);
		cJSON_AddItemToObject(data, member->string, member);
	}
	cJSON_Delete(own);
}

static cJSON *data_of(const struct channel_try *try, const char *alert)
{
	const struct notice *notice = try->notice;
	cJSON *data = cJSON_CreateObject();

	add(try, data, "kind", notice->kind);
	add(try, data, "unit", notice->unit);
	if (notice->alert > 0)
		add(try, data, "alert", alert);
	cJSON_AddBoolToObject(data, "urgent", notice->urgent);
	add(try, data, "title", notice->title);
	add(try, data, "text", notice->text);
	add(try, data, "url", notice->url);
	merge(data, notice);
	return data;
}

int channel_build_generic(const struct channel_try *try, struct channel_request *out,
			  struct err *err)
{
	const struct notice *notice = try->notice;
	cJSON *event = cJSON_CreateObject();
	char alert[24];
	char time[WHEN_CAP];

	(void)alert_number(notice->alert, alert);
	add(try, event, "specversion", "1.0");
	add(try, event, "id", notice->id);
	add(try, event, "source", try->public_url);
	add(try, event, "type",
	    arena_printf(try->arena, TYPE_PREFIX "%s" TYPE_SUFFIX, notice->type));
	add(try, event, "time", when_text(notice->created_at, NULL, time));
	if (notice->alert > 0)
		add(try, event, "subject", arena_printf(try->arena, "alert/%s", alert));
	add(try, event, "datacontenttype", "application/json");
	cJSON_AddItemToObject(event, "data", data_of(try, alert));
	channel_set_json(out, try->arena, event);
	channel_add_header(out, try->arena, "Content-Type",
			   "application/cloudevents+json; charset=utf-8");
	return channel_sign(try->endpoint, notice->id, try->now, try->arena, out, err);
}
