/* conf_access.c — who may call: tokens with a role and a scope, and what a caller on this machine
 * is; how long browsers stay. Neighbours: conf_secret fetches the tokens, of which only the hash is
 * kept; conf_check finds one that two callers share. */
#include "conf_private.h"

#include <string.h>
#include <sys/stat.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"

const struct choice conf_roles[] = {
	{"operator", ROLE_OPERATOR}, {"duty", ROLE_DUTY}, {"committee", ROLE_COMMITTEE},
	{"auditor", ROLE_AUDITOR},   {NULL, 0},
};

enum loopback {
	LOOPBACK_BY_TOKENS, /* Not written: operator until the first token exists. */
	LOOPBACK_OPERATOR,
	LOOPBACK_NONE,
};

static const struct choice loopbacks[] = {
	{"operator", LOOPBACK_OPERATOR},
	{"none", LOOPBACK_NONE},
	{NULL, 0},
};

struct access_entry {
	const struct node *tokens_file;
	int loopback;
	struct conf_access access;
};

#define ACCESS(member) offsetof(struct access_entry, access.member)

static const struct field access_fields[] = {
	{.key = "tokens_file",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct access_entry, tokens_file),
	 .allowed = ALLOW(NODE_SCALAR),
	 .says = "the file that lists callers and their tokens"},
	{.key = "loopback",
	 .type = FIELD_WORD,
	 .offset = offsetof(struct access_entry, loopback),
	 .choices = loopbacks,
	 .says = "what a caller on this machine without a token is"},
	{.key = "token_life",
	 .type = FIELD_DURATION,
	 .offset = ACCESS(token_life),
	 .least = WHEN_MINUTE,
	 .most = CONF_TOKEN_LIFE_MAX,
	 .otherwise = 90 * WHEN_DAY,
	 .says = "how long a token made without an end holds"},
	{.key = "sessions",
	 .type = FIELD_COUNT,
	 .offset = ACCESS(sessions),
	 .least = 1,
	 .most = 10000,
	 .otherwise = 1000,
	 .says = "browsers at the same time; above it the longest idle one goes"},
	{.key = "session_idle",
	 .type = FIELD_DURATION,
	 .offset = ACCESS(session_idle),
	 .least = WHEN_MINUTE,
	 .most = 7 * WHEN_DAY,
	 .otherwise = 30 * WHEN_MINUTE,
	 .says = "so long without a human's step end a browser's session"},
	{.key = "session_life",
	 .type = FIELD_DURATION,
	 .offset = ACCESS(session_life),
	 .least = WHEN_MINUTE,
	 .most = 7 * WHEN_DAY,
	 .otherwise = 12 * WHEN_HOUR,
	 .says = "a browser's session ends after it in any case"},
	{.key = "failures",
	 .type = FIELD_COUNT,
	 .offset = ACCESS(failures),
	 .least = 1,
	 .most = 60000,
	 .otherwise = 5,
	 .says = "wrong tokens a minute by one address, or with one token"},
	{.key = "read_again",
	 .type = FIELD_DURATION,
	 .offset = ACCESS(read_again),
	 .least = 0,
	 .most = WHEN_DAY,
	 .otherwise = 10 * WHEN_MINUTE,
	 .says = "how long looking at the same record again is the same look"},
};
static SCHEMA(access, "access");

struct tokens_entry {
	const struct node *tokens;
};

static const struct field tokens_fields[] = {
	{.key = "tokens",
	 .type = FIELD_NODE,
	 .offset = offsetof(struct tokens_entry, tokens),
	 .allowed = ALLOW(NODE_LIST),
	 .required = true,
	 .says = "the list of callers"},
};
static SCHEMA(tokens, "tokens file");

struct token_entry {
	const char *name;
	int role;
	const struct node *scope, *hash;
	struct secret_keys token;
	int32_t expires;
};

#define AT(member) offsetof(struct token_entry, member)
#define TEXT_ONLY  ALLOW(NODE_SCALAR)

