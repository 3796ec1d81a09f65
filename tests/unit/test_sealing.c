/* test_sealing.c — nothing personal is in the store's files in the clear; what was sealed before is
 * read as it was; and what has lost its key is gone, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "store/store_private.h"
#include "store/store_reseal_sql.h"
#include "tests/unit/night.h"

#define PEOPLE 1000
#define T0     INT64_C(1583690000000)

/* Every value that a person or a recipient could be known by holds one of these. */
static const char *const canaries[] = {
	"Zyqxvar",				/* a name in Latin letters */
	"\xe9\x91\xab\xe6\xb7\xbc\xe7\x8a\x87", /* the same in Chinese */
	"QX7742",				/* a passport */
	"39555071",				/* a phone */
	"Vexholm",				/* an address in Latin letters */
	"\xe7\xbf\x9f\xe6\xa5\xa0\xe5\xbc\x84", /* and in Chinese */
	"coughs",				/* free text */
	"RF-882",				/* what a feed calls her */
	"sesame-link",				/* a link that answers */
};

/* --- Looking into files -------------------------------------------------------------------- */

struct bytes {
	uint8_t *data;
	size_t len;
};

static struct bytes read_whole(const char *path)
{
	struct bytes out = {.data = NULL};
	FILE *file = fopen(path, "rb");

	if (!file)
		return out;
	fseek(file, 0, SEEK_END);
	out.len = (size_t)ftell(file);
	rewind(file);
	out.data = mem_alloc(out.len + 1);
	assert_int_equal(fread(out.data, 1, out.len, file), out.len);
	fclose(file);
	return out;
}

static bool holds(const struct bytes *bytes, const void *what, size_t len)
{
	const uint8_t *at = bytes->data;
	const uint8_t *end = at + bytes->len;

	while (at && (at = memchr(at, *(const uint8_t *)what, (size_t)(end - at)))) {
		if ((size_t)(end - at) < len)
			return false;
		if (memcmp(at, what, len) == 0)
			return true;
		at++;
	}
	return false;
}

/* As it is, in hex of both kinds, and as UTF-16 of both kinds where it is ASCII. */
static bool holds_anyhow(const struct bytes *bytes, const char *word)
{
	size_t len = strlen(word);
	char hex[128];
	char upper[128];
	char wide[128];
	bool ascii = true;

	digest_hex(word, len, hex, sizeof(hex));
	for (size_t i = 0; i <= 2 * len; i++)
		upper[i] = hex[i] >= 'a' ? (char)(hex[i] - 32) : hex[i];
	for (size_t i = 0; i < len; i++) {
		ascii = ascii && (word[i] & 0x80) == 0;
		wide[2 * i] = word[i];
		wide[2 * i + 1] = 0;
	}
	return holds(bytes, word, len) || holds(bytes, hex, 2 * len) ||
	       holds(bytes, upper, 2 * len) || (ascii && holds(bytes, wide, 2 * len - 1));
}

static int hits(const char *path)
{
	struct bytes bytes = read_whole(path);
	int found = 0;

	for (size_t i = 0; i < ARRAY_LEN(canaries); i++) {
		if (holds_anyhow(&bytes, canaries[i])) {
			print_error("%s holds \"%s\"\n", path, canaries[i]);
			found++;
		}
	}
	mem_free(bytes.data);
	return found;
}

/* In the file, its log, and a copy of it. */
static int hits_around(const char *path)
{
	char other[256];
	char sql[300];
	sqlite3 *db = NULL;
	int found = hits(path);

	snprintf(other, sizeof(other), "%s-wal", path);
	found += hits(other);
	snprintf(other, sizeof(other), "%s.copy", path);
	snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", other);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	found += hits(other);
	unlink(other);
	return found;
}

static int64_t ask(const char *path, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	int64_t answer = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return answer;
}

/* --- A thousand people --------------------------------------------------------------------- */

