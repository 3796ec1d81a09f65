/* conf_escalation.c — who is called next, per kind of alert, and who gets what nobody answered.
 * Neighbours: loop/alert.c knows the kinds; conf_check resolves the endpoints named here; the
 * engine walks the steps. */
#include "conf_private.h"

#include <string.h>

#include "closedloop/alert.h"
#include "closedloop/text.h"

const struct choice conf_step_targets[] = {
	{"committee", STEP_COMMITTEE}, {"street", STEP_STREET},	    {"district", STEP_DISTRICT},
	{"city", STEP_CITY},	       {"province", STEP_PROVINCE}, {NULL, 0},
};

static const struct choice repeats[] = {
	{"forever", 1},
	{"never", 0},
	{NULL, 0},
};

struct step_entry {
	const struct node *to;
	int64_t wait;
	int repeat;
};

static const struct field step_fields[] = {
	{.key = "to",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct step_entry, to),
	 .allowed = ALLOW(NODE_SCALAR),
	 .required = true,
	 .says = "committee, street, district, city, province or an endpoint's name"},
	{.key = "wait",
	 .type = FIELD_DURATION,
	 .offset = offsetof(struct step_entry, wait),
	 .most = WHEN_DAY,
	 .required = true,
	 .says = "how long the one who was told has before the next is"},
	{.key = "repeat",
	 .type = FIELD_WORD,
	 .offset = offsetof(struct step_entry, repeat),
	 .choices = repeats,
	 .says = "forever: the last step again and again until it is taken"},
};
static SCHEMA(step, "step");

static void read_target(struct loader *loader, const struct node *to, const char *who,
			struct conf_step *step)
{
	if (!to || !conf_text(loader, to, who))
		return;
	for (const struct choice *level = conf_step_targets; level->word; level++) {
		if (strcmp(level->word, to->text) == 0) {
			step->target = (enum conf_step_target)level->value;
			return;
		}
	}
	step->target = STEP_ENDPOINT;
	step->endpoint = to->text;
	conf_refer(loader, REFER_STEP, to, who);
}

static void read_steps(struct loader *loader, const struct node *list,
		       struct conf_escalation *escalation)
{
	const char *who = arena_printf(loader->arena, "escalation %s", escalation->name);

	if (!conf_is_kind(loader, list, NODE_LIST, who))
		return;
	if (list->len == 0)
		conf_error(loader, list, "%s has no steps: nobody would be called", who);
	for (const struct node *map = list->first; map; map = map->next) {
		struct step_entry entry = {.wait = WHEN_MINUTE};
		struct conf_step step = {.endpoint = NULL};

		if (escalation->len == CONF_STEPS_MAX) {
			conf_error(loader, map, "%s: at most %d steps", who, CONF_STEPS_MAX);
			return;
		}
		if (!conf_is_kind(loader, map, NODE_MAP, who))
			continue;
		conf_read_map(loader, map, &step_schema, who, &entry);
		read_target(loader, entry.to, who, &step);
		step.wait = entry.wait;
		step.repeat = entry.repeat != 0;
		if (step.repeat && map->next)
			conf_error(loader, conf_child(map, "repeat")->key,
				   "%s: only the last step may repeat: those after it would never "
				   "be called",
				   who);
		if (step.repeat && step.wait < WHEN_SECOND)
			conf_error(loader, map,
				   "%s: a step that repeats needs a wait of at least 1s", who);
		escalation->steps[escalation->len++] = step;
	}
}

static bool is_kind(const char *word)
{
	return strcmp(word, "default") == 0 || alert_kind_of(word) >= 0;
}

static void refuse_kind(struct loader *loader, const struct node *child)
{
	struct nearest nearest = {.word = child->key->text};

	for (int kind = 0; kind < ALERT_KINDS; kind++)
		nearest_offer(&nearest, alert_traits((enum alert_kind)kind)->word);
	nearest_offer(&nearest, "default");
	nearest_offer(&nearest, "fallback");
	conf_error(loader, child->key, "escalation: there is no alert of kind \"%.64s\"%s",
		   child->key->text, nearest_hint(&nearest));
}

void conf_read_escalation(struct loader *loader, const struct node *map)
{
	struct conf_escalation *all = arena_alloc(loader->arena, (map->len + 1) * sizeof(*all));
	const struct node *fallback = conf_child(map, "fallback");
	size_t len = 0;

	if (!conf_is_kind(loader, map, NODE_MAP, "escalation"))
		return;
	for (const struct node *child = map->first; child; child = child->next) {
		if (child == fallback || child->bad)
			continue;
		if (!is_kind(child->key->text)) {
			refuse_kind(loader, child);
			continue;
		}
		all[len].name = child->key->text;
		read_steps(loader, child, &all[len++]);
	}
	if (!conf_child(map, "default") && !loader->incomplete)
		conf_error(loader, map,
			   "escalation lacks the key \"default\": the steps of every "
			   "kind that has none of its own");
	if (!fallback && !loader->incomplete)
		conf_error(loader, map,
			   "escalation lacks the key \"fallback\": the endpoint that "
			   "gets what nobody answered");
	if (fallback && conf_text(loader, fallback, "escalation: fallback")) {
		loader->conf->fallback = fallback->text;
		conf_refer(loader, REFER_ENDPOINT, fallback, "escalation: fallback");
	}
	loader->conf->escalations = all;
	loader->conf->escalations_len = len;
}
