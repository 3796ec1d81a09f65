/* conf_policy_table.c — every number of a policy file: its key, its range and its sentence.
 * Neighbours: conf_policy.c reads files by these tables, prints and hashes by them. */
#include "conf_private.h"

#include "closedloop/text.h"

#define AT(m) offsetof(struct policy, m)

/* The tables below are also the order in which values enter the hash that stands in every ledger
 * row: new rows go to the end of their table, and none is ever moved or renamed. A missing key
 * keeps the value of policy_defaults. */

static const struct choice counts[] = {
	{"calendar", COUNT_CALENDAR},
	{"hours", COUNT_HOURS},
	{0},
};

static const struct choice audiences[] = {
	{"arrivals", false},
	{"open_journeys", true},
	{0},
};

static const struct field isolation_fields[] = {
	{.key = "days",
	 .type = FIELD_INT,
	 .offset = AT(isolation_days),
	 .least = 1,
	 .most = 60,
	 .says = "day 0 is the day of arrival; it ends at 24:00 of this day"},
	{.key = "count",
	 .type = FIELD_WORD,
	 .offset = AT(count),
	 .choices = counts,
	 .says = "calendar days, or hours: days x 24 h from the hand-over"},
	{.key = "household",
	 .type = FIELD_BOOL,
	 .offset = AT(household_clock),
	 .says = "a newcomer in a home begins everybody's days there anew"},
};
static SCHEMA(isolation, "isolation");

static const struct field morning_fields[] = {
	{.key = "from", .type = FIELD_CLOCK, .offset = AT(morning.from), .says = "the slot opens"},
	{.key = "to", .type = FIELD_CLOCK, .offset = AT(morning.to), .says = "the slot ends"},
};
static SCHEMA(morning, "morning");

static const struct field evening_fields[] = {
	{.key = "from", .type = FIELD_CLOCK, .offset = AT(evening.from), .says = "the slot opens"},
	{.key = "to", .type = FIELD_CLOCK, .offset = AT(evening.to), .says = "the slot ends"},
};
static SCHEMA(evening, "evening");

static const struct field checks_fields[] = {
	{.key = "morning", .type = FIELD_MAP, .inner = &morning_schema},
	{.key = "evening", .type = FIELD_MAP, .inner = &evening_schema},
	{.key = "remind_after_open",
	 .type = FIELD_DURATION,
	 .offset = AT(remind_after_open),
	 .least = WHEN_MINUTE,
	 .most = 12 * WHEN_HOUR,
	 .says = "one digest so long after a slot opened"},
	{.key = "remind_before_end",
	 .type = FIELD_DURATION,
	 .offset = AT(remind_before_end),
	 .least = WHEN_MINUTE,
	 .most = 12 * WHEN_HOUR,
	 .says = "and again so long before its end"},
	{.key = "edit_within",
	 .type = FIELD_DURATION,
	 .offset = AT(check_edit_within),
	 .most = 14 * WHEN_DAY,
	 .says = "an entry may be replaced for so long"},
	{.key = "antipyretic_hides",
	 .type = FIELD_DURATION,
	 .offset = AT(antipyretic_hides),
	 .most = 7 * WHEN_DAY,
	 .says = "a normal reading so long after an antipyretic says nothing"},
};
static SCHEMA(checks, "checks");

static const struct field fever_fields[] = {
	{.key = "above_c",
	 .type = FIELD_TENTHS,
	 .offset = AT(fever_above_tenths),
	 .least = 350,
	 .most = 420,
	 .says = "degrees Celsius above which it is fever"},
	{.key = "inclusive",
	 .type = FIELD_BOOL,
	 .offset = AT(fever_inclusive),
	 .says = "whether this very temperature is fever too"},
	{.key = "symptoms", .type = FIELD_UNREAD}, /* A list: conf_policy.c. */
};
static SCHEMA(fever, "fever");