static void registers(struct night *night, int i, int64_t now)
{
	struct arena *arena = &night->arena;
	const char *ref = arena_printf(arena, "RF-882-%d", i);
	const char *passport = arena_printf(arena, "QX7742%04d", i);
	struct fact *fact =
		night_person(night, FACT_REGISTERED, "desk", ref, passport, "2020-03-08T15:00");

	fact->stamp.at = now;
	fact->field[FIELD_NAME] = arena_printf(arena, "Zyqxvar No%d", i);
	fact->field[FIELD_NAME_NATIVE] = arena_printf(arena, "%s%d", canaries[1], i);
	fact->field[FIELD_PHONES] = arena_printf(arena, "+8613955507%04d", 1000 + i);
	fact->field[FIELD_DISPOSITION] = "home";
	fact->field[FIELD_ADDRESS] =
		i % 2 ? arena_printf(arena, "Vexholm Lane %d, Room %d", i, 100 + i)
		      : arena_printf(arena, "%s%d%s%d", canaries[5], i, "\xe5\x8f\xb7", 100 + i);
	fact->field[FIELD_NEEDS] = "coughs at night";
	fact->field[FIELD_CO_RESIDENTS] = "Zyqxvar senior";
	fact->body = arena_printf(arena,
				  "{\"name\":\"%s\",\"doc\":\"%s\",\"tel\":\"%s\",\"adr\":\"%s\"}",
				  fact->field[FIELD_NAME], passport, fact->field[FIELD_PHONES],
				  fact->field[FIELD_ADDRESS]);
	fact->body_len = strlen(fact->body);
	assert_int_equal(night_submit(night, fact, now).code, CL_OK);
}

/* What the skeleton of a night has no occasion for. */
static void write_the_rest(struct store *store, const char *journey)
{
	struct store_reject reject = {.at = T0,
				      .feed = "desk",
				      .source = "desk",
				      .event_id = "e1",
				      .code = "invalid",
				      .detail = "Zyqxvar is no date",
				      .body = "{\"doc\":\"QX7742\"}",
				      .body_len = 16};
	struct notice notice = {.id = "ntc_canary",
				.endpoint = "desk",
				.type = "alert.opened",
				.kind = "overdue",
				.unit = "",
				.created_at = T0,
				.due_at = WHEN_NEVER,
				.expires_at = WHEN_NEVER,
				.title = "Zyqxvar has not come",
				.text = "call +8613955507100",
				.url = "https://desk/a/sesame-link",
				.data = "{\"doc\":\"QX7742\"}",
				.group = "",
				.error = ""};
	struct silence silence = {.id = 1 << 20,
				  .made_at = T0,
				  .ends_at = T0 + WHEN_HOUR,
				  .ended_at = WHEN_NEVER,
				  .kind = "overdue",
				  .author = "Li",
				  .reason = "Zyqxvar coughs"};
	struct store_place place = {.journey = journey,
				    .at = T0,
				    .fact = "e1",
				    .keys = {"QX7742-hash", "Vexholm 5", "Vexholm"}};
	struct store_alias alias = {.journey = journey,
				    .kind = MATCH_KEY_DOOR,
				    .key = "Vexholm 5",
				    .code = "310115001001",
				    .at = T0,
				    .fact = "e1",
				    .by = "Li",
				    .undone_at = WHEN_UNKNOWN,
				    .undone_by = ""};
	struct err err = ERR_INIT;

	assert_int_equal(store->ops->begin(store, &err), 0);
	assert_int_equal(store->ops->reject_save(store, &reject, &err), 0);
	assert_int_equal(store->ops->notice_save(store, &notice, &err), 0);
	assert_int_equal(store->ops->silence_save(store, &silence, &err), 0);
	assert_int_equal(store->ops->transfer_save(store, "bus-1", "RF-8827 coughs", 14, &err), 0);
	assert_int_equal(store->ops->place_save(store, &place, &err), 0);
	assert_int_equal(store->ops->alias_save(store, &alias, &err), 0);
	assert_int_equal(store->ops->ref_save(store, "list", "RF-882-again", journey, &err), 0);
	assert_int_equal(store->ops->commit(store, &err), 0);
}

/* Of sealed bytes the number of the key: bytes 2 to 9. */
#define KEY_OF(column)	       "hex(substr(" column ", 2, 8)) "
#define KEY_IS(column, number) KEY_OF(column) "= printf('%016X', " number ")"

