/* conf_endpoint.c — the endpoints: where notices go, in which channel's format, and what guards the
 * way. Neighbours: conf_net judges the URLs; conf_secret fetches what must not stand in the file.
 */
#include <assert.h>

#include "conf_private.h"

#include <string.h>

#include "closedloop/text.h"

#define RATE_MAX 60000

/* An endpoint as written. */
struct endpoint_entry {
	const char *name;
	int channel;
	struct secret_keys url, ack_pin;
	struct channel_entry own; /* What depends on the channel. */
	const struct node *allow, *proxy, *ca_file, *language, *pool, *quiet;
	int rate_per_minute;
	bool resolved;
	int redact;
};

const struct choice conf_redacts[] = {
	{"initials", REDACT_INITIALS},
	{"counts", REDACT_COUNTS},
	{NULL, 0},
};

#define AT(member) offsetof(struct endpoint_entry, member)
#define TEXT_ONLY  ALLOW(NODE_SCALAR)

static const struct field endpoint_fields[] = {
	{.key = "name",
	 .type = FIELD_NAME,
	 .offset = AT(name),
	 .required = true,
	 .says = "what units and escalations call the endpoint"},
	{.key = "channel",
	 .type = FIELD_WORD,
	 .offset = AT(channel),
	 .choices = conf_channels,
	 .required = true,
	 .says = "the format it speaks: generic, wecom, dingtalk, feishu, slack, pagerduty or "
		 "alertmanager"},
	{.key = "url", .type = FIELD_NODE, .offset = AT(url.bare), .allowed = TEXT_ONLY},
	{.key = "url_file", .type = FIELD_NODE, .offset = AT(url.file), .allowed = TEXT_ONLY},
	{.key = "url_env", .type = FIELD_NODE, .offset = AT(url.environment), .allowed = TEXT_ONLY},
	{.key = "url_credential",
	 .type = FIELD_NODE,
	 .offset = AT(url.credential),
	 .allowed = TEXT_ONLY},
	{.key = "secret",
	 .type = FIELD_NODE,
	 .offset = AT(own.secret.bare),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY},
	{.key = "secret_file",
	 .type = FIELD_NODE,
	 .offset = AT(own.secret.file),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY},
	{.key = "secret_env",
	 .type = FIELD_NODE,
	 .offset = AT(own.secret.environment),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY},
	{.key = "secret_credential",
	 .type = FIELD_NODE,
	 .offset = AT(own.secret.credential),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY},
	{.key = "form",
	 .type = FIELD_NODE,
	 .offset = AT(own.form),
	 .allowed = TEXT_ONLY,
	 .says = "the form of its messages, where its channel has several"},
	{.key = "mention",
	 .type = FIELD_NODE,
	 .offset = AT(own.mention),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY,
	 .says = "whom an urgent message calls by name"},
	{.key = "ack_pin", .type = FIELD_NODE, .offset = AT(ack_pin.bare), .allowed = TEXT_ONLY},
	{.key = "ack_pin_file",
	 .type = FIELD_NODE,
	 .offset = AT(ack_pin.file),
	 .allowed = TEXT_ONLY},
	{.key = "ack_pin_env",
	 .type = FIELD_NODE,
	 .offset = AT(ack_pin.environment),
	 .allowed = TEXT_ONLY},
	{.key = "ack_pin_credential",
	 .type = FIELD_NODE,
	 .offset = AT(ack_pin.credential),
	 .allowed = TEXT_ONLY},
	{.key = "allow",
	 .type = FIELD_NODE,
	 .offset = AT(allow),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY,
	 .says = "address blocks outside the public internet that may be reached"},
	{.key = "proxy",
	 .type = FIELD_NODE,
	 .offset = AT(proxy),
	 .allowed = TEXT_ONLY,
	 .says = "http://HOST:PORT to go through; the environment's is never used"},
	{.key = "ca_file",
	 .type = FIELD_NODE,
	 .offset = AT(ca_file),
	 .allowed = TEXT_ONLY,
	 .says = "PEM file of authorities that are trusted beside the system's"},
	{.key = "language",
	 .type = FIELD_NODE,
	 .offset = AT(language),
	 .allowed = TEXT_ONLY,
	 .says = "the phrase book its notices are written with"},
	{.key = "rate_per_minute",
	 .type = FIELD_INT,
	 .offset = AT(rate_per_minute),
	 .most = RATE_MAX,
	 .says = "notices a minute at most, 0 for the channel's own limit"},
	{.key = "pool",
	 .type = FIELD_NODE,
	 .offset = AT(pool),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY,
	 .says = "endpoints that are robots of one group: whichever is free takes the notice"},
	{.key = "quiet",
	 .type = FIELD_NODE,
	 .offset = AT(quiet),
	 .allowed = TEXT_ONLY,
	 .says = "the hours in which only what is urgent rings, by time_zone"},
	{.key = "resolved",
	 .type = FIELD_BOOL,
	 .offset = AT(resolved),
	 .says = "told also that an alert was taken, or is over"},
	{.key = "redact",
	 .type = FIELD_WORD,
	 .offset = AT(redact),
	 .choices = conf_redacts,
	 .says = "how much its messages say of people: initials (and building), or counts only"},
};
static SCHEMA(endpoint, "endpoint");

