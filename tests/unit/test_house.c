/* test_house.c — the model of the daemon that scenarios and the simulator live in: it keeps what
 * the daemon keeps and forgets what a killed one forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include <stdio.h>
#include "fixture.h"
#include "closedloop/text.h"
#include "tests/sim/house.h"

#define YAML                                                                                       \
	"listen: [\"http://127.0.0.1:0\"]\n"                                                       \
	"public_url: \"http://127.0.0.1:8480\"\n"                                                  \
	"state_dir: \"./state\"\n"                                                                 \
	"time_zone: \"Asia/Shanghai\"\n"                                                           \
	"gazetteer: \"./gazetteer.img\"\n"                                                         \
	"insecure_inline: true\n"                                                                  \
	"feeds:\n"                                                                                 \
	"  - {name: pvg, kind: push, sources: [\"/\"], token: \"0123456789abcdef0123\", "          \
	"heartbeat: 0s}\n"                                                                         \
	"endpoints:\n"                                                                             \
	"  - {name: duty, channel: generic, url: \"http://127.0.0.1:9/duty\", secret: "            \
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]}\n"      \
	"units:\n"                                                                                 \
	"  - {code: \"310112\", endpoint: duty}\n"                                                 \
	"escalation: {default: [{to: committee, wait: 10m}, {to: district, wait: 10m, repeat: "    \
	"forever}], fallback: duty}\n"

struct fixture {
	struct world world;
	char dir[96];
	struct conf *conf;
	struct house house;
};

static int open_house(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct conf_report report = {0};
	char root[512], yaml[4096];

	world_open(&f->world);
	house_make_dir(f->dir, sizeof(f->dir));
	assert_non_null(getcwd(root, sizeof(root)));
	snprintf(yaml, sizeof(yaml),
		 "%spolicy: [\"%s/config/policy/national-2020-03.yaml\"]\n"
		 "phrases: \"%s/config/phrases/\"\n",
		 YAML, root, root);
	if (house_conf(&f->conf, f->dir, yaml, &report) < 0)
		conf_report_print(&report, stderr);
	conf_report_free(&report);
	assert_non_null(f->conf);
	house_open(&f->house, &(struct house_setup){
				      .conf = f->conf, .seed = 7, .now = at("2020-03-13T18:00")});
	*state = f;
	return 0;
}

static int close_house(void **state)
{
	struct fixture *f = *state;
	house_close(&f->house);
	conf_free(f->conf);
	house_remove_dir(f->dir);
	world_close(&f->world);
	mem_free(f);
	return 0;
}

/* Somebody landed, and is at no desk. */
static void somebody_lands(struct fixture *f, const char *ref)
{
	struct fact *fact = make_fact(&f->world, FACT_ANNOUNCED, "2020-03-13T18:00");
	fact->ref = ref;
	fact->field[FIELD_FLIGHT] = "CA936-PVG-2020-03-13";
	fact->flight_sched = at("2020-03-13T18:00");
	house_submit(&f->house, &fact, 1);
}

static size_t told(struct fixture *f, const char *kind)
{
	size_t found = 0;
	for (size_t i = 0; i < f->house.post.len; i++)
		found += text_equal(post_read(&f->house.post, i)->kind, kind);
	return found;
}

static void what_is_due_happens_at_its_own_time(void **state)
{
	struct fixture *f = *state;
	somebody_lands(f, "P1");
	house_pass(&f->house, at("2020-03-16T18:00"));
	assert_int_equal(f->house.now, at("2020-03-16T18:00"));
	assert_true(told(f, "not_registered") >= 1);
	const struct delivery *first = post_read(&f->house.post, 0);
	assert_string_equal(first->endpoint, "duty");
	assert_string_equal(first->type, "alert.raised");
	assert_int_equal(first->at, at("2020-03-14T02:00"));
	assert_int_equal(first->attempt, 1);
	assert_int_equal(house_census(&f->house)->violations_len, 0);
}

