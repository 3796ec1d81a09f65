/* store_sealed.c — whose a database is, and whether it has sealed rows, asked before it is opened
 * for good and before anything is made beside it.
 * Neighbours: store_sqlite.c opens it. */
#include "store/store_private.h"

/* From this schema version on rows are sealed. */
#define SEALED_SINCE 7

static const char any_key[] = "SELECT EXISTS (SELECT 1 FROM journeys WHERE key > 0) OR "
			      "EXISTS (SELECT 1 FROM transfers WHERE key > 0) OR "
			      "EXISTS (SELECT 1 FROM days WHERE key > 0)";

int store_sqlite_sealed(const char *path, const char *vfs, bool *sealed, struct err *err)
{
	sqlite3 *db = NULL;
	bool broken;
	int64_t application = 0;
	int64_t version = 0;
	int64_t tables = 0;
	int64_t any = 0;
	int refused = 0;
	int rc = sqlite3_open_v2(path, &db,
				 SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
				 vfs);

	if (rc == SQLITE_OK)
		rc = sql_ask(db, "PRAGMA application_id", &application);
	if (rc == SQLITE_OK)
		rc = sql_ask(db, "PRAGMA user_version", &version);
	if (rc == SQLITE_OK)
		rc = sql_ask(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (rc == SQLITE_OK)
		refused = sqlite_schema_owner(path, application, version, tables, err);
	if (rc == SQLITE_OK && refused == 0 && application == STORE_APPLICATION_ID &&
	    version >= SEALED_SINCE)
		rc = sql_ask(db, any_key, &any);
	if (rc != SQLITE_OK) {
		struct sql_file file = {"store", path, db, &broken};

		refused = sql_explain(&file, rc, "open", err);
	}
	(void)sqlite3_close(db); /* No statement is left. */
	*sealed = any != 0;
	return refused;
}
