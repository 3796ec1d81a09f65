/* ctl_show.c — the verbs that ask and print.
 * Neighbours: ctl_do.c has those that change something; ctl_table.c prints. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

#define PATH_CAP 4096

static int show_table(struct ctl *ctl, const char *path, const char *member,
		      const struct ctl_column *columns, size_t len)
{
	struct ctl_answer answer;
	int rc;

	if (ctl->argc > 0)
		return CTL_USAGE;
	rc = ctl_ask(ctl, "GET", path, NULL, &answer);
	if (rc == CTL_DONE && answer.tree)
		ctl_table(json_get(answer.tree, member), columns, len);
	if (rc == CTL_DONE)
		ctl_answer_release(&answer);
	return rc;
}

static void print_stages(const cJSON *tree)
{
	const cJSON *stage;

	cJSON_ArrayForEach(stage, json_get(tree, "stages"))
	{
		if (stage->valuedouble > 0)
			printf("  %-14s %.15g\n", stage->string, stage->valuedouble);
	}
}

static void print_members(const cJSON *tree, const char *const *members, size_t len)
{
	char cell[256];

	for (size_t i = 0; i < len; i++)
		printf("%-16s %s\n", members[i], ctl_member(tree, members[i], cell, sizeof(cell)));
}

static void print_ledger(const cJSON *ledger)
{
	char rows[32], head[64], at[64];
	const char *to = json_string(ledger, "heads_to");

	printf("ledger of %s rows, last head %s, %s%s; verified %s%s\n",
	       ctl_member(ledger, "rows", rows, sizeof(rows)),
	       ctl_member(ledger, "last_head", head, sizeof(head)),
	       to ? "sent to " : "heads are sent to nobody: set ledger.head_to", to ? to : "",
	       ctl_member(ledger, "verified_at", at, sizeof(at)),
	       cJSON_IsFalse(json_get(ledger, "whole")) ? ": NOT as it was written" : "");
}

static void print_keys(const cJSON *keys)
{
	const char *master = json_string(keys, "master");
	double left = cJSON_GetNumberValue(json_get(keys, "left"));

	if (master && strcmp(master, "state_dir") == 0)
		puts("master key: it lies beside what it locks, in the state directory; name "
		     "another by master_key_file");
	if (left > 0)
		printf("master key: %.15g keys are still wrapped by the one before\n", left);
}

int ctl_status(struct ctl *ctl)
{
	static const char *const members[] = {
		"version",	"now",	"since",       "drill",		  "config",
		"store_ok",	"open", "alerts_open", "alerts_silenced", "alerts_inhibited",
		"notices_ready"};
	struct ctl_answer answer;
	const cJSON *name, *policy, *tls;
	int rc;

	if (ctl->argc > 0)
		return CTL_USAGE;
	rc = ctl_ask(ctl, "GET", "/v1/admin/status", NULL, &answer);
	if (rc || !answer.tree)
		return rc;
	print_members(answer.tree, members, ARRAY_LEN(members));
	print_stages(answer.tree);
	print_ledger(json_get(answer.tree, "ledger"));
	cJSON_ArrayForEach(policy, json_get(answer.tree, "policies"))
	{
		printf("policy %s from %s for %s, %s\n", json_string(policy, "name"),
		       json_string(policy, "in_force_from"), json_string(policy, "applies_to"),
		       json_string(policy, "hash"));
	}
	tls = json_get(answer.tree, "tls");
	if (tls)
		printf("certificate ends %s%s\n", json_string(tls, "certificate_expires_at"),
		       cJSON_IsTrue(json_get(tls, "certificate_ends_soon"))
			       ? ": soon; replace it and reload"
			       : "");
	cJSON_ArrayForEach(name, json_get(answer.tree, "endpoints_in_trouble"))
	{
		printf("endpoint in trouble: %s\n", name->valuestring);
	}
	cJSON_ArrayForEach(name, json_get(answer.tree, "tokens_expiring"))
	{
		printf("token expires soon: %s\n", name->valuestring);
	}
	print_keys(json_get(answer.tree, "keys"));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static void add_filter(struct ctl *ctl, struct text *path, const char *option, const char *name)
{
	const char *value = ctl_option(ctl, option);

	if (!value)
		return;
	text_addf(path, "&%s=", name);
	ctl_encode(path, value);
}

static const struct ctl_column journey_columns[] = {
	{"ID", "id"},
	{"STATE", "state"},
	{"NAME", "name"},
	{"FLIGHT", "flight"},
	{"COMMITTEE", "committee_code"},
	{"HOLDER", "holder"},
	{"ALERTS", "open_alerts"},
	{"NEXT", "next_deadline.rule"},
	{"AT", "next_deadline.at"},
};

/* Follow the pages, and print all in one table. */
static int all_pages(struct ctl *ctl, const char *query)
{
	cJSON *all = cJSON_CreateArray();
	char next[64] = "";
	int rc;

	do {
		char room[PATH_CAP];
		struct text path = TEXT_OVER(room);
		struct ctl_answer answer;
		cJSON *list, *item;

		text_clear(&path);
		text_addf(&path, "/v1/journeys?limit=500%s%s%s", query, *next ? "&after=" : "",
			  next);
		rc = ctl_ask(ctl, "GET", room, NULL, &answer);
		if (rc || !answer.tree)
			break;
		list = cJSON_GetObjectItemCaseSensitive(answer.tree, "journeys");
		while ((item = cJSON_DetachItemFromArray(list, 0)))
			cJSON_AddItemToArray(all, item);
		text_copy(next, sizeof(next),
			  json_string(answer.tree, "next") ? json_string(answer.tree, "next") : "");
		ctl_answer_release(&answer);
	} while (*next);
	if (rc == CTL_DONE && !ctl->json)
		ctl_table(all, journey_columns, ARRAY_LEN(journey_columns));
	cJSON_Delete(all);
	return rc;
}

