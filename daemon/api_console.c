/* api_console.c — GET /: the duty desk's page: open alerts, who is under way, what is next.
 * Neighbours: wire/page.h escapes; console/style.css is served by api_health.c. No script: a page
 * that needs none cannot lose the night for want of one. It renews itself every ten seconds. */
#include "daemon/api_private.h"

#include <string.h>

#include "wire/page.h"

#define PAGE_CAP   ((size_t)512 * 1024)
#define ALERTS_MAX 100
#define ROWS_MAX   200

struct desk {
	struct visit *visit;
	struct view view;
	struct arena arena; /* Of one row at a time. */
	struct text page;
	const struct phrasebook *book;
	struct journey *journey;
	unsigned rows;
};

static const char *word(const struct desk *desk, const char *key, const char *otherwise)
{
	const char *words = desk->book ? phrase_find(desk->book, key) : NULL;

	return words ? words : otherwise;
}

/* The phrase of FAMILY.WORD, or WORD. */
static const char *word_of(struct desk *desk, const char *family, const char *name)
{
	return word(desk, arena_printf(&desk->arena, "%s.%s", family, name), name);
}

static void add_cell(struct desk *desk, const char *label, const char *value)
{
	text_add(&desk->page, "<td data-label=\"");
	page_escape(&desk->page, label);
	text_add(&desk->page, "\">");
	page_escape(&desk->page, value && *value ? value : "–");
	text_add(&desk->page, "</td>");
}

static void add_when(struct desk *desk, const char *label, int64_t at)
{
	const struct zone *zone = desk->view.conf->zone;
	char clock[WHEN_CAP], day[WHEN_CAP], both[2 * WHEN_CAP];
	struct text text = TEXT_OVER(both);

	text_clear(&text);
	if (at != WHEN_NEVER && at != WHEN_UNKNOWN) {
		if (when_day(zone, at) != when_day(zone, desk->view.now))
			text_addf(&text, "%s ", when_day_text(when_day(zone, at), day) + 5);
		text_add(&text, when_clock_text(at, zone, clock));
	}
	add_cell(desk, label, both);
}

static void add_heading(struct desk *desk, const char *key, const char *otherwise)
{
	text_add(&desk->page, "<h2>");
	page_escape(&desk->page, word(desk, key, otherwise));
	text_add(&desk->page, "</h2>\n");
}

static void begin_table(struct desk *desk, const char *const *labels, size_t len)
{
	text_add(&desk->page, "<table>\n<thead><tr>");
	for (size_t i = 0; i < len; i++) {
		text_add(&desk->page, "<th scope=\"col\">");
		page_escape(&desk->page, labels[i]);
		text_add(&desk->page, "</th>");
	}
	text_add(&desk->page, "</tr></thead>\n<tbody>\n");
}

static void end_table(struct desk *desk)
{
	text_add(&desk->page, "</tbody>\n</table>\n");
	if (desk->rows > 0)
		return;
	text_add(&desk->page, "<p class=\"none\">");
	page_escape(&desk->page, word(desk, "page.home.none", "none"));
	text_add(&desk->page, "</p>\n");
}

/* --- Alerts --- */

static const char *unit_name(struct desk *desk, const char *code)
{
	char *name = arena_alloc(&desk->arena, 256);

	engine_unit_name(desk->view.engine, code, name, 256);
	return name;
}

static void add_alert(void *context, const void *row)
{
	struct desk *desk = context;
	const struct alert *alert = row;
	const struct alert_traits *traits = alert_traits(alert->kind);
	char number[24];

	if (traits->informative)
		return;
	arena_clear(&desk->arena);
	desk->rows++;
	text_addf(&desk->page, "<tr class=\"%s %s\">", traits->urgent ? "urgent" : "normal",
		  alert_state_word(alert->state));
	add_cell(desk, "#", alert_number(alert->id, number));
	add_cell(desk, "警报 Alert",
		 word(desk, arena_printf(&desk->arena, "alert.%s.title", traits->word),
		      traits->word));
	add_cell(desk, "单位 Unit", unit_name(desk, alert->unit));
	add_when(desk, "自 Since", alert->since);
	add_when(desk, "到达 ETA", alert->eta);
	add_cell(desk, "处理人 Taken by", alert->state == ALERT_ACKED ? alert->by : "");
	add_when(desk, "下一步 Next", alert->next_at);
	text_add(&desk->page, "</tr>\n");
}

static int add_alerts(struct desk *desk, struct err *err)
{
	static const char *const labels[] = {"#",	   "警报 Alert", "单位 Unit",
					     "自 Since",   "到达 ETA",	 "处理人 Taken by",
					     "下一步 Next"};

	desk->rows = 0;
	add_heading(desk, "page.home.alerts", "Open alerts");
	begin_table(desk, labels, ARRAY_LEN(labels));
	int rc = desk->view.store->ops->alerts_see(desk->view.store, desk->view.scope, NULL, true,
						   ALERTS_MAX, add_alert, desk, err);
	end_table(desk);
	return rc;
}

/* --- Journeys --- */

/* "checklist.inspect_home" is a task, everything else a rule. */
static const char *rule_words(struct desk *desk, const char *rule)
{
	static const char prefix[] = "checklist.";

	if (!rule)
		return NULL;
	if (text_starts(rule, prefix))
		return word_of(desk, "task", rule + sizeof(prefix) - 1);
	return word_of(desk, "rule", rule);
}

