/* http_answer.c — answers as bytes: the head of a response, and problem documents (RFC 9457).
 * Neighbours: http_conn.c sends them, http_in.h's callers order them. */
#include "daemon/http_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "closedloop/log.h"

#define DETAIL_CAP 600 /* Six bytes each when escaped: fits PROBLEM_CAP with the rest. */

/* What is said when this floor refuses by itself. The codes are stable: clients compare them. */
static const struct refusal {
	int status;
	const char *code;
	const char *detail;
} refusals[] = {
	{400, "bad_request", "The request is not well-formed HTTP/1.1."},
	{401, "unauthorized", "This needs a valid token."},
	{403, "forbidden", "The token does not allow this."},
	{404, "not_found", "There is nothing at this path."},
	{405, "method_not_allowed", "This path does not take that method."},
	{408, "request_timeout", "The request was not whole in time."},
	{411, "length_required", "This needs a body of known length."},
	{413, "too_large", "The body is larger than this path takes."},
	{414, "uri_too_long", "The request line is too long."},
	{415, "unsupported_media_type", "This path does not take that content type."},
	{417, "expectation_failed", "Only 100-continue can be expected here."},
	{429, "too_many_requests", "There are too many connections or calls from this address."},
	{431, "head_too_large", "The header lines are too many or too long."},
	{500, "internal", "The answer could not be written."},
	{501, "not_implemented", "That transfer coding is not read here."},
	{503, "unavailable", "The service is busy; try again shortly."},
	{505, "http_version", "Only HTTP/1.0 and HTTP/1.1 are spoken here."},
};

static const struct refusal *refusal_of(int status)
{
	static const struct refusal other = {0, "refused", "The request is refused."};

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		if (refusals[i].status == status)
			return &refusals[i];
	}
	return &other;
}

bool status_is_bodiless(int status)
{
	return status == 204 || status == 304 || (status >= 100 && status < 200);
}

/* A value with a line break would begin a header of its own, so such a header is not sent. */
static bool extra_is_sound(const struct http_extra *extra)
{
	const char *at = extra->value;

	if (strspn(extra->name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") !=
	    strlen(extra->name))
		return false;
	for (; *at; at++) {
		if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7F)
			return false;
	}
	return extra->name[0] != '\0';
}

static bool has_extra(const struct http_bytes *answer, const char *name)
{
	for (size_t i = 0; i < answer->extra_len; i++) {
		if (strcasecmp(answer->extra[i].name, name) == 0)
			return true;
	}
	return false;
}

bool answer_head(struct text *head, const struct http_bytes *answer)
{
	assert(answer->status >= 200 && answer->status <= 599);
	text_clear(head);
	text_addf(head, "HTTP/1.1 %d %s\r\n", answer->status, http_reason(answer->status));
	if (answer->content_type)
		text_addf(head, "Content-Type: %s\r\n", answer->content_type);
	if (!status_is_bodiless(answer->status))
		text_addf(head, "Content-Length: %zu\r\n", answer->len);
	if (!has_extra(answer, "X-Content-Type-Options"))
		text_add(head, "X-Content-Type-Options: nosniff\r\n");
	/* What an answer may do in a browser; pages bring a stricter word of their own. */
	if (!has_extra(answer, "Content-Security-Policy"))
		text_add(head, "Content-Security-Policy: default-src 'self'; frame-ancestors "
			       "'none'; base-uri 'none'; form-action 'self'\r\n");
	/* Addresses of pages are permissions: nobody is told where a reader came from. */
	if (!has_extra(answer, "Referrer-Policy"))
		text_add(head, "Referrer-Policy: no-referrer\r\n");
	if (!has_extra(answer, "Cache-Control"))
		text_add(head, "Cache-Control: no-store\r\n");
	if (answer->https && !has_extra(answer, "Strict-Transport-Security"))
		text_add(head, "Strict-Transport-Security: max-age=31536000\r\n");
	if (answer->close)
		text_add(head, "Connection: close\r\n");
	else if (answer->minor == 0)
		text_add(head, "Connection: keep-alive\r\n");
	const struct http_extra cookie = {"Set-Cookie", answer->set_cookie};

	if (answer->set_cookie && *answer->set_cookie && extra_is_sound(&cookie))
		text_addf(head, "%s: %s\r\n", cookie.name, cookie.value);
	for (size_t i = 0; i < answer->extra_len; i++) {
		const struct http_extra *extra = &answer->extra[i];

		if (extra_is_sound(extra))
			text_addf(head, "%s: %s\r\n", extra->name, extra->value);
		else
			log_error("http.header_dropped", "index=%zu status=%d", i, answer->status);
	}
	text_add(head, "\r\n");
	return !head->cut;
}

