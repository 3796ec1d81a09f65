/* api_health.c — is it alive, is it ready, what does it count; and the documents in the binary.
 * Neighbours: console.h has the files. Nothing here tells of a person. */
#include "daemon/api_private.h"
#include "daemon/clock.h"

#include <stdio.h>
#include <string.h>

#include "daemon/console.h"

#define METRICS_CAP	 ((size_t)64 * 1024)
#define METRICS_ENDPOINT ((size_t)4 * 1024) /* And for each of these. */

/* That it answers at all is the news: this comes out of the same turn as everything else. */
void api_healthz(struct visit *visit)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "status", "ok");
	reply_json(visit, 200, out);
}

/* One write of LEN bytes, committed. */
static int try_write(struct store *store, size_t len)
{
	struct err err = ERR_INIT;
	char *bytes = mem_alloc(len + 1);

	memset(bytes, '.', len);
	int rc = store->ops->begin(store, &err);
	if (rc == 0)
		rc = store->ops->meta_set(store, "readiness", bytes, &err);
	if (rc == 0)
		rc = store->ops->commit(store, &err);
	if (rc < 0)
		store->ops->rollback(store);
	mem_free(bytes);
	return rc;
}

/* Whether the store takes writes. While it does, the last commit says so; after one failed somebody
 * must try, at most once a second, or whoever sends only to those that are ready would never come
 * back. The try is as large as a turn of events: room for one short row is not room to go on. */
bool api_writable(struct api *api)
{
	if (api->last_rc == 0)
		return true;
	if (clock_monotonic() < api->probe_at)
		return false;
	api->probe_at = clock_monotonic() + WHEN_SECOND;
	api->last_rc = try_write(api->store, (size_t)256 * 1024);
	if (api->last_rc == 0)
		api->last_rc = try_write(api->store, 0);
	return api->last_rc == 0;
}

void api_readyz(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	struct store_census counts;
	struct err err = ERR_INIT;
	bool store = api_writable(visit->api) &&
		     visit->api->store->ops->census(visit->api->store, &counts, &err) == 0;
	bool gazetteer = visit->api->gazetteer != NULL;
	/* Without a feed and without anybody who may post, nobody could ever be announced. */
	bool feeds = conf->feeds_len > 0 || conf->tokens_len > 0 || conf->loopback_operator ||
		     visit->api->tokens_made;
	cJSON *out = cJSON_CreateObject();
	bool ready = store && gazetteer && feeds;

	cJSON_AddStringToObject(out, "status", ready ? "ready" : "not_ready");
	cJSON_AddBoolToObject(out, "store", store);
	cJSON_AddBoolToObject(out, "gazetteer", gazetteer);
	cJSON_AddBoolToObject(out, "feeds", feeds);
	reply_json(visit, ready ? 200 : 503, out);
}

/* --- Metrics --- */

/* A name as a label's value. */
static void add_label(struct text *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			text_add(out, "\\");
		if ((unsigned char)*name >= 0x20)
			text_add_bytes(out, name, 1);
	}
}

