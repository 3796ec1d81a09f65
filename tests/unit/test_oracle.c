/* test_oracle.c — what the simulator's oracle says of a daemon that is broken: each rule about what
 * is sent is broken here once by hand, and what only looks like it is not. A rule that never speaks
 * in a thousand months is known to be able to.
 *
 * The house is real, and nobody turns it: rows, orders and deliveries are written by the tests.
 * Neighbours: test_sim.c runs whole months; tests/mutants breaks the daemon itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"
#include "store/store_private.h"
#include "tests/sim/oracle_private.h"

/* 2020-03-09, noon in Shanghai. */
#define NOON INT64_C(1583726400000)

/* Of tests/sim/conf/good.0.yaml. */
#define DISTRICT "310112"
#define SERVICE	 "minhang"  /* keeps incidents */
#define CHAT	 "qingpu"   /* three a minute */
#define SLEEPER	 "shiguang" /* quiet from 22:30 to 06:30 */
#define GROUP	 "xinzhuang"
#define ROBOT	 "xinzhuang-b"

struct fixture {
	struct world world;
	struct conf *conf;
};

static struct conf *conf;

static const char *no_environment(const char *name)
{
	(void)name;
	return NULL;
}

static void silent(void *context, enum log_level level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

static int load(void **state)
{
	struct conf_world world = {.environment = no_environment,
				   .zoneinfo_dir = "/usr/share/zoneinfo"};
	struct conf_report report = {0};
	const char *dir = getenv("CLOSEDLOOP_SIM_CONF");
	struct err err = ERR_INIT;
	char path[512];

	(void)state;
	log_to(silent, NULL, LOG_LEVEL_ERROR);
	assert_int_equal(digest_init(&err), 0);
	snprintf(path, sizeof(path), "%s/good.0.yaml", dir ? dir : "tests/sim/conf");
	assert_int_equal(conf_load(&conf, path, &world, &report), 0);
	conf_report_free(&report);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	conf_free(conf);
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct world *world = &f->world;

	f->conf = conf;
	*world = (struct world){.seed = 1, .now = NOON, .confs = &f->conf, .confs_len = 1};
	vfs_open(1);
	house_open(&world->house, &(struct house_setup){.conf = conf,
							.dir = "disk",
							.vfs = VFS_NAME,
							.seed = 1,
							.now = NOON,
							.quiet_post = true});
	oracle_new(world);
	oracle_started(world);
	assert_null(oracle_broken(world));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	struct world *world = &f->world;

	oracle_disconnect(world);
	house_close(&world->house);
	oracle_free(world->oracle);
	mem_free(world->robots);
	vfs_close();
	mem_free(f);
	return 0;
}

/* --- Verdicts --- */

static void right(struct fixture *f)
{
	const char *broken = oracle_broken(&f->world);

	assert_string_equal(broken ? broken : "", "");
}

/* RULE is broken, and nothing before it was; go on as if it were not. */
static void wrong(struct fixture *f, const char *rule, const char *words)
{
	const char *broken = oracle_broken(&f->world);

	assert_non_null(broken);
	assert_memory_equal(broken, rule, strlen(rule));
	assert_int_equal(broken[strlen(rule)], ':');
	if (!strstr(broken, words))
		print_error("%s\n", broken);
	assert_non_null(strstr(broken, words));
	*f->world.oracle->broken = '\0';
}

/* --- Rows --- */

static struct store *store_of(struct fixture *f)
{
	return f->world.house.store;
}

static void begin(struct fixture *f)
{
	assert_int_equal(store_of(f)->ops->begin(store_of(f), NULL), 0);
}

static void commit(struct fixture *f)
{
	assert_int_equal(store_of(f)->ops->commit(store_of(f), NULL), 0);
}

static void run(struct fixture *f, const char *sql)
{
	assert_int_equal(sqlite3_exec(sqlite_of(store_of(f))->db, sql, NULL, NULL, NULL),
			 SQLITE_OK);
}

static struct alert open_alert(enum alert_kind kind)
{
	struct alert alert = {.kind = kind,
			      .opened_at = NOON,
			      .since = NOON,
			      .due = NOON,
			      .eta = WHEN_UNKNOWN,
			      .eta_before = WHEN_UNKNOWN,
			      .next_at = NOON + 10 * WHEN_MINUTE,
			      .acked_at = WHEN_NEVER,
			      .resolved_at = WHEN_NEVER};

	text_copy(alert.subject, sizeof(alert.subject), "subject");
	text_copy(alert.unit, sizeof(alert.unit), DISTRICT);
	return alert;
}

static void save_alert(struct fixture *f, struct alert *alert)
{
	begin(f);
	assert_int_equal(store_of(f)->ops->alert_save(store_of(f), alert, NOON, NULL), 0);
	commit(f);
}

static int64_t raise(struct fixture *f)
{
	struct alert alert = open_alert(ALERT_FEVER);

	save_alert(f, &alert);
	return alert.id;
}

static void settle_alert(struct fixture *f, int64_t id)
{
	struct alert alert;

	assert_int_equal(store_of(f)->ops->alert_load(store_of(f), id, &alert, NULL), 0);
	alert.state = ALERT_RESOLVED;
	alert.resolved_at = f->world.house.now;
	alert.next_at = WHEN_NEVER;
	save_alert(f, &alert);
}

static struct notice notice_of(const char *id, const char *endpoint, int64_t alert)
{
	return (struct notice){.id = id,
			       .endpoint = endpoint,
			       .alert = alert,
			       .urgent = true,
			       .type = "alert.raised",
			       .kind = "fever",
			       .unit = DISTRICT,
			       .created_at = NOON,
			       .due_at = NOON,
			       .expires_at = WHEN_NEVER,
			       .title = id,
			       .text = "words",
			       .url = "",
			       .data = "{}",
			       .group = ""};
}

static void save_notice(struct fixture *f, const struct notice *notice)
{
	begin(f);
	assert_int_equal(store_of(f)->ops->notice_save(store_of(f), notice, NULL), 0);
	commit(f);
}

static void say(struct fixture *f, const char *id, const char *endpoint, int64_t alert)
{
	const struct notice notice = notice_of(id, endpoint, alert);

	save_notice(f, &notice);
}

static void result(struct fixture *f, const char *id, enum notice_state state)
{
	begin(f);
	assert_int_equal(store_of(f)->ops->notice_result(store_of(f), id, state, 1, NOON, NOON, "",
							 NULL),
			 0);
	commit(f);
}

/* --- What is handed out, and what arrives --- */

static void hand_out_as(struct fixture *f, const char *id, const char *way, const char *header)
{
	const struct channel_request request = {
		.url = "", .body = "", .headers_len = 1, .headers = {header}};
	const struct transport_order order = {.notice = id, .request = &request};

	oracle_order(&f->world, way, &order);
}

static void hand_out(struct fixture *f, const char *id, const char *way)
{
	hand_out_as(f, id, way, "content-type: application/json");
}

static struct arrival arrival_of(int64_t row, int64_t alert, const char *endpoint)
{
	return (struct arrival){.row = row,
				.alert = alert,
				.created_at = NOON,
				.id = "ntc_1",
				.kind = "fever",
				.type = "alert.raised",
				.endpoint = endpoint,
				.title = "",
				.message = "ntc_1",
				.urgent = true};
}

static void arrives(struct fixture *f, const struct arrival *arrival, int64_t at)
{
	const struct delivery delivery = {.at = at, .endpoint = arrival->endpoint, .body = ""};

	arrivals_note(&f->world, arrival, &delivery);
}

static void hear(struct fixture *f, int64_t row, int64_t alert, const char *endpoint)
{
	const struct arrival arrival = arrival_of(row, alert, endpoint);

	arrives(f, &arrival, NOON);
}

/* The service is told ACTION of ALERT under KEY. */
static void incident(struct fixture *f, int64_t alert, const char *action, const char *key)
{
	const struct arrival arrival = arrival_of(1, alert, SERVICE);
	struct delivery delivery = {.at = NOON, .endpoint = SERVICE};
	char body[200];

	snprintf(body, sizeof(body), "{\"event_action\":\"%s\",\"dedup_key\":\"%s\"}", action, key);
	delivery.body = body;
	incidents_note(&f->world, &arrival, &delivery);
}

/* --- Order, digests, quiet ------------------------------------------------------------------ */

static void an_older_word_after_a_newer_one_is_out_of_order(void **state)
{
	struct fixture *f = *state;

	hear(f, 3, 1, SERVICE);
	hear(f, 5, 1, SERVICE);
	hear(f, 5, 1, SERVICE);
	/* Elsewhere, and of another alert, there is no newer one. */
	hear(f, 4, 1, CHAT);
	hear(f, 4, 2, SERVICE);
	right(f);
	hear(f, 4, 1, SERVICE);
	wrong(f, "order", "arrives at " SERVICE " after a newer word");
	/* What came late makes nothing older new. */
	hear(f, 4, 1, SERVICE);
	wrong(f, "order", "A-000001");
}

static void the_order_of_thousands_is_remembered(void **state)
{
	struct fixture *f = *state;

	for (int64_t alert = 1; alert <= 3000; alert++)
		hear(f, 2 * alert, alert, CHAT);
	right(f);
	for (int64_t alert = 1; alert <= 3000; alert += 500) {
		hear(f, 2 * alert - 1, alert, CHAT);
		wrong(f, "order", CHAT);
	}
}

static void a_notice_in_a_second_digest_is_told_twice(void **state)
{
	struct fixture *f = *state;
	struct arrival line = arrival_of(7, 1, CHAT);

	line.message = "ntc_first";
	arrives(f, &line, NOON);
	/* Its answer was lost: the same digest again, and nobody minds. */
	arrives(f, &line, NOON + WHEN_MINUTE);
	struct arrival other = arrival_of(8, 2, CHAT);
	other.message = "ntc_second";
	arrives(f, &other, NOON);
	right(f);
	line.message = "ntc_second";
	arrives(f, &line, NOON + 2 * WHEN_MINUTE);
	wrong(f, "digests", "told by a second digest, ntc_second");
}

static void what_a_digest_told_is_not_told_by_itself(void **state)
{
	struct fixture *f = *state;
	struct arrival alone = arrival_of(7, 1, CHAT), line = alone;

	/* Its answer was lost, and more had come by the next try. */
	arrives(f, &alone, NOON);
	line.message = "ntc_digest";
	arrives(f, &line, NOON + WHEN_MINUTE);
	right(f);
	arrives(f, &alone, NOON + 2 * WHEN_MINUTE);
	wrong(f, "digests", "told by itself after a digest told it");
}

static void what_rings_at_night_and_need_not_is_heard(void **state)
{
	struct fixture *f = *state;
	int64_t night = NOON + 12 * WHEN_HOUR;
	struct arrival calm = arrival_of(1, 1, SLEEPER);

	calm.kind = "task_overdue";
	calm.urgent = false;
	arrives(f, &calm, NOON);
	arrives(f, &calm, night - 2 * WHEN_HOUR);
	arrives(f, &calm, night + 6 * WHEN_HOUR + 30 * WHEN_MINUTE);
	/* Fever rings, and who is nearly there; others never sleep. */
	struct arrival grave = arrival_of(2, 2, SLEEPER);
	arrives(f, &grave, night);
	struct arrival near = arrival_of(3, 3, SLEEPER);
	near.kind = "expected";
	near.title = "【夜间急件·即将到达】今晚到";
	arrives(f, &near, night);
	struct arrival awake = arrival_of(4, 4, CHAT);
	awake.kind = "task_overdue";
	awake.urgent = false;
	arrives(f, &awake, night);
	right(f);
	arrives(f, &calm, night);
	wrong(f, "quiet", "rings at " SLEEPER);
}

/* --- Incidents ------------------------------------------------------------------------------ */

static void one_alert_under_two_keys_is_two_incidents(void **state)
{
	struct fixture *f = *state;

	incident(f, 1, "trigger", "a");
	incident(f, 1, "acknowledge", "a");
	incident(f, 2, "trigger", "b");
	right(f);
	incident(f, 1, "resolve", "b");
	wrong(f, "incidents", "A-000001 has two keys at " SERVICE);
}

static void an_incident_whose_alert_is_over_stays_open_for_ever(void **state)
{
	struct fixture *f = *state;
	int64_t alert = raise(f);

	incident(f, alert, "trigger", "a");
	incidents_check_end(&f->world);
	right(f);
	settle_alert(f, alert);
	incidents_check_end(&f->world);
	wrong(f, "incidents", "stays open for ever");
	/* That somebody has it is no end. */
	incident(f, alert, "acknowledge", "a");
	incidents_check_end(&f->world);
	wrong(f, "incidents", "stays open for ever");
	incident(f, alert, "resolve", "a");
	incidents_check_end(&f->world);
	right(f);
}

static void an_end_that_comes_before_its_beginning_leaves_it_open(void **state)
{
	struct fixture *f = *state;
	int64_t alert = raise(f);

	settle_alert(f, alert);
	incident(f, alert, "resolve", "a");
	incidents_check_end(&f->world);
	right(f);
	incident(f, alert, "trigger", "a");
	incidents_check_end(&f->world);
	wrong(f, "incidents", "stays open for ever");
}

static void an_end_that_lies_among_the_dead_letters_is_known(void **state)
{
	struct fixture *f = *state;
	int64_t alert = raise(f);
	struct notice end = notice_of("ntc_end", SERVICE, alert);

	incident(f, alert, "trigger", "a");
	settle_alert(f, alert);
	end.type = "alert.resolved";
	save_notice(f, &end);
	result(f, "ntc_end", NOTICE_DEAD);
	incidents_check_end(&f->world);
	right(f);
}

/* --- Notices -------------------------------------------------------------------------------- */

static void what_is_handed_out_is_a_row(void **state)
{
	struct fixture *f = *state;

	hand_out(f, "ntc_none", CHAT);
	wrong(f, "notices", "handed out and not committed");
	say(f, "ntc_1", CHAT, raise(f));
	hand_out_as(f, "ntc_1", CHAT, "webhook-id: ntc_1");
	hand_out_as(f, "ntc_1", CHAT, "webhook-id: ntc_1");
	right(f);
	hand_out_as(f, "ntc_1", CHAT, "webhook-id: ntc_2");
	wrong(f, "notices", "goes out as");
}

static void what_is_handed_out_goes_where_it_belongs(void **state)
{
	struct fixture *f = *state;
	int64_t alert = raise(f);

	say(f, "ntc_1", GROUP, alert);
	hand_out(f, "ntc_1", ROBOT);
	right(f);
	say(f, "ntc_2", CHAT, alert);
	hand_out(f, "ntc_2", ROBOT);
	wrong(f, "notices", "is for " CHAT " and goes to " ROBOT);
}

static void what_is_handed_out_again_says_the_same(void **state)
{
	struct fixture *f = *state;

	say(f, "ntc_1", SERVICE, raise(f));
	hand_out(f, "ntc_1", SERVICE);
	right(f);
	run(f, "UPDATE notices SET title = 'another' WHERE id = 'ntc_1'");
	hand_out(f, "ntc_1", SERVICE);
	wrong(f, "notices", "says something else than before");
}

static void no_two_notices_say_the_same_thing(void **state)
{
	struct fixture *f = *state;
	struct notice notice = notice_of("ntc_1", SERVICE, raise(f));

	notice.title = "fever";
	save_notice(f, &notice);
	hand_out(f, "ntc_1", SERVICE);
	notice.id = "ntc_2";
	notice.created_at++;
	save_notice(f, &notice);
	hand_out(f, "ntc_2", SERVICE);
	right(f);
	notice.id = "ntc_3";
	save_notice(f, &notice);
	hand_out(f, "ntc_3", SERVICE);
	wrong(f, "notices", "ntc_3 says what ntc_2 said");
}

static void what_was_answered_is_handed_out_by_another_life_only(void **state)
{
	struct fixture *f = *state;

	say(f, "ntc_1", SERVICE, raise(f));
	hand_out(f, "ntc_1", SERVICE);
	oracle_heard(&f->world, "ntc_1", false);
	hand_out(f, "ntc_1", SERVICE);
	oracle_heard(&f->world, "ntc_1", true);
	right(f);
	hand_out(f, "ntc_1", SERVICE);
	wrong(f, "notices", "was answered, and is handed out again");
	/* It died before it could write that down. */
	oracle_started(&f->world);
	hand_out(f, "ntc_1", SERVICE);
	right(f);
	result(f, "ntc_1", NOTICE_DONE);
	hand_out(f, "ntc_1", SERVICE);
	wrong(f, "notices", "handed out again after its delivery");
}

static void what_was_sent_is_not_lost_in_a_crash(void **state)
{
	struct fixture *f = *state;

	say(f, "ntc_1", SERVICE, raise(f));
	hand_out(f, "ntc_1", SERVICE);
	oracle_started(&f->world);
	right(f);
	run(f, "DELETE FROM notices");
	oracle_started(&f->world);
	wrong(f, "notices", "was sent and is lost in a crash");
}

static void no_robot_is_asked_more_often_than_it_allows(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++)
		robots_order(&f->world, CHAT);
	right(f);
	f->world.house.now += WHEN_MINUTE - 1;
	robots_order(&f->world, CHAT);
	wrong(f, "rate", CHAT " is called more than 3 times in 60 s");
	f->world.house.now += 2;
	robots_order(&f->world, SERVICE);
	right(f);
}

