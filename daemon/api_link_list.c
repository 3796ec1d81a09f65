/* api_link_list.c — the page behind the link of a digest: the alerts it tells of, each with the way
 * to its own page, and one button that takes all that wait. Neighbours: api_link.c reads the token
 * and the form; wire/page_list.c makes the HTML.
 *
 * Each alert is taken by a fact of its own: what one of them forbids holds none of the others up,
 * and pressing again takes what is left. */
#include "daemon/api_link.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 200  /* Alerts on one page, and taken by one press. */
#define READ_MAX  2000 /* No channel holds a digest of so many. */
#define PAGE_CAP  ((size_t)256 * 1024)

/* The alerts of one digest, each once; those that wait in front. */
struct members {
	struct arena *arena;
	size_t len, open, cap;
	int64_t *ids;
	struct alert *alerts;
};

static void collect(void *context, const void *row)
{
	struct members *members = context;
	const struct notice *notice = row;

	for (size_t i = 0; i < members->len; i++) {
		if (members->ids[i] == notice->alert)
			return;
	}
	if (notice->alert > 0 && members->len < members->cap)
		members->ids[members->len++] = notice->alert;
}

static int load_alerts(struct visit *visit, struct members *members, struct err *err)
{
	struct store *store = visit->api->store;
	struct alert *over = arena_alloc(&visit->arena, (members->len + 1) * sizeof(*over));
	size_t len = 0;
	int rc = 0;

	members->alerts = arena_alloc(&visit->arena, (members->len + 1) * sizeof(*over));
	for (size_t i = 0; i < members->len && rc == 0; i++) {
		struct alert *alert = &over[len];

		rc = store->ops->alert_load(store, members->ids[i], alert, err);
		if (rc == CL_ENOENT)
			rc = 0;
		else if (rc == 0 && link_waits(alert))
			members->alerts[members->open++] = *alert;
		else
			len++;
	}
	memcpy(&members->alerts[members->open], over, len * sizeof(*over));
	members->len = members->open + len;
	return rc;
}

/* False after having answered. */
static bool read_members(struct visit *visit, const struct link *link, struct members *members)
{
	struct store *store = visit->api->store;
	struct arena rows = ARENA_INIT;
	struct err err = ERR_INIT;

	*members = (struct members){.cap = READ_MAX};
	members->ids = arena_alloc(&visit->arena, READ_MAX * sizeof(*members->ids));
	int rc = store->ops->notices_of_digest(store, link->token.notice, &rows, collect, members,
					       &err);

	arena_release(&rows);
	if (rc == 0)
		rc = load_alerts(visit, members, &err);
	if (rc < 0)
		reply_error(visit, rc, &err);
	return rc == 0;
}

/* --- The page ------------------------------------------------------------------------------ */

static void count_member(void *context, const void *row)
{
	(void)row;
	(*(unsigned *)context)++;
}

/* "上海市…莘松三村 · 8人 · 预计21:40到达" */
static const char *where_words(struct visit *visit, const struct alert *alert)
{
	const struct api *api = visit->api;
	const struct phrasebook *book = conf_book(api->conf, "zh-CN");
	char room[512], chain[256], number[16];
	unsigned people = 0;
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	engine_unit_name(api->engine, alert->unit, chain, sizeof(chain));
	(void)api->store->ops->members_of(api->store, alert->id, count_member, &people, NULL);
	if (*chain)
		text_addf(&out, "%s · ", chain);
	if (people > 0) {
		const struct phrase_arg count = {"count", number};

		snprintf(number, sizeof(number), "%u", people);
		phrase_fill(book, "page.list.people", &count, 1, &out);
		text_add(&out, " · ");
	}
	bool eta = alert->eta != WHEN_UNKNOWN;
	const struct phrase_arg at = {"at", link_when(visit, eta ? alert->eta : alert->since)};

	phrase_fill(book, eta ? "page.list.eta" : "page.list.since", &at, 1, &out);
	return arena_copy(&visit->arena, room);
}

