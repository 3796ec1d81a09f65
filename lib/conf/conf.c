/* conf.c — loads a configuration: every file read, every section checked, every problem kept, all
 * or nothing given out. Neighbours: conf_include reads the files, the section files fill the tree,
 * conf_check looks across them. */
#include "conf_coverage.h"

#include <assert.h>
#include <string.h>

#include "closedloop/seal.h"
#include "closedloop/text.h"

/* The main map as written. */
struct root_entry {
	const struct node *listen, *tls, *public_url, *time_zone;
	const char *state_dir, *gazetteer;
	struct secret_keys master_key;
	const struct node *policy, *phrases, *feeds, *endpoints, *units, *rosters;
	const struct node *coverage, *boundaries;
	const struct node *escalation, *access, *limits, *heartbeat, *ledger;
	bool insecure, insecure_inline;
};

#define AT(member) offsetof(struct root_entry, member)
#define ONE	   ALLOW(NODE_SCALAR)
#define MANY	   ALLOW(NODE_LIST)
#define MAP	   ALLOW(NODE_MAP)

static const struct field root_fields[] = {
	{.key = "listen",
	 .type = FIELD_NODE,
	 .offset = AT(listen),
	 .allowed = MANY | ONE,
	 .required = true,
	 .says = "addresses such as \"http://127.0.0.1:8480\" or \"unix:PATH\""},
	{.key = "tls",
	 .type = FIELD_NODE,
	 .offset = AT(tls),
	 .allowed = MAP,
	 .says = "the certificate that https is served with"},
	{.key = "public_url",
	 .type = FIELD_NODE,
	 .offset = AT(public_url),
	 .allowed = ONE,
	 .required = true,
	 .says = "what links in messages begin with"},
	{.key = "state_dir",
	 .type = FIELD_PATH,
	 .offset = AT(state_dir),
	 .required = true,
	 .says = "the directory of the database"},
	{.key = "master_key_file",
	 .type = FIELD_NODE,
	 .offset = AT(master_key.file),
	 .allowed = MANY | ONE},
	{.key = "master_key_env",
	 .type = FIELD_NODE,
	 .offset = AT(master_key.environment),
	 .allowed = MANY | ONE},
	{.key = "master_key_credential",
	 .type = FIELD_NODE,
	 .offset = AT(master_key.credential),
	 .allowed = MANY | ONE},
	{.key = "time_zone",
	 .type = FIELD_NODE,
	 .offset = AT(time_zone),
	 .allowed = ONE,
	 .says = "the IANA zone days and slots are counted in"},
	{.key = "gazetteer",
	 .type = FIELD_PATH,
	 .offset = AT(gazetteer),
	 .required = true,
	 .says = "the image of the national gazetteer"},
	{.key = "policy",
	 .type = FIELD_NODE,
	 .offset = AT(policy),
	 .allowed = MANY | ONE,
	 .required = true,
	 .says = "the files with the rules' numbers"},
	{.key = "phrases",
	 .type = FIELD_NODE,
	 .offset = AT(phrases),
	 .allowed = MANY | ONE,
	 .required = true,
	 .says = "the directory of the phrase books"},
	{.key = "feeds", .type = FIELD_NODE, .offset = AT(feeds), .allowed = MANY},
	{.key = "endpoints",
	 .type = FIELD_NODE,
	 .offset = AT(endpoints),
	 .allowed = MANY,
	 .required = true,
	 .says = "where notices go"},
	{.key = "units", .type = FIELD_NODE, .offset = AT(units), .allowed = MANY},
	{.key = "coverage",
	 .type = FIELD_NODE,
	 .offset = AT(coverage),
	 .allowed = MANY | ONE,
	 .says = "tables of the doors units cover"},
	{.key = "boundaries",
	 .type = FIELD_NODE,
	 .offset = AT(boundaries),
	 .allowed = MANY | ONE,
	 .says = "outlines of units on the map"},
	{.key = "rosters", .type = FIELD_NODE, .offset = AT(rosters), .allowed = MANY},
	{.key = "escalation",
	 .type = FIELD_NODE,
	 .offset = AT(escalation),
	 .allowed = MAP,
	 .required = true,
	 .says = "who is called next, and the fallback"},
	{.key = "access", .type = FIELD_NODE, .offset = AT(access), .allowed = MAP},
	{.key = "heartbeat",
	 .type = FIELD_NODE,
	 .offset = AT(heartbeat),
	 .allowed = MAP,
	 .says = "where we say that we are alive"},
	{.key = "ledger",
	 .type = FIELD_NODE,
	 .offset = AT(ledger),
	 .allowed = MAP,
	 .says = "who keeps the signed heads of the history"},
	{.key = "limits", .type = FIELD_NODE, .offset = AT(limits), .allowed = MAP},
	{.key = "include", .type = FIELD_UNREAD}, /* conf_include.c has followed it. */
	{.key = "insecure", .type = FIELD_BOOL, .offset = AT(insecure)},
	{.key = "insecure_inline", .type = FIELD_BOOL, .offset = AT(insecure_inline)},
};
static SCHEMA(root, "the configuration");

