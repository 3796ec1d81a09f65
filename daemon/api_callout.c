/* api_callout.c — GET /v1/admin/route-test: whom an alert would reach, by the rosters and
 * handovers of this minute. Neighbours: engine's callout.c climbs, view_callout.c words it; main.c
 * answers the same without a daemon. */
#include "daemon/api_private.h"
#include "daemon/view_callout.h"

static const char *asked(struct visit *visit, const char *name)
{
	char value[96];

	if (!http_query(visit->call->request->query, name, value, sizeof(value)))
		return NULL;
	return arena_copy(&visit->arena, value);
}

void api_route_test(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	const struct callout_question question = {.unit = asked(visit, "unit"),
						  .kind = asked(visit, "kind"),
						  .at = asked(visit, "at")};
	struct callout *callout = arena_alloc(&visit->arena, sizeof(*callout));
	struct err err = ERR_INIT;
	struct text text;
	int rc = engine_callout(visit->api->engine, &question, visit->now, callout, &err);

	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	text_init(&text, arena_alloc(&visit->arena, VIEW_CALLOUT_CAP), VIEW_CALLOUT_CAP);
	view_callout_text(conf, callout, &text);
	cJSON *out = view_callout(conf, callout);

	cJSON_AddStringToObject(out, "text", text.data);
	reply_json(visit, 200, out);
}