int ctl_journeys(struct ctl *ctl)
{
	char room[PATH_CAP];
	struct text query = TEXT_OVER(room);
	bool all = ctl_flag(ctl, "--all");

	text_clear(&query);
	add_filter(ctl, &query, "--unit", "unit");
	add_filter(ctl, &query, "--state", "state");
	add_filter(ctl, &query, "--flight", "flight");
	add_filter(ctl, &query, "--transfer", "transfer");
	add_filter(ctl, &query, "--source", "source");
	add_filter(ctl, &query, "--ref", "ref");
	if (ctl->argc > 0)
		return CTL_USAGE;
	/* Whoever asks for one person or one state means it; else those that are watched. */
	if (query.len == 0 && !all)
		text_add(&query, "&state=open");
	return all_pages(ctl, room);
}

int ctl_why(struct ctl *ctl)
{
	char room[PATH_CAP], cell[400];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;
	const cJSON *reason;
	int rc;

	if (ctl->argc != 1)
		return CTL_USAGE;
	text_clear(&path);
	text_add(&path, "/v1/journeys/");
	ctl_encode(&path, ctl->argv[0]);
	text_add(&path, "/why");
	rc = ctl_ask(ctl, "GET", room, NULL, &answer);
	if (rc || !answer.tree)
		return rc;
	printf("%s is %s", ctl->argv[0], ctl_member(answer.tree, "state", cell, sizeof(cell)));
	printf(", held by %s", ctl_member(answer.tree, "holder", cell, sizeof(cell)));
	printf(", at %s\n", ctl_member(answer.tree, "now", cell, sizeof(cell)));
	cJSON_ArrayForEach(reason, json_get(answer.tree, "why"))
	{
		printf("%-9s", ctl_member(reason, "what", cell, sizeof(cell)));
		printf("%s\n", ctl_member(reason, "rule", cell, sizeof(cell)));
		printf("         %s\n", ctl_member(reason, "words", cell, sizeof(cell)));
	}
	ctl_answer_release(&answer);
	return CTL_DONE;
}

