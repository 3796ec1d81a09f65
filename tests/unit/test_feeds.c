/* test_feeds.c — when a feed counts as silent: by day and by night, after our own downtime, under
 * another configuration; and what its silence explains. Neighbours: lib/engine/feeds.c,
 * test_hold.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "engine/engine_private.h"
#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"

#define REST(feeds)                                                                                \
	"feeds:\n" feeds "endpoints:\n"                                                            \
	"  - {name: duty, channel: generic, url: \"http://127.0.0.1:9/duty\", secret: "            \
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]}\n"      \
	"  - {name: robot, channel: generic, url: \"http://127.0.0.1:9/robot\", secret: "          \
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]}\n"      \
	"units:\n"                                                                                 \
	"  - {code: \"310112\", endpoint: duty}\n"                                                 \
	"escalation: {default: [{to: committee, wait: 10m}, {to: district, wait: 10m}], "          \
	"fallback: "                                                                               \
	"robot}\n"

#define PVG                                                                                        \
	"  - {name: pvg, kind: push, sources: [\"/pvg/\"], token: \"0123456789abcdef0123\", "      \
	"heartbeat: 15m, heartbeat_night: 45m, night: {from: \"23:00\", to: \"06:00\"}}\n"
#define DESK                                                                                       \
	"  - {name: desk, kind: push, sources: [\"/desk/\"], token: \"0123456789abcdef0124\", "    \
	"heartbeat: 30m, unit: \"31\"}\n"
#define DESK_LAX                                                                                   \
	"  - {name: desk, kind: push, sources: [\"/desk/\"], token: \"0123456789abcdef0124\", "    \
	"heartbeat: 10h}\n"

#define T0 at("2020-03-09T12:00")

static void begin(struct night *night)
{
	struct err err = ERR_INIT;

	night_open_as(night, REST(PVG DESK));
	assert_int_equal(engine_watch_feeds(night->engine, T0, &err), 0);
}

static void hear(struct night *night, const char *feed, int64_t now)
{
	struct fact *fact = night_fact(night, FACT_HEARTBEAT, now,
				       text_equal(feed, "pvg") ? "/pvg/t2" : "/desk/1");

	fact->feed = feed;
	night_submit(night, fact, now);
}

static bool is_silent(struct night *night, const char *feed, struct alert *alert)
{
	static const char *const units[] = {"310112", "31", ""};
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(units) && !found; i++)
		assert_int_equal(night->store->ops->alert_find(night->store, ALERT_FEED_SILENT,
							       feed, units[i], alert, &found, NULL),
				 0);
	return found;
}

static struct store_feed row(struct night *night, const char *feed)
{
	struct store_feed out;

	assert_int_equal(
		night->store->ops->feed_find(night->store, feed, &night->arena, &out, NULL), 0);
	return out;
}

static void deadline_follows_the_night(void **state)
{
	(void)state;
	struct night night;
	const struct conf_feed *feed;
	static const struct {
		const char *heard, *deadline;
	} rows[] = {
		{"2020-03-09T12:00", "2020-03-09T12:15"},
		{"2020-03-09T22:44", "2020-03-09T22:59"},
		/* The day's rule would end by night: the night's counts. */
		{"2020-03-09T22:50", "2020-03-09T23:35"},
		{"2020-03-10T00:00", "2020-03-10T00:45"},
		/* Morning is no ambush: 15 minutes from 06:00. */
		{"2020-03-10T05:44", "2020-03-10T06:15"},
		{"2020-03-10T05:20", "2020-03-10T06:05"},
		{"2020-03-10T05:50", "2020-03-10T06:05"},
		{"2020-03-10T06:00", "2020-03-10T06:15"},
	};

	night_open_as(&night, REST(PVG DESK));
	feed = &night.conf->feeds[0];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(feed_deadline(feed, night.conf->zone, at(rows[i].heard)),
				 at(rows[i].deadline));
	assert_int_equal(feed_deadline(&night.conf->feeds[1], night.conf->zone, T0),
			 T0 + 30 * WHEN_MINUTE);
	night_close(&night);
}

