/* oracle.c — see oracle.h. Neighbours: audit.c asks about one journey, replay.c tells the ledger
 * again; vfs.c lets it read without being part of the trouble. */
#include "oracle.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"
#include "store/store_private.h"

enum question {
	ASK_FACTS_AFTER,
	ASK_JOURNEY,
	ASK_JOURNEYS,
	ASK_ALERT,
	ASK_ALERTS,
	ASK_NOTICE,
	ASK_NOTICE_ROW,
	ASK_NOTICES_OPEN,
	ASK_STOOD_DOWN,
	ASK_TOLD,
	ASK_STRAYS,
	QUESTIONS,
};

#define JOURNEY_COLUMNS                                                                            \
	"journeys.id, open, stage, unit, holder, next_due, journeys.record, people.record, "       \
	"journeys.rowid FROM journeys JOIN people ON people.journey = journeys.id "
#define ALERT_COLUMNS                                                                              \
	"id, kind, unit, state, step, next_at, opened_at, informative, subject FROM alerts "

static const char *const questions[] = {
	[ASK_FACTS_AFTER] =
		"SELECT seq, hash, source, id, received_at FROM facts WHERE seq > ?1 ORDER BY seq",
	[ASK_JOURNEY] = "SELECT " JOURNEY_COLUMNS "WHERE journeys.rowid = ?1",
	[ASK_JOURNEYS] = "SELECT " JOURNEY_COLUMNS "ORDER BY journeys.rowid",
	[ASK_ALERT] = "SELECT " ALERT_COLUMNS "WHERE id = ?1",
	[ASK_ALERTS] = "SELECT " ALERT_COLUMNS "ORDER BY id",
	[ASK_NOTICE] = "SELECT state, endpoint, alert, type, created_at, title, words, data, url "
		       "FROM notices WHERE id = ?1",
	[ASK_NOTICE_ROW] = "SELECT alert, endpoint, state, id, created_at, kind, urgent "
			   "FROM notices WHERE rowid = ?1",
	[ASK_NOTICES_OPEN] = "SELECT id, created_at FROM notices WHERE state = 0 "
			     "ORDER BY created_at LIMIT 1",
	[ASK_STOOD_DOWN] = "SELECT 1 FROM alerts JOIN members ON members.alert = alerts.id "
			   "WHERE alerts.kind = 'stand_down' AND alerts.unit = ?2 "
			   "AND members.journey = ?1 LIMIT 1",
	[ASK_TOLD] = "SELECT kind, unit, alert, data, id FROM notices "
		     "WHERE id = ?1 AND kind <> 'digest' UNION ALL "
		     "SELECT kind, unit, alert, data, id FROM notices "
		     "WHERE digest = ?1 AND state = 5",
	/* Told by a digest that is not there, or that says it tells nothing. */
	[ASK_STRAYS] = "SELECT notices.id FROM notices "
		       "LEFT JOIN notices AS whole ON whole.id = notices.digest "
		       "WHERE notices.state = 5 AND (whole.id IS NULL OR whole.state > 2) LIMIT 1",
};

/* Rows that a transaction touched, each once. */
struct touched {
	size_t len, cap;
	int64_t *rows;
};

struct seen_alert {
	enum alert_state state;
	int step;
	int64_t first_heard;	/* delivered to anybody, WHEN_NEVER when not */
	int64_t fallback_heard; /* delivered to the fallback, latest, WHEN_UNKNOWN when not */
	uint64_t told;		/* endpoints that got a notice in this step … */
	int64_t told_at;	/* … and when */
};

/* A notice that was handed out. */
struct sent {
	char id[IDENT_CAP];
	uint64_t words; /* hash of all it says */
	uint64_t mark;	/* the same, and by which setting of the clock */
	bool delivered;
	uint64_t ok_in; /* The life of the daemon in which it heard so, or 0. */
};

