/* alarms.c — alerts as rows: journeys join and leave them, humans answer them. Neighbours:
 * telling.c lets time climb their ladder, ends.c tells who follows them, step.c brings the
 * decisions. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

/* The form in which a subject is kept and looked for: itself, or when it is too long its beginning
 * and a hash. */
static const char *subject_key(const char *subject, char key[ALERT_SUBJECT_CAP])
{
	uint8_t hash[16];
	char hex[2 * sizeof(hash) + 1];
	size_t len = strlen(subject);

	if (len < ALERT_SUBJECT_CAP) {
		text_copy(key, ALERT_SUBJECT_CAP, subject);
		return key;
	}
	struct text out;
	text_init(&out, key, ALERT_SUBJECT_CAP);
	digest_blake2b(NULL, 0, subject, len, hash, sizeof(hash));
	digest_hex(hash, sizeof(hash), hex, sizeof(hex));
	text_add_bytes(&out, subject,
		       text_cut_at(subject, len, ALERT_SUBJECT_CAP - sizeof(hex) - 1));
	text_addf(&out, "~%s", hex);
	return key;
}

/* How long an alert of KIND waits for its like before the first word goes out. */
static int64_t gather(enum alert_kind kind, const struct policy *policy)
{
	return kind == ALERT_EXPECTED || kind == ALERT_END_MOVED || kind == ALERT_STALE_ARRIVALS
		       ? policy->group_wait
		       : 0;
}

int64_t alarm_gather(const struct engine *engine, enum alert_kind kind, int64_t now)
{
	return gather(kind, policy_today(engine, now));
}

/* A summary that went out is not sent again for each that comes after it. */
#define SUMMARY_AGAIN (10 * WHEN_MINUTE)

/* Somebody more is in ALERT: those who were told are told again, and an old acknowledgement does
 * not cover her. */
static void grow(struct alert *alert, const struct policy *policy, int64_t now)
{
	if (alert->kind == ALERT_STALE_ARRIVALS) {
		if (alert->step > 0 && alert->next_at == WHEN_NEVER) {
			alert->step = 0;
			alert->next_at = now + SUMMARY_AGAIN;
		}
		return;
	}
	alert->changed = alert->step > 0;
	alert->loud = alert_traits(alert->kind)->urgent;
	/* What explained the others need not explain her. */
	alert_release(alert, now);
	if (alert->state == ALERT_ACKED && alert->loud) {
		alert->state = ALERT_OPEN;
		alert->next_at = now + policy->ack_expires;
	}
}

int alarm_open(struct engine *engine, const struct want *want, const char *journey,
	       const struct policy *policy, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct alert alert;
	bool found;

	int rc = ops->alert_find(engine->store, want->kind, want->subject, want->unit, &alert,
				 &found, err);
	if (rc < 0)
		return rc;
	if (!found) {
		memset(&alert, 0, sizeof(alert));
		alert.kind = want->kind;
		text_copy(alert.subject, sizeof(alert.subject), want->subject);
		text_copy(alert.unit, sizeof(alert.unit), want->unit);
		text_copy(alert.detail, sizeof(alert.detail), want->detail ? want->detail : "");
		alert.opened_at = now;
		alert.since = want->since;
		alert.due = want->due;
		alert.eta = want->eta;
		alert.eta_before = WHEN_UNKNOWN;
		alert.next_at = now + gather(want->kind, policy);
		alert.acked_at = alert.resolved_at = WHEN_NEVER;
	} else {
		grow(&alert, policy, now);
		if (want->eta != WHEN_UNKNOWN &&
		    (alert.eta == WHEN_UNKNOWN || want->eta < alert.eta))
			alert.eta = want->eta;
	}
	rc = ops->alert_save(engine->store, &alert, now, err);
	if (rc < 0)
		return rc;
	return ops->member_save(engine->store, alert.id, journey, err);
}

int alarm_leave(struct engine *engine, const struct joined *joined, const char *journey,
		int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct alert alert;
	bool found;
	int left;

	int rc = ops->alert_find(engine->store, joined->kind, joined->subject, joined->unit, &alert,
				 &found, err);
	if (rc < 0 || !found)
		return rc;
	rc = ops->member_remove(engine->store, alert.id, journey, &left, err);
	if (rc == 0)
		rc = hold_lift(engine, alert.kind, now, err);
	if (rc < 0 || left > 0)
		return rc;
	alert.state = ALERT_RESOLVED;
	alert.resolved_at = now;
	alert.next_at = WHEN_NEVER;
	alert.changed = false;
	text_copy(alert.outcome, sizeof(alert.outcome), "cleared");
	rc = ops->alert_save(engine->store, &alert, now, err);
	return rc < 0 ? rc : ends_tell(engine, &alert, TELL_OVER, now, err);
}

