/* test_courier_health.c — one address: when its breaker opens and closes, what a pause grows to,
 * when it is given up; and how many messages may go to it in any minute. Neighbours:
 * lib/engine/courier_health.c, courier_rate.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "closedloop/text.h"
#include "closedloop/when.h"
#include "engine/courier_health.h"
#include "engine/courier_rate.h"

#define T0 INT64_C(1583694060000) /* A minute past an hour. */

/* --- Health --------------------------------------------------------------------------------- */

static struct health health;
static struct health_news news;

static int begin(void **state)
{
	(void)state;
	health_init(&health);
	news = (struct health_news){.name = "robot"};
	return 0;
}

static void hear(enum outcome outcome, int64_t now)
{
	struct verdict verdict = {.outcome = outcome, .hint = "as it happens"};

	news.probe = health.is != HEALTH_WELL;
	health_heard(&health, &verdict, &news, now);
}

static void five_failures_in_a_row_open_the_breaker(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		hear(OUTCOME_RETRY, T0 + i);
	assert_int_equal(health.is, HEALTH_WELL);
	hear(OUTCOME_OK, T0 + 4);
	for (int i = 0; i < 4; i++)
		hear(OUTCOME_RETRY, T0 + 5 + i);
	assert_int_equal(health.is, HEALTH_WELL);
	hear(OUTCOME_RETRY, T0 + 10);
	assert_int_equal(health.is, HEALTH_BROKEN);
	assert_int_equal(health_next(&health), T0 + 10 + 30 * WHEN_SECOND);
}

static void seven_of_ten_in_five_minutes_open_it_too(void **state)
{
	(void)state;
	/* Bad, bad, good: never five in a row, and less than seventy of a hundred. */
	for (int i = 0; i < 30; i++)
		hear(i % 3 == 2 ? OUTCOME_OK : OUTCOME_RETRY, T0 + i * WHEN_SECOND);
	assert_int_equal(health.is, HEALTH_WELL);
	/* Four of five. */
	int64_t later = T0 + WHEN_HOUR;
	for (int i = 0; i < 10 && health.is == HEALTH_WELL; i++)
		hear(i % 5 == 0 ? OUTCOME_OK : OUTCOME_RETRY, later + i * WHEN_SECOND);
	assert_int_equal(health.is, HEALTH_BROKEN);
}

static void what_failed_long_ago_does_not_count(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++)
		hear(i % 5 == 0 ? OUTCOME_OK : OUTCOME_RETRY, T0 + i * WHEN_MINUTE);
	assert_int_equal(health.is, HEALTH_WELL);
}

static void each_failed_probe_doubles_the_wait_up_to_ten_minutes(void **state)
{
	static const int64_t waits[] = {30, 60, 120, 240, 480, 600, 600};
	int64_t now = T0;

	(void)state;
	for (int i = 0; i < 5; i++)
		hear(OUTCOME_RETRY, now);
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		assert_int_equal(health_next(&health) - now, waits[i] * WHEN_SECOND);
		now = health_next(&health);
		hear(OUTCOME_RETRY, now);
	}
	hear(OUTCOME_OK, now);
	assert_int_equal(health.is, HEALTH_WELL);
	/* What was counted before is over: one failure opens nothing. */
	hear(OUTCOME_RETRY, now + 1);
	assert_int_equal(health.is, HEALTH_WELL);
}

static void broken_for_ten_minutes_is_told(void **state)
{
	int64_t at;

	(void)state;
	for (int i = 0; i < 5; i++)
		hear(OUTCOME_RETRY, T0);
	assert_false(health_is_ill(&health, T0 + 10 * WHEN_MINUTE - 1, &at));
	assert_int_equal(at, T0 + 10 * WHEN_MINUTE);
	assert_true(health_is_ill(&health, at, NULL));
}

static void pauses_one_after_the_other_grow(void **state)
{
	static const int64_t pauses[] = {30, 60, 120, 120};
	int64_t now = T0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
		for (int together = 0; together < 2; together++) {
			struct verdict verdict = {.outcome = OUTCOME_PAUSE,
						  .pause = 30 * WHEN_SECOND,
						  .grows = true};
			health_heard(&health, &verdict, &news, now);
			assert_int_equal(verdict.pause, pauses[i] * WHEN_SECOND);
		}
		now = health_next(&health);
	}
	hear(OUTCOME_OK, now);
	struct verdict verdict = {.outcome = OUTCOME_PAUSE,
				  .pause = 30 * WHEN_SECOND,
				  .grows = true};
	health_heard(&health, &verdict, &news, now + 1);
	assert_int_equal(verdict.pause, 30 * WHEN_SECOND);
}

