/* callout.c — an alert that is none climbs its ladder while nobody answers: see callout.h.
 * Neighbours: loop/alert.c climbs, duty.c knows whom a step reaches, alarms.c does it in earnest.
 */
#include "closedloop/callout.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/nearest.h"
#include "closedloop/text.h"
#include "engine/engine_private.h"

/* --- The question -------------------------------------------------------------------------- */

int callout_question(const char *const *words, size_t len, struct callout_question *out,
		     struct err *err)
{
	static const char *const keys[] = {"unit", "kind", "at"};
	const char **const places[] = {&out->unit, &out->kind, &out->at};

	*out = (struct callout_question){.unit = NULL};
	for (size_t i = 0; i < len; i++) {
		size_t key_len = strcspn(words[i], "=");
		char key[32] = "";
		size_t at = 0;

		if (words[i][key_len] != '=' || key_len >= sizeof(key))
			return err_set(err, CL_EINVAL, "\"%.64s\" is not of the form KEY=VALUE",
				       words[i]);
		memcpy(key, words[i], key_len);
		struct nearest nearest = {.word = key};

		while (at < ARRAY_LEN(keys) && strcmp(keys[at], key) != 0)
			nearest_offer(&nearest, keys[at++]);
		if (at == ARRAY_LEN(keys))
			return err_set(err, CL_EINVAL, "\"%s\" is none of unit, kind and at%s", key,
				       nearest_hint(&nearest));
		if (*places[at])
			return err_set(err, CL_EINVAL, "%s is given twice", key);
		*places[at] = words[i] + key_len + 1;
	}
	return 0;
}

static int read_kind(const char *word, enum alert_kind *out, struct err *err)
{
	struct nearest nearest = {.word = word ? word : ""};
	int kind = word ? alert_kind_of(word) : -1;

	*out = (enum alert_kind)kind;
	if (kind >= 0)
		return 0;
	if (!word)
		return err_set(err, CL_EINVAL, "kind is missing, as in kind=arrival");
	for (int i = 0; i < ALERT_KINDS; i++)
		nearest_offer(&nearest, alert_traits((enum alert_kind)i)->word);
	return err_set(err, CL_EINVAL, "kind \"%.40s\" is no kind of alert%s", word,
		       nearest_hint(&nearest));
}

static int read_unit(const struct engine *engine, const char *code, enum alert_kind kind,
		     char out[UNIT_CODE_CAP], struct err *err)
{
	struct nearest nearest = {.word = code ? code : ""};

	out[0] = '\0';
	/* What is about the system itself is nobody's unit. */
	if (!code && kind >= ALERT_ID_REUSE)
		return 0;
	if (!code)
		return err_set(err, CL_EINVAL, "unit is missing, as in unit=310107016013");
	if (text_copy(out, UNIT_CODE_CAP, code) && gazetteer_has(engine->gazetteer, code))
		return 0;
	for (size_t i = 0; i < engine->conf->units_len; i++)
		nearest_offer(&nearest, engine->conf->units[i].code);
	return err_set(err, CL_EINVAL, "unit \"%.40s\" is not in the gazetteer%s", code,
		       nearest_hint(&nearest));
}

/* --- The climb ----------------------------------------------------------------------------- */

struct climb {
	struct engine *engine;
	struct callout *callout;
	struct alert alert;
	struct duty duties[CONF_STEPS_MAX + 1]; /* the last: the fallback */
	size_t moment;				/* the first line of this moment */
};

static struct callout_line *add_line(struct climb *climb, int64_t at, int step, enum tell_why why)
{
	struct callout *callout = climb->callout;

	if (callout->lines_len == CALLOUT_LINES_MAX)
		return NULL;
	struct callout_line *line = &callout->lines[callout->lines_len++];

	*line = (struct callout_line){
		.at = at, .step = step, .why = why, .reaches = callout->reach_len};
	return line;
}

static bool told_already(const struct climb *climb, const struct conf_endpoint *endpoint)
{
	const struct callout *callout = climb->callout;

	for (size_t i = callout->lines[climb->moment].reaches; i < callout->reach_len; i++) {
		if (callout->reach[i].endpoint == endpoint)
			return true;
	}
	return false;
}

/* The end of quiet hours that hold AT; 0 when none do. */
static int64_t quiet_until(const struct engine *engine, const struct conf_endpoint *endpoint,
			   int64_t at)
{
	const struct zone *zone = engine->conf->zone;
	int64_t from = endpoint->quiet_from, to = endpoint->quiet_to;
	int32_t day = when_day(zone, at);

	if (from == to)
		return 0;
	if (from > to && at < when_at(zone, day, to))
		return when_at(zone, day, to); /* Since last evening. */
	if (at < when_at(zone, day, from))
		return 0;
	if (from > to)
		return when_at(zone, day + 1, to);
	return at < when_at(zone, day, to) ? when_at(zone, day, to) : 0;
}

