/* courier_queue.c — one endpoint's breaker, pause, rate and retry schedule (alerts.md §2).
 * Neighbours: courier.c claims notices and writes what came of them. */
#include "engine/courier_queue.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/log.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define BREAK_AFTER    5 /* RETRYs in a row. */
#define SICK_AFTER     2 /* "slow:" RETRYs in a row. */
#define BACKOFF_FIRST  (30 * WHEN_SECOND)
#define BACKOFF_MOST   (10 * WHEN_MINUTE)
#define SICK_PROBE     (10 * WHEN_MINUTE)
#define PAUSE_LEAST    WHEN_SECOND
#define PAUSE_MOST     WHEN_HOUR /* However long a Retry-After asks. */
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

/* SENDS in any WINDOW. A ring of send times keeps it exactly, where a bucket of the same size would
 * let twice as many through at a window's edge, and a robot that is asked 21 times in a minute
 * falls silent for ten. */
struct rate {
	unsigned sends;
	int64_t window;
};

static struct rate rate_of(const struct conf_endpoint *endpoint)
{
	static const struct rate usual[] = {
		[CHANNEL_GENERIC] = {.sends = 20, .window = WHEN_SECOND},
		[CHANNEL_WECOM] = {.sends = 18, .window = WHEN_MINUTE},
		[CHANNEL_DINGTALK] = {.sends = 18, .window = WHEN_MINUTE},
		[CHANNEL_FEISHU] = {.sends = 90, .window = WHEN_MINUTE},
		[CHANNEL_SLACK] = {.sends = 60, .window = WHEN_MINUTE},
		[CHANNEL_PAGERDUTY] = {.sends = 100, .window = WHEN_MINUTE},
		[CHANNEL_ALERTMANAGER] = {.sends = 20, .window = WHEN_SECOND},
	};
	_Static_assert(ARRAY_LEN(usual) == CHANNELS, "the last channel lacks its rate");

	if (!endpoint)
		return (struct rate){.sends = QUEUE_RATE_MAX, .window = WHEN_SECOND};
	if (endpoint->rate_per_minute <= 0)
		return usual[endpoint->channel];
	unsigned sends = (unsigned)endpoint->rate_per_minute;
	if (sends <= QUEUE_RATE_MAX)
		return (struct rate){.sends = sends, .window = WHEN_MINUTE};
	sends /= 60;
	if (sends == 0)
		sends = 1;
	return (struct rate){.sends = sends < QUEUE_RATE_MAX ? sends : QUEUE_RATE_MAX,
			     .window = WHEN_SECOND};
}

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

void queue_init(struct queue *queue, const char *name)
{
	memset(queue, 0, sizeof(*queue));
	queue->name = mem_copy(name);
	queue->waiting_at = WHEN_NEVER;
	queue->pause_until = queue->probe_at = WHEN_UNKNOWN;
	for (size_t i = 0; i < QUEUE_RATE_MAX; i++)
		queue->sent[i] = WHEN_UNKNOWN;
}

void queue_configure(struct queue *queue, const struct conf_endpoint *endpoint)
{
	struct digest_stream stream;
	uint8_t identity[DIGEST_KEY_LEN] = {0};

	queue->endpoint = endpoint;
	if (endpoint) {
		digest_stream_begin(&stream, sizeof(identity));
		digest_stream_add(&stream, &endpoint->channel, sizeof(endpoint->channel));
		if (endpoint->url)
			digest_stream_add(&stream, endpoint->url, strlen(endpoint->url));
		digest_stream_end(&stream, identity, sizeof(identity));
	}
	if (memcmp(identity, queue->identity, sizeof(identity)) != 0)
		queue->probe_at = queue->pause_until = WHEN_UNKNOWN;
	memcpy(queue->identity, identity, sizeof(identity));
}

/* When the rate allows the next one: a window after the send that is `sends` back. */
static int64_t rate_free_at(const struct queue *queue, const struct rate *rate)
{
	size_t oldest = (queue->sent_at + QUEUE_RATE_MAX - rate->sends) % QUEUE_RATE_MAX;
	int64_t at = queue->sent[oldest];
	return at == WHEN_UNKNOWN ? WHEN_UNKNOWN : at + rate->window;
}

static unsigned rate_room(const struct queue *queue, int64_t now)
{
	const struct rate rate = rate_of(queue->endpoint);
	unsigned used = 0;

	while (used < rate.sends) {
		int64_t at =
			queue->sent[(queue->sent_at + QUEUE_RATE_MAX - 1 - used) % QUEUE_RATE_MAX];
		if (at == WHEN_UNKNOWN || at + rate.window <= now)
			break;
		used++;
	}
	return rate.sends - used;
}

