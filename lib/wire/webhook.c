/* webhook.c — Standard Webhooks signatures, made and checked.
 * Neighbours: digest.c has the HMAC; the courier signs what leaves, the HTTP door verifies what
 * comes. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "closedloop/webhook.h"

#define SECRET_PREFIX "whsec_"
#define V1_PREFIX     "v1,"
#define SECONDS_CHARS 12 /* Enough until the year 33658. */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int webhook_secret_parse(struct webhook_secret *out, const char *text, struct err *err)
{
	const char *end;
	int len;

	memset(out, 0, sizeof(*out));
	while (is_blank(*text))
		text++;
	end = text + strlen(text);
	while (end > text && is_blank(end[-1]))
		end--;
	if (!text_starts(text, SECRET_PREFIX))
		return err_set(err, CL_EINVAL, "webhook secret: it must begin with " SECRET_PREFIX);
	text += strlen(SECRET_PREFIX);
	len = digest_unbase64(text, (size_t)(end - text), out->bytes, sizeof(out->bytes));
	if (len == CL_EINVAL) {
		memset(out, 0, sizeof(*out));
		return err_set(err, CL_EINVAL,
			       "webhook secret: what follows " SECRET_PREFIX " is not base 64");
	}
	if (len < WEBHOOK_SECRET_MIN) { /* Too long comes as CL_ELIMIT, which is negative. */
		memset(out, 0, sizeof(*out));
		return err_set(err, CL_EINVAL, "webhook secret: it must hold %d to %d bytes",
			       WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX);
	}
	out->len = (size_t)len;
	return 0;
}

/* HMAC of ID "." TIMESTAMP "." BODY. The timestamp is hashed as it was sent. */
static void mac_of(const struct webhook_secret *secret, const char *id, const char *timestamp,
		   const void *body, size_t len, uint8_t mac[DIGEST_HMAC_LEN])
{
	size_t id_len = strlen(id);
	size_t timestamp_len = strlen(timestamp);
	size_t head_len = id_len + 1 + timestamp_len + 1;
	char *content = mem_alloc(head_len + len);

	memcpy(content, id, id_len);
	content[id_len] = '.';
	memcpy(content + id_len + 1, timestamp, timestamp_len);
	content[head_len - 1] = '.';
	if (len > 0)
		memcpy(content + head_len, body, len);
	digest_hmac_sha256(secret->bytes, secret->len, content, head_len + len, mac);
	mem_free(content);
}

/* A '.' in the id would let bytes move between id, timestamp and body under one signature. */
static bool is_id(const char *id)
{
	return *id && !strchr(id, '.');
}

int webhook_sign(const struct webhook_secret *secret, const char *id, int64_t timestamp_s,
		 const void *body, size_t len, char out[WEBHOOK_SIGNATURE_CAP], struct err *err)
{
	const size_t prefix_len = strlen(V1_PREFIX);
	uint8_t mac[DIGEST_HMAC_LEN];
	char timestamp[24];
	int rc;

	if (!is_id(id))
		return err_set(err, CL_EINVAL, "webhook id %s: it must not be empty or hold a dot",
			       id);
	if (timestamp_s < 0)
		return err_set(err, CL_EINVAL, "webhook timestamp: before 1970");
	snprintf(timestamp, sizeof(timestamp), "%lld", (long long)timestamp_s);
	mac_of(secret, id, timestamp, body, len, mac);
	memcpy(out, V1_PREFIX, prefix_len);
	rc = digest_base64(mac, sizeof(mac), out + prefix_len, WEBHOOK_SIGNATURE_CAP - prefix_len);
	assert(rc == 44);
	(void)rc;
	return 0;
}

/* Plain digits only: what we hash and what we compare with the clock must be the same text. */
static bool read_seconds(const char *text, int64_t *seconds)
{
	size_t len = strlen(text);

	if (len == 0 || len > SECONDS_CHARS || !text_is_digits(text, len))
		return false;
	*seconds = 0;
	for (; *text; text++)
		*seconds = *seconds * 10 + (*text - '0');
	return true;
}

/* Does one of the space-separated SIGNATURES hold MAC? */
static bool list_holds(const char *signatures, const uint8_t mac[DIGEST_HMAC_LEN])
{
	const size_t prefix_len = strlen(V1_PREFIX);
	uint8_t given[DIGEST_HMAC_LEN];
	bool found = false;

	while (*signatures) {
		size_t len = strcspn(signatures, " ");

		if (text_starts(signatures, V1_PREFIX) && len > prefix_len &&
		    digest_unbase64(signatures + prefix_len, len - prefix_len, given,
				    sizeof(given)) == DIGEST_HMAC_LEN &&
		    digest_equal(given, mac, sizeof(given)))
			found = true;
		signatures += len;
		signatures += strspn(signatures, " ");
	}
	return found;
}

int webhook_verify(const struct webhook_secret *secret, const char *id, const char *timestamp,
		   const char *signatures, const void *body, size_t len, int64_t now_s,
		   struct err *err)
{
	uint8_t mac[DIGEST_HMAC_LEN];
	int64_t sent_s;

	if (!id || !timestamp || !signatures)
		return err_set(err, CL_EINVAL, "webhook: the header webhook-%s is missing",
			       !id	    ? "id"
			       : !timestamp ? "timestamp"
					    : "signature");
	if (!is_id(id))
		return err_set(err, CL_EINVAL,
			       "webhook: webhook-id must not be empty or hold a dot");
	if (!read_seconds(timestamp, &sent_s))
		return err_set(err, CL_EINVAL, "webhook: webhook-timestamp is not Unix seconds");
	if (sent_s < now_s - WEBHOOK_TOLERANCE_S)
		return err_set(err, CL_EINVAL, "webhook: webhook-timestamp is more than %d s old",
			       WEBHOOK_TOLERANCE_S);
	if (sent_s > now_s + WEBHOOK_TOLERANCE_S)
		return err_set(err, CL_EINVAL,
			       "webhook: webhook-timestamp is more than %d s in the future",
			       WEBHOOK_TOLERANCE_S);
	mac_of(secret, id, timestamp, body, len, mac);
	if (!list_holds(signatures, mac))
		return err_set(err, CL_EINVAL, "webhook: no signature in webhook-signature fits");
	return 0;
}
