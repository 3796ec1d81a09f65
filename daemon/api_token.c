/* api_token.c — whose a token is, and tokens made while we run: added, listed, revoked.
 * Neighbours: api_auth.c asks at every call, so that a token ends at once; conf_access.c has the
 * rules of those in a file, store_tokens.c keeps the others; each change is a line of the ledger.
 */
#include "daemon/api_private.h"

#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/log.h"

#define PREFIX	   "clt_"
#define SECRET_LEN 32
#define TOKEN_CAP  (sizeof(PREFIX) + 43)
#define NAME_MAX   64
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define MADE_MAX   10000 /* Names are kept for ever, and all are looked at to list them. */
#define SOON	   (14 * WHEN_DAY)

static const struct {
	const char *word;
	enum conf_role role;
} roles[] = {
	{"feed", ROLE_FEED},	   {"committee", ROLE_COMMITTEE}, {"duty", ROLE_DUTY},
	{"auditor", ROLE_AUDITOR}, {"operator", ROLE_OPERATOR},
};

static enum conf_role role_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (word && strcmp(roles[i].word, word) == 0)
			return roles[i].role;
	}
	return ROLE_NONE;
}

static const char *role_word(enum conf_role role)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (roles[i].role == role)
			return roles[i].word;
	}
	return "none";
}

/* --- Whose ------------------------------------------------------------------------------------ */

static const struct conf_feed *feed_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->feeds_len; i++) {
		if (conf->feeds[i].kind == FEED_PUSH && strcmp(conf->feeds[i].name, name) == 0)
			return &conf->feeds[i];
	}
	return NULL;
}

/* A feed with secrets must sign, one with certificates come with one; its token alone opens
 * nothing.
 */
static int be_feed(struct visit *visit, const struct conf_feed *feed)
{
	if (feed->secrets_len > 0 && !visit_signed(visit, feed))
		return 0;
	if (!certificate_fits(visit->call, feed))
		return 0;
	visit_be(visit, ROLE_FEED, feed->name, "");
	visit->caller.feed = feed;
	return 1;
}

static bool in_force(const struct store_token *token, int64_t now)
{
	return token->revoked_at == WHEN_NEVER && now < token->expires_at;
}

static int admit_made(struct visit *visit, const struct store_token *token)
{
	enum conf_role role = role_of(token->role);
	const struct conf_feed *feed;

	if (!token->name || !in_force(token, visit->now) || role == ROLE_NONE)
		return 0;
	if (role == ROLE_FEED) {
		feed = feed_named(visit->api->conf, token->scope);
		return feed ? be_feed(visit, feed) : 0;
	}
	visit_be(visit, role, token->name, token->scope);
	return 1;
}

int token_admit_hash(struct visit *visit, const uint8_t hash[CONF_TOKEN_HASH_LEN], struct err *err)
{
	const struct conf *conf = visit->api->conf;
	struct store *store = visit->api->store;
	struct store_token made;

	for (size_t i = 0; i < conf->tokens_len; i++) {
		const struct conf_token *token = &conf->tokens[i];

		if (!digest_equal(token->hash, hash, CONF_TOKEN_HASH_LEN))
			continue;
		if (visit->now >= token->expires_at)
			return 0;
		visit_be(visit, token->role, token->name, token->scope);
		return 1;
	}
	if (!visit->api->tokens_made)
		return 0;
	int rc = store->ops->token_find(store, hash, &visit->arena, &made, err);

	return rc < 0 ? rc : admit_made(visit, &made);
}

/* Keyed hashes are compared, so that neither length nor prefix of a token shows in the time taken.
 */
static int admit_feed(struct visit *visit, const char *token)
{
	const struct api *api = visit->api;
	uint8_t shown[32], known[32];

	digest_blake2b(api->token_key, sizeof(api->token_key), token, strlen(token), shown, 32);
	for (size_t i = 0; i < api->conf->feeds_len; i++) {
		const struct conf_feed *feed = &api->conf->feeds[i];

		if (feed->kind != FEED_PUSH || !feed->token)
			continue;
		digest_blake2b(api->token_key, sizeof(api->token_key), feed->token,
			       strlen(feed->token), known, 32);
		if (digest_equal(shown, known, sizeof(known)))
			return be_feed(visit, feed);
	}
	return 0;
}

static void hash_token(const char *token, uint8_t hash[CONF_TOKEN_HASH_LEN])
{
	digest_blake2b(NULL, 0, token, strlen(token), hash, CONF_TOKEN_HASH_LEN);
}