static const struct field token_fields[] = {
	{.key = "name",
	 .type = FIELD_NAME,
	 .offset = AT(name),
	 .required = true,
	 .says = "what the ledger calls the caller"},
	{.key = "role",
	 .type = FIELD_WORD,
	 .offset = AT(role),
	 .choices = conf_roles,
	 .required = true,
	 .says = "what the caller may do"},
	{.key = "scope",
	 .type = FIELD_NODE,
	 .offset = AT(scope),
	 .allowed = TEXT_ONLY,
	 .says = "the unit, with all below it, that the caller sees"},
	{.key = "token", .type = FIELD_NODE, .offset = AT(token.bare), .allowed = TEXT_ONLY},
	{.key = "token_file", .type = FIELD_NODE, .offset = AT(token.file), .allowed = TEXT_ONLY},
	{.key = "token_env",
	 .type = FIELD_NODE,
	 .offset = AT(token.environment),
	 .allowed = TEXT_ONLY},
	{.key = "token_credential",
	 .type = FIELD_NODE,
	 .offset = AT(token.credential),
	 .allowed = TEXT_ONLY},
	{.key = "token_hash", .type = FIELD_NODE, .offset = AT(hash), .allowed = TEXT_ONLY},
	{.key = "expires",
	 .type = FIELD_DAY,
	 .offset = AT(expires),
	 .says = "the first day on which it opens nothing"},
};
static SCHEMA(token, "token");

