/* conf_ledger.c — where the signed heads of the ledger go, and how often one is made. Neighbours:
 * conf_endpoint.c has read the endpoints; engine's heads.c makes them. */
#include "conf_private.h"

#include "closedloop/text.h"

/* The section as written. */
struct ledger_entry {
	const struct node *head_to;
	int64_t head_every;
};

#define AT(member) offsetof(struct ledger_entry, member)

static const struct field ledger_fields[] = {
	{.key = "head_to",
	 .type = FIELD_NODE,
	 .offset = AT(head_to),
	 .allowed = ALLOW(NODE_SCALAR),
	 .says = "the endpoint that keeps them"},
	{.key = "head_every",
	 .type = FIELD_DURATION,
	 .offset = AT(head_every),
	 .least = 5 * WHEN_MINUTE,
	 .most = WHEN_DAY,
	 .otherwise = WHEN_DAY,
	 .says = "how often, counted from midnight"},
};
static SCHEMA(ledger, "ledger");

/* These make an incident of whatever they are sent. */
static bool makes_incidents(const struct conf_endpoint *endpoint)
{
	return endpoint->channel == CHANNEL_PAGERDUTY || endpoint->channel == CHANNEL_ALERTMANAGER;
}

void conf_read_ledger(struct loader *loader, const struct node *map)
{
	struct ledger_entry entry = {.head_every = 0};
	struct conf_ledger *out = &loader->conf->ledger;

	conf_defaults(&ledger_schema, &entry);
	if (map)
		conf_read_map(loader, map, &ledger_schema, "ledger", &entry);
	out->head_every = entry.head_every;
	if (map && entry.head_every > 0 && WHEN_DAY % entry.head_every != 0)
		conf_error(loader, conf_child(map, "head_every"),
			   "ledger: head_every must divide a day evenly, as 6h or 24h do");
	if (!entry.head_to)
		return;
	const struct conf_endpoint *endpoint = conf_endpoint(loader->conf, entry.head_to->text);

	conf_refer(loader, REFER_ENDPOINT, entry.head_to, "ledger: head_to");
	if (endpoint && makes_incidents(endpoint))
		conf_error(loader, entry.head_to,
			   "ledger: head_to: endpoint %s would make an incident of each head; name "
			   "one that keeps messages",
			   endpoint->name);
	out->head_to = arena_copy(loader->arena, entry.head_to->text);
}
