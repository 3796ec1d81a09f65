/* keys_master.c — the key ring of the state directory and the master key that wraps it: one from
 * the configuration, or one that we keep beside it. Neighbours: keys.c has the keys of links and
 * the files; lib/store's keyring.c is the ring; reactor.c calls keys_step once a turn. */
#include "daemon/keys_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closedloop/log.h"
#include "closedloop/store.h"
#include "daemon/startup.h"

/* Keys in one turn: some milliseconds. */
#define SLICE 256

static const char *master_name(const struct keys *keys)
{
	return keys->drill ? "drill-master.key" : "master.key";
}

static const char *master_old_name(const struct keys *keys)
{
	return keys->drill ? "drill-master.old" : "master.old";
}

static const char *ring_name(const struct keys *keys)
{
	return keys->drill ? "drill-keys.db" : "keys.db";
}

static bool is_there(const struct keys *keys, const char *name)
{
	char path[KEYS_PATH_CAP];

	keys_path(keys, name, path);
	return access(path, F_OK) == 0;
}

/* --- Which master keys ------------------------------------------------------------------------ */

static void add(struct master_keys *masters, const uint8_t key[SEAL_KEY_LEN])
{
	master_key_make(&masters->keys[masters->len++], key);
}

static int add_file(const struct keys *keys, const char *name, struct master_keys *masters,
		    struct err *err)
{
	uint8_t key[SEAL_KEY_LEN];
	bool there;
	int rc = keys_read(keys, name, key, sizeof(key), &there, err);

	if (rc == 0 && there)
		add(masters, key);
	explicit_bzero(key, sizeof(key));
	return rc;
}

static int make_own(const struct keys *keys, struct master_keys *masters, struct err *err)
{
	struct entropy entropy = startup_entropy();
	uint8_t key[SEAL_KEY_LEN];

	if (is_there(keys, ring_name(keys)))
		return err_set(err, CL_ECORRUPT,
			       "state_dir %s: %s is there, and %s, which opens it, is not: put it "
			       "back, or name the key by master_key_file; nothing was touched",
			       keys->dir, ring_name(keys), master_name(keys));
	entropy.fill(entropy.context, key, sizeof(key));
	int rc = keys_write(keys, master_name(keys), key, sizeof(key), err);
	if (rc == 0) {
		add(masters, key);
		log_warn("master.made",
			 "file=%s hint=\"it lies beside what it locks: a copy of the directory "
			 "opens; keep it elsewhere and name it by master_key_file\"",
			 master_name(keys));
	}
	explicit_bzero(key, sizeof(key));
	return rc;
}

/* Those of the configuration first. One that we kept until then still opens what it wrapped. */
static int collect(const struct keys *keys, const struct keys_setup *setup,
		   struct master_keys *masters, struct err *err)
{
	masters->len = 0;
	for (size_t i = 0; i < setup->masters_len; i++)
		add(masters, setup->masters[i]);
	int rc = add_file(keys, master_name(keys), masters, err);
	if (rc == 0 && masters->len == 0)
		rc = make_own(keys, masters, err);
	return rc < 0 ? rc : add_file(keys, master_old_name(keys), masters, err);
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* A database that is not ours to touch, so nothing is made beside it either; or one that has sealed
 * rows, and no ring: with a new one nothing would open again, and nobody would be told. */
static int check_database(const struct keys *keys, struct err *err)
{
	bool ring = is_there(keys, ring_name(keys));
	char path[KEYS_PATH_CAP];
	bool sealed = false;

	keys_path(keys, keys->drill ? "drill.db" : "closedloop.db", path);
	if (access(path, F_OK) < 0)
		return 0;
	int rc = store_sqlite_sealed(path, NULL, &sealed, err);

	/* Damage is for the store to name: it says more, and has the log to mend it with. */
	if (ring)
		return rc == CL_EINVAL || rc == CL_ENEWER ? rc : 0;
	if (rc < 0 || !sealed)
		return rc;
	return err_set(err, CL_ECORRUPT,
		       "state_dir %s: the database is sealed, and %s, which holds its keys, is not "
		       "there: put it back; nothing was touched",
		       keys->dir, ring_name(keys));
}

static int count_left(struct keys *keys, struct err *err)
{
	struct keyring_counts counts;
	int rc = keyring_counts(keys->ring, &counts, err);

	keys->left = counts.other_master;
	/* A rotation may have ended just before its last file was removed. */
	keys->turning = rc == 0 && (keys->left > 0 || is_there(keys, master_old_name(keys)) ||
				    (keys->configured && is_there(keys, master_name(keys))));
	return rc;
}

static int open_home(struct keys *keys, const uint8_t *home, struct err *err)
{
	int rc = keyring_secret(keys->ring, "home", home, keys->home, err);

	/* It is in the ring now. The night's file is no drill's to remove. */
	return rc == 0 && !keys->drill ? keys_remove(keys, "home.key", err) : rc;
}

/* SQLite gives the file its log's mode too; what it makes by itself others may read. */
static int keep_to_ourselves(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool fine = fd >= 0 && fchmod(fd, 0600) == 0;

	if (fd >= 0)
		close(fd);
	return fine ? 0 : err_set(err, CL_EIO, "%s: %s", path, strerror(errno));
}

int keys_open_ring(struct keys *keys, const struct keys_setup *setup, const uint8_t *home,
		   struct err *err)
{
	struct entropy entropy = startup_entropy();
	struct master_keys masters;
	char path[KEYS_PATH_CAP];
	int rc = check_database(keys, err);

