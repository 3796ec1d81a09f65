/* reply.c — what an endpoint's answer means as far as HTTP says it, by a table (alerts.md §1).
 * Neighbours: reply_robot.c and reply_service.c read bodies; channel.c dispatches; the courier acts
 * on the verdict and counts slow ones. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/reply_private.h"

#define PAUSE_MAX     WHEN_HOUR		 /* Retry-After is honoured up to here (alerts.md §2). */
#define PAUSE_DEFAULT (30 * WHEN_SECOND) /* After 429 without a usable Retry-After. */

/* Behind these words a server that quotes our request shows a secret. */
static const char *const secrets[] = {"key=", "token=", "sign=", "/hook/", "/services/"};

static void clean(char *hint)
{
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		char *secret = strstr(hint, secrets[i]);

		if (secret)
			*secret = '\0';
	}
	/* It is read on terminals and in logs: what is unseen there becomes blanks. */
	const size_t len = strlen(hint);
	for (size_t at = 0, used; at < len; at += used) {
		if (text_is_unseen(text_decode(hint + at, len - at, &used)))
			memset(hint + at, ' ', used);
	}
}

void reply_decide(struct verdict *out, enum outcome outcome, int64_t pause, const char *format, ...)
{
	char hint[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(hint, sizeof(hint), format, args);
	va_end(args);
	clean(hint);
	out->outcome = outcome;
	out->pause = pause;
	(void)text_copy(out->hint, sizeof(out->hint), hint);
}

cJSON *reply_tree(const struct reply *reply)
{
	static const struct json_limits limits = {.depth_max = 16, .nodes_max = 2000};
	static const char mark[] = "\xEF\xBB\xBF"; /* Some gateways put it in front. */
	const char *body = reply->body;
	size_t len = reply->body_len, skip = sizeof(mark) - 1;
	cJSON *tree = NULL;

	if (body && len >= skip && memcmp(body, mark, skip) == 0) {
		body += skip;
		len -= skip;
	}
	if (!body || json_parse(&tree, body, len, &limits, NULL) < 0)
		return NULL;
	return tree;
}

/* --- Retry-After --- */

/* "Fri, 31 Dec 1999 23:59:59 GMT" */
static bool parse_http_date(const char *string, int64_t *at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int day, year, hour, minute, second, end = 0;
	char month[4];
	const char *found;

	if (sscanf(string, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month, &year,
		   &hour, &minute, &second, &end) != 6 ||
	    end == 0 || string[end] != '\0' || strlen(month) != 3)
		return false;
	found = strstr(months, month);
	if (!found || (found - months) % 3 != 0 || day < 1 || day > 31 || year < 1900 || hour < 0 ||
	    hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	*at = when_day_of(year, (int)(found - months) / 3 + 1, day) * WHEN_DAY + hour * WHEN_HOUR +
	      minute * WHEN_MINUTE + second * WHEN_SECOND;
	return true;
}

int64_t reply_wait(const struct reply *reply, int64_t now)
{
	const char *value = reply->retry_after;
	int64_t pause;

	if (!value || !*value)
		return -1;
	if (value[strspn(value, "0123456789")] == '\0') {
		pause = strlen(value) > 9 ? PAUSE_MAX : strtoll(value, NULL, 10) * WHEN_SECOND;
	} else {
		int64_t at;

		if (!parse_http_date(value, &at))
			return -1;
		pause = at > now ? at - now : 0;
	}
	return pause > PAUSE_MAX ? PAUSE_MAX : pause;
}

/* --- HTTP --- */

/* Rows are read from top to bottom, the first that covers the status wins. */
static const struct status_row {
	int from, to;
	enum outcome outcome;
	int64_t otherwise; /* OUTCOME_PAUSE without Retry-After: the pause; 0 = retry by schedule
			      instead. */
	bool slow; /* Likely a mistake in the configuration: a second one makes the endpoint sick.
		    */
	const char *means;
} statuses[] = {
	{.from = 200, .to = 299, .outcome = OUTCOME_OK, .means = "delivered"},
	{.from = 300,
	 .to = 399,
	 .outcome = OUTCOME_RETRY,
	 .slow = true,
	 .means = "redirect not followed"},
	{.from = 408, .to = 408, .outcome = OUTCOME_RETRY, .means = "timeout at the other end"},
	{.from = 410, .to = 410, .outcome = OUTCOME_SICK, .means = "gone"},
	{.from = 413, .to = 413, .outcome = OUTCOME_DEAD, .means = "too large"},
	{.from = 422, .to = 422, .outcome = OUTCOME_DEAD, .means = "content refused"},
	{.from = 429,
	 .to = 429,
	 .outcome = OUTCOME_PAUSE,
	 .otherwise = PAUSE_DEFAULT,
	 .means = "too many requests"},
	{.from = 503, .to = 503, .outcome = OUTCOME_PAUSE, .means = "unavailable"},
	{.from = 500, .to = 599, .outcome = OUTCOME_RETRY, .means = "error at the other end"},
	{.from = 400, .to = 499, .outcome = OUTCOME_RETRY, .slow = true, .means = "refused"},
};

static void classify_status(const struct reply *reply, int64_t now, struct verdict *out)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		const struct status_row *row = &statuses[i];
		enum outcome outcome = row->outcome;
		int64_t pause = 0;

		if (reply->status < row->from || reply->status > row->to)
			continue;
		if (outcome == OUTCOME_PAUSE) {
			pause = reply_wait(reply, now);
			if (pause < 0)
				pause = row->otherwise;
			if (pause == 0)
				outcome = OUTCOME_RETRY;
		}
		reply_decide(out, outcome, pause, "%sHTTP %d %s", row->slow ? "slow: " : "",
			     reply->status, row->means);
		return;
	}
	reply_decide(out, OUTCOME_RETRY, 0, "slow: HTTP %d is no final status", reply->status);
}

/* No answer at all. A certificate does not mend itself, everything else may. */
static void classify_transport(const struct reply *reply, struct verdict *out)
{
	const char *error = reply->error && *reply->error ? reply->error : "no answer";

	reply_decide(out, OUTCOME_RETRY, 0, "%s%s", strstr(error, "certificate") ? "slow: " : "",
		     error);
}

void reply_classify_generic(const struct reply *reply, int64_t now, struct verdict *out)
{
	if (reply->status == 0)
		classify_transport(reply, out);
	else
		classify_status(reply, now, out);
}
