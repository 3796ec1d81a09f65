/* conf_print.c — the configuration in force as YAML: defaults filled in, secrets masked.
 * Neighbours: conf_value and conf_ruleset print what their tables know; closedloopd --print-config
 * calls. */
#include "conf_coverage.h"

#include <assert.h>
#include <string.h>

#define MASK "\"***\""

/* A YAML double-quoted text. Bytes ≥ 0x80 are UTF-8 and stay. */
static void quoted(const char *text, FILE *out)
{
	(void)fputc('"', out);
	for (; text && *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)fprintf(out, "\\%c", *text);
		else if ((unsigned char)*text < 0x20 || *text == 0x7F)
			(void)fprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
		else
			(void)fputc(*text, out);
	}
	(void)fputc('"', out);
}

static void line(const char *key, const char *text, FILE *out)
{
	(void)fprintf(out, "%s: ", key);
	quoted(text, out);
	(void)fputc('\n', out);
}

/* The same, in a map of a list. */
static void print_member(const char *key, const char *text, FILE *out)
{
	(void)fputs("    ", out);
	line(key, text, out);
}

/* A robot's key stands in the query of its URL, a hook's in its path: only the host is shown then.
 */
static void masked_url(const struct conf_endpoint *endpoint, FILE *out)
{
	struct conf_url url;

	if (conf_channel_secrecy(endpoint->channel) == URL_OPEN && !strchr(endpoint->url, '?')) {
		quoted(endpoint->url, out);
		return;
	}
	if (conf_url_parse(endpoint->url, &url, NULL) < 0) {
		(void)fputs(MASK, out);
		return;
	}
	(void)fprintf(out, "\"%.*s/***\"", (int)(url.rest - endpoint->url), endpoint->url);
}

static void print_texts(const char *key, const char *const *texts, size_t len, FILE *out)
{
	(void)fprintf(out, "    %s: [", key);
	for (size_t i = 0; i < len; i++) {
		(void)fputs(i ? ", " : "", out);
		quoted(texts[i], out);
	}
	(void)fputs("]\n", out);
}

static void print_masks(const char *key, size_t len, FILE *out)
{
	if (len == 0)
		return;
	(void)fprintf(out, "    %s: [", key);
	for (size_t i = 0; i < len; i++)
		(void)fprintf(out, "%s" MASK, i ? ", " : "");
	(void)fputs("]\n", out);
}

static void print_heartbeat(const struct conf_heartbeat *heartbeat, FILE *out)
{
	char room[WHEN_CAP];

	if (!heartbeat->url)
		return;
	/* Such addresses are secrets as a rule: whoever knows one can say that we are alive. */
	(void)fprintf(out, "heartbeat:\n    url: " MASK "\n    every: %s\n    drill: %s\n",
		      when_duration_text(heartbeat->every, room),
		      heartbeat->drill ? "true" : "false");
	print_texts("allow", heartbeat->allow, heartbeat->allow_len, out);
}

static void print_ledger(const struct conf_ledger *ledger, FILE *out)
{
	char room[WHEN_CAP];

	(void)fprintf(out, "ledger:\n    head_every: %s\n",
		      when_duration_text(ledger->head_every, room));
	if (ledger->head_to)
		(void)fprintf(out, "    head_to: %s\n", ledger->head_to);
}

static void print_listen(const struct conf *conf, FILE *out)
{
	(void)fputs("listen:\n", out);
	for (size_t i = 0; i < conf->listen_len; i++) {
		const struct conf_listen *listen = &conf->listen[i];
		bool v6 = strchr(listen->address, ':') != NULL;

		if (listen->kind == LISTEN_UNIX)
			(void)fprintf(out, "  - \"unix:%s\"\n", listen->address);
		else
			(void)fprintf(out, "  - \"%s://%s%s%s:%d\"\n",
				      listen->kind == LISTEN_HTTPS ? "https" : "http",
				      v6 ? "[" : "", listen->address, v6 ? "]" : "", listen->port);
	}
}

static void print_clock(const char *key, int64_t clock, const char *before, FILE *out)
{
	(void)fprintf(out, "%s%s: \"%02d:%02d\"", before, key, (int)(clock / WHEN_HOUR),
		      (int)(clock % WHEN_HOUR / WHEN_MINUTE));
}

static void print_feeds(const struct conf *conf, FILE *out)
{
	char room[WHEN_CAP];

	(void)fputs(conf->feeds_len ? "feeds:\n" : "feeds: []\n", out);
	for (size_t i = 0; i < conf->feeds_len; i++) {
		const struct conf_feed *feed = &conf->feeds[i];

		(void)fprintf(out, "  - name: %s\n    kind: %s\n", feed->name,
			      conf_choice_word(conf_feed_kinds, (int)feed->kind));
		print_texts("sources", feed->sources, feed->sources_len, out);
		if (feed->token)
			(void)fputs("    token: " MASK "\n", out);
		print_masks("secret", feed->secrets_len, out);
		if (feed->certificates_len)
			print_texts("client_certificate", feed->certificates,
				    feed->certificates_len, out);
		(void)fprintf(out, "    heartbeat: %s\n",
			      when_duration_text(feed->heartbeat, room));
		if (feed->heartbeat_night) {
			(void)fprintf(out, "    heartbeat_night: %s\n",
				      when_duration_text(feed->heartbeat_night, room));
			print_clock("from", feed->night_from, "    night: {", out);
			print_clock("to", feed->night_to, ", ", out);
			(void)fputs("}\n", out);
		}
		if (*feed->unit)
			(void)fprintf(out, "    unit: \"%s\"\n", feed->unit);
	}
}

