/* test_clock.c — what an engine whose clock ran ahead has written waits no longer once it is set
 * back, and nothing of it is said twice. Neighbours: lib/engine/clock.c; test_feeds.c has the feeds,
 * tests/scenarios the whole daemon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "engine/engine_private.h"
#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"

#define T0   at("2020-03-09T12:00")
#define FAST (T0 + WHEN_HOUR) /* What a clock an hour ahead shows at T0. */
#define WAIT (10 * WHEN_MINUTE)

/* Somebody is in an alert of KIND from NOW on, and whoever is due to be told is told. */
static int64_t raise(struct night *night, enum alert_kind kind, int64_t now)
{
	const struct want want = {.kind = kind,
				  .subject = "s",
				  .unit = COMMITTEE,
				  .since = now,
				  .due = now,
				  .eta = WHEN_UNKNOWN};
	struct fact *fact = night_fact(night, FACT_ANNOUNCED, now, "/a");
	struct journey *journey = arena_alloc(&night->arena, sizeof(*journey));
	struct err err = ERR_INIT;
	struct alert alert;
	bool found;

	fact->ref = "1";
	night_submit(night, fact, now);
	night_journey(night, "/a", "1", journey);
	assert_int_equal(engine_begin(night->engine, &err), 0);
	int rc = alarm_open(night->engine, &want, journey->id,
			    conf_policy(night->conf, INT32_MAX), now, &err);
	assert_int_equal(engine_finish(night->engine, rc, &err), 0);
	night_pass(night, now);
	assert_int_equal(night->store->ops->alert_find(night->store, kind, "s", COMMITTEE, &alert,
						       &found, &err),
			 0);
	assert_true(found);
	return alert.id;
}

static struct alert alert_of(struct night *night, int64_t id)
{
	struct alert alert;

	assert_int_equal(night->store->ops->alert_load(night->store, id, &alert, NULL), 0);
	return alert;
}

static void set_back(struct night *night, int64_t was, int64_t now)
{
	struct err err = ERR_INIT;

	assert_int_equal(engine_clock_set(night->engine, was, now, &err), 0);
	night->now = now;
}

struct rows {
	size_t len;
	struct notice all[16];
};

static void note_row(void *context, const void *row)
{
	struct rows *rows = context;

	if (rows->len < ARRAY_LEN(rows->all))
		rows->all[rows->len++] = *(const struct notice *)row;
}

struct tellings {
	size_t len;
	int64_t at[16];
};

static void note_told(void *context, const void *row)
{
	struct tellings *told = context;

	if (told->len < ARRAY_LEN(told->at))
		told->at[told->len++] = ((const struct store_told *)row)->told_at;
}

static struct rows ready(struct night *night)
{
	struct rows rows = {.len = 0};

	assert_int_equal(night->store->ops->notices_list(night->store, NOTICE_READY, 16,
							 &night->arena, note_row, &rows, NULL),
			 0);
	return rows;
}

static void in_store(struct night *night, int rc)
{
	assert_int_equal(rc, 0);
	assert_int_equal(night->store->ops->commit(night->store, NULL), 0);
}

/* --- Alerts --- */

static void an_alert_raised_by_a_fast_clock_climbs_after_its_own_wait(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	int64_t id = raise(&night, ALERT_NOT_ACCEPTED, FAST);
	size_t said = ready(&night).len;
	assert_int_equal(alert_of(&night, id).next_at, FAST + WAIT);
	/* Three minutes on it is set right: seven are left. */
	set_back(&night, FAST + 3 * WHEN_MINUTE, T0 + 3 * WHEN_MINUTE);
	assert_int_equal(alert_of(&night, id).next_at, T0 + WAIT);
	assert_int_equal(alert_of(&night, id).opened_at, T0);
	night_pass(&night, T0 + WAIT - 1);
	assert_int_equal(ready(&night).len, said);
	int step = alert_of(&night, id).step;
	night_pass(&night, T0 + WAIT);
	assert_int_not_equal(alert_of(&night, id).step, step);
	night_close(&night);
}

