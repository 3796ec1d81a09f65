/* test_courier_chat.c — a chat that takes eighteen messages a minute, and more to tell it than
 * that: digests, pools, the lane kept for what is urgent, and what a restart must not forget.
 * Neighbours: lib/engine/courier*.c and digest_note.c over a real store; the post is the chat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
	"  - {name: robot, channel: wecom, url: \"http://127.0.0.1:9/robot\", allow: "             \
	"[\"127.0.0.0/8\"]}\n"                                                                     \
	"  - {name: a, channel: wecom, url: \"http://127.0.0.1:9/a\", allow: [\"127.0.0.0/8\"]}\n" \
	"  - {name: b, channel: wecom, url: \"http://127.0.0.1:9/b\", allow: [\"127.0.0.0/8\"], "  \
	"proxy: \"http://127.0.0.1:3128\"}\n"                                                      \
	"  - {name: c, channel: wecom, url: \"http://127.0.0.1:9/c\", allow: [\"127.0.0.0/8\"]}\n" \
	"  - {name: group, channel: wecom, pool: [a, b, c]}\n"                                     \
	"  - {name: duty, channel: generic, url: \"http://127.0.0.1:9/duty\", secret: "            \
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]}\n"      \
	"units:\n"                                                                                 \
	"  - {code: \"310112\", endpoint: duty}\n"                                                 \
	"escalation: {default: [{to: committee, wait: 10m}, {to: district, wait: 10m, repeat: "    \
	"forever}], fallback: duty}\n"

#define ORDERS_MAX 4096

struct order {
	char notice[IDENT_CAP];
	char endpoint[16];
	int64_t at;
	size_t allow_len;
	const char *proxy; /* The configuration's. */
};

struct fixture {
	char dir[96];
	struct conf *conf;
	struct house house;
	struct order *orders;
	size_t orders_len;
	int64_t alerts; /* The last alert made up. */
};

static void watch(void *context, const char *endpoint, const struct transport_order *order)
{
	struct fixture *f = context;
	struct order *seen = &f->orders[f->orders_len++];

	assert_true(f->orders_len <= ORDERS_MAX);
	text_copy(seen->notice, sizeof(seen->notice), order->notice);
	text_copy(seen->endpoint, sizeof(seen->endpoint), endpoint);
	seen->at = f->house.post.now;
	seen->allow_len = order->allow_len;
	seen->proxy = order->proxy;
}

static int open_house(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct conf_report report = {0};
	char root[512], yaml[8192];

	f->orders = mem_alloc(ORDERS_MAX * sizeof(*f->orders));
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
				      .conf = f->conf, .seed = 7, .now = at("2020-03-13T03:05")});
	f->house.post.watch = watch;
	f->house.post.watch_context = f;
	*state = f;
	return 0;
}

static int close_house(void **state)
{
	struct fixture *f = *state;

	house_close(&f->house);
	conf_free(f->conf);
	house_remove_dir(f->dir);
	mem_free(f->orders);
	mem_free(f);
	return 0;
}

/* --- What is owed --- */

struct owed {
	const char *endpoint, *kind, *group;
	bool urgent;
	int64_t expires_at;
	int64_t alert; /* 0: a new one. */
};

/* COUNT notices, written in one transaction as one turn writes them. The first one's id into ID. */
static void owe(struct fixture *f, const struct owed *owed, int count, char id[IDENT_CAP])
{
	struct store *store = f->house.store;
	char made[IDENT_CAP];

	assert_int_equal(store->ops->begin(store, NULL), 0);
	for (int i = 0; i < count; i++) {
		ident_make(made, "ntc", f->house.now, &f->house.entropy);
		const struct notice notice = {
			.id = made,
			.endpoint = owed->endpoint,
			.alert = owed->alert ? owed->alert : ++f->alerts,
			.urgent = owed->urgent,
			.type = "alert.raised",
			.kind = owed->kind ? owed->kind : "not_registered",
			.unit = "310118107003",
			.created_at = f->house.now,
			.due_at = f->house.now,
			.expires_at = owed->expires_at ? owed->expires_at : WHEN_NEVER,
			.title = "落地未登记",
			.text = "上海市青浦区华新镇：3人落地后未到登记点。请寻找。",
			.url = "http://127.0.0.1:8480/a/token",
			.data = "{\"count\":3}",
			.group = owed->group ? owed->group : "",
		};
		assert_int_equal(store->ops->notice_save(store, &notice, NULL), 0);
		if (i == 0 && id)
			text_copy(id, IDENT_CAP, made);
	}
	assert_int_equal(store->ops->commit(store, NULL), 0);
	courier_wake(f->house.courier);
}

