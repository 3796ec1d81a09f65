/* checklist.h — see checklist.c. Private to loop. */
#ifndef LOOP_CHECKLIST_H
#define LOOP_CHECKLIST_H

#include "closedloop/plan.h"

/* Fill PLAN's tasks for a settled JOURNEY. */
void checklist_make(const struct journey *journey, const struct policy *policy, struct plan *plan);

#endif
