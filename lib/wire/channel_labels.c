/* channel_labels.c — labels, fingerprint and group key of one alert.
 * Neighbours: channel_alertmanager.c sends them, channel_pagerduty.c makes its key of them. */
#include "wire/channel_labels.h"

#include <assert.h>
#include <string.h>

#include "closedloop/alert.h"
#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define FNV_BASE  UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

void labels_add(struct labels *labels, const char *name, const char *value)
{
	size_t at = labels->len;

	assert(labels->len < LABELS_MAX);
	for (; at > 0 && strcmp(labels->all[at - 1].name, name) > 0; at--)
		labels->all[at] = labels->all[at - 1];
	labels->all[at] = (struct label){name, value};
	labels->len++;
}

/* "not_accepted" is NotAccepted there. */
static const char *camel(struct arena *arena, const char *word)
{
	char *name = arena_alloc(arena, strlen(word) + 1);
	bool begins = true;
	size_t len = 0;

	for (; *word; word++) {
		bool letter = *word >= 'a' && *word <= 'z';

		if (*word == '_' || *word == '.')
			begins = true;
		else {
			name[len++] = begins && letter ? (char)(*word - 'a' + 'A') : *word;
			begins = false;
		}
	}
	return name;
}

const char *labels_severity(const struct notice *notice)
{
	int kind = notice->kind ? alert_kind_of(notice->kind) : -1;

	if (kind < 0 || alert_traits((enum alert_kind)kind)->informative)
		return "info";
	return alert_traits((enum alert_kind)kind)->urgent ? "critical" : "warning";
}

void labels_of(const struct channel_try *try, struct labels *out)
{
	const struct notice *notice = try->notice;
	char number[24];

	*out = (struct labels){.len = 0};
	if (notice->alert > 0)
		labels_add(out, "alert",
			   arena_copy(try->arena, alert_number(notice->alert, number)));
	else
		labels_add(out, "notice", notice->id);
	labels_add(out, "alertname",
		   camel(try->arena, notice->kind && *notice->kind ? notice->kind : "notice"));
	labels_add(out, "severity", labels_severity(notice));
	/* Alertmanager takes an empty label for an absent one. */
	if (notice->unit && *notice->unit)
		labels_add(out, "unit", channel_utf8(try->arena, notice->unit));
}

static uint64_t fnv(uint64_t hash, const char *string)
{
	for (; *string; string++)
		hash = (hash ^ (unsigned char)*string) * FNV_PRIME;
	return (hash ^ 0xFF) * FNV_PRIME;
}

uint64_t labels_fingerprint(const struct labels *labels)
{
	uint64_t hash = FNV_BASE;

	for (size_t i = 0; i < labels->len; i++)
		hash = fnv(fnv(hash, labels->all[i].name), labels->all[i].value);
	return hash;
}

/* STRING as Go quotes it; our values are words, digits and names. */
static void quote(struct text *out, const char *string)
{
	text_add(out, "\"");
	for (; *string; string++) {
		if (*string == '"' || *string == '\\')
			text_addf(out, "\\%c", *string);
		else if (*string == '\n')
			text_add(out, "\\n");
		else if ((unsigned char)*string < 0x20 || *string == 0x7F)
			text_addf(out, "\\x%02x", (unsigned)(unsigned char)*string);
		else
			text_add_bytes(out, string, 1);
	}
	text_add(out, "\"");
}

const char *labels_group_key(const struct labels *labels, const char *route, struct arena *arena)
{
	size_t cap = strlen(route) + 8;
	struct text key;

	for (size_t i = 0; i < labels->len; i++)
		cap += strlen(labels->all[i].name) + 4 * strlen(labels->all[i].value) + 8;
	text_init(&key, arena_alloc(arena, cap), cap);
	text_addf(&key, "%s:{", route);
	for (size_t i = 0; i < labels->len; i++) {
		text_addf(&key, "%s%s=", i ? ", " : "", labels->all[i].name);
		quote(&key, labels->all[i].value);
	}
	text_add(&key, "}");
	assert(!key.cut);
	return key.data;
}

cJSON *labels_json(const struct labels *labels, struct arena *arena)
{
	cJSON *object = cJSON_CreateObject();

	for (size_t i = 0; i < labels->len; i++)
		cJSON_AddStringToObject(object, labels->all[i].name,
					channel_utf8(arena, labels->all[i].value));
	return object;
}

enum phase labels_phase(const struct notice *notice)
{
	if (text_equal(notice->type, "alert.resolved"))
		return PHASE_RESOLVED;
	return text_equal(notice->type, "alert.acked") ? PHASE_ACKED : PHASE_FIRING;
}

int64_t labels_instant(const cJSON *data, const char *name, int64_t otherwise)
{
	const char *string = json_string(data, name);
	int64_t at;

	return string && when_parse(string, &at, NULL) == 0 ? at : otherwise;
}
