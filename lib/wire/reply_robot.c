/* reply_robot.c — group robots answer with a code in the body, whatever HTTP says: WeCom, DingTalk,
 * Feishu, by a table each (alerts.md §1.2 to §1.4). Neighbours: reply.c reads HTTP where there is
 * no code. */
#include <stdlib.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/reply_private.h"

/* Rows are read from top to bottom, the first that fits wins. */
struct code_row {
	int code;
	bool any;	  /* Whatever the code, only the sentence counts. */
	const char *says; /* The sentence holds this, in either case; NULL: whatever it says. */
	enum outcome outcome;
	int64_t pause;
	bool to_next_minute; /* The limit is counted per minute of the clock. */
	const char *cause;   /* What the operator looks at first; or NULL. */
};

/* One vendor's way of answering. */
struct family {
	const char *word;		     /* What its documents call the code, and hints too. */
	const char *codes[2], *sentences[2]; /* Members that hold them, the first there wins. */
	const struct code_row *rows;
	size_t len;
};

static const struct code_row wecom_rows[] = {
	{.code = 0, .outcome = OUTCOME_OK},
	{.code = -1, .outcome = OUTCOME_RETRY},	   /* busy */
	{.code = 45033, .outcome = OUTCOME_RETRY}, /* concurrency */
	{.code = 45009, .outcome = OUTCOME_PAUSE, .to_next_minute = true},
	{.code = 93000, .outcome = OUTCOME_SICK, .cause = "token"}, /* invalid webhook url */
	{.code = 93004, .outcome = OUTCOME_SICK, .cause = "stopped"},
	{.code = 93008, .outcome = OUTCOME_SICK, .cause = "group"}, /* not in it */
	{.code = 40058, .outcome = OUTCOME_DEAD},		    /* parameter, too long */
	{.code = 45002, .outcome = OUTCOME_DEAD},		    /* content too long */
	{.code = 40008, .outcome = OUTCOME_DEAD},		    /* message type */
	{.code = 44004, .outcome = OUTCOME_DEAD},		    /* empty content */
};

/* Who asks too often is not heard for ten minutes, and each try makes it longer. */
#define SILENCED .outcome = OUTCOME_PAUSE, .pause = 10 * WHEN_MINUTE

static const struct code_row dingtalk_rows[] = {
	{.code = 0, .outcome = OUTCOME_OK},
	{.code = 130101, SILENCED},
	{.code = 410100, SILENCED},
	{.any = true, .says = "too fast", SILENCED},
	{.any = true, .says = "frequency", SILENCED},
	{.any = true, .says = "限流", SILENCED},
	{.code = -1, .outcome = OUTCOME_RETRY, .pause = 30 * WHEN_SECOND},
	/* One code for three mistakes. */
	{.code = 310000, .says = "keyword", .outcome = OUTCOME_SICK, .cause = "keyword"},
	{.code = 310000, .says = "sign", .outcome = OUTCOME_SICK, .cause = "sign/clock"},
	{.code = 310000, .says = "timestamp", .outcome = OUTCOME_SICK, .cause = "sign/clock"},
	{.code = 310000, .says = "whitelist", .outcome = OUTCOME_SICK, .cause = "ip"},
	{.code = 310000, .outcome = OUTCOME_SICK, .cause = "security"},
	{.code = 300001, .outcome = OUTCOME_SICK, .cause = "token"},
	{.code = 300005, .outcome = OUTCOME_SICK, .cause = "token"},
	{.code = 400101, .outcome = OUTCOME_SICK, .cause = "token"},
	{.code = 400106, .outcome = OUTCOME_SICK, .cause = "token"}, /* no such robot */
	{.code = 400102, .outcome = OUTCOME_SICK, .cause = "stopped"},
	{.code = 400013, .outcome = OUTCOME_SICK, .cause = "group"}, /* dissolved */
	{.code = 460101, .outcome = OUTCOME_DEAD},		     /* too long */
	{.code = 101002, .outcome = OUTCOME_DEAD},		     /* too long */
	{.code = 40035, .outcome = OUTCOME_DEAD},		     /* parameter */
	{.code = 43004, .outcome = OUTCOME_DEAD},		     /* content type */
	{.code = 400105, .outcome = OUTCOME_DEAD},		     /* message type */
};

static const struct code_row feishu_rows[] = {
	{.code = 0, .outcome = OUTCOME_OK},
	{.code = 11232, .outcome = OUTCOME_PAUSE, .pause = WHEN_MINUTE},
	/* One code for a busy server and for a body it cannot read. */
	{.code = 9499, .says = "too many", .outcome = OUTCOME_PAUSE, .pause = WHEN_MINUTE},
	{.code = 9499, .says = "bad request", .outcome = OUTCOME_DEAD},
	{.code = 19021, .outcome = OUTCOME_SICK, .cause = "sign/clock"},
	{.code = 19022, .outcome = OUTCOME_SICK, .cause = "ip"},
	{.code = 19024, .outcome = OUTCOME_SICK, .cause = "keyword"},
	{.code = 19001, .outcome = OUTCOME_SICK, .cause = "token"},
	{.code = 19002, .outcome = OUTCOME_DEAD}, /* parameter */
	{.code = 19036, .outcome = OUTCOME_DEAD}, /* message type */
};

