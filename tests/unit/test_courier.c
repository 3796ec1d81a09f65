/* test_courier.c — notices go out once they are due, come back until they are delivered, and no
 * endpoint harms another. Neighbours: lib/engine/courier*.c; the store and the transport here live
 * in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/courier.h"
#include "closedloop/text.h"

#define T0	    INT64_C(1583694000000)
#define NOTICES_MAX 400

/* --- A store that keeps notices --- */

struct kept {
	struct notice notice;
	char id[IDENT_CAP];
	enum notice_state state;
	char error[120];
};

struct memory {
	struct store store;
	struct kept kept[NOTICES_MAX];
	size_t len;
	bool failing; /* Commits fail. */
	unsigned commits;
	struct {
		char name[32];
		int health;
		uint8_t record[2048];
		size_t len;
	} rows[64];
	size_t rows_len;
	/* What is written but not committed. */
	struct kept before[NOTICES_MAX];
};

static struct memory memory;

static int mem_begin(struct store *store, struct err *err)
{
	(void)store;
	(void)err;
	memcpy(memory.before, memory.kept, sizeof(memory.kept));
	return 0;
}

static int mem_commit(struct store *store, struct err *err)
{
	(void)store;
	if (memory.failing)
		return err_set(err, CL_EIO, "the disk is gone");
	memory.commits++;
	return 0;
}

static void mem_rollback(struct store *store)
{
	(void)store;
	memcpy(memory.kept, memory.before, sizeof(memory.kept));
}

/* An earlier one of its alert is still owed to the same endpoint. */
static bool waits_for_another(size_t index)
{
	const struct notice *notice = &memory.kept[index].notice;

	for (size_t i = 0; i < index && notice->alert; i++) {
		const struct kept *other = &memory.kept[i];
		if (other->state == NOTICE_READY && other->notice.alert == notice->alert &&
		    strcmp(other->notice.endpoint, notice->endpoint) == 0)
			return true;
	}
	return false;
}

static int mem_ready(struct store *store, const char *endpoint, bool urgent, int64_t now,
		     unsigned limit, struct arena *arena, store_row_fn *each, void *context,
		     struct err *err)
{
	(void)store;
	(void)arena;
	(void)err;
	for (size_t i = 0; i < memory.len && limit > 0; i++) {
		struct kept *kept = &memory.kept[i];

		if (kept->state != NOTICE_READY || kept->notice.due_at > now ||
		    kept->notice.urgent != urgent || strcmp(kept->notice.endpoint, endpoint) != 0 ||
		    waits_for_another(i))
			continue;
		each(context, &kept->notice);
		limit--;
	}
	return 0;
}

static int mem_waiting(struct store *store, store_row_fn *each, void *context, struct err *err)
{
	(void)store;
	(void)err;
	for (size_t i = 0; i < memory.len; i++) {
		struct notice least = memory.kept[i].notice;
		bool first = true;

		if (memory.kept[i].state != NOTICE_READY)
			continue;
		for (size_t k = 0; k < memory.len; k++) {
			const struct kept *other = &memory.kept[k];

			if (other->state != NOTICE_READY || other->notice.urgent != least.urgent ||
			    strcmp(other->notice.endpoint, least.endpoint) != 0)
				continue;
			first = first && k >= i;
			if (other->notice.due_at < least.due_at)
				least.due_at = other->notice.due_at;
		}
		if (first)
			each(context, &least);
	}
	return 0;
}

static int mem_next(struct store *store, const char *endpoint, bool urgent, int64_t after,
		    int64_t *due_at, struct err *err)
{
	(void)store;
	(void)err;
	*due_at = WHEN_NEVER;
	for (size_t i = 0; i < memory.len; i++) {
		const struct kept *kept = &memory.kept[i];

		if (kept->state == NOTICE_READY && kept->notice.urgent == urgent &&
		    kept->notice.due_at > after && kept->notice.due_at < *due_at &&
		    strcmp(kept->notice.endpoint, endpoint) == 0)
			*due_at = kept->notice.due_at;
	}
	return 0;
}

static int mem_endpoint_save(struct store *store, const struct store_endpoint *row, struct err *err)
{
	size_t i = 0;

	(void)store;
	(void)err;
	while (i < memory.rows_len && strcmp(memory.rows[i].name, row->name) != 0)
		i++;
	assert_true(i < ARRAY_LEN(memory.rows));
	if (i == memory.rows_len)
		memory.rows_len++;
	assert_true(row->record_len <= sizeof(memory.rows[i].record));
	text_copy(memory.rows[i].name, sizeof(memory.rows[i].name), row->name);
	memcpy(memory.rows[i].record, row->record, row->record_len);
	memory.rows[i].len = row->record_len;
	memory.rows[i].health = row->health;
	return 0;
}

static int mem_endpoints(struct store *store, struct arena *arena, store_row_fn *each,
			 void *context, struct err *err)
{
	(void)store;
	(void)arena;
	(void)err;
	for (size_t i = 0; i < memory.rows_len; i++) {
		const struct store_endpoint row = {.name = memory.rows[i].name,
						   .health = memory.rows[i].health,
						   .record = memory.rows[i].record,
						   .record_len = memory.rows[i].len};
		each(context, &row);
	}
	return 0;
}

static int mem_result(struct store *store, const char *id, enum notice_state state, int attempts,
		      int64_t due_at, int64_t now, const char *error, struct err *err)
{
	(void)store;
	(void)now;
	for (size_t i = 0; i < memory.len; i++) {
		struct kept *kept = &memory.kept[i];

		if (strcmp(kept->id, id) != 0)
			continue;
		kept->state = state;
		kept->notice.attempts = attempts;
		kept->notice.due_at = due_at;
		text_copy(kept->error, sizeof(kept->error), error);
		return 0;
	}
	return err_set(err, CL_ENOENT, "notice %s", id);
}

