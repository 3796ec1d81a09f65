/* api_link.c — the page behind the link in a message: GET shows it and changes nothing, POST takes
 * the alert. Neighbours: wire/page.c makes the HTML, wire/ack_token.c reads the token;
 * api_link_list.c is the link of a digest, api_link_address.c the answers to an address,
 * api_alerts.c the same for programs.
 *
 * The token is the permission: it names one alert and one reader, and ends by itself. The page
 * tells no names, documents or addresses, because a group chat is no safe place. Chats open links
 * to show a preview, so nothing but the button changes anything. */
#include "daemon/api_link.h"

#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"

#define PAGE_CAP  ((size_t)48 * 1024) /* A street of 170 committees and their codes: 20 KB. */
#define NAME_MAX  40
#define PIN_TRIES 5
#define PIN_REST  (15 * WHEN_MINUTE)

const char *link_when(struct visit *visit, int64_t at)
{
	char clock[WHEN_CAP], day[WHEN_CAP];
	const struct zone *zone = visit->api->conf->zone;

	if (at == WHEN_NEVER || at == WHEN_UNKNOWN)
		return "?";
	when_clock_text(at, zone, clock);
	if (when_day(zone, at) == when_day(zone, visit->now))
		return arena_copy(&visit->arena, clock);
	return arena_printf(&visit->arena, "%s %s", when_day_text(when_day(zone, at), day) + 5,
			    clock);
}

const char *link_outcome(const struct phrasebook *book, const struct alert *alert)
{
	char key[64];
	const char *words;

	snprintf(key, sizeof(key), "outcome.%s", alert->outcome);
	words = book ? phrase_find(book, key) : NULL;
	return words ? words : alert->outcome;
}

bool link_waits(const struct alert *alert)
{
	return alert->state == ALERT_OPEN && !alert_traits(alert->kind)->informative;
}

/* --- How often ----------------------------------------------------------------------------- */

static uint64_t keyed(const struct api *api, const char *what)
{
	uint8_t hash[16];
	uint64_t key;

	digest_blake2b(api->token_key, sizeof(api->token_key), what, strlen(what), hash,
		       sizeof(hash));
	memcpy(&key, hash, sizeof(key));
	return key;
}

/* False after having answered 429. */
static bool may_ask(struct visit *visit, const char *what, unsigned per_minute)
{
	int64_t wait = throttle_ask(&visit->api->link_throttle, keyed(visit->api, what), per_minute,
				    clock_monotonic());

	if (wait > 0)
		link_say(visit, 429, PAGE_ACK_BUSY, (int)((wait + WHEN_SECOND - 1) / WHEN_SECOND));
	return wait == 0;
}

/* --- Who ----------------------------------------------------------------------------------- */

static bool same_secret(const struct api *api, const char *left, const char *right)
{
	uint8_t hash[2][32];

	digest_blake2b(api->token_key, sizeof(api->token_key), left, strlen(left), hash[0], 32);
	digest_blake2b(api->token_key, sizeof(api->token_key), right, strlen(right), hash[1], 32);
	return digest_equal(hash[0], hash[1], 32);
}

/* The row that counts wrong PINs for LINK: by what it is about and for whom, so that a link made
 * anew has no new tries. */
static struct pin_row *pin_row(struct visit *visit, const struct link *link)
{
	struct api *api = visit->api;
	char number[24];
	uint64_t key = keyed(api, arena_printf(&visit->arena, "pin %s %s",
					       *link->token.notice
						       ? link->token.notice
						       : alert_number(link->token.alert, number),
					       link->token.who));
	struct pin_row *oldest = api->pins;

	for (size_t i = 0; i < ARRAY_LEN(api->pins); i++) {
		if (api->pins[i].key == key)
			return &api->pins[i];
		if (api->pins[i].at < oldest->at)
			oldest = &api->pins[i];
	}
	*oldest = (struct pin_row){.key = key};
	return oldest;
}

