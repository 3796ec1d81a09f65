/* scenario_expect.c — what must have come of it: messages that were delivered, what is kept of a
 * person, alerts that are open. Neighbours: scenario_tell.c told what happened; the post keeps the
 * deliveries. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"

/* --- Messages --- */

/* What a delivery must be to count. */
struct wanted {
	const char *kind, *endpoint, *type, *saying;
	int64_t since;
	size_t from;   /* delivery number */
	int64_t count; /* people in it, or -1 */
	bool late, on_time, urgent;
	size_t journeys_len;
	const char *journeys[SENTENCE_PEOPLE_MAX];
};

static int read_window(struct scenario *scenario, const struct sentence *sentence,
		       struct wanted *wanted)
{
	const char *span = sentence_arg(sentence, "SPAN"), *since = sentence_arg(sentence, "TIME");
	const char *by = sentence_arg(sentence, "BY");
	int64_t until = scenario->house.now;

	wanted->from = scenario->mark;
	wanted->since = WHEN_UNKNOWN;
	if (span) {
		if (scenario_span(scenario, sentence, span, &until) < 0)
			return CL_EINVAL;
		until += scenario->house.now;
	}
	if (by && scenario_time(scenario, sentence, by, false, &until) < 0)
		return CL_EINVAL;
	if (since) {
		if (scenario_time(scenario, sentence, since, true, &wanted->since) < 0)
			return CL_EINVAL;
		wanted->from = 0;
	}
	if (sentence_has(sentence, "ever"))
		wanted->from = 0;
	scenario_pass(scenario, until);
	return 0;
}

static int read_whom(struct scenario *scenario, const struct sentence *sentence,
		     struct wanted *wanted)
{
	const char *count = sentence_arg(sentence, "WHOM");

	wanted->count = -1;
	if (count)
		return scenario_number(scenario, sentence, count, &wanted->count);
	for (size_t i = 0; i < sentence->people_len; i++) {
		const char *journey = journey_of(scenario, sentence->people[i]);
		if (!*journey)
			return complain(scenario, sentence, false, "nobody has spoken of %s yet",
					sentence->people[i]);
		wanted->journeys[wanted->journeys_len++] = journey;
	}
	return 0;
}

static int read_wanted(struct scenario *scenario, const struct sentence *sentence,
		       struct wanted *wanted)
{
	const char *kind = sentence_arg(sentence, "KIND"), *unit = sentence_arg(sentence, "UNIT");
	const struct place *place = unit ? place_find(unit) : NULL;

	*wanted = (struct wanted){.type = sentence_arg(sentence, "TYPE"),
				  .saying = sentence_arg(sentence, "TEXT"),
				  .late = sentence_has(sentence, "late"),
				  .on_time = sentence_has(sentence, "punctual"),
				  .urgent = sentence_has(sentence, "urgent")};
	if (kind && strcmp(kind, "message") != 0) {
		if (alert_kind_of(kind) < 0)
			return complain(scenario, sentence, false, "%s is no kind of alert", kind);
		wanted->kind = kind;
	}
	if (unit && strcmp(unit, "anybody") != 0) {
		wanted->endpoint = place ? place->name : unit;
		if (!conf_endpoint(scenario->conf, wanted->endpoint))
			return complain(scenario, sentence, false, "nobody is called %s", unit);
	}
	int rc = read_whom(scenario, sentence, wanted);
	return rc < 0 ? rc : read_window(scenario, sentence, wanted);
}

static bool is_late(const struct delivery *delivery)
{
	return strstr(delivery->data, "\"late_seconds\":") != NULL;
}

static bool has_count(const struct delivery *delivery, int64_t count)
{
	static const struct json_limits limits = {.depth_max = 16, .nodes_max = 20000};
	cJSON *data;
	if (json_parse(&data, delivery->data, strlen(delivery->data), &limits, NULL) < 0)
		return false;
	const cJSON *number = json_get(data, "count");
	bool same = cJSON_IsNumber(number) && (int64_t)number->valuedouble == count;
	cJSON_Delete(data);
	return same;
}