/* --- Outbox --------------------------------------------------------------------------------- */

static void what_counts_as_delivered_was_and_somebody_said_so(void **state)
{
	struct fixture *f = *state;
	struct delivery delivery = {.at = NOON, .endpoint = SERVICE, .body = "{}"};

	say(f, "ntc_1", SERVICE, raise(f));
	hand_out(f, "ntc_1", SERVICE);
	result(f, "ntc_1", NOTICE_DONE);
	notices_check(&f->world);
	wrong(f, "outbox", "counts as delivered, and nobody got it");
	text_copy(delivery.notice, sizeof(delivery.notice), "ntc_1");
	oracle_delivered(&f->world, &delivery);
	result(f, "ntc_1", NOTICE_DONE);
	notices_check(&f->world);
	wrong(f, "outbox", "no answer ever said so");
	oracle_heard(&f->world, "ntc_1", true);
	result(f, "ntc_1", NOTICE_DONE);
	notices_check(&f->world);
	right(f);
}

static void a_line_is_told_by_a_digest_that_is_there(void **state)
{
	struct fixture *f = *state;
	struct notice digest = notice_of("ntc_d", CHAT, 0);

	digest.kind = "digest";
	say(f, "ntc_1", CHAT, raise(f));
	save_notice(f, &digest);
	begin(f);
	assert_int_equal(store_of(f)->ops->notice_merge(store_of(f), "ntc_1", "ntc_d", NULL), 0);
	commit(f);
	ask_each(&f->world, ASK_STRAYS, notices_fail_stray);
	right(f);
	result(f, "ntc_d", NOTICE_SUPERSEDED);
	ask_each(&f->world, ASK_STRAYS, notices_fail_stray);
	wrong(f, "outbox", "ntc_1 counts as told, and no digest tells it");
	run(f, "DELETE FROM notices WHERE id = 'ntc_d'");
	ask_each(&f->world, ASK_STRAYS, notices_fail_stray);
	wrong(f, "outbox", "ntc_1 counts as told, and no digest tells it");
}

