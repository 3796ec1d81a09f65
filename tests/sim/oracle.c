/* oracle.c — see oracle.h. Neighbours: audit.c asks about one journey, replay.c tells the ledger
 * again; vfs.c lets it read without being part of the trouble. */
#include "oracle_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"
#include "store/store_private.h"
#include "tests/unit/vault.h"

#define JOURNEY_COLUMNS                                                                            \
	"journeys.id, open, stage, unit, holder, next_due, CASE WHEN erased_at > 0 "               \
	"THEN journeys.record ELSE opened('journeys.record', journeys.id, journeys.record) END, "  \
	"opened('people.record', journeys.id, people.record), "                                    \
	"journeys.rowid, updated_at, erased_at FROM journeys LEFT JOIN people ON people.journey "  \
	"= journeys.id "
#define ALERT_COLUMNS                                                                              \
	"id, kind, unit, state, step, next_at, opened_at, informative, subject FROM alerts "

#define TOLD_COLUMNS                                                                               \
	"kind, unit, alert, opened('notices.data', id, data), id, rowid, urgent, type, endpoint, " \
	"created_at, opened('notices.title', id, title) FROM "                                     \
	"notices "
#define UNHEARD_COLUMNS                                                                            \
	"mine.id, mine.alert, mine.endpoint, mine.told_at, alerts.kind FROM notices AS mine "      \
	"JOIN alerts ON alerts.id = mine.alert "
#define UNHEARD                                                                                    \
	"AND mine.urgent = 1 AND alerts.state = 0 AND alerts.informative = 0 "                     \
	"AND mine.type NOT IN ('alert.acked', 'alert.resolved') "                                  \
	"AND alerts.hold_until <= ?3 AND NOT EXISTS (SELECT 1 FROM notices AS other "              \
	"WHERE other.alert = mine.alert AND other.endpoint <> mine.endpoint "                      \
	"AND (other.rowid > mine.rowid OR other.told_at = mine.told_at "                           \
	"OR other.state = 0)) LIMIT 1"

static const char *const questions[] = {
	[ASK_FACTS_AFTER] =
		"SELECT seq, hash, source, id, received_at FROM facts WHERE seq > ?1 ORDER BY seq",
	[ASK_JOURNEY] = "SELECT " JOURNEY_COLUMNS "WHERE journeys.rowid = ?1",
	[ASK_JOURNEYS] = "SELECT " JOURNEY_COLUMNS "ORDER BY journeys.rowid",
	[ASK_ALERT] = "SELECT " ALERT_COLUMNS "WHERE id = ?1",
	[ASK_ALERTS] = "SELECT " ALERT_COLUMNS "ORDER BY id",
	[ASK_NOTICE] = "SELECT state, endpoint, alert, type, created_at, opened('notices.title', "
		       "id, title), opened('notices.words', id, words), opened('notices.data', id, "
		       "data), opened('notices.url', id, url) "
		       "FROM notices WHERE id = ?1",
	[ASK_NOTICE_ROW] = "SELECT alert, endpoint, state, id, created_at, kind, urgent "
			   "FROM notices WHERE rowid = ?1",
	[ASK_NOTICES_OPEN] = "SELECT id, created_at FROM notices WHERE state = 0 "
			     "ORDER BY created_at LIMIT 1",
	[ASK_STOOD_DOWN] = "SELECT 1 FROM alerts JOIN members ON members.alert = alerts.id "
			   "WHERE alerts.kind = 'stand_down' AND alerts.unit = ?2 "
			   "AND members.journey = ?1 LIMIT 1",
	[ASK_TOLD] = "SELECT " TOLD_COLUMNS "WHERE id = ?1 AND kind <> 'digest' UNION ALL "
		     "SELECT " TOLD_COLUMNS "WHERE digest = ?1 AND state = 5",
	/* An urgent word of an open alert that nothing holds, by itself or as a line, and nobody
	 * else was told since. */
	[ASK_UNHEARD] = "SELECT " UNHEARD_COLUMNS
			"WHERE (mine.id = ?1 OR (mine.digest = ?1 AND mine.state = 5)) "
			"AND mine.state IN (0, 2, 5) AND mine.told_at < ?2 " UNHEARD,
	[ASK_LATE] = "SELECT " UNHEARD_COLUMNS "WHERE mine.state = 0 AND ?1 IS NULL "
		     "AND mine.told_at < ?2 " UNHEARD,
	/* Who is owed a word of it already, or would refuse it again. */
	[ASK_OWED] = "SELECT endpoint FROM notices WHERE alert = ?1 AND (state = 0 "
		     "OR (state = 2 AND told_at > ?2) OR (state = 5 AND EXISTS (SELECT 1 "
		     "FROM notices AS whole WHERE whole.id = notices.digest "
		     "AND whole.state IN (0, 2))))",
	[ASK_ENDED] = "SELECT alerts.state, EXISTS (SELECT 1 FROM notices WHERE alert = ?1 "
		      "AND endpoint = ?2 AND type = 'alert.resolved' AND state IN (2, 4)), "
		      "alerts.informative FROM alerts WHERE id = ?1",
	/* Told by a digest that is not there, or that says it tells nothing. */
	[ASK_STRAYS] = "SELECT notices.id FROM notices "
		       "LEFT JOIN notices AS whole ON whole.id = notices.digest "
		       "WHERE notices.state = 5 AND (whole.id IS NULL OR whole.state > 2) LIMIT 1",
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
	if (rc == SQLITE_OK)
		rc = vault_lend(&world->house.vault, oracle->db);
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

sqlite3_stmt *begin_asking(struct world *world, enum question question, bool *was)
{
	*was = vfs_quiet(true);
	connect(world);
	return world->oracle->ask[question];
}

void end_asking(sqlite3_stmt *stmt, bool was)
{
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	vfs_quiet(was);
}

const char *text_at(sqlite3_stmt *stmt, int column)
{
	const void *text = sqlite3_column_text(stmt, column);
	return text ? text : "";
}

uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return (hash ^ 0xff) * UINT64_C(1099511628211);
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
void oracle_listen(struct world *world)
{
	if (!world->house.store)
		return;
	struct sqlite_store *store = sqlite_of(world->house.store);
	if (store->db)
		sqlite3_update_hook(store->db, on_write, world->oracle);
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
		.updated_at = sqlite3_column_int64(stmt, 9),
		.erased_at = sqlite3_column_int64(stmt, 10),
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
	bool back = world->house.clock_told && world->house.now < oracle->clock_high;

	if (back || world->house.now > oracle->clock_high)
		oracle->clock_high = world->house.now;
	oracle_listen(world);
	if (!is_settled(world))
		return;
	bool was = vfs_quiet(true);
	const struct store_ops *ops = world->house.store->ops;
	if (oracle->journeys.len && ops->violations(world->house.store, world->house.now, 0, 10,
						    count_violation, world, &err) < 0)
		oracle_fail(world, "loop", "cannot be asked: %s", err.text);
	vfs_quiet(was);
	notices_check(world);
	alerts_check(world);
	if (back)
		ask_each(world, ASK_ALERTS, alerts_check_one);
	undelivered_check(world);
	check_journeys(world);
}

/* --- From time to time ---------------------------------------------------------------------- */

void ask_each(struct world *world, enum question question,
	      void (*check)(struct world *, sqlite3_stmt *))
{
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, question, &was);

	while (sqlite3_step(stmt) == SQLITE_ROW)
		check(world, stmt);
	end_asking(stmt, was);
}