static const struct store_ops memory_ops = {
	.begin = mem_begin,
	.commit = mem_commit,
	.rollback = mem_rollback,
	.notices_ready = mem_ready,
	.notices_waiting = mem_waiting,
	.notices_next = mem_next,
	.notice_result = mem_result,
	.endpoint_save = mem_endpoint_save,
	.endpoints_list = mem_endpoints,
};

static struct kept *put(const char *endpoint, int64_t alert, bool urgent, int64_t due_at)
{
	struct kept *kept = &memory.kept[memory.len];

	memset(kept, 0, sizeof(*kept));
	snprintf(kept->id, sizeof(kept->id), "ntc_%04zu", memory.len++);
	kept->state = NOTICE_READY;
	kept->notice = (struct notice){
		.id = kept->id,
		.endpoint = endpoint,
		.alert = alert,
		.urgent = urgent,
		.type = "alert.raised",
		.kind = "arrival",
		.unit = "310112101007",
		.created_at = due_at,
		.due_at = due_at,
		.expires_at = WHEN_NEVER,
		.title = "title",
		.text = "text",
		.url = "",
		.data = "{}",
		.group = "",
	};
	return kept;
}

/* --- A transport that remembers what it was given --- */

struct sent {
	char notice[IDENT_CAP];
	char id[IDENT_CAP]; /* As the receiver reads it. */
	char timestamp[24];
	char url[64];
	int64_t at;
	bool answered;
};

static struct {
	struct sent sent[2000];
	size_t len;
	int64_t now;
	int refuse; /* What send returns. */
} wire;

/* What stands in the header whose name and colon are HEAD; "" when there is none. */
static const char *header_of(const struct channel_request *request, const char *head)
{
	for (size_t i = 0; i < request->headers_len; i++) {
		if (text_starts(request->headers[i], head))
			return request->headers[i] + strlen(head);
	}
	return "";
}

static int fake_send(void *self, const struct transport_order *order, struct err *err)
{
	(void)self;
	if (wire.refuse)
		return err_set(err, (enum cl_error)wire.refuse, "refused");
	struct sent *sent = &wire.sent[wire.len++];

	memset(sent, 0, sizeof(*sent));
	text_copy(sent->notice, sizeof(sent->notice), order->notice);
	text_copy(sent->id, sizeof(sent->id), header_of(order->request, "webhook-id: "));
	text_copy(sent->timestamp, sizeof(sent->timestamp),
		  header_of(order->request, "webhook-timestamp: "));
	text_copy(sent->url, sizeof(sent->url), order->request->url);
	sent->at = wire.now;
	return 0;
}

static const struct transport transport = {.send = fake_send};

/* --- The daemon around it --- */

static struct conf_endpoint endpoints[] = {
	{.name = "duty",
	 .channel = CHANNEL_GENERIC,
	 .url = "http://127.0.0.1:1/duty",
	 .language = "zh-CN"},
	{.name = "robot",
	 .channel = CHANNEL_WECOM,
	 .url = "http://127.0.0.1:1/robot",
	 .language = "zh-CN"},
};
static const struct conf_endpoint *by_name[] = {&endpoints[0], &endpoints[1]};
static struct conf conf = {
	.public_url = "http://127.0.0.1:8480",
	.endpoints_len = ARRAY_LEN(endpoints),
	.endpoints = endpoints,
	.endpoints_by_name = by_name,
	.limits = {.in_flight = 64,
		   .per_endpoint = 2,
		   .connect = 3000,
		   .urgent_timeout = 10000,
		   .normal_timeout = 20000},
};
static uint64_t seed;
static struct entropy entropy;
static const struct ack_ring links;
static struct courier *courier;

/* The middle of the dice: no jitter at all. */
static void no_jitter(void *context, void *bytes, size_t len)
{
	const uint16_t middle = 200;

	(void)context;
	assert_int_equal(len, sizeof(middle));
	memcpy(bytes, &middle, sizeof(middle));
}

static void open_courier(void)
{
	struct courier_setup setup = {.store = &memory.store,
				      .conf = &conf,
				      .transport = &transport,
				      .entropy = &entropy,
				      .ack = &links};

	courier = courier_new(&setup);
}

/* As after a crash: what was not committed is forgotten. */
static void restart(void)
{
	courier_free(courier);
	open_courier();
}

static int begin(void **state)
{
	(void)state;
	memset(&memory, 0, sizeof(memory));
	memset(&wire, 0, sizeof(wire));
	memory.store.ops = &memory_ops;
	entropy = (struct entropy){.fill = no_jitter};
	endpoints[0].url = "http://127.0.0.1:1/duty";
	endpoints[0].channel = CHANNEL_GENERIC;
	open_courier();
	return digest_init(NULL);
}

static int end(void **state)
{
	(void)state;
	courier_free(courier);
	return 0;
}

/* One turn at NOW. Returns how many went out. */
static size_t turn(int64_t now)
{
	size_t before = wire.len;
	struct err err = ERR_INIT;

	wire.now = now;
	(void)courier_settle(courier, now, &err);
	assert_int_equal(courier_claim(courier, now, &err), 0);
	return wire.len - before;
}

static void answer(const char *notice, int status, const char *error, const char *body, int64_t now)
{
	struct reply reply = {
		.status = status, .error = error, .body = body, .body_len = strlen(body)};

	courier_reply(courier, notice, &reply, now);
}

/* Answer all that is under way. */
static void answer_all(int status, const char *body, int64_t now)
{
	for (size_t i = 0; i < wire.len; i++) {
		if (!wire.sent[i].answered)
			answer(wire.sent[i].notice, status, status ? NULL : "timeout", body, now);
		wire.sent[i].answered = true;
	}
}

static const struct kept *settled(const struct kept *kept, int64_t now)
{
	assert_int_equal(courier_settle(courier, now, NULL), 0);
	return kept;
}

