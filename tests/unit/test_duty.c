/* test_duty.c — whom a step reaches, and how one shift hands over to the next, through the real
 * engine and SQLite. The street 310112101 has a roster: "day" from 08:00, "night" from 20:00. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"

#define STREET "310112101"
#define GENERIC                                                                                    \
	"channel: generic, url: \"http://127.0.0.1:9/x\", secret: " SECRET                         \
	", allow: [\"127.0.0.0/8\"]}\n"
#define SECRET "\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\""

static const char people[] = "endpoints:\n"
			     "  - {name: day, " GENERIC "  - {name: night, " GENERIC
			     "  - {name: office, " GENERIC "  - {name: late, " GENERIC;

#define DAY_AND_NIGHT                                                                              \
	"    members: [{name: d, endpoint: day}, {name: n, endpoint: night}]\n"                    \
	"    layers:\n"                                                                            \
	"      - {name: all, rotation: {every: 12 hours, begins: \"2020-03-01 08:00\", members: "  \
	"[d, n]}}\n"

static const char shifts[] = "units:\n"
			     "  - {code: \"310112101\", endpoint: office, roster: xz}\n"
			     "rosters:\n"
			     "  - name: xz\n" DAY_AND_NIGHT;

/* A night that began to look at its rosters at half past eight. */
static void open_with(struct night *night, const char *units_and_rosters)
{
	struct err err = ERR_INIT;
	char more[4096];
	unsigned fired;

	assert_in_range(snprintf(more, sizeof(more), "%s%s", people, units_and_rosters), 1,
			sizeof(more) - 1);
	night_open_with(night, more);
	assert_int_equal(engine_due(night->engine, at("2020-03-08T08:30"), 1000, &fired, &err), 0);
}

/* Time goes to NOW, turn by turn. */
static void pass(struct night *night, const char *now)
{
	unsigned fired;
	struct err err = ERR_INIT;

	night_pass(night, at(now));
	assert_int_equal(engine_due(night->engine, at(now), 1000, &fired, &err), 0);
}

/* An alert of KIND about the committee opens at NOW and is told. */
static int64_t raise(struct night *night, enum alert_kind kind, const char *now)
{
	static int count;
	struct alert alert = {.kind = kind,
			      .opened_at = at(now),
			      .since = at(now),
			      .due = at(now),
			      .eta = WHEN_UNKNOWN,
			      .eta_before = WHEN_UNKNOWN,
			      .next_at = at(now),
			      .acked_at = WHEN_NEVER,
			      .resolved_at = WHEN_NEVER};
	struct err err = ERR_INIT;
	const struct store_ops *ops = night->store->ops;

	snprintf(alert.subject, sizeof(alert.subject), "subject %d", ++count);
	text_copy(alert.unit, sizeof(alert.unit), COMMITTEE);
	night_pass(night, at(now));
	assert_int_equal(ops->begin(night->store, &err), 0);
	assert_int_equal(ops->alert_save(night->store, &alert, at(now), &err), 0);
	assert_int_equal(ops->commit(night->store, &err), 0);
	pass(night, now);
	return alert.id;
}

struct search {
	int64_t alert; /* or 0: any */
	int64_t since;
	enum alert_kind kind;
	char endpoints[200]; /* "day,night" in the order they were written */
	char text[2048];
	char title[200];
	unsigned links, count;
};

static void note_notice(void *context, const void *row)
{
	struct search *search = context;
	const struct notice *notice = row;
	struct text list;

	if (notice->created_at < search->since ||
	    (search->alert ? notice->alert != search->alert
			   : !text_equal(notice->kind, alert_traits(search->kind)->word)))
		return;
	list = (struct text){.data = search->endpoints,
			     .len = strlen(search->endpoints),
			     .cap = sizeof(search->endpoints)};
	text_addf(&list, "%s%s", list.len ? "," : "", notice->endpoint);
	text_copy(search->text, sizeof(search->text), notice->text);
	text_copy(search->title, sizeof(search->title), notice->title);
	search->links += *notice->url != '\0';
	search->count++;
}