static void nothing_waits_once_nothing_is_broken(void **state)
{
	struct fixture *f = *state;

	say(f, "ntc_1", CHAT, raise(f));
	ask_each(&f->world, ASK_NOTICES_OPEN, notices_check_open);
	wrong(f, "outbox", "waits although nothing is broken");
	/* Written since: there was no time. */
	f->world.house.now = NOON - 1;
	oracle_calm(&f->world);
	ask_each(&f->world, ASK_NOTICES_OPEN, notices_check_open);
	right(f);
}

/* --- Handed on ------------------------------------------------------------------------------ */

/* ntc_1 of a new alert was tried at the service, in vain. */
static int64_t try_in_vain(struct fixture *f)
{
	int64_t alert = raise(f);

	say(f, "ntc_1", SERVICE, alert);
	hand_out(f, "ntc_1", SERVICE);
	oracle_heard(&f->world, "ntc_1", false);
	return alert;
}

static void later(struct fixture *f, int64_t at)
{
	f->world.house.now = at;
	undelivered_check(&f->world);
}

static void whoever_does_not_hear_in_a_minute_is_not_the_only_one(void **state)
{
	struct fixture *f = *state;

	try_in_vain(f);
	later(f, NOON + WHEN_MINUTE);
	right(f);
	later(f, NOON + WHEN_MINUTE + 2 * WHEN_SECOND);
	wrong(f, "handed on", "does not arrive at " SERVICE ", and nobody else is told");
	/* Once is enough. */
	later(f, NOON + WHEN_HOUR);
	right(f);
}

