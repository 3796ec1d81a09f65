/* test_arriving.c — what becomes of an alert whose notices do not arrive, whose endpoint is the
 * very one that failed, whose endpoint sleeps, or that is over: through the real engine and SQLite,
 * with the courier's part written by hand. Neighbours: test_alert.c has the ladder alone, the
 * scenarios the courier too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"
#include "fixture.h"
#include "night.h"
#include "store/store_private.h"

#define GENERIC                                                                                    \
	"channel: generic, url: \"http://127.0.0.1:9/x\", secret: "                                \
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]"
#define STEPS                                                                                      \
	"escalation: {default: [{to: committee, wait: 10m}, {to: street, wait: 10m}, "             \
	"{to: district, wait: 10m}], fallback: robot}\n"
#define UNITS                                                                                      \
	"units:\n  - {code: \"310112101007\", endpoint: gate}\n"                                   \
	"  - {code: \"310112101\", endpoint: office}\n  - {code: \"310112\", endpoint: duty}\n"

static const char usual[] =
	"feeds: []\nendpoints:\n  - {name: gate, " GENERIC "}\n  - {name: office, " GENERIC
	"}\n  - {name: duty, " GENERIC "}\n  - {name: robot, " GENERIC "}\n" UNITS STEPS;

static const char quiet[] =
	"feeds: []\nendpoints:\n  - {name: gate, quiet: \"22:00-06:00\", " GENERIC
	"}\n  - {name: office, " GENERIC "}\n  - {name: duty, " GENERIC
	"}\n  - {name: robot, " GENERIC "}\n" UNITS STEPS;

static const char quiet_and_followed[] =
	"feeds: []\nendpoints:\n  - {name: gate, quiet: \"22:00-06:00\", resolved: true, " GENERIC
	"}\n  - {name: office, " GENERIC "}\n  - {name: duty, " GENERIC
	"}\n  - {name: robot, " GENERIC "}\n" UNITS STEPS;

static const char followed[] =
	"feeds: []\nendpoints:\n  - {name: gate, resolved: true, " GENERIC
	"}\n  - {name: office, " GENERIC "}\n  - {name: duty, resolved: true, " GENERIC
	"}\n  - {name: robot, " GENERIC "}\n" UNITS STEPS;

/* --- Alerts by hand, and what was said about them --- */

static int64_t raise_with(struct night *night, enum alert_kind kind, int64_t eta, int64_t now)
{
	static int count;
	struct alert alert = {.kind = kind,
			      .opened_at = now,
			      .since = now,
			      .due = now,
			      .eta = eta,
			      .eta_before = WHEN_UNKNOWN,
			      .next_at = now,
			      .acked_at = WHEN_NEVER,
			      .resolved_at = WHEN_NEVER};
	struct err err = ERR_INIT;
	const struct store_ops *ops = night->store->ops;

	snprintf(alert.subject, sizeof(alert.subject), "subject %d", ++count);
	text_copy(alert.unit, sizeof(alert.unit), COMMITTEE);
	assert_int_equal(ops->begin(night->store, &err), 0);
	assert_int_equal(ops->alert_save(night->store, &alert, now, &err), 0);
	assert_int_equal(ops->commit(night->store, &err), 0);
	night_pass(night, now);
	return alert.id;
}

static int64_t raise(struct night *night, enum alert_kind kind, int64_t now)
{
	return raise_with(night, kind, WHEN_UNKNOWN, now);
}

struct line {
	char id[IDENT_CAP], endpoint[32], type[32], group[32], title[160], data[512];
	int64_t at, due_at, expires_at, alert;
	bool urgent;
	enum notice_state state;
};

struct script {
	enum notice_state state;
	size_t len;
	struct line lines[64];
};

