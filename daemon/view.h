/* view.h — journeys and alerts as JSON, for the API and the console. Knows no HTTP. view.c and
 * view_why.c. */
#ifndef DAEMON_VIEW_H
#define DAEMON_VIEW_H

#include "closedloop/engine.h"
#include "closedloop/json.h"
#include "closedloop/store.h"

struct view {
	struct engine *engine;
	struct store *store;
	const struct conf *conf;
	int64_t now;
	struct arena *arena; /* Of whoever asked. */
	const char *scope;   /* Unit prefix of what she may see; NULL or "": everything. */
	bool coded; /* Codes, stages and times only: nobody's name, number, address, health. */
};

/* JOURNEY, settled under POLICY. WHOLE adds what only the record's own page shows. */
cJSON *view_journey(const struct view *view, const struct journey *journey,
		    const struct policy *policy, bool whole);
/* ALERT; with the ids of its journeys when MEMBERS. */
cJSON *view_alert(const struct view *view, const struct alert *alert, bool members);
/* Each deadline ahead, each alert that is wanted and each open task of JOURNEY, with its arithmetic
 * in words. */
cJSON *view_why(const struct view *view, const struct journey *journey,
		const struct policy *policy);

/* Unpack ROW and settle it. */
int view_unpack(const struct view *view, const struct store_journey *row, struct journey *out,
		const struct policy **policy, struct err *err);

/* Add an instant, or null when it is WHEN_NEVER or WHEN_UNKNOWN. */
void view_time(const struct view *view, cJSON *object, const char *name, int64_t at);
/* Add a text, or null when it is NULL or "". */
void view_text(cJSON *object, const char *name, const char *value);
/* What is owed for JOURNEY at view->now, in view->arena. */
const struct plan *view_plan(const struct view *view, const struct journey *journey,
			     const struct policy *policy);
/* Why PLAN's traveller may not go home yet, in plain English; NULL when nothing stands against it.
 */
const char *view_not_releasable(const struct view *view, const struct plan *plan);
/* "S-000017" */
const char *view_silence_number(int64_t silence, char buf[24]);
const char *stop_kind_word(enum stop_kind kind);
const char *alert_state_word(enum alert_state state);

#endif
