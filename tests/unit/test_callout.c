/* test_callout.c — who would be called and when is what happens when it happens. The street has a
 * roster; the committee has none and uses it. Neighbours: lib/engine/callout.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "night.h"
#include "closedloop/callout.h"
#include "closedloop/text.h"

#define SECRET "\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\""
#define GENERIC                                                                                    \
	"channel: generic, url: \"http://127.0.0.1:9/x\", secret: " SECRET                         \
	", allow: [\"127.0.0.0/8\"]}\n"

static const char more[] =
	"endpoints:\n"
	"  - {name: day, " GENERIC "  - {name: night, quiet: \"22:00-06:00\", " GENERIC
	"  - {name: office, " GENERIC "units:\n"
	"  - {code: \"310112101\", endpoint: office, roster: xz}\n"
	"rosters:\n"
	"  - name: xz\n"
	"    members: [{name: d, endpoint: day}, {name: n, endpoint: night}]\n"
	"    layers:\n"
	"      - {name: all, rotation: {every: 12 hours, begins: \"2020-03-01 08:00\", "
	"members: [d, n]}}\n";

static struct callout asked(struct night *night, const char *unit, const char *kind,
			    const char *when)
{
	const struct callout_question question = {.unit = unit, .kind = kind, .at = when};
	struct callout out;
	struct err err = ERR_INIT;

	assert_int_equal(
		engine_callout(night->engine, &question, at("2020-03-08T03:00"), &out, &err), 0);
	return out;
}

/* "0 night, 600 -…" : seconds, and whom each line calls; '-' for a step that was skipped. */
static const char *told(const struct callout *callout)
{
	static char room[2048];
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	for (size_t i = 0; i < callout->lines_len; i++) {
		const struct callout_line *line = &callout->lines[i];

		text_addf(&out, "%s%lld", i ? ", " : "",
			  (long long)((line->at - callout->at) / WHEN_SECOND));
		for (size_t k = 0; k < line->reaches_len; k++)
			text_addf(&out, " %s", callout->reach[line->reaches + k].endpoint->name);
		if (*line->skipped)
			text_add(&out, " -");
	}
	return room;
}

static void the_roster_of_that_minute_answers(void **state)
{
	struct night night;

	(void)state;
	night_open_with(&night, more);
	struct callout callout = asked(&night, COMMITTEE, "arrival", "2020-03-08T03:05:00+08:00");

	assert_non_null(strstr(told(&callout), "0 night, "));
	assert_string_equal(callout.reach[0].roster, "xz");
	assert_string_equal(callout.reach[0].member, "n");
	assert_string_equal(callout.reach[0].unit, "310112101");
	callout = asked(&night, COMMITTEE, "arrival", "2020-03-08T12:00:00+08:00");
	assert_non_null(strstr(told(&callout), "0 day, "));
	callout = asked(&night, COMMITTEE, "arrival", "2020-03-08T07:59:59+08:00");
	assert_non_null(strstr(told(&callout), "0 night, "));
	callout = asked(&night, COMMITTEE, "arrival", "2020-03-08T08:00:00+08:00");
	assert_non_null(strstr(told(&callout), "0 day, "));
	night_close(&night);
}

static void it_ends_with_the_fallback_and_goes_on(void **state)
{
	struct night night;

	(void)state;
	night_open_with(&night, more);
	struct callout callout = asked(&night, COMMITTEE, "arrival", "2020-03-08T03:05:00+08:00");
	const struct callout_line *last = &callout.lines[callout.lines_len - 1];

	assert_int_equal(last->step, TELL_FALLBACK);
	assert_string_equal(callout.reach[last->reaches].endpoint->name, "duty");
	assert_true(callout.next_at > last->at);
	assert_true(callout.next_at < WHEN_NEVER);
	night_close(&night);
}

static void a_step_that_reaches_nobody_says_why(void **state)
{
	struct night night;

	(void)state;
	night_open_with(&night, more);
	struct callout callout = asked(&night, "310112", "arrival", NULL);

	assert_int_equal(callout.at, at("2020-03-08T03:00"));
	assert_int_equal(callout.lines[0].step, 0);
	assert_non_null(strstr(callout.lines[0].skipped, "above that level"));
	callout = asked(&night, NULL, "endpoint_sick", NULL);
	assert_non_null(strstr(callout.lines[0].skipped, "about no unit"));
	assert_string_equal(callout.reach[0].endpoint->name, "duty");
	night_close(&night);
}

static void what_only_tells_tells_once(void **state)
{
	struct night night;

	(void)state;
	night_open_with(&night, more);
	struct callout callout = asked(&night, COMMITTEE, "expected", "2020-03-08T12:00:00+08:00");

	assert_int_equal(callout.reach_len, 1);
	assert_int_equal(callout.next_at, WHEN_NEVER);
	/* It waits for its like. */
	assert_true(callout.lines[0].at > callout.at);
	night_close(&night);
}