void oracle_audit(struct world *world)
{
	if (!is_settled(world))
		return;
	oracle_step(world);
	ask_each(world, ASK_ALERTS, alerts_check_one);
	ask_each(world, ASK_JOURNEYS, check_journey);
	ask_each(world, ASK_STRAYS, notices_fail_stray);
	undelivered_audit(world);
}

/* What was written is what is there, after every crash and at the end. */
static void check_ledger(struct world *world)
{
	struct store *store = world->house.store;
	struct ledger_check check = {.public_key = engine_ledger_public(world->house.engine)};
	struct err err = ERR_INIT;
	bool was = vfs_quiet(true);
	int rc = 0;

	while (rc == 0 && !check.done)
		rc = store->ops->ledger_verify(store, &check, 1000, &err);
	vfs_quiet(was);
	if (rc < 0)
		oracle_fail(world, "ledger", "%s", err.text);
	else if (check.fault != LEDGER_WHOLE)
		oracle_fail(world, "ledger", "%s: %s", ledger_fault_word(check.fault), check.words);
}

void oracle_started(struct world *world)
{
	struct oracle *oracle = world->oracle;

	oracle->life++;
	check_ledger(world);
	undelivered_forget(oracle);
	facts_check(world);
	facts_read(world);
	sent_check(world);
	/* What a transaction that was lost had touched is of no interest. */
	oracle->journeys.len = oracle->alerts.len = oracle->notices.len = 0;
	ask_each(world, ASK_ALERTS, alerts_relearn);
	oracle_listen(world);
}

/* --- The end -------------------------------------------------------------------------------- */

void oracle_calm(struct world *world)
{
	world->oracle->calm_at = world->house.now;
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
	check_ledger(world);
	ask_each(world, ASK_ALERTS, alerts_check_end);
	ask_each(world, ASK_NOTICES_OPEN, notices_check_open);
	census = house_census(&world->house);
	if (census->violations_len)
		oracle_fail(world, "loop", "census: journey %s: %s", census->violations[0].journey,
			    census->violations[0].rule);
	for (size_t i = 0; i < world->mails_len; i++) {
		if (!world->mails[i].answered && world->mails[i].first_at < world->end)
			oracle_fail(world, "facts", "fact %s was never answered",
				    world->mails[i].fact->stamp.id);
	}
	incidents_check_end(world);
	registers_compare(world);
	if (world->seed % 4 == 0)
		replay_ledger(world, facts_mail, (int64_t)world->oracle->facts_len);
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
	mem_free(oracle->failing);
	arrivals_free(oracle);
	incidents_free(oracle);
	mem_free(oracle);
}
