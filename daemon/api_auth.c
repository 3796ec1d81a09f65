/* api_auth.c — who is calling: a bearer token, a signature, a certificate, a browser, this machine;
 * and who guesses. Neighbours: api_route.c says which roles a route takes, api_token.c whose a
 * token is, api_certificate.c whose a certificate, api_session.c whose browser it is, throttle.c
 * counts. Headers that proxies add are never believed: whoever listens behind one gives its callers
 * tokens.
 */
#include "daemon/api_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "closedloop/digest.h"
#include "closedloop/log.h"
#include "closedloop/webhook.h"
#include "daemon/clock.h"

void visit_be(struct visit *visit, enum conf_role role, const char *name, const char *scope)
{
	visit->caller.role = role;
	visit->caller.name = arena_copy(&visit->arena, name);
	visit->caller.scope = arena_copy(&visit->arena, scope ? scope : "");
}

bool visit_signed(const struct visit *visit, const struct conf_feed *feed)
{
	const struct http_request *request = visit->call->request;
	const char *id = http_header(request, "webhook-id");
	const char *timestamp = http_header(request, "webhook-timestamp");
	const char *signature = http_header(request, "webhook-signature");

	for (size_t i = 0; i < feed->secrets_len; i++) {
		if (webhook_verify(&feed->secrets[i], id, timestamp, signature,
				   request->body ? request->body : "", request->body_len,
				   visit->now / WHEN_SECOND, NULL) == 0)
			return true;
	}
	return false;
}

static bool admit_signature(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;

	for (size_t i = 0; i < conf->feeds_len; i++) {
		if (conf->feeds[i].kind == FEED_PUSH && visit_signed(visit, &conf->feeds[i]) &&
		    certificate_fits(visit->call, &conf->feeds[i])) {
			visit_be(visit, ROLE_FEED, conf->feeds[i].name, "");
			visit->caller.feed = &conf->feeds[i];
			return true;
		}
	}
	return false;
}

/* HOST, as in a Host header, is this machine's: a page on the internet whose name was bent to
 * 127.0.0.1 sends its own. */
static bool is_own_host(const struct visit *visit, const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	const char *public_host = strstr(visit->api->conf->public_url, "://");

	if (!host)
		return true; /* HTTP/1.0; no browser. */
	if (public_host && strcasecmp(public_host + 3, host) == 0)
		return true;
	if (strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.:")] == '\0')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len = strlen(names[i]);

		if (strncasecmp(host, names[i], len) == 0 &&
		    (host[len] == '\0' || host[len] == ':'))
			return true;
	}
	return false;
}

/* A browser says where a form or script came from; another site's gets nothing for being run on the
 * right machine. */
static bool is_own_origin(const struct visit *visit, const char *origin)
{
	const char *host = http_header(visit->call->request, "host");
	const char *public_url = visit->api->conf->public_url;
	const char *rest = strstr(origin, "://");
	size_t len = strlen(origin);

	if (rest && host && strcasecmp(rest + 3, host) == 0)
		return true;
	/* Whoever stands before us may call us by another name. */
	return rest && strncasecmp(public_url, origin, len) == 0 &&
	       (public_url[len] == '\0' || public_url[len] == '/');
}

bool visit_same_site(const struct visit *visit, bool must_say)
{
	const struct http_request *request = visit->call->request;
	const char *site = http_header(request, "sec-fetch-site");
	const char *origin = http_header(request, "origin");

	/* "none": typed by its reader. */
	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return false;
	if (origin && strcmp(origin, "null") != 0)
		return is_own_origin(visit, origin);
	return site ? strcmp(site, "same-origin") == 0 || !must_say : !must_say && !origin;
}

/* A unix socket tells whose process is at its other end; a port tells only that it is one of this
 * machine's, a forwarding proxy among them. */
static bool admit_local(struct visit *visit)
{
	const struct http_call *call = visit->call;

	if (call->unix_peer && (call->uid == 0 || call->uid == geteuid())) {
		visit_be(visit, ROLE_OPERATOR, "local", "");
		return true;
	}
	if (visit->route->proof || call->unix_peer || !call->loopback ||
	    !visit->api->conf->loopback_operator ||
	    (visit->api->conf->loopback_by_tokens && visit->api->tokens_made))
		return false;
	const char *origin = http_header(call->request, "origin");

	if (!is_own_host(visit, http_header(call->request, "host")) ||
	    (origin && !is_own_origin(visit, origin)))
		return false;
	visit_be(visit, ROLE_OPERATOR, "local", "");
	return true;
}

static bool admit_certificate(struct visit *visit)
{
	const struct conf_feed *feed = certificate_feed(visit->call, visit->api->conf);

	if (!feed)
		return false;
	visit_be(visit, ROLE_FEED, feed->name, "");
	visit->caller.feed = feed;
	return true;
}

/* --- Whoever guesses ----------------------------------------------------------------------- */

/* The part of PEER that one subscriber has for herself: all of an IPv4 address, half of an IPv6
 * one. */
static void subscriber(const char *peer, char out[64])
{
	struct in6_addr v6;

	if (inet_pton(AF_INET6, peer, &v6) == 1 && !IN6_IS_ADDR_V4MAPPED(&v6)) {
		memset(&v6.s6_addr[8], 0, 8);
		(void)inet_ntop(AF_INET6, &v6, out, 64);
	} else {
		text_copy(out, 64, peer);
	}
}

