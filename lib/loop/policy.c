/* policy.c — the built-in numbers of the rules, and the questions asked of them by word.
 * Neighbours: conf reads config/policy/NAME.yaml over these defaults; isolation.c and checklist.c
 * use the values. */
#include "closedloop/policy.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"
#include "closedloop/when.h"

/* 四提前 in the order the committee works through it; the lead times are Shanghai practice of March
 * 2020. */
static const struct policy_task default_tasks[] = {
	{.name = "verify_address", .before_eta = 120 * WHEN_MINUTE},
	{.name = "inspect_home", .before_eta = 90 * WHEN_MINUTE},
	{.name = "disinfect", .before_eta = 60 * WHEN_MINUTE},
	{.name = "welcome_kit", .before_eta = 45 * WHEN_MINUTE},
	{.name = "tell_doctor", .before_eta = 45 * WHEN_MINUTE},
	{.name = "gate_team", .before_eta = 10 * WHEN_MINUTE},
};

static const char *const default_symptoms[] = {
	"fever",       "dry_cough", "short_breath", "dyspnea",	     "chest_tightness",
	"sore_throat", "fatigue",   "diarrhea",	    "loss_of_smell",
};

_Static_assert(ARRAY_LEN(default_tasks) <= POLICY_TASKS_MAX, "the default checklist must fit");
_Static_assert(ARRAY_LEN(default_symptoms) <= POLICY_SYMPTOMS_MAX, "the symptoms must fit");

/* The hash of nothing: conf computes the real one; a journey stamped with this was decided in a
 * test. */
static const char no_hash[] = "0000000000000000";

static void default_lists(struct policy *policy)
{
	policy->tasks_len = ARRAY_LEN(default_tasks);
	memcpy(policy->tasks, default_tasks, sizeof(default_tasks));
	policy->symptoms_len = ARRAY_LEN(default_symptoms);
	for (size_t i = 0; i < ARRAY_LEN(default_symptoms); i++) {
		bool whole = text_copy(policy->symptoms[i], sizeof(policy->symptoms[i]),
				       default_symptoms[i]);

		assert(whole);
		(void)whole;
	}
}

void policy_defaults(struct policy *policy)
{
	assert(policy);

	*policy = (struct policy){
		.name = "national-2020-03",
		.in_force_from = when_day_of(2020, 1, 1),
		.count = COUNT_CALENDAR,
		.household_clock = true,
		.isolation_days = 14,
		.morning = {.from = 6 * WHEN_HOUR, .to = 12 * WHEN_HOUR},
		.evening = {.from = 17 * WHEN_HOUR, .to = 23 * WHEN_HOUR},
		.remind_after_open = 2 * WHEN_HOUR,
		.remind_before_end = 1 * WHEN_HOUR,
		.antipyretic_hides = 24 * WHEN_HOUR,
		.check_edit_within = 24 * WHEN_HOUR,
		.fever_above_tenths = 373,
		.fever_inclusive = false,
		.landing_to_gate = 5 * WHEN_HOUR,
		.eta_earlier_notify = 10 * WHEN_MINUTE,
		.arrival_stale_after = 12 * WHEN_HOUR,
		.register_within = 8 * WHEN_HOUR,
		.board_within = 4 * WHEN_HOUR,
		.transfer_overdue_after = 20 * WHEN_MINUTE,
		.transfer_without_eta = 3 * WHEN_HOUR,
		.gate_accept_within = 15 * WHEN_MINUTE,
		.private_car_within = 3 * WHEN_HOUR,
		.delivered_within = 6 * WHEN_HOUR,
		.no_show_after = 24 * WHEN_HOUR,
		.address_resolve_within = 15 * WHEN_MINUTE,
		.address_before_eta = 60 * WHEN_MINUTE,
		.probable_from = 0.90,
		.release_at = 9 * WHEN_HOUR,
		.release_full_days = 3,
		.ack_expires = 30 * WHEN_MINUTE,
		.recheck_after = 60 * WHEN_MINUTE,
		.group_wait = 60 * WHEN_SECOND,
		.inhibit_at_most = 60 * WHEN_MINUTE,
		.leave_longest = 12 * WHEN_HOUR,
		.leave_grace = 15 * WHEN_MINUTE,
		.erase_after = 30 * WHEN_DAY,
	};
	memcpy(policy->hash, no_hash, sizeof(no_hash));
	default_lists(policy);
}

bool policy_is_fever(const struct policy *policy, int tenths)
{
	assert(policy);

	/* "Above 37.3 °C" (Wuhan notice, 20 Feb 2020); other cities write "37.3 °C and above": a
	 * setting. */
	if (policy->fever_inclusive)
		return tenths >= policy->fever_above_tenths;
	return tenths > policy->fever_above_tenths;
}

bool policy_is_symptom(const struct policy *policy, const char *symptom)
{
	assert(policy);
	assert(symptom);

	for (size_t i = 0; i < policy->symptoms_len; i++) {
		if (strcmp(policy->symptoms[i], symptom) == 0)
			return true;
	}
	return false;
}

const char *sticker_word(enum sticker sticker)
{
	static const char *const words[STICKERS] = {
		[STICKER_GREEN] = "green",
		[STICKER_YELLOW] = "yellow",
		[STICKER_RED] = "red",
		[STICKER_NONE] = "none",
	};

	assert(sticker < STICKERS);
	return words[sticker];
}

const char *policy_sticker(const struct policy *policy, const char *sticker)
{
	assert(policy);

	for (unsigned i = 0; i < STICKERS; i++) {
		if (text_equal(sticker_word((enum sticker)i), sticker))
			return policy->stickers[i][0] ? policy->stickers[i] : NULL;
	}
	return NULL;
}

const struct policy *policy_on(const struct policy *policy, int32_t day)
{
	assert(policy);

	while (policy->before && day < policy->in_force_from)
		policy = policy->before;
	return policy;
}
