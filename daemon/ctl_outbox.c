/* ctl_outbox.c — the verbs about messages: dead letters, a test, whom an alert would reach, a new
 * key for links. Neighbours: ctl_do.c has the other verbs that do something, ctl_show.c those that
 * only ask. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "closedloop/callout.h"

#define LOOK_MS 100 /* How often the fate of a test is looked at. */

/* --- Dead letters -------------------------------------------------------------------------- */

static int list_dead(struct ctl *ctl, const char *endpoint)
{
	static const struct ctl_column columns[] = {
		{"ID", "id"},	       {"ENDPOINT", "endpoint"}, {"ALERT", "alert"},
		{"KIND", "kind"},      {"UNIT", "unit"},	 {"CREATED", "created_at"},
		{"ENDED", "ended_at"}, {"TRIES", "attempts"},	 {"HINT", "error"},
	};
	struct ctl_answer answer;
	char room[512];
	struct text path = TEXT_OVER(room);

	text_clear(&path);
	text_add(&path, "/v1/admin/dead-letters");
	if (endpoint) {
		text_add(&path, "?endpoint=");
		ctl_encode(&path, endpoint);
	}
	int rc = ctl_ask(ctl, "GET", room, NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	ctl_table(json_get(answer.tree, "dead_letters"), columns, ARRAY_LEN(columns));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

/* "ntc_A", "ntc_A..ntc_B", "all", or nothing and an endpoint: what is to be tried again; NULL when
 * it is neither. All of them only when it is said: hundreds of old messages at night wake people.
 */
static cJSON *which_body(const char *which, const char *endpoint)
{
	const char *dots = which ? strstr(which, "..") : NULL;
	cJSON *body;
	char from[64];

	if (!which == !endpoint || (dots && (size_t)(dots - which) >= sizeof(from)) ||
	    (dots && (dots == which || !dots[2])))
		return NULL;
	body = cJSON_CreateObject();
	if (!which) {
		cJSON_AddStringToObject(body, "endpoint", endpoint);
	} else if (dots) {
		snprintf(from, sizeof(from), "%.*s", (int)(dots - which), which);
		cJSON_AddStringToObject(body, "from", from);
		cJSON_AddStringToObject(body, "to", dots + 2);
	} else if (strcmp(which, "all") == 0) {
		cJSON_AddBoolToObject(body, "all", true);
	} else {
		cJSON_AddStringToObject(body, "id", which);
	}
	return body;
}

static int redrive(struct ctl *ctl, const char *which, const char *endpoint)
{
	cJSON *body = which_body(which, endpoint);
	struct ctl_answer answer;

	if (!body)
		return CTL_USAGE;
	int rc = ctl_post(ctl, "/v1/admin/redrive", body, &answer);

	if (rc || !answer.tree)
		return rc;
	printf("%.15g redriven\n", cJSON_GetNumberValue(json_get(answer.tree, "redriven")));
	ctl_answer_release(&answer);
	return CTL_DONE;
}

int ctl_dead_letters(struct ctl *ctl)
{
	const char *endpoint = ctl_option(ctl, "--endpoint");

	if (ctl->argc == 0 || (ctl->argc == 1 && strcmp(ctl->argv[0], "list") == 0))
		return list_dead(ctl, endpoint);
	if (ctl->argc <= 2 && strcmp(ctl->argv[0], "redrive") == 0)
		return redrive(ctl, ctl->argc == 2 ? ctl->argv[1] : NULL, endpoint);
	return CTL_USAGE;
}

/* --- A test -------------------------------------------------------------------------------- */

/* What became of notice ID, into ANSWER; CTL_DONE when it can be told. */
static int look(struct ctl *ctl, const char *id, struct ctl_answer *answer)
{
	char path[128];

	snprintf(path, sizeof(path), "/v1/admin/notices/%s", id);
	return ctl_ask(ctl, "GET", path, NULL, answer);
}

/* Delivered, or a first try failed, or it will never be: enough is known. */
static bool is_decided(const cJSON *notice)
{
	return !text_equal(json_string(notice, "state"), "ready") ||
	       cJSON_GetNumberValue(json_get(notice, "attempts")) > 0;
}

static int tell_outcome(const char *endpoint, const cJSON *notice)
{
	const char *state = json_string(notice, "state");
	const char *error = json_string(notice, "error");
	char tries[32];

	if (text_equal(state, "delivered")) {
		printf("%s: delivered, try %s\n", endpoint,
		       ctl_member(notice, "attempts", tries, sizeof(tries)));
		return CTL_DONE;
	}
	if (!is_decided(notice))
		fprintf(stderr,
			"closedloopctl: %s: not sent yet: it may be paused, or its turn has not "
			"come; see closedloopctl endpoints\n",
			endpoint);
	else
		fprintf(stderr, "closedloopctl: %s: not delivered: %s%s\n", endpoint,
			error && *error ? error : state,
			text_equal(state, "ready") ? "; it will be tried again" : "");
	return CTL_REFUSED;
}

/* Look at the notice until its fate is known, as long as one try may take. */
static int await(struct ctl *ctl, const char *endpoint, const char *id, double within_ms)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	const bool json = ctl->json;
	struct ctl_answer answer;
	int rc;

	ctl->json = false;
	for (int waited = 0;; waited += LOOK_MS) {
		rc = look(ctl, id, &answer);
		if (rc)
			return rc;
		if (is_decided(answer.tree) || waited >= within_ms)
			break;
		ctl_answer_release(&answer);
		nanosleep(&pause, NULL);
	}
	if (json)
		puts(answer.body);
	rc = json && text_equal(json_string(answer.tree, "state"), "delivered")
		     ? CTL_DONE
		     : tell_outcome(endpoint, answer.tree);
	ctl_answer_release(&answer);
	return rc;
}

int ctl_send_test(struct ctl *ctl)
{
	const bool json = ctl->json, wait = !ctl_flag(ctl, "--no-wait");
	struct ctl_answer answer;
	char id[64] = "";

	if (ctl->argc != 1)
		return CTL_USAGE;
	const char *endpoint = ctl->argv[0];
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "endpoint", endpoint);
	ctl->json = json && !wait;
	int rc = ctl_post(ctl, "/v1/admin/send-test", body, &answer);

	ctl->json = json;
	if (rc || !answer.tree)
		return rc;
	(void)ctl_member(answer.tree, "id", id, sizeof(id));
	double within = cJSON_GetNumberValue(json_get(answer.tree, "answers_within_ms"));

	ctl_answer_release(&answer);
	if (wait)
		return await(ctl, endpoint, id, within);
	printf("%s: test notice %s is on its way\n", endpoint, id);
	return CTL_DONE;
}

