/* fuzz_yaml.c — any bytes as the configuration: read, or refused with the place of every mistake.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/conf.h"
#include "closedloop/text.h"

static const char *nothing(const char *name)
{
	(void)name;
	return NULL;
}

int fuzz_yaml(const uint8_t *data, size_t size)
{
	static const struct conf_world world = {.environment = nothing,
						.zoneinfo_dir = "/usr/share/zoneinfo"};
	char path[] = "/tmp/fuzz-yaml-XXXXXX";
	struct conf_report report = {0};
	struct conf *conf = NULL;
	int file = mkstemp(path);

	assert(file >= 0);
	ssize_t written = write(file, data, size);
	close(file);
	assert(written == (ssize_t)size);
	int rc = conf_load(&conf, path, &world, &report);
	unlink(path);
	assert((rc == 0) == (conf != NULL));
	assert(rc == 0 || report.len > 0);
	for (size_t i = 0; i < report.len; i++)
		assert(text_is_utf8(report.problems[i].text, strlen(report.problems[i].text)));
	if (conf)
		conf_free(conf);
	conf_report_free(&report);
	return 0;
}
