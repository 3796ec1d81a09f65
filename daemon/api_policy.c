/* api_policy.c — a policy that is not in force: read and judged like a file, and what it would
 * change, in figures and in words. Neighbours: trial.c has the engine compare, over several turns.
 */
#include "daemon/api_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FILE_CAP     128
#define PROBLEMS_MAX 50
#define WORDS_CAP    600

/* --- In --- */

static void reply_problems(struct visit *visit, const struct conf_report *report)
{
	cJSON *out = cJSON_CreateObject();
	cJSON *problems = cJSON_AddArrayToObject(out, "problems");
	const char *first = "";

	for (size_t i = 0; i < report->len && i < PROBLEMS_MAX; i++) {
		const struct conf_problem *problem = &report->problems[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "file", problem->file);
		cJSON_AddNumberToObject(item, "line", problem->line);
		cJSON_AddNumberToObject(item, "column", problem->column);
		cJSON_AddBoolToObject(item, "warning", problem->warning);
		cJSON_AddStringToObject(item, "text", problem->text);
		cJSON_AddItemToArray(problems, item);
		if (!*first && !problem->warning)
			first = arena_printf(&visit->arena, "%s:%d:%d: %s", problem->file,
					     problem->line, problem->column, problem->text);
	}
	cJSON_AddStringToObject(out, "type", "about:blank");
	cJSON_AddStringToObject(out, "title", "Bad Request");
	cJSON_AddNumberToObject(out, "status", 400);
	cJSON_AddStringToObject(out, "code", "bad_policy");
	cJSON_AddStringToObject(out, "detail", first);
	reply_json(visit, 400, out);
}

/* A page of another site can have a browser post text, but not this type; see visit_body. */
static bool is_yaml(const struct http_request *request)
{
	const char *type = http_header(request, "content-type");

	return (type && strcasecmp(type, "application/yaml") == 0) ||
	       !http_header(request, "origin");
}

void api_policy_diff(struct visit *visit)
{
	const struct http_request *request = visit->call->request;
	const struct api_hooks *hooks = &visit->api->hooks;
	const struct policy *tried = NULL;
	struct conf_report report = {0};
	struct conf *with = NULL;
	char file[FILE_CAP];

	if (!hooks->policy_diff) {
		reply_problem(visit, 404, "not_found", NULL);
		return;
	}
	if (!is_yaml(request)) {
		reply_problem(visit, 415, "unsupported_media_type", "Send application/yaml.");
		return;
	}
	if (!http_query(request->query, "file", file, sizeof(file)) || !*file)
		text_copy(file, sizeof(file), "policy");
	int rc = conf_with_policy(&with, visit->api->conf, file, request->body, request->body_len,
				  visit->api->gazetteer, &tried, &report);
	if (rc < 0)
		reply_problems(visit, &report);
	else
		hooks->policy_diff(hooks->context, visit->call, with, tried);
	conf_report_free(&report);
}

/* --- Out --- */

struct figure {
	const char *name;
	unsigned count;
	const char *one, *many; /* NULL: only in figures */
};

static const char *say(const struct policy_diff *diff, const struct figure *figures, size_t len,
		       char *room, size_t cap)
{
	struct text words;

	text_init(&words, room, cap);
	if (diff->changed == 0) {
		text_addf(&words, "nothing changes for %u open journeys", diff->journeys);
		if (diff->other_policy > 0)
			text_addf(&words, ", %u go by another policy", diff->other_policy);
		return room;
	}
	text_addf(&words, "%u of %u open journeys change", diff->changed, diff->journeys);
	for (size_t i = 0; i < len; i++) {
		if (figures[i].many && figures[i].count > 0)
			text_addf(&words, ", %u %s", figures[i].count,
				  figures[i].count == 1 ? figures[i].one : figures[i].many);
	}
	return room;
}

static void add_pair(const struct view *view, cJSON *item, const char *name, const int64_t *pair)
{
	cJSON *both = cJSON_AddObjectToObject(item, name);

	view_time(view, both, "before", pair[0]);
	view_time(view, both, "after", pair[1]);
}

