/* ack_token.c — the token in a message's link: which alert, what may be done, by whom, until when.
 * Neighbours: notices carry the link, the page behind it reads the token; digest.c has the HMAC. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/channel.h"
#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define VERSION	      "1"
#define DOMAIN	      "ack."
#define PAYLOAD_CAP   128
#define MAC_LEN	      16 /* The first half of HMAC-SHA256. */
#define ALERT_MOST    INT64_C(999999999999)
#define EXPIRES_CHARS 12
#define NOTICE	      "ntc_"

static const char forged[] = "the link is not one of ours";

const char *alert_number(int64_t alert, char buf[24])
{
	(void)snprintf(buf, 24, "A-%06lld", (long long)alert);
	return buf;
}

/* TEXT as a number without sign and needless zeros, at most CHARS digits; negative when it is none.
 */
static int64_t number_of(const char *text, size_t chars)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > chars || text[len] != '\0')
		return -1;
	return strtoll(text, NULL, 10);
}

int64_t alert_of_number(const char *text)
{
	char same[24];
	int64_t alert;

	if (!text_starts(text, "A-"))
		return -1;
	alert = number_of(text + 2, 12);
	if (alert < 0 || strcmp(alert_number(alert, same), text) != 0)
		return -1;
	return alert;
}

/* "A-000045", or the notice's id; NULL when TOKEN is about neither or both. */
static const char *subject_of(const struct ack_token *token, char number[24])
{
	if (*token->notice)
		return token->alert == 0 && text_starts(token->notice, NOTICE) &&
				       !strchr(token->notice, '|')
			       ? token->notice
			       : NULL;
	return token->alert >= 0 && token->alert <= ALERT_MOST ? alert_number(token->alert, number)
							       : NULL;
}

int ack_token_make(const uint8_t *key, size_t key_len, const struct ack_token *token,
		   char out[ACK_TOKEN_CAP])
{
	uint8_t mac[DIGEST_HMAC_LEN];
	char payload_room[PAYLOAD_CAP];
	char signed_room[sizeof(DOMAIN) + ACK_TOKEN_CAP];
	struct text payload = TEXT_OVER(payload_room);
	struct text content = TEXT_OVER(signed_room);
	char number[24];
	const char *subject = subject_of(token, number);
	int len;

	assert(key_len > 0);
	out[0] = '\0';
	if (!subject || token->expires_s < 0 || !*token->action || !*token->who ||
	    strchr(token->action, '|') || strchr(token->who, '|'))
		return CL_EINVAL;
	text_clear(&payload);
	text_addf(&payload, VERSION "|%s|%s|%s|%lld", subject, token->action, token->who,
		  (long long)token->expires_s);
	if (payload.cut)
		return CL_ELIMIT;
	len = digest_base64_url(payload.data, payload.len, out, ACK_TOKEN_CAP);
	if (len < 0 || len + 1 >= ACK_TOKEN_CAP)
		return CL_ELIMIT;
	/* What is signed is the encoded form, under a word of its own: no other signature of this
	 * key fits. */
	text_clear(&content);
	text_addf(&content, DOMAIN "%s", out);
	digest_hmac_sha256(key, key_len, content.data, content.len, mac);
	out[len++] = '.';
	return digest_base64_url(mac, MAC_LEN, out + len, (size_t)(ACK_TOKEN_CAP - len)) < 0
		       ? CL_ELIMIT
		       : 0;
}

/* Cut the part before the next '|' (or the end, for LAST) off *REST. NULL when there is none. */
static char *take(char **rest, bool last)
{
	char *part = *rest;
	char *bar = strchr(part, '|');

	if (last)
		return bar ? NULL : part;
	if (!bar)
		return NULL;
	*bar = '\0';
	*rest = bar + 1;
	return part;
}

/* Read "1|A-000045|ack|u:duty1|1584993900". Takes PAYLOAD apart. */
static bool parse_payload(char *payload, struct ack_token *out)
{
	char *rest = payload;
	const char *version = take(&rest, false);
	const char *subject = version ? take(&rest, false) : NULL;
	const char *action = subject ? take(&rest, false) : NULL;
	const char *who = action ? take(&rest, false) : NULL;
	const char *expires = who ? take(&rest, true) : NULL;

	if (!expires || strcmp(version, VERSION) != 0)
		return false;
	/* A subject that is none, or too long, is not made again as it was. */
	if (text_starts(subject, NOTICE))
		(void)text_copy(out->notice, sizeof(out->notice), subject);
	else
		out->alert = alert_of_number(subject);
	out->expires_s = number_of(expires, EXPIRES_CHARS);
	return out->alert >= 0 && out->expires_s >= 0 &&
	       text_copy(out->action, sizeof(out->action), action) &&
	       text_copy(out->who, sizeof(out->who), who);
}

int ack_token_read(const uint8_t *key, size_t key_len, const char *text, int64_t now,
		   struct ack_token *out, struct err *err)
{
	char payload[PAYLOAD_CAP];
	char genuine[ACK_TOKEN_CAP];
	struct ack_token token = {0};
	const char *dot = text ? strchr(text, '.') : NULL;
	int len;

	memset(out, 0, sizeof(*out));
	if (!dot || strlen(text) >= ACK_TOKEN_CAP)
		return err_set(err, CL_EINVAL, forged);
	len = digest_unbase64_url(text, (size_t)(dot - text), payload, sizeof(payload) - 1);
	if (len <= 0)
		return err_set(err, CL_EINVAL, forged);
	payload[len] = '\0';
	/* The token is made again from what it says and compared as a whole: there is exactly one
	 * spelling of each. */
	if (strlen(payload) != (size_t)len || !parse_payload(payload, &token) ||
	    ack_token_make(key, key_len, &token, genuine) < 0 || strlen(genuine) != strlen(text) ||
	    !digest_equal(genuine, text, strlen(text)))
		return err_set(err, CL_EINVAL, forged);
	if (token.expires_s * WHEN_SECOND > now + ACK_MOST)
		return err_set(err, CL_EINVAL, forged);
	*out = token;
	if (now > token.expires_s * WHEN_SECOND)
		return err_set(err, CL_ECONFLICT, "the link has expired");
	return 0;
}

/* --- Two keys ------------------------------------------------------------------------------ */

void ack_ring_turn(struct ack_ring *ring, const uint8_t key[ACK_KEY_LEN], bool keep, int64_t now)
{
	memcpy(ring->old, ring->key, sizeof(ring->old));
	ring->old_until = now + ACK_MOST;
	if (!keep) {
		memset(ring->old, 0, sizeof(ring->old));
		ring->old_until = 0;
	}
	memcpy(ring->key, key, sizeof(ring->key));
}

int ack_ring_make(const struct ack_ring *ring, const struct ack_token *token,
		  char out[ACK_TOKEN_CAP])
{
	return ack_token_make(ring->key, sizeof(ring->key), token, out);
}

int ack_ring_read(const struct ack_ring *ring, const char *text, int64_t now, struct ack_token *out,
		  struct err *err)
{
	int rc = ack_token_read(ring->key, sizeof(ring->key), text, now, out, err);

	if (rc != CL_EINVAL || ring->old_until == 0)
		return rc;
	rc = ack_token_read(ring->old, sizeof(ring->old), text, now, out, err);
	/* Who has learned the old key cannot make links that hold longer than those it made. */
	if (rc == 0 && out->expires_s * WHEN_SECOND > ring->old_until) {
		memset(out, 0, sizeof(*out));
		return err_set(err, CL_EINVAL, forged);
	}
	return rc;
}
