/* alert.c — the kinds of alerts, and the ladder an unanswered one climbs. Neighbours: plan.c says
 * which are wanted; engine finds the endpoints. */
#include "closedloop/alert.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

static const struct alert_traits traits[] = {
	[ALERT_EXPECTED] = {.word = "expected", .informative = true, .gravity = 1},
	[ALERT_ARRIVAL] = {.word = "arrival", .urgent = true, .gravity = 6},
	[ALERT_STAND_DOWN] = {.word = "stand_down",
			      .urgent = true,
			      .sticky = true,
			      .ack_ends = true,
			      .gravity = 7},
	[ALERT_NOT_REGISTERED] = {.word = "not_registered", .urgent = true, .gravity = 6},
	[ALERT_NOT_BOARDED] = {.word = "not_boarded", .urgent = true, .gravity = 6},
	[ALERT_TRANSFER_OVERDUE] = {.word = "transfer_overdue", .urgent = true, .gravity = 8},
	[ALERT_NOT_ACCEPTED] = {.word = "not_accepted", .urgent = true, .gravity = 8},
	[ALERT_TASK_OVERDUE] = {.word = "task_overdue", .gravity = 3},
	[ALERT_HOME_UNFIT] = {.word = "home_unfit", .urgent = true, .gravity = 7},
	[ALERT_ADDRESS] = {.word = "address", .urgent = true, .gravity = 7},
	[ALERT_REMIND] = {.word = "remind", .informative = true, .gravity = 1},
	[ALERT_REMIND_LAST] = {.word = "remind_last", .informative = true, .gravity = 2},
	[ALERT_MISSED_CHECK] = {.word = "missed_check", .gravity = 5},
	[ALERT_FEVER] = {.word = "fever", .urgent = true, .sticky = true, .gravity = 10},
	[ALERT_RELEASE] = {.word = "release", .informative = true, .gravity = 1},
	[ALERT_NOT_RELEASED] = {.word = "not_released", .gravity = 4},
	[ALERT_CONFLICT] = {.word = "conflict", .urgent = true, .sticky = true, .gravity = 9},
	[ALERT_HANDOVER_REFUSED] = {.word = "handover_refused", .urgent = true, .gravity = 9},
	[ALERT_NO_SHOW] = {.word = "no_show", .urgent = true, .gravity = 6},
	[ALERT_NOT_DELIVERED] = {.word = "not_delivered", .urgent = true, .gravity = 8},
	[ALERT_HEAD_COUNT] = {.word = "head_count", .urgent = true, .gravity = 9},
	[ALERT_NOT_RETURNED] = {.word = "not_returned", .urgent = true, .gravity = 9},
	[ALERT_END_MOVED] = {.word = "end_moved", .informative = true, .gravity = 2},
	[ALERT_STALE_ARRIVALS] = {.word = "stale_arrivals", .informative = true, .gravity = 2},
	[ALERT_SHIFT_HANDOVER] = {.word = "shift_handover",
				  .urgent = true,
				  .ack_ends = true,
				  .gravity = 5},
	[ALERT_ID_REUSE] = {.word = "id_reuse", .sticky = true, .gravity = 4},
	[ALERT_FEED_SILENT] = {.word = "feed_silent", .urgent = true, .gravity = 8},
	[ALERT_ENDPOINT_SICK] = {.word = "endpoint_sick", .urgent = true, .gravity = 9},
	[ALERT_LEDGER_BROKEN] = {.word = "ledger_broken",
				 .urgent = true,
				 .sticky = true,
				 .gravity = 9},
	[ALERT_LOOP_BROKEN] = {.word = "loop_broken", .urgent = true, .gravity = 10},
};
_Static_assert(ARRAY_LEN(traits) == ALERT_KINDS, "the last alert kind lacks its row");

/* So long after the question "still on it?" the ladder begins again. */
#define ACK_MAX		   (12 * WHEN_HOUR)
#define ASK_AGAIN_WAIT	   (5 * WHEN_MINUTE)
/* A repeating step without a wait of its own. */
#define REPEAT_WAIT_MIN	   WHEN_MINUTE
/* So long an urgent alert that nobody takes is told again at its wait, and then at this. */
#define URGENT_REPEATS	   WHEN_DAY
#define URGENT_REPEAT_WAIT WHEN_HOUR

