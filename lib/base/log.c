/* log.c — one line for one thing that happened, handed to a sink somebody else installed.
 * Neighbours: text.c builds the line; daemon/ installs the sink that writes to stderr. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

#define LINE_CAP 2048 /* Longer lines are cut: syslog receivers cut at 2 KiB anyway. */

static struct {
	log_sink *sink; /* NULL: nobody listens, nothing is written. */
	void *context;
	enum log_level level;
} out = {.sink = NULL, .context = NULL, .level = LOG_LEVEL_INFO};

void log_to(log_sink *sink, void *context, enum log_level level)
{
	out.sink = sink;
	out.context = context;
	out.level = level;
}

/* The last guard: one call is one line and nothing else, whatever a caller forgot to clean. What a
 * terminal obeys, or a reader takes for the end of a line, takes up its place as "_". */
static void guard(char *line)
{
	const size_t len = strlen(line);
	size_t to = 0;

	for (size_t at = 0, used; at < len; at += used) {
		uint32_t code_point = text_decode(line + at, len - at, &used);
		bool whole = used > 1 || (unsigned char)line[at] < 0x80;
		bool control = code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);

		if (!whole || control || text_is_unseen(code_point)) {
			line[to++] = '_';
			continue;
		}
		for (size_t i = 0; i < used; i++)
			line[to++] = line[at + i];
	}
	line[to] = '\0';
}

void log_line(enum log_level level, const char *name, const char *format, ...)
{
	char draft[LINE_CAP + 8];
	char room[LINE_CAP];
	struct text line = TEXT_OVER(room);
	va_list args;

	if (!out.sink || level > out.level)
		return;
	va_start(args, format);
	if (vsnprintf(draft, sizeof(draft), format, args) < 0)
		draft[0] = '\0';
	va_end(args);
	text_clear(&line);
	text_add(&line, name);
	if (draft[0]) {
		text_add(&line, " ");
		text_add(&line, draft);
	}
	guard(room);
	out.sink(out.context, level, room);
}

static bool may_stand(uint32_t code_point)
{
	if (code_point <= 0x20 || (code_point >= 0x7F && code_point <= 0xA0))
		return false;
	if (code_point == '"' || code_point == '\'' || code_point == '`' || code_point == '\\')
		return false;
	return !text_is_unseen(code_point);
}

const char *log_clean(char *buf, size_t cap, const char *value)
{
	struct text clean;
	size_t len = value ? strlen(value) : 0;
	size_t at = 0;

	text_init(&clean, buf, cap);
	if (!value)
		text_add(&clean, "-");
	while (at < len && !clean.cut) {
		size_t used;
		uint32_t code_point = text_decode(value + at, len - at, &used);
		bool whole = used > 1 || (unsigned char)value[at] < 0x80;

		if (whole && may_stand(code_point))
			text_add_bytes(&clean, value + at, used);
		else
			text_add(&clean, "_");
		at += used;
	}
	return buf;
}

int log_level_of(const char *name)
{
	if (text_equal(name, "error"))
		return LOG_LEVEL_ERROR;
	if (text_equal(name, "warn"))
		return LOG_LEVEL_WARN;
	if (text_equal(name, "info"))
		return LOG_LEVEL_INFO;
	if (text_equal(name, "debug"))
		return LOG_LEVEL_DEBUG;
	return -1;
}
