/* ledger.c — see ledger.h. Neighbours: digest.c signs, json.c reads; lib/store makes the chain that
 * a head is the end of. */
#include "closedloop/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define MESSAGE_CAP 256

void ledger_key(const uint8_t seed[DIGEST_PUBLIC_LEN], uint8_t key[DIGEST_PRIVATE_LEN])
{
	digest_private(seed, key);
}

const uint8_t *ledger_public(const uint8_t key[DIGEST_PRIVATE_LEN])
{
	return key + DIGEST_PRIVATE_LEN - DIGEST_PUBLIC_LEN;
}

/* The text that is signed, in OUT; its length. */
static size_t message_of(const struct ledger_head *head, char out[MESSAGE_CAP])
{
	char link[2 * LEDGER_LINK_LEN + 1];
	char at[WHEN_CAP];
	struct text text;

	text_init(&text, out, MESSAGE_CAP);
	digest_hex(head->link, sizeof(head->link), link, sizeof(link));
	text_addf(&text, "closedloop ledger head 1\nn %" PRId64 "\nat %s\nlink %s\n", head->n,
		  when_text(head->at, NULL, at), link);
	return text.len;
}

void ledger_sign(struct ledger_head *head, const uint8_t key[DIGEST_PRIVATE_LEN])
{
	char message[MESSAGE_CAP];
	size_t len = message_of(head, message);

	digest_sign(key, message, len, head->signature);
}

bool ledger_signed(const struct ledger_head *head, const uint8_t public[DIGEST_PUBLIC_LEN])
{
	char message[MESSAGE_CAP];
	size_t len = message_of(head, message);

	return digest_signed(public, message, len, head->signature);
}

void ledger_head_json(const struct ledger_head *head, const uint8_t public[DIGEST_PUBLIC_LEN],
		      char out[LEDGER_HEAD_CAP])
{
	char link[2 * LEDGER_LINK_LEN + 1];
	char signature[2 * DIGEST_SIGN_LEN + 1];
	char key[2 * DIGEST_PUBLIC_LEN + 1];
	char at[WHEN_CAP];
	struct text text;

	text_init(&text, out, LEDGER_HEAD_CAP);
	digest_hex(head->link, sizeof(head->link), link, sizeof(link));
	digest_hex(head->signature, sizeof(head->signature), signature, sizeof(signature));
	digest_hex(public, DIGEST_PUBLIC_LEN, key, sizeof(key));
	text_addf(&text,
		  "{\"n\":%" PRId64 ",\"at\":\"%s\",\"link\":\"%s\",\"signature\":\"%s\","
		  "\"public_key\":\"%s\"}",
		  head->n, when_text(head->at, NULL, at), link, signature, key);
}

const char *ledger_fault_word(enum ledger_fault fault)
{
	static const char *const words[LEDGER_FAULTS] = {
		[LEDGER_WHOLE] = "whole",
		[LEDGER_ALTERED] = "altered",
		[LEDGER_MISSING] = "missing",
		[LEDGER_INSERTED] = "inserted",
		[LEDGER_UNREADABLE] = "unreadable",
		[LEDGER_FACT_ALTERED] = "fact_altered",
		[LEDGER_FACT_MISSING] = "fact_missing",
		[LEDGER_FACT_INSERTED] = "fact_inserted",
		[LEDGER_CUT] = "cut",
		[LEDGER_REWRITTEN] = "rewritten",
		[LEDGER_FORGED] = "forged",
	};

	return words[fault];
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ledger_unhex(const char *text, uint8_t *out, size_t len)
{
	if (!text || strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = digit_of(text[2 * i]);
		int low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static int read_members(struct ledger_head *head, uint8_t public[DIGEST_PUBLIC_LEN],
			const cJSON *tree, struct err *err)
{
	const char *at = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "at"));
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(tree, "n");
	const struct {
		const char *name;
		uint8_t *out;
		size_t len;
	} bytes[] = {{"link", head->link, sizeof(head->link)},
		     {"signature", head->signature, sizeof(head->signature)},
		     {"public_key", public, DIGEST_PUBLIC_LEN}};

	/* A double holds every number that a ledger will ever reach. */
	if (!cJSON_IsNumber(n) || !(n->valuedouble >= 0 && n->valuedouble < 9007199254740992.0) ||
	    n->valuedouble != (double)(int64_t)n->valuedouble)
		return err_set(err, CL_EINVAL, "head: n is no number of a row");
	head->n = (int64_t)n->valuedouble;
	if (!at || when_parse(at, &head->at, NULL) < 0)
		return err_set(err, CL_EINVAL, "head: at is no time");
	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, bytes[i].name);

		if (!ledger_unhex(cJSON_GetStringValue(item), bytes[i].out, bytes[i].len))
			return err_set(err, CL_EINVAL, "head: %s is not %zu hex digits",
				       bytes[i].name, 2 * bytes[i].len);
	}
	return 0;
}

int ledger_head_parse(struct ledger_head *head, uint8_t public[DIGEST_PUBLIC_LEN], const char *text,
		      size_t len, struct err *err)
{
	static const struct json_limits limits = JSON_LIMITS_EVENT;
	cJSON *tree = NULL;
	int rc = json_parse(&tree, text, len, &limits, err);

	if (rc < 0)
		return rc;
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(tree, "data");

	rc = read_members(head, public, cJSON_IsObject(data) ? data : tree, err);
	cJSON_Delete(tree);
	return rc;
}
