/* keys.c — see keys.h. A file is written aside, synced and renamed: a key written half is no key.
 * Neighbours: main.c opens them, reactor.c turns the ring when an operator asks. */
#include "daemon/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/text.h"
#include "closedloop/when.h"
#include "daemon/startup.h"

#define PATH_CAP 4200
#define OLD_LEN	 (ACK_KEY_LEN + 8) /* The key, and old_until in big-endian bytes. */

static void path_of(const struct keys *keys, const char *name, char path[PATH_CAP])
{
	snprintf(path, PATH_CAP, "%s/%s", keys->dir, name);
}

static int sync_dir(const struct keys *keys, struct err *err)
{
	int fd = open(keys->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool fine = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return fine ? 0 : err_set(err, CL_EIO, "%s: %s", keys->dir, strerror(errno));
}

static int write_file(const struct keys *keys, const char *name, const uint8_t *bytes, size_t len,
		      struct err *err)
{
	char path[PATH_CAP], aside[PATH_CAP + 8];

	path_of(keys, name, path);
	snprintf(aside, sizeof(aside), "%s.new", path);
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool fine = fd >= 0 && write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!fine || rename(aside, path) < 0)
		return err_set(err, CL_EIO, "%s: cannot be written: %s", path, strerror(errno));
	return sync_dir(keys, err);
}

/* *THERE false and 0 when there is no such file. */
static int read_file(const struct keys *keys, const char *name, uint8_t *bytes, size_t len,
		     bool *there, struct err *err)
{
	char path[PATH_CAP];

	path_of(keys, name, path);
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

	int rc = read_file(keys, name, key, ACK_KEY_LEN, &there, err);
	if (rc < 0 || there)
		return rc;
	entropy.fill(entropy.context, key, ACK_KEY_LEN);
	return write_file(keys, name, key, ACK_KEY_LEN, err);
}

/* One key used to do both: where there is an ack.key and no home.key, homes are hashed under the
 * former, and must stay so. */
static int open_home(struct keys *keys, struct err *err)
{
	bool there;

	int rc = read_file(keys, "home.key", keys->home, ACK_KEY_LEN, &there, err);
	if (rc < 0 || there)
		return rc;
	rc = read_file(keys, "ack.key", keys->home, ACK_KEY_LEN, &there, err);
	if (rc < 0)
		return rc;
	return there ? write_file(keys, "home.key", keys->home, ACK_KEY_LEN, err)
		     : read_or_make(keys, "home.key", keys->home, err);
}

static int open_old(struct keys *keys, struct err *err)
{
	uint8_t bytes[OLD_LEN];
	bool there;

	int rc = read_file(keys, old_name(keys), bytes, sizeof(bytes), &there, err);
	if (rc < 0 || !there)
		return rc;
	memcpy(keys->ack.old, bytes, ACK_KEY_LEN);
	for (size_t i = ACK_KEY_LEN; i < OLD_LEN; i++)
		keys->ack.old_until = keys->ack.old_until << 8 | bytes[i];
	return 0;
}

int keys_open(struct keys *keys, const char *state_dir, bool drill, struct err *err)
{
	*keys = (struct keys){.drill = drill};
	if (!text_copy(keys->dir, sizeof(keys->dir), state_dir))
		return err_set(err, CL_EINVAL, "state_dir %s: the path is too long", state_dir);
	int rc = open_home(keys, err);
	if (rc == 0)
		rc = read_or_make(keys, "ledger.key", keys->ledger, err);
	if (rc == 0)
		rc = read_or_make(keys, key_name(keys), keys->ack.key, err);
	if (rc == 0)
		rc = open_old(keys, err);
	return rc;
}

static int save_old(const struct keys *keys, const struct ack_ring *ring, struct err *err)
{
	uint8_t bytes[OLD_LEN];

	memcpy(bytes, ring->old, ACK_KEY_LEN);
	for (size_t i = 0; i < 8; i++)
		bytes[OLD_LEN - 1 - i] = (uint8_t)(ring->old_until >> (8 * i));
	return write_file(keys, old_name(keys), bytes, sizeof(bytes), err);
}

int keys_rotate(struct keys *keys, bool keep, int64_t now, struct err *err)
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
		rc = write_file(keys, key_name(keys), ring.key, ACK_KEY_LEN, err);
	if (rc == 0)
		keys->ack = ring;
	return rc;
}

void keys_release(struct keys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}