static void supersede(struct fixture *f, int64_t alert)
{
	struct store *store = f->house.store;

	assert_int_equal(store->ops->begin(store, NULL), 0);
	assert_int_equal(store->ops->notices_supersede(store, alert, NULL, NULL), 0);
	assert_int_equal(store->ops->commit(store, NULL), 0);
}

static void pass(struct fixture *f, int64_t span)
{
	house_pass(&f->house, f->house.now + span);
}

/* --- What came of it --- */

static void assert_never_too_many(const struct fixture *f, const char *endpoint, size_t most)
{
	size_t oldest = 0, len = 0;
	int64_t times[ORDERS_MAX];

	for (size_t i = 0; i < f->orders_len; i++) {
		if (!text_equal(f->orders[i].endpoint, endpoint))
			continue;
		times[len++] = f->orders[i].at;
		while (times[oldest] <= f->orders[i].at - WHEN_MINUTE)
			oldest++;
		assert_true(len - oldest <= most);
	}
}

/* How often alerts 1 to COUNT were told, each; and that none was told twice. */
static size_t count_told(struct fixture *f, int64_t count)
{
	int *told = mem_alloc((size_t)(count + 1) * sizeof(*told));
	size_t sum = 0;

	for (size_t i = 0; i < f->house.post.len; i++) {
		const struct delivery *delivery = post_read(&f->house.post, i);
		/* The alert about a robot that is ill is another matter. */
		for (size_t k = 0; k < delivery->alerts_len; k++) {
			if (delivery->alerts[k] > count ||
			    text_equal(delivery->kind, "endpoint_sick"))
				continue;
			assert_int_equal(told[delivery->alerts[k]]++, 0);
			sum++;
		}
	}
	mem_free(told);
	return sum;
}

static void see_row(void *context, const void *row)
{
	(void)row;
	(*(size_t *)context)++;
}

static size_t count_state(struct fixture *f, enum notice_state state)
{
	struct arena arena = ARENA_INIT;
	size_t rows = 0;

	f->house.store->ops->notices_list(f->house.store, state, 5000, &arena, see_row, &rows,
					  NULL);
	arena_release(&arena);
	return rows;
}

static const char *text_at(struct fixture *f, size_t i)
{
	return post_read(&f->house.post, i)->text;
}

static void behave(struct fixture *f, const char *endpoint, enum post_way way, int status)
{
	post_behave(&f->house.post, endpoint,
		    &(struct post_behaviour){.way = way, .status = status, .latency = 50});
}

/* --- Digests --- */

static void what_fits_into_a_minute_goes_one_by_one(void **state)
{
	struct fixture *f = *state;

	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 18, NULL);
	pass(f, WHEN_MINUTE);
	assert_int_equal(f->orders_len, 18);
	assert_int_equal(count_told(f, 18), 18);
	assert_int_equal(count_state(f, NOTICE_MERGED), 0);
}