struct oracle {
	sqlite3 *db;
	sqlite3_stmt *ask[QUESTIONS];
	char broken[400];
	/* the ledger, by seq; the hash is all zero where the store had a fact nobody was answered
	 * for */
	size_t facts_len, facts_cap;
	struct {
		uint8_t hash[DIGEST_KEY_LEN];
		int64_t received_at;
		uint32_t mail; /* NOBODY: unknown */
		bool answered;
	} * facts;
	size_t sent_len, sent_cap;
	struct sent *sent;
	size_t table_cap; /* of both tables: indexes into sent + 1, by id and by words */
	uint32_t *by_id, *by_words;
	struct touched journeys, alerts, notices;
	uint64_t writes; /* rows of journeys, people and facts touched so far */
	uint64_t writes_before;
	size_t memories_len;
	struct oracle_memory *memories; /* by rowid of the journey */
	size_t seen_len;
	struct seen_alert *seen; /* by alert id */
	size_t by_fact_cap;
	uint32_t *by_fact; /* mails by (source, id), open addressing; mail + 1 */
	size_t by_fact_len;
	int64_t clock_high; /* the latest the daemon's clock has shown */
	int64_t calm_at;    /* WHEN_NEVER while there is trouble */
	uint64_t life;	    /* how often the daemon was started */
};

/* --- Verdicts ------------------------------------------------------------------------------- */

void oracle_fail(struct world *world, const char *rule, const char *format, ...)
{
	struct oracle *oracle = world->oracle;
	char sentence[300], at[WHEN_CAP];
	va_list args;

	if (*oracle->broken)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	snprintf(oracle->broken, sizeof(oracle->broken), "%s: %s (daemon's clock %s)", rule,
		 sentence, when_text(world->house.now, world->house.conf->zone, at));
}

const char *oracle_broken(const struct world *world)
{
	return *world->oracle->broken ? world->oracle->broken : NULL;
}

/* --- Asking --------------------------------------------------------------------------------- */

