/* ctl_ledger.c — verify-ledger: is the history as it was written? By the daemon, or from a database
 * or a backup of one without it. ledger-head: sign what it is now. Neighbours: api_ledger.c
 * answers; lib/store's store_verify.c looks. */
#include "daemon/ctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "closedloop/ledger.h"
#include "closedloop/mem.h"
#include "closedloop/store.h"
#include "closedloop/when.h"

#define HEADS_MAX 1000
#define SLICE	  10000
#define PATH_CAP  4200

struct question {
	const char *database;
	uint8_t key[DIGEST_PUBLIC_LEN]; /* what signatures are checked with … */
	bool key_known;			/* … when that is known */
	struct ledger_head *heads;
	size_t len;
};

/* --- Heads from files --- */

static int take_line(struct question *question, const char *file, int number, const char *line,
		     size_t len)
{
	struct ledger_head *head = &question->heads[question->len];
	uint8_t key[DIGEST_PUBLIC_LEN];
	struct err err = ERR_INIT;

	if (question->len == HEADS_MAX) {
		fprintf(stderr, "closedloopctl: %s:%d: more than %d heads\n", file, number,
			HEADS_MAX);
		return CTL_REFUSED;
	}
	if (ledger_head_parse(head, key, line, len, &err) < 0) {
		fprintf(stderr, "closedloopctl: %s:%d: %s\n", file, number, err.text);
		return CTL_REFUSED;
	}
	/* Without a key of its own, a head at least names the one it is to be checked with, and all
	 * of them must name the same. */
	if (!question->key_known)
		memcpy(question->key, key, sizeof(key));
	question->key_known = true;
	if (!ledger_signed(head, question->key)) {
		fprintf(stderr,
			"closedloopctl: %s:%d: the head about row %" PRId64
			" bears no signature by that key\n",
			file, number, head->n);
		return CTL_REFUSED;
	}
	question->len++;
	return CTL_DONE;
}

static int take_file(struct question *question, const char *file)
{
	size_t len;
	int rc = CTL_DONE, number = 1;
	char *bytes = ctl_read_file(file, &len);

	if (!bytes)
		return CTL_REFUSED;
	for (char *line = bytes; rc == CTL_DONE && line && *line; number++) {
		char *end = strchr(line, '\n');
		size_t line_len = end ? (size_t)(end - line) : strlen(line);

		if (line_len > strspn(line, " \t\r\n"))
			rc = take_line(question, file, number, line, line_len);
		line = end ? end + 1 : NULL;
	}
	mem_free(bytes);
	return rc;
}

static int by_number(const void *left, const void *right)
{
	const struct ledger_head *a = left, *b = right;

	return a->n < b->n ? -1 : a->n > b->n;
}

static int take_options(struct ctl *ctl, struct question *question)
{
	const char *key = ctl_option(ctl, "--public-key"), *file;
	int rc = CTL_DONE;

	question->database = ctl_option(ctl, "--database");
	if (key && !ledger_unhex(key, question->key, sizeof(question->key))) {
		fprintf(stderr, "closedloopctl: --public-key is not %zu hex digits\n",
			2 * sizeof(question->key));
		return CTL_USAGE;
	}
	question->key_known = key != NULL;
	question->heads = mem_alloc(HEADS_MAX * sizeof(*question->heads));
	while (rc == CTL_DONE && (file = ctl_option(ctl, "--head")))
		rc = take_file(question, file);
	qsort(question->heads, question->len, sizeof(*question->heads), by_number);
	return rc == CTL_DONE && ctl->argc > 0 ? CTL_USAGE : rc;
}

/* --- Without a daemon --- */

static int print_check(const struct ctl *ctl, const struct ledger_check *check)
{
	char link[2 * LEDGER_LINK_LEN + 1];

	digest_hex(check->link, sizeof(check->link), link, sizeof(link));
	if (ctl->json)
		printf("{\"ok\":%s,\"rows\":%" PRId64 ",\"facts\":%" PRId64 ",\"heads\":%" PRId64
		       ",\"link\":\"%s\",\"fault\":\"%s\"}\n",
		       check->fault == LEDGER_WHOLE ? "true" : "false", check->rows, check->facts,
		       check->heads, link, ledger_fault_word(check->fault));
	else if (check->fault == LEDGER_WHOLE)
		printf("whole: %" PRId64 " rows, %" PRId64 " facts, %" PRId64
		       " heads; ends at %s\n",
		       check->rows, check->facts, check->heads, link);
	if (check->fault == LEDGER_WHOLE)
		return CTL_DONE;
	fprintf(stderr, "closedloopctl: %s: %s\n", ledger_fault_word(check->fault), check->words);
	return CTL_REFUSED;
}