int token_admit(struct visit *visit, const char *token, struct err *err)
{
	uint8_t hash[CONF_TOKEN_HASH_LEN];

	hash_token(token, hash);
	int rc = token_admit_hash(visit, hash, err);

	return rc != 0 ? rc : admit_feed(visit, token);
}

static void note_any(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
}

int tokens_open(struct api *api, struct err *err)
{
	struct arena arena = ARENA_INIT;
	int rc = api->store->ops->tokens_list(api->store, &arena, note_any, &api->tokens_made, err);

	arena_release(&arena);
	return rc;
}

/* --- All of them ------------------------------------------------------------------------------ */

struct listing {
	struct view view;
	cJSON *items;
};

static const char *state_of(int64_t expires_at, int64_t revoked_at, int64_t now)
{
	if (revoked_at != WHEN_NEVER)
		return "revoked";
	if (now >= expires_at)
		return "expired";
	return expires_at != WHEN_NEVER && expires_at - now < SOON ? "expires_soon" : "in_force";
}

static cJSON *made_json(const struct view *view, const struct store_token *token)
{
	cJSON *item = cJSON_CreateObject();
	bool revoked = token->revoked_at != WHEN_NEVER;

	cJSON_AddStringToObject(item, "name", token->name);
	cJSON_AddStringToObject(item, "role", token->role);
	cJSON_AddStringToObject(item, "scope", token->scope);
	cJSON_AddStringToObject(item, "from", "command");
	cJSON_AddStringToObject(item, "state",
				state_of(token->expires_at, token->revoked_at, view->now));
	view_time(view, item, "made_at", token->made_at);
	cJSON_AddStringToObject(item, "made_by", token->made_by);
	view_time(view, item, "expires_at", token->expires_at);
	view_time(view, item, "revoked_at", token->revoked_at);
	view_text(item, "revoked_by", revoked ? token->revoked_by : NULL);
	return item;
}

static cJSON *file_json(const struct view *view, const struct conf_token *token)
{
	cJSON *item = cJSON_CreateObject();

	cJSON_AddStringToObject(item, "name", token->name);
	cJSON_AddStringToObject(item, "role", role_word(token->role));
	cJSON_AddStringToObject(item, "scope", token->scope);
	cJSON_AddStringToObject(item, "from", "file");
	cJSON_AddStringToObject(item, "state", state_of(token->expires_at, WHEN_NEVER, view->now));
	view_time(view, item, "made_at", WHEN_UNKNOWN);
	cJSON_AddNullToObject(item, "made_by");
	view_time(view, item, "expires_at", token->expires_at);
	view_time(view, item, "revoked_at", WHEN_NEVER);
	cJSON_AddNullToObject(item, "revoked_by");
	return item;
}

static void add_made(void *context, const void *row)
{
	struct listing *listing = context;

	cJSON_AddItemToArray(listing->items, made_json(&listing->view, row));
}

/* Whoever may call, from the file first; CL_ codes as the store's. */
static int list_all(struct visit *visit, cJSON *items, struct err *err)
{
	struct listing listing = {.view = visit_view(visit), .items = items};
	const struct conf *conf = visit->api->conf;
	struct store *store = visit->api->store;

	for (size_t i = 0; i < conf->tokens_len; i++)
		cJSON_AddItemToArray(items, file_json(&listing.view, &conf->tokens[i]));
	return store->ops->tokens_list(store, &visit->arena, add_made, &listing, err);
}

void api_tokens(struct visit *visit)
{
	cJSON *out = cJSON_CreateObject();
	struct err err = ERR_INIT;
	int rc = list_all(visit, cJSON_AddArrayToObject(out, "tokens"), &err);

	if (rc == 0) {
		reply_json(visit, 200, out);
		return;
	}
	cJSON_Delete(out);
	reply_error(visit, rc, &err);
}

void add_tokens_expiring(struct visit *visit, cJSON *out)
{
	cJSON *names = cJSON_AddArrayToObject(out, "tokens_expiring");
	cJSON *all = cJSON_CreateArray();
	const cJSON *item;

	/* Whether the store answers is said elsewhere in the same status. */
	(void)list_all(visit, all, NULL);
	cJSON_ArrayForEach(item, all)
	{
		if (strcmp(json_string(item, "state"), "expires_soon") == 0)
			cJSON_AddItemToArray(names, cJSON_CreateString(json_string(item, "name")));
	}
	cJSON_Delete(all);
}

/* --- A new one -------------------------------------------------------------------------------- */

/* What is wrong with a wish, as reply_problem takes it; status 0: nothing. */
struct fault {
	int status;
	const char *code;
	const char *detail;
};

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX && strspn(name, NAME_CHARS) == len;
}

