/* policy_diff.c — what another set of policies would change for everybody in the loop, without
 * touching anybody: each open journey is planned twice and compared. Neighbours: ruling.c picks the
 * policy under both sets; daemon's trial.c spreads the work over turns. */
#include "engine/engine_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

/* Alerts are about many journeys at once, so they are counted as (kind, subject, unit), each once:
 * which of them somebody wants under the old rules, and which under the new. */
struct seen_alert {
	uint64_t key; /* 0: a free place */
	bool old, new;
};

struct policy_trial {
	struct engine *engine;
	const struct conf *with;
	int64_t now;
	int32_t today; /* the day the tried policy is in force, if that is still to come */
	struct arena list_arena;
	struct id_list list;
	size_t at;
	struct seen_alert *seen;
	size_t seen_len, seen_cap; /* cap is a power of two */
	struct policy_diff diff;
	struct arena arena; /* of one journey at a time */
};

/* --- Alerts seen
 * -------------------------------------------------------------------------------------------------
 */

static struct seen_alert *place_of(struct seen_alert *table, size_t cap, uint64_t key)
{
	size_t at = (size_t)key & (cap - 1);

	while (table[at].key != 0 && table[at].key != key)
		at = (at + 1) & (cap - 1);
	return &table[at];
}

static void make_room(struct policy_trial *trial)
{
	size_t cap = trial->seen_cap ? trial->seen_cap * 2 : 1024;

	if (trial->seen_cap && trial->seen_len < trial->seen_cap / 2)
		return;
	struct seen_alert *table = mem_alloc(cap * sizeof(*table));
	for (size_t i = 0; i < trial->seen_cap; i++) {
		if (trial->seen[i].key)
			*place_of(table, cap, trial->seen[i].key) = trial->seen[i];
	}
	mem_free(trial->seen);
	trial->seen = table;
	trial->seen_cap = cap;
}

static bool is_loud(const struct want *want)
{
	return !alert_traits(want->kind)->informative;
}

static uint64_t key_of(struct policy_trial *trial, const struct want *want)
{
	const char *text =
		arena_printf(&trial->arena, "%d|%s|%s", (int)want->kind, want->unit, want->subject);
	uint8_t hash[16];
	uint64_t key;

	digest_blake2b(NULL, 0, text, strlen(text), hash, sizeof(hash));
	memcpy(&key, hash, sizeof(key));
	return key ? key : 1;
}

static void see(struct policy_trial *trial, const struct plan *plan, bool new)
{
	for (size_t i = 0; i < plan->wants_len; i++) {
		if (!is_loud(&plan->wants[i]))
			continue;
		make_room(trial);
		uint64_t key = key_of(trial, &plan->wants[i]);
		struct seen_alert *seen = place_of(trial->seen, trial->seen_cap, key);
		trial->seen_len += seen->key == 0;
		seen->key = key;
		seen->old = seen->old || !new;
		seen->new = seen->new || new;
	}
}

static void count_alerts(struct policy_trial *trial)
{
	for (size_t i = 0; i < trial->seen_cap; i++) {
		const struct seen_alert *seen = &trial->seen[i];
		trial->diff.alerts_more += seen->new && !seen->old;
		trial->diff.alerts_fewer += seen->old && !seen->new;
	}
}

/* --- One journey
 * -------------------------------------------------------------------------------------------------
 */

/* What is owed under one set of policies. */
struct outlook {
	struct journey journey;
	const struct policy *policy;
	struct plan plan;
	int64_t release_at; /* when the release is judged; WHEN_NEVER while not isolating */
};

static void look_ahead(struct policy_trial *trial, const struct conf *conf,
		       const struct journey *journey, struct outlook *out)
{
	out->journey = *journey;
	out->policy = ruling_of(conf, journey, trial->today, &trial->arena);
	journey_settle(&out->journey, out->policy, conf->zone);
	plan_make(&out->journey, out->policy, conf->zone, trial->now, &trial->arena, &out->plan);
	out->release_at =
		out->journey.stage == STAGE_ISOLATING ? out->journey.judged_at : WHEN_NEVER;
}

static const struct want *same_want(const struct plan *plan, const struct want *want)
{
	for (size_t i = 0; i < plan->wants_len; i++) {
		const struct want *other = &plan->wants[i];
		if (other->kind == want->kind && text_equal(other->subject, want->subject) &&
		    text_equal(other->unit, want->unit))
			return other;
	}
	return NULL;
}

/* The kinds that PLAN wants and OTHER does not, each behind SIGN. */
static unsigned name_wants(const struct plan *plan, const struct plan *other, char sign,
			   struct text *out)
{
	unsigned count = 0;

	for (size_t i = 0; i < plan->wants_len; i++) {
		const struct want *want = &plan->wants[i];
		if (!is_loud(want) || same_want(other, want))
			continue;
		text_addf(out, "%s%c%s", out->len ? " " : "", sign, alert_traits(want->kind)->word);
		count++;
	}
	return count;
}

static bool same_tasks(const struct plan *left, const struct plan *right)
{
	if (left->tasks_len != right->tasks_len)
		return false;
	for (size_t i = 0; i < left->tasks_len; i++) {
		if (!text_equal(left->tasks[i].name, right->tasks[i].name) ||
		    left->tasks[i].due != right->tasks[i].due)
			return false;
	}
	return true;
}

