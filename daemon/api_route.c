/* api_route.c — the table of routes: method, path, who may, how large a body, which room answers.
 * Neighbours: api.c looks a call up here, api_auth.c judges its caller. */
#include "daemon/api_private.h"

#include <string.h>

static const struct route routes[] = {
	{.method = "POST",
	 .path = "/v1/events",
	 .roles = ROLES_FEED,
	 .body_max = -1,
	 .proof = true,
	 .handle = api_events},

	{.method = "GET", .path = "/v1/journeys", .roles = ROLES_READ, .handle = api_journeys},
	{.method = "GET", .path = "/v1/journeys/*", .roles = ROLES_READ, .handle = api_journey},
	{.method = "GET",
	 .path = "/v1/journeys/*/ledger",
	 .roles = ROLES_READ,
	 .handle = api_ledger},
	{.method = "GET", .path = "/v1/journeys/*/why", .roles = ROLES_READ, .handle = api_why},
	{.method = "GET",
	 .path = "/v1/journeys/*/reveal",
	 .roles = ROLES_DUTY,
	 .handle = api_reveal},
	{.method = "POST",
	 .path = "/v1/journeys/*/accept",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_accept},
	{.method = "POST",
	 .path = "/v1/journeys/*/handover",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_handover},
	{.method = "POST",
	 .path = "/v1/journeys/*/checks",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_checks},
	{.method = "POST",
	 .path = "/v1/journeys/*/tasks/*",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_task},
	{.method = "POST",
	 .path = "/v1/journeys/*/release",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_release},
	{.method = "POST",
	 .path = "/v1/journeys/*/assign",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_assign},
	{.method = "POST",
	 .path = "/v1/journeys/*/redirect",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_redirect},
	{.method = "POST",
	 .path = "/v1/journeys/*/extend",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_extend},
	{.method = "POST",
	 .path = "/v1/journeys/*/refuse",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_refuse},
	{.method = "POST",
	 .path = "/v1/journeys/*/expose",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_expose},
	{.method = "POST",
	 .path = "/v1/journeys/*/leave",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_leave},
	{.method = "POST",
	 .path = "/v1/journeys/*/return",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_return},
	{.method = "POST",
	 .path = "/v1/journeys/*/close",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_end},

	{.method = "GET", .path = "/v1/alerts", .roles = ROLES_READ, .handle = api_alerts},
	{.method = "POST",
	 .path = "/v1/alerts/*/ack",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_alert_ack},
	{.method = "POST",
	 .path = "/v1/alerts/*/resolve",
	 .roles = ROLES_WRITE,
	 .body_max = BODY_SMALL,
	 .handle = api_alert_resolve},

	{.method = "GET", .path = "/v1/silences", .roles = ROLES_READ, .handle = api_silences},
	{.method = "POST",
	 .path = "/v1/silences",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_silence},
	{.method = "DELETE",
	 .path = "/v1/silences/*",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_silence_end},
	{.method = "POST",
	 .path = "/v1/silences/*/end",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_silence_end},

	{.method = "GET", .path = "/v1/aliases", .roles = ROLES_DUTY, .handle = api_aliases},
	{.method = "POST",
	 .path = "/v1/aliases/*/undo",
	 .roles = ROLES_DUTY,
	 .body_max = BODY_SMALL,
	 .handle = api_alias_undo},

	/* A source names its transfers as it likes, a slash included. */
	{.method = "GET", .path = "/v1/transfers/**", .roles = ROLES_READ, .handle = api_transfer},
	{.method = "GET", .path = "/v1/flights/**", .roles = ROLES_READ, .handle = api_flight},
	{.method = "GET", .path = "/v1/units", .roles = ROLES_READ, .handle = api_units},
	{.method = "GET", .path = "/v1/units/*", .roles = ROLES_READ, .handle = api_unit},
	{.method = "GET", .path = "/v1/rosters", .roles = ROLES_DUTY, .handle = api_rosters},
	{.method = "GET",
	 .path = "/v1/rosters/*",
	 .roles = ROLES_DUTY,
	 .handle = api_roster_calendar},
	{.method = "GET", .path = "/v1/match", .roles = ROLES_READ, .handle = api_match},

	{.method = "GET", .path = "/v1/session", .roles = ROLES_READ, .handle = api_session},
	{.method = "GET", .path = "/v1/admin/tokens", .roles = ROLES_AUDIT, .handle = api_tokens},
	{.method = "POST",
	 .path = "/v1/admin/tokens",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_SMALL,
	 .handle = api_token_add},
	{.method = "DELETE",
	 .path = "/v1/admin/tokens/*",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_SMALL,
	 .handle = api_token_revoke},
	{.method = "POST",
	 .path = "/v1/admin/tokens/*/revoke",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_SMALL,
	 .handle = api_token_revoke},
	{.method = "GET", .path = "/v1/admin/status", .roles = ROLES_AUDIT, .handle = api_status},
	{.method = "GET", .path = "/v1/admin/census", .roles = ROLES_AUDIT, .handle = api_census},
	{.method = "GET",
	 .path = "/v1/admin/coverage",
	 .roles = ROLES_AUDIT,
	 .handle = api_coverage},
	{.method = "GET", .path = "/v1/admin/rejects", .roles = ROLES_AUDIT, .handle = api_rejects},
	{.method = "GET",
	 .path = "/v1/admin/endpoints",
	 .roles = ROLES_AUDIT,
	 .handle = api_endpoints},
	{.method = "GET", .path = "/v1/admin/feeds", .roles = ROLES_AUDIT, .handle = api_feeds},
	{.method = "GET",
	 .path = "/v1/admin/dead-letters",
	 .roles = ROLES_AUDIT,
	 .handle = api_dead_letters},
	{.method = "POST",
	 .path = "/v1/admin/redrive",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_SMALL,
	 .handle = api_redrive},
	{.method = "POST",
	 .path = "/v1/admin/send-test",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_SMALL,
	 .handle = api_send_test},
	{.method = "GET",
	 .path = "/v1/admin/notices/*",
	 .roles = ROLES_AUDIT,
	 .handle = api_notice},
	{.method = "GET",
	 .path = "/v1/admin/route-test",
	 .roles = ROLES_AUDIT,
	 .handle = api_route_test},
	{.method = "POST",
	 .path = "/v1/admin/rotate-key",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_SMALL,
	 .handle = api_rotate_key},
	{.method = "POST",
	 .path = "/v1/admin/reload",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_SMALL,
	 .handle = api_reload},
	{.method = "GET",
	 .path = "/v1/admin/ledger",
	 .roles = ROLES_AUDIT,
	 .handle = api_admin_ledger},
	{.method = "POST",
	 .path = "/v1/admin/ledger-head",
	 .roles = ROLES_AUDIT,
	 .body_max = BODY_SMALL,
	 .handle = api_ledger_head},
	{.method = "POST",
	 .path = "/v1/admin/verify-ledger",
	 .roles = ROLES_AUDIT,
	 .body_max = BODY_HEADS,
	 .handle = api_verify_ledger},
	{.method = "POST",
	 .path = "/v1/admin/policy-diff",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_POLICY,
	 .handle = api_policy_diff},
	{.method = "POST",
	 .path = "/v1/drill/clock",
	 .roles = ROLES_ADMIN,
	 .body_max = BODY_SMALL,
	 .handle = api_drill_clock},

	{.method = "GET", .path = "/a/*", .roles = ROLES_OPEN, .handle = api_link_show},
	{.method = "POST",
	 .path = "/a/*",
	 .roles = ROLES_OPEN,
	 .body_max = BODY_SMALL,
	 .handle = api_link_take},
	{.method = "GET", .path = "/login", .roles = ROLES_OPEN, .handle = api_login_show},
	{.method = "POST",
	 .path = "/login",
	 .roles = ROLES_OPEN,
	 .body_max = BODY_SMALL,
	 .handle = api_login},
	{.method = "POST",
	 .path = "/logout",
	 .roles = ROLES_OPEN,
	 .body_max = BODY_SMALL,
	 .handle = api_logout},
	{.method = "GET", .path = "/", .roles = ROLES_READ, .handle = api_console},
	{.method = "GET", .path = "/static/*", .roles = ROLES_OPEN, .handle = api_static},
	{.method = "GET", .path = "/console/*", .roles = ROLES_OPEN, .handle = api_static},
	{.method = "GET", .path = "/healthz", .roles = ROLES_OPEN, .handle = api_healthz},
	{.method = "GET", .path = "/readyz", .roles = ROLES_OPEN, .handle = api_readyz},
	{.method = "GET", .path = "/metrics", .roles = ROLES_OPEN, .handle = api_metrics},
	{.method = "GET", .path = "/v1/openapi.json", .roles = ROLES_OPEN, .handle = api_openapi},
};