/* The notices of an ALERT written at NOW or later. */
static struct search told(struct night *night, int64_t alert, const char *now)
{
	struct search search = {.alert = alert, .since = at(now)};
	struct err err = ERR_INIT;

	for (int state = NOTICE_READY; state <= NOTICE_EXPIRED; state++)
		assert_int_equal(
			night->store->ops->notices_list(night->store, (enum notice_state)state, 500,
							&night->arena, note_notice, &search, &err),
			0);
	return search;
}

static bool names(const struct search *search, const char *endpoint)
{
	char padded[210], wanted[60];

	snprintf(padded, sizeof(padded), ",%s,", search->endpoints);
	snprintf(wanted, sizeof(wanted), ",%s,", endpoint);
	return strstr(padded, wanted) != NULL;
}

#define assert_told(night, alert, now, n, ...)                                                     \
	do {                                                                                       \
		static const char *const wanted[] = {__VA_ARGS__};                                 \
		struct search found = told(night, alert, now);                                     \
		if (found.count != (n))                                                            \
			print_error("told: %s\n", found.endpoints);                                \
		assert_int_equal(found.count, n);                                                  \
		for (size_t w = 0; w < ARRAY_LEN(wanted); w++)                                     \
			assert_true(names(&found, wanted[w]));                                     \
	} while (0)

struct open {
	unsigned count, all;
	struct alert latest;
};

static void note_open(void *context, const void *row)
{
	struct open *open = context;
	const struct alert *alert = row;

	if (alert->kind != ALERT_SHIFT_HANDOVER)
		return;
	open->all++;
	if (alert->id > open->latest.id)
		open->latest = *alert;
	if (alert->state != ALERT_RESOLVED)
		open->count++;
}

static struct open handovers(struct night *night)
{
	struct open open = {.count = 0};
	struct err err = ERR_INIT;

	assert_int_equal(night->store->ops->alerts_list(night->store, "", false, 500, note_open,
							&open, &err),
			 0);
	return open;
}

static struct fact_result take(struct night *night, int64_t alert, const char *via, const char *now)
{
	static int count;
	struct fact *fact = arena_alloc(&night->arena, sizeof(*fact));

	*fact = (struct fact){.type = FACT_ALERT_ACKED,
			      .stamp = {.at = at(now),
					.id = arena_printf(&night->arena, "ack-%d", ++count),
					.source = "/people",
					.sequence = ""},
			      .body = "{}",
			      .feed_unit = "",
			      .by = "duty",
			      .via = via,
			      .alert = alert,
			      .day = -1};
	return night_submit(night, fact, at(now));
}

/* --- Whom a step reaches --- */

static void a_step_reaches_who_is_on_duty_at_that_minute(void **state)
{
	struct night night;

	(void)state;
	open_with(&night, shifts);
	int64_t alert = raise(&night, ALERT_FEVER, "2020-03-08T10:01");
	assert_told(&night, alert, "2020-03-08T10:01", 1, "day");
	night_close(&night);
}

static void nobody_on_duty_is_the_units_endpoint_and_without_one_its_parents(void **state)
{
	static const char with[] =
		"units: [{code: \"310112101\", endpoint: office, roster: xz}]\n"
		"rosters:\n  - {name: xz, allow_gap: true, members: [{name: d, endpoint: day}], "
		"layers: [{name: all, rotation: {every: 1 day, begins: \"2020-03-01 08:00\", "
		"members: [d]}, restrictions: [{from: \"08:00\", to: \"18:00\"}]}]}\n";
	static const char without[] =
		"units: [{code: \"310112101\", roster: xz}]\n"
		"rosters:\n  - {name: xz, allow_gap: true, members: [{name: d, endpoint: day}], "
		"layers: [{name: all, rotation: {every: 1 day, begins: \"2020-03-01 08:00\", "
		"members: [d]}, restrictions: [{from: \"08:00\", to: \"18:00\"}]}]}\n";
	struct night night;

	(void)state;
	open_with(&night, with);
	pass(&night, "2020-03-08T19:00");
	int64_t alert = raise(&night, ALERT_MISSED_CHECK, "2020-03-08T19:00");
	assert_told(&night, alert, "2020-03-08T19:00", 1, "office");
	night_close(&night);
	open_with(&night, without);
	pass(&night, "2020-03-08T19:00");
	alert = raise(&night, ALERT_MISSED_CHECK, "2020-03-08T19:00");
	assert_told(&night, alert, "2020-03-08T19:00", 1, "duty");
	/* In the morning, before the first change of this roster was looked for twice, it is day.
	 */
	alert = raise(&night, ALERT_MISSED_CHECK, "2020-03-09T09:00");
	assert_told(&night, alert, "2020-03-09T09:00", 1, "day");
	night_close(&night);
}

