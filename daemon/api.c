/* api.c — the inbox: calls come in between turns, and are worked off once per turn.
 * Neighbours: api_route.c names the room that answers, the reactor submits what api_collect hands
 * out. */
#include "daemon/api_private.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "closedloop/log.h"

#define VISIT_BYTES ((size_t)16 * 1024) /* What a waiting call costs besides its body. */

int api_open(struct api **out, const struct api_setup *setup, struct err *err)
{
	struct api *api = mem_alloc(sizeof(*api));

	assert(setup->engine);
	assert(setup->store);
	assert(setup->ack);
	api->engine = setup->engine;
	api->courier = setup->courier;
	api->store = setup->store;
	api->conf = setup->conf;
	api->gazetteer = setup->gazetteer;
	api->entropy = *setup->entropy;
	api->drill = setup->drill;
	api->hooks = setup->hooks;
	api->ack = setup->ack;
	api->keys = setup->keys;
	api->entropy.fill(api->entropy.context, api->token_key, sizeof(api->token_key));
	api->inbox_end = &api->inbox;
	api->started_at = WHEN_UNKNOWN;
	api->counters.tls_expires_at = WHEN_UNKNOWN;
	api->audit.at = WHEN_UNKNOWN;
	for (size_t i = 0; i < api->conf->feeds_len; i++)
		(void)api_feed(api, api->conf->feeds[i].name);
	*out = api;
	return tokens_open(api, err);
}

static void visit_free(struct visit *visit)
{
	arena_release(&visit->arena);
	mem_free(visit);
}

void api_close(struct api *api)
{
	if (!api)
		return;
	while (api->inbox) {
		struct visit *visit = api->inbox;

		api->inbox = visit->next;
		reply_problem(visit, 503, "unavailable", "The service is stopping.");
		visit_free(visit);
	}
	while (api->feeds) {
		struct feed_row *row = api->feeds;

		api->feeds = row->next;
		mem_free(row->name);
		mem_free(row);
	}
	sessions_end(&api->sessions);
	mem_free(api);
}

void api_reconfigure(struct api *api, const struct conf *conf)
{
	api->conf = conf;
	for (size_t i = 0; i < conf->feeds_len; i++)
		(void)api_feed(api, conf->feeds[i].name);
}

struct api_feed *api_feed(struct api *api, const char *name)
{
	struct feed_row **link = &api->feeds;

	for (; *link; link = &(*link)->next) {
		if (strcmp((*link)->feed.name, name) == 0)
			return &(*link)->feed;
	}
	*link = mem_alloc(sizeof(**link));
	(*link)->name = mem_copy(name);
	(*link)->feed.name = (*link)->name;
	return &(*link)->feed;
}

struct api_counters *api_counters(struct api *api)
{
	return &api->counters;
}

struct api_audit *api_audit(struct api *api)
{
	return &api->audit;
}

struct view visit_view(struct visit *visit)
{
	return (struct view){.engine = visit->api->engine,
			     .store = visit->api->store,
			     .conf = visit->api->conf,
			     .now = visit->now,
			     .arena = &visit->arena,
			     .scope = visit->caller.scope,
			     .coded = !caller_knows(&visit->caller)};
}

/* --- Coming in --- */

static bool type_is(const char *type, const char *word)
{
	size_t len = strlen(word);

	return strncasecmp(type, word, len) == 0 &&
	       (type[len] == '\0' || strchr("; \t", type[len]));
}

/* How large an event body may be, by its media type; what no feed may send is refused before it is
 * read. */
static long events_max(const struct api *api, const struct http_request *request)
{
	const char *type = http_header(request, "content-type");

	if (!type)
		return (long)api->conf->limits.event; /* A heartbeat in headers alone. */
	if (type_is(type, "application/cloudevents-batch+json") ||
	    type_is(type, "application/x-ndjson"))
		return (long)api->conf->limits.batch;
	if (type_is(type, "application/cloudevents+json") || type_is(type, "application/json"))
		return (long)api->conf->limits.event;
	return -415;
}

long api_head(void *context, const struct http_request *request)
{
	const struct api *api = context;
	int status;
	const struct route *route = route_find(request->method, request->path, NULL, &status);

	/* A wrong method is answered in full, with the right ones; its body is small or refused. */
	if (!route)
		return status == 405 ? BODY_SMALL : -status;
	return route->body_max < 0 ? events_max(api, request) : route->body_max;
}

void api_call(void *context, struct http_call *call)
{
	struct api *api = context;
	size_t bytes = VISIT_BYTES + 4 * call->request->body_len;

	/* A full inbox says so at once; health is asked for all the same. */
	if (api->inbox_bytes + bytes > api->conf->limits.inbox) {
		http_problem(call, 503, "overloaded", "Too much waits to be written; try again.",
			     RETRY_AFTER_S);
		return;
	}
	struct visit *visit = mem_alloc(sizeof(*visit));

	visit->api = api;
	visit->call = call;
	visit->bytes = bytes;
	api->inbox_bytes += bytes;
	api->inbox_len++;
	*api->inbox_end = visit;
	api->inbox_end = &visit->next;
}

