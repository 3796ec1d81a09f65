/* log.h — one line for one thing that happened.
 *
 *	log_warn("courier.retry", "notice=%s endpoint=%s attempt=%d", …);
 *
 * The name comes first and is also the counter's name; then key=value. Ids yes, people no: names,
 *passports, phones, addresses and secrets never reach this file. Values that come from outside pass
 *through log_clean first. The sink is the seam: the daemon writes to stderr with <N> priorities,
 *tests capture.
 */
#ifndef CLOSEDLOOP_LOG_H
#define CLOSEDLOOP_LOG_H

#include <stddef.h>

enum log_level {
	LOG_LEVEL_ERROR = 3, /* syslog's numbers, so that <N> prefixes are right. */
	LOG_LEVEL_WARN = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

typedef void log_sink(void *context, enum log_level level, const char *line);

void log_to(log_sink *sink, void *context, enum log_level level);
void log_line(enum log_level level, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Copy VALUE into BUF as something that cannot forge a log line: controls, quotes and spaces become
 * '_', long values are cut. Returns BUF. */
const char *log_clean(char *buf, size_t cap, const char *value);

/* Level by name ("error", "warn", "info", "debug"); negative when unknown. */
int log_level_of(const char *name);

#endif
