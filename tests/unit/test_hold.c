/* test_hold.c — silences, inhibition, grouping, acknowledgements that expire and fever that never
 * ends by itself, through the real engine and SQLite. Neighbours: test_silence.c has the rules
 * alone, test_feeds.c the silence of feeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "engine/engine_private.h"
#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"

#define T0 at("2020-03-09T12:00")

/* --- One night, some people, alerts by hand --- */

/* Somebody announced, of whom nothing is known but that she is there. */
static const char *somebody(struct night *night, const char *source, const char *ref, int64_t now)
{
	struct fact *fact = night_fact(night, FACT_ANNOUNCED, now, source);
	struct journey *journey = arena_alloc(&night->arena, sizeof(*journey));

	fact->ref = ref;
	night_submit(night, fact, now);
	night_journey(night, source, ref, journey);
	return journey->id;
}

/* JOURNEY joins an alert due at NOW, as a plan would have it. */
static void join(struct night *night, enum alert_kind kind, const char *subject,
		 const char *journey, int64_t now)
{
	const struct want want = {.kind = kind,
				  .subject = subject,
				  .unit = COMMITTEE,
				  .since = now,
				  .due = now,
				  .eta = WHEN_UNKNOWN};
	struct err err = ERR_INIT;

	assert_int_equal(engine_begin(night->engine, &err), 0);
	int rc = alarm_open(night->engine, &want, journey, conf_policy(night->conf, INT32_MAX), now,
			    &err);
	assert_int_equal(engine_finish(night->engine, rc, &err), 0);
	night_pass(night, now);
}

static void leave(struct night *night, enum alert_kind kind, const char *subject,
		  const char *journey, int64_t now)
{
	const struct joined joined = {.kind = kind, .subject = subject, .unit = COMMITTEE};
	struct err err = ERR_INIT;

	assert_int_equal(engine_begin(night->engine, &err), 0);
	int rc = alarm_leave(night->engine, &joined, journey, now, &err);
	assert_int_equal(engine_finish(night->engine, rc, &err), 0);
	night_pass(night, now);
}

static struct alert alert_in(struct night *night, enum alert_kind kind, const char *subject,
			     const char *unit)
{
	struct alert alert;
	bool found;

	assert_int_equal(night->store->ops->alert_find(night->store, kind, subject, unit, &alert,
						       &found, NULL),
			 0);
	assert_true(found);
	return alert;
}

struct said {
	int64_t alert;
	int count, late;
};

static void note_said(void *context, const void *row)
{
	const struct notice *notice = row;
	struct said *said = context;

	if (notice->alert != said->alert)
		return;
	said->count++;
	said->late += strstr(notice->data, "late_seconds") != NULL;
}

/* What was said about ALERT, superseded or not. */
static struct said said_of(struct night *night, int64_t alert)
{
	static const enum notice_state states[] = {NOTICE_READY, NOTICE_SUPERSEDED};
	struct said said = {.alert = alert};

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(night->store->ops->notices_list(night->store, states[i], 1000,
								 &night->arena, note_said, &said,
								 NULL),
				 0);
	return said;
}

static int told(struct night *night, enum alert_kind kind, const char *subject)
{
	return said_of(night, alert_in(night, kind, subject, COMMITTEE).id).count;
}

static int64_t silence(struct night *night, const char *kind, int64_t until, bool force,
		       int64_t now)
{
	struct fact *fact = night_fact(night, FACT_SILENCED, now, "api/duty");
	struct silence *silence = arena_alloc(&night->arena, sizeof(*silence));
	bool same;
	int64_t seq;

	text_copy(silence->kind, sizeof(silence->kind), kind);
	text_copy(silence->author, sizeof(silence->author), "Zhang");
	text_copy(silence->reason, sizeof(silence->reason), "lines are being mended");
	silence->ends_at = until;
	silence->force = force;
	fact->silence = silence;
	assert_int_equal(night_submit(night, fact, now).code, CL_OK);
	assert_int_equal(night->store->ops->fact_find(night->store, fact->stamp.source,
						      fact->stamp.id, fact->hash, &seq, &same,
						      NULL),
			 0);
	return seq;
}

