/* bench_store.c — arrivals a second through the store, beside the same rows written by bare SQLite
 *in the same run. Neighbours: lib/store. An arrival is a fact, a journey, a person, a ref, a
 *document, a step and a notice.
 *
 *	bench_store		batches of 1, 100 and 1,000, each in a new file
 *	bench_store grow N	our rate in batches of 100 while the file grows to N journeys */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "closedloop/journey.h"
#include "store/store_private.h"
#include "tests/unit/vault.h"

#define T0	   INT64_C(1583690000000)
#define RECORD_LEN 400
#define PERSON_LEN 250
#define BODY_LEN   700
#define WORDS_LEN  300
#define ROUNDS	   3

static char filler[1024];

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_store: %s\n", what);
	exit(1);
}

/* --- One arrival --------------------------------------------------------------------------- */

struct arrival {
	char id[IDENT_CAP], fact[40], unit[16], flight[48], ref[24], document[40],
		notice[IDENT_CAP];
	char endpoint[16], body[BODY_LEN + 1], words[WORDS_LEN + 1];
	int64_t at;
};

/* Numbers that scatter: facts and documents come with names of others, so their keys are in no
 * order. */
static unsigned long long scatter(unsigned long long value)
{
	value += 0x9e3779b97f4a7c15;
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
	value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
	return value ^ (value >> 31);
}

static void arrive(struct arrival *out, long i)
{
	unsigned long long dice = scatter((unsigned long long)i);

	out->at = T0 + i;
	(void)snprintf(out->id, sizeof(out->id), "jny_%010ld%016llX", i, dice);
	(void)snprintf(out->fact, sizeof(out->fact), "%016llx-%016llx", dice, scatter(dice));
	(void)snprintf(out->unit, sizeof(out->unit), "3101%02llu%03llu%03llu", dice % 16,
		       dice / 16 % 14, dice / 224 % 28);
	(void)snprintf(out->flight, sizeof(out->flight), "MU%ld-PVG-2020-03-08", i / 300);
	(void)snprintf(out->ref, sizeof(out->ref), "D-%ld", i);
	(void)snprintf(out->document, sizeof(out->document), "%016llx", scatter(dice + 1));
	(void)snprintf(out->notice, sizeof(out->notice), "ntc_%010ld%016llX", i, dice);
	(void)snprintf(out->endpoint, sizeof(out->endpoint), "robot-%llu", dice % 300);
	(void)snprintf(out->body, sizeof(out->body), "%.*s", BODY_LEN, filler);
	(void)snprintf(out->words, sizeof(out->words), "%.*s", WORDS_LEN, filler);
}

/* --- Ours ---------------------------------------------------------------------------------- */

static int ours_facts(struct store *store, const struct arrival *a, int64_t *seq, struct err *err)
{
	struct fact fact = {.type = FACT_REGISTERED,
			    .stamp = {.source = "desk", .id = a->fact, .at = a->at},
			    .body = a->body,
			    .body_len = BODY_LEN};
	int rc = store->ops->fact_save(store, &fact, &(struct store_owner){.journey = a->id}, a->at,
				       seq, err);

	if (rc == 0)
		rc = store->ops->ref_save(store, "desk", a->ref, a->id, err);
	if (rc == 0)
		rc = store->ops->document_save(store, a->document, a->id, err);
	return rc;
}

static int ours_rows(struct store *store, const struct arrival *a, int64_t seq, struct err *err)
{
	struct store_journey journey = {.id = a->id,
					.open = true,
					.stage = STAGE_REGISTERED,
					.unit = a->unit,
					.holder = "310115",
					.flight = a->flight,
					.transfer = "",
					.disposition = "home",
					.next_due = a->at + 2 * WHEN_HOUR,
					.updated_at = a->at,
					.record = filler,
					.record_len = RECORD_LEN,
					.person = filler,
					.person_len = PERSON_LEN,
					.person_changed = true};
	struct store_step step = {
		.at = a->at, .fact = seq, .what = "traveler.registered", .note = "new"};
	struct notice notice = {.id = a->notice,
				.endpoint = a->endpoint,
				.type = "notice.expected",
				.kind = "expected",
				.unit = a->unit,
				.created_at = a->at,
				.due_at = a->at,
				.expires_at = WHEN_NEVER,
				.title = "expected",
				.text = a->words,
				.url = "https://loop.example/a/0123456789abcdef",
				.data = a->words,
				.group = ""};
	int rc = store->ops->journey_save(store, &journey, true, err);

	if (rc == 0)
		rc = store->ops->step_save(store, a->id, &step, err);
	if (rc == 0)
		rc = store->ops->notice_save(store, &notice, err);
	return rc;
}