/* --- Whom an alert would reach ------------------------------------------------------------- */

int ctl_route_test(struct ctl *ctl)
{
	struct callout_question question;
	struct err err = ERR_INIT;
	struct ctl_answer answer;
	char room[512];
	struct text path = TEXT_OVER(room);

	if (ctl->argc == 0)
		return CTL_USAGE;
	if (callout_question((const char *const *)ctl->argv, (size_t)ctl->argc, &question, &err) <
	    0) {
		fprintf(stderr, "closedloopctl: route-test: %s\n", err.text);
		return CTL_USAGE;
	}
	const char *const values[] = {question.unit, question.kind, question.at};
	static const char *const names[] = {"unit", "kind", "at"};

	text_clear(&path);
	text_add(&path, "/v1/admin/route-test");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!values[i])
			continue;
		text_addf(&path, "%c%s=", strchr(room, '?') ? '&' : '?', names[i]);
		ctl_encode(&path, values[i]);
	}
	int rc = ctl_ask(ctl, "GET", room, NULL, &answer);

	if (rc || !answer.tree)
		return rc;
	fputs(json_string(answer.tree, "text"), stdout);
	ctl_answer_release(&answer);
	return CTL_DONE;
}

/* --- Keys ---------------------------------------------------------------------------------- */

int ctl_rotate_key(struct ctl *ctl)
{
	const bool forget = ctl_flag(ctl, "--forget");
	const char *what = ctl->argc > 0 ? ctl->argv[0] : NULL;
	cJSON *body;
	struct ctl_answer answer;
	char until[64];

	if (ctl->argc > 1 || (what && strcmp(what, "links") != 0 && strcmp(what, "master") != 0))
		return CTL_USAGE;
	const bool links = !what || strcmp(what, "links") == 0;
	body = cJSON_CreateObject();
	cJSON_AddBoolToObject(body, "forget", forget);
	if (what)
		cJSON_AddStringToObject(body, "what", what);
	int rc = ctl_post(ctl, "/v1/admin/rotate-key", body, &answer);

	if (rc || !answer.tree)
		return rc;
	if (links && forget)
		puts("links have a new key; those sent before work no more");
	else if (links)
		printf("links have a new key; those sent before hold until %s at most\n",
		       ctl_member(answer.tree, "old_links_until", until, sizeof(until)));
	if (!what || !links)
		printf("data keys have a new master key; %.15g are still to be wrapped by it\n",
		       cJSON_GetNumberValue(json_get(json_get(answer.tree, "keys"), "left")));
	ctl_answer_release(&answer);
	return CTL_DONE;
}
