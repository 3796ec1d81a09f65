/* post.c — see post.h. Neighbour: house.c turns the clock and asks for the answers. */
#include "post.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"

struct post_mailbox {
	struct post_mailbox *next;
	char *name;
	struct post_behaviour behaviour;
	struct vendor_desk desk;
	bool slow; /* of two uneven machines it is this one's turn */
};

/* What was sent, before anybody reads it. */
struct post_letter {
	const char *endpoint;
	char notice[IDENT_CAP];
	int attempt;
	const char *body;
	size_t body_len;
};

struct post_answer {
	int64_t at;
	uint64_t number; /* in the order in which they were asked for */
	char notice[IDENT_CAP];
	struct post_said said;
	char seconds[16];	   /* of Retry-After, where it is written here */
	struct post_letter letter; /* read when the answer comes … */
	char *kept;		   /* … and its body, or NULL */
};

struct post_tries {
	char notice[IDENT_CAP]; /* "" = free */
	int tries;
};

/* --- Mailboxes --- */

static struct post_mailbox *mailbox(struct post *post, const char *name)
{
	struct post_mailbox **link = &post->mailboxes;

	for (; *link; link = &(*link)->next) {
		if (text_equal((*link)->name, name))
			return *link;
	}
	*link = mem_alloc(sizeof(**link));
	(*link)->name = mem_copy(name);
	return *link;
}

void post_init(struct post *post)
{
	*post = (struct post){.now = WHEN_UNKNOWN};
}

void post_release(struct post *post)
{
	while (post->mailboxes) {
		struct post_mailbox *gone = post->mailboxes;
		post->mailboxes = gone->next;
		mem_free(gone->name);
		mem_free(gone);
	}
	post_cut(post);
	mem_free(post->deliveries);
	mem_free(post->answers);
	mem_free(post->tries);
	arena_release(&post->arena);
	post_init(post);
}

void post_configure(struct post *post, const struct conf *conf)
{
	post->conf = conf;
	for (size_t i = 0; i < conf->endpoints_len; i++)
		(void)mailbox(post, conf->endpoints[i].name);
}

void post_behave(struct post *post, const char *endpoint, const struct post_behaviour *behaviour)
{
	if (endpoint) {
		mailbox(post, endpoint)->behaviour = *behaviour;
		return;
	}
	for (struct post_mailbox *box = post->mailboxes; box; box = box->next)
		box->behaviour = *behaviour;
}

/* --- Orders --- */

static struct post_tries *tries_slot(struct post_tries *table, size_t cap, const char *notice)
{
	uint64_t hash = UINT64_C(1469598103934665603);

	for (const char *c = notice; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	size_t at = (size_t)hash & (cap - 1);
	while (table[at].notice[0] && strcmp(table[at].notice, notice) != 0)
		at = (at + 1) & (cap - 1);
	return &table[at];
}

static int count_try(struct post *post, const char *notice)
{
	if (2 * (post->tries_len + 1) > post->tries_cap) {
		size_t cap = post->tries_cap ? 2 * post->tries_cap : 64;
		struct post_tries *table = mem_alloc(cap * sizeof(*table));
		for (size_t i = 0; i < post->tries_cap; i++) {
			if (post->tries[i].notice[0])
				*tries_slot(table, cap, post->tries[i].notice) = post->tries[i];
		}
		mem_free(post->tries);
		post->tries = table;
		post->tries_cap = cap;
	}
	struct post_tries *slot = tries_slot(post->tries, post->tries_cap, notice);
	if (!slot->notice[0]) {
		text_copy(slot->notice, sizeof(slot->notice), notice);
		post->tries_len++;
	}
	return ++slot->tries;
}

/* A signature may follow in the query. */
static bool is_at(const struct conf_endpoint *endpoint, const char *url)
{
	size_t len = endpoint->url ? strlen(endpoint->url) : 0;

	return len && strncmp(endpoint->url, url, len) == 0 &&
	       (url[len] == '\0' || url[len] == '?' || url[len] == '&');
}

static const struct conf_endpoint *endpoint_at(const struct post *post, const char *url)
{
	for (size_t i = 0; i < post->conf->endpoints_len; i++) {
		if (is_at(&post->conf->endpoints[i], url))
			return &post->conf->endpoints[i];
	}
	return NULL;
}

static void deliver(struct post *post, const struct post_letter *letter)
{
	if (post->len == post->cap) {
		post->cap = post->cap ? 2 * post->cap : 64;
		post->deliveries = mem_grow(post->deliveries, post->cap * sizeof(struct delivery));
	}
	struct delivery *delivery = &post->deliveries[post->len++];
	*delivery = (struct delivery){
		.at = post->now,
		.endpoint = letter->endpoint,
		.attempt = letter->attempt,
		.body = arena_copy_bytes(&post->arena, letter->body, letter->body_len),
		.body_len = letter->body_len,
	};
	text_copy(delivery->notice, sizeof(delivery->notice), letter->notice);
}

/* The post forgets what was read; a letter that nobody has read yet is the answer's. */
static void keep(struct post_answer *answer, const struct post_letter *letter)
{
	answer->letter = *letter;
	answer->kept = mem_alloc(letter->body_len + 1);
	memcpy(answer->kept, letter->body, letter->body_len);
	answer->letter.body = answer->kept;
}

/* What a desk that works says to an order. */
static const struct post_said *at_the_desk(struct post *post, struct post_mailbox *box,
					   enum conf_channel channel)
{
	const struct post_said *said = NULL;