static void a_pause_is_a_second_to_an_hour(void **state)
{
	struct verdict none = {.outcome = OUTCOME_PAUSE, .pause = 0};
	struct verdict days = {.outcome = OUTCOME_PAUSE, .pause = 3 * WHEN_DAY};

	(void)state;
	health_heard(&health, &none, &news, T0);
	assert_int_equal(health_next(&health), T0 + WHEN_SECOND);
	health_heard(&health, &days, &news, T0);
	assert_int_equal(health_next(&health), T0 + WHEN_HOUR);
}

static void a_dead_message_may_say_that_the_address_is_ill(void **state)
{
	struct verdict verdict = {.outcome = OUTCOME_DEAD, .sick = true, .hint = "routing_key"};

	(void)state;
	health_heard(&health, &verdict, &news, T0);
	assert_int_equal(verdict.outcome, OUTCOME_DEAD);
	assert_int_equal(health.is, HEALTH_SICK);
}

static void gone_is_given_up_unless_it_is_the_last_one(void **state)
{
	(void)state;
	news.gone = news.kept = true;
	hear(OUTCOME_SICK, T0);
	assert_int_equal(health.is, HEALTH_SICK);
	assert_int_equal(health_next(&health), T0 + 10 * WHEN_MINUTE);
	news.kept = false;
	hear(OUTCOME_SICK, T0 + 10 * WHEN_MINUTE);
	assert_int_equal(health.is, HEALTH_DISABLED);
	assert_int_equal(health_next(&health), WHEN_NEVER);
	/* Somebody asks, once. */
	health_ask(&health);
	assert_true(health_next(&health) <= T0);
	hear(OUTCOME_SICK, T0 + WHEN_HOUR);
	assert_int_equal(health.is, HEALTH_DISABLED);
}

static void five_days_of_failing_give_it_up(void **state)
{
	int64_t now = T0;

	(void)state;
	while (health.is != HEALTH_DISABLED) {
		assert_true(now < T0 + 121 * WHEN_HOUR);
		hear(OUTCOME_RETRY, now);
		now = health_next(&health) > now ? health_next(&health) : now + WHEN_SECOND;
	}
	assert_int_equal(now, WHEN_NEVER);
	assert_true(health_is_ill(&health, T0, NULL));
}

static void one_failure_a_week_gives_nothing_up(void **state)
{
	(void)state;
	for (int week = 0; week < 4; week++) {
		hear(OUTCOME_RETRY, T0 + 7 * week * WHEN_DAY);
		assert_int_equal(health.is, HEALTH_WELL);
	}
	/* The last try of a message and the next one's first are a day apart. */
	hear(OUTCOME_SICK, T0 + 30 * WHEN_DAY);
	for (int day = 31; day < 35; day++) {
		hear(OUTCOME_SICK, T0 + day * WHEN_DAY);
		assert_int_equal(health.is, HEALTH_SICK);
	}
	hear(OUTCOME_SICK, T0 + 35 * WHEN_DAY);
	assert_int_equal(health.is, HEALTH_DISABLED);
}

static void pause_for(int64_t span, int64_t now)
{
	struct verdict verdict = {.outcome = OUTCOME_PAUSE, .pause = span};

	health_heard(&health, &verdict, &news, now);
}

static void one_that_pauses_again_and_again_is_told_after_half_an_hour(void **state)
{
	int64_t at, half_an_hour = T0 + 30 * WHEN_MINUTE;

	(void)state;
	for (int i = 0; i < 4; i++) {
		int64_t now = T0 + i * 10 * WHEN_MINUTE;

		assert_false(health_is_ill(&health, now, &at));
		assert_int_equal(at, WHEN_NEVER);
		pause_for(10 * WHEN_MINUTE, now);
	}
	assert_true(health_is_ill(&health, half_an_hour, &at));
	assert_int_equal(at, half_an_hour);
	assert_int_equal(health.is, HEALTH_WELL);
	hear(OUTCOME_OK, T0 + 40 * WHEN_MINUTE);
	assert_false(health_is_ill(&health, T0 + 40 * WHEN_MINUTE, NULL));
}

static void pauses_far_apart_are_none_in_a_row(void **state)
{
	(void)state;
	for (int hour = 0; hour < 5; hour++) {
		pause_for(WHEN_MINUTE, T0 + hour * WHEN_HOUR);
		assert_false(health_is_ill(&health, T0 + hour * WHEN_HOUR, NULL));
	}
	pause_for(WHEN_HOUR, T0 + WHEN_DAY);
	assert_false(health_is_ill(&health, T0 + WHEN_DAY + 30 * WHEN_MINUTE - 1, NULL));
	assert_true(health_is_ill(&health, T0 + WHEN_DAY + 30 * WHEN_MINUTE, NULL));
	/* Of another address nothing is known. */
	health_renew(&health);
	assert_false(health_is_ill(&health, T0 + WHEN_DAY, NULL));
}

