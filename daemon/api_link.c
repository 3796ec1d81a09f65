/* api_link.c — the page behind the link in a message: GET shows it and changes nothing, POST takes
 * the alert. Neighbours: wire/page.c makes the HTML, wire/ack_token.c reads the token; api_alerts.c
 * is the same for programs.
 *
 * The token is the permission: it names one alert and one reader, and ends by itself. The page
 * tells no names, documents or addresses, because a group chat is no safe place. */
#include "daemon/api_private.h"

#include <stdio.h>
#include <string.h>

#include "wire/page.h"

#define PAGE_CAP ((size_t)24 * 1024)
#define NAME_MAX 40

struct link {
	struct ack_token token;
	struct alert alert;
	bool group; /* Sent to a group: the reader says who takes it. */
	bool name_missing;
};

static void count_member(void *context, const void *row)
{
	(void)row;
	(*(unsigned *)context)++;
}

static const char *when_words(struct visit *visit, int64_t at)
{
	char clock[WHEN_CAP], day[WHEN_CAP];
	const struct zone *zone = visit->api->conf->zone;

	if (at == WHEN_NEVER || at == WHEN_UNKNOWN)
		return "?";
	return arena_printf(&visit->arena, "%s %s", when_day_text(when_day(zone, at), day) + 5,
			    when_clock_text(at, zone, clock));
}

/* Phrase KEY with what the page may tell of the alert. */
static const char *fill(struct visit *visit, const struct phrasebook *book, const char *key,
			const struct alert *alert)
{
	char *room = arena_alloc(&visit->arena, 2048);
	char chain[256], count[16];
	unsigned members = 0;
	struct text out;

	(void)visit->api->store->ops->members_of(visit->api->store, alert->id, count_member,
						 &members, NULL);
	snprintf(count, sizeof(count), "%u", members);
	engine_unit_name(visit->api->engine, alert->unit, chain, sizeof(chain));
	const struct phrase_arg args[] = {
		{"chain", chain},
		{"count", count},
		{"eta", when_words(visit, alert->eta)},
		{"before", when_words(visit, alert->eta_before)},
		{"since", when_words(visit, alert->since)},
		{"due", when_words(visit, alert->due)},
		{"transfer", alert->subject},
		{"flight", alert->subject},
		{"detail", *alert->detail ? alert->detail : alert->subject},
		{"reason", alert->detail},
		{"feed", alert->subject},
	};

	text_init(&out, room, 2048);
	phrase_fill(book, key, args, ARRAY_LEN(args), &out);
	return room;
}

static void show(struct visit *visit, int status, enum page_ack_state state,
		 const struct link *link)
{
	const struct conf *conf = visit->api->conf;
	struct page_ack model = {.first = conf_book(conf, "zh-CN"),
				 .second = conf_book(conf, "en"),
				 .state = state,
				 .drill = visit->api->drill,
				 .action = visit->call->request->path};
	char number[24], key[64], clock[WHEN_CAP];
	struct text page;

	if (link) {
		const char *word = alert_traits(link->alert.kind)->word;

		model.alert = alert_number(link->alert.id, number);
		model.ask_name = link->group;
		model.name_missing = link->name_missing;
		model.by = *link->alert.by ? link->alert.by : NULL;
		if (link->alert.acked_at != WHEN_NEVER)
			model.at = when_clock_text(link->alert.acked_at, conf->zone, clock);
		snprintf(key, sizeof(key), "alert.%s.title", word);
		model.title = fill(visit, model.first, key, &link->alert);
		snprintf(key, sizeof(key), "alert.%s.text", word);
		model.text = fill(visit, model.first, key, &link->alert);
	}
	text_init(&page, arena_alloc(&visit->arena, PAGE_CAP), PAGE_CAP);
	page_ack(&page, &model);
	reply_html(visit, status, &page);
}

/* WHO, as a token names the reader, is a group. An endpoint that is configured no more may have
 * been one. */
static bool is_group(const struct conf *conf, const char *who)
{
	const struct conf_endpoint *endpoint;

	if (!text_starts(who, "e:"))
		return false;
	endpoint = conf_endpoint(conf, who + 2);
	return !endpoint || channel_is_group(endpoint->channel);
}

/* Read the token and load its alert. False after having answered. */
static bool visit_link(struct visit *visit, struct link *link)
{
	struct api *api = visit->api;
	struct err err = ERR_INIT;
	int rc = ack_token_read(api->ack_key, sizeof(api->ack_key), visit->part[0], visit->now,
				&link->token, &err);

	if (rc == CL_ECONFLICT) {
		show(visit, 410, PAGE_ACK_EXPIRED, NULL);
		return false;
	}
	if (rc < 0 || strcmp(link->token.action, "ack") != 0) {
		show(visit, 403, PAGE_ACK_UNKNOWN, NULL);
		return false;
	}
	rc = api->store->ops->alert_load(api->store, link->token.alert, &link->alert, &err);
	if (rc == CL_ENOENT) {
		show(visit, 404, PAGE_ACK_UNKNOWN, NULL);
		return false;
	}
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return false;
	}
	link->group = is_group(api->conf, link->token.who);
	link->name_missing = false;
	return true;
}

static enum page_ack_state state_of(const struct alert *alert)
{
	return alert->state == ALERT_OPEN ? PAGE_ACK_OPEN : PAGE_ACK_ALREADY;
}

void api_link_show(struct visit *visit)
{
	struct link link;

	if (visit_link(visit, &link))
		show(visit, 200, state_of(&link.alert), &link);
}

static void answer_link(struct visit *visit, const struct fact_result *results)
{
	struct link link;

	if (visit_accepted(visit, results) && visit_link(visit, &link))
		show(visit, 200, PAGE_ACK_DONE, &link);
}

void api_link_take(struct visit *visit)
{
	const struct http_request *request = visit->call->request;
	struct link link;
	struct fact *fact;
	char name[256] = "", number[24];

	if (!visit_link(visit, &link))
		return;
	if (link.alert.state != ALERT_OPEN) {
		show(visit, 200, PAGE_ACK_ALREADY, &link);
		return;
	}
	if (link.group &&
	    (!request->body || !http_form(request->body, "name", name, sizeof(name)))) {
		link.name_missing = true;
		show(visit, 400, PAGE_ACK_OPEN, &link);
		return;
	}
	visit->caller.name = "link";
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "by", link.group ? name : link.token.who + 2);
	const char *by = body_text(visit, body, "by", NAME_MAX);

	if (by && by[strspn(by, " ")] != '\0' && text_is_utf8(by, strlen(by)) &&
	    visit_fact(visit, FACT_ALERT_ACKED,
		       arena_printf(&visit->arena, "alert/%s", alert_number(link.alert.id, number)),
		       body, &fact)) {
		fact->alert = link.alert.id;
		fact->by = by;
		if (text_starts(link.token.who, "e:"))
			fact->via = arena_copy(&visit->arena, link.token.who + 2);
		visit_submit(visit, fact, answer_link);
	} else {
		link.name_missing = link.group;
		show(visit, 400, PAGE_ACK_OPEN, &link);
	}
	cJSON_Delete(body);
}