	keys->configured = setup->masters_len > 0;
	if (rc == 0)
		rc = collect(keys, setup, &masters, err);
	if (rc < 0)
		return rc;
	keys_path(keys, ring_name(keys), path);
	rc = keep_to_ourselves(path, err);
	if (rc == 0)
		rc = keyring_open(&keys->ring, path, NULL, &masters, &entropy, err);
	explicit_bzero(&masters, sizeof(masters));
	/* Another key than the one it was locked with: the data is there, and does not open. */
	if (rc == CL_ENOENT)
		rc = err->code = CL_ECORRUPT;
	if (rc == 0)
		rc = open_home(keys, home, err);
	return rc == 0 ? count_left(keys, err) : rc;
}

/* --- Another master key ----------------------------------------------------------------------- */

/* The old one aside first: a crash in between leaves the present one, alone or twice. */
static int turn_own(struct keys *keys, struct err *err)
{
	struct entropy entropy = startup_entropy();
	uint8_t old[SEAL_KEY_LEN], key[SEAL_KEY_LEN];
	bool there;

	/* Of a rotation that failed half-way: the two that are there are gone on with. */
	if (is_there(keys, master_old_name(keys)))
		return 0;
	int rc = keys_read(keys, master_name(keys), old, sizeof(old), &there, err);

	if (rc == 0 && !there)
		rc = err_set(err, CL_ECORRUPT, "state_dir %s: %s is gone: put it back", keys->dir,
			     master_name(keys));
	entropy.fill(entropy.context, key, sizeof(key));
	if (rc == 0)
		rc = keys_write(keys, master_old_name(keys), old, sizeof(old), err);
	if (rc == 0)
		rc = keys_write(keys, master_name(keys), key, sizeof(key), err);
	explicit_bzero(old, sizeof(old));
	explicit_bzero(key, sizeof(key));
	return rc;
}

int keys_may_rotate_master(const struct keys *keys, struct err *err)
{
	if (!keys->turning)
		return 0;
	return err_set(err, CL_ECONFLICT,
		       "the master key is being replaced already: %lld keys are still wrapped by "
		       "the one before; wait until status says 0",
		       (long long)keys->left);
}

int keys_rotate_master(struct keys *keys, const struct keys_setup *setup, struct err *err)
{
	struct master_keys masters;
	int rc = keys_may_rotate_master(keys, err);

	if (rc == 0 && keys->configured && setup->masters_len == 0)
		rc = err_set(err, CL_EINVAL,
			     "the configuration names no master key any more: moving to one of our "
			     "own is not done while we run");
	if (rc == 0 && setup->masters_len == 0)
		rc = turn_own(keys, err);
	if (rc == 0)
		rc = collect(keys, setup, &masters, err);
	if (rc < 0)
		return rc;
	rc = keyring_masters(keys->ring, &masters, err);
	explicit_bzero(&masters, sizeof(masters));
	if (rc < 0)
		return rc;
	keys->configured = setup->masters_len > 0;
	return count_left(keys, err);
}

bool keys_step(struct keys *keys, struct err *err, int *rc)
{
	*rc = 0;
	if (!keys->turning)
		return false;
	*rc = keyring_rewrap(keys->ring, SLICE, &keys->left, err);
	if (*rc < 0 || keys->left > 0)
		return true;
	*rc = keys_remove(keys, master_old_name(keys), err);
	if (*rc == 0 && keys->configured)
		*rc = keys_remove(keys, master_name(keys), err);
	if (*rc < 0)
		return true;
	keys->turning = false;
	log_info("master.replaced", "configured=%d", keys->configured);
	return true;
}
