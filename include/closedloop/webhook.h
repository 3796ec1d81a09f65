/* webhook.h — Standard Webhooks signatures (www.standardwebhooks.com), both ways.
 * signed content = id "." timestamp "." body; v1 = base64(HMAC-SHA256(base64decode(secret after
 * "whsec_"))). */
#ifndef CLOSEDLOOP_WEBHOOK_H
#define CLOSEDLOOP_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"

#define WEBHOOK_SECRET_MAX    64
#define WEBHOOK_SECRET_MIN    24
#define WEBHOOK_TOLERANCE_S   300
#define WEBHOOK_SIGNATURE_CAP 64 /* "v1," + 44 + NUL, with room. */

struct webhook_secret {
	uint8_t bytes[WEBHOOK_SECRET_MAX];
	size_t len;
};

/* Read "whsec_BASE64" (24 to 64 bytes inside), surrounding white space ignored. The message never
 * quotes the secret. */
int webhook_secret_parse(struct webhook_secret *out, const char *text, struct err *err);

/* Sign. ID must not contain '.'; TIMESTAMP is Unix seconds of this attempt. Writes "v1,…". */
int webhook_sign(const struct webhook_secret *secret, const char *id, int64_t timestamp_s,
		 const void *body, size_t len, char out[WEBHOOK_SIGNATURE_CAP], struct err *err);

/* Verify the three headers (as text; NULL = absent) against BODY at NOW_S. Any signature in the
 * space-separated list may match; unknown versions are skipped; tolerance ±300 s inclusive.
 * CL_EINVAL says which check failed. */
int webhook_verify(const struct webhook_secret *secret, const char *id, const char *timestamp,
		   const char *signatures, const void *body, size_t len, int64_t now_s,
		   struct err *err);

#endif
