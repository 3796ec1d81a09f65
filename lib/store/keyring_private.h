/* keyring_private.h — what the two files of the key ring share. Neighbours: keyring_file.c opens
 * the file and runs statements, keyring.c is the verbs; store_private.h has what they share with
 * the store. */
#ifndef CLOSEDLOOP_KEYRING_PRIVATE_H
#define CLOSEDLOOP_KEYRING_PRIVATE_H

#include "closedloop/keyring.h"
#include "store/store_private.h"

#define WRAPPED_LEN (SEAL_KEY_LEN + SEAL_OVERHEAD)
#define BLOCK_FIRST 16
#define BLOCK_MAX   256
#define REMEMBERED  64

/* Rows are of one size for ever, and a changed row is written over in place: were a row to grow or
 * shrink, SQLite would move its neighbours, and what it leaves behind in a page when it moves is
 * not always overwritten. A tombstone is a row whose master is all zero. */
#define KEYRING_SQL(X)                                                                             \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                \
	X(COMMIT, "COMMIT")                                                                        \
	X(ROLLBACK, "ROLLBACK")                                                                    \
	X(CHECKPOINT, "PRAGMA wal_checkpoint(TRUNCATE)")                                           \
	X(LAST, "SELECT coalesce(max(id), 0) FROM keys")                                           \
	X(MAKE, "INSERT INTO keys (id, master, wrapped) VALUES ($1, $2, $3)")                      \
	X(FIND, "SELECT master, wrapped FROM keys WHERE id = $1")                                  \
	X(DESTROY, "UPDATE keys SET master = zeroblob(8), wrapped = $1 WHERE id = $2 AND "         \
		   "master <> zeroblob(8)")                                                        \
	X(UNDER, "SELECT id, wrapped FROM keys WHERE master = $1 LIMIT $2")                        \
	X(WRAP, "UPDATE keys SET master = $1, wrapped = $2 WHERE id = $3")                         \
	X(COUNT, "SELECT count(*) FROM keys WHERE master = $1")                                    \
	X(COUNT_ALL, "SELECT count(*) FROM keys")                                                  \
	X(MASTERS,                                                                                 \
	  "SELECT master FROM keys WHERE master <> zeroblob(8) UNION SELECT master FROM secrets")  \
	X(SECRET, "SELECT master, wrapped FROM secrets WHERE name = $1")                           \
	X(SECRET_MAKE, "INSERT INTO secrets (name, master, wrapped) VALUES ($1, $2, $3)")          \
	X(SECRET_UNDER, "SELECT name, wrapped FROM secrets WHERE master = $1 LIMIT 1")             \
	X(SECRET_WRAP, "UPDATE secrets SET master = $1, wrapped = $2 WHERE name = $3")             \
	X(SECRET_COUNT, "SELECT count(*) FROM secrets WHERE master = $1")

#define KEYRING_ID(name, text) RING_##name,
enum keyring_sql {
	KEYRING_SQL(KEYRING_ID) RING_STATEMENTS
};

/* A data key in the clear; 0: none. */
struct bare_key {
	int64_t id;
	uint8_t key[SEAL_KEY_LEN];
};

struct keyring {
	char *path;
	char *vfs;
	sqlite3 *db; /* NULL when opening it again has failed so far */
	sqlite3_stmt *sql[RING_STATEMENTS];
	bool broken; /* an I/O error: open again at the next call */
	bool begun;  /* this process has made a block: numbers go on where it ended */
	struct entropy entropy;
	size_t made, given; /* of the present block */
	size_t block_len;   /* of the next one */
	/* From here on secrets, kept out of swap. */
	struct master_keys masters;
	struct bare_key block[BLOCK_MAX];
	struct bare_key remembered[REMEMBERED];
};

/* Open the file, whoever made it; nothing is written before it is known to be ours. */
int keyring_connect(struct keyring *ring, struct err *err);
/* CHECKPOINT false: leave the file and its log as they are. */
void keyring_disconnect(struct keyring *ring, bool checkpoint);
/* Open it again when an error has closed it. Before every verb. */
int keyring_ready(struct keyring *ring, struct err *err);
/* CL_ENOENT when something is wrapped by none of MASTERS. */
int keyring_check_masters(struct keyring *ring, const struct master_keys *masters, struct err *err);

/* Run statement ID, as sql_each. */
int keyring_each(struct keyring *ring, enum keyring_sql id, const struct sql_value *values,
		 size_t len, sql_row_fn *each, void *context, struct err *err);
int keyring_begin(struct keyring *ring, struct err *err);
/* Commit when RC is 0, else roll back; the answer is RC, or what the commit met. */
int keyring_end(struct keyring *ring, int rc, struct err *err);
/* Empty the log into the file, so that it holds nothing older. */
int keyring_settle(struct keyring *ring, struct err *err);

#endif
