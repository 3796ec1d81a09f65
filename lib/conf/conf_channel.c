/* conf_channel.c — what each channel takes from the operator: its forms, its kind of secret, whom
 * it can mention. Neighbours: conf_endpoint.c reads the rest of an endpoint; lib/wire builds what
 * is sent. */
#include "conf_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define ID_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+@-"

const struct choice conf_channels[] = {
	{"generic", CHANNEL_GENERIC},
	{"wecom", CHANNEL_WECOM},
	{"dingtalk", CHANNEL_DINGTALK},
	{"feishu", CHANNEL_FEISHU},
	{"slack", CHANNEL_SLACK},
	{"pagerduty", CHANNEL_PAGERDUTY},
	{"alertmanager", CHANNEL_ALERTMANAGER},
	{NULL, 0},
};

enum secret_use {
	SECRET_NONE,
	SECRET_WEBHOOK, /* Standard Webhooks; needed. */
	SECRET_PLAIN,	/* Text the robot was given to sign with; may be absent. */
	SECRET_ROUTING, /* PagerDuty's routing key; needed. */
};

#define ROUTING_KEY_LEN 32

static bool is_id(const char *who)
{
	return *who != '\0';
}

static bool is_open_id(const char *who)
{
	return strcmp(who, "all") == 0 || (text_starts(who, "ou_") && who[3]);
}

static bool is_slack_id(const char *who)
{
	if (strcmp(who, "all") == 0 || strcmp(who, "here") == 0)
		return true;
	return strchr("UWS", *who) && who[strspn(who, CAPITALS)] == '\0' && strlen(who) > 6;
}

/* The first form is the usual one. */
static const struct choice wecom_forms[] = {
	{"markdown", FORM_MARKDOWN}, {"text", FORM_TEXT}, {"template_card", FORM_CARD}, {NULL, 0}};
static const struct choice dingtalk_forms[] = {
	{"markdown", FORM_MARKDOWN}, {"text", FORM_TEXT}, {"action_card", FORM_CARD}, {NULL, 0}};
static const struct choice feishu_forms[] = {{"text", FORM_TEXT}, {"card", FORM_CARD}, {NULL, 0}};
static const struct choice slack_forms[] = {{"blocks", FORM_CARD}, {"text", FORM_TEXT}, {NULL, 0}};
static const struct choice alertmanager_forms[] = {{"webhook", FORM_WEBHOOK},
						   {"push", FORM_PUSH},
						   {NULL, 0}};

static const struct rules {
	const struct choice *forms; /* NULL: there is only one. */
	enum secret_use secret;
	const char *no_secret;		   /* SECRET_NONE: why. */
	bool (*mentions)(const char *who); /* NULL: nobody can be mentioned. */
	const char *mentions_say;
	bool card_mentions;
	enum conf_url_secrecy secrecy;
	const char *url; /* When none is given. */
} rules[] = {
	[CHANNEL_GENERIC] = {.secret = SECRET_WEBHOOK},
	[CHANNEL_WECOM] = {.forms = wecom_forms,
			   .no_secret = "signs nothing: its secret is the key in its url",
			   .mentions = is_id,
			   .mentions_say = "a user id, a phone number (form text) or all",
			   .secrecy = URL_SECRET_IN_QUERY},
	[CHANNEL_DINGTALK] = {.forms = dingtalk_forms,
			      .secret = SECRET_PLAIN,
			      .mentions = is_id,
			      .mentions_say = "a phone number, a user id or all",
			      .secrecy = URL_SECRET_IN_QUERY},
	[CHANNEL_FEISHU] = {.forms = feishu_forms,
			    .secret = SECRET_PLAIN,
			    .mentions = is_open_id,
			    .mentions_say = "an open_id (ou_…) or all",
			    .card_mentions = true,
			    .secrecy = URL_SECRET_IN_PATH},
	[CHANNEL_SLACK] = {.forms = slack_forms,
			   .no_secret = "signs nothing: its secret is the path of its url",
			   .mentions = is_slack_id,
			   .mentions_say = "a member (U…, W…), a user group (S…), here or all",
			   .card_mentions = true,
			   .secrecy = URL_SECRET_IN_PATH},
	[CHANNEL_PAGERDUTY] = {.secret = SECRET_ROUTING,
			       .url = "https://events.pagerduty.com/v2/enqueue"},
	[CHANNEL_ALERTMANAGER] = {.forms = alertmanager_forms, .no_secret = "signs nothing"},
};
_Static_assert(ARRAY_LEN(rules) == CHANNELS, "the last channel lacks its rules");

static const struct rules *rules_of(enum conf_channel channel)
{
	assert(channel < CHANNELS);
	return &rules[channel];
}

enum conf_url_secrecy conf_channel_secrecy(enum conf_channel channel)
{
	return rules_of(channel)->secrecy;
}

const char *conf_channel_url(enum conf_channel channel)
{
	return rules_of(channel)->url;
}

const char *conf_form_word(const struct conf_endpoint *endpoint)
{
	const struct choice *forms = rules_of(endpoint->channel)->forms;

	if (!forms)
		return NULL;
	return endpoint->form == FORM_USUAL ? forms[0].word
					    : conf_choice_word(forms, (int)endpoint->form);
}

/* --- Form --- */

static const char *forms_say(struct loader *loader, const struct choice *forms)
{
	const char *said = forms[0].word;

	for (size_t i = 1; forms[i].word; i++)
		said = arena_printf(loader->arena, "%s%s%s", said,
				    forms[i + 1].word ? ", " : " or ", forms[i].word);
	return said;
}

static void read_form(struct loader *loader, const struct node *node, const char *who,
		      struct conf_endpoint *endpoint)
{
	const struct choice *forms = rules_of(endpoint->channel)->forms;
	const char *channel = conf_choice_word(conf_channels, (int)endpoint->channel);