static struct fact_result end_silence(struct night *night, int64_t id, int64_t now)
{
	struct fact *fact = night_fact(night, FACT_SILENCE_ENDED, now, "api/duty");
	struct silence *silence = arena_alloc(&night->arena, sizeof(*silence));

	silence->id = id;
	fact->silence = silence;
	fact->by = "Li";
	return night_submit(night, fact, now);
}

static void answer(struct night *night, enum fact_type type, int64_t alert, const char *outcome,
		   int64_t now)
{
	struct fact *fact = night_fact(night, type, now, "api/duty");

	fact->alert = alert;
	fact->outcome = outcome;
	fact->by = "duty";
	assert_int_equal(night_submit(night, fact, now).code, CL_OK);
}

/* --- Silences --- */

static void silenced_alert_speaks_when_the_silence_ends_and_is_not_late(void **state)
{
	(void)state;
	struct night night;
	struct alert alert;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0);
	silence(&night, "missed_check", T0 + 2 * WHEN_HOUR, false, T0);
	join(&night, ALERT_MISSED_CHECK, "s", her, T0 + WHEN_MINUTE);
	alert = alert_in(&night, ALERT_MISSED_CHECK, "s", COMMITTEE);
	assert_int_equal(said_of(&night, alert.id).count, 0);
	assert_int_equal(alert.next_at, T0 + 2 * WHEN_HOUR);
	assert_int_equal(alert.hold, HOLD_SILENCE);
	assert_int_equal(night_violations(&night, T0 + WHEN_MINUTE), 0);
	night_pass(&night, T0 + 2 * WHEN_HOUR - 1);
	assert_int_equal(said_of(&night, alert.id).count, 0);
	night_pass(&night, T0 + 2 * WHEN_HOUR);
	assert_int_equal(said_of(&night, alert.id).count, 1);
	assert_int_equal(said_of(&night, alert.id).late, 0);
	assert_int_equal(alert_in(&night, ALERT_MISSED_CHECK, "s", COMMITTEE).hold, HOLD_NONE);
	night_close(&night);
}

static void silence_ended_early_lets_the_hidden_speak_at_once_and_is_in_the_ledger(void **state)
{
	(void)state;
	struct night night;
	struct silence kept;
	int64_t now = T0 + 10 * WHEN_MINUTE;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0);
	int64_t id = silence(&night, "missed_check", T0 + 2 * WHEN_HOUR, false, T0);
	join(&night, ALERT_MISSED_CHECK, "s", her, T0 + WHEN_MINUTE);
	assert_int_equal(end_silence(&night, id, now).code, CL_OK);
	assert_int_equal(told(&night, ALERT_MISSED_CHECK, "s"), 1);
	assert_int_equal(night.store->ops->silence_load(night.store, id, &kept, NULL), 0);
	assert_int_equal(kept.ended_at, now);
	assert_string_equal(kept.ended_by, "Li");
	/* Again changes nothing; what never was is refused. */
	assert_int_equal(end_silence(&night, id, now + 1).code, CL_OK);
	assert_int_equal(night.store->ops->silence_load(night.store, id, &kept, NULL), 0);
	assert_int_equal(kept.ended_at, now);
	assert_int_equal(end_silence(&night, 99999, now).code, CL_ENOENT);
	night_close(&night);
}

static void second_silence_goes_on_when_the_first_ends(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0);
	int64_t first = silence(&night, "missed_check", T0 + 2 * WHEN_HOUR, false, T0);
	silence(&night, "missed_check", T0 + WHEN_HOUR, false, T0);
	join(&night, ALERT_MISSED_CHECK, "s", her, T0);
	end_silence(&night, first, T0 + WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_MISSED_CHECK, "s"), 0);
	night_pass(&night, T0 + WHEN_HOUR);
	assert_int_equal(told(&night, ALERT_MISSED_CHECK, "s"), 1);
	night_close(&night);
}