static void note_line(void *context, const void *row)
{
	struct script *script = context;
	const struct notice *notice = row;
	struct line *line = &script->lines[script->len];

	assert_true(script->len < ARRAY_LEN(script->lines));
	script->len++;
	*line = (struct line){.at = notice->created_at,
			      .due_at = notice->due_at,
			      .expires_at = notice->expires_at,
			      .alert = notice->alert,
			      .urgent = notice->urgent,
			      .state = script->state};
	text_copy(line->id, sizeof(line->id), notice->id);
	text_copy(line->endpoint, sizeof(line->endpoint), notice->endpoint);
	text_copy(line->type, sizeof(line->type), notice->type);
	text_copy(line->group, sizeof(line->group), notice->group);
	text_copy(line->title, sizeof(line->title), notice->title);
	text_copy(line->data, sizeof(line->data), notice->data);
}

static void read_all(struct night *night, struct script *script)
{
	script->len = 0;
	for (int state = NOTICE_READY; state <= NOTICE_MERGED; state++) {
		script->state = (enum notice_state)state;
		assert_int_equal(
			night->store->ops->notices_list(night->store, (enum notice_state)state, 64,
							&night->arena, note_line, script, NULL),
			0);
	}
}

/* The latest notice of ALERT to ENDPOINT; its endpoint is "" when there is none. */
static struct line latest(struct night *night, int64_t alert, const char *endpoint)
{
	struct script script;
	struct line found = {.at = WHEN_UNKNOWN};

	read_all(night, &script);
	for (size_t i = 0; i < script.len; i++) {
		if (script.lines[i].alert == alert &&
		    text_equal(script.lines[i].endpoint, endpoint) &&
		    script.lines[i].at >= found.at)
			found = script.lines[i];
	}
	return found;
}

static bool heard(struct night *night, int64_t alert, const char *endpoint)
{
	return *latest(night, alert, endpoint).endpoint != '\0';
}

static int count_all(struct night *night, int64_t alert)
{
	struct script script;
	int count = 0;

	read_all(night, &script);
	for (size_t i = 0; i < script.len; i++)
		count += script.lines[i].alert == alert;
	return count;
}

/* --- The courier's part --- */

static void result(struct night *night, int64_t alert, const char *endpoint,
		   enum notice_state state, int attempts, int64_t now)
{
	struct line line = latest(night, alert, endpoint);
	const struct store_ops *ops = night->store->ops;
	struct err err = ERR_INIT;

	assert_string_equal(line.endpoint, endpoint);
	night->now = now;
	assert_int_equal(ops->begin(night->store, &err), 0);
	assert_int_equal(ops->notice_result(night->store, line.id, state, attempts, now + 5, now,
					    state == NOTICE_DONE ? "" : "connect refused", &err),
			 0);
	assert_int_equal(ops->commit(night->store, &err), 0);
}

static void does(struct night *night, const char *endpoint, int health, int64_t until)
{
	const struct store_endpoint row = {.name = endpoint, .health = health, .until = until};
	struct err err = ERR_INIT;

	assert_int_equal(night->store->ops->begin(night->store, &err), 0);
	assert_int_equal(night->store->ops->endpoint_save(night->store, &row, &err), 0);
	assert_int_equal(night->store->ops->commit(night->store, &err), 0);
}

static void answer(struct night *night, enum fact_type type, int64_t alert, int64_t now)
{
	struct fact *fact = night_fact(night, type, now, "api/duty");

	fact->alert = alert;
	fact->outcome = type == FACT_ALERT_RESOLVED ? "false_alarm" : NULL;
	fact->by = "duty";
	assert_int_equal(night_submit(night, fact, now).code, CL_OK);
}

#define T0 at("2020-03-09T12:00")

/* --- Handing on --- */