static void read_scope(struct loader *loader, const struct node *map,
		       const struct token_entry *entry, const char *who, struct conf_token *token)
{
	token->scope = "";
	if (entry->scope) {
		/* "" is written by those who mean everything. */
		if (entry->scope->kind == NODE_SCALAR && entry->scope->quoted &&
		    !*entry->scope->text)
			return;
		if (!conf_text(loader, entry->scope, who))
			return;
		if (!conf_is_code(entry->scope->text))
			conf_error(
				loader, entry->scope,
				"%s: scope: \"%.64s\" is not a unit's code: it has 2, 4, 6, 9 or "
				"12 digits",
				who, entry->scope->text);
		else
			token->scope = entry->scope->text;
		if (*token->scope)
			conf_refer(loader, REFER_CODE, entry->scope, who);
	} else if (token->role == ROLE_COMMITTEE && !loader->incomplete) {
		conf_error(loader, map, "%s: role committee needs a scope: which committee?", who);
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The hash as b2sum -l 256 prints it. */
static bool read_hash(struct loader *loader, const struct node *node, const char *who,
		      uint8_t hash[CONF_TOKEN_HASH_LEN])
{
	const char *text = conf_text(loader, node, who);

	if (!text)
		return false;
	for (size_t i = 0; i < CONF_TOKEN_HASH_LEN; i++) {
		int high = hex_digit(*text), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			break;
		hash[i] = (uint8_t)(high * 16 + low);
		text += 2;
		if (i + 1 == CONF_TOKEN_HASH_LEN && *text == '\0')
			return true;
	}
	conf_error(loader, node, "%s: token_hash: 64 hexadecimal digits are wanted: BLAKE2b-256",
		   who);
	return false;
}

/* The token itself is forgotten as soon as its hash is known. */
static bool take_token(struct loader *loader, const struct node *map,
		       const struct token_entry *entry, const char *who, struct conf_token *token)
{
	const struct node *at;
	const char *secret = conf_secret_token(loader, &entry->token, who, &at);

	if (at && entry->hash)
		conf_error(loader, entry->hash->key,
			   "%s: the token is already given as %s: keep one of them", who,
			   at->key->text);
	if (entry->hash)
		return read_hash(loader, entry->hash, who, token->hash);
	if (secret)
		digest_blake2b(NULL, 0, secret, strlen(secret), token->hash, sizeof(token->hash));
	if (!at && !loader->incomplete)
		conf_error(loader, map, "%s lacks its token: give token_file", who);
	return secret;
}

static bool read_token(struct loader *loader, const struct node *map, struct conf_token *token)
{
	const char *who = conf_who(loader, map, "token");
	struct token_entry entry = {.role = ROLE_NONE, .expires = INT32_MAX};

	conf_read_map(loader, map, &token_schema, who, &entry);
	token->name = entry.name;
	token->role = (enum conf_role)entry.role;
	read_scope(loader, map, &entry, who, token);
	token->expires_at = entry.expires == INT32_MAX || !loader->conf->zone
				    ? WHEN_NEVER
				    : when_at(loader->conf->zone, entry.expires, 0);
	return take_token(loader, map, &entry, who, token) && token->name;
}

static void compare_tokens(struct loader *loader, const struct node *name,
			   const struct conf_token *first, const struct conf_token *second)
{
	if (strcmp(first->name, second->name) == 0)
		conf_error(loader, name, "token %s is given twice", second->name);
	/* The ledger could not say which of the two has called. */
	else if (memcmp(first->hash, second->hash, sizeof(first->hash)) == 0)
		conf_error(loader, name, "token %s is the same as token %s", second->name,
			   first->name);
}

static void read_tokens(struct loader *loader, const struct node *list)
{
	struct conf_token *all = arena_alloc(loader->arena, (list->len + 1) * sizeof(*all));
	size_t len = 0;

	for (const struct node *map = list->first; map; map = map->next) {
		if (!conf_is_kind(loader, map, NODE_MAP, "a token"))
			continue;
		all[len] = (struct conf_token){.name = NULL};
		if (!read_token(loader, map, &all[len]))
			continue;
		for (size_t i = 0; i < len; i++)
			compare_tokens(loader, conf_child(map, "name"), &all[i], &all[len]);
		len++;
	}
	loader->conf->tokens = all;
	loader->conf->tokens_len = len;
}

static void read_tokens_file(struct loader *loader, const struct node *node)
{
	struct tokens_entry entry = {.tokens = NULL};
	const struct node *root;
	struct stat status;

	if (!node || !conf_text(loader, node, "access: tokens_file"))
		return;
	if (stat(conf_path_join(loader->arena, node->source->dir, node->text), &status) < 0) {
		conf_warning(loader, node,
			     "access: tokens_file: %s does not exist: there are no tokens yet",
			     node->text);
		return;
	}
	root = conf_yaml_read(loader, node, node->text);
	if (!root)
		return;
	conf_read_map(loader, root, &tokens_schema, "the tokens file", &entry);
	if (entry.tokens)
		read_tokens(loader, entry.tokens);
}

void conf_print_access(const struct conf *conf, FILE *out)
{
	struct field numbers[ARRAY_LEN(access_fields)];
	struct schema schema = {.what = "access", .fields = numbers};
	char room[WHEN_CAP];

	for (size_t i = 0; i < ARRAY_LEN(access_fields); i++) {
		if (access_fields[i].otherwise != 0)
			numbers[schema.len++] = access_fields[i];
	}
	const struct access_entry entry = {.access = conf->access};

	(void)fprintf(out, "access:\n  loopback: %s\n",
		      conf->loopback_operator ? "operator" : "none");
	conf_print_schema(&schema, &entry, 1, true, out);
	for (size_t i = 0; i < conf->tokens_len; i++) {
		const struct conf_token *token = &conf->tokens[i];

		(void)fprintf(out, "%s    - {name: %s, role: %s, scope: \"%s\", token: \"***\"",
			      i ? "" : "  tokens:\n", token->name,
			      conf_choice_word(conf_roles, (int)token->role), token->scope);
		if (token->expires_at != WHEN_NEVER)
			(void)fprintf(out, ", expires: %s",
				      when_day_text(when_day(conf->zone, token->expires_at), room));
		(void)fputs("}\n", out);
	}
}

void conf_read_access(struct loader *loader, const struct node *map)
{
	struct access_entry entry = {.loopback = LOOPBACK_BY_TOKENS};

	conf_defaults(&access_schema, &entry);
	if (map)
		conf_read_map(loader, map, &access_schema, "access", &entry);
	loader->conf->access = entry.access;
	read_tokens_file(loader, entry.tokens_file);
	loader->conf->loopback_by_tokens = entry.loopback == LOOPBACK_BY_TOKENS;
	loader->conf->loopback_operator =
		entry.loopback == LOOPBACK_OPERATOR ||
		(entry.loopback == LOOPBACK_BY_TOKENS && loader->conf->tokens_len == 0);
}