static void a_step_told_twice_or_seen_at_a_start_is_one_step(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	int64_t id = raise(&night, ALERT_NOT_ACCEPTED, FAST);
	night_restart(&night);
	set_back(&night, WHEN_UNKNOWN, T0);
	assert_int_equal(alert_of(&night, id).next_at, T0 + WAIT);
	night_restart(&night);
	set_back(&night, WHEN_UNKNOWN, T0 + 4 * WHEN_MINUTE);
	set_back(&night, FAST, T0 + 5 * WHEN_MINUTE);
	assert_int_equal(alert_of(&night, id).next_at, T0 + WAIT);
	night_close(&night);
}

static void what_was_set_by_the_right_clock_stays(void **state)
{
	(void)state;
	struct night night;
	struct err err = ERR_INIT;

	night_open(&night);
	int64_t id = raise(&night, ALERT_NOT_ACCEPTED, T0);
	struct fact *ack = night_fact(&night, FACT_ALERT_ACKED, T0, "api/duty");
	ack->alert = id;
	ack->by = "Zhang";
	assert_int_equal(night_submit(&night, ack, T0).code, CL_OK);
	struct alert before = alert_of(&night, id);
	assert_int_equal(before.state, ALERT_ACKED);
	/* The clock jumps half of what is left, something is written, and it comes back. */
	int64_t ahead = T0 + (before.next_at - T0) / 2;
	night_submit(&night, night_fact(&night, FACT_HEARTBEAT, ahead, "/a"), ahead);
	struct alert touched = before;
	touched.changed = true;
	assert_int_equal(engine_begin(night.engine, &err), 0);
	in_store(&night, night.store->ops->alert_save(night.store, &touched, ahead, &err));
	set_back(&night, ahead, T0 + WHEN_MINUTE);
	assert_int_equal(alert_of(&night, id).next_at, before.next_at);
	assert_int_equal(alert_of(&night, id).acked_at, before.acked_at);
	night_close(&night);
}

static void who_took_it_by_a_fast_clock_is_asked_again_when_he_would_have_been(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	int64_t id = raise(&night, ALERT_NOT_ACCEPTED, T0);
	struct fact *ack = night_fact(&night, FACT_ALERT_ACKED, FAST, "api/duty");
	ack->alert = id;
	ack->by = "Zhang";
	assert_int_equal(night_submit(&night, ack, FAST).code, CL_OK);
	int64_t asked = alert_of(&night, id).next_at - FAST;
	set_back(&night, FAST, T0 + WHEN_MINUTE);
	assert_int_equal(alert_of(&night, id).next_at, T0 + WHEN_MINUTE + asked);
	assert_int_equal(alert_of(&night, id).acked_at, T0 + WHEN_MINUTE);
	night_close(&night);
}

static void what_was_repeated_by_a_clock_a_day_ahead_is_not_forgotten(void **state)
{
	(void)state;
	struct night night;
	struct err err = ERR_INIT;
	int64_t forgotten;

	night_open_with(&night, "escalation: {task_overdue: [{to: district, wait: 10m}]}\n");
	int64_t id = raise(&night, ALERT_TASK_OVERDUE, T0);
	night_pass(&night, T0 + WHEN_DAY);
	int64_t wait = alert_of(&night, id).next_at - (T0 + WHEN_DAY);
	assert_true(wait > 2 * WHEN_HOUR);
	set_back(&night, T0 + WHEN_DAY, T0 + WHEN_HOUR);
	assert_true(alert_of(&night, id).next_at < T0 + 5 * WHEN_HOUR);
	assert_int_equal(engine_audit(night.engine, T0 + WHEN_HOUR, &forgotten, &err), 0);
	assert_int_equal(forgotten, 0);
	night_close(&night);
}

/* --- Notices --- */

static struct notice notice(const char *id, int64_t alert, int64_t created_at)
{
	return (struct notice){.id = id,
			       .endpoint = "duty",
			       .alert = alert,
			       .urgent = true,
			       .type = "alert.raised",
			       .kind = "not_accepted",
			       .unit = COMMITTEE,
			       .created_at = created_at,
			       .due_at = created_at,
			       .expires_at = WHEN_NEVER,
			       .title = "t",
			       .text = "w",
			       .url = "",
			       .data = "{}",
			       .group = ""};
}

