/* conf_secret.c — fetches a secret from where the configuration says it lies: a file, the
 * environment, a credential. Neighbours: feeds, endpoints and tokens ask. No message made here ever
 * quotes a secret. */
#include "conf_private.h"

#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"

#define TOKEN_MIN  8  /* Shorter can be guessed through a rate limit … */
#define TOKEN_GOOD 20 /* … and below this we say so. */
#define TOKEN_MAX  512
#define PIN_MIN	   4
#define PIN_MAX	   16 /* What the page's field takes. */
#define SPACE	   " \t\r\n"

static const char *trimmed(struct loader *loader, const char *text)
{
	size_t len;

	text += strspn(text, SPACE);
	len = strlen(text);
	while (len > 0 && strchr(SPACE, text[len - 1]))
		len--;
	return arena_copy_bytes(loader->arena, text, len);
}

static const char *from_file(struct loader *loader, const struct node *node, const char *path,
			     const char *label)
{
	struct err err = ERR_INIT;
	const char *secret;
	char *bytes;
	size_t len;

	if (conf_file_read(path, CONF_SECRET_MAX, &bytes, &len, &err) < 0) {
		conf_error(loader, node, "%s: %s", label, err.text);
		return NULL;
	}
	if (memchr(bytes, '\0', len)) {
		conf_error(loader, node, "%s: %s is not text", label, path);
		mem_free(bytes);
		return NULL;
	}
	secret = trimmed(loader, bytes);
	memset(bytes, 0, len);
	mem_free(bytes);
	if (!*secret) {
		conf_error(loader, node, "%s: %s is empty", label, path);
		return NULL;
	}
	return secret;
}

static const char *from_environment(struct loader *loader, const struct node *node,
				    const char *label)
{
	const char *value = loader->world->environment(node->text);

	if (!value || !value[strspn(value, SPACE)]) {
		conf_error(loader, node, "%s: the environment has no %s", label, node->text);
		return NULL;
	}
	return trimmed(loader, value);
}

static const char *from_credential(struct loader *loader, const struct node *node,
				   const char *label)
{
	const char *dir = loader->world->environment("CREDENTIALS_DIRECTORY");

	if (!dir) {
		conf_error(loader, node, "%s: systemd has passed no credentials", label);
		return NULL;
	}
	if (!conf_is_name(node->text)) {
		conf_error(loader, node,
			   "%s: a credential's name has only letters, digits, \"._-\"", label);
		return NULL;
	}
	return from_file(loader, node, conf_path_join(loader->arena, dir, node->text), label);
}

/* Which of the four keys was given; says so when there are two. NULL when there is none. */
static const struct node *given(struct loader *loader, const struct secret_keys *keys,
				const char *who, const char *what)
{
	const struct node *const all[] = {keys->file, keys->environment, keys->credential,
					  keys->bare};
	const struct node *found = NULL;

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (all[i] && found)
			conf_error(loader, all[i]->key,
				   "%s: the %s is already given as %s: keep one of them", who, what,
				   found->key->text);
		else if (all[i])
			found = all[i];
	}
	return found;
}

static const char *fetch(struct loader *loader, const struct secret_keys *keys,
			 const struct node *key, const struct node *node, const char *who,
			 bool bare_allowed)
{
	const char *label = arena_printf(loader->arena, "%s: %s", who, key->key->text);

	if (!conf_text(loader, node, label))
		return NULL;
	if (key == keys->file)
		return from_file(loader, node,
				 conf_path_join(loader->arena, node->source->dir, node->text),
				 label);
	if (key == keys->environment)
		return from_environment(loader, node, label);
	if (key == keys->credential)
		return from_credential(loader, node, label);
	if (!bare_allowed && !loader->insecure_inline) {
		conf_error(loader, node,
			   "%s: a secret does not belong in this file: use %s_file, %s_env or "
			   "%s_credential, or allow it with insecure_inline: true",
			   label, key->key->text, key->key->text, key->key->text);
		return NULL;
	}
	return node->text;
}

const char *conf_secret_text(struct loader *loader, const struct secret_keys *keys, const char *who,
			     const char *what, bool bare_allowed, const struct node **at)
{
	*at = given(loader, keys, who, what);
	return *at ? fetch(loader, keys, *at, *at, who, bare_allowed) : NULL;
}

/* The texts behind KEYS, newest first; one that could not be had is NULL. */
static size_t fetch_all(struct loader *loader, const struct secret_keys *keys, const char *who,
			const char *out[CONF_SECRETS_MAX], const struct node ***nodes,
			const struct node **at)
{
	const struct node *key = given(loader, keys, who, "secret");
	size_t len;

	*at = key;
	if (!key)
		return 0;
	len = conf_texts(loader, key, who, nodes);
	if (len > CONF_SECRETS_MAX)
		conf_error(loader, (*nodes)[CONF_SECRETS_MAX],
			   "%s: at most %d secrets: the new one and the one it replaces", who,
			   CONF_SECRETS_MAX);
	for (size_t i = 0; i < len && i < CONF_SECRETS_MAX; i++)
		out[i] = fetch(loader, keys, key, (*nodes)[i], who, false);
	return len < CONF_SECRETS_MAX ? len : CONF_SECRETS_MAX;
}