static void silence_stops_the_ladder_and_news_wait_with_it(void **state)
{
	(void)state;
	struct night night;
	int64_t end = T0 + 3 * WHEN_HOUR;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0), *him = somebody(&night, "/a", "2", T0);
	join(&night, ALERT_MISSED_CHECK, "s", her, T0);
	assert_int_equal(told(&night, ALERT_MISSED_CHECK, "s"), 1);
	silence(&night, "missed_check", end, false, T0 + WHEN_MINUTE);
	join(&night, ALERT_MISSED_CHECK, "s", him, T0 + 2 * WHEN_MINUTE);
	night_pass(&night, end - 1);
	assert_int_equal(told(&night, ALERT_MISSED_CHECK, "s"), 1);
	assert_int_equal(night_violations(&night, end - 1), 0);
	night_pass(&night, end);
	/* All live at one endpoint here, so the news and the next step are one message. */
	assert_int_equal(told(&night, ALERT_MISSED_CHECK, "s"), 2);
	night_close(&night);
}

static void urgent_alert_speaks_through_a_silence_without_force(void **state)
{
	(void)state;
	struct night night;
	struct fact *fact;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0);
	fact = night_fact(&night, FACT_SILENCED, T0, "api/duty");
	fact->silence = &(struct silence){
		.kind = "not_accepted", .author = "Z", .reason = "r", .ends_at = T0 + WHEN_HOUR};
	assert_int_equal(night_submit(&night, fact, T0).code, CL_EINVAL);
	/* A silence of a whole unit hides what is not urgent there, and only that. */
	silence(&night, "missed_check", T0 + WHEN_HOUR, true, T0);
	join(&night, ALERT_NOT_ACCEPTED, "a", her, T0);
	assert_int_equal(told(&night, ALERT_NOT_ACCEPTED, "a"), 1);
	silence(&night, "not_accepted", T0 + WHEN_HOUR, true, T0);
	join(&night, ALERT_NOT_ACCEPTED, "b", her, T0);
	assert_int_equal(told(&night, ALERT_NOT_ACCEPTED, "b"), 0);
	night_close(&night);
}

static void what_ends_while_silenced_is_never_told(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0);
	silence(&night, "remind", T0 + WHEN_HOUR, false, T0);
	join(&night, ALERT_REMIND, "2020-03-09 morning", her, T0);
	int64_t id = alert_in(&night, ALERT_REMIND, "2020-03-09 morning", COMMITTEE).id;
	night_pass(&night, T0 + 5 * WHEN_MINUTE);
	leave(&night, ALERT_REMIND, "2020-03-09 morning", her, T0 + 10 * WHEN_MINUTE);
	night_pass(&night, T0 + 2 * WHEN_HOUR);
	assert_int_equal(said_of(&night, id).count, 0);
	night_close(&night);
}

/* --- Inhibition --- */

static void late_bus_explains_its_passengers_alerts_and_its_end_frees_them(void **state)
{
	(void)state;
	struct night night;
	struct alert held;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0), *him = somebody(&night, "/a", "2", T0);
	join(&night, ALERT_TRANSFER_OVERDUE, "bus", her, T0);
	join(&night, ALERT_TRANSFER_OVERDUE, "bus", him, T0);
	join(&night, ALERT_TASK_OVERDUE, "x", her, T0 + WHEN_MINUTE);
	join(&night, ALERT_NOT_BOARDED, "y", him, T0 + WHEN_MINUTE);
	held = alert_in(&night, ALERT_TASK_OVERDUE, "x", COMMITTEE);
	assert_int_equal(held.hold, HOLD_ALERT);
	assert_int_equal(held.held_by,
			 alert_in(&night, ALERT_TRANSFER_OVERDUE, "bus", COMMITTEE).id);
	assert_int_equal(held.next_at, T0 + WHEN_MINUTE + WHEN_HOUR);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 0);
	assert_int_equal(told(&night, ALERT_NOT_BOARDED, "y"), 0);
	assert_int_not_equal(told(&night, ALERT_TRANSFER_OVERDUE, "bus"), 0);
	/* She got off; his bus is still late. */
	leave(&night, ALERT_TRANSFER_OVERDUE, "bus", her, T0 + 5 * WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 1);
	assert_int_equal(told(&night, ALERT_NOT_BOARDED, "y"), 0);
	leave(&night, ALERT_TRANSFER_OVERDUE, "bus", him, T0 + 6 * WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_NOT_BOARDED, "y"), 1);
	night_close(&night);
}