const struct alert_traits *alert_traits(enum alert_kind kind)
{
	assert(kind < ALERT_KINDS);
	return &traits[kind];
}

bool alert_is_ours(enum alert_kind kind)
{
	return kind >= ALERT_ID_REUSE && kind < ALERT_KINDS;
}

int alert_kind_of(const char *word)
{
	for (size_t i = 0; i < ALERT_KINDS; i++) {
		if (text_equal(traits[i].word, word))
			return (int)i;
	}
	return -1;
}

bool alert_is_outcome(const char *outcome)
{
	size_t len = strlen(outcome);

	return len > 0 && len < ALERT_OUTCOME_CAP && *outcome >= 'a' && *outcome <= 'z' &&
	       strspn(outcome, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static void say(struct tell out[TELL_MAX], size_t *len, int step, enum tell_why why)
{
	if (*len < TELL_MAX)
		out[(*len)++] = (struct tell){.step = step, .why = why};
}

/* Somebody before STEP was told and given time. */
static bool waited_before(const struct ladder *ladder, int step)
{
	for (int i = 0; i < step; i++) {
		if (ladder->reachable[i] && ladder->wait[i] > 0)
			return true;
	}
	return false;
}

bool tell_stronger(enum tell_why left, enum tell_why right)
{
	/* What changed is in the words of every other reason too, and it may be quiet. */
	static const int strength[] = {
		[TELL_CHANGED] = 0,   [TELL_RAISED] = 1,      [TELL_REPEATED] = 2,
		[TELL_ASK_AGAIN] = 3, [TELL_UNDELIVERED] = 4, [TELL_ESCALATED] = 5,
		[TELL_TAKEN] = 0,     [TELL_OVER] = 0,
	};
	return strength[left] > strength[right];
}

/* Tell the next reachable step, and those after it while there is no wait between them. True when
 * one was told and has time to answer. LOST: because those before cannot be reached. */
static bool climb(struct alert *alert, const struct ladder *ladder, bool lost, int64_t now,
		  struct tell out[TELL_MAX], size_t *len)
{
	bool told = false;
	while ((size_t)alert->step < ladder->len) {
		int step = alert->step++;
		/* Nobody there: the next is told in the same tick. */
		if (!ladder->reachable[step])
			continue;
		say(out, len, step,
		    lost			  ? TELL_UNDELIVERED
		    : waited_before(ladder, step) ? TELL_ESCALATED
						  : TELL_RAISED);
		told = true;
		alert->next_at = now + ladder->wait[step];
		if (ladder->wait[step] > 0)
			return true;
	}
	return told && alert->next_at > now;
}

/* How long after NOW the fallback is told again. */
static int64_t repeat_wait(const struct alert *alert, const struct ladder *ladder, int64_t now)
{
	int64_t wait = ladder->len ? ladder->wait[ladder->len - 1] : 0;
	int64_t open = now - alert->opened_at;

	if (wait < REPEAT_WAIT_MIN)
		wait = REPEAT_WAIT_MIN;
	if (ladder->repeat)
		return wait;
	if (alert_traits(alert->kind)->urgent)
		return open >= URGENT_REPEATS && wait < URGENT_REPEAT_WAIT ? URGENT_REPEAT_WAIT
									   : wait;
	if (open > ALERT_REPEAT_MOST)
		open = ALERT_REPEAT_MOST;
	return open > wait ? open : wait;
}

/* The ladder is used up: the fallback hears of it, and the last step again, until a human takes it.
 */
static void go_on(struct alert *alert, const struct ladder *ladder, int64_t now,
		  struct tell out[TELL_MAX], size_t *len)
{
	bool first = (size_t)alert->step == ladder->len;
	bool waited = waited_before(ladder, (int)ladder->len);

	if (ladder->repeat && ladder->len && ladder->reachable[ladder->len - 1])
		say(out, len, (int)ladder->len - 1, TELL_REPEATED);
	say(out, len, TELL_FALLBACK,
	    !first   ? TELL_REPEATED
	    : waited ? TELL_ESCALATED
		     : TELL_RAISED);
	alert->step = (int)ladder->len + 1;
	alert->next_at = now + repeat_wait(alert, ladder, now);
}

/* Say what changed to everybody told so far, without moving the ladder. */
static void say_changed(const struct alert *alert, const struct ladder *ladder,
			struct tell out[TELL_MAX], size_t *len)
{
	for (size_t i = 0; i < (size_t)alert->step && i < ladder->len; i++) {
		if (ladder->reachable[i])
			say(out, len, (int)i, TELL_CHANGED);
	}
	if ((size_t)alert->step > ladder->len)
		say(out, len, TELL_FALLBACK, TELL_CHANGED);
}

size_t alert_escalate(struct alert *alert, const struct ladder *ladder, int64_t now,
		      struct tell out[TELL_MAX])
{
	const struct alert_traits *kind = alert_traits(alert->kind);
	size_t len = 0;

	assert(ladder->len <= ARRAY_LEN(ladder->wait));
	if (alert->state == ALERT_RESOLVED) {
		alert->next_at = WHEN_NEVER;
		return 0;
	}
	if (alert->changed && alert->step > 0)
		say_changed(alert, ladder, out, &len);
	alert->changed = alert->loud = false;
	if (alert->next_at > now)
		return len;
	if (kind->informative) {
		/* Said once, to the first who is there; silence is no alarm. */
		climb(alert, ladder, false, now, out, &len);
		if (len == 0) {
			say(out, &len, TELL_FALLBACK, TELL_RAISED);
			alert->step = (int)ladder->len + 1;
		}
		alert->next_at = WHEN_NEVER;
		return len;
	}
	if (alert->state == ALERT_ACKED) {
		/* "Acknowledged at night, then forgotten": ask, and begin again if there is no
		 * answer. */
		alert->state = ALERT_OPEN;
		for (int i = 0; i < alert->step && (size_t)i < ladder->len; i++) {
			if (ladder->reachable[i])
				say(out, &len, i, TELL_ASK_AGAIN);
		}
		if (len == 0)
			say(out, &len, TELL_FALLBACK, TELL_ASK_AGAIN);
		alert->step = 0;
		alert->next_at = now + ASK_AGAIN_WAIT;
		return len;
	}
	if (!climb(alert, ladder, false, now, out, &len))
		go_on(alert, ladder, now, out, &len);
	return len;
}

size_t alert_hand_on(struct alert *alert, const struct ladder *ladder, int64_t now,
		     struct tell out[TELL_MAX])
{
	size_t len = 0;

	assert(ladder->len <= ARRAY_LEN(ladder->wait));
	if (climb(alert, ladder, true, now, out, &len) || (size_t)alert->step > ladder->len)
		return len;
	say(out, &len, TELL_FALLBACK, TELL_UNDELIVERED);
	alert->step = (int)ladder->len + 1;
	alert->next_at = now + repeat_wait(alert, ladder, now);
	return len;
}

void alert_ack(struct alert *alert, const char *by, const struct policy *policy, int64_t now)
{
	const struct alert_traits *kind = alert_traits(alert->kind);
	int64_t until = now + policy->ack_expires * (kind->urgent ? 1 : 4);

	/* Who took an arrival is not asked again while the vehicle is still on time. */
	if (alert->eta != WHEN_UNKNOWN && alert->eta + policy->transfer_overdue_after > until)
		until = alert->eta + policy->transfer_overdue_after;
	/* An ETA in a wrong year must not buy a year's silence. */
	if (until > now + ACK_MAX)
		until = now + ACK_MAX;
	text_copy(alert->by, sizeof(alert->by), by);
	alert->acked_at = now;
	if (kind->ack_ends) {
		alert->state = ALERT_RESOLVED;
		alert->resolved_at = now;
		text_copy(alert->outcome, sizeof(alert->outcome), "acknowledged");
		alert->next_at = WHEN_NEVER;
		return;
	}
	alert->state = ALERT_ACKED;
	alert->next_at = until;
}
