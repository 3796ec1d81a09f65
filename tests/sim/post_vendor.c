/* post_vendor.c — see post_vendor.h. Neighbours: post.c asks at every order, trouble.c draws the
 * answers; robots.c judges whether we called too often. */
#include "post_vendor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/channel.h"
#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

/* --- What each says ------------------------------------------------------------------------- */

static const struct vendor {
	struct post_said fine, often;
	struct vendor_limit limits[VENDOR_LIMITS];
	int64_t punishes; /* Whoever called too often is not heard for so long. */
} vendors[] = {
	[CHANNEL_GENERIC] = {.fine = {.status = 204, .body = ""}},
	[CHANNEL_WECOM] = {.fine = {.status = 200, .body = "{\"errcode\":0,\"errmsg\":\"ok\"}"},
			   .often = {.status = 200,
				     .body = "{\"errcode\":45009,\"errmsg\":\"api freq out of "
					     "limit, hint: [1]\"}"},
			   .limits = {{20, WHEN_MINUTE}}},
	[CHANNEL_DINGTALK] = {.fine = {.status = 200, .body = "{\"errcode\":0,\"errmsg\":\"ok\"}"},
			      .often = {.status = 200,
					.body = "{\"errcode\":130101,\"errmsg\":\"send too fast, "
						"exceed 20 times per minute\"}"},
			      .limits = {{20, WHEN_MINUTE}},
			      .punishes = 10 * WHEN_MINUTE},
	[CHANNEL_FEISHU] = {.fine = {.status = 200,
				     .body = "{\"code\":0,\"data\":{},\"msg\":\"success\"}"},
			    .often = {.status = 400,
				      .body = "{\"code\":9499,\"msg\":\"too many request\","
					      "\"data\":{}}"},
			    .limits = {{100, WHEN_MINUTE}, {5, WHEN_SECOND}}},
	[CHANNEL_SLACK] = {.fine = {.status = 200, .body = "ok"},
			   .often = {.status = 429, .body = "rate_limited", .retry_after = "1"},
			   .limits = {{1, WHEN_SECOND}}},
	[CHANNEL_PAGERDUTY] = {.fine = {.status = 202,
					.body = "{\"status\":\"success\",\"message\":\"Event "
						"processed\",\"dedup_key\":\"k\"}"},
			       .often = {.status = 429, .body = ""},
			       .limits = {{120, WHEN_MINUTE}}},
	[CHANNEL_ALERTMANAGER] = {.fine = {.status = 200, .body = ""}},
};

const struct post_said *vendor_fine(enum conf_channel channel)
{
	return &vendors[channel].fine;
}

const struct vendor_limit *vendor_limits(enum conf_channel channel)
{
	return vendors[channel].limits;
}

/* --- How often ------------------------------------------------------------------------------ */

static bool is_full(const struct vendor_desk *desk, const struct vendor_limit *limit, int64_t now)
{
	return limit->sends && desk->calls >= limit->sends &&
	       desk->at[(desk->calls - limit->sends) % VENDOR_CALLS] > now - limit->window;
}

const struct post_said *vendor_call(struct vendor_desk *desk, enum conf_channel channel,
				    int64_t now)
{
	const struct vendor *vendor = &vendors[channel];
	bool often = false;

	for (size_t i = 0; i < VENDOR_LIMITS; i++)
		often = often || is_full(desk, &vendor->limits[i], now);
	desk->at[desk->calls++ % VENDOR_CALLS] = now;
	if (often && vendor->punishes)
		desk->shut_until = now + vendor->punishes;
	return often || now < desk->shut_until ? &vendor->often : NULL;
}

void vendor_shift(struct vendor_desk *desk, int64_t by)
{
	for (size_t i = 0; i < VENDOR_CALLS; i++)
		desk->at[i] += by;
	desk->shut_until += by;
}

/* --- What was ever heard -------------------------------------------------------------------- */

static struct {
	struct arena arena;
	size_t len;
	struct heard {
		const char *channel;
		struct post_said said;
	} all[256];
} heard;

static const char *copy(const cJSON *row, const char *name)
{
	const char *text = json_string(row, name);
	return text ? arena_copy(&heard.arena, text) : NULL;
}

static void learn(const cJSON *row)
{
	const cJSON *status = json_get(row, "status");
	const char *outcome = json_string(row, "outcome");
	const char *body = copy(row, "body"), *error = copy(row, "error");
	struct heard *one = &heard.all[heard.len++];

	*one = (struct heard){.channel = copy(row, "channel"),
			      .said = {.status = status ? status->valueint : 0,
				       .error = error ? error : "",
				       .body = body ? body : "",
				       .retry_after = copy(json_get(row, "headers"), "Retry-After"),
				       .ok = text_equal(outcome, "ok"),
				       .ill = text_equal(outcome, "sick")}};
}

static void give_up(const char *path, const char *why)
{
	fprintf(stderr, "simulate: %s: %s\n", path, why);
	exit(2);
}

void vendor_load(const char *path)
{
	static char text[256 * 1024];
	FILE *file = fopen(path, "r");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	const cJSON *row;

	if (file)
		fclose(file);
	text[len] = '\0';
	cJSON *whole = cJSON_Parse(text);
	if (!whole)
		give_up(path, "cannot be read");
	cJSON_ArrayForEach(row, json_get(whole, "rows"))
	{
		if (heard.len == ARRAY_LEN(heard.all))
			give_up(path, "more answers than there is room for");
		learn(row);
	}
	cJSON_Delete(whole);
}

void vendor_unload(void)
{
	arena_release(&heard.arena);
	heard.len = 0;
}

const struct post_said *vendor_reply(enum conf_channel channel, uint32_t luck)
{
	const char *word = channel_word(channel);
	const struct post_said *mine[ARRAY_LEN(heard.all)];
	size_t len = 0;

	for (size_t i = 0; i < heard.len; i++) {
		if (text_equal(heard.all[i].channel, word) ||
		    text_equal(heard.all[i].channel, "any"))
			mine[len++] = &heard.all[i].said;
	}
	return len ? mine[luck % len] : NULL;
}
