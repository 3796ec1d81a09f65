/* ctl.c — closedloopctl: ask and command a daemon; options and the table of verbs.
 * Neighbours: ctl_http.c makes the call, ctl_show.c and ctl_do.c are the verbs. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/digest.h"

static const struct verb {
	const char *name;
	const char *usage;
	int (*run)(struct ctl *ctl);
	bool offline; /* Finds out for itself whether a daemon is needed. */
} verbs[] = {
	{.name = "status", .usage = "status", .run = ctl_status},
	{.name = "journeys",
	 .usage = "journeys [--unit PREFIX] [--state STATE] [--flight KEY] [--transfer ID] "
		  "[--source S] [--ref R] [--all]",
	 .run = ctl_journeys},
	{.name = "why", .usage = "why ID", .run = ctl_why},
	{.name = "reveal",
	 .usage = "reveal ID document|dob|phones|address --purpose WHY",
	 .run = ctl_reveal},
	{.name = "census", .usage = "census", .run = ctl_census},
	{.name = "feeds", .usage = "feeds", .run = ctl_feeds},
	{.name = "rejects", .usage = "rejects [--feed NAME] [--limit N]", .run = ctl_rejects},
	{.name = "endpoints", .usage = "endpoints", .run = ctl_endpoints},
	{.name = "roster", .usage = "roster [NAME --ics]", .run = ctl_roster},
	{.name = "dead-letters",
	 .usage = "dead-letters list [--endpoint NAME] | "
		  "dead-letters redrive ID | FIRST..LAST | --endpoint NAME | all",
	 .run = ctl_dead_letters},
	{.name = "send-test", .usage = "send-test ENDPOINT [--no-wait]", .run = ctl_send_test},
	{.name = "route-test",
	 .usage = "route-test unit=CODE kind=KIND [at=TIME]",
	 .run = ctl_route_test},
	{.name = "rotate-key",
	 .usage = "rotate-key [links|master] [--forget]",
	 .run = ctl_rotate_key},
	{.name = "silences",
	 .usage = "silences [list] | silences add --by WHO --reason WHY --until TIME|--for SPAN "
		  "[--kind KIND] [--unit PREFIX] [--subject S] [--force] | "
		  "silences end ID [--by WHO]",
	 .run = ctl_silences},
	{.name = "aliases",
	 .usage = "aliases [list] [--unit PREFIX] [--undone] [--after ID] | "
		  "aliases undo ID [--by WHO] [--reason WHY]",
	 .run = ctl_aliases},
	{.name = "token",
	 .usage = "token [list] | token add NAME --role feed|committee|duty|operator|auditor "
		  "[--scope CODE|FEED] [--expires SPAN|TIME] | token revoke NAME",
	 .run = ctl_token},
	{.name = "match",
	 .usage = "match ADDRESS|--tsv FILE [--gazetteer IMG] [--coverage RULES] "
		  "[--polygons FILE]",
	 .run = ctl_match,
	 .offline = true},
	{.name = "units",
	 .usage = "units import FILE [--format list|tsv] [--yaml] [--out FILE] [--gazetteer IMG] | "
		  "units list [PREFIX] | units show CODE | units check",
	 .run = ctl_units,
	 .offline = true},
	{.name = "replay",
	 .usage = "replay FILE [--source S] [--dry-run]",
	 .run = ctl_replay,
	 .offline = true},
	{.name = "reload", .usage = "reload", .run = ctl_reload},
	{.name = "verify-ledger",
	 .usage = "verify-ledger [--head FILE]… [--database FILE [--public-key KEY]]",
	 .run = ctl_verify_ledger,
	 .offline = true},
	{.name = "ledger-head", .usage = "ledger-head", .run = ctl_ledger_head},
	{.name = "policy", .usage = "policy diff FILE", .run = ctl_policy},
};

static int usage(FILE *out)
{
	fprintf(out,
		"usage: closedloopctl [--config FILE | --socket PATH | --url URL --token-file F] "
		"[--json] VERB …\n");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		fprintf(out, "       %s\n", verbs[i].usage);
	return CTL_USAGE;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static void take_out(struct ctl *ctl, int at, int count)
{
	for (int i = at; i + count < ctl->argc; i++)
		ctl->argv[i] = ctl->argv[i + count];
	ctl->argc -= count;
}

const char *ctl_option(struct ctl *ctl, const char *name)
{
	size_t len = strlen(name);

	for (int i = 0; i < ctl->argc; i++) {
		const char *word = ctl->argv[i];

		if (strcmp(word, name) == 0 && i + 1 < ctl->argc) {
			const char *value = ctl->argv[i + 1];

			take_out(ctl, i, 2);
			return value;
		}
		if (strncmp(word, name, len) == 0 && word[len] == '=') {
			take_out(ctl, i, 1);
			return word + len + 1;
		}
	}
	return NULL;
}

bool ctl_flag(struct ctl *ctl, const char *name)
{
	for (int i = 0; i < ctl->argc; i++) {
		if (strcmp(ctl->argv[i], name) == 0) {
			take_out(ctl, i, 1);
			return true;
		}
	}
	return false;
}

/* Options that mean the same for every verb may stand anywhere. */
static void read_options(struct ctl *ctl)
{
	ctl->config = ctl_option(ctl, "--config");
	ctl->socket = ctl_option(ctl, "--socket");
	ctl->url = ctl_option(ctl, "--url");
	ctl->token_file = ctl_option(ctl, "--token-file");
	ctl->json = ctl_flag(ctl, "--json");
}

int main(int argc, char **argv)
{
	struct ctl ctl = {.argc = argc - 1, .argv = argv + 1};
	const struct verb *verb;

	read_options(&ctl);
	if (ctl_flag(&ctl, "--help")) {
		(void)usage(stdout);
		return CTL_DONE;
	}
	if (ctl_flag(&ctl, "--version")) {
		puts("closedloopctl " CLOSEDLOOP_VERSION);
		return CTL_DONE;
	}
	if (ctl.argc == 0)
		return usage(stderr);
	verb = find_verb(ctl.argv[0]);
	if (!verb) {
		fprintf(stderr, "closedloopctl: %s is no verb; --help lists them\n", ctl.argv[0]);
		return CTL_USAGE;
	}
	take_out(&ctl, 0, 1);
	if (digest_init(NULL) < 0)
		return CTL_REFUSED;
	if (!verb->offline) {
		int rc = ctl_where(&ctl);

		if (rc)
			return rc;
	}
	int rc = verb->run(&ctl);

	if (rc == CTL_USAGE)
		fprintf(stderr, "usage: closedloopctl %s\n", verb->usage);
	if (fflush(stdout) != 0)
		return CTL_REFUSED;
	return rc;
}
