/* api_admin.c — what operators ask and do: status, census, rejects, endpoints, feeds, keys, drill.
 * Neighbours: engine's census.c asks the loop invariant, courier.c knows the endpoints;
 * api_outbox.c has notices and tests; reactor.c reloads and drills. */
#include "daemon/api_private.h"
#include "daemon/clock.h"
#include "daemon/tls.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/log.h"

#define LIST_MAX 200
#define BODY_MAX 2048 /* Of a rejected event, as shown. */

/* "limit" and "before", as far as they are given. */
static int64_t number_of(struct visit *visit, const char *name, int64_t otherwise)
{
	char value[24], *end;

	if (!http_query(visit->call->request->query, name, value, sizeof(value)) || !*value)
		return otherwise;
	long long number = strtoll(value, &end, 10);

	return *end || number <= 0 ? otherwise : number;
}

static unsigned limit_of(struct visit *visit)
{
	int64_t limit = number_of(visit, "limit", LIST_MAX);

	return limit < LIST_MAX ? (unsigned)limit : LIST_MAX;
}

/* --- Census and status --- */

static void add_stages(cJSON *out, const struct store_census *counts)
{
	cJSON *stages = cJSON_AddObjectToObject(out, "stages");

	for (size_t i = 0; i < STAGES; i++)
		cJSON_AddNumberToObject(stages, stage_word((enum stage)i),
					(double)counts->stages[i]);
}

void api_census(struct visit *visit)
{
	struct census *census = arena_alloc(&visit->arena, sizeof(*census));
	struct err err = ERR_INIT;
	int rc = engine_census(visit->api->engine, visit->now, census, &err);

	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	cJSON *out = cJSON_CreateObject();

	cJSON_AddNumberToObject(out, "open", (double)census->counts.open);
	cJSON *violations = cJSON_AddArrayToObject(out, "violations");

	for (size_t i = 0; i < census->violations_len; i++) {
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "journey", census->violations[i].journey);
		cJSON_AddStringToObject(item, "rule", census->violations[i].rule);
		cJSON_AddItemToArray(violations, item);
	}
	add_stages(out, &census->counts);
	cJSON_AddNumberToObject(out, "alerts_open", (double)census->counts.alerts_open);
	cJSON_AddNumberToObject(out, "notices_ready", (double)census->counts.notices_ready);
	cJSON_AddNumberToObject(out, "facts", (double)census->counts.facts);
	cJSON_AddNumberToObject(out, "rejects", (double)census->counts.rejects);
	reply_json(visit, 200, out);
}

static void count_trouble(void *context, const struct courier_endpoint *endpoint)
{
	if (strcmp(endpoint->state, "ok") != 0)
		cJSON_AddItemToArray(context, cJSON_CreateString(endpoint->name));
}

/* By real time, in a drill too. */
static void add_tls(const struct view *view, cJSON *out, int64_t expires_at)
{
	struct clock wall = {.drill = false};
	cJSON *tls = cJSON_AddObjectToObject(out, "tls");

	view_time(view, tls, "certificate_expires_at", expires_at);
	cJSON_AddBoolToObject(tls, "certificate_ends_soon",
			      expires_at - clock_now(&wall) < TLS_WARN_AHEAD);
}

/* Where the master key comes from: one that lies beside what it locks is as good as none once the
 * directory is copied. */
static void add_keys(const struct keys *keys, cJSON *out)
{
	cJSON *object = cJSON_AddObjectToObject(out, "keys");

	cJSON_AddStringToObject(object, "master", keys->configured ? "configured" : "state_dir");
	cJSON_AddNumberToObject(object, "left", (double)keys->left);
}