static cJSON *example_of(const struct view *view, const struct policy_example *example)
{
	cJSON *item = cJSON_CreateObject();

	cJSON_AddStringToObject(item, "id", example->journey);
	cJSON_AddStringToObject(item, "state", stage_word(example->stage));
	view_text(item, "unit", example->unit);
	cJSON *policy = cJSON_AddObjectToObject(item, "policy");
	cJSON_AddStringToObject(policy, "before", example->policy[0]);
	cJSON_AddStringToObject(policy, "after", example->policy[1]);
	cJSON *length = cJSON_AddObjectToObject(item, "length");
	cJSON_AddNumberToObject(length, "before", example->days[0]);
	cJSON_AddNumberToObject(length, "after", example->days[1]);
	add_pair(view, item, "ends_at", example->ends_at);
	add_pair(view, item, "release_at", example->release_at);
	add_pair(view, item, "next_deadline", example->next_due);
	view_text(item, "alerts", example->alerts);
	return item;
}

void api_reply_diff(struct http_call *call, const struct conf *conf, const struct policy *tried,
		    const struct policy_diff *diff)
{
	const struct view view = {.conf = conf};
	const struct figure figures[] = {
		{"journeys", diff->journeys, NULL, NULL},
		{"changed", diff->changed, NULL, NULL},
		{"other_policy", diff->other_policy, NULL, NULL},
		{"released_earlier", diff->released_earlier, "released earlier",
		 "released earlier"},
		{"released_later", diff->released_later, "released later", "released later"},
		{"ends_earlier", diff->ends_earlier, "isolated shorter", "isolated shorter"},
		{"ends_later", diff->ends_later, "isolated longer", "isolated longer"},
		{"alerts_more", diff->alerts_more, "alert more", "alerts more"},
		{"alerts_fewer", diff->alerts_fewer, "alert fewer", "alerts fewer"},
		{"next_sooner", diff->next_sooner, "next deadline sooner", "next deadlines sooner"},
		{"next_later", diff->next_later, "next deadline later", "next deadlines later"},
	};
	cJSON *out = cJSON_CreateObject();
	char room[WORDS_CAP], day[WHEN_CAP];

	cJSON_AddStringToObject(out, "summary",
				say(diff, figures, ARRAY_LEN(figures), room, sizeof(room)));
	cJSON_AddStringToObject(out, "policy", tried->name);
	cJSON_AddStringToObject(out, "hash", tried->hash);
	cJSON_AddStringToObject(out, "in_force_from", when_day_text(tried->in_force_from, day));
	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		cJSON_AddNumberToObject(out, figures[i].name, figures[i].count);
	cJSON *examples = cJSON_AddArrayToObject(out, "examples");
	for (size_t i = 0; i < diff->examples_len; i++)
		cJSON_AddItemToArray(examples, example_of(&view, &diff->examples[i]));
	char *printed = cJSON_PrintUnformatted(out);
	cJSON_Delete(out);
	api_reply_ok(call, printed);
	cJSON_free(printed);
}

/* --- In force --- */

static cJSON *policy_of(const struct policy *policy)
{
	cJSON *item = cJSON_CreateObject();
	char day[WHEN_CAP];

	cJSON_AddStringToObject(item, "name", policy->name);
	cJSON_AddStringToObject(item, "hash", policy->hash);
	cJSON_AddStringToObject(item, "in_force_from", when_day_text(policy->in_force_from, day));
	cJSON_AddStringToObject(item, "applies_to",
				policy->applies_to_open ? "open_journeys" : "arrivals");
	return item;
}

void add_policies(const struct conf *conf, cJSON *out)
{
	cJSON *policies = cJSON_AddArrayToObject(out, "policies");

	for (size_t i = 0; i < conf->policies_len; i++) {
		cJSON_AddItemToArray(policies, policy_of(&conf->policies[i]));
		for (size_t k = 0; k < conf->overrides[i].len; k++)
			cJSON_AddItemToArray(policies,
					     policy_of(&conf->overrides[i].items[k].policy));
	}
}
