/* planner.h — what the rooms of plan.c share: one journey being planned at one time. Private to
 * loop.
 */
#ifndef LOOP_PLANNER_H
#define LOOP_PLANNER_H

#include "closedloop/plan.h"

struct planner {
	const struct journey *journey;
	const struct policy *policy;
	const struct zone *zone;
	int64_t now;
	struct arena *arena;
	struct plan *plan;
	const char *unit; /* whom alerts concern: committee, else district, else the feed's unit */
};

/* A deadline, when it lies ahead. */
void planner_ahead(struct planner *planner, const char *rule, int64_t at);
/* An alert, whose cause began at SINCE. */
void planner_want(struct planner *planner, enum alert_kind kind, const char *subject, int64_t since,
		  int64_t eta, const char *detail);
/* A rule with one due time, WITHIN after its cause: ahead of it a deadline, after it an alert. A
 * human who resolved the alert while its cause still holds has silenced it only until the recheck.
 */
void planner_level(struct planner *planner, enum alert_kind kind, const char *rule,
		   const char *subject, int64_t since, int64_t within, const char *detail);
/* The same for UNIT instead of hers. */
void planner_level_for(struct planner *planner, const char *unit, enum alert_kind kind,
		       const char *rule, const char *subject, int64_t since, int64_t within,
		       const char *detail);

/* plan_isolation.c: the days at home. */
void plan_slots(struct planner *planner);
void plan_release(struct planner *planner);
void plan_leave(struct planner *planner);
bool plan_fever_open(const struct journey *journey);

#endif
