/* ctl_token.c — tokens: make one, list, revoke. What is made is printed once, alone on stdout, so
 * that it can go into a file; it is never an argument. Neighbours: api_token.c answers. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

#define PATH_CAP 256

static int list(struct ctl *ctl)
{
	static const struct ctl_column columns[] = {
		{"NAME", "name"},     {"ROLE", "role"},		 {"SCOPE", "scope"},
		{"FROM", "from"},     {"STATE", "state"},	 {"MADE", "made_at"},
		{"BY", "made_by"},    {"EXPIRES", "expires_at"}, {"REVOKED", "revoked_at"},
		{"BY", "revoked_by"},
	};
	struct ctl_answer answer;
	int rc = ctl_ask(ctl, "GET", "/v1/admin/tokens", NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	ctl_table(json_get(answer.tree, "tokens"), columns, ARRAY_LEN(columns));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static int add(struct ctl *ctl)
{
	const char *role = ctl_option(ctl, "--role"), *scope = ctl_option(ctl, "--scope");
	const char *expires = ctl_option(ctl, "--expires");
	struct ctl_answer answer;
	char until[64], shown[32];

	if (ctl->argc != 1 || !role)
		return CTL_USAGE;
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "name", ctl->argv[0]);
	cJSON_AddStringToObject(body, "role", role);
	if (scope)
		cJSON_AddStringToObject(body, "scope", scope);
	/* A day has hyphens, a duration has none. */
	if (expires)
		cJSON_AddStringToObject(body, strchr(expires, '-') ? "expires_at" : "expires_in",
					expires);
	char *printed = cJSON_PrintUnformatted(body);
	int rc = ctl_ask(ctl, "POST", "/v1/admin/tokens", printed, &answer);

	cJSON_free(printed);
	cJSON_Delete(body);
	if (rc || !answer.tree)
		return rc;
	fprintf(stderr, "closedloopctl: %s, %s, until %s; this is shown once:\n", ctl->argv[0],
		ctl_member(answer.tree, "role", shown, sizeof(shown)),
		ctl_member(answer.tree, "expires_at", until, sizeof(until)));
	const char *token = json_string(answer.tree, "token");

	puts(token ? token : "");
	ctl_answer_release(&answer);
	return token ? CTL_DONE : CTL_REFUSED;
}

static int revoke(struct ctl *ctl)
{
	char room[PATH_CAP];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;

	if (ctl->argc != 1)
		return CTL_USAGE;
	text_clear(&path);
	text_add(&path, "/v1/admin/tokens/");
	ctl_encode(&path, ctl->argv[0]);
	text_add(&path, "/revoke");
	int rc = ctl_ask(ctl, "POST", room, "{}", &answer);

	if (rc || !answer.tree)
		return rc;
	printf("%s is revoked\n", ctl->argv[0]);
	ctl_answer_release(&answer);
	return CTL_DONE;
}

int ctl_token(struct ctl *ctl)
{
	const char *what = ctl->argc > 0 ? ctl->argv[0] : "list";

	if (ctl->argc > 0) {
		ctl->argv++;
		ctl->argc--;
	}
	if (strcmp(what, "list") == 0 && ctl->argc == 0)
		return list(ctl);
	if (strcmp(what, "add") == 0)
		return add(ctl);
	return strcmp(what, "revoke") == 0 ? revoke(ctl) : CTL_USAGE;
}