int ctl_reveal(struct ctl *ctl)
{
	char room[PATH_CAP], cell[512];
	struct text path = TEXT_OVER(room);
	struct ctl_answer answer;
	int rc;

	ctl->purpose = ctl_option(ctl, "--purpose");
	if (ctl->argc != 2 || !ctl->purpose || !*ctl->purpose)
		return CTL_USAGE;
	text_clear(&path);
	text_add(&path, "/v1/journeys/");
	ctl_encode(&path, ctl->argv[0]);
	text_add(&path, "/reveal?field=");
	ctl_encode(&path, ctl->argv[1]);
	rc = ctl_ask(ctl, "GET", room, NULL, &answer);
	if (rc || !answer.tree)
		return rc;
	printf("%s\n", ctl_member(answer.tree, "value", cell, sizeof(cell)));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

static int census_verdict(struct ctl *ctl, struct ctl_answer *answer)
{
	const cJSON *violations = json_get(answer->tree, "violations"), *violation;
	char journey[64], rule[128];

	printf("open %.15g, alerts %.15g, notices %.15g\n",
	       cJSON_GetNumberValue(json_get(answer->tree, "open")),
	       cJSON_GetNumberValue(json_get(answer->tree, "alerts_open")),
	       cJSON_GetNumberValue(json_get(answer->tree, "notices_ready")));
	print_stages(answer->tree);
	cJSON_ArrayForEach(violation, violations)
	{
		fprintf(stderr, "%s: %s\n",
			ctl_member(violation, "journey", journey, sizeof(journey)),
			ctl_member(violation, "rule", rule, sizeof(rule)));
	}
	(void)ctl;
	return cJSON_GetArraySize(violations) > 0 ? CTL_REFUSED : CTL_DONE;
}

int ctl_census(struct ctl *ctl)
{
	struct ctl_answer answer;
	bool json = ctl->json;
	int rc;

	if (ctl->argc > 0)
		return CTL_USAGE;
	ctl->json = false; /* The exit code needs the answer, too. */
	rc = ctl_ask(ctl, "GET", "/v1/admin/census", NULL, &answer);
	if (rc)
		return rc;
	if (json) {
		puts(answer.body);
		rc = cJSON_GetArraySize(json_get(answer.tree, "violations")) > 0 ? CTL_REFUSED
										 : CTL_DONE;
	} else {
		rc = census_verdict(ctl, &answer);
	}
	ctl_answer_release(&answer);
	return rc;
}

int ctl_feeds(struct ctl *ctl)
{
	static const struct ctl_column columns[] = {
		{"FEED", "name"},
		{"KIND", "kind"},
		{"HEARD", "heard_at"},
		{"DEADLINE", "deadline"},
		{"SILENT", "silent"},
		{"ACCEPTED", "accepted"},
		{"DUPLICATES", "duplicates"},
		{"REJECTED", "rejected"},
	};

	return show_table(ctl, "/v1/admin/feeds", "feeds", columns, ARRAY_LEN(columns));
}

int ctl_rejects(struct ctl *ctl)
{
	static const struct ctl_column columns[] = {
		{"SEQ", "seq"}, {"AT", "at"},	  {"FEED", "feed"},	{"SOURCE", "source"},
		{"ID", "id"},	{"CODE", "code"}, {"DETAIL", "detail"},
	};
	char room[PATH_CAP];
	struct text path = TEXT_OVER(room);

	text_clear(&path);
	text_add(&path, "/v1/admin/rejects?");
	add_filter(ctl, &path, "--feed", "feed");
	add_filter(ctl, &path, "--limit", "limit");
	return show_table(ctl, room, "rejects", columns, ARRAY_LEN(columns));
}

int ctl_endpoints(struct ctl *ctl)
{
	static const struct ctl_column columns[] = {
		{"ENDPOINT", "name"}, {"CHANNEL", "channel"},	  {"STATE", "state"},
		{"UNTIL", "until"},   {"WAITING", "waiting"},	  {"SINCE", "waiting_since"},
		{"TOKENS", "tokens"}, {"UNDER WAY", "in_flight"}, {"DELIVERED", "delivered"},
		{"FAILED", "failed"}, {"HINT", "hint"},
	};

	return show_table(ctl, "/v1/admin/endpoints", "endpoints", columns, ARRAY_LEN(columns));
}

/* One line a roster: who is on duty, by endpoint. */
static void print_rosters(const cJSON *tree)
{
	const cJSON *roster, *member;
	char cell[256];

	cJSON_ArrayForEach(roster, json_get(tree, "rosters"))
	{
		const char *between = "";

		printf("%-24s", ctl_member(roster, "name", cell, sizeof(cell)));
		printf(" until %s: ", ctl_member(roster, "until", cell, sizeof(cell)));
		cJSON_ArrayForEach(member, json_get(roster, "on_duty"))
		{
			printf("%s%s", between, ctl_member(member, "member", cell, sizeof(cell)));
			printf(" (%s)", ctl_member(member, "endpoint", cell, sizeof(cell)));
			between = ", ";
		}
		puts(*between ? "" : "nobody");
	}
}

int ctl_roster(struct ctl *ctl)
{
	bool calendar = ctl_flag(ctl, "--ics");
	char room[PATH_CAP] = "/v1/rosters";
	struct text path = {.data = room, .len = strlen(room), .cap = sizeof(room)};
	struct ctl_answer answer;
	int rc;

	if (ctl->argc != (calendar ? 1 : 0))
		return CTL_USAGE;
	if (calendar) {
		text_add(&path, "/");
		ctl_encode(&path, ctl->argv[0]);
		text_add(&path, ".ics");
		ctl->json = false;
	}
	rc = ctl_ask(ctl, "GET", room, NULL, &answer);
	if (rc)
		return rc;
	if (calendar)
		fwrite(answer.body, 1, answer.len, stdout);
	else if (answer.tree)
		print_rosters(answer.tree);
	ctl_answer_release(&answer);
	return CTL_DONE;
}
