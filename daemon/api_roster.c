/* api_roster.c — who is on duty now, and the next five weeks as a calendar.
 * Neighbours: loop/roster.c answers for a minute, wire/ics.c writes the calendar. */
#include "daemon/api_private.h"

#include <string.h>

#include "closedloop/ics.h"
#include "closedloop/roster.h"

#define AHEAD_DAYS 35
#define AHEAD	   (AHEAD_DAYS * WHEN_DAY)

/* A roster belongs to the units that name it; an operator's eye sees those nobody names, too. */
static bool covers_roster(const struct visit *visit, const struct roster *roster)
{
	const struct conf *conf = visit->api->conf;

	if (!*visit->caller.scope)
		return true;
	for (size_t i = 0; i < conf->units_len; i++) {
		if (text_equal(conf->units[i].roster, roster->name) &&
		    caller_covers(&visit->caller, conf->units[i].code))
			return true;
	}
	return false;
}

static void add_on_duty(const struct roster *roster, uint64_t members, cJSON *out)
{
	cJSON *list = cJSON_AddArrayToObject(out, "on_duty");

	for (size_t i = 0; i < roster->members_len; i++) {
		if (!(members >> i & 1))
			continue;
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "member", roster->members[i].name);
		cJSON_AddStringToObject(item, "endpoint", roster->members[i].endpoint);
		cJSON_AddItemToArray(list, item);
	}
}

static cJSON *roster_json(struct visit *visit, const struct roster *roster)
{
	const struct view view = visit_view(visit);
	const struct conf *conf = visit->api->conf;
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "name", roster->name);
	cJSON_AddStringToObject(out, "time_zone", zone_name(roster->zone));
	cJSON *units = cJSON_AddArrayToObject(out, "units");
	for (size_t i = 0; i < conf->units_len; i++) {
		if (text_equal(conf->units[i].roster, roster->name) &&
		    caller_covers(&visit->caller, conf->units[i].code))
			cJSON_AddItemToArray(units, cJSON_CreateString(conf->units[i].code));
	}
	add_on_duty(roster, roster_on_duty(roster, visit->now, NULL), out);
	view_time(&view, out, "until", roster_change_next(roster, visit->now, visit->now + AHEAD));
	return out;
}

void api_rosters(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	cJSON *out = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(out, "rosters");

	for (size_t i = 0; i < conf->rosters_len; i++) {
		if (covers_roster(visit, &conf->rosters[i]))
			cJSON_AddItemToArray(list, roster_json(visit, &conf->rosters[i]));
	}
	reply_json(visit, 200, out);
}

/* --- The calendar --- */

struct shifts {
	struct arena *arena;
	struct ics_shift *list;
	size_t len, cap, who_max;
};

static const char *who_words(struct arena *arena, const struct roster *roster, uint64_t members)
{
	char room[ROSTER_MEMBERS_MAX * (POLICY_NAME_CAP + 2)];
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	for (size_t i = 0; i < roster->members_len; i++) {
		if (members >> i & 1)
			text_addf(&out, "%s%s", out.len ? ", " : "", roster->members[i].name);
	}
	return arena_copy(arena, room);
}

static void add_shift(struct shifts *shifts, const struct roster *roster, int64_t from, int64_t to,
		      uint64_t members)
{
	if (shifts->len == shifts->cap) {
		size_t cap = shifts->cap ? 2 * shifts->cap : 128;
		struct ics_shift *list = arena_alloc(shifts->arena, cap * sizeof(*list));

		if (shifts->len)
			memcpy(list, shifts->list, shifts->len * sizeof(*list));
		shifts->list = list;
		shifts->cap = cap;
	}
	const char *who = who_words(shifts->arena, roster, members);

	shifts->list[shifts->len++] = (struct ics_shift){.from = from, .to = to, .who = who};
	if (strlen(who) > shifts->who_max)
		shifts->who_max = strlen(who);
}

/* The shifts that touch the next five weeks, whole. One that has no end in sight is cut at days
 * that do not move with NOW, so that it keeps its UID. */
static void collect_shifts(const struct roster *roster, int64_t now, struct shifts *shifts)
{
	int32_t today = when_day(roster->zone, now);
	int32_t grid = today - today % AHEAD_DAYS;
	int64_t at = when_at(roster->zone, grid - AHEAD_DAYS, 0);
	int64_t end = when_at(roster->zone, grid + 2 * AHEAD_DAYS, 0);

	while (at < end && at < now + AHEAD) {
		uint64_t members = roster_on_duty(roster, at, NULL);
		int64_t to = roster_change_next(roster, at, end);

		to = to < end ? to : end;
		if (members && to > now)
			add_shift(shifts, roster, at, to, members);
		at = to;
	}
}

void api_roster_calendar(struct visit *visit)
{
	static const char ending[] = ".ics";
	char *name = visit->part[0];
	size_t len = strlen(name), tail = strlen(ending);
	struct shifts shifts = {.arena = &visit->arena};
	const struct roster *roster = NULL;
	struct text out;

	if (len > tail && strcmp(name + len - tail, ending) == 0) {
		name[len - tail] = '\0';
		roster = conf_roster(visit->api->conf, name);
	}
	if (!roster || !covers_roster(visit, roster)) {
		reply_problem(visit, 404, "not_found", "There is no such roster.");
		return;
	}
	collect_shifts(roster, visit->now, &shifts);
	size_t cap = ics_room(shifts.len, shifts.who_max);

	text_init(&out, arena_alloc(&visit->arena, cap), cap);
	ics_calendar(roster->name, shifts.list, shifts.len, visit->now, &out);
	if (out.cut) {
		reply_problem(visit, 500, "internal", "The calendar does not fit.");
		return;
	}
	http_answer(visit->call, 200, "text/calendar; charset=utf-8", out.data, out.len, NULL, 0);
}