static void of_a_burst_the_first_goes_at_once_and_the_rest_as_digests(void **state)
{
	struct fixture *f = *state;
	int64_t begin = f->house.now;

	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 60, NULL);
	pass(f, WHEN_MINUTE);
	assert_int_equal(f->orders[0].at, begin);
	assert_non_null(strstr(text_at(f, 0), "请寻找"));
	assert_null(strstr(text_at(f, 0), "A-000002"));
	assert_non_null(strstr(text_at(f, 1), "紧急通知汇总"));
	assert_non_null(strstr(text_at(f, 1), "A-000002 落地未登记 上海市青浦区华新镇"));
	assert_non_null(strstr(text_at(f, 1), "3人 03:05"));
	assert_true(f->orders_len < 6);
	assert_int_equal(count_told(f, 60), 60);
	for (size_t i = 0; i < f->house.post.len; i++)
		assert_null(strstr(text_at(f, i), "…"));
	assert_int_equal(count_state(f, NOTICE_READY), 0);
}

static void two_thousand_alerts_and_two_crashes_lose_and_repeat_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t begin = f->house.now;

	behave(f, "robot", POST_TAKES, 0);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 2000, NULL);
	pass(f, 3 * WHEN_SECOND + 17);
	house_kill(&f->house);
	pass(f, WHEN_SECOND);
	assert_int_equal(house_start(&f->house), 0);
	pass(f, 63 * WHEN_SECOND);
	house_kill(&f->house);
	assert_int_equal(house_start(&f->house), 0);
	pass(f, begin + 10 * WHEN_MINUTE - f->house.now);
	assert_int_equal(f->orders[0].at, begin);
	assert_never_too_many(f, "robot", 18);
	assert_int_equal(count_state(f, NOTICE_READY), 0);
	/* What was read and not answered before a crash may come again, under its id. */
	for (size_t i = 0; i < f->house.post.len; i++) {
		for (size_t k = 0; k < i; k++) {
			if (text_equal(f->house.post.deliveries[i].notice,
				       f->house.post.deliveries[k].notice))
				f->house.post.deliveries[i].read = true;
		}
	}
	assert_int_equal(count_told(f, 2000), 2000);
}

static void urgent_and_other_notices_are_not_mixed(void **state)
{
	struct fixture *f = *state;

	owe(f, &(struct owed){.endpoint = "robot", .urgent = false}, 30, NULL);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 30, NULL);
	pass(f, WHEN_MINUTE);
	assert_int_equal(count_told(f, 60), 60);
	for (size_t i = 0; i < f->house.post.len; i++) {
		const struct delivery *delivery = post_read(&f->house.post, i);
		bool urgent = delivery->alerts_len && delivery->alerts[0] > 30;
		for (size_t k = 0; k < delivery->alerts_len; k++)
			assert_int_equal(delivery->alerts[k] > 30, urgent);
	}
	/* The graver ones were read first. */
	assert_true(post_read(&f->house.post, 0)->alerts[0] > 30);
}

static void what_is_settled_meanwhile_drops_out_of_its_digest(void **state)
{
	struct fixture *f = *state;

	behave(f, "robot", POST_FAILS, 500);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 30, NULL);
	house_pass(&f->house, f->house.now + WHEN_SECOND);
	assert_true(count_state(f, NOTICE_MERGED) > 20);
	supersede(f, 5);
	supersede(f, 6);
	behave(f, "robot", POST_TAKES, 0);
	pass(f, 5 * WHEN_MINUTE);
	assert_int_equal(count_told(f, 30), 28);
	for (size_t i = 0; i < f->house.post.len; i++)
		assert_null(strstr(text_at(f, i), "A-000005"));
}

static void a_digest_of_nothing_is_not_sent(void **state)
{
	struct fixture *f = *state;

	behave(f, "robot", POST_FAILS, 500);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 30, NULL);
	house_pass(&f->house, f->house.now + WHEN_SECOND);
	for (int64_t alert = 1; alert <= 30; alert++)
		supersede(f, alert);
	behave(f, "robot", POST_TAKES, 0);
	pass(f, WHEN_HOUR);
	assert_int_equal(f->house.post.len, 0);
	assert_int_equal(count_state(f, NOTICE_READY), 0);
	assert_int_equal(count_state(f, NOTICE_MERGED), 0);
	assert_true(count_state(f, NOTICE_SUPERSEDED) > 30);
}

