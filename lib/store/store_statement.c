/* store_statement.c — the one way to run a statement: bound, stepped, and reset on every path.
 * Neighbours: store_sql.h has the texts, store_sqlite.c opens, store_transaction.c commits, every
 * verb comes through here. */
#include "store/store_private.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STATEMENT_ROW(name, sql) [SQL_##name] = {#name, sql},
static const struct {
	const char *name;
	const char *text;
} statements[] = {STORE_SQL(STATEMENT_ROW)};
_Static_assert(ARRAY_LEN(statements) == SQL_STATEMENTS, "a statement lacks its row");

/* --- Preparing ----------------------------------------------------------------------------- */

/* SQLite numbers $1, $2 … by first appearance: out of order, values would land in the wrong places
 * in silence. */
void sql_check_numbers(sqlite3_stmt *stmt)
{
	for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "$%d", i);
		assert(text_equal(sqlite3_bind_parameter_name(stmt, i), name));
	}
}

int sql_prepare(struct sqlite_store *self, enum sql_id *failed)
{
	for (size_t i = 0; i < SQL_STATEMENTS; i++) {
		int rc = sqlite3_prepare_v3(self->db, statements[i].text, -1,
					    SQLITE_PREPARE_PERSISTENT, &self->sql[i], NULL);

		if (rc != SQLITE_OK) {
			*failed = (enum sql_id)i;
			return rc;
		}
		sql_check_numbers(self->sql[i]);
	}
	return SQLITE_OK;
}

void sql_finalize(struct sqlite_store *self)
{
	for (size_t i = 0; i < SQL_STATEMENTS; i++) {
		/* Repeats the last error of the statement, which was reported then. */
		(void)sqlite3_finalize(self->sql[i]);
		self->sql[i] = NULL;
	}
}

/* --- Errors -------------------------------------------------------------------------------- */

static bool says_no_room(int code)
{
	return code == ENOSPC || code == EDQUOT || code == EFBIG;
}

/* Whether the operating system said that there is no room, whatever SQLite made of it. What a
 * commit met is noted with the file only. */
static bool no_room(sqlite3 *db)
{
	sqlite3_file *log = NULL;
	int of_file = 0;
	int of_log = 0;

	if (!db)
		return false;
	(void)sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &of_file);
	(void)sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (log && log->pMethods)
		(void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &of_log);
	return says_no_room(sqlite3_system_errno(db)) || says_no_room(of_file) ||
	       says_no_room(of_log);
}

static int explain_io(const struct sql_file *file, int rc, const char *doing, struct err *err)
{
	bool full = (rc & 0xff) == SQLITE_FULL || no_room(file->db);

	return err_set(err, full ? CL_EFULL : CL_EIO, "%s %s: %s: %s (SQLite %d)", file->kind,
		       file->path, doing,
		       full ? "no space left; nothing was committed" : sqlite3_errstr(rc), rc);
}

int sql_explain(const struct sql_file *file, int rc, const char *doing, struct err *err)
{
	const char *why = file->db ? sqlite3_errmsg(file->db) : sqlite3_errstr(rc);

	assert(rc != SQLITE_OK);
	assert((rc & 0xff) != SQLITE_MISUSE);
	assert((rc & 0xff) != SQLITE_RANGE);
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, CL_EBUSY, "%s %s: %s: somebody else is writing to it",
			       file->kind, file->path, doing);
	case SQLITE_CONSTRAINT:
		return err_set(err, CL_ECONFLICT, "%s %s: %s: %s", file->kind, file->path, doing,
			       why);
	case SQLITE_TOOBIG:
		return err_set(err, CL_ELIMIT, "%s %s: %s: %s", file->kind, file->path, doing, why);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, CL_ECORRUPT,
			       "%s %s: %s: the file is damaged or no SQLite database: %s",
			       file->kind, file->path, doing, why);
	case SQLITE_FULL:
		return explain_io(file, rc, doing, err);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_NOMEM:
		/* "Never retry a failed fsync and go on": what the kernel kept of it is unknown. */
		*file->broken = true;
		return explain_io(file, rc, doing, err);
	default:
		return err_set(err, CL_EIO, "%s %s: %s: %s (SQLite %d)", file->kind, file->path,
			       doing, why, rc);
	}
}

int sql_refuse(struct sqlite_store *self, int rc, const char *doing, struct err *err)
{
	struct sql_file file = {"store", self->path, self->db, &self->broken};

	return sql_explain(&file, rc, doing, err);
}

/* --- Running ------------------------------------------------------------------------------- */

struct sql_value sql_number(int64_t number)
{
	return (struct sql_value){.kind = SQL_IS_NUMBER, .number = number};
}

struct sql_value sql_text_bytes(const char *text, size_t len)
{
	return (struct sql_value){.kind = SQL_IS_TEXT,
				  .bytes = text ? text : "",
				  .len = text ? len : 0};
}

struct sql_value sql_text(const char *text)
{
	return sql_text_bytes(text, text ? strlen(text) : 0);
}

struct sql_value sql_text_or_null(const char *text)
{
	return text ? sql_text(text) : (struct sql_value){.kind = SQL_IS_NULL};
}