static void inhibited_alert_is_told_an_hour_after_it_was_due_at_the_latest(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0);
	join(&night, ALERT_TRANSFER_OVERDUE, "bus", her, T0);
	join(&night, ALERT_TASK_OVERDUE, "x", her, T0 + WHEN_MINUTE);
	night_pass(&night, T0 + WHEN_MINUTE + WHEN_HOUR - 1);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 0);
	night_pass(&night, T0 + WHEN_MINUTE + WHEN_HOUR);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 1);
	/* And then climbs as if there were no bus. */
	night_pass(&night, T0 + 3 * WHEN_HOUR);
	assert_true(told(&night, ALERT_TASK_OVERDUE, "x") > 1);
	night_close(&night);
}

static void how_long_an_alert_may_be_inhibited_the_policy_says(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	night_policies(&night, "Asia/Shanghai",
		       "{policy: a, in_force_from: 2020-01-01, alerts: {inhibit_at_most: 20m}}",
		       NULL, T0);
	const char *her = somebody(&night, "/a", "1", T0);
	join(&night, ALERT_TRANSFER_OVERDUE, "bus", her, T0);
	join(&night, ALERT_TASK_OVERDUE, "x", her, T0 + WHEN_MINUTE);
	night_pass(&night, T0 + 21 * WHEN_MINUTE - 1);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 0);
	night_pass(&night, T0 + 21 * WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 1);
	night_close(&night);
}

static void alert_with_somebody_who_is_not_on_the_bus_is_told(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0), *him = somebody(&night, "/a", "2", T0);
	join(&night, ALERT_TRANSFER_OVERDUE, "bus", her, T0);
	join(&night, ALERT_TASK_OVERDUE, "x", her, T0 + WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 0);
	join(&night, ALERT_TASK_OVERDUE, "x", him, T0 + 2 * WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 1);
	/* What no late bus explains is never held by one. */
	join(&night, ALERT_NOT_ACCEPTED, "z", her, T0 + 3 * WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_NOT_ACCEPTED, "z"), 1);
	night_close(&night);
}

static void human_who_ends_the_late_bus_frees_what_it_held(void **state)
{
	(void)state;
	struct night night;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0);
	join(&night, ALERT_TRANSFER_OVERDUE, "bus", her, T0);
	join(&night, ALERT_TASK_OVERDUE, "x", her, T0 + WHEN_MINUTE);
	answer(&night, FACT_ALERT_ACKED,
	       alert_in(&night, ALERT_TRANSFER_OVERDUE, "bus", COMMITTEE).id, NULL,
	       T0 + 2 * WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 0);
	answer(&night, FACT_ALERT_RESOLVED,
	       alert_in(&night, ALERT_TRANSFER_OVERDUE, "bus", COMMITTEE).id, "found",
	       T0 + 3 * WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_TASK_OVERDUE, "x"), 1);
	night_close(&night);
}

/* --- Grouping --- */

static void one_message_per_flight_and_unit_for_all_announced_while_it_waits(void **state)
{
	(void)state;
	struct night night;
	const char *flight = "XX1-PVG-2020-03-10";

	night_open(&night);
	for (int i = 0; i < 5; i++) {
		struct fact *fact = night_fact(&night, FACT_ANNOUNCED, T0 + i * WHEN_SECOND, "/a");
		fact->ref = arena_printf(&night.arena, "P%d", i);
		fact->field[FIELD_FLIGHT] = flight;
		fact->field[FIELD_COMMITTEE] = COMMITTEE;
		fact->flight_sched = T0 + WHEN_DAY;
		night_submit(&night, fact, T0 + i * WHEN_SECOND);
	}
	assert_int_equal(told(&night, ALERT_EXPECTED, flight), 0);
	night_pass(&night, T0 + 10 * WHEN_MINUTE);
	assert_int_equal(told(&night, ALERT_EXPECTED, flight), 1);
	night_close(&night);
}

/* --- An acknowledgement that expires: alerts.md's timeline --- */

