/* reply.c — what an endpoint's answer means, by tables (alerts.md §1).
 * Neighbours: channel.c dispatches here, the courier acts on the verdict and counts slow ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/channel_row.h"

#define PAUSE_MAX     WHEN_HOUR		 /* Retry-After is honoured up to here (alerts.md §2). */
#define PAUSE_DEFAULT (30 * WHEN_SECOND) /* After 429 without a usable Retry-After. */

static void decide(struct verdict *out, enum outcome outcome, int64_t pause, const char *hint)
{
	out->outcome = outcome;
	out->pause = pause;
	(void)text_copy(out->hint, sizeof(out->hint), hint);
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

/* How long the endpoint asks us to wait: 0 for "now" and for the past, -1 when it does not say. */
static int64_t retry_after(const struct reply *reply, int64_t now)
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
	char hint[96];

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		const struct status_row *row = &statuses[i];
		enum outcome outcome = row->outcome;
		int64_t pause = 0;

		if (reply->status < row->from || reply->status > row->to)
			continue;
		if (outcome == OUTCOME_PAUSE) {
			pause = retry_after(reply, now);
			if (pause < 0)
				pause = row->otherwise;
			if (pause == 0)
				outcome = OUTCOME_RETRY;
		}
		(void)snprintf(hint, sizeof(hint), "%sHTTP %d %s", row->slow ? "slow: " : "",
			       reply->status, row->means);
		decide(out, outcome, pause, hint);
		return;
	}
	(void)snprintf(hint, sizeof(hint), "slow: HTTP %d is no final status", reply->status);
	decide(out, OUTCOME_RETRY, 0, hint);
}

/* No answer at all. A certificate does not mend itself, everything else may. */
static void classify_transport(const struct reply *reply, struct verdict *out)
{
	const char *error = reply->error && *reply->error ? reply->error : "no answer";
	char room[sizeof(out->hint)];
	struct text hint = TEXT_OVER(room);

	text_addf(&hint, "%s%s", strstr(error, "certificate") ? "slow: " : "", error);
	decide(out, OUTCOME_RETRY, 0, room);
}

void reply_classify_generic(const struct reply *reply, int64_t now, struct verdict *out)
{
	if (reply->status == 0)
		classify_transport(reply, out);
	else
		classify_status(reply, now, out);
}

/* --- WeCom: HTTP 200 always, the truth is in errcode --- */

static const struct errcode_row {
	int code;
	enum outcome outcome;
	bool to_next_minute; /* OUTCOME_PAUSE: the limit is counted per minute of the clock. */
} errcodes[] = {
	{.code = 0, .outcome = OUTCOME_OK},
	{.code = -1, .outcome = OUTCOME_RETRY},	   /* busy */
	{.code = 45033, .outcome = OUTCOME_RETRY}, /* concurrency */
	{.code = 45009, .outcome = OUTCOME_PAUSE, .to_next_minute = true},
	{.code = 93000, .outcome = OUTCOME_SICK}, /* invalid webhook url */
	{.code = 93004, .outcome = OUTCOME_SICK}, /* robot stopped */
	{.code = 93008, .outcome = OUTCOME_SICK}, /* not in the group */
	{.code = 40058, .outcome = OUTCOME_DEAD}, /* parameter, too long */
	{.code = 45002, .outcome = OUTCOME_DEAD}, /* content too long */
	{.code = 40008, .outcome = OUTCOME_DEAD}, /* message type */
	{.code = 44004, .outcome = OUTCOME_DEAD}, /* empty content */
};

/* The number in MEMBER, which some gateways send as a text. */
static bool read_code(const cJSON *member, int *code)
{
	const char *string;
	char *end;
	long number;

	if (cJSON_IsNumber(member)) {
		*code = member->valueint;
		return !(member->valuedouble < *code) && !(member->valuedouble > *code);
	}
	if (!cJSON_IsString(member) || !*member->valuestring)
		return false;
	string = member->valuestring;
	if (strlen(string) > 9 || strspn(string, "-0123456789") != strlen(string))
		return false;
	number = strtol(string, &end, 10);
	*code = (int)number;
	return *end == '\0' && end > string;
}

/* "errcode 45009: api freq out of limit", without line breaks and without the robot's key. */
static void say_code(char *hint, size_t cap, const char *prefix, int code, const char *errmsg)
{
	struct text text;
	const char *secret = errmsg ? strstr(errmsg, "key=") : NULL;

	text_init(&text, hint, cap);
	text_addf(&text, "%serrcode %d", prefix, code);
	if (errmsg && *errmsg) {
		text_add(&text, ": ");
		text_add_bytes(&text, errmsg, secret ? (size_t)(secret - errmsg) : strlen(errmsg));
	}
	for (char *c = hint; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	}
}

static void classify_errcode(int code, const char *errmsg, int64_t now, struct verdict *out)
{
	char hint[96];

	for (size_t i = 0; i < ARRAY_LEN(errcodes); i++) {
		const struct errcode_row *row = &errcodes[i];
		int64_t pause = row->to_next_minute ? WHEN_MINUTE - now % WHEN_MINUTE : 0;

		if (row->code != code)
			continue;
		say_code(hint, sizeof(hint), "", code, errmsg);
		decide(out, row->outcome, pause, hint);
		return;
	}
	/* W-8: what we do not know is not a success. */
	say_code(hint, sizeof(hint), "unknown_code: ", code, errmsg);
	decide(out, OUTCOME_RETRY, 0, hint);
}

void reply_classify_wecom(const struct reply *reply, int64_t now, struct verdict *out)
{
	static const struct json_limits limits = {.depth_max = 16, .nodes_max = 2000};
	cJSON *tree = NULL;
	int code;

	if (reply->status < 200 || reply->status > 299) {
		reply_classify_generic(reply, now, out);
		return;
	}
	if (!reply->body || json_parse(&tree, reply->body, reply->body_len, &limits, NULL) < 0)
		tree = NULL;
	/* W-7: a 200 without errcode comes from something in between, a portal or a firewall. */
	if (read_code(json_get(tree, "errcode"), &code))
		classify_errcode(code, json_string(tree, "errmsg"), now, out);
	else
		decide(out, OUTCOME_RETRY, 0, "the answer holds no errcode");
	cJSON_Delete(tree);
}