/* --- Claims --- */

static void a_delivered_notice_is_done_and_never_sent_again(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 1);
	assert_int_equal(turn(T0), 0);
	answer_all(204, "", T0 + 10);
	assert_int_equal(settled(kept, T0 + 10)->state, NOTICE_DONE);
	assert_int_equal(turn(T0 + WHEN_HOUR), 0);
	assert_true(courier_idle(courier, T0 + WHEN_HOUR));
}

static void a_hanging_endpoint_delays_no_other(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		put("duty", 100 + i, true, T0);
	assert_int_equal(turn(T0), 2);
	for (int i = 0; i < 3; i++)
		put("robot", 200 + i, true, T0 + 1);
	courier_wake(courier);
	assert_int_equal(turn(T0 + 1), 2);
	assert_string_equal(wire.sent[2].url, "http://127.0.0.1:1/robot");
	/* And what hangs stays within its own bound. */
	assert_int_equal(turn(T0 + 20 * WHEN_SECOND), 0);
}

static void what_stands_still_is_noticed_and_what_waits_its_turn_is_not(void **state)
{
	(void)state;
	const char *endpoint = "";
	int64_t long_after = T0 + 10 * WHEN_MINUTE;

	assert_false(courier_stuck(courier, T0, &endpoint));
	put("robot", 1, true, T0);
	turn(T0);
	assert_false(courier_stuck(courier, T0 + WHEN_MINUTE, &endpoint));
	/* A try that never ends. */
	assert_true(courier_stuck(courier, long_after, &endpoint));
	assert_string_equal(endpoint, "robot");
	answer_all(200, "{\"errcode\":0}", long_after);
	turn(long_after);
	assert_false(courier_stuck(courier, long_after, &endpoint));
	/* Due for long and not claimed, though its endpoint is well … */
	put("duty", 2, true, T0);
	assert_int_equal(courier_refresh(courier, long_after, NULL), 0);
	assert_true(courier_stuck(courier, long_after, &endpoint));
	assert_string_equal(endpoint, "duty");
	/* … and one that its breaker keeps back is not the courier's fault. */
	for (int i = 0; i < 5; i++) {
		long_after += WHEN_HOUR;
		turn(long_after);
		answer_all(0, "", long_after);
	}
	turn(long_after);
	assert_int_equal(courier_refresh(courier, long_after, NULL), 0);
	assert_false(courier_stuck(courier, long_after + WHEN_SECOND, &endpoint));
}

static void all_endpoints_together_stay_below_the_bound(void **state)
{
	(void)state;
	conf.limits.in_flight = 3;
	for (int i = 0; i < 5; i++) {
		put("duty", 0, true, T0);
		put("robot", 0, true, T0);
	}
	assert_int_equal(turn(T0), 3);
	conf.limits.in_flight = 64;
}

/* Forty that hang, and duty. */
static struct conf *crowd(void)
{
	static struct conf_endpoint many[41];
	static const struct conf_endpoint *sorted[ARRAY_LEN(many)];
	static char names[40][8];
	static struct conf crowded;

	many[0] = endpoints[0];
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(names[i], sizeof(names[i]), "hang%02zu", i);
		many[i + 1] = endpoints[0];
		many[i + 1].name = names[i];
		many[i + 1].url = "http://127.0.0.1:1/hangs";
	}
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		sorted[i] = &many[i];
	crowded = conf;
	crowded.endpoints_len = ARRAY_LEN(many);
	crowded.endpoints = many;
	crowded.endpoints_by_name = sorted;
	return &crowded;
}

static void those_that_hang_leave_a_place_for_what_is_urgent_elsewhere(void **state)
{
	const struct conf *crowded = crowd();

	(void)state;
	courier_reconfigure(courier, crowded);
	for (size_t i = 0; i < 3 * 40; i++)
		put(crowded->endpoints[1 + i % 40].name, 100 + (int64_t)i, false, T0);
	for (int64_t now = T0; now < T0 + WHEN_MINUTE; now += 20 * WHEN_SECOND) {
		size_t hanging = turn(now);
		struct kept *kept;

		assert_in_range(hanging, 32, 56);
		/* What cannot go asks for no turn. */
		assert_true(courier_next(courier) > now);
		kept = put("duty", now, true, now + 1);
		courier_wake(courier);
		assert_int_equal(turn(now + 1), 1);
		assert_string_equal(wire.sent[wire.len - 1].url, "http://127.0.0.1:1/duty");
		answer(kept->id, 204, NULL, "", now + 2);
		wire.sent[wire.len - 1].answered = true;
		assert_int_equal(settled(kept, now + 2)->state, NOTICE_DONE);
		answer_all(0, "", now + 20 * WHEN_SECOND);
	}
	courier_reconfigure(courier, &conf);
}

static void those_known_to_fail_leave_more_than_one_place(void **state)
{
	const struct conf *crowded = crowd();

	(void)state;
	courier_reconfigure(courier, crowded);
	for (size_t i = 0; i < 80; i++)
		put(crowded->endpoints[1 + i % 40].name, 100 + (int64_t)i, true, T0);
	assert_int_equal(turn(T0), 64);
	answer_all(0, "", T0 + 10 * WHEN_SECOND);
	turn(T0 + 10 * WHEN_SECOND);
	answer_all(0, "", T0 + 20 * WHEN_SECOND);
	/* Forty retries wait now, and those are one each. */
	assert_in_range(turn(T0 + 40 * WHEN_SECOND), 20, 40);
	for (int i = 0; i < 10; i++)
		put("duty", 1000 + i, true, T0 + 40 * WHEN_SECOND);
	courier_wake(courier);
	assert_int_equal(turn(T0 + 41 * WHEN_SECOND), 2);
	courier_reconfigure(courier, &conf);
}

