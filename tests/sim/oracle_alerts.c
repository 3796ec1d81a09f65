/* oracle_alerts.c — how alerts climb, and whether anybody hears (oracle.h: alerts, liveness).
 * Neighbours: oracle_notices.c notes whom a notice tells. */
#include "oracle_private.h"

#include <string.h>

#include "closedloop/text.h"

struct seen_alert *seen_of(struct oracle *oracle, int64_t id)
{
	size_t index = (size_t)id;

	if (index >= oracle->seen_len) {
		size_t len = 2 * index + 64;
		oracle->seen = mem_grow(oracle->seen, len * sizeof(*oracle->seen));
		for (size_t i = oracle->seen_len; i < len; i++)
			oracle->seen[i] = (struct seen_alert){.first_heard = WHEN_NEVER,
							      .fallback_heard = WHEN_UNKNOWN};
		oracle->seen_len = len;
	}
	return &oracle->seen[index];
}

uint64_t endpoint_bit(const struct conf *conf, const char *endpoint)
{
	for (size_t i = 0; i < conf->endpoints_len && i < 64; i++) {
		if (text_equal(conf->endpoints[i].name, endpoint))
			return UINT64_C(1) << i;
	}
	return 0;
}

/* Who stands at one unit at AT: by its roster, else its own endpoint. */
static uint64_t stand_at(const struct conf *conf, const struct conf_unit *unit, int64_t at)
{
	const struct roster *roster = conf_roster(conf, unit->roster);
	uint64_t members = roster ? roster_on_duty(roster, at, NULL) : 0, bits = 0;

	for (size_t i = 0; roster && i < roster->members_len; i++) {
		if (members >> i & 1)
			bits |= endpoint_bit(conf, roster->members[i].endpoint);
	}
	return members || !unit->endpoint ? bits : endpoint_bit(conf, unit->endpoint);
}

/* Who stands on a rung for UNIT at AT: the unit of that level, or the next above that has
 * anybody. */
static uint64_t rung(const struct conf *conf, const struct conf_step *step, const char *unit,
		     int64_t at)
{
	static const size_t levels[] = {12, 9, 6, 4, 2};
	char code[UNIT_CODE_CAP];

	if (step->target == STEP_ENDPOINT)
		return endpoint_bit(conf, step->endpoint);
	if (strlen(unit) < (size_t)step->target)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (levels[i] > (size_t)step->target)
			continue;
		text_copy(code, levels[i] + 1, unit);
		const struct conf_unit *there = conf_unit(conf, code);
		uint64_t bits = there ? stand_at(conf, there, at) : 0;
		if (bits)
			return bits;
	}
	return 0;
}

/* The longest any rung waits. */
static int64_t longest_wait(const struct conf_escalation *ladder)
{
	int64_t longest = WHEN_MINUTE;

	for (size_t i = 0; i < ladder->len; i++) {
		if (ladder->steps[i].wait > longest)
			longest = ladder->steps[i].wait;
	}
	return longest;
}

/* Whoever is owed a word about it already is not called by another when it is handed on. */
static uint64_t owed(struct world *world, int64_t id)
{
	uint64_t bits = 0;
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, ASK_OWED, &was);

	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, world->house.now - 10 * WHEN_MINUTE);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		bits |= endpoint_bit(world->house.conf, text_at(stmt, 0));
	end_asking(stmt, was);
	return bits;
}

/* From step to step whoever stands on each rung must have been told. */
static void check_climb(struct world *world, int64_t id, const char *unit,
			const struct conf_escalation *ladder, int from, int to,
			const struct seen_alert *seen)
{
	const struct conf *conf = world->house.conf;
	int64_t at = seen->told ? seen->told_at : world->house.now;

	for (int i = from; i < to && (size_t)i < ladder->len; i++) {
		uint64_t missed = rung(conf, &ladder->steps[i], unit, at) & ~seen->told;
		if (missed && (missed & ~owed(world, id)))
			oracle_fail(
				world, "alerts",
				"alert %lld of %s climbed from %d to %d, and step %d was not told",
				(long long)id, unit, from, to, i + 1);
	}
}

