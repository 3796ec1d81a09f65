/* courier_health.c — see courier_health.h (alerts.md §2, breaker and schedule). Neighbours:
 * courier_plan.c asks, courier_answer.c tells. */
#include "engine/courier_health.h"

#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define BREAK_AFTER    5		  /* RETRYs in a row … */
#define BREAK_PERCENT  70		  /* … or so many of a hundred, … */
#define BREAK_TRIES    10		  /* … when there were as many as this … */
#define SPAN	       (30 * WHEN_SECOND) /* … in HEALTH_SPANS of these. */
#define SICK_AFTER     2		  /* "slow:" RETRYs in a row. */
#define ILL_AFTER      (10 * WHEN_MINUTE) /* Broken for so long is as bad as sick. */
#define PAUSED_LONG    (30 * WHEN_MINUTE) /* As is one that takes nothing and says when it will. */
#define PAUSES_APART   (10 * WHEN_MINUTE) /* So long after a pause another one is a new matter. */
#define DISABLE_AFTER  (120 * WHEN_HOUR)
#define FAILURES_APART (30 * WHEN_HOUR) /* More than between any two tries of one message. */
#define BACKOFF_FIRST  (30 * WHEN_SECOND)
#define BACKOFF_MOST   (10 * WHEN_MINUTE)
#define SICK_PROBE     (10 * WHEN_MINUTE)
#define PAUSE_LEAST    WHEN_SECOND
#define PAUSE_MOST     WHEN_HOUR /* However long a Retry-After asks. */
#define PAUSE_DOUBLES  2	 /* 30 s, 60 s, 120 s, … and no more. */
#define JITTER_PERMILL 200

static const int64_t urgent_delays[] = {
	5 * WHEN_SECOND, 15 * WHEN_SECOND, 45 * WHEN_SECOND,
	2 * WHEN_MINUTE, 5 * WHEN_MINUTE, /* … and so on until it is acknowledged, superseded or
					     expired. */
};
static const int64_t normal_delays[] = {
	5 * WHEN_SECOND, 5 * WHEN_MINUTE, 30 * WHEN_MINUTE, 2 * WHEN_HOUR,  5 * WHEN_HOUR,
	10 * WHEN_HOUR,	 14 * WHEN_HOUR,  20 * WHEN_HOUR,   24 * WHEN_HOUR, /* … then dead. */
};

int64_t retry_delay(bool urgent, int attempts, const struct entropy *entropy)
{
	size_t index = attempts > 0 ? (size_t)attempts - 1 : 0;
	int64_t delay;
	uint16_t dice;

	if (urgent)
		delay = urgent_delays[index < ARRAY_LEN(urgent_delays)
					      ? index
					      : ARRAY_LEN(urgent_delays) - 1];
	else if (index < ARRAY_LEN(normal_delays))
		delay = normal_delays[index];
	else
		return -1;
	entropy->fill(entropy->context, &dice, sizeof(dice));
	return delay * (1000 - JITTER_PERMILL + dice % (2 * JITTER_PERMILL + 1)) / 1000;
}

void health_init(struct health *health)
{
	*health = (struct health){.pause_until = WHEN_UNKNOWN,
				  .probe_at = WHEN_UNKNOWN,
				  .broken_since = WHEN_UNKNOWN,
				  .failing_since = WHEN_UNKNOWN,
				  .failed_at = WHEN_UNKNOWN,
				  .paused_since = WHEN_UNKNOWN};
}

/* --- The last five minutes ------------------------------------------------------------------ */

static void count(struct health *health, bool bad, int64_t now)
{
	int64_t number = now / SPAN;
	struct health_span *span = &health->spans[(uint64_t)number % HEALTH_SPANS];

	if (span->number != number)
		*span = (struct health_span){.number = number};
	span->bad += bad;
	span->well += !bad;
}

static bool fails_mostly(const struct health *health, int64_t now)
{
	unsigned tries = 0, bad = 0;

	for (size_t i = 0; i < HEALTH_SPANS; i++) {
		const struct health_span *span = &health->spans[i];
		if (span->number <= now / SPAN - HEALTH_SPANS || span->number > now / SPAN)
			continue;
		tries += span->bad + span->well;
		bad += span->bad;
	}
	return tries >= BREAK_TRIES && bad * 100 >= tries * BREAK_PERCENT;
}

/* --- Changes --------------------------------------------------------------------------------- */