/* PATH fits PATTERN; what the stars stand for goes to PART. */
static bool fits(const char *pattern, const char *path, char (*part)[PART_CAP])
{
	size_t stars = 0;

	while (*pattern) {
		size_t len;

		if (*pattern != '*') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		len = pattern[1] == '*' ? strlen(path) : strcspn(path, "/");
		if (len == 0 || len >= PART_CAP)
			return false;
		if (part) {
			memcpy(part[stars], path, len);
			part[stars][len] = '\0';
		}
		stars++;
		path += len;
		pattern += strspn(pattern, "*");
	}
	return *path == '\0';
}

const struct route *route_find(const char *method, const char *path, char (*part)[PART_CAP],
			       int *status)
{
	/* HEAD is GET whose body is not sent. */
	const char *as = strcmp(method, "HEAD") == 0 ? "GET" : method;

	*status = 404;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!fits(routes[i].path, path, part))
			continue;
		if (strcmp(routes[i].method, as) == 0)
			return &routes[i];
		*status = 405;
	}
	return NULL;
}

void route_methods(const char *path, struct text *out)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!fits(routes[i].path, path, NULL))
			continue;
		text_addf(out, "%s%s", out->len ? ", " : "", routes[i].method);
		if (strcmp(routes[i].method, "GET") == 0)
			text_add(out, ", HEAD");
	}
}
