/* conf_file.c — reads whole files, and knows what a path means: relative to the file that names it,
 * never to the daemon. Neighbours: conf_yaml asks where a file stands; conf_scalar and conf_secret
 * resolve what it names. */
#define _XOPEN_SOURCE 700 /* realpath; the rest of the house needs no more than POSIX. */
#include "conf_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int conf_file_read(const char *path, size_t max, char **bytes, size_t *len, struct err *err)
{
	struct stat status;
	char *room;
	size_t got = 0;
	ssize_t step;
	int file;

	*bytes = NULL;
	*len = 0;
	/* Not blocking: a pipe without a writer would keep us waiting before we could see that it
	 * is one. */
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return err_set(err, errno == ENOENT ? CL_ENOENT : CL_EIO, "%s: %s", path,
			       strerror(errno));
	if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode)) {
		(void)close(file);
		return err_set(err, CL_EIO, "%s: not a regular file", path);
	}
	room = mem_alloc(max + 2);
	do {
		step = read(file, room + got, max + 1 - got);
		if (step > 0)
			got += (size_t)step;
	} while (step > 0 || (step < 0 && errno == EINTR));
	(void)close(file);
	if (step < 0 || got > max) {
		mem_free(room);
		return step < 0 ? err_set(err, CL_EIO, "%s: cannot be read", path)
				: err_set(err, CL_ELIMIT, "%s: more than %zu bytes", path, max);
	}
	*bytes = room;
	*len = got;
	return 0;
}

const char *conf_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *conf_path_dir(struct arena *arena, const char *path)
{
	const char *base = conf_path_base(path);
	const char *dir = base == path ? "." : arena_copy_bytes(arena, path, (size_t)(base - path));
	char *real = realpath(dir, NULL);
	const char *copy;

	if (!real)
		return NULL;
	copy = arena_copy(arena, real);
	free(real); /* The C library's own memory. */
	return copy;
}

const char *conf_path_join(struct arena *arena, const char *dir, const char *path)
{
	size_t dir_len = strlen(dir);

	if (path[0] == '/')
		return arena_copy(arena, path);
	/* DIR has no symbolic links, so its last part may be dropped for a leading "..", which
	 * keeps a socket's path short and a message readable. */
	for (;;) {
		if (strncmp(path, "./", 2) == 0) {
			path += 2;
		} else if (strncmp(path, "../", 3) == 0) {
			path += 3;
			while (dir_len > 0 && dir[dir_len - 1] != '/')
				dir_len--;
			if (dir_len > 0)
				dir_len--;
		} else {
			break;
		}
	}
	if (strcmp(path, ".") == 0)
		path = "";
	if (dir_len == 1 && dir[0] == '/')
		dir_len = 0;
	return arena_printf(arena, "%.*s%s%s", (int)dir_len, dir,
			    path[0] || dir_len == 0 ? "/" : "", path);
}
