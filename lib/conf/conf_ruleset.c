/* conf_ruleset.c — the policy files together: read, sorted by their day, held against each other,
 * hashed as a whole; and what they would be with one more. Neighbours: conf_policy.c and
 * conf_override.c read one; conf_lookup.c picks. */
#include "conf_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

/* The policies as they grow; the three lists go together. */
struct ruleset {
	struct policy *policies;
	struct conf_overrides *overrides;
	const struct node **names; /* Where each is named; NULL for one that was loaded before. */
	size_t len;
};

static struct ruleset room_for(struct arena *arena, size_t len)
{
	struct ruleset set = {.len = 0};

	set.policies = arena_alloc(arena, len * sizeof(*set.policies));
	set.overrides = arena_alloc(arena, len * sizeof(*set.overrides));
	set.names = arena_alloc(arena, len * sizeof(*set.names));
	return set;
}

/* Behind those that are in force from an earlier day. */
static void insert(struct ruleset *set, const struct policy *policy,
		   const struct conf_overrides *overrides, const struct node *name)
{
	size_t to = set->len++;

	while (to > 0 && set->policies[to - 1].in_force_from > policy->in_force_from) {
		set->policies[to] = set->policies[to - 1];
		set->overrides[to] = set->overrides[to - 1];
		set->names[to] = set->names[to - 1];
		to--;
	}
	set->policies[to] = *policy;
	set->overrides[to] = *overrides;
	set->names[to] = name;
}

static void check_pair(struct loader *loader, const struct node *node, const struct policy *first,
		       const struct policy *second)
{
	if (strcmp(first->name, second->name) == 0)
		conf_error(loader, node, "policy %s is given twice", second->name);
	else if (first->in_force_from == second->in_force_from)
		conf_error(loader, node, "policy %s: policy %s is in force from the same day",
			   second->name, first->name);
}

/* ROOT, the whole of one file. */
static bool read_policy(struct loader *loader, const struct node *root, struct ruleset *set)
{
	struct conf_overrides overrides;
	const struct node *name;
	struct policy policy;
	const char *who;

	if (!root || !conf_is_kind(loader, root, NODE_MAP, "a policy file"))
		return false;
	who = conf_who(loader, root, "policy");
	policy_defaults(&policy);
	conf_read_map(loader, root, &policy_schema, who, &policy);
	conf_policy_sections(loader, root, who, &policy);
	conf_read_overrides(loader, conf_child(root, "overrides"), &policy, &overrides);
	name = conf_child(root, "policy");
	if (!name)
		name = root;
	for (size_t i = 0; i < set->len; i++)
		check_pair(loader, name, &set->policies[i], &policy);
	insert(set, &policy, &overrides, name);
	return true;
}

static void print_list(const char *key, const char *const *texts, size_t len, FILE *out)
{
	(void)fprintf(out, "        %s: [", key);
	for (size_t i = 0; i < len; i++)
		(void)fprintf(out, "%s\"%s\"", i ? ", " : "", texts[i]);
	(void)fputs("]\n", out);
}

void conf_policies_print(const struct conf *conf, bool says, FILE *out)
{
	(void)fputs("policies:\n", out);
	for (size_t i = 0; i < conf->policies_len; i++) {
		(void)fprintf(out, "  - hash: \"%s\"\n", conf->policies[i].hash);
		conf_policy_print(&conf->policies[i], 2, says, out);
		for (size_t k = 0; k < conf->overrides[i].len; k++) {
			const struct conf_override *override = &conf->overrides[i].items[k];

			(void)fprintf(out, "%s      - hash: \"%s\"\n", k ? "" : "    overrides:\n",
				      override->policy.hash);
			if (override->countries)
				print_list("countries", override->countries,
					   override->countries_len, out);
			if (override->districts)
				print_list("districts", override->districts,
					   override->districts_len, out);
			conf_policy_print(&override->policy, 4, says, out);
		}
	}
}

/* Whatever changes this may change what is owed to somebody. */
static void hash_rules(struct conf *conf)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		mem_exhausted(0);
	(void)fprintf(stream, "time_zone: %s\n", conf->time_zone ? conf->time_zone : "");
	conf_policies_print(conf, false, stream);
	if (fclose(stream) != 0)
		mem_exhausted(len);
	conf_hash(text, len, conf->rules);
	free(text); /* The C library's own memory. */
}

static void take(struct loader *loader, const struct ruleset *set)
{
	loader->conf->policies = set->policies;
	loader->conf->overrides = set->overrides;
	loader->conf->policies_len = set->len;
	loader->policy_nodes = set->names;
	hash_rules(loader->conf);
}

void conf_read_policies(struct loader *loader, const struct node *paths)
{
	const struct node **nodes;
	size_t nodes_len = conf_texts(loader, paths, "policy", &nodes);
	struct ruleset set = room_for(loader->arena, nodes_len + 1);

	if (paths->kind == NODE_LIST && paths->len == 0)
		conf_error(loader, paths, "policy: at least one policy is needed");
	for (size_t i = 0; i < nodes_len; i++)
		(void)read_policy(loader, conf_yaml_read(loader, nodes[i], nodes[i]->text), &set);
	take(loader, &set);
}

/* --- One more ------------------------------------------------------------------------------ */

/* All of BASE's but the one that ROOT is to replace. */
static struct ruleset others(struct loader *loader, const struct conf *base,
			     const struct node *root)
{
	struct ruleset set = room_for(loader->arena, base->policies_len + 1);
	const struct node *name = root ? conf_child(root, "policy") : NULL;

	for (size_t i = 0; i < base->policies_len; i++) {
		if (!name || !text_equal(base->policies[i].name, name->text))
			insert(&set, &base->policies[i], &base->overrides[i], NULL);
	}
	return set;
}

int conf_with_policy(struct conf **out, const struct conf *base, const char *name, const char *text,
		     size_t len, const struct gazetteer *gazetteer, const struct policy **tried,
		     struct conf_report *report)
{
	struct conf_whole *whole;
	struct loader loader;
	const struct node *root;

	assert(out);
	assert(base);
	assert(report);

	*out = NULL;
	*report = (struct conf_report){.len = 0};
	whole = mem_alloc(sizeof(*whole));
	whole->conf = *base;
	whole->borrows = true;
	loader = (struct loader){.whole = whole,
				 .arena = &whole->arena,
				 .nodes = ARENA_INIT,
				 .conf = &whole->conf,
				 .report = report};
	root = conf_yaml_parse(&loader, name, text, len);
	if (root) {
		struct ruleset set = others(&loader, base, root);

		if (read_policy(&loader, root, &set))
			take(&loader, &set);
	}
	arena_release(&loader.nodes);
	conf_report_sort(report);
	if (report->errors == 0)
		(void)conf_check_units(&whole->conf, gazetteer, report);
	if (report->errors > 0) {
		conf_free(&whole->conf);
		return CL_EINVAL;
	}
	*out = &whole->conf;
	for (size_t i = 0; i < whole->conf.policies_len; i++) {
		if (loader.policy_nodes[i])
			*tried = &whole->conf.policies[i];
	}
	return 0;
}
