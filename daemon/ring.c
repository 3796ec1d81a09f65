/* ring.c — see ring.h. Neighbours: main.c and route_test.c open stores with it. */
#include "daemon/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/startup.h"

#define PATH_CAP 4200

static int read_or_make(const char *path, uint8_t key[SEAL_KEY_LEN], struct err *err)
{
	struct entropy entropy = startup_entropy();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool fine;

	if (fd >= 0) {
		fine = read(fd, key, SEAL_KEY_LEN) == SEAL_KEY_LEN;
		close(fd);
		return fine ? 0
			    : err_set(err, CL_ECORRUPT, "%s: does not hold %d bytes", path,
				      SEAL_KEY_LEN);
	}
	entropy.fill(entropy.context, key, SEAL_KEY_LEN);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	fine = fd >= 0 && write(fd, key, SEAL_KEY_LEN) == SEAL_KEY_LEN && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return fine ? 0 : err_set(err, CL_EIO, "%s: cannot be made: %s", path, strerror(errno));
}

static int open_under(struct keyring **out, const char *path, uint8_t key[SEAL_KEY_LEN],
		      struct err *err)
{
	struct entropy entropy = startup_entropy();
	struct master_keys masters = {.len = 1};

	master_key_make(&masters.keys[0], key);
	seal_wipe(key, SEAL_KEY_LEN);
	int rc = keyring_open(out, path, NULL, &masters, &entropy, err);
	seal_wipe(&masters, sizeof(masters));
	return rc;
}

int ring_open(struct keyring **out, const char *state_dir, bool drill, struct err *err)
{
	uint8_t key[SEAL_KEY_LEN];
	char path[PATH_CAP];

	*out = NULL;
	snprintf(path, sizeof(path), "%s/%s", state_dir, drill ? "drill-master.key" : "master.key");
	int rc = read_or_make(path, key, err);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "%s/%s", state_dir, drill ? "drill-keys.db" : "keys.db");
	return open_under(out, path, key, err);
}

int ring_open_nowhere(struct keyring **out, struct err *err)
{
	struct entropy entropy = startup_entropy();
	uint8_t key[SEAL_KEY_LEN];

	entropy.fill(entropy.context, key, sizeof(key));
	return open_under(out, ":memory:", key, err);
}
