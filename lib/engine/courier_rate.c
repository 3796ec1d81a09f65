/* courier_rate.c — see courier_rate.h (alerts.md §2, rate). Neighbours: courier_plan.c asks whether
 * one more may go. */
#include "engine/courier_rate.h"

#include <assert.h>
#include <string.h>

#include "closedloop/channel.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define KEPT_PER_MINUTE 4
#define HALF_HOUR	(30 * WHEN_MINUTE)
#define SHIFT_LEAST	5 /* Seconds; the name of the endpoint says where up to SHIFT_MOST. */
#define SHIFT_MOST	25

/* Below what the vendors write, because they count at their end. */
static const struct usual {
	const char *channel;
	struct {
		unsigned sends;
		int64_t window;
	} limits[RATE_LIMITS_MAX];
	bool shift; /* Asks not to be called on the hour and the half hour, when everybody calls. */
} usuals[] = {
	{.channel = "generic", .limits = {{20, WHEN_SECOND}}},
	{.channel = "wecom", .limits = {{18, WHEN_MINUTE}}},
	{.channel = "dingtalk", .limits = {{18, WHEN_MINUTE}}},
	{.channel = "feishu", .limits = {{90, WHEN_MINUTE}, {4, WHEN_SECOND}}, .shift = true},
	{.channel = "slack", .limits = {{1, WHEN_SECOND}}},
	{.channel = "pagerduty", .limits = {{100, WHEN_MINUTE}}},
	{.channel = "alertmanager", .limits = {{20, WHEN_SECOND}}},
};

static const struct usual *usual_of(enum conf_channel channel)
{
	const char *word = channel_word(channel);

	size_t i = 0;

	while (i + 1 < ARRAY_LEN(usuals) && strcmp(usuals[i].channel, word) != 0)
		i++;
	assert(strcmp(usuals[i].channel, word) == 0);
	return &usuals[i];
}

static void add_limit(struct meter *meter, unsigned sends, int64_t window)
{
	struct rate *rate = &meter->limits[meter->limits_len++];

	assert(sends <= RATE_MAX);
	*rate = (struct rate){.sends = sends, .window = window};
	if (window < WHEN_MINUTE)
		rate->kept = sends / 5;
	else
		rate->kept = sends > 2 * KEPT_PER_MINUTE ? KEPT_PER_MINUTE : sends / 2;
}

/* "90 a minute" as written; more than the ring holds is counted by the second. */
static void add_written(struct meter *meter, unsigned per_minute)
{
	unsigned per_second = per_minute / 60;

	if (per_minute <= RATE_MAX)
		add_limit(meter, per_minute, WHEN_MINUTE);
	else
		add_limit(meter, per_second < RATE_MAX ? per_second : RATE_MAX, WHEN_SECOND);
}

static int64_t shift_of(const char *name)
{
	uint64_t hash = UINT64_C(1469598103934665603);

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	return (SHIFT_LEAST + (int64_t)(hash % (SHIFT_MOST - SHIFT_LEAST + 1))) * WHEN_SECOND;
}

void meter_configure(struct meter *meter, const struct conf_endpoint *endpoint)
{
	meter->limits_len = 0;
	meter->shift = 0;
	if (!endpoint)
		return;
	const struct usual *usual = usual_of(endpoint->channel);
	if (usual->shift)
		meter->shift = shift_of(endpoint->name);
	if (endpoint->rate_per_minute > 0) {
		add_written(meter, (unsigned)endpoint->rate_per_minute);
		return;
	}
	for (size_t i = 0; i < RATE_LIMITS_MAX && usual->limits[i].sends; i++)
		add_limit(meter, usual->limits[i].sends, usual->limits[i].window);
}

bool meter_is_durable(const struct meter *meter)
{
	for (size_t i = 0; i < meter->limits_len; i++) {
		if (meter->limits[i].window >= WHEN_MINUTE)
			return true;
	}
	return false;
}

/* --- The ring ------------------------------------------------------------------------------- */

/* Number BACK from the newest: 0 is the newest. */
static int64_t sends_at(const struct sends *sends, size_t back)
{
	assert(back < sends->len);
	return sends->at[(sends->next + RATE_MAX - 1 - back) % RATE_MAX];
}

static void sends_add(struct sends *sends, int64_t at)
{
	/* In order, whatever the clock did. */
	if (sends->len > 0 && sends_at(sends, 0) > at)
		at = sends_at(sends, 0);
	sends->at[sends->next] = at;
	sends->next = (sends->next + 1) % RATE_MAX;
	if (sends->len < RATE_MAX)
		sends->len++;
}

/* How many count at NOW. */
static unsigned sends_used(const struct sends *sends, int64_t window, int64_t now)
{
	size_t used = 0;

	while (used < sends->len && sends_at(sends, used) + window > now)
		used++;
	return sends->open + (unsigned)used;
}