size_t conf_secret_webhooks(struct loader *loader, const struct secret_keys *keys, const char *who,
			    struct webhook_secret out[CONF_SECRETS_MAX], const struct node **at)
{
	const char *texts[CONF_SECRETS_MAX];
	const struct node **nodes;
	size_t texts_len = fetch_all(loader, keys, who, texts, &nodes, at), len = 0;

	for (size_t i = 0; i < texts_len; i++) {
		struct err err = ERR_INIT;

		if (!texts[i])
			continue;
		if (webhook_secret_parse(&out[len], texts[i], &err) < 0)
			conf_error(loader, nodes[i], "%s: %s: %s", who, (*at)->key->text, err.text);
		else
			len++;
	}
	return len;
}

size_t conf_secret_keys(struct loader *loader, const struct secret_keys *keys, const char *who,
			const char *out[CONF_SECRETS_MAX], const struct node **at)
{
	const char *texts[CONF_SECRETS_MAX];
	const struct node **nodes;
	size_t texts_len = fetch_all(loader, keys, who, texts, &nodes, at), len = 0;

	for (size_t i = 0; i < texts_len; i++) {
		bool plain = true;

		for (const char *c = texts[i]; c && *c; c++)
			plain = plain && *c > ' ' && *c <= '~';
		if (!plain)
			conf_error(loader, nodes[i],
				   "%s: %s: the secret holds a blank or is not plain ASCII", who,
				   (*at)->key->text);
		else if (texts[i])
			out[len++] = texts[i];
	}
	return len;
}

/* 64 hexadecimal digits. */
static bool from_hex(const char *text, uint8_t out[CONF_MASTER_LEN])
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";

	if (strlen(text) != (size_t)2 * CONF_MASTER_LEN)
		return false;
	for (size_t i = 0; text[i]; i++) {
		const char *digit = strchr(digits, text[i]);

		if (!digit)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | ((digit - digits) & 15));
	}
	return true;
}

size_t conf_secret_masters(struct loader *loader, const struct secret_keys *keys,
			   uint8_t out[CONF_SECRETS_MAX][CONF_MASTER_LEN])
{
	const char *texts[CONF_SECRETS_MAX];
	const struct node **nodes, *at;
	size_t texts_len = fetch_all(loader, keys, "master_key", texts, &nodes, &at), len = 0;

	for (size_t i = 0; i < texts_len; i++) {
		if (!texts[i])
			continue;
		if (from_hex(texts[i], out[len]) ||
		    digest_unbase64(texts[i], strlen(texts[i]), out[len], CONF_MASTER_LEN) ==
			    CONF_MASTER_LEN)
			len++;
		else
			conf_error(loader, nodes[i],
				   "master_key: %s: a master key is %d bytes, as 64 hexadecimal "
				   "digits or as base64",
				   at->key->text, CONF_MASTER_LEN);
	}
	return len;
}

const char *conf_secret_token(struct loader *loader, const struct secret_keys *keys,
			      const char *who, const struct node **at)
{
	const char *token = conf_secret_text(loader, keys, who, "token", false, at);
	size_t len;

	if (!token)
		return NULL;
	len = strlen(token);
	for (size_t i = 0; i < len; i++) {
		if (token[i] <= ' ' || token[i] > '~') {
			conf_error(loader, *at, "%s: the token holds a blank or is not plain ASCII",
				   who);
			return NULL;
		}
	}
	if (len < TOKEN_MIN || len > TOKEN_MAX) {
		conf_error(loader, *at, "%s: the token has %zu characters, not %d to %d", who, len,
			   TOKEN_MIN, TOKEN_MAX);
		return NULL;
	}
	if (len < TOKEN_GOOD)
		conf_warning(loader, *at, "%s: the token has only %zu characters: %d are safer",
			     who, len, TOKEN_GOOD);
	return token;
}

const char *conf_secret_pin(struct loader *loader, const struct secret_keys *keys, const char *who)
{
	const struct node *at;
	const char *pin = conf_secret_text(loader, keys, who, "ack_pin", false, &at);
	size_t len = pin ? strlen(pin) : 0;

	if (!pin)
		return NULL;
	if (len >= PIN_MIN && len <= PIN_MAX && strspn(pin, "0123456789") == len)
		return pin;
	conf_error(loader, at, "%s: ack_pin is not %d to %d digits: what a phone's keypad types",
		   who, PIN_MIN, PIN_MAX);
	return NULL;
}