static void connect(struct world *world)
{
	struct oracle *oracle = world->oracle;
	int rc;

	if (oracle->db)
		return;
	rc = sqlite3_open_v2(world->house.db, &oracle->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, VFS_NAME);
	/* Whoever closes last copies the log into the file; it must not be the oracle. */
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(oracle->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	for (size_t i = 0; i < QUESTIONS && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(oracle->db, questions[i], -1, SQLITE_PREPARE_PERSISTENT,
					&oracle->ask[i], NULL);
	if (rc != SQLITE_OK)
		oracle_fail(world, "store", "cannot be read: %s", sqlite3_errmsg(oracle->db));
}

void oracle_disconnect(void *context)
{
	struct world *world = context;
	struct oracle *oracle = world->oracle;
	bool was = vfs_quiet(true);

	for (size_t i = 0; i < QUESTIONS; i++) {
		sqlite3_finalize(oracle->ask[i]);
		oracle->ask[i] = NULL;
	}
	if (oracle->db)
		sqlite3_close(oracle->db);
	oracle->db = NULL;
	vfs_quiet(was);
}

/* Every question begins with begin_asking and ends with end_asking. */
static sqlite3_stmt *begin_asking(struct world *world, enum question question, bool *was)
{
	*was = vfs_quiet(true);
	connect(world);
	return world->oracle->ask[question];
}

static void end_asking(sqlite3_stmt *stmt, bool was)
{
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	vfs_quiet(was);
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
	const void *text = sqlite3_column_text(stmt, column);
	return text ? text : "";
}

/* --- What was touched ----------------------------------------------------------------------- */

static void touch(struct touched *touched, int64_t row)
{
	for (size_t i = touched->len; i-- > 0 && i + 16 > touched->len;) {
		if (touched->rows[i] == row)
			return;
	}
	if (touched->len == touched->cap) {
		touched->cap = touched->cap ? 2 * touched->cap : 256;
		touched->rows = mem_grow(touched->rows, touched->cap * sizeof(*touched->rows));
	}
	touched->rows[touched->len++] = row;
}

static void on_write(void *context, int op, const char *database, const char *table,
		     sqlite3_int64 row)
{
	struct oracle *oracle = context;

	(void)op;
	(void)database;
	switch (*table) {
	case 'j':
		touch(&oracle->journeys, row);
		oracle->writes++;
		break;
	case 'p':
	case 'f':
		oracle->writes++;
		break;
	case 'a':
		touch(&oracle->alerts, row);
		break;
	case 'n':
		touch(&oracle->notices, row);
		break;
	default:
		break;
	}
}

/* The store may have opened its file again by itself: then what it touched meanwhile waits for the
 * next audit. */
static void listen(struct world *world)
{
	if (!world->house.store)
		return;
	struct sqlite_store *store = sqlite_of(world->house.store);
	if (store->db)
		sqlite3_update_hook(store->db, on_write, world->oracle);
}

/* --- Facts ---------------------------------------------------------------------------------- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return (hash ^ 0xff) * UINT64_C(1099511628211);
}

#define HASH_BEGIN UINT64_C(1469598103934665603)

static uint64_t hash_mail(const struct mail *mail)
{
	uint64_t hash = hash_text(HASH_BEGIN, mail->fact->stamp.source);
	return hash_text(hash, mail->fact->stamp.id);
}

static uint32_t *mail_slot(struct world *world, const char *source, const char *id)
{
	struct oracle *oracle = world->oracle;
	size_t at =
		(size_t)hash_text(hash_text(HASH_BEGIN, source), id) & (oracle->by_fact_cap - 1);

	for (;; at = (at + 1) & (oracle->by_fact_cap - 1)) {
		uint32_t *slot = &oracle->by_fact[at];
		if (!*slot)
			return slot;
		const struct stamp *stamp = &world->mails[*slot - 1].fact->stamp;
		if (text_equal(stamp->id, id) && text_equal(stamp->source, source))
			return slot;
	}
}

static void know_mail(struct world *world, uint32_t number)
{
	struct oracle *oracle = world->oracle;

	if (2 * (oracle->by_fact_len + 1) > oracle->by_fact_cap) {
		uint32_t *old = oracle->by_fact;
		size_t cap = oracle->by_fact_cap;
		oracle->by_fact_cap = cap ? 2 * cap : 4096;
		oracle->by_fact = mem_alloc(oracle->by_fact_cap * sizeof(*oracle->by_fact));
		for (size_t i = 0; i < cap; i++) {
			if (!old[i])
				continue;
			size_t at = (size_t)hash_mail(&world->mails[old[i] - 1]) &
				    (oracle->by_fact_cap - 1);
			while (oracle->by_fact[at])
				at = (at + 1) & (oracle->by_fact_cap - 1);
			oracle->by_fact[at] = old[i];
		}
		mem_free(old);
	}
	const struct stamp *stamp = &world->mails[number].fact->stamp;
	uint32_t *slot = mail_slot(world, stamp->source, stamp->id);
	if (!*slot) {
		*slot = number + 1;
		oracle->by_fact_len++;
	}
}

static void grow_facts(struct oracle *oracle, size_t need)
{
	if (need <= oracle->facts_cap)
		return;
	oracle->facts_cap = 2 * need + 1024;
	oracle->facts = mem_grow(oracle->facts, oracle->facts_cap * sizeof(*oracle->facts));
}

/* Learn the rows behind what is known. */
static void read_facts(struct world *world)
{
	struct oracle *oracle = world->oracle;
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, ASK_FACTS_AFTER, &was);

	sqlite3_bind_int64(stmt, 1, (int64_t)oracle->facts_len);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		size_t seq = (size_t)sqlite3_column_int64(stmt, 0);
		grow_facts(oracle, seq + 1);
		if (seq != oracle->facts_len + 1)
			oracle_fail(world, "facts", "the ledger goes from %zu to %zu",
				    oracle->facts_len, seq);
		oracle->facts_len = seq;
		oracle->facts[seq].answered = false;
		oracle->facts[seq].mail = NOBODY;
		oracle->facts[seq].received_at = sqlite3_column_int64(stmt, 4);
		memcpy(oracle->facts[seq].hash, sqlite3_column_blob(stmt, 1), DIGEST_KEY_LEN);
		uint32_t *slot = oracle->by_fact_cap
					 ? mail_slot(world, text_at(stmt, 2), text_at(stmt, 3))
					 : NULL;
		if (slot && *slot) {
			oracle->facts[seq].mail = *slot - 1;
			world->mails[*slot - 1].seq = (int64_t)seq;
		}
	}
	end_asking(stmt, was);
}

void oracle_answered(struct world *world, const uint32_t *numbers, size_t len)
{
	struct oracle *oracle = world->oracle;

	for (size_t i = 0; i < len; i++) {
		if (!world->mails[numbers[i]].refused)
			know_mail(world, numbers[i]);
	}
	read_facts(world);
	for (size_t i = 0; i < len; i++) {
		struct mail *mail = &world->mails[numbers[i]];
		if (mail->refused)
			continue;
		if (mail->seq == 0) {
			/* Committed before a crash, answered only now. */
			for (size_t seq = oracle->facts_len; seq > 0 && mail->seq == 0; seq--) {
				if (memcmp(oracle->facts[seq].hash, mail->fact->hash,
					   DIGEST_KEY_LEN) == 0)
					mail->seq = (int64_t)seq;
			}
		}
		bool kept_elsewhere = mail->fact->type == FACT_ALERT_ACKED ||
				      mail->fact->type == FACT_ALERT_RESOLVED;
		if (mail->seq == 0 && !kept_elsewhere)
			oracle_fail(world, "facts", "fact %s of %s was answered and is not there",
				    mail->fact->stamp.id, mail->fact->stamp.source);
		if (mail->seq == 0)
			continue;
		oracle->facts[mail->seq].answered = true;
		mail->received_at = oracle->facts[mail->seq].received_at;
		oracle->facts[mail->seq].mail = numbers[i];
	}
}