static void nothing_of_a_thousand_people_is_readable(void **state)
{
	static struct night night;
	struct journey *journey = mem_alloc(sizeof(*journey));
	char path[128];

	(void)state;
	night_open(&night);
	snprintf(path, sizeof(path), "%s/night.db", night.dir);
	for (int i = 0; i < PEOPLE; i++)
		registers(&night, i, T0 + i * WHEN_SECOND);
	night_journey(&night, "desk", "RF-882-7", journey);
	assert_string_equal(journey->field[FIELD_NAME], "Zyqxvar No7");
	write_the_rest(night.store, journey->id);
	assert_int_equal(hits_around(path), 0);
	/* What she said is under her own key, all of it. */
	assert_int_equal(ask(path, "SELECT count(*) FROM journeys WHERE key > 0"), PEOPLE);
	assert_int_equal(ask(path, "SELECT count(DISTINCT key) FROM journeys"), PEOPLE);
	assert_int_equal(ask(path,
			     "SELECT count(*) FROM facts JOIN ledger ON ledger.fact = facts.seq "
			     "AND ledger.journey <> '' AND ledger.what = facts.type "
			     "JOIN journeys ON journeys.id = ledger.journey WHERE " KEY_IS(
				     "facts.body", "journeys.key")),
			 PEOPLE);
	assert_int_equal(ask(path, "SELECT count(*) FROM refs JOIN journeys ON journeys.id = "
				   "refs.journey WHERE " KEY_IS("refs.sealed", "journeys.key")),
			 PEOPLE + 1);
	assert_int_equal(ask(path, "SELECT count(*) FROM people JOIN journeys ON journeys.id = "
				   "people.journey WHERE " KEY_IS("people.record", "journeys.key")),
			 PEOPLE);
	mem_free(journey);
	night_close(&night);
}

/* --- An older database --------------------------------------------------------------------- */

struct fixture {
	struct vault vault;
	char dir[64], path[96];
	struct store *store;
	struct arena arena;
	struct err err;
};

#define OK(call)      assert_int_equal((call), 0)
#define DO(verb, ...) f->store->ops->verb(f->store, __VA_ARGS__, &f->err)

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/test_sealing.XXXXXX");
	if (!mkdtemp(f->dir) || digest_init(NULL) < 0)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/loop.db", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	if (f->store)
		f->store->ops->close(f->store);
	vault_close(&f->vault);
	arena_release(&f->arena);
	snprintf(command, sizeof(command), "rm -rf %s", f->dir);
	if (system(command) != 0)
		return -1;
	mem_free(f);
	return 0;
}

static const char old_rows[] =
	"INSERT INTO facts VALUES (1, 'desk', 'e1', 'traveler.registered', 1583690000000, "
	"1583690000000, x'000102030405060708090A0B0C0D0E0F', '{\"name\":\"Zyqxvar\"}');"
	"INSERT INTO facts VALUES (2, 'desk', 'e2', 'feed.heartbeat', 1583690000000, "
	"1583690000000, x'100102030405060708090A0B0C0D0E0F', '{\"note\":\"coughs\"}');"
	"INSERT INTO journeys VALUES ('jny_a', 1, 0, '310115001001', '', '', '', '', 1, 1, 0, "
	"CAST('QX7742 coughs' AS BLOB));"
	"INSERT INTO people VALUES ('jny_a', CAST('Zyqxvar, 39555071' AS BLOB));"
	"INSERT INTO steps VALUES ('jny_a', 1, 1583690000000, 1, 'traveler.registered', 'x');"
	"INSERT INTO refs VALUES ('RF-8829', 'desk', 'jny_a');"
	"INSERT INTO refs VALUES ('RF-8821', 'desk', 'jny_a');"
	"INSERT INTO documents VALUES ('CHN/QX7742', 'jny_a');"
	"INSERT INTO transfers VALUES ('bus', CAST('RF-8829' AS BLOB));"
	"INSERT INTO rejects VALUES (1, 5, 'desk', 'desk', 'e9', 'invalid', 'Zyqxvar', 'QX7742');"
	"INSERT INTO notices (id, endpoint, alert, urgent, type, kind, unit, created_at, due_at, "
	"expires_at, attempts, title, words, url, data, grp, state, ended_at, error) VALUES ("
	"'ntc_1', 'robot', 0, 0, 't', 'k', '', 1583690000000, 1, 9, 0, 'Zyqxvar', 'coughs', "
	"'/a/sesame-link', '', '', 0, 9, '');"
	"INSERT INTO silences VALUES (3, 'k', '', '', 'Li', 'coughs', 1, 9, 0, 9, '');"
	"INSERT INTO places VALUES ('jny_a', 4, 'e1', 'QX7742-h', 'Vexholm 5', '');"
	"INSERT INTO aliases VALUES (1, 'jny_a', 1, 'Vexholm 5', '310115001001', 4, 'e1', 'Li', "
	"-9223372036854775808, '');"
	/* Once there, gone since, and not yet written over. */
	"CREATE TABLE gone (word TEXT); INSERT INTO gone VALUES ('Zyqxvar was here'); DROP TABLE "
	"gone;"
	"PRAGMA application_id = 1129074756; PRAGMA user_version = 6;";