/* A warning, because the daemon judges the address it really connects to: here we only spare a
 * puzzled night. */
void conf_check_reachable(struct loader *loader, const struct node *at, const char *who,
			  const struct conf_url *url, const char *const *allow, size_t allow_len)
{
	if (!url->literal || conf_address_public(url->host))
		return;
	for (size_t i = 0; i < allow_len; i++) {
		if (conf_cidr_covers(allow[i], url->host))
			return;
	}
	conf_warning(loader, at,
		     "%s: %s is not on the public internet and no block of \"allow\" "
		     "holds it: it will not be reached",
		     who, url->host);
}

const char *conf_read_url(struct loader *loader, const struct node *map,
			  const struct secret_keys *keys, const char *who, bool bare_allowed,
			  const char *const *allow, size_t allow_len)
{
	struct err err = ERR_INIT;
	const struct node *at;
	const char *text = conf_secret_text(loader, keys, who, "url", bare_allowed, &at);
	struct conf_url url;

	assert(at || !text); /* A text comes from some key. */
	if (!at && !loader->incomplete)
		conf_error(loader, map, "%s lacks its address: give url or url_file", who);
	if (!text)
		return NULL;
	if (conf_url_parse(text, &url, &err) < 0) {
		conf_error(loader, at, "%s: %s: %s", who, at->key->text, err.text);
		return NULL;
	}
	if (!url.https && !url.loopback && !loader->insecure) {
		conf_error(loader, at, "%s: plain http off this machine needs insecure: true", who);
		return NULL;
	}
	conf_check_reachable(loader, at, who, &url, allow, allow_len);
	return text;
}

const char *const *conf_read_allow(struct loader *loader, const struct node *list, const char *who,
				   size_t *allow_len)
{
	const struct node **nodes;
	const char **blocks;
	size_t len;

	*allow_len = 0;
	if (!list)
		return NULL;
	len = conf_texts(loader, list, who, &nodes);
	blocks = arena_alloc(loader->arena, (len + 1) * sizeof(*blocks));
	for (size_t i = 0; i < len; i++) {
		struct err err = ERR_INIT;

		if (conf_cidr_check(nodes[i]->text, &err) < 0)
			conf_error(loader, nodes[i], "%s: allow: \"%.64s\": %s", who,
				   nodes[i]->text, err.text);
		else
			blocks[(*allow_len)++] = nodes[i]->text;
	}
	return blocks;
}

static void read_language(struct loader *loader, const struct node *node, const char *who,
			  struct conf_endpoint *endpoint)
{
	endpoint->language = "zh-CN";
	if (!node || !conf_text(loader, node, who))
		return;
	endpoint->language = node->text;
	conf_refer(loader, REFER_LANGUAGE, node, who);
}