static const struct field arrival_fields[] = {
	{.key = "landing_to_gate",
	 .type = FIELD_DURATION,
	 .offset = AT(landing_to_gate),
	 .least = WHEN_MINUTE,
	 .most = 2 * WHEN_DAY,
	 .says = "from landing to the gate, while no vehicle says more"},
	{.key = "notify_if_earlier_by",
	 .type = FIELD_DURATION,
	 .offset = AT(eta_earlier_notify),
	 .least = WHEN_MINUTE,
	 .most = WHEN_DAY,
	 .says = "an ETA so much earlier is told at once"},
	{.key = "stale_after",
	 .type = FIELD_DURATION,
	 .offset = AT(arrival_stale_after),
	 .least = WHEN_HOUR,
	 .most = 7 * WHEN_DAY,
	 .says = "an arrival so long past is not announced any more"},
};
static SCHEMA(arrival, "arrival");

static const struct field transfer_fields[] = {
	{.key = "register_within",
	 .type = FIELD_DURATION,
	 .offset = AT(register_within),
	 .least = WHEN_MINUTE,
	 .most = 7 * WHEN_DAY,
	 .says = "landed and at no desk"},
	{.key = "board_within",
	 .type = FIELD_DURATION,
	 .offset = AT(board_within),
	 .least = WHEN_MINUTE,
	 .most = 7 * WHEN_DAY,
	 .says = "at a desk and on no vehicle"},
	{.key = "overdue_after",
	 .type = FIELD_DURATION,
	 .offset = AT(transfer_overdue_after),
	 .least = WHEN_MINUTE,
	 .most = WHEN_DAY,
	 .says = "after the ETA and not at the gate"},
	{.key = "without_eta",
	 .type = FIELD_DURATION,
	 .offset = AT(transfer_without_eta),
	 .least = WHEN_MINUTE,
	 .most = 2 * WHEN_DAY,
	 .says = "from departure, for an ETA nobody gave"},
	{.key = "accept_within",
	 .type = FIELD_DURATION,
	 .offset = AT(gate_accept_within),
	 .least = WHEN_MINUTE,
	 .most = WHEN_DAY,
	 .says = "at the gate and not accepted by the committee"},
	{.key = "private_car_within",
	 .type = FIELD_DURATION,
	 .offset = AT(private_car_within),
	 .least = WHEN_MINUTE,
	 .most = 2 * WHEN_DAY,
	 .says = "from a desk to the gate in a car of her own"},
	{.key = "delivered_within",
	 .type = FIELD_DURATION,
	 .offset = AT(delivered_within),
	 .least = WHEN_MINUTE,
	 .most = 2 * WHEN_DAY,
	 .says = "sent elsewhere on the way, until the other place has her"},
	{.key = "no_show_after",
	 .type = FIELD_DURATION,
	 .offset = AT(no_show_after),
	 .least = WHEN_HOUR,
	 .most = 7 * WHEN_DAY,
	 .says = "landed and seen by nobody for so long: perhaps she never came"},
};
static SCHEMA(transfer, "transfer");

static const struct field address_fields[] = {
	{.key = "resolve_within",
	 .type = FIELD_DURATION,
	 .offset = AT(address_resolve_within),
	 .least = WHEN_MINUTE,
	 .most = 2 * WHEN_DAY,
	 .says = "to place an address by hand"},
	{.key = "before_eta",
	 .type = FIELD_DURATION,
	 .offset = AT(address_before_eta),
	 .least = WHEN_MINUTE,
	 .most = 2 * WHEN_DAY,
	 .says = "or so long before the ETA, if that is sooner"},
	{.key = "probable_from",
	 .type = FIELD_RATIO,
	 .offset = AT(probable_from),
	 .says = "confidence from which a probable match is taken"},
};
static SCHEMA(address, "address");

static const struct field release_fields[] = {
	{.key = "at",
	 .type = FIELD_CLOCK,
	 .offset = AT(release_at),
	 .says = "time of day on the end date"},
	{.key = "full_days",
	 .type = FIELD_INT,
	 .offset = AT(release_full_days),
	 .least = 0,
	 .most = 60,
	 .says = "last days of which no slot may be empty"},
};
static SCHEMA(release, "release");