static void make_old(struct fixture *f)
{
	sqlite3 *db = NULL;

	assert_int_equal(STORE_APPLICATION_ID, 1129074756);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL),
			 SQLITE_OK);
	for (int i = 0; i < 6; i++)
		assert_int_equal(sqlite3_exec(db, sqlite_schema_sql(i), NULL, NULL, NULL),
				 SQLITE_OK);
	char *why = NULL;
	if (sqlite3_exec(db, old_rows, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

struct heard {
	char words[1000];
};

static void hear(struct heard *heard, const char *word)
{
	size_t len = strlen(heard->words);

	snprintf(heard->words + len, sizeof(heard->words) - len, "%s ", word);
}

static void hear_ref(void *context, const void *row)
{
	hear(context, ((const char *const *)row)[1]);
}

static void hear_fact(void *context, const void *row)
{
	const struct fact *fact = row;

	hear(context, fact->body);
}

static void hear_reject(void *context, const void *row)
{
	const struct store_reject *reject = row;

	hear(context, reject->detail);
	hear(context, reject->body);
}

static void hear_step(void *context, const void *row)
{
	const struct store_step *step = row;

	hear(context, step->body);
}

static void hear_alias(void *context, const void *row)
{
	const struct store_alias *alias = row;

	hear(context, alias->key);
}

static void hear_journey(void *context, const void *row)
{
	const struct store_journey *journey = row;

	hear(context, journey->id);
}

static void an_older_database_is_sealed_and_reads_as_before(void **state)
{
	static const uint8_t hash[DIGEST_KEY_LEN] = {0, 1, 2,  3,  4,  5,  6,  7,
						     8, 9, 10, 11, 12, 13, 14, 15};
	struct fixture *f = *state;
	struct store_journey journey;
	struct store_letter letter;
	struct silence silence;
	struct store_place place;
	struct heard heard = {.words = ""};
	struct ledger_check check = {.n = 0};
	char found[IDENT_CAP];
	const void *data;
	size_t len;
	bool same;
	int64_t seq;

	make_old(f);
	assert_true(hits(f->path) > 5);
	OK(vault_store(&f->vault, &f->store, f->path, NULL, &f->err));
	assert_int_equal(hits_around(f->path), 0);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM meta WHERE key = 'clear_pages'"), 0);

	OK(DO(journey_load, "jny_a", &f->arena, &journey));
	assert_string_equal(journey.record, "QX7742 coughs");
	assert_string_equal(journey.person, "Zyqxvar, 39555071");
	OK(DO(fact_find, "desk", "e1", hash, &seq, &same));
	assert_int_equal(seq, 1);
	assert_true(same);
	OK(DO(facts_each, 0, hear_fact, &heard));
	OK(DO(refs_of, "jny_a", hear_ref, &heard));
	OK(DO(rejects_list, NULL, 0, 9, hear_reject, &heard));
	OK(DO(steps_list, "jny_a", &f->arena, hear_step, &heard));
	OK(DO(aliases_under, MATCH_KEY_DOOR, "Vexholm 5", &f->arena, hear_alias, &heard));
	assert_string_equal(heard.words, "{\"name\":\"Zyqxvar\"} {\"note\":\"coughs\"} "
					 "RF-8821 RF-8829 Zyqxvar QX7742 {\"name\":\"Zyqxvar\"} "
					 "Vexholm 5 ");
	OK(DO(ref_find, "desk", "RF-8829", found));
	assert_string_equal(found, "jny_a");
	OK(DO(document_find, "CHN/QX7742", found));
	assert_string_equal(found, "jny_a");
	OK(DO(transfer_load, "bus", &f->arena, &data, &len));
	assert_memory_equal(data, "RF-8829", 7);
	OK(DO(notice_load, "ntc_1", &f->arena, &letter));
	assert_string_equal(letter.notice.title, "Zyqxvar");
	assert_string_equal(letter.notice.text, "coughs");
	assert_string_equal(letter.notice.url, "/a/sesame-link");
	assert_string_equal(letter.notice.data, "");
	OK(DO(silence_load, 3, &silence));
	assert_string_equal(silence.reason, "coughs");
	OK(DO(place_at, "jny_a", 9, &f->arena, &place));
	assert_string_equal(place.keys[MATCH_KEY_DOOR], "Vexholm 5");
	assert_string_equal(place.keys[MATCH_KEY_ESTATE], "");
	/* The chain is over what is stored now; a fact of one journey's is under her key. */
	while (!check.done)
		OK(DO(ledger_verify, &check, 100));
	assert_int_equal(check.fault, LEDGER_WHOLE);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM facts JOIN journeys ON seq = 1 AND " KEY_IS(
				     "facts.body", "journeys.key")),
			 1);
}

