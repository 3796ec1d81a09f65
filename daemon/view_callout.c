/* view_callout.c — see view_callout.h. Neighbours: engine's callout.c has climbed; api_callout.c
 * and main.c ask. */
#include "daemon/view_callout.h"

#include <stdio.h>
#include <string.h>

/* --- Words --------------------------------------------------------------------------------- */

static const char *target_word(const struct conf_step *step)
{
	switch (step->target) {
	case STEP_COMMITTEE:
		return "committee";
	case STEP_STREET:
		return "street";
	case STEP_DISTRICT:
		return "district";
	case STEP_CITY:
		return "city";
	case STEP_PROVINCE:
		return "province";
	case STEP_ENDPOINT:
		break;
	}
	return step->endpoint;
}

static const char *step_word(const struct callout *callout, int step)
{
	return step == TELL_FALLBACK ? "fallback" : target_word(&callout->escalation->steps[step]);
}

static const char *why_word(enum tell_why why)
{
	static const char *const words[] = {
		[TELL_RAISED] = "raised",	  [TELL_ESCALATED] = "escalated",
		[TELL_REPEATED] = "repeated",	  [TELL_CHANGED] = "changed",
		[TELL_ASK_AGAIN] = "asked again",
	};

	return (size_t)why < ARRAY_LEN(words) && words[why] ? words[why] : "told";
}

/* --- For machines -------------------------------------------------------------------------- */

static void add_time(cJSON *object, const char *name, int64_t at, const struct conf *conf)
{
	char buf[WHEN_CAP];

	if (at == WHEN_NEVER || at == 0)
		cJSON_AddNullToObject(object, name);
	else
		cJSON_AddStringToObject(object, name, when_text(at, conf->zone, buf));
}

static void add_text(cJSON *object, const char *name, const char *value)
{
	if (value && *value)
		cJSON_AddStringToObject(object, name, value);
	else
		cJSON_AddNullToObject(object, name);
}

static cJSON *reach_json(const struct conf *conf, const struct callout_reach *reach)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "endpoint", reach->endpoint->name);
	cJSON_AddStringToObject(out, "channel", channel_word(reach->endpoint->channel));
	cJSON *pool = cJSON_AddArrayToObject(out, "pool");

	for (size_t i = 0; i < reach->endpoint->pool_len; i++)
		cJSON_AddItemToArray(pool, cJSON_CreateString(reach->endpoint->pool[i]));
	add_text(out, "unit", reach->unit);
	add_text(out, "roster", reach->roster);
	add_text(out, "member", reach->member);
	cJSON_AddBoolToObject(out, "told_already", reach->again);
	add_time(out, "held_until", reach->held_until, conf);
	return out;
}

static cJSON *line_json(const struct conf *conf, const struct callout *callout,
			const struct callout_line *line)
{
	cJSON *out = cJSON_CreateObject();

	add_time(out, "at", line->at, conf);
	cJSON_AddNumberToObject(out, "after_seconds",
				(double)((line->at - callout->at) / WHEN_SECOND));
	if (line->step == TELL_FALLBACK)
		cJSON_AddNullToObject(out, "step");
	else
		cJSON_AddNumberToObject(out, "step", line->step + 1);
	cJSON_AddStringToObject(out, "to", step_word(callout, line->step));
	add_text(out, "why", *line->skipped ? NULL : why_word(line->why));
	add_text(out, "skipped", line->skipped);
	cJSON *called = cJSON_AddArrayToObject(out, "called");

	for (size_t i = 0; i < line->reaches_len; i++)
		cJSON_AddItemToArray(called, reach_json(conf, &callout->reach[line->reaches + i]));
	return out;
}

static void add_escalation(cJSON *out, const struct conf *conf, const struct callout *callout)
{
	cJSON *escalation = cJSON_AddObjectToObject(out, "escalation");
	char buf[WHEN_CAP];

	cJSON_AddStringToObject(escalation, "name", callout->escalation->name);
	cJSON *steps = cJSON_AddArrayToObject(escalation, "steps");

	for (size_t i = 0; i < callout->escalation->len; i++) {
		const struct conf_step *step = &callout->escalation->steps[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "to", target_word(step));
		cJSON_AddStringToObject(item, "wait", when_duration_text(step->wait, buf));
		cJSON_AddBoolToObject(item, "repeat", step->repeat);
		cJSON_AddItemToArray(steps, item);
	}
	add_text(escalation, "fallback", conf->fallback);
}

