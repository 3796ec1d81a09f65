/* conf_feed.c — the feeds: where facts come from, what each may speak for, and how it proves who it
 * is. Neighbours: conf_secret fetches tokens and secrets; conf_check finds tokens that two callers
 * share. */
#include "conf_private.h"

#include <string.h>

#include "closedloop/text.h"

#define SOURCE_MAX 128

const struct choice conf_feed_kinds[] = {
	{"push", FEED_PUSH},
	{"spool", FEED_SPOOL},
	{"poll", FEED_POLL},
	{NULL, 0},
};

/* A feed as written. */
struct feed_entry {
	const char *name;
	int kind;
	const struct node *sources;
	struct secret_keys token, secret;
	const struct node *certificates;
	int64_t heartbeat, heartbeat_night;
	const struct node *night_at;
	const char *unit;
};

#define AT(member) offsetof(struct feed_entry, member)
#define TEXT_ONLY  ALLOW(NODE_SCALAR)

static const struct field night_fields[] = {
	{.key = "from",
	 .type = FIELD_CLOCK,
	 .offset = offsetof(struct policy_slot, from),
	 .required = true,
	 .says = "the night begins"},
	{.key = "to",
	 .type = FIELD_CLOCK,
	 .offset = offsetof(struct policy_slot, to),
	 .required = true,
	 .says = "the night ends, next morning if that is earlier"},
};
static SCHEMA(night, "night");

static const struct field feed_fields[] = {
	{.key = "name",
	 .type = FIELD_NAME,
	 .offset = AT(name),
	 .required = true,
	 .says = "what logs and alerts call the feed"},
	{.key = "kind",
	 .type = FIELD_WORD,
	 .offset = AT(kind),
	 .choices = conf_feed_kinds,
	 .says = "push: it posts to us; spool: it writes files; poll: we ask it"},
	{.key = "sources",
	 .type = FIELD_NODE,
	 .offset = AT(sources),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY,
	 .says = "prefixes of the source its events may carry"},
	{.key = "token", .type = FIELD_NODE, .offset = AT(token.bare), .allowed = TEXT_ONLY},
	{.key = "token_file", .type = FIELD_NODE, .offset = AT(token.file), .allowed = TEXT_ONLY},
	{.key = "token_env",
	 .type = FIELD_NODE,
	 .offset = AT(token.environment),
	 .allowed = TEXT_ONLY},
	{.key = "token_credential",
	 .type = FIELD_NODE,
	 .offset = AT(token.credential),
	 .allowed = TEXT_ONLY},
	{.key = "secret",
	 .type = FIELD_NODE,
	 .offset = AT(secret.bare),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY},
	{.key = "secret_file",
	 .type = FIELD_NODE,
	 .offset = AT(secret.file),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY},
	{.key = "secret_env",
	 .type = FIELD_NODE,
	 .offset = AT(secret.environment),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY},
	{.key = "secret_credential",
	 .type = FIELD_NODE,
	 .offset = AT(secret.credential),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY},
	{.key = "client_certificate",
	 .type = FIELD_NODE,
	 .offset = AT(certificates),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY,
	 .says = "the certificate its connections carry, as sha256:HEX or subject:NAME"},
	{.key = "heartbeat",
	 .type = FIELD_DURATION,
	 .offset = AT(heartbeat),
	 .most = 7 * WHEN_DAY,
	 .otherwise = 15 * WHEN_MINUTE,
	 .says = "silence after which the feed counts as silent, 0s for never"},
	{.key = "heartbeat_night",
	 .type = FIELD_DURATION,
	 .offset = AT(heartbeat_night),
	 .most = 7 * WHEN_DAY,
	 .says = "the same by night"},
	{.key = "night",
	 .type = FIELD_NODE,
	 .offset = AT(night_at),
	 .allowed = ALLOW(NODE_MAP),
	 .says = "when it is night: from and to, by time_zone"},
	{.key = "unit",
	 .type = FIELD_CODE,
	 .offset = AT(unit),
	 .says = "who holds a traveller while no district is known"},
	/* Of feeds that a later version serves. */
	{.key = "dir", .type = FIELD_UNREAD},
	{.key = "format", .type = FIELD_UNREAD},
	{.key = "map", .type = FIELD_UNREAD},
	{.key = "url", .type = FIELD_UNREAD},
	{.key = "interval", .type = FIELD_UNREAD},
};
static SCHEMA(feed, "feed");

static void read_sources(struct loader *loader, const struct feed_entry *entry, const char *who,
			 struct conf_feed *feed)
{
	const struct node **nodes;
	const char **sources;
	size_t nodes_len;