static void a_migration_that_was_not_cleaned_up_after_is_at_the_next_opening(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db = NULL;

	OK(vault_store(&f->vault, &f->store, f->path, NULL, &f->err));
	f->store->ops->close(f->store);
	f->store = NULL;
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(
			db,
			"PRAGMA secure_delete = OFF; CREATE TABLE gone (word TEXT);"
			"INSERT INTO gone VALUES ('Zyqxvar'); DROP TABLE gone;" SQL_RESEAL_DIRTY,
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_true(hits(f->path) > 0);
	OK(vault_store(&f->vault, &f->store, f->path, NULL, &f->err));
	assert_int_equal(hits_around(f->path), 0);
}

/* --- Keys that are gone -------------------------------------------------------------------- */

static void save_two(struct fixture *f)
{
	const char *ids[] = {"jny_a", "jny_b"};
	int64_t seq;

	OK(vault_store(&f->vault, &f->store, f->path, NULL, &f->err));
	OK(f->store->ops->begin(f->store, &f->err));
	for (int i = 0; i < 2; i++) {
		struct fact fact = {.type = FACT_REGISTERED,
				    .stamp = {.source = "desk", .id = ids[i], .at = T0},
				    .body = ids[i],
				    .body_len = 5};
		struct store_journey row = {.id = ids[i],
					    .open = true,
					    .unit = "310115001001",
					    .next_due = T0,
					    .record = "r",
					    .record_len = 1,
					    .person = "p",
					    .person_len = 1,
					    .person_changed = true};
		struct store_step step = {.at = T0, .what = "traveler.registered", .note = ""};

		OK(DO(fact_save, &fact, &(struct store_owner){.journey = ids[i]}, T0, &step.fact));
		OK(DO(ref_save, "desk", ids[i], ids[i]));
		OK(DO(journey_save, &row, true));
		OK(DO(step_save, ids[i], &step));
		seq = step.fact;
	}
	assert_int_equal(seq, 2);
	OK(f->store->ops->commit(f->store, &f->err));
}

static void what_lost_its_key_is_gone_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct store_filter filter = {.stage = -1, .limit = 10};
	struct store_journey journey;
	struct heard heard = {.words = ""};
	struct ledger_check check = {.n = 0};
	char found[IDENT_CAP];

	save_two(f);
	int64_t key = ask(f->path, "SELECT key FROM journeys WHERE id = 'jny_a'");
	OK(keyring_destroy(f->vault.ring, &key, 1, T0, &f->err));
	assert_int_equal(DO(journey_load, "jny_a", &f->arena, &journey), CL_EGONE);
	assert_string_equal(f->err.text, "journey jny_a was erased");
	OK(DO(journey_load, "jny_b", &f->arena, &journey));
	OK(DO(journeys_list, &filter, &f->arena, hear_journey, &heard));
	OK(DO(facts_each, 0, hear_fact, &heard));
	OK(DO(refs_of, "jny_a", hear_ref, &heard));
	OK(DO(refs_of, "jny_b", hear_ref, &heard));
	OK(DO(steps_list, "jny_a", &f->arena, hear_step, &heard));
	assert_string_equal(heard.words, "jny_b  jny_b  jny_b  ");
	/* She is still recognised, by what is blind. */
	OK(DO(ref_find, "desk", "jny_a", found));
	assert_string_equal(found, "jny_a");
	/* And nothing can be said about her any more. */
	OK(f->store->ops->begin(f->store, &f->err));
	assert_int_equal(DO(ref_save, "desk", "more", "jny_a"), CL_EGONE);
	f->store->ops->rollback(f->store);
	while (!check.done)
		OK(DO(ledger_verify, &check, 100));
	assert_int_equal(check.fault, LEDGER_WHOLE);
}

