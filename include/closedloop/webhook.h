/* webhook.h — Standard Webhooks signatures (www.standardwebhooks.com), both ways.
 *
 * Signed content is id "." timestamp "." body. v1 is base64(HMAC-SHA256) with a shared key
 * ("whsec_"); v1a is an Ed25519 signature: who signs holds the private key ("whsk_"), who checks
 * only the public one ("whpk_"). */
#ifndef CLOSEDLOOP_WEBHOOK_H
#define CLOSEDLOOP_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"

#define WEBHOOK_SECRET_MAX    64
#define WEBHOOK_SECRET_MIN    24
#define WEBHOOK_TOLERANCE_S   300
#define WEBHOOK_SIGNATURE_CAP 96 /* "v1a," + 88 + NUL, with room. */

enum webhook_kind {
	WEBHOOK_SHARED,	 /* whsec_: signs and checks. */
	WEBHOOK_PRIVATE, /* whsk_: signs, and checks by its public half. */
	WEBHOOK_PUBLIC,	 /* whpk_: checks. */
};

struct webhook_secret {
	enum webhook_kind kind;
	uint8_t bytes[WEBHOOK_SECRET_MAX];
	size_t len;
};

/* Read "whsec_BASE64" (24 to 64 bytes inside), "whsk_BASE64" (seed and public key, which must
 * belong together) or "whpk_BASE64", surrounding white space ignored. The message never quotes the
 * secret. */
int webhook_secret_parse(struct webhook_secret *out, const char *text, struct err *err);

/* Sign; a public key cannot. ID must not contain '.'; TIMESTAMP is Unix seconds of this attempt.
 * Writes "v1,…" or "v1a,…". */
int webhook_sign(const struct webhook_secret *secret, const char *id, int64_t timestamp_s,
		 const void *body, size_t len, char out[WEBHOOK_SIGNATURE_CAP], struct err *err);

/* Verify the three headers (as text; NULL = absent) against BODY at NOW_S. Any signature in the
 * space-separated list may match; unknown versions are skipped; tolerance ±300 s inclusive.
 * CL_EINVAL says which check failed. */
int webhook_verify(const struct webhook_secret *secret, const char *id, const char *timestamp,
		   const char *signatures, const void *body, size_t len, int64_t now_s,
		   struct err *err);

#endif
