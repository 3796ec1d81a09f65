/* api_session.c — browsers: a page to show a token on, a cookie instead of it, and what such a
 * caller must prove to write. Neighbours: session.c keeps the table, api_token.c knows whose the
 * token is, api_auth.c asks here when a call bears no token; wire/page_login.c is the page. */
#include "daemon/api_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "closedloop/digest.h"
#include "closedloop/log.h"
#include "wire/page.h"

#define PAGE_CAP ((size_t)16 * 1024)
/* A page that renews itself asks for this: it is no human's step. */
#define RENEWAL	 "again"

static struct session_rules rules_of(const struct visit *visit)
{
	const struct conf_access *access = &visit->api->conf->access;

	return (struct session_rules){.most = access->sessions,
				      .idle = access->session_idle,
				      .life = access->session_life};
}

/* --- The cookie ------------------------------------------------------------------------------- */

/* Its readers reach us over https: themselves, or through somebody who stands before us. */
static bool is_https(const struct visit *visit)
{
	return visit->call->https || text_starts(visit->api->conf->public_url, "https://");
}

/* "__Host-": set by this very host over https, and by no neighbour of it. */
static const char *cookie_name(const struct visit *visit)
{
	return is_https(visit) ? "__Host-closedloop" : "closedloop";
}

static void set_cookie(struct visit *visit, const char *id)
{
	snprintf(visit->call->set_cookie, sizeof(visit->call->set_cookie),
		 "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", cookie_name(visit), id,
		 is_https(visit) ? "; Secure" : "", *id ? "" : "; Max-Age=0");
}

/* The session of the first cookie that names one, its name in ID. A name that is none of ours is
 * nobody's: it is never taken over. */
static struct session *find(struct visit *visit, char id[SESSION_TEXT_CAP])
{
	const struct session_rules rules = rules_of(visit);
	const char *at = http_header(visit->call->request, "cookie");
	const char *name = cookie_name(visit);
	size_t len = strlen(name);

	while (at && *at) {
		at += strspn(at, "; ");
		size_t whole = strcspn(at, ";");

		if (whole == len + SESSION_TEXT_CAP && strncmp(at, name, len) == 0 &&
		    at[len] == '=') {
			memcpy(id, at + len + 1, SESSION_TEXT_CAP - 1);
			id[SESSION_TEXT_CAP - 1] = '\0';
			struct session *session =
				session_find(&visit->api->sessions, &rules, id, visit->now);

			if (session)
				return session;
		}
		at += whole;
	}
	return NULL;
}

static void end(struct visit *visit, struct session *session)
{
	session_end(&visit->api->sessions, session);
	set_cookie(visit, "");
}

int session_admit(struct visit *visit, struct err *err)
{
	char id[SESSION_TEXT_CAP];
	struct session *session = find(visit, id);
	const char *query = visit->call->request->query;

	if (!session)
		return 0;
	int rc = token_admit_hash(visit, session->token, err);

	/* Its token was revoked, has expired, or is gone from the file. */
	if (rc == 0 || (rc > 0 && visit->caller.role == ROLE_FEED)) {
		end(visit, session);
		visit_be(visit, ROLE_NONE, "", "");
		visit->caller.feed = NULL;
		return 0;
	}
	if (rc < 0)
		return rc;
	if (session_use(session, !query || strcmp(query, RENEWAL) != 0, visit->now,
			&visit->api->entropy, id))
		set_cookie(visit, id);
	visit->session = session;
	return 1;
}

/* --- Writes ----------------------------------------------------------------------------------- */

static bool is_form(const struct http_request *request)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *type = http_header(request, "content-type");
	size_t len = strlen(form);

	return type && strncasecmp(type, form, len) == 0 &&
	       (type[len] == '\0' || strchr("; \t", type[len]));
}

static bool knows_secret(const struct visit *visit, const struct session *session)
{
	const struct http_request *request = visit->call->request;
	const char *shown = http_header(request, "x-csrf-token");
	char field[SESSION_TEXT_CAP];

	if (!shown && is_form(request) && request->body &&
	    http_form(request->body, "csrf", field, sizeof(field)))
		shown = field;
	return shown && strlen(shown) == SESSION_TEXT_CAP - 1 &&
	       digest_equal(shown, session->csrf, SESSION_TEXT_CAP - 1);
}

static bool guard(struct visit *visit, const struct session *session)
{
	if (visit_same_site(visit, true) && knows_secret(visit, session))
		return true;
	log_warn("api.csrf", "peer=%s path=%s", visit->call->peer, visit->route->path);
	reply_problem(visit, 403, "csrf",
		      "A browser's write must come from a page of this service.");
	return false;
}

bool session_guard(struct visit *visit)
{
	return !visit->session || strcmp(visit->route->method, "GET") == 0 ||
	       guard(visit, visit->session);
}