static bool is_unit(const struct visit *visit, const char *code)
{
	size_t len = strlen(code);

	return (len == 2 || len == 4 || len == 6 || len == 9 || len == 12) &&
	       text_is_digits(code, len) &&
	       (!visit->api->gazetteer || gazetteer_has(visit->api->gazetteer, code));
}

struct namesake {
	const char *name;
	int64_t now;
	bool found; /* … in force; one that has ended gives its name away */
	bool known;
	size_t rows;
};

static void note_namesake(void *context, const void *row)
{
	struct namesake *namesake = context;
	const struct store_token *token = row;

	namesake->rows++;
	if (strcmp(token->name, namesake->name) != 0)
		return;
	namesake->known = true;
	namesake->found |= in_force(token, namesake->now);
}

/* Whoever has NAME already; the ledger could not tell the two. */
static int find_namesake(struct visit *visit, const char *name, bool *found, struct err *err)
{
	const struct conf *conf = visit->api->conf;
	struct store *store = visit->api->store;
	struct namesake namesake = {.name = name, .now = visit->now};

	namesake.found = strcmp(name, "local") == 0 || strcmp(name, "link") == 0;
	for (size_t i = 0; i < conf->tokens_len; i++)
		namesake.found |= strcmp(conf->tokens[i].name, name) == 0;
	for (size_t i = 0; i < conf->feeds_len; i++)
		namesake.found |= strcmp(conf->feeds[i].name, name) == 0;
	int rc = store->ops->tokens_list(store, &visit->arena, note_namesake, &namesake, err);

	*found = namesake.found;
	if (rc == 0 && !namesake.known && namesake.rows >= MADE_MAX)
		return err_set(err, CL_ELIMIT,
			       "there are %zu names of tokens made by command, the most there can "
			       "be: take that of one that has ended",
			       namesake.rows);
	return rc;
}

static struct fault read_end(struct visit *visit, const cJSON *body, int64_t *expires_at)
{
	const char *in = json_string(body, "expires_in"), *at = json_string(body, "expires_at");
	int64_t span;

	*expires_at = visit->now + visit->api->conf->access.token_life;
	if (in && at)
		return (struct fault){400, "bad_value", "$.expires_in and $.expires_at: give one"};
	if (in && when_parse_duration(in, &span, NULL) < 0)
		return (struct fault){400, "bad_value", "$.expires_in is no duration such as 90d"};
	if (in)
		*expires_at = visit->now + (span < WHEN_DAY * 10000 ? span : WHEN_DAY * 10000);
	if (at && when_parse(at, expires_at, NULL) < 0)
		return (struct fault){400, "bad_time",
				      "$.expires_at is no RFC 3339 time with offset"};
	if (*expires_at <= visit->now || *expires_at > visit->now + CONF_TOKEN_LIFE_MAX)
		return (struct fault){400, "bad_value",
				      "A token ends within 400 days, and not before it begins."};
	return (struct fault){.status = 0};
}

static struct fault read_scope(struct visit *visit, const cJSON *body, struct store_token *token)
{
	enum conf_role role = role_of(token->role);
	const char *scope = json_string(body, "scope");

	token->scope = scope ? scope : "";
	if (role == ROLE_FEED && feed_named(visit->api->conf, token->scope))
		return (struct fault){.status = 0};
	if (role == ROLE_FEED)
		return (struct fault){400, "bad_value",
				      "$.scope of a feed's token names the feed: none that is "
				      "configured and posts"};
	if (role == ROLE_COMMITTEE && !*token->scope)
		return (struct fault){400, "bad_value",
				      "Role committee needs a scope: which committee?"};
	if (*token->scope && !is_unit(visit, token->scope))
		return (struct fault){400, "bad_value",
				      "$.scope is no unit's code: 2, 4, 6, 9 or 12 digits"};
	return (struct fault){.status = 0};
}

static struct fault read_wish(struct visit *visit, const cJSON *body, struct store_token *token)
{
	const char *name = json_string(body, "name"), *role = json_string(body, "role");
	struct fault fault;

	*token = (struct store_token){.name = name,
				      .role = role,
				      .made_at = visit->now,
				      .made_by = visit->caller.name,
				      .revoked_at = WHEN_NEVER,
				      .revoked_by = ""};
	if (!name || !is_name(name))
		return (struct fault){400, "bad_value",
				      "$.name has 1 to 64 letters, digits and \"._-\""};
	if (role_of(role) == ROLE_NONE)
		return (struct fault){
			400, "bad_value",
			"$.role is not one of feed, committee, duty, operator, auditor"};
	fault = read_scope(visit, body, token);
	return fault.status ? fault : read_end(visit, body, &token->expires_at);
}