/* A row rests from its last wrong PIN on; a clock that was set back makes it no longer. */
static bool is_locked(struct pin_row *row, int64_t now)
{
	if (row->at > now)
		row->at = now;
	if (now - row->at >= PIN_REST)
		row->wrong = 0;
	return row->wrong >= PIN_TRIES;
}

/* 0: right; else the status to answer with. */
static int check_pin(struct visit *visit, struct link *link)
{
	const struct http_request *request = visit->call->request;
	struct pin_row *row = pin_row(visit, link);
	char pin[64] = "";

	if (is_locked(row, visit->now))
		return 429;
	if (request->body && http_form(request->body, "pin", pin, sizeof(pin)) &&
	    same_secret(visit->api, pin, link->endpoint->ack_pin)) {
		row->wrong = 0;
		return 0;
	}
	link->form.pin_wrong = true;
	/* An empty field is a slip, not a guess. */
	if (*pin) {
		row->wrong++;
		row->at = visit->now;
	}
	return is_locked(row, visit->now) ? 429 : 403;
}

static const char *read_name(struct visit *visit)
{
	const struct http_request *request = visit->call->request;
	char name[256] = "";

	if (!request->body || !http_form(request->body, "name", name, sizeof(name)) ||
	    !text_is_utf8(name, strlen(name)))
		return NULL;
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "by", name);
	const char *by = body_text(visit, body, "by", NAME_MAX);

	cJSON_Delete(body);
	return by && by[strspn(by, " ")] != '\0' ? by : NULL;
}

int link_reader(struct visit *visit, struct link *link)
{
	int status = 0;

	link->by = link->group ? read_name(visit) : arena_copy(&visit->arena, link->token.who + 2);
	link->form.name = link->group ? link->by : NULL;
	link->form.name_missing = !link->by;
	if (link->form.ask_pin)
		status = check_pin(visit, link);
	if (status == 429) {
		link_say(visit, status, PAGE_ACK_LOCKED, (int)(PIN_REST / WHEN_SECOND));
		return -1;
	}
	return status == 0 && !link->by ? 400 : status;
}

bool link_fact(struct visit *visit, const struct link *link, int64_t alert, struct fact **out)
{
	cJSON *body = cJSON_CreateObject();
	char number[24], id[IDENT_CAP];

	visit->caller.name = "link";
	cJSON_AddStringToObject(body, "by", link->by);
	bool made = visit_fact(visit, FACT_ALERT_ACKED,
			       arena_printf(&visit->arena, "alert/%s", alert_number(alert, number)),
			       body, out);
	cJSON_Delete(body);
	if (!made)
		return false;
	/* Pressing once may be several facts: a key of the caller's would make them one. */
	ident_make(id, "fct", visit->now, &visit->api->entropy);
	(*out)->stamp.id = arena_copy(&visit->arena, id);
	(*out)->alert = alert;
	(*out)->by = link->by;
	if (text_starts(link->token.who, "e:"))
		(*out)->via = arena_copy(&visit->arena, link->token.who + 2);
	return true;
}

/* --- The page ------------------------------------------------------------------------------ */

static void send_page(struct visit *visit, int status, const struct page_ack *model,
		      int retry_after_s)
{
	struct text page;

	text_init(&page, arena_alloc(&visit->arena, PAGE_CAP), PAGE_CAP);
	page_ack(&page, model);
	reply_html(visit, status, &page, retry_after_s);
}

static struct page_ack begin_page(const struct visit *visit, enum page_ack_state state)
{
	return (struct page_ack){.first = conf_book(visit->api->conf, "zh-CN"),
				 .second = conf_book(visit->api->conf, "en"),
				 .state = state,
				 .drill = visit->api->drill};
}

void link_say(struct visit *visit, int status, enum page_ack_state state, int retry_after_s)
{
	const struct page_ack model = begin_page(visit, state);

	send_page(visit, status, &model, retry_after_s);
}

/* The page says what the message said. */
static int add_words(struct visit *visit, const struct alert *alert, struct page_ack *model,
		     struct err *err)
{
	struct engine *engine = visit->api->engine;
	struct alert_words words;
	int rc = engine_alert_words(engine, alert, "zh-CN", visit->now, &visit->arena, &words, err);

