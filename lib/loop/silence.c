/* silence.c — does a silence hide an alert, does a graver one explain it, and what being held does
 * to it. Neighbours: alert.c has the kinds and the ladder; engine's hold.c finds the silences and
 * inhibitors. */
#include "closedloop/silence.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

/* What the system says about itself when it cannot be trusted any more is never kept from anybody:
 * that people would not be watched, that the last door is shut, that its history was changed. */
static bool is_sacred(enum alert_kind kind, const char *subject, const char *fallback)
{
	return kind == ALERT_LOOP_BROKEN || kind == ALERT_LEDGER_BROKEN ||
	       (kind == ALERT_ENDPOINT_SICK && text_equal(subject, fallback));
}

/* The kind WORD was probably meant to be, or NULL. */
static const char *kind_near(const char *word)
{
	const char *best = NULL;
	size_t least = strlen(word) < 3 ? strlen(word) : 3;

	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		const char *known = alert_traits((enum alert_kind)kind)->word;
		size_t distance = text_edits(word, known);

		if (distance < least) {
			least = distance;
			best = known;
		}
	}
	return best;
}

static int check_kind(const struct silence *silence, const char *fallback, struct err *err)
{
	int kind = alert_kind_of(silence->kind);

	if (!*silence->kind)
		return 0;
	if (kind < 0) {
		const char *near = kind_near(silence->kind);

		return err_set(err, CL_EINVAL, "kind \"%s\" is no kind of alert%s%s%s",
			       silence->kind, near ? " (did you mean \"" : "", near ? near : "",
			       near ? "\"?)" : "");
	}
	if (is_sacred((enum alert_kind)kind, silence->subject, fallback))
		return err_set(err, CL_EINVAL, "kind %s%s%s is never silenced", silence->kind,
			       *silence->subject ? " of " : "", silence->subject);
	if (alert_traits((enum alert_kind)kind)->urgent && !silence->force)
		return err_set(err, CL_EINVAL,
			       "kind %s is urgent: it is silenced only with force: true",
			       silence->kind);
	return 0;
}

int silence_check(const struct silence *silence, const char *fallback, int64_t now, struct err *err)
{
	if (!*silence->author)
		return err_set(err, CL_EINVAL, "by is missing: a silence has an author");
	if (!*silence->reason)
		return err_set(err, CL_EINVAL, "reason is missing: a silence says why");
	if (!*silence->kind && !*silence->unit && !*silence->subject)
		return err_set(err, CL_EINVAL,
			       "kind, unit and subject are all missing: a silence of everything "
			       "is not made");
	if (silence->ends_at <= now)
		return err_set(err, CL_EINVAL, "until is not in the future");
	if (silence->ends_at > now + SILENCE_MAX)
		return err_set(
			err, CL_EINVAL,
			"until is more than 24 h ahead: a silence ends, and is made again if "
			"it must");
	return check_kind(silence, fallback, err);
}

bool silence_hides(const struct silence *silence, const struct alert *alert, const char *fallback,
		   int64_t now)
{
	const struct alert_traits *kind = alert_traits(alert->kind);

	if (alert->state == ALERT_RESOLVED || now >= silence->ends_at || now >= silence->ended_at)
		return false;
	if ((kind->urgent && !silence->force) || is_sacred(alert->kind, alert->subject, fallback))
		return false;
	return (!*silence->kind || text_equal(silence->kind, kind->word)) &&
	       text_starts(alert->unit, silence->unit) &&
	       (!*silence->subject || text_equal(silence->subject, alert->subject));
}

/* --- Inhibition ---------------------------------------------------------------------------- */

static const struct inhibition inhibitions[] = {
	{ALERT_TRANSFER_OVERDUE, ALERT_TASK_OVERDUE, INHIBIT_MEMBERS},
	{ALERT_TRANSFER_OVERDUE, ALERT_NOT_BOARDED, INHIBIT_MEMBERS},
	{ALERT_FEED_SILENT, ALERT_NOT_REGISTERED, INHIBIT_FEED},
};

const struct inhibition *inhibition_of(enum alert_kind target, const struct inhibition *after)
{
	for (size_t i = after ? (size_t)(after - inhibitions) + 1 : 0; i < ARRAY_LEN(inhibitions);
	     i++) {
		if (inhibitions[i].target == target)
			return &inhibitions[i];
	}
	return NULL;
}

bool inhibits_others(enum alert_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(inhibitions); i++) {
		if (inhibitions[i].source == kind)
			return true;
	}
	return false;
}

int64_t inhibited_until(const struct alert *alert, const struct policy *policy)
{
	return (alert->due == WHEN_UNKNOWN || alert->due == WHEN_NEVER ? alert->opened_at
								       : alert->due) +
	       policy->inhibit_at_most;
}

/* --- Holding ------------------------------------------------------------------------------- */

void alert_hold(struct alert *alert, enum alert_hold hold, int64_t by, int64_t until, int64_t now)
{
	assert(hold != HOLD_NONE);
	assert(until > now);
	alert->hold = hold;
	alert->held_by = by;
	alert->hold_until = until;
	/* An acknowledgement that lasts longer is not cut short; what changed waits by hold_until.
	 */
	if (alert->next_at <= now)
		alert->next_at = until;
}

void alert_release(struct alert *alert, int64_t now)
{
	if (alert->hold == HOLD_NONE)
		return;
	if (alert->next_at == alert->hold_until && alert->next_at > now)
		alert->next_at = now;
	/* Kept: what was held on purpose is late from here on. */
	if (alert->hold_until > now)
		alert->hold_until = now;
	alert->hold = HOLD_NONE;
	alert->held_by = 0;
}
