/* api_ledger.c — the end of the history and its heads, and whether it is as it was written.
 * Neighbours: audit.c has the store look, over several turns; api_read.c has one journey's history;
 * engine's heads.c signs. */
#include "daemon/api_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEADS_SHOWN 31
#define HEADS_MAX   1000 /* in one question */

/* --- What it is --- */

static cJSON *head_json(const struct ledger_head *head, const uint8_t *public)
{
	char line[LEDGER_HEAD_CAP];

	ledger_head_json(head, public, line);
	return cJSON_Parse(line);
}

struct heads {
	cJSON *items;
	const uint8_t *public;
};

static void add_head(void *context, const void *row)
{
	struct heads *heads = context;

	cJSON_AddItemToArray(heads->items, head_json(row, heads->public));
}

static void add_hex(cJSON *out, const char *name, const uint8_t bytes[LEDGER_LINK_LEN])
{
	char hex[2 * LEDGER_LINK_LEN + 1];

	digest_hex(bytes, LEDGER_LINK_LEN, hex, sizeof(hex));
	cJSON_AddStringToObject(out, name, hex);
}

void add_ledger(struct visit *visit, cJSON *out)
{
	const struct view view = visit_view(visit);
	const struct conf_ledger *conf = &visit->api->conf->ledger;
	struct store *store = visit->api->store;
	uint8_t link[LEDGER_LINK_LEN];
	struct ledger_head last;
	int64_t n;

	if (store->ops->ledger_end(store, &n, link, NULL) < 0 ||
	    store->ops->head_last(store, &last, NULL) < 0)
		return;
	cJSON_AddNumberToObject(out, "rows", (double)n);
	view_time(&view, out, "last_head", last.at);
	view_text(out, "heads_to", conf->head_to);
	view_time(&view, out, "verified_at", visit->api->audit.at);
	if (visit->api->audit.at == WHEN_UNKNOWN)
		cJSON_AddNullToObject(out, "whole");
	else
		cJSON_AddBoolToObject(out, "whole", visit->api->audit.whole);
}

void api_admin_ledger(struct visit *visit)
{
	struct store *store = visit->api->store;
	const uint8_t *public = engine_ledger_public(visit->api->engine);
	uint8_t link[LEDGER_LINK_LEN];
	struct err err = ERR_INIT;
	cJSON *out = cJSON_CreateObject();
	char every[WHEN_CAP];
	int64_t n;
	int rc = store->ops->ledger_end(store, &n, link, &err);

	if (rc == 0) {
		struct heads heads = {.public = public};

		cJSON_AddNumberToObject(out, "n", (double)n);
		add_hex(out, "link", link);
		add_hex(out, "public_key", public);
		add_ledger(visit, out);
		cJSON_AddStringToObject(out, "head_every",
					when_duration_text(visit->api->conf->ledger.head_every,
							   every));
		heads.items = cJSON_AddArrayToObject(out, "heads");
		rc = store->ops->heads_list(store, HEADS_SHOWN, add_head, &heads, &err);
	}
	if (rc < 0) {
		cJSON_Delete(out);
		reply_error(visit, rc, &err);
		return;
	}
	reply_json(visit, 200, out);
}

void api_ledger_head(struct visit *visit)
{
	struct ledger_head head;
	struct err err = ERR_INIT;
	int rc = engine_head(visit->api->engine, visit->now, &head, &err);

	if (rc == 0 && head.n == 0)
		rc = err_set(&err, CL_ECONFLICT, "the ledger has no row yet: nothing was signed");
	if (rc < 0)
		reply_error(visit, rc, &err);
	else
		reply_json(visit, 200, head_json(&head, engine_ledger_public(visit->api->engine)));
}

/* --- Whether it is whole --- */

static int by_number(const void *left, const void *right)
{
	const struct ledger_head *a = left, *b = right;

	return a->n < b->n ? -1 : a->n > b->n;
}

/* The heads in BODY, by number; false after having answered. */
static bool read_heads(struct visit *visit, const cJSON *body, struct ledger_head **out,
		       size_t *len)
{
	const cJSON *list = json_get(body, "heads"), *item;
	const uint8_t *ours = engine_ledger_public(visit->api->engine);
	struct err err = ERR_INIT;
	int count = cJSON_GetArraySize(list);
	int rc = 0;

	*len = 0;
	*out = mem_alloc(((size_t)(count < HEADS_MAX ? count : HEADS_MAX) + 1) * sizeof(**out));
	if (count > HEADS_MAX)
		rc = err_set(&err, CL_ELIMIT, "$.heads: at most %d in one question", HEADS_MAX);
	cJSON_ArrayForEach(item, list)
	{
		uint8_t public[DIGEST_PUBLIC_LEN];
		char *text = rc == 0 ? cJSON_PrintUnformatted(item) : NULL;

		if (!text)
			break;
		rc = ledger_head_parse(&(*out)[*len], public, text, strlen(text), &err);
		cJSON_free(text);
		if (rc == 0 && !ledger_signed(&(*out)[*len], ours))
			rc = err_set(&err, CL_EINVAL,
				     "the head about row %" PRId64 " bears no signature of this "
				     "installation",
				     (*out)[*len].n);
		if (rc < 0)
			err_prefix(&err, "$.heads[%zu]", *len);
		(*len)++;
	}
	if (rc == 0) {
		qsort(*out, *len, sizeof(**out), by_number);
		return true;
	}
	mem_free(*out);
	reply_error(visit, rc, &err);
	return false;
}

void api_verify_ledger(struct visit *visit)
{
	const struct api_hooks *hooks = &visit->api->hooks;
	struct ledger_head *kept;
	size_t len;

	if (!hooks->verify_ledger) {
		reply_problem(visit, 404, "not_found", NULL);
		return;
	}
	cJSON *body = visit_body(visit);

	if (!body)
		return;
	if (read_heads(visit, body, &kept, &len))
		hooks->verify_ledger(hooks->context, visit->call, kept, len);
	cJSON_Delete(body);
}

static cJSON *bad_json(const struct view *view, const struct ledger_check *check)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddNumberToObject(out, "n", (double)check->bad_n);
	cJSON_AddStringToObject(out, "fault", ledger_fault_word(check->fault));
	cJSON_AddStringToObject(out, "detail", check->words);
	view_time(view, out, "at", check->bad_at);
	view_text(out, "journey", check->bad_journey);
	view_text(out, "what", check->bad_what);
	view_text(out, "source", check->bad_source);
	view_text(out, "id", check->bad_id);
	return out;
}

void api_reply_ledger(struct http_call *call, const struct conf *conf,
		      const struct ledger_check *check)
{
	const struct view view = {.conf = conf};
	cJSON *out = cJSON_CreateObject();

	cJSON_AddBoolToObject(out, "ok", check->fault == LEDGER_WHOLE);
	cJSON_AddNumberToObject(out, "rows", (double)check->rows);
	cJSON_AddNumberToObject(out, "facts", (double)check->facts);
	cJSON_AddNumberToObject(out, "heads", (double)check->heads);
	add_hex(out, "link", check->link);
	if (check->fault == LEDGER_WHOLE)
		cJSON_AddNullToObject(out, "first_bad");
	else
		cJSON_AddItemToObject(out, "first_bad", bad_json(&view, check));
	char *printed = cJSON_PrintUnformatted(out);

	cJSON_Delete(out);
	api_reply_ok(call, printed);
	cJSON_free(printed);
}
