/* isolation.c — the calendar of days and slots: which check an entry is, when a slot opens and
 * ends. Neighbours: journey.c (what was entered), plan.c (what is owed). */
#include "closedloop/journey.h"

#include <assert.h>

int32_t isolation_slot_of(const struct policy *policy, int32_t civil, int64_t time, bool *evening)
{
	const struct policy *today = policy_on(policy, civil);

	/* An entry at 02:00 belongs to yesterday evening; one between the slots still to the
	 * morning. */
	if (time < today->morning.from) {
		*evening = true;
		return civil - 1;
	}
	*evening = time >= today->evening.from;
	return civil;
}

void isolation_slot(const struct policy *policy, const struct zone *zone, int32_t day0, int64_t at,
		    int *day, bool *evening)
{
	*day = (int)(isolation_slot_of(policy, when_day(zone, at), when_time_of_day(zone, at),
				       evening) -
		     day0);
}

void isolation_window(const struct policy *policy, const struct zone *zone, int32_t day0, int day,
		      bool evening, int64_t *from, int64_t *to)
{
	assert(day >= 0);
	const struct policy *then = policy_on(policy, day0 + day);
	const struct policy_slot *slot = evening ? &then->evening : &then->morning;
	*from = when_at(zone, day0 + day, slot->from);
	*to = when_at(zone, day0 + day, slot->to);
}
