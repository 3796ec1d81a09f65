/* fuzz_list.c — any bytes for a list as a committee writes it, or for a table of such lists: each
 * word used or complained of. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"

#define CODE "310105009018"

static void count(void *context, int line, const char *text)
{
	assert(line >= 0 && *text && text_is_utf8(text, strlen(text)));
	++*(size_t *)context;
}

int fuzz_list(const uint8_t *data, size_t size)
{
	struct coverage_source *source = coverage_source_new();
	char *list = mem_alloc(size + 1);
	struct coverage *coverage;
	size_t complaints = 0;

	if (size)
		memcpy(list, data, size);
	list[size] = '\0';
	if (size >= 4 && memcmp(data, "code", 4) == 0)
		(void)coverage_read_lists(source, list, size, count, &complaints);
	else
		(void)coverage_read_list(source, "unit", CODE, list, count, &complaints);
	for (size_t i = 0; i < coverage_source_rules(source); i++) {
		const struct coverage_rule *rule = coverage_source_rule(source, i);
		assert(*rule->id && text_is_utf8(rule->id, strlen(rule->id)));
		assert(rule->from <= rule->to && text_is_utf8(rule->name, strlen(rule->name)));
	}
	fuzz_rewrite(source, fuzz_small());
	if (coverage_build(&coverage, source, fuzz_small(), NULL) == 0) {
		fuzz_examine(coverage);
		coverage_free(coverage);
	}
	coverage_source_free(source);
	mem_free(list);
	return 0;
}
