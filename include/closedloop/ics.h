/* ics.h — shifts as a calendar (RFC 5545) that people can subscribe to. Formatting only: whose
 * shifts they are the caller says. Times go out as UTC, so a calendar needs no time zone of ours.
 */
#ifndef CLOSEDLOOP_ICS_H
#define CLOSEDLOOP_ICS_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/text.h"

struct ics_shift {
	int64_t from, to;
	const char *who; /* One line of text for people. */
};

/* Room that is enough for LEN shifts of at most WHO bytes each. */
size_t ics_room(size_t len, size_t who);
/* Append the calendar NAME with its SHIFTS, as of NOW, to OUT. A shift keeps its UID as long as it
 * begins at the same time. */
void ics_calendar(const char *name, const struct ics_shift *shifts, size_t len, int64_t now,
		  struct text *out);

#endif