static const struct field alerts_fields[] = {
	{.key = "ack_expires",
	 .type = FIELD_DURATION,
	 .offset = AT(ack_expires),
	 .least = WHEN_MINUTE,
	 .most = WHEN_DAY,
	 .says = "an acknowledged urgent alert without progress asks again"},
	{.key = "recheck_after",
	 .type = FIELD_DURATION,
	 .offset = AT(recheck_after),
	 .least = WHEN_MINUTE,
	 .most = 7 * WHEN_DAY,
	 .says = "a resolved alert whose cause still holds returns"},
	{.key = "group_wait",
	 .type = FIELD_DURATION,
	 .offset = AT(group_wait),
	 .most = WHEN_HOUR,
	 .says = "notices that need nobody at once wait for their like"},
	{.key = "inhibit_at_most",
	 .type = FIELD_DURATION,
	 .offset = AT(inhibit_at_most),
	 .least = WHEN_MINUTE,
	 .most = WHEN_DAY,
	 .says = "an alert that a graver one explains waits no longer"},
};
static SCHEMA(alerts, "alerts");

static const struct field leave_fields[] = {
	{.key = "longest",
	 .type = FIELD_DURATION,
	 .offset = AT(leave_longest),
	 .least = WHEN_MINUTE,
	 .most = 2 * WHEN_DAY,
	 .says = "an approved leave from home ends within this"},
	{.key = "grace",
	 .type = FIELD_DURATION,
	 .offset = AT(leave_grace),
	 .most = WHEN_DAY,
	 .says = "and she may be so much late"},
};
static SCHEMA(leave, "leave");

static const struct field retention_fields[] = {
	{.key = "erase_after",
	 .type = FIELD_DURATION,
	 .offset = AT(erase_after),
	 .least = WHEN_DAY,
	 .most = 3660 * WHEN_DAY,
	 .says = "personal data, after the journey's end"},
};
static SCHEMA(retention, "retention");

/* What a policy says, and an override may say differently. Lists and stickers are read by
 * conf_policy.c. */
#define SECTIONS                                                                                   \
	{.key = "isolation", .type = FIELD_MAP, .inner = &isolation_schema},                       \
		{.key = "checks", .type = FIELD_MAP, .inner = &checks_schema},                     \
		{.key = "fever", .type = FIELD_MAP, .inner = &fever_schema},                       \
		{.key = "checklist", .type = FIELD_UNREAD},                                        \
		{.key = "arrival", .type = FIELD_MAP, .inner = &arrival_schema},                   \
		{.key = "transfer", .type = FIELD_MAP, .inner = &transfer_schema},                 \
		{.key = "address", .type = FIELD_MAP, .inner = &address_schema},                   \
		{.key = "release", .type = FIELD_MAP, .inner = &release_schema},                   \
		{.key = "alerts", .type = FIELD_MAP, .inner = &alerts_schema},                     \
		{.key = "retention", .type = FIELD_MAP, .inner = &retention_schema},               \
		{.key = "leave", .type = FIELD_MAP, .inner = &leave_schema},                       \
	{                                                                                          \
		.key = "stickers", .type = FIELD_UNREAD                                            \
	}

static const struct field override_fields[] = {
	{.key = "countries", .type = FIELD_UNREAD}, /* Lists: conf_override.c. */
	{.key = "districts", .type = FIELD_UNREAD},
	SECTIONS,
};
SCHEMA(override, "override");

static const struct field policy_fields[] = {
	{.key = "policy",
	 .type = FIELD_LABEL,
	 .offset = AT(name),
	 .required = true,
	 .says = "the policy's name"},
	{.key = "in_force_from",
	 .type = FIELD_DAY,
	 .offset = AT(in_force_from),
	 .required = true,
	 .says = "the first day of arrival it holds for"},
	SECTIONS,
	{.key = "applies_to",
	 .type = FIELD_BOOL,
	 .offset = AT(applies_to_open),
	 .choices = audiences,
	 .says = "arrivals from that day on, or open_journeys too"},
	{.key = "overrides", .type = FIELD_UNREAD}, /* A list: conf_override.c. */
};
SCHEMA(policy, "policy");