/* After a crash: every answered fact, unchanged; what nobody was answered for may be gone. */
static void check_facts(struct world *world)
{
	struct oracle *oracle = world->oracle;
	size_t seq = 0;
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, ASK_FACTS_AFTER, &was);

	sqlite3_bind_int64(stmt, 1, 0);
	while (seq < oracle->facts_len && sqlite3_step(stmt) == SQLITE_ROW) {
		size_t there = (size_t)sqlite3_column_int64(stmt, 0);
		if (there != seq + 1)
			break;
		seq = there;
		if (oracle->facts[seq].answered &&
		    memcmp(oracle->facts[seq].hash, sqlite3_column_blob(stmt, 1), DIGEST_KEY_LEN) !=
			    0)
			oracle_fail(world, "facts", "fact %zu has another body after a crash", seq);
	}
	end_asking(stmt, was);
	for (size_t i = seq + 1; i <= oracle->facts_len; i++) {
		if (oracle->facts[i].answered)
			oracle_fail(world, "facts", "answered fact %zu is lost after a crash", i);
		if (oracle->facts[i].mail != NOBODY)
			world->mails[oracle->facts[i].mail].seq = 0;
	}
	oracle->facts_len = seq;
}

/* --- Repetition ----------------------------------------------------------------------------- */

void oracle_before_repetition(struct world *world)
{
	oracle_step(world);
	listen(world);
	world->oracle->writes_before = world->oracle->writes;
}

void oracle_after_repetition(struct world *world, const struct mail *mail,
			     const struct fact_result *result)
{
	struct oracle *oracle = world->oracle;
	/* An alert that was resolved already is answered, and leaves nothing in the ledger. */
	bool kept = mail->seq > 0;

	if (kept && !result->duplicate)
		oracle_fail(world, "repetition", "fact %s of %s was taken for a new one",
			    mail->fact->stamp.id, mail->fact->stamp.source);
	if (oracle->writes != oracle->writes_before)
		oracle_fail(world, "repetition", "fact %s of %s changed %llu rows when told again",
			    mail->fact->stamp.id, mail->fact->stamp.source,
			    (unsigned long long)(oracle->writes - oracle->writes_before));
}

/* --- Notices -------------------------------------------------------------------------------- */

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
	uint32_t slot = oracle->table_cap ? *sent_slot(oracle, notice) : 0;

	if (slot && ok)
		oracle->sent[slot - 1].ok_in = oracle->life;
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
	*sent = (struct sent){.words = words, .mark = mark};
	text_copy(sent->id, sizeof(sent->id), order->notice);
	*slot = *same = (uint32_t)oracle->sent_len;
}

/* What was handed out before a crash is still there: it was durable when it went. */
static void check_sent(struct world *world)
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

/* --- Alerts --------------------------------------------------------------------------------- */

static struct seen_alert *seen_of(struct oracle *oracle, int64_t id)
{
	size_t index = (size_t)id;

	if (index >= oracle->seen_len) {
		size_t len = 2 * index + 64;
		oracle->seen = mem_grow(oracle->seen, len * sizeof(*oracle->seen));
		for (size_t i = oracle->seen_len; i < len; i++)
			oracle->seen[i] = (struct seen_alert){.first_heard = WHEN_NEVER,
							      .fallback_heard = WHEN_UNKNOWN};
		oracle->seen_len = len;
	}
	return &oracle->seen[index];
}

/* Rows of one question, as deliveries that a machine would have got. */
struct telling {
	size_t len;
	struct delivery all[128];
};

static void take_told(struct world *world, const struct delivery *delivery, sqlite3_stmt *stmt,
		      struct telling *telling)
{
	struct arena *arena = &world->house.post.arena;
	int64_t alert = sqlite3_column_int64(stmt, 2);
	bool listed = false;
	char number[24];