static void add_head(struct text *out, const char *name, const char *type, const char *help)
{
	text_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_number(struct text *out, const char *name, const char *type, const char *help,
		       uint64_t value)
{
	add_head(out, name, type, help);
	text_addf(out, "%s %llu\n", name, (unsigned long long)value);
}

static void add_event(struct text *out, const char *feed, const char *result, uint64_t value)
{
	text_add(out, "closedloop_events_total{feed=\"");
	add_label(out, feed);
	text_addf(out, "\",result=\"%s\"} %llu\n", result, (unsigned long long)value);
}

static void add_heard(void *context, const void *row)
{
	struct text *out = context;
	const struct store_feed *feed = row;

	if (feed->heard_at == WHEN_UNKNOWN)
		return;
	text_add(out, "closedloop_feed_last_event_timestamp_seconds{feed=\"");
	add_label(out, feed->name);
	text_addf(out, "\"} %lld\n", (long long)(feed->heard_at / WHEN_SECOND));
}

static void add_feeds(struct visit *visit, struct text *out)
{
	const struct feed_row *feeds = visit->api->feeds;
	struct store *store = visit->api->store;

	add_head(out, "closedloop_events_total", "counter",
		 "Events by feed and what became of them.");
	for (const struct feed_row *row = feeds; row; row = row->next) {
		add_event(out, row->name, "accepted", row->feed.accepted);
		add_event(out, row->name, "duplicate", row->feed.duplicates);
		add_event(out, row->name, "rejected", row->feed.rejected);
	}
	add_head(out, "closedloop_feed_last_event_timestamp_seconds", "gauge",
		 "When a feed was last heard.");
	(void)store->ops->feeds_list(store, &visit->arena, add_heard, out, NULL);
}

/* --- Endpoints: of a pool its members count --- */

static void add_sample(struct text *out, const char *name, const char *endpoint, uint64_t value)
{
	text_addf(out, "closedloop_%s{endpoint=\"", name);
	add_label(out, endpoint);
	text_addf(out, "\"} %llu\n", (unsigned long long)value);
}

static void add_tries(void *context, const struct courier_endpoint *endpoint)
{
	struct text *out = context;

	for (int urgent = 0; urgent < 2 && !endpoint->pool; urgent++) {
		for (int outcome = 0; outcome < COURIER_OUTCOMES; outcome++) {
			text_add(out, "closedloop_delivery_total{endpoint=\"");
			add_label(out, endpoint->name);
			text_addf(out, "\",class=\"%s\",outcome=\"%s\"} %llu\n",
				  urgent ? "urgent" : "normal", outcome_word((enum outcome)outcome),
				  (unsigned long long)endpoint->tries[urgent][outcome]);
		}
	}
}

static void add_up(void *context, const struct courier_endpoint *endpoint)
{
	if (!endpoint->pool)
		add_sample(context, "endpoint_up", endpoint->name,
			   strcmp(endpoint->state, "ok") == 0);
}

static void add_breaker(void *context, const struct courier_endpoint *endpoint)
{
	if (!endpoint->pool)
		add_sample(context, "endpoint_breaker", endpoint->name, endpoint->breaker);
}

static void add_tokens(void *context, const struct courier_endpoint *endpoint)
{
	if (!endpoint->pool)
		add_sample(context, "endpoint_tokens", endpoint->name, endpoint->tokens);
}

static void add_unknown(void *context, const struct courier_endpoint *endpoint)
{
	if (!endpoint->pool)
		add_sample(context, "unknown_codes_total", endpoint->name, endpoint->unknown_codes);
}

static void add_endpoints(const struct api *api, struct text *out)
{
	static const struct {
		const char *name, *type, *help;
		void (*add)(void *context, const struct courier_endpoint *);
	} families[] = {
		{"closedloop_delivery_total", "counter", "Tries by endpoint, class and outcome.",
		 add_tries},
		{"closedloop_unknown_codes_total", "counter",
		 "Answers with a code nobody knows; none counts as delivered.", add_unknown},
		{"closedloop_endpoint_up", "gauge", "The endpoint takes messages.", add_up},
		{"closedloop_endpoint_breaker", "gauge",
		 "The breaker is open: messages wait, but for probes.", add_breaker},
		{"closedloop_endpoint_tokens", "gauge", "Messages that could leave now.",
		 add_tokens},
	};

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		add_head(out, families[i].name, families[i].type, families[i].help);
		courier_endpoints(api->courier, families[i].add, out);
	}
}

static void add_outbox(struct text *out, const struct store_census *counts, int64_t now)
{
	bool any = counts->notices_oldest < now;

	add_number(out, "closedloop_outbox_ready", "gauge", "Notices waiting to be delivered.",
		   (uint64_t)counts->notices_ready);
	add_number(out, "closedloop_outbox_oldest_seconds", "gauge",
		   "Age of the oldest notice that waits.",
		   any ? (uint64_t)((now - counts->notices_oldest) / WHEN_SECOND) : 0);
	add_number(out, "closedloop_dead_letters", "gauge",
		   "Notices that could not be delivered and wait for a human.",
		   (uint64_t)counts->notices_dead);
}

static void add_census(struct text *out, const struct store_census *counts)
{
	add_head(out, "closedloop_travelers", "gauge", "Journeys by state.");
	for (size_t i = 0; i < STAGES; i++)
		text_addf(out, "closedloop_travelers{state=\"%s\"} %lld\n",
			  stage_word((enum stage)i), (long long)counts->stages[i]);
	add_number(out, "closedloop_journeys_open", "gauge", "Journeys that are watched.",
		   (uint64_t)counts->open);
	add_number(out, "closedloop_alerts_open", "gauge", "Alerts nobody has ended.",
		   (uint64_t)counts->alerts_open);
	add_number(out, "closedloop_alerts_silenced", "gauge", "Alerts a silence keeps back.",
		   (uint64_t)counts->alerts_silenced);
	add_number(out, "closedloop_alerts_inhibited", "gauge",
		   "Alerts kept back because a graver one explains them.",
		   (uint64_t)counts->alerts_inhibited);
}

/* A sum of ms and how many it is of, as a summary without quantiles. */
static void add_summary(struct text *out, const char *name, const char *help, uint64_t count,
			uint64_t sum_ms)
{
	add_head(out, name, "summary", help);
	text_addf(out, "%s_sum %llu.%03u\n%s_count %llu\n", name,
		  (unsigned long long)(sum_ms / 1000), (unsigned)(sum_ms % 1000), name,
		  (unsigned long long)count);
}