static bool fits(const struct delivery *delivery, const struct wanted *wanted)
{
	if ((wanted->kind && !text_equal(delivery->kind, wanted->kind)) ||
	    (wanted->endpoint && !text_equal(delivery->endpoint, wanted->endpoint)) ||
	    (wanted->type && !text_equal(delivery->type, wanted->type)) ||
	    delivery->at < wanted->since || (wanted->late && !is_late(delivery)) ||
	    (wanted->on_time && is_late(delivery)) || (wanted->urgent && !delivery->urgent) ||
	    (wanted->count >= 0 && !has_count(delivery, wanted->count)))
		return false;
	if (wanted->saying && !strstr(delivery->title, wanted->saying) &&
	    !strstr(delivery->text, wanted->saying) && !strstr(delivery->data, wanted->saying))
		return false;
	for (size_t i = 0; i < wanted->journeys_len; i++) {
		if (!strstr(delivery->data, wanted->journeys[i]))
			return false;
	}
	return true;
}

static size_t count_fitting(struct scenario *scenario, const struct wanted *wanted, size_t *first)
{
	size_t found = 0;
	*first = scenario->house.post.len;
	for (size_t i = wanted->from; i < scenario->house.post.len; i++) {
		if (!fits(post_read(&scenario->house.post, i), wanted))
			continue;
		if (found++ == 0)
			*first = i;
	}
	return found;
}

static int expect_message(struct scenario *scenario, const struct sentence *sentence)
{
	const char *exactly = sentence_arg(sentence, "COUNT");
	struct wanted *wanted = arena_alloc(&scenario->arena, sizeof(*wanted));
	int64_t count = -1;
	size_t first;

	if (exactly && scenario_number(scenario, sentence, exactly, &count) < 0)
		return CL_EINVAL;
	if (read_wanted(scenario, sentence, wanted) < 0)
		return CL_EINVAL;
	size_t found = count_fitting(scenario, wanted, &first);
	if (exactly && (int64_t)found != count)
		return complain(scenario, sentence, true, "%zu such messages, not %s", found,
				exactly);
	if (!exactly && found == 0)
		return complain(scenario, sentence, true, "no such message");
	return 0;
}

static int expect_no_message(struct scenario *scenario, const struct sentence *sentence)
{
	struct wanted *wanted = arena_alloc(&scenario->arena, sizeof(*wanted));
	char clock[WHEN_CAP];
	size_t first;

	if (read_wanted(scenario, sentence, wanted) < 0)
		return CL_EINVAL;
	if (count_fitting(scenario, wanted, &first) == 0)
		return 0;
	const struct delivery *delivery = post_read(&scenario->house.post, first);
	return complain(scenario, sentence, true, "there is one: %s to %s at %s", delivery->kind,
			delivery->endpoint,
			when_clock_text(delivery->at, scenario->conf->zone, clock));
}

static int expect_order(struct scenario *scenario, const struct sentence *sentence)
{
	struct wanted *wanted = arena_alloc(&scenario->arena, sizeof(*wanted));
	const char *other = sentence_arg(sentence, "OTHER");
	size_t left, right;

	if (read_wanted(scenario, sentence, wanted) < 0)
		return CL_EINVAL;
	if (alert_kind_of(other) < 0)
		return complain(scenario, sentence, false, "%s is no kind of alert", other);
	if (!count_fitting(scenario, wanted, &left))
		return complain(scenario, sentence, true, "no %s at all", wanted->kind);
	wanted->kind = other;
	if (!count_fitting(scenario, wanted, &right))
		return complain(scenario, sentence, true, "no %s at all", other);
	return left < right ? 0 : complain(scenario, sentence, true, "the other way round");
}

/* --- People --- */