	for (size_t i = 0; i < delivery->alerts_len; i++)
		listed = listed || delivery->alerts[i] == alert;
	if (!listed || telling->len == sizeof(telling->all) / sizeof(telling->all[0]))
		return;
	struct delivery *one = &telling->all[telling->len++];
	*one = *delivery;
	one->body = arena_printf(arena,
				 "{\"kind\":\"%s\",\"unit\":\"%s\",\"alert\":\"%s\",\"data\":%s}",
				 text_at(stmt, 0), text_at(stmt, 1), alert_number(alert, number),
				 text_at(stmt, 3));
	one->body_len = strlen(one->body);
	text_copy(one->notice, sizeof(one->notice), text_at(stmt, 4));
}

void oracle_told(struct world *world, size_t i,
		 void (*each)(struct world *world, const struct delivery *delivery))
{
	struct post *post = &world->house.post;
	const struct delivery *delivery = &post->deliveries[i];
	const struct conf_endpoint *conf = conf_endpoint(world->house.conf, delivery->endpoint);
	struct telling telling = {0};
	bool was;

	if (!conf || conf->channel == CHANNEL_GENERIC) {
		each(world, delivery);
		return;
	}
	/* Whoever reads a chat opens the link, and sees what it is about. */
	delivery = post_read(post, i);
	sqlite3_stmt *stmt = begin_asking(world, ASK_TOLD, &was);
	sqlite3_bind_text(stmt, 1, delivery->notice, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		take_told(world, delivery, stmt, &telling);
	end_asking(stmt, was);
	for (size_t k = 0; k < telling.len; k++)
		each(world, &telling.all[k]);
}

void oracle_delivered(struct world *world, const struct delivery *delivery)
{
	static const char name[] = "\"alert\":\"A-";
	const char *at = strstr(delivery->body, name);
	uint32_t *slot = sent_slot(world->oracle, delivery->notice);
	char number[24];

	if (*slot)
		world->oracle->sent[*slot - 1].delivered = true;
	if (!at)
		return;
	at += sizeof(name) - 3;
	size_t len = strcspn(at, "\"");
	if (len >= sizeof(number))
		return;
	memcpy(number, at, len);
	number[len] = '\0';
	int64_t id = alert_of_number(number);
	if (id <= 0)
		return;
	struct seen_alert *seen = seen_of(world->oracle, id);
	if (seen->first_heard == WHEN_NEVER)
		seen->first_heard = delivery->at;
	if (text_equal(delivery->endpoint, world->house.conf->fallback))
		seen->fallback_heard = delivery->at;
}

/* The endpoints of CONF as bits. */
static uint64_t bit_of(const struct conf *conf, const char *endpoint)
{
	for (size_t i = 0; i < conf->endpoints_len && i < 64; i++) {
		if (text_equal(conf->endpoints[i].name, endpoint))
			return UINT64_C(1) << i;
	}
	return 0;
}

/* Who stands at one unit at AT: by its roster, else its own endpoint. */
static uint64_t stand_at(const struct conf *conf, const struct conf_unit *unit, int64_t at)
{
	const struct roster *roster = conf_roster(conf, unit->roster);
	uint64_t members = roster ? roster_on_duty(roster, at, NULL) : 0, bits = 0;

	for (size_t i = 0; roster && i < roster->members_len; i++) {
		if (members >> i & 1)
			bits |= bit_of(conf, roster->members[i].endpoint);
	}
	return members || !unit->endpoint ? bits : bit_of(conf, unit->endpoint);
}

/* Who stands on a rung for UNIT at AT: the unit of that level, or the next above that has
 * anybody. */
static uint64_t rung(const struct conf *conf, const struct conf_step *step, const char *unit,
		     int64_t at)
{
	static const size_t levels[] = {12, 9, 6, 4, 2};
	char code[UNIT_CODE_CAP];

	if (step->target == STEP_ENDPOINT)
		return bit_of(conf, step->endpoint);
	if (strlen(unit) < (size_t)step->target)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (levels[i] > (size_t)step->target)
			continue;
		text_copy(code, levels[i] + 1, unit);
		const struct conf_unit *there = conf_unit(conf, code);
		uint64_t bits = there ? stand_at(conf, there, at) : 0;
		if (bits)
			return bits;
	}
	return 0;
}