	if (!entry->sources)
		return;
	nodes_len = conf_texts(loader, entry->sources, who, &nodes);
	sources = arena_alloc(loader->arena, (nodes_len + 1) * sizeof(*sources));
	for (size_t i = 0; i < nodes_len; i++) {
		if (strlen(nodes[i]->text) > SOURCE_MAX)
			conf_error(loader, nodes[i], "%s: a source has at most %d bytes", who,
				   SOURCE_MAX);
		else
			sources[feed->sources_len++] = nodes[i]->text;
	}
	feed->sources = sources;
}

static void check_push(struct loader *loader, const struct node *map,
		       const struct feed_entry *entry, const char *who, bool proves)
{
	if (loader->incomplete)
		return;
	if (!entry->sources)
		conf_error(loader, map,
			   "%s lacks the key \"sources\": prefixes of the source its "
			   "events may carry, such as [\"/pvg/\"]",
			   who);
	else if (entry->sources->kind == NODE_LIST && entry->sources->len == 0)
		conf_error(loader, entry->sources, "%s: sources: at least one prefix is needed",
			   who);
	if (!proves)
		conf_error(loader, map,
			   "%s needs a token_file, a secret_file or a client_certificate to prove "
			   "who calls",
			   who);
}

/* A night needs both: how long silence may last, and when. */
static void read_night(struct loader *loader, const struct node *map,
		       const struct feed_entry *entry, const char *who, struct conf_feed *feed)
{
	struct policy_slot night = {.from = -1, .to = -1};
	const struct node *at = conf_child(map, "heartbeat_night");

	if (entry->night_at)
		conf_read_map(loader, entry->night_at, &night_schema, who, &night);
	if (!at && !entry->night_at)
		return;
	if (!at || !entry->night_at) {
		conf_error(loader, at ? at : entry->night_at,
			   "%s: heartbeat_night and night are given together or not at all", who);
		return;
	}
	if (night.from < 0 || night.to < 0)
		return; /* Reported. */
	if (night.from == night.to)
		conf_error(loader, entry->night_at, "%s: night: it ends when it begins", who);
	if (entry->heartbeat == 0 || entry->heartbeat_night < entry->heartbeat)
		conf_error(loader, at,
			   "%s: heartbeat_night is shorter than heartbeat, or there is none by day",
			   who);
	feed->heartbeat_night = entry->heartbeat_night;
	feed->night_from = night.from;
	feed->night_to = night.to;
}

static void read_feed(struct loader *loader, const struct node *map, struct conf_feed *feed)
{
	const char *who = conf_who(loader, map, "feed");
	struct feed_entry entry = {.unit = ""};
	const struct node *token_at, *secret_at;

	conf_defaults(&feed_schema, &entry);
	conf_read_map(loader, map, &feed_schema, who, &entry);
	feed->name = entry.name;
	feed->kind = (enum conf_feed_kind)entry.kind;
	feed->unit = entry.unit;
	if (*entry.unit)
		conf_refer(loader, REFER_CODE, conf_child(map, "unit"), who);
	read_sources(loader, &entry, who, feed);
	feed->token = conf_secret_token(loader, &entry.token, who, &token_at);
	feed->secrets_len =
		conf_secret_webhooks(loader, &entry.secret, who, feed->secrets, &secret_at);
	conf_read_certificates(loader, entry.certificates, who, feed);
	if (feed->kind == FEED_PUSH) {
		feed->heartbeat = entry.heartbeat;
		read_night(loader, map, &entry, who, feed);
		check_push(loader, map, &entry, who, token_at || secret_at || entry.certificates);
	} else {
		conf_warning(loader, map, "%s: kind %s is not served by this version", who,
			     conf_choice_word(conf_feed_kinds, entry.kind));
	}
}

void conf_read_feeds(struct loader *loader, const struct node *list)
{
	struct conf_feed *feeds = arena_alloc(loader->arena, (list->len + 1) * sizeof(*feeds));
	size_t len = 0;

	loader->feed_nodes =
		arena_alloc(loader->arena, (list->len + 1) * sizeof(*loader->feed_nodes));
	for (const struct node *map = list->first; map; map = map->next) {
		const struct node *name = conf_child(map, "name");

		if (!conf_is_kind(loader, map, NODE_MAP, "a feed"))
			continue;
		feeds[len] = (struct conf_feed){.name = NULL};
		read_feed(loader, map, &feeds[len]);
		for (size_t i = 0; i < len; i++) {
			if (name && text_equal(feeds[i].name, feeds[len].name))
				conf_error(loader, name, "feed %s is given twice", feeds[len].name);
		}
		if (feeds[len].name)
			loader->feed_nodes[len++] = name;
	}
	loader->conf->feeds = feeds;
	loader->conf->feeds_len = len;
}