static void what_expired_before_its_digest_went_ends_so(void **state)
{
	struct fixture *f = *state;
	const struct owed soon = {.endpoint = "robot",
				  .urgent = true,
				  .expires_at = f->house.now + 2 * WHEN_SECOND};

	behave(f, "robot", POST_FAILS, 500);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 25, NULL);
	owe(f, &soon, 5, NULL);
	house_pass(&f->house, f->house.now + WHEN_SECOND);
	behave(f, "robot", POST_TAKES, 0);
	pass(f, 5 * WHEN_MINUTE);
	assert_int_equal(count_told(f, 30), 25);
	assert_int_equal(count_state(f, NOTICE_EXPIRED), 5);
}

static void a_digest_nobody_can_take_is_a_dead_letter_and_comes_back(void **state)
{
	struct fixture *f = *state;
	struct store *store = f->house.store;
	int count = 0;

	behave(f, "robot", POST_FAILS, 413);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 30, NULL);
	pass(f, WHEN_MINUTE);
	size_t dead = count_state(f, NOTICE_DEAD), orders = f->orders_len;
	assert_int_equal(dead, orders);
	behave(f, "robot", POST_TAKES, 0);
	assert_int_equal(store->ops->begin(store, NULL), 0);
	assert_int_equal(store->ops->notices_redrive(store,
						     &(struct store_redrive){.endpoint = "robot"},
						     f->house.now, &count, NULL),
			 0);
	assert_int_equal(store->ops->commit(store, NULL), 0);
	assert_int_equal(count, dead);
	courier_ask(f->house.courier, NULL);
	pass(f, 2 * WHEN_MINUTE);
	assert_int_equal(count_told(f, 30), 30);
	for (size_t i = 0; i < dead; i++) {
		bool again = false;
		for (size_t k = orders; k < f->orders_len; k++)
			again = again || text_equal(f->orders[k].notice, f->orders[i].notice);
		assert_true(again);
	}
}

static void a_digest_bears_a_link_to_its_list(void **state)
{
	static const uint8_t key[ACK_KEY_LEN];
	struct fixture *f = *state;
	struct ack_token token;
	char text[ACK_TOKEN_CAP];

	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 30, NULL);
	pass(f, WHEN_MINUTE);
	const char *link = strstr(text_at(f, 1), "http://127.0.0.1:8480/a/");
	assert_non_null(link);
	link += strlen("http://127.0.0.1:8480/a/");
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(link, ")"), link);
	assert_int_equal(ack_token_read(key, sizeof(key), text, f->house.now, &token, NULL), 0);
	assert_string_equal(token.action, "list");
	assert_string_equal(token.who, "e:robot");
	assert_string_equal(token.notice, f->house.post.deliveries[1].notice);
}

static void a_later_word_waits_for_the_digest_that_tells_the_first(void **state)
{
	struct fixture *f = *state;

	behave(f, "robot", POST_FAILS, 500);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 30, NULL);
	house_pass(&f->house, f->house.now + WHEN_SECOND);
	size_t before = f->orders_len;
	owe(f, &(struct owed){.endpoint = "robot", .alert = 9, .kind = "test", .urgent = true}, 1,
	    NULL);
	behave(f, "robot", POST_TAKES, 0);
	pass(f, 5 * WHEN_MINUTE);
	assert_true(f->orders_len > before);
	size_t first = SIZE_MAX, later = SIZE_MAX;
	for (size_t i = 0; i < f->house.post.len; i++) {
		const struct delivery *delivery = post_read(&f->house.post, i);
		if (delivery->alert == 9)
			later = i;
		else if (strstr(delivery->text, "A-000009"))
			first = i;
	}
	assert_true(first < later);
	assert_true(later < SIZE_MAX);
}

