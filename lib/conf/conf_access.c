/* conf_access.c — who may call: tokens with a role and a scope, and what a caller on this machine
 * is. Neighbours: conf_secret fetches the tokens; conf_check finds one that two callers share. */
#include "conf_private.h"

#include <string.h>
#include <sys/stat.h>

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
	int64_t read_again;
};

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
	{.key = "read_again",
	 .type = FIELD_DURATION,
	 .offset = offsetof(struct access_entry, read_again),
	 .least = 0,
	 .most = WHEN_DAY,
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
	const struct node *scope;
	struct secret_keys token;
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

static bool read_token(struct loader *loader, const struct node *map, struct conf_token *token)
{
	const char *who = conf_who(loader, map, "token");
	struct token_entry entry = {.role = ROLE_NONE};
	const struct node *at;

	conf_read_map(loader, map, &token_schema, who, &entry);
	token->name = entry.name;
	token->role = (enum conf_role)entry.role;
	read_scope(loader, map, &entry, who, token);
	token->token = conf_secret_token(loader, &entry.token, who, &at);
	if (!at && !loader->incomplete)
		conf_error(loader, map, "%s lacks its token: give token_file", who);
	return token->name && token->token;
}

static void compare_tokens(struct loader *loader, const struct node *name,
			   const struct conf_token *first, const struct conf_token *second)
{
	if (strcmp(first->name, second->name) == 0)
		conf_error(loader, name, "token %s is given twice", second->name);
	/* The ledger could not say which of the two has called. */
	else if (strcmp(first->token, second->token) == 0)
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

void conf_read_access(struct loader *loader, const struct node *map)
{
	struct access_entry entry = {.loopback = LOOPBACK_BY_TOKENS,
				     .read_again = 10 * WHEN_MINUTE};

	if (map)
		conf_read_map(loader, map, &access_schema, "access", &entry);
	read_tokens_file(loader, entry.tokens_file);
	loader->conf->read_again = entry.read_again;
	loader->conf->loopback_operator =
		entry.loopback == LOOPBACK_OPERATOR ||
		(entry.loopback == LOOPBACK_BY_TOKENS && loader->conf->tokens_len == 0);
}
