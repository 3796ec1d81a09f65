/* journey_may.c — what a person may state about a journey now, and the sentence that says why not.
 * Neighbours: journey.c adds the registers up; decide.c asks here before anything is joined. */
#include "closedloop/journey.h"

#include "closedloop/text.h"

/* Whether somebody writes over an entry that is history: of a slot that has one, and ended longer
 * ago than checks.edit_within. A slot without any may be filled late. */
static bool is_edit_too_late(const struct journey *journey, const struct fact *fact,
			     const struct policy *policy, const struct zone *zone, int64_t now)
{
	int64_t from, to;
	bool evening;
	int day;

	if (journey->day0 == INT32_MIN)
		return false;
	isolation_slot(policy, zone, journey->day0, fact->stamp.at, &day, &evening);
	if (fact->day >= 0) {
		/* Without a slot it may be of the later one. */
		evening = fact->day < day || evening;
		day = fact->day;
	}
	if (fact->slot)
		evening = text_equal(fact->slot, "evening");
	if (day < 0 || day > JOURNEY_DAYS_MAX || !(journey->checked[evening] >> day & 1))
		return false;
	isolation_window(policy, zone, journey->day0, day, evening, &from, &to);
	return now > to + policy->check_edit_within;
}

int journey_may(const struct journey *journey, const struct fact *fact, const struct policy *policy,
		const struct zone *zone, int64_t now, struct err *err)
{
	bool ended = stage_ended(journey->stage);
	switch ((int)fact->type) {
	case FACT_ACCEPTED:
	case FACT_ASSIGNED:
	case FACT_EXTENDED:
	case FACT_TASK_ENDED:
	case FACT_CLOSED:
		if (ended)
			return err_set(err, CL_ECONFLICT, "journey %s is %s: it has ended",
				       journey->id, stage_word(journey->stage));
		if (fact->type == FACT_EXTENDED && journey->stage != STAGE_ISOLATING)
			return err_set(err, CL_ECONFLICT, "journey %s is %s: not isolating yet",
				       journey->id, stage_word(journey->stage));
		return 0;
	case FACT_CHECKED:
		/* What a feed brings late is taken: it is not somebody writing up days. */
		if (fact->journey && is_edit_too_late(journey, fact, policy, zone, now))
			return err_set(err, CL_ECONFLICT,
				       "journey %s: that slot has an entry and ended more than "
				       "%lld h ago (checks.edit_within): it is history",
				       journey->id,
				       (long long)(policy->check_edit_within / WHEN_HOUR));
		return 0;
	case FACT_REFUSED:
		if (ended)
			return err_set(err, CL_ECONFLICT, "journey %s is %s: it has ended",
				       journey->id, stage_word(journey->stage));
		if (!journey->unit)
			return err_set(err, CL_ECONFLICT,
				       "journey %s: no committee is hers yet that could refuse her",
				       journey->id);
		if (journey->accepted_at != WHEN_NEVER && journey->stage == STAGE_ISOLATING)
			return err_set(err, CL_ECONFLICT,
				       "journey %s was accepted: who has her cannot refuse her, "
				       "only redirect her",
				       journey->id);
		return 0;
	case FACT_EXPOSED:
	case FACT_LEFT:
		if (journey->stage != STAGE_ISOLATING)
			return err_set(err, CL_ECONFLICT, "journey %s is %s: not isolating",
				       journey->id, stage_word(journey->stage));
		if (fact->type == FACT_LEFT && fact->until != WHEN_UNKNOWN &&
		    (fact->until <= fact->stamp.at ||
		     fact->until > fact->stamp.at + policy->leave_longest))
			return err_set(err, CL_ECONFLICT,
				       "journey %s: a leave ends after it begins and within "
				       "leave.longest (%lld h)",
				       journey->id, (long long)(policy->leave_longest / WHEN_HOUR));
		return 0;
	case FACT_RETURNED:
		if (!journey->away)
			return err_set(err, CL_ECONFLICT, "journey %s is not away", journey->id);
		return 0;
	case FACT_RELEASED:
		if (journey->stage != STAGE_ISOLATING)
			return err_set(err, CL_ECONFLICT,
				       "journey %s is %s: only isolating ones are released",
				       journey->id, stage_word(journey->stage));
		if (now < journey->judged_at)
			return err_set(err, CL_ECONFLICT,
				       "journey %s: the end date has not come; it is day %d of %d",
				       journey->id, (int)(when_day(zone, now) - journey->day0),
				       journey->days);
		return 0;
	default:
		return 0;
	}
}