static void one_alert_is_told_in_order(void **state)
{
	(void)state;
	put("duty", 7, true, T0);
	put("duty", 7, true, T0);
	put("duty", 8, true, T0);
	assert_int_equal(turn(T0), 2);
	assert_string_equal(wire.sent[0].notice, "ntc_0000");
	assert_string_equal(wire.sent[1].notice, "ntc_0002");
	answer_all(200, "", T0 + 5);
	assert_int_equal(turn(T0 + 5), 1);
	assert_string_equal(wire.sent[2].notice, "ntc_0001");
}

static void what_is_over_waits_for_the_word_under_way_that_it_began(void **state)
{
	struct kept *first = put("duty", 7, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 1);
	/* The alert ends: the store owes its first word no more, and it arrives all the same. */
	first->state = NOTICE_SUPERSEDED;
	put("duty", 7, true, T0 + 1);
	courier_wake(courier);
	assert_int_equal(turn(T0 + 1), 0);
	answer_all(204, "", T0 + 2);
	assert_int_equal(turn(T0 + 2), 1);
}

static void what_is_due_later_goes_at_its_time(void **state)
{
	(void)state;
	put("duty", 1, true, T0 + WHEN_MINUTE);
	assert_int_equal(turn(T0), 0);
	assert_int_equal(courier_next(courier), T0 + WHEN_MINUTE);
	assert_true(courier_idle(courier, T0));
	assert_int_equal(turn(T0 + WHEN_MINUTE - 1), 0);
	assert_int_equal(turn(T0 + WHEN_MINUTE), 1);
}

static void one_due_while_another_hangs_is_not_forgotten(void **state)
{
	(void)state;
	put("duty", 1, true, T0);
	put("duty", 2, true, T0 + 3 * WHEN_SECOND);
	assert_int_equal(turn(T0), 1);
	assert_int_equal(turn(T0 + 3 * WHEN_SECOND), 1);
}

static void an_expired_notice_is_not_sent_and_says_so(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	kept->notice.expires_at = T0 + 10;
	assert_int_equal(turn(T0 + 10), 0);
	assert_int_equal(settled(kept, T0 + 10)->state, NOTICE_EXPIRED);
	assert_int_equal(kept->notice.attempts, 0);
}

static void a_retry_does_not_outlive_its_use(void **state)
{
	struct kept *kept = put("duty", 1, false, T0);

	(void)state;
	kept->notice.expires_at = T0 + WHEN_MINUTE;
	kept->notice.attempts = 1;
	assert_int_equal(turn(T0), 1);
	answer_all(500, "", T0);
	assert_int_equal(settled(kept, T0)->notice.due_at, T0 + WHEN_MINUTE);
	assert_int_equal(turn(T0 + WHEN_MINUTE), 0);
	assert_int_equal(settled(kept, T0 + WHEN_MINUTE)->state, NOTICE_EXPIRED);
}

static void an_endpoint_that_is_no_longer_configured_makes_dead_letters(void **state)
{
	struct kept *kept = put("gone", 1, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 0);
	assert_int_equal(settled(kept, T0)->state, NOTICE_DEAD);
	assert_non_null(strstr(kept->error, "not configured"));
}

static void a_transport_that_is_full_loses_nothing(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	wire.refuse = CL_ELIMIT;
	assert_int_equal(turn(T0), 0);
	wire.refuse = 0;
	assert_int_equal(turn(T0 + WHEN_SECOND), 1);
	assert_int_equal(kept->notice.attempts, 0);
}

static void what_cannot_leave_is_tried_again_and_takes_nothing_of_the_minute(void **state)
{
	struct kept *kept = put("robot", 1, true, T0);
	int64_t now = T0;

	(void)state;
	wire.refuse = CL_EIO;
	for (int tries = 1; tries <= 4; tries++) {
		assert_int_equal(turn(now), 0);
		assert_int_equal(settled(kept, now)->state, NOTICE_READY);
		assert_int_equal(kept->notice.attempts, tries);
		assert_string_equal(kept->error, "refused");
		now = kept->notice.due_at;
	}
	wire.refuse = 0;
	for (int i = 0; i < 17; i++)
		put("robot", 0, true, now)->notice.kind = "test";
	courier_wake(courier);
	for (size_t i = 0; i < 18; i++) {
		turn(now);
		answer_all(200, "{\"errcode\":0}", now);
	}
	assert_int_equal(wire.len, 18);
}

static void what_no_message_can_hold_is_a_dead_letter_and_takes_nothing_of_the_minute(void **state)
{
	static char url[8192];
	struct kept *kept[20];

	(void)state;
	memset(url, 'x', sizeof(url) - 1);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		kept[i] = put("robot", 0, true, T0);
		kept[i]->notice.kind = "test";
		kept[i]->notice.url = url;
	}
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		assert_int_equal(turn(T0), 0);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		assert_int_equal(settled(kept[i], T0)->state, NOTICE_DEAD);
		assert_non_null(strstr(kept[i]->error, "too long"));
	}
	put("robot", 0, true, T0);
	courier_wake(courier);
	assert_int_equal(turn(T0), 1);
}

/* --- The schedule --- */

/* Fail every try and follow the due times; returns how many tries there were. */
static int fail_until_dead(struct kept *kept, const int64_t *delays, int len)
{
	int64_t now = T0;
	int tries = 0;

	while (kept->state == NOTICE_READY && tries < len + 3) {
		assert_int_equal(turn(now), 1);
		tries++;
		/* A DEAD answer to another notice in between keeps the breaker shut. */
		answer_all(502, "", now);
		settled(kept, now);
		if (tries <= len && kept->state == NOTICE_READY) {
			assert_int_equal(kept->notice.due_at - now, delays[tries - 1]);
			assert_int_equal(kept->notice.attempts, tries);
		}
		now = kept->notice.due_at;
		if (kept->state == NOTICE_READY && courier_next(courier) != 0)
			now = now > courier_next(courier) ? now : courier_next(courier);
		put("duty", 0, true, now - 1);
		assert_int_equal(turn(now - 1) <= 1, 1);
		answer_all(200, "", now - 1);
		settled(kept, now - 1);
	}
	return tries;
}

