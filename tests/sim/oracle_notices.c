/* oracle_notices.c — what was handed out, and what became of it (oracle.h: notices, outbox).
 * Neighbours: post.c hands over what arrived, robots.c counts, oracle_alerts.c learns who was told.
 */
#include "oracle_private.h"

#include <string.h>

#include "closedloop/text.h"

static uint32_t *sent_slot(struct oracle *oracle, const char *id)
{
	size_t at = (size_t)hash_text(HASH_BEGIN, id) & (oracle->table_cap - 1);

	while (oracle->by_id[at] && !text_equal(oracle->sent[oracle->by_id[at] - 1].id, id))
		at = (at + 1) & (oracle->table_cap - 1);
	return &oracle->by_id[at];
}

static uint32_t *words_slot(struct oracle *oracle, uint64_t mark)
{
	size_t at = (size_t)mark & (oracle->table_cap - 1);

	while (oracle->by_words[at] && oracle->sent[oracle->by_words[at] - 1].mark != mark)
		at = (at + 1) & (oracle->table_cap - 1);
	return &oracle->by_words[at];
}

struct sent *sent_find(struct oracle *oracle, const char *id)
{
	uint32_t slot = oracle->table_cap ? *sent_slot(oracle, id) : 0;
	return slot ? &oracle->sent[slot - 1] : NULL;
}

static void grow_sent(struct oracle *oracle)
{
	if (oracle->sent_len == oracle->sent_cap) {
		oracle->sent_cap = oracle->sent_cap ? 2 * oracle->sent_cap : 512;
		oracle->sent = mem_grow(oracle->sent, oracle->sent_cap * sizeof(*oracle->sent));
	}
	if (2 * (oracle->sent_len + 1) <= oracle->table_cap)
		return;
	oracle->table_cap = oracle->table_cap ? 2 * oracle->table_cap : 1024;
	mem_free(oracle->by_id);
	mem_free(oracle->by_words);
	oracle->by_id = mem_alloc(oracle->table_cap * sizeof(*oracle->by_id));
	oracle->by_words = mem_alloc(oracle->table_cap * sizeof(*oracle->by_words));
	for (uint32_t i = 0; i < oracle->sent_len; i++) {
		*sent_slot(oracle, oracle->sent[i].id) = i + 1;
		*words_slot(oracle, oracle->sent[i].mark) = i + 1;
	}
}

/* The header a receiver drops repetitions by. */
static void check_header(struct world *world, const struct transport_order *order)
{
	static const char name[] = "webhook-id: ";
	const struct channel_request *request = order->request;

	for (size_t i = 0; i < request->headers_len; i++) {
		if (strncmp(request->headers[i], name, sizeof(name) - 1) == 0 &&
		    !text_equal(request->headers[i] + sizeof(name) - 1, order->notice))
			oracle_fail(world, "notices", "notice %s goes out as %s", order->notice,
				    request->headers[i]);
	}
}

/* ENDPOINT is NAME, or one of the robots it is made of. */
static bool is_way(const struct conf *conf, const char *name, const char *endpoint)
{
	const struct conf_endpoint *pool = conf_endpoint(conf, name);

	for (size_t i = 0; pool && i < pool->pool_len; i++) {
		if (text_equal(pool->pool[i], endpoint))
			return true;
	}
	return text_equal(name, endpoint);
}

void oracle_heard(void *context, const char *notice, bool ok)
{
	struct world *world = context;
	struct oracle *oracle = world->oracle;
	struct sent *sent = sent_find(oracle, notice);

	if (sent && ok)
		sent->ok_in = oracle->life;
	else if (sent)
		undelivered_note(oracle, sent);
}