static const char timeline[] =
	"feeds: []\n"
	"endpoints:\n"
	"  - {name: duty, channel: generic, url: \"http://127.0.0.1:9/d\", secret: "
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]}\n"
	"  - {name: leader, channel: generic, url: \"http://127.0.0.1:9/l\", secret: "
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]}\n"
	"  - {name: robot, channel: generic, url: \"http://127.0.0.1:9/r\", secret: "
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]}\n"
	"units: []\n"
	"escalation: {default: [{to: duty, wait: 5m}, {to: committee, wait: 5m}, {to: leader, "
	"wait: "
	"5m}], fallback: robot}\n";

struct line {
	int64_t at;
	const char *endpoint, *type;
	bool late_600;
};

struct script {
	struct line lines[64];
	size_t len;
};

static void note_line(void *context, const void *row)
{
	struct script *script = context;
	const struct notice *notice = row;

	if (script->len < ARRAY_LEN(script->lines))
		script->lines[script->len++] =
			(struct line){.at = notice->created_at,
				      .endpoint = notice->endpoint,
				      .type = notice->type,
				      .late_600 =
					      strstr(notice->data, "\"late_seconds\":600") != NULL};
}

/* Exactly one message was said at LOCAL: to ENDPOINT, of TYPE. */
static void expect(struct night *night, const char *local, const char *endpoint, const char *type,
		   bool late_600)
{
	static const enum notice_state states[] = {NOTICE_READY, NOTICE_SUPERSEDED};
	struct script script = {.len = 0};
	int found = 0;

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(night->store->ops->notices_list(night->store, states[i], 64,
								 &night->arena, note_line, &script,
								 NULL),
				 0);
	for (size_t i = 0; i < script.len; i++) {
		if (script.lines[i].at != at(local) ||
		    !text_equal(script.lines[i].endpoint, endpoint))
			continue;
		found++;
		assert_string_equal(script.lines[i].type, type);
		assert_int_equal(script.lines[i].late_600, late_600);
	}
	assert_int_equal(found, 1);
}

static size_t said_in_all(struct night *night)
{
	struct script script = {.len = 0};

	assert_int_equal(night->store->ops->notices_list(night->store, NOTICE_READY, 64,
							 &night->arena, note_line, &script, NULL),
			 0);
	assert_int_equal(night->store->ops->notices_list(night->store, NOTICE_SUPERSEDED, 64,
							 &night->arena, note_line, &script, NULL),
			 0);
	return script.len;
}

static void raise_at(struct night *night, const char *local)
{
	struct err err = ERR_INIT;

	assert_int_equal(engine_system_alert(night->engine, ALERT_ENDPOINT_SICK, "gate", "", true,
					     at(local), &err),
			 0);
}

static void ladder_speaks_on_time_and_skips_who_is_not_there(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, timeline);
	raise_at(&night, "2020-03-09T03:05");
	expect(&night, "2020-03-09T03:05", "duty", "alert.raised", false);
	night_pass(&night, at("2020-03-09T03:10"));
	expect(&night, "2020-03-09T03:10", "leader", "alert.escalated", false);
	night_pass(&night, at("2020-03-09T03:15"));
	expect(&night, "2020-03-09T03:15", "robot", "alert.escalated", false);
	assert_int_equal(said_in_all(&night), 3);
	night_close(&night);
}

static void after_downtime_the_current_step_speaks_once_and_says_how_late(void **state)
{
	(void)state;
	struct night night;
	struct err err = ERR_INIT;
	unsigned fired;

	night_open_as(&night, timeline);
	raise_at(&night, "2020-03-09T03:05");
	/* Down from 03:09 to 03:20. */
	assert_int_equal(engine_due(night.engine, at("2020-03-09T03:20"), 100, &fired, &err), 0);
	expect(&night, "2020-03-09T03:20", "leader", "alert.escalated", true);
	assert_int_equal(said_in_all(&night), 2);
	night_pass(&night, at("2020-03-09T03:25"));
	expect(&night, "2020-03-09T03:25", "robot", "alert.escalated", false);
	night_close(&night);
}