static void what_is_looked_up_is_blinded_by_the_ring_s_secret(void **state)
{
	static const uint8_t nothing[DIGEST_KEY_LEN];
	struct fixture *f = *state;
	uint8_t blind[SEAL_BLIND_LEN];
	char hex[2 * SEAL_BLIND_LEN + 1];
	char sql[200];

	save_two(f);
	vault_fact_hash(&f->vault, nothing, blind);
	digest_hex(blind, sizeof(blind), hex, sizeof(hex));
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM facts WHERE hash = x'%s'", hex);
	assert_int_equal(ask(f->path, sql), 2);
}

static void with_another_key_ring_nothing_opens(void **state)
{
	struct fixture *f = *state;
	struct store_journey journey;
	char keys[128];

	save_two(f);
	f->store->ops->close(f->store);
	f->store = NULL;
	vault_close(&f->vault);
	snprintf(keys, sizeof(keys), "%s.keys", f->path);
	OK(unlink(keys));
	f->vault.seed = 99;
	OK(vault_store(&f->vault, &f->store, f->path, NULL, &f->err));
	assert_int_equal(DO(journey_load, "jny_a", &f->arena, &journey), CL_ECORRUPT);
}

static void sealed_bytes_open_only_in_their_row(void **state)
{
	struct fixture *f = *state;
	struct store_journey journey;
	sqlite3 *db = NULL;

	save_two(f);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			     "UPDATE people SET record = (SELECT record FROM people AS other "
			     "WHERE other.journey = 'jny_b') WHERE journey = 'jny_a'",
			     NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(DO(journey_load, "jny_a", &f->arena, &journey), CL_ECORRUPT);
}

static void a_transaction_that_is_rolled_back_leaves_no_key_behind(void **state)
{
	struct fixture *f = *state;
	struct store_journey journey;
	struct heard heard = {.words = ""};

	OK(vault_store(&f->vault, &f->store, f->path, NULL, &f->err));
	OK(f->store->ops->begin(f->store, &f->err));
	OK(DO(ref_save, "desk", "1", "jny_a"));
	f->store->ops->rollback(f->store);
	f->store->ops->close(f->store);
	save_two(f);
	OK(DO(journey_load, "jny_a", &f->arena, &journey));
	OK(DO(refs_of, "jny_a", hear_ref, &heard));
	assert_string_equal(heard.words, "jny_a ");
	assert_int_equal(ask(f->path, "SELECT count(*) FROM refs JOIN journeys ON journeys.id = "
				      "refs.journey WHERE " KEY_IS("refs.sealed", "journeys.key")),
			 2);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_a_thousand_people_is_readable),
		IN_A_FOLDER(an_older_database_is_sealed_and_reads_as_before),
		IN_A_FOLDER(a_migration_that_was_not_cleaned_up_after_is_at_the_next_opening),
		IN_A_FOLDER(what_lost_its_key_is_gone_and_nothing_else),
		IN_A_FOLDER(what_is_looked_up_is_blinded_by_the_ring_s_secret),
		IN_A_FOLDER(with_another_key_ring_nothing_opens),
		IN_A_FOLDER(sealed_bytes_open_only_in_their_row),
		IN_A_FOLDER(a_transaction_that_is_rolled_back_leaves_no_key_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