/* Nobody has it open: there is no log beside it. */
static bool is_alone(const char *path)
{
	char log[PATH_CAP];
	struct stat info;

	snprintf(log, sizeof(log), "%s-wal", path);
	return stat(log, &info) < 0;
}

static int verify_file(const struct ctl *ctl, const struct question *question)
{
	struct ledger_check check = {.public_key = question->key_known ? question->key : NULL,
				     .kept = question->heads,
				     .kept_len = question->len};
	struct err err = ERR_INIT;
	struct store *store;
	int rc = store_sqlite_look(&store, question->database, is_alone(question->database), &err);

	while (rc == 0 && !check.done)
		rc = store->ops->ledger_verify(store, &check, SLICE, &err);
	if (store)
		store->ops->close(store);
	if (rc == 0)
		return print_check(ctl, &check);
	fprintf(stderr, "closedloopctl: %s\n", err.text);
	return CTL_REFUSED;
}

/* --- By the daemon --- */

static int print_answer(const struct ctl *ctl, const struct ctl_answer *answer)
{
	static const struct ctl_column columns[] = {
		{"ROWS", "rows"}, {"FACTS", "facts"}, {"HEADS", "heads"}, {"LINK", "link"}};
	const cJSON *bad = json_get(answer->tree, "first_bad");
	char room[4][80];

	if (ctl->json)
		puts(answer->body);
	if (cJSON_IsObject(bad)) {
		fprintf(stderr, "closedloopctl: %s: %s\n", json_string(bad, "fault"),
			json_string(bad, "detail"));
		return CTL_REFUSED;
	}
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		(void)ctl_member(answer->tree, columns[i].member, room[i], sizeof(room[i]));
	if (!ctl->json)
		printf("whole: %s rows, %s facts, %s heads; ends at %s\n", room[0], room[1],
		       room[2], room[3]);
	return CTL_DONE;
}

static int print_refusal(const struct ctl_answer *answer)
{
	const char *detail = json_string(answer->tree, "detail");

	fprintf(stderr, "closedloopctl: %d: %s\n", answer->status, detail ? detail : "refused");
	return CTL_REFUSED;
}

static int verify_daemon(struct ctl *ctl, const struct question *question)
{
	struct ctl_answer answer;
	cJSON *body = cJSON_CreateObject();
	cJSON *heads = cJSON_AddArrayToObject(body, "heads");
	char line[LEDGER_HEAD_CAP];
	int rc = ctl_where(ctl);

	for (size_t i = 0; i < question->len; i++) {
		ledger_head_json(&question->heads[i], question->key, line);
		cJSON_AddItemToArray(heads, cJSON_Parse(line));
	}
	char *text = cJSON_PrintUnformatted(body);

	cJSON_Delete(body);
	if (rc == CTL_DONE)
		rc = ctl_call(ctl, "POST", "/v1/admin/verify-ledger", "application/json", text,
			      strlen(text), &answer);
	cJSON_free(text);
	if (rc)
		return rc;
	rc = answer.status == 200 ? print_answer(ctl, &answer) : print_refusal(&answer);
	ctl_answer_release(&answer);
	return rc;
}

int ctl_verify_ledger(struct ctl *ctl)
{
	struct question question = {.len = 0};
	int rc = take_options(ctl, &question);

	if (rc == CTL_DONE)
		rc = question.database ? verify_file(ctl, &question)
				       : verify_daemon(ctl, &question);
	mem_free(question.heads);
	return rc;
}

int ctl_ledger_head(struct ctl *ctl)
{
	struct ctl_answer answer;
	int rc;

	if (ctl->argc > 0)
		return CTL_USAGE;
	rc = ctl_call(ctl, "POST", "/v1/admin/ledger-head", "application/json", "{}", 2, &answer);
	if (rc)
		return rc;
	if (answer.status == 200)
		puts(answer.body);
	else
		rc = print_refusal(&answer);
	ctl_answer_release(&answer);
	return rc;
}