static void three_failed_tries_call_the_next_step(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	int64_t alert = raise(&night, ALERT_FEVER, T0);
	result(&night, alert, "gate", NOTICE_READY, 2, T0 + 10 * WHEN_SECOND);
	night_pass(&night, T0 + 11 * WHEN_SECOND);
	assert_false(heard(&night, alert, "duty"));
	result(&night, alert, "gate", NOTICE_READY, 3, T0 + 20 * WHEN_SECOND);
	result(&night, alert, "office", NOTICE_READY, 3, T0 + 20 * WHEN_SECOND);
	night_pass(&night, T0 + 20 * WHEN_SECOND);
	/* Fever tells committee and street at once: the next is the district, once for both. */
	struct line line = latest(&night, alert, "duty");
	assert_int_equal(line.at, T0 + 20 * WHEN_SECOND);
	assert_true(line.urgent);
	assert_string_equal(line.type, "alert.escalated");
	assert_non_null(strstr(line.data, "\"why\":\"undelivered\""));
	assert_int_equal(count_all(&night, alert), 3);
	assert_int_equal(engine_counters(night.engine)->handed_on, 1);
	/* The first way is still tried. */
	assert_int_equal(latest(&night, alert, "gate").state, NOTICE_READY);
	night_pass(&night, T0 + 10 * WHEN_MINUTE);
	assert_int_equal(count_all(&night, alert), 3);
	night_close(&night);
}

static void a_minute_at_an_endpoint_that_takes_nothing_calls_the_next_step(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	does(&night, "gate", 1, T0 + WHEN_HOUR);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	night_pass(&night, T0 + 59 * WHEN_SECOND);
	assert_false(heard(&night, alert, "office"));
	night_pass(&night, T0 + 60 * WHEN_SECOND);
	assert_int_equal(latest(&night, alert, "office").at, T0 + 60 * WHEN_SECOND);
	/* The street has its whole ten minutes from there. */
	result(&night, alert, "office", NOTICE_DONE, 1, T0 + 61 * WHEN_SECOND);
	night_pass(&night, T0 + 10 * WHEN_MINUTE + 59 * WHEN_SECOND);
	assert_false(heard(&night, alert, "duty"));
	night_pass(&night, T0 + 11 * WHEN_MINUTE);
	assert_true(heard(&night, alert, "duty"));
	night_close(&night);
}

static void waiting_for_the_rate_of_a_healthy_endpoint_is_no_failure(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	does(&night, "gate", 0, T0 - WHEN_HOUR);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	night_pass(&night, T0 + 9 * WHEN_MINUTE);
	assert_false(heard(&night, alert, "office"));
	/* A pause that ends in time is none either; a longer one is. */
	does(&night, "gate", 0, T0 + 59 * WHEN_SECOND);
	night_pass(&night, T0 + 9 * WHEN_MINUTE);
	assert_false(heard(&night, alert, "office"));
	does(&night, "gate", 0, T0 + 9 * WHEN_MINUTE + WHEN_SECOND);
	night_pass(&night, T0 + 9 * WHEN_MINUTE);
	assert_true(heard(&night, alert, "office"));
	night_close(&night);
}

static void what_never_can_be_delivered_calls_the_next_step_at_once(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	result(&night, alert, "gate", NOTICE_DEAD, 1, T0 + WHEN_SECOND);
	night_pass(&night, T0 + WHEN_SECOND);
	assert_true(heard(&night, alert, "office"));
	night_close(&night);
}

static void somebody_else_of_the_same_step_who_has_it_is_enough(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	int64_t alert = raise(&night, ALERT_FEVER, T0);
	result(&night, alert, "office", NOTICE_DONE, 1, T0 + WHEN_SECOND);
	result(&night, alert, "gate", NOTICE_READY, 3, T0 + 20 * WHEN_SECOND);
	night_pass(&night, T0 + 5 * WHEN_MINUTE);
	assert_false(heard(&night, alert, "duty"));
	assert_int_equal(engine_counters(night.engine)->handed_on, 0);
	night_close(&night);
}

static void it_climbs_from_one_dead_endpoint_to_the_next_up_to_another_way(void **state)
{
	(void)state;
	static const char *const steps[] = {"gate", "office", "duty", "robot"};
	struct night night;
	int64_t now = T0;

	night_open_as(&night, usual);
	int64_t alert = raise(&night, ALERT_ARRIVAL, now);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		assert_int_equal(latest(&night, alert, steps[i]).at, now);
		assert_int_equal(count_all(&night, alert), (int)i + 1);
		now += 20 * WHEN_SECOND;
		result(&night, alert, steps[i], NOTICE_READY, 3, now);
		night_pass(&night, now);
	}
	/* All four are owed the word: nobody is left, and nothing goes round in circles. */
	night_pass(&night, now + 5 * WHEN_MINUTE);
	assert_int_equal(count_all(&night, alert), 4);
	assert_int_equal(engine_counters(night.engine)->handed_on, 3);
	night_close(&night);
}