void api_status(struct visit *visit)
{
	const struct view view = visit_view(visit);
	struct store_census counts;
	struct err err = ERR_INIT;
	int rc = visit->api->store->ops->census(visit->api->store, &counts, &err);

	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "version", CLOSEDLOOP_VERSION);
	view_time(&view, out, "now", visit->now);
	view_time(&view, out, "since", visit->api->started_at);
	cJSON_AddBoolToObject(out, "drill", visit->api->drill);
	cJSON_AddStringToObject(out, "config", visit->api->conf->file);
	cJSON_AddBoolToObject(out, "store_ok", visit->api->last_rc == 0);
	cJSON_AddNumberToObject(out, "open", (double)counts.open);
	add_stages(out, &counts);
	cJSON_AddNumberToObject(out, "alerts_open", (double)counts.alerts_open);
	cJSON_AddNumberToObject(out, "alerts_silenced", (double)counts.alerts_silenced);
	cJSON_AddNumberToObject(out, "alerts_inhibited", (double)counts.alerts_inhibited);
	cJSON_AddNumberToObject(out, "notices_ready", (double)counts.notices_ready);
	if (visit->api->counters.tls_expires_at != WHEN_UNKNOWN)
		add_tls(&view, out, visit->api->counters.tls_expires_at);
	add_ledger(visit, cJSON_AddObjectToObject(out, "ledger"));
	add_policies(visit->api->conf, out);
	add_tokens_expiring(visit, out);
	add_keys(visit->api->keys, out);
	courier_endpoints(visit->api->courier, count_trouble,
			  cJSON_AddArrayToObject(out, "endpoints_in_trouble"));
	reply_json(visit, 200, out);
}

/* --- Feeds and rejects --- */

struct listing {
	struct view view;
	cJSON *items;
	int64_t last;
	bool bodies;
};

static void add_reject(void *context, const void *row)
{
	struct listing *listing = context;
	const struct store_reject *reject = row;
	cJSON *item = cJSON_CreateObject();

	cJSON_AddNumberToObject(item, "seq", (double)reject->seq);
	view_time(&listing->view, item, "at", reject->at);
	view_text(item, "feed", reject->feed);
	view_text(item, "source", reject->source);
	view_text(item, "id", reject->event_id);
	view_text(item, "code", reject->code);
	view_text(item, "detail", reject->detail);
	/* Bytes of any kind came in; what is no text is not shown. They tell of people, so the list
	 * is without them unless somebody asks. */
	if (listing->bodies && !listing->view.coded && reject->body &&
	    text_is_utf8(reject->body, reject->body_len)) {
		size_t len = text_cut_at(reject->body, reject->body_len, BODY_MAX);

		cJSON_AddStringToObject(item, "body",
					arena_copy_bytes(listing->view.arena, reject->body, len));
	}
	cJSON_AddNumberToObject(item, "bytes", (double)reject->body_len);
	cJSON_AddItemToArray(listing->items, item);
	listing->last = reject->seq;
}

void api_rejects(struct visit *visit)
{
	struct listing listing = {.view = visit_view(visit), .items = cJSON_CreateArray()};
	unsigned limit = limit_of(visit);
	char feed[128], bodies[8] = "";
	bool one = http_query(visit->call->request->query, "feed", feed, sizeof(feed)) && *feed;
	struct err err = ERR_INIT;

	(void)http_query(visit->call->request->query, "bodies", bodies, sizeof(bodies));
	listing.bodies = text_equal(bodies, "true");
	int rc = visit->api->store->ops->rejects_list(visit->api->store, one ? feed : NULL,
						      number_of(visit, "before", INT64_MAX), limit,
						      add_reject, &listing, &err);
	bool more = cJSON_GetArraySize(listing.items) == (int)limit;
	cJSON *out = cJSON_CreateObject();

	cJSON_AddItemToObject(out, "rejects", listing.items);
	if (listing.bodies && !listing.view.coded && cJSON_GetArraySize(listing.items) > 0)
		visit_look(visit, "",
			   arena_printf(&visit->arena, "%d rejected events",
					cJSON_GetArraySize(listing.items)));
	if (more)
		cJSON_AddNumberToObject(out, "next", (double)listing.last);
	else
		cJSON_AddNullToObject(out, "next");
	if (rc < 0) {
		cJSON_Delete(out);
		reply_error(visit, rc, &err);
		return;
	}
	reply_json(visit, 200, out);
}

/* --- Lines of the ledger --- */

#define LINES_MOST 1000 /* Looked at for one answer. */

struct lines {
	struct view view;
	cJSON *items;
	int64_t since, last;
	unsigned seen;
	bool before; /* … the time asked for: the end */
};

