/* channel_pagerduty.c — a notice as an event of PagerDuty's Events API v2 (alerts.md §1.6).
 * Neighbours: channel_labels.c makes the key that holds an incident together; reply_service.c
 * classifies the answer. The courier keeps an alert's notices in their order: PagerDuty drops a
 * resolution that comes before its trigger. */
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/channel_labels.h"
#include "wire/channel_words.h"

#define SUMMARY_MAX 1024   /* Characters. */
#define TEXT_MAX    100000 /* Of the details, in JSON: far below the 512 KB of an event. */
#define DATA_MAX    100000

/* A summary is one line; PagerDuty makes links of what looks like one. */
static const struct disarm disarms[] = {
	{.found = "\n", .becomes = " "},
	{.found = "<", .becomes = "＜"},
	{.found = ">", .becomes = "＞"},
	{.found = "://", .becomes = "：//"},
	{.found = "www.", .becomes = "www．"},
	{.found = "@", .becomes = "＠"},
	{.found = NULL},
};

static const struct tongue summary_tongue = {disarms, MEASURE_CHARS};
static const struct tongue text_tongue = {disarms + 1, MEASURE_JSON};

static const char *const actions[] = {
	[PHASE_FIRING] = "trigger",
	[PHASE_ACKED] = "acknowledge",
	[PHASE_RESOLVED] = "resolve",
};

static const char *summary_of(const struct channel_try *try)
{
	const char *number = words_number(try);
	const struct words_frame frame = {
		.before = "",
		.title = try->notice->title,
		.after = "",
		.text = try->notice->text,
		.tail = *number ? arena_printf(try->arena, " %s", number) : "",
		.max = SUMMARY_MAX,
	};
	const char *summary = words_message(try, &summary_tongue, &frame);

	return *summary ? summary : "closedloopd"; /* An empty one is refused. */
}

static cJSON *details_of(const struct channel_try *try)
{
	const struct notice *notice = try->notice;
	cJSON *details = cJSON_CreateObject();

	cJSON_AddStringToObject(details, "text",
				words_short(&text_tongue, try->arena, notice->text, TEXT_MAX));
	if (notice->data && strlen(notice->data) <= DATA_MAX) {
		cJSON *data = channel_data(notice);

		if (data)
			cJSON_AddItemToObject(details, "data", data);
	}
	return details;
}

static void add_payload(const struct channel_try *try, cJSON *event)
{
	const struct notice *notice = try->notice;
	cJSON *payload = cJSON_AddObjectToObject(event, "payload");
	char time[WHEN_CAP];

	cJSON_AddStringToObject(payload, "summary", summary_of(try));
	cJSON_AddStringToObject(payload, "source", try->public_url);
	cJSON_AddStringToObject(payload, "severity", labels_severity(notice));
	cJSON_AddStringToObject(payload, "timestamp", when_text(notice->created_at, NULL, time));
	if (notice->unit && *notice->unit)
		cJSON_AddStringToObject(payload, "group", channel_utf8(try->arena, notice->unit));
	cJSON_AddStringToObject(payload, "class", channel_utf8(try->arena, notice->kind));
	cJSON_AddItemToObject(payload, "custom_details", details_of(try));
}

static void add_link(const struct channel_try *try, cJSON *event)
{
	const char *url = try->notice->url;
	cJSON *link;

	if (!url || !*url)
		return;
	link = cJSON_CreateObject();
	cJSON_AddStringToObject(link, "href", url);
	cJSON_AddStringToObject(link, "text", words_link(try, &text_tongue));
	cJSON_AddItemToArray(cJSON_AddArrayToObject(event, "links"), link);
}

/* The same key as Alertmanager would use for this alert. */
static const char *dedup_key(const struct channel_try *try, char hex[2 * DIGEST_SHA_LEN + 1])
{
	uint8_t hash[DIGEST_SHA_LEN];
	struct labels labels;
	const char *key;

	labels_of(try, &labels);
	key = labels_group_key(&labels, "{}", try->arena);
	digest_sha256(key, strlen(key), hash);
	digest_hex(hash, sizeof(hash), hex, 2 * DIGEST_SHA_LEN + 1);
	return hex;
}

int channel_build_pagerduty(const struct channel_try *try, struct channel_request *out,
			    struct err *err)
{
	const struct conf_endpoint *endpoint = try->endpoint;
	const enum phase phase = labels_phase(try->notice);
	char hex[2 * DIGEST_SHA_LEN + 1];
	cJSON *event;

	if (endpoint->keys_len == 0)
		return err_set(err, CL_EINVAL, "endpoint %s: it has no routing key",
			       endpoint->name);
	event = cJSON_CreateObject();
	cJSON_AddStringToObject(event, "routing_key", endpoint->keys[0]);
	cJSON_AddStringToObject(event, "event_action", actions[phase]);
	cJSON_AddStringToObject(event, "dedup_key", dedup_key(try, hex));
	if (phase == PHASE_FIRING) {
		add_payload(try, event);
		add_link(try, event);
		cJSON_AddStringToObject(event, "client", "closedloopd");
		cJSON_AddStringToObject(event, "client_url", try->public_url);
	}
	channel_set_json(out, try->arena, event);
	channel_add_header(out, try->arena, "Content-Type", "application/json");
	return 0;
}
