/* conf_roster.h — what the files of the rosters' section share: conf_roster.c reads the maps,
 * conf_roster_time.c what is said about time, conf_roster_print.c writes it all. Private to
 * lib/conf. */
#ifndef CLOSEDLOOP_CONF_ROSTER_H
#define CLOSEDLOOP_CONF_ROSTER_H

#include "conf_private.h"

/* A roster being read. */
struct roster_draft {
	struct roster *roster;
	const struct node *map;
	const char *who;
	size_t errors; /* Reported before it began. */
};

extern const struct choice roster_holiday_words[];
extern const struct choice roster_weekday_words[]; /* Monday is 0. */

/* "12 hours", "1 day", "2 weeks", "1 month". */
void roster_read_period(struct loader *loader, const struct node *node, const char *who,
			struct roster_rotation *rotation);
void roster_period_text(const struct roster_rotation *rotation, char *buf, size_t cap);
/* "2020-03-08 20:00", or with a T; false after a report. */
bool roster_read_wall(struct loader *loader, const struct node *node, const char *who, int32_t *day,
		      int64_t *time);
const char *roster_wall_text(int32_t day, int64_t time, char buf[WHEN_CAP]);
/* The same as an instant by the roster's wall clock. */
bool roster_read_at(struct loader *loader, const struct node *node, const char *who,
		    const struct roster_draft *draft, int64_t *at);
const char *roster_at_text(const struct roster *roster, int64_t at, char buf[WHEN_CAP]);
/* Refuse a roster that leaves a minute of the next five weeks to nobody. */
void roster_check_covered(struct loader *loader, const struct roster_draft *draft);

#endif
