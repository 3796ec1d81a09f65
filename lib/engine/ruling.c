/* ruling.c — which policy a journey goes by: a pure function of what is known of her, of the loaded
 * policies and of the day. Neighbours: conf_lookup.c knows the policies; step.c asks at every step,
 * policy_diff.c under two sets of them. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/text.h"

/* Nothing to choose between. */
static bool is_one_for_all(const struct conf *conf)
{
	return conf->policies_len == 1 && conf->overrides[0].len == 0;
}

static bool is_time(int64_t at)
{
	return at != WHEN_UNKNOWN && at != WHEN_NEVER;
}

static int32_t day_or(const struct conf *conf, int64_t at, int32_t otherwise)
{
	return is_time(at) ? when_day(conf->zone, at) : otherwise;
}

/* What decides, of a settled journey: her day 0, or the day we expect her as long as nobody has
 * received her. */
static struct policy_case case_of(const struct conf *conf, const struct journey *journey,
				  int32_t today)
{
	int32_t day0 = journey->day0;

	if (day0 == INT32_MIN)
		day0 = day_or(conf, journey->eta_guess, day_or(conf, journey->first_at, today));
	return (struct policy_case){.day0 = day0,
				    .today = today,
				    .nationality = journey->field[FIELD_NATIONALITY],
				    .countries = journey->field[FIELD_COUNTRIES],
				    .unit = journey->unit,
				    .district = journey->field[FIELD_DISTRICT]};
}

static bool same_windows(const struct policy *left, const struct policy *right)
{
	return left->morning.from == right->morning.from && left->morning.to == right->morning.to &&
	       left->evening.from == right->evening.from && left->evening.to == right->evening.to;
}

/* POLICY for WHO, together with those that her earlier days went by, if it took her over. */
static const struct policy *with_before(const struct conf *conf, const struct policy_case *who,
					const struct policy *policy, struct arena *arena)
{
	struct policy_case earlier = *who;

	if (!policy->applies_to_open || who->day0 >= policy->in_force_from)
		return policy;
	earlier.today = policy->in_force_from - 1;
	const struct policy *before = conf_policy_for(conf, &earlier);
	if (before == policy)
		return policy; /* The oldest of all stands in for those before it. */
	before = with_before(conf, &earlier, before, arena);
	if (!before->before && same_windows(before, policy))
		return policy;
	struct policy *joint = arena_alloc(arena, sizeof(*joint));
	*joint = *policy;
	joint->before = before;
	return joint;
}

const struct policy *ruling_of(const struct conf *conf, const struct journey *journey,
			       int32_t today, struct arena *arena)
{
	if (is_one_for_all(conf))
		return &conf->policies[0];
	/* Always from the same beginning, not from what she went by before: the same facts must end
	 * in the same policy in every order. Settled once by that, her day is good enough: no
	 * policy moves it but by hours of an ETA nobody gave. */
	struct journey *probe = arena_alloc(arena, sizeof(*probe));
	*probe = *journey;
	journey_settle(probe, conf_policy(conf, day_or(conf, journey->first_at, today)),
		       conf->zone);
	struct policy_case who = case_of(conf, probe, today);
	return with_before(conf, &who, conf_policy_for(conf, &who), arena);
}

const struct policy *policy_today(const struct engine *engine, int64_t now)
{
	return conf_policy(engine->conf, when_day(engine->conf->zone, now));
}

bool ruling_same(const struct policy *left, const struct policy *right)
{
	if (left == right)
		return true;
	return left && right && strcmp(left->hash, right->hash) == 0 &&
	       ruling_same(left->before, right->before);
}

const struct policy *engine_settle(const struct conf *conf, struct journey *journey,
				   struct arena *arena)
{
	const struct policy *policy = conf_policy_by_hash(conf, journey->policy);

	if (policy) {
		journey_settle(journey, policy, conf->zone);
		struct policy_case who = case_of(conf, journey, policy->in_force_from);
		return with_before(conf, &who, policy, arena);
	}
	policy = ruling_of(conf, journey, INT32_MIN, arena);
	journey_settle(journey, policy, conf->zone);
	return policy;
}

void engine_policy_ahead(const struct conf *conf, const struct journey *journey, int64_t now,
			 struct plan *plan)
{
	if (conf->policies_len == 1 || !journey_watched(journey))
		return;
	struct policy_case who = case_of(conf, journey, when_day(conf->zone, now));
	const struct policy *next = conf_policy_next(conf, &who);
	if (!next)
		return;
	int64_t at = when_at(conf->zone, next->in_force_from, 0);
	if (plan->deadlines_len < PLAN_DEADLINES_MAX)
		plan->deadlines[plan->deadlines_len++] =
			(struct deadline){.rule = "policy_change", .at = at};
	if (at < plan->next_due) {
		plan->next_due = at;
		plan->next_rule = "policy_change";
	}
}

/* --- Another set of rules
 * -----------------------------------------------------------------------------------------------
 */

#define RULES_KEY "rules"
#define RULES_CAP (POLICY_HASH_CAP + 96)

/* What journeys are planned and matched by. */
static void rules_text(const struct engine *engine, char text[RULES_CAP])
{
	struct text out;

	text_init(&out, text, RULES_CAP);
	text_addf(&out, "%s %s %s", engine->conf->rules, engine->conf->coverage_hash,
		  gazetteer_edition(engine->gazetteer));
}

int rules_known(struct engine *engine, bool *known, struct err *err)
{
	char value[RULES_CAP] = "", now[RULES_CAP];
	int rc = engine->store->ops->meta_get(engine->store, RULES_KEY, value, sizeof(value), err);

	if (rc < 0 && rc != CL_ENOENT)
		return rc;
	rules_text(engine, now);
	*known = strcmp(value, now) == 0;
	return 0;
}

int rules_take(struct engine *engine, int64_t now, struct err *err)
{
	char value[RULES_CAP];
	int rc = engine->store->ops->journeys_recheck(engine->store, now, err);

	if (rc == 0)
		rc = engine->store->ops->erasures_recheck(engine->store, now, err);
	if (rc < 0)
		return rc;
	rules_text(engine, value);
	return engine->store->ops->meta_set(engine->store, RULES_KEY, value, err);
}