static void what_is_over_waits_for_the_digest_under_way_that_it_began(void **state)
{
	struct fixture *f = *state;
	size_t first = SIZE_MAX, later = SIZE_MAX;

	/* One place more than the first word and the digest take. */
	f->conf->limits.per_endpoint = 3;
	post_behave(&f->house.post, "robot",
		    &(struct post_behaviour){.way = POST_TAKES, .latency = 5 * WHEN_SECOND});
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 30, NULL);
	pass(f, WHEN_SECOND);
	assert_int_equal(f->orders_len, 2);
	supersede(f, 9);
	owe(f, &(struct owed){.endpoint = "robot", .alert = 9, .kind = "test", .urgent = true}, 1,
	    NULL);
	pass(f, 3 * WHEN_SECOND);
	assert_int_equal(f->orders_len, 2);
	pass(f, WHEN_MINUTE);
	for (size_t i = 0; i < f->house.post.len; i++) {
		if (post_read(&f->house.post, i)->alert == 9)
			later = i;
		else if (strstr(text_at(f, i), "A-000009"))
			first = i;
	}
	assert_int_equal(first, 1);
	assert_true(later < SIZE_MAX);
	assert_true(f->orders[later].at >= f->orders[first].at + 5 * WHEN_SECOND);
}

static void a_digest_that_failed_is_no_line_of_the_next(void **state)
{
	struct fixture *f = *state;

	behave(f, "robot", POST_FAILS, 500);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 30, NULL);
	pass(f, 2 * WHEN_SECOND);
	assert_true(count_state(f, NOTICE_MERGED) > 20);
	/* Both are due at once when the daemon comes back. */
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 40, NULL);
	house_kill(&f->house);
	behave(f, "robot", POST_TAKES, 0);
	pass(f, WHEN_MINUTE);
	assert_int_equal(house_start(&f->house), 0);
	pass(f, 10 * WHEN_MINUTE);
	assert_int_equal(count_state(f, NOTICE_READY), 0);
	assert_int_equal(count_told(f, 70), 70);
}

static void after_the_quiet_hours_a_group_is_told_as_one(void **state)
{
	struct fixture *f = *state;
	const struct owed quiet = {.endpoint = "robot", .group = "quiet:2020-03-13T06:30"};

	owe(f, &quiet, 3, NULL);
	owe(f, &(struct owed){.endpoint = "robot"}, 1, NULL);
	pass(f, WHEN_MINUTE);
	assert_int_equal(f->orders_len, 2);
	assert_non_null(strstr(text_at(f, 0), "通知汇总，共3条"));
	assert_int_equal(count_told(f, 4), 4);
	/* One alone is told as itself. */
	owe(f, &quiet, 1, NULL);
	pass(f, WHEN_MINUTE);
	assert_non_null(strstr(text_at(f, 2), "请寻找"));
}

static void machines_get_each_notice_by_itself(void **state)
{
	struct fixture *f = *state;

	owe(f, &(struct owed){.endpoint = "duty", .group = "quiet:x"}, 30, NULL);
	pass(f, WHEN_MINUTE);
	assert_int_equal(f->orders_len, 30);
	assert_int_equal(count_state(f, NOTICE_MERGED), 0);
}

/* --- Rates --- */

static void a_part_of_the_minute_is_kept_for_what_is_urgent(void **state)
{
	struct fixture *f = *state;

	/* What is a list itself goes as itself, however much there is. */
	owe(f, &(struct owed){.endpoint = "robot", .kind = "shift_handover"}, 40, NULL);
	pass(f, 30 * WHEN_SECOND);
	assert_int_equal(f->orders_len, 14);
	int64_t asked = f->house.now;
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 4, NULL);
	pass(f, WHEN_SECOND);
	assert_int_equal(f->orders_len, 18);
	assert_int_equal(f->orders[14].at, asked);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 1, NULL);
	pass(f, WHEN_SECOND);
	assert_int_equal(f->orders_len, 18);
	pass(f, 2 * WHEN_MINUTE);
	assert_never_too_many(f, "robot", 18);
}

static void a_restart_knows_what_was_sent_in_the_last_minute(void **state)
{
	struct fixture *f = *state;

	behave(f, "robot", POST_TAKES, 0);
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true, .kind = "shift_handover"}, 60,
	    NULL);
	for (int i = 0; i < 40; i++) {
		pass(f, 1700);
		house_kill(&f->house);
		assert_int_equal(house_start(&f->house), 0);
	}
	pass(f, 5 * WHEN_MINUTE);
	assert_never_too_many(f, "robot", 18);
	assert_int_equal(count_state(f, NOTICE_DONE), 60);
}

