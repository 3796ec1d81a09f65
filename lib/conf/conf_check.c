/* conf_check.c — what no single section can know: that a name stands for something, that a token
 * has one owner. Neighbours: the sections write down what they refer to; the daemon calls
 * conf_check_units with the gazetteer. */
#include "conf_coverage.h"

#include <assert.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"

/* Codes are judged when the nodes are gone. */
static const struct node *keep_place(struct loader *loader, const struct node *node)
{
	struct node *kept = arena_alloc(loader->arena, sizeof(*kept));

	*kept = (struct node){.kind = node->kind,
			      .line = node->line,
			      .column = node->column,
			      .source = node->source,
			      .text = node->text};
	return kept;
}

void conf_refer(struct loader *loader, enum reference_kind kind, const struct node *node,
		const char *who)
{
	struct reference *reference = arena_alloc(loader->arena, sizeof(*reference));
	struct reference **list = kind == REFER_CODE ? &loader->whole->codes : &loader->references;

	if (kind == REFER_CODE)
		node = keep_place(loader, node);
	*reference = (struct reference){.kind = kind, .node = node, .who = who, .next = *list};
	*list = reference;
}

static bool has_book(const struct conf *conf, const char *language, struct nearest *nearest)
{
	for (size_t i = 0; i < conf->books_len; i++) {
		if (strcmp(conf->books[i].language, language) == 0)
			return true;
		nearest_offer(nearest, conf->books[i].language);
	}
	return false;
}

static bool has_endpoint(const struct conf *conf, const char *name, struct nearest *nearest)
{
	if (conf_endpoint(conf, name))
		return true;
	/* A hint costs a look at each: only who errs pays for it. */
	for (size_t i = 0; i < conf->endpoints_len; i++)
		nearest_offer(nearest, conf->endpoints[i].name);
	return false;
}

static bool has_roster(const struct conf *conf, const char *name, struct nearest *nearest)
{
	for (size_t i = 0; i < conf->rosters_len; i++) {
		if (text_equal(conf->rosters[i].name, name))
			return true;
		if (conf->rosters[i].name)
			nearest_offer(nearest, conf->rosters[i].name);
	}
	return false;
}

static void check_reference(struct loader *loader, const struct reference *reference)
{
	const char *name = reference->node->text;
	struct nearest nearest = {.word = name};

	switch (reference->kind) {
	case REFER_ENDPOINT:
		if (!has_endpoint(loader->conf, name, &nearest))
			conf_error(loader, reference->node, "%s: there is no endpoint \"%.64s\"%s",
				   reference->who, name, nearest_hint(&nearest));
		break;
	case REFER_STEP:
		for (const struct choice *level = conf_step_targets; level->word; level++)
			nearest_offer(&nearest, level->word);
		if (!has_endpoint(loader->conf, name, &nearest))
			conf_error(loader, reference->node,
				   "%s: \"%.64s\" is neither a level nor an endpoint%s",
				   reference->who, name, nearest_hint(&nearest));
		break;
	case REFER_LANGUAGE:
		if (!has_book(loader->conf, name, &nearest))
			conf_error(loader, reference->node,
				   "%s: there is no phrase book for language \"%.64s\"%s",
				   reference->who, name, nearest_hint(&nearest));
		break;
	case REFER_ROSTER:
		if (!has_roster(loader->conf, name, &nearest))
			conf_error(loader, reference->node, "%s: there is no roster \"%.64s\"%s",
				   reference->who, name, nearest_hint(&nearest));
		break;
	case REFER_CODE:
		break;
	}
}

/* Two feeds with one token could speak for each other, and the ledger would name the wrong one. */
static void check_tokens(struct loader *loader)
{
	const struct conf *conf = loader->conf;

	for (size_t i = 0; i < conf->feeds_len; i++) {
		const struct conf_feed *feed = &conf->feeds[i];
		const struct node *node = loader->feed_nodes[i];

		uint8_t hash[CONF_TOKEN_HASH_LEN];

		if (!feed->token)
			continue;
		digest_blake2b(NULL, 0, feed->token, strlen(feed->token), hash, sizeof(hash));
		for (size_t k = 0; k < i; k++) {
			if (text_equal(conf->feeds[k].token, feed->token))
				conf_error(loader, node, "feed %s has the same token as feed %s",
					   feed->name, conf->feeds[k].name);
		}
		for (size_t k = 0; k < conf->tokens_len; k++) {
			if (memcmp(conf->tokens[k].hash, hash, sizeof(hash)) == 0)
				conf_error(loader, node, "feed %s has the same token as caller %s",
					   feed->name, conf->tokens[k].name);
		}
	}
}