/* A list section that is absent or broken reads as an empty one. */
static const struct node nothing = {.kind = NODE_LIST, .bad = true};

static const struct node *or_nothing(const struct node *node)
{
	return node ? node : &nothing;
}

/* The longest prefix of two codes that is a level of the hierarchy. */
static size_t common_level(const char *left, const char *right)
{
	static const size_t lengths[] = {12, 9, 6, 4, 2};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		if (strlen(left) >= lengths[i] && strncmp(left, right, lengths[i]) == 0)
			return lengths[i];
	}
	return 0;
}

/* Who answers for a traveller of whom nothing else is known: the smallest unit above all of ours.
 */
static void find_root_unit(struct conf *conf, struct arena *arena)
{
	const char *root = conf->units_len ? conf->units[0].code : "";

	for (size_t i = 1; i < conf->units_len; i++) {
		size_t len = common_level(root, conf->units[i].code);

		root = arena_copy_bytes(arena, root, len);
	}
	conf->root_unit = root;
}

static void read_sections(struct loader *loader, const struct root_entry *root)
{
	if (root->listen)
		conf_read_listen(loader, root->listen);
	conf_read_tls(loader, root->tls);
	if (root->public_url)
		conf_read_public_url(loader, root->public_url);
	conf_read_zone(loader, root->time_zone);
	loader->conf->master_keys_len =
		conf_secret_masters(loader, &root->master_key, loader->conf->master_keys);
	if (root->policy)
		conf_read_policies(loader, root->policy);
	if (root->phrases)
		conf_read_phrases(loader, root->phrases);
	/* Endpoints before those who name them is not needed: references are judged at the end. */
	conf_read_feeds(loader, or_nothing(root->feeds));
	conf_read_endpoints(loader, or_nothing(root->endpoints));
	conf_index_endpoints(loader->conf, loader->arena);
	conf_read_units(loader, or_nothing(root->units));
	if (root->coverage)
		conf_read_coverage_files(loader, root->coverage);
	if (root->boundaries)
		conf_read_boundary_files(loader, root->boundaries);
	conf_read_rosters(loader, or_nothing(root->rosters));
	if (root->escalation)
		conf_read_escalation(loader, root->escalation);
	conf_read_access(loader, root->access);
	if (root->heartbeat)
		conf_read_heartbeat(loader, root->heartbeat);
	conf_read_ledger(loader, root->ledger);
	conf_defaults(&limits_schema, &loader->conf->limits);
	if (root->limits)
		conf_read_map(loader, root->limits, &limits_schema, "limits",
			      &loader->conf->limits);
	if (loader->conf->feeds_len == 0 && loader->report->errors == 0 && root->listen)
		conf_warning(loader, root->feeds ? root->feeds->key : root->listen->key,
			     "there are no feeds: nobody can announce a traveller");
}

static void read_root(struct loader *loader, const struct node *map)
{
	struct root_entry root = {.state_dir = NULL};

	conf_read_map(loader, map, &root_schema, "the configuration", &root);
	loader->insecure = root.insecure;
	loader->insecure_inline = root.insecure_inline;
	loader->conf->state_dir = root.state_dir;
	loader->conf->gazetteer = root.gazetteer;
	read_sections(loader, &root);
	find_root_unit(loader->conf, loader->arena);
	conf_check_all(loader);
}

int conf_load(struct conf **out, const char *path, const struct conf_world *world,
	      struct conf_report *report)
{
	struct conf_whole *whole;
	struct loader loader;
	const struct node *map;

	assert(out);
	assert(path);
	assert(world);
	assert(report);

	*out = NULL;
	*report = (struct conf_report){.len = 0};
	whole = mem_alloc(sizeof(*whole));
	loader = (struct loader){
		.whole = whole,
		.arena = &whole->arena,
		.nodes = ARENA_INIT,
		.conf = &whole->conf,
		.report = report,
		.world = world,
	};
	whole->conf.file = arena_copy(&whole->arena, path);
	whole->conf.coverage_rules = coverage_source_new();
	map = conf_include_all(&loader, path);
	if (map)
		read_root(&loader, map);
	arena_release(&loader.nodes);
	conf_report_sort(report);
	if (report->errors > 0) {
		conf_free(&whole->conf);
		return CL_EINVAL;
	}
	*out = &whole->conf;
	return 0;
}

void conf_free(struct conf *conf)
{
	struct conf_whole *whole = (struct conf_whole *)conf;

	if (!conf)
		return;
	for (size_t i = 0; !whole->borrows && i < conf->rosters_len; i++) {
		if (conf->rosters[i].zone != conf->zone)
			zone_free(conf->rosters[i].zone);
	}
	if (!whole->borrows) {
		zone_free(conf->zone);
		conf_coverage_release(whole);
	}
	arena_release(&whole->arena);
	seal_wipe(conf->master_keys, sizeof(conf->master_keys));
	mem_free(whole);
}
