/* store_adopt.c — facts and steps of a database that had no ledger become its first rows, in the
 * order in which they were written. Neighbours: schema.c runs this inside the migration, after
 * whatever else changes the rows of facts; store_ledger.c makes the rows from then on. */
#include "store/store_private.h"

#include <string.h>

struct adoption {
	sqlite3 *db;
	sqlite3_stmt *facts, *steps, *save;
	struct ledger_end end;
	int64_t fact; /* the last one that has its row */
};

static int append(struct adoption *it, struct sql_value row[LEDGER_VALUES + 1])
{
	struct ledger_end next;
	int rc;

	row[0] = sql_number(it->end.n + 1);
	ledger_follow(&it->end, row, &next);
	row[LEDGER_VALUES] = sql_bytes(next.link, sizeof(next.link));
	rc = sql_bind(it->save, row, LEDGER_VALUES + 1);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(it->save) == SQLITE_DONE ? SQLITE_OK
							   : sqlite3_extended_errcode(it->db);
	(void)sqlite3_reset(it->save); /* Repeats the step's result. */
	it->end = next;
	return rc;
}

/* Every fact up to LAST that has no row yet. */
static int adopt_facts(struct adoption *it, int64_t last)
{
	int rc = sqlite3_bind_int64(it->facts, 1, it->fact);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(it->facts, 2, last);
	while (rc == SQLITE_OK && (rc = sqlite3_step(it->facts)) == SQLITE_ROW) {
		uint8_t digest[LEDGER_LINK_LEN];

		it->fact = sqlite3_column_int64(it->facts, 0);
		ledger_fact_digest(it->facts, digest);
		struct sql_value row[LEDGER_VALUES + 1] = {sql_number(0),
							   sql_value_at(it->facts,
									LEDGER_FACT_RECEIVED),
							   sql_text(""),
							   sql_number(it->fact),
							   sql_text(LEDGER_FACT),
							   sql_text(""),
							   sql_bytes(digest, sizeof(digest))};
		rc = append(it, row);
	}
	(void)sqlite3_reset(it->facts); /* Repeats the step's result. */
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int adopt_steps(struct adoption *it)
{
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && (rc = sqlite3_step(it->steps)) == SQLITE_ROW) {
		struct sql_value row[LEDGER_VALUES + 1] = {sql_number(0)};

		for (int i = 1; i < LEDGER_VALUES - 1; i++)
			row[i] = sql_value_at(it->steps, i - 1);
		row[LEDGER_VALUES - 1] = sql_bytes(NULL, 0);
		rc = row[3].number > it->fact ? adopt_facts(it, row[3].number) : SQLITE_OK;
		if (rc == SQLITE_OK)
			rc = append(it, row);
	}
	return rc == SQLITE_DONE ? adopt_facts(it, INT64_MAX) : rc;
}

int sqlite_ledger_adopt(sqlite3 *db)
{
	struct adoption it = {.db = db, .fact = INT64_MIN};
	int rc = sqlite3_prepare_v2(db, SQL_ADOPT_FACTS, -1, &it.facts, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db, SQL_ADOPT_STEPS, -1, &it.steps, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db, SQL_ADOPT_SAVE, -1, &it.save, NULL);
	if (rc == SQLITE_OK)
		rc = adopt_steps(&it);
	/* They repeat the step's result. */
	(void)sqlite3_finalize(it.facts);
	(void)sqlite3_finalize(it.steps);
	(void)sqlite3_finalize(it.save);
	return rc == SQLITE_OK ? sqlite3_exec(db, SQL_ADOPT_DONE, NULL, NULL, NULL) : rc;
}
