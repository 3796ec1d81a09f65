/* fuzz_link.c — any text as a link's token, and as the three headers of a signed webhook with its
 * body: lines of one input. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "closedloop/channel.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "closedloop/webhook.h"

#define NOW INT64_C(1583640000000)

static char *line_of(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	*rest = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

static void read_token(const char *text)
{
	static const uint8_t key[ACK_KEY_LEN] = {1, 2, 3};
	struct ack_token token;
	struct err err = ERR_INIT;
	char again[ACK_TOKEN_CAP];

	int rc = ack_token_read(key, sizeof(key), text, NOW, &token, &err);
	if (rc < 0)
		assert(*err.text && text_is_utf8(err.text, strlen(err.text)));
	/* Nobody signs but us: what is taken is what we would write. */
	if (rc == 0)
		assert(ack_token_make(key, sizeof(key), &token, again) == 0 &&
		       strcmp(again, text) == 0);
	(void)alert_of_number(text);
}

int fuzz_link(const uint8_t *data, size_t size)
{
	struct webhook_secret secret, mine = {.kind = WEBHOOK_SHARED, .bytes = {7}, .len = 32};
	char *bytes = mem_alloc(size + 1), signature[WEBHOOK_SIGNATURE_CAP];
	struct err err = ERR_INIT;
	char *rest = bytes;

	if (size)
		memcpy(bytes, data, size);
	bytes[size] = '\0';
	const char *token = line_of(&rest), *id = line_of(&rest), *timestamp = line_of(&rest);
	const char *signatures = line_of(&rest), *written = line_of(&rest);
	read_token(token);
	int rc = webhook_verify(&mine, id, timestamp, signatures, rest, strlen(rest), NOW / 1000,
				&err);
	/* Ours would be taken, so only one with our key may be. */
	if (rc == 0)
		assert(webhook_sign(&mine, id, NOW / 1000, rest, strlen(rest), signature, &err) ==
		       0);
	if (webhook_secret_parse(&secret, written, &err) == 0)
		assert(secret.len <= WEBHOOK_SECRET_MAX);
	mem_free(bytes);
	return 0;
}
