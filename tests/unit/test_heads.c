/* test_heads.c — the ledger's head is signed each midnight, once after a downtime, and told to whom
 * the configuration names. Neighbours: lib/engine/heads.c; test_ledger.c has what heads prove. */
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

struct came {
	int heads;
	struct ledger_head latest;
	int64_t due_at;
	bool urgent;
	char text[256];
};

static void hear(void *context, const void *row)
{
	const struct notice *notice = row;
	struct came *came = context;
	uint8_t public[DIGEST_PUBLIC_LEN];

	if (!text_equal(notice->type, "ledger.head"))
		return;
	came->heads++;
	came->due_at = notice->due_at;
	came->urgent = notice->urgent;
	text_copy(came->text, sizeof(came->text), notice->text);
	assert_int_equal(ledger_head_parse(&came->latest, public, notice->data,
					   strlen(notice->data), NULL),
			 0);
	assert_true(ledger_signed(&came->latest, public));
}

static struct came heard(struct night *night)
{
	struct came came = {.heads = 0};

	assert_int_equal(night->store->ops->notices_list(night->store, NOTICE_READY, 1000,
							 &night->arena, hear, &came, NULL),
			 0);
	return came;
}

static void happen(struct night *night, int64_t now)
{
	struct fact *fact = night_fact(night, FACT_HEARTBEAT, now, "/a");

	night_submit(night, fact, now);
}

static int64_t rows(struct night *night)
{
	uint8_t link[LEDGER_LINK_LEN];
	int64_t n;

	assert_int_equal(night->store->ops->ledger_end(night->store, &n, link, NULL), 0);
	return n;
}

static void due(struct night *night, int64_t now)
{
	struct err err = ERR_INIT;
	unsigned fired;

	assert_int_equal(engine_due(night->engine, now, 1000, &fired, &err), 0);
}

static int64_t next(struct night *night)
{
	struct err err = ERR_INIT;
	int64_t when;

	assert_int_equal(engine_next(night->engine, &when, &err), 0);
	return when;
}

static void a_slot_is_counted_from_midnight(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	assert_int_equal(heads_slot(world.zone, WHEN_DAY, at("2020-03-09T12:00")),
			 at("2020-03-10T00:00"));
	assert_int_equal(heads_slot(world.zone, WHEN_DAY, at("2020-03-10T00:00")),
			 at("2020-03-11T00:00"));
	assert_int_equal(heads_slot(world.zone, WHEN_DAY, at("2020-03-10T00:00") - 1),
			 at("2020-03-10T00:00"));
	assert_int_equal(heads_slot(world.zone, 6 * WHEN_HOUR, at("2020-03-09T12:00")),
			 at("2020-03-09T18:00"));
	assert_int_equal(heads_slot(world.zone, 6 * WHEN_HOUR, at("2020-03-09T19:00")),
			 at("2020-03-10T00:00"));
	world_close(&world);
}

static void each_midnight_one_is_made_and_told(void **state)
{
	struct night night;

	(void)state;
	night_open_with(&night, "ledger: {head_to: duty}\n");
	assert_int_equal(next(&night), WHEN_NEVER);
	happen(&night, T0);
	assert_int_equal(next(&night), at("2020-03-10T00:00"));
	night_pass(&night, at("2020-03-09T23:59"));
	assert_int_equal(heard(&night).heads, 0);
	night_pass(&night, at("2020-03-10T00:00"));
	struct came came = heard(&night);

	assert_int_equal(came.heads, 1);
	assert_int_equal(came.latest.n, 1);
	assert_int_equal(came.latest.at, at("2020-03-10T00:00"));
	assert_int_equal(came.due_at, at("2020-03-10T00:00"));
	assert_false(came.urgent);
	assert_non_null(strstr(came.text, "2020-03-10 00:00"));
	/* Nothing happened, and that is said too. */
	night_pass(&night, at("2020-03-11T00:00"));
	happen(&night, at("2020-03-11T01:00"));
	night_pass(&night, at("2020-03-12T00:00"));
	assert_int_equal(heard(&night).heads, 3);
	assert_int_equal(engine_counters(night.engine)->heads, 3);
	night_close(&night);
}

static void after_a_downtime_one_is_made(void **state)
{
	struct night night;

	(void)state;
	night_open_with(&night, "ledger: {head_to: duty}\n");
	happen(&night, T0);
	night_restart(&night);
	due(&night, at("2020-03-20T10:00"));
	due(&night, at("2020-03-20T10:00"));
	assert_int_equal(heard(&night).heads, 1);
	assert_int_equal(heard(&night).latest.at, at("2020-03-20T10:00"));
	assert_int_equal(next(&night), at("2020-03-21T00:00"));
	night_close(&night);
}

static void a_clock_that_ran_ahead_does_not_hold_them_up(void **state)
{
	struct err err = ERR_INIT;
	struct night night;

	(void)state;
	night_open_with(&night, "ledger: {head_to: duty}\n");
	happen(&night, T0);
	due(&night, at("2021-03-09T12:00"));
	assert_int_equal(engine_clock_set(night.engine, at("2021-03-09T12:00"), T0, &err), 0);
	assert_int_equal(next(&night), at("2020-03-10T00:00"));
	due(&night, at("2020-03-10T00:00"));
	due(&night, at("2020-03-10T00:00"));
	assert_int_equal(next(&night), at("2020-03-11T00:00"));
	night_close(&night);
}

static void without_an_endpoint_it_is_only_kept(void **state)
{
	struct ledger_head head, last;
	struct err err = ERR_INIT;
	struct night night;

	(void)state;
	night_open(&night);
	assert_int_equal(engine_head(night.engine, T0, &head, &err), 0);
	assert_int_equal(head.n, 0);
	happen(&night, T0);
	assert_int_equal(engine_head(night.engine, T0, &head, &err), 0);
	assert_int_equal(head.n, rows(&night));
	assert_true(ledger_signed(&head, engine_ledger_public(night.engine)));
	assert_int_equal(heard(&night).heads, 0);
	assert_int_equal(night.store->ops->head_last(night.store, &last, &err), 0);
	assert_memory_equal(&last, &head, sizeof(last));
	night_close(&night);
}

static void by_night_it_waits_for_the_morning(void **state)
{
	struct night night;

	(void)state;
	night_open_with(&night, "ledger: {head_to: lark}\n"
				"endpoints: [{name: lark, channel: generic, url: "
				"\"http://127.0.0.1:9\", allow: [\"127.0.0.0/8\"], secret: "
				"\"whsec_Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM=\", quiet: "
				"\"22:00-06:00\"}]\n");
	happen(&night, T0);
	due(&night, at("2020-03-10T00:00"));
	assert_int_equal(heard(&night).heads, 1);
	assert_int_equal(heard(&night).due_at, at("2020-03-10T06:00"));
	night_close(&night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_is_counted_from_midnight),
		cmocka_unit_test(each_midnight_one_is_made_and_told),
		cmocka_unit_test(after_a_downtime_one_is_made),
		cmocka_unit_test(a_clock_that_ran_ahead_does_not_hold_them_up),
		cmocka_unit_test(without_an_endpoint_it_is_only_kept),
		cmocka_unit_test(by_night_it_waits_for_the_morning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