/* The longest any rung waits. */
static int64_t longest_wait(const struct conf_escalation *ladder)
{
	int64_t longest = WHEN_MINUTE;

	for (size_t i = 0; i < ladder->len; i++) {
		if (ladder->steps[i].wait > longest)
			longest = ladder->steps[i].wait;
	}
	return longest;
}

/* From step to step whoever stands on each rung must have been told. */
static void check_climb(struct world *world, int64_t id, const char *unit,
			const struct conf_escalation *ladder, int from, int to,
			const struct seen_alert *seen)
{
	const struct conf *conf = world->house.conf;
	int64_t at = seen->told ? seen->told_at : world->house.now;

	for (int i = from; i < to && (size_t)i < ladder->len; i++) {
		if (rung(conf, &ladder->steps[i], unit, at) & ~seen->told)
			oracle_fail(
				world, "alerts",
				"alert %lld of %s climbed from %d to %d, and step %d was not told",
				(long long)id, unit, from, to, i + 1);
	}
}

static void check_alert(struct world *world, sqlite3_stmt *stmt)
{
	struct oracle *oracle = world->oracle;
	int64_t id = sqlite3_column_int64(stmt, 0);
	const char *kind = text_at(stmt, 1), *unit = text_at(stmt, 2);
	enum alert_state state = (enum alert_state)sqlite3_column_int(stmt, 3);
	int step = sqlite3_column_int(stmt, 4);
	int64_t next_at = sqlite3_column_int64(stmt, 5);
	bool informative = sqlite3_column_int(stmt, 7);
	const struct conf_escalation *ladder = conf_escalation(world->house.conf, kind);
	const struct policy *policy = &world->house.conf->policies[0];
	int64_t patience = longest_wait(ladder);
	struct seen_alert *seen = seen_of(oracle, id);

	if (patience < policy->ack_expires)
		patience = policy->ack_expires;
	if (patience < policy->inhibit_at_most)
		patience = policy->inhibit_at_most;
	if (state == ALERT_OPEN && (!informative || step == 0) &&
	    next_at > oracle->clock_high + patience)
		oracle_fail(world, "alerts",
			    "alert %lld (%s of %s) is open, and silent longer than any step waits",
			    (long long)id, kind, unit);
	if (state == ALERT_ACKED && next_at > oracle->clock_high + 12 * WHEN_HOUR)
		oracle_fail(world, "alerts",
			    "alert %lld (%s of %s) was taken, and nobody asks within 12 h",
			    (long long)id, kind, unit);
	if (state == ALERT_RESOLVED && next_at != WHEN_NEVER)
		oracle_fail(world, "alerts", "alert %lld is resolved and still speaks",
			    (long long)id);
	if (step > seen->step)
		check_climb(world, id, unit, ladder, seen->step, step, seen);
	seen->step = step;
	seen->state = state;
	seen->told = 0;
}

static void check_alerts(struct world *world)
{
	struct oracle *oracle = world->oracle;

	for (size_t i = 0; i < oracle->alerts.len; i++) {
		bool was;
		sqlite3_stmt *stmt = begin_asking(world, ASK_ALERT, &was);
		sqlite3_bind_int64(stmt, 1, oracle->alerts.rows[i]);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			check_alert(world, stmt);
		end_asking(stmt, was);
	}
	oracle->alerts.len = 0;
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
		seen->told |= bit_of(world->house.conf, text_at(stmt, 1));
	seen->told_at = sqlite3_column_int64(stmt, 4);
	if (sqlite3_column_int(stmt, 2) != NOTICE_DONE)
		return;
	uint32_t slot = oracle->table_cap ? *sent_slot(oracle, text_at(stmt, 3)) : 0;
	if (!slot || !oracle->sent[slot - 1].delivered)
		oracle_fail(world, "outbox", "notice %s counts as delivered, and nobody got it",
			    text_at(stmt, 3));
}

static void check_notices(struct world *world)
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

/* --- Journeys ------------------------------------------------------------------------------- */

bool oracle_stood_down(struct world *world, const char *journey, const char *unit)
{
	bool was, found;
	sqlite3_stmt *stmt = begin_asking(world, ASK_STOOD_DOWN, &was);

	sqlite3_bind_text(stmt, 1, journey, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, unit, -1, SQLITE_STATIC);
	found = sqlite3_step(stmt) == SQLITE_ROW;
	end_asking(stmt, was);
	return found;
}

