/* channel_alertmanager.c — a notice as Alertmanager's webhook v4 would send it, or as its API v2
 * takes it (alerts.md §1.7). Neighbours: channel_labels.c has the labels, channel.c dispatches;
 * answers are read as any HTTP server's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/channel_labels.h"
#include "wire/channel_words.h"

#define NEVER_ENDED "0001-01-01T00:00:00Z"
#define FIRES_FOR   WHEN_DAY /* Pushed: without an end Alertmanager drops an alert by itself. */

/* Receivers of every kind put annotations into chats as they are. */
static const struct disarm disarms[] = {
	{.found = "<", .becomes = "＜"},     {.found = ">", .becomes = "＞"},
	{.found = "[", .becomes = "［"},     {.found = "]", .becomes = "］"},
	{.found = "://", .becomes = "：//"}, {.found = "www.", .becomes = "www．"},
	{.found = "@", .becomes = "＠"},     {.found = NULL},
};

static const struct tongue tongue = {disarms, MEASURE_BYTES};

static void add_words(const struct channel_try *try, cJSON *object, const char *name,
		      const char *words)
{
	if (words && *words)
		cJSON_AddStringToObject(object, name, words_harmless(&tongue, try->arena, words));
}

static cJSON *annotations_of(const struct channel_try *try, const cJSON *data)
{
	const struct notice *notice = try->notice;
	cJSON *annotations = cJSON_CreateObject();

	add_words(try, annotations, "summary", notice->title);
	add_words(try, annotations, "description", notice->text);
	add_words(try, annotations, "eta", json_string(data, "eta"));
	add_words(try, annotations, "deadline", json_string(data, "deadline"));
	if (labels_phase(notice) == PHASE_ACKED)
		cJSON_AddStringToObject(annotations, "acknowledged", "true");
	return annotations;
}

static const char *url_of(const struct channel_try *try)
{
	const struct notice *notice = try->notice;

	return notice->url && *notice->url ? notice->url : try->public_url;
}

static void add_instant(cJSON *object, const char *name, int64_t at)
{
	char buf[WHEN_CAP];

	cJSON_AddStringToObject(object, name, when_text(at, NULL, buf));
}

/* When a pushed alert ends if nothing more is heard of it: what nobody will resolve ends when it is
 * pointless. */
static int64_t pushed_end(const struct channel_try *try)
{
	const struct notice *notice = try->notice;
	int64_t end = try->now + FIRES_FOR;

	if (!text_starts(notice->type, "alert.") && notice->expires_at > try->now &&
	    notice->expires_at < end)
		end = notice->expires_at;
	return end;
}

/* What both forms say of one alert. */
static cJSON *alert_of(const struct channel_try *try, const struct labels *labels,
		       const cJSON *data)
{
	const struct notice *notice = try->notice;
	const bool push = try->endpoint->form == FORM_PUSH;
	const bool resolved = labels_phase(notice) == PHASE_RESOLVED;
	int64_t starts = labels_instant(data, "opened_at", notice->created_at);
	cJSON *alert = cJSON_CreateObject();
	char print[20];

	if (starts > try->now) /* A clock was set back: an alert does not end before it starts. */
		starts = try->now;
	if (!push)
		cJSON_AddStringToObject(alert, "status", resolved ? "resolved" : "firing");
	cJSON_AddItemToObject(alert, "labels", labels_json(labels, try->arena));
	cJSON_AddItemToObject(alert, "annotations", annotations_of(try, data));
	add_instant(alert, "startsAt", starts);
	if (resolved)
		add_instant(alert, "endsAt", try->now);
	else if (push)
		add_instant(alert, "endsAt", pushed_end(try));
	else
		cJSON_AddStringToObject(alert, "endsAt", NEVER_ENDED);
	cJSON_AddStringToObject(alert, "generatorURL", url_of(try));
	if (push)
		return alert;
	(void)snprintf(print, sizeof(print), "%016" PRIx64, labels_fingerprint(labels));
	cJSON_AddStringToObject(alert, "fingerprint", print);
	return alert;
}

static cJSON *payload_of(const struct channel_try *try, const struct labels *labels,
			 const cJSON *data)
{
	const bool resolved = labels_phase(try->notice) == PHASE_RESOLVED;
	cJSON *payload = cJSON_CreateObject(), *alerts;

	cJSON_AddStringToObject(payload, "receiver", try->endpoint->name);
	cJSON_AddStringToObject(payload, "status", resolved ? "resolved" : "firing");
	alerts = cJSON_AddArrayToObject(payload, "alerts");
	cJSON_AddItemToArray(alerts, alert_of(try, labels, data));
	/* A group of one: all is common. */
	cJSON_AddItemToObject(payload, "groupLabels", labels_json(labels, try->arena));
	cJSON_AddItemToObject(payload, "commonLabels", labels_json(labels, try->arena));
	cJSON_AddItemToObject(payload, "commonAnnotations", annotations_of(try, data));
	cJSON_AddStringToObject(payload, "externalURL", try->public_url);
	cJSON_AddStringToObject(payload, "version", "4");
	cJSON_AddStringToObject(payload, "groupKey", labels_group_key(labels, "{}", try->arena));
	cJSON_AddNumberToObject(payload, "truncatedAlerts", 0);
	return payload;
}

int channel_build_alertmanager(const struct channel_try *try, struct channel_request *out,
			       struct err *err)
{
	cJSON *data = channel_data(try->notice), *message;
	struct labels labels;

	(void)err;
	labels_of(try, &labels);
	if (try->endpoint->form == FORM_PUSH) {
		message = cJSON_CreateArray();
		cJSON_AddItemToArray(message, alert_of(try, &labels, data));
	} else {
		message = payload_of(try, &labels, data);
	}
	cJSON_Delete(data);
	channel_set_json(out, try->arena, message);
	channel_add_header(out, try->arena, "Content-Type", "application/json");
	return 0;
}
