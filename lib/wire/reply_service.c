/* reply_service.c — Slack answers with one word, PagerDuty with a status (alerts.md §1.5, §1.6).
 * Neighbours: reply.c reads HTTP where the body says nothing. */
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/reply_private.h"

/* --- Slack --- */

static const struct word_row {
	const char *word;
	enum outcome outcome;
	const char *cause; /* What the operator looks at first; or NULL. */
} words[] = {
	{.word = "invalid_payload", .outcome = OUTCOME_DEAD},
	{.word = "no_text", .outcome = OUTCOME_DEAD},
	{.word = "invalid_blocks", .outcome = OUTCOME_DEAD},
	{.word = "user_not_found", .outcome = OUTCOME_SICK, .cause = "token"},
	{.word = "invalid_token", .outcome = OUTCOME_SICK, .cause = "token"},
	{.word = "action_prohibited", .outcome = OUTCOME_SICK, .cause = "refused"},
	{.word = "channel_not_found", .outcome = OUTCOME_SICK, .cause = "group"},
	{.word = "channel_is_archived", .outcome = OUTCOME_SICK, .cause = "group"},
	{.word = "no_service", .outcome = OUTCOME_SICK, .cause = "token"},
	{.word = "no_team", .outcome = OUTCOME_SICK, .cause = "token"},
	{.word = "rollup_error", .outcome = OUTCOME_RETRY},
};

void reply_classify_slack(const struct reply *reply, int64_t now, struct verdict *out)
{
	const char *body = reply->body ? reply->body : "";

	if (reply_is_success(reply)) {
		if (reply->status == 200 && strcmp(body, "ok") == 0)
			reply_decide(out, OUTCOME_OK, 0, "HTTP 200 ok");
		else
			reply_decide(out, OUTCOME_RETRY, 0, "the answer is not ok");
		return;
	}
	for (size_t i = 0; reply->status >= 400 && i < ARRAY_LEN(words); i++) {
		const struct word_row *row = &words[i];

		if (strcmp(body, row->word) != 0)
			continue;
		reply_decide(out, row->outcome, 0, "%s%sHTTP %d %s", row->cause ? row->cause : "",
			     row->cause ? ": " : "", reply->status, row->word);
		return;
	}
	reply_classify_generic(reply, now, out);
}

/* --- PagerDuty --- */

#define FULL_PAUSE (30 * WHEN_SECOND) /* Its advice: 30 s apart, then minutes. */

static const char *first_error(const cJSON *tree)
{
	const char *error = cJSON_GetStringValue(cJSON_GetArrayItem(json_get(tree, "errors"), 0));

	if (!error)
		error = json_string(tree, "message");
	return error ? error : "refused";
}

/* The event is wrong and will stay so; where the key is, every other will be, too. */
static void classify_refused(const struct reply *reply, struct verdict *out)
{
	cJSON *tree = reply_tree(reply);

	out->sick = reply->body && strstr(reply->body, "routing_key");
	reply_decide(out, OUTCOME_DEAD, 0, "%sHTTP %d %s", out->sick ? "token: " : "",
		     reply->status, first_error(tree));
	cJSON_Delete(tree);
}

static void classify_taken(const struct reply *reply, struct verdict *out)
{
	cJSON *tree = reply_tree(reply);

	if (text_equal(json_string(tree, "status"), "success"))
		reply_decide(out, OUTCOME_OK, 0, "HTTP %d success", reply->status);
	else
		reply_decide(out, OUTCOME_RETRY, 0, "the answer says no success");
	cJSON_Delete(tree);
}

void reply_classify_pagerduty(const struct reply *reply, int64_t now, struct verdict *out)
{
	if (reply_is_success(reply)) {
		classify_taken(reply, out);
	} else if (reply->status == 400) {
		classify_refused(reply, out);
	} else if (reply->status == 429 && reply_wait(reply, now) < 0) {
		reply_decide(out, OUTCOME_PAUSE, FULL_PAUSE, "HTTP 429 too many requests");
		out->grows = true;
	} else {
		reply_classify_generic(reply, now, out);
	}
}