/* When fewer than MOST count. */
static int64_t sends_next(const struct sends *sends, unsigned most, int64_t window)
{
	if (sends->open >= most)
		return WHEN_NEVER;
	size_t back = most - sends->open - 1;
	return back < sends->len ? sends_at(sends, back) + window : WHEN_UNKNOWN;
}

/* --- The limits ------------------------------------------------------------------------------ */

static unsigned room_of(const struct sends *sends, unsigned most, int64_t window, int64_t now)
{
	unsigned used = sends_used(sends, window, now);
	return used < most ? most - used : 0;
}

/* What is not urgent goes again then, on the hour and the half hour. */
static int64_t shifted(const struct meter *meter, bool urgent, int64_t at)
{
	int64_t into = at > 0 ? at % HALF_HOUR : 0;
	return !urgent && at > 0 && into < meter->shift ? at - into + meter->shift : at;
}

unsigned meter_room(const struct meter *meter, bool urgent, int64_t now)
{
	unsigned least = RATE_MAX;

	if (shifted(meter, urgent, now) > now)
		return 0;
	for (size_t i = 0; i < meter->limits_len; i++) {
		const struct rate *rate = &meter->limits[i];
		unsigned room = room_of(&meter->all, rate->sends, rate->window, now);
		unsigned calm =
			urgent ? room
			       : room_of(&meter->calm, rate->sends - rate->kept, rate->window, now);

		room = calm < room ? calm : room;
		least = room < least ? room : least;
	}
	return least;
}

int64_t meter_next(const struct meter *meter, bool urgent, int64_t now)
{
	int64_t latest = now;

	for (size_t i = 0; i < meter->limits_len; i++) {
		const struct rate *rate = &meter->limits[i];
		int64_t at = sends_next(&meter->all, rate->sends, rate->window);
		int64_t calm =
			urgent ? at
			       : sends_next(&meter->calm, rate->sends - rate->kept, rate->window);

		at = calm > at ? calm : at;
		latest = at > latest ? at : latest;
	}
	return latest == WHEN_NEVER ? latest : shifted(meter, urgent, latest);
}

unsigned meter_per_minute(const struct meter *meter, bool urgent)
{
	unsigned least = RATE_MAX * 60;

	for (size_t i = 0; i < meter->limits_len; i++) {
		const struct rate *rate = &meter->limits[i];
		unsigned sends = (rate->sends - (urgent ? 0 : rate->kept)) *
				 (unsigned)(WHEN_MINUTE / rate->window);
		least = sends < least ? sends : least;
	}
	return least;
}

/* --- What happens to it ---------------------------------------------------------------------- */

void meter_sent(struct meter *meter, bool urgent)
{
	meter->all.open++;
	meter->calm.open += !urgent;
}

void meter_unsent(struct meter *meter, bool urgent)
{
	assert(meter->all.open > 0);
	meter->all.open--;
	meter->calm.open -= !urgent;
}

void meter_answered(struct meter *meter, bool urgent, int64_t now)
{
	meter_unsent(meter, urgent);
	sends_add(&meter->all, now);
	if (!urgent)
		sends_add(&meter->calm, now);
}

void meter_fill(struct meter *meter, int64_t now)
{
	for (int i = 0; i < RATE_MAX; i++) {
		sends_add(&meter->all, now);
		sends_add(&meter->calm, now);
	}
}

static void sends_shift(struct sends *sends, int64_t by)
{
	for (size_t i = 0; i < RATE_MAX; i++)
		sends->at[i] += by;
}

void meter_shift(struct meter *meter, int64_t by)
{
	sends_shift(&meter->all, by);
	sends_shift(&meter->calm, by);
}

/* --- As bytes -------------------------------------------------------------------------------- */

static void sends_pack(const struct sends *sends, int64_t now, struct pack *pack)
{
	size_t count = sends_used(sends, WHEN_MINUTE, now) - sends->open;

	pack_uint(pack, sends->open);
	pack_uint(pack, count);
	/* As ages, oldest first. */
	for (size_t back = count; back > 0; back--)
		pack_int(pack, now - sends_at(sends, back - 1));
}

static void sends_unpack(struct sends *sends, int64_t then, int64_t now, struct unpack *unpack)
{
	uint64_t open = unpack_uint(unpack), count = unpack_uint(unpack);

	*sends = (struct sends){.open = 0};
	for (uint64_t i = 0; i < count && !unpack->bad; i++)
		sends_add(sends, then - unpack_int(unpack));
	for (uint64_t i = 0; i < open && i < RATE_MAX && !unpack->bad; i++)
		sends_add(sends, now);
}

void meter_pack(const struct meter *meter, int64_t now, struct pack *pack)
{
	pack_int(pack, now);
	sends_pack(&meter->all, now, pack);
	sends_pack(&meter->calm, now, pack);
}

void meter_unpack(struct meter *meter, int64_t now, struct unpack *unpack)
{
	int64_t then = unpack_int(unpack);

	/* Set back meanwhile: as if no time had passed. */
	if (then > now)
		then = now;
	sends_unpack(&meter->all, then, now, unpack);
	sends_unpack(&meter->calm, then, now, unpack);
}
