/* conf_policy.c — reads policy files over the built-in defaults and gives each the hash of its
 * values. Neighbours: conf_policy_table.c lists the numbers; loop/policy.c owns the defaults;
 * conf_lookup picks by day. */
#include "conf_private.h"

#include <stdlib.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"

/* The words an event may say (closedloop-events-v1, $defs/symptoms) and that can mean illness. */
static const char *const known_symptoms[] = {
	"fever",       "fatigue",	"dry_cough", "sputum",		"headache",
	"sore_throat", "short_breath",	"dyspnea",   "chest_tightness", "conjunctivitis",
	"diarrhea",    "loss_of_smell", "rash",	     "joint_pain",	"other",
};

struct task_entry {
	struct policy_task task;
};

static const struct field task_fields[] = {
	{.key = "task",
	 .type = FIELD_LABEL,
	 .offset = offsetof(struct task_entry, task.name),
	 .required = true,
	 .says = "the task; phrase task.NAME has its words"},
	{.key = "before_eta",
	 .type = FIELD_DURATION,
	 .offset = offsetof(struct task_entry, task.before_eta),
	 .most = 7 * WHEN_DAY,
	 .required = true,
	 .says = "due so long before the traveller is at the gate"},
};
static SCHEMA(task, "task");

static void read_symptom(struct loader *loader, const struct node *node, const char *who,
			 struct policy *policy)
{
	struct nearest nearest = {.word = node->text};
	bool known = false;

	for (size_t i = 0; i < ARRAY_LEN(known_symptoms); i++) {
		known = known || strcmp(known_symptoms[i], node->text) == 0;
		conf_nearest_offer(&nearest, known_symptoms[i]);
	}
	if (!known) {
		/* A misspelt symptom would be a fever that nobody sees. */
		conf_error(loader, node, "%s: symptoms: no event can say \"%.64s\"%s", who,
			   node->text, conf_nearest_hint(&nearest));
		return;
	}
	if (policy_is_symptom(policy, node->text)) {
		conf_error(loader, node, "%s: symptoms: %s is given twice", who, node->text);
		return;
	}
	/* No bound to check: there are fewer known words than places, and none comes twice. */
	(void)text_copy(policy->symptoms[policy->symptoms_len++], sizeof(policy->symptoms[0]),
			node->text);
}

_Static_assert(ARRAY_LEN(known_symptoms) <= POLICY_SYMPTOMS_MAX, "every known symptom must fit");

static void read_symptoms(struct loader *loader, const struct node *list, const char *who,
			  struct policy *policy)
{
	const struct node **nodes;
	size_t len;

	if (!list || !conf_is_kind(loader, list, NODE_LIST, who))
		return;
	policy->symptoms_len = 0;
	len = conf_texts(loader, list, who, &nodes);
	for (size_t i = 0; i < len; i++)
		read_symptom(loader, nodes[i], who, policy);
}

static void read_checklist(struct loader *loader, const struct node *list, const char *who,
			   struct policy *policy)
{
	if (!list || !conf_is_kind(loader, list, NODE_LIST, who))
		return;
	policy->tasks_len = 0;
	for (const struct node *map = list->first; map; map = map->next) {
		struct task_entry entry = {.task.before_eta = 0};

		if (policy->tasks_len == POLICY_TASKS_MAX) {
			conf_error(loader, map, "%s: checklist: at most %d tasks", who,
				   POLICY_TASKS_MAX);
			return;
		}
		if (!conf_is_kind(loader, map, NODE_MAP, "a task"))
			continue;
		conf_read_map(loader, map, &task_schema, conf_who(loader, map, "task"), &entry);
		for (size_t i = 0; i < policy->tasks_len; i++) {
			if (strcmp(policy->tasks[i].name, entry.task.name) == 0)
				conf_error(loader, conf_child(map, "task"),
					   "%s: task %s is given twice", who, entry.task.name);
		}
		if (entry.task.name[0])
			policy->tasks[policy->tasks_len++] = entry.task;
	}
}

/* What an event can say of where she goes (closedloop-events-v1, $defs/disposition). */
static const char *const dispositions[] = {
	"home", "central", "hospital", "transit", "other_province", "released",
};

static void read_sticker(struct loader *loader, const struct node *node, const char *who,
			 struct policy *policy)
{
	struct nearest sticker = {.word = node->key->text};
	struct nearest disposition = {.word = node->text};
	char *place = NULL;
	bool known = false;

	for (unsigned i = 0; i < STICKERS; i++) {
		const char *word = sticker_word((enum sticker)i);

		if (strcmp(word, node->key->text) == 0)
			place = policy->stickers[i];
		conf_nearest_offer(&sticker, word);
	}
	if (!place) {
		conf_error(loader, node->key,
			   "%s: stickers: \"%.64s\" is not one of green, yellow, red, none%s", who,
			   node->key->text, conf_nearest_hint(&sticker));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(dispositions); i++) {
		known = known || strcmp(dispositions[i], node->text) == 0;
		conf_nearest_offer(&disposition, dispositions[i]);
	}
	if (!known) {
		/* Misspelt, it would send nobody anywhere. */
		conf_error(loader, node, "%s: stickers: %s: no event can say \"%.64s\"%s", who,
			   node->key->text, node->text, conf_nearest_hint(&disposition));
		return;
	}
	(void)text_copy(place, POLICY_WORD_CAP, node->text);
}

static void read_stickers(struct loader *loader, const struct node *map, const char *who,
			  struct policy *policy)
{
	const char *label = arena_printf(loader->arena, "%s: stickers", who);