static void add_line(void *context, const void *row)
{
	struct lines *lines = context;
	const struct store_step *step = row;
	cJSON *item;

	lines->seen++;
	lines->last = step->seq;
	if (step->at < lines->since)
		lines->before = true;
	/* Facts are counted elsewhere; what was decided of them is here. */
	if (step->at < lines->since || text_equal(step->what, "fact"))
		return;
	item = cJSON_CreateObject();
	cJSON_AddNumberToObject(item, "n", (double)step->seq);
	view_time(&lines->view, item, "at", step->at);
	view_text(item, "what", step->what);
	view_text(item, "journey", step->journey);
	view_text(item, "note", step->note);
	cJSON_AddItemToArray(lines->items, item);
}

void api_ledger_lines(struct visit *visit)
{
	struct store *store = visit->api->store;
	struct lines lines = {.view = visit_view(visit), .since = visit->now - WHEN_DAY};
	struct err err = ERR_INIT;
	char since[64];

	if (http_query(visit->call->request->query, "since", since, sizeof(since)) && *since &&
	    when_parse(since, &lines.since, &err) < 0) {
		reply_problem(visit, 400, "bad_time", "since is no RFC 3339 time with offset");
		return;
	}
	lines.items = cJSON_CreateArray();
	int rc = store->ops->ledger_back(store, number_of(visit, "before", INT64_MAX), LINES_MOST,
					 &visit->arena, add_line, &lines, &err);
	cJSON *out = cJSON_CreateObject();

	cJSON_AddItemToObject(out, "lines", lines.items);
	if (lines.seen == LINES_MOST && !lines.before)
		cJSON_AddNumberToObject(out, "next", (double)lines.last);
	else
		cJSON_AddNullToObject(out, "next");
	if (rc < 0) {
		cJSON_Delete(out);
		reply_error(visit, rc, &err);
		return;
	}
	reply_json(visit, 200, out);
}

/* Whether an alert about the feed's silence is open. */
static bool is_silent(struct visit *visit, const struct store_feed *feed)
{
	struct store *store = visit->api->store;
	struct alert alert;

	return feed->alert > 0 && store->ops->alert_load(store, feed->alert, &alert, NULL) == 0 &&
	       alert.state != ALERT_RESOLVED;
}

static cJSON *feed_json(struct visit *visit, const struct conf_feed *conf)
{
	static const char *const kinds[] = {
		[FEED_PUSH] = "push", [FEED_SPOOL] = "spool", [FEED_POLL] = "poll"};
	const struct view view = visit_view(visit);
	const struct api_feed *feed = api_feed(visit->api, conf->name);
	struct store *store = visit->api->store;
	struct store_feed row;
	cJSON *out = cJSON_CreateObject();
	char heartbeat[WHEN_CAP];

	bool known = store->ops->feed_find(store, conf->name, &visit->arena, &row, NULL) == 0 &&
		     row.name;
	bool silent = known && is_silent(visit, &row);

	cJSON_AddStringToObject(out, "name", feed->name);
	cJSON_AddStringToObject(out, "kind", kinds[conf->kind]);
	view_time(&view, out, "heard_at", known ? row.heard_at : WHEN_UNKNOWN);
	view_text(out, "heartbeat",
		  conf->heartbeat ? when_duration_text(conf->heartbeat, heartbeat) : NULL);
	view_text(out, "heartbeat_night",
		  conf->heartbeat_night ? when_duration_text(conf->heartbeat_night, heartbeat)
					: NULL);
	view_time(&view, out, "deadline", silent || !known ? WHEN_NEVER : row.due_at);
	cJSON_AddBoolToObject(out, "silent", silent);
	cJSON_AddNumberToObject(out, "accepted", (double)feed->accepted);
	cJSON_AddNumberToObject(out, "duplicates", (double)feed->duplicates);
	cJSON_AddNumberToObject(out, "rejected", (double)feed->rejected);
	return out;
}

void api_feeds(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	cJSON *out = cJSON_CreateObject();
	cJSON *feeds = cJSON_AddArrayToObject(out, "feeds");

	for (size_t i = 0; i < conf->feeds_len; i++)
		cJSON_AddItemToArray(feeds, feed_json(visit, &conf->feeds[i]));
	reply_json(visit, 200, out);
}

/* --- Endpoints --- */