static void several_on_duty_are_all_told_once(void **state)
{
	static const char pair[] =
		"units: [{code: \"310112101\", roster: xz}]\n"
		"rosters:\n  - {name: xz, members: [{name: d, endpoint: day}, {name: n, endpoint: "
		"night}, {name: e, endpoint: day}], layers: [{name: all, rotation: {every: 1 day, "
		"begins: \"2020-03-01 08:00\", members: [[d, n, e]]}}]}\n";
	struct night night;

	(void)state;
	open_with(&night, pair);
	pass(&night, "2020-03-08T19:00");
	int64_t alert = raise(&night, ALERT_MISSED_CHECK, "2020-03-08T19:00");
	assert_told(&night, alert, "2020-03-08T19:00", 2, "day", "night");
	assert_int_equal(handovers(&night).all, 0);
	night_close(&night);
}

/* --- Handover --- */

static void both_are_told_until_those_who_come_have_taken_over(void **state)
{
	struct night night;

	(void)state;
	open_with(&night, shifts);
	pass(&night, "2020-03-08T19:54");
	assert_int_equal(handovers(&night).all, 0);
	pass(&night, "2020-03-08T19:55");
	struct open open = handovers(&night);
	assert_int_equal(open.count, 1);
	assert_string_equal(open.latest.subject, "xz 2020-03-08T20:00");
	assert_string_equal(open.latest.unit, STREET);
	assert_told(&night, open.latest.id, "2020-03-08T19:55", 2, "day", "night");
	/* Only those who come can take it. */
	assert_int_equal(told(&night, open.latest.id, "2020-03-08T19:55").links, 1);

	/* Before and past the change, what is urgent goes to both, what is not to who is on duty.
	 */
	int64_t alert = raise(&night, ALERT_ARRIVAL, "2020-03-08T19:56");
	assert_told(&night, alert, "2020-03-08T19:56", 2, "day", "night");
	alert = raise(&night, ALERT_MISSED_CHECK, "2020-03-08T19:57");
	assert_told(&night, alert, "2020-03-08T19:57", 1, "day");
	alert = raise(&night, ALERT_ARRIVAL, "2020-03-08T20:03");
	assert_told(&night, alert, "2020-03-08T20:03", 2, "day", "night");
	alert = raise(&night, ALERT_MISSED_CHECK, "2020-03-08T20:04");
	assert_told(&night, alert, "2020-03-08T20:04", 1, "night");

	struct fact_result result = take(&night, open.latest.id, "day", "2020-03-08T20:04");
	assert_int_equal(result.code, CL_ECONFLICT);
	assert_non_null(strstr(result.detail, "taken over by those who come"));
	assert_int_equal(handovers(&night).count, 1);
	assert_int_equal(take(&night, open.latest.id, "night", "2020-03-08T20:04").code, CL_OK);
	assert_int_equal(handovers(&night).count, 0);
	alert = raise(&night, ALERT_ARRIVAL, "2020-03-08T20:05");
	assert_told(&night, alert, "2020-03-08T20:05", 1, "night");
	night_close(&night);
}

static void the_engine_wakes_for_a_handover(void **state)
{
	struct night night;
	struct err err = ERR_INIT;
	int64_t next;

	(void)state;
	open_with(&night, shifts);
	assert_int_equal(engine_next(night.engine, &next, &err), 0);
	assert_int_equal(next, at("2020-03-08T19:55"));
	/* Who has not looked yet is woken at once. */
	engine_reconfigure(night.engine, night.conf);
	assert_int_equal(engine_next(night.engine, &next, &err), 0);
	assert_int_equal(next, 0);
	night_close(&night);
}