/* How an address is reached: a pool has none of its own. */
static void print_way(const struct conf_endpoint *endpoint, FILE *out)
{
	print_texts("allow", endpoint->allow, endpoint->allow_len, out);
	if (endpoint->proxy)
		print_member("proxy", endpoint->proxy, out);
	if (endpoint->ca_file)
		print_member("ca_file", endpoint->ca_file, out);
	(void)fprintf(out, "    rate_per_minute: %d\n", endpoint->rate_per_minute);
}

static void print_endpoints(const struct conf *conf, FILE *out)
{
	(void)fputs("endpoints:\n", out);
	for (size_t i = 0; i < conf->endpoints_len; i++) {
		const struct conf_endpoint *endpoint = &conf->endpoints[i];

		(void)fprintf(out, "  - name: %s\n    channel: %s\n", endpoint->name,
			      conf_choice_word(conf_channels, (int)endpoint->channel));
		if (endpoint->pool_len) {
			print_texts("pool", endpoint->pool, endpoint->pool_len, out);
		} else {
			(void)fputs("    url: ", out);
			masked_url(endpoint, out);
			(void)fputc('\n', out);
		}
		if (conf_form_word(endpoint))
			(void)fprintf(out, "    form: %s\n", conf_form_word(endpoint));
		print_masks("secret", endpoint->secrets_len + endpoint->keys_len, out);
		/* Phone numbers stand among them. */
		print_masks("mention", endpoint->mention_len, out);
		if (endpoint->pool_len == 0)
			print_way(endpoint, out);
		if (endpoint->ack_pin)
			(void)fputs("    ack_pin: \"***\"\n", out);
		(void)fprintf(out, "    redact: %s\n    language: %s\n",
			      conf_choice_word(conf_redacts, (int)endpoint->redact),
			      endpoint->language);
		conf_print_quiet(endpoint, out);
	}
}

static void print_units(const struct conf *conf, FILE *out)
{
	(void)fputs(conf->units_len ? "units:\n" : "units: []\n", out);
	for (size_t i = 0; i < conf->units_len; i++) {
		const struct conf_unit *unit = &conf->units[i];

		(void)fprintf(out, "  - {code: \"%s\"", unit->code);
		if (unit->endpoint)
			(void)fprintf(out, ", endpoint: %s", unit->endpoint);
		if (unit->roster)
			(void)fprintf(out, ", roster: %s", unit->roster);
		if (unit->name) {
			(void)fputs(", name: ", out);
			quoted(unit->name, out);
		}
		(void)fputs("}\n", out);
	}
}

static void print_escalations(const struct conf *conf, FILE *out)
{
	(void)fputs("escalation:\n", out);
	for (size_t i = 0; i < conf->escalations_len; i++) {
		const struct conf_escalation *escalation = &conf->escalations[i];

		(void)fprintf(out, "  %s:\n", escalation->name);
		for (size_t k = 0; k < escalation->len; k++) {
			const struct conf_step *step = &escalation->steps[k];
			char room[WHEN_CAP];

			(void)fprintf(out, "    - {to: %s, wait: %s%s}\n",
				      step->target == STEP_ENDPOINT
					      ? step->endpoint
					      : conf_choice_word(conf_step_targets,
								 (int)step->target),
				      when_duration_text(step->wait, room),
				      step->repeat ? ", repeat: forever" : "");
		}
	}
	(void)fprintf(out, "  fallback: %s\n", conf->fallback);
}

void conf_print(const struct conf *conf, FILE *out)
{
	assert(conf);
	assert(out);

	(void)fprintf(out, "# The configuration in force, from %s. Secrets are masked.\n",
		      conf->file);
	print_listen(conf, out);
	conf_print_tls(&conf->tls, out);
	line("public_url", conf->public_url, out);
	line("state_dir", conf->state_dir, out);
	if (conf->master_keys_len)
		(void)fputs("master_key: " MASK "\n", out);
	line("time_zone", conf->time_zone, out);
	line("gazetteer", conf->gazetteer, out);
	print_feeds(conf, out);
	print_endpoints(conf, out);
	print_units(conf, out);
	conf_coverage_print(conf, out);
	conf_print_rosters(conf, out);
	print_escalations(conf, out);
	conf_print_access(conf, out);
	print_heartbeat(&conf->heartbeat, out);
	print_ledger(&conf->ledger, out);
	(void)fputs("limits:\n", out);
	conf_print_schema(&limits_schema, &conf->limits, 1, true, out);
	conf_policies_print(conf, true, out);
	(void)fputs("phrases:\n", out);
	for (size_t i = 0; i < conf->books_len; i++)
		(void)fprintf(out, "  %s: %zu # phrases\n", conf->books[i].language,
			      conf->books[i].len);
}
