/* notice_data.c — see notice_data.h. Neighbours: words.c says the same to people; the channels
 * carry it. */
#include "engine/notice_data.h"

#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "engine/notice_terms.h"

static void add_time(cJSON *data, const char *name, int64_t at, const struct zone *zone)
{
	char buf[WHEN_CAP];
	if (at != WHEN_UNKNOWN && at != WHEN_NEVER)
		cJSON_AddStringToObject(data, name, when_text(at, zone, buf));
}

/* A temperature is an answer about somebody's health: that there is one must do. */
static const char *detail_of(struct engine *engine, const struct alert *alert)
{
	if (alert->kind != ALERT_FEVER)
		return alert->detail;
	return arena_copy_bytes(&engine->arena, alert->detail, strcspn(alert->detail, " "));
}

static void add_people(struct engine *engine, const struct notice_facts *facts, cJSON *data)
{
	const struct crowd *crowd = facts->crowd;
	const char *detail = detail_of(engine, facts->alert);

	if (*crowd->flight)
		cJSON_AddStringToObject(data, "flight", crowd->flight);
	if (*detail)
		cJSON_AddStringToObject(data, "detail", detail);
	cJSON *nationalities = cJSON_AddObjectToObject(data, "nationalities");
	for (size_t i = 0; i < crowd->nationalities_len; i++)
		cJSON_AddNumberToObject(nationalities,
					*crowd->nationalities[i].word ? crowd->nationalities[i].word
								      : "unknown",
					crowd->nationalities[i].count);
	/* An unknown language asks for the kit in all of them. */
	cJSON *languages = cJSON_AddArrayToObject(data, "languages");
	for (size_t i = 0; i < crowd->languages_len; i++)
		cJSON_AddItemToArray(languages, cJSON_CreateString(crowd->languages[i].word));
	cJSON_AddStringToObject(data, "kit", crowd->languages_len ? "by_language" : "multilingual");
	cJSON *ids = cJSON_AddArrayToObject(data, "journeys");
	for (size_t i = 0; i < crowd->ids_len; i++)
		cJSON_AddItemToArray(ids, cJSON_CreateString(crowd->ids[i]));
}

const char *notice_data(struct engine *engine, const struct notice_facts *facts)
{
	const struct alert *alert = facts->alert;
	const struct zone *zone = engine->conf->zone;
	bool people = facts->redact != REDACT_COUNTS;
	cJSON *data = cJSON_CreateObject();

	/* The subject of what is about ourselves is a feed or an endpoint. */
	if (people || alert_is_ours(alert->kind))
		cJSON_AddStringToObject(data, "subject", alert->subject);
	cJSON_AddStringToObject(data, "why", notice_why(facts->why));
	cJSON_AddNumberToObject(data, "step", facts->step == TELL_FALLBACK ? -1 : facts->step + 1);
	cJSON_AddNumberToObject(data, "count", facts->crowd->count);
	add_time(data, "eta", alert->eta, zone);
	add_time(data, "deadline", alert->kind == ALERT_ARRIVAL ? alert->eta : facts->answer_by,
		 zone);
	add_time(data, "opened_at", alert->opened_at, zone);
	if (alert->kind == ALERT_ARRIVAL && alert->eta != WHEN_UNKNOWN)
		cJSON_AddNumberToObject(data, "lead_seconds",
					(double)((alert->eta - facts->now) / WHEN_SECOND));
	if (people)
		add_people(engine, facts, data);
	if (facts->late > 0)
		cJSON_AddNumberToObject(data, "late_seconds", (double)(facts->late / WHEN_SECOND));
	if (engine->drill)
		cJSON_AddBoolToObject(data, "drill", true);
	char *printed = cJSON_PrintUnformatted(data);
	cJSON_Delete(data);
	const char *kept = arena_copy(&engine->arena, printed);
	cJSON_free(printed);
	return kept;
}