static void what_was_known_is_known_after_a_restart(void **state)
{
	struct arena arena = ARENA_INIT;
	struct health after;
	struct pack pack;
	struct unpack unpack;

	(void)state;
	for (int i = 0; i < 6; i++)
		hear(OUTCOME_RETRY, T0 + i);
	hear(OUTCOME_PAUSE, T0 + 6);
	assert_true(health.pause_until > T0 + 6);
	pack_init(&pack, &arena);
	health_pack(&health, T0 + 6, &pack);
	unpack_init(&unpack, pack.data, pack.len);
	health_unpack(&after, T0 + 7, &unpack, &arena);
	assert_false(unpack.bad);
	assert_int_equal(unpack.at, pack.len);
	assert_memory_equal(&after, &health, sizeof(after));
	/* The clock was set back by an hour meanwhile: the wait is as long as it was. */
	unpack_init(&unpack, pack.data, pack.len);
	health_unpack(&after, T0 + 6 - WHEN_HOUR, &unpack, &arena);
	assert_int_equal(health_next(&after), health_next(&health) - WHEN_HOUR);
	/* Half a record is none. */
	for (size_t len = 0; len < pack.len; len++) {
		unpack_init(&unpack, pack.data, len);
		health_unpack(&after, T0, &unpack, &arena);
		assert_true(unpack.bad);
	}
	arena_release(&arena);
}

/* --- Rate ----------------------------------------------------------------------------------- */

static struct meter meter;

static void limit(enum conf_channel channel, int per_minute)
{
	const struct conf_endpoint endpoint = {.name = "robot",
					       .channel = channel,
					       .rate_per_minute = per_minute};

	memset(&meter, 0, sizeof(meter));
	meter_configure(&meter, &endpoint);
}

static void send_and_hear(bool urgent, int64_t now)
{
	meter_sent(&meter, urgent);
	meter_answered(&meter, urgent, now);
}

static void a_send_counts_until_a_window_after_its_answer(void **state)
{
	(void)state;
	limit(CHANNEL_WECOM, 0);
	for (int i = 0; i < 18; i++)
		meter_sent(&meter, true);
	assert_int_equal(meter_room(&meter, true, T0), 0);
	/* Nobody knows when it arrives. */
	assert_int_equal(meter_room(&meter, true, T0 + WHEN_HOUR), 0);
	assert_int_equal(meter_next(&meter, true, T0), WHEN_NEVER);
	meter_answered(&meter, true, T0 + 5);
	assert_int_equal(meter_next(&meter, true, T0 + 5), T0 + 5 + WHEN_MINUTE);
	assert_int_equal(meter_room(&meter, true, T0 + 5 + WHEN_MINUTE - 1), 0);
	assert_int_equal(meter_room(&meter, true, T0 + 5 + WHEN_MINUTE), 1);
}

static void what_never_left_does_not_count(void **state)
{
	(void)state;
	limit(CHANNEL_WECOM, 0);
	meter_sent(&meter, false);
	meter_unsent(&meter, false);
	assert_int_equal(meter_room(&meter, true, T0), 18);
	assert_int_equal(meter_room(&meter, false, T0), 14);
}

static void four_a_minute_or_a_fifth_are_kept_for_what_is_urgent(void **state)
{
	static const struct {
		enum conf_channel channel;
		int per_minute;
		unsigned urgent, normal;
	} rows[] = {{CHANNEL_WECOM, 0, 18, 14},	   {CHANNEL_GENERIC, 0, 20, 16},
		    {CHANNEL_WECOM, 1, 1, 1},	   {CHANNEL_WECOM, 2, 2, 1},
		    {CHANNEL_WECOM, 100, 100, 96}, {CHANNEL_GENERIC, 6000, 100, 80}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		limit(rows[i].channel, rows[i].per_minute);
		assert_int_equal(meter_room(&meter, true, T0), rows[i].urgent);
		assert_int_equal(meter_room(&meter, false, T0), rows[i].normal);
	}
	limit(CHANNEL_WECOM, 0);
	for (int i = 0; i < 14; i++)
		send_and_hear(false, T0);
	assert_int_equal(meter_room(&meter, false, T0), 0);
	assert_int_equal(meter_room(&meter, true, T0), 4);
	/* What was urgent takes nothing from the others' share, only from the whole. */
	limit(CHANNEL_WECOM, 0);
	for (int i = 0; i < 4; i++)
		send_and_hear(true, T0);
	assert_int_equal(meter_room(&meter, false, T0), 14);
}

