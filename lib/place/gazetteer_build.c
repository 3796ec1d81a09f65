/* gazetteer_build.c — the tool that turns the gazetteer's tables into the image the daemon maps.
 *
 *	gazetteer_build UNITS.tsv.gz VARIANTS.tsv READINGS.tsv CHANGES.tsv LATIN.tsv OUT.img
 *
 * UNITS has rows `code<TAB>name`, every parent present, codes of one level rising. VARIANTS has
 *rows `variant<TAB>character`, READINGS `character<TAB>syllable,syllable…`, CHANGES `date,
 *province, city, county, code`: a county as it was called, and its code today; LATIN
 *`name<TAB>code`: what foreigners call a place. Lines that begin with # are comments. The same
 *input gives the same bytes. Neighbours: gazetteer_build_{read,names,latin,image}.c in that order.
 *These are the only files of lib/place that touch the outside world.
 */
#include "gazetteer_build.h"

#include <stdio.h>
#include <stdlib.h>

#include "closedloop/mem.h"

_Noreturn void build_die(const char *what, const char *why)
{
	fprintf(stderr, "gazetteer_build: %s: %s\n", what, why);
	exit(1);
}

int main(int argc, char **argv)
{
	if (argc != 7) {
		fprintf(stderr, "usage: gazetteer_build UNITS.tsv.gz VARIANTS.tsv READINGS.tsv "
				"CHANGES.tsv LATIN.tsv OUT.img\n");
		return 2;
	}
	struct build *build = mem_alloc(sizeof(*build));
	const struct build_paths paths = {argv[1], argv[2], argv[3], argv[4], argv[5]};

	build_read(build, &paths);
	build_names(build);
	build_latin(build, paths.latin);
	build_write(build, argv[6]);
	build_release(build);
	return 0;
}