static void a_fallback_that_is_the_dead_one_is_passed_by_another_way(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, "feeds: []\nendpoints:\n  - {name: gate, " GENERIC
			      "}\n  - {name: spare, " GENERIC "}\nunits:\n"
			      "  - {code: \"310112101007\", endpoint: gate}\n"
			      "escalation: {default: [{to: committee, wait: 10m}], "
			      "fallback: gate}\n");
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	result(&night, alert, "gate", NOTICE_READY, 3, T0 + 20 * WHEN_SECOND);
	night_pass(&night, T0 + 20 * WHEN_SECOND);
	assert_int_equal(latest(&night, alert, "spare").at, T0 + 20 * WHEN_SECOND);
	/* What waits there is not replaced: it would begin with its tries anew. */
	assert_int_equal(latest(&night, alert, "gate").at, T0);
	assert_int_equal(latest(&night, alert, "gate").state, NOTICE_READY);
	night_close(&night);
}

static void it_is_handed_on_after_a_crash_too(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	result(&night, alert, "gate", NOTICE_READY, 1, T0 + WHEN_SECOND);
	night_restart(&night);
	night_pass(&night, T0 + 2 * WHEN_MINUTE);
	assert_true(heard(&night, alert, "office"));
	assert_int_equal(count_all(&night, alert), 2);
	night_restart(&night);
	night_pass(&night, T0 + 3 * WHEN_MINUTE);
	assert_int_equal(count_all(&night, alert), 2);
	night_close(&night);
}

static void a_line_of_a_digest_fails_with_its_digest(void **state)
{
	(void)state;
	struct night night;
	struct err err = ERR_INIT;
	struct notice digest = {.id = "ntc_digest",
				.endpoint = "gate",
				.urgent = true,
				.type = "notice.digest",
				.kind = "digest",
				.unit = "",
				.created_at = T0 + 30 * WHEN_SECOND,
				.due_at = T0 + 30 * WHEN_SECOND,
				.expires_at = WHEN_NEVER,
				.title = "",
				.text = "",
				.url = "",
				.data = "{}",
				.group = ""};

	night_open_as(&night, usual);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	const struct store_ops *ops = night.store->ops;
	struct line line = latest(&night, alert, "gate");
	assert_int_equal(ops->begin(night.store, &err), 0);
	assert_int_equal(ops->notice_save(night.store, &digest, &err), 0);
	assert_int_equal(ops->commit(night.store, &err), 0);
	char sql[160];
	snprintf(sql, sizeof(sql), "UPDATE notices SET state = 5, digest = '%s' WHERE id = '%s'",
		 digest.id, line.id);
	assert_int_equal(sqlite3_exec(sqlite_of(night.store)->db, sql, NULL, NULL, NULL), 0);
	night_pass(&night, T0 + 2 * WHEN_MINUTE);
	assert_false(heard(&night, alert, "office"));
	assert_int_equal(ops->begin(night.store, &err), 0);
	assert_int_equal(ops->notice_result(night.store, digest.id, NOTICE_READY, 1,
					    T0 + 3 * WHEN_MINUTE, T0 + 2 * WHEN_MINUTE, "timeout",
					    &err),
			 0);
	assert_int_equal(ops->commit(night.store, &err), 0);
	night_pass(&night, T0 + 2 * WHEN_MINUTE);
	assert_true(heard(&night, alert, "office"));
	night_close(&night);
}

static void who_has_taken_it_needs_nobody_else(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	result(&night, alert, "gate", NOTICE_READY, 1, T0 + WHEN_SECOND);
	answer(&night, FACT_ALERT_ACKED, alert, T0 + 30 * WHEN_SECOND);
	night_pass(&night, T0 + 5 * WHEN_MINUTE);
	assert_false(heard(&night, alert, "office"));
	night_close(&night);
}