void oracle_order(void *context, const char *endpoint, const struct transport_order *order)
{
	struct world *world = context;
	struct oracle *oracle = world->oracle;
	uint64_t words = HASH_BEGIN;
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, ASK_NOTICE, &was);

	sqlite3_bind_text(stmt, 1, order->notice, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW) {
		oracle_fail(world, "notices", "notice %s is handed out and not committed",
			    order->notice);
		end_asking(stmt, was);
		return;
	}
	if (sqlite3_column_int(stmt, 0) == NOTICE_DONE)
		oracle_fail(world, "notices", "notice %s is handed out again after its delivery",
			    order->notice);
	if (!is_way(world->house.conf, text_at(stmt, 1), endpoint))
		oracle_fail(world, "notices", "notice %s is for %s and goes to %s", order->notice,
			    text_at(stmt, 1), endpoint);
	for (int column = 1; column <= 8; column++)
		words = hash_text(words, text_at(stmt, column));
	end_asking(stmt, was);
	check_header(world, order);
	robots_order(world, endpoint);
	grow_sent(oracle);
	uint32_t *slot = sent_slot(oracle, order->notice);
	if (*slot) {
		if (oracle->sent[*slot - 1].ok_in == oracle->life)
			oracle_fail(world, "notices",
				    "notice %s was answered, and is handed out again",
				    order->notice);
		if (oracle->sent[*slot - 1].words != words)
			oracle_fail(world, "notices", "notice %s says something else than before",
				    order->notice);
		return;
	}
	/* A minute that comes twice, because the clock was set back, may say the same twice. */
	uint64_t mark = words ^ (world->counts.clock_steps * UINT64_C(0x9e3779b97f4a7c15));
	uint32_t *same = words_slot(oracle, mark);
	if (*same)
		oracle_fail(world, "notices", "notice %s says what %s said: %s", order->notice,
			    oracle->sent[*same - 1].id, order->request->body);
	struct sent *sent = &oracle->sent[oracle->sent_len++];
	*sent = (struct sent){.words = words, .mark = mark, .first_at = world->house.now};
	text_copy(sent->id, sizeof(sent->id), order->notice);
	*slot = *same = (uint32_t)oracle->sent_len;
}

/* What was handed out before a crash is still there: it was durable when it went. */
void sent_check(struct world *world)
{
	struct oracle *oracle = world->oracle;

	for (size_t i = 0; i < oracle->sent_len; i++) {
		bool was;
		sqlite3_stmt *stmt = begin_asking(world, ASK_NOTICE, &was);
		sqlite3_bind_text(stmt, 1, oracle->sent[i].id, -1, SQLITE_STATIC);
		bool there = sqlite3_step(stmt) == SQLITE_ROW;
		end_asking(stmt, was);
		if (!there) {
			oracle_fail(world, "notices", "notice %s was sent and is lost in a crash",
				    oracle->sent[i].id);
			return;
		}
	}
}

/* Rows of one question, as deliveries that a machine would have got. */
struct telling {
	size_t len;
	struct delivery all[128];
};

/* Whether DELIVERY is about ALERT. Services and machines get each notice by itself, and some ends
 * are a key only. */
static bool is_about(const struct delivery *delivery, enum conf_channel channel, int64_t alert)
{
	if (channel == CHANNEL_GENERIC || channel == CHANNEL_PAGERDUTY ||
	    channel == CHANNEL_ALERTMANAGER)
		return true;
	for (size_t i = 0; i < delivery->alerts_len; i++) {
		if (delivery->alerts[i] == alert)
			return true;
	}
	return false;
}

/* What a row of ASK_TOLD says, as a machine would have got it. */
static const struct delivery *retell(struct arena *arena, const struct delivery *delivery,
				     sqlite3_stmt *stmt, struct delivery *one)
{
	char number[24];

	*one = *delivery;
	one->body =
		arena_printf(arena,
			     "{\"kind\":\"%s\",\"unit\":\"%s\",\"alert\":\"%s\",\"data\":%s}",
			     text_at(stmt, 0), text_at(stmt, 1),
			     alert_number(sqlite3_column_int64(stmt, 2), number), text_at(stmt, 3));
	one->body_len = strlen(one->body);
	one->type = arena_copy(arena, text_at(stmt, 7));
	text_copy(one->notice, sizeof(one->notice), text_at(stmt, 4));
	return one;
}

