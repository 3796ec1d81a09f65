/* api_erase.c — what a person may ask for by law, through an operator: that what is personal of her
 * is erased, and all that is known of her. Neighbours: engine/erasing.c erases; api_export.c makes
 * the copy. */
#include "daemon/api_private.h"

#include <string.h>

#define REASON_MAX 200

static void answer_erased(struct visit *visit, const struct fact_result *results)
{
	if (visit_accepted(visit, results))
		reply_journey(visit, *results->journey ? results->journey : visit->part[0]);
}

void api_erase(struct visit *visit)
{
	const struct policy *policy;
	struct journey *journey;
	struct fact *fact;
	cJSON *body;

	if (!visit_journey(visit, visit->part[0], &journey, &policy))
		return;
	body = visit_body(visit);
	if (!body)
		return;
	const char *reason = body_text(visit, body, "reason", REASON_MAX);

	if (!reason)
		reply_problem(visit, 400, "bad_value",
			      "$.reason is missing: nothing is erased without one");
	else if (visit_fact(visit, FACT_ERASED,
			    arena_printf(&visit->arena, "journey/%s", journey->id), body, &fact)) {
		fact->journey = arena_copy(&visit->arena, journey->id);
		fact->reason = reason;
		visit_submit(visit, fact, answer_erased);
	}
	cJSON_Delete(body);
}