static const struct family wecom = {
	"errcode", {"errcode"}, {"errmsg"}, wecom_rows, ARRAY_LEN(wecom_rows)};
static const struct family dingtalk = {
	"errcode", {"errcode"}, {"errmsg"}, dingtalk_rows, ARRAY_LEN(dingtalk_rows)};
/* The old form of its answer has other names; where both stand, the new one counts. */
static const struct family feishu = {"code",
				     {"code", "StatusCode"},
				     {"msg", "StatusMessage"},
				     feishu_rows,
				     ARRAY_LEN(feishu_rows)};

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

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* PART is written small. */
static bool holds(const char *sentence, const char *part)
{
	for (; *sentence; sentence++) {
		size_t i = 0;

		while (part[i] && lower(sentence[i]) == part[i])
			i++;
		if (!part[i])
			return true;
	}
	return false;
}

static void judge(const struct family *family, int code, const char *sentence, int64_t now,
		  struct verdict *out)
{
	for (size_t i = 0; i < family->len; i++) {
		const struct code_row *row = &family->rows[i];

		if ((!row->any && row->code != code) || (row->says && !holds(sentence, row->says)))
			continue;
		reply_decide(out, row->outcome,
			     row->to_next_minute ? WHEN_MINUTE - now % WHEN_MINUTE : row->pause,
			     "%s%s%s %d%s%s", row->cause ? row->cause : "", row->cause ? ": " : "",
			     family->word, code, *sentence ? ": " : "", sentence);
		return;
	}
	/* W-8: what we do not know is not a success. */
	reply_decide(out, OUTCOME_RETRY, 0, "unknown_code: %s %d%s%s", family->word, code,
		     *sentence ? ": " : "", sentence);
}

/* True when TREE holds a code, which is judged into OUT. */
static bool classify(const struct family *family, const cJSON *tree, const struct reply *reply,
		     int64_t now, struct verdict *out)
{
	const cJSON *member = NULL;
	const char *sentence = NULL;
	int code;

	for (size_t i = 0; i < ARRAY_LEN(family->codes) && !member && family->codes[i]; i++)
		member = json_get(tree, family->codes[i]);
	for (size_t i = 0; i < ARRAY_LEN(family->sentences) && !sentence && family->sentences[i];
	     i++)
		sentence = json_string(tree, family->sentences[i]);
	if (!read_code(member, &code))
		return false;
	/* No success that HTTP denies. */
	if (code == 0 && !reply_is_success(reply))
		return false;
	judge(family, code, sentence ? sentence : "", now, out);
	return true;
}

static void without_code(const struct family *family, const struct reply *reply, int64_t now,
			 struct verdict *out)
{
	/* W-7: a 200 without it comes from something in between, a portal or a firewall. */
	if (reply_is_success(reply))
		reply_decide(out, OUTCOME_RETRY, 0, "the answer holds no %s", family->word);
	else
		reply_classify_generic(reply, now, out);
}

static void classify_robot(const struct family *family, const struct reply *reply, int64_t now,
			   struct verdict *out)
{
	cJSON *tree = reply_tree(reply);

	if (!classify(family, tree, reply, now, out))
		without_code(family, reply, now, out);
	cJSON_Delete(tree);
}

void reply_classify_wecom(const struct reply *reply, int64_t now, struct verdict *out)
{
	classify_robot(&wecom, reply, now, out);
}

void reply_classify_feishu(const struct reply *reply, int64_t now, struct verdict *out)
{
	classify_robot(&feishu, reply, now, out);
}

/* {"status":1111,"wait":5,"source":"x5","punish":"deny"}: not the robot, the firewall before it. */
static bool is_firewall(const cJSON *tree)
{
	int status;

	return json_get(tree, "punish") ||
	       (read_code(json_get(tree, "status"), &status) && status == 1111);
}

void reply_classify_dingtalk(const struct reply *reply, int64_t now, struct verdict *out)
{
	cJSON *tree = reply_tree(reply);

	if (!classify(&dingtalk, tree, reply, now, out)) {
		if (is_firewall(tree))
			reply_decide(out, OUTCOME_PAUSE, 10 * WHEN_MINUTE,
				     "the firewall refuses us for asking too often");
		else
			without_code(&dingtalk, reply, now, out);
	}
	cJSON_Delete(tree);
}