static void a_word_said_under_a_fast_clock_does_not_stand_for_a_later_one(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	/* The clock is most of a day ahead when the committee hears of it … */
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0 + 17 * WHEN_HOUR);
	result(&night, alert, "gate", NOTICE_DONE, 1, T0 + 17 * WHEN_HOUR);
	/* … and right again when it takes it, and is asked half an hour later. */
	answer(&night, FACT_ALERT_ACKED, alert, T0);
	night_pass(&night, T0 + 30 * WHEN_MINUTE);
	assert_int_equal(count_all(&night, alert), 2);
	does(&night, "gate", 2, T0 + 2 * WHEN_HOUR);
	night_pass(&night, T0 + 31 * WHEN_MINUTE);
	assert_int_equal(latest(&night, alert, "office").at, T0 + 31 * WHEN_MINUTE);
	night_close(&night);
}

/* --- A quiet word and a loud one --- */

static void change(struct night *night, int64_t alert, bool loud, int64_t next_at)
{
	struct alert it;
	struct err err = ERR_INIT;

	assert_int_equal(night->store->ops->alert_load(night->store, alert, &it, &err), 0);
	it.changed = true;
	it.loud = loud;
	if (next_at != WHEN_UNKNOWN)
		it.next_at = next_at;
	assert_int_equal(night->store->ops->begin(night->store, &err), 0);
	assert_int_equal(night->store->ops->alert_save(night->store, &it, night->now, &err), 0);
	assert_int_equal(night->store->ops->commit(night->store, &err), 0);
}

static void a_quiet_change_does_not_hide_an_escalation_of_the_same_tick(void **state)
{
	(void)state;
	struct night night;

	/* The committee has no endpoint of its own: the street's is both. */
	night_open_as(&night, "feeds: []\nendpoints:\n  - {name: office, " GENERIC
			      "}\n  - {name: robot, " GENERIC "}\nunits:\n"
			      "  - {code: \"310112101\", endpoint: office}\n" STEPS);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	result(&night, alert, "office", NOTICE_DONE, 1, T0 + WHEN_SECOND);
	change(&night, alert, false, T0 + 10 * WHEN_MINUTE);
	struct err err = ERR_INIT;
	unsigned fired;
	assert_int_equal(engine_due(night.engine, T0 + 10 * WHEN_MINUTE, 100, &fired, &err), 0);
	struct line line = latest(&night, alert, "office");
	assert_int_equal(line.at, T0 + 10 * WHEN_MINUTE);
	assert_string_equal(line.type, "alert.escalated");
	assert_true(line.urgent);
	assert_int_equal(count_all(&night, alert), 2);
	night_close(&night);
}

static void a_quiet_change_does_not_calm_an_urgent_word_that_waits(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	night.now = T0 + WHEN_MINUTE;
	change(&night, alert, false, WHEN_UNKNOWN);
	night_pass(&night, T0 + WHEN_MINUTE);
	struct line line = latest(&night, alert, "gate");
	assert_string_equal(line.type, "alert.changed");
	assert_true(line.urgent);
	result(&night, alert, "gate", NOTICE_DONE, 1, T0 + 2 * WHEN_MINUTE);
	change(&night, alert, false, WHEN_UNKNOWN);
	night_pass(&night, T0 + 2 * WHEN_MINUTE);
	assert_false(latest(&night, alert, "gate").urgent);
	night_close(&night);
}

/* --- Another way --- */

static int64_t sick(struct night *night, const char *endpoint, int64_t now)
{
	struct alert alert;
	struct err err = ERR_INIT;
	bool found;

	assert_int_equal(engine_system_alert(night->engine, ALERT_ENDPOINT_SICK, endpoint, "gone",
					     true, now, &err),
			 0);
	assert_int_equal(night->store->ops->alert_find(night->store, ALERT_ENDPOINT_SICK, endpoint,
						       "", &alert, &found, &err),
			 0);
	assert_true(found);
	return alert.id;
}

