/* ctl_http.c — one call to the daemon, over its unix socket or to a URL.
 * Neighbours: ctl_where.c says where it is; every verb calls here. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "closedloop/mem.h"

#define ANSWER_MAX ((size_t)256 * 1024 * 1024)
#define TOTAL_S	   120L

struct receiving {
	char *bytes;
	size_t len, cap;
};

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
	struct receiving *receiving = context;
	size_t len = size * count;

	if (receiving->len + len >= ANSWER_MAX)
		return 0;
	if (receiving->len + len + 1 > receiving->cap) {
		receiving->cap = 2 * (receiving->len + len + 1);
		receiving->bytes = mem_grow(receiving->bytes, receiving->cap);
	}
	memcpy(receiving->bytes + receiving->len, bytes, len);
	receiving->len += len;
	receiving->bytes[receiving->len] = '\0';
	return len;
}

/* "Authorization: Bearer …" from the token file; false after having said why not. */
static bool add_token(const struct ctl *ctl, struct curl_slist **headers)
{
	char line[1024];
	size_t len;
	char *token;

	if (!ctl->token_file)
		return true;
	token = ctl_read_file(ctl->token_file, &len);
	if (!token)
		return false;
	token[strcspn(token, " \t\r\n")] = '\0';
	snprintf(line, sizeof(line), "Authorization: Bearer %s", token);
	mem_free(token);
	*headers = curl_slist_append(*headers, line);
	return true;
}

static void set_up(CURL *curl, const struct ctl *ctl, const char *method, const char *path)
{
	char url[8192];

	snprintf(url, sizeof(url), "%s%s", ctl->url ? ctl->url : "http://localhost", path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (!ctl->url)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, ctl->socket_path);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, TOTAL_S);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
}

static void read_answer(CURL *curl, struct receiving *receiving, struct ctl_answer *answer)
{
	static const struct json_limits limits = {.depth_max = 32, .nodes_max = 50000000};
	curl_off_t retry_after = 0;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
	answer->status = (int)status;
	answer->retry_after_s = (int)retry_after;
	answer->body = receiving->bytes;
	answer->len = receiving->len;
	if (json_parse(&answer->tree, answer->body, answer->len, &limits, NULL) < 0)
		answer->tree = NULL;
}

int ctl_call(const struct ctl *ctl, const char *method, const char *path, const char *type,
	     const char *body, size_t len, struct ctl_answer *answer)
{
	struct curl_slist *headers = NULL;
	struct receiving receiving = {.bytes = mem_alloc(1), .cap = 1};
	char line[512];
	CURL *curl = curl_easy_init();
	CURLcode rc = CURLE_FAILED_INIT;

	*answer = (struct ctl_answer){.status = 0};
	if (curl && add_token(ctl, &headers)) {
		set_up(curl, ctl, method, path);
		headers = curl_slist_append(headers, "Expect:");
		if (ctl->purpose) {
			snprintf(line, sizeof(line), "X-Purpose: %s", ctl->purpose);
			headers = curl_slist_append(headers, line);
		}
		if (body) {
			snprintf(line, sizeof(line), "Content-Type: %s", type);
			headers = curl_slist_append(headers, line);
			curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
			curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
		}
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiving);
		rc = curl_easy_perform(curl);
		if (rc == CURLE_OK)
			read_answer(curl, &receiving, answer);
		else
			fprintf(stderr, "closedloopctl: %s cannot be reached: %s\n",
				ctl->url ? ctl->url : ctl->socket_path, curl_easy_strerror(rc));
	}
	if (rc != CURLE_OK)
		mem_free(receiving.bytes);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return rc == CURLE_OK ? CTL_DONE : CTL_UNREACHABLE;
}

void ctl_answer_release(struct ctl_answer *answer)
{
	cJSON_Delete(answer->tree);
	mem_free(answer->body);
	*answer = (struct ctl_answer){.status = 0};
}

int ctl_ask(const struct ctl *ctl, const char *method, const char *path, const char *json,
	    struct ctl_answer *answer)
{
	int rc = ctl_call(ctl, method, path, "application/json", json, json ? strlen(json) : 0,
			  answer);

	if (rc)
		return rc;
	if (answer->status < 200 || answer->status > 299) {
		const char *detail = json_string(answer->tree, "detail");
		const char *code = json_string(answer->tree, "code");

		fprintf(stderr, "closedloopctl: %d %s: %s\n", answer->status, code ? code : "",
			detail ? detail : "refused");
		ctl_answer_release(answer);
		return CTL_REFUSED;
	}
	if (ctl->json) {
		puts(answer->body);
		ctl_answer_release(answer);
	}
	return CTL_DONE;
}

void ctl_encode(struct text *path, const char *value)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *value; value++) {
		if (strchr(plain, *value))
			text_add_bytes(path, value, 1);
		else
			text_addf(path, "%%%02X", (unsigned)(unsigned char)*value);
	}
}

int ctl_post(const struct ctl *ctl, const char *path, cJSON *body, struct ctl_answer *answer)
{
	char *printed = cJSON_PrintUnformatted(body);
	int rc = ctl_ask(ctl, "POST", path, printed, answer);

	cJSON_free(printed);
	cJSON_Delete(body);
	return rc;
}