static void quiet_hours_hold_what_is_not_urgent(void **state)
{
	struct night night;

	(void)state;
	night_open_with(&night, more);
	struct callout callout =
		asked(&night, COMMITTEE, "missed_check", "2020-03-08T03:05:00+08:00");

	assert_string_equal(callout.reach[0].endpoint->name, "night");
	assert_int_equal(callout.reach[0].held_until, at("2020-03-08T06:00"));
	callout = asked(&night, COMMITTEE, "missed_check", "2020-03-08T06:05:00+08:00");
	assert_int_equal(callout.reach[0].held_until, 0);
	callout = asked(&night, COMMITTEE, "arrival", "2020-03-08T03:05:00+08:00");
	assert_int_equal(callout.reach[0].held_until, 0);
	night_close(&night);
}

/* The tells of a real alert, and those of the answer, are the same. */
static void collect(void *context, const void *row)
{
	const struct notice *notice = row;
	struct text *out = context;

	text_addf(out, "%lld %s;", (long long)notice->created_at, notice->endpoint);
}

static void it_is_what_happens(void **state)
{
	struct night night;
	struct err err = ERR_INIT;
	char real[4096], said[4096];
	struct text happened = TEXT_OVER(real), answered = TEXT_OVER(said);
	int64_t now = at("2020-03-08T07:45");
	unsigned fired;

	(void)state;
	night_open_with(&night, more);
	const struct store_ops *ops = night.store->ops;
	/* A shift that hands over calls both; here nobody is to hand anything over. */
	struct callout callout =
		asked(&night, COMMITTEE, "not_accepted", "2020-03-08T07:45:00+08:00");
	struct alert alert = {.kind = ALERT_NOT_ACCEPTED,
			      .subject = "B1",
			      .unit = COMMITTEE,
			      .opened_at = now,
			      .since = now,
			      .due = now,
			      .eta = WHEN_UNKNOWN,
			      .eta_before = WHEN_UNKNOWN,
			      .next_at = now,
			      .acked_at = WHEN_NEVER,
			      .resolved_at = WHEN_NEVER};

	assert_int_equal(ops->begin(night.store, &err), 0);
	assert_int_equal(ops->alert_save(night.store, &alert, now, &err), 0);
	assert_int_equal(ops->commit(night.store, &err), 0);
	text_clear(&happened);
	text_clear(&answered);
	for (size_t i = 0; i < callout.lines_len; i++) {
		const struct callout_line *line = &callout.lines[i];

		if (i > 0 && line->at > callout.lines[i - 1].at &&
		    line->at >= at("2020-03-08T07:55"))
			break; /* The change at eight begins to be handed over. */
		assert_int_equal(engine_due(night.engine, line->at, 1000, &fired, &err), 0);
		for (size_t k = 0; k < line->reaches_len; k++)
			text_addf(&answered, "%lld %s;", (long long)line->at,
				  callout.reach[line->reaches + k].endpoint->name);
		/* What was told is out of the way: a newer word would replace it. */
		struct arena rows = ARENA_INIT;
		assert_int_equal(ops->notices_list(night.store, NOTICE_READY, 50, &rows, collect,
						   &happened, &err),
				 0);
		assert_int_equal(ops->begin(night.store, &err), 0);
		assert_int_equal(ops->notices_supersede(night.store, alert.id, NULL, &err), 0);
		assert_int_equal(ops->commit(night.store, &err), 0);
		arena_release(&rows);
	}
	assert_string_equal(real, said);
	night_close(&night);
}

static void refuse(struct night *night, const struct callout_question *question, const char *words)
{
	struct callout out;
	struct err err = ERR_INIT;

	assert_int_equal(engine_callout(night->engine, question, 0, &out, &err), CL_EINVAL);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
}

static void what_means_nothing_is_refused_with_a_hint(void **state)
{
	static const char *const misspelt[] = {"unit=310112101007", "knid=arrival"};
	static const char *const bare[] = {"arrival"};
	static const char *const twice[] = {"kind=fever", "kind=arrival"};
	struct callout_question question;
	struct err err = ERR_INIT;
	struct night night;

	(void)state;
	assert_int_equal(callout_question(misspelt, 2, &question, &err), CL_EINVAL);
	assert_non_null(strstr(err.text, "did you mean \"kind\""));
	assert_int_equal(callout_question(bare, 1, &question, &err), CL_EINVAL);
	assert_non_null(strstr(err.text, "KEY=VALUE"));
	assert_int_equal(callout_question(twice, 2, &question, &err), CL_EINVAL);
	night_open_with(&night, more);
	refuse(&night, &(struct callout_question){.unit = COMMITTEE, .kind = "arival"},
	       "did you mean \"arrival\"");
	refuse(&night, &(struct callout_question){.unit = COMMITTEE}, "kind is missing");
	refuse(&night, &(struct callout_question){.kind = "arrival"}, "unit is missing");
	refuse(&night, &(struct callout_question){.unit = "310112111", .kind = "arrival"},
	       "did you mean \"310112101\"");
	refuse(&night,
	       &(struct callout_question){
		       .unit = COMMITTEE, .kind = "arrival", .at = "2020-03-08 03:05"},
	       "RFC 3339");
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_roster_of_that_minute_answers),
		cmocka_unit_test(it_ends_with_the_fallback_and_goes_on),
		cmocka_unit_test(a_step_that_reaches_nobody_says_why),
		cmocka_unit_test(what_only_tells_tells_once),
		cmocka_unit_test(quiet_hours_hold_what_is_not_urgent),
		cmocka_unit_test(it_is_what_happens),
		cmocka_unit_test(what_means_nothing_is_refused_with_a_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
