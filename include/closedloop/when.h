/* when.h — instants, civil days and time zones, without a clock.
 *
 * An instant is `int64_t` UTC milliseconds since 1970. Nothing here knows what time it is: the
 * caller says. A zone is made from the bytes of a TZif file (RFC 8536), so civil time follows the
 * IANA rules, past and future, without any call to the C library's idea of local time.
 */
#ifndef CLOSEDLOOP_WHEN_H
#define CLOSEDLOOP_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"

#define WHEN_NEVER   INT64_MAX /* No such instant; sorts after all others. */
#define WHEN_UNKNOWN INT64_MIN /* Not known; sorts before all others. */
#define WHEN_SECOND  INT64_C(1000)
#define WHEN_MINUTE  (60 * WHEN_SECOND)
#define WHEN_HOUR    (60 * WHEN_MINUTE)
#define WHEN_DAY     (24 * WHEN_HOUR)
#define WHEN_CAP     32 /* Room for any RFC 3339 text made here. */

/* Read "2020-03-08T17:30:00+08:00": date, 'T' or 't', time, up to 9 fraction digits, then Z or an
 * offset — all of it and nothing after it. Years 1900 to 2999. A leap second reads as :59.999.
 * Returns CL_EINVAL otherwise. */
int when_parse(const char *string, int64_t *at, struct err *err);

struct zone; /* Opaque heap object. */

/* Build a zone from TZif bytes. NAME is for messages. Freed by zone_free. */
int zone_parse(struct zone **out, const char *name, const void *tzif, size_t len, struct err *err);
void zone_free(struct zone *zone);
/* A zone with one fixed offset, for tests and as a stand-in. */
struct zone *zone_fixed(int offset_s);
const char *zone_name(const struct zone *zone);
/* Offset from UTC in seconds, east positive, in force at AT. */
int zone_offset_s(const struct zone *zone, int64_t at);

/* A civil day is counted from 1970-01-01 = 0. */
int32_t when_day(const struct zone *zone, int64_t at);
/* Milliseconds since midnight by the wall clock at AT. */
int64_t when_time_of_day(const struct zone *zone, int64_t at);
/* The instant when the wall clock in ZONE shows TIME_OF_DAY (ms, may exceed a day) on DAY. In a
 * spring gap the instant after it; in an autumn overlap the first. */
int64_t when_at(const struct zone *zone, int32_t day, int64_t time_of_day);
/* When the daily window between the times of day FROM and TO (TO next morning when it is not after
 * FROM) that AT lies in ends; WHEN_UNKNOWN when AT lies in none, or FROM is TO. Each day's window
 * is two instants, so on a night when the clocks change it neither begins nor ends twice. */
int64_t when_window_end(const struct zone *zone, int64_t from, int64_t to, int64_t at);
/* Day number of a proleptic Gregorian date, and back. */
int32_t when_day_of(int year, int month, int day);
void when_date_of(int32_t day_number, int *year, int *month, int *day);
/* "2020-03-08" ↔ day number. */
int when_parse_day(const char *string, int32_t *day, struct err *err);
const char *when_day_text(int32_t day, char buf[WHEN_CAP]);

/* RFC 3339 with ZONE's offset (NULL: Z), seconds, and milliseconds only when there are some.
 * Returns BUF. */
const char *when_text(int64_t at, const struct zone *zone, char buf[WHEN_CAP]);
/* "17:50" by ZONE's wall clock. */
const char *when_clock_text(int64_t at, const struct zone *zone, char buf[WHEN_CAP]);

/* "90s", "10m", "36h", "14d", "250ms" → milliseconds; the unit is required, the number a
 * non-negative integer. */
int when_parse_duration(const char *string, int64_t *ms, struct err *err);
/* The shortest such text: 600000 → "10m". */
const char *when_duration_text(int64_t ms, char buf[WHEN_CAP]);

#endif
