/* ctl_do.c — the verbs that make the daemon do something.
 * Neighbours: ctl_show.c has those that only ask; ctl_replay.c sends events. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

/* {"NAME": VALUE}, printed. The caller frees it with cJSON_free. */
static char *one_member(const char *name, const char *value)
{
	cJSON *body = cJSON_CreateObject();
	char *printed;

	cJSON_AddStringToObject(body, name, value);
	printed = cJSON_PrintUnformatted(body);
	cJSON_Delete(body);
	return printed;
}

static int list_dead(struct ctl *ctl)
{
	static const struct ctl_column columns[] = {
		{"ID", "id"},	       {"ENDPOINT", "endpoint"}, {"ALERT", "alert"},
		{"KIND", "kind"},      {"UNIT", "unit"},	 {"CREATED", "created_at"},
		{"TRIES", "attempts"}, {"ERROR", "error"},
	};
	struct ctl_answer answer;
	int rc = ctl_ask(ctl, "GET", "/v1/admin/dead-letters", NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	ctl_table(json_get(answer.tree, "dead_letters"), columns, ARRAY_LEN(columns));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static int redrive(struct ctl *ctl, const char *which)
{
	struct ctl_answer answer;
	char *body = one_member("id", which);
	int rc = ctl_ask(ctl, "POST", "/v1/admin/redrive", body, &answer);

	cJSON_free(body);
	if (rc || !answer.tree)
		return rc;
	printf("%.15g redriven\n", cJSON_GetNumberValue(json_get(answer.tree, "redriven")));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

int ctl_dead_letters(struct ctl *ctl)
{
	if (ctl->argc == 0 || (ctl->argc == 1 && strcmp(ctl->argv[0], "list") == 0))
		return list_dead(ctl);
	/* All of them only when it is said: hundreds of old messages at night wake people. */
	if (ctl->argc == 2 && strcmp(ctl->argv[0], "redrive") == 0)
		return redrive(ctl, ctl->argv[1]);
	return CTL_USAGE;
}

int ctl_send_test(struct ctl *ctl)
{
	struct ctl_answer answer;
	char *body;
	int rc;

	if (ctl->argc != 1)
		return CTL_USAGE;
	body = one_member("endpoint", ctl->argv[0]);
	rc = ctl_ask(ctl, "POST", "/v1/admin/send-test", body, &answer);
	cJSON_free(body);
	if (rc || !answer.tree)
		return rc;
	printf("a test notice to %s is on its way; see: closedloopctl endpoints\n", ctl->argv[0]);
	ctl_answer_release(&answer);
	return CTL_DONE;
}

int ctl_reload(struct ctl *ctl)
{
	struct ctl_answer answer;
	int rc;

	if (ctl->argc > 0)
		return CTL_USAGE;
	rc = ctl_ask(ctl, "POST", "/v1/admin/reload", "{}", &answer);
	if (rc || !answer.tree)
		return rc;
	puts("reloaded");
	ctl_answer_release(&answer);
	return CTL_DONE;
}