static void of_two_uneven_machines_the_slow_one_reads_late(void **state)
{
	struct fixture *f = *state;
	struct post *post = &f->house.post;

	post_behave(post, "duty",
		    &(struct post_behaviour){
			    .way = POST_TAKES, .latency = 9 * WHEN_SECOND, .uneven = true});
	somebody_lands(f, "P1");
	house_pass(&f->house, at("2020-03-14T02:00"));
	assert_int_equal(told(f, "not_registered"), 0);
	house_pass(&f->house, at("2020-03-14T02:00") + 9 * WHEN_SECOND);
	assert_int_equal(told(f, "not_registered"), 1);
	assert_int_equal(post_read(post, 0)->at, at("2020-03-14T02:00") + 9 * WHEN_SECOND);
	/* The next is the other's: at once. */
	house_pass(&f->house, at("2020-03-14T02:10"));
	assert_int_equal(told(f, "not_registered"), 2);
	assert_int_equal(post_read(post, 1)->at, at("2020-03-14T02:10"));
	/* What it has not read when the caller dies it never will. */
	house_pass(&f->house, at("2020-03-14T02:20"));
	house_kill(&f->house);
	assert_int_equal(house_start(&f->house), 0);
	post_behave(post, "duty", &(struct post_behaviour){.way = POST_TAKES});
	house_pass(&f->house, at("2020-03-14T02:21"));
	assert_int_equal(told(f, "not_registered"), 3);
	assert_int_equal(post_read(post, 2)->attempt, 2);
}

static void a_killed_house_sends_again_what_was_under_way(void **state)
{
	struct fixture *f = *state;
	somebody_lands(f, "P1");
	post_behave(&f->house.post, NULL,
		    &(struct post_behaviour){.way = POST_LOSES, .latency = WHEN_SECOND});
	house_pass(&f->house, at("2020-03-14T02:00"));
	assert_int_equal(f->house.post.len, 1);
	house_kill(&f->house);
	post_behave(&f->house.post, NULL, &(struct post_behaviour){.way = POST_TAKES});
	house_pass(&f->house, at("2020-03-14T02:05"));
	assert_int_equal(f->house.post.len, 1);
	assert_int_equal(house_start(&f->house), 0);
	house_pass(&f->house, at("2020-03-14T02:06"));
	assert_int_equal(f->house.post.len, 2);
	assert_string_equal(f->house.post.deliveries[0].notice, f->house.post.deliveries[1].notice);
	assert_int_equal(f->house.post.deliveries[1].attempt, 2);
}

static void a_kill_leaves_the_log_as_it_was(void **state)
{
	struct fixture *f = *state;
	char log[160];
	somebody_lands(f, "P1");
	house_pass(&f->house, at("2020-03-13T18:01"));
	snprintf(log, sizeof(log), "%s-wal", f->house.db);
	house_kill(&f->house);
	assert_int_equal(access(log, F_OK), 0);
	assert_int_equal(house_start(&f->house), 0);
	assert_int_equal(house_census(&f->house)->counts.open, 1);
	house_stop(&f->house);
	assert_int_equal(access(log, F_OK), -1);
	assert_int_equal(house_start(&f->house), 0);
}

static void a_hanging_endpoint_is_given_up_and_asked_again(void **state)
{
	struct fixture *f = *state;
	somebody_lands(f, "P1");
	post_behave(&f->house.post, "duty", &(struct post_behaviour){.way = POST_HANGS});
	house_pass(&f->house, at("2020-03-14T02:00"));
	assert_int_equal(f->house.post.orders, 1);
	post_behave(&f->house.post, "duty", &(struct post_behaviour){.way = POST_TAKES});
	house_pass(&f->house, at("2020-03-14T02:01"));
	assert_int_equal(f->house.post.len, 1);
	assert_int_equal(f->house.post.deliveries[0].attempt, 2);
	assert_true(f->house.post.deliveries[0].at >= at("2020-03-14T02:00") + 10 * WHEN_SECOND);
}

static void facts_wait_while_nobody_is_at_home(void **state)
{
	struct fixture *f = *state;
	house_stop(&f->house);
	somebody_lands(f, "P1");
	house_pass(&f->house, at("2020-03-13T18:10"));
	assert_int_equal(house_start(&f->house), 0);
	house_pass(&f->house, at("2020-03-13T18:10"));
	assert_int_equal(f->house.results_len, 1);
	assert_int_equal(f->house.results[0].code, CL_OK);
	assert_int_equal(house_census(&f->house)->counts.open, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)
		CLAIM(what_is_due_happens_at_its_own_time),
		CLAIM(of_two_uneven_machines_the_slow_one_reads_late),
		CLAIM(a_killed_house_sends_again_what_was_under_way),
		CLAIM(a_kill_leaves_the_log_as_it_was),
		CLAIM(a_hanging_endpoint_is_given_up_and_asked_again),
		CLAIM(facts_wait_while_nobody_is_at_home),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