static void urgent_schedule_is_5_15_45_seconds_2_minutes_then_every_5(void **state)
{
	static const int64_t delays[] = {5 * WHEN_SECOND, 15 * WHEN_SECOND, 45 * WHEN_SECOND,
					 2 * WHEN_MINUTE, 5 * WHEN_MINUTE,  5 * WHEN_MINUTE,
					 5 * WHEN_MINUTE};
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	assert_int_equal(fail_until_dead(kept, delays, ARRAY_LEN(delays)), ARRAY_LEN(delays) + 3);
	assert_int_equal(kept->state, NOTICE_READY);
}

static void normal_schedule_ends_after_75_hours_in_a_dead_letter(void **state)
{
	static const int64_t delays[] = {5 * WHEN_SECOND, 5 * WHEN_MINUTE, 30 * WHEN_MINUTE,
					 2 * WHEN_HOUR,	  5 * WHEN_HOUR,   10 * WHEN_HOUR,
					 14 * WHEN_HOUR,  20 * WHEN_HOUR,  24 * WHEN_HOUR};
	struct kept *kept = put("duty", 1, false, T0);

	(void)state;
	assert_int_equal(fail_until_dead(kept, delays, ARRAY_LEN(delays)), ARRAY_LEN(delays) + 1);
	assert_int_equal(kept->state, NOTICE_DEAD);
}

static void jitter_stays_within_a_fifth(void **state)
{
	int64_t least = WHEN_NEVER, most = 0;

	(void)state;
	entropy = entropy_seeded(&seed);
	restart();
	for (int i = 0; i < 300; i++) {
		struct kept *kept = put("duty", 1, true, T0);
		int64_t now = T0 + i * 20 * WHEN_MINUTE;

		kept->notice.due_at = now;
		courier_wake(courier);
		assert_int_equal(turn(now), 1);
		answer_all(500, "", now);
		int64_t delay = settled(kept, now)->notice.due_at - now;

		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
		kept->state = NOTICE_DONE;
	}
	assert_in_range(least, 4000, 4200);
	assert_in_range(most, 5800, 6000);
}

/* --- Answers --- */

static void a_200_with_an_error_body_is_never_delivered(void **state)
{
	static const char *const bodies[] = {
		"",
		"{}",
		"<html>ok</html>",
		"{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}",
		"{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}",
		"{\"errcode\":999999}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct kept *kept = put("robot", 0, true, T0 + (int64_t)i * WHEN_DAY);
		int64_t now = T0 + (int64_t)i * WHEN_DAY;

		courier_wake(courier);
		assert_int_equal(turn(now), 1);
		answer_all(200, bodies[i], now);
		assert_int_equal(settled(kept, now)->state, NOTICE_READY);
		kept->state = NOTICE_DEAD;
	}
}

static void a_pause_holds_the_whole_endpoint_and_costs_no_try(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);
	struct reply reply = {.status = 429, .body = "", .retry_after = "2"};

	(void)state;
	put("duty", 2, true, T0 + 100);
	assert_int_equal(turn(T0), 1);
	courier_reply(courier, kept->id, &reply, T0);
	assert_int_equal(turn(T0 + 1999), 0);
	assert_int_equal(kept->notice.attempts, 0);
	assert_int_equal(courier_next(courier), T0 + 2000);
	assert_int_equal(turn(T0 + 2000), 2);
}

static void an_answer_to_an_unknown_notice_is_ignored(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	answer("ntc_0000", 200, NULL, "", T0);
	answer("nonsense", 200, NULL, "", T0);
	assert_int_equal(settled(kept, T0)->state, NOTICE_READY);
	assert_int_equal(memory.commits, 0);
	/* Nor does a second answer change the first. */
	assert_int_equal(turn(T0), 1);
	answer(kept->id, 200, NULL, "", T0);
	answer(kept->id, 422, NULL, "", T0);
	assert_int_equal(settled(kept, T0)->state, NOTICE_DONE);
}

static void a_dead_message_leaves_the_endpoint_well(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 1);
	answer_all(413, "", T0);
	assert_int_equal(settled(kept, T0)->state, NOTICE_DEAD);
	put("duty", 2, true, T0);
	courier_wake(courier);
	assert_int_equal(turn(T0), 1);
}

static void a_failed_commit_is_written_again_and_sends_nothing_twice(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(turn(T0), 1);
	answer_all(200, "", T0);
	memory.failing = true;
	assert_int_equal(courier_settle(courier, T0, &err), CL_EIO);
	assert_int_equal(kept->state, NOTICE_READY);
	assert_int_equal(turn(T0 + WHEN_MINUTE), 0);
	memory.failing = false;
	assert_int_equal(turn(T0 + WHEN_MINUTE), 0);
	assert_int_equal(kept->state, NOTICE_DONE);
}

static void a_restart_sends_what_was_under_way_again_with_the_same_id(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 1);
	answer_all(200, "", T0);
	restart(); /* Before the answer was written. */
	assert_int_equal(turn(T0 + 20), 1);
	assert_string_equal(wire.sent[1].notice, wire.sent[0].notice);
	answer_all(200, "", T0 + 30);
	assert_int_equal(settled(kept, T0 + 30)->state, NOTICE_DONE);
}