	if (!map || !conf_is_kind(loader, map, NODE_MAP, label))
		return;
	for (const struct node *node = map->first; node; node = node->next) {
		if (conf_text(loader, node, label))
			read_sticker(loader, node, who, policy);
	}
}

/* The node of ROOT.FIRST, or ROOT where nobody wrote it: what is wrong is then a default's meeting
 * with a value. */
static const struct node *place(const struct node *root, const char *first)
{
	const struct node *child = conf_child(root, first);

	return child ? child : root;
}

static void check_values(struct loader *loader, const struct node *root, const char *who,
			 const struct policy *policy)
{
	const struct node *checks = place(root, "checks");
	int64_t morning = policy->morning.to - policy->morning.from;
	int64_t evening = policy->evening.to - policy->evening.from;
	int64_t shorter = morning < evening ? morning : evening;

	if (morning <= 0)
		conf_error(loader, place(checks, "morning"),
			   "%s: the morning slot ends before it "
			   "begins",
			   who);
	if (evening <= 0)
		conf_error(loader, place(checks, "evening"),
			   "%s: the evening slot ends before it "
			   "begins",
			   who);
	if (morning <= 0 || evening <= 0)
		return;
	if (policy->evening.from < policy->morning.to)
		conf_error(loader, place(checks, "evening"),
			   "%s: the evening slot begins before the morning slot ends", who);
	if (policy->remind_after_open >= shorter)
		conf_error(loader, place(checks, "remind_after_open"),
			   "%s: the reminder would come after the slot's end", who);
	if (policy->remind_before_end >= shorter)
		conf_error(loader, place(checks, "remind_before_end"),
			   "%s: the reminder would come before the slot opens", who);
	if (policy->release_full_days > policy->isolation_days)
		conf_error(loader, place(place(root, "release"), "full_days"),
			   "%s: release asks for %d full days of an isolation of %d", who,
			   policy->release_full_days, policy->isolation_days);
}

void conf_policy_print(const struct policy *policy, int indent, bool says, FILE *out)
{
	conf_print_schema(&policy_schema, policy, indent, says, out);
	(void)fprintf(out, "%*ssymptoms: [", indent * 2, "");
	for (size_t i = 0; i < policy->symptoms_len; i++)
		(void)fprintf(out, "%s%s", i ? ", " : "", policy->symptoms[i]);
	(void)fprintf(out, "]\n%*sstickers: {", indent * 2, "");
	for (unsigned i = 0, shown = 0; i < STICKERS; i++) {
		if (policy->stickers[i][0])
			(void)fprintf(out, "%s%s: %s", shown++ ? ", " : "",
				      sticker_word((enum sticker)i), policy->stickers[i]);
	}
	(void)fprintf(out, "}\n%*schecklist:\n", indent * 2, "");
	for (size_t i = 0; i < policy->tasks_len; i++) {
		char room[WHEN_CAP];

		(void)fprintf(out, "%*s- {task: %s, before_eta: %s}\n", indent * 2 + 2, "",
			      policy->tasks[i].name,
			      when_duration_text(policy->tasks[i].before_eta, room));
	}
}

/* The hash of what the policy says, not of how the file says it: a comment or another order of keys
 * changes nothing. */
static void hash_values(struct policy *policy)
{
	uint8_t digest[16];
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		mem_exhausted(0);
	conf_policy_print(policy, 0, false, stream);
	if (fclose(stream) != 0)
		mem_exhausted(len);
	digest_blake2b(NULL, 0, text, len, digest, sizeof(digest));
	digest_hex(digest, (POLICY_HASH_CAP - 1) / 2, policy->hash, sizeof(policy->hash));
	free(text); /* The C library's own memory. */
}

static bool read_policy(struct loader *loader, const struct node *at, struct policy *policy,
			const struct node **name)
{
	const struct node *root = conf_yaml_read(loader, at, at->text);
	const struct node *fever;
	const char *who;

	if (!root || !conf_is_kind(loader, root, NODE_MAP, "a policy file"))
		return false;
	who = conf_who(loader, root, "policy");
	policy_defaults(policy);
	conf_read_map(loader, root, &policy_schema, who, policy);
	fever = conf_child(root, "fever");
	read_symptoms(loader, fever ? conf_child(fever, "symptoms") : NULL, who, policy);
	read_checklist(loader, conf_child(root, "checklist"), who, policy);
	read_stickers(loader, conf_child(root, "stickers"), who, policy);
	check_values(loader, root, who, policy);
	hash_values(policy);
	*name = place(root, "policy");
	return true;
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

void conf_read_policies(struct loader *loader, const struct node *paths)
{
	const struct node **nodes;
	size_t nodes_len = conf_texts(loader, paths, "policy", &nodes);
	struct policy *all = arena_alloc(loader->arena, (nodes_len + 1) * sizeof(*all));
	const struct node **names = arena_alloc(loader->arena, (nodes_len + 1) * sizeof(*names));
	size_t len = 0;

	if (paths->kind == NODE_LIST && paths->len == 0)
		conf_error(loader, paths, "policy: at least one policy is needed");
	for (size_t i = 0; i < nodes_len; i++) {
		struct policy policy;
		const struct node *name;
		size_t to = len;

		if (!read_policy(loader, nodes[i], &policy, &name))
			continue;
		for (size_t k = 0; k < len; k++)
			check_pair(loader, name, &all[k], &policy);
		while (to > 0 && all[to - 1].in_force_from > policy.in_force_from) {
			all[to] = all[to - 1];
			names[to] = names[to - 1];
			to--;
		}
		all[to] = policy;
		names[to] = name;
		len++;
	}
	loader->conf->policies = all;
	loader->conf->policies_len = len;
	loader->policy_nodes = names;
}