size_t api_waiting(const struct api *api)
{
	return api->inbox_len;
}

/* --- The turn --- */

static struct visit *take(struct api *api)
{
	struct visit *visit = api->inbox;

	api->inbox = visit->next;
	if (!api->inbox)
		api->inbox_end = &api->inbox;
	visit->next = NULL;
	api->inbox_len--;
	return visit;
}

static void forget(struct api *api, struct visit *visit)
{
	api->inbox_bytes -= visit->bytes;
	visit_free(visit);
}

/* Let the route's room have VISIT. True when it waits for the commit, false when it has been
 * answered. */
static bool work(struct visit *visit, int64_t now)
{
	const struct http_request *request = visit->call->request;
	int status;

	visit->now = now;
	visit->route = route_find(request->method, request->path, visit->part, &status);
	if (!visit->route && status == 405) {
		char room[64];
		struct text methods = TEXT_OVER(room);

		route_methods(request->path, &methods);
		http_not_allowed(visit->call, methods.data);
		return false;
	}
	if (!visit->route) {
		http_problem(visit->call, status, NULL, NULL, 0);
		return false;
	}
	if (!visit_admit(visit))
		return false;
	visit->route->handle(visit);
	return visit->answer != NULL;
}

/* Lay the facts, refusals and looks of all waiting visits side by side. */
static void gather(struct api_batch *batch)
{
	struct turn *turn = &batch->turn;
	size_t facts_len = 0, refusals_len = 0, looks_len = 0;

	if (!batch->visits)
		return;
	batch->facts = mem_alloc((turn->facts_len + 1) * sizeof(*batch->facts));
	batch->refusals = mem_alloc((turn->refusals_len + 1) * sizeof(*batch->refusals));
	batch->looks = mem_alloc((turn->looks_len + 1) * sizeof(*batch->looks));
	for (const struct visit *visit = batch->visits; visit; visit = visit->next) {
		for (size_t i = 0; i < visit->facts_len; i++)
			batch->facts[facts_len++] = visit->facts[i];
		for (size_t i = 0; i < visit->refusals_len; i++)
			batch->refusals[refusals_len++] = visit->refusals[i];
		if (visit->look.what)
			batch->looks[looks_len++] = visit->look;
	}
	turn->facts = batch->facts;
	turn->refusals = batch->refusals;
	turn->looks = batch->looks;
	batch->results = mem_alloc((facts_len + 1) * sizeof(*batch->results));
}

bool api_collect(struct api *api, int64_t now, struct api_batch *batch)
{
	struct visit **end = &batch->visits;
	struct turn *turn = &batch->turn;
	size_t waiting = api->inbox_len; /* What comes meanwhile waits for the next turn. */

	*batch = (struct api_batch){.visits = NULL};
	if (api->started_at == WHEN_UNKNOWN)
		api->started_at = now;
	failures_note(api, now);
	while (waiting-- > 0 && turn->facts_len + turn->refusals_len + turn->looks_len <
					api->conf->limits.turn_facts) {
		struct visit *visit = take(api);

		if (!work(visit, now)) {
			forget(api, visit);
			continue;
		}
		turn->facts_len += visit->facts_len;
		turn->refusals_len += visit->refusals_len;
		turn->looks_len += visit->look.what != NULL;
		*end = visit;
		end = &visit->next;
	}
	gather(batch);
	return batch->visits != NULL;
}

static void count(struct api *api, const struct api_batch *batch)
{
	api->counters.transactions++;
	api->counters.facts += batch->turn.facts_len;
	api->counters.refusals += batch->turn.refusals_len;
	for (size_t i = 0; i < batch->turn.facts_len; i++)
		api->counters.duplicates += batch->results[i].duplicate;
}

void api_answer(struct api *api, struct api_batch *batch, int64_t now, int rc,
		const struct err *err)
{
	const struct fact_result *results = batch->results;

	api->last_rc = rc;
	if (rc == 0)
		count(api, batch);
	else
		log_error("api.not_committed", "facts=%zu error=%s detail=%s",
			  batch->turn.facts_len, err_word((enum cl_error)rc), err ? err->text : "");
	while (batch->visits) {
		struct visit *visit = batch->visits;

		batch->visits = visit->next;
		visit->now = now;
		visit->committed = true;
		if (rc == 0)
			look_written(visit);
		if (rc < 0)
			/* Whoever sends it again loses nothing. What the store said (paths, SQL) is
			 * for the log. */
			http_problem(visit->call, 503, err_word((enum cl_error)rc),
				     "The store could not take it; nothing was kept. Try again.",
				     RETRY_AFTER_S);
		else
			visit->answer(visit, results);
		results += visit->facts_len;
		forget(api, visit);
	}
	mem_free(batch->facts);
	mem_free(batch->refusals);
	mem_free(batch->looks);
	mem_free(batch->results);
	*batch = (struct api_batch){.visits = NULL};
}