	if (post->strict)
		said = vendor_call(&box->desk, channel, post->now);
	if (!said && post->fate)
		said = post->fate(post->watch_context, box->name);
	return said;
}

static void answer_with(struct post_answer *answer, struct post_mailbox *box,
			const struct conf_endpoint *endpoint, struct post *post)
{
	const struct post_behaviour *behaviour = &box->behaviour;
	const struct post_said *said = NULL;

	switch (behaviour->way) {
	case POST_TAKES:
	case POST_LOSES:
		said = at_the_desk(post, box, endpoint->channel);
		answer->said = said ? *said : *vendor_fine(endpoint->channel);
		if (!said)
			answer->said.ok = true;
		break;
	case POST_SAYS:
		answer->said = *behaviour->said;
		break;
	case POST_FAILS:
		answer->said.status = behaviour->status ? behaviour->status : 500;
		break;
	case POST_BUSY:
		snprintf(answer->seconds, sizeof(answer->seconds), "%d", behaviour->retry_after_s);
		answer->said.status = 429;
		break;
	case POST_REFUSES:
		answer->said.error = "connect refused";
		break;
	case POST_HANGS:
		break;
	}
}

static struct post_answer *plan_answer(struct post *post)
{
	if (post->answers_len == post->answers_cap) {
		post->answers_cap = post->answers_cap ? 2 * post->answers_cap : 16;
		post->answers =
			mem_grow(post->answers, post->answers_cap * sizeof(struct post_answer));
	}
	return &post->answers[post->answers_len++];
}

static int take(void *self, const struct transport_order *order, struct err *err)
{
	struct post *post = self;
	const struct conf_endpoint *endpoint = endpoint_at(post, order->request->url);

	if (!endpoint)
		return err_set(err, CL_EINVAL, "no endpoint has the address of notice %s",
			       order->notice);
	struct post_mailbox *box = mailbox(post, endpoint->name);
	const struct post_behaviour *behaviour = &box->behaviour;
	struct post_letter letter = {.endpoint = box->name,
				     .attempt = count_try(post, order->notice),
				     .body = order->request->body,
				     .body_len = order->request->body_len};
	bool fast = behaviour->uneven && !(box->slow = !box->slow);
	int64_t latency = fast ? 0 : behaviour->latency;
	bool silent = behaviour->way == POST_HANGS || behaviour->way == POST_LOSES ||
		      latency > order->total_ms;

	text_copy(letter.notice, sizeof(letter.notice), order->notice);
	post->orders++;
	if (post->watch)
		post->watch(post->watch_context, box->name, order);
	struct post_answer *answer = plan_answer(post);
	*answer = (struct post_answer){.at = post->now + (silent ? order->total_ms : latency),
				       .number = post->orders,
				       .said = {.error = "", .body = ""}};
	answer_with(answer, box, endpoint, post);
	if (!answer->said.ok)
		post->refused++;
	else if (behaviour->uneven && !fast)
		keep(answer, &letter);
	else
		deliver(post, &letter);
	if (silent)
		answer->said = (struct post_said){.error = "timeout", .body = ""};
	text_copy(answer->notice, sizeof(answer->notice), order->notice);
	return 0;
}

struct transport post_transport(struct post *post)
{
	return (struct transport){.send = take, .self = post};
}

/* --- Answers --- */

static const struct post_answer *first_answer(const struct post *post)
{
	const struct post_answer *first = NULL;

	for (size_t i = 0; i < post->answers_len; i++) {
		const struct post_answer *answer = &post->answers[i];
		if (!first || answer->at < first->at ||
		    (answer->at == first->at && answer->number < first->number))
			first = answer;
	}
	return first;
}

int64_t post_next(const struct post *post)
{
	const struct post_answer *first = first_answer(post);
	return first ? first->at : WHEN_NEVER;
}

static void tell(struct courier *courier, const struct post_answer *answer, int64_t now)
{
	const struct post_said *said = &answer->said;
	const struct reply reply = {.status = said->status,
				    .error = said->status ? "" : said->error,
				    .body = said->body ? said->body : "",
				    .body_len = said->body ? strlen(said->body) : 0,
				    .retry_after =
					    *answer->seconds ? answer->seconds : said->retry_after};

	courier_reply(courier, answer->notice, &reply, now);
}

size_t post_bring(struct post *post, struct courier *courier)
{
	size_t brought = 0;

	while (post_next(post) <= post->now) {
		size_t at = (size_t)(first_answer(post) - post->answers);
		struct post_answer answer = post->answers[at];
		post->answers[at] = post->answers[--post->answers_len];
		if (answer.kept)
			deliver(post, &answer.letter);
		mem_free(answer.kept);
		tell(courier, &answer, post->now);
		if (post->heard)
			post->heard(post->watch_context, answer.notice, answer.said.ok);
		brought++;
	}
	return brought;
}

void post_cut(struct post *post)
{
	while (post->answers_len > 0)
		mem_free(post->answers[--post->answers_len].kept);
}

void post_shift(struct post *post, int64_t by)
{
	for (size_t i = 0; i < post->answers_len; i++)
		post->answers[i].at += by;
	for (struct post_mailbox *box = post->mailboxes; box; box = box->next)
		vendor_shift(&box->desk, by);
	post->now += by;
}

/* --- Reading --- */

static const char *word(struct post *post, const cJSON *object, const char *name)
{
	const char *string = json_string(object, name);
	return string ? arena_copy(&post->arena, string) : "";
}

/* Every "A-000045" in TEXT, each once. */
static void find_alerts(struct post *post, struct delivery *delivery, const char *text)
{
	size_t cap = 0;

	for (const char *at = text; (at = strstr(at, "A-")); at += 2)
		cap++;
	int64_t *alerts = arena_alloc(&post->arena, (cap + 1) * sizeof(*alerts));
	for (const char *at = text; (at = strstr(at, "A-")); at += 2) {
		char number[24];
		size_t len = 2 + strspn(at + 2, "0123456789"), known = 0;

		snprintf(number, sizeof(number), "%.*s", (int)(len < 23 ? len : 23), at);
		int64_t alert = alert_of_number(number);
		while (known < delivery->alerts_len && alerts[known] != alert)
			known++;
		if (alert > 0 && known == delivery->alerts_len)
			alerts[delivery->alerts_len++] = alert;
	}
	delivery->alerts = alerts;
}

/* Where each chat has its words. */
static const char *chat_words(const cJSON *message)
{
	static const struct {
		const char *kind, *words;
	} places[] = {{"msgtype", "content"}, {"msgtype", "text"}, {"msg_type", "text"}};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const char *type = json_string(message, places[i].kind);
		const cJSON *part = type ? json_get(message, type) : NULL;
		const char *words =
			json_string(part ? part : json_get(message, "content"), places[i].words);
		if (words)
			return words;
	}
	return json_string(message, "text");
}