cJSON *view_callout(const struct conf *conf, const struct callout *callout)
{
	const struct alert_traits *kind = alert_traits(callout->kind);
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "kind", kind->word);
	cJSON_AddBoolToObject(out, "urgent", kind->urgent);
	cJSON_AddBoolToObject(out, "informative", kind->informative);
	add_text(out, "unit", callout->unit);
	add_text(out, "unit_name", callout->unit_name);
	add_time(out, "at", callout->at, conf);
	add_escalation(out, conf, callout);
	cJSON *lines = cJSON_AddArrayToObject(out, "calls");

	for (size_t i = 0; i < callout->lines_len; i++)
		cJSON_AddItemToArray(lines, line_json(conf, callout, &callout->lines[i]));
	add_time(out, "goes_on_at", callout->next_at, conf);
	return out;
}

/* --- For people ---------------------------------------------------------------------------- */

static void add_head(struct text *out, const struct conf *conf, const struct callout *callout)
{
	const struct alert_traits *kind = alert_traits(callout->kind);
	const struct conf_escalation *escalation = callout->escalation;
	char buf[WHEN_CAP];

	text_addf(out, "kind    %s (%s)\n", kind->word,
		  kind->informative ? "informative: told once"
		  : kind->urgent    ? "urgent"
				    : "normal");
	if (*callout->unit)
		text_addf(out, "unit    %s %s\n", callout->unit, callout->unit_name);
	text_addf(out, "at      %s\n", when_text(callout->at, conf->zone, buf));
	text_addf(out, "ladder  %s: ", escalation->name);
	for (size_t i = 0; i < escalation->len; i++)
		text_addf(out, "%s%s %s%s", i ? ", " : "", target_word(&escalation->steps[i]),
			  when_duration_text(escalation->steps[i].wait, buf),
			  escalation->steps[i].repeat ? " repeat" : "");
	text_addf(out, "; then the fallback %s\n\n", conf->fallback);
}

/* "03:05:00", with the date in front when it is another day than the first. */
static void add_moment(struct text *out, const struct conf *conf, const struct callout *callout,
		       int64_t at)
{
	char buf[WHEN_CAP], span[WHEN_CAP];

	when_text(at, conf->zone, buf);
	buf[strlen("2020-03-08T03:05:00")] = '\0';
	if (when_day(conf->zone, at) == when_day(conf->zone, callout->at))
		text_addf(out, "%s", buf + strlen("2020-03-08T"));
	else
		text_addf(out, "%s", buf);
	text_addf(out, "  +%-7s", when_duration_text(at - callout->at, span));
}

static void add_reach(struct text *out, const struct conf *conf, const struct callout_reach *reach)
{
	char buf[WHEN_CAP];

	text_addf(out, "%s (%s)", reach->endpoint->name, channel_word(reach->endpoint->channel));
	for (size_t i = 0; i < reach->endpoint->pool_len; i++)
		text_addf(out, "%s%s", i ? " or " : " by ", reach->endpoint->pool[i]);
	if (reach->member)
		text_addf(out, ", %s on duty by roster %s", reach->member, reach->roster);
	else if (reach->roster)
		text_addf(out, ", nobody is on duty by roster %s: unit %s's own", reach->roster,
			  reach->unit);
	else if (reach->unit)
		text_addf(out, ", unit %s's endpoint", reach->unit);
	if (reach->again)
		text_add(out, ", told in this moment already: not twice");
	if (reach->held_until)
		text_addf(out, ", quiet hours: held until %s",
			  when_text(reach->held_until, conf->zone, buf));
	text_add(out, "\n");
}

static void add_line(struct text *out, const struct conf *conf, const struct callout *callout,
		     const struct callout_line *line)
{
	static const char indent[] = "                                          ";

	add_moment(out, conf, callout, line->at);
	if (line->step == TELL_FALLBACK)
		text_addf(out, "  -  %-10.20s ", "fallback");
	else
		text_addf(out, "  %d  %-10.20s ", line->step + 1, step_word(callout, line->step));
	if (*line->skipped) {
		text_addf(out, "skipped    %s\n", line->skipped);
		return;
	}
	text_addf(out, "%-10s ", why_word(line->why));
	for (size_t i = 0; i < line->reaches_len; i++) {
		if (i > 0)
			text_add(out, indent);
		add_reach(out, conf, &callout->reach[line->reaches + i]);
	}
	if (line->reaches_len == 0)
		text_add(out, "nobody\n");
}

void view_callout_text(const struct conf *conf, const struct callout *callout, struct text *out)
{
	char buf[WHEN_CAP];

	text_clear(out);
	add_head(out, conf, callout);
	for (size_t i = 0; i < callout->lines_len; i++)
		add_line(out, conf, callout, &callout->lines[i]);
	if (callout->next_at == WHEN_NEVER)
		text_add(out, "\nThat is all: nobody need answer.\n");
	else
		text_addf(out, "\n… and on from %s, until somebody takes it.\n",
			  when_text(callout->next_at, conf->zone, buf));
}