static void silent_feed_is_told_and_ends_when_it_speaks(void **state)
{
	(void)state;
	struct night night;
	struct alert alert;
	int64_t next;

	begin(&night);
	hear(&night, "pvg", T0 + 10 * WHEN_MINUTE);
	assert_int_equal(engine_next(night.engine, &next, NULL), 0);
	assert_int_equal(next, T0 + 25 * WHEN_MINUTE);
	night_pass(&night, T0 + 25 * WHEN_MINUTE - 1);
	assert_false(is_silent(&night, "pvg", &alert));
	night_pass(&night, T0 + 25 * WHEN_MINUTE);
	assert_true(is_silent(&night, "pvg", &alert));
	/* Without a unit of its own: the root of the hierarchy hears of it. */
	assert_string_equal(alert.unit, "310112");
	assert_int_equal(alert.since, T0 + 10 * WHEN_MINUTE);
	assert_int_equal(alert.step > 0, true);
	assert_false(is_silent(&night, "desk", &alert));
	night_pass(&night, T0 + 30 * WHEN_MINUTE);
	assert_true(is_silent(&night, "desk", &alert));
	assert_string_equal(alert.unit, "31");
	hear(&night, "pvg", T0 + 40 * WHEN_MINUTE);
	assert_false(is_silent(&night, "pvg", &alert));
	assert_true(is_silent(&night, "desk", &alert));
	assert_int_equal(row(&night, "pvg").due_at, T0 + 55 * WHEN_MINUTE);
	night_close(&night);
}

static void repetition_counts_as_hearing_it_a_refused_fact_does_not(void **state)
{
	(void)state;
	struct night night;
	struct fact *fact, other;

	begin(&night);
	fact = night_fact(&night, FACT_HEARTBEAT, T0, "/pvg/t2");
	fact->feed = "pvg";
	night_submit(&night, fact, T0 + WHEN_MINUTE);
	assert_true(night_submit(&night, fact, T0 + 5 * WHEN_MINUTE).duplicate);
	assert_int_equal(row(&night, "pvg").heard_at, T0 + 5 * WHEN_MINUTE);
	other = *fact;
	other.hash[0] ^= 1;
	assert_int_equal(night_submit(&night, &other, T0 + 9 * WHEN_MINUTE).reject,
			 REJECT_ID_REUSE);
	assert_int_equal(row(&night, "pvg").heard_at, T0 + 5 * WHEN_MINUTE);
	/* Within a second the row is left alone. */
	hear(&night, "pvg", T0 + 5 * WHEN_MINUTE + 999);
	assert_int_equal(row(&night, "pvg").heard_at, T0 + 5 * WHEN_MINUTE);
	hear(&night, "pvg", T0 + 5 * WHEN_MINUTE + 1000);
	assert_int_equal(row(&night, "pvg").heard_at, T0 + 5 * WHEN_MINUTE + 1000);
	night_close(&night);
}

static void after_our_own_downtime_silence_counts_from_the_start(void **state)
{
	(void)state;
	struct night night;
	struct alert alert;
	struct err err = ERR_INIT;
	int64_t start = T0 + 5 * WHEN_HOUR;

	begin(&night);
	hear(&night, "pvg", T0 + WHEN_MINUTE);
	night.engine->deaf_until = WHEN_UNKNOWN; /* What a start is to the engine. */
	assert_int_equal(engine_watch_feeds(night.engine, start, &err), 0);
	night_pass(&night, start + 15 * WHEN_MINUTE - 1);
	assert_false(is_silent(&night, "pvg", &alert));
	night_pass(&night, start + 15 * WHEN_MINUTE);
	assert_true(is_silent(&night, "pvg", &alert));
	/* Who was silent before the start is so still. */
	night.engine->deaf_until = WHEN_UNKNOWN;
	assert_int_equal(engine_watch_feeds(night.engine, start + WHEN_HOUR, &err), 0);
	assert_true(is_silent(&night, "pvg", &alert));
	night_close(&night);
}