static void somebody_who_was_told_since_is_enough(void **state)
{
	struct fixture *f = *state;

	say(f, "ntc_2", CHAT, try_in_vain(f));
	later(f, NOON + 2 * WHEN_MINUTE);
	right(f);
}

static void whoever_hears_late_has_heard(void **state)
{
	struct fixture *f = *state;

	try_in_vain(f);
	hand_out(f, "ntc_1", SERVICE);
	oracle_heard(&f->world, "ntc_1", true);
	later(f, NOON + 2 * WHEN_MINUTE);
	right(f);
}

static void what_is_over_or_held_needs_nobody_else(void **state)
{
	struct fixture *f = *state;
	struct alert alert;
	int64_t id = try_in_vain(f);

	assert_int_equal(store_of(f)->ops->alert_load(store_of(f), id, &alert, NULL), 0);
	alert.hold_until = NOON + WHEN_HOUR;
	save_alert(f, &alert);
	later(f, NOON + 2 * WHEN_MINUTE);
	right(f);
	say(f, "ntc_2", SERVICE, id);
	hand_out(f, "ntc_2", SERVICE);
	oracle_heard(&f->world, "ntc_2", false);
	settle_alert(f, id);
	later(f, NOON + 2 * WHEN_HOUR);
	right(f);
}