static void take_told(struct world *world, const struct delivery *delivery,
		      enum conf_channel channel, sqlite3_stmt *stmt, struct telling *telling)
{
	const struct arrival arrival = {.id = text_at(stmt, 4),
					.row = sqlite3_column_int64(stmt, 5),
					.alert = sqlite3_column_int64(stmt, 2),
					.created_at = sqlite3_column_int64(stmt, 9),
					.kind = text_at(stmt, 0),
					.type = text_at(stmt, 7),
					.endpoint = text_at(stmt, 8),
					.title = text_at(stmt, 10),
					.message = delivery->notice,
					.urgent = sqlite3_column_int(stmt, 6)};

	if (!is_about(delivery, channel, arrival.alert))
		return;
	arrivals_note(world, &arrival, delivery);
	if (channel == CHANNEL_PAGERDUTY)
		incidents_note(world, &arrival, delivery);
	if (telling->len < ARRAY_LEN(telling->all))
		(void)retell(&world->house.post.arena, delivery, stmt,
			     &telling->all[telling->len++]);
}

void oracle_told(struct world *world, size_t i,
		 void (*each)(struct world *world, const struct delivery *delivery))
{
	struct post *post = &world->house.post;
	const struct delivery *delivery = &post->deliveries[i];
	const struct conf_endpoint *conf = conf_endpoint(world->house.conf, delivery->endpoint);
	struct telling telling = {.len = 0};
	bool was;

	/* Whoever reads a chat opens the link, and sees what it is about. */
	if (conf && conf->channel != CHANNEL_GENERIC)
		delivery = post_read(post, i);
	sqlite3_stmt *stmt = begin_asking(world, ASK_TOLD, &was);
	sqlite3_bind_text(stmt, 1, delivery->notice, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		take_told(world, delivery, conf ? conf->channel : CHANNEL_GENERIC, stmt, &telling);
	end_asking(stmt, was);
	for (size_t k = 0; k < telling.len; k++)
		each(world, &telling.all[k]);
}

/* Whom a notice tells; and whether anybody has read what counts as read. */
static void check_notice(struct world *world, sqlite3_stmt *stmt)
{
	struct oracle *oracle = world->oracle;
	int64_t alert = sqlite3_column_int64(stmt, 0);
	struct seen_alert *seen = seen_of(oracle, alert);

	int kind = alert_kind_of(text_at(stmt, 5));
	/* A whisper among the news does not count as a call. */
	if (kind >= 0 &&
	    (!alert_traits((enum alert_kind)kind)->urgent || sqlite3_column_int(stmt, 6)))
		seen->told |= endpoint_bit(world->house.conf, text_at(stmt, 1));
	seen->told_at = sqlite3_column_int64(stmt, 4);
	if (sqlite3_column_int(stmt, 2) != NOTICE_DONE)
		return;
	const struct sent *sent = sent_find(oracle, text_at(stmt, 3));
	if (!sent || !sent->delivered)
		oracle_fail(world, "outbox", "notice %s counts as delivered, and nobody got it",
			    text_at(stmt, 3));
	else if (!sent->ok_in)
		oracle_fail(world, "outbox",
			    "notice %s counts as delivered, and no answer ever said so",
			    text_at(stmt, 3));
}

void notices_check(struct world *world)
{
	struct oracle *oracle = world->oracle;

	for (size_t i = 0; i < oracle->notices.len; i++) {
		bool was;
		sqlite3_stmt *stmt = begin_asking(world, ASK_NOTICE_ROW, &was);
		sqlite3_bind_int64(stmt, 1, oracle->notices.rows[i]);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			check_notice(world, stmt);
		end_asking(stmt, was);
	}
	oracle->notices.len = 0;
}

void notices_check_open(struct world *world, sqlite3_stmt *stmt)
{
	if (sqlite3_column_int64(stmt, 1) < world->oracle->calm_at)
		oracle_fail(world, "outbox", "notice %s waits although nothing is broken",
			    text_at(stmt, 0));
}

void notices_fail_stray(struct world *world, sqlite3_stmt *stmt)
{
	oracle_fail(world, "outbox", "notice %s counts as told, and no digest tells it",
		    text_at(stmt, 0));
}
