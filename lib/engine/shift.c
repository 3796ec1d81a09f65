/* shift.c — one shift hands over to the next: a while before others come on duty, an alert tells
 * both what is open, and until those who come have acknowledged it, both stay reachable.
 * Neighbours: loop/roster.c finds the changes, duty.c asks what is pending, shift_words.c has the
 * digest, alarms.c tells and escalates.
 *
 * What must survive a crash is one value per roster, "shift.NAME": the latest change that was
 * begun, and the alert that stands for it (0: none, we only began to look then). It is written in
 * the transaction that opens the alert, so a change is handed over exactly once. After downtime
 * only the latest change is, marked late: who missed a shift needs no digest of it. */
#include "engine/engine_private.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

/* How far back changes are looked for that nobody was told of. */
#define SHIFT_BACK  (35 * WHEN_DAY)
/* How far ahead the next one is looked for; then we look again. */
#define SHIFT_AHEAD (40 * WHEN_DAY)

struct shift {
	long long change, alert;
};

static void shift_key(const struct roster *roster, char key[64])
{
	(void)snprintf(key, 64, "shift.%s", roster->name);
}

static int shift_load(struct engine *engine, const struct roster *roster, struct shift *out,
		      bool *found, struct err *err)
{
	char key[64], value[64];
	struct err none = ERR_INIT;

	shift_key(roster, key);
	int rc = engine->store->ops->meta_get(engine->store, key, value, sizeof(value), &none);
	*found = rc == 0;
	if (rc == CL_ENOENT)
		return 0;
	if (rc < 0)
		return err_set(err, (enum cl_error)rc, "%s", none.text);
	if (sscanf(value, "%lld %lld", &out->change, &out->alert) != 2)
		return err_set(err, CL_ECORRUPT, "meta %s: \"%s\" is not a change and an alert",
			       key, value);
	return 0;
}

static int shift_save(struct engine *engine, const struct roster *roster, int64_t change,
		      int64_t alert, struct err *err)
{
	char key[64], value[64];

	shift_key(roster, key);
	(void)snprintf(value, sizeof(value), "%lld %lld", (long long)change, (long long)alert);
	return engine->store->ops->meta_set(engine->store, key, value, err);
}

/* --- What is pending --- */

/* The alert of the handover begun last, when it is still open. */
static int open_handover(struct engine *engine, const struct roster *roster, struct alert *alert,
			 bool *open, struct err *err)
{
	struct shift shift;

	*open = false;
	int rc = shift_load(engine, roster, &shift, open, err);
	if (rc < 0 || !*open || shift.alert == 0) {
		*open = false;
		return rc;
	}
	rc = engine->store->ops->alert_load(engine->store, shift.alert, alert, err);
	*open = rc == 0 && alert->state != ALERT_RESOLVED;
	return rc;
}

int shift_pending(struct engine *engine, const struct roster *roster, int64_t *change,
		  struct err *err)
{
	struct alert alert;
	bool open;
	int rc = open_handover(engine, roster, &alert, &open, err);

	*change = open ? alert.eta : WHEN_NEVER;
	return rc;
}

const struct roster *shift_roster(const struct engine *engine, const struct alert *alert)
{
	char name[ALERT_SUBJECT_CAP];
	size_t len = strcspn(alert->subject, " ");

	if (alert->kind != ALERT_SHIFT_HANDOVER)
		return NULL;
	text_copy(name, len + 1, alert->subject);
	return conf_roster(engine->conf, name);
}

bool shift_leaves(const struct engine *engine, const struct alert *alert, const char *endpoint)
{
	const struct roster *roster = shift_roster(engine, alert);
	const struct conf_unit *unit = conf_unit(engine->conf, alert->unit);
	struct duty leave = {.len = 0}, come = {.len = 0};

	if (!roster || !unit)
		return false;
	duty_add_members(engine, roster, roster_on_duty(roster, alert->eta - 1, NULL), unit,
			 &leave);
	duty_add_members(engine, roster, roster_on_duty(roster, alert->eta, NULL), unit, &come);
	return duty_has(&leave, endpoint) && !duty_has(&come, endpoint);
}

/* --- What is due --- */

/* A later change takes the place of one that nobody took over: its digest says all that is open. */
static int end_previous(struct engine *engine, const struct roster *roster, int64_t now,
			struct err *err)
{
	struct alert alert;
	bool open;
	int rc = open_handover(engine, roster, &alert, &open, err);