static int64_t ask(struct visit *visit, const char *what, const char *of)
{
	struct api *api = visit->api;
	uint8_t hash[16];
	uint64_t key;
	const char *text = arena_printf(&visit->arena, "%s %s", what, of);

	digest_blake2b(api->token_key, sizeof(api->token_key), text, strlen(text), hash,
		       sizeof(hash));
	memcpy(&key, hash, sizeof(key));
	return throttle_ask(&api->failures, key, api->conf->access.failures, clock_monotonic());
}

int visit_failed(struct visit *visit, const char *shown)
{
	char peer[64];

	visit->api->failed++;
	subscriber(visit->call->peer, peer);
	int64_t by_address = ask(visit, "address", peer);
	int64_t by_token = shown ? ask(visit, "token", shown) : 0;
	int64_t wait = by_address > by_token ? by_address : by_token;

	if (wait == 0)
		return 0;
	log_warn("api.throttled", "peer=%s path=%s", visit->call->peer, visit->route->path);
	return (int)((wait + WHEN_SECOND - 1) / WHEN_SECOND);
}

void failures_note(struct api *api, int64_t now)
{
	struct err err = ERR_INIT;
	char note[48];

	/* A clock that was set back must not make it wait for longer. */
	if (api->failed == 0 || (now < api->failed_next && api->failed_next <= now + WHEN_HOUR))
		return;
	(void)snprintf(note, sizeof(note), "{\"count\":%u}", api->failed);
	if (engine_note(api->engine, "", "access.refused", note, now, &err) < 0) {
		log_error("api.not_written_down", "what=access.refused error=%s", err.text);
		api->failed_next = now + WHEN_MINUTE;
		return;
	}
	api->failed = 0;
	api->failed_next = now + WHEN_HOUR;
}

/* --- Coming in ----------------------------------------------------------------------------- */

/* 1: known, 0: not, with *SHOWN what was wrong (NULL: nothing was shown); or an error of the store.
 */
static int admit(struct visit *visit, const char **shown, struct err *err)
{
	const struct http_request *request = visit->call->request;
	const char *authorization = http_header(request, "authorization");

	if (authorization) {
		*shown = authorization;
		if (strncasecmp(authorization, "Bearer ", 7) != 0)
			return 0;
		authorization += 7;
		authorization += strspn(authorization, " ");
		*shown = authorization;
		return *authorization ? token_admit(visit, authorization, err) : 0;
	}
	if (http_header(request, "webhook-signature")) {
		*shown = http_header(request, "webhook-signature");
		return admit_signature(visit);
	}
	int rc = session_admit(visit, err);

	return rc != 0 ? rc : admit_certificate(visit) || admit_local(visit);
}

/* A human who opens a page is asked in, a program is told. */
static bool is_reader(const struct visit *visit)
{
	const char *accept = http_header(visit->call->request, "accept");

	return strcmp(visit->route->method, "GET") == 0 &&
	       !text_starts(visit->route->path, "/v1/") && accept && strstr(accept, "text/html");
}

static void turn_away(struct visit *visit, const char *shown)
{
	if (!shown && is_reader(visit)) {
		reply_see_other(visit, "/login");
		return;
	}
	log_warn("api.unauthorized", "peer=%s path=%s", visit->call->peer, visit->route->path);
	int wait_s = shown ? visit_failed(visit, shown) : 0;

	if (wait_s > 0)
		http_problem(visit->call, 429, "too_many_failures",
			     "Too many wrong tokens came from here.", wait_s);
	else
		reply_problem(visit, 401, "unauthorized", "This needs a valid token or signature.");
}

/* What no committee and no officer may ask is about all units: who answers for some may not. */
static bool is_far_enough(const struct visit *visit)
{
	return (visit->route->roles & (BIT(ROLE_COMMITTEE) | BIT(ROLE_DUTY))) ||
	       !*visit->caller.scope;
}

bool visit_admit(struct visit *visit)
{
	const char *shown = NULL;
	struct err err = ERR_INIT;

	visit_be(visit, ROLE_NONE, "", "");
	if (visit->route->roles == ROLES_OPEN)
		return true;
	int known = admit(visit, &shown, &err);

	if (known < 0) {
		log_error("api.tokens", "error=%s", err.text);
		reply_problem(visit, 503, err_word((enum cl_error)known),
			      "Who calls cannot be looked up now. Try again.");
		return false;
	}
	if (known == 0) {
		turn_away(visit, shown);
		return false;
	}
	if (!(visit->route->roles & BIT(visit->caller.role)) || !is_far_enough(visit)) {
		log_warn("api.forbidden", "caller=%s path=%s", visit->caller.name,
			 visit->route->path);
		reply_problem(visit, 403, "forbidden", "The token does not allow this.");
		return false;
	}
	return session_guard(visit);
}

/* Auditors watch those who watch: for that nobody's name is needed. Whoever holds a link was sent
 * it. */
bool caller_knows(const struct caller *caller)
{
	return caller->role != ROLE_AUDITOR;
}

bool caller_covers(const struct caller *caller, const char *unit)
{
	return text_starts(unit ? unit : "", caller->scope);
}