/* A robot's key stands in its URL: in the query, or in the path. */
static bool bare_allowed(const struct endpoint_entry *entry)
{
	const struct node *bare = entry->url.bare;

	if (entry->channel == CHANNELS || !bare || !bare->text)
		return true;
	switch (conf_channel_secrecy((enum conf_channel)entry->channel)) {
	case URL_OPEN:
		break;
	case URL_SECRET_IN_QUERY:
		return !strchr(bare->text, '?');
	case URL_SECRET_IN_PATH:
		return false;
	}
	return true;
}

static const char *read_address(struct loader *loader, const struct node *map,
				const struct endpoint_entry *entry, const char *who,
				const struct conf_endpoint *endpoint)
{
	const struct secret_keys *url = &entry->url;
	const char *usual = entry->channel == CHANNELS
				    ? NULL
				    : conf_channel_url((enum conf_channel)entry->channel);
	size_t reach_len;
	const char *const *reach = conf_way_reaches(endpoint, &reach_len);

	if (usual && !url->bare && !url->file && !url->environment && !url->credential)
		return usual;
	return conf_read_url(loader, map, url, who, bare_allowed(entry), reach, reach_len);
}

static void read_endpoint(struct loader *loader, const struct node *map,
			  struct conf_endpoint *endpoint)
{
	const char *who = conf_who(loader, map, "endpoint");
	struct endpoint_entry entry = {.channel = CHANNELS};

	conf_read_map(loader, map, &endpoint_schema, who, &entry);
	endpoint->name = entry.name;
	endpoint->channel = (enum conf_channel)entry.channel;
	endpoint->rate_per_minute = entry.rate_per_minute;
	endpoint->resolved = conf_child(map, "resolved") ? entry.resolved
							 : conf_keeps_incidents(endpoint->channel);
	endpoint->redact = (enum conf_redact)entry.redact;
	conf_read_quiet(loader, entry.quiet, who, endpoint);
	endpoint->allow = conf_read_allow(loader, entry.allow, who, &endpoint->allow_len);
	read_language(loader, entry.language, who, endpoint);
	endpoint->ack_pin = conf_secret_pin(loader, &entry.ack_pin, who);
	if (entry.pool) {
		conf_read_pool(loader, map, who, endpoint);
	} else {
		conf_read_way(loader, entry.proxy, entry.ca_file, who, endpoint);
		endpoint->url = read_address(loader, map, &entry, who, endpoint);
	}
	if (entry.channel != CHANNELS)
		conf_read_channel(loader, map, &entry.own, who, endpoint);
}

/* A step's "to" names a level or an endpoint, so a level's word can be neither's name. */
static bool is_level(const char *name)
{
	for (const struct choice *level = conf_step_targets; level->word; level++) {
		if (strcmp(level->word, name) == 0)
			return true;
	}
	return false;
}

void conf_read_endpoints(struct loader *loader, const struct node *list)
{
	struct conf_endpoint *all = arena_alloc(loader->arena, (list->len + 1) * sizeof(*all));
	size_t len = 0;

	for (const struct node *map = list->first; map; map = map->next) {
		const struct node *name = conf_child(map, "name");

		if (!conf_is_kind(loader, map, NODE_MAP, "an endpoint"))
			continue;
		all[len] = (struct conf_endpoint){.name = NULL};
		read_endpoint(loader, map, &all[len]);
		if (!all[len].name)
			continue;
		for (size_t i = 0; i < len; i++) {
			if (strcmp(all[i].name, all[len].name) == 0)
				conf_error(loader, name, "endpoint %s is given twice",
					   all[len].name);
		}
		if (is_level(all[len].name))
			conf_error(loader, name,
				   "endpoint %s: this word means a level in an "
				   "escalation: choose another",
				   all[len].name);
		len++;
	}
	loader->conf->endpoints = all;
	loader->conf->endpoints_len = len;
	conf_check_pools(loader, list);
}
