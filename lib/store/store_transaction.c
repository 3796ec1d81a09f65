/* store_transaction.c — begin, commit, rollback: the only way in and the only way out of a write.
 * Neighbours: store_sqlite.c opens again what a sick disk has broken; store_statement.c says that
 * it has. */
#include "store/store_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/log.h"

int sqlite_begin(struct store *store, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int rc;

	assert(!self->writing);
	assert(!self->walking);
	if (!self->db || self->broken) {
		rc = sqlite_reopen(self, err);
		if (rc < 0)
			return rc;
	}
	rc = sql_control(self, SQL_BEGIN, err);
	if (rc < 0)
		return rc;
	self->writing = true;
	self->failed = false;
	self->ledger_before = self->ledger;
	memset(self->known, 0, sizeof(self->known));
	memset(self->open, 0, sizeof(self->open));
	return 0;
}

int sqlite_commit(struct store *store, struct err *err)
{
	struct sqlite_store *self = sqlite_of(store);
	int rc;

	assert(self->writing);
	assert(!self->walking);
	if (self->failed || self->broken)
		return err_set(err, CL_EIO,
			       "store %s: a step of this transaction failed; it can only be rolled "
			       "back",
			       self->path);
	rc = sqlite_tally_save(self, err);
	if (rc < 0)
		return rc;
	rc = sql_control(self, SQL_COMMIT, err);
	if (rc < 0) {
		self->failed = true;
		return rc;
	}
	self->writing = false;
	sql_seal_forget(self);
	return 0;
}

/* A sync that failed may have left the refused transaction whole in the log, and recovery would
 * bring it back. Other frames written in its place break its chain of checksums; whether they are
 * durable themselves does not matter. */
static void bury(struct sqlite_store *self)
{
	self->broken = false;
	if (sql_control(self, SQL_BEGIN, NULL) == 0) {
		self->writing = true;
		if (sqlite_meta_set(&self->store, "buried", "", NULL) < 0 ||
		    sql_control(self, SQL_COMMIT, NULL) < 0)
			log_warn("store.bury_failed", "path=%s", self->path);
	}
	self->writing = false;
	self->failed = false;
	self->broken = true;
}

void sqlite_rollback(struct store *store)
{
	struct sqlite_store *self = sqlite_of(store);
	struct err err = ERR_INIT;

	assert(!self->walking);
	if (!self->writing)
		return;
	/* After some errors SQLite has rolled back by itself. */
	if (self->db && !sqlite3_get_autocommit(self->db) &&
	    sql_control(self, SQL_ROLLBACK, &err) < 0)
		self->broken = true;
	self->writing = false;
	self->failed = false;
	sql_seal_forget(self);
	self->ledger = self->ledger_before;
	if (self->broken && self->db && sqlite3_get_autocommit(self->db))
		bury(self);
	if (self->broken && sqlite_reopen(self, &err) < 0) {
		/* The next begin tries again. */
		log_error("store.closed", "error=\"%s\"", err.text);
	}
}
