/* ctl_silence.c — silences: make one with an author, a reason and an end; list; end one early.
 * Neighbours: ctl_do.c has the other verbs that change something; api_silences.c answers. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/when.h"

#define PATH_CAP 256

static int list(struct ctl *ctl)
{
	static const struct ctl_column columns[] = {
		{"ID", "id"},	    {"KIND", "kind"},	{"UNIT", "unit"}, {"SUBJECT", "subject"},
		{"UNTIL", "until"}, {"HIDES", "hides"}, {"BY", "by"},	  {"REASON", "reason"},
	};
	struct ctl_answer answer;
	int rc = ctl_ask(ctl, "GET", "/v1/silences", NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	ctl_table(json_get(answer.tree, "silences"), columns, ARRAY_LEN(columns));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

/* The end SPAN ("2h") from now, by the daemon's clock: a drill has its own. */
static int end_after(struct ctl *ctl, const char *span, char until[WHEN_CAP])
{
	struct ctl_answer answer;
	struct err err = ERR_INIT;
	int64_t ms, now;
	bool json = ctl->json;

	if (when_parse_duration(span, &ms, &err) < 0) {
		fprintf(stderr, "closedloopctl: --for %s: %s\n", span, err.text);
		return CTL_USAGE;
	}
	ctl->json = false; /* The answer is needed, not shown. */
	int rc = ctl_ask(ctl, "GET", "/v1/admin/status", NULL, &answer);
	ctl->json = json;
	if (rc)
		return rc;
	const char *text = json_string(answer.tree, "now");
	bool known = text && when_parse(text, &now, &err) == 0;

	if (known)
		(void)when_text(now + ms, NULL, until);
	ctl_answer_release(&answer);
	return known ? CTL_DONE : CTL_REFUSED;
}

static void add_text(cJSON *body, const char *name, const char *value)
{
	if (value)
		cJSON_AddStringToObject(body, name, value);
}

static int send(struct ctl *ctl, const char *path, cJSON *body)
{
	char *printed = cJSON_PrintUnformatted(body);
	struct ctl_answer answer;
	char id[32], until[64], hides[32];
	int rc = ctl_ask(ctl, "POST", path, printed, &answer);

	cJSON_free(printed);
	if (rc || !answer.tree)
		return rc;
	printf("%s until %s, hides %s now\n", ctl_member(answer.tree, "id", id, sizeof(id)),
	       ctl_member(answer.tree, "until", until, sizeof(until)),
	       ctl_member(answer.tree, "hides", hides, sizeof(hides)));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static int add(struct ctl *ctl)
{
	const char *by = ctl_option(ctl, "--by"), *reason = ctl_option(ctl, "--reason");
	const char *until = ctl_option(ctl, "--until"), *span = ctl_option(ctl, "--for");
	const char *kind = ctl_option(ctl, "--kind"), *unit = ctl_option(ctl, "--unit");
	const char *subject = ctl_option(ctl, "--subject");
	bool force = ctl_flag(ctl, "--force");
	char end[WHEN_CAP];

	if (ctl->argc > 0 || !by || !reason || !until == !span)
		return CTL_USAGE;
	if (span) {
		int rc = end_after(ctl, span, end);

		if (rc)
			return rc;
		until = end;
	}
	cJSON *body = cJSON_CreateObject();

	add_text(body, "kind", kind);
	add_text(body, "unit", unit);
	add_text(body, "subject", subject);
	add_text(body, "by", by);
	add_text(body, "reason", reason);
	add_text(body, "until", until);
	if (force)
		cJSON_AddTrueToObject(body, "force");
	int rc = send(ctl, "/v1/silences", body);

	cJSON_Delete(body);
	return rc;
}

static int end(struct ctl *ctl)
{
	const char *by = ctl_option(ctl, "--by");
	char room[PATH_CAP];
	struct text path = TEXT_OVER(room);

	if (ctl->argc != 1)
		return CTL_USAGE;
	text_clear(&path);
	text_add(&path, "/v1/silences/");
	ctl_encode(&path, ctl->argv[0]);
	text_add(&path, "/end");
	cJSON *body = cJSON_CreateObject();

	add_text(body, "by", by);
	int rc = send(ctl, room, body);

	cJSON_Delete(body);
	return rc;
}

int ctl_silences(struct ctl *ctl)
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
	return strcmp(what, "end") == 0 ? end(ctl) : CTL_USAGE;
}