static void a_later_time_is_not_a_later_word(void **state)
{
	struct fixture *f = *state;
	int64_t alert = raise(f);
	struct notice fast = notice_of("ntc_0", CHAT, alert);

	/* Said under a clock that was a day ahead. */
	fast.created_at += WHEN_DAY;
	save_notice(f, &fast);
	result(f, "ntc_0", NOTICE_DONE);
	say(f, "ntc_1", SERVICE, alert);
	hand_out(f, "ntc_1", SERVICE);
	oracle_heard(&f->world, "ntc_1", false);
	later(f, NOON + 2 * WHEN_MINUTE);
	wrong(f, "handed on", "ntc_1");
}

static void what_waits_behind_others_is_looked_at_too(void **state)
{
	struct fixture *f = *state;

	say(f, "ntc_1", SERVICE, raise(f));
	f->world.house.now = NOON + 15 * WHEN_MINUTE;
	undelivered_audit(&f->world);
	right(f);
	f->world.house.now++;
	undelivered_audit(&f->world);
	wrong(f, "handed on", "ntc_1");
}

/* --- Alerts --------------------------------------------------------------------------------- */

static void check_alerts(struct fixture *f)
{
	ask_each(&f->world, ASK_ALERTS, alerts_check_one);
}

static void an_open_alert_speaks_again_within_its_longest_wait(void **state)
{
	struct fixture *f = *state;
	struct alert alert = open_alert(ALERT_FEVER);

	save_alert(f, &alert);
	check_alerts(f);
	right(f);
	alert.next_at = NOON + WHEN_DAY;
	save_alert(f, &alert);
	check_alerts(f);
	wrong(f, "alerts", "silent longer than any step waits");
	alert.next_at = NOON + 12 * WHEN_HOUR;
	alert.state = ALERT_ACKED;
	save_alert(f, &alert);
	check_alerts(f);
	right(f);
	alert.next_at++;
	save_alert(f, &alert);
	check_alerts(f);
	wrong(f, "alerts", "nobody asks within 12 h");
	alert.state = ALERT_RESOLVED;
	save_alert(f, &alert);
	check_alerts(f);
	wrong(f, "alerts", "is resolved and still speaks");
}