	model->words = (struct page_words){.title = words.title, .text = words.text};
	if (rc < 0 || !model->second)
		return rc;
	rc = engine_alert_words(engine, alert, "en", visit->now, &visit->arena, &words, err);
	model->words_second = (struct page_words){.title = words.title, .text = words.text};
	return rc;
}

/* Since when it is in the hands of alert->by: who ends it takes it then. */
static int64_t hers_since(const struct alert *alert)
{
	bool ended_by_her =
		alert->state == ALERT_RESOLVED && !text_equal(alert->outcome, "cleared");

	return ended_by_her ? alert->resolved_at : alert->acked_at;
}

/* Where somebody lives, in words: whoever was sent the link is going to see it. */
static void link_look(struct visit *visit, const struct link *link, const struct alert *alert)
{
	char number[24];

	if (!*visit->caller.name || strcmp(visit->caller.name, "link") == 0)
		visit->caller.name = arena_copy(&visit->arena, link->token.who);
	visit_look(visit, alert->subject, alert_number(alert->id, number));
}

static void show(struct visit *visit, int status, enum page_ack_state state,
		 const struct link *link, const struct alert *alert)
{
	struct page_ack model = begin_page(visit, state);
	struct err err = ERR_INIT;
	char number[24];
	int rc = add_words(visit, alert, &model, &err);

	if (rc == 0 && alert->kind == ALERT_ADDRESS) {
		struct page_question *question;

		rc = link_question(visit, alert, &question, &err);
		question->code_wrong = link->code_wrong;
		if (rc == 0 && !visit->committed && !question->decided)
			link_look(visit, link, alert);
		model.question = question;
	}
	if (rc < 0) {
		reply_error(visit, rc, &err);
		return;
	}
	model.alert = alert_number(alert->id, number);
	model.form = link->form;
	model.by = *alert->by ? alert->by : NULL;
	model.at = link_when(visit, hers_since(alert));
	if (alert->state == ALERT_RESOLVED) {
		model.over_at = link_when(visit, alert->resolved_at);
		model.outcome = link_outcome(model.first, alert);
		model.outcome_second = link_outcome(model.second, alert);
	}
	send_page(visit, status, &model, 0);
}

static enum page_ack_state state_of(const struct alert *alert)
{
	static const enum page_ack_state states[] = {
		[ALERT_OPEN] = PAGE_ACK_OPEN,
		[ALERT_ACKED] = PAGE_ACK_ALREADY,
		[ALERT_RESOLVED] = PAGE_ACK_OVER,
	};

	return states[alert->state];
}

/* Read the token. False after having answered. */
static bool open_link(struct visit *visit, struct link *link)
{
	const struct api *api = visit->api;
	const struct conf_limits *limits = &api->conf->limits;
	struct err err = ERR_INIT;

	/* Who may open our socket needs no bound. */
	if (!visit->call->unix_peer &&
	    !may_ask(visit, arena_printf(&visit->arena, "from %s", visit->call->peer),
		     limits->link_address))
		return false;
	*link = (struct link){.by = NULL};
	int rc = ack_ring_read(api->ack, visit->part[0], visit->now, &link->token, &err);
	bool list = rc == 0 && strcmp(link->token.action, "list") == 0;

	if (rc == CL_ECONFLICT) {
		link_say(visit, 410, PAGE_ACK_EXPIRED, 0);
		return false;
	}
	if (rc < 0 || (!list && strcmp(link->token.action, "ack") != 0) ||
	    list != (*link->token.notice != '\0')) {
		link_say(visit, 403, PAGE_ACK_UNKNOWN, 0);
		return false;
	}
	/* Only links of ours are counted: made-up ones must not crowd them out. */
	if (!may_ask(visit, visit->part[0], limits->link_token))
		return false;
	if (text_starts(link->token.who, "e:"))
		link->endpoint = conf_endpoint(api->conf, link->token.who + 2);
	/* An endpoint that is configured no more may have been a group. */
	link->group = text_starts(link->token.who, "e:") &&
		      (!link->endpoint || channel_is_group(link->endpoint->channel));
	link->form = (struct page_form){.action = visit->call->request->path,
					.ask_name = link->group,
					.ask_pin = link->endpoint && link->endpoint->ack_pin};
	return true;
}

