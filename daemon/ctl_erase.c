/* ctl_erase.c — what the law asks for: erase somebody, give her what is known of her, and say
 * within the hour what an incident touched. Neighbours: ctl_csv.c exports many; api_erase.c,
 * api_export.c and api_admin.c answer. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

#define PATH_CAP 256

int ctl_erase(struct ctl *ctl)
{
	const char *reason = ctl_option(ctl, "--reason"), *by = ctl_option(ctl, "--by");
	char room[PATH_CAP], at[64];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;

	if (ctl->argc != 1 || !reason || !*reason)
		return CTL_USAGE;
	text_clear(&path);
	text_add(&path, "/v1/journeys/");
	ctl_encode(&path, ctl->argv[0]);
	text_add(&path, "/erase");
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "reason", reason);
	if (by)
		cJSON_AddStringToObject(body, "by", by);
	int rc = ctl_post(ctl, room, body, &answer);

	if (rc || !answer.tree)
		return rc;
	printf("%s erased at %s\n", ctl->argv[0],
	       ctl_member(answer.tree, "erased_at", at, sizeof(at)));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static int export_person(struct ctl *ctl)
{
	char room[PATH_CAP];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;

	ctl->purpose = ctl_option(ctl, "--purpose");
	if (ctl->argc != 1 || !ctl->purpose || !*ctl->purpose)
		return CTL_USAGE;
	text_clear(&path);
	text_add(&path, "/v1/journeys/");
	ctl_encode(&path, ctl->argv[0]);
	text_add(&path, "/export");
	int rc = ctl_ask(ctl, "GET", room, NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	char *printed = cJSON_Print(answer.tree);

	puts(printed);
	cJSON_free(printed);
	ctl_answer_release(&answer);
	return CTL_DONE;
}

int ctl_export(struct ctl *ctl)
{
	const char *what = ctl->argc > 0 ? ctl->argv[0] : "";

	ctl->argv++;
	ctl->argc--;
	if (strcmp(what, "person") == 0)
		return export_person(ctl);
	return strcmp(what, "journeys") == 0 ? ctl_export_journeys(ctl) : CTL_USAGE;
}

/* --- What an incident touched --- */

/* How often each thing was written down; "who" beside it where somebody looked. */
struct tally {
	cJSON *lines;
};

static void count(struct tally *tally, const char *what, const char *who, double times)
{
	char key[256];
	cJSON *number;

	(void)snprintf(key, sizeof(key), "%s%s%s", what, *who ? " by " : "", who);
	number = cJSON_GetObjectItemCaseSensitive(tally->lines, key);
	if (number)
		cJSON_SetNumberValue(number, number->valuedouble + times);
	else
		cJSON_AddNumberToObject(tally->lines, key, times);
}

/* Only what is not ordinary work: who looked, what was taken out, erased, given and turned. */
static void take_line(struct tally *tally, const cJSON *line)
{
	static const struct json_limits limits = {.depth_max = 4, .nodes_max = 64};
	const char *what = json_string(line, "what");
	const char *text = json_string(line, "note");
	cJSON *note = NULL;

	if (!what || (text_starts(what, "journey.") && strcmp(what, "journey.erased") != 0) ||
	    text_starts(what, "traveler.") || text_starts(what, "transfer.") ||
	    text_starts(what, "flight.") || text_starts(what, "health."))
		return;
	if (text && *text == '{')
		(void)json_parse(&note, text, strlen(text), &limits, NULL);
	const cJSON *times = json_get(note, "count"); /* One line may tell of many. */

	count(tally, what, json_string(note, "who") ? json_string(note, "who") : "",
	      cJSON_IsNumber(times) ? times->valuedouble : 1);
	cJSON_Delete(note);
}

/* Back from the newest line until one from before SINCE. */
static int read_back(struct ctl *ctl, struct tally *tally, const char *since)
{
	double next = 0;
	bool more = true;
	int rc = CTL_DONE;

	while (more && rc == CTL_DONE) {
		char room[PATH_CAP];
		struct text path = TEXT_OVER(room);
		struct ctl_answer answer;
		const cJSON *line;

		text_clear(&path);
		text_add(&path, "/v1/admin/ledger-lines?since=");
		ctl_encode(&path, since);
		if (next > 0)
			text_addf(&path, "&before=%.15g", next);
		rc = ctl_ask(ctl, "GET", room, NULL, &answer);
		if (rc)
			break;
		cJSON_ArrayForEach(line, json_get(answer.tree, "lines"))
		{
			take_line(tally, line);
		}
		more = cJSON_IsNumber(json_get(answer.tree, "next"));
		next = more ? json_get(answer.tree, "next")->valuedouble : 0;
		ctl_answer_release(&answer);
	}
	return rc;
}

static void print_exposed(const cJSON *status)
{
	const cJSON *stage;
	double all = 0;

	cJSON_ArrayForEach(stage, json_get(status, "stages"))
	{
		all += stage->valuedouble;
	}
	printf("\njourneys known: %.15g (erased ones are counted, and hold nothing personal)\n",
	       all);
	cJSON_ArrayForEach(stage, json_get(status, "stages"))
	{
		if (stage->valuedouble > 0)
			printf("  %-14s %.15g\n", stage->string, stage->valuedouble);
	}
	puts("classes held of each that is not erased: P1 stage, unit, times; P2 name, phones, "
	     "address; P3 document, health answers\n(SECURITY.md, Data map)");
}

int ctl_incident_report(struct ctl *ctl)
{
	const char *since = ctl_option(ctl, "--since");
	struct ctl_answer status;
	struct tally tally;
	const cJSON *line;
	char cell[128];

	if (ctl->argc > 0)
		return CTL_USAGE;
	ctl->json = false;
	int rc = ctl_ask(ctl, "GET", "/v1/admin/status", NULL, &status);

	if (rc)
		return rc;
	tally.lines = cJSON_CreateObject();
	rc = read_back(ctl, &tally, since ? since : "");
	if (rc == CTL_DONE) {
		printf("incident report at %s, version %s\n",
		       ctl_member(status.tree, "now", cell, sizeof(cell)),
		       json_string(status.tree, "version"));
		printf("looked at: %s\n", since ? since : "the last 24 hours");
		print_exposed(status.tree);
		puts("\nwritten in the ledger since then, beside ordinary work:");
		if (!tally.lines->child)
			puts("  nothing");
		cJSON_ArrayForEach(line, tally.lines)
		{
			printf("  %6.15g  %s\n", line->valuedouble, line->string);
		}
		puts("\nnot in this report: refused logins and what the network saw (log, "
		     "metrics).");
	}
	cJSON_Delete(tally.lines);
	ctl_answer_release(&status);
	return rc;
}
