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

#define SECONDS_CHARS 12 /* Enough until the year 33658. */
#define TRIES_MAX     16 /* Signatures of one kind in one header. */

/* A key as written, and the signatures that belong to it. */
static const struct form {
	const char *prefix;
	size_t least, most; /* Bytes inside. */
	const char *version;
	size_t signature_len;
} forms[] = {
	[WEBHOOK_SHARED] = {.prefix = "whsec_",
			    .least = WEBHOOK_SECRET_MIN,
			    .most = WEBHOOK_SECRET_MAX,
			    .version = "v1,",
			    .signature_len = DIGEST_HMAC_LEN},
	[WEBHOOK_PRIVATE] = {.prefix = "whsk_",
			     .least = DIGEST_PRIVATE_LEN,
			     .most = DIGEST_PRIVATE_LEN,
			     .version = "v1a,",
			     .signature_len = DIGEST_SIGN_LEN},
	[WEBHOOK_PUBLIC] = {.prefix = "whpk_",
			    .least = DIGEST_PUBLIC_LEN,
			    .most = DIGEST_PUBLIC_LEN,
			    .version = "v1a,",
			    .signature_len = DIGEST_SIGN_LEN},
};
_Static_assert(WEBHOOK_SECRET_MAX >= DIGEST_PRIVATE_LEN, "a private key fits");

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const struct form *form_of(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (text_starts(text, forms[i].prefix))
			return &forms[i];
	}
	return NULL;
}

static int read_key(struct webhook_secret *out, const char *text, const char *end, struct err *err)
{
	const struct form *form = form_of(text);
	int len;

	if (!form)
		return err_set(err, CL_EINVAL,
			       "webhook secret: it must begin with whsec_, whsk_ or whpk_");
	text += strlen(form->prefix);
	len = digest_unbase64(text, (size_t)(end - text), out->bytes, sizeof(out->bytes));
	if (len == CL_EINVAL)
		return err_set(err, CL_EINVAL, "webhook secret: what follows %s is not base 64",
			       form->prefix);
	/* Too long comes as CL_ELIMIT, which is negative. */
	if (len < (int)form->least || len > (int)form->most) {
		if (form->least == form->most)
			return err_set(err, CL_EINVAL,
				       "webhook secret: after %s it must hold %zu bytes",
				       form->prefix, form->least);
		return err_set(err, CL_EINVAL, "webhook secret: it must hold %zu to %zu bytes",
			       form->least, form->most);
	}
	out->kind = (enum webhook_kind)(form - forms);
	out->len = (size_t)len;
	if (out->kind == WEBHOOK_PRIVATE && !digest_is_private(out->bytes))
		return err_set(err, CL_EINVAL,
			       "webhook secret: the two halves of the private key do not belong "
			       "together");
	return 0;
}

int webhook_secret_parse(struct webhook_secret *out, const char *text, struct err *err)
{
	const char *end;
	int rc;

	memset(out, 0, sizeof(*out));
	while (is_blank(*text))
		text++;
	end = text + strlen(text);
	while (end > text && is_blank(end[-1]))
		end--;
	rc = read_key(out, text, end, err);
	if (rc < 0)
		memset(out, 0, sizeof(*out));
	return rc;
}

/* ID "." TIMESTAMP "." BODY, to be freed. The timestamp is signed as it was sent. */
static char *content_of(const char *id, const char *timestamp, const void *body, size_t len,
			size_t *content_len)
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
	*content_len = head_len + len;
	return content;
}

/* A '.' in the id would let bytes move between id, timestamp and body under one signature. */
static bool is_id(const char *id)
{
	return *id && !strchr(id, '.');
}

int webhook_sign(const struct webhook_secret *secret, const char *id, int64_t timestamp_s,
		 const void *body, size_t len, char out[WEBHOOK_SIGNATURE_CAP], struct err *err)
{
	const struct form *form = &forms[secret->kind];
	const size_t version_len = strlen(form->version);
	uint8_t signature[DIGEST_SIGN_LEN];
	char timestamp[24];
	char *content;
	size_t content_len;
	int rc;

	if (secret->kind == WEBHOOK_PUBLIC)
		return err_set(err, CL_EINVAL, "webhook secret: a public key cannot sign");
	if (!is_id(id))
		return err_set(err, CL_EINVAL, "webhook id %s: it must not be empty or hold a dot",
			       id);
	if (timestamp_s < 0)
		return err_set(err, CL_EINVAL, "webhook timestamp: before 1970");
	snprintf(timestamp, sizeof(timestamp), "%lld", (long long)timestamp_s);
	content = content_of(id, timestamp, body, len, &content_len);
	if (secret->kind == WEBHOOK_PRIVATE)
		digest_sign(secret->bytes, content, content_len, signature);
	else
		digest_hmac_sha256(secret->bytes, secret->len, content, content_len, signature);
	mem_free(content);
	memcpy(out, form->version, version_len);
	rc = digest_base64(signature, form->signature_len, out + version_len,
			   WEBHOOK_SIGNATURE_CAP - version_len);
	assert(rc > 0);
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

/* Does one of the space-separated SIGNATURES belong to CONTENT? An authentic list is short: what
 * comes after TRIES_MAX of our kind is not looked at, so that a long header costs no time. */
static bool list_holds(const char *signatures, const struct webhook_secret *secret,
		       const char *content, size_t content_len)
{
	const struct form *form = &forms[secret->kind];
	const size_t version_len = strlen(form->version);
	uint8_t given[DIGEST_SIGN_LEN], mac[DIGEST_HMAC_LEN];
	bool found = false;

	if (secret->kind == WEBHOOK_SHARED)
		digest_hmac_sha256(secret->bytes, secret->len, content, content_len, mac);
	for (int tries = 0; *signatures && tries < TRIES_MAX;
	     signatures += strspn(signatures, " ")) {
		const char *text = signatures + version_len;
		size_t len = strcspn(signatures, " ");
		bool ours = text_starts(signatures, form->version) && len > version_len &&
			    digest_unbase64(text, len - version_len, given, sizeof(given)) ==
				    (int)form->signature_len;

		signatures += len;
		if (!ours)
			continue;
		tries++;
		if (secret->kind == WEBHOOK_SHARED)
			found = digest_equal(given, mac, sizeof(mac)) || found;
		else /* The public half of a private key is its second. */
			found = digest_signed(secret->bytes + secret->len - DIGEST_PUBLIC_LEN,
					      content, content_len, given) ||
				found;
	}
	return found;
}

int webhook_verify(const struct webhook_secret *secret, const char *id, const char *timestamp,
		   const char *signatures, const void *body, size_t len, int64_t now_s,
		   struct err *err)
{
	char *content;
	size_t content_len;
	int64_t sent_s;
	bool found;

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
	content = content_of(id, timestamp, body, len, &content_len);
	found = list_holds(signatures, secret, content, content_len);
	mem_free(content);
	if (!found)
		return err_set(err, CL_EINVAL, "webhook: no signature in webhook-signature fits");
	return 0;
}
