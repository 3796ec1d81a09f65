/* ctl_alias.c — what officers taught: list, undo. Neighbours: api_aliases.c answers. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

#define PATH_CAP 256

static void add_query(struct text *path, const char *name, const char *value)
{
	if (!value)
		return;
	text_addf(path, "%c%s=", strchr(path->data, '?') ? '&' : '?', name);
	ctl_encode(path, value);
}

static int list(struct ctl *ctl)
{
	static const struct ctl_column columns[] = {
		{"ID", "id"},
		{"KIND", "kind"},
		{"KEY", "key"},
		{"COMMITTEE", "committee"},
		{"BY", "by"},
		{"WHEN", "at"},
		{"JOURNEY", "journey"},
		{"UNDONE", "undone_at"},
		{"UNDONE BY", "undone_by"},
	};
	const char *unit = ctl_option(ctl, "--unit"), *after = ctl_option(ctl, "--after");
	bool undone = ctl_flag(ctl, "--undone");
	char room[PATH_CAP], next[32];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;

	if (ctl->argc > 0)
		return CTL_USAGE;
	text_clear(&path);
	text_add(&path, "/v1/aliases");
	add_query(&path, "unit", unit);
	add_query(&path, "after", after);
	add_query(&path, "undone", undone ? "true" : NULL);
	int rc = ctl_ask(ctl, "GET", room, NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	ctl_table(json_get(answer.tree, "aliases"), columns, ARRAY_LEN(columns));
	if (json_string(answer.tree, "next"))
		printf("more: aliases list --after %s\n",
		       ctl_member(answer.tree, "next", next, sizeof(next)));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static int undo(struct ctl *ctl)
{
	const char *by = ctl_option(ctl, "--by"), *reason = ctl_option(ctl, "--reason");
	char room[PATH_CAP], id[32], committee[256];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;

	if (ctl->argc != 1)
		return CTL_USAGE;
	text_clear(&path);
	text_add(&path, "/v1/aliases/");
	ctl_encode(&path, ctl->argv[0]);
	text_add(&path, "/undo");
	cJSON *body = cJSON_CreateObject();

	if (by)
		cJSON_AddStringToObject(body, "by", by);
	if (reason)
		cJSON_AddStringToObject(body, "reason", reason);
	int rc = ctl_post(ctl, room, body, &answer);

	if (rc || !answer.tree)
		return rc;
	printf("%s no longer means %s\n", ctl_member(answer.tree, "id", id, sizeof(id)),
	       ctl_member(answer.tree, "committee", committee, sizeof(committee)));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

int ctl_aliases(struct ctl *ctl)
{
	const char *what = ctl->argc > 0 && *ctl->argv[0] != '-' ? ctl->argv[0] : NULL;

	if (what) {
		ctl->argv++;
		ctl->argc--;
	}
	if (!what || strcmp(what, "list") == 0)
		return list(ctl);
	return strcmp(what, "undo") == 0 ? undo(ctl) : CTL_USAGE;
}
