/* conf_roster_time.c — what a roster says about time: periods, wall-clock times, and whether each
 * minute of the next five weeks has somebody. Neighbours: conf_roster.c reads the rest;
 * loop/roster.c finds the gap. */
#include "conf_roster.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

#define LOOK_AHEAD (35 * WHEN_DAY)
#define EVERY_MOST 1000

static const struct choice periods[] = {
	{"hours", ROSTER_HOURS},   {"days", ROSTER_DAYS},    {"weeks", ROSTER_WEEKS},
	{"months", ROSTER_MONTHS}, {"hour", ROSTER_HOURS},   {"day", ROSTER_DAYS},
	{"week", ROSTER_WEEKS},	   {"month", ROSTER_MONTHS}, {NULL, 0},
};

void roster_read_period(struct loader *loader, const struct node *node, const char *who,
			struct roster_rotation *rotation)
{
	const char *text = conf_text(loader, node, who);
	struct nearest nearest;
	char *word;

	if (!text)
		return;
	long every = strtol(text, &word, 10);
	bool number = word != text && text[0] >= '0' && text[0] <= '9';

	word += strspn(word, " ");
	nearest = (struct nearest){.word = word};
	for (const struct choice *period = periods; period->word; period++) {
		if (number && strcmp(period->word, word) == 0) {
			rotation->period = (enum roster_period)period->value;
			rotation->every = (int)every;
			if (every < 1 || every > EVERY_MOST)
				conf_error(loader, node, "%s: every: %.40s is out of range 1 to %d",
					   who, text, EVERY_MOST);
			if (every < 1 || every > EVERY_MOST)
				rotation->every = 1;
			return;
		}
		nearest_offer(&nearest, period->word);
	}
	conf_error(loader, node,
		   "%s: every: \"%.40s\" is not a period: write a whole number and hours, days, "
		   "weeks or months, as in 12 hours%s",
		   who, text, nearest_hint(&nearest));
}

void roster_period_text(const struct roster_rotation *rotation, char *buf, size_t cap)
{
	(void)snprintf(buf, cap, "%d %s", rotation->every,
		       conf_choice_word(periods, (int)rotation->period));
}

bool roster_read_wall(struct loader *loader, const struct node *node, const char *who, int32_t *day,
		      int64_t *time)
{
	static const struct field clock = {.key = "time", .type = FIELD_CLOCK};
	const char *text = conf_text(loader, node, who);
	char date[11] = "";

	if (!text)
		return false;
	if (strlen(text) == 16 && (text[10] == ' ' || text[10] == 'T')) {
		memcpy(date, text, 10);
		if (when_parse_day(date, day, NULL) == 0 &&
		    conf_number_parse(&clock, text + 11, time))
			return true;
	}
	conf_error(loader, node,
		   "%s: %s: \"%.40s\" is not a time on the wall clock: write it as in 2020-03-08 "
		   "20:00",
		   who, node->key->text, text);
	return false;
}

const char *roster_wall_text(int32_t day, int64_t time, char buf[WHEN_CAP])
{
	char date[WHEN_CAP];

	(void)snprintf(buf, WHEN_CAP, "%s %02d:%02d", when_day_text(day, date),
		       (int)(time / WHEN_HOUR) % 100, (int)(time % WHEN_HOUR / WHEN_MINUTE));
	return buf;
}

bool roster_read_at(struct loader *loader, const struct node *node, const char *who,
		    const struct roster_draft *draft, int64_t *at)
{
	int64_t time;
	int32_t day;

	if (!roster_read_wall(loader, node, who, &day, &time) || !draft->roster->zone)
		return false;
	*at = when_at(draft->roster->zone, day, time);
	return true;
}

const char *roster_at_text(const struct roster *roster, int64_t at, char buf[WHEN_CAP])
{
	return roster_wall_text(when_day(roster->zone, at), when_time_of_day(roster->zone, at),
				buf);
}

void roster_check_covered(struct loader *loader, const struct roster_draft *draft)
{
	const struct roster *roster = draft->roster;
	int64_t now = loader->world->now, from, to;
	char from_text[WHEN_CAP], to_text[WHEN_CAP];

	/* Of a roster that could not be read, nobody knows what it would cover. */
	if (now == 0 || roster->allow_gap || loader->incomplete || !roster->zone ||
	    loader->report->errors > draft->errors)
		return;
	/* A gap that begins in time is shown to its end. */
	if (!roster_gap(roster, now, now + LOOK_AHEAD + WHEN_DAY, &from, &to) ||
	    from >= now + LOOK_AHEAD)
		return;
	conf_problem(loader->report, draft->map->source->name, draft->map->line, draft->map->column,
		     loader->world->gap_warns,
		     "%s: nobody is on duty from %s to %s (%s): every minute of the next 35 days "
		     "needs somebody; close the gap, or write allow_gap: true",
		     draft->who, roster_at_text(roster, from, from_text),
		     roster_at_text(roster, to, to_text), zone_name(roster->zone));
}