static const struct notice *row_of(const struct rows *rows, const char *id)
{
	for (size_t i = 0; i < rows->len; i++) {
		if (text_equal(rows->all[i].id, id))
			return &rows->all[i];
	}
	fail_msg("no notice %s", id);
	return NULL;
}

static void words_and_retries_of_a_fast_clock_go_out_in_time_and_stay_one_telling(void **state)
{
	(void)state;
	struct night night;
	struct err err = ERR_INIT;

	night_open(&night);
	const struct store_ops *ops = night.store->ops;
	int64_t id = raise(&night, ALERT_NOT_ACCEPTED, T0);
	struct notice fresh = notice("ntc_fresh", id, FAST), tried = notice("ntc_tried", id, FAST);
	struct notice early = notice("ntc_early", id, T0), night_word = notice("ntc_night", id, FAST);
	night_word.due_at = T0 + 19 * WHEN_HOUR;
	night_word.group = "quiet:2020-03-10";
	assert_int_equal(ops->begin(night.store, &err), 0);
	assert_int_equal(ops->notice_save(night.store, &early, &err), 0);
	assert_int_equal(ops->notice_save(night.store, &fresh, &err), 0);
	assert_int_equal(ops->notice_save(night.store, &tried, &err), 0);
	assert_int_equal(ops->notice_save(night.store, &night_word, &err), 0);
	assert_int_equal(ops->notice_result(night.store, "ntc_early", NOTICE_READY, 1,
					    T0 + 5 * WHEN_MINUTE, T0, "busy", &err),
			 0);
	in_store(&night, ops->notice_result(night.store, "ntc_tried", NOTICE_READY, 1,
					    FAST + 2 * WHEN_MINUTE, FAST + WHEN_MINUTE, "busy",
					    &err));
	set_back(&night, FAST + WHEN_MINUTE, T0 + WHEN_MINUTE);
	struct rows rows = ready(&night);
	assert_true(row_of(&rows, "ntc_fresh")->due_at <= T0 + WHEN_MINUTE);
	assert_int_equal(row_of(&rows, "ntc_tried")->due_at, T0 + 2 * WHEN_MINUTE);
	assert_int_equal(row_of(&rows, "ntc_early")->due_at, T0 + 5 * WHEN_MINUTE);
	assert_int_equal(row_of(&rows, "ntc_night")->due_at, T0 + 19 * WHEN_HOUR);
	/* Its words stay what they are; since when it counts as told is a time that was. */
	assert_int_equal(row_of(&rows, "ntc_tried")->created_at, FAST);
	struct tellings told = {.len = 0};
	assert_int_equal(ops->notices_of(night.store, id, &night.arena, note_told, &told, &err), 0);
	assert_int_equal(told.len, 5);
	for (size_t i = 0; i < told.len; i++)
		assert_int_equal(told.at[i], T0);
	night_close(&night);
}

static void without_a_step_nothing_is_written(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	int64_t id = raise(&night, ALERT_NOT_ACCEPTED, T0);
	set_back(&night, WHEN_UNKNOWN, T0);
	set_back(&night, WHEN_UNKNOWN, T0 + WHEN_DAY);
	assert_int_equal(alert_of(&night, id).next_at, T0 + WAIT);
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_raised_by_a_fast_clock_climbs_after_its_own_wait),
		cmocka_unit_test(a_step_told_twice_or_seen_at_a_start_is_one_step),
		cmocka_unit_test(what_was_set_by_the_right_clock_stays),
		cmocka_unit_test(
			who_took_it_by_a_fast_clock_is_asked_again_when_he_would_have_been),
		cmocka_unit_test(what_was_repeated_by_a_clock_a_day_ahead_is_not_forgotten),
		cmocka_unit_test(
			words_and_retries_of_a_fast_clock_go_out_in_time_and_stay_one_telling),
		cmocka_unit_test(without_a_step_nothing_is_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