static void every_try_has_the_notices_id_and_a_time_of_its_own(void **state)
{
	char seconds[24];

	(void)state;
	put("duty", 1, true, T0);
	assert_int_equal(turn(T0), 1);
	answer_all(500, "", T0);
	assert_int_equal(turn(T0 + 5 * WHEN_SECOND), 1);
	answer_all(500, "", T0 + 5 * WHEN_SECOND);
	restart();
	assert_int_equal(turn(T0 + WHEN_HOUR), 1);
	for (size_t i = 0; i < wire.len; i++) {
		assert_string_equal(wire.sent[i].id, "ntc_0000");
		snprintf(seconds, sizeof(seconds), "%lld",
			 (long long)(wire.sent[i].at / WHEN_SECOND));
		assert_string_equal(wire.sent[i].timestamp, seconds);
	}
}

static void a_record_of_another_version_counts_as_all_that_is_allowed(void **state)
{
	struct kept *kept = put("robot", 1, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 1);
	answer_all(200, "{\"errcode\":0}", T0);
	assert_int_equal(settled(kept, T0)->state, NOTICE_DONE);
	assert_int_equal(memory.rows_len, 1);
	memory.rows[0].record[0]++;
	restart();
	put("robot", 2, true, T0);
	assert_int_equal(turn(T0 + 1), 0);
	assert_int_equal(turn(T0 + 1 + WHEN_MINUTE), 1);
}

static void a_chat_that_counts_seconds_is_given_one_after_a_restart(void **state)
{
	(void)state;
	endpoints[0].channel = CHANNEL_SLACK;
	restart();
	put("duty", 1, true, T0);
	assert_int_equal(turn(T0), 1);
	answer_all(200, "ok", T0);
	restart();
	/* How much went in the last second nobody knows any more. */
	assert_int_equal(turn(T0 + 20), 0);
	assert_int_equal(courier_next(courier), T0 + 20 + WHEN_SECOND);
	assert_int_equal(turn(T0 + 20 + WHEN_SECOND), 1);
}

/* --- Health --- */

static void seen_state(void *context, const struct courier_endpoint *endpoint)
{
	if (strcmp(endpoint->name, "duty") == 0)
		*(const char **)context = endpoint->state;
}

static const char *health(void)
{
	const char *word = NULL;

	courier_endpoints(courier, seen_state, &word);
	return word;
}

static void the_breaker_keeps_all_messages_and_probes_with_one(void **state)
{
	int64_t now = T0;

	(void)state;
	for (int i = 0; i < 20; i++)
		put("duty", 0, true, T0);
	while (strcmp(health(), "broken") != 0) {
		assert_true(turn(now) > 0);
		answer_all(0, "", now);
		assert_int_equal(courier_settle(courier, now, NULL), 0);
		assert_true(wire.len < 7);
	}
	size_t tried = wire.len;

	assert_in_range(tried, 5, 6);
	assert_int_equal(turn(now + 29 * WHEN_SECOND), 0);
	assert_int_equal(turn(now + 30 * WHEN_SECOND), 1);
	assert_int_equal(turn(now + 31 * WHEN_SECOND), 0);
	now += 31 * WHEN_SECOND;
	answer_all(0, "", now);
	assert_int_equal(turn(now + 59 * WHEN_SECOND), 0);
	assert_int_equal(turn(now + 60 * WHEN_SECOND), 1);
	now += 60 * WHEN_SECOND;
	answer_all(200, "", now);
	assert_int_equal(turn(now), 2);
	assert_string_equal(health(), "ok");
	for (size_t i = 0; i < memory.len; i++)
		assert_true(memory.kept[i].state == NOTICE_READY ||
			    memory.kept[i].state == NOTICE_DONE);
}

static void a_sick_endpoint_is_reported_once_probed_and_heals(void **state)
{
	static const char gone[] = "{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}";
	struct kept *kept = put("robot", 1, true, T0);
	const char *endpoint, *hint;
	bool sick;

	(void)state;
	assert_int_equal(turn(T0), 1);
	answer_all(200, gone, T0);
	assert_int_equal(settled(kept, T0)->state, NOTICE_READY);
	assert_int_equal(kept->notice.attempts, 0);
	assert_true(courier_take_change(courier, &endpoint, &sick, &hint));
	assert_string_equal(endpoint, "robot");
	assert_true(sick);
	assert_non_null(strstr(hint, "93000"));
	assert_false(courier_take_change(courier, &endpoint, &sick, &hint));
	assert_int_equal(turn(T0 + 10 * WHEN_MINUTE - 1), 0);
	assert_int_equal(turn(T0 + 10 * WHEN_MINUTE), 1);
	answer_all(200, "{\"errcode\":0}", T0 + 10 * WHEN_MINUTE);
	assert_int_equal(settled(kept, T0 + 10 * WHEN_MINUTE)->state, NOTICE_DONE);
	assert_true(courier_take_change(courier, &endpoint, &sick, &hint));
	assert_false(sick);
}

static void two_slow_failures_in_a_row_are_a_sickness(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 1);
	answer_all(403, "", T0);
	assert_int_equal(settled(kept, T0)->notice.attempts, 1);
	assert_string_equal(health(), "ok");
	assert_int_equal(turn(T0 + 5 * WHEN_SECOND), 1);
	answer_all(302, "", T0 + 5 * WHEN_SECOND);
	settled(kept, T0 + 5 * WHEN_SECOND);
	assert_string_equal(health(), "sick");
	assert_int_equal(kept->state, NOTICE_READY);
}

/* Two refusals that look like a mistake in the configuration. */
static void make_sick(struct kept *kept, int64_t now)
{
	for (int i = 0; i < 2; i++) {
		assert_int_equal(turn(now), 1);
		answer_all(403, "", now);
		now = settled(kept, now)->notice.due_at;
	}
	assert_string_equal(health(), "sick");
}

static void a_new_url_is_asked_at_once(void **state)
{
	(void)state;
	make_sick(put("duty", 1, true, T0), T0);
	assert_int_equal(turn(T0 + WHEN_MINUTE), 0);
	courier_reconfigure(courier, &conf);
	assert_int_equal(turn(T0 + WHEN_MINUTE), 0);
	endpoints[0].url = "http://127.0.0.1:1/elsewhere";
	courier_reconfigure(courier, &conf);
	assert_int_equal(turn(T0 + WHEN_MINUTE), 1);
}

