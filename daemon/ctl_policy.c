/* ctl_policy.c — policy diff: what a policy file would change for everybody in the loop. Neighbour:
 * the daemon works it out (api_policy.c, trial.c); nothing is touched. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/mem.h"

#define PATH_CAP 1024

/* Every problem as FILE:LINE:COL, as --check prints those of a configuration. */
static int print_problems(const struct ctl_answer *answer)
{
	const char *detail = json_string(answer->tree, "detail");
	const char *code = json_string(answer->tree, "code");
	const cJSON *problems = json_get(answer->tree, "problems");
	const cJSON *problem;

	if (!problems)
		fprintf(stderr, "closedloopctl: %d %s: %s\n", answer->status, code ? code : "",
			detail ? detail : "refused");
	cJSON_ArrayForEach(problem, problems)
	{
		char line[16], column[16];

		fprintf(stderr, "%s:%s:%s: %s%s\n", json_string(problem, "file"),
			ctl_member(problem, "line", line, sizeof(line)),
			ctl_member(problem, "column", column, sizeof(column)),
			cJSON_IsTrue(json_get(problem, "warning")) ? "warning: " : "",
			json_string(problem, "text"));
	}
	return CTL_REFUSED;
}

static void print_diff(const cJSON *tree)
{
	static const struct ctl_column columns[] = {
		{"ID", "id"},
		{"STATE", "state"},
		{"UNIT", "unit"},
		{"BY", "policy.after"},
		{"ENDS", "ends_at.before"},
		{"WOULD END", "ends_at.after"},
		{"NEXT", "next_deadline.before"},
		{"WOULD BE NEXT", "next_deadline.after"},
		{"ALERTS", "alerts"},
	};
	const cJSON *examples = json_get(tree, "examples");

	printf("%s\n", json_string(tree, "summary"));
	if (cJSON_GetArraySize(examples) > 0)
		ctl_table(examples, columns, ARRAY_LEN(columns));
}

static int diff(struct ctl *ctl, const char *file)
{
	struct ctl_answer answer;
	char room[PATH_CAP];
	struct text path = TEXT_OVER(room);
	size_t len;
	char *body = ctl_read_file(file, &len);
	int rc;

	if (!body)
		return CTL_REFUSED;
	text_clear(&path);
	text_add(&path, "/v1/admin/policy-diff?file=");
	ctl_encode(&path, file);
	rc = ctl_call(ctl, "POST", room, "application/yaml", body, len, &answer);
	mem_free(body);
	if (rc)
		return rc;
	if (answer.status != 200)
		rc = print_problems(&answer);
	else if (ctl->json)
		puts(answer.body);
	else
		print_diff(answer.tree);
	ctl_answer_release(&answer);
	return rc;
}

int ctl_policy(struct ctl *ctl)
{
	if (ctl->argc == 2 && strcmp(ctl->argv[0], "diff") == 0)
		return diff(ctl, ctl->argv[1]);
	return CTL_USAGE;
}