static void taken_over_before_the_change_both_still_have_their_own_hours(void **state)
{
	struct night night;

	(void)state;
	open_with(&night, shifts);
	pass(&night, "2020-03-08T19:55");
	assert_int_equal(
		take(&night, handovers(&night).latest.id, "night", "2020-03-08T19:56").code, CL_OK);
	int64_t alert = raise(&night, ALERT_ARRIVAL, "2020-03-08T19:58");
	assert_told(&night, alert, "2020-03-08T19:58", 1, "day");
	alert = raise(&night, ALERT_ARRIVAL, "2020-03-08T20:00");
	assert_told(&night, alert, "2020-03-08T20:00", 1, "night");
	night_close(&night);
}

static void a_caller_without_a_link_can_take_it_for_them(void **state)
{
	struct night night;

	(void)state;
	open_with(&night, shifts);
	pass(&night, "2020-03-08T19:55");
	assert_int_equal(take(&night, handovers(&night).latest.id, NULL, "2020-03-08T19:56").code,
			 CL_OK);
	assert_int_equal(handovers(&night).count, 0);
	night_close(&night);
}

static void ten_minutes_without_an_answer_go_up_and_on(void **state)
{
	struct night night;

	(void)state;
	open_with(&night, shifts);
	pass(&night, "2020-03-08T19:55");
	int64_t alert = handovers(&night).latest.id;
	pass(&night, "2020-03-08T20:04");
	assert_int_equal(told(&night, alert, "2020-03-08T19:56").count, 0);
	pass(&night, "2020-03-08T20:05");
	/* The district's endpoint, which is the fallback here, too. */
	assert_told(&night, alert, "2020-03-08T20:05", 1, "duty");
	pass(&night, "2020-03-08T20:15");
	assert_told(&night, alert, "2020-03-08T20:15", 1, "duty");
	pass(&night, "2020-03-08T20:25");
	assert_told(&night, alert, "2020-03-08T20:25", 1, "duty");
	night_close(&night);
}

static void a_change_is_handed_over_once_whatever_dies(void **state)
{
	struct night night;

	(void)state;
	open_with(&night, shifts);
	pass(&night, "2020-03-08T19:00");
	night_restart(&night);
	pass(&night, "2020-03-08T19:55");
	assert_int_equal(handovers(&night).all, 1);
	night_restart(&night);
	pass(&night, "2020-03-08T19:56");
	night_restart(&night);
	pass(&night, "2020-03-08T20:00");
	pass(&night, "2020-03-08T20:01");
	assert_int_equal(handovers(&night).all, 1);
	assert_int_equal(told(&night, handovers(&night).latest.id, "2020-03-08T19:00").count, 2);
	/* And what is pending is still pending. */
	night_restart(&night);
	int64_t alert = raise(&night, ALERT_ARRIVAL, "2020-03-08T20:02");
	assert_told(&night, alert, "2020-03-08T20:02", 2, "day", "night");
	night_close(&night);
}

static void after_downtime_only_the_latest_change_and_marked_late(void **state)
{
	struct night night;
	struct err err = ERR_INIT;
	unsigned fired;

	(void)state;
	open_with(&night, shifts);
	pass(&night, "2020-03-08T12:00");
	night_restart(&night);
	assert_int_equal(engine_due(night.engine, at("2020-03-11T09:00"), 1000, &fired, &err), 0);
	struct open open = handovers(&night);
	assert_int_equal(open.all, 1);
	assert_string_equal(open.latest.subject, "xz 2020-03-11T08:00");
	struct search search = told(&night, open.latest.id, "2020-03-11T09:00");
	assert_int_equal(search.count, 2);
	assert_non_null(strstr(search.title, "迟到"));
	pass(&night, "2020-03-11T09:30");
	assert_int_equal(handovers(&night).all, 1);
	night_close(&night);
}