static void the_answer_of_an_address_that_was_replaced_says_nothing_about_the_new_one(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);
	const char *endpoint, *hint;
	bool sick;

	(void)state;
	put("duty", 2, true, T0);
	assert_int_equal(turn(T0), 2);
	endpoints[0].url = "http://127.0.0.1:1/mended";
	courier_reconfigure(courier, &conf);
	answer_all(410, "", T0 + 1);
	assert_int_equal(settled(kept, T0 + 1)->state, NOTICE_READY);
	assert_int_equal(kept->notice.attempts, 0);
	assert_string_equal(health(), "ok");
	assert_false(courier_take_change(courier, &endpoint, &sick, &hint));
	assert_int_equal(turn(T0 + 1), 2);
	assert_string_equal(wire.sent[3].url, "http://127.0.0.1:1/mended");
}

static void what_an_endpoint_took_before_it_was_removed_is_delivered(void **state)
{
	struct kept *took = put("duty", 1, true, T0), *refused = put("duty", 2, true, T0);
	struct conf without = conf;

	(void)state;
	assert_int_equal(turn(T0), 2);
	without.endpoints = &endpoints[1];
	without.endpoints_by_name = &by_name[1];
	without.endpoints_len = 1;
	courier_reconfigure(courier, &without);
	answer(took->id, 204, NULL, "", T0 + 1);
	answer(refused->id, 500, NULL, "", T0 + 1);
	assert_int_equal(settled(took, T0 + 1)->state, NOTICE_DONE);
	assert_int_equal(turn(T0 + 1), 0);
	assert_int_equal(settled(refused, T0 + 1)->state, NOTICE_DEAD);
	assert_non_null(strstr(refused->error, "not configured"));
	courier_reconfigure(courier, &conf);
}

static void an_answer_is_read_in_the_tongue_that_was_spoken(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 1);
	endpoints[0].channel = CHANNEL_WECOM;
	courier_reconfigure(courier, &conf);
	answer_all(204, "", T0 + 1);
	assert_int_equal(settled(kept, T0 + 1)->state, NOTICE_DONE);
}

static void one_that_is_gone_is_asked_again_only_by_a_human(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	assert_int_equal(turn(T0), 1);
	answer_all(410, "", T0);
	settled(kept, T0);
	assert_string_equal(health(), "disabled");
	assert_int_equal(turn(T0 + 30 * WHEN_DAY), 0);
	restart();
	assert_int_equal(turn(T0 + 31 * WHEN_DAY), 0);
	assert_string_equal(health(), "disabled");
	assert_int_equal(kept->state, NOTICE_READY);
	courier_ask(courier, "duty");
	assert_int_equal(turn(T0 + 32 * WHEN_DAY), 1);
	answer_all(410, "", T0 + 32 * WHEN_DAY);
	settled(kept, T0 + 32 * WHEN_DAY);
	assert_string_equal(health(), "disabled");
	/* Whoever loads a configuration wants to know what it does. */
	courier_reconfigure(courier, &conf);
	assert_int_equal(turn(T0 + 33 * WHEN_DAY), 1);
	answer_all(204, "", T0 + 33 * WHEN_DAY);
	assert_int_equal(settled(kept, T0 + 33 * WHEN_DAY)->state, NOTICE_DONE);
	assert_string_equal(health(), "ok");
}

static void the_last_resort_is_never_given_up(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);

	(void)state;
	conf.fallback = "duty";
	courier_reconfigure(courier, &conf);
	assert_int_equal(turn(T0), 1);
	answer_all(410, "", T0);
	settled(kept, T0);
	assert_string_equal(health(), "sick");
	assert_int_equal(turn(T0 + 10 * WHEN_MINUTE), 1);
	conf.fallback = NULL;
	/* Nor who stands alone on the last step. */
	static const struct conf_escalation ladder = {
		.name = "default",
		.len = 2,
		.steps = {{.target = STEP_COMMITTEE},
			  {.target = STEP_ENDPOINT, .endpoint = "duty"}},
	};
	conf.escalations = &ladder;
	conf.escalations_len = 1;
	courier_reconfigure(courier, &conf);
	answer_all(410, "", T0 + 10 * WHEN_MINUTE);
	settled(kept, T0 + 10 * WHEN_MINUTE);
	conf.escalations_len = 0;
	assert_string_equal(health(), "sick");
}

static void a_sick_endpoint_is_sick_after_a_restart(void **state)
{
	const char *endpoint, *hint;
	bool sick;

	(void)state;
	make_sick(put("duty", 1, true, T0), T0);
	restart();
	assert_int_equal(turn(T0 + WHEN_MINUTE), 0);
	assert_string_equal(health(), "sick");
	/* It is said again: nobody knows whether the alert was written. */
	assert_int_equal(courier_next(courier), 0);
	assert_true(courier_take_change(courier, &endpoint, &sick, &hint));
	assert_true(sick);
	assert_true(courier_next(courier) > T0 + WHEN_MINUTE);
}

static void seconds_are_not_written_send_by_send(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		put("duty", 0, true, T0 + i * WHEN_SECOND);
		courier_wake(courier);
		turn(T0 + i * WHEN_SECOND);
		answer_all(204, "", T0 + i * WHEN_SECOND);
	}
	/* That there was a first one, and ten answers but the last. */
	assert_int_equal(memory.commits, 10);
}

static void a_minute_is_written_before_anything_leaves(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	put("robot", 0, true, T0);
	memory.failing = true;
	/* What did not leave takes no place, neither at the robot nor of its minute. */
	for (int i = 0; i < 20; i++)
		assert_int_equal(courier_claim(courier, T0, &err), CL_EIO);
	assert_int_equal(wire.len, 0);
	memory.failing = false;
	assert_int_equal(turn(T0), 1);
	assert_int_equal(memory.rows_len, 1);
}