/* A task without words would be shown by its key: bearable, so only a warning. */
static void check_task_words(struct loader *loader, const struct phrasebook *chinese,
			     const struct policy *policy, const struct node *node)
{
	for (size_t i = 0; i < policy->tasks_len; i++) {
		char key[POLICY_NAME_CAP + 8];

		(void)snprintf(key, sizeof(key), "task.%s", policy->tasks[i].name);
		if (!phrase_find(chinese, key))
			conf_warning(loader, node,
				     "policy %s: there are no words for a task: add phrase %s",
				     policy->name, key);
	}
}

/* An override that keeps its policy's list is not told of it again. */
static void check_policy_words(struct loader *loader)
{
	const struct conf *conf = loader->conf;
	const struct phrasebook *chinese = conf_book(conf, "zh-CN");

	for (size_t i = 0; chinese && i < conf->policies_len; i++) {
		const struct policy *policy = &conf->policies[i];
		const struct node *node = loader->policy_nodes[i];

		check_task_words(loader, chinese, policy, node);
		for (size_t k = 0; k < conf->overrides[i].len; k++) {
			const struct policy *other = &conf->overrides[i].items[k].policy;

			if (other->tasks_len != policy->tasks_len ||
			    memcmp(other->tasks, policy->tasks, sizeof(policy->tasks)) != 0)
				check_task_words(loader, chinese, other, node);
		}
	}
}

/* Whoever wrote it thinks that somebody is called by it. */
static void check_rosters_used(struct loader *loader)
{
	const struct conf *conf = loader->conf;

	for (size_t i = 0; i < conf->rosters_len; i++) {
		const char *name = conf->rosters[i].name;
		bool used = !name;

		for (size_t k = 0; k < conf->units_len && !used; k++)
			used = text_equal(conf->units[k].roster, name);
		if (!used)
			conf_warning(loader, loader->roster_nodes[i],
				     "roster %s: no unit refers to it, so nobody is called by it",
				     name);
	}
}

/* That an endpoint is sick is told another way; here there is none. */
static void check_ways(struct loader *loader)
{
	const struct conf *conf = loader->conf;

	if (conf->endpoints_len == 1 && loader->report->errors == 0)
		conf_problem(loader->report, conf->file, 0, 0, true,
			     "endpoint %s is the only one: when it fails, nobody can be told that "
			     "it does; give one more",
			     conf->endpoints[0].name);
}

void conf_check_all(struct loader *loader)
{
	check_tokens(loader);
	conf_check_certificates(loader);
	check_policy_words(loader);
	check_rosters_used(loader);
	/* With a file missing, what it would have defined is missing too: once is enough. */
	if (loader->incomplete)
		return;
	for (const struct reference *reference = loader->references; reference;
	     reference = reference->next)
		check_reference(loader, reference);
	check_ways(loader);
}

static void report_code(const struct gazetteer *gazetteer, const struct reference *reference,
			struct conf_report *report)
{
	static const size_t lengths[] = {9, 6, 4, 2};
	const struct node *node = reference->node;
	char chain[256] = "";
	char prefix[UNIT_CODE_CAP] = "";

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		if (strlen(node->text) <= lengths[i])
			continue;
		(void)snprintf(prefix, sizeof(prefix), "%.*s", (int)lengths[i], node->text);
		if (gazetteer_has(gazetteer, prefix) &&
		    gazetteer_chain(gazetteer, prefix, chain, sizeof(chain)) == 0)
			break;
		prefix[0] = '\0';
	}
	conf_problem(report, node->source->name, node->line, node->column, false,
		     "%s: there is no unit %s in the gazetteer (%s)%s%s%s%s", reference->who,
		     node->text, gazetteer_edition(gazetteer), prefix[0] ? "; there is " : "",
		     prefix, prefix[0] ? " " : "", chain);
}

int conf_check_units(struct conf *conf, const struct gazetteer *gazetteer,
		     struct conf_report *report)
{
	struct conf_whole *whole = (struct conf_whole *)conf;
	size_t errors = report->errors;

	assert(conf);
	assert(gazetteer);
	assert(report);

	for (const struct reference *code = whole->codes; code; code = code->next) {
		if (gazetteer_has(gazetteer, code->node->text))
			continue;
		report_code(gazetteer, code, report);
	}
	if (!whole->borrows)
		conf_coverage_build(whole, gazetteer, report);
	conf_report_sort(report);
	return report->errors > errors ? CL_EINVAL : 0;
}