static void add_matches(struct text *out, const struct engine_counters *counters)
{
	add_head(out, "closedloop_matches_total", "counter",
		 "Addresses judged, first or anew, by verdict.");
	for (int i = 0; i < MATCH_VERDICTS; i++)
		text_addf(out, "closedloop_matches_total{verdict=\"%s\"} %llu\n",
			  match_verdict_word((enum match_verdict)i),
			  (unsigned long long)counters->matches[i]);
}

static void add_ladder(struct text *out, const struct engine_counters *counters)
{
	add_summary(out, "closedloop_escalation_late_seconds",
		    "How late alerts spoke, of all that did.", counters->tellings,
		    counters->late_ms);
	add_summary(out, "closedloop_ack_latency_seconds",
		    "From an alert's opening until somebody took it.", counters->answers,
		    counters->answer_ms);
	add_number(out, "closedloop_undelivered_handed_on_total", "counter",
		   "Urgent notices that did not arrive, so that the next step was called.",
		   counters->handed_on);
	add_number(out, "closedloop_alert_nowhere_total", "counter",
		   "Words about the system that no working endpoint was left for.",
		   counters->nowhere);
}

static void add_tls(struct text *out, const struct api_counters *counters)
{
	if (counters->tls_expires_at == WHEN_UNKNOWN)
		return;
	add_head(out, "closedloop_tls_certificate_expiry_timestamp_seconds", "gauge",
		 "When the first certificate of our chain ends.");
	text_addf(out, "closedloop_tls_certificate_expiry_timestamp_seconds %lld\n",
		  (long long)(counters->tls_expires_at / WHEN_SECOND));
	add_head(out, "closedloop_tls_handshakes_total", "counter",
		 "TLS handshakes by what became of them.");
	text_addf(out,
		  "closedloop_tls_handshakes_total{result=\"done\"} %llu\n"
		  "closedloop_tls_handshakes_total{result=\"failed\"} %llu\n",
		  (unsigned long long)counters->handshakes,
		  (unsigned long long)counters->handshakes_failed);
}

void api_metrics(struct visit *visit)
{
	const struct api *api = visit->api;
	struct store_census counts;
	struct text out;

	size_t cap = METRICS_CAP + api->conf->endpoints_len * METRICS_ENDPOINT;
	text_init(&out, arena_alloc(&visit->arena, cap), cap);
	add_feeds(visit, &out);
	if (api->store->ops->census(api->store, &counts, NULL) == 0) {
		add_census(&out, &counts);
		add_outbox(&out, &counts, visit->now);
	}
	add_number(&out, "closedloop_transactions_total", "counter", "Transactions committed.",
		   api->counters.transactions);
	add_number(&out, "closedloop_facts_total", "counter", "Facts committed.",
		   api->counters.facts);
	add_number(&out, "closedloop_deadlines_fired_total", "counter", "Deadlines that came.",
		   api->counters.fired);
	add_number(&out, "closedloop_inbox_bytes", "gauge", "Bytes waiting for a transaction.",
		   api->inbox_bytes);
	add_number(&out, "closedloop_store_up", "gauge", "The last transaction was committed.",
		   api->last_rc == 0);
	add_number(&out, "closedloop_deadman_sent_total", "counter",
		   "Our own heartbeats that were answered.", api->counters.deadman_sent);
	add_number(&out, "closedloop_deadman_failed_total", "counter",
		   "Our own heartbeats that nobody answered well.", api->counters.deadman_failed);
	add_number(&out, "closedloop_deadman_withheld_total", "counter",
		   "Our own heartbeats withheld because something stood still.",
		   api->counters.deadman_withheld);
	add_tls(&out, &api->counters);
	add_ladder(&out, engine_counters(api->engine));
	add_matches(&out, engine_counters(api->engine));
	add_endpoints(api, &out);
	http_answer(visit->call, 200, "text/plain; version=0.0.4; charset=utf-8", out.data, out.len,
		    NULL, 0);
}

/* --- Documents --- */

static void send_asset(struct visit *visit, const char *name)
{
	static const struct http_extra cache = {"Cache-Control", "public, max-age=300"};
	char path[PART_CAP + 16];

	snprintf(path, sizeof(path), "/console/%s", name);
	for (size_t i = 0; i < console_assets_len; i++) {
		const struct console_asset *asset = &console_assets[i];

		if (strcmp(asset->path, path) == 0) {
			http_answer(visit->call, 200, asset->type, asset->bytes, asset->len, &cache,
				    1);
			return;
		}
	}
	reply_problem(visit, 404, "not_found", NULL);
}

void api_static(struct visit *visit)
{
	send_asset(visit, visit->part[0]);
}

void api_openapi(struct visit *visit)
{
	send_asset(visit, "openapi.json");
}
