/* scenario.c — one run: a house is opened, sentence after sentence is told at its time, and the
 * loop invariant is asked after each. Neighbours: scenario_read.c made the sentences, the tables of
 * the other rooms know what each means. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

#define SHOW_BEFORE 12 /* Deliveries shown with a failure. */

/* --- Failures --- */

static void show_delivery(struct scenario *scenario, size_t i)
{
	const struct delivery *delivery = post_read(&scenario->house.post, i);
	char buf[WHEN_CAP];

	when_text(delivery->at, scenario->conf->zone, buf);
	buf[19] = '\0';
	const char *count = strstr(delivery->data, "\"count\":");
	fprintf(scenario->out, "    %s  %-11s %-16s %-18s %.*s  %s%s\n", buf, delivery->endpoint,
		delivery->kind, delivery->type, count ? (int)strcspn(count + 8, ",}") : 0,
		count ? count + 8 : "", delivery->title,
		strstr(delivery->data, "late_seconds") ? " (late)" : "");
}

int complain(struct scenario *scenario, const struct sentence *sentence, bool deliveries,
	     const char *format, ...)
{
	struct post *post = &scenario->house.post;
	char buf[WHEN_CAP];
	va_list args;

	fprintf(scenario->out, "%s:%d: %s\n  ", scenario->path, sentence->line,
		sentence->raw ? sentence->raw : "the header");
	va_start(args, format);
	vfprintf(scenario->out, format, args);
	va_end(args);
	if (scenario->conf)
		fprintf(scenario->out, " (it is %s)",
			when_text(scenario->house.now, scenario->conf->zone, buf));
	fprintf(scenario->out, "\n");
	size_t from = post->len > SHOW_BEFORE ? post->len - SHOW_BEFORE : 0;
	if (from > scenario->mark)
		from = scenario->mark;
	if (post->len - from > 4 * SHOW_BEFORE)
		from = post->len - 4 * SHOW_BEFORE;
	for (size_t i = from; deliveries && i < post->len; i++)
		show_delivery(scenario, i);
	return CL_EINVAL;
}

/* --- Values --- */

static bool read_clock(const char *text, int64_t *ms)
{
	int hour, minute, second = 0, end = 0;
	if (sscanf(text, "%2d:%2d%n:%2d%n", &hour, &minute, &end, &second, &end) < 2 ||
	    text[end] != '\0' || hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 ||
	    second > 59)
		return false;
	*ms = hour * WHEN_HOUR + minute * WHEN_MINUTE + second * WHEN_SECOND;
	return true;
}

/* "2020-03-14T21:40" by the wall clock. */
static bool read_stamp(const struct scenario *scenario, const char *text, int64_t *at)
{
	char date[16];
	int32_t day;
	int64_t clock;

	if (strlen(text) < 12 || (text[10] != 'T' && text[10] != ' '))
		return false;
	memcpy(date, text, 10);
	date[10] = '\0';
	if (when_parse_day(date, &day, NULL) < 0 || !read_clock(text + 11, &clock))
		return false;
	*at = when_at(scenario->conf->zone, day, clock);
	return true;
}

int scenario_time(struct scenario *scenario, const struct sentence *sentence, const char *text,
		  bool past, int64_t *at)
{
	const struct zone *zone = scenario->conf->zone;
	int64_t now = scenario->house.now, clock;
	int32_t today = when_day(zone, now);

	if (read_stamp(scenario, text, at))
		return 0;
	if (!read_clock(text, &clock))
		return complain(scenario, sentence, false,
				"%s is no time (21:40, 2020-03-14T21:40)", text);
	*at = when_at(zone, today, clock);
	if (past && *at > now)
		*at = when_at(zone, today - 1, clock);
	else if (!past && *at < now - 12 * WHEN_HOUR)
		*at = when_at(zone, today + 1, clock);
	return 0;
}

int scenario_span(struct scenario *scenario, const struct sentence *sentence, const char *text,
		  int64_t *ms)
{
	if (when_parse_duration(text, ms, NULL) < 0)
		return complain(scenario, sentence, false, "%s is no span (90s, 10m, 48h, 3d)",
				text);
	return 0;
}

int scenario_number(struct scenario *scenario, const struct sentence *sentence, const char *text,
		    int64_t *number)
{
	char *end;
	*number = strtoll(text, &end, 10);
	if (*end || !*text)
		return complain(scenario, sentence, false, "%s is no number", text);
	return 0;
}