static void what_was_under_way_counts_after_a_restart(void **state)
{
	struct fixture *f = *state;
	const struct owed handovers = {.endpoint = "robot",
				       .kind = "shift_handover",
				       .urgent = true};

	/* Sixteen answered, two on their way: whether these arrived nobody will ever hear. */
	post_behave(&f->house.post, "robot",
		    &(struct post_behaviour){.way = POST_TAKES, .latency = WHEN_SECOND});
	owe(f, &handovers, 40, NULL);
	pass(f, 8 * WHEN_SECOND + 500);
	assert_int_equal(f->orders_len, 18);
	house_kill(&f->house);
	assert_int_equal(house_start(&f->house), 0);
	pass(f, 10 * WHEN_MINUTE);
	assert_never_too_many(f, "robot", 18);
	assert_int_equal(count_state(f, NOTICE_DONE), 40);
}

static void a_clock_set_forward_or_back_opens_no_window(void **state)
{
	struct fixture *f = *state;

	owe(f, &(struct owed){.endpoint = "robot", .urgent = true, .kind = "shift_handover"}, 60,
	    NULL);
	pass(f, 10 * WHEN_SECOND);
	assert_int_equal(f->orders_len, 18);
	house_clock(&f->house, f->house.now + WHEN_HOUR);
	pass(f, 40 * WHEN_SECOND);
	assert_int_equal(f->orders_len, 18);
	pass(f, 20 * WHEN_SECOND);
	assert_int_equal(f->orders_len, 36);
	house_clock(&f->house, f->house.now - 2 * WHEN_HOUR);
	pass(f, 30 * WHEN_SECOND);
	assert_int_equal(f->orders_len, 36);
	/* What was written by the fast clock does not wait for it to come round. */
	pass(f, 3 * WHEN_MINUTE);
	assert_int_equal(count_state(f, NOTICE_DONE), 60);
}

static void a_pause_outlives_a_restart(void **state)
{
	struct fixture *f = *state;
	int64_t begin = f->house.now;

	post_behave(&f->house.post, "robot",
		    &(struct post_behaviour){.way = POST_BUSY, .retry_after_s = 600});
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 2, NULL);
	pass(f, WHEN_SECOND);
	behave(f, "robot", POST_TAKES, 0);
	house_kill(&f->house);
	assert_int_equal(house_start(&f->house), 0);
	/* It holds for what comes after it, too. */
	owe(f, &(struct owed){.endpoint = "robot", .urgent = true}, 1, NULL);
	pass(f, 598 * WHEN_SECOND);
	assert_int_equal(f->house.post.len, 0);
	pass(f, 10 * WHEN_SECOND);
	assert_int_equal(count_told(f, 3), 3);
	assert_true(f->house.post.deliveries[0].at >= begin + 600 * WHEN_SECOND);
}

static void asked_to_come_back_in_two_seconds_it_does(void **state)
{
	struct fixture *f = *state;
	int64_t begin = f->house.now;

	post_behave(&f->house.post, "duty",
		    &(struct post_behaviour){.way = POST_BUSY, .retry_after_s = 2});
	owe(f, &(struct owed){.endpoint = "duty", .urgent = true}, 1, NULL);
	pass(f, WHEN_SECOND);
	behave(f, "duty", POST_TAKES, 0);
	pass(f, WHEN_MINUTE);
	assert_int_equal(f->orders_len, 2);
	assert_in_range(f->orders[1].at - begin, 2000, 3000);
}

/* --- Pools --- */

static size_t orders_to(const struct fixture *f, const char *endpoint)
{
	size_t found = 0;

	for (size_t i = 0; i < f->orders_len; i++)
		found += text_equal(f->orders[i].endpoint, endpoint);
	return found;
}