static void what_nobody_took_over_ends_with_the_next_change(void **state)
{
	struct night night;

	(void)state;
	open_with(&night, shifts);
	pass(&night, "2020-03-08T19:55");
	pass(&night, "2020-03-09T07:55");
	struct open open = handovers(&night);
	assert_int_equal(open.all, 2);
	assert_int_equal(open.count, 1);
	assert_string_equal(open.latest.subject, "xz 2020-03-09T08:00");
	assert_told(&night, open.latest.id, "2020-03-09T07:55", 2, "day", "night");
	night_close(&night);
}

static void one_person_all_the_time_hands_over_to_nobody(void **state)
{
	static const char alone[] =
		"units: [{code: \"310112101\", roster: xz}]\n"
		"rosters:\n  - {name: xz, members: [{name: d, endpoint: day}], layers: [{name: "
		"all, rotation: {every: 8 hours, begins: \"2020-03-01 08:00\", members: [d, "
		"d]}}]}\n";
	struct night night;

	(void)state;
	open_with(&night, alone);
	pass(&night, "2020-03-08T10:00");
	pass(&night, "2020-05-08T10:00");
	assert_int_equal(handovers(&night).all, 0);
	night_close(&night);
}

static void the_digest_counts_what_is_open_and_who_has_it(void **state)
{
	struct night night;

	(void)state;
	open_with(&night, shifts);
	pass(&night, "2020-03-08T19:00");
	(void)raise(&night, ALERT_FEVER, "2020-03-08T19:10");
	int64_t taken = raise(&night, ALERT_FEVER, "2020-03-08T19:20");
	(void)raise(&night, ALERT_HOME_UNFIT, "2020-03-08T19:30");
	assert_int_equal(take(&night, taken, NULL, "2020-03-08T19:40").code, CL_OK);
	pass(&night, "2020-03-08T19:55");
	struct search search = told(&night, handovers(&night).latest.id, "2020-03-08T19:55");
	assert_non_null(strstr(search.text, "班表xz于03-08 20:00换班"));
	assert_non_null(strstr(search.text, "未了结的警报3件"));
	assert_non_null(strstr(search.text, "发热或有症状2件，其中1件由duty处理"));
	assert_non_null(strstr(search.text, "住所不宜隔离1件，无人接手"));
	assert_non_null(strstr(search.text, "请接班人员确认接班"));
	assert_null(strstr(search.text, "{"));
	night_close(&night);
}

static void the_census_finds_a_roster_that_covers_nobody(void **state)
{
	static const char gap[] =
		"units: [{code: \"310112101\", roster: xz}]\n"
		"rosters:\n  - {name: xz, members: [{name: d, endpoint: day}], layers: [{name: "
		"all, "
		"rotation: {every: 1 day, begins: \"2020-03-01 08:00\", members: [d]}, "
		"restrictions: [{from: \"08:00\", to: \"18:00\"}]}]}\n";
	struct night night;

	(void)state;
	open_with(&night, gap);
	assert_int_equal(night_violations(&night, at("2020-03-08T12:00")), 0);
	assert_int_equal(night_violations(&night, at("2020-03-08T18:00")), 1);
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_reaches_who_is_on_duty_at_that_minute),
		cmocka_unit_test(nobody_on_duty_is_the_units_endpoint_and_without_one_its_parents),
		cmocka_unit_test(several_on_duty_are_all_told_once),
		cmocka_unit_test(both_are_told_until_those_who_come_have_taken_over),
		cmocka_unit_test(the_engine_wakes_for_a_handover),
		cmocka_unit_test(taken_over_before_the_change_both_still_have_their_own_hours),
		cmocka_unit_test(a_caller_without_a_link_can_take_it_for_them),
		cmocka_unit_test(ten_minutes_without_an_answer_go_up_and_on),
		cmocka_unit_test(a_change_is_handed_over_once_whatever_dies),
		cmocka_unit_test(after_downtime_only_the_latest_change_and_marked_late),
		cmocka_unit_test(what_nobody_took_over_ends_with_the_next_change),
		cmocka_unit_test(one_person_all_the_time_hands_over_to_nobody),
		cmocka_unit_test(the_digest_counts_what_is_open_and_who_has_it),
		cmocka_unit_test(the_census_finds_a_roster_that_covers_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
