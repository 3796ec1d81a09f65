/* ctl_replay.c — replay FILE: its lines go to /v1/events in batches, as if a feed sent them;
 * --dry-run only judges them. Neighbours: wire/feed.c judges, here or in the daemon. Events the
 * daemon knows already change nothing. */
#include "daemon/ctl.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "closedloop/feed.h"
#include "closedloop/mem.h"

#define BATCH_LINES 500
#define BATCH_BYTES ((size_t)512 * 1024)
#define EVENT_MAX   ((size_t)64 * 1024)
#define TRIES_MAX   30 /* While the daemon says "later". */

struct replay {
	struct ctl *ctl;
	const char *source; /* Stands in for each event's own, or NULL. */
	unsigned line;	    /* First line of the batch, from 1. */
	unsigned accepted, duplicates, rejected;
};

static int64_t real_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int dry_run(const char *bytes, size_t len)
{
	struct arena arena = ARENA_INIT;
	struct feed_batch batch = {.len = 0};
	struct err err = ERR_INIT;
	struct zone *zone = zone_fixed(8 * 3600);
	const struct feed_context context = {.now = real_now(),
					     .zone = zone,
					     .event_max = EVENT_MAX,
					     .events_max = UINT_MAX,
					     .unit = ""};
	unsigned bad = 0;

	if (feed_read_ndjson(bytes, len, &context, &arena, &batch, &err) < 0) {
		fprintf(stderr, "closedloopctl: %s\n", err.text);
		bad = 1;
	}
	for (size_t i = 0; i < batch.len; i++) {
		const struct feed_event *event = &batch.events[i];

		if (event->reject) {
			printf("%u: %s: %s\n", event->index + 1, reject_word(event->reject),
			       event->detail);
			bad++;
		} else if (*event->fact->warnings) {
			printf("%u: ok: %s\n", event->index + 1, event->fact->warnings);
		}
	}
	printf("%zu events, %u refused\n", batch.len, bad);
	arena_release(&arena);
	zone_free(zone);
	return bad ? CTL_REFUSED : CTL_DONE;
}

static void count(struct replay *replay, const cJSON *tree)
{
	const cJSON *item;
	char code[64], detail[400];

	replay->accepted += (unsigned)cJSON_GetNumberValue(json_get(tree, "accepted"));
	replay->duplicates += (unsigned)cJSON_GetNumberValue(json_get(tree, "duplicates"));
	cJSON_ArrayForEach(item, json_get(tree, "rejected"))
	{
		replay->rejected++;
		fprintf(stderr, "%u: %s: %s\n",
			replay->line + (unsigned)cJSON_GetNumberValue(json_get(item, "index")),
			ctl_member(item, "code", code, sizeof(code)),
			ctl_member(item, "detail", detail, sizeof(detail)));
	}
}

/* Send one batch, again and again while the daemon is busy. */
static int send_batch(struct replay *replay, const char *bytes, size_t len)
{
	struct ctl_answer answer;
	int rc = CTL_DONE;

	for (int tries = 0; tries < TRIES_MAX; tries++) {
		rc = ctl_call(replay->ctl, "POST", "/v1/events", "application/x-ndjson", bytes, len,
			      &answer);
		if (rc)
			return rc;
		if (answer.status != 503 && answer.status != 429)
			break;
		const struct timespec rest = {
			.tv_sec = answer.retry_after_s > 0 ? answer.retry_after_s : 1};

		if (tries + 1 < TRIES_MAX)
			ctl_answer_release(&answer);
		nanosleep(&rest, NULL);
	}
	if (answer.status == 202 && answer.tree) {
		count(replay, answer.tree);
	} else {
		char detail[400];

		fprintf(stderr, "closedloopctl: lines from %u on: %d: %s\n", replay->line,
			answer.status, ctl_member(answer.tree, "detail", detail, sizeof(detail)));
		rc = CTL_REFUSED;
	}
	ctl_answer_release(&answer);
	return rc;
}

/* LINE with its source replaced, or a copy when it is no JSON object: the daemon shall say so. */
static char *with_source(const char *line, size_t len, const char *source)
{
	static const struct json_limits limits = JSON_LIMITS_EVENT;
	cJSON *event = NULL;
	char *out, *printed = NULL;

	if (source && json_parse(&event, line, len, &limits, NULL) == 0 && cJSON_IsObject(event)) {
		cJSON_DeleteItemFromObjectCaseSensitive(event, "source");
		cJSON_AddStringToObject(event, "source", source);
		printed = cJSON_PrintUnformatted(event);
		len = strlen(printed);
		line = printed;
	}
	out = mem_alloc(len + 1);
	memcpy(out, line, len);
	cJSON_free(printed);
	cJSON_Delete(event);
	return out;
}

static int send_all(struct replay *replay, const char *bytes, size_t len)
{
	char *batch = mem_alloc(BATCH_BYTES + 8 * EVENT_MAX);
	size_t batch_len = 0;
	unsigned lines = 0, line = 1;
	int rc = CTL_DONE;

	replay->line = 1;
	for (size_t at = 0; at < len && rc == CTL_DONE; line++) {
		const char *end = memchr(bytes + at, '\n', len - at);
		size_t line_len = end ? (size_t)(end - (bytes + at)) : len - at;
		/* Too long for any daemon; it is sent cut, so that the refusal has its line. */
		char *copy =
			with_source(bytes + at, line_len < 2 * EVENT_MAX ? line_len : 2 * EVENT_MAX,
				    replay->source);
		size_t copy_len = strlen(copy);

		at += line_len + 1;
		memcpy(batch + batch_len, copy, copy_len);
		batch_len += copy_len;
		batch[batch_len++] = '\n';
		mem_free(copy);
		lines++;
		if (lines < BATCH_LINES && batch_len < BATCH_BYTES && at < len)
			continue;
		rc = send_batch(replay, batch, batch_len);
		replay->line = line + 1;
		lines = 0;
		batch_len = 0;
	}
	mem_free(batch);
	return rc;
}

int ctl_replay(struct ctl *ctl)
{
	struct replay replay = {.ctl = ctl, .source = ctl_option(ctl, "--source")};
	bool dry = ctl_flag(ctl, "--dry-run");
	size_t len;
	char *bytes;
	int rc;

	if (ctl->argc != 1)
		return CTL_USAGE;
	bytes = ctl_read_file(ctl->argv[0], &len);
	if (!bytes)
		return CTL_REFUSED;
	if (dry) {
		rc = dry_run(bytes, len);
	} else {
		rc = ctl_where(ctl);
		if (rc == CTL_DONE)
			rc = send_all(&replay, bytes, len);
		printf("accepted %u, duplicates %u, rejected %u\n", replay.accepted,
		       replay.duplicates, replay.rejected);
		if (rc == CTL_DONE && replay.rejected)
			rc = CTL_REFUSED;
	}
	mem_free(bytes);
	return rc;
}