static void a_pool_shares_what_one_robot_could_not_take(void **state)
{
	struct fixture *f = *state;

	owe(f, &(struct owed){.endpoint = "group", .urgent = true}, 54, NULL);
	pass(f, 59 * WHEN_SECOND);
	assert_int_equal(count_told(f, 54), 54);
	assert_int_equal(count_state(f, NOTICE_MERGED), 0);
	assert_int_equal(orders_to(f, "a"), 18);
	assert_int_equal(orders_to(f, "b"), 18);
	assert_int_equal(orders_to(f, "c"), 18);
}

static void each_robot_of_a_pool_is_reached_by_its_own_way(void **state)
{
	struct fixture *f = *state;

	owe(f, &(struct owed){.endpoint = "group", .urgent = true}, 12, NULL);
	pass(f, WHEN_SECOND);
	assert_true(orders_to(f, "b") > 0);
	assert_true(orders_to(f, "a") > 0);
	for (size_t i = 0; i < f->orders_len; i++) {
		const struct order *order = &f->orders[i];
		bool b = text_equal(order->endpoint, "b");

		assert_int_equal(order->allow_len, 1);
		assert_int_equal(order->proxy != NULL, b);
	}
}

static void a_robot_that_is_ill_is_passed_over(void **state)
{
	struct fixture *f = *state;

	behave(f, "a", POST_FAILS, 410);
	post_behave(&f->house.post, "b",
		    &(struct post_behaviour){.way = POST_BUSY, .retry_after_s = 600});
	owe(f, &(struct owed){.endpoint = "group", .urgent = true}, 10, NULL);
	pass(f, 10 * WHEN_SECOND);
	assert_int_equal(count_told(f, 10), 10);
	assert_true(orders_to(f, "a") <= 2);
	assert_true(orders_to(f, "b") <= 2);
	assert_int_equal(orders_to(f, "duty"), 1);
}

static void a_pool_tells_one_alert_in_order(void **state)
{
	struct fixture *f = *state;
	char id[3][IDENT_CAP];

	for (int i = 0; i < 3; i++)
		owe(f, &(struct owed){.endpoint = "group", .alert = 7, .urgent = true}, 1, id[i]);
	pass(f, WHEN_MINUTE);
	assert_int_equal(f->orders_len, 3);
	for (int i = 0; i < 3; i++)
		assert_string_equal(f->orders[i].notice, id[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)
	const struct CMUnitTest tests[] = {
		TEST(what_fits_into_a_minute_goes_one_by_one),
		TEST(of_a_burst_the_first_goes_at_once_and_the_rest_as_digests),
		TEST(two_thousand_alerts_and_two_crashes_lose_and_repeat_nothing),
		TEST(urgent_and_other_notices_are_not_mixed),
		TEST(what_is_settled_meanwhile_drops_out_of_its_digest),
		TEST(a_digest_of_nothing_is_not_sent),
		TEST(what_expired_before_its_digest_went_ends_so),
		TEST(a_digest_nobody_can_take_is_a_dead_letter_and_comes_back),
		TEST(a_digest_bears_a_link_to_its_list),
		TEST(a_later_word_waits_for_the_digest_that_tells_the_first),
		TEST(what_is_over_waits_for_the_digest_under_way_that_it_began),
		TEST(a_digest_that_failed_is_no_line_of_the_next),
		TEST(after_the_quiet_hours_a_group_is_told_as_one),
		TEST(machines_get_each_notice_by_itself),
		TEST(a_part_of_the_minute_is_kept_for_what_is_urgent),
		TEST(a_restart_knows_what_was_sent_in_the_last_minute),
		TEST(what_was_under_way_counts_after_a_restart),
		TEST(a_clock_set_forward_or_back_opens_no_window),
		TEST(a_pause_outlives_a_restart),
		TEST(asked_to_come_back_in_two_seconds_it_does),
		TEST(a_pool_shares_what_one_robot_could_not_take),
		TEST(each_robot_of_a_pool_is_reached_by_its_own_way),
		TEST(a_robot_that_is_ill_is_passed_over),
		TEST(a_pool_tells_one_alert_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