struct sql_value sql_bytes(const void *bytes, size_t len)
{
	/* Without an address SQLite would bind NULL. */
	return (struct sql_value){.kind = SQL_IS_BYTES,
				  .bytes = bytes ? bytes : "",
				  .len = bytes ? len : 0};
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct sql_value *value)
{
	switch (value->kind) {
	case SQL_IS_NULL:
		return sqlite3_bind_null(stmt, at);
	case SQL_IS_NUMBER:
		return sqlite3_bind_int64(stmt, at, value->number);
	case SQL_IS_TEXT:
		return sqlite3_bind_text64(stmt, at, value->bytes, value->len, SQLITE_STATIC,
					   SQLITE_UTF8);
	case SQL_IS_BYTES:
		return sqlite3_bind_blob64(stmt, at, value->bytes, value->len, SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

int sql_bind(sqlite3_stmt *stmt, const struct sql_value *values, size_t len)
{
	int rc = SQLITE_OK;

	assert(!sqlite3_stmt_busy(stmt));
	assert((size_t)sqlite3_bind_parameter_count(stmt) == len);
	for (size_t i = 0; i < len && rc == SQLITE_OK; i++)
		rc = bind_one(stmt, (int)i + 1, &values[i]);
	return rc;
}

/* The connection is there and this transaction has not failed. */
static int usable(struct sqlite_store *self, struct err *err)
{
	if (self->db && !self->broken && !self->failed)
		return 0;
	if (self->writing || self->walking)
		return err_set(err, CL_EIO,
			       "store %s: an earlier step of this transaction failed; it can only "
			       "be rolled back",
			       self->path);
	return sqlite_reopen(self, err);
}

int sql_each(struct sqlite_store *self, enum sql_id id, const struct sql_value *values, size_t len,
	     sql_row_fn *each, void *context, struct err *err)
{
	int rows = 0;
	int refused = usable(self, err);

	if (refused < 0)
		return refused;
	sqlite3_stmt *stmt = self->sql[id];
	bool reads = sqlite3_stmt_readonly(stmt);

	assert(reads || self->writing);
	assert(reads || !self->walking);
	int rc = sql_bind(stmt, values, len);
	self->walking++;
	while (rc == SQLITE_OK && refused == 0) {
		rc = sqlite3_step(stmt);
		if (rc != SQLITE_ROW)
			break;
		rc = SQLITE_OK;
		rows++;
		if (each)
			refused = each(stmt, context, err);
	}
	self->walking--;
	if (rc != SQLITE_OK && rc != SQLITE_DONE) {
		refused = sql_refuse(self, rc, statements[id].name, err);
		/* Some errors take the whole transaction with them; after a refused duplicate it
		 * goes on. */
		self->failed = self->writing && refused != CL_ECONFLICT;
	}
	(void)sqlite3_reset(stmt); /* Repeats the step's result. */
	return refused < 0 ? refused : rows;
}

int sql_run(struct sqlite_store *self, enum sql_id id, const struct sql_value *values, size_t len,
	    struct err *err)
{
	int rc = sql_each(self, id, values, len, NULL, NULL, err);

	return rc < 0 ? rc : sqlite3_changes(self->db);
}

int sql_control(struct sqlite_store *self, enum sql_id id, struct err *err)
{
	sqlite3_stmt *stmt = self->sql[id];
	int rc;

	assert(!self->walking);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_DONE) {
		(void)sqlite3_reset(stmt);
		return 0;
	}
	rc = sql_refuse(self, rc, statements[id].name, err);
	(void)sqlite3_reset(stmt);
	return rc;
}

/* --- Rows ---------------------------------------------------------------------------------- */

const char *sql_column_text(sqlite3_stmt *row, int column)
{
	const void *text = sqlite3_column_text(row, column);

	return text ? text : "";
}

char *sql_column_copy(sqlite3_stmt *row, int column, struct arena *arena)
{
	const char *text = sql_column_text(row, column);

	return arena_copy_bytes(arena, text, (size_t)sqlite3_column_bytes(row, column));
}

const void *sql_column_bytes_copy(sqlite3_stmt *row, int column, struct arena *arena, size_t *len)
{
	const void *bytes = sqlite3_column_blob(row, column);

	*len = bytes ? (size_t)sqlite3_column_bytes(row, column) : 0;
	return arena_copy_bytes(arena, bytes, *len);
}

struct sql_value sql_value_at(sqlite3_stmt *row, int column)
{
	const void *bytes;

	switch (sqlite3_column_type(row, column)) {
	case SQLITE_INTEGER:
		return sql_number(sqlite3_column_int64(row, column));
	case SQLITE_TEXT:
		bytes = sqlite3_column_text(row, column);
		return sql_text_bytes(bytes, (size_t)sqlite3_column_bytes(row, column));
	case SQLITE_BLOB:
		bytes = sqlite3_column_blob(row, column);
		return sql_bytes(bytes, (size_t)sqlite3_column_bytes(row, column));
	default:
		return (struct sql_value){.kind = SQL_IS_NULL};
	}
}

bool sql_column_bool(sqlite3_stmt *row, int column)
{
	return sqlite3_column_int64(row, column) != 0;
}

int sql_column_int(sqlite3_stmt *row, int column)
{
	return sqlite3_column_int(row, column);
}

int sql_walk_id(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;

	(void)err;
	walk->each(walk->context, sql_column_text(row, 0));
	return 0;
}

int sql_take_number(sqlite3_stmt *row, void *context, struct err *err)
{
	(void)err;
	*(int64_t *)context = sqlite3_column_int64(row, 0);
	return 0;
}

int sql_take_ident(sqlite3_stmt *row, void *context, struct err *err)
{
	const char *id = sql_column_text(row, 0);

	if (!text_copy(context, IDENT_CAP, id))
		return err_set(err, CL_ECORRUPT, "store: \"%.40s…\" is too long for an id", id);
	return 0;
}