static void a_sick_endpoint_is_never_told_through_itself(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	int64_t gate = sick(&night, "gate", T0);
	assert_true(heard(&night, gate, "robot"));
	assert_int_equal(count_all(&night, gate), 1);
	/* The fallback itself: the root unit's, which is the district here. */
	does(&night, "robot", 2, T0 + WHEN_HOUR);
	int64_t robot = sick(&night, "robot", T0 + WHEN_SECOND);
	assert_false(heard(&night, robot, "robot"));
	assert_true(heard(&night, robot, "duty"));
	/* And where the root is sick too, the first that is not. */
	does(&night, "duty", 2, T0 + WHEN_HOUR);
	does(&night, "gate", 3, T0 + WHEN_HOUR);
	night_pass(&night, T0 + WHEN_HOUR);
	assert_true(heard(&night, robot, "office"));
	night_close(&night);
}

static void a_route_through_the_sick_endpoint_is_not_taken(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night,
		      "feeds: []\nendpoints:\n  - {name: gate, " GENERIC
		      "}\n  - {name: office, " GENERIC "}\n  - {name: robot, " GENERIC "}\nunits: "
		      "[]\nescalation: {default: [{to: committee, wait: 10m}], endpoint_sick: "
		      "[{to: gate, wait: 5m}, {to: office, wait: 5m}], fallback: robot}\n");
	int64_t gate = sick(&night, "gate", T0);
	assert_false(heard(&night, gate, "gate"));
	assert_true(heard(&night, gate, "office"));
	int64_t street = sick(&night, "office", T0);
	assert_true(heard(&night, street, "gate"));
	night_pass(&night, T0 + WHEN_HOUR);
	assert_false(heard(&night, street, "office"));
	assert_true(heard(&night, street, "robot"));
	night_close(&night);
}

static void where_there_is_no_other_endpoint_it_is_counted(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, "feeds: []\nendpoints:\n  - {name: robot, " GENERIC "}\nunits: []\n"
			      "escalation: {default: [{to: committee, wait: 10m}], fallback: "
			      "robot}\n");
	int64_t robot = sick(&night, "robot", T0);
	assert_int_equal(count_all(&night, robot), 0);
	assert_int_equal(engine_counters(night.engine)->nowhere, 1);
	night_close(&night);
}

static void what_the_system_says_of_itself_goes_beside_a_sick_fallback(void **state)
{
	(void)state;
	struct night night;
	struct err err = ERR_INIT;
	struct alert alert;
	bool found;

	night_open_as(&night, usual);
	does(&night, "robot", 2, T0 + WHEN_HOUR);
	assert_int_equal(engine_system_alert(night.engine, ALERT_LOOP_BROKEN, "census", "x", true,
					     T0, &err),
			 0);
	assert_int_equal(night.store->ops->alert_find(night.store, ALERT_LOOP_BROKEN, "census", "",
						      &alert, &found, &err),
			 0);
	assert_true(found);
	assert_true(heard(&night, alert.id, "robot"));
	assert_true(heard(&night, alert.id, "duty"));
	night_close(&night);
}

/* --- Quiet hours --- */

static void what_need_not_ring_waits_for_the_morning(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, quiet);
	int64_t now = at("2020-03-09T23:30");
	int64_t calm = raise(&night, ALERT_TASK_OVERDUE, now);
	struct line line = latest(&night, calm, "gate");
	assert_int_equal(line.at, now);
	assert_int_equal(line.due_at, at("2020-03-10T06:00"));
	assert_string_equal(line.group, "quiet:2020-03-10");
	/* By day it goes at once. */
	now = at("2020-03-10T06:00");
	calm = raise(&night, ALERT_TASK_OVERDUE, now);
	line = latest(&night, calm, "gate");
	assert_int_equal(line.due_at, now);
	assert_string_equal(line.group, "");
	night_close(&night);
}

