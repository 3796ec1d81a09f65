/* conf_policy.c — the lists of one policy, what its values must be to each other, how they are
 * printed, and the hash of them. Neighbours: conf_policy_table.c lists the numbers; conf_ruleset.c
 * reads the files, conf_override.c what is different for some. */
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
		nearest_offer(&nearest, known_symptoms[i]);
	}
	if (!known) {
		/* A misspelt symptom would be a fever that nobody sees. */
		conf_error(loader, node, "%s: symptoms: no event can say \"%.64s\"%s", who,
			   node->text, nearest_hint(&nearest));
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
		nearest_offer(&sticker, word);
	}
	if (!place) {
		conf_error(loader, node->key,
			   "%s: stickers: \"%.64s\" is not one of green, yellow, red, none%s", who,
			   node->key->text, nearest_hint(&sticker));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(dispositions); i++) {
		known = known || strcmp(dispositions[i], node->text) == 0;
		nearest_offer(&disposition, dispositions[i]);
	}
	if (!known) {
		/* Misspelt, it would send nobody anywhere. */
		conf_error(loader, node, "%s: stickers: %s: no event can say \"%.64s\"%s", who,
			   node->key->text, node->text, nearest_hint(&disposition));
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

void conf_hash(const char *text, size_t len, char hash[POLICY_HASH_CAP])
{
	uint8_t digest[16];

	digest_blake2b(NULL, 0, text, len, digest, sizeof(digest));
	digest_hex(digest, (POLICY_HASH_CAP - 1) / 2, hash, POLICY_HASH_CAP);
}

/* The hash of what the policy says, not of how the file says it: a comment or another order of keys
 * changes nothing. */
static void hash_values(struct policy *policy)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		mem_exhausted(0);
	conf_policy_print(policy, 0, false, stream);
	if (fclose(stream) != 0)
		mem_exhausted(len);
	conf_hash(text, len, policy->hash);
	free(text); /* The C library's own memory. */
}

void conf_policy_sections(struct loader *loader, const struct node *map, const char *who,
			  struct policy *policy)
{
	const struct node *fever = conf_child(map, "fever");

	read_symptoms(loader, fever ? conf_child(fever, "symptoms") : NULL, who, policy);
	read_checklist(loader, conf_child(map, "checklist"), who, policy);
	read_stickers(loader, conf_child(map, "stickers"), who, policy);
	check_values(loader, map, who, policy);
	hash_values(policy);
}