/* The journey of PERSON, with the policy it goes by. */
static int load(struct scenario *scenario, const struct sentence *sentence, const char *person,
		struct journey *journey, const struct policy **policy)
{
	const char *id = journey_of(scenario, person);
	struct err err = ERR_INIT;
	if (!*id)
		return complain(scenario, sentence, false, "nobody has spoken of %s yet", person);
	if (engine_journey(scenario->house.engine, id, &scenario->arena, journey, policy, &err) < 0)
		return complain(scenario, sentence, false, "%s: %s", person, err.text);
	return 0;
}

/* CHECK for each of the people named. */
static int each_person(struct scenario *scenario, const struct sentence *sentence,
		       int (*check)(struct scenario *, const struct sentence *, const char *,
				    const struct journey *, const struct policy *))
{
	for (size_t i = 0; i < sentence->people_len; i++) {
		struct journey *journey = arena_alloc(&scenario->arena, sizeof(*journey));
		const struct policy *policy;
		int rc = load(scenario, sentence, sentence->people[i], journey, &policy);
		if (rc == 0)
			rc = check(scenario, sentence, sentence->people[i], journey, policy);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int check_stage(struct scenario *scenario, const struct sentence *sentence,
		       const char *person, const struct journey *journey,
		       const struct policy *policy)
{
	const char *stage = sentence_arg(sentence, "STAGE");
	(void)policy;
	if (stage_of(stage) < 0)
		return complain(scenario, sentence, false, "%s is no stage", stage);
	if ((int)journey->stage != stage_of(stage))
		return complain(scenario, sentence, true, "%s is %s", person,
				stage_word(journey->stage));
	return 0;
}

static int expect_stage(struct scenario *scenario, const struct sentence *sentence)
{
	return each_person(scenario, sentence, check_stage);
}

static int check_erased(struct scenario *scenario, const struct sentence *sentence,
			const char *person, const struct journey *journey,
			const struct policy *policy)
{
	(void)policy;
	return journey->erased_at > 0
		       ? 0
		       : complain(scenario, sentence, true, "%s is not erased", person);
}

static int expect_erased(struct scenario *scenario, const struct sentence *sentence)
{
	return each_person(scenario, sentence, check_erased);
}

static int check_kept(struct scenario *scenario, const struct sentence *sentence,
		      const char *person, const struct journey *journey,
		      const struct policy *policy)
{
	(void)policy;
	return journey->erased_at == 0 ? 0
				       : complain(scenario, sentence, true, "%s is erased", person);
}

static int expect_kept(struct scenario *scenario, const struct sentence *sentence)
{
	return each_person(scenario, sentence, check_kept);
}

static int check_holder(struct scenario *scenario, const struct sentence *sentence,
			const char *person, const struct journey *journey,
			const struct policy *policy)
{
	const struct place *place = place_find(sentence_arg(sentence, "UNIT"));
	const char *holder = *journey->holder ? journey->holder : scenario->conf->root_unit;
	(void)policy;
	if (!place || !place->code)
		return complain(scenario, sentence, false, "no unit is called that");
	if (!text_equal(holder, place->code))
		return complain(scenario, sentence, true, "%s is held by %s", person, holder);
	return 0;
}

static int expect_holder(struct scenario *scenario, const struct sentence *sentence)
{
	return each_person(scenario, sentence, check_holder);
}

static int check_unit(struct scenario *scenario, const struct sentence *sentence,
		      const char *person, const struct journey *journey,
		      const struct policy *policy)
{
	const char *name = sentence_arg(sentence, "UNIT");
	const struct place *place = place_find(name);
	const char *code = place ? place->code : NULL;
	(void)policy;
	if (!place && strcmp(name, "nobody") != 0)
		return complain(scenario, sentence, false, "no unit is called %s", name);
	if (!text_equal(journey->unit, code))
		return complain(scenario, sentence, true, "%s belongs to %s", person,
				journey->unit ? journey->unit : "nobody");
	return 0;
}

static int expect_unit(struct scenario *scenario, const struct sentence *sentence)
{
	return each_person(scenario, sentence, check_unit);
}

static int check_end(struct scenario *scenario, const struct sentence *sentence, const char *person,
		     const struct journey *journey, const struct policy *policy)
{
	char last[WHEN_CAP] = "never";
	(void)policy;
	if (journey->ends_at != WHEN_NEVER)
		when_day_text(when_day(scenario->conf->zone, journey->ends_at - 1), last);
	if (!text_equal(last, sentence_arg(sentence, "DATE")))
		return complain(scenario, sentence, true, "%s isolates until the end of %s", person,
				last);
	return 0;
}

static int expect_end(struct scenario *scenario, const struct sentence *sentence)
{
	return each_person(scenario, sentence, check_end);
}

static bool has_alert(const struct journey *journey, enum alert_kind kind)
{
	for (size_t i = 0; i < journey->joined_len; i++) {
		if (journey->joined[i].kind == kind)
			return true;
	}
	return false;
}

static int check_alert(struct scenario *scenario, const struct sentence *sentence,
		       const char *person, const struct journey *journey,
		       const struct policy *policy)
{
	const char *word = sentence_arg(sentence, "KIND");
	int kind = alert_kind_of(word);
	bool wanted = !sentence_has(sentence, "no");
	(void)policy;
	if (kind < 0)
		return complain(scenario, sentence, false, "%s is no kind of alert", word);
	if (has_alert(journey, (enum alert_kind)kind) != wanted)
		return complain(scenario, sentence, true, "%s %s", person,
				wanted ? "has none" : "has one");
	return 0;
}

static int expect_alert(struct scenario *scenario, const struct sentence *sentence)
{
	return each_person(scenario, sentence, check_alert);
}

static int check_deadline(struct scenario *scenario, const struct sentence *sentence,
			  const char *person, const struct journey *journey,
			  const struct policy *policy)
{
	const char *rule = sentence_arg(sentence, "RULE");
	struct plan *plan = arena_alloc(&scenario->arena, sizeof(*plan));
	char buf[WHEN_CAP];
	int64_t at;

	if (scenario_time(scenario, sentence, sentence_arg(sentence, "TIME"), false, &at) < 0)
		return CL_EINVAL;
	plan_make(journey, policy, scenario->conf->zone, scenario->house.now, &scenario->arena,
		  plan);
	for (size_t i = 0; i < plan->deadlines_len; i++) {
		if (text_equal(plan->deadlines[i].rule, rule) && plan->deadlines[i].at == at)
			return 0;
	}
	for (size_t i = 0; i < plan->deadlines_len; i++)
		fprintf(scenario->out, "    %s: %s\n", plan->deadlines[i].rule,
			when_text(plan->deadlines[i].at, scenario->conf->zone, buf));
	return complain(scenario, sentence, false, "%s has no such deadline", person);
}

static int expect_deadline(struct scenario *scenario, const struct sentence *sentence)
{
	return each_person(scenario, sentence, check_deadline);
}

/* --- The whole --- */

struct tally {
	int64_t count;
	int kind;
	const char *unit;
};

static void count_journey(void *context, const void *row)
{
	(void)row;
	((struct tally *)context)->count++;
}

static int expect_people(struct scenario *scenario, const struct sentence *sentence)
{
	struct store *store = scenario->house.store;
	const char *stage = sentence_arg(sentence, "STAGE");
	struct store_filter filter = {.stage = stage_of(stage), .limit = 10000};
	struct tally tally = {0};
	struct err err = ERR_INIT;
	int64_t count;

	if (filter.stage < 0)
		return complain(scenario, sentence, false, "%s is no stage", stage);
	if (scenario_number(scenario, sentence, sentence_arg(sentence, "COUNT"), &count) < 0)
		return CL_EINVAL;
	if (store->ops->journeys_list(store, &filter, &scenario->arena, count_journey, &tally,
				      &err) < 0)
		return complain(scenario, sentence, false, "%s", err.text);
	return tally.count == count ? 0
				    : complain(scenario, sentence, true, "there are %lld",
					       (long long)tally.count);
}

static void count_alert(void *context, const void *row)
{
	struct tally *tally = context;
	const struct alert *alert = row;
	if ((int)alert->kind == tally->kind)
		tally->count++;
}

static int expect_open(struct scenario *scenario, const struct sentence *sentence)
{
	struct store *store = scenario->house.store;
	const char *word = sentence_arg(sentence, "KIND"), *unit = sentence_arg(sentence, "UNIT");
	const struct place *place = unit ? place_find(unit) : NULL;
	bool none = sentence_has(sentence, "no");
	struct tally tally = {.kind = alert_kind_of(word)};
	struct err err = ERR_INIT;

	if (tally.kind < 0)
		return complain(scenario, sentence, false, "%s is no kind of alert", word);
	if (unit && (!place || !place->code))
		return complain(scenario, sentence, false, "no unit is called %s", unit);
	if (store->ops->alerts_list(store, place ? place->code : NULL, true, 10000, count_alert,
				    &tally, &err) < 0)
		return complain(scenario, sentence, false, "%s", err.text);
	if (none != (tally.count == 0))
		return complain(scenario, sentence, true, "%lld are open", (long long)tally.count);
	return 0;
}

static int expect_refused(struct scenario *scenario, const struct sentence *sentence)
{
	const char *saying = sentence_arg(sentence, "TEXT"), *why = scenario->refused;

	scenario->refused = NULL;
	if (!why)
		return complain(scenario, sentence, true, "it was taken");
	if (saying && !strstr(why, saying))
		return complain(scenario, sentence, false, "the reason given is: %s", why);
	return 0;
}

/* Asked after every sentence anyway. */
static int expect_watched(struct scenario *scenario, const struct sentence *sentence)
{
	const struct census *census = house_census(&scenario->house);
	if (census->violations_len == 0)
		return 0;
	return complain(scenario, sentence, true, "%s: %s", census->violations[0].journey,
			census->violations[0].rule);
}

#define WINDOW                                                                                     \
	" [within SPAN] [by BY] [since TIME] [ever] [about WHOM] [late] [punctual] [urgent] "      \
	"[saying TEXT] [as TYPE]"

const struct sentence_row expect_rows[] = {
	{"expect nobody unwatched", expect_watched, "The loop invariant; asked after every line."},
	{"expect refused [saying TEXT]", expect_refused,
	 "What a person just tried is not possible, and she is told why."},
	{"expect COUNT people STAGE", expect_people, "So many in all are in that stage."},
	{"expect no open KIND [at UNIT]", expect_open, "No such alert waits for anybody."},
	{"expect open KIND [at UNIT]", expect_open, "One waits; told or not."},
	{"expect PEOPLE has|have no KIND", expect_alert, "She is in no such alert."},
	{"expect PEOPLE has|have KIND", expect_alert, "She is in such an alert."},
	{"expect PEOPLE is|are held by UNIT", expect_holder, "Who answers for her now."},
	{"expect PEOPLE belongs|belong to UNIT", expect_unit, "Her committee; or nobody."},
	{"expect PEOPLE isolates|isolate until DATE", expect_end, "The last day, to its end."},
	{"expect PEOPLE must RULE at TIME", expect_deadline,
	 "A deadline ahead: register_within, morning_slot_end …"},
	{"expect PEOPLE is|are erased", expect_erased, "Nothing personal of her is left."},
	{"expect PEOPLE is|are not erased", expect_kept, "What is known of her is there."},
	{"expect PEOPLE is|are STAGE", expect_stage,
	 "announced triaged registered in_transfer arrived isolating released redirected withdrawn "
	 "closed"},
	{"expect no KIND to UNIT" WINDOW, expect_no_message, "None, in that time."},
	{"expect KIND before OTHER to UNIT" WINDOW, expect_order, "The first of each, in order."},
	{"expect KIND to UNIT [exactly COUNT times|time]" WINDOW, expect_message,
	 "At least one, or exactly so many. UNIT may be anybody, KIND may be message."},
};
const size_t expect_rows_len = ARRAY_LEN(expect_rows);