static void what_is_urgent_rings_and_says_why(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, quiet);
	int64_t now = at("2020-03-10T02:00");
	int64_t fever = raise(&night, ALERT_FEVER, now);
	struct line line = latest(&night, fever, "gate");
	assert_int_equal(line.due_at, now);
	assert_non_null(strstr(line.title, "【夜间急件】"));
	/* Others are never quiet: no mark. */
	assert_null(strstr(latest(&night, fever, "office").title, "夜间"));
	/* Somebody who arrives within three hours rings, later ones do not. */
	int64_t soon = raise_with(&night, ALERT_EXPECTED, now + 3 * WHEN_HOUR, now);
	line = latest(&night, soon, "gate");
	assert_int_equal(line.due_at, now);
	assert_non_null(strstr(line.title, "【夜间急件·即将到达】"));
	int64_t later = raise_with(&night, ALERT_EXPECTED, now + 3 * WHEN_HOUR + 1, now);
	line = latest(&night, later, "gate");
	assert_int_equal(line.due_at, at("2020-03-10T06:00"));
	assert_null(strstr(line.title, "夜间"));
	night_close(&night);
}

static void what_is_over_by_the_morning_is_not_said(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, quiet);
	int64_t calm = raise(&night, ALERT_TASK_OVERDUE, at("2020-03-09T23:30"));
	answer(&night, FACT_ALERT_RESOLVED, calm, at("2020-03-10T01:00"));
	assert_int_equal(latest(&night, calm, "gate").state, NOTICE_SUPERSEDED);
	night_close(&night);
}

static void an_end_wakes_nobody_whom_its_alert_did_not(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, quiet_and_followed);
	int64_t calm = raise(&night, ALERT_TASK_OVERDUE, at("2020-03-09T21:00"));
	int64_t grave = raise(&night, ALERT_FEVER, at("2020-03-09T21:00"));
	result(&night, calm, "gate", NOTICE_DONE, 1, at("2020-03-09T21:01"));
	result(&night, grave, "gate", NOTICE_DONE, 1, at("2020-03-09T21:01"));
	answer(&night, FACT_ALERT_RESOLVED, calm, at("2020-03-10T01:00"));
	struct line line = latest(&night, calm, "gate");
	assert_string_equal(line.type, "alert.resolved");
	assert_false(line.urgent);
	assert_int_equal(line.due_at, at("2020-03-10T06:00"));
	/* Whoever may be on the way because of it is called back at once. */
	answer(&night, FACT_ALERT_RESOLVED, grave, at("2020-03-10T01:00"));
	line = latest(&night, grave, "gate");
	assert_true(line.urgent);
	assert_int_equal(line.due_at, at("2020-03-10T01:00"));
	night_close(&night);
}

/* --- Taken, over --- */

static void who_was_told_and_follows_hears_that_it_is_taken_and_over(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, followed);
	int64_t alert = raise(&night, ALERT_FEVER, T0);
	result(&night, alert, "gate", NOTICE_DONE, 1, T0 + WHEN_SECOND);
	result(&night, alert, "office", NOTICE_DONE, 1, T0 + WHEN_SECOND);
	answer(&night, FACT_ALERT_ACKED, alert, T0 + WHEN_MINUTE);
	struct line line = latest(&night, alert, "gate");
	assert_string_equal(line.type, "alert.acked");
	assert_true(line.urgent);
	assert_true(line.expires_at < WHEN_NEVER);
	answer(&night, FACT_ALERT_RESOLVED, alert, T0 + 2 * WHEN_MINUTE);
	line = latest(&night, alert, "gate");
	assert_string_equal(line.type, "alert.resolved");
	assert_non_null(strstr(line.data, "\"why\":\"over\""));
	/* The street does not follow; the district was never told. */
	assert_string_equal(latest(&night, alert, "office").type, "alert.raised");
	assert_false(heard(&night, alert, "duty"));
	/* Such words call nobody else. */
	result(&night, alert, "gate", NOTICE_READY, 5, T0 + 3 * WHEN_MINUTE);
	night_pass(&night, T0 + WHEN_HOUR);
	assert_int_equal(count_all(&night, alert), 4);
	assert_int_equal(engine_counters(night.engine)->answers, 1);
	assert_int_equal(engine_counters(night.engine)->answer_ms, WHEN_MINUTE);
	night_close(&night);
}