static void no_rung_on_which_somebody_stands_is_skipped(void **state)
{
	struct fixture *f = *state;
	struct alert alert = open_alert(ALERT_FEVER);

	save_alert(f, &alert);
	check_alerts(f);
	alert.step = 3;
	save_alert(f, &alert);
	say(f, "ntc_1", SERVICE, alert.id);
	notices_check(&f->world);
	check_alerts(f);
	right(f);
	alert.step = 2;
	save_alert(f, &alert);
	check_alerts(f);
	result(f, "ntc_1", NOTICE_SUPERSEDED);
	f->world.oracle->notices.len = 0;
	alert.step = 3;
	save_alert(f, &alert);
	check_alerts(f);
	wrong(f, "alerts", "step 3 was not told");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_older_word_after_a_newer_one_is_out_of_order),
		CASE(the_order_of_thousands_is_remembered),
		CASE(a_notice_in_a_second_digest_is_told_twice),
		CASE(what_a_digest_told_is_not_told_by_itself),
		CASE(what_rings_at_night_and_need_not_is_heard),
		CASE(one_alert_under_two_keys_is_two_incidents),
		CASE(an_incident_whose_alert_is_over_stays_open_for_ever),
		CASE(an_end_that_comes_before_its_beginning_leaves_it_open),
		CASE(an_end_that_lies_among_the_dead_letters_is_known),
		CASE(what_is_handed_out_is_a_row),
		CASE(what_is_handed_out_goes_where_it_belongs),
		CASE(what_is_handed_out_again_says_the_same),
		CASE(no_two_notices_say_the_same_thing),
		CASE(what_was_answered_is_handed_out_by_another_life_only),
		CASE(what_was_sent_is_not_lost_in_a_crash),
		CASE(no_robot_is_asked_more_often_than_it_allows),
		CASE(what_counts_as_delivered_was_and_somebody_said_so),
		CASE(a_line_is_told_by_a_digest_that_is_there),
		CASE(nothing_waits_once_nothing_is_broken),
		CASE(whoever_does_not_hear_in_a_minute_is_not_the_only_one),
		CASE(somebody_who_was_told_since_is_enough),
		CASE(whoever_hears_late_has_heard),
		CASE(what_is_over_or_held_needs_nobody_else),
		CASE(a_later_time_is_not_a_later_word),
		CASE(what_waits_behind_others_is_looked_at_too),
		CASE(an_open_alert_speaks_again_within_its_longest_wait),
		CASE(no_rung_on_which_somebody_stands_is_skipped),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