static void turn_well(struct health *health, const char *name)
{
	int64_t pause_until = health->pause_until;

	if (health->is != HEALTH_WELL) {
		log_info("courier.recovered", "endpoint=%s", name);
		/* What was counted against it is over. */
		health_init(health);
		health->pause_until = pause_until;
	}
	health->failing_since = WHEN_UNKNOWN;
	health->failures = health->slow = health->pauses = 0;
	health->hint[0] = '\0';
}

static void log_turn(const char *event, const struct health *health, const char *name)
{
	char clean[sizeof(health->hint)];

	log_error(event, "endpoint=%s hint=%s", name,
		  log_clean(clean, sizeof(clean), health->hint));
}

static void turn_sick(struct health *health, const struct health_news *news, int64_t now)
{
	bool over = news->gone || (health->failing_since != WHEN_UNKNOWN &&
				   now - health->failing_since >= DISABLE_AFTER);

	if (over && !news->kept) {
		if (health->is != HEALTH_DISABLED)
			log_turn("courier.disabled", health, news->name);
		health->is = HEALTH_DISABLED;
		health->probe_at = WHEN_NEVER;
		return;
	}
	if (health->is != HEALTH_SICK)
		log_turn("courier.sick", health, news->name);
	health->is = HEALTH_SICK;
	health->probe_at = now + SICK_PROBE;
}

static void turn_broken(struct health *health, const char *name, int64_t now)
{
	health->backoff = health->backoff ? health->backoff * 2 : BACKOFF_FIRST;
	if (health->backoff > BACKOFF_MOST)
		health->backoff = BACKOFF_MOST;
	if (health->is != HEALTH_BROKEN) {
		log_warn("courier.broken", "endpoint=%s failures=%u", name, health->failures);
		health->broken_since = now;
	}
	health->is = HEALTH_BROKEN;
	health->probe_at = now + health->backoff;
}

/* Failing from NOW on, if it was not before. */
static void note_failure(struct health *health, int64_t now)
{
	health->pauses = 0;
	/* A failure of last week, and nothing tried since, is no week of failing. */
	if (health->failing_since == WHEN_UNKNOWN || now - health->failed_at > FAILURES_APART)
		health->failing_since = now;
	health->failed_at = now;
}

static void heard_retry(struct health *health, struct verdict *verdict,
			const struct health_news *news, int64_t now)
{
	bool well = health->is == HEALTH_WELL;

	note_failure(health, now);
	count(health, true, now);
	health->failures++;
	health->slow = text_starts(verdict->hint, "slow:") ? health->slow + 1 : 0;
	if (health->slow >= SICK_AFTER)
		verdict->outcome = OUTCOME_SICK;
	if (verdict->outcome == OUTCOME_SICK || health->is >= HEALTH_SICK ||
	    now - health->failing_since >= DISABLE_AFTER)
		turn_sick(health, news, now);
	else if (news->probe ||
		 (well && (health->failures >= BREAK_AFTER || fails_mostly(health, now))))
		turn_broken(health, news->name, now);
}

static void heard_pause(struct health *health, struct verdict *verdict, int64_t now)
{
	/* Two that were under way together are one pause. */
	if (health->pause_until <= now) {
		if (health->pauses == 0 || now - health->pause_until > PAUSES_APART)
			health->paused_since = now;
		health->pauses++;
	}
	unsigned before = health->pauses > 0 ? health->pauses - 1 : 0;
	if (verdict->grows)
		verdict->pause <<= before < PAUSE_DOUBLES ? before : PAUSE_DOUBLES;
	health->slow = 0;
	if (verdict->pause < PAUSE_LEAST)
		verdict->pause = PAUSE_LEAST;
	if (verdict->pause > PAUSE_MOST)
		verdict->pause = PAUSE_MOST;
	if (health->pause_until < now + verdict->pause)
		health->pause_until = now + verdict->pause;
}

void health_heard(struct health *health, struct verdict *verdict, const struct health_news *news,
		  int64_t now)
{
	text_copy(health->hint, sizeof(health->hint), verdict->hint);
	switch (verdict->outcome) {
	case OUTCOME_OK:
		count(health, false, now);
		turn_well(health, news->name);
		break;
	case OUTCOME_DEAD: /* This message is wrong; whoever says so is well. */
		if (verdict->sick) {
			note_failure(health, now);
			turn_sick(health, news, now);
			break;
		}
		count(health, false, now);
		turn_well(health, news->name);
		break;
	case OUTCOME_RETRY:
		heard_retry(health, verdict, news, now);
		break;
	case OUTCOME_PAUSE:
		heard_pause(health, verdict, now);
		break;
	case OUTCOME_SICK:
		note_failure(health, now);
		turn_sick(health, news, now);
		break;
	}
}