/* Add STRING as the inside of a JSON string; what is no UTF-8 becomes U+FFFD. */
static void add_escaped(struct text *out, const char *string)
{
	size_t len = strlen(string);
	size_t at = 0;

	while (at < len) {
		size_t used;
		uint32_t code_point = text_decode(string + at, len - at, &used);

		if (used == 1 && (unsigned char)string[at] >= 0x80)
			text_add(out, "\\ufffd");
		else if (code_point < 0x20 || code_point == 0x7F)
			text_addf(out, "\\u%04x", (unsigned)code_point);
		else if (code_point == '"' || code_point == '\\')
			text_addf(out, "\\%c", (int)code_point);
		else
			text_add_bytes(out, string + at, used);
		at += used;
	}
}

void problem_body(struct text *out, int status, const char *code, const char *detail)
{
	const struct refusal *usual = refusal_of(status);
	char brief[DETAIL_CAP];

	text_copy(brief, sizeof(brief), detail ? detail : usual->detail);
	text_clear(out);
	text_add(out, "{\"type\":\"about:blank\",\"title\":\"");
	add_escaped(out, http_reason(status));
	text_addf(out, "\",\"status\":%d,\"code\":\"", status);
	add_escaped(out, code ? code : usual->code);
	text_add(out, "\",\"detail\":\"");
	add_escaped(out, brief);
	text_add(out, "\"}");
	assert(!out->cut);
}

void http_answer(struct http_call *call, int status, const char *content_type, const void *body,
		 size_t len, const struct http_extra *extra, size_t extra_len)
{
	struct http_conn *conn = (struct http_conn *)call;
	struct http_bytes answer = {
		.status = status,
		.content_type = content_type,
		.body = body,
		.len = len,
		.extra = extra,
		.extra_len = extra_len,
		.set_cookie = call->set_cookie,
	};
	bool entered;

	assert(conn->state == CONN_WAITING || conn->state == CONN_ORPHANED);
	assert(body || len == 0);
	conn->in->waiting--;
	if (conn->state == CONN_ORPHANED) {
		conn_free(conn);
		return;
	}
	entered = conn_enter(conn);
	conn_answer(conn, &answer);
	conn_leave(conn, entered);
}

void http_not_allowed(struct http_call *call, const char *methods)
{
	char room[PROBLEM_CAP];
	struct text body = TEXT_OVER(room);
	struct http_extra allow = {"Allow", methods};

	problem_body(&body, 405, NULL, NULL);
	http_answer(call, 405, "application/problem+json", body.data, body.len, &allow, 1);
}

void http_problem(struct http_call *call, int status, const char *code, const char *detail,
		  int retry_after_s)
{
	char room[PROBLEM_CAP];
	struct text body = TEXT_OVER(room);
	char seconds[16];
	struct http_extra extra[2];
	size_t extra_len = 0;

	snprintf(seconds, sizeof(seconds), "%d", retry_after_s);
	if (retry_after_s > 0)
		extra[extra_len++] = (struct http_extra){"Retry-After", seconds};
	if (status == 401) /* RFC 9110, 15.5.2: it must say how to do better. */
		extra[extra_len++] = (struct http_extra){"WWW-Authenticate", "Bearer"};
	problem_body(&body, status, code, detail);
	http_answer(call, status, "application/problem+json", body.data, body.len, extra,
		    extra_len);
}