static void a_robot_is_asked_18_times_in_any_minute(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		put("robot", 0, true, T0)->notice.kind = "test";
	for (int64_t now = T0; now < T0 + 3 * WHEN_MINUTE; now += 500) {
		turn(now);
		answer_all(200, "{\"errcode\":0}", now);
	}
	assert_int_equal(wire.len, 54);
	for (size_t i = 18; i < wire.len; i++)
		assert_true(wire.sent[i].at - wire.sent[i - 18].at >= WHEN_MINUTE);
}

static void a_clock_set_forward_before_a_crash_frees_no_minute(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++)
		put("robot", 0, true, T0)->notice.kind = "test";
	for (int64_t now = T0; now < T0 + 10 * WHEN_SECOND; now += 500) {
		turn(now);
		answer_all(200, "{\"errcode\":0}", now);
	}
	assert_int_equal(wire.len, 18);
	courier_clock_set(courier, WHEN_HOUR);
	assert_int_equal(turn(T0 + WHEN_HOUR + 10 * WHEN_SECOND), 0);
	restart();
	assert_int_equal(turn(T0 + WHEN_HOUR + 11 * WHEN_SECOND), 0);
}

static void a_clock_that_jumps_back_does_not_prolong_a_pause(void **state)
{
	struct kept *kept = put("duty", 1, true, T0);
	struct reply reply = {.status = 429, .body = "", .retry_after = "60"};

	(void)state;
	put("duty", 2, true, T0 - 2 * WHEN_HOUR);
	assert_int_equal(turn(T0), 2);
	courier_reply(courier, kept->id, &reply, T0);
	courier_reply(courier, "ntc_0001", &reply, T0);
	assert_int_equal(turn(T0 + 1), 0);
	memory.kept[1].notice.due_at = T0 - 2 * WHEN_HOUR;
	assert_int_equal(turn(T0 - WHEN_HOUR), 0);
	assert_int_equal(turn(T0 - WHEN_HOUR + WHEN_MINUTE), 1);
}

static void a_clock_that_is_set_forward_makes_nothing_stuck(void **state)
{
	const char *endpoint = "";

	(void)state;
	put("duty", 1, true, T0);
	assert_int_equal(turn(T0), 1);
	courier_clock_set(courier, WHEN_HOUR);
	assert_false(courier_stuck(courier, T0 + WHEN_HOUR + 1, &endpoint));
	assert_true(courier_stuck(courier, T0 + WHEN_HOUR + 3 * WHEN_MINUTE, &endpoint));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_delivered_notice_is_done_and_never_sent_again),
		TEST(a_hanging_endpoint_delays_no_other),
		TEST(what_stands_still_is_noticed_and_what_waits_its_turn_is_not),
		TEST(all_endpoints_together_stay_below_the_bound),
		TEST(those_that_hang_leave_a_place_for_what_is_urgent_elsewhere),
		TEST(those_known_to_fail_leave_more_than_one_place),
		TEST(one_alert_is_told_in_order),
		TEST(what_is_over_waits_for_the_word_under_way_that_it_began),
		TEST(what_is_due_later_goes_at_its_time),
		TEST(one_due_while_another_hangs_is_not_forgotten),
		TEST(an_expired_notice_is_not_sent_and_says_so),
		TEST(a_retry_does_not_outlive_its_use),
		TEST(an_endpoint_that_is_no_longer_configured_makes_dead_letters),
		TEST(a_transport_that_is_full_loses_nothing),
		TEST(what_cannot_leave_is_tried_again_and_takes_nothing_of_the_minute),
		TEST(what_no_message_can_hold_is_a_dead_letter_and_takes_nothing_of_the_minute),
		TEST(urgent_schedule_is_5_15_45_seconds_2_minutes_then_every_5),
		TEST(normal_schedule_ends_after_75_hours_in_a_dead_letter),
		TEST(jitter_stays_within_a_fifth),
		TEST(a_200_with_an_error_body_is_never_delivered),
		TEST(a_pause_holds_the_whole_endpoint_and_costs_no_try),
		TEST(an_answer_to_an_unknown_notice_is_ignored),
		TEST(a_dead_message_leaves_the_endpoint_well),
		TEST(a_failed_commit_is_written_again_and_sends_nothing_twice),
		TEST(a_restart_sends_what_was_under_way_again_with_the_same_id),
		TEST(every_try_has_the_notices_id_and_a_time_of_its_own),
		TEST(a_record_of_another_version_counts_as_all_that_is_allowed),
		TEST(a_chat_that_counts_seconds_is_given_one_after_a_restart),
		TEST(the_breaker_keeps_all_messages_and_probes_with_one),
		TEST(a_sick_endpoint_is_reported_once_probed_and_heals),
		TEST(two_slow_failures_in_a_row_are_a_sickness),
		TEST(a_new_url_is_asked_at_once),
		TEST(the_answer_of_an_address_that_was_replaced_says_nothing_about_the_new_one),
		TEST(what_an_endpoint_took_before_it_was_removed_is_delivered),
		TEST(an_answer_is_read_in_the_tongue_that_was_spoken),
		TEST(one_that_is_gone_is_asked_again_only_by_a_human),
		TEST(the_last_resort_is_never_given_up),
		TEST(a_sick_endpoint_is_sick_after_a_restart),
		TEST(seconds_are_not_written_send_by_send),
		TEST(a_minute_is_written_before_anything_leaves),
		TEST(a_robot_is_asked_18_times_in_any_minute),
		TEST(a_clock_set_forward_before_a_crash_frees_no_minute),
		TEST(a_clock_that_jumps_back_does_not_prolong_a_pause),
		TEST(a_clock_that_is_set_forward_makes_nothing_stuck),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