/* --- The run --- */

void scenario_pass(struct scenario *scenario, int64_t at)
{
	struct house *house = &scenario->house;

	house_pass(house, at);
	if (!house_up(house))
		return;
	for (size_t i = 0; i < house->results_len; i++) {
		const struct fact_result *result = &house->results[i];
		if (result->code || result->reject)
			scenario->refused = arena_copy(&scenario->arena, result->detail);
	}
	house->results_len = 0;
}

/* When SENTENCE is told. */
static int time_of(struct scenario *scenario, const struct sentence *sentence, int64_t *at)
{
	const struct zone *zone = scenario->conf->zone;
	int32_t day = when_day(zone, scenario->house.now);
	int64_t clock, span;

	*at = scenario->house.now;
	if (sentence->span) {
		if (scenario_span(scenario, sentence, sentence->span, &span) < 0)
			return CL_EINVAL;
		*at += span;
		return 0;
	}
	if (!sentence->time)
		return 0;
	if (!read_clock(sentence->time, &clock))
		return complain(scenario, sentence, false, "%s is no time", sentence->time);
	if (sentence->date && when_parse_day(sentence->date, &day, NULL) < 0)
		return complain(scenario, sentence, false, "%s is no date", sentence->date);
	if (sentence->day >= 0)
		day = when_day(zone, scenario->start) + sentence->day;
	*at = when_at(zone, day, clock);
	if (*at < scenario->house.now)
		return complain(scenario, sentence, false,
				"time does not run back; after midnight, write the date");
	return 0;
}

static bool is_expectation(const struct sentence *sentence)
{
	return sentence->row >= expect_rows && sentence->row < expect_rows + expect_rows_len;
}

static int check_census(struct scenario *scenario, const struct sentence *sentence)
{
	if (!house_up(&scenario->house))
		return 0;
	const struct census *census = house_census(&scenario->house);
	if (census->violations_len == 0)
		return 0;
	return complain(scenario, sentence, true, "%zu unwatched after this line: %s: %s",
			census->violations_len, census->violations[0].journey,
			census->violations[0].rule);
}

static int tell(struct scenario *scenario, const struct sentence *sentence)
{
	int64_t at;

	if (time_of(scenario, sentence, &at) < 0)
		return CL_EINVAL;
	scenario_pass(scenario, at);
	if (is_expectation(sentence)) {
		scenario->expectations++;
		if (!house_up(&scenario->house))
			return complain(scenario, sentence, false, "nobody is at home to be asked");
		return sentence->row->tell(scenario, sentence);
	}
	if (scenario->refused)
		return complain(scenario, sentence, false,
				"before this, something was refused and nobody expected it: %s",
				scenario->refused);
	scenario->mark = scenario->house.post.len;
	scenario->told_at = at;
	int rc = sentence->row->tell(scenario, sentence);
	if (rc == 0)
		scenario_pass(scenario, scenario->house.now);
	return rc;
}

static int open_world(struct scenario *scenario)
{
	house_make_dir(scenario->dir, sizeof(scenario->dir));
	if (world_configure(scenario, &scenario->header) < 0)
		return CL_EINVAL;
	if (!read_stamp(scenario, scenario->start_text, &scenario->start))
		return complain(scenario, &scenario->header, false,
				"start %s is no time: start 2020-03-13 18:00",
				scenario->start_text);
	house_open(&scenario->house, &(struct house_setup){.conf = scenario->conf,
							   .seed = 20200313,
							   .now = scenario->start});
	return 0;
}

int scenario_run(struct scenario *scenario)
{
	int rc = open_world(scenario);

	for (const struct sentence *sentence = scenario->sentences; sentence && rc == 0;
	     sentence = sentence->next) {
		rc = tell(scenario, sentence);
		if (rc == 0)
			rc = check_census(scenario, sentence);
	}
	if (rc == 0 && scenario->refused)
		rc = complain(scenario, &scenario->header, false,
			      "at the end, something was refused and nobody expected it: %s",
			      scenario->refused);
	if (rc == 0 && scenario->expectations == 0)
		rc = complain(scenario, &scenario->header, false, "it expects nothing");
	return rc;
}

void scenario_release(struct scenario *scenario)
{
	if (scenario->house.conf)
		house_close(&scenario->house);
	conf_free(scenario->conf);
	if (*scenario->dir)
		house_remove_dir(scenario->dir);
	mem_free(scenario->feed);
	arena_release(&scenario->arena);
}
