/* conf_endpoint_pool.c — endpoints that are several robots of one chat group: a notice goes by
 * whichever is free. Neighbours: conf_endpoint.c reads the other keys. */
#include "conf_private.h"

#include <string.h>

#include "closedloop/text.h"

#define POOL_MAX 10 /* The courier's QUEUE_WAYS_MAX. */

/* What says how an address is reached: each robot's own matter. */
static const char *const of_robots[] = {
	"url",	      "url_file",	   "url_env", "url_credential",	 "secret", "secret_file",
	"secret_env", "secret_credential", "allow",   "rate_per_minute", "proxy",  "ca_file",
};

void conf_read_pool(struct loader *loader, const struct node *map, const char *who,
		    struct conf_endpoint *endpoint)
{
	const struct node *pool = conf_child(map, "pool");
	const struct node **nodes;
	size_t len = conf_texts(loader, pool, who, &nodes);
	const char **names = arena_alloc(loader->arena, (len + 1) * sizeof(*names));

	if (len > POOL_MAX) {
		conf_error(loader, pool, "%s: pool: %zu endpoints are more than %d", who, len,
			   POOL_MAX);
		len = POOL_MAX;
	}
	for (size_t i = 0; i < len; i++) {
		if (!nodes[i])
			continue;
		names[endpoint->pool_len++] = nodes[i]->text;
		conf_refer(loader, REFER_ENDPOINT, nodes[i], who);
		for (size_t k = 0; k + 1 < endpoint->pool_len; k++) {
			if (strcmp(names[k], nodes[i]->text) == 0)
				conf_error(loader, nodes[i], "%s: pool: %s is given twice", who,
					   nodes[i]->text);
		}
	}
	endpoint->pool = names;
	if (len == 0)
		conf_error(loader, pool, "%s: pool: it names no endpoint", who);
	for (size_t i = 0; i < ARRAY_LEN(of_robots); i++) {
		const struct node *other = conf_child(map, of_robots[i]);
		if (other)
			conf_error(loader, other->key,
				   "%s: %s belongs to the members of its pool, each has its own",
				   who, of_robots[i]);
	}
}

static const struct conf_endpoint *endpoint_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->endpoints_len; i++) {
		if (text_equal(conf->endpoints[i].name, name))
			return &conf->endpoints[i];
	}
	return NULL; /* Reported as a reference to nothing. */
}

static void check_pool(struct loader *loader, const struct node *map)
{
	const struct node *name = conf_child(map, "name"), *pool = conf_child(map, "pool");
	const struct conf_endpoint *endpoint =
		name ? endpoint_named(loader->conf, name->text) : NULL;
	const struct node *node = pool && pool->kind == NODE_LIST ? pool->first : pool;

	for (; endpoint && endpoint->pool_len && node; node = node->next) {
		const struct conf_endpoint *member =
			node->kind == NODE_SCALAR ? endpoint_named(loader->conf, node->text) : NULL;

		if (!member)
			continue;
		if (member->pool_len)
			conf_error(loader, node, "endpoint %s: pool: %s is a pool itself",
				   endpoint->name, member->name);
		else if (member->channel != endpoint->channel)
			conf_error(loader, node, "endpoint %s: pool: %s speaks another channel",
				   endpoint->name, member->name);
	}
}

void conf_check_pools(struct loader *loader, const struct node *list)
{
	for (const struct node *map = list->first; map; map = map->next) {
		if (map->kind == NODE_MAP)
			check_pool(loader, map);
	}
}