static void count_move(int64_t before, int64_t after, unsigned *earlier, unsigned *later)
{
	*earlier += after < before;
	*later += after > before;
}

/* The length counts for those who are still to come; for those at home, the day it ends. */
static int64_t end_of(const struct outlook *outlook)
{
	return outlook->journey.ends_at != WHEN_NEVER ? outlook->journey.ends_at
						      : outlook->journey.days;
}

static void keep_example(struct policy_diff *diff, const struct outlook *old,
			 const struct outlook *new, const char *alerts)
{
	if (diff->examples_len == ARRAY_LEN(diff->examples))
		return;
	struct policy_example *example = &diff->examples[diff->examples_len++];
	*example = (struct policy_example){.stage = new->journey.stage,
					   .days = {old->journey.days, new->journey.days},
					   .ends_at = {old->journey.ends_at, new->journey.ends_at},
					   .release_at = {old->release_at, new->release_at},
					   .next_due = {old->plan.next_due, new->plan.next_due}};
	text_copy(example->journey, sizeof(example->journey), new->journey.id);
	text_copy(example->unit, sizeof(example->unit), new->journey.unit ? new->journey.unit : "");
	text_copy(example->policy[0], sizeof(example->policy[0]), old->policy->name);
	text_copy(example->policy[1], sizeof(example->policy[1]), new->policy->name);
	text_copy(example->alerts, sizeof(example->alerts), alerts);
}

static void compare(struct policy_diff *diff, const struct outlook *old, const struct outlook *new)
{
	char room[120];
	struct text alerts = TEXT_OVER(room);

	text_clear(&alerts);
	unsigned wants = name_wants(&new->plan, &old->plan, '+', &alerts);
	wants += name_wants(&old->plan, &new->plan, '-', &alerts);
	diff->journeys++;
	diff->other_policy += !ruling_same(old->policy, new->policy);
	count_move(end_of(old), end_of(new), &diff->ends_earlier, &diff->ends_later);
	count_move(old->release_at, new->release_at, &diff->released_earlier,
		   &diff->released_later);
	count_move(old->plan.next_due, new->plan.next_due, &diff->next_sooner, &diff->next_later);
	if (wants == 0 && end_of(old) == end_of(new) && old->release_at == new->release_at &&
	    old->plan.next_due == new->plan.next_due &&same_tasks(&old->plan, &new->plan))
		return;
	diff->changed++;
	keep_example(diff, old, new, room);
}

static int look_at(struct policy_trial *trial, const char *id, struct err *err)
{
	struct arena *arena = &trial->arena;
	struct store_journey row;
	struct journey *journey = arena_alloc(arena, sizeof(*journey));
	struct outlook *old = arena_alloc(arena, sizeof(*old));
	struct outlook *new = arena_alloc(arena, sizeof(*new));
	struct store *store = trial->engine->store;

	int rc = store->ops->journey_load(store, id, arena, &row, err);
	if (rc == 0)
		rc = journey_unpack(journey, id, row.record, row.record_len, row.person,
				    row.person_len, arena, err);
	/* Who has left the loop since the list was made is not asked about any more. */
	if (rc == CL_EGONE)
		return 0;
	if (rc < 0 || !row.open)
		return rc;
	look_ahead(trial, trial->engine->conf, journey, old);
	look_ahead(trial, trial->with, journey, new);
	see(trial, &old->plan, false);
	see(trial, &new->plan, true);
	compare(&trial->diff, old, new);
	return 0;
}

/* --- All of them
 * -------------------------------------------------------------------------------------------------
 */

int policy_trial_begin(struct policy_trial **out, struct engine *engine, const struct conf *with,
		       const struct policy *tried, int64_t now, struct err *err)
{
	struct policy_trial *trial = mem_alloc(sizeof(*trial));
	int32_t today = when_day(engine->conf->zone, now);

	trial->engine = engine;
	trial->with = with;
	trial->now = now;
	trial->today = tried->in_force_from > today ? tried->in_force_from : today;
	trial->list.arena = &trial->list_arena;
	*out = trial;
	return engine->store->ops->journeys_due(engine->store, WHEN_NEVER, INT32_MAX, id_collect,
						&trial->list, err);
}

int policy_trial_step(struct policy_trial *trial, unsigned max, bool *done, struct err *err)
{
	int rc = 0;

	for (unsigned i = 0; i < max && trial->at < trial->list.len && rc == 0; i++) {
		rc = look_at(trial, trial->list.ids[trial->at++], err);
		arena_clear(&trial->arena);
	}
	*done = rc == 0 && trial->at == trial->list.len;
	if (*done)
		count_alerts(trial);
	return rc;
}

const struct policy_diff *policy_trial_diff(const struct policy_trial *trial)
{
	assert(trial->at == trial->list.len);
	return &trial->diff;
}

void policy_trial_free(struct policy_trial *trial)
{
	if (!trial)
		return;
	mem_free(trial->seen);
	arena_release(&trial->list_arena);
	arena_release(&trial->arena);
	mem_free(trial);
}
