/* isolation.c — the calendar of days and slots: which check an entry is, when a slot opens and
 * ends. Neighbours: journey.c (what was entered), plan.c (what is owed). */
#include "closedloop/journey.h"

#include <assert.h>

void isolation_slot(const struct policy *policy, const struct zone *zone, int32_t day0, int64_t at,
		    int *day, bool *evening)
{
	int32_t civil = when_day(zone, at);
	const struct policy *today = policy_on(policy, civil);
	int64_t time = when_time_of_day(zone, at);

	/* An entry at 02:00 belongs to yesterday evening; one between the slots still to the
	 * morning. */
	if (time < today->morning.from) {
		civil--;
		*evening = true;
	} else {
		*evening = time >= today->evening.from;
	}
	*day = (int)(civil - day0);
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