void alerts_check_one(struct world *world, sqlite3_stmt *stmt)
{
	struct oracle *oracle = world->oracle;
	int64_t id = sqlite3_column_int64(stmt, 0);
	const char *kind = text_at(stmt, 1), *unit = text_at(stmt, 2);
	enum alert_state state = (enum alert_state)sqlite3_column_int(stmt, 3);
	int step = sqlite3_column_int(stmt, 4);
	int64_t next_at = sqlite3_column_int64(stmt, 5);
	bool informative = sqlite3_column_int(stmt, 7);
	const struct conf_escalation *ladder = conf_escalation(world->house.conf, kind);
	const struct policy *policy = &world->house.conf->policies[0];
	int64_t patience = longest_wait(ladder);
	struct seen_alert *seen = seen_of(oracle, id);

	if (patience < policy->ack_expires)
		patience = policy->ack_expires;
	if (patience < policy->inhibit_at_most)
		patience = policy->inhibit_at_most;
	if (state == ALERT_OPEN && (!informative || step == 0) &&
	    next_at > oracle->clock_high + patience)
		oracle_fail(world, "alerts",
			    "alert %lld (%s of %s) is open, and silent longer than any step waits",
			    (long long)id, kind, unit);
	if (state == ALERT_ACKED && next_at > oracle->clock_high + 12 * WHEN_HOUR)
		oracle_fail(world, "alerts",
			    "alert %lld (%s of %s) was taken, and nobody asks within 12 h",
			    (long long)id, kind, unit);
	if (state == ALERT_RESOLVED && next_at != WHEN_NEVER)
		oracle_fail(world, "alerts", "alert %lld is resolved and still speaks",
			    (long long)id);
	if (step > seen->step)
		check_climb(world, id, unit, ladder, seen->step, step, seen);
	seen->step = step;
	seen->state = state;
	seen->told = 0;
}

void alerts_check(struct world *world)
{
	struct oracle *oracle = world->oracle;

	for (size_t i = 0; i < oracle->alerts.len; i++) {
		bool was;
		sqlite3_stmt *stmt = begin_asking(world, ASK_ALERT, &was);
		sqlite3_bind_int64(stmt, 1, oracle->alerts.rows[i]);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			alerts_check_one(world, stmt);
		end_asking(stmt, was);
	}
	oracle->alerts.len = 0;
}

void oracle_delivered(struct world *world, const struct delivery *delivery)
{
	static const char name[] = "\"alert\":\"A-";
	const char *at = strstr(delivery->body, name);
	struct sent *sent = sent_find(world->oracle, delivery->notice);
	char number[24];

	if (sent)
		sent->delivered = true;
	if (!at)
		return;
	at += sizeof(name) - 3;
	size_t len = strcspn(at, "\"");
	if (len >= sizeof(number))
		return;
	memcpy(number, at, len);
	number[len] = '\0';
	int64_t id = alert_of_number(number);
	if (id <= 0)
		return;
	struct seen_alert *seen = seen_of(world->oracle, id);
	if (seen->first_heard == WHEN_NEVER)
		seen->first_heard = delivery->at;
	if (text_equal(delivery->endpoint, world->house.conf->fallback))
		seen->fallback_heard = delivery->at;
}

void alerts_relearn(struct world *world, sqlite3_stmt *stmt)
{
	struct seen_alert *seen = seen_of(world->oracle, sqlite3_column_int64(stmt, 0));

	seen->state = (enum alert_state)sqlite3_column_int(stmt, 3);
	seen->step = sqlite3_column_int(stmt, 4);
	seen->told = 0;
}

/* By when the fallback must have heard of an alert that nobody takes: every rung's wait, an
 * acknowledgement that had to expire, and what an endpoint that was sick needs to be tried again.
 */
#define RECOVERY (25 * WHEN_MINUTE)
/* The longest quiet hours of the configurations: what need not ring waits for their end. */
#define NIGHT	 (12 * WHEN_HOUR)

void alerts_check_end(struct world *world, sqlite3_stmt *stmt)
{
	struct oracle *oracle = world->oracle;
	int64_t id = sqlite3_column_int64(stmt, 0);
	const char *kind = text_at(stmt, 1);
	enum alert_state state = (enum alert_state)sqlite3_column_int(stmt, 3);
	int64_t opened = sqlite3_column_int64(stmt, 6), bound = RECOVERY;
	const struct seen_alert *seen = seen_of(oracle, id);
	const struct conf_escalation *ladder = conf_escalation(world->house.conf, kind);
	int64_t since = opened > oracle->calm_at ? opened : oracle->calm_at;
	int64_t now = world->house.now;

	if (sqlite3_column_int(stmt, 7) || state == ALERT_RESOLVED)
		return;
	int kind_of = alert_kind_of(kind);
	bool rings = kind_of < 0 || alert_traits((enum alert_kind)kind_of)->urgent;

	if (since + 2 * RECOVERY + (rings ? 0 : NIGHT) < now && seen->first_heard == WHEN_NEVER)
		oracle_fail(world, "liveness", "alert %lld (%s) reached nobody", (long long)id,
			    kind);
	if (state == ALERT_ACKED)
		return;
	for (size_t i = 0; i < ladder->len; i++)
		bound += ladder->steps[i].wait;
	/* Taken once, it may have rested for 12 hours and then been asked about. */
	bound += 13 * WHEN_HOUR;
	if (since + bound < now && seen->fallback_heard < now - 2 * longest_wait(ladder) - RECOVERY)
		oracle_fail(world, "liveness",
			    "alert %lld (%s) is open, nobody took it, and the fallback does not "
			    "hear of it",
			    (long long)id, kind);
}