static void ours_batch(struct store *store, long from, long to)
{
	struct err err = ERR_INIT;
	int rc = store->ops->begin(store, &err);

	for (long i = from; i < to && rc == 0; i++) {
		struct arrival arrival;
		int64_t seq = 0;

		arrive(&arrival, i);
		rc = ours_facts(store, &arrival, &seq, &err);
		if (rc == 0)
			rc = ours_rows(store, &arrival, seq, &err);
	}
	if (rc == 0)
		rc = store->ops->commit(store, &err);
	if (rc < 0)
		die(err.text);
}

/* --- Bare SQLite: the same tables, the same rows, nothing around them ---------------------- */

static const char *const bare_sql[] = {
	"INSERT INTO facts (source, id, type, at, received_at, hash, body) VALUES "
	"('desk', ?1, 'traveler.registered', ?2, ?2, zeroblob(16), ?3)",
	"INSERT INTO journeys (id, open, stage, unit, holder, flight, transfer, disposition, "
	"next_due, updated_at, alerts, record) VALUES (?1, 1, 2, ?4, '310115', ?5, '', 'home', "
	"?2 + 7200000, ?2, 0, ?3)",
	"INSERT INTO people (journey, record) VALUES (?1, ?3)",
	"INSERT INTO refs (source, ref, journey, sealed) VALUES ('desk', ?4, ?1, x'')",
	"INSERT INTO documents (document, journey) VALUES (?4, ?1)",
	"INSERT INTO ledger (at, journey, fact, what, note, digest, link) VALUES (?2, '', ?2, "
	"'fact', '', zeroblob(32), zeroblob(32))",
	"INSERT INTO ledger (at, journey, fact, what, note, digest, link) VALUES (?2, ?1, ?2, "
	"'traveler.registered', 'new', x'', zeroblob(32))",
	"INSERT INTO notices (id, endpoint, alert, urgent, type, kind, unit, created_at, due_at, "
	"expires_at, attempts, title, words, url, data, grp, state, ended_at, error) VALUES "
	"(?1, ?4, 0, 0, 'notice.expected', 'expected', ?5, ?2, ?2, 9223372036854775807, 0, "
	"'expected', ?3, 'https://loop.example/a/0123456789abcdef', ?3, '', 0, "
	"9223372036854775807, '')",
};

struct bare {
	sqlite3 *db;
	sqlite3_stmt *stmt[ARRAY_LEN(bare_sql)];
};