/* Load the alert LINK is about. False after having answered. */
static bool load_alert(struct visit *visit, const struct link *link, struct alert *alert)
{
	struct store *store = visit->api->store;
	struct err err = ERR_INIT;
	int rc = store->ops->alert_load(store, link->token.alert, alert, &err);

	if (rc == CL_ENOENT)
		link_say(visit, 404, PAGE_ACK_UNKNOWN, 0);
	else if (rc < 0)
		reply_error(visit, rc, &err);
	return rc == 0;
}

void api_link_show(struct visit *visit)
{
	struct link link;
	struct alert alert;

	if (!open_link(visit, &link))
		return;
	if (*link.token.notice)
		link_list_show(visit, &link);
	else if (load_alert(visit, &link, &alert))
		show(visit, 200, state_of(&alert), &link, &alert);
}

static void answer_link(struct visit *visit, const struct fact_result *results)
{
	const struct link *link = visit->work;
	struct alert alert;

	if (!visit_accepted(visit, results) || !load_alert(visit, link, &alert))
		return;
	/* Somebody may have pressed in the same moment, or it may just have ended. */
	bool hers = text_equal(alert.by, link->by) &&
		    (alert.state == ALERT_ACKED || text_equal(alert.outcome, "acknowledged"));
	show(visit, 200, hers ? PAGE_ACK_DONE : state_of(&alert), link, &alert);
}

/* What another decided in the same moment is no failure: the page says who, and which. */
static void answer_choice(struct visit *visit, const struct fact_result *results)
{
	const struct link *link = visit->work;
	struct alert alert;

	(void)results;
	if (load_alert(visit, link, &alert))
		show(visit, 200, text_equal(alert.by, link->by) ? PAGE_ACK_DONE : state_of(&alert),
		     link, &alert);
}

/* A committee was pressed: taken and settled at once. */
static void take_choice(struct visit *visit, struct link *link, const struct alert *alert,
			const char *code)
{
	int status = link_reader(visit, link);

	if (status == 0 && link_assign(visit, link, alert, code)) {
		link_look(visit, link, alert);
		visit->answer = answer_choice;
	} else if (status > 0)
		show(visit, status, state_of(alert), link, alert);
}

static void take(struct visit *visit, struct link *link)
{
	struct alert alert;
	struct fact *fact;
	int status;

	if (!load_alert(visit, link, &alert))
		return;
	if (alert.kind == ALERT_ADDRESS && alert.state != ALERT_RESOLVED) {
		const char *code;
		enum link_choice choice = link_chosen(visit, &code);

		if (choice == CHOICE_MADE) {
			take_choice(visit, link, &alert, code);
			return;
		}
		link->code_wrong = choice == CHOICE_WRONG;
		if (link->code_wrong) {
			show(visit, 400, state_of(&alert), link, &alert);
			return;
		}
	}
	if (alert.state != ALERT_OPEN)
		show(visit, 200, state_of(&alert), link, &alert);
	else if ((status = link_reader(visit, link)) == 0 &&
		 link_fact(visit, link, alert.id, &fact)) {
		if (alert.kind == ALERT_ADDRESS)
			link_look(visit, link, &alert);
		visit_submit(visit, fact, answer_link);
	} else if (status > 0)
		show(visit, status, PAGE_ACK_OPEN, link, &alert);
}

void api_link_take(struct visit *visit)
{
	struct link *link = arena_alloc(&visit->arena, sizeof(*link));

	if (!open_link(visit, link))
		return;
	visit->work = link;
	if (*link->token.notice)
		link_list_take(visit, link);
	else
		take(visit, link);
}