/* SAVE or, when it is NULL, the end of NAME, with its line in the ledger: both or neither. */
static int write_down(struct visit *visit, const struct store_token *save, const char *name,
		      struct err *err)
{
	struct store *store = visit->api->store;
	char until[WHEN_CAP];
	const char *by = visit->caller.name;
	int rc = store->ops->begin(store, err);

	if (rc == 0)
		rc = save ? store->ops->token_save(store, save, err)
			  : store->ops->token_revoke(store, name, visit->now, by, err);
	if (rc == 0 && save)
		rc = store->ops->ledger_save(
			store, "", "token.added",
			arena_printf(&visit->arena, "%s role=%s scope=%s until=%s by=%s", name,
				     save->role, *save->scope ? save->scope : "-",
				     when_text(save->expires_at, visit->api->conf->zone, until),
				     by),
			visit->now, err);
	else if (rc == 0)
		rc = store->ops->ledger_save(store, "", "token.revoked",
					     arena_printf(&visit->arena, "%s by=%s", name, by),
					     visit->now, err);
	if (rc == 0)
		rc = store->ops->commit(store, err);
	if (rc < 0)
		store->ops->rollback(store);
	return rc;
}

/* What the store said of a file or a statement is for the log. */
static void refuse(struct visit *visit, int rc, const struct err *err)
{
	if (rc == CL_ENOENT || rc == CL_ELIMIT) {
		reply_error(visit, rc, err);
		return;
	}
	log_error("api.token_not_kept", "error=%s", err->text);
	reply_problem(visit, 503, err_word((enum cl_error)rc),
		      "The store could not take it; nothing was kept. Try again.");
}

/* Make the secret, keep its hash, and show it this once. */
static void make(struct visit *visit, struct store_token *token)
{
	const struct entropy *entropy = &visit->api->entropy;
	const struct view view = visit_view(visit);
	char text[TOKEN_CAP] = PREFIX;
	uint8_t secret[SECRET_LEN];
	struct err err = ERR_INIT;

	entropy->fill(entropy->context, secret, sizeof(secret));
	(void)digest_base64_url(secret, sizeof(secret), text + strlen(PREFIX),
				sizeof(text) - strlen(PREFIX));
	hash_token(text, token->hash);
	int rc = write_down(visit, token, token->name, &err);

	if (rc < 0) {
		refuse(visit, rc, &err);
		return;
	}
	visit->api->tokens_made = true;
	log_info("api.token_added", "name=%s role=%s by=%s", token->name, token->role,
		 visit->caller.name);
	cJSON *out = made_json(&view, token);

	cJSON_AddStringToObject(out, "token", text);
	reply_json(visit, 201, out);
}

/* Who is bound to a unit could make a token that is not; true after having answered. */
static bool is_bound(struct visit *visit)
{
	if (!*visit->caller.scope)
		return false;
	reply_problem(visit, 403, "forbidden", "This needs a caller without a scope.");
	return true;
}

void api_token_add(struct visit *visit)
{
	struct store_token token;
	struct err err = ERR_INIT;
	bool taken = false;
	int rc = 0;
	cJSON *body = is_bound(visit) ? NULL : visit_body(visit);

	if (!body)
		return;
	struct fault fault = read_wish(visit, body, &token);

	if (!fault.status)
		rc = find_namesake(visit, token.name, &taken, &err);
	if (fault.status)
		reply_problem(visit, fault.status, fault.code, fault.detail);
	else if (rc < 0)
		refuse(visit, rc, &err);
	else if (taken)
		reply_problem(visit, 409, "conflict",
			      "Somebody has this name already: the ledger could not tell the two.");
	else
		make(visit, &token);
	cJSON_Delete(body);
}

void api_token_revoke(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;
	const char *name = visit->part[0];
	struct err err = ERR_INIT;

	if (is_bound(visit))
		return;
	for (size_t i = 0; i < conf->tokens_len; i++) {
		if (strcmp(conf->tokens[i].name, name) != 0)
			continue;
		reply_problem(
			visit, 409, "conflict",
			"This token stands in the tokens file: take it out there and reload.");
		return;
	}
	int rc = is_name(name) ? write_down(visit, NULL, name, &err)
			       : err_set(&err, CL_ENOENT, "no token has such a name");

	if (rc < 0) {
		refuse(visit, rc, &err);
		return;
	}
	log_info("api.token_revoked", "name=%s by=%s", name, visit->caller.name);
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "name", name);
	cJSON_AddBoolToObject(out, "revoked", true);
	reply_json(visit, 200, out);
}