static void silence_a_human_ended_is_told_again_while_it_lasts(void **state)
{
	(void)state;
	struct night night;
	struct alert alert;
	int64_t now = T0 + 20 * WHEN_MINUTE;

	begin(&night);
	night_pass(&night, now);
	assert_true(is_silent(&night, "pvg", &alert));
	struct fact *fact = night_fact(&night, FACT_ALERT_RESOLVED, now, "api/duty");
	fact->alert = alert.id;
	fact->outcome = "known";
	night_submit(&night, fact, now);
	assert_false(is_silent(&night, "pvg", &alert));
	night_pass(&night, now + 2 * conf_policy(night.conf, INT32_MAX)->recheck_after);
	assert_true(is_silent(&night, "pvg", &alert));
	night_close(&night);
}

static void
another_configuration_judges_anew_and_a_feed_that_is_gone_is_not_waited_for(void **state)
{
	(void)state;
	struct night night;
	struct alert alert;
	struct err err = ERR_INIT;
	int64_t now = T0 + 40 * WHEN_MINUTE;

	begin(&night);
	hear(&night, "desk", T0 + WHEN_MINUTE);
	night_pass(&night, now);
	assert_true(is_silent(&night, "pvg", &alert));
	assert_true(is_silent(&night, "desk", &alert));
	night_reconfigure(&night, REST(DESK_LAX));
	assert_int_equal(engine_watch_feeds(night.engine, now, &err), 0);
	assert_false(is_silent(&night, "pvg", &alert));
	assert_null(row(&night, "pvg").name);
	assert_false(is_silent(&night, "desk", &alert));
	assert_int_equal(row(&night, "desk").due_at, T0 + WHEN_MINUTE + 10 * WHEN_HOUR);
	night_close(&night);
}

static void source_belongs_to_the_feed_with_the_longest_prefix(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night,
		      REST(PVG "  - {name: all, kind: push, sources: [\"/\"], token: "
			       "\"0123456789abcdef0125\"}\n"
			       "  - {name: twin, kind: push, sources: [\"/pvg/t1/\"], token: "
			       "\"0123456789abcdef0126\"}\n"
			       "  - {name: other, kind: push, sources: [\"/pvg/t1/\"], token: "
			       "\"0123456789abcdef0127\"}\n"));
	assert_string_equal(feed_of_source(night.conf, "/pvg/t2")->name, "pvg");
	assert_string_equal(feed_of_source(night.conf, "/sha/t2")->name, "all");
	assert_null(feed_of_source(night.conf, "/pvg/t1/x"));
	assert_null(feed_of_source(night.conf, "elsewhere"));
	night_close(&night);
}

/* --- What a silent feed explains --- */

static void landed(struct night *night, const char *source, const char *ref, int64_t now)
{
	struct fact *fact = night_fact(night, FACT_ANNOUNCED, now, source);

	fact->ref = ref;
	fact->field[FIELD_FLIGHT] = arena_printf(&night->arena, "XX%s-PVG-2020-03-09", ref);
	fact->field[FIELD_COMMITTEE] = COMMITTEE;
	fact->field[FIELD_DOC_TYPE] = "P";
	fact->field[FIELD_DOC_ISSUER] = "KOR";
	fact->field[FIELD_DOC_NUMBER] = arena_printf(&night->arena, "M%s", ref);
	night_submit(night, fact, now);
	fact = night_fact(night, FACT_FLIGHT_UPDATED, now, "/ops");
	fact->field[FIELD_FLIGHT] = arena_printf(&night->arena, "XX%s-PVG-2020-03-09", ref);
	fact->flight_status = FLIGHT_LANDED;
	fact->flight_act = now;
	night_submit(night, fact, now);
}

/* The first not_registered alert of whoever REF is. */
static struct alert not_registered(struct night *night, const char *source, const char *ref)
{
	struct journey *journey = arena_alloc(&night->arena, sizeof(*journey));
	struct alert alert = {.id = 0};
	bool found = false;

