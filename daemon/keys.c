/* keys.c — see keys.h. A file is written aside, synced and renamed: a key written half is no key.
 * Neighbours: keys_master.c has the key ring; startup.c opens them, reactor.c turns them when an
 * operator asks. */
#include "daemon/keys_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/text.h"
#include "closedloop/when.h"
#include "daemon/startup.h"

#define OLD_LEN (ACK_KEY_LEN + 8) /* The key, and old_until in big-endian bytes. */

void keys_path(const struct keys *keys, const char *name, char path[KEYS_PATH_CAP])
{
	snprintf(path, KEYS_PATH_CAP, "%s/%s", keys->dir, name);
}

static int sync_dir(const struct keys *keys, struct err *err)
{
	int fd = open(keys->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool fine = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return fine ? 0 : err_set(err, CL_EIO, "%s: %s", keys->dir, strerror(errno));
}

int keys_write(const struct keys *keys, const char *name, const uint8_t *bytes, size_t len,
	       struct err *err)
{
	char path[KEYS_PATH_CAP], aside[KEYS_PATH_CAP + 8];

	keys_path(keys, name, path);
	snprintf(aside, sizeof(aside), "%s.new", path);
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool fine = fd >= 0 && write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!fine || rename(aside, path) < 0)
		return err_set(err, CL_EIO, "%s: cannot be written: %s", path, strerror(errno));
	return sync_dir(keys, err);
}

int keys_read(const struct keys *keys, const char *name, uint8_t *bytes, size_t len, bool *there,
	      struct err *err)
{
	char path[KEYS_PATH_CAP];

	keys_path(keys, name, path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	*there = fd >= 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : err_set(err, CL_EIO, "%s: %s", path, strerror(errno));
	ssize_t got = read(fd, bytes, len);
	close(fd);
	if (got != (ssize_t)len)
		return err_set(err, CL_ECORRUPT, "%s: holds %zd bytes, not %zu", path, got, len);
	return 0;
}

int keys_remove(const struct keys *keys, const char *name, struct err *err)
{
	static const uint8_t zeros[OLD_LEN];
	char path[KEYS_PATH_CAP];

	keys_path(keys, name, path);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	bool fine = fd >= 0 && write(fd, zeros, sizeof(zeros)) == (ssize_t)sizeof(zeros) &&
		    fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!fine || unlink(path) < 0)
		return err_set(err, CL_EIO, "%s: cannot be removed: %s", path, strerror(errno));
	return sync_dir(keys, err);
}

static const char *key_name(const struct keys *keys)
{
	return keys->drill ? "drill.key" : "ack.key";
}

static const char *old_name(const struct keys *keys)
{
	return keys->drill ? "drill.old" : "ack.old";
}

static int read_or_make(const struct keys *keys, const char *name, uint8_t key[ACK_KEY_LEN],
			struct err *err)
{
	struct entropy entropy = startup_entropy();
	bool there;

	int rc = keys_read(keys, name, key, ACK_KEY_LEN, &there, err);
	if (rc < 0 || there)
		return rc;
	entropy.fill(entropy.context, key, ACK_KEY_LEN);
	return keys_write(keys, name, key, ACK_KEY_LEN, err);
}

/* Before the ring kept it, this secret lay in home.key; and before that one key did both: where
 * there is an ack.key and neither of the others, homes are hashed under it, and must stay so. A
 * ring that knows the secret does not look at this. */
static int read_home(const struct keys *keys, uint8_t home[ACK_KEY_LEN], bool *there,
		     struct err *err)
{
	int rc = keys_read(keys, "home.key", home, ACK_KEY_LEN, there, err);

	if (rc < 0 || *there)
		return rc;
	return keys_read(keys, "ack.key", home, ACK_KEY_LEN, there, err);
}

static int open_ring(struct keys *keys, const struct keys_setup *setup, struct err *err)
{
	uint8_t home[ACK_KEY_LEN];
	bool there;
	int rc = read_home(keys, home, &there, err);

	if (rc == 0)
		rc = keys_open_ring(keys, setup, there ? home : NULL, err);
	explicit_bzero(home, sizeof(home));
	return rc;
}

static int open_old(struct keys *keys, struct err *err)
{
	uint8_t bytes[OLD_LEN];
	bool there;

	int rc = keys_read(keys, old_name(keys), bytes, sizeof(bytes), &there, err);
	if (rc < 0 || !there)
		return rc;
	memcpy(keys->ack.old, bytes, ACK_KEY_LEN);
	for (size_t i = ACK_KEY_LEN; i < OLD_LEN; i++)
		keys->ack.old_until = keys->ack.old_until << 8 | bytes[i];
	return 0;
}

int keys_open(struct keys *keys, const struct keys_setup *setup, struct err *err)
{
	*keys = (struct keys){.drill = setup->drill};
	if (!text_copy(keys->dir, sizeof(keys->dir), setup->state_dir))
		return err_set(err, CL_EINVAL, "state_dir %s: the path is too long",
			       setup->state_dir);
	/* Before ack.key is made: see read_home. */
	int rc = open_ring(keys, setup, err);
	if (rc == 0)
		rc = keyring_secret(keys->ring, "ledger", NULL, keys->ledger, err);
	if (rc == 0)
		rc = read_or_make(keys, key_name(keys), keys->ack.key, err);
	if (rc == 0)
		rc = open_old(keys, err);
	if (rc < 0)
		keys_release(keys);
	return rc;
}

static int save_old(const struct keys *keys, const struct ack_ring *ring, struct err *err)
{
	uint8_t bytes[OLD_LEN];

	memcpy(bytes, ring->old, ACK_KEY_LEN);
	for (size_t i = 0; i < 8; i++)
		bytes[OLD_LEN - 1 - i] = (uint8_t)(ring->old_until >> (8 * i));
	return keys_write(keys, old_name(keys), bytes, sizeof(bytes), err);
}

int keys_rotate_links(struct keys *keys, bool keep, int64_t now, struct err *err)
{
	struct entropy entropy = startup_entropy();
	struct ack_ring ring = keys->ack;
	uint8_t key[ACK_KEY_LEN];

	if (keep && ring.old_until > now)
		return err_set(
			err, CL_ECONFLICT,
			"the key before this one still has links that hold, and two keys are "
			"kept: wait %lld minutes, or make all links void at once with "
			"--forget",
			(long long)((ring.old_until - now) / WHEN_MINUTE + 1));
	entropy.fill(entropy.context, key, sizeof(key));
	ack_ring_turn(&ring, key, keep, now);
	/* The old one first: a crash in between leaves the present key, alone or twice, and no link
	 * of it is lost. */
	int rc = save_old(keys, &ring, err);
	if (rc == 0)
		rc = keys_write(keys, key_name(keys), ring.key, ACK_KEY_LEN, err);
	if (rc == 0)
		keys->ack = ring;
	return rc;
}

void keys_release(struct keys *keys)
{
	keyring_close(keys->ring);
	explicit_bzero(keys, sizeof(*keys));
}
