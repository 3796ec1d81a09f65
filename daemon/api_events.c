/* api_events.c — POST /v1/events: what a feed sends becomes facts, and after the commit an answer
 * of three numbers. Neighbours: wire/feed.c judges the body, api_auth.c says which feed it is from.
 */
#include "daemon/api_private.h"

#include <assert.h>

#include "closedloop/feed.h"
#include "closedloop/log.h"

/* How one event ended: REJECT_NONE and DUPLICATE, or why not. */
struct ending {
	enum reject reject;
	bool duplicate;
	const char *detail;
};

static struct ending ending_of(const struct feed_event *event, const struct fact_result *result)
{
	if (event->reject)
		return (struct ending){event->reject, false, event->detail};
	assert(result);
	if (result->reject)
		return (struct ending){result->reject, false, result->detail};
	if (result->code == CL_EGONE)
		return (struct ending){REJECT_GONE, false, result->detail};
	if (result->code)
		return (struct ending){REJECT_BAD_VALUE, false, result->detail};
	return (struct ending){REJECT_NONE, result->duplicate, ""};
}

static int status_of(enum reject reject)
{
	if (reject == REJECT_ID_REUSE)
		return 409;
	if (reject == REJECT_TOO_LARGE)
		return 413;
	if (reject == REJECT_GONE)
		return 410;
	return 400;
}

static void answer_events(struct visit *visit, const struct fact_result *results)
{
	struct api_feed *feed = api_feed(visit->api, visit->feed);
	const struct feed_batch *batch = &visit->batch;
	cJSON *out = cJSON_CreateObject();
	cJSON *rejected = cJSON_CreateArray();
	struct ending ending = {REJECT_NONE, false, ""};
	unsigned accepted = 0, duplicates = 0;

	for (size_t i = 0, fact = 0; i < batch->len; i++) {
		const struct feed_event *event = &batch->events[i];

		ending = ending_of(event, event->reject ? NULL : &results[fact]);
		fact += !event->reject;
		if (ending.reject) {
			cJSON *item = cJSON_CreateObject();

			cJSON_AddNumberToObject(item, "index", event->index);
			cJSON_AddStringToObject(item, "code", reject_word(ending.reject));
			cJSON_AddStringToObject(item, "detail", ending.detail);
			cJSON_AddItemToArray(rejected, item);
			feed->rejected++;
		} else if (ending.duplicate) {
			duplicates++;
		} else {
			accepted++;
		}
	}
	feed->accepted += accepted;
	feed->duplicates += duplicates;
	cJSON_AddNumberToObject(out, "accepted", accepted);
	cJSON_AddNumberToObject(out, "duplicates", duplicates);
	cJSON_AddItemToObject(out, "rejected", rejected);
	if (batch->single && ending.reject) {
		reply_problem(visit, status_of(ending.reject), reject_word(ending.reject),
			      ending.detail);
		cJSON_Delete(out);
		return;
	}
	reply_json(visit, 202, out);
}

/* Take the events apart into facts and refusals. */
static void sort_events(struct visit *visit)
{
	const struct feed_batch *batch = &visit->batch;
	struct refusal *refusals = arena_alloc(&visit->arena, (batch->len + 1) * sizeof(*refusals));

	visit->facts = arena_alloc(&visit->arena, (batch->len + 1) * sizeof(*visit->facts));
	visit->refusals = refusals;
	for (size_t i = 0; i < batch->len; i++) {
		const struct feed_event *event = &batch->events[i];

		if (event->reject)
			refusals[visit->refusals_len++] =
				(struct refusal){.feed = visit->feed, .event = event};
		else
			visit->facts[visit->facts_len++] = event->fact;
		if (!event->reject)
			event->fact->feed = visit->caller.feed ? visit->feed : NULL;
	}
}

void api_events(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	const struct conf_feed *feed = visit->caller.feed;
	const struct feed_context context = {
		.now = visit->now,
		.zone = conf->zone,
		.event_max = conf->limits.event,
		.events_max = conf->limits.batch_events,
		.sources_len = feed ? feed->sources_len : 0,
		.sources = feed ? feed->sources : NULL,
		/* Becomes a fact's: it must outlive the configuration. */
		.unit = arena_copy(&visit->arena,
				   feed && *feed->unit ? feed->unit : conf->root_unit),
	};
	enum reject whole = REJECT_NONE;
	struct err err = ERR_INIT;

	visit->feed = visit->caller.name;
	int status = feed_read_http(visit->call->request, &context, &visit->arena, &visit->batch,
				    &whole, &err);
	if (status) {
		api_feed(visit->api, visit->feed)->rejected++;
		log_info("feed.body_refused", "feed=%s status=%d code=%s", visit->feed, status,
			 reject_word(whole));
		reply_problem(visit, status, reject_word(whole), err.text);
		return;
	}
	sort_events(visit);
	visit->answer = answer_events;
	if (visit->batch.len == 0) { /* Nothing to commit. */
		answer_events(visit, NULL);
		visit->answer = NULL;
	}
}
