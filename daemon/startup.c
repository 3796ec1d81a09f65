/* startup.c — see startup.h. Neighbour: main.c decides the order. */
#include "daemon/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closedloop/mem.h"

static void fill_random(void *context, void *bytes, size_t len)
{
	(void)context;
	uint8_t *at = bytes;
	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			/* Without randomness ids and keys could repeat: a crash is safe, that is
			 * not. */
			static const char line[] = "closedloopd: no randomness from the kernel\n";
			(void)!write(STDERR_FILENO, line, sizeof(line) - 1);
			_exit(71);
		}
		at += got;
		len -= (size_t)got;
	}
}

struct entropy startup_entropy(void)
{
	return (struct entropy){.fill = fill_random};
}

static int lock_state(struct startup *startup, const char *state_dir, struct err *err)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/lock", state_dir);
	startup->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (startup->lock_fd < 0)
		return err_set(err, CL_EIO, "state_dir %s: cannot open its lock: %s", state_dir,
			       strerror(errno));
	if (flock(startup->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, CL_EBUSY,
			       "state_dir %s: another closedloopd is running on it; one directory "
			       "has one daemon",
			       state_dir);
	return 0;
}

/* Under a sanitizer the process must be allowed to look at itself. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

void startup_harden(void)
{
	const struct rlimit none = {0};

	/* What we write is ours, whatever directory it lies in. */
	(void)umask(0077);
	(void)setrlimit(RLIMIT_CORE, &none);
#ifndef SANITIZED
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

struct keys_setup startup_keys_setup(const struct conf *conf, bool drill)
{
	return (struct keys_setup){.state_dir = conf->state_dir,
				   .drill = drill,
				   .masters_len = conf->master_keys_len,
				   .masters = conf->master_keys};
}

int startup_state(struct startup *startup, const struct conf *conf, bool drill, struct err *err)
{
	const struct keys_setup setup = startup_keys_setup(conf, drill);
	const char *state_dir = conf->state_dir;

	if (mkdir(state_dir, 0700) < 0 && errno != EEXIST)
		return err_set(err, CL_EIO, "state_dir %s: cannot be made: %s", state_dir,
			       strerror(errno));
	int rc = lock_state(startup, state_dir, err);
	return rc < 0 ? rc : keys_open(&startup->keys, &setup, err);
}

int startup_gazetteer(struct startup *startup, const char *path, struct err *err)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, CL_EIO, "gazetteer %s: %s", path, strerror(errno));
	void *image = MAP_FAILED;
	if (fstat(fd, &info) == 0 && info.st_size > 0)
		image = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (image == MAP_FAILED)
		return err_set(err, CL_EIO, "gazetteer %s: cannot be mapped", path);
	startup->image = image;
	startup->image_len = (size_t)info.st_size;
	int rc = gazetteer_open(&startup->gazetteer, image, startup->image_len, err);
	if (rc < 0)
		err_prefix(err, "gazetteer %s", path);
	/* The check has read all of it. What is looked up is mapped again page by page; the rest
	 * would count as our memory for ever. */
	(void)madvise(image, startup->image_len, MADV_DONTNEED);
	return rc;
}

void startup_release(struct startup *startup)
{
	gazetteer_close(startup->gazetteer);
	if (startup->image)
		munmap(startup->image, startup->image_len);
	if (startup->lock_fd >= 0)
		close(startup->lock_fd);
	keys_release(&startup->keys);
}
