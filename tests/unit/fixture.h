/* fixture.h — facts and journeys made in one line each, for the tests of loop. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "closedloop/plan.h"

#define COMMITTEE	"310112101007"
#define OTHER_COMMITTEE "310112101005"

/* The world every loop test lives in: Shanghai, the default policy, one arena. */
struct world {
	struct arena arena;
	struct policy policy;
	struct zone *zone;
	int facts;
};

void world_open(struct world *world);
void world_close(struct world *world);
/* "2020-03-08T17:50" in Shanghai. */
int64_t at(const char *local);
/* An empty fact of TYPE at LOCAL time; each has its own id. */
struct fact *make_fact(struct world *world, enum fact_type type, const char *local);
/* One decision at NOW; JOURNEY becomes what it was decided to be. FACT NULL: time passed. */
const struct decision *step_at(struct world *world, struct journey *journey,
			       const struct fact *fact, const struct leg *leg, const char *now);
/* True when the decision opens (closes) an alert of KIND. */
bool opens(const struct decision *decision, enum alert_kind kind);
bool closes(const struct decision *decision, enum alert_kind kind);
bool joined(const struct journey *journey, enum alert_kind kind);

#endif