static void add_reaches(struct climb *climb, struct callout_line *line, const struct duty *duty)
{
	struct callout *callout = climb->callout;
	const struct roster *roster =
		duty->by ? conf_roster(climb->engine->conf, duty->by->roster) : NULL;
	bool urgent = alert_traits(callout->kind)->urgent;

	for (size_t i = 0; i < duty->len && callout->reach_len < CALLOUT_REACHES_MAX; i++) {
		const struct conf_endpoint *endpoint = duty->endpoints[i];
		struct callout_reach reach = {
			.endpoint = endpoint,
			.unit = duty->by ? duty->by->code : NULL,
			.roster = roster ? roster->name : NULL,
			.again = told_already(climb, endpoint),
			.held_until = urgent ? 0 : quiet_until(climb->engine, endpoint, line->at),
		};
		for (size_t k = 0; roster && k < roster->members_len && !reach.member; k++) {
			if (text_equal(roster->members[k].endpoint, endpoint->name))
				reach.member = roster->members[k].name;
		}
		callout->reach[callout->reach_len++] = reach;
		line->reaches_len++;
	}
}

/* Why STEP reaches nobody. */
static void add_skipped(struct climb *climb, int64_t at, int step)
{
	const struct conf_step *asked = &climb->callout->escalation->steps[step];
	const char *unit = climb->alert.unit;
	struct callout_line *line = add_line(climb, at, step, TELL_RAISED);

	if (!line)
		return;
	if (!*unit)
		snprintf(line->skipped, sizeof(line->skipped),
			 "it is about no unit, so no level answers for it");
	else if (strlen(unit) < (size_t)asked->target)
		snprintf(line->skipped, sizeof(line->skipped),
			 "unit %s stands above that level: its own step calls it", unit);
	else
		snprintf(line->skipped, sizeof(line->skipped),
			 "no unit from %.*s upwards has an endpoint or somebody on duty",
			 (int)asked->target, unit);
}

static int climb_once(struct climb *climb, int64_t now, struct err *err)
{
	struct callout *callout = climb->callout;
	struct ladder ladder;
	struct tell tells[TELL_MAX];
	int begun = climb->alert.step;

	int rc = alarm_ladder(climb->engine, &climb->alert, callout->escalation, now, climb->duties,
			      &ladder, err);
	if (rc < 0)
		return rc;
	size_t len = alert_escalate(&climb->alert, &ladder, now, tells);

	climb->moment = callout->lines_len;
	for (int step = begun; (size_t)step < ladder.len && step < climb->alert.step; step++) {
		if (!ladder.reachable[step])
			add_skipped(climb, now, step);
	}
	for (size_t i = 0; i < len; i++) {
		struct callout_line *line = add_line(climb, now, tells[i].step, tells[i].why);

		if (line)
			add_reaches(climb, line,
				    &climb->duties[tells[i].step == TELL_FALLBACK ? CONF_STEPS_MAX
										  : tells[i].step]);
	}
	return (int)len;
}

static int climb_all(struct climb *climb, struct err *err)
{
	struct callout *callout = climb->callout;
	int64_t now = climb->alert.next_at;
	size_t told = 0;

	while (now != WHEN_NEVER && now <= callout->at + CALLOUT_SPAN && told < CALLOUT_TELLS) {
		int rc = climb_once(climb, now, err);

		if (rc < 0)
			return rc;
		told += (size_t)rc;
		now = climb->alert.next_at;
	}
	callout->next_at = now;
	return 0;
}

int engine_callout(struct engine *engine, const struct callout_question *question, int64_t now,
		   struct callout *out, struct err *err)
{
	*out = (struct callout){.at = now, .next_at = WHEN_NEVER};
	int rc = read_kind(question->kind, &out->kind, err);
	if (rc == 0)
		rc = read_unit(engine, question->unit, out->kind, out->unit, err);
	if (rc == 0 && question->at && when_parse(question->at, &out->at, err) < 0)
		rc = err_set(err, CL_EINVAL,
			     "at \"%.40s\" is no RFC 3339 time with offset, as in "
			     "at=2020-03-08T03:05:00+08:00",
			     question->at);
	if (rc < 0)
		return rc;
	engine_unit_name(engine, out->unit, out->unit_name, sizeof(out->unit_name));
	out->escalation = conf_escalation(engine->conf, alert_traits(out->kind)->word);
	struct arena kept = scratch_begin(engine);
	struct climb *climb = arena_alloc(&engine->arena, sizeof(*climb));
	climb->engine = engine;
	climb->callout = out;
	climb->alert = (struct alert){.kind = out->kind,
				      .opened_at = out->at,
				      .since = out->at,
				      .due = out->at,
				      .eta = WHEN_UNKNOWN,
				      .eta_before = WHEN_UNKNOWN,
				      .next_at = out->at + alarm_gather(engine, out->kind, out->at),
				      .acked_at = WHEN_NEVER,
				      .resolved_at = WHEN_NEVER};
	text_copy(climb->alert.unit, sizeof(climb->alert.unit), out->unit);
	duty_add(&climb->duties[CONF_STEPS_MAX],
		 conf_endpoint(engine->conf, engine->conf->fallback));
	rc = climb_all(climb, err);
	scratch_end(engine, kept);
	return rc;
}