static struct oracle_memory *memory_of(struct oracle *oracle, int64_t row)
{
	size_t index = (size_t)row;

	if (index >= oracle->memories_len) {
		size_t len = 2 * index + 64;
		oracle->memories = mem_grow(oracle->memories, len * sizeof(*oracle->memories));
		for (size_t i = oracle->memories_len; i < len; i++)
			oracle->memories[i] = (struct oracle_memory){.missed_to = WHEN_UNKNOWN};
		oracle->memories_len = len;
	}
	return &oracle->memories[index];
}

static void check_journey(struct world *world, sqlite3_stmt *stmt)
{
	struct oracle_journey row = {
		.id = text_at(stmt, 0),
		.open = sqlite3_column_int(stmt, 1),
		.stage = sqlite3_column_int(stmt, 2),
		.unit = text_at(stmt, 3),
		.holder = text_at(stmt, 4),
		.next_due = sqlite3_column_int64(stmt, 5),
		.record = sqlite3_column_blob(stmt, 6),
		.person = sqlite3_column_blob(stmt, 7),
		.record_len = (size_t)sqlite3_column_bytes(stmt, 6),
		.person_len = (size_t)sqlite3_column_bytes(stmt, 7),
	};
	audit_journey(world, &row, memory_of(world->oracle, sqlite3_column_int64(stmt, 8)));
}

static void check_journeys(struct world *world)
{
	struct oracle *oracle = world->oracle;

	for (size_t i = 0; i < oracle->journeys.len; i++) {
		bool was;
		sqlite3_stmt *stmt = begin_asking(world, ASK_JOURNEY, &was);
		sqlite3_bind_int64(stmt, 1, oracle->journeys.rows[i]);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			check_journey(world, stmt);
		end_asking(stmt, was);
	}
	oracle->journeys.len = 0;
}

/* Everything due has been done: nothing may be overdue, however little. */
static bool is_settled(struct world *world)
{
	return house_up(&world->house) && !vfs_is_dead() &&
	       world->house.store_rest <= world->house.now &&
	       house_next(&world->house) > world->house.now;
}

static void count_violation(void *context, const void *row)
{
	struct world *world = context;
	oracle_fail(world, "loop", "journey %s: no deadline ahead and no alert that will speak",
		    (const char *)row);
}

void oracle_step(struct world *world)
{
	struct oracle *oracle = world->oracle;
	struct err err = ERR_INIT;

	if (world->house.now > oracle->clock_high)
		oracle->clock_high = world->house.now;
	listen(world);
	if (!is_settled(world))
		return;
	bool was = vfs_quiet(true);
	const struct store_ops *ops = world->house.store->ops;
	if (oracle->journeys.len && ops->violations(world->house.store, world->house.now, 0, 10,
						    count_violation, world, &err) < 0)
		oracle_fail(world, "loop", "cannot be asked: %s", err.text);
	vfs_quiet(was);
	check_notices(world);
	check_alerts(world);
	check_journeys(world);
}

/* --- From time to time ---------------------------------------------------------------------- */

static void each(struct world *world, enum question question,
		 void (*check)(struct world *, sqlite3_stmt *))
{
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, question, &was);

	while (sqlite3_step(stmt) == SQLITE_ROW)
		check(world, stmt);
	end_asking(stmt, was);
}

static void fail_stray(struct world *world, sqlite3_stmt *stmt)
{
	oracle_fail(world, "outbox", "notice %s counts as told, and no digest tells it",
		    text_at(stmt, 0));
}

void oracle_audit(struct world *world)
{
	if (!is_settled(world))
		return;
	oracle_step(world);
	each(world, ASK_ALERTS, check_alert);
	each(world, ASK_JOURNEYS, check_journey);
	each(world, ASK_STRAYS, fail_stray);
}

static void relearn_alert(struct world *world, sqlite3_stmt *stmt)
{
	struct seen_alert *seen = seen_of(world->oracle, sqlite3_column_int64(stmt, 0));

	seen->state = (enum alert_state)sqlite3_column_int(stmt, 3);
	seen->step = sqlite3_column_int(stmt, 4);
	seen->told = 0;
}

void oracle_started(struct world *world)
{
	struct oracle *oracle = world->oracle;

	oracle->life++;
	check_facts(world);
	read_facts(world);
	check_sent(world);
	/* What a transaction that was lost had touched is of no interest. */
	oracle->journeys.len = oracle->alerts.len = oracle->notices.len = 0;
	each(world, ASK_ALERTS, relearn_alert);
	listen(world);
}

