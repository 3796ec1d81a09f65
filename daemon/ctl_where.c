/* ctl_where.c — where the daemon is: the option, the configuration's state_dir, or the usual place.
 * Neighbours: ctl_http.c goes there. The configuration is only looked through for one line: it may
 * be broken, and telling the daemon to reload it must work all the same. */
#include "daemon/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/mem.h"

#define CONFIG_USUAL "/etc/closedloopd/closedloopd.yaml"
#define FILE_MAX     ((size_t)256 * 1024 * 1024)

static char *read_all(FILE *file, const char *path, size_t *len)
{
	size_t cap = 65536, got;
	char *bytes = mem_alloc(cap);

	*len = 0;
	while ((got = fread(bytes + *len, 1, cap - *len - 1, file)) > 0) {
		*len += got;
		if (*len + 1 == cap && cap < FILE_MAX) {
			cap *= 2;
			bytes = mem_grow(bytes, cap);
		}
	}
	bytes[*len] = '\0';
	if (!ferror(file))
		return bytes;
	fprintf(stderr, "closedloopctl: %s: %s\n", path, strerror(errno));
	mem_free(bytes);
	return NULL;
}

char *ctl_read_file(const char *path, size_t *len)
{
	FILE *file;
	char *bytes;

	if (strcmp(path, "-") == 0)
		return read_all(stdin, path, len);
	file = fopen(path, "rb");
	if (!file) {
		fprintf(stderr, "closedloopctl: %s: %s\n", path, strerror(errno));
		return NULL;
	}
	bytes = read_all(file, path, len);
	fclose(file);
	return bytes;
}

/* The scalar behind "KEY:" on LINE, without quotes and comment; false when it is another key's
 * line. */
static bool read_value(const char *line, size_t len, const char *key, char *value, size_t cap)
{
	size_t key_len = strlen(key);
	const char *at = line + key_len, *end = line + len;

	if (len <= key_len || strncmp(line, key, key_len) != 0 || *at != ':')
		return false;
	at++;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (at >= end)
		return false;
	if (at < end && (*at == '"' || *at == '\'')) {
		const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));

		at++;
		end = close ? close : end;
	} else {
		const char *comment = memchr(at, '#', (size_t)(end - at));

		end = comment ? comment : end;
		while (end > at && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
			end--;
	}
	return snprintf(value, cap, "%.*s", (int)(end - at), at) < (int)cap && end > at;
}

bool ctl_setting(const struct ctl *ctl, const char *key, char *path, size_t cap)
{
	const char *config = ctl->config ? ctl->config : CONFIG_USUAL;
	const char *slash = strrchr(config, '/');
	char value[2048];
	bool found = false;
	size_t len;
	char *bytes = ctl_read_file(config, &len);

	for (const char *line = bytes; line && *line && !found;) {
		size_t line_len = strcspn(line, "\n");

		found = read_value(line, line_len, key, value, sizeof(value));
		line += line_len + (line[line_len] == '\n');
	}
	mem_free(bytes);
	if (!found)
		return false;
	/* Relative to the file that names it. */
	if (*value == '/' || !slash)
		return snprintf(path, cap, "%s", value) < (int)cap;
	return snprintf(path, cap, "%.*s/%s", (int)(slash - config), config, value) < (int)cap;
}

int ctl_where(struct ctl *ctl)
{
	char state[2048];

	if (ctl->url)
		return CTL_DONE;
	if (ctl->socket) {
		text_copy(ctl->socket_path, sizeof(ctl->socket_path), ctl->socket);
		return CTL_DONE;
	}
	if (!ctl_setting(ctl, "state_dir", state, sizeof(state))) {
		fprintf(stderr,
			"closedloopctl: no state_dir in %s; name the daemon with --config, "
			"--socket "
			"or --url\n",
			ctl->config ? ctl->config : CONFIG_USUAL);
		return CTL_USAGE;
	}
	snprintf(ctl->socket_path, sizeof(ctl->socket_path), "%s/control.sock", state);
	return CTL_DONE;
}