	if (!node || !conf_text(loader, node, who))
		return;
	if (!forms) {
		conf_error(loader, node->key, "%s: channel %s has one form only", who, channel);
		return;
	}
	for (const struct choice *form = forms; form->word; form++) {
		if (strcmp(form->word, node->text) == 0) {
			endpoint->form = (enum conf_form)form->value;
			return;
		}
	}
	conf_error(loader, node, "%s: form: \"%.64s\" is none of channel %s: it is %s", who,
		   node->text, channel, forms_say(loader, forms));
}

/* --- Mentions --- */

static bool is_phone(const char *who)
{
	return *who == '1' && text_is_digits(who, 11);
}

static bool check_mention(struct loader *loader, const struct node *node, const char *who,
			  const struct conf_endpoint *endpoint)
{
	const struct rules *channel = rules_of(endpoint->channel);

	if (strlen(node->text) > CONF_MENTION_LEN_MAX || node->text[strspn(node->text, ID_CHARS)] ||
	    !channel->mentions(node->text)) {
		conf_error(loader, node, "%s: mention: \"%.64s\" is not %s", who, node->text,
			   channel->mentions_say);
		return false;
	}
	if (endpoint->channel == CHANNEL_WECOM && endpoint->form != FORM_TEXT &&
	    is_phone(node->text))
		conf_warning(loader, node,
			     "%s: mention: WeCom understands a phone number in form text only",
			     who);
	return true;
}

static void read_mention(struct loader *loader, const struct node *node, const char *who,
			 struct conf_endpoint *endpoint)
{
	const struct rules *channel = rules_of(endpoint->channel);
	const struct node **nodes;
	const char **mention;
	size_t len;

	if (!node || node->bad)
		return;
	if (!channel->mentions || (endpoint->form == FORM_CARD && !channel->card_mentions)) {
		conf_error(loader, node->key, "%s: %s mentions nobody", who,
			   channel->mentions
				   ? "a card"
				   : arena_printf(loader->arena, "channel %s",
						  conf_choice_word(conf_channels,
								   (int)endpoint->channel)));
		return;
	}
	len = conf_texts(loader, node, arena_printf(loader->arena, "%s: mention", who), &nodes);
	if (len > CONF_MENTIONS_MAX)
		conf_error(loader, nodes[CONF_MENTIONS_MAX], "%s: mention: at most %d", who,
			   CONF_MENTIONS_MAX);
	mention = arena_alloc(loader->arena, (len + 1) * sizeof(*mention));
	for (size_t i = 0; i < len && i < CONF_MENTIONS_MAX; i++) {
		if (check_mention(loader, nodes[i], who, endpoint))
			mention[endpoint->mention_len++] = nodes[i]->text;
	}
	endpoint->mention = mention;
}

/* --- Secrets --- */

static void read_webhook(struct loader *loader, const struct node *map,
			 const struct secret_keys *keys, const char *who,
			 struct conf_endpoint *endpoint)
{
	const struct node *at;

	endpoint->secrets_len = conf_secret_webhooks(loader, keys, who, endpoint->secrets, &at);
	if (!at && !loader->incomplete)
		conf_error(loader, map, "%s: channel generic needs a secret_file to sign with",
			   who);
	for (size_t i = 0; i < endpoint->secrets_len; i++) {
		if (endpoint->secrets[i].kind == WEBHOOK_PUBLIC)
			conf_error(loader, at, "%s: %s: a public key (whpk_) cannot sign", who,
				   at->key->text);
	}
}

static void read_plain(struct loader *loader, const struct node *map,
		       const struct secret_keys *keys, const char *who,
		       struct conf_endpoint *endpoint)
{
	const bool routing = rules_of(endpoint->channel)->secret == SECRET_ROUTING;
	const struct node *at;

	endpoint->keys_len = conf_secret_keys(loader, keys, who, endpoint->keys, &at);
	if (!routing)
		return;
	if (!at && !loader->incomplete)
		conf_error(loader, map, "%s: channel pagerduty needs its routing key: secret_file",
			   who);
	for (size_t i = 0; i < endpoint->keys_len; i++) {
		if (strlen(endpoint->keys[i]) != ROUTING_KEY_LEN)
			conf_error(loader, at, "%s: %s: a routing key has %d characters, not %zu",
				   who, at->key->text, ROUTING_KEY_LEN, strlen(endpoint->keys[i]));
	}
}

static void refuse_secret(struct loader *loader, const struct secret_keys *keys, const char *who,
			  const struct conf_endpoint *endpoint)
{
	const struct node *const all[] = {keys->file, keys->environment, keys->credential,
					  keys->bare};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (all[i])
			conf_error(loader, all[i]->key, "%s: channel %s %s", who,
				   conf_choice_word(conf_channels, (int)endpoint->channel),
				   rules_of(endpoint->channel)->no_secret);
	}
}

void conf_read_channel(struct loader *loader, const struct node *map,
		       const struct channel_entry *entry, const char *who,
		       struct conf_endpoint *endpoint)
{
	read_form(loader, entry->form, who, endpoint);
	read_mention(loader, entry->mention, who, endpoint);
	if (endpoint->pool_len > 0) /* Each of its robots has its own. */
		return;
	switch (rules_of(endpoint->channel)->secret) {
	case SECRET_NONE:
		refuse_secret(loader, &entry->secret, who, endpoint);
		break;
	case SECRET_WEBHOOK:
		read_webhook(loader, map, &entry->secret, who, endpoint);
		break;
	case SECRET_PLAIN:
	case SECRET_ROUTING:
		read_plain(loader, map, &entry->secret, who, endpoint);
		break;
	}
}
