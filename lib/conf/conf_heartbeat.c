/* conf_heartbeat.c — our own heartbeat: the address outside that misses us when we stop calling it.
 * Neighbours: conf_endpoint reads its address as it reads an endpoint's; daemon's deadman.c calls
 * it. */
#include "conf_private.h"

/* The section as written. */
struct heartbeat_entry {
	struct secret_keys url;
	const struct node *allow;
	int64_t every;
	bool drill;
};

#define AT(member) offsetof(struct heartbeat_entry, member)
#define TEXT_ONLY  ALLOW(NODE_SCALAR)

static const struct field heartbeat_fields[] = {
	{.key = "url", .type = FIELD_NODE, .offset = AT(url.bare), .allowed = TEXT_ONLY},
	{.key = "url_file", .type = FIELD_NODE, .offset = AT(url.file), .allowed = TEXT_ONLY},
	{.key = "url_env", .type = FIELD_NODE, .offset = AT(url.environment), .allowed = TEXT_ONLY},
	{.key = "url_credential",
	 .type = FIELD_NODE,
	 .offset = AT(url.credential),
	 .allowed = TEXT_ONLY},
	{.key = "every",
	 .type = FIELD_DURATION,
	 .offset = AT(every),
	 .least = WHEN_SECOND,
	 .most = WHEN_HOUR,
	 .otherwise = WHEN_MINUTE,
	 .says = "how often, by the real clock"},
	{.key = "allow",
	 .type = FIELD_NODE,
	 .offset = AT(allow),
	 .allowed = ALLOW(NODE_LIST) | TEXT_ONLY,
	 .says = "address blocks outside the public internet that may be reached"},
	{.key = "drill",
	 .type = FIELD_BOOL,
	 .offset = AT(drill),
	 .says = "in a drill, too: who is outside cannot tell it from the real night"},
};
static SCHEMA(heartbeat, "heartbeat");

void conf_read_heartbeat(struct loader *loader, const struct node *map)
{
	struct heartbeat_entry entry = {.every = 0};
	struct conf_heartbeat *out = &loader->conf->heartbeat;

	conf_defaults(&heartbeat_schema, &entry);
	conf_read_map(loader, map, &heartbeat_schema, "heartbeat", &entry);
	out->every = entry.every;
	out->drill = entry.drill;
	out->allow = conf_read_allow(loader, entry.allow, "heartbeat", &out->allow_len);
	out->url = conf_read_url(loader, map, &entry.url, "heartbeat", true, out->allow,
				 out->allow_len);
}