static void expired_acknowledgement_asks_and_without_an_answer_begins_again(void **state)
{
	(void)state;
	struct night night;

	night_open_as(&night, timeline);
	raise_at(&night, "2020-03-09T03:05");
	night_pass(&night, at("2020-03-09T03:10"));
	answer(&night, FACT_ALERT_ACKED, alert_in(&night, ALERT_ENDPOINT_SICK, "gate", "").id, NULL,
	       at("2020-03-09T03:11"));
	night_pass(&night, at("2020-03-09T03:40"));
	assert_int_equal(said_in_all(&night), 2);
	night_pass(&night, at("2020-03-09T03:41"));
	expect(&night, "2020-03-09T03:41", "duty", "alert.asked_again", false);
	expect(&night, "2020-03-09T03:41", "leader", "alert.asked_again", false);
	night_pass(&night, at("2020-03-09T03:45"));
	assert_int_equal(said_in_all(&night), 4);
	night_pass(&night, at("2020-03-09T03:46"));
	expect(&night, "2020-03-09T03:46", "duty", "alert.raised", false);
	assert_int_equal(said_in_all(&night), 5);
	night_close(&night);
}

/* --- Fever --- */

static struct fact *about(struct night *night, enum fact_type type, const char *journey,
			  int64_t now)
{
	struct fact *fact = night_fact(night, type, now, "api/committee");

	fact->journey = journey;
	return fact;
}

static bool has_fever(struct night *night, const char *journey, const char *unit)
{
	struct alert alert;
	bool found;

	assert_int_equal(night->store->ops->alert_find(night->store, ALERT_FEVER, journey, unit,
						       &alert, &found, NULL),
			 0);
	return found;
}

static void fever_ends_by_nothing_but_a_human_with_a_coded_outcome(void **state)
{
	(void)state;
	struct night night;
	struct journey *journey;
	struct fact *fact;
	int64_t now = T0;

	night_open(&night);
	journey = arena_alloc(&night.arena, sizeof(*journey));
	fact = night_fact(&night, FACT_REGISTERED, now, "/a");
	fact->ref = "1";
	fact->field[FIELD_COMMITTEE] = COMMITTEE;
	fact->field[FIELD_DOC_TYPE] = "P";
	fact->field[FIELD_DOC_ISSUER] = "KOR";
	fact->field[FIELD_DOC_NUMBER] = "M1";
	night_submit(&night, fact, now);
	night_journey(&night, "/a", "1", journey);
	const char *her = arena_copy(&night.arena, journey->id);
	night_submit(&night, about(&night, FACT_ACCEPTED, her, now + WHEN_HOUR), now + WHEN_HOUR);
	now += WHEN_DAY;
	fact = about(&night, FACT_CHECKED, her, now);
	fact->temp_tenths = 385;
	night_submit(&night, fact, now);
	assert_true(has_fever(&night, her, COMMITTEE));
	/* Normal again, for days. */
	for (int i = 0; i < 4; i++) {
		now += 12 * WHEN_HOUR;
		fact = about(&night, FACT_CHECKED, her, now);
		fact->temp_tenths = 365;
		fact->symptoms = "";
		night_pass(&night, now);
		night_submit(&night, fact, now);
	}
	assert_true(has_fever(&night, her, COMMITTEE));
	/* An attempt to release her. */
	assert_int_equal(night_submit(&night, about(&night, FACT_RELEASED, her, now), now).code,
			 CL_ECONFLICT);
	assert_true(has_fever(&night, her, COMMITTEE));
	/* Sent to hospital: the order is not her arrival there. */
	now += WHEN_HOUR;
	fact = about(&night, FACT_REDIRECTED, her, now);
	fact->field[FIELD_DISPOSITION] = "hospital";
	fact->field[FIELD_REASON] = fact->reason = "fever";
	night_submit(&night, fact, now);
	assert_true(has_fever(&night, her, COMMITTEE));
	/* Found to be one person with another record. */
	now += WHEN_HOUR;
	fact = night_fact(&night, FACT_TRIAGED, now, "/b");
	fact->ref = "7";
	night_submit(&night, fact, now);
	now += WHEN_MINUTE;
	fact = night_fact(&night, FACT_CORRECTED, now, "/b");
	fact->ref = "7";
	fact->field[FIELD_DOC_TYPE] = "P";
	fact->field[FIELD_DOC_ISSUER] = "KOR";
	fact->field[FIELD_DOC_NUMBER] = "M1";
	night_submit(&night, fact, now);
	night_journey(&night, "/b", "7", journey);
	const char *who = arena_copy(&night.arena, journey->id);
	night_journey(&night, "/a", "1", journey);
	assert_string_equal(journey->id, who);
	assert_true(has_fever(&night, her, COMMITTEE));
	night_pass(&night, now + 20 * WHEN_DAY);
	now += 20 * WHEN_DAY;
	assert_true(has_fever(&night, her, COMMITTEE));
	/* A human: not without a code, not with prose. */
	int64_t id = alert_in(&night, ALERT_FEVER, her, COMMITTEE).id;
	fact = night_fact(&night, FACT_ALERT_RESOLVED, now, "api/duty");
	fact->alert = id;
	assert_int_equal(night_submit(&night, fact, now).code, CL_EINVAL);
	fact = night_fact(&night, FACT_ALERT_RESOLVED, now, "api/duty");
	fact->alert = id;
	fact->outcome = "all is well";
	assert_int_equal(night_submit(&night, fact, now).code, CL_EINVAL);
	assert_true(has_fever(&night, her, COMMITTEE));
	answer(&night, FACT_ALERT_RESOLVED, id, "seen_by_doctor", now);
	assert_false(has_fever(&night, her, COMMITTEE));
	night_close(&night);
}