static void of_two_limits_the_narrower_holds(void **state)
{
	(void)state;
	limit(CHANNEL_GENERIC, 0);
	meter.limits_len = 2;
	meter.limits[0] = (struct rate){.sends = 90, .kept = 4, .window = WHEN_MINUTE};
	meter.limits[1] = (struct rate){.sends = 4, .window = WHEN_SECOND};
	for (int second = 0; second < 22; second++) {
		for (int i = 0; i < 4; i++)
			send_and_hear(true, T0 + second * WHEN_SECOND);
		assert_int_equal(meter_room(&meter, true, T0 + second * WHEN_SECOND), 0);
	}
	assert_int_equal(meter_room(&meter, true, T0 + 22 * WHEN_SECOND), 2);
	send_and_hear(true, T0 + 22 * WHEN_SECOND);
	send_and_hear(true, T0 + 22 * WHEN_SECOND);
	assert_int_equal(meter_next(&meter, true, T0 + 23 * WHEN_SECOND), T0 + WHEN_MINUTE);
}

static void on_the_half_hour_only_what_is_urgent_goes(void **state)
{
	int64_t half = T0 - WHEN_MINUTE + 30 * WHEN_MINUTE;

	(void)state;
	limit(CHANNEL_GENERIC, 0);
	meter.shift = 7 * WHEN_SECOND;
	assert_int_equal(meter_room(&meter, false, half - 1), 16);
	assert_int_equal(meter_room(&meter, false, half), 0);
	assert_int_equal(meter_room(&meter, true, half), 20);
	assert_int_equal(meter_next(&meter, false, half + 1), half + 7 * WHEN_SECOND);
	assert_int_equal(meter_room(&meter, false, half + 7 * WHEN_SECOND), 16);
}

/* A year of restarts and steps of the clock in one hour, by dice. */
static void no_window_holds_more_whatever_happens(void **state)
{
	uint64_t seed = 1;
	struct entropy entropy = entropy_seeded(&seed);
	struct arena arena = ARENA_INIT;
	int64_t now = T0, true_now = 0, sent[5000];
	unsigned open = 0;
	size_t len = 0, oldest = 0;

	(void)state;
	limit(CHANNEL_WECOM, 0);
	while (len < 4000) {
		uint8_t dice[2];

		entropy.fill(entropy.context, dice, sizeof(dice));
		now += dice[1] * 20;
		true_now += dice[1] * 20;
		if (dice[0] < 150 && meter_room(&meter, dice[0] % 2, now) > 0) {
			/* It arrives just before its answer comes. */
			meter_sent(&meter, dice[0] % 2);
			meter_answered(&meter, dice[0] % 2, now);
			sent[len++] = true_now;
		} else if (dice[0] < 160 && open < 2 && meter_room(&meter, true, now) > 0) {
			meter_sent(&meter, true);
			sent[len++] = true_now;
			open++;
		} else if (dice[0] < 170 && open > 0) {
			meter_answered(&meter, true, now);
			open--;
		} else if (dice[0] < 180) {
			int64_t by = (dice[1] - 128) * WHEN_MINUTE;
			now += by;
			meter_shift(&meter, by);
		} else if (dice[0] < 200) {
			struct pack pack;
			struct unpack unpack;

			arena_clear(&arena);
			pack_init(&pack, &arena);
			meter_pack(&meter, now, &pack);
			limit(CHANNEL_WECOM, 0);
			/* Set back while it was down; nobody could tell a step forward. */
			now -= dice[1] % 3 * WHEN_MINUTE;
			unpack_init(&unpack, pack.data, pack.len);
			meter_unpack(&meter, now, &unpack);
			assert_false(unpack.bad);
			open = 0;
		}
		while (oldest < len && sent[oldest] <= true_now - WHEN_MINUTE)
			oldest++;
		assert_true(len - oldest <= 18);
	}
	arena_release(&arena);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
		TEST(five_failures_in_a_row_open_the_breaker),
		TEST(seven_of_ten_in_five_minutes_open_it_too),
		TEST(what_failed_long_ago_does_not_count),
		TEST(each_failed_probe_doubles_the_wait_up_to_ten_minutes),
		TEST(broken_for_ten_minutes_is_told),
		TEST(pauses_one_after_the_other_grow),
		TEST(a_pause_is_a_second_to_an_hour),
		TEST(a_dead_message_may_say_that_the_address_is_ill),
		TEST(gone_is_given_up_unless_it_is_the_last_one),
		TEST(five_days_of_failing_give_it_up),
		TEST(one_failure_a_week_gives_nothing_up),
		TEST(one_that_pauses_again_and_again_is_told_after_half_an_hour),
		TEST(pauses_far_apart_are_none_in_a_row),
		TEST(what_was_known_is_known_after_a_restart),
		TEST(a_send_counts_until_a_window_after_its_answer),
		TEST(what_never_left_does_not_count),
		TEST(four_a_minute_or_a_fifth_are_kept_for_what_is_urgent),
		TEST(of_two_limits_the_narrower_holds),
		TEST(on_the_half_hour_only_what_is_urgent_goes),
		TEST(no_window_holds_more_whatever_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