/* --- The end -------------------------------------------------------------------------------- */

void oracle_calm(struct world *world)
{
	world->oracle->calm_at = world->house.now;
}

/* By when the fallback must have heard of an alert that nobody takes: every rung's wait, an
 * acknowledgement that had to expire, and what an endpoint that was sick needs to be tried again.
 */
#define RECOVERY (25 * WHEN_MINUTE)

static void check_liveness(struct world *world, sqlite3_stmt *stmt)
{
	struct oracle *oracle = world->oracle;
	int64_t id = sqlite3_column_int64(stmt, 0);
	const char *kind = text_at(stmt, 1);
	enum alert_state state = (enum alert_state)sqlite3_column_int(stmt, 3);
	int64_t opened = sqlite3_column_int64(stmt, 6), bound = RECOVERY;
	const struct seen_alert *seen = seen_of(oracle, id);
	const struct conf_escalation *ladder = conf_escalation(world->house.conf, kind);
	int64_t since = opened > oracle->calm_at ? opened : oracle->calm_at;
	int64_t now = world->house.now;

	if (sqlite3_column_int(stmt, 7) || state == ALERT_RESOLVED)
		return;
	if (since + 2 * RECOVERY < now && seen->first_heard == WHEN_NEVER)
		oracle_fail(world, "liveness", "alert %lld (%s) reached nobody", (long long)id,
			    kind);
	if (state == ALERT_ACKED)
		return;
	for (size_t i = 0; i < ladder->len; i++)
		bound += ladder->steps[i].wait;
	/* Taken once, it may have rested for 12 hours and then been asked about. */
	bound += 13 * WHEN_HOUR;
	if (since + bound < now && seen->fallback_heard < now - 2 * longest_wait(ladder) - RECOVERY)
		oracle_fail(world, "liveness",
			    "alert %lld (%s) is open, nobody took it, and the fallback does not "
			    "hear of it",
			    (long long)id, kind);
}

static void check_outbox(struct world *world, sqlite3_stmt *stmt)
{
	if (sqlite3_column_int64(stmt, 1) < world->oracle->calm_at)
		oracle_fail(world, "outbox", "notice %s waits although nothing is broken",
			    text_at(stmt, 0));
}

static const struct mail *mail_of(struct world *world, int64_t seq)
{
	const struct oracle *oracle = world->oracle;

	if ((size_t)seq > oracle->facts_len || oracle->facts[seq].mail == NOBODY)
		return NULL;
	return &world->mails[oracle->facts[seq].mail];
}

void oracle_end(struct world *world)
{
	const struct census *census;

	if (!house_up(&world->house)) {
		oracle_fail(world, "liveness", "the daemon does not start: %s",
			    world->house.err.text);
		return;
	}
	oracle_audit(world);
	each(world, ASK_ALERTS, check_liveness);
	each(world, ASK_NOTICES_OPEN, check_outbox);
	census = house_census(&world->house);
	if (census->violations_len)
		oracle_fail(world, "loop", "census: journey %s: %s", census->violations[0].journey,
			    census->violations[0].rule);
	for (size_t i = 0; i < world->mails_len; i++) {
		if (!world->mails[i].answered && world->mails[i].first_at < world->end)
			oracle_fail(world, "facts", "fact %s was never answered",
				    world->mails[i].fact->stamp.id);
	}
	registers_compare(world);
	if (world->seed % 4 == 0)
		replay_ledger(world, mail_of, (int64_t)world->oracle->facts_len);
}

/* --- Life ----------------------------------------------------------------------------------- */

struct oracle *oracle_new(struct world *world)
{
	struct oracle *oracle = mem_alloc(sizeof(*oracle));

	world->oracle = oracle;
	oracle->clock_high = world->house.now;
	oracle->calm_at = WHEN_NEVER;
	vfs_on_fault(oracle_disconnect, world);
	return oracle;
}

void oracle_free(struct oracle *oracle)
{
	mem_free(oracle->facts);
	mem_free(oracle->sent);
	mem_free(oracle->by_id);
	mem_free(oracle->by_words);
	mem_free(oracle->journeys.rows);
	mem_free(oracle->alerts.rows);
	mem_free(oracle->notices.rows);
	mem_free(oracle->memories);
	mem_free(oracle->seen);
	mem_free(oracle->by_fact);
	mem_free(oracle);
}