/* A chat's message: its words, and the alert it ends with; of a card all that stands in it. */
static void read_chat(struct post *post, struct delivery *delivery, const cJSON *message)
{
	const char *words = chat_words(message);
	const char *content = words ? words : delivery->body;

	delivery->text = arena_copy(&post->arena, content);
	find_alerts(post, delivery, content);
	const char *mark = strstr(content, "#A-");
	if (mark)
		delivery->alert = alert_of_number(mark + 1);
}

/* "org.closedloopd.alert.raised.v1" → "alert.raised". */
static const char *short_type(struct post *post, const char *type)
{
	static const char prefix[] = "org.closedloopd.";
	const size_t skip = sizeof(prefix) - 1;
	size_t len = strlen(type);

	if (!text_starts(type, prefix) || len < skip + 3)
		return type;
	return arena_copy_bytes(&post->arena, type + skip, len - skip - 3);
}

const struct delivery *post_read(struct post *post, size_t i)
{
	static const struct json_limits limits = JSON_LIMITS_EVENT;
	struct delivery *delivery = &post->deliveries[i];
	cJSON *event;

	assert(i < post->len);
	if (delivery->read)
		return delivery;
	delivery->read = true;
	delivery->type = delivery->kind = delivery->unit = delivery->title = delivery->url = "";
	delivery->text = delivery->body;
	delivery->data = "{}";
	if (json_parse(&event, delivery->body, delivery->body_len, &limits, NULL) < 0)
		return delivery;
	const cJSON *data = json_get(event, "data");
	if (cJSON_IsObject(data)) {
		const char *alert = json_string(data, "alert");
		char *printed = cJSON_PrintUnformatted(data);
		delivery->type = short_type(post, word(post, event, "type"));
		delivery->kind = word(post, data, "kind");
		delivery->unit = word(post, data, "unit");
		delivery->title = word(post, data, "title");
		delivery->text = word(post, data, "text");
		delivery->url = word(post, data, "url");
		delivery->urgent = cJSON_IsTrue(json_get(data, "urgent"));
		delivery->alert = alert ? alert_of_number(alert) : 0;
		delivery->data = arena_copy(&post->arena, printed);
		if (alert)
			find_alerts(post, delivery, alert);
		cJSON_free(printed);
	} else {
		read_chat(post, delivery, event);
	}
	cJSON_Delete(event);
	return delivery;
}

void post_forget(struct post *post)
{
	post->len = 0;
	arena_clear(&post->arena);
}
