/* ctl_place.c — the gazetteer's image and tables of coverage, opened without a daemon.
 * Neighbours: ctl_match.c judges addresses with them, ctl_units.c judges the tables themselves. */
#include "daemon/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closedloop/mem.h"

static int map_image(struct ctl_place *place, const char *path)
{
	struct err err = ERR_INIT;
	struct stat stat;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*place = (struct ctl_place){.image = MAP_FAILED};
	if (fd >= 0 && fstat(fd, &stat) == 0 && stat.st_size > 0) {
		place->len = (size_t)stat.st_size;
		place->image = mmap(NULL, place->len, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (place->image == MAP_FAILED)
		fprintf(stderr, "closedloopctl: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (place->image == MAP_FAILED)
		return CTL_REFUSED;
	if (gazetteer_open(&place->gazetteer, place->image, place->len, &err) < 0) {
		fprintf(stderr, "closedloopctl: %s: %s\n", path, err.text);
		munmap(place->image, place->len);
		return CTL_REFUSED;
	}
	return CTL_DONE;
}

int ctl_place_open(const struct ctl *ctl, struct ctl_place *place, const char *image)
{
	char path[4096];

	if (!image && !ctl_setting(ctl, "gazetteer", path, sizeof(path))) {
		fprintf(stderr, "closedloopctl: no gazetteer: name its image with --gazetteer\n");
		return CTL_USAGE;
	}
	return map_image(place, image ? image : path);
}

void ctl_place_close(struct ctl_place *place)
{
	coverage_free(place->coverage);
	gazetteer_close(place->gazetteer);
	munmap(place->image, place->len);
}

/* A complaint about a table, with its file. */
static void complain(void *context, int line, const char *text)
{
	fprintf(stderr, "closedloopctl: %s:%d: %s\n", (const char *)context, line, text);
}

bool ctl_place_read(struct coverage_source *source, const char *path, ctl_place_reader *read)
{
	char name[4096];
	size_t len, refused;
	char *bytes;

	if (!path)
		return true;
	bytes = ctl_read_file(path, &len);
	if (!bytes)
		return false;
	(void)text_copy(name, sizeof(name), path);
	refused = read(source, bytes, len, complain, name);
	mem_free(bytes);
	return refused == 0;
}

int ctl_place_cover(struct ctl_place *place, const struct coverage_source *source)
{
	struct err err = ERR_INIT;

	if (coverage_build(&place->coverage, source, place->gazetteer, &err) == 0)
		return CTL_DONE;
	fprintf(stderr, "closedloopctl: %s\n", err.text);
	return CTL_REFUSED;
}