	if (rc < 0 || !open)
		return rc;
	log_warn("shift.never_taken", "roster=%s alert=%lld", roster->name, (long long)alert.id);
	alert.state = ALERT_RESOLVED;
	alert.resolved_at = now;
	alert.next_at = WHEN_NEVER;
	text_copy(alert.outcome, sizeof(alert.outcome), "next_shift");
	rc = engine->store->ops->alert_save(engine->store, &alert, now, err);
	if (rc == 0)
		rc = ends_tell(engine, &alert, TELL_OVER, now, err);
	return rc;
}

static int begin_handover(struct engine *engine, const struct roster *roster,
			  const struct conf_unit *unit, int64_t change, int64_t now,
			  struct err *err)
{
	struct alert alert = {.kind = ALERT_SHIFT_HANDOVER,
			      .opened_at = now,
			      .since = change,
			      .due = change - roster->handover_before,
			      .eta = change,
			      .eta_before = WHEN_UNKNOWN,
			      .next_at = now,
			      .acked_at = WHEN_NEVER,
			      .resolved_at = WHEN_NEVER};
	struct text subject = TEXT_OVER(alert.subject);
	char day[WHEN_CAP], clock[WHEN_CAP];

	text_addf(&subject, "%s %sT%s", roster->name,
		  when_day_text(when_day(roster->zone, change), day),
		  when_clock_text(change, roster->zone, clock));
	text_copy(alert.unit, sizeof(alert.unit), unit->code);
	int rc = end_previous(engine, roster, now, err);
	if (rc == 0)
		rc = engine->store->ops->alert_save(engine->store, &alert, now, err);
	if (rc == 0)
		rc = shift_save(engine, roster, change, alert.id, err);
	if (rc == 0)
		log_info("shift.handover", "roster=%s alert=%lld change_at=%sT%s", roster->name,
			 (long long)alert.id, day, clock);
	return rc;
}

/* The latest change of ROSTER in (FROM, TO], or WHEN_NEVER. */
static int64_t latest_change(const struct roster *roster, int64_t from, int64_t to)
{
	int64_t latest = WHEN_NEVER;

	for (int64_t at = from; (at = roster_change_next(roster, at, to)) != WHEN_NEVER;)
		latest = at;
	return latest;
}

/* Hand over what is due; *AT becomes the time of the next if that is sooner. */
static int roster_due(struct engine *engine, const struct roster *roster,
		      const struct conf_unit *unit, int64_t now, int64_t *at, unsigned *fired,
		      struct err *err)
{
	int64_t until = now + roster->handover_before;
	struct shift shift = {.change = now};
	bool found;

	int rc = shift_load(engine, roster, &shift, &found, err);
	if (rc < 0)
		return rc;
	if (!found)
		rc = shift_save(engine, roster, now, 0, err);
	int64_t from = shift.change > now - SHIFT_BACK ? shift.change : now - SHIFT_BACK;
	int64_t change = latest_change(roster, from, until);
	if (rc == 0 && change != WHEN_NEVER) {
		rc = begin_handover(engine, roster, unit, change, now, err);
		(*fired)++;
	}
	/* An earlier start of the clock may have begun a change that is still to come. */
	from = from > until ? from : until;
	int64_t next = roster_change_next(roster, from, from + SHIFT_AHEAD);
	if (next == WHEN_NEVER)
		next = from + SHIFT_AHEAD;
	if (next - roster->handover_before < *at)
		*at = next - roster->handover_before;
	return rc;
}

int shift_due(struct engine *engine, int64_t now, unsigned *fired, struct err *err)
{
	const struct conf *conf = engine->conf;
	int64_t at = WHEN_NEVER;
	int rc = 0;

	if (engine->shifts_known && now < engine->shifts_at)
		return 0;
	bool *seen = arena_alloc(&engine->arena, conf->rosters_len + 1);
	for (size_t i = 0; i < conf->units_len && rc == 0; i++) {
		const struct roster *roster = conf_roster(conf, conf->units[i].roster);

		/* Several units may share one roster: the first answers for its changes. */
		if (!roster || seen[roster - conf->rosters])
			continue;
		seen[roster - conf->rosters] = true;
		rc = roster_due(engine, roster, &conf->units[i], now, &at, fired, err);
	}
	engine->shifts_known = rc == 0;
	engine->shifts_at = at;
	return rc;
}

int64_t shift_next(const struct engine *engine)
{
	if (engine->shifts_known)
		return engine->shifts_at;
	return engine->conf->rosters_len ? 0 : WHEN_NEVER;
}