/* --- The audit --- */

static void forgotten_alert_is_found_and_a_held_one_is_not_forgotten(void **state)
{
	(void)state;
	struct night night;
	struct err err = ERR_INIT;
	struct alert alert;
	int64_t found;

	night_open(&night);
	const char *her = somebody(&night, "/a", "1", T0);
	silence(&night, "missed_check", T0 + 20 * WHEN_HOUR, false, T0);
	join(&night, ALERT_MISSED_CHECK, "s", her, T0);
	join(&night, ALERT_NOT_ACCEPTED, "a", her, T0);
	assert_int_equal(engine_audit(night.engine, T0, &found, &err), 0);
	assert_int_equal(found, 0);
	alert = alert_in(&night, ALERT_NOT_ACCEPTED, "a", COMMITTEE);
	alert.next_at = T0 + WHEN_DAY;
	assert_int_equal(engine_begin(night.engine, &err), 0);
	assert_int_equal(engine_finish(night.engine,
				       night.store->ops->alert_save(night.store, &alert, T0, &err),
				       &err),
			 0);
	assert_int_equal(engine_audit(night.engine, T0, &found, &err), 0);
	assert_int_equal(found, alert.id);
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silenced_alert_speaks_when_the_silence_ends_and_is_not_late),
		cmocka_unit_test(
			silence_ended_early_lets_the_hidden_speak_at_once_and_is_in_the_ledger),
		cmocka_unit_test(second_silence_goes_on_when_the_first_ends),
		cmocka_unit_test(silence_stops_the_ladder_and_news_wait_with_it),
		cmocka_unit_test(urgent_alert_speaks_through_a_silence_without_force),
		cmocka_unit_test(what_ends_while_silenced_is_never_told),
		cmocka_unit_test(late_bus_explains_its_passengers_alerts_and_its_end_frees_them),
		cmocka_unit_test(inhibited_alert_is_told_an_hour_after_it_was_due_at_the_latest),
		cmocka_unit_test(how_long_an_alert_may_be_inhibited_the_policy_says),
		cmocka_unit_test(alert_with_somebody_who_is_not_on_the_bus_is_told),
		cmocka_unit_test(human_who_ends_the_late_bus_frees_what_it_held),
		cmocka_unit_test(one_message_per_flight_and_unit_for_all_announced_while_it_waits),
		cmocka_unit_test(ladder_speaks_on_time_and_skips_who_is_not_there),
		cmocka_unit_test(after_downtime_the_current_step_speaks_once_and_says_how_late),
		cmocka_unit_test(expired_acknowledgement_asks_and_without_an_answer_begins_again),
		cmocka_unit_test(fever_ends_by_nothing_but_a_human_with_a_coded_outcome),
		cmocka_unit_test(forgotten_alert_is_found_and_a_held_one_is_not_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