/* The earliest ETA among the members of ALERT other than JOURNEY, whose own is ETA: at a gate with
 * two arrivals the first one counts. */
static int earliest_eta(struct engine *engine, const struct alert *alert, const char *journey,
			int64_t *eta, struct err *err)
{
	struct id_list list = {.arena = &engine->arena};
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));

	int rc = engine->store->ops->members_of(engine->store, alert->id, id_collect, &list, err);
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		if (text_equal(list.ids[i], journey))
			continue;
		struct arena kept = scratch_begin(engine);
		rc = held_load(engine, list.ids[i], held, err);
		for (size_t k = 0; rc == 0 && k < held->journey.joined_len; k++) {
			const struct joined *joined = &held->journey.joined[k];
			if (joined->kind == alert->kind &&
			    text_equal(joined->subject, alert->subject) &&
			    joined->eta != WHEN_UNKNOWN && joined->eta < *eta)
				*eta = joined->eta;
		}
		rc = rc == CL_EGONE ? 0 : rc;
		scratch_end(engine, kept);
	}
	return rc;
}

/* One more slot was missed: louder, and an old acknowledgement does not cover it. */
static void grow_missed(struct alert *alert, int64_t latest, int64_t now)
{
	if (alert->eta != WHEN_UNKNOWN && latest <= alert->eta)
		return;
	alert->eta = latest;
	alert->changed = alert->step > 0;
	alert->loud = true;
	if (alert->state == ALERT_ACKED) {
		alert->state = ALERT_OPEN;
		alert->next_at = now;
	}
}

/* An ETA earlier than told by the policy's margin is told at once; a later one quietly. */
int alarm_move(struct engine *engine, const struct want *want, const char *journey,
	       const struct policy *policy, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct alert alert;
	int64_t eta = want->eta;
	bool found;

	int rc = ops->alert_find(engine->store, want->kind, want->subject, want->unit, &alert,
				 &found, err);
	if (rc < 0 || !found || want->eta == WHEN_UNKNOWN)
		return rc;
	if (want->kind == ALERT_MISSED_CHECK) {
		grow_missed(&alert, want->eta, now);
		return ops->alert_save(engine->store, &alert, now, err);
	}
	int64_t told = alert.eta;
	int64_t margin = policy->eta_earlier_notify;
	/* Only a later ETA at a gate asks for the others: who comes sooner decides. */
	if (alert.kind == ALERT_ARRIVAL && told != WHEN_UNKNOWN && eta >= told + margin)
		rc = earliest_eta(engine, &alert, journey, &eta, err);
	if (rc < 0)
		return rc;
	bool earlier = told == WHEN_UNKNOWN || eta <= told - margin;
	bool later = !earlier && eta >= told + margin;

	if (!earlier && !later)
		return 0;
	alert.eta_before = told;
	alert.eta = eta;
	if (alert.step > 0 && (earlier || alert.kind == ALERT_ARRIVAL)) {
		alert.changed = true;
		alert.loud = earlier && alert_traits(alert.kind)->urgent;
	}
	return ops->alert_save(engine->store, &alert, now, err);
}

/* --- Humans answer
 * ------------------------------------------------------------------------------------------ */

/* Every journey in ALERT learns that a human ended it; what still holds comes back after the
 * policy's recheck. */
static int free_members(struct engine *engine, const struct alert *alert, const struct fact *fact,
			int64_t now, int64_t *seq, struct err *err)
{
	struct id_list list = {.arena = &engine->arena};
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));
	struct fact ended = *fact;

	ended.type = FACT_ALERT_RESOLVED;
	ended.alert_kind = alert_traits(alert->kind)->word;
	ended.alert_subject = alert->subject;
	ended.alert_unit = alert->unit;
	int rc = engine->store->ops->members_of(engine->store, alert->id, id_collect, &list, err);
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		struct step step = {.fact = &ended, .now = now, .seq = seq};
		rc = held_load(engine, list.ids[i], held, err);
		if (rc == 0)
			rc = step_apply(engine, held, &step, err);
		rc = rc == CL_EGONE ? 0 : rc;
		scratch_end(engine, kept);
	}
	return rc;
}

