/* api_fact.c — a call by a person becomes a fact: stamp, hash, and the form in which the ledger
 * keeps it. Neighbours: api_write.c and api_alerts.c say what the fact is about. */
#include "daemon/api_private.h"

#include <string.h>

#define KEY_MAX	 128
#define BY_MAX	 60
#define LATE_MAX (7 * WHEN_DAY) /* What is told later than this is a slip of the pen. */

const char *body_text(struct visit *visit, const cJSON *body, const char *name, size_t max)
{
	const char *string = json_string(body, name);
	char *copy;

	if (!string || !*string)
		return NULL;
	copy = arena_copy(&visit->arena, string);
	while (text_count(copy) > max)
		copy[text_cut_at(copy, strlen(copy), strlen(copy) - 1)] = '\0';
	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	}
	return copy;
}

static bool is_key(const char *key)
{
	size_t len = strlen(key);

	if (len == 0 || len > KEY_MAX)
		return false;
	for (; *key; key++) {
		if (*key < 0x21 || *key > 0x7e)
			return false;
	}
	return true;
}

/* What "the same body" means: a repetition with the same key must not differ for the time at which
 * it came. */
static void hash_fact(struct fact *fact, const char *subject, const cJSON *body)
{
	cJSON *same = cJSON_CreateObject();

	cJSON_AddStringToObject(same, "type", fact_type_word(fact->type));
	cJSON_AddStringToObject(same, "subject", subject);
	if (body)
		cJSON_AddItemToObject(same, "data", cJSON_Duplicate(body, true));
	json_hash(same, fact->hash);
	cJSON_Delete(same);
}

/* The ledger keeps every fact in one form, wherever it came from. */
static void keep_body(struct visit *visit, struct fact *fact, const char *subject,
		      const cJSON *body)
{
	cJSON *event = cJSON_CreateObject();
	char time[WHEN_CAP];
	char *printed;

	cJSON_AddStringToObject(event, "specversion", "1.0");
	cJSON_AddStringToObject(event, "id", fact->stamp.id);
	cJSON_AddStringToObject(event, "source", fact->stamp.source);
	cJSON_AddStringToObject(event, "type",
				arena_printf(&visit->arena, "org.closedloopd.%s.v1",
					     fact_type_word(fact->type)));
	cJSON_AddStringToObject(event, "time",
				when_text(fact->stamp.at, visit->api->conf->zone, time));
	cJSON_AddStringToObject(event, "subject", subject);
	cJSON_AddStringToObject(event, "datacontenttype", "application/json");
	cJSON_AddItemToObject(event, "data",
			      body ? cJSON_Duplicate(body, true) : cJSON_CreateObject());
	printed = cJSON_PrintUnformatted(event);
	if (!printed)
		mem_exhausted(0);
	fact->body_len = strlen(printed);
	fact->body = arena_copy_bytes(&visit->arena, printed, fact->body_len);
	cJSON_free(printed);
	cJSON_Delete(event);
}

static bool read_time(struct visit *visit, const cJSON *body, int64_t *at)
{
	const cJSON *time = json_get(body, "time");
	struct err err = ERR_INIT;

	*at = visit->now;
	if (!time || cJSON_IsNull(time))
		return true;
	if (!cJSON_IsString(time) || when_parse(time->valuestring, at, &err) < 0) {
		reply_problem(visit, 400, "bad_time", "$.time is no RFC 3339 time with offset");
		return false;
	}
	if (*at < visit->now - LATE_MAX) {
		reply_problem(
			visit, 400, "bad_time",
			"$.time is more than 7 days ago; what people did is told within 7 days");
		return false;
	}
	if (*at > visit->now)
		*at = visit->now;
	return true;
}

bool visit_fact(struct visit *visit, enum fact_type type, const char *subject, const cJSON *body,
		struct fact **out)
{
	const char *key = http_header(visit->call->request, "idempotency-key");
	struct fact *fact = arena_alloc(&visit->arena, sizeof(*fact));
	char id[IDENT_CAP];

	if (key && !is_key(key)) {
		reply_problem(visit, 400, "bad_value",
			      "Idempotency-Key is not 1 to 128 visible ASCII characters");
		return false;
	}
	fact->type = type;
	if (!read_time(visit, body, &fact->stamp.at))
		return false;
	ident_make(id, "fct", visit->now, &visit->api->entropy);
	fact->stamp.id = arena_copy(&visit->arena, key ? key : id);
	fact->stamp.source = arena_printf(&visit->arena, "api/%s", visit->caller.name);
	fact->stamp.rank = fact_rank(FACT_REGISTERED, NULL); /* A human at a desk. */
	fact->warnings = fact->feed_unit = "";
	fact->scope = visit->caller.scope;
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->n_off = fact->day = -1;
	fact->by = body_text(visit, body, "by", BY_MAX);
	if (!fact->by)
		fact->by = visit->caller.name;
	hash_fact(fact, subject, body);
	keep_body(visit, fact, subject, body);
	*out = fact;
	return true;
}

void visit_submit(struct visit *visit, struct fact *fact,
		  void (*answer)(struct visit *, const struct fact_result *))
{
	visit->facts = arena_alloc(&visit->arena, sizeof(*visit->facts));
	visit->facts[0] = fact;
	visit->facts_len = 1;
	visit->answer = answer;
}

bool visit_accepted(struct visit *visit, const struct fact_result *result)
{
	struct err err = ERR_INIT;

	if (result->reject) {
		reply_problem(visit, result->reject == REJECT_ID_REUSE ? 409 : 400,
			      reject_word(result->reject), result->detail);
		return false;
	}
	if (result->code) {
		(void)err_set(&err, result->code, "%s", result->detail);
		reply_error(visit, result->code, &err);
		return false;
	}
	return true;
}
