/* notice_terms.c — what sort of word a notice is, and until when it is worth saying. Neighbours:
 * words.c fills it; the channels map the types. */
#include "engine/notice_terms.h"

const char *notice_why(enum tell_why why)
{
	static const char *const words[] = {
		[TELL_RAISED] = "raised",	[TELL_ESCALATED] = "escalated",
		[TELL_REPEATED] = "repeated",	[TELL_CHANGED] = "changed",
		[TELL_ASK_AGAIN] = "ask_again", [TELL_UNDELIVERED] = "undelivered",
		[TELL_TAKEN] = "taken",		[TELL_OVER] = "over",
	};
	return words[why];
}

const char *notice_type(const struct alert *alert, enum tell_why why)
{
	if (why == TELL_TAKEN || why == TELL_OVER)
		return why == TELL_TAKEN ? "alert.acked" : "alert.resolved";
	if (alert->kind == ALERT_EXPECTED)
		return "notice.expected";
	if (alert_traits(alert->kind)->informative)
		return "task.due";
	switch (why) {
	case TELL_RAISED:
		return "alert.raised";
	case TELL_CHANGED:
		return "alert.changed";
	case TELL_ASK_AGAIN:
		return "alert.asked_again";
	case TELL_ESCALATED:
	case TELL_REPEATED:
	case TELL_UNDELIVERED:
	case TELL_TAKEN:
	case TELL_OVER:
		break;
	}
	return "alert.escalated";
}

/* What only informs is old after this where nothing says it better. */
#define INFORM_FRESH WHEN_DAY
/* Nobody waits any more to hear that an alert was taken, or is over. */
#define END_FRESH    (7 * WHEN_DAY)

int64_t notice_expiry(const struct alert *alert, const struct crowd *crowd,
		      const struct policy *policy, enum tell_why why, int64_t now)
{
	int64_t stale = policy->arrival_stale_after;
	if (why == TELL_TAKEN || why == TELL_OVER)
		return now + END_FRESH;
	switch ((int)alert->kind) {
	case ALERT_EXPECTED:
	case ALERT_ARRIVAL:
		return alert->eta == WHEN_UNKNOWN ? WHEN_NEVER : alert->eta + stale;
	case ALERT_REMIND:
	case ALERT_REMIND_LAST:
		return now + stale;
	case ALERT_RELEASE:
	case ALERT_END_MOVED:
		/* Once her isolation is over, other alerts say so. */
		return crowd->ends_at > now ? crowd->ends_at : now + INFORM_FRESH;
	default:
		return alert_traits(alert->kind)->informative ? now + INFORM_FRESH : WHEN_NEVER;
	}
}