static void bare_exec(struct bare *bare, const char *sql)
{
	if (sqlite3_exec(bare->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(bare->db));
}

static void bare_open(struct bare *bare, const char *path)
{
	if (sqlite3_open_v2(path, &bare->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		die("open");
	bare_exec(bare, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			"PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;"
			"PRAGMA wal_autocheckpoint = 4000;");
	for (int i = 0; i < sqlite_schema_version(); i++)
		bare_exec(bare, sqlite_schema_sql(i));
	for (size_t i = 0; i < ARRAY_LEN(bare_sql); i++) {
		if (sqlite3_prepare_v3(bare->db, bare_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &bare->stmt[i], NULL) != SQLITE_OK)
			die(sqlite3_errmsg(bare->db));
	}
}

static void bare_row(struct bare *bare, size_t row, const char *key, int64_t number,
		     const char *bytes, int len, const char *fourth, const char *fifth)
{
	sqlite3_stmt *stmt = bare->stmt[row];
	int count = sqlite3_bind_parameter_count(stmt);

	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, number);
	if (count >= 3)
		sqlite3_bind_text(stmt, 3, bytes, len, SQLITE_STATIC);
	if (count >= 4)
		sqlite3_bind_text(stmt, 4, fourth, -1, SQLITE_STATIC);
	if (count >= 5)
		sqlite3_bind_text(stmt, 5, fifth, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		die(sqlite3_errmsg(bare->db));
	sqlite3_reset(stmt);
}

static void bare_batch(struct bare *bare, long from, long to)
{
	bare_exec(bare, "BEGIN IMMEDIATE");
	for (long i = from; i < to; i++) {
		struct arrival a;

		arrive(&a, i);
		bare_row(bare, 0, a.fact, a.at, a.body, BODY_LEN, NULL, NULL);
		bare_row(bare, 1, a.id, a.at, filler, RECORD_LEN, a.unit, a.flight);
		bare_row(bare, 2, a.id, 0, filler, PERSON_LEN, NULL, NULL);
		bare_row(bare, 3, a.id, 0, NULL, 0, a.ref, NULL);
		bare_row(bare, 4, a.id, 0, NULL, 0, a.document, NULL);
		bare_row(bare, 5, a.id, i, NULL, 0, NULL, NULL);
		bare_row(bare, 6, a.id, i, NULL, 0, NULL, NULL);
		bare_row(bare, 7, a.notice, a.at, a.words, WORDS_LEN, a.endpoint, a.unit);
	}
	bare_exec(bare, "COMMIT");
}

static void bare_close(struct bare *bare)
{
	for (size_t i = 0; i < ARRAY_LEN(bare_sql); i++)
		sqlite3_finalize(bare->stmt[i]);
	sqlite3_close(bare->db);
}

/* --- Runs ---------------------------------------------------------------------------------- */

static char dir[256];
static char path[300];

static struct vault vault;

static void remove_files(void)
{
	static const char *const suffixes[] = {"",	"-wal",	     "-shm",
					       ".keys", ".keys-wal", ".keys-shm"};
	char name[320];

	vault_close(&vault);
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
}

static struct store *open_ours(void)
{
	struct err err = ERR_INIT;
	struct store *store;

	if (vault_store(&vault, &store, path, NULL, &err) < 0)
		die(err.text);
	return store;
}

static double run(bool ours, long batch, long total)
{
	struct store *store = NULL;
	struct bare bare = {.db = NULL};
	double begin;
	double took;

	if (ours)
		store = open_ours();
	else
		bare_open(&bare, path);
	begin = now_s();
	for (long i = 0; i < total; i += batch) {
		if (ours)
			ours_batch(store, i, i + batch);
		else
			bare_batch(&bare, i, i + batch);
	}
	took = now_s() - begin;
	if (ours)
		store->ops->close(store);
	else
		bare_close(&bare);
	remove_files();
	return (double)total / took;
}

static void compare(void)
{
	static const struct {
		long batch, total;
	} runs[] = {{1, 500}, {100, 10000}, {1000, 20000}};

	printf("%-28s %12s %12s %8s\n", "arrivals/s, WAL, FULL", "ours", "bare SQLite", "ratio");
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		double ours = 0;
		double bare = 0;

		/* In turns, and the best of each: neighbours are noisy. */
		for (int round = 0; round < ROUNDS; round++) {
			double rate = run(false, runs[i].batch, runs[i].total);

			bare = rate > bare ? rate : bare;
			rate = run(true, runs[i].batch, runs[i].total);
			ours = rate > ours ? rate : ours;
		}
		printf("batch %-22ld %12.0f %12.0f %8.2f\n", runs[i].batch, ours, bare,
		       ours / bare);
	}
}

/* How fast the history is looked through, and how long the longest slice takes. */
static void verify(long total)
{
	struct ledger_check check = {.n = 0};
	struct store *store = open_ours();
	struct err err = ERR_INIT;
	double longest = 0, begin;

	for (long i = 0; i < total; i += 1000)
		ours_batch(store, i, i + 1000);
	begin = now_s();
	while (!check.done) {
		double slice = now_s();

		if (store->ops->ledger_verify(store, &check, 1000, &err) < 0)
			die(err.text);
		slice = now_s() - slice;
		longest = slice > longest ? slice : longest;
	}
	if (check.fault != LEDGER_WHOLE)
		die(check.words);
	printf("%-28s %12.0f rows/s of %lld, 1000 rows take at most %.1f ms\n", "verify",
	       (double)check.rows / (now_s() - begin), (long long)check.rows, longest * 1000);
	store->ops->close(store);
	remove_files();
}

static void grow(long total)
{
	struct store *store = open_ours();
	double begin = now_s();
	long at = 0;

	printf("%-12s %12s\n", "journeys", "arrivals/s");
	for (long next = total / 100; at < total; next *= 10) {
		long from = at;

		for (; at < next && at < total; at += 100)
			ours_batch(store, at, at + 100);
		printf("%-12ld %12.0f\n", at, (double)(at - from) / (now_s() - begin));
		begin = now_s();
	}
	store->ops->close(store);
	begin = now_s();
	store = open_ours();
	printf("opened again in %.1f ms\n", (now_s() - begin) * 1000);
	store->ops->close(store);
	remove_files();
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");

	memset(filler, 'x', sizeof(filler) - 1);
	(void)snprintf(dir, sizeof(dir), "%s/bench_store.XXXXXX", tmp ? tmp : P_tmpdir);
	if (!mkdtemp(dir))
		die("mkdtemp");
	(void)snprintf(path, sizeof(path), "%s/loop.db", dir);
	if (argc == 3 && text_equal(argv[1], "grow"))
		grow(strtol(argv[2], NULL, 10));
	else if (argc == 3 && text_equal(argv[1], "verify"))
		verify(strtol(argv[2], NULL, 10));
	else {
		compare();
		verify(50000);
	}
	rmdir(dir);
	return 0;
}