	night_journey(night, source, ref, journey);
	for (size_t i = 0; i < journey->joined_len; i++) {
		const struct joined *joined = &journey->joined[i];
		if (joined->kind == ALERT_NOT_REGISTERED)
			assert_int_equal(night->store->ops->alert_find(night->store, joined->kind,
								       joined->subject,
								       joined->unit, &alert, &found,
								       NULL),
					 0);
	}
	assert_true(found);
	return alert;
}

static void silent_feed_explains_that_its_people_are_not_registered_and_nobody_elses(void **state)
{
	(void)state;
	struct night night;
	struct alert held, other;
	int64_t due;

	begin(&night);
	landed(&night, "/pvg/t2", "1", T0);
	landed(&night, "/desk/1", "2", T0);
	/* Known to both: the desk would have seen her. */
	landed(&night, "/pvg/t2", "3", T0);
	landed(&night, "/desk/1", "3", T0);
	due = T0 + conf_policy(night.conf, INT32_MAX)->register_within;
	for (int64_t now = T0; now < due; now += 10 * WHEN_MINUTE)
		hear(&night, "desk", now);
	night_pass(&night, due);
	held = not_registered(&night, "/pvg/t2", "1");
	other = not_registered(&night, "/desk/1", "2");
	assert_int_equal(held.hold, HOLD_ALERT);
	assert_int_equal(held.step, 0);
	assert_int_equal(other.hold, HOLD_NONE);
	assert_true(other.step > 0);
	other = not_registered(&night, "/pvg/t2", "3");
	assert_int_equal(other.hold, HOLD_NONE);
	assert_true(other.step > 0);
	assert_int_equal(night_violations(&night, due), 0);
	hear(&night, "pvg", due + WHEN_MINUTE);
	held = not_registered(&night, "/pvg/t2", "1");
	assert_int_equal(held.hold, HOLD_NONE);
	assert_true(held.step > 0);
	night_close(&night);
}

static void a_feed_heard_by_a_fast_clock_is_not_waited_for_an_hour_longer(void **state)
{
	(void)state;
	struct night night;
	struct err err = ERR_INIT;
	struct alert alert;

	begin(&night);
	hear(&night, "pvg", T0 + WHEN_HOUR);
	assert_int_equal(engine_clock_set(night.engine, T0 + WHEN_HOUR, T0, &err), 0);
	assert_int_equal(row(&night, "pvg").heard_at, T0);
	assert_int_equal(row(&night, "pvg").due_at, T0 + 15 * WHEN_MINUTE);
	night.now = T0;
	night_pass(&night, T0 + 15 * WHEN_MINUTE - 1);
	assert_false(is_silent(&night, "pvg", &alert));
	night_pass(&night, T0 + 15 * WHEN_MINUTE);
	assert_true(is_silent(&night, "pvg", &alert));
	/* Told by a fast clock: what lasts is looked at again no later than from now on. */
	int64_t again = row(&night, "pvg").due_at - (T0 + 15 * WHEN_MINUTE);
	assert_int_equal(engine_clock_set(night.engine, T0 + 15 * WHEN_MINUTE, T0, &err), 0);
	assert_true(is_silent(&night, "pvg", &alert));
	assert_int_equal(row(&night, "pvg").due_at, T0 + again);
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadline_follows_the_night),
		cmocka_unit_test(silent_feed_is_told_and_ends_when_it_speaks),
		cmocka_unit_test(repetition_counts_as_hearing_it_a_refused_fact_does_not),
		cmocka_unit_test(after_our_own_downtime_silence_counts_from_the_start),
		cmocka_unit_test(silence_a_human_ended_is_told_again_while_it_lasts),
		cmocka_unit_test(
			another_configuration_judges_anew_and_a_feed_that_is_gone_is_not_waited_for),
		cmocka_unit_test(source_belongs_to_the_feed_with_the_longest_prefix),
		cmocka_unit_test(
			silent_feed_explains_that_its_people_are_not_registered_and_nobody_elses),
		cmocka_unit_test(a_feed_heard_by_a_fast_clock_is_not_waited_for_an_hour_longer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