/* The way to the alert's own page, for the same reader and as long as this link holds. */
static const char *own_link(struct visit *visit, const struct link *link, int64_t alert)
{
	struct ack_token token = {.alert = alert,
				  .action = "ack",
				  .expires_s = link->token.expires_s};
	char made[ACK_TOKEN_CAP];

	text_copy(token.who, sizeof(token.who), link->token.who);
	if (ack_ring_make(visit->api->ack, &token, made) < 0)
		return NULL;
	return arena_printf(&visit->arena, "/a/%s", made);
}

static const char *title_words(struct visit *visit, const char *language, const struct alert *alert)
{
	const struct phrasebook *book = conf_book(visit->api->conf, language);

	return book ? phrase_find(book, arena_printf(&visit->arena, "alert.%s.title",
						     alert_traits(alert->kind)->word))
		    : NULL;
}

static struct page_item item_of(struct visit *visit, const struct link *link,
				const struct alert *alert)
{
	const struct phrasebook *book = conf_book(visit->api->conf, "zh-CN");
	bool taken = alert->acked_at != WHEN_NEVER;
	const char *title = title_words(visit, "zh-CN", alert);
	char number[24];

	return (struct page_item){
		.alert = arena_copy(&visit->arena, alert_number(alert->id, number)),
		.title = title ? title : alert_traits(alert->kind)->word,
		.title_second = title_words(visit, "en", alert),
		.where = where_words(visit, alert),
		.href = alert_traits(alert->kind)->informative ? NULL
							       : own_link(visit, link, alert->id),
		.open = link_waits(alert),
		.by = *alert->by ? alert->by : NULL,
		.at = taken ? link_when(visit, alert->acked_at) : NULL,
		.outcome = alert->state == ALERT_RESOLVED ? link_outcome(book, alert) : NULL,
		.told = alert->state == ALERT_OPEN && !link_waits(alert),
	};
}

static void show(struct visit *visit, int status, const struct link *link,
		 const struct members *members, struct page_list *model)
{
	const struct conf *conf = visit->api->conf;
	struct page_item *items = arena_alloc(&visit->arena, SHOWN_MAX * sizeof(*items));
	struct text page;

	model->first = conf_book(conf, "zh-CN");
	model->second = conf_book(conf, "en");
	model->drill = visit->api->drill;
	model->total = members->len;
	model->open = members->open;
	model->items = items;
	model->form = link->form;
	for (; model->len < members->len && model->len < SHOWN_MAX; model->len++)
		items[model->len] = item_of(visit, link, &members->alerts[model->len]);
	text_init(&page, arena_alloc(&visit->arena, PAGE_CAP), PAGE_CAP);
	page_list(&page, model);
	reply_html(visit, status, &page, 0);
}

void link_list_show(struct visit *visit, struct link *link)
{
	struct page_list model = {.done = false};
	struct members members;

	if (read_members(visit, link, &members))
		show(visit, 200, link, &members, &model);
}

/* --- All at once --------------------------------------------------------------------------- */

static void answer_list(struct visit *visit, const struct fact_result *results)
{
	const struct link *link = visit->work;
	struct page_list model = {.done = true};
	struct members members;

	for (size_t i = 0; i < visit->facts_len; i++)
		model.taken += results[i].code == CL_OK && results[i].reject == REJECT_NONE;
	if (read_members(visit, link, &members))
		show(visit, 200, link, &members, &model);
}

void link_list_take(struct visit *visit, struct link *link)
{
	struct page_list model = {.done = false};
	struct members members;
	size_t len = 0;

	if (!read_members(visit, link, &members))
		return;
	int status = members.open > 0 ? link_reader(visit, link) : 0;

	if (status < 0)
		return;
	if (status > 0 || members.open == 0) {
		show(visit, status ? status : 200, link, &members, &model);
		return;
	}
	if (members.open > SHOWN_MAX)
		members.open = SHOWN_MAX;
	visit->facts = arena_alloc(&visit->arena, members.open * sizeof(*visit->facts));
	for (; len < members.open; len++) {
		if (!link_fact(visit, link, members.alerts[len].id, &visit->facts[len]))
			return;
	}
	visit->facts_len = len;
	visit->answer = answer_list;
}
