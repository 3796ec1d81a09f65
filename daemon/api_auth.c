/* api_auth.c — who is calling: a bearer token, a signature, a certificate, this machine; and how
 * far that reaches. Neighbours: api_route.c says which roles a route takes, api_certificate.c reads
 * certificates. Headers that proxies add are never believed: whoever listens behind one gives its
 * callers tokens. */
#include "daemon/api_private.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "closedloop/digest.h"
#include "closedloop/log.h"
#include "closedloop/webhook.h"

static void token_hash(const struct api *api, const char *token, uint8_t out[32])
{
	digest_blake2b(api->token_key, sizeof(api->token_key), token, strlen(token), out, 32);
}

/* Keyed hashes are compared, so that neither length nor prefix of a token shows in the time taken.
 */
static bool same_token(const struct api *api, const uint8_t hash[32], const char *token)
{
	uint8_t other[32];

	if (!token)
		return false;
	token_hash(api, token, other);
	return digest_equal(hash, other, sizeof(other));
}

static void be(struct visit *visit, enum conf_role role, const char *name, const char *scope)
{
	visit->caller.role = role;
	visit->caller.name = arena_copy(&visit->arena, name);
	visit->caller.scope = arena_copy(&visit->arena, scope ? scope : "");
}

/* FEED signed this request: with any of its secrets. */
static bool is_signed(const struct visit *visit, const struct conf_feed *feed)
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

static bool admit_token(struct visit *visit, const char *token)
{
	const struct conf *conf = visit->api->conf;
	uint8_t hash[32];

	token_hash(visit->api, token, hash);
	for (size_t i = 0; i < conf->tokens_len; i++) {
		const struct conf_token *known = &conf->tokens[i];

		if (same_token(visit->api, hash, known->token)) {
			be(visit, known->role, known->name, known->scope);
			return true;
		}
	}
	for (size_t i = 0; i < conf->feeds_len; i++) {
		const struct conf_feed *feed = &conf->feeds[i];

		if (feed->kind != FEED_PUSH || !same_token(visit->api, hash, feed->token))
			continue;
		/* A feed with secrets must sign; its token alone opens nothing. */
		if (feed->secrets_len > 0 && !is_signed(visit, feed))
			return false;
		if (!certificate_fits(visit->call, feed))
			return false;
		be(visit, ROLE_FEED, feed->name, "");
		visit->caller.feed = feed;
		return true;
	}
	return false;
}

static bool admit_signature(struct visit *visit)
{
	const struct conf *conf = visit->api->conf;

	for (size_t i = 0; i < conf->feeds_len; i++) {
		if (conf->feeds[i].kind == FEED_PUSH && is_signed(visit, &conf->feeds[i]) &&
		    certificate_fits(visit->call, &conf->feeds[i])) {
			be(visit, ROLE_FEED, conf->feeds[i].name, "");
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
static bool is_own_origin(const struct visit *visit)
{
	const struct http_request *request = visit->call->request;
	const char *origin = http_header(request, "origin");
	const char *host = http_header(request, "host");
	const char *rest = origin ? strstr(origin, "://") : NULL;

	return !origin || (rest && host && strcasecmp(rest + 3, host) == 0);
}

/* A unix socket tells whose process is at its other end; a port tells only that it is one of this
 * machine's, a forwarding proxy among them. */
static bool admit_local(struct visit *visit)
{
	const struct http_call *call = visit->call;

	if (call->unix_peer && (call->uid == 0 || call->uid == geteuid())) {
		be(visit, ROLE_OPERATOR, "local", "");
		return true;
	}
	if (visit->route->proof || call->unix_peer || !call->loopback ||
	    !visit->api->conf->loopback_operator)
		return false;
	if (!is_own_host(visit, http_header(call->request, "host")) || !is_own_origin(visit))
		return false;
	be(visit, ROLE_OPERATOR, "local", "");
	return true;
}

static bool admit_certificate(struct visit *visit)
{
	const struct conf_feed *feed = certificate_feed(visit->call, visit->api->conf);

	if (!feed)
		return false;
	be(visit, ROLE_FEED, feed->name, "");
	visit->caller.feed = feed;
	return true;
}

static bool admit(struct visit *visit)
{
	const struct http_request *request = visit->call->request;
	const char *authorization = http_header(request, "authorization");

	if (authorization) {
		if (strncasecmp(authorization, "Bearer ", 7) != 0)
			return false;
		authorization += 7;
		authorization += strspn(authorization, " ");
		return *authorization && admit_token(visit, authorization);
	}
	if (http_header(request, "webhook-signature"))
		return admit_signature(visit);
	return admit_certificate(visit) || admit_local(visit);
}

bool visit_admit(struct visit *visit)
{
	static const struct http_extra challenge = {"WWW-Authenticate", "Bearer"};
	static const char body[] =
		"{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
		"\"code\":\"unauthorized\",\"detail\":\"This needs a valid token "
		"or signature.\"}";

	be(visit, ROLE_NONE, "", "");
	if (visit->route->roles == ROLES_OPEN)
		return true;
	if (!admit(visit)) {
		log_warn("api.unauthorized", "peer=%s path=%s", visit->call->peer,
			 visit->route->path);
		http_answer(visit->call, 401, "application/problem+json", body, sizeof(body) - 1,
			    &challenge, 1);
		return false;
	}
	if (visit->route->roles & BIT(visit->caller.role))
		return true;
	log_warn("api.forbidden", "caller=%s path=%s", visit->caller.name, visit->route->path);
	reply_problem(visit, 403, "forbidden", "The token does not allow this.");
	return false;
}

bool caller_covers(const struct caller *caller, const char *unit)
{
	return text_starts(unit ? unit : "", caller->scope);
}
