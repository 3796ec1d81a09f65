/* ctl_csv.c — export journeys --csv: one line a journey, pages over GET /v1/journeys. Without names
 * unless they are asked for with a purpose. Neighbours: ctl_show.c reads the same filters.
 *
 * Whoever opens the file in a spreadsheet must not run what a stranger wrote: a cell that would be
 * a formula begins with an apostrophe (OWASP, CSV injection). */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

#define PATH_CAP 4096
#define CELL_CAP 4096

static const struct {
	const char *title, *member;
	bool name; /* who she is: only with --names */
} columns[] = {
	{"id", "id", false},
	{"state", "state", false},
	{"disposition", "disposition", false},
	{"committee_code", "committee_code", false},
	{"holder", "holder", false},
	{"flight", "flight", false},
	{"announced_at", "announced_at", false},
	{"registered_at", "registered_at", false},
	{"arrived_at", "arrived_at", false},
	{"handed_over_at", "handed_over_at", false},
	{"accepted_at", "accepted_at", false},
	{"isolation_start", "isolation.start", false},
	{"isolation_end", "isolation.end", false},
	{"released_at", "released_at", false},
	{"withdrawn_at", "withdrawn_at", false},
	{"closed_at", "closed_at", false},
	{"last_check", "last_check", false},
	{"open_alerts", "open_alerts", false},
	{"erased_at", "erased_at", false},
	{"name", "name", true},
	{"name_native", "name_native", true},
	{"nationality", "nationality", true},
	{"address", "address", true},
};

/* What spreadsheets skip before a formula. */
static const char *behind_spaces(const char *value)
{
	static const char *const spaces[] = {" ", "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf",
					     "\xe2\x80\x8b"};

	for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
		if (text_starts(value, spaces[i])) {
			value += strlen(spaces[i]);
			i = (size_t)-1; /* From the first again. */
		}
	}
	return value;
}

static bool is_formula(const char *value)
{
	/* ASCII, then their full width forms. */
	static const char *const begins[] = {"=",
					     "+",
					     "-",
					     "@",
					     "\t",
					     "\r",
					     "\n",
					     "\xef\xbc\x9d",
					     "\xef\xbc\x8b",
					     "\xef\xbc\x8d",
					     "\xef\xbc\xa0",
					     "\xe2\x88\x92"};
	const char *first = behind_spaces(value);

	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		if (text_starts(first, begins[i]))
			return true;
	}
	return false;
}

static void print_cell(const char *value)
{
	bool formula = is_formula(value);

	if (!formula && !strpbrk(value, ",\"\r\n") && *value != ' ') {
		fputs(value, stdout);
		return;
	}
	putchar('"');
	if (formula)
		putchar('\'');
	for (; *value; value++) {
		if (*value == '"')
			putchar('"');
		putchar(*value);
	}
	putchar('"');
}

static void print_row(const cJSON *journey, bool names)
{
	char cell[CELL_CAP];

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (columns[i].name && !names)
			continue;
		if (i > 0)
			putchar(',');
		if (!journey) {
			print_cell(columns[i].title);
			continue;
		}
		ctl_member(journey, columns[i].member, cell, sizeof(cell));
		/* What is not there; a name of one stroke is not told apart, and no name is one. */
		print_cell(strcmp(cell, "-") == 0 ? "" : cell);
	}
	fputs("\r\n", stdout);
}

int ctl_export_journeys(struct ctl *ctl)
{
	char query_room[PATH_CAP], next[64] = "";
	struct text query = TEXT_OVER(query_room);
	bool csv = ctl_flag(ctl, "--csv"), names = ctl_flag(ctl, "--names"),
	     bom = ctl_flag(ctl, "--bom");
	int rc;

	ctl->purpose = ctl_option(ctl, "--purpose");
	text_clear(&query);
	ctl_journey_filter(ctl, &query);
	if (ctl->argc > 0 || !csv)
		return CTL_USAGE;
	if (names && (!ctl->purpose || !*ctl->purpose)) {
		fputs("closedloopctl: --names needs --purpose: it stands in the ledger\n", stderr);
		return CTL_USAGE;
	}
	ctl->json = false;
	bool begun = false;

	do {
		char room[PATH_CAP + 128];
		struct text path = TEXT_OVER(room);
		struct ctl_answer answer;
		const cJSON *journey;

		text_clear(&path);
		text_addf(&path, "/v1/journeys?limit=500%s%s%s", query_room, *next ? "&after=" : "",
			  next);
		rc = ctl_ask(ctl, "GET", room, NULL, &answer);
		if (rc)
			break;
		if (!begun) {
			fputs(bom ? "\xef\xbb\xbf" : "", stdout);
			print_row(NULL, names);
			begun = true;
		}
		cJSON_ArrayForEach(journey, json_get(answer.tree, "journeys"))
		{
			print_row(journey, names);
		}
		text_copy(next, sizeof(next),
			  json_string(answer.tree, "next") ? json_string(answer.tree, "next") : "");
		ctl_answer_release(&answer);
	} while (*next);
	return rc;
}
