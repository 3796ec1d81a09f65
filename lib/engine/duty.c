/* duty.c — whom a step of an escalation reaches at a minute: by level to a unit, by the unit's
 * roster to who is on duty. Neighbours: loop/roster.c knows the turns; shift.c knows which change
 * of shifts nobody has taken over yet; alarms.c climbs. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/text.h"

void duty_add(struct duty *duty, const struct conf_endpoint *endpoint)
{
	if (!endpoint || duty->len == DUTY_MAX)
		return;
	for (size_t i = 0; i < duty->len; i++) {
		if (duty->endpoints[i] == endpoint)
			return;
	}
	duty->endpoints[duty->len++] = endpoint;
}

bool duty_has(const struct duty *duty, const char *endpoint)
{
	for (size_t i = 0; i < duty->len; i++) {
		if (text_equal(duty->endpoints[i]->name, endpoint))
			return true;
	}
	return false;
}

void duty_add_members(const struct engine *engine, const struct roster *roster, uint64_t members,
		      const struct conf_unit *unit, struct duty *out)
{
	for (size_t i = 0; i < roster->members_len; i++) {
		if (members >> i & 1)
			duty_add(out, conf_endpoint(engine->conf, roster->members[i].endpoint));
	}
	if (members == 0)
		duty_add(out, conf_endpoint(engine->conf, unit->endpoint));
}

/* The roster of one unit, and its own endpoint when nobody is on duty. */
static int reach_unit(struct engine *engine, const struct conf_unit *unit, bool urgent, int64_t now,
		      struct duty *out, struct err *err)
{
	const struct roster *roster = conf_roster(engine->conf, unit->roster);
	int64_t change = WHEN_NEVER;
	int rc = 0;

	if (!roster) {
		duty_add(out, conf_endpoint(engine->conf, unit->endpoint));
		return 0;
	}
	duty_add_members(engine, roster, roster_on_duty(roster, now, NULL), unit, out);
	if (urgent)
		rc = shift_pending(engine, roster, &change, err);
	if (rc < 0 || change == WHEN_NEVER)
		return rc;
	/* "Not one minute uncovered": until the next shift says that it has taken over, both are
	 * called, whoever's hours it is. */
	duty_add_members(engine, roster, roster_on_duty(roster, change - 1, NULL), unit, out);
	duty_add_members(engine, roster, roster_on_duty(roster, change, NULL), unit, out);
	return 0;
}

int duty_at(struct engine *engine, const char *code, bool urgent, int64_t now, struct duty *out,
	    struct err *err)
{
	static const size_t levels[] = {12, 9, 6, 4, 2};
	char prefix[UNIT_CODE_CAP];
	int rc = 0;

	out->len = 0;
	out->by = NULL;
	for (size_t i = 0; i < ARRAY_LEN(levels) && rc == 0 && out->len == 0; i++) {
		if (strlen(code) < levels[i])
			continue;
		text_copy(prefix, levels[i] + 1, code);
		const struct conf_unit *unit = conf_unit(engine->conf, prefix);
		if (!unit)
			continue;
		out->by = unit;
		rc = reach_unit(engine, unit, urgent, now, out, err);
	}
	return rc;
}

/* A step looks up: a committee without an endpoint of its own uses its street's, and so on. */
int duty_reach(struct engine *engine, const struct conf_step *step, const struct alert *alert,
	       int64_t now, struct duty *out, struct err *err)
{
	char code[UNIT_CODE_CAP];

	out->len = 0;
	out->by = NULL;
	if (step->target == STEP_ENDPOINT) {
		duty_add(out, conf_endpoint(engine->conf, step->endpoint));
		return 0;
	}
	if (strlen(alert->unit) < (size_t)step->target)
		return 0;
	text_copy(code, (size_t)step->target + 1, alert->unit);
	return duty_at(engine, code, alert_traits(alert->kind)->urgent, now, out, err);
}