unsigned queue_room(const struct queue *queue, unsigned per_endpoint, int64_t now)
{
	unsigned room;

	if (queue->pause_until > now || queue->in_flight >= per_endpoint)
		return 0;
	room = rate_room(queue, now);
	if (room > per_endpoint - queue->in_flight)
		room = per_endpoint - queue->in_flight;
	if (queue->health == QUEUE_WELL)
		return room;
	if (queue->probe_at > now || queue->in_flight > 0)
		return 0;
	return room ? 1 : 0;
}

int64_t queue_next(const struct queue *queue, unsigned per_endpoint)
{
	const struct rate rate = rate_of(queue->endpoint);
	int64_t at = queue->waiting_at;
	int64_t free_at = rate_free_at(queue, &rate);

	if (at == WHEN_NEVER || queue->in_flight >= per_endpoint)
		return WHEN_NEVER;
	if (queue->health != QUEUE_WELL && queue->in_flight > 0)
		return WHEN_NEVER;
	if (at < queue->pause_until)
		at = queue->pause_until;
	if (at < free_at)
		at = free_at;
	if (queue->health != QUEUE_WELL && at < queue->probe_at)
		at = queue->probe_at;
	return at;
}

void queue_sent(struct queue *queue, int64_t now)
{
	queue->sent[queue->sent_at] = now;
	queue->sent_at = (queue->sent_at + 1) % QUEUE_RATE_MAX;
	queue->in_flight++;
}

static void turn_well(struct queue *queue)
{
	if (queue->health != QUEUE_WELL)
		log_info("courier.recovered", "endpoint=%s", queue->name);
	queue->health = QUEUE_WELL;
	queue->failures = queue->slow = 0;
	queue->backoff = 0;
	queue->probe_at = WHEN_UNKNOWN;
	queue->hint[0] = '\0';
}

static void turn_sick(struct queue *queue, int64_t now)
{
	char clean[sizeof(queue->hint)];

	if (queue->health != QUEUE_SICK)
		log_error("courier.sick", "endpoint=%s hint=%s", queue->name,
			  log_clean(clean, sizeof(clean), queue->hint));
	queue->health = QUEUE_SICK;
	queue->probe_at = now + SICK_PROBE;
}

static void turn_broken(struct queue *queue, int64_t now)
{
	queue->backoff = queue->backoff ? queue->backoff * 2 : BACKOFF_FIRST;
	if (queue->backoff > BACKOFF_MOST)
		queue->backoff = BACKOFF_MOST;
	if (queue->health == QUEUE_WELL)
		log_warn("courier.broken", "endpoint=%s failures=%u", queue->name, queue->failures);
	queue->health = QUEUE_BROKEN;
	queue->probe_at = now + queue->backoff;
}

static void heard_retry(struct queue *queue, struct verdict *verdict, bool probe, int64_t now)
{
	queue->failed++;
	queue->failures++;
	queue->slow = text_starts(verdict->hint, "slow:") ? queue->slow + 1 : 0;
	if (queue->slow >= SICK_AFTER) {
		verdict->outcome = OUTCOME_SICK;
		turn_sick(queue, now);
	} else if (queue->health == QUEUE_SICK) {
		queue->probe_at = now + SICK_PROBE;
	} else if (probe || (queue->health == QUEUE_WELL && queue->failures >= BREAK_AFTER)) {
		turn_broken(queue, now);
	}
}

void queue_heard(struct queue *queue, struct verdict *verdict, bool probe, int64_t now)
{
	text_copy(queue->hint, sizeof(queue->hint), verdict->hint);
	switch (verdict->outcome) {
	case OUTCOME_OK:
		queue->delivered++;
		turn_well(queue);
		break;
	case OUTCOME_DEAD: /* This message is wrong; whoever says so is well. */
		queue->failed++;
		turn_well(queue);
		break;
	case OUTCOME_RETRY:
		heard_retry(queue, verdict, probe, now);
		break;
	case OUTCOME_PAUSE:
		queue->slow = 0;
		if (verdict->pause < PAUSE_LEAST)
			verdict->pause = PAUSE_LEAST;
		if (verdict->pause > PAUSE_MOST)
			verdict->pause = PAUSE_MOST;
		if (queue->pause_until < now + verdict->pause)
			queue->pause_until = now + verdict->pause;
		break;
	case OUTCOME_SICK:
		queue->failed++;
		turn_sick(queue, now);
		break;
	}
}

void queue_shift(struct queue *queue, int64_t by)
{
	int64_t *const times[] = {&queue->pause_until, &queue->probe_at};

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		if (*times[i] != WHEN_UNKNOWN && *times[i] != WHEN_NEVER)
			*times[i] -= by;
	}
	for (size_t i = 0; i < QUEUE_RATE_MAX; i++) {
		if (queue->sent[i] != WHEN_UNKNOWN)
			queue->sent[i] -= by;
	}
}