/* --- Pages ------------------------------------------------------------------------------------ */

static void show(struct visit *visit, int status, enum page_login_state state, int retry_after_s)
{
	const struct conf *conf = visit->api->conf;
	const struct page_login model = {.first = conf_book(conf, "zh-CN"),
					 .second = conf_book(conf, "en"),
					 .state = state,
					 .drill = visit->api->drill};
	struct text page;

	text_init(&page, arena_alloc(&visit->arena, PAGE_CAP), PAGE_CAP);
	page_login(&page, &model);
	reply_html(visit, status, &page, retry_after_s);
}

void api_login_show(struct visit *visit)
{
	show(visit, 200, PAGE_LOGIN_ASK, 0);
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static void turn_away(struct visit *visit, const char *token)
{
	int wait_s = visit_failed(visit, token);

	log_warn("api.login_refused", "peer=%s", visit->call->peer);
	if (wait_s > 0)
		show(visit, 429, PAGE_LOGIN_BUSY, wait_s);
	else
		show(visit, 401, PAGE_LOGIN_WRONG, 0);
}

static void let_in(struct visit *visit, const char *token)
{
	const struct session_rules rules = rules_of(visit);
	struct err err = ERR_INIT;

	/* Who cannot be written down is not let in. */
	if (visit_note(visit, "session.begun", NULL, &err) < 0) {
		log_error("api.not_written_down", "what=session.begun error=%s", err.text);
		show(visit, 503, PAGE_LOGIN_DOWN, RETRY_AFTER_S);
		return;
	}
	char id[SESSION_TEXT_CAP];
	struct session *former = find(visit, id);
	uint8_t hash[SESSION_HASH_LEN];

	if (former)
		session_end(&visit->api->sessions, former);
	digest_blake2b(NULL, 0, token, strlen(token), hash, sizeof(hash));
	(void)session_begin(&visit->api->sessions, &rules, hash, visit->now, &visit->api->entropy,
			    id);
	set_cookie(visit, id);
	log_info("api.login", "caller=%s peer=%s", visit->caller.name, visit->call->peer);
	reply_see_other(visit, "/");
}

void api_login(struct visit *visit)
{
	const struct http_request *request = visit->call->request;
	struct err err = ERR_INIT;
	char field[640];

	/* Else somebody else's page could sign its reader in as somebody else. */
	if (!visit_same_site(visit, false)) {
		reply_problem(visit, 403, "csrf", "This must come from a page of this service.");
		return;
	}
	if (!is_form(request)) {
		reply_problem(visit, 415, "unsupported_media_type", "Send the form of the page.");
		return;
	}
	if (!request->body || !http_form(request->body, "token", field, sizeof(field)))
		field[0] = '\0';
	const char *token = trim(field);
	int rc = *token ? token_admit(visit, token, &err) : 0;

	if (rc < 0) {
		log_error("api.tokens", "error=%s", err.text);
		show(visit, 503, PAGE_LOGIN_DOWN, RETRY_AFTER_S);
	} else if (rc == 0 || visit->caller.role == ROLE_FEED) {
		turn_away(visit, token);
	} else {
		let_in(visit, token);
	}
	memset(field, 0, sizeof(field));
}

/* It ends whether or not that can be written down. */
static void note_end(struct visit *visit, const struct session *session)
{
	struct err err = ERR_INIT;
	int rc = token_admit_hash(visit, session->token, &err);

	if (rc > 0)
		rc = visit_note(visit, "session.ended", NULL, &err);
	if (rc < 0)
		log_error("api.not_written_down", "what=session.ended error=%s", err.text);
}

void api_logout(struct visit *visit)
{
	char id[SESSION_TEXT_CAP];
	struct session *session = find(visit, id);

	if (session) {
		if (!guard(visit, session))
			return;
		note_end(visit, session);
		end(visit, session);
	}
	reply_see_other(visit, "/login");
}

void api_session(struct visit *visit)
{
	static const char *const words[] = {
		[ROLE_NONE] = "none", [ROLE_FEED] = "feed",	  [ROLE_COMMITTEE] = "committee",
		[ROLE_DUTY] = "duty", [ROLE_AUDITOR] = "auditor", [ROLE_OPERATOR] = "operator"};
	const struct session_rules rules = rules_of(visit);
	const struct session *session = visit->session;
	const struct view view = visit_view(visit);
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "name", visit->caller.name);
	cJSON_AddStringToObject(out, "role", words[visit->caller.role]);
	cJSON_AddStringToObject(out, "scope", visit->caller.scope);
	view_text(out, "csrf", session ? session->csrf : NULL);
	view_time(&view, out, "ends_at", session ? session_ends(session, &rules) : WHEN_NEVER);
	reply_json(visit, 200, out);
}