int alarm_submit(struct engine *engine, const struct fact *fact, int64_t now,
		 struct fact_result *result, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct alert alert;
	int64_t seq = 0;

	int rc = ops->alert_load(engine->store, fact->alert, &alert, err);
	if (rc < 0)
		return rc;
	enum alert_state was = alert.state;
	if (alert.state == ALERT_RESOLVED) {
		text_copy(result->detail, sizeof(result->detail), "already resolved");
		return 0;
	}
	if (fact->type == FACT_ALERT_RESOLVED && alert_traits(alert.kind)->sticky &&
	    (!fact->outcome || !*fact->outcome))
		return err_set(err, CL_EINVAL, "alert %lld (%s) ends only with a coded outcome",
			       (long long)alert.id, alert_traits(alert.kind)->word);
	if (fact->type == FACT_ALERT_ACKED && fact->via && shift_leaves(engine, &alert, fact->via))
		return err_set(err, CL_ECONFLICT,
			       "alert %lld: a shift is taken over by those who come, endpoint %s "
			       "belongs to those who leave",
			       (long long)alert.id, fact->via);
	if (fact->type == FACT_ALERT_RESOLVED && fact->outcome && !alert_is_outcome(fact->outcome))
		return err_set(err, CL_EINVAL,
			       "outcome \"%s\" is no code: a to z first, then up to 31 of a to z, "
			       "0 to 9 and _",
			       fact->outcome);
	struct step step = {.fact = fact, .now = now, .seq = &seq};
	rc = step_keep_fact(engine, &step, NULL, err);
	if (rc < 0)
		return rc;
	if (fact->type == FACT_ALERT_ACKED) {
		alert_ack(&alert, fact->by ? fact->by : "", policy_today(engine, now), now);
	} else {
		alert.state = ALERT_RESOLVED;
		alert.resolved_at = now;
		alert.next_at = WHEN_NEVER;
		text_copy(alert.by, sizeof(alert.by), fact->by ? fact->by : "");
		text_copy(alert.outcome, sizeof(alert.outcome),
			  fact->outcome ? fact->outcome : "resolved");
	}
	alert.changed = false;
	log_info("alert.answered", "alert=%lld kind=%s state=%d", (long long)alert.id,
		 alert_traits(alert.kind)->word, (int)alert.state);
	if (was == ALERT_OPEN && alert.step > 0) {
		engine->counters.answers++;
		engine->counters.answer_ms +=
			(uint64_t)(now > alert.opened_at ? now - alert.opened_at : 0);
	}
	rc = ops->alert_save(engine->store, &alert, now, err);
	if (rc == 0)
		rc = ends_tell(engine, &alert,
			       alert.state == ALERT_RESOLVED ? TELL_OVER : TELL_TAKEN, now, err);
	if (rc == 0 && alert.state == ALERT_RESOLVED)
		rc = hold_lift(engine, alert.kind, now, err);
	if (rc == 0 && alert.state == ALERT_RESOLVED)
		rc = free_members(engine, &alert, fact, now, &seq, err);
	return rc;
}

/* --- About the system itself
 * -------------------------------------------------------------------------------- */

int alarm_raise(struct engine *engine, struct alert *alert, int64_t now, struct err *err)
{
	alert->id = 0;
	alert->state = ALERT_OPEN;
	alert->opened_at = alert->next_at = now;
	alert->eta = alert->eta_before = WHEN_UNKNOWN;
	alert->acked_at = alert->resolved_at = WHEN_NEVER;
	return engine->store->ops->alert_save(engine->store, alert, now, err);
}

int alarm_end(struct engine *engine, struct alert *alert, int64_t now, struct err *err)
{
	alert->state = ALERT_RESOLVED;
	alert->resolved_at = now;
	alert->next_at = WHEN_NEVER;
	text_copy(alert->outcome, sizeof(alert->outcome), "cleared");
	int rc = engine->store->ops->alert_save(engine->store, alert, now, err);
	if (rc == 0)
		rc = ends_tell(engine, alert, TELL_OVER, now, err);
	return rc < 0 ? rc : hold_lift(engine, alert->kind, now, err);
}

int alarm_system(struct engine *engine, enum alert_kind kind, const char *subject,
		 const char *detail, bool open, int64_t now, struct err *err)
{
	char key[ALERT_SUBJECT_CAP];
	struct alert alert;
	bool found;

	subject = subject_key(subject, key);

	int rc = engine->store->ops->alert_find(engine->store, kind, subject, "", &alert, &found,
						err);
	if (rc < 0 || found == open)
		return rc;
	if (!open)
		return alarm_end(engine, &alert, now, err);
	alert = (struct alert){.kind = kind, .since = now, .due = now};
	text_copy(alert.subject, sizeof(alert.subject), subject);
	text_copy(alert.detail, sizeof(alert.detail), detail);
	return alarm_raise(engine, &alert, now, err);
}
