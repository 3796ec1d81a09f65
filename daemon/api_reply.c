/* api_reply.c — answers as bytes: JSON, problems, pages; and bodies as JSON.
 * Neighbours: http_answer.c sends them; every handler comes here to say what it has to say. */
#include "daemon/api_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static char *print(const cJSON *tree)
{
	char *printed = cJSON_PrintUnformatted(tree);

	if (!printed)
		mem_exhausted(0);
	return printed;
}

void reply_json(struct visit *visit, int status, cJSON *tree)
{
	char *printed = print(tree);

	visit_send(visit, status, "application/json", printed, strlen(printed), NULL, 0);
	cJSON_free(printed);
	cJSON_Delete(tree);
}

void reply_problem(struct visit *visit, int status, const char *code, const char *detail)
{
	http_problem(visit->call, status, code, detail, status == 503 ? RETRY_AFTER_S : 0);
}

void reply_see_other(struct visit *visit, const char *path)
{
	const struct http_extra extra = {"Location", path};

	http_answer(visit->call, 303, NULL, NULL, 0, &extra, 1);
}

void api_reply_ok(struct http_call *call, const char *text)
{
	http_answer(call, 200, "application/json", text, strlen(text), NULL, 0);
}

void api_reply_err(struct http_call *call, int rc, const struct err *err)
{
	static const struct {
		int rc, status;
	} rows[] = {
		{CL_EINVAL, 400}, {CL_ENOENT, 404}, {CL_ECONFLICT, 409}, {CL_ELIMIT, 413},
		{CL_EIO, 503},	  {CL_EFULL, 503},  {CL_EBUSY, 503},	 {CL_ECORRUPT, 500},
		{CL_ENEWER, 500}, {CL_EGONE, 410},
	};
	int status = 500;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].rc == rc)
			status = rows[i].status;
	}
	http_problem(call, status, err_word((enum cl_error)rc),
		     err && *err->text ? err->text : NULL, status == 503 ? RETRY_AFTER_S : 0);
}

void reply_error(struct visit *visit, int rc, const struct err *err)
{
	api_reply_err(visit->call, rc, err);
}

void reply_html(struct visit *visit, int status, const struct text *page, int retry_after_s)
{
	/* What a page may do: be styled by us, post to us, nothing else. */
	char seconds[16];
	const struct http_extra extra[] = {
		{"Content-Security-Policy",
		 "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
		 "frame-ancestors 'none'"},
		/* The address behind a link is a permission. Elsewhere a browser must be able to
		 * say that a form was ours, which it does only where it may tell. */
		{"Referrer-Policy",
		 text_starts(visit->route->path, "/a/") ? "no-referrer" : "same-origin"},
		{"X-Robots-Tag", "noindex, nofollow"},
		{"X-Frame-Options", "DENY"},
		{"Retry-After", seconds}, /* The last: only when there is one. */
	};

	if (page->cut) {
		reply_problem(visit, 500, "internal", "The page does not fit.");
		return;
	}
	snprintf(seconds, sizeof(seconds), "%d", retry_after_s);
	visit_send(visit, status, "text/html; charset=utf-8", page->data, page->len, extra,
		   ARRAY_LEN(extra) - (retry_after_s > 0 ? 0 : 1));
}

static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t len = strlen(json);

	return type && strncasecmp(type, json, len) == 0 &&
	       (type[len] == '\0' || strchr("; \t", type[len]));
}

cJSON *visit_body(struct visit *visit)
{
	/* As many as fit: the route bounds the bytes. */
	static const struct json_limits limits = {.depth_max = 16, .nodes_max = 20000};
	const struct http_request *request = visit->call->request;
	struct err err = ERR_INIT;
	cJSON *body;

	if (request->body_len == 0)
		return cJSON_CreateObject();
	/* A form on another site can post text, but not this type without asking first; its browser
	 * names the origin. Who has none is no browser, and may call its JSON what it likes. */
	if (!is_json(http_header(request, "content-type")) && http_header(request, "origin")) {
		reply_problem(visit, 415, "unsupported_media_type", "Send application/json.");
		return NULL;
	}
	if (json_parse(&body, request->body, request->body_len, &limits, &err) < 0) {
		reply_problem(visit, 400, "bad_json", err.text);
		return NULL;
	}
	if (!cJSON_IsObject(body)) {
		cJSON_Delete(body);
		reply_problem(visit, 400, "bad_value", "$ is not an object");
		return NULL;
	}
	return body;
}