void health_ask(struct health *health)
{
	if (health->is == HEALTH_DISABLED)
		health->is = HEALTH_SICK;
	health->probe_at = WHEN_UNKNOWN;
}

void health_renew(struct health *health)
{
	health_ask(health);
	health->pause_until = health->failing_since = WHEN_UNKNOWN;
	health->pauses = 0;
}

/* --- Questions ------------------------------------------------------------------------------- */

int64_t health_next(const struct health *health)
{
	if (health->is == HEALTH_WELL || health->probe_at < health->pause_until)
		return health->pause_until;
	return health->probe_at;
}

bool health_is_ill(const struct health *health, int64_t now, int64_t *at)
{
	int64_t when = WHEN_NEVER;

	if (health->is == HEALTH_BROKEN)
		when = health->broken_since + ILL_AFTER;
	/* A quota that is used up pauses for as long as the month lasts. */
	if (health->pauses > 0 && health->pause_until > health->paused_since + PAUSED_LONG &&
	    health->paused_since + PAUSED_LONG < when)
		when = health->paused_since + PAUSED_LONG;
	if (at)
		*at = when;
	return health->is >= HEALTH_SICK || when <= now;
}

void health_shift(struct health *health, int64_t by)
{
	int64_t *const times[] = {&health->pause_until,	 &health->probe_at,
				  &health->broken_since, &health->failing_since,
				  &health->failed_at,	 &health->paused_since};

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		if (*times[i] != WHEN_UNKNOWN && *times[i] != WHEN_NEVER)
			*times[i] += by;
	}
	for (size_t i = 0; i < HEALTH_SPANS; i++)
		health->spans[i].number += by / SPAN;
}

/* --- As bytes -------------------------------------------------------------------------------- */

void health_pack(const struct health *health, int64_t now, struct pack *pack)
{
	pack_int(pack, now);
	pack_uint(pack, health->is);
	pack_int(pack, health->pause_until);
	pack_int(pack, health->probe_at);
	pack_int(pack, health->broken_since);
	pack_int(pack, health->failing_since);
	pack_int(pack, health->failed_at);
	pack_int(pack, health->paused_since);
	pack_int(pack, health->backoff);
	pack_uint(pack, health->failures);
	pack_uint(pack, health->slow);
	pack_uint(pack, health->pauses);
	for (size_t i = 0; i < HEALTH_SPANS; i++) {
		pack_int(pack, health->spans[i].number);
		pack_uint(pack, health->spans[i].well);
		pack_uint(pack, health->spans[i].bad);
	}
	pack_text(pack, health->hint);
}

void health_unpack(struct health *health, int64_t now, struct unpack *unpack, struct arena *arena)
{
	int64_t then = unpack_int(unpack);
	uint64_t is = unpack_uint(unpack);

	health_init(health);
	health->is = is <= HEALTH_DISABLED ? (enum health_is)is : HEALTH_WELL;
	health->pause_until = unpack_int(unpack);
	health->probe_at = unpack_int(unpack);
	health->broken_since = unpack_int(unpack);
	health->failing_since = unpack_int(unpack);
	health->failed_at = unpack_int(unpack);
	health->paused_since = unpack_int(unpack);
	health->backoff = unpack_int(unpack);
	health->failures = (unsigned)unpack_uint(unpack);
	health->slow = (unsigned)unpack_uint(unpack);
	health->pauses = (unsigned)unpack_uint(unpack);
	for (size_t i = 0; i < HEALTH_SPANS; i++) {
		health->spans[i].number = unpack_int(unpack);
		health->spans[i].well = (unsigned)unpack_uint(unpack);
		health->spans[i].bad = (unsigned)unpack_uint(unpack);
	}
	const char *hint = unpack_text(unpack, arena);
	text_copy(health->hint, sizeof(health->hint), hint ? hint : "");
	/* Set back meanwhile: as if no time had passed. */
	if (then > now && !unpack->bad)
		health_shift(health, now - then);
}