static void who_was_tried_in_vain_hears_that_it_is_over_but_not_of_it(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, followed);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	result(&night, alert, "gate", NOTICE_READY, 1, T0 + WHEN_SECOND);
	answer(&night, FACT_ALERT_RESOLVED, alert, T0 + 2 * WHEN_SECOND);
	assert_string_equal(latest(&night, alert, "gate").type, "alert.resolved");
	struct script script;
	read_all(&night, &script);
	for (size_t i = 0; i < script.len; i++)
		assert_true(script.lines[i].state == NOTICE_SUPERSEDED ||
			    text_equal(script.lines[i].type, "alert.resolved"));
	night_close(&night);
}

static void who_was_never_tried_hears_nothing_at_all(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, followed);
	/* It rests: nothing went out since. */
	does(&night, "gate", 1, T0 + WHEN_HOUR);
	int64_t alert = raise(&night, ALERT_ARRIVAL, T0);
	answer(&night, FACT_ALERT_RESOLVED, alert, T0 + 30 * WHEN_SECOND);
	assert_int_equal(count_all(&night, alert), 1);
	assert_int_equal(latest(&night, alert, "gate").state, NOTICE_SUPERSEDED);
	/* Where it may be on its way at this moment, an end too many is the lesser evil. */
	does(&night, "gate", 0, 0);
	alert = raise(&night, ALERT_ARRIVAL, T0 + WHEN_MINUTE);
	answer(&night, FACT_ALERT_RESOLVED, alert, T0 + WHEN_MINUTE + 1);
	assert_string_equal(latest(&night, alert, "gate").type, "alert.resolved");
	night_close(&night);
}

static void what_only_informs_expires(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, usual);
	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		if (!alert_traits((enum alert_kind)kind)->informative)
			continue;
		int64_t alert = raise_with(&night, (enum alert_kind)kind, T0 + WHEN_HOUR, T0);
		assert_true(latest(&night, alert, "gate").expires_at < WHEN_NEVER);
	}
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_failed_tries_call_the_next_step),
		cmocka_unit_test(a_minute_at_an_endpoint_that_takes_nothing_calls_the_next_step),
		cmocka_unit_test(waiting_for_the_rate_of_a_healthy_endpoint_is_no_failure),
		cmocka_unit_test(what_never_can_be_delivered_calls_the_next_step_at_once),
		cmocka_unit_test(somebody_else_of_the_same_step_who_has_it_is_enough),
		cmocka_unit_test(it_climbs_from_one_dead_endpoint_to_the_next_up_to_another_way),
		cmocka_unit_test(a_fallback_that_is_the_dead_one_is_passed_by_another_way),
		cmocka_unit_test(it_is_handed_on_after_a_crash_too),
		cmocka_unit_test(a_line_of_a_digest_fails_with_its_digest),
		cmocka_unit_test(who_has_taken_it_needs_nobody_else),
		cmocka_unit_test(a_word_said_under_a_fast_clock_does_not_stand_for_a_later_one),
		cmocka_unit_test(a_quiet_change_does_not_hide_an_escalation_of_the_same_tick),
		cmocka_unit_test(a_quiet_change_does_not_calm_an_urgent_word_that_waits),
		cmocka_unit_test(a_sick_endpoint_is_never_told_through_itself),
		cmocka_unit_test(a_route_through_the_sick_endpoint_is_not_taken),
		cmocka_unit_test(where_there_is_no_other_endpoint_it_is_counted),
		cmocka_unit_test(what_the_system_says_of_itself_goes_beside_a_sick_fallback),
		cmocka_unit_test(what_need_not_ring_waits_for_the_morning),
		cmocka_unit_test(what_is_urgent_rings_and_says_why),
		cmocka_unit_test(what_is_over_by_the_morning_is_not_said),
		cmocka_unit_test(an_end_wakes_nobody_whom_its_alert_did_not),
		cmocka_unit_test(who_was_told_and_follows_hears_that_it_is_taken_and_over),
		cmocka_unit_test(who_was_tried_in_vain_hears_that_it_is_over_but_not_of_it),
		cmocka_unit_test(who_was_never_tried_hears_nothing_at_all),
		cmocka_unit_test(what_only_informs_expires),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