static void add_journey(void *context, const void *data)
{
	struct desk *desk = context;
	const struct store_journey *row = data;
	const struct policy *policy;
	const struct plan *plan;
	struct view view = desk->view;

	arena_clear(&desk->arena);
	view.arena = &desk->arena;
	if (view_unpack(&view, row, desk->journey, &policy, NULL) < 0 || desk->journey->merged_into)
		return;
	const struct journey *journey = desk->journey;

	plan = view_plan(&view, journey, policy);
	desk->rows++;
	text_addf(&desk->page, "<tr class=\"%s\">", row->alerts > 0 ? "alerted" : "calm");
	add_cell(desk, "姓名 Name", desk->view.coded ? NULL : journey->field[FIELD_NAME]);
	add_cell(desk, "状态 State", word_of(desk, "stage", stage_word(journey->stage)));
	add_cell(desk, "航班 Flight", journey->field[FIELD_FLIGHT]);
	/* Whoever was sent elsewhere comes to no gate of ours: her old committee would be called.
	 */
	const char *unit = journey->homebound ? journey->unit : NULL;
	int64_t eta = journey->eta != WHEN_UNKNOWN ? journey->eta : journey->eta_guess;
	add_cell(desk, "居委 Committee", unit ? unit_name(desk, unit) : "");
	add_when(desk, "到达 ETA", journey->homebound ? eta : WHEN_NEVER);
	add_cell(desk, "事项 Next", plan->history ? NULL : rule_words(desk, plan->next_rule));
	add_when(desk, "时限 Due", plan->history ? WHEN_NEVER : plan->next_due);
	text_add(&desk->page, "</tr>\n");
}

static int add_journeys(struct desk *desk, struct err *err)
{
	static const char *const labels[] = {"姓名 Name",      "状态 State", "航班 Flight",
					     "居委 Committee", "到达 ETA",   "事项 Next",
					     "时限 Due"};
	const struct store_filter filter = {
		.scope = desk->view.scope, .stage = -1, .open_only = true, .limit = ROWS_MAX};
	struct arena rows = ARENA_INIT;

	desk->rows = 0;
	add_heading(desk, "page.home.journeys", "Journeys");
	begin_table(desk, labels, ARRAY_LEN(labels));
	int rc = desk->view.store->ops->journeys_list(desk->view.store, &filter, &rows, add_journey,
						      desk, err);
	arena_release(&rows);
	end_table(desk);
	return rc;
}

/* Who reads, and the way out; nothing for a caller without a session. */
static void add_reader(struct desk *desk)
{
	const struct session *session = desk->visit->session;
	const struct phrase_arg name = {"name", desk->visit->caller.name};
	char room[300];
	struct text line = TEXT_OVER(room);

	if (!session)
		return;
	text_clear(&line);
	if (desk->book && phrase_find(desk->book, "page.login.signed_in"))
		phrase_fill(desk->book, "page.login.signed_in", &name, 1, &line);
	else
		text_add(&line, name.value);
	text_addf(&desk->page,
		  "<form class=\"reader\" method=\"post\" action=\"/logout\">\n"
		  "<input type=\"hidden\" name=\"csrf\" value=\"%s\">\n<span>",
		  session->csrf);
	page_escape(&desk->page, room);
	text_add(&desk->page, "</span>\n<button type=\"submit\">");
	page_escape(&desk->page, word(desk, "page.login.sign_out", "Sign out"));
	text_add(&desk->page, "</button>\n</form>\n");
}

static void begin_page(struct desk *desk)
{
	const struct session *session = desk->visit->session;
	char now[WHEN_CAP];

	text_add(&desk->page,
		 "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=\"robots\" content=\"noindex, nofollow\">\n"
		 /* What it asks for by itself is no human's step: it keeps no session awake. */
		 "<meta http-equiv=\"refresh\" content=\"10; url=/?again\">\n"
		 "<link rel=\"stylesheet\" href=\"/static/style.css\">\n");
	if (session)
		text_addf(&desk->page, "<meta name=\"csrf\" content=\"%s\">\n", session->csrf);
	text_add(&desk->page, "<title>");
	page_escape(&desk->page, word(desk, "page.home.title", "closedloopd"));
	text_add(&desk->page, "</title>\n</head>\n<body class=\"desk\">\n<header>\n<h1>");
	if (desk->visit->api->drill)
		page_escape(&desk->page, word(desk, "mark.drill", "[DRILL] "));
	page_escape(&desk->page, word(desk, "page.home.title", "closedloopd"));
	text_add(&desk->page, "</h1>\n<p class=\"now\">");
	page_escape(&desk->page, when_text(desk->view.now, desk->view.conf->zone, now));
	text_add(&desk->page, "</p>\n");
	add_reader(desk);
	text_add(&desk->page, "</header>\n<main>\n");
}

void api_console(struct visit *visit)
{
	struct desk desk = {.visit = visit,
			    .view = visit_view(visit),
			    .arena = ARENA_INIT,
			    .book = conf_book(visit->api->conf, "zh-CN"),
			    .journey = arena_alloc(&visit->arena, sizeof(struct journey))};
	struct err err = ERR_INIT;

	text_init(&desk.page, arena_alloc(&visit->arena, PAGE_CAP), PAGE_CAP);
	begin_page(&desk);
	int rc = add_alerts(&desk, &err);
	if (rc == 0)
		rc = add_journeys(&desk, &err);
	text_add(&desk.page, "</main>\n</body>\n</html>\n");
	arena_release(&desk.arena);
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	if (desk.rows > 0 && !desk.view.coded)
		visit_look(visit, "",
			   arena_printf(&visit->arena, "%u of unit %s", desk.rows,
					visit->caller.scope));
	reply_html(visit, 200, &desk.page, 0);
}
