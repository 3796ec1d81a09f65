/* census.c — is anybody held by nobody? The loop invariant as a question to the store, with the
 * rule that is broken; and is any alert forgotten. Neighbours: plan.c computes what should be; this
 * only looks at what is kept.
 */
#include "engine/engine_private.h"

#include <stdio.h>

#include "closedloop/text.h"

/* A deadline that passed so long ago should have become an alert long since. */
#define CENSUS_GRACE WHEN_MINUTE

static void note_violation(void *context, const void *row)
{
	struct census *census = context;
	if (census->violations_len == ARRAY_LEN(census->violations))
		return;
	size_t at = census->violations_len++;
	text_copy(census->violations[at].journey, sizeof(census->violations[at].journey), row);
	text_copy(census->violations[at].rule, sizeof(census->violations[at].rule),
		  "no deadline ahead and no alert that will speak");
}

/* An alert that escalates must end at somebody: the fallback is mandatory and must exist. */
static void note_escalation(const struct engine *engine, struct census *out)
{
	if (conf_endpoint(engine->conf, engine->conf->fallback))
		return;
	size_t at = out->violations_len;
	if (at == ARRAY_LEN(out->violations))
		return;
	out->violations_len++;
	out->violations[at].journey[0] = '\0';
	text_copy(out->violations[at].rule, sizeof(out->violations[at].rule),
		  "the fallback endpoint does not exist");
}

/* Whoever is called by a roster finds somebody there, or its gaps are meant. */
static void note_rosters(const struct engine *engine, int64_t now, struct census *out)
{
	const struct conf *conf = engine->conf;

	for (size_t i = 0; i < conf->rosters_len; i++) {
		const struct roster *roster = &conf->rosters[i];
		size_t at = out->violations_len;

		if (roster->allow_gap || roster_on_duty(roster, now, NULL))
			continue;
		if (at == ARRAY_LEN(out->violations))
			return;
		out->violations_len++;
		out->violations[at].journey[0] = '\0';
		(void)snprintf(out->violations[at].rule, sizeof(out->violations[at].rule),
			       "roster %s: nobody is on duty now, and no gap is allowed",
			       roster->name);
	}
}

int engine_census(struct engine *engine, int64_t now, struct census *out, struct err *err)
{
	*out = (struct census){.violations_len = 0};
	int rc = engine->store->ops->census(engine->store, &out->counts, err);
	if (rc == 0)
		rc = engine->store->ops->violations(engine->store, now, CENSUS_GRACE,
						    ARRAY_LEN(out->violations), note_violation, out,
						    err);
	if (rc == 0)
		note_escalation(engine, out);
	if (rc == 0)
		note_rosters(engine, now, out);
	return rc;
}

static int64_t longer_wait(int64_t longest, const struct policy *policy)
{
	if (policy->ack_expires > longest)
		longest = policy->ack_expires;
	return policy->group_wait > longest ? policy->group_wait : longest;
}

int64_t alert_longest_wait(const struct engine *engine)
{
	const struct conf *conf = engine->conf;
	int64_t longest = 0;

	for (size_t i = 0; i < conf->policies_len; i++) {
		longest = longer_wait(longest, &conf->policies[i]);
		for (size_t k = 0; k < conf->overrides[i].len; k++)
			longest = longer_wait(longest, &conf->overrides[i].items[k].policy);
	}
	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		const struct conf_escalation *escalation =
			conf_escalation(engine->conf, alert_traits((enum alert_kind)kind)->word);

		for (size_t i = 0; i < escalation->len; i++) {
			if (escalation->steps[i].wait > longest)
				longest = escalation->steps[i].wait;
		}
	}
	return longest;
}

int engine_audit(struct engine *engine, int64_t now, int64_t *alert, struct err *err)
{
	*alert = 0;
	return engine->store->ops->alerts_forgotten(engine->store, now,
						    now + alert_longest_wait(engine) + CENSUS_GRACE,
						    ALERT_REPEAT_MOST, alert, err);
}
