/* checklist.h — see checklist.c. Private to loop. */
#ifndef LOOP_CHECKLIST_H
#define LOOP_CHECKLIST_H

#include "closedloop/plan.h"

/* Fill PLAN's tasks for a settled JOURNEY. */
void checklist_make(const struct journey *journey, const struct policy *policy, struct plan *plan);

/* Whether MARK was made in the home she is to live in now; true while nobody knows better. */
bool checklist_of_this_home(const struct journey *journey, const struct task_mark *mark);

#endif