/* How many wait, and since when; a store that cannot say leaves the rest of the answer whole. */
static void add_backlog(struct listing *listing, cJSON *item, const char *name)
{
	struct store *store = listing->view.store;
	int64_t count, since;

	if (store->ops->notices_backlog(store, name, &count, &since, NULL) < 0)
		return;
	cJSON_AddNumberToObject(item, "waiting", (double)count);
	view_time(&listing->view, item, "waiting_since", since);
}

static void add_endpoint(void *context, const struct courier_endpoint *endpoint)
{
	struct listing *listing = context;
	const struct conf_endpoint *conf = conf_endpoint(listing->view.conf, endpoint->name);
	cJSON *item = cJSON_CreateObject();

	/* Its URL may hold a key, so only its name is shown. */
	cJSON_AddStringToObject(item, "name", endpoint->name);
	view_text(item, "channel", conf ? channel_word(conf->channel) : NULL);
	cJSON_AddStringToObject(item, "state", endpoint->state);
	view_time(&listing->view, item, "until", endpoint->until);
	add_backlog(listing, item, endpoint->name);
	cJSON_AddNumberToObject(item, "in_flight", endpoint->in_flight);
	cJSON_AddNumberToObject(item, "delivered", (double)endpoint->delivered);
	cJSON_AddNumberToObject(item, "failed", (double)endpoint->failed);
	cJSON_AddNumberToObject(item, "tokens", endpoint->tokens);
	view_text(item, "hint", endpoint->hint);
	cJSON_AddItemToArray(listing->items, item);
}

void api_endpoints(struct visit *visit)
{
	cJSON *out = cJSON_CreateObject();
	struct listing listing = {.view = visit_view(visit),
				  .items = cJSON_AddArrayToObject(out, "endpoints")};

	courier_endpoints(visit->api->courier, add_endpoint, &listing);
	reply_json(visit, 200, out);
}

/* --- What only the reactor can do --- */

void api_reload(struct visit *visit)
{
	const struct api_hooks *hooks = &visit->api->hooks;

	if (hooks->reload)
		hooks->reload(hooks->context, visit->call, visit->caller.name);
	else
		reply_problem(visit, 404, "not_found", NULL);
}

/* {"what":"links"} or "master": only that key. {"forget":true}: links made so far stop working at
 * once. */
void api_rotate_key(struct visit *visit)
{
	const struct api_hooks *hooks = &visit->api->hooks;
	const struct ack_ring *ack = visit->api->ack;
	const struct view view = visit_view(visit);
	struct err err = ERR_INIT;
	cJSON *body = visit_body(visit);

	if (!body)
		return;
	const char *what = json_string(body, "what");
	bool links = !what || text_equal(what, "links");
	bool master = !what || text_equal(what, "master");
	bool keep = !cJSON_IsTrue(json_get(body, "forget"));
	int rc = links || master ? hooks->rotate_key(hooks->context, links, master, keep, &err)
				 : err_set(&err, CL_EINVAL, "$.what is \"links\" or \"master\"");

	cJSON_Delete(body);
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	cJSON *out = cJSON_CreateObject();

	/* Turned it is: what cannot be written down is said in the log. */
	if (visit_note(visit, "key.rotated",
		       arena_printf(&visit->arena, "%s%s%s", links ? "links" : "",
				    links && master ? "+" : "", master ? "master" : ""),
		       &err) < 0)
		log_error("api.not_written_down", "what=key.rotated error=%s", err.text);
	cJSON_AddBoolToObject(out, "rotated", true);
	view_time(&view, out, "old_links_until", links && keep ? ack->old_until : WHEN_NEVER);
	add_keys(visit->api->keys, out);
	reply_json(visit, 200, out);
}

void api_drill_clock(struct visit *visit)
{
	const struct api_hooks *hooks = &visit->api->hooks;
	struct err err = ERR_INIT;
	int64_t target;

	if (!hooks->drill_clock) {
		reply_problem(visit, 404, "not_found", "This is no drill.");
		return;
	}
	cJSON *body = visit_body(visit);

	if (!body)
		return;
	const char *now = json_string(body, "now");

	if (!now || when_parse(now, &target, &err) < 0)
		reply_problem(visit, 400, "bad_time", "$.now is no RFC 3339 time with offset");
	else
		hooks->drill_clock(hooks->context, visit->call, target);
	cJSON_Delete(body);
}
